/* What is certainly not meant, though nothing keeps the program from running: weights that no gradient reaches, losses
 * that do not depend on what is learned from, figures that never change.  Looks at the typed program, and only where it
 * has no errors. */
#include "lang/check_flow.h"
#include "lang/check_program.h"
#include "lang/check_reach.h"

#include <string.h>

typedef struct Advice {
    Checker *cx;
    FlowWalk gradient, all;
} Advice;

static Advice *advice_new(Checker *cx) {
    Advice *a = arena_new(cx->arena, Advice);
    a->cx = cx;
    a->gradient = (FlowWalk){.cx = cx, .mode = FLOW_GRADIENT};
    a->all = (FlowWalk){.cx = cx, .mode = FLOW_ALL};
    return a;
}

/* ---- weights that nothing reaches ----------------------------------------------------------- */

enum { SHOWN_PATHS = 3 };

/* "`Net.head.w`, `Net.head.b` and 2 more" */
static const char *paths_text(Checker *cx, const Symbol *const *paths, int count) {
    Text text = text_new(cx->arena);
    int shown = count > SHOWN_PATHS + 1 ? SHOWN_PATHS : count;
    for (int i = 0; i < shown; i++)
        text_printf(&text, "%s`%s`", !i ? "" : i == count - 1 ? " and " : ", ", paths[i]->text);
    if (shown < count) text_printf(&text, " and %d more", count - shown);
    return text_str(&text);
}

/* The part that has the weight. */
static const Layout *owner_of(const Layout *layout, const Weight *weight) {
    for (int i = 0; i < layout->weights.len; i++)
        if (layout->weights.data[i] == weight) return layout;
    const Layout *owner = NULL;
    for (int i = 0; i < layout->parts.len && !owner; i++) owner = owner_of(layout->parts.data[i].layout, weight);
    return owner;
}

/* Some weight of the instance is reached; that none is, check_minimize.c says. */
static int is_in_use(const Sink *loss, const Instance *instance) {
    const TStmt *s = loss->stmt;
    for (int i = 0; i < s->updates.len; i++)
        if (s->updates.data[i].instance == instance && flow_reaches(&loss->flow, s->updates.data[i].path)) return 1;
    return 0;
}

static void warn_unreached(Advice *a, const Sink *loss) {
    const TStmt *s = loss->stmt;
    Vec(const Symbol *) missed = {0};
    const Weight *first = NULL;
    for (int i = 0; i < s->updates.len; i++) {
        if (flow_reaches(&loss->flow, s->updates.data[i].path) || !is_in_use(loss, s->updates.data[i].instance)) continue;
        if (!first) first = s->updates.data[i].weight;
        vec_push(a->cx->arena, &missed, s->updates.data[i].path);
    }
    if (!missed.len) return;
    Diag *diag = check_error(a->cx, s->value->span, W_NO_GRADIENT, "no gradient of this loss reaches %s",
                             paths_text(a->cx, missed.data, missed.len));
    const Layout *owner = owner_of(s->updates.data[0].instance->layout, first);
    check_label(a->cx, diag, owner ? owner->span : first->span, "the loss does not depend on the weights made here");
    if (loss->flow.cut.end) check_label(a->cx, diag, loss->flow.cut, "a gradient ends here");
    check_note(a->cx, diag, "%s", missed.len == 1 ? "it is never changed by this `minimize`"
                                                  : "they are never changed by this `minimize`");
}

/* ---- steps ---------------------------------------------------------------------------------- */

static int depends_on(const Flow *flow, const TStep *step) {
    for (int i = 0; i < step->inputs.len; i++)
        if (map_has(&flow->inputs, step->inputs.data[i])) return 1;
    return 0;
}

static void check_inputs(Advice *a, const TStep *step) {
    const Sink *first = NULL;
    if (!step->inputs.len) return;
    for (int i = 0; i < a->all.sinks.len; i++) {
        const Sink *sink = &a->all.sinks.data[i];
        if (sink->stmt->kind != TS_MINIMIZE) continue;
        if (sink->flow.is_unknown || depends_on(&sink->flow, step)) return;
        if (!first) first = sink;
    }
    if (!first) return;
    Diag *diag = check_error(a->cx, first->stmt->value->span, W_INPUT_IGNORED,
                             "this loss does not depend on any input of its step");
    check_label(a->cx, diag, step->inputs.data[0]->span, "nothing is learned from this");
}

static void check_reports(Advice *a) {
    for (int i = 0; i < a->all.sinks.len; i++) {
        const Sink *sink = &a->all.sinks.data[i];
        const Flow *flow = &sink->flow;
        if (sink->stmt->kind != TS_REPORT || flow->is_unknown || flow->is_random || flow->inputs.len || flow->paths.len)
            continue;
        check_error(a->cx, sink->stmt->value->span, W_CONSTANT_REPORT, "`%s` is the same in every step",
                    sink->stmt->name->text);
    }
}

static void check_one_step(Advice *a, const TStep *step) {
    flow_step(&a->gradient, step);
    flow_step(&a->all, step);
    for (int i = 0; i < a->gradient.sinks.len; i++) {
        const Sink *sink = &a->gradient.sinks.data[i];
        if (sink->stmt->kind != TS_MINIMIZE || !sink->stmt->updates.len) continue;
        if (!sink->flow.is_unknown) warn_unreached(a, sink);
    }
    check_inputs(a, step);
    check_reports(a);
}

static int changes_weights(const TBlock *block) {
    for (int i = 0; block && i < block->statements.len; i++) {
        const TStmt *s = block->statements.data[i];
        if (s->kind == TS_MINIMIZE || s->kind == TS_SET_WEIGHT || (s->value && s->value->kind == T_STEP_CALL)) return 1;
        if (changes_weights(s->block) || changes_weights(s->otherwise)) return 1;
    }
    return 0;
}

static void check_train_block(Advice *a, const TTrain *train) {
    if (!train->step) return;
    check_one_step(a, train->step);
    for (int i = 0; i < train->validates.len; i++) check_one_step(a, train->validates.data[i]);
    if (changes_weights(train->step->body)) return;
    Diag *diag = check_error(a->cx, train->step->span, W_NO_MINIMIZE, "this `step` changes no weights: nothing is trained");
    check_fix(a->cx, diag, "minimize ... using adam[lr=1e-3]");
}

static void check_statements(Advice *a, const TBlock *block);

static void check_value(Advice *a, const Tx *tx) {
    if (!tx) return;
    if (tx->kind == T_TRAIN) check_train_block(a, tx->train);
    for (int i = 0; i < tx->args.len; i++) check_value(a, tx->args.data[i]);
    if (tx->block) check_statements(a, tx->block);
    if (tx->otherwise) check_statements(a, tx->otherwise);
}

static void check_statements(Advice *a, const TBlock *block) {
    for (int i = 0; i < block->statements.len; i++) {
        const TStmt *s = block->statements.data[i];
        check_value(a, s->value);
        if (s->block) check_statements(a, s->block);
        if (s->otherwise) check_statements(a, s->otherwise);
    }
    check_value(a, block->value);
}

void check_advice(Checker *cx) {
    Advice *a = advice_new(cx);
    for (int i = 0; i < cx->program->steps.len; i++) check_one_step(a, cx->program->steps.data[i]);
    for (int i = 0; i < cx->program->statements.len; i++) {
        const TStmt *s = cx->program->statements.data[i];
        check_value(a, s->value);
        if (s->block) check_statements(a, s->block);
        if (s->otherwise) check_statements(a, s->otherwise);
    }
}
