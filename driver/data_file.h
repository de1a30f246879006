/* Where data files are looked for. */
#ifndef DLC_DRIVER_DATA_FILE_H
#define DLC_DRIVER_DATA_FILE_H

#include "base/session.h"
#include "runtime/byte_file.h"

typedef struct DataPlaces {
    const char *list[2]; /* next to the program's file, in $DLC_DATA; NULL behind the last */
} DataPlaces;

/* Opens a file: a relative path next to the program's file, then in $DLC_DATA.  The path that was opened; NULL with
 * the error (IO_MISSING: it is in none of the places). */
const char *data_file_open(Arena *arena, const char *program, const char *name, ByteFile *file, DataPlaces *places,
                           IoError *error);
/* Says where a missing file was looked for. */
void data_file_notes(Diags *diags, Diag *diag, const char *name, const DataPlaces *places);

#endif
