/* Symbols: interned names.  Two names are equal exactly when their pointers are. */
#ifndef DLC_BASE_SYMBOL_H
#define DLC_BASE_SYMBOL_H

#include "base/arena.h"
#include <stdint.h>

typedef struct Symbol {
    uint32_t hash; /* FNV-1a of the text: the same in every run */
    uint32_t len;
    char text[]; /* NUL-terminated */
} Symbol;

typedef struct SymbolTable {
    Arena *arena;
    const Symbol **slots; /* open addressing, a power of two */
    uint32_t count, cap;
} SymbolTable;

const Symbol *symbol_bytes(SymbolTable *table, const char *text, size_t len);
const Symbol *symbol(SymbolTable *table, const char *text);
const Symbol *symbol_printf(SymbolTable *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* FNV-1a, 32 bits, going on from `hash` (start with symbol_hash_start). */
uint32_t symbol_hash(uint32_t hash, const char *text, size_t len);
#define symbol_hash_start 2166136261u

/* Edits (insert, delete, replace, swap of neighbours) between two words, or `limit` + 1 once more are
 * needed; for "did you mean".  (Damerau 1964, the restricted form.) */
int edit_distance(const char *a, const char *b, int limit);

/* "path.name"; the name alone where the path is empty. */
const Symbol *symbol_join(SymbolTable *table, const Symbol *path, const Symbol *name);

#endif
