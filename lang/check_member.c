/* Functions of a layer: `fn`s in its body, over the same weights.
 *
 * They see the static parameters of the layer, its weights, parts and each other, not the inputs of the layer's
 * own function and nothing computed from them.  Each is checked generically with its layer, called or not, and
 * elaborated per call: the statements of the layer are walked again to bring its names into scope. */
#include "lang/check_bind.h"
#include "lang/check_expression.h"

#include <string.h>

Declared *member_of(Checker *cx, const Built *built, const Symbol *name) {
    const AstList *list = &built->declared->ast->function.body->statements;
    for (int i = 0; i < list->len; i++) {
        const Ast *statement = list->data[i];
        if (statement->kind != AST_FN || statement->function.name.symbol != name) continue;
        Declared *member = map_get(&cx->pack_names, statement);
        if (!member) {
            member = arena_new(cx->arena, Declared);
            *member = (Declared){.ast = statement,
                                 .name = name,
                                 .is_library = built->declared->is_library,
                                 .module = built->declared->module,
                                 .state = CHECKED,
                                 .layer = built->declared};
            map_set(cx->arena, &cx->pack_names, statement, member);
        }
        return member;
    }
    return NULL;
}

static void declare_member(Checker *cx, const Ast *ast) {
    Built *built = cx->body->built;
    AstName name = ast->function.name;
    Callable *callable = callable_new(cx, CALL_MEMBER, name.symbol, name.span);
    callable->built = built;
    callable->self = tx_new(cx, T_SELF, instance_type(cx, built), name.span);
    callable->declared = member_of(cx, built, name.symbol);
    Binding *b = scope_declare(cx, name, BIND_CALLABLE, 0);
    b->callable = callable;
    b->is_quiet = 1;
}

void declare_members(Checker *cx, const Ast *block) {
    const AstList *list = &block->statements;
    for (int i = 0; i < list->len; i++)
        if (list->data[i]->kind == AST_FN && list->data[i]->function.name.symbol) declare_member(cx, list->data[i]);
}

/* ---- the generic check ---------------------------------------------------------------------- */

/* What a value belongs to the layer by, and not to one call of it. */
static int is_of_layer(const Binding *b) {
    if (b->kind == BIND_CALLABLE || b->kind == BIND_ERROR) return 1;
    return b->kind == BIND_VALUE && (b->tx->kind == T_WEIGHT || b->tx->kind == T_PART || b->tx->kind == T_INSTANCE);
}

static void take_statics(Checker *cx, const AstFunction *layer, const Map *names) {
    for (int i = 0; i < layer->statics.len; i++) {
        const Symbol *name = parameter_name(layer->statics.data[i]);
        void *binding = name ? map_get(names, name) : NULL;
        if (binding) map_set(cx->arena, &cx->scope->names, name, binding);
    }
}

static void check_member(Checker *cx, Declared *member) {
    Body body = {.kind = BODY_LAYER,
                 .declared = member,
                 .is_generic = 1,
                 .training = -1,
                 .facts = cx->body->facts,
                 .built = cx->body->built};
    int before = cx->session->diags.error_count;
    Outside outside = body_enter(cx, &body, cx->scope);
    generic_function(cx, member, &body);
    member->is_broken = cx->session->diags.error_count > before;
    if (!member->is_broken && !member->is_library) warn_bound_once(cx, cx->scope);
    body_leave(cx, outside);
}

void check_members(Checker *cx, const Ast *block) {
    const AstFunction *layer = &cx->body->declared->ast->function;
    Scope *names = cx->scope, *statics = names->outer;
    cx->scope = statics->outer;
    scope_push(cx);
    take_statics(cx, layer, &statics->names);
    scope_push(cx);
    for (int i = 0; i < names->names.len; i++) {
        Binding *b = names->names.entries[i].value;
        if (is_of_layer(b)) map_set(cx->arena, &cx->scope->names, names->names.entries[i].key, b);
    }
    for (int i = 0; i < block->statements.len; i++) {
        const Ast *ast = block->statements.data[i];
        if (ast->kind == AST_FN && ast->function.name.symbol)
            check_member(cx, member_of(cx, cx->body->built, ast->function.name.symbol));
    }
    cx->scope = names;
}

/* ---- elaboration ---------------------------------------------------------------------------- */

void bind_layer_statics(Checker *cx, const Built *built, Body *caller) {
    const Declared *layer = built->declared;
    if (built->rigid) {
        take_statics(cx, &layer->ast->function, &built->rigid->names);
        return;
    }
    Bind bind = bind_new(cx, layer, built->items, built->scope, NULL, 0, built->layout->span);
    bind.caller = caller;
    cx->quiet++;
    bind_statics(cx, &bind);
    cx->quiet--;
}

void walk_layer(Checker *cx, const Declared *member, Body *caller) {
    const Ast *block = member->layer->ast->function.body;
    bind_layer_statics(cx, cx->body->built, caller);
    scope_push(cx);
    TBlock ignored = {0};
    /* what is computed from the layer's inputs is not there; a generic check has said what is wrong */
    int is_silent = member->layer->ast->function.has_inputs || caller->is_generic || member->layer->is_broken;
    cx->quiet += is_silent;
    for (int i = 0; i < block->statements.len; i++)
        if (block->statements.data[i]->kind != AST_FN) check_statement(cx, block->statements.data[i], &ignored);
    cx->quiet -= is_silent;
    declare_members(cx, block);
    for (int i = 0; i < cx->scope->names.len; i++) {
        Binding *b = cx->scope->names.entries[i].value;
        b->is_quiet = 1;
        if (b->kind == BIND_VALUE && !is_of_layer(b)) b->kind = BIND_ERROR;
    }
}
