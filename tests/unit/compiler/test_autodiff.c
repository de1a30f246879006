/* Gradients against central differences in f64, walked from the tables: every smooth row, first and second
 * derivatives.  Rows without a case, and random graphs. */
#include "tests/support/bench.h"
#include "tests/support/graph_case.h"
#include "tests/support/graph_random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MAX_INPUTS = 8 };

static double **copy_inputs(Bench *b, const Region *r, const int64_t *dims, const double *const *inputs) {
    double **copy = arena_array(&b->arena, double *, r->inputs.len);
    for (int i = 0; i < r->inputs.len; i++) {
        int64_t count = node_count(r->inputs.data[i].node, dims);
        copy[i] = arena_array(&b->arena, double, count);
        memcpy(copy[i], inputs[i], sizeof **copy * (size_t)count);
    }
    return copy;
}

/* Compares the derivatives of `of` by all float inputs, and then those of a weighted sum of them again. */
static void check_gradients(Bench *b, Region *r, const int64_t *dims, double *const *inputs, Node *of,
                            int order, const char *what) {
    Node *wrt[MAX_INPUTS] = {0}, *gradient[MAX_INPUTS], *sum = NULL;
    int index[MAX_INPUTS], count = 0;
    for (int i = 0; i < r->inputs.len; i++) {
        if (!dtype_is_float(r->inputs.data[i].node->dtype)) continue;
        index[count] = i;
        wrt[count++] = r->inputs.data[i].node;
    }
    graph_gradient(r, of, wrt, count, gradient);
    graph_verify(r, what);
    for (int i = 0; i < count; i++) {
        double error = gradient_error(&b->arena, r, dims, inputs, of, index[i], gradient[i]);
        if (error > 1e-6)
            fail_msg("%s: derivative %d by input %d is off by %g", what, order, index[i], error);
        if (!gradient[i]) continue;
        Node *part = weighted_sum(r, gradient[i], 0.3 + i);
        sum = sum ? graph_map2(r, SC_ADD, sum, part, (Span){0}) : part;
    }
    if (sum && order < 2) check_gradients(b, r, dims, inputs, sum, order + 1, what);
}

static void check_case(Bench *b, Region *r, const int64_t *dims, const double *const *inputs, int is_smooth,
                       const char *what) {
    Node *y = r->results.data[0].node;
    if (!is_smooth) return;
    check_gradients(b, r, dims, copy_inputs(b, r, dims, inputs), weighted_sum(r, y, 0.1), 1, what);
}

static void operations_have_right_gradients(void **state) {
    for (size_t i = 0; i < sizeof op_cases / sizeof *op_cases; i++) {
        Bench *b = *state;
        const OpCase *c = &op_cases[i];
        Region *r = region_of_text(&b->session, &b->arena, c->text);
        const int64_t *dims = dim_values(&b->arena, r, c->dims);
        check_case(b, r, dims, c->inputs, c->is_smooth, op_name(c->op));
    }
}

static void functions_have_right_gradients(void **state) {
    for (size_t i = 0; i < sizeof scalar_cases / sizeof *scalar_cases; i++) {
        Bench *b = *state;
        const ScalarCase *c = &scalar_cases[i];
        Region *r = region_of_scalar_case(&b->session, &b->arena, c);
        int64_t count = c->count;
        const int64_t *dims = dim_values(&b->arena, r, &count);
        check_case(b, r, dims, c->operands, c->is_smooth, scalar_name(c->scalar));
    }
}

static void every_row_has_a_case(void **state) {
    (void)state;
    for (int op = 0; op < OP_COUNT; op++) {
        int found = 0;
        for (size_t i = 0; i < sizeof op_cases / sizeof *op_cases; i++) found += (int)op_cases[i].op == op;
        if (!found) fail_msg("operation %s has no case", op_name((OpKind)op));
    }
    for (int f = 0; f < SC_COUNT; f++) {
        int found = 0;
        for (size_t i = 0; i < sizeof scalar_cases / sizeof *scalar_cases; i++)
            found += (int)scalar_cases[i].scalar == f;
        if (!found) fail_msg("function %s has no case", scalar_name((ScalarKind)f));
    }
}

static const double *gradient_values(Bench *b, const char *text, const double *const *inputs, int input) {
    Region *r = region_of_text(&b->session, &b->arena, text);
    Node *gradient, *wrt = r->inputs.data[input].node, *of = r->results.data[0].node;
    while (of->rank) of = graph_reduce(r, REDUCE_ADD, of, of->rank - 1, of->span);
    graph_gradient(r, of, &wrt, 1, &gradient);
    if (!gradient) return NULL;
    int64_t none = 0;
    return graph_evaluate(&b->arena, r, dim_values(&b->arena, r, &none), inputs).values[gradient->id];
}

static void assert_values(const double *found, const double *expected, int count) {
    for (int i = 0; i < count; i++)
        if (!(found[i] == expected[i])) fail_msg("element %d is %g, expected %g", i, found[i], expected[i]);
}

static void ties_and_kinks_are_as_documented(void **state) {
    Bench *b = *state;
    const double *tied[] = {ELEMENTS(1, 3, 3, 2, 2, 2)};
    assert_values(gradient_values(b,
                                  "region r() { %0 = input(data \"a\"): f64[2, 3]\n"
                                  "%1 = reduce[max](%0; axis 1): f64[2] result data \"y\" = %1 }",
                                  tied, 0),
                  ELEMENTS(0, 1, 0, 1, 0, 0), 6);
    const double *pair[] = {ELEMENTS(0, -1, 1), ELEMENTS(0, 0, 0)};
    const char *relu = "region r() { %0 = input(data \"a\"): f64[3] %1 = input(data \"b\"): f64[3]\n"
                       "%2 = map[max](%0, %1): f64[3] result data \"y\" = %2 }";
    assert_values(gradient_values(b, relu, pair, 0), ELEMENTS(0, 0, 1), 3);
    assert_values(gradient_values(b, relu, pair, 1), ELEMENTS(1, 1, 0), 3);
    const double *powers[] = {ELEMENTS(0, 0, -2), ELEMENTS(0, 2, 3)};
    const char *power = "region r() { %0 = input(data \"a\"): f64[3] %1 = input(data \"b\"): f64[3]\n"
                        "%2 = map[pow](%0, %1): f64[3] result data \"y\" = %2 }";
    assert_values(gradient_values(b, power, powers, 0), ELEMENTS(0, 0, 12), 3);
    assert_values(gradient_values(b, power, powers, 1), ELEMENTS(0, 0, 0), 3);
}

static void nothing_flows_where_nothing_should(void **state) {
    Bench *b = *state;
    const double *in[] = {ELEMENTS(1, 2)};
    assert_null(gradient_values(b, "region r() { %0 = input(data \"a\"): f64[2] %1 = detach(%0): f64[2]\n"
                                   "result data \"y\" = %1 }", in, 0));
    assert_null(gradient_values(b, "region r() { %0 = input(data \"a\"): f64[2] %1 = convert(%0): i32[2]\n"
                                   "%2 = convert(%1): f64[2] result data \"y\" = %2 }", in, 0));
    assert_null(gradient_values(b, "region r() { %0 = input(data \"a\"): f64[2] %1 = const(1): f64[2]\n"
                                   "result data \"y\" = %1 }", in, 0));
    assert_values(gradient_values(b, "region r() { %0 = input(data \"a\"): f64[2] %1 = detach(%0): f64[2]\n"
                                     "%2 = map[mul](%0, %1): f64[2] result data \"y\" = %2 }", in, 0),
                  ELEMENTS(1, 2), 2);
}

/* By a value in the middle: what lies before it plays no part; each entry is a total derivative. */
static void gradients_by_inner_nodes(void **state) {
    Bench *b = *state;
    Region *r = region_of_text(&b->session, &b->arena,
                               "region r() { %0 = input(data \"a\"): f64 %1 = map[mul](%0, %0): f64\n"
                               "%2 = map[mul](%1, %0): f64 result data \"y\" = %2 }");
    Node *wrt[] = {r->nodes.data[1], r->nodes.data[0], r->nodes.data[2]}, *gradient[3];
    graph_gradient(r, r->nodes.data[2], wrt, 3, gradient);
    const double *in[] = {ELEMENTS(3)};
    Evaluation e = graph_evaluate(&b->arena, r, NULL, in);
    assert_true(e.values[gradient[0]->id][0] == 3);
    assert_true(e.values[gradient[1]->id][0] == 27);
    assert_true(e.values[gradient[2]->id][0] == 1);
}

/* ---- given derivatives ------------------------------------------------------------------------------- */

/* y = (a * b, a) with a derivative of 3 dy b by a and 5 dy a by b: told apart from the true one by the factors. */
static void triple(void *context, Node *const *arriving, Node **leaving) {
    Region *r = context;
    Node *a = r->nodes.data[0], *b = r->nodes.data[1], *dy = arriving[0];
    Node *three = graph_number(r, 3, DT_F64, 0, NULL, (Span){0}), *five = graph_number(r, 5, DT_F64, 0, NULL, (Span){0});
    if (!dy) dy = graph_number(r, 0, DT_F64, 0, NULL, (Span){0});
    leaving[0] = graph_map2(r, SC_MUL, three, graph_map2(r, SC_MUL, dy, b, (Span){0}), (Span){0});
    leaving[1] = graph_map2(r, SC_MUL, five, graph_map2(r, SC_MUL, dy, a, (Span){0}), (Span){0});
    if (arriving[1]) leaving[0] = graph_map2(r, SC_ADD, leaving[0], arriving[1], (Span){0});
}

static void given_derivatives_take_the_place_of_the_true_ones(void **state) {
    Bench *b = *state;
    Region *r = region_of_text(&b->session, &b->arena,
                               "region r() { %0 = input(data \"a\"): f64 %1 = input(data \"b\"): f64\n"
                               "%2 = map[mul](%0, %1): f64 %3 = detach(%2): f64 %4 = detach(%0): f64\n"
                               "%5 = map[mul](%3, %3): f64 %6 = map[add](%5, %4): f64 result data \"y\" = %6 }");
    Node *outputs[] = {r->nodes.data[3], r->nodes.data[4]}, *inputs[] = {r->nodes.data[0], r->nodes.data[1]};
    graph_own_gradient(r, &(OwnGradient){.outputs = outputs, .output_count = 2, .inputs = inputs, .input_count = 2,
                                         .rule = triple, .context = r});
    Node *gradient[2], *second[2], *only_first;
    graph_gradient(r, r->nodes.data[6], inputs, 2, gradient); /* (ab)^2 + a: 6ab^2 + 1 and 10 a^2 b */
    graph_gradient(r, gradient[1], inputs, 2, second); /* of 5 (2 y) a: 30 b a + 10 y by a, 50 a a by b */
    graph_gradient(r, r->nodes.data[5], inputs, 1, &only_first); /* one output alone: 6ab^2 */
    graph_verify(r, "given derivatives");
    const double *in[] = {ELEMENTS(2), ELEMENTS(3)};
    Evaluation e = graph_evaluate(&b->arena, r, NULL, in);
    assert_true(e.values[gradient[0]->id][0] == 6 * 2 * 9 + 1);
    assert_true(e.values[gradient[1]->id][0] == 10 * 4 * 3);
    assert_true(e.values[second[0]->id][0] == 30 * 3 * 2 + 10 * 6);
    assert_true(e.values[second[1]->id][0] == 50 * 2 * 2);
    assert_true(e.values[only_first->id][0] == 6 * 2 * 9);
}

/* ---- random graphs ----------------------------------------------------------------------------------- */

static void random_graphs_have_right_gradients(void **state) {
    Bench *b = *state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        RandomGraph g = random_graph(&b->session, &b->arena, seed);
        const int64_t *dims = dim_values(&b->arena, g.region, &g.batch);
        const char *what = arena_printf(&b->arena, "random graph %d", (int)seed);
        check_gradients(b, g.region, dims, g.inputs, g.of, seed <= 20 ? 1 : 2, what);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_a_case),
        WITH_BENCH(operations_have_right_gradients),
        WITH_BENCH(functions_have_right_gradients),
        WITH_BENCH(ties_and_kinks_are_as_documented),
        WITH_BENCH(nothing_flows_where_nothing_should),
        WITH_BENCH(gradients_by_inner_nodes),
        WITH_BENCH(given_derivatives_take_the_place_of_the_true_ones),
        WITH_BENCH(random_graphs_have_right_gradients),
    };
    return cmocka_run_group_tests_name("autodiff", tests, NULL, NULL);
}
