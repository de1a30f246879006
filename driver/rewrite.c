#include "driver/rewrite.h"

#include "driver/cli_internal.h"

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

int rewrite_file(Arena *arena, const char *path, const char *text) {
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
