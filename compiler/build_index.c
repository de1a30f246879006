/* Brackets behind a tensor as graph nodes: x[..] read, and written by `x[..] = v`.  What is known when compiling
 * becomes slices; run-time positions become gathers and scatters, checked where their types prove nothing. */
#include "compiler/build_internal.h"

#include <string.h>

static const Dim *whole(Builder *b, int64_t value) { return dim_constant(&b->session->dims, value); }

Node *build_pick(Builder *b, Node *x, int axis, const Dim *at, Span span) {
    const Dim *low[GRAPH_MAX_RANK], *extent[GRAPH_MAX_RANK], *rest[GRAPH_MAX_RANK];
    int64_t step[GRAPH_MAX_RANK];
    int rank = 0;
    if (!build_inside(b, at, whole(b, 1), x->shape[axis], span)) at = whole(b, 0);
    for (int i = 0; i < x->rank; i++) {
        low[i] = i == axis ? at : whole(b, 0);
        step[i] = 1;
        extent[i] = i == axis ? whole(b, 1) : x->shape[i];
        if (i != axis) rest[rank++] = x->shape[i];
    }
    return graph_reshape(b->region, graph_slice(b->region, x, low, step, extent, span), rank, rest, span);
}

const Dim *build_known_size(Builder *b, const Tx *tx) {
    while (tx->kind == T_CONVERT) tx = tx->args.data[0];
    if (tx->kind == T_DIM) return build_dim(b, tx->dim);
    return tx->kind == T_NUMBER && tx->type->rank == 0 ? whole(b, tx->integer) : NULL;
}

/* The position a scalar names when it is known, inside 0 .. last; else NULL with the node in *node. */
static const Dim *known_position(Builder *b, Frame *frame, const Tx *tx, const Dim *last, Node **node) {
    const Dim *known = build_known_size(b, tx);
    if (known) return known;
    *node = build_node(b, frame, tx);
    const Node *of = *node; /* the index of a loop whose turns are written out */
    while (of->op == OP_CONVERT) of = of->in[0];
    double value;
    if (of->rank || !node_is_number(of, &value) || value != (double)(int64_t)value || value < 0) return NULL;
    const Dim *at = whole(b, (int64_t)value);
    return dim_at_most(&b->session->dims, at, last, NULL) == DIM_EQUAL ? at : NULL;
}

static const Dim *last_of(Builder *b, const Dim *size) {
    return dim_sub(&b->session->dims, size, whole(b, 1));
}

static Node *slice_axis(Builder *b, Frame *frame, Node *x, int axis, const Tx *start, const Dim *length,
                        Span span) {
    const Dim *last_start = dim_sub(&b->session->dims, x->shape[axis], length);
    Node *given;
    const Dim *at = known_position(b, frame, start, last_start, &given);
    if (at) {
        const Dim *low[GRAPH_MAX_RANK], *extent[GRAPH_MAX_RANK];
        int64_t step[GRAPH_MAX_RANK];
        if (!build_inside(b, at, length, x->shape[axis], span)) return x;
        for (int i = 0; i < x->rank; i++) {
            low[i] = i == axis ? at : whole(b, 0);
            step[i] = 1;
            extent[i] = i == axis ? length : x->shape[i];
        }
        return graph_slice(b->region, x, low, step, extent, span);
    }
    /* length elements from there must lie inside: the start is an index of size - length + 1 */
    const Dim *starts = dim_add(&b->session->dims, last_start, whole(b, 1));
    Node *from = build_index(b, given, build_bound(b, start->type), starts, span);
    Node *ids = graph_iota(b->region, DT_I32, 0, 1, &length, span);
    ids = graph_map2(b->region, SC_ADD, ids, build_broadcast(b, from, 1, &length, span), span);
    return graph_gather(b->region, x, ids, axis, span);
}

typedef struct Pairs { /* the index tensors of one bracket: they broadcast and go in pairs */
    Node *ids[GRAPH_MAX_RANK];
    int axis[GRAPH_MAX_RANK];
    int count;
    const Dim *shape[GRAPH_MAX_RANK];
    int rank;
} Pairs;

/* Moves the indexed axes to where the first stood, merges them to one and gathers by the linear index. */
static Node *gather_pairs(Builder *b, Node *x, const Pairs *pairs, Span span) {
    int8_t order[GRAPH_MAX_RANK];
    const Dim *merged[GRAPH_MAX_RANK];
    int rank = 0, out = 0;
    for (int i = 0; i < x->rank; i++) {
        int which = -1;
        for (int k = 0; k < pairs->count; k++)
            if (pairs->axis[k] == i) which = k;
        if (which > 0) continue;
        const Dim *size = x->shape[i];
        order[rank++] = (int8_t)i;
        for (int k = 1; which == 0 && k < pairs->count; k++) {
            order[rank++] = (int8_t)pairs->axis[k];
            size = dim_mul(&b->session->dims, size, x->shape[pairs->axis[k]]);
        }
        merged[out++] = size;
    }
    Node *ids = build_broadcast(b, pairs->ids[0], pairs->rank, pairs->shape, span);
    for (int k = 1; k < pairs->count; k++) {
        Node *n = graph_dim_value(b->region, x->shape[pairs->axis[k]], DT_I32, span);
        n = build_broadcast(b, n, pairs->rank, pairs->shape, span);
        Node *next = build_broadcast(b, pairs->ids[k], pairs->rank, pairs->shape, span);
        ids = graph_map2(b->region, SC_ADD, graph_map2(b->region, SC_MUL, ids, n, span), next, span);
    }
    if (pairs->count > 1)
        x = graph_reshape(b->region, graph_transpose(b->region, x, order, span), out, merged, span);
    return graph_gather(b->region, x, ids, pairs->axis[0], span);
}

static void widest_shape(Pairs *pairs, const Node *ids) {
    if (ids->rank > pairs->rank) {
        memmove(pairs->shape + (ids->rank - pairs->rank), pairs->shape,
                sizeof pairs->shape[0] * (size_t)pairs->rank);
        for (int i = 0; i < ids->rank - pairs->rank; i++) pairs->shape[i] = ids->shape[i];
        pairs->rank = ids->rank;
    }
    for (int i = 0; i < ids->rank; i++) {
        const Dim **size = &pairs->shape[pairs->rank - ids->rank + i];
        if (dim_is_constant(*size) && dim_constant_value(*size) == 1) *size = ids->shape[i];
    }
}

Value build_indexing(Builder *b, Frame *frame, const Tx *tx) {
    Node *x = build_node(b, frame, tx->args.data[0]);
    Pairs pairs = {.count = 0};
    int axis = 0, next = 1, size = 0; /* axis of x as it is now; next argument; next of statics.dims */
    for (int i = 0; i < tx->statics->axes.len; i++) {
        switch (tx->statics->axes.data[i]) {
        case INDEX_KEEP: axis++; break;
        case INDEX_NEW: break; /* the reshape at the end makes it */
        case INDEX_SLICE:
            x = slice_axis(b, frame, x, axis++, tx->args.data[next], build_dim(b, tx->statics->dims.data[size++]),
                           tx->span);
            next++;
            break;
        case INDEX_AT: {
            const Tx *index = tx->args.data[next++];
            Node *given;
            const Dim *known = known_position(b, frame, index, last_of(b, x->shape[axis]), &given);
            if (known) {
                x = build_pick(b, x, axis, known, tx->span);
                break;
            }
            Node *ids = build_index(b, given, build_bound(b, index->type), x->shape[axis], tx->span);
            widest_shape(&pairs, ids);
            pairs.axis[pairs.count] = axis++;
            pairs.ids[pairs.count++] = ids;
            break;
        }
        default: ICE("index code %d", tx->statics->axes.data[i]);
        }
    }
    if (pairs.count) x = gather_pairs(b, x, &pairs, tx->span);
    return value_of(build_shaped_as(b, x, tx->type, tx->span));
}

/* ---- writing ----------------------------------------------------------------------------------------- */

typedef struct Written { /* an axis of x, as the bracket names it */
    int code;            /* INDEX_KEEP, INDEX_AT, INDEX_SLICE */
    const Tx *at;        /* AT: the index; SLICE: the start */
    const Dim *known;    /* the same where it is known */
    Node *given;         /* and where it is not */
    const Dim *length;   /* SLICE; AT: 1 */
} Written;

/* The bracket by the axes of x; whether every position in it is known. */
static int read_written(Builder *b, Frame *frame, const Tx *tx, const Node *x, Written *axes) {
    int axis = 0, next = 1, size = 0, all_known = 1;
    for (int i = 0; i < tx->statics->axes.len; i++) {
        Written *w = &axes[axis];
        const Dim *extent = x->shape[axis++];
        *w = (Written){.code = tx->statics->axes.data[i], .length = whole(b, 1)};
        if (w->code == INDEX_KEEP) continue;
        w->at = tx->args.data[next++];
        if (w->code == INDEX_SLICE) w->length = build_dim(b, tx->statics->dims.data[size++]);
        w->known = known_position(b, frame, w->at, dim_sub(&b->session->dims, extent, w->length), &w->given);
        if (w->known && !build_inside(b, w->known, w->length, extent, tx->span)) w->known = whole(b, 0);
        all_known = all_known && w->known;
    }
    return all_known;
}

/* x with `part` from the position `low` on: a select between it, padded, and x. */
static Node *set_known(Builder *b, Node *x, Node *part, const Written *axes, Span span) {
    const Dim *low[GRAPH_MAX_RANK], *extent[GRAPH_MAX_RANK];
    for (int i = 0; i < x->rank; i++) {
        low[i] = axes[i].code == INDEX_KEEP ? whole(b, 0) : axes[i].known;
        extent[i] = axes[i].code == INDEX_KEEP ? x->shape[i] : axes[i].length;
    }
    part = graph_reshape(b->region, part, x->rank, extent, span);
    if (shape_same(&b->session->dims, part, x)) return part;
    Node *zero = graph_number(b->region, 0, x->dtype, 0, NULL, span);
    Node *no = graph_number(b->region, 0, DT_BOOL, 0, NULL, span);
    Node *yes = graph_number(b->region, 1, DT_BOOL, x->rank, extent, span);
    Node *inside = graph_pad(b->region, yes, no, low, NULL, x->shape, span);
    return graph_map3(b->region, SC_SELECT, inside,
                      graph_pad(b->region, part, zero, low, NULL, x->shape, span), x, span);
}

typedef struct
    Places { /* the axes of the part that name positions, in its order, and those of x that it keeps */
    const Dim *shape[GRAPH_MAX_RANK];
    int rank;
    int of_slice[GRAPH_MAX_RANK]; /* by axis of x: its slice's axis in shape */
    int pairs_at, pairs_rank;     /* where the axes of the index tensors are in shape */
    int8_t order[GRAPH_MAX_RANK]; /* axes of the part: those first, then the kept ones */
} Places;

static Places find_places(const Node *x, const Node *part, const Written *axes) {
    Places p = {.rank = 0};
    int kept = 0, indexed = 0, at = 0, has_pairs = 0;
    for (int i = 0; i < x->rank; i++) {
        kept += axes[i].code == INDEX_KEEP;
        indexed += axes[i].code == INDEX_SLICE;
    }
    p.pairs_rank = part->rank - kept - indexed;
    int8_t rest[GRAPH_MAX_RANK];
    int rest_count = 0;
    for (int i = 0; i < x->rank; i++) {
        if (axes[i].code == INDEX_KEEP) {
            rest[rest_count++] = (int8_t)at++;
        } else if (axes[i].code == INDEX_SLICE) {
            p.of_slice[i] = p.rank;
            p.order[p.rank] = (int8_t)at;
            p.shape[p.rank++] = part->shape[at++];
        } else if (axes[i].at->type->rank && !has_pairs) {
            has_pairs = 1;
            p.pairs_at = p.rank;
            for (int k = 0; k < p.pairs_rank; k++) {
                p.order[p.rank] = (int8_t)at;
                p.shape[p.rank++] = part->shape[at++];
            }
        }
    }
    for (int i = 0; i < rest_count; i++) p.order[p.rank + i] = rest[i];
    return p;
}

/* The positions along axis `i` of x, over all places. */
static Node *positions(Builder *b, const Tx *tx, const Node *x, int i, const Written *w, const Places *p) {
    Region *r = b->region;
    const Dim *size = x->shape[i];
    Span span = tx->span;
    if (w->code == INDEX_SLICE) {
        const Dim *starts =
            dim_add(&b->session->dims, dim_sub(&b->session->dims, size, w->length), whole(b, 1));
        Node *from = w->known ? graph_dim_value(r, w->known, DT_I32, span)
                              : build_index(b, w->given, build_bound(b, w->at->type), starts, span);
        Node *along = graph_iota(r, DT_I32, p->of_slice[i], p->rank, p->shape, span);
        return graph_map2(r, SC_ADD, along, build_broadcast(b, from, p->rank, p->shape, span), span);
    }
    Node *ids = w->known ? graph_dim_value(r, w->known, DT_I32, span)
                         : build_index(b, w->given, build_bound(b, w->at->type), size, span);
    ids = build_broadcast(b, ids, ids->rank ? p->pairs_rank : 0, p->shape + p->pairs_at, span);
    int8_t to[GRAPH_MAX_RANK];
    for (int k = 0; k < ids->rank; k++) to[k] = (int8_t)(p->pairs_at + k);
    return graph_broadcast(r, ids, to, p->rank, p->shape, span);
}

/* Scatters the part over x with its indexed axes in front, as one. */
static Node *set_places(Builder *b, const Tx *tx, Node *x, Node *part, const Written *axes) {
    Places p = find_places(x, part, axes);
    int8_t order[GRAPH_MAX_RANK], back[GRAPH_MAX_RANK];
    int indexed = 0, n = 0;
    for (int i = 0; i < x->rank; i++)
        if (axes[i].code != INDEX_KEEP) order[indexed++] = (int8_t)i;
    n = indexed;
    for (int i = 0; i < x->rank; i++)
        if (axes[i].code == INDEX_KEEP) order[n++] = (int8_t)i;
    for (int i = 0; i < x->rank; i++) back[order[i]] = (int8_t)i;
    Node *linear = NULL;
    const Dim *merged[GRAPH_MAX_RANK] = {whole(b, 1)};
    for (int k = 0; k < indexed; k++) {
        int i = order[k];
        Node *ids = positions(b, tx, x, i, &axes[i], &p);
        if (linear) {
            Node *size = graph_dim_value(b->region, x->shape[i], DT_I32, tx->span);
            size = build_broadcast(b, size, p.rank, p.shape, tx->span);
            ids = graph_map2(b->region, SC_ADD, graph_map2(b->region, SC_MUL, linear, size, tx->span), ids,
                             tx->span);
        }
        linear = ids;
        merged[0] = dim_mul(&b->session->dims, merged[0], x->shape[i]);
    }
    Node *turned = graph_transpose(b->region, x, order, tx->span);
    for (int i = indexed; i < x->rank; i++) merged[1 + i - indexed] = turned->shape[i];
    Node *rows = graph_reshape(b->region, turned, 1 + x->rank - indexed, merged, tx->span);
    Node *values = graph_transpose(b->region, part, p.order, tx->span);
    rows = graph_scatter(b->region, rows, linear, values, 0, 0, tx->span);
    rows = graph_reshape(b->region, rows, x->rank, turned->shape, tx->span);
    return graph_transpose(b->region, rows, back, tx->span);
}

/* args: x, the positions, the value; the shape of the part follows from the bracket. */
Value build_set(Builder *b, Frame *frame, const Tx *tx) {
    Node *x = build_node(b, frame, tx->args.data[0]);
    const Tx *value = tx->args.data[tx->args.len - 1];
    Written axes[GRAPH_MAX_RANK];
    int all_known = read_written(b, frame, tx, x, axes);
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = build_shape(b, tx->part, shape);
    Node *part = build_broadcast(b, build_node(b, frame, value), rank, shape, tx->span);
    return value_of(all_known ? set_known(b, x, part, axes, tx->span) : set_places(b, tx, x, part, axes));
}
