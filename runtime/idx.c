#include "runtime/idx.h"

#include "runtime/byte_order.h"
#include "runtime/byte_stream.h"

static int dtype_of(unsigned char code, DType *dtype) {
    switch (code) {
    case 0x08: *dtype = DT_U8; return 1;
    case 0x09: *dtype = DT_I8; return 1;
    case 0x0b: *dtype = DT_I16; return 1;
    case 0x0c: *dtype = DT_I32; return 1;
    case 0x0d: *dtype = DT_F32; return 1;
    case 0x0e: *dtype = DT_F64; return 1;
    default: return 0;
    }
}

typedef struct Header {
    DType dtype;
    int rank;
    int64_t extents[ARRAY_MAX_RANK];
} Header;

static int read_header(ByteStream *stream, Header *header, IoError *error) {
    unsigned char bytes[4];
    if (!byte_stream_exactly(stream, bytes, 4, "the header", error)) return 0;
    if (bytes[0] || bytes[1] || !dtype_of(bytes[2], &header->dtype))
        return io_fail(error, IO_DAMAGED, "it is no IDX file: it begins with %02x %02x %02x %02x", bytes[0], bytes[1],
                       bytes[2], bytes[3]);
    header->rank = bytes[3];
    if (header->rank < 1 || header->rank > ARRAY_MAX_RANK)
        return io_fail(error, IO_UNSUPPORTED, "it has %d axes; 1 to %d can be read", header->rank, ARRAY_MAX_RANK);
    int64_t size = dtype_bytes(header->dtype), most = byte_stream_most(stream);
    int is_empty = 0, is_large = 0;
    for (int i = 0; i < header->rank; i++) {
        if (!byte_stream_exactly(stream, bytes, 4, "the header", error)) return 0;
        header->extents[i] = order_big32(bytes);
        is_empty |= !header->extents[i];
        is_large |= __builtin_mul_overflow(size, header->extents[i], &size) || size > most;
    }
    if (is_large && !is_empty)
        return io_fail(error, IO_DAMAGED, "its header promises more elements than the file can hold");
    return 1;
}

static Array *read_array(ByteStream *stream, IoError *error) {
    Header header;
    if (!read_header(stream, &header, error)) return NULL;
    Array *array = array_try_new(header.dtype, header.rank, header.extents);
    if (!array) {
        io_fail(error, IO_MEMORY, "no memory for its elements");
        return NULL;
    }
    if (byte_stream_exactly(stream, array->data, array_bytes(array), "the elements", error) &&
        byte_stream_at_end(stream, error)) {
        order_swap(array->data, array->count, dtype_bytes(array->dtype));
        return array;
    }
    array_release(array);
    return NULL;
}

Array *idx_read(const ByteFile *file, IoError *error) {
    ByteStream *stream = byte_stream_of(file, error);
    if (!stream) return NULL;
    Array *array = read_array(stream, error);
    byte_stream_free(stream);
    return array;
}
