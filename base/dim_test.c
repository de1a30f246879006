#include "base/dim_test.h"

const DimTest *dim_test_compare(Arena *arena, DimTestKind kind, const Dim *a, const Dim *b) {
    DimTest *made = arena_new(arena, DimTest);
    *made = (DimTest){.kind = kind, .a = a, .b = b};
    return made;
}

const DimTest *dim_test_join(Arena *arena, DimTestKind kind, const DimTest *left, const DimTest *right) {
    DimTest *made = arena_new(arena, DimTest);
    *made = (DimTest){.kind = kind, .left = left, .right = right};
    return made;
}

const DimTest *dim_test_not(Arena *arena, const DimTest *of) {
    return of->kind == DIM_TEST_NOT ? of->left : dim_test_join(arena, DIM_TEST_NOT, of, NULL);
}

int dim_test_same(const DimTest *one, const DimTest *other) {
    if (one == other) return 1;
    if (!one || !other || one->kind != other->kind || one->a != other->a || one->b != other->b) return 0;
    return dim_test_same(one->left, other->left) && dim_test_same(one->right, other->right);
}

int dim_test_holds(const DimTest *test, const int64_t *values) {
    int64_t a, b;
    switch (test->kind) {
    case DIM_TEST_EQUAL:
    case DIM_TEST_AT_MOST:
        if (dim_evaluate(test->a, values, &a) || dim_evaluate(test->b, values, &b)) return 0;
        return test->kind == DIM_TEST_EQUAL ? a == b : a <= b;
    case DIM_TEST_NOT: return !dim_test_holds(test->left, values);
    case DIM_TEST_AND: return dim_test_holds(test->left, values) && dim_test_holds(test->right, values);
    case DIM_TEST_OR: return dim_test_holds(test->left, values) || dim_test_holds(test->right, values);
    }
    return 0;
}

static void print_side(Text *out, const DimTest *side, DimTestKind around) {
    int needs_brackets = side->kind != around && (side->kind == DIM_TEST_AND || side->kind == DIM_TEST_OR);
    if (needs_brackets) text_char(out, '(');
    dim_test_print(out, side);
    if (needs_brackets) text_char(out, ')');
}

void dim_test_print(Text *out, const DimTest *test) {
    switch (test->kind) {
    case DIM_TEST_EQUAL:
    case DIM_TEST_AT_MOST:
        dim_print(out, test->a);
        text_add(out, test->kind == DIM_TEST_EQUAL ? " == " : " <= ");
        dim_print(out, test->b);
        return;
    case DIM_TEST_NOT:
        if (test->left->kind == DIM_TEST_EQUAL) {
            dim_print(out, test->left->a);
            text_add(out, " != ");
            dim_print(out, test->left->b);
            return;
        }
        text_add(out, "not (");
        dim_test_print(out, test->left);
        text_char(out, ')');
        return;
    case DIM_TEST_AND:
    case DIM_TEST_OR:
        print_side(out, test->left, test->kind);
        text_add(out, test->kind == DIM_TEST_AND ? " and " : " or ");
        print_side(out, test->right, test->kind);
        return;
    }
}
