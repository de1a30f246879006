/* grad(expr, x) as a value, and `gradient(dy) { }` of a function, which replaces its derivative. */
#include "lang/check_bind.h"
#include "lang/check_expression.h"
#include "lang/check_program.h"
#include "lang/check_reach.h"
#include "lang/check_record.h"

/* ---- grad ----------------------------------------------------------------------------------- */

static int is_place(const Tx *tx) {
    while (tx->kind == T_PART || tx->kind == T_WEIGHT) tx = tx->args.data[0];
    return tx->kind == T_VARIABLE || tx->kind == T_INSTANCE || tx->kind == T_SELF || tx->kind == T_OPTION;
}

/* Something with a name, of floats; 0 after a diagnostic. */
static int is_differentiable(Checker *cx, const Tx *by) {
    if (!is_place(by)) {
        Diag *diag = check_error(cx, by->span, E_GRADIENT_BY,
                                 "`grad` differentiates by something with a name: a parameter, a `let`, a `var`, an "
                                 "instance or a weight");
        check_primary(cx, diag, "this is an expression of type %s", type_shown(cx, by->type));
        check_fix(cx, diag, "name it with `let` and use the name in both places");
        return 0;
    }
    if (is_record(by)) return record_is_known(cx, by);
    if (by->type->kind == TY_TENSOR && dtype_is_float(by->type->dtype) && !by->type->index_bound) return 1;
    check_error(cx, by->span, E_GRADIENT_BY, "`grad` differentiates by floats, this is %s", type_shown(cx, by->type));
    return 0;
}

/* At program level every statement has run before the next: what a name holds there has no history. */
static int has_history(Checker *cx, const Tx *of, const Tx *by) {
    if (cx->body->kind != BODY_PROGRAM && cx->body->kind != BODY_TEST && cx->body->kind != BODY_TRAIN) return 1;
    if (reaches(cx, of, by)) return 1;
    Diag *diag = check_error(cx, of->span, E_GRADIENT_BY,
                             "this was computed before, by a statement of its own: nothing leads back from it");
    check_label(cx, diag, by->span, "to this");
    check_fix(cx, diag, "write the expression itself inside `grad`, or a `fn` or `step` around both");
    return 0;
}

const Tx *gradient_of(Checker *cx, const Tx *of, const Tx *by, Span span) {
    if (!type_is_scalar(of->type) || !dtype_is_float(of->type->dtype)) {
        Diag *diag = check_error(cx, of->span, E_LOSS, "`grad` differentiates a scalar of floats, this is %s",
                                 type_shown(cx, of->type));
        check_fix(cx, diag, "mean(...) or sum(...)");
        return tx_error(cx, span);
    }
    if (!is_differentiable(cx, by) || !has_history(cx, of, by)) return tx_error(cx, span);
    const Tx *root = by;
    while (root->kind == T_PART || root->kind == T_WEIGHT) root = root->args.data[0];
    const void *what = root->kind == T_VARIABLE ? (const void *)root->variable
                       : root->kind == T_OPTION ? (const void *)root->option
                                                : (const void *)root->instance;
    if (what && passes_open_loop(cx, of, what)) return tx_error(cx, span);
    if (root->kind == T_VARIABLE) root->variable->is_differentiated = 1;
    Tx *tx = tx_new(cx, T_GRADIENT, by->type, span);
    tx_add(cx, tx, of);
    tx_add(cx, tx, by);
    return tx;
}

const Tx *check_gradient(Checker *cx, const Ast *ast) {
    if (ast->call.args.len != 2) {
        check_error(cx, ast->span, E_ARGUMENT_COUNT, "`grad` takes an expression and what to differentiate by");
        return tx_error(cx, ast->span);
    }
    const Tx *of = settle(cx, check_expression(cx, ast->call.args.data[0], NULL)),
             *by = check_expression(cx, ast->call.args.data[1], NULL);
    if (is_error(of) || is_error(by)) return tx_error(cx, ast->span);
    return gradient_of(cx, of, by, ast->span);
}

/* ---- gradient(dy) --------------------------------------------------------------------------- */

static int is_float_tensor(const Type *t) {
    return t->kind == TY_TENSOR && dtype_is_float(t->dtype) && !t->index_bound;
}

/* 1: floats and tuples of them; -1: not known here. */
static int is_float_result(const Type *t) {
    if (t->kind == TY_ERROR) return -1;
    if (t->kind != TY_TUPLE) return is_float_tensor(t);
    int all = 1;
    for (int i = 0; i < t->count; i++) all = all == 1 ? is_float_result(t->fields[i].type) : all;
    return all;
}

/* The types of the inputs through which a gradient flows; -1 where one is not known here, -2 after a diagnostic. */
static int float_inputs(Checker *cx, const AstFunction *function, TypeField *fields) {
    int count = 0, is_unknown = 0;
    for (int i = 0; i < function->inputs.len; i++) {
        const Ast *input = function->inputs.data[i];
        const Binding *b = input->declare.name.symbol ? map_get(&cx->scope->names, input->declare.name.symbol) : NULL;
        if (!b || b->kind != BIND_VALUE || is_error(b->tx)) {
            is_unknown = 1;
            continue;
        }
        if (b->tx->type->kind != TY_TENSOR) {
            check_error(cx, input->span, E_GRADIENT_RULE, "a function with a `gradient` of its own works on tensors");
            return -2;
        }
        if (is_float_tensor(b->tx->type)) fields[count++] = (TypeField){input->declare.name.symbol, b->tx->type};
    }
    return is_unknown ? -1 : count;
}

static void bind_gradient_names(Checker *cx, const AstFunction *function, TFunction *f) {
    AstName dy = function->gradient_input;
    f->gradient_value = scope_variable(cx, symbol(&cx->session->symbols, "value"), f->result, dy.span);
    f->gradient_dy = scope_variable(cx, dy.symbol, f->result, dy.span);
}

static void wrong_count(Checker *cx, const Declared *d, const Tx *value, const TypeField *fields, int count) {
    Text list = text_new(cx->arena);
    for (int i = 0; i < count; i++) text_printf(&list, "%s`%s`", i ? ", " : "", fields[i].name->text);
    int given = value->type->kind == TY_TUPLE ? value->type->count : 1;
    Diag *diag = check_error(cx, value->span, E_GRADIENT_RULE,
                             "the `gradient` of `%s` gives %d %s, it has %d float %s: %s", d->name->text, given,
                             given == 1 ? "value" : "values", count, count == 1 ? "input" : "inputs", text_str(&list));
    check_label(cx, diag, d->ast->function.name.span, "declared here");
    check_fix(cx, diag, count == 1 ? "end it with the gradient of that input" : "end it with a tuple: (.., ..)");
}

/* The value as a tuple of one gradient an input, each of its input's type; NULL after a diagnostic. */
static const Tx *fit_value(Checker *cx, const Declared *d, const Tx *value, const TypeField *fields, int count) {
    int given = value->type->kind == TY_TUPLE ? value->type->count : 1;
    if (given != count || (count == 1 && value->type->kind == TY_TUPLE)) {
        wrong_count(cx, d, value, fields, count);
        return NULL;
    }
    if (value->type->kind != TY_TUPLE)
        return coerce(cx, settle(cx, value), fields[0].type,
                      arena_printf(cx->arena, "the gradient of `%s`", fields[0].name->text));
    if (value->kind != T_TUPLE) return coerce(cx, value, type_list(cx, TY_TUPLE, fields, count), "the gradient");
    Tx *tuple = tx_new(cx, T_TUPLE, type_list(cx, TY_TUPLE, fields, count), value->span);
    for (int i = 0; i < count; i++)
        tx_add(cx, tuple,
               coerce(cx, settle(cx, value->args.data[i]), fields[i].type,
                      arena_printf(cx->arena, "the gradient of `%s`", fields[i].name->text)));
    return tuple;
}

void check_own_gradient(Checker *cx, Declared *d, TFunction *f) {
    const AstFunction *function = &d->ast->function;
    if (d->ast->kind != AST_FN || d->layer) {
        check_error(cx, function->gradient->span, E_GRADIENT_RULE,
                    "`gradient` belongs to a `fn`: weights have their derivatives already");
        return;
    }
    TypeField *fields = arena_array(cx->arena, TypeField, function->inputs.len + 1);
    int count = float_inputs(cx, function, fields), result = is_float_result(f->result);
    if (count == 0 || result == 0) {
        check_error(cx, function->gradient->span, E_GRADIENT_RULE,
                    count ? "the result of `%s` is no float: there is no gradient of it"
                          : "`%s` has no float inputs: there is no gradient to give",
                    d->name->text);
        return;
    }
    if (count == -2) return;
    scope_push(cx);
    bind_gradient_names(cx, function, f);
    const Type *wanted = count == 1 ? fields[0].type : NULL;
    TBlock *block = (TBlock *)(uintptr_t)check_block(cx, function->gradient, wanted, 1);
    if (!block->value)
        check_error(cx, block_end(function->gradient), E_GRADIENT_RULE,
                    "the `gradient` of `%s` ends without a value", d->name->text);
    else if (count > 0 && !is_error(block->value)) block->value = fit_value(cx, d, block->value, fields, count);
    f->gradient = block;
    scope_pop(cx);
}
