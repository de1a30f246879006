/* Elementwise functions of constants, computed when compiling with the bits that every executor would give.
 */
#ifndef DLC_COMPILER_FOLD_H
#define DLC_COMPILER_FOLD_H

#include "compiler/op.h"

/* One element each of `dtype` in, of `result` out.  0 when this function is left to run time: those built
 * from other operations (exp and its kin), fma in split numerics, and what has no meaning for the dtype. */
int fold_map(ScalarKind f, DType dtype, const void *const *in, int fma_rounds_once, void *out);
/* As CONVERT does it; 0 for f16 and bf16, and for integers that do not fit. */
int fold_convert(DType from, const void *in, DType to, void *out);

#endif
