/* The procedures of the program that read and write files.  Paths are as the shell would take them: relative to the
 * folder that dlc was started in. */
#include "driver/program_internal.h"

#include "runtime/png_file.h"
#include "runtime/safetensors.h"

#include <string.h>

/* Exit code 3: the world is at fault, not the program. */
static Diag *file_fail(Program *p, Span span, DiagCode code, const char *path, const char *why) {
    Diag *diag = program_fail(p, span, code, "%s %s: %s", path,
                              code == E_FILE_NOT_WRITTEN ? "cannot be written" : "cannot be read", why);
    p->exit_code = 3;
    return diag;
}

/* Text of an argument, kept on the program's arena; NULL after a failure. */
static const char *path_argument(Program *p, const Tx *tx, int i) {
    ProgramValue value = program_evaluate(p, tx->args.data[i]);
    const char *path = value.tag == PROGRAM_STRING ? value.text : NULL;
    value_release(&value);
    return p->is_failed ? NULL : path;
}

/* ---- weights ------------------------------------------------------------------------------------------ */

typedef struct SavedWeight {
    const Symbol *name; /* in the file: the path below the instance, "dense_1.w" */
    const Symbol *path; /* in the store: "Net.dense_1.w" */
    const Weight *weight;
} SavedWeight;

typedef Vec(SavedWeight) SavedWeights;

static void collect(Program *p, const Layout *layout, const char *below, const char *path, SavedWeights *list) {
    SymbolTable *symbols = &p->session->symbols;
    for (int i = 0; i < layout->weights.len; i++) {
        const char *name = layout->weights.data[i]->name->text;
        SavedWeight saved = {symbol_printf(symbols, "%s%s", below, name), symbol_printf(symbols, "%s.%s", path, name),
                             layout->weights.data[i]};
        vec_push(&p->arena, list, saved);
    }
    for (int i = 0; i < layout->parts.len; i++) {
        const char *name = layout->parts.data[i].name->text;
        collect(p, layout->parts.data[i].layout, arena_printf(&p->arena, "%s%s.", below, name),
                arena_printf(&p->arena, "%s.%s", path, name), list);
    }
}

/* The weights and states of the instance that stands as argument 0, in the order of their layout. */
static int find_weights(Program *p, const Tx *tx, SavedWeights *list) {
    const Tx *instance = tx->args.data[0];
    const Symbol *path = program_record_path(p, instance);
    if (!path) {
        program_fail(p, instance->span, E_ASSIGN, "weights are loaded into an instance, this is a computed record");
        return 0;
    }
    collect(p, instance->type->layout, "", path->text, list);
    return 1;
}

/* Of an instance, a part or a computed record: each leaf under its path below the record. */
static void save(Program *p, const Tx *tx) {
    const char *path = path_argument(p, tx, 1);
    if (!path) return;
    ProgramValue record = record_snapshot(p, program_evaluate(p, tx->args.data[0]), tx->args.data[0]->type);
    NamedArray *items = arena_array(&p->arena, NamedArray, record.count);
    for (int i = 0; i < record.count && !p->is_failed; i++)
        items[i] = (NamedArray){record.names[i]->text, record.items[i].array};
    IoError error = {0};
    if (!p->is_failed && !safetensors_write(path, items, record.count, &error))
        file_fail(p, tx->span, E_FILE_NOT_WRITTEN, path, error.text);
    value_release(&record);
}

static const char *array_shape(Program *p, const Array *array) {
    Text text = text_new(&p->arena);
    text_printf(&text, "%s[", dtype_name(array->dtype));
    for (int i = 0; i < array->rank; i++)
        text_printf(&text, i ? ", %lld" : "%lld", (long long)array->extents[i]);
    text_char(&text, ']');
    return text_str(&text);
}

static int has_type(const Array *array, const Array *wanted) {
    int is_same = array->dtype == wanted->dtype && array->rank == wanted->rank;
    for (int i = 0; is_same && i < array->rank; i++) is_same = array->extents[i] == wanted->extents[i];
    return is_same;
}

/* Every weight has its tensor, of its type, and no tensor is left over; then they are taken, all or none. */
static void take_weights(Program *p, const Tx *tx, const char *path, const TensorFile *file,
                         const SavedWeights *weights) {
    for (int i = 0; i < weights->len && !p->is_failed; i++) {
        const SavedWeight *w = &weights->data[i];
        const Array *found = tensors_find(file, w->name->text);
        const StoreEntry *entry = program_weight(p, w->path, w->weight);
        if (p->is_failed) return;
        const char *why = !found ? arena_printf(&p->arena, "it has no tensor %s", w->name->text)
                          : has_type(found, entry->array) ? NULL
                          : arena_printf(&p->arena, "%s is %s there and %s here", w->name->text, array_shape(p, found),
                                         array_shape(p, entry->array));
        if (why) file_fail(p, tx->span, E_WEIGHTS_FILE, path, why);
    }
    if (p->is_failed) return;
    if (file->count > weights->len) {
        for (int i = 0; i < file->count; i++) {
            int is_wanted = 0;
            for (int k = 0; k < weights->len; k++)
                is_wanted |= strcmp(file->items[i].name, weights->data[k].name->text) == 0;
            if (is_wanted) continue;
            file_fail(p, tx->span, E_WEIGHTS_FILE, path,
                      arena_printf(&p->arena, "its tensor %s has no place here", file->items[i].name));
            return;
        }
    }
    for (int i = 0; i < weights->len; i++) {
        const SavedWeight *w = &weights->data[i];
        store_set(&p->store, w->path, array_retain(tensors_find(file, w->name->text)));
    }
}

static void load(Program *p, const Tx *tx) {
    SavedWeights weights = {0};
    const char *path = path_argument(p, tx, 1);
    if (!path || !find_weights(p, tx, &weights)) return;
    IoError error = {0};
    ByteFile file;
    TensorFile tensors = {0};
    if (byte_file_open(&file, path, &error)) {
        if (safetensors_read(&file, &tensors, &error)) take_weights(p, tx, path, &tensors, &weights);
        byte_file_close(&file);
    }
    if (error.code) file_fail(p, tx->span, error.code == IO_MISSING ? E_DATA_FILE : E_DATA_DAMAGED, path, error.text);
    tensors_release(&tensors);
}

/* ---- pictures ----------------------------------------------------------------------------------------- */

static void write_picture(Program *p, const Tx *tx) {
    Array *picture = program_array(p, tx->args.data[0]);
    const char *path = path_argument(p, tx, 1);
    IoError error = {0};
    if (path && !png_write(path, picture, &error)) file_fail(p, tx->span, E_FILE_NOT_WRITTEN, path, error.text);
    array_release(picture);
}

static ProgramValue make_grid(Program *p, const Tx *tx) {
    Array *pictures = program_array(p, tx->args.data[0]);
    IoError error = {0};
    Array *grid = p->is_failed ? NULL : png_grid(pictures, tx->integer, &error);
    array_release(pictures);
    if (!grid && !p->is_failed) program_fail(p, tx->span, E_CHECK_FAILED, "no grid can be made: %s", error.text);
    return grid ? value_array(grid) : (ProgramValue){0};
}

ProgramValue procedure_file(Program *p, const Tx *tx) {
    if (tx->procedure == PROC_GRID) return make_grid(p, tx);
    if (tx->procedure == PROC_SAVE) save(p, tx);
    else if (tx->procedure == PROC_LOAD) load(p, tx);
    else write_picture(p, tx);
    return (ProgramValue){0};
}
