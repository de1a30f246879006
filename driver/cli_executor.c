/* The executor as the command line asks for it: names of passes and schedules are checked here. */
#include "compiler/lower.h"
#include "compiler/pipeline.h"
#include "driver/cli_internal.h"
#include "driver/code_cache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAMES = PASS_COUNT + SCHEDULE_COUNT + 4, DEFAULT_CACHE_MIB = 256, LARGEST_CACHE_MIB = 1 << 20 };

static int check_name(const Cli *cli, const char *option, const char *name, const char *const *names, int count) {
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return 0;
    Arena arena = {0};
    Text list = text_new(&arena);
    for (int i = 0; i < count; i++) text_printf(&list, "%s%s", i ? ", " : "", names[i]);
    const char *near = cli_nearest(name, names, count);
    if (near) cli_misuse(cli, "--%s does not know `%s`; did you mean `%s`?", option, name, near);
    else cli_misuse(cli, "--%s does not know `%s`; it knows %s", option, name, text_str(&list));
    arena_release(&arena);
    return EXIT_USE;
}

static int check_names(const Cli *cli) {
    const char *names[MAX_NAMES];
    int count = 0, code = 0;
    for (int i = 0; i < PASS_COUNT; i++) names[count++] = pass_name((PassKind)i);
    names[count++] = "fuse";
    for (int i = 0; i < cli->disabled.len && !code; i++)
        code = check_name(cli, "disable-pass", cli->disabled.data[i], names, count);
    names[count++] = "check"; /* stages that cannot be left out, but looked at */
    names[count++] = "build";
    names[count++] = "lower";
    if (cli->dump_after && !code) code = check_name(cli, "dump-after", cli->dump_after, names, count);
    for (count = 0; count < SCHEDULE_COUNT; count++) names[count] = schedule_name((ScheduleKind)count);
    if (cli->schedule && !code) code = check_name(cli, "schedule", cli->schedule, names, count);
    return code;
}

/* Where compiled kernels are kept, and how much of them. */
static int check_cache(Cli *cli, ExecutorOptions *options) {
    const char *text = getenv("DLC_CACHE_MIB");
    options->cache_bytes = (int64_t)DEFAULT_CACHE_MIB << 20;
    if (text && text[0]) {
        char *end;
        errno = 0;
        unsigned long long number = strtoull(text, &end, 10);
        if (text[0] < '0' || text[0] > '9' || *end || errno || number > LARGEST_CACHE_MIB)
            return cli_misuse(cli, "DLC_CACHE_MIB in the environment is a number from 0 to %d, not `%s`",
                              LARGEST_CACHE_MIB, text);
        options->cache_bytes = (int64_t)(number << 20);
    }
    if (!cli->is_without_cache && options->cache_bytes) options->cache_folder = code_cache_folder(&cli->session.arena);
    return 0;
}

Executor *cli_executor(Cli *cli, Text *report, int *code) {
    *code = check_names(cli);
    if (*code) return NULL;
    ExecutorOptions options = {.mode = cli->mode, .threads = cli->threads, .dump_after = cli->dump_after,
                               .disabled = cli->disabled.data, .disabled_count = cli->disabled.len,
                               .shows_kernels = cli->shows_kernels, .schedule = cli->schedule, .report = report,
                               .profile = cli->profile};
    if (cli->shows_timings) options.timings = &cli->timings;
    *code = check_cache(cli, &options);
    if (*code) return NULL;
    Executor *executor = executor_new(&cli->session, &options);
    if (!executor) *code = cli_show_diagnostics(cli);
    return executor;
}

void cli_show_report(const Cli *cli, const Text *report) {
    fflush(stdout);
    if (report->len) fwrite(report->data, 1, report->len, cli->is_json ? stderr : stdout);
}
