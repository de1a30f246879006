/* Convolutions without what meets nothing but zeros: phases of spread operands, and results whose one place lies outside.
 *
 * With elements `s` apart, a result o = s*m + r meets only every s-th place of the window, and which ones depends on r
 * alone.  So each of the s results r is a plain convolution with those places of the kernel, and the results are
 * interleaved, one spatial axis after the other:
 *
 *     y[s*m + r] = convolution(x, w[first(r) :: s])[m]
 *
 * Where s does not divide the results, some of the phases have one that is cut off.
 *
 * A window of one place on an axis meets an element or nothing: results of nothing are zeros around the others,
 *
 *     y = pad(convolution(x, w))
 *
 * as with 1x1 kernels over an operand that is padded.
 *
 * That is the meaning of such a convolution, also in its last bit: the order of its sums (docs/numerics.md) is that of
 * the places that are met.  It is cut after differentiation: its gradients are those of the whole, of which neither has
 * zeros between elements, not one for every phase. */
#include "compiler/pipeline.h"
#include "compiler/rewrite.h"

#include "base/session.h"

typedef struct Phases {
    Region *region;
    Node *x, *w;
    const Attributes *attr;
    const Dim *shape[GRAPH_MAX_RANK]; /* of the result; whole turns of the phases */
    int64_t phase[GRAPH_MAX_RANK]; /* by axis: r */
    int64_t zeros[GRAPH_MAX_RANK]; /* by axis: before the first element of x */
    Span span;
} Phases;

static int64_t value(const Dim *dim) { return dim_constant_value(dim); }

static const Dim *constant(const Phases *p, int64_t n) { return dim_constant(&p->region->session->dims, n); }

static int can_be_cut(const Phases *p) {
    int is_spread = 0;
    for (int i = 2; i < p->x->rank; i++) {
        int64_t spread = p->attr->spread[i];
        if (spread == 1) continue;
        is_spread = 1;
        if (!dim_is_constant(p->shape[i]) || !dim_is_constant(p->w->shape[i]) ||
            !dim_is_constant(p->attr->low[i]))
            return 0;
        if (p->attr->step[i] != 1 || p->attr->dilation[i] != 1 || value(p->shape[i]) < 1) return 0;
    }
    return is_spread;
}

/* What the results of one phase meet on an axis: places `first`, `first` + spread, ... of the window, and the elements of
 * x from -low on. */
typedef struct Met {
    int64_t first, count, low;
} Met;

static Met met_by(const Phases *p, int axis, int64_t phase) {
    int64_t spread = p->attr->spread[axis], window = value(p->w->shape[axis]);
    int64_t from = value(p->attr->low[axis]) - phase, first = (from % spread + spread) % spread;
    return (Met){first, window > first ? (window - first + spread - 1) / spread : 0, (from - first) / spread};
}

/* One array for all phases: x with the zeros around it that any of them meets. */
static void pad(Phases *p) {
    const Dim *low[GRAPH_MAX_RANK], *shape[GRAPH_MAX_RANK];
    int is_padded = 0;
    for (int i = 0; i < p->x->rank; i++) {
        int64_t end = 0, spread = p->attr->spread[i];
        low[i] = constant(p, 0);
        shape[i] = p->x->shape[i];
        if (spread == 1) continue;
        for (int64_t r = 0; r < spread; r++) {
            Met met = met_by(p, i, r);
            int64_t reach = value(p->shape[i]) / spread + met.count - 1 - met.low;
            if (met.count && met.low > p->zeros[i]) p->zeros[i] = met.low;
            if (met.count && reach > end) end = reach;
        }
        if (!p->zeros[i] && dim_is_constant(shape[i]) && end <= value(shape[i])) continue;
        is_padded = 1;
        low[i] = constant(p, p->zeros[i]);
        shape[i] = constant(p, p->zeros[i] + (end > 1 ? end : 1));
    }
    if (is_padded)
        p->x = graph_pad(p->region, p->x, graph_number(p->region, 0, p->x->dtype, 0, NULL, p->span), low,
                         NULL, shape, p->span);
}

/* The results of one phase of every axis. */
static Node *one_phase(const Phases *p) {
    Region *region = p->region;
    Attributes attr = *p->attr;
    const Dim *shape[GRAPH_MAX_RANK], *first[GRAPH_MAX_RANK], *places[GRAPH_MAX_RANK];
    int64_t apart[GRAPH_MAX_RANK];
    int is_met = 1;
    for (int i = 0; i < p->x->rank; i++) {
        int64_t spread = p->attr->spread[i];
        shape[i] = p->shape[i];
        first[i] = constant(p, 0);
        places[i] = p->w->shape[i];
        apart[i] = spread;
        if (spread == 1) continue;
        Met met = met_by(p, i, p->phase[i]);
        is_met = is_met && met.count > 0;
        shape[i] = constant(p, value(p->shape[i]) / spread);
        first[i] = constant(p, met.first);
        places[i] = constant(p, met.count);
        attr.low[i] = constant(p, met.low - p->zeros[i]);
        attr.spread[i] = 1;
    }
    if (!is_met) return graph_number(region, 0, p->x->dtype, p->x->rank, shape, p->span);
    Node *w = graph_slice(region, p->w, first, apart, places, p->span);
    return graph_convolution(region, p->x, w, &attr, shape, p->span);
}

static Node *interleaved(Phases *p, int axis) {
    if (axis == p->x->rank) return one_phase(p);
    int64_t spread = p->attr->spread[axis];
    if (spread == 1) return interleaved(p, axis + 1);
    Region *region = p->region;
    Node **part = arena_array(&region->session->arena, Node *, spread);
    const Dim *cut[GRAPH_MAX_RANK], *joined[GRAPH_MAX_RANK];
    for (int64_t r = 0; r < spread; r++) {
        p->phase[axis] = r;
        part[r] = interleaved(p, axis + 1);
        int rank = part[r]->rank;
        for (int i = 0; i < rank; i++) cut[i + (i > axis)] = joined[i] = part[r]->shape[i];
        cut[axis + 1] = constant(p, 1);
        part[r] = graph_reshape(region, part[r], rank + 1, cut, p->span);
    }
    joined[axis] = p->shape[axis];
    Node *all = graph_concat(region, part, (int)spread, axis + 1, p->span);
    return graph_reshape(region, all, p->x->rank, joined, p->span);
}

static Node *first_part(const Phases *p, Node *all, const Dim *const *shape) {
    const Dim *low[GRAPH_MAX_RANK];
    int64_t step[GRAPH_MAX_RANK];
    for (int i = 0; i < all->rank; i++) {
        low[i] = constant(p, 0);
        step[i] = 1;
    }
    return graph_slice(p->region, all, low, step, shape, p->span);
}

static Node *cut(Rewrite *rw, const Node *old, Node *const *in) {
    if (old->op != OP_CONVOLUTION || old->rank == GRAPH_MAX_RANK) return NULL;
    Phases p = {.region = rw->region, .x = in[0], .w = in[1], .attr = &old->attr, .span = old->span};
    for (int i = 0; i < old->rank; i++) p.shape[i] = old->shape[i];
    if (!can_be_cut(&p)) return NULL;
    int is_whole = 1;
    for (int i = 2; i < old->rank; i++) {
        int64_t spread = old->attr.spread[i];
        if (spread == 1 || value(p.shape[i]) % spread == 0) continue;
        p.shape[i] = constant(&p, (value(p.shape[i]) + spread - 1) / spread * spread);
        is_whole = 0;
    }
    pad(&p);
    Node *all = interleaved(&p, 2);
    return is_whole ? all : first_part(&p, all, old->shape);
}

static int64_t rounded_up(int64_t a, int64_t by) { return (a + by - 1) / by; }

/* On an axis with one place: the results first .. end-1 meet an element. */
static int has_met_part(const Node *n, Node *const *in, int axis, int64_t *first, int64_t *end) {
    const Dim *low = n->attr.low[axis], *window = in[1]->shape[axis], *extent = in[0]->shape[axis], *results = n->shape[axis];
    if (n->attr.spread[axis] != 1 || !dim_is_constant(low) || !dim_is_constant(window) || value(window) != 1) return 0;
    if (!dim_is_constant(extent) || !dim_is_constant(results)) return 0;
    int64_t step = n->attr.step[axis], before = value(low) > 0 ? value(low) : 0;
    *first = rounded_up(before, step);
    *end = rounded_up(value(extent) + value(low), step);
    if (*end > value(results)) *end = value(results);
    return *first < *end && *end - *first < value(results);
}

static Node *cut_border(Rewrite *rw, const Node *old, Node *const *in) {
    if (old->op != OP_CONVOLUTION) return NULL;
    DimTable *dims = &rw->region->session->dims;
    const Dim *before[GRAPH_MAX_RANK], *shape[GRAPH_MAX_RANK];
    Attributes attr = old->attr;
    int is_cut = 0;
    for (int i = 0; i < old->rank; i++) {
        int64_t first, end;
        before[i] = dim_constant(dims, 0);
        shape[i] = old->shape[i];
        if (i < 2 || !has_met_part(old, in, i, &first, &end)) continue;
        is_cut = 1;
        before[i] = dim_constant(dims, first);
        shape[i] = dim_constant(dims, end - first);
        attr.low[i] = dim_constant(dims, value(attr.low[i]) - first * attr.step[i]);
    }
    if (!is_cut) return NULL;
    Node *met = graph_convolution(rw->region, in[0], in[1], &attr, shape, old->span);
    Node *zero = graph_number(rw->region, 0, old->dtype, 0, NULL, old->span);
    return graph_pad(rw->region, met, zero, before, NULL, old->shape, old->span);
}

void graph_cut_phases(Region *region, Arena *scratch) {
    region_rewrite(region, scratch, cut_border, NULL);
    region_rewrite(region, scratch, cut, NULL);
}
