/* The functions that generated code may call: none on targets with fma, floor and rint as instructions; libm's
 * correctly rounded ones elsewhere, and the C compiler's memory functions. */
#ifndef DLC_JIT_SYMBOLS_H
#define DLC_JIT_SYMBOLS_H

#include "jit/llvm.h"

#include <stddef.h>

/* NULL when every undefined symbol of the object is allowed; else the text put into `error`. */
const char *symbols_unexpected(LLVMMemoryBufferRef object, LLVMContextRef context, char *error,
                               size_t error_bytes);

/* Defines the allowed functions of this process in the dylib. */
LLVMErrorRef symbols_define(LLVMOrcLLJITRef jit);

#endif
