/* The JIT's life: compile, call, release, close; many times, on two threads; emission for other targets. */
#include "driver/jit_load.h"

#include "compiler/loop_expand.h"
#include "compiler/loop_parse.h"

#include "make_kernel.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const JitApi *api(Arena *arena) {
    const char *why;
    const JitApi *jit = jit_load(arena, &why);
    if (!jit) fail_msg("%s", why);
    return jit;
}

enum { ROWS = 3, COLUMNS = 2, DEPTH = 37 };

/* The micro-kernel's sums, in its order. */
static int is_product(KernelFunction *function) {
    static _Thread_local _Alignas(64) float a[DEPTH][ROWS], b[DEPTH][16 * COLUMNS], c[ROWS][16 * COLUMNS];
    for (int k = 0; k < DEPTH; k++) {
        for (int r = 0; r < ROWS; r++) a[k][r] = 0.37f * (float)(k - 11) + (float)r;
        for (int j = 0; j < 16 * COLUMNS; j++) b[k][j] = 1.0f / (float)(1 + k + j);
    }
    void *buffers[3] = {a, b, c};
    if (function(NULL, buffers, NULL, 0, 1, NULL) != 0) return 0;
    for (int r = 0; r < ROWS; r++) {
        for (int j = 0; j < 16 * COLUMNS; j++) {
            float sum = 0;
            for (int k = 0; k < DEPTH; k++) sum = fmaf(a[k][r], b[k][j], sum);
            if (memcmp(&sum, &c[r][j], sizeof sum)) return 0;
        }
    }
    return 1;
}

static void test_compiles_and_runs(void **state) {
    (void)state;
    Maker m;
    make_begin(&m, "micro");
    make_micro(&m, ROWS, COLUMNS, DEPTH);
    const JitApi *jit_api = api(&m.session.arena);
    const char *const cpus[] = {NULL, "x86-64", "x86-64-v3"};
    for (size_t i = 0; i < sizeof cpus / sizeof *cpus; i++) {
#if !defined(__x86_64__)
        if (cpus[i]) continue;
#else
        if (i == 2 && !(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))) continue;
#endif
        Jit *jit = jit_api->open(&(JitOptions){.cpu = cpus[i], .verify = 1});
        KernelFunction *function;
        JitCode *code = jit_api->compile(jit, &m.kernel, 1, &function, NULL);
        if (!code) fail_msg("%s", jit_api->error(jit));
        assert_true(is_product(function));
        jit_api->close(jit);
    }
    make_end(&m);
}

static void test_loads_and_unloads(void **state) {
    (void)state;
    Maker m;
    make_begin(&m, "micro");
    make_micro(&m, ROWS, COLUMNS, DEPTH);
    const JitApi *jit_api = api(&m.session.arena);
    Jit *jit = jit_api->open(&(JitOptions){.threads = 2});
    LoopKernel *kernels[2] = {m.kernel, m.kernel};
    for (int i = 0; i < 100; i++) {
        KernelFunction *functions[2];
        JitCode *code = jit_api->compile(jit, kernels, 2, functions, NULL);
        assert_non_null(code);
        assert_true(functions[0] != functions[1]);
        assert_true(is_product(functions[0]) && is_product(functions[1]));
        if (i % 10) jit_api->release(jit, code);
    }
    jit_api->close(jit); /* with ten compilations still loaded */
    make_end(&m);
}

static void *compile_often(void *result) {
    Maker m;
    make_begin(&m, "micro");
    make_micro(&m, ROWS, COLUMNS, DEPTH);
    const char *why;
    const JitApi *jit_api = jit_load(&m.session.arena, &why);
    int good = 0;
    for (int i = 0; jit_api && i < 5; i++) {
        Jit *jit = jit_api->open(&(JitOptions){.threads = 1});
        KernelFunction *function;
        if (jit_api->compile(jit, &m.kernel, 1, &function, NULL)) good += is_product(function);
        jit_api->close(jit);
    }
    *(int *)result = good;
    make_end(&m);
    return NULL;
}

static void test_two_threads(void **state) {
    (void)state;
    pthread_t threads[2];
    int good[2] = {0};
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&threads[i], NULL, compile_often, &good[i]), 0);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    assert_int_equal(good[0], 5);
    assert_int_equal(good[1], 5);
}

static void test_emits(void **state) {
    (void)state;
    Maker m;
    make_begin(&m, "micro");
    make_micro(&m, ROWS, COLUMNS, DEPTH);
    const JitApi *jit_api = api(&m.session.arena);
    const char *names[] = {"product"};
    JitBytes bytes;
    Jit *jit = jit_api->open(&(JitOptions){.verify = 1});
    assert_true(jit_api->emit(jit, JIT_OBJECT, &m.kernel, names, 1, &m.session.arena, &bytes));
    assert_memory_equal(bytes.data, "\177ELF", 4);
    assert_true(jit_api->emit(jit, JIT_ASSEMBLY, &m.kernel, names, 1, &m.session.arena, &bytes));
    assert_non_null(strstr(bytes.data, "product:"));
    assert_true(jit_api->emit(jit, JIT_LLVM_IR, &m.kernel, names, 1, &m.session.arena, &bytes));
    assert_non_null(strstr(bytes.data, "define i32 @product("));
    jit_api->close(jit);
    static const char *const triples[] = {"aarch64-linux-gnu", "armv7-linux-gnueabihf", "riscv64-linux-gnu",
                                          "i686-linux-gnu", "wasm32-unknown-unknown"};
    for (size_t i = 0; i < sizeof triples / sizeof *triples; i++) {
        jit = jit_api->open(&(JitOptions){.triple = triples[i], .verify = 1});
        if (jit_api->error(jit)) { /* an LLVM built without this target */
            jit_api->close(jit);
            continue;
        }
        if (!jit_api->emit(jit, JIT_OBJECT, &m.kernel, names, 1, &m.session.arena, &bytes)) {
            fail_msg("%s: %s", triples[i], jit_api->error(jit));
        }
        KernelFunction *function;
        assert_null(jit_api->compile(jit, &m.kernel, 1, &function, NULL));
        assert_non_null(jit_api->error(jit));
        jit_api->close(jit);
    }
    make_end(&m);
}

/* The places of a gather that lie in one or two vectors are loads and shuffles. */
static void test_gathers_of_known_places(void **state) {
    (void)state;
    static const struct {
        const char *places;
        int is_gather;
    } cases[] = {
        {"mul(lane(index), 2)", 0},
        {"sub(15, lane(index))", 0},
        {"div(lane(index), 2)", 0},
        {"add(splat(t), rem(lane(index), 7))", 0},
        {"min(max(sub(lane(index), 3), 0), 8)", 0},
        {"mul(lane(index), 3)", 1},
        {"div(splat(t), add(lane(index), 1))", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Session session;
        session_init(&session);
        Arena *arena = &session.arena;
        const char *text = arena_printf(arena,
                                        "kernel k(in x: f32[64], out y: f32[4, 16]) tile t of 4 {\n"
                                        "  store y[t, 0] = gather x[%s] lanes 14\n}\n",
                                        cases[i].places);
        LoopFile *file = loop_parse(&session, arena, source_add(&session.sources, "test.loop", text, strlen(text)));
        assert_non_null(file);
        LoopKernel *kernel = loop_expand(&session, arena, file->kernels.data[0]);
        const JitApi *jit_api = api(arena);
        const char *names[] = {"k"};
        JitBytes bytes;
        Jit *jit = jit_api->open(&(JitOptions){.verify = 1});
        assert_true(jit_api->emit(jit, JIT_LLVM_IR, &kernel, names, 1, arena, &bytes));
        if ((strstr(bytes.data, "masked.gather") != NULL) != cases[i].is_gather)
            fail_msg("%s:\n%s", cases[i].places, (const char *)bytes.data);
        jit_api->close(jit);
        session_release(&session);
    }
}

static int count_text(const char *text, const char *what) {
    int count = 0;
    for (const char *at = text; (at = strstr(at, what)); at++) count++;
    return count;
}

/* The search for one shuffle in place of several ends behind the second round of a transpose, and only there. */
static void test_trades_of_two_are_fenced(void **state) {
    (void)state;
    static const char text[] = "kernel k(in x: f32[4, 16], out y: f32[2, 16]) tile t of 1 {\n"
                               "  let a = load x[0, 0] lanes 16\n"
                               "  let b = load x[1, 0] lanes 16\n"
                               "  let c = trade_low_1(a, b)\n"
                               "  let d = trade_high_1(a, b)\n"
                               "  let e = trade_low_2(c, d)\n"
                               "  let f = trade_high_2(c, d)\n"
                               "  let g = trade_low_4(e, f)\n"
                               "  store y[0, 0] lanes 16 = g\n}\n";
    Session session;
    session_init(&session);
    Arena *arena = &session.arena;
    LoopFile *file = loop_parse(&session, arena, source_add(&session.sources, "test.loop", text, strlen(text)));
    assert_non_null(file);
    LoopKernel *kernel = loop_expand(&session, arena, file->kernels.data[0]);
    const JitApi *jit_api = api(arena);
    const char *names[] = {"k"};
    JitBytes bytes;
    Jit *jit = jit_api->open(&(JitOptions){.verify = 1});
    assert_true(jit_api->emit(jit, JIT_LLVM_IR, &kernel, names, 1, arena, &bytes));
    assert_int_equal(count_text(bytes.data, "call <16 x float> @llvm.arithmetic.fence"), 2);
    jit_api->close(jit);
    session_release(&session);
}

/* Places at known distances have one base address: here t*16, whatever is added to t. */
static void test_addresses_share_their_base(void **state) {
    (void)state;
    static const char text[] = "kernel k(in x: f32[64, 16], out y: f32[60]) tile t of 60 {\n"
                               "  let a = load x[t, 3]\n"
                               "  let i = add(t, 2)\n"
                               "  let b = load x[i, 5]\n"
                               "  let j = sub(i, 1)\n"
                               "  let c = load x[j, 15]\n"
                               "  let s = add(a, b)\n"
                               "  let u = add(s, c)\n"
                               "  store y[t] = u\n}\n";
    Session session;
    session_init(&session);
    Arena *arena = &session.arena;
    LoopFile *file = loop_parse(&session, arena, source_add(&session.sources, "test.loop", text, strlen(text)));
    assert_non_null(file);
    LoopKernel *kernel = loop_expand(&session, arena, file->kernels.data[0]);
    const JitApi *jit_api = api(arena);
    const char *names[] = {"k"};
    JitBytes bytes;
    Jit *jit = jit_api->open(&(JitOptions){.verify = 1});
    assert_true(jit_api->emit(jit, JIT_LLVM_IR, &kernel, names, 1, arena, &bytes));
    assert_int_equal(count_text(bytes.data, "= mul "), 1);
    assert_int_equal(count_text(bytes.data, "i64 3\n"), 1);
    assert_int_equal(count_text(bytes.data, "i64 37\n"), 1);
    assert_int_equal(count_text(bytes.data, "i64 31\n"), 1);
    jit_api->close(jit);
    session_release(&session);
}

static void test_unknown_target(void **state) {
    (void)state;
    Arena arena = {0};
    const JitApi *jit_api = api(&arena);
    Jit *jit = jit_api->open(&(JitOptions){.triple = "pdp11-none-none"});
    assert_non_null(jit_api->error(jit));
    jit_api->close(jit);
    arena_release(&arena);
}

static void test_missing_module(void **state) {
    (void)state;
    Arena arena = {0};
    const char *why = NULL;
    setenv("DLC_JIT", "/nowhere/dlc-jit.so", 1);
    assert_null(jit_load(&arena, &why));
    assert_non_null(strstr(why, "/nowhere/dlc-jit.so"));
    unsetenv("DLC_JIT");
    arena_release(&arena);
}

/* Sizes of the work: compile time of a 14x2 micro-kernel, for the log. */
static void test_compile_time(void **state) {
    (void)state;
    Maker m;
    make_begin(&m, "micro");
    make_micro(&m, 14, 2, 256);
    const JitApi *jit_api = api(&m.session.arena);
    Jit *jit = jit_api->open(&(JitOptions){.threads = 1});
    JitTimes best = {.total = 1e9}, times;
    for (int i = 0; i < 10; i++) {
        KernelFunction *function;
        JitCode *code = jit_api->compile(jit, &m.kernel, 1, &function, &times);
        assert_non_null(code);
        if (times.total < best.total) best = times;
        jit_api->release(jit, code);
    }
    print_message("14x2: build %.2f passes %.2f emit %.2f link %.2f, total %.2f ms\n", 1e3 * best.build,
                  1e3 * best.passes, 1e3 * best.emit, 1e3 * best.link, 1e3 * best.total);
    assert_true(best.total < 0.25); /* an order of magnitude above what it is on a quiet machine */
    jit_api->close(jit);
    make_end(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compiles_and_runs), cmocka_unit_test(test_loads_and_unloads),
        cmocka_unit_test(test_two_threads),       cmocka_unit_test(test_emits),
        cmocka_unit_test(test_addresses_share_their_base), cmocka_unit_test(test_trades_of_two_are_fenced),
        cmocka_unit_test(test_unknown_target),    cmocka_unit_test(test_missing_module),
        cmocka_unit_test(test_compile_time),      cmocka_unit_test(test_gathers_of_known_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
