/* Brackets behind a value: x[0], x[_, 1..3], x[.., new], table[ids].  The bracket becomes the codes
 * of primitive.h,
 * `..` written out, negative constants made positive. */
#include "lang/check_internal.h"

#include <string.h>

typedef struct Indexing {
    Tx *tx;
    TStatics *statics;
    const Type *of;
    Axis axes[64]; /* of the result */
    int rank, at;  /* at: next axis of `of` */
    int pairs_at;  /* where the index tensors' axes stand, or -1 */
    const Type *pairs;
} Indexing;

static void add_code(Checker *cx, Indexing *ix, int code) {
    vec_push(cx->arena, &ix->statics->axes, code);
}

static int out_of_range(Checker *cx, const Ast *item, const Axis *axis, const Dim *at) {
    Diag *diag =
        check_error(cx, item->span, E_INDEX_RANGE, "index %s lies outside an axis of size %s",
                    dim_shown(cx, at), dim_shown(cx, axis->dim));
    label_axis(cx, diag, axis);
    return 0;
}

/* A size as index: -1 counts from the end. */
static const Dim *from_start(Checker *cx, const Axis *axis, const Dim *at) {
    int is_negative = dim_is_constant(at) && dim_constant_value(at) < 0;
    return is_negative ? dim_add(&cx->session->dims, axis->dim, at) : at;
}

static const Tx *size_tx(Checker *cx, const Dim *dim, Span span) {
    return settle(cx, tx_dim(cx, dim, span));
}

static int index_known(Checker *cx, Indexing *ix, const Ast *item, const Dim *given) {
    const Axis *axis = &ix->of->axes[ix->at++];
    const Dim *at = from_start(cx, axis, given);
    DimTable *t = &cx->session->dims;
    if (dim_at_most(t, dim_add(t, at, dim_constant(t, 1)), axis->dim, &cx->body->facts) ==
            DIM_DIFFERENT ||
        dim_at_most(t, dim_constant(t, 0), at, &cx->body->facts) == DIM_DIFFERENT)
        return out_of_range(cx, item, axis, given);
    add_code(cx, ix, INDEX_AT);
    tx_add(cx, ix->tx, size_tx(cx, at, item->span));
    return 1;
}

static int index_value(Checker *cx, Indexing *ix, const Ast *item) {
    const Tx *index = check_expression(cx, item, NULL);
    const Axis *axis = &ix->of->axes[ix->at];
    if (is_error(index)) return 0;
    if (index->type->kind != TY_TENSOR || dtype_is_float(index->type->dtype) ||
        index->type->dtype == DT_BOOL) {
        Diag *diag = check_error(cx, item->span, E_INDEX_BOUND,
                                 "an index is a whole number or a tensor of indexes, this is %s",
                                 type_shown(cx, index->type));
        check_fix(cx, diag, "index[%s](...) converts and checks", dim_shown(cx, axis->dim));
        return 0;
    }
    if (index->type->index_bound) {
        DimAnswer fits =
            dim_at_most(&cx->session->dims, index->type->index_bound, axis->dim, &cx->body->facts);
        if (fits == DIM_DIFFERENT ||
            (fits == DIM_UNKNOWN &&
             compare_dims(cx, index->type->index_bound, axis->dim) == DIM_DIFFERENT &&
             dim_is_constant(axis->dim))) {
            Diag *diag = check_error(
                cx, item->span, E_INDEX_BOUND, "index[%s] does not fit an axis of size %s",
                dim_shown(cx, index->type->index_bound), dim_shown(cx, axis->dim));
            label_axis(cx, diag, axis);
            return 0;
        }
    }
    ix->at++;
    add_code(cx, ix, INDEX_AT);
    tx_add(cx, ix->tx, settle(cx, index));
    if (!index->type->rank) return 1;
    if (ix->pairs_at < 0) {
        ix->pairs_at = ix->rank;
        ix->pairs = index->type;
        return 1;
    }
    Axis *joined;
    int rank;
    if (broadcast_axes(cx, item->span, "[]", ix->pairs, index->type, &joined, &rank) <= 0) return 0;
    ix->pairs = type_tensor(cx, DT_I32, rank, joined);
    return 1;
}

/* lo..hi: the length is known when compiling, the start need not be. */
static int index_range(Checker *cx, Indexing *ix, const Ast *item) {
    const Axis axis = ix->of->axes[ix->at++];
    const Ast *lo = item->range.lo, *hi = item->range.hi;
    DimTable *t = &cx->session->dims;
    const Dim *from = lo ? dim_expression(cx, lo) : dim_constant(t, 0),
              *to = hi ? dim_expression(cx, hi) : axis.dim, *length = NULL;
    const Tx *start = NULL;
    if (from && to) {
        from = from_start(cx, &axis, from);
        to = from_start(cx, &axis, to);
        length = dim_sub(t, to, from);
        if (dim_at_most(t, to, axis.dim, &cx->body->facts) == DIM_DIFFERENT)
            return out_of_range(cx, hi ? hi : item, &axis, to);
        if (dim_at_most(t, dim_constant(t, 0), length, &cx->body->facts) == DIM_DIFFERENT) {
            check_error(cx, item->span, E_INDEX_RANGE, "this range ends before it begins");
            return 0;
        }
        start = size_tx(cx, from, item->span);
    } else if (hi && ast_ungroup(hi)->kind == AST_BINARY &&
               ast_ungroup(hi)->binary.op == AST_ADD) { /* k..k + T */
        length = dim_expression(cx, ast_ungroup(hi)->binary.right);
        start = check_expression(cx, lo, NULL);
        if (is_error(start)) return 0;
        start = convert_element(cx, start, DT_I64, NULL);
    }
    if (!length || !start || is_error(start)) {
        Diag *diag = check_error(cx, item->span, E_INDEX_RANGE,
                                 "the length of this range is not known when compiling");
        check_fix(cx, diag, "write it as k..k + T");
        return 0;
    }
    add_code(cx, ix, INDEX_SLICE);
    tx_add(cx, ix->tx, start);
    vec_push(cx->arena, &ix->statics->dims, length);
    ix->axes[ix->rank++] =
        (Axis){.dim = length, .why = origin_new(cx, ORIGIN_RESULT, item->span, NULL)};
    return 1;
}

static int keep_axes(Checker *cx, Indexing *ix, int count) {
    for (int i = 0; i < count; i++) {
        add_code(cx, ix, INDEX_KEEP);
        ix->axes[ix->rank++] = ix->of->axes[ix->at++];
    }
    return 1;
}

static int new_axis(Checker *cx, Indexing *ix, const Ast *item) {
    const Binding *pack = item->rest ? scope_find(cx, item->rest) : NULL;
    if (item->rest && (!pack || pack->kind != BIND_PACK)) {
        check_error(cx, item->span, E_AXIS, "`new..` needs the name of a pack");
        return 0;
    }
    for (int i = 0; i < (item->rest ? pack->rank : 1); i++) {
        add_code(cx, ix, INDEX_NEW);
        ix->axes[ix->rank++] = (Axis){.dim = dim_constant(&cx->session->dims, 1),
                                      .is_stretchable = 1,
                                      .why = origin_new(cx, ORIGIN_RESULT, item->span, NULL)};
    }
    return 1;
}

static int index_item(Checker *cx, Indexing *ix, const Ast *item, int rest_count) {
    if (item->kind == AST_REST) return keep_axes(cx, ix, rest_count);
    if (item->kind == AST_NEW) return new_axis(cx, ix, item);
    if (item->kind == AST_NAMED) {
        check_error(cx, item->span, E_NO_PARAMETER, "an index has no name");
        return 0;
    }
    if (item->kind == AST_HOLE) return keep_axes(cx, ix, 1);
    if (item->kind == AST_RANGE) return index_range(cx, ix, item);
    const Dim *known = dim_expression(cx, item);
    return known ? index_known(cx, ix, item, known) : index_value(cx, ix, item);
}

const Tx *check_indexing(Checker *cx, const Ast *ast, const Tx *of) {
    if (is_error(of)) return of;
    if (of->type->kind != TY_TENSOR) {
        if (of->type->kind == TY_RECORD)
            check_unsupported(cx, ast->span, "selecting records of a data set");
        else
            check_error(cx, ast->span, E_TYPE_MISMATCH, "only a tensor is indexed, this is %s",
                        type_shown(cx, of->type));
        return tx_error(cx, ast->span);
    }
    of = settle(cx, of);
    Indexing ix = {.of = of->type, .pairs_at = -1};
    ix.tx = tx_new(cx, T_PRIMITIVE, of->type, ast->span);
    ix.tx->primitive = PRIM_INDEX;
    ix.statics = arena_new(cx->arena, TStatics);
    ix.tx->statics = ix.statics;
    tx_add(cx, ix.tx, of);
    int used = 0, has_rest = 0;
    const AstList *items = &ast->index.items;
    for (int i = 0; i < items->len; i++) {
        if (items->data[i]->kind == AST_REST) has_rest = 1;
        else if (items->data[i]->kind != AST_NEW) used++;
    }
    if (used > of->type->rank) {
        if (!has_pack(of->type)) {
            Diag *diag = check_error(cx, ast->span, E_RANK, "%d indexes for %d %s", used,
                                     of->type->rank, of->type->rank == 1 ? "axis" : "axes");
            check_primary(cx, diag, "this is %s", type_shown(cx, of->type));
        }
        return tx_error(cx, ast->span);
    }
    if (has_pack(of->type) && !has_rest) return tx_error(cx, ast->span);
    for (int i = 0; i < items->len; i++)
        if (!index_item(cx, &ix, items->data[i], of->type->rank - used))
            return tx_error(cx, ast->span);
    keep_axes(cx, &ix, of->type->rank - ix.at);
    if (ix.pairs_at >= 0) {
        int n = ix.pairs->rank;
        memmove(ix.axes + ix.pairs_at + n, ix.axes + ix.pairs_at,
                sizeof(Axis) * (size_t)(ix.rank - ix.pairs_at));
        for (int i = 0; i < n; i++) ix.axes[ix.pairs_at + i] = ix.pairs->axes[i];
        ix.rank += n;
    }
    Type *type = type_copy(cx, type_tensor(cx, of->type->dtype, ix.rank, ix.axes));
    type->index_bound = of->type->index_bound;
    type->element = of->type->element;
    ix.tx->type = type;
    return ix.tx;
}
