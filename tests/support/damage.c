#include "tests/support/damage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

void bytes_add(Bytes *bytes, const void *data, size_t size) {
    bytes->data = realloc(bytes->data, bytes->size + size + 1);
    assert_non_null(bytes->data);
    if (size) memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

Bytes bytes_of(const void *data, size_t size) {
    Bytes bytes = {0};
    bytes_add(&bytes, data, size);
    return bytes;
}

Bytes bytes_packed(const void *data, size_t size, int window_bits) {
    Bytes bytes = {0};
    z_stream z = {0};
    unsigned char input[1] = {0}, *copy = malloc(size + 1);
    memcpy(copy, size ? data : input, size);
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    bytes.size = deflateBound(&z, (uLong)size) + 64;
    bytes.data = malloc(bytes.size);
    z.next_in = copy;
    z.avail_in = (uInt)size;
    z.next_out = bytes.data;
    z.avail_out = (uInt)bytes.size;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    bytes.size -= z.avail_out;
    deflateEnd(&z);
    free(copy);
    return bytes;
}

void bytes_free(Bytes *bytes) {
    free(bytes->data);
    *bytes = (Bytes){0};
}

Array *damage_read(Bytes bytes, DamageReader *read, IoError *error) {
    unsigned char *exact = malloc(bytes.size ? bytes.size : 1);
    if (bytes.size) memcpy(exact, bytes.data, bytes.size);
    ByteFile file = byte_file_memory(exact, bytes.size);
    *error = (IoError){0};
    Array *array = read(&file, error);
    if (!array) {
        assert_int_not_equal(error->code, IO_OK);
        assert_int_not_equal(error->text[0], 0);
    }
    free(exact);
    return array;
}

void damage_truncate(Bytes bytes, DamageReader *read, int always_wrong) {
    IoError error;
    for (size_t size = 0; size < bytes.size; size++) {
        Array *array = damage_read((Bytes){bytes.data, size}, read, &error);
        if (array && always_wrong) fail_msg("the first %zu of %zu bytes were taken for the whole", size, bytes.size);
        array_release(array);
    }
}

void damage_flip(Bytes bytes, DamageReader *read) {
    IoError error;
    for (size_t i = 0; i < bytes.size * 8; i++) {
        bytes.data[i / 8] ^= (unsigned char)(1u << i % 8);
        array_release(damage_read(bytes, read, &error));
        bytes.data[i / 8] ^= (unsigned char)(1u << i % 8);
    }
}
