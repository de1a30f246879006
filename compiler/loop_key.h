/* What the code of a kernel is made of, as bytes: two kernels with equal bytes are the same code. */
#ifndef DLC_COMPILER_LOOP_KEY_H
#define DLC_COMPILER_LOOP_KEY_H

#include "compiler/loop.h"

typedef struct LoopKey {
    const char *data;
    int len;
} LoopKey;

/* The bytes of a kernel, on the arena: buffers, sizes, values and statements in their order.  Left out is what code does
 * not depend on: names, source lines, the texts of checks, how many tiles there are and how they are dealt out.
 * Run-time dims are named by their place among the kernel's arguments, so the bytes mean the same in every process. */
LoopKey loop_key(Arena *arena, const LoopKernel *kernel);

#endif
