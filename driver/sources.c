#include "driver/sources.h"

#include "driver/data_file.h"
#include "driver/embedded.h"
#include "runtime/csv.h"
#include "runtime/idx.h"
#include "runtime/npy.h"
#include "runtime/packed.h"

#include <string.h>

static Array *data_error(Program *p, const TDataField *field, DiagCode code, const char *message, const char *what) {
    data_fail(p, field, code, message, what);
    return NULL;
}

/* Text of argument i; NULL where it is none. */
static const char *text_argument(const TDataField *field, int i) {
    const Tx *argument = i < field->arguments.len ? field->arguments.data[i] : NULL;
    return argument && argument->kind == T_STRING ? argument->text->text : NULL;
}

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

static Array *read_embedded(Program *p, const TDataField *field) {
    const char *name = text_argument(field, 0);
    if (!name || field->arguments.len != 1)
        return data_error(p, field, E_DATA_SOURCE, "`embedded` takes one string%s", "");
    const char *slash = strchr(name, '/');
    const EmbeddedFile *file = slash ? embedded_data(name, (size_t)(slash - name)) : NULL;
    if (!file) return data_error(p, field, E_DATA_SOURCE, "there is no embedded data set \"%s\"", name);
    Array *array = NULL;
    PackedResult result = packed_read(file->bytes, (size_t)file->size, slash + 1, &array);
    if (result == PACKED_DAMAGED) ICE("the embedded file %s is damaged", file->path);
    if (result == PACKED_NO_FIELD)
        return data_error(p, field, E_DATA_SOURCE, "the embedded data set has no field \"%s\"", name);
    return array;
}

/* ---- files -------------------------------------------------------------------------------------------- */

/* The path that was opened, or NULL after a diagnostic that says where was looked. */
static const char *open_file(Program *p, const TDataField *field, ByteFile *file) {
    const char *name = text_argument(field, 0);
    DataPlaces places;
    IoError error = {0};
    const char *path = data_file_open(&p->arena, p->typed->source->name, name, file, &places, &error);
    if (path) return path;
    if (error.code != IO_MISSING) {
        data_fail(p, field, E_DATA_FILE, "%s cannot be read: %s", name, error.text);
        return NULL;
    }
    Diag *diag = data_fail(p, field, E_DATA_FILE, "there is no data file %s", name);
    data_file_notes(&p->session->diags, diag, name, &places);
    return NULL;
}

/* Reads argument 0 as a file; the reader gets the other arguments through `field`. */
static Array *read_file(Program *p, const TDataField *field,
                        Array *(*read)(Program *p, const ByteFile *file, const TDataField *field, IoError *error)) {
    if (!text_argument(field, 0))
        return data_error(p, field, E_DATA_SOURCE, "`%s` takes the path of a file, a string", field->source->text);
    ByteFile file;
    const char *path = open_file(p, field, &file);
    if (!path) return NULL;
    IoError error = {0};
    Array *array = read(p, &file, field, &error);
    byte_file_close(&file);
    if (array || p->is_failed) return array;
    DiagCode code = error.code != IO_NO_ENTRY ? E_DATA_DAMAGED : field->alphabet ? E_NO_CHARACTER : E_DATA_SOURCE;
    data_fail(p, field, code, "%s: %s", path, error.text);
    return NULL;
}

static Array *idx_file(Program *p, const ByteFile *file, const TDataField *field, IoError *error) {
    (void)p, (void)field;
    return idx_read(file, error);
}

static Array *npy_file(Program *p, const ByteFile *file, const TDataField *field, IoError *error) {
    (void)p, (void)field;
    return npy_read(file, error);
}

static Array *npz_file(Program *p, const ByteFile *file, const TDataField *field, IoError *error) {
    (void)p;
    const char *name = text_argument(field, 1);
    return npz_read(file, name ? name : field->name->text, error);
}

static Array *text_in_alphabet(Program *p, const ByteFile *file, const TDataField *field, IoError *error) {
    return text_numbers(file, &alphabets_find(p->options->alphabets, field->alphabet->name)->alphabet, error);
}

/* The text of which the alphabet follows is there; another one is read in that alphabet. */
static Array *text_file(Program *p, const TDataField *field) {
    const OpenAlphabet *open = alphabets_find(p->options->alphabets, field->alphabet->name);
    if (!open) ICE("the alphabet %s is not open", field->alphabet->name->text);
    if (open->path == field->arguments.data[0]->text) return array_retain(open->numbers);
    return read_file(p, field, text_in_alphabet);
}

/* The columns are the strings behind the path; without any the one of the field's name.  Several make rows. */
static Array *csv_file(Program *p, const ByteFile *file, const TDataField *field, IoError *error) {
    int count = field->arguments.len - 1;
    const char **names = arena_array(&p->arena, const char *, count + 1);
    names[0] = field->name->text;
    for (int i = 0; i < count; i++) {
        names[i] = text_argument(field, i + 1);
        if (!names[i]) return data_error(p, field, E_DATA_SOURCE, "`csv` takes the names of columns%s", ", strings");
    }
    Array *table = csv_read(file, names, count ? count : 1, error);
    if (!table || count > 1 || field->type->rank) return table;
    Array *column = array_slice(table, 1, 0);
    array_release(table);
    return column;
}

/* ---- the declared element type --------------------------------------------------------------------------- */

/* Every number is one of `dtype`: a whole one within its range for integers, any for floats. */
static int64_t first_misfit(const Array *array, DType dtype) {
    if (dtype_is_float(dtype)) return -1;
    Array *one = array_new(dtype, 0, NULL);
    int64_t misfit = -1;
    for (int64_t i = 0; i < array->count && misfit < 0; i++) {
        double number = array_number(array, i);
        array_set_number(one, 0, number);
        if (array_number(one, 0) != number) misfit = i;
    }
    array_release(one);
    return misfit;
}

/* Numbers of a table take the declared type, whole labels of any width become the i32 of an index; every other
 * array has its own type, which the caller compares. */
static Array *convert(Program *p, const TDataField *field, Array *array, int is_table) {
    DType wanted = field->type->dtype;
    int is_label = field->type->index_bound && dtype_is_integer(array->dtype) && array->rank;
    if (array->dtype == wanted || !(is_table || is_label)) return array;
    int64_t misfit = first_misfit(array, wanted);
    if (misfit >= 0) {
        int64_t row = misfit / (array->count / array->extents[0]);
        data_fail(p, field, E_DATA_INDEX, "record %lld of field %s is %.10g, which is no %s", (long long)row,
                     field->name->text, array_number(array, misfit), type_text(&p->arena, field->type));
            array_release(array);
        return NULL;
    }
    Array *converted = array_new(wanted, array->rank, array->extents);
    for (int64_t i = 0; i < array->count; i++) array_set_number(converted, i, array_number(array, i));
    array_release(array);
    return converted;
}

/* ---- the table ---------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    Array *(*read)(Program *p, const TDataField *field); /* a source that is no file */
    Array *(*read_file)(Program *p, const ByteFile *file, const TDataField *field, IoError *error);
    int most;     /* arguments */
    int is_table; /* numbers without a type of their own */
} sources[] = {
    {"embedded", read_embedded, NULL, 1, 0},
    {"idx", NULL, idx_file, 1, 0},
    {"npy", NULL, npy_file, 1, 0},
    {"npz", NULL, npz_file, 2, 0},
    {"text", text_file, NULL, 1, 0},
    {"csv", NULL, csv_file, 1 << 16, 1},
};

Array *source_read(Program *p, const TDataField *field) {
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (strcmp(sources[i].name, field->source->text) != 0) continue;
        if (field->arguments.len > sources[i].most)
            return data_error(p, field, E_DATA_SOURCE, "`%s` has too many arguments", field->source->text);
        Array *array = sources[i].read ? sources[i].read(p, field) : read_file(p, field, sources[i].read_file);
        return array ? convert(p, field, array, sources[i].is_table) : NULL;
    }
    data_fail(p, field, E_NOT_COMPILED, "the source `%s` cannot be read yet", field->source->text);
    return NULL;
}
