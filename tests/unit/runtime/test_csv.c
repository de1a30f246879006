/* Tables: columns by name, quoting, line ends, and what is no table of numbers. */
#include "runtime/csv.h"
#include "tests/support/damage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static Array *read_two(const ByteFile *file, IoError *error) {
    return csv_read(file, (const char *const[]){"y", "a, b"}, 2, error);
}

static void check(const char *text, const double *values, int rows) {
    IoError error;
    Bytes bytes = bytes_of(text, strlen(text)), packed = bytes_packed(text, strlen(text), 15 + 16);
    for (int k = 0; k < 2; k++) {
        Array *array = damage_read(k ? packed : bytes, read_two, &error);
        if (!array) fail_msg("%s", error.text);
        assert_int_equal(array->extents[0], rows);
        assert_int_equal(array->extents[1], 2);
        for (int i = 0; i < rows * 2; i++) assert_true(array_number(array, i) == values[i]);
        array_release(array);
    }
    damage_truncate(bytes, read_two, 0);
    damage_truncate(packed, read_two, 1);
    damage_flip(bytes, read_two);
    bytes_free(&bytes);
    bytes_free(&packed);
}

static void columns_are_found_by_name(void **state) {
    (void)state;
    check("x,\"a, b\",y\n1,2,3\n4,5,6\n", (double[]){3, 2, 6, 5}, 2);
    check("x,\"a, b\",y\r\n1,2,3\r\n4,5e-1,-.5", (double[]){3, 2, -0.5, 0.5}, 2);
    check("\xef\xbb\xbfy,\"a, b\",\"say \"\"hi\"\"\"\n\"1\", 2 ,\"several\nlines\"\n\n3,4,\n",
          (double[]){1, 2, 3, 4}, 2);
    check("y,\"a, b\"\n", NULL, 0);
}

static void rejects(const char *text, IoCode code, const char *expected) {
    IoError error;
    Bytes bytes = bytes_of(text, strlen(text));
    assert_null(damage_read(bytes, read_two, &error));
    if (error.code != code || !strstr(error.text, expected)) fail_msg("code %d '%s'", error.code, error.text);
    bytes_free(&bytes);
}

static void mistakes_name_their_line(void **state) {
    (void)state;
    rejects("", IO_DAMAGED, "empty");
    rejects("x,y\n1,2\n", IO_NO_ENTRY, "no column \"a, b\"; its columns: x, y");
    rejects("y,\"a, b\"\n1,2\n1,two\n", IO_DAMAGED, "line 3, column \"a, b\": \"two\" is no number");
    rejects("y,\"a, b\"\n1,\n", IO_DAMAGED, "line 2, column \"a, b\": \"\" is no number");
    rejects("y,\"a, b\"\n1,0x10\n", IO_DAMAGED, "is no number");
    rejects("y,\"a, b\"\n\n1\n", IO_DAMAGED, "line 3 has 1 fields, the first line has 2");
    rejects("y,\"a, b\"\n1,\"2\n3\n", IO_DAMAGED, "quote of line 2 is not closed");
    rejects("y,\"a, b\"\n1,\"2\"3\n", IO_DAMAGED, "line 2 has text behind a closing quote");
    rejects("y,\"a, b\"\n1,2\"3\n", IO_DAMAGED, "line 2 has a quote inside a field");
}

/* A list of columns that fills its place to the last byte, of every length. */
static void lists_of_columns_are_cut(void **state) {
    (void)state;
    char text[400];
    IoError error;
    for (size_t len = 1; len < 300; len++) {
        for (size_t i = 0; i < len; i++) text[i] = i % 9 == 8 ? ',' : (char)(i % 2 ? 'q' : 0xff);
        Bytes bytes = bytes_of(text, len);
        assert_null(damage_read(bytes, read_two, &error));
        assert_int_equal(error.code, IO_NO_ENTRY);
        assert_null(strchr(error.text, 0xff)); /* what is no text is not shown */
        if (len > 250) assert_non_null(strstr(error.text, "..."));
        bytes_free(&bytes);
    }
}

static void long_lines_end(void **state) {
    (void)state;
    Bytes bytes = bytes_of("y", 1);
    char *much = malloc(2 << 20);
    memset(much, 'y', 2 << 20);
    bytes_add(&bytes, much, 2 << 20);
    IoError error;
    assert_null(damage_read(bytes, read_two, &error));
    assert_string_equal(error.text, "line 1 is longer than 1 MiB");
    memset(bytes.data, ',', bytes.size);
    assert_null(damage_read(bytes, read_two, &error));
    assert_string_equal(error.text, "line 1 has more than 65536 fields");
    bytes_free(&bytes);
    free(much);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_found_by_name),
        cmocka_unit_test(mistakes_name_their_line),
        cmocka_unit_test(lists_of_columns_are_cut),
        cmocka_unit_test(long_lines_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
