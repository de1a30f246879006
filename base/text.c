#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

Text text_new(Arena *arena) { return (Text){.arena = arena, .at_line_end = 1}; }

static void reserve(Text *text, size_t more) {
    size_t needed = text->len + more + 1;
    if (needed <= text->cap) return;
    size_t cap = text->cap ? text->cap * 2 : 256;
    while (cap < needed) cap *= 2;
    text->data = arena_grow(text->arena, text->data, text->cap, cap);
    text->cap = cap;
}

static void put(Text *text, const char *bytes, size_t len) {
    reserve(text, len);
    memcpy(text->data + text->len, bytes, len);
    text->len += len;
    text->data[text->len] = '\0';
}

void text_char(Text *text, char c) {
    if (text->at_line_end && c != '\n')
        for (int i = 0; i < text->indent; i++) put(text, "    ", 4);
    put(text, &c, 1);
    text->at_line_end = c == '\n';
}

void text_add_bytes(Text *text, const char *bytes, size_t len) {
    while (len) {
        const char *end = memchr(bytes, '\n', len);
        size_t line = end ? (size_t)(end - bytes) : len;
        if (line) {
            text_char(text, bytes[0]);
            put(text, bytes + 1, line - 1);
        }
        if (end) text_char(text, '\n');
        size_t step = line + (end ? 1 : 0);
        bytes += step;
        len -= step;
    }
}

void text_add(Text *text, const char *string) { text_add_bytes(text, string, strlen(string)); }

void text_printf(Text *text, const char *format, ...) {
    char small[256];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    assert(len >= 0);
    if ((size_t)len < sizeof small) {
        text_add_bytes(text, small, (size_t)len);
    } else {
        char *large = arena_alloc(text->arena, (size_t)len + 1);
        vsnprintf(large, (size_t)len + 1, format, again);
        text_add_bytes(text, large, (size_t)len);
    }
    va_end(again);
}

void text_json_string(Text *text, const char *string) {
    text_char(text, '"');
    for (; *string; string++) {
        unsigned char c = (unsigned char)*string;
        if (c == '"' || c == '\\') text_printf(text, "\\%c", c);
        else if (c == '\n') text_add(text, "\\n");
        else if (c < 0x20) text_printf(text, "\\u%04x", c);
        else text_char(text, (char)c);
    }
    text_char(text, '"');
}

const char *text_str(const Text *text) { return text->data ? text->data : ""; }
