/* The parts of the time to the first step: exclusive, whatever is nested, and over after the end. */
#include "driver/timings.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

/* Until the clock has moved. */
static void wait_a_little(void) {
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do clock_gettime(CLOCK_MONOTONIC, &now);
    while (now.tv_sec == begin.tv_sec && now.tv_nsec - begin.tv_nsec < 20000);
}

static double sum(const Timings *t) {
    double all = 0;
    for (int i = 0; i < TIMED_COUNT; i++) all += t->seconds[i];
    return all;
}

static void parts_are_exclusive(void **state) {
    (void)state;
    Timings t;
    timings_begin(&t);
    wait_a_little();
    TimedPart outside = timings_enter(&t, TIMED_WEIGHTS);
    assert_int_equal(outside, TIMED_OTHER);
    wait_a_little();
    TimedPart before = timings_enter(&t, TIMED_COMPILE);
    assert_int_equal(before, TIMED_WEIGHTS);
    wait_a_little();
    timings_leave(&t, before);
    double compile = t.seconds[TIMED_COMPILE];
    wait_a_little();
    timings_leave(&t, outside);
    assert_true(compile > 0);
    assert_true(t.seconds[TIMED_COMPILE] == compile); /* what came after it is not its own */
    assert_true(t.seconds[TIMED_WEIGHTS] > 0 && t.seconds[TIMED_OTHER] > 0);
    double whole = sum(&t);
    timings_move(&t, TIMED_COMPILE, TIMED_LOAD, compile / 2);
    assert_true(t.seconds[TIMED_LOAD] == compile / 2);
    assert_true(fabs(sum(&t) - whole) < 1e-12);
}

static void nothing_is_counted_after_the_end(void **state) {
    (void)state;
    Timings t;
    timings_begin(&t);
    timings_enter(&t, TIMED_STEP);
    timings_end(&t);
    Timings kept = t;
    wait_a_little();
    timings_leave(&t, timings_enter(&t, TIMED_DATA));
    timings_move(&t, TIMED_STEP, TIMED_DATA, 1);
    timings_end(&t);
    assert_memory_equal(&kept.seconds, &t.seconds, sizeof t.seconds);
    timings_begin(NULL); /* not wanted */
    timings_leave(NULL, timings_enter(NULL, TIMED_DATA));
    timings_end(NULL);
}

static void texts(void **state) {
    (void)state;
    Arena arena = {0};
    Timings t = {.seconds = {[TIMED_CHECK] = 0.25, [TIMED_COMPILE] = 1.5, [TIMED_OTHER] = 0.25}};
    Text text = text_new(&arena), json = text_new(&arena);
    timings_text(&text, &t);
    timings_json(&json, &t);
    assert_string_equal(text_str(&json), "{\"event\":\"timings\",\"total\":2,\"check\":0.25,\"build\":0,\"plan\":0,\"jit\":0,"
                                         "\"load\":0,\"compile\":1.5,\"data\":0,\"weights\":0,\"step\":0,\"other\":0.25}\n");
    assert_non_null(strstr(text_str(&text), "until the end of the first step 2.0 s\n  check      0.25 s  reading"));
    assert_non_null(strstr(text_str(&text), "\n  compile     1.5 s  code generation\n"));
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_exclusive),
        cmocka_unit_test(nothing_is_counted_after_the_end),
        cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests_name("timings", tests, NULL, NULL);
}
