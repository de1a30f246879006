/* The rules of plans. */
#include "compiler/loop_verify.h"

#include "compiler/loop_print.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct PlanVerifier {
    Arena *arena;
    const LoopPlan *plan;
    PlanFaults *faults;
    const PlanStmt *stmt;
    int depth;
} PlanVerifier;

static void fault(PlanVerifier *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void fault(PlanVerifier *v, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    vec_push(v->arena, &v->faults->list, ((PlanFault){v->stmt, arena_printf(v->arena, "%s", text)}));
}

static const char *name_of(const Symbol *name) { return name ? name->text : "(nameless)"; }

static void check_buffer(PlanVerifier *v, const PlanBuffer *b) {
    const LoopPlan *plan = v->plan;
    const char *name = name_of(b->name);
    switch (b->kind) {
    case BUFFER_INPUT: case BUFFER_OUTPUT: case BUFFER_INOUT:
        if (b->slot < 0 || b->slot >= plan->slot_count) fault(v, "`%s` has slot %d of %d", name, b->slot, plan->slot_count);
        return;
    case BUFFER_ARENA:
        if (b->offset < 0 || b->offset % ABI_ALIGN) fault(v, "`%s` is not at a multiple of %d", name, ABI_ALIGN);
        if (b->offset + b->bytes > plan->arena_bytes) fault(v, "`%s` ends behind the arena", name);
        return;
    case BUFFER_CONST:
        if (!b->data) fault(v, "`%s` is constant and has no bytes", name);
        return;
    }
}

static void check_argument(PlanVerifier *v, const LoopBuffer *to, const PlanArgument *from) {
    if (from->buffer < 0 || from->buffer >= v->plan->buffers.len) {
        fault(v, "`%s` is given a buffer that the plan does not have", to->name->text);
        return;
    }
    const PlanBuffer *b = &v->plan->buffers.data[from->buffer];
    if (b->dtype != to->dtype)
        fault(v, "`%s` is %s and is given %s of %s", to->name->text, dtype_name(to->dtype), name_of(b->name),
              dtype_name(b->dtype));
    if (to->access != LOOP_IN && (b->kind == BUFFER_INPUT || b->kind == BUFFER_CONST))
        fault(v, "`%s` is written and is given `%s`, which is read only", to->name->text, name_of(b->name));
    for (int k = v->depth; k < ABI_MAX_LOOPS; k++)
        if (from->step[k]) fault(v, "`%s` moves with a loop that is not there", to->name->text);
}

static void check_run(PlanVerifier *v, const PlanStmt *s) {
    if (s->kernel < 0 || s->kernel >= v->plan->kernels.len) {
        fault(v, "`run` of a kernel that the plan does not have");
        return;
    }
    const LoopKernel *k = v->plan->kernels.data[s->kernel];
    int given = 0;
    for (int i = 0; i < k->buffers.len; i++) {
        if (k->buffers.data[i].access == LOOP_SCRATCH) continue;
        if (given < s->arguments.len) check_argument(v, &k->buffers.data[i], &s->arguments.data[given]);
        given++;
    }
    if (given != s->arguments.len)
        fault(v, "kernel `%s` takes %d buffers and is given %d", k->name->text, given, s->arguments.len);
    if (k->loop_indices.len > v->depth)
        fault(v, "kernel `%s` takes %d loop indices, %d loops are around", k->name->text, k->loop_indices.len, v->depth);
    for (int i = 0; i < k->dims.len; i++) {
        int found = 0;
        for (int d = 0; d < v->plan->dims.len; d++) found |= v->plan->dims.data[d] == k->dims.data[i];
        if (!found) fault(v, "the plan has no size `%s`, which kernel `%s` takes", k->dims.data[i]->name->text, k->name->text);
    }
}

static void check_condition(PlanVerifier *v, const PlanStmt *s) {
    if (s->condition < 0 || s->condition >= v->plan->buffers.len) fault(v, "a condition that is no buffer");
    else if (v->plan->buffers.data[s->condition].dtype != DT_BOOL)
        fault(v, "the condition `%s` is not bool", name_of(v->plan->buffers.data[s->condition].name));
}

static void check_block(PlanVerifier *v, const PlanStmt *s) {
    for (; s; s = s->next) {
        v->stmt = s;
        switch (s->kind) {
        case PLAN_RUN: check_run(v, s); break;
        case PLAN_PHASE: break;
        case PLAN_LOOP:
            if (v->depth == ABI_MAX_LOOPS) {
                fault(v, "more than %d loops in each other", ABI_MAX_LOOPS);
                break;
            }
            v->depth++;
            check_block(v, s->body);
            v->depth--;
            break;
        case PLAN_WHEN: case PLAN_UNTIL:
            check_condition(v, s);
            check_block(v, s->body);
            check_block(v, s->otherwise);
            break;
        }
    }
}

void plan_verify(Arena *arena, const LoopPlan *plan, PlanFaults *faults) {
    PlanVerifier v = {.arena = arena, .plan = plan, .faults = faults};
    for (int i = 0; i < plan->buffers.len; i++) check_buffer(&v, &plan->buffers.data[i]);
    if (plan->arena_bytes % ABI_ALIGN) fault(&v, "the arena has %lld bytes", (long long)plan->arena_bytes);
    check_block(&v, plan->body);
}

void plan_verify_or_die(const LoopPlan *plan, const char *after_pass) {
    Arena arena = {0};
    PlanFaults faults = {0};
    for (int i = 0; i < plan->kernels.len; i++) loop_verify_or_die(plan->kernels.data[i], after_pass);
    plan_verify(&arena, plan, &faults);
    if (faults.list.len) {
        Text text = text_new(&arena);
        plan_print(&text, plan);
        ICE("after %s, plan %s: %s\n%s", after_pass, plan->name->text, faults.list.data[0].text, text_str(&text));
    }
    arena_release(&arena);
}
