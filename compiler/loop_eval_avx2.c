/* The interpreter's steps for x86-64 with AVX2 and FMA: the same functions, compiled for these instructions.  fma is
 * then one instruction instead of a call; the bits are the same. */
#if defined(__x86_64__)
#include "compiler/loop_eval_program.h"

#include <math.h>
#include <string.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define STEP_TABLE loop_eval_avx2
#include "compiler/loop_eval_steps.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
