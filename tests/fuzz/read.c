/* libFuzzer entry: any bytes make a reader of data files give an array or an error, never more.  One program per
 * reader: FUZZ_READER is its name.  Run `fuzz_idx -max_total_time=60 -rss_limit_mb=1024`. */
#include "runtime/csv.h"
#include "runtime/idx.h"
#include "runtime/npy.h"
#include "runtime/png_file.h"
#include "runtime/safetensors.h"
#include "runtime/text_data.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef Array *Reader(const ByteFile *file, IoError *error);

static Array *npz(const ByteFile *file, IoError *error) { return npz_read(file, "a", error); }

/* The first column, by whatever name the first line gives it. */
static Array *csv(const ByteFile *file, IoError *error) {
    char name[64] = "";
    size_t len = (size_t)file->size < sizeof name - 1 ? (size_t)file->size : sizeof name - 1;
    if (len) memcpy(name, file->memory, len);
    name[strcspn(name, ",\r\n\"")] = 0;
    return csv_read(file, (const char *const[]){name}, 1, error);
}

static Array *safetensors(const ByteFile *file, IoError *error) {
    TensorFile tensors;
    if (!safetensors_read(file, &tensors, error)) return NULL;
    tensors_release(&tensors);
    return array_scalar(DT_BOOL, 1);
}

static Array *text(const ByteFile *file, IoError *error) {
    Alphabet alphabet;
    Array *array = text_characters(file, &alphabet, error);
    for (int64_t i = 0; array && i < array->count; i++)
        if (((int32_t *)array->data)[i] >= alphabet.count) abort();
    alphabet_release(&alphabet);
    return array;
}

static Array *words(const ByteFile *file, IoError *error) {
    Alphabet alphabet;
    Array *array = text_words(file, &alphabet, error);
    for (int64_t i = 0; array && i < array->count; i++)
        if (((int32_t *)array->data)[i] >= alphabet.count) abort();
    Array *again = array ? text_numbers(file, &alphabet, error) : NULL; /* every word is found where it came from */
    if (array && (!again || memcmp(again->data, array->data, (size_t)array_bytes(array)))) abort();
    array_release(again);
    alphabet_release(&alphabet);
    return array;
}

static const struct {
    const char *name;
    Reader *read;
} readers[] = {{"idx", idx_read}, {"npy", npy_read}, {"npz", npz}, {"csv", csv}, {"png", png_read},
               {"safetensors", safetensors}, {"text", text}, {"words", words}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ByteFile file = byte_file_memory(data, size);
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (strcmp(readers[i].name, FUZZ_READER) != 0) continue;
        IoError error = {0};
        Array *array = readers[i].read(&file, &error);
        if (!array && (!error.code || !error.text[0])) abort();
        array_release(array);
    }
    return 0;
}
