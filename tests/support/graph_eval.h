/* An evaluator of regions for tests, written apart from the compiler: naive, one element at a time,
 * everything in double.  The rounding of f32 is ignored; integers wrap to their width; sums run in the
 * order of the indices. */
#ifndef DLC_TESTS_GRAPH_EVAL_H
#define DLC_TESTS_GRAPH_EVAL_H

#include "compiler/graph.h"

typedef struct Evaluation {
    const Region *region;
    const int64_t *dims;  /* by DimName id */
    double **values;      /* by node id: all elements, row-major */
    int64_t *counts;      /* by node id: elements */
    int64_t (*extents)[GRAPH_MAX_RANK]; /* by node id */
} Evaluation;

/* `dims` has the value of every run-time name by its id; `inputs` the elements of each input in order.  All
 * nodes are evaluated, dead ones too. */
Evaluation graph_evaluate(Arena *arena, const Region *r, const int64_t *dims, const double *const *inputs);

/* Elements of a node at the given dims. */
int64_t node_count(const Node *n, const int64_t *dims);

#endif
