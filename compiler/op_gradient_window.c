/* Gradient rules of convolution and window.  A convolution's gradients are convolutions, a sum's a sum over the
 * windows that hold an element, so both can be differentiated as often as is wanted.  An extreme's gradient goes to
 * the first of equals, whose number in the window is a window of its own. */
#include "compiler/autodiff.h"

static int wanted(const Gradient *cx, const Node *n, int operand) { return cx->wanted[n->in[operand]->id]; }

static DimTable *dims_of(Gradient *cx) { return &cx->region->session->dims; }

static const Dim *constant(Gradient *cx, int64_t value) { return dim_constant(dims_of(cx), value); }

/* ---- convolution ------------------------------------------------------------------------------------- */

/* Axes 0 (of `outer` groups) and 1 change places, the groups stay with the first: (G*a, b, ...) to (G*b, a, ...),
 * or with is_channel, where the groups are those of axis 1: (a, G*b, ...) to (b, G*a, ...). */
static Node *exchange(Gradient *cx, Node *a, int groups, int is_channel, Span span) {
    static const int8_t swapped[GRAPH_MAX_RANK] = {1, 0, 2, 3, 4, 5, 6, 7}, inner[GRAPH_MAX_RANK] = {0, 2, 1, 3, 4, 5, 6, 7},
                        ends[GRAPH_MAX_RANK] = {2, 1, 0, 3, 4, 5, 6, 7};
    int rank = a->rank;
    if (groups == 1) return graph_transpose(cx->region, a, swapped, span);
    const Dim *cut[GRAPH_MAX_RANK], *joined[GRAPH_MAX_RANK], *group = constant(cx, groups);
    for (int i = 2; i < rank; i++) cut[i + 1] = joined[i] = a->shape[i];
    const Dim *part = dim_exact_div(dims_of(cx), a->shape[is_channel], group), *other = a->shape[!is_channel];
    cut[is_channel] = group;
    cut[is_channel + 1] = part;
    cut[is_channel ? 0 : 2] = other;
    joined[is_channel] = dim_mul(dims_of(cx), other, group);
    joined[!is_channel] = part;
    a = graph_reshape(cx->region, a, rank + 1, cut, span);
    a = graph_transpose(cx->region, a, is_channel ? ends : inner, span);
    return graph_reshape(cx->region, a, rank, joined, span);
}

/* x[i] is met by result o through the place p where i*spread = o*step + p*dilation - low: the kernel backwards over
 * the result, spread by its step. */
static Node *image_gradient(Gradient *cx, Node *n, Node *g) {
    Node *w = exchange(cx, n->in[1], n->attr.groups, 0, n->span);
    Attributes attr = n->attr;
    for (int i = 2; i < n->rank; i++) {
        w = graph_reverse(cx->region, w, i, n->span);
        const Dim *last = dim_sub(dims_of(cx), w->shape[i], constant(cx, 1));
        last = dim_mul(dims_of(cx), last, constant(cx, n->attr.dilation[i]));
        attr.low[i] = dim_sub(dims_of(cx), last, n->attr.low[i]);
        attr.step[i] = n->attr.spread[i];
        attr.spread[i] = n->attr.step[i];
    }
    return graph_convolution(cx->region, g, w, &attr, n->in[0]->shape, n->span);
}

/* The window slides over x as before, but its places are the results and the batch is summed like channels. */
static Node *kernel_gradient(Gradient *cx, Node *n, Node *g) {
    Node *x = exchange(cx, n->in[0], n->attr.groups, 1, n->span);
    Node *kernel = exchange(cx, g, 1, 0, n->span);
    const Dim *shape[GRAPH_MAX_RANK] = {n->in[1]->shape[1], n->in[1]->shape[0]};
    Attributes attr = n->attr;
    for (int i = 2; i < n->rank; i++) {
        shape[i] = n->in[1]->shape[i];
        attr.step[i] = n->attr.dilation[i];
        attr.dilation[i] = n->attr.step[i];
    }
    Node *sum = graph_convolution(cx->region, x, kernel, &attr, shape, n->span);
    return exchange(cx, sum, 1, 0, n->span);
}

/* The same where elements are spread: not x with zeros between its elements but g is what the window slides over, a place
 * of it for each element of x, backwards: o = i*spread + p'*dilation - low', and p' counts from the window's end. */
static Node *spread_kernel_gradient(Gradient *cx, Node *n, Node *g) {
    Node *image = exchange(cx, g, n->attr.groups, 1, n->span);
    Node *kernel = exchange(cx, n->in[0], 1, 0, n->span);
    const Dim *shape[GRAPH_MAX_RANK] = {image->shape[0], kernel->shape[0]};
    Attributes attr = n->attr;
    for (int i = 2; i < n->rank; i++) {
        shape[i] = n->in[1]->shape[i];
        const Dim *last = dim_sub(dims_of(cx), shape[i], constant(cx, 1));
        last = dim_mul(dims_of(cx), last, constant(cx, n->attr.dilation[i]));
        attr.low[i] = dim_sub(dims_of(cx), last, n->attr.low[i]);
        attr.step[i] = n->attr.dilation[i];
        attr.dilation[i] = n->attr.spread[i];
        attr.spread[i] = 1;
    }
    Node *sum = graph_convolution(cx->region, image, kernel, &attr, shape, n->span);
    for (int i = 2; i < n->rank; i++) sum = graph_reverse(cx->region, sum, i, n->span);
    if (n->attr.groups != 1) sum = exchange(cx, exchange(cx, sum, n->attr.groups, 1, n->span), 1, 0, n->span);
    return sum;
}

static int is_only_spread(const Node *n) {
    int is_spread = 0;
    for (int i = 2; i < n->rank; i++) {
        if (n->attr.step[i] != 1) return 0;
        is_spread |= n->attr.spread[i] != 1;
    }
    return is_spread;
}

void gradient_convolution(Gradient *cx, Node *n, Node *g) {
    if (wanted(cx, n, 0)) gradient_add(cx, n->in[0], image_gradient(cx, n, g));
    if (!wanted(cx, n, 1)) return;
    gradient_add(cx, n->in[1], is_only_spread(n) ? spread_kernel_gradient(cx, n, g) : kernel_gradient(cx, n, g));
}

/* ---- window ------------------------------------------------------------------------------------------ */

static Node *zero(Gradient *cx, const Node *like) {
    return graph_number(cx->region, 0, like->dtype, 0, NULL, like->span);
}

/* The sum over the windows that hold an element: of g with its steps put between, windows of step 1. */
static Node *sum_gradient(Gradient *cx, const Node *n, Node *g) {
    const Node *x = n->in[0];
    const Dim *low[GRAPH_MAX_RANK], *shape[GRAPH_MAX_RANK];
    int64_t interior[GRAPH_MAX_RANK];
    Attributes attr = n->attr;
    for (int i = 0; i < n->rank; i++) {
        const Dim *last = constant(cx, n->attr.window[i] - 1);
        low[i] = dim_sub(dims_of(cx), last, n->attr.low[i]);
        shape[i] = dim_add(dims_of(cx), x->shape[i], last);
        interior[i] = n->attr.step[i] - 1;
        attr.low[i] = constant(cx, 0);
        attr.step[i] = 1;
    }
    Node *spread = graph_pad(cx->region, g, zero(cx, g), low, interior, shape, n->span);
    return graph_window(cx->region, spread, &attr, x->shape, n->span);
}

/* The places q*step .. q*step + step - 1 of all windows: no two windows share an element there, so each element asks
 * its one window.  Behind every axis with a window stands an axis of those places. */
typedef struct Piece {
    int64_t first[GRAPH_MAX_RANK]; /* q*step */
    int64_t width[GRAPH_MAX_RANK]; /* places of the piece */
    const Dim *shape[GRAPH_MAX_RANK];
    int8_t axes[GRAPH_MAX_RANK]; /* of the result's axis in that shape */
    int rank;
} Piece;

static int has_window(const Node *n, int i) { return n->attr.window[i] > 1 || n->attr.step[i] > 1; }

static void shape_piece(Gradient *cx, const Node *n, Piece *p) {
    p->rank = 0;
    for (int i = 0; i < n->rank; i++) {
        int64_t left = n->attr.window[i] - p->first[i];
        p->width[i] = left < n->attr.step[i] ? left : n->attr.step[i];
        p->axes[i] = (int8_t)p->rank;
        p->shape[p->rank++] = n->shape[i];
        if (has_window(n, i)) p->shape[p->rank++] = constant(cx, p->width[i]);
    }
}

/* The row-major numbers of the piece's places in their windows. */
static Node *place_numbers(Gradient *cx, const Node *n, const Piece *p) {
    int64_t first = 0, pitch = 1;
    Node *number = NULL;
    for (int i = n->rank - 1; i >= 0; i--) {
        first += p->first[i] * pitch;
        if (has_window(n, i)) {
            Node *at = graph_iota(cx->region, DT_I32, p->axes[i] + 1, p->rank, p->shape, n->span);
            Node *by = graph_number(cx->region, (double)pitch, DT_I32, p->rank, p->shape, n->span);
            at = graph_map2(cx->region, SC_MUL, at, by, n->span);
            number = number ? graph_map2(cx->region, SC_ADD, number, at, n->span) : at;
        }
        pitch *= n->attr.window[i];
    }
    Node *start = graph_number(cx->region, (double)first, DT_I32, p->rank, p->shape, n->span);
    return number ? graph_map2(cx->region, SC_ADD, number, start, n->span) : start;
}

static Node *piece_gradient(Gradient *cx, const Node *n, Node *taken, Node *g, const Piece *p) {
    Region *r = cx->region;
    const Dim *full[GRAPH_MAX_RANK], *joined[GRAPH_MAX_RANK], *low[GRAPH_MAX_RANK];
    int is_whole = 1;
    for (int i = 0; i < n->rank; i++) {
        int at = p->axes[i];
        is_whole = is_whole && p->width[i] == n->attr.step[i];
        full[at] = n->shape[i];
        if (has_window(n, i)) full[at + 1] = constant(cx, n->attr.step[i]);
        joined[i] = dim_mul(dims_of(cx), n->shape[i], constant(cx, n->attr.step[i]));
        low[i] = dim_sub(dims_of(cx), constant(cx, p->first[i]), n->attr.low[i]);
    }
    taken = graph_broadcast(r, taken, p->axes, p->rank, p->shape, n->span);
    g = graph_broadcast(r, g, p->axes, p->rank, p->shape, n->span);
    Node *is_taken = graph_map2(r, SC_EQ, taken, place_numbers(cx, n, p), n->span);
    Node *none = graph_number(r, 0, g->dtype, p->rank, p->shape, n->span);
    Node *part = graph_map3(r, SC_SELECT, is_taken, g, none, n->span);
    if (!is_whole) part = graph_pad(r, part, zero(cx, g), NULL, NULL, full, n->span);
    part = graph_reshape(r, part, n->rank, joined, n->span);
    return graph_pad(r, part, zero(cx, g), low, NULL, n->in[0]->shape, n->span);
}

/* To the next piece, the last axis fastest; 0 behind the last. */
static int next_piece(const Node *n, Piece *p) {
    for (int i = n->rank - 1; i >= 0; i--) {
        p->first[i] += n->attr.step[i];
        if (p->first[i] < n->attr.window[i]) return 1;
        p->first[i] = 0;
    }
    return 0;
}

static Node *extreme_gradient(Gradient *cx, const Node *n, Node *g) {
    Attributes attr = n->attr;
    attr.reduce = n->attr.reduce == REDUCE_MAX ? REDUCE_ARGMAX : REDUCE_ARGMIN;
    Node *taken = graph_window(cx->region, n->in[0], &attr, n->shape, n->span), *sum = NULL;
    Piece piece = {.rank = 0};
    do {
        shape_piece(cx, n, &piece);
        Node *part = piece_gradient(cx, n, taken, g, &piece);
        sum = sum ? graph_map2(cx->region, SC_ADD, sum, part, n->span) : part;
    } while (next_piece(n, &piece));
    return sum;
}

void gradient_window(Gradient *cx, Node *n, Node *g) {
    Node *back = n->attr.reduce == REDUCE_ADD ? sum_gradient(cx, n, g) : extreme_gradient(cx, n, g);
    gradient_add(cx, n->in[0], back);
}
