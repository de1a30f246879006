/* Runs the steps that oracle --emit wrote as C, on the arrays of its script, and compares every bit.  C99.
 *
 *     replay SCRIPT */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every case becomes a function of one type. */
#define CASE(name, bytes)                                                                                              \
    static int32_t run_##name(void *workspace, void *const *slots) {                                                   \
        return name(workspace, (const struct name##_buffers *)(const void *)slots);                                    \
    }
#include "table.h"
#undef CASE

typedef struct Entry {
    const char *name;
    int32_t (*run)(void *workspace, void *const *slots);
    int64_t bytes;
} Entry;

#define CASE(name, bytes) {#name, run_##name, bytes},
static const Entry entries[] = {
#include "table.h"
};

static FILE *script;

static int64_t get(void) {
    int64_t value = 0;
    if (fread(&value, sizeof value, 1, script) != 1) {
        fprintf(stderr, "replay: the script ends early\n");
        exit(2);
    }
    return value;
}

static void *aligned(int64_t bytes) {
    char *memory = calloc(1, (size_t)bytes + 128);
    if (!memory) exit(2);
    return memory + 64 - (uintptr_t)memory % 64; /* never freed: the process is short */
}

/* `size` of a float, 0 of anything else; any NaN equals any NaN. */
static int same_bits(const char *a, const char *b, int64_t bytes, int64_t size) {
    if (!memcmp(a, b, (size_t)bytes)) return 1;
    for (int64_t i = 0; size && i < bytes; i += size) {
        double x, y;
        float f, g;
        memcpy(&f, a + i, sizeof f);
        memcpy(&g, b + i, sizeof g);
        if (size == 4) {
            x = (double)f;
            y = (double)g;
        } else {
            memcpy(&x, a + i, sizeof x);
            memcpy(&y, b + i, sizeof y);
        }
        if (memcmp(a + i, b + i, (size_t)size) && (x == x || y == y)) return 0;
    }
    return size != 0;
}

static int replay(const Entry *entry) {
    int64_t runs = get(), count = get(), bytes[64], size[64];
    void *slots[64], *expected[64];
    for (int64_t i = 0; i < count && i < 64; i++) {
        bytes[i] = get();
        size[i] = get();
        slots[i] = aligned(bytes[i]);
        expected[i] = aligned(bytes[i]);
        if (fread(slots[i], 1, (size_t)bytes[i], script) != (size_t)bytes[i]) exit(2);
        if (fread(expected[i], 1, (size_t)bytes[i], script) != (size_t)bytes[i]) exit(2);
    }
    void *workspace = aligned(entry->bytes);
    for (int64_t i = 0; i < runs; i++)
        if (entry->run(workspace, slots)) return 0;
    for (int64_t i = 0; i < count; i++) {
        if (same_bits(slots[i], expected[i], bytes[i], size[i])) continue;
        fprintf(stderr, "%s: array %d has other bits\n", entry->name, (int)i);
        return 0;
    }
    return 1;
}

int main(int argc, char **argv) {
    int bad = 0, cases = (int)(sizeof entries / sizeof *entries);
    script = argc > 1 ? fopen(argv[1], "rb") : NULL;
    if (!script) return 2;
    for (int i = 0; i < cases; i++) bad += !replay(&entries[i]);
    printf("%d cases, %d differ\n", cases, bad);
    return bad != 0;
}
