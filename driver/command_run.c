/* dlc run and test: the program from its first statement to its end. */
#include "driver/cli_internal.h"
#include "driver/program.h"
#include "lang/typed_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int names_unicode(void) {
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(variables[i]);
        if (value && value[0]) return strstr(value, "UTF-8") || strstr(value, "utf8") || strstr(value, "UTF8");
    }
    return 0;
}

static Progress *make_progress(const Cli *cli) {
    struct winsize size = {0};
    const char *terminal = getenv("TERM");
    int is_terminal = isatty(STDERR_FILENO) && !(terminal && strcmp(terminal, "dumb") == 0);
    ProgressOptions options = {.has_colour = cli->has_colour && isatty(STDOUT_FILENO), .has_unicode = names_unicode()};
    options.mode = cli->is_json    ? PROGRESS_JSON
                   : cli->is_quiet ? PROGRESS_QUIET
                   : is_terminal   ? PROGRESS_TERMINAL
                                   : PROGRESS_LINES;
    if (is_terminal && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0) options.columns = size.ws_col;
    return progress_new(&options);
}

/* With --json an event as the others. */
static void show_timings(const Cli *cli) {
    Arena arena = {0};
    Text text = text_new(&arena);
    if (cli->is_json) timings_json(&text, &cli->timings);
    else timings_text(&text, &cli->timings);
    fwrite(text_str(&text), 1, text.len, stdout);
    arena_release(&arena);
}

static int run_program(Cli *cli, const TProgram *program, int runs_tests) {
    Arena arena = {0};
    Text report = text_new(&arena);
    int code;
    Executor *executor = cli_executor(cli, &report, &code);
    if (!executor) return code;
    if (cli->dump_after && strcmp(cli->dump_after, "check") == 0) typed_print(&report, program);
    Progress *progress = make_progress(cli);
    uint64_t digest = 0;
    ProgramOptions options = {.alphabets = &cli->alphabets, .seed = cli->seed, .runs_tests = runs_tests, .interrupted = cli->signals->interrupted,
                              .digest = cli->shows_digest ? &digest : NULL};
    cli->signals->watch();
    timings_enter(&cli->timings, TIMED_OTHER);
    code = program_run(program, executor, progress, &options);
    if (runs_tests && !code && progress_failed_tests(progress)) code = EXIT_ERRORS;
    progress_free(progress); /* an error of stdout is reported when the command ends */
    timings_end(&cli->timings); /* a program without a step */
    int shown = cli_show_diagnostics(cli);
    cli_show_report(cli, &report);
    if (cli->shows_timings) show_timings(cli);
    if (cli->shows_digest && !code) printf("digest %016" PRIx64 "\n", digest);
    executor_free(executor);
    alphabets_release(&cli->alphabets);
    arena_release(&arena);
    return code ? code : shown;
}

int command_run(Cli *cli) {
    int code;
    TProgram *program = cli_bound_program(cli, &code);
    if (program && !program->statements.len && !program->tests.len)
        fprintf(stderr, "dlc: %s has no statements, so there was nothing to run\n", program->source->name);
    return program ? run_program(cli, program, 0) : code;
}

int command_test(Cli *cli) {
    int code;
    TProgram *program = cli_bound_program(cli, &code);
    if (!program) return code;
    if (!program->tests.len) fprintf(stderr, "dlc: %s has no tests\n", program->source->name);
    return run_program(cli, program, 1);
}
