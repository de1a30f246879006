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
 * Where the windows lie in an array with lines side by side, and lines fill their vectors well enough, the panel has each
 * line of the array once for a row of the window, not once for each of its places: a vector of columns knows where its line
 * starts, and what it meets at k lies at a distance that k tells.  With few kernels there is no panel, and that is in the array.
 *
 * The last block of kernels is moved back to end with the last one, if that is known; rows that belong to the block before are
 * computed again and not added.  This is the order of every product (docs/numerics.md).  A line ends within a vector: the lanes that its last vector
 * has too many are overwritten by the next line of the panel, or belong to no column.  Lines and rows behind the last
 * one are computed from the last one's elements, and not stored. */
#include "compiler/lower_internal.h"

#include "base/session.h"

enum { CHUNK = 256, LANES = 16, WIDTH = BLOCK_VECTORS * LANES, FULL_WIDTH = 128, LEAST_TILES = 8, MOST_ROWS = 512 };
/* What packing a vector costs, in multiply-adds; vectors of all kernels from which on lines are packed; multiply-adds and vectors of a tile;
 * places that are unrolled; sums of a register tile. */
enum { PACK_COST = 10, LEAST_PACKED = 16, LEAST_WORK = 2048, MOST_VECTORS = 64, MOST_UNROLLED = 32, LEAST_SUMS = 8 };

typedef struct Convolve {
    Emit *e;
    const Node *n, *x, *kernel;
    const Dim *rows, *depth, *columns, *lines; /* rows: kernels of a group */
    const Dim *line_shape[GRAPH_MAX_RANK];     /* batch, spatial axes but the last, pieces of a line */
    int line_rank;
    int64_t piece;                          /* columns of a line */
    int64_t tile_lines;                     /* lines of a tile */
    int vectors;                            /* of the columns of a tile */
    int block_vectors;                      /* of a register tile; the last may have fewer */
    int64_t block_rows;                     /* of a register tile */
    int64_t tile_rows;                      /* a multiple of block_rows */
    int has_rest;                           /* the last block has rows that are none */
    int is_moved;                           /* it is moved back instead */
    ArrayView array;                        /* that all windows lie in, with lines side by side; or of nothing */
    int has_lines;                          /* the panel has lines, or there is none: a line has whole vectors of its own */
    int has_panel;
    int line_vectors;                       /* of such a line; the last one may have fewer lanes */
    int64_t met_line;                       /* elements of a line of the array that a line of the result meets */
    int is_short;                           /* so few contracted elements that they are unrolled */
    int panel, total, starts;               /* scratch */
    int distances;                          /* with lines, by contracted element of the chunk: how far behind its line's start it is */
    LoopVal first_line, first_row, end_row; /* of the tile */
    LoopVal add_from;                       /* rows before belong to another block */
    LoopVal first_kernel, first_channel;    /* of the group */
} Convolve;

static int64_t at_most(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t ceil_to(int64_t a, int64_t b) { return (a + b - 1) / b * b; }

/* ---- the shape of the problem -------------------------------------------------------------------------- */

/* Columns that a tile should have: the more the fewer times the kernels are gone over, but there are tiles for all workers. */
static int64_t full_width(const Convolve *c) {
    double columns = (double)dim_maximum(c->columns) * (double)dim_maximum(c->n->shape[0]) * (double)c->n->attr.groups;
    for (int i = 2; i < c->n->rank - 1; i++) columns *= (double)dim_maximum(c->n->shape[i]);
    return columns >= FULL_WIDTH * LEAST_TILES ? FULL_WIDTH : FULL_WIDTH / 2;
}

/* Does a panel of all places cost more than lanes that are computed in vain? */
static int should_have_lines(const Convolve *c) {
    int64_t columns = dim_maximum(c->columns), rows = dim_maximum(c->rows);
    if (!c->array.array || c->n->attr.step[c->n->rank - 1] != 1) return 0;
    return ceil_to(columns, LANES) * rows <= columns * (rows + PACK_COST);
}

/* As many lines as make the tile worth its beginning and end. */
static void choose_met_lines(Convolve *c) {
    const Node *n = c->n;
    int64_t window = dim_maximum(c->kernel->shape[n->rank - 1]);
    c->met_line = dim_maximum(c->columns) + (window - 1) * n->attr.dilation[n->rank - 1];
    double work = (double)dim_maximum(c->rows) * (double)dim_maximum(c->depth);
    c->piece = dim_maximum(c->columns);
    c->line_vectors = (int)(ceil_to(c->piece, LANES) / LANES);
    c->has_panel = dim_maximum(c->rows) > 1 && dim_maximum(c->rows) * c->line_vectors >= LEAST_PACKED;
    c->tile_lines = 1;
    while (c->tile_lines * 2 * c->line_vectors * LANES <= full_width(c) ||
           (work * (double)c->tile_lines * c->line_vectors < LEAST_WORK &&
            c->tile_lines * 2 * c->line_vectors <= MOST_VECTORS))
        c->tile_lines *= 2;
}

/* Lines of a tile fill whole vectors: 4 of 28 columns are seven. */
static void choose_lines(Convolve *c) {
    DimTable *dims = &c->e->lower->session->dims;
    int64_t columns = dim_maximum(c->columns);
    if (columns < 1) columns = 1;
    c->line_shape[c->line_rank++] = c->n->shape[0];
    for (int i = 2; i < c->n->rank - 1; i++) c->line_shape[c->line_rank++] = c->n->shape[i];
    c->tile_lines = 1;
    if (c->has_lines) {
        choose_met_lines(c);
    } else if (columns > WIDTH || !dim_is_constant(c->columns)) {
        int64_t pieces = (columns + WIDTH - 1) / WIDTH;
        c->piece = at_most(ceil_to((columns + pieces - 1) / pieces, LANES), WIDTH);
        c->line_shape[c->line_rank++] = dims_ceil_div(dims, c->columns, c->piece);
    } else {
        c->piece = columns;
        while (c->tile_lines * columns % LANES && c->tile_lines * columns * 2 <= WIDTH) c->tile_lines *= 2;
        while (c->tile_lines * columns * 2 <= full_width(c)) c->tile_lines *= 2;
    }
    c->lines = dims_product(dims, c->line_shape, c->line_rank);
    c->vectors = c->has_lines ? (int)c->tile_lines * c->line_vectors
                              : (int)(ceil_to(c->tile_lines * c->piece, LANES) / LANES);
}

/* Rows of a register tile, at most `most`: an even share, and rather one without a rest, if its sums still hide the time
 * that each takes. */
static int64_t fitting_rows(const Convolve *c, int64_t rows, int64_t in_tile, int64_t most) {
    int64_t blocks = (in_tile + most - 1) / most, even = (in_tile + blocks - 1) / blocks;
    for (int64_t r = even; r == even || r * c->block_vectors >= LEAST_SUMS; r--)
        if (rows % r == 0 && in_tile % r == 0) return r;
    return even;
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
    if (c->has_lines && !c->has_panel) c->block_vectors = c->line_vectors;
    if (rows == 1) /* without a panel, whole lines */
        for (int v = c->block_vectors; v <= one && v <= BLOCK_VECTORS; v += c->has_panel ? 1 : c->line_vectors)
            if (c->vectors % v == 0) c->block_vectors = v;
    int64_t some = at_most(rows, MOST_ROWS);
    c->block_rows = fitting_rows(c, rows, some, c->block_rows);
    c->tile_rows = ceil_to(some, c->block_rows);
    c->has_rest = !dim_is_constant(c->rows) || rows % c->block_rows != 0;
    c->is_moved = c->has_rest && dim_is_constant(c->rows) && c->block_rows <= rows && rows <= c->tile_rows;
    c->is_short = c->has_lines && dim_is_constant(c->depth) && dim_maximum(c->depth) <= MOST_UNROLLED;
}

/* Are all places of windows elements of an array, side by side on the last axis? */
static void find_array(Convolve *c) {
    const Node *n = c->n;
    ArrayView view;
    if (!dim_is_constant(c->columns) || dim_maximum(c->columns) > WIDTH) return;
    for (int i = 2; i < n->rank; i++)
        if (!dim_is_constant(n->attr.low[i]) || !window_stays_inside(c->e, n, i)) return;
    if (view_of(c->e, c->x, &view) && view.pitch[n->rank - 1] == 1) c->array = view;
}

static void find_shape(Convolve *c) {
    const Node *n = c->n;
    DimTable *dims = &c->e->lower->session->dims;
    const Dim *groups = dim_constant(dims, n->attr.groups);
    c->rows = n->attr.groups == 1 ? n->shape[1] : dim_exact_div(dims, n->shape[1], groups);
    c->depth = dims_product(dims, &c->kernel->shape[1], n->rank - 1);
    c->columns = n->shape[n->rank - 1];
    find_array(c);
    c->has_panel = 1;
    c->has_lines = should_have_lines(c);
    choose_lines(c);
    choose_rows(c);
}

/* ---- places -------------------------------------------------------------------------------------------- */

/* The line's axes of the result, and its columns. */
static void set_line(Convolve *c, LoopVal line, NodePlace *at, Block *block) {
    Emit *e = c->e;
    Index flat = index_scalar(line), axes[GRAPH_MAX_RANK];
    index_split(e, &flat, c->line_shape, c->line_rank, axes);
    at->axis[0] = axes[0];
    for (int i = 2; i < c->n->rank - 1; i++) at->axis[i] = axes[i - 1];
    int is_cut = c->line_rank > c->n->rank - 2;
    *block = (Block){.vectors = (int)(ceil_to(c->piece, LANES) / LANES)};
    for (int v = 0; v < block->vectors; v++) {
        LoopVal start = index_const(e, v * LANES);
        if (!is_cut) {
            if (c->piece - v * LANES < LANES) block->count[v] = index_const(e, c->piece - v * LANES);
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

static LoopVal met_value(Convolve *c, const NodePlace *at, const Index *sum) {
    Emit *e = c->e;
    NodePlace place;
    LoopVal inside = 0;
    place.axis[0] = at->axis[0];
    place.axis[1] = index_scalar(index_op(e, LO_ADD, c->first_channel, sum[0].base));
    for (int i = 2; i < c->n->rank; i++)
        place.axis[i] = index_in_window(e, c->n, i, &at->axis[i], sum[i - 1].base, &inside);
    LoopVal value = value_at(e, c->x, &place);
    return inside ? emit_op3(e, LO_SELECT, inside, value, emit_number(e, emit_type(e, value), 0)) : value;
}

/* ---- the panel ----------------------------------------------------------------------------------------- */

/* Rows of the panel, and elements of one. */
static int64_t panel_rows(const Convolve *c) {
    int64_t depth = at_most(CHUNK, dim_maximum(c->depth)), window = dim_maximum(c->kernel->shape[c->n->rank - 1]);
    if (depth < 1) depth = 1;
    return c->has_lines && depth > 1 ? (depth - 2) / (window < 1 ? 1 : window) + 2 : depth;
}

static int64_t panel_width(const Convolve *c) {
    return c->has_lines ? c->tile_lines * c->met_line + LANES : (int64_t)(c->vectors + 1) * LANES;
}

static LoopVal panel_column(Convolve *c, LoopVal line, int v) {
    Emit *e = c->e;
    return index_op(e, LO_ADD, index_op(e, LO_MUL, line, index_const(e, c->piece)), index_const(e, v * LANES));
}

/* Any operand: each element is asked for. */
static void pack_values(Convolve *c, LoopVal k0, LoopVal end) {
    Emit *e = c->e;
    LoopVal g = emit_for(e, "line", index_const(e, 0), index_const(e, c->tile_lines), 1);
    Scope outer = emit_scope_open(e);
    NodePlace at;
    Block block;
    LoopVal last = index_op(e, LO_SUB, index_dim(e, c->lines), index_const(e, 1));
    set_line(c, index_op(e, LO_MIN, index_op(e, LO_ADD, c->first_line, g), last), &at, &block);
    LoopVal k = emit_for(e, "k", k0, end, 1);
    Scope scope = emit_scope_open(e);
    Index flat = index_scalar(k), sum[GRAPH_MAX_RANK];
    index_split(e, &flat, &c->kernel->shape[1], c->n->rank - 1, sum);
    for (int v = 0; v < block.vectors; v++) {
        epilogue_set_lane(e, c->n, &at, &block, v);
        LoopVal value = emit_wide(e, met_value(c, &at, sum));
        emit_store_scratch(e, c->panel, index_op(e, LO_SUB, k, k0), panel_column(c, g, v), value);
    }
    e->lane_count = 0;
    emit_scope_close(e, scope);
    emit_end(e);
    emit_scope_close(e, outer);
    emit_end(e);
}

/* An array that all windows lie in: an element is at the place where its line starts, plus that of k. */
static void find_starts(Convolve *c) {
    Emit *e = c->e;
    const Node *n = c->n;
    LoopVal g = emit_for(e, "line", index_const(e, 0), index_const(e, c->tile_lines), 1);
    Scope scope = emit_scope_open(e);
    NodePlace at;
    Block block;
    LoopVal last = index_op(e, LO_SUB, index_dim(e, c->lines), index_const(e, 1));
    set_line(c, index_op(e, LO_MIN, index_op(e, LO_ADD, c->first_line, g), last), &at, &block);
    LoopVal start = index_op(e, LO_MUL, at.axis[0].base, index_const(e, c->array.pitch[0]));
    start = index_op(e, LO_ADD, start, index_const(e, c->array.start));
    start = index_op(e, LO_ADD, start, index_op(e, LO_MUL, c->first_channel, index_const(e, c->array.pitch[1])));
    for (int i = 2; i < n->rank; i++) {
        LoopVal place = i < n->rank - 1 ? at.axis[i].base : index_const(e, 0);
        place = index_op(e, LO_MUL, place, index_const(e, n->attr.step[i]));
        place = index_op(e, LO_SUB, place, index_dim(e, n->attr.low[i]));
        start = index_op(e, LO_ADD, start, index_op(e, LO_MUL, place, index_const(e, c->array.pitch[i])));
    }
    emit_store_scratch(e, c->starts, g, index_const(e, 0), emit_convert(e, start, DT_I64));
    emit_scope_close(e, scope);
    emit_end(e);
}

static LoopVal start_of(Convolve *c, LoopVal number) {
    Emit *e = c->e;
    return emit_convert(e, emit_load_scratch_number(e, c->starts, number, index_const(e, 0)), DT_INDEX);
}

/* How far behind the start of its line an element is that a window meets at place `sum`. */
static LoopVal distance_of(Convolve *c, const Index *sum, int last) {
    Emit *e = c->e;
    LoopVal from = index_const(e, 0);
    for (int i = 1; i <= last; i++) {
        int64_t apart = c->array.pitch[i] * (i > 1 ? c->n->attr.dilation[i] : 1);
        from = index_op(e, LO_ADD, from, index_op(e, LO_MUL, sum[i - 1].base, index_const(e, apart)));
    }
    return from;
}

static void pack_array(Convolve *c, LoopVal k0, LoopVal end) {
    Emit *e = c->e;
    const Node *n = c->n;
    int64_t step = n->attr.step[n->rank - 1];
    LoopVal k = emit_for(e, "k", k0, end, 1);
    Scope outer = emit_scope_open(e);
    Index flat = index_scalar(k), sum[GRAPH_MAX_RANK];
    index_split(e, &flat, &c->kernel->shape[1], n->rank - 1, sum);
    LoopVal from = distance_of(c, sum, n->rank - 1);
    LoopVal g = emit_for(e, "line", index_const(e, 0), index_const(e, c->tile_lines), 1);
    Scope scope = emit_scope_open(e);
    LoopVal start = start_of(c, g);
    for (int v = 0; v * LANES < c->piece; v++) {
        LoopVal at = index_op(e, LO_ADD, index_op(e, LO_ADD, start, from), index_const(e, v * LANES * step));
        e->lane_count = c->piece - v * LANES < LANES ? index_const(e, c->piece - v * LANES) : 0;
        LoopVal value = emit_wide(e, emit_load_flat_lanes(e, c->array.array, at, step));
        e->lane_count = 0;
        emit_store_scratch(e, c->panel, index_op(e, LO_SUB, k, k0), panel_column(c, g, v), value);
    }
    emit_scope_close(e, scope);
    emit_end(e);
    emit_scope_close(e, outer);
    emit_end(e);
}

/* The rows of the window that k is in, and its place there. */
static LoopVal line_of(Convolve *c, LoopVal k) { return index_op(c->e, LO_DIV, k, index_dim(c->e, c->kernel->shape[c->n->rank - 1])); }

/* Each line that the chunk meets, once for a row of the window. */
static void pack_lines(Convolve *c, LoopVal k0, LoopVal end) {
    Emit *e = c->e;
    const Node *n = c->n;
    LoopVal first = line_of(c, k0), last = line_of(c, index_op(e, LO_SUB, end, index_const(e, 1)));
    LoopVal row = emit_for(e, "row", first, index_op(e, LO_ADD, last, index_const(e, 1)), 1);
    Scope outer = emit_scope_open(e);
    Index flat = index_scalar(row), sum[GRAPH_MAX_RANK];
    index_split(e, &flat, &c->kernel->shape[1], n->rank - 2, sum);
    LoopVal from = distance_of(c, sum, n->rank - 2), to = index_op(e, LO_SUB, row, first);
    int is_few = c->tile_lines <= BLOCK_VECTORS;
    to = index_op(e, LO_MUL, to, index_const(e, panel_width(c)));
    LoopVal g = is_few ? emit_unroll(e, "line", (int)c->tile_lines)
                       : emit_for(e, "line", index_const(e, 0), index_const(e, c->tile_lines), 1);
    Scope scope = emit_scope_open(e);
    LoopVal start = index_op(e, LO_ADD, start_of(c, g), from);
    LoopVal column = index_op(e, LO_ADD, to, index_op(e, LO_MUL, g, index_const(e, c->met_line)));
    for (int64_t v = 0; v < c->met_line; v += LANES) {
        e->lane_count = c->met_line - v < LANES ? index_const(e, c->met_line - v) : 0;
        LoopVal at = index_op(e, LO_ADD, start, index_const(e, v));
        LoopVal value = emit_wide(e, emit_load_flat_lanes(e, c->array.array, at, 1));
        e->lane_count = 0;
        emit_store_scratch(e, c->panel, index_const(e, 0), index_op(e, LO_ADD, column, index_const(e, v)), value);
    }
    emit_scope_close(e, scope);
    emit_end(e);
    emit_scope_close(e, outer);
    emit_end(e);
}

/* With lines: from where a line starts, in the panel or the array, to what is met at k. */
static LoopVal distance_at(Convolve *c, LoopVal k0, LoopVal k) {
    Emit *e = c->e;
    const Node *n = c->n;
    Index flat = index_scalar(k), sum[GRAPH_MAX_RANK];
    index_split(e, &flat, &c->kernel->shape[1], n->rank - 1, sum);
    if (!c->has_panel) return distance_of(c, sum, n->rank - 1);
    LoopVal row = index_op(e, LO_MUL, index_op(e, LO_SUB, line_of(c, k), line_of(c, k0)), index_const(e, panel_width(c)));
    return index_op(e, LO_ADD, row, index_op(e, LO_MUL, sum[n->rank - 2].base, index_const(e, n->attr.dilation[n->rank - 1])));
}

/* Divisions by the window's sizes: once for the chunk, not in every register tile. */
static void find_distances(Convolve *c, LoopVal k0, LoopVal end) {
    Emit *e = c->e;
    LoopVal k = emit_for(e, "k", k0, end, 1);
    Scope scope = emit_scope_open(e);
    LoopVal distance = emit_convert(e, distance_at(c, k0, k), DT_I64);
    emit_store_scratch(e, c->distances, index_op(e, LO_SUB, k, k0), index_const(e, 0), distance);
    emit_scope_close(e, scope);
    emit_end(e);
}

static void pack(Convolve *c, LoopVal k0, LoopVal end) {
    if (!c->has_panel) return;
    if (c->has_lines) pack_lines(c, k0, end);
    else if (c->array.array) pack_array(c, k0, end);
    else pack_values(c, k0, end);
}

/* ---- the sum ------------------------------------------------------------------------------------------- */

static LoopVal kernel_value(Convolve *c, LoopVal row, LoopVal k) {
    Emit *e = c->e;
    row = index_op(e, LO_ADD, c->first_kernel, row);
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

/* Where a vector of columns begins in its line of the array, or of the panel. */
static LoopVal vector_start(Convolve *c, LoopVal vector) {
    Emit *e = c->e;
    LoopVal line = vector, within = index_const(e, 0);
    if (c->line_vectors > 1) {
        LoopVal vectors = index_const(e, c->line_vectors);
        line = index_op(e, LO_DIV, vector, vectors);
        within = index_op(e, LO_MUL, index_op(e, LO_SUB, vector, index_op(e, LO_MUL, line, vectors)), index_const(e, LANES));
    }
    LoopVal start = c->has_panel ? index_op(e, LO_MUL, line, index_const(e, c->met_line)) : start_of(c, line);
    return index_op(e, LO_ADD, start, within);
}

/* What the columns of a register tile meet at k, a vector each. */
static void load_met(Convolve *c, LoopVal k0, LoopVal k, LoopVal column, const LoopVal *start, LoopVal *met) {
    Emit *e = c->e;
    if (!c->has_lines) {
        LoopVal at = index_op(e, LO_SUB, k, k0);
        for (int v = 0; v < c->block_vectors; v++)
            met[v] = emit_load_scratch(e, c->panel, at, index_op(e, LO_ADD, column, index_const(e, v * LANES)));
        return;
    }
    LoopVal from = c->is_short ? distance_at(c, k0, k)
                               : emit_convert(e, emit_load_scratch_number(e, c->distances, index_op(e, LO_SUB, k, k0), index_const(e, 0)),
                                              DT_INDEX);
    if (c->has_panel) {
        for (int v = 0; v < c->block_vectors; v++)
            met[v] = emit_load_scratch(e, c->panel, index_const(e, 0), index_op(e, LO_ADD, start[v], from));
        return;
    }
    for (int v = 0; v < c->block_vectors; v++) {
        int64_t left = c->piece - v % c->line_vectors * LANES;
        e->lane_count = left < LANES ? index_const(e, left) : 0;
        met[v] = emit_wide(e, emit_load_flat_lanes(e, c->array.array, index_op(e, LO_ADD, start[v], from), 1));
    }
    e->lane_count = 0;
}

/* One register tile over one chunk. */
static void sum_tile(Convolve *c, LoopVal k0, LoopVal end, LoopVal column, LoopVal row) {
    Emit *e = c->e;
    DType type = held_as(c->n->dtype);
    LoopVal last = index_op(e, LO_SUB, index_dim(e, c->rows), index_const(e, 1)), start[BLOCK_VECTORS] = {0};
    int a =
        emit_registers_new(e, "a", type, 1, (int)c->block_rows, c->block_vectors, emit_number(e, type, 0));
    for (int v = 0; v < c->block_vectors && c->has_lines; v++)
        start[v] = vector_start(c, index_op(e, LO_ADD, index_op(e, LO_DIV, column, index_const(e, LANES)), index_const(e, v)));
    LoopVal k = c->is_short ? emit_unroll(e, "k", (int)dim_maximum(c->depth)) : emit_for(e, "k", k0, end, 1);
    Scope scope = emit_scope_open(e);
    LoopVal met[BLOCK_VECTORS];
    load_met(c, k0, k, column, start, met);
    Scope inner = emit_scope_open(e);
    LoopVal r = emit_unroll(e, "r", (int)c->block_rows);
    LoopVal at = index_op(e, LO_ADD, row, r);
    LoopVal value = kernel_value(c, c->has_rest && !c->is_moved ? index_op(e, LO_MIN, at, last) : at, k);
    for (int v = 0; v < c->block_vectors; v++)
        emit_registers_set(e, a, r, v, multiply_add(c, value, met[v], emit_registers_get(e, a, r, v)));
    emit_end(e);
    emit_scope_close(e, inner);
    emit_scope_close(e, scope);
    emit_end(e);
    keep_sums(c, a, k0, column, row);
}

static void sum_columns(Convolve *c, LoopVal k0, LoopVal end, LoopVal column) {
    Emit *e = c->e;
    LoopVal row = emit_for(e, "row", c->first_row, c->end_row, c->block_rows);
    Scope scope = emit_scope_open(e);
    c->add_from = row;
    if (c->is_moved) row = index_op(e, LO_MIN, row, index_op(e, LO_SUB, index_dim(e, c->rows), index_const(e, c->block_rows)));
    sum_tile(c, k0, end, column, row);
    emit_scope_close(e, scope);
    emit_end(e);
}

static void sum_chunk(Convolve *c, LoopVal k0, LoopVal end) {
    Emit *e = c->e;
    pack(c, k0, end);
    if (c->has_lines && !c->is_short) find_distances(c, k0, end);
    int most = c->block_vectors, rest = c->vectors % most;
    int64_t whole = (int64_t)(c->vectors - rest) * LANES;
    LoopVal column = emit_for(e, "column", index_const(e, 0), index_const(e, whole), (int64_t)most * LANES);
    Scope scope = emit_scope_open(e);
    sum_columns(c, k0, end, column);
    emit_scope_close(e, scope);
    emit_end(e);
    if (!rest) return;
    c->block_vectors = rest;
    sum_columns(c, k0, end, index_const(e, whole));
    c->block_vectors = most;
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

/* ---- the epilogue -------------------------------------------------------------------------------------- */

static void finish(Convolve *c) {
    Emit *e = c->e;
    LoopVal row = emit_for(e, "row", c->first_row, c->end_row, 1);
    Scope outer = emit_scope_open(e);
    LoopVal left = index_op(e, LO_SUB, index_dim(e, c->lines), c->first_line);
    LoopVal g =
        emit_for(e, "line", index_const(e, 0), index_op(e, LO_MIN, left, index_const(e, c->tile_lines)), 1);
    Scope scope = emit_scope_open(e);
    NodePlace at;
    Block block;
    set_line(c, index_op(e, LO_ADD, c->first_line, g), &at, &block);
    at.axis[1] = index_scalar(index_op(e, LO_ADD, c->first_kernel, row));
    int64_t width = c->has_lines ? c->line_vectors * LANES : c->piece;
    LoopVal sums[BLOCK_VECTORS], base = index_op(e, LO_MUL, g, index_const(e, width));
    for (int v = 0; v < block.vectors; v++)
        sums[v] = emit_load_scratch(e, c->total, index_op(e, LO_SUB, row, c->first_row),
                                    index_op(e, LO_ADD, base, index_const(e, v * LANES)));
    NodePlace result = result_place(e, &at);
    epilogue_row(e, e->fused->result, &block, &result, sums);
    emit_scope_close(e, scope);
    emit_end(e);
    emit_scope_close(e, outer);
    emit_end(e);
}

/* ---- the kernel ---------------------------------------------------------------------------------------- */

void emit_convolution(Emit *e) {
    const Node *n = e->fused->hero;
    DimTable *dims = &e->lower->session->dims;
    Convolve c = {.e = e, .n = n, .x = n->in[0], .kernel = n->in[1]};
    find_shape(&c);
    const Dim *row_tiles = dims_ceil_div(dims, c.rows, c.tile_rows),
              *groups = dim_constant(dims, n->attr.groups);
    const Dim *line_tiles = dims_ceil_div(dims, c.lines, c.tile_lines);
    emit_tiles(e, dim_mul(dims, groups, dim_mul(dims, line_tiles, row_tiles)));
    int64_t panel_size[2] = {panel_rows(&c), panel_width(&c)};
    if (c.has_panel)
        c.panel = emit_scratch(e, "panel", held_as(c.x->dtype), dim_constant(dims, c.has_lines ? 1 : panel_size[0]),
                               c.has_lines ? panel_size[0] * panel_size[1] : panel_size[1]);
    if (c.has_lines && !c.is_short)
        c.distances = emit_scratch(e, "distances", DT_I64, dim_constant(dims, at_most(CHUNK, dim_maximum(c.depth))), 1);
    c.total = emit_scratch(e, "total", held_as(n->dtype), dim_constant(dims, c.tile_rows), (int64_t)(c.vectors + 1) * LANES);
    if (c.array.array) c.starts = emit_scratch(e, "starts", DT_I64, dim_constant(dims, c.tile_lines), 1);
    LoopVal rest = e->kernel->tile;
    LoopVal rows = index_next_digit(e, &rest, row_tiles), lines = index_next_digit(e, &rest, line_tiles);
    LoopVal group = n->attr.groups == 1 ? index_const(e, 0) : rest;
    NodePlace open;
    for (int i = 0; i < GRAPH_MAX_RANK; i++) open.axis[i] = index_open();
    for (int i = 0; i < e->roots.len; i++) value_hoist(e, e->roots.data[i].node, &open);
    c.first_kernel = index_op(e, LO_MUL, group, index_dim(e, c.rows));
    c.first_channel = index_op(e, LO_MUL, group, index_dim(e, c.kernel->shape[1]));
    c.first_line = index_op(e, LO_MUL, lines, index_const(e, c.tile_lines));
    c.first_row = index_op(e, LO_MUL, rows, index_const(e, c.tile_rows));
    c.end_row = index_op(e, LO_MIN, index_op(e, LO_ADD, c.first_row, index_const(e, c.tile_rows)),
                         index_dim(e, c.rows));
    if (c.array.array) find_starts(&c);
    sum_chunks(&c);
    finish(&c);
}
