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

/* ---- with a record of who ran what when --------------------------------------------------------------- */

/* One call of a kernel: tiles of RunPlan.steps[step], clock_nanoseconds at its begin and end. */
typedef struct WorkerEvent {
    int64_t begin, end;
    int step;
    int is_first; /* tile 0 is among them: once for each time the plan comes to the kernel */
} WorkerEvent;

/* A plan whose kernels write down when they are called.  Plans that are run without a record pay nothing for it. */
typedef struct TracedPlan TracedPlan;

TracedPlan *traced_plan_new(const RunPlan *plan); /* the plan must live as long */
void traced_plan_free(TracedPlan *traced);        /* NULL is fine */
/* As workers_run, with the same bits; each call of a kernel reads the clock twice. */
RunFailure workers_run_traced(Workers *workers, const TracedPlan *traced, void *const *bindings);
/* What worker 0 .. workers_threads-1 called in the last traced run, in order; valid until the next one. */
const WorkerEvent *workers_events(const Workers *workers, int worker, int *count);

#endif
