/* Reductions and windows, wherever they are wanted: the sum is made at the builder's present position, in a
 * loop over the reduced axis (in straight-line code where the axis is short).
 *
 * The order follows from the shape alone.  Element i goes to slot i mod 16 (mod 64 on the last axis
 * from 1024 elements); slots start at the identity; slots are joined by a halving tree: i with i +
 * half.  A run-time extent counts as its maximum when the number of slots is chosen.
 *
 *     along   the last axis, wanted at one place: slots are lanes
 *     across  any other axis, or sixteen places at once: a slot is a register, scalar or wide
 *
 * A window is reduced across, as one axis: its places in row-major order, neutral elements where it reaches beyond.
 * argmax and argmin have no order: the first of equals wins, NaN wins over all. */
#include "compiler/lower_internal.h"

#include "base/session.h"
#include <math.h>

enum { SLOTS = 16, MANY_SLOTS = 64, MANY_FROM = 1024, SHORT_AXIS = 32 };

typedef struct Sum {
    Emit *e;
    const Node *node, *in;
    ReduceKind kind;
    int axis;
    NodePlace at; /* of the operand; the reduced axis is filled in */
    DType type;   /* of an element as held */
    LoopVal extent;
    int64_t known; /* the extent where it is a constant, else -1 */
    int slots;
    const NodePlace *window; /* WINDOW: the place of the result; else NULL */
} Sum;

static int is_arg(ReduceKind kind) { return kind == REDUCE_ARGMAX || kind == REDUCE_ARGMIN; }

static LoopOp join_op(ReduceKind kind) {
    switch (kind) {
    case REDUCE_ADD: return LO_ADD;
    case REDUCE_MUL: return LO_MUL;
    case REDUCE_MAX:
    case REDUCE_ARGMAX: return LO_MAX;
    case REDUCE_MIN:
    case REDUCE_ARGMIN: return LO_MIN;
    case REDUCE_AND: return LO_AND;
    case REDUCE_OR: return LO_OR;
    case REDUCE_KIND_COUNT: break;
    }
    ICE("lower: no such reduction");
}

static LoopVal least(Emit *e, DType type, int sign) {
    if (dtype_is_float(type)) return emit_number(e, type, sign < 0 ? -HUGE_VAL : HUGE_VAL);
    int bits = 8 * dtype_bytes(type);
    if (dtype_is_unsigned(type))
        return emit_integer(e, type,
                            sign < 0     ? 0
                            : bits == 64 ? -1
                                         : (int64_t)((1ull << bits) - 1));
    int64_t largest = (int64_t)(~0ull >> (65 - bits));
    return emit_integer(e, type, sign < 0 ? -largest - 1 : largest);
}

static LoopVal identity(const Sum *s) {
    Emit *e = s->e;
    switch (s->kind) {
    case REDUCE_ADD: return emit_number(e, s->type, dtype_is_float(s->type) ? -0.0 : 0);
    case REDUCE_MUL: return emit_number(e, s->type, 1);
    case REDUCE_MAX:
    case REDUCE_ARGMAX: return least(e, s->type, -1);
    case REDUCE_MIN:
    case REDUCE_ARGMIN: return least(e, s->type, 1);
    case REDUCE_AND: return emit_number(e, DT_BOOL, 1);
    case REDUCE_OR: return emit_number(e, DT_BOOL, 0);
    case REDUCE_KIND_COUNT: break;
    }
    ICE("lower: no such reduction");
}

/* What a slot holds before its first element.  A sum of none at all is +0. */
static LoopVal first_value(const Sum *s) {
    int is_empty_sum = s->kind == REDUCE_ADD && s->known == 0 && dtype_is_float(s->type);
    return is_empty_sum ? emit_number(s->e, s->type, 0.0) : identity(s);
}

/* The element under place `index` of the window; where there is none the neutral one. */
static LoopVal window_element(Sum *s, Index index) {
    Emit *e = s->e;
    const Node *n = s->node;
    const Dim *shape[GRAPH_MAX_RANK];
    Index place[GRAPH_MAX_RANK];
    LoopVal inside = 0;
    for (int i = 0; i < n->rank; i++) shape[i] = dim_constant(&e->lower->session->dims, n->attr.window[i]);
    index_split(e, &index, shape, n->rank, place);
    for (int i = 0; i < n->rank; i++)
        s->at.axis[i] = index_in_window(e, n, i, &s->window->axis[i], place[i].base, &inside);
    LoopVal value = value_at(e, s->in, &s->at);
    return inside ? emit_op3(e, LO_SELECT, inside, value, identity(s)) : value;
}

static LoopVal element_at(Sum *s, Index index) {
    if (s->window) return window_element(s, index);
    s->at.axis[s->axis] = index;
    return value_at(s->e, s->in, &s->at);
}

static LoopVal join(const Sum *s, LoopVal a, LoopVal b) {
    return emit_op2(s->e, join_op(s->kind), a, b);
}

/* Where a lane is in use the joined value, else the old one. */
static LoopVal join_lanes(const Sum *s, LoopVal slot, LoopVal x, LoopVal count) {
    LoopVal joined = join(s, slot, x);
    if (!count) return joined;
    LoopVal used = emit_op2(s->e, LO_LT, index_lane(s->e), emit_wide(s->e, count));
    return emit_op3(s->e, LO_SELECT, used, joined, slot);
}

/* ---- sixteen lanes to one ------------------------------------------------------------------------------ */

static LoopVal join_all(const Sum *s, LoopVal slot, LoopVal count) {
    Emit *e = s->e;
    switch (s->kind) {
    case REDUCE_ADD: return emit_lanes(e, LO_LANES_SUM, slot, count);
    case REDUCE_MAX: return emit_lanes(e, LO_LANES_MAX, slot, count);
    case REDUCE_MIN: return emit_lanes(e, LO_LANES_MIN, slot, count);
    case REDUCE_AND:
    case REDUCE_OR: {
        LoopOp op = s->kind == REDUCE_AND ? LO_LANES_MIN : LO_LANES_MAX;
        LoopVal bits = emit_lanes(e, op, emit_convert(e, slot, DT_I32), count);
        LoopVal one = emit_number(e, DT_I32, 1);
        return s->kind == REDUCE_AND ? emit_op2(e, LO_LE, one, bits)
                                     : emit_op2(e, LO_EQ, bits, one);
    }
    case REDUCE_MUL: {
        if (count) slot = join_lanes(s, emit_wide(e, identity(s)), slot, count);
        LoopVal lane[SLOTS];
        for (int i = 0; i < SLOTS; i++) lane[i] = emit_lane(e, slot, i);
        for (int half = SLOTS / 2; half; half /= 2)
            for (int i = 0; i < half; i++) lane[i] = join(s, lane[i], lane[i + half]);
        return lane[0];
    }
    case REDUCE_ARGMAX:
    case REDUCE_ARGMIN:
    case REDUCE_KIND_COUNT: break;
    }
    ICE("lower: no such reduction");
}

/* ---- along: slots are lanes ---------------------------------------------------------------------------- */

static LoopVal with_lanes(Emit *e, LoopVal count) {
    LoopVal old = e->lane_count;
    e->lane_count = count;
    return old;
}

static LoopVal vector_at(Sum *s, LoopVal start, LoopVal count) {
    LoopVal old = with_lanes(s->e, count);
    LoopVal x = emit_wide(s->e, element_at(s, index_lanes(start, 1)));
    with_lanes(s->e, old);
    return x;
}

static LoopVal count_of(Emit *e, int64_t lanes) {
    return lanes >= SLOTS ? 0 : index_const(e, lanes);
}

static LoopVal along_short(Sum *s) {
    Emit *e = s->e;
    LoopVal slot = vector_at(s, index_const(e, 0), count_of(e, s->known));
    for (int64_t i = SLOTS; i < s->known; i += SLOTS) {
        LoopVal count = count_of(e, s->known - i);
        slot = join_lanes(s, slot, vector_at(s, index_const(e, i), count), count);
    }
    return join_all(s, slot, count_of(e, s->known));
}

/* The vectors behind the last whole turn, `rest` elements from `start` where that is known. */
static void along_tail(Sum *s, int array, LoopVal start, int64_t rest) {
    Emit *e = s->e;
    for (int v = 0; v < s->slots / SLOTS; v++) {
        LoopVal first = index_op(e, LO_ADD, start, index_const(e, v * SLOTS)), count;
        if (s->known >= 0) {
            if (rest <= v * SLOTS) return;
            count = count_of(e, rest - v * SLOTS);
        } else {
            emit_if(e, emit_op2(e, LO_LT, first, s->extent));
            count =
                index_op(e, LO_MIN, index_op(e, LO_SUB, s->extent, first), index_const(e, SLOTS));
        }
        Scope scope = emit_scope_open(e);
        LoopVal x = vector_at(s, first, count);
        emit_registers_set(
            e, array, index_const(e, v), 0,
            join_lanes(s, emit_registers_get(e, array, index_const(e, v), 0), x, count));
        emit_scope_close(e, scope);
        if (s->known < 0) emit_end(e);
    }
}

static LoopVal along_loop(Sum *s) {
    Emit *e = s->e;
    int vectors = s->slots / SLOTS;
    int array = emit_registers_new(e, "sum", s->type, 1, vectors, 1, first_value(s));
    LoopVal whole =
        index_op(e, LO_SUB, s->extent, index_op(e, LO_REM, s->extent, index_const(e, s->slots)));
    LoopVal j = emit_for(e, "j", index_const(e, 0), whole, s->slots);
    Scope scope = emit_scope_open(e);
    row_prefetch(e, j, vectors);
    for (int v = 0; v < vectors; v++) {
        LoopVal x = vector_at(s, index_op(e, LO_ADD, j, index_const(e, v * SLOTS)), 0);
        emit_registers_set(e, array, index_const(e, v), 0,
                           join(s, emit_registers_get(e, array, index_const(e, v), 0), x));
    }
    emit_scope_close(e, scope);
    emit_end(e);
    along_tail(s, array, whole, s->known % s->slots);
    LoopVal slot[MANY_SLOTS / SLOTS];
    for (int v = 0; v < vectors; v++) slot[v] = emit_registers_get(e, array, index_const(e, v), 0);
    for (int half = vectors / 2; half; half /= 2)
        for (int v = 0; v < half; v++) slot[v] = join(s, slot[v], slot[v + half]);
    return join_all(s, slot[0], 0);
}

/* ---- across: slots are registers ----------------------------------------------------------------------- */

/* `is_tail`: fewer than `slots` elements may be left; a slot without one keeps its value. */
static void across_turn(Sum *s, int array, LoopVal start, int slots, int is_tail, int wide) {
    Emit *e = s->e;
    Scope scope = emit_scope_open(e);
    LoopVal slot = emit_unroll(e, "s", slots);
    LoopVal i = index_op(e, LO_ADD, start, slot), from = i;
    if (is_tail) from = index_op(e, LO_MIN, i, index_op(e, LO_SUB, s->extent, index_const(e, 1)));
    LoopVal x = element_at(s, index_scalar(from));
    if (wide) x = emit_wide(e, x);
    LoopVal old = emit_registers_get(e, array, slot, 0), joined = join(s, old, x);
    if (is_tail) joined = emit_op3(e, LO_SELECT, emit_op2(e, LO_LT, i, s->extent), joined, old);
    emit_registers_set(e, array, slot, 0, joined);
    emit_end(e);
    emit_scope_close(e, scope);
}

static LoopVal across(Sum *s, int wide) {
    Emit *e = s->e;
    int array = emit_registers_new(e, "slot", s->type, wide, s->slots, 1, first_value(s));
    if (s->known < 0 || s->known >= s->slots) {
        LoopVal whole = index_op(e, LO_SUB, s->extent,
                                 index_op(e, LO_REM, s->extent, index_const(e, s->slots)));
        LoopVal i = emit_for(e, "i", index_const(e, 0), whole, s->slots);
        Scope scope = emit_scope_open(e);
        across_turn(s, array, i, s->slots, 0, wide);
        emit_scope_close(e, scope);
        emit_end(e);
        if (s->known < 0) {
            emit_if(e, emit_op2(e, LO_LT, whole, s->extent));
            across_turn(s, array, whole, s->slots - 1, 1, wide);
            emit_end(e);
        }
    }
    if (s->known >= 0 && s->known % s->slots)
        across_turn(s, array, index_const(e, s->known - s->known % s->slots),
                    (int)(s->known % s->slots), 0, wide);
    LoopVal slot[MANY_SLOTS];
    for (int i = 0; i < s->slots; i++) slot[i] = emit_registers_get(e, array, index_const(e, i), 0);
    for (int half = s->slots / 2; half; half /= 2)
        for (int i = 0; i < half; i++) slot[i] = join(s, slot[i], slot[i + half]);
    return slot[0];
}

/* ---- the place of the largest -------------------------------------------------------------------------- */

static LoopVal is_better(const Sum *s, LoopVal x, LoopVal best) {
    Emit *e = s->e;
    LoopVal better =
        s->kind == REDUCE_ARGMAX ? emit_op2(e, LO_LT, best, x) : emit_op2(e, LO_LT, x, best);
    if (!dtype_is_float(s->type)) return better;
    LoopVal first_nan =
        emit_op2(e, LO_AND, emit_op2(e, LO_NE, x, x), emit_op2(e, LO_EQ, best, best));
    return emit_op2(e, LO_OR, better, first_nan);
}

static void arg_turn(Sum *s, int best, int place, LoopVal x, LoopVal i, LoopVal used) {
    Emit *e = s->e;
    LoopVal old = emit_registers_get(e, best, index_const(e, 0), 0), better = is_better(s, x, old);
    if (used) better = emit_op2(e, LO_AND, better, used);
    emit_registers_set(e, place, index_const(e, 0), 0,
                       emit_op3(e, LO_SELECT, better, emit_convert(e, i, DT_I32),
                                emit_registers_get(e, place, index_const(e, 0), 0)));
    emit_registers_set(e, best, index_const(e, 0), 0, emit_op3(e, LO_SELECT, better, x, old));
}

static LoopVal arg_across(Sum *s, int wide) {
    Emit *e = s->e;
    int best = emit_registers_new(e, "best", s->type, wide, 1, 1, identity(s));
    int place = emit_registers_new(e, "place", DT_I32, wide, 1, 1, emit_number(e, DT_I32, 0));
    LoopVal i = emit_for(e, "i", index_const(e, 0), s->extent, 1);
    Scope scope = emit_scope_open(e);
    LoopVal x = element_at(s, index_scalar(i));
    if (wide) {
        x = emit_wide(e, x);
        i = emit_wide(e, i);
    }
    arg_turn(s, best, place, x, i, 0);
    emit_scope_close(e, scope);
    emit_end(e);
    return emit_registers_get(e, place, index_const(e, 0), 0);
}

static void arg_vector(Sum *s, int best, int place, LoopVal start, LoopVal count) {
    Emit *e = s->e;
    Scope scope = emit_scope_open(e);
    LoopVal lane = index_lane(e), used = count ? emit_op2(e, LO_LT, lane, emit_wide(e, count)) : 0;
    arg_turn(s, best, place, vector_at(s, start, count),
             emit_op2(e, LO_ADD, emit_wide(e, start), lane), used);
    emit_scope_close(e, scope);
}

/* Each lane keeps its first best element; then the first of the lanes' best. */
static LoopVal arg_along(Sum *s) {
    Emit *e = s->e;
    int best = emit_registers_new(e, "best", s->type, 1, 1, 1, identity(s));
    int place =
        emit_registers_new(e, "place", DT_I32, 1, 1, 1, emit_convert(e, index_lane(e), DT_I32));
    if (s->known > 0 && s->known <= SHORT_AXIS) { /* at the constant places of a row in registers */
        for (int64_t i = 0; i < s->known; i += SLOTS)
            arg_vector(s, best, place, index_const(e, i), count_of(e, s->known - i));
    } else {
        LoopVal j = emit_for(e, "j", index_const(e, 0), s->extent, SLOTS), count = 0;
        if (s->known < 0 || s->known % SLOTS)
            count = index_op(e, LO_MIN, index_op(e, LO_SUB, s->extent, j), index_const(e, SLOTS));
        arg_vector(s, best, place, j, count);
        emit_end(e);
    }
    LoopVal value = emit_registers_get(e, best, index_const(e, 0), 0),
            at = emit_registers_get(e, place, index_const(e, 0), 0);
    LoopVal used = index_op(e, LO_MIN, s->extent, index_const(e, SLOTS));
    LoopVal none = emit_number(e, DT_I32, INT32_MAX);
    LoopOp op = s->kind == REDUCE_ARGMAX ? LO_LANES_MAX : LO_LANES_MIN;
    LoopVal top = emit_lanes(e, op, value, used);
    LoopVal first = emit_lanes(
        e, LO_LANES_MIN, emit_op3(e, LO_SELECT, emit_op2(e, LO_EQ, value, top), at, none), used);
    if (!dtype_is_float(s->type)) return first;
    LoopVal nan = emit_lanes(
        e, LO_LANES_MIN, emit_op3(e, LO_SELECT, emit_op2(e, LO_NE, value, value), at, none), used);
    return emit_op3(e, LO_SELECT, emit_op2(e, LO_LT, nan, none), nan, first);
}

static Sum sum_of(Emit *e, const Node *n) {
    Sum s = {.e = e, .node = n, .in = n->in[0], .kind = n->attr.reduce, .axis = n->attr.axis};
    const Dim *extent = s.in->shape[s.axis];
    s.type = held_as(s.in->dtype);
    s.known = dim_is_constant(extent) ? dim_constant_value(extent) : -1;
    s.slots = reduces_last_axis(n) && dim_maximum(extent) >= MANY_FROM ? MANY_SLOTS : SLOTS;
    return s;
}

int reduce_has_slots(const Node *n) { return !is_arg(n->attr.reduce) && !reduces_last_axis(n); }

LoopVal reduce_first(Emit *e, const Node *n) {
    Sum s = sum_of(e, n);
    return first_value(&s);
}

LoopVal reduce_join(Emit *e, const Node *n, LoopVal a, LoopVal b) {
    Sum s = sum_of(e, n);
    return join(&s, a, b);
}

static LoopVal reduce_along(Sum *s) {
    if (is_arg(s->kind)) return arg_along(s);
    return s->known > 0 && s->known <= SHORT_AXIS ? along_short(s) : along_loop(s);
}

LoopVal lower_reduce(Emit *e, const Node *n, const NodePlace *at) {
    Sum s = sum_of(e, n);
    int wide = 0;
    for (int i = 0; i < n->rank; i++) wide |= at->axis[i].wide || at->axis[i].stride;
    place_of_operand(e, n, 0, at, &s.at);
    value_hoist(e, s.in, &s.at);
    s.extent = index_dim(e, s.in->shape[s.axis]);
    if (reduces_last_axis(n) && !wide) {
        e->passes.now++;
        LoopVal sum = reduce_along(&s);
        held_pass_ends(e);
        return sum;
    }
    return is_arg(s.kind) ? arg_across(&s, wide) : across(&s, wide);
}

LoopVal lower_window(Emit *e, const Node *n, const NodePlace *at) {
    Sum s = {.e = e, .node = n, .in = n->in[0], .kind = n->attr.reduce, .window = at, .known = 1, .slots = SLOTS};
    int wide = 0;
    for (int i = 0; i < n->rank; i++) {
        wide |= at->axis[i].wide || at->axis[i].stride;
        s.known *= n->attr.window[i];
    }
    s.type = held_as(s.in->dtype);
    s.extent = index_const(e, s.known);
    return is_arg(s.kind) ? arg_across(&s, wide) : across(&s, wide);
}
