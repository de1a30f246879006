/* What .npy files and the entries of .npz archives share. */
#ifndef DLC_RUNTIME_NPY_STREAM_H
#define DLC_RUNTIME_NPY_STREAM_H

#include "runtime/array.h"
#include "runtime/byte_stream.h"

/* One .npy file up to its last element; what follows is the caller's to judge. */
Array *npy_read_stream(ByteStream *stream, IoError *error);

#endif
