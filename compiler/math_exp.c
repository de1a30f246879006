/* exp, expm1, tanh, sigmoid: all from one reduction.
 *
 * x = n ln(2) + r with |r| <= ln(2)/2, n by adding and taking away 1.5 * 2^(digits - 1), ln(2) in two pieces of which
 * the first is so short that its product with n is exact (Cody and Waite 1980).  e^r - 1 = r + (r^2 P(r) + what
 * rounding r lost); e^x is 2^n times that plus 1, tanh and expm1 keep the small difference: (2^n - 1) + 2^n (e^r - 1) (Tang 1992).
 */
#include "compiler/math.h"
#include "compiler/math_coefficients.h"
#include "compiler/math_ops.h"

LoopVal math_fma(Math *m, LoopVal a, LoopVal b, LoopVal c) {
    if (m->numerics == NUMERICS_FMA) {
        return loop_ternary(m->builder, LO_FMA, a, b, c);
    }
    return add(m, mul(m, a, b), c);
}

/* Halves of an f64: both have 26 digits at most, so that products of halves are exact (Dekker 1971; here the upper
 * half is rounded by its bits, so that no magnitude overflows). */
static Pair halves(Math *m, LoopVal a) {
    LoopVal bits = bits_as(m, a, DT_I64);
    LoopVal rounded = add(m, bits, whole(m, bits, (int64_t)1 << 26));
    LoopVal high = bits_as(m, both(m, rounded, whole(m, bits, -((int64_t)1 << 27))), DT_F64);
    return (Pair){high, sub(m, a, high)};
}

/* a * b exactly, barring underflow; f64. */
Pair exact_product(Math *m, LoopVal a, LoopVal b) {
    LoopVal product = mul(m, a, b);
    if (m->numerics == NUMERICS_FMA) {
        return (Pair){product, loop_ternary(m->builder, LO_FMA, a, b, negate(m, product))};
    }
    Pair x = halves(m, a), y = halves(m, b);
    LoopVal rest = sub(m, mul(m, x.high, y.high), product);
    rest = add(m, add(m, rest, mul(m, x.high, y.low)), mul(m, x.low, y.high));
    return (Pair){product, add(m, rest, mul(m, x.low, y.low))};
}

LoopVal power_of_two(Math *m, LoopVal n, DType element) {
    int is_double = element == DT_F64;
    LoopVal biased = add(m, n, whole(m, n, is_double ? 1023 : 127));
    return bits_as(m, shl(m, biased, whole(m, n, is_double ? 52 : 23)), element);
}

ExpParts exp_parts(Math *m, LoopVal x) {
    int is_double = is_f64(m, x);
    double shift = is_double ? 0x1.8p52 : 0x1.8p23; /* x/ln(2) + shift has no digits behind the point */
    int64_t shift_bits = is_double ? 0x4338000000000000 : 0x4b400000;
    const double *ln2 = is_double ? ln2_f64 : ln2_f32;
    LoopVal shifted = math_fma(m, x, real(m, x, is_double ? log2e_f64[0] : log2e_f32[0]), real(m, x, shift));
    LoopVal n = sub(m, shifted, real(m, x, shift));
    LoopVal bits = bits_as(m, shifted, bits_type(m, x));
    ExpParts e;
    e.n = sub(m, bits, whole(m, bits, shift_bits));
    LoopVal minus_n = negate(m, n);
    LoopVal high = math_fma(m, minus_n, real(m, x, ln2[0]), x);
    LoopVal r = math_fma(m, minus_n, real(m, x, ln2[1]), high);
    LoopVal low = math_fma(m, minus_n, real(m, x, ln2[1]), sub(m, high, r));
    LoopVal p = is_double ? POLYNOMIAL(m, r, exp_f64) : POLYNOMIAL(m, r, exp_f32);
    e.minus_one = add(m, r, math_fma(m, mul(m, r, r), p, low));
    return e;
}

LoopVal scale_by_power(Math *m, LoopVal y, LoopVal n) {
    DType element = type_of(m, y).element;
    LoopVal half = shr(m, n, whole(m, n, 1));
    y = mul(m, y, power_of_two(m, half, element));
    return mul(m, y, power_of_two(m, sub(m, n, half), element));
}

/* x held between two bounds; a NaN stays. */
static LoopVal between(Math *m, LoopVal low, LoopVal x, LoopVal high) {
    return largest(m, low, least(m, high, x));
}

LoopVal math_exp(Math *m, LoopVal x) {
    int is_double = is_f64(m, x);
    /* Below the lower bound the result is 0, above the upper one infinity. */
    LoopVal inside = between(m, real(m, x, is_double ? -746 : -104), x, real(m, x, is_double ? 710 : 89));
    ExpParts e = exp_parts(m, inside);
    return scale_by_power(m, add(m, e.minus_one, real(m, x, 1)), e.n);
}

LoopVal math_expm1(Math *m, LoopVal x) {
    int is_double = is_f64(m, x);
    LoopVal inside = between(m, real(m, x, is_double ? -50 : -30), x, real(m, x, is_double ? 710 : 89));
    ExpParts e = exp_parts(m, inside);
    /* In halves, so that 2^n does not overflow before the result does. */
    LoopVal half = power_of_two(m, sub(m, e.n, whole(m, e.n, 1)), type_of(m, x).element);
    LoopVal y = math_fma(m, half, e.minus_one, sub(m, half, real(m, x, 0.5)));
    y = add(m, y, y);
    LoopVal is_tiny = less(m, magnitude(m, x), real(m, x, is_double ? 0x1p-54 : 0x1p-25));
    return choose(m, is_tiny, x, y);
}

/* Below 0.55 an odd polynomial, above it 1 - 2/(e^2|x| + 1). */
LoopVal math_tanh(Math *m, LoopVal x) {
    int is_double = is_f64(m, x);
    LoopVal one = real(m, x, 1), two = real(m, x, 2);
    LoopVal a = least(m, real(m, x, is_double ? 22 : 10), magnitude(m, x)); /* 1 from there on */
    LoopVal square = mul(m, a, a);
    LoopVal p = is_double ? POLYNOMIAL(m, square, tanh_f64) : POLYNOMIAL(m, square, tanh_f32);
    LoopVal small = math_fma(m, mul(m, a, square), p, a);
    ExpParts e = exp_parts(m, add(m, a, a));
    LoopVal power = mul(m, add(m, e.minus_one, one), power_of_two(m, e.n, type_of(m, x).element));
    LoopVal large = sub(m, one, divide(m, two, add(m, power, one)));
    return with_sign(m, choose(m, less(m, a, real(m, x, 0.55)), small, large), x);
}

/* With e = e^-|x|: 1/(1 + e), or e/(1 + e) for negative x. */
LoopVal math_sigmoid(Math *m, LoopVal x) {
    int is_double = is_f64(m, x);
    LoopVal one = real(m, x, 1);
    LoopVal inside = largest(m, real(m, x, is_double ? -746 : -104), negate(m, magnitude(m, x)));
    ExpParts parts = exp_parts(m, inside);
    LoopVal e = scale_by_power(m, add(m, parts.minus_one, one), parts.n);
    LoopVal numerator = choose(m, less(m, x, real(m, x, 0)), e, one);
    return divide(m, numerator, add(m, one, e));
}
