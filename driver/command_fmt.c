/* dlc fmt: files in the canonical form, rewritten in place through a new file, so that nothing is lost when the
 * disk is full. */
#include "driver/cli_internal.h"
#include "driver/load.h"
#include "lang/format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_error(const char *path) {
    fprintf(stderr, "dlc: cannot write %s: %s\n", path, strerror(errno));
    return EXIT_FILES;
}

static int replace_file(Arena *arena, const char *path, const char *text) {
    char *real = realpath(path, NULL); /* a link stays a link */
    if (!real) return write_error(path);
    char *temporary = arena_printf(arena, "%s.XXXXXX", real);
    int file = mkstemp(temporary);
    if (file < 0) {
        free(real);
        return write_error(path);
    }
    FILE *out = fdopen(file, "w");
    struct stat info;
    int has_failed = !out || stat(real, &info) || fchmod(file, info.st_mode & 07777) || fputs(text, out) < 0;
    if (out) has_failed |= fclose(out) != 0;
    else close(file);
    has_failed = has_failed || rename(temporary, real);
    int code = has_failed ? write_error(path) : 0;
    if (has_failed) unlink(temporary);
    free(real);
    return code;
}

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
    return is_formatted ? 0 : replace_file(&cli->session.arena, path, text);
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
