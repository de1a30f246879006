/* Plain gradient descent on a table changes only the rows that occur.
 *
 *     p - c*scatter[add](0, ids, rows)  ->  scatter[add](p, ids, -c*rows)        the same for +, and without c
 *
 * In: any region.  Out: no such sum in which c repeats one number and the product and the scatter have this single use.  The
 * gradient of a lookup is zeros with rows added to them; so it is never made, and the table is changed in place.  Each
 * occurrence of a row is multiplied and rounded by itself (docs/numerics.md): before fma, which would contract the sum. */
#include "compiler/pipeline.h"
#include "compiler/rewrite.h"

/* Sums of rows that start from zeros and are needed only here. */
static int is_gradient_of_rows(const Rewrite *rw, const Node *n) {
    double value;
    return n->op == OP_SCATTER && n->attr.adds && dtype_is_float(n->dtype) && rw->uses[n->id] == 1 &&
           node_is_number(n->in[0], &value) && value == 0;
}

static int is_one_number(const Node *n) { return node_is_splat(n) || (n->op == OP_BROADCAST && n->in[0]->rank == 0); }

/* The number that a node repeats, over the shape of `like`. */
static Node *repeated(Rewrite *rw, const Node *n, const Node *like, Span span) {
    double value;
    if (node_is_number(n, &value)) return graph_number(rw->region, value, like->dtype, like->rank, like->shape, span);
    return graph_broadcast(rw->region, rw->now[n->in[0]->id], n->attr.axes, like->rank, like->shape, span);
}

/* The table to which operand `side` is added, or from which it is taken. */
static Node *updated(Rewrite *rw, const Node *old, Node *const *in, int side) {
    const Node *scatter = old->in[side], *factor = NULL;
    if (node_is_map(scatter, SC_MUL) && rw->uses[scatter->id] == 1) {
        int second = is_one_number(scatter->in[0]);
        factor = scatter->in[!second];
        scatter = scatter->in[second];
        if (!is_one_number(factor)) return NULL;
    }
    if (!is_gradient_of_rows(rw, scatter)) return NULL;
    Node *ids = rw->now[scatter->in[1]->id], *rows = rw->now[scatter->in[2]->id];
    if (factor) rows = graph_map2(rw->region, SC_MUL, repeated(rw, factor, rows, old->span), rows, old->span);
    if (node_is_map(old, SC_SUB)) rows = graph_map1(rw->region, SC_NEG, rows, old->span);
    return graph_scatter(rw->region, in[1 - side], ids, rows, scatter->attr.axis, 1, old->span);
}

static Node *update_rows(Rewrite *rw, const Node *old, Node *const *in) {
    if (!node_is_map(old, SC_ADD) && !node_is_map(old, SC_SUB)) return NULL;
    Node *made = updated(rw, old, in, 1);
    return made || node_is_map(old, SC_SUB) ? made : updated(rw, old, in, 0);
}

void pass_sparse(PassCtx *cx) { region_rewrite(cx->region, cx->scratch, update_rows, NULL); }
