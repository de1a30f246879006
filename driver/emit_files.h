/* Files that appear together or not at all: each is written beside its place, and when all are whole they are renamed. */
#ifndef DLC_DRIVER_EMIT_FILES_H
#define DLC_DRIVER_EMIT_FILES_H

#include "base/arena.h"
#include "base/vec.h"

#include <stddef.h>

typedef struct EmittedFile {
    const char *path;
    const char *bytes;
    size_t len;
} EmittedFile;

typedef struct EmittedFiles {
    Vec(EmittedFile) list;
} EmittedFiles;

/* NULL, or the path of the file that could not be written; errno says why, and no file has been left half-written. */
const char *emitted_files_write(const EmittedFiles *files, Arena *arena);

#endif
