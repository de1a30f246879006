#include "base/source.h"

#include <string.h>

Source *source_add(SourceMap *map, const char *name, const char *text, size_t len) {
    if (!map->next_base) map->next_base = 1;
    if (len >= UINT32_MAX - map->next_base - 1) return NULL;
    Source *source = arena_new(map->arena, Source);
    *source = (Source){.name = name, .text = text, .base = map->next_base, .len = (uint32_t)len};
    map->next_base += (uint32_t)len + 1; /* the end of file has an offset of its own */
    vec_push(map->arena, &map->sources, source);
    return source;
}

const Source *source_of(const SourceMap *map, Span span) {
    if (!span.begin) return NULL;
    int low = 0, high = map->sources.len;
    while (low < high) { /* the first source whose end lies at or past the span's begin */
        int middle = (low + high) / 2;
        const Source *s = map->sources.data[middle];
        if (s->base + s->len < span.begin) low = middle + 1;
        else high = middle;
    }
    return low < map->sources.len ? map->sources.data[low] : NULL;
}

static void index_lines(Arena *arena, Source *source) {
    int count = 1;
    for (uint32_t i = 0; i < source->len; i++) count += source->text[i] == '\n';
    source->line_start = arena_array(arena, uint32_t, count);
    source->line_count = count;
    int line = 1;
    for (uint32_t i = 0; i < source->len; i++)
        if (source->text[i] == '\n') source->line_start[line++] = i + 1;
}

Place source_place(const SourceMap *map, uint32_t offset) {
    const Source *found = source_of(map, (Span){offset, offset});
    if (!found) return (Place){0};
    if (!found->line_start) index_lines(map->arena, (Source *)found);
    uint32_t at = offset - found->base;
    int low = 0, high = found->line_count - 1;
    while (low < high) {
        int middle = (low + high + 1) / 2;
        if (found->line_start[middle] <= at) low = middle;
        else high = middle - 1;
    }
    return (Place){found, low + 1, (int)(at - found->line_start[low]) + 1};
}

const char *source_line(const Source *source, int line, int *len) {
    uint32_t begin = source->line_start[line - 1];
    const char *text = source->text + begin;
    const char *end = memchr(text, '\n', source->len - begin);
    *len = end ? (int)(end - text) : (int)(source->len - begin);
    if (*len && text[*len - 1] == '\r') --*len;
    return text;
}

static int decode(const unsigned char *s, int len, uint32_t *c) {
    int n = s[0] < 0x80 ? 1 : s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : s[0] >= 0xC0 ? 2 : 1;
    if (n > len) n = 1;
    *c = n == 1 ? s[0] : s[0] & (0xFFu >> (n + 1));
    for (int i = 1; i < n; i++) *c = *c << 6 | (s[i] & 0x3Fu);
    return n;
}

static int is_wide(uint32_t c) {
    return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
           (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
}

static int is_combining(uint32_t c) {
    return (c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F) || (c >= 0x20D0 && c <= 0x20FF) ||
           (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xFE20 && c <= 0xFE2F);
}

int text_width(const char *text, int len) {
    int width = 0;
    for (int i = 0; i < len;) {
        uint32_t c;
        i += decode((const unsigned char *)text + i, len - i, &c);
        width += c == '\t' ? 4 - width % 4 : is_combining(c) ? 0 : is_wide(c) ? 2 : 1;
    }
    return width;
}
