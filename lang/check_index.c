/* Brackets behind a value: x[0], x[_, 1..3], x[.., new], table[ids], and what `x[..] = v` writes.  The bracket becomes the codes
 * of primitive.h,
 * `..` written out, negative constants made positive. */
#include "lang/check_expression.h"
#include "lang/check_primitive.h"
#include "lang/check_program.h"

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

static void add_code(Checker *cx, Indexing *ix, int code) { vec_push(cx->arena, &ix->statics->axes, code); }

static int out_of_range(Checker *cx, const Ast *item, const Axis *axis, const Dim *at) {
    Diag *diag = check_error(cx, item->span, E_INDEX_RANGE, "index %s lies outside an axis of size %s",
                             dim_shown(cx, at), dim_shown(cx, axis->dim));
    label_axis(cx, diag, axis);
    return 0;
}

/* A size as index: what is written with a minus in front counts from the end.  A difference that happens to be negative
 * does not: it would pick other elements than the ones that were meant. */
static const Dim *from_start(Checker *cx, const Axis *axis, const Ast *ast, const Dim *at) {
    ast = ast_ungroup(ast);
    int is_negated = ast->kind == AST_UNARY && ast->unary.op == AST_NEGATE;
    while (ast->kind == AST_BINARY) ast = ast_ungroup(ast->binary.left);
    int begins_negative = ast->kind == AST_UNARY && dim_is_constant(at) && dim_constant_value(at) < 0;
    return is_negated || begins_negative ? dim_add(&cx->session->dims, axis->dim, at) : at;
}

static const Tx *size_tx(Checker *cx, const Dim *dim, Span span) { return settle(cx, tx_dim(cx, dim, span)); }

static int index_known(Checker *cx, Indexing *ix, const Ast *item, const Dim *given) {
    const Axis *axis = &ix->of->axes[ix->at++];
    const Dim *at = from_start(cx, axis, item, given);
    DimTable *t = &cx->session->dims;
    if (dim_at_most(t, dim_add(t, at, dim_constant(t, 1)), axis->dim, &cx->body->facts) == DIM_DIFFERENT ||
        dim_at_most(t, dim_constant(t, 0), at, &cx->body->facts) == DIM_DIFFERENT)
        return out_of_range(cx, item, axis, given);
    add_code(cx, ix, INDEX_AT);
    tx_add(cx, ix->tx, size_tx(cx, at, item->span));
    return 1;
}

/* What a mask picks has as many elements as it has trues, and no type says how many those are. */
static int index_mask(Checker *cx, const Ast *item, const Type *type) {
    Diag *diag = check_error(cx, item->span, E_MASK, "a tensor is not indexed by bools, this is %s",
                             type_shown(cx, type));
    check_note(cx, diag, "how many elements it picks is known to no type");
    check_fix(cx, diag, "where(mask, x, 0) keeps the shape; index[2](...) makes indexes 0 and 1 of it");
    return 0;
}

static int index_value(Checker *cx, Indexing *ix, const Ast *item) {
    const Tx *index = check_expression(cx, item, NULL);
    const Axis *axis = &ix->of->axes[ix->at];
    if (is_error(index)) return 0;
    int is_bool = index->type->kind == TY_TENSOR && index->type->dtype == DT_BOOL;
    if (is_bool && compare_dims(cx, axis->dim, dim_constant(&cx->session->dims, 2)) == DIM_EQUAL)
        index = convert_element(cx, index, DT_I32, axis->dim);
    else if (is_bool) return index_mask(cx, item, index->type);
    if (is_literal_list(index) && !dtype_is_float(index->type->dtype))
        index = convert_element(cx, index, DT_I32, axis->dim);
    if (is_error(index)) return 0;
    if (index->type->kind != TY_TENSOR || dtype_is_float(index->type->dtype)) {
        Diag *diag = check_error(cx, item->span, E_INDEX_BOUND,
                                 "an index is a whole number or a tensor of indexes, this is %s",
                                 type_shown(cx, index->type));
        check_fix(cx, diag, "index[%s](...) converts and checks", dim_shown(cx, axis->dim));
        return 0;
    }
    if (index->type->index_bound) {
        const Dim *bound = index->type->index_bound;
        DimAnswer fits = dim_at_most(&cx->session->dims, bound, axis->dim, &cx->body->facts);
        if (fits == DIM_DIFFERENT ||
            (fits == DIM_UNKNOWN && compare_dims(cx, bound, axis->dim) == DIM_DIFFERENT)) {
            Diag *diag =
                check_error(cx, item->span, E_INDEX_BOUND, "index[%s] does not fit an axis of size %s",
                            dim_shown(cx, bound), dim_shown(cx, axis->dim));
            label_axis(cx, diag, axis);
            check_fix(cx, diag, "index[%s](...) checks the value when it runs", dim_shown(cx, axis->dim));
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

/* ---- ranges --------------------------------------------------------------------------------- */

enum { TERMS_MAX = 8 };

/* A sum: what is known of it when compiling, and the terms that only the run knows. */
typedef struct Linear {
    const Dim *known;
    const Ast *terms[TERMS_MAX];
    int signs[TERMS_MAX], count, is_full;
} Linear;

static void add_linear(Checker *cx, const Ast *ast, int sign, Linear *out) {
    ast = ast_ungroup(ast);
    DimTable *t = &cx->session->dims;
    const Dim *known = dim_expression(cx, ast);
    if (known) {
        out->known = sign > 0 ? dim_add(t, out->known, known) : dim_sub(t, out->known, known);
    } else if (ast->kind == AST_BINARY && (ast->binary.op == AST_ADD || ast->binary.op == AST_SUB)) {
        add_linear(cx, ast->binary.left, sign, out);
        add_linear(cx, ast->binary.right, ast->binary.op == AST_ADD ? sign : -sign, out);
    } else if (out->count < TERMS_MAX) {
        out->terms[out->count] = ast;
        out->signs[out->count++] = sign;
    } else {
        out->is_full = 1;
    }
}

static int same_text(const Ast *a, const Ast *b);

static int same_list(const AstList *a, const AstList *b) {
    int is_same = a->len == b->len;
    for (int i = 0; i < a->len && is_same; i++) is_same = same_text(a->data[i], b->data[i]);
    return is_same;
}

/* The same text, so the same value: nothing in an index changes a variable. */
static int same_text(const Ast *a, const Ast *b) {
    a = ast_ungroup(a);
    b = ast_ungroup(b);
    if (a->kind != b->kind) return 0;
    switch ((int)a->kind) {
    case AST_NAME: return a->name == b->name;
    case AST_INTEGER: return a->integer == b->integer;
    case AST_FIELD:
        return a->field.name.symbol == b->field.name.symbol && same_text(a->field.of, b->field.of);
    case AST_BINARY:
        return a->binary.op == b->binary.op && same_text(a->binary.left, b->binary.left) &&
               same_text(a->binary.right, b->binary.right);
    case AST_INDEX: return same_text(a->index.of, b->index.of) && same_list(&a->index.items, &b->index.items);
    case AST_CALL:
        return same_text(a->call.callee, b->call.callee) && same_list(&a->call.args, &b->call.args);
    default: return 0;
    }
}

/* hi - lo where the run-time terms of both are the same, as in k..k + T; else NULL. */
static const Dim *run_time_length(Checker *cx, const Ast *lo, const Ast *hi) {
    const Dim *zero = dim_constant(&cx->session->dims, 0);
    Linear from = {.known = zero}, to = {.known = zero};
    add_linear(cx, lo, 1, &from);
    add_linear(cx, hi, 1, &to);
    if (from.is_full || to.is_full || from.count != to.count) return NULL;
    for (int i = 0; i < from.count; i++) {
        int at = -1;
        for (int k = 0; k < to.count && at < 0; k++)
            if (to.signs[k] == from.signs[i] && to.terms[k] && same_text(from.terms[i], to.terms[k])) at = k;
        if (at < 0) return NULL;
        to.terms[at] = NULL;
    }
    return dim_sub(&cx->session->dims, to.known, from.known);
}

/* A run-time start: one whole number, checked when it runs unless its type proves it. */
static const Tx *range_start(Checker *cx, const Ast *lo) {
    const Tx *start = check_expression(cx, lo, NULL);
    if (is_error(start)) return start;
    if (!type_is_scalar(start->type) || dtype_is_float(start->type->dtype) || start->type->dtype == DT_BOOL) {
        check_error(cx, lo->span, E_INDEX_BOUND, "a range begins at one whole number, this is %s",
                    type_shown(cx, start->type));
        return tx_error(cx, lo->span);
    }
    return start->type->index_bound ? start : convert_element(cx, start, DT_I64, NULL);
}

static int longer_than_axis(Checker *cx, const Ast *item, const Axis *axis, const Dim *length) {
    Diag *diag = check_error(cx, item->span, E_INDEX_RANGE, "a range of %s in an axis of size %s",
                             dim_shown(cx, length), dim_shown(cx, axis->dim));
    label_axis(cx, diag, axis);
    return 0;
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
        const Dim *from_given = from;
        if (lo) from = from_start(cx, &axis, lo, from);
        if (hi) to = from_start(cx, &axis, hi, to);
        length = dim_sub(t, to, from);
        if (dim_at_most(t, to, axis.dim, &cx->body->facts) == DIM_DIFFERENT)
            return out_of_range(cx, hi ? hi : item, &axis, to);
        if (dim_at_most(t, dim_constant(t, 0), from, &cx->body->facts) == DIM_DIFFERENT)
            return out_of_range(cx, lo ? lo : item, &axis, from_given);
        if (dim_at_most(t, dim_constant(t, 0), length, &cx->body->facts) == DIM_DIFFERENT) {
            check_error(cx, item->span, E_INDEX_RANGE, "this range ends before it begins");
            return 0;
        }
        start = size_tx(cx, from, item->span);
    } else if (lo && hi && (length = run_time_length(cx, lo, hi))) {
        start = range_start(cx, lo);
        if (is_error(start)) return 0;
        if (dim_at_most(t, length, axis.dim, &cx->body->facts) == DIM_DIFFERENT)
            return longer_than_axis(cx, item, &axis, length);
        if (dim_at_most(t, dim_constant(t, 0), length, &cx->body->facts) == DIM_DIFFERENT) {
            check_error(cx, item->span, E_INDEX_RANGE, "this range ends before it begins");
            return 0;
        }
    }
    if (!length || !start || is_error(start)) {
        Diag *diag = check_error(cx, item->span, E_INDEX_RANGE,
                                 "the length of this range is not known when compiling");
        check_fix(cx, diag, "write it as k..k + T");
        cx->quiet++; /* the names in it are used all the same */
        if (lo) check_expression(cx, lo, NULL);
        if (hi) check_expression(cx, hi, NULL);
        cx->quiet--;
        return 0;
    }
    add_code(cx, ix, INDEX_SLICE);
    tx_add(cx, ix->tx, start);
    vec_push(cx->arena, &ix->statics->dims, length);
    ix->axes[ix->rank++] = (Axis){.dim = length, .why = origin_new(cx, ORIGIN_RESULT, item->span, NULL)};
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

/* The bracket of `ast` behind `of`: codes, arguments and axes of the part; 0 after a diagnostic, or where a pack hides
 * the axes. */
static int read_bracket(Checker *cx, const Ast *ast, const Tx *of, PrimitiveKind kind, Indexing *ix) {
    *ix = (Indexing){.of = of->type, .pairs_at = -1};
    ix->tx = tx_new(cx, T_PRIMITIVE, of->type, ast->span);
    ix->tx->primitive = kind;
    ix->statics = arena_new(cx->arena, TStatics);
    ix->tx->statics = ix->statics;
    tx_add(cx, ix->tx, of);
    int used = 0, has_rest = 0;
    const AstList *items = &ast->index.items;
    for (int i = 0; i < items->len; i++) {
        if (items->data[i]->kind == AST_REST) has_rest = 1;
        else if (items->data[i]->kind != AST_NEW) used++;
    }
    if (used > of->type->rank) {
        if (!has_pack(of->type)) {
            Diag *diag =
                check_error(cx, ast->span, E_RANK, "%d %s for %d %s", used, used == 1 ? "index" : "indexes",
                            of->type->rank, of->type->rank == 1 ? "axis" : "axes");
            check_primary(cx, diag, "this is %s", type_shown(cx, of->type));
        }
        return 0;
    }
    if (has_pack(of->type) && !has_rest) return 0;
    for (int i = 0; i < items->len; i++)
        if (!index_item(cx, ix, items->data[i], of->type->rank - used)) return 0;
    keep_axes(cx, ix, of->type->rank - ix->at);
    if (ix->pairs_at < 0) return 1;
    int n = ix->pairs->rank;
    memmove(ix->axes + ix->pairs_at + n, ix->axes + ix->pairs_at,
            sizeof(Axis) * (size_t)(ix->rank - ix->pairs_at));
    for (int i = 0; i < n; i++) ix->axes[ix->pairs_at + i] = ix->pairs->axes[i];
    ix->rank += n;
    return 1;
}

static const Type *part_type(Checker *cx, const Indexing *ix) {
    Type *type = type_copy(cx, type_tensor(cx, ix->of->dtype, ix->rank, ix->axes));
    type->index_bound = ix->of->index_bound;
    type->element = ix->of->element;
    return type;
}

const Tx *check_indexing(Checker *cx, const Ast *ast, const Tx *of) {
    if (is_error(of)) return of;
    if (of->type->kind != TY_TENSOR) {
        if (of->type->kind == TY_RECORD && of->type->rows) return check_records(cx, ast, of);
        else
            check_error(cx, ast->span, E_TYPE_MISMATCH, "only a tensor is indexed, this is %s",
                        type_shown(cx, of->type));
        return tx_error(cx, ast->span);
    }
    of = settle(cx, of);
    Indexing ix;
    if (!read_bracket(cx, ast, of, PRIM_INDEX, &ix)) return tx_error(cx, ast->span);
    ix.tx->type = part_type(cx, &ix);
    return ix.tx;
}

/* ---- writing -------------------------------------------------------------------------------- */

/* What is written stretches over the part as in arithmetic: missing leading axes and `new` ones. */
static int fits_part(Checker *cx, const Tx *value, const Type *part) {
    const Type *t = value->type;
    int at = -1;
    for (int i = 1; i <= t->rank && i <= part->rank && at < 0; i++) {
        const Axis *own = &t->axes[t->rank - i], *wanted = &part->axes[part->rank - i];
        if (own->pack || wanted->pack) {
            if (own->pack != wanted->pack) return 1;
        } else if (!own->is_stretchable && compare_dims(cx, own->dim, wanted->dim) == DIM_DIFFERENT) {
            at = i;
        }
    }
    if (at < 0 && t->rank <= part->rank) return 1;
    Diag *diag = check_error(cx, value->span, E_TYPE_MISMATCH, "this part is %s, what is written is %s",
                             type_shown(cx, part), type_shown(cx, t));
    if (at < 0) {
        check_primary(cx, diag, "%d %s instead of %d", t->rank, t->rank == 1 ? "axis" : "axes", part->rank);
        return 0;
    }
    const Axis *own = &t->axes[t->rank - at], *wanted = &part->axes[part->rank - at];
    check_primary(cx, diag, "axis %d is %s instead of %s", t->rank - at, dim_shown(cx, own->dim),
                  dim_shown(cx, wanted->dim));
    label_axis(cx, diag, own);
    label_axis(cx, diag, wanted);
    return 0;
}

const Tx *check_written(Checker *cx, const Ast *ast, const Tx *of, const Ast *value_ast, const Tx *value) {
    if (is_error(of)) return of;
    for (int i = 0; i < ast->index.items.len; i++) {
        if (ast->index.items.data[i]->kind != AST_NEW) continue;
        check_error(cx, ast->index.items.data[i]->span, E_ASSIGN, "a part that is written has no `new` axis");
        return tx_error(cx, ast->span);
    }
    Indexing ix;
    int is_known = read_bracket(cx, ast, of, PRIM_SET, &ix);
    const Type *part = is_known ? part_type(cx, &ix) : NULL;
    if (!value) value = check_expression(cx, value_ast, part);
    if (!is_known || is_error(value)) return tx_error(cx, ast->span);
    if (value->type->kind != TY_TENSOR) {
        check_error(cx, value->span, E_TYPE_MISMATCH, "this part is %s, what is written is %s",
                    type_shown(cx, part), type_shown(cx, value->type));
        return tx_error(cx, ast->span);
    }
    if (part->element == ELEMENT_FIXED) value = convert_element(cx, value, part->dtype, part->index_bound);
    if (is_error(value) || !fits_part(cx, value, part)) return tx_error(cx, ast->span);
    tx_add(cx, ix.tx, value);
    ix.tx->type = of->type;
    ix.tx->part = part;
    return ix.tx;
}
