/* Weights and states as named tensors of a file.  The weights of one instance have their paths below it ("dense_1.w"),
 * those of several or of the whole program their full paths ("Net.dense_1.w"). */
#include "driver/program_internal.h"

#include "runtime/safetensors.h"

#include <string.h>

void weight_file_add(Program *p, WeightFile *file, const Layout *layout, const Symbol *path, const char *below) {
    SymbolTable *symbols = &p->session->symbols;
    for (int i = 0; i < layout->weights.len; i++) {
        const Symbol *name = layout->weights.data[i]->name;
        SavedWeight saved = {symbol_printf(symbols, "%s%s", below, name->text), symbol_join(symbols, path, name),
                             layout->weights.data[i]};
        vec_push(&p->arena, &file->weights, saved);
    }
    for (int i = 0; i < layout->parts.len; i++) {
        const LayoutPart *part = &layout->parts.data[i];
        weight_file_add(p, file, part->layout, symbol_join(symbols, path, part->name),
                        arena_printf(&p->arena, "%s%s.", below, part->name->text));
    }
}

void weight_file_add_instance(Program *p, WeightFile *file, const Instance *instance) {
    const char *name = instance->name->text;
    if (*name) {
        weight_file_add(p, file, instance->layout, instance->name, arena_printf(&p->arena, "%s.", name));
        return;
    }
    for (int i = 0; i < instance->layout->weights.len; i++) { /* of the top level: those whose statement has run */
        const Weight *weight = instance->layout->weights.data[i];
        SavedWeight saved = {weight->name, weight->name, weight};
        if (store_find(&p->store, weight->name)) vec_push(&p->arena, &file->weights, saved);
    }
}

int weight_file_write(Program *p, const WeightFile *file, const char *path, Span span) {
    if (p->options->writes_no_files) return 1;
    NamedArray *items = arena_array(&p->arena, NamedArray, file->weights.len);
    for (int i = 0; i < file->weights.len; i++) {
        const SavedWeight *w = &file->weights.data[i];
        const StoreEntry *entry = program_weight(p, w->path, w->weight);
        if (p->is_failed) return 0;
        items[i] = (NamedArray){w->name->text, entry->array};
    }
    IoError error = {0};
    if (safetensors_write(path, items, file->weights.len, &error)) return 1;
    program_file_fail(p, span, E_FILE_NOT_WRITTEN, path, error.text);
    return 0;
}

/* ---- reading -------------------------------------------------------------------------------------------- */

typedef struct Reading {
    Program *p;
    const WeightFile *weights;
    const TensorFile *file;
    const char *path;
    Span span;
    int has_full_paths; /* one instance's weights, in a file that names them as the program does */
} Reading;

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

static const char *name_in_file(const Reading *r, const SavedWeight *w) {
    return r->has_full_paths ? w->path->text : w->name->text;
}

/* Tensors of other instances stand beside those of the one that is read by its full paths. */
static int may_be_left(const Reading *r, const char *name) {
    if (!r->has_full_paths) return 0;
    const char *first = r->weights->weights.data[0].path->text;
    size_t len = strcspn(first, ".") + 1;
    return strncmp(name, first, len) != 0;
}

static void refuse(Reading *r, const char *why) {
    program_file_fail(r->p, r->span, E_WEIGHTS_FILE, r->path, why);
}

/* A program may have weights that the file knows nothing of: all those of an instance, or a state of its own. */
static int may_be_missing(const Reading *r, const SavedWeight *w) {
    if (!r->weights->is_program) return 0;
    size_t len = strcspn(w->path->text, ".");
    if (!w->path->text[len]) return 1;
    for (int i = 0; i < r->file->count; i++)
        if (strncmp(r->file->items[i].name, w->path->text, len + 1) == 0) return 0;
    return 1;
}

static void check_tensor(Reading *r, const SavedWeight *w) {
    Program *p = r->p;
    const char *name = name_in_file(r, w);
    const Array *found = tensors_find(r->file, name);
    if (!found && may_be_missing(r, w)) return;
    const StoreEntry *entry = program_weight(p, w->path, w->weight);
    if (p->is_failed) return;
    if (!found) refuse(r, arena_printf(&p->arena, "it has no tensor %s", name));
    else if (!has_type(found, entry->array))
        refuse(r, arena_printf(&p->arena, "%s is %s there and %s here", name, array_shape(p, found),
                               array_shape(p, entry->array)));
}

static void check_left_over(Reading *r) {
    for (int i = 0; i < r->file->count && !r->p->is_failed; i++) {
        const char *name = r->file->items[i].name;
        int is_wanted = may_be_left(r, name);
        for (int k = 0; k < r->weights->weights.len && !is_wanted; k++)
            is_wanted = strcmp(name, name_in_file(r, &r->weights->weights.data[k])) == 0;
        if (!is_wanted) refuse(r, arena_printf(&r->p->arena, "its tensor %s has no place here", name));
    }
}

/* Every weight has its tensor, of its type, and no tensor is left over; then they are taken, all or none. */
static void take_weights(Reading *r) {
    const WeightFile *weights = r->weights;
    if (!weights->weights.len) return;
    const SavedWeight *first = &weights->weights.data[0];
    r->has_full_paths = !tensors_find(r->file, first->name->text) && tensors_find(r->file, first->path->text);
    for (int i = 0; i < weights->weights.len && !r->p->is_failed; i++) check_tensor(r, &weights->weights.data[i]);
    check_left_over(r);
    for (int i = 0; i < weights->weights.len && !r->p->is_failed; i++) {
        const SavedWeight *w = &weights->weights.data[i];
        Array *found = tensors_find(r->file, name_in_file(r, w));
        if (found) store_set(&r->p->store, w->path, array_retain(found));
    }
}

void weight_file_read(Program *p, const WeightFile *weights, const char *path, Span span) {
    IoError error = {0};
    ByteFile file;
    TensorFile tensors = {0};
    Reading reading = {.p = p, .weights = weights, .file = &tensors, .path = path, .span = span};
    if (byte_file_open(&file, path, &error)) {
        if (safetensors_read(&file, &tensors, &error)) take_weights(&reading);
        byte_file_close(&file);
    }
    if (error.code)
        program_file_fail(p, span, error.code == IO_MISSING ? E_DATA_FILE : E_DATA_DAMAGED, path, error.text);
    tensors_release(&tensors);
}
