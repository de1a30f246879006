/* dlc emit: models and steps as C. */
#include "driver/cli_internal.h"

#include <stdio.h>

int command_emit(Cli *cli) {
    if (!cli->emits_c && cli->files.len && !cli->shows_help)
        return cli_misuse(cli, "say what to emit: --c");
    int code;
    TProgram *program = cli_program(cli, &code);
    if (!program) return code;
    Arena arena = {0};
    Text dumps = text_new(&arena), written = text_new(&arena);
    Executor *executor = cli_executor(cli, &dumps, &code);
    if (executor) {
        EmitOptions options = {.form = EMIT_C, .prefix = cli->output};
        code = emit_program(program, executor, &options, &written);
        int shown = cli_show_diagnostics(cli);
        if (!code) code = shown;
        cli_show_report(cli, &dumps);
        if (written.len) fwrite(written.data, 1, written.len, stdout);
        executor_free(executor);
    }
    arena_release(&arena);
    return code;
}
