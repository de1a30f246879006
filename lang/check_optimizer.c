/* Optimizers: an update rule elaborated for one weight. */
#include "lang/check_bind.h"
#include "lang/check_expression.h"
#include "lang/check_program.h"

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
    Bind bind = bind_new(cx, d, rule->items, rule->scope, args, 2, span);
    Outside outside = body_enter(cx, body, home_scope(cx, d));
    int is_good = bind_in_body(cx, &bind, body) == BIND_DONE;
    int first = !rates->rates.len;
    if (is_good) bind_rates(cx, &bind, &made->rates);
    for (int i = 0; is_good && first && i < function->statics.len; i++)
        if (bind.statics[i] && bind.statics[i]->kind == BIND_VALUE)
            vec_push(cx->arena, &rates->rates, bind.statics[i]->tx);
    for (int i = 0; is_good && i < 2; i++) {
        Binding *b = scope_add(cx, function->inputs.data[i]->declare.name.symbol, span, BIND_VALUE);
        b->is_quiet = 1;
        b->tx = args[i].tx;
    }
    TVariable *count = scope_variable(cx, symbol(&cx->session->symbols, "t"), type_scalar(cx, DT_I64), span);
    const Binding *t = map_get(&cx->scope->names, count->name);
    if (is_good) made->body = check_block(cx, function->body, NULL, 0);
    if (t->use_count) made->t = count;
    for (int i = 0; i < body->slots.len; i++) {
        vec_push(cx->arena, &made->slots, body->slots.data[i]);
        vec_push(cx->arena, &made->slot_initial, body->slot_initial.data[i]);
    }
    body_leave(cx, outside);
    return is_good ? made : NULL;
}

