/* Pure tensor expressions of the program level: each place is a small graph, made once.  It is interpreted until it
 * has cost 2 ms in all, then compiled; the bits are the same, so nobody can tell. */
#include "driver/program_internal.h"

#include <stdlib.h>
#include <time.h>

static const double SECONDS_BEFORE_COMPILING = 2e-3;
enum { ELEMENTS_BEFORE_COMPILING = 1 << 19 };

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

static Build *build(Program *p, const Tx *tx) {
    TimedPart before = program_enter(p, TIMED_BUILD);
    Build *made = build_expression(p->session, &p->arena, executor_build_options(p->executor), tx);
    program_leave(p, before);
    return made;
}

/* Arrays that the expression reads besides weights: variables of the program and values of impure parts. */
static int find_operands(Program *p, const Build *of, Array **owned) {
    for (int i = 0; i < of->sources.len; i++) {
        const BuildSource *source = &of->sources.data[i];
        if (source->kind == SOURCE_LEAF) {
            owned[i] = program_array(p, source->leaf);
        } else if (source->kind == SOURCE_VARIABLE) {
            owned[i] = program_source(p, source);
            if (!owned[i]) ICE("variable %s has no tensor", source->variable->name->text);
        }
        if (p->is_failed) return 0;
    }
    return 1;
}

/* The code of the expression, for the sizes of these operands; NULL after a diagnostic. */
static RunningStep *compile(Program *p, const Tx *tx, RunningStep *rs, Build *first, Array **owned) {
    running_step_plan(p, rs ? rs->build : first, owned);
    int is_hot = rs && !rs->is_machine_code && rs->seconds >= SECONDS_BEFORE_COMPILING;
    if (rs && !is_hot && running_step_fits(rs)) return rs;
    int use_jit = rs && (is_hot || rs->is_machine_code);
    if (rs) running_step_free(rs);
    rs = running_step_new(p, NULL, rs ? build(p, tx) : first, use_jit);
    map_set(&p->arena, &p->expressions, tx, rs);
    return p->is_failed ? NULL : rs;
}

static Array *next_output(const RunningStep *rs, int *next) {
    while (rs->build->targets.data[*next].kind != TARGET_VALUE) ++*next;
    return array_retain(running_step_output(rs, (*next)++));
}

ProgramValue program_result(Program *p, const RunningStep *rs, const Type *type, int *next) {
    if (type->kind == TY_TUPLE) {
        ProgramValue list = value_list(PROGRAM_TUPLE, type->count);
        for (int i = 0; i < type->count; i++) list.items[i] = program_result(p, rs, type->fields[i].type, next);
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
    RunningStep *rs = map_get(&p->expressions, tx);
    if (!rs) open_data_in(p, tx);
    if (p->is_failed) return (ProgramValue){0};
    Build *made = rs ? NULL : build(p, tx);
    const Build *of = rs ? rs->build : made;
    int count = of->sources.len;
    Array **owned = calloc((size_t)count + 1, sizeof *owned);
    if (!owned) ICE("no memory for %d operands", count);
    ProgramValue value = {0};
    double before = now();
    if (find_operands(p, of, owned) && (rs = compile(p, tx, rs, made, owned))) {
        for (int i = 0; i < count; i++)
            if (owned[i]) rs->slots[i] = &owned[i];
        if (running_step_run(p, rs, 0, ++p->draws, 0)) {
            int next = 0;
            value = program_result(p, rs, tx->type, &next);
        }
        rs->seconds += now() - before;
    }
    for (int i = 0; i < count; i++) array_release(owned[i]);
    free(owned);
    return value;
}

/* Elements that all results of a build have together; those of a size that only the run knows do not count. */
static int64_t result_elements(const Build *of) {
    int64_t sum = 0;
    for (int i = 0; i < of->region->results.len; i++) {
        const Node *node = of->region->results.data[i].node;
        int64_t count = 1;
        for (int k = 0; k < node->rank; k++)
            count *= dim_is_constant(node->shape[k]) ? dim_constant_value(node->shape[k]) : 0;
        sum += count;
    }
    return sum;
}

/* First weights: drawn by the initializers when the instance is first used.  The interpreter draws about a million
 * numbers a second: above half a million, compiling pays. */
void program_make_weights(Program *p, const Instance *instance) {
    TimedPart part = program_enter(p, TIMED_BUILD);
    Build *build = build_weights(p->session, &p->arena, executor_build_options(p->executor), instance);
    program_enter(p, TIMED_WEIGHTS);
    RunningStep *rs = running_step_new(p, NULL, build, result_elements(build) > ELEMENTS_BEFORE_COMPILING);
    if (!p->is_failed && running_step_run(p, rs, 0, 0, 0))
        for (int i = 0; i < build->targets.len; i++)
            if (build->targets.data[i].kind == TARGET_STORED)
                store_set(&p->store, build->targets.data[i].name, array_retain(running_step_output(rs, i)));
    running_step_free(rs);
    program_leave(p, part);
}
