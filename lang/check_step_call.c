/* Calls of steps.
 *
 * A step whose inputs all have types without `..` is one compiled procedure: called from the program, the sizes that are
 * open in it are those of the arguments.  One with static parameters, or with an input that only a call decides, is open:
 * checked generically once, then elaborated for each use, and uses that give the same share one.  Called from another
 * step, every step is elaborated for the call, as a part of that step's body. */
#include "lang/check_bind.h"
#include "lang/check_program.h"
#include "lang/check_train.h"

#include <string.h>

/* An open step as the program calls it. */
typedef struct StepUse {
    Binding **statics;
    const Type **types;
    TStep *step;
    struct StepUse *next;
} StepUse;

/* ---- what is open ----------------------------------------------------------------------------- */

static void search_open(void *context, const Ast *ast) {
    int *found = context;
    if (ast->kind == AST_REST) *found = 1;
    if (ast->kind == AST_NAME && (!strcmp(ast->name->text, "any") || !strcmp(ast->name->text, "float"))) *found = 1;
    if (!*found) ast_children(ast, search_open, context);
}

int is_open_step(const Declared *d) {
    const AstFunction *function = &d->ast->function;
    int found = function->statics.len > 0;
    for (int i = 0; !found && i < function->inputs.len; i++) {
        const Ast *type = function->inputs.data[i]->declare.type;
        if (type) search_open(&found, type);
        found |= !type;
    }
    return found;
}

int check_open_step(Checker *cx, Declared *d) {
    if (d->is_called) return !d->is_broken;
    d->is_called = 1;
    d->is_running++;
    check_generic(cx, d);
    d->is_running--;
    return !d->is_broken;
}

/* ---- for the sizes of a call ------------------------------------------------------------------ */

/* The open sizes of a step take those of the call, the same everywhere in it; the largest is
 * planned for. */
static int bind_open_sizes(Checker *cx, Map *sizes, const Type *wanted, const Tx *arg) {
    for (int i = 0; wanted->kind == TY_TENSOR && arg->type->kind == TY_TENSOR && i < wanted->rank &&
                    i < arg->type->rank;
         i++) {
        DimName *name = (DimName *)(uintptr_t)dim_as_name(wanted->axes[i].dim);
        if (!name || !name->is_runtime) continue;
        const Axis *axis = &arg->type->axes[i], *before = map_get(sizes, name);
        int64_t bound;
        if (!dim_upper_bound(axis->dim, &bound) && bound > name->maximum) name->maximum = bound;
        if (!before) map_set(cx->arena, sizes, name, (void *)(uintptr_t)axis);
        else if (compare_dims(cx, before->dim, axis->dim) == DIM_DIFFERENT) {
            Diag *diag =
                check_error(cx, arg->span, E_ARGUMENT_SHAPE, "`%s` is %s and %s in one call",
                            name->name->text, dim_shown(cx, before->dim), dim_shown(cx, axis->dim));
            label_axis(cx, diag, before);
            label_axis(cx, diag, axis);
            return 0;
        }
    }
    return 1;
}

/* Numbers in brackets first, then the inputs, as variables of the body. */
static void declare_arguments(Checker *cx, TStep *step, const Bind *bind) {
    bind_rates(cx, bind, &step->inputs);
    for (int i = 0; i < bind->function->inputs.len; i++) {
        const Ast *input = bind->function->inputs.data[i];
        vec_push(cx->arena, &step->inputs,
                 scope_variable(cx, input->declare.name.symbol, bind->args[i]->type, input->span));
    }
}

static const Tx *step_call_tx(Checker *cx, const TStep *step, const Bind *bind) {
    Tx *tx = tx_new(cx, T_STEP_CALL, step->result, bind->span);
    tx->step = step;
    add_arguments(cx, tx, bind);
    tx->is_pure = 0;
    return call_with_site(cx, tx, bind->name);
}

static TStep *find_use(const Declared *d, const Bind *bind) {
    for (const StepUse *use = d->elaborated; use; use = use->next) {
        int is_same = same_statics(use->statics, bind->statics, bind->function->statics.len);
        for (int i = 0; is_same && i < bind->function->inputs.len; i++)
            is_same = identical_types(use->types[i], bind->args[i]->type);
        if (is_same) return use->step;
    }
    return NULL;
}

static void keep_use(Checker *cx, Declared *d, const Bind *bind, TStep *step) {
    int count = bind->function->inputs.len;
    StepUse *use = arena_new(cx->arena, StepUse);
    *use = (StepUse){bind->statics, arena_array(cx->arena, const Type *, count), step, d->elaborated};
    for (int i = 0; i < count; i++) use->types[i] = bind->args[i]->type;
    d->elaborated = use;
    vec_push(cx->arena, &cx->program->steps, step);
}

/* The program hands arrays to a step. */
static int is_tensor(Checker *cx, const Tx *arg) {
    if (arg->type->kind == TY_TENSOR || is_error(arg)) return 1;
    Diag *diag = check_error(cx, arg->span, E_STEP_ARGUMENT, "the program gives tensors to a step, and this is %s",
                             type_shown(cx, arg->type));
    if (arg->type->kind == TY_INSTANCE) check_fix(cx, diag, "let the step name the instance: it sees those of the program");
    if (arg->type->kind == TY_TUPLE) check_fix(cx, diag, "give its items one by one, each to an input of its own");
    return 0;
}

static int takes_tensors(Checker *cx, const Bind *bind) {
    for (int i = 0; i < bind->function->inputs.len; i++)
        if (!is_tensor(cx, bind->args[i])) return 0;
    return 1;
}

/* The step for what the call gives, in a scope and body of its own; NULL after a diagnostic. */
static TStep *elaborate_step(Checker *cx, Declared *d, Bind *bind, Body *body) {
    int is_inside = bind->caller->kind == BODY_STEP;
    if (bind_in_body(cx, bind, body) != BIND_DONE || (!is_inside && !takes_tensors(cx, bind))) return NULL;
    TStep *known = is_inside ? NULL : find_use(d, bind);
    if (known) return known;
    int before = cx->session->diags.error_count;
    const Tx **args = bind->args; /* the body's own names may not disturb them */
    declare_arguments(cx, body->step, bind);
    add_given_facts(cx, body, bind->function);
    d->is_running++;
    check_step_body(cx, body->step, body, bind->function);
    d->is_running--;
    bind->args = args;
    if (cx->session->diags.error_count > before) return NULL;
    if (!is_inside) keep_use(cx, d, bind, body->step);
    for (int i = 0; is_inside && i < body->report_fields.len; i++)
        vec_push(cx->arena, &bind->caller->called_reports, body->report_fields.data[i]);
    return body->step;
}

static const Tx *call_elaborated(Checker *cx, Callable *callee, const Argument *args, int count, Span span) {
    Declared *d = callee->declared;
    if (d->is_running) {
        check_error(cx, span, E_RECURSION, "the step `%s` calls itself without end", d->name->text);
        return tx_error(cx, span);
    }
    TStep *step = arena_new(cx->arena, TStep);
    *step = (TStep){.name = d->name, .span = d->ast->span};
    Bind bind = bind_new(cx, d, callee->items, callee->scope, args, count, span);
    Body *body = arena_new(cx->arena, Body), *caller = cx->body;
    *body = (Body){.kind = BODY_STEP,
                   .caller = caller,
                   .call = span,
                   .declared = d,
                   .is_generic = caller->is_generic,
                   .training = 1,
                   .step = step};
    Outside outside = body_enter(cx, body, home_scope(cx, d));
    step = elaborate_step(cx, d, &bind, body);
    body_leave(cx, outside);
    return step ? step_call_tx(cx, step, &bind) : tx_error(cx, span);
}

/* ---- one procedure ---------------------------------------------------------------------------- */

static const Tx *call_closed(Checker *cx, const TStep *step, const Argument *args, int count, Span span) {
    const char *name = step->name->text;
    if (count != step->inputs.len) {
        check_error(cx, span, E_ARGUMENT_COUNT, "`%s` takes %d %s, %d given", name, step->inputs.len,
                    step->inputs.len == 1 ? "argument" : "arguments", count);
        return tx_error(cx, span);
    }
    Tx *tx = tx_new(cx, T_STEP_CALL, step->result, span);
    tx->step = step;
    Map sizes = {0};
    for (int i = 0; i < count; i++) {
        const Tx *arg = coerce(cx, args[i].tx, step->inputs.data[i]->type,
                               arena_printf(cx->arena, "`%s` of `%s`", step->inputs.data[i]->name->text, name));
        if (is_error(arg) || !is_tensor(cx, arg) || !bind_open_sizes(cx, &sizes, step->inputs.data[i]->type, arg)) return tx_error(cx, span);
        tx_add(cx, tx, arg);
    }
    if (report_false_condition(cx, &step->conditions, &sizes, span)) return tx_error(cx, span);
    tx->is_pure = 0;
    return tx;
}

const Tx *call_step(Checker *cx, Callable *callee, const Argument *args, int count, Span span) {
    Declared *d = callee->declared;
    int is_open = is_open_step(d), is_inside = cx->body->kind == BODY_STEP;
    const TStep *step = is_open ? NULL : check_step(cx, d);
    if (is_open ? !check_open_step(cx, d) : d->is_broken) return tx_error(cx, span);
    if (!is_inside && !is_program_kind(cx->body->kind)) {
        check_error(cx, span, E_PLACE,
                    "the step `%s` is called from the program or another step, not from other compiled code",
                    callee->name->text);
        return tx_error(cx, span);
    }
    if (is_open || is_inside || callee->items) return call_elaborated(cx, callee, args, count, span);
    return call_closed(cx, step, args, count, span);
}
