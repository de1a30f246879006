/* Arenas: memory by lifetime.  Everything in base, lang and compiler is allocated on one and nothing
 * is freed on its own; the owner of the lifetime (session, program, pass) releases it whole.
 * Memory comes back zeroed and aligned to 16 bytes.  Running out of memory ends the process with a
 * message and exit code 4: no caller could do better in the middle of a compilation. */
#ifndef DLC_BASE_ARENA_H
#define DLC_BASE_ARENA_H

#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;

typedef struct Arena {
    ArenaBlock *head;   /* newest block; allocation happens here */
    size_t total_bytes; /* handed out since the last reset */
} Arena;

/* Zeroed memory of `bytes` bytes (0 gives a valid, distinct pointer). */
void *arena_alloc(Arena *arena, size_t bytes);
/* Moves a block of `old_bytes` to one of `new_bytes`, the new part zeroed; in place when it is the newest. */
void *arena_grow(Arena *arena, void *old, size_t old_bytes, size_t new_bytes);
/* A NUL-terminated copy of `len` bytes of text. */
char *arena_text(Arena *arena, const char *text, size_t len);
char *arena_printf(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Releases everything; the arena is empty and usable again. */
void arena_release(Arena *arena);

#define arena_new(arena, T) ((T *)arena_alloc((arena), sizeof(T)))
#define arena_array(arena, T, n) ((T *)arena_alloc((arena), sizeof(T) * (size_t)(n)))

#endif
