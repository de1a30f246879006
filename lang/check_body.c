/* Bodies and what a call brings into them: the one way in which functions, layers, steps and optimizers are used. */
#include "lang/check_bind.h"

Outside body_enter(Checker *cx, Body *body, Scope *home) {
    Outside outside = {cx->scope, cx->body};
    cx->body = body;
    cx->scope = home;
    scope_push(cx);
    return outside;
}

void body_leave(Checker *cx, Outside outside) {
    scope_pop(cx);
    cx->scope = outside.scope;
    cx->body = outside.body;
}

TVariable *scope_variable(Checker *cx, const Symbol *name, const Type *type, Span span) {
    TVariable *v = variable_new(cx, name, type, span);
    if (!name) return v;
    Binding *b = scope_add(cx, name, span, BIND_VALUE);
    b->is_quiet = 1;
    b->tx = is_error_type(type) ? tx_error(cx, span) : tx_variable(cx, v, span);
    return v;
}

Bind bind_new(Checker *cx, const Declared *d, const AstList *items, Scope *items_scope, const Argument *args, int count,
              Span span) {
    return (Bind){.ast = d->ast,
                  .function = &d->ast->function,
                  .name = d->name,
                  .span = span,
                  .items = items,
                  .items_scope = items_scope ? items_scope : cx->scope,
                  .caller = cx->body,
                  .given = args,
                  .given_count = count};
}

BindResult bind_in_body(Checker *cx, Bind *bind, Body *body) {
    body->is_binding = 1;
    BindResult result = bind_call(cx, bind);
    body->is_binding = 0;
    return result;
}

static const Binding *rate_of(const Bind *bind, int i) {
    const Binding *b = bind->statics[i];
    return b && b->kind == BIND_VALUE ? b : NULL;
}

void bind_rates(Checker *cx, const Bind *bind, TVariables *variables) {
    for (int i = 0; i < bind->function->statics.len; i++) {
        const Binding *rate = rate_of(bind, i);
        if (rate) vec_push(cx->arena, variables, scope_variable(cx, rate->name, rate->tx->type, rate->span));
    }
}

void add_arguments(Checker *cx, Tx *tx, const Bind *bind) {
    for (int i = 0; i < bind->function->statics.len; i++)
        if (rate_of(bind, i)) tx_add(cx, tx, rate_of(bind, i)->tx);
    for (int i = 0; i < bind->function->inputs.len; i++) tx_add(cx, tx, bind->args[i]);
}
