/* What can be called: functions, layers, instances and their members, primitives, conversions and pipes; and the
 * instances that naming a layer makes. */
#include "lang/check_record.h"

#include <ctype.h>
#include <string.h>

/* ---- callables ------------------------------------------------------------------------------ */

static Callable *callable_new(Checker *cx, CallableKind kind, const Symbol *name, Span span) {
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
        return callable;
    }
    default: return NULL;
    }
}

static Callable *bound_callable(Checker *cx, const Binding *b, const Ast *ast) {
    switch (b->kind) {
    case BIND_CALLABLE: return b->callable;
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
    case BIND_TEXT: return NULL;
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

static Declared *member_of(Checker *cx, const Built *built, const Symbol *name) {
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
                                 .state = CHECKED,
                                 .layer = built->declared};
            map_set(cx->arena, &cx->pack_names, statement, member);
        }
        return member;
    }
    return NULL;
}

void declare_member(Checker *cx, const Ast *ast) {
    Built *built = cx->body->built;
    Type *type = type_copy(cx, type_unit(cx));
    type->kind = TY_INSTANCE;
    type->layout = built->layout;
    type->function = built;
    AstName name = ast->function.name;
    Callable *callable = callable_new(cx, CALL_MEMBER, name.symbol, name.span);
    callable->built = built;
    callable->self = tx_new(cx, T_SELF, type, name.span);
    callable->declared = member_of(cx, built, name.symbol);
    Binding *b = scope_add(cx, name.symbol, name.span, BIND_CALLABLE);
    b->callable = callable;
    b->is_quiet = 1;
}

static Callable *field_callable(Checker *cx, const Ast *ast) {
    const Ast *of = ast_ungroup(ast->field.of);
    if (of->kind != AST_NAME && of->kind != AST_FIELD) return NULL;
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
    if (inner->kind == CALL_INSTANCE && of->kind == AST_NAME &&
        inner->self->type->kind == TY_INSTANCE && !ast->index.items.len)
        return inner;
    Callable *with = arena_new(cx->arena, Callable);
    *with = *inner;
    with->items = &ast->index.items;
    with->scope = cx->scope;
    with->span = ast->span;
    return with;
}

static Callable *pipe_callable(Checker *cx, const Ast *ast) {
    Callable *left = check_callable(cx, ast->pipe.left);
    if (!left) return NULL;
    const Ast *right = ast_ungroup(ast->pipe.right);
    const AstList *args = NULL;
    if (right->kind == AST_CALL) {
        args = &right->call.args;
        right = right->call.callee;
    }
    Callable *stage = check_callable(cx, right);
    if (!stage) return NULL;
    if (ast->pipe.as.symbol) stage->as = ast->pipe.as.symbol;
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
    if (cx->body) variable->loop_depth = cx->body->loop_depth;
    *variable = (TVariable){.name = name, .type = type, .span = span};
    return variable;
}

/* ---- instances ------------------------------------------------------------------------------ */

Built *built_new(Checker *cx, Declared *declared, const AstList *items, Scope *scope, Span span) {
    Built *built = arena_new(cx->arena, Built);
    built->declared = declared;
    built->items = items;
    built->scope = scope;
    built->layout = arena_new(cx->arena, Layout);
    built->layout->layer = declared->name;
    built->layout->span = span;
    return built;
}

/* Conv2d -> conv2d, LayerNorm -> layer_norm */
static const Symbol *part_name(Checker *cx, const Symbol *layer) {
    Text text = text_new(cx->arena);
    for (const char *c = layer->text; *c; c++) {
        if (isupper((unsigned char)*c) && c != layer->text && !isupper((unsigned char)c[-1]))
            text_char(&text, '_');
        text_char(&text, (char)tolower((unsigned char)*c));
    }
    return symbol(&cx->session->symbols, text_str(&text));
}

static const Tx *part_tx(Checker *cx, Built *part, const Symbol *name, Span span) {
    Type *self_type = type_copy(cx, type_unit(cx));
    self_type->kind = TY_INSTANCE;
    self_type->layout = cx->body->built->layout;
    self_type->function = cx->body->built;
    Type *type = type_copy(cx, self_type);
    type->layout = part->layout;
    type->function = part;
    Tx *tx = tx_new(cx, T_PART, type, span);
    tx_add(cx, tx, tx_new(cx, T_SELF, self_type, span));
    tx->name = name;
    return tx;
}

/* The instance that naming a layer makes at this place. */
Callable *make_part(Checker *cx, Callable *callee, Span span) {
    Built *owner = cx->body->built;
    int is_in_loop = cx->body->loop_depth && !callee->is_let;
    if (cx->body->kind != BODY_LAYER || !owner || is_in_loop) {
        Diag *diag =
            check_error(cx, callee->span, E_INSTANCE_PLACE,
                        is_in_loop ? "`%s` would make new weights in every turn"
                                   : "`%s` would make new weights here, at every call",
                        callee->name->text);
        check_fix(cx, diag, "make it outside: `let %s = %s[...]`",
                  part_name(cx, callee->name)->text, callee->name->text);
        return NULL;
    }
    Callable *made = callable_new(cx, CALL_INSTANCE, callee->name, callee->span);
    made->declared = callee->declared;
    made->items = callee->items;
    made->scope = callee->scope;
    for (int i = 0; i < owner->sites.len; i++) {
        if (owner->sites.data[i] != callee->site) continue;
        Built *part = owner->parts.data[i];
        part->items = callee->items;
        part->scope = callee->scope;
        made->built = part;
        made->self = part_tx(cx, part, owner->layout->parts.data[i].name, span);
        return made;
    }
    const Symbol *kind = part_name(cx, callee->name), *name = callee->as;
    if (!name) {
        uintptr_t count = (uintptr_t)map_get(&owner->counts, kind) + 1;
        map_set(cx->arena, &owner->counts, kind, (void *)count);
        name = symbol_printf(&cx->session->symbols, "%s_%d", kind->text, (int)count);
    }
    for (int i = 0; i < owner->layout->parts.len; i++)
        if (owner->layout->parts.data[i].name == name) {
            check_error(cx, callee->span, E_DUPLICATE_NAME, "two parts of %s are named `%s`",
                        owner->declared->name->text, name->text);
            return NULL;
        }
    made->built = built_new(cx, callee->declared, callee->items,
                            callee->scope ? callee->scope : cx->scope, callee->span);
    vec_push(cx->arena, &owner->parts, made->built);
    vec_push(cx->arena, &owner->sites, callee->site);
    vec_push(cx->arena, &owner->layout->parts, ((LayoutPart){name, made->built->layout}));
    made->self = part_tx(cx, made->built, name, span);
    return made;
}

