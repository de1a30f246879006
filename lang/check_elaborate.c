/* A fn or layer is elaborated for the statics and types of a call, once per combination (Elaborated): the walk of its
 * body with the sizes of the call. */
#include "lang/check_bind.h"
#include "lang/check_expression.h"
#include "lang/check_program.h"
#include "lang/check_record.h"

#include <string.h>

typedef struct Elaborated {
    int training;
    int is_generic;
    const Built *built;
    const Type *wanted;
    int static_count, arg_count;
    Binding **statics;
    const Type **types;
    TFunction *function;
    struct Elaborated *next;
} Elaborated;

enum { MAX_DEPTH = 64, MAX_ELABORATIONS = 5000 };

/* ---- what was elaborated before --------------------------------------------------------------------- */

int same_statics(Binding *const *one, Binding *const *other, int count) {
    for (int i = 0; i < count; i++) {
        const Binding *a = one[i], *b = other[i];
        if (!a || !b || a->kind != b->kind || a->dim != b->dim || a->text != b->text ||
            a->rank != b->rank || (a->kind == BIND_CALLABLE && !same_callable(a->callable, b->callable)))
            return 0;
        if (a->kind != BIND_VALUE && a->number != b->number) return 0;
        for (int k = 0; k < a->rank; k++)
            if (a->axes[k].dim != b->axes[k].dim || a->axes[k].pack != b->axes[k].pack) return 0;
    }
    return 1;
}

int identical_types(const Type *a, const Type *b) {
    if (a->kind != b->kind || a->dtype != b->dtype || a->index_bound != b->index_bound ||
        a->rank != b->rank || a->element != b->element || a->count != b->count ||
        a->layout != b->layout || a->function != b->function || a->rows != b->rows)
        return 0;
    for (int i = 0; i < a->rank; i++)
        if (a->axes[i].dim != b->axes[i].dim || a->axes[i].pack != b->axes[i].pack ||
            a->axes[i].is_stretchable != b->axes[i].is_stretchable)
            return 0;
    for (int i = 0; i < a->count; i++)
        if (a->fields[i].name != b->fields[i].name || !identical_types(a->fields[i].type, b->fields[i].type))
            return 0;
    return 1;
}

static Elaborated *find_elaborated(const Declared *d, const Bind *bind, const Body *body) {
    for (Elaborated *e = d->elaborated; e; e = e->next) {
        if (e->training != body->training || e->is_generic != body->is_generic ||
            e->built != body->built)
            continue;
        if ((e->wanted && bind->wanted ? !identical_types(e->wanted, bind->wanted)
                                       : e->wanted != bind->wanted))
            continue;
        if (!same_statics(e->statics, bind->statics, e->static_count)) continue;
        int same = 1;
        for (int i = 0; same && i < e->arg_count; i++)
            same = identical_types(e->types[i], bind->args[i]->type);
        if (same) return e;
    }
    return NULL;
}

static Body *body_new(Checker *cx, Declared *d, Built *built, Span span) {
    Body *body = arena_new(cx->arena, Body);
    *body = (Body){.kind = is_procedure(cx, d)                 ? BODY_PROCEDURE
                           : d->ast->kind == AST_FN && !d->layer ? BODY_FN
                           : d->ast->kind == AST_OPTIMIZER     ? BODY_OPTIMIZER
                                                               : BODY_LAYER,
                   .caller = cx->body,
                   .call = span,
                   .declared = d,
                   .is_generic = cx->body->is_generic,
                   .training = cx->body->training,
                   .facts = cx->body->facts,
                   .built = built};
    return body;
}

static void override_training(Checker *cx, Body *body, const AstList *items, Scope *scope) {
    for (int i = 0; items && i < items->len; i++) {
        const Ast *item = items->data[i];
        if (item->kind != AST_NAMED || strcmp(item->named.name.symbol->text, "training") != 0)
            continue;
        Scope *saved = cx->scope;
        if (scope) cx->scope = scope;
        int flag = static_condition(cx, item->named.value, NULL, NULL);
        cx->scope = saved;
        if (flag >= -1) body->training = flag;
        else
            check_error(cx, item->span, E_STATIC_ARGUMENT,
                        "`training` is true or false, known when compiling");
    }
}

/* Rates first, then the inputs, as variables of the body. */
static void declare_inputs(Checker *cx, Bind *bind, TFunction *f) {
    bind_rates(cx, bind, &f->inputs);
    f->rate_count = f->inputs.len;
    for (int i = 0; i < bind->function->inputs.len; i++) {
        const Ast *input = bind->function->inputs.data[i];
        Axis *axes = arena_array(cx->arena, Axis, bind->args[i]->type->rank);
        Type *type = type_copy(cx, bind->args[i]->type);
        for (int k = 0; k < type->rank; k++) axes[k] = type->axes[k];
        type->axes = axes;
        vec_push(cx->arena, &f->inputs, scope_variable(cx, input->declare.name.symbol, type, input->span));
        const Symbol *name = input->declare.name.symbol;
        /* in a procedure an instance is that instance, elsewhere a snapshot */
        if (name && f->is_procedure && bind->args[i]->kind == T_INSTANCE)
            ((Binding *)map_get(&cx->scope->names, name))->tx = bind->args[i];
    }
}

const Type *bound_result(Checker *cx, const Bind *bind) {
    if (!bind->function->result) return NULL;
    Type *type = type_copy(cx, check_type(cx, bind->function->result));
    if (type->kind != TY_TENSOR) return type;
    if (type->element != ELEMENT_FIXED && bind->rigid_element == ELEMENT_FIXED) {
        const Type *w = bind->wanted;
        int follows =
            bind->element == DT_COUNT && w && w->kind == TY_TENSOR && w->element == ELEMENT_FIXED;
        type->dtype = bind->element != DT_COUNT ? bind->element : follows ? w->dtype : DT_F32;
        if (follows && w->index_bound) type->index_bound = w->index_bound;
        type->element = ELEMENT_FIXED;
    }
    return type;
}

/* A shape that a call gives arose there: each axis of the result points to the call. */
static const Type *as_result(Checker *cx, const Type *type, Span span) {
    if (type->kind != TY_TENSOR) return type;
    Type *copy = type_copy(cx, type);
    Axis *axes = arena_array(cx->arena, Axis, type->rank);
    for (int i = 0; i < type->rank; i++) {
        axes[i] = type->axes[i];
        axes[i].why = origin_new(cx, ORIGIN_RESULT, span, type->axes[i].why);
    }
    copy->axes = axes;
    return copy;
}

void check_function_body(Checker *cx, Declared *d, const Type *result, TFunction *f) {
    const char *what = arena_printf(cx->arena, "the result of `%s`", d->name->text);
    TBlock *block = (TBlock *)(uintptr_t)check_block(cx, d->ast->function.body, result, 1);
    if (!block->value && result && result->kind != TY_UNIT && !is_error_type(result) &&
        !(block->statements.len && vec_last(&block->statements)->kind == TS_IF))
        check_error(cx, block_end(d->ast->function.body), E_NO_VALUE,
                    "`%s` gives %s, but its body ends without a value", d->name->text,
                    type_shown(cx, result));
    if (block->value && result) block->value = coerce(cx, block->value, result, what);
    if (block->value) block->value = settle(cx, block->value);
    f->body = block;
    f->result = block->value
                    ? (result && !is_error_type(result) ? block->value->type : block->value->type)
                    : type_unit(cx);
    if (d->ast->function.gradient) check_own_gradient(cx, d, f);
}

static TFunction *elaborate_body(Checker *cx, Declared *d, Bind *bind, Body *body,
                                 const Type *result) {
    TFunction *f = arena_new(cx->arena, TFunction);
    f->name = d->name;
    f->span = d->ast->span;
    f->self = body->built ? body->built->layout : NULL;
    f->is_procedure = body->kind == BODY_PROCEDURE;
    map_set(cx->arena, &cx->declarations, f, (void *)(uintptr_t)d->ast);
    declare_inputs(cx, bind, f);
    int is_silent = d->is_broken; /* what is wrong in it was said */
    cx->quiet += is_silent;
    d->is_running++;
    int before = cx->session->diags.error_count;
    check_function_body(cx, d, result, f);
    if (body->lacks_records && cx->session->diags.error_count == before) {
        /* a part was used as a value above its first call, which is known now: `var r = inner; r.w = ...; r(x)` */
        body->sites = (Map){0};
        body->is_second_walk = 1;
        check_function_body(cx, d, result, f);
    }
    d->is_running--;
    cx->quiet -= is_silent;
    f->conditions = body->conditions;
    return f;
}

static const Tx *call_tx(Checker *cx, Bind *bind, TFunction *f, const Tx *self,
                         const Type *result) {
    Tx *tx = tx_new(cx, T_CALL, as_result(cx, result, bind->span), bind->span);
    tx->function = f;
    if (f && f->is_procedure) tx->is_pure = 0;
    tx->self = self;
    add_arguments(cx, tx, bind);
    return call_with_site(cx, tx, bind->name);
}

/* Every further call of it would go as deep, so the first one ends them all. */
static const Tx *endless(Checker *cx, Declared *d, Span span) {
    if (d->recursion != RECURSION_SAID)
        check_error(cx, span, E_RECURSION, "`%s` calls itself without end", d->name->text);
    if (d->recursion != RECURSION_SAID) d->recursion = cx->quiet ? RECURSION_ENDLESS : RECURSION_SAID;
    return tx_error(cx, span);
}

static const Tx *elaborate_in(Checker *cx, Declared *d, Bind *bind, Body *body, const Tx *self) {
    if (bind_in_body(cx, bind, body) != BIND_DONE) return tx_error(cx, bind->span);
    const Type *result = bound_result(cx, bind);
    if (result && is_error_type(result)) return tx_error(cx, bind->span);
    if ((bind->caller->is_generic || d->is_broken) && result)
        return call_tx(cx, bind, NULL, self, result);
    if (d->is_running && bind->caller->is_generic) return tx_error(cx, bind->span);
    if (d->recursion != RECURSION_ENDS || d->is_running > MAX_DEPTH || d->elaboration_count > MAX_ELABORATIONS)
        return endless(cx, d, bind->span);
    if (!result) { /* what is wanted is the result's type only where the declaration says so */
        bind->wanted = NULL;
    }
    Elaborated *known = find_elaborated(d, bind, body);
    if (known)
        return known->function ? call_tx(cx, bind, known->function, self, known->function->result)
                               : tx_error(cx, bind->span);
    d->elaboration_count++;
    add_given_facts(cx, body, bind->function);
    Elaborated *e = arena_new(cx->arena, Elaborated);
    *e = (Elaborated){.training = body->training,
                      .is_generic = body->is_generic,
                      .built = body->built,
                      .wanted = bind->wanted,
                      .static_count = bind->function->statics.len,
                      .statics = bind->statics,
                      .arg_count = bind->function->inputs.len};
    e->types = arena_array(cx->arena, const Type *, e->arg_count);
    for (int i = 0; i < e->arg_count; i++) e->types[i] = bind->args[i]->type;
    const Tx **args = bind->args; /* the body's own names may not disturb them */
    TFunction *f = elaborate_body(cx, d, bind, body, result);
    bind->args = args;
    if (body->built && !d->layer) body->built->is_known = 1;
    e->function = is_error_type(f->result) ? NULL : f;
    e->next = d->elaborated;
    d->elaborated = e;
    return is_error_type(f->result) ? tx_error(cx, bind->span)
                                    : call_tx(cx, bind, f, self, f->result);
}

const Tx *elaborate(Checker *cx, Callable *callee, Declared *d, Built *built, const Tx *self,
                           const Argument *args, int count, Span span, const Type *wanted) {
    check_declared(cx, d);
    if (d->is_signature_broken) return tx_error(cx, span);
    if (d->layer && d->layer->is_walked) {
        check_error(cx, span, E_RECURSION, "`%s` is called by what makes its own `%s`", d->name->text,
                    d->layer->name->text);
        return tx_error(cx, span);
    }
    if (is_procedure(cx, d) && !is_program_kind(cx->body->kind)) {
        Diag *diag = check_error(cx, span, E_PROCEDURE_PLACE, "`%s` is a procedure of the program: compiled code cannot call it",
                                 d->name->text);
        check_label(cx, diag, d->ast->function.name.span, "it calls a step or touches the world");
        return tx_error(cx, span);
    }
    Bind bind = bind_new(cx, d, callee->items, callee->scope, args, count, span);
    bind.wanted = wanted;
    if (built && !d->layer) {
        bind.items = built->items ? built->items : callee->items;
        if (built->scope) bind.items_scope = built->scope;
    }
    d->is_called = 1;
    Body *body = body_new(cx, d, built, span);
    override_training(cx, body, callee->items, callee->scope);
    Outside outside = body_enter(cx, body, home_scope(cx, d));
    if (d->layer) {
        d->layer->is_walked = 1;
        walk_layer(cx, d, outside.body);
        d->layer->is_walked = 0;
    }
    Scope *inner = d->layer ? scope_push(cx) : cx->scope;
    int before = cx->session->diags.error_count;
    const Tx *tx = elaborate_in(cx, d, &bind, body, self);
    if (body->kind == BODY_PROCEDURE && is_error(tx)) /* said once, not for every call */
        d->is_broken |= cx->session->diags.error_count > before;
    if (cx->scope != inner) ICE("scopes are not nested in %s", d->name->text);
    body_leave(cx, outside);
    /* the site is counted in the caller */
    if (tx->kind == T_CALL) return call_with_site(cx, (Tx *)(uintptr_t)tx, d->name);
    return tx;
}
