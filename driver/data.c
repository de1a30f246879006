/* Data sets of the program: opened when first used, checked against their declared types, split into parts. */
#include "driver/program_internal.h"

#include "driver/sources.h"
#include "runtime/random.h"

#include <string.h>

typedef struct OpenData {
    const TData *data;
    DataSet whole;                /* the fields of the set itself; rows -1 where it has none */
    Vec(DataSet *) parts;         /* parallel to data->parts; NULL until opened */
} OpenData;

/* The rows `first` .. `last`-1 of the order (NULL: as they are) of every field. */
static DataSet *take_rows(Program *p, const DataSet *from, const int64_t *order, int64_t first, int64_t last) {
    DataSet *part = arena_new(&p->arena, DataSet);
    part->rows = last - first;
    for (int i = 0; i < from->fields.len; i++) {
        vec_push(&p->arena, &part->names, from->names.data[i]);
        vec_push(&p->arena, &part->fields, array_rows(from->fields.data[i], order, first, last));
    }
    return part;
}

/* Data that does not fit its declaration ends the program with the exit code of data and files. */
static int data_failed(Program *p) {
    p->exit_code = 3;
    return 0;
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
        program_fail(p, field->span, E_DATA_TYPE, "field %s is declared %s for each record, but the data has %s",
                     field->name->text, type_text(&p->arena, type), text_str(&found));
        return data_failed(p);
    }
    if (!type->index_bound) return 1;
    int64_t bound = dim_is_constant(type->index_bound) ? dim_constant_value(type->index_bound) : INT32_MAX;
    for (int64_t i = 0; i < array->count; i++) {
        int32_t value = ((const int32_t *)array->data)[i];
        if (value >= 0 && value < bound) continue;
        int64_t row = array->extents[0] ? i / (array->count / array->extents[0]) : 0;
        program_fail(p, field->span, E_DATA_INDEX, "record %lld of field %s is %d, which is no index[%lld]",
                     (long long)row, field->name->text, value, (long long)bound);
        return data_failed(p);
    }
    return 1;
}

static Array *read_field(Program *p, const TDataField *field) {
    if (!field->source) return program_array(p, field->value);
    return source_read(p, field);
}

static int add_fields(Program *p, DataSet *set, const TDataPart *part) {
    for (int i = 0; i < part->fields.len; i++) {
        const TDataField *field = &part->fields.data[i];
        Array *array = read_field(p, field);
        if (p->is_failed || !check_field(p, field, array)) {
            array_release(array);
            return 0;
        }
        if (i && array->extents[0] != set->rows) {
            program_fail(p, field->span, E_DATA_ROWS, "field %s has %lld records, the fields before it have %lld",
                         field->name->text, (long long)array->extents[0], (long long)set->rows);
            array_release(array);
            return data_failed(p);
        }
        set->rows = array->extents[0];
        vec_push(&p->arena, &set->names, field->name);
        vec_push(&p->arena, &set->fields, array);
    }
    return 1;
}

/* Parts made by `split`: consecutive stretches of the (shuffled) order; the last part takes the rest. */
static void split_whole(Program *p, OpenData *open) {
    int64_t rows = open->whole.rows, first = 0;
    int64_t *order = NULL;
    if (open->data->has_shuffle) {
        order = arena_array(&p->arena, int64_t, rows);
        random_permutation(order, rows, (uint64_t)open->data->shuffle, 0);
    }
    double covered = 0;
    for (int i = 0; i < open->data->parts.len; i++) {
        const TDataPart *part = &open->data->parts.data[i];
        if (part->fraction <= 0) continue;
        covered += part->fraction;
        int64_t last = covered > 1 - 1e-9 ? rows : (int64_t)((double)rows * covered + 0.5);
        open->parts.data[i] = take_rows(p, &open->whole, order, first, last);
        first = last;
    }
}

/* From now on the part's number of records is known, in compiled code as a run-time size. */
static void know_rows(Program *p, const Type *type, const DataSet *set) {
    const DimName *name = type && type->rows ? dim_as_name(type->rows) : NULL;
    if (!name || !set) return;
    p->session->dims.names.data[name->id]->maximum = set->rows;
    vec_push(&p->arena, &p->sizes, ((KnownSize){name, set->rows}));
}

static OpenData *open_data(Program *p, const TData *data) {
    OpenData *open = map_get(&p->data, data);
    if (open) return open;
    open = arena_new(&p->arena, OpenData);
    open->data = data;
    open->whole.rows = -1;
    map_set(&p->arena, &p->data, data, open);
    Frame lets = {0}, *outer = p->frame;
    p->frame = &lets;
    TBlock block = {0};
    block.statements.data = data->lets.data;
    block.statements.len = data->lets.len;
    program_block(p, &block, NULL);
    int has_split = 0;
    for (int i = 0; i < data->parts.len && !p->is_failed; i++) {
        const TDataPart *part = &data->parts.data[i];
        DataSet *set = part->name ? arena_new(&p->arena, DataSet) : &open->whole;
        add_fields(p, set, part);
        vec_push(&p->arena, &open->parts, part->fraction > 0 ? NULL : set);
        has_split = has_split || part->fraction > 0;
    }
    if (has_split && !p->is_failed) split_whole(p, open);
    for (int i = 0; i < open->parts.len && !p->is_failed; i++)
        know_rows(p, data->parts.data[i].type, open->parts.data[i]);
    for (int i = 0; i < lets.variables.len; i++) value_release(lets.variables.entries[i].value);
    p->frame = outer;
    return open;
}

const DataSet *data_open(Program *p, const TData *data, const Symbol *part, Span span) {
    OpenData *open = open_data(p, data);
    if (p->is_failed) return NULL;
    if (!part) {
        if (open->whole.rows >= 0) return &open->whole;
        program_fail(p, span, E_DATA_PART, "data set %s has parts only; name one of them", data->name->text);
        return NULL;
    }
    for (int i = 0; i < data->parts.len; i++)
        if (data->parts.data[i].name == part) return open->parts.data[i];
    ICE("data set %s has no part %s", data->name->text, part->text);
}

ProgramValue data_value(const DataSet *set) {
    ProgramValue record = value_list(PROGRAM_RECORD, set->fields.len);
    for (int i = 0; i < set->fields.len; i++) {
        record.names[i] = set->names.data[i];
        record.items[i] = value_array(array_retain(set->fields.data[i]));
    }
    return record;
}

static void close_set(DataSet *set) {
    for (int i = 0; set && i < set->fields.len; i++) array_release(set->fields.data[i]);
    if (set) set->fields.len = 0; /* a part may be the whole */
}

void data_close_all(Program *p) {
    for (int k = 0; k < p->data.len; k++) {
        OpenData *open = p->data.entries[k].value;
        for (int i = 0; i < open->parts.len; i++) close_set(open->parts.data[i]);
        close_set(&open->whole);
    }
}
