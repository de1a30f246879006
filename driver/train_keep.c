/* `best` and `save`: the weights of the best report, and the file that gets them. */
#include "driver/train_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void keep(Program *p, Kept *kept) {
    for (int i = 0; i < kept->count; i++) array_release(kept->arrays[i]);
    if (kept->count < p->store.entries.len) {
        kept->arrays = arena_array(&p->arena, Array *, p->store.entries.len);
        kept->paths = arena_array(&p->arena, const Symbol *, p->store.entries.len);
    }
    kept->count = p->store.entries.len;
    for (int i = 0; i < kept->count; i++) {
        const StoreEntry *entry = p->store.entries.entries[i].value;
        kept->paths[i] = entry->path;
        kept->arrays[i] = array_retain(entry->array); /* the next step that changes it copies it */
    }
}

int keep_if_best(Program *p, Kept *kept, double value, int is_lowest, int64_t epoch, int64_t step) {
    int is_better = !isnan(value) &&
                    (!kept->is_there || (is_lowest ? value < kept->value : value > kept->value));
    kept->misses = is_better ? 0 : kept->misses + 1;
    if (!is_better) return 0;
    keep(p, kept);
    kept->is_there = 1;
    kept->value = value;
    kept->epoch = epoch;
    kept->step = step;
    return 1;
}

void keep_restore(Program *p, const Kept *kept) {
    for (int i = 0; i < kept->count; i++) store_set(&p->store, kept->paths[i], array_retain(kept->arrays[i]));
}

void keep_release(Kept *kept) {
    for (int i = 0; i < kept->count; i++) array_release(kept->arrays[i]);
    *kept = (Kept){0};
}

/* States and params of the top level that the step changes. */
static void add_top(Program *p, WeightFile *file, const RunningStep *rs, const Instance *top) {
    for (int i = 0; i < top->layout->weights.len; i++) {
        const Weight *weight = top->layout->weights.data[i];
        for (int k = 0; k < rs->written_count; k++)
            if (rs->written[k]->path == weight->name)
                vec_push(&p->arena, &file->weights, ((SavedWeight){weight->name, weight->name, weight}));
    }
}

/* Is some weight of the instance among those that the step changes? */
static int changes(const RunningStep *rs, const Instance *instance) {
    size_t len = instance->name->len;
    for (int i = 0; i < rs->written_count; i++) {
        const char *path = rs->written[i]->path->text;
        if (strncmp(path, instance->name->text, len) == 0 && path[len] == '.') return 1;
    }
    return 0;
}

int keep_save(Program *p, const TTrain *train, const RunningStep *step, const TSetting *save) {
    ProgramValue value = program_evaluate(p, save->value);
    const char *path = value.tag == PROGRAM_STRING ? value.text : NULL;
    value_release(&value);
    if (!path || p->is_failed) return 0;
    WeightFile file = {0};
    if (train->model) weight_file_add(p, &file, train->model->layout, train->model->name, "");
    for (int i = 0; !train->model && i < p->typed->instances.len; i++) {
        const Instance *instance = p->typed->instances.data[i];
        if (!instance->name->len) add_top(p, &file, step, instance);
        else if (changes(step, instance)) weight_file_add_instance(p, &file, instance);
    }
    return weight_file_write(p, &file, path, save->span);
}
