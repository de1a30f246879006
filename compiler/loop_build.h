/* The builder of loop kernels: values and statements are appended at the present place; blocks are opened and closed
 * like brackets.  Index arithmetic on constants is folded, integer identities (x+0, x*1, ...) dissolve, and a pure
 * value that was computed before in the same or an enclosing block is used again, so code that builds kernels may
 * be naive.  Floats are never rearranged.  Misuse is an internal error. */
#ifndef DLC_COMPILER_LOOP_BUILD_H
#define DLC_COMPILER_LOOP_BUILD_H

#include "compiler/loop.h"

typedef struct LoopBuilder LoopBuilder;

/* A kernel without buffers, of one tile; its tile index is kernel->tile. */
LoopBuilder *loop_builder_new(Session *session, Arena *arena, const char *name);
/* The finished kernel; every block must be closed. */
LoopKernel *loop_builder_finish(LoopBuilder *b);
LoopKernel *loop_builder_kernel(LoopBuilder *b);

/* ---- header ------------------------------------------------------------------------------------------ */

/* The buffer's number.  pitch NULL: rows are dense. */
int loop_buffer(LoopBuilder *b, const char *name, LoopAccess access, DType dtype, int rank,
                const Dim *const *extents, const Dim *pitch);
void loop_tiles(LoopBuilder *b, const Dim *count, int64_t tiles_per_range);
/* The value of a run-time dim; it becomes an argument of the kernel on first use. */
LoopVal loop_dim_name(LoopBuilder *b, const DimName *name);
/* A plan-loop index, in the order of calls. */
LoopVal loop_plan_index(LoopBuilder *b, const char *name);

/* ---- values ------------------------------------------------------------------------------------------ */

static inline LoopType loop_scalar(DType element) { return (LoopType){element, 0}; }
static inline LoopType loop_wide(DType element) { return (LoopType){element, 1}; }

LoopType loop_type(const LoopBuilder *b, LoopVal v);
LoopVal loop_const_int(LoopBuilder *b, LoopType type, int64_t value);   /* bool, integers, index; wraps */
LoopVal loop_const_float(LoopBuilder *b, LoopType type, double value);  /* rounded once to the type */
LoopVal loop_index(LoopBuilder *b, int64_t value);                      /* a constant subscript */
/* 1, and the number, for a constant of an integer type. */
int loop_is_constant(const LoopBuilder *b, LoopVal v, int64_t *value);
/* A size as a scalar index: a polynomial, with //, %, / , min and max of sizes. */
LoopVal loop_dim(LoopBuilder *b, const Dim *dim);

LoopVal loop_unary(LoopBuilder *b, LoopOp op, LoopVal x);
LoopVal loop_binary(LoopBuilder *b, LoopOp op, LoopVal x, LoopVal y);
LoopVal loop_ternary(LoopBuilder *b, LoopOp op, LoopVal x, LoopVal y, LoopVal z);
LoopVal loop_convert(LoopBuilder *b, LoopVal x, LoopType type); /* x itself where it has that type */
LoopVal loop_bitcast(LoopBuilder *b, LoopVal x, LoopType type);
LoopVal loop_splat(LoopBuilder *b, LoopVal x);                  /* x itself where it is wide */
LoopVal loop_lane(LoopBuilder *b, DType element);               /* 0 .. 15: i32 or index */
LoopVal loop_lane_get(LoopBuilder *b, LoopVal wide, LoopVal lane);
/* count 0 (none): all sixteen lanes. */
LoopVal loop_load(LoopBuilder *b, int buffer, const LoopVal *subscripts);
LoopVal loop_load_wide(LoopBuilder *b, int buffer, const LoopVal *subscripts, LoopVal count);
LoopVal loop_gather(LoopBuilder *b, int buffer, const LoopVal *subscripts, LoopVal count);
LoopVal loop_lanes(LoopBuilder *b, LoopOp op, LoopVal wide, LoopVal count); /* LO_LANES_* */

/* ---- registers --------------------------------------------------------------------------------------- */

/* `var name[extent0][extent1]: type = initial`; its number.  rank 0 to 2. */
int loop_array(LoopBuilder *b, const char *name, LoopType type, int rank, const int *extent, LoopVal initial);
/* Declares (again) an array that the kernel has: its place in the statements. */
void loop_declare(LoopBuilder *b, int array, LoopVal initial);
LoopVal loop_read(LoopBuilder *b, int array, const LoopVal *subscripts);
void loop_set(LoopBuilder *b, int array, const LoopVal *subscripts, LoopVal value);

/* ---- statements -------------------------------------------------------------------------------------- */

void loop_store(LoopBuilder *b, int buffer, const LoopVal *subscripts, LoopVal value, LoopVal count);
void loop_prefetch(LoopBuilder *b, int buffer, const LoopVal *subscripts);
/* message in the user's terms; the kernel ends where `condition` is false. */
void loop_check(LoopBuilder *b, LoopVal condition, const char *message, Span span);
void loop_check_known(LoopBuilder *b, LoopVal condition, int check); /* of a check that the kernel has */
/* Each opens a block; the first three return the index. */
LoopVal loop_for(LoopBuilder *b, const char *index, LoopVal lo, LoopVal hi, int64_t step);
LoopVal loop_for_reversed(LoopBuilder *b, const char *index, LoopVal lo, LoopVal hi, int64_t step);
LoopVal loop_unroll(LoopBuilder *b, const char *index, int64_t lo, int64_t hi);
void loop_if(LoopBuilder *b, LoopVal condition);
void loop_else(LoopBuilder *b);          /* closes the block of loop_if and opens the other */
void loop_while(LoopBuilder *b);         /* opens the head: statements that compute the condition */
void loop_while_body(LoopBuilder *b, LoopVal condition); /* closes the head, opens the body */
void loop_end(LoopBuilder *b);           /* closes the innermost block */

#endif
