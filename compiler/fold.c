/* Constant folding: the meaning of the functions for single elements, as docs/numerics.md states it.
 *
 * Floats are computed in their own type, with one rounding; integers in 64 bits, wrapped to their width. */
#include "compiler/fold.h"

#include <math.h>
#include <string.h>

/* ---- elements in and out ----------------------------------------------------------------------------- */

static int64_t read_integer(DType t, const void *p) {
    switch (t) {
    case DT_BOOL: case DT_U8: return *(const uint8_t *)p;
    case DT_I8: return *(const int8_t *)p;
    case DT_I16: return *(const int16_t *)p;
    case DT_I32: return *(const int32_t *)p;
    case DT_U16: return *(const uint16_t *)p;
    case DT_U32: return *(const uint32_t *)p;
    case DT_I64: case DT_U64: return *(const int64_t *)p; /* u64: the bits */
    case DT_F16: case DT_BF16: case DT_F32: case DT_F64: case DT_INDEX: case DT_COUNT: break;
    }
    ICE("an integer constant of dtype %s", dtype_name(t));
}

static void write_integer(DType t, int64_t value, void *p) {
    uint64_t bits = (uint64_t)value;
    uint32_t half = (uint32_t)bits;
    uint16_t quarter = (uint16_t)bits;
    uint8_t byte = (uint8_t)bits;
    switch (dtype_bytes(t)) {
    case 1: memcpy(p, &byte, 1); return;
    case 2: memcpy(p, &quarter, 2); return;
    case 4: memcpy(p, &half, 4); return;
    default: memcpy(p, &bits, 8); return;
    }
}

/* ---- integers ---------------------------------------------------------------------------------------- */

static int64_t divide(DType t, int64_t a, int64_t b) {
    if (b == 0) return 0;
    if (t == DT_U64) return (int64_t)((uint64_t)a / (uint64_t)b);
    return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}

static int is_less(DType t, int64_t a, int64_t b) { return t == DT_U64 ? (uint64_t)a < (uint64_t)b : a < b; }

static int64_t floor_divide(DType t, int64_t a, int64_t b) {
    int64_t quotient = divide(t, a, b);
    if (b == 0 || t == DT_U64 || b == -1) return quotient;
    return quotient * b != a && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

static int64_t shift_right(DType t, int64_t a, int count) {
    return dtype_is_unsigned(t) ? (int64_t)((uint64_t)a >> count) : a >> count;
}

static int fold_integer(ScalarKind f, DType t, const int64_t *v, void *out) {
    uint64_t a = (uint64_t)v[0], b = (uint64_t)v[1];
    int bits = dtype_bytes(t) * 8;
    int64_t y;
    if (f == SC_ADD) y = (int64_t)(a + b);
    else if (f == SC_SUB) y = (int64_t)(a - b);
    else if (f == SC_MUL) y = (int64_t)(a * b);
    else if (f == SC_DIV) y = divide(t, v[0], v[1]);
    else if (f == SC_NEG) y = (int64_t)(0 - a);
    else if (f == SC_ABS) y = is_less(t, v[0], 0) ? (int64_t)(0 - a) : v[0];
    else if (f == SC_SIGN) y = v[0] == 0 ? 0 : is_less(t, v[0], 0) ? -1 : 1;
    else if (f == SC_MIN) y = is_less(t, v[0], v[1]) ? v[0] : v[1];
    else if (f == SC_MAX) y = is_less(t, v[1], v[0]) ? v[0] : v[1];
    else if (f == SC_FLOORDIV) y = floor_divide(t, v[0], v[1]);
    else if (f == SC_MOD) y = v[1] == 0 ? 0 : (int64_t)(a - b * (uint64_t)floor_divide(t, v[0], v[1]));
    else if (f == SC_AND) y = (int64_t)(a & b);
    else if (f == SC_OR) y = (int64_t)(a | b);
    else if (f == SC_XOR) y = (int64_t)(a ^ b);
    else if (f == SC_NOT) y = t == DT_BOOL ? !a : (int64_t)~a;
    else if (f == SC_SHL) y = (int64_t)(a << (b & (uint64_t)(bits - 1)));
    else if (f == SC_SHR) y = shift_right(t, v[0], (int)(b & (uint64_t)(bits - 1)));
    else return 0;
    write_integer(t, y, out);
    return 1;
}

/* ---- floats ------------------------------------------------------------------------------------------ */

#define FLOAT_FOLD(T, name, FMA, SQRT, FLOOR, RINT, ABS, SIGNED)                                   \
    static int name(ScalarKind f, const T *v, int fma_rounds_once, T *y) {                         \
        T a = v[0], b = v[1];                                                                      \
        if (f == SC_ADD) *y = a + b;                                                               \
        else if (f == SC_SUB) *y = a - b;                                                          \
        else if (f == SC_MUL) *y = a * b;                                                          \
        else if (f == SC_DIV) *y = a / b;                                                          \
        else if (f == SC_FMA) *y = fma_rounds_once ? FMA(a, b, v[2]) : (T)(a * b) + v[2];          \
        else if (f == SC_NEG) *y = -a;                                                             \
        else if (f == SC_ABS) *y = ABS(a);                                                         \
        else if (f == SC_SIGN) *y = a == 0 || a != a ? a : SIGNED((T)1, a);                        \
        else if (f == SC_SQRT) *y = SQRT(a);                                                       \
        else if (f == SC_FLOOR) *y = FLOOR(a);                                                     \
        else if (f == SC_RINT) *y = RINT(a);                                                       \
        else if (f == SC_MIN) *y = a < b ? a : b;                                                  \
        else if (f == SC_MAX) *y = a > b ? a : b;                                                  \
        else if (f == SC_FLOORDIV) *y = FLOOR(a / b);                                              \
        else return 0;                                                                             \
        return 1;                                                                                  \
    }
FLOAT_FOLD(float, fold_f32, fmaf, sqrtf, floorf, rintf, fabsf, copysignf)
FLOAT_FOLD(double, fold_f64, fma, sqrt, floor, rint, fabs, copysign)

/* ---- comparisons ------------------------------------------------------------------------------------- */

/* -1, 0, 1, or 2 where one is NaN. */
static int order(DType t, const void *const *in) {
    if (t == DT_F32 || t == DT_F64) {
        double a = t == DT_F32 ? (double)*(const float *)in[0] : *(const double *)in[0];
        double b = t == DT_F32 ? (double)*(const float *)in[1] : *(const double *)in[1];
        return a < b ? -1 : a > b ? 1 : a == b ? 0 : 2;
    }
    int64_t a = read_integer(t, in[0]), b = read_integer(t, in[1]);
    return is_less(t, a, b) ? -1 : is_less(t, b, a) ? 1 : 0;
}

static int fold_compare(ScalarKind f, DType t, const void *const *in, void *out) {
    int o = order(t, in), y;
    if (f == SC_EQ) y = o == 0;
    else if (f == SC_NE) y = o != 0;
    else if (f == SC_LT) y = o == -1;
    else if (f == SC_LE) y = o == -1 || o == 0;
    else if (f == SC_GT) y = o == 1;
    else y = o == 1 || o == 0;
    *(uint8_t *)out = (uint8_t)y;
    return 1;
}

int fold_map(ScalarKind f, DType dtype, const void *const *in, int fma_rounds_once, void *out) {
    int operands = scalar_operands(f);
    if (scalar_info[f].types == types_compare) return fold_compare(f, dtype, in, out);
    if (f == SC_SELECT) return 0; /* a constant condition chooses without knowing the values */
    if (dtype == DT_F32) {
        float v[3] = {0};
        for (int i = 0; i < operands; i++) v[i] = *(const float *)in[i];
        return fold_f32(f, v, fma_rounds_once, out);
    }
    if (dtype == DT_F64) {
        double v[3] = {0};
        for (int i = 0; i < operands; i++) v[i] = *(const double *)in[i];
        return fold_f64(f, v, fma_rounds_once, out);
    }
    int64_t v[3] = {0};
    for (int i = 0; i < operands; i++) v[i] = read_integer(dtype, in[i]);
    return fold_integer(f, dtype, v, out);
}

/* ---- conversions ------------------------------------------------------------------------------------- */

static int64_t saturate(DType t, double value) {
    int bits = dtype_bytes(t) * 8;
    if (value != value) return 0;
    if (dtype_is_unsigned(t)) {
        if (value <= 0) return 0;
        if (value >= ldexp(1, bits)) return bits == 64 ? -1 : (int64_t)((1ull << bits) - 1);
        return (int64_t)(uint64_t)value;
    }
    if (value < -ldexp(1, bits - 1)) return (int64_t)(0 - (1ull << (bits - 1)));
    if (value >= ldexp(1, bits - 1)) return (int64_t)((1ull << (bits - 1)) - 1);
    return (int64_t)value;
}

static double number_of(DType t, const void *in) {
    if (t == DT_F32) return (double)*(const float *)in;
    if (t == DT_F64) return *(const double *)in;
    return t == DT_U64 ? (double)*(const uint64_t *)in : (double)read_integer(t, in);
}

/* Is the value of `from`, as read_integer gives it, one of `to`? */
static int fits(DType from, int64_t value, DType to) {
    int bits = dtype_bytes(to) * 8;
    if (from == DT_U64 && value < 0) return to == DT_U64; /* above every i64 */
    if (dtype_is_unsigned(to)) return value >= 0 && (bits == 64 || value < (int64_t)(1ull << bits));
    int64_t most = (int64_t)((1ull << (bits - 1)) - 1);
    return value <= most && value >= -most - 1;
}

int fold_convert(DType from, const void *in, DType to, void *out) {
    if (from == DT_F16 || from == DT_BF16 || to == DT_F16 || to == DT_BF16) return 0;
    int is_float = from == DT_F32 || from == DT_F64;
    if (to == DT_BOOL) {
        *(uint8_t *)out = is_float ? number_of(from, in) != 0 : read_integer(from, in) != 0;
    } else if (to == DT_F64) {
        *(double *)out = number_of(from, in);
    } else if (to == DT_F32) {
        if (is_float) *(float *)out = (float)number_of(from, in);
        else if (from == DT_U64) *(float *)out = (float)*(const uint64_t *)in;
        else *(float *)out = (float)read_integer(from, in);
    } else if (is_float) {
        write_integer(to, saturate(to, number_of(from, in)), out);
    } else {
        if (!fits(from, read_integer(from, in), to)) return 0;
        write_integer(to, read_integer(from, in), out);
    }
    return 1;
}
