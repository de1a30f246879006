/* Named arrays in a file, in the safetensors format: eight bytes with the length of a JSON header, the header
 * ({"Net.w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, ...}), then the elements, little-endian.
 * What is written is read back with the same bits; every tool that knows the format reads it too. */
#ifndef DLC_RUNTIME_SAFETENSORS_H
#define DLC_RUNTIME_SAFETENSORS_H

#include "runtime/array.h"
#include "runtime/byte_file.h"

typedef struct NamedArray {
    const char *name; /* UTF-8 */
    Array *array;
} NamedArray;

typedef struct TensorFile {
    NamedArray *items; /* in the order of the file */
    int count;
} TensorFile;

/* Writes the arrays in their order, atomically.  Names differ. */
int safetensors_write(const char *path, const NamedArray *items, int count, IoError *error);
/* All arrays of a file, owned by `tensors` (tensors_release).  The header must follow the format to the letter: known
 * types, no name twice, offsets that match shapes, follow each other without holes and end with the file. */
int safetensors_read(const ByteFile *file, TensorFile *tensors, IoError *error);
void tensors_release(TensorFile *tensors);
/* Borrowed; NULL where there is none of the name. */
Array *tensors_find(const TensorFile *tensors, const char *name);

#endif
