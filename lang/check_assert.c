/* assert_gradient(f, x): the derivative of a function of one tensor, compared with differences.  The checker makes the
 * function's value and gradient at a variable of its own, which the run moves. */
#include "lang/check_expression.h"
#include "lang/check_program.h"

static int is_assert_gradient(Checker *cx, const Ast *callee) {
    callee = ast_ungroup(callee);
    const Binding *b = callee->kind == AST_NAME ? scope_find(cx, callee->name) : NULL;
    return b && b->kind == BIND_PROCEDURE && b->number == PROC_ASSERT_GRADIENT;
}

/* Where the derivative is asked for: floats; NULL after a diagnostic. */
static const Tx *point(Checker *cx, const Ast *ast) {
    const Tx *x = check_expression(cx, ast, NULL);
    if (is_error(x)) return NULL;
    int is_number = x->type->kind == TY_TENSOR && (x->type->is_literal || is_literal_list(x));
    x = is_number && !dtype_is_float(x->type->dtype) ? convert_element(cx, x, DT_F32, NULL) : settle(cx, x);
    if (is_error(x)) return NULL;
    int is_float = x->type->kind == TY_TENSOR && (x->type->dtype == DT_F32 || x->type->dtype == DT_F64);
    if (is_float && !x->type->index_bound) return x;
    check_error(cx, ast->span, E_GRADIENT_BY, "`assert_gradient` moves a tensor of f32 or f64, this is %s",
                type_shown(cx, x->type));
    return NULL;
}

/* NULL after a diagnostic. */
static Callable *function(Checker *cx, const Ast *ast) {
    int before = cx->session->diags.error_count;
    Callable *f = check_callable(cx, ast);
    if (f || cx->session->diags.error_count > before) return f;
    if (ast->kind == AST_NAME && !scope_find(cx, ast->name)) unknown_name(cx, (AstName){ast->name, ast->span}, "function");
    else check_error(cx, ast->span, E_NOT_CALLABLE, "`assert_gradient` takes a function of one tensor, this is a value");
    return NULL;
}

const Tx *check_assert_gradient(Checker *cx, const Ast *ast) {
    const AstList *args = &ast->call.args;
    if (!is_assert_gradient(cx, ast->call.callee) || !is_program_kind(cx->body->kind)) return NULL;
    if (args->len != 2) {
        check_error(cx, ast->span, E_ARGUMENT_COUNT, "`assert_gradient` takes a function of one tensor, then the tensor");
        return tx_error(cx, ast->span);
    }
    Callable *f = function(cx, ast_ungroup(args->data[0]));
    if (!f) return tx_error(cx, ast->span);
    const Tx *x = point(cx, args->data[1]);
    if (!x || f->kind == CALL_ERROR) return tx_error(cx, ast->span);
    TVariable *at = variable_new(cx, symbol(&cx->session->symbols, "(point)"), x->type, args->data[1]->span);
    at->is_global = 1;
    Argument given = {tx_variable(cx, at, args->data[1]->span), NULL, args->data[1]->span};
    const Tx *value = call(cx, f, &given, 1, ast->span, NULL);
    if (is_error(value)) return tx_error(cx, ast->span);
    const Tx *gradient = gradient_of(cx, value, given.tx, ast->span);
    if (is_error(gradient)) return gradient;
    Tx *tx = tx_new(cx, T_PROCEDURE, type_unit(cx), ast->span);
    tx->procedure = PROC_ASSERT_GRADIENT;
    tx->variable = at;
    const Tx *parts[3] = {x, value, gradient};
    for (int i = 0; i < 3; i++) {
        tx_add(cx, tx, parts[i]);
        vec_push(cx->arena, &tx->argument_names, NULL);
    }
    tx->is_pure = 0;
    return tx;
}
