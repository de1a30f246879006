/* `for` in compiled code.  The graph has no loop operation: the turns of a loop of known length are written one behind
 * the other, in the order in which they run, as long as there are few of them.  What a turn leaves in the frame and in
 * the store is what the next one finds there, so carried variables and states need nothing of their own; the yields
 * are concatenated. */
#include "compiler/build_internal.h"

enum { TURNS_MAX = 64 }; /* in all, of loops inside loops their product */

static const Dim *whole(Builder *b, int64_t value) { return dim_constant(&b->session->dims, value); }

/* ---- what a turn sees -------------------------------------------------------------------------------- */

static Value element(Builder *b, const Value *of, int axis, int64_t turn, Span span) {
    if (of->kind == VALUE_TENSOR) return value_of(build_pick(b, of->node, axis, whole(b, turn), span));
    if (of->kind == VALUE_INSTANCE || of->kind == VALUE_RECORD) /* a block of a Stack */
        return value_part(b, *of, symbol_printf(&b->session->symbols, "%lld", (long long)turn));
    Value *items = arena_array(b->arena, Value, of->count);
    for (int i = 0; i < of->count; i++) items[i] = element(b, &of->items[i], axis, turn, span);
    return (Value){.kind = VALUE_TUPLE, .items = items, .count = of->count};
}

static Value range_number(Builder *b, Frame *frame, const TForSource *source, int64_t turn, Span span) {
    DType dtype = source->variable->type->dtype;
    const Dim *low = build_known_size(b, source->lo);
    if (low)
        return value_of(
            graph_dim_value(b->region, dim_add(&b->session->dims, low, whole(b, turn)), dtype, span));
    Node *from = graph_convert(b->region, build_node(b, frame, source->lo), dtype, span);
    Node *add = graph_number(b->region, (double)turn, dtype, 0, NULL, span);
    return value_of(graph_map2(b->region, SC_ADD, from, add, span));
}

static void bind_turn(Builder *b, Frame *frame, const TStmt *stmt, const Value *sources, int64_t turn) {
    for (int i = 0; i < stmt->sources.len; i++) {
        const TForSource *source = &stmt->sources.data[i];
        if (!source->value) {
            if (source->variable)
                frame_set(b, frame, source->variable, range_number(b, frame, source, turn, stmt->span));
            continue;
        }
        Value now = element(b, &sources[i], source->axis, turn, stmt->span);
        if (source->variable) frame_set(b, frame, source->variable, now);
        for (int k = 0; k < source->items.len && now.kind == VALUE_TUPLE; k++)
            if (source->items.data[k]) frame_set(b, frame, source->items.data[k], now.items[k]);
    }
}

/* ---- yields ------------------------------------------------------------------------------------------ */

static Value stack(Builder *b, const Value *turns, int count, const Type *type, int axis, Span span) {
    if (type->kind == TY_TUPLE) {
        Value *items = arena_array(b->arena, Value, type->count), *own = arena_array(b->arena, Value, count);
        for (int i = 0; i < type->count; i++) {
            for (int k = 0; k < count; k++) own[k] = turns[k].items[i];
            items[i] = stack(b, own, count, type->fields[i].type, axis, span);
        }
        return (Value){.kind = VALUE_TUPLE, .items = items, .count = type->count};
    }
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = build_shape(b, type, shape);
    if (!count) return value_of(graph_number(b->region, 0, build_dtype(b, type), rank, shape, span));
    Node **rows = arena_array(b->arena, Node *, count);
    shape[axis] = whole(b, 1);
    for (int k = 0; k < count; k++) rows[k] = graph_reshape(b->region, turns[k].node, rank, shape, span);
    return value_of(graph_concat(b->region, rows, count, axis, span));
}

/* ---- the loop ---------------------------------------------------------------------------------------- */

/* The number of turns, or -1 after a diagnostic. */
static int64_t count_turns(Builder *b, const TStmt *stmt) {
    if (stmt->has_break) {
        build_unsupported(b, stmt->span, "a `for` with `break` or `continue`");
        return -1;
    }
    if (!stmt->extent || !dim_is_constant(stmt->extent)) {
        build_unsupported(b, stmt->span, "a `for` whose number of turns only the run knows");
        return -1;
    }
    int64_t turns = dim_constant_value(stmt->extent), outer = b->turns ? b->turns : 1;
    if (turns <= TURNS_MAX / outer) return turns;
    build_unsupported(
        b, stmt->span,
        outer == 1
            ? arena_printf(b->arena, "a `for` of %lld turns, more than %d,", (long long)turns, TURNS_MAX)
            : arena_printf(b->arena, "a `for` of %lld turns inside others of %lld, more than %d in all,",
                           (long long)turns, (long long)outer, TURNS_MAX));
    return -1;
}

Value build_for(Builder *b, Frame *frame, const TStmt *stmt, const Type *stacks) {
    int64_t count = count_turns(b, stmt);
    if (count < 0) return (Value){0};
    Value *sources = arena_array(b->arena, Value, stmt->sources.len);
    for (int i = 0; i < stmt->sources.len; i++)
        if (stmt->sources.data[i].value) sources[i] = build_value(b, frame, stmt->sources.data[i].value);
    Value *yields = arena_array(b->arena, Value, count), *outer_yield = b->yielded;
    int64_t turns = b->turns, iteration = b->iteration;
    b->turns = (turns ? turns : 1) * count;
    int errors = b->session->diags.error_count; /* a mistake in a body is said once */
    for (int64_t k = 0; k < count && b->session->diags.error_count == errors; k++) {
        int64_t turn = stmt->is_reversed ? count - 1 - k : k;
        b->iteration = iteration * count + turn;
        b->yielded = &yields[turn];
        bind_turn(b, frame, stmt, sources, turn);
        build_block(b, frame, stmt->block);
    }
    b->turns = turns;
    b->iteration = iteration;
    b->yielded = outer_yield;
    if (!stacks || b->session->diags.error_count > errors) return (Value){0};
    return stack(b, yields, (int)count, stacks, stmt->stack_axis, stmt->span);
}
