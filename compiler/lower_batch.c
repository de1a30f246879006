/* Convolutions of many small pictures: lanes run across the examples of the batch, and places where a window meets zeros around its
 * picture are left out.
 *
 * A tile is sixteen or thirty-two examples, some lines of their pictures and a block of kernels (rows):
 *
 *     for each chunk of 256 contracted elements (channel, then place in the window):
 *         panel[channel, element] = what the lines meet, the examples side by side
 *         for each class of places of the result whose windows meet the same: the list of contracted elements that are met
 *         for each block of rows, each place of the result:
 *             a = 0;  for each k of the list of its class: a[r] = fma(kernel[r, k], panel[k], a[r])
 *             total[r, place] = the first chunk: a[r], else add(total[r, place], a[r])
 *     for each row: its totals turned, so that columns lie side by side;  for each example, each line: the epilogue
 *
 * which is the order of every product (docs/numerics.md): a product with a zero outside adds nothing.  On each axis the first and the last
 * places of a picture have classes of their own, and those between have one.  The last block of rows, and the last tile of them, are
 * moved back to end with the last row; rows that belong to the one before are computed again, and not added or stored. */
#include "compiler/convolution.h"
#include "compiler/lower_internal.h"

#include "base/session.h"

enum { CHUNK = 256, LANES = 16, MOST_AXES = GRAPH_MAX_RANK - 2, MOST_CLASSES = 8 }; /* classes: of an axis */
enum { LEAST_ROWS = 64, MOST_ROWS = 256, LEAST_TILES = 8, MOST_PANEL = 1 << 19, MOST_TOTALS = 1 << 20 }; /* bytes */
enum { LIST = CHUNK + 1 }; /* entries: what is behind the last one is overwritten, or is none */

typedef struct Axis {
    MetAxis met;
    int64_t pitch;                   /* of the operand's array */
    int classes;
    int64_t begin[MOST_CLASSES], lo[MOST_CLASSES], hi[MOST_CLASSES]; /* of a class: its first place, and what its windows meet */
} Axis;

typedef struct Batch {
    Emit *e;
    const Node *n;
    ArrayView x, kernels;
    Axis axis[MOST_AXES];
    int axes;
    int64_t examples, rows, channels, window; /* window: its places */
    int64_t vectors;                          /* of the examples of a tile */
    int64_t block_rows, tile_rows, tile_lines; /* lines: of the first axis */
    int64_t met_lines, run, panel_channels;   /* lines that a tile meets; elements of a channel; channels of a chunk */
    int64_t places, classes;                  /* of a tile; of all axes */
    int panel, lists, counts, begins, total, turned; /* scratch */
    LoopVal first_example, first_row, store_from, first_line, met_line; /* of the tile; met_line: the first that it meets */
    LoopVal place_count;
    LoopVal chunk_from, chunk_to, first_channel; /* of the chunk */
} Batch;

/* ---- the shape of the problem -------------------------------------------------------------------------- */

static int find_classes(Axis *axis) {
    for (int64_t p = 0; p < axis->met.extent; p++) {
        int64_t lo, hi;
        met_places(&axis->met, p, &lo, &hi);
        int last = axis->classes - 1;
        if (last >= 0 && axis->lo[last] == lo && axis->hi[last] == hi) continue;
        if (++last == MOST_CLASSES) return 0;
        axis->begin[last] = p;
        axis->lo[last] = lo;
        axis->hi[last] = hi;
        axis->classes = last + 1;
    }
    return 1;
}

/* The array, without the zeros that lie around it, or of one that they are part of. */
static int find_arrays(Batch *b) {
    const Node *x = b->n->in[0], *border = convolution_border(b->n);
    int is_laid = x == border && !emit_reads(b->e, x);
    if (!view_of(b->e, is_laid ? x->in[0] : x, &b->x) || !view_of(b->e, b->n->in[1], &b->kernels)) return 0;
    int64_t size = 1;
    for (int i = b->axes - 1; i >= 0; i--) {
        int64_t low = 0, extent;
        if (border && !is_laid) pad_borders(border, i + 2, &low, &extent);
        b->axis[i].pitch = b->x.pitch[i + 2];
        b->x.start += low * b->axis[i].pitch;
        if (b->axis[i].pitch < size || (i == b->axes - 1 && b->axis[i].pitch != 1)) return 0;
        size = b->axis[i].pitch * b->axis[i].met.size;
    }
    return 1;
}

/* Elements from the first to the last that so many lines have. */
static int64_t run_of(const Batch *b, int64_t lines) {
    int64_t run = 1 + (lines - 1) * b->axis[0].pitch;
    for (int i = 1; i < b->axes; i++) run += (b->axis[i].met.size - 1) * b->axis[i].pitch;
    return run;
}

static int64_t places_of_line(const Batch *b) {
    int64_t places = 1;
    for (int i = 1; i < b->axes; i++) places *= b->axis[i].met.extent;
    return places;
}

static void set_lines(Batch *b, int64_t lines) {
    const MetAxis *met = &b->axis[0].met;
    b->tile_lines = lines;
    b->met_lines = at_most(met->size, (lines - 1) * met->step + (met->places - 1) * met->apart + 1);
    b->run = run_of(b, b->met_lines);
    b->places = lines * places_of_line(b);
}

static int64_t vector_bytes(const Batch *b) { return b->vectors * LANES * dtype_bytes(held_as(b->n->dtype)); }

static int64_t tiles(const Batch *b) {
    return pieces(b->examples, b->vectors * LANES) * pieces(b->axis[0].met.extent, b->tile_lines) * pieces(b->rows, b->tile_rows);
}

/* Whole pictures and many rows, as far as caches hold what they meet and there are tiles for all workers. */
static void choose_tile(Batch *b) {
    int64_t lines = b->axis[0].met.extent, cuts = 1, parts = pieces(b->rows, MOST_ROWS);
    set_lines(b, lines);
    b->panel_channels = at_most((CHUNK - 2) / b->window + 2, b->channels);
    while (b->tile_lines > 1 && b->panel_channels * ceil_to(b->run, LANES) * vector_bytes(b) > MOST_PANEL) set_lines(b, pieces(lines, ++cuts));
    b->tile_rows = pieces(b->rows, parts);
    while (b->tile_rows > LEAST_ROWS && (tiles(b) < LEAST_TILES || b->tile_rows * b->places * vector_bytes(b) > MOST_TOTALS))
        b->tile_rows = pieces(b->rows, ++parts);
    while (b->tile_lines > b->axis[0].met.places && tiles(b) < LEAST_TILES) set_lines(b, pieces(lines, ++cuts));
}

/* As many rows as registers hold; rather less than many of the last block's a second time. */
static void choose_block(Batch *b) {
    const ScheduleRow *row = schedule_row(b->e->lower->options->schedule);
    int is_double = dtype_bytes(held_as(b->n->dtype)) == 8;
    int64_t most = row->rows2 ? row->rows2 : is_double ? at_least(row->rows1 / 2, 1) : row->rows1;
    double least = 0;
    for (int64_t r = at_most(most, b->tile_rows); r > most / 2; r--) {
        double cost = (double)pieces(b->tile_rows, r) * (double)(r + 1);
        if (least && cost >= least) continue;
        least = cost;
        b->block_rows = r;
    }
}

static int find_shape(Batch *b) {
    const Node *n = b->n;
    if (!convolution_runs_over_batch(n)) return 0;
    b->axes = n->rank - 2;
    b->window = b->classes = 1;
    for (int i = 0; i < b->axes; i++) {
        b->axis[i].met = convolution_met_axis(n, i + 2);
        if (!find_classes(&b->axis[i])) return 0;
        b->window *= b->axis[i].met.places;
        b->classes *= b->axis[i].classes;
    }
    if (!find_arrays(b)) return 0;
    b->examples = dim_constant_value(n->shape[0]);
    b->rows = dim_constant_value(n->shape[1]);
    b->channels = dim_constant_value(n->in[1]->shape[1]);
    int has_two = schedule_row(b->e->lower->options->schedule)->rows2 && dtype_bytes(held_as(n->dtype)) == 4;
    b->vectors = has_two ? 2 : 1;
    choose_tile(b);
    choose_block(b);
    return 1;
}

/* ---- places and lists ---------------------------------------------------------------------------------- */

/* A number that each class of an axis has. */
static LoopVal of_class(Batch *b, const Axis *axis, LoopVal class, const int64_t *numbers) {
    Emit *e = b->e;
    LoopVal number = index_const(e, numbers[0]);
    for (int i = 1; i < axis->classes; i++)
        number = emit_op3(e, LO_SELECT, emit_op2(e, LO_LT, class, index_const(e, i)), number, index_const(e, numbers[i]));
    return number;
}

static LoopVal class_of(Batch *b, const Axis *axis, LoopVal p) {
    Emit *e = b->e;
    LoopVal class = index_const(e, 0);
    for (int i = 1; i < axis->classes; i++)
        class = emit_op3(e, LO_SELECT, emit_op2(e, LO_LT, p, index_const(e, axis->begin[i])), class, index_const(e, i));
    return class;
}

static void store_number(Batch *b, int scratch, LoopVal row, int64_t column, LoopVal value) {
    emit_store_scratch(b->e, scratch, row, index_const(b->e, column), emit_convert(b->e, value, DT_I64));
}

static LoopVal load_number(Batch *b, int scratch, LoopVal row, int64_t column) {
    return emit_convert(b->e, emit_load_scratch_number(b->e, scratch, row, index_const(b->e, column)), DT_INDEX);
}

/* Of each place of the tile: where in a channel of the panel its window begins, perhaps before it, and its class. */
static void find_places(Batch *b) {
    Emit *e = b->e;
    LoopVal place = emit_for(e, "place", index_const(e, 0), b->place_count, 1), rest = place;
    Scope scope = emit_scope_open(e);
    LoopVal p[MOST_AXES], begin = index_const(e, 0), class = index_const(e, 0);
    for (int i = b->axes - 1; i > 0; i--) p[i] = index_next_digit(e, &rest, b->n->shape[i + 2]);
    p[0] = index_op(e, LO_ADD, b->first_line, rest);
    for (int i = 0; i < b->axes; i++) {
        const Axis *axis = &b->axis[i];
        LoopVal at = index_op(e, LO_ADD, index_op(e, LO_MUL, p[i], index_const(e, axis->met.step)), index_const(e, axis->met.first));
        if (i == 0) at = index_op(e, LO_SUB, at, b->met_line);
        begin = index_op(e, LO_ADD, begin, index_op(e, LO_MUL, at, index_const(e, axis->pitch)));
        class = index_op(e, LO_ADD, index_op(e, LO_MUL, class, index_const(e, axis->classes)), class_of(b, axis, p[i]));
    }
    store_number(b, b->begins, place, 0, begin);
    store_number(b, b->begins, place, 1, class);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* One entry: from where a window begins to what it meets at k, and where k is in a kernel. */
static void list_element(Batch *b, int array, LoopVal list, LoopVal channel, const LoopVal *s) {
    Emit *e = b->e;
    LoopVal k = channel, from = index_op(e, LO_MUL, index_op(e, LO_SUB, channel, b->first_channel), index_const(e, ceil_to(b->run, LANES)));
    LoopVal at = index_op(e, LO_MUL, channel, index_const(e, b->kernels.pitch[1])), zero = index_const(e, 0);
    for (int i = 0; i < b->axes; i++) {
        const Axis *axis = &b->axis[i];
        k = index_op(e, LO_ADD, index_op(e, LO_MUL, k, index_const(e, axis->met.places)), s[i]);
        from = index_op(e, LO_ADD, from, index_op(e, LO_MUL, s[i], index_const(e, axis->met.apart * axis->pitch)));
        at = index_op(e, LO_ADD, at, index_op(e, LO_MUL, s[i], index_const(e, b->kernels.pitch[i + 2])));
    }
    LoopVal count = emit_registers_get(e, array, zero, 0);
    LoopVal entry = index_op(e, LO_ADD, list, emit_convert(e, count, DT_INDEX));
    store_number(b, b->lists, entry, 0, from);
    store_number(b, b->lists, entry, 1, at);
    LoopVal is_in = emit_op2(e, LO_AND, emit_op2(e, LO_LE, b->chunk_from, k), emit_op2(e, LO_LT, k, b->chunk_to));
    LoopVal one = emit_op3(e, LO_SELECT, is_in, emit_integer(e, DT_I64, 1), emit_integer(e, DT_I64, 0));
    emit_registers_set(e, array, zero, 0, emit_op2(e, LO_ADD, count, one));
}

/* For each class the contracted elements of the chunk that its windows meet, in their order. */
static void find_lists(Batch *b, LoopVal end_channel) {
    Emit *e = b->e;
    LoopVal number = emit_for(e, "class", index_const(e, 0), index_const(e, b->classes), 1), rest = number, lo[MOST_AXES], hi[MOST_AXES];
    Scope outer = emit_scope_open(e);
    DimTable *dims = &e->lower->session->dims;
    for (int i = b->axes - 1; i >= 0; i--) {
        LoopVal class = i ? index_next_digit(e, &rest, dim_constant(dims, b->axis[i].classes)) : rest;
        lo[i] = of_class(b, &b->axis[i], class, b->axis[i].lo);
        hi[i] = of_class(b, &b->axis[i], class, b->axis[i].hi);
    }
    int count = emit_registers_new(e, "count", DT_I64, 0, 1, 1, emit_integer(e, DT_I64, 0));
    LoopVal list = index_op(e, LO_MUL, number, index_const(e, LIST)), s[MOST_AXES];
    LoopVal channel = emit_for(e, "channel", b->first_channel, end_channel, 1);
    for (int i = 0; i < b->axes; i++) s[i] = emit_for(e, "s", lo[i], hi[i], 1);
    Scope scope = emit_scope_open(e);
    list_element(b, count, list, channel, s);
    emit_scope_close(e, scope);
    for (int i = 0; i <= b->axes; i++) emit_end(e);
    emit_store_scratch(e, b->counts, number, index_const(e, 0), emit_registers_get(e, count, index_const(e, 0), 0));
    emit_scope_close(e, outer);
    emit_end(e);
}

/* ---- the sum ------------------------------------------------------------------------------------------- */

static void pack(Batch *b, LoopVal end_channel) {
    Emit *e = b->e;
    LoopVal channel = emit_for(e, "channel", b->first_channel, end_channel, 1);
    Scope scope = emit_scope_open(e);
    LoopVal from = index_op(e, LO_MUL, channel, index_const(e, b->x.pitch[1]));
    from = index_op(e, LO_ADD, from, index_op(e, LO_MUL, b->met_line, index_const(e, b->axis[0].pitch)));
    from = index_op(e, LO_ADD, from, index_const(e, b->x.start));
    LoopVal to = index_op(e, LO_MUL, index_op(e, LO_SUB, channel, b->first_channel), index_const(e, ceil_to(b->run, LANES)));
    for (int64_t v = 0; v < b->vectors; v++) {
        Turn turn = {.array = b->x.array, .pitch = b->x.pitch[0], .column = v * LANES, .scratch = b->panel};
        turn.first = index_op(e, LO_ADD, b->first_example, index_const(e, v * LANES));
        turn.last = index_const(e, b->examples - 1);
        emit_turn(e, &turn, from, b->run, to);
    }
    emit_scope_close(e, scope);
    emit_end(e);
}

/* add_from: rows of the tile before are another block's. */
static void add_sums(Batch *b, int array, LoopVal row, LoopVal place, LoopVal add_from, int is_first) {
    Emit *e = b->e;
    Scope scope = emit_scope_open(e);
    LoopVal r = emit_unroll(e, "r", (int)b->block_rows);
    LoopVal number = index_op(e, LO_ADD, row, r), at = index_op(e, LO_ADD, index_op(e, LO_MUL, number, index_const(e, b->places)), place);
    int is_guarded = !is_first && b->tile_rows % b->block_rows;
    if (is_guarded) emit_if(e, emit_op2(e, LO_LE, add_from, number));
    for (int64_t v = 0; v < b->vectors; v++) {
        LoopVal sum = emit_registers_get(e, array, r, (int)v), column = index_const(e, v * LANES);
        if (!is_first) sum = emit_op2(e, LO_ADD, emit_load_scratch(e, b->total, at, column), sum);
        emit_store_scratch(e, b->total, at, column, sum);
    }
    if (is_guarded) emit_end(e);
    emit_end(e);
    emit_scope_close(e, scope);
}

/* One block of rows at one place. */
static void sum_place(Batch *b, LoopVal row, LoopVal place, LoopVal add_from) {
    Emit *e = b->e;
    DType type = held_as(b->n->dtype);
    int array = emit_registers_new(e, "a", type, 1, (int)b->block_rows, (int)b->vectors, emit_number(e, type, 0));
    LoopVal begin = load_number(b, b->begins, place, 0), class = load_number(b, b->begins, place, 1);
    LoopVal list = index_op(e, LO_MUL, class, index_const(e, LIST)), count = load_number(b, b->counts, class, 0);
    LoopVal first = index_op(e, LO_MUL, index_op(e, LO_ADD, b->first_row, row), index_const(e, b->kernels.pitch[0]));
    first = index_op(e, LO_ADD, first, index_const(e, b->kernels.start));
    LoopVal j = emit_for(e, "j", index_const(e, 0), count, 1);
    Scope scope = emit_scope_open(e);
    LoopVal entry = index_op(e, LO_ADD, list, j), met[2];
    LoopVal at = index_op(e, LO_ADD, begin, load_number(b, b->lists, entry, 0)), in_kernel = index_op(e, LO_ADD, first, load_number(b, b->lists, entry, 1));
    for (int64_t v = 0; v < b->vectors; v++) met[v] = emit_load_scratch(e, b->panel, at, index_const(e, v * LANES));
    LoopVal r = emit_unroll(e, "r", (int)b->block_rows);
    LoopVal kernel = emit_load_flat(e, b->kernels.array, index_op(e, LO_ADD, in_kernel, index_op(e, LO_MUL, r, index_const(e, b->kernels.pitch[0]))));
    for (int64_t v = 0; v < b->vectors; v++) {
        LoopVal sum = emit_registers_get(e, array, r, (int)v);
        emit_registers_set(e, array, r, (int)v, math_fma(&e->math, emit_wide(e, kernel), met[v], sum));
    }
    emit_end(e);
    emit_scope_close(e, scope);
    emit_end(e);
    emit_if(e, emit_op2(e, LO_EQ, b->chunk_from, index_const(e, 0)));
    add_sums(b, array, row, place, add_from, 1);
    emit_else(e);
    add_sums(b, array, row, place, add_from, 0);
    emit_end(e);
}

static void sum_chunk(Batch *b) {
    Emit *e = b->e;
    LoopVal window = index_const(e, b->window);
    b->first_channel = index_op(e, LO_DIV, b->chunk_from, window);
    LoopVal end_channel = index_op(e, LO_DIV, index_op(e, LO_ADD, b->chunk_to, index_const(e, b->window - 1)), window);
    pack(b, end_channel);
    find_lists(b, end_channel);
    LoopVal block = emit_for(e, "block", index_const(e, 0), index_const(e, ceil_to(b->tile_rows, b->block_rows)), b->block_rows);
    Scope outer = emit_scope_open(e);
    LoopVal row = index_op(e, LO_MIN, block, index_const(e, b->tile_rows - b->block_rows));
    LoopVal place = emit_for(e, "place", index_const(e, 0), b->place_count, 1);
    Scope scope = emit_scope_open(e);
    sum_place(b, row, place, block);
    emit_scope_close(e, scope);
    emit_end(e);
    emit_scope_close(e, outer);
    emit_end(e);
}

static void sum_chunks(Batch *b) {
    Emit *e = b->e;
    LoopVal depth = index_const(e, b->channels * b->window);
    b->chunk_from = emit_for(e, "k0", index_const(e, 0), depth, CHUNK);
    Scope scope = emit_scope_open(e);
    b->chunk_to = index_op(e, LO_MIN, index_op(e, LO_ADD, b->chunk_from, index_const(e, CHUNK)), depth);
    sum_chunk(b);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* ---- the epilogue -------------------------------------------------------------------------------------- */

/* Line number `line` of an example, counted from the tile's first. */
static void finish_line(Batch *b, LoopVal example, LoopVal row, LoopVal line) {
    Emit *e = b->e;
    const Node *n = b->n;
    int64_t columns = b->axis[b->axes - 1].met.extent;
    NodePlace at;
    LoopVal rest = line, sums[BLOCK_VECTORS];
    for (int i = n->rank - 2; i > 2; i--) at.axis[i] = index_scalar(index_next_digit(e, &rest, n->shape[i]));
    at.axis[2] = index_scalar(index_op(e, LO_ADD, b->first_line, rest));
    at.axis[0] = index_scalar(index_op(e, LO_ADD, b->first_example, example));
    at.axis[1] = index_scalar(index_op(e, LO_ADD, b->first_row, row));
    Block block = {.vectors = (int)pieces(columns, LANES)};
    for (int v = 0; v < block.vectors; v++) {
        block.lane[v] = index_lanes(index_const(e, v * LANES), 0);
        if (columns - v * LANES < LANES) block.count[v] = index_const(e, columns - v * LANES);
        LoopVal from = index_op(e, LO_ADD, index_op(e, LO_MUL, line, index_const(e, columns)), index_const(e, v * LANES));
        sums[v] = emit_load_scratch(e, b->turned, example, from);
    }
    NodePlace result = result_place(e, &at);
    epilogue_row(e, e->fused->result, &block, &result, sums);
}

static void finish(Batch *b) {
    Emit *e = b->e;
    LoopVal from = index_op(e, LO_SUB, b->store_from, b->first_row);
    LoopVal row = emit_for(e, "row", from, index_const(e, b->tile_rows), 1);
    Scope outer = emit_scope_open(e);
    LoopVal totals = index_op(e, LO_MUL, row, index_const(e, b->places));
    for (int64_t v = 0; v < b->vectors; v++) emit_turn_rows(e, b->total, totals, b->place_count, v * LANES, b->turned);
    LoopVal left = index_op(e, LO_SUB, index_const(e, b->examples), b->first_example);
    LoopVal example = emit_for(e, "example", index_const(e, 0), index_op(e, LO_MIN, left, index_const(e, b->vectors * LANES)), 1);
    LoopVal lines = index_op(e, LO_DIV, b->place_count, index_const(e, b->axis[b->axes - 1].met.extent));
    LoopVal line = emit_for(e, "line", index_const(e, 0), lines, 1);
    Scope scope = emit_scope_open(e);
    finish_line(b, example, row, line);
    emit_scope_close(e, scope);
    emit_end(e);
    emit_end(e);
    emit_scope_close(e, outer);
    emit_end(e);
}

/* ---- the kernel ---------------------------------------------------------------------------------------- */

static void begin_tile(Batch *b) {
    Emit *e = b->e;
    DimTable *dims = &e->lower->session->dims;
    const MetAxis *met = &b->axis[0].met;
    int64_t width = b->vectors * LANES;
    const Dim *row_tiles = dim_constant(dims, pieces(b->rows, b->tile_rows)), *line_tiles = dim_constant(dims, pieces(met->extent, b->tile_lines));
    emit_tiles(e, dim_mul(dims, dim_constant(dims, pieces(b->examples, width)), dim_mul(dims, line_tiles, row_tiles)));
    LoopVal rest = e->kernel->tile, rows = index_next_digit(e, &rest, row_tiles), lines = index_next_digit(e, &rest, line_tiles);
    b->first_example = index_op(e, LO_MUL, rest, index_const(e, width));
    b->store_from = index_op(e, LO_MUL, rows, index_const(e, b->tile_rows));
    b->first_row = index_op(e, LO_MIN, b->store_from, index_const(e, b->rows - b->tile_rows));
    b->first_line = index_op(e, LO_MUL, lines, index_const(e, b->tile_lines));
    LoopVal left = index_op(e, LO_SUB, index_const(e, met->extent), b->first_line);
    LoopVal count = index_op(e, LO_MIN, left, index_const(e, b->tile_lines));
    b->place_count = index_op(e, LO_MUL, count, index_const(e, places_of_line(b)));
    LoopVal line = index_op(e, LO_ADD, index_op(e, LO_MUL, b->first_line, index_const(e, met->step)), index_const(e, met->first));
    b->met_line = index_op(e, LO_MAX, index_op(e, LO_MIN, line, index_const(e, met->size - b->met_lines)), index_const(e, 0));
}

static int scratch(Batch *b, const char *name, DType type, int64_t rows, int64_t columns) {
    return emit_scratch(b->e, name, type, dim_constant(&b->e->lower->session->dims, rows), columns);
}

int emit_batch(Emit *e) {
    Batch b = {.e = e, .n = e->fused->hero};
    if (!find_shape(&b)) return 0;
    DType type = held_as(b.n->dtype);
    int64_t width = b.vectors * LANES;
    begin_tile(&b);
    b.panel = scratch(&b, "panel", type, b.panel_channels * ceil_to(b.run, LANES), width);
    b.lists = scratch(&b, "lists", DT_I64, b.classes * LIST, 2);
    b.counts = scratch(&b, "counts", DT_I64, b.classes, 1);
    b.begins = scratch(&b, "begins", DT_I64, b.places, 2);
    b.total = scratch(&b, "total", type, b.tile_rows * b.places, width);
    b.turned = scratch(&b, "turned", type, width, ceil_to(b.places, LANES) + LANES);
    NodePlace open;
    for (int i = 0; i < GRAPH_MAX_RANK; i++) open.axis[i] = index_open();
    for (int i = 0; i < e->roots.len; i++) value_hoist(e, e->roots.data[i].node, &open);
    find_places(&b);
    sum_chunks(&b);
    finish(&b);
    return 1;
}
