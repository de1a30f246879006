/* The tensors of a running program that outlive a step: weights, states and optimizer slots, by path. */
#ifndef DLC_DRIVER_STORE_H
#define DLC_DRIVER_STORE_H

#include "base/map.h"
#include "base/symbol.h"
#include "runtime/array.h"

typedef struct StoreEntry {
    const Symbol *path;
    Array *array; /* owned; steps write it in place, after a copy where somebody else holds it */
} StoreEntry;

typedef struct Store {
    Arena *arena;
    Map entries; /* const Symbol * to StoreEntry *; entries never move */
} Store;

/* NULL where the path has no tensor yet. */
StoreEntry *store_find(const Store *store, const Symbol *path);
/* Adds or replaces; takes over the reference. */
StoreEntry *store_set(Store *store, const Symbol *path, Array *array);
/* Makes the entry's array the store's alone, so that it may be written. */
void store_own(StoreEntry *entry);
void store_release(Store *store);

#endif
