/* Workers: plans of C kernels give the same bytes and the same failures for every number of threads. */
#include "runtime/machine.h"
#include "runtime/workers.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

enum { TILE = 16, CELLS = 1000, TILES = (CELLS + TILE - 1) / TILE };

static const int thread_counts[] = {1, 2, 3, 7};
enum { COUNTS = sizeof thread_counts / sizeof *thread_counts };

/* ---- kernels ------------------------------------------------------------------------------------------- */

/* out[i] = in[i] * 3 + in[(i + 7) % n] + turn; scalars: n, then the loop's index where it is passed. */
static int32_t mix(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,
                   int64_t last, void *scratch) {
    (void)scratch;
    const uint32_t *in = buffers[0];
    uint32_t *out = buffers[1];
    int64_t n = scalars[0], turn = context ? scalars[1] : 0;
    for (int64_t i = first * TILE; i < last * TILE && i < n; i++)
        out[i] = in[i] * 3 + in[(i + 7) % n] + (uint32_t)turn;
    return 0;
}

/* Sums tile by tile through its worker's scratch memory. */
static int32_t sum_tiles(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,
                         int64_t last, void *scratch) {
    (void)context;
    const uint32_t *in = buffers[0];
    uint32_t *out = buffers[1], *held = scratch;
    for (int64_t t = first; t < last; t++) {
        for (int k = 0; k < TILE; k++) held[k] = t * TILE + k < scalars[0] ? in[t * TILE + k] : 0;
        out[t] = 0;
        for (int k = 0; k < TILE; k++) out[t] += held[k];
    }
    return 0;
}

/* Fails with check 2 in the tiles whose first cell is the context's or any later one. */
static int32_t fail_from(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,
                         int64_t last, void *scratch) {
    (void)buffers, (void)scalars, (void)scratch;
    for (int64_t t = first; t < last; t++)
        if (t >= *(const int64_t *)context) return (int32_t)(3 + t);
    return 0;
}

/* Counts down the u32 in buffer 0; the bool in buffer 1 says that it has come to 0. */
static int32_t count_down(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,
                          int64_t last, void *scratch) {
    (void)context, (void)scalars, (void)first, (void)last, (void)scratch;
    uint32_t *left = buffers[0];
    *(uint8_t *)buffers[1] = --*left == 0;
    return 0;
}

/* Writes the loop's index to the cell its argument points to. */
static int32_t write_turn(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,
                          int64_t last, void *scratch) {
    (void)context, (void)first, (void)last, (void)scratch;
    *(uint32_t *)buffers[0] = (uint32_t)(scalars[0] * 100 + scalars[1]);
    return 0;
}

/* x / 2^126 / 8 * 8: another result when subnormals are flushed; 1 + 2^-24 + tiny rounds up only upwards. */
static int32_t probe_mode(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,
                          int64_t last, void *scratch) {
    (void)context, (void)scalars, (void)scratch;
    volatile float tiny = 0x1p-126f, eighth = 0.125f, one = 1, little = 0x1.1p-25f;
    for (int64_t t = first; t < last; t++) {
        volatile float subnormal = tiny * eighth;
        ((float *)buffers[0])[2 * t] = subnormal * 8;
        ((float *)buffers[0])[2 * t + 1] = one + little;
    }
    return 0;
}

static const int64_t cells[1] = {CELLS};

static RunStep kernel(KernelFunction *function, const void *context, const RunArgument *arguments, int count,
                      int64_t tiles, int64_t per_range) {
    return (RunStep){.kind = RUN_KERNEL, .function = function, .context = context, .arguments = arguments,
                     .argument_count = count, .scalars = cells, .scalar_count = 1, .tiles = tiles,
                     .tiles_per_range = per_range};
}

/* ---- plans --------------------------------------------------------------------------------------------- */

/* Forty turns of a -> b -> a with the sums of tiles beside the second, and a `when` inside. */
static void run_mixing(Workers *workers, uint32_t *a, uint32_t *sums) {
    uint8_t truth = 1;
    const RunBuffer buffers[] = {
        {.kind = BUFFER_INOUT, .slot = 0, .bytes = 4 * CELLS},
        {.kind = BUFFER_ARENA, .offset = 64, .bytes = 4 * CELLS},
        {.kind = BUFFER_OUTPUT, .slot = 1, .bytes = 4 * TILES},
        {.kind = BUFFER_CONST, .data = &truth, .bytes = 1},
    };
    const RunArgument forth[] = {{.buffer = 0}, {.buffer = 1}}, back[] = {{.buffer = 1}, {.buffer = 0}};
    const RunArgument sum[] = {{.buffer = 1}, {.buffer = 2}};
    RunStep steps[] = {
        {.kind = RUN_LOOP, .end = 8, .first = 0, .last = 40},
        kernel(mix, "turn", forth, 2, TILES, 5),
        {.kind = RUN_PHASE},
        {.kind = RUN_WHEN, .condition = 3, .otherwise = 7, .end = 8},
        kernel(mix, NULL, back, 2, TILES, 3),
        kernel(sum_tiles, NULL, sum, 2, TILES, 1000),
        {.kind = RUN_PHASE},
        kernel(fail_from, cells, NULL, 0, 1, 1),
    };
    steps[1].loop_scalar_count = 1;
    RunPlan plan = {.buffers = buffers, .buffer_count = 4, .steps = steps, .step_count = 8, .slot_count = 2,
                    .arena_bytes = 64 + 4 * CELLS + 32, .scratch_bytes = 4 * TILE};
    void *bindings[] = {a, sums};
    RunFailure failure = workers_run(workers, &plan, bindings);
    assert_int_equal(failure.code, 0);
}

static void results_do_not_depend_on_threads(void **state) {
    (void)state;
    static uint32_t first[CELLS], first_sums[TILES];
    for (int k = 0; k < COUNTS; k++) {
        Workers *workers = workers_new(thread_counts[k]);
        assert_int_equal(workers_threads(workers), thread_counts[k]);
        static uint32_t a[CELLS], sums[TILES];
        for (uint32_t i = 0; i < CELLS; i++) a[i] = i * i;
        for (int again = 0; again < 20; again++) run_mixing(workers, a, sums);
        if (!k) {
            memcpy(first, a, sizeof a);
            memcpy(first_sums, sums, sizeof sums);
        }
        assert_memory_equal(a, first, sizeof a);
        assert_memory_equal(sums, first_sums, sizeof sums);
        workers_free(workers);
    }
    uint32_t expected[CELLS], b[CELLS];
    for (uint32_t i = 0; i < CELLS; i++) expected[i] = i * i;
    for (int again = 0; again < 20; again++)
        for (uint32_t turn = 0; turn < 40; turn++) {
            for (int i = 0; i < CELLS; i++) b[i] = expected[i] * 3 + expected[(i + 7) % CELLS] + turn;
            for (int i = 0; i < CELLS; i++) expected[i] = b[i] * 3 + b[(i + 7) % CELLS];
        }
    assert_memory_equal(first, expected, sizeof expected);
}

static void loops_nest_and_turn_round(void **state) {
    (void)state;
    uint32_t out[6];
    const RunBuffer buffers[] = {{.kind = BUFFER_OUTPUT, .slot = 0, .bytes = sizeof out}};
    const RunArgument cell[] = {{.buffer = 0, .offset = -4, .step = {12, 4}}};
    RunStep steps[] = {
        {.kind = RUN_LOOP, .end = 5, .first = 0, .last = 2, .reversed = 1},
        {.kind = RUN_LOOP, .end = 3, .first = 1, .last = 4},
        {.kind = RUN_KERNEL, .function = write_turn, .arguments = cell, .argument_count = 1,
         .loop_scalar_count = 2, .tiles = 1, .tiles_per_range = 1},
        {.kind = RUN_LOOP, .end = 5, .first = 3, .last = 3},
        kernel(fail_from, (const int64_t[]){0}, NULL, 0, 1, 1),
    };
    RunPlan plan = {.buffers = buffers, .buffer_count = 1, .steps = steps, .step_count = 5, .slot_count = 1};
    Workers *workers = workers_new(2);
    void *bindings[] = {out};
    assert_int_equal(workers_run(workers, &plan, bindings).code, 0);
    assert_memory_equal(out, ((uint32_t[]){1, 2, 3, 101, 102, 103}), sizeof out);
    workers_free(workers);
}

static void conditions_choose_and_repeat(void **state) {
    (void)state;
    const RunArgument count[] = {{.buffer = 0}, {.buffer = 1}}, mark[] = {{.buffer = 2}};
    RunStep steps[] = {
        {.kind = RUN_UNTIL, .condition = 1, .end = 2},
        kernel(count_down, NULL, count, 2, 1, 1),
        {.kind = RUN_WHEN, .condition = 3, .otherwise = 4, .end = 5},
        kernel(fail_from, (const int64_t[]){0}, NULL, 0, 1, 1),
        kernel(mix, NULL, (const RunArgument[]){{.buffer = 2}, {.buffer = 2}}, 2, 1, 1),
        {.kind = RUN_WHEN, .condition = 3, .otherwise = 7, .end = 7},
        kernel(fail_from, (const int64_t[]){0}, mark, 1, 1, 1),
    };
    static const int64_t one[] = {1};
    steps[4].scalars = one;
    for (int k = 0; k < COUNTS; k++) {
        uint32_t left = 9, marked = 5;
        uint8_t is_zero = 0, never = 0;
        const RunBuffer buffers[] = {{.kind = BUFFER_INOUT, .slot = 0}, {.kind = BUFFER_OUTPUT, .slot = 1},
                                     {.kind = BUFFER_INOUT, .slot = 2}, {.kind = BUFFER_INPUT, .slot = 3}};
        RunPlan plan = {.buffers = buffers, .buffer_count = 4, .steps = steps, .step_count = 7, .slot_count = 4};
        void *bindings[] = {&left, &is_zero, &marked, &never};
        Workers *workers = workers_new(thread_counts[k]);
        assert_int_equal(workers_run(workers, &plan, bindings).code, 0);
        assert_int_equal(left, 0);
        assert_int_equal(marked, 20);
        workers_free(workers);
    }
}

/* The first failing check of the plan's first failing kernel is reported; what is behind does not run. */
static void failures_do_not_depend_on_threads(void **state) {
    (void)state;
    static const int64_t never = 1000, late = 37, early = 2;
    uint32_t left = 5;
    uint8_t is_zero;
    const RunBuffer buffers[] = {{.kind = BUFFER_INOUT, .slot = 0}, {.kind = BUFFER_OUTPUT, .slot = 1}};
    const RunArgument count[] = {{.buffer = 0}, {.buffer = 1}};
    const RunStep steps[] = {
        kernel(fail_from, &never, NULL, 0, 100, 1), kernel(fail_from, &late, NULL, 0, 100, 1),
        kernel(fail_from, &early, NULL, 0, 100, 1), {.kind = RUN_PHASE},
        kernel(count_down, NULL, count, 2, 1, 1),
    };
    RunPlan plan = {.buffers = buffers, .buffer_count = 2, .steps = steps, .step_count = 5, .slot_count = 2};
    void *bindings[] = {&left, &is_zero};
    for (int k = 0; k < COUNTS; k++) {
        Workers *workers = workers_new(thread_counts[k]);
        for (int again = 0; again < 50; again++) {
            RunFailure failure = workers_run(workers, &plan, bindings);
            assert_int_equal(failure.step, 1);
            assert_int_equal(failure.code, 3 + 37);
            assert_int_equal(left, 5);
        }
        workers_free(workers);
    }
    plan.arena_bytes = (int64_t)1 << 60;
    Workers *workers = workers_new(1);
    assert_int_equal(workers_run(workers, &plan, bindings).code, -1);
    workers_free(workers);
}

static void empty_plans_and_kernels_without_tiles(void **state) {
    (void)state;
    RunPlan plan = {0};
    const RunStep steps[] = {kernel(fail_from, cells, NULL, 0, 0, 4), {.kind = RUN_PHASE}};
    Workers *workers = workers_new(3);
    assert_int_equal(workers_run(workers, &plan, NULL).code, 0);
    plan.steps = steps;
    plan.step_count = 2;
    assert_int_equal(workers_run(workers, &plan, NULL).code, 0);
    workers_free(workers);
    workers_free(NULL);
    assert_true(workers_default_threads() >= 1);
}

static void float_mode_is_ours_inside_and_theirs_outside(void **state) {
    (void)state;
#if defined __x86_64__
    float out[2 * TILES];
    const RunBuffer buffers[] = {{.kind = BUFFER_OUTPUT, .slot = 0, .bytes = sizeof out}};
    const RunArgument arguments[] = {{.buffer = 0}};
    const RunStep steps[] = {kernel(probe_mode, NULL, arguments, 1, TILES, 1)};
    RunPlan plan = {.buffers = buffers, .buffer_count = 1, .steps = steps, .step_count = 1, .slot_count = 1};
    void *bindings[] = {out};
    unsigned before = __builtin_ia32_stmxcsr();
    unsigned theirs = 0x1F80 | 0x8040 | 0x4000; /* flush to zero, subnormals are zero, rounding upwards */
    __builtin_ia32_ldmxcsr(theirs);
    if (__builtin_ia32_stmxcsr() != theirs) { /* a simulator that has one mode */
        __builtin_ia32_ldmxcsr(before);
        skip();
    }
    Workers *workers = workers_new(3);
    workers_run(workers, &plan, bindings);
    unsigned after = __builtin_ia32_stmxcsr();
    workers_free(workers);
    __builtin_ia32_ldmxcsr(before);
    assert_int_equal(after & ~0x3Fu, theirs);
    for (int i = 0; i < TILES; i++) {
        assert_true(out[2 * i] == 0x1p-126f);
        assert_true(out[2 * i + 1] == 1);
    }
#endif
}

static void *mix_in_a_thread(void *result) {
    Workers *workers = workers_new(3);
    static _Thread_local uint32_t a[CELLS], sums[TILES];
    for (uint32_t i = 0; i < CELLS; i++) a[i] = i;
    for (int again = 0; again < 30; again++) run_mixing(workers, a, sums);
    memcpy(result, a, sizeof a);
    workers_free(workers);
    return NULL;
}

static void two_pools_in_two_threads(void **state) {
    (void)state;
    static uint32_t results[2][CELLS];
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&threads[i], NULL, mix_in_a_thread, results[i]), 0);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    assert_memory_equal(results[0], results[1], sizeof results[0]);
}

/* ---- who runs what ------------------------------------------------------------------------------------- */

/* Tile 0 waits until every other tile of the phase has run: somebody must take what is left of its worker's stretch. */
static int32_t wait_for_others(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,
                               int64_t last, void *scratch) {
    (void)context, (void)scalars, (void)scratch;
    _Atomic uint32_t *counts = buffers[0]; /* [0]: tiles behind the first that have run; [1 + t]: runs of tile t */
    int64_t give_up = clock_nanoseconds() + (int64_t)20e9;
    for (int64_t t = first; t < last; t++) {
        while (!t && atomic_load(&counts[0]) < TILES - 1)
            if (clock_nanoseconds() > give_up) return 1;
        atomic_fetch_add(&counts[1 + t], 1);
        if (t) atomic_fetch_add(&counts[0], 1);
    }
    return 0;
}

static void ranges_of_a_busy_worker_are_taken_by_others(void **state) {
    (void)state;
    const RunBuffer buffers[] = {{.kind = BUFFER_INOUT, .slot = 0}};
    const RunArgument arguments[] = {{.buffer = 0}};
    const RunStep steps[] = {kernel(wait_for_others, NULL, arguments, 1, TILES, 1)};
    RunPlan plan = {.buffers = buffers, .buffer_count = 1, .steps = steps, .step_count = 1, .slot_count = 1};
    for (int k = 1; k < COUNTS; k++) {
        Workers *workers = workers_new(thread_counts[k]);
        for (int again = 0; again < 20; again++) {
            _Atomic uint32_t counts[1 + TILES] = {0};
            assert_int_equal(workers_run(workers, &plan, (void *[]){counts}).code, 0);
            for (int t = 0; t < TILES; t++) assert_int_equal(counts[1 + t], 1);
        }
        workers_free(workers);
    }
}

static int64_t cpu_nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Between two runs the threads sleep: 200 ms of waiting cost less than a tenth of a processor. */
static void waiting_threads_sleep(void **state) {
    (void)state;
    static uint32_t a[CELLS], sums[TILES];
    Workers *workers = workers_new(4);
    run_mixing(workers, a, sums);
    int64_t before = cpu_nanoseconds();
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    assert_true(cpu_nanoseconds() - before < 20000000);
    workers_free(workers);
}

/* ---- the record ---------------------------------------------------------------------------------------- */

typedef struct Tally {
    int calls, firsts, by_others; /* events of the step; those of tile 0; those of helpers */
} Tally;

/* Counts the events of the last run by step, and checks that each worker does one thing at a time. */
static void tally_events(const Workers *workers, int64_t begin, int64_t end, Tally *tallies, int steps) {
    memset(tallies, 0, sizeof *tallies * (size_t)steps);
    for (int w = 0; w < workers_threads(workers); w++) {
        int count;
        const WorkerEvent *events = workers_events(workers, w, &count);
        for (int i = 0; i < count; i++) {
            assert_in_range(events[i].step, 0, steps - 1);
            assert_true(events[i].begin >= (i ? events[i - 1].end : begin));
            assert_true(events[i].end >= events[i].begin && events[i].end <= end);
            tallies[events[i].step].calls++;
            tallies[events[i].step].firsts += events[i].is_first;
            tallies[events[i].step].by_others += w > 0;
        }
    }
}

static void a_record_has_every_call(void **state) {
    (void)state;
    static uint32_t expected[CELLS], expected_sums[TILES], a[CELLS], sums[TILES];
    uint8_t truth = 1;
    const RunBuffer buffers[] = {
        {.kind = BUFFER_INOUT, .slot = 0, .bytes = 4 * CELLS},
        {.kind = BUFFER_ARENA, .offset = 64, .bytes = 4 * CELLS},
        {.kind = BUFFER_OUTPUT, .slot = 1, .bytes = 4 * TILES},
        {.kind = BUFFER_CONST, .data = &truth, .bytes = 1},
    };
    const RunArgument forth[] = {{.buffer = 0}, {.buffer = 1}}, back[] = {{.buffer = 1}, {.buffer = 0}};
    const RunArgument sum[] = {{.buffer = 1}, {.buffer = 2}};
    RunStep steps[] = {
        {.kind = RUN_LOOP, .end = 6, .first = 0, .last = 10},
        kernel(mix, NULL, forth, 2, TILES, 5),
        {.kind = RUN_PHASE},
        kernel(mix, NULL, back, 2, TILES, 3),
        kernel(sum_tiles, NULL, sum, 2, TILES, 1000),
        {.kind = RUN_PHASE},
        {.kind = RUN_WHEN, .condition = 3, .otherwise = 8, .end = 9},
        kernel(sum_tiles, NULL, sum, 2, TILES, TILES),
        kernel(fail_from, (const int64_t[]){0}, NULL, 0, 1, 1),
    };
    RunPlan plan = {.buffers = buffers, .buffer_count = 4, .steps = steps, .step_count = 9, .slot_count = 2,
                    .arena_bytes = 64 + 4 * CELLS + 32, .scratch_bytes = 4 * TILE};
    for (int k = 0; k < COUNTS; k++) {
        Workers *workers = workers_new(thread_counts[k]);
        TracedPlan *traced = traced_plan_new(&plan);
        for (int again = 0; again < 5; again++) {
            for (uint32_t i = 0; i < CELLS; i++) a[i] = expected[i] = i * i + 1;
            assert_int_equal(workers_run(workers, &plan, (void *[]){expected, expected_sums}).code, 0);
            int64_t begin = clock_nanoseconds();
            assert_int_equal(workers_run_traced(workers, traced, (void *[]){a, sums}).code, 0);
            Tally tallies[9];
            tally_events(workers, begin, clock_nanoseconds(), tallies, 9);
            assert_memory_equal(a, expected, sizeof a);
            assert_memory_equal(sums, expected_sums, sizeof sums);
            for (int i = 0; i < 9; i++) {
                int visits = i == 1 || i == 3 || i == 4 ? 10 : i == 7;
                int ranges = thread_counts[k] == 1 ? 1 : i == 1 ? (TILES + 4) / 5 : i == 3 ? TILES / 3 : 1;
                assert_int_equal(tallies[i].firsts, visits);
                assert_int_equal(tallies[i].calls, visits * ranges);
            }
        }
        traced_plan_free(traced);
        workers_free(workers);
    }
    traced_plan_free(NULL);
}

/* Phases of one-range kernels are run by the caller alone: others would come later than they end. */
static void nobody_is_woken_for_small_kernels(void **state) {
    (void)state;
    uint32_t left = UINT32_MAX;
    uint8_t is_zero;
    const RunBuffer buffers[] = {{.kind = BUFFER_INOUT, .slot = 0}, {.kind = BUFFER_OUTPUT, .slot = 1}};
    const RunArgument count[] = {{.buffer = 0}, {.buffer = 1}};
    const RunStep steps[] = {kernel(count_down, NULL, count, 2, 100, 100), {.kind = RUN_PHASE},
                             kernel(fail_from, (const int64_t[]){1000}, NULL, 0, 100, 200),
                             kernel(count_down, NULL, count, 2, 1, 1), {.kind = RUN_PHASE}};
    RunPlan plan = {.buffers = buffers, .buffer_count = 2, .steps = steps, .step_count = 5, .slot_count = 2};
    Workers *workers = workers_new(4);
    TracedPlan *traced = traced_plan_new(&plan);
    for (int again = 0; again < 50; again++) {
        Tally tallies[5];
        assert_int_equal(workers_run_traced(workers, traced, (void *[]){&left, &is_zero}).code, 0);
        tally_events(workers, 0, INT64_MAX, tallies, 5);
        for (int i = 0; i < 5; i++) {
            assert_int_equal(tallies[i].calls, steps[i].kind == RUN_KERNEL);
            assert_int_equal(tallies[i].by_others, 0);
        }
    }
    traced_plan_free(traced);
    workers_free(workers);
}

static void a_record_keeps_failures(void **state) {
    (void)state;
    static const int64_t late = 37;
    const RunStep steps[] = {kernel(fail_from, &late, NULL, 0, 100, 1), {.kind = RUN_PHASE},
                             kernel(fail_from, &late, NULL, 0, 100, 1)};
    RunPlan plan = {.steps = steps, .step_count = 3};
    for (int k = 0; k < COUNTS; k++) {
        Workers *workers = workers_new(thread_counts[k]);
        TracedPlan *traced = traced_plan_new(&plan);
        RunFailure failure = workers_run_traced(workers, traced, NULL);
        assert_int_equal(failure.step, 0);
        assert_int_equal(failure.code, 3 + 37);
        Tally tallies[3];
        tally_events(workers, 0, INT64_MAX, tallies, 3);
        assert_int_equal(tallies[2].calls, 0);
        traced_plan_free(traced);
        workers_free(workers);
    }
    plan.arena_bytes = (int64_t)1 << 60;
    Workers *workers = workers_new(1);
    TracedPlan *traced = traced_plan_new(&plan);
    assert_int_equal(workers_run_traced(workers, traced, NULL).code, -1);
    traced_plan_free(traced);
    workers_free(workers);
}

/* 25,000 steps of five small kernels: what the walk costs.  The bound is loose because tests share machines. */
static void small_plans_are_cheap(void **state) {
    (void)state;
    uint32_t left = UINT32_MAX;
    uint8_t is_zero;
    const RunBuffer buffers[] = {{.kind = BUFFER_INOUT, .slot = 0}, {.kind = BUFFER_OUTPUT, .slot = 1}};
    const RunArgument count[] = {{.buffer = 0}, {.buffer = 1}};
    RunStep steps[10];
    for (int i = 0; i < 10; i += 2) {
        steps[i] = kernel(count_down, NULL, count, 2, 1, 1);
        steps[i + 1] = (RunStep){.kind = RUN_PHASE};
    }
    RunPlan plan = {.buffers = buffers, .buffer_count = 2, .steps = steps, .step_count = 10, .slot_count = 2};
    void *bindings[] = {&left, &is_zero};
    for (int k = 0; k < COUNTS; k++) {
        Workers *workers = workers_new(thread_counts[k]);
        int64_t begin = clock_nanoseconds();
        for (int i = 0; i < 25000; i++) workers_run(workers, &plan, bindings);
        double seconds = 1e-9 * (double)(clock_nanoseconds() - begin);
        printf("           25,000 runs of 5 small kernels with %d threads: %.4f s\n", thread_counts[k], seconds);
        assert_true(seconds < 2);
        workers_free(workers);
    }
    assert_int_equal(left, UINT32_MAX - 25000u * 5 * COUNTS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_do_not_depend_on_threads),
        cmocka_unit_test(loops_nest_and_turn_round),
        cmocka_unit_test(conditions_choose_and_repeat),
        cmocka_unit_test(failures_do_not_depend_on_threads),
        cmocka_unit_test(empty_plans_and_kernels_without_tiles),
        cmocka_unit_test(float_mode_is_ours_inside_and_theirs_outside),
        cmocka_unit_test(two_pools_in_two_threads),
        cmocka_unit_test(ranges_of_a_busy_worker_are_taken_by_others),
        cmocka_unit_test(waiting_threads_sleep),
        cmocka_unit_test(a_record_has_every_call),
        cmocka_unit_test(nobody_is_woken_for_small_kernels),
        cmocka_unit_test(a_record_keeps_failures),
        cmocka_unit_test(small_plans_are_cheap),
    };
    return cmocka_run_group_tests_name("workers", tests, NULL, NULL);
}
