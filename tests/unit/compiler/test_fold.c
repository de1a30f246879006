/* Constant folding against the interpreter: every function on every dtype that takes it, every conversion,
 * on values at the edges; equal bits, where any NaN equals any NaN. */
#include "compiler/fold.h"
#include "tests/support/graph_case.h"
#include "tests/support/lower_run.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { MAX_VALUES = 24 };

typedef struct Values {
    double of[MAX_VALUES];
    int count;
} Values;

static void push(Values *values, double value) { values->of[values->count++] = value; }

/* Exact in `t`: zeros, ones, the largest and the least, what rounds, infinities, NaN, subnormals. */
static Values edge_values(DType t) {
    Values v = {{0}, 0};
    push(&v, 0);
    push(&v, 1);
    if (t == DT_BOOL) return v;
    push(&v, 2);
    push(&v, 3);
    push(&v, 7);
    push(&v, 100);
    if (dtype_is_integer(t)) {
        int bits = dtype_bytes(t) * 8;
        push(&v, ldexp(1, bits - 2));
        if (bits < 64) push(&v, ldexp(1, dtype_is_signed(t) ? bits - 1 : bits) - 1);
        if (dtype_is_unsigned(t)) return v;
        push(&v, -1);
        push(&v, -3);
        push(&v, -8);
        push(&v, -ldexp(1, bits - 1));
        return v;
    }
    const double floats[] = {-0.0,
                             -1,
                             0.5,
                             -2.5,
                             0.1f,
                             1e10f,
                             -300.25,
                             0x1p-20,
                             INFINITY,
                             -INFINITY,
                             NAN,
                             t == DT_F32 ? 0x1p-149 : 0x1p-1074,
                             t == DT_F32 ? 0x1.fffffep127 : 0x1.fffffffffffffp1023};
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) push(&v, floats[i]);
    return v;
}

static int is_nan(DType t, const void *p) {
    if (t == DT_F32) return isnan(*(const float *)p);
    return t == DT_F64 && isnan(*(const double *)p);
}

/* Runs a region with inputs "a", "b", ... of all combinations in the interpreter; the bytes of its one
 * result. */
static const char *run_all(Session *session, const char *text, const double *const *inputs, int64_t count) {
    Region *r = region_of_text(session, &session->arena, text);
    const int64_t *dims = dim_values(&session->arena, r, &count);
    LowerRun run = lower_run(&session->arena, &(LowerOptions){.numerics = NUMERICS_FMA}, r, dims, inputs);
    return run.slots[r->inputs.len];
}

/* All combinations of the edge values for `operands` operands. */
static int64_t combine(Arena *arena, const Values *v, int operands, double **inputs) {
    int64_t count = 1;
    for (int i = 0; i < operands; i++) count *= v->count;
    for (int i = 0; i < operands; i++) inputs[i] = arena_array(arena, double, count);
    for (int64_t k = 0; k < count; k++) {
        int64_t rest = k;
        for (int i = 0; i < operands; i++) {
            inputs[i][k] = v->of[rest % v->count];
            rest /= v->count;
        }
    }
    return count;
}

static DType result_type(ScalarKind f, DType t) {
    Node in = {.dtype = t}, *operands[3] = {&in, &in, &in};
    Node n = {.op = OP_MAP, .in = operands, .in_count = scalar_operands(f), .attr = {.scalar = f}};
    DType out;
    return scalar_info[f].types(&n, &out) ? DT_COUNT : out;
}

static const char *map_text(Arena *arena, ScalarKind f, DType t, DType out) {
    Text text = text_new(arena);
    int operands = scalar_operands(f);
    text_add(&text, "region r(N <= 20000) {\n");
    for (int i = 0; i < operands; i++)
        text_printf(&text, "%%%d = input(data \"%c\"): %s[N]\n", i, 'a' + i, dtype_name(t));
    text_printf(&text, "%%%d = map[%s](%%0%s%s): %s[N]\n", operands, scalar_name(f),
                operands > 1 ? ", %1" : "", operands > 2 ? ", %2" : "", dtype_name(out));
    text_printf(&text, "result data \"y\" = %%%d }\n", operands);
    return text_str(&text);
}

/* How many elements were folded. */
static int64_t check_function(ScalarKind f, DType t) {
    Session session;
    session_init(&session);
    DType out = result_type(f, t);
    int64_t folded = 0;
    if (out != DT_COUNT && f != SC_SELECT) {
        Values v = edge_values(t);
        double *inputs[3];
        int64_t count = combine(&session.arena, &v, scalar_operands(f), inputs);
        const char *ran =
            run_all(&session, map_text(&session.arena, f, t, out), (const double *const *)inputs, count);
        size_t size = (size_t)dtype_bytes(out);
        for (int64_t k = 0; k < count; k++) {
            _Alignas(8) char in[3][8] = {{0}}, y[8] = {0};
            const void *operands[3] = {in[0], in[1], in[2]};
            for (int i = 0; i < scalar_operands(f); i++) lower_run_put(t, in[i], 0, inputs[i][k]);
            if (!fold_map(f, t, operands, 1, y)) continue;
            folded++;
            const void *expected = ran + (size_t)k * size;
            if (memcmp(y, expected, size) != 0 && !(is_nan(out, y) && is_nan(out, expected)))
                fail_msg("%s of %s (%g, %g): folded %.17g, run %.17g", scalar_name(f), dtype_name(t),
                         inputs[0][k], scalar_operands(f) > 1 ? inputs[1][k] : 0, lower_run_get(out, y, 0),
                         lower_run_get(out, expected, 0));
        }
    }
    session_release(&session);
    return folded;
}

static int is_computed_with(DType t) { return t != DT_F16 && t != DT_BF16; }

static void functions_fold_to_the_bits_of_a_run(void **state) {
    (void)state;
    int64_t folded = 0;
    for (int f = 0; f < SC_COUNT; f++)
        for (DType t = DT_BOOL; t < DT_INDEX; t++)
            if (is_computed_with(t)) folded += check_function((ScalarKind)f, t);
    assert_true(folded > 10000);
}

static void check_conversion(DType from, DType to) {
    Session session;
    session_init(&session);
    Values v = edge_values(from);
    double *inputs[1];
    int64_t count = combine(&session.arena, &v, 1, inputs);
    const char *text = arena_printf(&session.arena,
                                    "region r(N <= 99) { %%0 = input(data \"a\"): %s[N]\n"
                                    "%%1 = convert(%%0): %s[N] result data \"y\" = %%1 }",
                                    dtype_name(from), dtype_name(to));
    const char *ran = run_all(&session, text, (const double *const *)inputs, count);
    size_t size = (size_t)dtype_bytes(to);
    for (int64_t k = 0; k < count; k++) {
        _Alignas(8) char x[8] = {0}, y[8] = {0};
        lower_run_put(from, x, 0, inputs[0][k]);
        const void *expected = ran + (size_t)k * size;
        if (!fold_convert(from, x, to, y)) continue;
        if (memcmp(y, expected, size) != 0 && !(is_nan(to, y) && is_nan(to, expected)))
            fail_msg("%s to %s of %g: folded %.17g, run %.17g", dtype_name(from), dtype_name(to),
                     inputs[0][k], lower_run_get(to, y, 0), lower_run_get(to, expected, 0));
    }
    session_release(&session);
}

static void conversions_fold_to_the_bits_of_a_run(void **state) {
    (void)state;
    for (DType from = DT_BOOL; from < DT_INDEX; from++)
        for (DType to = DT_BOOL; to < DT_INDEX; to++)
            if (from != to && is_computed_with(from) && is_computed_with(to)) check_conversion(from, to);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_fold_to_the_bits_of_a_run),
        cmocka_unit_test(conversions_fold_to_the_bits_of_a_run),
    };
    return cmocka_run_group_tests_name("folding", tests, NULL, NULL);
}
