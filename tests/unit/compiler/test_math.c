/* The mathematical functions and Philox, run by the interpreter, against the C library's long double functions:
 * errors in units of the last place on a million inputs of each type, values at special points, symmetries. */
#include "compiler/loop_build.h"
#include "compiler/loop_eval.h"
#include "compiler/loop_expand.h"
#include "compiler/math.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { COUNT = 1 << 20 }; /* inputs of a function, a multiple of 16 */

typedef LoopVal Function1(Math *m, LoopVal x);
typedef LoopVal Function2(Math *m, LoopVal x, LoopVal y);
typedef long double Oracle(long double x);

static long double sigmoid_oracle(long double x) {
    long double e = expl(-fabsl(x));
    return (x < 0 ? e : 1) / (1 + e);
}

/* Bounds as stated in docs/numerics.md. */
typedef struct Row {
    const char *name;
    Function1 *function;
    Oracle *oracle;
    double low, high;  /* where a third of the inputs lies; f64: low64, high64 where not 0 */
    double low64, high64;
    double ulp_f32, ulp_f64;
    int is_odd;
} Row;

static const Row rows[] = {
    {"exp", math_exp, expl, -110, 92, -750, 712, 0.9, 0.9, 0},
    {"expm1", math_expm1, expm1l, -40, 92, -60, 712, 1.5, 1.6, 0},
    {"log", math_log, logl, 0, 5, 0, 0, 0.95, 0.9, 0},
    {"log1p", math_log1p, log1pl, -1, 5, 0, 0, 0.95, 0.9, 0},
    {"tanh", math_tanh, tanhl, -11, 11, -23, 23, 1.5, 1.5, 1},
    {"sigmoid", math_sigmoid, sigmoid_oracle, -110, 30, -750, 40, 2.25, 2.25, 0},
    {"erf", math_erf, erfl, -4.2, 4.2, -6.2, 6.2, 1.3, 1.3, 1},
    {"sin", math_sin, sinl, -1000, 1000, 0, 0, 1.5, 0.9, 1},
    {"cos", math_cos, cosl, -1000, 1000, 0, 0, 1.5, 0.9, 0},
};
enum { ROW_COUNT = (int)(sizeof rows / sizeof rows[0]) };

typedef struct World {
    Session session;
    uint64_t random;
    void *in[4], *out[4];
} World;

static int set_up(void **state) {
    static World world;
    session_init(&world.session);
    world.random = 0x9e3779b97f4a7c15;
    for (int i = 0; i < 4; i++) {
        world.in[i] = calloc(COUNT, 8);
        world.out[i] = calloc(COUNT, 8);
    }
    *state = &world;
    return 0;
}

static int tear_down(void **state) {
    World *w = *state;
    for (int i = 0; i < 4; i++) {
        free(w->in[i]);
        free(w->out[i]);
    }
    session_release(&w->session);
    return 0;
}

static uint64_t next(World *w) { /* splitmix64 */
    uint64_t z = w->random += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static double unit(World *w) { return (double)(next(w) >> 11) * 0x1p-53; }

/* ---- running ------------------------------------------------------------------------------------------ */

/* out[0] = f(in[0] [, in[1]]) on `count` elements, in lanes. */
static void apply(World *w, Function1 *one, Function2 *two, DType t, Numerics numerics, int64_t count) {
    Session *s = &w->session;
    LoopBuilder *b = loop_builder_new(s, &s->arena, "apply");
    const Dim *extent = dim_constant(&s->dims, count);
    int x = loop_buffer(b, "x", LOOP_IN, t, 1, &extent, NULL);
    int y = two ? loop_buffer(b, "y", LOOP_IN, t, 1, &extent, NULL) : 0;
    int z = loop_buffer(b, "z", LOOP_OUT, t, 1, &extent, NULL);
    Math m = {b, numerics};
    LoopVal i = loop_for(b, "i", loop_index(b, 0), loop_index(b, count), 16);
    LoopVal a = loop_load_wide(b, x, &i, 0);
    LoopVal result = two ? two(&m, a, loop_load_wide(b, y, &i, 0)) : one(&m, a);
    loop_store(b, z, &i, result, 0);
    loop_end(b);
    LoopKernel *k = loop_expand(s, &s->arena, loop_builder_finish(b));
    void *buffers[] = {w->in[0], two ? w->in[1] : w->out[0], w->out[0]};
    assert_int_equal(loop_eval_run(loop_eval_prepare(&s->arena, k), buffers, NULL, 0, 1, NULL), 0);
}

static double input(const World *w, DType t, int which, int64_t i) {
    return t == DT_F32 ? (double)((float *)w->in[which])[i] : ((double *)w->in[which])[i];
}

static double output(const World *w, DType t, int64_t i) {
    return t == DT_F32 ? (double)((float *)w->out[0])[i] : ((double *)w->out[0])[i];
}

static void put(World *w, DType t, int which, int64_t i, double x) {
    if (t == DT_F32) {
        ((float *)w->in[which])[i] = (float)x;
    } else {
        ((double *)w->in[which])[i] = x;
    }
}

static const double special[] = {
    0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 0.55, 4, 6, 10, -10, 22, INFINITY, -INFINITY, NAN, 0x1p-149, -0x1p-149,
    0x1p-126, -0x1p-126, 0x1.fffffep127, -0x1.fffffep127, 0x1p-1074, -0x1p-1074, 0x1p-1022, 0x1.fffffffffffffp1023,
    88.72283, 88.72284, -87.33655, -103.97, -103.98, -149.5, 709.782712893384, 709.7827128933841, -745.13321910194,
    -745.1332191019412, -708.4, 0x1p-24, 0x1p-25, 0x1p-53, 0x1p-54, 1e5, 1e6, 0x1p45, 0x1p52, 0x1p53, 0x1p81, 0x1p109,
    0x1.000002p0, 0x1.fffffep-1, 0x1.6a09e6p-1, 0x1.6a09e8p-1, 0x1.921fb6p0, 0x1.921fb54442d18p0, 0x1.921fb54442d18p1,
    16777215, 16777216, 16777217, 9007199254740991.0, 9007199254740993.0, 1e300, -1e300,
};
enum { SPECIAL_COUNT = (int)(sizeof special / sizeof special[0]) };

static double any_bits(World *w, DType t) {
    uint64_t bits = next(w);
    if (t == DT_F32) {
        float x;
        uint32_t half = (uint32_t)bits;
        memcpy(&x, &half, sizeof x);
        return (double)x;
    }
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Special points, then in equal parts: the function's own range, magnitudes from 2^-25 to 2^6, any bits. */
static void fill(World *w, DType t, int which, double low, double high) {
    for (int64_t i = 0; i < COUNT; i++) {
        double x;
        if (i < SPECIAL_COUNT) {
            x = special[i];
        } else if (i % 3 == 0) {
            x = low + (high - low) * unit(w);
        } else if (i % 3 == 1) {
            x = ldexp(1 + unit(w), (int)(next(w) % 31) - 25) * (next(w) & 1 ? 1 : -1);
        } else {
            x = any_bits(w, t);
        }
        put(w, t, which, i, x);
    }
}

/* ---- errors ------------------------------------------------------------------------------------------- */

/* |y - exact| in units of the last place of a float of this type near `exact`. */
static double error_of(DType t, double y, long double exact) {
    if (isnan(y) || isnan(exact)) {
        return isnan(y) && isnan(exact) ? 0 : INFINITY;
    }
    int digits = t == DT_F32 ? 24 : 53, least = t == DT_F32 ? -149 : -1074, beyond = t == DT_F32 ? 128 : 1024;
    if (isinf(exact)) {
        return y == (double)exact ? 0 : INFINITY;
    }
    long double value = isinf(y) ? copysignl(ldexpl(1, beyond), y) : (long double)y;
    if (value == 0 && exact == 0) {
        return !signbit(y) == !signbit(exact) ? 0 : INFINITY;
    }
    int exponent;
    frexpl(exact, &exponent);
    if (isinf(y) && exponent > beyond) {
        return 0;
    }
    int place = exponent - digits < least ? least : exponent - digits;
    return (double)(fabsl(value - exact) / ldexpl(1, place));
}

static void check_errors(World *w, const Row *row, DType t, Numerics numerics) {
    int is_double = t == DT_F64;
    int has_own = is_double && row->low64 < row->high64;
    fill(w, t, 0, has_own ? row->low64 : row->low, has_own ? row->high64 : row->high);
    int64_t count = numerics == NUMERICS_FMA ? COUNT : COUNT / 4;
    apply(w, row->function, NULL, t, numerics, count);
    double worst = 0, at = 0;
    for (int64_t i = 0; i < count; i++) {
        double x = input(w, t, 0, i);
        int is_beyond = is_double && (row->function == math_sin || row->function == math_cos) && fabs(x) > 0x1p45;
        double error = error_of(t, output(w, t, i), is_beyond ? (long double)NAN : row->oracle((long double)x));
        if (error > worst) {
            worst = error;
            at = x;
        }
    }
    double bound = is_double ? row->ulp_f64 : row->ulp_f32;
    print_message("%-8s %s %-5s %.3f ulp at %a\n", row->name, dtype_name(t), numerics == NUMERICS_FMA ? "fma" : "split",
                  worst, at);
    if (worst > bound) {
        fail_msg("%s in %s: %.3f ulp at %a, more than %.2f", row->name, dtype_name(t), worst, at, bound);
    }
}

static void errors_in_f32(void **state) {
    for (int r = 0; r < ROW_COUNT; r++) {
        check_errors(*state, &rows[r], DT_F32, NUMERICS_FMA);
    }
}

static void errors_in_f64(void **state) {
    for (int r = 0; r < ROW_COUNT; r++) {
        check_errors(*state, &rows[r], DT_F64, NUMERICS_FMA);
    }
}

static void errors_without_fma(void **state) {
    for (int r = 0; r < ROW_COUNT; r++) {
        check_errors(*state, &rows[r], DT_F32, NUMERICS_SPLIT);
        check_errors(*state, &rows[r], DT_F64, NUMERICS_SPLIT);
    }
}

/* f(-x) = -f(x) to the bit, and no value above 1. */
static void odd_functions_are_odd(void **state) {
    World *w = *state;
    for (int r = 0; r < ROW_COUNT; r++) {
        for (int d = 0; d < 2 && rows[r].is_odd; d++) {
            DType t = d ? DT_F64 : DT_F32;
            int64_t count = 1 << 16;
            for (int64_t i = 0; i < count; i += 2) {
                double x = i < SPECIAL_COUNT ? special[i] : 8 * unit(w);
                put(w, t, 0, i, x);
                put(w, t, 0, i + 1, -input(w, t, 0, i));
            }
            apply(w, rows[r].function, NULL, t, NUMERICS_FMA, count);
            for (int64_t i = 0; i < count; i += 2) {
                double y = output(w, t, i), z = output(w, t, i + 1);
                assert_true((isnan(y) && isnan(z)) || (y == -z && !signbit(y) != !signbit(z) && fabs(y) <= 1));
            }
        }
    }
}

typedef struct Point {
    Function1 *function;
    double x, y;
} Point;

/* What holds exactly. */
static void exact_points(void **state) {
    World *w = *state;
    static const Point points[] = {
        {math_exp, 0, 1}, {math_exp, -0.0, 1}, {math_exp, -INFINITY, 0}, {math_exp, INFINITY, INFINITY},
        {math_expm1, -0.0, -0.0}, {math_expm1, -INFINITY, -1}, {math_log, 1, 0}, {math_log, 0, -INFINITY},
        {math_log, -0.0, -INFINITY}, {math_log, -1, NAN}, {math_log, INFINITY, INFINITY}, {math_log1p, -0.0, -0.0},
        {math_log1p, -1, -INFINITY}, {math_log1p, -2, NAN}, {math_tanh, -0.0, -0.0}, {math_tanh, INFINITY, 1},
        {math_tanh, -40, -1}, {math_sigmoid, 0, 0.5}, {math_sigmoid, -INFINITY, 0}, {math_sigmoid, INFINITY, 1},
        {math_erf, -0.0, -0.0}, {math_erf, INFINITY, 1}, {math_erf, -7, -1}, {math_sin, -0.0, -0.0},
        {math_sin, INFINITY, NAN}, {math_cos, 0, 1}, {math_cos, -INFINITY, NAN}, {math_sign, -0.0, -0.0},
        {math_sign, -3, -1}, {math_sign, INFINITY, 1}, {math_sign, NAN, NAN},
    };
    for (int d = 0; d < 4; d++) {
        DType t = d & 1 ? DT_F64 : DT_F32;
        for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
            for (int k = 0; k < 16; k++) {
                put(w, t, 0, k, points[i].x);
            }
            apply(w, points[i].function, NULL, t, d & 2 ? NUMERICS_SPLIT : NUMERICS_FMA, 16);
            if (error_of(t, output(w, t, 15), (long double)points[i].y) > 0) {
                fail_msg("point %d in %s: f(%g) = %g, not %g", (int)i, dtype_name(t), points[i].x, output(w, t, 15),
                         points[i].y);
            }
        }
    }
}

/* ---- pow ---------------------------------------------------------------------------------------------- */

/* In turn: every pair of special points, moderate powers, results over the whole range, bases near 1, any bits. */
static void fill_pairs(World *w, DType t) {
    double reach = t == DT_F32 ? 103 : 745;
    for (int64_t i = 0; i < COUNT; i++) {
        double x = any_bits(w, t), y = any_bits(w, t);
        if (i < SPECIAL_COUNT * SPECIAL_COUNT) {
            x = special[i / SPECIAL_COUNT];
            y = special[i % SPECIAL_COUNT];
        } else if (i % 4 == 0) {
            x = 5 * unit(w);
            y = 40 * unit(w) - 20;
        } else if (i % 4 == 1) {
            x = ldexp(1 + unit(w), (int)(next(w) % 240) - 120);
            y = (2 * unit(w) - 1) * reach / (fabs(log(x)) + 1e-9);
        } else if (i % 4 == 2) {
            x = 1 + ldexp(unit(w) - 0.5, -(int)(next(w) % 20));
            y = ldexp(unit(w) - 0.5, (int)(next(w) % 24));
        }
        put(w, t, 0, i, x);
        put(w, t, 1, i, y);
    }
}

static void check_pow(World *w, DType t, Numerics numerics, double bound) {
    fill_pairs(w, t);
    int64_t count = numerics == NUMERICS_FMA ? COUNT : COUNT / 4;
    apply(w, NULL, math_pow, t, numerics, count);
    double worst = 0;
    for (int64_t i = 0; i < count; i++) {
        double x = input(w, t, 0, i), y = input(w, t, 1, i), z = output(w, t, i);
        long double exact = powl((long double)x, (long double)y);
        double error = error_of(t, z, exact);
        if (error > bound) {
            fail_msg("pow(%a, %a) = %a in %s: %.3f ulp", x, y, z, dtype_name(t), error);
        }
        worst = error > worst ? error : worst;
    }
    print_message("pow      %s %-5s %.3f ulp\n", dtype_name(t), numerics == NUMERICS_FMA ? "fma" : "split", worst);
}

static void powers(void **state) {
    check_pow(*state, DT_F32, NUMERICS_FMA, 0.51);
    check_pow(*state, DT_F32, NUMERICS_SPLIT, 0.51);
    check_pow(*state, DT_F64, NUMERICS_FMA, 1.2);
    check_pow(*state, DT_F64, NUMERICS_SPLIT, 1.2);
}

/* ---- division ----------------------------------------------------------------------------------------- */

static int64_t floor_division(int64_t a, int64_t b) {
    if (b == 0) {
        return 0;
    }
    int64_t q = a / b;
    return a % b != 0 && (a % b < 0) != (b < 0) ? q - 1 : q;
}

static void integer_division(void **state) {
    World *w = *state;
    int32_t *a = w->in[0], *b = w->in[1], *y = w->out[0];
    static const int32_t edges[] = {0, 1, -1, 2, -2, 7, -7, INT32_MAX, INT32_MIN, INT32_MIN + 1};
    int64_t count = 1 << 14;
    for (int64_t i = 0; i < count; i++) {
        a[i] = i < 100 ? edges[i / 10] : (int32_t)next(w) >> (next(w) % 30);
        b[i] = i < 100 ? edges[i % 10] : (int32_t)next(w) >> (next(w) % 30);
    }
    apply(w, NULL, math_floor_div, DT_I32, NUMERICS_FMA, count);
    for (int64_t i = 0; i < count; i++) {
        assert_int_equal(y[i], (int32_t)(uint32_t)floor_division(a[i], b[i])); /* least // -1 wraps */
    }
    apply(w, NULL, math_mod, DT_I32, NUMERICS_FMA, count);
    for (int64_t i = 0; i < count; i++) {
        int64_t expected = b[i] ? (int64_t)a[i] - (int64_t)b[i] * floor_division(a[i], b[i]) : 0;
        assert_int_equal(y[i], expected);
    }
    uint8_t *c = w->in[0], *d = w->in[1], *z = w->out[0];
    for (int i = 0; i < 65536; i++) {
        c[i] = (uint8_t)(i >> 8);
        d[i] = (uint8_t)i;
    }
    apply(w, NULL, math_mod, DT_U8, NUMERICS_FMA, 65536);
    for (int i = 0; i < 65536; i++) {
        assert_int_equal(z[i], d[i] ? c[i] % d[i] : 0);
    }
    apply(w, math_sign, NULL, DT_U8, NUMERICS_FMA, 65536);
    for (int i = 0; i < 65536; i++) {
        assert_int_equal(z[i], c[i] ? 1 : 0);
    }
}

static void float_remainders(void **state) {
    World *w = *state;
    int64_t count = 1 << 16;
    for (int64_t i = 0; i < count; i++) {
        float b = (float)(20 * unit(w) - 10), a = b * (float)(60000 * unit(w) - 30000);
        put(w, DT_F32, 0, i, i % 16 ? (double)a : (double)(b * 3));
        put(w, DT_F32, 1, i, (double)b);
    }
    apply(w, NULL, math_mod, DT_F32, NUMERICS_FMA, count);
    for (int64_t i = 0; i < count; i++) {
        double a = input(w, DT_F32, 0, i), b = input(w, DT_F32, 1, i);
        double exact = fmod(a, b);
        exact = exact != 0 && (exact < 0) != (b < 0) ? (double)(float)(exact + b) : exact;
        assert_true(output(w, DT_F32, i) == exact);
    }
    static const double cases[][3] = {{5, INFINITY, 5},  {-5, INFINITY, INFINITY}, {5, -INFINITY, -INFINITY},
                                      {-5, -INFINITY, -5}, {1, 0, NAN},              {INFINITY, 2, NAN},
                                      {-1, 3, 2},          {1, -3, -2},              {-7.5, 2, 0.5}};
    for (int i = 0; i < 16; i++) {
        put(w, DT_F64, 0, i, cases[i % 9][0]);
        put(w, DT_F64, 1, i, cases[i % 9][1]);
    }
    apply(w, NULL, math_mod, DT_F64, NUMERICS_FMA, 16);
    for (int i = 0; i < 9; i++) {
        assert_true(error_of(DT_F64, output(w, DT_F64, i), (long double)cases[i][2]) == 0);
    }
}

/* ---- random numbers ----------------------------------------------------------------------------------- */

static int count_operations(const LoopKernel *kernel, LoopOp op) {
    int count = 0;
    for (int i = 1; i < kernel->values.len; i++) count += kernel->values.data[i].op == op;
    return count;
}

/* out[0..3] = the words for counters in[0] (four rows of n) and the key. */
static void draw(World *w, const uint32_t key[2], uint64_t site, int64_t n) {
    Session *s = &w->session;
    LoopBuilder *b = loop_builder_new(s, &s->arena, "draw");
    const Dim *extents[] = {dim_constant(&s->dims, 4), dim_constant(&s->dims, n)};
    int in = loop_buffer(b, "counter", LOOP_IN, DT_U32, 2, extents, NULL);
    int out = loop_buffer(b, "word", LOOP_OUT, DT_U32, 2, extents, NULL);
    Math m = {b, NUMERICS_FMA};
    LoopVal i = loop_for(b, "i", loop_index(b, 0), loop_index(b, n), 16), counter[4];
    for (int k = 0; k < 4; k++) {
        counter[k] = loop_load_wide(b, in, (LoopVal[]){loop_index(b, k), i}, 0);
    }
    RandomKey k = random_key(&m, loop_const_int(b, loop_wide(DT_U32), key[0]),
                             loop_const_int(b, loop_wide(DT_U32), key[1]), site);
    RandomWords words = random_philox(&m, k, counter);
    for (int j = 0; j < 4; j++) {
        loop_store(b, out, (LoopVal[]){loop_index(b, j), i}, words.word[j], 0);
    }
    loop_end(b);
    LoopKernel *kernel = loop_expand(s, &s->arena, loop_builder_finish(b));
    assert_int_equal(count_operations(kernel, LO_MULHI), 2); /* of one round: there are not ten copies of it */
    void *buffers[] = {w->in[0], w->out[0]};
    assert_int_equal(loop_eval_run(loop_eval_prepare(&s->arena, kernel), buffers, NULL, 0, 1, NULL), 0);
}

/* The test vectors that are published with Random123. */
static void philox_gives_the_known_answers(void **state) {
    World *w = *state;
    static const uint32_t cases[3][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420,
         0x24126ea1},
    };
    static const uint64_t sites[] = {0, 0x0123456789abcdef};
    for (int c = 0; c < 6; c++) {
        const uint32_t *v = cases[c % 3];
        uint64_t site = sites[c / 3];
        for (int k = 0; k < 4; k++) {
            for (int i = 0; i < 16; i++) {
                ((uint32_t *)w->in[0])[16 * k + i] = v[k];
            }
        }
        draw(w, (const uint32_t[]){v[4] ^ (uint32_t)site, v[5] ^ (uint32_t)(site >> 32)}, site, 16);
        for (int k = 0; k < 4; k++) {
            assert_int_equal(((uint32_t *)w->out[0])[16 * k + 7], v[6 + k]);
        }
    }
}

static LoopVal low_word(Math *m, LoopVal x) { return loop_convert(m->builder, x, loop_wide(DT_U32)); }

/* The bits of an f32 or f64 as the random word that gives the result. */
static LoopVal uniform_of_bits(Math *m, LoopVal x) {
    LoopBuilder *b = m->builder;
    if (loop_type(b, x).element == DT_F32) {
        return random_uniform_f32(m, loop_bitcast(b, x, loop_wide(DT_U32)));
    }
    LoopVal bits = loop_bitcast(b, x, loop_wide(DT_U64));
    LoopVal high = loop_binary(b, LO_SHR, bits, loop_const_int(b, loop_wide(DT_U64), 32));
    return random_uniform_f64(m, low_word(m, high), low_word(m, bits));
}

static void uniform_numbers(void **state) {
    World *w = *state;
    uint32_t *words = w->in[0];
    float *y = w->out[0];
    for (int i = 0; i < 1024; i++) {
        words[i] = i == 0 ? 0 : i == 1 ? UINT32_MAX : i == 2 ? 255 : i == 3 ? 256 : (uint32_t)next(w);
    }
    apply(w, uniform_of_bits, NULL, DT_F32, NUMERICS_FMA, 1024);
    for (int i = 0; i < 1024; i++) {
        assert_true(y[i] == (float)(words[i] >> 8) * 0x1p-24f && y[i] < 1);
    }
    uint64_t *pairs = w->in[0];
    double *z = w->out[0];
    for (int i = 0; i < 1024; i++) {
        pairs[i] = i == 0 ? 0 : i == 1 ? UINT64_MAX : next(w);
    }
    apply(w, uniform_of_bits, NULL, DT_F64, NUMERICS_FMA, 1024);
    for (int i = 0; i < 1024; i++) {
        uint64_t digits = (pairs[i] >> 32 >> 5 << 26) | (pairs[i] & UINT32_MAX) >> 6;
        assert_true(z[i] == (double)digits * 0x1p-53 && z[i] < 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_in_f32),
        cmocka_unit_test(errors_in_f64),
        cmocka_unit_test(errors_without_fma),
        cmocka_unit_test(odd_functions_are_odd),
        cmocka_unit_test(exact_points),
        cmocka_unit_test(powers),
        cmocka_unit_test(integer_division),
        cmocka_unit_test(float_remainders),
        cmocka_unit_test(philox_gives_the_known_answers),
        cmocka_unit_test(uniform_numbers),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
