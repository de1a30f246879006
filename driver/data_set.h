/* Data sets of the running program: records of tensors with one leading dimension, and views of them.
 *
 * A set never copies records.  Its columns point to fields, which share one array each; which rows they are is a
 * stretch (`first`, `step`) or a list that all columns share.  Splitting, shuffling, selecting and cutting into
 * windows make a new DataSet of a few words (a list of rows for a selection), and only the batches that a step reads
 * and the fields that the program asks for become arrays of their own. */
#ifndef DLC_DRIVER_DATA_SET_H
#define DLC_DRIVER_DATA_SET_H

#include "base/symbol.h"
#include "lang/typed.h"
#include "runtime/array.h"

typedef struct OpenData OpenData; /* data.c */

/* Where the records of a field lie.  Counted; the array is NULL until somebody asks for it. */
typedef struct DataField {
    int owners;
    Array *array;
    const TDataField *declared; /* NULL: of an expression, the array is there */
    OpenData *from;             /* the set that declares it */
} DataField;

typedef struct DataColumn {
    const Symbol *name;
    DataField *field;
    int64_t offset; /* rows behind the record's: 1 for `next` of windows */
    int64_t window; /* rows that make one record; 0: a record is one row, without an axis for it */
} DataColumn;

/* Rows chosen one by one.  Counted. */
typedef struct DataRows {
    int owners;
    int64_t rows[];
} DataRows;

typedef struct DataSet {
    int owners;
    int64_t rows;        /* records */
    int64_t first, step; /* record i is row first + i*step, or list->rows[first + i*step] */
    DataRows *list;      /* or NULL */
    int count;
    DataColumn columns[];
} DataSet;

/* `field` is taken over by the column it is put into. */
DataField *data_field_new(Array *array, const TDataField *declared, OpenData *from); /* takes over the array */
void data_field_release(DataField *field);
/* A set of `count` columns that the caller fills, all rows in order. */
DataSet *data_set_new(int64_t rows, int count);
DataSet *data_set_retain(const DataSet *set);
void data_set_release(DataSet *set); /* NULL is fine */
/* Records first .. first + count - 1. */
DataSet *data_set_range(const DataSet *set, int64_t first, int64_t count);
/* The records of these numbers, each below set->rows, in this order. */
DataSet *data_set_select(const DataSet *set, const int64_t *records, int64_t count);
/* Fields `x` and `next`: rows i*stride .. i*stride + length - 1 of the array and those one further; as many as fit. */
DataSet *data_set_windows(Array *array, int64_t length, int64_t stride, const Symbol *x, const Symbol *next);
/* How many of them fit. */
int64_t window_count(int64_t rows, int64_t length, int64_t stride);

/* Of a column whose array is there: an array for `rows` records, and records order[first] .. order[first + count - 1]
 * (NULL: first .. first + count - 1) written to `to`. */
Array *column_array(const DataColumn *column, int64_t rows);
void column_gather(const DataSet *set, const DataColumn *column, const int64_t *order, int64_t first, int64_t count,
                   void *to);
/* All its records: the field's own array where that is all of it, else a copy. */
Array *column_whole(const DataSet *set, const DataColumn *column);

#endif
