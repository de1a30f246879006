#include "tests/support/bench.h"

#include <stdlib.h>

int bench_set_up(void **state) {
    Bench *bench = calloc(1, sizeof *bench);
    session_init(&bench->session);
    *state = bench;
    return 0;
}

int bench_tear_down(void **state) {
    Bench *bench = *state;
    session_release(&bench->session);
    arena_release(&bench->arena);
    free(bench);
    return 0;
}

const char *bench_text(Bench *bench, const Region *r) {
    Text out = text_new(&bench->arena);
    graph_print(&out, r);
    return text_str(&out);
}
