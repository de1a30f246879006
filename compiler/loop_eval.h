/* The interpreter of the loop IR: the oracle that every other executor must equal in every bit.
 *
 * A prepared kernel is a tree of instructions over 16-lane registers, one C function per operation and type; every
 * float operation rounds once.  Subscripts are checked: one outside its extent is an internal error that names
 * kernel and buffer. */
#ifndef DLC_COMPILER_LOOP_EVAL_H
#define DLC_COMPILER_LOOP_EVAL_H

#include "compiler/loop.h"

typedef struct EvalKernel EvalKernel;

/* `kernel` is expanded (loop_expand.h) and lives as long as the result. */
const EvalKernel *loop_eval_prepare(Arena *arena, const LoopKernel *kernel);

/* Of the type KernelFunction; the context is the prepared kernel.  May run on several threads at once. */
int32_t loop_eval_run(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,
                      int64_t last, void *scratch);

#endif
