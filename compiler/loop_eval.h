/* The interpreter of the loop IR: the oracle that the other executors are compared with.
 *
 * An expanded kernel is prepared once to a flat program of steps over a frame of 16-lane registers: one C function per
 * operation and type, each float operation rounds once.  Every subscript is checked: one that is out of its buffer is
 * a mistake of the compiler and ends the process with an internal error that names kernel, buffer and subscripts.
 *
 * With a RaceLog each element that a kernel touches is remembered with its tile; two tiles of one phase that touch
 * the same element, one of them writing, are a race.  Programs under watch run on one thread.
 */
#ifndef DLC_COMPILER_LOOP_EVAL_H
#define DLC_COMPILER_LOOP_EVAL_H

#include "compiler/loop.h"

typedef struct EvalKernel EvalKernel;
typedef struct RaceLog RaceLog;

/* `kernel` is expanded (loop_expand.h) and must live as long as the program. */
EvalKernel *loop_eval_prepare(Arena *arena, const LoopKernel *kernel);
/* A KernelFunction (base/abi.h) whose context is the EvalKernel. */
int32_t loop_eval_run(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,
                         int64_t last, void *scratch);

RaceLog *race_log_new(Arena *arena);
void loop_eval_watch(EvalKernel *program, RaceLog *log);
/* A new phase begins: what was touched before is forgotten. */
void race_phase(RaceLog *log);
/* The plan with a step at its start and behind each phase that calls race_phase. */
RunPlan *race_plan(Arena *arena, const RunPlan *plan, RaceLog *log);
/* One line per race, the first of each pair of kernels and buffer; the number of races found. */
int64_t race_report(const RaceLog *log, Text *out);

#endif
