/* A hash map from pointers (symbols, nodes, hash-consed dims) to pointers.  Iteration order is the order
 * of insertion, so nothing that is printed or compiled depends on addresses. */
#ifndef DLC_BASE_MAP_H
#define DLC_BASE_MAP_H

#include "base/arena.h"
#include <stdint.h>

typedef struct MapEntry {
    const void *key;
    void *value;
} MapEntry;

typedef struct Map {
    MapEntry *entries; /* dense, in order of insertion */
    int len, cap;
    int32_t *slots; /* 1 + index into entries, 0 = free; a power of two */
    uint32_t slot_cap;
} Map;

/* NULL where the key is absent. */
void *map_get(const Map *map, const void *key);
int map_has(const Map *map, const void *key);
/* Adds or replaces. */
void map_set(Arena *arena, Map *map, const void *key, void *value);

#endif
