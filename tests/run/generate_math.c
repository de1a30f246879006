/* Each mathematical function, and the random numbers, on many inputs. */
#include "generate.h"

#include "compiler/loop_build.h"
#include "compiler/math.h"

typedef LoopVal Unary(Math *m, LoopVal x);
typedef LoopVal Binary(Math *m, LoopVal x, LoopVal y);

typedef struct Function {
    const char *name;
    Unary *unary;
    Binary *binary;
    const char *fill;
} Function;

static const Function functions[] = {
    {"exp", math_exp, NULL, "mixed -110 100"},     {"expm1", math_expm1, NULL, "mixed -20 90"},
    {"log", math_log, NULL, "mixed 0 4"},          {"log1p", math_log1p, NULL, "mixed -1 4"},
    {"tanh", math_tanh, NULL, "mixed -12 12"},     {"sigmoid", math_sigmoid, NULL, "mixed -110 100"},
    {"erf", math_erf, NULL, "mixed -5 5"},         {"sin", math_sin, NULL, "mixed -1000 1000"},
    {"cos", math_cos, NULL, "mixed -1000 1000"},   {"sign", math_sign, NULL, "mixed -1 1"},
    {"pow", NULL, math_pow, "mixed 0 30"},         {"floor_div", NULL, math_floor_div, "mixed -100 100"},
    {"mod", NULL, math_mod, "mixed -100 100"},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

/* y = f(x) or f(x, x2): a third special values, a third random bits, a third in the range that matters. */
static void one_function(Cases *cases, const Function *f, DType t, Numerics numerics, int64_t count) {
    Arena *arena = cases->arena;
    const char *name = arena_printf(arena, "math_%s_%s%s", f->name, dtype_name(t),
                                    numerics == NUMERICS_SPLIT ? "_split" : "");
    LoopBuilder *b = loop_builder_new(cases->session, arena, name);
    Math m = {b, numerics};
    const Dim *extent = dim_constant(&cases->session->dims, count);
    const char *fills[3] = {f->fill, f->fill};
    int in[2], sources = f->unary ? 1 : 2;
    for (int i = 0; i < sources; i++) {
        in[i] = loop_buffer(b, arena_printf(arena, "x%d", i), LOOP_IN, t, 1, &extent, NULL);
    }
    int out = loop_buffer(b, "y", LOOP_OUT, t, 1, &extent, NULL);
    fills[sources] = NULL;
    LoopVal at = loop_for(b, "i", loop_index(b, 0), loop_index(b, count), ABI_LANES);
    LoopVal x = loop_load_wide(b, in[0], &at, 0);
    LoopVal y = f->unary ? f->unary(&m, x) : f->binary(&m, x, loop_load_wide(b, in[1], &at, 0));
    loop_store(b, out, &at, y, 0);
    loop_end(b);
    case_of_kernel(cases, loop_builder_finish(b), fills);
}

/* The scalar forms of all functions, on fewer inputs. */
static void scalar_functions(Cases *cases, DType t) {
    LoopBuilder *b = loop_builder_new(cases->session, cases->arena,
                                      arena_printf(cases->arena, "math_scalar_%s", dtype_name(t)));
    Math m = {b, NUMERICS_FMA};
    const Dim *extent = dim_constant(&cases->session->dims, 400);
    const char *fills[2 + FUNCTIONS] = {"special", "uniform -3 3"};
    int in[2], out[FUNCTIONS];
    for (int i = 0; i < 2; i++) in[i] = loop_buffer(b, i ? "b" : "a", LOOP_IN, t, 1, &extent, NULL);
    for (int i = 0; i < FUNCTIONS; i++) out[i] = loop_buffer(b, functions[i].name, LOOP_OUT, t, 1, &extent, NULL);
    LoopVal at = loop_for(b, "i", loop_index(b, 0), loop_dim(b, extent), 1);
    LoopVal x = loop_load(b, in[0], &at), y = loop_load(b, in[1], &at);
    for (int i = 0; i < FUNCTIONS; i++) {
        const Function *f = &functions[i];
        loop_store(b, out[i], &at, f->unary ? f->unary(&m, x) : f->binary(&m, x, y), 0);
    }
    loop_end(b);
    case_of_kernel(cases, loop_builder_finish(b), fills);
}

/* Philox over 16 lanes of counters, and the numbers made of its words. */
static void random_numbers(Cases *cases) {
    LoopBuilder *b = loop_builder_new(cases->session, cases->arena, "philox");
    Math m = {b, NUMERICS_FMA};
    const Dim *extent = dim_constant(&cases->session->dims, 1 << 12), *two = dim_constant(&cases->session->dims, 2);
    const char *fills[7] = {"bits"};
    int seed = loop_buffer(b, "seed", LOOP_IN, DT_U32, 1, &two, NULL), out[6];
    for (int i = 0; i < 6; i++) {
        DType t = i < 4 ? DT_U32 : i == 4 ? DT_F32 : DT_F64;
        out[i] = loop_buffer(b, arena_printf(cases->arena, "y%d", i), LOOP_OUT, t, 1, &extent, NULL);
    }
    LoopVal words[2];
    for (int i = 0; i < 2; i++) words[i] = loop_load(b, seed, (LoopVal[]){loop_index(b, i)});
    LoopVal at = loop_for(b, "i", loop_index(b, 0), loop_dim(b, extent), ABI_LANES);
    RandomKey key = random_key(&m, loop_splat(b, words[0]), loop_splat(b, words[1]), 0x0123456789abcdefu);
    LoopVal column = loop_binary(b, LO_ADD, loop_splat(b, loop_convert(b, at, loop_scalar(DT_U32))),
                                 loop_convert(b, loop_lane(b, DT_I32), loop_wide(DT_U32)));
    LoopVal zero = loop_const_int(b, loop_wide(DT_U32), 0), seven = loop_const_int(b, loop_wide(DT_U32), 7);
    RandomWords r = random_philox(&m, key, (LoopVal[]){column, seven, zero, seven});
    for (int i = 0; i < 4; i++) loop_store(b, out[i], &at, r.word[i], 0);
    loop_store(b, out[4], &at, random_uniform_f32(&m, r.word[0]), 0);
    loop_store(b, out[5], &at, random_uniform_f64(&m, r.word[0], r.word[1]), 0);
    loop_end(b);
    case_of_kernel(cases, loop_builder_finish(b), fills);
}

void generate_math(Cases *cases, int64_t count) {
    for (int i = 0; i < FUNCTIONS; i++) {
        one_function(cases, &functions[i], DT_F32, NUMERICS_FMA, count);
        one_function(cases, &functions[i], DT_F64, NUMERICS_FMA, count / 16);
        one_function(cases, &functions[i], DT_F32, NUMERICS_SPLIT, count / 16);
    }
    scalar_functions(cases, DT_F32);
    scalar_functions(cases, DT_F64);
    random_numbers(cases);
}
