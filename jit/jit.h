/* The JIT: expanded loop kernels to machine code in this process, or to an object file, assembly or LLVM IR for
 * any target.
 *
 * It lives in the module dlc-jit.so, which is loaded when first needed (driver/jit_load.h) and exports the
 * one symbol `dlc_jit_api`.  Nothing is printed: a function that fails says why through the error text of the
 * Jit, which stays valid until the next call.
 *
 * Kernels come expanded (loop_expand): without `unroll`, registers with constant subscripts.  They are only
 * read, so several threads may compile the same kernel; one Jit belongs to one thread at a time, and any
 * number of them live side by side.
 */
#ifndef DLC_JIT_JIT_H
#define DLC_JIT_JIT_H

#include "base/abi.h"
#include "base/arena.h"
#include "compiler/loop.h"

typedef struct Jit Jit;
typedef struct JitCode JitCode; /* what one compilation put into memory */

typedef struct JitOptions {
    const char *triple;   /* NULL: this machine's; another one can emit, not compile */
    const char *cpu;      /* NULL: this machine's (of a foreign triple: the least); else as "x86-64-v3" */
    const char *features; /* NULL: those of the cpu; else "+avx2,-fma" */
    int threads;          /* that generate code at once; 0 is 1 */
    int verify;           /* check the LLVM IR before use; a failure is an internal error */
    int runs;             /* code will run here: what that takes is made ready now, not by the first call */
    const char *maker;    /* which build of dlc makes the kernels: part of every key; NULL: none */
} JitOptions;

typedef struct JitTimes {
    double build, passes, emit, link; /* seconds; summed over the threads, but for link */
    double total;                     /* from call to return */
} JitTimes;

typedef enum JitForm { JIT_OBJECT, JIT_ASSEMBLY, JIT_LLVM_IR } JitForm;

typedef struct JitBytes {
    char *data; /* NUL-terminated */
    size_t len;
} JitBytes;

/* Names code by all that it depends on: BLAKE3 (O'Connor, Aumasson, Neves, Wilcox-O'Hearn 2020) over the bytes of the
 * kernel (compiler/loop_key.h), the target, and the builds of LLVM, of this module and of the maker.  The algorithm is
 * the one that comes with LLVM: no dependency more, and 256 bits that nobody can make two kernels meet in. */
typedef struct JitKey {
    unsigned char bytes[32];
} JitKey;

/* A kernel that may have been compiled before, by this Jit or by another process. */
typedef struct JitKernel {
    JitKey key;
    const LoopKernel *kernel;  /* expanded; NULL where `object` is given or the key is loaded */
    JitBytes object;           /* in: what `load` gave for this key, data NULL: none; out: made now, on the arena */
    KernelFunction *function;  /* out */
} JitKernel;

typedef struct JitApi {
    int version; /* JIT_API_VERSION of the module: the loader compares */

    /* Never NULL; `error` is set where the target is not to be had. */
    Jit *(*open)(const JitOptions *options);
    /* functions[i] becomes kernels[i]; its context argument is not used.  NULL on failure.  `times` may be
     * NULL.  The code lives until it is released or the Jit closed. */
    JitCode *(*compile)(Jit *jit, LoopKernel *const *kernels, int count, KernelFunction **functions,
                        JitTimes *times);
    void (*release)(Jit *jit, JitCode *code);
    /* False where the builds that code depends on cannot be told: nothing may be kept then, and the key is good for
     * this Jit alone. */
    int (*key)(const Jit *jit, const char *bytes, size_t len, JitKey *key);
    /* Whether code of this key is in memory, from a compilation that was not released. */
    int (*is_loaded)(Jit *jit, const JitKey *key);
    /* As compile, for kernels whose keys differ: what is loaded is shared, what has an object is loaded, the rest is
     * compiled.  An object that cannot be loaded is a failure. */
    JitCode *(*load)(Jit *jit, JitKernel *kernels, int count, Arena *arena, JitTimes *times);
    /* One file with all kernels as external functions names[i] of the type KernelFunction.  0 on failure. */
    int (*emit)(Jit *jit, JitForm form, LoopKernel *const *kernels, const char *const *names, int count,
                Arena *arena, JitBytes *out);
    /* One file with the plan, its kernels expanded, as the external function `name`, whose C declaration emit_c_plan
     * writes: int32_t name(void *workspace, const struct name_buffers *buffers, int64_t dims...).  The struct is an
     * array of pointers in the order of slots.  Everything else in it is local.  0 on failure. */
    int (*emit_plan)(Jit *jit, JitForm form, const LoopPlan *plan, const char *name, Arena *arena, JitBytes *out);
    /* NULL where the last call succeeded. */
    const char *(*error)(const Jit *jit);
    const char *(*cpu)(const Jit *jit);         /* the name that LLVM knows the target by */
    const char *(*llvm_version)(void);          /* "19.1.7" */
    void (*close)(Jit *jit);
} JitApi;

enum { JIT_API_VERSION = 3 };

typedef const JitApi *JitApiFunction(void);
#define JIT_API_SYMBOL "dlc_jit_api"

#endif
