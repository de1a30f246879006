/* dlc profile: some steps of a program, and where their time goes. */
#include "driver/cli_internal.h"
#include "driver/profile.h"
#include "driver/program.h"
#include "runtime/new_file.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PLAIN_COLUMNS = 100 };

static const double default_seconds = 2;

/* The picture's file, opened before the work and written after it: false after a message. */
static int open_picture(Cli *cli, NewFile *file) {
    IoError error = {0};
    struct stat there;
    if (stat(cli->svg, &there) == 0 && S_ISDIR(there.st_mode)) io_fail(&error, IO_SYSTEM, "it is a folder");
    else if (new_file_open(file, cli->svg, &error)) return 1;
    diag_add(&cli->session.diags, (Span){0}, E_FILE_NOT_WRITTEN, "%s cannot be written: %s", cli->svg, error.text);
    return 0;
}

static int can_write_picture(Cli *cli) {
    NewFile file;
    IoError error;
    if (!cli->svg) return 1;
    if (!open_picture(cli, &file)) return 0;
    new_file_finish(&file, 0, &error); /* nothing is left behind until there is a picture */
    return 1;
}

static void write_picture(Cli *cli, Profile *profile, const char *name, Arena *arena) {
    NewFile file;
    IoError error = {0};
    if (!open_picture(cli, &file)) return;
    Text picture = text_new(arena);
    profile_svg(&picture, profile, name);
    fwrite(text_str(&picture), 1, picture.len, file.stream);
    if (!new_file_finish(&file, 1, &error))
        diag_add(&cli->session.diags, (Span){0}, E_FILE_NOT_WRITTEN, "%s cannot be written: %s", cli->svg, error.text);
}

/* The program until its window is full. */
static int measure(Cli *cli, const TProgram *program, Executor *executor, Profile *profile) {
    Progress *progress = progress_new(&(ProgressOptions){.mode = PROGRESS_QUIET, .out = stderr});
    ProgramOptions options = {.alphabets = &cli->alphabets, .seed = cli->seed, .interrupted = &profile->is_over,
                              .writes_no_files = 1};
    cli->signals->watch();
    int code = program_run(program, executor, progress, &options);
    profile_end(profile);
    progress_free(progress);
    if (code != EXIT_INTERRUPTED) return code;
    return *cli->signals->interrupted ? EXIT_INTERRUPTED : EXIT_DONE; /* the window is full */
}

static int nothing_measured(const Profile *profile, const char *file) {
    StepRuns most = {0};
    for (int i = 0; i < profile->warming.len; i++)
        if (profile->warming.data[i].runs > most.runs) most = profile->warming.data[i];
    if (!most.runs)
        fprintf(stderr, "dlc: %s ran no step, so there is nothing to profile\n", file);
    else
        fprintf(stderr, "dlc: %s ran `%s` %lld time%s; the first %d warm up, so nothing is left to profile\n", file,
                most.step->name->text, (long long)most.runs, most.runs == 1 ? "" : "s", PROFILE_WARM_UP);
    return EXIT_ERRORS;
}

static void show(Cli *cli, Profile *profile, const char *name, Arena *arena) {
    Text out = text_new(arena);
    if (cli->is_json) profile_json(&out, profile, name);
    else profile_text(&out, profile, name, cli_columns(PLAIN_COLUMNS), cli->has_colour && isatty(STDOUT_FILENO));
    fwrite(text_str(&out), 1, out.len, stdout);
}

static int profile_program(Cli *cli, const TProgram *program, Arena *arena) {
    MachineLimits limits;
    if (!can_write_picture(cli) || !machine_limits_measure(&cli->session, cli->threads, &limits))
        return cli_show_diagnostics(cli);
    ProfileOptions options = {.steps = cli->steps, .seconds = default_seconds, .limits = &limits,
                              .interrupted = cli->signals->interrupted};
    Profile *profile = cli->profile = profile_new(&cli->session, &options);
    Text report = text_new(arena);
    int code;
    Executor *executor = cli_executor(cli, &report, &code);
    if (executor) {
        code = measure(cli, program, executor, profile);
        int shown = cli_show_diagnostics(cli);
        if (!code) code = shown;
        cli_show_report(cli, &report);
        int is_measured = profile->steps > 0;
        if ((!code || code == EXIT_INTERRUPTED) && is_measured) {
            show(cli, profile, program->source->name, arena);
            if (cli->svg) write_picture(cli, profile, program->source->name, arena);
            shown = cli_show_diagnostics(cli);
            if (!code) code = shown;
        } else if (!code) {
            code = nothing_measured(profile, program->source->name);
        } else if (code == EXIT_INTERRUPTED) {
            fprintf(stderr, "dlc: ended before a step was measured\n");
        }
        executor_free(executor);
    }
    profile_free(profile);
    cli->profile = NULL;
    return code;
}

int command_profile(Cli *cli) {
    int code;
    TProgram *program = cli_bound_program(cli, &code);
    if (!program) return code;
    Arena arena = {0};
    code = profile_program(cli, program, &arena);
    alphabets_release(&cli->alphabets);
    arena_release(&arena);
    return code;
}
