/* Text by characters: the alphabet, numbers, and bytes that are no UTF-8. */
#include "runtime/text_data.h"
#include "tests/support/damage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static Array *read_text(const ByteFile *file, IoError *error) {
    Alphabet alphabet;
    Array *array = text_characters(file, &alphabet, error);
    for (int64_t i = 0; array && i < array->count; i++)
        assert_in_range(((int32_t *)array->data)[i], 0, alphabet.count - 1);
    alphabet_release(&alphabet);
    return array;
}

static void characters_have_numbers(void **state) {
    (void)state;
    static const char text[] = "h\u00e9llo \u20ac \U0001F600\n";
    ByteFile file = byte_file_memory(text, sizeof text - 1);
    IoError error;
    Alphabet alphabet;
    Array *array = text_characters(&file, &alphabet, &error);
    assert_non_null(array);
    assert_int_equal(array->count, 10);
    assert_int_equal(alphabet.count, 8);
    for (int i = 1; i < alphabet.count; i++) assert_true(alphabet.codes[i - 1] < alphabet.codes[i]);
    assert_int_equal(alphabet.codes[0], '\n');
    assert_int_equal(alphabet.codes[7], 0x1f600);
    char *again = alphabet_decode(&alphabet, array->data, array->count);
    assert_string_equal(again, text);
    free(again);
    Array *encoded = alphabet_encode(&alphabet, text, &error);
    assert_memory_equal(encoded->data, array->data, (size_t)array_bytes(array));
    assert_null(alphabet_encode(&alphabet, "hxl", &error));
    assert_string_equal(error.text, "the alphabet has no character `x`");
    array_release(encoded);
    array_release(array);
    alphabet_release(&alphabet);
    Bytes bytes = bytes_of(text, sizeof text - 1);
    damage_truncate(bytes, read_text, 0);
    damage_flip(bytes, read_text);
    bytes_free(&bytes);
}

static void characters_cross_chunks(void **state) {
    (void)state;
    Bytes bytes = bytes_of("x", 1);
    for (int i = 0; i < 70000; i++) bytes_add(&bytes, "\u20ac", 3);
    IoError error;
    Array *array = damage_read(bytes, read_text, &error);
    assert_non_null(array);
    assert_int_equal(array->count, 70001);
    array_release(array);
    bytes_free(&bytes);
    Array *none = damage_read(bytes, read_text, &error); /* an empty text */
    assert_non_null(none);
    assert_int_equal(none->count, 0);
    array_release(none);
}

static void other_bytes_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {{"ab\xff", "byte 2"},       {"\xc3", "byte 0"},     {"a\xc0\xaf", "byte 1"}, {"\xe0\x80\xaf", "byte 0"},
                 {"\xed\xa0\x80", "byte 0"}, {"\xf4\x90\x80\x80", "byte 0"}, {"abc\x80zzz", "byte 3"}};
    IoError error;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Bytes bytes = bytes_of(cases[i].text, strlen(cases[i].text));
        assert_null(damage_read(bytes, read_text, &error));
        if (!strstr(error.text, cases[i].error)) fail_msg("case %zu: %s", i, error.text);
        bytes_free(&bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_have_numbers),
        cmocka_unit_test(characters_cross_chunks),
        cmocka_unit_test(other_bytes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
