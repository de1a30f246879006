/* The measuring kernels and their runs.  See machine_limits.h. */
#include "driver/machine_limits.h"

#include "base/memory.h"
#include "compiler/loop_parse.h"
#include "driver/executor.h"
#include "runtime/machine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Two numbers of accumulators, because too few leave multiply-adders idle and too many do not fit into the registers of
 * every machine; the better one counts.  `turns` repeats within a tile what is measured.  Values stay finite. */
static const char kernels_text[] =
    "kernel few(in x: f32[16], out y: f32[T, 16]; dims T <= 1024, R <= 1073741824) tile t of T range 1 {\n"
    "  let h = load x[0] lanes 16\n"
    "  var a[6]: f32x16 = 0\n"
    "  for turn in 0..R { unroll r in 0..6 { a[r] = fma(a[r], h, h) } }\n"
    "  unroll r in 1..6 { a[0] = add(a[0], a[r]) }\n"
    "  store y[t, 0] lanes 16 = a[0]\n"
    "}\n"
    "kernel many(in x: f32[16], out y: f32[T, 16]; dims T <= 1024, R <= 1073741824) tile t of T range 1 {\n"
    "  let h = load x[0] lanes 16\n"
    "  var a[12]: f32x16 = 0\n"
    "  for turn in 0..R { unroll r in 0..12 { a[r] = fma(a[r], h, h) } }\n"
    "  unroll r in 1..12 { a[0] = add(a[0], a[r]) }\n"
    "  store y[t, 0] lanes 16 = a[0]\n"
    "}\n"
    "kernel triad(in b: f32[T, 64*N], in c: f32[T, 64*N], out y: f32[T, 64*N];\n"
    "    dims N <= 1048576, T <= 1024, R <= 1073741824) tile t of T range 1 {\n"
    "  for turn in 0..R { for i in 0..64*N step 64 { unroll j in 0..4 {\n"
    "    store y[t, i + 16*j] lanes 16 = fma(load b[t, i + 16*j] lanes 16, 0.5, load c[t, i + 16*j] lanes 16)\n"
    "  } } }\n"
    "}\n"
    "kernel reading(in b: f32[T, 128*N], out y: f32[T, 16]; dims N <= 1048576, T <= 1024, R <= 1073741824)\n"
    "    tile t of T range 1 {\n"
    "  var a[8]: f32x16 = 0\n"
    "  for turn in 0..R { for i in 0..128*N step 128 { unroll r in 0..8 {\n"
    "    a[r] = add(a[r], load b[t, i + 16*r] lanes 16)\n"
    "  } } }\n"
    "  unroll r in 1..8 { a[0] = add(a[0], a[r]) }\n"
    "  store y[t, 0] lanes 16 = a[0]\n"
    "}\n";

enum { FEW, MANY, TRIAD, READING, KERNELS };
enum {
    TILE_FLOPS = 1 << 26, /* of a measurement of arithmetic: about half a millisecond */
    TILE_BYTES = 1 << 25, /* that go through a cache in a measurement */
    PATIENCE = 4,         /* the fastest counts: others use the machine too */
    MOST_REPEATS = 24,
    ROW_BYTES = 768,      /* the least working set: N = 1 of triad */
};

typedef struct Measuring {
    Session *session;
    Arena arena;
    Executor *executor;
    CompiledStep *steps[KERNELS];
    int64_t *dims;
    float *memory; /* of the working sets of all workers */
    int64_t memory_bytes;
} Measuring;

/* A plan of this kernel alone, its buffers bound in their order. */
static LoopPlan *plan_of(Measuring *m, LoopKernel *kernel) {
    LoopPlan *plan = arena_new(&m->arena, LoopPlan);
    PlanStmt *run = arena_new(&m->arena, PlanStmt);
    plan->name = kernel->name;
    vec_push(&m->arena, &plan->kernels, kernel);
    for (int i = 0; i < kernel->dims.len; i++) vec_push(&m->arena, &plan->dims, kernel->dims.data[i]);
    for (int i = 0; i < kernel->buffers.len; i++) {
        const LoopBuffer *buffer = &kernel->buffers.data[i];
        PlanBuffer bound = {.name = buffer->name, .slot = i, .dtype = buffer->dtype, .rank = buffer->rank};
        bound.kind = buffer->access == LOOP_IN ? BUFFER_INPUT : BUFFER_OUTPUT;
        for (int k = 0; k < buffer->rank; k++) bound.extents[k] = buffer->extents[k];
        vec_push(&m->arena, &plan->buffers, bound);
        vec_push(&m->arena, &run->arguments, ((PlanArgument){.buffer = i}));
    }
    run->kind = PLAN_RUN;
    plan->body = run;
    plan->slot_count = kernel->buffers.len;
    return plan;
}

static int compile_kernels(Measuring *m) {
    const Source *source = source_add(&m->session->sources, "limits", kernels_text, strlen(kernels_text));
    LoopFile *file = source ? loop_parse(m->session, &m->arena, source) : NULL;
    if (!file || file->kernels.len != KERNELS) ICE("the measuring kernels do not parse");
    for (int i = 0; i < KERNELS; i++) {
        m->steps[i] = executor_compile_plan(m->executor, plan_of(m, file->kernels.data[i]));
        if (!m->steps[i]) return 0;
    }
    m->dims = arena_array(&m->arena, int64_t, m->session->dims.names.len);
    return 1;
}

static void set_size(Measuring *m, const char *name, int64_t value) {
    for (int i = 0; i < m->session->dims.names.len; i++)
        if (strcmp(m->session->dims.names.data[i]->name->text, name) == 0) m->dims[i] = value;
}

/* The least seconds of a run, once several in a row were not faster. */
static double fastest(Measuring *m, int kernel, void *const *bindings) {
    double least = INFINITY;
    for (int i = 0, misses = 0; i < MOST_REPEATS && misses < PATIENCE; i++) {
        int64_t begin = clock_nanoseconds();
        executor_run(m->executor, m->steps[kernel], m->dims, bindings);
        double seconds = 1e-9 * (double)(clock_nanoseconds() - begin);
        misses = seconds < 0.99 * least ? 0 : misses + 1;
        if (seconds < least) least = seconds;
    }
    return least;
}

static double measure_flops(Measuring *m, int workers) {
    double best = 0;
    void *bindings[] = {m->memory, m->memory + 16};
    set_size(m, "T", workers);
    for (int kernel = FEW; kernel <= MANY; kernel++) {
        int64_t turn_flops = 2 * 16 * (kernel == FEW ? 6 : 12), turns = TILE_FLOPS / turn_flops;
        set_size(m, "R", turns);
        double flops = (double)(turns * turn_flops) * workers / fastest(m, kernel, bindings);
        if (flops > best) best = flops;
    }
    return best;
}

/* Each worker's share of the memory is one row of the arrays, so that a set stays in its cache. */
static double measure_bytes(Measuring *m, int workers, double footprint) {
    int64_t rows = (int64_t)footprint / ROW_BYTES, turns = (int64_t)(TILE_BYTES / footprint);
    float *memory = m->memory, *third = memory + rows * 64 * workers;
    double bytes = (double)rows * ROW_BYTES * workers;
    if (turns < 1) turns = 1;
    set_size(m, "T", workers);
    set_size(m, "R", turns);
    set_size(m, "N", rows);
    void *triad[] = {memory, third, third + rows * 64 * workers};
    double seconds = fastest(m, TRIAD, triad), best = bytes * (double)turns / seconds;
    void *reading[] = {memory, third + rows * 64 * workers};
    seconds = fastest(m, READING, reading); /* two of the three parts */
    return fmax(best, bytes * 2 / 3 * (double)turns / seconds);
}

static void measure(Measuring *m, int workers, const MachineLimits *limits, SpeedLimits *speed) {
    speed->flops = measure_flops(m, workers);
    for (int i = 0; i < LIMIT_LEVELS; i++) {
        double footprint = limits->footprint[i];
        if (i == LIMIT_LEVELS - 1) footprint = (double)(m->memory_bytes / workers); /* all of it */
        speed->bytes[i] = measure_bytes(m, workers, footprint);
    }
    for (int i = LIMIT_LEVELS - 2; i >= 0; i--) /* a smaller set is not slower: what is, was disturbed */
        speed->bytes[i] = fmax(speed->bytes[i], speed->bytes[i + 1]);
}

/* Twice the largest cache, or what is too large for most of them. */
static int64_t large_bytes(int threads) {
    const int64_t MIB = 1 << 20;
    long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
    int64_t bytes = cache > 0 ? 2 * (int64_t)cache : 0;
    if (bytes < 64 * MIB) bytes = 64 * MIB;
    if (bytes > 256 * MIB) bytes = 256 * MIB;
    return bytes < threads * 16 * MIB ? threads * 16 * MIB : bytes;
}

int machine_limits_measure(Session *session, int threads, MachineLimits *limits) {
    Session own; /* sizes and sources of the measurement are none of the program's */
    session_init(&own);
    Measuring m = {.session = &own};
    m.executor = executor_new(&own, &(ExecutorOptions){.threads = threads});
    threads = executor_threads(m.executor);
    *limits = (MachineLimits){.threads = threads, .footprint = {16 << 10, 256 << 10, 2 << 20, 16 << 20, INFINITY}};
    m.memory_bytes = large_bytes(threads);
    m.memory = memory_allocate(64, (size_t)m.memory_bytes);
    int is_done = m.memory && compile_kernels(&m);
    if (is_done) {
        for (int64_t i = 0; i < m.memory_bytes / (int64_t)sizeof(float); i++) m.memory[i] = 0.5f;
        measure(&m, 1, limits, &limits->one);
        limits->all = limits->one;
        if (threads > 1) measure(&m, threads, limits, &limits->all);
        limits->all.flops = fmax(limits->all.flops, limits->one.flops); /* one of them could work alone */
        for (int i = 0; i < LIMIT_LEVELS; i++) limits->all.bytes[i] = fmax(limits->all.bytes[i], limits->one.bytes[i]);
    } else {
        diag_add(&session->diags, (Span){0}, m.memory ? E_NO_JIT : E_NO_MEMORY, "%s",
                 m.memory ? own.diags.list.data[0]->message : "there is no memory to measure the machine's speed with");
    }
    for (int i = 0; i < KERNELS && m.steps[i]; i++) executor_discard(m.steps[i]);
    free(m.memory);
    executor_free(m.executor);
    arena_release(&m.arena);
    session_release(&own);
    return is_done;
}

double machine_limits_seconds(const MachineLimits *limits, int workers, double flops, double bytes, int *is_memory) {
    const SpeedLimits *speed = workers > 1 ? &limits->all : &limits->one;
    int level = 0;
    while (level < LIMIT_LEVELS - 1 && bytes / workers > limits->footprint[level]) level++;
    double arithmetic = flops / speed->flops, memory = bytes / speed->bytes[level];
    *is_memory = memory > arithmetic;
    return *is_memory ? memory : arithmetic;
}
