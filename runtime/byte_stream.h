/* A run of bytes read from front to back, unpacked on the way: as they are, gzip, or bare deflate.
 *
 * Memory is bounded: one buffer of 64 KiB and zlib's window.  What a stream can give at most is known before
 * anything is unpacked (deflate packs at most 1032 to 1), so that a header which promises more is refused before
 * memory is taken for it. */
#ifndef DLC_RUNTIME_BYTE_STREAM_H
#define DLC_RUNTIME_BYTE_STREAM_H

#include "runtime/byte_file.h"

typedef enum StreamForm {
    STREAM_PLAIN,
    STREAM_GZIP,    /* RFC 1952, several members in a row too; their checksums are checked */
    STREAM_DEFLATE, /* RFC 1951, one block sequence */
} StreamForm;

typedef struct ByteStream ByteStream;

/* Bytes first .. last-1 of the file, which must outlive the stream.  NULL without memory. */
ByteStream *byte_stream_new(const ByteFile *file, int64_t first, int64_t last, StreamForm form, IoError *error);
/* The whole file: gzip where it begins like one, else as it is. */
ByteStream *byte_stream_of(const ByteFile *file, IoError *error);
void byte_stream_free(ByteStream *stream); /* NULL is fine */
/* Up to `len` bytes; fewer only at the end, -1 after an error. */
int64_t byte_stream_read(ByteStream *stream, void *to, int64_t len, IoError *error);
/* All `len` bytes or an error that says that the data ends inside `what`. */
int byte_stream_exactly(ByteStream *stream, void *to, int64_t len, const char *what, IoError *error);
/* True where nothing follows; else an error. */
int byte_stream_at_end(ByteStream *stream, IoError *error);
/* An upper bound of the bytes that the whole stream gives. */
int64_t byte_stream_most(const ByteStream *stream);

#endif
