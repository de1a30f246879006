#include "base/arena.h"

#include "base/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 16, FIRST_BLOCK = 16 * 1024, LARGE = 2 * 1024 * 1024, LARGEST_BLOCK = 2 * LARGE };

struct ArenaBlock {
    ArenaBlock *previous;
    size_t used, size; /* bytes of `data` */
    _Alignas(ALIGN) unsigned char data[];
};

static void out_of_memory(size_t bytes) {
    fprintf(stderr, "dlc: out of memory (%zu bytes were asked for)\n", bytes);
    exit(4);
}

static size_t round_up(size_t bytes) {
    if (bytes > SIZE_MAX / 2) out_of_memory(bytes);
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

static ArenaBlock *add_block(Arena *arena, size_t bytes) {
    size_t size = arena->head ? arena->head->size * 2 : FIRST_BLOCK;
    if (size >= LARGE) size = LARGEST_BLOCK - sizeof(ArenaBlock); /* with its head, whole pages */
    if (size < bytes) size = bytes;
    ArenaBlock *block = memory_allocate(ALIGN, sizeof *block + size);
    if (!block) out_of_memory(size);
    *block = (ArenaBlock){.previous = arena->head, .size = size};
    arena->head = block;
    return block;
}

void *arena_alloc(Arena *arena, size_t bytes) {
    bytes = round_up(bytes ? bytes : 1);
    ArenaBlock *block = arena->head;
    if (!block || block->size - block->used < bytes) block = add_block(arena, bytes);
    void *memory = block->data + block->used;
    block->used += bytes;
    arena->total_bytes += bytes;
    return memset(memory, 0, bytes);
}

void *arena_grow(Arena *arena, void *old, size_t old_bytes, size_t new_bytes) {
    assert(new_bytes >= old_bytes);
    ArenaBlock *block = arena->head;
    size_t was = round_up(old_bytes ? old_bytes : 1), is = round_up(new_bytes);
    if (old && block && (unsigned char *)old + was == block->data + block->used &&
        block->size - block->used >= is - was) {
        memset(block->data + block->used, 0, is - was);
        block->used += is - was;
        arena->total_bytes += is - was;
        return old;
    }
    void *memory = arena_alloc(arena, new_bytes);
    if (old_bytes) memcpy(memory, old, old_bytes);
    return memory;
}

char *arena_text(Arena *arena, const char *text, size_t len) {
    char *copy = arena_alloc(arena, len + 1);
    if (len) memcpy(copy, text, len);
    return copy;
}

char *arena_printf(Arena *arena, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(len >= 0);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

void arena_release(Arena *arena) {
    for (ArenaBlock *block = arena->head; block;) {
        ArenaBlock *previous = block->previous;
        free(block);
        block = previous;
    }
    *arena = (Arena){0};
}
