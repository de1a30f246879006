#include "base/vec.h"

void *vec_grow(Arena *arena, void *data, size_t size, int len, int *cap) {
    int wider = *cap ? *cap * 2 : 4;
    void *moved = arena_grow(arena, data, size * (size_t)len, size * (size_t)wider);
    *cap = wider;
    return moved;
}
