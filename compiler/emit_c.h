/* Loop IR to C99 that needs no libc and no libm.  Kernels come expanded (no unroll, registers of constant
 * subscripts split); the text compiles without a warning as C99, GNU C and C++17 and gives the bits of the
 * interpreter under any optimisation level.  docs/emit.md shows the product and how to call it.
 */
#ifndef DLC_COMPILER_EMIT_C_H
#define DLC_COMPILER_EMIT_C_H

#include "compiler/loop.h"

/* A C source file with one external function per kernel, of the type KernelFunction of base/abi.h (written
 * out, no header is needed) and the kernel's name: what tests compile and call. */
void emit_c_kernels(Session *session, LoopKernel *const *kernels, int count, Text *out);

/* What a header says in the user's terms; either may be NULL. */
typedef struct EmitNotes {
    const char *summary;      /* what the function does */
    const char *const *slots; /* by slot of the plan: what it holds */
} EmitNotes;

/* A plan as a product: `header` declares the function with its workspace size and its buffers, `source` holds it
 * and its kernels; with NULL for `source` the header alone is made, for a function that is machine code.  `basename` is
 * the header's file name without ".h"; the function's name is the same as far as C allows, and is returned.  Kernels
 * run one after the other. */
const char *emit_c_plan(Session *session, const LoopPlan *plan, const EmitNotes *notes, const char *basename,
                        Text *header, Text *source);

#endif
