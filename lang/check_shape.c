/* Types: making, comparing, widening and joining them, and what is said when they do not go
 * together. */
#include "lang/check_condition.h"
#include "lang/check_record.h"

#include <math.h>
#include <string.h>

/* ---- making --------------------------------------------------------------------------------- */

Type *type_copy(Checker *cx, const Type *type) {
    Type *copy = arena_new(cx->arena, Type);
    *copy = *type;
    return copy;
}

static Type *type_new(Checker *cx, TypeKind kind) {
    Type *type = arena_new(cx->arena, Type);
    type->kind = kind;
    return type;
}

const Type *type_error(Checker *cx) { return type_new(cx, TY_ERROR); }
const Type *type_unit(Checker *cx) { return type_new(cx, TY_UNIT); }
const Type *type_string(Checker *cx) { return type_new(cx, TY_STRING); }

const Type *type_tensor(Checker *cx, DType dtype, int rank, const Axis *axes) {
    Type *type = type_new(cx, TY_TENSOR);
    Axis *copy = arena_array(cx->arena, Axis, rank);
    if (rank) memcpy(copy, axes, sizeof *axes * (size_t)rank);
    type->dtype = dtype;
    type->rank = rank;
    type->axes = copy;
    return type;
}

const Type *type_scalar(Checker *cx, DType dtype) { return type_tensor(cx, dtype, 0, NULL); }

const Type *type_literal(Checker *cx, DType dtype) {
    Type *type = type_copy(cx, type_scalar(cx, dtype));
    type->is_literal = 1;
    return type;
}

const Type *type_index(Checker *cx, const Dim *bound, int rank, const Axis *axes) {
    Type *type = type_copy(cx, type_tensor(cx, DT_I32, rank, axes));
    type->index_bound = bound;
    return type;
}

const Type *type_list(Checker *cx, TypeKind kind, const TypeField *fields, int count) {
    Type *type = type_new(cx, kind);
    type->fields = fields;
    type->count = count;
    return type;
}

int has_pack(const Type *t) {
    for (int i = 0; t->kind == TY_TENSOR && i < t->rank; i++)
        if (t->axes[i].pack) return 1;
    return 0;
}

int is_float_type(const Type *t) {
    return t->kind == TY_TENSOR &&
           (t->element == ELEMENT_FLOAT || (dtype_is_float(t->dtype) && t->element != ELEMENT_ANY));
}

const char *dim_shown(Checker *cx, const Dim *dim) { return dim_text(cx->arena, dim); }
const char *type_shown(Checker *cx, const Type *type) { return type_text(cx->arena, type); }

/* ---- expressions ---------------------------------------------------------------------------- */

Tx *tx_new(Checker *cx, TxKind kind, const Type *type, Span span) {
    Tx *tx = arena_new(cx->arena, Tx);
    tx->kind = kind;
    tx->type = type;
    tx->span = span;
    tx->is_pure = 1;
    return tx;
}

const Tx *tx_error(Checker *cx, Span span) { return tx_new(cx, T_ERROR, type_error(cx), span); }

void tx_add(Checker *cx, Tx *tx, const Tx *arg) {
    vec_push(cx->arena, &tx->args, arg);
    if (!arg->is_pure) tx->is_pure = 0;
}

const Tx *tx_variable(Checker *cx, TVariable *variable, Span span) {
    Tx *tx = tx_new(cx, T_VARIABLE, variable->type, span);
    tx->variable = variable;
    return tx;
}

const Tx *tx_integer(Checker *cx, int64_t value, Span span) {
    Tx *tx = tx_new(cx, T_NUMBER, type_literal(cx, DT_I64), span);
    tx->integer = value;
    tx->real = (double)value;
    return tx;
}

const Tx *tx_dim(Checker *cx, const Dim *dim, Span span) {
    if (dim_is_constant(dim)) return tx_integer(cx, dim_constant_value(dim), span);
    Tx *tx = tx_new(cx, T_DIM, type_literal(cx, DT_I64), span);
    tx->dim = dim;
    return tx;
}

/* ---- comparing ------------------------------------------------------------------------------ */

static int is_batch(const Dim *dim) {
    const DimName *name = dim_as_name(dim);
    return name && name->is_batch;
}

DimAnswer compare_dims(Checker *cx, const Dim *a, const Dim *b) {
    DimAnswer answer = dim_compare(&cx->session->dims, a, b, cx->body ? &cx->body->facts : NULL);
    if (answer != DIM_UNKNOWN || a == b) return answer;
    int varies = (is_batch(a) && dim_is_constant(b)) || (is_batch(b) && dim_is_constant(a));
    return varies ? DIM_DIFFERENT : answer;
}

/* The sizes of two axes: a `new` axis is an ordinary 1 here. */
static int same_axis(Checker *cx, const Axis *a, const Axis *b) {
    if (a->pack || b->pack) return a->pack == b->pack;
    return compare_dims(cx, a->dim, b->dim) != DIM_DIFFERENT;
}

/* A declaration holds for all packs, as it does for all sizes: other axes than a pack's own are not its. */
static int is_for_all_packs(const Checker *cx) { return cx->body && cx->body->is_generic && !cx->body->open_depth; }

/* -1: not known here, since a rigid pack stands against other axes where what is known of it decides. */
static int same_shape(Checker *cx, const Type *a, const Type *b) {
    int unknown = is_for_all_packs(cx) ? 0 : -1;
    if (a->rank != b->rank) return has_pack(a) || has_pack(b) ? unknown : 0;
    for (int i = 0; i < a->rank; i++) {
        if (same_axis(cx, &a->axes[i], &b->axes[i])) continue;
        return a->axes[i].pack || b->axes[i].pack ? unknown : 0;
    }
    return 1;
}

int same_type(Checker *cx, const Type *a, const Type *b) {
    if (a->kind == TY_ERROR || b->kind == TY_ERROR) return 1;
    if (a->kind != b->kind) return 0;
    switch (a->kind) {
    case TY_TENSOR:
        if (a->element != b->element || (a->dtype != b->dtype && a->element == ELEMENT_FIXED))
            return 0;
        if ((a->index_bound != NULL) != (b->index_bound != NULL)) return 0;
        if (a->index_bound && compare_dims(cx, a->index_bound, b->index_bound) == DIM_DIFFERENT)
            return 0;
        return same_shape(cx, a, b) != 0;
    case TY_TUPLE:
    case TY_RECORD:
        if (a->count != b->count) return 0;
        for (int i = 0; i < a->count; i++)
            if (a->fields[i].name != b->fields[i].name ||
                !same_type(cx, a->fields[i].type, b->fields[i].type))
                return 0;
        return 1;
    case TY_INSTANCE: return records_alike(cx, a, b);
    case TY_FUNCTION: return a->function == b->function;
    case TY_ERROR:
    case TY_UNIT:
    case TY_STRING: return 1;
    }
    return 0;
}

static int is_users(Checker *cx, Span span) {
    const Source *source = source_of(&cx->session->sources, span);
    return source && !source->is_library;
}

static int has_label_at(const Diag *diag, Span span) {
    if (diag->span.begin <= span.begin && span.end <= diag->span.end) return 1;
    for (int i = 0; i < diag->labels.len; i++)
        if (diag->labels.data[i].span.begin == span.begin && diag->labels.data[i].span.end == span.end) return 1;
    return 0;
}

/* The place where the size was last computed or handed on in the user's file, if that is another than where it began
 * and where the mistake is. */
static void label_way(Checker *cx, Diag *diag, const Axis *axis, const Origin *root) {
    for (const Origin *at = axis->why; at && at != root; at = at->from) {
        int is_around = at->span.begin <= root->span.begin && root->span.end <= at->span.end;
        if (!is_users(cx, at->span) || is_around || has_label_at(diag, at->span)) continue;
        check_label(cx, diag, at->span, "%s comes through here", dim_shown(cx, axis->dim));
        return;
    }
}

/* Where a size comes from: the root of its origins, in the user's file where it passes through it, and the last
 * place on the way. */
void label_axis(Checker *cx, Diag *diag, const Axis *axis) {
    if (!diag || !axis->dim) return;
    const char *size = dim_shown(cx, axis->dim);
    const Origin *root = axis->why;
    for (const Origin *at = root; at; at = at->from)
        if (!at->from || is_users(cx, at->span) || !is_users(cx, root->span)) root = at;
    if (!root) return;
    const char *written = source_text(cx, root->span);
    int is_plain = root->kind == ORIGIN_LITERAL || root->kind == ORIGIN_DECLARATION || root->kind == ORIGIN_FIRST_USE;
    if (is_plain && strcmp(written, size) != 0 && strlen(written) < 40 && root != axis->why) {
        label_way(cx, diag, axis, root);
        check_label(cx, diag, root->span, "%s comes from this %s", size, written);
        return;
    }
    label_way(cx, diag, axis, root);
    switch (root->kind) {
    case ORIGIN_LITERAL: check_label(cx, diag, root->span, "%s is written here", size); return;
    case ORIGIN_DECLARATION: check_label(cx, diag, root->span, "%s is declared here", size); return;
    case ORIGIN_FIRST_USE: check_label(cx, diag, root->span, "%s enters here", size); return;
    case ORIGIN_DATA: check_label(cx, diag, root->span, "%s comes from this data", size); return;
    case ORIGIN_BATCH: check_label(cx, diag, root->span, "%s is the batch, and the last one may be shorter", size); return;
    case ORIGIN_ARGUMENT:
    case ORIGIN_RESULT: check_label(cx, diag, root->span, "%s arises here", size); return;
    }
}

/* ---- element types -------------------------------------------------------------------------- */

static int integer_bits(DType t) { return dtype_bytes(t) * 8; }

DType wider(DType a, DType b) {
    if (a == b) return a;
    if (a == DT_BOOL) return b;
    if (b == DT_BOOL) return a;
    if (dtype_is_float(a) && dtype_is_float(b)) {
        if ((a == DT_F16 && b == DT_BF16) || (a == DT_BF16 && b == DT_F16)) return DT_F32;
        return dtype_bytes(a) > dtype_bytes(b) ? a : b;
    }
    if (dtype_is_float(a)) return a;
    if (dtype_is_float(b)) return b;
    if (dtype_is_signed(a) == dtype_is_signed(b)) return integer_bits(a) > integer_bits(b) ? a : b;
    return DT_COUNT;
}

static const Tx *literal_as(Checker *cx, const Tx *tx, DType dtype, const Dim *bound) {
    Type *type = type_copy(cx, type_scalar(cx, dtype));
    type->index_bound = bound;
    Tx *copy = arena_new(cx->arena, Tx);
    *copy = *tx;
    copy->type = type;
    if (tx->kind == T_NUMBER && dtype_is_float(dtype) && !dtype_is_float(tx->type->dtype))
        copy->real = (double)tx->integer;
    return copy;
}

const Tx *tx_converted(Checker *cx, const Tx *tx, DType dtype, const Dim *bound) {
    Type *type = type_copy(cx, tx->type);
    type->dtype = dtype;
    type->index_bound = bound;
    type->element = ELEMENT_FIXED;
    type->is_literal = 0;
    Tx *convert = tx_new(cx, T_CONVERT, type, tx->span);
    tx_add(cx, convert, tx);
    return convert;
}

/* A literal or other value against index[V]. */
static const Tx *convert_index(Checker *cx, const Tx *tx, const Dim *bound) {
    const Type *t = tx->type;
    if (t->index_bound == bound) return tx;
    if (t->index_bound) {
        DimAnswer fits = dim_at_most(&cx->session->dims, t->index_bound, bound, &cx->body->facts);
        int is_rigid =
            fits == DIM_UNKNOWN && compare_dims(cx, t->index_bound, bound) == DIM_DIFFERENT;
        if (fits == DIM_EQUAL || (fits == DIM_UNKNOWN && !is_rigid))
            return tx_converted(cx, tx, DT_I32, bound);
        Diag *diag =
            check_error(cx, tx->span, E_INDEX_BOUND, "an index[%s] is 0 to %s, index[%s] is wanted",
                        dim_shown(cx, t->index_bound),
                        dim_shown(cx, dim_sub(&cx->session->dims, t->index_bound,
                                              dim_constant(&cx->session->dims, 1))),
                        dim_shown(cx, bound));
        check_primary(cx, diag, "this is %s", type_shown(cx, t));
        check_note(cx, diag, "an index[A] goes for an index[B] where A is at most B");
        return tx_error(cx, tx->span);
    }
    if (tx->kind == T_NUMBER && t->is_literal && !dtype_is_float(t->dtype)) {
        DimTable *dims = &cx->session->dims;
        const Dim *last = dim_sub(dims, bound, dim_constant(dims, 1));
        int is_low = tx->integer < 0, is_high = dim_at_most(dims, dim_constant(dims, tx->integer),
                                                            last, NULL) == DIM_DIFFERENT;
        if (!is_low && !is_high) return literal_as(cx, tx, DT_I32, bound);
        check_error(cx, tx->span, E_INDEX_BOUND, "%lld is no index[%s]", (long long)tx->integer,
                    dim_shown(cx, bound));
        return tx_error(cx, tx->span);
    }
    if (t->dtype == DT_BOOL &&
        compare_dims(cx, bound, dim_constant(&cx->session->dims, 2)) != DIM_DIFFERENT)
        return tx_converted(cx, tx, DT_I32, bound);
    Diag *diag = check_error(cx, tx->span, E_INDEX_BOUND, "index[%s] is wanted, this is %s",
                             dim_shown(cx, bound), type_shown(cx, t));
    check_fix_wrap(cx, diag, tx->span, arena_printf(cx->arena, "index[%s](", dim_shown(cx, bound)), ")",
                   "index[%s](...) checks the value when it runs", dim_shown(cx, bound));
    return tx_error(cx, tx->span);
}

int is_literal_list(const Tx *tx) {
    if (tx->kind != T_PRIMITIVE || tx->primitive != PRIM_TENSOR) return 0;
    for (int i = 0; i < tx->args.len; i++) {
        const Tx *item = tx->args.data[i];
        if (!is_literal_list(item) && (item->kind != T_NUMBER || item->type->dtype == DT_BOOL)) return 0;
    }
    return 1;
}

/* Takes the wanted type number by number, as each of them would alone. */
static const Tx *convert_list(Checker *cx, const Tx *tx, DType dtype, const Dim *bound) {
    Type *type = type_copy(cx, tx->type);
    type->dtype = dtype;
    type->index_bound = bound;
    Tx *list = tx_new(cx, T_PRIMITIVE, type, tx->span);
    list->primitive = PRIM_TENSOR;
    list->statics = tx->statics;
    for (int i = 0; i < tx->args.len; i++) {
        Tx *item = arena_new(cx->arena, Tx);
        *item = *tx->args.data[i];
        if (item->kind == T_NUMBER) item->type = type_literal(cx, item->type->dtype);
        const Tx *made = convert_element(cx, item, dtype, bound);
        if (is_error(made)) return tx_error(cx, tx->span);
        tx_add(cx, list, made);
    }
    return list;
}

const Tx *convert_element(Checker *cx, const Tx *tx, DType dtype, const Dim *index_bound) {
    const Type *t = tx->type;
    if (t->kind == TY_ERROR || t->kind != TY_TENSOR) return tx;
    int is_same = t->dtype == dtype && t->index_bound == index_bound;
    if (!is_same && dtype != DT_BOOL && is_literal_list(tx)) return convert_list(cx, tx, index_bound ? DT_I32 : dtype, index_bound);
    if (index_bound) return convert_index(cx, tx, index_bound);
    if (t->is_literal && (tx->kind == T_NUMBER || tx->kind == T_DIM)) {
        int is_whole = !dtype_is_float(t->dtype);
        if (dtype_is_float(dtype) || (is_whole && dtype != DT_BOOL))
            return literal_as(cx, tx, dtype, NULL);
    }
    if (t->dtype == dtype && !t->index_bound && t->element == ELEMENT_FIXED && !t->is_literal)
        return tx;
    if (t->element != ELEMENT_FIXED && dtype_is_float(dtype)) return tx_converted(cx, tx, dtype, NULL);
    if (wider(t->index_bound ? DT_I64 : t->dtype, dtype) == dtype ||
        (t->index_bound && dtype == DT_I32))
        return tx_converted(cx, tx, dtype, NULL);
    Diag *diag = check_error(cx, tx->span, E_ELEMENT_TYPE, "%s is wanted, this is %s",
                             dtype_name(dtype), type_shown(cx, t));
    check_note(cx, diag, "values widen by themselves; nothing narrows");
    check_fix(cx, diag, "%s(...) converts", dtype_name(dtype));
    return tx_error(cx, tx->span);
}

const Tx *settle(Checker *cx, const Tx *tx) {
    if (tx->type->kind != TY_TENSOR || !tx->type->is_literal) return tx;
    return convert_element(cx, tx, tx->type->dtype, NULL);
}

/* ---- coercion ------------------------------------------------------------------------------- */

static const char *axis_shown(Checker *cx, const Axis *axis) {
    if (!axis->pack) return dim_shown(cx, axis->dim);
    return axis->pack->name ? arena_printf(cx->arena, "..%s", axis->pack->name->text) : "..";
}

static void shape_mismatch(Checker *cx, const Tx *tx, const Type *wanted, const char *what) {
    const Type *t = tx->type;
    Repair repair;
    if (t->rank != wanted->rank) {
        Diag *diag = check_error(cx, tx->span, E_TYPE_MISMATCH, "%s is %s, this is %s", what,
                                 type_shown(cx, wanted), type_shown(cx, t));
        if (has_pack(t) || has_pack(wanted)) return;
        check_primary(cx, diag, "%d %s instead of %d", t->rank, t->rank == 1 ? "axis" : "axes",
                      wanted->rank);
        if (find_repair(cx, t, wanted, &repair)) check_fix_repair(cx, diag, tx, &repair);
        return;
    }
    for (int i = 0; i < t->rank; i++) {
        if (same_axis(cx, &t->axes[i], &wanted->axes[i])) continue;
        Diag *diag = check_error(cx, tx->span, E_TYPE_MISMATCH, "%s is %s, this is %s", what,
                                 type_shown(cx, wanted), type_shown(cx, t));
        if (has_pack(t) || has_pack(wanted))
            check_primary(cx, diag, "%s stands where %s is wanted", axis_shown(cx, &t->axes[i]),
                          axis_shown(cx, &wanted->axes[i]));
        else
            check_primary(cx, diag, "axis %d is %s instead of %s", i, dim_shown(cx, t->axes[i].dim),
                          dim_shown(cx, wanted->axes[i].dim));
        label_axis(cx, diag, &t->axes[i]);
        label_axis(cx, diag, &wanted->axes[i]);
        if (!has_pack(t) && !has_pack(wanted) && find_repair(cx, t, wanted, &repair))
            check_fix_repair(cx, diag, tx, &repair);
        return;
    }
}

static const Tx *coerce_tuple(Checker *cx, const Tx *tx, const Type *wanted, const char *what) {
    if (tx->type->kind != TY_TUPLE || tx->type->count != wanted->count) {
        check_error(cx, tx->span, E_TYPE_MISMATCH, "%s is %s, this is %s", what,
                    type_shown(cx, wanted), type_shown(cx, tx->type));
        return tx_error(cx, tx->span);
    }
    if (tx->kind != T_TUPLE) {
        if (same_type(cx, tx->type, wanted)) return tx;
        check_error(cx, tx->span, E_TYPE_MISMATCH, "%s is %s, this is %s", what,
                    type_shown(cx, wanted), type_shown(cx, tx->type));
        return tx_error(cx, tx->span);
    }
    Tx *tuple = tx_new(cx, T_TUPLE, wanted, tx->span);
    for (int i = 0; i < wanted->count; i++)
        tx_add(cx, tuple, coerce(cx, tx->args.data[i], wanted->fields[i].type, what));
    return tuple;
}

const Tx *coerce(Checker *cx, const Tx *tx, const Type *wanted, const char *what) {
    if (is_error(tx) || wanted->kind == TY_ERROR) return tx;
    if (wanted->kind == TY_TUPLE) return coerce_tuple(cx, tx, wanted, what);
    if (wanted->kind == TY_INSTANCE) return record_coerce(cx, tx, wanted, what);
    if (wanted->kind != TY_TENSOR || tx->type->kind != TY_TENSOR) {
        if (same_type(cx, tx->type, wanted)) return tx;
        check_error(cx, tx->span, E_TYPE_MISMATCH, "%s is %s, this is %s", what,
                    type_shown(cx, wanted), type_shown(cx, tx->type));
        return tx_error(cx, tx->span);
    }
    const Tx *element = wanted->element == ELEMENT_ANY ||
                                (wanted->element == ELEMENT_FLOAT && is_float_type(tx->type))
                            ? tx
                            : convert_element(cx, tx, wanted->dtype, wanted->index_bound);
    if (is_error(element)) return element;
    if (same_shape(cx, element->type, wanted) == 0) {
        shape_mismatch(cx, tx, wanted, what);
        return tx_error(cx, tx->span);
    }
    for (int i = 0; i < wanted->rank && wanted->rank == element->type->rank; i++)
        if (wanted->axes[i].dim && element->type->axes[i].dim)
            open_equal(cx, element->type->axes[i].dim, wanted->axes[i].dim, tx->span);
    return element;
}

/* ---- operators ------------------------------------------------------------------------------ */

int show_operands(Checker *cx, Diag *diag, Span span) {
    if (!diag || !cx->operands[0] || diag->span.begin != span.begin || diag->span.end != span.end) return 0;
    diag->span = cx->operator_span;
    for (int i = 0; i < 2; i++)
        check_label(cx, diag, cx->operands[i]->span, "%s", type_shown(cx, cx->operands[i]->type));
    return 1;
}

/* A change of one operand that makes the two go together, the one with fewer axes first. */
static int offer_stretch(Checker *cx, Diag *diag) {
    int (*const ways[])(Checker *, const Type *, const Type *, Repair *) = {find_dropped, find_added, find_order};
    int first = cx->operands[1]->type->rank <= cx->operands[0]->type->rank;
    for (int i = 0; i < 6; i++) {
        int which = first ^ (i & 1);
        Repair repair;
        if (!ways[i / 2](cx, cx->operands[which]->type, cx->operands[!which]->type, &repair)) continue;
        check_fix_repair(cx, diag, cx->operands[which], &repair);
        return 1;
    }
    return 0;
}

/* ---- broadcasting --------------------------------------------------------------------------- */

static void broadcast_mismatch(Checker *cx, Span span, const char *operation, const Type *a,
                               const Type *b, int at_a, int at_b) {
    const Axis *x = &a->axes[at_a], *y = &b->axes[at_b];
    Diag *diag = check_error(cx, span, E_SHAPES_DIFFER, "the shapes of `%s` differ: %s against %s",
                             operation, type_shown(cx, a), type_shown(cx, b));
    if (a->rank - at_a == 1)
        check_primary(cx, diag, "the last axis is %s against %s", dim_shown(cx, x->dim), dim_shown(cx, y->dim));
    else if (at_a == at_b)
        check_primary(cx, diag, "axis %d is %s against %s", at_a, dim_shown(cx, x->dim), dim_shown(cx, y->dim));
    else
        check_primary(cx, diag, "axis -%d is %s against %s", a->rank - at_a, dim_shown(cx, x->dim),
                      dim_shown(cx, y->dim));
    int has_fix = show_operands(cx, diag, span) && offer_stretch(cx, diag);
    label_axis(cx, diag, x);
    label_axis(cx, diag, y);
    int x_is_one = dim_is_constant(x->dim) && dim_constant_value(x->dim) == 1;
    int y_is_one = dim_is_constant(y->dim) && dim_constant_value(y->dim) == 1;
    if (!x_is_one && !y_is_one) return;
    check_note(cx, diag, "an axis that happens to have size 1 is not stretched silently");
    if (!has_fix)
        check_fix(cx, diag, "drop that axis with an index 0 in its place, or put `new` there to stretch it");
}

static Axis joined_axis(Checker *cx, const Axis *x, const Axis *y, Span span) {
    const Axis *kept = x->is_stretchable ? y : x;
    Axis axis = *kept;
    axis.why = kept->why ? origin_new(cx, ORIGIN_RESULT, span, kept->why) : NULL;
    return axis;
}

int broadcast_axes(Checker *cx, Span span, const char *operation, const Type *a, const Type *b,
                   Axis **axes, int *rank) {
    int n = a->rank > b->rank ? a->rank : b->rank;
    *axes = arena_array(cx->arena, Axis, n);
    *rank = n;
    for (int i = 1; i <= n; i++) { /* from the last axis; leading ones may be missing */
        int at_a = a->rank - i, at_b = b->rank - i;
        Axis *out = &(*axes)[n - i];
        if (at_a < 0) *out = b->axes[at_b];
        else if (at_b < 0) *out = a->axes[at_a];
        else {
            const Axis *x = &a->axes[at_a], *y = &b->axes[at_b];
            if (x->pack || y->pack) {
                if (x->pack != y->pack) return -1;
                *out = *x;
                continue;
            }
            if (!x->is_stretchable && !y->is_stretchable &&
                compare_dims(cx, x->dim, y->dim) == DIM_DIFFERENT) {
                broadcast_mismatch(cx, span, operation, a, b, at_a, at_b);
                return 0;
            }
            *out = joined_axis(cx, x, y, span);
        }
    }
    return 1;
}
