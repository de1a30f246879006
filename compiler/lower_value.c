/* Values of nodes at places: the walk from a node down to arrays and registers (lower_internal.h),
 * for the operations that only compute an element or move an index.  In: a node and an index per
 * axis.  Out: a value, made at the builder's present position and remembered until the scope ends.
 *
 * Indices stay in the form base + stride*lane as long as they can, so that lanes along the last
 * axis of an array become one contiguous load; what can't is sixteen indices and a gather. */
#include "compiler/lower_internal.h"

#include "base/session.h"
#include <string.h>

enum { VISITED = 0x7fffffff }; /* value of a memo that only says that hoist was here */

/* ---- indices ------------------------------------------------------------------------------------------- */

Index index_scalar(LoopVal base) { return (Index){.base = base}; }

Index index_lanes(LoopVal base, int is_aligned) {
    return (Index){.base = base, .stride = 1, .is_aligned = is_aligned};
}

Index index_open(void) { return (Index){.is_open = 1}; }

static int has_lanes(const Index *i) { return i->wide || i->stride; }

LoopVal index_wide(Emit *e, const Index *i) {
    if (i->wide) return i->wide;
    LoopVal base = emit_wide(e, i->base);
    if (!i->stride) return base;
    LoopVal lane = index_lane(e);
    if (i->stride != 1) lane = index_op(e, LO_MUL, lane, emit_wide(e, index_const(e, i->stride)));
    return index_op(e, LO_ADD, base, lane);
}

LoopVal index_value(Emit *e, const Index *i) { return has_lanes(i) ? index_wide(e, i) : i->base; }

static Index from_wide(LoopVal wide) { return (Index){.wide = wide}; }

static int is_multiple(Emit *e, LoopVal v, int64_t of) {
    int64_t value;
    return index_known(e, v, &value) && value % of == 0;
}

static Index index_add(Emit *e, Index a, Index b) {
    if (a.is_open || b.is_open) return index_open();
    if (a.wide || b.wide)
        return from_wide(index_op(e, LO_ADD, index_wide(e, &a), index_wide(e, &b)));
    Index sum = {.base = index_op(e, LO_ADD, a.base, b.base), .stride = a.stride + b.stride};
    sum.is_aligned = (a.is_aligned || is_multiple(e, a.base, 16)) &&
                     (b.is_aligned || is_multiple(e, b.base, 16));
    return sum;
}

Index index_times(Emit *e, Index a, LoopVal factor) {
    int64_t known;
    if (a.is_open) return a;
    if (index_known(e, factor, &known) && known == 1) return a;
    if (a.wide || (a.stride && !index_known(e, factor, &known)))
        return from_wide(index_op(e, LO_MUL, index_wide(e, &a), emit_wide(e, factor)));
    Index product = {.base = index_op(e, LO_MUL, a.base, factor)};
    if (a.stride) product.stride = a.stride * known;
    product.is_aligned = a.is_aligned || is_multiple(e, factor, 16);
    return product;
}

Index index_plus(Emit *e, Index a, LoopVal add) {
    return index_add(e, a, index_scalar(add));
}

/* a / extent and a % extent, a >= 0. */
static void index_divide(Emit *e, Index a, const Dim *extent, Index *quotient, Index *rest) {
    if (a.is_open) {
        *quotient = *rest = a;
        return;
    }
    LoopVal by = index_dim(e, extent);
    int stays_inside = a.stride == 1 && a.is_aligned && is_multiple(e, by, 16);
    if (!has_lanes(&a) || stays_inside) {
        *quotient = index_scalar(index_op(e, LO_DIV, a.base, by));
        *rest = (Index){.base = index_op(e, LO_REM, a.base, by),
                        .stride = a.stride,
                        .is_aligned = a.is_aligned};
        return;
    }
    LoopVal wide = index_wide(e, &a);
    *quotient = from_wide(index_op(e, LO_DIV, wide, emit_wide(e, by)));
    *rest = from_wide(index_op(e, LO_REM, wide, emit_wide(e, by)));
}

void index_split(Emit *e, const Index *flat, const Dim *const *shape, int rank, Index *out) {
    Index rest = *flat;
    for (int i = rank - 1; i > 0; i--) {
        Index quotient;
        index_divide(e, rest, shape[i], &quotient, &out[i]);
        rest = quotient;
    }
    if (rank > 0) out[0] = rest;
}

static Index join_index(Emit *e, const Index *axes, const Dim *const *shape, int rank) {
    Index flat = axes[0];
    for (int i = 1; i < rank; i++)
        flat = index_add(e, index_times(e, flat, index_dim(e, shape[i])), axes[i]);
    return flat;
}

const Dim *dims_product(DimTable *dims, const Dim *const *shape, int rank) {
    const Dim *p = dim_constant(dims, 1);
    for (int i = 0; i < rank; i++) p = dim_mul(dims, p, shape[i]);
    return p;
}

const Dim *dims_ceil_div(DimTable *dims, const Dim *a, int64_t by) {
    if (by == 1) return a;
    return dim_floor_div(dims, dim_add(dims, a, dim_constant(dims, by - 1)),
                         dim_constant(dims, by));
}

/* ---- reshape: groups of neighbouring axes with the same product ---------------------------------------- */

static int is_one(const Dim *dim) { return dim_is_constant(dim) && dim_constant_value(dim) == 1; }

typedef struct Axes {
    int count;
    int axis[GRAPH_MAX_RANK];
    const Dim *extent[GRAPH_MAX_RANK];
} Axes;

static Axes axes_above_one(const Dim *const *shape, int rank) {
    Axes axes = {0};
    for (int i = 0; i < rank; i++) {
        if (is_one(shape[i])) continue;
        axes.axis[axes.count] = i;
        axes.extent[axes.count++] = shape[i];
    }
    return axes;
}

static void reshape_place(Emit *e, const Node *n, const NodePlace *at, NodePlace *out) {
    const Node *in = n->in[0];
    Axes to = axes_above_one(in->shape, in->rank), from = axes_above_one(n->shape, n->rank);
    DimTable *dims = &e->lower->session->dims;
    for (int i = 0; i < in->rank; i++) out->axis[i] = index_scalar(index_const(e, 0));
    for (int i = 0, j = 0; i < to.count && j < from.count;) {
        int i0 = i, j0 = j;
        const Dim *p = to.extent[i++], *q = from.extent[j++];
        while (p != q && (i < to.count || j < from.count)) {
            int grow_p = j == from.count || (i < to.count && dim_maximum(p) <= dim_maximum(q));
            if (grow_p) p = dim_mul(dims, p, to.extent[i++]);
            else q = dim_mul(dims, q, from.extent[j++]);
        }
        Index axes[GRAPH_MAX_RANK], split[GRAPH_MAX_RANK];
        for (int k = j0; k < j; k++) axes[k - j0] = at->axis[from.axis[k]];
        Index flat = join_index(e, axes, &from.extent[j0], j - j0);
        index_split(e, &flat, &to.extent[i0], i - i0, split);
        for (int k = i0; k < i; k++) out->axis[to.axis[k]] = split[k - i0];
    }
}

/* ---- places of operands -------------------------------------------------------------------------------- */

static void reversed(Emit *e, const Node *n, NodePlace *out) {
    Index *i = &out->axis[n->attr.axis];
    if (i->is_open) return;
    LoopVal last = index_op(e, LO_SUB, index_dim(e, n->shape[n->attr.axis]), index_const(e, 1));
    if (i->wide) *i = from_wide(index_op(e, LO_SUB, emit_wide(e, last), i->wide));
    else *i = (Index){.base = index_op(e, LO_SUB, last, i->base), .stride = -i->stride};
}

void place_of_operand(Emit *e, const Node *n, int k, const NodePlace *at, NodePlace *out) {
    const Node *in = n->in[k];
    *out = *at;
    if (n->op == OP_TRANSPOSE) {
        for (int i = 0; i < n->rank; i++) out->axis[n->attr.axes[i]] = at->axis[i];
    } else if (n->op == OP_BROADCAST) {
        for (int i = 0; i < in->rank; i++) {
            int to = n->attr.axes[i];
            out->axis[i] =
                in->shape[i] == n->shape[to] ? at->axis[to] : index_scalar(index_const(e, 0));
        }
    } else if (n->op == OP_RESHAPE) {
        if (!e->is_flat) reshape_place(e, n, at, out);
    } else if (n->op == OP_SLICE) {
        for (int i = 0; i < n->rank; i++)
            out->axis[i] =
                index_plus(e, index_times(e, at->axis[i], index_const(e, n->attr.step[i])),
                           index_dim(e, n->attr.low[i]));
    } else if (n->op == OP_REVERSE) {
        reversed(e, n, out);
    } else if (n->op == OP_GATHER) {
        int ids = n->in[1]->rank, axis = n->attr.axis;
        for (int i = 0; i < in->rank; i++) {
            if (k == 1) out->axis[i] = at->axis[axis + i];
            else if (i < axis) out->axis[i] = at->axis[i];
            else if (i == axis) out->axis[i] = index_open(); /* the id: filled in by lower_index */
            else out->axis[i] = at->axis[i + ids - 1];
        }
    } else if (n->op == OP_REDUCE) {
        for (int i = 0, j = 0; i < in->rank; i++)
            out->axis[i] = i == n->attr.axis ? index_open() : at->axis[j++];
    } else if (n->op == OP_PAD || n->op == OP_CONCAT || n->op == OP_RANDOM_BITS ||
               n->op == OP_SCATTER || n->op == OP_SLOTS || n->op == OP_DOT || n->op == OP_CONVOLUTION ||
               n->op == OP_WINDOW) {
        for (int i = 0; i < in->rank; i++) out->axis[i] = index_open();
    }
}

/* From the axes of a node to those of its operand: what is kept is how far elements of the first lie apart. */
static int view_step(const Node *n, ArrayView *v) {
    int64_t pitch[GRAPH_MAX_RANK];
    for (int i = 0; i < n->rank; i++) {
        pitch[i] = v->pitch[i];
        if (n->op == OP_SLICE && !dim_is_constant(n->attr.low[i])) return 0;
        if (n->op == OP_REVERSE && i == n->attr.axis && !dim_is_constant(n->shape[i])) return 0;
    }
    for (int i = 0; i < n->rank; i++) {
        if (n->op == OP_TRANSPOSE) {
            v->pitch[i] = pitch[n->attr.axes[i]];
        } else if (n->op == OP_REVERSE) {
            if (i != n->attr.axis) continue;
            v->start += (dim_constant_value(n->shape[i]) - 1) * pitch[i];
            v->pitch[i] = -pitch[i];
        } else {
            v->start += dim_constant_value(n->attr.low[i]) * pitch[i];
            v->pitch[i] = pitch[i] * n->attr.step[i];
        }
    }
    return 1;
}

static int is_extent(const Dim *dim, int64_t value) { return dim_is_constant(dim) && dim_constant_value(dim) == value; }

/* The same where axes are split, and where axes of extent 1 come or go. */
static int view_split(const Node *n, ArrayView *v) {
    const Node *in = n->in[0];
    int64_t pitch[GRAPH_MAX_RANK] = {0};
    int j = n->rank - 1;
    for (int i = in->rank - 1; i >= 0; i--) {
        if (is_extent(in->shape[i], 1)) continue;
        while (j >= 0 && is_extent(n->shape[j], 1)) j--;
        if (j >= 0 && n->shape[j] == in->shape[i]) {
            pitch[j--] = v->pitch[i];
            continue;
        }
        if (!dim_is_constant(in->shape[i]) || dim_constant_value(in->shape[i]) < 1) return 0;
        int64_t left = dim_constant_value(in->shape[i]), apart = v->pitch[i];
        for (; left > 1; j--) {
            int64_t extent = j < 0 || !dim_is_constant(n->shape[j]) ? 0 : dim_constant_value(n->shape[j]);
            if (extent < 1 || left % extent) return 0;
            pitch[j] = apart;
            apart *= extent;
            left /= extent;
        }
    }
    memcpy(v->pitch, pitch, sizeof pitch);
    return 1;
}

int view_of(Emit *e, const Node *x, ArrayView *view) {
    int64_t size = 1;
    if (emit_reads(e, x)) {
        *view = (ArrayView){.array = x};
        for (int i = x->rank - 1; i >= 0; i--) {
            view->pitch[i] = size;
            if (i && !dim_is_constant(x->shape[i])) return 0;
            if (i) size *= dim_constant_value(x->shape[i]);
        }
        return 1;
    }
    if (x->op == OP_RESHAPE) return view_of(e, x->in[0], view) && view_split(x, view);
    if (x->op != OP_TRANSPOSE && x->op != OP_REVERSE && x->op != OP_SLICE) return 0;
    return view_of(e, x->in[0], view) && view_step(x, view);
}

/* ---- memory of values ---------------------------------------------------------------------------------- */

static int same_place(const NodePlace *a, const NodePlace *b, int rank) {
    for (int i = 0; i < rank; i++) {
        const Index *x = &a->axis[i], *y = &b->axis[i];
        if (x->is_open != y->is_open) return 0;
        if (x->is_open) continue;
        if (x->base != y->base || x->wide != y->wide || x->stride != y->stride) return 0;
    }
    return 1;
}

static LoopVal remembered(const Emit *e, const Node *n, const NodePlace *at) {
    for (int i = e->memo_of[n->id]; i >= 0; i = e->memos.data[i].next)
        if (same_place(&e->memos.data[i].at, at, n->rank)) return e->memos.data[i].value;
    return 0;
}

void value_remember(Emit *e, const Node *n, const NodePlace *at, LoopVal value) {
    Memo memo = {n, *at, value, e->memo_of[n->id]};
    e->memo_of[n->id] = e->memos.len;
    vec_push(e->lower->arena, &e->memos, memo);
}

static LowerRule *const rules[OP_COUNT] = {
#define OP(id, name, operands, attributes, shape, lower, gradient, flags) [OP_##id] = lower_##lower,
#include "compiler/op.def"
#undef OP
};

/* Of a reshaped array at a place without lanes, but on the last axis side by side: its number in memory is enough. */
static LoopVal reshaped_load(Emit *e, const Node *n, const NodePlace *at) {
    if (n->op != OP_RESHAPE || e->is_flat || !n->rank || !emit_reads(e, n->in[0])) return 0;
    LoopVal offset = at->axis[0].base;
    const Index *last = &at->axis[n->rank - 1];
    for (int i = 0; i < n->rank; i++) {
        const Index *index = &at->axis[i];
        if (index->wide || index->is_open || (index->stride && (index != last || index->stride != 1))) return 0;
        if (i) offset = index_op(e, LO_ADD, index_op(e, LO_MUL, offset, index_dim(e, n->shape[i])), index->base);
    }
    return last->stride ? emit_load_flat_lanes(e, n->in[0], offset, 1) : emit_load_flat(e, n->in[0], offset);
}

LoopVal value_at(Emit *e, const Node *n, const NodePlace *at) {
    LoopVal v = remembered(e, n, at);
    if (v && v != VISITED) return v;
    if (emit_reads(e, n)) {
        v = emit_load(e, n, at);
    } else if (!(v = held_load(e, n, at)) && !(v = reshaped_load(e, n, at))) {
        v = rules[n->op](e, n, at);
        held_store(e, n, at, v);
    }
    value_remember(e, n, at, v);
    return v;
}

static int is_open_place(const Node *n, const NodePlace *at) {
    for (int i = 0; i < n->rank; i++)
        if (at->axis[i].is_open) return 1;
    return 0;
}

void value_hoist(Emit *e, const Node *n, const NodePlace *at) {
    if (n->op == OP_CONST && n->attr.is_splat) return;
    if (!is_open_place(n, at) && !e->needs_product[n->id]) {
        value_at(e, n, at);
        return;
    }
    if (emit_reads(e, n) || remembered(e, n, at)) return;
    for (int k = 0; k < n->in_count; k++) {
        NodePlace in;
        place_of_operand(e, n, k, at, &in);
        value_hoist(e, n->in[k], &in);
    }
    value_remember(e, n, at, VISITED);
}

/* ---- families: sources --------------------------------------------------------------------------------- */

LoopVal lower_source(Emit *e, const Node *n, const NodePlace *at) {
    (void)at;
    if (n->op == OP_DIM_VALUE) return emit_convert(e, index_dim(e, n->attr.dim), n->dtype);
    if (n->op == OP_CONST && n->attr.is_splat) return emit_constant(e, n);
    ICE("lower: %s %u has no array", op_name(n->op), n->id);
}

LoopVal lower_contract(Emit *e, const Node *n, const NodePlace *at) {
    (void)e, (void)at;
    ICE("lower: the product %u is wanted at a place that no register holds", n->id);
}
