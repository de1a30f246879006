/* What sizes that only the run knows must fulfil for a region to be computed: those that meet are equal, slices end inside
 * their axes, every `given` holds, divisions are exact and no size is negative.  The runner, and emitted code, compare
 * them before anything else; the first that fails is what the user is told, so what the user wrote comes first. */
#include "compiler/build_internal.h"
#include "compiler/op.h"

static int is_known(const Builder *b, const DimTest *test) {
    for (int i = 0; i < b->build->conditions.len; i++)
        if (dim_test_same(b->build->conditions.data[i].test, test)) return 1;
    return 0;
}

static void check_divisions(Builder *b, const Dim *dim, Span span);

static void check_test_divisions(Builder *b, const DimTest *test, Span span) {
    if (test->a) check_divisions(b, test->a, span);
    if (test->b) check_divisions(b, test->b, span);
    if (test->left) check_test_divisions(b, test->left, span);
    if (test->right) check_test_divisions(b, test->right, span);
}

/* Where a test divides, that it can is compared before. */
static void add_condition(Builder *b, BuildCondition condition) {
    if (is_known(b, condition.test)) return;
    int is_division = condition.kind == CONDITION_EXACT;
    if (!is_division) check_test_divisions(b, condition.test, condition.span);
    vec_push(b->arena, &b->build->conditions, condition);
}

static const DimTest *compare(Builder *b, DimTestKind kind, const Dim *one, const Dim *other) {
    return dim_test_compare(b->arena, kind, one, other);
}

void build_equal(Builder *b, const Dim *one, const Dim *other, Span span) {
    if (one == other || dim_compare(&b->session->dims, one, other, NULL) != DIM_UNKNOWN) return;
    add_condition(b, (BuildCondition){CONDITION_EQUAL, compare(b, DIM_TEST_EQUAL, one, other), one, other, NULL, span, NULL});
}

/* All of 0 <= first and end <= size that is not known. */
static const DimTest *inside_test(Builder *b, DimAnswer begins, const Dim *first, DimAnswer ends, const Dim *end,
                                  const Dim *size) {
    const Dim *zero = dim_constant(&b->session->dims, 0);
    const DimTest *low = begins == DIM_UNKNOWN ? compare(b, DIM_TEST_AT_MOST, zero, first) : NULL,
                  *high = ends == DIM_UNKNOWN ? compare(b, DIM_TEST_AT_MOST, end, size) : NULL;
    return low && high ? dim_test_join(b->arena, DIM_TEST_AND, low, high) : low ? low : high;
}

int build_inside(Builder *b, const Dim *first, const Dim *length, const Dim *size, Span span) {
    DimTable *dims = &b->session->dims;
    const Dim *end = dim_add(dims, first, length);
    DimAnswer begins = dim_at_most(dims, dim_constant(dims, 0), first, NULL), ends = dim_at_most(dims, end, size, NULL);
    if (begins != DIM_DIFFERENT && ends != DIM_DIFFERENT) {
        const DimTest *test = inside_test(b, begins, first, ends, end, size);
        BuildCondition inside = {CONDITION_INSIDE, test, end, size, NULL, span, first};
        if (test) add_condition(b, inside);
        return 1;
    }
    if (begins == DIM_DIFFERENT)
        diag_add(&b->session->diags, span, E_INDEX_RANGE, "this begins at %s, before the axis does", dim_text(b->arena, first));
    else
        diag_add(&b->session->diags, span, E_INDEX_RANGE, "this goes up to %s of an axis of size %s, which is less",
                 dim_text(b->arena, end), dim_text(b->arena, size));
    return 0;
}

void build_element(Builder *b, const Dim *size, Span span) {
    const Dim *one = dim_constant(&b->session->dims, 1);
    if (dim_at_most(&b->session->dims, one, size, NULL) != DIM_UNKNOWN) return;
    add_condition(b, (BuildCondition){CONDITION_ELEMENT, compare(b, DIM_TEST_AT_MOST, one, size), size, NULL, NULL, span, NULL});
}

void build_given(Builder *b, const TConditions *conditions, Span span) {
    for (int i = 0; i < conditions->len; i++) {
        const TCondition *given = conditions->data[i];
        ConditionKind kind = given->of ? CONDITION_GIVEN : CONDITION_EQUAL;
        add_condition(b, (BuildCondition){kind, given->test, given->test->a, given->test->b, given, span, NULL});
    }
}

/* ---- sizes that can be computed ------------------------------------------------------------------------- */

static void check_division(Builder *b, const DimAtom *atom, Span span) {
    DimTable *dims = &b->session->dims;
    const Dim *zero = dim_constant(dims, 0);
    if (!dim_is_constant(atom->b)) {
        const DimTest *is_zero = compare(b, DIM_TEST_EQUAL, atom->b, zero);
        add_condition(b, (BuildCondition){CONDITION_DIVISOR, dim_test_not(b->arena, is_zero), atom->b, NULL, NULL, span, NULL});
    }
    if (atom->kind != DIM_EXACT_DIV || dim_divides(dims, atom->a, atom->b, NULL) == DIM_EQUAL) return;
    const DimTest *is_exact = compare(b, DIM_TEST_EQUAL, dim_mod(dims, atom->a, atom->b), zero);
    add_condition(b, (BuildCondition){CONDITION_EXACT, is_exact, atom->a, atom->b, NULL, span, NULL});
}

static void check_divisions(Builder *b, const Dim *dim, Span span) {
    for (int i = 0; i < dim->term_count; i++)
        for (int k = 0; k < dim->terms[i].power_count; k++) {
            const DimAtom *atom = dim->terms[i].powers[k].atom;
            if (atom->kind == DIM_NAME) continue;
            check_divisions(b, atom->a, span);
            check_divisions(b, atom->b, span);
            if (atom->kind != DIM_MIN && atom->kind != DIM_MAX) check_division(b, atom, span);
        }
}

static void check_size(Builder *b, const Dim *size, Span span) {
    if (dim_is_constant(size) || dim_as_name(size)) return;
    const Dim *zero = dim_constant(&b->session->dims, 0);
    check_divisions(b, size, span);
    if (dim_at_most(&b->session->dims, zero, size, NULL) == DIM_EQUAL) return;
    add_condition(b, (BuildCondition){CONDITION_SIZE, compare(b, DIM_TEST_AT_MOST, zero, size), size, NULL, NULL, span, NULL});
}

void build_divisions(Builder *b) {
    for (; b->checked_nodes < b->region->nodes.len; b->checked_nodes++) {
        const Node *n = b->region->nodes.data[b->checked_nodes];
        for (int i = 0; i < n->rank; i++) check_size(b, n->shape[i], n->span);
        if (op_info[n->op].attributes & AT_DIM) check_divisions(b, n->attr.dim, n->span);
    }
}

static int is_size_test(const Tx *tx) {
    if (tx->kind == T_DIM || tx->kind == T_NUMBER) return 1;
    if (tx->kind != T_PRIMITIVE && tx->kind != T_CONVERT) return 0;
    for (int i = 0; i < tx->args.len; i++)
        if (!is_size_test(tx->args.data[i])) return 0;
    return 1;
}

void build_branch_conditions(Builder *b, const Tx *condition, int first, Span span) {
    if (b->build->conditions.len == first || !is_size_test(condition)) return;
    const BuildCondition *c = &b->build->conditions.data[first];
    Text text = text_new(b->arena);
    dim_test_print(&text, c->test);
    Diag *diag = diag_add(&b->session->diags, span, E_NOT_COMPILED,
                          "an `if` cannot be compiled yet when a branch relies on sizes that only the run knows");
    diag_label(&b->session->diags, diag, c->span, "this relies on %s", text_str(&text));
    diag_note(&b->session->diags, diag, "compiled code computes both branches and takes one of the results");
    diag_fix(&b->session->diags, diag, "choose in the program, where one branch runs, or in a procedure");
}
