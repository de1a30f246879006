/* Inside the parser of loop text: tokens, and what kernels and plans share. */
#ifndef DLC_COMPILER_LOOP_PARSER_H
#define DLC_COMPILER_LOOP_PARSER_H

#include "compiler/loop_parse.h"

typedef enum LoopToken {
    LT_END, LT_NAME, LT_INTEGER, LT_FLOAT, LT_STRING, LT_MARK, /* MARK: one or two characters */
    LT_ERROR
} LoopToken;

enum { LOOP_MAX_NESTING = 200 };

typedef struct LoopParser {
    Session *session;
    Arena *arena;
    const Source *source;
    LoopFile *file;
    const char *at;       /* behind the token */
    LoopToken token;
    const char *text;     /* of the token */
    int len;
    int is_failed;        /* the first mistake ends parsing: the token is END from then on */
    int nesting;
    Vec(DimName *) dims;  /* of the file, by name */
} LoopParser;

/* ---- tokens (loop_lexer.c) --------------------------------------------------------------------------- */

void loop_next(LoopParser *p);
Span loop_token_span(const LoopParser *p);
/* One E0901 at the token; nothing after the first. */
void loop_syntax(LoopParser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
int loop_is(const LoopParser *p, const char *text); /* the token is this word or mark */
int loop_accept(LoopParser *p, const char *text);
void loop_expect(LoopParser *p, const char *text);
const Symbol *loop_expect_name(LoopParser *p, const char *what);
int64_t loop_expect_integer(LoopParser *p, const char *what);
const char *loop_expect_string(LoopParser *p, const char *what);
/* 0 after a diagnostic when brackets or blocks nest too deeply. */
int loop_enter(LoopParser *p);
void loop_leave(LoopParser *p);

/* ---- sizes, headers (loop_parse_plan.c) -------------------------------------------------------------- */

typedef struct LoopShape {
    DType dtype;
    int rank;
    const Dim *extents[LOOP_MAX_RANK];
    const Dim *pitch;
} LoopShape;

const Dim *loop_parse_dim(LoopParser *p);
/* `f32[B, 784] pitch 800` */
LoopShape loop_parse_shape(LoopParser *p);
/* `B <= 32` */
const DimName *loop_parse_dim_name(LoopParser *p);
void loop_parse_plan(LoopParser *p);

/* ---- kernels (loop_parse.c) -------------------------------------------------------------------------- */

void loop_parse_kernel(LoopParser *p);

#endif
