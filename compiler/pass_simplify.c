/* Rewrites that keep every bit of every result.
 *
 * One forward walk; a node's operands are simple when it is visited.  A rule describes what stands for a
 * node, and what it describes is simplified in turn, so nothing has to be repeated: each rule makes a chain
 * shorter, an operation cheaper or a value constant.  detach goes here: differentiation is over.  Here:
 * index transformations; simplify_map.c: elementwise functions.  No sum is touched: its order is the
 * graph's. */
#include "compiler/pipeline.h"
#include "compiler/rewrite.h"
#include "compiler/simplify.h"

#include <string.h>

static Shape shape_of(const Node *n) {
    Shape shape = {.dtype = n->dtype, .rank = n->rank};
    memcpy(shape.extent, n->shape, sizeof shape.extent);
    return shape;
}

Node *simplify_splat(Simplify *s, const Node *a, const Node *n) {
    Shape shape = shape_of(n);
    return graph_add(s->region, OP_CONST, &a->attr, NULL, 0, &shape, n->span);
}

static int is_same_type(const Node *a, const Node *b) {
    if (a->rank != b->rank || a->dtype != b->dtype) return 0;
    for (int i = 0; i < a->rank; i++)
        if (a->shape[i] != b->shape[i]) return 0;
    return 1;
}

/* n on the operand of its operand a. */
static Node *skip_operand(Simplify *s, const Node *n, const Node *a, const Attributes *attr) {
    Node shorter = *n;
    shorter.attr = *attr;
    shorter.in = a->in;
    shorter.in_count = 1;
    return simplify_add(s, &shorter);
}

static int is_zero(const Dim *dim) { return dim_is_constant(dim) && dim_constant_value(dim) == 0; }

/* ---- rules ------------------------------------------------------------------------------------------- */

static Node *simplify_detach(Simplify *s, const Node *n) {
    (void)s;
    return n->in[0];
}

static Node *simplify_reshape(Simplify *s, const Node *n) {
    Node *a = n->in[0];
    if (is_same_type(a, n)) return a;
    if (node_is_splat(a)) return simplify_splat(s, a, n);
    return a->op == OP_RESHAPE ? skip_operand(s, n, a, &n->attr) : NULL;
}

static Node *simplify_transpose(Simplify *s, const Node *n) {
    Node *a = n->in[0];
    int is_identity = 1;
    for (int i = 0; i < n->rank; i++) is_identity = is_identity && n->attr.axes[i] == i;
    if (is_identity) return a;
    if (node_is_splat(a)) return simplify_splat(s, a, n);
    if (a->op != OP_TRANSPOSE) return NULL;
    Attributes both = {0};
    for (int i = 0; i < n->rank; i++) both.axes[i] = a->attr.axes[n->attr.axes[i]];
    return skip_operand(s, n, a, &both);
}

static Node *simplify_broadcast(Simplify *s, const Node *n) {
    Node *a = n->in[0];
    if (is_same_type(a, n)) return a;
    if (node_is_splat(a)) return simplify_splat(s, a, n);
    if (a->op != OP_BROADCAST) return NULL;
    Attributes both = {0};
    for (int i = 0; i < a->in[0]->rank; i++) both.axes[i] = n->attr.axes[a->attr.axes[i]];
    return skip_operand(s, n, a, &both);
}

static Node *simplify_slice(Simplify *s, const Node *n) {
    Node *a = n->in[0];
    DimTable *dims = &s->region->session->dims;
    int is_whole = is_same_type(a, n);
    for (int i = 0; i < n->rank; i++) is_whole = is_whole && n->attr.step[i] == 1 && is_zero(n->attr.low[i]);
    if (is_whole) return a;
    if (node_is_splat(a)) return simplify_splat(s, a, n);
    if (a->op != OP_SLICE) return NULL;
    Attributes both = {0};
    for (int i = 0; i < n->rank; i++) {
        const Dim *step = dim_constant(dims, a->attr.step[i]);
        both.low[i] = dim_add(dims, a->attr.low[i], dim_mul(dims, step, n->attr.low[i]));
        both.step[i] = a->attr.step[i] * n->attr.step[i];
    }
    return skip_operand(s, n, a, &both);
}

static Node *simplify_pad(Simplify *s, const Node *n) {
    Node *a = n->in[0], *value = n->in[1];
    int is_whole = is_same_type(a, n);
    for (int i = 0; i < n->rank; i++) is_whole = is_whole && n->attr.step[i] == 0 && is_zero(n->attr.low[i]);
    if (is_whole) return a;
    int is_one_value = node_is_splat(a) && node_is_splat(value) &&
                       memcmp(a->attr.data, value->attr.data, (size_t)dtype_bytes(a->dtype)) == 0;
    return is_one_value ? simplify_splat(s, a, n) : NULL;
}

static Node *simplify_concat(Simplify *s, const Node *n) {
    Node *a = n->in[0];
    if (n->in_count == 1) return a;
    for (int i = 0; i < n->in_count; i++) {
        const Node *b = n->in[i];
        if (!node_is_splat(b) || memcmp(a->attr.data, b->attr.data, (size_t)dtype_bytes(a->dtype)) != 0)
            return NULL;
    }
    return simplify_splat(s, a, n);
}

static Node *simplify_reverse(Simplify *s, const Node *n) {
    (void)s;
    Node *a = n->in[0];
    const Dim *extent = n->shape[n->attr.axis];
    if (node_is_splat(a) || (dim_is_constant(extent) && dim_constant_value(extent) == 1)) return a;
    return a->op == OP_REVERSE && a->attr.axis == n->attr.axis ? a->in[0] : NULL;
}

static Node *simplify_gather(Simplify *s, const Node *n) {
    return node_is_splat(n->in[0]) ? simplify_splat(s, n->in[0], n) : NULL;
}

static SimplifyRule *const rules[OP_COUNT] = {
    [OP_MAP] = simplify_map,             [OP_CONVERT] = simplify_convert,     [OP_DETACH] = simplify_detach,
    [OP_RESHAPE] = simplify_reshape,     [OP_TRANSPOSE] = simplify_transpose, [OP_SLICE] = simplify_slice,
    [OP_BROADCAST] = simplify_broadcast, [OP_PAD] = simplify_pad,             [OP_CONCAT] = simplify_concat,
    [OP_REVERSE] = simplify_reverse,     [OP_GATHER] = simplify_gather,
};

/* ---- the walk ---------------------------------------------------------------------------------------- */

Node *simplify_add(Simplify *s, const Node *n) {
    Node *simple = rules[n->op] ? rules[n->op](s, n) : NULL;
    if (simple) return simple;
    Shape shape = shape_of(n);
    Node *added = graph_add(s->region, n->op, &n->attr, n->in, n->in_count, &shape, n->span);
    simplify_note_clamp(s, added);
    return added;
}

static Node *visit(Rewrite *rw, const Node *old, Node *const *in) {
    Node described = *old;
    described.in = (Node **)in;
    return simplify_add(rw->context, &described);
}

void pass_simplify(PassCtx *cx) {
    Simplify s = {
        .region = cx->region, .scratch = cx->scratch, .fma_rounds_once = cx->numerics == NUMERICS_FMA};
    region_rewrite(cx->region, cx->scratch, visit, &s);
}
