/* Programs from within: what they print, snapshots, failures, and two sessions in two threads at once. */
#include "driver/load.h"
#include "driver/program.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef struct Result {
    int code;
    uint64_t digest;
    char out[4000], diagnostics[4000];
} Result;

static void keep(char *place, size_t cap, const char *text) { snprintf(place, cap, "%s", text ? text : ""); }

static void run_into(const char *program, ExecutorMode mode, int threads, Result *result) {
    static const int never = 0;
    Session session;
    session_init(&session);
    SourceList library = {0};
    assert_true(load_library(&session, &library));
    const Source *source = source_add(&session.sources, "test.dlm", program, strlen(program));
    CheckInput input = {.source = source, .library = library.data, .library_count = library.len};
    TProgram *typed = lang_check(&session, &input);
    *result = (Result){.code = 1};
    if (!session.diags.error_count) {
        char *out = NULL, *err = NULL;
        size_t out_len = 0, err_len = 0;
        FILE *to_out = open_memstream(&out, &out_len), *to_err = open_memstream(&err, &err_len);
        Text report = text_new(&session.arena);
        Executor *executor = executor_new(&session, &(ExecutorOptions){.mode = mode, .threads = threads, .report = &report});
        Progress *progress = progress_new(&(ProgressOptions){.mode = PROGRESS_QUIET, .out = to_out, .err = to_err});
        ProgramOptions options = {.interrupted = &never, .digest = &result->digest};
        result->code = program_run(typed, executor, progress, &options);
        progress_free(progress);
        executor_free(executor);
        fclose(to_out);
        fclose(to_err);
        keep(result->out, sizeof result->out, out);
        free(out);
        free(err);
    }
    Text text = text_new(&session.arena);
    diags_render(&session.diags, &session.sources, (DiagStyle){0}, &text);
    keep(result->diagnostics, sizeof result->diagnostics, text_str(&text));
    session_release(&session);
}

static Result run(const char *program) {
    Result result;
    run_into(program, EXECUTE_MACHINE_CODE, 2, &result);
    return result;
}

static void assert_prints(const char *program, const char *expected) {
    Result result = run(program);
    assert_string_equal(result.diagnostics, "");
    assert_int_equal(result.code, 0);
    assert_string_equal(result.out, expected);
}

static void statements(void **state) {
    (void)state;
    assert_prints("print(4/3)\n", "1.33333\n");
    assert_prints("print(7 // 2, -7 // 2, 7 % -2)\n", "3 -4 -1\n");
    assert_prints("let x = [2, -3.4]\nprint(\"x = {x}, {x[1]:.2}\")\n", "x = [2, -3.4], -3.40\n");
    assert_prints("var a = 1\nfor i in 0..5 { if i == 3 { continue }\n a = a * 2 + i }\nprint(a)\n", "28\n");
    assert_prints("var n = 27\nvar steps = 0\nwhile n != 1 { n = if n % 2 == 0 { n // 2 } else { 3*n + 1 }\n"
                  "steps = steps + 1 }\nprint(steps)\n",
                  "111\n");
    assert_prints("for i in 0..100 { if i * i > 50 { print(i); break } }\n", "8\n");
}

static const char line[] =
    "data points {\n  let x0 = normal[100, 2]\n  x: f32[2] from x0\n  y: f32 from 2*x0[_, 0] - 3*x0[_, 1] + 1\n}\n"
    "model Line(x: f32[B, 2]) -> f32[B] {\n  param w: f32[2] ~ zeros\n  param b: f32 ~ zeros\n  x @ w + b\n}\n"
    "optimizer plain[lr: f32](p, g) { p = p - lr * g }\n"
    "let w0 = Line.w\n"
    "train Line on points {\n  batch = 7; shuffle = true; epochs = 30\n"
    "  step (x, y) { minimize mean((Line(x) - y)**2) using plain[lr=0.1] }\n}\n"
    "print(w0, \"{Line.w:.3} {Line.b:.3}\")\n";

static void a_snapshot_outlives_training(void **state) {
    (void)state;
    assert_prints(line, "[0, 0] [2.000, -3.000] 1.000\n");
}

static void all_executors_give_equal_bits(void **state) {
    (void)state;
    Result first, other;
    run_into(line, EXECUTE_MACHINE_CODE, 1, &first);
    run_into(line, EXECUTE_MACHINE_CODE, 3, &other);
    assert_true(first.digest == other.digest);
    run_into(line, EXECUTE_INTERPRETER, 2, &other);
    assert_true(first.digest == other.digest);
    run_into(line, EXECUTE_RACES, 1, &other);
    assert_true(first.digest == other.digest);
}

static void *run_line(void *result) {
    for (int i = 0; i < 3; i++) run_into(line, EXECUTE_MACHINE_CODE, 2, result);
    return NULL;
}

static void two_sessions_in_two_threads(void **state) {
    (void)state;
    static Result results[2];
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&threads[i], NULL, run_line, &results[i]), 0);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    assert_string_equal(results[0].out, "[0, 0] [2.000, -3.000] 1.000\n");
    assert_string_equal(results[1].out, results[0].out);
    assert_true(results[0].digest == results[1].digest);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements),
        cmocka_unit_test(a_snapshot_outlives_training),
        cmocka_unit_test(all_executors_give_equal_bits),
        cmocka_unit_test(two_sessions_in_two_threads),
    };
    return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
