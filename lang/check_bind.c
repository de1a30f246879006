/* Binding inputs: what the arguments of a call give to the names of a declaration.
 *
 * Statics come first (check_bind_static.c), then the shapes of the inputs in two passes: names that
 * stand alone in a shape are bound, then every other size is compared with what it must be.  A
 * creation function's shape may come from the wanted type instead.  In a generic check the same
 * names are bound to rigid ones (bind_rigid_type). */
#include "lang/check_bind.h"
#include "lang/check_expression.h"
#include <string.h>

/* ---- shapes --------------------------------------------------------------------------------- */

static const Symbol *pack_name(Checker *cx, const Ast *item) {
    return item->rest ? item->rest : symbol(&cx->session->symbols, "..");
}

/* A name in a shape that the inputs bind: nothing of that name is a size yet. */
int bind_is_free(Checker *cx, const Ast *item) {
    item = ast_ungroup(item);
    if (item->kind != AST_NAME || !is_capitalised(item->name)) return 0;
    int is_used = 0;
    for (const Scope *s = cx->scope; s; s = s->outer)
        if (map_has(&s->names, item->name)) {
            const Binding *b = map_get(&s->names, item->name);
            is_used = b->kind != BIND_DECLARED || b->declared->ast->kind == AST_DIM ||
                      b->declared->ast->kind == AST_OPTION;
            if (b->kind == BIND_ERROR && s == cx->file_scope) is_used = 0; /* missing elsewhere, bound here */
            break;
        }
    return !is_used;
}

static void bind_dim(Checker *cx, const Ast *item, const Axis *axis) {
    item = ast_ungroup(item);
    Binding *b = scope_add(cx, item->name, item->span, BIND_DIM);
    b->dim = axis->dim;
    b->why = axis->why ? axis->why : origin_new(cx, ORIGIN_FIRST_USE, item->span, NULL);
    b->is_quiet = 1;
}

/* Binds what stands alone in items; 1 fits, 0 another rank, -1 not known here. */
static int bind_shape(Checker *cx, const Bind *bind, Span place, const AstList *items, const Axis *axes, int rank) {
    int count = items ? items->len : 0, rest = -1;
    for (int i = 0; i < count; i++)
        if (items->data[i]->kind == AST_REST) rest = i;
    int taken = rank - (count - 1); /* axes that the pack takes */
    int pack_axes = 0;
    for (int i = 0; i < rank; i++) pack_axes += axes[i].pack != NULL;
    if (rest < 0 && rank != count) return pack_axes ? -1 : 0;
    if (rest >= 0 && taken < 0) return pack_axes ? -1 : 0;
    for (int i = 0, at = 0; i < count; i++) {
        const Ast *item = items->data[i];
        if (i == rest) {
            Binding *old = map_get(&cx->scope->names, pack_name(cx, item));
            if (!old) {
                Binding *b = scope_add(cx, pack_name(cx, item), item->span, BIND_PACK);
                b->rank = taken;
                b->axes = axes + at;
                b->is_quiet = 1;
            } else if (!item->rest &&
                       old->kind ==
                           BIND_PACK) { /* plain packs of one signature broadcast together */
                Axis *joined;
                int joined_rank,
                    fits = broadcast_axes(
                        cx, place, bind->name->text, type_tensor(cx, DT_F32, old->rank, old->axes),
                        type_tensor(cx, DT_F32, taken, axes + at), &joined, &joined_rank);
                if (fits <= 0) return fits < 0 ? -1 : -3;
                old->rank = joined_rank;
                old->axes = joined;
            }
            at += taken;
            continue;
        }
        if (axes[at].pack) return -1;
        if (bind_is_free(cx, item)) bind_dim(cx, item, &axes[at]);
        at++;
    }
    return 1;
}

/* Every item that did not bind equals what it must; stretchable axes that meet a size become
 * ordinary ones, and every axis is from now on that of its name: axes are found by it. */
static int compare_shape(Checker *cx, const Bind *bind, const Ast *input, const AstList *items,
                         const Tx *arg, Axis *axes) {
    const Type *t = arg->type;
    int count = items ? items->len : 0;
    for (int i = 0, at = 0; i < count; i++) {
        const Ast *item = items->data[i];
        if (item->kind == AST_REST) {
            const Binding *pack = map_get(&cx->scope->names, pack_name(cx, item));
            int taken = t->rank - (count - 1);
            for (int k = 0; item->rest && pack && (k < taken || k < pack->rank); k++)
                if (taken != pack->rank ||
                    (pack->axes[k].dim && t->axes[at + k].dim &&
                     compare_dims(cx, pack->axes[k].dim, t->axes[at + k].dim) == DIM_DIFFERENT)) {
                    message_pack(cx, bind, input, arg, item->rest, pack, axes + at, taken);
                    return 0;
                }
            for (int k = 0; item->rest && pack && k < taken; k++) {
                if (pack->axes[k].dim && axes[at + k].dim) open_equal(cx, axes[at + k].dim, pack->axes[k].dim, item->span);
                axes[at + k].why = pack->axes[k].why;
            }
            at += taken;
            continue;
        }
        if (item->kind != AST_HOLE && item->kind != AST_NEW) {
            const Dim *wanted = expect_dim(cx, item);
            if (!wanted) return 0;
            if (compare_dims(cx, wanted, t->axes[at].dim) == DIM_DIFFERENT) {
                message_axis(cx, bind, input, arg, at, item, wanted);
                return 0;
            }
            open_equal(cx, t->axes[at].dim, wanted, item->span);
            const Binding *name = item->kind == AST_NAME ? scope_find(cx, item->name) : NULL;
            axes[at].is_stretchable = 0;
            if (name && name->kind == BIND_DIM && name->why) axes[at].why = name->why;
        }
        at++;
    }
    return 1;
}

/* ---- inputs --------------------------------------------------------------------------------- */

const char *bind_input_text(Checker *cx, const Bind *bind, const Ast *input) {
    const Symbol *name = input->declare.name.symbol;
    return arena_printf(cx->arena, "`%s` of `%s`", name ? name->text : "_", bind->name->text);
}

static int is_named_type(Checker *cx, const Ast *type) {
    type = ast_ungroup(type);
    if (type->kind == AST_TUPLE) return 1;
    if (type->kind != AST_NAME) return 0;
    const Binding *b = scope_find(cx, type->name);
    return (b && b->kind == BIND_DECLARED && b->declared->ast->kind == AST_TYPE) ||
           !strcmp(type->name->text, "string");
}

/* First pass over one input; -1: its type is not known here. */
static int bind_input(Checker *cx, Bind *bind, int i) {
    const Ast *input = bind->function->inputs.data[i];
    const Tx *arg = bind->args[i];
    if (!input->declare.type || is_named_type(cx, input->declare.type))
        return is_error(arg) ? -1 : 1;
    TypeParts *parts = &bind->parts[i];
    if (!type_parts(cx, input->declare.type, parts)) return 0;
    if (is_error(arg)) return -1;
    if (arg->type->kind != TY_TENSOR) {
        check_error(cx, arg->span, E_TYPE_MISMATCH, "%s is a tensor, this is %s",
                    bind_input_text(cx, bind, input), type_shown(cx, arg->type));
        return 0;
    }
    if (parts->bound && dtype_is_float(arg->type->dtype) && arg->type->element == ELEMENT_FIXED) {
        message_index(cx, bind, i);
        return 0;
    }
    if (parts->bound && arg->type->index_bound && bind_is_free(cx, parts->bound))
        bind_dim(cx, parts->bound, &(Axis){.dim = arg->type->index_bound});
    int is_pair = i > 0 && bind->args[0]->type->kind == TY_TENSOR;
    cx->operands[0] = is_pair ? bind->args[0] : NULL;
    cx->operands[1] = arg;
    cx->operator_span = argument_place(cx, arg);
    int fits = bind_shape(cx, bind, argument_place(cx, arg), parts->shape, arg->type->axes, arg->type->rank);
    cx->operands[0] = cx->operands[1] = NULL;
    if (fits == 0) message_rank(cx, bind, input, parts, arg);
    return fits == -3 ? 0 : fits;
}

/* The dtype of `any` and `float`: what all such arguments widen to. */
static int bind_element(Checker *cx, Bind *bind) {
    bind->element = DT_COUNT;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < bind->function->inputs.len; i++) {
            const Type *t = bind->args[i] ? bind->args[i]->type : NULL;
            if (!t || t->kind != TY_TENSOR || bind->parts[i].element == ELEMENT_FIXED ||
                t->is_literal != pass)
                continue;
            if (t->element != ELEMENT_FIXED) {
                bind->rigid_element = t->element;
                continue;
            }
            DType own = t->index_bound ? DT_I64 : t->dtype;
            if (bind->parts[i].element == ELEMENT_FLOAT && !dtype_is_float(own)) own = DT_F32;
            if (pass && bind->element != DT_COUNT &&
                (dtype_is_float(bind->element) || !dtype_is_float(own)))
                continue;
            DType joined = bind->element == DT_COUNT ? own : wider(bind->element, own);
            if (joined == DT_COUNT) {
                check_error(cx, bind->args[i]->span, E_ELEMENT_TYPE,
                            "the arguments of `%s` have no common element type: %s and %s",
                            bind->name->text, dtype_name(bind->element), dtype_name(own));
                return 0;
            }
            bind->element = joined;
        }
    return 1;
}

static const Tx *with_axes(Checker *cx, const Tx *tx, const Axis *axes) {
    Type *type = type_copy(cx, tx->type);
    type->axes = axes;
    Tx *copy = arena_new(cx->arena, Tx);
    *copy = *tx;
    copy->type = type;
    note_copy(cx, tx, copy);
    return copy;
}

/* Every axis of an argument gets an origin of its own, so that two axes of one size and one origin, as in
 * f32[D, D], are told apart in the body. */
static const Tx *with_own_origins(Checker *cx, const Tx *arg) {
    if (arg->type->kind != TY_TENSOR) return arg;
    Axis *axes = arena_array(cx->arena, Axis, arg->type->rank);
    for (int i = 0; i < arg->type->rank; i++) {
        axes[i] = arg->type->axes[i];
        if (axes[i].why) axes[i].why = origin_new(cx, ORIGIN_ARGUMENT, arg->span, axes[i].why);
    }
    return with_axes(cx, arg, axes);
}

static const Tx *finish_input(Checker *cx, Bind *bind, int i) {
    const Ast *input = bind->function->inputs.data[i];
    const TypeParts *parts = &bind->parts[i];
    const Tx *arg = bind->args[i];
    if (!input->declare.type) return settle(cx, arg);
    if (is_named_type(cx, input->declare.type))
        return coerce(cx, arg, check_type(cx, input->declare.type), bind_input_text(cx, bind, input));
    const Dim *bound = parts->bound ? expect_dim(cx, parts->bound) : NULL;
    if (parts->bound && !bound) return tx_error(cx, arg->span);
    DType dtype = parts->element == ELEMENT_FIXED ? parts->dtype : bind->element;
    Axis *axes = arena_array(cx->arena, Axis, arg->type->rank);
    for (int k = 0; k < arg->type->rank; k++) axes[k] = arg->type->axes[k];
    if (!compare_shape(cx, bind, input, parts->shape, arg, axes)) return tx_error(cx, arg->span);
    arg = with_axes(cx, arg, axes);
    int keeps = parts->element != ELEMENT_FIXED && arg->type->element != ELEMENT_FIXED;
    const Tx *converted = keeps || dtype == DT_COUNT ? arg : convert_element(cx, arg, dtype, bound);
    if (is_error(converted)) {
        Diag *diag =
            cx->quiet || !cx->session->diags.list.len ? NULL : vec_last(&cx->session->diags.list);
        check_label(cx, diag, input->span, "%s is declared here", bind_input_text(cx, bind, input));
    }
    return converted;
}

/* Puts the arguments into the order of the inputs; 0 where one is missing or too many (reported).
 */
static int order_arguments(Checker *cx, Bind *bind) {
    const AstList *inputs = &bind->function->inputs;
    bind->args = arena_array(cx->arena, const Tx *, inputs->len);
    bind->parts = arena_array(cx->arena, TypeParts, inputs->len);
    int next = 0;
    for (int i = 0; i < bind->given_count; i++) {
        const Argument *given = &bind->given[i];
        int at = -1;
        if (!given->name) at = next++;
        else
            for (int k = 0; k < inputs->len; k++)
                if (inputs->data[k]->declare.name.symbol == given->name) at = k;
        if (at < 0) {
            Diag *diag = check_error(cx, given->span, E_NO_PARAMETER, "`%s` has no input `%s`", bind->name->text,
                                     given->name->text);
            offer_brackets(cx, bind, diag);
            return 0;
        }
        if (at >= inputs->len || bind->args[at]) {
            Diag *diag =
                check_error(cx, at < inputs->len ? given->span : bind->span, E_ARGUMENT_COUNT,
                            "`%s` takes %d %s, %d given", bind->name->text, inputs->len,
                            inputs->len == 1 ? "argument" : "arguments", bind->given_count);
            check_label(cx, diag, bind->ast->function.name.span, "declared here");
            offer_brackets(cx, bind, diag);
            return 0;
        }
        bind->args[at] = given->tx;
    }
    for (int i = 0; i < inputs->len; i++) {
        if (bind->args[i]) continue;
        const Ast *input = inputs->data[i];
        if (!input->declare.value) {
            Diag *diag = check_error(
                cx, bind->span, E_ARGUMENT_COUNT, "`%s` takes %d %s, %d given", bind->name->text,
                inputs->len, inputs->len == 1 ? "argument" : "arguments", bind->given_count);
            check_label(cx, diag, input->span, "this input is missing");
            return 0;
        }
        bind->args[i] = check_expression(cx, input->declare.value, NULL);
    }
    return 1;
}

/* Statics that nothing gave: from the wanted type, by the shape of the declared result. */
static int bind_missing(Checker *cx, Bind *bind) {
    TypeParts parts;
    const Ast *result = bind->function->result;
    if (bind->missing_count && bind->wanted && bind->wanted->kind == TY_TENSOR && result &&
        ast_ungroup(result)->kind == AST_INDEX && type_parts(cx, result, &parts))
        bind_shape(cx, bind, bind->span, parts.shape, bind->wanted->axes, bind->wanted->rank);
    const AstList *statics = &bind->function->statics;
    for (int i = 0; i < statics->len; i++) {
        const Symbol *name = parameter_name(statics->data[i]);
        if (!name || bind->statics[i]) continue;
        bind->statics[i] = map_get(&cx->scope->names, name);
        if (bind->statics[i]) continue;
        if (statics->data[i]->kind == AST_REST) { /* no brackets, no wanted type: a scalar */
            Binding *pack = scope_add(cx, name, statics->data[i]->span, BIND_PACK);
            pack->is_quiet = 1;
            bind->statics[i] = pack;
            continue;
        }
        Diag *diag = check_error(cx, bind->span, E_STATIC_ARGUMENT, "`%s` needs `%s` in brackets",
                                 bind->name->text, name->text);
        check_fix(cx, diag, "%s[%s=...]", bind->name->text, name->text);
        check_label(cx, diag, statics->data[i]->span, "declared here");
        return 0;
    }
    return 1;
}

static int check_given(Checker *cx, Bind *bind) {
    int before = cx->session->diags.error_count;
    const Ast *wrong = false_given(cx, bind->function, bind->name);
    if (wrong) message_given(cx, bind, wrong);
    return !wrong && cx->session->diags.error_count == before; /* a size in it may be none */
}

BindResult bind_call(Checker *cx, Bind *bind) {
    if (!order_arguments(cx, bind)) return BIND_FAILED;
    const AstList *inputs = &bind->function->inputs;
    for (int i = 0; i < inputs->len; i++) bind->args[i] = with_own_origins(cx, bind->args[i]);
    bind->first = inputs->len && bind->args[0]->type->kind == TY_TENSOR ? bind->args[0]->type : NULL;
    if (!bind_statics(cx, bind)) return BIND_FAILED;
    int result = 1;
    for (int i = 0; i < inputs->len; i++) {
        int fits = bind_input(cx, bind, i);
        if (fits == 0) return BIND_FAILED;
        if (fits < 0) result = -1;
    }
    if (result < 0) return BIND_UNKNOWN;
    if (!bind_missing(cx, bind) || !bind_element(cx, bind)) return BIND_FAILED;
    for (int i = 0; i < inputs->len; i++) {
        bind->args[i] = finish_input(cx, bind, i);
        if (is_error(bind->args[i])) return BIND_FAILED;
    }
    return check_given(cx, bind) ? BIND_DONE : BIND_FAILED;
}

/* ---- rigid ---------------------------------------------------------------------------------- */

const Type *bind_rigid_any(Checker *cx) {
    return type_tensor(cx, DT_F32, 1, rigid_pack_axis(cx, NULL));
}

/* What an item of a shape binds: where it is the first that names a size.  NULL for every other item. */
static const Binding *rigid_name(Checker *cx, const Ast *item) {
    item = ast_ungroup(item);
    if (bind_is_free(cx, item)) {
        const Origin *why = origin_new(cx, ORIGIN_FIRST_USE, item->span, NULL);
        bind_dim(cx, item, &(Axis){.dim = rigid_dim(cx, item->name), .why = why});
        ((Binding *)map_get(&cx->scope->names, item->name))->number = 1; /* bound by an input */
    }
    const Binding *b = item->kind == AST_NAME ? map_get(&cx->scope->names, item->name) : NULL;
    int is_own = b && b->kind == BIND_DIM && b->span.begin == item->span.begin && b->span.end == item->span.end;
    return is_own ? b : NULL;
}

void bind_rigid_names(Checker *cx, const AstFunction *function) {
    cx->quiet++; /* what is wrong with the types is said when they are read */
    for (int i = 0; i < function->inputs.len; i++) {
        const Ast *ast = function->inputs.data[i]->declare.type;
        TypeParts parts;
        ast = ast ? ast_ungroup(ast) : NULL;
        if (!ast || ast->kind == AST_TUPLE || is_named_type(cx, ast) || !type_parts(cx, ast, &parts)) continue;
        for (int k = 0; parts.shape && k < parts.shape->len; k++) rigid_name(cx, parts.shape->data[k]);
    }
    cx->quiet--;
}

const Type *bind_rigid_type(Checker *cx, const Ast *ast) {
    ast = ast_ungroup(ast);
    TypeParts parts;
    if (ast->kind == AST_TUPLE || is_named_type(cx, ast)) return check_type(cx, ast);
    if (!type_parts(cx, ast, &parts)) return type_error(cx);
    Axis axes[40];
    int rank = 0, is_bad = 0;
    for (int i = 0; parts.shape && i < parts.shape->len && rank < 16; i++) {
        const Ast *item = parts.shape->data[i];
        if (item->kind == AST_REST) {
            const Symbol *name = pack_name(cx, item);
            if (!map_has(&cx->scope->names, name)) rigid_pack(cx, name, item->span);
            const Binding *pack = map_get(&cx->scope->names, name);
            for (int k = 0; k < pack->rank && rank < 16; k++) axes[rank++] = pack->axes[k];
            continue;
        }
        if (item->kind == AST_HOLE) {
            axes[rank++] = (Axis){.dim = rigid_dim(cx, symbol(&cx->session->symbols, "_")),
                                  .why = origin_new(cx, ORIGIN_FIRST_USE, item->span, NULL)};
            continue;
        }
        const Binding *own = rigid_name(cx, item);
        if (own) {
            axes[rank++] = (Axis){.dim = own->dim, .why = own->why};
            continue;
        }
        const Dim *dim = expect_dim(cx, item);
        if (!dim) is_bad = 1;
        axes[rank++] = (Axis){.dim = dim, .why = dim_origin(cx, item)};
    }
    const Dim *bound = NULL;
    if (parts.bound && bind_is_free(cx, parts.bound)) {
        const Ast *name = ast_ungroup(parts.bound);
        bind_dim(cx, parts.bound,
                 &(Axis){.dim = rigid_dim(cx, name->name),
                         .why = origin_new(cx, ORIGIN_FIRST_USE, name->span, NULL)});
    }
    if (parts.bound) bound = expect_dim(cx, parts.bound);
    if (is_bad || (parts.bound && !bound)) return type_error(cx);
    Type *type = type_copy(cx, type_tensor(cx, parts.dtype, rank, axes));
    type->element = parts.element;
    type->index_bound = bound;
    return type;
}
