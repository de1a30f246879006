/* What a kernel will want soon is named while it still multiplies, so that it is there by then.  Only arrays that no
 * second-level cache holds are worth the instruction.
 *
 * Where a row is gone over several times only the first pass that needs an array waits for memory, and the others, which
 * compute, leave memory idle.  So each pass behind the first announces its share of what the next row reads, and each sum
 * but the first, of where this row will be stored: a little in every turn, as memory can take it.
 */
#include "compiler/lower_internal.h"

static const double far_bytes = 262144;

enum { LEAST_ROW = 256, MOST_ROW = 16384 };

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

/* ---- rows that are gone over several times ------------------------------------------------------------- */

static int is_row_of(const Emit *e, const Node *n) {
    int lead = e->fused->lead;
    return n->rank == lead + 1 && is_far(n) && fuse_fit(e->fused, n) == FIT_VECTOR;
}

int rows_are_announced(const Emit *e, const Dim *columns) {
    int64_t most = columns ? dim_maximum(columns) : 0;
    return e->fused->has_row_reduction && most >= LEAST_ROW && most <= MOST_ROW && dims_count(e->fused->space, e->fused->lead) > 1;
}

/* What passes first .. last announce of a row in the present turn: so many lines from a column on. */
typedef struct Share {
    LoopVal column;
    int lines;
} Share;

static Share share_of(Emit *e, int first, int last, LoopVal column, int vectors) {
    int passes = last - first + 1, pass = e->passes.now - first;
    if (pass < 0 || pass >= passes) return (Share){0};
    LoopVal count = index_const(e, passes);
    LoopVal before = index_op(e, LO_MUL, index_dim(e, e->passes.columns), index_const(e, pass));
    LoopVal from = index_op(e, LO_ADD, index_op(e, LO_DIV, before, count), index_op(e, LO_DIV, column, count));
    return (Share){from, (vectors + passes - 1) / passes};
}

static NodePlace line_of(Emit *e, const NodePlace *row, const Share *share, int line) {
    NodePlace place = *row;
    place.axis[e->fused->lead] = index_scalar(index_op(e, LO_ADD, share->column, index_const(e, line * ABI_LANES)));
    return place;
}

static void announce_operands(Emit *e, Share share) {
    for (int line = 0; line < share.lines; line++) {
        NodePlace place = line_of(e, e->passes.next, &share, line);
        for (int i = 0; i < e->fused->reads.len; i++) {
            const FusedRead *read = &e->fused->reads.data[i];
            if (read->at_own_place && is_row_of(e, read->node)) emit_prefetch(e, read->node, &place);
        }
    }
}

/* Where a value waits in the result's row, the last of the sums has put it there. */
static void announce_results(Emit *e, LoopVal column, int vectors) {
    for (int i = 0; i < e->roots.len; i++) {
        const Root *root = &e->roots.data[i];
        if (root->node->op == OP_SLOTS || !is_row_of(e, root->node)) continue;
        Share share = share_of(e, 2, e->passes.sums - held_in(e, root->plan_buffer), column, vectors);
        for (int line = 0; line < share.lines; line++) {
            NodePlace place = line_of(e, e->row, &share, line);
            emit_prefetch_result(e, root, &place);
        }
    }
}

void row_prefetch(Emit *e, LoopVal column, int vectors) {
    if (!e->passes.next) return;
    announce_operands(e, share_of(e, 2, e->passes.sums + 1, column, vectors));
    announce_results(e, column, vectors);
}
