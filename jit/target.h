/* What code is made for, and the way from kernels to an object: a module, passes, a file in memory.
 *
 * A JitTarget is read only once made and shared by threads; each piece of work makes its own context and target
 * machine, because LLVM's belong to one thread. */
#ifndef DLC_JIT_TARGET_H
#define DLC_JIT_TARGET_H

#include "jit/jit.h"
#include "jit/llvm.h"

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

typedef struct Work {
    const JitTarget *target;
    const LoopKernel **kernels;
    const char **names;       /* of the external functions */
    int count;
    const LoopPlan *plan;     /* with names[0]; NULL: the kernels */
    JitForm form;
    int is_jit;               /* for this process, not for a file */
    LLVMMemoryBufferRef out;  /* NULL on failure */
    char error[512];
    JitTimes times;
} Work;

/* Fills `out` or `error`. */
void work_run(Work *work);

double seconds_now(void);

#endif
