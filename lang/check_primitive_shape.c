/* The typing rules of primitives that name axes or sizes: shapes, creation.  Axes and reductions: check_reduce.c. */
#include "lang/check_call.h"
#include "lang/check_primitive.h"

#include <string.h>

/* ---- shapes --------------------------------------------------------------------------------- */

/* The shape in a call's brackets as axes; 0 where it was reported, -1 not known here. */
static int bracket_shape(Checker *cx, const PrimitiveCall *call, Axis *axes, int *rank) {
    Scope *scope = cx->scope;
    if (call->scope) cx->scope = call->scope;
    int result = 1;
    *rank = 0;
    for (int i = 0; call->items && i < call->items->len && result > 0; i++) {
        const Ast *item = call->items->data[i];
        if (*rank >= 16) {
            check_error(cx, item->span, E_RANK, "a tensor has at most 16 axes");
            result = 0;
            break;
        }
        if (item->kind == AST_REST) {
            const Binding *pack = item->rest ? scope_find(cx, item->rest) : NULL;
            if (!pack || pack->kind != BIND_PACK) {
                check_error(cx, item->span, E_NOT_A_SIZE, "`..` here needs the name of a pack");
                result = 0;
                break;
            }
            for (int p = 0; p < pack->rank && *rank < 32; p++) axes[(*rank)++] = pack->axes[p];
            continue;
        }
        int before = cx->session->diags.error_count;
        const Dim *dim = expect_dim(cx, item);
        if (!dim) result = cx->session->diags.error_count > before ? 0 : -1;
        else axes[(*rank)++] = (Axis){.dim = dim, .why = dim_origin(cx, item)};
        if (dim && dim_is_constant(dim) && dim_constant_value(dim) < 0) {
            check_error(cx, item->span, E_NOT_A_SIZE, "a size is never negative; this is %s",
                        dim_shown(cx, dim));
            result = 0;
        }
    }
    cx->scope = scope;
    return result;
}

static const Dim *element_count(Checker *cx, const Type *type) {
    const Dim *count = dim_constant(&cx->session->dims, 1);
    for (int i = 0; i < type->rank; i++)
        count = dim_mul(&cx->session->dims, count, type->axes[i].dim);
    return count;
}

/* `reshape[B, 16*5*5](x)` with a size that was counted wrongly. */
static void offer_flatten(Checker *cx, const PrimitiveCall *call, Diag *diag, const Type *type) {
    const Type *of = call->args[0]->type;
    if (type->rank != 2 || of->rank < 3 || compare_dims(cx, type->axes[0].dim, of->axes[0].dim) != DIM_EQUAL) return;
    const Dim *rest = dim_constant(&cx->session->dims, 1);
    for (int i = 1; i < of->rank; i++) rest = dim_mul(&cx->session->dims, rest, of->axes[i].dim);
    check_primary(cx, diag, "axis 1 would be %s", dim_shown(cx, rest));
    int is_piped = map_has(&cx->piped, call->args[0]);
    const char *text = is_piped ? "flatten" : arena_printf(cx->arena, "flatten(%s)", source_text(cx, call->args[0]->span));
    check_fix_edit(cx, diag, call->span, text, "`flatten` finds the size: %s", text);
}

const Tx *rule_reshape(Checker *cx, PrimitiveCall *call) {
    Axis axes[40];
    int rank;
    if (!has_count(cx, call, 1) || bracket_shape(cx, call, axes, &rank) <= 0)
        return tx_error(cx, call->span);
    call->args[0] = settle(cx, call->args[0]);
    const Type *of = call->args[0]->type;
    Type *type = type_copy(cx, type_tensor(cx, of->dtype, rank, axes));
    type->index_bound = of->index_bound;
    type->element = of->element;
    if (!has_pack(of) && !has_pack(type)) {
        const Dim *before = element_count(cx, of), *after = element_count(cx, type);
        if (compare_dims(cx, before, after) == DIM_DIFFERENT) {
            Diag *diag = check_error(cx, call->span, E_RESHAPE,
                                     "a reshape keeps the number of elements: %s has %s, %s has %s",
                                     type_shown(cx, of), dim_shown(cx, before),
                                     type_shown(cx, type), dim_shown(cx, after));
            offer_flatten(cx, call, diag, type);
            for (int i = 0; i < of->rank; i++)
                if (of->axes[i].dim && dim_is_constant(of->axes[i].dim)) label_axis(cx, diag, &of->axes[i]);
            return tx_error(cx, call->span);
        }
    }
    return with_args(cx, primitive_tx(cx, call, type), call);
}

/* All axes but the first become one. */
const Tx *rule_flatten(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    call->args[0] = settle(cx, call->args[0]);
    const Type *of = call->args[0]->type;
    if (has_pack(of)) return tx_error(cx, call->span);
    if (of->rank < 1) {
        check_error(cx, call->span, E_RANK,
                    "`flatten` keeps the first axis and joins the others; a scalar has none");
        return tx_error(cx, call->span);
    }
    const Dim *rest = dim_constant(&cx->session->dims, 1);
    for (int i = 1; i < of->rank; i++) rest = dim_mul(&cx->session->dims, rest, of->axes[i].dim);
    const Origin *from = of->rank > 1 ? of->axes[1].why : NULL;
    Axis axes[2] = {
        of->axes[0],
        {.dim = rest,
         .why = origin_new(cx, ORIGIN_RESULT, call->span, from && of->rank == 2 ? from : NULL)}};
    Type *type = type_copy(cx, type_tensor(cx, of->dtype, 2, axes));
    type->index_bound = of->index_bound;
    return with_args(cx, primitive_tx(cx, call, type), call);
}

const Tx *rule_transpose(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    call->args[0] = settle(cx, call->args[0]);
    const Type *of = call->args[0]->type;
    Tx *tx = primitive_tx(cx, call, of);
    TStatics *statics = statics_of(tx);
    if (bracket_axes(cx, call, statics, of) <= 0) return tx_error(cx, call->span);
    if (!statics->axes.len) {
        if (of->rank < 2) {
            check_error(cx, call->span, E_RANK, "`transpose` swaps the last two axes; %s has %d",
                        type_shown(cx, of), of->rank);
            return tx_error(cx, call->span);
        }
        if (of->axes[of->rank - 1].pack || of->axes[of->rank - 2].pack)
            return tx_error(cx, call->span);
        for (int i = 0; i < of->rank; i++)
            vec_push(cx->arena, &statics->axes,
                     i < of->rank - 2 ? i : of->rank - 1 - (i - (of->rank - 2)));
    }
    if (statics->axes.len != of->rank) {
        check_error(cx, call->span, E_AXIS, "`transpose` names every axis once: %s has %d",
                    type_shown(cx, of), of->rank);
        return tx_error(cx, call->span);
    }
    Axis axes[64];
    for (int i = 0; i < of->rank; i++) {
        for (int k = 0; k < i; k++)
            if (statics->axes.data[k] == statics->axes.data[i]) {
                check_error(cx, call->span, E_AXIS, "`transpose` names an axis twice");
                return tx_error(cx, call->span);
            }
        axes[i] = of->axes[statics->axes.data[i]];
    }
    Type *type = type_copy(cx, type_tensor(cx, of->dtype, of->rank, axes));
    type->index_bound = of->index_bound;
    type->element = of->element;
    tx->type = type;
    return with_args(cx, tx, call);
}

/* The operands of concat and stack: the arguments, or the items of the one tuple. */
static int list_types(const PrimitiveCall *call, const Type ***types, Checker *cx) {
    int is_tuple = call->arg_count == 1 && call->args[0]->type->kind == TY_TUPLE;
    int count = is_tuple ? call->args[0]->type->count : call->arg_count;
    *types = arena_array(cx->arena, const Type *, count);
    for (int i = 0; i < count; i++)
        (*types)[i] = is_tuple ? call->args[0]->type->fields[i].type : call->args[i]->type;
    return count;
}

static void join_mismatch(Checker *cx, const PrimitiveCall *call, const Type *a, const Type *b, int joined, int i) {
    Diag *diag = check_error(cx, call->span, E_SHAPES_DIFFER, "the shapes of `%s` differ: %s against %s",
                             shown_name(call), type_shown(cx, a), type_shown(cx, b));
    if (i < call->arg_count) {
        check_label(cx, diag, call->args[0]->span, "%s", type_shown(cx, a));
        check_label(cx, diag, call->args[i]->span, "%s", type_shown(cx, b));
    }
    int differing = -1, count = 0;
    for (int k = 0; a->rank == b->rank && k < a->rank; k++)
        if (compare_dims(cx, a->axes[k].dim, b->axes[k].dim) == DIM_DIFFERENT) {
            if (k != joined && differing < 0) differing = k;
            count++;
        }
    if (differing < 0) return;
    check_primary(cx, diag, "axis %d is %s against %s", differing, dim_shown(cx, a->axes[differing].dim),
                  dim_shown(cx, b->axes[differing].dim));
    label_axis(cx, diag, &a->axes[differing]);
    label_axis(cx, diag, &b->axes[differing]);
    if (joined < 0 || count != 1) return;
    check_note(cx, diag, "all axes but the one that is joined are equal; here axis %d is joined", joined);
    if (!call->items) check_fix(cx, diag, "join along axis %d: concat[%d](...)", differing, differing);
    else check_fix_edit(cx, diag, call->items->data[0]->span, arena_printf(cx->arena, "%d", differing),
                        "join along axis %d: concat[%d](...)", differing, differing);
}

static const Tx *join_list(Checker *cx, PrimitiveCall *call, int is_stack) {
    const Type **types;
    int count = list_types(call, &types, cx);
    if (!count || types[0]->kind != TY_TENSOR) return tx_error(cx, call->span);
    if (call->args[0]->type->kind != TY_TUPLE) {
        DType dtype = joined_dtype(cx, call, 0);
        if (dtype == DT_COUNT || !convert_all(cx, call, 0, dtype)) return tx_error(cx, call->span);
        list_types(call, &types, cx);
    }
    int rank = types[0]->rank, axis = 0;
    Axis shown[40];
    for (int i = 0; i < rank + is_stack && i < 40; i++)
        shown[i] = (Axis){.dim = dim_constant(&cx->session->dims, 1)};
    if (call->items && call->items->len) {
        Scope *scope = cx->scope;
        if (call->scope) cx->scope = call->scope;
        axis = axis_position(cx, call->items->data[0],
                             is_stack ? type_tensor(cx, DT_F32, rank + 1, shown) : types[0]);
        cx->scope = scope;
        if (axis < 0) return tx_error(cx, call->span);
    }
    Axis axes[40];
    const Dim *total = dim_constant(&cx->session->dims, 0);
    for (int i = 0; i < count; i++) {
        if (types[i]->kind != TY_TENSOR || has_pack(types[i])) return tx_error(cx, call->span);
        int fits = types[i]->rank == rank;
        for (int k = 0; fits && k < rank; k++)
            if ((is_stack || k != axis) &&
                compare_dims(cx, types[i]->axes[k].dim, types[0]->axes[k].dim) == DIM_DIFFERENT)
                fits = 0;
        if (!fits) {
            join_mismatch(cx, call, types[0], types[i], is_stack ? -1 : axis, i);
            return tx_error(cx, call->span);
        }
        if (!is_stack) total = dim_add(&cx->session->dims, total, types[i]->axes[axis].dim);
    }
    for (int i = 0; i < rank + is_stack; i++)
        axes[i] = types[0]->axes[is_stack && i > axis ? i - 1 : i < rank ? i : 0];
    axes[axis] = (Axis){.dim = is_stack ? dim_constant(&cx->session->dims, count) : total,
                        .why = origin_new(cx, ORIGIN_RESULT, call->span, NULL)};
    Tx *tx = primitive_tx(cx, call, type_tensor(cx, types[0]->dtype, rank + is_stack, axes));
    vec_push(cx->arena, &statics_of(tx)->axes, axis);
    return with_args(cx, tx, call);
}

const Tx *rule_concat(Checker *cx, PrimitiveCall *call) { return join_list(cx, call, 0); }
const Tx *rule_stack(Checker *cx, PrimitiveCall *call) { return join_list(cx, call, 1); }

const Tx *rule_unstack(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    const Type *of = call->args[0]->type;
    Tx *tx = primitive_tx(cx, call, of);
    TStatics *statics = statics_of(tx);
    if (bracket_axes(cx, call, statics, of) <= 0) return tx_error(cx, call->span);
    if (!statics->axes.len) vec_push(cx->arena, &statics->axes, 0);
    int axis = statics->axes.data[0];
    if (axis >= of->rank || has_pack(of) || !dim_is_constant(of->axes[axis].dim)) {
        check_error(cx, call->span, E_AXIS, "`unstack` needs an axis of known size");
        return tx_error(cx, call->span);
    }
    int count = (int)dim_constant_value(of->axes[axis].dim);
    TypeField *fields = arena_array(cx->arena, TypeField, count);
    for (int i = 0; i < count; i++) {
        Type *part = type_copy(
            cx, reduced_type(cx, &(TStatics){.axes = {statics->axes.data, 1, 1}}, of, of->dtype));
        part->index_bound = of->index_bound;
        fields[i].type = part;
    }
    tx->type = type_list(cx, TY_TUPLE, fields, count);
    return with_args(cx, tx, call);
}

const Tx *rule_same_axis(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    call->args[0] = settle(cx, call->args[0]);
    Tx *tx = primitive_tx(cx, call, call->args[0]->type);
    TStatics *statics = statics_of(tx);
    if (bracket_axes(cx, call, statics, tx->type) <= 0) return tx_error(cx, call->span);
    if (!statics->axes.len && tx->type->rank) vec_push(cx->arena, &statics->axes, 0);
    return with_args(cx, tx, call);
}

/* A size of `pad` by its name; 0 after a diagnostic, -1 not known here. */
static int pad_size(Checker *cx, const PrimitiveCall *call, const Ast *item, const Dim **low, const Dim **high) {
    const char *name = item->named.name.symbol->text;
    const Dim **size = !strcmp(name, "low") ? low : !strcmp(name, "high") ? high : NULL;
    if (!size) {
        Diag *diag = check_error(cx, item->span, E_NO_PARAMETER, "`%s` has no parameter `%s`", shown_name(call), name);
        check_fix(cx, diag, "pad[axis, low=1, high=1](x) puts elements before and behind");
        return 0;
    }
    int before = cx->session->diags.error_count;
    const Dim *dim = expect_dim(cx, item->named.value);
    if (!dim) return cx->session->diags.error_count > before ? 0 : -1;
    DimTable *t = &cx->session->dims;
    if (dim_at_most(t, dim_constant(t, 0), dim, &cx->body->facts) == DIM_DIFFERENT) {
        check_error(cx, item->span, E_NOT_A_SIZE, "`pad` makes an axis longer; this is %s", dim_shown(cx, dim));
        return 0;
    }
    *size = dim;
    return 1;
}

/* pad[T, low=1, high=2](x, 0): elements of one value before and behind those of an axis. */
const Tx *rule_pad(Checker *cx, PrimitiveCall *call) {
    if (call->arg_count != 1 && !has_count(cx, call, 2)) return tx_error(cx, call->span);
    DimTable *t = &cx->session->dims;
    const Dim *low = dim_constant(t, 0), *high = low;
    const Tx *of = settle(cx, call->args[0]);
    const Tx *value = call->arg_count == 2 ? call->args[1] : tx_integer(cx, 0, call->span);
    int axis = of->type->rank - 1, known = 1;
    Scope *scope = cx->scope;
    if (call->scope) cx->scope = call->scope;
    for (int i = 0; call->items && i < call->items->len && known > 0; i++) {
        const Ast *item = call->items->data[i];
        if (item->kind == AST_NAMED) known = pad_size(cx, call, item, &low, &high);
        else if ((axis = axis_position(cx, item, of->type)) < 0) known = axis == -1 ? 0 : -1;
    }
    cx->scope = scope;
    if (known <= 0 || (axis >= 0 && of->type->axes[axis].pack)) return tx_error(cx, call->span);
    if (axis < 0 || !type_is_scalar(value->type)) {
        check_error(cx, call->span, E_RANK, axis < 0 ? "`pad` makes an axis longer, and this is a scalar"
                                                     : "`pad` puts one value, a scalar, around a tensor");
        return tx_error(cx, call->span);
    }
    value = convert_element(cx, value, of->type->dtype, of->type->index_bound);
    if (is_error(value)) return value;
    Axis axes[64];
    for (int i = 0; i < of->type->rank; i++) axes[i] = of->type->axes[i];
    axes[axis] = (Axis){.dim = dim_add(t, dim_add(t, low, axes[axis].dim), high),
                        .why = origin_new(cx, ORIGIN_RESULT, call->span, NULL)};
    Type *type = type_copy(cx, type_tensor(cx, of->type->dtype, of->type->rank, axes));
    type->index_bound = of->type->index_bound;
    type->element = of->type->element;
    Tx *tx = primitive_tx(cx, call, type);
    vec_push(cx->arena, &statics_of(tx)->axes, axis);
    vec_push(cx->arena, &statics_of(tx)->dims, low);
    vec_push(cx->arena, &statics_of(tx)->dims, high);
    tx_add(cx, tx, of);
    tx_add(cx, tx, value);
    return tx;
}

const Tx *rule_index(Checker *cx, PrimitiveCall *call) {
    (void)cx;
    ICE("indexing at %u has a way of its own (check_index.c)", call->span.begin);
}

const Tx *rule_segment_sum(Checker *cx, PrimitiveCall *call) {
    Axis axes[40];
    int rank;
    if (!has_count(cx, call, 2) || bracket_shape(cx, call, axes, &rank) <= 0)
        return tx_error(cx, call->span);
    const Type *v = call->args[0]->type, *ids = call->args[1]->type;
    if (rank != 1 || v->rank < 1 || ids->rank != 1) {
        check_error(cx, call->span, E_RANK,
                    "`segment_sum[N](v, ids)` adds the rows of v by a vector of indexes");
        return tx_error(cx, call->span);
    }
    call->args[1] = convert_element(cx, call->args[1], DT_I32, axes[0].dim);
    for (int i = 1; i < v->rank; i++) axes[i] = v->axes[i];
    return with_args(cx, primitive_tx(cx, call, type_tensor(cx, v->dtype, v->rank, axes)), call);
}

/* ---- creation ------------------------------------------------------------------------------- */

static const Type *created_type(Checker *cx, const PrimitiveCall *call, DType dtype) {
    Axis axes[40];
    int rank = 0;
    int known = bracket_shape(cx, call, axes, &rank);
    if (known <= 0) return NULL;
    if (!call->items && call->wanted && call->wanted->kind == TY_TENSOR)
        return type_tensor(cx, dtype, call->wanted->rank, call->wanted->axes);
    return type_tensor(cx, dtype, rank, axes);
}

/* A literal as the element that is wanted; 0 and 1 are false and true too. */
static const Tx *created_element(Checker *cx, const Tx *literal, const Type *wanted) {
    int is_bit = literal->kind == T_NUMBER && !dtype_is_float(literal->type->dtype) && literal->integer >> 1 == 0;
    if (wanted->dtype != DT_BOOL || !is_bit) return convert_element(cx, literal, wanted->dtype, wanted->index_bound);
    Tx *flag = tx_new(cx, T_NUMBER, type_scalar(cx, DT_BOOL), literal->span);
    flag->integer = literal->integer;
    return flag;
}

const Tx *rule_creation(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    const Type *w = call->wanted;
    int follows = w && w->kind == TY_TENSOR && call->args[0]->type->is_literal && w->element == ELEMENT_FIXED;
    if (!follows) call->args[0] = settle(cx, call->args[0]);
    else call->args[0] = created_element(cx, call->args[0], w);
    if (is_error(call->args[0])) return call->args[0];
    const Type *type = created_type(cx, call, call->args[0]->type->dtype);
    if (type && call->args[0]->type->index_bound)
        type = type_index(cx, call->args[0]->type->index_bound, type->rank, type->axes);
    return type ? with_args(cx, primitive_tx(cx, call, type), call) : tx_error(cx, call->span);
}

const Tx *rule_iota(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 0)) return tx_error(cx, call->span);
    const Type *type = created_type(cx, call, DT_I32);
    if (!type) return tx_error(cx, call->span);
    if (type->rank != 1 || type->axes[0].pack) {
        if (!has_pack(type)) check_error(cx, call->span, E_RANK, "`iota[N]` counts along one axis");
        return tx_error(cx, call->span);
    }
    return primitive_tx(cx, call, type_index(cx, type->axes[0].dim, 1, type->axes));
}

const Tx *rule_draw(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 0)) return tx_error(cx, call->span);
    DType dtype =
        call->wanted && call->wanted->kind == TY_TENSOR && dtype_is_float(call->wanted->dtype)
            ? call->wanted->dtype
            : DT_F32;
    const Type *type = created_type(cx, call, dtype);
    if (!type) return tx_error(cx, call->span);
    return call_with_site(cx, primitive_tx(cx, call, type),
                          symbol(&cx->session->symbols, shown_name(call)));
}

const Tx *rule_random_index(Checker *cx, PrimitiveCall *call) {
    Axis axes[40];
    int rank;
    if (!has_count(cx, call, 0) || bracket_shape(cx, call, axes, &rank) <= 0)
        return tx_error(cx, call->span);
    if (rank < 1 || axes[0].pack) {
        check_error(cx, call->span, E_STATIC_ARGUMENT, "`randint[V, ..S]` takes its bound first");
        return tx_error(cx, call->span);
    }
    Tx *tx = primitive_tx(cx, call, type_index(cx, axes[0].dim, rank - 1, axes + 1));
    return call_with_site(cx, tx, symbol(&cx->session->symbols, shown_name(call)));
}

const Tx *rule_tensor(Checker *cx, PrimitiveCall *call) {
    DType dtype = joined_dtype(cx, call, 0);
    if (dtype == DT_COUNT) return tx_error(cx, call->span);
    const Type *w = call->wanted;
    int all_literal = 1;
    for (int i = 0; i < call->arg_count; i++) all_literal &= call->args[i]->type->is_literal;
    if (all_literal)
        dtype = w && w->kind == TY_TENSOR && w->element == ELEMENT_FIXED && dtype_is_float(w->dtype)
                    ? w->dtype
                : w && w->kind == TY_TENSOR && !dtype_is_float(dtype) && w->element == ELEMENT_FIXED
                    ? w->dtype
                    : dtype;
    const Dim *bound = all_literal && w && w->kind == TY_TENSOR ? w->index_bound : NULL;
    for (int i = 0; i < call->arg_count; i++) {
        call->args[i] = convert_element(cx, call->args[i], dtype, bound);
        if (is_error(call->args[i])) return tx_error(cx, call->span);
        if (call->args[i]->type->rank == call->args[0]->type->rank &&
            same_type(cx, call->args[i]->type, call->args[0]->type))
            continue;
        check_error(cx, call->args[i]->span, E_SHAPES_DIFFER,
                    "the rows of a tensor have one shape: %s against %s",
                    type_shown(cx, call->args[0]->type), type_shown(cx, call->args[i]->type));
        return tx_error(cx, call->span);
    }
    const Type *row = call->args[0]->type;
    Axis axes[40];
    axes[0] = (Axis){.dim = dim_constant(&cx->session->dims, call->arg_count),
                     .why = origin_new(cx, ORIGIN_LITERAL, call->span, NULL)};
    for (int i = 0; i < row->rank && i < 15; i++) axes[i + 1] = row->axes[i];
    Type *type = type_copy(cx, type_tensor(cx, dtype, row->rank + 1, axes));
    type->index_bound = bound;
    return with_args(cx, primitive_tx(cx, call, type), call);
}

