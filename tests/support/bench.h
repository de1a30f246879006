/* What most tests of the compiler stand on: a session and an arena of their own. */
#ifndef DLC_TESTS_BENCH_H
#define DLC_TESTS_BENCH_H

#include "compiler/graph.h"

typedef struct Bench {
    Session session;
    Arena arena;
} Bench;

/* Of a cmocka test: *state is its Bench. */
int bench_set_up(void **state);
int bench_tear_down(void **state);
/* The graph text of a region. */
const char *bench_text(Bench *bench, const Region *r);

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, bench_set_up, bench_tear_down)

#endif
