/* Dims at random: what they print reads back as the same dim, and every answer about them, with and without facts,
 * holds at all small sizes. */
#include "base/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { NAMES = 3, MOST = 7, SAMPLES = MOST * MOST * MOST, ENOUGH = 6 };

typedef struct World {
    Session session;
    DimTable *t;
    DimName *names[NAMES];
    uint32_t seed;
} World;

static int world_open(void **state) {
    World *w = test_calloc(1, sizeof *w);
    session_init(&w->session);
    w->t = &w->session.dims;
    w->seed = 3;
    static const char *const texts[NAMES] = {"H", "W", "C"};
    for (int i = 0; i < NAMES; i++) w->names[i] = dim_new_name(w->t, symbol(&w->session.symbols, texts[i]));
    *state = w;
    return 0;
}

/* A table keeps every dim: a fresh one now and then keeps the test small. */
static void world_renew(World *w, uint32_t seed) {
    session_release(&w->session);
    session_init(&w->session);
    static const char *const texts[NAMES] = {"H", "W", "C"};
    for (int i = 0; i < NAMES; i++) w->names[i] = dim_new_name(w->t, symbol(&w->session.symbols, texts[i]));
    w->seed = seed;
}

static int world_close(void **state) {
    session_release(&((World *)*state)->session);
    test_free(*state);
    return 0;
}

static uint32_t pick(World *w, uint32_t count) {
    w->seed = w->seed * 1664525u + 1013904223u;
    return (w->seed >> 8) % count;
}

static const Dim *number(World *w, int64_t value) { return dim_constant(w->t, value); }
static const Dim *name(World *w, int i) { return dim_named(w->t, w->names[i]); }
static const char *shown(World *w, const Dim *dim) { return dim_text(&w->session.arena, dim); }

static void sizes_of(int sample, int64_t *sizes) {
    sizes[0] = sample % MOST;
    sizes[1] = sample / MOST % MOST;
    sizes[2] = sample / MOST / MOST;
}

/* ---- expressions ---------------------------------------------------------------------------------------- */

static const Dim *random_dim(World *w, int depth) {
    DimTable *t = w->t;
    if (!depth) return pick(w, 2) ? name(w, (int)pick(w, NAMES)) : number(w, pick(w, 7));
    const Dim *a = random_dim(w, depth - 1), *b = random_dim(w, (int)pick(w, (uint32_t)depth));
    switch (pick(w, 9)) {
    case 0: return dim_add(t, a, b);
    case 1: return dim_sub(t, a, b);
    case 2: return dim_mul(t, a, b);
    case 3: return dim_is_constant(b) && !dim_constant_value(b) ? a : dim_floor_div(t, a, b);
    case 4: return dim_is_constant(b) && !dim_constant_value(b) ? a : dim_mod(t, a, b);
    case 5: return dim_is_constant(b) && !dim_constant_value(b) ? a : dim_exact_div(t, a, b);
    case 6: return dim_min(t, a, b);
    case 7: return dim_max(t, a, b);
    default: return dim_power(t, a, (int)pick(w, 4));
    }
}

/* ---- text ----------------------------------------------------------------------------------------------- */

typedef struct Reader {
    World *w;
    const char *at;
} Reader;

static const Dim *read_sum(Reader *r);

static int takes(Reader *r, const char *text) {
    size_t len = strlen(text);
    while (*r->at == ' ') r->at++;
    if (strncmp(r->at, text, len) != 0) return 0;
    r->at += len;
    return 1;
}

static const Dim *read_operand(Reader *r) {
    World *w = r->w;
    int is_min = takes(r, "min("), is_max = !is_min && takes(r, "max(");
    if (is_min || is_max) {
        const Dim *a = read_sum(r);
        assert_true(takes(r, ","));
        const Dim *b = read_sum(r);
        assert_true(takes(r, ")"));
        return is_min ? dim_min(w->t, a, b) : dim_max(w->t, a, b);
    }
    if (takes(r, "(")) {
        const Dim *inner = read_sum(r);
        assert_true(takes(r, ")"));
        return inner;
    }
    for (int i = 0; i < NAMES; i++)
        if (takes(r, w->names[i]->name->text)) return name(w, i);
    int64_t value = 0;
    if (*r->at < '0' || *r->at > '9') fail_msg("no operand at %s", r->at);
    for (; *r->at >= '0' && *r->at <= '9'; r->at++) value = value * 10 + (*r->at - '0');
    return number(w, value);
}

static const Dim *read_power(Reader *r) {
    const Dim *base = read_operand(r);
    if (!takes(r, "**")) return base;
    return dim_power(r->w->t, base, (int)dim_constant_value(read_operand(r)));
}

static const Dim *read_product(Reader *r) { /* all of one level, from the left, as in the language */
    DimTable *t = r->w->t;
    const Dim *left = read_power(r);
    for (;;) {
        if (takes(r, "//")) left = dim_floor_div(t, left, read_power(r));
        else if (takes(r, "/")) left = dim_exact_div(t, left, read_power(r));
        else if (takes(r, "%")) left = dim_mod(t, left, read_power(r));
        else if (takes(r, "*")) left = dim_mul(t, left, read_power(r));
        else return left;
    }
}

static const Dim *read_sum(Reader *r) {
    DimTable *t = r->w->t;
    const Dim *left = takes(r, "-") ? dim_sub(t, number(r->w, 0), read_product(r)) : read_product(r);
    for (;;) {
        if (takes(r, "+")) left = dim_add(t, left, read_product(r));
        else if (takes(r, "-")) left = dim_sub(t, left, read_product(r));
        else return left;
    }
}

static void text_reads_back(void **state) {
    World *w = *state;
    for (int round = 0; round < 20000; round++) {
        if (round % 500 == 0) world_renew(w, (uint32_t)round + 1);
        const Dim *dim = random_dim(w, 3);
        const char *text = shown(w, dim);
        if (dim->overflowed || strlen(text) > 300) continue;
        Reader reader = {w, text};
        const Dim *again = read_sum(&reader);
        if (*reader.at || again->overflowed || dim_compare(w->t, dim, again, NULL) != DIM_EQUAL)
            fail_msg("%s reads as %s", text, shown(w, again));
        if (!dim_has_opaque(dim)) assert_ptr_equal(again, dim);
    }
}

/* ---- facts ---------------------------------------------------------------------------------------------- */

static const Dim *random_fact(World *w, DimFacts *facts) {
    DimTable *t = w->t;
    const Dim *a = name(w, (int)pick(w, NAMES)), *b = name(w, (int)pick(w, NAMES));
    const Dim *k = number(w, 1 + pick(w, 4)), *c = number(w, pick(w, 3)), *fact;
    uint32_t kind = pick(w, 8);
    switch (kind) {
    case 0: case 1: fact = dim_mod(t, dim_add(t, a, c), k); break;
    case 2: fact = dim_sub(t, a, dim_add(t, dim_mul(t, b, k), c)); break;
    case 3: fact = dim_sub(t, dim_mul(t, a, k), dim_mul(t, b, number(w, 1 + pick(w, 3)))); break;
    case 4: fact = dim_sub(t, dim_mul(t, a, b), name(w, (int)pick(w, NAMES))); break;
    case 5: fact = dim_sub(t, a, k); break;
    case 6: fact = dim_sub(t, a, dim_add(t, b, c)); break;
    default: fact = dim_sub(t, dim_floor_div(t, a, k), b); break;
    }
    if (kind < 5 && !(kind == 2 && pick(w, 4) == 0)) vec_push(t->arena, &facts->zero, fact);
    else if (kind == 7) vec_push(t->arena, &facts->zero, fact);
    else vec_push(t->arena, &facts->at_least, fact);
    return fact;
}

static int facts_hold(const DimFacts *facts, const int64_t *sizes) {
    int64_t value;
    for (int i = 0; i < facts->zero.len; i++)
        if (dim_evaluate(facts->zero.data[i], sizes, &value) || value) return 0;
    for (int i = 0; i < facts->at_least.len; i++)
        if (dim_evaluate(facts->at_least.data[i], sizes, &value) || value < 0) return 0;
    return 1;
}

typedef struct Seen { /* over all sizes at which the facts hold and both dims have a value */
    int possible; /* with or without values */
    int count, equal, at_most, divides, divisors;
} Seen;

static const char *facts_text(World *w, const DimFacts *facts) {
    Text out = text_new(&w->session.arena);
    for (int i = 0; i < facts->zero.len; i++) text_printf(&out, "%s = 0; ", shown(w, facts->zero.data[i]));
    for (int i = 0; i < facts->at_least.len; i++) text_printf(&out, "%s >= 0; ", shown(w, facts->at_least.data[i]));
    return text_str(&out);
}

static Seen look(const Dim *a, const Dim *b, const DimFacts *facts) {
    Seen seen = {0};
    for (int i = 0; i < SAMPLES; i++) {
        int64_t sizes[NAMES], x, y;
        sizes_of(i, sizes);
        if (!facts_hold(facts, sizes)) continue;
        seen.possible++;
        if (dim_evaluate(a, sizes, &x) || dim_evaluate(b, sizes, &y)) continue;
        seen.count++;
        seen.equal += x == y;
        seen.at_most += x <= y;
        if (!y) continue;
        seen.divisors++;
        seen.divides += x % y == 0;
    }
    return seen;
}

/* EQUAL holds at every size, DIFFERENT (of sizes that differ as polynomials) at some, and of bounds and divisors at none. */
static void check_answers(World *w, const Dim *a, const Dim *b, const DimFacts *facts) {
    Seen seen = look(a, b, facts);
    DimAnswer same = dim_compare(w->t, a, b, facts), most = dim_at_most(w->t, a, b, facts);
    DimAnswer divides = dim_divides(w->t, a, b, facts);
    int is_wrong = (same == DIM_EQUAL && seen.equal < seen.count) ||
                   (same == DIM_DIFFERENT && seen.count >= ENOUGH && seen.count * 2 > seen.possible &&
                    seen.equal == seen.count) ||
                   (most == DIM_EQUAL && seen.at_most < seen.count) || (most == DIM_DIFFERENT && seen.at_most) ||
                   (divides == DIM_EQUAL && seen.divides < seen.divisors) ||
                   (divides == DIM_DIFFERENT && seen.divides);
    if (is_wrong)
        fail_msg("%s and %s under %s: compare %d (%d of %d), at most %d (%d), divides %d (%d of %d)", shown(w, a),
                 shown(w, b), facts_text(w, facts), (int)same, seen.equal, seen.count, (int)most, seen.at_most,
                 (int)divides, seen.divides, seen.divisors);
}

static void check_rewritten(World *w, const Dim *dim, const DimFacts *facts) {
    const Dim *now = dim_under_facts(w->t, dim, facts);
    for (int i = 0; i < SAMPLES; i++) {
        int64_t sizes[NAMES], before, after;
        sizes_of(i, sizes);
        if (!facts_hold(facts, sizes) || dim_evaluate(dim, sizes, &before) || now->overflowed) continue;
        if (dim_evaluate(now, sizes, &after) || before != after)
            fail_msg("%s under %s becomes %s", shown(w, dim), facts_text(w, facts), shown(w, now));
    }
}

static void answers_hold_under_facts(void **state) {
    World *w = *state;
    for (int round = 0; round < 12000; round++) {
        if (round % 300 == 0) world_renew(w, (uint32_t)round + 5);
        DimFacts facts = {0};
        for (uint32_t i = pick(w, 3); i > 0; i--) random_fact(w, &facts);
        const Dim *a = random_dim(w, 2), *b = random_dim(w, 1 + (int)pick(w, 2));
        if (a->overflowed || b->overflowed) continue;
        if (pick(w, 3) == 0 && facts.zero.len) b = dim_add(w->t, a, dim_mul(w->t, b, facts.zero.data[0]));
        check_answers(w, a, b, &facts);
        check_rewritten(w, a, &facts);
    }
}

/* ---- substitution, bounds ------------------------------------------------------------------------------- */

static void substitution_commutes_with_evaluation(void **state) {
    World *w = *state;
    for (int round = 0; round < 10000; round++) {
        if (round % 500 == 0) world_renew(w, (uint32_t)round + 9);
        const Dim *dim = random_dim(w, 3), *with = random_dim(w, 2);
        int at = (int)pick(w, NAMES), sample = (int)pick(w, SAMPLES);
        int64_t sizes[NAMES], inner, outer, found;
        sizes_of(sample, sizes);
        if (dim_evaluate(with, sizes, &inner) || inner < 0 || inner > 1000) continue;
        Map bindings = {0};
        map_set(w->t->arena, &bindings, w->names[at], (void *)(uintptr_t)with);
        const Dim *now = dim_substitute(w->t, dim, &bindings);
        int64_t moved[NAMES] = {sizes[0], sizes[1], sizes[2]};
        moved[at] = inner;
        if (dim_evaluate(dim, moved, &outer) || now->overflowed) continue;
        if (dim_evaluate(now, sizes, &found) || found != outer)
            fail_msg("%s with %s for %s is %s", shown(w, dim), shown(w, with), w->names[at]->name->text, shown(w, now));
    }
}

/* Without its exact divisions a dim is 0 at the same sizes. */
static void cleared_divisions_keep_zeros(void **state) {
    World *w = *state;
    for (int round = 0; round < 10000; round++) {
        if (round % 500 == 0) world_renew(w, (uint32_t)round + 21);
        const Dim *dim = dim_sub(w->t, random_dim(w, 2), random_dim(w, 2)), *cleared = dim_clear_divisions(w->t, dim);
        for (int i = 0; i < SAMPLES && !cleared->overflowed; i++) {
            int64_t sizes[NAMES], before, after;
            sizes_of(i, sizes);
            if (dim_evaluate(dim, sizes, &before)) continue;
            if (dim_evaluate(cleared, sizes, &after) || !before != !after)
                fail_msg("%s and %s at %d", shown(w, dim), shown(w, cleared), i);
        }
    }
}

static void upper_bounds_hold(void **state) {
    World *w = *state;
    for (int round = 0; round < 10000; round++) {
        if (round % 500 == 0) world_renew(w, (uint32_t)round + 13);
        for (int i = 0; i < NAMES; i++) {
            w->names[i]->is_runtime = 1;
            w->names[i]->maximum = MOST - 1;
        }
        const Dim *dim = random_dim(w, 3);
        int64_t bound, value, sizes[NAMES];
        if (dim_upper_bound(dim, &bound)) continue;
        for (int i = 0; i < SAMPLES; i++) {
            sizes_of(i, sizes);
            if (!dim_evaluate(dim, sizes, &value) && value > bound)
                fail_msg("%s is %lld, not at most %lld", shown(w, dim), (long long)value, (long long)bound);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(text_reads_back, world_open, world_close),
        cmocka_unit_test_setup_teardown(answers_hold_under_facts, world_open, world_close),
        cmocka_unit_test_setup_teardown(substitution_commutes_with_evaluation, world_open, world_close),
        cmocka_unit_test_setup_teardown(cleared_divisions_keep_zeros, world_open, world_close),
        cmocka_unit_test_setup_teardown(upper_bounds_hold, world_open, world_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
