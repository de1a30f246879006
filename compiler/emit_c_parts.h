/* What the files of the C emitter share: the prelude that grows with what the kernels use. */
#ifndef DLC_COMPILER_EMIT_C_PARTS_H
#define DLC_COMPILER_EMIT_C_PARTS_H

#include "base/map.h"
#include "base/text.h"
#include "compiler/loop.h"

typedef struct EmitC {
    Session *session;
    Arena *arena;
    Text prelude; /* types and functions used so far, each behind what it needs */
    Map have;     /* symbols of what the prelude holds */
    Map dims;     /* run-time dims to the C names of their parameters */
} EmitC;

/* ---- emit_c_prelude.c ---- */

/* The C type of a value; a type of sixteen lanes is added to the prelude. */
const char *c_type(EmitC *e, LoopType type);
/* "f32", "i64", "bool": the first part of a helper's name; index is i64. */
const char *c_short(DType element);
/* The C type of an element in memory: bool is uint8_t, f16 and bf16 are uint16_t. */
const char *c_storage(DType element);
/* The text of an operation on scalars; operands are atoms (names, calls, or in parentheses). */
const char *c_scalar_op(EmitC *e, LoopOp op, DType element, const char *a, const char *b, const char *c);
/* Whether that text is a call or a name and needs no parentheses. */
int c_is_atom(const char *text);
/* Names of functions, added to the prelude: */
const char *c_wide_op(EmitC *e, LoopOp op, DType element);         /* of values */
const char *c_splat(EmitC *e, DType element);                      /* of a scalar */
const char *c_convert(EmitC *e, DType from, LoopType to);          /* of a value; NULL: a cast will do */
const char *c_bitcast(EmitC *e, DType from, LoopType to);          /* of a value; NULL: a cast will do */
const char *c_lane_numbers(EmitC *e, DType element);               /* of nothing */
const char *c_load(EmitC *e, DType element, DType stored, int has_count);   /* of pointer [, count] */
const char *c_gather(EmitC *e, DType element, DType stored, DType index);   /* of pointer, indices, count */
const char *c_store(EmitC *e, DType element, DType stored, int has_count);  /* of pointer, value [, count] */
const char *c_lanes(EmitC *e, LoopOp op, DType element);           /* of value, count */
const char *c_from_storage(EmitC *e, DType stored);                /* of an element; NULL: none needed */
const char *c_to_storage(EmitC *e, DType stored);                  /* of a value; NULL: a cast will do */
/* A constant as C text, an atom unless negative. */
const char *c_constant(EmitC *e, DType element, int64_t imm_i, double imm_f);

/* ---- emit_c_kernel.c ---- */

/* The function `static int32_t NAME(buffers..., dims..., indices..., first, last, scratch)`, in this order. */
void c_kernel(EmitC *e, const LoopKernel *kernel, const char *name, Text *out);
/* The words of a comment: which source lines this comes from, and these lines. */
void c_source_lines(EmitC *e, const Span *spans, int count, Text *out);
/* A name that is no word of C or C++ and no name of the prelude. */
const char *c_name(EmitC *e, const Symbol *name);
/* A size as C text over the run-time dims' names. */
const char *c_dim(EmitC *e, const Dim *dim);
const char *c_test(EmitC *e, const DimTest *test); /* a condition that may stand anywhere */
/* The file's beginning: pragmas, checks, types, macros. */
void c_opening(Text *out);

/* ---- emit_c_software.c ---- */

/* The text of a function that a machine may lack (fma, sqrt, rint, ...), by the function's name; NULL if none. */
typedef struct CSnippet {
    const char *name;
    const char *needs[3];
    const char *text;
} CSnippet;
const CSnippet *c_snippet(const char *name);

#endif
