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

/* Slots start with the values of build_slots; they are the step's own. */
static void make_slots(Program *p, RunningStep *rs) {
    int wanted = 0;
    for (int i = 0; i < rs->build->sources.len; i++) wanted += rs->build->sources.data[i].kind == SOURCE_SLOT;
    if (!wanted) return;
    Build *initial = build_slots(p->session, &p->arena, executor_build_options(p->executor), rs->step);
    RunningStep *first = running_step_new(p, NULL, initial, 0);
    if (!running_step_run(p, first, 0, 0, 0)) return;
    for (int k = 0; k < initial->targets.len; k++)
        for (int i = 0; i < rs->build->sources.len; i++)
            if (rs->build->region->inputs.data[i].path == initial->targets.data[k].name) {
                rs->held[i] = array_retain(running_step_output(first, k));
                rs->slots[i] = &rs->held[i];
            }
    running_step_free(first);
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
    rs->is_taken = arena_array(&p->arena, unsigned char, rs->size_count);
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

/* ---- sizes that only the run knows ------------------------------------------------------------------- */

static int is_open(const Dim *dim) {
    const DimName *name = dim_as_name(dim);
    return name && name->is_runtime;
}

void running_step_plan(Program *p, const Build *build, Array *const *arrays) {
    for (int i = 0; i < build->sources.len; i++) {
        const Node *node = build->region->inputs.data[i].node;
        for (int k = 0; arrays[i] && k < node->rank; k++) {
            if (!is_open(node->shape[k])) continue;
            DimName *name = p->session->dims.names.data[dim_as_name(node->shape[k])->id];
            int64_t extent = arrays[i]->extents[k];
            if (extent > name->maximum) name->maximum = name->maximum ? 2 * extent : extent; /* seldom once more */
        }
    }
    for (int i = 0; i < build->conditions.len; i++) { /* what a condition will refuse must be a plan all the same */
        const BuildCondition *c = &build->conditions.data[i];
        if (!c->is_bound || !is_open(c->b) || !dim_is_constant(c->a)) continue;
        DimName *name = p->session->dims.names.data[dim_as_name(c->b)->id];
        if (dim_constant_value(c->a) > name->maximum) name->maximum = dim_constant_value(c->a);
    }
}

int running_step_fits(const RunningStep *rs) {
    for (int i = 0; i < rs->build->region->dims.len; i++)
        if (rs->build->region->dims.data[i]->maximum > rs->planned[i]) return 0;
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

/* `b` NULL: the size of the operand at the place. */
static int sizes_differ(Program *p, Span span, const Dim *a, int64_t is, const Dim *b, int64_t found) {
    if (dim_is_constant(a) && b) return sizes_differ(p, span, b, found, a, is);
    const char *name = dim_text(&p->arena, a);
    Diag *diag;
    if (b && !dim_is_constant(b))
        diag = program_fail(p, span, E_SIZES_DIFFER, "%s is %lld and %s is %lld, and they must be equal here", name,
                            (long long)is, dim_text(&p->arena, b), (long long)found);
    else if (dim_is_constant(a))
        diag = program_fail(p, span, E_SIZES_DIFFER, "this has the size %lld, and %lld is wanted", (long long)found,
                            (long long)is);
    else
        diag = program_fail(p, span, E_SIZES_DIFFER, "%s is %lld, and must be %lld here", name, (long long)is,
                            (long long)found);
    diag_note(&p->session->diags, diag, "only the run knows this, so sizes are compared when the values meet");
    return 0;
}

static Span operand_span(const RunningStep *rs, int input) {
    const BuildSource *source = &rs->build->sources.data[input];
    return source->leaf ? source->leaf->span : source->variable ? source->variable->span
                                                                : rs->build->region->inputs.data[input].node->span;
}

static int conditions_hold(Program *p, const RunningStep *rs) {
    for (int i = 0; i < rs->build->conditions.len; i++) {
        const BuildCondition *c = &rs->build->conditions.data[i];
        int64_t a, b;
        if (dim_evaluate(c->a, rs->batch, &a) || dim_evaluate(c->b, rs->batch, &b)) continue;
        if (!c->is_bound && a != b) return sizes_differ(p, c->span, c->a, a, c->b, b);
        if (!c->is_bound || (a >= 0 && a <= b)) continue;
        program_fail(p, c->span, E_INDEX_RANGE, "this goes up to %lld of an axis of %s, which is %lld", (long long)a,
                     dim_text(&p->arena, c->b), (long long)b);
        return 0;
    }
    return 1;
}

/* Open sizes are those of the operands, which must agree; a batch may be shorter than its array. */
static int take_sizes(Program *p, RunningStep *rs, int64_t rows) {
    const DimName *batch = rs->step && rs->step->train ? rs->step->batch : NULL;
    memset(rs->is_taken, 0, (size_t)rs->size_count);
    for (int i = 0; i < p->sizes.len; i++)
        if ((int)p->sizes.data[i].name->id < rs->size_count)
            rs->batch[p->sizes.data[i].name->id] = p->sizes.data[i].value;
    if (batch) rs->batch[batch->id] = rows;
    for (int pass = 0; pass < 2; pass++) /* names first, then what is computed from them */
        for (int i = 0; i < rs->build->sources.len; i++) {
            const BuildSource *source = &rs->build->sources.data[i];
            const Node *node = rs->build->region->inputs.data[i].node;
            int is_operand = source->kind == SOURCE_LEAF || source->kind == SOURCE_VARIABLE;
            for (int k = 0; is_operand && rs->slots[i] && k < node->rank; k++) {
                int64_t extent = (*rs->slots[i])->extents[k], is;
                const DimName *name = is_open(node->shape[k]) ? dim_as_name(node->shape[k]) : NULL;
                if ((name != NULL) == pass || (name && name == batch)) continue;
                if (name && !rs->is_taken[name->id]) rs->batch[name->id] = extent;
                if (name) rs->is_taken[name->id] = 1;
                if (batch && dim_mentions(node->shape[k], batch)) continue;
                if (!dim_evaluate(node->shape[k], rs->batch, &is) && is != extent)
                    return sizes_differ(p, operand_span(rs, i), node->shape[k], is, NULL, extent);
            }
        }
    return conditions_hold(p, rs);
}

int running_step_run(Program *p, RunningStep *rs, int64_t rows, int64_t step_number, int64_t example0) {
    if (!rs->compiled) return 0;
    if (!take_sizes(p, rs, rows)) return 0;
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
    if (executor_run(p->executor, rs->compiled, rs->batch, bindings) && checks_hold(p, rs)) return 1;
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
