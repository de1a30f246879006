/* The contract between plans, workers and executors: what a compiled step is to the code that runs it.
 *
 * A step is a plan: kernels in phases over one arena.  The runtime's workers walk the plan together
 * (every worker runs all of it, SPMD); a kernel is called for ranges of tiles.  The interpreter, the JIT
 * and tests all provide kernels through the one function type below, so the workers know none of them.
 * Everything here is numeric: run-time dims have been filled in when a RunPlan is made (once per value of
 * the dims, so once for the batch of 32 and once for the short last one). */
#ifndef DLC_BASE_ABI_H
#define DLC_BASE_ABI_H

#include "base/dtype.h"
#include <stdint.h>

enum {
    ABI_ALIGN = 64,         /* every buffer's first byte, and the arena's */
    ABI_MAX_LOOPS = 8,      /* nesting depth of `loop` in a plan */
    ABI_LANES = 16,
};

/* Runs tiles first .. last-1.  `context` is the executor's own (NULL for machine code).  `buffers` are in
 * the order of the kernel's header; `scalars` are its run-time dims, then its plan-loop indices, in header
 * order; `scratch` is this worker's own memory of RunPlan.scratch_bytes.
 * Returns 0, or 1 + the number of the kernel's failed `check`. */
typedef int32_t KernelFunction(const void *context, void *const *buffers, const int64_t *scalars,
                               int64_t first, int64_t last, void *scratch);

typedef enum BufferKind {
    BUFFER_INPUT,  /* bound by the caller, read only: data, hyper-parameters */
    BUFFER_OUTPUT, /* bound by the caller, written: results */
    BUFFER_INOUT,  /* bound by the caller, an input and the result that may alias it: weights */
    BUFFER_ARENA,  /* at an offset of the plan's arena */
    BUFFER_CONST,  /* bytes that belong to the plan */
} BufferKind;

typedef struct RunBuffer {
    BufferKind kind;
    int slot;            /* INPUT, OUTPUT, INOUT: index into the caller's bindings */
    int64_t offset;      /* ARENA: from its start, in bytes */
    const void *data;    /* CONST */
    int64_t bytes;       /* at the present values of the run-time dims */
} RunBuffer;

/* A kernel's buffer argument: a plan buffer, from a byte offset that may move with the plan's loops. */
typedef struct RunArgument {
    int buffer;
    int64_t offset;
    int64_t step[ABI_MAX_LOOPS]; /* bytes per turn of each enclosing loop, outermost first */
} RunArgument;

typedef enum RunKind {
    RUN_KERNEL, /* kernel over tiles; kernels of one phase are independent of each other */
    RUN_PHASE,  /* all ranges of the phase are done before anything after it starts */
    RUN_LOOP,   /* turns `first` to `last`-1, or back from last-1 with `reversed`; body up to `end` */
    RUN_WHEN,   /* condition buffer (bool scalar): body up to `otherwise`, else up to `end` */
    RUN_UNTIL,  /* repeats the body up to `end` until the condition buffer is true at its end */
} RunKind;

typedef struct RunStep {
    RunKind kind;
    int end;       /* LOOP, WHEN, UNTIL: index of the first step behind the body */
    int otherwise; /* WHEN: index of the else part's first step (== end where there is none) */
    /* KERNEL */
    KernelFunction *function;
    const void *context;
    const RunArgument *arguments;
    int argument_count;
    const int64_t *scalars; /* run-time dims, filled in; loop indices are appended by the worker */
    int scalar_count;       /* dims only */
    int loop_scalar_count;  /* the outermost n enclosing loops are passed behind the dims */
    int64_t tiles;
    int64_t tiles_per_range; /* ranges are cut by shape only; >= tiles means one range */
    int kernel_index;        /* for reports: index into the plan's list of kernels */
    /* LOOP */
    int64_t first, last;
    int reversed;
    /* WHEN, UNTIL */
    int condition; /* plan buffer */
} RunStep;

typedef struct RunPlan {
    const RunBuffer *buffers;
    int buffer_count;
    const RunStep *steps;
    int step_count;
    int slot_count;        /* bindings the caller passes */
    int64_t arena_bytes;   /* multiple of ABI_ALIGN */
    int64_t scratch_bytes; /* per worker */
} RunPlan;

/* What a failed run tells: the step that failed and its kernel's code; code 0 is success. */
typedef struct RunFailure {
    int32_t code;
    int step;
} RunFailure;

#endif
