/* Runs kernels that were emitted as C and compiled on the cases of a script (case_write in case.c) and compares
 * every bit; any NaN equals any NaN.  C99 and C++17.  The table of kernels is generated: `kernel_table`.
 *
 *     compare SCRIPT      exit code 0 when everything is equal
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int32_t Kernel(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,
                       int64_t last, void *scratch);

typedef struct KernelEntry {
    const char *name;
    Kernel *function;
} KernelEntry;

#include "table.h"

static FILE *script;

static int64_t get(void) {
    int64_t value = 0;
    if (fread(&value, sizeof value, 1, script) != 1) {
        fprintf(stderr, "compare: the script ends early\n");
        exit(2);
    }
    return value;
}

static void *aligned(size_t bytes) {
    char *memory = (char *)malloc(bytes + 128);
    if (!memory) exit(2);
    return memory + 64 - (uintptr_t)memory % 64; /* never freed: the process is short */
}

static void *get_block(int64_t *bytes) {
    *bytes = get();
    void *block = aligned((size_t)*bytes + 1);
    if (*bytes && fread(block, 1, (size_t)*bytes, script) != (size_t)*bytes) exit(2);
    return block;
}

/* kind: 2 f16, 3 bf16, 4 f32, 8 f64, 0 others */
static int is_nan(int64_t kind, uint64_t bits) {
    if (kind == 2) return (bits & 0x7fff) > 0x7c00;
    if (kind == 3) return (bits & 0x7fff) > 0x7f80;
    if (kind == 4) return (bits & 0x7fffffffu) > 0x7f800000u;
    if (kind == 8) return (bits & 0x7fffffffffffffffu) > 0x7ff0000000000000u;
    return 0;
}

typedef struct Buffer {
    char *name, *data, *expected;
    int64_t kind, size, bytes;
} Buffer;

static int is_equal(const char *name, const Buffer *b) {
    if (!b->expected) return 1;
    for (int64_t i = 0; i < b->bytes / b->size; i++) {
        uint64_t want = 0, have = 0;
        memcpy(&want, b->expected + i * b->size, (size_t)b->size);
        memcpy(&have, b->data + i * b->size, (size_t)b->size);
        if (want == have || (is_nan(b->kind, want) && is_nan(b->kind, have))) continue;
        fprintf(stderr, "%s: %s[%lld] (flat) is %#llx instead of %#llx\n", name, b->name, (long long)i,
                (unsigned long long)have, (unsigned long long)want);
        return 0;
    }
    return 1;
}

static Kernel *find(const char *name) {
    for (int i = 0; kernel_table[i].name; i++) {
        if (!strcmp(kernel_table[i].name, name)) return kernel_table[i].function;
    }
    fprintf(stderr, "compare: no kernel %s\n", name);
    exit(2);
}

static int32_t run_call(Buffer *buffers) {
    int64_t bytes;
    Kernel *kernel = find((char *)get_block(&bytes));
    void *arguments[64];
    int64_t count = get();
    for (int64_t i = 0; i < count; i++) arguments[i] = buffers[get()].data;
    int64_t *scalars = (int64_t *)get_block(&bytes);
    int64_t tiles = get(), scratch_bytes = get();
    return kernel(NULL, arguments, scalars, 0, tiles, aligned((size_t)scratch_bytes + 64));
}

static int run_case(void) {
    int64_t bytes;
    char *name = (char *)get_block(&bytes);
    int64_t count = get();
    Buffer *buffers = (Buffer *)aligned((size_t)(count + 1) * sizeof(Buffer));
    for (int64_t i = 0; i < count; i++) {
        buffers[i].name = (char *)get_block(&bytes);
        buffers[i].kind = get();
        buffers[i].size = get();
        if (get()) {
            buffers[i].bytes = get();
            buffers[i].data = (char *)aligned((size_t)buffers[i].bytes + 1);
            memset(buffers[i].data, 0xa5, (size_t)buffers[i].bytes);
        } else {
            buffers[i].data = (char *)get_block(&buffers[i].bytes);
        }
        buffers[i].expected = get() ? (char *)get_block(&bytes) : NULL;
    }
    int32_t code = 0;
    int64_t calls = get();
    for (int64_t i = 0; i < calls; i++) {
        int32_t now = run_call(buffers);
        if (!code) code = now;
    }
    int good = 1;
    int64_t expected_code = get();
    if (code != expected_code) {
        fprintf(stderr, "%s: code %d instead of %d\n", name, (int)code, (int)expected_code);
        good = 0;
    }
    for (int64_t i = 0; i < count && good; i++) good = is_equal(name, &buffers[i]);
    return good;
}

int main(int argc, char **argv) {
    int cases = 0, bad = 0;
    script = argc > 1 ? fopen(argv[1], "rb") : NULL;
    if (!script) return 2;
    for (int c = getc(script); c != EOF; c = getc(script)) {
        ungetc(c, script);
        cases++;
        bad += !run_case();
    }
    printf("%d cases, %d differ\n", cases, bad);
    return bad != 0 || cases == 0;
}
