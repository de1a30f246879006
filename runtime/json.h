/* Pieces of JSON (RFC 8259), pulled one by one by a reader that knows what must come: enough for headers of fixed
 * form, without a tree in memory.  Blanks before a piece are skipped. */
#ifndef DLC_RUNTIME_JSON_H
#define DLC_RUNTIME_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct JsonReader {
    const char *start, *at, *end;
} JsonReader;

JsonReader json_reader(const char *text, size_t len);
/* Takes the mark `{ } [ ] , :` if it comes next. */
int json_take(JsonReader *json, char mark);
/* The next string as UTF-8, escapes replaced, for the caller to free; NULL where none comes, or one that holds a zero,
 * a half of a surrogate pair or bytes that are no UTF-8. */
char *json_string(JsonReader *json);
/* A whole number of 0 to 2^62, written without sign, point and leading zero. */
int json_whole(JsonReader *json, int64_t *number);
int json_at_end(JsonReader *json);
/* A string in quotes with its escapes. */
void json_write_string(FILE *out, const char *text);

#endif
