#include "runtime/byte_stream.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { BUFFER_BYTES = 64 << 10, MOST_RATIO = 1032 };

struct ByteStream {
    const ByteFile *file;
    int64_t at, last, most;
    StreamForm form;
    int is_ended;  /* packed forms: the end marker was seen and nothing follows */
    z_stream zlib; /* packed forms */
    unsigned char buffer[BUFFER_BYTES];
};

ByteStream *byte_stream_new(const ByteFile *file, int64_t first, int64_t last, StreamForm form, IoError *error) {
    ByteStream *stream = calloc(1, sizeof *stream);
    if (!stream) {
        io_fail(error, IO_MEMORY, "no memory to read it");
        return NULL;
    }
    stream->file = file;
    stream->at = first;
    stream->last = last;
    stream->form = form;
    stream->most = last - first;
    if (form == STREAM_PLAIN) return stream;
    if (__builtin_mul_overflow(stream->most, (int64_t)MOST_RATIO, &stream->most)) stream->most = INT64_MAX;
    if (inflateInit2(&stream->zlib, form == STREAM_GZIP ? 16 + MAX_WBITS : -MAX_WBITS) != Z_OK) {
        free(stream);
        io_fail(error, IO_MEMORY, "no memory to unpack it");
        return NULL;
    }
    return stream;
}

ByteStream *byte_stream_of(const ByteFile *file, IoError *error) {
    unsigned char magic[2] = {0};
    if (file->size >= 2 && !byte_file_read(file, 0, magic, 2, error)) return NULL;
    int is_gzip = magic[0] == 0x1f && magic[1] == 0x8b;
    return byte_stream_new(file, 0, file->size, is_gzip ? STREAM_GZIP : STREAM_PLAIN, error);
}

void byte_stream_free(ByteStream *stream) {
    if (stream && stream->form != STREAM_PLAIN) inflateEnd(&stream->zlib);
    free(stream);
}

int64_t byte_stream_most(const ByteStream *stream) { return stream->most; }

/* Packed bytes for zlib where it has none; false after an error. */
static int fill(ByteStream *stream, IoError *error) {
    z_stream *z = &stream->zlib;
    if (z->avail_in || stream->at == stream->last) return 1;
    int64_t len = stream->last - stream->at;
    if (len > BUFFER_BYTES) len = BUFFER_BYTES;
    if (!byte_file_read(stream->file, stream->at, stream->buffer, len, error)) return 0;
    stream->at += len;
    z->next_in = stream->buffer;
    z->avail_in = (uInt)len;
    return 1;
}

/* Behind a member: the next one, the end, or bytes that do not belong there. */
static int end_member(ByteStream *stream, IoError *error) {
    if (!fill(stream, error)) return 0;
    if (!stream->zlib.avail_in) {
        stream->is_ended = 1;
        return 1;
    }
    if (stream->form == STREAM_GZIP && stream->zlib.next_in[0] == 0x1f) return inflateReset(&stream->zlib) == Z_OK;
    return io_fail(error, IO_DAMAGED, "bytes follow behind the compressed data");
}

static int64_t inflate_some(ByteStream *stream, void *to, int64_t len, IoError *error) {
    z_stream *z = &stream->zlib;
    unsigned char *at = to;
    while (len > 0 && !stream->is_ended) {
        if (!fill(stream, error)) return -1;
        int is_last = !z->avail_in; /* nothing more to give: zlib must end with what it holds */
        uInt room = len > 1 << 30 ? 1u << 30 : (uInt)len;
        z->next_out = at;
        z->avail_out = room;
        int result = inflate(z, Z_NO_FLUSH);
        uInt got = room - z->avail_out;
        at += got;
        len -= got;
        if (result == Z_STREAM_END) {
            if (!end_member(stream, error)) return -1;
        } else if (result == Z_MEM_ERROR) {
            return io_fail(error, IO_MEMORY, "no memory to unpack it") - 1;
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            return io_fail(error, IO_DAMAGED, "the compressed data is damaged: %s", z->msg ? z->msg : "wrong bytes") - 1;
        } else if (is_last && !got) {
            return io_fail(error, IO_DAMAGED, "the compressed data ends early") - 1;
        }
    }
    return at - (unsigned char *)to;
}

int64_t byte_stream_read(ByteStream *stream, void *to, int64_t len, IoError *error) {
    if (stream->form != STREAM_PLAIN) return inflate_some(stream, to, len, error);
    if (len > stream->last - stream->at) len = stream->last - stream->at;
    if (!byte_file_read(stream->file, stream->at, to, len, error)) return -1;
    stream->at += len;
    return len;
}

int byte_stream_exactly(ByteStream *stream, void *to, int64_t len, const char *what, IoError *error) {
    int64_t got = byte_stream_read(stream, to, len, error);
    if (got == len) return 1;
    if (got >= 0)
        io_fail(error, IO_DAMAGED, "it ends inside %s: %lld of %lld bytes are there", what, (long long)got,
                (long long)len);
    return 0;
}

int byte_stream_at_end(ByteStream *stream, IoError *error) {
    char more;
    int64_t got = byte_stream_read(stream, &more, 1, error);
    if (got > 0) io_fail(error, IO_DAMAGED, "bytes follow behind its end");
    return got == 0;
}
