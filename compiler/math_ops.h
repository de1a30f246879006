/* The vocabulary of math_*.c and random.c: short names for the operations of the loop IR on the values of one
 * computation, with constants of a value's own type.  Included by those files only. */
#ifndef DLC_COMPILER_MATH_OPS_H
#define DLC_COMPILER_MATH_OPS_H

#include "compiler/loop_build.h"
#include "compiler/math.h"

static inline LoopType type_of(const Math *m, LoopVal x) { return loop_type(m->builder, x); }
static inline int is_f64(const Math *m, LoopVal x) { return type_of(m, x).element == DT_F64; }

static inline LoopVal add(Math *m, LoopVal a, LoopVal b) { return loop_binary(m->builder, LO_ADD, a, b); }
static inline LoopVal sub(Math *m, LoopVal a, LoopVal b) { return loop_binary(m->builder, LO_SUB, a, b); }
static inline LoopVal mul(Math *m, LoopVal a, LoopVal b) { return loop_binary(m->builder, LO_MUL, a, b); }
static inline LoopVal divide(Math *m, LoopVal a, LoopVal b) { return loop_binary(m->builder, LO_DIV, a, b); }
static inline LoopVal least(Math *m, LoopVal a, LoopVal b) { return loop_binary(m->builder, LO_MIN, a, b); }
static inline LoopVal largest(Math *m, LoopVal a, LoopVal b) { return loop_binary(m->builder, LO_MAX, a, b); }
static inline LoopVal both(Math *m, LoopVal a, LoopVal b) { return loop_binary(m->builder, LO_AND, a, b); }
static inline LoopVal either(Math *m, LoopVal a, LoopVal b) { return loop_binary(m->builder, LO_OR, a, b); }
static inline LoopVal differ(Math *m, LoopVal a, LoopVal b) { return loop_binary(m->builder, LO_XOR, a, b); }
static inline LoopVal shl(Math *m, LoopVal a, LoopVal b) { return loop_binary(m->builder, LO_SHL, a, b); }
static inline LoopVal shr(Math *m, LoopVal a, LoopVal b) { return loop_binary(m->builder, LO_SHR, a, b); }
static inline LoopVal equal(Math *m, LoopVal a, LoopVal b) { return loop_binary(m->builder, LO_EQ, a, b); }
static inline LoopVal unequal(Math *m, LoopVal a, LoopVal b) { return loop_binary(m->builder, LO_NE, a, b); }
static inline LoopVal less(Math *m, LoopVal a, LoopVal b) { return loop_binary(m->builder, LO_LT, a, b); }
static inline LoopVal negate(Math *m, LoopVal a) { return loop_unary(m->builder, LO_NEG, a); }
static inline LoopVal magnitude(Math *m, LoopVal a) { return loop_unary(m->builder, LO_ABS, a); }
static inline LoopVal floor_of(Math *m, LoopVal a) { return loop_unary(m->builder, LO_FLOOR, a); }
static inline LoopVal rint_of(Math *m, LoopVal a) { return loop_unary(m->builder, LO_RINT, a); }

static inline LoopVal choose(Math *m, LoopVal condition, LoopVal yes, LoopVal no) {
    return loop_ternary(m->builder, LO_SELECT, condition, yes, no);
}

/* A float constant of x's type. */
static inline LoopVal real(Math *m, LoopVal x, double value) {
    return loop_const_float(m->builder, type_of(m, x), value);
}
/* An integer constant of x's type. */
static inline LoopVal whole(Math *m, LoopVal x, int64_t value) {
    return loop_const_int(m->builder, type_of(m, x), value);
}

/* The bits of a value as another element type of the same size, or its value in another element type. */
static inline LoopVal bits_as(Math *m, LoopVal x, DType element) {
    return loop_bitcast(m->builder, x, (LoopType){element, type_of(m, x).is_wide});
}
static inline LoopVal value_as(Math *m, LoopVal x, DType element) {
    return loop_convert(m->builder, x, (LoopType){element, type_of(m, x).is_wide});
}

/* The signed integer type that holds the bits of a float. */
static inline DType bits_type(const Math *m, LoopVal x) { return is_f64(m, x) ? DT_I64 : DT_I32; }

/* x with the sign of `sign`, for x without one. */
static inline LoopVal with_sign(Math *m, LoopVal x, LoopVal sign) {
    DType integer = bits_type(m, x);
    LoopVal bits = bits_as(m, sign, integer);
    LoopVal bit = both(m, bits, whole(m, bits, is_f64(m, x) ? INT64_MIN : INT32_MIN));
    return bits_as(m, either(m, bits_as(m, x, integer), bit), type_of(m, x).element);
}

/* c[0] + c[1] x + ... + c[n-1] x^(n-1), by Horner's rule. */
static inline LoopVal polynomial(Math *m, LoopVal x, const double *c, int count) {
    LoopVal y = real(m, x, c[count - 1]);
    for (int i = count - 2; i >= 0; i--) {
        y = math_fma(m, y, x, real(m, x, c[i]));
    }
    return y;
}
#define POLYNOMIAL(m, x, c) polynomial((m), (x), (c), (int)(sizeof(c) / sizeof((c)[0])))

/* A number as the unevaluated sum of two: high is the sum rounded. */
typedef struct Pair {
    LoopVal high, low;
} Pair;

/* a + b exactly (Knuth 1969, TwoSum). */
static inline Pair exact_sum(Math *m, LoopVal a, LoopVal b) {
    LoopVal sum = add(m, a, b);
    LoopVal part = sub(m, sum, a);
    LoopVal rest = add(m, sub(m, a, sub(m, sum, part)), sub(m, b, part));
    return (Pair){sum, rest};
}

/* a + b exactly where |a| >= |b| or a is 0 (Dekker 1971, FastTwoSum). */
static inline Pair exact_sum_ordered(Math *m, LoopVal a, LoopVal b) {
    LoopVal sum = add(m, a, b);
    return (Pair){sum, add(m, sub(m, a, sum), b)};
}

Pair exact_product(Math *m, LoopVal a, LoopVal b);
/* 2^n for n between the least and the largest normal exponent; n is an integer of a float's width. */
LoopVal power_of_two(Math *m, LoopVal n, DType element);
/* y 2^n where 2^n alone may be no normal number: in two steps, of which only the second rounds. */
LoopVal scale_by_power(Math *m, LoopVal y, LoopVal n);
/* log(x) + extra for positive finite x, extra small against log(x) or x near 1; no extra where it is 0. */
LoopVal log_of(Math *m, LoopVal x, LoopVal extra);

/* e^x without handling of what lies outside the normal range: x = n ln(2) + r. */
typedef struct ExpParts {
    LoopVal n;         /* integer of the float's width */
    LoopVal minus_one; /* e^r - 1 */
} ExpParts;
ExpParts exp_parts(Math *m, LoopVal x);

#endif
