/* Which kernels are the same code. */
#include "compiler/loop_equal.h"
#include "compiler/loop_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const char *const text =
    "kernel one(in x: f32[32], out y: f32[32]) tile t of 32 { let v = load x[t]  store y[t] = add(v, 1) }\n"
    "kernel two(in left: f32[32], out right: f32[32]) tile i of 32 { let w = load left[i]  store right[i] = add(w, 1) }\n"
    "kernel number(in x: f32[32], out y: f32[32]) tile t of 32 { let v = load x[t]  store y[t] = add(v, 2) }\n"
    "kernel size(in x: f32[33], out y: f32[33]) tile t of 33 { let v = load x[t]  store y[t] = add(v, 1) }\n"
    "kernel tiles(in x: f32[32], out y: f32[32]) tile t of 16 { let v = load x[t]  store y[t] = add(v, 1) }\n"
    "kernel type(in x: f64[32], out y: f64[32]) tile t of 32 { let v = load x[t]  store y[t] = add(v, 1) }\n"
    "kernel op(in x: f32[32], out y: f32[32]) tile t of 32 { let v = load x[t]  store y[t] = mul(v, 1) }\n"
    "kernel place(in x: f32[32], inout y: f32[32]) tile t of 32 { let v = load x[t]  store y[t] = add(v, 1) }\n"
    "kernel again(in a: f32[32], out b: f32[32]) tile t of 32 { let v = load a[t]  store b[t] = mul(v, 1) }\n";

static void names_do_not_count(void **state) {
    (void)state;
    Session s;
    session_init(&s);
    LoopFile *file = loop_parse(&s, &s.arena, source_add(&s.sources, "equal.loop", text, strlen(text)));
    assert_non_null(file);
    static const int wanted[] = {0, 0, 2, 3, 4, 5, 6, 7, 6};
    assert_int_equal(file->kernels.len, 9);
    const int *first = loop_first_equal(&s.arena, file->kernels.data, file->kernels.len);
    for (int i = 0; i < 9; i++) assert_int_equal(first[i], wanted[i]);
    session_release(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_do_not_count)};
    return cmocka_run_group_tests_name("loop_equal", tests, NULL, NULL);
}
