/* erf: below 1 an odd polynomial; above, 1 minus erfc, which is e^-Q(a) in f32 and e^(-a^2) S(t) with
 * t = (a - 2)/(a + 2) in f64 (Schonfelder 1978 uses such a t); errors there weigh no more than erfc(1) = 0.16. */
#include "compiler/math.h"
#include "compiler/math_coefficients.h"
#include "compiler/math_ops.h"

/* e^x for -100 < x <= 0. */
static LoopVal exp_moderate(Math *m, LoopVal x) {
    ExpParts e = exp_parts(m, x);
    return mul(m, add(m, e.minus_one, real(m, x, 1)), power_of_two(m, e.n, type_of(m, x).element));
}

static LoopVal erfc_large(Math *m, LoopVal a) {
    if (!is_f64(m, a)) {
        return exp_moderate(m, negate(m, POLYNOMIAL(m, a, erf_large_f32)));
    }
    LoopVal two = real(m, a, 2);
    LoopVal t = divide(m, sub(m, a, two), add(m, a, two));
    return mul(m, exp_moderate(m, negate(m, mul(m, a, a))), POLYNOMIAL(m, t, erf_large_f64));
}

LoopVal math_erf(Math *m, LoopVal x) {
    int is_double = is_f64(m, x);
    LoopVal a = least(m, real(m, x, is_double ? 6 : 4), magnitude(m, x)); /* 1 from there on */
    LoopVal square = mul(m, a, a);
    LoopVal p = is_double ? POLYNOMIAL(m, square, erf_small_f64) : POLYNOMIAL(m, square, erf_small_f32);
    LoopVal small = math_fma(m, a, p, a);
    LoopVal one = real(m, x, 1);
    LoopVal large = sub(m, one, erfc_large(m, a));
    return with_sign(m, choose(m, less(m, a, one), small, large), x);
}
