/* `for` and `while` of the program level: turn after turn, yields collected and stacked at the end. */
#include "driver/program_internal.h"

#include <string.h>

enum { SOURCES_MAX = 16 };

/* What a source walks: `value` holds its tensors, or the set whose batches it gives; nothing for a range from `low`. */
typedef struct Walk {
    ProgramValue value;
    int64_t low, length; /* INT64_MAX: without end */
    int64_t batch;       /* records of a turn */
} Walk;

static int64_t walk_length(const ProgramValue *value, int axis) {
    if (value->tag == PROGRAM_ARRAY) return value->array->extents[axis];
    return value->count ? walk_length(&value->items[0], axis) : 0;
}

static Walk walk_new(Program *p, const TForSource *source) {
    Walk walk = {.length = INT64_MAX};
    if (source->value && source->value->type->kind == TY_RECORD) {
        DataSet *set = data_batches(p, source->value, &walk.batch);
        walk.length = set ? (set->rows + walk.batch - 1) / walk.batch : 0;
        if (set) walk.value = value_data(set);
        return walk;
    }
    if (source->value) {
        walk.value = program_evaluate(p, source->value);
        walk.length = p->is_failed ? 0 : walk_length(&walk.value, source->axis);
        return walk;
    }
    walk.low = (int64_t)program_number(p, source->lo);
    if (!source->hi) return walk;
    int64_t length = (int64_t)program_number(p, source->hi) - walk.low;
    walk.length = length < 0 ? 0 : length;
    return walk;
}

static ProgramValue walk_element(const ProgramValue *value, int axis, int64_t turn) {
    if (value->tag == PROGRAM_ARRAY) return value_array(array_slice(value->array, axis, turn));
    ProgramValue list = value_list(value->tag, value->count);
    for (int i = 0; i < value->count; i++) list.items[i] = walk_element(&value->items[i], axis, turn);
    return list;
}

/* Batch `turn` of the set: its fields by name, or all of it. */
static void bind_batch(Program *p, const TForSource *source, const Walk *walk, int64_t turn) {
    int64_t first = turn * walk->batch, left = walk->value.set->rows - first;
    DataSet *batch = data_set_range(walk->value.set, first, left < walk->batch ? left : walk->batch);
    for (int i = 0; i < source->items.len && !p->is_failed; i++) {
        Array *field = data_field(p, batch, source->items.data[i]->name);
        if (field) program_set(p, source->items.data[i], value_array(field));
    }
    if (source->variable) program_set(p, source->variable, value_data(batch));
    else data_set_release(batch);
}

static void bind_turn(Program *p, const TForSource *source, const Walk *walk, int64_t turn) {
    if (!source->value) {
        if (source->variable)
            program_set(p, source->variable,
                        value_array(array_scalar(source->variable->type->dtype, (double)(walk->low + turn))));
        return;
    }
    if (!source->variable && !source->items.len) return;
    if (walk->value.tag == PROGRAM_DATA) {
        bind_batch(p, source, walk, turn);
        return;
    }
    ProgramValue now = walk_element(&walk->value, source->axis, turn);
    if (source->variable) {
        program_set(p, source->variable, now);
        return;
    }
    for (int i = 0; i < source->items.len; i++)
        if (source->items.data[i]) program_set(p, source->items.data[i], value_retain(&now.items[i]));
    value_release(&now);
}

/* The turns that all sources have, or -1 after a diagnostic: sources that end do so together. */
static int64_t common_length(Program *p, const TStmt *stmt, const Walk *walks) {
    int64_t turns = INT64_MAX;
    for (int i = 0; i < stmt->sources.len; i++) {
        if (walks[i].length == INT64_MAX) continue;
        if (turns != INT64_MAX && walks[i].length != turns) {
            program_fail(p, stmt->span, E_TURNS,
                         "the sources of this `for` have different lengths: %lld against %lld",
                         (long long)turns, (long long)walks[i].length);
            return -1;
        }
        turns = walks[i].length;
    }
    return turns;
}

/* ---- yields ------------------------------------------------------------------------------------------ */

static ProgramValue stack(const ProgramValue *turns, int count, const Type *type, int axis) {
    if (type->kind == TY_TUPLE) {
        ProgramValue list = value_list(PROGRAM_TUPLE, type->count);
        for (int i = 0; i < type->count; i++) {
            Vec(ProgramValue) own = {0};
            Arena arena = {0};
            for (int k = 0; k < count; k++) vec_push(&arena, &own, turns[k].items[i]);
            list.items[i] = stack(own.data, count, type->fields[i].type, axis);
            arena_release(&arena);
        }
        return list;
    }
    int64_t extents[ARRAY_MAX_RANK] = {0}; /* no turn, no sizes of the others: all of the stack is empty */
    for (int i = 0, k = 0; i < type->rank; i++)
        extents[i] = i == axis ? count : count ? turns[0].array->extents[k++] : 0;
    Array *whole = array_new(type->dtype, type->rank, extents);
    for (int k = 0; k < count; k++) array_set_slice(whole, axis, k, turns[k].array);
    return value_array(whole);
}

/* ---- running ----------------------------------------------------------------------------------------- */

Flow program_for(Program *p, const TStmt *stmt, const Type *stacks, ProgramValue *value) {
    int count = stmt->sources.len;
    Walk walks[SOURCES_MAX];
    if (count > SOURCES_MAX) {
        program_fail(p, stmt->span, E_NOT_COMPILED, "a `for` over more than %d sources cannot be run",
                     SOURCES_MAX);
        return FLOW_STOP;
    }
    for (int i = 0; i < count; i++) walks[i] = walk_new(p, &stmt->sources.data[i]);
    int64_t turns = p->is_failed ? -1 : common_length(p, stmt, walks);
    Arena arena = {0};
    ProgramValue *yields = stacks && turns > 0 ? arena_array(&arena, ProgramValue, turns) : NULL,
                 *outer = p->yielded;
    Flow flow = FLOW_NEXT;
    for (int64_t k = 0; k < turns && flow == FLOW_NEXT && !p->is_failed && !*p->options->interrupted; k++) {
        int64_t turn = stmt->is_reversed ? turns - 1 - k : k;
        for (int i = 0; i < count; i++) bind_turn(p, &stmt->sources.data[i], &walks[i], turn);
        p->yielded = yields ? &yields[turn] : NULL;
        flow = program_block(p, stmt->block, NULL);
        if (flow == FLOW_CONTINUE) flow = FLOW_NEXT;
    }
    p->yielded = outer;
    if (flow == FLOW_BREAK) flow = FLOW_NEXT;
    if (p->is_failed || *p->options->interrupted) flow = FLOW_STOP;
    if (stacks && flow == FLOW_NEXT) *value = stack(yields, (int)turns, stacks, stmt->stack_axis);
    for (int64_t k = 0; yields && k < turns; k++) value_release(&yields[k]);
    for (int i = 0; i < count; i++) value_release(&walks[i].value);
    arena_release(&arena);
    return flow;
}

void program_yield(Program *p, const TStmt *stmt) {
    ProgramValue value = program_evaluate(p, stmt->value);
    if (p->yielded) *p->yielded = value;
    else value_release(&value);
}

Flow program_while(Program *p, const TStmt *stmt) {
    while (!p->is_failed && !*p->options->interrupted && program_number(p, stmt->value) != 0 &&
           !p->is_failed) {
        Flow flow = program_block(p, stmt->block, NULL);
        if (flow == FLOW_BREAK) break;
        if (flow == FLOW_STOP) return flow;
    }
    return FLOW_NEXT;
}
