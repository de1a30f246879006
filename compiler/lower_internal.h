/* What the files of the lowering share: the plan under construction (Lower), the kernel under
 * construction (Emit), and values pulled from nodes.
 *
 * Pulling: value_at(e, node, place) gives the node's value at a place, an index per axis, by
 * walking pointwise and indexing nodes down to arrays and to values that the kernel already has.  A
 * place may name sixteen elements at once (an Index with a stride or with lanes of its own); the
 * value is then wide, unless it is the same for all lanes.  Values are remembered per node and
 * place until the scope they were made in ends. */
#ifndef DLC_COMPILER_LOWER_INTERNAL_H
#define DLC_COMPILER_LOWER_INTERNAL_H

#include "compiler/fuse.h"
#include "compiler/loop_build.h"

static inline int64_t at_most(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t at_least(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t pieces(int64_t a, int64_t b) { return (a + b - 1) / b; }
static inline int64_t ceil_to(int64_t a, int64_t b) { return pieces(a, b) * b; }

/* An index of one axis: base + stride*lane, or lanes of their own. */
typedef struct Index {
    LoopVal base;   /* scalar; 0 where `wide` or `is_open` */
    LoopVal wide;   /* sixteen indices of type index; 0: none */
    int64_t stride; /* 0: the same for all lanes */
    int is_open;    /* depends on a loop that is not open yet (hoist) */
    int is_aligned; /* base is a multiple of 16 */
} Index;

typedef struct NodePlace {
    Index axis[GRAPH_MAX_RANK];
} NodePlace;

/* A value that a kernel stores. */
typedef struct Root {
    const Node *node;
    int plan_buffer;
} Root;

/* A kernel of the plan before it is emitted: what fusion made, or a copy. */
typedef struct PlannedKernel {
    const FusedKernel *fused;
    Vec(Root) roots;
    Vec(int)
        after; /* kernels that must have finished: producers, and readers of what it overwrites */
    int copy_from; /* a copy: the plan buffer it reads; -1 otherwise */
    int phase;
    double flops, bytes; /* estimates at the maximum */
    const char *name, *summary;
} PlannedKernel;

typedef struct Lower {
    Arena *arena;
    Session *session;
    const Region *region;
    const LowerOptions *options;
    const Fusion *fusion;
    LoopPlan *plan;
    Vec(PlannedKernel *) kernels;
    int *buffer_of; /* by node id: plan buffer that readers use, or -1 */
    int phase_count;
    Vec(int) content;       /* ids of the nodes that the present kernel computes, rising */
    Vec(const Node *) arrays; /* what it reads and writes, as KernelFacts has it */
    int *memo_of;           /* Emit's, one kernel after the other */
    uint8_t *needs_product;
    uint32_t *walked, walk; /* by node id: the last walk that came by */
} Lower;

typedef struct EmitBuffer {
    int plan_buffer;
    int is_flat; /* seen as one axis, for lanes that do not run along the last */
    int buffer;  /* of the kernel */
} EmitBuffer;

typedef struct Memo {
    const Node *node;
    NodePlace at;
    LoopVal value;
    int next; /* earlier entry of the node; -1 */
} Memo;

/* A value whose sixteen columns at a time lie in scratch, or where the row of a result will (lower_held.c). */
typedef struct Held {
    const Node *node;
    int buffer;       /* of scratch; -1: */
    int plan_buffer;  /* the result's array */
    LoopVal from; /* its first column; 0: column 0 */
    enum { HELD_WANTED, HELD_BEGUN, HELD_READY } state;
} Held;

/* How often a kernel goes over a row: once for each sum along it, then to store. */
typedef struct RowPasses {
    const NodePlace *next; /* the row that comes behind it; NULL where it is not announced (lower_prefetch.c) */
    const Dim *columns;
    int sums, now;         /* now: the pass of the moment, from 1 */
} RowPasses;

/* Random words of elements from `from` on that lie in scratch (lower_random.c). */
typedef struct Words {
    const Node *node;
    int buffer;
    LoopVal from;
} Words;

typedef struct Emit {
    Lower *lower;
    const FusedKernel *fused;
    int copy_from; /* as in PlannedKernel */
    LoopKernel *kernel;
    LoopBuilder *b;
    Math math;
    LoopVal lane_count; /* lanes in use at the places of the moment; 0: all */
    LoopVal bound;      /* an index of which lanes at bound + 0, 1, .. that are in use lie in low .. high-1; 0: none */
    int64_t bound_low, bound_high;
    int is_flat;        /* arrays with axes have one, and places one index (lower_flat.c) */
    Vec(Root) roots;
    Vec(EmitBuffer) buffers;
    Vec(Held) held;
    const NodePlace *row; /* the row for which they are */
    Vec(Words) words;
    RowPasses passes;     /* over that row */
    Vec(int) slots;       /* by root: scratch of its slots, or -1 (lower_slots.c) */
    Vec(Memo) memos;
    int *memo_of;           /* by node id: newest entry, or -1 */
    uint8_t *needs_product; /* by node id: computed here from the kernel's product */
    const Dim *tile_count;
    int64_t scratch_bytes;
} Emit;

/* ---- lower_emit.c: values, statements, buffers --------------------------------------------------------- */

/* What is remembered after scope_open is forgotten by scope_close; one inside every block. */
typedef int Scope;
Scope emit_scope_open(Emit *e);
void emit_scope_close(Emit *e, Scope scope);

LoopVal index_const(Emit *e, int64_t value);
LoopVal index_op(Emit *e, LoopOp op, LoopVal a, LoopVal b);
LoopVal index_dim(Emit *e, const Dim *dim);
LoopVal index_lane(Emit *e); /* 0 .. 15 */
int index_known(const Emit *e, LoopVal v, int64_t *value);
/* The last digit of a mixed-radix number, base `extent`; `rest` loses it. */
LoopVal index_next_digit(Emit *e, LoopVal *rest, const Dim *extent);
/* Constants; the float is rounded to the type. */
LoopVal emit_number(Emit *e, DType type, double value);
LoopVal emit_integer(Emit *e, DType type, int64_t value);
LoopVal emit_constant(Emit *e, const Node *n);
LoopVal emit_op1(Emit *e, LoopOp op, LoopVal a);
/* Operands are made alike: where one is wide the others are splatted. */
LoopVal emit_op2(Emit *e, LoopOp op, LoopVal a, LoopVal b);
LoopVal emit_op3(Emit *e, LoopOp op, LoopVal a, LoopVal b, LoopVal c);
void emit_alike(Emit *e, LoopVal *a, LoopVal *b);
LoopVal emit_wide(Emit *e, LoopVal v);
int emit_is_wide(const Emit *e, LoopVal v);
DType emit_type(const Emit *e, LoopVal v);
LoopVal emit_convert(Emit *e, LoopVal v, DType to);
LoopVal emit_low_bits(Emit *e, LoopVal v); /* of an integer, as u32 */
LoopVal emit_lane(Emit *e, LoopVal v, int lane);
LoopVal emit_lanes(Emit *e, LoopOp op, LoopVal v, LoopVal count);
void emit_transpose(Emit *e, LoopVal *v); /* sixteen vectors: lane i of vector j is lane j of vector i */
/* The type in which values of a dtype are held: f16 and bf16 as f32. */
DType held_as(DType t);

/* Registers name[rows][columns]. */
int emit_registers_new(Emit *e, const char *name, DType type, int is_wide, int rows, int columns,
                       LoopVal initial);
LoopVal emit_registers_get(Emit *e, int array, LoopVal row, int column);
void emit_registers_set(Emit *e, int array, LoopVal row, int column, LoopVal value);

LoopVal emit_for(Emit *e, const char *index, LoopVal lo, LoopVal hi, int64_t step);
LoopVal emit_unroll(Emit *e, const char *index, int count);
void emit_if(Emit *e, LoopVal condition);
void emit_else(Emit *e);
void emit_end(Emit *e);
void emit_tiles(Emit *e, const Dim *count);
/* The turn for sixteen elements at a time from lo to hi, with e->lane_count; for what is left behind them, unless it is
 * known that nothing is, once more with a count: masked stores cost many times a whole one where they are not built in. */
typedef void EmitTurn(Emit *e, void *context, LoopVal base);
void emit_vectors(Emit *e, LoopVal lo, LoopVal hi, int is_whole, EmitTurn *turn, void *context);
/* Is the extent known to be a multiple of sixteen? */
int emit_is_whole(Emit *e, const Dim *extent);

/* Has the node an array that this kernel reads, rather than computing it? */
int emit_reads(const Emit *e, const Node *n);
LoopVal emit_load(Emit *e, const Node *n, const NodePlace *at);
LoopVal emit_load_buffer(Emit *e, int plan_buffer, const Node *n, const NodePlace *at);
/* One element of an array that this kernel reads, by its row-major number. */
LoopVal emit_load_flat(Emit *e, const Node *n, LoopVal offset);
/* Sixteen elements (lane_count of them) of such an array, `step` apart. */
LoopVal emit_load_flat_lanes(Emit *e, const Node *n, LoopVal offset, int64_t step);
/* Stores at a place whose last axis may have lanes side by side. */
void emit_store(Emit *e, int plan_buffer, const Node *n, const NodePlace *at, LoopVal value);
/* The element of an array that this kernel reads will be wanted soon; nothing where the place has lanes of its own. */
void emit_prefetch(Emit *e, const Node *n, const NodePlace *at);
void emit_prefetch_flat(Emit *e, const Node *n, LoopVal offset); /* by its row-major number */
/* An element of a result will be stored soon. */
void emit_prefetch_result(Emit *e, const Root *root, const NodePlace *at);
int emit_scratch(Emit *e, const char *name, DType type, const Dim *rows, int64_t columns);
LoopVal emit_load_scratch(Emit *e, int buffer, LoopVal row, LoopVal column);
LoopVal emit_load_scratch_number(Emit *e, int buffer, LoopVal row, LoopVal column); /* one element */
void emit_store_scratch(Emit *e, int buffer, LoopVal row, LoopVal column, LoopVal value);

/* ---- lower_value.c ------------------------------------------------------------------------------------- */

Index index_scalar(LoopVal base);
Index index_lanes(LoopVal base, int is_aligned);
Index index_open(void);
LoopVal index_wide(Emit *e, const Index *i); /* as sixteen indices */

Index index_times(Emit *e, Index a, LoopVal factor);
Index index_plus(Emit *e, Index a, LoopVal add);
LoopVal index_value(Emit *e, const Index *i); /* scalar, or wide where it has lanes */
/* The operand's index that `v`, counted in its elements `gap` apart, meets, kept within 0 .. extent - 1; that it
 * meets one is and-ed to *inside (0: nothing yet). */
Index index_inside(Emit *e, LoopVal v, int64_t gap, LoopVal extent, LoopVal *inside);
/* Of PAD: where its operand lies on axis i; 0 where that is not fixed, or something lies between its elements. */
int pad_borders(const Node *n, int i, int64_t *low, int64_t *extent);
/* Of CONVOLUTION and WINDOW: do all windows lie within the operand on axis i? */
int window_stays_inside(Emit *e, const Node *n, int i);
/* Of CONVOLUTION and WINDOW: the index of operand 0 on axis i, for the result's index and the window's place. */
Index index_in_window(Emit *e, const Node *n, int i, const Index *at, LoopVal place, LoopVal *inside);

LoopVal value_at(Emit *e, const Node *n, const NodePlace *at);
/* Makes now whatever part of the node's value depends neither on the open axes of the place nor on
 * the product. */
void value_hoist(Emit *e, const Node *n, const NodePlace *at);
void value_remember(Emit *e, const Node *n, const NodePlace *at, LoopVal value);
/* Splits a flat row-major index over axes. */
void index_split(Emit *e, const Index *flat, const Dim *const *shape, int rank, Index *out);
/* The place at which a node reads its operand k; axes that it does not decide are open. */
void place_of_operand(Emit *e, const Node *n, int k, const NodePlace *at, NodePlace *out);
/* An array of fixed sizes, but perhaps for its first, seen through transposes, reversals, slices and reshapes that split axes: element
 * (i, j, ..) is its element number start + i*pitch[0] + j*pitch[1] + .. */
typedef struct ArrayView {
    const Node *array;
    int64_t start, pitch[GRAPH_MAX_RANK];
} ArrayView;

/* 0 where x is no view of an array that this kernel reads. */
int view_of(Emit *e, const Node *x, ArrayView *view);
/* Products of extents, and the number of pieces. */
const Dim *dims_product(DimTable *dims, const Dim *const *shape, int rank);
const Dim *dims_ceil_div(DimTable *dims, const Dim *a, int64_t by);

/* How a family gives the value of one of its nodes at a place: a column of op.def. */
typedef LoopVal LowerRule(Emit *e, const Node *n, const NodePlace *at);
#define OP(id, name, operands, attributes, shape, lower, gradient, flags) LowerRule lower_##lower;
#include "compiler/op.def"
#undef OP

/* ---- lower_turn.c -------------------------------------------------------------------------------------- */

/* Sixteen runs of an array, run i from element min(first + i, last) * pitch on, and rows of scratch. */
typedef struct Turn {
    const Node *array;
    LoopVal first, last;
    int64_t pitch, column;
    int scratch;
} Turn;

/* Elements from .. from + count - 1 of each run to rows to, to + 1, ..: a row has sixteen columns from `column` on, one for each run.
 * Whole blocks of sixteen rows are written, so what comes behind is written after it. */
void emit_turn(Emit *e, const Turn *turn, LoopVal from, int64_t count, LoopVal to);
/* Of rows first .. first + count - 1 of scratch the sixteen columns from `column` on: they become rows of the same number in other scratch,
 * which has room for whole blocks of sixteen. */
void emit_turn_rows(Emit *e, int from, LoopVal first, LoopVal count, int64_t column, int to);

/* ---- lower_reduce.c ------------------------------------------------------------------------------------ */

/* Of REDUCE: is the result that of sixteen slots, joined by a tree? */
int reduce_has_slots(const Node *n);
/* Of REDUCE and SLOTS. */
LoopVal reduce_first(Emit *e, const Node *n); /* what a slot holds before its first element */
LoopVal reduce_join(Emit *e, const Node *n, LoopVal a, LoopVal b);

/* ---- lower_held.c -------------------------------------------------------------------------------------- */

/* Chooses which values of rows of so many columns wait in scratch for later passes over the row. */
void hold_shared(Emit *e, const Dim *columns);
/* Nothing of the row waits yet. */
void held_row_begins(Emit *e, const NodePlace *row);
/* What went by has been put down, from the first column to the last. */
void held_pass_ends(Emit *e);
int held_in(const Emit *e, int plan_buffer); /* does a value wait in this array? */
LoopVal held_load(Emit *e, const Node *n, const NodePlace *at); /* 0: it does not wait */
void held_store(Emit *e, const Node *n, const NodePlace *at, LoopVal value);
/* Of a kernel whose sums down the columns are long enough to go along the rows: the columns of a strip; else 0. */
int64_t strip_columns(const Emit *e, const Dim *columns);
/* Makes these sums for the columns lo .. hi-1, where they are read from then on. */
void strip_sums(Emit *e, const NodePlace *at, LoopVal lo, LoopVal hi, int is_whole, int64_t width);

/* Are these sixteen columns, the first a multiple of sixteen, of the row or strip of the moment? */
int is_row_place(const Emit *e, const Node *n, const NodePlace *at);

/* ---- lower_random.c ------------------------------------------------------------------------------------ */

/* Can the random bits be made in a kernel that sees its arrays as one axis? */
int random_fits_flat(const Node *n);
/* Does the kernel draw anything whose words can be made for 64 elements at once, in loops over so many columns (NULL: over
 * arrays as one axis)? */
int random_waits(const Emit *e, const Dim *columns);
/* Makes these words for elements lo (a multiple of sixteen) .. hi-1 of the row `at`, of which there are at most `width`; they are
 * read until the kernel ends. */
void random_prepare(Emit *e, const NodePlace *at, const Dim *columns, int64_t width, LoopVal lo, LoopVal hi);

/* ---- lower_slots.c ------------------------------------------------------------------------------------- */

/* Of a tile that goes over every sixteenth row: its slots are empty. */
void slots_begin(Emit *e);
/* Sixteen values of a row from `column` on go to the slots of root number `root`. */
void slots_join(Emit *e, int root, LoopVal column, LoopVal value);
/* They are stored; `at` has the places of the axes but for the columns. */
void slots_end(Emit *e, const NodePlace *at);

/* ---- lower_prefetch.c ---------------------------------------------------------------------------------- */

/* Does a value come from an array, element by element, that is larger than what caches near the processor hold? */
int reads_far(Emit *e, const Node *n);
/* The elements of such arrays from which the value at the place is made will be wanted soon. */
void value_prefetch(Emit *e, const Node *n, const NodePlace *at);
/* Is it worth while to announce rows of so many columns, of which the kernel goes over each several times? */
int rows_are_announced(const Emit *e, const Dim *columns);
/* In a turn of the present pass over a row, which takes so many vectors from `column` on. */
void row_prefetch(Emit *e, LoopVal column, int vectors);

/* ---- lower_epilogue.c ---------------------------------------------------------------------------------- */

enum { BLOCK_VECTORS = 8 };

/* A block of columns of a product's result: which vectors there are. */
typedef struct Block {
    int vectors;
    Index lane[BLOCK_VECTORS];
    LoopVal count[BLOCK_VECTORS]; /* 0: all sixteen */
} Block;

/* Where the hero's place lies in what the kernel makes of it: FusedKernel.result may be the hero turned. */
NodePlace result_place(const Emit *e, const NodePlace *at);
/* The place's column becomes vector v of the block; nothing where the result has no axes. */
void epilogue_set_lane(Emit *e, const Node *product, NodePlace *at, const Block *block, int v);
/* Stores what the kernel makes of a row whose sums, a vector each, are finished. */
void epilogue_row(Emit *e, const Node *product, const Block *block, NodePlace *at, const LoopVal *sums);

/* ---- kernels ------------------------------------------------------------------------------------------- */

void emit_rows(Emit *e);     /* lower_rows.c */
void emit_flat(Emit *e);     /* lower_flat.c */
/* lower_copy.c: a kernel that only moves elements; 0 where this one does more. */
int emit_copy(Emit *e);
/* Have all values of the kernel the place of its results, but for numbers?  `product` (may be NULL) is a value that it
 * has. */
int flat_fits(Emit *e, const Node *product);
/* Sixteen places from `base` on, and the kernel's results there. */
void flat_set(Emit *e, NodePlace *at, LoopVal base);
void flat_turn(Emit *e, const NodePlace *at);
void emit_contract(Emit *e); /* lower_contract.c */
void emit_convolution(Emit *e); /* lower_convolution.c */
/* lower_across.c: a convolution with its kernels last; 0 where it has another form. */
int emit_across(Emit *e);
/* lower_groups.c: the gradient of kernels of which each group has one; 0 where it is none. */
int emit_groups(Emit *e);
/* lower_batch.c: a convolution of many small pictures, its lanes across them; 0 where it has another form. */
int emit_batch(Emit *e);
void emit_scatter(Emit *e);  /* lower_index.c */

typedef struct ScheduleRow {
    const char *name;
    int rows1, rows2, lanes;
    int64_t bytes;
} ScheduleRow;
const ScheduleRow *schedule_row(ScheduleKind kind);

/* ---- the plan (plan_memory.c) -------------------------------------------------------------------------- */

/* Buffers, stores and copies: fills plan->buffers, buffer_of, kernels with their roots and `after`.
 */
void plan_buffers(Lower *l);
/* Phases of kernels, offsets of arena buffers; the peak goes to facts (may be NULL). */
void plan_phases(Lower *l);
void plan_offsets(Lower *l, LowerFacts *facts);

#endif
