/* Convolutions with a long sum and a small result, such as the gradients of kernels: lanes run across the kernels.
 *
 *     result[r, kernel, p...] = sum over c, q... of x[r, c, p*step + q*dilation] * kernels[c, q..., kernel]
 *
 * pass_layout has put the kernels last in their array, so sixteen of them lie side by side, and the element of x that
 * they all meet is one number.  A row is one place (r, p...) of the result.  A tile is some r with all their rows and
 * a block of kernels:
 *
 *     for each chunk of 256 contracted elements, each box of rows:
 *         a = 0;  for each line of the chunk, each q on the line: a[row] = fma(x[row, q], kernels[q], a[row])
 *         total[row] = the first chunk: a[row], else add(total[row], a[row])
 *     the totals turned, so that rows lie side by side;  for each kernel, each line of its rows: the epilogue
 *
 * which is the order of every product (docs/numerics.md).  Where there are more kernels than a block has, and several boxes,
 * the block's part of the chunk is copied to a panel first: lines of the cache that lie apart at powers of two meet in
 * few of its sets.  A box is a cuboid of rows, so what its rows read lies at
 * constant distances.  The last tile is moved back to end with the last r, and does not store what the one before it
 * does. */
#include "compiler/convolution.h"
#include "compiler/lower_internal.h"

#include "base/session.h"

#include <string.h>

enum { CHUNK = 256, LANES = 16, VECTORS = 2, MOST_AXES = GRAPH_MAX_RANK, MOST_TILE_ROWS = 640, LEAST_TILES = 4, LEAST_BOXES = 4 };

typedef struct Across {
    Emit *e;
    const Node *n, *kernels;     /* the array below what the convolution names */
    ArrayView x;
    int64_t extent[MOST_AXES];   /* of rows: axis 0 and the spatial ones of the result; axis 1: 1 */
    int64_t box[MOST_AXES];      /* of rows, by the same axes */
    int64_t places;              /* rows of one r */
    int64_t tile_extent;         /* r of a tile */
    const Dim *depth;            /* contracted elements */
    int64_t line;                /* of them on the last axis */
    int64_t kernel_count;
    int vectors; /* of a block of kernels */
    int has_panel;
    int total, turned, panel; /* scratch */
    LoopVal chunk;            /* its first element */
    LoopVal first, store_from; /* r of the tile */
    LoopVal first_kernel;
    LoopVal count[VECTORS]; /* kernels in each vector; 0: sixteen */
} Across;

/* ---- the shape of the problem -------------------------------------------------------------------------- */

static int has_fixed_sizes(const Node *n) {
    for (int i = 0; i < n->rank; i++)
        if (!dim_is_constant(n->shape[i]) || (i > 1 && !dim_is_constant(n->in[1]->shape[i])) ||
            !dim_is_constant(n->attr.low[i]) || dim_constant_value(n->shape[i]) < 1)
            return 0;
    return 1;
}

/* Tries every box of up to `left` rows on the axes axis, axis - 1, .. 0; `useful` rows of it are not done twice, on average.  Of
 * equals the one with the longest lines stays. */
static void try_boxes(const Across *c, int axis, int64_t left, double useful, int64_t *box, double *most_useful, int64_t *best) {
    if (axis < 0) {
        if (useful <= *most_useful) return;
        *most_useful = useful;
        memcpy(best, box, sizeof c->box);
        return;
    }
    for (int64_t size = at_most(c->extent[axis], left); size >= 1; size--) {
        box[axis] = size;
        double times = axis ? (double)pieces(c->extent[axis], size) : (double)c->extent[0] / (double)size;
        try_boxes(c, axis - 1, left / size, useful * (double)c->extent[axis] / times, box, most_useful, best);
    }
}

/* As many rows as registers hold. */
static void choose_box(Across *c, int64_t most) {
    int64_t box[MOST_AXES];
    double useful = 0;
    try_boxes(c, c->n->rank - 1, most, 1, box, &useful, c->box);
    /* the more rows a tile has the fewer times the kernels are gone over, but there are tiles for all workers */
    int64_t groups = pieces(LEAST_TILES, pieces(c->kernel_count, c->vectors * LANES)), all = c->extent[0] / c->box[0];
    int64_t boxes = at_most(pieces(MOST_TILE_ROWS, c->places * c->box[0]), pieces(all, groups));
    /* even shares: of the last tile, which is moved back, little is done twice */
    int64_t tiles = pieces(c->extent[0], boxes * c->box[0]);
    c->tile_extent = at_most(ceil_to(pieces(c->extent[0], tiles), c->box[0]), boxes * c->box[0]);
}

static int find_shape(Across *c) {
    const Node *n = c->n;
    const ScheduleRow *row = schedule_row(c->e->lower->options->schedule);
    c->kernels = convolution_kernels_last(n);
    if (!c->kernels || !emit_reads(c->e, c->kernels) || !has_fixed_sizes(n) ||
        !view_of(c->e, n->in[0], &c->x))
        return 0;
    c->places = 1;
    c->depth = dims_product(&c->e->lower->session->dims, &n->in[1]->shape[1], n->rank - 1);
    for (int i = 0; i < n->rank; i++) {
        c->extent[i] = i == 1 ? 1 : dim_constant_value(n->shape[i]);
        if (i > 1) c->places *= c->extent[i];
    }
    c->line = dim_constant_value(n->in[1]->shape[n->rank - 1]);
    c->kernel_count = dim_constant_value(n->shape[1]);
    int64_t most = row->rows1;
    if (dtype_bytes(held_as(n->dtype)) == 8) most = row->rows2 ? row->rows2 : most > 1 ? most / 2 : 1;
    else if (row->rows2 && c->kernel_count > LANES) most = row->rows2;
    c->vectors = row->rows2 && c->kernel_count > LANES && dtype_bytes(held_as(n->dtype)) < 8 ? VECTORS : 1;
    choose_box(c, most);
    return c->line > 0;
}

/* ---- the sum ------------------------------------------------------------------------------------------- */

/* First row of a box: r within the tile, and the places.  The last box of an axis may be moved back, to end where the axis
 * does: its rows before `from` belong to the box before. */
typedef struct Corner {
    LoopVal at[MOST_AXES];
    LoopVal from[MOST_AXES]; /* 0: it is not */
} Corner;

/* The block's part of the chunk. */
static void pack(Across *c, LoopVal end) {
    Emit *e = c->e;
    LoopVal k = emit_for(e, "k", c->chunk, end, 1);
    Scope scope = emit_scope_open(e);
    LoopVal from = index_op(e, LO_ADD, index_op(e, LO_MUL, k, index_const(e, c->kernel_count)), c->first_kernel);
    for (int v = 0; v < c->vectors; v++) {
        LoopVal lanes = index_const(e, v * LANES);
        e->lane_count = c->count[v];
        LoopVal value = emit_wide(e, emit_load_flat_lanes(e, c->kernels, index_op(e, LO_ADD, from, lanes), 1));
        e->lane_count = 0;
        emit_store_scratch(e, c->panel, index_op(e, LO_SUB, k, c->chunk), lanes, value);
    }
    emit_scope_close(e, scope);
    emit_end(e);
}

static LoopVal kernel_vector(Across *c, LoopVal line, LoopVal q, int v) {
    Emit *e = c->e;
    if (c->has_panel) {
        LoopVal k = index_op(e, LO_ADD, index_op(e, LO_MUL, line, index_const(e, c->line)), q);
        return emit_load_scratch(e, c->panel, index_op(e, LO_SUB, k, c->chunk), index_const(e, v * LANES));
    }
    NodePlace at;
    int last = c->kernels->rank - 1;
    Index flat = index_scalar(line);
    index_split(e, &flat, c->kernels->shape, last - 1, at.axis);
    at.axis[last - 1] = index_scalar(q);
    at.axis[last] = index_lanes(index_op(e, LO_ADD, c->first_kernel, index_const(e, v * LANES)), 1);
    e->lane_count = c->count[v];
    LoopVal value = emit_wide(e, emit_load(e, c->kernels, &at));
    e->lane_count = 0;
    return value;
}

/* The element that the box's first row meets at the start of a line. */
static LoopVal line_start(Across *c, const Corner *corner, LoopVal line) {
    Emit *e = c->e;
    const Node *n = c->n;
    Index flat = index_scalar(line), sum[MOST_AXES];
    index_split(e, &flat, &n->in[1]->shape[1], n->rank - 2, sum);
    LoopVal r = index_op(e, LO_ADD, c->first, corner->at[0]);
    LoopVal start = index_op(e, LO_MUL, r, index_const(e, c->x.pitch[0]));
    start = index_op(e, LO_ADD, start, index_const(e, c->x.start));
    start = index_op(e, LO_ADD, start, index_op(e, LO_MUL, sum[0].base, index_const(e, c->x.pitch[1])));
    for (int i = 2; i < n->rank; i++) {
        LoopVal place = index_op(e, LO_MUL, corner->at[i], index_const(e, n->attr.step[i]));
        if (i < n->rank - 1)
            place = index_op(e, LO_ADD, place,
                             index_op(e, LO_MUL, sum[i - 1].base, index_const(e, n->attr.dilation[i])));
        place = index_op(e, LO_SUB, place, index_dim(e, n->attr.low[i]));
        start = index_op(e, LO_ADD, start, index_op(e, LO_MUL, place, index_const(e, c->x.pitch[i])));
    }
    return start;
}

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

static void sum_line(Across *c, const Corner *corner, int array, LoopVal line, LoopVal lo, LoopVal hi) {
    Emit *e = c->e;
    LoopVal start = line_start(c, corner, line);
    LoopVal q = emit_for(e, "q", lo, hi, 1);
    Scope scope = emit_scope_open(e);
    int64_t step = c->n->attr.dilation[c->n->rank - 1] * c->x.pitch[c->n->rank - 1];
    LoopVal met = index_op(e, LO_ADD, start, index_op(e, LO_MUL, q, index_const(e, step)));
    LoopVal kernels[VECTORS];
    for (int v = 0; v < c->vectors; v++) kernels[v] = kernel_vector(c, line, q, v);
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
    LoopVal length = index_const(e, c->line), one = index_const(e, 1);
    int array = emit_registers_new(e, "a", type, 1, (int)box_rows(c), c->vectors, emit_number(e, type, 0));
    LoopVal last = index_op(e, LO_DIV, index_op(e, LO_SUB, end, one), length);
    LoopVal line =
        emit_for(e, "line", index_op(e, LO_DIV, k0, length), index_op(e, LO_ADD, last, one), 1);
    Scope scope = emit_scope_open(e);
    LoopVal begin = index_op(e, LO_MUL, line, length);
    LoopVal lo = index_op(e, LO_MAX, index_op(e, LO_SUB, k0, begin), index_const(e, 0));
    LoopVal hi = index_op(e, LO_MIN, index_op(e, LO_SUB, end, begin), length);
    sum_line(c, corner, array, line, lo, hi);
    emit_scope_close(e, scope);
    emit_end(e);
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
    LoopVal from = emit_for(e, "from", index_const(e, 0), index_const(e, extent), c->box[axis]);
    Scope scope = emit_scope_open(e);
    corner->at[axis] = from;
    if (extent % c->box[axis]) {
        corner->from[axis] = from;
        corner->at[axis] = index_op(e, LO_MIN, from, index_const(e, extent - c->box[axis]));
    }
    sum_boxes(c, corner, axis + 1, k0, end);
    emit_scope_close(e, scope);
    emit_end(e);
}

static void sum_chunks(Across *c) {
    Emit *e = c->e;
    Corner corner;
    LoopVal depth = index_dim(e, c->depth), zero = index_const(e, 0);
    if (dim_maximum(c->depth) <= CHUNK) {
        c->chunk = zero;
        if (c->has_panel) pack(c, depth);
        sum_boxes(c, &corner, 0, zero, depth);
        return;
    }
    LoopVal most = index_op(e, LO_MAX, depth, index_const(e, 1)); /* the sum of nothing is 0 */
    c->chunk = emit_for(e, "k0", zero, most, CHUNK);
    Scope scope = emit_scope_open(e);
    LoopVal end = index_op(e, LO_MIN, index_op(e, LO_ADD, c->chunk, index_const(e, CHUNK)), depth);
    if (c->has_panel) pack(c, end);
    sum_boxes(c, &corner, 0, c->chunk, end);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* ---- the epilogue -------------------------------------------------------------------------------------- */

static void turn(Across *c) {
    Emit *e = c->e;
    LoopVal row = emit_for(e, "row", index_const(e, 0), index_const(e, c->tile_extent * c->places), 1);
    Scope scope = emit_scope_open(e);
    for (int v = 0; v < c->vectors; v++) {
        LoopVal sums = emit_load_scratch(e, c->total, row, index_const(e, v * LANES));
        for (int i = 0; i < LANES; i++)
            emit_store_scratch(e, c->turned, index_const(e, v * LANES + i), row, emit_lane(e, sums, i));
    }
    emit_scope_close(e, scope);
    emit_end(e);
}

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
    turn(c);
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
    c.has_panel = c.kernel_count > width && rows >= LEAST_BOXES * box_rows(&c);
    if (c.has_panel) c.panel = emit_scratch(e, "panel", held_as(c.kernels->dtype), dim_constant(dims, CHUNK), width);
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
