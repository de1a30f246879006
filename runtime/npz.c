/* Just enough of zip (APPNOTE 6.3): the directory at the end is the truth; of an entry's own header only its length
 * is used.  Entries are stored or deflated; the checksum of what was unpacked is compared. */
#include "runtime/npy.h"

#include "runtime/byte_order.h"
#include "runtime/npy_stream.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { END_BYTES = 22, END_SEARCH = 64 << 10, LOCATOR_BYTES = 20, ENTRY_BYTES = 46, LOCAL_BYTES = 30 };

typedef struct Entry {
    int method;
    uint32_t check;
    int64_t packed, unpacked, offset;
} Entry;

typedef struct Directory {
    unsigned char *bytes; /* all of it, in memory */
    int64_t size;
    int64_t entries;
} Directory;

static int is_signature(const unsigned char *at, int third, int fourth) {
    return at[0] == 'P' && at[1] == 'K' && at[2] == third && at[3] == fourth;
}

/* Offset, size and number of entries from the 64-bit record, where the old one says to look there. */
static int read_end64(const ByteFile *file, int64_t end, int64_t *offset, Directory *d, IoError *error) {
    unsigned char locator[LOCATOR_BYTES], record[56];
    if (!byte_file_read(file, end - LOCATOR_BYTES, locator, LOCATOR_BYTES, error)) return 0;
    if (!is_signature(locator, 6, 7)) return io_fail(error, IO_DAMAGED, "the archive's directory is damaged");
    if (!byte_file_read(file, (int64_t)order_little64(locator + 8), record, sizeof record, error)) return 0;
    if (!is_signature(record, 6, 6)) return io_fail(error, IO_DAMAGED, "the archive's directory is damaged");
    d->entries = (int64_t)order_little64(record + 32);
    d->size = (int64_t)order_little64(record + 40);
    *offset = (int64_t)order_little64(record + 48);
    return 1;
}

static int read_directory(const ByteFile *file, Directory *d, IoError *error) {
    int64_t len = file->size < END_SEARCH + END_BYTES ? file->size : END_SEARCH + END_BYTES;
    unsigned char *tail = malloc((size_t)len + 1);
    if (!tail) return io_fail(error, IO_MEMORY, "no memory to read it");
    int64_t at = -1, offset = 0;
    int is_good = byte_file_read(file, file->size - len, tail, len, error);
    for (int64_t i = len - END_BYTES; is_good && i >= 0 && at < 0; i--)
        if (is_signature(tail + i, 5, 6)) at = i;
    if (is_good && at < 0) is_good = io_fail(error, IO_DAMAGED, "it is no .npz archive, or it ends early");
    if (is_good) {
        d->entries = order_little16(tail + at + 10);
        d->size = order_little32(tail + at + 12);
        offset = order_little32(tail + at + 16);
        if (d->entries == UINT16_MAX || d->size == UINT32_MAX || offset == UINT32_MAX)
            is_good = read_end64(file, file->size - len + at, &offset, d, error);
    }
    free(tail);
    if (!is_good) return 0;
    if (d->size < 0 || d->size > file->size || offset < 0 || offset > file->size - d->size)
        return io_fail(error, IO_DAMAGED, "the archive's directory lies outside the file");
    d->bytes = malloc((size_t)d->size + 1);
    if (!d->bytes) return io_fail(error, IO_MEMORY, "no memory to read it");
    return byte_file_read(file, offset, d->bytes, d->size, error);
}

/* Sizes and offset that did not fit 32 bits stand in the extra field 1, in this order. */
static int read_extra(const unsigned char *extra, int len, Entry *e) {
    int64_t *const wide[] = {&e->unpacked, &e->packed, &e->offset};
    while (len >= 4) {
        int id = order_little16(extra), size = order_little16(extra + 2);
        if (size > len - 4) return 0;
        const unsigned char *at = extra + 4;
        for (int i = 0; id == 1 && i < 3; i++) {
            if (*wide[i] != UINT32_MAX) continue;
            if (at + 8 > extra + 4 + size) return 0;
            *wide[i] = (int64_t)order_little64(at);
            at += 8;
        }
        extra += 4 + size;
        len -= 4 + size;
    }
    return 1;
}

static int is_named(const unsigned char *found, size_t len, const char *name) {
    size_t own = strlen(name);
    return len == own + 4 && memcmp(found, name, own) == 0 && memcmp(found + own, ".npy", 4) == 0;
}

static int find_entry(const Directory *d, const char *name, Entry *e, IoError *error) {
    const unsigned char *at = d->bytes, *end = d->bytes + d->size;
    for (int64_t i = 0; i < d->entries; i++) {
        if (end - at < ENTRY_BYTES || !is_signature(at, 1, 2))
            return io_fail(error, IO_DAMAGED, "the archive's directory is damaged");
        int name_len = order_little16(at + 28), extra = order_little16(at + 30), comment = order_little16(at + 32);
        if (end - at - ENTRY_BYTES < name_len + extra + comment)
            return io_fail(error, IO_DAMAGED, "the archive's directory is damaged");
        if (is_named(at + ENTRY_BYTES, (size_t)name_len, name)) {
            *e = (Entry){.method = order_little16(at + 10), .check = order_little32(at + 16),
                         .packed = order_little32(at + 20), .unpacked = order_little32(at + 24),
                         .offset = order_little32(at + 42)};
            if (order_little16(at + 8) & 1) return io_fail(error, IO_UNSUPPORTED, "its entries are encrypted");
            return read_extra(at + ENTRY_BYTES + name_len, extra, e) ||
                   io_fail(error, IO_DAMAGED, "the archive's directory is damaged");
        }
        at += ENTRY_BYTES + name_len + extra + comment;
    }
    return io_fail(error, IO_NO_ENTRY, "the archive has no array \"%.60s\"", name);
}

/* The checksum of an entry, in a pass of its own: the reader of the array need not know of it. */
static int check_entry(const ByteFile *file, const Entry *e, int64_t first, StreamForm form, IoError *error) {
    ByteStream *stream = byte_stream_new(file, first, first + e->packed, form, error);
    if (!stream) return 0;
    unsigned char chunk[16 << 10];
    uLong check = crc32(0, NULL, 0);
    int64_t size = 0, got;
    while ((got = byte_stream_read(stream, chunk, sizeof chunk, error)) > 0) {
        check = crc32(check, chunk, (uInt)got);
        size += got;
        if (size > e->unpacked) break;
    }
    byte_stream_free(stream);
    if (got < 0) return 0;
    if (size == e->unpacked && (uint32_t)check == e->check) return 1;
    return io_fail(error, IO_DAMAGED, "the array's bytes do not have their checksum");
}

static Array *read_entry(const ByteFile *file, const Entry *e, IoError *error) {
    unsigned char local[LOCAL_BYTES];
    if (e->method != 0 && e->method != 8) {
        io_fail(error, IO_UNSUPPORTED, "its entries are compressed by method %d; stored and deflated can be read",
                e->method);
        return NULL;
    }
    if (!byte_file_read(file, e->offset, local, LOCAL_BYTES, error)) return NULL;
    int64_t first = e->offset + LOCAL_BYTES + order_little16(local + 26) + order_little16(local + 28);
    if (!is_signature(local, 3, 4) || e->packed < 0 || first > file->size || e->packed > file->size - first) {
        io_fail(error, IO_DAMAGED, "the array lies outside the archive");
        return NULL;
    }
    StreamForm form = e->method ? STREAM_DEFLATE : STREAM_PLAIN;
    if (!check_entry(file, e, first, form, error)) return NULL;
    ByteStream *stream = byte_stream_new(file, first, first + e->packed, form, error);
    Array *array = stream ? npy_read_stream(stream, error) : NULL;
    if (array && !byte_stream_at_end(stream, error)) {
        array_release(array);
        array = NULL;
    }
    byte_stream_free(stream);
    return array;
}

Array *npz_read(const ByteFile *file, const char *name, IoError *error) {
    Directory d = {0};
    Entry e;
    Array *array = NULL;
    if (read_directory(file, &d, error) && find_entry(&d, name, &e, error)) array = read_entry(file, &e, error);
    free(d.bytes);
    return array;
}
