#include "case_run.h"

#include "tests/support/lower_run.h"

#include <math.h>
#include <stdio.h>

int64_t case_elements(const CaseBuild *c, const Node *node) { return lower_run_count(node, c->dims); }

int64_t case_float_bytes(const CaseBuild *c, int slot) {
    DType t = lower_run_slot(c->build->region, slot)->dtype;
    return t == DT_F32 || t == DT_F64 ? dtype_bytes(t) : 0;
}

double element(DType t, const void *from, int64_t i) { return lower_run_get(t, from, i); }

/* ---- building -------------------------------------------------------------------------------------------- */

/* sum(value * cotangent) */
static Node *weighted(const CaseBuild *c, Node *value, int k) {
    Region *r = c->build->region;
    int64_t count = case_elements(c, value);
    void *data = arena_alloc(r->arena, (size_t)count * 8);
    for (int64_t i = 0; i < count; i++) lower_run_put(value->dtype, data, i, cotangent(k, i));
    Node *factors = graph_const(r, value->dtype, value->rank, value->shape, data, value->span);
    Node *sum = graph_map2(r, SC_MUL, value, factors, value->span);
    while (sum->rank) sum = graph_reduce(r, REDUCE_ADD, sum, sum->rank - 1, value->span);
    return sum;
}

static Node *loss_of(const CaseBuild *c) {
    const Build *build = c->build;
    Region *r = build->region;
    Node *loss = NULL;
    int k = 0;
    for (int i = 0; i < build->targets.len; i++) {
        if (build->targets.data[i].kind != TARGET_VALUE) continue;
        Node *value = r->results.data[i].node;
        Node *part = dtype_is_float(value->dtype) ? weighted(c, value, k) : NULL;
        k++;
        if (part) loss = loss ? graph_map2(r, SC_ADD, loss, part, value->span) : part;
    }
    return loss;
}

static int input_of(const Region *r, const Symbol *path) {
    for (int i = 0; i < r->inputs.len; i++)
        if (r->inputs.data[i].path == path) return i;
    return -1;
}

static void add_gradients(CaseBuild *c) {
    Region *r = c->build->region;
    int count = c->golden->grad.len;
    Node *loss = count ? loss_of(c) : NULL;
    Node **wrt = arena_array(r->arena, Node *, count), **gradient = arena_array(r->arena, Node *, count);
    for (int i = 0; i < count && !c->is_bad; i++) {
        int input = input_of(r, c->golden->grad.data[i].path);
        if (input < 0) {
            fprintf(stderr, "%s: no input %s\n", c->golden->name->text, c->golden->grad.data[i].path->text);
            c->is_bad = 1;
            return;
        }
        wrt[i] = r->inputs.data[input].node;
    }
    if (!loss) return;
    graph_gradient(r, loss, wrt, count, gradient);
    for (int i = 0; i < count; i++) {
        if (!gradient[i]) gradient[i] = graph_number(r, 0, wrt[i]->dtype, wrt[i]->rank, wrt[i]->shape, wrt[i]->span);
        const Symbol *path = symbol_printf(&r->session->symbols, "gradient.%s", c->golden->grad.data[i].path->text);
        graph_result(r, INPUT_DATA, path, gradient[i], -1);
    }
}

/* Sizes that the case names; the arena is planned for exactly them. */
static void set_dims(CaseBuild *c) {
    const Region *r = c->build->region;
    for (int i = 0; i < r->dims.len; i++) {
        DimName *name = (DimName *)(uintptr_t)r->dims.data[i];
        const Numbers *n = golden_find(c->golden->dims.data, c->golden->dims.len, name->name);
        if (!n || name->id >= sizeof c->dims / sizeof *c->dims) ICE("%s: no value for %s", c->golden->name->text, name->name->text);
        c->dims[name->id] = (int64_t)n->values[0];
        name->maximum = c->dims[name->id];
    }
}

CaseBuild case_build(Session *session, Arena *arena, const TStep *step, const Golden *golden, int use_f64) {
    CaseBuild c = {.step = step, .golden = golden};
    BuildOptions options = {.use_f64 = use_f64};
    c.build = build_step(session, arena, &options, step);
    c.is_bad = session->diags.error_count > 0;
    if (!c.is_bad) set_dims(&c);
    if (!c.is_bad) add_gradients(&c);
    return c;
}

/* ---- running --------------------------------------------------------------------------------------------- */

/* Numbers of the region's input i; NULL where it begins at 0. */
static const double *numbers_of(const CaseBuild *c, int i, int64_t count) {
    static const double seed[2] = {1, 0}, one[1] = {1};
    const RegionInput *input = &c->build->region->inputs.data[i];
    if (input->kind == INPUT_SEED) return seed;
    if (input->kind == INPUT_STEP) return one;
    if (input->kind == INPUT_EXAMPLE0 || input->kind == INPUT_SLOT) return NULL;
    const Numbers *n = golden_find(c->golden->in.data, c->golden->in.len, input->path);
    if (n && n->count == count) return n->values;
    fprintf(stderr, "%s: %s has %d numbers, the step wants %d\n", c->golden->name->text, input->path->text,
            n ? n->count : 0, (int)count);
    exit(1);
}

CaseRun case_run(Arena *arena, Executor *executor, const CaseBuild *c, CompiledStep *step,
                 const double *const *inputs) {
    const Region *r = c->build->region;
    CaseRun run = {.count = executor_slot_count(step)};
    run.slots = arena_array(arena, void *, run.count);
    run.before = arena_array(arena, void *, run.count);
    run.bytes = arena_array(arena, int64_t, run.count);
    for (int i = 0; i < run.count; i++) {
        const Node *node = lower_run_slot(r, i);
        int64_t count = case_elements(c, node);
        run.bytes[i] = count * dtype_bytes(node->dtype);
        run.slots[i] = lower_run_memory(arena, run.bytes[i]);
        run.before[i] = lower_run_memory(arena, run.bytes[i]);
        memset(run.slots[i], 0, (size_t)run.bytes[i]);
        const double *numbers = i >= r->inputs.len      ? NULL
                                : inputs && inputs[i] ? inputs[i]
                                                      : numbers_of(c, i, count);
        for (int64_t k = 0; numbers && k < count; k++) lower_run_put(node->dtype, run.slots[i], k, numbers[k]);
        memcpy(run.before[i], run.slots[i], (size_t)run.bytes[i]);
    }
    for (int i = 0; i < c->golden->runs; i++)
        if (!executor_run(executor, step, c->dims, run.slots)) {
            fprintf(stderr, "%s: the run failed\n", c->golden->name->text);
            exit(1);
        }
    return run;
}

const void *case_result(const CaseBuild *c, const CaseRun *run, int result) {
    const Region *r = c->build->region;
    if (r->results.data[result].alias >= 0) return run->slots[r->results.data[result].alias];
    int slot = r->inputs.len;
    for (int i = 0; i < result; i++) slot += r->results.data[i].alias < 0;
    return run->slots[slot];
}

/* ---- comparing ------------------------------------------------------------------------------------------- */

/* Elements may differ by `tolerance` of their size and of the mean size of all. */
static int is_near(const CaseBuild *c, const char *what, const Node *node, const void *got, const Numbers *want,
                   double tolerance) {
    int64_t count = case_elements(c, node);
    double size = 1e-30; /* what is smaller may vanish */
    if (count != want->count) {
        fprintf(stderr, "%s: %s has %d numbers, %d are wanted\n", c->golden->name->text, what, (int)count, want->count);
        return 0;
    }
    for (int i = 0; i < want->count; i++)
        if (isfinite(want->values[i])) size += fabs(want->values[i]) / want->count;
    for (int i = 0; i < want->count; i++) {
        double have = element(node->dtype, got, i), wanted = want->values[i];
        int is_same = have == wanted || (isnan(have) && isnan(wanted)) ||
                      (isfinite(wanted) && fabs(have - wanted) <= tolerance * (fabs(wanted) + size));
        if (is_same && (dtype_is_float(node->dtype) || have == wanted)) continue;
        fprintf(stderr, "%s: element %d of %s is %.9g, the oracle says %.9g\n", c->golden->name->text, i, what, have,
                wanted);
        return 0;
    }
    return 1;
}

static int is_drawn(const CaseBuild *c, const Node *node, const void *got) {
    const Golden *g = c->golden;
    int64_t count = case_elements(c, node);
    double mean = 0, square = 0, low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; i < count; i++) {
        double v = element(node->dtype, got, i);
        mean += v / (double)count;
        low = fmin(low, v);
        high = fmax(high, v);
    }
    for (int64_t i = 0; i < count; i++) square += pow(element(node->dtype, got, i) - mean, 2) / (double)count;
    double error = 5 * g->std / sqrt((double)count); /* five times what is usual */
    if (fabs(mean - g->mean) <= error && fabs(sqrt(square) - g->std) <= error && low >= g->low && high <= g->high)
        return 1;
    fprintf(stderr, "%s: mean %g, deviation %g, from %g to %g; wanted %g, %g, %g to %g\n", g->name->text, mean,
            sqrt(square), low, high, g->mean, g->std, g->low, g->high);
    return 0;
}

static int compare_values(const CaseBuild *c, const CaseRun *run, double tolerance) {
    const Region *r = c->build->region;
    int good = 1, k = 0;
    for (int i = 0; i < c->build->targets.len; i++) {
        if (c->build->targets.data[i].kind != TARGET_VALUE) continue;
        const Node *node = r->results.data[i].node;
        const void *got = case_result(c, run, i);
        if (c->golden->has_distribution) good &= is_drawn(c, node, got);
        else if (k < c->golden->out.len) good &= is_near(c, "the value", node, got, &c->golden->out.data[k], tolerance);
        k++;
    }
    if (!c->golden->has_distribution && k != c->golden->out.len) {
        fprintf(stderr, "%s: %d values, the oracle has %d\n", c->golden->name->text, k, c->golden->out.len);
        good = 0;
    }
    return good;
}

int case_compare(const CaseBuild *c, const CaseRun *run, double tolerance) {
    const Region *r = c->build->region;
    const Golden *g = c->golden;
    int good = compare_values(c, run, tolerance);
    for (int i = 0; i < g->grad.len; i++) {
        int result = r->results.len - g->grad.len + i;
        const char *what = r->results.data[result].path->text;
        good &= is_near(c, what, r->results.data[result].node, case_result(c, run, result), &g->grad.data[i], tolerance);
    }
    for (int i = 0; i < g->stored.len; i++) {
        int input = input_of(r, g->stored.data[i].path);
        if (input < 0) {
            fprintf(stderr, "%s: no weight %s\n", g->name->text, g->stored.data[i].path->text);
            return 0;
        }
        good &= is_near(c, g->stored.data[i].path->text, r->inputs.data[input].node, run->slots[input],
                        &g->stored.data[i], tolerance);
    }
    return good;
}

static double loss_now(const CaseBuild *c, const CaseRun *run) {
    double sum = 0;
    int k = 0;
    for (int i = 0; i < c->build->targets.len; i++) {
        if (c->build->targets.data[i].kind != TARGET_VALUE) continue;
        const Node *node = c->build->region->results.data[i].node;
        const void *got = case_result(c, run, i);
        for (int64_t e = 0; dtype_is_float(node->dtype) && e < case_elements(c, node); e++)
            sum += element(node->dtype, got, e) * cotangent(k, e);
        k++;
    }
    return sum;
}

static int differences_by(Executor *executor, const CaseBuild *c, CompiledStep *step, int g, const void *gradient) {
    const Region *r = c->build->region;
    const Numbers *at = golden_find(c->golden->in.data, c->golden->in.len, c->golden->grad.data[g].path);
    const double **inputs = calloc((size_t)r->inputs.len + 1, sizeof *inputs);
    double *moved = calloc((size_t)at->count + 1, sizeof *moved), size = 0, worst = 0;
    inputs[input_of(r, at->path)] = moved;
    for (int i = 0; i < at->count; i++) {
        Arena scratch = {0};
        const double h = 1e-5;
        double loss[2];
        for (int side = 0; side < 2; side++) {
            memcpy(moved, at->values, sizeof *moved * (size_t)at->count);
            moved[i] += side ? -h : h;
            CaseRun run = case_run(&scratch, executor, c, step, inputs);
            loss[side] = loss_now(c, &run);
        }
        double slope = (loss[0] - loss[1]) / (2 * h), said = element(DT_F64, gradient, i);
        size = fmax(size, fabs(slope));
        worst = fmax(worst, fabs(slope - said));
        arena_release(&scratch);
    }
    free(inputs);
    free(moved);
    if (worst <= 1e-6 * fmax(size, 1)) return 1;
    fprintf(stderr, "%s: the gradient by %s is off by %g from central differences\n", c->golden->name->text,
            at->path->text, worst);
    return 0;
}

int case_differences(Arena *arena, Executor *executor, const CaseBuild *c, CompiledStep *step) {
    int good = 1, count = c->golden->grad.len;
    CaseRun run = case_run(arena, executor, c, step, NULL);
    for (int i = 0; i < count && !c->golden->has_kinks; i++) {
        int result = c->build->region->results.len - count + i;
        good &= differences_by(executor, c, step, i, case_result(c, &run, result));
    }
    return good;
}

/* Any NaN equals any NaN. */
static int same_bits(DType t, const void *a, const void *b, int64_t bytes) {
    if (!memcmp(a, b, (size_t)bytes)) return 1;
    int size = dtype_bytes(t);
    for (int64_t i = 0; i < bytes / size; i++) {
        if (!memcmp((const char *)a + i * size, (const char *)b + i * size, (size_t)size)) continue;
        if (!dtype_is_float(t) || !isnan(element(t, a, i)) || !isnan(element(t, b, i))) return 0;
    }
    return 1;
}

int case_equal(const CaseBuild *c, const CaseRun *expected, const CaseRun *got, const char *what) {
    for (int i = 0; i < expected->count; i++) {
        DType t = lower_run_slot(c->build->region, i)->dtype;
        if (same_bits(t, expected->slots[i], got->slots[i], expected->bytes[i])) continue;
        fprintf(stderr, "%s: array %d has other bits under %s\n", c->golden->name->text, i, what);
        return 0;
    }
    return 1;
}
