#!/usr/bin/env python3
"""Derives the coefficients of compiler/math_coefficients.h and prints that file (needs mpmath).

Each function is approximated by the polynomial that interpolates it at Chebyshev points, which is within a factor
of about two of the minimax polynomial; coefficients are then rounded to the type that they are used in.
With --check the largest error of each rounded polynomial is printed instead, in units of the type's last place of
the whole function (what the polynomial alone costs).
"""
import struct
import sys

from mpmath import mp, mpf, exp, log, erf, erfc, sin, cos, tanh, pi, sqrt, cos as mpcos, log1p

mp.dps = 60


def to_f64(x):
    return float(x)  # mpmath rounds to nearest even


def to_f32(x):
    """Nearest f32 of an mpf, directly (no double rounding: the error is found in mpf)."""
    near = struct.unpack("<f", struct.pack("<f", float(x)))[0]
    bits = struct.unpack("<I", struct.pack("<f", near))[0]
    around = [struct.unpack("<f", struct.pack("<I", b))[0] for b in (bits - 1, bits, bits + 1) if 0 <= b < 2**32]
    return min(around, key=lambda v: abs(mpf(v) - x))


def interpolate(f, lo, hi, degree):
    """Monomial coefficients, lowest first, of the interpolant at Chebyshev points."""
    n = degree + 1
    lo, hi = mpf(lo), mpf(hi)
    xs = [(lo + hi) / 2 + (hi - lo) / 2 * mpcos(pi * (2 * i + 1) / (2 * n)) for i in range(n)]
    table = [f(x) for x in xs]
    for j in range(1, n):  # divided differences
        for i in range(n - 1, j - 1, -1):
            table[i] = (table[i] - table[i - 1]) / (xs[i] - xs[i - j])
    poly = [table[n - 1]]
    for i in range(n - 2, -1, -1):  # Newton form to monomials
        shifted = [mpf(0)] + poly
        for k, c in enumerate(poly):
            shifted[k] -= c * xs[i]
        shifted[0] += table[i]
        poly = shifted
    return poly


def horner(coefficients, x):
    y = mpf(0)
    for c in reversed(coefficients):
        y = y * x + mpf(c)
    return y


def series(f, limit):
    """f where it can be computed, its limit at 0."""
    return lambda x: f(x) if abs(x) > mpf(10) ** -25 else mpf(limit)


HALF_LN2 = log(mpf(2)) / 2 * mpf("1.0001")
LOG_LO, LOG_HI = sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1
ATANH_W = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2
TANH_W = mpf("0.551") ** 2
QUARTER = (pi / 4) ** 2 * mpf("1.0001")

exp_tail = series(lambda r: (exp(r) - 1 - r) / r**2, 0.5)
log_tail = series(lambda f: (log1p(f) - f + f * f / 2) / f**3, mpf(1) / 3)
atanh_tail = series(lambda w: (log((1 + sqrt(w)) / (1 - sqrt(w))) / sqrt(w) - 2) / w, mpf(2) / 3)
atanh_tail2 = series(lambda w: (log((1 + sqrt(w)) / (1 - sqrt(w))) / (2 * sqrt(w)) - 1 - w / 3) / w**2, mpf(1) / 5)
tanh_tail = series(lambda w: (tanh(sqrt(w)) / sqrt(w) - 1) / w, -mpf(1) / 3)
sin_tail = series(lambda w: (sin(sqrt(w)) / sqrt(w) - 1) / w, -mpf(1) / 6)
cos_tail = series(lambda w: (cos(sqrt(w)) - 1 + w / 2) / w**2, mpf(1) / 24)
erf_small = series(lambda w: erf(sqrt(w)) / sqrt(w) - 1, 2 / sqrt(pi) - 1)
erf_large = lambda a: -log(erfc(a))
# In f64 the smooth factor of exp(-a*a), in t = (a - 2)/(a + 2).
erf_scaled = lambda t: erfc(2 * (1 + t) / (1 - t)) * exp((2 * (1 + t) / (1 - t)) ** 2)

# name, rounding, function, interval, degree, whole(x, p) = the function from the polynomial's value, exact(x), meaning
TABLE = [
    ("exp_f32", to_f32, exp_tail, -HALF_LN2, HALF_LN2, 5, lambda r, p: 1 + r + r * r * p, exp,
     "(e^r - 1 - r)/r^2, |r| <= ln(2)/2"),
    ("exp_f64", to_f64, exp_tail, -HALF_LN2, HALF_LN2, 10, lambda r, p: 1 + r + r * r * p, exp,
     "(e^r - 1 - r)/r^2, |r| <= ln(2)/2"),
    ("tanh_f32", to_f32, tanh_tail, 0, TANH_W, 4, lambda w, p: sqrt(w) * (1 + w * p), lambda w: tanh(sqrt(w)),
     "(tanh(a)/a - 1)/a^2 in a^2, a <= 0.55"),
    ("tanh_f64", to_f64, tanh_tail, 0, TANH_W, 10, lambda w, p: sqrt(w) * (1 + w * p), lambda w: tanh(sqrt(w)),
     "(tanh(a)/a - 1)/a^2 in a^2, a <= 0.55"),
    ("log_f32", to_f32, log_tail, LOG_LO, LOG_HI, 8, lambda f, p: f - f * f / 2 + f**3 * p, log1p,
     "(log(1 + f) - f + f^2/2)/f^3, sqrt(1/2) <= 1 + f <= sqrt(2)"),
    ("log_f64", to_f64, atanh_tail, 0, ATANH_W, 6, lambda w, p: sqrt(w) * (2 + w * p),
     lambda w: log((1 + sqrt(w)) / (1 - sqrt(w))), "(log((1 + s)/(1 - s)) - 2s)/s^3 in s^2"),
    ("log_f64_tail", to_f64, atanh_tail2, 0, ATANH_W, 7, lambda w, p: 2 * sqrt(w) * (1 + w / 3 + w * w * p),
     lambda w: log((1 + sqrt(w)) / (1 - sqrt(w))), "(log((1 + s)/(1 - s))/(2s) - 1 - s^2/3)/s^4 in s^2, for pow"),
    ("sin_f32", to_f32, sin_tail, 0, QUARTER, 3, lambda w, p: sqrt(w) * (1 + w * p), lambda w: sin(sqrt(w)),
     "(sin(r)/r - 1)/r^2 in r^2, |r| <= pi/4"),
    ("sin_f64", to_f64, sin_tail, 0, QUARTER, 6, lambda w, p: sqrt(w) * (1 + w * p), lambda w: sin(sqrt(w)),
     "(sin(r)/r - 1)/r^2 in r^2, |r| <= pi/4"),
    ("cos_f32", to_f32, cos_tail, 0, QUARTER, 3, lambda w, p: 1 - w / 2 + w * w * p, lambda w: cos(sqrt(w)),
     "(cos(r) - 1 + r^2/2)/r^4 in r^2, |r| <= pi/4"),
    ("cos_f64", to_f64, cos_tail, 0, QUARTER, 6, lambda w, p: 1 - w / 2 + w * w * p, lambda w: cos(sqrt(w)),
     "(cos(r) - 1 + r^2/2)/r^4 in r^2, |r| <= pi/4"),
    ("erf_small_f32", to_f32, erf_small, 0, 1, 6, lambda w, p: sqrt(w) * (1 + p), lambda w: erf(sqrt(w)),
     "erf(a)/a - 1 in a^2, a <= 1"),
    ("erf_small_f64", to_f64, erf_small, 0, 1, 13, lambda w, p: sqrt(w) * (1 + p), lambda w: erf(sqrt(w)),
     "erf(a)/a - 1 in a^2, a <= 1"),
    ("erf_large_f32", to_f32, erf_large, 1, 4, 9, lambda a, p: 1 - exp(-p), erf,
     "-log(erfc(a)), 1 <= a <= 4"),
    ("erf_large_f64", to_f64, erf_scaled, mpf(-1) / 3, mpf(1) / 2, 16,
     lambda t, p: 1 - exp(-((2 * (1 + t) / (1 - t)) ** 2)) * p, lambda t: erf(2 * (1 + t) / (1 - t)),
     "erfc(a) e^(a^2) in t = (a - 2)/(a + 2), 1 <= a <= 6"),
]


def cut(x, bits):
    """The leading bits of x: products with short integers are then exact."""
    scale = mpf(2) ** (bits - 1 - int(mp.floor(mp.log(x, 2))))
    return mp.floor(x * scale) / scale


def pieces(x, rounding, count):
    """x as a sum of `count` rounded numbers."""
    result = []
    for _ in range(count):
        result.append(rounding(x))
        x -= mpf(result[-1])
    return result


def chunks(x, bits, count):
    """x in 0..1 as `count` groups of `bits` binary digits."""
    result = []
    for j in range(1, count + 1):
        digits = mp.floor(x * mpf(2) ** (bits * j))
        result.append(float(digits / mpf(2) ** (bits * j)))
        x -= mpf(result[-1])
    return result


LN2 = log(mpf(2))
CONSTANTS = [
    ("ln2_f32", [float(cut(LN2, 15)), to_f32(LN2 - cut(LN2, 15))], "ln(2), the first piece of 15 bits"),
    ("ln2_f64", [float(cut(LN2, 32)), to_f64(LN2 - cut(LN2, 32))], "ln(2), the first piece of 32 bits"),
    ("log2e_f32", [to_f32(1 / LN2)], "1/ln(2)"),
    ("log2e_f64", [to_f64(1 / LN2)], "1/ln(2)"),
    ("third_f64", pieces(mpf(1) / 3, to_f64, 2), "1/3"),
    ("half_pi_f64", pieces(pi / 2, to_f64, 3), "pi/2"),
    ("two_over_pi_f64", [to_f64(2 / pi)], "2/pi"),
    ("two_over_pi_chunks", chunks(2 / pi, 28, 7), "2/pi in groups of 28 bits"),
]


def largest_error(row):
    name, rounding, f, lo, hi, degree, whole, exact, _ = row
    rounded = [rounding(c) for c in interpolate(f, lo, hi, degree)]
    unit = mpf(2) ** (-24 if rounding is to_f32 else -53)  # at worst half of the last place's relative size
    worst = mpf(0)
    for i in range(1, 400):
        x = mpf(lo) + (mpf(hi) - mpf(lo)) * i / 400
        y = exact(x)
        if y != 0:
            worst = max(worst, abs(whole(x, horner(rounded, x)) / y - 1) / unit)
    return worst


def main():
    if "--check" in sys.argv:
        for row in TABLE:
            print(f"{row[0]:16} degree {row[5]:2}  {mp.nstr(largest_error(row), 3)}")
        return
    print("/* Coefficients of the polynomials of math_*.c, lowest power first; made by scripts/math_coefficients.py. */")
    print("#ifndef DLC_COMPILER_MATH_COEFFICIENTS_H\n#define DLC_COMPILER_MATH_COEFFICIENTS_H")
    rows = [(name, values, meaning) for name, values, meaning in CONSTANTS]
    for name, rounding, f, lo, hi, degree, _, _, meaning in TABLE:
        rows.append((name, [rounding(c) for c in interpolate(f, lo, hi, degree)], meaning))
    for name, values, meaning in rows:
        print(f"\n/* {meaning} */\nstatic const double {name}[] = {{")
        print("".join(f"    {v.hex()},\n" for v in values) + "};")
    print("\n#endif")


main()
