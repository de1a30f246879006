/* Arrays: sharing, conversion of elements, rows and slices, and the text a person reads. */
#include "runtime/array.h"
#include "runtime/half.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static Array *make(DType dtype, int rank, const int64_t *extents, const double *values) {
    Array *array = array_new(dtype, rank, extents);
    for (int64_t i = 0; i < array->count; i++) array_set_number(array, i, values[i]);
    return array;
}

static void assert_text(Array *array, int decimals, const char *expected) {
    char *text = array_text(array, decimals);
    assert_string_equal(text, expected);
    array_text_free(text);
    array_release(array);
}

static void storage_is_aligned_and_padded(void **state) {
    (void)state;
    for (int64_t n = 0; n < 70; n++) {
        Array *array = array_new(DT_U8, 1, &n);
        assert_int_equal((uintptr_t)array->data % 64, 0);
        int64_t padded = n ? (n + 63) / 64 * 64 : 64;
        for (int64_t i = 0; i < padded; i++) assert_int_equal(((uint8_t *)array->data)[i], 0);
        assert_int_equal(array_bytes(array), n);
        array_release(array);
    }
    int64_t huge[2] = {INT64_MAX / 2, 3}, large = INT64_MAX - 100, negative = -1;
    assert_null(array_try_new(DT_F32, 2, huge));
    assert_null(array_try_new(DT_U8, 1, &large));
    assert_null(array_try_new(DT_U8, 1, &negative));
}

static void a_snapshot_keeps_its_value(void **state) {
    (void)state;
    int64_t n = 2;
    Array *weight = make(DT_F32, 1, &n, (double[]){1, 2});
    assert_false(array_is_shared(weight));
    assert_ptr_equal(array_own(weight), weight);
    Array *snapshot = array_retain(weight);
    assert_true(array_is_shared(weight));
    weight = array_own(weight);
    assert_ptr_not_equal(weight, snapshot);
    array_set_number(weight, 0, 7);
    assert_int_equal((int)array_number(snapshot, 0), 1);
    assert_int_equal((int)array_number(weight, 1), 2);
    assert_false(array_is_shared(snapshot));
    array_release(snapshot);
    array_release(weight);
    array_release(NULL);
}

static void numbers_saturate(void **state) {
    (void)state;
    const struct {
        DType dtype;
        double low, high;
    } cases[] = {{DT_I8, -128, 127}, {DT_U8, 0, 255}, {DT_I16, -32768, 32767}, {DT_U16, 0, 65535},
                 {DT_I32, -2147483648.0, 2147483647.0}, {DT_U32, 0, 4294967295.0}, {DT_BOOL, 1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Array *array = array_scalar(cases[i].dtype, -1e30);
        assert_true(array_number(array, 0) == cases[i].low);
        array_set_number(array, 0, 1e30);
        assert_true(array_number(array, 0) == cases[i].high);
        if (cases[i].dtype != DT_BOOL) {
            array_set_number(array, 0, NAN);
            assert_true(array_number(array, 0) == 0);
            array_set_number(array, 0, 2.9);
            assert_true(array_number(array, 0) == 2);
        }
        array_release(array);
    }
    Array *wide = array_scalar(DT_I64, 1e30);
    assert_true(array_integer(wide, 0) == INT64_MAX);
    array_release(wide);
    wide = array_scalar(DT_U64, 1e30);
    assert_true((uint64_t)array_integer(wide, 0) == UINT64_MAX);
    array_release(wide);
}

/* Every 16-bit pattern goes there and back; the halfway cases go to the even neighbour. */
static void halves_round_to_nearest_even(void **state) {
    (void)state;
    for (uint32_t bits = 0; bits < 0x10000; bits++) {
        double h = (double)half_to_float((uint16_t)bits), b = (double)bfloat_to_float((uint16_t)bits);
        if (isnan(h)) assert_true((half_from_double(h) & 0x7FFF) > 0x7C00);
        else assert_int_equal(half_from_double(h), bits);
        if (isnan(b)) assert_true((bfloat_from_double(b) & 0x7FFF) > 0x7F80);
        else assert_int_equal(bfloat_from_double(b), bits);
    }
    for (uint32_t bits = 0; bits < 0x7BFF; bits++) {
        double low = (double)half_to_float((uint16_t)bits), high = (double)half_to_float((uint16_t)(bits + 1));
        double middle = (low + high) / 2;
        assert_int_equal(half_from_double(middle), bits + (bits & 1));
        assert_int_equal(half_from_double(nextafter(middle, 1e9)), bits + 1);
        assert_int_equal(half_from_double(nextafter(middle, -1)), bits);
    }
    assert_int_equal(half_from_double(65504), 0x7BFF);
    assert_int_equal(half_from_double(65519.99), 0x7BFF);
    assert_int_equal(half_from_double(65520), 0x7C00);
    assert_int_equal(half_from_double(-1e300), 0xFC00);
    assert_int_equal(bfloat_from_double(1 + 0x1p-8), 0x3F80);
    assert_int_equal(bfloat_from_double(1 + 0x1.8p-7), 0x3F82);
}

static void rows_and_slices(void **state) {
    (void)state;
    int64_t extents[3] = {3, 2, 2}, order[3] = {2, 0, 1};
    double values[12];
    for (int i = 0; i < 12; i++) values[i] = i;
    Array *array = make(DT_I16, 3, extents, values);
    assert_text(array_slice(array, 0, 1), -1, "[[4, 5], [6, 7]]");
    assert_text(array_slice(array, 1, 0), -1, "[[0, 1], [4, 5], [8, 9]]");
    assert_text(array_slice(array, 2, 1), -1, "[[1, 3], [5, 7], [9, 11]]");
    assert_text(array_rows(array, NULL, 1, 3), -1, "[[[4, 5], [6, 7]], [[8, 9], [10, 11]]]");
    assert_text(array_rows(array, order, 0, 2), -1, "[[[8, 9], [10, 11]], [[0, 1], [2, 3]]]");
    assert_text(array_rows(array, order, 1, 1), -1, "[]");
    for (int axis = 0; axis < 3; axis++) { /* writing all slices gives the whole again */
        Array *copy = array_new(DT_I16, 3, extents);
        for (int64_t turn = 0; turn < extents[axis]; turn++) {
            Array *slice = array_slice(array, axis, turn);
            array_set_slice(copy, axis, turn, slice);
            array_release(slice);
        }
        for (int i = 0; i < 12; i++) assert_true(array_number(copy, i) == i);
        array_release(copy);
    }
    array_release(array);
}

static void scalars_as_text(void **state) {
    (void)state;
    assert_text(array_scalar(DT_F32, 4.0 / 3), -1, "1.33333");
    assert_text(array_scalar(DT_F32, 2), -1, "2");
    assert_text(array_scalar(DT_F64, 1e-9), -1, "1e-09");
    assert_text(array_scalar(DT_F32, 0.25), 4, "0.2500");
    assert_text(array_scalar(DT_F32, NAN), -1, "nan");
    assert_text(array_scalar(DT_F64, -INFINITY), 2, "-inf");
    assert_text(array_scalar(DT_BOOL, 1), -1, "true");
    assert_text(array_scalar(DT_I64, -12), -1, "-12");
    assert_text(array_scalar(DT_U64, 1e30), -1, "18446744073709551615");
    assert_text(array_scalar(DT_F16, 0.1), -1, "0.0999756");
    Array *zero = array_scalar(DT_F64, 0);
    char *text = array_text(zero, 1000); /* a silly number of decimals is cut */
    assert_int_equal(strlen(text), 62);
    array_text_free(text);
    array_release(zero);
}

static void tensors_as_text(void **state) {
    (void)state;
    int64_t two = 2, zero = 0, long_one = 1001, wide[2] = {3, 12}, deep[3] = {2, 2, 9};
    assert_text(make(DT_F32, 1, &two, (double[]){2, -3.4}), -1, "[2, -3.4]");
    assert_text(array_new(DT_F32, 1, &zero), -1, "[]");
    assert_text(array_new(DT_U8, 1, &long_one), -1, "[0, 0, 0, ..., 0, 0, 0]");
    Array *array = array_new(DT_F32, 2, wide);
    array_set_number(array, 13, -0.125);
    assert_text(array, -1,
                "[[     0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0],\n"
                " [     0, -0.125,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0],\n"
                " [     0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0]]");
    assert_text(array_new(DT_U8, 3, deep), -1,
                "[[[0, 0, 0, 0, 0, 0, 0, 0, 0],\n"
                "  [0, 0, 0, 0, 0, 0, 0, 0, 0]],\n"
                "\n"
                " [[0, 0, 0, 0, 0, 0, 0, 0, 0],\n"
                "  [0, 0, 0, 0, 0, 0, 0, 0, 0]]]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(storage_is_aligned_and_padded), cmocka_unit_test(a_snapshot_keeps_its_value),
        cmocka_unit_test(numbers_saturate),              cmocka_unit_test(halves_round_to_nearest_even),
        cmocka_unit_test(rows_and_slices),               cmocka_unit_test(scalars_as_text),
        cmocka_unit_test(tensors_as_text),
    };
    return cmocka_run_group_tests_name("array", tests, NULL, NULL);
}
