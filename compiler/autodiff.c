/* Reverse mode, graph to graph.
 *
 * In: a scalar node and the nodes to differentiate by.  Out: nodes appended to the region; nothing that was
 * there changes.  First the nodes between wrt and `of` are marked in one forward walk; then they are
 * visited from `of` back, in falling order of id.  When a node is visited all its users have been, so its
 * gradient is complete.
 *
 * Order of sums: contributions to a node are added one after another in the order they come: users by
 * falling id, in each user its operands from the first to the last.  So the sum depends on the graph alone.
 *
 * Nodes with a derivative of their own (graph_own_gradient) are visited as one, at the output of the smallest id.
 *
 * Values of the forward part are used where they are (everything is kept; what to compute again is decided
 * later, by passes that see the whole step). */
#include "compiler/autodiff.h"

static GradientRule *const gradient_rule[OP_COUNT] = {
#define OP(id, name, operands, attributes, shape, lower, gradient, flags) [OP_##id] = gradient_##gradient,
#include "compiler/op.def"
#undef OP
};

void gradient_none(Gradient *cx, Node *n, Node *g) {
    (void)cx, (void)n, (void)g;
}

void gradient_add(Gradient *cx, const Node *to, Node *contribution) {
    Region *r = cx->region;
    Node **sum = &cx->sum[to->id];
    if (!*sum) {
        *sum = contribution;
        return;
    }
    DType stored = to->dtype, working = stored == DT_F16 || stored == DT_BF16 ? DT_F32 : stored;
    Node *before = graph_convert(r, *sum, working, to->span);
    Node *more = graph_convert(r, contribution, working, to->span);
    *sum = graph_convert(r, graph_map2(r, SC_ADD, before, more, to->span), stored, to->span);
}

/* ---- elementwise functions --------------------------------------------------------------------------- */

typedef struct Expression {
    Region *region;
    Node *n, *g;
    const uint8_t *code; /* what comes next */
} Expression;

static Node *number_of_code(Expression *e, int code) {
    static const double value[] = {
        [DERIVATIVE_ZERO] = 0, [DERIVATIVE_ONE] = 1, [DERIVATIVE_TWO] = 2,
        [DERIVATIVE_TWO_OVER_SQRT_PI] = 0x1.20dd750429b6dp0,
    };
    return graph_number(e->region, value[code], e->g->dtype, e->n->rank, e->n->shape, e->n->span);
}

static Node *evaluate(Expression *e) {
    int code = *e->code++;
    if (code == DERIVATIVE_G) return e->g;
    if (code == DERIVATIVE_Y) return e->n;
    if (code >= DERIVATIVE_A && code <= DERIVATIVE_C) return e->n->in[code - DERIVATIVE_A];
    if (code < DERIVATIVE_A) return number_of_code(e, code);
    ScalarKind f = (ScalarKind)(code - DERIVATIVE_FUNCTION);
    Node *in[3];
    for (int i = 0; i < scalar_operands(f); i++) in[i] = evaluate(e);
    return graph_map(e->region, f, in, e->n->span);
}

void gradient_map(Gradient *cx, Node *n, Node *g) {
    const Derivative *derivative = &scalar_derivative[n->attr.scalar];
    for (int i = 0; i < n->in_count; i++) {
        const uint8_t *code = derivative->of[i];
        if (!cx->wanted[n->in[i]->id] || code[0] == DERIVATIVE_ZERO) continue;
        if (code[0] == DERIVATIVE_NONE) ICE("%s has no derivative", scalar_name(n->attr.scalar));
        Expression e = {cx->region, n, g, code};
        gradient_add(cx, n->in[i], evaluate(&e));
    }
}

/* ---- given derivatives ------------------------------------------------------------------------------- */

void graph_own_gradient(Region *r, const OwnGradient *own) {
    OwnGradient *kept = arena_new(r->arena, OwnGradient);
    *kept = *own;
    for (int i = 0; i < own->output_count; i++) map_set(r->arena, &r->own_gradients, own->outputs[i], kept);
}

static int wants_input(const Gradient *cx, const OwnGradient *own) {
    for (int i = 0; i < own->input_count; i++)
        if (cx->wanted[own->inputs[i]->id]) return 1;
    return 0;
}

/* At the first output all have their gradients: outputs behind the end of the walk have none. */
static void apply_own(Gradient *cx, const OwnGradient *own, uint32_t last) {
    Region *r = cx->region;
    Node **arriving = arena_array(r->arena, Node *, own->output_count);
    Node **leaving = arena_array(r->arena, Node *, own->input_count);
    int any = 0;
    for (int i = 0; i < own->output_count; i++) {
        arriving[i] = own->outputs[i]->id <= last ? cx->sum[own->outputs[i]->id] : NULL;
        any |= arriving[i] != NULL;
    }
    if (!any) return;
    own->rule(own->context, arriving, leaving);
    for (int i = 0; i < own->input_count; i++)
        if (leaving[i] && cx->wanted[own->inputs[i]->id]) gradient_add(cx, own->inputs[i], leaving[i]);
}

/* ---- the walk ---------------------------------------------------------------------------------------- */

static void mark_wanted(Gradient *cx, const Node *of, Node *const *wrt, int wrt_count) {
    for (int i = 0; i < wrt_count; i++)
        if (wrt[i]->id <= of->id && dtype_is_float(wrt[i]->dtype)) cx->wanted[wrt[i]->id] = 1;
    for (uint32_t id = 0; id <= of->id; id++) {
        const Node *n = cx->region->nodes.data[id];
        const OwnGradient *own = map_get(&cx->region->own_gradients, n);
        if (own) {
            cx->wanted[id] |= (uint8_t)wants_input(cx, own);
            continue;
        }
        if (!dtype_is_float(n->dtype) || gradient_rule[n->op] == gradient_none) continue;
        for (int i = 0; i < n->in_count; i++)
            if (cx->wanted[n->in[i]->id]) cx->wanted[id] = 1;
    }
}

static int wants_operand(const Gradient *cx, const Node *n) {
    for (int i = 0; i < n->in_count; i++)
        if (cx->wanted[n->in[i]->id]) return 1;
    return 0;
}

void graph_gradient(Region *r, Node *of, Node *const *wrt, int wrt_count, Node **gradients) {
    if (of->rank != 0 || !dtype_is_float(of->dtype))
        ICE("gradient of %%%u, which is no float of rank 0", of->id);
    Gradient cx = {.region = r,
                   .wanted = arena_array(r->arena, uint8_t, of->id + 1),
                   .sum = arena_array(r->arena, Node *, of->id + 1)};
    mark_wanted(&cx, of, wrt, wrt_count);
    const Symbol *part = r->part;
    int is_backward = r->is_backward;
    r->is_backward = 1;
    if (cx.wanted[of->id]) cx.sum[of->id] = graph_number(r, 1, of->dtype, 0, NULL, of->span);
    for (uint32_t id = of->id + 1; id-- > 0;) {
        Node *n = r->nodes.data[id];
        const OwnGradient *own = map_get(&r->own_gradients, n);
        r->part = n->part; /* a derivative is the work of the layer whose values it goes through */
        if (own) {
            if (n == own->outputs[0] && wants_input(&cx, own)) apply_own(&cx, own, of->id);
            continue;
        }
        if (cx.sum[id] && wants_operand(&cx, n)) gradient_rule[n->op](&cx, n, cx.sum[id]);
    }
    r->part = part;
    r->is_backward = is_backward;
    for (int i = 0; i < wrt_count; i++) gradients[i] = wrt[i]->id <= of->id ? cx.sum[wrt[i]->id] : NULL;
}
