#include "driver/data_file.h"

#include <stdlib.h>
#include <string.h>

const char *data_file_open(Arena *arena, const char *program, const char *name, ByteFile *file,
                           DataPlaces *places, IoError *error) {
    const char *folder = getenv("DLC_DATA"), *slash = strrchr(program, '/');
    *places = (DataPlaces){{name, NULL}};
    if (name[0] != '/') {
        if (slash) places->list[0] = arena_printf(arena, "%.*s/%s", (int)(slash - program), program, name);
        if (folder && folder[0]) places->list[1] = arena_printf(arena, "%s/%s", folder, name);
    }
    for (int i = 0; i < 2 && places->list[i]; i++) {
        *error = (IoError){0};
        if (byte_file_open(file, places->list[i], error)) return places->list[i];
        if (error->code != IO_MISSING) return NULL;
    }
    return NULL;
}

void data_file_notes(Diags *diags, Diag *diag, const char *name, const DataPlaces *places) {
    for (int i = 0; i < 2 && places->list[i]; i++)
        diag_note(diags, diag, "looked for %s%s", places->list[i], i ? " (of $DLC_DATA)" : "");
    if (name[0] != '/' && !places->list[1])
        diag_fix(diags, diag, "set DLC_DATA to the folder that holds the data sets");
}
