/* The numbers that another implementation wrote (oracle.py), one file per program:
 *
 *     case NAME               a step of the program
 *     in PATH : numbers       an input, weight or state before the run; what is not given is an optimizer's state, 0
 *     dim B : 3               the value of a run-time size; such a case has no gradients and is not emitted
 *     out : numbers           a value of the step, in order
 *     grad PATH : numbers     of the sum of all float values times cotangent(), by that input
 *     new PATH : numbers      a weight or state after the runs
 *     runs 3                  how often the step runs, 1 where not given
 *     kinks                   no central differences: the function jumps or bends near these numbers
 *     like MEAN STD LOW HIGH  instead of `out`: the value is drawn from a distribution
 */
#ifndef DLC_TESTS_ORACLE_GOLDEN_H
#define DLC_TESTS_ORACLE_GOLDEN_H

#include "base/session.h"
#include "base/vec.h"

typedef struct Numbers {
    const Symbol *path; /* NULL for `out` */
    int count;
    double *values;
} Numbers;

typedef struct Golden {
    const Symbol *name;
    Vec(Numbers) in, out, grad, stored, dims;
    int runs, has_kinks, has_distribution;
    double mean, std, low, high;
} Golden;

typedef Vec(Golden *) GoldenFile;

/* Ends the program where the file is missing or not understood. */
GoldenFile golden_read(Session *session, const char *path);
const Numbers *golden_find(const Numbers *list, int count, const Symbol *path);
/* What element i of value k is multiplied with before everything is summed: never 0, exact in f32. */
double cotangent(int k, int64_t i);

#endif
