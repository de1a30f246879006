#include "driver/data_set.h"

#include <stdlib.h>
#include <string.h>

static void *allocate(size_t bytes) {
    void *memory = calloc(1, bytes);
    if (!memory) ICE("no memory for %zu bytes of a data set", bytes);
    return memory;
}

DataField *data_field_new(Array *array, const TDataField *declared, OpenData *from) {
    DataField *field = allocate(sizeof *field);
    *field = (DataField){1, array, declared, from};
    return field;
}

static DataField *field_retain(DataField *field) {
    field->owners++;
    return field;
}

void data_field_release(DataField *field) {
    if (--field->owners) return;
    array_release(field->array);
    free(field);
}

static void rows_release(DataRows *list) {
    if (list && !--list->owners) free(list);
}

DataSet *data_set_new(int64_t rows, int count) {
    DataSet *set = allocate(sizeof *set + sizeof *set->columns * (size_t)count);
    set->owners = 1;
    set->rows = rows;
    set->step = 1;
    set->count = count;
    return set;
}

DataSet *data_set_retain(const DataSet *set) {
    DataSet *shared = (DataSet *)(uintptr_t)set;
    shared->owners++;
    return shared;
}

void data_set_release(DataSet *set) {
    if (!set || --set->owners) return;
    for (int i = 0; i < set->count; i++)
        if (set->columns[i].field) data_field_release(set->columns[i].field);
    rows_release(set->list);
    free(set);
}

/* The same columns, which rows is the caller's to say. */
static DataSet *same_columns(const DataSet *set, int64_t rows) {
    DataSet *view = data_set_new(rows, set->count);
    for (int i = 0; i < set->count; i++) {
        view->columns[i] = set->columns[i];
        field_retain(view->columns[i].field);
    }
    return view;
}

DataSet *data_set_range(const DataSet *set, int64_t first, int64_t count) {
    DataSet *view = same_columns(set, count);
    view->first = set->first + first * set->step;
    view->step = set->step;
    view->list = set->list;
    if (view->list) view->list->owners++;
    return view;
}

static int64_t row_of(const DataSet *set, int64_t record) {
    int64_t at = set->first + record * set->step;
    return set->list ? set->list->rows[at] : at;
}

DataSet *data_set_select(const DataSet *set, const int64_t *records, int64_t count) {
    DataSet *view = same_columns(set, count);
    view->list = allocate(sizeof *view->list + sizeof(int64_t) * (size_t)count);
    view->list->owners = 1;
    for (int64_t i = 0; i < count; i++) view->list->rows[i] = row_of(set, records[i]);
    return view;
}

int64_t window_count(int64_t rows, int64_t length, int64_t stride) {
    return rows > length ? (rows - 1 - length) / stride + 1 : 0;
}

DataSet *data_set_windows(Array *array, int64_t length, int64_t stride, const Symbol *x, const Symbol *next) {
    DataSet *set = data_set_new(window_count(array->extents[0], length, stride), 2);
    DataField *field = data_field_new(array_retain(array), NULL, NULL);
    set->step = stride;
    set->columns[0] = (DataColumn){.name = x, .field = field, .window = length};
    set->columns[1] = (DataColumn){.name = next, .field = field_retain(field), .offset = 1, .window = length};
    return set;
}

/* ---- records to arrays ------------------------------------------------------------------------------- */

static size_t record_bytes(const DataColumn *column) {
    const Array *array = column->field->array;
    int64_t rows = array->extents[0] ? array->extents[0] : 1;
    return (size_t)(array_bytes(array) / rows * (column->window ? column->window : 1));
}

Array *column_array(const DataColumn *column, int64_t rows) {
    const Array *from = column->field->array;
    int64_t extents[ARRAY_MAX_RANK] = {rows};
    int rank = 1;
    if (column->window) extents[rank++] = column->window;
    for (int i = 1; i < from->rank; i++) extents[rank++] = from->extents[i];
    return array_new(from->dtype, rank, extents);
}

void column_gather(const DataSet *set, const DataColumn *column, const int64_t *order, int64_t first,
                   int64_t count, void *to) {
    const Array *from = column->field->array;
    size_t bytes = record_bytes(column);
    size_t row_bytes = (size_t)(array_bytes(from) / (from->extents[0] ? from->extents[0] : 1));
    const char *base = (const char *)from->data + (size_t)column->offset * row_bytes;
    if (!order && !set->list && set->step == 1 && !column->window) { /* one stretch */
        memcpy(to, base + (size_t)row_of(set, first) * row_bytes, (size_t)count * bytes);
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t record = order ? order[first + i] : first + i;
        memcpy((char *)to + (size_t)i * bytes, base + (size_t)row_of(set, record) * row_bytes, bytes);
    }
}

Array *column_whole(const DataSet *set, const DataColumn *column) {
    Array *from = column->field->array;
    int is_all = !set->list && set->first == 0 && set->step == 1 && set->rows == from->extents[0];
    if (is_all && !column->window) return array_retain(from);
    Array *array = column_array(column, set->rows);
    if (set->rows) column_gather(set, column, NULL, 0, set->rows, array->data);
    return array;
}
