/* The loop IR: what every executor runs.  A dozen statements, thirty scalar and 16-lane operations.
 *
 * A LoopKernel is one function over a range of tiles: a tree of statements whose values are in SSA form, plus
 * small arrays of mutable registers (`var a[8]: f32x16`).  A LoopPlan says which kernels run on which
 * buffers, in which phases.  docs/loop-ir.md states meaning and text form; the loop IR *is* the numerics:
 * no executor may change a bit.
 *
 * The text form parses back: printing a parsed kernel gives the same text.
 *
 *     kernel dense(in x: f32[B, 784], in w: f32[784, 10], out y: f32[B, 10]; dims B) tile t of (B + 7)//8 {
 *       var a[8]: f32x16 = 0
 *       for k in 0..784 {
 *         let v = load w[k, 0] lanes 10
 *         unroll r in 0..8 {
 *           let row = min(add(mul(t, 8), r), sub(B, 1))
 *           a[r] = fma(splat(load x[row, k]), v, a[r])
 *         }
 *       }
 *       ...
 *     }
 */
#ifndef DLC_COMPILER_LOOP_H
#define DLC_COMPILER_LOOP_H

#include "base/abi.h"
#include "base/dim_test.h"
#include "base/dtype.h"
#include "base/session.h"
#include "base/source.h"

/* ---- types and values ------------------------------------------------------------------------------- */

/* A scalar or sixteen lanes of one element type; f16 and bf16 occur only as buffer element types. */
typedef struct LoopType {
    DType element;
    int is_wide; /* sixteen lanes */
} LoopType;

typedef enum LoopOp {
#define LO(id, name, operands, rule) LO_##id,
#include "compiler/loop_op.def"
#undef LO
    /* values that need more than operands */
    LO_CONST,    /* imm_i or imm_f, splatted when wide */
    LO_PARAM,    /* the tile index, a run-time dim, a plan-loop index or the index of for/unroll; scalar index */
    LO_LANE,     /* 0 .. 15, wide, of type `type.element` (i32 or index) */
    LO_CONVERT,  /* in[0] to type: saturating, NaN to integers gives 0; to f16/bf16 never (stores round) */
    LO_BITCAST,  /* in[0] to a type of the same size */
    LO_SPLAT,    /* scalar in[0] to sixteen lanes */
    LO_LANE_GET, /* lane number in[1] (scalar index, 0..15) of wide in[0] */
    LO_LOAD,     /* buffer[subscripts]: scalar, or lanes from there along the last axis; lanes >= count give 0 */
    LO_GATHER,   /* buffer[subscripts] where the last subscript is wide (i32 or index), lanes < count only */
    LO_READ,     /* register array[constant subscripts] as it is now */
    LO_LANES_SUM, LO_LANES_MIN, LO_LANES_MAX, /* wide in[0] to scalar by a halving tree (i with i+8, +4, +2,
                    +1); lanes >= count are -0, +inf, -inf (integers: 0, largest, least) */
    LO_COUNT
} LoopOp;

/* A value of a kernel: index into LoopKernel.values; 0 is none. */
typedef uint32_t LoopVal;

enum { LOOP_MAX_RANK = 8 };

typedef struct LoopValue {
    LoopOp op;
    LoopType type;
    const Symbol *name;   /* of the let, loop index or parameter; NULL for an unnamed one */
    LoopVal in[3];        /* operands */
    LoopVal subscripts[LOOP_MAX_RANK]; /* LOAD, GATHER: one per axis of the buffer; READ: one per array axis */
    LoopVal count;        /* LOAD, GATHER, LANES_*: lanes in use, scalar index; 0 (none) means all sixteen */
    int buffer;           /* LOAD, GATHER: index into buffers */
    int array;            /* READ: index into arrays */
    int64_t imm_i;        /* CONST of bool, integer, index */
    double imm_f;         /* CONST of a float: exactly representable in the type */
} LoopValue;

typedef enum LoopAccess { LOOP_IN, LOOP_OUT, LOOP_INOUT, LOOP_SCRATCH } LoopAccess;

typedef struct LoopBuffer {
    const Symbol *name;
    LoopAccess access;
    DType dtype;
    int rank;                             /* 0: one element, loaded as `load lr[]` */
    const Dim *extents[LOOP_MAX_RANK];    /* row-major; each subscript stays below its extent */
    const Dim *pitch; /* elements from one row of the last axis to the next (rank >= 2): the last extent, or
                         more where rows are padded.  Lanes may be read, not written, up to the pitch */
} LoopBuffer;

typedef struct LoopArray {
    const Symbol *name;
    LoopType type;
    int rank;       /* 0: a single register */
    int extent[2];  /* constants */
} LoopArray;

/* ---- statements ------------------------------------------------------------------------------------- */

typedef enum LoopStmtKind {
    LS_LET,    /* computes `value` here */
    LS_VAR,    /* array declared; every element set to `value` (scalar const or value of the array's type) */
    LS_SET,    /* array[subscripts] = value */
    LS_STORE,  /* buffer[subscripts] (lanes count) = value */
    LS_PREFETCH, /* buffer[subscripts] is wanted soon: it may be brought closer, nothing else happens */
    LS_FOR,    /* index from lo to below hi by step (constant > 0), or from the last of these down to lo */
    LS_UNROLL, /* the body once for each index in lo..hi, both constants; registers need constant subscripts */
    LS_IF,     /* condition scalar bool: body else otherwise */
    LS_WHILE,  /* `head` computes the condition `value` anew before each turn of the body */
    LS_CHECK,  /* ends the kernel with code 1 + `check` where scalar bool `value` is false */
} LoopStmtKind;

typedef struct LoopStmt LoopStmt;
struct LoopStmt {
    LoopStmtKind kind;
    LoopStmt *next;
    LoopVal value;
    int buffer;                        /* STORE, PREFETCH */
    int array;                         /* VAR, SET */
    LoopVal subscripts[LOOP_MAX_RANK]; /* STORE, PREFETCH, SET */
    LoopVal count;                     /* STORE of a wide value: lanes stored; 0 means all sixteen */
    LoopVal index;                     /* FOR, UNROLL: the PARAM value of the index */
    LoopVal lo, hi;                    /* FOR, UNROLL */
    int64_t step;                      /* FOR */
    int is_reversed;                   /* FOR */
    LoopStmt *head;                    /* WHILE */
    LoopStmt *body;                    /* FOR, UNROLL, WHILE, IF */
    LoopStmt *otherwise;               /* IF */
    int check;                         /* CHECK: index into checks */
};

typedef struct LoopCheck {
    const char *message; /* in the user's terms */
    Span span;
} LoopCheck;

typedef struct LoopKernel {
    const Symbol *name;
    Vec(LoopBuffer) buffers;
    Vec(const DimName *) dims;        /* run-time dims: arguments in this order */
    Vec(LoopVal) dim_values;          /* their PARAM values */
    Vec(LoopVal) loop_indices;        /* PARAM values of plan-loop indices, outermost first */
    LoopVal tile;                     /* PARAM */
    const Dim *tile_count;
    int64_t tiles_per_range;          /* how many tiles one range takes at least; 0: all in one range */
    Vec(LoopValue) values;            /* [0] unused */
    Vec(LoopArray) arrays;
    Vec(LoopCheck) checks;
    Vec(Span) spans;                  /* source lines this kernel computes */
    LoopStmt *body;
    const char *hero;                 /* "map", "reduce", "contract", ...: for --kernels */
} LoopKernel;

/* ---- plans ------------------------------------------------------------------------------------------ */

typedef struct PlanBuffer {
    const Symbol *name;
    BufferKind kind;
    int slot;                          /* INPUT, OUTPUT, INOUT */
    DType dtype;
    int rank;
    const Dim *extents[LOOP_MAX_RANK];
    const Dim *pitch;
    int64_t offset;                    /* ARENA: bytes; with run-time dims at their maximum */
    int64_t bytes;                     /* at the maximum */
    const void *data;                  /* CONST */
} PlanBuffer;

typedef struct PlanArgument {
    int buffer;
    const Dim *offset;                 /* elements; NULL is 0 */
    const Dim *step[ABI_MAX_LOOPS];    /* elements per turn of each enclosing loop; NULL is 0 */
} PlanArgument;

typedef enum PlanStmtKind { PLAN_RUN, PLAN_PHASE, PLAN_LOOP, PLAN_WHEN, PLAN_UNTIL } PlanStmtKind;

typedef struct PlanStmt PlanStmt;
struct PlanStmt {
    PlanStmtKind kind;
    PlanStmt *next;
    int kernel;                        /* RUN: index into kernels */
    Vec(PlanArgument) arguments;       /* RUN: one per kernel buffer that is not scratch */
    const Symbol *index;               /* LOOP */
    const Dim *lo, *hi;                /* LOOP */
    int is_reversed;                   /* LOOP */
    int condition;                     /* WHEN, UNTIL: buffer */
    PlanStmt *body, *otherwise;
};

typedef struct LoopPlan {
    const Symbol *name;
    Vec(LoopKernel *) kernels;
    Vec(PlanBuffer) buffers;
    Vec(const DimName *) dims;         /* run-time dims of the plan */
    DimTests tests;                    /* what they fulfil: compared by emitted code, before a run by the runner */
    PlanStmt *body;
    int slot_count;
    int64_t arena_bytes, scratch_bytes;
} LoopPlan;

const char *loop_op_name(LoopOp op);
int loop_op_operands(LoopOp op); /* of the operations of loop_op.def; 0 for the others */

/* Of LO_TRADE_..: lane i of the result is lane loop_trade_lane(trade, i) of both operands in a row, 0 .. 31. */
typedef struct LoopTrade {
    int width, is_high;
} LoopTrade;

static inline int loop_is_trade(LoopOp op) { return op >= LO_TRADE_LOW_1 && op <= LO_TRADE_HIGH_8; }

static inline LoopTrade loop_trade(LoopOp op) {
    int number = (int)op - LO_TRADE_LOW_1;
    return (LoopTrade){1 << number / 2, number % 2};
}

static inline int loop_trade_lane(LoopTrade trade, int i) {
    int w = trade.width, lane = i / (2 * w) * 2 * w + i % w + (trade.is_high ? w : 0);
    return i / w % 2 ? ABI_LANES + lane : lane;
}

#endif
