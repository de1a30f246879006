/* How the workers walk a plan.
 *
 * One worker at a time holds the cursor, the place in the plan: it decides loops and conditions, runs phases of
 * small kernels by itself, and publishes a phase that is worth it.  Everyone then claims ranges of it; whoever
 * finishes the last one holds the cursor next and goes on at once.  So no worker waits for one that was put to
 * sleep by the system between phases, conditions are read once, and small phases wake nobody.
 *
 * A published phase is cut into one stretch of ranges per worker.  Each stretch is one atomic word, next and end:
 * to claim a range is one compare-and-swap, by the owner or, once its own are gone, by any other.  The words are
 * the only thing read without a claim.  Whoever has claimed a range may read phase, cursor and plan, because the
 * phase cannot end before that range is counted as done.  Who has nothing to claim waits for `epoch` to change.  */
#define _GNU_SOURCE
#include "runtime/workers.h"

#include "base/memory.h"
#include "runtime/machine.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CACHE_LINE = 64,
    MAX_THREADS = 1024,
    SPIN_NANOSECONDS = 50000, /* longer than what lies between two steps, shorter than anybody would notice */
    WAKE_CALLER = 1,
    WAKE_HELPERS = 2,
};

/* An open `loop`, `until` or first part of a `when`. */
typedef struct Frame {
    int step;  /* its index in the plan */
    int limit; /* the body ends there */
} Frame;

typedef struct Cursor {
    int at; /* next step of the plan */
    Frame *frames;
    int frame_count, frame_cap;
    int64_t loop_index[ABI_MAX_LOOPS];
    int loop_count;
} Cursor;

/* The published phase: kernels first .. last-1 of the plan. */
typedef struct Phase {
    int first, last;
    int64_t ranges;
    uint64_t number; /* of all phases of the pool: tells a worker that what it prepared is out of date */
} Phase;

typedef struct WorkerLog {
    WorkerEvent *events;
    int count, cap;
} WorkerLog;

typedef struct Worker {
    alignas(CACHE_LINE) _Atomic uint64_t stretch; /* next << 32 | end */
    alignas(CACHE_LINE) Workers *pool;
    int index;
    pthread_t thread;
    void *scratch;
    size_t scratch_bytes;
    void **buffers; /* arguments of the kernel that is prepared */
    int64_t *scalars;
    int buffer_cap, scalar_cap;
    uint64_t prepared_phase; /* what `buffers` and `scalars` hold */
    int prepared_step;
    int64_t prepared_first; /* the kernel's first range in its phase */
    WorkerLog log;
} Worker;

struct Workers {
    atomic_int threads; /* with the caller: wanted, and fewer once some could not be had */
    int running;        /* of them running, with the caller */
    int spins;          /* no: more threads than processors */
    Worker *workers;    /* [0] is the caller */
    void *arena;
    size_t arena_bytes;
    const RunPlan *plan;
    char **bases; /* by plan buffer */
    int base_cap;
    Cursor cursor;
    Phase phase;
    uint64_t phase_count;
    RunFailure failure;
    alignas(CACHE_LINE) atomic_uint epoch; /* changes when there is something new to look at */
    atomic_int sleepers;
    atomic_int is_finished, is_quitting;
    alignas(CACHE_LINE) atomic_llong done;     /* ranges of the phase */
    alignas(CACHE_LINE) _Atomic uint64_t first_failure; /* range << 32 | code; all ones: none */
};

/* ---- one kernel ---------------------------------------------------------------------------------------- */

static void prepare_kernel(Worker *self, int step_index) {
    const Workers *pool = self->pool;
    const RunStep *step = &pool->plan->steps[step_index];
    const int64_t *loop_index = pool->cursor.loop_index;
    for (int i = 0; i < step->argument_count; i++) {
        const RunArgument *argument = &step->arguments[i];
        int64_t offset = argument->offset;
        for (int k = 0; k < pool->cursor.loop_count; k++) offset += argument->step[k] * loop_index[k];
        self->buffers[i] = pool->bases[argument->buffer] + offset;
    }
    for (int i = 0; i < step->scalar_count; i++) self->scalars[i] = step->scalars[i];
    for (int i = 0; i < step->loop_scalar_count; i++) self->scalars[step->scalar_count + i] = loop_index[i];
}

static int32_t call_kernel(Worker *self, const RunStep *step, int64_t first, int64_t last) {
    return step->function(step->context, self->buffers, self->scalars, first, last, self->scratch);
}

static int64_t range_count(const RunStep *step) {
    if (step->tiles <= 0) return 0;
    if (step->tiles_per_range <= 0 || step->tiles_per_range >= step->tiles) return 1;
    return (step->tiles + step->tiles_per_range - 1) / step->tiles_per_range;
}

/* ---- a published phase --------------------------------------------------------------------------------- */

static int claim(Worker *victim, int64_t *range) {
    uint64_t stretch = atomic_load_explicit(&victim->stretch, memory_order_relaxed);
    while (stretch >> 32 < (stretch & UINT32_MAX))
        if (atomic_compare_exchange_weak_explicit(&victim->stretch, &stretch, stretch + ((uint64_t)1 << 32),
                                                  memory_order_acquire, memory_order_relaxed)) {
            *range = (int64_t)(stretch >> 32);
            return 1;
        }
    return 0;
}

static void note_failure(Workers *pool, int64_t range, int32_t code) {
    uint64_t failure = (uint64_t)range << 32 | (uint32_t)code;
    uint64_t first = atomic_load_explicit(&pool->first_failure, memory_order_relaxed);
    while (failure < first)
        if (atomic_compare_exchange_weak_explicit(&pool->first_failure, &first, failure, memory_order_relaxed,
                                                  memory_order_relaxed))
            return;
}

/* Finds the kernel that range `range` of the phase belongs to, starting where the worker was. */
static void prepare_range(Worker *self, int64_t range) {
    const Workers *pool = self->pool;
    int is_prepared = self->prepared_phase == pool->phase.number;
    if (!is_prepared || range < self->prepared_first) {
        self->prepared_step = pool->phase.first;
        self->prepared_first = 0;
        is_prepared = 0;
    }
    for (;;) {
        int64_t count = range_count(&pool->plan->steps[self->prepared_step]);
        if (range < self->prepared_first + count) break;
        self->prepared_first += count;
        self->prepared_step++;
        is_prepared = 0;
    }
    if (is_prepared) return;
    prepare_kernel(self, self->prepared_step);
    self->prepared_phase = pool->phase.number;
}

static void run_range(Worker *self, int64_t range) {
    Workers *pool = self->pool;
    prepare_range(self, range);
    const RunStep *step = &pool->plan->steps[self->prepared_step];
    int64_t tiles = step->tiles_per_range > 0 ? step->tiles_per_range : step->tiles;
    int64_t first = (range - self->prepared_first) * tiles;
    int64_t last = step->tiles - first < tiles ? step->tiles : first + tiles;
    int32_t code = call_kernel(self, step, first, last);
    if (code) note_failure(pool, range, code);
}

/* Runs what can be claimed; true for the worker that finished the phase. */
static int run_claims(Worker *self) {
    Workers *pool = self->pool;
    long long ran = 0;
    int64_t range;
    int threads = atomic_load_explicit(&pool->threads, memory_order_relaxed);
    for (int i = 0; i < threads; i++) {
        int victim = self->index + i < threads ? self->index + i : self->index + i - threads;
        for (; claim(&pool->workers[victim], &range); ran++) run_range(self, range);
    }
    if (!ran) return 0;
    int64_t all = pool->phase.ranges; /* before the last range is counted: then the phase may be another */
    return atomic_fetch_add_explicit(&pool->done, ran, memory_order_acq_rel) + ran == all;
}

static void wake(Workers *pool, int count, unsigned bits) {
    atomic_fetch_add(&pool->epoch, 1);
    if (atomic_load(&pool->sleepers)) futex_wake(&pool->epoch, count, bits);
}

static void *help(void *argument);

/* Threads that cannot be had are done without. */
static void start_threads(Workers *pool) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals belong to the program's own threads */
    int wanted = pool->threads;
    while (pool->running < wanted &&
           pthread_create(&pool->workers[pool->running].thread, NULL, help, &pool->workers[pool->running]) == 0)
        pool->running++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pool->threads = pool->running;
}

static void publish(Workers *pool, int first, int last, int64_t ranges) {
    assert(ranges < INT32_MAX);
    int threads = atomic_load_explicit(&pool->threads, memory_order_relaxed);
    pool->phase = (Phase){first, last, ranges, ++pool->phase_count};
    atomic_store_explicit(&pool->done, 0, memory_order_relaxed);
    atomic_store_explicit(&pool->first_failure, UINT64_MAX, memory_order_relaxed);
    for (int i = 0; i < threads; i++) {
        uint64_t begin = (uint64_t)(ranges * i / threads);
        uint64_t end = (uint64_t)(ranges * (i + 1) / threads);
        atomic_store_explicit(&pool->workers[i].stretch, begin << 32 | end, memory_order_release);
    }
    wake(pool, ranges - 1 < threads ? (int)ranges - 1 : threads, WAKE_CALLER | WAKE_HELPERS);
}

/* ---- the cursor ---------------------------------------------------------------------------------------- */

static void finish(Worker *self) {
    Workers *pool = self->pool;
    atomic_store(&pool->is_finished, 1);
    if (self->index) wake(pool, 1, WAKE_CALLER);
}

/* False after a failed check. */
static int run_alone(Worker *self, int first, int last) {
    Workers *pool = self->pool;
    for (int i = first; i < last; i++) {
        const RunStep *step = &pool->plan->steps[i];
        if (step->tiles <= 0) continue;
        prepare_kernel(self, i);
        int32_t code = call_kernel(self, step, 0, step->tiles);
        if (!code) continue;
        pool->failure = (RunFailure){code, i};
        return 0;
    }
    return 1;
}

static int body_end(const Workers *pool) {
    const Cursor *c = &pool->cursor;
    return c->frame_count ? c->frames[c->frame_count - 1].limit : pool->plan->step_count;
}

static int condition(const Workers *pool, int buffer) { return *(const uint8_t *)pool->bases[buffer] != 0; }

/* The body of the innermost frame has ended: again, or behind it. */
static void end_body(Workers *pool) {
    Cursor *c = &pool->cursor;
    const Frame *frame = &c->frames[c->frame_count - 1];
    const RunStep *step = &pool->plan->steps[frame->step];
    if (step->kind == RUN_LOOP) {
        int64_t *index = &c->loop_index[c->loop_count - 1];
        int has_next = step->reversed ? --*index >= step->first : ++*index < step->last;
        if (has_next) {
            c->at = frame->step + 1;
            return;
        }
        c->loop_count--;
    } else if (step->kind == RUN_UNTIL && !condition(pool, step->condition)) {
        c->at = frame->step + 1;
        return;
    }
    c->frame_count--;
    c->at = step->end;
}

static void open_body(Workers *pool, int begin, int limit) {
    Cursor *c = &pool->cursor;
    c->frames[c->frame_count++] = (Frame){c->at, limit};
    c->at = begin;
}

static void enter(Workers *pool, const RunStep *step) {
    Cursor *c = &pool->cursor;
    if (step->kind == RUN_UNTIL) {
        open_body(pool, c->at + 1, step->end);
    } else if (step->kind == RUN_WHEN) {
        int holds = condition(pool, step->condition);
        open_body(pool, holds ? c->at + 1 : step->otherwise, holds ? step->otherwise : step->end);
    } else if (step->first >= step->last) {
        c->at = step->end;
    } else {
        assert(c->loop_count < ABI_MAX_LOOPS);
        c->loop_index[c->loop_count++] = step->reversed ? step->last - 1 : step->first;
        open_body(pool, c->at + 1, step->end);
    }
}

/* Goes on from the cursor until a phase is published or the run has ended. */
static void walk(Worker *self) {
    Workers *pool = self->pool;
    Cursor *c = &pool->cursor;
    for (;;) {
        int end = body_end(pool);
        if (c->at == end) {
            if (!c->frame_count) break;
            end_body(pool);
            continue;
        }
        const RunStep *step = &pool->plan->steps[c->at];
        if (step->kind == RUN_PHASE) {
            c->at++;
            continue;
        }
        if (step->kind != RUN_KERNEL) {
            enter(pool, step);
            continue;
        }
        int first = c->at, last = first, is_worth_it = 0;
        int64_t ranges = 0;
        for (; last < end && pool->plan->steps[last].kind == RUN_KERNEL; last++) {
            int64_t count = range_count(&pool->plan->steps[last]);
            ranges += count;
            is_worth_it |= count > 1;
        }
        c->at = last;
        if (is_worth_it && pool->running < pool->threads) start_threads(pool);
        if (is_worth_it && pool->threads > 1) {
            publish(pool, first, last, ranges);
            return;
        }
        if (!run_alone(self, first, last)) break;
    }
    finish(self);
}

/* The phase is done and this worker holds the cursor. */
static void continue_plan(Worker *self) {
    Workers *pool = self->pool;
    uint64_t failure = atomic_load_explicit(&pool->first_failure, memory_order_relaxed);
    if (failure == UINT64_MAX) {
        walk(self);
        return;
    }
    int64_t range = (int64_t)(failure >> 32);
    int step = pool->phase.first;
    for (int64_t count; (count = range_count(&pool->plan->steps[step])) <= range; step++) range -= count;
    pool->failure = (RunFailure){(int32_t)(uint32_t)failure, step};
    finish(self);
}

/* ---- threads ------------------------------------------------------------------------------------------- */

static void wait_for_news(Workers *pool, unsigned seen, unsigned bits) {
    if (pool->spins) {
        int64_t until = clock_nanoseconds() + SPIN_NANOSECONDS;
        do {
            for (int i = 0; i < 32; i++) {
                if (atomic_load_explicit(&pool->epoch, memory_order_acquire) != seen) return;
                spin_pause();
            }
        } while (clock_nanoseconds() < until);
    }
    /* Either the one who changes the epoch sees this sleeper, or the futex sees the change. */
    atomic_fetch_add(&pool->sleepers, 1);
    futex_wait(&pool->epoch, seen, bits);
    atomic_fetch_sub(&pool->sleepers, 1);
}

static void *help(void *argument) {
    Worker *self = argument;
    Workers *pool = self->pool;
    float_mode_set();
    for (;;) {
        unsigned seen = atomic_load(&pool->epoch);
        if (atomic_load(&pool->is_quitting)) return NULL;
        if (run_claims(self)) continue_plan(self);
        else wait_for_news(pool, seen, WAKE_HELPERS);
    }
}

Workers *workers_new(int threads) {
    if (threads <= 0) threads = machine_processors();
    if (threads > MAX_THREADS) threads = MAX_THREADS;
    Workers *pool = aligned_alloc(CACHE_LINE, sizeof *pool);
    Worker *workers = aligned_alloc(CACHE_LINE, sizeof *workers * (size_t)threads);
    if (!pool || !workers) {
        fprintf(stderr, "dlc: out of memory for %d workers\n", threads);
        exit(4);
    }
    memset(pool, 0, sizeof *pool);
    memset(workers, 0, sizeof *workers * (size_t)threads);
    for (int i = 0; i < threads; i++) {
        workers[i].pool = pool;
        workers[i].index = i;
    }
    atomic_init(&pool->threads, threads);
    pool->running = 1;
    pool->spins = threads <= machine_processors();
    pool->workers = workers;
    return pool;
}

void workers_free(Workers *pool) {
    if (!pool) return;
    atomic_store(&pool->is_quitting, 1);
    wake(pool, INT_MAX, WAKE_HELPERS);
    for (int i = 1; i < pool->running; i++) pthread_join(pool->workers[i].thread, NULL);
    for (int i = 0; i < pool->threads; i++) {
        free(pool->workers[i].scratch);
        free(pool->workers[i].buffers);
        free(pool->workers[i].scalars);
        free(pool->workers[i].log.events);
    }
    free(pool->workers);
    free(pool->cursor.frames);
    free(pool->bases);
    free(pool->arena);
    free(pool);
}

int workers_threads(const Workers *pool) { return pool->threads; }

int workers_default_threads(void) { return machine_processors(); }

/* ---- a run --------------------------------------------------------------------------------------------- */

/* Memory of at least `bytes`, aligned, contents lost; false when there is none.  Large memory is given in huge
 * pages where the system has them. */
static int reserve(void **memory, size_t *have, int64_t bytes) {
    const int64_t ADDRESS_SPACE = (int64_t)1 << 47; /* no process has more */
    size_t wanted = memory_rounded(ABI_ALIGN, (size_t)bytes);
    if (wanted <= *have) return 1;
    if (bytes > ADDRESS_SPACE) return 0;
    free(*memory);
    *have = 0;
    *memory = memory_allocate(ABI_ALIGN, wanted);
    if (!*memory) return 0;
    *have = wanted;
    return 1;
}

static int reserve_array(void *array, size_t element, int *have, int wanted) {
    void **memory = array;
    if (wanted <= *have) return 1;
    void *grown = realloc(*memory, element * (size_t)wanted);
    if (!grown) return 0;
    *memory = grown;
    *have = wanted;
    return 1;
}

static int reserve_all(Workers *pool, const RunPlan *plan) {
    int arguments = 0, scalars = 0, frames = 0;
    for (int i = 0; i < plan->step_count; i++) {
        const RunStep *step = &plan->steps[i];
        if (step->kind != RUN_KERNEL) {
            frames += step->kind != RUN_PHASE; /* nesting is at most their number */
            continue;
        }
        if (step->argument_count > arguments) arguments = step->argument_count;
        int count = step->scalar_count + step->loop_scalar_count;
        if (count > scalars) scalars = count;
    }
    int fits = reserve(&pool->arena, &pool->arena_bytes, plan->arena_bytes) &&
               reserve_array(&pool->bases, sizeof *pool->bases, &pool->base_cap, plan->buffer_count) &&
               reserve_array(&pool->cursor.frames, sizeof *pool->cursor.frames, &pool->cursor.frame_cap, frames);
    for (int i = 0; fits && i < pool->threads; i++) {
        Worker *w = &pool->workers[i];
        fits = reserve(&w->scratch, &w->scratch_bytes, plan->scratch_bytes) &&
               reserve_array(&w->buffers, sizeof *w->buffers, &w->buffer_cap, arguments) &&
               reserve_array(&w->scalars, sizeof *w->scalars, &w->scalar_cap, scalars);
    }
    return fits;
}

static void find_bases(Workers *pool, const RunPlan *plan, void *const *bindings) {
    for (int i = 0; i < plan->buffer_count; i++) {
        const RunBuffer *buffer = &plan->buffers[i];
        switch (buffer->kind) {
        case BUFFER_INPUT: case BUFFER_OUTPUT: case BUFFER_INOUT: pool->bases[i] = bindings[buffer->slot]; break;
        case BUFFER_ARENA: pool->bases[i] = (char *)pool->arena + buffer->offset; break;
        case BUFFER_CONST: pool->bases[i] = (char *)(uintptr_t)buffer->data; break; /* kernels only read it */
        }
    }
}

/* The memory of the plan is reserved. */
static RunFailure run_plan(Workers *pool, const RunPlan *plan, void *const *bindings) {
    Worker *self = &pool->workers[0];
    find_bases(pool, plan, bindings);
    pool->plan = plan;
    pool->cursor.at = pool->cursor.frame_count = pool->cursor.loop_count = 0;
    pool->failure = (RunFailure){0};
    atomic_store_explicit(&pool->is_finished, 0, memory_order_relaxed);
    uint64_t mode = float_mode_set();
    walk(self);
    for (;;) {
        unsigned seen = atomic_load(&pool->epoch);
        if (atomic_load(&pool->is_finished)) break;
        if (run_claims(self)) continue_plan(self);
        else wait_for_news(pool, seen, WAKE_CALLER);
    }
    float_mode_restore(mode);
    return pool->failure;
}

RunFailure workers_run(Workers *pool, const RunPlan *plan, void *const *bindings) {
    return reserve_all(pool, plan) ? run_plan(pool, plan, bindings) : (RunFailure){-1, 0};
}

/* ---- a run with a record ------------------------------------------------------------------------------- */

/* The record is made by functions that stand in the plan in place of the kernels, so a run without one is exactly what
 * it was.  They find the log of their worker at the end of its scratch memory. */
typedef struct TracedKernel {
    KernelFunction *function;
    const void *context;
    int64_t scratch_bytes; /* of the plan without a record, at a multiple of ABI_ALIGN */
    int step;
} TracedKernel;

struct TracedPlan {
    RunPlan plan;
    RunStep *steps;
    TracedKernel *kernels; /* by step */
};

/* An event for which there is no memory is left out: a record is no reason to end a program. */
static void log_event(WorkerLog *log, WorkerEvent event) {
    if (log->count == log->cap) {
        int cap = log->cap ? 2 * log->cap : 256;
        WorkerEvent *grown = realloc(log->events, sizeof *grown * (size_t)cap);
        if (!grown) return;
        log->events = grown;
        log->cap = cap;
    }
    log->events[log->count++] = event;
}

static int32_t call_traced(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,
                           int64_t last, void *scratch) {
    const TracedKernel *kernel = context;
    int64_t begin = clock_nanoseconds();
    int32_t code = kernel->function(kernel->context, buffers, scalars, first, last, scratch);
    int64_t end = clock_nanoseconds();
    WorkerLog *log;
    memcpy(&log, (char *)scratch + kernel->scratch_bytes, sizeof log);
    log_event(log, (WorkerEvent){begin, end, kernel->step, first == 0});
    return code;
}

TracedPlan *traced_plan_new(const RunPlan *plan) {
    size_t count = (size_t)plan->step_count;
    TracedPlan *traced = calloc(1, sizeof *traced);
    RunStep *steps = calloc(count + 1, sizeof *steps);
    TracedKernel *kernels = calloc(count + 1, sizeof *kernels);
    if (!traced || !steps || !kernels) {
        fprintf(stderr, "dlc: out of memory for the record of %d kernels\n", plan->step_count);
        exit(4);
    }
    int64_t scratch_bytes = (plan->scratch_bytes + ABI_ALIGN - 1) / ABI_ALIGN * ABI_ALIGN;
    for (int i = 0; i < plan->step_count; i++) {
        steps[i] = plan->steps[i];
        if (steps[i].kind != RUN_KERNEL) continue;
        kernels[i] = (TracedKernel){steps[i].function, steps[i].context, scratch_bytes, i};
        steps[i].function = call_traced;
        steps[i].context = &kernels[i];
    }
    *traced = (TracedPlan){*plan, steps, kernels};
    traced->plan.steps = steps;
    traced->plan.scratch_bytes = scratch_bytes + ABI_ALIGN;
    return traced;
}

void traced_plan_free(TracedPlan *traced) {
    if (!traced) return;
    free(traced->steps);
    free(traced->kernels);
    free(traced);
}

RunFailure workers_run_traced(Workers *pool, const TracedPlan *traced, void *const *bindings) {
    const RunPlan *plan = &traced->plan;
    if (!reserve_all(pool, plan)) return (RunFailure){-1, 0};
    for (int i = 0; i < pool->threads; i++) {
        WorkerLog *log = &pool->workers[i].log;
        log->count = 0;
        memcpy((char *)pool->workers[i].scratch + plan->scratch_bytes - ABI_ALIGN, &log, sizeof log);
    }
    return run_plan(pool, plan, bindings);
}

const WorkerEvent *workers_events(const Workers *pool, int worker, int *count) {
    *count = pool->workers[worker].log.count;
    return pool->workers[worker].log.events;
}
