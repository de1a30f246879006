/* What a program's models consist of and what their steps cost, without running anything: for `dlc check`.
 * Nothing here loads the JIT or reads data. */
#ifndef DLC_DRIVER_SUMMARY_H
#define DLC_DRIVER_SUMMARY_H

#include "driver/executor.h"

typedef struct StepSummary {
    const TStep *step;
    int is_known;          /* false: a size is not known without data, or the step cannot be built yet */
    double product_flops;  /* of matrix products and convolutions, forward and backward; a multiply-add is 2 */
    int64_t arena_bytes;   /* of intermediate values: RunPlan.arena_bytes at the largest batch */
    Place peak;            /* the line at which the arena is fullest; source NULL where nothing is in it */
} StepSummary;

/* Elements of the weights (without states) of a layout and its parts. */
int64_t layout_parameters(const Layout *layout);
/* Builds and plans the step as `dlc run` does.  Leaves the session's diagnostics as they were. */
StepSummary step_summary(Session *session, Executor *executor, const TStep *step);

#endif
