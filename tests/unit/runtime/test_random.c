/* Philox against the known answers of its authors, permutations, and packed data with the embedded digits. */
#include "driver/embedded.h"
#include "runtime/packed.h"
#include "runtime/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* The test vectors that are published with Random123 (Salmon et al. 2011). */
static void philox_gives_the_known_answers(void **state) {
    (void)state;
    const struct {
        uint32_t counter[4], key[2], out[4];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (int i = 0; i < 3; i++) {
        uint32_t out[4];
        philox_block(cases[i].counter, cases[i].key, out);
        assert_memory_equal(out, cases[i].out, sizeof out);
    }
}

static void permutations_are_permutations(void **state) {
    (void)state;
    enum { N = 1000 };
    int64_t a[N], b[N];
    char seen[N] = {0};
    random_permutation(a, N, 7, 1);
    for (int i = 0; i < N; i++) {
        assert_in_range(a[i], 0, N - 1);
        assert_false(seen[a[i]]);
        seen[a[i]] = 1;
    }
    random_permutation(b, N, 7, 1);
    assert_memory_equal(a, b, sizeof a);
    random_permutation(b, N, 7, 2);
    assert_memory_not_equal(a, b, sizeof a);
    random_permutation(b, N, 8, 1);
    assert_memory_not_equal(a, b, sizeof a);
    random_permutation(b, N, 7 + (1ull << 32), 1);
    assert_memory_not_equal(a, b, sizeof a);
    random_permutation(b, 0, 7, 1);
    random_permutation(b, 1, 7, 1);
    assert_int_equal(b[0], 0);
}

/* Of 24,000 orders of four things each of the 24 comes about 1,000 times (within five standard deviations). */
static void every_order_is_equally_likely(void **state) {
    (void)state;
    int count[256] = {0};
    for (uint64_t epoch = 0; epoch < 24000; epoch++) {
        int64_t order[4];
        random_permutation(order, 4, 42, epoch);
        count[order[0] * 64 + order[1] * 16 + order[2] * 4 + order[3]]++;
    }
    int orders = 0;
    for (int i = 0; i < 256; i++) {
        if (!count[i]) continue;
        orders++;
        assert_in_range(count[i], 845, 1155);
    }
    assert_int_equal(orders, 24);
}

static void packed_fields_are_read(void **state) {
    (void)state;
    static const char file[] = "dlc-packed 1\na u8 5 3\nb i32 12 1 2\n\n\x41\x44\x34\x12\x00";
    Array *array;
    size_t size = sizeof file - 1;
    assert_int_equal(packed_read(file, size, "a", &array), PACKED_OK);
    assert_int_equal(array->dtype, DT_U8);
    assert_int_equal(array->rank, 1);
    assert_int_equal(array_integer(array, 0), 1);
    assert_int_equal(array_integer(array, 1), 2);
    assert_int_equal(array_integer(array, 2), 17);
    array_release(array);
    assert_int_equal(packed_read(file, size, "b", &array), PACKED_OK);
    assert_int_equal(array->rank, 2);
    assert_int_equal(array_integer(array, 0), 0x234);
    assert_int_equal(array_integer(array, 1), 1);
    array_release(array);
    assert_int_equal(packed_read(file, size, "c", &array), PACKED_NO_FIELD);
    assert_null(array);
    for (size_t cut = 0; cut < size; cut++)
        assert_int_equal(packed_read(file, cut, "a", &array), PACKED_DAMAGED);
    const char *damaged[] = {"dlc-packed 1\na u8 0 3\n\n", "dlc-packed 1\na u8 17 3\n\n", "dlc-packed 1\na f32 5 3\n\n12",
                             "dlc-packed 1\na u8 8 99999999999999999999\n\n", "dlc-packed 1\na u8 8\n\n12",
                             "dlc-packed 1\na u8 1 9999999999 9999999999 9999999999\n\n"};
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++)
        assert_int_equal(packed_read(damaged[i], strlen(damaged[i]), "a", &array), PACKED_DAMAGED);
}

static const EmbeddedFile *digits(void) {
    for (int i = 0; i < embedded_file_count; i++)
        if (strcmp(embedded_files[i].path, "stdlib/data/digits.bin") == 0) return &embedded_files[i];
    fail_msg("digits.bin is not embedded");
    return NULL;
}

/* Sums and class counts computed from the table by another program. */
static void digits_are_all_there(void **state) {
    (void)state;
    static const struct {
        const char *image, *label;
        int64_t rows, sum;
        int classes[10];
    } parts[2] = {
        {"train-image", "train-label", 1437, 449443, {144, 143, 131, 146, 146, 144, 152, 145, 145, 141}},
        {"test-image", "test-label", 360, 112275, {34, 39, 46, 37, 35, 38, 29, 34, 29, 39}},
    };
    const EmbeddedFile *file = digits();
    for (int k = 0; k < 2; k++) {
        Array *image, *label;
        assert_int_equal(packed_read(file->bytes, (size_t)file->size, parts[k].image, &image), PACKED_OK);
        assert_int_equal(packed_read(file->bytes, (size_t)file->size, parts[k].label, &label), PACKED_OK);
        assert_int_equal(image->dtype, DT_U8);
        assert_int_equal(image->rank, 3);
        assert_int_equal(image->extents[0], parts[k].rows);
        assert_int_equal(image->extents[1], 8);
        assert_int_equal(image->extents[2], 8);
        assert_int_equal(label->dtype, DT_I32);
        assert_int_equal(label->count, parts[k].rows);
        int64_t sum = 0;
        for (int64_t i = 0; i < image->count; i++) {
            assert_in_range(array_integer(image, i), 0, 16);
            sum += array_integer(image, i);
        }
        assert_int_equal(sum, parts[k].sum);
        int classes[10] = {0};
        for (int64_t i = 0; i < label->count; i++) {
            assert_in_range(array_integer(label, i), 0, 9);
            classes[array_integer(label, i)]++;
        }
        assert_memory_equal(classes, parts[k].classes, sizeof classes);
        array_release(image);
        array_release(label);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_known_answers), cmocka_unit_test(permutations_are_permutations),
        cmocka_unit_test(every_order_is_equally_likely),  cmocka_unit_test(packed_fields_are_read),
        cmocka_unit_test(digits_are_all_there),
    };
    return cmocka_run_group_tests_name("random and packed", tests, NULL, NULL);
}
