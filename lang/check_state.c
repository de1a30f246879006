/* `state` and `param` at top level: tensors of the program that steps may change.
 *
 * They are the weights of one instance without a name, so that everything that knows weights by their paths (steps, files,
 * `minimize`, `dlc check`) knows these too: the path of `pool` is "pool". */
#include "lang/check_expression.h"
#include "lang/check_program.h"

static Instance *top_instance(Checker *cx, Span span) {
    if (cx->top) return cx->top;
    Layout *layout = arena_new(cx->arena, Layout);
    *layout = (Layout){.layer = symbol(&cx->session->symbols, ""), .span = span};
    cx->top = instance_new(cx, (AstName){layout->layer, span}, layout);
    return cx->top;
}

static const Tx *top_weight_tx(Checker *cx, const Instance *top, const Weight *weight, Span span) {
    Type *type = type_copy(cx, type_unit(cx));
    type->kind = TY_INSTANCE;
    type->layout = top->layout;
    Tx *instance = tx_new(cx, T_INSTANCE, type, span), *tx = tx_new(cx, T_WEIGHT, weight->type, span);
    instance->instance = top;
    tx_add(cx, tx, instance);
    tx->weight = weight;
    return tx;
}

int is_top_weight(const Tx *tx) {
    return tx->kind == T_WEIGHT && tx->args.data[0]->kind == T_INSTANCE && !tx->args.data[0]->instance->name->len;
}

/* The type and first value of a `param` or `state`; NULL after a diagnostic. */
const Tx *check_first_value(Checker *cx, const Ast *ast, const Type **type) {
    const char *name = ast->declare.name.symbol->text;
    *type = ast->declare.type ? check_type(cx, ast->declare.type) : NULL;
    const Tx *initial = ast->declare.value ? check_expression(cx, ast->declare.value, *type) : NULL;
    if (!initial && !(*type && is_error_type(*type)))
        check_fix(cx, check_error(cx, ast->span, E_NO_VALUE, "`%s` has no first value", name),
                  "write `~ zeros`, or another value of its type");
    if (initial && *type)
        initial = coerce(cx, initial, *type, arena_printf(cx->arena, "the first value of `%s`", name));
    if (initial) initial = settle(cx, initial);
    if (!*type) *type = initial ? initial->type : type_error(cx);
    if (!initial || is_error(initial) || is_error_type(*type)) return NULL;
    if ((*type)->kind == TY_TENSOR) return initial;
    check_error(cx, ast->span, E_TYPE_MISMATCH, "a %s is a tensor, this is %s",
                ast->kind == AST_PARAM ? "param" : "state", type_shown(cx, *type));
    return NULL;
}

void check_top_weight(Checker *cx, const Ast *ast, TBlock *out) {
    AstName name = ast->declare.name;
    const Type *type;
    const Tx *initial = check_first_value(cx, ast, &type);
    Binding *b = scope_declare(cx, name, initial ? BIND_VALUE : BIND_ERROR, 0);
    if (!initial) return;
    Instance *top = top_instance(cx, ast->span);
    Weight *weight = arena_new(cx->arena, Weight);
    *weight = (Weight){.name = name.symbol,
                       .type = type,
                       .is_state = ast->kind == AST_STATE,
                       .initial = initial,
                       .span = name.span};
    vec_push(cx->arena, &((Layout *)(uintptr_t)top->layout)->weights, weight);
    b->tx = top_weight_tx(cx, top, weight, name.span);
    TStmt *stmt = add_statement(cx, out, TS_SET_WEIGHT, ast->span);
    stmt->weight = b->tx;
    stmt->value = initial;
}
