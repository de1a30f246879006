/* IDX files: all element types, gzip, and what damaged ones do. */
#include "runtime/idx.h"
#include "tests/support/damage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static Bytes idx(unsigned char type, const char *rest, size_t size) {
    Bytes bytes = bytes_of((unsigned char[]){0, 0, type}, 3);
    bytes_add(&bytes, rest, size);
    return bytes;
}

#define IDX(type, rest) idx(type, rest, sizeof rest - 1)

static void check(Bytes bytes, DType dtype, const double *values, int count) {
    IoError error;
    Array *array = damage_read(bytes, idx_read, &error);
    assert_non_null(array);
    assert_int_equal(array->dtype, dtype);
    assert_int_equal(array->count, count);
    for (int i = 0; i < count; i++) assert_true(array_number(array, i) == values[i]);
    array_release(array);
    Bytes packed = bytes_packed(bytes.data, bytes.size, 15 + 16);
    array = damage_read(packed, idx_read, &error);
    assert_non_null(array);
    for (int i = 0; i < count; i++) assert_true(array_number(array, i) == values[i]);
    array_release(array);
    damage_truncate(bytes, idx_read, 1);
    damage_truncate(packed, idx_read, 1);
    damage_flip(bytes, idx_read);
    damage_flip(packed, idx_read);
    bytes_add(&bytes, "x", 1);
    assert_null(damage_read(bytes, idx_read, &error));
    assert_non_null(strstr(error.text, "bytes follow"));
    bytes_add(&packed, "x", 1);
    assert_null(damage_read(packed, idx_read, &error));
    assert_non_null(strstr(error.text, "bytes follow"));
    bytes_free(&packed);
    bytes_free(&bytes);
}

static void every_element_type_is_read(void **state) {
    (void)state;
    check(IDX(8, "\2\0\0\0\2\0\0\0\2" "\0\x7f\x80\xff"), DT_U8, (double[]){0, 127, 128, 255}, 4);
    check(IDX(9, "\1\0\0\0\3" "\0\x7f\x80"), DT_I8, (double[]){0, 127, -128}, 3);
    check(IDX(11, "\1\0\0\0\2" "\1\2\xff\xfe"), DT_I16, (double[]){258, -2}, 2);
    check(IDX(12, "\1\0\0\0\2" "\1\2\3\4\xff\xff\xff\xfe"), DT_I32, (double[]){16909060, -2}, 2);
    check(IDX(13, "\1\0\0\0\2" "\x3f\x80\0\0\xc0\x20\0\0"), DT_F32, (double[]){1, -2.5}, 2);
    check(IDX(14, "\1\0\0\0\1" "\xc0\4\0\0\0\0\0\0"), DT_F64, (double[]){-2.5}, 1);
    check(IDX(8, "\2\0\0\0\0\0\0\0\x1c"), DT_U8, NULL, 0);
}

static void rejects(Bytes bytes, IoCode code, const char *text) {
    IoError error;
    assert_null(damage_read(bytes, idx_read, &error));
    assert_int_equal(error.code, code);
    if (!strstr(error.text, text)) fail_msg("'%s' does not speak of '%s'", error.text, text);
    bytes_free(&bytes);
}

static void headers_that_lie_are_refused(void **state) {
    (void)state;
    rejects(IDX(10, "\1\0\0\0\1x"), IO_DAMAGED, "no IDX file");
    rejects(bytes_of("hello world", 11), IO_DAMAGED, "no IDX file");
    rejects(bytes_of("", 0), IO_DAMAGED, "the header");
    rejects(IDX(8, "\0"), IO_UNSUPPORTED, "0 axes");
    rejects(IDX(8, "\x09"), IO_UNSUPPORTED, "9 axes");
    /* 2^32 - 1 elements, and a product that overflows 64 bits: refused before anything is allocated */
    rejects(IDX(8, "\1\xff\xff\xff\xffxyz"), IO_DAMAGED, "promises more");
    rejects(IDX(14, "\3\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xffxyz"), IO_DAMAGED, "promises more");
    Bytes large = IDX(8, "\1\xff\xff\xff\xffxyz");
    rejects(bytes_packed(large.data, large.size, 15 + 16), IO_DAMAGED, "promises more");
    bytes_free(&large);
}

static void members_of_gzip_follow_each_other(void **state) {
    (void)state;
    Bytes one = bytes_packed("\0\0\10\1\0\0\0\3a", 9, 15 + 16), two = bytes_packed("bc", 2, 15 + 16);
    bytes_add(&one, two.data, two.size);
    IoError error;
    Array *array = damage_read(one, idx_read, &error);
    assert_non_null(array);
    assert_memory_equal(array->data, "abc", 3);
    array_release(array);
    bytes_free(&one);
    bytes_free(&two);
}

static void what_is_no_file_is_said(void **state) {
    (void)state;
    ByteFile file;
    IoError error;
    assert_false(byte_file_open(&file, "/nonexistent/file", &error));
    assert_int_equal(error.code, IO_MISSING);
    assert_false(byte_file_open(&file, TEST_FOLDER, &error));
    assert_string_equal(error.text, "it is a folder");
    assert_false(byte_file_open(&file, "/dev/null", &error));
    assert_string_equal(error.text, "it is no regular file");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_element_type_is_read),
        cmocka_unit_test(headers_that_lie_are_refused),
        cmocka_unit_test(members_of_gzip_follow_each_other),
        cmocka_unit_test(what_is_no_file_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
