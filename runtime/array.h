/* Arrays: the tensors of a running program.  Row-major, dense, counted.
 *
 * Storage starts at a multiple of 64 bytes and is zero up to the next multiple behind its end, so that kernels
 * may load whole vectors.  An array that several owners hold is immutable: who wants to write one makes sure
 * first that it is the only owner (array_own).  The count is atomic; contents are written by one thread, or by
 * the ranges of a kernel, never beside a reader. */
#ifndef DLC_RUNTIME_ARRAY_H
#define DLC_RUNTIME_ARRAY_H

#include "base/dtype.h"

#include <stdatomic.h>
#include <stdint.h>

enum { ARRAY_MAX_RANK = 8, ARRAY_ALIGN = 64 };

typedef struct Array {
    DType dtype;
    int rank;
    int64_t extents[ARRAY_MAX_RANK];
    int64_t count; /* elements: the product of the extents */
    void *data;
    atomic_int owners;
} Array;

/* All elements zero; the caller is its owner.  NULL when there is no memory for it. */
Array *array_try_new(DType dtype, int rank, const int64_t *extents);
/* As array_try_new, but running out of memory ends the process with a message and exit code 4. */
Array *array_new(DType dtype, int rank, const int64_t *extents);
/* Rank 0, `value` converted as by array_set_number. */
Array *array_scalar(DType dtype, double value);
Array *array_retain(Array *array);
void array_release(Array *array); /* NULL is fine */
int array_is_shared(const Array *array);
Array *array_copy(const Array *array);
/* Gives one reference away and returns an array with the same elements that nobody else holds: the same one when
 * it is not shared, else a copy. */
Array *array_own(Array *array);
int64_t array_bytes(const Array *array); /* of the elements, without padding */

/* Element i (row-major) as a double; bool is 0 or 1.  Exact but for integers beyond 2^53. */
double array_number(const Array *array, int64_t i);
/* Element i of an integer or bool array. */
int64_t array_integer(const Array *array, int64_t i);
/* Rounds to nearest for floats, saturates for integers (NaN gives 0), as the loop IR's convert does. */
void array_set_number(Array *array, int64_t i, double value);

/* Index `turn` of `axis`: an array of one rank less. */
Array *array_slice(const Array *array, int axis, int64_t turn);
/* The inverse: writes `slice`, of one rank less, to index `turn` of `axis` of an array that nobody shares. */
void array_set_slice(Array *array, int axis, int64_t turn, const Array *slice);
/* Rows order[first] .. order[last-1] of the leading axis; with `order` NULL rows first .. last-1. */
Array *array_rows(const Array *array, const int64_t *order, int64_t first, int64_t last);

/* The array as a person reads it (array_text.c): a scalar `1.33333`, a tensor `[2, -3.4]`, rows on lines of their
 * own when they do not fit one line of 80 columns, `...` for the middle of axes when there are more than 1,000
 * elements.  `decimals` is the number of digits behind the point; -1: six significant digits. */
char *array_text(const Array *array, int decimals);
void array_text_free(char *text);

#endif
