/* What is known about dims: rewriting by facts, bounds, and the three-valued questions equal, at
 * most, divides.
 *
 * Every question is about a difference or remainder that is rewritten by the facts, cleared of
 * exact divisions and freed of `%` (a % b is a - b*(a//b)); what is then the constant 0 is equal,
 * what has no opaque atom or is another constant is different, and the rest is unknown. */
#include "base/dim.h"

#define NO_BOUND INT64_MAX

enum { MAX_REWRITES = 8 };

/* ---- rebuilding ----------------------------------------------------------------------------- */

typedef struct Rebuild {
    DimTable *table;
    const Map *bindings;   /* of names; or NULL */
    const DimFacts *facts; /* or NULL */
    int drops_mod;         /* a % b becomes a - b*(a//b) */
} Rebuild;

static const Dim *rebuild(const Rebuild *re, const Dim *dim);

static const Dim *rebuild_quotient(const Rebuild *re, const DimAtom *atom, const Dim *a,
                                   const Dim *b) {
    DimTable *table = re->table;
    switch (atom->kind) {
    case DIM_FLOOR_DIV:
        if (re->facts && b->term_count && dim_divides(table, a, b, re->facts) == DIM_EQUAL)
            return dim_exact_div(table, a, b);
        return dim_floor_div(table, a, b);
    case DIM_MOD:
        if (re->facts && b->term_count && dim_divides(table, a, b, re->facts) == DIM_EQUAL)
            return dim_constant(table, 0);
        if (re->drops_mod && b->term_count)
            return dim_sub(table, a, dim_mul(table, b, dim_floor_div(table, a, b)));
        return dim_mod(table, a, b);
    case DIM_EXACT_DIV: return dim_exact_div(table, a, b);
    case DIM_MIN: return dim_min(table, a, b);
    case DIM_MAX: return dim_max(table, a, b);
    case DIM_NAME: break;
    }
    return NULL;
}

static const Dim *rebuild_atom(const Rebuild *re, const DimAtom *atom) {
    if (atom->kind == DIM_NAME) {
        const Dim *bound = re->bindings ? map_get(re->bindings, atom->name) : NULL;
        return bound ? bound : dim_named(re->table, atom->name);
    }
    return rebuild_quotient(re, atom, rebuild(re, atom->a), rebuild(re, atom->b));
}

static int is_plain(const Rebuild *re, const Dim *dim) {
    for (int i = 0; i < dim->term_count; i++)
        for (int k = 0; k < dim->terms[i].power_count; k++) {
            const DimAtom *atom = dim->terms[i].powers[k].atom;
            if (atom->kind != DIM_NAME || (re->bindings && map_has(re->bindings, atom->name)))
                return 0;
        }
    return 1;
}

static const Dim *rebuild(const Rebuild *re, const Dim *dim) {
    if (is_plain(re, dim)) return dim;
    const Dim *sum = dim_constant(re->table, 0);
    for (int i = 0; i < dim->term_count; i++) {
        const Dim *product = dim_constant(re->table, dim->terms[i].coefficient);
        for (int k = 0; k < dim->terms[i].power_count; k++) {
            const DimPower *p = &dim->terms[i].powers[k];
            product = dim_mul(re->table, product,
                              dim_power(re->table, rebuild_atom(re, p->atom), p->power));
        }
        sum = dim_add(re->table, sum, product);
    }
    return sum;
}

const Dim *dim_substitute(DimTable *table, const Dim *dim, const Map *bindings) {
    Rebuild re = {.table = table, .bindings = bindings};
    return rebuild(&re, dim);
}

static const Dim *without_mod(DimTable *table, const Dim *dim) {
    Rebuild re = {.table = table, .drops_mod = 1};
    return rebuild(&re, dim);
}

/* ---- facts ---------------------------------------------------------------------------------- */

/* The name that a fact `name - rest = 0` fixes, with what it equals; NULL where none stands alone.
 */
static const DimName *solved_name(DimTable *table, const Dim *fact, const Dim **value) {
    for (int i = 0; i < fact->term_count; i++) {
        const DimTerm *term = &fact->terms[i];
        if ((term->coefficient != 1 && term->coefficient != -1) || term->power_count != 1) continue;
        const DimAtom *atom = term->powers[0].atom;
        if (atom->kind != DIM_NAME || term->powers[0].power != 1) continue;
        const Dim *alone =
            dim_mul(table, dim_named(table, atom->name), dim_constant(table, term->coefficient));
        const Dim *rest = dim_sub(table, fact, alone);
        if (dim_mentions(rest, atom->name)) continue;
        *value = dim_mul(table, rest, dim_constant(table, -term->coefficient));
        return atom->name;
    }
    return NULL;
}

const Dim *dim_under_facts(DimTable *table, const Dim *dim, const DimFacts *facts) {
    if (!facts) return dim;
    for (int i = 0; i < facts->zero.len; i++) {
        const Dim *value;
        const DimName *name = solved_name(table, facts->zero.data[i], &value);
        if (!name || !dim_mentions(dim, name)) continue;
        Map bindings = {0};
        map_set(table->arena, &bindings, name, (void *)(uintptr_t)value);
        dim = dim_substitute(table, dim, &bindings);
    }
    Rebuild re = {.table = table, .facts = facts};
    return rebuild(&re, dim);
}

/* The only atom of a fact that says `x % c == 0`. */
static const DimAtom *divisibility(const Dim *fact) {
    if (fact->term_count != 1 || fact->terms[0].power_count != 1) return NULL;
    const DimAtom *atom = fact->terms[0].powers[0].atom;
    return atom->kind == DIM_MOD ? atom : NULL;
}

static int divides_plainly(DimTable *table, const Dim *a, const Dim *b) {
    return dim_mod(table, a, b)->term_count == 0 && !a->overflowed && !b->overflowed;
}

DimAnswer dim_divides(DimTable *table, const Dim *a, const Dim *b, const DimFacts *facts) {
    if (!b->term_count || a->overflowed || b->overflowed) return DIM_UNKNOWN;
    const Dim *rest = dim_mod(table, a, b);
    if (rest->overflowed) return DIM_UNKNOWN;
    if (!rest->term_count) return DIM_EQUAL;
    if (dim_is_constant(rest) && dim_is_constant(b)) return DIM_DIFFERENT;
    for (int i = 0; facts && i < facts->zero.len; i++) {
        const DimAtom *known = divisibility(facts->zero.data[i]);
        if (!known || !divides_plainly(table, known->b, b)) continue;
        for (int k = 0; k < a->term_count; k++) { /* a = coefficient * x + a multiple of b? */
            const Dim *scaled =
                dim_mul(table, known->a, dim_constant(table, a->terms[k].coefficient));
            if (divides_plainly(table, dim_sub(table, a, scaled), b)) return DIM_EQUAL;
        }
        if (divides_plainly(table, a, known->a)) return DIM_EQUAL;
    }
    return DIM_UNKNOWN;
}

/* d is a multiple of a fact that is 0. */
static int follows_from_zero(DimTable *table, const Dim *d, const DimFacts *facts) {
    for (int i = 0; facts && i < facts->zero.len; i++) {
        const Dim *fact = facts->zero.data[i];
        if (fact->term_count && !fact->overflowed && divides_plainly(table, d, fact)) return 1;
    }
    return 0;
}

static int shares_name(const Dim *a, const Dim *b) {
    for (int i = 0; i < a->term_count; i++)
        for (int k = 0; k < a->terms[i].power_count; k++) {
            const DimAtom *atom = a->terms[i].powers[k].atom;
            if (atom->kind == DIM_NAME ? dim_mentions(b, atom->name)
                                       : shares_name(atom->a, b) || shares_name(atom->b, b))
                return 1;
        }
    return 0;
}

/* A polynomial that is not 0 may still be 0 wherever the facts hold: where one that no name was solved from ties the
 * names of d together.  That x is a multiple of c leaves enough sizes for any polynomial to show. */
static int may_vanish(DimTable *table, const Dim *d, const DimFacts *facts) {
    for (int i = 0; facts && i < facts->zero.len; i++) {
        if (divisibility(facts->zero.data[i])) continue;
        const Dim *rest = dim_under_facts(table, facts->zero.data[i], facts);
        if (rest->overflowed || (rest->term_count && shares_name(rest, d))) return 1;
    }
    if (!facts || !facts->at_least.len) return 0;
    const Dim *zero = dim_constant(table, 0);
    return dim_at_most(table, d, zero, facts) == DIM_EQUAL && dim_at_most(table, zero, d, facts) == DIM_EQUAL;
}

DimAnswer dim_compare(DimTable *table, const Dim *a, const Dim *b, const DimFacts *facts) {
    if (a->overflowed || b->overflowed) return DIM_UNKNOWN;
    if (a == b) return DIM_EQUAL;
    const Dim *d = dim_sub(table, a, b);
    if (dim_is_constant(d)) return d->term_count ? DIM_DIFFERENT : DIM_EQUAL;
    for (int i = 0; i < MAX_REWRITES; i++) {
        const Dim *next = dim_clear_divisions(table, dim_under_facts(table, d, facts));
        if (next == d) break;
        d = next;
    }
    if (!d->overflowed && d->term_count && follows_from_zero(table, d, facts)) return DIM_EQUAL;
    d = dim_clear_divisions(table, without_mod(table, d));
    if (d->overflowed) return DIM_UNKNOWN;
    if (!d->term_count) return DIM_EQUAL;
    if (dim_is_constant(d)) return DIM_DIFFERENT;
    return dim_has_opaque(d) || may_vanish(table, d, facts) ? DIM_UNKNOWN : DIM_DIFFERENT;
}

/* ---- bounds --------------------------------------------------------------------------------- */

/* lo and hi hold; -NO_BOUND and NO_BOUND where none is known.  Names are sizes: 0 or more. */
typedef struct Bounds {
    int64_t lo, hi;
} Bounds;

static int64_t add_bound(int64_t a, int64_t b, int64_t none) {
    int64_t sum;
    if (a == none || b == none || __builtin_add_overflow(a, b, &sum)) return none;
    return sum;
}

static int64_t multiply_bound(int64_t a, int64_t b) {
    int64_t product;
    if (a == 0 || b == 0) return 0;
    int is_negative = (a < 0) != (b < 0);
    int64_t none = is_negative ? -NO_BOUND : NO_BOUND;
    if (a == NO_BOUND || a == -NO_BOUND || b == NO_BOUND || b == -NO_BOUND) return none;
    return __builtin_mul_overflow(a, b, &product) ? none : product;
}

static Bounds multiply_bounds(Bounds a, Bounds b) {
    int64_t corner[4] = {multiply_bound(a.lo, b.lo), multiply_bound(a.lo, b.hi),
                         multiply_bound(a.hi, b.lo), multiply_bound(a.hi, b.hi)};
    Bounds out = {corner[0], corner[0]};
    for (int i = 1; i < 4; i++) {
        if (corner[i] < out.lo) out.lo = corner[i];
        if (corner[i] > out.hi) out.hi = corner[i];
    }
    return out;
}

static Bounds bounds_of(const Dim *dim);

static int64_t floor_bound(int64_t a, int64_t b) {
    if (a == NO_BOUND || a == -NO_BOUND) return a;
    return a / b - (a % b < 0);
}

static Bounds bounds_of_atom(const DimAtom *atom) {
    if (atom->kind == DIM_NAME)
        return (Bounds){0, atom->name->is_runtime && atom->name->maximum ? atom->name->maximum
                                                                         : NO_BOUND};
    Bounds a = bounds_of(atom->a), b = bounds_of(atom->b);
    switch (atom->kind) {
    case DIM_FLOOR_DIV:
    case DIM_EXACT_DIV:
        if (b.lo == b.hi && b.lo > 0)
            return (Bounds){floor_bound(a.lo, b.lo), floor_bound(a.hi, b.lo)};
        if (a.lo >= 0 && b.lo >= 0)
            return (Bounds){0, a.hi}; /* a divisor is at least 1 where it divides */
        break;
    case DIM_MOD:
        if (b.lo >= 0) return (Bounds){0, b.hi == NO_BOUND ? NO_BOUND : b.hi - (b.hi > 0)};
        break;
    case DIM_MIN: return (Bounds){a.lo < b.lo ? a.lo : b.lo, a.hi < b.hi ? a.hi : b.hi};
    case DIM_MAX: return (Bounds){a.lo > b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi};
    case DIM_NAME: break;
    }
    return (Bounds){-NO_BOUND, NO_BOUND};
}

static Bounds bounds_of(const Dim *dim) {
    if (dim->overflowed) return (Bounds){-NO_BOUND, NO_BOUND};
    Bounds sum = {0, 0};
    for (int i = 0; i < dim->term_count; i++) {
        Bounds product = {dim->terms[i].coefficient, dim->terms[i].coefficient};
        for (int k = 0; k < dim->terms[i].power_count; k++) {
            Bounds factor = bounds_of_atom(dim->terms[i].powers[k].atom);
            for (int p = 0; p < dim->terms[i].powers[k].power; p++)
                product = multiply_bounds(product, factor);
        }
        sum.lo = add_bound(sum.lo, product.lo, -NO_BOUND);
        sum.hi = add_bound(sum.hi, product.hi, NO_BOUND);
    }
    return sum;
}

/* With k*floor(x/c) replaced by k*x/c, which is no less where k < 0 makes it no more: a lower bound
 * of d times positive numbers. */
static const Dim *relax_quotients(DimTable *table, const Dim *d) {
    for (int round = 0; round < MAX_REWRITES; round++) {
        int changed = 0;
        for (int i = 0; i < d->term_count && !changed; i++) {
            const DimTerm *term = &d->terms[i];
            if (term->coefficient > 0 || term->power_count != 1 || term->powers[0].power != 1)
                continue;
            const DimAtom *atom = term->powers[0].atom;
            if (atom->kind != DIM_FLOOR_DIV && atom->kind != DIM_EXACT_DIV) continue;
            if (!dim_is_constant(atom->b) || dim_constant_value(atom->b) <= 0) continue;
            const Dim *k = dim_constant(table, term->coefficient);
            const Dim *kept = dim_sub(table, d,
                                      dim_mul(table, k,
                                              atom->kind == DIM_FLOOR_DIV
                                                  ? dim_floor_div(table, atom->a, atom->b)
                                                  : dim_exact_div(table, atom->a, atom->b)));
            d = dim_add(table, dim_mul(table, kept, atom->b), dim_mul(table, k, atom->a));
            changed = 1;
        }
        if (!changed) break;
    }
    return d;
}

DimAnswer dim_at_most(DimTable *table, const Dim *a, const Dim *b, const DimFacts *facts) {
    const Dim *d = dim_under_facts(table, dim_sub(table, b, a), facts);
    if (d->overflowed) return DIM_UNKNOWN;
    Bounds bounds = bounds_of(d);
    if (bounds.lo != -NO_BOUND && bounds.lo >= 0) return DIM_EQUAL;
    if (bounds.hi < 0) return DIM_DIFFERENT;
    if (bounds_of(relax_quotients(table, d)).lo >= 0) return DIM_EQUAL;
    for (int i = 0; facts && i < facts->at_least.len; i++) {
        const Dim *over = dim_sub(table, d, facts->at_least.data[i]);
        if (bounds_of(over).lo >= 0) return DIM_EQUAL;
        const Dim *negative =
            dim_add(table, d, facts->at_least.data[i]); /* d = -fact - something > 0 */
        if (bounds_of(negative).hi < 0) return DIM_DIFFERENT;
        for (int k = 0; k < i; k++)
            if (bounds_of(dim_sub(table, over, facts->at_least.data[k])).lo >= 0) return DIM_EQUAL;
    }
    return DIM_UNKNOWN;
}

int dim_upper_bound(const Dim *dim, int64_t *result) {
    *result = bounds_of(dim).hi;
    return *result == NO_BOUND;
}
