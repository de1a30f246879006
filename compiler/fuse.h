/* Fusion: which nodes are computed in memory, and which of them share a kernel.
 *
 * A node is either *made* (a member of exactly one kernel) or evaluated wherever it is needed.  A
 * kernel runs over a space of rows, the `lead` axes; its members have the shape of the space (a
 * number per row) or one axis more (a row of numbers).  A member reads other members of its kernel
 * at its own place only, so a tile of rows needs nothing from other tiles. */
#ifndef DLC_COMPILER_FUSE_H
#define DLC_COMPILER_FUSE_H

#include "compiler/lower.h"

/* One array that a kernel reads: an input, a constant or a node made by another kernel. */
typedef struct FusedRead {
    Node *node;
    int at_own_place; /* every read is at the place of the member that reads it, over the whole
                         shape */
} FusedRead;

typedef struct FusedKernel {
    Vec(Node *) members; /* in graph order */
    Node *
        hero; /* the product, scatter or first reduction; NULL: only pointwise and indexing nodes */
    Node *result; /* the member that the hero gives: itself, or the transposed form that alone is wanted */
    int lead; /* axes of the space */
    const Dim *space[GRAPH_MAX_RANK];
    const Dim *columns;  /* products: extent of the last axis of the result; else NULL */
    int is_row_complete; /* products: a tile holds whole rows, members may reduce over them */
    int has_row_reduction, has_column_reduction;
    int has_slots; /* a tile goes over every sixteenth row, and members may be slots of sums down the columns */
    Vec(FusedRead) reads;
    Vec(int) producers; /* kernels whose nodes it reads */
} FusedKernel;

typedef enum FusedFit { FIT_NONE, FIT_ROW, FIT_VECTOR } FusedFit;

typedef struct Fusion {
    Vec(FusedKernel *) kernels; /* producers before consumers */
    int *kernel_of;             /* by node id: its kernel, or -1 */
} Fusion;

enum { ROW_COMPLETE_COLUMNS = 32 };

/* How a node lies in a space of rows; SLOTS by its operand. */
FusedFit fuse_fit(const FusedKernel *kernel, const Node *node);
/* Of REDUCE: over the last axis of its operand. */
int reduces_last_axis(const Node *node);
int is_product(const Node *node); /* DOT, CONVOLUTION */
/* Elements at the maximum of the run-time dims. */
double dims_count(const Dim *const *shape, int rank);
int64_t dim_maximum(const Dim *dim);
/* Rough cost of one element of a node itself, in additions. */
double node_cost(const Node *node);

/* ---- fuse_made.c ---------------------------------------------------------------------------------------- */

/* By node id: is it computed in memory? */
uint8_t *fuse_made(Arena *arena, const LowerOptions *options, const Region *region);
int fuse_is_source(const Node *node); /* a value that is there before any kernel runs */
/* Reductions, slots, products and scatters: what gives a kernel its form. */
int fuse_is_hero(const Node *node);
/* The convolution of which the node is the turned form that its kernel can write as well (lower_across.c); else NULL. */
Node *fuse_turned_product(const Node *node);
int fuse_adds_products(const Node *node); /* a sum of which one operand at least is a product */

Fusion *pass_fuse(Arena *arena, const LowerOptions *options, const Region *region);

#endif
