/* Kernels that see their arrays as one axis: where every value belongs to one place of one shape, or of that shape cut
 * otherwise (reshape), the shape does not matter, and sixteen lanes are sixteen neighbours in memory even if rows are
 * short. */
#include "compiler/lower_internal.h"

#include "base/session.h"

enum { TILE_ELEMENTS = 4096, RANDOM_ELEMENTS = 1024 }; /* fewer where words wait in scratch */

static int same_shape(const Node *a, const Node *b) {
    if (a->rank != b->rank) return 0;
    for (int i = 0; i < a->rank; i++)
        if (a->shape[i] != b->shape[i]) return 0;
    return 1;
}

static int is_flat_value(Emit *e, const Node *n, const Node *like, const Node *product) {
    Lower *l = e->lower;
    if (n == product || l->walked[n->id] == l->walk) return 1;
    l->walked[n->id] = l->walk;
    if (n->rank && !same_shape(n, like)) return 0;
    if (emit_reads(e, n) || n->op == OP_DIM_VALUE) return 1;
    if (n->op == OP_CONST) return n->attr.is_splat;
    if (n->op == OP_BROADCAST && n->in[0]->rank) return 0;
    if (n->op == OP_RESHAPE) return is_flat_value(e, n->in[0], n->in[0], product);
    if (n->op == OP_RANDOM_BITS) return n->rank && random_fits_flat(n);
    if (n->op != OP_MAP && n->op != OP_CONVERT && n->op != OP_DETACH && n->op != OP_BROADCAST) return 0;
    for (int i = 0; i < n->in_count; i++)
        if (!is_flat_value(e, n->in[i], like, product)) return 0;
    return 1;
}

int flat_fits(Emit *e, const Node *product) {
    const Node *like = e->roots.data[0].node;
    if (e->copy_from >= 0 || like->rank < 1) return 0;
    DimTable *dims = &e->lower->session->dims;
    const Dim *count = dims_product(dims, like->shape, like->rank);
    e->lower->walk++;
    for (int i = 0; i < e->roots.len; i++) {
        const Node *n = e->roots.data[i].node;
        if (dims_product(dims, n->shape, n->rank) != count || !is_flat_value(e, n, n, product)) return 0;
    }
    return 1;
}

void flat_set(Emit *e, NodePlace *at, LoopVal base) {
    for (int i = 0; i < GRAPH_MAX_RANK; i++) at->axis[i] = index_scalar(index_const(e, 0));
    at->axis[0] = index_lanes(base, 0);
}

void flat_turn(Emit *e, const NodePlace *at) {
    LoopVal *values = arena_array(e->lower->arena, LoopVal, e->roots.len);
    for (int i = 0; i < e->roots.len; i++) values[i] = value_at(e, e->roots.data[i].node, at);
    for (int i = 0; i < e->roots.len; i++)
        emit_store(e, e->roots.data[i].plan_buffer, e->roots.data[i].node, at, values[i]);
}

static void turn(Emit *e, void *context, LoopVal base) {
    (void)context;
    NodePlace at;
    flat_set(e, &at, base);
    flat_turn(e, &at);
}

void emit_flat(Emit *e) {
    DimTable *dims = &e->lower->session->dims;
    const Node *like = e->roots.data[0].node;
    const Dim *count = dims_product(dims, like->shape, like->rank);
    e->is_flat = 1;
    int64_t elements = random_waits(e, NULL) ? RANDOM_ELEMENTS : TILE_ELEMENTS;
    emit_tiles(e, dims_ceil_div(dims, count, elements));
    NodePlace at;
    for (int i = 0; i < GRAPH_MAX_RANK; i++) at.axis[i] = index_open();
    for (int i = 0; i < e->roots.len; i++) value_hoist(e, e->roots.data[i].node, &at);
    LoopVal end = index_dim(e, count);
    LoopVal lo = index_op(e, LO_MUL, e->kernel->tile, index_const(e, elements));
    LoopVal hi = index_op(e, LO_MIN, index_op(e, LO_ADD, lo, index_const(e, elements)), end);
    random_prepare(e, &at, NULL, elements, lo, hi);
    emit_vectors(e, lo, hi, emit_is_whole(e, count), turn, NULL);
}
