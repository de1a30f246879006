/* A case of the equality tests: kernels run one after the other over buffers that they share by name.
 *
 * A .loop file holds the kernels and, in comments, what to run them on:
 *
 *     #: dims B = 61, N = 7            a run with these run-time dims; several lines are several runs
 *     #: index i = 3                   value of a plan-loop index (0 where not given)
 *     #: fill x: uniform -2 2          random in [-2, 2); the default is uniform -1 1
 *     #: fill x: special               zeros, infinities, NaN, subnormals, extremes, then random bits
 *     #: fill x: bits                  random bits
 *     #: fill x: mixed -5 5            a third special, a third random bits, a third in [-5, 5)
 *     #: fill x: iota 5                5, 6, 7, ...
 *     #: fill x: below 10              random integers 0 .. 9
 *     #: fill x: value 0.5             all alike
 *     #: code 2                        a kernel ends with this code (0 where not given)
 *
 * Buffers that no kernel reads before one writes them start as a pattern that is compared too, so a store
 * outside of what may be stored is seen.
 */
#ifndef DLC_TESTS_RUN_CASE_H
#define DLC_TESTS_RUN_CASE_H

#include "base/abi.h"
#include "compiler/loop.h"

typedef struct CaseBuffer {
    const Symbol *name;
    DType dtype;
    int64_t bytes;
    int is_written;  /* by some kernel */
    int is_pattern;  /* starts as CASE_PATTERN */
    unsigned char *initial;
} CaseBuffer;

enum { CASE_PATTERN = 0xa5 }; /* each byte; of bool 1 */

typedef struct CaseCall {
    int kernel;
    Vec(int) buffers; /* indices into Case.buffers, without scratch */
    Vec(int64_t) scalars;
    int64_t tiles;
    int64_t scratch_bytes;
} CaseCall;

typedef struct Case {
    const char *name;
    Vec(LoopKernel *) kernels; /* expanded */
    Vec(CaseBuffer) buffers;
    Vec(CaseCall) calls;
    int32_t code; /* what the last call returns */
} Case;

/* What the kernels are: the interpreter, machine code. */
typedef struct Executor {
    const char *name;
    KernelFunction **functions; /* by kernel */
    const void **contexts;
} Executor;

typedef struct CaseResult {
    unsigned char **data; /* by buffer, on the arena of the call */
    int32_t code;
} CaseResult;

/* Runs all calls on copies of the initial buffers; `ranges` > 1 cuts each call's tiles into so many, last first.
 * Each buffer ends where an unreadable page begins. */
CaseResult case_run(Arena *arena, const Case *c, const Executor *executor, int ranges);
/* 1 when all bits are equal (any NaN equals any NaN); else tells the first difference on stderr. */
int case_equal(const Case *c, const CaseResult *expected, const CaseResult *got, const char *name);
/* The bytes of `count` elements by a rule ("uniform -1 1"); 0 when there is no such rule. */
int case_fill(const char *rule, uint64_t seed, DType t, int64_t count, void *data);
/* The case as a script that tests/run/compare.c runs: appended to a file. */
void case_write(void *file, const Case *c, const CaseResult *expected);

#endif
