/* Workers: the threads that run plans (base/abi.h).
 *
 * One pool belongs to one caller at a time.  It owns the plan's arena and the workers' scratch memory, grown to
 * the largest plan it has run; their contents mean nothing between two runs.  Threads start when the first phase
 * that is worth it comes, so programs of small kernels never have any.
 *
 * Results do not depend on the number of threads: ranges are cut by the plan, and every range is computed by one
 * worker.  Kernels run with IEEE rounding to nearest and with subnormals, whatever the caller's mode was. */
#ifndef DLC_RUNTIME_WORKERS_H
#define DLC_RUNTIME_WORKERS_H

#include "base/abi.h"

typedef struct Workers Workers;

/* `threads` counts the caller; 0 means workers_default_threads(). */
Workers *workers_new(int threads);
void workers_free(Workers *workers); /* NULL is fine */
int workers_threads(const Workers *workers);
/* Processors this process may use: its affinity, and the quota of its control group. */
int workers_default_threads(void);

/* Runs the plan once.  bindings[slot] is the memory of INPUT, OUTPUT and INOUT buffers.  On a failed check the
 * phase is finished, nothing behind it runs, and the failure returned is the first in the order of the plan,
 * whatever the number of threads.  code -1: no memory for the arena. */
RunFailure workers_run(Workers *workers, const RunPlan *plan, void *const *bindings);

#endif
