/* cumsum, sort, argsort and top_k by comparing all pairs along their axis.
 *
 * The graph has no operation for them: with an axis more, `i` for the result and `j` for the operand, each is a map and a
 * reduction that fuse into one kernel without storing the pairs.  The work grows with the square of the axis, which
 * is small for the axes of models (classes, beams, steps).  Element i goes to the place that is the number of elements
 * before it; equal ones keep their order, and NaN counts as larger than everything. */
#include "compiler/build_internal.h"

typedef struct Pairs { /* the shape with two axes where x has one */
    const Dim *shape[GRAPH_MAX_RANK];
    int rank, axis; /* `axis` is i, axis + 1 is j */
    Span span;
} Pairs;

static Pairs pairs_of(const Node *x, int axis, const Dim *places, Span span) {
    Pairs p = {.rank = x->rank + 1, .axis = axis, .span = span};
    for (int i = 0; i < axis; i++) p.shape[i] = x->shape[i];
    p.shape[axis] = places;
    for (int i = axis; i < x->rank; i++) p.shape[i + 1] = x->shape[i];
    return p;
}

/* x over the pairs, by its element at i or at j. */
static Node *at_pair(Builder *b, Node *x, const Pairs *p, int is_j) {
    int8_t axes[GRAPH_MAX_RANK];
    for (int i = 0; i < x->rank; i++)
        axes[i] = (int8_t)(i < p->axis ? i : i > p->axis ? i + 1 : p->axis + is_j);
    return graph_broadcast(b->region, x, axes, p->rank, p->shape, p->span);
}

static Node *index_i(Builder *b, const Pairs *p) {
    return graph_iota(b->region, DT_I32, p->axis, p->rank, p->shape, p->span);
}

static Node *index_j(Builder *b, const Pairs *p) {
    return graph_iota(b->region, DT_I32, p->axis + 1, p->rank, p->shape, p->span);
}

static Node *zero_unless(Builder *b, Node *condition, Node *x, Span span) {
    return graph_map3(b->region, SC_SELECT, condition, x,
                      graph_number(b->region, 0, x->dtype, x->rank, x->shape, span), span);
}

Value build_cumsum(Builder *b, Frame *frame, const Tx *tx) {
    Node *x = build_node(b, frame, tx->args.data[0]);
    int axis = tx->statics->axes.data[0];
    Pairs p = pairs_of(x, axis, x->shape[axis], tx->span);
    Node *counts = graph_map2(b->region, SC_LE, index_j(b, &p), index_i(b, &p), tx->span);
    return value_of(graph_reduce(b->region, REDUCE_ADD,
                                 zero_unless(b, counts, at_pair(b, x, &p, 1), tx->span), axis + 1, tx->span));
}

/* a < b with NaN above everything. */
static Node *is_below(Builder *b, Node *x, Node *y, Span span) {
    Region *r = b->region;
    Node *below = graph_map2(r, SC_LT, x, y, span);
    if (!dtype_is_float(x->dtype)) return below;
    Node *x_is_number = graph_map2(r, SC_EQ, x, x, span), *y_is_nan = graph_map2(r, SC_NE, y, y, span);
    return graph_map2(r, SC_OR, below, graph_map2(r, SC_AND, x_is_number, y_is_nan, span), span);
}

/* The indexes of x along `axis` in ascending (descending) order of its elements; the first `count` of them. */
static Node *order_of(Builder *b, Node *x, int axis, const Dim *count, int is_descending, Span span) {
    Region *r = b->region;
    Pairs p = pairs_of(x, axis, x->shape[axis], span);
    Node *own = at_pair(b, x, &p, 0), *other = at_pair(b, x, &p, 1);
    Node *first = is_descending ? is_below(b, own, other, span) : is_below(b, other, own, span);
    Node *last = is_descending ? is_below(b, other, own, span) : is_below(b, own, other, span);
    Node *earlier = graph_map2(r, SC_LT, index_j(b, &p), index_i(b, &p), span);
    Node *tie = graph_map2(r, SC_AND, earlier, graph_map1(r, SC_NOT, last, span), span);
    Node *before = graph_convert(r, graph_map2(r, SC_OR, first, tie, span), DT_I32, span);
    Node *place = graph_reduce(r, REDUCE_ADD, before, axis + 1, span);
    Pairs q = pairs_of(x, axis, count, span);
    Node *is_here = graph_map2(r, SC_EQ, at_pair(b, place, &q, 1), index_i(b, &q), span);
    return graph_reduce(r, REDUCE_ADD, zero_unless(b, is_here, index_j(b, &q), span), axis + 1, span);
}

/* x[.., ids, ..] along `axis`, each row by ids of its own: a gather from all elements as one axis. */
static Node *take_along(Builder *b, Node *x, Node *ids, int axis, Span span) {
    Region *r = b->region;
    const Dim *count = dim_constant(&b->session->dims, 1);
    Node *linear = NULL;
    for (int i = 0; i < x->rank; i++) {
        Node *at = i == axis ? ids : graph_iota(r, DT_I32, i, ids->rank, ids->shape, span);
        Node *size = graph_dim_value(r, x->shape[i], DT_I32, span);
        size = build_broadcast(b, size, ids->rank, ids->shape, span);
        linear = linear ? graph_map2(r, SC_ADD, graph_map2(r, SC_MUL, linear, size, span), at, span) : at;
        count = dim_mul(&b->session->dims, count, x->shape[i]);
    }
    return graph_gather(r, graph_reshape(r, x, 1, &count, span), linear, 0, span);
}

Value build_sort(Builder *b, Frame *frame, const Tx *tx) {
    Node *x = build_node(b, frame, tx->args.data[0]);
    int axis = tx->statics->axes.data[0];
    Node *order = order_of(b, x, axis, x->shape[axis], tx->statics->descending, tx->span);
    return value_of(tx->primitive == PRIM_ARGSORT ? order : take_along(b, x, order, axis, tx->span));
}

Value build_top_k(Builder *b, Frame *frame, const Tx *tx) {
    Node *x = build_node(b, frame, tx->args.data[0]);
    int axis = tx->statics->axes.data[0];
    Node *order = order_of(b, x, axis, build_dim(b, tx->type->fields[0].type->axes[axis].dim), 1, tx->span);
    Value *items = arena_array(b->arena, Value, 2);
    items[0] = value_of(take_along(b, x, order, axis, tx->span));
    items[1] = value_of(order);
    return (Value){.kind = VALUE_TUPLE, .items = items, .count = 2};
}
