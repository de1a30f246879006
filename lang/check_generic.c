/* The generic check of a declaration: head and body once, with rigid names, so that a mistake in it is found without any
 * use. */
#include "lang/check_bind.h"
#include "lang/check_expression.h"
#include "lang/check_program.h"
#include "lang/check_train.h"

void warn_bound_once(Checker *cx, const Scope *scope) {
    for (int i = 0; i < scope->names.len; i++) {
        const Binding *b = scope->names.entries[i].value;
        if (b->kind != BIND_DIM || b->number != 1 || b->use_count) continue;
        Diag *diag = check_error(cx, b->span, W_BOUND_ONCE,
                                 "the dimension `%s` is named and never used again", b->name->text);
        check_fix_edit(cx, diag, b->span, "_", "write `_` for a size that does not matter");
    }
}

static void generic_inputs(Checker *cx, Declared *d) {
    const AstFunction *function = &d->ast->function;
    bind_rigid_names(cx, function);
    for (int i = 0; i < function->inputs.len; i++) {
        const Ast *input = function->inputs.data[i];
        const Type *type =
            input->declare.type ? bind_rigid_type(cx, input->declare.type) : type_error(cx);
        Binding *b = scope_declare(cx, input->declare.name, BIND_VALUE, 0);
        b->is_quiet = 1;
        b->tx =
            is_error_type(type)
                ? tx_error(cx, input->span)
                : tx_variable(cx, variable_new(cx, input->declare.name.symbol, type, input->span),
                              input->span);
        if (input->declare.value && !is_error_type(type))
            coerce(cx, check_expression(cx, input->declare.value, type), type, "the default");
    }
}

void generic_function(Checker *cx, Declared *d, Body *body) {
    const AstFunction *function = &d->ast->function;
    int before = cx->session->diags.error_count;
    bind_rigid_statics(cx, function);
    generic_inputs(cx, d);
    int has_bad_inputs = cx->session->diags.error_count > before;
    cx->quiet += has_bad_inputs; /* the names that they would bind are missing below */
    add_given_facts(cx, body, function);
    const Type *result = function->result ? check_type(cx, function->result) : NULL;
    d->is_signature_broken = cx->session->diags.error_count > before;
    TFunction ignored = {0};
    if (d->ast->kind == AST_OPTIMIZER) {
        scope_variable(cx, symbol(&cx->session->symbols, "t"), type_scalar(cx, DT_I64), d->ast->span);
        const Type *any = bind_rigid_any(cx);
        for (int i = 0; i < function->inputs.len; i++) {
            Binding *b = map_get(&cx->scope->names, function->inputs.data[i]->declare.name.symbol);
            if (b && is_error(b->tx)) {
                TVariable *v = variable_new(cx, b->name, any, b->span);
                v->is_mutable = i == 0;
                b->tx = tx_variable(cx, v, b->span);
            }
        }
    }
    if (body->kind == BODY_STEP) check_step_body(cx, body->step, body, function);
    else check_function_body(cx, d, result, &ignored);
    cx->quiet -= has_bad_inputs;
}

void check_generic(Checker *cx, Declared *d) {
    Body body = {.kind = is_procedure(cx, d)               ? BODY_PROCEDURE
                         : d->ast->kind == AST_FN          ? BODY_FN
                         : d->ast->kind == AST_OPTIMIZER ? BODY_OPTIMIZER
                         : d->ast->kind == AST_STEP      ? BODY_STEP
                                                         : BODY_LAYER,
                 .declared = d,
                 .is_generic = 1,
                 .training = d->ast->kind == AST_STEP ? 1 : -1};
    if (body.kind == BODY_STEP) body.step = arena_new(cx->arena, TStep);
    if (body.kind == BODY_LAYER) body.built = built_new(cx, d, NULL, NULL, d->ast->span);
    int quiet = cx->quiet, before = cx->session->diags.error_count;
    cx->quiet = 0;
    Outside outside = body_enter(cx, &body, home_scope(cx, d));
    Scope *inner = cx->scope;
    if (body.built) body.built->rigid = inner;
    generic_function(cx, d, &body);
    d->is_broken = cx->session->diags.error_count > before;
    if (!d->is_broken && !d->is_library) {
        if (body.kind != BODY_STEP) warn_bound_once(cx, inner);
        warn_unused_parameters(cx, d->ast, inner);
    }
    body_leave(cx, outside);
    d->is_broken = cx->session->diags.error_count > before;
    cx->quiet = quiet;
}
