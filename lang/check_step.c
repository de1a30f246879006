/* Steps of the program, and what they report. */
#include "lang/check_bind.h"
#include "lang/check_expression.h"
#include "lang/check_program.h"
#include "lang/check_train.h"

#include <string.h>

/* ---- reports -------------------------------------------------------------------------------- */

/* The arguments of `ratio(a, b)` or `last(a)`, where no function of that name is declared. */
static const AstList *report_form(Checker *cx, const Ast *value, const char *name) {
    value = ast_ungroup(value);
    if (value->kind != AST_CALL) return NULL;
    const Ast *callee = ast_ungroup(value->call.callee);
    if (callee->kind != AST_NAME || strcmp(callee->name->text, name) != 0 ||
        scope_find(cx, callee->name))
        return NULL;
    return &value->call.args;
}

static const Tx *report_value(Checker *cx, const Ast *ast) {
    const Tx *value = settle(cx, check_expression(cx, ast, NULL));
    if (is_error(value) || type_is_scalar(value->type)) return value;
    Diag *diag = check_error(cx, ast->span, E_REPORT, "a report is one number, this is %s",
                             type_shown(cx, value->type));
    check_fix_wrap(cx, diag, ast->span, "mean(", ")", "mean(...)");
    return tx_error(cx, ast->span);
}

void check_report(Checker *cx, const Ast *ast, TBlock *out) {
    Body *body = cx->body;
    if (body->kind != BODY_STEP && body->kind != BODY_VALIDATE) {
        check_error(cx, ast->span, E_PLACE, "`report` stands in a `step` or `validate`");
        return;
    }
    AstName name = ast->named.name;
    if (body->loop_depth || body->branch_depth) {
        Diag *diag = check_error(cx, ast->span, E_REPORT, "`%s` is one number for each call, and stands in %s",
                                 name.symbol ? name.symbol->text : "a report", body->loop_depth ? "a loop" : "a branch");
        if (body->loop_depth)
            check_fix(cx, diag, "let the loop `yield` it, and report the mean of the yields behind the loop");
        else check_fix(cx, diag, "make the `if` the value that is reported");
    }
    if (map_has(&body->reports, name.symbol))
        check_error(cx, name.span, E_REPORT, "`%s` is reported twice", name.symbol->text);
    map_set(cx->arena, &body->reports, name.symbol, body);
    TStmt *stmt = arena_new(cx->arena, TStmt);
    *stmt =
        (TStmt){.kind = TS_REPORT, .span = ast->span, .name = name.symbol, .report = REPORT_MEAN};
    const AstList *ratio = report_form(cx, ast->named.value, "ratio"),
                  *last = report_form(cx, ast->named.value, "last");
    if ((ratio && ratio->len != 2) || (last && last->len != 1)) {
        check_error(cx, ast->named.value->span, E_ARGUMENT_COUNT,
                    ratio ? "`ratio` takes two numbers" : "`last` takes one number");
        return;
    }
    stmt->value = report_value(cx, ratio  ? ratio->data[0]
                                   : last ? last->data[0]
                                          : ast->named.value);
    if (ratio) {
        stmt->second = report_value(cx, ratio->data[1]);
        stmt->report = REPORT_RATIO;
    } else if (last) {
        stmt->report = REPORT_LAST;
    }
    vec_push(cx->arena, &body->report_fields, ((TypeField){name.symbol, type_scalar(cx, DT_F32)}));
    if (!is_error(stmt->value) && !(stmt->second && is_error(stmt->second)))
        vec_push(cx->arena, &out->statements, stmt);
}

/* ---- what a body sees ---------------------------------------------------------------------- */

int check_outside(Checker *cx, const Tx *tx, Span span) {
    if (tx->kind != T_VARIABLE) return 1;
    const TVariable *v = tx->variable;
    int is_program = is_program_kind(cx->body->kind);
    if (v->is_pass_state && is_program) {
        Diag *diag = check_error(cx, span, E_PASS_STATE,
                                 "`%s` belongs to the step and to each `validate` of this block, which have their own",
                                 v->name->text);
        check_label(cx, diag, v->span, "declared here");
        return 0;
    }
    if (!v->is_global || !v->is_mutable || is_program) return 1;
    Diag *diag = check_error(cx, span, E_OUTSIDE_VAR, "`%s` is a `var` of the program, which compiled code does not see",
                             v->name->text);
    check_label(cx, diag, v->span, "declared here");
    check_fix(cx, diag, cx->body->train || cx->body->kind != BODY_STEP ? "`let now = %s` before it, and read that"
                                                                        : "give it as an input",
              v->name->text);
    return 0;
}

static int expression_minimizes(const Tx *tx) {
    if (tx->kind == T_STEP_CALL && has_minimize(tx->step->body)) return 1;
    for (int i = 0; i < tx->args.len; i++)
        if (expression_minimizes(tx->args.data[i])) return 1;
    if (tx->kind == T_FOR && has_minimize(tx->loop->block)) return 1;
    return (tx->block && has_minimize(tx->block)) || (tx->otherwise && has_minimize(tx->otherwise));
}

int has_minimize(const TBlock *block) {
    for (int i = 0; i < block->statements.len; i++) {
        const TStmt *stmt = block->statements.data[i];
        if (stmt->kind == TS_MINIMIZE || (stmt->value && expression_minimizes(stmt->value)) ||
            (stmt->block && has_minimize(stmt->block)) || (stmt->otherwise && has_minimize(stmt->otherwise)))
            return 1;
    }
    return block->value && expression_minimizes(block->value);
}

/* ---- steps ---------------------------------------------------------------------------------- */

/* Inputs of a step of the program: declared types, an open leading size is a run-time batch. */
static void declare_step_inputs(Checker *cx, TStep *step, const AstFunction *function) {
    for (int i = 0; i < function->inputs.len; i++) {
        const Ast *input = function->inputs.data[i];
        const Type *type = bind_rigid_type(cx, input->declare.type);
        for (int k = 0; type->kind == TY_TENSOR && k < type->rank; k++) {
            DimName *name = (DimName *)(uintptr_t)dim_as_name(type->axes[k].dim);
            if (!name || name->is_runtime) continue;
            name->is_runtime = 1;
            if (k == 0 && !step->batch) step->batch = name;
        }
        TVariable *v = variable_new(cx, input->declare.name.symbol, type, input->span);
        Binding *b = scope_declare(cx, input->declare.name, BIND_VALUE, 0);
        b->is_quiet = 1;
        b->tx = is_error_type(type) ? tx_error(cx, input->span) : tx_variable(cx, v, input->span);
        vec_push(cx->arena, &step->inputs, v);
    }
}

static void mark_open_sizes(const TStep *step, int is_batch) {
    for (int i = 0; i < step->inputs.len; i++) {
        const Type *type = step->inputs.data[i]->type;
        for (int k = 0; type->kind == TY_TENSOR && k < type->rank; k++) {
            DimName *name = (DimName *)(uintptr_t)dim_as_name(type->axes[k].dim);
            if (name && name->is_runtime) name->is_batch = is_batch;
        }
    }
}

static const Type *reports_type(Checker *cx, Body *body) {
    return type_list(cx, TY_RECORD, body->report_fields.data, body->report_fields.len);
}

static void add_called_reports(Checker *cx, Body *body) {
    for (int i = 0; i < body->called_reports.len; i++) {
        const TypeField *field = &body->called_reports.data[i];
        if (map_has(&body->reports, field->name)) continue;
        map_set(cx->arena, &body->reports, field->name, body);
        vec_push(cx->arena, &body->report_fields, *field);
    }
}

void check_step_body(Checker *cx, TStep *step, Body *body, const AstFunction *function) {
    const Type *result = function->result ? check_type(cx, function->result) : NULL;
    TBlock *block = (TBlock *)(uintptr_t)check_block(cx, function->body, result, result != NULL);
    if (result && block->value)
        block->value = coerce(cx, block->value, result, "the result of this step");
    if (result && !block->value)
        check_error(cx, block_end(function->body), E_NO_VALUE,
                    "this step gives %s, but its body ends without a value",
                    type_shown(cx, result));
    if (!body->is_generic) warn_frozen(cx);
    step->body = block;
    step->conditions = body->conditions;
    add_called_reports(cx, body);
    step->result = result ? result : reports_type(cx, body);
}

/* What its `given` says: checked, else left to the run; facts of the body. */
static void check_step_given(Checker *cx, const TStep *step, Body *body, const AstFunction *function) {
    const Ast *wrong = false_given(cx, function, step->name);
    if (wrong) {
        check_error(cx, wrong->span, E_GIVEN, "`%s` is false whatever the step is given", source_text(cx, wrong->span));
        return;
    }
    add_given_facts(cx, body, function);
}

/* A step that takes a tuple is a part of the steps that call it, never one by itself. */
static int takes_arrays(const TStep *step) {
    for (int i = 0; i < step->inputs.len; i++)
        if (step->inputs.data[i]->type->kind != TY_TENSOR) return 0;
    return 1;
}

TStep *check_step(Checker *cx, Declared *d) {
    if (d->step) return d->step;
    if (is_open_step(d)) ICE("the step %s is for each use", d->name->text);
    int before = cx->session->diags.error_count;
    TStep *step = arena_new(cx->arena, TStep);
    d->step = step;
    *step = (TStep){.name = d->name, .span = d->ast->span};
    Body body = {.kind = BODY_STEP, .declared = d, .training = 1, .step = step};
    Outside outside = body_enter(cx, &body, home_scope(cx, d));
    declare_step_inputs(cx, step, &d->ast->function);
    mark_open_sizes(step, 1);
    check_step_given(cx, step, &body, &d->ast->function);
    d->is_running++;
    check_step_body(cx, step, &body, &d->ast->function);
    d->is_running--;
    mark_open_sizes(step, 0); /* a call may give it any size */
    body_leave(cx, outside);
    d->is_broken = cx->session->diags.error_count > before;
    if (!d->is_broken && takes_arrays(step)) vec_push(cx->arena, &cx->program->steps, step);
    return step;
}

/* ---- C functions ----------------------------------------------------------------------------- */

void check_extern(Checker *cx, Declared *d) {
    const AstFunction *function = &d->ast->function;
    cx->scope = home_scope(cx, d);
    scope_push(cx);
    for (int i = 0; i < function->inputs.len; i++) {
        const Ast *input = function->inputs.data[i];
        if (input->declare.type) bind_rigid_type(cx, input->declare.type);
        else
            check_fix(cx, check_error(cx, input->span, E_NO_TYPE, "an input of a C function needs its type"),
                      "%s: f32", input->declare.name.symbol ? input->declare.name.symbol->text : "x");
    }
    if (function->result) check_type(cx, function->result);
    else
        check_fix(cx, check_error(cx, d->ast->span, E_NO_TYPE, "`%s` needs the type of its result", d->name->text),
                  "extern fn %s(...) -> f32", d->name->text);
    scope_pop(cx);
}
