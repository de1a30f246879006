/* Dimensions: sizes as expressions over named sizes, in a normal form that makes equality a comparison of
 * pointers.
 *
 * A Dim is a polynomial with integer coefficients over atoms; an atom is a named size, or a quotient,
 * remainder, minimum or maximum that no rule could dissolve.  Dims are hash-consed in a DimTable and
 * immutable: equal polynomials are one pointer.  Two different polynomials without opaque atoms are
 * different sizes; where opaque atoms remain, dim_compare may answer "unknown".
 *
 *     H/2 * 2          -> H            (exact division is multiplied out)
 *     (2*C + 4)/2      -> C + 2
 *     (H + 2*1 - 3)//1 + 1 -> H
 *     H//2             -> an atom; H/2 under the fact H % 2 == 0 equals it
 */
#ifndef DLC_BASE_DIM_H
#define DLC_BASE_DIM_H

#include "base/arena.h"
#include "base/map.h"
#include "base/symbol.h"
#include "base/text.h"
#include "base/vec.h"
#include <stdint.h>

typedef struct Dim Dim;
typedef struct DimAtom DimAtom;

/* A named size.  Two of the same name are different sizes unless they are the same DimName. */
typedef struct DimName {
    const Symbol *name;
    int64_t maximum; /* of a run-time size (a batch: 32): planned for; 0 where none is known */
    int is_runtime;  /* has no value when compiling: stays in extents, kernels get it as an argument */
    int is_batch;    /* varies from call to call, so no constant is equal to it */
    uint32_t id;     /* dense in the table, in order of creation */
} DimName;

typedef enum DimAtomKind {
    DIM_NAME,      /* name */
    DIM_FLOOR_DIV, /* floor(a / b) */
    DIM_MOD,       /* a - b * floor(a / b), sign of b */
    DIM_EXACT_DIV, /* a / b, known or stated to be exact */
    DIM_MIN,       /* min(a, b) */
    DIM_MAX,       /* max(a, b) */
} DimAtomKind;

struct DimAtom {
    DimAtomKind kind;
    uint32_t id; /* dense in the table */
    const DimName *name;
    const Dim *a, *b;
};

typedef struct DimPower {
    const DimAtom *atom;
    int power; /* at least 1 */
} DimPower;

typedef struct DimTerm {
    int64_t coefficient; /* never 0 */
    int power_count;
    const DimPower *powers; /* sorted by atom id */
} DimTerm;

struct Dim {
    uint32_t id, hash;
    int term_count; /* 0 is the size 0; terms sorted, the constant term last */
    const DimTerm *terms;
    int overflowed; /* a coefficient left 63 bits (or there were thousands of terms): an error of the program,
                       reported by who made it; what is made from it is overflowed too */
};

typedef struct DimTable {
    Arena *arena;
    SymbolTable *symbols;
    Vec(const Dim *) dims;   /* by id */
    Vec(DimAtom *) atoms;    /* by id */
    Vec(DimName *) names;    /* by id */
    int32_t *slots;          /* hash-consing of dims: 1 + id, 0 is free; a power of two */
    uint32_t slot_cap;
    int32_t *atom_slots;     /* the same for atoms */
    uint32_t atom_slot_cap;
} DimTable;

void dim_table_init(DimTable *table, Arena *arena, SymbolTable *symbols);
DimName *dim_new_name(DimTable *table, const Symbol *name);

const Dim *dim_constant(DimTable *table, int64_t value);
const Dim *dim_named(DimTable *table, const DimName *name);
const Dim *dim_add(DimTable *table, const Dim *a, const Dim *b);
const Dim *dim_sub(DimTable *table, const Dim *a, const Dim *b);
const Dim *dim_mul(DimTable *table, const Dim *a, const Dim *b);
const Dim *dim_power(DimTable *table, const Dim *a, int power);
/* b must not be the constant 0 (callers report that). */
const Dim *dim_exact_div(DimTable *table, const Dim *a, const Dim *b);
const Dim *dim_floor_div(DimTable *table, const Dim *a, const Dim *b);
const Dim *dim_mod(DimTable *table, const Dim *a, const Dim *b);
const Dim *dim_min(DimTable *table, const Dim *a, const Dim *b);
const Dim *dim_max(DimTable *table, const Dim *a, const Dim *b);

int dim_is_constant(const Dim *dim);
int64_t dim_constant_value(const Dim *dim); /* of a constant */
/* The atom when the dim is exactly one named size, else NULL. */
const DimName *dim_as_name(const Dim *dim);
/* Contains //, %, /, min, max or a run-time name: equality may be undecidable. */
int dim_has_opaque(const Dim *dim);
int dim_mentions(const Dim *dim, const DimName *name);

/* What is known about named sizes: from `given`, from branches taken, from earlier bindings. */
typedef struct DimFacts {
    Vec(const Dim *) zero;     /* each equals 0 */
    Vec(const Dim *) at_least; /* each is >= 0 */
} DimFacts;

typedef enum DimAnswer { DIM_EQUAL, DIM_DIFFERENT, DIM_UNKNOWN } DimAnswer;

/* Names are sizes >= 0 (data and batch may be empty); facts may be NULL. */
DimAnswer dim_compare(DimTable *table, const Dim *a, const Dim *b, const DimFacts *facts);
/* DIM_EQUAL: a <= b holds always; DIM_DIFFERENT: never; DIM_UNKNOWN otherwise. */
DimAnswer dim_at_most(DimTable *table, const Dim *a, const Dim *b, const DimFacts *facts);
/* DIM_EQUAL: b divides a always; DIM_DIFFERENT: never. */
DimAnswer dim_divides(DimTable *table, const Dim *a, const Dim *b, const DimFacts *facts);
/* Rewrites by the facts, e.g. H//2 to H/2 under H % 2 == 0. */
const Dim *dim_under_facts(DimTable *table, const Dim *dim, const DimFacts *facts);

/* Any Dim that holds an exact division a/b times its divisors: the same sign, no exact division outside of //,
 * %, min and max. */
const Dim *dim_clear_divisions(DimTable *table, const Dim *dim);

/* Replaces names: `bindings` maps const DimName * to const Dim *; absent names stay. */
const Dim *dim_substitute(DimTable *table, const Dim *dim, const Map *bindings);

/* The value where every name has one: values[name->id].  0 on success; 1 on overflow, 2 on a division that
 * is not exact, 3 on division by zero. */
int dim_evaluate(const Dim *dim, const int64_t *values, int64_t *result);
/* The largest value, with run-time names between 0 and their maximum (polynomials with non-negative
 * coefficients: at the maximum; else bounded term by term).  0 on success, 1 when no bound is known or it
 * overflows. */
int dim_upper_bound(const Dim *dim, int64_t *result);

/* In the language's notation, in normal form: `2*C + 1`, `(H + 1)//2` (also for `(H - 1)//2 + 1`). */
void dim_print(Text *out, const Dim *dim);
const char *dim_text(Arena *arena, const Dim *dim);

#endif
