/* LLVM's C API as the JIT sees it: the headers, and everything in which LLVM 18 to 22 differ.
 *
 * What differs: from 22 on the masked memory intrinsics have no alignment operand (an attribute of the pointer
 * says it).  Everything else that is used here is alike in the five versions.  No global context is
 * ever used; contexts belong to one thread. */
#ifndef DLC_JIT_LLVM_H
#define DLC_JIT_LLVM_H

#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Object.h>
#include <llvm-c/Orc.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <llvm/Config/llvm-config.h>

#if LLVM_VERSION_MAJOR < 18 || LLVM_VERSION_MAJOR > 22
#error "LLVM 18 to 22 are needed"
#endif

/* Masked loads, stores, gathers: whether the alignment is an operand behind the pointer. */
#define LL_MASKED_ALIGNMENT_OPERAND (LLVM_VERSION_MAJOR < 22)

#endif
