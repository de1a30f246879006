/* .npy files and .npz archives: types, byte and axis order, zip entries, damage. */
#include "runtime/npy.h"
#include "tests/support/damage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static Bytes npy(int version, const char *header, const void *data, size_t size) {
    Bytes bytes = bytes_of("\x93NUMPY", 6);
    size_t len = strlen(header);
    bytes_add(&bytes, (unsigned char[]){(unsigned char)version, 0, (unsigned char)len, (unsigned char)(len >> 8), 0, 0},
              version == 1 ? 4 : 6);
    bytes_add(&bytes, header, len);
    bytes_add(&bytes, data, size);
    return bytes;
}

static void check(Bytes bytes, DamageReader *read, DType dtype, const double *values, int count) {
    IoError error;
    Array *array = damage_read(bytes, read, &error);
    if (!array) fail_msg("%s", error.text);
    assert_int_equal(array->dtype, dtype);
    assert_int_equal(array->count, count);
    for (int i = 0; i < count; i++) assert_true(array_number(array, i) == values[i]);
    array_release(array);
    damage_truncate(bytes, read, 1);
    damage_flip(bytes, read);
    bytes_free(&bytes);
}

#define NPY(version, type, order, shape, data)                                                                     \
    npy(version, "{'descr': '" type "', 'fortran_order': " order ", 'shape': " shape ", }   \n", data, sizeof data - 1)

static void types_and_orders_are_read(void **state) {
    (void)state;
    check(NPY(1, "<f4", "False", "(2,)", "\0\0\x80\x3f\0\0\x20\xc0"), npy_read, DT_F32, (double[]){1, -2.5}, 2);
    check(NPY(2, ">f4", "False", "(2,)", "\x3f\x80\0\0\xc0\x20\0\0"), npy_read, DT_F32, (double[]){1, -2.5}, 2);
    check(NPY(3, "<f2", "False", "(1,)", "\0\x3c"), npy_read, DT_F16, (double[]){1}, 1);
    check(NPY(1, "|b1", "False", "(2,)", "\0\1"), npy_read, DT_BOOL, (double[]){0, 1}, 2);
    check(NPY(1, "|u1", "False", "()", "\xff"), npy_read, DT_U8, (double[]){255}, 1);
    check(NPY(1, ">i8", "False", "(1,)", "\0\0\0\0\0\0\1\2"), npy_read, DT_I64, (double[]){258}, 1);
    check(NPY(1, "<u2", "False", "(2, 0)", ""), npy_read, DT_U16, NULL, 0);
    /* [[0, 1, 2], [3, 4, 5]] in Fortran order, and a cube */
    check(NPY(1, "|i1", "True", "(2, 3)", "\0\3\1\4\2\5"), npy_read, DT_I8, (double[]){0, 1, 2, 3, 4, 5}, 6);
    check(NPY(1, "|i1", "True", "(2, 2, 2)", "\0\4\2\6\1\5\3\7"), npy_read, DT_I8,
          (double[]){0, 1, 2, 3, 4, 5, 6, 7}, 8);
}

static void rejects(Bytes bytes, DamageReader *read, IoCode code, const char *text) {
    IoError error;
    assert_null(damage_read(bytes, read, &error));
    if (error.code != code || !strstr(error.text, text)) fail_msg("code %d '%s', not '%s'", error.code, error.text, text);
    bytes_free(&bytes);
}

static void other_headers_are_refused(void **state) {
    (void)state;
    rejects(bytes_of("no numpy file at all", 20), npy_read, IO_DAMAGED, "no .npy file");
    rejects(NPY(4, "|u1", "False", "(1,)", "x"), npy_read, IO_UNSUPPORTED, "version 4");
    rejects(NPY(1, "<c8", "False", "(1,)", "12345678"), npy_read, IO_UNSUPPORTED, "array of numbers");
    rejects(NPY(1, "|O", "False", "(1,)", "x"), npy_read, IO_UNSUPPORTED, "array of numbers");
    rejects(NPY(1, "|u1", "False", "(3)", "xyz"), npy_read, IO_UNSUPPORTED, "array of numbers");
    rejects(NPY(1, "|u1", "False", "(-1,)", "x"), npy_read, IO_UNSUPPORTED, "array of numbers");
    rejects(NPY(1, "|u1", "False", "(70368744177664, 70368744177664)", "x"), npy_read, IO_DAMAGED, "promises more");
    rejects(NPY(1, "|u1", "False", "(1,)", "xy"), npy_read, IO_DAMAGED, "bytes follow");
    rejects(NPY(1, "|b1", "False", "(1,)", "\2"), npy_read, IO_DAMAGED, "no bool");
    rejects(npy(1, "{'descr': '|u1', 'fortran_order': False}", "x", 1), npy_read, IO_UNSUPPORTED, "array of numbers");
}

/* ---- archives ----------------------------------------------------------------------------------------- */

static void add16(Bytes *bytes, unsigned value) { bytes_add(bytes, &(uint16_t){(uint16_t)value}, 2); }
static void add32(Bytes *bytes, uint32_t value) { bytes_add(bytes, &value, 4); }
static void add64(Bytes *bytes, uint64_t value) { bytes_add(bytes, &value, 8); }

/* What the header of an entry and its line in the directory share, from the flags on. */
static void add_common(Bytes *bytes, int method, Bytes plain, Bytes packed, int is_wide) {
    add16(bytes, 0);
    add16(bytes, (unsigned)method);
    add32(bytes, 0);
    add32(bytes, (uint32_t)crc32(crc32(0, NULL, 0), plain.data, (uInt)plain.size));
    add32(bytes, is_wide ? UINT32_MAX : (uint32_t)packed.size);
    add32(bytes, is_wide ? UINT32_MAX : (uint32_t)plain.size);
}

/* An archive of one or two arrays, with sizes in the 64-bit fields where is_wide is set. */
static Bytes archive(const char *const *names, const Bytes *arrays, int count, int method, int is_wide) {
    Bytes bytes = {0}, directory = {0};
    for (int i = 0; i < count; i++) {
        Bytes plain = arrays[i], packed = method ? bytes_packed(plain.data, plain.size, -15) : bytes_of(plain.data, plain.size);
        uint32_t offset = (uint32_t)bytes.size;
        bytes_add(&bytes, "PK\3\4", 4);
        add16(&bytes, 20);
        add_common(&bytes, method, plain, packed, is_wide);
        add16(&bytes, (unsigned)strlen(names[i]));
        add16(&bytes, is_wide ? 20 : 0);
        bytes_add(&bytes, names[i], strlen(names[i]));
        if (is_wide) {
            add16(&bytes, 1);
            add16(&bytes, 16);
            add64(&bytes, plain.size);
            add64(&bytes, packed.size);
        }
        bytes_add(&bytes, packed.data, packed.size);
        bytes_add(&directory, "PK\1\2", 4);
        add32(&directory, 20 << 16 | 20);
        add_common(&directory, method, plain, packed, is_wide);
        add16(&directory, (unsigned)strlen(names[i]));
        add16(&directory, is_wide ? 28 : 0);
        add16(&directory, 0);
        add64(&directory, 0);
        add32(&directory, is_wide ? UINT32_MAX : offset);
        bytes_add(&directory, names[i], strlen(names[i]));
        if (is_wide) {
            add16(&directory, 1);
            add16(&directory, 24);
            add64(&directory, plain.size);
            add64(&directory, packed.size);
            add64(&directory, offset);
        }
        bytes_free(&packed);
    }
    uint32_t start = (uint32_t)bytes.size;
    bytes_add(&bytes, directory.data, directory.size);
    if (is_wide) {
        uint64_t at = bytes.size;
        bytes_add(&bytes, "PK\6\6", 4);
        add64(&bytes, 44);
        add32(&bytes, 45 << 16 | 45);
        add64(&bytes, 0);
        add64(&bytes, (uint64_t)count);
        add64(&bytes, (uint64_t)count);
        add64(&bytes, directory.size);
        add64(&bytes, start);
        bytes_add(&bytes, "PK\6\7", 4);
        add32(&bytes, 0);
        add64(&bytes, at);
        add32(&bytes, 1);
    }
    bytes_add(&bytes, "PK\5\6", 4);
    add32(&bytes, 0);
    add16(&bytes, is_wide ? UINT16_MAX : (unsigned)count);
    add16(&bytes, is_wide ? UINT16_MAX : (unsigned)count);
    add32(&bytes, is_wide ? UINT32_MAX : (uint32_t)directory.size);
    add32(&bytes, is_wide ? UINT32_MAX : start);
    add16(&bytes, 0);
    bytes_free(&directory);
    return bytes;
}

static Array *read_b(const ByteFile *file, IoError *error) { return npz_read(file, "b", error); }
static Array *read_c(const ByteFile *file, IoError *error) { return npz_read(file, "c", error); }

static void archives_are_read(void **state) {
    (void)state;
    static const char *const names[] = {"a.npy", "b.npy"};
    Bytes arrays[] = {NPY(1, "|u1", "False", "(1,)", "x"), NPY(1, "|i1", "False", "(3,)", "\1\2\3")};
    for (int wide = 0; wide < 2; wide++) {
        check(archive(names, arrays, 2, 0, wide), read_b, DT_I8, (double[]){1, 2, 3}, 3);
        check(archive(names, arrays, 2, 8, wide), read_b, DT_I8, (double[]){1, 2, 3}, 3);
    }
    rejects(archive(names, arrays, 2, 8, 0), read_c, IO_NO_ENTRY, "no array \"c\"");
    rejects(bytes_of("PK, but no archive at all: too short", 36), read_b, IO_DAMAGED, "no .npz archive");
    Bytes wrong = archive(names, arrays, 2, 0, 0);
    wrong.data[30 + 5 + arrays[0].size + 30 + 5 + arrays[1].size - 1] ^= 1; /* the last element of b */
    rejects(wrong, read_b, IO_DAMAGED, "checksum");
    bytes_free(&arrays[0]);
    bytes_free(&arrays[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_and_orders_are_read),
        cmocka_unit_test(other_headers_are_refused),
        cmocka_unit_test(archives_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
