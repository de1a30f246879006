/* Each rule of the loop IR with a kernel that breaks it, and mistakes of the text. */
#include "compiler/loop_build.h"
#include "compiler/loop_parse.h"
#include "compiler/loop_verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* A body of the kernel below, and a part of the message it gets. */
typedef struct BadCase {
    const char *body, *message;
} BadCase;

#define HEADER                                                                                     \
    "kernel bad(in x: f32[B, 8], out y: f32[8], inout z: f32[8], in n: i32[8], in s: f32[];"       \
    " dims B) tile t of 1 {\n"

static const BadCase invalid[] = {
    {"let a = add(f32(1), i32(1))", "`add` needs operands of one type: f32 and i32"},
    {"let a = add(true, bool(1))", "`add` is not for bool"},
    {"let a = sqrt(i32(1))", "`sqrt` is not for i32"},
    {"let a = rem(f32(1), 2)", "`rem` is not for f32"},
    {"let a = and(f32(1), 2)", "`and` is not for f32"},
    {"let a = shl(true, bool(1))", "`shl` is not for bool"},
    {"let a = mulhi(i16(1), 2)", "`mulhi` is not for i16"},
    {"let a = select(i32(1), f32(1), 2)", "the condition of `select` is i32, not bool"},
    {"let w = f32x16(1) let c = lt(f32(1), 2) let a = select(c, w, w)", "the condition of `select` is bool, not boolx16"},
    {"let a = add(f32(1), f32x16(1))", "one type: f32 and f32x16"},
    {"let a = bitcast(f32(1), i64)", "`bitcast` from f32 to i64"},
    {"let a = bitcast(true, u8)", "`bitcast` from bool to u8"},
    {"let a = convert(f32(1), f16)", "is f16"},
    {"let b = lanes_sum(f32(1))", "`lanes_sum` of f32"},
    {"let v = load s[] let w = splat(v) let a = splat(w)", "`splat` of f32x16"},
    {"let a = lane_get(f32(1), 0)", "`lane_get` of f32"},
    {"let a = lane_get(f32x16(1), i32(0))", "the number of a lane is i32, not index"},
    {"let a = lanes_max(boolx16(1))", "`lanes_max` is not for boolx16"},
    {"let a = load y[0]", "`y` is out: it is not read"},
    {"store x[0, 0] = 1", "`x` is in: it is not written"},
    {"store y[0] = i32(1)", "the value stored is i32, not f32"},
    {"let a = load x[i32(0), 0]", "subscript 1 of `x` is i32, not index"},
    {"let a = load s[] lanes 4", "`s` has no axis for lanes"},
    {"let a = load x[0, 0] lanes 17", "17 lanes: there are 0 to 16"},
    {"let a = load x[0, 0] lanes -1", "-1 lanes"},
    {"let a = load x[0, 0] lanes f32(1)", "the number of lanes is f32, not index"},
    {"let a = gather x[0, 1]", "the last subscript of `gather` is index, not i32x16 or indexx16"},
    {"let a = gather x[0, f32x16(1)]", "the last subscript of `gather` is f32x16"},
    {"prefetch x[f32(0), 0]", "subscript 1 of `x` is f32, not index"},
    {"store y[0] lanes 4 = f32(1)", "a number of lanes with a scalar store"},
    {"var a: f32 = i32(1)", "the initial value is i32, not f32"},
    {"var a: f32 = f32x16(1)", "the initial value is f32x16, not f32"},
    {"var a: f16 = f32(1)", "of an impossible shape or type"},
    {"var a[4]: f32 = 0 a[4] = 1", "`a` has no register 4"},
    {"var a[4]: f32 = 0 for i in 0..4 { a[i] = 1 }", "subscript 1 of the registers `a` is not constant"},
    {"var a[4]: f32 = 0 a[0] = i32(1)", "the value of a register is i32, not f32"},
    {"var a[4]: f32x16 = 0 a[0] = f32(1)", "the value of a register is f32, not f32x16"},
    {"for i in 0..f32(4) { }", "the upper bound is f32, not index"},
    {"for i in 0..4 step 0 { }", "a step of 0"},
    {"unroll i in 0..B { }", "the bounds of `unroll` are not constant"},
    {"if f32(1) { }", "the condition is f32, not bool"},
    {"while f32(1) { }", "the condition is f32, not bool"},
    {"check i32(1), \"no\"", "the condition is i32, not bool"},
};

static const BadCase syntax[] = {
    {"let a = ", "expected a value, found `}`"},
    {"let a = add(1, 2", "expected `)`, found `}`"},
    {"let a = add(1)", "`add` takes 2 operands, not 1"},
    {"let a = load q[0]", "the kernel has no buffer `q`"},
    {"let a = load x[0]", "`x` has 2 axes, not 1"},
    {"let a = b", "nothing is called `b` here"},
    {"let a = f32(1) let a = f32(2)", "`a` has a meaning in this block already"},
    {"if true { let a = f32(1) } let b = neg(a)", "nothing is called `a` here"},
    {"let a = 0.5", "the type of a number is not known here"},
    {"let a = add(0.5, 1)", "the type of these numbers is not known"},
    {"prefetch q[0]", "the kernel has no buffer `q`"},
    {"prefetch x[0]", "`x` has 2 axes, not 1"},
    {"store n[0] = 0.5", "a number with a fraction stands where i32 is wanted"},
    {"store y[0] = @", "`@` begins nothing"},
    {"check true, \"open", "begins nothing"},
    {"var a[0]: f32 = 0", "registers have up to two axes of 1 to 4096"},
    {"var a[2, 2, 2]: f32 = 0", "registers have up to two axes"},
    {"t = 1", "`t` is no register and begins no statement"},
    {"let load = f32(1)", "`load` is a word of the text"},
    {"let a = convert(f32(1), q8)", "`q8` is no type"},
};

static void expect_messages(const BadCase *cases, size_t count, const char *code) {
    int failed = 0;
    for (size_t i = 0; i < count; i++) {
        Session s;
        session_init(&s);
        const char *text = arena_printf(&s.arena, HEADER "%s }\n", cases[i].body);
        LoopFile *file = loop_parse(&s, &s.arena, source_add(&s.sources, "bad", text, strlen(text)));
        const char *got = s.diags.list.len ? s.diags.list.data[0]->message : "(nothing)";
        int is_good = !file && strstr(got, cases[i].message);
        if (!is_good) fprintf(stderr, "%s\n  got:      %s\n  expected: %s\n", cases[i].body, got, cases[i].message);
        failed += !is_good || strcmp(diag_code_text(s.diags.list.data[0]->code), code) != 0;
        session_release(&s);
    }
    assert_int_equal(failed, 0);
}

static void rules_are_checked(void **state) {
    (void)state;
    expect_messages(invalid, sizeof invalid / sizeof *invalid, "E0902");
}

static void syntax_is_checked(void **state) {
    (void)state;
    expect_messages(syntax, sizeof syntax / sizeof *syntax, "E0901");
}

static const char *first_fault(Session *s, const LoopKernel *k) {
    LoopFaults faults = {0};
    loop_verify(&s->arena, k, &faults);
    return faults.list.len ? faults.list.data[0].text : "";
}

/* What text cannot say: values out of their block, made twice or never. */
static void order_of_values_is_checked(void **state) {
    (void)state;
    Session s;
    session_init(&s);
    LoopBuilder *b = loop_builder_new(&s, &s.arena, "scopes");
    int array = loop_array(b, "a", loop_scalar(DT_INDEX), 0, NULL, loop_index(b, 0));
    LoopVal i = loop_for(b, "i", loop_index(b, 0), loop_index(b, 4), 1);
    LoopVal inner = loop_binary(b, LO_ADD, i, loop_builder_kernel(b)->tile);
    loop_set(b, array, NULL, inner);
    loop_end(b);
    LoopKernel *k = loop_builder_finish(b);
    assert_string_equal(first_fault(&s, k), "");
    LoopStmt *set = k->body->next->body->next;
    k->body->next->next = set;
    assert_non_null(strstr(first_fault(&s, k), "is used outside of its block"));
    k->body->next->next = NULL;
    LoopStmt *let = k->body->next->body;
    let->next = NULL;
    set->next = let;
    k->body->next->body = set;
    assert_non_null(strstr(first_fault(&s, k), "is used before it is made"));
    set->next = NULL;
    k->body->next->body = let;
    let->next = &(LoopStmt){.kind = LS_LET, .value = let->value};
    assert_non_null(strstr(first_fault(&s, k), "is made twice"));
    session_release(&s);
}

/* A header of a kernel, or a plan behind a good kernel. */
static void headers_and_plans_are_checked(void **state) {
    static const BadCase headers[] = {
        {"kernel k(in x: f32[B]) tile t of 1 { }", "extent 1 of `x` has a size that is not among the dims"},
        {"kernel k(in x: f32[8] pitch 4) tile t of 1 { }", "the pitch of `x` is less than its last extent"},
        {"kernel k(in x: index[8]) tile t of 1 { }", "`index` is no element type of a buffer"},
        {"kernel k(in x: f32[8], in x: f32[8]) tile t of 1 { }", "two buffers are called `x`"},
        {"kernel k() tile t of 1//0 { }", "a size is divided by zero"},
        {"kernel k() tile t of 1", "expected `{`, found the end of the text"},
        {"nonsense", "expected `kernel` or `plan`, found `nonsense`"},
    };
    static const BadCase plans[] = {
        {"buffer x: f32[4] input 2 bytes 16 }", "`x` has slot 2 of 2"},
        {"buffer x: f32[4] arena 8 bytes 16 }", "`x` is not at a multiple of 64"},
        {"buffer x: f32[4] arena 64 bytes 80 }", "`x` ends behind the arena"},
        {"buffer x: f32[4] input 0 run k(x) }", "kernel `k` takes 2 buffers and is given 1"},
        {"buffer x: f32[4] input 0 run k(x, x) }", "`y` is written and is given `x`, which is read only"},
        {"buffer x: i32[4] inout 0 run k(x, x) }", "`x` is i32 and is given"},
        {"buffer x: f32[4] inout 0 when x { } }", "the condition `x` is not bool"},
        {"buffer x: f32[4] inout 0 run q(x, x) }", "no kernel `q` stands before the plan"},
        {"run k(x, x) }", "the plan has no buffer `x`"},
        {"buffer x: f32[4] inout 0 run k(x by i: 1, x) }", "no loop around has the index `i`"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof *headers + sizeof plans / sizeof *plans; i++) {
        int is_plan = i >= sizeof headers / sizeof *headers;
        const BadCase *c = is_plan ? &plans[i - sizeof headers / sizeof *headers] : &headers[i];
        Session s;
        session_init(&s);
        const char *text = is_plan ? arena_printf(&s.arena, "kernel k(in x: f32[4], out y: f32[4]) tile t of 1 { }\n"
                                                            "plan p() slots 2 arena 128 scratch 0 { %s", c->body)
                                   : c->body;
        assert_null(loop_parse(&s, &s.arena, source_add(&s.sources, "bad", text, strlen(text))));
        const char *got = s.diags.list.data[0]->message;
        if (!strstr(got, c->message) && !(strstr(got, "`x` is f32") && strstr(c->message, "i32")))
            fail_msg("%s\n  got:      %s\n  expected: %s", text, got, c->message);
        session_release(&s);
    }
}

/* A text of any depth and any bytes ends with one message. */
static void hostile_text_is_refused(void **state) {
    (void)state;
    static char deep[200001];
    const char *const starts[] = {"(", "-", "{", "min(", "if true {"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        Session s;
        session_init(&s);
        size_t len = 0, piece = strlen(starts[i]);
        const char *head = "kernel k() tile t of 1 { let a = ";
        if (i == 4) head = "kernel k() tile t of 1 { ";
        len = strlen(head);
        memcpy(deep, head, len);
        while (len + piece < sizeof deep) memcpy(deep + len, starts[i], piece), len += piece;
        deep[len] = '\0';
        assert_null(loop_parse(&s, &s.arena, source_add(&s.sources, "deep", deep, len)));
        assert_int_equal(s.diags.list.len, 1);
        session_release(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_checked),
        cmocka_unit_test(syntax_is_checked),
        cmocka_unit_test(order_of_values_is_checked),
        cmocka_unit_test(headers_and_plans_are_checked),
        cmocka_unit_test(hostile_text_is_refused),
    };
    return cmocka_run_group_tests_name("loop_verify", tests, NULL, NULL);
}
