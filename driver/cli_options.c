/* How a command line is read.
 *
 *     dlc COMMAND [options] FILE [options and options of the program] [-- options of the program]
 *
 * An option of dlc may stand anywhere; what dlc does not know and stands behind the file of a command that runs
 * programs is an option of the program: `--lr 1e-4`, `--lr=1e-4`, `--flag`.  Behind `--` everything is. */
#include "driver/cli_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct Option Option;
struct Option {
    const char *name;     /* without the dashes */
    const char *argument; /* placeholder; NULL: takes none; "[=X]": may have one */
    const char *commands; /* names with blanks around; NULL: all */
    const char *help;
    int (*set)(Cli *cli, const Option *option, const char *value); /* 0, or the exit code */
};

static int bad_value(const Cli *cli, const Option *option, const char *value, const char *wanted) {
    return cli_misuse(cli, "--%s takes %s, not `%s`", option->name, wanted, value);
}

static int set_interp(Cli *cli, const Option *option, const char *value) {
    cli->mode = EXECUTE_INTERPRETER;
    if (!value) return 0;
    if (strcmp(value, "races") != 0) return bad_value(cli, option, value, "nothing or `races`");
    cli->mode = EXECUTE_RACES;
    return 0;
}

/* 0 when `text` is a decimal number from low to high and nothing else. */
static int read_count(const char *text, uint64_t low, uint64_t high, uint64_t *number) {
    if (text[0] < '0' || text[0] > '9') return -1;
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno || *end || *number < low || *number > high ? -1 : 0;
}

static int set_threads(Cli *cli, const Option *option, const char *value) {
    uint64_t number;
    if (read_count(value, 1, 1024, &number)) return bad_value(cli, option, value, "a number from 1 to 1024");
    cli->threads = (int)number;
    return 0;
}

static int set_seed(Cli *cli, const Option *option, const char *value) {
    if (read_count(value, 0, UINT64_MAX, &cli->seed))
        return bad_value(cli, option, value, "a whole number that is not negative");
    return 0;
}

static int set_steps(Cli *cli, const Option *option, const char *value) {
    uint64_t number;
    if (read_count(value, 1, 1000000000, &number)) return bad_value(cli, option, value, "a number from 1 on");
    cli->steps = (int64_t)number;
    return 0;
}

static int set_disable_pass(Cli *cli, const Option *option, const char *value) {
    (void)option;
    vec_push(&cli->session.arena, &cli->disabled, value);
    return 0;
}

#define TEXT(name, field)                                                                          \
    static int set_##name(Cli *cli, const Option *option, const char *value) {                     \
        (void)option;                                                                              \
        cli->field = value;                                                                        \
        return 0;                                                                                  \
    }
TEXT(dump_after, dump_after)
TEXT(schedule, schedule)
TEXT(output, output)
TEXT(target, target)
TEXT(cpu, cpu)
TEXT(svg, svg)
#undef TEXT

#define FORM(name, value)                                                                          \
    static int set_##name(Cli *cli, const Option *option, const char *argument) {                  \
        (void)option, (void)argument;                                                              \
        if (cli->has_form && cli->form != (value)) return cli_misuse(cli, "one form can be emitted at a time");      \
        cli->form = value;                                                                         \
        cli->has_form = 1;                                                                         \
        return 0;                                                                                  \
    }
FORM(c, EMIT_C)
FORM(object, EMIT_OBJECT)
FORM(assembly, EMIT_ASSEMBLY)
FORM(llvm_ir, EMIT_LLVM_IR)
#undef FORM

#define FLAG(name, field, value)                                                                   \
    static int set_##name(Cli *cli, const Option *option, const char *argument) {                  \
        (void)option, (void)argument;                                                              \
        cli->field = value;                                                                        \
        return 0;                                                                                  \
    }
FLAG(no_cache, is_without_cache, 1)
FLAG(quiet, is_quiet, 1)
FLAG(json, is_json, 1)
FLAG(kernels, shows_kernels, 1)
FLAG(timings, shows_timings, 1)
FLAG(digest, shows_digest, 1)
FLAG(check, is_check, 1)
FLAG(fix, is_fix, 1)
FLAG(strict, is_strict, 1)
FLAG(watch, is_watching, 1)
FLAG(no_color, has_colour, 0)
FLAG(help, shows_help, 1)
FLAG(version, shows_version, 1)
#undef FLAG

#define RUNS " run test "
#define MEASURES " run test profile "
#define COMPILES " run test emit profile "

static const Option options[] = {
    {"threads", "N", MEASURES, "use N threads (all processors); results do not depend on it", set_threads},
    {"seed", "N", MEASURES, "seed of everything that is drawn (0)", set_seed},
    {"interp", "[=races]", RUNS, "interpret, with the same bits; `races` also checks that no kernel writes what another uses",
     set_interp},
    {"quiet", NULL, RUNS, "show only what the program prints", set_quiet},
    {"json", NULL, MEASURES " check ", "one JSON object per line instead of text", set_json},
    {"steps", "N", " profile ", "measure N steps (those of two seconds)", set_steps},
    {"svg", "FILE", " profile ", "draw the lines' time and one step of all workers into FILE", set_svg},
    {"kernels", NULL, COMPILES, "list the kernels that were made, with their source lines", set_kernels},
    {"timings", NULL, RUNS, "show where the time until the end of the first step went", set_timings},
    {"dump-after", "PASS", COMPILES, "print what PASS made of every step", set_dump_after},
    {"disable-pass", "PASS", COMPILES, "leave PASS out; may be given several times", set_disable_pass},
    {"schedule", "ROW", COMPILES, "use the tile shapes of another family of machines", set_schedule},
    {"no-cache", NULL, MEASURES, "compile everything anew and keep nothing", set_no_cache},
    {"digest", NULL, RUNS, "print a digest of all weights at the end: equal exactly when every bit is", set_digest},
    {"c", NULL, " emit ", "C99 that needs no libc: PREFIX_NAME.h and PREFIX_NAME.c", set_c},
    {"obj", NULL, " emit ", "object files: PREFIX_NAME.h and PREFIX_NAME.o", set_object},
    {"asm", NULL, " emit ", "assembly: PREFIX_NAME.s", set_assembly},
    {"llvm-ir", NULL, " emit ", "LLVM's language: PREFIX_NAME.ll", set_llvm_ir},
    {"output", "PREFIX", " emit ", "how the files begin (the name of FILE without .dlm); also -o PREFIX", set_output},
    {"target", "TRIPLE", " emit ", "the machine to emit for (this one)", set_target},
    {"cpu", "NAME", " emit ", "its processor", set_cpu},
    {"check", NULL, " fmt ", "write nothing; exit code 1 if a file is not formatted", set_check},
    {"fix", NULL, " check ", "apply the fixes that need no thought, then check again", set_fix},
    {"strict", NULL, " check run test emit profile ", "warnings are errors", set_strict},
    {"watch", NULL, " check ", "check again whenever the file or one that it imports changes; Ctrl-C ends it", set_watch},
    {"no-color", NULL, NULL, "no colours (also: NO_COLOR in the environment)", set_no_color},
    {"help", NULL, NULL, "this text", set_help},
    {"version", NULL, NULL, "the version of dlc", set_version},
};
enum { OPTION_COUNT = sizeof options / sizeof *options };

static int belongs(const Option *option, const Command *command) {
    if (!option->commands) return 1;
    if (!command) return 0;
    for (const char *at = option->commands; (at = strstr(at, command->name)); at++)
        if (at[-1] == ' ' && at[strlen(command->name)] == ' ') return 1;
    return 0;
}

void options_help(Text *out, const Command *command) {
    for (int i = 0; i < OPTION_COUNT; i++) {
        const Option *option = &options[i];
        if (!belongs(option, command)) continue;
        const char *argument = option->argument ? option->argument : "";
        const char *gap = option->argument && argument[0] != '[' ? " " : "";
        text_printf(out, "  --%s%s%s%*s  %s\n", option->name, gap, argument,
                    (int)(17 - strlen(option->name) - strlen(gap) - strlen(argument)), "", option->help);
    }
}

static const Option *find(const Command *command, const char *name, size_t len) {
    for (int i = 0; i < OPTION_COUNT; i++)
        if (strlen(options[i].name) == len && memcmp(options[i].name, name, len) == 0 && belongs(&options[i], command))
            return &options[i];
    return NULL;
}

static int unknown(const Cli *cli, const char *name) {
    const char *names[OPTION_COUNT];
    int count = 0;
    for (int i = 0; i < OPTION_COUNT; i++)
        if (belongs(&options[i], cli->command)) names[count++] = options[i].name;
    const char *near = cli_nearest(name, names, count);
    if (near) return cli_misuse(cli, "there is no option --%s; did you mean --%s?", name, near);
    if (cli->command->takes_settings && !cli->files.len)
        return cli_misuse(cli, "there is no option --%s; options of the program stand behind its file", name);
    return cli_misuse(cli, "`dlc %s` has no option --%s", cli->command->name, name);
}

typedef struct Reader {
    Cli *cli;
    char **argv;
    int argc, at;
} Reader;

static void read_setting(Reader *r, const char *name, const char *value) {
    Cli *cli = r->cli;
    if (!value) { /* the next word, unless it is an option too: then this is a flag */
        int has_next = r->at < r->argc && strncmp(r->argv[r->at], "--", 2) != 0;
        value = has_next ? r->argv[r->at++] : "true";
    }
    vec_push(&cli->session.arena, &cli->settings, ((OptionSetting){name, value}));
}

static int read_option(Reader *r, const char *word, int is_programs) {
    Cli *cli = r->cli;
    const char *equals = strchr(word, '='), *value = equals ? equals + 1 : NULL;
    size_t len = equals ? (size_t)(equals - word) : strlen(word);
    const char *name = arena_text(&cli->session.arena, word, len);
    const Option *option = is_programs ? NULL : find(cli->command, name, len);
    if (!option) {
        if (!cli->command->takes_settings || !cli->files.len || !len) return unknown(cli, name);
        read_setting(r, name, value);
        return 0;
    }
    if (!option->argument && value) return cli_misuse(cli, "--%s takes no value", name);
    if (option->argument && option->argument[0] != '[' && !value) {
        if (r->at == r->argc) return cli_misuse(cli, "--%s needs a value: --%s %s", name, name, option->argument);
        value = r->argv[r->at++];
    }
    return option->set(cli, option, value);
}

int options_parse(Cli *cli, int argc, char **argv) {
    Reader r = {cli, argv, argc, 0};
    int is_programs = 0, code = 0;
    while (r.at < argc && !code) {
        const char *word = argv[r.at++];
        int takes_files = !is_programs || !cli->command->takes_settings;
        if (!is_programs && strcmp(word, "--") == 0) is_programs = 1;
        else if (!is_programs && strcmp(word, "-h") == 0) cli->shows_help = 1;
        else if (!is_programs && strcmp(word, "-o") == 0) code = read_option(&r, "output", 0);
        else if (strncmp(word, "--", 2) == 0 && !(is_programs && takes_files))
            code = read_option(&r, word + 2, is_programs);
        else if (takes_files && (is_programs || word[0] != '-' || !word[1]))
            vec_push(&cli->session.arena, &cli->files, word);
        else code = cli_misuse(cli, "`%s` is not an option; options begin with two dashes", word);
    }
    return code;
}
