/* Regions for tests: from text, from the tables of op_cases.h, and sums to differentiate. */
#ifndef DLC_TESTS_GRAPH_CASE_H
#define DLC_TESTS_GRAPH_CASE_H

#include "tests/support/graph_eval.h"
#include "tests/support/op_cases.h"

/* Prints the diagnostics and ends the program when the text has a mistake. */
Region *region_of_text(Session *session, Arena *arena, const char *text);
/* The region of a row of scalar_cases: inputs "a", "b", "c" of `count` elements, the result converted to
 * f64. */
Region *region_of_scalar_case(Session *session, Arena *arena, const ScalarCase *c);
/* By DimName id: `values` in the order of the region's dims. */
const int64_t *dim_values(Arena *arena, const Region *r, const int64_t *values);

/* The sum over all elements of a (float) times numbers that differ from element to element and with
 * `phase`. */
Node *weighted_sum(Region *r, Node *a, double phase);

/* The largest relative difference between `gradient` (NULL: zero) of `of` and central differences along
 * `input`. */
double gradient_error(Arena *arena, const Region *r, const int64_t *dims, double *const *inputs,
                      const Node *of, int input, const Node *gradient);

#endif
