/* Finds and loads dlc-jit.so: $DLC_JIT, else next to the executable or one or two folders above it (tests), else
 * in ../lib/dlc and its kin (lib64, multiarch).  Loading is safe from any thread; the module stays loaded. */
#ifndef DLC_DRIVER_JIT_LOAD_H
#define DLC_DRIVER_JIT_LOAD_H

#include "jit/jit.h"

/* NULL when there is none or it does not fit; *why then says what was tried, on the arena. */
const JitApi *jit_load(Arena *arena, const char **why);

#endif
