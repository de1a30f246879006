/* Gradients through gradients, from source text in f64, against central differences: a step of descent inside a loss,
 * a penalty on a gradient, a function whose derivative is its own. */
#include "compiler/build.h"
#include "driver/load.h"
#include "tests/support/graph_case.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define NET                                                                                              \
    "model Net(x: f32[B, 3]) -> f32[B, 2] { x |> Dense[4] |> tanh |> Dense[2] as head }\n"                 \
    "fn error_of(net, x: f32[N, 3], y: f32[N, 2]) -> f32 { mean((net(x) - y)**2) }\n"                      \
    "fn softened(x: f32[..]) -> f32[..] { log(1 + exp(x)) } gradient(dy) { dy * (1 - exp(-value)) }\n"

static double *values_of(Arena *arena, const Node *node, double phase) {
    int64_t count = node_count(node, NULL);
    double *values = arena_array(arena, double, count);
    for (int64_t i = 0; i < count; i++) values[i] = 0.7 * sin(phase + 1.3 * (double)i);
    return values;
}

/* The value of the program's step has the right gradient by every weight and input. */
static void check_step(const char *program) {
    Session session;
    Arena arena = {0};
    session_init(&session);
    SourceList library = {0};
    assert_true(load_library(&session, &library));
    const Source *source = source_add(&session.sources, "test.dlm", program, strlen(program));
    CheckInput input = {.source = source, .library = library.data, .library_count = library.len};
    TProgram *typed = lang_check(&session, &input);
    assert_int_equal(session.diags.error_count, 0);
    assert_int_equal(typed->steps.len, 1);
    Build *build = build_step(&session, &arena, &(BuildOptions){.use_f64 = 1}, typed->steps.data[0]);
    assert_int_equal(session.diags.error_count, 0);
    Region *r = build->region;
    Node *of = NULL;
    for (int i = 0; i < build->targets.len; i++)
        if (build->targets.data[i].kind == TARGET_VALUE) of = r->results.data[i].node;
    assert_non_null(of);
    int count = r->inputs.len;
    assert_true(count >= 4);
    double **inputs = arena_array(&arena, double *, count);
    Node **wrt = arena_array(&arena, Node *, count), **gradients = arena_array(&arena, Node *, count);
    for (int i = 0; i < count; i++) {
        wrt[i] = r->inputs.data[i].node;
        inputs[i] = values_of(&arena, wrt[i], 0.4 + i);
    }
    graph_gradient(r, of, wrt, count, gradients);
    for (int i = 0; i < count; i++) {
        assert_int_equal(wrt[i]->dtype, DT_F64);
        assert_non_null(gradients[i]);
        double error = gradient_error(&arena, r, NULL, inputs, of, i, gradients[i]);
        if (error > 1e-6) fail_msg("the gradient by %s is off by %g", r->inputs.data[i].path->text, error);
    }
    arena_release(&arena);
    session_release(&session);
}

static void a_loss_after_a_step(void **state) {
    (void)state;
    check_step(NET "step meta(x: f32[5, 3], y: f32[5, 2]) -> f32 {\n"
                   "  let fast = Net - 0.5 * grad(error_of(Net, x, y), Net)\n"
                   "  let faster = fast - 0.5 * grad(error_of(fast, x, y), fast)\n"
                   "  error_of(faster, x, y)\n}\nprint(meta(ones[5, 3], ones[5, 2]))\n");
}

static void a_penalty_on_a_gradient(void **state) {
    (void)state;
    check_step(NET "step meta(x: f32[5, 3], y: f32[5, 2]) -> f32 {\n"
                   "  let loss = error_of(Net, x, y)\n"
                   "  loss + total(grad(loss, Net)**2) + sum(grad(loss, x)**2)\n"
                   "}\nprint(meta(ones[5, 3], ones[5, 2]))\n");
}

static void a_derivative_of_its_own(void **state) {
    (void)state;
    check_step(NET "step meta(x: f32[5, 3], y: f32[5, 2]) -> f32 {\n"
                   "  let loss = mean(softened(Net(x) - y) * y)\n"
                   "  loss + total(grad(loss, Net)**2) + sum(grad(loss, x)**2)\n"
                   "}\nprint(meta(ones[5, 3], ones[5, 2]))\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loss_after_a_step),
        cmocka_unit_test(a_penalty_on_a_gradient),
        cmocka_unit_test(a_derivative_of_its_own),
    };
    return cmocka_run_group_tests_name("second_order", tests, NULL, NULL);
}
