/* Products go into the sums that use them: one operation, one rounding.
 *
 *     a*b + c  ->  fma(a, b, c)        c - a*b  ->  fma(-a, b, c)        a*b - c  ->  fma(a, b, -c)
 *
 * Only of floats, and only a product that has this single use: one that is needed for itself keeps its
 * rounding. When both operands are such products the left one goes in.  This pass alone decides where a
 * program's numerics contract; no backend forms an fma.  In split numerics there are none. */
#include "compiler/pipeline.h"
#include "compiler/rewrite.h"

static int is_free_product(const Rewrite *rw, const Node *n) {
    return node_is_map(n, SC_MUL) && rw->uses[n->id] == 1;
}

static Node *negated(Rewrite *rw, Node *a, Span span) {
    double value;
    if (node_is_number(a, &value)) return graph_number(rw->region, -value, a->dtype, a->rank, a->shape, span);
    if (a->op == OP_BROADCAST)
        return graph_broadcast(rw->region, negated(rw, a->in[0], span), a->attr.axes, a->rank, a->shape, span);
    return node_is_map(a, SC_NEG) ? a->in[0] : graph_map1(rw->region, SC_NEG, a, span);
}

static Node *contract(Rewrite *rw, const Node *old, Node *const *in) {
    int is_sum = node_is_map(old, SC_ADD), is_difference = node_is_map(old, SC_SUB);
    if ((!is_sum && !is_difference) || !dtype_is_float(old->dtype)) return NULL;
    int side = is_free_product(rw, old->in[0]) ? 0 : is_free_product(rw, old->in[1]) ? 1 : -1;
    if (side < 0) return NULL;
    const Node *product = old->in[side];
    Node *a = rw->now[product->in[0]->id], *b = rw->now[product->in[1]->id], *rest = in[1 - side];
    if (is_difference && side == 0) rest = negated(rw, rest, old->span);
    if (is_difference && side == 1) a = negated(rw, a, old->span);
    return graph_map3(rw->region, SC_FMA, a, b, rest, old->span);
}

void pass_fma(PassCtx *cx) {
    if (cx->numerics == NUMERICS_FMA) region_rewrite(cx->region, cx->scratch, contract, NULL);
}
