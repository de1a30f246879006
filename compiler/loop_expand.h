/* The expanded form of a kernel: what every executor takes.
 *
 * - no LS_UNROLL: the body stands once for each index, the index a constant;
 * - subscripts of registers are constants (LO_CONST), so that a[r][j] is a register of its own;
 * - every value but LO_CONST, LO_PARAM and LO_LANE has a LS_LET of its own, in order, before its uses;
 * - index arithmetic on constants is folded; equal pure values of one block are one value.
 */
#ifndef DLC_COMPILER_LOOP_EXPAND_H
#define DLC_COMPILER_LOOP_EXPAND_H

#include "compiler/loop.h"

/* A new kernel on the arena; `kernel` has passed loop_verify and stays as it is. */
LoopKernel *loop_expand(Session *session, Arena *arena, const LoopKernel *kernel);

#endif
