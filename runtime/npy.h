/* NumPy's files: .npy (versions 1 to 3) and arrays in .npz archives (zip, stored or deflated, also with 64-bit
 * sizes).  Both byte orders, C order and Fortran order; elements of our types: b1, i1..i8, u1..u8, f2, f4, f8. */
#ifndef DLC_RUNTIME_NPY_H
#define DLC_RUNTIME_NPY_H

#include "runtime/array.h"
#include "runtime/byte_file.h"

/* The array, owned by the caller; NULL after an error.  Nothing larger than the file can hold is allocated. */
Array *npy_read(const ByteFile *file, IoError *error);
/* The array `name` of an archive (its entry "name.npy"); IO_NO_ENTRY where there is none. */
Array *npz_read(const ByteFile *file, const char *name, IoError *error);

#endif
