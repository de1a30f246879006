/* dlc fmt: files in the canonical form, rewritten in place. */
#include "driver/cli_internal.h"
#include "driver/load.h"
#include "driver/rewrite.h"
#include "lang/format.h"

#include <stdio.h>
#include <string.h>

static int format_file(Cli *cli, const char *path) {
    const Source *source = load_source(&cli->session, path);
    const char *text = source ? lang_format(&cli->session, source) : NULL;
    int code = cli_show_diagnostics(cli);
    if (!text) return code;
    int is_input = strcmp(path, "-") == 0;
    int is_formatted = strlen(text) == source->len && memcmp(text, source->text, source->len) == 0;
    if (cli->is_check) {
        if (!is_formatted) printf("%s\n", source->name);
        return is_formatted ? 0 : EXIT_ERRORS;
    }
    if (is_input) {
        fputs(text, stdout);
        return 0;
    }
    return is_formatted ? 0 : rewrite_file(&cli->session.arena, path, text);
}

int command_fmt(Cli *cli) {
    if (!cli->files.len) return cli_misuse(cli, "`dlc fmt` needs a file, or `-` for the standard input");
    int worst = 0;
    for (int i = 0; i < cli->files.len; i++) {
        int code = format_file(cli, cli->files.data[i]);
        if (code > worst) worst = code;
    }
    return worst;
}
