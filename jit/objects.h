/* Kernels to objects in memory, on several threads. */
#ifndef DLC_JIT_OBJECTS_H
#define DLC_JIT_OBJECTS_H

#include "jit/target.h"

typedef struct ObjectJob {
    const LoopKernel *kernel;
    const char *name;           /* of the function, as the object's only external symbol */
    LLVMMemoryBufferRef object; /* out: the caller's */
} ObjectJob;

/* One object per job, at most `threads` at a time.  False with a text in `error`: there are no objects then.  `times`
 * may be NULL. */
int objects_make(const JitTarget *target, int threads, ObjectJob *jobs, int count, JitTimes *times, char *error,
                 size_t error_bytes);

#endif
