/* Values of pointwise nodes: rows of scalar.def and op.def's families map and random as operations
 * on loop values. In: the operands' values at the place, scalar or wide.  Out: a value; scalar
 * where all operands are. */
#include "compiler/lower_internal.h"

#include "base/session.h"

#include <math.h>

enum { MANY_PARTS = 4 }; /* of which only the one that is wanted is read */

static LoopVal zero_like(Emit *e, LoopVal a) { return emit_number(e, emit_type(e, a), 0); }

static LoopVal choose(Emit *e, LoopVal c, LoopVal a, LoopVal b) {
    return emit_op3(e, LO_SELECT, c, a, b);
}

/* max of the scalar table is a > b ? a : b, as the loop operation. */
static LoopVal apply2(Emit *e, ScalarKind f, LoopVal a, LoopVal b) {
    emit_alike(e, &a, &b);
    switch ((int)f) {
    case SC_ADD: return emit_op2(e, LO_ADD, a, b);
    case SC_SUB: return emit_op2(e, LO_SUB, a, b);
    case SC_MUL: return emit_op2(e, LO_MUL, a, b);
    case SC_DIV: return emit_op2(e, LO_DIV, a, b);
    case SC_MIN: return emit_op2(e, LO_MIN, a, b);
    case SC_MAX: return emit_op2(e, LO_MAX, a, b);
    case SC_POW: return math_pow(&e->math, a, b);
    case SC_FLOORDIV: return math_floor_div(&e->math, a, b);
    case SC_MOD: return math_mod(&e->math, a, b);
    case SC_EQ: return emit_op2(e, LO_EQ, a, b);
    case SC_NE: return emit_op2(e, LO_NE, a, b);
    case SC_LT: return emit_op2(e, LO_LT, a, b);
    case SC_LE: return emit_op2(e, LO_LE, a, b);
    case SC_GT: return emit_op2(e, LO_LT, b, a);
    case SC_GE: return emit_op2(e, LO_LE, b, a);
    case SC_AND: return emit_op2(e, LO_AND, a, b);
    case SC_OR: return emit_op2(e, LO_OR, a, b);
    case SC_XOR: return emit_op2(e, LO_XOR, a, b);
    case SC_SHL: return emit_op2(e, LO_SHL, a, b);
    case SC_SHR: return emit_op2(e, LO_SHR, a, b);
    default: ICE("lower: %s does not take two operands", scalar_name(f));
    }
}

static LoopVal apply1(Emit *e, ScalarKind f, LoopVal a) {
    Math *m = &e->math;
    switch ((int)f) {
    case SC_NEG: return emit_op1(e, LO_NEG, a);
    case SC_ABS: return emit_op1(e, LO_ABS, a);
    case SC_SIGN: return math_sign(m, a);
    case SC_SQRT: return emit_op1(e, LO_SQRT, a);
    case SC_EXP: return math_exp(m, a);
    case SC_EXPM1: return math_expm1(m, a);
    case SC_LOG: return math_log(m, a);
    case SC_LOG1P: return math_log1p(m, a);
    case SC_TANH: return math_tanh(m, a);
    case SC_SIGMOID: return math_sigmoid(m, a);
    case SC_ERF: return math_erf(m, a);
    case SC_SIN: return math_sin(m, a);
    case SC_COS: return math_cos(m, a);
    case SC_FLOOR: return emit_op1(e, LO_FLOOR, a);
    case SC_RINT: return emit_op1(e, LO_RINT, a);
    case SC_NOT: return emit_op1(e, LO_NOT, a);
    default: ICE("lower: %s does not take one operand", scalar_name(f));
    }
}

static LoopVal apply3(Emit *e, ScalarKind f, LoopVal a, LoopVal b, LoopVal c) {
    if (f == SC_SELECT) return choose(e, a, b, c);
    if (f != SC_FMA) ICE("lower: %s does not take three operands", scalar_name(f));
    if (emit_is_wide(e, a) || emit_is_wide(e, b) || emit_is_wide(e, c)) {
        a = emit_wide(e, a);
        b = emit_wide(e, b);
        c = emit_wide(e, c);
    }
    return math_fma(&e->math, a, b, c);
}

LoopVal lower_scalar(Emit *e, ScalarKind f, const LoopVal *v) {
    switch (scalar_operands(f)) {
    case 1: return apply1(e, f, v[0]);
    case 2: return apply2(e, f, v[0], v[1]);
    default: return apply3(e, f, v[0], v[1], v[2]);
    }
}

/* ---- padding and joining: clamped reads and a choice --------------------------------------------------- */

static Index as_index(Emit *e, LoopVal v) {
    return emit_is_wide(e, v) ? (Index){.wide = v} : index_scalar(v);
}

static LoopVal clamped(Emit *e, LoopVal v, LoopVal extent) {
    LoopVal last = emit_op2(e, LO_SUB, extent, index_const(e, 1));
    return emit_op2(e, LO_MAX, emit_op2(e, LO_MIN, v, last), index_const(e, 0));
}

static LoopVal both(Emit *e, LoopVal a, LoopVal b) { return a ? emit_op2(e, LO_AND, a, b) : b; }

Index index_inside(Emit *e, LoopVal v, int64_t gap, LoopVal extent, LoopVal *inside) {
    *inside = both(e, *inside, emit_op2(e, LO_LE, index_const(e, 0), v));
    if (gap > 1) {
        LoopVal rest = emit_op2(e, LO_REM, v, index_const(e, gap));
        *inside = both(e, *inside, emit_op2(e, LO_EQ, rest, index_const(e, 0)));
        v = emit_op2(e, LO_DIV, v, index_const(e, gap));
    }
    *inside = both(e, *inside, emit_op2(e, LO_LT, v, extent));
    return as_index(e, clamped(e, v, extent));
}

static int is_nothing(const Dim *extent) { return dim_is_constant(extent) && dim_constant_value(extent) == 0; }

typedef enum Side { SIDE_UNKNOWN, SIDE_INSIDE, SIDE_OUTSIDE } Side;

/* On which side of the border of its operand is a padded axis read?  Rows cut their columns at the borders. */
static Side side_of(Emit *e, const Node *n, int i, const Index *at) {
    int64_t low, extent;
    if (!at->stride || at->stride != 1 || at->wide || at->base != e->bound || !e->bound) return SIDE_UNKNOWN;
    if (!pad_borders(n, i, &low, &extent)) return SIDE_UNKNOWN;
    if (e->bound_high <= low || e->bound_low >= low + extent) return SIDE_OUTSIDE;
    return e->bound_low >= low && e->bound_high <= low + extent ? SIDE_INSIDE : SIDE_UNKNOWN;
}

int pad_borders(const Node *n, int i, int64_t *low, int64_t *extent) {
    if (n->op != OP_PAD || n->attr.step[i] || !dim_is_constant(n->attr.low[i]) || !dim_is_constant(n->in[0]->shape[i]))
        return 0;
    *low = dim_constant_value(n->attr.low[i]);
    *extent = dim_constant_value(n->in[0]->shape[i]);
    return 1;
}

static LoopVal pad_value(Emit *e, const Node *n, const NodePlace *at) {
    const Node *in = n->in[0];
    NodePlace from = *at, none = {0};
    LoopVal inside = 0;
    for (int i = 0; i < n->rank; i++)
        if (is_nothing(in->shape[i])) return value_at(e, n->in[1], &none);
    for (int i = 0; i < n->rank; i++) {
        int64_t gap = n->attr.step[i] + 1, low;
        LoopVal before = index_dim(e, n->attr.low[i]), extent = index_dim(e, in->shape[i]);
        if (gap == 1 && index_known(e, before, &low) && low == 0 && in->shape[i] == n->shape[i])
            continue;
        Side side = side_of(e, n, i, &at->axis[i]);
        if (side == SIDE_OUTSIDE) return value_at(e, n->in[1], &none);
        if (side == SIDE_INSIDE) {
            from.axis[i] = index_plus(e, at->axis[i], index_op(e, LO_SUB, index_const(e, 0), before));
            continue;
        }
        LoopVal v = emit_op2(e, LO_SUB, index_value(e, &at->axis[i]), before);
        from.axis[i] = index_inside(e, v, gap, extent, &inside);
    }
    LoopVal value = value_at(e, in, &from);
    if (!inside) return value;
    return choose(e, inside, value, value_at(e, n->in[1], &none));
}

/* Arrays one behind the other along an axis, at a place whose index on it all lanes share. */
typedef struct Parts {
    const NodePlace *at;
    int axis, count;
    const Node **in; /* NULL: zeros */
    LoopVal *start;  /* by part */
    int value;       /* register */
    int is_wide;
} Parts;

static Parts parts_new(Emit *e, const Node *n, const NodePlace *at, int axis, int most) {
    Parts p = {.at = at, .axis = axis};
    for (int i = 0; i < n->rank; i++) p.is_wide |= at->axis[i].wide || at->axis[i].stride;
    p.in = arena_array(e->lower->arena, const Node *, most);
    p.start = arena_array(e->lower->arena, LoopVal, most);
    p.value = emit_registers_new(e, "part", held_as(n->dtype), p.is_wide, 1, 1, emit_number(e, held_as(n->dtype), 0));
    return p;
}

static void part_add(Parts *p, const Node *in, LoopVal start) {
    p->in[p->count] = in;
    p->start[p->count++] = start;
}

static int is_shared(const Index *at) { return !at->wide && !at->stride; }

/* Asks in halves which of the parts lo .. hi-1 it is, so that no other is read. */
static void find_part(Emit *e, const Parts *p, int lo, int hi) {
    int middle = (lo + hi) / 2;
    Scope scope = emit_scope_open(e);
    if (hi - lo > 1) {
        emit_if(e, emit_op2(e, LO_LT, p->at->axis[p->axis].base, p->start[middle]));
        find_part(e, p, lo, middle);
        emit_else(e);
        find_part(e, p, middle, hi);
        emit_end(e);
    } else if (p->in[lo]) {
        NodePlace from = *p->at;
        from.axis[p->axis] = index_scalar(index_op(e, LO_SUB, p->at->axis[p->axis].base, p->start[lo]));
        LoopVal value = value_at(e, p->in[lo], &from);
        emit_registers_set(e, p->value, index_const(e, 0), 0, p->is_wide ? emit_wide(e, value) : value);
    }
    emit_scope_close(e, scope);
}

static LoopVal found_part(Emit *e, const Parts *p) {
    find_part(e, p, 0, p->count);
    return emit_registers_get(e, p->value, index_const(e, 0), 0);
}

static LoopVal concat_part(Emit *e, const Node *n, const NodePlace *at) {
    Parts p = parts_new(e, n, at, n->attr.axis, n->in_count);
    LoopVal start = index_const(e, 0);
    for (int k = 0; k < n->in_count; k++) {
        if (is_nothing(n->in[k]->shape[p.axis])) continue;
        part_add(&p, n->in[k], start);
        start = index_op(e, LO_ADD, start, index_dim(e, n->in[k]->shape[p.axis]));
    }
    return found_part(e, &p);
}

/* An operand without elements has none to read, not even one that is not chosen. */
static LoopVal concat_value(Emit *e, const Node *n, const NodePlace *at) {
    int axis = n->attr.axis, is_empty = is_nothing(n->shape[axis]), is_first = 1;
    if (n->in_count >= MANY_PARTS && is_shared(&at->axis[axis]) && !is_empty && dtype_is_float(n->dtype)) return concat_part(e, n, at);
    LoopVal v = index_value(e, &at->axis[axis]), value = 0, start = index_const(e, 0);
    for (int k = 0; k < n->in_count; k++) {
        if (is_nothing(n->in[k]->shape[axis]) && !is_empty) continue;
        LoopVal extent = index_dim(e, n->in[k]->shape[axis]);
        NodePlace from = *at;
        from.axis[axis] = as_index(e, clamped(e, emit_op2(e, LO_SUB, v, start), extent));
        LoopVal part = value_at(e, n->in[k], &from);
        value = is_first ? part : choose(e, emit_op2(e, LO_LT, v, start), value, part);
        is_first = 0;
        start = emit_op2(e, LO_ADD, start, extent);
    }
    return value;
}

/* Zeros around an operand on one axis alone: the axis; else -1. */
static int padded_axis(const Node *n, int64_t *low, int64_t *extent) {
    double zero;
    int axis = -1;
    if (n->op != OP_PAD || !dtype_is_float(n->dtype) || !node_is_number(n->in[1], &zero) || zero != 0 || signbit(zero)) return -1;
    for (int i = 0; i < n->rank; i++) {
        if (n->shape[i] == n->in[0]->shape[i]) continue;
        if (axis >= 0 || !pad_borders(n, i, low, extent) || *low < 0 || *extent < 1) return -1;
        axis = i;
    }
    return axis;
}

/* Of a sum of operands with zeros around them, as the gradient of slices is: its terms, which must not meet. */
typedef struct Term {
    const Node *in;
    int64_t low, end;
} Term;

typedef Vec(Term) Terms;

static int add_term(Emit *e, Terms *terms, const Node *n, int axis) {
    Term term = {.in = n->in[0]};
    if (emit_reads(e, n) || padded_axis(n, &term.low, &term.end) != axis) return 0;
    term.end += term.low;
    int at = terms->len;
    vec_push(e->lower->arena, terms, term);
    for (; at && terms->data[at - 1].low > term.low; at--) terms->data[at] = terms->data[at - 1];
    terms->data[at] = term;
    return 1;
}

static int find_terms(Emit *e, Terms *terms, const Node *n, int axis) {
    while (n->op == OP_MAP && n->attr.scalar == SC_ADD && !emit_reads(e, n)) {
        int is_last = n->in[1]->op == OP_PAD;
        if (!add_term(e, terms, n->in[is_last], axis)) return 0;
        n = n->in[!is_last];
    }
    if (!add_term(e, terms, n, axis) || terms->len < MANY_PARTS) return 0;
    for (int i = 1; i < terms->len; i++)
        if (terms->data[i - 1].end > terms->data[i].low) return 0;
    return 1;
}

/* Such a sum at an index that all lanes share: one term and zeros, of which one is enough to make 0 of -0.  0: it is none. */
static LoopVal sum_of_slices(Emit *e, const Node *n, const NodePlace *at) {
    int64_t low, extent, end = 0;
    Terms terms = {0};
    int axis = n->attr.scalar == SC_ADD && n->rank ? padded_axis(n->in[n->in[1]->op == OP_PAD], &low, &extent) : -1;
    if (axis < 0 || !is_shared(&at->axis[axis]) || !find_terms(e, &terms, n, axis)) return 0;
    Parts p = parts_new(e, n, at, axis, 2 * terms.len + 1);
    for (int i = 0; i < terms.len; end = terms.data[i++].end) {
        if (end < terms.data[i].low) part_add(&p, NULL, index_const(e, end));
        part_add(&p, terms.data[i].in, index_const(e, terms.data[i].low));
    }
    part_add(&p, NULL, index_const(e, end));
    LoopVal value = found_part(e, &p);
    return emit_op2(e, LO_ADD, value, zero_like(e, value));
}

/* ---- families ------------------------------------------------------------------------------------------ */

LoopVal lower_map(Emit *e, const Node *n, const NodePlace *at) {
    if (n->op == OP_PAD) return pad_value(e, n, at);
    if (n->op == OP_CONCAT) return concat_value(e, n, at);
    if (n->op == OP_IOTA)
        return emit_convert(e, index_value(e, &at->axis[n->attr.axis]), n->dtype);
    LoopVal sum = n->op == OP_MAP ? sum_of_slices(e, n, at) : 0;
    if (sum) return sum;
    NodePlace in_at;
    LoopVal v[3] = {0};
    for (int k = 0; k < n->in_count; k++) {
        place_of_operand(e, n, k, at, &in_at);
        v[k] = value_at(e, n->in[k], &in_at);
    }
    if (n->op == OP_MAP) return lower_scalar(e, n->attr.scalar, v);
    if (n->op != OP_CONVERT) return v[0];
    if (n->dtype == DT_BOOL) return emit_op2(e, LO_NE, v[0], zero_like(e, v[0]));
    return emit_convert(e, v[0], held_as(n->dtype));
}
