/* Random graphs over [B, 3] tensors in f64, of functions that are smooth and stay moderate; the same for a
 * seed in every run. */
#ifndef DLC_TESTS_GRAPH_RANDOM_H
#define DLC_TESTS_GRAPH_RANDOM_H

#include "compiler/graph.h"

enum { RANDOM_GRAPH_INPUTS = 3 };

typedef struct RandomGraph {
    Region *region;     /* no results */
    Node *of;           /* rank 0, a sum over the node drawn last */
    int64_t batch;      /* value of its one run-time size */
    double **inputs;    /* RANDOM_GRAPH_INPUTS: [B, 3], [B, 3], [3] */
} RandomGraph;

RandomGraph random_graph(Session *session, Arena *arena, uint64_t seed);

#endif
