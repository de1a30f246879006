/* The procedures of the program that read and write files.  Paths are as the shell would take them: relative to the
 * folder that dlc was started in. */
#include "driver/program_internal.h"

#include "runtime/png_file.h"
#include "runtime/safetensors.h"

/* Exit code 3: the world is at fault, not the program. */
Diag *program_file_fail(Program *p, Span span, DiagCode code, const char *path, const char *why) {
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

/* Those of the instance that stands as argument 0; of the whole program where the path stands alone. */
static int find_weights(Program *p, const Tx *tx, WeightFile *file) {
    if (tx->args.len == 1) {
        for (int i = 0; i < p->typed->instances.len; i++)
            weight_file_add_instance(p, file, p->typed->instances.data[i]);
        return 1;
    }
    const Tx *instance = tx->args.data[0];
    const Symbol *path = program_record_path(p, instance);
    if (!path) {
        program_fail(p, instance->span, E_ASSIGN, "weights are loaded into an instance, this is a computed record");
        return 0;
    }
    weight_file_add(p, file, instance->type->layout, path, "");
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
    int writes = !p->is_failed && !p->options->writes_no_files;
    if (writes && !safetensors_write(path, items, record.count, &error))
        program_file_fail(p, tx->span, E_FILE_NOT_WRITTEN, path, error.text);
    value_release(&record);
}

static void save_or_load(Program *p, const Tx *tx) {
    WeightFile weights = {.is_program = tx->args.len == 1};
    if (tx->procedure == PROC_SAVE && tx->args.len == 2) {
        save(p, tx);
        return;
    }
    const char *path = path_argument(p, tx, tx->args.len - 1);
    if (!path || !find_weights(p, tx, &weights)) return;
    if (tx->procedure == PROC_SAVE) weight_file_write(p, &weights, path, tx->span);
    else weight_file_read(p, &weights, path, tx->span);
}

/* ---- pictures ----------------------------------------------------------------------------------------- */

static void write_picture(Program *p, const Tx *tx) {
    Array *picture = program_array(p, tx->args.data[0]);
    const char *path = path_argument(p, tx, 1);
    IoError error = {0};
    if (path && !p->options->writes_no_files && !png_write(path, picture, &error)) program_file_fail(p, tx->span, E_FILE_NOT_WRITTEN, path, error.text);
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
    if (tx->procedure == PROC_SAVE || tx->procedure == PROC_LOAD) save_or_load(p, tx);
    else write_picture(p, tx);
    return (ProgramValue){0};
}
