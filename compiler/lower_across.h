/* What the two files of lanes across the kernels share: the shape of the problem (lower_across.c), and what is copied closer
 * together or announced (lower_across_panel.c). */
#ifndef DLC_COMPILER_LOWER_ACROSS_H
#define DLC_COMPILER_LOWER_ACROSS_H

#include "compiler/lower_internal.h"

enum { CHUNK = 256, LANES = 16, VECTORS = 2, MOST_AXES = GRAPH_MAX_RANK };

/* The axes of the sum as they lie in an array, those as one axis that lie like one. */
typedef struct SumAxes {
    int rank;
    const Dim *extent[MOST_AXES];
    int64_t pitch[MOST_AXES];
} SumAxes;

typedef struct Across {
    Emit *e;
    const Node *n;
    ArrayView x, given;          /* given: the kernels; axis 0 is theirs */
    SumAxes met, runs;           /* of x, and of what is given */
    int64_t extent[MOST_AXES];   /* of rows: axis 0 and the spatial ones of the result; axis 1: 1 */
    int64_t box[MOST_AXES];      /* of rows, by the same axes */
    int64_t places;              /* rows of one r */
    int64_t tile_extent;         /* r of a tile */
    const Dim *depth;            /* contracted elements */
    int64_t kernel_count;
    int vectors; /* of a block of kernels */
    int has_panel;
    double met_share;         /* of what windows meet: the rest are zeros around pictures */
    int leaves_out;           /* what rows meet in the zeros around pictures: all rows of a box have one place */
    int total, turned, panel; /* scratch */
    LoopVal chunk;            /* its first element */
    LoopVal ahead_x, ahead_given; /* where the next chunk begins; 0: it is not announced */
    LoopVal first, store_from; /* r of the tile */
    LoopVal first_kernel;
    LoopVal count[VECTORS]; /* kernels in each vector; 0: sixteen */
} Across;

/* The part of a chunk that lies on one line of these axes: contracted elements begin + lo .. begin + hi - 1. */
typedef struct Part {
    LoopVal line, begin, lo, hi;
} Part;

/* First row of a box: r within the tile, and the places.  The last box of an axis may be moved back, to end where the axis
 * does: its rows before `from` belong to the box before. */
typedef struct Corner {
    LoopVal at[MOST_AXES];
    LoopVal from[MOST_AXES]; /* 0: it is not */
    LoopVal number; /* of the box */
} Corner;

/* The loop over the lines of a chunk's elements k0 .. end-1, if there are several. */
Part across_part_open(Across *c, const SumAxes *axes, LoopVal k0, LoopVal end);
void across_part_close(Across *c, const SumAxes *axes);
/* Where the first element of a line of this number lies, counted from the first element of all. */
LoopVal across_offset_of_line(Across *c, const SumAxes *axes, LoopVal line);

/* The block's kernels of the chunk, which ends at `end`, to scratch. */
void across_pack(Across *c, LoopVal end);
/* Vector v of the block's kernels at contracted element k, from the panel or from where they are. */
LoopVal across_kernel_vector(Across *c, LoopVal k, int v);

/* Chooses, for a box, which arrays are announced: those of which a chunk, soon done, needs much. */
void across_find_ahead(Across *c);
/* One line of the cache in each turn of the box, at contracted element k: its rows of the next chunk, sixteen lines each, and as many
 * kernels. */
void across_announce(Across *c, const Corner *corner, LoopVal k);

#endif
