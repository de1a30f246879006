/* Pure tensor expressions of the program level: each place is a small graph, made once.  It is interpreted until it
 * has cost 2 ms in all, then compiled; the bits are the same, so nobody can tell. */
#include "driver/program_internal.h"

#include <stdlib.h>
#include <time.h>

static const double SECONDS_BEFORE_COMPILING = 2e-3;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Data sets are opened before the expression is compiled: their sizes are what memory is planned for. */
static void open_data_in(Program *p, const Tx *tx) {
    if (tx->kind == T_DATA && !p->is_failed) data_open(p, tx->data, tx->name, tx->span);
    for (int i = 0; i < tx->args.len; i++) open_data_in(p, tx->args.data[i]);
}

static RunningStep *make(Program *p, const Tx *tx, int use_jit) {
    Build *build = build_expression(p->session, &p->arena, executor_build_options(p->executor), tx);
    return running_step_new(p, NULL, build, use_jit);
}

static RunningStep *find(Program *p, const Tx *tx) {
    RunningStep *rs = map_get(&p->expressions, tx);
    if (rs && (rs->is_machine_code || rs->seconds < SECONDS_BEFORE_COMPILING)) return rs;
    open_data_in(p, tx);
    if (p->is_failed) return NULL;
    if (rs) running_step_free(rs);
    rs = make(p, tx, rs != NULL);
    map_set(&p->arena, &p->expressions, tx, rs);
    return rs;
}

/* Arrays that the expression reads besides weights: variables of the program and values of impure parts. */
static int bind_operands(Program *p, RunningStep *rs, Array **owned) {
    for (int i = 0; i < rs->build->sources.len; i++) {
        const BuildSource *source = &rs->build->sources.data[i];
        if (source->kind == SOURCE_LEAF) {
            owned[i] = program_array(p, source->leaf);
        } else if (source->kind == SOURCE_VARIABLE) {
            owned[i] = program_source(p, source);
            if (!owned[i]) ICE("variable %s has no tensor", source->variable->name->text);
        } else {
            continue;
        }
        rs->slots[i] = &owned[i];
        if (p->is_failed) return 0;
    }
    return 1;
}

static Array *next_output(const RunningStep *rs, int *next) {
    while (rs->build->targets.data[*next].kind != TARGET_VALUE) ++*next;
    return array_retain(running_step_output(rs, (*next)++));
}

static ProgramValue result_value(Program *p, const RunningStep *rs, const Type *type, int *next) {
    if (type->kind == TY_TUPLE) {
        ProgramValue list = value_list(PROGRAM_TUPLE, type->count);
        for (int i = 0; i < type->count; i++) list.items[i] = result_value(p, rs, type->fields[i].type, next);
        return list;
    }
    if (type->kind == TY_INSTANCE) {
        ProgramValue record = record_value(p, type->layout);
        for (int i = 0; i < record.count; i++)
            record.items[i] = value_array(next_output(rs, next));
        return record;
    }
    return value_array(next_output(rs, next));
}

ProgramValue expression_evaluate(Program *p, const Tx *tx) {
    RunningStep *rs = find(p, tx);
    if (p->is_failed) return (ProgramValue){0};
    Array **owned = calloc((size_t)rs->build->sources.len + 1, sizeof *owned);
    if (!owned) ICE("no memory for %d operands", rs->build->sources.len);
    ProgramValue value = {0};
    double before = now();
    if (bind_operands(p, rs, owned) && running_step_run(p, rs, 0, ++p->draws, 0)) {
        int next = 0;
        value = result_value(p, rs, tx->type, &next);
    }
    rs->seconds += now() - before;
    for (int i = 0; i < rs->build->sources.len; i++) array_release(owned[i]);
    free(owned);
    return value;
}

/* First weights: drawn by the initializers when the instance is first used. */
void program_make_weights(Program *p, const Instance *instance) {
    Build *build = build_weights(p->session, &p->arena, executor_build_options(p->executor), instance);
    RunningStep *rs = running_step_new(p, NULL, build, 0);
    if (!p->is_failed && running_step_run(p, rs, 0, 0, 0))
        for (int i = 0; i < build->targets.len; i++)
            if (build->targets.data[i].kind == TARGET_STORED)
                store_set(&p->store, build->targets.data[i].name, array_retain(running_step_output(rs, i)));
    running_step_free(rs);
}
