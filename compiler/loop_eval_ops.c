/* One C function per operation and type.  Integers wrap (computed in the unsigned type), shifts take the count
 * modulo the width, division by zero gives zero; floats are plain C expressions, which round once because the
 * build forbids contraction.  fma has a second version for x86 with the instruction, since libm's is a call per
 * lane; both give the same bits. */
#include "compiler/loop_eval_ops.h"

#include <math.h>
#include <string.h>

__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 UnsignedWide;

/* ---- elementwise --------------------------------------------------------------------------------------- */

/* The function `name` over `lanes` lanes; x, y, z are the lanes of the operands. */
#define FUNCTION(name, lanes, T, member, out_member, U, expression)                                            \
    static void name(Register *out, const Register *a, const Register *b, const Register *c) {                 \
        (void)b, (void)c;                                                                                      \
        for (int l = 0; l < lanes; l++) {                                                                      \
            T x = a->member[l], y = b->member[l], z = c->member[l];                                            \
            (void)x, (void)y, (void)z;                                                                         \
            out->out_member[l] = (U)(expression);                                                              \
        }                                                                                                      \
    }
#define BOTH(op, T, member, out_member, U, expression)                                                         \
    FUNCTION(op##_##member##_1, 1, T, member, out_member, U, expression)                                       \
    FUNCTION(op##_##member##_16, ABI_LANES, T, member, out_member, U, expression)

#define SELECT_OF(T, member)                                                                                   \
    static void SELECT_##member##_1(Register *out, const Register *a, const Register *b, const Register *c) {  \
        out->member[0] = a->boolean[0] ? b->member[0] : c->member[0];                                          \
    }                                                                                                          \
    static void SELECT_##member##_16(Register *out, const Register *a, const Register *b, const Register *c) { \
        Register r;                                                                                            \
        for (int l = 0; l < ABI_LANES; l++) r.member[l] = a->boolean[l] ? b->member[l] : c->member[l];         \
        *out = r;                                                                                              \
    }

#define COMPARE(T, member)                                                                                     \
    BOTH(EQ, T, member, boolean, uint8_t, x == y)                                                              \
    BOTH(NE, T, member, boolean, uint8_t, x != y)                                                              \
    BOTH(LT, T, member, boolean, uint8_t, x < y)                                                               \
    BOTH(LE, T, member, boolean, uint8_t, x <= y)

#define INTEGER(T, U, W, bits, member)                                                                         \
    BOTH(ADD, T, member, member, T, (U)x + (U)y)                                                               \
    BOTH(SUB, T, member, member, T, (U)x - (U)y)                                                               \
    BOTH(MUL, T, member, member, T, (uint64_t)(U)x * (uint64_t)(U)y)                                           \
    BOTH(AND, T, member, member, T, (U)x & (U)y)                                                               \
    BOTH(OR, T, member, member, T, (U)x | (U)y)                                                                \
    BOTH(XOR, T, member, member, T, (U)x ^ (U)y)                                                               \
    BOTH(NOT, T, member, member, T, ~(U)x)                                                                     \
    BOTH(SHL, T, member, member, T, (uint64_t)(U)x << ((U)y & (bits - 1)))                                     \
    BOTH(SHR, T, member, member, T, x >> ((U)y & (bits - 1)))                                                  \
    BOTH(MULHI, T, member, member, T, ((W)x * (W)y) >> bits)                                                   \
    BOTH(MIN, T, member, member, T, x < y ? x : y)                                                             \
    BOTH(MAX, T, member, member, T, x > y ? x : y)                                                             \
    COMPARE(T, member)                                                                                         \
    SELECT_OF(T, member)

#define SIGNED(T, U, W, bits, member)                                                                          \
    INTEGER(T, U, W, bits, member)                                                                             \
    BOTH(DIV, T, member, member, T, y == 0 ? 0 : y == -1 ? (T)((U)0 - (U)x) : x / y)                           \
    BOTH(REM, T, member, member, T, y == 0 || y == -1 ? 0 : x % y)                                             \
    BOTH(NEG, T, member, member, T, (U)0 - (U)x)                                                               \
    BOTH(ABS, T, member, member, T, x < 0 ? (U)0 - (U)x : (U)x)

#define UNSIGNED(T, W, bits, member)                                                                           \
    INTEGER(T, T, W, bits, member)                                                                             \
    BOTH(DIV, T, member, member, T, y == 0 ? 0 : x / y)                                                        \
    BOTH(REM, T, member, member, T, y == 0 ? 0 : x % y)                                                        \
    BOTH(NEG, T, member, member, T, (T)0 - x)                                                                  \
    BOTH(ABS, T, member, member, T, x)

#define FLOAT(T, member, suffix)                                                                               \
    BOTH(ADD, T, member, member, T, x + y)                                                                     \
    BOTH(SUB, T, member, member, T, x - y)                                                                     \
    BOTH(MUL, T, member, member, T, x *y)                                                                      \
    BOTH(DIV, T, member, member, T, x / y)                                                                     \
    BOTH(NEG, T, member, member, T, -x)                                                                        \
    BOTH(ABS, T, member, member, T, fabs##suffix(x))                                                           \
    BOTH(FMA, T, member, member, T, fma##suffix(x, y, z))                                                      \
    BOTH(SQRT, T, member, member, T, sqrt##suffix(x))                                                          \
    BOTH(MIN, T, member, member, T, x < y ? x : y)                                                             \
    BOTH(MAX, T, member, member, T, x > y ? x : y)                                                             \
    BOTH(FLOOR, T, member, member, T, floor##suffix(x))                                                        \
    BOTH(RINT, T, member, member, T, rint##suffix(x))                                                          \
    COMPARE(T, member)                                                                                         \
    SELECT_OF(T, member)

SIGNED(int8_t, uint8_t, int32_t, 8, i8)
SIGNED(int16_t, uint16_t, int32_t, 16, i16)
SIGNED(int32_t, uint32_t, int64_t, 32, i32)
SIGNED(int64_t, uint64_t, Wide, 64, i64)
UNSIGNED(uint8_t, uint32_t, 8, u8)
UNSIGNED(uint16_t, uint32_t, 16, u16)
UNSIGNED(uint32_t, uint64_t, 32, u32)
UNSIGNED(uint64_t, UnsignedWide, 64, u64)
FLOAT(float, f32, f)
FLOAT(double, f64, )
BOTH(AND, uint8_t, boolean, boolean, uint8_t, x & y)
BOTH(OR, uint8_t, boolean, boolean, uint8_t, x | y)
BOTH(XOR, uint8_t, boolean, boolean, uint8_t, x ^ y)
BOTH(NOT, uint8_t, boolean, boolean, uint8_t, !x)
COMPARE(uint8_t, boolean)
SELECT_OF(uint8_t, boolean)

#if defined(__x86_64__)
#define WITH_FMA __attribute__((target("avx2,fma")))
#define FMA_INSTRUCTION(name, lanes, member, builtin)                                                          \
    WITH_FMA static void name(Register *out, const Register *a, const Register *b, const Register *c) {        \
        for (int l = 0; l < lanes; l++) out->member[l] = builtin(a->member[l], b->member[l], c->member[l]);    \
    }
FMA_INSTRUCTION(fma_instruction_f32_1, 1, f32, __builtin_fmaf)
FMA_INSTRUCTION(fma_instruction_f32_16, ABI_LANES, f32, __builtin_fmaf)
FMA_INSTRUCTION(fma_instruction_f64_1, 1, f64, __builtin_fma)
FMA_INSTRUCTION(fma_instruction_f64_16, ABI_LANES, f64, __builtin_fma)

static EvalFunction *fma_function(DType type, int is_wide) {
    if (!__builtin_cpu_supports("fma") || !__builtin_cpu_supports("avx2")) return NULL;
    if (type == DT_F32) return is_wide ? fma_instruction_f32_16 : fma_instruction_f32_1;
    return is_wide ? fma_instruction_f64_16 : fma_instruction_f64_1;
}
#else
static EvalFunction *fma_function(DType type, int is_wide) {
    (void)type, (void)is_wide;
    return NULL;
}
#endif

/* ---- the table ------------------------------------------------------------------------------------------ */

#define ROW(op, type, member) [LO_##op][type] = {op##_##member##_1, op##_##member##_16}
#define COMPARE_ROWS(type, member)                                                                             \
    ROW(EQ, type, member), ROW(NE, type, member), ROW(LT, type, member), ROW(LE, type, member),                \
        ROW(SELECT, type, member)
#define INTEGER_ROWS(type, member)                                                                             \
    ROW(ADD, type, member), ROW(SUB, type, member), ROW(MUL, type, member), ROW(DIV, type, member),            \
        ROW(REM, type, member), ROW(NEG, type, member), ROW(ABS, type, member), ROW(AND, type, member),        \
        ROW(OR, type, member), ROW(XOR, type, member), ROW(NOT, type, member), ROW(SHL, type, member),         \
        ROW(SHR, type, member), ROW(MULHI, type, member), ROW(MIN, type, member), ROW(MAX, type, member),      \
        COMPARE_ROWS(type, member)
#define FLOAT_ROWS(type, member)                                                                               \
    ROW(ADD, type, member), ROW(SUB, type, member), ROW(MUL, type, member), ROW(DIV, type, member),            \
        ROW(NEG, type, member), ROW(ABS, type, member), ROW(FMA, type, member), ROW(SQRT, type, member),       \
        ROW(MIN, type, member), ROW(MAX, type, member), ROW(FLOOR, type, member), ROW(RINT, type, member),     \
        COMPARE_ROWS(type, member)

static EvalFunction *const functions[LO_COUNT][DT_COUNT][2] = {
    INTEGER_ROWS(DT_I8, i8), INTEGER_ROWS(DT_I16, i16), INTEGER_ROWS(DT_I32, i32), INTEGER_ROWS(DT_I64, i64),
    INTEGER_ROWS(DT_INDEX, i64), INTEGER_ROWS(DT_U8, u8), INTEGER_ROWS(DT_U16, u16), INTEGER_ROWS(DT_U32, u32),
    INTEGER_ROWS(DT_U64, u64), FLOAT_ROWS(DT_F32, f32), FLOAT_ROWS(DT_F64, f64),
    ROW(AND, DT_BOOL, boolean), ROW(OR, DT_BOOL, boolean), ROW(XOR, DT_BOOL, boolean), ROW(NOT, DT_BOOL, boolean),
    COMPARE_ROWS(DT_BOOL, boolean),
};

EvalFunction *eval_function(LoopOp op, DType operand, int is_wide) {
    EvalFunction *fast = op == LO_FMA ? fma_function(operand, is_wide) : NULL;
    return fast ? fast : functions[op][operand][is_wide];
}

/* ---- conversion ------------------------------------------------------------------------------------------ */

/* To the nearest representable: NaN is 0, what lies outside is the nearest end.  high is the first value above the
 * type, a power of two and so exact in every float type. */
#define SATURATE(T, x, low, high, least, largest)                                                              \
    ((x) != (x) ? (T)0 : (x) <= (low) ? (least) : (x) >= (high) ? (largest) : (T)(x))

#define TO_INTEGER(T, member, low, high, least, largest)                                                       \
    for (int l = 0; l < lanes; l++) switch (from) {                                                            \
        case DT_BOOL: r.member[l] = (T)in->boolean[l]; break;                                                  \
        case DT_I8: r.member[l] = (T)in->i8[l]; break;                                                         \
        case DT_I16: r.member[l] = (T)in->i16[l]; break;                                                       \
        case DT_I32: r.member[l] = (T)in->i32[l]; break;                                                       \
        case DT_I64: case DT_INDEX: r.member[l] = (T)in->i64[l]; break;                                        \
        case DT_U8: r.member[l] = (T)in->u8[l]; break;                                                         \
        case DT_U16: r.member[l] = (T)in->u16[l]; break;                                                       \
        case DT_U32: r.member[l] = (T)in->u32[l]; break;                                                       \
        case DT_U64: r.member[l] = (T)in->u64[l]; break;                                                       \
        case DT_F32: r.member[l] = SATURATE(T, (double)in->f32[l], low, high, least, largest); break;          \
        case DT_F64: r.member[l] = SATURATE(T, in->f64[l], low, high, least, largest); break;                  \
        case DT_F16: case DT_BF16: case DT_COUNT: ICE("convert from %s", dtype_name(from));                    \
        }                                                                                                      \
    break

#define TO_PLAIN(member, T, is_bool)                                                                           \
    for (int l = 0; l < lanes; l++) switch (from) {                                                            \
        case DT_BOOL: r.member[l] = (T)in->boolean[l]; break;                                                  \
        case DT_I8: r.member[l] = is_bool ? in->i8[l] != 0 : (T)in->i8[l]; break;                              \
        case DT_I16: r.member[l] = is_bool ? in->i16[l] != 0 : (T)in->i16[l]; break;                           \
        case DT_I32: r.member[l] = is_bool ? in->i32[l] != 0 : (T)in->i32[l]; break;                           \
        case DT_I64: case DT_INDEX: r.member[l] = is_bool ? in->i64[l] != 0 : (T)in->i64[l]; break;            \
        case DT_U8: r.member[l] = is_bool ? in->u8[l] != 0 : (T)in->u8[l]; break;                              \
        case DT_U16: r.member[l] = is_bool ? in->u16[l] != 0 : (T)in->u16[l]; break;                           \
        case DT_U32: r.member[l] = is_bool ? in->u32[l] != 0 : (T)in->u32[l]; break;                           \
        case DT_U64: r.member[l] = is_bool ? in->u64[l] != 0 : (T)in->u64[l]; break;                           \
        case DT_F32: r.member[l] = is_bool ? in->f32[l] != 0 : (T)in->f32[l]; break;                           \
        case DT_F64: r.member[l] = is_bool ? in->f64[l] != 0 : (T)in->f64[l]; break;                           \
        case DT_F16: case DT_BF16: case DT_COUNT: ICE("convert from %s", dtype_name(from));                    \
        }                                                                                                      \
    break

void eval_convert(Register *out, DType to, const Register *in, DType from, int lanes) {
    Register r = {0};
    switch (to) {
    case DT_BOOL: TO_PLAIN(boolean, uint8_t, 1);
    case DT_I8: TO_INTEGER(int8_t, i8, -0x1p7, 0x1p7, INT8_MIN, INT8_MAX);
    case DT_I16: TO_INTEGER(int16_t, i16, -0x1p15, 0x1p15, INT16_MIN, INT16_MAX);
    case DT_I32: TO_INTEGER(int32_t, i32, -0x1p31, 0x1p31, INT32_MIN, INT32_MAX);
    case DT_I64: case DT_INDEX: TO_INTEGER(int64_t, i64, -0x1p63, 0x1p63, INT64_MIN, INT64_MAX);
    case DT_U8: TO_INTEGER(uint8_t, u8, 0, 0x1p8, 0, UINT8_MAX);
    case DT_U16: TO_INTEGER(uint16_t, u16, 0, 0x1p16, 0, UINT16_MAX);
    case DT_U32: TO_INTEGER(uint32_t, u32, 0, 0x1p32, 0, UINT32_MAX);
    case DT_U64: TO_INTEGER(uint64_t, u64, 0, 0x1p64, 0, UINT64_MAX);
    case DT_F32: TO_PLAIN(f32, float, 0);
    case DT_F64: TO_PLAIN(f64, double, 0);
    case DT_F16: case DT_BF16: case DT_COUNT: ICE("convert to %s", dtype_name(to));
    }
    *out = r;
}

/* ---- across lanes ---------------------------------------------------------------------------------------- */

#define TREE(member, T, absent, expression)                                                                    \
    for (int l = 0; l < ABI_LANES; l++)                                                                        \
        if (l >= count) r.member[l] = absent;                                                                  \
    for (int half = ABI_LANES / 2; half; half /= 2)                                                            \
        for (int l = 0; l < half; l++) {                                                                       \
            T x = r.member[l], y = r.member[l + half];                                                         \
            r.member[l] = (T)(expression);                                                                     \
        }                                                                                                      \
    break

#define TREES(member, T, U, zero, least, largest)                                                              \
    if (op == LO_LANES_MIN) do { TREE(member, T, largest, x < y ? x : y); } while (0);                         \
    else if (op == LO_LANES_MAX) do { TREE(member, T, least, x > y ? x : y); } while (0);                      \
    else do { TREE(member, T, zero, (U)x + (U)y); } while (0);                                                 \
    break

void eval_lanes(Register *out, LoopOp op, const Register *in, DType type, int64_t count) {
    Register r = *in;
    switch (type) {
    case DT_I8: TREES(i8, int8_t, uint8_t, 0, INT8_MIN, INT8_MAX);
    case DT_I16: TREES(i16, int16_t, uint16_t, 0, INT16_MIN, INT16_MAX);
    case DT_I32: TREES(i32, int32_t, uint32_t, 0, INT32_MIN, INT32_MAX);
    case DT_I64: case DT_INDEX: TREES(i64, int64_t, uint64_t, 0, INT64_MIN, INT64_MAX);
    case DT_U8: TREES(u8, uint8_t, uint8_t, 0, 0, UINT8_MAX);
    case DT_U16: TREES(u16, uint16_t, uint16_t, 0, 0, UINT16_MAX);
    case DT_U32: TREES(u32, uint32_t, uint32_t, 0, 0, UINT32_MAX);
    case DT_U64: TREES(u64, uint64_t, uint64_t, 0, 0, UINT64_MAX);
    case DT_F32: TREES(f32, float, float, -0.0f, -INFINITY, INFINITY);
    case DT_F64: TREES(f64, double, double, -0.0, -INFINITY, INFINITY);
    case DT_BOOL: case DT_F16: case DT_BF16: case DT_COUNT: ICE("%s of %s", loop_op_name(op), dtype_name(type));
    }
    *out = r;
}

/* ---- memory ---------------------------------------------------------------------------------------------- */

static float float_of_bits(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static uint32_t bits_of_float(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static float widen_f16(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16, exponent = half >> 10 & 0x1Fu, fraction = half & 0x3FFu;
    if (exponent == 0x1F) return float_of_bits(sign | 0x7F800000u | fraction << 13);
    if (exponent) return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
    float value = (float)fraction * 0x1p-24f;
    return sign ? -value : value;
}

/* To nearest even; what rounds past the largest becomes infinite, a NaN stays one. */
static uint16_t narrow_f16(float f) {
    uint32_t bits = bits_of_float(f), sign = bits >> 16 & 0x8000u, rest = bits & 0x7FFFFFFFu;
    if (rest > 0x7F800000u) return (uint16_t)(sign | 0x7E00u);
    if (rest >= 0x477FF000u) return (uint16_t)(sign | 0x7C00u);
    if (rest < 0x38800000u) { /* below 2^-14: in multiples of 2^-24, rounded by an addition */
        float shifted = float_of_bits(rest) + 0.5f;
        return (uint16_t)(sign | (bits_of_float(shifted) - 0x3F000000u));
    }
    rest += 0xFFFu + (rest >> 13 & 1u);
    return (uint16_t)(sign | ((rest >> 13) - (112u << 10)));
}

static uint16_t narrow_bf16(float f) {
    uint32_t bits = bits_of_float(f);
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return (uint16_t)(bits >> 16 | 0x40u);
    return (uint16_t)((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}

void eval_load(Register *out, DType stored, const char *from, int lanes) {
    if (stored != DT_F16 && stored != DT_BF16) {
        memcpy(out, from, (size_t)(lanes * dtype_bytes(stored)));
        return;
    }
    for (int l = 0; l < lanes; l++) {
        uint16_t half;
        memcpy(&half, from + 2 * l, sizeof half);
        out->f32[l] = stored == DT_F16 ? widen_f16(half) : float_of_bits((uint32_t)half << 16);
    }
}

void eval_store(char *to, DType stored, const Register *value, int lanes) {
    if (stored != DT_F16 && stored != DT_BF16) {
        memcpy(to, value, (size_t)(lanes * dtype_bytes(stored)));
        return;
    }
    for (int l = 0; l < lanes; l++) {
        uint16_t half = stored == DT_F16 ? narrow_f16(value->f32[l]) : narrow_bf16(value->f32[l]);
        memcpy(to + 2 * l, &half, sizeof half);
    }
}
