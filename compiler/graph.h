/* The graph: a pure dataflow of tensor operations, what `build` makes of a step and the passes rewrite.
 *
 * A Region holds nodes in topological order (operands precede uses), the inputs and the results.  Everything
 * a training step touches is an input, and what it changes is a result of the same path: weights, states,
 * optimizer slots; hyper-parameters, seed and step number come in as rank-0 inputs.
 *
 * Invariants (graph_verify.c): pure SSA; extents are constants or polynomials in run-time dims, row-major;
 * no implicit broadcast or change of dtype; the order of every sum follows from operation and shape
 * (docs/numerics.md); no arithmetic on f16/bf16: they are inputs, results and what indexing moves, and
 * CONVERT leads to and from them. */
#ifndef DLC_COMPILER_GRAPH_H
#define DLC_COMPILER_GRAPH_H

#include "base/dim.h"
#include "base/dtype.h"
#include "base/session.h"
#include "base/vec.h"

typedef enum OpKind {
#define OP(id, name, operands, attributes, shape, lower, gradient, flags) OP_##id,
#include "compiler/op.def"
#undef OP
    OP_COUNT
} OpKind;

typedef enum ScalarKind {
#define SC(id, name, operands, types, derivative, flags) SC_##id,
#include "compiler/scalar.def"
#undef SC
    SC_COUNT
} ScalarKind;

enum { OP_POINTWISE = 1, OP_INDEXING = 2 }; /* flags of op.def */
enum { SC_COMMUTES = 1 };                   /* flags of scalar.def */

enum { /* attributes of op.def: which fields of Attributes an operation uses */
    AT_INPUT = 1 << 0, AT_DATA = 1 << 1, AT_DIM = 1 << 2, AT_SCALAR = 1 << 3,
    AT_REDUCE = 1 << 4, AT_ADDS = 1 << 5, AT_AXIS = 1 << 6, AT_AXES = 1 << 7,
    AT_LOW = 1 << 8, AT_STEP = 1 << 9, AT_DOT = 1 << 10, AT_SITE = 1 << 11,
    AT_CONVOLUTION = 1 << 12, AT_WINDOW = 1 << 13,
};

typedef enum ReduceKind {
    REDUCE_ADD, REDUCE_MUL, REDUCE_MAX, REDUCE_MIN, REDUCE_AND, REDUCE_OR,
    REDUCE_ARGMAX, REDUCE_ARGMIN, /* i32 out; the first of equals wins, NaN wins over all */
    REDUCE_KIND_COUNT
} ReduceKind;

enum { GRAPH_MAX_RANK = 8, GRAPH_SLOTS = 16 /* of a reduction over any but the last axis */ };

typedef enum InputKind {
    INPUT_DATA,     /* a parameter of the step: batch fields, arguments */
    INPUT_PARAM,    /* a weight, by its stable path */
    INPUT_STATE,    /* a layer's or the program's state */
    INPUT_SLOT,     /* optimizer state of a weight */
    INPUT_HYPER,    /* an option or rate that may change without a new compilation; rank 0 */
    INPUT_SEED,     /* u64 as u32[2]: low, high */
    INPUT_STEP,     /* i64, rank 0: the number of this step, from 1 */
    INPUT_EXAMPLE0, /* i64, rank 0: global number of the batch's first example */
    INPUT_KIND_COUNT
} InputKind;

typedef struct Node Node;

/* What an operation needs beside its operands; which fields count is a column of op.def. */
typedef struct Attributes {
    ScalarKind scalar;                   /* MAP */
    ReduceKind reduce;                   /* REDUCE, SLOTS, WINDOW */
    int axis;                            /* REDUCE, SLOTS, CONCAT, REVERSE, IOTA, GATHER, SCATTER */
    int8_t axes[GRAPH_MAX_RANK];         /* TRANSPOSE, BROADCAST */
    const Dim *low[GRAPH_MAX_RANK];      /* SLICE: first index; PAD, CONVOLUTION, WINDOW: elements before (may be
                                            negative) */
    int64_t step[GRAPH_MAX_RANK];        /* SLICE: step >= 1; PAD: elements between neighbours >= 0; CONVOLUTION,
                                            WINDOW: from one window to the next, >= 1 */
    int64_t spread[GRAPH_MAX_RANK];      /* CONVOLUTION: distance of x's elements, >= 1 */
    int64_t dilation[GRAPH_MAX_RANK];    /* CONVOLUTION: distance of the window's places, >= 1 */
    int64_t window[GRAPH_MAX_RANK];      /* WINDOW: its extents */
    int groups;                          /* CONVOLUTION: >= 1 */
    int batch_count, contract_count;     /* DOT */
    int8_t lhs_batch[GRAPH_MAX_RANK], rhs_batch[GRAPH_MAX_RANK];       /* DOT */
    int8_t lhs_contract[GRAPH_MAX_RANK], rhs_contract[GRAPH_MAX_RANK]; /* result: batch, lhs rest, rhs rest */
    const void *data;                    /* CONST: elements, row-major; one element stands for all of them */
    int is_splat;                        /* CONST: data holds one element; always so with run-time extents */
    const Dim *dim;                      /* DIM_VALUE; not a constant */
    uint32_t site;                       /* RANDOM_BITS: hash of the stable path of the draw */
    int input;                           /* INPUT: index into Region.inputs */
    int adds;                            /* SCATTER: 1 adds, 0 sets (the last of repeated ids wins) */
} Attributes;

struct Node {
    OpKind op;
    DType dtype;
    int rank;
    const Dim *shape[GRAPH_MAX_RANK];
    Node **in;
    int in_count;
    Attributes attr;
    uint32_t id; /* dense in the region: index into nodes */
    Span span;   /* where the user wrote it; the first of several after cse */
    const Symbol *part; /* path of the layer instance it works for ("Net.dense_1"); NULL outside of layers */
    int is_backward;    /* part of a derivative */
};

typedef struct RegionInput {
    InputKind kind;
    const Symbol *path; /* "image", "Net.dense_1.w", "lr"; unique within its kind */
    Node *node;
} RegionInput;

typedef struct RegionResult {
    InputKind kind;     /* PARAM, STATE, SLOT: the new value of that input; DATA: handed back or reported */
    const Symbol *path;
    Node *node;
    int alias; /* index of the input whose buffer it may take, or -1 */
} RegionResult;

/* Nodes whose derivative is given: they depend on the inputs as `rule` says, whatever is between.  The rule gets the
 * gradient of each output (NULL: none arrived) and gives that of each input (NULL: none); it appends to the region. */
typedef struct OwnGradient {
    Node **outputs; /* ids rise; each is an output of one OwnGradient only */
    int output_count;
    Node **inputs; /* floats, of smaller ids than the outputs */
    int input_count;
    void (*rule)(void *context, Node *const *arriving, Node **leaving);
    void *context;
} OwnGradient;

typedef struct Region {
    Session *session; /* symbols, dims, spans for reports */
    Arena *arena;
    const Symbol *name;
    Vec(Node *) nodes; /* topological; nodes.data[i]->id == i */
    Vec(RegionInput) inputs;
    Vec(RegionResult) results;
    Vec(const DimName *) dims; /* run-time dims that occur */
    Map own_gradients;         /* Node * (an output) to OwnGradient *; for graph_gradient, no pass keeps it */
    int is_symbolic;    /* names without a value may stand in extents: for costs alone */
    const Symbol *part; /* of the nodes that are being added, as in Node: reports name layers by it */
    int is_backward;
} Region;

/* ---- building: each checks its operands (ICE on misuse), appends the node and returns it -------------- */

Region *region_new(Session *session, Arena *arena, const Symbol *name);
Node *graph_input(Region *r, InputKind kind, const Symbol *path, DType dtype, int rank,
                  const Dim *const *shape, Span span);
void graph_result(Region *r, InputKind kind, const Symbol *path, Node *node, int alias);
/* A number of any dtype, spread over `shape` as a splat constant; rounded once, integers must be exact. */
Node *graph_number(Region *r, double value, DType dtype, int rank, const Dim *const *shape, Span span);
/* All elements, row-major; the extents are constants and the data is copied. */
Node *graph_const(Region *r, DType dtype, int rank, const Dim *const *shape, const void *data, Span span);
Node *graph_dim_value(Region *r, const Dim *dim, DType dtype, Span span); /* any dim as a number, rank 0 */
Node *graph_map(Region *r, ScalarKind f, Node *const *in, Span span);
Node *graph_map1(Region *r, ScalarKind f, Node *a, Span span);
Node *graph_map2(Region *r, ScalarKind f, Node *a, Node *b, Span span);
Node *graph_map3(Region *r, ScalarKind f, Node *a, Node *b, Node *c, Span span);
Node *graph_convert(Region *r, Node *a, DType to, Span span); /* a itself where it has that dtype */
Node *graph_detach(Region *r, Node *a, Span span);            /* a, but no gradient flows through */
Node *graph_reshape(Region *r, Node *a, int rank, const Dim *const *shape, Span span);
Node *graph_transpose(Region *r, Node *a, const int8_t *axes, Span span);
Node *graph_broadcast(Region *r, Node *a, const int8_t *axes, int rank, const Dim *const *shape, Span span);
/* `low` may be NULL for all 0, `step` for all 1. */
Node *graph_slice(Region *r, Node *a, const Dim *const *low, const int64_t *step,
                  const Dim *const *extent, Span span);
/* `low` and `interior` may be NULL for all 0. */
Node *graph_pad(Region *r, Node *a, Node *value, const Dim *const *low, const int64_t *interior,
                const Dim *const *shape, Span span);
Node *graph_concat(Region *r, Node *const *in, int count, int axis, Span span);
Node *graph_reverse(Region *r, Node *a, int axis, Span span);
Node *graph_iota(Region *r, DType dtype, int axis, int rank, const Dim *const *shape, Span span);
Node *graph_reduce(Region *r, ReduceKind kind, Node *a, int axis, Span span); /* the axis is gone */
Node *graph_slots(Region *r, ReduceKind kind, Node *a, int axis, Span span);  /* the axis has its slots */
Node *graph_dot(Region *r, Node *a, Node *b, const Attributes *dims, Span span);
/* `attr` has low, step, spread, dilation and groups; `shape` is the result's. */
Node *graph_convolution(Region *r, Node *x, Node *w, const Attributes *attr, const Dim *const *shape, Span span);
/* `attr` has reduce, low, step and window. */
Node *graph_window(Region *r, Node *x, const Attributes *attr, const Dim *const *shape, Span span);
Node *graph_gather(Region *r, Node *table, Node *ids, int axis, Span span);
Node *graph_scatter(Region *r, Node *table, Node *ids, Node *rows, int axis, int adds, Span span);
Node *graph_random_bits(Region *r, uint32_t site, Node *seed, Node *step, Node *iteration,
                        Node *example0, int rank, const Dim *const *shape, Span span);

/* Any node, from a row's pieces: what the builders above, the parser and rewriting passes go through.
 * `given` is the dtype and shape; may be NULL where the row's shape rule finds them. */
typedef struct Shape {
    DType dtype;
    int rank;
    const Dim *extent[GRAPH_MAX_RANK];
} Shape;
Node *graph_add(Region *r, OpKind op, const Attributes *attr, Node *const *in, int in_count,
                const Shape *given, Span span);

/* Gradients of the scalar `of` with respect to each of `wrt`, appended to the region (autodiff.c): reverse
 * mode, storing everything; NULL where no gradient reaches.  Each is the total derivative, whatever the other
 * entries are.  The added nodes are ordinary, so the result may be differentiated again. */
void graph_own_gradient(Region *r, const OwnGradient *own);
void graph_gradient(Region *r, Node *of, Node *const *wrt, int wrt_count, Node **gradients);

/* ---- tables ------------------------------------------------------------------------------------------ */

const char *op_name(OpKind op);
int op_flags(OpKind op);
const char *scalar_name(ScalarKind f);
int scalar_operands(ScalarKind f);
int scalar_flags(ScalarKind f);
const char *reduce_name(ReduceKind kind);
const char *input_kind_name(InputKind kind);

/* Of extents as the graph compares them: identical, or equal by the normal form. */
int dim_same(DimTable *dims, const Dim *a, const Dim *b);
int shape_same(DimTable *dims, const Node *a, const Node *b); /* ranks and extents; not the dtype */
/* The number a constant of one repeated element stands for; 0 where n is not such. */
int node_is_number(const Node *n, double *value);

/* ---- text, checks ------------------------------------------------------------------------------------ */

/* One line a node, `%12 = dot(%3, %4; contract 1,0): f32[B, 10]`; docs/graph.md has the grammar. */
void graph_print(Text *out, const Region *r);
/* The region of such a text; NULL after a diagnostic. */
Region *graph_parse(Session *session, Arena *arena, const Source *source);
/* Ends the process with an internal error that names the pass when an invariant is broken. */
void graph_verify(const Region *r, const char *after_pass);

#endif
