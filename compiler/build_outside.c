/* What a body reads of the program that is no tensor of its own: data sets, records and strings go through functions as
 * they are, and a field of theirs becomes an input of the region, which the caller evaluates. */
#include "compiler/build_internal.h"

Value leaf_value(Builder *b, const Tx *tx) {
    const Value *known = map_get(&b->globals, tx);
    if (known) return *known;
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = build_shape(b, tx->type, shape);
    const Symbol *path = symbol_printf(&b->session->symbols, "leaf%d", b->region->inputs.len);
    Value *kept = arena_new(b->arena, Value);
    *kept = value_of(build_input(b, INPUT_DATA, path, (BuildSource){.kind = SOURCE_LEAF, .leaf = tx},
                                 build_dtype(b, tx->type), rank, shape, tx->span));
    map_set(b->arena, &b->globals, tx, kept);
    return *kept;
}

Value value_outside(const Tx *tx) { return (Value){.kind = VALUE_OUTSIDE, .outside = tx}; }

static Value outside_items(Builder *b, const Tx *of) {
    Value *items = arena_array(b->arena, Value, of->type->count);
    for (int i = 0; i < of->type->count; i++) {
        Tx *item = arena_new(b->arena, Tx);
        *item = (Tx){.kind = T_ITEM, .type = of->type->fields[i].type, .span = of->span, .integer = i};
        vec_push(b->arena, &item->args, of);
        if (item->type->kind == TY_TUPLE) items[i] = outside_items(b, item);
        else if (item->type->kind == TY_TENSOR) items[i] = leaf_value(b, item);
        else items[i] = value_outside(item);
    }
    return (Value){.kind = VALUE_TUPLE, .items = items, .count = of->type->count};
}

Value outside_tuple(Builder *b, const TVariable *variable) {
    Tx *tx = arena_new(b->arena, Tx);
    *tx = (Tx){.kind = T_VARIABLE, .type = variable->type, .span = variable->span, .variable = (TVariable *)(uintptr_t)variable};
    Value *kept = arena_new(b->arena, Value);
    *kept = outside_items(b, tx);
    map_set(b->arena, &b->globals, variable, kept);
    return *kept;
}

/* What a name stands for that is no tensor: a function's input, or something of the program. */
static Value record_value(Builder *b, Frame *frame, const Tx *tx) {
    const Value *held = tx->kind == T_VARIABLE ? map_get(&frame->variables, tx->variable) : NULL;
    if (held) return *held;
    int is_global = tx->kind == T_VARIABLE && tx->variable->is_global;
    return is_global || tx->kind == T_DATA || !b->built_step ? value_outside(tx) : (Value){0};
}

/* A field of a data set or record of the program: one input, however often and from whichever function it is read. */
Value build_field(Builder *b, Frame *frame, const Tx *tx) {
    Value record = record_value(b, frame, tx->args.data[0]);
    if (record.kind != VALUE_OUTSIDE || tx->type->kind != TY_TENSOR) {
        build_unsupported(b, tx->span, "a field of this inside a step");
        return (Value){0};
    }
    const Tx *root = record.outside;
    if (root == tx->args.data[0] && root->kind != T_DATA) return leaf_value(b, tx);
    Tx *field = arena_new(b->arena, Tx);
    *field = *tx;
    field->args.data = NULL;
    field->args.len = field->args.cap = 0;
    vec_push(b->arena, &field->args, root);
    const Symbol *key = symbol_printf(&b->session->symbols, "%p.%s.%s",
                                      root->kind == T_DATA ? (const void *)root->data : (const void *)root,
                                      root->name ? root->name->text : "", tx->name->text);
    const Value *known = map_get(&b->globals, key);
    if (known) return *known;
    Value value = leaf_value(b, field);
    Value *kept = arena_new(b->arena, Value);
    *kept = value;
    map_set(b->arena, &b->globals, key, kept);
    return value;
}
