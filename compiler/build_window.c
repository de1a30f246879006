/* The primitives over windows as graph nodes.  The numbers of the brackets come in statics.dims, in the order of
 * lang/check_window.c; those that a graph fixes must be constants here. */
#include "compiler/build_internal.h"

/* A number of the brackets that a graph fixes; 1 after a diagnostic. */
static int64_t fixed_number(Builder *b, const Tx *tx, int i) {
    const Dim *number = tx->statics->dims.data[i];
    if (dim_is_constant(number)) return dim_constant_value(number);
    build_unsupported(b, tx->span, "a window whose numbers are known only at run time");
    return 1;
}

static void plain_axes(Builder *b, Attributes *attr, int rank) {
    for (int i = 0; i < rank; i++) {
        attr->low[i] = dim_constant(&b->session->dims, 0);
        attr->step[i] = attr->spread[i] = attr->dilation[i] = attr->window[i] = 1;
    }
}

Value build_convolution(Builder *b, Frame *frame, const Tx *tx) {
    Node *x = build_node(b, frame, tx->args.data[0]), *w = build_node(b, frame, tx->args.data[1]);
    const Dim *shape[GRAPH_MAX_RANK];
    Attributes attr = {.groups = (int)fixed_number(b, tx, 4)};
    plain_axes(b, &attr, build_shape(b, tx->type, shape));
    for (int i = 2; i < x->rank; i++) {
        attr.step[i] = fixed_number(b, tx, 0);
        attr.low[i] = build_dim(b, tx->statics->dims.data[1]);
        attr.spread[i] = fixed_number(b, tx, 2);
        attr.dilation[i] = fixed_number(b, tx, 3);
    }
    return value_of(graph_convolution(b->region, x, w, &attr, shape, tx->span));
}

Value build_window(Builder *b, Frame *frame, const Tx *tx) {
    Node *x = build_node(b, frame, tx->args.data[0]);
    const Dim *shape[GRAPH_MAX_RANK];
    Attributes attr = {.reduce = tx->primitive == PRIM_WINDOW_MAX ? REDUCE_MAX : REDUCE_ADD};
    plain_axes(b, &attr, build_shape(b, tx->type, shape));
    for (int i = 2; i < x->rank; i++) {
        attr.window[i] = fixed_number(b, tx, 0);
        attr.step[i] = fixed_number(b, tx, 1);
        attr.low[i] = build_dim(b, tx->statics->dims.data[2]);
    }
    return value_of(graph_window(b->region, x, &attr, shape, tx->span));
}
