/* Operands of convolutions get the order of elements in which their kernels find them side by side.
 *
 *     convolution(x, w)  ->  convolution(x, transpose(transpose(w; kernels last); kernels first))
 *
 * where the sum is long and the window larger than the result, as in the gradient of a kernel: lanes then run across the kernels
 * (lower_across.c).  Only the inner transpose becomes an array, the outer one is how it is looked at.
 *
 *     convolution(x, w)  ->  reshape(dot(reshape(x), reshape(w)))
 *
 * where the window has one place, as in the gradient of a 1x1 kernel: that is a product.  In: any region, padded
 * (pass_pad.c).  Out: the same values, summed in the same order. */
#include "compiler/pipeline.h"
#include "compiler/rewrite.h"

#include "base/session.h"

enum { LANES = 16, MOST_PLACES = 64, LEAST_DEPTH = 256, LEAST_LINE = 4 };

/* -1 where it is not fixed, or 0. */
static int64_t fixed(const Dim *dim) {
    return dim_is_constant(dim) && dim_constant_value(dim) > 0 ? dim_constant_value(dim) : -1;
}

/* Of fixed sizes, with windows that lie in the operand? */
static int is_plain(const Node *n) {
    const Node *kernel = n->in[1];
    if (n->attr.groups != 1 || !dtype_is_float(n->dtype)) return 0;
    for (int i = 0; i < n->rank; i++) {
        /* the axis of the sum that comes first may be known at run time only: the examples of a batch */
        int is_open = i == 1;
        if (fixed(n->shape[i]) < 0 || (!is_open && (fixed(kernel->shape[i]) < 0 || fixed(n->in[0]->shape[i]) < 0)))
            return 0;
        if (n->attr.spread[i] != 1 || !dim_is_constant(n->attr.low[i]) || dim_constant_value(n->attr.low[i]) > 0)
            return 0;
    }
    return 1;
}

static int runs_across(const Node *n) {
    const Node *kernel = n->in[1];
    double places = 1, depth = 1, window = 1;
    for (int i = 1; i < n->rank; i++) {
        if (i > 1) places *= (double)fixed(n->shape[i]);
        if (i > 1) window *= (double)fixed(kernel->shape[i]);
        int64_t most;
        depth *= dim_upper_bound(kernel->shape[i], &most) ? 1 : (double)most;
    }
    return fixed(n->shape[1]) >= LANES && places <= MOST_PLACES && places <= window &&
           depth >= LEAST_DEPTH && fixed(kernel->shape[n->rank - 1]) >= LEAST_LINE;
}

/* A view of an array in which the kernels, axis 0, come last. */
static Node *kernels_last(Region *r, Node *kernel) {
    int8_t last[GRAPH_MAX_RANK], back[GRAPH_MAX_RANK];
    int end = kernel->rank - 1;
    for (int i = 0; i < GRAPH_MAX_RANK; i++) {
        last[i] = (int8_t)(i < end ? i + 1 : 0);
        back[i] = (int8_t)(i ? i - 1 : end);
    }
    Node *source = kernel;
    if (kernel->op == OP_TRANSPOSE) {
        source = kernel->in[0];
        for (int i = 0; i < GRAPH_MAX_RANK && i <= end; i++) last[i] = kernel->attr.axes[last[i]];
    }
    Node *array = graph_transpose(r, source, last, kernel->span);
    return graph_transpose(r, array, back, kernel->span);
}

static int has_one_place(const Node *n) {
    for (int i = 2; i < n->rank; i++)
        if (fixed(n->shape[i]) != 1) return 0;
    return 1;
}

/* What the one place meets of x. */
static Node *met_part(Region *r, const Node *n, Node *x) {
    DimTable *dims = &r->session->dims;
    const Dim *low[GRAPH_MAX_RANK], *shape[GRAPH_MAX_RANK];
    int64_t step[GRAPH_MAX_RANK];
    int is_all = 1;
    for (int i = 0; i < x->rank; i++) {
        low[i] = i < 2 ? dim_constant(dims, 0) : dim_sub(dims, dim_constant(dims, 0), n->attr.low[i]);
        step[i] = i < 2 ? 1 : n->attr.dilation[i];
        shape[i] = i < 2 ? x->shape[i] : n->in[1]->shape[i];
        is_all &= shape[i] == x->shape[i];
    }
    return is_all ? x : graph_slice(r, x, low, step, shape, n->span);
}

/* One row for each of the first axis. */
static Node *as_rows(Region *r, Node *x) {
    const Dim *shape[2] = {x->shape[0], x->shape[1]};
    for (int i = 2; i < x->rank; i++) shape[1] = dim_mul(&r->session->dims, shape[1], x->shape[i]);
    return graph_reshape(r, x, 2, shape, x->span);
}

static Node *as_product(Region *r, const Node *n, Node *const *in) {
    Attributes rows = {.contract_count = 1, .lhs_contract = {1}, .rhs_contract = {1}};
    Node *met = as_rows(r, met_part(r, n, in[0])), *kernels = as_rows(r, in[1]);
    return graph_reshape(r, graph_dot(r, met, kernels, &rows, n->span), n->rank, n->shape, n->span);
}

static Node *arrange(Rewrite *rw, const Node *old, Node *const *in) {
    if (old->op != OP_CONVOLUTION || !is_plain(old)) return NULL;
    if (has_one_place(old)) return as_product(rw->region, old, in);
    if (!runs_across(old)) return NULL;
    return graph_convolution(rw->region, in[0], kernels_last(rw->region, in[1]), &old->attr, old->shape, old->span);
}

void pass_layout(PassCtx *cx) { region_rewrite(cx->region, cx->scratch, arrange, NULL); }
