/* Writes the digits in the order in which `dlc run` trains on them, for train.c, which knows nothing of dlc.
 *
 * usage: digits_order EPOCHS SEED > FILE
 * The file: epochs, rows of an epoch, rows of the test set (int64 each), then for every epoch and then for the test
 * set the rows: 64 bytes of image and a label of one byte. */
#include "driver/embedded.h"
#include "runtime/packed.h"
#include "runtime/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Array *field(const char *name) {
    for (int i = 0; i < embedded_file_count; i++) {
        const EmbeddedFile *file = &embedded_files[i];
        Array *array = NULL;
        if (!strcmp(file->path, "stdlib/data/digits.bin") &&
            packed_read(file->bytes, (size_t)file->size, name, &array) == PACKED_OK)
            return array;
    }
    fprintf(stderr, "no field %s\n", name);
    exit(1);
}

static void write_rows(const Array *images, const Array *labels, const int64_t *order) {
    for (int64_t i = 0; i < labels->count; i++) {
        int64_t row = order ? order[i] : i;
        fwrite((const char *)images->data + 64 * row, 1, 64, stdout);
        putchar(((const int32_t *)labels->data)[row]);
    }
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    int64_t epochs = atoll(argv[1]);
    Array *images = field("train-image"), *labels = field("train-label");
    Array *test_images = field("test-image"), *test_labels = field("test-label");
    int64_t sizes[3] = {epochs, labels->count, test_labels->count};
    fwrite(sizes, sizeof *sizes, 3, stdout);
    int64_t *order = malloc(sizeof *order * (size_t)labels->count);
    if (!order) return 1;
    for (int64_t epoch = 1; epoch <= epochs; epoch++) {
        random_permutation(order, labels->count, strtoull(argv[2], NULL, 10), (uint64_t)epoch);
        write_rows(images, labels, order);
    }
    write_rows(test_images, test_labels, NULL);
    free(order);
    array_release(images);
    array_release(labels);
    array_release(test_images);
    array_release(test_labels);
    return fflush(stdout) != 0;
}
