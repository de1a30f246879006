/* The normal form of dims: making, adding, multiplying and dividing polynomials over atoms.
 *
 * Terms are ordered by degree (highest first), then by the ids of their atoms: a monomial order, so
 * the constant comes last and division by a polynomial is the schoolbook one.  Every sum passes
 * through `normalise`, which sorts, merges equal monomials and cancels exact divisions against the
 * factors beside them; a quotient keeps only what did not divide: (2*H + 3)//2 is H + 1, (H + 2)/2
 * is H/2 + 1. Comparison and facts are in dim_facts.c, printing and evaluation in dim_text.c. */
#include "base/dim.h"
#include "base/session.h"

#include <string.h>

enum { MAX_TERMS = 4096, MAX_POWERS = 64 };

typedef Vec(DimTerm) Terms;

void dim_table_init(DimTable *table, Arena *arena, SymbolTable *symbols) {
    *table = (DimTable){.arena = arena, .symbols = symbols};
}

/* ---- hash-consing --------------------------------------------------------------------------- */

static uint32_t mix(uint32_t hash, uint64_t value) {
    for (int i = 0; i < 8; i++) hash = (hash ^ (uint32_t)(value >> (8 * i) & 0xff)) * 16777619u;
    return hash;
}

static int32_t *grown_slots(Arena *arena, uint32_t *cap) {
    *cap = *cap ? *cap * 2 : 64;
    return arena_array(arena, int32_t, *cap);
}

static uint32_t hash_atom(DimAtomKind kind, const DimName *name, const Dim *a, const Dim *b) {
    uint32_t hash = mix(2166136261u, (uint64_t)kind);
    if (name) return mix(hash, name->id);
    return mix(mix(hash, a->id), b->id);
}

static const DimAtom *atom_new(DimTable *table, DimAtomKind kind, const DimName *name, const Dim *a,
                               const Dim *b) {
    if ((uint32_t)table->atoms.len * 2 >= table->atom_slot_cap) {
        table->atom_slots = grown_slots(table->arena, &table->atom_slot_cap);
        for (int i = 0; i < table->atoms.len; i++) {
            DimAtom *atom = table->atoms.data[i];
            uint32_t at =
                hash_atom(atom->kind, atom->name, atom->a, atom->b) & (table->atom_slot_cap - 1);
            while (table->atom_slots[at]) at = (at + 1) & (table->atom_slot_cap - 1);
            table->atom_slots[at] = i + 1;
        }
    }
    uint32_t mask = table->atom_slot_cap - 1;
    uint32_t at = hash_atom(kind, name, a, b) & mask;
    for (; table->atom_slots[at]; at = (at + 1) & mask) {
        DimAtom *atom = table->atoms.data[table->atom_slots[at] - 1];
        if (atom->kind == kind && atom->name == name && atom->a == a && atom->b == b) return atom;
    }
    DimAtom *atom = arena_new(table->arena, DimAtom);
    *atom = (DimAtom){.kind = kind, .id = (uint32_t)table->atoms.len, .name = name, .a = a, .b = b};
    vec_push(table->arena, &table->atoms, atom);
    table->atom_slots[at] = table->atoms.len;
    return atom;
}

static uint32_t hash_terms(const DimTerm *terms, int count, int overflowed) {
    uint32_t hash = mix(2166136261u, (uint64_t)overflowed);
    for (int i = 0; i < count; i++) {
        hash = mix(hash, (uint64_t)terms[i].coefficient);
        for (int k = 0; k < terms[i].power_count; k++)
            hash = mix(mix(hash, terms[i].powers[k].atom->id), (uint64_t)terms[i].powers[k].power);
    }
    return hash;
}

/* Monomials: 0 when equal, negative when a stands before b. */
static int compare_monomials(const DimTerm *a, const DimTerm *b) {
    int degree_a = 0, degree_b = 0;
    for (int i = 0; i < a->power_count; i++) degree_a += a->powers[i].power;
    for (int i = 0; i < b->power_count; i++) degree_b += b->powers[i].power;
    if (degree_a != degree_b) return degree_b - degree_a;
    for (int i = 0; i < a->power_count && i < b->power_count; i++) {
        const DimPower *p = &a->powers[i], *q = &b->powers[i];
        if (p->atom != q->atom) return p->atom->id < q->atom->id ? -1 : 1;
        if (p->power != q->power) return q->power - p->power;
    }
    return a->power_count - b->power_count;
}

static int same_terms(const Dim *dim, const DimTerm *terms, int count, int overflowed) {
    if (dim->term_count != count || dim->overflowed != overflowed) return 0;
    for (int i = 0; i < count; i++)
        if (dim->terms[i].coefficient != terms[i].coefficient ||
            compare_monomials(&dim->terms[i], &terms[i]))
            return 0;
    return 1;
}

static const Dim *intern(DimTable *table, const DimTerm *terms, int count, int overflowed) {
    if ((uint32_t)table->dims.len * 2 >= table->slot_cap) {
        table->slots = grown_slots(table->arena, &table->slot_cap);
        for (int i = 0; i < table->dims.len; i++) {
            uint32_t at = table->dims.data[i]->hash & (table->slot_cap - 1);
            while (table->slots[at]) at = (at + 1) & (table->slot_cap - 1);
            table->slots[at] = i + 1;
        }
    }
    uint32_t mask = table->slot_cap - 1, hash = hash_terms(terms, count, overflowed);
    uint32_t at = hash & mask;
    for (; table->slots[at]; at = (at + 1) & mask) {
        const Dim *dim = table->dims.data[table->slots[at] - 1];
        if (dim->hash == hash && same_terms(dim, terms, count, overflowed)) return dim;
    }
    Dim *dim = arena_new(table->arena, Dim);
    DimTerm *copy = arena_array(table->arena, DimTerm, count);
    if (count) memcpy(copy, terms, sizeof *terms * (size_t)count);
    *dim = (Dim){(uint32_t)table->dims.len, hash, count, copy, overflowed};
    vec_push(table->arena, &table->dims, dim);
    table->slots[at] = table->dims.len;
    return dim;
}

static const Dim *overflow(DimTable *table) { return intern(table, NULL, 0, 1); }

/* ---- terms ---------------------------------------------------------------------------------- */

static int64_t gcd(int64_t a, int64_t b) {
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

static int64_t floor_quotient(int64_t a, int64_t b) {
    return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

/* a * b without the coefficient; 0 on too many factors. */
static int multiply_monomials(DimTable *table, const DimTerm *a, const DimTerm *b, DimTerm *out) {
    DimPower *powers = arena_array(table->arena, DimPower, a->power_count + b->power_count);
    int n = 0, i = 0, j = 0;
    while (i < a->power_count || j < b->power_count) {
        if (j == b->power_count ||
            (i < a->power_count && a->powers[i].atom->id < b->powers[j].atom->id)) {
            powers[n++] = a->powers[i++];
        } else if (i == a->power_count || b->powers[j].atom->id < a->powers[i].atom->id) {
            powers[n++] = b->powers[j++];
        } else {
            powers[n] = a->powers[i++];
            powers[n++].power += b->powers[j++].power;
        }
    }
    out->power_count = n;
    out->powers = powers;
    for (int k = 0; k < n; k++)
        if (powers[k].power > MAX_POWERS) return 0;
    return n <= MAX_POWERS;
}

/* a / b without the coefficients; 0 where b's factors are not all in a. */
static int divide_monomials(DimTable *table, const DimTerm *a, const DimTerm *b, DimTerm *out) {
    DimPower *powers = arena_array(table->arena, DimPower, a->power_count);
    int n = 0, j = 0;
    for (int i = 0; i < a->power_count; i++) {
        DimPower p = a->powers[i];
        if (j < b->power_count && b->powers[j].atom == p.atom) p.power -= b->powers[j++].power;
        if (p.power < 0) return 0;
        if (p.power) powers[n++] = p;
    }
    out->power_count = n;
    out->powers = powers;
    return j == b->power_count;
}

/* The factors that both have, with coefficient gcd(a, b). */
static DimTerm common_factor(DimTable *table, const DimTerm *a, const DimTerm *b) {
    DimPower *powers = arena_array(table->arena, DimPower, a->power_count);
    int n = 0;
    for (int i = 0; i < a->power_count; i++)
        for (int j = 0; j < b->power_count; j++)
            if (a->powers[i].atom == b->powers[j].atom) {
                powers[n] = a->powers[i];
                if (b->powers[j].power < powers[n].power) powers[n].power = b->powers[j].power;
                n++;
            }
    return (DimTerm){gcd(a->coefficient, b->coefficient), n, powers};
}

static DimTerm divide_term(DimTable *table, const DimTerm *a, const DimTerm *b) {
    DimTerm out = {a->coefficient / b->coefficient, 0, NULL};
    if (!divide_monomials(table, a, b, &out)) ICE("a common factor does not divide");
    return out;
}

/* An exact division in `term` that has a factor in common with the rest of the term, as a whole
 * product; NULL where there is none: 2*(H/2) is H, N*(E/N) is E, 2*(H/4) is H/2. */
static const Dim *cancel_division(DimTable *table, const DimTerm *term) {
    for (int i = 0; i < term->power_count; i++) {
        const DimAtom *atom = term->powers[i].atom;
        if (atom->kind != DIM_EXACT_DIV || atom->b->term_count != 1) continue;
        const DimTerm *divisor = &atom->b->terms[0];
        DimTerm common = common_factor(table, term, divisor);
        if (common.coefficient == 1 && common.power_count == 0) continue;
        DimTerm single = {1, 1, &(DimPower){atom, 1}};
        DimTerm rest = divide_term(table, term, &single);
        rest = divide_term(table, &rest, &common);
        DimTerm less = divide_term(table, divisor, &common);
        const Dim *quotient = dim_exact_div(table, atom->a, intern(table, &less, 1, 0));
        return dim_mul(table, intern(table, &rest, 1, 0), quotient);
    }
    return NULL;
}

static void sort_terms(DimTerm *terms, int count) {
    for (int gap = count / 2; gap > 0;
         gap /= 2) /* Shell's sort: short, no recursion, no libc callback */
        for (int i = gap; i < count; i++) {
            DimTerm moved = terms[i];
            int k = i;
            for (; k >= gap && compare_monomials(&terms[k - gap], &moved) > 0; k -= gap)
                terms[k] = terms[k - gap];
            terms[k] = moved;
        }
}

static const Dim *normalise(DimTable *table, Terms *list) {
    if (list->len > MAX_TERMS) return overflow(table);
    sort_terms(list->data, list->len);
    int n = 0;
    for (int i = 0; i < list->len; i++) {
        DimTerm *term = &list->data[i];
        if (n && compare_monomials(&list->data[n - 1], term) == 0) {
            DimTerm *last = &list->data[n - 1];
            if (__builtin_add_overflow(last->coefficient, term->coefficient, &last->coefficient))
                return overflow(table);
            if (last->coefficient == INT64_MIN) return overflow(table);
        } else {
            list->data[n++] = *term;
        }
        if (list->data[n - 1].coefficient == 0) n--;
    }
    for (int i = 0; i < n; i++) {
        const Dim *product = cancel_division(table, &list->data[i]);
        if (!product) continue;
        for (int k = i; k + 1 < n; k++) list->data[k] = list->data[k + 1];
        return dim_add(table, intern(table, list->data, n - 1, 0), product);
    }
    return intern(table, list->data, n, 0);
}

/* ---- arithmetic ----------------------------------------------------------------------------- */

DimName *dim_new_name(DimTable *table, const Symbol *name) {
    DimName *made = arena_new(table->arena, DimName);
    *made = (DimName){.name = name, .id = (uint32_t)table->names.len};
    vec_push(table->arena, &table->names, made);
    return made;
}

const Dim *dim_constant(DimTable *table, int64_t value) {
    if (value == INT64_MIN) return overflow(table);
    DimTerm term = {value, 0, NULL};
    return intern(table, &term, value != 0, 0);
}

static const Dim *of_atom(DimTable *table, const DimAtom *atom) {
    DimPower power = {atom, 1};
    DimPower *kept = arena_new(table->arena, DimPower);
    *kept = power;
    DimTerm term = {1, 1, kept};
    return intern(table, &term, 1, 0);
}

const Dim *dim_named(DimTable *table, const DimName *name) {
    return of_atom(table, atom_new(table, DIM_NAME, name, NULL, NULL));
}

const Dim *dim_add(DimTable *table, const Dim *a, const Dim *b) {
    if (a->overflowed || b->overflowed) return overflow(table);
    if (!a->term_count) return b;
    if (!b->term_count) return a;
    Terms list = {0};
    for (int i = 0; i < a->term_count; i++) vec_push(table->arena, &list, a->terms[i]);
    for (int i = 0; i < b->term_count; i++) vec_push(table->arena, &list, b->terms[i]);
    return normalise(table, &list);
}

const Dim *dim_sub(DimTable *table, const Dim *a, const Dim *b) {
    return dim_add(table, a, dim_mul(table, b, dim_constant(table, -1)));
}

const Dim *dim_mul(DimTable *table, const Dim *a, const Dim *b) {
    if (a->overflowed || b->overflowed) return overflow(table);
    if ((int64_t)a->term_count * b->term_count > MAX_TERMS) return overflow(table);
    Terms list = {0};
    for (int i = 0; i < a->term_count; i++)
        for (int j = 0; j < b->term_count; j++) {
            DimTerm term;
            if (__builtin_mul_overflow(a->terms[i].coefficient, b->terms[j].coefficient,
                                       &term.coefficient) ||
                term.coefficient == INT64_MIN ||
                !multiply_monomials(table, &a->terms[i], &b->terms[j], &term))
                return overflow(table);
            vec_push(table->arena, &list, term);
        }
    return normalise(table, &list);
}

const Dim *dim_power(DimTable *table, const Dim *a, int power) {
    const Dim *result = dim_constant(table, 1);
    for (int i = 0; i < power && !result->overflowed; i++) {
        const Dim *next = dim_mul(table, result, a);
        if (next == result) break; /* 0 and 1 */
        result = next;
    }
    return result;
}

/* a = q*b + r.  By a single term every divisible part goes into q (of a coefficient the floor, so
 * r's are between 0 and b's); by a polynomial all or nothing. */
static void divide(DimTable *table, const Dim *a, const Dim *b, const Dim **quotient,
                   const Dim **rest) {
    const Dim *q = dim_constant(table, 0), *r = q, *left = a;
    const DimTerm *lead = &b->terms[0];
    while (left->term_count && !left->overflowed) {
        DimTerm whole = left->terms[0], part = {0};
        if (divide_monomials(table, &whole, lead, &part))
            part.coefficient = floor_quotient(whole.coefficient, lead->coefficient);
        if (part.coefficient) {
            const Dim *step = intern(table, &part, 1, 0);
            q = dim_add(table, q, step);
            const Dim *next = dim_sub(table, left, dim_mul(table, step, b));
            if (next->term_count && compare_monomials(&next->terms[0], &whole) < 0) break;
            left = next;
            if (!left->term_count || compare_monomials(&left->terms[0], &whole) > 0) continue;
            whole = left->terms[0];
        }
        const Dim *lost = intern(table, &whole, 1, 0);
        r = dim_add(table, r, lost);
        left = dim_sub(table, left, lost);
    }
    int is_all = !left->overflowed && !left->term_count && (b->term_count == 1 || !r->term_count);
    *quotient = is_all ? q : dim_constant(table, 0);
    *rest = is_all ? r : a;
}

static int is_negative(const Dim *dim) { return dim->term_count && dim->terms[0].coefficient < 0; }

/* Divides both by the factors that all their terms share. */
static void reduce_fraction(DimTable *table, const Dim **a, const Dim **b) {
    DimTerm common = (*a)->terms[0];
    for (int i = 0; i < (*a)->term_count; i++)
        common = common_factor(table, &common, &(*a)->terms[i]);
    for (int i = 0; i < (*b)->term_count; i++)
        common = common_factor(table, &common, &(*b)->terms[i]);
    if (common.coefficient == 1 && !common.power_count) return;
    const Dim **sides[2] = {a, b};
    for (int s = 0; s < 2; s++) {
        Terms list = {0};
        for (int i = 0; i < (*sides[s])->term_count; i++)
            vec_push(table->arena, &list, divide_term(table, &(*sides[s])->terms[i], &common));
        *sides[s] = normalise(table, &list);
    }
}

static const Dim *negate(DimTable *table, const Dim *a) {
    return dim_mul(table, a, dim_constant(table, -1));
}

const Dim *dim_exact_div(DimTable *table, const Dim *a, const Dim *b) {
    if (a->overflowed || b->overflowed || !b->term_count) return overflow(table);
    if (is_negative(b)) return dim_exact_div(table, negate(table, a), negate(table, b));
    const Dim *q, *r;
    divide(table, a, b, &q, &r);
    if (!r->term_count) return q;
    reduce_fraction(table, &r, &b);
    if (dim_is_constant(b) && dim_constant_value(b) == 1) return dim_add(table, q, r);
    /* (x/c)/b is x/(c*b) */
    if (r->term_count == 1 && r->terms[0].power_count == 1 && r->terms[0].powers[0].power == 1 &&
        r->terms[0].powers[0].atom->kind == DIM_EXACT_DIV && r->terms[0].coefficient == 1) {
        const DimAtom *inner = r->terms[0].powers[0].atom;
        return dim_add(table, q, dim_exact_div(table, inner->a, dim_mul(table, inner->b, b)));
    }
    return dim_add(table, q, of_atom(table, atom_new(table, DIM_EXACT_DIV, NULL, r, b)));
}

/* floor((g*s + k)/(g*c)) is floor((s + floor(k/g))/c): takes g out, by constants. */
static void reduce_floor(DimTable *table, const Dim **a, int64_t *divisor) {
    int64_t common = *divisor;
    for (int i = 0; i < (*a)->term_count; i++)
        if ((*a)->terms[i].power_count) common = gcd((*a)->terms[i].coefficient, common);
    if (common == 1) return;
    Terms list = {0};
    for (int i = 0; i < (*a)->term_count; i++) {
        DimTerm term = (*a)->terms[i];
        term.coefficient = floor_quotient(term.coefficient, common);
        if (term.coefficient) vec_push(table->arena, &list, term);
    }
    *a = normalise(table, &list);
    *divisor /= common;
}

/* x where dim is floor(x/c) + k for constants: floor((floor(x/c) + k)/d) is floor((x + k*c)/(c*d)).
 */
static const Dim *nested_floor(DimTable *table, const Dim *a, const Dim *d) {
    if (a->term_count > 2 || a->terms[0].coefficient != 1 || a->terms[0].power_count != 1)
        return NULL;
    if (a->term_count == 2 && a->terms[1].power_count) return NULL;
    const DimAtom *atom = a->terms[0].powers[0].atom;
    if (a->terms[0].powers[0].power != 1 || atom->kind != DIM_FLOOR_DIV ||
        !dim_is_constant(atom->b))
        return NULL;
    const Dim *k = dim_constant(table, a->term_count == 2 ? a->terms[1].coefficient : 0);
    return dim_floor_div(table, dim_add(table, atom->a, dim_mul(table, k, atom->b)),
                         dim_mul(table, atom->b, d));
}

const Dim *dim_floor_div(DimTable *table, const Dim *a, const Dim *b) {
    if (a->overflowed || b->overflowed || !b->term_count) return overflow(table);
    if (is_negative(b)) return dim_floor_div(table, negate(table, a), negate(table, b));
    const Dim *q, *r;
    divide(table, a, b, &q, &r);
    if (!r->term_count) return q;
    if (dim_is_constant(b)) {
        int64_t divisor = dim_constant_value(b);
        reduce_floor(table, &r, &divisor);
        b = dim_constant(table, divisor);
        if (!r->term_count) return q;
        if (divisor == 1) return dim_add(table, q, r);
        const Dim *nested = nested_floor(table, r, b);
        if (nested) return dim_add(table, q, nested);
    } else {
        reduce_fraction(table, &r, &b);
        if (dim_is_constant(b)) return dim_add(table, q, dim_floor_div(table, r, b));
    }
    return dim_add(table, q, of_atom(table, atom_new(table, DIM_FLOOR_DIV, NULL, r, b)));
}

const Dim *dim_mod(DimTable *table, const Dim *a, const Dim *b) {
    if (a->overflowed || b->overflowed || !b->term_count) return overflow(table);
    if (is_negative(b)) return negate(table, dim_mod(table, negate(table, a), negate(table, b)));
    const Dim *q, *r, *whole = b;
    divide(table, a, b, &q, &r);
    if (!r->term_count) return r;
    if (dim_is_constant(r) && dim_is_constant(b)) return r; /* divide left it between 0 and b */
    reduce_fraction(table, &r, &b);
    const Dim *factor = dim_exact_div(table, whole, b);
    if (dim_is_constant(b) && dim_constant_value(b) == 1) return dim_constant(table, 0);
    return dim_mul(table, factor, of_atom(table, atom_new(table, DIM_MOD, NULL, r, b)));
}

static const Dim *extreme(DimTable *table, DimAtomKind kind, const Dim *a, const Dim *b) {
    if (a->overflowed || b->overflowed) return overflow(table);
    if (a == b) return a;
    const Dim *difference = dim_sub(table, a, b);
    if (dim_is_constant(difference))
        return (dim_constant_value(difference) < 0) == (kind == DIM_MIN) ? a : b;
    if (a->id > b->id) {
        const Dim *swap = a;
        a = b;
        b = swap;
    }
    return of_atom(table, atom_new(table, kind, NULL, a, b));
}

const Dim *dim_min(DimTable *table, const Dim *a, const Dim *b) {
    return extreme(table, DIM_MIN, a, b);
}

const Dim *dim_max(DimTable *table, const Dim *a, const Dim *b) {
    return extreme(table, DIM_MAX, a, b);
}

/* ---- questions ------------------------------------------------------------------------------ */

int dim_is_constant(const Dim *dim) {
    return !dim->overflowed &&
           (dim->term_count == 0 || (dim->term_count == 1 && !dim->terms[0].power_count));
}

int64_t dim_constant_value(const Dim *dim) {
    if (!dim_is_constant(dim)) ICE("dim_constant_value of a dim that is not constant");
    return dim->term_count ? dim->terms[0].coefficient : 0;
}

const DimName *dim_as_name(const Dim *dim) {
    if (dim->term_count != 1 || dim->terms[0].coefficient != 1 || dim->terms[0].power_count != 1)
        return NULL;
    if (dim->terms[0].powers[0].power != 1) return NULL;
    const DimAtom *atom = dim->terms[0].powers[0].atom;
    return atom->kind == DIM_NAME ? atom->name : NULL;
}

int dim_has_opaque(const Dim *dim) {
    for (int i = 0; i < dim->term_count; i++)
        for (int k = 0; k < dim->terms[i].power_count; k++) {
            const DimAtom *atom = dim->terms[i].powers[k].atom;
            if (atom->kind != DIM_NAME || atom->name->is_runtime) return 1;
        }
    return dim->overflowed;
}

int dim_mentions(const Dim *dim, const DimName *name) {
    for (int i = 0; i < dim->term_count; i++)
        for (int k = 0; k < dim->terms[i].power_count; k++) {
            const DimAtom *atom = dim->terms[i].powers[k].atom;
            if (atom->kind == DIM_NAME ? atom->name == name
                                       : dim_mentions(atom->a, name) || dim_mentions(atom->b, name))
                return 1;
        }
    return 0;
}

const Dim *dim_clear_divisions(DimTable *table, const Dim *dim) {
    for (int i = 0; i < dim->term_count; i++)
        for (int k = 0; k < dim->terms[i].power_count; k++) {
            const DimAtom *atom = dim->terms[i].powers[k].atom;
            if (atom->kind != DIM_EXACT_DIV) continue;
            /* b * (c*(a/b)*m + rest): the product cancels for one term at a time, b may be a sum */
            Terms with = {0}, without = {0};
            for (int t = 0; t < dim->term_count; t++) {
                DimTerm single = {1, 1, &(DimPower){atom, 1}}, left = {0};
                if (divide_monomials(table, &dim->terms[t], &single, &left)) {
                    left.coefficient = dim->terms[t].coefficient;
                    vec_push(table->arena, &with, left);
                } else {
                    vec_push(table->arena, &without, dim->terms[t]);
                }
            }
            const Dim *cleared = dim_add(table, dim_mul(table, normalise(table, &with), atom->a),
                                         dim_mul(table, normalise(table, &without), atom->b));
            return dim_clear_divisions(table, cleared);
        }
    return dim;
}
