#include "driver/store.h"

StoreEntry *store_find(const Store *store, const Symbol *path) { return map_get(&store->entries, path); }

StoreEntry *store_set(Store *store, const Symbol *path, Array *array) {
    StoreEntry *entry = store_find(store, path);
    if (entry) {
        array_release(entry->array);
    } else {
        entry = arena_new(store->arena, StoreEntry);
        entry->path = path;
        map_set(store->arena, &store->entries, path, entry);
    }
    entry->array = array;
    return entry;
}

void store_own(StoreEntry *entry) {
    entry->array = array_own(entry->array);
}

void store_release(Store *store) {
    for (int i = 0; i < store->entries.len; i++)
        array_release(((StoreEntry *)store->entries.entries[i].value)->array);
    store->entries = (Map){0};
}
