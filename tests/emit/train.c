/* Trains digits.dlm in plain C with the emitted functions alone: first weights, steps, forward.
 *
 * usage: train FILE       FILE is of digits_order.c
 * Prints a line per epoch with the loss and the accuracy as the program's reports have them, the digits of the test set
 * that are recognised, a hash of all logits, and the digest of the weights that `dlc run --digest` prints. */
#include "digits_Net.h"
#include "digits_Net_initial.h"
#include "digits_Net_step.h"
#include "digits_Net_step_initial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 32, PIXELS = 64, CLASSES = 10, GUARD = 64 };

/* Workspaces of exactly the size that the headers say; what lies behind them must not change. */
static __attribute__((aligned(DIGITS_NET_STEP_WORKSPACE_ALIGNMENT))) unsigned char
    step_workspace[DIGITS_NET_STEP_WORKSPACE_BYTES + GUARD],
    net_workspace[DIGITS_NET_WORKSPACE_BYTES + GUARD],
    initial_workspace[DIGITS_NET_INITIAL_WORKSPACE_BYTES + DIGITS_NET_STEP_INITIAL_WORKSPACE_BYTES + GUARD];

static float w1[64 * 64], b1[64], w2[64 * 10], b2[10];
static float w1m[64 * 64], w1v[64 * 64], b1m[64], b1v[64], w2m[64 * 10], w2v[64 * 10], b2m[10], b2v[10];
static int64_t step_count;

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t size) {
    const unsigned char *bytes = (const unsigned char *)data;
    size_t i;
    for (i = 0; i < size; i++) hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

static uint64_t hash_weight(uint64_t hash, const char *name, const void *data, size_t size) {
    return hash_bytes(hash_bytes(hash, name, strlen(name)), data, size);
}

static void check_guard(const unsigned char *workspace, size_t bytes) {
    size_t i;
    for (i = 0; i < GUARD; i++) {
        if (workspace[bytes + i] != 0xa5) fail("written beyond the workspace");
    }
}

static void make_weights(void) {
    const uint32_t seed[2] = {0, 0};
    const int64_t zero = 0;
    struct digits_Net_initial_buffers first;
    struct digits_Net_step_initial_buffers slots;
    first.example0 = &zero;
    first.step = &zero;
    first.seed = seed;
    first.Net_dense_1_w = w1;
    first.Net_dense_1_b = b1;
    first.Net_dense_2_w = w2;
    first.Net_dense_2_b = b2;
    if (digits_Net_initial(initial_workspace, &first)) fail("digits_Net_initial");
    slots.Net_dense_1_w = w1;
    slots.Net_dense_1_b = b1;
    slots.Net_dense_2_w = w2;
    slots.Net_dense_2_b = b2;
    slots.Net_dense_1_w_1_m = w1m;
    slots.Net_dense_1_w_1_v = w1v;
    slots.Net_dense_1_b_1_m = b1m;
    slots.Net_dense_1_b_1_v = b1v;
    slots.Net_dense_2_w_1_m = w2m;
    slots.Net_dense_2_w_1_v = w2v;
    slots.Net_dense_2_b_1_m = b2m;
    slots.Net_dense_2_b_1_v = b2v;
    if (digits_Net_step_initial(initial_workspace, &slots)) fail("digits_Net_step_initial");
}

/* Images of 64 bytes and labels of one, row by row. */
static void take_rows(const unsigned char *rows, int64_t count, uint8_t *image, int32_t *label) {
    int64_t i;
    for (i = 0; i < count; i++) {
        memcpy(image + i * PIXELS, rows + i * (PIXELS + 1), PIXELS);
        label[i] = rows[i * (PIXELS + 1) + PIXELS];
    }
}

static void train_epoch(const unsigned char *rows, int64_t count) {
    uint8_t image[BATCH * PIXELS];
    int32_t label[BATCH];
    float loss, accuracy;
    const float lr = 3e-3f;
    double losses = 0, accuracies = 0;
    int64_t at;
    struct digits_Net_step_buffers b;
    b.image = image;
    b.label = label;
    b.Net_dense_1_w = w1;
    b.Net_dense_1_b = b1;
    b.Net_dense_2_w = w2;
    b.Net_dense_2_b = b2;
    b.lr = &lr;
    b.minimize_1_count = &step_count;
    b.Net_dense_1_w_1_m = w1m;
    b.Net_dense_1_w_1_v = w1v;
    b.Net_dense_1_b_1_m = b1m;
    b.Net_dense_1_b_1_v = b1v;
    b.Net_dense_2_w_1_m = w2m;
    b.Net_dense_2_w_1_v = w2v;
    b.Net_dense_2_b_1_m = b2m;
    b.Net_dense_2_b_1_v = b2v;
    b.minimize_1_loss = &loss;
    b.report_accuracy = &accuracy;
    for (at = 0; at < count; at += BATCH) {
        int64_t n = count - at < BATCH ? count - at : (int64_t)BATCH;
        take_rows(rows + at * (PIXELS + 1), n, image, label);
        if (digits_Net_step(step_workspace, &b, n)) fail("digits_Net_step");
        losses += (double)loss * (double)n;
        accuracies += (double)accuracy * (double)n;
    }
    printf("epoch %.9g %.9g\n", losses / (double)count, accuracies / (double)count);
    if (digits_Net_step(step_workspace, &b, BATCH + 1) != -1) fail("a batch of 33");
    if (digits_Net_step(step_workspace, &b, -1) != -1) fail("a batch of -1");
}

static void test_rows(const unsigned char *rows, int64_t count) {
    uint8_t image[BATCH * PIXELS];
    int32_t label[BATCH];
    float x[BATCH * PIXELS], logits[BATCH * CLASSES];
    uint64_t hash = 14695981039346656037u;
    int64_t at, i, right = 0;
    struct digits_Net_buffers b;
    b.x = x;
    b.Net_dense_1_w = w1;
    b.Net_dense_1_b = b1;
    b.Net_dense_2_w = w2;
    b.Net_dense_2_b = b2;
    b.value_0 = logits;
    for (at = 0; at < count; at += BATCH) {
        int64_t n = count - at < BATCH ? count - at : (int64_t)BATCH;
        take_rows(rows + at * (PIXELS + 1), n, image, label);
        for (i = 0; i < n * PIXELS; i++) x[i] = (float)image[i] / 16.0f;
        if (digits_Net(net_workspace, &b, n)) fail("digits_Net");
        hash = hash_bytes(hash, logits, sizeof *logits * (size_t)(n * CLASSES));
        for (i = 0; i < n; i++) {
            int k, best = 0;
            for (k = 1; k < CLASSES; k++) {
                if (logits[i * CLASSES + k] > logits[i * CLASSES + best]) best = k;
            }
            right += best == label[i];
        }
    }
    printf("right %lld\nlogits %016llx\n", (long long)right, (unsigned long long)hash);
}

int main(int argc, char **argv) {
    int64_t sizes[3], epoch;
    size_t size;
    unsigned char *rows;
    uint64_t digest = 14695981039346656037u;
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!file || fread(sizes, sizeof *sizes, 3, file) != 3) fail("the file cannot be read");
    size = (size_t)(sizes[0] * sizes[1] + sizes[2]) * (PIXELS + 1);
    rows = (unsigned char *)malloc(size);
    if (!rows || fread(rows, 1, size, file) != size) fail("the file is too short");
    fclose(file);
    memset(step_workspace, 0xa5, sizeof step_workspace);
    memset(net_workspace, 0xa5, sizeof net_workspace);
    memset(initial_workspace, 0xa5, sizeof initial_workspace);
    make_weights();
    for (epoch = 0; epoch < sizes[0]; epoch++) train_epoch(rows + epoch * sizes[1] * (PIXELS + 1), sizes[1]);
    test_rows(rows + sizes[0] * sizes[1] * (PIXELS + 1), sizes[2]);
    check_guard(step_workspace, DIGITS_NET_STEP_WORKSPACE_BYTES);
    check_guard(net_workspace, DIGITS_NET_WORKSPACE_BYTES);
    check_guard(initial_workspace, DIGITS_NET_INITIAL_WORKSPACE_BYTES + DIGITS_NET_STEP_INITIAL_WORKSPACE_BYTES);
    digest = hash_weight(digest, "Net.dense_1.w", w1, sizeof w1);
    digest = hash_weight(digest, "Net.dense_1.b", b1, sizeof b1);
    digest = hash_weight(digest, "Net.dense_2.w", w2, sizeof w2);
    digest = hash_weight(digest, "Net.dense_2.b", b2, sizeof b2);
    printf("digest %016llx\n", (unsigned long long)digest);
    free(rows);
    return 0;
}
