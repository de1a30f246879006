/* What the files of build share: the values that typed expressions become and the state of building. */
#ifndef DLC_COMPILER_BUILD_INTERNAL_H
#define DLC_COMPILER_BUILD_INTERNAL_H

#include "base/map.h"
#include "compiler/build.h"

typedef enum ValueKind {
    VALUE_NONE,
    VALUE_TENSOR,   /* node */
    VALUE_TUPLE,    /* items */
    VALUE_INSTANCE, /* the weights at `path`, as they are in the store when read */
    VALUE_OUTSIDE,  /* a data set, a record of the program or a string: `outside`, whose fields the caller evaluates */
    VALUE_RECORD,   /* a record that was computed, or a snapshot: `leaves` at and below `path` (NULL: all) */
} ValueKind;

typedef struct Value Value;
struct Value {
    ValueKind kind;
    Node *node;
    const Value *items;
    int count;
    const Symbol *path;
    const Layout *layout;
    const Tx *outside;
    const Map *leaves; /* const Symbol * (path in the record, "dense_1.w") to Node *: params and states */
};

/* One inlined call: its variables and the record it works on. */
typedef struct Frame {
    struct Frame *outer; /* of the call: a function given in brackets may use what its place sees */
    Map variables; /* const TVariable * to const Value * */
    Value self;
    const char *site; /* stable path of the call: random draws are named by it */
} Frame;

typedef struct Builder {
    Session *session;
    Arena *arena;
    BuildOptions options;
    Build *build;
    Region *region;
    Map store;       /* const Symbol *path to Node *: present value of weights, states, slots */
    Map input_index; /* const Symbol *path to 1 + index into region->inputs */
    Map written;     /* paths that have a new value, in order */
    Map globals;     /* const TVariable * or const Tx * (leaf) to Value *: inputs by identity */
    Map sizes;       /* const DimName * to const Dim *: those that this build knows the value of */
    Node *seed, *step, *example0;
    const TStep *built_step; /* NULL for expressions */
    int checked_nodes;       /* of the region: their sizes are known to be computable, or conditions say so */
    Node *guard;             /* bool scalar: the branch that is being built is taken; NULL outside branches */
    Map minimizes;           /* const TStmt * to its number in the step, from 1 */
    int64_t turns;           /* of the loops around, multiplied; 0 outside of loops */
    int64_t iteration;       /* the turn that is being built, as a linear index over the loops around */
    Value *yielded;          /* where the `yield` of the turn goes */
    Map reported;            /* const Symbol * to Node *: reports that are targets */
    Map *inlined;            /* the same of the step that is being called by this one; NULL outside such */
} Builder;

Value build_value(Builder *b, Frame *frame, const Tx *tx);
/* The node of a tensor-valued expression. */
Node *build_node(Builder *b, Frame *frame, const Tx *tx);
Value build_block(Builder *b, Frame *frame, const TBlock *block);
void build_statement(Builder *b, Frame *frame, const TStmt *stmt);
Value build_primitive(Builder *b, Frame *frame, const Tx *tx);
Value build_convolution(Builder *b, Frame *frame, const Tx *tx);
Value build_window(Builder *b, Frame *frame, const Tx *tx);
void build_minimize(Builder *b, Frame *frame, const TStmt *stmt);
/* A TS_FOR; its stacked yields, of type `stacks`, where that is not NULL. */
Value build_for(Builder *b, Frame *frame, const TStmt *stmt, const Type *stacks);
Value build_einsum(Builder *b, Frame *frame, const Tx *tx);
Value build_cumsum(Builder *b, Frame *frame, const Tx *tx);
Value build_sort(Builder *b, Frame *frame, const Tx *tx);
Value build_top_k(Builder *b, Frame *frame, const Tx *tx);
Value build_indexing(Builder *b, Frame *frame, const Tx *tx);
Value build_set(Builder *b, Frame *frame, const Tx *tx);
/* x in the shape of a type that has the same elements. */
Node *build_shaped_as(Builder *b, Node *x, const Type *type, Span span);
/* x without `axis`, at index `at` of it. */
Node *build_pick(Builder *b, Node *x, int axis, const Dim *at, Span span);
/* The size that a scalar is when it is known while compiling, else NULL. */
const Dim *build_known_size(Builder *b, const Tx *tx);

/* ---- build_outside.c: data sets, records and strings of the program ---- */

/* An expression that the caller evaluates, as an input. */
Value leaf_value(Builder *b, const Tx *tx);
/* A tuple of the program: each tensor in it is an input of the region. */
Value outside_tuple(Builder *b, const TVariable *variable);
Value value_outside(const Tx *tx);
Value build_field(Builder *b, Frame *frame, const Tx *tx); /* T_FIELD */

/* ---- build_record.c: records of weights ---- */

Value value_instance(const Symbol *path, const Layout *layout);
const Symbol *join_path(Builder *b, const Symbol *path, const Symbol *name); /* name itself where path is NULL */
Node *read_weight(Builder *b, const Symbol *path, const Weight *weight);
/* The record as a value that later changes of the weights do not reach; other values as they are. */
Value value_snapshot(Builder *b, Value value);
Value value_part(Builder *b, Value record, const Symbol *name);
Node *value_weight(Builder *b, Value record, const Weight *weight);
/* A global of the program that is a record: its leaves are inputs. */
Value record_input(Builder *b, const TVariable *variable);
/* The leaves of a snapshot in the order of its layout. */
typedef Vec(Node *) Nodes;
void record_leaves(Builder *b, Value record, Nodes *out);
Value record_select(Builder *b, Node *condition, Value yes, Value no, Span span);
Value build_record(Builder *b, Frame *frame, const Tx *tx); /* T_RECORD */
Value build_total(Builder *b, Frame *frame, const Tx *tx);
Value build_flat(Builder *b, Frame *frame, const Tx *tx);
Value build_like(Builder *b, Frame *frame, const Tx *tx);
Value build_fresh(Builder *b, Frame *frame, const Tx *tx);
/* The same with nodes of its own, so that a gradient by it is by it alone: after `let y = x`, y and x are two. */
Value value_apart(Builder *b, Value value, Span span);
Value build_gradient(Builder *b, Frame *frame, const Tx *tx); /* T_GRADIENT */
/* A result of the region. */
void build_target(Builder *b, const Symbol *path, Node *node, BuildTarget target);
void build_report(Builder *b, Frame *frame, const TStmt *stmt);
/* A step that a step calls; a field of its reports. */
Value build_step_call(Builder *b, Frame *frame, const Tx *tx);
Value build_report_field(Builder *b, Frame *frame, const Tx *tx);
int makes_reports(const Frame *frame, const Tx *tx); /* is the expression the record of a called step? */
/* The minimizes of a block and of the steps that it calls, in source order. */
void visit_minimizes(const TBlock *block, void (*visit)(void *context, const TStmt *stmt), void *context);
void build_set_weight(Builder *b, Frame *frame, const TStmt *stmt);
/* A record of gradients made from nodes by path, and the node of one afterwards. */
Value record_of(Builder *b, const Layout *layout);
void record_put(Builder *b, Value record, const Symbol *path, Node *node);
Node *record_get(Value record, const Symbol *path);

/* ---- build_gradient.c: functions with a derivative of their own ---- */

Value build_own_gradient(Builder *b, const Frame *callee, const Tx *call, Value value);

/* The graph's dtype of a type: f32 becomes f64 where the options say so. */
DType build_dtype(const Builder *b, const Type *type);
/* Sizes of the typed program as they are in this build: names whose value is known are gone. */
const Dim *build_dim(Builder *b, const Dim *dim);
const Dim *build_bound(Builder *b, const Type *type); /* of an index type, else NULL */
int build_shape(Builder *b, const Type *type, const Dim **shape); /* returns the rank */
Value value_of(Node *node);
/* A weight, state or slot: its present node, made an input on first use. */
Node *store_read(Builder *b, const Symbol *path, InputKind kind, BuildSource source, DType dtype, int rank,
                 const Dim *const *shape, Span span);
void store_write(Builder *b, const Symbol *path, Node *node);
Node *build_input(Builder *b, InputKind kind, const Symbol *path, BuildSource source, DType dtype, int rank,
                  const Dim *const *shape, Span span);
Node *build_seed(Builder *b);
Node *build_step_number(Builder *b);
Node *build_example0(Builder *b);
void frame_set(Builder *b, Frame *frame, const TVariable *variable, Value value);
/* Spreads a node over a shape by the language's rule: aligned at the last axes, size-1 axes of `from` that
 * were made to stretch do so. */
Node *build_broadcast(Builder *b, Node *node, int rank, const Dim *const *shape, Span span);
/* Sizes that meet without being one by their form are equal by a condition of the run (Build.conditions).  The node with
 * these sizes; one that is 1 stays. */
Node *build_with_sizes(Builder *b, Node *node, const Dim *const *shape, Span span);
Node *build_with_axis(Builder *b, Node *node, int axis, const Dim *size, Span span); /* the same for one axis */
void build_equal(Builder *b, const Dim *one, const Dim *other, Span span);
/* `length` elements from `first` on are there in an axis of `size`: proven, by a condition of the run, or 0 after a
 * diagnostic. */
int build_inside(Builder *b, const Dim *first, const Dim *length, const Dim *size, Span span);
/* An axis of which an element is named has one. */
void build_element(Builder *b, const Dim *size, Span span);
/* What the run is to decide of what is used at the place. */
void build_given(Builder *b, const TConditions *conditions, Span span);
/* The sizes of all nodes since the last call can be computed: divisions are exact, no size is negative. */
void build_divisions(Builder *b);
/* Conditions from `first` on came up in a branch that the condition, one over sizes, may not take: a diagnostic. */
void build_branch_conditions(Builder *b, const Tx *condition, int first, Span span);
/* `holds` (bool, any shape) is true everywhere when the step has run, or the program ends with the message. */
void build_check(Builder *b, Node *holds, Span span, const char *message);
/* Whole numbers or floats `index` as i32 inside 0 .. bound-1: checked unless `known` (the bound of an index type,
 * or NULL) proves it, and brought inside, so that nothing beside the tensor is ever read. */
Node *build_index(Builder *b, Node *index, const Dim *known, const Dim *bound, Span span);
/* Nodes from `first` on that library source made are the user's at the place of the call: profiles, kernel lists
 * and reports of NaN name lines of the program. */
void blame_caller(Builder *b, int first, Span call);
/* Numbers the minimizes of a step in source order: slots are named by it. */
void number_minimizes(Builder *b, const TBlock *block);
/* Results of the region: the first values of every slot of the block's minimizes. */
void build_slot_values(Builder *b, const TBlock *block);
/* Something that is checked but not built yet: an error that says so. */
void build_unsupported(Builder *b, Span span, const char *what);

#endif
