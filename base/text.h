/* A text under construction: what printers, emitters and renderers write into.  Lines written after
 * text_indent carry the indentation of the moment. */
#ifndef DLC_BASE_TEXT_H
#define DLC_BASE_TEXT_H

#include "base/arena.h"

typedef struct Text {
    Arena *arena;
    char *data; /* always NUL-terminated once something was written; text_str never gives NULL */
    size_t len, cap;
    int indent;      /* levels of four blanks before each new line's first character */
    int at_line_end; /* the last character written was a line end (or nothing was) */
} Text;

Text text_new(Arena *arena);
void text_add(Text *text, const char *string);
void text_add_bytes(Text *text, const char *bytes, size_t len);
void text_char(Text *text, char c);
void text_printf(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As a string of JSON, with its quotes. */
void text_json_string(Text *text, const char *string);
/* The text so far; valid until the next write. */
const char *text_str(const Text *text);

#endif
