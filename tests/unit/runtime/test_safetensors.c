/* Saved arrays: the same bits back, files that appear whole, and headers that lie. */
#include "runtime/safetensors.h"
#include "tests/support/damage.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char folder[64];

static Bytes load(const char *path) {
    IoError error;
    ByteFile file;
    assert_true(byte_file_open(&file, path, &error));
    Bytes bytes = {calloc(1, (size_t)file.size + 1), (size_t)file.size};
    assert_true(byte_file_read(&file, 0, bytes.data, file.size, &error));
    byte_file_close(&file);
    return bytes;
}

static int entries(void) {
    DIR *dir = opendir(folder);
    int count = 0;
    while (readdir(dir)) count++;
    closedir(dir);
    return count - 2;
}

/* The first tensor, or NULL. */
static Array *read_first(const ByteFile *file, IoError *error) {
    TensorFile tensors;
    if (!safetensors_read(file, &tensors, error)) return NULL;
    int64_t none = 0;
    Array *array = tensors.count ? array_retain(tensors.items[0].array) : array_new(DT_U8, 1, &none);
    tensors_release(&tensors);
    return array;
}

static void bits_come_back(void **state) {
    (void)state;
    static const DType types[] = {DT_BOOL, DT_I8, DT_I16, DT_I32, DT_I64, DT_U8, DT_U16, DT_U32, DT_U64, DT_F16, DT_BF16,
                                  DT_F32, DT_F64};
    static const char *const names[] = {"Net.dense_1.w", "quote\"back\\slash", "\u00e9\U0001F600", "tab\t", "e", "f", "g",
                                        "h", "i", "j", "k", "l", "m"};
    enum { COUNT = sizeof types / sizeof *types };
    NamedArray items[COUNT];
    for (int i = 0; i < COUNT; i++) {
        int64_t extents[] = {i, 2, 3};
        items[i] = (NamedArray){names[i], array_new(types[i], i % 4, extents)};
        unsigned char *bytes = items[i].array->data;
        for (int64_t k = 0; k < array_bytes(items[i].array); k++)
            bytes[k] = (unsigned char)(types[i] == DT_BOOL ? k & 1 : 255 - k * 7); /* not-numbers too */
    }
    char path[128];
    snprintf(path, sizeof path, "%s/new/deep/net.safetensors", folder);
    IoError error;
    for (int round = 0; round < 2; round++) /* the second replaces the first */
        if (!safetensors_write(path, items, COUNT, &error)) fail_msg("%s", error.text);
    Bytes bytes = load(path);
    uint64_t len;
    memcpy(&len, bytes.data, 8);
    assert_int_equal(len % 8, 0);
    ByteFile file = byte_file_memory(bytes.data, bytes.size);
    TensorFile tensors;
    if (!safetensors_read(&file, &tensors, &error)) fail_msg("%s", error.text);
    assert_int_equal(tensors.count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        assert_string_equal(tensors.items[i].name, names[i]);
        Array *array = tensors_find(&tensors, names[i]);
        assert_int_equal(array->dtype, types[i]);
        assert_int_equal(array->rank, i % 4);
        assert_memory_equal(array->data, items[i].array->data, (size_t)array_bytes(array));
        array_release(items[i].array);
    }
    assert_null(tensors_find(&tensors, "Net"));
    tensors_release(&tensors);
    damage_truncate(bytes, read_first, 1);
    damage_flip(bytes, read_first);
    bytes_free(&bytes);
    unlink(path);
    snprintf(path, sizeof path, "%s/new/deep", folder);
    assert_int_equal(rmdir(path), 0); /* nothing temporary is left */
    snprintf(path, sizeof path, "%s/new", folder);
    rmdir(path);
}

static Bytes with_header(const char *header, const char *data, size_t size) {
    uint64_t len = strlen(header);
    Bytes bytes = bytes_of(&len, 8);
    bytes_add(&bytes, header, len);
    bytes_add(&bytes, data, size);
    return bytes;
}

#define W(rest) "{\"w\":{\"dtype\":\"U8\"," rest "}"
#define GOOD W("\"shape\":[2],\"data_offsets\":[0,2]}")

static void headers_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *header, *error;
    } cases[] = {
        {"", "a brace"},
        {"[]", "a brace"},
        {GOOD "x", "behind the last brace"},
        {W("\"shape\":[3],\"data_offsets\":[0,2]}"), "do not fit"},
        {W("\"shape\":[1],\"data_offsets\":[0,1]}"), "behind its last tensor"},
        {W("\"shape\":[1],\"data_offsets\":[1,2]}"), "do not fit"},
        {W("\"shape\":[2],\"data_offsets\":[2,0]}"), "do not fit"},
        {W("\"shape\":[4611686018427387904,4],\"data_offsets\":[0,2]}"), "damaged"},
        {W("\"shape\":[4611686018427387,4611686018427387],\"data_offsets\":[0,2]}"), "do not fit"},
        {W("\"shape\":[-2],\"data_offsets\":[0,2]}"), "whole number"},
        {W("\"shape\":[02],\"data_offsets\":[0,2]}"), "whole number"},
        {W("\"shape\":[2.0],\"data_offsets\":[0,2]}"), "comma"},
        {W("\"shape\":[2,],\"data_offsets\":[0,2]}"), "whole number"},
        {W("\"shape\":[2]}"), "once each"},
        {W("\"shape\":[2],\"shape\":[2],\"data_offsets\":[0,2]}"), "once each"},
        {W("\"shape\":[2],\"data_offsets\":[0,2],\"more\":1}"), "unknown property"},
        {W("\"shape\":[1,1,1,1,1,1,1,1,2],\"data_offsets\":[0,2]}"), "too long"},
        {"{\"w\":{\"dtype\":\"F8_E4M3\",\"shape\":[2],\"data_offsets\":[0,2]}}", "F8_E4M3"},
        {"{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
         "\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", "two tensors"},
        {"{\"\\ud800\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", "a name"},
        {"{\"\\x\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", "a name"},
        {"{\"__metadata__\":{\"a\":1}}", "texts"},
    };
    IoError error;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Bytes bytes = with_header(cases[i].header, "xy", 2);
        Array *array = damage_read(bytes, read_first, &error);
        if (array || !strstr(error.text, cases[i].error)) fail_msg("case %zu: %s", i, array ? "taken" : error.text);
        bytes_free(&bytes);
    }
    Bytes good = with_header("{ \"__metadata__\" : {\"format\":\"pt\"} , \"\\u00e9\\ud83d\\ude00\":{\"dtype\":\"U8\","
                             "\"shape\":[2],\"data_offsets\":[0,2]}}  ", "xy", 2);
    ByteFile file = byte_file_memory(good.data, good.size);
    TensorFile tensors;
    if (!safetensors_read(&file, &tensors, &error)) fail_msg("%s", error.text);
    assert_non_null(tensors_find(&tensors, "\u00e9\U0001F600"));
    tensors_release(&tensors);
    damage_truncate(good, read_first, 1);
    damage_flip(good, read_first);
    bytes_free(&good);
}

static void what_cannot_be_written_leaves_nothing(void **state) {
    (void)state;
    IoError error;
    Array *array = array_scalar(DT_F32, 1);
    NamedArray item = {"w", array};
    assert_false(safetensors_write("/proc/nowhere/x", &item, 1, &error));
    assert_false(safetensors_write("", &item, 1, &error));
    assert_false(safetensors_write(folder, &item, 1, &error)); /* a folder is in its place */
    assert_int_equal(error.code, IO_SYSTEM);
    char beside[128];
    snprintf(beside, sizeof beside, "%s.%lx-0", folder, (long)getpid());
    assert_int_equal(access(beside, F_OK), -1);
    assert_int_equal(entries(), 0);
    array_release(array);
}

int main(void) {
    strcpy(folder, "/tmp/dlc-safetensors-XXXXXX");
    if (!mkdtemp(folder)) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_come_back),
        cmocka_unit_test(headers_are_checked),
        cmocka_unit_test(what_cannot_be_written_leaves_nothing),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
