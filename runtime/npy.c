/* The header of a .npy file is a Python dict in text, of which exactly the form that NumPy writes is taken:
 *     {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }                  keys in any order */
#include "runtime/npy.h"

#include "runtime/byte_order.h"
#include "runtime/npy_stream.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_HEADER_BYTES = 64 << 10 };

typedef struct Header {
    DType dtype;
    int is_big, is_fortran, rank;
    int64_t extents[ARRAY_MAX_RANK];
    int has_type, has_order, has_shape;
} Header;

static const char *skip_blanks(const char *at) { return at + strspn(at, " \t\n"); }

/* The rest behind `token`, or NULL. */
static const char *take(const char *at, const char *token) {
    at = skip_blanks(at);
    size_t len = strlen(token);
    return strncmp(at, token, len) == 0 ? skip_blanks(at + len) : NULL;
}

static const char *read_type(const char *at, Header *h) {
    static const struct {
        char name[3];
        DType dtype;
    } types[] = {{"b1", DT_BOOL}, {"i1", DT_I8}, {"i2", DT_I16}, {"i4", DT_I32}, {"i8", DT_I64}, {"u1", DT_U8},
                 {"u2", DT_U16}, {"u4", DT_U32}, {"u8", DT_U64}, {"f2", DT_F16}, {"f4", DT_F32}, {"f8", DT_F64}};
    if (*at != '\'' && *at != '"') return NULL;
    char quote = *at++, order = *at;
    if (!order || !strchr("<>|=", order)) return NULL;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strncmp(at + 1, types[i].name, 2) == 0 && at[3] == quote) {
            h->dtype = types[i].dtype;
            h->is_big = order == '>';
            h->has_type = 1;
            return at + 4;
        }
    return NULL;
}

static const char *read_order(const char *at, Header *h) {
    const char *rest = take(at, "True");
    h->is_fortran = rest != NULL;
    if (!rest) rest = take(at, "False");
    h->has_order = rest != NULL;
    return rest;
}

static const char *read_shape(const char *at, Header *h) {
    if (*at++ != '(') return NULL;
    h->rank = 0;
    for (at = skip_blanks(at); *at != ')';) {
        char *end;
        if (*at < '0' || *at > '9' || h->rank == ARRAY_MAX_RANK) return NULL;
        long long extent = strtoll(at, &end, 10);
        if (extent > (long long)1 << 46) return NULL;
        h->extents[h->rank++] = extent;
        at = skip_blanks(end);
        if (*at == ',') at = skip_blanks(at + 1);
        else if (*at != ')' || h->rank == 1) return NULL; /* (3) is a number, (3,) a shape */
    }
    h->has_shape = 1;
    return at + 1;
}

static int parse_header(const char *text, Header *h) {
    const char *at = take(text, "{");
    while (at && *at != '}') {
        const char *rest;
        if ((rest = take(at, "'descr'"))) at = (rest = take(rest, ":")) ? read_type(rest, h) : NULL;
        else if ((rest = take(at, "'fortran_order'"))) at = (rest = take(rest, ":")) ? read_order(rest, h) : NULL;
        else if ((rest = take(at, "'shape'"))) at = (rest = take(rest, ":")) ? read_shape(rest, h) : NULL;
        else at = NULL;
        if (!at) return 0;
        at = skip_blanks(at);
        if (*at == ',') at = skip_blanks(at + 1);
        else if (*at != '}') return 0;
    }
    return at && !*skip_blanks(at + 1) && h->has_type && h->has_order && h->has_shape;
}

static int read_header(ByteStream *stream, Header *h, IoError *error) {
    unsigned char fixed[12];
    if (!byte_stream_exactly(stream, fixed, 8, "the header", error)) return 0;
    if (memcmp(fixed, "\x93NUMPY", 6) != 0) return io_fail(error, IO_DAMAGED, "it is no .npy file");
    if (fixed[6] < 1 || fixed[6] > 3)
        return io_fail(error, IO_UNSUPPORTED, "it has version %d of the format; 1 to 3 are known", fixed[6]);
    int size = fixed[6] == 1 ? 2 : 4;
    if (!byte_stream_exactly(stream, fixed + 8, size, "the header", error)) return 0;
    uint32_t len = size == 2 ? order_little16(fixed + 8) : order_little32(fixed + 8);
    if (len > MAX_HEADER_BYTES) return io_fail(error, IO_DAMAGED, "its header is longer than 64 KiB");
    char *text = calloc(1, (size_t)len + 1);
    if (!text) return io_fail(error, IO_MEMORY, "no memory to read it");
    int is_good = byte_stream_exactly(stream, text, len, "the header", error);
    if (is_good && (strlen(text) != len || !parse_header(text, h)))
        is_good = io_fail(error, IO_UNSUPPORTED, "its header does not describe an array of numbers: %.100s", text);
    free(text);
    return is_good;
}

static int fits(const Header *h, int64_t most) {
    int64_t size = dtype_bytes(h->dtype);
    int is_large = 0;
    for (int i = 0; i < h->rank; i++) {
        if (!h->extents[i]) return 1;
        is_large |= __builtin_mul_overflow(size, h->extents[i], &size) || size > most;
    }
    return !is_large && size <= most;
}

/* The elements of `from`, the first axis running fastest, into `to`, row-major; both have the extents of `to`. */
static void from_fortran(const Array *from, Array *to) {
    int64_t index[ARRAY_MAX_RANK] = {0}, steps[ARRAY_MAX_RANK], step = 1, at = 0;
    int size = dtype_bytes(to->dtype);
    for (int k = 0; k < to->rank; k++) {
        steps[k] = step;
        step *= to->extents[k];
    }
    for (int64_t i = 0; i < to->count; i++) {
        memcpy((char *)to->data + i * size, (const char *)from->data + at * size, (size_t)size);
        for (int k = to->rank - 1; k >= 0; k--) {
            at += steps[k];
            if (++index[k] < to->extents[k]) break;
            at -= index[k] * steps[k];
            index[k] = 0;
        }
    }
}

/* A bool is 0 or 1 here. */
static int check_bools(const Array *array, IoError *error) {
    for (int64_t i = 0; array->dtype == DT_BOOL && i < array->count; i++)
        if (((const uint8_t *)array->data)[i] > 1)
            return io_fail(error, IO_DAMAGED, "element %lld is no bool", (long long)i);
    return 1;
}

Array *npy_read_stream(ByteStream *stream, IoError *error) {
    Header h = {0};
    if (!read_header(stream, &h, error)) return NULL;
    if (!fits(&h, byte_stream_most(stream))) {
        io_fail(error, IO_DAMAGED, "its header promises more elements than the file can hold");
        return NULL;
    }
    Array *array = array_try_new(h.dtype, h.rank, h.extents);
    Array *turned = array && h.is_fortran && h.rank > 1 ? array_try_new(h.dtype, h.rank, h.extents) : NULL;
    int is_good = array && (turned || !h.is_fortran || h.rank < 2);
    if (!is_good) io_fail(error, IO_MEMORY, "no memory for its elements");
    is_good = is_good && byte_stream_exactly(stream, array->data, array_bytes(array), "the elements", error) &&
              check_bools(array, error);
    if (is_good && h.is_big) order_swap(array->data, array->count, dtype_bytes(array->dtype));
    if (is_good && turned) {
        from_fortran(array, turned);
        array_release(array);
        return turned;
    }
    array_release(turned);
    if (is_good) return array;
    array_release(array);
    return NULL;
}

Array *npy_read(const ByteFile *file, IoError *error) {
    ByteStream *stream = byte_stream_new(file, 0, file->size, STREAM_PLAIN, error);
    Array *array = stream ? npy_read_stream(stream, error) : NULL;
    if (array && !byte_stream_at_end(stream, error)) {
        array_release(array);
        array = NULL;
    }
    byte_stream_free(stream);
    return array;
}
