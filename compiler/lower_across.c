/* Convolutions with a long sum and a small result, such as the gradients of kernels: lanes run across the kernels.
 *
 *     result[r, kernel, p...] = sum over c, q... of x[r, c, p*step + q*dilation] * kernels[kernel, c, q...]
 *
 * Sixteen kernels are side by side in a panel, and the element of x that they all meet is one number.  A row is one place
 * (r, p...) of the result.  A tile is some r with all their rows and a block of kernels:
 *
 *     for each chunk of 256 contracted elements:
 *         panel[k][kernel] = the kernels' elements, turned
 *         for each box of rows:
 *             a = 0;  for each line of the chunk, each q on the line: a[row] = fma(x[row, q], panel[q], a[row])
 *             total[row] = the first chunk: a[row], else add(total[row], a[row])
 *     the totals turned, so that rows lie side by side;  for each kernel, each line of its rows: the epilogue
 *
 * which is the order of every product (docs/numerics.md).  A box is a cuboid of rows, so what its rows read lies at constant
 * distances.  A line is as many axes of the sum as lie in x like one.  The last tile is moved back to end with the last r,
 * and does not store what the one before it does.
 *
 * Where zeros around small pictures are a good part of what is met, boxes of rows with one place leave them out: of each line only the
 * elements q are gone over that this place meets within the picture. */
#include "compiler/lower_across.h"

#include "compiler/convolution.h"

#include "base/session.h"

enum { MOST_TILE_ROWS = 640, LEAST_TILES = 4, LEAST_BOXES = 4 };
static const double MOST_MET = 0.9; /* of what windows meet, where the rest is worth leaving out */
enum { LEAST_SUMS = 8, PANEL_ROWS = 8 }; /* registers of sums that hide the time each takes; what packing a panel costs, in rows */

/* ---- the shape of the problem -------------------------------------------------------------------------- */

/* The axes of the k-th row of a box, counted from its corner; returns how many rows there are. */
static int64_t box_row(const Across *c, int64_t k, int64_t *at) {
    int64_t rows = 1;
    for (int i = c->n->rank - 1; i >= 0; i--) {
        at[i] = k % c->box[i];
        k /= c->box[i];
        rows *= c->box[i];
    }
    return rows;
}

static int64_t box_rows(const Across *c) {
    int64_t at[MOST_AXES];
    return box_row(c, 0, at);
}

/* r of a tile: the more the fewer times the kernels are gone over, but there are tiles for all workers.  Even shares: of the last tile,
 * which is moved back, little is done twice. */
static int64_t tile_extent_for(const Across *c) {
    int64_t groups = pieces(LEAST_TILES, pieces(c->kernel_count, c->vectors * LANES)), all = pieces(c->extent[0], c->box[0]);
    int64_t boxes = at_most(at_least(MOST_TILE_ROWS / (c->places * c->box[0]), 1), pieces(all, groups));
    int64_t tiles = pieces(c->extent[0], boxes * c->box[0]), most = c->extent[0] / c->box[0] * c->box[0];
    return at_most(ceil_to(pieces(c->extent[0], tiles), c->box[0]), most);
}

/* Have all rows of a box one place, so that the same of their sums lies outside? */
static int may_leave_out(const Across *c) {
    for (int i = 2; i < c->n->rank; i++)
        if (c->box[i] > 1) return 0;
    return c->met_share < 1;
}

/* Of all tiles of a block of kernels with the box of the moment, in rows: those done twice count twice, a tile's panel like some, and
 * what a box does besides, for each contracted element, like one.  Few sums at a time wait for each other. */
static double tiles_cost(const Across *c) {
    double tiles = (double)pieces(c->extent[0], c->tile_extent), rows = (double)c->tile_extent * tiles, in_box = (double)box_rows(c);
    for (int i = 2; i < c->n->rank; i++) rows *= (double)ceil_to(c->extent[i], c->box[i]);
    if (may_leave_out(c)) rows *= c->met_share;
    int64_t lanes = schedule_row(c->e->lower->options->schedule)->lanes, bits = 8 * dtype_bytes(held_as(c->n->dtype));
    double sums = in_box * (double)(c->vectors * pieces(LANES * bits, lanes * 32));
    if (sums < LEAST_SUMS) rows *= LEAST_SUMS / sums;
    return rows * (in_box + 1 / (double)c->vectors) / in_box + PANEL_ROWS * tiles;
}

/* Tries every box of up to `left` rows on the axes axis, axis - 1, .. 0, and keeps the best. */
static void try_boxes(Across *c, int axis, int64_t left, Across *best, double *least) {
    if (axis < 0) {
        c->tile_extent = tile_extent_for(c);
        double cost = tiles_cost(c);
        if (*least && cost >= *least) return;
        *least = cost;
        *best = *c;
        return;
    }
    for (int64_t size = at_most(c->extent[axis], left); size >= 1; size--) {
        c->box[axis] = size;
        try_boxes(c, axis - 1, left / size, best, least);
    }
}

/* As many rows as registers hold, of one vector of kernels or of two. */
static void choose_box(Across *c) {
    const ScheduleRow *row = schedule_row(c->e->lower->options->schedule);
    Across best = *c;
    double least = 0;
    int is_double = dtype_bytes(held_as(c->n->dtype)) == 8, may_have_two = c->kernel_count > LANES && !is_double;
    int64_t one = row->rows1, two = row->rows2 ? row->rows2 : at_least(one / 2, 1);
    if (!row->rows2 || !may_have_two) {
        c->vectors = 1;
        try_boxes(c, c->n->rank - 1, is_double ? two : one, &best, &least);
    }
    if (may_have_two) {
        c->vectors = VECTORS;
        try_boxes(c, c->n->rank - 1, two, &best, &least);
    }
    *c = best;
}

/* pitch: by axes of the kernels, counted in elements of the array. */
static void find_sum_axes(const Across *c, const int64_t *pitch, SumAxes *axes) {
    DimTable *dims = &c->e->lower->session->dims;
    for (int i = 1; i < c->n->rank; i++) {
        const Dim *extent = c->n->in[1]->shape[i];
        int last = axes->rank - 1;
        if (dim_is_constant(extent) && dim_constant_value(extent) == 1 && (axes->rank || i < c->n->rank - 1)) continue;
        if (last >= 0 && dim_is_constant(extent) && axes->pitch[last] == pitch[i] * dim_constant_value(extent))
            axes->extent[last] = dim_mul(dims, axes->extent[last], extent);
        else axes->extent[++last] = extent;
        axes->pitch[last] = pitch[i];
        axes->rank = last + 1;
    }
}

static int find_shape(Across *c) {
    const Node *n = c->n;
    if (!convolution_runs_across(n) || !view_of(c->e, n->in[0], &c->x) || !view_of(c->e, n->in[1], &c->given)) return 0;
    int64_t pitch[MOST_AXES];
    for (int i = 1; i < n->rank; i++) pitch[i] = c->x.pitch[i] * (i > 1 ? n->attr.dilation[i] : 1);
    find_sum_axes(c, pitch, &c->met);
    find_sum_axes(c, c->given.pitch, &c->runs);
    c->places = 1;
    c->depth = dims_product(&c->e->lower->session->dims, &n->in[1]->shape[1], n->rank - 1);
    for (int i = 0; i < n->rank; i++) {
        c->extent[i] = i == 1 ? 1 : dim_constant_value(n->shape[i]);
        if (i > 1) c->places *= c->extent[i];
    }
    c->kernel_count = dim_constant_value(n->shape[1]);
    /* axes of the sum that lie like one have no zeros between them, and are gone over as one; shorter lines take time themselves */
    c->met_share = c->met.rank == n->rank - 1 ? convolution_met_share(n) : 1;
    if (c->met_share > MOST_MET) c->met_share = 1;
    choose_box(c);
    c->leaves_out = may_leave_out(c);
    int64_t width = (int64_t)c->vectors * LANES, boxes = c->tile_extent * c->places / box_rows(c);
    /* kernels that lie side by side need no panel: where there are several blocks of them, lines of the cache that lie apart at
     * powers of two meet in few of its sets */
    c->has_panel = c->given.pitch[0] != 1 || c->runs.rank > 1 || (c->kernel_count > width && boxes >= LEAST_BOXES);
    return 1;
}

/* ---- the sum ------------------------------------------------------------------------------------------- */

/* The element that the box's first row meets at the start of a line. */
static LoopVal line_start(Across *c, const Corner *corner, LoopVal line) {
    Emit *e = c->e;
    const Node *n = c->n;
    LoopVal r = index_op(e, LO_ADD, c->first, corner->at[0]);
    LoopVal start = index_op(e, LO_MUL, r, index_const(e, c->x.pitch[0]));
    start = index_op(e, LO_ADD, start, index_const(e, c->x.start));
    start = index_op(e, LO_ADD, start, across_offset_of_line(c, &c->met, line));
    for (int i = 2; i < n->rank; i++) {
        LoopVal place = index_op(e, LO_MUL, corner->at[i], index_const(e, n->attr.step[i]));
        place = index_op(e, LO_SUB, place, index_dim(e, n->attr.low[i]));
        start = index_op(e, LO_ADD, start, index_op(e, LO_MUL, place, index_const(e, c->x.pitch[i])));
    }
    return start;
}

static int64_t distance_in_x(const Across *c, int64_t k) {
    int64_t at[MOST_AXES], distance = 0;
    box_row(c, k, at);
    for (int i = 0; i < c->n->rank; i++) distance += at[i] * c->x.pitch[i] * (i > 1 ? c->n->attr.step[i] : 1);
    return distance;
}

/* Of rows in the tile's scratch. */
static int64_t distance_in_tile(const Across *c, int64_t k) {
    int64_t at[MOST_AXES], row = 0;
    box_row(c, k, at);
    for (int i = 0; i < c->n->rank; i++) row = row * c->extent[i] + at[i];
    return row;
}

/* The elements lo .. hi-1 of axis i of the sum that the place of a box meets within the picture. */
static void find_met(Across *c, const Corner *corner, int i, LoopVal *lo, LoopVal *hi) {
    Emit *e = c->e;
    MetAxis axis = convolution_met_axis(c->n, i);
    for (int64_t p = 0; p < axis.extent; p++) {
        int64_t from, to;
        met_places(&axis, p, &from, &to);
        LoopVal is_here = p ? emit_op2(e, LO_LE, index_const(e, p), corner->at[i]) : 0;
        *lo = p ? emit_op3(e, LO_SELECT, is_here, index_const(e, from), *lo) : index_const(e, from);
        *hi = p ? emit_op3(e, LO_SELECT, is_here, index_const(e, to), *hi) : index_const(e, to);
    }
}

/* Is the line, of all axes of the sum but the last, met at all? */
static LoopVal is_line_met(Across *c, const Corner *corner, LoopVal line) {
    Emit *e = c->e;
    Index flat = index_scalar(line), at[MOST_AXES];
    LoopVal all = 0;
    index_split(e, &flat, c->met.extent, c->met.rank - 1, at);
    for (int i = 2; i < c->n->rank - 1; i++) {
        LoopVal lo, hi;
        find_met(c, corner, i, &lo, &hi);
        LoopVal is_met = emit_op2(e, LO_AND, emit_op2(e, LO_LE, lo, at[i - 1].base), emit_op2(e, LO_LT, at[i - 1].base, hi));
        all = all ? emit_op2(e, LO_AND, all, is_met) : is_met;
    }
    return all;
}

static void sum_line(Across *c, const Corner *corner, int array, const Part *part) {
    Emit *e = c->e;
    LoopVal from = part->lo, to = part->hi, is_met = c->leaves_out ? is_line_met(c, corner, part->line) : 0;
    if (is_met) emit_if(e, is_met);
    Scope outer = emit_scope_open(e);
    if (c->leaves_out) {
        LoopVal lo, hi;
        find_met(c, corner, c->n->rank - 1, &lo, &hi);
        from = index_op(e, LO_MAX, from, lo);
        to = index_op(e, LO_MIN, to, hi);
    }
    LoopVal start = line_start(c, corner, part->line);
    LoopVal q = emit_for(e, "q", from, to, 1);
    Scope scope = emit_scope_open(e);
    LoopVal met = index_op(e, LO_ADD, start, index_op(e, LO_MUL, q, index_const(e, c->met.pitch[c->met.rank - 1])));
    LoopVal kernels[VECTORS];
    for (int v = 0; v < c->vectors; v++) kernels[v] = across_kernel_vector(c, index_op(e, LO_ADD, part->begin, q), v);
    across_announce(c, corner, index_op(e, LO_ADD, part->begin, q));
    for (int64_t k = 0; k < box_rows(c); k++) {
        LoopVal row = index_const(e, k);
        LoopVal x = emit_load_flat(e, c->x.array, index_op(e, LO_ADD, met, index_const(e, distance_in_x(c, k))));
        for (int v = 0; v < c->vectors; v++) {
            LoopVal sum = emit_registers_get(e, array, row, v);
            emit_registers_set(e, array, row, v, math_fma(&e->math, emit_wide(e, x), kernels[v], sum));
        }
    }
    emit_scope_close(e, scope);
    emit_end(e);
    emit_scope_close(e, outer);
    if (is_met) emit_end(e);
}

/* Does the k-th row of the box belong to another one?  0: it does not. */
static LoopVal is_repeated(Across *c, const Corner *corner, int64_t k) {
    Emit *e = c->e;
    int64_t at[MOST_AXES];
    LoopVal repeated = 0;
    box_row(c, k, at);
    for (int i = 2; i < c->n->rank; i++) {
        if (!corner->from[i] || at[i] == c->box[i] - 1) continue; /* the last row of a box is its own */
        LoopVal before = emit_op2(e, LO_LT, index_op(e, LO_ADD, corner->at[i], index_const(e, at[i])), corner->from[i]);
        repeated = repeated ? emit_op2(e, LO_OR, repeated, before) : before;
    }
    return repeated;
}

/* To the totals: the first chunk's sums, or the old total and these. */
static void add_sums(Across *c, const Corner *corner, int array, int is_first) {
    Emit *e = c->e;
    Scope scope = emit_scope_open(e);
    LoopVal first = corner->at[0];
    for (int i = 2; i < c->n->rank; i++)
        first = index_op(e, LO_ADD, index_op(e, LO_MUL, first, index_const(e, c->extent[i])), corner->at[i]);
    for (int64_t k = 0; k < box_rows(c); k++) {
        LoopVal row = index_op(e, LO_ADD, first, index_const(e, distance_in_tile(c, k)));
        LoopVal repeated = is_first ? 0 : is_repeated(c, corner, k);
        if (repeated) emit_if(e, emit_op1(e, LO_NOT, repeated));
        for (int v = 0; v < c->vectors; v++) {
            LoopVal to = index_const(e, v * LANES), sum = emit_registers_get(e, array, index_const(e, k), v);
            if (!is_first) sum = emit_op2(e, LO_ADD, emit_load_scratch(e, c->total, row, to), sum);
            emit_store_scratch(e, c->total, row, to, sum);
        }
        if (repeated) emit_end(e);
    }
    emit_scope_close(e, scope);
}

static void sum_box(Across *c, const Corner *corner, LoopVal k0, LoopVal end) {
    Emit *e = c->e;
    DType type = held_as(c->n->dtype);
    across_find_ahead(c);
    int array = emit_registers_new(e, "a", type, 1, (int)box_rows(c), c->vectors, emit_number(e, type, 0));
    Part part = across_part_open(c, &c->met, k0, end);
    Scope scope = emit_scope_open(e);
    sum_line(c, corner, array, &part);
    emit_scope_close(e, scope);
    across_part_close(c, &c->met);
    if (dim_maximum(c->depth) <= CHUNK) {
        add_sums(c, corner, array, 1);
        return;
    }
    emit_if(e, emit_op2(e, LO_EQ, k0, index_const(e, 0)));
    add_sums(c, corner, array, 1);
    emit_else(e);
    add_sums(c, corner, array, 0);
    emit_end(e);
}

static void sum_boxes(Across *c, Corner *corner, int axis, LoopVal k0, LoopVal end) {
    Emit *e = c->e;
    if (axis == c->n->rank) {
        sum_box(c, corner, k0, end);
        return;
    }
    int64_t extent = axis ? c->extent[axis] : c->tile_extent;
    corner->from[axis] = 0;
    if (c->box[axis] == extent) {
        corner->at[axis] = index_const(e, 0);
        sum_boxes(c, corner, axis + 1, k0, end);
        return;
    }
    LoopVal before = corner->number;
    LoopVal from = emit_for(e, "from", index_const(e, 0), index_const(e, extent), c->box[axis]);
    Scope scope = emit_scope_open(e);
    corner->at[axis] = from;
    corner->number = index_op(e, LO_MUL, before, index_const(e, pieces(extent, c->box[axis])));
    corner->number = index_op(e, LO_ADD, corner->number, index_op(e, LO_DIV, from, index_const(e, c->box[axis])));
    if (extent % c->box[axis]) {
        corner->from[axis] = from;
        corner->at[axis] = index_op(e, LO_MIN, from, index_const(e, extent - c->box[axis]));
    }
    sum_boxes(c, corner, axis + 1, k0, end);
    emit_scope_close(e, scope);
    emit_end(e);
    corner->number = before;
}

static void sum_chunk(Across *c, LoopVal end) {
    Corner corner = {.number = index_const(c->e, 0)};
    if (c->has_panel) across_pack(c, end);
    sum_boxes(c, &corner, 0, c->chunk, end);
}

static void sum_chunks(Across *c) {
    Emit *e = c->e;
    LoopVal depth = index_dim(e, c->depth), zero = index_const(e, 0);
    if (dim_maximum(c->depth) <= CHUNK) {
        c->chunk = zero;
        sum_chunk(c, depth);
        return;
    }
    LoopVal most = index_op(e, LO_MAX, depth, index_const(e, 1)); /* the sum of nothing is 0 */
    c->chunk = emit_for(e, "k0", zero, most, CHUNK);
    Scope scope = emit_scope_open(e);
    sum_chunk(c, index_op(e, LO_MIN, index_op(e, LO_ADD, c->chunk, index_const(e, CHUNK)), depth));
    emit_scope_close(e, scope);
    emit_end(e);
}

/* ---- the epilogue -------------------------------------------------------------------------------------- */

/* The sums of one kernel: a line of places after the other. */
static void finish_kernel(Across *c, LoopVal kernel) {
    Emit *e = c->e;
    const Node *n = c->n;
    int last = n->rank - 1;
    int64_t columns = c->extent[last], lines = c->places / columns;
    LoopVal line = emit_for(e, "line", index_const(e, 0), index_const(e, c->tile_extent * lines), 1);
    Scope scope = emit_scope_open(e);
    NodePlace at;
    Index flat = index_scalar(line), outer[MOST_AXES];
    const Dim *shape[MOST_AXES] = {n->shape[0]};
    for (int i = 2; i < last; i++) shape[i - 1] = n->shape[i];
    index_split(e, &flat, shape, last - 1, outer);
    at.axis[0] = index_scalar(index_op(e, LO_ADD, c->first, outer[0].base));
    at.axis[1] = index_scalar(index_op(e, LO_ADD, c->first_kernel, kernel));
    for (int i = 2; i < last; i++) at.axis[i] = outer[i - 1];
    int is_moved = c->extent[0] % c->tile_extent != 0;
    if (is_moved) emit_if(e, emit_op2(e, LO_LE, c->store_from, at.axis[0].base));
    Block block = {.vectors = (int)pieces(columns, LANES)};
    LoopVal sums[BLOCK_VECTORS];
    for (int v = 0; v < block.vectors; v++) {
        block.lane[v] = index_lanes(index_const(e, v * LANES), 0);
        if (columns - v * LANES < LANES) block.count[v] = index_const(e, columns - v * LANES);
        LoopVal from = index_op(e, LO_MUL, line, index_const(e, columns));
        sums[v] = emit_load_scratch(e, c->turned, kernel, index_op(e, LO_ADD, from, index_const(e, v * LANES)));
    }
    NodePlace result = result_place(e, &at);
    epilogue_row(e, e->fused->result, &block, &result, sums);
    if (is_moved) emit_end(e);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* The same where the result is turned, so that all rows of a kernel lie side by side in it, and nothing else has
 * another place. */
static void finish_flat(Across *c, LoopVal kernel) {
    Emit *e = c->e;
    LoopVal places = index_const(e, c->places), rows = index_const(e, c->tile_extent * c->places);
    LoopVal lo = index_op(e, LO_MUL, index_op(e, LO_SUB, c->store_from, c->first), places);
    LoopVal j = emit_for(e, "j", lo, rows, LANES);
    Scope scope = emit_scope_open(e);
    LoopVal from = index_op(e, LO_ADD, c->first_kernel, kernel);
    from = index_op(e, LO_ADD, index_op(e, LO_MUL, from, index_const(e, c->extent[0])), c->first);
    NodePlace at;
    flat_set(e, &at, index_op(e, LO_ADD, index_op(e, LO_MUL, from, places), j));
    value_remember(e, e->fused->result, &at, emit_load_scratch(e, c->turned, kernel, j));
    e->is_flat = 1;
    e->lane_count = index_op(e, LO_MIN, index_op(e, LO_SUB, rows, j), index_const(e, LANES));
    flat_turn(e, &at);
    e->lane_count = 0;
    e->is_flat = 0;
    emit_scope_close(e, scope);
    emit_end(e);
}

static void tile(Across *c, int64_t kernels) {
    Emit *e = c->e;
    int vectors = c->vectors;
    c->vectors = (int)pieces(kernels, LANES);
    for (int v = 0; v < c->vectors; v++)
        c->count[v] = kernels - v * LANES < LANES ? index_const(e, kernels - v * LANES) : 0;
    sum_chunks(c);
    for (int v = 0; v < c->vectors; v++)
        emit_turn_rows(e, c->total, index_const(e, 0), index_const(e, c->tile_extent * c->places), v * LANES, c->turned);
    LoopVal kernel = emit_for(e, "kernel", index_const(e, 0), index_const(e, kernels), 1);
    Scope scope = emit_scope_open(e);
    if (e->fused->result != c->n && flat_fits(e, e->fused->result)) finish_flat(c, kernel);
    else finish_kernel(c, kernel);
    emit_scope_close(e, scope);
    emit_end(e);
    c->vectors = vectors;
}

/* ---- the kernel ---------------------------------------------------------------------------------------- */

static void block_of_kernels(Across *c, LoopVal number) {
    Emit *e = c->e;
    int64_t width = (int64_t)c->vectors * LANES, whole = c->kernel_count / width, rest = c->kernel_count % width;
    c->first_kernel = index_op(e, LO_MUL, number, index_const(e, width));
    if (!rest || !whole) {
        tile(c, whole ? width : rest);
        return;
    }
    emit_if(e, emit_op2(e, LO_LT, number, index_const(e, whole)));
    Scope scope = emit_scope_open(e);
    tile(c, width);
    emit_scope_close(e, scope);
    emit_else(e);
    scope = emit_scope_open(e);
    tile(c, rest);
    emit_scope_close(e, scope);
    emit_end(e);
}

int emit_across(Emit *e) {
    Across c = {.e = e, .n = e->fused->hero};
    if (!find_shape(&c)) return 0;
    DimTable *dims = &e->lower->session->dims;
    int64_t width = (int64_t)c.vectors * LANES, rows = c.tile_extent * c.places;
    const Dim *blocks = dim_constant(dims, pieces(c.kernel_count, width)),
              *groups = dim_constant(dims, pieces(c.extent[0], c.tile_extent));
    DType type = held_as(c.n->dtype);
    emit_tiles(e, dim_mul(dims, blocks, groups));
    if (c.has_panel) c.panel = emit_scratch(e, "panel", held_as(c.given.array->dtype), dim_constant(dims, CHUNK + LANES), width);
    c.total = emit_scratch(e, "total", type, dim_constant(dims, rows), width);
    c.turned = emit_scratch(e, "turned", type, dim_constant(dims, width), rows + LANES);
    LoopVal rest = e->kernel->tile, group = index_next_digit(e, &rest, groups);
    NodePlace open;
    for (int i = 0; i < GRAPH_MAX_RANK; i++) open.axis[i] = index_open();
    for (int i = 0; i < e->roots.len; i++) value_hoist(e, e->roots.data[i].node, &open);
    c.store_from = index_op(e, LO_MUL, group, index_const(e, c.tile_extent));
    c.first = index_op(e, LO_MIN, c.store_from, index_const(e, c.extent[0] - c.tile_extent));
    block_of_kernels(&c, dim_maximum(blocks) == 1 ? index_const(e, 0) : rest);
    return 1;
}
