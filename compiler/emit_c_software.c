/* Functions of emitted C that machines or compilers may lack, as text: each takes the machine's instruction where the
 * compiler says that there is one, in a way that never becomes a library call, and else computes the same bits.
 * DLC_PORTABLE, defined by who compiles, chooses the second everywhere. */
#include "compiler/emit_c_parts.h"

#include <string.h>

#define BITS(T, U)                                                                                 \
    "(" T " x) {\n"                                                                                \
    "    union { " T " value; " U " bits; } both;\n"                                               \
    "    both.value = x;\n"                                                                        \
    "    return both.bits;\n"                                                                      \
    "}\n"
#define FROM_BITS(T, U)                                                                            \
    "(" U " x) {\n"                                                                                \
    "    union { " T " value; " U " bits; } both;\n"                                               \
    "    both.bits = x;\n"                                                                         \
    "    return both.value;\n"                                                                     \
    "}\n"

/* The double is rounded to odd, so that the second rounding sees that the first was not exact (Boldo and
 * Melquiond 2008). */
static const char f32_fma_text[] =
    "/* a*b + c with one rounding. */\n"
    "DLC_INLINE float f32_fma(float a, float b, float c) {\n"
    "#ifdef DLC_HAS_FMA\n"
    "    return DLC_FMA_F32(a, b, c);\n"
    "#else\n"
    "    const double product = (double)a * (double)b; /* exact */\n"
    "    const double sum = product + (double)c;\n"
    "    const double part = sum - product;\n"
    "    const double rest = (product - (sum - part)) + ((double)c - part);\n"
    "    uint64_t bits = f64_bits(sum);\n"
    "    if ((rest < 0.0 || rest > 0.0) && (bits & 1) == 0) {\n"
    "        bits = (rest > 0.0) == (sum > 0.0) ? bits + 1 : bits - 1; /* to odd */\n"
    "    }\n"
    "    return (float)f64_from_bits(bits);\n"
    "#endif\n"
    "}\n";

static const char f64_fma_text[] =
    "#ifndef DLC_HAS_FMA\n"
    "/* A positive number: (high 2^64 + low) 2^exponent. */\n"
    "typedef struct { uint64_t high, low; int exponent; } dlc_wide;\n"
    "\n"
    "/* The significand with bit 63 set, and its exponent, of a finite number that is not 0. */\n"
    "DLC_INLINE uint64_t dlc_significand(double x, int *exponent) {\n"
    "    const uint64_t bits = f64_bits(x);\n"
    "    uint64_t digits = bits & 0xfffffffffffffu;\n"
    "    *exponent = (int)((bits >> 52) & 2047);\n"
    "    if (*exponent != 0) {\n"
    "        digits |= (uint64_t)1 << 52;\n"
    "    } else {\n"
    "        *exponent = 1;\n"
    "    }\n"
    "    *exponent -= 1075;\n"
    "    while ((digits >> 63) == 0) {\n"
    "        digits <<= 1;\n"
    "        *exponent -= 1;\n"
    "    }\n"
    "    return digits;\n"
    "}\n"
    "\n"
    "/* x / 2^count, what falls out kept as a last bit. */\n"
    "DLC_INLINE dlc_wide dlc_shift(dlc_wide x, int count) {\n"
    "    uint64_t lost;\n"
    "    x.exponent += count;\n"
    "    while (count >= 64) {\n"
    "        x.low = x.high | (x.low != 0);\n"
    "        x.high = 0;\n"
    "        count = count >= 192 ? 64 : count - 64;\n"
    "    }\n"
    "    if (count > 0) {\n"
    "        lost = x.low << (64 - count);\n"
    "        x.low = (x.low >> count) | (x.high << (64 - count)) | (lost != 0);\n"
    "        x.high >>= count;\n"
    "    }\n"
    "    return x;\n"
    "}\n"
    "\n"
    "/* The nearest double, ties to even. */\n"
    "DLC_INLINE double dlc_round(dlc_wide x, uint64_t sign) {\n"
    "    int exponent, drop;\n"
    "    uint64_t digits;\n"
    "    while ((x.high >> 63) == 0) {\n"
    "        x.high = (x.high << 1) | (x.low >> 63);\n"
    "        x.low <<= 1;\n"
    "        x.exponent -= 1;\n"
    "    }\n"
    "    exponent = x.exponent + 127;\n"
    "    if (exponent > 1023) {\n"
    "        return f64_from_bits(sign | ((uint64_t)2047 << 52));\n"
    "    }\n"
    "    drop = exponent < -1022 ? -1022 - exponent : 0;\n"
    "    x = dlc_shift(x, drop > 100 ? 100 : drop);\n"
    "    digits = x.high >> 11;\n"
    "    x.low = (x.low != 0) | (x.high << 53);\n"
    "    if (x.low > ((uint64_t)1 << 63) || (x.low == ((uint64_t)1 << 63) && (digits & 1))) {\n"
    "        digits += 1;\n"
    "    }\n"
    "    return f64_from_bits(sign | (digits + (drop ? 0 : (uint64_t)(exponent + 1022) << 52)));\n"
    "}\n"
    "#endif\n"
    "\n"
    "/* a*b + c with one rounding. */\n"
    "DLC_FMA_INLINE double f64_fma(double a, double b, double c) {\n"
    "#ifdef DLC_HAS_FMA\n"
    "    return DLC_FMA_F64(a, b, c);\n"
    "#else\n"
    "    const double product = a * b;\n"
    "    const uint64_t top = (uint64_t)1 << 63;\n"
    "    uint64_t sign = (f64_bits(a) ^ f64_bits(b)) & top;\n"
    "    const uint64_t c_sign = f64_bits(c) & top;\n"
    "    dlc_wide x, y, z;\n"
    "    int ea, eb, negative;\n"
    "    if (!(f64_abs(a) < f64_inf() && f64_abs(b) < f64_inf() && f64_abs(c) < f64_inf())) {\n"
    "        return f64_abs(a) < f64_inf() && f64_abs(b) < f64_inf() ? c : product + c;\n"
    "    }\n"
    "    if (!(a < 0.0 || a > 0.0) || !(b < 0.0 || b > 0.0)) {\n"
    "        return product + c;\n"
    "    }\n"
    "    if (!(c < 0.0 || c > 0.0)) {\n"
    "        return product;\n"
    "    }\n"
    "    {\n"
    "        const uint64_t ma = dlc_significand(a, &ea), mb = dlc_significand(b, &eb);\n"
    "        const uint64_t al = ma & 0xffffffffu, ah = ma >> 32, bl = mb & 0xffffffffu, bh = mb >> 32;\n"
    "        const uint64_t low = al * bl, middle = ah * bl + (low >> 32);\n"
    "        const uint64_t other = al * bh + (middle & 0xffffffffu);\n"
    "        x.high = ah * bh + (middle >> 32) + (other >> 32);\n"
    "        x.low = (other << 32) | (low & 0xffffffffu);\n"
    "        x.exponent = ea + eb;\n"
    "    }\n"
    "    if (x.high >> 63) {\n"
    "        x = dlc_shift(x, 1); /* the last digits are 0; now there is room for a carry */\n"
    "    }\n"
    "    y.high = dlc_significand(c, &y.exponent);\n"
    "    y.low = 0;\n"
    "    y.exponent -= 64;\n"
    "    y = dlc_shift(y, 1);\n"
    "    if (x.exponent < y.exponent) {\n"
    "        x = dlc_shift(x, y.exponent - x.exponent);\n"
    "    } else {\n"
    "        y = dlc_shift(y, x.exponent - y.exponent);\n"
    "    }\n"
    "    z.exponent = x.exponent;\n"
    "    if (sign == c_sign) {\n"
    "        z.low = x.low + y.low;\n"
    "        z.high = x.high + y.high + (z.low < x.low);\n"
    "        return dlc_round(z, sign);\n"
    "    }\n"
    "    if (x.high == y.high && x.low == y.low) {\n"
    "        return 0.0;\n"
    "    }\n"
    "    negative = x.high < y.high || (x.high == y.high && x.low < y.low);\n"
    "    if (negative) {\n"
    "        z.low = y.low - x.low;\n"
    "        z.high = y.high - x.high - (y.low < x.low);\n"
    "        sign = c_sign;\n"
    "    } else {\n"
    "        z.low = x.low - y.low;\n"
    "        z.high = x.high - y.high - (x.low < y.low);\n"
    "    }\n"
    "    return dlc_round(z, sign);\n"
    "#endif\n"
    "}\n";

/* A square root digit by digit: the remainder stays below twice the root. */
#define SQRT(F, T, U, DIGITS, EXPONENTS, BIAS, X86, ARM)                                           \
    "DLC_INLINE " T " " F "_sqrt(" T " x) {\n"                                                     \
    "#if defined(DLC_X86)\n"                                                                       \
    "    " T " root;\n"                                                                            \
    "    __asm__(" X86 "(\"%1\") : \"=x\"(root) : \"x\"(x));\n"                                     \
    "    return root;\n"                                                                           \
    "#elif defined(DLC_ARM)\n"                                                                     \
    "    " T " root;\n"                                                                            \
    "    __asm__(\"" ARM "\" : \"=w\"(root) : \"w\"(x));\n"                                        \
    "    return root;\n"                                                                           \
    "#else\n"                                                                                      \
    "    " U " digits = " F "_bits(x) & (((" U ")1 << " DIGITS ") - 1), root = 0, bit = (" U ")1 << " DIGITS ";\n" \
    "    " U " rest;\n"                                                                            \
    "    int exponent = (int)((" F "_bits(x) >> " DIGITS ") & " EXPONENTS ");\n"                   \
    "    if (!(x > (" T ")0)) {\n"                                                                 \
    "        return x < (" T ")0 ? " F "_nan() : x;\n"                                             \
    "    }\n"                                                                                      \
    "    if (exponent == " EXPONENTS ") {\n"                                                       \
    "        return x;\n"                                                                          \
    "    }\n"                                                                                      \
    "    if (exponent == 0) {\n"                                                                   \
    "        exponent = 1;\n"                                                                      \
    "        while ((digits >> " DIGITS ") == 0) {\n"                                              \
    "            digits <<= 1;\n"                                                                  \
    "            exponent -= 1;\n"                                                                 \
    "        }\n"                                                                                  \
    "    }\n"                                                                                      \
    "    exponent -= " BIAS ";\n"                                                                  \
    "    rest = digits | ((" U ")1 << " DIGITS ");\n"                                              \
    "    if (exponent & 1) {\n"                                                                    \
    "        rest <<= 1;\n"                                                                        \
    "        exponent -= 1;\n"                                                                     \
    "    }\n"                                                                                      \
    "    for (; bit != 0; bit >>= 1) { /* root^2 + rest stays what it was, scaled */\n"            \
    "        const " U " next = (root << 1) | bit;\n"                                              \
    "        if (next <= rest) {\n"                                                                \
    "            rest -= next;\n"                                                                  \
    "            root |= bit;\n"                                                                   \
    "        }\n"                                                                                  \
    "        rest <<= 1;\n"                                                                        \
    "    }\n"                                                                                      \
    "    if (rest > (root << 1)) {\n"                                                              \
    "        root += 1; /* to nearest: a tie can't be */\n"                                        \
    "    }\n"                                                                                      \
    "    return " F "_from_bits(root + ((" U ")(exponent / 2 + " BIAS " - 1) << " DIGITS "));\n"   \
    "#endif\n"                                                                                     \
    "}\n"

/* Adding 2^(digits - 1) and taking it away leaves no digits behind the point. */
#define RINT(F, T, LARGE)                                                                          \
    "/* To the nearest integer, ties to even. */\n"                                                \
    "DLC_INLINE " T " " F "_rint(" T " x) {\n"                                                     \
    "    const " T " size = " F "_abs(x);\n"                                                       \
    "    const " T " near = (size + " LARGE ") - " LARGE ";\n"                                     \
    "    return size < " LARGE " ? " F "_copysign(near, x) : x;\n"                                 \
    "}\n"
#define FLOOR(F, T, ONE)                                                                           \
    "DLC_INLINE " T " " F "_floor(" T " x) {\n"                                                    \
    "    const " T " near = " F "_rint(x);\n"                                                      \
    "    return near > x ? near - " ONE " : near;\n"                                               \
    "}\n"

static const char f16_to_f32_text[] =
    "DLC_INLINE float f16_to_f32(uint16_t x) {\n"
    "    const uint32_t sign = (uint32_t)(x & 0x8000u) << 16, rest = x & 0x7fffu;\n"
    "    /* The digits moved into place, then the exponent's bias set right by an exact product. */\n"
    "    const float size = f32_from_bits(rest << 13) * 0x1p112f;\n"
    "    return f32_from_bits(sign | (rest >= 0x7c00u ? 0x7f800000u | (rest << 13) : f32_bits(size)));\n"
    "}\n";

static const char f32_to_f16_text[] =
    "/* To nearest, ties to even. */\n"
    "DLC_INLINE uint16_t f32_to_f16(float x) {\n"
    "    const uint32_t bits = f32_bits(x), sign = (bits >> 16) & 0x8000u, size = bits & 0x7fffffffu;\n"
    "    const uint32_t normal = (size + 0xfffu + ((size >> 13) & 1u) - (112u << 23)) >> 13;\n"
    "    /* Adding 1/2 puts the last place of a subnormal half where a float's is. */\n"
    "    const uint32_t tiny = f32_bits(f32_from_bits(size) + 0.5f) - 0x3f000000u;\n"
    "    const uint32_t half = size > 0x7f800000u ? 0x7e00u : size >= 0x477ff000u ? 0x7c00u\n"
    "                          : size < (113u << 23) ? tiny : normal;\n"
    "    return (uint16_t)(sign | half);\n"
    "}\n";

static const char f32_to_bf16_text[] =
    "/* To nearest, ties to even. */\n"
    "DLC_INLINE uint16_t f32_to_bf16(float x) {\n"
    "    const uint32_t bits = f32_bits(x), near = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;\n"
    "    return (uint16_t)((bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc0u : near);\n"
    "}\n";

static const char u64_mulhi_text[] =
    "/* The upper half of the product. */\n"
    "DLC_INLINE uint64_t u64_mulhi(uint64_t a, uint64_t b) {\n"
    "    const uint64_t al = a & 0xffffffffu, ah = a >> 32, bl = b & 0xffffffffu, bh = b >> 32;\n"
    "    const uint64_t middle = ah * bl + ((al * bl) >> 32);\n"
    "    const uint64_t other = al * bh + (middle & 0xffffffffu);\n"
    "    return ah * bh + (middle >> 32) + (other >> 32);\n"
    "}\n";

static const CSnippet snippets[] = {
    {"f32_bits", {0}, "DLC_INLINE uint32_t f32_bits" BITS("float", "uint32_t")},
    {"f64_bits", {0}, "DLC_INLINE uint64_t f64_bits" BITS("double", "uint64_t")},
    {"f32_from_bits", {0}, "DLC_INLINE float f32_from_bits" FROM_BITS("float", "uint32_t")},
    {"f64_from_bits", {0}, "DLC_INLINE double f64_from_bits" FROM_BITS("double", "uint64_t")},
    {"f32_nan", {"f32_from_bits"}, "DLC_INLINE float f32_nan(void) {\n    return f32_from_bits(0x7fc00000u);\n}\n"},
    {"f64_nan", {"f64_from_bits"},
     "DLC_INLINE double f64_nan(void) {\n    return f64_from_bits((uint64_t)0x7ff8 << 48);\n}\n"},
    {"f32_inf", {"f32_from_bits"}, "DLC_INLINE float f32_inf(void) {\n    return f32_from_bits(0x7f800000u);\n}\n"},
    {"f64_inf", {"f64_from_bits"},
     "DLC_INLINE double f64_inf(void) {\n    return f64_from_bits((uint64_t)0x7ff0 << 48);\n}\n"},
    {"f32_abs", {"f32_bits", "f32_from_bits"},
     "DLC_INLINE float f32_abs(float x) {\n    return f32_from_bits(f32_bits(x) & 0x7fffffffu);\n}\n"},
    {"f64_abs", {"f64_bits", "f64_from_bits"},
     "DLC_INLINE double f64_abs(double x) {\n    return f64_from_bits(f64_bits(x) & ~((uint64_t)1 << 63));\n}\n"},
    {"f32_copysign", {"f32_bits", "f32_from_bits"},
     "DLC_INLINE float f32_copysign(float size, float x) {\n"
     "    return f32_from_bits((f32_bits(size) & 0x7fffffffu) | (f32_bits(x) & 0x80000000u));\n}\n"},
    {"f64_copysign", {"f64_bits", "f64_from_bits"},
     "DLC_INLINE double f64_copysign(double size, double x) {\n"
     "    const uint64_t sign = (uint64_t)1 << 63;\n"
     "    return f64_from_bits((f64_bits(size) & ~sign) | (f64_bits(x) & sign));\n}\n"},
    {"f32_fma", {"f64_bits", "f64_from_bits"}, f32_fma_text},
    {"f64_fma", {"f64_inf", "f64_abs"}, f64_fma_text},
    {"f32_sqrt", {"f32_bits", "f32_from_bits", "f32_nan"},
     SQRT("f32", "float", "uint32_t", "23", "255", "127", "DLC_SQRTSS", "fsqrt %s0, %s1")},
    {"f64_sqrt", {"f64_bits", "f64_from_bits", "f64_nan"},
     SQRT("f64", "double", "uint64_t", "52", "2047", "1023", "DLC_SQRTSD", "fsqrt %d0, %d1")},
    {"f32_rint", {"f32_abs", "f32_copysign"}, RINT("f32", "float", "8388608.0f")},
    {"f64_rint", {"f64_abs", "f64_copysign"}, RINT("f64", "double", "4503599627370496.0")},
    {"f32_floor", {"f32_rint"}, FLOOR("f32", "float", "1.0f")},
    {"f64_floor", {"f64_rint"}, FLOOR("f64", "double", "1.0")},
    {"f16_to_f32", {"f32_bits", "f32_from_bits"}, f16_to_f32_text},
    {"f32_to_f16", {"f32_bits", "f32_from_bits"}, f32_to_f16_text},
    {"bf16_to_f32", {"f32_from_bits"},
     "DLC_INLINE float bf16_to_f32(uint16_t x) {\n    return f32_from_bits((uint32_t)x << 16);\n}\n"},
    {"f32_to_bf16", {"f32_bits"}, f32_to_bf16_text},
    {"u64_mulhi", {0}, u64_mulhi_text},
    {"i64_mulhi", {"u64_mulhi"},
     "DLC_INLINE int64_t i64_mulhi(int64_t a, int64_t b) {\n"
     "    const uint64_t high = u64_mulhi((uint64_t)a, (uint64_t)b);\n"
     "    return (int64_t)(high - (a < 0 ? (uint64_t)b : 0) - (b < 0 ? (uint64_t)a : 0));\n}\n"},
};

const CSnippet *c_snippet(const char *name) {
    for (size_t i = 0; i < sizeof snippets / sizeof snippets[0]; i++) {
        if (strcmp(snippets[i].name, name) == 0) {
            return &snippets[i];
        }
    }
    return NULL;
}
