/* From a region to a plan: fusion, kernels, phases, memory.
 *
 * In: a Region after the passes (pass.def).  Out: a LoopPlan whose kernels compute it, with every
 * buffer placed. The order of every sum follows from operation and shape alone (docs/numerics.md),
 * so neither schedule nor fusion changes a bit.
 *
 * Slots: slot i < region->inputs.len is bound to the array of input i.  Where a result names an
 * input in `alias`, the input's slot is BUFFER_INOUT and holds the new value afterwards: all
 * readers of the old value run first, or the new value waits in the arena and is copied.  The
 * results without alias (alias < 0) follow, in the order of region->results, as BUFFER_OUTPUT:
 * slots region->inputs.len, +1, ...  Arrays are row-major without padding; an input that nothing
 * reads still has its slot. */
#ifndef DLC_COMPILER_LOWER_H
#define DLC_COMPILER_LOWER_H

#include "compiler/graph.h"
#include "compiler/loop.h"
#include "compiler/math.h"

/* Rows of schedule.def: the shapes of register tiles, one row per family of machines. */
typedef enum ScheduleKind {
#define SCHEDULE(id, name, rows1, rows2, lanes, bytes) SCHEDULE_##id,
#include "compiler/schedule.def"
#undef SCHEDULE
    SCHEDULE_COUNT
} ScheduleKind;

const char *schedule_name(ScheduleKind kind);
/* -1 when the name is none. */
int schedule_from_name(const char *name);

typedef struct LowerOptions {
    ScheduleKind schedule;
    Numerics numerics;
    int without_fusion; /* every node that computes is a kernel of its own */
} LowerOptions;

/* What one kernel is, for --kernels; parallel to LoopPlan.kernels. */
typedef struct KernelFacts {
    const char *summary; /* "dot + add max", operations in order of the graph */
    double flops, bytes; /* estimates, run-time dims at their maximum */
    int phase;           /* from 0 */
    const Node *const *nodes;  /* what it computes, in the order of the graph */
    const Node *const *arrays; /* what it reads and writes: nodes of the same sizes */
    int node_count, array_count;
} KernelFacts;

typedef struct LowerFacts {
    KernelFacts *kernels;
    int phase_count;
    int64_t peak_bytes; /* of the arena */
    int64_t kept_bytes; /* of buffers in it that the forward pass makes and the backward pass reads */
    Span peak_span;     /* the line during which it is reached */
    const char *peak_kernel;
} LowerFacts;

/* The plan, on `arena`; `facts` may be NULL.  Cannot fail for a region that graph_verify accepts.
 */
LoopPlan *lower_region(Arena *arena, const LowerOptions *options, const Region *region,
                       LowerFacts *facts);

/* What a node costs in floating-point operations, and the bytes of its array; `dims` holds the run-time dims' values by
 * DimName id, NULL stands for their maximum.  Products count 2 for a multiply-add, functions such as exp what their
 * formulas take, about. */
double kernel_node_flops(const Node *node, const int64_t *dims);
double kernel_node_bytes(const Node *node, const int64_t *dims);

/* The text of --kernels. */
void kernels_report(Text *out, const SourceMap *sources, const LoopPlan *plan,
                    const LowerFacts *facts);

#endif
