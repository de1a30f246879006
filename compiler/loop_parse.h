/* Loop text to kernels and plans: what loop_print writes, and what a person writes by hand (nested expressions, infix
 * arithmetic on subscripts).  The grammar is in docs/loop-ir.md. */
#ifndef DLC_COMPILER_LOOP_PARSE_H
#define DLC_COMPILER_LOOP_PARSE_H

#include "compiler/loop.h"

typedef struct LoopFile {
    Vec(LoopKernel *) kernels; /* verified, not expanded */
    Vec(LoopPlan *) plans;     /* each has the kernels that stand before it in the file */
} LoopFile;

/* Kernels are verified after parsing.  NULL after diagnostics (E0901, E0902). */
LoopFile *loop_parse(Session *session, Arena *arena, const Source *source);

#endif
