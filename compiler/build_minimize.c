/* `minimize LOSS over ... using ...`: the gradient of the loss with respect to the weights that the checker
 * listed, and each weight's update inlined behind it.  Optimizer states are slots, named
 * `Net.dense_1.w:1.m` (weight, number of the minimize in the step, state); the count of a minimize's runs is a
 * slot too, `minimize:1.count`, so that it is saved and resumed with the rest. */
#include "compiler/build_internal.h"

static void number_minimize(void *context, const TStmt *stmt) {
    Builder *b = context;
    map_set(b->arena, &b->minimizes, stmt, (void *)(uintptr_t)(b->minimizes.len + 1));
}

void number_minimizes(Builder *b, const TBlock *block) { visit_minimizes(block, number_minimize, b); }

static int number_of(Builder *b, const TStmt *stmt) {
    return (int)(uintptr_t)map_get(&b->minimizes, stmt);
}

static const Symbol *slot_path(Builder *b, const TStmt *stmt, const TUpdate *update, const TVariable *slot) {
    return symbol_printf(&b->session->symbols, "%s:%d.%s", update->path->text, number_of(b, stmt),
                         slot->name->text);
}

static Node *read_updated(Builder *b, const TUpdate *update) {
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = build_shape(b, update->weight->type, shape);
    return store_read(b, update->path, INPUT_PARAM,
                      (BuildSource){.kind = SOURCE_WEIGHT, .weight = update->weight},
                      build_dtype(b, update->weight->type), rank, shape, update->weight->span);
}

/* The count from 1 as the optimizers' `t`; the slot behind it holds the runs so far. */
static Node *read_count(Builder *b, const TStmt *stmt) {
    const Symbol *path = symbol_printf(&b->session->symbols, "minimize:%d.count", number_of(b, stmt));
    Node *before = store_read(b, path, INPUT_SLOT, (BuildSource){.kind = SOURCE_COUNT}, DT_I64, 0, NULL,
                              stmt->span);
    Node *one = graph_number(b->region, 1, DT_I64, 0, NULL, stmt->span);
    Node *now = graph_map2(b->region, SC_ADD, before, one, stmt->span);
    store_write(b, path, now);
    return now;
}

static void bind_slots(Builder *b, Frame *frame, const TStmt *stmt, const TUpdate *update) {
    for (int i = 0; i < update->optimizer->slots.len; i++) {
        const TVariable *slot = update->optimizer->slots.data[i];
        const Dim *shape[GRAPH_MAX_RANK];
        int rank = build_shape(b, slot->type, shape);
        Node *node = store_read(b, slot_path(b, stmt, update, slot), INPUT_SLOT,
                                (BuildSource){.kind = SOURCE_SLOT}, build_dtype(b, slot->type), rank, shape,
                                update->weight->span);
        frame_set(b, frame, slot, value_of(node));
    }
}

static Node *variable_node(const Frame *frame, const TVariable *variable) {
    return ((const Value *)map_get(&frame->variables, variable))->node;
}

/* The optimizer's body with p, g, its rates and slots bound; p and the slots afterwards are stored. */
static void apply_update(Builder *b, const TStmt *stmt, const TUpdate *update, const Value *rates, Node *gradient,
                         Node *count) {
    const TOptimizer *rule = update->optimizer;
    Frame frame = {.site = update->path->text};
    frame_set(b, &frame, rule->p, value_of(read_updated(b, update)));
    frame_set(b, &frame, rule->g, value_of(gradient));
    if (rule->t) frame_set(b, &frame, rule->t, value_of(count));
    for (int i = 0; i < rule->rates.len; i++) frame_set(b, &frame, rule->rates.data[i], rates[i]);
    bind_slots(b, &frame, stmt, update);
    build_block(b, &frame, rule->body);
    store_write(b, update->path, variable_node(&frame, rule->p));
    for (int i = 0; i < rule->slots.len; i++) {
        const TVariable *slot = rule->slots.data[i];
        store_write(b, slot_path(b, stmt, update, slot), variable_node(&frame, slot));
    }
}

static const Value *group_rates(Builder *b, Frame *frame, const TGroup *group) {
    Value *rates = arena_array(b->arena, Value, group->rates.len);
    for (int i = 0; i < group->rates.len; i++) rates[i] = build_value(b, frame, group->rates.data[i]);
    return rates;
}

static int counts_steps(const TStmt *stmt) {
    for (int i = 0; i < stmt->updates.len; i++)
        if (stmt->updates.data[i].optimizer->t) return 1;
    return 0;
}

/* The path of a weight in the record of its group's gradients. */
static const Symbol *gradient_path(Builder *b, const TGroup *group, const TUpdate *update) {
    if (!group->whole) return update->path;
    uint32_t skipped = group->whole->name->len + 1;
    return symbol_bytes(&b->session->symbols, update->path->text + skipped, update->path->len - skipped);
}

/* The record of the group's gradients through its transforms: one after all of them is known.  A weight that the loss
 * does not reach counts as one with a gradient of zeros, and stays as it is. */
static void transform_gradients(Builder *b, Frame *frame, const TStmt *stmt, int number, Node *const *weights,
                                Node **gradients) {
    const TGroup *group = &stmt->groups.data[number];
    if (!group->transformed) return;
    Value whole = {0};
    if (group->whole) whole = value_snapshot(b, value_instance(group->whole->name, group->whole->layout));
    else whole = record_of(b, group->gradient->type->layout);
    for (int i = 0; i < stmt->updates.len; i++) {
        if (stmt->updates.data[i].group != number) continue;
        Node *w = weights[i];
        record_put(b, whole, gradient_path(b, group, &stmt->updates.data[i]),
                   gradients[i] ? gradients[i] : graph_number(b->region, 0, w->dtype, w->rank, w->shape, stmt->span));
    }
    frame_set(b, frame, group->gradient, whole);
    Value made = value_snapshot(b, build_value(b, frame, group->transformed));
    if (made.kind != VALUE_RECORD) return; /* a mistake was reported */
    for (int i = 0; i < stmt->updates.len; i++)
        if (stmt->updates.data[i].group == number && gradients[i])
            gradients[i] = record_get(made, gradient_path(b, group, &stmt->updates.data[i]));
}

void build_minimize(Builder *b, Frame *frame, const TStmt *stmt) {
    Node *loss = build_node(b, frame, stmt->value);
    int count = stmt->updates.len;
    Node **weights = arena_array(b->arena, Node *, count), **gradients = arena_array(b->arena, Node *, count);
    for (int i = 0; i < count; i++) weights[i] = read_updated(b, &stmt->updates.data[i]);
    const Value **rates = arena_array(b->arena, const Value *, stmt->groups.len);
    for (int i = 0; i < stmt->groups.len; i++) rates[i] = group_rates(b, frame, &stmt->groups.data[i]);
    int first = b->region->nodes.len;
    graph_gradient(b->region, loss, weights, count, gradients);
    for (int i = 0; i < stmt->groups.len; i++) transform_gradients(b, frame, stmt, i, weights, gradients);
    Node *runs = counts_steps(stmt) ? read_count(b, stmt) : NULL;
    for (int i = 0; i < count; i++) { /* a weight that the loss does not reach stays as it is */
        const TUpdate *update = &stmt->updates.data[i];
        if (gradients[i]) apply_update(b, stmt, update, rates[update->group], gradients[i], runs);
    }
    blame_caller(b, first, stmt->span);
    graph_result(b->region, INPUT_DATA,
                 symbol_printf(&b->session->symbols, "minimize:%d.loss%s", number_of(b, stmt),
                               b->turns ? arena_printf(b->arena, ".%lld", (long long)b->iteration) : ""),
                 graph_convert(b->region, loss, b->options.use_f64 ? DT_F64 : DT_F32, stmt->span), -1);
    vec_push(b->arena, &b->build->targets, ((BuildTarget){.kind = TARGET_LOSS}));
}

static void minimize_slot_values(void *context, const TStmt *stmt) {
    Builder *b = context;
    for (int i = 0; i < stmt->updates.len; i++) {
        const TUpdate *update = &stmt->updates.data[i];
        const TOptimizer *rule = update->optimizer;
        for (int k = 0; k < rule->slots.len; k++) {
            const Symbol *path = slot_path(b, stmt, update, rule->slots.data[k]);
            Frame frame = {.site = path->text};
            frame_set(b, &frame, rule->p, value_of(read_updated(b, update)));
            Node *node = build_node(b, &frame, rule->slot_initial.data[k]);
            graph_result(b->region, INPUT_SLOT, path, node, -1);
            vec_push(b->arena, &b->build->targets, ((BuildTarget){.kind = TARGET_STORED, .name = path}));
        }
    }
}

void build_slot_values(Builder *b, const TBlock *block) { visit_minimizes(block, minimize_slot_values, b); }
