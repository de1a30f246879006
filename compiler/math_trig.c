/* sin and cos.
 *
 * x = n pi/2 + r with |r| <= pi/4 (a little more where n was rounded up).
 *
 * f32: for every finite x, through f64 (after Payne and Hanek 1983): the digits of 2/pi stand in groups of 28, so
 * that a group times x is exact; four neighbouring groups are chosen by the magnitude of x, since those before them
 * contribute multiples of 4 turns of pi/2 only and those after them less than 2^-59.
 *
 * f64: for |x| <= 2^45 by three pieces of pi/2 with exact products (Cody and Waite 1980; Boldo, Daumas and Li 2009);
 * beyond that, where neighbouring numbers are 2^-7 or more apart, the result is NaN.
 *
 * Then two polynomials in r^2, of which the quarter chooses one, and its sign.
 */
#include "compiler/math.h"
#include "compiler/math_coefficients.h"
#include "compiler/math_ops.h"
#include <math.h>

/* What is left of x when whole quarters are taken away. */
typedef struct Reduced {
    LoopVal quarter; /* integer of the float's width; its lower two bits count */
    LoopVal angle;   /* r */
    LoopVal low;     /* what rounding r lost; none in f32 */
} Reduced;

/* x * group mod 4, between -2 and 2, exactly. */
static LoopVal turns_of(Math *m, LoopVal x, LoopVal group) {
    LoopVal p = mul(m, x, group);
    LoopVal fours = rint_of(m, mul(m, p, real(m, p, 0.25)));
    return sub(m, p, mul(m, fours, real(m, p, 4)));
}

static Reduced reduce_f32(Math *m, LoopVal x32) {
    LoopVal x = value_as(m, x32, DT_F64);
    LoopVal size = magnitude(m, x);
    LoopVal is_large = less(m, real(m, x, 0x1p53), size);
    LoopVal is_larger = less(m, real(m, x, 0x1p81), size);
    LoopVal is_largest = less(m, real(m, x, 0x1p109), size);
    LoopVal turns[4];
    for (int j = 0; j < 4; j++) {
        const double *group = two_over_pi_chunks + j;
        LoopVal chosen = choose(m, is_large, real(m, x, group[1]), real(m, x, group[0]));
        chosen = choose(m, is_larger, real(m, x, group[2]), chosen);
        chosen = choose(m, is_largest, real(m, x, group[3]), chosen);
        turns[j] = turns_of(m, x, chosen);
    }
    Pair two = exact_sum(m, turns[0], turns[1]);
    Pair three = exact_sum(m, two.high, turns[2]);
    LoopVal low = add(m, add(m, two.low, three.low), turns[3]);
    LoopVal n = rint_of(m, three.high);
    LoopVal fraction = add(m, sub(m, three.high, n), low);
    LoopVal angle = mul(m, fraction, real(m, x, half_pi_f64[0]));
    return (Reduced){value_as(m, n, DT_I32), value_as(m, angle, DT_F32), 0};
}

static Reduced reduce_f64(Math *m, LoopVal x) {
    LoopVal n = rint_of(m, mul(m, x, real(m, x, two_over_pi_f64[0])));
    Pair first = exact_product(m, n, real(m, x, half_pi_f64[0]));
    Pair second = exact_product(m, n, real(m, x, half_pi_f64[1]));
    Pair a = exact_sum(m, sub(m, x, first.high), negate(m, first.low));
    Pair b = exact_sum(m, a.high, negate(m, second.high));
    LoopVal third = mul(m, n, real(m, x, half_pi_f64[2]));
    LoopVal low = sub(m, sub(m, add(m, a.low, b.low), second.low), third);
    Pair angle = exact_sum_ordered(m, b.high, low);
    return (Reduced){value_as(m, n, DT_I64), angle.high, angle.low};
}

static LoopVal sin_near(Math *m, Reduced r, LoopVal square) {
    LoopVal cube = mul(m, r.angle, square);
    if (!r.low) {
        return math_fma(m, cube, POLYNOMIAL(m, square, sin_f32), r.angle);
    }
    /* sin(r + low) = sin r + low cos r */
    LoopVal cosine = math_fma(m, square, real(m, square, -0.5), real(m, square, 1));
    LoopVal tail = math_fma(m, cube, POLYNOMIAL(m, square, sin_f64), mul(m, r.low, cosine));
    return add(m, r.angle, tail);
}

static LoopVal cos_near(Math *m, Reduced r, LoopVal square) {
    LoopVal one = real(m, square, 1);
    LoopVal half = mul(m, square, real(m, square, 0.5));
    LoopVal high = sub(m, one, half);
    LoopVal rest = sub(m, sub(m, one, high), half);
    LoopVal fourth = mul(m, square, square);
    if (!r.low) {
        return add(m, high, math_fma(m, fourth, POLYNOMIAL(m, square, cos_f32), rest));
    }
    /* cos(r + low) = cos r - low sin r */
    LoopVal tail = math_fma(m, fourth, POLYNOMIAL(m, square, cos_f64), rest);
    return add(m, high, sub(m, tail, mul(m, r.low, r.angle)));
}

/* The sine of x + shift quarters. */
static LoopVal sine(Math *m, LoopVal x, int shift) {
    int is_double = is_f64(m, x);
    Reduced r = is_double ? reduce_f64(m, x) : reduce_f32(m, x);
    LoopVal square = mul(m, r.angle, r.angle);
    LoopVal quarter = add(m, r.quarter, whole(m, r.quarter, shift));
    LoopVal one = whole(m, quarter, 1), zero = whole(m, quarter, 0);
    LoopVal is_cosine = unequal(m, both(m, quarter, one), zero);
    LoopVal y = choose(m, is_cosine, cos_near(m, r, square), sin_near(m, r, square));
    LoopVal is_negative = unequal(m, both(m, quarter, whole(m, quarter, 2)), zero);
    y = choose(m, is_negative, negate(m, y), y);
    if (is_double) {
        LoopVal is_reducible = loop_binary(m->builder, LO_LE, magnitude(m, x), real(m, x, 0x1p45));
        y = choose(m, is_reducible, y, real(m, x, NAN));
    }
    return y;
}

LoopVal math_sin(Math *m, LoopVal x) {
    return choose(m, equal(m, x, real(m, x, 0)), x, sine(m, x, 0)); /* keeps the sign of a zero */
}

LoopVal math_cos(Math *m, LoopVal x) {
    return sine(m, x, 1);
}
