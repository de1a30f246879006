/* The step functions, one per operation and type; included once per instruction set (STEP_TABLE names the table).
 *
 * Integers wrap: arithmetic is done in an unsigned type of at least their width.  Floats: each expression below is one
 * operation of IEEE 754 with one rounding; the build forbids contraction. */
#include "compiler/loop_eval_program.h"

#include <math.h>
#include <string.h>

#define STEP(name) static const Step *name(const Step *s, char *f, Machine *m)
#define AT(T, place) ((T *)(void *)(f + (place)))
#define UNUSED_MACHINE (void)m
/* Each lane is computed from the same lane of its operands alone. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed" /* loops over calls stay scalar */
#define EACH_LANE _Pragma("clang loop vectorize(assume_safety)")
#else
#define EACH_LANE _Pragma("GCC ivdep")
#endif

/* ---- operations -------------------------------------------------------------------------------------- */

#define MAP1(name, n, T, R, e)                                                                     \
    STEP(name##_##n) {                                                                             \
        UNUSED_MACHINE;                                                                            \
        const T *a = AT(const T, s->a);                                                   \
        R *to = AT(R, s->to);                                                             \
        EACH_LANE                                                                                  \
        for (int i = 0; i < n; i++) {                                                              \
            T x = a[i];                                                                            \
            to[i] = (R)(e);                                                                        \
        }                                                                                          \
        return s + 1;                                                                              \
    }
#define MAP2(name, n, T, R, e)                                                                     \
    STEP(name##_##n) {                                                                             \
        UNUSED_MACHINE;                                                                            \
        const T *a = AT(const T, s->a), *b = AT(const T, s->b);                  \
        R *to = AT(R, s->to);                                                             \
        EACH_LANE                                                                                  \
        for (int i = 0; i < n; i++) {                                                              \
            T x = a[i], y = b[i];                                                                  \
            to[i] = (R)(e);                                                                        \
        }                                                                                          \
        return s + 1;                                                                              \
    }
#define MAP3(name, n, T, e)                                                                        \
    STEP(name##_##n) {                                                                             \
        UNUSED_MACHINE;                                                                            \
        const T *a = AT(const T, s->a), *b = AT(const T, s->b);                  \
        const T *c = AT(const T, s->c);                                                   \
        T *to = AT(T, s->to);                                                             \
        EACH_LANE                                                                                  \
        for (int i = 0; i < n; i++) to[i] = e(a[i], b[i], c[i]);                                   \
        return s + 1;                                                                              \
    }
#define SELECT(name, n, T)                                                                         \
    STEP(name##_##n) {                                                                             \
        UNUSED_MACHINE;                                                                            \
        const uint8_t *a = AT(const uint8_t, s->a);                                       \
        const T *b = AT(const T, s->b), *c = AT(const T, s->c);                  \
        T *to = AT(T, s->to);                                                             \
        EACH_LANE                                                                                  \
        for (int i = 0; i < n; i++) {                                                              \
            T y = b[i], z = c[i];                                                                  \
            to[i] = a[i] ? y : z;                                                                  \
        }                                                                                          \
        return s + 1;                                                                              \
    }
#define BOTH1(name, T, R, e) MAP1(name, 1, T, R, e) MAP1(name, 16, T, R, e)
#define BOTH2(name, T, R, e) MAP2(name, 1, T, R, e) MAP2(name, 16, T, R, e)
#define BOTH3(name, T, e) MAP3(name, 1, T, e) MAP3(name, 16, T, e)

#define COMPARISONS(t, T)                                                                          \
    BOTH2(eq_##t, T, uint8_t, x == y)                                                              \
    BOTH2(ne_##t, T, uint8_t, x != y)                                                              \
    BOTH2(lt_##t, T, uint8_t, x < y)                                                               \
    BOTH2(le_##t, T, uint8_t, x <= y)                                                              \
    BOTH2(min_##t, T, T, x < y ? x : y)                                                            \
    BOTH2(max_##t, T, T, x > y ? x : y)                                                            \
    SELECT(select_##t, 1, T)                                                                       \
    SELECT(select_##t, 16, T)

/* T: the type; U: an unsigned type of its width or more that is not promoted. */
#define INTEGERS(t, T, U)                                                                          \
    COMPARISONS(t, T)                                                                              \
    BOTH2(add_##t, T, T, (U)x + (U)y)                                                              \
    BOTH2(sub_##t, T, T, (U)x - (U)y)                                                              \
    BOTH2(mul_##t, T, T, (U)x * (U)y)                                                              \
    BOTH1(neg_##t, T, T, (U)0 - (U)x)                                                              \
    BOTH2(and_##t, T, T, x & y)                                                                    \
    BOTH2(or_##t, T, T, x | y)                                                                     \
    BOTH2(xor_##t, T, T, x ^ y)                                                                    \
    BOTH1(not_##t, T, T, ~x)                                                                       \
    BOTH2(shl_##t, T, T, (U)x << ((U)y & (8 * sizeof(T) - 1)))                                     \
    BOTH2(shr_##t, T, T, x >> ((U)y & (8 * sizeof(T) - 1)))
#define SIGNED(t, T, U)                                                                            \
    INTEGERS(t, T, U)                                                                              \
    BOTH2(div_##t, T, T, y == 0 ? (U)0 : y == -1 ? (U)0 - (U)x : (U)(x / y))                       \
    BOTH2(rem_##t, T, T, y == 0 || y == -1 ? 0 : x % y)                                            \
    BOTH1(abs_##t, T, T, x < 0 ? (U)0 - (U)x : (U)x)
#define UNSIGNED(t, T, U)                                                                          \
    INTEGERS(t, T, U)                                                                              \
    BOTH2(div_##t, T, T, y == 0 ? 0 : x / y)                                                       \
    BOTH2(rem_##t, T, T, y == 0 ? 0 : x % y)                                                       \
    BOTH1(abs_##t, T, T, x)
#define FLOATS(t, T, suffix)                                                                       \
    COMPARISONS(t, T)                                                                              \
    BOTH2(add_##t, T, T, x + y)                                                                    \
    BOTH2(sub_##t, T, T, x - y)                                                                    \
    BOTH2(mul_##t, T, T, x * y)                                                                    \
    BOTH2(div_##t, T, T, x / y)                                                                    \
    BOTH1(neg_##t, T, T, -x)                                                                       \
    BOTH1(abs_##t, T, T, fabs##suffix(x))                                                          \
    BOTH3(fma_##t, T, fma##suffix)                                                                 \
    BOTH1(sqrt_##t, T, T, sqrt##suffix(x))                                                         \
    BOTH1(floor_##t, T, T, floor##suffix(x))                                                       \
    BOTH1(rint_##t, T, T, rint##suffix(x))

SIGNED(I8, int8_t, unsigned)
SIGNED(I16, int16_t, unsigned)
SIGNED(I32, int32_t, uint32_t)
SIGNED(I64, int64_t, uint64_t)
UNSIGNED(U8, uint8_t, unsigned)
UNSIGNED(U16, uint16_t, unsigned)
UNSIGNED(U32, uint32_t, uint32_t)
UNSIGNED(U64, uint64_t, uint64_t)
FLOATS(F32, float, f)
FLOATS(F64, double, )
BOTH2(mulhi_I32, int32_t, int32_t, (uint32_t)((uint64_t)((int64_t)x * y) >> 32))
BOTH2(mulhi_U32, uint32_t, uint32_t, (uint64_t)x * y >> 32)
BOTH2(mulhi_I64, int64_t, int64_t, (uint64_t)((unsigned __int128)((__int128)x * y) >> 64))
BOTH2(mulhi_U64, uint64_t, uint64_t, (unsigned __int128)x * y >> 64)
BOTH1(not_BOOL, uint8_t, uint8_t, x ^ 1)

/* Of every 2*w lanes the lower or upper w of both; a step may write where it reads. */
#define TRADE(name, T, w, high)                                                                    \
    STEP(name##_16) {                                                                              \
        UNUSED_MACHINE;                                                                            \
        const T *a = AT(const T, s->a), *b = AT(const T, s->b);                                    \
        T out[ABI_LANES], *to = AT(T, s->to);                                                      \
        for (int i = 0; i < ABI_LANES; i++) out[i] = (i / (w) % 2 ? b : a)[i / (2 * (w)) * 2 * (w) + i % (w) + (high) * (w)]; \
        memcpy(to, out, sizeof out);                                                               \
        return s + 1;                                                                              \
    }
#define TRADES(w, bits, T)                                                                         \
    MAP2(trade_low_##w##_##bits, 1, T, T, ((void)y, x))                                            \
    MAP2(trade_high_##w##_##bits, 1, T, T, ((void)x, y))                                           \
    TRADE(trade_low_##w##_##bits, T, w, 0)                                                         \
    TRADE(trade_high_##w##_##bits, T, w, 1)
#define TRADES_OF_ALL(w) TRADES(w, 8, uint8_t) TRADES(w, 16, uint16_t) TRADES(w, 32, uint32_t) TRADES(w, 64, uint64_t)
TRADES_OF_ALL(1)
TRADES_OF_ALL(2)
TRADES_OF_ALL(4)
TRADES_OF_ALL(8)

#define PAIR(f) {f##_1, f##_16}
#define BY_SIZE(e8, e16, e32, e64)                                                                 \
    {[DT_BOOL] = e8, [DT_I8] = e8,   [DT_I16] = e16, [DT_I32] = e32, [DT_I64] = e64, [DT_U8] = e8, \
     [DT_U16] = e16, [DT_U32] = e32, [DT_U64] = e64, [DT_F32] = e32, [DT_F64] = e64, [DT_INDEX] = e64}
#define ONE_TRADE(op, f) [LO_##op] = BY_SIZE(PAIR(f##_8), PAIR(f##_16), PAIR(f##_32), PAIR(f##_64))
#define BOTH_TRADES(w) ONE_TRADE(TRADE_LOW_##w, trade_low_##w), ONE_TRADE(TRADE_HIGH_##w, trade_high_##w)
#define ALL_TYPES(op, name)                                                                        \
    [LO_##op] = {[DT_I8] = PAIR(name##_I8), [DT_I16] = PAIR(name##_I16),                           \
                 [DT_I32] = PAIR(name##_I32), [DT_I64] = PAIR(name##_I64),                         \
                 [DT_U8] = PAIR(name##_U8), [DT_U16] = PAIR(name##_U16),                           \
                 [DT_U32] = PAIR(name##_U32), [DT_U64] = PAIR(name##_U64),                         \
                 [DT_F32] = PAIR(name##_F32), [DT_F64] = PAIR(name##_F64),                         \
                 [DT_INDEX] = PAIR(name##_I64)}
#define ALL_AND_BOOL(op, name)                                                                     \
    [LO_##op] = {[DT_BOOL] = PAIR(name##_U8), [DT_I8] = PAIR(name##_I8),                           \
                 [DT_I16] = PAIR(name##_I16), [DT_I32] = PAIR(name##_I32),                         \
                 [DT_I64] = PAIR(name##_I64), [DT_U8] = PAIR(name##_U8),                           \
                 [DT_U16] = PAIR(name##_U16), [DT_U32] = PAIR(name##_U32),                         \
                 [DT_U64] = PAIR(name##_U64), [DT_F32] = PAIR(name##_F32),                         \
                 [DT_F64] = PAIR(name##_F64), [DT_INDEX] = PAIR(name##_I64)}
#define INTEGER_TYPES(op, name, bool_row)                                                          \
    [LO_##op] = {bool_row [DT_I8] = PAIR(name##_I8), [DT_I16] = PAIR(name##_I16),                  \
                 [DT_I32] = PAIR(name##_I32), [DT_I64] = PAIR(name##_I64),                         \
                 [DT_U8] = PAIR(name##_U8), [DT_U16] = PAIR(name##_U16),                           \
                 [DT_U32] = PAIR(name##_U32), [DT_U64] = PAIR(name##_U64),                         \
                 [DT_INDEX] = PAIR(name##_I64)}
#define FLOAT_TYPES(op, name) [LO_##op] = {[DT_F32] = PAIR(name##_F32), [DT_F64] = PAIR(name##_F64)}
#define COMMA ,
#define BOOL_AS(f) [DT_BOOL] = {f##_1 COMMA f##_16} COMMA

static StepFunction *const operation_steps[LO_COUNT][DT_COUNT][2] = {
    ALL_TYPES(ADD, add), ALL_TYPES(SUB, sub), ALL_TYPES(MUL, mul), ALL_TYPES(DIV, div),
    ALL_TYPES(NEG, neg), ALL_TYPES(ABS, abs),
    ALL_AND_BOOL(MIN, min), ALL_AND_BOOL(MAX, max), ALL_AND_BOOL(EQ, eq), ALL_AND_BOOL(NE, ne),
    ALL_AND_BOOL(LT, lt), ALL_AND_BOOL(LE, le), ALL_AND_BOOL(SELECT, select),
    INTEGER_TYPES(REM, rem, ), INTEGER_TYPES(SHL, shl, ), INTEGER_TYPES(SHR, shr, ),
    INTEGER_TYPES(AND, and, BOOL_AS(and_U8)), INTEGER_TYPES(OR, or, BOOL_AS(or_U8)),
    INTEGER_TYPES(XOR, xor, BOOL_AS(xor_U8)), INTEGER_TYPES(NOT, not, BOOL_AS(not_BOOL)),
    [LO_MULHI] = {[DT_I32] = PAIR(mulhi_I32), [DT_I64] = PAIR(mulhi_I64), [DT_U32] = PAIR(mulhi_U32),
                  [DT_U64] = PAIR(mulhi_U64), [DT_INDEX] = PAIR(mulhi_I64)},
    FLOAT_TYPES(FMA, fma), FLOAT_TYPES(SQRT, sqrt), FLOAT_TYPES(FLOOR, floor), FLOAT_TYPES(RINT, rint),
    BOTH_TRADES(1), BOTH_TRADES(2), BOTH_TRADES(4), BOTH_TRADES(8),
};

/* ---- conversions ------------------------------------------------------------------------------------- */

/* Floats to integers: toward zero, the nearest value of the type where there is none, 0 for NaN.  `high` is the least
 * power of two beyond the type; every f32 is an f64. */
#define SATURATING(T, low, high, least, most)                                                      \
    static inline T saturated_##T(double x) {                                                      \
        if (x != x) return 0;                                                                      \
        return x >= high ? most : x <= low ? least : (T)x;                                         \
    }
SATURATING(int8_t, -0x1p7, 0x1p7, INT8_MIN, INT8_MAX)
SATURATING(int16_t, -0x1p15, 0x1p15, INT16_MIN, INT16_MAX)
SATURATING(int32_t, -0x1p31, 0x1p31, INT32_MIN, INT32_MAX)
SATURATING(int64_t, -0x1p63, 0x1p63, INT64_MIN, INT64_MAX)
SATURATING(uint8_t, 0, 0x1p8, 0, UINT8_MAX)
SATURATING(uint16_t, 0, 0x1p16, 0, UINT16_MAX)
SATURATING(uint32_t, 0, 0x1p32, 0, UINT32_MAX)
SATURATING(uint64_t, 0, 0x1p64, 0, UINT64_MAX)

#define WRAPPED(T, x) ((T)(x))
#define SATURATED(T, x) saturated_##T((double)(x))
#define CONVERT(f, F, t, T, how) BOTH1(convert_##f##_##t, F, T, how(T, x))
#define CONVERT_FROM(f, F, to_integer)                                                             \
    CONVERT(f, F, I8, int8_t, to_integer)                                                          \
    CONVERT(f, F, I16, int16_t, to_integer)                                                        \
    CONVERT(f, F, I32, int32_t, to_integer)                                                        \
    CONVERT(f, F, I64, int64_t, to_integer)                                                        \
    CONVERT(f, F, U8, uint8_t, to_integer)                                                         \
    CONVERT(f, F, U16, uint16_t, to_integer)                                                       \
    CONVERT(f, F, U32, uint32_t, to_integer)                                                       \
    CONVERT(f, F, U64, uint64_t, to_integer)                                                       \
    CONVERT(f, F, F32, float, WRAPPED)                                                             \
    CONVERT(f, F, F64, double, WRAPPED)                                                            \
    BOTH1(convert_##f##_BOOL, F, uint8_t, x != 0)
CONVERT_FROM(I8, int8_t, WRAPPED)
CONVERT_FROM(I16, int16_t, WRAPPED)
CONVERT_FROM(I32, int32_t, WRAPPED)
CONVERT_FROM(I64, int64_t, WRAPPED)
CONVERT_FROM(U8, uint8_t, WRAPPED)
CONVERT_FROM(U16, uint16_t, WRAPPED)
CONVERT_FROM(U32, uint32_t, WRAPPED)
CONVERT_FROM(U64, uint64_t, WRAPPED)
CONVERT_FROM(F32, float, SATURATED)
CONVERT_FROM(F64, double, SATURATED)

#define CONVERT_ROW(d, f)                                                                          \
    [DT_##d] = {[DT_I8] = PAIR(convert_##f##_I8), [DT_I16] = PAIR(convert_##f##_I16),              \
                [DT_I32] = PAIR(convert_##f##_I32), [DT_I64] = PAIR(convert_##f##_I64),            \
                [DT_U8] = PAIR(convert_##f##_U8), [DT_U16] = PAIR(convert_##f##_U16),              \
                [DT_U32] = PAIR(convert_##f##_U32), [DT_U64] = PAIR(convert_##f##_U64),            \
                [DT_F32] = PAIR(convert_##f##_F32), [DT_F64] = PAIR(convert_##f##_F64),            \
                [DT_INDEX] = PAIR(convert_##f##_I64), [DT_BOOL] = PAIR(convert_##f##_BOOL)}
static StepFunction *const convert_steps[DT_COUNT][DT_COUNT][2] = {
    CONVERT_ROW(BOOL, U8), CONVERT_ROW(I8, I8),   CONVERT_ROW(I16, I16), CONVERT_ROW(I32, I32),
    CONVERT_ROW(I64, I64), CONVERT_ROW(U8, U8),   CONVERT_ROW(U16, U16), CONVERT_ROW(U32, U32),
    CONVERT_ROW(U64, U64), CONVERT_ROW(F32, F32), CONVERT_ROW(F64, F64), CONVERT_ROW(INDEX, I64),
};

/* ---- lanes ------------------------------------------------------------------------------------------- */

/* Lanes in use: 0 .. 16. */
static inline int64_t lanes_in_use(const char *f, uint32_t place) {
    if (!place) return ABI_LANES;
    int64_t count = *(const int64_t *)(const void *)(f + place);
    return count < 0 ? 0 : count > ABI_LANES ? ABI_LANES : count;
}

#define LANES(name, T, absent, e)                                                                  \
    STEP(name) {                                                                                   \
        UNUSED_MACHINE;                                                                            \
        T lane[ABI_LANES];                                                                         \
        memcpy(lane, f + s->a, sizeof lane);                                                       \
        for (int64_t i = lanes_in_use(f, s->b); i < ABI_LANES; i++) lane[i] = absent;              \
        for (int half = ABI_LANES / 2; half; half /= 2)                                            \
            for (int i = 0; i < half; i++) {                                                       \
                T x = lane[i], y = lane[i + half];                                                 \
                lane[i] = (T)(e);                                                                  \
            }                                                                                      \
        *AT(T, s->to) = lane[0];                                                                   \
        return s + 1;                                                                              \
    }
#define LANES_OF(t, T, U, zero, least, most)                                                       \
    LANES(lanes_sum_##t, T, zero, (U)x + (U)y)                                                     \
    LANES(lanes_min_##t, T, most, x < y ? x : y)                                                   \
    LANES(lanes_max_##t, T, least, x > y ? x : y)
LANES_OF(I8, int8_t, unsigned, 0, INT8_MIN, INT8_MAX)
LANES_OF(I16, int16_t, unsigned, 0, INT16_MIN, INT16_MAX)
LANES_OF(I32, int32_t, uint32_t, 0, INT32_MIN, INT32_MAX)
LANES_OF(I64, int64_t, uint64_t, 0, INT64_MIN, INT64_MAX)
LANES_OF(U8, uint8_t, unsigned, 0, 0, UINT8_MAX)
LANES_OF(U16, uint16_t, unsigned, 0, 0, UINT16_MAX)
LANES_OF(U32, uint32_t, uint32_t, 0, 0, UINT32_MAX)
LANES_OF(U64, uint64_t, uint64_t, 0, 0, UINT64_MAX)
LANES_OF(F32, float, float, -0.0f, -INFINITY, INFINITY)
LANES_OF(F64, double, double, -0.0, (double)-INFINITY, (double)INFINITY)
#define LANES_ROW(name)                                                                            \
    {[DT_I8] = name##_I8,   [DT_I16] = name##_I16, [DT_I32] = name##_I32, [DT_I64] = name##_I64,   \
     [DT_U8] = name##_U8,   [DT_U16] = name##_U16, [DT_U32] = name##_U32, [DT_U64] = name##_U64,   \
     [DT_F32] = name##_F32, [DT_F64] = name##_F64, [DT_INDEX] = name##_I64}
static StepFunction *const lanes_steps[3][DT_COUNT] = {LANES_ROW(lanes_sum), LANES_ROW(lanes_min),
                                                       LANES_ROW(lanes_max)};

#define MOVES(bits, T)                                                                             \
    BOTH1(copy_##bits, T, T, x)                                                                    \
    STEP(splat_##bits) {                                                                           \
        UNUSED_MACHINE;                                                                            \
        T x = *AT(T, s->a);                                                                        \
        T *to = AT(T, s->to);                                                                      \
        for (int i = 0; i < ABI_LANES; i++) to[i] = x;                                             \
        return s + 1;                                                                              \
    }                                                                                              \
    STEP(lane_get_##bits) {                                                                        \
        int64_t lane = *AT(int64_t, s->b);                                                         \
        if ((uint64_t)lane >= ABI_LANES) loop_eval_bad_lane(m, lane);                              \
        *AT(T, s->to) = AT(T, s->a)[lane];                                                         \
        return s + 1;                                                                              \
    }
MOVES(8, uint8_t)
MOVES(16, uint16_t)
MOVES(32, uint32_t)
MOVES(64, uint64_t)
static StepFunction *const splat_steps[DT_COUNT] = BY_SIZE(splat_8, splat_16, splat_32, splat_64);
static StepFunction *const lane_get_steps[DT_COUNT] = BY_SIZE(lane_get_8, lane_get_16, lane_get_32, lane_get_64);
static StepFunction *const copy_steps[DT_COUNT][2] =
    BY_SIZE(PAIR(copy_8), PAIR(copy_16), PAIR(copy_32), PAIR(copy_64));

/* ---- memory ------------------------------------------------------------------------------------------ */

static inline float float_of_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint32_t bits_of_float(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float widen_bf16(uint16_t h) { return float_of_bits((uint32_t)h << 16); }

static inline float widen_f16(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, size = h & 0x7fff;
    if (size >= 0x7c00) return float_of_bits(sign | 0x7f800000 | size << 13);
    if (size >= 0x0400) return float_of_bits(sign | ((size << 13) + (112u << 23)));
    float x = (float)size * 0x1p-24f; /* subnormal: size units of the last place */
    return sign ? -x : x;
}

/* To nearest, ties to even: half of the last place that stays, less one unless that place is odd, is added before
 * the bits below it are cut off. */
static inline uint16_t narrow_bf16(float x) {
    uint32_t u = bits_of_float(x);
    if (x != x) return (uint16_t)((u >> 16) | 0x0040);
    return (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

static inline uint16_t narrow_f16(float x) {
    uint32_t u = bits_of_float(x), sign = u >> 16 & 0x8000, size = u & 0x7fffffff;
    if (x != x) return (uint16_t)(sign | 0x7e00);
    if (size >= 0x47800000) return (uint16_t)(sign | 0x7c00); /* 65536 and more */
    if (size < 0x38800000) /* below 2^-14: a whole number of 2^-24; adding 1.5 * 2^23 of them rounds */
        return (uint16_t)(sign | (bits_of_float(float_of_bits(size) * 0x1p24f + 0x1.8p23f) - 0x4b400000));
    uint32_t rebased = size - (112u << 23);
    return (uint16_t)(sign | ((rebased + 0xfff + (rebased >> 13 & 1)) >> 13));
}

/* The first element; all subscripts in range and `lanes` elements there up to `readable` or the extent. */
static inline char *located(const Access *access, const char *f, Machine *m, int64_t lanes, int is_write) {
    const MachineBuffer *b = &m->buffers[access->buffer];
    int64_t offset = 0, at = 0;
    for (int i = 0; i < access->rank; i++) {
        at = *(const int64_t *)(const void *)(f + access->at[i]);
        if ((uint64_t)at >= (uint64_t)b->extent[i]) loop_eval_out_of_bounds(m, access, f, lanes);
        offset += at * b->stride[i];
    }
    if (lanes > 1 && at + lanes > (is_write ? b->extent[access->rank - 1] : b->readable))
        loop_eval_out_of_bounds(m, access, f, lanes);
    char *place = b->data + offset * b->bytes;
    if (m->log) race_touch(m, access->buffer, place, lanes, is_write);
    return place;
}

/* The elements of a gather: the last subscript is wide. */
#define GATHER(name, S, T, I, e)                                                                   \
    STEP(name) {                                                                                   \
        const Access *access = s->access;                                                          \
        const MachineBuffer *b = &m->buffers[access->buffer];                                      \
        int64_t lanes = lanes_in_use(f, access->count), offset = 0;                                \
        int last = access->rank - 1;                                                               \
        T *to = AT(T, s->to);                                                                      \
        for (int i = 0; i < last && lanes; i++) {                                                  \
            int64_t at = *AT(int64_t, access->at[i]);                                              \
            if ((uint64_t)at >= (uint64_t)b->extent[i]) loop_eval_out_of_bounds(m, access, f, 1);  \
            offset += at * b->stride[i];                                                           \
        }                                                                                          \
        for (int i = 0; i < ABI_LANES; i++) {                                                      \
            S x = 0;                                                                               \
            if (i < lanes) {                                                                       \
                int64_t at = AT(I, access->at[last])[i];                                           \
                if ((uint64_t)at >= (uint64_t)b->extent[last]) loop_eval_out_of_bounds(m, access, f, 1); \
                const char *place = b->data + (offset + at) * (int64_t)sizeof(S);                  \
                if (m->log) race_touch(m, access->buffer, place, 1, 0);                            \
                memcpy(&x, place, sizeof x);                                                       \
            }                                                                                      \
            to[i] = (T)(e);                                                                        \
        }                                                                                          \
        return s + 1;                                                                              \
    }
#define ACCESSES(t, S, T, loaded, stored)                                                          \
    STEP(load_##t##_1) {                                                                           \
        S x;                                                                                       \
        memcpy(&x, located(s->access, f, m, 1, 0), sizeof x);                                      \
        *AT(T, s->to) = (T)(loaded);                                                               \
        return s + 1;                                                                              \
    }                                                                                              \
    STEP(load_splat_##t) {                                                                         \
        S x;                                                                                       \
        memcpy(&x, located(s->access, f, m, 1, 0), sizeof x);                                      \
        T y = (T)(loaded);                                                                         \
        T *to = AT(T, s->to);                                                                      \
        for (int i = 0; i < ABI_LANES; i++) to[i] = y;                                             \
        return s + 1;                                                                              \
    }                                                                                              \
    STEP(load_##t##_16) {                                                                          \
        S in[ABI_LANES];                                                                           \
        int64_t lanes = lanes_in_use(f, s->access->count);                                         \
        if (lanes == ABI_LANES) {                                                                  \
            memcpy(in, located(s->access, f, m, lanes, 0), sizeof in);                             \
        } else {                                                                                   \
            memset(in, 0, sizeof in);                                                              \
            if (lanes) memcpy(in, located(s->access, f, m, lanes, 0), (size_t)lanes * sizeof *in); \
        }                                                                                          \
        T *to = AT(T, s->to);                                                             \
        for (int i = 0; i < ABI_LANES; i++) {                                                      \
            S x = in[i];                                                                           \
            to[i] = (T)(loaded);                                                                   \
        }                                                                                          \
        return s + 1;                                                                              \
    }                                                                                              \
    STEP(store_##t##_1) {                                                                          \
        T x = *AT(T, s->a);                                                                        \
        S out = (S)(stored);                                                                       \
        memcpy(located(s->access, f, m, 1, 1), &out, sizeof out);                                  \
        return s + 1;                                                                              \
    }                                                                                              \
    STEP(store_##t##_16) {                                                                         \
        S out[ABI_LANES];                                                                          \
        int64_t lanes = lanes_in_use(f, s->access->count);                                         \
        const T *a = AT(T, s->a);                                                                  \
        for (int i = 0; i < ABI_LANES; i++) {                                                      \
            T x = a[i];                                                                            \
            out[i] = (S)(stored);                                                                  \
        }                                                                                          \
        if (lanes) memcpy(located(s->access, f, m, lanes, 1), out, (size_t)lanes * sizeof *out);   \
        return s + 1;                                                                              \
    }                                                                                              \
    GATHER(gather_##t##_i32, S, T, int32_t, loaded)                                                \
    GATHER(gather_##t##_index, S, T, int64_t, loaded)
ACCESSES(bool, uint8_t, uint8_t, x != 0, x)
ACCESSES(8, uint8_t, uint8_t, x, x)
ACCESSES(16, uint16_t, uint16_t, x, x)
ACCESSES(32, uint32_t, uint32_t, x, x)
ACCESSES(64, uint64_t, uint64_t, x, x)
ACCESSES(f16, uint16_t, float, widen_f16(x), narrow_f16(x))
ACCESSES(bf16, uint16_t, float, widen_bf16(x), narrow_bf16(x))

#define BY_STORAGE(eb, e8, e16, e32, e64, ef, ebf)                                                 \
    {[DT_BOOL] = eb,  [DT_I8] = e8,   [DT_I16] = e16, [DT_I32] = e32, [DT_I64] = e64,              \
     [DT_U8] = e8,    [DT_U16] = e16, [DT_U32] = e32, [DT_U64] = e64, [DT_F16] = ef,               \
     [DT_BF16] = ebf, [DT_F32] = e32, [DT_F64] = e64}
#define GATHERS(t) {gather_##t##_i32, gather_##t##_index}
static StepFunction *const load_steps[DT_COUNT][2] =
    BY_STORAGE(PAIR(load_bool), PAIR(load_8), PAIR(load_16), PAIR(load_32), PAIR(load_64), PAIR(load_f16),
               PAIR(load_bf16));
static StepFunction *const load_splat_steps[DT_COUNT] =
    BY_STORAGE(load_splat_bool, load_splat_8, load_splat_16, load_splat_32, load_splat_64, load_splat_f16,
               load_splat_bf16);
static StepFunction *const store_steps[DT_COUNT][2] =
    BY_STORAGE(PAIR(store_bool), PAIR(store_8), PAIR(store_16), PAIR(store_32), PAIR(store_64), PAIR(store_f16),
               PAIR(store_bf16));
static StepFunction *const gather_steps[DT_COUNT][2] =
    BY_STORAGE(GATHERS(bool), GATHERS(8), GATHERS(16), GATHERS(32), GATHERS(64), GATHERS(f16), GATHERS(bf16));

const StepTable STEP_TABLE = {
    operation_steps, convert_steps, lanes_steps, load_steps, load_splat_steps, gather_steps, store_steps,
    splat_steps, lane_get_steps, copy_steps,
};
