/* Convolutions whose window has one place become products.
 *
 *     convolution(x, w)  ->  reshape(dot(reshape(x), reshape(w)))
 *
 * Those whose operands are turned, as in the gradient of a 1x1 kernel, stay what they are where lanes can run across the kernels
 * (lower_across.c), which turns what it needs by itself: rows of a product would have to be made first.  Of a large array with a
 * stride, what they meet is made, side by side, since each block of kernels goes over it.  In: any region, padded (pass_pad.c).
 * Out: the same values, summed in the same order. */
#include "compiler/convolution.h"
#include "compiler/fuse.h"
#include "compiler/pipeline.h"
#include "compiler/rewrite.h"

#include "base/session.h"

enum { LEAST_SPREAD = 8 << 20 }; /* bytes */

static int has_one_place(const Node *n) {
    for (int i = 2; i < n->rank; i++)
        if (dim_constant_value(n->shape[i]) != 1) return 0;
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

static int is_turned(const Node *x) { return x->op == OP_TRANSPOSE; }

/* Do the elements that are met lie apart, in an array of fixed size that no cache holds? */
static int is_spread_out(const Node *n) {
    const Node *x = n->in[0];
    if (dims_count(x->shape, x->rank) * dtype_bytes(x->dtype) <= LEAST_SPREAD || !dim_is_constant(x->shape[1])) return 0;
    for (int i = 2; i < n->rank; i++)
        if (n->attr.dilation[i] > 1) return 1;
    return 0;
}

/* Of elements that lie apart those that are met, side by side. */
static Node *closer(Region *r, const Node *n, Node *const *in) {
    Attributes attr = n->attr;
    for (int i = 2; i < n->rank; i++) {
        attr.low[i] = dim_constant(&r->session->dims, 0);
        attr.dilation[i] = 1;
    }
    return graph_convolution(r, met_part(r, n, in[0]), in[1], &attr, n->shape, n->span);
}

static Node *multiply(Rewrite *rw, const Node *old, Node *const *in) {
    if (!convolution_is_plain(old) || !has_one_place(old)) return NULL;
    if (convolution_runs_across(old) && (is_turned(in[0]) || is_turned(in[1]))) return is_spread_out(old) ? closer(rw->region, old, in) : NULL;
    return as_product(rw->region, old, in);
}

void pass_product(PassCtx *cx) { region_rewrite(cx->region, cx->scratch, multiply, NULL); }
