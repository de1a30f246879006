/* Coefficients of the polynomials of math_*.c, lowest power first; made by scripts/math_coefficients.py. */
#ifndef DLC_COMPILER_MATH_COEFFICIENTS_H
#define DLC_COMPILER_MATH_COEFFICIENTS_H

/* ln(2), the first piece of 15 bits */
static const double ln2_f32[] = {
    0x1.62e4000000000p-1,
    0x1.7f7d1c0000000p-20,
};

/* ln(2), the first piece of 32 bits */
static const double ln2_f64[] = {
    0x1.62e42fee00000p-1,
    0x1.a39ef35793c76p-33,
};

/* 1/ln(2) */
static const double log2e_f32[] = {
    0x1.7154760000000p+0,
};

/* 1/ln(2) */
static const double log2e_f64[] = {
    0x1.71547652b82fep+0,
};

/* 1/3 */
static const double third_f64[] = {
    0x1.5555555555555p-2,
    0x1.5555555555555p-56,
};

/* pi/2 */
static const double half_pi_f64[] = {
    0x1.921fb54442d18p+0,
    0x1.1a62633145c07p-54,
    -0x1.f1976b7ed8fbcp-110,
};

/* 2/pi */
static const double two_over_pi_f64[] = {
    0x1.45f306dc9c883p-1,
};

/* 2/pi in groups of 28 bits */
static const double two_over_pi_chunks[] = {
    0x1.45f306c000000p-1,
    0x1.c9c882a000000p-29,
    0x1.4fe13a8000000p-59,
    0x1.f47d4d0000000p-86,
    0x1.bb81b6c000000p-113,
    0x1.4acc9e0000000p-143,
    0x1.0e4107c000000p-170,
};

/* (e^r - 1 - r)/r^2, |r| <= ln(2)/2 */
static const double exp_f32[] = {
    0x1.0000000000000p-1,
    0x1.5555560000000p-3,
    0x1.5554ea0000000p-5,
    0x1.1110e00000000p-7,
    0x1.6d43240000000p-10,
    0x1.a124f20000000p-13,
};

/* (e^r - 1 - r)/r^2, |r| <= ln(2)/2 */
static const double exp_f64[] = {
    0x1.0000000000000p-1,
    0x1.5555555555557p-3,
    0x1.5555555555556p-5,
    0x1.11111111100dcp-7,
    0x1.6c16c16c162d4p-10,
    0x1.a01a01abe7fe1p-13,
    0x1.a01a01a6d889cp-16,
    0x1.71de0231960ebp-19,
    0x1.27e4db646b17ep-22,
    0x1.af4de97ca4194p-26,
    0x1.1f730349868cep-29,
};

/* (tanh(a)/a - 1)/a^2 in a^2, a <= 0.55 */
static const double tanh_f32[] = {
    -0x1.5555540000000p-2,
    0x1.110fe60000000p-3,
    -0x1.b99f080000000p-5,
    0x1.5d12f80000000p-6,
    -0x1.b0c3e80000000p-8,
};

/* (tanh(a)/a - 1)/a^2 in a^2, a <= 0.55 */
static const double tanh_f64[] = {
    -0x1.5555555555555p-2,
    0x1.111111111102ap-3,
    -0x1.ba1ba1b9fde3dp-5,
    0x1.664f4876c1de8p-6,
    -0x1.226e32e16b1bcp-7,
    0x1.d6d33630df82ep-9,
    -0x1.7d979fca06a90p-10,
    0x1.34c3cff88d1b4p-11,
    -0x1.ebfaacb6f7eccp-13,
    0x1.64b5e31fa0343p-14,
    -0x1.58e16a22dca91p-16,
};

/* (log(1 + f) - f + f^2/2)/f^3, sqrt(1/2) <= 1 + f <= sqrt(2) */
static const double log_f32[] = {
    0x1.5555540000000p-2,
    -0x1.fffffc0000000p-3,
    0x1.999d5a0000000p-3,
    -0x1.555b4a0000000p-3,
    0x1.23d21a0000000p-3,
    -0x1.fcf4c60000000p-4,
    0x1.dea2820000000p-4,
    -0x1.d635bc0000000p-4,
    0x1.1d8ea60000000p-4,
};

/* (log((1 + s)/(1 - s)) - 2s)/s^3 in s^2 */
static const double log_f64[] = {
    0x1.5555555555558p-1,
    0x1.99999999952e2p-2,
    0x1.2492492df148dp-2,
    0x1.c71c62e5800a1p-3,
    0x1.7462b4ab2ef6bp-3,
    0x1.39fe606542ddep-3,
    0x1.2b584aae78a57p-3,
};

/* (log((1 + s)/(1 - s))/(2s) - 1 - s^2/3)/s^4 in s^2, for pow */
static const double log_f64_tail[] = {
    0x1.999999999999ap-3,
    0x1.2492492492521p-3,
    0x1.c71c71c6eaa8dp-4,
    0x1.745d177a8f200p-4,
    0x1.3b1395d4f9e5fp-4,
    0x1.1118c74823a2ep-4,
    0x1.df7ce9a6bcccbp-5,
    0x1.e02d197c00c78p-5,
};

/* (sin(r)/r - 1)/r^2 in r^2, |r| <= pi/4 */
static const double sin_f32[] = {
    -0x1.5555560000000p-3,
    0x1.11110e0000000p-7,
    -0x1.a013a80000000p-13,
    0x1.6dbdee0000000p-19,
};

/* (sin(r)/r - 1)/r^2 in r^2, |r| <= pi/4 */
static const double sin_f64[] = {
    -0x1.5555555555555p-3,
    0x1.1111111111110p-7,
    -0x1.a01a01a019937p-13,
    0x1.71de3a54607a5p-19,
    -0x1.ae64541295cdfp-26,
    0x1.61217ee5cca1bp-33,
    -0x1.ab17bdcbd3414p-41,
};

/* (cos(r) - 1 + r^2/2)/r^4 in r^2, |r| <= pi/4 */
static const double cos_f32[] = {
    0x1.5555560000000p-5,
    -0x1.6c16c00000000p-10,
    0x1.a015c40000000p-16,
    -0x1.25243c0000000p-22,
};

/* (cos(r) - 1 + r^2/2)/r^4 in r^2, |r| <= pi/4 */
static const double cos_f64[] = {
    0x1.5555555555555p-5,
    -0x1.6c16c16c16c16p-10,
    0x1.a01a01a019d0ap-16,
    -0x1.27e4fb7712ca2p-22,
    0x1.1eed8deb82809p-29,
    -0x1.9394b9eb4d56dp-37,
    0x1.ab78473be59d7p-45,
};

/* erf(a)/a - 1 in a^2, a <= 1 */
static const double erf_small_f32[] = {
    0x1.06eba80000000p-3,
    -0x1.81273e0000000p-2,
    0x1.ce2d100000000p-4,
    -0x1.b7faba0000000p-6,
    0x1.5412700000000p-8,
    -0x1.a450880000000p-11,
    0x1.4a56900000000p-14,
};

/* erf(a)/a - 1 in a^2, a <= 1 */
static const double erf_small_f64[] = {
    0x1.06eba8214db69p-3,
    -0x1.812746b0379e7p-2,
    0x1.ce2f21a042bdep-4,
    -0x1.b82ce312889bap-6,
    0x1.565bcd0e6502dp-8,
    -0x1.c02db3feeb579p-11,
    0x1.f9a326c233146p-14,
    -0x1.f4d2561aeafd4p-17,
    0x1.b9e6509b9867dp-20,
    -0x1.5f6d925a0bc7ap-23,
    0x1.fc4356498c2d9p-27,
    -0x1.4e607b41a6416p-30,
    0x1.7f072188e194dp-34,
    -0x1.29b9f1b3df556p-38,
};

/* -log(erfc(a)), 1 <= a <= 4 */
static const double erf_large_f32[] = {
    -0x1.b48d860000000p-12,
    0x1.2173ee0000000p+0,
    0x1.430c460000000p-1,
    0x1.c6e1a00000000p-4,
    -0x1.bbffa40000000p-6,
    0x1.4befb60000000p-8,
    -0x1.6793700000000p-11,
    0x1.054c580000000p-14,
    -0x1.bdd4360000000p-19,
    0x1.45ac780000000p-24,
};

/* erfc(a) e^(a^2) in t = (a - 2)/(a + 2), 1 <= a <= 6 */
static const double erf_large_f64[] = {
    0x1.058671b52c776p-2,
    -0x1.b57034efd3f74p-2,
    0x1.eeea7dc8a78a1p-3,
    -0x1.437f0b68c0489p-4,
    0x1.e9471597be87ap-9,
    0x1.ca95ed50b7c81p-8,
    -0x1.bc25a48873fcfp-11,
    -0x1.016b5b63ce721p-10,
    0x1.6d5ee91b54222p-15,
    0x1.6da887a2804f7p-13,
    0x1.cdd4519ae1742p-16,
    -0x1.ce6ac975b91e0p-16,
    -0x1.d5b4578dde1bbp-17,
    0x1.5e89dbd23021dp-20,
    0x1.0d39558a33004p-18,
    0x1.559a2f0faada6p-20,
    -0x1.30be46f379823p-20,
};

#endif
