/* Sizes and types as they stand in source text: dimension expressions, types. */
#include "lang/check_program.h"

#include <string.h>

/* ---- origins -------------------------------------------------------------------------------- */

const Origin *origin_new(Checker *cx, OriginKind kind, Span span, const Origin *from) {
    Origin *origin = arena_new(cx->arena, Origin);
    *origin = (Origin){.kind = kind, .span = span, .from = from};
    return origin;
}

const Origin *dim_origin(Checker *cx, const Ast *ast) {
    ast = ast_ungroup(ast);
    if (ast->kind == AST_NAME) {
        cx->quiet++;
        Binding *binding = scope_find(cx, ast->name);
        cx->quiet--;
        if (binding && binding->kind == BIND_DIM) return binding->why;
        if (binding && binding->kind == BIND_DECLARED) return binding->declared->why;
    }
    return origin_new(cx, ORIGIN_LITERAL, ast->span, NULL);
}

/* ---- dimension expressions ------------------------------------------------------------------ */

/* A size that a rigid pack hides: S[0], prod(S), rank(S) as names of their own. */
static const Dim *hidden_size(Checker *cx, const Pack *pack, const char *text) {
    Map *names = map_get(&cx->pack_names, pack);
    if (!names) {
        names = arena_new(cx->arena, Map);
        map_set(cx->arena, &cx->pack_names, pack, names);
    }
    const Symbol *key = symbol(&cx->session->symbols, text);
    DimName *name = map_get(names, key);
    if (!name) {
        name = dim_new_name(&cx->session->dims, key);
        map_set(cx->arena, names, key, name);
    }
    return dim_named(&cx->session->dims, name);
}

static const Binding *pack_binding(Checker *cx, const Ast *ast) {
    ast = ast_ungroup(ast);
    if (ast->kind != AST_NAME) return NULL;
    const Binding *binding = scope_find(cx, ast->name);
    return binding && binding->kind == BIND_PACK ? binding : NULL;
}

static const Pack *rigid_pack(const Binding *pack) {
    for (int i = 0; i < pack->rank; i++)
        if (pack->axes[i].pack) return pack->axes[i].pack;
    return NULL;
}

static const Dim *pack_element(Checker *cx, const Binding *pack, const Ast *index) {
    const Dim *at = dim_expression(cx, index);
    if (!at || !dim_is_constant(at)) return NULL;
    int64_t i = dim_constant_value(at);
    if (rigid_pack(pack))
        return hidden_size(cx, rigid_pack(pack),
                           arena_printf(cx->arena, "%s[%lld]", pack->name->text, (long long)i));
    if (i < 0) i += pack->rank;
    if (i >= 0 && i < pack->rank) return pack->axes[i].dim;
    check_error(cx, index->span, E_INDEX_RANGE, "%s has %d dimensions, there is none at %lld",
                pack->name->text, pack->rank, (long long)i);
    return NULL;
}

/* prod(S), rank(S) */
static const Dim *pack_function(Checker *cx, const Ast *ast) {
    const Ast *callee = ast_ungroup(ast->call.callee);
    if (callee->kind != AST_NAME || ast->call.args.len != 1) return NULL;
    int is_prod = !strcmp(callee->name->text, "prod"),
        is_rank = !strcmp(callee->name->text, "rank");
    const Binding *pack = is_prod || is_rank ? pack_binding(cx, ast->call.args.data[0]) : NULL;
    if (!pack) return NULL;
    if (rigid_pack(pack))
        return hidden_size(
            cx, rigid_pack(pack),
            arena_printf(cx->arena, is_prod ? "prod(%s)" : "rank(%s)", pack->name->text));
    if (is_rank) return dim_constant(&cx->session->dims, pack->rank);
    const Dim *product = dim_constant(&cx->session->dims, 1);
    for (int i = 0; i < pack->rank; i++)
        product = dim_mul(&cx->session->dims, product, pack->axes[i].dim);
    return product;
}

static const Dim *exact_quotient(Checker *cx, const Ast *ast, const Dim *a, const Dim *b) {
    DimAnswer divides = dim_divides(&cx->session->dims, a, b, &cx->body->facts);
    if (divides == DIM_DIFFERENT) {
        const char *divided = source_text(cx, ast->binary.left->span), *value = dim_shown(cx, a);
        int is_same = !strcmp(divided, value) || strlen(divided) > 40;
        Diag *diag = check_error(cx, ast->span, E_INEXACT, is_same ? "%s does not divide %s" : "%s does not divide %s, which is %s",
                                 dim_shown(cx, b), is_same ? value : divided, value);
        if (!is_same) label_axis(cx, diag, &(Axis){.dim = a, .why = dim_origin(cx, ast->binary.left)});
        check_fix(cx, diag, "`//` rounds down");
        return NULL;
    }
    return dim_exact_div(&cx->session->dims, a, b);
}

static const Dim *dim_binary(Checker *cx, const Ast *ast) {
    const Dim *a = dim_expression(cx, ast->binary.left),
              *b = a ? dim_expression(cx, ast->binary.right) : NULL;
    if (!b) return NULL;
    DimTable *t = &cx->session->dims;
    int by_zero = dim_is_constant(b) && dim_constant_value(b) == 0;
    switch ((int)ast->binary.op) {
    case AST_ADD: return dim_add(t, a, b);
    case AST_SUB: return dim_sub(t, a, b);
    case AST_MUL: return dim_mul(t, a, b);
    case AST_POW:
        return dim_is_constant(b) && dim_constant_value(b) >= 0 && dim_constant_value(b) < 64
                   ? dim_power(t, a, (int)dim_constant_value(b))
                   : NULL;
    case AST_DIV:
    case AST_FLOOR_DIV:
    case AST_MOD:
        if (by_zero) {
            check_error(cx, ast->span, E_INEXACT, "a size is divided by 0");
            return NULL;
        }
        if (ast->binary.op == AST_DIV) return exact_quotient(cx, ast, a, b);
        return ast->binary.op == AST_MOD ? dim_mod(t, a, b) : dim_floor_div(t, a, b);
    default: return NULL;
    }
}

/* A `dim`, or an option that is a whole number. */
static const Dim *declared_dim(Checker *cx, Declared *d) {
    check_declared(cx, d);
    note_option(cx, d);
    if (d->ast->kind == AST_DIM) return d->dim;
    if (d->ast->kind != AST_OPTION || !d->option) return NULL;
    if (d->option->kind == OPTION_DIM || d->option->kind == OPTION_I64)
        return dim_constant(&cx->session->dims, d->option->integer);
    return NULL;
}

static const Dim *dim_name_value(Checker *cx, const Ast *ast) {
    const Binding *binding = scope_find(cx, ast->name);
    if (!binding) return NULL;
    if (binding->kind == BIND_DIM) return binding->dim;
    return binding->kind == BIND_DECLARED ? declared_dim(cx, binding->declared) : NULL;
}

const Dim *dim_expression(Checker *cx, const Ast *ast) {
    ast = ast_ungroup(ast);
    DimTable *t = &cx->session->dims;
    switch ((int)ast->kind) {
    case AST_INTEGER: return dim_constant(t, ast->integer);
    case AST_NAME: return dim_name_value(cx, ast);
    case AST_FIELD: {
        cx->quiet++;
        Declared *d = is_module_member(cx, ast) ? module_member(cx, ast) : NULL;
        cx->quiet--;
        return d ? declared_dim(cx, d) : NULL;
    }
    case AST_BINARY: return dim_binary(cx, ast);
    case AST_UNARY: {
        if (ast->unary.op != AST_NEGATE) return NULL;
        const Dim *of = dim_expression(cx, ast->unary.operand);
        return of ? dim_sub(t, dim_constant(t, 0), of) : NULL;
    }
    case AST_INDEX: {
        const Binding *pack = ast->index.items.len == 1 ? pack_binding(cx, ast->index.of) : NULL;
        return pack ? pack_element(cx, pack, ast->index.items.data[0]) : NULL;
    }
    case AST_CALL: return pack_function(cx, ast);
    default: return NULL;
    }
}

/* The first name of an expression that nothing in scope has, or NULL. */
static const Ast *unknown_in(Checker *cx, const Ast *ast) {
    ast = ast_ungroup(ast);
    if (ast->kind == AST_NAME) return scope_find(cx, ast->name) ? NULL : ast;
    if (ast->kind == AST_UNARY) return unknown_in(cx, ast->unary.operand);
    if (ast->kind != AST_BINARY) return NULL;
    const Ast *left = unknown_in(cx, ast->binary.left);
    return left ? left : unknown_in(cx, ast->binary.right);
}

/* A name whose declaration had a mistake. */
static int mentions_poison(Checker *cx, const Ast *ast) {
    ast = ast_ungroup(ast);
    if (ast->kind == AST_ERROR) return 1;
    if (ast->kind == AST_NAME) {
        const Binding *b = scope_find(cx, ast->name);
        return b && (b->kind == BIND_ERROR || (b->kind == BIND_DECLARED && b->declared->is_broken));
    }
    if (ast->kind == AST_UNARY) return mentions_poison(cx, ast->unary.operand);
    return ast->kind == AST_BINARY &&
           (mentions_poison(cx, ast->binary.left) || mentions_poison(cx, ast->binary.right));
}

const Dim *expect_dim(Checker *cx, const Ast *ast) {
    int before = cx->session->diags.error_count;
    const Dim *dim = dim_expression(cx, ast);
    if (dim && dim->overflowed) {
        check_error(cx, ast->span, E_SIZE_OVERFLOW, "this size is too large");
        return NULL;
    }
    if (dim || cx->session->diags.error_count > before || mentions_poison(cx, ast)) return dim;
    const Ast *unknown = unknown_in(cx, ast);
    if (unknown) unknown_name(cx, (AstName){unknown->name, unknown->span}, "dimension");
    else
        check_error(cx, ast->span, E_NOT_A_SIZE,
                    "a size is wanted here: a whole number or an expression over dimensions");
    return NULL;
}

/* ---- types ---------------------------------------------------------------------------------- */

int is_element_name(const Symbol *name, DType *dtype, ElementVariable *element) {
    *element = ELEMENT_FIXED;
    *dtype = DT_F32;
    if (!strcmp(name->text, "any") || !strcmp(name->text, "float")) {
        *element = name->text[0] == 'a' ? ELEMENT_ANY : ELEMENT_FLOAT;
        return 1;
    }
    int found = dtype_from_name(name->text);
    if (found < 0 || found == DT_INDEX) return 0;
    *dtype = (DType)found;
    return 1;
}

static int is_index_name(const Ast *ast) {
    return ast->kind == AST_NAME && !strcmp(ast->name->text, "index");
}

/* index[V] or index[V][shape] */
static int index_parts(Checker *cx, const Ast *ast, TypeParts *parts) {
    const Ast *inner = ast_ungroup(ast->index.of);
    if (is_index_name(inner)) {
        if (ast->index.items.len != 1) {
            check_error(cx, ast->span, E_NO_TYPE, "`index[..]` takes one bound: index[10]");
            return 0;
        }
        *parts = (TypeParts){.dtype = DT_I32, .bound = ast->index.items.data[0]};
        return 1;
    }
    if (inner->kind == AST_INDEX && is_index_name(ast_ungroup(inner->index.of))) {
        if (!index_parts(cx, inner, parts)) return 0;
        parts->shape = &ast->index.items;
        return 1;
    }
    return -1;
}

int type_parts(Checker *cx, const Ast *ast, TypeParts *parts) {
    ast = ast_ungroup(ast);
    *parts = (TypeParts){0};
    if (ast->kind == AST_ERROR) return 0;
    if (ast->kind == AST_INDEX) {
        int index = index_parts(cx, ast, parts);
        if (index >= 0) return index;
        parts->shape = &ast->index.items;
        ast = ast_ungroup(ast->index.of);
    }
    if (ast->kind == AST_NAME && is_element_name(ast->name, &parts->dtype, &parts->element))
        return 1;
    if (ast->kind != AST_NAME) {
        check_error(cx, ast->span, E_NO_TYPE, "this is no type");
        return 0;
    }
    Diag *diag = check_error(cx, ast->span, E_NO_TYPE, "there is no type `%s`", ast->name->text);
    if (!strcmp(ast->name->text, "index")) check_fix(cx, diag, "an index has a bound: index[10]");
    else
        check_note(
            cx, diag,
            "element types are f32 f64 f16 bf16 i8 i16 i32 i64 u8 u16 u32 u64 bool and index[V]");
    return 0;
}

static void push_pack(Checker *cx, const Ast *item, Axis *axes, int *rank) {
    const Symbol *name = item->rest ? item->rest : symbol(&cx->session->symbols, "..");
    const Binding *pack = scope_find(cx, name);
    if (!pack || pack->kind != BIND_PACK) {
        check_error(cx, item->span, E_NO_TYPE, "`..%s` is not bound by an input here",
                    item->rest ? item->rest->text : "");
        return;
    }
    for (int i = 0; i < pack->rank && *rank < 32; i++) axes[(*rank)++] = pack->axes[i];
}

static const Type *too_many_axes(Checker *cx, Span span) {
    check_error(cx, span, E_RANK, "a tensor has at most %d axes", TENSOR_MAX_RANK);
    return type_error(cx);
}

static const Type *tensor_type(Checker *cx, const TypeParts *parts) {
    Axis axes[40];
    int rank = 0, is_bad = 0;
    for (int i = 0; parts->shape && i < parts->shape->len; i++) {
        const Ast *item = parts->shape->data[i];
        if (rank >= TENSOR_MAX_RANK) return too_many_axes(cx, item->span);
        if (item->kind == AST_REST) {
            push_pack(cx, item, axes, &rank);
            if (rank > TENSOR_MAX_RANK) return too_many_axes(cx, item->span);
            continue;
        }
        if (item->kind == AST_NEW && !item->rest) {
            axes[rank++] = (Axis){.dim = dim_constant(&cx->session->dims, 1), .is_stretchable = 1};
            continue;
        }
        if (item->kind == AST_HOLE) {
            check_error(cx, item->span, E_NO_TYPE,
                        "`_` stands for a size only in the type of an input");
            return type_error(cx);
        }
        const Dim *dim = expect_dim(cx, item);
        if (!dim) is_bad = 1;
        else if (dim_is_constant(dim) && dim_constant_value(dim) < 0) {
            check_error(cx, item->span, E_NOT_A_SIZE, "a size is never negative; this is %s",
                        dim_shown(cx, dim));
            is_bad = 1;
        }
        axes[rank++] = (Axis){.dim = dim, .why = dim_origin(cx, item)};
    }
    const Dim *bound = parts->bound ? expect_dim(cx, parts->bound) : NULL;
    if (is_bad || (parts->bound && !bound)) return type_error(cx);
    Type *type = type_copy(cx, type_tensor(cx, parts->dtype, rank, axes));
    type->element = parts->element;
    type->index_bound = bound;
    return type;
}

const Type *check_type(Checker *cx, const Ast *ast) {
    ast = ast_ungroup(ast);
    if (ast->kind == AST_TUPLE) {
        TypeField *fields = arena_array(cx->arena, TypeField, ast->items.len);
        for (int i = 0; i < ast->items.len; i++)
            fields[i].type = check_type(cx, ast->items.data[i]);
        return type_list(cx, TY_TUPLE, fields, ast->items.len);
    }
    if (ast->kind == AST_NAME) {
        const Binding *named = scope_find(cx, ast->name);
        if (named && named->kind == BIND_DECLARED && named->declared->ast->kind == AST_TYPE)
            return check_declared(cx, named->declared)->type;
        if (!strcmp(ast->name->text, "string")) return type_string(cx);
    }
    if (is_broken_import(cx, ast)) return type_error(cx);
    if (is_module_member(cx, ast)) {
        Declared *d = module_member(cx, ast);
        if (!d) return type_error(cx);
        if (d->ast->kind == AST_TYPE) return check_declared(cx, d)->type;
    }
    TypeParts parts;
    return type_parts(cx, ast, &parts) ? tensor_type(cx, &parts) : type_error(cx);
}
