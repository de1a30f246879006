/* Optimizers: an update rule elaborated for one weight. */
#include "lang/check_bind.h"

const TOptimizer *elaborate_optimizer(Checker *cx, Callable *rule, const Type *weight,
                                      TGroup *rates, Span span) {
    Declared *d = check_declared(cx, rule->declared);
    const AstFunction *function = &d->ast->function;
    if (d->is_broken) return NULL;
    if (function->inputs.len != 2) {
        check_error(cx, d->ast->function.name.span, E_OPTIMIZER,
                    "an optimizer takes a weight and its gradient: (p, g)");
        return NULL;
    }
    TOptimizer *made = arena_new(cx->arena, TOptimizer);
    made->name = d->name;
    made->p = variable_new(cx, function->inputs.data[0]->declare.name.symbol, weight, span);
    made->g = variable_new(cx, function->inputs.data[1]->declare.name.symbol, weight, span);
    made->p->is_mutable = 1;
    Argument args[2] = {{tx_variable(cx, made->p, span), NULL, span},
                        {tx_variable(cx, made->g, span), NULL, span}};
    Body *body = arena_new(cx->arena, Body);
    *body = (Body){
        .kind = BODY_OPTIMIZER, .caller = cx->body, .call = span, .declared = d, .training = 1};
    Bind bind = {.ast = d->ast,
                 .function = function,
                 .name = d->name,
                 .span = span,
                 .items = rule->items,
                 .items_scope = rule->scope,
                 .caller = cx->body,
                 .given = args,
                 .given_count = 2};
    Scope *scope = cx->scope;
    Body *caller = cx->body;
    cx->body = body;
    cx->scope = home_scope(cx, d);
    scope_push(cx);
    body->is_binding = 1;
    int is_good = bind_call(cx, &bind) == BIND_DONE;
    body->is_binding = 0;
    int first = !rates->rates.len;
    for (int i = 0; is_good && i < function->statics.len; i++) {
        Binding *b = bind.statics[i];
        if (!b || b->kind != BIND_VALUE) continue;
        TVariable *v = variable_new(cx, b->name, b->tx->type, b->span);
        vec_push(cx->arena, &made->rates, v);
        if (first) vec_push(cx->arena, &rates->rates, b->tx);
        Binding *inner = scope_add(cx, b->name, b->span, BIND_VALUE);
        inner->is_quiet = 1;
        inner->tx = tx_variable(cx, v, b->span);
    }
    for (int i = 0; is_good && i < 2; i++) {
        Binding *b = scope_add(cx, function->inputs.data[i]->declare.name.symbol, span, BIND_VALUE);
        b->is_quiet = 1;
        b->tx = args[i].tx;
    }
    Binding *t = scope_add(cx, symbol(&cx->session->symbols, "t"), span, BIND_VALUE);
    TVariable *count = variable_new(cx, t->name, type_scalar(cx, DT_I64), span);
    t->is_quiet = 1;
    t->tx = tx_variable(cx, count, span);
    if (is_good) made->body = check_block(cx, function->body, NULL, 0);
    if (t->use_count) made->t = count;
    for (int i = 0; i < body->slots.len; i++) {
        vec_push(cx->arena, &made->slots, body->slots.data[i]);
        vec_push(cx->arena, &made->slot_initial, body->slot_initial.data[i]);
    }
    scope_pop(cx);
    cx->scope = scope;
    cx->body = caller;
    return is_good ? made : NULL;
}

