#include "base/symbol.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t symbol_hash(uint32_t hash, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash;
}

static const Symbol **find_slot(const Symbol **slots, uint32_t cap, uint32_t hash, const char *text,
                                size_t len) {
    for (uint32_t i = hash & (cap - 1);; i = (i + 1) & (cap - 1)) {
        const Symbol *s = slots[i];
        if (!s || (s->hash == hash && s->len == len && memcmp(s->text, text, len) == 0))
            return &slots[i];
    }
}

static void widen(SymbolTable *table) {
    uint32_t cap = table->cap ? table->cap * 2 : 256;
    const Symbol **slots = arena_array(table->arena, const Symbol *, cap);
    for (uint32_t i = 0; i < table->cap; i++) {
        const Symbol *s = table->slots[i];
        if (s) *find_slot(slots, cap, s->hash, s->text, s->len) = s;
    }
    table->slots = slots;
    table->cap = cap;
}

const Symbol *symbol_bytes(SymbolTable *table, const char *text, size_t len) {
    if (table->count * 2 >= table->cap) widen(table);
    uint32_t hash = symbol_hash(symbol_hash_start, text, len);
    const Symbol **slot = find_slot(table->slots, table->cap, hash, text, len);
    if (!*slot) {
        Symbol *s = arena_alloc(table->arena, sizeof *s + len + 1);
        s->hash = hash;
        s->len = (uint32_t)len;
        memcpy(s->text, text, len);
        *slot = s;
        table->count++;
    }
    return *slot;
}

const Symbol *symbol(SymbolTable *table, const char *text) {
    return symbol_bytes(table, text, strlen(text));
}

const Symbol *symbol_printf(SymbolTable *table, const char *format, ...) {
    char small[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (len < 0) len = 0;
    if ((size_t)len < sizeof small) return symbol_bytes(table, small, (size_t)len);
    char *large = arena_alloc(table->arena, (size_t)len + 1);
    va_start(args, format);
    vsnprintf(large, (size_t)len + 1, format, args);
    va_end(args);
    return symbol_bytes(table, large, (size_t)len);
}

enum { LONGEST_WORD = 64 };

static int least(int a, int b, int c) {
    int m = a < b ? a : b;
    return m < c ? m : c;
}

int edit_distance(const char *a, const char *b, int limit) {
    int n = (int)strnlen(a, LONGEST_WORD + 1), m = (int)strnlen(b, LONGEST_WORD + 1);
    if (n > LONGEST_WORD || m > LONGEST_WORD || abs(n - m) > limit) return limit + 1;
    int rows[3][LONGEST_WORD + 1]; /* rows i-2, i-1 and i of the distance table, in turn */
    for (int j = 0; j <= m; j++) rows[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = rows[i % 3], *one = rows[(i - 1) % 3], *two = rows[(i + 1) % 3];
        int nearest = now[0] = i;
        for (int j = 1; j <= m; j++) {
            int same = a[i - 1] == b[j - 1];
            now[j] = least(one[j] + 1, now[j - 1] + 1, one[j - 1] + !same);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                two[j - 2] + 1 < now[j])
                now[j] = two[j - 2] + 1;
            if (now[j] < nearest) nearest = now[j];
        }
        if (nearest > limit + 1) return limit + 1; /* a swap reaches back two rows, no further */
    }
    int distance = rows[n % 3][m];
    return distance > limit ? limit + 1 : distance;
}

const Symbol *symbol_join(SymbolTable *table, const Symbol *path, const Symbol *name) {
    return path->len ? symbol_printf(table, "%s.%s", path->text, name->text) : name;
}
