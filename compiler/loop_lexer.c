/* Tokens of the loop text. */
#include "compiler/loop_parser.h"
#include "compiler/loop_words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_digit(char c) { return c >= '0' && c <= '9'; }

static const char *skip_blanks(const char *c) {
    for (;;) {
        while (*c == ' ' || *c == '\t' || *c == '\n' || *c == '\r') c++;
        if (*c != '#') return c;
        while (*c && *c != '\n') c++;
    }
}

/* Digits, and a fraction or exponent that makes it a float; `0..8` ends before the points. */
static const char *number_end(const char *c, LoopToken *kind) {
    *kind = LT_INTEGER;
    if (c[0] == '0' && c[1] == 'x') {
        for (c += 2; loop_is_name_char(*c);) c++;
        return c;
    }
    while (is_digit(*c)) c++;
    if (c[0] == '.' && is_digit(c[1])) {
        *kind = LT_FLOAT;
        for (c++; is_digit(*c);) c++;
    }
    if (*c == 'e' || *c == 'E') {
        const char *digits = c + 1 + (c[1] == '+' || c[1] == '-');
        if (is_digit(*digits)) {
            *kind = LT_FLOAT;
            for (c = digits; is_digit(*c);) c++;
        }
    }
    return c;
}

static const char *string_end(LoopParser *p, const char *c) {
    for (c++; *c && *c != '"' && *c != '\n'; c++)
        if (*c == '\\' && c[1]) c++;
    if (*c == '"') return c + 1;
    p->token = LT_ERROR;
    return c;
}

static const char *mark_end(LoopParser *p, const char *c) {
    static const char *const pairs[] = {"..", "//", "**", "<=", ">=", "==", "!="};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (strncmp(c, pairs[i], 2) == 0) return c + 2;
    if (!strchr("()[]{},:;=+-*/%<>", *c)) p->token = LT_ERROR;
    return c + 1;
}

void loop_next(LoopParser *p) {
    const char *c = p->text = skip_blanks(p->at);
    if (p->is_failed || !*c) {
        p->token = LT_END;
        p->len = 0;
        return;
    }
    if (loop_is_name_start(*c)) {
        p->token = LT_NAME;
        while (loop_is_name_char(*c)) c++;
    } else if (is_digit(*c)) {
        c = number_end(c, &p->token);
    } else if (*c == '"') {
        p->token = LT_STRING;
        c = string_end(p, c);
    } else {
        p->token = LT_MARK;
        c = mark_end(p, c);
    }
    p->len = (int)(c - p->text);
    p->at = c;
    if (p->token == LT_ERROR) loop_syntax(p, "`%.*s` begins nothing that loop text has", p->len < 8 ? p->len : 8, p->text);
}

Span loop_token_span(const LoopParser *p) {
    uint32_t begin = p->source->base + (uint32_t)(p->text - p->source->text);
    return (Span){begin, begin + (uint32_t)p->len};
}

void loop_syntax(LoopParser *p, const char *format, ...) {
    if (p->is_failed) return;
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    diag_add(&p->session->diags, loop_token_span(p), E_LOOP_SYNTAX, "%s", message);
    p->is_failed = 1;
    p->token = LT_END;
    p->len = 0;
}

int loop_is(const LoopParser *p, const char *text) {
    return (p->token == LT_NAME || p->token == LT_MARK) && (int)strlen(text) == p->len &&
           strncmp(p->text, text, (size_t)p->len) == 0;
}

int loop_accept(LoopParser *p, const char *text) {
    if (!loop_is(p, text)) return 0;
    loop_next(p);
    return 1;
}

static void expected(LoopParser *p, const char *what) {
    if (p->token == LT_END) loop_syntax(p, "expected %s, found the end of the text", what);
    else loop_syntax(p, "expected %s, found `%.*s`", what, p->len < 40 ? p->len : 40, p->text);
}

void loop_expect(LoopParser *p, const char *text) {
    if (!loop_accept(p, text)) expected(p, arena_printf(p->arena, "`%s`", text));
}

const Symbol *loop_expect_name(LoopParser *p, const char *what) {
    if (p->token != LT_NAME) {
        expected(p, what);
        return symbol(&p->session->symbols, "?");
    }
    const Symbol *name = symbol_bytes(&p->session->symbols, p->text, (size_t)p->len);
    loop_next(p);
    return name;
}

int64_t loop_expect_integer(LoopParser *p, const char *what) {
    if (p->token != LT_INTEGER) {
        expected(p, what);
        return 1;
    }
    int64_t value = (int64_t)strtoull(p->text, NULL, 0);
    loop_next(p);
    return value;
}

const char *loop_expect_string(LoopParser *p, const char *what) {
    if (p->token != LT_STRING) {
        expected(p, what);
        return "";
    }
    char *text = arena_text(p->arena, p->text + 1, (size_t)p->len - 2), *to = text;
    for (const char *c = text; *c; c++) {
        if (*c == '\\') c++;
        *to++ = *c == 'n' && c > text && c[-1] == '\\' ? '\n' : *c;
    }
    *to = '\0';
    loop_next(p);
    return text;
}

int loop_enter(LoopParser *p) {
    if (++p->nesting <= LOOP_MAX_NESTING) return 1;
    loop_syntax(p, "nested more than %d deep", LOOP_MAX_NESTING);
    return 0;
}

void loop_leave(LoopParser *p) { p->nesting--; }
