#include "driver/emit_files.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static const char *beside(Arena *arena, const EmittedFile *file) { return arena_printf(arena, "%s.part", file->path); }

static int write_whole(const char *path, const EmittedFile *file) {
    FILE *to = fopen(path, "wb");
    if (!to) return 0;
    int is_written = fwrite(file->bytes, 1, file->len, to) == file->len;
    int error = errno;
    if (fclose(to) != 0) return 0;
    errno = error;
    return is_written;
}

static void remove_parts(const EmittedFiles *files, Arena *arena, int from, int to) {
    int error = errno;
    for (int i = from; i < to; i++) remove(beside(arena, &files->list.data[i]));
    errno = error;
}

/* A folder that has the name of a file would only be noticed by the renaming, when others are in place already. */
static int is_free(const char *path) {
    struct stat found;
    if (stat(path, &found) != 0 || !S_ISDIR(found.st_mode)) return 1;
    errno = EISDIR;
    return 0;
}

const char *emitted_files_write(const EmittedFiles *files, Arena *arena) {
    int count = files->list.len;
    for (int i = 0; i < count; i++) {
        const EmittedFile *file = &files->list.data[i];
        if (is_free(file->path) && write_whole(beside(arena, file), file)) continue;
        remove_parts(files, arena, 0, i + 1);
        return file->path;
    }
    for (int i = 0; i < count; i++) {
        const EmittedFile *file = &files->list.data[i];
        if (rename(beside(arena, file), file->path) == 0) continue;
        remove_parts(files, arena, i, count);
        return file->path;
    }
    return NULL;
}
