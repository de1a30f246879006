/* Rules of the pass simplify for map and convert.  Each keeps every bit of every operand, the sign of
 * zeros, infinities and NaN included (any NaN equals any NaN): x + -0 is x, but x + 0 is not, nor is x*0
 * zero. */
#include "compiler/fold.h"
#include "compiler/simplify.h"

#include <math.h>

typedef Node *MapRule(Simplify *s, const Node *n, Node *const *in);

/* ---- shared ------------------------------------------------------------------------------------------ */

static Node *map_of(Simplify *s, const Node *n, ScalarKind f, Node **in) {
    Node made = {.op = OP_MAP, .dtype = n->dtype, .rank = n->rank, .in = in, .in_count = scalar_operands(f),
                 .attr = {.scalar = f}, .span = n->span};
    for (int i = 0; i < n->rank; i++) made.shape[i] = n->shape[i];
    return simplify_add(s, &made);
}

static Node *negation(Simplify *s, const Node *n, Node *a) { return map_of(s, n, SC_NEG, &a); }

static Node *pair(Simplify *s, const Node *n, ScalarKind f, Node *a, Node *b) {
    return map_of(s, n, f, (Node *[]){a, b});
}

/* Is n the constant `value`, the sign of zero counting? */
static int is_number(const Node *n, double value) {
    double number;
    return node_is_number(n, &number) && number == value && !signbit(number) == !signbit(value);
}

static int is_zero_to_add(const Node *n) { return is_number(n, dtype_is_float(n->dtype) ? -0.0 : 0); }

static int is_integer_zero(const Node *n) { return !dtype_is_float(n->dtype) && is_number(n, 0); }

/* ---- arithmetic -------------------------------------------------------------------------------------- */

static Node *rule_add(Simplify *s, const Node *n, Node *const *in) {
    if (is_zero_to_add(in[0])) return in[1];
    if (is_zero_to_add(in[1])) return in[0];
    if (node_is_map(in[1], SC_NEG)) return pair(s, n, SC_SUB, in[0], in[1]->in[0]);
    if (node_is_map(in[0], SC_NEG)) return pair(s, n, SC_SUB, in[1], in[0]->in[0]);
    return NULL;
}

static Node *rule_sub(Simplify *s, const Node *n, Node *const *in) {
    if (is_number(in[1], 0)) return in[0];
    if (is_zero_to_add(in[0])) return negation(s, n, in[1]);
    if (node_is_map(in[1], SC_NEG)) return pair(s, n, SC_ADD, in[0], in[1]->in[0]);
    return NULL;
}

static Node *rule_mul(Simplify *s, const Node *n, Node *const *in) {
    for (int i = 0; i < 2; i++) {
        Node *other = in[1 - i];
        if (is_number(in[i], 1)) return other;
        if (is_integer_zero(in[i])) return in[i];
        if (is_number(in[i], -1)) return negation(s, n, other);
    }
    if (node_is_map(in[0], SC_NEG) && node_is_map(in[1], SC_NEG))
        return pair(s, n, SC_MUL, in[0]->in[0], in[1]->in[0]);
    return NULL;
}

/* 1/c where that is exact and neither is subnormal: c is a power of two. */
static int has_exact_reciprocal(const Node *c) {
    double value;
    int exponent;
    if (!dtype_is_float(c->dtype) || !node_is_number(c, &value) || !isfinite(value) || value == 0) return 0;
    if (fabs(frexp(value, &exponent)) != 0.5) return 0;
    int limit = c->dtype == DT_F32 ? 126 : 1022;
    return exponent - 1 <= limit && exponent - 1 >= -limit;
}

static Node *rule_div(Simplify *s, const Node *n, Node *const *in) {
    double divisor;
    if (is_number(in[1], 1)) return in[0];
    if (!has_exact_reciprocal(in[1])) return NULL;
    node_is_number(in[1], &divisor);
    Node *factor = graph_number(s->region, 1 / divisor, n->dtype, n->rank, in[1]->shape, n->span);
    return pair(s, n, SC_MUL, in[0], factor);
}

static Node *rule_fma(Simplify *s, const Node *n, Node *const *in) {
    if (is_number(in[2], -0.0)) return pair(s, n, SC_MUL, in[0], in[1]);
    for (int i = 0; i < 2; i++)
        if (is_number(in[i], 1)) return pair(s, n, SC_ADD, in[1 - i], in[2]);
    if (node_is_map(in[0], SC_NEG) && node_is_map(in[1], SC_NEG))
        return map_of(s, n, SC_FMA, (Node *[]){in[0]->in[0], in[1]->in[0], in[2]});
    return NULL;
}

static Node *rule_neg(Simplify *s, const Node *n, Node *const *in) {
    (void)s, (void)n;
    return node_is_map(in[0], SC_NEG) ? in[0]->in[0] : NULL;
}

static Node *rule_abs(Simplify *s, const Node *n, Node *const *in) {
    if (node_is_map(in[0], SC_ABS)) return in[0];
    return node_is_map(in[0], SC_NEG) ? map_of(s, n, SC_ABS, in[0]->in) : NULL;
}

static Node *rule_extreme(Simplify *s, const Node *n, Node *const *in) {
    (void)s, (void)n;
    return in[0] == in[1] ? in[0] : NULL;
}

/* ---- logic ------------------------------------------------------------------------------------------- */

static Node *rule_and(Simplify *s, const Node *n, Node *const *in) {
    (void)s, (void)n;
    for (int i = 0; i < 2; i++) {
        if (is_number(in[i], 0)) return in[i];
        if (in[i]->dtype == DT_BOOL && is_number(in[i], 1)) return in[1 - i];
    }
    return in[0] == in[1] ? in[0] : NULL;
}

static Node *rule_or(Simplify *s, const Node *n, Node *const *in) {
    (void)s, (void)n;
    for (int i = 0; i < 2; i++) {
        if (is_number(in[i], 0)) return in[1 - i];
        if (in[i]->dtype == DT_BOOL && is_number(in[i], 1)) return in[i];
    }
    return in[0] == in[1] ? in[0] : NULL;
}

static Node *rule_not(Simplify *s, const Node *n, Node *const *in) {
    (void)s, (void)n;
    return node_is_map(in[0], SC_NOT) ? in[0]->in[0] : NULL;
}

static Node *rule_select(Simplify *s, const Node *n, Node *const *in) {
    double condition;
    if (node_is_number(in[0], &condition)) return condition != 0 ? in[1] : in[2];
    if (in[1] == in[2]) return in[1];
    if (node_is_map(in[0], SC_NOT)) return map_of(s, n, SC_SELECT, (Node *[]){in[0]->in[0], in[2], in[1]});
    return n->dtype == DT_BOOL && is_number(in[1], 1) && is_number(in[2], 0) ? in[0] : NULL;
}

/* ---- comparisons with a clamped value ---------------------------------------------------------------- */

void simplify_note_clamp(Simplify *s, Node *n) {
    if ((!node_is_map(n, SC_MAX) && !node_is_map(n, SC_MIN)) || !node_is_splat(n->in[1])) return;
    Clamp *clamp = arena_new(s->scratch, Clamp);
    *clamp = (Clamp){n, map_get(&s->clamps, n->in[0])};
    map_set(s->scratch, &s->clamps, n->in[0], clamp);
}

/* a > c is max(a, c) > c, and a < c is min(a, c) < c, for all values: where the clamp is there anyway, the
 * gradient of a relu then reads its result, and what came in need not be kept. */
static Node *compare_clamped(Simplify *s, const Node *n, ScalarKind clamp_kind) {
    for (const Clamp *c = map_get(&s->clamps, n->in[0]); c; c = c->next)
        if (node_is_map(c->node, clamp_kind) && c->node->in[1] == n->in[1])
            return pair(s, n, n->attr.scalar, c->node, n->in[1]);
    return NULL;
}

static Node *rule_gt(Simplify *s, const Node *n, Node *const *in) {
    (void)in;
    return compare_clamped(s, n, SC_MAX);
}

static Node *rule_lt(Simplify *s, const Node *n, Node *const *in) {
    (void)in;
    return compare_clamped(s, n, SC_MIN);
}

static MapRule *const map_rules[SC_COUNT] = {
    [SC_ADD] = rule_add,     [SC_SUB] = rule_sub, [SC_MUL] = rule_mul,       [SC_DIV] = rule_div,
    [SC_FMA] = rule_fma,     [SC_NEG] = rule_neg, [SC_ABS] = rule_abs,       [SC_MIN] = rule_extreme,
    [SC_MAX] = rule_extreme, [SC_AND] = rule_and, [SC_OR] = rule_or,         [SC_NOT] = rule_not,
    [SC_GT] = rule_gt,       [SC_LT] = rule_lt,   [SC_SELECT] = rule_select,
};

/* ---- constants --------------------------------------------------------------------------------------- */

static Node *constant_like(Simplify *s, const Node *n, const void *element) {
    void *data = arena_alloc(s->region->arena, 8);
    for (int i = 0; i < 8; i++) ((char *)data)[i] = ((const char *)element)[i];
    Shape shape = {.dtype = n->dtype, .rank = n->rank};
    for (int i = 0; i < n->rank; i++) shape.extent[i] = n->shape[i];
    Attributes attr = {.data = data, .is_splat = 1};
    return graph_add(s->region, OP_CONST, &attr, NULL, 0, &shape, n->span);
}

static Node *fold(Simplify *s, const Node *n) {
    const void *in[3];
    _Alignas(8) char out[8] = {0};
    for (int i = 0; i < n->in_count; i++) {
        if (!node_is_splat(n->in[i])) return NULL;
        in[i] = n->in[i]->attr.data;
    }
    int is_folded = n->op == OP_CONVERT
                        ? fold_convert(n->in[0]->dtype, in[0], n->dtype, out)
                        : fold_map(n->attr.scalar, n->in[0]->dtype, in, s->fma_rounds_once, out);
    return is_folded ? constant_like(s, n, out) : NULL;
}

/* ---- functions of broadcasts ------------------------------------------------------------------------- */

static int is_one(const Dim *dim) { return dim_is_constant(dim) && dim_constant_value(dim) == 1; }

/* A reshape that only puts axes of extent 1 between the others. */
static int adds_axes(const Node *n) {
    const Node *a = n->in[0];
    int j = 0;
    for (int i = 0; i < n->rank; i++) {
        if (j < a->rank && n->shape[i] == a->shape[j]) j++;
        else if (!is_one(n->shape[i])) return 0;
    }
    return j == a->rank && n->rank > a->rank;
}

static int same_spread(const Node *a, const Node *b) {
    if (a->op != b->op || a->in[0]->rank != b->in[0]->rank) return 0;
    for (int i = 0; i < a->in[0]->rank; i++)
        if (a->in[0]->shape[i] != b->in[0]->shape[i] || (a->op == OP_BROADCAST && a->attr.axes[i] != b->attr.axes[i])) return 0;
    return 1;
}

/* The broadcast, or the adding of axes, that all operands but repeated numbers share, or NULL. */
static const Node *shared_spread(const Node *n) {
    const Node *shared = NULL;
    for (int i = 0; i < n->in_count; i++) {
        const Node *a = n->in[i];
        if (node_is_splat(a)) continue;
        if (a->op != OP_BROADCAST && !(a->op == OP_RESHAPE && adds_axes(a))) return NULL;
        if (shared && !same_spread(shared, a)) return NULL;
        shared = a;
    }
    return shared;
}

/* What repeats is computed once and then repeated; axes of extent 1, by which rows that were reduced meet their elements
 * again, come last, so that a row's numbers are seen to be numbers. */
static Node *compute_before_broadcast(Simplify *s, const Node *n) {
    const Node *shared = shared_spread(n);
    if (!shared) return NULL;
    const Node *small = shared->in[0];
    Node *in[3], part = *n;
    part.in = in;
    part.rank = small->rank;
    for (int i = 0; i < small->rank; i++) part.shape[i] = small->shape[i];
    for (int i = 0; i < n->in_count; i++) {
        Node like = part;
        like.dtype = n->in[i]->dtype;
        in[i] = node_is_splat(n->in[i]) ? simplify_splat(s, n->in[i], &like) : n->in[i]->in[0];
    }
    Node whole = *shared, *once = simplify_add(s, &part);
    whole.in = &once;
    whole.dtype = n->dtype;
    whole.span = n->span;
    return simplify_add(s, &whole);
}

Node *simplify_map(Simplify *s, const Node *n) {
    Node *simple = fold(s, n);
    MapRule *rule = map_rules[n->attr.scalar];
    if (!simple && rule) simple = rule(s, n, n->in);
    return simple ? simple : compute_before_broadcast(s, n);
}

/* ---- conversions ------------------------------------------------------------------------------------- */

static int significant_bits(DType t) {
    return t == DT_F16 ? 11 : t == DT_BF16 ? 8 : t == DT_F32 ? 24 : 53;
}

/* Does `to` have every value of `from`? */
static int is_exact(DType from, DType to) {
    if (from == DT_BOOL || from == to) return 1;
    if (to == DT_BOOL) return 0;
    int bits = dtype_bytes(from) * 8 - dtype_is_signed(from);
    if (!dtype_is_float(from) && dtype_is_float(to)) return bits <= significant_bits(to);
    if (!dtype_is_float(from)) {
        int room = dtype_bytes(to) * 8 - dtype_is_signed(to);
        return bits <= room && (dtype_is_signed(to) || dtype_is_unsigned(from));
    }
    return to == DT_F64 || (to == DT_F32 && from != DT_F64);
}

Node *simplify_convert(Simplify *s, const Node *n) {
    Node *a = n->in[0];
    if (a->dtype == n->dtype) return a;
    Node *constant = fold(s, n);
    if (constant) return constant;
    if (a->op != OP_CONVERT || !is_exact(a->in[0]->dtype, a->dtype)) return compute_before_broadcast(s, n);
    Node shorter = *n;
    shorter.in = a->in;
    return simplify_add(s, &shorter);
}
