/* What code is made for, and the way from kernels to an object: a module, passes, a file in memory.
 *
 * A JitTarget is read only once made and shared by threads; each thread has its own context and target
 * machine, because LLVM's belong to one thread. */
#ifndef DLC_JIT_TARGET_H
#define DLC_JIT_TARGET_H

#include "jit/jit.h"
#include "jit/llvm.h"

/* early-cse alone: measured, O3 takes three times as long and its code is no faster, since loops, lanes and
 * register tiles come as they should be. */
#define PASSES "function(early-cse)"

typedef struct JitTarget {
    LLVMTargetRef target;
    char *triple, *cpu, *features; /* LLVM's strings */
    int is_host;                   /* this machine's triple */
    int verify;
} JitTarget;

/* 0 and a text in `error` where LLVM has no such target. */
int target_open(JitTarget *target, const JitOptions *options, char *error, size_t error_bytes);
void target_close(JitTarget *target);
/* probe.c: 0 and a text in `error` where LLVM cannot make code for the target. */
int target_probe(const JitTarget *target, char *error, size_t error_bytes);

/* One module: kernels as external functions, or a plan. */
typedef struct Work {
    const LoopKernel *const *kernels;
    const char *const *names; /* of the external functions */
    int count;
    const LoopPlan *plan;     /* with names[0]; NULL: the kernels */
    JitForm form;
    LLVMMemoryBufferRef out;  /* NULL on failure */
    char error[512];
} Work;

/* Makes module after module; belongs to one thread. */
typedef struct WorkShop {
    const JitTarget *target;
    LLVMContextRef context;
    LLVMBuilderRef builder;
    LLVMTargetMachineRef machine;
    JitTimes times; /* summed over the modules */
} WorkShop;

/* `is_jit`: for this process, not for a file. */
void workshop_open(WorkShop *shop, const JitTarget *target, int is_jit);
/* Fills `out` or `error`. */
void workshop_run(WorkShop *shop, Work *work);
void workshop_close(WorkShop *shop);

double seconds_now(void);

#endif
