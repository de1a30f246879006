/* Packed data: the form of the data sets that travel inside the program.
 *
 * A file is a text header and bits.  The header is one line `dlc-packed 1`, then a line per field, then an empty
 * line:   name dtype bits extent...      such as   train-image u8 5 1437 8 8
 * Behind it come the fields in the same order, each element in `bits` bits (1 to 16), least significant bit first,
 * each field beginning at a byte.  An index[V] is stored as i32. */
#ifndef DLC_RUNTIME_PACKED_H
#define DLC_RUNTIME_PACKED_H

#include "runtime/array.h"

#include <stddef.h>

typedef enum PackedResult {
    PACKED_OK,
    PACKED_NO_FIELD, /* the file has no field of that name */
    PACKED_DAMAGED,  /* the header or the length is wrong */
} PackedResult;

/* On PACKED_OK `*array` is the field's, owned by the caller; else NULL. */
PackedResult packed_read(const char *bytes, size_t size, const char *field, Array **array);

#endif
