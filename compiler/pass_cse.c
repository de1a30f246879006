/* Equal nodes become one.
 *
 * Two nodes are equal when operation, attributes, dtype, shape and operands are; of a commuting function
 * the operands may be swapped.  Random draws of one site are equal too.  The first stays, with its place in
 * the source. One forward walk with a hash table: expected linear time. */
#include "compiler/pipeline.h"
#include "compiler/rewrite.h"

typedef struct Known {
    uint32_t mask;   /* slots - 1, a power of two */
    int *first;      /* by slot: 1 + id of the newest node with this hash, 0 for none */
    int *next;       /* by id: 1 + id of the one before it */
} Known;

static int commutes(const Node *n) { return n->op == OP_MAP && scalar_flags(n->attr.scalar) & SC_COMMUTES; }

static uint32_t mix(uint32_t hash, uint32_t word) { return (hash ^ word) * 16777619u; }

static uint32_t hash_node(const Node *n, Node *const *in) {
    uint32_t hash = mix(2166136261u, (uint32_t)n->op);
    hash = mix(hash, (uint32_t)n->dtype);
    hash = mix(hash, (uint32_t)n->attr.scalar);
    for (int i = 0; i < n->rank; i++) hash = mix(hash, n->shape[i]->id);
    if (commutes(n)) return mix(hash, in[0]->id + in[1]->id);
    for (int i = 0; i < n->in_count; i++) hash = mix(hash, in[i]->id);
    return hash ^ hash >> 15;
}

static int same_operands(const Node *known, const Node *n, Node *const *in) {
    int same = 1;
    for (int i = 0; i < n->in_count; i++) same = same && known->in[i] == in[i];
    return same || (commutes(n) && known->in[0] == in[1] && known->in[1] == in[0]);
}

static Node *unify(Rewrite *rw, const Node *old, Node *const *in) {
    Known *known = rw->context;
    int *slot = &known->first[hash_node(old, in) & known->mask];
    Node *const *nodes = rw->region->nodes.data;
    for (int i = *slot; i; i = known->next[i - 1])
        if (node_alike(nodes[i - 1], old) && same_operands(nodes[i - 1], old, in)) return nodes[i - 1];
    int id = rw->region->nodes.len; /* the copy that region_rewrite is about to make */
    known->next[id] = *slot;
    *slot = id + 1;
    return NULL;
}

void pass_cse(PassCtx *cx) {
    int count = cx->region->nodes.len;
    Known known = {.mask = 15, .next = arena_array(cx->scratch, int, count)};
    while (known.mask < (uint32_t)count) known.mask = known.mask * 2 + 1;
    known.first = arena_array(cx->scratch, int, known.mask + 1);
    region_rewrite(cx->region, cx->scratch, unify, &known);
}
