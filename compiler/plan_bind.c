/* Plans to RunPlans: sizes evaluated, statements flattened, offsets in bytes. */
#include "compiler/plan_bind.h"

typedef struct Binder {
    Arena *arena;
    const LoopPlan *plan;
    const int64_t *dims;
    const KernelCode *code;
    Vec(RunStep) steps;
    int depth; /* enclosing loops */
} Binder;

static int64_t size_of(const Binder *b, const Dim *dim) {
    int64_t value;
    if (dim_evaluate(dim, b->dims, &value)) ICE("a size of plan %s cannot be computed", b->plan->name->text);
    return value;
}

/* Bytes of a buffer at the present sizes; the last row is as long as the others. */
static int64_t buffer_bytes(const Binder *b, const PlanBuffer *buffer) {
    int64_t count = buffer->rank ? size_of(b, buffer->pitch ? buffer->pitch : buffer->extents[buffer->rank - 1]) : 1;
    for (int i = 0; i + 1 < buffer->rank; i++) count *= size_of(b, buffer->extents[i]);
    return count * dtype_bytes(buffer->dtype);
}

static RunBuffer *bind_buffers(Binder *b) {
    RunBuffer *bound = arena_array(b->arena, RunBuffer, b->plan->buffers.len);
    for (int i = 0; i < b->plan->buffers.len; i++) {
        const PlanBuffer *buffer = &b->plan->buffers.data[i];
        bound[i] = (RunBuffer){.kind = buffer->kind, .slot = buffer->slot, .offset = buffer->offset,
                               .data = buffer->data, .bytes = buffer_bytes(b, buffer)};
    }
    return bound;
}

static void bind_arguments(Binder *b, const PlanStmt *stmt, RunStep *step) {
    RunArgument *arguments = arena_array(b->arena, RunArgument, stmt->arguments.len);
    for (int i = 0; i < stmt->arguments.len; i++) {
        const PlanArgument *from = &stmt->arguments.data[i];
        int bytes = dtype_bytes(b->plan->buffers.data[from->buffer].dtype);
        arguments[i].buffer = from->buffer;
        arguments[i].offset = from->offset ? size_of(b, from->offset) * bytes : 0;
        for (int k = 0; k < ABI_MAX_LOOPS; k++)
            arguments[i].step[k] = from->step[k] ? size_of(b, from->step[k]) * bytes : 0;
    }
    step->arguments = arguments;
    step->argument_count = stmt->arguments.len;
}

static void bind_run(Binder *b, const PlanStmt *stmt) {
    const LoopKernel *kernel = b->plan->kernels.data[stmt->kernel];
    RunStep step = {.kind = RUN_KERNEL, .function = b->code[stmt->kernel].function,
                    .context = b->code[stmt->kernel].context, .kernel_index = stmt->kernel};
    bind_arguments(b, stmt, &step);
    int64_t *scalars = arena_array(b->arena, int64_t, kernel->dims.len + 1);
    for (int i = 0; i < kernel->dims.len; i++) {
        const DimName *name = kernel->dims.data[i];
        scalars[i] = b->dims[name->id];
        if (name->maximum && scalars[i] > name->maximum)
            ICE("size %s is %lld, planned for at most %lld", name->name->text, (long long)scalars[i],
                (long long)name->maximum);
    }
    step.scalars = scalars;
    step.scalar_count = kernel->dims.len;
    step.loop_scalar_count = kernel->loop_indices.len;
    if (step.loop_scalar_count > b->depth) ICE("kernel %s wants more loop indices than there are", kernel->name->text);
    step.tiles = size_of(b, kernel->tile_count);
    step.tiles_per_range = kernel->tiles_per_range ? kernel->tiles_per_range : step.tiles;
    if (step.tiles_per_range < 1) step.tiles_per_range = 1;
    vec_push(b->arena, &b->steps, step);
}

static void bind_list(Binder *b, const PlanStmt *stmt);

/* LOOP, WHEN and UNTIL: the step, then its body; `end` is known behind it. */
static void bind_nested(Binder *b, const PlanStmt *stmt) {
    RunStep step = {.condition = stmt->condition};
    step.kind = stmt->kind == PLAN_LOOP ? RUN_LOOP : stmt->kind == PLAN_WHEN ? RUN_WHEN : RUN_UNTIL;
    if (stmt->kind == PLAN_LOOP) {
        step.first = size_of(b, stmt->lo);
        step.last = size_of(b, stmt->hi);
        step.reversed = stmt->is_reversed;
        if (++b->depth > ABI_MAX_LOOPS) ICE("plan %s nests loops too deeply", b->plan->name->text);
    }
    int at = b->steps.len;
    vec_push(b->arena, &b->steps, step);
    bind_list(b, stmt->body);
    b->steps.data[at].otherwise = b->steps.len;
    bind_list(b, stmt->otherwise);
    b->steps.data[at].end = b->steps.len;
    if (stmt->kind == PLAN_LOOP) b->depth--;
}

static void bind_list(Binder *b, const PlanStmt *stmt) {
    for (; stmt; stmt = stmt->next) {
        switch (stmt->kind) {
        case PLAN_RUN: bind_run(b, stmt); break;
        case PLAN_PHASE: vec_push(b->arena, &b->steps, ((RunStep){.kind = RUN_PHASE})); break;
        case PLAN_LOOP: case PLAN_WHEN: case PLAN_UNTIL: bind_nested(b, stmt); break;
        }
    }
}

RunPlan *plan_bind(Arena *arena, const LoopPlan *plan, const int64_t *dims, const KernelCode *code) {
    Binder b = {.arena = arena, .plan = plan, .dims = dims, .code = code};
    RunPlan *run = arena_new(arena, RunPlan);
    run->buffers = bind_buffers(&b);
    run->buffer_count = plan->buffers.len;
    bind_list(&b, plan->body);
    run->steps = b.steps.data;
    run->step_count = b.steps.len;
    run->slot_count = plan->slot_count;
    run->arena_bytes = plan->arena_bytes;
    run->scratch_bytes = plan->scratch_bytes;
    return run;
}

/* ---- the serial walker ------------------------------------------------------------------------------- */

enum { MAX_ARGUMENTS = 64, MAX_SCALARS = 32 };

typedef struct Walk {
    const RunPlan *plan;
    void *const *bindings;
    void *memory, *scratch;
    int64_t index[ABI_MAX_LOOPS];
    int depth;
    RunFailure failure;
} Walk;

static char *buffer_start(const Walk *w, int number) {
    const RunBuffer *buffer = &w->plan->buffers[number];
    switch (buffer->kind) {
    case BUFFER_INPUT: case BUFFER_OUTPUT: case BUFFER_INOUT: return w->bindings[buffer->slot];
    case BUFFER_ARENA: return (char *)w->memory + buffer->offset;
    case BUFFER_CONST: return (char *)(uintptr_t)buffer->data;
    }
    ICE("a buffer of unknown kind");
}

static void run_kernel(Walk *w, int at) {
    const RunStep *step = &w->plan->steps[at];
    void *buffers[MAX_ARGUMENTS];
    int64_t scalars[MAX_SCALARS];
    if (step->argument_count > MAX_ARGUMENTS || step->scalar_count + step->loop_scalar_count > MAX_SCALARS)
        ICE("a kernel with %d buffers", step->argument_count);
    for (int i = 0; i < step->argument_count; i++) {
        const RunArgument *argument = &step->arguments[i];
        int64_t offset = argument->offset;
        for (int k = 0; k < w->depth; k++) offset += argument->step[k] * w->index[k];
        buffers[i] = buffer_start(w, argument->buffer) + offset;
    }
    for (int i = 0; i < step->scalar_count; i++) scalars[i] = step->scalars[i];
    for (int i = 0; i < step->loop_scalar_count; i++) scalars[step->scalar_count + i] = w->index[i];
    for (int64_t first = 0; first < step->tiles && !w->failure.code; first += step->tiles_per_range) {
        int64_t last = first + step->tiles_per_range;
        if (last > step->tiles) last = step->tiles;
        int32_t code = step->function(step->context, buffers, scalars, first, last, w->scratch);
        if (code) w->failure = (RunFailure){code, at};
    }
}

static void walk(Walk *w, int first, int last);

static void walk_loop(Walk *w, int at) {
    const RunStep *step = &w->plan->steps[at];
    int depth = w->depth++;
    for (int64_t i = 0; i < step->last - step->first && !w->failure.code; i++) {
        w->index[depth] = step->reversed ? step->last - 1 - i : step->first + i;
        walk(w, at + 1, step->end);
    }
    w->depth = depth;
}

static void walk(Walk *w, int first, int last) {
    for (int at = first; at < last && !w->failure.code;) {
        const RunStep *step = &w->plan->steps[at];
        switch (step->kind) {
        case RUN_PHASE: at++; continue;
        case RUN_KERNEL: run_kernel(w, at++); continue;
        case RUN_LOOP: walk_loop(w, at); break;
        case RUN_WHEN:
            if (*buffer_start(w, step->condition)) walk(w, at + 1, step->otherwise);
            else walk(w, step->otherwise, step->end);
            break;
        case RUN_UNTIL:
            do walk(w, at + 1, step->end);
            while (!*buffer_start(w, step->condition) && !w->failure.code);
            break;
        }
        at = step->end;
    }
}

RunFailure plan_run_serial(const RunPlan *plan, void *const *bindings, void *memory, void *scratch) {
    Walk w = {.plan = plan, .bindings = bindings, .memory = memory, .scratch = scratch};
    walk(&w, 0, plan->step_count);
    return w.failure;
}
