/* What the files of the lowering share: the plan under construction (Lower), the kernel under construction
 * (Emit), and values pulled from nodes.
 *
 * Pulling: value_at(e, node, place) gives the node's value at a place, an index per axis, by walking pointwise
 * and indexing nodes down to arrays and to values that the kernel already has.  A place may name sixteen
 * elements at once (one Index with a stride or with lanes of its own); the value is then wide, unless it is the
 * same for all lanes.  Values are remembered per node and place until the scope they were made in ends. */
#ifndef DLC_COMPILER_LOWER_INTERNAL_H
#define DLC_COMPILER_LOWER_INTERNAL_H

#include "compiler/fuse.h"
#include "compiler/loop_build.h"

/* An index of one axis: base + stride*lane, or lanes of their own. */
typedef struct Index {
    LoopVal base;    /* scalar; 0 where `wide` or `is_open` */
    LoopVal wide;    /* sixteen indices, type index; 0: none */
    int64_t stride;  /* 0: the same for all lanes */
    int is_open;     /* depends on a loop that is not open yet (hoist) */
    int is_aligned;  /* base is a multiple of 16 */
} Index;

typedef struct Place {
    Index axis[GRAPH_MAX_RANK];
} PlaceOf;

/* Where results go and what must run before what. */
typedef struct Lower {
    Arena *arena;
    Session *session;
    const Region *region;
    const LowerOptions *options;
    const Fusion *fusion;
    LoopPlan *plan;
    int *buffer_of; /* by node id: plan buffer of its value, or -1 */
} Lower;

typedef struct EmitBuffer {
    int plan_buffer;
    int is_flat; /* seen as one axis, for lanes that do not run along the last */
    int buffer;  /* of the kernel */
} EmitBuffer;

typedef struct Memo {
    const Node *node;
    PlaceOf at;
    LoopVal value;
    int next; /* earlier entry of the node or of the bucket; -1 */
} Memo;

typedef struct OpMemo {
    LoopOp op;
    LoopVal a, b, value;
    int64_t imm;
    DType type;
    int next;
} OpMemo;

enum { OP_BUCKETS = 64 };

typedef struct Emit {
    Lower *lower;
    const FusedKernel *fused;
    LoopKernel *kernel;
    LoopBuilder *b;
    Math math;
    LoopVal lane_count;       /* lanes in use at the places of the moment; 0: all */
    int seeds_only;           /* the hero's product is in registers: found by place, never computed */
    Vec(EmitBuffer) buffers;
    Vec(Memo) memos;
    int *memo_of;             /* by node id: newest entry, -1 */
    Vec(OpMemo) ops;
    int bucket[OP_BUCKETS];
    double flops;
} Emit;

typedef struct Scope {
    int memos, ops;
} Scope;

/* ---- lower_emit.c: values, statements, buffers ------------------------------------------------------------ */

Scope scope_open(Emit *e);
void scope_close(Emit *e, Scope scope);

LoopVal ix_const(Emit *e, int64_t value);
LoopVal ix_op(Emit *e, LoopOp op, LoopVal a, LoopVal b);
LoopVal ix_dim(Emit *e, const Dim *dim);
int ix_known(const Emit *e, LoopVal v, int64_t *value);
LoopVal number(Emit *e, DType type, double value);
LoopVal op1(Emit *e, LoopOp op, LoopVal a);
/* Operands are made alike: where one is wide the others are splatted. */
LoopVal op2(Emit *e, LoopOp op, LoopVal a, LoopVal b);
LoopVal op3(Emit *e, LoopOp op, LoopVal a, LoopVal b, LoopVal c);
LoopVal widened(Emit *e, LoopVal v);
int is_wide(const Emit *e, LoopVal v);
DType type_of(const Emit *e, LoopVal v);
LoopVal convert(Emit *e, LoopVal v, DType to);

/* The type in which values of a dtype are held: f16 and bf16 as f32. */
DType held_as(DType t);

/* Loads a node's array at a place; the node has a plan buffer. */
LoopVal load_node(Emit *e, const Node *n, const PlaceOf *at);
/* Stores into the plan buffer at a place whose last axis may have lanes. */
void store_node(Emit *e, int plan_buffer, const Node *n, const PlaceOf *at, LoopVal value);

/* ---- lower_value.c ---------------------------------------------------------------------------------------- */

Index index_scalar(LoopVal base);
Index index_lanes(LoopVal base, int is_aligned);
Index index_open(void);
LoopVal index_wide(Emit *e, const Index *i); /* as sixteen indices */

LoopVal value_at(Emit *e, const Node *n, const PlaceOf *at);
/* Makes now whatever part of the node's value does not depend on the open axes of the place. */
void hoist(Emit *e, const Node *n, const PlaceOf *at);
void remember(Emit *e, const Node *n, const PlaceOf *at, LoopVal value);
/* Splits a flat row-major index over axes. */
void split_index(Emit *e, const Index *flat, const Dim *const *shape, int rank, Index *out);

/* How a family gives the value of one of its nodes at a place: a column of op.def. */
typedef LoopVal LowerRule(Emit *e, const Node *n, const PlaceOf *at);
#define OP(id, name, operands, shape, lower, gradient, flags) LowerRule lower_##lower;
#include "compiler/op.def"
#undef OP

/* The place at which an indexing or pointwise node reads its operand k. */
void operand_place_of(Emit *e, const Node *n, int k, const PlaceOf *at, PlaceOf *out);

/* ---- kernels ----------------------------------------------------------------------------------------------- */

void emit_rows(Emit *e);     /* lower_rows.c */
void emit_contract(Emit *e); /* lower_contract.c */
void emit_scatter(Emit *e);  /* lower_index.c */
/* Stores of one node: every plan buffer that takes its value. */
typedef struct Stores Stores;

#endif
