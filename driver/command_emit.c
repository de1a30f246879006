/* dlc emit: models and steps as files. */
#include "compiler/lower.h"
#include "driver/cli_internal.h"

#include <stdio.h>
#include <string.h>

/* Tile shapes for the machine that is emitted for; any would give the same bits. */
static const char *schedule_for(const Cli *cli) {
    if (cli->schedule || (!cli->target && !cli->cpu)) return cli->schedule;
    if (cli->cpu && schedule_from_name(cli->cpu) >= 0) return cli->cpu;
    if (cli->target && strncmp(cli->target, "aarch64", 7) == 0) return schedule_name(SCHEDULE_NEON);
    if (cli->target && strncmp(cli->target, "x86_64", 6) != 0) return schedule_name(SCHEDULE_SCALAR);
    return schedule_name(cli->cpu ? SCHEDULE_X86_64_V3 : SCHEDULE_X86_64_V2);
}

int command_emit(Cli *cli) {
    if (!cli->has_form && cli->files.len && !cli->shows_help)
        return cli_misuse(cli, "say what to emit: --c, --obj, --asm or --llvm-ir");
    if (cli->has_form && cli->form == EMIT_C && (cli->target || cli->cpu))
        return cli_misuse(cli, "--%s is for machine code; C is compiled for any machine", cli->target ? "target" : "cpu");
    cli->schedule = schedule_for(cli);
    int code;
    TProgram *program = cli_bound_program(cli, &code);
    if (!program) return code;
    Arena arena = {0};
    Text dumps = text_new(&arena), written = text_new(&arena);
    Executor *executor = cli_executor(cli, &dumps, &code);
    if (executor) {
        EmitOptions options = {.form = cli->form, .prefix = cli->output, .triple = cli->target, .cpu = cli->cpu};
        code = emit_program(program, executor, &options, &written);
        int shown = cli_show_diagnostics(cli);
        if (!code) code = shown;
        cli_show_report(cli, &dumps);
        if (written.len) fwrite(written.data, 1, written.len, stdout);
        executor_free(executor);
    }
    alphabets_release(&cli->alphabets);
    arena_release(&arena);
    return code;
}
