/* Printing dims as the user would write them, and their values where every name has one. */
#include "base/dim.h"

/* ---- printing ------------------------------------------------------------------------------- */

static int needs_group(const Dim *dim) {
    return dim->term_count > 1 || (dim->term_count == 1 && dim->terms[0].coefficient < 0);
}

/* A sum is grouped on either side of a quotient; on the right anything but a name or number is. */
static void print_side(Text *out, const Dim *dim, int is_right) {
    int is_atomic = dim_is_constant(dim) || dim_as_name(dim);
    int grouped = needs_group(dim) || (is_right && !is_atomic);
    if (grouped) text_char(out, '(');
    dim_print(out, dim);
    if (grouped) text_char(out, ')');
}

static void print_atom(Text *out, const DimAtom *atom, int is_factor) {
    if (atom->kind == DIM_NAME) {
        text_add(out, atom->name->name->text);
        return;
    }
    if (atom->kind == DIM_MIN || atom->kind == DIM_MAX) {
        text_add(out, atom->kind == DIM_MIN ? "min(" : "max(");
        dim_print(out, atom->a);
        text_add(out, ", ");
        dim_print(out, atom->b);
        text_char(out, ')');
        return;
    }
    if (is_factor) text_char(out, '(');
    print_side(out, atom->a, 0);
    text_add(out, atom->kind == DIM_FLOOR_DIV ? "//" : atom->kind == DIM_MOD ? " % " : "/");
    print_side(out, atom->b, 1);
    if (is_factor) text_char(out, ')');
}

static void print_term(Text *out, const DimTerm *term) {
    int64_t size = term->coefficient < 0 ? -term->coefficient : term->coefficient;
    int factors = term->power_count;
    if (size != 1 || !factors) text_printf(out, "%lld", (long long)size);
    for (int i = 0; i < factors; i++) {
        if (i || size != 1) text_char(out, '*');
        print_atom(out, term->powers[i].atom,
                   factors > 1 || size != 1 || term->powers[i].power > 1);
        if (term->powers[i].power > 1) text_printf(out, "**%d", term->powers[i].power);
    }
}

void dim_print(Text *out, const Dim *dim) {
    if (dim->overflowed) {
        text_add(out, "too large");
        return;
    }
    if (!dim->term_count) {
        text_char(out, '0');
        return;
    }
    int first = 0; /* a positive term, so that 1 - H does not begin with a minus */
    while (first < dim->term_count && dim->terms[first].coefficient < 0) first++;
    if (first == dim->term_count) {
        first = 0;
        text_char(out, '-');
    }
    print_term(out, &dim->terms[first]);
    for (int i = 0; i < dim->term_count; i++) {
        if (i == first) continue;
        text_add(out, dim->terms[i].coefficient < 0 ? " - " : " + ");
        print_term(out, &dim->terms[i]);
    }
}

const char *dim_text(Arena *arena, const Dim *dim) {
    Text out = text_new(arena);
    dim_print(&out, dim);
    return text_str(&out);
}

/* ---- values --------------------------------------------------------------------------------- */

enum { EVALUATE_OVERFLOW = 1, EVALUATE_INEXACT = 2, EVALUATE_BY_ZERO = 3 };

static int evaluate_atom(const DimAtom *atom, const int64_t *values, int64_t *result) {
    if (atom->kind == DIM_NAME) {
        *result = values[atom->name->id];
        return 0;
    }
    int64_t a, b;
    int failure = dim_evaluate(atom->a, values, &a);
    if (!failure) failure = dim_evaluate(atom->b, values, &b);
    if (failure) return failure;
    if (atom->kind == DIM_MIN || atom->kind == DIM_MAX) {
        *result = (a < b) == (atom->kind == DIM_MIN) ? a : b;
        return 0;
    }
    if (b == 0) return EVALUATE_BY_ZERO;
    if (a == INT64_MIN) return EVALUATE_OVERFLOW;
    int64_t floor = a / b - (a % b != 0 && (a % b < 0) != (b < 0));
    if (atom->kind == DIM_EXACT_DIV && a % b) return EVALUATE_INEXACT;
    *result = atom->kind == DIM_MOD ? a - floor * b : floor;
    return 0;
}

int dim_evaluate(const Dim *dim, const int64_t *values, int64_t *result) {
    if (dim->overflowed) return EVALUATE_OVERFLOW;
    int64_t sum = 0;
    for (int i = 0; i < dim->term_count; i++) {
        int64_t product = dim->terms[i].coefficient;
        for (int k = 0; k < dim->terms[i].power_count; k++) {
            int64_t factor;
            int failure = evaluate_atom(dim->terms[i].powers[k].atom, values, &factor);
            if (failure) return failure;
            for (int p = 0; p < dim->terms[i].powers[k].power; p++)
                if (__builtin_mul_overflow(product, factor, &product)) return EVALUATE_OVERFLOW;
        }
        if (__builtin_add_overflow(sum, product, &sum)) return EVALUATE_OVERFLOW;
    }
    *result = sum;
    return 0;
}
