/* Bytes to read: a regular file, or a block of memory (embedded data, tests), read at any offset. */
#ifndef DLC_RUNTIME_BYTE_FILE_H
#define DLC_RUNTIME_BYTE_FILE_H

#include "runtime/io.h"

#include <stddef.h>
#include <stdint.h>

typedef struct ByteFile {
    int handle;                  /* -1 for memory */
    const unsigned char *memory; /* borrowed */
    int64_t size;                /* when it was opened */
} ByteFile;

/* False where the path is no readable regular file. */
int byte_file_open(ByteFile *file, const char *path, IoError *error);
ByteFile byte_file_memory(const void *bytes, size_t size);
void byte_file_close(ByteFile *file);
/* Exactly `len` bytes from `offset`; a range beyond the end is IO_DAMAGED. */
int byte_file_read(const ByteFile *file, int64_t offset, void *to, int64_t len, IoError *error);

#endif
