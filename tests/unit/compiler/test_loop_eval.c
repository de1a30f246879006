/* Built kernels through expansion, the interpreter and the serial walker. */
#include "compiler/loop_build.h"
#include "compiler/loop_eval.h"
#include "compiler/loop_expand.h"
#include "compiler/plan_bind.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

typedef struct World {
    Session session;
} World;

static int set_up(void **state) {
    static World world;
    session_init(&world.session);
    *state = &world;
    return 0;
}

static int tear_down(void **state) {
    session_release(&((World *)*state)->session);
    return 0;
}

/* y = relu(x @ w + b) for x (B, K), w (K, N), as in docs/loop-ir.md: rows in tiles of 4, chunks of the contraction. */
static LoopKernel *dense(Session *s, const DimName *batch, int k, int n, int chunk) {
    DimTable *d = &s->dims;
    LoopBuilder *b = loop_builder_new(s, &s->arena, "dense");
    const Dim *rows = dim_named(d, batch), *x_shape[] = {rows, dim_constant(d, k)};
    const Dim *w_shape[] = {dim_constant(d, k), dim_constant(d, n)}, *y_shape[] = {rows, dim_constant(d, n)};
    int x = loop_buffer(b, "x", LOOP_IN, DT_F32, 2, x_shape, NULL);
    int w = loop_buffer(b, "w", LOOP_IN, DT_F32, 2, w_shape, NULL);
    int bias = loop_buffer(b, "b", LOOP_IN, DT_F32, 1, &w_shape[1], NULL);
    int y = loop_buffer(b, "y", LOOP_OUT, DT_F32, 2, y_shape, NULL);
    loop_tiles(b, dim_floor_div(d, dim_add(d, rows, dim_constant(d, 3)), dim_constant(d, 4)), 1);
    LoopVal zero = loop_const_float(b, loop_wide(DT_F32), 0), count = loop_index(b, n), none = loop_index(b, 0);
    LoopVal last = loop_binary(b, LO_SUB, loop_dim(b, rows), loop_index(b, 1));
    int four = 4, total = loop_array(b, "s", loop_wide(DT_F32), 1, &four, zero);
    LoopVal tile = loop_builder_kernel(b)->tile;
    LoopVal k0 = loop_for(b, "k0", none, loop_index(b, k), chunk);
    int part = loop_array(b, "a", loop_wide(DT_F32), 1, &four, zero);
    LoopVal end = loop_binary(b, LO_MIN, loop_binary(b, LO_ADD, k0, loop_index(b, chunk)), loop_index(b, k));
    LoopVal i = loop_for(b, "k", k0, end, 1);
    LoopVal weights = loop_load_wide(b, w, (LoopVal[]){i, none}, count);
    LoopVal r = loop_unroll(b, "r", 0, 4);
    LoopVal row = loop_binary(b, LO_ADD, loop_binary(b, LO_MUL, tile, loop_index(b, 4)), r);
    LoopVal kept = loop_binary(b, LO_MIN, row, last);
    LoopVal spread = loop_splat(b, loop_load(b, x, (LoopVal[]){kept, i}));
    loop_set(b, part, &r, loop_ternary(b, LO_FMA, spread, weights, loop_read(b, part, &r)));
    loop_end(b);
    loop_end(b);
    r = loop_unroll(b, "r", 0, 4);
    loop_set(b, total, &r, loop_binary(b, LO_ADD, loop_read(b, total, &r), loop_read(b, part, &r)));
    loop_end(b);
    loop_end(b);
    r = loop_unroll(b, "r", 0, 4);
    row = loop_binary(b, LO_ADD, loop_binary(b, LO_MUL, tile, loop_index(b, 4)), r);
    loop_if(b, loop_binary(b, LO_LT, row, loop_dim(b, rows)));
    LoopVal z = loop_binary(b, LO_ADD, loop_read(b, total, &r), loop_load_wide(b, bias, &none, count));
    loop_store(b, y, (LoopVal[]){row, none}, loop_binary(b, LO_MAX, z, zero), count);
    loop_end(b);
    loop_end(b);
    return loop_builder_finish(b);
}

static void product_has_the_stated_order(void **state) {
    Session *s = &((World *)*state)->session;
    enum { K = 37, N = 10, CHUNK = 16, B = 7 };
    DimName *batch = dim_new_name(&s->dims, symbol(&s->symbols, "B"));
    batch->is_runtime = 1;
    batch->maximum = 8;
    LoopKernel *kernel = loop_expand(s, &s->arena, dense(s, batch, K, N, CHUNK));
    const EvalKernel *code = loop_eval_prepare(&s->arena, kernel);
    static float x[B][K], w[K][N], bias[N], y[B + 1][N];
    for (int i = 0; i < B * K; i++) (&x[0][0])[i] = (float)sin(i * 1.7);
    for (int i = 0; i < K * N; i++) (&w[0][0])[i] = (float)cos(i * 0.9);
    for (int i = 0; i < N; i++) bias[i] = (float)i * 0.1f, y[B][i] = 77;
    void *buffers[] = {x, w, bias, y};
    int64_t scalar = B;
    assert_int_equal(loop_eval_run(code, buffers, &scalar, 0, 2, NULL), 0);
    for (int r = 0; r < B; r++)
        for (int j = 0; j < N; j++) {
            float total = 0;
            for (int k0 = 0; k0 < K; k0 += CHUNK) {
                float part = 0;
                for (int k = k0; k < K && k < k0 + CHUNK; k++) part = fmaf(x[r][k], w[k][j], part);
                total += part;
            }
            float z = total + bias[j], expected = z > 0 ? z : 0;
            assert_memory_equal(&expected, &y[r][j], sizeof expected);
        }
    for (int j = 0; j < N; j++) assert_true(y[B][j] == 77); /* behind the last row nothing is written */
}

static void expansion_leaves_constant_registers(void **state) {
    Session *s = &((World *)*state)->session;
    DimName *batch = dim_new_name(&s->dims, symbol(&s->symbols, "B"));
    LoopKernel *kernel = loop_expand(s, &s->arena, dense(s, batch, 8, 4, 8));
    for (int i = 1; i < kernel->values.len; i++) {
        const LoopValue *v = &kernel->values.data[i];
        if (v->op == LO_READ) assert_int_equal(kernel->values.data[v->subscripts[0]].op, LO_CONST);
    }
}

/* A plan of a loop around one kernel: buffer[i] = i at the offset that the loop gives. */
static void plans_walk_loops(void **state) {
    Session *s = &((World *)*state)->session;
    DimTable *d = &s->dims;
    LoopBuilder *b = loop_builder_new(s, &s->arena, "count");
    const Dim *one = dim_constant(d, 1), *five = dim_constant(d, 5);
    int out = loop_buffer(b, "out", LOOP_OUT, DT_I32, 1, &one, NULL);
    LoopVal i = loop_plan_index(b, "i"), zero = loop_index(b, 0);
    loop_store(b, out, &zero, loop_convert(b, i, loop_scalar(DT_I32)), 0);
    LoopKernel *kernel = loop_expand(s, &s->arena, loop_builder_finish(b));
    LoopPlan plan = {.name = symbol(&s->symbols, "plan"), .slot_count = 1};
    vec_push(&s->arena, &plan.kernels, kernel);
    vec_push(&s->arena, &plan.buffers,
             ((PlanBuffer){.kind = BUFFER_OUTPUT, .dtype = DT_I32, .rank = 1, .extents = {five}, .pitch = five}));
    PlanStmt run = {.kind = PLAN_RUN};
    vec_push(&s->arena, &run.arguments, ((PlanArgument){.buffer = 0, .step = {one}}));
    PlanStmt loop = {.kind = PLAN_LOOP, .lo = dim_constant(d, 0), .hi = five, .is_reversed = 1, .body = &run};
    plan.body = &loop;
    KernelCode code = {loop_eval_run, loop_eval_prepare(&s->arena, kernel)};
    RunPlan *bound = plan_bind(&s->arena, &plan, NULL, &code);
    int32_t result[5] = {-1, -1, -1, -1, -1};
    void *bindings[] = {result};
    assert_int_equal(plan_run_serial(bound, bindings, NULL, NULL).code, 0);
    for (int k = 0; k < 5; k++) assert_int_equal(result[k], k);
}

static void checks_stop_a_run(void **state) {
    Session *s = &((World *)*state)->session;
    LoopBuilder *b = loop_builder_new(s, &s->arena, "checked");
    loop_tiles(b, dim_constant(&s->dims, 4), 0);
    LoopVal tile = loop_builder_kernel(b)->tile;
    loop_check(b, loop_binary(b, LO_LT, tile, loop_index(b, 9)), "first", (Span){0});
    loop_check(b, loop_binary(b, LO_LT, tile, loop_index(b, 2)), "second", (Span){0});
    const EvalKernel *code = loop_eval_prepare(&s->arena, loop_expand(s, &s->arena, loop_builder_finish(b)));
    assert_int_equal(loop_eval_run(code, NULL, NULL, 0, 2, NULL), 0);
    assert_int_equal(loop_eval_run(code, NULL, NULL, 0, 4, NULL), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(product_has_the_stated_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(expansion_leaves_constant_registers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(plans_walk_loops, set_up, tear_down),
        cmocka_unit_test_setup_teardown(checks_stop_a_run, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("loop_eval", tests, NULL, NULL);
}
