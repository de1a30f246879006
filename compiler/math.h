/* The mathematical functions as builders over the operations of the loop IR, so that every executor gives the
 * same bits and emitted C needs no libm.  Each takes values of one type, scalar or sixteen lanes, f32 or f64
 * where not said otherwise, and gives a value of that type; nothing is read from memory, and only random_philox loops.
 *
 * Methods, sources and measured bounds stand with each function in math_*.c and in docs/numerics.md.  All are
 * total: infinities, NaN, zeros and subnormals give what IEEE 754-2019 section 9.2 says.
 *
 * In the numerics `split` no fma is formed: products that need their rounding error are then split in halves
 * (Dekker 1971), so the bounds hold in both; the bits of `fma` and `split` differ.
 */
#ifndef DLC_COMPILER_MATH_H
#define DLC_COMPILER_MATH_H

#include "compiler/loop.h"

typedef struct LoopBuilder LoopBuilder;

typedef enum Numerics { NUMERICS_FMA, NUMERICS_SPLIT } Numerics;

/* What every builder of this file needs. */
typedef struct Math {
    LoopBuilder *builder; /* values are made here, at its place of the moment */
    Numerics numerics;
} Math;

/* a*b + c: one rounding in `fma`, two in `split`. */
LoopVal math_fma(Math *m, LoopVal a, LoopVal b, LoopVal c);

LoopVal math_exp(Math *m, LoopVal x);
LoopVal math_expm1(Math *m, LoopVal x);
LoopVal math_log(Math *m, LoopVal x);
LoopVal math_log1p(Math *m, LoopVal x);
LoopVal math_tanh(Math *m, LoopVal x);
LoopVal math_sigmoid(Math *m, LoopVal x);
LoopVal math_erf(Math *m, LoopVal x);
LoopVal math_sin(Math *m, LoopVal x);
LoopVal math_cos(Math *m, LoopVal x);
/* x to the power y, special cases as in C. */
LoopVal math_pow(Math *m, LoopVal x, LoopVal y);

/* -1, 0 or 1 with x's type; floats: of a zero the same zero, of NaN NaN.  Any numeric type. */
LoopVal math_sign(Math *m, LoopVal x);
/* Floats: floor of the rounded quotient a/b.  Integers: rounds down; by 0 gives 0. */
LoopVal math_floor_div(Math *m, LoopVal a, LoopVal b);
/* The remainder with the sign of the divisor.  Floats: exact while |a/b| < 2^24 (f32) or 2^53 (f64) in `fma`;
 * integers: a - b*floor(a/b); by 0 gives 0. */
LoopVal math_mod(Math *m, LoopVal a, LoopVal b);

/* ---- random numbers: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011) -------------------------------- */

typedef struct RandomWords {
    LoopVal word[4]; /* u32 */
} RandomWords;

typedef struct RandomKey {
    LoopVal word[2]; /* u32 */
} RandomKey;

/* The key of a draw: (seed xor site), low word first; site is the hash of the draw's stable path.  The words of the
 * seed are u32 values, scalar or wide; the key is alike. */
RandomKey random_key(Math *m, LoopVal seed_low, LoopVal seed_high, uint64_t site);
/* Four words for a counter (column block, row, step, iteration).  Scalar or wide u32, all alike. */
RandomWords random_philox(Math *m, RandomKey key, const LoopVal counter[4]);
/* [0, 1) in multiples of 2^-24, from the upper 24 bits of a u32: f32. */
LoopVal random_uniform_f32(Math *m, LoopVal word);
/* [0, 1) in multiples of 2^-53, from the upper 27 bits of one and the upper 26 of another: f64. */
LoopVal random_uniform_f64(Math *m, LoopVal high, LoopVal low);

#endif
