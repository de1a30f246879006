/* Sums down the columns of rows that are gone over anyway.
 *
 *     reduce(x; axis of rows)  ->  reduce(slots(x; axis of rows); axis of rows)
 *
 * where x is made of numbers of its own rows (their mean, their largest, ..) as in the gradients of a norm's scale, or of an
 * array of which such an x is made.  In: any region.  Out: the same values, joined in the same order: the slots of a sum
 * (docs/numerics.md) are rows of an array, each of which one tile of the kernel that makes the numbers of the rows can fill
 * (lower_slots.c); so the rows are read once, not once more for their columns. */
#include "compiler/fuse.h"
#include "compiler/pipeline.h"
#include "compiler/rewrite.h"

#include "base/session.h"

enum { LEAST_ROWS = 256, LEAST_COLUMNS = 64, MOST_COLUMNS = 16384 };

typedef struct Search {
    DimTable *dims;
    const Node *like;  /* the operand of the sum of the moment */
    uint32_t *walked, walk; /* by node id: the last walk that came by */
    uint8_t *is_shared; /* by node id: an array of which some chosen sum is made */
    uint8_t *is_chosen; /* by node id */
    int marks;          /* this walk marks such arrays; else it looks for marked ones */
    int reads_shared;
} Search;

static int lies_within(const Dim *extent, int64_t least, int64_t most) {
    int64_t value;
    return !dim_upper_bound(extent, &value) && value >= least && value <= most;
}

static int is_long_column_sum(const Node *n) {
    if (n->op != OP_REDUCE || n->attr.reduce == REDUCE_ARGMAX || n->attr.reduce == REDUCE_ARGMIN) return 0;
    const Node *x = n->in[0];
    return x->rank >= 2 && n->attr.axis == x->rank - 2 && lies_within(x->shape[n->attr.axis], LEAST_ROWS, INT32_MAX) &&
           lies_within(x->shape[x->rank - 1], LEAST_COLUMNS, MOST_COLUMNS);
}

/* Is a number of the rows needed for n?  The arrays of their shape on the way are marked, or looked for. */
static int needs_row(Search *s, const Node *n) {
    if (s->walked[n->id] == s->walk) return 0;
    s->walked[n->id] = s->walk;
    if (n->op == OP_REDUCE && reduces_last_axis(n)) return shape_same(s->dims, n->in[0], s->like);
    if (n->op != OP_MAP && n->op != OP_CONVERT && n->op != OP_BROADCAST && n->op != OP_RESHAPE) {
        if (!shape_same(s->dims, n, s->like)) return 0;
        if (s->marks) s->is_shared[n->id] = 1;
        s->reads_shared |= s->is_shared[n->id];
        return 0;
    }
    int found = 0;
    for (int k = 0; k < n->in_count; k++) found |= needs_row(s, n->in[k]);
    return found;
}

static int search(Search *s, const Node *sum, int marks) {
    s->like = sum->in[0];
    s->marks = marks;
    s->reads_shared = 0;
    s->walk++;
    return needs_row(s, sum->in[0]);
}

static void choose(Search *s, const Region *r) {
    for (int i = 0; i < r->nodes.len; i++) {
        const Node *n = r->nodes.data[i];
        if (!is_long_column_sum(n) || !search(s, n, 0)) continue;
        s->is_chosen[i] = 1;
        search(s, n, 1);
    }
    for (int i = 0; i < r->nodes.len; i++) {
        const Node *n = r->nodes.data[i];
        if (!is_long_column_sum(n) || s->is_chosen[i]) continue;
        search(s, n, 0);
        s->is_chosen[i] = (uint8_t)s->reads_shared;
    }
}

static Node *in_two_steps(Rewrite *rw, const Node *old, Node *const *in) {
    const Search *s = rw->context;
    if (!s->is_chosen[old->id]) return NULL;
    Node *slots = graph_slots(rw->region, old->attr.reduce, in[0], old->attr.axis, old->span);
    return graph_reduce(rw->region, old->attr.reduce, slots, old->attr.axis, old->span);
}

void pass_slots(PassCtx *cx) {
    int count = cx->region->nodes.len;
    Search s = {.dims = &cx->region->session->dims};
    s.walked = arena_array(cx->scratch, uint32_t, count + 1);
    s.is_shared = arena_array(cx->scratch, uint8_t, count + 1);
    s.is_chosen = arena_array(cx->scratch, uint8_t, count + 1);
    choose(&s, cx->region);
    region_rewrite(cx->region, cx->scratch, in_two_steps, &s);
}
