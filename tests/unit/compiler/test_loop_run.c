/* Kernels of loop text in the interpreter: memory and lanes, control flow, checks, bounds, races, plans. */
#include "compiler/loop_eval.h"
#include "compiler/loop_expand.h"
#include "compiler/loop_parse.h"
#include "compiler/plan_bind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static int set_up(void **state) {
    Session *s = malloc(sizeof *s);
    session_init(s);
    *state = s;
    return 0;
}

static int tear_down(void **state) {
    session_release(*state);
    free(*state);
    return 0;
}

static LoopFile *parse(Session *s, const char *text) {
    LoopFile *file = loop_parse(s, &s->arena, source_add(&s->sources, "test.loop", text, strlen(text)));
    if (!file) fprintf(stderr, "%s\n", s->diags.list.data[0]->message);
    assert_non_null(file);
    return file;
}

static EvalKernel *prepared(Session *s, const char *text) {
    return loop_eval_prepare(&s->arena, loop_expand(s, &s->arena, parse(s, text)->kernels.data[0]));
}

static int32_t run(Session *s, const char *text, void *const *buffers, const int64_t *scalars, int64_t tiles) {
    return loop_eval_run(prepared(s, text), buffers, scalars, 0, tiles, NULL);
}

/* ---- memory ------------------------------------------------------------------------------------------ */

static void lanes_are_loaded_and_stored(void **state) {
    const char *text = "kernel k(in x: i32[32], out y: i32[32], out g: i32[16]; dims N) tile t of 1 {\n"
                       "  let v = load x[3] lanes N\n"
                       "  store y[0] lanes 16 = v\n"
                       "  store y[16] lanes N = load x[5] lanes 16\n"
                       "  store g[0] lanes 16 = gather x[sub(30, mul(lane(index), 2))] lanes N }\n";
    for (int64_t n = -2; n <= 18; n++) {
        Session s;
        session_init(&s);
        int32_t x[32], y[32], g[16];
        for (int i = 0; i < 32; i++) x[i] = 100 + i, y[i] = -1;
        void *buffers[] = {x, y, g};
        assert_int_equal(run(&s, text, buffers, &n, 1), 0);
        for (int i = 0; i < 16; i++) {
            assert_int_equal(y[i], i < n ? x[3 + i] : 0);
            assert_int_equal(y[16 + i], i < n ? x[5 + i] : -1);
            assert_int_equal(g[i], i < n ? x[30 - 2 * i] : 0);
        }
        session_release(&s);
    }
    (void)state;
}

/* Four rounds of trades transpose sixteen vectors. */
static void trades_transpose(void **state) {
    const char *text = "kernel k(in x: i16[16, 16], out y: i16[16, 16], out z: i16[32]) tile t of 1 {\n"
                       "  var a[16]: i16x16 = 0\n  var b[16]: i16x16 = 0\n"
                       "  unroll r in 0..16 { a[r] = load x[r, 0] lanes 16 }\n"
                       "  store z[0] lanes 16 = trade_low_2(a[0], a[1])\n"
                       "  store z[16] lanes 16 = trade_high_2(a[0], a[1])\n"
                       "  unroll r in 0..8 { b[r] = trade_low_8(a[r], a[r + 8])  b[r + 8] = trade_high_8(a[r], a[r + 8]) }\n"
                       "  unroll h in 0..2 { unroll r in 0..4 {\n"
                       "    a[8*h + r] = trade_low_4(b[8*h + r], b[8*h + r + 4])\n"
                       "    a[8*h + r + 4] = trade_high_4(b[8*h + r], b[8*h + r + 4]) } }\n"
                       "  unroll h in 0..4 { unroll r in 0..2 {\n"
                       "    b[4*h + r] = trade_low_2(a[4*h + r], a[4*h + r + 2])\n"
                       "    b[4*h + r + 2] = trade_high_2(a[4*h + r], a[4*h + r + 2]) } }\n"
                       "  unroll r in 0..8 {\n"
                       "    a[2*r] = trade_low_1(b[2*r], b[2*r + 1])\n"
                       "    a[2*r + 1] = trade_high_1(b[2*r], b[2*r + 1]) }\n"
                       "  unroll r in 0..16 { store y[r, 0] lanes 16 = a[r] } }\n";
    Session s;
    session_init(&s);
    int16_t x[256], y[256], z[32];
    for (int i = 0; i < 256; i++) x[i] = (int16_t)i;
    void *buffers[] = {x, y, z};
    assert_int_equal(run(&s, text, buffers, NULL, 1), 0);
    for (int i = 0; i < 256; i++) assert_int_equal(y[i], x[i % 16 * 16 + i / 16]);
    for (int i = 0; i < 32; i++) assert_int_equal(z[i], x[i / 2 % 2 * 16 + i % 16 / 4 * 4 + i % 2 + i / 16 * 2]);
    session_release(&s);
    (void)state;
}

/* Halves: every f16 and bf16 goes through memory and back, and f32 round to nearest even. */
static void halves_are_converted_by_memory(void **state) {
    static const struct {
        float x;
        uint16_t f16, bf16;
    } cases[] = {
        {1.0f, 0x3c00, 0x3f80},       {-2.0f, 0xc000, 0xc000},     {65504.0f, 0x7bff, 0x4780},
        {65519.996f, 0x7bff, 0x4780}, {65520.0f, 0x7c00, 0x4780},  {0x1p-24f, 0x0001, 0x3380},
        {0x1p-25f, 0x0000, 0x3300},   {0x1.8p-25f, 0x0001, 0x3340}, {1 + 0x1p-11f, 0x3c00, 0x3f80},
        {1 + 0x1.8p-10f, 0x3c02, 0x3f80}, {0x1p-14f, 0x0400, 0x3880}, {-0.0f, 0x8000, 0x8000},
        {1 + 0x1p-8f, 0x3c04, 0x3f80}, {1 + 0x1.8p-7f, 0x3c0c, 0x3f82}, {0x1.fffffep127f, 0x7c00, 0x7f80},
        {0x1.ff8p-15f, 0x03ff, 0x3880}, {0x1.ffcp-15f, 0x0400, 0x3880},
    };
    Session *s = *state;
    const char *text = "kernel k(in x: f32[1], out a: f16[1], out b: bf16[1], in h: f16[65536], in q: bf16[65536],"
                       " out ho: f16[65536], out qo: bf16[65536]) tile t of 1 {\n"
                       "  let v = load x[0] store a[0] = v store b[0] = v\n"
                       "  for i in 0..65536 { store ho[i] = load h[i]\n store qo[i] = load q[i] } }\n";
    static uint16_t all[65536], h[65536], q[65536];
    for (int i = 0; i < 65536; i++) all[i] = (uint16_t)i;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float x = cases[i].x;
        uint16_t a, b;
        void *buffers[] = {&x, &a, &b, all, all, h, q};
        assert_int_equal(run(s, text, buffers, NULL, 1), 0);
        assert_int_equal(a, cases[i].f16);
        assert_int_equal(b, cases[i].bf16);
    }
    for (int i = 0; i < 65536; i++) {
        if ((i & 0x7fff) <= 0x7c00) assert_int_equal(h[i], i);
        else assert_true((h[i] & 0x7fff) > 0x7c00); /* NaN stays NaN */
        if ((i & 0x7fff) <= 0x7f80) assert_int_equal(q[i], i);
        else assert_true((q[i] & 0x7fff) > 0x7f80);
    }
}

static void lane_sums_are_halving_trees(void **state) {
    Session *s = *state;
    const char *text = "kernel k(in x: f32[16], out y: f32[6]; dims N) tile t of 1 {\n"
                       "  let v = load x[0] lanes 16\n"
                       "  store y[0] = lanes_sum(v) store y[1] = lanes_sum(v, N)\n"
                       "  store y[2] = lanes_min(v, N) store y[3] = lanes_max(v, N)\n"
                       "  store y[4] = lanes_sum(v, 0) store y[5] = lane_get(v, N) }\n";
    float x[16], y[6], tree[16];
    for (int i = 0; i < 16; i++) x[i] = (i % 3 ? 1.0f : -1e7f) / (float)(i + 3);
    int64_t n = 11;
    void *buffers[] = {x, y};
    assert_int_equal(run(s, text, buffers, &n, 1), 0);
    for (int count = 16; count >= 11; count -= 5) {
        for (int i = 0; i < 16; i++) tree[i] = i < count ? x[i] : -0.0f;
        for (int half = 8; half; half /= 2)
            for (int i = 0; i < half; i++) tree[i] = tree[i] + tree[i + half];
        assert_memory_equal(&y[count == 11], tree, 4);
    }
    float least = x[0], most = x[0], zero = -0.0f;
    for (int i = 1; i < 11; i++) least = x[i] < least ? x[i] : least, most = x[i] > most ? x[i] : most;
    assert_memory_equal(&y[2], &least, 4);
    assert_memory_equal(&y[3], &most, 4);
    assert_memory_equal(&y[4], &zero, 4);
    assert_memory_equal(&y[5], &x[11], 4);
}

static void scratch_and_pitch_have_their_places(void **state) {
    Session *s = *state;
    const char *text = "kernel k(in x: i32[3, 2] pitch 4, scratch a: i8[5], scratch b: i32[2, 3], out y: i32[6]) tile t of 1 {\n"
                       "  for i in 0..3 { for j in 0..2 { store b[j, i] = load x[i, j] } }\n"
                       "  for i in 0..5 { store a[i] = i8(7) }\n"
                       "  for i in 0..6 { store y[i] = load b[i // 3, i % 3] } }\n";
    int32_t x[12], y[6], expected[] = {0, 4, 8, 1, 5, 9};
    _Alignas(64) char scratch[192];
    for (int i = 0; i < 12; i++) x[i] = i;
    void *buffers[] = {x, y};
    assert_int_equal(loop_eval_run(prepared(s, text), buffers, NULL, 0, 1, scratch), 0);
    assert_memory_equal(y, expected, sizeof expected);
    assert_int_equal(scratch[4], 7);
    assert_memory_equal(scratch + 64, expected, sizeof expected);
}

/* ---- control ----------------------------------------------------------------------------------------- */

static void loops_count(void **state) {
    Session *s = *state;
    const char *text = "kernel k(out y: i32[16]; dims N) tile t of 1 {\n"
                       "  var n: index = 0\n"
                       "  for i in 1..N step 3 { store y[n] = convert(i, i32) n = n + 1 }\n"
                       "  for i in 1..N step 3 reversed { store y[n] = convert(i, i32) n = n + 1 }\n"
                       "  for i in N..1 { store y[n] = -1 n = n + 1 }\n"
                       "  while n < 13 { if n % 2 == 0 { store y[n] = 50 } else { store y[n] = 51 } n = n + 1 } }\n";
    int32_t y[16] = {0}, expected[16] = {1, 4, 7, 10, 10, 7, 4, 1, 50, 51, 50, 51, 50, 0};
    int64_t n = 11;
    void *buffers[] = {y};
    assert_int_equal(run(s, text, buffers, &n, 1), 0);
    assert_memory_equal(y, expected, sizeof y);
}

/* Registers are read as they are at their place, also where a value is computed straight into one. */
static void registers_are_mutable(void **state) {
    Session *s = *state;
    const char *text = "kernel k(out y: i32[8]) tile t of 1 {\n"
                       "  var a[2]: i32 = 1 var b: i32 = 5\n"
                       "  let before = a[0]\n"
                       "  a[0] = add(a[0], a[1])\n"
                       "  let after = a[0]\n"
                       "  let old = b let new = mul(old, 3) let sum = add(old, new)\n"
                       "  b = new\n"
                       "  store y[0] = before store y[1] = after store y[2] = old store y[3] = b store y[4] = sum\n"
                       "  let x = a[0] let z = a[1] a[0] = z a[1] = x\n"
                       "  store y[5] = a[0] store y[6] = a[1]\n"
                       "  for i in 0..3 { let u = b let v = add(u, 1) b = v store y[7] = u } }\n";
    int32_t y[8], expected[8] = {1, 2, 5, 15, 20, 1, 2, 17};
    void *buffers[] = {y};
    assert_int_equal(run(s, text, buffers, NULL, 1), 0);
    assert_memory_equal(y, expected, sizeof y);
}

static void checks_end_the_kernel(void **state) {
    Session *s = *state;
    const char *text = "kernel k(inout y: i32[4]; dims N) tile t of 4 {\n"
                       "  check N < 100, \"small\"\n  check t < N, \"below\"\n  store y[t] = 1 }\n";
    int32_t y[4] = {0};
    int64_t n = 2;
    void *buffers[] = {y};
    assert_int_equal(run(s, text, buffers, &n, 4), 2);
    assert_int_equal(y[0] + y[1], 2);
    assert_int_equal(y[2] + y[3], 0);
    n = 100;
    assert_int_equal(run(s, text, buffers, &n, 4), 1);
}

/* What the interpreter says before it ends the process. */
static const char *last_words(Session *s, const char *text, void *const *buffers) {
    EvalKernel *program = prepared(s, text);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (!child) {
        dup2(ends[1], 2);
        loop_eval_run(program, buffers, NULL, 0, 1, NULL);
        _exit(0);
    }
    close(ends[1]);
    char *said = arena_alloc(&s->arena, 4096);
    for (ssize_t n, len = 0; len < 4000 && (n = read(ends[0], said + len, (size_t)(4000 - len))) > 0;) len += n;
    close(ends[0]);
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 4 ? said : "(it ended well)";
}

static void subscripts_are_checked(void **state) {
    static const char *const bodies[][2] = {
        {"store y[8] = 1", "kernel k, tile 0: y[8] lanes 1 is outside of y[8]"},
        {"store y[0 - 1] = 1", "y[-1]"},
        {"store y[4] lanes 5 = f32x16(0)", "y[4] lanes 5"},
        {"let v = load x[1, 2] lanes 7", "x[1, 2] lanes 7 is outside of x[2, 6]"},
        {"let v = gather x[0, sub(lane(index), 1)] lanes 16", "is outside of x[2, 6]"},
        {"let v = lane_get(f32x16(1), 16)", "there is no lane 16"},
    };
    Session *s = *state;
    float x[16] = {0}, y[16];
    void *buffers[] = {x, y};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const char *text = arena_printf(&s->arena, "kernel k(in x: f32[2, 6] pitch 8, out y: f32[8]) tile t of 1 { %s }", bodies[i][0]);
        const char *said = last_words(s, text, buffers);
        if (!strstr(said, bodies[i][1])) fail_msg("%s: %s", bodies[i][0], said);
    }
    const char *good = "kernel k(in x: f32[2, 6] pitch 8, out y: f32[8]) tile t of 1 {"
                       " let v = load x[1, 2] lanes 6 store y[4] lanes 4 = v store y[99] lanes 0 = v }";
    assert_string_equal(last_words(s, good, buffers), "(it ended well)");
}

/* ---- plans and races --------------------------------------------------------------------------------- */

static RunFailure run_plan(Session *s, const char *text, void *const *bindings, const int64_t *dims, Text *races,
                           int64_t *race_count) {
    LoopFile *file = parse(s, text);
    const LoopPlan *plan = file->plans.data[0];
    KernelCode *code = arena_array(&s->arena, KernelCode, plan->kernels.len);
    RaceLog *log = races ? race_log_new(&s->arena) : NULL;
    for (int i = 0; i < plan->kernels.len; i++) {
        EvalKernel *program = loop_eval_prepare(&s->arena, loop_expand(s, &s->arena, plan->kernels.data[i]));
        if (log) loop_eval_watch(program, log);
        code[i] = (KernelCode){loop_eval_run, program};
    }
    int64_t *values = arena_array(&s->arena, int64_t, s->dims.names.len + 1);
    for (int i = 0; i < plan->dims.len; i++) values[plan->dims.data[i]->id] = dims[i];
    RunPlan *bound = plan_bind(&s->arena, plan, values, code);
    if (log) bound = race_plan(&s->arena, bound, log);
    char *memory = arena_alloc(&s->arena, (size_t)(bound->arena_bytes + bound->scratch_bytes) + 192);
    memory += (64 - (uintptr_t)memory % 64) % 64;
    RunFailure failure = plan_run_serial(bound, bindings, memory, memory + (bound->arena_bytes + 63) / 64 * 64);
    if (log) *race_count = race_report(log, races);
    return failure;
}

static void plans_run_loops_whens_and_untils(void **state) {
    Session *s = *state;
    const char *text =
        "kernel put(out y: i64[1]; dims N; index i, j) tile t of 1 { store y[0] = convert(100*i + 10*j + N, i64) }\n"
        "kernel count(inout n: i64[], out done: bool[]; dims N) tile t of 1 {\n"
        "  let m = add(load n[], 1) store n[] = m store done[] = le(convert(N, i64), m) }\n"
        "kernel set(out y: i64[1]) tile t of 1 { store y[0] = 7 }\n"
        "plan p(dims N <= 9) slots 2 arena 128 scratch 0 {\n"
        "  buffer y: i64[2*N] output 0\n"
        "  buffer n: i64[] inout 1\n"
        "  buffer done: bool[] arena 64 bytes 1\n"
        "  loop i in 0..2 { loop j in 0..N - 2 reversed { run put(y by i: N - 2 by j: 1) phase } }\n"
        "  until done { run count(n, done) phase }\n"
        "  when done { run set(y at 2*N - 1) } else { run set(y at 2*N - 2) }\n"
        "}\n";
    int64_t y[10] = {0}, n = 0, dims[] = {5};
    int64_t expected[10] = {5, 15, 25, 105, 115, 125, 0, 0, 0, 7};
    void *bindings[] = {y, &n};
    assert_int_equal(run_plan(s, text, bindings, dims, NULL, NULL).code, 0);
    assert_memory_equal(y, expected, sizeof y);
    assert_int_equal(n, 5);
}

typedef struct RaceCase {
    const char *body, *message; /* NULL: no race */
} RaceCase;

static void races_are_found(void **state) {
    static const RaceCase cases[] = {
        {"run each(a, b) phase", NULL},
        {"run same(b) phase", "race in kernel same: tile 1 writes y[0], which tile 0 writes in the same phase"},
        {"run each(a, b) run each(a, b) phase", "which tile 0 writes in the same phase"},
        {"run each(a, b) phase run each(b, a) phase", NULL},
        {"run each(a, b) run each(b, c) phase", "race in kernel each: tile 0 reads x[0], which tile 0 writes"},
        {"run sum(a, b) phase run sum(a, c) run sum(a, b) phase", NULL},
        {"run sum(a, b) run each(c, a) phase", "race in kernel each: tile 0 writes y[0], which tile 0 of kernel sum reads"},
        {"run next(a) phase", "race in kernel next: tile 1 reads x[1], which tile 0 writes in the same phase"},
        {"run private(b) phase", NULL},
        {"loop i in 0..2 { run each(a, b) } phase", "writes in the same phase"},
        {"loop i in 0..2 { run each(a, b) phase }", NULL},
        {"loop i in 0..2 { run one(a by i: 1) }", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Session s;
        session_init(&s);
        const char *text = arena_printf(&s.arena,
            "kernel each(in x: f32[4], out y: f32[4]) tile t of 4 { store y[t] = load x[t] }\n"
            "kernel same(out y: f32[4]) tile t of 4 { store y[t // 2] = 1 }\n"
            "kernel sum(in x: f32[4], out y: f32[4]) tile t of 4 { store y[t] = lanes_sum(load x[0] lanes 4) }\n"
            "kernel next(inout x: f32[4]) tile t of 3 { store x[t + 1] = add(load x[t], 1) }\n"
            "kernel private(out y: f32[4], scratch p: f32[1]) tile t of 4 { store p[0] = 1 store y[t] = load p[0] }\n"
            "kernel one(out y: f32[1]) tile t of 1 { store y[0] = 1 }\n"
            "plan p() slots 3 arena 0 scratch 64 { buffer a: f32[4] inout 0 buffer b: f32[4] inout 1"
            " buffer c: f32[4] inout 2 %s }\n", cases[i].body);
        float a[4] = {0}, b[4] = {0}, c[4] = {0};
        void *bindings[] = {a, b, c};
        Text report = text_new(&s.arena);
        int64_t count = 0;
        assert_int_equal(run_plan(&s, text, bindings, NULL, &report, &count).code, 0);
        if (!cases[i].message != !count || (cases[i].message && !strstr(text_str(&report), cases[i].message)))
            fail_msg("%s: %lld races: %s", cases[i].body, (long long)count, text_str(&report));
        session_release(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lanes_are_loaded_and_stored),
        cmocka_unit_test(trades_transpose),
        cmocka_unit_test_setup_teardown(halves_are_converted_by_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lane_sums_are_halving_trees, set_up, tear_down),
        cmocka_unit_test_setup_teardown(scratch_and_pitch_have_their_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(loops_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(registers_are_mutable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(checks_end_the_kernel, set_up, tear_down),
        cmocka_unit_test_setup_teardown(subscripts_are_checked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(plans_run_loops_whens_and_untils, set_up, tear_down),
        cmocka_unit_test(races_are_found),
    };
    return cmocka_run_group_tests_name("loop_run", tests, NULL, NULL);
}
