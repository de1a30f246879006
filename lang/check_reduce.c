/* Axes in the brackets of primitives, and the rules of those that run along axes: reductions, sums so far, order. */
#include "lang/check_call.h"
#include "lang/check_condition.h"
#include "lang/check_primitive.h"

#include <string.h>

/* ---- axes ----------------------------------------------------------------------------------- */

static int no_axis(Checker *cx, const Ast *ast, const Type *type, const char *what) {
    Diag *diag = check_error(cx, ast->span, E_AXIS, "%s has no axis %s", type_shown(cx, type), what);
    if (type->rank)
        check_note(cx, diag, "axes are named by dimension or by position, 0 to %d or -1 to -%d",
                   type->rank - 1, type->rank);
    return -1;
}

static int numbered_axis(Checker *cx, const Ast *ast, const Type *type, int64_t i) {
    int pack = -1;
    for (int k = 0; k < type->rank; k++)
        if (type->axes[k].pack) pack = k;
    if (pack >= 0 && (i >= 0 ? i >= pack : type->rank + i <= pack)) return -2;
    if (i < 0) i += type->rank;
    if (i >= 0 && i < type->rank) return (int)i;
    return no_axis(cx, ast, type, arena_printf(cx->arena, "%lld", (long long)(i < 0 ? i - type->rank : i)));
}

static int comes_from(const Origin *why, const Origin *source) {
    if (!source) return 0;
    while (why && why != source) why = why->from;
    return why != NULL;
}

int axis_position(Checker *cx, const Ast *ast, const Type *type) {
    ast = ast_ungroup(ast);
    const Ast *number =
        ast->kind == AST_UNARY && ast->unary.op == AST_NEGATE ? ast_ungroup(ast->unary.operand) : ast;
    if (number->kind == AST_INTEGER)
        return numbered_axis(cx, ast, type, number == ast ? number->integer : -number->integer);
    if (ast->kind != AST_NAME) {
        check_error(cx, ast->span, E_AXIS, "an axis is a dimension or a position");
        return -1;
    }
    const Binding *binding = scope_find(cx, ast->name);
    if (binding && binding->kind == BIND_ERROR) return -2;
    if (binding && binding->kind == BIND_AXIS)
        return binding->number == INT64_MIN ? -2 : numbered_axis(cx, ast, type, binding->number);
    const Dim *dim = dim_expression(cx, ast);
    if (!dim) {
        unknown_name(cx, (AstName){ast->name, ast->span}, "dimension");
        return -1;
    }
    for (int i = 0; i < type->rank; i++) { /* by name, never by size: the origin of the axis is that name's */
        const Axis *axis = &type->axes[i];
        if (axis->pack || axis->dim != dim) continue;
        if (!dim_is_constant(dim) || !binding) return i;
        if (comes_from(axis->why, binding->why) ||
            (binding->declared && comes_from(axis->why, binding->declared->why)))
            return i;
    }
    if (has_pack(type)) return -2;
    return no_axis(cx, ast, type, ast->name->text);
}

static int takes_keep(PrimitiveKind kind) {
    return kind == PRIM_SUM || kind == PRIM_MEAN || kind == PRIM_MAX || kind == PRIM_MIN ||
           kind == PRIM_ANY || kind == PRIM_ALL || kind == PRIM_STD || kind == PRIM_ARGMAX ||
           kind == PRIM_ARGMIN;
}

/* Whether the brackets name axes at all: an empty pack names none of them, nothing at all means every one. */
static int names_axes(const PrimitiveCall *call) {
    for (int i = 0; call->items && i < call->items->len; i++)
        if (call->items->data[i]->kind != AST_NAMED) return 1;
    return 0;
}

/* Adds an axis that the brackets name; 0 where they named it before (reported). */
static int add_axis(Checker *cx, const char *of, TStatics *statics, const Ast *item, const Type *type,
                    int axis) {
    for (int i = 0; i < statics->axes.len; i++) {
        if (statics->axes.data[i] != axis) continue;
        check_error(cx, item->span, E_AXIS, "`%s` names axis %d of %s twice", of, axis, type_shown(cx, type));
        return 0;
    }
    vec_push(cx->arena, &statics->axes, axis);
    return 1;
}

/* An axis of a pack: by name where it has one, a number by where it came from, as any axis. */
static int is_pack_axis(const Axis *axis, const Axis *own) {
    if (axis->pack || own->pack) return axis->pack == own->pack;
    return axis->dim == own->dim && (!dim_is_constant(axis->dim) || comes_from(axis->why, own->why));
}

/* The axes of a pack, by their names; 0 after a diagnostic, -1 not known here. */
static int add_pack(Checker *cx, const char *of, TStatics *statics, const Ast *item, const Type *type) {
    const Binding *pack = item->rest ? scope_find(cx, item->rest) : NULL;
    if (!pack || pack->kind != BIND_PACK) {
        check_error(cx, item->span, E_AXIS, "`..` here needs the name of a pack");
        return 0;
    }
    int found = 0;
    for (int k = 0; k < type->rank && found < pack->rank; k++) {
        if (!is_pack_axis(&type->axes[k], &pack->axes[found])) continue;
        if (!add_axis(cx, of, statics, item, type, k)) return 0;
        found++;
    }
    if (found == pack->rank) return 1;
    check_error(cx, item->span, E_AXIS, "%s does not have the axes of `..%s`", type_shown(cx, type),
                item->rest->text);
    return 0;
}

/* The list that a parameter `a: axes` stands for. */
static int add_list(Checker *cx, const Binding *list, TStatics *statics, const Type *type) {
    if (list->number == INT64_MIN || has_pack(type)) return -1;
    for (int k = 0; k < type->rank; k++)
        if (list->number >> k & 1) vec_push(cx->arena, &statics->axes, k);
    return 1;
}

int item_axes(Checker *cx, const char *of, const Ast *item, const Type *type, TStatics *statics) {
    if (item->kind == AST_REST) return add_pack(cx, of, statics, item, type);
    const Ast *name = ast_ungroup(item);
    const Binding *b = name->kind == AST_NAME ? scope_find(cx, name->name) : NULL;
    if (b && b->kind == BIND_AXES) return add_list(cx, b, statics, type);
    int axis = axis_position(cx, item, type);
    if (axis < 0) return axis == -1 ? 0 : -1;
    return add_axis(cx, of, statics, item, type, axis);
}

/* A flag in brackets: `keep=true`. */
static int read_flag(Checker *cx, const PrimitiveCall *call, TStatics *statics, const Ast *item) {
    const char *name = item->named.name.symbol->text;
    int is_order = call->kind == PRIM_SORT || call->kind == PRIM_ARGSORT;
    int *flag = is_order && !strcmp(name, "descending")           ? &statics->descending
                : !strcmp(name, "keep") && takes_keep(call->kind) ? &statics->keep
                                                                  : NULL;
    if (!flag) {
        check_error(cx, item->span, E_NO_PARAMETER, "`%s` has no parameter `%s`", shown_name(call), name);
        return 0;
    }
    *flag = static_condition(cx, item->named.value, NULL, NULL) == 1;
    return 1;
}

int bracket_axes(Checker *cx, const PrimitiveCall *call, TStatics *statics, const Type *type) {
    Scope *scope = cx->scope;
    if (call->scope) cx->scope = call->scope;
    int result = 1;
    for (int i = 0; call->items && i < call->items->len && result > 0; i++) {
        const Ast *item = call->items->data[i];
        result = item->kind == AST_NAMED ? read_flag(cx, call, statics, item)
                                         : item_axes(cx, shown_name(call), item, type, statics);
    }
    cx->scope = scope;
    return result;
}

static int is_listed(const TStatics *statics, int axis) {
    for (int i = 0; i < statics->axes.len; i++)
        if (statics->axes.data[i] == axis) return 1;
    return 0;
}

const Type *reduced_type(Checker *cx, const TStatics *statics, const Type *of, DType dtype) {
    Axis axes[64];
    int rank = 0;
    for (int i = 0; i < of->rank; i++) {
        if (!is_listed(statics, i)) axes[rank++] = of->axes[i];
        else if (statics->keep)
            axes[rank++] = (Axis){
                .dim = dim_constant(&cx->session->dims, 1), .is_stretchable = 1, .why = of->axes[i].why};
    }
    return type_tensor(cx, dtype, rank, axes);
}

/* Sums of whole numbers are i64 (of u64: u64), whatever they were: no user asked for the conversion. */
static DType reduced_dtype(const PrimitiveCall *call, DType dtype) {
    switch ((int)call->kind) {
    case PRIM_ANY:
    case PRIM_ALL: return DT_BOOL;
    case PRIM_MAX:
    case PRIM_MIN: return dtype == DT_BOOL ? DT_I64 : dtype;
    case PRIM_SUM:
    case PRIM_CUMSUM: return dtype_is_float(dtype) || dtype == DT_U64 ? dtype : DT_I64;
    default: return dtype_is_float(dtype) ? dtype : DT_F32;
    }
}

/* The operand in the element type that is reduced; poison after a diagnostic. */
static const Tx *reduced_operand(Checker *cx, const PrimitiveCall *call) {
    const Tx *of = settle(cx, call->args[0]);
    DType dtype = of->type->dtype, wanted = reduced_dtype(call, dtype);
    if (wanted == DT_BOOL && dtype != DT_BOOL) {
        Diag *diag = check_error(cx, of->span, E_ELEMENT_TYPE, "`%s` works on bool, this is %s",
                                 shown_name(call), type_shown(cx, of->type));
        check_fix(cx, diag, "compare: x != 0");
        return tx_error(cx, of->span);
    }
    int is_extreme = call->kind == PRIM_MAX || call->kind == PRIM_MIN;
    if (of->type->element != ELEMENT_FIXED || (is_extreme && of->type->index_bound)) return of;
    return wanted == dtype && !of->type->index_bound ? of : tx_converted(cx, of, wanted, NULL);
}

const Tx *rule_reduction(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    call->args[0] = reduced_operand(cx, call);
    if (is_error(call->args[0])) return call->args[0];
    const Type *of = call->args[0]->type;
    Tx *tx = primitive_tx(cx, call, of);
    TStatics *statics = statics_of(tx);
    if (bracket_axes(cx, call, statics, of) <= 0) return tx_error(cx, call->span);
    if (!names_axes(call))
        for (int i = 0; i < of->rank; i++) vec_push(cx->arena, &statics->axes, i);
    Type *type = type_copy(cx, reduced_type(cx, statics, of, of->dtype));
    type->index_bound = of->index_bound;
    type->element = of->element;
    tx->type = type;
    return with_args(cx, tx, call);
}

/* The one axis that is named, else the last; -1 after a diagnostic, -2 where it is not known here. */
static int one_axis(Checker *cx, PrimitiveCall *call, TStatics *statics) {
    const Type *of = call->args[0]->type;
    if (!of->rank) {
        Diag *diag = check_error(cx, call->span, E_RANK, "`%s` runs along an axis, and this is a scalar",
                                 shown_name(call));
        check_primary(cx, diag, "%s", type_shown(cx, of));
        return -1;
    }
    int known = bracket_axes(cx, call, statics, of);
    if (known <= 0) return known - 1;
    if (statics->axes.len > 1) {
        check_error(cx, call->span, E_AXIS, "`%s` runs along one axis, these are %d", shown_name(call),
                    statics->axes.len);
        return -1;
    }
    if (!statics->axes.len) vec_push(cx->arena, &statics->axes, of->rank - 1);
    return of->axes[statics->axes.data[0]].pack ? -2 : statics->axes.data[0];
}

/* An axis of no elements has no largest one. */
static int has_elements(Checker *cx, const PrimitiveCall *call, const Axis *axis) {
    const Dim *one = dim_constant(&cx->session->dims, 1);
    if (dim_at_most(&cx->session->dims, one, axis->dim, &cx->body->facts) != DIM_DIFFERENT) return 1;
    Diag *diag = check_error(cx, call->span, E_INDEX_RANGE, "`%s` along an axis of size %s, which has no element to name",
                             shown_name(call), dim_shown(cx, axis->dim));
    check_primary(cx, diag, "%s", type_shown(cx, call->args[0]->type));
    label_axis(cx, diag, axis);
    return 0;
}

const Tx *rule_arg_reduction(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    call->args[0] = settle(cx, call->args[0]);
    const Type *of = call->args[0]->type;
    Tx *tx = primitive_tx(cx, call, of);
    int axis = one_axis(cx, call, statics_of(tx));
    if (axis < 0 || !has_elements(cx, call, &of->axes[axis])) return tx_error(cx, call->span);
    const Type *rest = reduced_type(cx, statics_of(tx), of, DT_I32);
    tx->type = type_index(cx, of->axes[axis].dim, rest->rank, rest->axes);
    return with_args(cx, tx, call);
}

/* ---- along one axis: sums so far, order ------------------------------------------------------ */

/* They compare or add all pairs along the axis, which takes one more. */
static int has_room(Checker *cx, const PrimitiveCall *call) {
    const Type *of = call->args[0]->type;
    if (of->rank < TENSOR_MAX_RANK || has_pack(of)) return 1;
    check_error(cx, call->span, E_RANK, "`%s` takes tensors of at most %d axes, this is %s", shown_name(call),
                TENSOR_MAX_RANK - 1, type_shown(cx, of));
    return 0;
}

const Tx *rule_scan(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    call->args[0] = reduced_operand(cx, call);
    Tx *tx = primitive_tx(cx, call, call->args[0]->type);
    if (!has_room(cx, call) || one_axis(cx, call, statics_of(tx)) < 0) return tx_error(cx, call->span);
    return with_args(cx, tx, call);
}

/* Numbers that have an order. */
static int is_ordered(Checker *cx, const PrimitiveCall *call) {
    if (call->args[0]->type->dtype != DT_BOOL) return 1;
    check_error(cx, call->args[0]->span, E_ELEMENT_TYPE, "`%s` orders numbers, this is %s", shown_name(call),
                type_shown(cx, call->args[0]->type));
    return 0;
}

const Tx *rule_order(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    call->args[0] = settle(cx, call->args[0]);
    const Type *of = call->args[0]->type;
    if (!is_ordered(cx, call) || !has_room(cx, call)) return tx_error(cx, call->span);
    Tx *tx = primitive_tx(cx, call, of);
    int axis = one_axis(cx, call, statics_of(tx));
    if (axis < 0) return tx_error(cx, call->span);
    if (call->kind == PRIM_ARGSORT) tx->type = type_index(cx, of->axes[axis].dim, of->rank, of->axes);
    return with_args(cx, tx, call);
}

/* top_k[k, axis](x): the k largest, the largest first, and their indexes. */
const Tx *rule_top_k(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    if (!call->items || !call->items->len || call->items->data[0]->kind == AST_NAMED) {
        check_error(cx, call->span, E_STATIC_ARGUMENT, "`top_k[k](x)` takes its count in brackets");
        return tx_error(cx, call->span);
    }
    Scope *scope = cx->scope;
    if (call->scope) cx->scope = call->scope;
    const Ast *item = call->items->data[0];
    const Dim *k = expect_dim(cx, item);
    Axis kept = {.dim = k, .why = k ? dim_origin(cx, item) : NULL};
    cx->scope = scope;
    if (!k) return tx_error(cx, call->span);
    const AstList rest = {.data = call->items->data + 1, .len = call->items->len - 1};
    call->items = &rest;
    call->args[0] = settle(cx, call->args[0]);
    const Type *of = call->args[0]->type;
    if (!is_ordered(cx, call) || !has_room(cx, call)) return tx_error(cx, call->span);
    Tx *tx = primitive_tx(cx, call, of);
    int at = one_axis(cx, call, statics_of(tx));
    if (at < 0) return tx_error(cx, call->span);
    if (dim_at_most(&cx->session->dims, k, of->axes[at].dim, &cx->body->facts) == DIM_DIFFERENT) {
        Diag *diag = check_error(cx, item->span, E_INDEX_RANGE, "the %s largest of an axis of size %s",
                                 dim_shown(cx, k), dim_shown(cx, of->axes[at].dim));
        label_axis(cx, diag, &of->axes[at]);
        return tx_error(cx, call->span);
    }
    Axis axes[64];
    for (int i = 0; i < of->rank; i++) axes[i] = i == at ? kept : of->axes[i];
    Type *values = type_copy(cx, type_tensor(cx, of->dtype, of->rank, axes));
    values->index_bound = of->index_bound;
    values->element = of->element;
    TypeField *fields = arena_array(cx->arena, TypeField, 2);
    fields[0].type = values;
    fields[1].type = type_index(cx, of->axes[at].dim, of->rank, axes);
    tx->type = type_list(cx, TY_TUPLE, fields, 2);
    return with_args(cx, tx, call);
}
