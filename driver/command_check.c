/* dlc check: the mistakes of a program, or what it consists of and what its steps cost. */
#include "driver/cli_internal.h"
#include "driver/fix.h"
#include "driver/summary.h"
#include "driver/watch.h"

#include <stdio.h>
#include <unistd.h>

enum { PLAIN_COLUMNS = 80 };

static void show_summary(Cli *cli, const Summary *summary) {
    Text out = text_new(&cli->session.arena);
    if (cli->is_json) summary_json(&out, summary);
    else summary_text(&out, summary, cli_columns(PLAIN_COLUMNS), cli->has_colour && isatty(STDOUT_FILENO));
    fwrite(text_str(&out), 1, out.len, stdout);
}

static int check_once(Cli *cli) {
    int code = cli->is_fix ? fix_file(cli) : 0;
    if (code) return code;
    TProgram *program = cli_program(cli, &code);
    if (!program) return code;
    Text report = text_new(&cli->session.arena);
    Executor *executor = cli_executor(cli, &report, &code);
    if (!executor) return code;
    const Summary *summary = summary_of(&cli->session, executor, program);
    executor_free(executor);
    code = cli_show_diagnostics(cli);
    if (!code) show_summary(cli, summary);
    return code;
}

int command_check(Cli *cli) { return cli->is_watching ? watch(cli, check_once) : check_once(cli); }
