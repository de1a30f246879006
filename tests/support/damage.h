/* What damaged files do to a reader: every shorter piece of a good file, and every file that differs in one bit.
 * Each piece is a block of its own, so that the address sanitizer sees a read behind its end. */
#ifndef DLC_TESTS_DAMAGE_H
#define DLC_TESTS_DAMAGE_H

#include "runtime/array.h"
#include "runtime/byte_file.h"

#include <zlib.h>

/* A reader under test: gives an array (released by the caller), or NULL with the error filled in. */
typedef Array *DamageReader(const ByteFile *file, IoError *error);

typedef struct Bytes {
    unsigned char *data;
    size_t size;
} Bytes;

Bytes bytes_of(const void *data, size_t size);
/* Appends to the block. */
void bytes_add(Bytes *bytes, const void *data, size_t size);
/* window_bits as deflateInit2 takes them: 15 + 16 gzip, -15 bare deflate. */
Bytes bytes_packed(const void *data, size_t size, int window_bits);
void bytes_free(Bytes *bytes);

/* Reads the bytes; fails the test unless there is an array or an error with code and text. */
Array *damage_read(Bytes bytes, DamageReader *read, IoError *error);
/* Every truncation; where `always_wrong` each must be an error. */
void damage_truncate(Bytes bytes, DamageReader *read, int always_wrong);
/* Every flipped bit: an array or an error. */
void damage_flip(Bytes bytes, DamageReader *read);

#endif
