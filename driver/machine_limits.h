/* What this machine can do at most, measured when `dlc profile` starts, in about a fifth of a second.
 *
 * The kernels that measure are loop text like every other kernel and run the same way, as machine code on the same
 * workers: multiply-adds in registers, a[i] = b[i]*s + c[i] (the triad of STREAM: McCalpin 1995) and reading alone, over
 * arrays of five sizes.  A kernel's limit is then that of the roofline model (Williams, Waterman and Patterson,
 * "Roofline", CACM 52(4), 2009), with a roof for each size of the caches. */
#ifndef DLC_DRIVER_MACHINE_LIMITS_H
#define DLC_DRIVER_MACHINE_LIMITS_H

#include "base/session.h"

enum { LIMIT_LEVELS = 5 };

typedef struct SpeedLimits {
    double flops;               /* per second */
    double bytes[LIMIT_LEVELS]; /* per second, of a working set as below */
} SpeedLimits;

typedef struct MachineLimits {
    int threads;                       /* of `all` */
    double footprint[LIMIT_LEVELS];    /* bytes of each worker, rising; the last is larger than the caches */
    SpeedLimits one, all;              /* of one worker alone, of all together */
} MachineLimits;

/* False after a diagnostic in the session: there is no JIT, or no memory. */
int machine_limits_measure(Session *session, int threads, MachineLimits *limits);

/* The least seconds for so many operations and bytes on `workers` of them; *is_memory says which roof it is. */
double machine_limits_seconds(const MachineLimits *limits, int workers, double flops, double bytes, int *is_memory);

#endif
