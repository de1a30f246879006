#include "driver/value.h"

#include <stdlib.h>

ProgramValue value_array(Array *array) { return (ProgramValue){.tag = PROGRAM_ARRAY, .array = array}; }

ProgramValue value_data(DataSet *set) { return (ProgramValue){.tag = PROGRAM_DATA, .set = set}; }

ProgramValue value_list(ValueTag tag, int count) {
    size_t room = (size_t)(count ? count : 1);
    ProgramValue list = {.tag = tag, .count = count};
    list.items = calloc(room, sizeof *list.items);
    list.names = calloc(room, sizeof *list.names);
    if (!list.items || !list.names) ICE("no memory for a list of %d values", count);
    return list;
}

ProgramValue value_retain(const ProgramValue *value) {
    ProgramValue copy = *value;
    if (value->array) array_retain(value->array);
    if (value->set) data_set_retain(value->set);
    if (value->items) {
        copy = value_list(value->tag, value->count);
        for (int i = 0; i < value->count; i++) {
            copy.items[i] = value_retain(&value->items[i]);
            copy.names[i] = value->names[i];
        }
    }
    return copy;
}

void value_release(ProgramValue *value) {
    if (value->array) array_release(value->array);
    data_set_release(value->set);
    for (int i = 0; i < value->count; i++) value_release(&value->items[i]);
    free(value->items);
    free(value->names);
    *value = (ProgramValue){0};
}

const ProgramValue *value_field(const ProgramValue *record, const Symbol *name) {
    for (int i = 0; i < record->count; i++)
        if (record->names[i] == name) return &record->items[i];
    return NULL;
}
