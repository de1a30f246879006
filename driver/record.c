/* Records of weights at program level.  An instance is its weights in the store; a snapshot and a computed record is
 * a value of its own, PROGRAM_RECORD, whose items are named by the paths of the leaves ("dense_1.w") in the order of the
 * layout, as the targets of an expression of that type come. */
#include "driver/program_internal.h"

#include <string.h>

typedef struct Leaf {
    const Symbol *path; /* below the record */
    const Weight *weight;
} Leaf;

typedef Vec(Leaf) Leaves;

static void list_leaves(Program *p, const Layout *layout, const char *below, Leaves *out) {
    for (int i = 0; i < layout->weights.len; i++) {
        const Weight *weight = layout->weights.data[i];
        const Symbol *path = symbol_printf(&p->session->symbols, "%s%s", below, weight->name->text);
        vec_push(&p->arena, out, ((Leaf){path, weight}));
    }
    for (int i = 0; i < layout->parts.len; i++)
        list_leaves(p, layout->parts.data[i].layout,
                    arena_printf(&p->arena, "%s%s.", below, layout->parts.data[i].name->text), out);
}

static Leaves leaves_of(Program *p, const Layout *layout) {
    Leaves leaves = {0};
    list_leaves(p, layout, "", &leaves);
    return leaves;
}

static const Symbol *stored_path(Program *p, const Symbol *record, const Symbol *leaf) {
    return symbol_join(&p->session->symbols, record, leaf);
}

ProgramValue record_value(Program *p, const Layout *layout) {
    Leaves leaves = leaves_of(p, layout);
    ProgramValue record = value_list(PROGRAM_RECORD, leaves.len);
    for (int i = 0; i < leaves.len; i++) record.names[i] = leaves.data[i].path;
    return record;
}

ProgramValue record_snapshot(Program *p, ProgramValue value, const Type *type) {
    for (int i = 0; value.tag == PROGRAM_TUPLE && type->kind == TY_TUPLE && i < value.count; i++)
        value.items[i] = record_snapshot(p, value.items[i], type->fields[i].type);
    if (value.tag != PROGRAM_INSTANCE) return value;
    Leaves leaves = leaves_of(p, type->layout);
    ProgramValue record = record_value(p, type->layout);
    for (int i = 0; i < leaves.len && !p->is_failed; i++) {
        const Symbol *path = stored_path(p, value.instance->name, leaves.data[i].path);
        record.items[i] = value_array(array_retain(program_weight(p, path, leaves.data[i].weight)->array));
    }
    return record;
}

Array *program_source(Program *p, const BuildSource *source) {
    const ProgramValue *value = program_get(p, source->variable);
    if (!value) return NULL;
    if (!source->part) return value->tag == PROGRAM_ARRAY ? array_retain(value->array) : NULL;
    if (value->tag == PROGRAM_INSTANCE) {
        const StoreEntry *entry = program_weight(p, stored_path(p, value->instance->name, source->part), NULL);
        return array_retain(entry->array);
    }
    const ProgramValue *leaf = value_field(value, source->part);
    return leaf && leaf->tag == PROGRAM_ARRAY ? array_retain(leaf->array) : NULL;
}

/* ---- assignment -------------------------------------------------------------------------------------- */

/* All leaves take those of the record, which is read before. */
static void set_record(Program *p, const Symbol *path, const Tx *place, const Tx *value) {
    ProgramValue record = record_snapshot(p, program_evaluate(p, value), value->type);
    Leaves leaves = leaves_of(p, place->type->layout);
    for (int i = 0; i < leaves.len && !p->is_failed; i++) {
        const Leaf *leaf = &leaves.data[i];
        const ProgramValue *item = value_field(&record, leaf->path);
        const Symbol *own = stored_path(p, path, leaf->path);
        if (!item) ICE("a record without %s", leaf->path->text);
        program_weight(p, own, leaf->weight); /* the others of the instance get their first values */
        store_set(&p->store, own, array_retain(item->array));
    }
    value_release(&record);
}

/* The variable that a path begins with, or NULL, and the path below it. */
static const TVariable *root_variable(Program *p, const Tx *place, const Symbol **below) {
    const char *text = "";
    for (; place->kind == T_PART || place->kind == T_WEIGHT; place = place->args.data[0]) {
        const char *name = place->kind == T_PART ? place->name->text : place->weight->name->text;
        text = arena_printf(&p->arena, "%s%s%s", name, *text ? "." : "", text);
    }
    *below = symbol(&p->session->symbols, text);
    return place->kind == T_VARIABLE ? place->variable : NULL;
}

/* Replaces the leaf `below`, or all leaves under it, in the copy that the variable holds. */
static void set_in_copy(Program *p, ProgramValue *held, const Symbol *below, const TStmt *stmt) {
    ProgramValue value = record_snapshot(p, program_evaluate(p, stmt->value), stmt->value->type);
    for (int i = 0; i < held->count && !p->is_failed; i++) {
        const char *name = held->names[i]->text;
        const ProgramValue *item = NULL;
        if (value.tag == PROGRAM_ARRAY && held->names[i] == below) item = &value;
        else if (value.tag == PROGRAM_RECORD && !strncmp(name, below->text, below->len) && name[below->len] == '.')
            item = value_field(&value, symbol(&p->session->symbols, name + below->len + 1));
        if (!item) continue;
        ProgramValue taken = value_retain(item);
        value_release(&held->items[i]);
        held->items[i] = taken;
    }
    value_release(&value);
}

void program_set_weight(Program *p, const TStmt *stmt) {
    const Tx *place = stmt->weight;
    const Symbol *below;
    const TVariable *root = root_variable(p, place, &below);
    ProgramValue *held = root ? (ProgramValue *)(uintptr_t)program_get(p, root) : NULL;
    if (held && held->tag == PROGRAM_RECORD) {
        set_in_copy(p, held, below, stmt);
        return;
    }
    const Symbol *record = program_record_path(p, place->kind == T_WEIGHT ? place->args.data[0] : place);
    if (!record) ICE("assignment to a weight of no instance");
    if (place->kind != T_WEIGHT) {
        set_record(p, record, place, stmt->value);
        return;
    }
    const Symbol *path = stored_path(p, record, place->weight->name);
    if (record->len) program_weight(p, path, place->weight); /* the others of the instance get their first values */
    Array *value = program_array(p, stmt->value);
    if (p->is_failed) array_release(value);
    else store_set(&p->store, path, value);
}
