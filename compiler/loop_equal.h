/* Kernels that are the same code under other names: compiled once. */
#ifndef DLC_COMPILER_LOOP_EQUAL_H
#define DLC_COMPILER_LOOP_EQUAL_H

#include "base/arena.h"
#include "compiler/loop.h"

/* For each kernel the first one that is equal to it, which may be itself: the same buffers, sizes, values and
 * statements in the same order.  Names, source lines and the texts of checks do not count. */
int *loop_first_equal(Arena *arena, LoopKernel *const *kernels, int count);

#endif
