/* Pictures: written, read back, put into grids, and damaged. */
#include "runtime/png_file.h"
#include "tests/support/damage.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char path[64];

static Array *numbers(DType dtype, int rank, const int64_t *extents) {
    Array *array = array_new(dtype, rank, extents);
    for (int64_t i = 0; i < array->count; i++)
        array_set_number(array, i, dtype_is_float(dtype) ? (double)i / (double)array->count : (double)(i * 37 % 256));
    return array;
}

static Array *written_and_read(const Array *array) {
    IoError error;
    ByteFile file;
    if (!png_write(path, array, &error)) fail_msg("%s", error.text);
    assert_true(byte_file_open(&file, path, &error));
    Array *back = png_read(&file, &error);
    if (!back) fail_msg("%s", error.text);
    Bytes bytes = {calloc(1, (size_t)file.size), (size_t)file.size};
    assert_true(byte_file_read(&file, 0, bytes.data, file.size, &error));
    damage_truncate(bytes, png_read, 1);
    damage_flip(bytes, png_read);
    bytes_free(&bytes);
    byte_file_close(&file);
    return back;
}

static void pixels_come_back(void **state) {
    (void)state;
    static const int64_t shapes[][3] = {{5, 7}, {1, 5, 7}, {3, 5, 7}};
    for (int k = 0; k < 3; k++) {
        Array *array = numbers(DT_U8, k ? 3 : 2, shapes[k]), *back = written_and_read(array);
        assert_int_equal(back->extents[0], k == 2 ? 3 : 1);
        assert_memory_equal(back->data, array->data, (size_t)array_bytes(array));
        array_release(array);
        array_release(back);
    }
}

static void floats_are_clamped_and_rounded(void **state) {
    (void)state;
    int64_t extents[] = {1, 7};
    static const double values[] = {-1, 0, 0.5, 1, 2, NAN, 0.25};
    static const unsigned char expected[] = {0, 0, 128, 255, 255, 0, 64};
    Array *array = array_new(DT_F32, 2, extents);
    for (int i = 0; i < 7; i++) array_set_number(array, i, values[i]);
    Array *back = written_and_read(array);
    assert_memory_equal(back->data, expected, 7);
    array_release(array);
    array_release(back);
}

static void other_shapes_are_refused(void **state) {
    (void)state;
    static const int64_t shapes[][4] = {{5}, {2, 5, 7}, {0, 4}, {70000, 1}, {1, 1, 2, 2}};
    static const int ranks[] = {1, 3, 2, 2, 4};
    IoError error;
    for (int k = 0; k < 5; k++) {
        Array *array = numbers(DT_U8, ranks[k], shapes[k]);
        assert_false(png_write("/nonexistent/x.png", array, &error));
        assert_int_equal(error.code, IO_UNSUPPORTED);
        array_release(array);
    }
    Array *wide = numbers(DT_I32, 2, (int64_t[]){2, 2});
    assert_false(png_write("/nonexistent/x.png", wide, &error));
    assert_int_equal(error.code, IO_UNSUPPORTED);
    array_release(wide);
}

static void grids_have_lines_between(void **state) {
    (void)state;
    IoError error;
    Array *array = numbers(DT_F32, 4, (int64_t[]){5, 3, 2, 4}), *grid = png_grid(array, 3, &error);
    assert_int_equal(grid->extents[0], 3);
    assert_int_equal(grid->extents[1], 2 * 4 - 2);
    assert_int_equal(grid->extents[2], 3 * 6 - 2);
    double sum = 0, wanted = 0;
    for (int64_t i = 0; i < grid->count; i++) sum += array_number(grid, i);
    for (int64_t i = 0; i < array->count; i++) wanted += array_number(array, i);
    assert_true(fabs(sum - wanted) < 1e-4);
    /* picture 4, channel 1, row 1, column 2 stands in the second row and column of the grid */
    assert_true(array_number(grid, (1 * 6 + 4 + 1) * 16 + 6 + 2) == array_number(array, ((4 * 3 + 1) * 2 + 1) * 4 + 2));
    array_release(grid);
    assert_null(png_grid(array, 0, &error));
    array_release(array);
    array = numbers(DT_U8, 3, (int64_t[]){2, 2, 2});
    grid = png_grid(array, 4, &error);
    assert_int_equal(grid->extents[1], 2);
    assert_int_equal(grid->extents[2], 4 * 4 - 2); /* two of the four places are free */
    array_release(grid);
    array_release(array);
    array = numbers(DT_U8, 4, (int64_t[]){2, 2, 2, 2});
    assert_null(png_grid(array, 8, &error));
    array_release(array);
}

int main(void) {
    snprintf(path, sizeof path, "/tmp/dlc-picture-%ld.png", (long)getpid());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_come_back),
        cmocka_unit_test(floats_are_clamped_and_rounded),
        cmocka_unit_test(other_shapes_are_refused),
        cmocka_unit_test(grids_have_lines_between),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
