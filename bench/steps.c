/* Times the steps of a program's train blocks as `dlc run` runs them, without its loop.
 *
 *     steps SECONDS FILE [options of dlc run]
 *
 * The statements of FILE run in order.  At a train block its step is compiled and bound, the first batch is gathered,
 * and from then on the same call is made over and over: sizes, seed and step number are set, the plan runs on the
 * workers, weights and optimizer states are written in place.  Neither gathering batches nor figures nor progress are
 * in the time.  Short steps are timed in groups of at least a millisecond.  One JSON object a block goes to stdout:
 *
 *     first_seconds  from the start of the process to the end of the first step
 *     loss           of the first step and of the last (null where it has none)
 *     arena_bytes, rss_mb
 *     step_ms        one figure a group
 *     cpu_ms         the same in the processor time of all threads: what one thread needs while others take its processor
 *
 * Blocks that a step cannot be taken from (inside of functions and loops) run as they are.  Exit codes are those of
 * dlc. */
#include "driver/cli_options.h"
#include "driver/train_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { MIN_GROUPS = 7, MAX_GROUPS = 2000, WARM_STEPS = 3 };

typedef struct Bench {
    Program *p;
    double start, seconds; /* of the process, per block */
} Bench;

/* A train block's step, bound, with the block's own names. */
typedef struct Step {
    Pass pass;
    Array *t, *epoch, *total;
    int64_t rows, done; /* examples of a call, steps so far */
    double ms[MAX_GROUPS], cpu_ms[MAX_GROUPS];
    int groups;
} Step;

static double seconds_of(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double now(void) { return seconds_of(CLOCK_MONOTONIC); }

/* ---- one step ---------------------------------------------------------------------------------------- */

static int step_open(Program *p, Step *step, const TTrain *train) {
    DataSet *set = NULL;
    if (train->data) {
        ProgramValue value = program_evaluate(p, train->data);
        if (p->is_failed) return 0;
        set = value.set;
    }
    step->t = array_scalar(DT_I64, 1);
    step->epoch = array_scalar(DT_I64, 1);
    step->total = array_scalar(DT_I64, 1e9);
    if (!pass_open(p, &step->pass, train, train->step, set)) return 0;
    RunningStep *rs = step->pass.rs;
    if (train->t) running_step_bind(rs, train->t, &step->t);
    if (train->epoch) running_step_bind(rs, train->epoch, &step->epoch);
    if (train->total) running_step_bind(rs, train->total, &step->total);
    int64_t rows = pass_rows(&step->pass);
    step->rows = !set ? 0 : rows < train->batch ? rows : train->batch;
    return running_step_bind_globals(p, rs) && pass_begin(&step->pass);
}

static void step_close(Step *step) {
    pass_close(&step->pass);
    array_release(step->t);
    array_release(step->epoch);
    array_release(step->total);
}

static int step_run(Program *p, Step *step) {
    *(int64_t *)step->t->data = ++step->done;
    return running_step_run(p, step->pass.rs, step->rows, step->done, 0);
}

/* Its first loss as text of JSON. */
static void loss_text(const Step *step, char *text, size_t room) {
    const Build *build = step->pass.rs->build;
    snprintf(text, room, "null");
    for (int i = 0; i < build->targets.len; i++)
        if (build->targets.data[i].kind == TARGET_LOSS) {
            double loss = array_number(running_step_output(step->pass.rs, i), 0);
            if (loss == loss && loss - loss == 0) snprintf(text, room, "%.6g", loss);
            return;
        }
}

/* ---- timing ------------------------------------------------------------------------------------------ */

/* Warm-up; gives how many steps make a group. */
static int warm_up(const Bench *bench, Step *step) {
    double begin = now(), limit = bench->seconds / 3 < 0.4 ? bench->seconds / 3 : 0.4, last = 0;
    for (int i = 0; i < WARM_STEPS || now() - begin < limit; i++) {
        double before = now();
        if (!step_run(bench->p, step)) return 0;
        last = now() - before;
        if (i > 0 && now() - begin > bench->seconds) break;
    }
    return last < 1e-3 ? (int)(1e-3 / last) + 1 : 1;
}

static int take_times(const Bench *bench, Step *step) {
    int group = warm_up(bench, step);
    if (!group) return 0;
    double begin = now();
    for (;;) {
        double before = now(), spent = before - begin;
        if (step->groups == MAX_GROUPS || (step->groups >= MIN_GROUPS && spent > bench->seconds)) return 1;
        if (step->groups >= 3 && spent > 8 * bench->seconds) return 1;
        double cpu_before = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
        for (int i = 0; i < group; i++)
            if (!step_run(bench->p, step)) return 0;
        step->cpu_ms[step->groups] = 1e3 * (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_before) / group;
        step->ms[step->groups++] = 1e3 * (now() - before) / group;
    }
}

static void print_list(const char *name, const double *figures, int count) {
    printf(",\"%s\":[", name);
    for (int i = 0; i < count; i++) printf("%s%.6g", i ? "," : "", figures[i]);
    printf("]");
}

static void print_times(const Bench *bench, const Step *step, double first, const char *first_loss) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    char loss[32];
    loss_text(step, loss, sizeof loss);
    printf("{\"first_seconds\":%.4f,\"compile_seconds\":%.4f,\"loss\":[%s,%s],\"arena_bytes\":%lld,\"rss_mb\":%.1f",
           first - bench->start, executor_compile_seconds(bench->p->executor), first_loss, loss,
           (long long)executor_arena_bytes(step->pass.rs->compiled), (double)usage.ru_maxrss / 1024);
    print_list("step_ms", step->ms, step->groups);
    print_list("cpu_ms", step->cpu_ms, step->groups);
    printf("}\n");
}

static void time_block(const Bench *bench, const TTrain *train) {
    Step *step = calloc(1, sizeof *step);
    if (!step) ICE("no memory for %d times", MAX_GROUPS);
    char first_loss[32];
    if (step_open(bench->p, step, train) && pass_run(&step->pass, 0, ++step->done)) {
        double first = now();
        loss_text(step, first_loss, sizeof first_loss);
        if (take_times(bench, step)) print_times(bench, step, first, first_loss);
    }
    step_close(step);
    free(step);
}

/* ---- the program ------------------------------------------------------------------------------------- */

static void run_statements(const Bench *bench, const TProgram *typed) {
    for (int i = 0; i < typed->statements.len && !bench->p->is_failed; i++) {
        TStmt *stmt = typed->statements.data[i];
        TBlock one = {0};
        one.statements.data = &stmt;
        one.statements.len = 1;
        if (stmt->kind == TS_EXPRESSION && stmt->value->kind == T_TRAIN) time_block(bench, stmt->value->train);
        else program_block(bench->p, &one, NULL);
    }
}

static int run_program(Cli *cli, const TProgram *typed, double start, double seconds) {
    Arena arena = {0};
    Text report = text_new(&arena);
    int code;
    Executor *executor = cli_executor(cli, &report, &code);
    if (!executor) return code;
    ProgramOptions options = {.alphabets = &cli->alphabets, .seed = cli->seed, .interrupted = cli->signals->interrupted};
    Program p = {.session = typed->session, .typed = typed, .executor = executor, .options = &options, .seed = cli->seed};
    p.progress = progress_new(&(ProgressOptions){.mode = PROGRESS_QUIET, .out = stderr});
    p.frame = &p.globals;
    p.store.arena = &p.arena;
    run_statements(&(Bench){&p, start, seconds}, typed);
    progress_free(p.progress);
    int shown = cli_show_diagnostics(cli);
    if (report.len) fwrite(report.data, 1, report.len, stderr);
    for (int i = 0; i < p.globals.variables.len; i++) value_release(p.globals.variables.entries[i].value);
    for (int i = 0; i < p.expressions.len; i++) running_step_free(p.expressions.entries[i].value);
    for (int i = 0; i < p.steps.len; i++) running_step_free(p.steps.entries[i].value);
    data_close_all(&p);
    store_release(&p.store);
    code = p.exit_code;
    executor_free(executor);
    alphabets_release(&cli->alphabets);
    arena_release(&p.arena);
    arena_release(&arena);
    return code ? code : shown;
}

static void watch(void) {}

int main(int argc, char **argv) {
    static const Command command = {.name = "run", .arguments = "FILE", .summary = "", .details = "", .takes_settings = 1};
    double start = now(), seconds = argc > 2 ? strtod(argv[1], NULL) : 0;
    if (!(seconds > 0 && seconds <= 3600)) {
        fprintf(stderr, "usage: steps SECONDS FILE [options of dlc run]\n");
        return EXIT_USE;
    }
    const int interrupted = 0;
    const CliSignals signals = {watch, &interrupted};
    Cli cli = {.signals = &signals, .command = &command};
    session_init(&cli.session);
    int code = options_parse(&cli, argc - 2, argv + 2);
    const TProgram *typed = code ? NULL : cli_bound_program(&cli, &code);
    if (typed) code = run_program(&cli, typed, start, seconds);
    session_release(&cli.session);
    return fflush(stdout) && !code ? EXIT_FILES : code;
}
