/* The typing rules of elementwise primitives and products, and the table of all rules.  Operands arrive checked; they
 * leave converted to one element type, and the result has its shape.  Indexing is in check_index.c. */
#include "lang/check_record.h"


#include <math.h>
#include <string.h>

static PrimitiveRule *const rules[PRIM_COUNT] = {
#define PR(id, name, rule) [PRIM_##id] = rule_##rule,
#define PC(id, name, rule)
#include "lang/primitive.def"
#undef PR
#undef PC
};

/* ---- shared --------------------------------------------------------------------------------- */

Tx *primitive_tx(Checker *cx, const PrimitiveCall *call, const Type *type) {
    Tx *tx = tx_new(cx, T_PRIMITIVE, type, call->span);
    tx->primitive = call->kind;
    tx->statics = arena_new(cx->arena, TStatics);
    return tx;
}

TStatics *statics_of(Tx *tx) { return (TStatics *)(uintptr_t)tx->statics; }

const Tx *with_args(Checker *cx, Tx *tx, const PrimitiveCall *call) {
    for (int i = 0; i < call->arg_count; i++) tx_add(cx, tx, call->args[i]);
    return tx;
}

const char *shown_name(const PrimitiveCall *call) { return primitive_name(call->kind); }

static int is_tensor(const Tx *tx) { return tx->type->kind == TY_TENSOR; }

/* Every argument is a tensor (poison counts); else reported. */
static int all_tensors(Checker *cx, const PrimitiveCall *call) {
    for (int i = 0; i < call->arg_count; i++) {
        if (is_tensor(call->args[i]) || is_error(call->args[i])) continue;
        Diag *diag = check_error(cx, call->args[i]->span, E_TYPE_MISMATCH, "`%s` works on tensors, this is %s",
                                 shown_name(call), type_shown(cx, call->args[i]->type));
        if (is_record(call->args[i]))
            check_fix(cx, diag, "name a weight, or total(...) for the sum and flat(...) for the vector of all");
        return 0;
    }
    return 1;
}

static int any_poison(const PrimitiveCall *call) {
    for (int i = 0; i < call->arg_count; i++)
        if (is_error(call->args[i])) return 1;
    return 0;
}

int has_count(Checker *cx, const PrimitiveCall *call, int count) {
    if (call->arg_count == count) return 1;
    Diag *diag = check_error(cx, call->span, E_ARGUMENT_COUNT, "`%s` takes %d %s, %d given", shown_name(call), count,
                             count == 1 ? "argument" : "arguments", call->arg_count);
    offer_primitive_brackets(cx, call, diag);
    return 0;
}

/* The element type that all arguments from `first` widen to: literals follow the others. */
DType joined_dtype(Checker *cx, const PrimitiveCall *call, int first) {
    DType joined = DT_BOOL;
    int seen = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = first; i < call->arg_count; i++) {
            const Type *t = call->args[i]->type;
            if (t->is_literal != pass) continue;
            DType own = t->index_bound ? DT_I64 : t->dtype;
            if (pass && seen) { /* a literal: a whole one takes any number type */
                if (dtype_is_float(own) && !dtype_is_float(joined)) joined = DT_F32;
                if (!dtype_is_float(own) && joined == DT_BOOL) joined = own;
                continue;
            }
            DType next = seen ? wider(joined, own) : own;
            if (next == DT_COUNT) {
                Diag *diag = check_error(cx, call->span, E_ELEMENT_TYPE,
                                         "`%s` of %s and %s: neither widens to the other",
                                         shown_name(call), dtype_name(joined), dtype_name(own));
                check_fix(cx, diag, "i64(...) converts");
                return DT_COUNT;
            }
            joined = next;
            seen = 1;
        }
    return joined;
}

static int any_variable(const PrimitiveCall *call) {
    for (int i = 0; i < call->arg_count; i++)
        if (call->args[i]->type->element != ELEMENT_FIXED) return 1;
    return 0;
}

int convert_all(Checker *cx, PrimitiveCall *call, int first, DType dtype) {
    for (int i = first; i < call->arg_count; i++) {
        if (call->args[i]->type->element != ELEMENT_FIXED) continue; /* rigid: decided at a use */
        call->args[i] = convert_element(cx, call->args[i], dtype, NULL);
        if (is_error(call->args[i])) return 0;
    }
    return 1;
}

/* The joined shape of arguments; NULL where it was reported or is not known (then *unknown). */
static const Type *joined_shape(Checker *cx, const PrimitiveCall *call, DType dtype, int *unknown) {
    const Type *shape = call->args[0]->type;
    *unknown = 0;
    for (int i = 1; i < call->arg_count; i++) {
        Axis *axes;
        int rank, fits = broadcast_axes(cx, call->span, shown_name(call), shape,
                                        call->args[i]->type, &axes, &rank);
        if (fits <= 0) {
            *unknown = fits < 0;
            return NULL;
        }
        shape = type_tensor(cx, dtype, rank, axes);
    }
    return type_tensor(cx, dtype, shape->rank, shape->axes);
}

static const Tx *elementwise(Checker *cx, PrimitiveCall *call, DType operands, DType result,
                             int first) {
    int is_rigid = any_variable(call), unknown;
    if (!convert_all(cx, call, first, operands)) return tx_error(cx, call->span);
    const Type *type = joined_shape(cx, call, result, &unknown);
    if (!type) return tx_error(cx, call->span);
    if (is_rigid && result == operands) {
        Type *copy = type_copy(cx, type);
        for (int i = first; i < call->arg_count; i++)
            if (call->args[i]->type->element != ELEMENT_FIXED)
                copy->element = call->args[i]->type->element;
        type = copy;
    }
    return with_args(cx, primitive_tx(cx, call, type), call);
}

/* ---- numbers known when compiling ----------------------------------------------------------- */

static int is_number(const Tx *tx) {
    return tx->kind == T_NUMBER && tx->type->is_literal && tx->type->dtype != DT_BOOL;
}

static const Tx *real_literal(Checker *cx, double value, Span span) {
    Tx *tx = tx_new(cx, T_NUMBER, type_literal(cx, DT_F32), span);
    tx->real = value;
    return tx;
}

static const Tx *fold_integers(Checker *cx, PrimitiveKind kind, int64_t a, int64_t b, Span span) {
    int64_t r = 0;
    int failed = 0;
    switch ((int)kind) {
    case PRIM_ADD: failed = __builtin_add_overflow(a, b, &r); break;
    case PRIM_SUB: failed = __builtin_sub_overflow(a, b, &r); break;
    case PRIM_MUL: failed = __builtin_mul_overflow(a, b, &r); break;
    case PRIM_MINIMUM: r = a < b ? a : b; break;
    case PRIM_MAXIMUM: r = a > b ? a : b; break;
    case PRIM_FLOOR_DIV:
    case PRIM_MOD:
        if (b == 0) {
            check_error(cx, span, E_INEXACT, "a number is divided by 0");
            return tx_error(cx, span);
        }
        r = a / b - (a % b != 0 && (a < 0) != (b < 0));
        if (kind == PRIM_MOD) r = a - b * r;
        break;
    case PRIM_POWER:
        if (b < 0) return real_literal(cx, pow((double)a, (double)b), span);
        r = 1;
        for (int64_t i = 0; i < b && !failed && i < 64; i++)
            failed = __builtin_mul_overflow(r, a, &r);
        failed = failed || (b > 64 && a != 1 && a != 0 && a != -1);
        break;
    default: return NULL;
    }
    if (!failed) return tx_integer(cx, r, span);
    check_error(cx, span, E_SIZE_OVERFLOW, "this number is too large for an i64");
    return tx_error(cx, span);
}

static const Tx *fold_reals(Checker *cx, PrimitiveKind kind, double a, double b, Span span) {
    switch ((int)kind) {
    case PRIM_ADD: return real_literal(cx, a + b, span);
    case PRIM_SUB: return real_literal(cx, a - b, span);
    case PRIM_MUL: return real_literal(cx, a * b, span);
    case PRIM_DIV: return real_literal(cx, a / b, span);
    case PRIM_POWER: return real_literal(cx, pow(a, b), span);
    case PRIM_MINIMUM: return real_literal(cx, a < b ? a : b, span);
    case PRIM_MAXIMUM: return real_literal(cx, a > b ? a : b, span);
    default: return NULL;
    }
}

/* Sizes and literals fold to sizes and literals, so that what they meet still gives them their
 * type. */
static const Tx *fold(Checker *cx, const PrimitiveCall *call) {
    if (call->arg_count != 2) return NULL;
    const Tx *a = call->args[0], *b = call->args[1];
    int both_numbers = is_number(a) && is_number(b);
    if (both_numbers && !dtype_is_float(a->type->dtype) && !dtype_is_float(b->type->dtype) &&
        call->kind != PRIM_DIV)
        return fold_integers(cx, call->kind, a->integer, b->integer, call->span);
    if (both_numbers) {
        double x = dtype_is_float(a->type->dtype) ? a->real : (double)a->integer;
        double y = dtype_is_float(b->type->dtype) ? b->real : (double)b->integer;
        return fold_reals(cx, call->kind, x, y, call->span);
    }
    int sizes = 0;
    const Dim *dims[2];
    for (int i = 0; i < 2; i++) {
        const Tx *side = call->args[i];
        int is_whole = is_number(side) && !dtype_is_float(side->type->dtype);
        if (side->kind == T_DIM && side->type->is_literal) dims[sizes++] = side->dim;
        else if (is_whole) dims[sizes++] = dim_constant(&cx->session->dims, side->integer);
    }
    if (sizes < 2) return NULL;
    DimTable *t = &cx->session->dims;
    if (call->kind == PRIM_ADD) return tx_dim(cx, dim_add(t, dims[0], dims[1]), call->span);
    if (call->kind == PRIM_SUB) return tx_dim(cx, dim_sub(t, dims[0], dims[1]), call->span);
    if (call->kind == PRIM_MUL) return tx_dim(cx, dim_mul(t, dims[0], dims[1]), call->span);
    int by_zero = dim_is_constant(dims[1]) && dim_constant_value(dims[1]) == 0;
    if (call->kind == PRIM_FLOOR_DIV && !by_zero)
        return tx_dim(cx, dim_floor_div(t, dims[0], dims[1]), call->span);
    if (call->kind == PRIM_MOD && !by_zero)
        return tx_dim(cx, dim_mod(t, dims[0], dims[1]), call->span);
    return NULL;
}

/* ---- elementwise rules ---------------------------------------------------------------------- */

/* A size or whole literal that is at least 0, or NULL. */
static const Dim *whole_size(Checker *cx, const Tx *tx) {
    const Dim *k = tx->kind == T_DIM && tx->type->is_literal ? tx->dim
                   : is_number(tx) && !dtype_is_float(tx->type->dtype)
                       ? dim_constant(&cx->session->dims, tx->integer)
                       : NULL;
    if (!k) return NULL;
    DimTable *t = &cx->session->dims;
    return dim_at_most(t, dim_constant(t, 0), k, &cx->body->facts) == DIM_EQUAL ? k : NULL;
}

/* index[A] + k is index[A + k], index[A] + index[B] is index[A + B - 1], index[A*B] // B is index[A]; NULL for all else,
 * which is a number. */
static const Dim *index_result(Checker *cx, const PrimitiveCall *call) {
    DimTable *t = &cx->session->dims;
    const Dim *a = call->args[0]->type->index_bound, *b = call->args[1]->type->index_bound;
    const Dim *k = b ? whole_size(cx, call->args[0]) : whole_size(cx, call->args[1]);
    if (call->kind == PRIM_ADD && a && b) return dim_sub(t, dim_add(t, a, b), dim_constant(t, 1));
    if (call->kind == PRIM_ADD && k) return dim_add(t, a ? a : b, k);
    if (call->kind != PRIM_FLOOR_DIV || !a || b || !k || !k->term_count) return NULL;
    if (dim_divides(t, a, k, &cx->body->facts) == DIM_EQUAL) return dim_exact_div(t, a, k);
    int are_numbers = dim_is_constant(a) && dim_is_constant(k);
    return are_numbers ? dim_constant(t, (dim_constant_value(a) - 1) / dim_constant_value(k) + 1) : NULL;
}

static const Tx *index_arithmetic(Checker *cx, PrimitiveCall *call) {
    if (!call->args[0]->type->index_bound && !call->args[1]->type->index_bound) return NULL;
    const Dim *bound = index_result(cx, call);
    if (!bound) return NULL;
    const Tx *tx = elementwise(cx, call, DT_I32, DT_I32, 0);
    if (is_error(tx)) return tx;
    ((Tx *)(uintptr_t)tx)->type = type_index(cx, bound, tx->type->rank, tx->type->axes);
    return tx;
}

const Tx *rule_arithmetic(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 2)) return tx_error(cx, call->span);
    const Tx *known = fold(cx, call);
    if (!known) known = index_arithmetic(cx, call);
    if (known) return known;
    DType dtype = joined_dtype(cx, call, 0);
    if (dtype == DT_COUNT) return tx_error(cx, call->span);
    if (dtype == DT_BOOL) dtype = DT_I64;
    return elementwise(cx, call, dtype, dtype, 0);
}

const Tx *rule_division(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 2)) return tx_error(cx, call->span);
    const Tx *known = fold(cx, call);
    if (known) return known;
    DType dtype = joined_dtype(cx, call, 0);
    if (dtype == DT_COUNT) return tx_error(cx, call->span);
    if (!dtype_is_float(dtype)) dtype = DT_F32;
    return elementwise(cx, call, dtype, dtype, 0);
}

/* e % N is index[N] for a size N. */
const Tx *rule_modulo(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 2)) return tx_error(cx, call->span);
    const Tx *known = fold(cx, call);
    if (known) return known;
    const Tx *by = call->args[1];
    const Dim *n = by->kind == T_DIM ? by->dim
                   : is_number(by) && by->integer > 0 && !dtype_is_float(by->type->dtype)
                       ? dim_constant(&cx->session->dims, by->integer)
                       : NULL;
    DType dtype = joined_dtype(cx, call, 0);
    if (dtype == DT_COUNT) return tx_error(cx, call->span);
    const Type *of = call->args[0]->type;
    if (!n || dtype_is_float(dtype)) return elementwise(cx, call, dtype, dtype, 0);
    const Tx *rest = elementwise(cx, call, dtype, dtype, 0);
    if (is_error(rest)) return rest;
    Tx *index = tx_new(cx, T_CONVERT, type_index(cx, n, of->rank, of->axes), call->span);
    tx_add(cx, index, rest);
    return index;
}

const Tx *rule_power(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 2)) return tx_error(cx, call->span);
    const Tx *known = fold(cx, call);
    if (known) return known;
    DType dtype = joined_dtype(cx, call, 0);
    if (dtype == DT_COUNT) return tx_error(cx, call->span);
    const Tx *by = call->args[1];
    if (!dtype_is_float(dtype) && !(is_number(by) && by->integer >= 0)) dtype = DT_F32;
    return elementwise(cx, call, dtype, dtype, 0);
}

const Tx *rule_same(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    const Tx *of = call->args[0];
    if (call->kind == PRIM_NEG && is_number(of))
        return dtype_is_float(of->type->dtype) ? real_literal(cx, -of->real, call->span)
                                               : tx_integer(cx, -of->integer, call->span);
    if (call->kind == PRIM_NEG && of->kind == T_DIM)
        return tx_dim(cx, dim_sub(&cx->session->dims, dim_constant(&cx->session->dims, 0), of->dim),
                      call->span);
    DType dtype = of->type->index_bound || of->type->dtype == DT_BOOL ? DT_I64 : of->type->dtype;
    if (call->kind == PRIM_DETACH)
        return with_args(cx, primitive_tx(cx, call, settle(cx, of)->type), call);
    return elementwise(cx, call, dtype, dtype, 0);
}

const Tx *rule_float_same(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    DType dtype = call->args[0]->type->dtype;
    if (!dtype_is_float(dtype) || call->args[0]->type->index_bound) dtype = DT_F32;
    return elementwise(cx, call, dtype, dtype, 0);
}

const Tx *rule_comparison(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 2)) return tx_error(cx, call->span);
    const Type *a = call->args[0]->type, *b = call->args[1]->type;
    int both_bool = a->dtype == DT_BOOL && b->dtype == DT_BOOL;
    if (a->index_bound && b->index_bound) return elementwise(cx, call, DT_I32, DT_BOOL, 2);
    DType dtype = both_bool ? DT_BOOL : joined_dtype(cx, call, 0);
    if (dtype == DT_COUNT) return tx_error(cx, call->span);
    return elementwise(cx, call, dtype, DT_BOOL, 0);
}

const Tx *rule_logic(Checker *cx, PrimitiveCall *call) {
    for (int i = 0; i < call->arg_count; i++) {
        if (call->args[i]->type->dtype == DT_BOOL) continue;
        Diag *diag =
            check_error(cx, call->args[i]->span, E_ELEMENT_TYPE, "`%s` works on bool, this is %s",
                        shown_name(call), type_shown(cx, call->args[i]->type));
        check_fix(cx, diag, "compare: x != 0");
        return tx_error(cx, call->span);
    }
    return elementwise(cx, call, DT_BOOL, DT_BOOL, 0);
}

const Tx *rule_where(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 3)) return tx_error(cx, call->span);
    if (call->args[0]->type->dtype != DT_BOOL) {
        check_error(cx, call->args[0]->span, E_ELEMENT_TYPE,
                    "`where` asks for a bool first, this is %s",
                    type_shown(cx, call->args[0]->type));
        return tx_error(cx, call->span);
    }
    const Dim *x = call->args[1]->type->index_bound, *y = call->args[2]->type->index_bound;
    const Dim *bound = x && y ? dim_max(&cx->session->dims, x, y) : NULL;
    DType dtype = bound ? DT_I32 : joined_dtype(cx, call, 1);
    if (dtype == DT_COUNT) return tx_error(cx, call->span);
    const Tx *tx = elementwise(cx, call, dtype, dtype, bound ? 3 : 1);
    if (!bound || is_error(tx)) return tx;
    Tx *index = arena_new(cx->arena, Tx);
    *index = *tx;
    index->type = type_index(cx, bound, tx->type->rank, tx->type->axes);
    return index;
}

/* ---- products ------------------------------------------------------------------------------- */

/* Two operands whose inner sizes differ: the change of one, or of their order, that makes them fit.  A square left
 * operand fits both ways, and then it is the order that was meant: `h @ w`. */
static void fix_inner(Checker *cx, const PrimitiveCall *call, Diag *diag) {
    const Type *a = call->args[0]->type, *b = call->args[1]->type;
    const Dim *inner = a->axes[a->rank - 1].dim, *first = a->axes[0].dim, *last = b->axes[b->rank - 1].dim;
    const Tx *left = cx->operands[0], *right = cx->operands[1];
    if (!last) return;
    int fits_transposed = b->rank == 2 && compare_dims(cx, inner, last) == DIM_EQUAL,
        fits_swapped = a->rank == 2 && b->rank >= 2 && first && compare_dims(cx, last, first) == DIM_EQUAL;
    int is_square = fits_swapped && compare_dims(cx, first, inner) == DIM_EQUAL;
    if (fits_transposed && !is_square) {
        check_fix_repair(cx, diag, right, &(Repair){.function = "transpose", .what = "the other way round they fit"});
    } else if (fits_swapped) {
        const char *swapped = arena_printf(cx->arena, "%s @ %s", source_text(cx, right->span), source_text(cx, left->span));
        check_fix_edit(cx, diag, call->span, swapped, "in the other order they fit: %s", swapped);
    }
}

static void inner_mismatch(Checker *cx, const PrimitiveCall *call, const Axis *x, const Axis *y) {
    const Type *a = call->args[0]->type, *b = call->args[1]->type;
    Diag *diag = check_error(cx, call->span, E_INNER_DIMENSIONS,
                             "the inner dimensions of `@` differ: %s against %s",
                             dim_shown(cx, x->dim), dim_shown(cx, y->dim));
    if (!cx->operands[0]) check_primary(cx, diag, "%s @ %s", type_shown(cx, a), type_shown(cx, b));
    int has_operator = show_operands(cx, diag, call->span);
    label_axis(cx, diag, x);
    label_axis(cx, diag, y);
    if (has_operator) fix_inner(cx, call, diag);
}

const Tx *rule_matmul(Checker *cx, PrimitiveCall *call) {
    const Type *a = call->args[0]->type, *b = call->args[1]->type;
    for (int i = 0; i < 2; i++) {
        if (call->args[i]->type->rank) continue;
        Diag *diag = check_error(cx, call->args[i]->span, E_RANK,
                                 "`@` multiplies matrices and vectors; this is a scalar");
        check_fix(cx, diag, "`*` multiplies by a number");
        return tx_error(cx, call->span);
    }
    DType dtype = joined_dtype(cx, call, 0);
    if (dtype == DT_COUNT || !convert_all(cx, call, 0, dtype == DT_BOOL ? DT_I64 : dtype))
        return tx_error(cx, call->span);
    const Axis *x = &a->axes[a->rank - 1], *y = &b->axes[b->rank == 1 ? 0 : b->rank - 2];
    if (x->pack || y->pack || b->axes[b->rank - 1].pack) return tx_error(cx, call->span);
    if (compare_dims(cx, x->dim, y->dim) == DIM_DIFFERENT) {
        inner_mismatch(cx, call, x, y);
        return tx_error(cx, call->span);
    }
    Axis axes[40];
    int rank = 0;
    if (b->rank > 2) {
        Axis *batch;
        int left = a->rank > 1 ? a->rank - 2 : 0;
        const Type *p = type_tensor(cx, dtype, left, a->axes),
                   *q = type_tensor(cx, dtype, b->rank - 2, b->axes);
        if (broadcast_axes(cx, call->span, "@", p, q, &batch, &rank) <= 0)
            return tx_error(cx, call->span);
        for (int i = 0; i < rank; i++) axes[i] = batch[i];
        if (a->rank > 1) axes[rank++] = a->axes[a->rank - 2];
    } else {
        for (int i = 0; i + 1 < a->rank; i++) axes[rank++] = a->axes[i];
    }
    if (b->rank > 1) axes[rank++] = b->axes[b->rank - 1];
    return with_args(cx, primitive_tx(cx, call, type_tensor(cx, dtype, rank, axes)), call);
}

/* ---- entry ---------------------------------------------------------------------------------- */

static int takes_list(PrimitiveKind kind) { return kind == PRIM_CONCAT || kind == PRIM_STACK; }

enum { MOST_BYTES_BITS = 60 }; /* of one tensor: offsets into it, and sums of several, stay below 2^63 */

/* A tensor that no machine could hold is a mistake here, not a size that wraps around later. */
static int is_storable(const Type *type) {
    int64_t bytes = dtype_bytes(type->dtype) ? dtype_bytes(type->dtype) : 1, extent;
    for (int i = 0; i < type->rank; i++) {
        const Dim *dim = type->axes[i].dim;
        if (!dim || !dim_is_constant(dim)) continue;
        extent = dim_constant_value(dim);
        if (extent <= 0) return 1;
        if (__builtin_mul_overflow(bytes, extent, &bytes) || bytes >> MOST_BYTES_BITS) return 0;
    }
    return 1;
}

static const Tx *check_rule(Checker *cx, PrimitiveCall *call) {
    if (any_poison(call)) return tx_error(cx, call->span);
    if (call->kind >= PRIM_TOTAL && call->kind <= PRIM_FRESH) return rules[call->kind](cx, call);
    if (call->kind <= PRIM_DETACH && any_record(call->args, call->arg_count)) return record_primitive(cx, call);
    int is_tuple_list =
        takes_list(call->kind) && call->arg_count == 1 && call->args[0]->type->kind == TY_TUPLE;
    if (!is_tuple_list && !all_tensors(cx, call)) return tx_error(cx, call->span);
    return rules[call->kind](cx, call);
}

const Tx *check_limits(Checker *cx, const Tx *tx) {
    if (tx->type->kind != TY_TENSOR) return tx;
    int is_long = tx->type->rank > TENSOR_MAX_RANK && !has_pack(tx->type);
    if (!is_long && is_storable(tx->type)) return tx;
    if (is_long)
        check_error(cx, tx->span, E_RANK, "this is %s: a tensor has at most %d axes", type_shown(cx, tx->type),
                    TENSOR_MAX_RANK);
    else
        check_error(cx, tx->span, E_SIZE_OVERFLOW, "this is %s: no memory holds so many elements",
                    type_shown(cx, tx->type));
    return tx_error(cx, tx->span);
}

const Tx *check_primitive(Checker *cx, PrimitiveCall *call) { return check_limits(cx, check_rule(cx, call)); }

const Tx *check_binary(Checker *cx, PrimitiveKind kind, const Tx *a, const Tx *b, Span span) {
    const Tx *args[2] = {a, b};
    PrimitiveCall call = {.kind = kind, .span = span, .args = args, .arg_count = 2};
    return check_primitive(cx, &call);
}
