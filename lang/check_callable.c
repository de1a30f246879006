/* What can be called: functions, layers, instances and their members, primitives, conversions and pipes. */
#include "lang/check_expression.h"
#include "lang/check_program.h"
#include "lang/check_record.h"

#include <string.h>

/* ---- callables ------------------------------------------------------------------------------ */

Callable *callable_new(Checker *cx, CallableKind kind, const Symbol *name, Span span) {
    Callable *callable = arena_new(cx->arena, Callable);
    *callable = (Callable){.kind = kind, .name = name, .span = span};
    return callable;
}

const Tx *instance_value(Checker *cx, const Instance *instance, Built *built, Span span) {
    Type *type = type_copy(cx, type_unit(cx));
    type->kind = TY_INSTANCE;
    type->layout = built->layout;
    type->function = built;
    ((Instance *)(uintptr_t)instance)->type = type;
    Tx *tx = tx_new(cx, T_INSTANCE, type, span);
    tx->instance = instance;
    return tx;
}

static Callable *declared_callable(Checker *cx, Declared *d, const Ast *ast) {
    switch ((int)d->ast->kind) {
    case AST_MODEL: {
        prepare_model(cx, d);
        Callable *callable = callable_new(cx, CALL_INSTANCE, d->name, ast->span);
        callable->declared = d;
        callable->built = d->built;
        callable->self = instance_value(cx, d->instance, d->built, ast->span);
        return callable;
    }
    case AST_FN:
    case AST_LAYER:
    case AST_OPTIMIZER:
    case AST_STEP: {
        Callable *callable = callable_new(cx, CALL_DECLARED, d->name, ast->span);
        callable->declared = d;
        callable->site = ast;
        callable->copy = present_copy(cx);
        return callable;
    }
    case AST_EXTERN: {
        Diag *diag = check_error(cx, ast->span, E_NOT_COMPILED, "`%s` is a C function, which cannot be called yet",
                                 d->name->text);
        check_note(cx, diag, "its declaration was checked and has no mistake in it");
        return callable_new(cx, CALL_ERROR, d->name, ast->span);
    }
    default: return NULL;
    }
}

int is_layer_callable(const Callable *callable) {
    return callable->kind == CALL_DECLARED && callable->declared->ast->kind == AST_LAYER;
}

/* A `let` of a layer is its instance; a static parameter that is a layer makes one wherever it is named. */
static Callable *named_layer(Checker *cx, Callable *callable, const Ast *ast) {
    if (callable->is_let) {
        Callable *made = make_part(cx, callable, ast->span);
        if (!made) return callable_new(cx, CALL_ERROR, callable->name, ast->span);
        made->items = NULL;
        made->scope = NULL;
        return made;
    }
    Callable *here = arena_new(cx->arena, Callable);
    *here = *callable;
    here->site = ast;
    here->copy = present_copy(cx);
    return here;
}

static Callable *bound_callable(Checker *cx, const Binding *b, const Ast *ast) {
    switch (b->kind) {
    case BIND_CALLABLE:
        return is_layer_callable(b->callable) ? named_layer(cx, b->callable, ast) : b->callable;
    case BIND_ERROR: return callable_new(cx, CALL_ERROR, b->name, ast->span);
    case BIND_DECLARED: return declared_callable(cx, b->declared, ast);
    case BIND_VALUE:
        return b->tx->type->kind == TY_INSTANCE ? record_callable(cx, b->tx, ast->span) : NULL;
    case BIND_PRIMITIVE:
    case BIND_PROCEDURE: {
        Callable *callable = callable_new(
            cx, b->kind == BIND_PRIMITIVE ? CALL_PRIMITIVE : CALL_PROCEDURE, b->name, ast->span);
        callable->number = b->number;
        return callable;
    }
    case BIND_DIM:
    case BIND_PACK:
    case BIND_AXIS:
    case BIND_AXES:
    case BIND_FLAG:
    case BIND_TEXT:
    case BIND_MODULE: return NULL;
    }
    return NULL;
}

/* Where a name is called it means something that can be called: `mean(x)` works beside `state
 * mean`. */
static Callable *named_callable(Checker *cx, const Ast *ast) {
    for (Scope *s = cx->scope; s; s = s->outer) {
        Binding *b = map_get(&s->names, ast->name);
        Callable *callable = b ? bound_callable(cx, b, ast) : NULL;
        if (!callable) continue;
        b->use_count++;
        if (b->kind == BIND_DECLARED) b->declared->use_count++;
        return callable;
    }
    DType dtype;
    ElementVariable element;
    if (!is_element_name(ast->name, &dtype, &element) || element != ELEMENT_FIXED) return NULL;
    Callable *callable = callable_new(cx, CALL_CONVERT, ast->name, ast->span);
    callable->type = type_scalar(cx, dtype);
    return callable;
}

static Callable *field_callable(Checker *cx, const Ast *ast) {
    const Ast *of = ast_ungroup(ast->field.of);
    if (of->kind != AST_NAME && of->kind != AST_FIELD && of->kind != AST_INDEX) return NULL;
    if (is_module_member(cx, ast)) {
        Declared *d = module_member(cx, ast);
        if (d) d->use_count++;
        return d ? declared_callable(cx, d, ast) : callable_new(cx, CALL_ERROR, ast->field.name.symbol, ast->span);
    }
    cx->quiet++;
    Callable *head = check_callable(cx, of);
    cx->quiet--;
    if (!head || head->kind != CALL_INSTANCE) return NULL;
    Declared *member = member_of(cx, head->built, ast->field.name.symbol);
    if (member) {
        Callable *callable = callable_new(cx, CALL_MEMBER, member->name, ast->span);
        callable->built = head->built;
        callable->self = head->self;
        callable->declared = member;
        return callable;
    }
    const Tx *part = check_field(cx, head->self, ast->field.name, ast->span);
    if (is_error(part)) return callable_new(cx, CALL_ERROR, ast->field.name.symbol, ast->span);
    return is_record(part) ? record_callable(cx, part, ast->span) : NULL;
}

/* `Net[training=false]` */
static int sets_training(const AstList *items) {
    return items->len == 1 && items->data[0]->kind == AST_NAMED &&
           !strcmp(items->data[0]->named.name.symbol->text, "training");
}

static Callable *index_callable(Checker *cx, const Ast *ast) {
    const Ast *of = ast_ungroup(ast->index.of);
    if (of->kind == AST_NAME && !strcmp(of->name->text, "index")) {
        const Type *type = check_type(cx, ast);
        Callable *callable =
            callable_new(cx, is_error_type(type) ? CALL_ERROR : CALL_CONVERT, of->name, ast->span);
        callable->type = type;
        return callable;
    }
    Callable *inner = check_callable(cx, of);
    if (!inner || inner->kind == CALL_ERROR) return inner;
    if (inner->kind == CALL_INSTANCE && !sets_training(&ast->index.items))
        return stack_item(cx, inner, &ast->index.items, ast->span);
    Callable *with = arena_new(cx->arena, Callable);
    *with = *inner;
    with->items = &ast->index.items;
    with->scope = cx->scope;
    with->span = ast->span;
    return with;
}

static Callable *pipe_callable(Checker *cx, const Ast *ast) {
    Callable *left = check_callable(cx, ast->pipe.left);
    if (!left || needs_no_inputs(left)) return NULL;
    const Ast *right = ast_ungroup(ast->pipe.right);
    const AstList *args = NULL;
    if (right->kind == AST_CALL) {
        args = &right->call.args;
        right = right->call.callee;
    }
    Callable *stage = check_callable(cx, right);
    if (!stage) return NULL;
    if (ast->pipe.as.symbol) stage->as = ast->pipe.as.symbol;
    count_uses(cx, ast);
    if (has_layer(left) || has_layer(stage)) return pipe_layer(cx, ast);
    Callable *pipe = callable_new(cx, CALL_PIPE, NULL, ast->span);
    pipe->left = left;
    pipe->right = stage;
    pipe->args = args;
    pipe->scope = cx->scope;
    return pipe;
}

Callable *check_callable(Checker *cx, const Ast *ast) {
    ast = ast_ungroup(ast);
    switch ((int)ast->kind) {
    case AST_ERROR: return callable_new(cx, CALL_ERROR, NULL, ast->span);
    case AST_NAME: return named_callable(cx, ast);
    case AST_FIELD: return field_callable(cx, ast);
    case AST_INDEX: return index_callable(cx, ast);
    case AST_PIPE: return pipe_callable(cx, ast);
    default: return NULL;
    }
}

/* ---- sites ---------------------------------------------------------------------------------- */

const Tx *call_with_site(Checker *cx, Tx *tx, const Symbol *name) {
    uintptr_t count = (uintptr_t)map_get(&cx->body->sites, name) + 1;
    map_set(cx->arena, &cx->body->sites, name, (void *)count);
    tx->site = symbol_printf(&cx->session->symbols, "%s#%d", name->text, (int)count);
    return tx;
}

TVariable *variable_new(Checker *cx, const Symbol *name, const Type *type, Span span) {
    TVariable *variable = arena_new(cx->arena, TVariable);
    *variable = (TVariable){.name = name ? name : symbol(&cx->session->symbols, "_"),
                            .type = type,
                            .loop_depth = cx->body ? cx->body->loop_depth : 0,
                            .span = span};
    return variable;
}
