/* dlc run, check and test: one path from a file to a typed program, then to its end. */
#include "driver/cli_internal.h"
#include "driver/load.h"
#include "driver/program.h"
#include "runtime/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* ---- options of the program ---------------------------------------------------------------------------- */

/* As on the command line: lower case. */
static const char *option_name(Arena *arena, const TOption *option) {
    char *name = arena_text(arena, option->name->text, option->name->len);
    for (char *c = name; *c; c++)
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c + 32);
    return name;
}

static const char *kind_text(OptionKind kind) {
    switch (kind) {
    case OPTION_F32: return "NUMBER";
    case OPTION_I64: return "INTEGER";
    case OPTION_BOOL: return "BOOL";
    case OPTION_STRING: return "TEXT";
    case OPTION_DIM: return "SIZE";
    }
    return "";
}

static const char *value_text(Arena *arena, const TOption *option) {
    switch (option->kind) {
    case OPTION_F32: return arena_printf(arena, "%g", option->real);
    case OPTION_I64: case OPTION_DIM: return arena_printf(arena, "%lld", (long long)option->integer);
    case OPTION_BOOL: return option->integer ? "true" : "false";
    case OPTION_STRING: return arena_printf(arena, "\"%s\"", option->text->text);
    }
    return "";
}

static void list_options(Arena *arena, FILE *to, const TProgram *program) {
    int width = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < program->options.len; i++) {
            const TOption *option = program->options.data[i];
            const char *head = arena_printf(arena, "--%s %s", option_name(arena, option), kind_text(option->kind));
            if ((int)strlen(head) > width) width = (int)strlen(head);
            if (!pass) continue;
            const char *doc = option->documentation ? option->documentation : "";
            int line = (int)strcspn(doc, "\n"); /* the first line says what it is */
            fprintf(to, "  %-*s  %.*s%s(%s)\n", width, head, line, doc, line ? " " : "", value_text(arena, option));
        }
}

static int program_help(Cli *cli, const TProgram *program, const char *file) {
    const Command *command = cli->command;
    printf("usage: dlc %s %s%s\n", command->name, file, program->options.len ? " [--OPTION VALUE ...]" : "");
    if (program->options.len) printf("\noptions of %s (their values):\n", file);
    else printf("\n%s has no options\n", file);
    list_options(&cli->session.arena, stdout, program);
    printf("\n`dlc %s --help` lists the options of dlc.\n", command->name);
    return EXIT_DONE;
}

/* 0 when every setting names an option of the program, else EXIT_USE after a message. */
static int check_settings(Cli *cli, const TProgram *program, const char *file) {
    Arena *arena = &cli->session.arena;
    int count = program->options.len;
    const char **names = arena_array(arena, const char *, count);
    for (int i = 0; i < count; i++) names[i] = option_name(arena, program->options.data[i]);
    for (int k = 0; k < cli->settings.len; k++) {
        const char *name = cli->settings.data[k].name;
        int is_known = 0;
        for (int i = 0; i < count; i++) is_known |= strcmp(names[i], name) == 0;
        if (is_known) continue;
        const char *near = cli_nearest(name, names, count);
        fprintf(stderr, "dlc: %s has no option --%s", file, name);
        if (near) fprintf(stderr, "; did you mean --%s?", near);
        if (count) fprintf(stderr, "\nits options:\n");
        else fprintf(stderr, "; it has no options at all (`option %s: f32 = 1` in the file would make one)\n", name);
        list_options(arena, stderr, program);
        return EXIT_USE;
    }
    return 0;
}

/* ---- from file to typed program ------------------------------------------------------------------------ */

/* NULL where `*code` says how the command ends. */
static TProgram *check_file(Cli *cli, int *code) {
    const char *file = cli_only_file(cli, code);
    if (!file) return NULL;
    SourceList library = {0};
    const Source *source = load_source(&cli->session, file);
    TProgram *program = NULL;
    if (source && load_library(&cli->session, &library)) {
        CheckInput input = {.source = source, .settings = cli->settings.data, .setting_count = cli->settings.len,
                            .library = library.data, .library_count = library.len};
        program = lang_check(&cli->session, &input);
    }
    *code = cli_show_diagnostics(cli);
    if (!program || *code) return NULL;
    *code = check_settings(cli, program, source->name);
    if (*code) return NULL;
    if (cli->shows_help) {
        program_help(cli, program, source->name);
        return NULL;
    }
    return program;
}

/* ---- check --------------------------------------------------------------------------------------------- */

static int64_t weight_count(const Type *type) {
    int64_t count = 1;
    for (int i = 0; i < type->rank; i++) {
        if (!dim_is_constant(type->axes[i].dim)) return -1;
        count *= dim_constant_value(type->axes[i].dim);
    }
    return count;
}

static int64_t list_weights(Cli *cli, const Layout *layout, const char *path) {
    Arena *arena = &cli->session.arena;
    int64_t total = 0;
    for (int i = 0; i < layout->weights.len; i++) {
        const Weight *weight = layout->weights.data[i];
        int64_t count = weight_count(weight->type);
        const char *type = type_text(arena, weight->type);
        const char *name = arena_printf(arena, "%s.%s", path, weight->name->text);
        if (cli->is_json)
            printf("{\"weight\":\"%s\",\"type\":\"%s\",\"state\":%s,\"elements\":%lld}\n", name, type,
                   weight->is_state ? "true" : "false", (long long)count);
        else printf("  %-28s %-20s %10lld%s\n", name, type, (long long)count, weight->is_state ? "  state" : "");
        if (count > 0 && !weight->is_state) total += count;
    }
    for (int i = 0; i < layout->parts.len; i++)
        total += list_weights(cli, layout->parts.data[i].layout,
                              arena_printf(arena, "%s.%s", path, layout->parts.data[i].name->text));
    return total;
}

int command_check(Cli *cli) {
    int code;
    TProgram *program = check_file(cli, &code);
    if (!program) return code;
    int64_t total = 0;
    for (int i = 0; i < program->instances.len; i++)
        total += list_weights(cli, program->instances.data[i]->layout, program->instances.data[i]->name->text);
    if (cli->is_json) printf("{\"parameters\":%lld}\n", (long long)total);
    else printf("%s: no errors, %lld parameters\n", program->source->name, (long long)total);
    return EXIT_DONE;
}

/* ---- run and test -------------------------------------------------------------------------------------- */

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

static void show_report(const Cli *cli, const Text *report) {
    FILE *to = cli->is_json ? stderr : stdout;
    fflush(stdout);
    if (report->len) fwrite(text_str(report), 1, report->len, to);
}

static int run_program(Cli *cli, const TProgram *program, int runs_tests) {
    Arena arena = {0};
    Text report = text_new(&arena);
    ExecutorOptions options = {.mode = cli->mode, .threads = cli->threads, .dump_after = cli->dump_after,
                               .disabled = cli->disabled.data, .disabled_count = cli->disabled.len,
                               .shows_kernels = cli->shows_kernels, .schedule = cli->schedule, .report = &report};
    Executor *executor = executor_new(&cli->session, &options);
    if (!executor) return cli_show_diagnostics(cli);
    Progress *progress = make_progress(cli);
    ProgramOptions program_options = {.seed = cli->seed, .runs_tests = runs_tests, .interrupted = cli->interrupted};
    int code = program_run(program, executor, progress, &program_options);
    if (runs_tests && !code && progress_failed_tests(progress)) code = EXIT_ERRORS;
    progress_free(progress); /* an error of stdout is reported when the command ends */
    int shown = cli_show_diagnostics(cli);
    show_report(cli, &report);
    executor_free(executor);
    arena_release(&arena);
    return code ? code : shown;
}

int command_run(Cli *cli) {
    int code;
    TProgram *program = check_file(cli, &code);
    return program ? run_program(cli, program, 0) : code;
}

int command_test(Cli *cli) {
    int code;
    TProgram *program = check_file(cli, &code);
    if (!program) return code;
    if (!program->tests.len) fprintf(stderr, "dlc: %s has no tests\n", program->source->name);
    return run_program(cli, program, 1);
}
