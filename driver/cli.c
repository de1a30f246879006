#include "driver/cli.h"

#include "driver/cli_options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const Command commands[] = {
    {"run", "FILE [--OPTION VALUE ...]", "run a program: train, print, save",
     "Options of the program (`option lr: f32 = 3e-3` in FILE) stand behind it: dlc run FILE --lr 1e-4.\n"
     "`dlc run FILE --help` lists them. FILE may be `-`, the standard input.\n"
     "Compiled kernels are kept in $DLC_CACHE_DIR, else in $XDG_CACHE_HOME/dlc, else in ~/.cache/dlc: at most\n"
     "$DLC_CACHE_MIB MiB (256; 0 keeps nothing).\n",
     1, command_run},
    {"check", "FILE [--OPTION VALUE ...]", "check a program and its shapes without running it", "", 1, command_check},
    {"test", "FILE [--OPTION VALUE ...]", "run a program, then its `test` blocks", "", 1, command_test},
    {"profile", "FILE [--OPTION VALUE ...]", "run some steps of a program and show where their time goes",
     "The program runs as with `dlc run` until a step of it has run 3 times, to warm up; its runs behind them are\n"
     "measured, then it ends. It writes no files, and what it prints goes to the standard error.\n",
     1, command_profile},
    {"emit", "FILE --c|--obj|--asm|--llvm-ir [--output PREFIX]", "models and steps as C or object files that need nothing of dlc",
     "", 1, command_emit},
    {"fmt", "[--check] FILE...", "bring files into the canonical form",
     "Files are rewritten in place; `-` formats the standard input to the standard output.\n", 0, command_fmt},
    {"explain", "CODE", "explain an error or warning, such as E0302", "Without a code: all of them.\n", 0,
     command_explain},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

/* ---- messages ------------------------------------------------------------------------------------------ */

int cli_misuse(const Cli *cli, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fflush(stdout);
    fprintf(stderr, "dlc: ");
    vfprintf(stderr, format, args);
    va_end(args);
    if (cli->command) fprintf(stderr, "\n`dlc %s --help` shows how it is used.\n", cli->command->name);
    else fprintf(stderr, "\n`dlc --help` lists the commands.\n");
    return EXIT_USE;
}

const char *cli_nearest(const char *name, const char *const *names, int count) {
    int limit = strlen(name) < 4 ? 1 : 2, best = limit + 1;
    const char *nearest = NULL;
    for (int i = 0; i < count; i++) {
        int distance = edit_distance(name, names[i], limit);
        if (distance >= best) continue;
        best = distance;
        nearest = names[i];
    }
    return nearest;
}

/* Data and files, then the command line, count less than a mistake in the program. */
static int exit_code_of(DiagCode code) {
    if (diag_is_outside(code)) return EXIT_FILES;
    if (code == E_OPTION_VALUE) return EXIT_USE; /* a value on the command line */
    return EXIT_ERRORS;
}

static int worst_code(const Diags *diags) {
    int found[4] = {0};
    for (int i = 0; i < diags->list.len; i++)
        if (diags->list.data[i]->severity == SEVERITY_ERROR) found[exit_code_of(diags->list.data[i]->code)] = 1;
    return found[EXIT_ERRORS] ? EXIT_ERRORS : found[EXIT_FILES] ? EXIT_FILES : found[EXIT_USE] ? EXIT_USE : 0;
}

int cli_show_diagnostics(Cli *cli) {
    Diags *diags = &cli->session.diags;
    if (!diags->list.len) return 0;
    if (cli->is_strict) diags_make_strict(diags);
    Arena arena = {0};
    Text text = text_new(&arena);
    if (cli->is_json) diags_render_json(diags, &cli->session.sources, &text);
    else diags_render(diags, &cli->session.sources, (DiagStyle){cli->has_colour, 20, cli->explained}, &text);
    FILE *to = cli->is_json ? stdout : stderr;
    fflush(stdout);
    fwrite(text_str(&text), 1, text.len, to);
    fflush(to);
    arena_release(&arena);
    int code = worst_code(diags);
    *diags = (Diags){.arena = diags->arena};
    return code;
}

const char *cli_only_file(Cli *cli, int *code) {
    if (cli->files.len == 1) return cli->files.data[0];
    if (!cli->files.len) *code = cli_misuse(cli, "`dlc %s` needs a file", cli->command->name);
    else
        *code = cli_misuse(cli, "`dlc %s` takes one file, but `%s` follows `%s`", cli->command->name,
                           cli->files.data[1], cli->files.data[0]);
    return NULL;
}

/* ---- help ---------------------------------------------------------------------------------------------- */

static void print_help(const Command *command) {
    Arena arena = {0};
    Text out = text_new(&arena);
    if (command) {
        text_printf(&out, "dlc %s: %s\n\nusage: dlc %s %s\n\n%s%s", command->name, command->summary, command->name,
                    command->arguments, command->details, command->details[0] ? "\n" : "");
    } else {
        text_add(&out, "dlc: the deep-learning compiler\n\nusage: dlc COMMAND [options] FILE\n\n");
        for (int i = 0; i < COMMAND_COUNT; i++)
            text_printf(&out, "  %-8s %s\n", commands[i].name, commands[i].summary);
        text_add(&out, "\n`dlc COMMAND --help` shows the options of a command.\n\n");
    }
    options_help(&out, command);
    if (!command)
        text_add(&out, "\nExit codes: 0 done, 1 errors in the program, 2 wrong use, 3 data or file errors, 4 a mistake in "
                       "dlc.\n");
    fputs(text_str(&out), stdout);
    arena_release(&arena);
}

static int wants_colour(void) {
    const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
    if (no_colour && no_colour[0]) return 0;
    return isatty(STDERR_FILENO) && !(terminal && strcmp(terminal, "dumb") == 0);
}

enum { LEAST_COLUMNS = 40 };

int cli_columns(int otherwise) {
    const char *given = getenv("COLUMNS");
    struct winsize size;
    int columns = given ? atoi(given) : 0;
    if (columns <= 0 && isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) columns = size.ws_col;
    if (columns <= 0) columns = otherwise;
    return columns < LEAST_COLUMNS ? LEAST_COLUMNS : columns;
}

/* ---- dispatch ------------------------------------------------------------------------------------------ */

static const Command *find_command(const char *name) {
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

static int unknown_command(const Cli *cli, const char *name) {
    const char *names[COMMAND_COUNT];
    for (int i = 0; i < COMMAND_COUNT; i++) names[i] = commands[i].name;
    const char *near = cli_nearest(name, names, COMMAND_COUNT), *ending = strrchr(name, '.');
    if (near) return cli_misuse(cli, "there is no command `%s`; did you mean `%s`?", name, near);
    if (ending && strcmp(ending, ".dlm") == 0)
        return cli_misuse(cli, "there is no command `%s`; did you mean `dlc run %s`?", name, name);
    return cli_misuse(cli, name[0] == '-' ? "there is no option %s before a command" : "there is no command `%s`", name);
}

static int run_command(Cli *cli, int argc, char **argv) {
    if (argc < 2) {
        print_help(NULL);
        return EXIT_USE;
    }
    const char *name = argv[1];
    if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
        const Command *command = argc > 2 ? find_command(argv[2]) : NULL;
        if (argc > 2 && !command) return unknown_command(cli, argv[2]);
        print_help(command);
        return EXIT_DONE;
    }
    cli->shows_version = !strcmp(name, "--version");
    if (!cli->shows_version) {
        const Command *command = find_command(name);
        if (!command) return unknown_command(cli, name);
        cli->command = command;
        int code = options_parse(cli, argc - 2, argv + 2);
        if (code) return code;
    }
    if (cli->shows_version) {
        printf("dlc %s\n", DLC_VERSION);
        return EXIT_DONE;
    }
    if (cli->shows_help && !(cli->command->takes_settings && cli->files.len)) {
        print_help(cli->command);
        return EXIT_DONE;
    }
    return cli->command->run(cli);
}

int cli_main(int argc, char **argv, const CliSignals *signals) {
    Cli cli = {.signals = signals, .has_colour = wants_colour()};
    timings_begin(&cli.timings);
    timings_enter(&cli.timings, TIMED_CHECK);
    session_init(&cli.session);
    int code = run_command(&cli, argc, argv);
    session_release(&cli.session);
    if ((fflush(stdout) || ferror(stdout)) && !code) {
        perror("dlc: cannot write to the standard output");
        code = EXIT_FILES;
    }
    return code;
}
