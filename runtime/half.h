/* The 16-bit floats in storage, converted by hand: the host's compiler need not know them. */
#ifndef DLC_RUNTIME_HALF_H
#define DLC_RUNTIME_HALF_H

#include <stdint.h>

float half_to_float(uint16_t half);
float bfloat_to_float(uint16_t bfloat);
/* Rounded once, to nearest, ties to even; beyond the largest number infinity. */
uint16_t half_from_double(double value);
uint16_t bfloat_from_double(double value);

#endif
