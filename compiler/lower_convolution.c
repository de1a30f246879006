/* Convolutions: a product of the kernels (rows) with what the windows meet (columns), through a packed panel.
 *
 * The columns are lines: the last spatial axis for one index of the batch and of the other spatial axes.  A tile is
 * a group of channels, a block of lines whose columns together fill whole vectors, and a block of kernels.  A long
 * line is cut in pieces, each a line of its own.
 *
 *     for each chunk of 256 contracted elements (channel, then place in the window):
 *         panel[k][line, column] = what the window of that column meets at k
 *         for each vector of columns, each block of rows:
 *             a = 0;  for k: a[r] = fma(kernel[r, k], panel[k], a[r])
 *             total[r] = the first chunk: a[r], else add(total[r], a[r])
 *     for each row, each line: the epilogue, from the totals
 *
 * Where the windows lie in an array with lines side by side, and lines fill their vectors well enough, the lines of a tile
 * follow each other in one image, and the panel has each line of the array that they meet once for a channel, not once for
 * each place of the window: a vector of columns knows where its line starts, and what it meets at k lies at a distance that k
 * tells.  With few kernels there is no panel, and that is in the array.  Where it makes fewer vectors, their lanes run on over
 * the panel from one line to the next, and what is between the lines is computed in vain.
 *
 * The last block of kernels is moved back to end with the last one, if that is known; rows that belong to the block before are
 * computed again and not added.  This is the order of every product (docs/numerics.md).  A line ends within a vector: the lanes that its last vector
 * has too many are overwritten by the next line of the panel, or belong to no column.  Lines and rows behind the last
 * one are computed from the last one's elements, and not stored. */
#include "compiler/lower_convolution.h"

#include "base/session.h"

#include <string.h>

enum { WIDTH = BLOCK_VECTORS * LANES, FULL_WIDTH = 128, LEAST_TILES = 8, MOST_ROWS = 512, SOME_ROWS = 64 };
/* Kernels whose chunk stays near the processor while all columns of a tile go over it. */
enum { NEAR_ROWS = 48 };
/* Vectors of all kernels from which on lines are packed; multiply-adds and vectors of a tile; places that are unrolled; registers
 * of sums in a register tile; a part of all rows. */
enum { LEAST_PACKED = 16, LEAST_WORK = 2048, MOST_VECTORS = 64, MOST_UNROLLED = 32, LEAST_SUMS = 8, SMALL_REST = 16 };

/* ---- the shape of the problem -------------------------------------------------------------------------- */

/* Columns that a tile should have: the more the fewer times the kernels are gone over, but there are tiles for all workers. */
static int64_t full_width(const Convolve *c) {
    double columns = (double)dim_maximum(c->columns) * (double)dim_maximum(c->n->shape[0]) * (double)c->n->attr.groups;
    for (int i = 2; i < c->n->rank - 1; i++) columns *= (double)dim_maximum(c->n->shape[i]);
    return columns >= FULL_WIDTH * LEAST_TILES ? FULL_WIDTH : FULL_WIDTH / 2;
}

/* About `wanted` of the lines of an axis, so that few vectors are computed in vain: those of lines behind the last one. */
static int64_t fitting_lines(int64_t lines, int64_t wanted) {
    int64_t best = at_most(wanted, lines), most = at_most(2 * wanted, lines);
    for (int64_t t = best; t > wanted / 2; t--)
        if (pieces(lines, t) * t < pieces(lines, best) * best) best = t;
    for (int64_t t = best + 1; t <= most; t++)
        if (pieces(lines, t) * t < pieces(lines, best) * best) best = t;
    return at_least(best, 1);
}

/* Do lanes that run on make fewer vectors?  Then as many lines as make the fewest. */
static void choose_running_lines(Convolve *c) {
    int64_t lines = dim_maximum(c->n->shape[c->line_axis]), vectors = c->tile_lines * c->line_vectors;
    RunningLines running = convolution_running_lines(c->n, convolution_tiles_cost(lines, c->tile_lines, vectors));
    if (!c->has_panel || !running.lines) return;
    c->tile_lines = running.lines;
    c->vectors = (int)running.vectors;
    c->is_running = 1;
}

/* As many lines as make the tile worth its beginning and end. */
static void choose_met_lines(Convolve *c) {
    const Node *n = c->n;
    const int64_t *dilation = n->attr.dilation;
    int last = n->rank - 1;
    c->line_axis = n->rank > 3 ? n->rank - 2 : 0;
    c->line_shape[c->line_rank++] = n->shape[c->line_axis];
    if (c->line_axis) c->outer_shape[c->outer_rank++] = n->shape[0];
    for (int i = 2; i < c->line_axis; i++) c->outer_shape[c->outer_rank++] = n->shape[i];
    c->piece = convolution_piece(n);
    int64_t cuts = c->piece ? pieces(dim_maximum(c->columns), c->piece) : 1, step = n->attr.step[last];
    c->cuts = dim_constant(&c->e->lower->session->dims, cuts);
    c->last_piece = dim_maximum(c->columns) - (cuts - 1) * c->piece;
    c->line_vectors = (int)pieces(c->piece, LANES);
    c->has_panel = c->has_border || step > 1 || c->last_piece != c->piece ||
                   (dim_maximum(c->rows) > 1 && dim_maximum(c->rows) * c->line_vectors >= LEAST_PACKED);
    double work = (double)dim_maximum(c->rows) * (double)dim_maximum(c->depth) * c->line_vectors;
    int64_t places = dim_maximum(c->kernel->shape[last]), rows = c->line_axis ? dim_maximum(c->kernel->shape[c->line_axis]) : 1;
    int64_t wanted = rows > 1 ? 2 : 1; /* lines beside each other meet much that is the same */
    while (wanted * 2 * c->line_vectors * LANES <= full_width(c) ||
           (work * (double)wanted < LEAST_WORK && wanted * 2 * c->line_vectors <= MOST_VECTORS))
        wanted *= 2;
    c->tile_lines = fitting_lines(dim_maximum(n->shape[c->line_axis]), wanted);
    c->row_places = rows * places;
    int64_t reach = (places - 1) * dilation[last];
    c->phase_elements = c->piece + reach / step;
    c->met_line = at_most(step, reach + 1) * c->phase_elements;
    choose_running_lines(c);
    c->met_lines = c->line_axis ? (c->tile_lines - 1) * n->attr.step[c->line_axis] + (rows - 1) * dilation[c->line_axis] + 1
                                : c->tile_lines;
}

static int64_t most_lines(const Convolve *c) {
    int64_t lines = 1;
    for (int i = 0; i < c->line_rank; i++) lines *= dim_maximum(c->line_shape[i]);
    return lines;
}

/* So many lines that all tiles together have the fewest vectors, and that there are few tiles: 4 of 28 columns are seven. */
static int64_t filling_lines(const Convolve *c, int64_t columns) {
    int64_t lines = most_lines(c), best = 1;
    double least = 0;
    for (int64_t t = 1; t * columns <= full_width(c) || t == 1; t++) {
        double cost = convolution_tiles_cost(lines, t, pieces(t * columns, LANES));
        if (t > 1 && cost > least) continue;
        best = t;
        least = cost;
    }
    return best;
}

/* Lines of a tile fill whole vectors. */
static void choose_filled_lines(Convolve *c) {
    DimTable *dims = &c->e->lower->session->dims;
    int64_t columns = dim_maximum(c->columns);
    if (columns < 1) columns = 1;
    c->line_shape[c->line_rank++] = c->n->shape[0];
    for (int i = 2; i < c->n->rank - 1; i++) c->line_shape[c->line_rank++] = c->n->shape[i];
    c->tile_lines = 1;
    if (columns > WIDTH || !dim_is_constant(c->columns)) {
        int64_t cuts = pieces(columns, WIDTH);
        c->piece = at_most(ceil_to(pieces(columns, cuts), LANES), WIDTH);
        c->line_shape[c->line_rank++] = dims_ceil_div(dims, c->columns, c->piece);
    } else {
        c->piece = columns;
        c->tile_lines = filling_lines(c, columns);
    }
}

static void choose_lines(Convolve *c) {
    if (c->has_lines) choose_met_lines(c);
    else choose_filled_lines(c);
    c->lines = dims_product(&c->e->lower->session->dims, c->line_shape, c->line_rank);
    if (!c->is_running) c->vectors = (int)(c->has_lines ? c->tile_lines * c->line_vectors : pieces(c->tile_lines * c->piece, LANES));
}

/* Rows of a register tile, at most `most`: an even share, and rather one without a rest, if its sums still hide the time
 * that each takes.  In registers narrower than a vector fewer rows hide it too, but load more for each sum: only where else
 * more than a small part would be computed in vain. */
static int64_t fitting_rows(const Convolve *c, int64_t rows, int64_t in_tile, int64_t most) {
    int64_t blocks = (in_tile + most - 1) / most, even = (in_tile + blocks - 1) / blocks;
    int64_t bits = 8 * dtype_bytes(held_as(c->n->dtype)), lanes = schedule_row(c->e->lower->options->schedule)->lanes;
    int64_t registers = pieces(c->block_vectors * LANES * bits, lanes * 32); /* of a row's sums */
    int64_t sums = (even * blocks - in_tile) * SMALL_REST > in_tile ? registers : c->block_vectors;
    for (int64_t r = even; r == even || (r > 0 && r * sums >= LEAST_SUMS); r--)
        if (rows % r == 0 && in_tile % r == 0) return r;
    return even;
}

/* Rows of a tile, which packs its panel for itself: fewer where there would be too few tiles for all workers. */
static int64_t most_rows(const Convolve *c, int64_t rows) {
    double tiles = (double)pieces(most_lines(c), c->tile_lines) * (double)c->n->attr.groups;
    if (c->has_lines) tiles *= (double)dim_maximum(c->cuts);
    for (int i = 0; i < c->outer_rank; i++) tiles *= (double)dim_maximum(c->outer_shape[i]);
    if (tiles >= LEAST_TILES) return MOST_ROWS;
    int64_t share = (int64_t)((double)rows * tiles / LEAST_TILES);
    return at_most(at_least(share, SOME_ROWS), MOST_ROWS);
}

static void choose_rows(Convolve *c) {
    const ScheduleRow *row = schedule_row(c->e->lower->options->schedule);
    int64_t rows = dim_maximum(c->rows), one = row->rows1, two = row->rows2;
    if (dtype_bytes(held_as(c->n->dtype)) == 8) {
        one = two ? two : one > 1 ? one / 2 : 1;
        two = 0;
    }
    if (rows < 1) rows = 1;
    c->block_vectors = 1;
    c->block_rows = one;
    if (two && c->vectors >= 2) {
        c->block_vectors = 2;
        c->block_rows = two;
    }
    int step = c->has_lines ? c->line_vectors : 1; /* whole lines, for one kernel or without a panel */
    if (c->has_lines && !c->has_panel) c->block_vectors = step;
    for (int v = step; rows == 1 && v <= at_most(one, BLOCK_VECTORS); v += step)
        if (c->vectors % v == 0) c->block_vectors = v;
    int64_t some = at_most(rows, most_rows(c, rows));
    c->block_rows = fitting_rows(c, rows, some, c->block_rows);
    c->tile_rows = ceil_to(some, c->block_rows);
    c->has_rest = !dim_is_constant(c->rows) || rows % c->block_rows != 0;
    c->is_moved = c->has_rest && dim_is_constant(c->rows) && c->block_rows <= rows && rows <= c->tile_rows;
    c->is_short = c->has_lines && dim_is_constant(c->depth) && dim_maximum(c->depth) <= MOST_UNROLLED;
    c->is_direct = c->is_short && rows == 1 && c->block_vectors % c->line_vectors == 0;
}

/* Are all places of windows elements of an array, side by side on the last axis, or of zeros around it? */
static void find_array(Convolve *c) {
    const Node *n = c->n;
    ArrayView view;
    c->has_lines = convolution_has_lines(n);
    if (!dim_is_constant(c->columns) || (dim_maximum(c->columns) > WIDTH && !c->has_lines)) return;
    for (int i = 2; i < n->rank; i++)
        if (!dim_is_constant(n->attr.low[i]) || !window_stays_inside(c->e, n, i)) return;
    c->has_border = !emit_reads(c->e, c->x) && convolution_bordered(n);
    if (view_of(c->e, c->has_border ? c->x->in[0] : c->x, &view) && view.pitch[n->rank - 1] == 1) c->array = view;
    else c->has_border = 0;
    if (!c->array.array) c->has_lines = 0;
    if (!c->has_lines && dim_maximum(c->columns) > WIDTH) c->array = (ArrayView){.array = NULL};
}

static void find_shape(Convolve *c) {
    const Node *n = c->n;
    DimTable *dims = &c->e->lower->session->dims;
    const Dim *groups = dim_constant(dims, n->attr.groups);
    c->rows = n->attr.groups == 1 ? n->shape[1] : dim_exact_div(dims, n->shape[1], groups);
    c->depth = dims_product(dims, &c->kernel->shape[1], n->rank - 1);
    c->columns = n->shape[n->rank - 1];
    c->has_panel = 1;
    if (!emit_reads(c->e, c->kernel) && !view_of(c->e, c->kernel, &c->kernels)) c->kernels = (ArrayView){.array = NULL};
    c->has_places = c->kernels.array && c->depth != c->kernel->shape[1];
    find_array(c);
    choose_lines(c);
    choose_rows(c);
}

/* ---- places -------------------------------------------------------------------------------------------- */

int convolve_has_whole_tiles(const Convolve *c) {
    return dim_is_constant(c->lines) && dim_maximum(c->lines) % c->tile_lines == 0;
}

void convolve_set_line(Convolve *c, LoopVal line, NodePlace *at, Block *block) {
    Emit *e = c->e;
    Index flat = index_scalar(line), axes[GRAPH_MAX_RANK];
    int is_cut = 0;
    if (c->has_lines) {
        memcpy(at->axis, c->outer, sizeof c->outer);
        at->axis[c->line_axis] = flat;
    } else {
        index_split(e, &flat, c->line_shape, c->line_rank, axes);
        at->axis[0] = axes[0];
        for (int i = 2; i < c->n->rank - 1; i++) at->axis[i] = axes[i - 1];
        is_cut = c->line_rank > c->n->rank - 2;
    }
    *block = (Block){.vectors = (int)(ceil_to(c->piece, LANES) / LANES)};
    for (int v = 0; v < block->vectors; v++) {
        LoopVal start = index_const(e, v * LANES);
        if (c->has_lines) start = index_op(e, LO_ADD, c->first_column, start);
        int64_t left = c->piece - v * LANES;
        if (c->has_lines && c->last_piece < at_most(c->piece, (v + 1) * LANES)) {
            LoopVal rest = index_op(e, LO_SUB, index_dim(e, c->columns), start);
            block->count[v] = index_op(e, LO_MIN, rest, index_const(e, at_most(left, LANES)));
        } else if (!is_cut) {
            if (left < LANES) block->count[v] = index_const(e, left);
        } else { /* vectors behind the end meet the last column again */
            LoopVal columns = index_dim(e, c->columns),
                    last = index_op(e, LO_SUB, columns, index_const(e, 1));
            start = index_op(
                e, LO_ADD, index_op(e, LO_MUL, axes[c->line_rank - 1].base, index_const(e, c->piece)), start);
            start = index_op(e, LO_MIN, start, last);
            block->count[v] = index_op(e, LO_MIN, index_op(e, LO_SUB, columns, start), index_const(e, LANES));
        }
        block->lane[v] = index_lanes(start, 0);
    }
}

/* ---- the sum ------------------------------------------------------------------------------------------- */

/* How far behind its first element k of a kernel lies, where kernels are seen through a view. */
static LoopVal place_in_kernel(Convolve *c, LoopVal k) {
    Emit *e = c->e;
    Index flat = index_scalar(k), sum[GRAPH_MAX_RANK];
    LoopVal place = index_const(e, 0);
    index_split(e, &flat, &c->kernel->shape[1], c->n->rank - 1, sum);
    for (int i = 1; i < c->n->rank; i++)
        place = index_op(e, LO_ADD, place, index_op(e, LO_MUL, sum[i - 1].base, index_const(e, c->kernels.pitch[i])));
    return place;
}

/* Once for the chunk: divisions by the window's sizes. */
static void find_places(Convolve *c, LoopVal k0, LoopVal end) {
    Emit *e = c->e;
    LoopVal k = emit_for(e, "k", k0, end, 1);
    Scope scope = emit_scope_open(e);
    emit_store_scratch(e, c->places, index_op(e, LO_SUB, k, k0), index_const(e, 0), emit_convert(e, place_in_kernel(c, k), DT_I64));
    emit_scope_close(e, scope);
    emit_end(e);
}

static LoopVal found_place(Convolve *c, LoopVal k0, LoopVal k) {
    Emit *e = c->e;
    return emit_convert(e, emit_load_scratch_number(e, c->places, index_op(e, LO_SUB, k, k0), index_const(e, 0)), DT_INDEX);
}

/* in_kernel: where k is in a kernel that is seen through a view. */
static LoopVal kernel_value(Convolve *c, LoopVal row, LoopVal k, LoopVal in_kernel) {
    Emit *e = c->e;
    row = index_op(e, LO_ADD, c->first_kernel, row);
    if (c->kernels.array) {
        LoopVal at = index_op(e, LO_ADD, in_kernel, index_op(e, LO_MUL, row, index_const(e, c->kernels.pitch[0])));
        return emit_load_flat(e, c->kernels.array, index_op(e, LO_ADD, at, index_const(e, c->kernels.start)));
    }
    if (emit_reads(e, c->kernel))
        return emit_load_flat(e, c->kernel,
                              index_op(e, LO_ADD, index_op(e, LO_MUL, row, index_dim(e, c->depth)), k));
    NodePlace place;
    Index flat = index_scalar(k);
    place.axis[0] = index_scalar(row);
    index_split(e, &flat, &c->kernel->shape[1], c->n->rank - 1, &place.axis[1]);
    return value_at(e, c->kernel, &place);
}

static LoopVal multiply_add(Convolve *c, LoopVal a, LoopVal b, LoopVal sum) {
    Emit *e = c->e;
    if (!dtype_is_float(held_as(c->n->dtype))) return emit_op2(e, LO_ADD, emit_op2(e, LO_MUL, a, b), sum);
    return math_fma(&e->math, emit_wide(e, a), b, sum);
}

/* To the totals: the first chunk's sums, or the old total and these. */
static void add_sums(Convolve *c, int array, LoopVal column, LoopVal row, int is_first) {
    Emit *e = c->e;
    Scope scope = emit_scope_open(e);
    LoopVal r = emit_unroll(e, "r", (int)c->block_rows);
    LoopVal number = index_op(e, LO_ADD, row, r), at = index_op(e, LO_SUB, number, c->first_row);
    int is_guarded = c->is_moved && !is_first;
    if (is_guarded) emit_if(e, emit_op2(e, LO_LE, c->add_from, number));
    for (int v = 0; v < c->block_vectors; v++) {
        LoopVal to = index_op(e, LO_ADD, column, index_const(e, v * LANES)),
                sum = emit_registers_get(e, array, r, v);
        if (!is_first) sum = emit_op2(e, LO_ADD, emit_load_scratch(e, c->total, at, to), sum);
        emit_store_scratch(e, c->total, at, to, sum);
    }
    if (is_guarded) emit_end(e);
    emit_end(e);
    emit_scope_close(e, scope);
}

static void keep_sums(Convolve *c, int array, LoopVal k0, LoopVal column, LoopVal row) {
    Emit *e = c->e;
    if (dim_maximum(c->depth) <= CHUNK) {
        add_sums(c, array, column, row, 1);
        return;
    }
    emit_if(e, emit_op2(e, LO_EQ, k0, index_const(e, 0)));
    add_sums(c, array, column, row, 1);
    emit_else(e);
    add_sums(c, array, column, row, 0);
    emit_end(e);
}

/* ---- the epilogue -------------------------------------------------------------------------------------- */

/* Of line g of the tile, for one kernel. */
static void finish_line(Convolve *c, LoopVal row, LoopVal g, const LoopVal *sums) {
    Emit *e = c->e;
    NodePlace at;
    Block block;
    convolve_set_line(c, index_op(e, LO_ADD, c->first_line, g), &at, &block);
    at.axis[1] = index_scalar(index_op(e, LO_ADD, c->first_kernel, row));
    NodePlace result = result_place(e, &at);
    epilogue_row(e, e->fused->result, &block, &result, sums);
}

/* Of whole lines that a register tile holds. */
static void finish_sums(Convolve *c, int array, LoopVal column, LoopVal row) {
    Emit *e = c->e;
    LoopVal left = index_op(e, LO_SUB, index_dim(e, c->lines), c->first_line), first = index_op(e, LO_DIV, column, index_const(e, LANES));
    first = index_op(e, LO_DIV, first, index_const(e, c->line_vectors));
    int has_all = convolve_has_whole_tiles(c);
    for (int line = 0; line < c->block_vectors / c->line_vectors; line++) {
        LoopVal sums[BLOCK_VECTORS], g = index_op(e, LO_ADD, first, index_const(e, line));
        for (int v = 0; v < c->line_vectors; v++)
            sums[v] = emit_registers_get(e, array, index_const(e, 0), line * c->line_vectors + v);
        if (!has_all) emit_if(e, emit_op2(e, LO_LT, g, left));
        Scope scope = emit_scope_open(e);
        finish_line(c, row, g, sums);
        emit_scope_close(e, scope);
        if (!has_all) emit_end(e);
    }
}

/* ---- register tiles ------------------------------------------------------------------------------------ */

/* One register tile over one chunk. */
static void sum_tile(Convolve *c, LoopVal k0, LoopVal end, LoopVal column, LoopVal row) {
    Emit *e = c->e;
    DType type = held_as(c->n->dtype);
    LoopVal last = index_op(e, LO_SUB, index_dim(e, c->rows), index_const(e, 1)), start[BLOCK_VECTORS] = {0};
    int a =
        emit_registers_new(e, "a", type, 1, (int)c->block_rows, c->block_vectors, emit_number(e, type, 0));
    for (int v = 0; v < c->block_vectors && c->has_lines; v++)
        start[v] = panel_vector_start(c, index_op(e, LO_ADD, index_op(e, LO_DIV, column, index_const(e, LANES)), index_const(e, v)));
    LoopVal k = c->is_short ? emit_unroll(e, "k", (int)dim_maximum(c->depth)) : emit_for(e, "k", k0, end, 1);
    Scope scope = emit_scope_open(e);
    LoopVal met[BLOCK_VECTORS];
    panel_met(c, k0, k, column, start, met);
    LoopVal in_kernel = !c->kernels.array ? 0 : c->has_places ? found_place(c, k0, k) : place_in_kernel(c, k);
    Scope inner = emit_scope_open(e);
    LoopVal r = emit_unroll(e, "r", (int)c->block_rows);
    LoopVal at = index_op(e, LO_ADD, row, r);
    LoopVal value = kernel_value(c, c->has_rest && !c->is_moved ? index_op(e, LO_MIN, at, last) : at, k, in_kernel);
    for (int v = 0; v < c->block_vectors; v++)
        emit_registers_set(e, a, r, v, multiply_add(c, value, met[v], emit_registers_get(e, a, r, v)));
    emit_end(e);
    emit_scope_close(e, inner);
    emit_scope_close(e, scope);
    emit_end(e);
    if (c->is_direct) finish_sums(c, a, column, row);
    else keep_sums(c, a, k0, column, row);
}

/* The blocks of rows from .. to-1. */
static void sum_columns(Convolve *c, LoopVal k0, LoopVal end, LoopVal column, LoopVal from, LoopVal to) {
    Emit *e = c->e;
    LoopVal row = emit_for(e, "row", from, to, c->block_rows);
    Scope scope = emit_scope_open(e);
    c->add_from = row;
    if (c->is_moved) row = index_op(e, LO_MIN, row, index_op(e, LO_SUB, index_dim(e, c->rows), index_const(e, c->block_rows)));
    sum_tile(c, k0, end, column, row);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* Vectors of sums that the registers hold. */
static int64_t sums_of_tile(const Convolve *c) {
    const ScheduleRow *row = schedule_row(c->e->lower->options->schedule);
    int64_t sums = at_least(row->rows1, 2 * row->rows2);
    return dtype_bytes(held_as(c->n->dtype)) == 8 ? sums / 2 : sums;
}

static void sum_rows(Convolve *c, LoopVal k0, LoopVal end, LoopVal from, LoopVal to) {
    Emit *e = c->e;
    int most = c->block_vectors, rest = c->vectors % most;
    /* one vector left over loads as much as two: the last three go together, if the registers hold their sums */
    if (rest && c->vectors > most && (most + rest) * c->block_rows <= sums_of_tile(c)) rest += most;
    int64_t whole = (int64_t)(c->vectors - rest) * LANES;
    LoopVal column = emit_for(e, "column", index_const(e, 0), index_const(e, whole), (int64_t)most * LANES);
    Scope scope = emit_scope_open(e);
    sum_columns(c, k0, end, column, from, to);
    emit_scope_close(e, scope);
    emit_end(e);
    if (!rest) return;
    c->block_vectors = rest;
    sum_columns(c, k0, end, index_const(e, whole), from, to);
    c->block_vectors = most;
}

static void sum_chunk(Convolve *c, LoopVal k0, LoopVal end) {
    Emit *e = c->e;
    panel_pack(c, k0, end);
    if (c->has_places) find_places(c, k0, end);
    int64_t near = ceil_to(NEAR_ROWS, c->block_rows);
    if (c->tile_rows <= near) {
        sum_rows(c, k0, end, c->first_row, c->end_row);
        return;
    }
    LoopVal from = emit_for(e, "near", c->first_row, c->end_row, near);
    Scope scope = emit_scope_open(e);
    sum_rows(c, k0, end, from, index_op(e, LO_MIN, index_op(e, LO_ADD, from, index_const(e, near)), c->end_row));
    emit_scope_close(e, scope);
    emit_end(e);
}

static void sum_chunks(Convolve *c) {
    Emit *e = c->e;
    LoopVal depth = index_dim(e, c->depth), zero = index_const(e, 0);
    if (dim_maximum(c->depth) <= CHUNK) {
        sum_chunk(c, zero, depth);
        return;
    }
    LoopVal k0 =
        emit_for(e, "k0", zero, index_op(e, LO_MAX, depth, index_const(e, 1)), CHUNK); /* of nothing: 0 */
    Scope scope = emit_scope_open(e);
    sum_chunk(c, k0, index_op(e, LO_MIN, index_op(e, LO_ADD, k0, index_const(e, CHUNK)), depth));
    emit_scope_close(e, scope);
    emit_end(e);
}

/* From the totals. */
static void finish(Convolve *c) {
    Emit *e = c->e;
    if (c->is_direct) return;
    LoopVal row = emit_for(e, "row", c->first_row, c->end_row, 1);
    Scope outer = emit_scope_open(e);
    LoopVal left = index_op(e, LO_SUB, index_dim(e, c->lines), c->first_line);
    LoopVal g = emit_for(e, "line", index_const(e, 0), index_op(e, LO_MIN, left, index_const(e, c->tile_lines)), 1);
    Scope scope = emit_scope_open(e);
    int64_t width = c->is_running ? c->met_line : c->has_lines ? c->line_vectors * LANES : c->piece;
    LoopVal sums[BLOCK_VECTORS], base = index_op(e, LO_MUL, g, index_const(e, width));
    for (int v = 0; v < pieces(c->piece, LANES); v++)
        sums[v] = emit_load_scratch(e, c->total, index_op(e, LO_SUB, row, c->first_row),
                                    index_op(e, LO_ADD, base, index_const(e, v * LANES)));
    finish_line(c, row, g, sums);
    emit_scope_close(e, scope);
    emit_end(e);
    emit_scope_close(e, outer);
    emit_end(e);
}

/* ---- the kernel ---------------------------------------------------------------------------------------- */

/* With lines, tiles follow each other as memory does: image, group, lines of the image, kernels. */
static void set_outer(Convolve *c, LoopVal number) {
    Index flat = index_scalar(number), axes[GRAPH_MAX_RANK] = {{0}};
    index_split(c->e, &flat, c->outer_shape, c->outer_rank, axes);
    for (int i = 0; i < c->outer_rank; i++) c->outer[i ? i + 1 : 0] = axes[i];
}

static void begin_tile(Convolve *c) {
    Emit *e = c->e;
    const Node *n = c->n;
    DimTable *dims = &e->lower->session->dims;
    const Dim *row_tiles = dims_ceil_div(dims, c->rows, c->tile_rows), *groups = dim_constant(dims, n->attr.groups),
              *line_tiles = dims_ceil_div(dims, c->lines, c->tile_lines), *cuts = c->has_lines ? c->cuts : dim_constant(dims, 1),
              *outer = dims_product(dims, c->outer_shape, c->outer_rank);
    emit_tiles(e, dim_mul(dims, dim_mul(dims, outer, groups), dim_mul(dims, dim_mul(dims, line_tiles, cuts), row_tiles)));
    LoopVal rest = e->kernel->tile, rows = index_next_digit(e, &rest, row_tiles);
    c->first_column = dim_maximum(cuts) > 1 ? index_op(e, LO_MUL, index_next_digit(e, &rest, cuts), index_const(e, c->piece)) : index_const(e, 0);
    LoopVal lines = index_next_digit(e, &rest, line_tiles);
    LoopVal group = n->attr.groups == 1 ? index_const(e, 0) : c->outer_rank ? index_next_digit(e, &rest, groups) : rest;
    if (c->outer_rank) set_outer(c, rest);
    c->first_kernel = index_op(e, LO_MUL, group, index_dim(e, c->rows));
    c->first_channel = index_op(e, LO_MUL, group, index_dim(e, c->kernel->shape[1]));
    c->first_line = index_op(e, LO_MUL, lines, index_const(e, c->tile_lines));
    c->first_row = index_op(e, LO_MUL, rows, index_const(e, c->tile_rows));
    LoopVal end = index_op(e, LO_ADD, c->first_row, index_const(e, c->tile_rows));
    c->end_row = index_op(e, LO_MIN, end, index_dim(e, c->rows));
}

void emit_convolution(Emit *e) {
    const Node *n = e->fused->hero;
    Convolve c = {.e = e, .n = n, .x = n->in[0], .kernel = n->in[1]};
    find_shape(&c);
    begin_tile(&c);
    panel_scratch(&c);
    if (c.has_places)
        c.places = emit_scratch(e, "places", DT_I64, dim_constant(&e->lower->session->dims, at_most(CHUNK, at_least(dim_maximum(c.depth), 1))), 1);
    const Dim *rows = dim_constant(&e->lower->session->dims, c.tile_rows);
    if (!c.is_direct) c.total = emit_scratch(e, "total", held_as(n->dtype), rows, (int64_t)(c.vectors + 1) * LANES);
    NodePlace open;
    for (int i = 0; i < GRAPH_MAX_RANK; i++) open.axis[i] = index_open();
    for (int i = 0; i < e->roots.len; i++) value_hoist(e, e->roots.data[i].node, &open);
    panel_begin(&c);
    sum_chunks(&c);
    finish(&c);
}
