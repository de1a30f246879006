/* From kernels and what a file says about running them to a Case. */
#ifndef DLC_TESTS_RUN_BUILD_CASE_H
#define DLC_TESTS_RUN_BUILD_CASE_H

#include "case.h"

typedef struct CaseNumber {
    const char *name;
    int64_t value;
} CaseNumber;

typedef Vec(CaseNumber) CaseNumbers;

typedef struct CaseFill {
    const char *name, *rule;
} CaseFill;

typedef struct CaseRun {
    CaseNumbers dims, indices;
    Vec(CaseFill) fills;
    int code;
} CaseRun;

typedef Vec(CaseRun) CaseRuns;

/* The kernels, expanded, one after the other.  Sizes that the run does not give are 0. */
Case *case_build(Session *session, Arena *arena, const char *name, LoopKernel *const *kernels, int count,
                 const CaseRun *run);

/* The directives of a file (case.h); at least one run.  0 and the line where one is not understood. */
int case_directives(Arena *arena, const char *text, CaseRuns *runs, const char **bad_line);

#endif
