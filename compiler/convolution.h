/* Which form a convolution takes, from its shape alone: fusion asks which operands need not become arrays, the lowering
 * asks what it was promised.  In: a convolution after the passes (pass.def). */
#ifndef DLC_COMPILER_CONVOLUTION_H
#define DLC_COMPILER_CONVOLUTION_H

#include "compiler/graph.h"

/* Of one group and fixed sizes, with windows that lie in the operand? */
int convolution_is_plain(const Node *node);
/* Is the sum long and the window larger than the result, as in the gradient of a kernel?  Lanes then run across the kernels
 * (lower_across.c), which may be a view of an array as well. */
int convolution_runs_across(const Node *node);
/* Do all windows lie within the operand, along lines that are worth packing once for a row of the window? */
int convolution_has_lines(const Node *node);
/* Lines of a tile, in so many vectors, whose lanes run on from one to the next over what windows meet between them: what all tiles cost,
 * in vectors. */
typedef struct RunningLines {
    int64_t lines, vectors; /* 0: there are none that cost less than most_cost */
    double cost;
} RunningLines;
RunningLines convolution_running_lines(const Node *node, double most_cost);
double convolution_tiles_cost(int64_t lines, int64_t tile_lines, int64_t vectors);
/* Of a convolution with lines: columns of the pieces in which a line of the result is made, the last of them perhaps shorter. */
int64_t convolution_piece(const Node *node);
/* Of a convolution with lines whose operand is an array with zeros around it: that array, or the view of one, which
 * the zeros are laid around while its lines are packed; else NULL. */
Node *convolution_bordered(const Node *node);

/* The node below that lays zeros around the operand's pictures, perhaps seen through a transpose of the other axes; or NULL. */
const Node *convolution_border(const Node *node);
/* What windows meet on a spatial axis: result p has at place s of its window element p*step + s*apart + first of the operand, counted
 * without the zeros of that node.  Below 0, and from `size` on, there are those zeros. */
typedef struct MetAxis {
    int64_t extent, places, step, apart, first, size; /* extent: of the result; places: of the window */
} MetAxis;

MetAxis convolution_met_axis(const Node *node, int axis);
/* The places lo .. hi-1 of window p that meet elements. */
void met_places(const MetAxis *axis, int64_t p, int64_t *lo, int64_t *hi);
/* What is met of all places of all windows: 1 where nothing lies outside. */
double convolution_met_share(const Node *node);
/* Are there so many examples, and do so many places of windows meet zeros around small pictures, that lanes run across the examples
 * (lower_batch.c) and leave those places out? */
int convolution_runs_over_batch(const Node *node);
/* Of such a convolution: the operand that zeros lie around; NULL: there are none, or it is transposed. */
Node *convolution_batch_bordered(const Node *node);

/* The gradient of the kernels of a convolution with one kernel for each group, over two axes: a convolution of as many groups
 * whose kernels are what came from behind.  What it meets is (r, group, example, y, x), as a view of an array or of one that
 * zeros lie around; its kernels are a view (group, example, y, x). */
typedef struct GroupGradient {
    Node *met;         /* of rank 5; NULL: the convolution is none */
    const Node *border; /* the zeros around its last two axes; NULL: none */
} GroupGradient;

GroupGradient convolution_group_gradient(const Node *node);

#endif
