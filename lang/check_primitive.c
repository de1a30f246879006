/* The typing rules of the primitives, one function per rule of primitive.def.  Operands arrive
 * checked; they leave converted to one element type, and the result has its shape.  Indexing is in
 * check_index.c. */
#include "lang/check_internal.h"

#include <math.h>
#include <string.h>

typedef const Tx *PrimitiveRule(Checker *cx, PrimitiveCall *call);

#define PR(id, name, rule) static PrimitiveRule rule_##rule;
#define PC(id, name, rule)
#include "lang/primitive.def"
#undef PR
#undef PC

static PrimitiveRule *const rules[PRIM_COUNT] = {
#define PR(id, name, rule) [PRIM_##id] = rule_##rule,
#define PC(id, name, rule)
#include "lang/primitive.def"
#undef PR
#undef PC
};

/* ---- shared
 * ------------------------------------------------------------------------------------------ */

static Tx *primitive_tx(Checker *cx, const PrimitiveCall *call, const Type *type) {
    Tx *tx = tx_new(cx, T_PRIMITIVE, type, call->span);
    tx->primitive = call->kind;
    tx->statics = arena_new(cx->arena, TStatics);
    return tx;
}

static TStatics *statics_of(Tx *tx) { return (TStatics *)(uintptr_t)tx->statics; }

static const Tx *with_args(Checker *cx, Tx *tx, const PrimitiveCall *call) {
    for (int i = 0; i < call->arg_count; i++) tx_add(cx, tx, call->args[i]);
    return tx;
}

static const char *shown_name(const PrimitiveCall *call) { return primitive_name(call->kind); }

static int is_tensor(const Tx *tx) { return tx->type->kind == TY_TENSOR; }

/* Every argument is a tensor (poison counts); else reported. */
static int all_tensors(Checker *cx, const PrimitiveCall *call) {
    for (int i = 0; i < call->arg_count; i++) {
        if (is_tensor(call->args[i]) || is_error(call->args[i])) continue;
        check_error(cx, call->args[i]->span, E_TYPE_MISMATCH, "`%s` works on tensors, this is %s",
                    shown_name(call), type_shown(cx, call->args[i]->type));
        return 0;
    }
    return 1;
}

static int any_poison(const PrimitiveCall *call) {
    for (int i = 0; i < call->arg_count; i++)
        if (is_error(call->args[i])) return 1;
    return 0;
}

static int has_count(Checker *cx, const PrimitiveCall *call, int count) {
    if (call->arg_count == count) return 1;
    check_error(cx, call->span, E_ARGUMENT_COUNT, "`%s` takes %d %s, here are %d", shown_name(call),
                count, count == 1 ? "argument" : "arguments", call->arg_count);
    return 0;
}

/* The element type that all arguments from `first` widen to: literals follow the others. */
static DType joined_dtype(Checker *cx, const PrimitiveCall *call, int first) {
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

static int convert_all(Checker *cx, PrimitiveCall *call, int first, DType dtype) {
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

/* ---- numbers known when compiling
 * -------------------------------------------------------------------- */

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

/* ---- elementwise rules
 * ------------------------------------------------------------------------------- */

/* index[A] + k is index[A + k]; index[A*B] // B is index[A]. */
static const Tx *index_arithmetic(Checker *cx, PrimitiveCall *call) {
    if (call->arg_count != 2 || !call->args[0]->type->index_bound) return NULL;
    const Tx *by = call->args[1];
    const Dim *k = by->kind == T_DIM ? by->dim
                   : is_number(by) && !dtype_is_float(by->type->dtype)
                       ? dim_constant(&cx->session->dims, by->integer)
                       : NULL;
    DimTable *t = &cx->session->dims;
    if (!k || dim_at_most(t, dim_constant(t, 0), k, &cx->body->facts) != DIM_EQUAL) return NULL;
    const Dim *bound = call->args[0]->type->index_bound, *result;
    if (call->kind == PRIM_ADD) result = dim_add(t, bound, k);
    else if (call->kind == PRIM_FLOOR_DIV &&
             dim_divides(t, bound, k, &cx->body->facts) == DIM_EQUAL && k->term_count)
        result = dim_exact_div(t, bound, k);
    else return NULL;
    Tx *tx = primitive_tx(
        cx, call, type_index(cx, result, call->args[0]->type->rank, call->args[0]->type->axes));
    tx_add(cx, tx, call->args[0]);
    tx_add(cx, tx, convert_element(cx, by, DT_I32, NULL));
    return tx;
}

static const Tx *rule_arithmetic(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 2)) return tx_error(cx, call->span);
    const Tx *known = fold(cx, call);
    if (!known) known = index_arithmetic(cx, call);
    if (known) return known;
    DType dtype = joined_dtype(cx, call, 0);
    if (dtype == DT_COUNT) return tx_error(cx, call->span);
    if (dtype == DT_BOOL) dtype = DT_I64;
    return elementwise(cx, call, dtype, dtype, 0);
}

static const Tx *rule_division(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 2)) return tx_error(cx, call->span);
    const Tx *known = fold(cx, call);
    if (known) return known;
    DType dtype = joined_dtype(cx, call, 0);
    if (dtype == DT_COUNT) return tx_error(cx, call->span);
    if (!dtype_is_float(dtype)) dtype = DT_F32;
    return elementwise(cx, call, dtype, dtype, 0);
}

/* e % N is index[N] for a size N. */
static const Tx *rule_modulo(Checker *cx, PrimitiveCall *call) {
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

static const Tx *rule_power(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 2)) return tx_error(cx, call->span);
    const Tx *known = fold(cx, call);
    if (known) return known;
    DType dtype = joined_dtype(cx, call, 0);
    if (dtype == DT_COUNT) return tx_error(cx, call->span);
    const Tx *by = call->args[1];
    if (!dtype_is_float(dtype) && !(is_number(by) && by->integer >= 0)) dtype = DT_F32;
    return elementwise(cx, call, dtype, dtype, 0);
}

static const Tx *rule_same(Checker *cx, PrimitiveCall *call) {
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

static const Tx *rule_float_same(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    DType dtype = call->args[0]->type->dtype;
    if (!dtype_is_float(dtype) || call->args[0]->type->index_bound) dtype = DT_F32;
    return elementwise(cx, call, dtype, dtype, 0);
}

static const Tx *rule_comparison(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 2)) return tx_error(cx, call->span);
    const Type *a = call->args[0]->type, *b = call->args[1]->type;
    int both_bool = a->dtype == DT_BOOL && b->dtype == DT_BOOL;
    if (a->index_bound && b->index_bound) return elementwise(cx, call, DT_I32, DT_BOOL, 2);
    DType dtype = both_bool ? DT_BOOL : joined_dtype(cx, call, 0);
    if (dtype == DT_COUNT) return tx_error(cx, call->span);
    return elementwise(cx, call, dtype, DT_BOOL, 0);
}

static const Tx *rule_logic(Checker *cx, PrimitiveCall *call) {
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

static const Tx *rule_where(Checker *cx, PrimitiveCall *call) {
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

/* ---- products
 * ---------------------------------------------------------------------------------------- */

static void inner_mismatch(Checker *cx, const PrimitiveCall *call, const Axis *x, const Axis *y) {
    const Type *a = call->args[0]->type, *b = call->args[1]->type;
    Diag *diag = check_error(cx, call->span, E_INNER_DIMENSIONS,
                             "the inner dimensions of `@` differ: %s against %s",
                             dim_shown(cx, x->dim), dim_shown(cx, y->dim));
    check_primary(cx, diag, "%s @ %s", type_shown(cx, a), type_shown(cx, b));
    label_axis(cx, diag, x);
    label_axis(cx, diag, y);
    const Axis *last = &b->axes[b->rank - 1];
    if (b->rank == 2 && last->dim && compare_dims(cx, x->dim, last->dim) == DIM_EQUAL)
        check_fix(cx, diag, "the other way round they fit: x @ transpose(w)");
}

static const Tx *rule_matmul(Checker *cx, PrimitiveCall *call) {
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

/* "bi,ij->bj": the size of each letter, and the result's axes. */
static const Tx *rule_einsum(Checker *cx, PrimitiveCall *call) {
    const Ast *pattern =
        call->items && call->items->len == 1 ? ast_ungroup(call->items->data[0]) : NULL;
    if (!pattern || pattern->kind != AST_STRING || pattern->string.parts.len != 1) {
        check_error(cx, call->span, E_EINSUM,
                    "`einsum` takes its letters in brackets: einsum[\"ij,jk->ik\"](a, b)");
        return tx_error(cx, call->span);
    }
    const char *text = pattern->string.parts.data[0].text, *arrow = strstr(text, "->");
    Axis size[256];
    char seen[256] = {0};
    int operand = 0, axis = 0;
    DType dtype = joined_dtype(cx, call, 0);
    if (dtype == DT_COUNT || !convert_all(cx, call, 0, dtype)) return tx_error(cx, call->span);
    for (const char *c = text; arrow && c <= arrow; c++) {
        if (*c == ',' || c == arrow) {
            if (operand < call->arg_count && axis != call->args[operand]->type->rank &&
                !has_pack(call->args[operand]->type)) {
                check_error(cx, call->args[operand]->span, E_EINSUM,
                            "%s has %d axes, its letters are %d",
                            type_shown(cx, call->args[operand]->type),
                            call->args[operand]->type->rank, axis);
                return tx_error(cx, call->span);
            }
            operand++;
            axis = 0;
            continue;
        }
        if (operand >= call->arg_count || axis >= call->args[operand]->type->rank) {
            axis++;
            continue;
        }
        const Axis *own = &call->args[operand]->type->axes[axis++];
        if (own->pack) return tx_error(cx, call->span);
        unsigned char letter = (unsigned char)*c;
        if (seen[letter] && compare_dims(cx, own->dim, size[letter].dim) == DIM_DIFFERENT) {
            Diag *diag = check_error(cx, pattern->span, E_EINSUM, "letter `%c` is %s and %s", *c,
                                     dim_shown(cx, size[letter].dim), dim_shown(cx, own->dim));
            label_axis(cx, diag, &size[letter]);
            label_axis(cx, diag, own);
            return tx_error(cx, call->span);
        }
        if (!seen[letter]) size[letter] = *own;
        seen[letter] = 1;
    }
    if (!arrow || operand != call->arg_count) {
        check_error(cx, pattern->span, E_EINSUM,
                    arrow ? "the letters name %d operands, here are %d"
                          : "the letters have no `->`: einsum[\"ij,jk->ik\"]",
                    operand, call->arg_count);
        return tx_error(cx, call->span);
    }
    Axis axes[64];
    int rank = 0;
    for (const char *c = arrow + 2; *c && rank < 16; c++) {
        if (!seen[(unsigned char)*c]) {
            check_error(cx, pattern->span, E_EINSUM, "letter `%c` of the result is in no operand",
                        *c);
            return tx_error(cx, call->span);
        }
        axes[rank++] = size[(unsigned char)*c];
    }
    Tx *tx = primitive_tx(cx, call, type_tensor(cx, dtype, rank, axes));
    statics_of(tx)->text = symbol(&cx->session->symbols, text);
    return with_args(cx, tx, call);
}

/* ---- axes
 * -------------------------------------------------------------------------------------------- */

static int no_axis(Checker *cx, const Ast *ast, const Type *type, const char *what) {
    Diag *diag =
        check_error(cx, ast->span, E_AXIS, "%s has no axis %s", type_shown(cx, type), what);
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
    return no_axis(cx, ast, type,
                   arena_printf(cx->arena, "%lld", (long long)(i < 0 ? i - type->rank : i)));
}

int axis_position(Checker *cx, const Ast *ast, const Type *type) {
    ast = ast_ungroup(ast);
    const Ast *number = ast->kind == AST_UNARY && ast->unary.op == AST_NEGATE
                            ? ast_ungroup(ast->unary.operand)
                            : ast;
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
    for (int i = 0; i < type->rank;
         i++) { /* by name, never by size: the origin of the axis is that name's */
        const Axis *axis = &type->axes[i];
        if (axis->pack || axis->dim != dim) continue;
        if (!dim_is_constant(dim) || !binding) return i;
        for (const Origin *why = axis->why; why; why = why->from)
            if (why == binding->why || (binding->declared && why == binding->declared->why))
                return i;
    }
    if (has_pack(type)) return -2;
    return no_axis(cx, ast, type, ast->name->text);
}

/* The axes in a reduction's brackets as positions; 0 reported, -1 not known here. */
static int bracket_axes(Checker *cx, const PrimitiveCall *call, TStatics *statics,
                        const Type *type) {
    Scope *scope = cx->scope;
    if (call->scope) cx->scope = call->scope;
    int result = 1;
    for (int i = 0; call->items && i < call->items->len && result > 0; i++) {
        const Ast *item = call->items->data[i];
        if (item->kind == AST_NAMED) {
            if (!strcmp(item->named.name.symbol->text, "keep"))
                statics->keep = static_condition(cx, item->named.value, NULL, NULL) == 1;
            else {
                check_error(cx, item->span, E_NO_PARAMETER, "`%s` has no parameter `%s`",
                            shown_name(call), item->named.name.symbol->text);
                result = 0;
            }
            continue;
        }
        if (item->kind == AST_REST) {
            const Binding *pack = item->rest ? scope_find(cx, item->rest) : NULL;
            if (!pack || pack->kind != BIND_PACK) {
                check_error(cx, item->span, E_AXIS, "`..` here needs the name of a pack");
                result = 0;
                break;
            }
            for (int k = 0; k < type->rank; k++)
                for (int p = 0; p < pack->rank; p++)
                    if (type->axes[k].pack ? type->axes[k].pack == pack->axes[p].pack
                                           : type->axes[k].dim == pack->axes[p].dim &&
                                                 type->axes[k].why == pack->axes[p].why) {
                        vec_push(cx->arena, &statics->axes, k);
                        break;
                    }
            continue;
        }
        int axis = axis_position(cx, item, type);
        if (axis < 0) result = axis == -1 ? 0 : -1;
        else vec_push(cx->arena, &statics->axes, axis);
    }
    cx->scope = scope;
    return result;
}

static int is_listed(const TStatics *statics, int axis) {
    for (int i = 0; i < statics->axes.len; i++)
        if (statics->axes.data[i] == axis) return 1;
    return 0;
}

static const Type *reduced_type(Checker *cx, const TStatics *statics, const Type *of, DType dtype) {
    Axis axes[64];
    int rank = 0;
    for (int i = 0; i < of->rank; i++) {
        if (!is_listed(statics, i)) axes[rank++] = of->axes[i];
        else if (statics->keep)
            axes[rank++] = (Axis){.dim = dim_constant(&cx->session->dims, 1),
                                  .is_stretchable = 1,
                                  .why = of->axes[i].why};
    }
    return type_tensor(cx, dtype, rank, axes);
}

static const Tx *rule_reduction(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    call->args[0] = settle(cx, call->args[0]);
    DType dtype = call->args[0]->type->dtype;
    int is_bool = call->kind == PRIM_ANY || call->kind == PRIM_ALL;
    int is_extreme = call->kind == PRIM_MAX || call->kind == PRIM_MIN;
    const Type *of = call->args[0]->type;
    const Dim *bound = is_extreme ? of->index_bound : NULL;
    if (is_bool && dtype != DT_BOOL) {
        check_error(cx, call->args[0]->span, E_ELEMENT_TYPE, "`%s` works on bool, this is %s",
                    shown_name(call), type_shown(cx, of));
        return tx_error(cx, call->span);
    }
    DType wanted = is_bool                               ? DT_BOOL
                   : dtype_is_float(dtype) || is_extreme ? dtype
                   : call->kind == PRIM_MEAN             ? DT_F32
                                                         : DT_I64;
    if (is_extreme && dtype == DT_BOOL) wanted = DT_I64;
    if (!bound && !convert_all(cx, call, 0, wanted)) return tx_error(cx, call->span);
    of = call->args[0]->type;
    Tx *tx = primitive_tx(cx, call, of);
    TStatics *statics = statics_of(tx);
    int known = bracket_axes(cx, call, statics, of);
    if (known <= 0) return tx_error(cx, call->span);
    if (!statics->axes.len)
        for (int i = 0; i < of->rank; i++) vec_push(cx->arena, &statics->axes, i);
    Type *type = type_copy(cx, reduced_type(cx, statics, of, wanted));
    type->index_bound = bound;
    type->element = of->element;
    tx->type = type;
    return with_args(cx, tx, call);
}

static const Tx *rule_arg_reduction(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    call->args[0] = settle(cx, call->args[0]);
    const Type *of = call->args[0]->type;
    if (!of->rank) {
        check_error(cx, call->span, E_RANK, "`%s` of a scalar", shown_name(call));
        return tx_error(cx, call->span);
    }
    Tx *tx = primitive_tx(cx, call, of);
    TStatics *statics = statics_of(tx);
    if (bracket_axes(cx, call, statics, of) <= 0) return tx_error(cx, call->span);
    if (!statics->axes.len) vec_push(cx->arena, &statics->axes, of->rank - 1);
    const Axis *axis = &of->axes[statics->axes.data[0]];
    if (axis->pack) return tx_error(cx, call->span);
    const Type *rest = reduced_type(cx, statics, of, DT_I32);
    tx->type = type_index(cx, axis->dim, rest->rank, rest->axes);
    return with_args(cx, tx, call);
}

/* ---- shapes
 * ------------------------------------------------------------------------------------------ */

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

static const Tx *rule_reshape(Checker *cx, PrimitiveCall *call) {
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
            for (int i = 0; i < of->rank; i++) label_axis(cx, diag, &of->axes[i]);
            return tx_error(cx, call->span);
        }
    }
    return with_args(cx, primitive_tx(cx, call, type), call);
}

/* All axes but the first become one. */
static const Tx *rule_flatten(Checker *cx, PrimitiveCall *call) {
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

static const Tx *rule_transpose(Checker *cx, PrimitiveCall *call) {
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
            check_error(cx, call->span, E_SHAPES_DIFFER, "the shapes of `%s` differ: %s against %s",
                        shown_name(call), type_shown(cx, types[0]), type_shown(cx, types[i]));
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

static const Tx *rule_concat(Checker *cx, PrimitiveCall *call) { return join_list(cx, call, 0); }
static const Tx *rule_stack(Checker *cx, PrimitiveCall *call) { return join_list(cx, call, 1); }

static const Tx *rule_unstack(Checker *cx, PrimitiveCall *call) {
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

static const Tx *rule_same_axis(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    call->args[0] = settle(cx, call->args[0]);
    Tx *tx = primitive_tx(cx, call, call->args[0]->type);
    TStatics *statics = statics_of(tx);
    if (bracket_axes(cx, call, statics, tx->type) <= 0) return tx_error(cx, call->span);
    if (!statics->axes.len && tx->type->rank) vec_push(cx->arena, &statics->axes, 0);
    return with_args(cx, tx, call);
}

static const Tx *rule_index(Checker *cx, PrimitiveCall *call) {
    (void)cx;
    ICE("indexing at %u has a way of its own (check_index.c)", call->span.begin);
}

static const Tx *rule_segment_sum(Checker *cx, PrimitiveCall *call) {
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

/* ---- creation
 * ---------------------------------------------------------------------------------------- */

static const Type *created_type(Checker *cx, const PrimitiveCall *call, DType dtype) {
    Axis axes[40];
    int rank = 0;
    int known = bracket_shape(cx, call, axes, &rank);
    if (known <= 0) return NULL;
    if (!call->items && call->wanted && call->wanted->kind == TY_TENSOR)
        return type_tensor(cx, dtype, call->wanted->rank, call->wanted->axes);
    return type_tensor(cx, dtype, rank, axes);
}

static const Tx *rule_creation(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 1)) return tx_error(cx, call->span);
    const Type *w = call->wanted;
    int follows = w && w->kind == TY_TENSOR && call->args[0]->type->is_literal &&
                  w->element == ELEMENT_FIXED && !w->index_bound;
    if (!follows) call->args[0] = settle(cx, call->args[0]);
    else call->args[0] = convert_element(cx, call->args[0], w->dtype, NULL);
    if (is_error(call->args[0])) return call->args[0];
    const Type *type = created_type(cx, call, call->args[0]->type->dtype);
    return type ? with_args(cx, primitive_tx(cx, call, type), call) : tx_error(cx, call->span);
}

static const Tx *rule_iota(Checker *cx, PrimitiveCall *call) {
    if (!has_count(cx, call, 0)) return tx_error(cx, call->span);
    const Type *type = created_type(cx, call, DT_I32);
    if (!type) return tx_error(cx, call->span);
    if (type->rank != 1 || type->axes[0].pack) {
        if (!has_pack(type)) check_error(cx, call->span, E_RANK, "`iota[N]` counts along one axis");
        return tx_error(cx, call->span);
    }
    return primitive_tx(cx, call, type_index(cx, type->axes[0].dim, 1, type->axes));
}

static const Tx *rule_draw(Checker *cx, PrimitiveCall *call) {
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

static const Tx *rule_random_index(Checker *cx, PrimitiveCall *call) {
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

static const Tx *rule_tensor(Checker *cx, PrimitiveCall *call) {
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

/* ---- entry
 * ------------------------------------------------------------------------------------------- */

static int takes_list(PrimitiveKind kind) { return kind == PRIM_CONCAT || kind == PRIM_STACK; }

const Tx *check_primitive(Checker *cx, PrimitiveCall *call) {
    if (any_poison(call)) return tx_error(cx, call->span);
    int is_tuple_list =
        takes_list(call->kind) && call->arg_count == 1 && call->args[0]->type->kind == TY_TUPLE;
    if (!is_tuple_list && !all_tensors(cx, call)) return tx_error(cx, call->span);
    return rules[call->kind](cx, call);
}

const Tx *check_binary(Checker *cx, PrimitiveKind kind, const Tx *a, const Tx *b, Span span) {
    const Tx *args[2] = {a, b};
    PrimitiveCall call = {.kind = kind, .span = span, .args = args, .arg_count = 2};
    return check_primitive(cx, &call);
}
