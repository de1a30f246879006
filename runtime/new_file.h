/* A file that appears whole or not at all: written under another name beside it, brought to the disk, then renamed.
 * Missing folders of its path are made. */
#ifndef DLC_RUNTIME_NEW_FILE_H
#define DLC_RUNTIME_NEW_FILE_H

#include "runtime/io.h"

#include <stdio.h>

typedef struct NewFile {
    FILE *stream; /* write here; errors are found by new_file_finish */
    char *path, *temporary;
} NewFile;

int new_file_open(NewFile *file, const char *path, IoError *error);
/* Puts the file in its place; after an error, or with `is_good` false, nothing is left behind.  False unless the
 * file is there. */
int new_file_finish(NewFile *file, int is_good, IoError *error);

#endif
