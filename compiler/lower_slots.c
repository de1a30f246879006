/* Slots of sums down the columns, made by the kernel that goes over the rows (pass_slots.c).
 *
 * A tile has one slot, and goes over every sixteenth row: 16 tiles for each run of rows that is summed.  What it has
 * so far of its slots waits in scratch, a row of columns each, and is stored when its last row is done; so every slot takes
 * its elements upward, whoever makes the others. */
#include "compiler/lower_internal.h"

#include "base/session.h"

enum { LANES = 16 };

typedef struct Slots {
    Emit *e;
    int root; /* of e->roots */
    NodePlace at; /* of the finished slots; the columns are filled in */
} Slots;

static const Node *slots_of_root(const Emit *e, int root) {
    const Node *n = e->roots.data[root].node;
    return n->op == OP_SLOTS ? n : NULL;
}

static int64_t width_of(const Node *n) { return (dim_maximum(n->shape[n->rank - 1]) + LANES - 1) / LANES * LANES; }

void slots_begin(Emit *e) {
    const Dim *one = dim_constant(&e->lower->session->dims, 1);
    for (int i = 0; i < e->roots.len; i++) {
        const Node *n = slots_of_root(e, i);
        int buffer = n ? emit_scratch(e, "slots", held_as(n->dtype), one, width_of(n)) : -1;
        vec_push(e->lower->arena, &e->slots, buffer);
        if (!n) continue;
        LoopVal j = emit_for(e, "j", index_const(e, 0), index_const(e, width_of(n)), LANES);
        emit_store_scratch(e, buffer, index_const(e, 0), j, emit_wide(e, reduce_first(e, n)));
        emit_end(e);
    }
}

void slots_join(Emit *e, int root, LoopVal column, LoopVal value) {
    int buffer = e->slots.data[root];
    LoopVal zero = index_const(e, 0), old = emit_load_scratch(e, buffer, zero, column);
    LoopVal joined = reduce_join(e, e->roots.data[root].node, old, emit_wide(e, value));
    emit_store_scratch(e, buffer, zero, column, joined);
}

static void store_turn(Emit *e, void *context, LoopVal j) {
    Slots *s = context;
    const Root *root = &e->roots.data[s->root];
    s->at.axis[root->node->rank - 1] = index_lanes(j, 1);
    LoopVal value = emit_load_scratch(e, e->slots.data[s->root], index_const(e, 0), j);
    emit_store(e, root->plan_buffer, root->node, &s->at, value);
}

void slots_end(Emit *e, const NodePlace *at) {
    for (int i = 0; i < e->roots.len; i++) {
        const Node *n = slots_of_root(e, i);
        if (!n) continue;
        const Dim *columns = n->shape[n->rank - 1];
        emit_vectors(e, index_const(e, 0), index_dim(e, columns), emit_is_whole(e, columns), store_turn, &(Slots){e, i, *at});
    }
}

LoopVal lower_slots(Emit *e, const Node *n, const NodePlace *at) {
    (void)e, (void)at;
    ICE("lower: the slots %u are wanted where their rows are made", n->id);
}
