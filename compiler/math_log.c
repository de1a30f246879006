/* log and log1p.
 *
 * x = 2^e (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), taken from the bits (Cody and Waite 1980).  log(1 + f) is
 * f plus a tail: in f32 a polynomial in f, in f64 by s = f/(2 + f) and the odd series of log((1 + s)/(1 - s))
 * (Gal and Bachelis 1991; as in the FreeBSD library after Ng 1986).  e ln(2) + f is kept as an exact sum, so one rounding
 * of the result's size remains.  log1p adds what 1 + x lost, over 1 + x.
 */
#include "compiler/math.h"
#include "compiler/math_coefficients.h"
#include "compiler/math_ops.h"
#include <math.h>

/* log(1 + f) - f */
static LoopVal log_tail(Math *m, LoopVal f) {
    if (!is_f64(m, f)) {
        LoopVal inner = math_fma(m, f, POLYNOMIAL(m, f, log_f32), real(m, f, -0.5));
        return mul(m, mul(m, f, f), inner);
    }
    LoopVal s = divide(m, f, add(m, f, real(m, f, 2)));
    LoopVal w = mul(m, s, s);
    LoopVal r = mul(m, w, POLYNOMIAL(m, w, log_f64));
    LoopVal half_square = mul(m, mul(m, f, real(m, f, 0.5)), f);
    return math_fma(m, s, add(m, half_square, r), negate(m, half_square));
}

LoopVal log_of(Math *m, LoopVal x, LoopVal extra) {
    int is_double = is_f64(m, x);
    DType element = type_of(m, x).element;
    int digits = is_double ? 52 : 23;
    const double *ln2 = is_double ? ln2_f64 : ln2_f32;
    LoopVal is_subnormal = less(m, x, real(m, x, is_double ? 0x1p-1022 : 0x1p-126));
    x = choose(m, is_subnormal, mul(m, x, real(m, x, is_double ? 0x1p54 : 0x1p25)), x);
    LoopVal bits = bits_as(m, x, bits_type(m, x));
    LoopVal root_bits = whole(m, bits, is_double ? 0x3fe6a09e667f3bcd : 0x3f3504f3); /* of sqrt(1/2) */
    LoopVal above = sub(m, bits, root_bits);
    LoopVal e = value_as(m, shr(m, above, whole(m, bits, digits)), element);
    e = choose(m, is_subnormal, sub(m, e, real(m, x, is_double ? 54 : 25)), e);
    LoopVal fraction = both(m, above, whole(m, bits, ((int64_t)1 << digits) - 1));
    LoopVal f = sub(m, bits_as(m, add(m, fraction, root_bits), element), real(m, x, 1));
    LoopVal tail = log_tail(m, f);
    if (extra) {
        tail = add(m, tail, extra);
    }
    Pair sum = exact_sum_ordered(m, mul(m, e, real(m, x, ln2[0])), f);
    return add(m, sum.high, add(m, sum.low, math_fma(m, e, real(m, x, ln2[1]), tail)));
}

/* The logarithm's values at 0, below it, at infinity and of NaN. */
static LoopVal at_borders(Math *m, LoopVal x, LoopVal y) {
    LoopVal zero = real(m, x, 0);
    y = choose(m, less(m, x, real(m, x, INFINITY)), y, x);
    y = choose(m, equal(m, x, zero), real(m, x, -INFINITY), y);
    return choose(m, less(m, x, zero), real(m, x, NAN), y);
}

LoopVal math_log(Math *m, LoopVal x) {
    return at_borders(m, x, log_of(m, x, 0));
}

LoopVal math_log1p(Math *m, LoopVal x) {
    Pair sum = exact_sum(m, real(m, x, 1), x);
    LoopVal y = log_of(m, sum.high, divide(m, sum.low, sum.high));
    y = at_borders(m, sum.high, y);
    return choose(m, equal(m, x, real(m, x, 0)), x, y); /* keeps the sign of a zero */
}
