/* Every case of the operation tables through the executor: machine code at several thread counts, with every
 * schedule of this machine and with and without passes that must not change a bit, against the interpreter.  "Equal"
 * is equality of all bits; any NaN equals any NaN. */
#include "compiler/lower.h"
#include "driver/executor.h"
#include "runtime/array.h"
#include "tests/support/graph_case.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef struct Outcome {
    int count;
    Array *arrays[16]; /* by slot */
} Outcome;

static Array *input_array(const Node *node, const int64_t *dims, const double *elements, int is_rough) {
    int64_t extents[GRAPH_MAX_RANK];
    for (int i = 0; i < node->rank; i++) assert_int_equal(dim_evaluate(node->shape[i], dims, &extents[i]), 0);
    Array *array = array_new(node->dtype, node->rank, extents);
    for (int64_t i = 0; i < array->count; i++) {
        double value = elements ? elements[i] : 0;
        if (is_rough && dtype_is_float(node->dtype)) value += 1e-3 * sin((double)i * 1.3 + value);
        array_set_number(array, i, value);
    }
    return array;
}

/* Builds the region anew from its text (passes change it), compiles and runs it. */
static Outcome run(const char *text, const OpCase *c, const ScalarCase *sc, const ExecutorOptions *options) {
    Session session;
    session_init(&session);
    Arena arena = {0};
    Build build = {.region = sc ? region_of_scalar_case(&session, &arena, sc) : region_of_text(&session, &arena, text)};
    const int64_t *dims = dim_values(&arena, build.region, c ? c->dims : (const int64_t[]){0, 0});
    const double *const *elements = c ? c->inputs : sc->operands;
    Outcome outcome = {0};
    Executor *executor = executor_new(&session, options);
    int inputs = build.region->inputs.len;
    for (int i = 0; i < inputs; i++)
        outcome.arrays[i] = input_array(build.region->inputs.data[i].node, dims, elements[i], sc == NULL);
    CompiledStep *step = executor_compile(executor, &build, 1);
    assert_non_null(step);
    outcome.count = executor_slot_count(step);
    assert_true(outcome.count <= 16);
    int slot = inputs;
    for (int i = 0; i < build.region->results.len; i++)
        if (build.region->results.data[i].alias < 0)
            outcome.arrays[slot++] = input_array(build.region->results.data[i].node, dims, NULL, 0);
    void *bindings[16];
    for (int i = 0; i < outcome.count; i++) bindings[i] = outcome.arrays[i]->data;
    assert_true(executor_run(executor, step, dims, bindings));
    executor_discard(step);
    executor_free(executor);
    arena_release(&arena);
    session_release(&session);
    return outcome;
}

static int same_bits(const Array *a, const Array *b) {
    size_t bytes = (size_t)dtype_bytes(a->dtype);
    for (int64_t i = 0; i < a->count; i++) {
        if (!memcmp((char *)a->data + (size_t)i * bytes, (char *)b->data + (size_t)i * bytes, bytes)) continue;
        if (dtype_is_float(a->dtype) && isnan(array_number(a, i)) && isnan(array_number(b, i))) continue;
        print_message("element %lld: %.17g and %.17g\n", (long long)i, array_number(a, i), array_number(b, i));
        return 0;
    }
    return 1;
}

static void release(Outcome *outcome) {
    for (int i = 0; i < outcome->count; i++) array_release(outcome->arrays[i]);
}

static void compare_executors(const char *name, const char *text, const OpCase *c, const ScalarCase *sc) {
    static const char *const fuse[] = {"fuse"};
    const ExecutorOptions variants[] = {
        {.mode = EXECUTE_MACHINE_CODE, .threads = 1},
        {.mode = EXECUTE_MACHINE_CODE, .threads = 3, .schedule = "x86-64-v3"},
        {.mode = EXECUTE_MACHINE_CODE, .threads = 1, .disabled = fuse, .disabled_count = 1},
        {.mode = EXECUTE_INTERPRETER, .threads = 2, .schedule = "scalar"},
        {.mode = EXECUTE_RACES, .threads = 2},
    };
    Outcome expected = run(text, c, sc, &(ExecutorOptions){.mode = EXECUTE_INTERPRETER, .threads = 1});
    for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
        Outcome got = run(text, c, sc, &variants[v]);
        for (int i = 0; i < expected.count; i++)
            if (!same_bits(expected.arrays[i], got.arrays[i]))
                fail_msg("%s, variant %zu: slot %d differs from the interpreter's", name, v, i);
        release(&got);
    }
    release(&expected);
}

/* The text in f32 instead of f64. */
static char *narrowed(const char *text) {
    char *copy = strdup(text);
    assert_non_null(copy);
    for (char *at = copy; (at = strstr(at, "f64")); at += 3) memcpy(at, "f32", 3);
    return copy;
}

static void operations_agree(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof op_cases / sizeof *op_cases; i++) {
        compare_executors(op_name(op_cases[i].op), op_cases[i].text, &op_cases[i], NULL);
        char *narrow = narrowed(op_cases[i].text);
        compare_executors(op_name(op_cases[i].op), narrow, &op_cases[i], NULL);
        free(narrow);
    }
}

static void scalar_functions_agree(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof scalar_cases / sizeof *scalar_cases; i++) {
        compare_executors(scalar_name(scalar_cases[i].scalar), NULL, NULL, &scalar_cases[i]);
        ScalarCase narrow = scalar_cases[i];
        if (narrow.dtype != DT_F64) continue;
        narrow.dtype = DT_F32;
        compare_executors(scalar_name(narrow.scalar), NULL, NULL, &narrow);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_agree),
        cmocka_unit_test(scalar_functions_agree),
    };
    return cmocka_run_group_tests_name("executor", tests, NULL, NULL);
}
