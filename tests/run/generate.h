/* Cases built by programs: every operation on every type, conversions, lanes, memory, and each mathematical
 * function on a million inputs. */
#ifndef DLC_TESTS_RUN_GENERATE_H
#define DLC_TESTS_RUN_GENERATE_H

#include "case.h"

typedef struct Cases {
    Session *session;
    Arena *arena;
    Vec(Case *) list;
} Cases;

void generate_operations(Cases *cases);
void generate_conversions(Cases *cases);
void generate_lanes(Cases *cases);
void generate_flow(Cases *cases);
/* `count` inputs each (a multiple of 16). */
void generate_math(Cases *cases, int64_t count);

/* The runs of a .loop file; ends the process with a message where it can't be read. */
void cases_load(Cases *cases, const char *path);

/* A case of one kernel, every buffer filled by `fills[i]` (NULL: the pattern); sizes must be constant. */
Case *case_of_kernel(Cases *cases, LoopKernel *kernel, const char *const *fills);

#endif
