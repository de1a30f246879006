/* pow, floor division, remainder and sign.
 *
 * pow(x, y) = e^(y log x), with log x in f32 as one f64, in f64 as the sum of two (relative error below 2^-64: the
 * product reaches 745, and what is absolute in the exponent is relative in the result).  The logarithm's method is that
 * of math_log.c with the first two terms of the series in pairs (Dekker 1971).
 */
#include "compiler/math.h"
#include "compiler/math_coefficients.h"
#include "compiler/math_ops.h"
#include <math.h>

/* x = 2^e (1 + f) for positive finite x, sqrt(1/2) <= 1 + f < sqrt(2). */
typedef struct Scaled {
    LoopVal e, f; /* f64 */
} Scaled;

static Scaled scaled(Math *m, LoopVal x) {
    LoopVal is_subnormal = less(m, x, real(m, x, 0x1p-1022));
    x = choose(m, is_subnormal, mul(m, x, real(m, x, 0x1p54)), x);
    LoopVal bits = bits_as(m, x, DT_I64);
    LoopVal root_bits = whole(m, bits, 0x3fe6a09e667f3bcd);
    LoopVal above = sub(m, bits, root_bits);
    LoopVal e = value_as(m, shr(m, above, whole(m, bits, 52)), DT_F64);
    e = choose(m, is_subnormal, sub(m, e, real(m, x, 54)), e);
    LoopVal fraction = both(m, above, whole(m, bits, ((int64_t)1 << 52) - 1));
    LoopVal near_one = bits_as(m, add(m, fraction, root_bits), DT_F64);
    return (Scaled){e, sub(m, near_one, real(m, x, 1))};
}

static Pair pair_product(Math *m, Pair a, Pair b) {
    Pair p = exact_product(m, a.high, b.high);
    LoopVal cross = math_fma(m, a.high, b.low, mul(m, a.low, b.high));
    return exact_sum_ordered(m, p.high, add(m, p.low, cross));
}

static Pair pair_sum(Math *m, Pair a, Pair b) {
    Pair high = exact_sum(m, a.high, b.high);
    return exact_sum_ordered(m, high.high, add(m, high.low, add(m, a.low, b.low)));
}

/* log(1 + f) = 2 s (1 + w/3 + w^2 Q(w)), s = f/(2 + f), w = s^2; all but the last term in pairs. */
static Pair pair_log(Math *m, LoopVal x) {
    Scaled parts = scaled(m, x);
    LoopVal f = parts.f;
    Pair bottom = exact_sum_ordered(m, real(m, f, 2), f);
    LoopVal quotient = divide(m, f, bottom.high);
    Pair back = exact_product(m, quotient, bottom.high);
    LoopVal rest = sub(m, sub(m, sub(m, f, back.high), back.low), mul(m, quotient, bottom.low));
    Pair s = exact_sum_ordered(m, quotient, divide(m, rest, bottom.high));
    Pair w = pair_product(m, s, s);
    Pair third = {real(m, f, third_f64[0]), real(m, f, third_f64[1])};
    LoopVal tail = mul(m, mul(m, w.high, w.high), POLYNOMIAL(m, w.high, log_f64_tail));
    Pair inner = pair_product(m, w, third);
    inner = exact_sum_ordered(m, inner.high, add(m, inner.low, tail));
    Pair twice = {add(m, s.high, s.high), add(m, s.low, s.low)};
    Pair near_one = pair_sum(m, twice, pair_product(m, twice, inner));
    LoopVal low = mul(m, parts.e, real(m, f, ln2_f64[1]));
    Pair power = exact_sum_ordered(m, mul(m, parts.e, real(m, f, ln2_f64[0])), low);
    return pair_sum(m, power, near_one);
}

/* e^(y log a) in f64 for 0 <= a, all values of y; a NaN where neither has a meaning. */
static LoopVal power_f64(Math *m, LoopVal a, LoopVal y) {
    LoopVal infinity = real(m, a, INFINITY), zero = real(m, a, 0);
    Pair l = pair_log(m, a);
    l.high = choose(m, less(m, a, infinity), l.high, a);
    l.high = choose(m, equal(m, a, zero), negate(m, infinity), l.high);
    y = largest(m, real(m, a, -0x1p1000), least(m, real(m, a, 0x1p1000), y)); /* beyond, the result is the same */
    Pair t = exact_product(m, y, l.high);
    LoopVal is_moderate = less(m, magnitude(m, t.high), real(m, a, 800));
    LoopVal low = choose(m, is_moderate, math_fma(m, y, l.low, t.low), zero);
    LoopVal high = largest(m, real(m, a, -746), least(m, real(m, a, 710), t.high));
    ExpParts e = exp_parts(m, high);
    LoopVal minus_one = add(m, e.minus_one, math_fma(m, low, e.minus_one, low)); /* low e^r more */
    return scale_by_power(m, add(m, minus_one, real(m, a, 1)), e.n);
}

/* The same in f32: the logarithm's and the product's errors of 2^-53 are far below the result's last place. */
static LoopVal power_f32(Math *m, LoopVal a32, LoopVal y32) {
    LoopVal a = value_as(m, a32, DT_F64), y = value_as(m, y32, DT_F64);
    LoopVal infinity = real(m, a, INFINITY);
    LoopVal l = choose(m, less(m, a, infinity), log_of(m, a, 0), a);
    l = choose(m, equal(m, a, real(m, a, 0)), negate(m, infinity), l);
    LoopVal t = largest(m, real(m, a, -110), least(m, real(m, a, 100), mul(m, y, l)));
    ExpParts e = exp_parts(m, t);
    LoopVal result = mul(m, add(m, e.minus_one, real(m, a, 1)), power_of_two(m, e.n, DT_F64));
    return value_as(m, result, DT_F32);
}

LoopVal math_pow(Math *m, LoopVal x, LoopVal y) {
    LoopVal zero = real(m, x, 0), one = real(m, x, 1), infinity = real(m, x, INFINITY);
    LoopVal a = magnitude(m, x);
    LoopVal result = is_f64(m, x) ? power_f64(m, a, y) : power_f32(m, a, y);
    LoopVal half = mul(m, y, real(m, y, 0.5));
    LoopVal is_whole = equal(m, floor_of(m, y), y);
    LoopVal is_odd = both(m, is_whole, unequal(m, floor_of(m, half), half));
    result = choose(m, is_odd, with_sign(m, result, x), result);
    LoopVal is_negative = both(m, less(m, x, zero), less(m, negate(m, infinity), x));
    LoopVal has_root = either(m, is_whole, unequal(m, y, y));
    LoopVal is_nothing = both(m, is_negative, loop_unary(m->builder, LO_NOT, has_root));
    result = choose(m, is_nothing, real(m, x, NAN), result);
    LoopVal is_unit = both(m, equal(m, a, one), equal(m, magnitude(m, y), infinity));
    LoopVal is_one = either(m, is_unit, either(m, equal(m, x, one), equal(m, y, zero)));
    return choose(m, is_one, one, result);
}

LoopVal math_sign(Math *m, LoopVal x) {
    LoopType type = type_of(m, x);
    int is_float = dtype_is_float(type.element);
    LoopVal one = is_float ? real(m, x, 1) : whole(m, x, 1);
    if (dtype_is_unsigned(type.element)) {
        return least(m, x, one);
    }
    LoopVal zero = is_float ? real(m, x, 0) : whole(m, x, 0);
    LoopVal not_above = choose(m, less(m, x, zero), negate(m, one), x);
    return choose(m, less(m, zero, x), one, not_above);
}

/* Where a remainder of truncating division lies on the other side of zero than the divisor. */
static LoopVal is_across(Math *m, LoopVal remainder, LoopVal b) {
    LoopVal zero = whole(m, b, 0);
    return both(m, unequal(m, remainder, zero), less(m, differ(m, remainder, b), zero));
}

LoopVal math_floor_div(Math *m, LoopVal a, LoopVal b) {
    LoopType type = type_of(m, a);
    LoopVal quotient = divide(m, a, b);
    if (dtype_is_float(type.element)) {
        return floor_of(m, quotient);
    }
    if (dtype_is_unsigned(type.element)) {
        return quotient;
    }
    LoopVal remainder = loop_binary(m->builder, LO_REM, a, b);
    return choose(m, is_across(m, remainder, b), sub(m, quotient, whole(m, a, 1)), quotient);
}

LoopVal math_mod(Math *m, LoopVal a, LoopVal b) {
    LoopType type = type_of(m, a);
    if (!dtype_is_float(type.element)) {
        LoopVal remainder = loop_binary(m->builder, LO_REM, a, b);
        if (dtype_is_unsigned(type.element)) {
            return remainder;
        }
        return choose(m, is_across(m, remainder, b), add(m, remainder, b), remainder);
    }
    LoopVal zero = real(m, a, 0), infinity = real(m, a, INFINITY);
    LoopVal quotient = floor_of(m, divide(m, a, b));
    LoopVal remainder = math_fma(m, negate(m, quotient), b, a);
    /* The rounded quotient may have reached the next integer. */
    LoopVal is_negative = less(m, remainder, zero), is_positive = less(m, zero, remainder);
    LoopVal is_beyond = choose(m, less(m, b, zero), is_positive, is_negative);
    remainder = choose(m, is_beyond, add(m, remainder, b), remainder);
    /* An infinite divisor takes nothing away from what has its sign. */
    LoopVal crosses = choose(m, less(m, b, zero), less(m, zero, a), less(m, a, zero));
    LoopVal is_infinite = both(m, equal(m, magnitude(m, b), infinity), less(m, magnitude(m, a), infinity));
    return choose(m, is_infinite, choose(m, crosses, b, a), remainder);
}
