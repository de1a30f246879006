/* Data sets of the program: opened when first used, checked against their declared types, split into parts.  A field
 * that the program never names is not read. */
#include "driver/program_internal.h"

#include "driver/sources.h"
#include "runtime/random.h"

#include <stdarg.h>
#include <stdio.h>

struct OpenData {
    const TData *data;
    Span use;              /* where the program first named it: what is wrong with a library's set is reported there */
    Vec(DataSet *) parts;  /* parallel to data->parts; NULL until asked for */
    Frame lets;            /* kept: a field may be asked for later */
};

Diag *data_fail(Program *p, const TDataField *field, DiagCode code, const char *format, ...) {
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    const Source *source = source_of(&p->session->sources, field->span);
    int is_library = source && source->is_library && p->data_use.end;
    Diag *diag = program_fail(p, is_library ? p->data_use : field->span, code, "%s", message);
    if (is_library) diag_label(&p->session->diags, diag, field->span, "%s is declared here", field->name->text);
    const Tx *path = field->source && field->arguments.len ? field->arguments.data[0] : NULL;
    if (path && path->kind == T_STRING && (code == E_DATA_TYPE || code == E_DATA_INDEX || code == E_DATA_ROWS))
        diag_note(&p->session->diags, diag, "%s was read from %s", field->name->text, path->text->text);
    p->exit_code = 3; /* of data and files */
    return diag;
}

/* A field's array has the declared element type and row shape, or a diagnostic says what is wrong. */
static int check_field(Program *p, const TDataField *field, const Array *array) {
    const Type *type = field->type;
    int fits = array->rank == type->rank + 1 && array->dtype == type->dtype;
    for (int i = 0; fits && i < type->rank; i++)
        fits = dim_is_constant(type->axes[i].dim) &&
               dim_constant_value(type->axes[i].dim) == array->extents[i + 1];
    if (!fits) {
        Text found = text_new(&p->arena);
        text_add(&found, dtype_name(array->dtype));
        for (int i = 1; i < array->rank; i++)
            text_printf(&found, i > 1 ? ", %lld" : "[%lld", (long long)array->extents[i]);
        if (array->rank > 1) text_char(&found, ']');
        data_fail(p, field, E_DATA_TYPE, "field %s is declared %s for each record, but the data has %s",
                  field->name->text, type_text(&p->arena, type), text_str(&found));
        return 0;
    }
    if (!type->index_bound) return 1;
    int64_t bound = dim_is_constant(type->index_bound) ? dim_constant_value(type->index_bound) : INT32_MAX;
    for (int64_t i = 0; i < array->count; i++) {
        int32_t value = ((const int32_t *)array->data)[i];
        if (value >= 0 && value < bound) continue;
        int64_t row = array->extents[0] ? i / (array->count / array->extents[0]) : 0;
        data_fail(p, field, E_DATA_INDEX, "record %lld of field %s is %d, which is no index[%lld]", (long long)row,
                  field->name->text, value, (long long)bound);
        return 0;
    }
    return 1;
}

/* The array of a field, read when first asked for: borrowed, NULL after a diagnostic.  `rows` is what the fields
 * before it have, -1 where it is the first. */
static Array *load_field(Program *p, DataField *field, int64_t rows) {
    const TDataField *declared = field->declared;
    if (field->array || !declared) return field->array;
    Frame *outer = p->frame;
    Span use = p->data_use;
    p->frame = &field->from->lets;
    p->data_use = field->from->use;
    Array *array = declared->source ? source_read(p, declared) : program_array(p, declared->value);
    int is_good = !p->is_failed && check_field(p, declared, array);
    if (is_good && rows >= 0 && array->extents[0] != rows) {
        data_fail(p, declared, E_DATA_ROWS, "field %s has %lld records, the fields before it have %lld",
                  declared->name->text, (long long)array->extents[0], (long long)rows);
        is_good = 0;
    }
    p->frame = outer;
    p->data_use = use;
    if (is_good) field->array = array;
    else array_release(array);
    return field->array;
}

/* The fields of one list; those that the program names are read now, the first one where it names none. */
static DataSet *open_fields(Program *p, OpenData *open, const TDataPart *part) {
    DataSet *set = data_set_new(-1, part->fields.len);
    int has_use = 0;
    for (int i = 0; i < part->fields.len; i++) {
        const TDataField *field = &part->fields.data[i];
        set->columns[i] = (DataColumn){.name = field->name, .field = data_field_new(NULL, field, open)};
        has_use = has_use || field->is_used;
    }
    for (int i = 0; i < part->fields.len && !p->is_failed; i++) {
        if (has_use ? !part->fields.data[i].is_used : i > 0) continue;
        Array *array = load_field(p, set->columns[i].field, set->rows);
        if (array) set->rows = array->extents[0];
    }
    return set;
}

/* Parts made by `split`: consecutive stretches of the (shuffled) order; parts that cover the whole take all of it. */
static void split_whole(Program *p, OpenData *open, const DataSet *whole) {
    int64_t rows = whole->rows, first = 0;
    DataSet *ordered = data_set_retain(whole);
    if (open->data->has_shuffle) {
        int64_t *order = arena_array(&p->arena, int64_t, rows);
        random_permutation(order, rows, (uint64_t)open->data->shuffle, 0);
        data_set_release(ordered);
        ordered = data_set_select(whole, order, rows);
    }
    double covered = 0;
    for (int i = 0; i < open->data->parts.len; i++) {
        const TDataPart *part = &open->data->parts.data[i];
        if (part->fraction <= 0) continue;
        covered += part->fraction;
        int64_t last = covered > 1 - 1e-9 ? rows : (int64_t)((double)rows * covered + 0.5);
        open->parts.data[i] = data_set_range(ordered, first, last - first);
        first = last;
    }
    data_set_release(ordered);
}

/* "the records of t.csv": where the number of records of a list of fields comes from; NULL where no file says it. */
static const char *rows_from(Program *p, const TDataPart *part) {
    for (int i = 0; i < part->fields.len; i++) {
        const TDataField *field = &part->fields.data[i];
        const Tx *path = field->source && field->arguments.len ? field->arguments.data[0] : NULL;
        if (field->is_used && path && path->kind == T_STRING)
            return arena_printf(&p->arena, "the records of %s", path->text->text);
    }
    return NULL;
}

static OpenData *open_data(Program *p, const TData *data, Span use) {
    OpenData *open = map_get(&p->data, data);
    if (open) return open;
    open = arena_new(&p->arena, OpenData);
    open->data = data;
    open->use = use;
    map_set(&p->arena, &p->data, data, open);
    Frame *outer = p->frame;
    p->frame = &open->lets;
    TBlock block = {0};
    block.statements.data = data->lets.data;
    block.statements.len = data->lets.len;
    program_block(p, &block, NULL);
    p->frame = outer;
    for (int i = 0; i < data->parts.len; i++) vec_push(&p->arena, &open->parts, NULL);
    return open;
}

/* Part i, opened when first asked for: one with fields of its own by itself, the whole with what is split of it. */
static const DataSet *open_part(Program *p, OpenData *open, int i) {
    const TData *data = open->data;
    if (open->parts.data[i]) return open->parts.data[i];
    int is_split = data->parts.data[i].fraction > 0, at = is_split ? 0 : i;
    if (!open->parts.data[at]) open->parts.data[at] = open_fields(p, open, &data->parts.data[at]);
    if (is_split && !p->is_failed) split_whole(p, open, open->parts.data[at]);
    for (int k = 0; k < data->parts.len && !p->is_failed; k++)
        know_size(p, data->parts.data[k].type, open->parts.data[k],
                  rows_from(p, &data->parts.data[data->parts.data[k].fraction > 0 ? 0 : k]));
    return p->is_failed ? NULL : open->parts.data[i];
}

const DataSet *data_open(Program *p, const TData *data, const Symbol *part, Span span) {
    TimedPart before = program_enter(p, TIMED_DATA);
    OpenData *open = open_data(p, data, span);
    for (int i = 0; i < data->parts.len && !p->is_failed; i++) {
        if (data->parts.data[i].name != part) continue;
        const DataSet *set = open_part(p, open, i);
        program_leave(p, before);
        return set;
    }
    program_leave(p, before);
    if (!p->is_failed) ICE("data set %s has no part %s", data->name->text, part ? part->text : "without a name");
    return NULL;
}

/* ---- columns ----------------------------------------------------------------------------------------- */

const DataColumn *data_column(Program *p, const DataSet *set, const Symbol *name) {
    for (int i = 0; i < set->count; i++) {
        if (set->columns[i].name != name) continue;
        int64_t rows = -1; /* of a field that is there */
        for (int k = 0; k < set->count; k++)
            if (set->columns[k].field->array) rows = set->columns[k].field->array->extents[0];
        return load_field(p, set->columns[i].field, rows) ? &set->columns[i] : NULL;
    }
    ICE("a data set has no field %s", name->text);
}

Array *data_field(Program *p, const DataSet *set, const Symbol *name) {
    const DataColumn *column = data_column(p, set, name);
    return column ? column_whole(set, column) : NULL;
}

ProgramValue data_record(Program *p, const DataSet *set) {
    ProgramValue record = value_list(PROGRAM_RECORD, set->count);
    for (int i = 0; i < set->count && !p->is_failed; i++) {
        record.names[i] = set->columns[i].name;
        Array *array = data_field(p, set, record.names[i]);
        if (array) record.items[i] = value_array(array);
    }
    return record;
}

void data_close_all(Program *p) {
    for (int k = 0; k < p->data.len; k++) {
        OpenData *open = p->data.entries[k].value;
        for (int i = 0; i < open->parts.len; i++) data_set_release(open->parts.data[i]);
        for (int i = 0; i < open->lets.variables.len; i++) value_release(open->lets.variables.entries[i].value);
    }
}
