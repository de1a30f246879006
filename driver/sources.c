#include "driver/sources.h"

#include "driver/embedded.h"
#include "runtime/packed.h"

#include <string.h>

/* ---- embedded("digits/train-image"): a field of a data file that travels inside the program --------- */

static const EmbeddedFile *embedded_data(const char *name, size_t len) {
    for (int i = 0; i < embedded_file_count; i++) {
        const char *path = embedded_files[i].path;
        static const char folder[] = "stdlib/data/";
        if (strncmp(path, folder, sizeof folder - 1) != 0) continue;
        path += sizeof folder - 1;
        if (strncmp(path, name, len) == 0 && strcmp(path + len, ".bin") == 0) return &embedded_files[i];
    }
    return NULL;
}

static Array *data_error(Program *p, const TDataField *field, DiagCode code, const char *message, const char *what) {
    program_fail(p, field->span, code, message, what);
    p->exit_code = 3;
    return NULL;
}

static Array *read_embedded(Program *p, const TDataField *field) {
    const Tx *argument = field->arguments.len == 1 ? field->arguments.data[0] : NULL;
    if (!argument || argument->kind != T_STRING)
        return data_error(p, field, E_DATA_SOURCE, "`embedded` takes one string%s", "");
    const char *name = argument->text->text, *slash = strchr(name, '/');
    const EmbeddedFile *file = slash ? embedded_data(name, (size_t)(slash - name)) : NULL;
    if (!file) return data_error(p, field, E_DATA_SOURCE, "there is no embedded data set \"%s\"", name);
    Array *array = NULL;
    PackedResult result = packed_read(file->bytes, (size_t)file->size, slash + 1, &array);
    if (result == PACKED_DAMAGED) ICE("the embedded file %s is damaged", file->path);
    if (result == PACKED_NO_FIELD)
        return data_error(p, field, E_DATA_SOURCE, "the embedded data set has no field \"%s\"", name);
    return array;
}

/* ---- the table ---------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    Array *(*read)(Program *p, const TDataField *field);
} sources[] = {
    {"embedded", read_embedded},
};

Array *source_read(Program *p, const TDataField *field) {
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (strcmp(sources[i].name, field->source->text) == 0) return sources[i].read(p, field);
    program_fail(p, field->span, E_NOT_COMPILED, "the source `%s` cannot be read yet", field->source->text);
    return NULL;
}
