/* What the two files of a product's lowering share: its shape and tiles (lower_contract.c), and what is copied closer together
 * (lower_contract_panel.c). */
#ifndef DLC_COMPILER_LOWER_CONTRACT_H
#define DLC_COMPILER_LOWER_CONTRACT_H

#include "compiler/lower_internal.h"

/* Contracted elements of a chunk; elements of a vector; turns of a sum between what is announced: many lines of the cache at once would only
 * wait for each other. */
enum { CHUNK = 256, LANES = 16, AHEAD_TURNS = 32 };

typedef struct Contract {
    Emit *e;
    const Node *dot, *left, *right;
    int left_axis[GRAPH_MAX_RANK],
        right_axis[GRAPH_MAX_RANK]; /* by result axis: operand's axis, or -1 */
    int left_sum[GRAPH_MAX_RANK], right_sum[GRAPH_MAX_RANK]; /* contracted axes */
    const Dim *sum_shape[GRAPH_MAX_RANK];
    int sum_rank;
    int row_axes[GRAPH_MAX_RANK], row_rank;
    int outer_axes[GRAPH_MAX_RANK], outer_rank;
    const Dim *row_shape[GRAPH_MAX_RANK], *outer_shape[GRAPH_MAX_RANK];
    ArrayView left_view, right_view; /* of operands whose several axes of rows, or of the sum, are as one in memory; or of nothing */
    const Dim *rows, *outers, *columns,
        *depth; /* products of the extents; columns NULL: a result without axes */
    int64_t block_rows;
    int64_t group_blocks; /* of rows, that a packed panel is for */
    int vectors; /* of a whole block of columns */
    int is_packed, pack_buffer;
    int is_streamed; /* a few rows go over it once: it comes from far away while they do */
    int has_strips, strip_buffer; /* besides, a chunk goes by in strips of a few of its rows, of which sums wait in scratch */
    int has_totals;  /* a panel is of one chunk, and the sums of all rows of the tile wait for the next */
    int done_buffer; /* scratch: the finished sums of a register tile, or with totals of all, a row each */
    enum { TILE_WHOLE, TILE_SUM, TILE_STRIP, TILE_FINISH } part; /* of the work of a register tile, now */
    int has_left, left_buffer;                       /* with totals: the rows of a chunk are copied, closer together */
    int64_t panels;                                  /* of a tile, */
    LoopVal chunk_from, chunk_to;                    /* the chunk, or the strip of it */
    LoopVal panel_row, first_block;                  /* where the panel's totals are, the first block of rows of the tile */
    /* Of the panel that is packed next: where it begins, and its columns; of the share of a block of rows its first row, or column where it is
     * turned, and how many of them are announced every AHEAD_TURNS turns of the sum (0: none). */
    LoopVal ahead_k, ahead_column, ahead_from;
    int64_t ahead_width, ahead_units;
    int ahead_is_turned;
    const Dim *row_blocks, *column_blocks, *row_groups;
    NodePlace at; /* of the result: outer axes filled in */
} Contract;

/* ---- lower_contract_panel.c ---------------------------------------------------------------------------- */

/* Do the lanes of `axis` of n lie side by side wherever its arrays are read? */
int contract_runs_along(Emit *e, const Node *n, int axis);
/* Looks for axes of rows, and of the sum, that are as one in memory: no index has to be split for them. */
void contract_find_views(Contract *c);
/* The rows' axes of the result. */
void contract_set_rows(Contract *c, NodePlace *at, LoopVal row);
void contract_set_lane(Contract *c, NodePlace *at, const Block *block, int v);
/* What the result at a place has of the operands, at contracted element k, which is `sum` by axes. */
LoopVal contract_left_value(Contract *c, const NodePlace *at, LoopVal row, const Index *k, const Index *sum);
LoopVal contract_right_value(Contract *c, const NodePlace *at, const Index *k, const Index *sum);
/* The contracted elements lo .. hi-1 of a block of columns, to scratch. */
void contract_pack(Contract *c, const Block *block, LoopVal column_base, LoopVal lo, LoopVal hi);
/* An element of the right operand will be wanted. */
void contract_announce(Contract *c, LoopVal k, LoopVal column);
/* The panel that is packed next will be wanted: of it the share of a block of rows, */
void contract_ahead(Contract *c, LoopVal column_base, const Block *block, LoopVal number);
/* and of that what is announced before turn number `turn` of the block's sum, a multiple of AHEAD_TURNS. */
void contract_announce_ahead(Contract *c, LoopVal turn);
/* The rows of the tile's blocks in the chunk, to scratch: block by block, for each contracted element a number of each row. */
void contract_copy_left(Contract *c, LoopVal rows);
/* Of them row r of a block whose first is number `block_row` of the tile, at contracted element k of the chunk. */
LoopVal contract_copied_left(Contract *c, LoopVal block_row, LoopVal k, LoopVal r);

#endif
