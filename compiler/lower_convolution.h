/* What the two files of a convolution's lowering share: its shape (lower_convolution.c) and its panel (lower_convolution_panel.c). */
#ifndef DLC_COMPILER_LOWER_CONVOLUTION_H
#define DLC_COMPILER_LOWER_CONVOLUTION_H

#include "compiler/convolution.h"
#include "compiler/lower_internal.h"

enum { CHUNK = 256, LANES = 16 }; /* contracted elements of a chunk; elements of a vector */

typedef struct Convolve {
    Emit *e;
    const Node *n, *x, *kernel;
    const Dim *rows, *depth, *columns, *lines; /* rows: kernels of a group */
    const Dim *line_shape[GRAPH_MAX_RANK];     /* batch, spatial axes but the last, pieces of a line */
    int line_rank;
    int64_t piece;         /* columns of a line */
    int64_t tile_lines;    /* lines of a tile */
    int vectors;           /* of the columns of a tile */
    int block_vectors;     /* of a register tile; the last may have fewer */
    int64_t block_rows;    /* of a register tile */
    int64_t tile_rows;     /* a multiple of block_rows */
    int has_rest;          /* the last block has rows that are none */
    int is_moved;          /* it is moved back instead */
    ArrayView kernels;     /* an array that the kernels are seen in; or of nothing */
    int has_places, places; /* scratch, by contracted element of the chunk: where it is in a kernel of these */
    ArrayView array;       /* that all windows lie in, with lines side by side; or of nothing */
    int has_border;        /* the array lies in zeros, which the panel has too */
    int has_panel, has_lines;
    int is_short;          /* so few contracted elements that they are unrolled */
    int is_direct;         /* of one kernel, in whole lines besides: the epilogue takes sums from registers, without totals */
    int panel, total;      /* scratch */
    int starts;            /* of an array, without lines: where each line of the tile starts */
    LoopVal first_line, first_row, end_row; /* of the tile */
    LoopVal add_from;                       /* rows before belong to another block */
    LoopVal first_kernel, first_channel;    /* of the group */
    /* With lines: the panel has lines of the array, or there is none; a line of the result has whole vectors of its own, the last
     * of which may have fewer lanes; the lines of a tile follow each other on one axis.  Or their lanes run on from line to line
     * as the panel does, and those between the lines belong to no column. */
    int line_axis;
    int line_vectors;
    int is_running; /* lanes run on */
    const Dim *cuts;      /* pieces of a line of the result, each a line for this kernel */
    int64_t last_piece;   /* columns of the last one */
    LoopVal first_column; /* of the tile's piece */
    /* Elements of a line that a line of the result meets: those of a phase, one for each of the windows' step, follow each
     * other; and lines that a tile meets. */
    int64_t phase_elements, met_line, met_lines;
    int64_t row_places;          /* contracted elements that one row of the panel serves: a window on the last two axes */
    const Dim *outer_shape[GRAPH_MAX_RANK]; /* the other axes, but for channels and columns */
    int outer_rank;
    Index outer[GRAPH_MAX_RANK]; /* the tile's, by the result's axes */
    LoopVal first_met;           /* the index on the array's line axis of the first line that is met */
    LoopVal start;               /* where the first line that is met starts */
    int distances;               /* scratch, by contracted element of the chunk: how far behind its line's start it is */
} Convolve;

/* Does the last tile have as many lines as the others? */
int convolve_has_whole_tiles(const Convolve *c);
/* The line's axes of the result, and its columns. */
void convolve_set_line(Convolve *c, LoopVal line, NodePlace *at, Block *block);

/* ---- lower_convolution_panel.c ------------------------------------------------------------------------------------- */

/* The panel, and what is looked up of lines and places, as scratch of the kernel. */
void panel_scratch(Convolve *c);
/* What is known of the tile's lines before its first chunk. */
void panel_begin(Convolve *c);
/* The contracted elements k0 .. end-1. */
void panel_pack(Convolve *c, LoopVal k0, LoopVal end);
/* With lines: where a vector of columns begins in its line of the panel, or of the array. */
LoopVal panel_vector_start(Convolve *c, LoopVal vector);
/* What the columns of a register tile meet at k, a vector each; with lines, `start` says where they begin. */
void panel_met(Convolve *c, LoopVal k0, LoopVal k, LoopVal column, const LoopVal *start, LoopVal *met);

#endif
