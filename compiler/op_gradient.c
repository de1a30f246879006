/* Gradient rules of the tensor operations, one function per name in op.def's column.  Each yields
 * operations of the graph only, so that what it makes can be differentiated again. */
#include "compiler/autodiff.h"

/* ---- shared ------------------------------------------------------------------------------------------ */

static int wanted(const Gradient *cx, const Node *n, int operand) { return cx->wanted[n->in[operand]->id]; }

static DimTable *dims_of(Gradient *cx) { return &cx->region->session->dims; }

static const Dim *constant(Gradient *cx, int64_t value) { return dim_constant(dims_of(cx), value); }

static Node *number_like(Gradient *cx, double value, const Node *like) {
    return graph_number(cx->region, value, like->dtype, like->rank, like->shape, like->span);
}

static Node *scalar_zero(Gradient *cx, DType dtype, Span span) {
    return graph_number(cx->region, 0, dtype, 0, NULL, span);
}

/* The operand's shape without `axis`, spread along it again. */
static Node *spread(Gradient *cx, Node *g, const Node *like, int axis) {
    int8_t axes[GRAPH_MAX_RANK];
    for (int i = 0; i < g->rank; i++) axes[i] = (int8_t)(i < axis ? i : i + 1);
    return graph_broadcast(cx->region, g, axes, like->rank, like->shape, like->span);
}

static Node *transpose_to(Gradient *cx, Node *a, const int8_t *axes, Span span) {
    int is_same = 1;
    for (int i = 0; i < a->rank; i++) is_same = is_same && axes[i] == i;
    return is_same ? a : graph_transpose(cx->region, a, axes, span);
}

static Node *sum_all(Gradient *cx, Node *a, Span span) {
    while (a->rank) a = graph_reduce(cx->region, REDUCE_ADD, a, a->rank - 1, span);
    return a;
}

/* ---- index transformations --------------------------------------------------------------------------- */

void gradient_convert(Gradient *cx, Node *n, Node *g) {
    gradient_add(cx, n->in[0], graph_convert(cx->region, g, n->in[0]->dtype, n->span));
}

void gradient_reshape(Gradient *cx, Node *n, Node *g) {
    gradient_add(cx, n->in[0], graph_reshape(cx->region, g, n->in[0]->rank, n->in[0]->shape, n->span));
}

void gradient_transpose(Gradient *cx, Node *n, Node *g) {
    int8_t back[GRAPH_MAX_RANK];
    for (int i = 0; i < n->rank; i++) back[n->attr.axes[i]] = (int8_t)i;
    gradient_add(cx, n->in[0], graph_transpose(cx->region, g, back, n->span));
}

/* The sum over the axes that the broadcast made, the last first. */
void gradient_broadcast(Gradient *cx, Node *n, Node *g) {
    int next = n->in[0]->rank - 1;
    for (int axis = n->rank - 1; axis >= 0; axis--) {
        if (next >= 0 && n->attr.axes[next] == axis) next--;
        else g = graph_reduce(cx->region, REDUCE_ADD, g, axis, n->span);
    }
    gradient_add(cx, n->in[0], g);
}

void gradient_slice(Gradient *cx, Node *n, Node *g) {
    const Node *a = n->in[0];
    int64_t interior[GRAPH_MAX_RANK];
    for (int i = 0; i < n->rank; i++) interior[i] = n->attr.step[i] - 1;
    gradient_add(cx, a,
                 graph_pad(cx->region, g, scalar_zero(cx, g->dtype, n->span), n->attr.low, interior,
                           a->shape, n->span));
}

/* From the first to the last element of axis i, with the padding between neighbours. */
static const Dim *padded_span(Gradient *cx, const Node *pad, int i) {
    DimTable *dims = dims_of(cx);
    const Dim *n = pad->in[0]->shape[i], *one = constant(cx, 1);
    if (pad->attr.step[i] == 0) return n;
    return dim_add(dims, dim_mul(dims, dim_sub(dims, n, one), constant(cx, pad->attr.step[i] + 1)), one);
}

/* Is every element of the operand still there on axis i? */
static int keeps_axis(Gradient *cx, const Node *pad, int i) {
    const Dim *end = dim_add(dims_of(cx), pad->attr.low[i], padded_span(cx, pad, i));
    return dim_at_most(dims_of(cx), constant(cx, 0), pad->attr.low[i], NULL) == DIM_EQUAL &&
           dim_at_most(dims_of(cx), end, pad->shape[i], NULL) == DIM_EQUAL;
}

/* What stands where the operand's elements went; where the pad cropped some, zeros are put back first. */
static Node *unpad(Gradient *cx, Node *n, Node *g) {
    const Dim *low[GRAPH_MAX_RANK], *span[GRAPH_MAX_RANK], *first[GRAPH_MAX_RANK];
    int64_t step[GRAPH_MAX_RANK];
    int keeps = 1;
    for (int i = 0; i < n->rank; i++) {
        keeps = keeps && keeps_axis(cx, n, i);
        low[i] = dim_sub(dims_of(cx), constant(cx, 0), n->attr.low[i]);
        first[i] = constant(cx, 0);
        span[i] = padded_span(cx, n, i);
        step[i] = n->attr.step[i] + 1;
    }
    if (keeps) return graph_slice(cx->region, g, n->attr.low, step, n->in[0]->shape, n->span);
    g = graph_pad(cx->region, g, scalar_zero(cx, g->dtype, n->span), low, NULL, span, n->span);
    return graph_slice(cx->region, g, first, step, n->in[0]->shape, n->span);
}

void gradient_pad(Gradient *cx, Node *n, Node *g) {
    Region *r = cx->region;
    if (wanted(cx, n, 0)) gradient_add(cx, n->in[0], unpad(cx, n, g));
    if (!wanted(cx, n, 1)) return;
    Node *inside = graph_number(r, 0, DT_BOOL, n->in[0]->rank, n->in[0]->shape, n->span);
    Node *outside = graph_number(r, 1, DT_BOOL, 0, NULL, n->span);
    Node *is_padding = graph_pad(r, inside, outside, n->attr.low, n->attr.step, n->shape, n->span);
    Node *part = graph_map3(r, SC_SELECT, is_padding, g, number_like(cx, 0, g), n->span);
    gradient_add(cx, n->in[1], sum_all(cx, part, n->span));
}

void gradient_concat(Gradient *cx, Node *n, Node *g) {
    const Dim *low[GRAPH_MAX_RANK];
    for (int i = 0; i < n->rank; i++) low[i] = constant(cx, 0);
    const Dim **at = &low[n->attr.axis];
    for (int k = 0; k < n->in_count; k++) {
        const Node *a = n->in[k];
        if (wanted(cx, n, k)) gradient_add(cx, a, graph_slice(cx->region, g, low, NULL, a->shape, n->span));
        *at = dim_add(dims_of(cx), *at, a->shape[n->attr.axis]);
    }
}

void gradient_reverse(Gradient *cx, Node *n, Node *g) {
    gradient_add(cx, n->in[0], graph_reverse(cx->region, g, n->attr.axis, n->span));
}

/* ---- reductions -------------------------------------------------------------------------------------- */

static Node *shifted(Gradient *cx, Node *a, int axis, int64_t by) {
    const Dim *low[GRAPH_MAX_RANK];
    for (int i = 0; i < a->rank; i++) low[i] = constant(cx, i == axis ? by : 0);
    Node *one = graph_number(cx->region, 1, a->dtype, 0, NULL, a->span);
    return graph_pad(cx->region, a, one, low, NULL, a->shape, a->span);
}

/* The product of all elements before each one (direction 1) or behind it (-1), by doubling. */
static Node *product_beside(Gradient *cx, Node *a, int axis, int direction) {
    int64_t count;
    if (dim_upper_bound(a->shape[axis], &count) != 0) count = INT32_MAX;
    Node *p = shifted(cx, a, axis, direction);
    for (int64_t width = 1; width < count - 1; width *= 2)
        p = graph_map2(cx->region, SC_MUL, p, shifted(cx, p, axis, direction * width), a->span);
    return p;
}

/* Of MUL: the product of all others, which stays right where elements are zero. */
static Node *product_of_others(Gradient *cx, Node *a, int axis) {
    Node *before = product_beside(cx, a, axis, 1);
    return graph_map2(cx->region, SC_MUL, before, product_beside(cx, a, axis, -1), a->span);
}

/* True at the first of the largest (or least) elements along the axis. */
static Node *first_extreme(Gradient *cx, Node *a, ReduceKind kind, int axis) {
    Node *at = graph_reduce(cx->region, kind, a, axis, a->span);
    Node *index = graph_iota(cx->region, at->dtype, axis, a->rank, a->shape, a->span);
    return graph_map2(cx->region, SC_EQ, index, spread(cx, at, a, axis), a->span);
}

void gradient_reduce(Gradient *cx, Node *n, Node *g) {
    Node *a = n->in[0];
    int axis = n->attr.axis;
    g = spread(cx, g, a, axis);
    switch (n->attr.reduce) {
    case REDUCE_ADD: break;
    case REDUCE_MUL: g = graph_map2(cx->region, SC_MUL, g, product_of_others(cx, a, axis), n->span); break;
    case REDUCE_MAX: case REDUCE_MIN: {
        ReduceKind which = n->attr.reduce == REDUCE_MAX ? REDUCE_ARGMAX : REDUCE_ARGMIN;
        Node *is_taken = first_extreme(cx, a, which, axis);
        g = graph_map3(cx->region, SC_SELECT, is_taken, g, number_like(cx, 0, g), n->span);
        break;
    }
    case REDUCE_AND: case REDUCE_OR: case REDUCE_ARGMAX: case REDUCE_ARGMIN: case REDUCE_KIND_COUNT:
        ICE("reduce %s has no gradient", reduce_name(n->attr.reduce));
    }
    gradient_add(cx, a, g);
}

/* ---- products ---------------------------------------------------------------------------------------- */

typedef struct AxisList {
    int8_t at[GRAPH_MAX_RANK];
    int count;
} AxisList;

static void push_axis(AxisList *list, int axis) { list->at[list->count++] = (int8_t)axis; }

static int position(const int8_t *axes, int count, int axis) {
    for (int i = 0; i < count; i++)
        if (axes[i] == axis) return i;
    return -1;
}

/* One side of a dot: its own axes, and the partner's. */
typedef struct Side {
    const int8_t *batch, *contract;
    AxisList rest;       /* neither batch nor contracted, ascending */
    AxisList contracted; /* contracted, ascending */
} Side;

static Side side_of(const Node *a, const int8_t *batch, const int8_t *contract, const Attributes *d) {
    Side side = {.batch = batch, .contract = contract};
    for (int i = 0; i < a->rank; i++) {
        if (position(contract, d->contract_count, i) >= 0) push_axis(&side.contracted, i);
        else if (position(batch, d->batch_count, i) < 0) push_axis(&side.rest, i);
    }
    return side;
}

/* x times y without a contracted axis, both spread to batch, x's rest, y's rest. */
static Node *outer_product(Gradient *cx, Node *x, Node *y, const Attributes *d, Span span) {
    Node *factor[2] = {x, y};
    const int8_t *batch[2] = {d->lhs_batch, d->rhs_batch};
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = d->batch_count;
    for (int i = 0; i < rank; i++) shape[i] = x->shape[d->lhs_batch[i]];
    int8_t axes[2][GRAPH_MAX_RANK];
    for (int k = 0; k < 2; k++) {
        AxisList order = {.count = 0};
        for (int i = 0; i < d->batch_count; i++) {
            axes[k][order.count] = (int8_t)i;
            push_axis(&order, batch[k][i]);
        }
        for (int i = 0; i < factor[k]->rank; i++) {
            if (position(batch[k], d->batch_count, i) >= 0) continue;
            axes[k][order.count] = (int8_t)rank;
            push_axis(&order, i);
            shape[rank++] = factor[k]->shape[i];
        }
        factor[k] = transpose_to(cx, factor[k], order.at, span);
    }
    for (int k = 0; k < 2; k++)
        factor[k] = graph_broadcast(cx->region, factor[k], axes[k], rank, shape, span);
    return graph_map2(cx->region, SC_MUL, factor[0], factor[1], span);
}

static Node *product(Gradient *cx, Node *x, Node *y, const Attributes *d, Span span) {
    return d->contract_count ? graph_dot(cx->region, x, y, d, span) : outer_product(cx, x, y, d, span);
}

/* Gradient of the left operand: g times the right one over the right one's rest.  It comes as batch, left
 * rest, then the contracted axes in the right operand's order. */
static Node *dot_left(Gradient *cx, Node *n, Node *g, const Side *left, const Side *right) {
    const Attributes *d = &n->attr;
    Attributes p = {.batch_count = d->batch_count, .contract_count = right->rest.count};
    int8_t back[GRAPH_MAX_RANK];
    int at = 0;
    for (int i = 0; i < d->batch_count; i++) {
        p.lhs_batch[i] = (int8_t)i;
        p.rhs_batch[i] = right->batch[i];
        back[left->batch[i]] = (int8_t)at++;
    }
    for (int i = 0; i < right->rest.count; i++) {
        p.lhs_contract[i] = (int8_t)(d->batch_count + left->rest.count + i);
        p.rhs_contract[i] = right->rest.at[i];
    }
    for (int i = 0; i < left->rest.count; i++) back[left->rest.at[i]] = (int8_t)at++;
    for (int i = 0; i < right->contracted.count; i++) {
        int pair = position(right->contract, d->contract_count, right->contracted.at[i]);
        back[left->contract[pair]] = (int8_t)at++;
    }
    return transpose_to(cx, product(cx, g, n->in[1], &p, n->span), back, n->span);
}

/* Gradient of the right operand: the left one times g over the left one's rest.  It comes as batch, the
 * contracted axes in the left operand's order, right rest. */
static Node *dot_right(Gradient *cx, Node *n, Node *g, const Side *left, const Side *right) {
    const Attributes *d = &n->attr;
    Attributes p = {.batch_count = d->batch_count, .contract_count = left->rest.count};
    int8_t back[GRAPH_MAX_RANK];
    int at = 0;
    for (int i = 0; i < d->batch_count; i++) {
        p.lhs_batch[i] = left->batch[i];
        p.rhs_batch[i] = (int8_t)i;
        back[right->batch[i]] = (int8_t)at++;
    }
    for (int i = 0; i < left->rest.count; i++) {
        p.lhs_contract[i] = left->rest.at[i];
        p.rhs_contract[i] = (int8_t)(d->batch_count + i);
    }
    for (int i = 0; i < left->contracted.count; i++) {
        int pair = position(left->contract, d->contract_count, left->contracted.at[i]);
        back[right->contract[pair]] = (int8_t)at++;
    }
    for (int i = 0; i < right->rest.count; i++) back[right->rest.at[i]] = (int8_t)at++;
    return transpose_to(cx, product(cx, n->in[0], g, &p, n->span), back, n->span);
}

void gradient_dot(Gradient *cx, Node *n, Node *g) {
    const Attributes *d = &n->attr;
    Side left = side_of(n->in[0], d->lhs_batch, d->lhs_contract, d);
    Side right = side_of(n->in[1], d->rhs_batch, d->rhs_contract, d);
    if (wanted(cx, n, 0)) gradient_add(cx, n->in[0], dot_left(cx, n, g, &left, &right));
    if (wanted(cx, n, 1)) gradient_add(cx, n->in[1], dot_right(cx, n, g, &left, &right));
}

/* ---- rows by index ----------------------------------------------------------------------------------- */

void gradient_gather(Gradient *cx, Node *n, Node *g) {
    Node *zeros = number_like(cx, 0, n->in[0]);
    gradient_add(cx, n->in[0], graph_scatter(cx->region, zeros, n->in[1], g, n->attr.axis, 1, n->span));
}

/* Of a scatter that sets: true for the rows that are still there, which of repeated ids is the last. */
static Node *surviving_rows(Gradient *cx, Node *n) {
    Region *r = cx->region;
    Node *ids = n->in[1], *rows = n->in[2];
    const Dim *count = constant(cx, 1), *table = n->shape[n->attr.axis];
    for (int i = 0; i < ids->rank; i++) count = dim_mul(dims_of(cx), count, ids->shape[i]);
    Node *number =
        graph_reshape(r, graph_iota(r, DT_I32, 0, 1, &count, n->span), ids->rank, ids->shape, n->span);
    Node *none = graph_number(r, -1, DT_I32, 1, &table, n->span);
    Node *winner = graph_gather(r, graph_scatter(r, none, ids, number, 0, 0, n->span), ids, 0, n->span);
    Node *survives = graph_map2(r, SC_EQ, winner, number, n->span);
    int8_t axes[GRAPH_MAX_RANK];
    for (int i = 0; i < ids->rank; i++) axes[i] = (int8_t)(n->attr.axis + i);
    return graph_broadcast(r, survives, axes, rows->rank, rows->shape, n->span);
}

void gradient_scatter(Gradient *cx, Node *n, Node *g) {
    Region *r = cx->region;
    Node *ids = n->in[1], *rows = n->in[2];
    int axis = n->attr.axis;
    if (wanted(cx, n, 0)) {
        Node *kept = n->attr.adds ? g : graph_scatter(r, g, ids, number_like(cx, 0, rows), axis, 0, n->span);
        gradient_add(cx, n->in[0], kept);
    }
    if (!wanted(cx, n, 2)) return;
    Node *picked = graph_gather(r, g, ids, axis, n->span);
    if (!n->attr.adds)
        picked = graph_map3(r, SC_SELECT, surviving_rows(cx, n), picked, number_like(cx, 0, picked), n->span);
    gradient_add(cx, rows, picked);
}
