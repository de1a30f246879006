/* Regions built by hand, lowered and run in the interpreter: against a naive evaluator (f64), against the stated orders of sums
 * (f32, equal bits), and against themselves under every schedule and without fusion (equal bits). */
#ifndef DLC_TESTS_LOWER_TEST_H
#define DLC_TESTS_LOWER_TEST_H

#include "tests/support/graph_eval.h"
#include "tests/support/lower_run.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct Test {
    Session session;
    Region *r;
    int64_t dims[LOWER_RUN_DIMS];
    const double *inputs[32];
    uint32_t random;
} Test;

static const Span here = {1, 2};

static inline int set_up(void **state) {
    Test *t = calloc(1, sizeof *t);
    session_init(&t->session);
    source_add(&t->session.sources, "test.dlm", "test of the lowering\n", 21);
    t->r = region_new(&t->session, &t->session.arena, symbol(&t->session.symbols, "test"));
    t->random = 1;
    *state = t;
    return 0;
}

static inline int tear_down(void **state) {
    Test *t = *state;
    session_release(&t->session);
    free(t);
    return 0;
}

/* ---- building ------------------------------------------------------------------------------------------ */

static inline const Dim *size(Test *t, int64_t n) { return dim_constant(&t->session.dims, n); }

static inline const Dim *batch(Test *t, int64_t value, int64_t maximum) {
    DimName *name = dim_new_name(&t->session.dims, symbol(&t->session.symbols, "B"));
    name->is_runtime = 1;
    name->maximum = maximum;
    t->dims[name->id] = value;
    vec_push(t->r->arena, &t->r->dims, name);
    return dim_named(&t->session.dims, name);
}

static inline double next_random(Test *t) {
    t->random = t->random * 1664525 + 1013904223;
    return (double)(t->random >> 8) / 8388608.0 - 1;
}

static inline Node *input_of(Test *t, InputKind kind, const char *name, DType dtype, int rank,
                      const Dim *const *shape) {
    Node *n = graph_input(t->r, kind, symbol(&t->session.symbols, name), dtype, rank, shape, here);
    int64_t count = lower_run_count(n, t->dims);
    double *values = arena_array(t->r->arena, double, count + 1);
    for (int64_t i = 0; i < count; i++)
        values[i] = dtype_is_float(dtype) ? next_random(t) : floor(fabs(next_random(t)) * 9);
    if (dtype == DT_F32)
        for (int64_t i = 0; i < count; i++) values[i] = (double)(float)values[i];
    t->inputs[t->r->inputs.len - 1] = values;
    return n;
}

static inline Node *tensor(Test *t, const char *name, DType dtype, const Dim *a, const Dim *b) {
    const Dim *shape[2] = {a, b};
    return input_of(t, INPUT_DATA, name, dtype, b ? 2 : a ? 1 : 0, shape);
}

static inline Node *weight(Test *t, const char *name, DType dtype, const Dim *a, const Dim *b) {
    const Dim *shape[2] = {a, b};
    return input_of(t, INPUT_PARAM, name, dtype, b ? 2 : 1, shape);
}

static inline Node *spread(Test *t, Node *a, const Node *like, int axis) {
    int8_t axes[GRAPH_MAX_RANK] = {(int8_t)axis};
    return graph_broadcast(t->r, a, axes, like->rank, like->shape, here);
}

static inline Node *same(Test *t, double v, const Node *like) {
    return graph_number(t->r, v, like->dtype, like->rank, like->shape, here);
}

static inline Node *matmul(Test *t, Node *a, Node *b, int a_axis, int b_axis) {
    Attributes dims = {.contract_count = 1};
    dims.lhs_contract[0] = (int8_t)a_axis;
    dims.rhs_contract[0] = (int8_t)b_axis;
    return graph_dot(t->r, a, b, &dims, here);
}

static inline void result(Test *t, const char *name, Node *n) {
    graph_result(t->r, INPUT_DATA, symbol(&t->session.symbols, name), n, -1);
}

static inline Node *m2(Test *t, ScalarKind f, Node *a, Node *b) { return graph_map2(t->r, f, a, b, here); }
static inline Node *m1(Test *t, ScalarKind f, Node *a) { return graph_map1(t->r, f, a, here); }

/* ---- checking ------------------------------------------------------------------------------------------ */

static inline LowerRun run(Test *t, ScheduleKind schedule, int without_fusion) {
    LowerOptions options = {
        .schedule = schedule, .numerics = NUMERICS_FMA, .without_fusion = without_fusion};
    return lower_run(t->r->arena, &options, t->r, t->dims, t->inputs);
}

static inline void equal_bits(Test *t, const LowerRun *a, const LowerRun *b) {
    for (int i = 0; i < a->plan->slot_count; i++)
        if (memcmp(a->slots[i], b->slots[i], (size_t)a->slot_bytes[i]) != 0)
            fail_msg("slot %d (%s) differs", i, a->plan->buffers.data[i].name->text);
    (void)t;
}

/* The region under every schedule, fused and not: equal bits.  The first run is handed back. */
static inline LowerRun run_all_ways(Test *t) {
    graph_verify(t->r, "test");
    LowerRun first = run(t, SCHEDULE_X86_64_V4, 0);
    for (int schedule = 0; schedule < SCHEDULE_COUNT; schedule++) {
        for (int unfused = 0; unfused < 2; unfused++) {
            LowerRun other = run(t, (ScheduleKind)schedule, unfused);
            equal_bits(t, &first, &other);
        }
    }
    return first;
}

static inline LowerRun check(Test *t, double tolerance) {
    LowerRun got = run_all_ways(t);
    Evaluation want = graph_evaluate(t->r->arena, t->r, t->dims, t->inputs);
    for (int k = 0; k < t->r->results.len; k++) {
        const Node *n = t->r->results.data[k].node;
        for (int64_t i = 0; i < want.counts[n->id]; i++) {
            double x = lower_run_result(&got, t->r, k, i), y = want.values[n->id][i];
            if (isnan(x) && isnan(y)) continue;
            if (x == y) continue;
            if (!(fabs(x - y) <= tolerance * (1 + fabs(y))))
                fail_msg("result %d element %lld: %.17g instead of %.17g", k, (long long)i, x, y);
        }
    }
    return got;
}

/* Has some kernel scratch of this name, as the form that is meant to be tested does?  -1 row: no kernel; else its rows. */
static inline int64_t scratch_extent(Test *t, const char *name, int axis) {
    LowerOptions options = {.schedule = SCHEDULE_X86_64_V4, .numerics = NUMERICS_FMA};
    LoopPlan *plan = lower_region(t->r->arena, &options, t->r, NULL);
    for (int i = 0; i < plan->kernels.len; i++) {
        const LoopKernel *k = plan->kernels.data[i];
        for (int j = 0; j < k->buffers.len; j++) {
            const LoopBuffer *b = &k->buffers.data[j];
            if (b->access == LOOP_SCRATCH && !strcmp(b->name->text, name)) return dim_constant_value(b->extents[axis]);
        }
    }
    return -1;
}

static inline int64_t scratch_rows(Test *t, const char *name) { return scratch_extent(t, name, 0); }

/* A sum of products in its order: chunks of 256, each from 0. */
static inline float dot_order(const double *a, int64_t a_stride, const double *b, int64_t b_stride,
                       int64_t depth) {
    float total = 0;
    for (int64_t k0 = 0; k0 < depth; k0 += 256) {
        float chunk = 0;
        for (int64_t k = k0; k < depth && k < k0 + 256; k++)
            chunk = fmaf((float)a[k * a_stride], (float)b[k * b_stride], chunk);
        total = k0 ? total + chunk : chunk;
    }
    return total;
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
