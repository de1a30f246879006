#include "driver/timings.h"

#include "driver/progress_text.h"

#include <time.h>

static const struct {
    const char *name, *meaning;
} parts[TIMED_COUNT] = {
    [TIMED_OTHER] = {"other", "everything else"},
    [TIMED_CHECK] = {"check", "reading and checking the program"},
    [TIMED_BUILD] = {"build", "graphs, gradients, passes"},
    [TIMED_PLAN] = {"plan", "kernels, memory, order"},
    [TIMED_JIT] = {"jit", "loading LLVM"},
    [TIMED_LOAD] = {"load", "code from the cache and into the process"},
    [TIMED_COMPILE] = {"compile", "code generation"},
    [TIMED_DATA] = {"data", "opening data sets"},
    [TIMED_WEIGHTS] = {"weights", "first values of weights and optimizer slots"},
    [TIMED_STEP] = {"step", "the first step"},
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void timings_begin(Timings *t) {
    if (t) *t = (Timings){.since = now(), .is_running = 1};
}

TimedPart timings_enter(Timings *t, TimedPart part) {
    if (!t || !t->is_running) return TIMED_OTHER;
    TimedPart before = t->part;
    double time = now();
    t->seconds[before] += time - t->since;
    t->since = time;
    t->part = part;
    return before;
}

void timings_leave(Timings *t, TimedPart before) { timings_enter(t, before); }

void timings_move(Timings *t, TimedPart from, TimedPart to, double seconds) {
    if (!t || !t->is_running) return;
    t->seconds[from] -= seconds;
    t->seconds[to] += seconds;
}

void timings_end(Timings *t) {
    timings_enter(t, TIMED_OTHER);
    if (t) t->is_running = 0;
}

static double total(const Timings *t) {
    double sum = 0;
    for (int i = 0; i < TIMED_COUNT; i++) sum += t->seconds[i];
    return sum;
}

void timings_text(Text *out, const Timings *t) {
    text_add(out, "until the end of the first step ");
    text_duration(out, total(t));
    text_char(out, '\n');
    for (int i = 1; i <= TIMED_COUNT; i++) { /* `other` last */
        TimedPart part = (TimedPart)(i % TIMED_COUNT);
        Text duration = text_new(out->arena);
        text_duration(&duration, t->seconds[part]);
        text_printf(out, "  %-8s %8s  %s\n", parts[part].name, text_str(&duration), parts[part].meaning);
    }
}

void timings_json(Text *out, const Timings *t) {
    text_add(out, "{\"event\":\"timings\",\"total\":");
    text_json_number(out, total(t));
    for (int i = 1; i <= TIMED_COUNT; i++) {
        TimedPart part = (TimedPart)(i % TIMED_COUNT);
        text_printf(out, ",\"%s\":", parts[part].name);
        text_json_number(out, t->seconds[part]);
    }
    text_add(out, "}\n");
}
