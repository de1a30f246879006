#include "compiler/loop_words.h"

#include "compiler/loop.h"

#include <string.h>

int loop_is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

int loop_is_name_char(char c) { return loop_is_name_start(c) || (c >= '0' && c <= '9'); }

static int is_type(const char *text) {
    char element[16];
    size_t len = strlen(text);
    if (len > 3 && strcmp(text + len - 3, "x16") == 0) len -= 3;
    if (len >= sizeof element) return 0;
    memcpy(element, text, len);
    element[len] = '\0';
    return dtype_from_name(element) >= 0;
}

int loop_is_word(const char *text) {
    static const char *const words[] = {
        "kernel", "plan",   "in",   "out",  "inout", "scratch", "dims", "index",    "tile", "of",    "range",
        "hero",   "let",    "var",  "store", "prefetch", "for",  "unroll",  "step", "reversed", "if",   "else",  "while",
        "check",  "lanes",  "pitch", "true", "false", "inf",    "nan",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i]) == 0) return 1;
    for (int op = 0; op < LO_COUNT; op++)
        if (strcmp(text, loop_op_name((LoopOp)op)) == 0) return 1;
    return is_type(text);
}
