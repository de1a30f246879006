/* What a kernel will want soon is named while it still multiplies, so that it is there by then.  Only arrays that no
 * second-level cache holds are worth the instruction. */
#include "compiler/lower_internal.h"

static const double far_bytes = 262144;

static int is_far(const Node *n) {
    return n->rank && dims_count(n->shape, n->rank) * dtype_bytes(n->dtype) > far_bytes;
}

/* Does one element of n come from one element of each operand? */
static int passes_on(const Node *n) {
    return n->op == OP_MAP || n->op == OP_CONVERT || n->op == OP_DETACH || n->op == OP_TRANSPOSE ||
           n->op == OP_BROADCAST || n->op == OP_SLICE || n->op == OP_RESHAPE;
}

static int is_new(Emit *e, const Node *n) {
    Lower *l = e->lower;
    if (l->walked[n->id] == l->walk) return 0;
    l->walked[n->id] = l->walk;
    return 1;
}

static int find_far(Emit *e, const Node *n) {
    if (!is_new(e, n)) return 0;
    if (emit_reads(e, n)) return is_far(n);
    for (int k = 0; k < n->in_count && passes_on(n); k++)
        if (find_far(e, n->in[k])) return 1;
    return 0;
}

int reads_far(Emit *e, const Node *n) {
    e->lower->walk++;
    return find_far(e, n);
}

static void prefetch(Emit *e, const Node *n, const NodePlace *at) {
    if (!is_new(e, n)) return;
    if (emit_reads(e, n)) {
        if (is_far(n)) emit_prefetch(e, n, at);
        return;
    }
    for (int k = 0; k < n->in_count && passes_on(n); k++) {
        NodePlace in;
        place_of_operand(e, n, k, at, &in);
        prefetch(e, n->in[k], &in);
    }
}

void value_prefetch(Emit *e, const Node *n, const NodePlace *at) {
    e->lower->walk++;
    prefetch(e, n, at);
}
