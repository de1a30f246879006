/* Calls and what comes of them.  A fn or layer is elaborated for
 * the statics and types of the call, once per combination (Elaborated). */
#include "lang/check_bind.h"
#include "lang/check_record.h"
#include "lang/check_train.h"

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

/* ---- elaboration ---------------------------------------------------------------------------- */

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
    for (int i = 0; i < bind->function->statics.len; i++) {
        Binding *b = bind->statics[i];
        if (!b || b->kind != BIND_VALUE) continue;
        TVariable *v = variable_new(cx, b->name, b->tx->type, b->span);
        vec_push(cx->arena, &f->inputs, v);
        f->rate_count++;
        Binding *inner = scope_add(cx, b->name, b->span, BIND_VALUE);
        inner->is_quiet = 1;
        inner->tx = tx_variable(cx, v, b->span);
    }
    for (int i = 0; i < bind->function->inputs.len; i++) {
        const Ast *input = bind->function->inputs.data[i];
        Axis *axes = arena_array(cx->arena, Axis, bind->args[i]->type->rank);
        Type *type = type_copy(cx, bind->args[i]->type);
        for (int k = 0; k < type->rank; k++) axes[k] = type->axes[k];
        type->axes = axes;
        TVariable *v = variable_new(cx, input->declare.name.symbol, type, input->span);
        vec_push(cx->arena, &f->inputs, v);
        if (!v->name) continue;
        Binding *b = scope_add(cx, v->name, input->span, BIND_VALUE);
        b->is_quiet = 1;
        b->tx = tx_variable(cx, v, input->span);
        /* in a procedure an instance is that instance, elsewhere a snapshot */
        if (f->is_procedure && bind->args[i]->kind == T_INSTANCE) b->tx = bind->args[i];
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

static void check_function_body(Checker *cx, Declared *d, const Type *result, TFunction *f) {
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
    for (int i = 0; i < bind->function->statics.len; i++)
        if (bind->statics[i] && bind->statics[i]->kind == BIND_VALUE)
            tx_add(cx, tx, bind->statics[i]->tx);
    for (int i = 0; i < bind->function->inputs.len; i++) tx_add(cx, tx, bind->args[i]);
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
    body->is_binding = 1;
    BindResult bound = bind_call(cx, bind);
    body->is_binding = 0;
    if (bound != BIND_DONE) return tx_error(cx, bind->span);
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

static const Tx *elaborate(Checker *cx, Callable *callee, Declared *d, Built *built, const Tx *self,
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
    Bind bind = {.ast = d->ast,
                 .function = &d->ast->function,
                 .name = d->name,
                 .span = span,
                 .items = callee->items,
                 .items_scope = callee->scope ? callee->scope : cx->scope,
                 .caller = cx->body,
                 .given = args,
                 .given_count = count,
                 .wanted = wanted};
    if (built && !d->layer) {
        bind.items = built->items ? built->items : callee->items;
        if (built->scope) bind.items_scope = built->scope;
    }
    d->is_called = 1;
    Body *body = body_new(cx, d, built, span);
    override_training(cx, body, callee->items, callee->scope);
    Scope *scope = cx->scope;
    Body *caller = cx->body;
    cx->body = body;
    cx->scope = home_scope(cx, d);
    scope_push(cx);
    if (d->layer) {
        d->layer->is_walked = 1;
        walk_layer(cx, d, caller);
        d->layer->is_walked = 0;
    }
    Scope *inner = d->layer ? scope_push(cx) : cx->scope;
    int before = cx->session->diags.error_count;
    const Tx *tx = elaborate_in(cx, d, &bind, body, self);
    if (body->kind == BODY_PROCEDURE && is_error(tx)) /* said once, not for every call */
        d->is_broken |= cx->session->diags.error_count > before;
    if (cx->scope != inner) ICE("scopes are not nested in %s", d->name->text);
    scope_pop(cx);
    cx->scope = scope;
    cx->body = caller;
    /* the site is counted in the caller */
    if (tx->kind == T_CALL) return call_with_site(cx, (Tx *)(uintptr_t)tx, d->name);
    return tx;
}

/* ---- calls ---------------------------------------------------------------------------------- */

static const Tx *call_primitive(Checker *cx, Callable *callee, const Argument *args, int count,
                                Span span, const Type *wanted) {
    const Tx **list = arena_array(cx->arena, const Tx *, count);
    for (int i = 0; i < count; i++) {
        if (args[i].name) {
            check_error(cx, args[i].span, E_NO_PARAMETER, "`%s` has no input `%s`",
                        callee->name->text, args[i].name->text);
            return tx_error(cx, span);
        }
        list[i] = args[i].tx;
    }
    PrimitiveCall primitive = {.kind = (PrimitiveKind)callee->number,
                               .span = span,
                               .items = callee->items,
                               .scope = callee->scope,
                               .args = list,
                               .arg_count = count,
                               .wanted = wanted};
    return check_primitive(cx, &primitive);
}

static int has_procedures(const Checker *cx) {
    return is_program_kind(cx->body->kind);
}

static int procedure_arguments(Checker *cx, ProcedureKind kind, int count, Span span) {
    static const struct {
        int least, most;
    } counts[PROC_COUNT] = {[PROC_PRINT] = {0, 1000},
                            [PROC_ASSERT] = {1, 1},
                            [PROC_ASSERT_CLOSE] = {3, 3},
                            [PROC_ASSERT_GRADIENT] = {2, 2},
                            [PROC_SEED] = {1, 1},
                            [PROC_SAVE] = {1, 2},
                            [PROC_LOAD] = {1, 2},
                            [PROC_WRITE_PNG] = {2, 2},
                            [PROC_GRID] = {1, 1}};
    if (count >= counts[kind].least && count <= counts[kind].most) return 1;
    if (counts[kind].least < counts[kind].most)
        check_error(cx, span, E_ARGUMENT_COUNT, "`%s` takes %d or %d arguments, %d given", procedure_name(kind),
                    counts[kind].least, counts[kind].most, count);
    else
        check_error(cx, span, E_ARGUMENT_COUNT, "`%s` takes %d %s, %d given", procedure_name(kind),
                    counts[kind].least, counts[kind].least == 1 ? "argument" : "arguments", count);
    return 0;
}

static const Tx *call_procedure(Checker *cx, Callable *callee, const Argument *args, int count,
                                Span span) {
    ProcedureKind kind = (ProcedureKind)callee->number;
    if (is_view_procedure(kind)) return check_view(cx, callee, args, count, span);
    if (!has_procedures(cx)) {
        Diag *diag = check_error(
            cx, span, E_PLACE, "`%s` belongs to the program: compiled code cannot touch the world",
            callee->name->text);
        check_note(cx, diag,
                   "it may stand at the top level, in a `test`, or in `every` of a train block");
        return tx_error(cx, span);
    }
    int positional = 0;
    for (int i = 0; i < count; i++) positional += !args[i].name;
    if (!procedure_arguments(cx, kind, positional, span)) return tx_error(cx, span);
    Tx *tx = tx_new(cx, T_PROCEDURE, type_unit(cx), span);
    tx->procedure = kind;
    for (int i = 0; i < count; i++) {
        const Tx *arg = args[i].tx;
        if (is_error(arg)) return tx_error(cx, span);
        note_shown(cx, arg);
        if (args[i].name && (kind != PROC_PRINT || strcmp(args[i].name->text, "end") != 0)) {
            check_error(cx, args[i].span, E_NO_PARAMETER, "`%s` has no input `%s`",
                        callee->name->text, args[i].name->text);
            return tx_error(cx, span);
        }
        if (kind == PROC_ASSERT && (arg->type->kind != TY_TENSOR || arg->type->dtype != DT_BOOL)) {
            check_error(cx, arg->span, E_CONDITION, "`assert` takes a bool, this is %s",
                        type_shown(cx, arg->type));
            return tx_error(cx, span);
        }
        if (arg->type->kind == TY_UNIT) {
            check_error(cx, arg->span, E_NO_VALUE, "this has no value");
            return tx_error(cx, span);
        }
        if (kind == PROC_SEED) arg = coerce(cx, arg, type_scalar(cx, DT_I64), "the seed");
        tx_add(cx, tx, settle(cx, arg));
        vec_push(cx->arena, &tx->argument_names, args[i].name);
    }
    if (kind == PROC_ASSERT_CLOSE) {
        const Tx *both[2] = {tx->args.data[0], tx->args.data[1]};
        const Tx *difference = check_binary(cx, PRIM_SUB, both[0], both[1], span);
        if (is_error(difference)) return difference;
    }
    tx->is_pure = 0;
    return check_file_procedure(cx, callee, tx);
}

static const Tx *call_convert(Checker *cx, Callable *callee, const Argument *args, int count,
                              Span span) {
    if (count != 1) {
        check_error(cx, span, E_ARGUMENT_COUNT, "`%s(..)` converts one value, %d given",
                    callee->name->text, count);
        return tx_error(cx, span);
    }
    const Tx *of = args[0].tx;
    if (is_error(of)) return of;
    if (of->type->kind != TY_TENSOR) {
        check_error(cx, of->span, E_TYPE_MISMATCH, "`%s(..)` converts numbers, this is %s",
                    callee->name->text, type_shown(cx, of->type));
        return tx_error(cx, span);
    }
    int is_number = of->kind == T_NUMBER && of->type->is_literal;
    if (is_number && (dtype_is_float(callee->type->dtype) || !dtype_is_float(of->type->dtype)))
        return convert_element(cx, of, callee->type->dtype, callee->type->index_bound);
    of = settle(cx, of);
    Type *type = type_copy(cx, of->type);
    type->dtype = callee->type->dtype;
    type->index_bound = callee->type->index_bound;
    type->element = ELEMENT_FIXED;
    Tx *tx = tx_new(cx, T_CONVERT, type, span);
    tx_add(cx, tx, of);
    return tx;
}

static const Tx *call_declared(Checker *cx, Callable *callee, const Argument *args, int count,
                               Span span, const Type *wanted) {
    Declared *d = callee->declared;
    switch ((int)d->ast->kind) {
    case AST_FN:
        if (takes_leaves(&d->ast->function, args, count)) return record_call(cx, callee, args, count, span);
        return elaborate(cx, callee, d, NULL, NULL, args, count, span, wanted);
    case AST_LAYER: {
        Callable *part = make_part(cx, callee, span);
        return part ? call(cx, part, args, count, span, wanted) : tx_error(cx, span);
    }
    case AST_STEP: return call_step(cx, callee, args, count, span);
    default:
        check_error(cx, span, E_NOT_CALLABLE, "`%s` is an optimizer: it stands behind `using`",
                    d->name->text);
        return tx_error(cx, span);
    }
}

static const Tx *call_pipe(Checker *cx, Callable *callee, const Argument *args, int count,
                           Span span, const Type *wanted) {
    const Tx *left = call(cx, callee->left, args, count, span, NULL);
    Argument *all = arena_array(cx->arena, Argument, 1 + (callee->args ? callee->args->len : 0));
    all[0] = (Argument){left, NULL, span};
    int n = 1;
    Scope *scope = cx->scope;
    if (callee->scope) cx->scope = callee->scope;
    for (int i = 0; callee->args && i < callee->args->len; i++) {
        const Ast *item = callee->args->data[i];
        all[n++] = item->kind == AST_NAMED
                       ? (Argument){check_expression(cx, item->named.value, NULL),
                                    item->named.name.symbol, item->span}
                       : (Argument){check_expression(cx, item, NULL), NULL, item->span};
    }
    cx->scope = scope;
    return call(cx, callee->right, all, n, span, wanted);
}

const Tx *call(Checker *cx, Callable *callee, const Argument *args, int count, Span span,
               const Type *wanted) {
    switch (callee->kind) {
    case CALL_ERROR: return tx_error(cx, span);
    case CALL_DECLARED: return call_declared(cx, callee, args, count, span, wanted);
    case CALL_INSTANCE:
    case CALL_MEMBER:
        if (callee->kind == CALL_INSTANCE && callee->built->kind != BUILT_LAYER)
            return call_stack(cx, callee, args, count, span, wanted);
        if (callee->kind == CALL_INSTANCE && !callee->declared->ast->function.has_inputs) {
            check_error(cx, span, E_NOT_CALLABLE,
                        "`%s` has no inputs of its own: call one of its functions",
                        callee->name->text);
            return tx_error(cx, span);
        }
        return elaborate(cx, callee, callee->declared, callee->built, callee->self, args, count,
                         span, wanted);
    case CALL_PRIMITIVE: return call_primitive(cx, callee, args, count, span, wanted);
    case CALL_PROCEDURE: return call_procedure(cx, callee, args, count, span);
    case CALL_CONVERT: return call_convert(cx, callee, args, count, span);
    case CALL_PIPE: return call_pipe(cx, callee, args, count, span, wanted);
    case CALL_SIGNATURE: return call_signature(cx, callee, args, count, span, wanted);
    }
    return tx_error(cx, span);
}

int needs_no_inputs(const Callable *callee) {
    if (callee->kind == CALL_PRIMITIVE)
        return callee->number == PRIM_IOTA || callee->number == PRIM_UNIFORM ||
               callee->number == PRIM_RANDOM_INDEX;
    if (callee->kind != CALL_DECLARED || callee->declared->ast->kind != AST_FN) return 0;
    const AstList *inputs = &callee->declared->ast->function.inputs;
    for (int i = 0; i < inputs->len; i++)
        if (!inputs->data[i]->declare.value) return 0;
    return 1;
}

const Tx *callable_value(Checker *cx, Callable *callee, Span span, const Type *wanted) {
    if (callee->kind == CALL_ERROR) return tx_error(cx, span);
    if (callee->kind == CALL_INSTANCE) return callee->self;
    if (callee->is_let && callee->kind == CALL_DECLARED && callee->declared->ast->kind == AST_LAYER) {
        Callable *part = make_part(cx, callee, span);
        return part ? part->self : tx_error(cx, span);
    }
    if (needs_no_inputs(callee)) return call(cx, callee, NULL, 0, span, wanted);
    const char *name = callee->name ? callee->name->text : "this pipe";
    Diag *diag =
        check_error(cx, span, E_NOT_A_VALUE, "`%s` is a function, and a value is wanted", name);
    check_fix(cx, diag, "call it: %s(...)", name);
    return tx_error(cx, span);
}

/* ---- the generic check ---------------------------------------------------------------------- */

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
        Binding *t = scope_add(cx, symbol(&cx->session->symbols, "t"), (Span){0}, BIND_VALUE);
        t->is_quiet = 1;
        t->tx = tx_variable(cx, variable_new(cx, t->name, type_scalar(cx, DT_I64), d->ast->span),
                            d->ast->span);
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
    Scope *scope = cx->scope;
    Body *outer = cx->body;
    int quiet = cx->quiet, before = cx->session->diags.error_count;
    cx->quiet = 0;
    cx->body = &body;
    cx->scope = home_scope(cx, d);
    Scope *inner = scope_push(cx);
    if (body.built) body.built->rigid = inner;
    generic_function(cx, d, &body);
    d->is_broken = cx->session->diags.error_count > before;
    if (!d->is_broken && !d->is_library) {
        if (body.kind != BODY_STEP) warn_bound_once(cx, inner);
        warn_unused_parameters(cx, d->ast, inner);
    }
    scope_pop(cx);
    d->is_broken = cx->session->diags.error_count > before;
    cx->scope = scope;
    cx->body = outer;
    cx->quiet = quiet;
}
