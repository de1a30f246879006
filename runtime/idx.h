/* IDX files (LeCun's format of MNIST): two zero bytes, an element type, the number of axes, the extents as
 * big-endian 32-bit numbers, then the elements, big-endian, row-major.  Plain or gzip. */
#ifndef DLC_RUNTIME_IDX_H
#define DLC_RUNTIME_IDX_H

#include "runtime/array.h"
#include "runtime/byte_file.h"

/* The array, owned by the caller: u8, i8, i16, i32, f32 or f64, as the file says.  NULL after an error; nothing larger
 * than the file can hold is ever allocated. */
Array *idx_read(const ByteFile *file, IoError *error);

#endif
