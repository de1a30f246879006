/* From a Build to something that runs: passes, lowering, machine code or interpreter, and the workers.
 *
 * One Executor serves a command: it owns the workers, the JIT (loaded when first needed) and what the user asked
 * to see on the way.  Slots of a compiled step are those of its LoopPlan (compiler/lower.h): the region's
 * inputs in order, then its results that take no input's place, in order. */
#ifndef DLC_DRIVER_EXECUTOR_H
#define DLC_DRIVER_EXECUTOR_H

#include "compiler/build.h"
#include "compiler/loop.h"
#include "compiler/lower.h"
#include "driver/machine_code.h"
#include "driver/profile.h"
#include "driver/timings.h"

typedef enum ExecutorMode { EXECUTE_MACHINE_CODE, EXECUTE_INTERPRETER, EXECUTE_RACES } ExecutorMode;

typedef struct ExecutorOptions {
    ExecutorMode mode;
    int threads;                  /* 0: as many as cores */
    const char *dump_after;       /* pass name, "lower" or "build"; NULL */
    const char *const *disabled;  /* passes left out */
    int disabled_count;
    int shows_kernels;
    const char *schedule;         /* row of schedule.def; NULL: the machine's */
    Text *report;                 /* where dumps and kernel lists go */
    const char *cache_folder;     /* where compiled kernels are kept (driver/code_cache.h); NULL: nowhere */
    int64_t cache_bytes;          /* at most about so many */
    Profile *profile;             /* where every run is recorded; NULL: nowhere, and it costs nothing */
    Timings *timings;             /* NULL: not wanted */
} ExecutorOptions;

typedef struct Executor Executor;
typedef struct CompiledStep CompiledStep;

Executor *executor_new(Session *session, const ExecutorOptions *options);
void executor_free(Executor *executor);
const BuildOptions *executor_build_options(const Executor *executor);
int executor_threads(const Executor *executor);
Profile *executor_profile(const Executor *executor); /* NULL where nothing is recorded */

/* The plan of a build, with the passes and the schedule of this executor; `facts` may be NULL. */
const LoopPlan *executor_lower(Executor *executor, Arena *arena, Build *build, LowerFacts *facts);

/* NULL after a diagnostic (an arena larger than memory, no JIT).  With `use_jit` false the interpreter runs it
 * whatever the mode. */
CompiledStep *executor_compile(Executor *executor, Build *build, int use_jit);
/* Of a plan as it is, without a graph behind it; the plan lives as long as the step. */
CompiledStep *executor_compile_plan(Executor *executor, const LoopPlan *plan);
int executor_slot_count(const CompiledStep *step);
int64_t executor_arena_bytes(const CompiledStep *step);
/* `dims` holds the run-time dims' values by DimName id.  False after a diagnostic: a check in a kernel failed. */
int executor_run(Executor *executor, CompiledStep *step, const int64_t *dims, void *const *bindings);
void executor_discard(CompiledStep *step);
/* A step will be compiled: what that takes is made ready beside whatever else is done until then. */
void executor_expect_step(Executor *executor);
/* NULL where they are not wanted. */
Timings *executor_timings(const Executor *executor);
/* Where the machine code of all steps so far came from. */
CodeFacts executor_code_facts(const Executor *executor);
/* Seconds spent compiling so far. */
double executor_compile_seconds(const Executor *executor);

#endif
