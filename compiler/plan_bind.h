/* A plan with its run-time dims filled in: what the workers run. */
#ifndef DLC_COMPILER_PLAN_BIND_H
#define DLC_COMPILER_PLAN_BIND_H

#include "compiler/loop.h"

/* How a kernel is called: machine code (context NULL) or the interpreter (loop_eval.h). */
typedef struct KernelCode {
    KernelFunction *function;
    const void *context;
} KernelCode;

/* `dims` holds the values of run-time dims by DimName id, `code` one entry per kernel of the plan.  Everything is
 * on the arena.  Values above a dim's maximum are an internal error: the arena was planned for the maximum. */
RunPlan *plan_bind(Arena *arena, const LoopPlan *plan, const int64_t *dims, const KernelCode *code);

/* Runs a bound plan on the calling thread, range after range.  `memory` has arena_bytes, `scratch` scratch_bytes,
 * both at multiples of ABI_ALIGN. */
RunFailure plan_run_serial(const RunPlan *plan, void *const *bindings, void *memory, void *scratch);

#endif
