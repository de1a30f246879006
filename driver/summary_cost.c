/* From a step to its costs: FLOPs from the nodes of its graph, bytes from its inputs and its plan. */
#include "compiler/lower.h"
#include "driver/summary.h"

#include <string.h>

typedef struct Cost {
    DimTable *dims;
    Arena *arena;
    StepSummary *to;
} Cost;

static const Dim *number(const Cost *cx, int64_t value) { return dim_constant(cx->dims, value); }

static const Dim *times(const Cost *cx, const Dim *a, const Dim *b) { return dim_mul(cx->dims, a, b); }

/* ---- products -------------------------------------------------------------------------------------------- */

static const Dim *dot_flops(const Cost *cx, const Node *n) {
    const Dim *flops = number(cx, 2);
    for (int i = 0; i < n->rank; i++) flops = times(cx, flops, n->shape[i]);
    for (int i = 0; i < n->attr.contract_count; i++)
        flops = times(cx, flops, n->in[0]->shape[n->attr.lhs_contract[i]]);
    return flops;
}

/* The elements of x along an axis and the distance between them, without the zeros that the pad pass wrote out. */
static const Dim *data_of(const Node *x, int axis, int64_t *spread) {
    if (x->op == OP_TRANSPOSE) return data_of(x->in[0], x->attr.axes[axis], spread);
    if (x->op != OP_PAD) return x->shape[axis];
    *spread = x->attr.step[axis] + 1;
    return x->in[0]->shape[axis];
}

/* How often a place of the window meets an element of x along one axis.  Padding counts as data, so a layer's own
 * convolution has results * places.  In a derivative, or where x is spread, most of what would be padding is zeros
 * that nobody thinks of as data: each pair of an element with a place, or with a result, is then counted once. */
static const Dim *meetings(const Cost *cx, const Node *n, int axis) {
    int64_t spread = n->attr.spread[axis];
    const Dim *results = n->shape[axis], *places = n->in[1]->shape[axis], *elements = data_of(n->in[0], axis, &spread);
    const Dim *pairs = times(cx, results, places);
    if (n->is_backward || spread > 1) pairs = dim_min(cx->dims, pairs, times(cx, elements, places));
    if (spread > 1) pairs = dim_min(cx->dims, pairs, times(cx, results, elements));
    return pairs;
}

static const Dim *convolution_flops(const Cost *cx, const Node *n) {
    const Node *w = n->in[1];
    const Dim *flops = times(cx, times(cx, number(cx, 2), n->shape[0]), times(cx, n->shape[1], w->shape[1]));
    for (int i = 2; i < n->rank; i++)
        flops = times(cx, flops, meetings(cx, n, i));
    return flops;
}

static PartCost *cost_of(Cost *cx, const Symbol *path) {
    for (int i = 0; i < cx->to->parts.len; i++)
        if (cx->to->parts.data[i].path == path) return &cx->to->parts.data[i];
    vec_push(cx->arena, &cx->to->parts, ((PartCost){path, number(cx, 0), number(cx, 0)}));
    return &cx->to->parts.data[cx->to->parts.len - 1];
}

static void count_node(Cost *cx, const Node *n) {
    if (n->op != OP_DOT && n->op != OP_CONVOLUTION) return;
    const Dim *flops = n->op == OP_DOT ? dot_flops(cx, n) : convolution_flops(cx, n);
    PartCost *part = cost_of(cx, n->part);
    const Dim **own = n->is_backward ? &part->backward : &part->forward;
    const Dim **all = n->is_backward ? &cx->to->backward : &cx->to->forward;
    *own = dim_add(cx->dims, *own, flops);
    *all = dim_add(cx->dims, *all, flops);
}

/* Only what a result needs. */
static void count_nodes(Cost *cx, const Region *r) {
    uint8_t *is_live = arena_array(cx->arena, uint8_t, r->nodes.len + 1);
    for (int i = 0; i < r->results.len; i++) is_live[r->results.data[i].node->id] = 1;
    for (int id = r->nodes.len; id-- > 0;) {
        const Node *n = r->nodes.data[id];
        for (int i = 0; is_live[id] && i < n->in_count; i++) is_live[n->in[i]->id] = 1;
    }
    for (int id = 0; id < r->nodes.len; id++)
        if (is_live[id]) count_node(cx, r->nodes.data[id]);
}

/* ---- bytes ----------------------------------------------------------------------------------------------- */

static const Dim *node_bytes(const Cost *cx, const Node *n) {
    const Dim *bytes = number(cx, dtype_bytes(n->dtype));
    for (int i = 0; i < n->rank; i++) bytes = times(cx, bytes, n->shape[i]);
    return bytes;
}

static void count_bytes(Cost *cx, const Region *r) {
    for (int i = 0; i < r->inputs.len; i++) {
        if (r->inputs.data[i].kind != INPUT_SLOT) continue;
        cx->to->slot_bytes = dim_add(cx->dims, cx->to->slot_bytes, node_bytes(cx, r->inputs.data[i].node));
    }
    for (int i = 0; i < r->results.len; i++) {
        if (r->results.data[i].kind != INPUT_PARAM || r->results.data[i].alias < 0) continue;
        cx->to->gradient_bytes =
            dim_add(cx->dims, cx->to->gradient_bytes, node_bytes(cx, r->results.data[i].node));
    }
}

static int is_bounded(const Region *region) {
    int64_t value;
    for (int i = 0; i < region->nodes.len; i++)
        for (int k = 0; k < region->nodes.data[i]->rank; k++)
            if (dim_upper_bound(region->nodes.data[i]->shape[k], &value)) return 0;
    return 1;
}

/* As the run makes it, which is another graph where the size of every batch is known. */
static void plan_step(Cost *cx, Executor *executor, Arena *scratch, Build *build, Session *session) {
    const TStep *step = cx->to->step;
    BuildOptions options = *executor_build_options(executor);
    options.is_symbolic = options.is_for_run = 1;
    int errors = session->diags.error_count;
    if (step->is_full) build = build_step(session, scratch, &options, step);
    if (session->diags.error_count > errors) return;
    LowerFacts facts;
    const LoopPlan *plan = executor_lower(executor, scratch, build, &facts); /* the region is then that after the passes */
    cx->to->is_planned = 1;
    cx->to->arena_bytes = plan->arena_bytes;
    cx->to->activation_bytes = facts.kept_bytes;
    if (facts.peak_kernel) cx->to->peak = source_place(&session->sources, facts.peak_span.begin);
}

/* ---- a step ---------------------------------------------------------------------------------------------- */

/* Keeps the mistakes in the session and takes out what cannot be compiled yet; gives the first of the latter. */
static const Diag *take_obstacles(Diags *diags, int first) {
    const Diag *obstacle = NULL;
    int kept = first;
    for (int i = first; i < diags->list.len; i++) {
        Diag *diag = diags->list.data[i];
        if (diag->code != E_NOT_COMPILED) {
            diags->list.data[kept++] = diag;
            continue;
        }
        if (!obstacle) obstacle = diag;
        diags->error_count--;
    }
    diags->list.len = kept;
    return obstacle;
}

StepSummary step_summary(Session *session, Arena *arena, Executor *executor, const TStep *step) {
    const Dim *zero = dim_constant(&session->dims, 0);
    StepSummary summary = {.step = step, .forward = zero, .backward = zero, .gradient_bytes = zero, .slot_bytes = zero};
    Cost cx = {&session->dims, arena, &summary};
    Arena scratch = {0};
    int errors = session->diags.error_count, first = session->diags.list.len;
    BuildOptions options = *executor_build_options(executor);
    options.is_symbolic = 1;
    Build *build = build_step(session, &scratch, &options, step);
    int is_built = session->diags.error_count == errors;
    const Diag *obstacle = take_obstacles(&session->diags, first);
    if (obstacle) {
        summary.obstacle = obstacle->span;
        summary.why = obstacle->message;
    } else if (is_built) {
        summary.is_built = 1;
        if (is_bounded(build->region)) plan_step(&cx, executor, &scratch, build, session);
        count_nodes(&cx, build->region);
        count_bytes(&cx, build->region);
    }
    arena_release(&scratch);
    return summary;
}
