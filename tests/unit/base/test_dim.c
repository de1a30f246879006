/* Dims: the normal form, facts, and random expressions against direct evaluation. */
#include "base/dim_test.h"
#include "base/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { NAMES = 3 };

typedef struct World {
    Session session;
    DimTable *t;
    DimName *names[NAMES];
    const Dim *h, *w, *c;
} World;

static int world_open(void **state) {
    World *world = test_calloc(1, sizeof *world);
    session_init(&world->session);
    world->t = &world->session.dims;
    const char *texts[NAMES] = {"H", "W", "C"};
    for (int i = 0; i < NAMES; i++)
        world->names[i] = dim_new_name(world->t, symbol(&world->session.symbols, texts[i]));
    world->h = dim_named(world->t, world->names[0]);
    world->w = dim_named(world->t, world->names[1]);
    world->c = dim_named(world->t, world->names[2]);
    *state = world;
    return 0;
}

static int world_close(void **state) {
    session_release(&((World *)*state)->session);
    test_free(*state);
    return 0;
}

static const Dim *number(World *w, int64_t value) { return dim_constant(w->t, value); }

static const char *shown(World *w, const Dim *dim) { return dim_text(&w->session.arena, dim); }

static void equal_polynomials_are_one_pointer(void **state) {
    World *w = *state;
    DimTable *t = w->t;
    const Dim *a = dim_mul(t, dim_add(t, w->h, w->w), dim_sub(t, w->h, w->w));
    const Dim *b = dim_sub(t, dim_power(t, w->h, 2), dim_power(t, w->w, 2));
    assert_ptr_equal(a, b);
    assert_ptr_equal(dim_sub(t, a, b), number(w, 0));
    assert_ptr_equal(dim_mul(t, dim_exact_div(t, w->h, number(w, 2)), number(w, 2)), w->h);
    assert_ptr_equal(dim_mul(t, dim_exact_div(t, w->h, w->w), w->w), w->h);
    const Dim *half = dim_exact_div(t, w->h, number(w, 2));
    assert_ptr_equal(dim_add(t, half, half), w->h);
    assert_ptr_equal(
        dim_exact_div(t, dim_add(t, dim_mul(t, w->c, number(w, 2)), number(w, 4)), number(w, 2)),
        dim_add(t, w->c, number(w, 2)));
    assert_ptr_equal(dim_floor_div(t, dim_floor_div(t, w->h, number(w, 2)), number(w, 3)),
                     dim_floor_div(t, w->h, number(w, 6)));
    assert_ptr_equal(dim_min(t, w->h, dim_add(t, w->h, number(w, 1))), w->h);
    assert_ptr_equal(dim_max(t, w->h, w->w), dim_max(t, w->w, w->h));
}

static void prints_as_written(void **state) {
    World *w = *state;
    DimTable *t = w->t;
    const Dim *one = number(w, 1), *two = number(w, 2);
    assert_string_equal(shown(w, dim_add(t, dim_mul(t, two, w->c), one)), "2*C + 1");
    assert_string_equal(
        shown(w, dim_add(t, dim_floor_div(t, dim_sub(t, w->h, one), number(w, 3)), one)),
        "(H + 2)//3");
    assert_string_equal(shown(w, dim_sub(t, one, w->h)), "1 - H");
    assert_string_equal(shown(w, dim_exact_div(t, w->h, w->w)), "H/W");
    assert_string_equal(shown(w, dim_mul(t, w->c, dim_floor_div(t, w->h, two))), "C*(H//2)");
    assert_string_equal(shown(w, dim_mod(t, w->h, two)), "H % 2");
    assert_string_equal(shown(w, dim_min(t, w->h, w->w)), "min(H, W)");
    assert_string_equal(shown(w, dim_power(t, w->h, 2)), "H**2");
    assert_string_equal(shown(w, number(w, 0)), "0");
    assert_string_equal(shown(w, number(w, -3)), "-3");
}

static void facts_decide(void **state) {
    World *w = *state;
    DimTable *t = w->t;
    Arena *arena = &w->session.arena;
    const Dim *two = number(w, 2);
    DimFacts facts = {0};
    const Dim *floor = dim_floor_div(t, w->h, two), *exact = dim_exact_div(t, w->h, two);
    assert_int_equal(dim_compare(t, floor, exact, NULL), DIM_UNKNOWN);
    vec_push(arena, &facts.zero, dim_mod(t, w->h, two));
    assert_int_equal(dim_compare(t, floor, exact, &facts), DIM_EQUAL);
    assert_ptr_equal(dim_under_facts(t, floor, &facts), exact);
    assert_int_equal(dim_divides(t, w->h, two, &facts), DIM_EQUAL);
    assert_int_equal(dim_divides(t, dim_add(t, w->h, number(w, 1)), two, NULL), DIM_UNKNOWN);
    assert_int_equal(dim_divides(t, dim_add(t, dim_mul(t, w->h, two), number(w, 1)), two, NULL),
                     DIM_DIFFERENT);
    vec_push(arena, &facts.zero, dim_sub(t, w->w, number(w, 256)));
    assert_int_equal(dim_compare(t, w->w, number(w, 256), &facts), DIM_EQUAL);
    assert_int_equal(dim_compare(t, w->w, number(w, 255), &facts), DIM_DIFFERENT);
    assert_int_equal(dim_compare(t, w->h, w->w, NULL), DIM_DIFFERENT);
    assert_int_equal(dim_at_most(t, floor, w->h, NULL), DIM_EQUAL);
    assert_int_equal(dim_at_most(t, dim_add(t, w->h, two), w->h, NULL), DIM_DIFFERENT);
    assert_int_equal(dim_at_most(t, w->c, number(w, 256), NULL), DIM_UNKNOWN);
    vec_push(arena, &facts.at_least, dim_sub(t, number(w, 256), w->c));
    assert_int_equal(dim_at_most(t, w->c, number(w, 256), &facts), DIM_EQUAL);
    assert_int_equal(dim_at_most(t, w->c, number(w, 300), &facts), DIM_EQUAL);
}

static void run_time_sizes(void **state) {
    World *w = *state;
    DimTable *t = w->t;
    DimName *batch = dim_new_name(t, symbol(&w->session.symbols, "B"));
    batch->is_runtime = 1;
    batch->maximum = 32;
    const Dim *b = dim_named(t, batch);
    int64_t bound;
    assert_int_equal(dim_compare(t, b, number(w, 32), NULL), DIM_UNKNOWN);
    assert_int_equal(dim_compare(t, b, dim_add(t, b, number(w, 1)), NULL), DIM_DIFFERENT);
    assert_int_equal(
        dim_upper_bound(dim_floor_div(t, dim_add(t, b, number(w, 7)), number(w, 8)), &bound), 0);
    assert_int_equal(bound, 4);
    assert_int_equal(dim_upper_bound(w->h, &bound), 1);
    assert_int_equal(dim_at_most(t, b, number(w, 32), NULL), DIM_EQUAL);
}

static void overflow_is_sticky(void **state) {
    World *w = *state;
    DimTable *t = w->t;
    const Dim *big = number(w, INT64_C(1) << 62);
    const Dim *over = dim_mul(t, big, number(w, 4));
    assert_true(over->overflowed);
    assert_true(dim_add(t, over, w->h)->overflowed);
    assert_false(dim_is_constant(over));
    assert_int_equal(dim_compare(t, over, over, NULL), DIM_UNKNOWN);
    assert_true(dim_power(t, dim_add(t, w->h, w->w), 100)->overflowed);
    int64_t values[NAMES] = {INT64_C(1) << 40, 1, 1}, result;
    assert_int_equal(dim_evaluate(dim_power(t, w->h, 2), values, &result), 1);
    assert_int_equal(dim_evaluate(dim_exact_div(t, w->h, number(w, 3)), values, &result), 2);
    assert_int_equal(dim_evaluate(dim_floor_div(t, w->h, dim_sub(t, w->w, w->c)), values, &result),
                     3);
}

/* ---- random expressions --------------------------------------------------------------------- */

enum { SAMPLES = 64, UNDEFINED = -1 };

typedef struct Made {
    const Dim *dim;
    int64_t value[SAMPLES]; /* by direct evaluation at size tuples */
    char defined[SAMPLES];
} Made;

static uint32_t next_random(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static int64_t floor_of(int64_t a, int64_t b) {
    int64_t q = a / b;
    while (q * b > a && b > 0) q--;
    while (q * b < a && b < 0 && (a - q * b) > 0) q--;
    return a % b != 0 && (a < 0) != (b < 0) ? a / b - 1 : a / b;
}

static Made make_leaf(World *w, uint32_t *seed) {
    Made made = {0};
    uint32_t pick = next_random(seed) % 5;
    made.dim = pick == 0   ? w->h
               : pick == 1 ? w->w
               : pick == 2 ? w->c
                           : number(w, next_random(seed) % 7);
    for (int i = 0; i < SAMPLES; i++) {
        int64_t sizes[NAMES] = {i % 4, i / 4 % 4, i / 16};
        made.value[i] = pick < 3 ? sizes[pick] : dim_constant_value(made.dim);
        made.defined[i] = 1;
    }
    return made;
}

static Made combine(World *w, uint32_t op, const Made *a, const Made *b) {
    DimTable *t = w->t;
    Made made = {0};
    int is_quotient = op >= 3 && op <= 5;
    if (is_quotient && b->dim == number(w, 0)) op = 0, is_quotient = 0;
    made.dim = op == 0   ? dim_add(t, a->dim, b->dim)
               : op == 1 ? dim_sub(t, a->dim, b->dim)
               : op == 2 ? dim_mul(t, a->dim, b->dim)
               : op == 3 ? dim_floor_div(t, a->dim, b->dim)
               : op == 4 ? dim_mod(t, a->dim, b->dim)
               : op == 5 ? dim_exact_div(t, a->dim, b->dim)
               : op == 6 ? dim_min(t, a->dim, b->dim)
                         : dim_max(t, a->dim, b->dim);
    for (int i = 0; i < SAMPLES; i++) {
        int64_t x = a->value[i], y = b->value[i];
        made.defined[i] = a->defined[i] && b->defined[i];
        if (is_quotient && (!y || (op == 5 && x % (y ? y : 1)))) made.defined[i] = 0;
        if (!made.defined[i]) continue;
        made.value[i] = op == 0   ? x + y
                        : op == 1 ? x - y
                        : op == 2 ? x * y
                        : op == 3 ? floor_of(x, y)
                        : op == 4 ? x - y * floor_of(x, y)
                        : op == 5 ? x / y
                        : op == 6 ? (x < y ? x : y)
                                  : (x > y ? x : y);
    }
    return made;
}

static Made make_random(World *w, uint32_t *seed, int depth) {
    if (depth == 0) return make_leaf(w, seed);
    Made a = make_random(w, seed, depth - 1),
         b = make_random(w, seed, (int)(next_random(seed) % (uint32_t)depth));
    return combine(w, next_random(seed) % 8, &a, &b);
}

static void check_values(World *w, const Made *made) {
    for (int i = 0; i < SAMPLES; i++) {
        if (!made->defined[i]) continue;
        int64_t sizes[NAMES] = {i % 4, i / 4 % 4, i / 16}, result = 0;
        int failure = dim_evaluate(made->dim, sizes, &result);
        if (failure || result != made->value[i])
            fail_msg("%s at H=%d W=%d C=%d: %d, %lld, expected %lld", shown(w, made->dim),
                     (int)sizes[0], (int)sizes[1], (int)sizes[2], failure, (long long)result,
                     (long long)made->value[i]);
    }
}

static void check_comparison(World *w, const Made *a, const Made *b) {
    DimAnswer equal = dim_compare(w->t, a->dim, b->dim, NULL),
              at_most = dim_at_most(w->t, a->dim, b->dim, NULL);
    int differs = 0, defined = 0;
    for (int i = 0; i < SAMPLES; i++) {
        if (!a->defined[i] || !b->defined[i]) continue;
        defined++;
        differs |= a->value[i] != b->value[i];
        if (equal == DIM_EQUAL) assert_int_equal(a->value[i], b->value[i]);
        if (at_most == DIM_EQUAL && a->value[i] > b->value[i])
            fail_msg("%s <= %s", shown(w, a->dim), shown(w, b->dim));
        if (at_most == DIM_DIFFERENT) assert_true(a->value[i] > b->value[i]);
    }
    if (equal == DIM_DIFFERENT && defined > SAMPLES / 2 && !differs)
        fail_msg("different: %s and %s", shown(w, a->dim), shown(w, b->dim));
}

static void random_expressions_keep_their_value(void **state) {
    World *w = *state;
    uint32_t seed = 7;
    for (int round = 0; round < 3000; round++) {
        Made a = make_random(w, &seed, 3), b = make_random(w, &seed, 2);
        if (a.dim->overflowed || b.dim->overflowed) continue;
        check_values(w, &a);
        check_values(w, &b);
        check_comparison(w, &a, &b);
        Made sum = combine(w, 0, &a, &b), back = combine(w, 1, &sum, &b);
        check_comparison(w, &a, &back);
        if (!dim_has_opaque(a.dim) && !dim_has_opaque(b.dim)) assert_ptr_equal(back.dim, a.dim);
    }
}

static void substitution_is_evaluation(void **state) {
    World *w = *state;
    uint32_t seed = 11;
    for (int round = 0; round < 500; round++) {
        Made a = make_random(w, &seed, 3);
        Map bindings = {0};
        int at = (int)(next_random(&seed) % SAMPLES);
        int64_t sizes[NAMES] = {at % 4, at / 4 % 4, at / 16};
        for (int i = 0; i < NAMES; i++)
            map_set(&w->session.arena, &bindings, w->names[i],
                    (void *)(uintptr_t)number(w, sizes[i]));
        if (!a.defined[at] || a.dim->overflowed) continue;
        const Dim *value = dim_substitute(w->t, a.dim, &bindings);
        assert_true(dim_is_constant(value));
        assert_int_equal(dim_constant_value(value), a.value[at]);
    }
}

static void tests_of_sizes(void **state) {
    World *w = *state;
    Arena *arena = &w->session.arena;
    int64_t values[NAMES] = {0};
    const Dim *half = dim_exact_div(w->t, w->h, number(w, 2));
    const DimTest *even = dim_test_compare(arena, DIM_TEST_EQUAL, dim_mod(w->t, w->h, number(w, 2)), number(w, 0));
    const DimTest *small = dim_test_compare(arena, DIM_TEST_AT_MOST, half, number(w, 3));
    const DimTest *both = dim_test_join(arena, DIM_TEST_AND, even, small);
    const DimTest *either = dim_test_join(arena, DIM_TEST_OR, dim_test_not(arena, even), small);
    for (int64_t h = 0; h < 12; h++) {
        values[w->names[0]->id] = h;
        assert_int_equal(dim_test_holds(even, values), h % 2 == 0);
        assert_int_equal(dim_test_holds(small, values), h % 2 == 0 && h <= 6); /* half of 7 is no size */
        assert_int_equal(dim_test_holds(both, values), h % 2 == 0 && h <= 6);
        assert_int_equal(dim_test_holds(either, values), h % 2 == 1 || h <= 6);
    }
    Text text = text_new(arena);
    dim_test_print(&text, dim_test_join(arena, DIM_TEST_AND, either, even));
    assert_string_equal(text_str(&text), "(H % 2 != 0 or H/2 <= 3) and H % 2 == 0");
    const DimTest *again = dim_test_compare(arena, DIM_TEST_EQUAL, dim_mod(w->t, w->h, number(w, 2)), number(w, 0));
    assert_true(dim_test_same(even, again) && dim_test_same(either, dim_test_join(arena, DIM_TEST_OR, dim_test_not(arena, again), small)));
    assert_false(dim_test_same(even, dim_test_not(arena, even)) || dim_test_same(both, either));
    assert_ptr_equal(dim_test_not(arena, dim_test_not(arena, even)), even);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(equal_polynomials_are_one_pointer, world_open, world_close),
        cmocka_unit_test_setup_teardown(prints_as_written, world_open, world_close),
        cmocka_unit_test_setup_teardown(facts_decide, world_open, world_close),
        cmocka_unit_test_setup_teardown(run_time_sizes, world_open, world_close),
        cmocka_unit_test_setup_teardown(tests_of_sizes, world_open, world_close),
        cmocka_unit_test_setup_teardown(overflow_is_sticky, world_open, world_close),
        cmocka_unit_test_setup_teardown(random_expressions_keep_their_value, world_open,
                                        world_close),
        cmocka_unit_test_setup_teardown(substitution_is_evaluation, world_open, world_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
