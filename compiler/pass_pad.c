/* Convolutions that leave their operand get one that they do not leave.
 *
 *     convolution[low, spread](x, w)  ->  convolution(pad[low, spread - 1](x, 0), w)
 *
 * The zeros are those that a convolution multiplies anyway (docs/numerics.md), so every bit stays; its kernel then
 * reads elements side by side and compares nothing.  In: any region.  Out: no convolution of fixed sizes meets a place
 * that its operand does not have.  Of a transposed operand what is below is padded: forward pass and gradient of the
 * kernel share that array. */
#include "compiler/pipeline.h"
#include "compiler/rewrite.h"

#include "base/session.h"

#include <string.h>

static int is_positive(const Dim *dim) { return dim_is_constant(dim) && dim_constant_value(dim) > 0; }

/* The elements that the windows reach over on axis i; 0 where that is not fixed. */
static int64_t reach(const Node *n, const Node *kernel, int i) {
    if (!is_positive(n->shape[i]) || !is_positive(kernel->shape[i])) return 0;
    return (dim_constant_value(n->shape[i]) - 1) * n->attr.step[i] +
           (dim_constant_value(kernel->shape[i]) - 1) * n->attr.dilation[i] + 1;
}

/* Do the windows lie within x on axis i? */
static int stays_inside(const Node *n, const Node *x, int i, int64_t extent) {
    const Dim *low = n->attr.low[i];
    if (!dim_is_constant(low) || dim_constant_value(low) > 0 || n->attr.spread[i] != 1) return 0;
    return dim_is_constant(x->shape[i]) &&
           extent - dim_constant_value(low) <= dim_constant_value(x->shape[i]);
}

static Node *padded(Region *r, Node *x, const Dim *const *low, const int64_t *interior,
                    const Dim *const *shape, Span span) {
    if (x->op != OP_TRANSPOSE) {
        Node *zero = graph_number(r, 0, x->dtype, 0, NULL, span);
        return graph_pad(r, x, zero, low, interior, shape, span);
    }
    const Dim *low_below[GRAPH_MAX_RANK], *shape_below[GRAPH_MAX_RANK];
    int64_t interior_below[GRAPH_MAX_RANK];
    for (int i = 0; i < x->rank; i++) {
        int below = x->attr.axes[i];
        low_below[below] = low[i];
        shape_below[below] = shape[i];
        interior_below[below] = interior[i];
    }
    Node *array = padded(r, x->in[0], low_below, interior_below, shape_below, span);
    return graph_transpose(r, array, x->attr.axes, span);
}

static Node *pad_operand(Rewrite *rw, const Node *old, Node *const *in) {
    if (old->op != OP_CONVOLUTION) return NULL;
    DimTable *dims = &rw->region->session->dims;
    Node *x = in[0];
    const Dim *low[GRAPH_MAX_RANK], *shape[GRAPH_MAX_RANK];
    int64_t interior[GRAPH_MAX_RANK];
    Attributes attr = old->attr;
    int is_inside = 1;
    for (int i = 0; i < old->rank; i++) {
        low[i] = dim_constant(dims, 0);
        shape[i] = x->shape[i];
        interior[i] = old->attr.spread[i] - 1;
        if (i < 2) continue;
        int64_t extent = reach(old, in[1], i);
        if (!extent) return NULL;
        if (stays_inside(old, x, i, extent)) continue;
        is_inside = 0;
        low[i] = attr.low[i];
        attr.low[i] = dim_constant(dims, 0);
        attr.spread[i] = 1;
        shape[i] = dim_constant(dims, extent);
    }
    if (is_inside) return NULL;
    return graph_convolution(rw->region, padded(rw->region, x, low, interior, shape, old->span), in[1], &attr,
                             old->shape, old->span);
}

void pass_pad(PassCtx *cx) { region_rewrite(cx->region, cx->scratch, pad_operand, NULL); }
