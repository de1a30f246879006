/* What the commands of dlc share: the parsed command line, messages about wrong use, showing diagnostics. */
#ifndef DLC_DRIVER_CLI_INTERNAL_H
#define DLC_DRIVER_CLI_INTERNAL_H

#include "base/session.h"
#include "driver/alphabets.h"
#include "driver/cli.h"
#include "driver/emit.h"
#include "driver/executor.h"

enum { EXIT_DONE = 0, EXIT_ERRORS = 1, EXIT_USE = 2, EXIT_FILES = 3, EXIT_INTERRUPTED = 130 };

typedef struct Cli Cli;

typedef struct Command {
    const char *name;
    const char *arguments; /* "FILE [--OPTION VALUE ...]" */
    const char *summary;   /* one line */
    const char *details;   /* further lines of its help; "" */
    int takes_settings;    /* options of the program stand behind its file */
    int (*run)(Cli *cli);
} Command;

struct Cli {
    Session session; /* diagnostics are kept even before a file is open */
    unsigned char explained[DIAG_CODE_COUNT]; /* codes whose page a message has named */
    const Command *command;
    Vec(const char *) files;
    Vec(OptionSetting) settings; /* of the program's own options */
    const CliSignals *signals;
    /* options */
    int threads; /* 0: all */
    uint64_t seed;
    int is_quiet, is_json, is_check, is_fix, is_strict, is_watching, is_without_cache, shows_timings, shows_kernels, shows_digest, shows_help,
        shows_version;
    int has_colour;
    Timings timings;
    ExecutorMode mode;
    const char *dump_after, *schedule;
    Vec(const char *) disabled;
    EmitForm form;
    int has_form;
    CheckInput input;    /* of the last check */
    Alphabets alphabets; /* of the program that runs */
    const char *output, *target, *cpu, *svg; /* NULL where not given */
    int64_t steps;       /* to profile; 0: not given */
    Profile *profile;    /* where the executor records; NULL */
};

/* Prints `dlc: ...` and where help is; gives EXIT_USE. */
int cli_misuse(const Cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The name among `names` that is nearest to `name`, or NULL when none is near. */
const char *cli_nearest(const char *name, const char *const *names, int count);
/* Shows what the session has collected, on stderr (with --json on stdout), and forgets it.  Gives the exit
 * code that its errors ask for: 0 without errors. */
int cli_show_diagnostics(Cli *cli);
/* The command's only file; NULL after a message: `*code` is then the exit code. */
const char *cli_only_file(Cli *cli, int *code);

/* Of the terminal; COLUMNS overrides it.  In files and pipes COLUMNS, else `otherwise`. */
int cli_columns(int otherwise);

/* Loads and checks the command's file and reads its options; with --help it lists them.  NULL where the command
 * is at its end with `*code`. */
TProgram *cli_program(Cli *cli, int *code);
/* The same for a command that makes code: the alphabets of its texts are read, their sizes are constants. */
TProgram *cli_bound_program(Cli *cli, int *code);
/* The executor that the options ask for; NULL after a message. */
Executor *cli_executor(Cli *cli, Text *report, int *code);
/* What dumps and --kernels have written. */
void cli_show_report(const Cli *cli, const Text *report);

int command_run(Cli *cli);
int command_check(Cli *cli);
int command_test(Cli *cli);
int command_profile(Cli *cli);
int command_emit(Cli *cli);
int command_fmt(Cli *cli);
int command_explain(Cli *cli);

#endif
