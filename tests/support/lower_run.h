/* Lowers a region, runs the plan in the interpreter under watch for races, and hands back the
 * results: what the tests of the lowering compare.  All arrays are given and taken in double,
 * converted to the dtype of the slot. */
#ifndef DLC_TESTS_LOWER_RUN_H
#define DLC_TESTS_LOWER_RUN_H

#include "compiler/loop_eval.h"
#include "compiler/loop_expand.h"
#include "compiler/lower.h"
#include "compiler/plan_bind.h"
#include <stdlib.h>
#include <string.h>

enum { LOWER_RUN_DIMS = 64 };

typedef struct LowerRun {
    LoopPlan *plan;
    LowerFacts facts;
    void **slots; /* by slot: the bytes after the run */
    int64_t *slot_bytes;
} LowerRun;

static inline void lower_run_put(DType t, void *to, int64_t i, double v) {
    switch (t) {
    case DT_F64: ((double *)to)[i] = v; return;
    case DT_F32: ((float *)to)[i] = (float)v; return;
    case DT_I64:
    case DT_U64: ((int64_t *)to)[i] = (int64_t)v; return;
    case DT_I32: ((int32_t *)to)[i] = (int32_t)v; return;
    case DT_U32: ((uint32_t *)to)[i] = (uint32_t)v; return;
    case DT_I16:
    case DT_U16: ((uint16_t *)to)[i] = (uint16_t)(int32_t)v; return;
    case DT_I8:
    case DT_U8:
    case DT_BOOL: ((uint8_t *)to)[i] = (uint8_t)(int32_t)v; return;
    case DT_F16:
    case DT_BF16:
    case DT_INDEX:
    case DT_COUNT: break;
    }
    ICE("test: no %s here", dtype_name(t));
}

static inline double lower_run_get(DType t, const void *from, int64_t i) {
    switch (t) {
    case DT_F64: return ((const double *)from)[i];
    case DT_F32: return (double)((const float *)from)[i];
    case DT_I64:
    case DT_U64: return (double)((const int64_t *)from)[i];
    case DT_I32: return ((const int32_t *)from)[i];
    case DT_U32: return ((const uint32_t *)from)[i];
    case DT_I16: return ((const int16_t *)from)[i];
    case DT_U16: return ((const uint16_t *)from)[i];
    case DT_I8: return ((const int8_t *)from)[i];
    case DT_U8:
    case DT_BOOL: return ((const uint8_t *)from)[i];
    case DT_F16:
    case DT_BF16:
    case DT_INDEX:
    case DT_COUNT: break;
    }
    ICE("test: no %s here", dtype_name(t));
}

static inline int64_t lower_run_count(const Node *n, const int64_t *dims) {
    int64_t count = 1, extent;
    for (int i = 0; i < n->rank; i++) {
        if (dim_evaluate(n->shape[i], dims, &extent)) ICE("test: an extent without value");
        count *= extent;
    }
    return count;
}

/* The node whose array is bound to a slot, by the order that lower.h states. */
static inline const Node *lower_run_slot(const Region *r, int slot) {
    if (slot < r->inputs.len) return r->inputs.data[slot].node;
    int at = r->inputs.len;
    for (int i = 0; i < r->results.len; i++)
        if (r->results.data[i].alias < 0 && at++ == slot) return r->results.data[i].node;
    return NULL;
}

static inline void *lower_run_memory(Arena *arena, int64_t bytes) {
    uintptr_t p = (uintptr_t)arena_alloc(arena, (size_t)bytes + 128);
    return (void *)((p + 63) / 64 * 64);
}

static inline LowerRun lower_run(Arena *arena, const LowerOptions *options, const Region *r,
                                 const int64_t *dims, const double *const *inputs) {
    LowerRun run = {0};
    run.plan = lower_region(arena, options, r, &run.facts);
    int count = run.plan->slot_count;
    run.slots = arena_array(arena, void *, count + 1);
    run.slot_bytes = arena_array(arena, int64_t, count + 1);
    for (int i = 0; i < count; i++) {
        const Node *n = lower_run_slot(r, i);
        int64_t elements = lower_run_count(n, dims);
        run.slot_bytes[i] = elements * dtype_bytes(n->dtype);
        run.slots[i] = lower_run_memory(arena, run.slot_bytes[i]);
        for (int64_t k = 0; i < r->inputs.len && k < elements; k++)
            lower_run_put(n->dtype, run.slots[i], k, inputs[i][k]);
    }
    RaceLog *races = race_log_new(arena);
    KernelCode *code = arena_array(arena, KernelCode, run.plan->kernels.len + 1);
    for (int i = 0; i < run.plan->kernels.len; i++) {
        LoopKernel *expanded = loop_expand(r->session, arena, run.plan->kernels.data[i]);
        EvalKernel *prepared = loop_eval_prepare(arena, expanded);
        loop_eval_watch(prepared, races);
        code[i] = (KernelCode){loop_eval_run, prepared};
    }
    const RunPlan *bound = race_plan(arena, plan_bind(arena, run.plan, dims, code), races);
    void *memory = lower_run_memory(arena, bound->arena_bytes),
         *scratch = lower_run_memory(arena, bound->scratch_bytes);
    memset(memory, 0xff,
           (size_t)bound->arena_bytes); /* NaN: nobody may read what was not written */
    RunFailure failure = plan_run_serial(bound, run.slots, memory, scratch);
    if (failure.code) ICE("test: step %d failed with %d", failure.step, failure.code);
    Text found = text_new(arena);
    if (race_report(races, &found)) ICE("test: tiles meet\n%s", text_str(&found));
    return run;
}

/* Element i of result k of the region. */
static inline double lower_run_result(const LowerRun *run, const Region *r, int k, int64_t i) {
    int slot = r->results.data[k].alias, at = r->inputs.len;
    for (int j = 0; slot < 0 && j < r->results.len; j++) {
        if (r->results.data[j].alias >= 0) continue;
        if (j == k) slot = at;
        at++;
    }
    return lower_run_get(r->results.data[k].node->dtype, run->slots[slot], i);
}

#endif
