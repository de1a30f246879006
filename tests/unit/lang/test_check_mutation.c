/* One-token mistakes in whole programs, beyond the parser: no crash, no hang, no internal error, and one message
 * for one mistake.  What the checker takes runs in the interpreter until its first training step is done.
 *
 * Every mutant has a process of its own with a limit of time.  A fixed sample is tried; DLC_MUTATION_ALL=1 tries
 * all, DLC_MUTATION_SHOW=n prints the first n mutants that get more than one message. */
#include "driver/load.h"
#include "driver/program.h"
#include "tests/support/mutation.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static const char *const programs[] = {
    "lang/mutation/features.dlm",
    "../models/linear.dlm",
    "../models/digits.dlm",
    "models/mlp.dlm",
};
enum { PROGRAMS = sizeof programs / sizeof *programs, EVERY = 13, SECONDS = 20 };

typedef struct Counts {
    int every, number;                            /* of the mutants, each `every`th is tried */
    int total, rejected, single, ran, faults, shown, show;
    int *errors;                                  /* shared with the child: its count of errors */
} Counts;

/* In the child. */
static void run_program(Session *session, const TProgram *typed) {
    static const int interrupted = 1; /* ends after the first step */
    FILE *sink = fopen("/dev/null", "w");
    Text report = text_new(&session->arena);
    uint64_t digest = 0;
    Executor *executor =
        executor_new(session, &(ExecutorOptions){.mode = EXECUTE_INTERPRETER, .threads = 1, .report = &report});
    Progress *progress = progress_new(&(ProgressOptions){.mode = PROGRESS_QUIET, .out = sink, .err = sink});
    ProgramOptions options = {.interrupted = &interrupted, .digest = &digest, .runs_tests = 1};
    program_run(typed, executor, progress, &options);
    progress_free(progress);
    executor_free(executor);
    fclose(sink);
}

/* In the child; the mutant's own mistakes while it runs are no errors of the check. */
static void check_mutant(const Counts *counts, const Mutant *mutant) {
    Session session;
    session_init(&session);
    SourceList library = {0};
    if (!load_library(&session, &library)) _exit(1);
    const Source *source = source_add(&session.sources, mutant->sample->name, mutant->text, mutant->len);
    CheckInput input = {.source = source, .library = library.data, .library_count = library.len};
    const TProgram *typed = lang_check(&session, &input);
    *counts->errors = session.diags.error_count;
    if (!session.diags.error_count) run_program(&session, typed);
    else if (session.diags.error_count > 1 && counts->shown < counts->show) mutant_show(mutant, &session);
    session_release(&session);
}

static void try_mutant(void *context, const Mutant *mutant) {
    Counts *counts = context;
    if (counts->number++ % counts->every) return;
    *counts->errors = 0;
    fflush(stdout);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        alarm(SECONDS);
        check_mutant(counts, mutant);
        fflush(stdout);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    counts->total++;
    if (status) {
        counts->faults++;
        printf("---- %s: %s `%.*s` at %u: %s %d\n", mutant->sample->name, mutant->what,
               (int)(mutant->piece->end - mutant->piece->begin), mutant->piece->text, mutant->piece->begin,
               WIFSIGNALED(status) ? "signal" : "exit", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
    int errors = *counts->errors;
    if (errors) counts->rejected++;
    else counts->ran++;
    if (errors == 1) counts->single++;
    if (errors > 1) counts->shown++;
}

static void one_mistake_one_message(void **state) {
    (void)state;
    Arena arena = {0};
    Sample all[PROGRAMS];
    for (int i = 0; i < PROGRAMS; i++) sample_read(&arena, programs[i], &all[i]);
    const char *show = getenv("DLC_MUTATION_SHOW");
    Counts counts = {.every = getenv("DLC_MUTATION_ALL") ? 1 : EVERY, .show = show ? atoi(show) : 0};
    counts.errors = mmap(NULL, sizeof *counts.errors, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(counts.errors != MAP_FAILED);
    uint32_t seed = 1;
    for (int i = 0; i < PROGRAMS; i++) {
        sample_mutate(all, PROGRAMS, i, &seed, try_mutant, &counts);
        sample_swap_words(all, i, &seed, try_mutant, &counts);
    }
    printf("%d mutants: %d ran, %d rejected, %d of them (%.2f %%) with exactly one message\n", counts.total, counts.ran,
           counts.rejected, counts.single, 100.0 * counts.single / counts.rejected);
    assert_int_equal(counts.faults, 0);
    assert_true(counts.ran > 0);
    assert_true(counts.single >= 0.95 * counts.rejected);
    munmap(counts.errors, sizeof *counts.errors);
    for (int i = 0; i < PROGRAMS; i++) sample_release(&all[i]);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_mistake_one_message)};
    return cmocka_run_group_tests_name("check_mutation", tests, NULL, NULL);
}
