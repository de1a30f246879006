#include "base/map.h"

static uint32_t hash_pointer(const void *key) {
    uint64_t x = (uint64_t)(uintptr_t)key >> 4; /* arenas align to 16 */
    x *= 0x9E3779B97F4A7C15u;
    return (uint32_t)(x >> 32);
}

static int32_t *find_slot(const Map *map, const void *key) {
    for (uint32_t i = hash_pointer(key) & (map->slot_cap - 1);; i = (i + 1) & (map->slot_cap - 1)) {
        int32_t at = map->slots[i];
        if (!at || map->entries[at - 1].key == key) return &map->slots[i];
    }
}

static MapEntry *find(const Map *map, const void *key) {
    if (!map->slot_cap) return 0;
    int32_t at = *find_slot(map, key);
    return at ? &map->entries[at - 1] : 0;
}

void *map_get(const Map *map, const void *key) {
    MapEntry *entry = find(map, key);
    return entry ? entry->value : 0;
}

int map_has(const Map *map, const void *key) { return find(map, key) != 0; }

static void widen(Arena *arena, Map *map) {
    uint32_t cap = map->slot_cap ? map->slot_cap * 2 : 16;
    map->slots = arena_array(arena, int32_t, cap);
    map->slot_cap = cap;
    for (int i = 0; i < map->len; i++) *find_slot(map, map->entries[i].key) = i + 1;
}

void map_set(Arena *arena, Map *map, const void *key, void *value) {
    MapEntry *entry = find(map, key);
    if (entry) {
        entry->value = value;
        return;
    }
    if ((uint32_t)map->len * 2 >= map->slot_cap) widen(arena, map);
    if (map->len == map->cap) {
        int cap = map->cap ? map->cap * 2 : 8;
        map->entries = arena_grow(arena, map->entries, sizeof(MapEntry) * (size_t)map->len,
                                  sizeof(MapEntry) * (size_t)cap);
        map->cap = cap;
    }
    map->entries[map->len++] = (MapEntry){key, value};
    *find_slot(map, key) = map->len;
}
