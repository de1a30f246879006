/* Statements and expressions of the program level. */
#include "driver/program_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Diag *program_fail(Program *p, Span span, DiagCode code, const char *format, ...) {
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    p->is_failed = 1;
    if (!p->exit_code) p->exit_code = diag_is_outside(code) ? 3 : 1;
    return diag_add(&p->session->diags, span, code, "%s", message);
}

/* ---- variables --------------------------------------------------------------------------------------- */

const ProgramValue *program_get(Program *p, const TVariable *variable) {
    const ProgramValue *value = map_get(&p->frame->variables, variable);
    return value ? value : map_get(&p->globals.variables, variable);
}

void program_set(Program *p, const TVariable *variable, ProgramValue value) {
    Frame *frame = map_has(&p->frame->variables, variable) || !map_has(&p->globals.variables, variable)
                       ? p->frame
                       : &p->globals;
    ProgramValue *place = map_get(&frame->variables, variable);
    if (!place) {
        place = arena_new(&p->arena, ProgramValue);
        map_set(&p->arena, &frame->variables, variable, place);
    } else {
        value_release(place);
    }
    *place = value;
}

static void release_frame(Frame *frame) {
    for (int i = 0; i < frame->variables.len; i++) value_release(frame->variables.entries[i].value);
    frame->variables = (Map){0};
}

/* ---- weights ----------------------------------------------------------------------------------------- */

static const Instance *instance_of_path(Program *p, const Symbol *path) {
    const Instance *found = NULL; /* the longest name: `net.0` is not a part of `net` */
    for (int i = 0; i < p->typed->instances.len; i++) {
        const Instance *instance = p->typed->instances.data[i];
        uint32_t len = instance->name->len;
        if (path->len > len && path->text[len] == '.' &&
            symbol_bytes(&p->session->symbols, path->text, len) == instance->name &&
            (!found || len > found->name->len))
            found = instance;
    }
    if (found) return found;
    ICE("no instance for %s", path->text);
}

StoreEntry *program_weight(Program *p, const Symbol *path, const Weight *weight) {
    (void)weight;
    StoreEntry *entry = store_find(&p->store, path);
    if (entry) return entry;
    program_make_weights(p, instance_of_path(p, path));
    entry = store_find(&p->store, path);
    if (!entry && !p->is_failed) ICE("no first value for %s", path->text);
    return entry ? entry : store_set(&p->store, path, array_new(DT_F32, 0, NULL));
}

const Symbol *program_record_path(Program *p, const Tx *tx) {
    if (tx->kind == T_INSTANCE) return tx->instance->name;
    if (tx->kind == T_VARIABLE) { /* a procedure's parameter */
        const ProgramValue *value = program_get(p, tx->variable);
        return value && value->tag == PROGRAM_INSTANCE ? value->instance->name : NULL;
    }
    if (tx->kind == T_PART) {
        const Symbol *path = program_record_path(p, tx->args.data[0]);
        return path ? symbol_join(&p->session->symbols, path, tx->name) : NULL;
    }
    return NULL;
}

/* ---- calls ------------------------------------------------------------------------------------------- */

static int block_is_pure(const TBlock *block) {
    for (int i = 0; block && i < block->statements.len; i++) {
        const TStmt *stmt = block->statements.data[i];
        if ((stmt->kind != TS_LET && stmt->kind != TS_ASSIGN && stmt->kind != TS_IF) || !stmt->value->is_pure ||
            !block_is_pure(stmt->block) || !block_is_pure(stmt->otherwise))
            return 0;
    }
    return !block || !block->value || block->value->is_pure;
}

static ProgramValue call_function(Program *p, const Tx *tx) {
    const TFunction *f = tx->function;
    Frame callee = {0}, *caller = p->frame;
    for (int i = 0; i < f->inputs.len; i++) {
        ProgramValue *place = arena_new(&p->arena, ProgramValue);
        *place = program_evaluate(p, tx->args.data[i]);
        map_set(&p->arena, &callee.variables, f->inputs.data[i], place);
        if (!p->is_failed) know_sizes(p, f->inputs.data[i]->type, place, tx->args.data[i]->span);
    }
    p->frame = &callee;
    ProgramValue value = {0};
    if (!p->is_failed && procedure_conditions_hold(p, tx)) program_block(p, f->body, &value);
    p->frame = caller;
    release_frame(&callee);
    return value;
}

static RunningStep *make_step(Program *p, const TStep *step, Build *build) {
    RunningStep *rs = running_step_new(p, step, build, 1);
    map_set(&p->arena, &p->steps, step, rs);
    return rs;
}

/* Compiled for the sizes of these arguments, by input; what the step keeps stays when it is compiled again. */
static RunningStep *find_step(Program *p, const TStep *step, Array **arguments) {
    RunningStep *rs = map_get(&p->steps, step);
    const BuildOptions *options = executor_build_options(p->executor);
    TimedPart part = program_enter(p, rs ? TIMED_OTHER : TIMED_BUILD);
    Build *first = rs ? NULL : build_step(p->session, &p->arena, options, step);
    program_leave(p, part);
    const Build *build = rs ? rs->build : first;
    Array *arrays[build->sources.len + 1];
    memset(arrays, 0, sizeof arrays);
    for (int i = 0; i < build->sources.len; i++)
        for (int k = 0; build->sources.data[i].kind == SOURCE_VARIABLE && k < step->inputs.len; k++)
            if (step->inputs.data[k] == build->sources.data[i].variable) arrays[i] = arguments[k];
    running_step_plan(p, build, arrays);
    if (!rs) return make_step(p, step, first);
    if (running_step_fits(rs)) return rs;
    RunningStep *larger = make_step(p, step, build_step(p->session, &p->arena, options, step));
    running_step_replace(rs, larger);
    return larger;
}

static ProgramValue step_reports(Program *p, const RunningStep *rs) {
    int count = 0, filled = 0;
    for (int i = 0; i < rs->build->targets.len; i++) count += rs->build->targets.data[i].kind == TARGET_REPORT;
    ProgramValue record = value_list(PROGRAM_RECORD, count);
    for (int i = 0; i < rs->build->targets.len; i++) {
        const BuildTarget *target = &rs->build->targets.data[i];
        if (target->kind != TARGET_REPORT) continue;
        Array *figure = array_copy(running_step_output(rs, i));
        if (target->report == REPORT_RATIO)
            *(float *)figure->data /= *(const float *)running_step_output(rs, i + 1)->data;
        record.names[filled] = target->name;
        record.items[filled++] = value_array(figure);
    }
    (void)p;
    return record;
}

static ProgramValue call_step(Program *p, const Tx *tx) {
    int count = tx->args.len;
    Array **arguments = calloc((size_t)count + 1, sizeof *arguments);
    if (!arguments) ICE("no memory for %d arguments", count);
    for (int i = 0; i < count && !p->is_failed; i++) arguments[i] = program_array(p, tx->args.data[i]);
    RunningStep *rs = p->is_failed ? NULL : find_step(p, tx->step, arguments);
    for (int i = 0; i < count && !p->is_failed; i++) running_step_bind(rs, tx->step->inputs.data[i], &arguments[i]);
    if (!p->is_failed) running_step_bind_globals(p, rs);
    int64_t rows = count && tx->step->batch && !p->is_failed && arguments[0]->rank ? arguments[0]->extents[0] : 0;
    ProgramValue value = {0};
    p->step_call = tx;
    program_enter(p, TIMED_STEP); /* ended behind the first one */
    int is_run = !p->is_failed && running_step_run(p, rs, rows, ++p->draws, 0);
    timings_end(executor_timings(p->executor));
    if (is_run) {
        int next = 0;
        value = tx->step->body->value ? program_result(p, rs, tx->step->result, &next) : step_reports(p, rs);
    }
    for (int i = 0; i < count; i++) array_release(arguments[i]);
    free(arguments);
    return value;
}

/* ---- expressions ------------------------------------------------------------------------------------- */

static ProgramValue evaluate_tuple(Program *p, const Tx *tx) {
    ProgramValue list = value_list(PROGRAM_TUPLE, tx->args.len);
    for (int i = 0; i < tx->args.len && !p->is_failed; i++) list.items[i] = program_evaluate(p, tx->args.data[i]);
    return list;
}

static ProgramValue evaluate_part(Program *p, const Tx *tx) {
    ProgramValue record = program_evaluate(p, tx->args.data[0]);
    if (record.tag == PROGRAM_DATA) {
        Array *field = data_field(p, record.set, tx->name);
        value_release(&record);
        return field ? value_array(field) : (ProgramValue){0};
    }
    const ProgramValue *found = NULL;
    if (tx->kind == T_FIELD) found = value_field(&record, tx->name);
    else if (tx->integer < record.count) found = &record.items[tx->integer];
    if (!found && !p->is_failed) ICE("a value has no such part");
    ProgramValue value = found ? value_retain(found) : (ProgramValue){0};
    value_release(&record);
    return value;
}

static ProgramValue evaluate_branch(Program *p, const Tx *tx) {
    const TBlock *block = program_number(p, tx->args.data[0]) != 0 ? tx->block : tx->otherwise;
    ProgramValue value = {0};
    if (!p->is_failed && block) program_block(p, block, &value);
    return value;
}

static ProgramValue evaluate_format(Program *p, const Tx *tx) {
    Text text = text_new(&p->arena);
    program_format(p, tx, &text);
    return (ProgramValue){.tag = PROGRAM_STRING, .text = text_str(&text)};
}

/* A tensor that exists already needs no graph: variables and weights as they are. */
static int present_array(Program *p, const Tx *tx, ProgramValue *value) {
    if (tx->kind == T_VARIABLE) {
        const ProgramValue *held = program_get(p, tx->variable);
        if (!held) ICE("variable %s has no value", tx->variable->name->text);
        *value = value_retain(held);
        return 1;
    }
    if (tx->kind != T_WEIGHT) return 0;
    const Symbol *record = program_record_path(p, tx->args.data[0]);
    if (!record) return 0;
    const Symbol *path = symbol_join(&p->session->symbols, record, tx->weight->name);
    *value = value_array(array_retain(program_weight(p, path, tx->weight)->array));
    return 1;
}

ProgramValue program_evaluate(Program *p, const Tx *tx) {
    ProgramValue value = {0};
    if (p->is_failed || present_array(p, tx, &value)) return value;
    switch (tx->kind) {
    case T_STRING: return (ProgramValue){.tag = PROGRAM_STRING, .text = tx->text->text};
    case T_FORMAT: return evaluate_format(p, tx);
    case T_INSTANCE: return (ProgramValue){.tag = PROGRAM_INSTANCE, .instance = tx->instance};
    case T_DATA: {
        const DataSet *set = data_open(p, tx->data, tx->name, tx->span);
        return set ? value_data(data_set_retain(set)) : (ProgramValue){0};
    }
    case T_FIELD: case T_ITEM: return evaluate_part(p, tx);
    case T_TUPLE: return evaluate_tuple(p, tx);
    case T_PROCEDURE: return procedure_call(p, tx);
    case T_STEP_CALL: return call_step(p, tx);
    case T_TRAIN: return train_run(p, tx);
    case T_CALL:
        if (tx->function->is_procedure) return call_function(p, tx);
        if (tx->self || block_is_pure(tx->function->body)) return expression_evaluate(p, tx);
        return call_function(p, tx);
    case T_IF: return evaluate_branch(p, tx);
    case T_BLOCK:
        if (tx->type->kind == TY_INSTANCE && block_is_pure(tx->block)) return expression_evaluate(p, tx);
        program_block(p, tx->block, &value);
        return value;
    case T_FOR: program_for(p, tx->loop, tx->type, &value); return value;
    case T_NUMBER: case T_DIM: case T_OPTION: case T_CONVERT: case T_PRIMITIVE: case T_GRADIENT:
    case T_RECORD: case T_WEIGHT: case T_PART:
        return expression_evaluate(p, tx);
    case T_ERROR: case T_VARIABLE: case T_SELF: break;
    }
    program_fail(p, tx->span, E_NOT_COMPILED, "this cannot be run at program level yet");
    return value;
}

Array *program_array(Program *p, const Tx *tx) {
    ProgramValue value = program_evaluate(p, tx);
    if (value.tag == PROGRAM_ARRAY) return value.array;
    if (!p->is_failed) ICE("a tensor was expected of an expression of kind %d", (int)tx->kind);
    value_release(&value);
    return array_new(DT_F32, 0, NULL);
}

double program_number(Program *p, const Tx *tx) {
    Array *array = program_array(p, tx);
    double number = array_number(array, 0);
    array_release(array);
    return number;
}

/* ---- statements -------------------------------------------------------------------------------------- */

static void assign(Program *p, const TStmt *stmt) {
    ProgramValue value = record_snapshot(p, program_evaluate(p, stmt->value), stmt->value->type);
    if (p->is_failed) {
        value_release(&value);
        return;
    }
    for (int i = 0; i < stmt->targets.len && !p->is_failed; i++) {
        const ProgramValue *item = stmt->targets.len == 1 ? &value : &value.items[i];
        if (stmt->targets.data[i] && know_sizes(p, stmt->targets.data[i]->type, item, stmt->value->span))
            program_set(p, stmt->targets.data[i], value_retain(item));
    }
    value_release(&value);
}

static Flow run_if(Program *p, const TStmt *stmt) {
    const TBlock *block = program_number(p, stmt->value) != 0 ? stmt->block : stmt->otherwise;
    return block && !p->is_failed ? program_block(p, block, NULL) : FLOW_NEXT;
}

static Flow run_statement(Program *p, const TStmt *stmt) {
    switch (stmt->kind) {
    case TS_LET: case TS_ASSIGN: assign(p, stmt); return FLOW_NEXT;
    case TS_SET_WEIGHT: program_set_weight(p, stmt); return FLOW_NEXT;
    case TS_EXPRESSION: {
        ProgramValue value = program_evaluate(p, stmt->value);
        value_release(&value);
        return FLOW_NEXT;
    }
    case TS_IF: return run_if(p, stmt);
    case TS_FOR: return program_for(p, stmt, NULL, NULL);
    case TS_WHILE: return program_while(p, stmt);
    case TS_VALIDATE: return train_validate(p, stmt->step) ? FLOW_NEXT : FLOW_STOP;
    case TS_YIELD: program_yield(p, stmt); return FLOW_NEXT;
    case TS_BREAK: return FLOW_BREAK;
    case TS_CONTINUE: return FLOW_CONTINUE;
    case TS_MINIMIZE: case TS_REPORT: break;
    }
    program_fail(p, stmt->span, E_NOT_COMPILED, "this statement cannot be run at program level yet");
    return FLOW_STOP;
}

Flow program_block(Program *p, const TBlock *block, ProgramValue *value) {
    if (value) *value = (ProgramValue){0};
    for (int i = 0; i < block->statements.len; i++) {
        if (*p->options->interrupted) return FLOW_STOP;
        Flow flow = run_statement(p, block->statements.data[i]);
        if (p->is_failed) return FLOW_STOP;
        if (flow != FLOW_NEXT) return flow;
    }
    if (!block->value) return FLOW_NEXT;
    ProgramValue last = program_evaluate(p, block->value);
    if (value) *value = last;
    else value_release(&last);
    return p->is_failed ? FLOW_STOP : FLOW_NEXT;
}

static void run_tests(Program *p) {
    for (int i = 0; i < p->typed->tests.len && !*p->options->interrupted; i++) {
        const TTest *test = &p->typed->tests.data[i];
        p->is_failed = 0;
        p->known_errors = p->session->diags.error_count;
        program_block(p, test->body, NULL);
        progress_test(p->progress, test->name, !p->is_failed);
    }
    p->is_failed = 0;
}

/* FNV-1a over the paths and bytes of the weights and states that steps may change. */
static uint64_t store_digest(const Store *store) {
    uint64_t hash = 14695981039346656037u;
    for (int i = 0; i < store->entries.len; i++) {
        const StoreEntry *entry = store->entries.entries[i].value;
        const unsigned char *parts[] = {(const unsigned char *)entry->path->text, entry->array->data};
        const int64_t sizes[] = {entry->path->len, array_bytes(entry->array)};
        for (int k = 0; k < 2; k++)
            for (int64_t n = 0; n < sizes[k]; n++) hash = (hash ^ parts[k][n]) * 1099511628211u;
    }
    return hash;
}

int program_run(const TProgram *typed, Executor *executor, Progress *progress, const ProgramOptions *options) {
    Program p = {.session = typed->session, .typed = typed, .executor = executor, .progress = progress,
                 .options = options, .seed = options->seed};
    p.frame = &p.globals;
    p.store.arena = &p.arena;
    if (typed->steps.len) executor_expect_step(executor);
    TBlock top = {0};
    top.statements.data = typed->statements.data;
    top.statements.len = typed->statements.len;
    program_block(&p, &top, NULL);
    if (options->runs_tests && !p.is_failed) run_tests(&p);
    if (options->digest) *options->digest = store_digest(&p.store);
    release_frame(&p.globals);
    for (int i = 0; i < p.expressions.len; i++) running_step_free(p.expressions.entries[i].value);
    for (int i = 0; i < p.steps.len; i++) running_step_free(p.steps.entries[i].value);
    data_close_all(&p);
    store_release(&p.store);
    int code = *options->interrupted ? 130 : p.exit_code;
    arena_release(&p.arena);
    return code;
}
