#include "case.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- memory with an unreadable page behind it -------------------------------------------------------- */

typedef struct Guarded {
    unsigned char *pages;
    size_t length;
    unsigned char *data;
} Guarded;

static Guarded guarded_new(int64_t bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t room = ((size_t)bytes + page - 1) / page * page;
    Guarded g = {.length = room + page};
    g.pages = mmap(NULL, g.length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g.pages == MAP_FAILED) ICE("out of memory");
    if (mprotect(g.pages + room, page, PROT_NONE)) ICE("mprotect");
    g.data = g.pages + room - bytes;
    return g;
}

static void guarded_free(Guarded *g) { munmap(g->pages, g->length); }

/* ---- running ---------------------------------------------------------------------------------------- */

static int32_t run_call(const Case *c, const CaseCall *call, const Executor *executor, const Guarded *memory,
                        int ranges) {
    void **buffers = calloc((size_t)call->buffers.len + 1, sizeof *buffers);
    if (!buffers) ICE("out of memory");
    for (int i = 0; i < call->buffers.len; i++) buffers[i] = memory[call->buffers.data[i]].data;
    (void)c;
    void *scratch = NULL;
    size_t scratch_bytes = (size_t)(call->scratch_bytes + ABI_ALIGN) / ABI_ALIGN * ABI_ALIGN;
    if (posix_memalign(&scratch, ABI_ALIGN, scratch_bytes)) ICE("out of memory");
    int32_t code = 0;
    int64_t size = ranges > 1 ? call->tiles / ranges + 1 : call->tiles;
    int64_t last = call->tiles;
    do {
        memset(scratch, CASE_PATTERN, scratch_bytes); /* nothing may come from an earlier range */
        int64_t first = last > size ? last - size : 0;
        int32_t now = executor->functions[call->kernel](executor->contexts ? executor->contexts[call->kernel] : NULL,
                                                        buffers, call->scalars.data, first, last, scratch);
        if (now) code = now;
        last = first;
    } while (last > 0);
    free(scratch);
    free(buffers);
    return code;
}

CaseResult case_run(Arena *arena, const Case *c, const Executor *executor, int ranges) {
    Guarded *memory = arena_array(arena, Guarded, c->buffers.len);
    CaseResult result = {arena_array(arena, unsigned char *, c->buffers.len), 0};
    for (int i = 0; i < c->buffers.len; i++) {
        memory[i] = guarded_new(c->buffers.data[i].bytes);
        memcpy(memory[i].data, c->buffers.data[i].initial, (size_t)c->buffers.data[i].bytes);
    }
    for (int i = 0; i < c->calls.len && !result.code; i++) {
        result.code = run_call(c, &c->calls.data[i], executor, memory, ranges);
    }
    for (int i = 0; i < c->buffers.len; i++) {
        size_t bytes = (size_t)c->buffers.data[i].bytes;
        result.data[i] = arena_alloc(arena, bytes);
        memcpy(result.data[i], memory[i].data, bytes);
        guarded_free(&memory[i]);
    }
    return result;
}

/* ---- comparing -------------------------------------------------------------------------------------- */

static uint64_t element_bits(const unsigned char *data, DType t, int64_t i) {
    uint64_t bits = 0;
    memcpy(&bits, data + i * dtype_bytes(t), (size_t)dtype_bytes(t)); /* little-endian hosts */
    return bits;
}

static int bits_are_nan(DType t, uint64_t bits) {
    switch ((int)t) {
    case DT_F16: return (bits & 0x7fff) > 0x7c00;
    case DT_BF16: return (bits & 0x7fff) > 0x7f80;
    case DT_F32: return (bits & 0x7fffffff) > 0x7f800000;
    case DT_F64: return (bits & 0x7fffffffffffffff) > 0x7ff0000000000000;
    default: return 0;
    }
}

int case_equal(const Case *c, const CaseResult *expected, const CaseResult *got, const char *name) {
    if (expected->code != got->code) {
        fprintf(stderr, "%s: %s: code %d instead of %d\n", c->name, name, (int)got->code, (int)expected->code);
        return 0;
    }
    for (int i = 0; i < c->buffers.len; i++) {
        const CaseBuffer *b = &c->buffers.data[i];
        if (!memcmp(expected->data[i], got->data[i], (size_t)b->bytes)) continue;
        for (int64_t k = 0; k < b->bytes / dtype_bytes(b->dtype); k++) {
            uint64_t want = element_bits(expected->data[i], b->dtype, k), have = element_bits(got->data[i], b->dtype, k);
            if (want == have || (bits_are_nan(b->dtype, want) && bits_are_nan(b->dtype, have))) continue;
            fprintf(stderr, "%s: %s: %s[%lld] (%s, flat) is %#llx instead of %#llx\n", c->name, name, b->name->text,
                    (long long)k, dtype_name(b->dtype), (unsigned long long)have, (unsigned long long)want);
            return 0;
        }
    }
    return 1;
}

/* ---- filling ---------------------------------------------------------------------------------------- */

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static double uniform(uint64_t *state, double low, double high) {
    return low + (high - low) * ((double)(next_random(state) >> 11) * 0x1p-53);
}

static uint16_t half_bits(DType t, double value) {
    uint32_t u;
    float f = (float)value;
    memcpy(&u, &f, sizeof u);
    if (t == DT_BF16) return (uint16_t)(u >> 16);
    int exponent = (int)(u >> 23 & 255) - 127 + 15;
    uint32_t sign = u >> 16 & 0x8000;
    if (exponent <= 0) return (uint16_t)sign;
    if (exponent >= 31) return (uint16_t)(sign | 0x7c00);
    return (uint16_t)(sign | (uint32_t)exponent << 10 | (u >> 13 & 0x3ff));
}

static void put_number(DType t, void *data, int64_t i, double value) {
    switch (t) {
    case DT_BOOL: ((uint8_t *)data)[i] = value != 0; return;
    case DT_I8: ((int8_t *)data)[i] = (int8_t)(int64_t)value; return;
    case DT_I16: ((int16_t *)data)[i] = (int16_t)(int64_t)value; return;
    case DT_I32: ((int32_t *)data)[i] = (int32_t)(int64_t)value; return;
    case DT_I64: case DT_INDEX: ((int64_t *)data)[i] = (int64_t)value; return;
    case DT_U8: ((uint8_t *)data)[i] = (uint8_t)(int64_t)value; return;
    case DT_U16: ((uint16_t *)data)[i] = (uint16_t)(int64_t)value; return;
    case DT_U32: ((uint32_t *)data)[i] = (uint32_t)(int64_t)value; return;
    case DT_U64: ((uint64_t *)data)[i] = (uint64_t)(int64_t)value; return;
    case DT_F16: case DT_BF16: ((uint16_t *)data)[i] = half_bits(t, value); return;
    case DT_F32: ((float *)data)[i] = (float)value; return;
    case DT_F64: ((double *)data)[i] = value; return;
    case DT_COUNT: break;
    }
    ICE("element type %d", (int)t);
}

static void put_bits(DType t, void *data, int64_t i, uint64_t bits) {
    if (t == DT_BOOL) bits &= 1;
    memcpy((unsigned char *)data + i * dtype_bytes(t), &bits, (size_t)dtype_bytes(t));
}

/* Every value that an operation may treat on its own, by type. */
static uint64_t special_bits(DType t, uint64_t index, uint64_t *state) {
    static const double numbers[] = {0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 3, 1e10, -1e10, 2147483648.0,
        -2147483648.0, 2147483647.0, 4294967296.0, 9223372036854775808.0, -9223372036854775808.0,
        18446744073709551616.0, 127, 128, 255, 256, -128, -129, 32767.5, 65504, 65520, 1e-3, 3.14159265358979,
        INFINITY, -INFINITY, NAN, FLT_MAX, -FLT_MAX, FLT_MIN, -FLT_MIN, 0x1p-149, -0x1p-149, 0x1.fffffcp-127, 0x1p-24,
        0x1p-25, 0x1.8p-25, DBL_MAX, DBL_MIN, 0x1p-1074, 88.7, -87.3, -103.9, 709.7, 8388607.5, 16777217.0};
    static const int64_t integers[] = {0, 1, -1, 2, -2, 7, -7, 31, 32, 63, 64, 127, -128, 255, 32767, -32768, 65535,
        INT32_MAX, INT32_MIN, UINT32_MAX, INT64_MAX, INT64_MIN, 0x5555555555555555, 16777217, 9007199254740993};
    uint64_t bits = 0;
    if (dtype_is_float(t)) {
        if (index < sizeof numbers / sizeof *numbers) {
            put_number(t, &bits, 0, numbers[index]);
            return bits;
        }
    } else if (index < sizeof integers / sizeof *integers) {
        return (uint64_t)integers[index];
    }
    return next_random(state);
}

/* The element's index in the list differs between buffers, so that pairs of operands differ. */
static uint64_t special_index(uint64_t i, uint64_t seed) {
    uint64_t period = 80;
    return (i + seed % 79 * (i / period)) % period;
}

int case_fill(const char *rule, uint64_t seed, DType t, int64_t count, void *data) {
    double a = 0, b = 0;
    uint64_t state = seed;
    char word[16] = "";
    int given = sscanf(rule, "%15s %lf %lf", word, &a, &b);
    int is_uniform = !strcmp(word, "uniform") && given == 3, is_iota = !strcmp(word, "iota") && given == 2;
    int is_below = !strcmp(word, "below") && given == 2, is_value = !strcmp(word, "value") && given == 2;
    int is_mixed = !strcmp(word, "mixed") && given == 3;
    int is_special = !strcmp(word, "special"), is_bits = !strcmp(word, "bits");
    if (!(is_uniform || is_iota || is_below || is_value || is_special || is_bits || is_mixed)) return 0;
    for (int64_t i = 0; i < count; i++) {
        int part = is_mixed ? (int)(3 * i / count) : -1;
        if (is_uniform || part == 2) put_number(t, data, i, uniform(&state, a, b));
        if (is_iota) put_number(t, data, i, a + (double)i);
        if (is_below) put_number(t, data, i, floor(uniform(&state, 0, a)));
        if (is_value) put_number(t, data, i, a);
        if (is_bits || part == 1) put_bits(t, data, i, next_random(&state));
        if (is_special || part == 0) {
            put_bits(t, data, i, special_bits(t, special_index((uint64_t)i, seed), &state));
        }
    }
    return 1;
}

/* ---- scripts for compiled C -------------------------------------------------------------------------- */

static void put(FILE *f, int64_t value) { fwrite(&value, sizeof value, 1, f); }

static void put_block(FILE *f, const void *data, int64_t bytes) {
    put(f, bytes);
    if (bytes) fwrite(data, 1, (size_t)bytes, f);
}

void case_write(void *file, const Case *c, const CaseResult *expected) {
    FILE *f = file;
    put_block(f, c->name, (int64_t)strlen(c->name) + 1);
    put(f, c->buffers.len);
    for (int i = 0; i < c->buffers.len; i++) {
        const CaseBuffer *b = &c->buffers.data[i];
        put_block(f, b->name->text, (int64_t)strlen(b->name->text) + 1);
        put(f, dtype_is_float(b->dtype) ? (b->dtype == DT_BF16 ? 3 : dtype_bytes(b->dtype)) : 0);
        put(f, dtype_bytes(b->dtype));
        put(f, b->is_pattern);
        if (b->is_pattern) put(f, b->bytes);
        else put_block(f, b->initial, b->bytes);
        put(f, b->is_written);
        if (b->is_written) put_block(f, expected->data[i], b->bytes);
    }
    put(f, c->calls.len);
    for (int i = 0; i < c->calls.len; i++) {
        const CaseCall *call = &c->calls.data[i];
        const char *name = c->kernels.data[call->kernel]->name->text;
        put_block(f, name, (int64_t)strlen(name) + 1);
        put(f, call->buffers.len);
        for (int k = 0; k < call->buffers.len; k++) put(f, call->buffers.data[k]);
        put_block(f, call->scalars.data, call->scalars.len * (int64_t)sizeof(int64_t));
        put(f, call->tiles);
        put(f, call->scratch_bytes);
    }
    put(f, expected->code);
}
