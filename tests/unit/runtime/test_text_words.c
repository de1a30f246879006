/* Text by words: numbers, order, a second text in the same alphabet, and bytes that are no text. */
#include "runtime/text_data.h"
#include "tests/support/damage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static Array *read_words(const ByteFile *file, IoError *error) {
    Alphabet alphabet;
    Array *array = text_words(file, &alphabet, error);
    for (int64_t i = 0; array && i < array->count; i++)
        assert_in_range(((int32_t *)array->data)[i], 0, alphabet.count - 1);
    for (int i = 1; array && i < alphabet.count; i++)
        assert_true(strcmp(alphabet.words[i - 1], alphabet.words[i]) < 0);
    alphabet_release(&alphabet);
    return array;
}

static void words_have_numbers(void **state) {
    (void)state;
    static const char text[] = "  to be\tor not\r\nto be, \u00fcber \n\n";
    static const int32_t numbers[] = {4, 0, 3, 2, 4, 1, 5};
    ByteFile file = byte_file_memory(text, sizeof text - 1);
    IoError error;
    Alphabet alphabet;
    Array *array = text_words(&file, &alphabet, &error);
    assert_non_null(array);
    assert_int_equal(array->count, 7);
    assert_int_equal(alphabet.count, 6);
    assert_memory_equal(array->data, numbers, sizeof numbers);
    char *again = alphabet_decode(&alphabet, array->data, array->count);
    assert_string_equal(again, "to be or not to be, \u00fcber");
    free(again);
    assert_int_equal(alphabet_find_word(&alphabet, "be,", 2), 0);
    assert_int_equal(alphabet_find_word(&alphabet, "be,", 3), 1);
    assert_int_equal(alphabet_find_word(&alphabet, "b", 1), -1);
    Array *encoded = alphabet_encode(&alphabet, " not   to ", &error);
    assert_int_equal(encoded->count, 2);
    assert_int_equal(((int32_t *)encoded->data)[0], 2);
    assert_null(alphabet_encode(&alphabet, "to sleep", &error));
    assert_string_equal(error.text, "the alphabet has no word `sleep`");
    array_release(encoded);
    array_release(array);
    alphabet_release(&alphabet);
}

static void a_second_text_has_the_same_numbers(void **state) {
    (void)state;
    ByteFile first = byte_file_memory("a b c", 5), second = byte_file_memory("c a", 3),
             other = byte_file_memory("a d", 3);
    IoError error = {0};
    for (int is_words = 0; is_words < 2; is_words++) {
        Alphabet alphabet;
        Array *array =
            is_words ? text_words(&first, &alphabet, &error) : text_characters(&first, &alphabet, &error);
        Array *same = text_numbers(&second, &alphabet, &error);
        assert_non_null(same);
        assert_int_equal(same->count, is_words ? 2 : 3);
        assert_int_equal(((int32_t *)same->data)[0], alphabet.count - 1);
        assert_null(text_numbers(&other, &alphabet, &error));
        assert_int_equal(error.code, IO_NO_ENTRY);
        assert_string_equal(error.text, is_words ? "record 1 is the word `d`, which the alphabet lacks"
                                                 : "record 2 is the character `d`, which the alphabet lacks");
        array_release(same);
        array_release(array);
        alphabet_release(&alphabet);
    }
}

static void damage(void **state) {
    (void)state;
    Bytes bytes = bytes_of("to be\n", 6);
    for (int i = 0; i < 20000; i++) bytes_add(&bytes, i % 3 ? "or " : "\u20acx\n", i % 3 ? 3 : 5);
    IoError error;
    Array *array = damage_read(bytes, read_words, &error); /* longer than one piece of the stream */
    assert_non_null(array);
    assert_int_equal(array->count, 20002);
    array_release(array);
    bytes_free(&bytes);
    Bytes short_text = bytes_of("to \u00fc be", 8);
    damage_truncate(short_text, read_words, 0);
    damage_flip(short_text, read_words);
    bytes_free(&short_text);
    Bytes zero = bytes_of("a\0b", 3);
    assert_null(damage_read(zero, read_words, &error));
    if (!strstr(error.text, "byte 1")) fail_msg("%s", error.text);
    bytes_free(&zero);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_have_numbers),
        cmocka_unit_test(a_second_text_has_the_same_numbers),
        cmocka_unit_test(damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
