/* Typed expressions and statements to graph nodes.
 *
 * In: elaborated bodies (lang/typed.h), monomorphic and fully named.  Out: nodes of a Region.  A call is inlined
 * with a frame of its own; statements run in order, so that a later one sees what an earlier one changed.  The
 * store maps the path of every weight, state and slot to its present node: reading a path that nobody has
 * written makes a region input, and paths that were written become results. */
#include "compiler/build_internal.h"

#include <string.h>

/* ---- small things ------------------------------------------------------------------------------------ */

DType build_dtype(const Builder *b, const Type *type) {
    return b->options.use_f64 && type->dtype == DT_F32 ? DT_F64 : type->dtype;
}

const Dim *build_dim(Builder *b, const Dim *dim) {
    return b->sizes.len ? dim_substitute(&b->session->dims, dim, &b->sizes) : dim;
}

const Dim *build_bound(Builder *b, const Type *type) {
    return type->index_bound ? build_dim(b, type->index_bound) : NULL;
}

int build_shape(Builder *b, const Type *type, const Dim **shape) {
    for (int i = 0; i < type->rank; i++) shape[i] = build_dim(b, type->axes[i].dim);
    return type->rank;
}

Value value_of(Node *node) { return (Value){.kind = VALUE_TENSOR, .node = node}; }

void frame_set(Builder *b, Frame *frame, const TVariable *variable, Value value) {
    Value *kept = arena_new(b->arena, Value);
    *kept = variable->is_differentiated ? value_apart(b, value, variable->span) : value;
    map_set(b->arena, &frame->variables, variable, kept);
}

void build_unsupported(Builder *b, Span span, const char *what) {
    Diag *diag = diag_add(&b->session->diags, span, E_NOT_COMPILED, "%s cannot be compiled yet", what);
    diag_note(&b->session->diags, diag, "it was checked and has no mistake in it");
}

Node *build_with_sizes(Builder *b, Node *node, const Dim *const *shape, Span span) {
    const Dim *sizes[GRAPH_MAX_RANK];
    int has_open = 0;
    for (int i = 0; i < node->rank; i++) {
        sizes[i] = node->shape[i];
        if (sizes[i] == shape[i] || dim_compare(&b->session->dims, sizes[i], shape[i], NULL) != DIM_UNKNOWN) continue;
        if (dim_is_constant(sizes[i]) && dim_constant_value(sizes[i]) == 1) continue; /* it stretches */
        build_equal(b, sizes[i], shape[i], span);
        sizes[i] = shape[i];
        has_open = 1;
    }
    return has_open ? graph_reshape(b->region, node, node->rank, sizes, span) : node;
}

Node *build_with_axis(Builder *b, Node *node, int axis, const Dim *size, Span span) {
    const Dim *shape[GRAPH_MAX_RANK];
    for (int i = 0; i < node->rank; i++) shape[i] = i == axis ? size : node->shape[i];
    return build_with_sizes(b, node, shape, span);
}

Node *build_broadcast(Builder *b, Node *node, int rank, const Dim *const *shape, Span span) {
    const Dim *kept[GRAPH_MAX_RANK];
    int8_t axes[GRAPH_MAX_RANK];
    int count = 0, is_same = node->rank == rank;
    node = build_with_sizes(b, node, shape + rank - node->rank, span);
    for (int i = 0; i < node->rank; i++) {
        int at = rank - node->rank + i;
        int stretches = node->shape[i] != shape[at];
        is_same = is_same && !stretches;
        if (stretches) continue;
        kept[count] = node->shape[i];
        axes[count++] = (int8_t)at;
    }
    if (is_same) return node;
    if (count < node->rank) node = graph_reshape(b->region, node, count, kept, span);
    return graph_broadcast(b->region, node, axes, rank, shape, span);
}

/* ---- inputs and the store ---------------------------------------------------------------------------- */

Node *build_input(Builder *b, InputKind kind, const Symbol *path, BuildSource source, DType dtype, int rank,
                  const Dim *const *shape, Span span) {
    Node *node = graph_input(b->region, kind, path, dtype, rank, shape, span);
    vec_push(b->arena, &b->build->sources, source);
    return node;
}

Node *store_read(Builder *b, const Symbol *path, InputKind kind, BuildSource source, DType dtype, int rank,
                 const Dim *const *shape, Span span) {
    Node *node = map_get(&b->store, path);
    if (node) return node;
    node = build_input(b, kind, path, source, dtype, rank, shape, span);
    map_set(b->arena, &b->store, path, node);
    map_set(b->arena, &b->input_index, path, (void *)(uintptr_t)b->region->inputs.len);
    return node;
}

void store_write(Builder *b, const Symbol *path, Node *node) {
    map_set(b->arena, &b->store, path, node);
    map_set(b->arena, &b->written, path, node);
}

static Node *scalar_input(Builder *b, SourceKind source, InputKind kind, const char *name) {
    return build_input(b, kind, symbol(&b->session->symbols, name), (BuildSource){.kind = source}, DT_I64, 0,
                       NULL, (Span){0});
}

Node *build_seed(Builder *b) {
    if (!b->seed) {
        const Dim *two = dim_constant(&b->session->dims, 2);
        b->seed = build_input(b, INPUT_SEED, symbol(&b->session->symbols, "seed"),
                              (BuildSource){.kind = SOURCE_SEED}, DT_U32, 1, &two, (Span){0});
    }
    return b->seed;
}

Node *build_step_number(Builder *b) {
    if (!b->step) b->step = scalar_input(b, SOURCE_STEP, INPUT_STEP, "step");
    return b->step;
}

Node *build_example0(Builder *b) {
    if (!b->example0) b->example0 = scalar_input(b, SOURCE_EXAMPLE0, INPUT_EXAMPLE0, "example0");
    return b->example0;
}

/* A variable that no frame has set: a global of the program or of the train block. */
static Value global_value(Builder *b, const TVariable *variable) {
    const Value *known = map_get(&b->globals, variable);
    if (known) return *known;
    if (variable->type->kind == TY_INSTANCE) return record_input(b, variable);
    if (variable->type->kind == TY_TUPLE) return outside_tuple(b, variable);
    if (variable->type->kind != TY_TENSOR) {
        build_unsupported(b, variable->span, "a value other than a tensor from outside the step");
        return (Value){0};
    }
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = build_shape(b, variable->type, shape);
    const Symbol *path = symbol_printf(&b->session->symbols, "%s:%u", variable->name->text, variable->span.begin);
    Value value = value_of(build_input(b, INPUT_DATA, path,
                                       (BuildSource){.kind = SOURCE_VARIABLE, .variable = variable},
                                       build_dtype(b, variable->type), rank, shape, variable->span));
    Value *kept = arena_new(b->arena, Value);
    *kept = value;
    map_set(b->arena, &b->globals, variable, kept);
    return value;
}

static Value option_value(Builder *b, const Tx *tx) {
    const Symbol *path = tx->option->name;
    return value_of(store_read(b, path, INPUT_HYPER,
                               (BuildSource){.kind = SOURCE_OPTION, .option = tx->option},
                               build_dtype(b, tx->type), 0, NULL, tx->span));
}

/* ---- run-time checks --------------------------------------------------------------------------------- */

void build_target(Builder *b, const Symbol *path, Node *node, BuildTarget target) {
    graph_result(b->region, INPUT_DATA, path, node, -1);
    vec_push(b->arena, &b->build->targets, target);
}

void build_check(Builder *b, Node *holds, Span span, const char *message) {
    while (holds->rank) holds = graph_reduce(b->region, REDUCE_AND, holds, holds->rank - 1, span);
    if (b->guard)
        holds = graph_map2(b->region, SC_OR, graph_map1(b->region, SC_NOT, b->guard, span), holds, span);
    build_target(b, symbol_printf(&b->session->symbols, "check.%d", b->region->results.len), holds,
               (BuildTarget){.kind = TARGET_CHECK, .message = message, .span = span});
}

Node *build_index(Builder *b, Node *index, const Dim *known, const Dim *bound, Span span) {
    if (known && dim_at_most(&b->session->dims, known, bound, NULL) == DIM_EQUAL)
        return graph_convert(b->region, index, DT_I32, span);
    Region *r = b->region;
    Node *zero = graph_number(r, 0, index->dtype, index->rank, index->shape, span);
    Node *end = build_broadcast(b, graph_dim_value(r, bound, index->dtype, span), index->rank, index->shape, span);
    Node *holds = graph_map2(r, SC_AND, graph_map2(r, SC_GE, index, zero, span),
                             graph_map2(r, SC_LT, index, end, span), span);
    build_check(b, holds, span,
                arena_printf(&b->session->arena, "an index lies outside 0 to %s",
                             dim_text(&b->session->arena, dim_sub(&b->session->dims, bound,
                                                                  dim_constant(&b->session->dims, 1)))));
    Node *inside = graph_map3(r, SC_SELECT, holds, index, zero, span);
    return graph_convert(r, inside, DT_I32, span);
}

/* ---- control: blocks, branches, calls ---------------------------------------------------------------- */

static Value select_value(Builder *b, Node *condition, Value yes, Value no, Span span) {
    if (yes.kind == VALUE_TUPLE) {
        Value *items = arena_array(b->arena, Value, yes.count);
        for (int i = 0; i < yes.count; i++)
            items[i] = select_value(b, condition, yes.items[i], no.items[i], span);
        return (Value){.kind = VALUE_TUPLE, .items = items, .count = yes.count};
    }
    if (yes.kind == VALUE_INSTANCE || yes.kind == VALUE_RECORD) return record_select(b, condition, yes, no, span);
    if (yes.kind != VALUE_TENSOR || yes.node == no.node) return yes;
    Node *c = build_broadcast(b, condition, yes.node->rank, yes.node->shape, span);
    return value_of(graph_map3(b->region, SC_SELECT, c, yes.node, no.node, span));
}

static Map copy_map(Builder *b, const Map *map) {
    Map copy = {0};
    for (int i = 0; i < map->len; i++) map_set(b->arena, &copy, map->entries[i].key, map->entries[i].value);
    return copy;
}

/* After both branches of an `if`: what they left different becomes a select.  Paths and variables that only
 * one branch knows are read or declared in it alone. */
static void merge_variables(Builder *b, Frame *frame, Node *condition, const Map *yes, Span span) {
    for (int i = 0; i < yes->len; i++) {
        const Value *other = map_get(&frame->variables, yes->entries[i].key), *mine = yes->entries[i].value;
        if (!other || other == mine) continue;
        frame_set(b, frame, yes->entries[i].key, select_value(b, condition, *mine, *other, span));
    }
}

static void merge_store(Builder *b, Node *condition, const Map *before, const Map *yes, Span span) {
    for (int i = 0; i < yes->len; i++) {
        const Symbol *path = yes->entries[i].key;
        Node *mine = yes->entries[i].value, *other = map_get(&b->store, path);
        if (!other) { /* first read in the branch: the input */
            other = map_has(&b->input_index, path)
                        ? b->region->inputs.data[(uintptr_t)map_get(&b->input_index, path) - 1].node
                        : mine;
            map_set(b->arena, &b->store, path, other);
        }
        if (mine != other)
            store_write(b, path, select_value(b, condition, value_of(mine), value_of(other), span).node);
    }
    for (int i = 0; i < b->store.len; i++) { /* first read in the other branch, perhaps written there */
        const Symbol *path = b->store.entries[i].key;
        if (map_has(yes, path) || map_has(before, path) || !map_has(&b->input_index, path)) continue;
        Node *old = b->region->inputs.data[(uintptr_t)map_get(&b->input_index, path) - 1].node;
        Node *other = b->store.entries[i].value;
        if (old != other)
            store_write(b, path, select_value(b, condition, value_of(old), value_of(other), span).node);
    }
}

static Value build_branches(Builder *b, Frame *frame, const Tx *of, const TBlock *yes, const TBlock *no, Span span) {
    Node *condition = build_node(b, frame, of);
    Map variables = copy_map(b, &frame->variables), store = copy_map(b, &b->store);
    Node *outer = b->guard;
    b->guard = outer ? graph_map2(b->region, SC_AND, outer, condition, span) : condition;
    build_divisions(b);
    int conditions = b->build->conditions.len;
    Value then_value = build_block(b, frame, yes);
    Map then_variables = frame->variables, then_store = b->store;
    frame->variables = variables;
    b->store = copy_map(b, &store);
    Node *otherwise = graph_map1(b->region, SC_NOT, condition, span);
    b->guard = outer ? graph_map2(b->region, SC_AND, outer, otherwise, span) : otherwise;
    Value else_value = no ? build_block(b, frame, no) : (Value){0};
    b->guard = outer;
    build_divisions(b);
    build_branch_conditions(b, of, conditions, span);
    merge_variables(b, frame, condition, &then_variables, span);
    merge_store(b, condition, &store, &then_store, span);
    return no ? select_value(b, condition, then_value, else_value, span) : (Value){0};
}

Value build_block(Builder *b, Frame *frame, const TBlock *block) {
    for (int i = 0; i < block->statements.len; i++) build_statement(b, frame, block->statements.data[i]);
    return block->value ? build_value(b, frame, block->value) : (Value){0};
}

void blame_caller(Builder *b, int first, Span call) {
    const Source *from = source_of(&b->session->sources, call);
    if (!from || from->is_library) return;
    for (int i = first; i < b->region->nodes.len; i++) {
        Node *node = b->region->nodes.data[i];
        const Source *source = source_of(&b->session->sources, node->span);
        if (!source || source->is_library) node->span = call;
    }
}

/* Of conditions too: the user's call is where sizes met. */
static void blame_conditions(Builder *b, int first, Span call) {
    const Source *from = source_of(&b->session->sources, call);
    for (int i = first; from && !from->is_library && i < b->build->conditions.len; i++) {
        BuildCondition *condition = &b->build->conditions.data[i];
        const Source *source = source_of(&b->session->sources, condition->span);
        if (!source || source->is_library) condition->span = call;
    }
}

static Value build_call(Builder *b, Frame *frame, const Tx *tx) {
    const TFunction *f = tx->function;
    Frame callee = {.outer = frame};
    if (tx->self) callee.self = build_value(b, frame, tx->self);
    callee.site = tx->site ? arena_printf(b->arena, "%s.%s", frame->site, tx->site->text) : frame->site;
    for (int i = 0; i < f->inputs.len; i++)
        frame_set(b, &callee, f->inputs.data[i], value_snapshot(b, build_value(b, frame, tx->args.data[i])));
    int first = b->region->nodes.len, first_condition = b->build->conditions.len;
    build_given(b, &f->conditions, tx->span);
    const Symbol *part = b->region->part;
    if (callee.self.kind == VALUE_INSTANCE) b->region->part = callee.self.path;
    Value value = build_block(b, &callee, f->body);
    if (f->gradient) value = build_own_gradient(b, &callee, tx, value);
    b->region->part = part;
    blame_caller(b, first, tx->span);
    blame_conditions(b, first_condition, tx->span);
    return value;
}

/* ---- expressions ------------------------------------------------------------------------------------- */

static Value build_number(Builder *b, const Tx *tx) {
    DType dtype = build_dtype(b, tx->type);
    double number = dtype_is_float(dtype) ? tx->real : (double)tx->integer;
    return value_of(graph_number(b->region, number, dtype, 0, NULL, tx->span));
}

static Value build_tuple(Builder *b, Frame *frame, const Tx *tx) {
    Value *items = arena_array(b->arena, Value, tx->args.len);
    for (int i = 0; i < tx->args.len; i++) items[i] = build_value(b, frame, tx->args.data[i]);
    return (Value){.kind = VALUE_TUPLE, .items = items, .count = tx->args.len};
}

static Value build_weight(Builder *b, Frame *frame, const Tx *tx) {
    return value_of(value_weight(b, build_value(b, frame, tx->args.data[0]), tx->weight));
}

/* A conversion to index[V] of what is none proves it at run time. */
static Value build_convert(Builder *b, Frame *frame, const Tx *tx) {
    const Type *from = tx->args.data[0]->type;
    Node *node = build_node(b, frame, tx->args.data[0]);
    if (tx->type->index_bound && from->kind == TY_TENSOR && from->dtype != DT_BOOL)
        return value_of(build_index(b, node, build_bound(b, from), build_bound(b, tx->type), tx->span));
    return value_of(graph_convert(b->region, node, build_dtype(b, tx->type), tx->span));
}

static Value build_variable(Builder *b, Frame *frame, const TVariable *variable) {
    for (const Frame *f = frame; f; f = f->outer) {
        const Value *value = map_get(&f->variables, variable);
        if (value) return *value;
    }
    return global_value(b, variable);
}

/* The record of the layer that the expression belongs to: that of the call, or of a call around it. */
static Value build_self(const Frame *frame, const Tx *tx) {
    for (const Frame *f = frame; f; f = f->outer)
        if (f->self.layout == tx->type->layout) return f->self;
    return frame->self;
}

Value build_value(Builder *b, Frame *frame, const Tx *tx) {
    switch (tx->kind) {
    case T_NUMBER: return build_number(b, tx);
    case T_DIM: return value_of(graph_dim_value(b->region, build_dim(b, tx->dim), build_dtype(b, tx->type), tx->span));
    case T_VARIABLE: return build_variable(b, frame, tx->variable);
    case T_OPTION: return option_value(b, tx);
    case T_SELF: return build_self(frame, tx);
    case T_INSTANCE: return value_instance(tx->instance->name, tx->instance->layout);
    case T_WEIGHT: return build_weight(b, frame, tx);
    case T_PART: return value_part(b, build_value(b, frame, tx->args.data[0]), tx->name);
    case T_ITEM: return build_value(b, frame, tx->args.data[0]).items[tx->integer];
    case T_TUPLE: return build_tuple(b, frame, tx);
    case T_CONVERT: return build_convert(b, frame, tx);
    case T_PRIMITIVE: return build_primitive(b, frame, tx);
    case T_CALL:
        if (tx->function->is_procedure) return leaf_value(b, tx);
        return build_call(b, frame, tx);
    case T_IF:
        return build_branches(b, frame, tx->args.data[0], tx->block, tx->otherwise,
                              tx->span);
    case T_BLOCK: return build_block(b, frame, tx->block);
    case T_FOR: return build_for(b, frame, tx->loop, tx->type);
    case T_GRADIENT: return build_gradient(b, frame, tx);
    case T_RECORD: return build_record(b, frame, tx);
    case T_FIELD:
        if (b->built_step && makes_reports(frame, tx->args.data[0])) return build_report_field(b, frame, tx);
        return build_field(b, frame, tx);
    case T_DATA: case T_STRING: return value_outside(tx);
    case T_STEP_CALL: case T_TRAIN: case T_PROCEDURE:
        if (b->built_step && tx->kind == T_STEP_CALL) return build_step_call(b, frame, tx);
        if (!b->built_step && tx->type->kind == TY_TENSOR) return leaf_value(b, tx);
        build_unsupported(b, tx->span, "this inside a step");
        return (Value){0};
    case T_ERROR: case T_FORMAT: break;
    }
    ICE("expression of kind %d reached the graph", (int)tx->kind);
}

Node *build_node(Builder *b, Frame *frame, const Tx *tx) {
    Value value = build_value(b, frame, tx);
    if (value.kind == VALUE_TENSOR) return value.node;
    if (!b->session->diags.error_count) ICE("a tensor was expected of an expression of kind %d", (int)tx->kind);
    const Dim *shape[GRAPH_MAX_RANK]; /* a mistake was reported: go on with zeros */
    int rank = tx->type->kind == TY_TENSOR ? build_shape(b, tx->type, shape) : 0;
    return graph_number(b->region, 0, tx->type->kind == TY_TENSOR ? build_dtype(b, tx->type) : DT_F32, rank,
                        shape, tx->span);
}

/* ---- statements -------------------------------------------------------------------------------------- */

static void assign(Builder *b, Frame *frame, const TStmt *stmt) {
    Value value = value_snapshot(b, build_value(b, frame, stmt->value));
    if (stmt->targets.len == 1) {
        if (stmt->targets.data[0]) frame_set(b, frame, stmt->targets.data[0], value);
        return;
    }
    for (int i = 0; i < stmt->targets.len; i++)
        if (stmt->targets.data[i] && value.kind == VALUE_TUPLE)
            frame_set(b, frame, stmt->targets.data[i], value.items[i]);
}

void build_statement(Builder *b, Frame *frame, const TStmt *stmt) {
    switch (stmt->kind) {
    case TS_LET: case TS_ASSIGN: assign(b, frame, stmt); return;
    case TS_SET_WEIGHT: build_set_weight(b, frame, stmt); return;
    case TS_EXPRESSION: build_value(b, frame, stmt->value); return;
    case TS_IF:
        build_branches(b, frame, stmt->value, stmt->block, stmt->otherwise, stmt->span);
        return;
    case TS_MINIMIZE: build_minimize(b, frame, stmt); return;
    case TS_REPORT: build_report(b, frame, stmt); return;
    case TS_FOR: build_for(b, frame, stmt, NULL); return;
    case TS_YIELD: *b->yielded = build_value(b, frame, stmt->value); return;
    case TS_VALIDATE: ICE("`validate` in a compiled body");
    case TS_WHILE: build_unsupported(b, stmt->span, "a `while` inside a compiled body"); return;
    case TS_BREAK: case TS_CONTINUE: return; /* the loop around them has been refused */
    }
}

/* ---- regions ----------------------------------------------------------------------------------------- */

static Builder *builder_new(Session *session, Arena *arena, const BuildOptions *options, const char *name) {
    Builder *b = arena_new(arena, Builder);
    b->session = session;
    b->arena = arena;
    b->options = *options;
    b->region = region_new(session, arena, symbol(&session->symbols, name));
    b->region->is_symbolic = options->is_symbolic;
    b->build = arena_new(arena, Build);
    b->build->region = b->region;
    return b;
}

static Build *finish(Builder *b) {
    build_divisions(b);
    return b->build;
}

/* Every written path becomes a result that may take the place of its input. */
static void add_stored(Builder *b) {
    for (int i = 0; i < b->written.len; i++) {
        const Symbol *path = b->written.entries[i].key;
        int input = (int)(uintptr_t)map_get(&b->input_index, path) - 1;
        InputKind kind = input >= 0 ? b->region->inputs.data[input].kind : INPUT_SLOT;
        graph_result(b->region, kind, path, map_get(&b->store, path), input);
        vec_push(b->arena, &b->build->targets, ((BuildTarget){.kind = TARGET_STORED, .name = path}));
    }
}

static void add_values(Builder *b, Value value, int *number) {
    for (int i = 0; value.kind == VALUE_TUPLE && i < value.count; i++) add_values(b, value.items[i], number);
    if (value.kind == VALUE_INSTANCE || value.kind == VALUE_RECORD) {
        Nodes leaves = {0};
        record_leaves(b, value, &leaves);
        for (int i = 0; i < leaves.len; i++) add_values(b, value_of(leaves.data[i]), number);
        return;
    }
    if (value.kind != VALUE_TENSOR) return;
    build_target(b, symbol_printf(&b->session->symbols, "value.%d", (*number)++), value.node,
               (BuildTarget){.kind = TARGET_VALUE});
}

/* Fields and arguments in order, so that slots are where the caller expects them. */
static void bind_argument(Builder *b, Frame *frame, const TVariable *v) {
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = build_shape(b, v->type, shape);
    Node *node = build_input(b, INPUT_DATA, v->name, (BuildSource){.kind = SOURCE_VARIABLE, .variable = v},
                             build_dtype(b, v->type), rank, shape, v->span);
    frame_set(b, frame, v, value_of(node));
}

static void bind_inputs(Builder *b, Frame *frame, const TStep *step) {
    for (int i = 0; i < step->inputs.len; i++) bind_argument(b, frame, step->inputs.data[i]);
    for (int i = 0; i < step->states.len; i++) {
        TVariable *v = step->states.data[i];
        const Dim *shape[GRAPH_MAX_RANK];
        int rank = build_shape(b, v->type, shape);
        Node *node = store_read(b, symbol_printf(&b->session->symbols, "state.%s", v->name->text), INPUT_STATE,
                                (BuildSource){.kind = SOURCE_VARIABLE, .variable = v}, build_dtype(b, v->type),
                                rank, shape, v->span);
        frame_set(b, frame, v, value_of(node));
    }
}

static void store_states(Builder *b, Frame *frame, const TStep *step) {
    for (int i = 0; i < step->states.len; i++) {
        TVariable *v = step->states.data[i];
        const Symbol *path = symbol_printf(&b->session->symbols, "state.%s", v->name->text);
        Node *now = build_variable(b, frame, v).node;
        if (now != map_get(&b->store, path)) store_write(b, path, now);
    }
}

Build *build_step(Session *session, Arena *arena, const BuildOptions *options, const TStep *step) {
    Builder *b = builder_new(session, arena, options, step->name->text);
    b->built_step = step;
    number_minimizes(b, step->body);
    if (step->batch && step->is_full && options->is_for_run)
        map_set(arena, &b->sizes, step->batch, (void *)(uintptr_t)dim_constant(&session->dims, step->batch->maximum));
    else if (step->batch) vec_push(arena, &b->region->dims, step->batch);
    Frame frame = {.site = step->name->text};
    bind_inputs(b, &frame, step);
    build_given(b, &step->conditions, step->span);
    Value value = build_block(b, &frame, step->body);
    int number = 0;
    add_values(b, value, &number);
    store_states(b, &frame, step);
    add_stored(b);
    return finish(b);
}

Build *build_entry(Session *session, Arena *arena, const BuildOptions *options, const TEntry *entry) {
    Builder *b = builder_new(session, arena, options, entry->name->text);
    if (entry->batch) vec_push(arena, &b->region->dims, entry->batch);
    Frame frame = {.self = value_instance(entry->instance->name, entry->instance->layout),
                   .site = entry->name->text};
    for (int i = 0; i < entry->function->inputs.len; i++) bind_argument(b, &frame, entry->function->inputs.data[i]);
    int number = 0;
    build_given(b, &entry->function->conditions, entry->span);
    add_values(b, build_block(b, &frame, entry->function->body), &number);
    return finish(b);
}

Build *build_slots(Session *session, Arena *arena, const BuildOptions *options, const TStep *step) {
    Builder *b = builder_new(session, arena, options, step->name->text);
    b->built_step = step;
    number_minimizes(b, step->body);
    build_slot_values(b, step->body);
    return b->build;
}

static void add_initial(Builder *b, const Symbol *path, const Layout *layout) {
    for (int i = 0; i < layout->weights.len; i++) {
        const Weight *weight = layout->weights.data[i];
        const Symbol *own = join_path(b, path, weight->name);
        Frame frame = {.self = value_instance(path, layout), .site = own->text};
        Node *node = build_node(b, &frame, weight->initial);
        graph_result(b->region, weight->is_state ? INPUT_STATE : INPUT_PARAM, own, node, -1);
        vec_push(b->arena, &b->build->targets, ((BuildTarget){.kind = TARGET_STORED, .name = own}));
    }
    for (int i = 0; i < layout->parts.len; i++)
        add_initial(b, join_path(b, path, layout->parts.data[i].name), layout->parts.data[i].layout);
}

Build *build_weights(Session *session, Arena *arena, const BuildOptions *options, const Instance *instance) {
    Builder *b = builder_new(session, arena, options, instance->name->text);
    add_initial(b, instance->name, instance->layout);
    return b->build;
}

Build *build_expression(Session *session, Arena *arena, const BuildOptions *options, const Tx *value) {
    Builder *b = builder_new(session, arena, options, "expression");
    Frame frame = {.site = arena_printf(arena, "at%u", value->span.begin)};
    int number = 0;
    add_values(b, build_value(b, &frame, value), &number);
    add_stored(b); /* states that `Net[training=true](x)` changes */
    return finish(b);
}
