/* The rules of the loop IR, checked: types and ranks, definition before use, constant subscripts of registers, access
 * to buffers, bounds of unroll, arguments of plans. */
#ifndef DLC_COMPILER_LOOP_VERIFY_H
#define DLC_COMPILER_LOOP_VERIFY_H

#include "compiler/loop.h"

typedef struct LoopFault {
    const LoopStmt *stmt; /* NULL: of the header */
    const char *text;     /* "`add` needs operands of one type: f32 and i32" */
} LoopFault;

typedef struct LoopFaults {
    Vec(LoopFault) list;
} LoopFaults;

/* What is wrong with a kernel: nothing when the list stays empty. */
void loop_verify(Arena *arena, const LoopKernel *kernel, LoopFaults *faults);
typedef struct PlanFault {
    const PlanStmt *stmt; /* NULL: of the buffers */
    const char *text;
} PlanFault;

typedef struct PlanFaults {
    Vec(PlanFault) list;
} PlanFaults;

/* Of the plan itself; its kernels are verified on their own. */
void plan_verify(Arena *arena, const LoopPlan *plan, PlanFaults *faults);
/* An internal error that names the pass, with the kernel's text, when there is a fault. */
void loop_verify_or_die(const LoopKernel *kernel, const char *after_pass);
void plan_verify_or_die(const LoopPlan *plan, const char *after_pass);

#endif
