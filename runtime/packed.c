#include "runtime/packed.h"

#include <stdio.h>
#include <string.h>

typedef struct FieldLine {
    char name[64], dtype[16];
    int bits, rank;
    int64_t extents[ARRAY_MAX_RANK], count;
} FieldLine;

/* Reads a decimal number and the blank or line end behind it. */
static int read_number(const char **at, const char *end, int64_t *value) {
    *value = 0;
    const char *p = *at;
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        if (*value > 1000000000) return 0;
        *value = *value * 10 + (*p - '0');
    }
    if (p == *at || p == end || (*p != ' ' && *p != '\n')) return 0;
    *at = *p == ' ' ? p + 1 : p;
    return 1;
}

static int read_word(const char **at, const char *end, char *word, size_t cap) {
    size_t len = 0;
    for (; *at < end && **at > ' ' && len + 1 < cap; (*at)++) word[len++] = **at;
    word[len] = 0;
    if (!len || *at == end || **at != ' ') return 0;
    ++*at;
    return 1;
}

static int read_line(const char **at, const char *end, FieldLine *line) {
    int64_t bits;
    *line = (FieldLine){.count = 1};
    if (!read_word(at, end, line->name, sizeof line->name)) return 0;
    if (!read_word(at, end, line->dtype, sizeof line->dtype)) return 0;
    if (!read_number(at, end, &bits) || bits < 1 || bits > 16) return 0;
    line->bits = (int)bits;
    while (*at < end && **at != '\n') {
        if (line->rank == ARRAY_MAX_RANK || !read_number(at, end, &line->extents[line->rank])) return 0;
        if (__builtin_mul_overflow(line->count, line->extents[line->rank++], &line->count)) return 0;
        if (line->count > INT64_MAX / 16) return 0;
    }
    if (*at == end) return 0;
    ++*at;
    return 1;
}

static int is_field_dtype(int dtype) { return dtype >= DT_BOOL && dtype <= DT_U64; }

static void unpack(Array *array, const unsigned char *from, int bits) {
    uint32_t buffer = 0;
    int held = 0;
    for (int64_t i = 0; i < array->count; i++) {
        for (; held < bits; held += 8) buffer |= (uint32_t)*from++ << held;
        array_set_number(array, i, (double)(buffer & ((1u << bits) - 1)));
        buffer >>= bits;
        held -= bits;
    }
}

PackedResult packed_read(const char *bytes, size_t size, const char *field, Array **array) {
    static const char magic[] = "dlc-packed 1\n";
    const char *at = bytes + sizeof magic - 1, *end = bytes + size;
    *array = NULL;
    if (size < sizeof magic || memcmp(bytes, magic, sizeof magic - 1)) return PACKED_DAMAGED;
    FieldLine line, found = {0};
    int64_t offset = 0, found_offset = 0;
    int has_found = 0;
    while (at < end && *at != '\n') {
        if (!read_line(&at, end, &line) || !is_field_dtype(dtype_from_name(line.dtype))) return PACKED_DAMAGED;
        if (strcmp(line.name, field) == 0) {
            found = line;
            found_offset = offset;
            has_found = 1;
        }
        if (__builtin_add_overflow(offset, (line.count * line.bits + 7) / 8, &offset)) return PACKED_DAMAGED;
    }
    if (at == end || end - (at + 1) != offset) return PACKED_DAMAGED;
    if (!has_found) return PACKED_NO_FIELD;
    *array = array_new((DType)dtype_from_name(found.dtype), found.rank, found.extents);
    unpack(*array, (const unsigned char *)at + 1 + found_offset, found.bits);
    return PACKED_OK;
}
