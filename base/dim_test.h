/* Statements about sizes that only the run can decide: `N % 2 == 0 and N >= 4`.
 *
 * A comparison whose sizes cannot be computed (a division that is not exact, or by zero) does not hold. */
#ifndef DLC_BASE_DIM_TEST_H
#define DLC_BASE_DIM_TEST_H

#include "base/dim.h"

typedef enum DimTestKind {
    DIM_TEST_EQUAL,   /* a, b */
    DIM_TEST_AT_MOST, /* a <= b */
    DIM_TEST_NOT,     /* left */
    DIM_TEST_AND,     /* left, right */
    DIM_TEST_OR,      /* left, right */
} DimTestKind;

typedef struct DimTest DimTest;
struct DimTest {
    DimTestKind kind;
    const Dim *a, *b;
    const DimTest *left, *right;
};

typedef Vec(const DimTest *) DimTests;

const DimTest *dim_test_compare(Arena *arena, DimTestKind kind, const Dim *a, const Dim *b);
const DimTest *dim_test_not(Arena *arena, const DimTest *of);
const DimTest *dim_test_join(Arena *arena, DimTestKind kind, const DimTest *left, const DimTest *right);

/* The same statement, written the same way. */
int dim_test_same(const DimTest *one, const DimTest *other);
/* Where every name has a value: values[name->id]. */
int dim_test_holds(const DimTest *test, const int64_t *values);
/* In the language's notation. */
void dim_test_print(Text *out, const DimTest *test);

#endif
