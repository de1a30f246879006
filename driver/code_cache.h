/* Compiled kernels kept on the disk, one file per key, for this and other processes and for later runs.
 *
 * Nothing here fails: what cannot be read, is damaged, foreign or of another form is not there; what cannot be written
 * is not kept.  Any number of processes may use one folder: a file appears whole, by renaming, and is never changed. */
#ifndef DLC_DRIVER_CODE_CACHE_H
#define DLC_DRIVER_CODE_CACHE_H

#include "jit/jit.h"

typedef struct CodeCache CodeCache;

/* The folder that the environment asks for, on the arena: $DLC_CACHE_DIR, else $XDG_CACHE_HOME/dlc, else
 * $HOME/.cache/dlc; NULL where none of them is set. */
const char *code_cache_folder(Arena *arena);

/* Keeps at most about `limit_bytes` in the folder: what was used least recently goes first.  The folder is made when the
 * first object is written.  Never NULL. */
CodeCache *code_cache_open(Arena *arena, const char *folder, int64_t limit_bytes);
void code_cache_close(CodeCache *cache);

/* The object of a key, on the arena; data NULL where there is none. */
JitBytes code_cache_find(CodeCache *cache, Arena *arena, const JitKey *key);
/* Keeps objects that were made now. */
void code_cache_add(CodeCache *cache, const JitKernel *const *kernels, int count);

#endif
