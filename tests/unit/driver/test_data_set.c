/* Views of data sets against the definition: every record is found by hand, through chains of views. */
#include "driver/data_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* 0, 1, ... in an array [rows, width], or [rows] where width is 0. */
static Array *counting(int64_t rows, int64_t width) {
    Array *array = array_new(DT_I32, width ? 2 : 1, (int64_t[]){rows, width});
    for (int64_t i = 0; i < array->count; i++) ((int32_t *)array->data)[i] = (int32_t)i;
    return array;
}

static DataSet *one_field(int64_t rows, int64_t width) {
    DataSet *set = data_set_new(rows, 1);
    set->columns[0] = (DataColumn){.field = data_field_new(counting(rows, width), NULL, NULL)};
    return set;
}

static void expect(const DataSet *set, int column, const int32_t *values, int64_t count) {
    Array *array = column_whole(set, &set->columns[column]);
    assert_int_equal(array->count, count);
    assert_int_equal(array->extents[0], set->rows);
    assert_memory_equal(array->data, values, sizeof *values * (size_t)count);
    array_release(array);
}

static void views_of_views(void **state) {
    (void)state;
    DataSet *all = one_field(10, 0), *chosen = data_set_select(all, (int64_t[]){9, 3, 3, 0, 7}, 5);
    DataSet *part = data_set_range(chosen, 1, 3), *again = data_set_select(part, (int64_t[]){2, 0}, 2);
    DataSet *between = data_set_range(all, 4, 6), *tail = data_set_range(between, 2, 3);
    expect(chosen, 0, (int32_t[]){9, 3, 3, 0, 7}, 5);
    expect(part, 0, (int32_t[]){3, 3, 0}, 3);
    expect(again, 0, (int32_t[]){0, 3}, 2);
    expect(tail, 0, (int32_t[]){6, 7, 8}, 3);
    data_set_release(all); /* what they share lives as long as one of them */
    data_set_release(chosen);
    data_set_release(between);
    expect(part, 0, (int32_t[]){3, 3, 0}, 3);
    data_set_release(part);
    data_set_release(again);
    data_set_release(tail);
}

static void windows_are_not_copied(void **state) {
    (void)state;
    Array *array = counting(7, 2);
    DataSet *w = data_set_windows(array, 2, 3, NULL, NULL);
    assert_int_equal(w->rows, 2);
    expect(w, 0, (int32_t[]){0, 1, 2, 3, 6, 7, 8, 9}, 8);
    expect(w, 1, (int32_t[]){2, 3, 4, 5, 8, 9, 10, 11}, 8);
    assert_ptr_equal(w->columns[0].field->array, array);
    assert_ptr_equal(w->columns[1].field->array, array);
    DataSet *last = data_set_range(w, 1, 1);
    expect(last, 1, (int32_t[]){8, 9, 10, 11}, 4);
    data_set_release(last);
    data_set_release(w);
    array_release(array);
}

/* Window i begins at i*stride and its successor ends inside: counted one by one. */
static void as_many_windows_as_fit(void **state) {
    (void)state;
    for (int64_t rows = 0; rows < 12; rows++)
        for (int64_t length = 1; length < 6; length++)
            for (int64_t stride = 1; stride < 5; stride++) {
                int64_t count = 0;
                while (count * stride + length + 1 <= rows) count++;
                assert_int_equal(window_count(rows, length, stride), count);
            }
}

static void batches_are_gathered(void **state) {
    (void)state;
    DataSet *all = one_field(6, 2), *part = data_set_range(all, 1, 4);
    int64_t order[] = {3, 0, 2, 1};
    Array *batch = column_array(&part->columns[0], 2);
    assert_int_equal(batch->rank, 2);
    column_gather(part, &part->columns[0], order, 1, 2, batch->data);
    assert_memory_equal(batch->data, ((int32_t[]){2, 3, 6, 7}), 4 * sizeof(int32_t));
    column_gather(part, &part->columns[0], NULL, 2, 2, batch->data);
    assert_memory_equal(batch->data, ((int32_t[]){6, 7, 8, 9}), 4 * sizeof(int32_t));
    array_release(batch);
    data_set_release(all);
    data_set_release(part);
}

static void the_whole_is_the_field_itself(void **state) {
    (void)state;
    DataSet *all = one_field(3, 0), *none = data_set_range(all, 1, 0);
    Array *whole = column_whole(all, &all->columns[0]), *empty = column_whole(none, &none->columns[0]);
    assert_ptr_equal(whole, all->columns[0].field->array);
    assert_int_equal(empty->count, 0);
    array_release(whole);
    array_release(empty);
    data_set_release(none);
    data_set_release(all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_of_views),
        cmocka_unit_test(windows_are_not_copied),
        cmocka_unit_test(as_many_windows_as_fit),
        cmocka_unit_test(batches_are_gathered),
        cmocka_unit_test(the_whole_is_the_field_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
