/* What the stages of the parser share: tokens, the state of one parse, and reporting.
 *
 * Tokens are collected whole: the lexer fills `tokens`, layout_brackets, layout_lines and
 * layout_words rewrite them, the grammar pulls them one by one.  A source has at most a million
 * tokens, so this is bounded. */
#ifndef DLC_LANG_PARSE_STATE_H
#define DLC_LANG_PARSE_STATE_H

#include "base/session.h"
#include "lang/ast.h"

enum {
    PARSE_MAX_BYTES = 16 << 20,
    PARSE_MAX_TOKENS = 1000000,
    PARSE_MAX_BRACKETS = 256, /* nesting */
    PARSE_MAX_ERRORS = 500,   /* the rest is not reported */
};

typedef struct Token {
    uint16_t kind;        /* TOK_ of the grammar */
    uint8_t starts_line;  /* first on its line */
    uint8_t blank_before; /* a blank or line end stands before it */
    uint8_t blank_after;
    uint8_t is_made;       /* inserted by the layout filter; a SEMI: the end of a line */
    uint32_t begin, end;   /* offsets into the source's text */
    uint32_t line, column; /* line from 1, column in bytes from 0 */
} Token;

typedef struct Tokens {
    Token *data;
    int len, cap;
} Tokens;

typedef struct Parse {
    Session *session;
    Arena *arena;
    const Source *source;
    const char *text;
    Tokens tokens;  /* the last one is TOK_END */
    int next;       /* index of the token that the grammar pulls next */
    int current;    /* index of the one pulled last */
    int last_error; /* index of the token that the last syntax error was about; 0 at first */
    const char *file_doc;
    AstFile file;
    uint8_t *line_is_reported; /* by line: a structural error was reported there */
    uint32_t line_count;
    int error_count;
    int is_silent;   /* nothing more is reported: what follows is not looked at */
    int is_too_deep; /* that was reported */
} Parse;

static inline Span token_span(const Parse *p, const Token *token) {
    return (Span){p->source->base + token->begin, p->source->base + token->end};
}

static inline Span parse_span(const Parse *p, uint32_t begin, uint32_t end) {
    return (Span){p->source->base + begin, p->source->base + end};
}

/* NULL where nothing is to be said: a structural error on a line that has one, or too many in all.
 */
Diag *parse_error_at(Parse *p, Span span, uint32_t line, DiagCode code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* A mistake that was understood and repaired: does not silence its line.  `replacement` NULL: no
 * fix. */
void parse_repaired(Parse *p, Span span, DiagCode code, const char *replacement, const char *format,
                    ...) __attribute__((format(printf, 5, 6)));
uint32_t parse_line(const Parse *p, uint32_t offset); /* offset in the session's space */
/* The file is nested too deeply: said once. */
void parse_too_deep(Parse *p, Span span, const char *what);
int token_is(const Parse *p, const Token *token, const char *text);

/* lexer.l: the whole source to tokens (ends with TOK_END) and comments. */
void lex_source(Parse *p);
/* brackets.c: afterwards every bracket has its partner, of its kind. */
void layout_brackets(Parse *p);
/* layout.c: line ends that end statements become SEMI tokens. */
void layout_lines(Parse *p);
/* words.c: names that are contextual words where they stand get their kinds. */
void layout_words(Parse *p);

/* All of these in order. */
void parse_tokens(Parse *p);

/* The token cannot end an operand: an operator, a comma, an opening bracket ... */
int token_wants_more(int kind);
/* The token can be the last of an operand. */
int token_ends_operand(int kind);

#endif
