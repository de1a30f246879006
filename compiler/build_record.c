/* Records of weights as values.  An instance is read from the store where it is used; a record that was computed, and
 * a snapshot, has the node of every leaf by its path: params and states.  The order of the leaves is that of the
 * layout: the weights of the record itself, then its parts. */
#include "compiler/build_internal.h"

/* ---- leaves ------------------------------------------------------------------------------------------ */

Value value_instance(const Symbol *path, const Layout *layout) {
    return (Value){.kind = VALUE_INSTANCE, .path = path, .layout = layout};
}

const Symbol *join_path(Builder *b, const Symbol *path, const Symbol *name) {
    return path ? symbol_join(&b->session->symbols, path, name) : name;
}

Node *read_weight(Builder *b, const Symbol *path, const Weight *weight) {
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = build_shape(b, weight->type, shape);
    return store_read(b, path, weight->is_state ? INPUT_STATE : INPUT_PARAM,
                      (BuildSource){.kind = SOURCE_WEIGHT, .weight = weight}, build_dtype(b, weight->type), rank,
                      shape, weight->span);
}

Value record_of(Builder *b, const Layout *layout) {
    return (Value){.kind = VALUE_RECORD, .layout = layout, .leaves = arena_new(b->arena, Map)};
}

void record_put(Builder *b, Value record, const Symbol *path, Node *node) {
    map_set(b->arena, (Map *)(uintptr_t)record.leaves, join_path(b, record.path, path), node);
}

Node *record_get(Value record, const Symbol *path) { return map_get(record.leaves, path); }

Node *value_weight(Builder *b, Value record, const Weight *weight) {
    const Symbol *path = join_path(b, record.path, weight->name);
    if (record.kind == VALUE_INSTANCE) return read_weight(b, path, weight);
    Node *node = record.kind == VALUE_RECORD ? record_get(record, path) : NULL;
    if (!node) ICE("a record without %s", path->text);
    return node;
}

Value value_part(Builder *b, Value record, const Symbol *name) {
    for (int i = 0; record.layout && i < record.layout->parts.len; i++) {
        if (record.layout->parts.data[i].name != name) continue;
        Value part = record;
        part.path = join_path(b, record.path, name);
        part.layout = record.layout->parts.data[i].layout;
        return part;
    }
    ICE("no part %s", name->text);
}

/* One leaf of a layout: its path below the record. */
typedef struct Leaf {
    const Symbol *path;
    const Weight *weight;
} Leaf;

typedef Vec(Leaf) Leaves;

static void list_leaves(Builder *b, const Layout *layout, const Symbol *path, Leaves *out) {
    for (int i = 0; i < layout->weights.len; i++) {
        const Weight *weight = layout->weights.data[i];
        vec_push(b->arena, out, ((Leaf){join_path(b, path, weight->name), weight}));
    }
    for (int i = 0; i < layout->parts.len; i++)
        list_leaves(b, layout->parts.data[i].layout, join_path(b, path, layout->parts.data[i].name), out);
}

static Leaves leaves_of(Builder *b, const Layout *layout) {
    Leaves leaves = {0};
    list_leaves(b, layout, NULL, &leaves);
    return leaves;
}

static Node *leaf_node(Builder *b, Value record, const Leaf *leaf) {
    const Symbol *path = join_path(b, record.path, leaf->path);
    Node *node = record.kind == VALUE_INSTANCE ? read_weight(b, path, leaf->weight) : record_get(record, path);
    if (!node) ICE("a record without %s", path->text);
    return node;
}

/* A record of its own, so that leaves may be put into it. */
static Value copy_record(Builder *b, Value record) {
    Value copy = record_of(b, record.layout);
    Leaves leaves = leaves_of(b, record.layout);
    for (int i = 0; i < leaves.len; i++)
        record_put(b, copy, leaves.data[i].path, leaf_node(b, record, &leaves.data[i]));
    return copy;
}

Value value_snapshot(Builder *b, Value value) {
    if (value.kind == VALUE_TUPLE) {
        Value *items = arena_array(b->arena, Value, value.count);
        for (int i = 0; i < value.count; i++) items[i] = value_snapshot(b, value.items[i]);
        value.items = items;
    }
    return value.kind == VALUE_INSTANCE ? copy_record(b, value) : value;
}

void record_leaves(Builder *b, Value record, Nodes *out) {
    Leaves leaves = leaves_of(b, record.layout);
    for (int i = 0; i < leaves.len; i++) vec_push(b->arena, out, leaf_node(b, record, &leaves.data[i]));
}

Value record_input(Builder *b, const TVariable *variable) {
    Value record = record_of(b, variable->type->layout);
    Leaves leaves = leaves_of(b, record.layout);
    for (int i = 0; i < leaves.len; i++) {
        const Leaf *leaf = &leaves.data[i];
        const Dim *shape[GRAPH_MAX_RANK];
        int rank = build_shape(b, leaf->weight->type, shape);
        const Symbol *path = symbol_printf(&b->session->symbols, "%s:%u.%s", variable->name->text,
                                           variable->span.begin, leaf->path->text);
        BuildSource source = {.kind = SOURCE_VARIABLE, .variable = variable, .part = leaf->path};
        record_put(b, record, leaf->path,
                   build_input(b, INPUT_DATA, path, source, build_dtype(b, leaf->weight->type), rank, shape,
                               variable->span));
    }
    Value *kept = arena_new(b->arena, Value);
    *kept = record;
    map_set(b->arena, &b->globals, variable, kept);
    return record;
}

Value record_select(Builder *b, Node *condition, Value yes, Value no, Span span) {
    Value chosen = copy_record(b, yes);
    Leaves leaves = leaves_of(b, yes.layout);
    for (int i = 0; i < leaves.len; i++) {
        Node *a = leaf_node(b, yes, &leaves.data[i]), *other = leaf_node(b, no, &leaves.data[i]);
        if (a == other) continue;
        Node *c = build_broadcast(b, condition, a->rank, a->shape, span);
        record_put(b, chosen, leaves.data[i].path, graph_map3(b->region, SC_SELECT, c, a, other, span));
    }
    return chosen;
}

/* ---- computed records -------------------------------------------------------------------------------- */

Value build_record(Builder *b, Frame *frame, const Tx *tx) {
    Value from = value_snapshot(b, build_value(b, frame, tx->args.data[0]));
    Value record = record_of(b, tx->type->layout);
    Leaves leaves = leaves_of(b, tx->type->layout);
    int next = 1;
    for (int i = 0; i < leaves.len; i++) {
        const Leaf *leaf = &leaves.data[i];
        Node *node = leaf->weight->is_state ? leaf_node(b, from, leaf)
                                            : build_node(b, frame, tx->args.data[next++]);
        if (!leaf->weight->is_state) { /* a scalar rule may give a scalar where the leaf has axes */
            const Dim *shape[GRAPH_MAX_RANK];
            int rank = build_shape(b, leaf->weight->type, shape);
            node = build_broadcast(b, node, rank, shape, tx->span);
        }
        record_put(b, record, leaf->path, node);
    }
    return record;
}

/* ---- assignment -------------------------------------------------------------------------------------- */

static void set_instance(Builder *b, Value place, Value value) {
    value = value_snapshot(b, value); /* all is read before anything is written */
    Leaves leaves = leaves_of(b, place.layout);
    for (int i = 0; i < leaves.len; i++) {
        const Symbol *path = join_path(b, place.path, leaves.data[i].path);
        read_weight(b, path, leaves.data[i].weight); /* an input of that path, for the result to replace */
        store_write(b, path, leaf_node(b, value, &leaves.data[i]));
    }
}

/* The record that a path begins with, and the path below it. */
static const Tx *root_of(Builder *b, const Tx *place, const Symbol **below) {
    const Symbol *names[64];
    int count = 0;
    for (; place->kind == T_PART || place->kind == T_WEIGHT; place = place->args.data[0]) {
        if (count == 64) ICE("a path of more than 64 names");
        names[count++] = place->kind == T_PART ? place->name : place->weight->name;
    }
    *below = NULL;
    while (count) *below = join_path(b, *below, names[--count]);
    return place;
}

/* A copy with the weight or part replaced. */
static Value replace_below(Builder *b, Value record, const Symbol *below, Value value) {
    Value copy = copy_record(b, record);
    if (value.kind == VALUE_TENSOR) {
        record_put(b, copy, below, value.node);
        return copy;
    }
    Leaves leaves = leaves_of(b, value.layout);
    for (int i = 0; i < leaves.len; i++)
        record_put(b, copy, join_path(b, below, leaves.data[i].path), leaf_node(b, value, &leaves.data[i]));
    return copy;
}

void build_set_weight(Builder *b, Frame *frame, const TStmt *stmt) {
    const Symbol *below;
    const Tx *root = root_of(b, stmt->weight, &below);
    Value value = build_value(b, frame, stmt->value), record = build_value(b, frame, root);
    if (record.kind == VALUE_RECORD) {
        Value copy = replace_below(b, record, below, value_snapshot(b, value));
        if (root->kind == T_VARIABLE) frame_set(b, frame, root->variable, copy);
        else if (root->kind == T_SELF) frame->self = copy; /* a state of a computed record: for this call */
        else ICE("assignment to a part of a value");
        return;
    }
    Value place = build_value(b, frame, stmt->weight->kind == T_WEIGHT ? stmt->weight->args.data[0] : stmt->weight);
    if (place.kind != VALUE_INSTANCE) ICE("assignment to a weight of no instance");
    if (stmt->weight->kind != T_WEIGHT) {
        set_instance(b, place, value);
        return;
    }
    const Symbol *path = join_path(b, place.path, stmt->weight->weight->name);
    read_weight(b, path, stmt->weight->weight); /* an input of that path, for the result to replace */
    store_write(b, path, value.node ? value.node : build_node(b, frame, stmt->value));
}

/* ---- total, flat, like, fresh ------------------------------------------------------------------------- */

/* The params of a record, in order, as nodes of one dtype. */
static void list_params(Builder *b, Value record, DType dtype, Nodes *nodes, Leaves *params, Span span) {
    Leaves leaves = leaves_of(b, record.layout);
    for (int i = 0; i < leaves.len; i++) {
        if (leaves.data[i].weight->is_state) continue;
        vec_push(b->arena, params, leaves.data[i]);
        vec_push(b->arena, nodes, graph_convert(b->region, leaf_node(b, record, &leaves.data[i]), dtype, span));
    }
}

/* Each leaf is summed as `sum` does, from its last axis; the sums are added in the order of the leaves. */
Value build_total(Builder *b, Frame *frame, const Tx *tx) {
    Nodes nodes = {0};
    Leaves params = {0};
    list_params(b, build_value(b, frame, tx->args.data[0]), build_dtype(b, tx->type), &nodes, &params, tx->span);
    Node *total = NULL;
    for (int i = 0; i < nodes.len; i++) {
        Node *sum = nodes.data[i];
        while (sum->rank) sum = graph_reduce(b->region, REDUCE_ADD, sum, sum->rank - 1, tx->span);
        total = total ? graph_map2(b->region, SC_ADD, total, sum, tx->span) : sum;
    }
    return value_of(total);
}

static const Dim *element_count(Builder *b, const Node *node) {
    const Dim *count = dim_constant(&b->session->dims, 1);
    for (int i = 0; i < node->rank; i++) count = dim_mul(&b->session->dims, count, node->shape[i]);
    return count;
}

Value build_flat(Builder *b, Frame *frame, const Tx *tx) {
    Nodes nodes = {0};
    Leaves params = {0};
    list_params(b, build_value(b, frame, tx->args.data[0]), build_dtype(b, tx->type), &nodes, &params, tx->span);
    for (int i = 0; i < nodes.len; i++) {
        const Dim *count = element_count(b, nodes.data[i]);
        nodes.data[i] = graph_reshape(b->region, nodes.data[i], 1, &count, tx->span);
    }
    return value_of(nodes.len == 1 ? nodes.data[0]
                                   : graph_concat(b->region, nodes.data, nodes.len, 0, tx->span));
}

Value build_like(Builder *b, Frame *frame, const Tx *tx) {
    Value record = copy_record(b, build_value(b, frame, tx->args.data[0]));
    Node *all = build_node(b, frame, tx->args.data[1]);
    Leaves leaves = leaves_of(b, record.layout);
    const Dim *low = dim_constant(&b->session->dims, 0);
    for (int i = 0; i < leaves.len; i++) {
        if (leaves.data[i].weight->is_state) continue;
        Node *old = leaf_node(b, record, &leaves.data[i]);
        const Dim *count = element_count(b, old);
        Node *piece = graph_slice(b->region, all, &low, NULL, &count, tx->span);
        piece = graph_reshape(b->region, piece, old->rank, old->shape, tx->span);
        record_put(b, record, leaves.data[i].path, graph_convert(b->region, piece, old->dtype, tx->span));
        low = dim_add(&b->session->dims, low, count);
    }
    return record;
}

/* Every weight by its initializer, drawn anew at this place; states with their first values. */
static void draw(Builder *b, Value record, Value out, const char *site) {
    for (int i = 0; i < record.layout->weights.len; i++) {
        const Weight *weight = record.layout->weights.data[i];
        Frame own = {.self = record,
                     .site = arena_printf(b->arena, "%s.%s", site, weight->name->text)};
        record_put(b, out, weight->name, build_node(b, &own, weight->initial));
    }
    for (int i = 0; i < record.layout->parts.len; i++) {
        const Symbol *name = record.layout->parts.data[i].name;
        draw(b, value_part(b, record, name), value_part(b, out, name),
             arena_printf(b->arena, "%s.%s", site, name->text));
    }
}

Value build_fresh(Builder *b, Frame *frame, const Tx *tx) {
    Value record = build_value(b, frame, tx->args.data[0]);
    Value out = record_of(b, record.layout);
    draw(b, record, out, arena_printf(b->arena, "%s.%s", frame->site, tx->site->text));
    return out;
}

/* ---- grad -------------------------------------------------------------------------------------------- */

static Node *node_apart(Builder *b, Node *node, Span span) {
    return dtype_is_float(node->dtype) ? graph_reshape(b->region, node, node->rank, node->shape, span) : node;
}

Value value_apart(Builder *b, Value value, Span span) {
    if (value.kind == VALUE_TENSOR) return value_of(node_apart(b, value.node, span));
    if (value.kind != VALUE_INSTANCE && value.kind != VALUE_RECORD) return value;
    Value copy = copy_record(b, value);
    Leaves leaves = leaves_of(b, copy.layout);
    for (int i = 0; i < leaves.len; i++)
        record_put(b, copy, leaves.data[i].path, node_apart(b, leaf_node(b, copy, &leaves.data[i]), span));
    return copy;
}

static Node *gradient_or_zero(Builder *b, Node *gradient, const Node *of, Span span) {
    return gradient ? gradient : graph_number(b->region, 0, of->dtype, of->rank, of->shape, span);
}

/* The gradient by a record is a record: of its params; the states are those that it has. */
static Value record_gradient(Builder *b, Node *of, Value by, Span span) {
    Value record = copy_record(b, by);
    Leaves leaves = leaves_of(b, by.layout);
    Node **nodes = arena_array(b->arena, Node *, leaves.len), **gradients = arena_array(b->arena, Node *, leaves.len);
    for (int i = 0; i < leaves.len; i++) nodes[i] = leaf_node(b, by, &leaves.data[i]);
    graph_gradient(b->region, of, nodes, leaves.len, gradients);
    for (int i = 0; i < leaves.len; i++)
        if (!leaves.data[i].weight->is_state)
            record_put(b, record, leaves.data[i].path, gradient_or_zero(b, gradients[i], nodes[i], span));
    return record;
}

Value build_gradient(Builder *b, Frame *frame, const Tx *tx) {
    int first = b->region->nodes.len;
    /* what is differentiated by is evaluated first: the same nodes are then read inside the expression */
    Value by = build_value(b, frame, tx->args.data[1]);
    if (by.kind == VALUE_INSTANCE) by = value_snapshot(b, by);
    Node *of = build_node(b, frame, tx->args.data[0]);
    Value value = by;
    if (by.kind == VALUE_RECORD) {
        value = record_gradient(b, of, by, tx->span);
    } else {
        Node *gradient = NULL;
        graph_gradient(b->region, of, &by.node, 1, &gradient);
        value = value_of(gradient_or_zero(b, gradient, by.node, tx->span));
    }
    blame_caller(b, first, tx->span);
    return value;
}
