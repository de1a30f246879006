/* The text of kernels and plans, as docs/loop-ir.md describes it; loop_parse reads it back.  Printing what was
 * parsed gives the same text. */
#ifndef DLC_COMPILER_LOOP_PRINT_H
#define DLC_COMPILER_LOOP_PRINT_H

#include "compiler/loop.h"

void loop_print(Text *out, const LoopKernel *kernel);
/* The plan's kernels, then the plan. */
void plan_print(Text *out, const LoopPlan *plan);

#endif
