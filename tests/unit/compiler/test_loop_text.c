/* Loop text: printing what was parsed gives the same text, forms written by hand, mistakes in the text. */
#include "compiler/loop_expand.h"
#include "compiler/loop_parse.h"
#include "compiler/loop_print.h"
#include "compiler/loop_verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int set_up(void **state) {
    Session *s = malloc(sizeof *s);
    session_init(s);
    *state = s;
    return 0;
}

static int tear_down(void **state) {
    session_release(*state);
    free(*state);
    return 0;
}

static LoopFile *parse(Session *s, const char *text) {
    return loop_parse(s, &s->arena, source_add(&s->sources, "test.loop", text, strlen(text)));
}

static void show(Session *s) {
    Text out = text_new(&s->arena);
    diags_render(&s->diags, &s->sources, (DiagStyle){0}, &out);
    fputs(text_str(&out), stderr);
}

static const char *printed(Session *s, const LoopFile *file) {
    Text out = text_new(&s->arena);
    if (file->plans.len) plan_print(&out, file->plans.data[0]);
    else for (int i = 0; i < file->kernels.len; i++) loop_print(&out, file->kernels.data[i]);
    return text_str(&out);
}

static LoopFile *parse_good(Session *s, const char *text) {
    LoopFile *file = parse(s, text);
    if (!file) show(s);
    assert_non_null(file);
    return file;
}

/* Equal texts; else the lines from the first difference on are shown. */
static void assert_same(const char *got, const char *expected) {
    size_t at = 0, line = 0;
    for (; got[at] && got[at] == expected[at]; at++)
        if (got[at] == '\n') line = at + 1;
    if (got[at] != expected[at]) fprintf(stderr, "got:\n%.300s\nexpected:\n%.300s\n", got + line, expected + line);
    assert_int_equal(got[at], expected[at]);
}

static void assert_reads_back(const char *text) {
    Session *fresh;
    set_up((void **)&fresh);
    assert_same(printed(fresh, parse_good(fresh, text)), text);
    tear_down((void **)&fresh);
}

/* The text as it is printed; what is printed reads back to itself, expanded or not. */
static const char *canonical(Session *s, const char *text) {
    LoopFile *file = parse_good(s, text);
    const char *once = printed(s, file);
    assert_reads_back(once);
    for (int i = 0; i < file->kernels.len; i++) {
        LoopKernel *expanded = loop_expand(s, &s->arena, file->kernels.data[i]);
        loop_verify_or_die(expanded, "expansion");
        Text out = text_new(&s->arena);
        loop_print(&out, expanded);
        assert_reads_back(text_str(&out));
    }
    return once;
}

static void assert_canonical(Session *s, const char *text) { assert_same(canonical(s, text), text); }

static void kernels_read_back(void **state) {
    assert_canonical(*state,
        "kernel all(in x: f32[B, 784] pitch 800, inout y: f64[(B + 7)//8, 10], scratch z: f16[min(B, 4), 2*B],\
 in lr: f32[], in n: bool[3], out u: u64[4]; dims B <= 32, N; index i, j) tile t of (B + 7)//8 range 4 hero \"map\" {\n"
        "    var a[8]: f32x16 = 0\n"
        "    var b[2, 3]: i32 = -7\n"
        "    var n: index = 0\n"
        "    let v1 = load lr[]\n"
        "    let w = load x[t, 0] lanes 10\n"
        "    let w2 = load x[0, 16] lanes 16\n"
        "    let g = gather y[0, lane(i32)] lanes 3\n"
        "    let h = gather y[0, lane(index)] lanes 16\n"
        "    unroll r in 0..8 {\n"
        "        let v2 = splat(v1)\n"
        "        let v3 = a[r]\n"
        "        let f = fma(v2, w, v3)\n"
        "        a[r] = f\n"
        "        let odd = rem(r, 2)\n"
        "        let m = sub(index(1), 2)\n"
        "        b[odd, 2] = 5\n"
        "    }\n"
        "    for k in 3..B step 2 reversed {\n"
        "        n = k\n"
        "        for k_2 in k..16 {\n"
        "            let c = lt(k_2, 4)\n"
        "            let s = select(c, 0.1, v1)\n"
        "            check c, \"the \\\"end\\\"\\\\\\n\"\n"
        "            if c {\n"
        "                let q = load n[2]\n"
        "                store y[t, 0] = 1e+300\n"
        "                prefetch n[k]\n"
        "            } else {\n"
        "                store z[0, k] = s\n"
        "            }\n"
        "        }\n"
        "    }\n"
        "    while {\n"
        "        let v4 = n\n"
        "        let c_2 = le(v4, 10)\n"
        "    } c_2 {\n"
        "        let v5 = add(v4, 1)\n"
        "        n = v5\n"
        "    }\n"
        "    let p = convert(w, i32)\n"
        "    let q_2 = bitcast(p, u32)\n"
        "    let e = lane_get(p, 3)\n"
        "    let l = lanes_sum(w)\n"
        "    let l2 = lanes_max(w, 7)\n"
        "    let s_2 = add(f32(0.1), -inf)\n"
        "    let d = load n[1]\n"
        "    let o = and(true, d)\n"
        "    store u[0] = 18446744073709551615\n"
        "}\n");
}

static void hand_written_forms(void **state) {
    const char *text =
        "# a comment\n"
        "kernel hand(in x: f32[B, 20], in w: f32[20, 16], out y: f32[B, 16]; dims B) tile t of (B + 3)//4 {\n"
        "  var a[4]: f32x16 = 0\n"
        "  for k in 0..20 { let v = load w[k, 0] lanes 16\n"
        "    unroll r in 0..4 { a[r] = fma(splat(load x[min(4*t + r, B - 1), k]), v, a[r]) } }\n"
        "  unroll r in 0..2, j in 0..2 {\n"
        "    if 4*t + 2*r + j < B { store y[4*t + 2*r + j, 0] lanes 16 = max(a[2*r + j], splat(0)) } }\n"
        "}\n";
    const char *once = canonical(*state, text);
    assert_non_null(strstr(once, "let v3 = sub(B, 1)"));
    assert_non_null(strstr(once, "= max(v"));
}

static void plans_read_back(void **state) {
    assert_canonical(*state,
        "kernel one(in x: f32[B], out y: f32[B]; dims B <= 8; index i) tile t of B {\n"
        "    let v = load x[t]\n"
        "    store y[t] = v\n"
        "}\n"
        "\n"
        "plan step(dims B <= 8) slots 2 arena 128 scratch 64 {\n"
        "    buffer x: f32[B] input 0 bytes 32\n"
        "    buffer y: f32[B] output 1 bytes 32\n"
        "    buffer h: f32[4, B] pitch B + 8 arena 64 bytes 64\n"
        "    buffer done: bool[] const \"01\" bytes 1\n"
        "    loop i in 0..B - 1 reversed {\n"
        "        run one(x at 2*B by i: 4, h by i: B)\n"
        "        phase\n"
        "    }\n"
        "    when done {\n"
        "        loop i_2 in 0..4 {\n"
        "            run one(x, y)\n"
        "        }\n"
        "    } else {\n"
        "        phase\n"
        "    }\n"
        "    until done {\n"
        "        phase\n"
        "    }\n"
        "}\n");
}

/* Each example of docs/loop-ir.md. */
static void examples_of_the_manual_read_back(void **state) {
    static char manual[65536];
    FILE *f = fopen(TEST_FOLDER "/../docs/loop-ir.md", "rb");
    assert_non_null(f);
    manual[fread(manual, 1, sizeof manual - 1, f)] = '\0';
    fclose(f);
    int count = 0;
    for (char *at = manual; (at = strstr(at, "```loop\n")); count++) {
        char *end = strstr(at += 8, "```");
        assert_non_null(end);
        Session *fresh;
        set_up((void **)&fresh);
        canonical(fresh, arena_text(&fresh->arena, at, (size_t)(end - at)));
        tear_down((void **)&fresh);
        at = end + 3;
    }
    assert_int_equal(count, 4);
    (void)state;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kernels_read_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hand_written_forms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(plans_read_back, set_up, tear_down),
        cmocka_unit_test(examples_of_the_manual_read_back),
    };
    return cmocka_run_group_tests_name("loop_text", tests, NULL, NULL);
}
