/* Kernels to functions in this process.
 *
 * The kernels are dealt out over as many modules as threads; each thread builds, optimises and emits its own
 * module with its own context and target machine.  The objects, made in memory, are then handed to ORC, so the
 * same path gives files.  One resource tracker per compilation: release takes all of its code away. */
#include "jit/jit.h"

#include "jit/target.h"
#include "jit/symbols.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct Jit {
    JitTarget target;
    int has_target;
    int threads;
    LLVMOrcLLJITRef orc;  /* made by the first compile: emitting needs none */
    unsigned next_number; /* of symbols */
    JitCode *codes;
    char error[512];
};

struct JitCode {
    LLVMOrcResourceTrackerRef tracker;
    JitCode *next;
};

/* Takes the error's text; 1 when there was one. */
static int failed(Jit *jit, const char *what, LLVMErrorRef error) {
    if (!error) return 0;
    char *message = LLVMGetErrorMessage(error);
    snprintf(jit->error, sizeof jit->error, "%s: %s", what, message);
    LLVMDisposeErrorMessage(message);
    return 1;
}

static Jit *jit_open(const JitOptions *options) {
    Jit *jit = calloc(1, sizeof *jit);
    if (!jit) ICE("out of memory");
    jit->threads = options->threads > 1 ? options->threads : 1;
    jit->has_target = target_open(&jit->target, options, jit->error, sizeof jit->error);
    return jit;
}

static int ready(Jit *jit) {
    if (!jit->has_target) return 0; /* the error of open stays */
    jit->error[0] = 0;
    return 1;
}

static int start_orc(Jit *jit) {
    if (jit->orc) return 1;
    if (!jit->target.is_host) {
        snprintf(jit->error, sizeof jit->error, "code for %s can't run here", jit->target.triple);
        return 0;
    }
    if (failed(jit, "ORC", LLVMOrcCreateLLJIT(&jit->orc, NULL))) {
        jit->orc = NULL;
        return 0;
    }
    return !failed(jit, "ORC", symbols_define(jit->orc));
}

/* ---- work on threads -------------------------------------------------------------------------------- */

static void *run_on_thread(void *work) {
    work_run(work);
    return NULL;
}

/* The last one runs here; where a thread can't be had, the work is done here too. */
static void run_all(Work *works, int count) {
    pthread_t *threads = calloc((size_t)count, sizeof *threads);
    int *is_started = calloc((size_t)count, sizeof *is_started);
    if (!threads || !is_started) ICE("out of memory");
    for (int i = 0; i < count - 1; i++) {
        is_started[i] = pthread_create(&threads[i], NULL, run_on_thread, &works[i]) == 0;
    }
    for (int i = 0; i < count; i++) {
        if (!is_started[i]) work_run(&works[i]);
    }
    for (int i = 0; i < count; i++) {
        if (is_started[i]) pthread_join(threads[i], NULL);
    }
    free(is_started);
    free(threads);
}

typedef struct Deal {
    Arena arena;
    Work *works;
    int count;
    const char **names; /* by kernel */
} Deal;

/* Each kernel goes to the module that has least to do so far; the number of values measures the work. */
static Deal deal_out(Jit *jit, LoopKernel *const *kernels, int count) {
    Deal d = {0};
    d.count = count < jit->threads ? count : jit->threads;
    d.works = arena_array(&d.arena, Work, d.count);
    d.names = arena_array(&d.arena, const char *, count);
    int64_t *load = arena_array(&d.arena, int64_t, d.count);
    for (int i = 0; i < count; i++) {
        int least = 0;
        for (int j = 1; j < d.count; j++) {
            if (load[j] < load[least]) least = j;
        }
        Work *work = &d.works[least];
        if (!work->count) {
            *work = (Work){.target = &jit->target, .form = JIT_OBJECT, .is_jit = 1,
                           .kernels = arena_array(&d.arena, const LoopKernel *, count),
                           .names = arena_array(&d.arena, const char *, count)};
        }
        d.names[i] = arena_printf(&d.arena, "k%u", jit->next_number++);
        work->kernels[work->count] = kernels[i];
        work->names[work->count++] = d.names[i];
        load[least] += kernels[i]->values.len + 16;
    }
    return d;
}

static void add_times(JitTimes *sum, const Deal *d) {
    for (int i = 0; i < d->count; i++) {
        sum->build += d->works[i].times.build;
        sum->passes += d->works[i].times.passes;
        sum->emit += d->works[i].times.emit;
    }
}

/* ---- linking ---------------------------------------------------------------------------------------- */

/* ORC takes the objects, also where it fails; those not yet given are disposed of. */
static int add_objects(Jit *jit, Deal *d, LLVMOrcResourceTrackerRef tracker) {
    int is_good = 1;
    for (int i = 0; i < d->count; i++) {
        if (!d->works[i].out && is_good) {
            snprintf(jit->error, sizeof jit->error, "%s", d->works[i].error);
            is_good = 0;
        }
    }
    for (int i = 0; i < d->count; i++) {
        LLVMMemoryBufferRef object = d->works[i].out;
        if (!object) continue;
        if (!is_good) {
            LLVMDisposeMemoryBuffer(object);
        } else if (failed(jit, "ORC", LLVMOrcLLJITAddObjectFileWithRT(jit->orc, tracker, object))) {
            is_good = 0;
        }
    }
    return is_good;
}

static int look_up(Jit *jit, const Deal *d, int count, KernelFunction **functions) {
    for (int i = 0; i < count; i++) {
        LLVMOrcExecutorAddress address = 0;
        if (failed(jit, "ORC", LLVMOrcLLJITLookup(jit->orc, &address, d->names[i]))) return 0;
        functions[i] = (KernelFunction *)(uintptr_t)address;
    }
    return 1;
}

static void remove_code(Jit *jit, LLVMOrcResourceTrackerRef tracker) {
    LLVMErrorRef error = LLVMOrcResourceTrackerRemove(tracker);
    if (error) LLVMConsumeError(error);
    LLVMOrcReleaseResourceTracker(tracker);
    LLVMOrcExecutionSessionRef session = LLVMOrcLLJITGetExecutionSession(jit->orc);
    LLVMOrcSymbolStringPoolClearDeadEntries(LLVMOrcExecutionSessionGetSymbolStringPool(session));
}

static JitCode *link_objects(Jit *jit, Deal *d, int count, KernelFunction **functions) {
    LLVMOrcJITDylibRef dylib = LLVMOrcLLJITGetMainJITDylib(jit->orc);
    LLVMOrcResourceTrackerRef tracker = LLVMOrcJITDylibCreateResourceTracker(dylib);
    if (!add_objects(jit, d, tracker) || !look_up(jit, d, count, functions)) {
        remove_code(jit, tracker);
        return NULL;
    }
    JitCode *code = calloc(1, sizeof *code);
    if (!code) ICE("out of memory");
    *code = (JitCode){tracker, jit->codes};
    return jit->codes = code;
}

static JitCode *jit_compile(Jit *jit, LoopKernel *const *kernels, int count, KernelFunction **functions,
                            JitTimes *times) {
    double start = seconds_now();
    if (!ready(jit) || !start_orc(jit)) return NULL;
    Deal d = deal_out(jit, kernels, count);
    run_all(d.works, d.count);
    double emitted = seconds_now();
    JitCode *code = link_objects(jit, &d, count, functions);
    if (times) {
        *times = (JitTimes){.link = seconds_now() - emitted};
        add_times(times, &d);
        times->total = seconds_now() - start;
    }
    arena_release(&d.arena);
    return code;
}

static void jit_release(Jit *jit, JitCode *code) {
    JitCode **at = &jit->codes;
    while (*at && *at != code) at = &(*at)->next;
    if (!*at) ICE("code that is not of this Jit");
    *at = code->next;
    remove_code(jit, code->tracker);
    free(code);
}

/* The file of a piece of work; 0 with the error kept. */
static int emit_work(Jit *jit, Work *work, Arena *arena, JitBytes *out) {
    work_run(work);
    if (!work->out) {
        snprintf(jit->error, sizeof jit->error, "%s", work->error);
        return 0;
    }
    out->len = LLVMGetBufferSize(work->out);
    out->data = arena_text(arena, LLVMGetBufferStart(work->out), out->len);
    LLVMDisposeMemoryBuffer(work->out);
    return 1;
}

static int jit_emit(Jit *jit, JitForm form, LoopKernel *const *kernels, const char *const *names, int count,
                    Arena *arena, JitBytes *out) {
    if (!ready(jit)) return 0;
    Work work = {.target = &jit->target, .count = count, .form = form};
    work.kernels = arena_array(arena, const LoopKernel *, count);
    work.names = arena_array(arena, const char *, count);
    for (int i = 0; i < count; i++) {
        work.kernels[i] = kernels[i];
        work.names[i] = names[i];
    }
    return emit_work(jit, &work, arena, out);
}

static int jit_emit_plan(Jit *jit, JitForm form, const LoopPlan *plan, const char *name, Arena *arena,
                         JitBytes *out) {
    if (!ready(jit)) return 0;
    Work work = {.target = &jit->target, .plan = plan, .names = &name, .form = form};
    return emit_work(jit, &work, arena, out);
}

static const char *jit_error(const Jit *jit) { return jit->error[0] ? jit->error : NULL; }

static const char *jit_cpu(const Jit *jit) { return jit->has_target ? jit->target.cpu : ""; }

static const char *jit_llvm_version(void) { return LLVM_VERSION_STRING; }

static void jit_close(Jit *jit) {
    while (jit->codes) jit_release(jit, jit->codes);
    if (jit->orc) {
        LLVMErrorRef error = LLVMOrcDisposeLLJIT(jit->orc);
        if (error) LLVMConsumeError(error);
    }
    target_close(&jit->target);
    free(jit);
}

__attribute__((visibility("default"))) const JitApi *dlc_jit_api(void);

const JitApi *dlc_jit_api(void) {
    static const JitApi api = {
        .version = JIT_API_VERSION, .open = jit_open, .compile = jit_compile, .release = jit_release,
        .emit = jit_emit, .emit_plan = jit_emit_plan, .error = jit_error, .cpu = jit_cpu,
        .llvm_version = jit_llvm_version, .close = jit_close,
    };
    return &api;
}
