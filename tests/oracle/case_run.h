/* One step of a program on the numbers of a golden case, in any executor. */
#ifndef DLC_TESTS_ORACLE_CASE_RUN_H
#define DLC_TESTS_ORACLE_CASE_RUN_H

#include "driver/executor.h"
#include "golden.h"

/* A step whose results are, besides its own, the gradients that the case asks for. */
typedef struct CaseBuild {
    Build *build;
    const TStep *step;
    const Golden *golden;
    int64_t dims[64]; /* of run-time sizes, by DimName id */
    int is_bad;       /* something was reported */
} CaseBuild;

typedef struct CaseRun {
    void **slots, **before; /* the arrays by slot of the plan: after the runs, and before */
    int64_t *bytes;
    int count;
} CaseRun;

CaseBuild case_build(Session *session, Arena *arena, const TStep *step, const Golden *golden, int use_f64);
/* `inputs[i]` replaces the golden numbers of region input i where not NULL. */
CaseRun case_run(Arena *arena, Executor *executor, const CaseBuild *build, CompiledStep *step,
                 const double *const *inputs);
/* The array of a result, and the node that it is of. */
const void *case_result(const CaseBuild *build, const CaseRun *run, int result);
int64_t case_elements(const CaseBuild *build, const Node *node);
/* f64 8, f32 4, everything else 0: how emitted code's arrays are compared. */
int64_t case_float_bytes(const CaseBuild *build, int slot);
double element(DType t, const void *from, int64_t i);

/* Values, gradients and new weights against the golden numbers; what differs goes to stderr.  1 where all agree. */
int case_compare(const CaseBuild *build, const CaseRun *run, double tolerance);
/* The gradients of the case against central differences of the same build, which is one in f64. */
int case_differences(Arena *arena, Executor *executor, const CaseBuild *build, CompiledStep *step);
/* Every bit of every slot; any NaN equals any NaN. */
int case_equal(const CaseBuild *build, const CaseRun *expected, const CaseRun *got, const char *what);

#endif
