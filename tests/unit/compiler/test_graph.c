/* Text form, shape rules and values of the operations. */
#include "tests/support/bench.h"
#include "tests/support/graph_case.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static void check_values(Bench *b, const Region *r, const int64_t *dims, const double *const *inputs,
                         const double *expected, const char *what) {
    const Node *y = r->results.data[0].node;
    Evaluation e = graph_evaluate(&b->arena, r, dims, inputs);
    for (int64_t i = 0; i < e.counts[y->id]; i++) {
        double found = e.values[y->id][i];
        if (!(fabs(found - expected[i]) <= 1e-15 * fmax(1, fabs(expected[i]))))
            fail_msg("%s: element %d is %.17g, expected %.17g", what, (int)i, found, expected[i]);
    }
}

/* Printed text parses back to the same text, and values are as worked out by hand. */
static void check_region(Bench *b, const Region *r, const int64_t *dims, const double *const *inputs,
                         const double *expected, const char *what) {
    graph_verify(r, "parse");
    const char *text = bench_text(b, r);
    assert_string_equal(bench_text(b, region_of_text(&b->session, &b->arena, text)), text);
    check_values(b, r, dims, inputs, expected, what);
}

static void operations_have_right_values(void **state) {
    Bench *b = *state;
    for (size_t i = 0; i < sizeof op_cases / sizeof *op_cases; i++) {
        const OpCase *c = &op_cases[i];
        Region *r = region_of_text(&b->session, &b->arena, c->text);
        check_region(b, r, dim_values(&b->arena, r, c->dims), c->inputs, c->expected, op_name(c->op));
    }
}

static void functions_have_right_values(void **state) {
    Bench *b = *state;
    for (size_t i = 0; i < sizeof scalar_cases / sizeof *scalar_cases; i++) {
        const ScalarCase *c = &scalar_cases[i];
        Region *r = region_of_scalar_case(&b->session, &b->arena, c);
        int64_t count = c->count;
        check_region(b, r, dim_values(&b->arena, r, &count), c->operands, c->expected,
                     scalar_name(c->scalar));
    }
}

static void text_keeps_everything(void **state) {
    Bench *b = *state;
    static const char text[] = "region step(B <= 32, T) {\n"
                               "    %0 = input(data \"image\"): u8[B, 784]\n"
                               "    %1 = input(param \"Net.w\"): f32[784, 10]\n"
                               "    %2 = const(-inf): f32\n"
                               "    %3 = const([true, false]): bool[2]\n"
                               "    %4 = const([-0, 0.100000001, nan]): f32[3]\n"
                               "    %5 = const(18446744073709551615): u64[B]\n"
                               "    %6 = dim_value(B*T + 1): i64\n"
                               "    %7 = convert(%0): f32[B, 784]\n"
                               "    %8 = dot(%7, %1; contract 1,0): f32[B, 10]\n"
                               "    %9 = slice(%8; low B - 1, 2; step 1, 3): f32[1, 2]\n"
                               "    %10 = broadcast(%2; axes): f32[min(B, T)//2]\n"
                               "    result param \"Net.w\" = %1 alias 1\n"
                               "    result data \"out\" = %9\n"
                               "}\n";
    Region *r = region_of_text(&b->session, &b->arena, text);
    assert_string_equal(bench_text(b, r), text);
    assert_int_equal(r->dims.data[0]->maximum, 32);
    assert_int_equal(r->results.data[0].alias, 1);
}

/* Each is refused with one diagnostic that has the word. */
static void mistakes_in_text_are_refused(void **state) {
    Bench *b = *state;
    static const char *const wrong[][2] = {
        {"region r() { %0 = input(data \"a\"): f32[B] }", "head"},
        {"region r() { %0 = input(data \"a\"): f32[2] %1 = map[add](%0): f32[2] }", "operands"},
        {"region r() { %0 = input(data \"a\"): f32[2] %1 = map[add](%0, %0): f32[3] }", "shape"},
        {"region r() { %0 = input(data \"a\"): f32[2] %1 = map[and](%0, %0): f32[2] }", "bools"},
        {"region r() { %0 = input(data \"a\"): f16[2] %1 = map[add](%0, %0): f16[2] }", "numeric"},
        {"region r() { %0 = input(data \"a\"): f32[2] %1 = reshape(%0): f32[3] }", "elements"},
        {"region r() { %0 = input(data \"a\"): f32[2, 3] %1 = transpose(%0; axes 0, 0): f32[2, 2] }",
         "permutation"},
        {"region r() { %0 = input(data \"a\"): f32[2, 3] %1 = broadcast(%0; axes 1, 0): f32[3, 2] }",
         "ascend"},
        {"region r() { %0 = input(data \"a\"): f32[4] %1 = slice(%0; low 2; step 1): f32[3] }", "leaves"},
        {"region r() { %0 = input(data \"a\"): f32[4] %1 = dot(%0, %0; batch 0,0): f32[4] }", "contract"},
        {"region r() { %0 = input(data \"a\"): f32[4] %1 = gather(%0, %0; axis 0): f32[4] }", "i32"},
        {"region r() { %0 = reduce[add](%9; axis 0): f32 }", "before"},
        {"region r() { %0 = nothing(): f32 }", "operation"},
        {"region r() { result data \"y\" = %0 }", "before"},
        {"region r() { %0 = const([1, 2]): f32[3] }", ","},
        {"region r() { ", "`}`"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Source *source = source_add(&b->session.sources, "wrong.graph", wrong[i][0], strlen(wrong[i][0]));
        b->session.diags.list.len = b->session.diags.error_count = 0;
        assert_null(graph_parse(&b->session, &b->arena, source));
        assert_int_equal(b->session.diags.list.len, 1);
        const char *message = b->session.diags.list.data[0]->message;
        if (!strstr(message, wrong[i][1])) fail_msg("%s\n  says %s", wrong[i][0], message);
    }
}

static void builders_make_numbers_of_every_dtype(void **state) {
    Bench *b = *state;
    Region *r = region_new(&b->session, &b->arena, symbol(&b->session.symbols, "r"));
    double value;
    for (DType t = DT_BOOL; t < DT_INDEX; t++) {
        if (t == DT_F16 || t == DT_BF16) continue;
        assert_true(node_is_number(graph_number(r, 1, t, 0, NULL, (Span){0}), &value) && value == 1);
    }
    assert_true(node_is_number(graph_number(r, 0.1, DT_F32, 0, NULL, (Span){0}), &value) &&
                value == (double)0.1f);
    Node *half = graph_number(r, 0.1, DT_F16, 0, NULL, (Span){0});
    assert_int_equal(half->dtype, DT_F16);
    assert_true(node_is_number(half->in[0], &value) && value == 0x1.998p-4);
    Node *size = graph_dim_value(r, dim_constant(&b->session.dims, 12), DT_F32, (Span){0});
    assert_true(node_is_number(size, &value) && value == 12);
    graph_verify(r, "numbers");
}

/* ---- what is broken ends the process ----------------------------------------------------------------- */

/* Runs `f` in a child; is it ended as an internal error, with `word` in the message? */
static int ends_with(Bench *b, void (*f)(Bench *), const char *word) {
    int ends[2], status;
    if (pipe(ends) != 0) fail_msg("no pipe");
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        f(b);
        _exit(0);
    }
    close(ends[1]);
    char text[4000];
    size_t len = 0;
    for (ssize_t n; (n = read(ends[0], text + len, sizeof text - 1 - len)) > 0;) len += (size_t)n;
    text[len] = '\0';
    close(ends[0]);
    waitpid(child, &status, 0);
    if (!strstr(text, word)) fail_msg("`%s` is not in: %s", word, text);
    return WIFEXITED(status) && WEXITSTATUS(status) == 4;
}

static Region *small_region(Bench *b) {
    return region_of_text(&b->session, &b->arena,
                          "region r() { %0 = input(data \"a\"): f32[2] %1 = map[neg](%0): f32[2]\n"
                          "%2 = map[add](%0, %1): f32[2] result data \"y\" = %2 }");
}

static void use_before_definition(Bench *b) {
    Region *r = small_region(b);
    r->nodes.data[1]->in[0] = r->nodes.data[2];
    graph_verify(r, "some pass");
}

static void wrong_shape(Bench *b) {
    Region *r = small_region(b);
    r->nodes.data[2]->shape[0] = dim_constant(&b->session.dims, 3);
    graph_verify(r, "some pass");
}

static void wrong_dtype(Bench *b) {
    Region *r = small_region(b);
    r->nodes.data[1]->dtype = r->nodes.data[2]->dtype = DT_F64;
    graph_verify(r, "some pass");
}

static void foreign_result(Bench *b) {
    Region *r = small_region(b), *other = small_region(b);
    r->results.data[0].node = other->nodes.data[2];
    graph_verify(r, "some pass");
}

static void two_aliases(Bench *b) {
    Region *r = small_region(b);
    graph_result(r, INPUT_DATA, r->name, r->nodes.data[1], 0);
    r->results.data[0].alias = 0;
    graph_verify(r, "some pass");
}

static void operands_of_two_shapes(Bench *b) {
    Region *r = small_region(b);
    Node *three = graph_number(r, 1, DT_F32, 0, NULL, (Span){0});
    graph_map2(r, SC_ADD, r->nodes.data[0], three, (Span){0});
}

static void size_without_a_value(Bench *b) {
    Region *r = small_region(b);
    const Dim *dim =
        dim_named(&b->session.dims, dim_new_name(&b->session.dims, symbol(&b->session.symbols, "V")));
    graph_number(r, 1, DT_F32, 1, &dim, (Span){0});
}

static void gradient_of_a_tensor(Bench *b) {
    Region *r = small_region(b);
    Node *gradient;
    graph_gradient(r, r->nodes.data[2], r->nodes.data, 1, &gradient);
}

static void broken_regions_are_internal_errors(void **state) {
    Bench *b = *state;
    assert_true(ends_with(b, use_before_definition, "after pass 'some pass'"));
    assert_true(ends_with(b, wrong_shape, "extent of axis 0"));
    assert_true(ends_with(b, wrong_dtype, "dtype"));
    assert_true(ends_with(b, foreign_result, "no node of it"));
    assert_true(ends_with(b, two_aliases, "alias"));
    assert_true(ends_with(b, operands_of_two_shapes, "shapes differ"));
    assert_true(ends_with(b, size_without_a_value, "size V"));
    assert_true(ends_with(b, gradient_of_a_tensor, "rank 0"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_BENCH(operations_have_right_values), WITH_BENCH(functions_have_right_values),
        WITH_BENCH(text_keeps_everything),        WITH_BENCH(mistakes_in_text_are_refused),
        WITH_BENCH(builders_make_numbers_of_every_dtype),
        WITH_BENCH(broken_regions_are_internal_errors),
    };
    return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
