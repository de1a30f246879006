/* A compiled step and its bindings: for each slot of the plan the place where its array is held.  Weights are
 * written in place in the store; one that somebody else holds is copied first, so that snapshots stay. */
#include "driver/program_internal.h"

#include <string.h>

static Array *number_array(DType dtype, int64_t integer, double real) {
    Array *array = array_new(dtype, 0, NULL);
    if (dtype == DT_F32) *(float *)array->data = (float)real;
    else if (dtype == DT_F64) *(double *)array->data = real;
    else if (dtype == DT_I64) *(int64_t *)array->data = integer;
    else ICE("a held scalar of type %s", dtype_name(dtype));
    return array;
}

static Array *seed_array(void) {
    int64_t two = 2;
    return array_new(DT_U32, 1, &two);
}

/* An array of a node's shape, run-time dims at the given values or, without, at their maximum; NULL where the memory
 * does not suffice. */
static Array *node_array(const Node *node, const int64_t *dims) {
    int64_t extents[GRAPH_MAX_RANK];
    for (int i = 0; i < node->rank; i++) {
        int bad = dims ? dim_evaluate(node->shape[i], dims, &extents[i])
                       : dim_upper_bound(node->shape[i], &extents[i]);
        if (bad) ICE("a result's size is not known");
    }
    return array_try_new(node->dtype, node->rank, extents);
}

static int too_large(Program *p, const Node *node) {
    Text shape = text_new(&p->arena);
    for (int i = 0; i < node->rank; i++)
        text_printf(&shape, "%s%s", i ? ", " : "", dim_text(&p->arena, node->shape[i]));
    program_fail(p, node->span, E_TOO_LARGE, "%s[%s] is larger than the memory of this machine",
                 dtype_name(node->dtype), text_str(&shape));
    return 0;
}

static Array *held_array(const BuildSource *source, const RegionInput *input) {
    switch (source->kind) {
    case SOURCE_OPTION: return number_array(input->node->dtype, 0, source->option->real);
    case SOURCE_SEED: return seed_array();
    case SOURCE_STEP: case SOURCE_EXAMPLE0: return number_array(DT_I64, 0, 0);
    case SOURCE_VARIABLE: case SOURCE_LEAF: case SOURCE_WEIGHT: case SOURCE_SLOT: case SOURCE_COUNT: break;
    }
    return NULL;
}


static void bind_input(Program *p, RunningStep *rs, int i) {
    const BuildSource *source = &rs->build->sources.data[i];
    const RegionInput *input = &rs->build->region->inputs.data[i];
    if (!rs->held[i]) rs->held[i] = held_array(source, input);
    if (rs->held[i]) rs->slots[i] = &rs->held[i];
    if (source->kind == SOURCE_WEIGHT)
        rs->slots[i] = &program_weight(p, input->path, source->weight)->array;
    if (source->kind == SOURCE_COUNT) {
        rs->held[i] = number_array(DT_I64, 0, 0);
        rs->slots[i] = &rs->held[i];
    }
}

/* All bits of all elements are 0, as in a new array. */
static int is_zero(const Node *n) {
    static const char zero[16];
    while (n->op == OP_BROADCAST || n->op == OP_RESHAPE) n = n->in[0];
    return n->op == OP_CONST && n->attr.is_splat && memcmp(n->attr.data, zero, (size_t)dtype_bytes(n->dtype)) == 0;
}

static int are_zero(const Region *r) {
    for (int i = 0; i < r->results.len; i++)
        if (!is_zero(r->results.data[i].node)) return 0;
    return 1;
}

/* The arrays of all results, owned; NULL after a diagnostic.  Slots of most optimizers begin as zeros: no kernels then. */
static Array **first_values(Program *p, Build *build) {
    int count = build->region->results.len;
    Array **values = arena_array(&p->arena, Array *, count);
    if (are_zero(build->region)) {
        for (int k = 0; k < count; k++) {
            values[k] = node_array(build->region->results.data[k].node, NULL);
            if (!values[k] && !too_large(p, build->region->results.data[k].node)) return NULL;
        }
        return values;
    }
    RunningStep *first = running_step_new(p, NULL, build, 0);
    if (!running_step_run(p, first, 0, 0, 0)) return NULL;
    for (int k = 0; k < count; k++) values[k] = array_retain(running_step_output(first, k));
    running_step_free(first);
    return values;
}

/* Slots start with the values of build_slots; they are the step's own. */
static void make_slots(Program *p, RunningStep *rs) {
    int wanted = 0;
    for (int i = 0; i < rs->build->sources.len; i++) wanted += rs->build->sources.data[i].kind == SOURCE_SLOT;
    if (!wanted) return;
    TimedPart before = program_enter(p, TIMED_BUILD);
    Build *initial = build_slots(p->session, &p->arena, executor_build_options(p->executor), rs->step);
    program_enter(p, TIMED_WEIGHTS);
    Array **values = first_values(p, initial);
    Map by_path = {0};
    for (int k = 0; values && k < initial->targets.len; k++)
        map_set(&p->arena, &by_path, initial->targets.data[k].name, values[k]);
    for (int i = 0; values && i < rs->build->sources.len; i++) {
        Array *value = map_get(&by_path, rs->build->region->inputs.data[i].path);
        if (rs->build->sources.data[i].kind != SOURCE_SLOT || !value) continue;
        rs->held[i] = array_retain(value);
        rs->slots[i] = &rs->held[i];
    }
    for (int k = 0; values && k < initial->targets.len; k++) array_release(values[k]);
    program_leave(p, before);
}

/* Weights and states that results replace: written in place. */
static void list_written(Program *p, RunningStep *rs) {
    const Region *r = rs->build->region;
    rs->written = arena_array(&p->arena, StoreEntry *, r->results.len);
    for (int i = 0; i < r->results.len; i++) {
        int input = r->results.data[i].alias;
        if (input >= 0 && rs->build->sources.data[input].kind == SOURCE_WEIGHT)
            rs->written[rs->written_count++] = store_find(&p->store, r->results.data[i].path);
    }
}

/* The data fields that a step reads, before it is compiled: their sizes are what it is planned for. */
static int hold_data(Program *p, RunningStep *rs) {
    for (int i = 0; i < rs->build->sources.len; i++) {
        const BuildSource *source = &rs->build->sources.data[i];
        if (source->kind == SOURCE_LEAF) rs->held[i] = program_array(p, source->leaf);
    }
    if (!p->is_failed) running_step_plan(p, rs->build, rs->held);
    return !p->is_failed;
}

RunningStep *running_step_new(Program *p, const TStep *step, Build *build, int use_jit) {
    RunningStep *rs = arena_new(&p->arena, RunningStep);
    const Region *r = build->region;
    rs->step = step;
    rs->build = build;
    rs->is_machine_code = use_jit;
    rs->seed = &p->seed;
    if (p->session->diags.error_count > p->known_errors) {
        p->is_failed = 1;
        return rs;
    }
    int inputs = r->inputs.len;
    rs->held = arena_array(&p->arena, Array *, inputs);
    if (step && !hold_data(p, rs)) return rs;
    rs->compiled = executor_compile(p->executor, build, use_jit);
    if (!rs->compiled) {
        p->is_failed = 1;
        return rs;
    }
    int slots = executor_slot_count(rs->compiled);
    rs->slots = arena_array(&p->arena, Array **, slots);
    rs->outputs = arena_array(&p->arena, Array *, slots);
    rs->size_count = p->session->dims.names.len;
    rs->batch = arena_array(&p->arena, int64_t, rs->size_count);
    rs->taken_from = arena_array(&p->arena, int, rs->size_count);
    rs->planned = arena_array(&p->arena, int64_t, r->dims.len);
    for (int i = 0; i < r->dims.len; i++) rs->planned[i] = r->dims.data[i]->maximum;
    for (int i = 0; i < inputs; i++) bind_input(p, rs, i);
    if (step) make_slots(p, rs);
    list_written(p, rs);
    for (int i = inputs; i < slots; i++) rs->slots[i] = &rs->outputs[i];
    return rs;
}

void running_step_bind(RunningStep *rs, const TVariable *variable, Array **where) {
    for (int i = 0; i < rs->build->sources.len; i++)
        if (rs->build->sources.data[i].kind == SOURCE_VARIABLE && rs->build->sources.data[i].variable == variable)
            rs->slots[i] = where;
}

int running_step_bind_globals(Program *p, RunningStep *rs) {
    for (int i = 0; i < rs->build->sources.len; i++) {
        const BuildSource *source = &rs->build->sources.data[i];
        int was_bound_here = rs->slots[i] == &rs->held[i]; /* what a turn of a loop defines is new at every call */
        if (source->kind != SOURCE_VARIABLE || (rs->slots[i] && !was_bound_here)) continue;
        Array *now = program_source(p, source);
        if (!now && was_bound_here) continue;
        array_release(rs->held[i]);
        rs->held[i] = now;
        if (!rs->held[i]) {
            program_fail(p, source->variable->span, E_NOT_COMPILED,
                         "the step reads %s, which has no value before it runs", source->variable->name->text);
            return 0;
        }
        rs->slots[i] = &rs->held[i];
    }
    return 1;
}

static void set_seed(RunningStep *rs) {
    for (int i = 0; i < rs->build->sources.len; i++) {
        if (rs->build->sources.data[i].kind != SOURCE_SEED) continue;
        uint32_t *words = rs->held[i]->data;
        words[0] = (uint32_t)*rs->seed;
        words[1] = (uint32_t)(*rs->seed >> 32);
    }
}

static void set_scalar(RunningStep *rs, SourceKind kind, int64_t value) {
    for (int i = 0; i < rs->build->sources.len; i++)
        if (rs->build->sources.data[i].kind == kind) *(int64_t *)rs->held[i]->data = value;
}

/* Results that take no input's place get an array of their own; one that somebody kept is left to them. */
static int make_outputs(Program *p, RunningStep *rs) {
    int slot = rs->build->region->inputs.len;
    for (int i = 0; i < rs->build->region->results.len; i++) {
        const RegionResult *result = &rs->build->region->results.data[i];
        if (result->alias >= 0) continue;
        Array **output = &rs->outputs[slot++];
        if (*output && !array_is_shared(*output) && (*output)->rank == 0) continue;
        array_release(*output);
        *output = node_array(result->node, rs->batch);
        if (!*output) return too_large(p, result->node);
    }
    return 1;
}

/* What the step was to prove while it ran; false after a diagnostic. */
static int checks_hold(Program *p, const RunningStep *rs) {
    for (int i = 0; i < rs->build->targets.len; i++) {
        const BuildTarget *target = &rs->build->targets.data[i];
        if (target->kind != TARGET_CHECK || array_number(running_step_output(rs, i), 0) != 0) continue;
        diag_add(&p->session->diags, target->span, E_CHECK_FAILED, "%s", target->message);
        return 0;
    }
    return 1;
}

void running_step_replace(RunningStep *old, RunningStep *by) {
    for (int i = 0; i < by->build->sources.len; i++) {
        SourceKind kind = by->build->sources.data[i].kind;
        if (kind != SOURCE_SLOT && kind != SOURCE_COUNT) continue;
        Array *kept = old->held[i];
        old->held[i] = by->held[i];
        by->held[i] = kept;
    }
    running_step_free(old);
}

int running_step_run(Program *p, RunningStep *rs, int64_t rows, int64_t step_number, int64_t example0) {
    if (!rs->compiled) return 0;
    if (!running_step_take_sizes(p, rs, rows)) return 0;
    set_seed(rs);
    set_scalar(rs, SOURCE_STEP, step_number);
    set_scalar(rs, SOURCE_EXAMPLE0, example0);
    if (!make_outputs(p, rs)) return 0;
    for (int i = 0; i < rs->written_count; i++) store_own(rs->written[i]);
    void *bindings[executor_slot_count(rs->compiled) + 1];
    for (int i = 0; i < executor_slot_count(rs->compiled); i++) {
        if (!rs->slots[i]) ICE("slot %d of %s is not bound", i, rs->build->region->name->text);
        bindings[i] = (*rs->slots[i])->data;
    }
    int is_done = executor_run(p->executor, rs->compiled, rs->batch, bindings);
    if (is_done && rs->step && executor_profile(p->executor)) profile_step(executor_profile(p->executor), rs->step);
    if (is_done && checks_hold(p, rs)) return 1;
    p->is_failed = 1;
    p->exit_code = 1;
    return 0;
}

Array *running_step_output(const RunningStep *rs, int target) {
    const Region *r = rs->build->region;
    int slot = r->inputs.len;
    for (int i = 0; i < target; i++) slot += r->results.data[i].alias < 0;
    int alias = r->results.data[target].alias;
    return alias >= 0 ? *rs->slots[alias] : rs->outputs[slot];
}

void running_step_free(RunningStep *rs) {
    for (int i = 0; rs->held && i < rs->build->region->inputs.len; i++) array_release(rs->held[i]);
    rs->held = NULL;
    if (!rs->compiled) return;
    for (int i = 0; i < executor_slot_count(rs->compiled); i++) array_release(rs->outputs[i]);
    executor_discard(rs->compiled);
    rs->compiled = NULL;
}
