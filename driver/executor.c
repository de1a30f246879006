/* From a Build to something that runs.  See executor.h. */
#include "driver/executor.h"

#include "compiler/loop_eval.h"
#include "compiler/loop_expand.h"
#include "compiler/loop_print.h"
#include "compiler/lower.h"
#include "compiler/pipeline.h"
#include "compiler/plan_bind.h"
#include "runtime/machine.h"
#include "runtime/workers.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

struct Executor {
    Session *session;
    ExecutorOptions options;
    BuildOptions build_options;
    Workers *workers;
    MachineCode *machine_code;
    ScheduleKind schedule;
    double compile_seconds;
    int is_shown; /* what is compiled now is a step of the user's, not a small expression */
};

typedef struct BoundPlan { /* the plan for one set of values of its run-time dims */
    int64_t *dims;
    RunPlan *plan;
    TracedPlan *traced;      /* what a profile needs; NULL without one */
    const KernelCost *costs;
} BoundPlan;

struct CompiledStep {
    Executor *executor;
    Arena arena;
    const LoopPlan *plan;
    KernelCode *code; /* by kernel */
    JitCode *loaded; /* machine code; NULL where it is interpreted */
    LowerFacts facts;
    PlanProfile *profile; /* NULL where nothing is recorded */
    RaceLog *races; /* EXECUTE_RACES: what the kernels touched; NULL otherwise */
    Vec(BoundPlan) bound;
};

/* The row for this machine.  It only decides speed: every row gives the same bits. */
static ScheduleKind machine_schedule(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return SCHEDULE_X86_64_V4;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return SCHEDULE_X86_64_V3;
    return SCHEDULE_X86_64_V2;
#elif defined(__aarch64__)
    return SCHEDULE_NEON;
#else
    return SCHEDULE_SCALAR;
#endif
}

Executor *executor_new(Session *session, const ExecutorOptions *options) {
    Executor *ex = arena_new(&session->arena, Executor);
    ex->session = session;
    ex->options = *options;
    ex->workers = workers_new(options->mode == EXECUTE_RACES ? 1 : options->threads); /* a log has one writer */
    ex->machine_code = machine_code_new(session, workers_threads(ex->workers), options->cache_folder, options->cache_bytes,
                                        options->timings);
    ex->schedule = machine_schedule();
    if (options->schedule) ex->schedule = (ScheduleKind)schedule_from_name(options->schedule);
    return ex;
}

void executor_free(Executor *ex) {
    machine_code_free(ex->machine_code);
    workers_free(ex->workers);
}

const BuildOptions *executor_build_options(const Executor *ex) { return &ex->build_options; }
void executor_expect_step(Executor *ex) {
    if (ex->options.mode == EXECUTE_MACHINE_CODE) machine_code_expect(ex->machine_code);
}

Timings *executor_timings(const Executor *ex) { return ex->options.timings; }
CodeFacts executor_code_facts(const Executor *ex) { return *machine_code_facts(ex->machine_code); }
int executor_threads(const Executor *ex) { return workers_threads(ex->workers); }
Profile *executor_profile(const Executor *ex) { return ex->options.profile; }
double executor_compile_seconds(const Executor *ex) { return ex->compile_seconds; }

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- graph and plan -------------------------------------------------------------------------------------- */

static int is_disabled(const Executor *ex, const char *pass) {
    for (int i = 0; i < ex->options.disabled_count; i++)
        if (strcmp(ex->options.disabled[i], pass) == 0) return 1;
    return 0;
}

static int is_dumped(const Executor *ex, const char *stage) {
    return ex->is_shown && ex->options.dump_after && strcmp(ex->options.dump_after, stage) == 0;
}

static void dump_region(void *context, const char *stage, const Region *region) {
    Executor *ex = context;
    if (is_dumped(ex, stage)) graph_print(ex->options.report, region);
}

static void run_passes(Executor *ex, Region *region) {
    PipelineOptions options = {.after = dump_region, .context = ex};
    for (int i = 0; i < PASS_COUNT; i++)
        if (is_disabled(ex, pass_name((PassKind)i))) options.disabled |= 1u << i;
    pipeline_run(region, &options);
}

static const LoopPlan *make_plan(Executor *ex, Arena *arena, Build *build, int is_shown, LowerFacts *facts) {
    ex->is_shown = is_shown;
    TimedPart before = timings_enter(ex->options.timings, TIMED_BUILD);
    run_passes(ex, build->region);
    timings_enter(ex->options.timings, TIMED_PLAN);
    LowerOptions options = {.schedule = ex->schedule, .without_fusion = is_disabled(ex, "fuse")};
    *facts = (LowerFacts){0};
    const LoopPlan *plan = lower_region(arena, &options, build->region, facts);
    timings_leave(ex->options.timings, before);
    if (is_dumped(ex, "fuse") || (is_shown && ex->options.shows_kernels))
        kernels_report(ex->options.report, &ex->session->sources, plan, facts);
    if (is_dumped(ex, "lower")) plan_print(ex->options.report, plan);
    return plan;
}

const LoopPlan *executor_lower(Executor *ex, Arena *arena, Build *build, LowerFacts *facts) {
    LowerFacts unused;
    return make_plan(ex, arena, build, 1, facts ? facts : &unused);
}

/* ---- code ------------------------------------------------------------------------------------------------ */

static void report_code(Executor *ex, CodeFacts before) {
    CodeFacts now = *machine_code_facts(ex->machine_code);
    Text *out = ex->options.report;
    text_printf(out, " code: %d kernels, %d different", now.kernels - before.kernels, now.different - before.different);
    if (now.shared > before.shared) text_printf(out, ", %d of an earlier step", now.shared - before.shared);
    text_printf(out, ", %d from the cache, %d compiled\n", now.cached - before.cached, now.compiled - before.compiled);
}

static int make_machine_code(Executor *ex, CompiledStep *step) {
    CodeFacts before = executor_code_facts(ex);
    step->loaded = machine_code_make(ex->machine_code, step->plan, step->code);
    if (step->loaded && ex->is_shown && ex->options.shows_kernels) report_code(ex, before);
    return step->loaded != NULL;
}

static int make_code(Executor *ex, CompiledStep *step, int use_jit) {
    int count = step->plan->kernels.len;
    step->code = arena_array(&step->arena, KernelCode, count);
    if (use_jit && count && ex->options.mode == EXECUTE_MACHINE_CODE) return make_machine_code(ex, step);
    if (ex->options.mode == EXECUTE_RACES) step->races = race_log_new(&step->arena);
    for (int i = 0; i < count; i++) {
        LoopKernel *kernel = loop_expand(ex->session, &step->arena, step->plan->kernels.data[i]);
        EvalKernel *program = loop_eval_prepare(&step->arena, kernel);
        if (step->races) loop_eval_watch(program, step->races);
        step->code[i] = (KernelCode){loop_eval_run, program};
    }
    return 1;
}

/* A plan that cannot fit is refused before it is run: the system would end the process in the middle of it. */
static int fits_memory(Executor *ex, const CompiledStep *step, const Build *build) {
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    double have = pages > 0 && page > 0 ? (double)pages * (double)page : 1e300;
    double want = (double)step->plan->arena_bytes +
                  (double)step->plan->scratch_bytes * workers_threads(ex->workers);
    if (want <= have) return 1;
    diag_add(&ex->session->diags, build->region->results.len ? build->region->results.data[0].node->span : (Span){0},
             E_NO_MEMORY, "`%s` needs %.1f GiB of memory for its intermediate values, this machine has %.1f GiB",
             build->region->name->text, want / 0x1p30, have / 0x1p30);
    return 0;
}

CompiledStep *executor_compile(Executor *ex, Build *build, int use_jit) {
    double before = now();
    Profile *profile = ex->options.profile;
    CompiledStep *step = arena_new(&ex->session->arena, CompiledStep);
    step->executor = ex;
    step->plan = make_plan(ex, &step->arena, build, use_jit, &step->facts);
    TimedPart part = timings_enter(ex->options.timings, TIMED_COMPILE);
    int is_made = fits_memory(ex, step, build) && make_code(ex, step, use_jit);
    timings_leave(ex->options.timings, part);
    double seconds = now() - before;
    ex->compile_seconds += seconds;
    if (profile) step->profile = profile_plan(profile, step->plan, &step->facts, build->region);
    if (profile) profile_compiled(profile, seconds);
    if (is_made) return step;
    executor_discard(step);
    return NULL;
}

CompiledStep *executor_compile_plan(Executor *ex, const LoopPlan *plan) {
    CompiledStep *step = arena_new(&ex->session->arena, CompiledStep);
    step->executor = ex;
    step->plan = plan;
    if (make_code(ex, step, 1)) return step;
    executor_discard(step);
    return NULL;
}

int executor_slot_count(const CompiledStep *step) { return step->plan->slot_count; }

void executor_discard(CompiledStep *step) {
    if (step->loaded) machine_code_release(step->executor->machine_code, step->loaded);
    step->loaded = NULL;
    for (int i = 0; i < step->bound.len; i++) traced_plan_free(step->bound.data[i].traced);
    step->bound.len = 0;
    arena_release(&step->arena);
}

int64_t executor_arena_bytes(const CompiledStep *step) { return step->plan->arena_bytes; }

/* ---- running --------------------------------------------------------------------------------------------- */

static const BoundPlan *bound_plan(CompiledStep *step, const int64_t *dims) {
    const LoopPlan *plan = step->plan;
    for (int i = 0; i < step->bound.len; i++) {
        int is_same = 1;
        for (int k = 0; k < plan->dims.len; k++)
            is_same = is_same && step->bound.data[i].dims[k] == dims[plan->dims.data[k]->id];
        if (is_same) return &step->bound.data[i];
    }
    BoundPlan bound = {.dims = arena_array(&step->arena, int64_t, plan->dims.len + 1),
                       .plan = plan_bind(&step->arena, plan, dims, step->code)};
    if (step->races) bound.plan = race_plan(&step->arena, bound.plan, step->races);
    if (step->profile) {
        bound.traced = traced_plan_new(bound.plan);
        bound.costs = profile_costs(step->executor->options.profile, &step->arena, &step->facts, bound.plan, dims,
                                    plan->kernels.len);
    }
    for (int k = 0; k < plan->dims.len; k++) bound.dims[k] = dims[plan->dims.data[k]->id];
    vec_push(&step->arena, &step->bound, bound);
    return &step->bound.data[step->bound.len - 1];
}

static RunFailure run_recorded(Executor *ex, CompiledStep *step, const BoundPlan *bound, void *const *bindings) {
    int64_t begin = clock_nanoseconds();
    RunFailure failure = workers_run_traced(ex->workers, bound->traced, bindings);
    profile_run(ex->options.profile, step->profile, bound->plan, bound->costs, ex->workers, begin);
    return failure;
}

static void report_failure(Executor *ex, const CompiledStep *step, const RunPlan *plan, RunFailure failure) {
    if (failure.code < 0) {
        diag_add(&ex->session->diags, (Span){0}, E_NO_MEMORY, "there is no memory for the intermediate values of `%s`",
                 step->plan->name->text);
        return;
    }
    const LoopKernel *kernel = step->plan->kernels.data[plan->steps[failure.step].kernel_index];
    const LoopCheck *check = &kernel->checks.data[failure.code - 1];
    diag_add(&ex->session->diags, check->span, E_CHECK_FAILED, "%s", check->message);
}

int executor_run(Executor *ex, CompiledStep *step, const int64_t *dims, void *const *bindings) {
    const BoundPlan *bound = bound_plan(step, dims);
    RunFailure failure = step->profile ? run_recorded(ex, step, bound, bindings)
                                       : workers_run(ex->workers, bound->plan, bindings);
    if (step->races) {
        Text races = text_new(&ex->session->arena);
        if (race_report(step->races, &races)) ICE("kernels race in `%s`:\n%s", step->plan->name->text, text_str(&races));
    }
    if (!failure.code) return 1;
    report_failure(ex, step, bound->plan, failure);
    return 0;
}
