/* Which kernels are the same code: those with the same key. */
#include "compiler/loop_key.h"
#include "compiler/loop_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

typedef struct Keyed {
    const char *kernel;
    int first; /* of the list, with the same key */
} Keyed;

static const Keyed list[] = {
    {"kernel one(in x: f32[32], out y: f32[32]) tile t of 32 { let v = load x[t]  store y[t] = add(v, 1) }", 0},
    {"kernel two(in left: f32[32], out right: f32[32]) tile i of 32 { let w = load left[i]  store right[i] = add(w, 1) }", 0},
    {"kernel tiles(in x: f32[32], out y: f32[32]) tile t of 16 { let v = load x[t]  store y[t] = add(v, 1) }", 0},
    {"kernel number(in x: f32[32], out y: f32[32]) tile t of 32 { let v = load x[t]  store y[t] = add(v, 2) }", 3},
    {"kernel sign(in x: f32[32], out y: f32[32]) tile t of 32 { let v = load x[t]  store y[t] = mul(v, 0) }", 4},
    {"kernel sign(in x: f32[32], out y: f32[32]) tile t of 32 { let v = load x[t]  store y[t] = mul(v, -0) }", 5},
    {"kernel size(in x: f32[33], out y: f32[33]) tile t of 33 { let v = load x[t]  store y[t] = add(v, 1) }", 6},
    {"kernel type(in x: f64[32], out y: f64[32]) tile t of 32 { let v = load x[t]  store y[t] = add(v, 1) }", 7},
    {"kernel op(in x: f32[32], out y: f32[32]) tile t of 32 { let v = load x[t]  store y[t] = mul(v, 1) }", 8},
    {"kernel place(in x: f32[32], inout y: f32[32]) tile t of 32 { let v = load x[t]  store y[t] = add(v, 1) }", 9},
    {"kernel again(in a: f32[32], out b: f32[32]) tile t of 32 { let v = load a[t]  store b[t] = mul(v, 1) }", 8},
    {"kernel pitch(in x: f32[4, 8] pitch 16, out y: f32[4, 8]) tile t of 4 { store y[t, 0] = load x[t, 0] }", 11},
    {"kernel pitch(in x: f32[4, 8] pitch 32, out y: f32[4, 8]) tile t of 4 { store y[t, 0] = load x[t, 0] }", 12},
    {"kernel dim(in x: f32[B], out y: f32[B]; dims B) tile t of B { store y[sub(sub(B, 1), t)] = load x[t] }", 13},
    {"kernel dim(in x: f32[N], out y: f32[N]; dims N) tile t of N { store y[sub(sub(N, 1), t)] = load x[t] }", 13},
    {"kernel dims(in x: f32[B, C], out y: f32[B, C]; dims B, C) tile t of B { store y[t, sub(C, 1)] = load x[t, 0] }", 15},
    {"kernel dims(in x: f32[C, B], out y: f32[C, B]; dims B, C) tile t of C { store y[t, sub(C, 1)] = load x[t, 0] }", 16},
    {"kernel step(out y: f32[32]) tile t of 1 { for i in 0..32 step 2 { store y[i] = 1 } }", 17},
    {"kernel step(out y: f32[32]) tile t of 1 { for i in 0..32 step 4 { store y[i] = 1 } }", 18},
    {"kernel step(out y: f32[32]) tile t of 1 { for i in 0..32 step 2 reversed { store y[i] = 1 } }", 19},
    {"kernel check(in x: i64[4], out y: i64[4]) tile t of 4 { let v = load x[t]  let is = lt(v, 4)  check is, \"too large\"  store y[t] = v }", 20},
    {"kernel check(in x: i64[4], out y: i64[4]) tile t of 4 { let v = load x[t]  let is = lt(v, 4)  check is, \"beyond\"  store y[t] = v }", 20},
};

enum { COUNT = sizeof list / sizeof *list };

static LoopKey key_of(Session *s, const char *text) {
    LoopFile *file = loop_parse(s, &s->arena, source_add(&s->sources, "key.loop", text, strlen(text)));
    if (!file) fail_msg("%s", text);
    assert_int_equal(file->kernels.len, 1);
    return loop_key(&s->arena, file->kernels.data[0]);
}

static int same(const LoopKey *a, const LoopKey *b) {
    return a->len == b->len && memcmp(a->data, b->data, (size_t)a->len) == 0;
}

static void keys_hold_what_code_depends_on(void **state) {
    (void)state;
    Session s;
    session_init(&s);
    LoopKey keys[COUNT];
    for (int i = 0; i < COUNT; i++) keys[i] = key_of(&s, list[i].kernel);
    for (int i = 0; i < COUNT; i++) {
        int first = i;
        for (int j = i; j-- > 0;)
            if (same(&keys[i], &keys[j])) first = j;
        if (first != list[i].first) fail_msg("%s: first equal one is %d, not %d", list[i].kernel, first, list[i].first);
    }
    session_release(&s);
}

/* Numbers and addresses that names have in one process do not show. */
static void keys_are_the_same_in_every_process(void **state) {
    (void)state;
    const char *text = "kernel k(in x: f32[2*B + 1, C//2], out y: f32[C, B*B]; dims B, C) tile t of B { store y[t, 0] = load x[t, 0] }";
    Session fresh, used;
    session_init(&fresh);
    session_init(&used);
    key_of(&used, "kernel other(in x: f32[C, D, B, 32*D], out y: f32[3]; dims C, D, B) tile t of D { store y[0] = load x[0, t, 0, D] }");
    LoopKey a = key_of(&fresh, text), b = key_of(&used, text);
    assert_true(same(&a, &b));
    session_release(&fresh);
    session_release(&used);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_hold_what_code_depends_on),
        cmocka_unit_test(keys_are_the_same_in_every_process),
    };
    return cmocka_run_group_tests_name("loop_key", tests, NULL, NULL);
}
