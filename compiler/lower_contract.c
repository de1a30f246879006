/* Products: a register tile of rows x vectors, with prologue and epilogue.
 *
 * The lanes run along the last axis of the result; its owner is the `right` operand (the left one
 * of the graph where the right has no axis of its own), and the other's own axes, flattened, are
 * the rows.  All other axes are outer: a tile is one outer index, one block of columns and one
 * block of rows.
 *
 *     for each chunk of 256 contracted elements:
 *         a = 0;  for k: a[r][v] = fma(left[r, k], right[k, v], a[r][v])
 *         total[r][v] = add(total[r][v], a[r][v])
 *
 * which is the order of every product whatever the tile (docs/numerics.md).  The total starts at -0, so that the
 * first chunk enters unchanged, or, in scratch, with the first chunk.
 *
 * The last block of rows is moved back to end with the last row; rows that belong to the block before are computed
 * again and not stored.  With fewer rows than a block (a run-time size) rows are done one by one.  A right operand
 * whose lanes do not lie side by side in memory is packed into scratch, once for all the row blocks of a tile: chunk by
 * chunk, where it has several, and the totals wait in scratch.
 *
 * A large right operand that few rows go over once is read as memory lies, not a vector of each of its rows in turn: a chunk goes
 * by in strips of a few rows, along all columns of the tile, and between strips the chunk's sums wait in scratch as well. */
#include "compiler/lower_contract.h"

enum { PACKED_FROM = 2, SOME_BLOCKS = 16, AHEAD = 8 }; /* blocks of rows; contracted elements before one is read */
/* Where the rows of a chunk are copied for several panels: their blocks, the panels, tiles that must be left. */
enum { MOST_BLOCKS = 40, MOST_PANELS = 16, LEAST_TILES = 8 };
/* What copying a block's rows, and packing a panel, cost, in sums of a block over a panel (measured on AVX-512), and where a product is
 * better off without the copy. */
static const double COPY_COST = 0.7, PACK_COST = 0.6, MOST_COPY_COST = 0.12;
/* Contracted elements of a strip, its columns at least and at most, and bytes of all from which on there are strips; contracted elements of
 * all that go by without. */
enum { STRIP = 8, LEAST_RUN = 128, MOST_RUN = 512, LEAST_STRIPPED = 1 << 20, SHORT_SUM = 128 };

/* ---- the shape of the problem -------------------------------------------------------------------------- */

static int is_among(const int8_t *axes, int count, int axis) {
    for (int i = 0; i < count; i++)
        if (axes[i] == axis) return 1;
    return 0;
}

/* Fills in the operand's axis of each result axis from `first` on; returns how many own axes it
 * has. */
static int own_axes(const Node *in, const int8_t *batch, int batch_count, const int8_t *sum,
                    int sum_count, int first, int *axis_of) {
    int own = 0;
    for (int i = 0; i < batch_count; i++) axis_of[i] = batch[i];
    for (int i = 0; i < in->rank; i++)
        if (!is_among(batch, batch_count, i) && !is_among(sum, sum_count, i))
            axis_of[first + own++] = i;
    return own;
}

static void find_axes(Contract *c) {
    const Node *n = c->dot;
    const Attributes *a = &n->attr;
    int lhs_axis[GRAPH_MAX_RANK], rhs_axis[GRAPH_MAX_RANK];
    for (int i = 0; i < GRAPH_MAX_RANK; i++) lhs_axis[i] = rhs_axis[i] = -1;
    int lhs_own = own_axes(n->in[0], a->lhs_batch, a->batch_count, a->lhs_contract,
                           a->contract_count, a->batch_count, lhs_axis);
    int rhs_own = own_axes(n->in[1], a->rhs_batch, a->batch_count, a->rhs_contract,
                           a->contract_count, a->batch_count + lhs_own, rhs_axis);
    int is_swapped = rhs_own == 0 && lhs_own > 0;
    c->left = n->in[is_swapped];
    c->right = n->in[!is_swapped];
    c->sum_rank = a->contract_count;
    for (int i = 0; i < GRAPH_MAX_RANK; i++) {
        c->left_axis[i] = is_swapped ? rhs_axis[i] : lhs_axis[i];
        c->right_axis[i] = is_swapped ? lhs_axis[i] : rhs_axis[i];
    }
    for (int i = 0; i < c->sum_rank; i++) {
        c->left_sum[i] = is_swapped ? a->rhs_contract[i] : a->lhs_contract[i];
        c->right_sum[i] = is_swapped ? a->lhs_contract[i] : a->rhs_contract[i];
        c->sum_shape[i] = n->in[0]->shape[a->lhs_contract[i]];
    }
    for (int i = 0; i < n->rank - 1; i++) {
        if (c->right_axis[i] < 0) {
            c->row_shape[c->row_rank] = n->shape[i];
            c->row_axes[c->row_rank++] = i;
        } else {
            c->outer_shape[c->outer_rank] = n->shape[i];
            c->outer_axes[c->outer_rank++] = i;
        }
    }
    if (n->rank) c->columns = n->shape[n->rank - 1];
}

/* A panel is packed where its lanes lie apart, or where a large operand is gone over by many blocks of rows. */
static int should_pack(const Contract *c, const ScheduleRow *row, int64_t rows, int64_t blocks) {
    if (!contract_runs_along(c->e, c->right, c->right_axis[c->dot->rank - 1])) return rows > 4;
    double bytes = dims_count(c->right->shape, c->right->rank) * dtype_bytes(c->right->dtype);
    return blocks >= PACKED_FROM && bytes > (double)row->bytes;
}

/* Are the rows few, and is what they go over far away? */
static int streams(const Contract *c) {
    return contract_runs_along(c->e, c->right, c->right_axis[c->dot->rank - 1]) && reads_far(c->e, c->right);
}

/* Even groups of at most so many blocks of rows. */
static void group_rows(Contract *c, int64_t blocks, int64_t most) {
    int64_t groups = (blocks + most - 1) / most;
    c->group_blocks = (blocks + groups - 1) / groups;
}

/* Rows that many panels go over are copied, if that leaves tiles for all workers: more of them fit the cache then.  A tile copies its
 * rows once for its panels, and packs each panel once for its rows. */
static void choose_panels(Contract *c, int64_t blocks) {
    int64_t columns = pieces(dim_maximum(c->columns), (int64_t)c->vectors * LANES);
    double least = MOST_COPY_COST;
    if (c->sum_rank != 1 || !contract_runs_along(c->e, c->left, c->left_sum[0])) return;
    for (int64_t parts = at_least(pieces(columns, MOST_PANELS), 1); COPY_COST * (double)parts < least * (double)columns; parts++) {
        int64_t panels = pieces(columns, parts);
        double tiles = (double)dim_maximum(c->outers) * (double)pieces(columns, panels);
        int64_t groups = at_least(pieces(blocks, MOST_BLOCKS), tiles < LEAST_TILES ? pieces(LEAST_TILES, (int64_t)tiles) : 1);
        double cost = COPY_COST / (double)panels + PACK_COST / (double)pieces(blocks, groups);
        if (cost >= least || groups > blocks) continue;
        least = cost;
        c->has_left = 1;
        c->panels = panels;
        group_rows(c, blocks, pieces(blocks, groups));
    }
}

/* Is the right operand far beyond the caches? */
static int is_large(const Contract *c) {
    return dims_count(c->right->shape, c->right->rank) * dtype_bytes(c->right->dtype) > LEAST_STRIPPED;
}

/* Strips as long as leaves tiles for all workers. */
static int choose_strips(Contract *c) {
    if (!is_large(c) || dim_maximum(c->depth) <= SHORT_SUM || !dim_is_constant(c->columns) || c->e->fused->is_row_complete) return 0;
    int64_t width = (int64_t)c->vectors * LANES, columns = (dim_maximum(c->columns) + width - 1) / width;
    for (int64_t panels = MOST_RUN / width; panels * width >= LEAST_RUN; panels /= 2) {
        if ((double)dim_maximum(c->outers) * (double)columns < (double)panels * LEAST_TILES) continue;
        c->panels = panels;
        return 1;
    }
    return 0;
}

static void choose_blocks(Contract *c) {
    const ScheduleRow *row = schedule_row(c->e->lower->options->schedule);
    int64_t rows = dim_maximum(c->rows), columns = c->columns ? dim_maximum(c->columns) : 1;
    if (columns < 1) columns = 1; /* of nothing no tile runs; its kernel has the least shape */
    int64_t vectors = (columns + LANES - 1) / LANES, one = row->rows1, two = row->rows2;
    if (dtype_bytes(held_as(c->dot->dtype)) == 8) {
        one = two ? two : one > 1 ? one / 2 : 1;
        two = 0;
    }
    int needs_two = c->e->fused->is_row_complete && vectors == 2;
    c->vectors = 1;
    c->block_rows = one;
    /* of few rows more vectors, sums that wait for none of the others; where there are strips, memory is what takes the time */
    int64_t few = !two ? one / 2 : is_large(c) ? 0 : two / 4, most_vectors = two ? BLOCK_VECTORS : one / at_least(rows, 1);
    if (rows <= 1 && dim_is_constant(c->columns ? c->columns : c->rows)) {
        int64_t most = two ? BLOCK_VECTORS : BLOCK_VECTORS / 2;
        c->vectors = (int)(vectors < most ? vectors : most);
    } else if (rows <= few && dim_is_constant(c->columns) && vectors >= most_vectors) {
        c->vectors = (int)most_vectors;
    } else if ((vectors >= 2 && two && dim_is_constant(c->columns)) || needs_two) {
        c->vectors = 2;
        c->block_rows = two ? two : one > 1 ? one / 2 : 1;
    }
    if (rows < 1) rows = 1;
    int64_t blocks = (rows + c->block_rows - 1) / c->block_rows;
    c->block_rows = (rows + blocks - 1) / blocks;
    c->is_packed = c->columns && c->right_axis[c->dot->rank - 1] >= 0 && should_pack(c, row, rows, blocks);
    c->panels = 1;
    group_rows(c, blocks, SOME_BLOCKS);
    c->is_streamed = c->columns && blocks == 1 && !c->is_packed && streams(c);
    c->has_strips = c->is_streamed && choose_strips(c);
    c->has_totals = c->has_strips || (c->is_packed && dim_maximum(c->depth) > CHUNK);
    if (c->is_packed && c->has_totals) choose_panels(c, blocks);
}

/* Of scratch, where totals wait: those of every panel and block of rows of a tile. */
static int64_t total_rows(const Contract *c) { return c->panels * c->group_blocks * c->block_rows; }

/* ---- the sum ------------------------------------------------------------------------------------------- */

typedef struct Tile {
    const Block *block;
    LoopVal first_row;  /* computed */
    LoopVal store_from; /* rows before are not stored; 0: all are */
    int rows;
    int total; /* register array of the result */
    LoopVal total_row; /* with totals: where the first row's are */
    LoopVal left_row;  /* the same of its copy; 0: there is none */
} Tile;

static LoopVal multiply_add(Contract *c, LoopVal a, LoopVal b, LoopVal sum) {
    Emit *e = c->e;
    DType type = held_as(c->dot->dtype);
    if (!dtype_is_float(type)) return emit_op2(e, LO_ADD, emit_op2(e, LO_MUL, a, b), sum);
    if (emit_is_wide(e, sum)) {
        a = emit_wide(e, a);
        b = emit_wide(e, b);
    }
    return math_fma(&e->math, a, b, sum);
}

static void sum_turn(Contract *c, const Tile *t, int array, LoopVal lo, LoopVal k) {
    Emit *e = c->e;
    LoopVal packed = c->has_totals ? index_op(e, LO_SUB, k, lo) : k;
    Scope scope = emit_scope_open(e);
    Index flat = index_scalar(k), sum[GRAPH_MAX_RANK];
    index_split(e, &flat, c->sum_shape, c->sum_rank, sum);
    LoopVal right[BLOCK_VECTORS];
    NodePlace at = c->at;
    for (int v = 0; v < t->block->vectors; v++) {
        contract_set_lane(c, &at, t->block, v);
        right[v] = c->is_packed ? emit_load_scratch(e, c->pack_buffer, packed, index_const(e, v * LANES))
                                : contract_right_value(c, &at, &flat, sum);
        if (c->columns) right[v] = emit_wide(e, right[v]);
    }
    for (int v = 0; c->is_streamed && v < t->block->vectors; v++)
        contract_announce(c, index_op(e, LO_ADD, k, index_const(e, c->has_strips ? STRIP : AHEAD)), t->block->lane[v].base);
    Scope inner = emit_scope_open(e);
    LoopVal r = emit_unroll(e, "r", t->rows);
    LoopVal row = index_op(e, LO_ADD, t->first_row, r), left = 0;
    int has_lanes = c->dot->rank && c->left_axis[c->dot->rank - 1] >= 0; /* of a batch */
    for (int v = 0; v < t->block->vectors; v++) {
        contract_set_lane(c, &at, t->block, v);
        if (!left || has_lanes)
            left = c->has_left && t->left_row ? contract_copied_left(c, t->left_row, packed, r)
                                              : contract_left_value(c, &at, row, &flat, sum);
        emit_registers_set(e, array, r, v, multiply_add(c, left, right[v], emit_registers_get(e, array, r, v)));
    }
    emit_end(e);
    emit_scope_close(e, inner);
    e->lane_count = 0;
    emit_scope_close(e, scope);
}

static void chunk(Contract *c, const Tile *t, int array, LoopVal lo, LoopVal hi) {
    Emit *e = c->e;
    int has_ahead = c->is_packed && c->ahead_units;
    Scope scope = emit_scope_open(e);
    LoopVal from = lo, to = hi;
    if (has_ahead) {
        from = emit_for(e, "k1", lo, hi, AHEAD_TURNS);
        contract_announce_ahead(c, index_op(e, LO_SUB, from, lo));
        to = index_op(e, LO_MIN, index_op(e, LO_ADD, from, index_const(e, AHEAD_TURNS)), hi);
    }
    LoopVal k = emit_for(e, "k", from, to, 1);
    sum_turn(c, t, array, lo, k);
    emit_end(e);
    if (has_ahead) emit_end(e);
    emit_scope_close(e, scope);
}

static int accumulators(Contract *c, const char *name, const Tile *t, double start) {
    DType type = held_as(c->dot->dtype);
    return emit_registers_new(c->e, name, type, c->columns != NULL, t->rows, t->block->vectors,
                              emit_number(c->e, type, dtype_is_float(type) ? start : 0));
}

/* There is a chunk even of nothing, whose sum is 0. */
static LoopVal at_least_one(Contract *c, LoopVal depth) { return index_op(c->e, LO_MAX, depth, index_const(c->e, 1)); }

static void sum_chunks(Contract *c, Tile *t) {
    Emit *e = c->e;
    LoopVal depth = index_dim(e, c->depth);
    if (dim_maximum(c->depth) <= CHUNK) {
        t->total = accumulators(c, "a", t, 0.0);
        chunk(c, t, t->total, index_const(e, 0), depth);
        return;
    }
    t->total = accumulators(c, "total", t, -0.0);
    LoopVal k0 = emit_for(e, "k0", index_const(e, 0), at_least_one(c, depth), CHUNK);
    Scope scope = emit_scope_open(e);
    int array = accumulators(c, "a", t, 0.0);
    LoopVal end = index_op(e, LO_MIN, index_op(e, LO_ADD, k0, index_const(e, CHUNK)), depth);
    chunk(c, t, array, k0, end);
    LoopVal r = emit_unroll(e, "r", t->rows);
    for (int v = 0; v < t->block->vectors; v++) {
        LoopVal sum = emit_op2(e, LO_ADD, emit_registers_get(e, t->total, r, v),
                               emit_registers_get(e, array, r, v));
        emit_registers_set(e, t->total, r, v, sum);
    }
    emit_end(e);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* ---- the epilogue -------------------------------------------------------------------------------------- */

/* The sums leave the registers, so that the epilogue is a loop over the rows: one copy of its code,
 * not one a row. */
static void put_down(Contract *c, const Tile *t) {
    Emit *e = c->e;
    LoopVal r = emit_unroll(e, "r", t->rows);
    for (int v = 0; v < t->block->vectors; v++)
        emit_store_scratch(e, c->done_buffer, r, index_const(e, v * LANES),
                           emit_registers_get(e, t->total, r, v));
    emit_end(e);
}

static void finish_row(Contract *c, const Tile *t, LoopVal r, NodePlace *at) {
    Emit *e = c->e;
    LoopVal sums[BLOCK_VECTORS];
    if (c->has_totals) r = index_op(e, LO_ADD, t->total_row, r);
    for (int v = 0; v < t->block->vectors; v++)
        sums[v] = c->columns ? emit_load_scratch(e, c->done_buffer, r, index_const(e, v * LANES))
                             : emit_registers_get(e, t->total, index_const(e, 0), 0);
    epilogue_row(e, c->dot, t->block, at, sums);
}

/* What depends on the column alone (a bias) is loaded once for all rows. */
static void hoist_columns(Contract *c, const Block *block, NodePlace *at) {
    Emit *e = c->e;
    for (int i = 0; i < c->row_rank; i++) at->axis[c->row_axes[i]] = index_open();
    for (int v = 0; v < block->vectors; v++) {
        contract_set_lane(c, at, block, v);
        for (int i = 0; i < e->roots.len; i++) {
            const Node *n = e->roots.data[i].node;
            if (n->rank == c->dot->rank) value_hoist(e, n, at);
        }
    }
    e->lane_count = 0;
}

static void finish(Contract *c, const Tile *t) {
    Emit *e = c->e;
    NodePlace at = c->at;
    Scope outer = emit_scope_open(e);
    if (c->columns && !c->has_totals) put_down(c, t);
    hoist_columns(c, t->block, &at);
    LoopVal r = emit_for(e, "r", index_const(e, 0), index_const(e, t->rows), 1);
    Scope scope = emit_scope_open(e);
    LoopVal row = index_op(e, LO_ADD, t->first_row, r);
    contract_set_rows(c, &at, row);
    if (t->store_from) emit_if(e, emit_op2(e, LO_LE, t->store_from, row));
    finish_row(c, t, r, &at);
    if (t->store_from) emit_end(e);
    emit_scope_close(e, scope);
    emit_end(e);
    emit_scope_close(e, outer);
}

/* To the totals of its rows: the first chunk's sums, or the old totals and these. */
static void store_chunk(Contract *c, const Tile *t, int array, int is_first) {
    Emit *e = c->e;
    Scope scope = emit_scope_open(e);
    LoopVal r = emit_unroll(e, "r", t->rows), row = index_op(e, LO_ADD, t->total_row, r);
    for (int v = 0; v < t->block->vectors; v++) {
        LoopVal at = index_const(e, v * LANES), sum = emit_registers_get(e, array, r, v);
        if (!is_first) sum = emit_op2(e, LO_ADD, emit_load_scratch(e, c->done_buffer, row, at), sum);
        emit_store_scratch(e, c->done_buffer, row, at, sum);
    }
    emit_end(e);
    emit_scope_close(e, scope);
}

static void add_chunk(Contract *c, Tile *t) {
    Emit *e = c->e;
    int array = accumulators(c, "a", t, 0.0);
    chunk(c, t, array, c->chunk_from, c->chunk_to);
    emit_if(e, emit_op2(e, LO_EQ, c->chunk_from, index_const(e, 0)));
    store_chunk(c, t, array, 1);
    emit_else(e);
    store_chunk(c, t, array, 0);
    emit_end(e);
}

/* To the sums of its rows in the chunk: those of one strip. */
static void add_strip(Contract *c, const Tile *t) {
    Emit *e = c->e;
    int array = accumulators(c, "a", t, 0.0);
    LoopVal r = emit_unroll(e, "r", t->rows), row = index_op(e, LO_ADD, t->total_row, r);
    for (int v = 0; v < t->block->vectors; v++)
        emit_registers_set(e, array, r, v, emit_load_scratch(e, c->strip_buffer, row, index_const(e, v * LANES)));
    emit_end(e);
    chunk(c, t, array, c->chunk_from, c->chunk_to);
    r = emit_unroll(e, "r", t->rows);
    row = index_op(e, LO_ADD, t->total_row, r);
    for (int v = 0; v < t->block->vectors; v++)
        emit_store_scratch(e, c->strip_buffer, row, index_const(e, v * LANES), emit_registers_get(e, array, r, v));
    emit_end(e);
}

/* What the epilogue reads of these rows is far away: it comes while the sums are made. */
static void announce_rows(Contract *c, const Tile *t) {
    Emit *e = c->e;
    int is_far = 0;
    for (int i = 0; i < e->roots.len && !is_far; i++) is_far = reads_far(e, e->roots.data[i].node);
    if (!is_far || !c->columns) return;
    NodePlace at = c->at;
    LoopVal r = emit_for(e, "r", index_const(e, 0), index_const(e, t->rows), 1);
    Scope scope = emit_scope_open(e);
    contract_set_rows(c, &at, index_op(e, LO_ADD, t->first_row, r));
    for (int v = 0; v < t->block->vectors; v++) {
        contract_set_lane(c, &at, t->block, v);
        for (int i = 0; i < e->roots.len; i++) value_prefetch(e, e->roots.data[i].node, &at);
    }
    e->lane_count = 0;
    emit_scope_close(e, scope);
    emit_end(e);
}

static void tile(Contract *c, Tile *t) {
    Scope scope = emit_scope_open(c->e);
    if (c->part == TILE_WHOLE && dim_maximum(c->depth) <= CHUNK) announce_rows(c, t);
    if (c->part == TILE_WHOLE) sum_chunks(c, t);
    if (c->part == TILE_SUM) add_chunk(c, t);
    else if (c->part == TILE_STRIP) add_strip(c, t);
    else finish(c, t);
    emit_scope_close(c->e, scope);
}

/* ---- blocks -------------------------------------------------------------------------------------------- */

static void row_block(Contract *c, const Block *block, LoopVal number) {
    Emit *e = c->e;
    Tile t = {.block = block, .rows = (int)c->block_rows};
    LoopVal height = index_const(e, c->block_rows), rows = index_dim(e, c->rows);
    LoopVal first = index_op(e, LO_MUL, number, height);
    int64_t known;
    int is_known = index_known(e, rows, &known);
    if (c->has_totals) {
        t.left_row = index_op(e, LO_MUL, index_op(e, LO_SUB, number, c->first_block), height);
        t.total_row = index_op(e, LO_ADD, c->panel_row, t.left_row);
    }
    if (is_known && known % c->block_rows == 0) {
        t.first_row = first;
        tile(c, &t);
        return;
    }
    if (!is_known) emit_if(e, emit_op2(e, LO_LE, height, rows));
    Scope scope = emit_scope_open(e);
    t.first_row = index_op(e, LO_MIN, first, index_op(e, LO_SUB, rows, height));
    t.store_from = first;
    tile(c, &t);
    emit_scope_close(e, scope);
    if (is_known) return;
    emit_else(e);
    LoopVal row = emit_for(e, "row", index_const(e, 0), rows, 1);
    t = (Tile){.block = block, .rows = 1, .first_row = row};
    if (c->has_totals) t.total_row = index_op(e, LO_ADD, c->panel_row, row);
    tile(c, &t);
    emit_end(e);
    emit_end(e);
}

/* Every block of rows of the tile. */
static void row_blocks(Contract *c, const Block *block, LoopVal column_base, LoopVal lo, LoopVal hi) {
    Emit *e = c->e;
    LoopVal number = emit_for(e, "block", lo, hi, 1);
    Scope scope = emit_scope_open(e);
    if (c->is_packed && c->part != TILE_FINISH) contract_ahead(c, column_base, block, number);
    row_block(c, block, number);
    emit_scope_close(e, scope);
    emit_end(e);
}

static void column_block(Contract *c, const Block *block, LoopVal column_base, LoopVal rows) {
    Emit *e = c->e;
    if (!c->is_packed && !c->has_strips) {
        row_block(c, block, rows);
        return;
    }
    LoopVal blocks = index_const(e, c->group_blocks), lo = index_op(e, LO_MUL, rows, blocks);
    LoopVal hi = index_op(e, LO_MIN, index_op(e, LO_ADD, lo, blocks), index_dim(e, c->row_blocks));
    c->first_block = lo;
    if (c->part == TILE_WHOLE) contract_pack(c, block, column_base, index_const(e, 0), index_dim(e, c->depth));
    if (c->part == TILE_SUM) contract_pack(c, block, column_base, c->chunk_from, c->chunk_to);
    row_blocks(c, block, column_base, lo, hi);
}

/* The vectors of a block that starts at `base`; `columns` of it exist (-1: known at run time only).
 */
static Block block_at(Contract *c, LoopVal base, int64_t columns) {
    Emit *e = c->e;
    Block block = {.vectors = c->vectors};
    if (columns >= 0 && columns < (int64_t)c->vectors * LANES)
        block.vectors = (int)((columns + LANES - 1) / LANES);
    for (int v = 0; v < block.vectors; v++) {
        LoopVal start = index_op(e, LO_ADD, base, index_const(e, v * LANES));
        block.lane[v] = index_lanes(start, 1);
        if (columns < 0)
            block.count[v] =
                index_op(e, LO_MIN, index_op(e, LO_SUB, index_dim(e, c->columns), start),
                         index_const(e, LANES));
        else if (columns - v * LANES < LANES) block.count[v] = index_const(e, columns - v * LANES);
    }
    return block;
}

static void column_blocks(Contract *c, LoopVal number, LoopVal rows) {
    Emit *e = c->e;
    if (!c->columns) {
        Block block = {.vectors = 1};
        column_block(c, &block, 0, rows);
        return;
    }
    int64_t width = (int64_t)c->vectors * LANES;
    int64_t n = dim_is_constant(c->columns) ? dim_constant_value(c->columns) : -1;
    if (n >= 0 && n <= width) number = index_const(e, 0); /* where reductions of the row look for its values */
    LoopVal base = index_op(e, LO_MUL, number, index_const(e, width));
    if (n < 0 || n % width == 0 || n < width) {
        Block block = block_at(c, base, n < 0 ? -1 : n > 0 && n < width ? n : width);
        column_block(c, &block, base, rows);
        return;
    }
    emit_if(e, emit_op2(e, LO_LT, number, index_const(e, n / width)));
    Scope scope = emit_scope_open(e);
    Block whole = block_at(c, base, width);
    column_block(c, &whole, base, rows);
    emit_scope_close(e, scope);
    emit_else(e);
    scope = emit_scope_open(e);
    LoopVal tail = index_const(e, n / width * width);
    Block part = block_at(c, tail, n % width);
    column_block(c, &part, tail, rows);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* ---- tiles with totals --------------------------------------------------------------------------------- */

static void clear(Contract *c, int buffer, double start) {
    Emit *e = c->e;
    DType type = held_as(c->dot->dtype);
    LoopVal none = emit_wide(e, emit_number(e, type, dtype_is_float(type) ? start : 0));
    LoopVal row = emit_for(e, "row", index_const(e, 0), index_const(e, total_rows(c)), 1);
    for (int v = 0; v < c->vectors; v++) emit_store_scratch(e, buffer, row, index_const(e, v * LANES), none);
    emit_end(e);
}

/* Every panel of the tile, for all blocks of rows. */
static void panels(Contract *c, LoopVal columns, LoopVal rows) {
    Emit *e = c->e;
    LoopVal many = index_const(e, c->panels), lo = index_op(e, LO_MUL, columns, many);
    LoopVal hi = index_op(e, LO_MIN, index_op(e, LO_ADD, lo, many), index_dim(e, c->column_blocks));
    LoopVal panel = emit_for(e, "panel", lo, hi, 1);
    Scope scope = emit_scope_open(e);
    c->panel_row = index_op(e, LO_MUL, index_op(e, LO_SUB, panel, lo), index_const(e, c->group_blocks * c->block_rows));
    column_blocks(c, panel, rows);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* One chunk, strip by strip. */
static void strips(Contract *c, LoopVal columns, LoopVal rows) {
    Emit *e = c->e;
    LoopVal from = c->chunk_from, to = c->chunk_to;
    clear(c, c->strip_buffer, 0.0);
    c->chunk_from = emit_for(e, "k1", from, to, STRIP);
    Scope scope = emit_scope_open(e);
    c->chunk_to = index_op(e, LO_MIN, index_op(e, LO_ADD, c->chunk_from, index_const(e, STRIP)), to);
    c->part = TILE_STRIP;
    panels(c, columns, rows);
    emit_scope_close(e, scope);
    emit_end(e);
    LoopVal row = emit_for(e, "row", index_const(e, 0), index_const(e, total_rows(c)), 1);
    for (int v = 0; v < c->vectors; v++) {
        LoopVal at = index_const(e, v * LANES), sum = emit_load_scratch(e, c->strip_buffer, row, at);
        emit_store_scratch(e, c->done_buffer, row, at, emit_op2(e, LO_ADD, emit_load_scratch(e, c->done_buffer, row, at), sum));
    }
    emit_end(e);
}

/* Chunk by chunk: the rows of a chunk stay in the cache while all panels go over them. */
static void tile_by_chunks(Contract *c, LoopVal columns, LoopVal rows) {
    Emit *e = c->e;
    LoopVal depth = index_dim(e, c->depth);
    if (c->has_strips) clear(c, c->done_buffer, -0.0);
    c->chunk_from = emit_for(e, "k0", index_const(e, 0), at_least_one(c, depth), CHUNK);
    Scope scope = emit_scope_open(e);
    c->chunk_to = index_op(e, LO_MIN, index_op(e, LO_ADD, c->chunk_from, index_const(e, CHUNK)), depth);
    if (c->has_left) contract_copy_left(c, rows);
    c->part = TILE_SUM;
    if (c->has_strips) strips(c, columns, rows);
    else panels(c, columns, rows);
    emit_scope_close(e, scope);
    emit_end(e);
    c->part = TILE_FINISH;
    panels(c, columns, rows);
}

void emit_contract(Emit *e) {
    Contract c = {.e = e, .dot = e->fused->hero};
    DimTable *dims = &e->lower->session->dims;
    find_axes(&c);
    c.rows = dims_product(dims, c.row_shape, c.row_rank);
    c.outers = dims_product(dims, c.outer_shape, c.outer_rank);
    c.depth = dims_product(dims, c.sum_shape, c.sum_rank);
    contract_find_views(&c);
    choose_blocks(&c);
    c.row_blocks = dims_ceil_div(dims, c.rows, c.block_rows);
    c.row_groups = c.is_packed || c.has_strips ? dims_ceil_div(dims, c.row_blocks, c.group_blocks) : c.row_blocks;
    c.column_blocks = c.columns ? dims_ceil_div(dims, c.columns, (int64_t)c.vectors * LANES)
                                : dim_constant(dims, 1);
    const Dim *column_groups = c.has_totals ? dims_ceil_div(dims, c.column_blocks, c.panels) : c.column_blocks;
    emit_tiles(e, dim_mul(dims, c.outers, dim_mul(dims, column_groups, c.row_groups)));
    int64_t width = (int64_t)c.vectors * LANES;
    if (c.columns)
        c.done_buffer = emit_scratch(e, "done", held_as(c.dot->dtype),
                                     dim_constant(dims, c.has_totals ? total_rows(&c) : c.block_rows), width);
    if (c.has_strips)
        c.strip_buffer = emit_scratch(e, "strip", held_as(c.dot->dtype), dim_constant(dims, total_rows(&c)), width);
    if (c.is_packed) {
        const Dim *depth = c.has_totals ? dim_constant(dims, CHUNK)
                                        : dim_mul(dims, dims_ceil_div(dims, c.depth, LANES), dim_constant(dims, LANES));
        c.pack_buffer = emit_scratch(e, "pack", held_as(c.right->dtype), depth, width);
    }
    if (c.has_left)
        c.left_buffer = emit_scratch(e, "left", held_as(c.left->dtype), dim_constant(dims, 1),
                                     c.group_blocks * c.block_rows * CHUNK + LANES);
    LoopVal rest = e->kernel->tile;
    /* rows that many panels go over stay in the cache, else a panel that many blocks of rows go over */
    LoopVal columns = index_next_digit(e, &rest, column_groups);
    LoopVal rows = index_next_digit(e, &rest, c.row_groups);
    Index flat = index_scalar(dim_maximum(c.outers) == 1 ? index_const(e, 0) : rest),
          outer[GRAPH_MAX_RANK];
    index_split(e, &flat, c.outer_shape, c.outer_rank, outer);
    NodePlace open;
    for (int i = 0; i < GRAPH_MAX_RANK; i++) open.axis[i] = index_open();
    for (int i = 0; i < e->roots.len; i++) value_hoist(e, e->roots.data[i].node, &open);
    for (int i = 0; i < c.outer_rank; i++) c.at.axis[c.outer_axes[i]] = outer[i];
    if (c.has_totals) tile_by_chunks(&c, columns, rows);
    else column_blocks(&c, columns, rows);
}
