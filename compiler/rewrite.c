#include "compiler/rewrite.h"

#include <string.h>

static int *count_uses(const Region *r, Arena *scratch) {
    int *uses = arena_array(scratch, int, r->nodes.len);
    for (int i = 0; i < r->results.len; i++) uses[r->results.data[i].node->id]++;
    for (int id = r->nodes.len - 1; id >= 0; id--) {
        const Node *n = r->nodes.data[id];
        for (int i = 0; uses[id] && i < n->in_count; i++) uses[n->in[i]->id]++;
    }
    return uses;
}

static Node *copy_node(Region *r, const Node *n, Node *const *in) {
    Shape shape = {.dtype = n->dtype, .rank = n->rank};
    memcpy(shape.extent, n->shape, sizeof shape.extent);
    return graph_add(r, n->op, &n->attr, in, n->in_count, &shape, n->span);
}

void region_rewrite(Region *r, Arena *scratch, RewriteRule *rule, void *context) {
    int *uses = count_uses(r, scratch);
    Rewrite rw = {.region = r,
                  .old = r->nodes.data,
                  .old_count = r->nodes.len,
                  .uses = uses,
                  .context = context,
                  .now = arena_array(scratch, Node *, r->nodes.len)};
    r->nodes.data = NULL;
    r->nodes.len = r->nodes.cap = 0;
    for (int id = 0; id < rw.old_count; id++) {
        const Node *old = rw.old[id];
        if (!uses[id] && old->op != OP_INPUT) continue;
        Node **in = arena_array(scratch, Node *, old->in_count);
        for (int i = 0; i < old->in_count; i++) in[i] = rw.now[old->in[i]->id];
        r->part = old->part;
        r->is_backward = old->is_backward;
        Node *made = rule && old->op != OP_INPUT ? rule(&rw, old, in) : NULL;
        rw.now[id] = made ? made : copy_node(r, old, in);
    }
    r->part = NULL;
    r->is_backward = 0;
    for (int i = 0; i < r->inputs.len; i++) r->inputs.data[i].node = rw.now[r->inputs.data[i].node->id];
    for (int i = 0; i < r->results.len; i++) r->results.data[i].node = rw.now[r->results.data[i].node->id];
}
