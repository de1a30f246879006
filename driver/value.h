/* Values of the running program: what a top-level variable holds.  Arrays are counted and immutable while
 * shared, so `let w0 = Net.w` is a snapshot that costs nothing until the weight changes. */
#ifndef DLC_DRIVER_VALUE_H
#define DLC_DRIVER_VALUE_H

#include "base/symbol.h"
#include "driver/data_set.h"
#include "lang/typed.h"
#include "runtime/array.h"

typedef enum ValueTag {
    PROGRAM_UNIT,
    PROGRAM_ARRAY,    /* array: a tensor, a scalar is of rank 0 */
    PROGRAM_TUPLE,    /* items; field names NULL */
    PROGRAM_RECORD,   /* items with names: reports */
    PROGRAM_DATA,     /* set: a data set, a view of one, a batch */
    PROGRAM_STRING,   /* text: lives as long as the program */
    PROGRAM_INSTANCE, /* instance: the model itself, not a copy */
} ValueTag;

typedef struct ProgramValue ProgramValue;
struct ProgramValue {
    ValueTag tag;
    Array *array;
    ProgramValue *items;
    const Symbol **names;
    int count;
    const char *text;
    const Instance *instance;
    DataSet *set;
};

/* Each owns what it holds: release it once; retain gives a second owner. */
ProgramValue value_array(Array *array); /* takes over the reference */
ProgramValue value_data(DataSet *set);   /* takes over the reference */
ProgramValue value_list(ValueTag tag, int count); /* items are units at first */
ProgramValue value_retain(const ProgramValue *value);
void value_release(ProgramValue *value);
/* The item of a record by its name, not retained; NULL where there is none. */
const ProgramValue *value_field(const ProgramValue *record, const Symbol *name);

#endif
