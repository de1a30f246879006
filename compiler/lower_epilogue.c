/* What follows a product: the kernel's results of one row, from the row's finished sums.  Products (lower_contract.c)
 * and convolutions (lower_convolution.c) come here with a place whose last axis is a block of columns. */
#include "compiler/lower_internal.h"

NodePlace result_place(const Emit *e, const NodePlace *at) {
    NodePlace to = *at;
    if (e->fused->result == e->fused->hero) return to;
    for (int i = 0; i < e->fused->result->rank; i++) to.axis[i] = at->axis[e->fused->result->attr.axes[i]];
    return to;
}

void epilogue_set_lane(Emit *e, const Node *product, NodePlace *at, const Block *block, int v) {
    if (!product->rank) return;
    at->axis[product->rank - 1] = block->lane[v];
    e->lane_count = block->count[v];
}

static void remember_sums(Emit *e, const Node *product, const Block *block, NodePlace *at, const LoopVal *sums) {
    for (int v = 0; v < block->vectors; v++) {
        epilogue_set_lane(e, product, at, block, v);
        value_remember(e, product, at, sums[v]);
    }
    e->lane_count = 0;
}

/* All values before the first store: a kernel may write what it reads. */
void epilogue_row(Emit *e, const Node *product, const Block *block, NodePlace *at, const LoopVal *sums) {
    int count = e->roots.len;
    LoopVal *values = arena_array(e->lower->arena, LoopVal, count * BLOCK_VECTORS + 1);
    remember_sums(e, product, block, at, sums);
    for (int i = 0; i < count; i++) {
        const Node *n = e->roots.data[i].node;
        int is_row = n->rank < product->rank;
        for (int v = 0; v < (is_row ? 1 : block->vectors); v++) {
            if (!is_row) epilogue_set_lane(e, product, at, block, v);
            values[i * BLOCK_VECTORS + v] = value_at(e, n, at);
            e->lane_count = 0;
        }
    }
    for (int i = 0; i < count; i++) {
        const Node *n = e->roots.data[i].node;
        for (int v = 0; v < BLOCK_VECTORS; v++) {
            LoopVal value = values[i * BLOCK_VECTORS + v];
            if (!value) continue;
            if (n->rank == product->rank) epilogue_set_lane(e, product, at, block, v);
            emit_store(e, e->roots.data[i].plan_buffer, n, at, value);
            e->lane_count = 0;
        }
    }
}
