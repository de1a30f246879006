#include "runtime/half.h"

#include <math.h>
#include <string.h>

static float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float half_to_float(uint16_t half) {
    uint32_t sign = (uint32_t)(half >> 15) << 31, exponent = (half >> 10) & 31, fraction = half & 1023;
    if (exponent == 31) return float_of_bits(sign | 0x7F800000u | fraction << 13);
    if (exponent) return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
    float magnitude = (float)fraction * 0x1p-24f; /* exact */
    return sign ? -magnitude : magnitude;
}

float bfloat_to_float(uint16_t bfloat) { return float_of_bits((uint32_t)bfloat << 16); }

/* A binary format of 16 bits with `fraction_bits` stored fraction bits and exponents from `lowest` (of subnormals'
 * unit 2^(lowest - fraction_bits)) to `highest`. */
static uint16_t round_to_16(double value, int fraction_bits, int lowest, int highest) {
    uint16_t sign = signbit(value) ? 0x8000 : 0;
    uint16_t infinity = (uint16_t)((highest - lowest + 2) << fraction_bits);
    if (isnan(value)) return (uint16_t)(sign | infinity | 1 << (fraction_bits - 1));
    double magnitude = fabs(value);
    if (isinf(value)) return sign | infinity;
    int exponent;
    frexp(magnitude, &exponent);
    exponent--; /* magnitude = 1.f * 2^exponent */
    if (magnitude == 0 || exponent < lowest) exponent = lowest;
    if (exponent > highest) return sign | infinity;
    /* The number of units 2^(exponent - fraction_bits), rounded once; a carry runs into the exponent by itself. */
    int64_t units = (int64_t)nearbyint(ldexp(magnitude, fraction_bits - exponent));
    int64_t hidden = (int64_t)1 << fraction_bits;
    if (units < hidden) return (uint16_t)(sign | units); /* subnormal or zero */
    int64_t bits = ((int64_t)(exponent - lowest + 1) << fraction_bits) + (units - hidden);
    return (uint16_t)(sign | (bits > infinity ? infinity : bits));
}

uint16_t half_from_double(double value) { return round_to_16(value, 10, -14, 15); }
uint16_t bfloat_from_double(double value) { return round_to_16(value, 7, -126, 127); }
