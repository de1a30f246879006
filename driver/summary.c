/* From steps to figures.  See summary.h. */
#include "driver/summary.h"

#include "compiler/lower.h"

static int64_t weight_elements(const Type *type) {
    int64_t count = 1, extent;
    for (int i = 0; i < type->rank; i++) {
        if (dim_upper_bound(type->axes[i].dim, &extent)) return 0;
        count *= extent;
    }
    return count;
}

int64_t layout_parameters(const Layout *layout) {
    int64_t total = 0;
    for (int i = 0; i < layout->weights.len; i++)
        if (!layout->weights.data[i]->is_state) total += weight_elements(layout->weights.data[i]->type);
    for (int i = 0; i < layout->parts.len; i++) total += layout_parameters(layout->parts.data[i].layout);
    return total;
}

static double extent(const Node *node, int axis) {
    int64_t value = 0;
    dim_upper_bound(node->shape[axis], &value);
    return (double)value;
}

static double product_flops(const Node *node) {
    if (node->op != OP_DOT && node->op != OP_CONVOLUTION) return 0;
    double flops = 2;
    for (int i = 0; i < node->rank; i++) flops *= extent(node, i);
    if (node->op == OP_DOT)
        for (int i = 0; i < node->attr.contract_count; i++) flops *= extent(node->in[0], node->attr.lhs_contract[i]);
    else
        for (int i = 1; i < node->in[1]->rank; i++) flops *= extent(node->in[1], i);
    return flops;
}

static int is_bounded(const Region *region) {
    int64_t value;
    for (int i = 0; i < region->nodes.len; i++)
        for (int k = 0; k < region->nodes.data[i]->rank; k++)
            if (dim_upper_bound(region->nodes.data[i]->shape[k], &value)) return 0;
    return 1;
}

StepSummary step_summary(Session *session, Executor *executor, const TStep *step) {
    StepSummary summary = {.step = step};
    Diags before = session->diags;
    Arena arena = {0};
    Build *build = build_step(session, &arena, executor_build_options(executor), step);
    if (session->diags.error_count == before.error_count && is_bounded(build->region)) {
        LowerFacts facts;
        const LoopPlan *plan = executor_lower(executor, &arena, build, &facts);
        summary.is_known = 1;
        summary.arena_bytes = plan->arena_bytes;
        for (int i = 0; i < build->region->nodes.len; i++)
            summary.product_flops += product_flops(build->region->nodes.data[i]);
        if (facts.peak_kernel) summary.peak = source_place(&session->sources, facts.peak_span.begin);
    }
    session->diags = before;
    arena_release(&arena);
    return summary;
}
