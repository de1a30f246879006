/* Where a window lies: the operand's index that a place of a window meets, for convolutions (lower_contract.c) and
 * windows (lower_reduce.c).  Where every window provably lies inside the operand, lanes stay side by side and nothing
 * is compared; else what lies outside is read at the border and replaced by the caller. */
#include "compiler/lower_internal.h"

#include "base/session.h"

static int64_t spread_of(const Node *n, int i) { return n->op == OP_CONVOLUTION ? n->attr.spread[i] : 1; }

static int64_t dilation_of(const Node *n, int i) { return n->op == OP_CONVOLUTION ? n->attr.dilation[i] : 1; }

static const Dim *places_of(Emit *e, const Node *n, int i) {
    if (n->op == OP_CONVOLUTION) return n->in[1]->shape[i];
    return dim_constant(&e->lower->session->dims, n->attr.window[i]);
}

/* Do all windows lie within the operand on axis i, from its first element on? */
int window_stays_inside(Emit *e, const Node *n, int i) {
    DimTable *dims = &e->lower->session->dims;
    const Dim *one = dim_constant(dims, 1), *low = n->attr.low[i];
    if (!dim_is_constant(low) || dim_constant_value(low) > 0 || spread_of(n, i) != 1) return 0;
    const Dim *last = dim_mul(dims, dim_sub(dims, n->shape[i], one), dim_constant(dims, n->attr.step[i]));
    const Dim *reach = dim_mul(dims, dim_sub(dims, places_of(e, n, i), one), dim_constant(dims, dilation_of(n, i)));
    const Dim *end = dim_sub(dims, dim_add(dims, dim_add(dims, last, reach), one), low);
    return dim_at_most(dims, end, n->in[0]->shape[i], NULL) == DIM_EQUAL;
}

Index index_in_window(Emit *e, const Node *n, int i, const Index *at, LoopVal place, LoopVal *inside) {
    LoopVal offset = index_op(e, LO_MUL, place, index_const(e, dilation_of(n, i)));
    offset = index_op(e, LO_SUB, offset, index_dim(e, n->attr.low[i]));
    Index start = index_times(e, *at, index_const(e, n->attr.step[i]));
    Index met = index_plus(e, start, offset);
    if (window_stays_inside(e, n, i)) return met;
    LoopVal extent = index_dim(e, n->in[0]->shape[i]);
    return index_inside(e, index_value(e, &met), spread_of(n, i), extent, inside);
}
