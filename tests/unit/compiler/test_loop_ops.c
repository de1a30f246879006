/* What each operation of the loop IR computes, by the interpreter: scalar and in sixteen lanes. */
#include "compiler/loop_eval.h"
#include "compiler/loop_expand.h"
#include "compiler/loop_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* `$` stands for the type, scalar or wide. */
typedef struct OpCase {
    const char *type, *expression, *result_type, *expected;
} OpCase;

static const OpCase cases[] = {
    /* integers wrap */
    {"i8", "add($(127), 1)", "i8", "-128"},
    {"i8", "sub($(-128), 1)", "i8", "127"},
    {"u8", "sub($(0), 1)", "u8", "255"},
    {"i16", "mul($(300), 300)", "i16", "24464"},
    {"u16", "mul($(65535), 65535)", "u16", "1"},
    {"i32", "mul($(65536), 65536)", "i32", "0"},
    {"i32", "add($(2147483647), 1)", "i32", "-2147483648"},
    {"u32", "mul($(4294967295), 4294967295)", "u32", "1"},
    {"i64", "add($(9223372036854775807), 1)", "i64", "-9223372036854775808"},
    {"u64", "sub($(0), 1)", "u64", "18446744073709551615"},
    {"i8", "neg($(-128))", "i8", "-128"},
    {"i32", "abs($(-2147483648))", "i32", "-2147483648"},
    {"i64", "abs($(-5))", "i64", "5"},
    {"u8", "abs($(200))", "u8", "200"},
    {"u32", "neg($(1))", "u32", "4294967295"},
    /* division: toward zero, by zero 0, least by -1 wraps */
    {"i32", "div($(-7), 2)", "i32", "-3"},
    {"i32", "rem($(-7), 2)", "i32", "-1"},
    {"i32", "rem($(7), -2)", "i32", "1"},
    {"i32", "div($(7), 0)", "i32", "0"},
    {"i32", "rem($(7), 0)", "i32", "0"},
    {"i32", "div($(-2147483648), -1)", "i32", "-2147483648"},
    {"i32", "rem($(-2147483648), -1)", "i32", "0"},
    {"i64", "div($(-9223372036854775808), -1)", "i64", "-9223372036854775808"},
    {"i8", "div($(-128), -1)", "i8", "-128"},
    {"u64", "div($(18446744073709551615), 2)", "u64", "9223372036854775807"},
    {"u8", "rem($(200), 7)", "u8", "4"},
    {"u32", "div($(5), 0)", "u32", "0"},
    /* shifts take the count modulo the width */
    {"i32", "shl($(1), 33)", "i32", "2"},
    {"i32", "shr($(-8), 1)", "i32", "-4"},
    {"u32", "shr($(4294967288), 1)", "u32", "2147483644"},
    {"i8", "shr($(-128), 15)", "i8", "-1"},
    {"i8", "shl($(1), 7)", "i8", "-128"},
    {"u64", "shl($(1), 127)", "u64", "9223372036854775808"},
    {"i64", "shr($(-1), -1)", "i64", "-1"},
    /* upper halves */
    {"u32", "mulhi($(4294967295), 4294967295)", "u32", "4294967294"},
    {"i32", "mulhi($(-2), 3)", "i32", "-1"},
    {"u64", "mulhi($(18446744073709551615), 18446744073709551615)", "u64", "18446744073709551614"},
    {"i64", "mulhi($(-9223372036854775808), -9223372036854775808)", "i64", "4611686018427387904"},
    /* logic */
    {"u8", "and($(12), 10)", "u8", "8"},
    {"i16", "or($(12), 10)", "i16", "14"},
    {"i64", "xor($(12), 10)", "i64", "6"},
    {"u16", "not($(1))", "u16", "65534"},
    {"bool", "not($(true))", "bool", "false"},
    {"bool", "xor($(true), true)", "bool", "false"},
    {"bool", "or($(false), true)", "bool", "true"},
    {"bool", "and($(true), false)", "bool", "false"},
    /* floats: one rounding, zeros with signs, infinities, NaN, subnormals */
    {"f32", "add($(16777216), 1)", "f32", "16777216"},
    {"f32", "add($(-0), 0)", "f32", "0"},
    {"f32", "add($(-0), -0)", "f32", "-0"},
    {"f32", "sub($(inf), inf)", "f32", "nan"},
    {"f32", "mul($(1e-40), 0.5)", "f32", "5e-41"},
    {"f32", "mul($(1e-45), 0.5)", "f32", "0"},
    {"f32", "div($(1), 0)", "f32", "inf"},
    {"f32", "div($(1), -0)", "f32", "-inf"},
    {"f32", "div($(0), 0)", "f32", "nan"},
    {"f32", "div($(1), 3)", "f32", "0.33333334"},
    {"f64", "div($(1), 3)", "f64", "0.3333333333333333"},
    {"f32", "mul($(3e38), 10)", "f32", "inf"},
    {"f32", "neg($(0))", "f32", "-0"},
    {"f32", "abs($(-inf))", "f32", "inf"},
    {"f32", "fma($(4097), 4097, -16785408)", "f32", "1"},
    {"f64", "fma($(134217729), 134217729, -18014398777917440)", "f64", "1"},
    {"f32", "fma($(inf), 0, 1)", "f32", "nan"},
    {"f32", "sqrt($(2))", "f32", "1.4142135"},
    {"f32", "sqrt($(-0))", "f32", "-0"},
    {"f64", "sqrt($(-1))", "f64", "nan"},
    {"f32", "floor($(-0.5))", "f32", "-1"},
    {"f32", "floor($(1e30))", "f32", "1e30"},
    {"f32", "rint($(2.5))", "f32", "2"},
    {"f32", "rint($(3.5))", "f32", "4"},
    {"f64", "rint($(-0.5))", "f64", "-0"},
    /* min is a < b ? a : b, max a > b ? a : b */
    {"f32", "min($(nan), 1)", "f32", "1"},
    {"f32", "min($(1), nan)", "f32", "nan"},
    {"f32", "min($(-0), 0)", "f32", "0"},
    {"f32", "max($(0), -0)", "f32", "-0"},
    {"f32", "max($(nan), 1)", "f32", "1"},
    {"i32", "min($(-1), 1)", "i32", "-1"},
    {"u32", "min($(4294967295), 1)", "u32", "1"},
    {"i64", "max($(-1), 1)", "i64", "1"},
    /* comparisons */
    {"f32", "eq($(nan), nan)", "bool", "false"},
    {"f32", "ne($(nan), nan)", "bool", "true"},
    {"f32", "lt($(nan), 1)", "bool", "false"},
    {"f32", "le($(1), nan)", "bool", "false"},
    {"f32", "eq($(-0), 0)", "bool", "true"},
    {"i8", "lt($(-1), 1)", "bool", "true"},
    {"u8", "lt($(255), 1)", "bool", "false"},
    {"u64", "le($(1), 18446744073709551615)", "bool", "true"},
    {"bool", "lt($(false), true)", "bool", "true"},
    {"f64", "select(lt($(1), 2), $(3), 4)", "f64", "3"},
    {"i16", "select(lt($(2), 1), $(3), 4)", "i16", "4"},
    /* of equal lanes; test_loop_run.c has others */
    {"f32", "trade_low_1($(3), 3)", "f32", "3"},
    {"i8", "trade_high_1($(3), 3)", "i8", "3"},
    {"f64", "trade_low_2($(3), 3)", "f64", "3"},
    {"u16", "trade_high_2($(3), 3)", "u16", "3"},
    {"i64", "trade_low_4($(3), 3)", "i64", "3"},
    {"u32", "trade_high_4($(3), 3)", "u32", "3"},
    {"f32", "trade_low_8($(3), 3)", "f32", "3"},
    {"bool", "trade_high_8($(true), true)", "bool", "true"},
    /* conversions: saturate toward the nearest, NaN is 0, integers wrap, to bool is != 0 */
    {"f32", "convert($(1e10), i32)", "i32", "2147483647"},
    {"f32", "convert($(-1e10), i32)", "i32", "-2147483648"},
    {"f32", "convert($(nan), i32)", "i32", "0"},
    {"f32", "convert($(-1), u8)", "u8", "0"},
    {"f32", "convert($(255.9), u8)", "u8", "255"},
    {"f32", "convert($(256), u8)", "u8", "255"},
    {"f32", "convert($(-1.9), i32)", "i32", "-1"},
    {"f64", "convert($(1e300), i64)", "i64", "9223372036854775807"},
    {"f64", "convert($(inf), u64)", "u64", "18446744073709551615"},
    {"f32", "convert($(-200), i8)", "i8", "-128"},
    {"i32", "convert($(300), u8)", "u8", "44"},
    {"i32", "convert($(-1), u64)", "u64", "18446744073709551615"},
    {"u8", "convert($(255), i8)", "i8", "-1"},
    {"i32", "convert($(16777217), f32)", "f32", "16777216"},
    {"u64", "convert($(18446744073709551615), f32)", "f32", "18446744073709551616.0"},
    {"i64", "convert($(-9223372036854775808), f64)", "f64", "-9223372036854775808.0"},
    {"f64", "convert($(1e300), f32)", "f32", "inf"},
    {"f64", "convert($(0.1), f32)", "f32", "0.1"},
    {"f32", "convert($(0.5), bool)", "bool", "true"},
    {"f32", "convert($(nan), bool)", "bool", "true"},
    {"f32", "convert($(-0), bool)", "bool", "false"},
    {"i32", "convert($(256), bool)", "bool", "true"},
    {"bool", "convert($(true), f32)", "f32", "1"},
    {"f32", "bitcast($(1), u32)", "u32", "1065353216"},
    {"i64", "bitcast($(-9223372036854775808), f64)", "f64", "-0"},
    {"u32", "bitcast($(1), f32)", "f32", "1e-45"},
};

static void substitute(Text *out, const char *text, const char *type) {
    for (; *text; text++)
        if (*text == '$') text_add(out, type);
        else text_char(out, *text);
}

static int is_nan_of(const char *type, const unsigned char *bytes) {
    float f = 0;
    double d = 0;
    if (strcmp(type, "f32") == 0) memcpy(&f, bytes, 4);
    if (strcmp(type, "f64") == 0) memcpy(&d, bytes, 8);
    return f != f || d != d;
}

/* All elements of the result equal the expected one in every bit, any NaN any NaN. */
static int is_case_good(const OpCase *c, int is_wide) {
    Session session;
    session_init(&session);
    Arena *arena = &session.arena;
    const char *wide = is_wide ? "x16" : "", *lanes = is_wide ? " lanes 16" : "";
    Text text = text_new(arena);
    text_printf(&text, "kernel k(out y: %s[16], out e: %s[1]) tile t of 1 { store y[0]%s = ", c->result_type,
                c->result_type, lanes);
    substitute(&text, c->expression, arena_printf(arena, "%s%s", c->type, wide));
    text_printf(&text, " store e[0] = %s }", c->expected);
    const char *kept = arena_text(arena, text_str(&text), text.len);
    LoopFile *file = loop_parse(&session, arena, source_add(&session.sources, "op", kept, text.len));
    if (!file) fprintf(stderr, "%s: %s\n", kept, session.diags.list.data[0]->message);
    assert_non_null(file);
    unsigned char y[128] = {0}, e[8] = {0};
    void *buffers[] = {y, e};
    const EvalKernel *program = loop_eval_prepare(arena, loop_expand(&session, arena, file->kernels.data[0]));
    assert_int_equal(loop_eval_run(program, buffers, NULL, 0, 1, NULL), 0);
    size_t bytes = (size_t)dtype_bytes((DType)dtype_from_name(c->result_type));
    int good = 1;
    for (size_t i = 0; i < (is_wide ? 16 : 1); i++)
        good = good && (memcmp(y + i * bytes, e, bytes) == 0 ||
                        (is_nan_of(c->result_type, e) && is_nan_of(c->result_type, y + i * bytes)));
    session_release(&session);
    return good;
}

static void operations_give_their_values(void **state) {
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int is_wide = 0; is_wide < 2; is_wide++) {
            if (is_case_good(&cases[i], is_wide)) continue;
            fprintf(stderr, "%s %s is not %s (%s)\n", cases[i].type, cases[i].expression, cases[i].expected,
                    is_wide ? "wide" : "scalar");
            failed++;
        }
    assert_int_equal(failed, 0);
}

/* Each operation of the table has a case. */
static void table_is_covered(void **state) {
    (void)state;
    for (int op = 0; op < LO_COUNT; op++) {
        if (!loop_op_operands((LoopOp)op)) continue;
        size_t len = strlen(loop_op_name((LoopOp)op));
        int found = 0;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
            found |= strncmp(cases[i].expression, loop_op_name((LoopOp)op), len) == 0 &&
                     cases[i].expression[len] == '(';
        if (!found) fprintf(stderr, "no case of %s\n", loop_op_name((LoopOp)op));
        assert_true(found);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_give_their_values),
        cmocka_unit_test(table_is_covered),
    };
    return cmocka_run_group_tests_name("loop_ops", tests, NULL, NULL);
}
