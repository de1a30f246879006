/* The panel of a convolution: what the windows of a tile's columns meet in a chunk.
 *
 * Of any operand each element is asked for.  Of an array that all windows lie in, an element is at the place where its line
 * starts, plus that of k.  With lines, a row of the panel is the part of a channel that the tile's lines meet, line by line;
 * the zeros that pass_pad puts around an array are laid down with it, and the array with zeros need not be.  Of windows that
 * are several elements apart each phase lies by itself: the elements that windows meet at one place are neighbours.  A line
 * that ends within a vector is followed by lanes that the next line overwrites, or that belong to no column. */
#include "compiler/lower_convolution.h"

#include <string.h>

enum { CHANNELS_AHEAD = 4 };

/* Rows of the panel, and elements of one. */
static int64_t panel_rows(const Convolve *c) {
    int64_t all = dim_maximum(c->depth), depth = at_least(at_most(CHUNK, all), 1);
    if (!c->has_lines || depth < 2) return depth;
    return at_most((depth - 2) / c->row_places + 2, pieces(all, c->row_places));
}

/* An odd number of vectors, so that what one column meets lies in all sets of a cache. */
static int64_t panel_width(const Convolve *c) {
    int64_t vectors = 1 + (c->has_lines ? pieces(c->met_lines * c->met_line, LANES) : c->vectors);
    return (vectors | 1) * LANES;
}

static LoopVal panel_column(Convolve *c, LoopVal line, int v) {
    Emit *e = c->e;
    return index_op(e, LO_ADD, index_op(e, LO_MUL, line, index_const(e, c->piece)), index_const(e, v * LANES));
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

/* Any operand: each element is asked for. */
static void pack_values(Convolve *c, LoopVal k0, LoopVal end) {
    Emit *e = c->e;
    LoopVal g = emit_for(e, "line", index_const(e, 0), index_const(e, c->tile_lines), 1);
    Scope outer = emit_scope_open(e);
    NodePlace at;
    Block block;
    LoopVal last = index_op(e, LO_SUB, index_dim(e, c->lines), index_const(e, 1));
    convolve_set_line(c, index_op(e, LO_MIN, index_op(e, LO_ADD, c->first_line, g), last), &at, &block);
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

/* Zeros before the array on axis i. */
static int64_t border_of(const Convolve *c, int i) {
    int64_t low = 0, extent;
    if (c->has_border) pad_borders(c->x, i, &low, &extent);
    return low;
}

static int is_bordered(const Convolve *c, int i) { return c->has_border && c->x->shape[i] != c->x->in[0]->shape[i]; }

/* The array's index on axis i, 2 .. rank-2, that the first place of the window meets: below 0 and beyond the array there are
 * zeros. */
static LoopVal met_index(Convolve *c, const NodePlace *at, int i) {
    Emit *e = c->e;
    LoopVal place = index_op(e, LO_MUL, at->axis[i].base, index_const(e, c->n->attr.step[i]));
    return index_op(e, LO_SUB, place, index_const(e, dim_constant_value(c->n->attr.low[i]) + border_of(c, i)));
}

/* The element of a line of the array that its first column meets; below 0 are zeros. */
static int64_t first_of_line(const Convolve *c) {
    int last = c->n->rank - 1;
    return -dim_constant_value(c->n->attr.low[last]) - border_of(c, last);
}

/* Where in the array the places start that the columns at `at` meet. */
static LoopVal place_start(Convolve *c, const NodePlace *at) {
    Emit *e = c->e;
    const Node *n = c->n;
    LoopVal start = index_op(e, LO_MUL, at->axis[0].base, index_const(e, c->array.pitch[0]));
    start = index_op(e, LO_ADD, start, index_const(e, c->array.start));
    start = index_op(e, LO_ADD, start, index_op(e, LO_MUL, c->first_channel, index_const(e, c->array.pitch[1])));
    for (int i = 2; i < n->rank; i++) {
        LoopVal place = i < n->rank - 1 ? met_index(c, at, i) : index_const(e, first_of_line(c));
        if (i == n->rank - 1 && c->has_lines)
            place = index_op(e, LO_ADD, place, index_op(e, LO_MUL, c->first_column, index_const(e, n->attr.step[i])));
        start = index_op(e, LO_ADD, start, index_op(e, LO_MUL, place, index_const(e, c->array.pitch[i])));
    }
    return start;
}

/* Of an array without lines: where each line of the tile starts. */
static void find_starts(Convolve *c) {
    Emit *e = c->e;
    LoopVal g = emit_for(e, "line", index_const(e, 0), index_const(e, c->tile_lines), 1);
    Scope scope = emit_scope_open(e);
    NodePlace at;
    Block block;
    LoopVal last = index_op(e, LO_SUB, index_dim(e, c->lines), index_const(e, 1));
    convolve_set_line(c, index_op(e, LO_MIN, index_op(e, LO_ADD, c->first_line, g), last), &at, &block);
    emit_store_scratch(e, c->starts, g, index_const(e, 0), emit_convert(e, place_start(c, &at), DT_I64));
    emit_scope_close(e, scope);
    emit_end(e);
}

/* With lines: the first line that the tile meets. */
static void find_start(Convolve *c) {
    NodePlace at;
    Block block;
    convolve_set_line(c, c->first_line, &at, &block);
    c->first_met = c->line_axis ? met_index(c, &at, c->line_axis) : c->first_line;
    c->start = place_start(c, &at);
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

/* What the same place of a channel to come has: each is in a page of its own, where the processor does not look ahead. */
static void prefetch_channel(Convolve *c, LoopVal at) {
    Emit *e = c->e;
    int64_t ahead = c->is_direct ? 1 : CHANNELS_AHEAD;
    if (!reads_far(e, c->array.array)) return;
    emit_prefetch_flat(e, c->array.array, index_op(e, LO_ADD, at, index_const(e, ahead * c->array.pitch[1])));
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
        if (c->depth == c->kernel->shape[1]) prefetch_channel(c, at);
    }
    emit_scope_close(e, scope);
    emit_end(e);
    emit_scope_close(e, outer);
    emit_end(e);
}

/* The row of the panel that k is in. */
static LoopVal row_of(Convolve *c, LoopVal k) { return index_op(c->e, LO_DIV, k, index_const(c->e, c->row_places)); }

/* How far apart lines that follow each other lie in the array. */
static int64_t line_pitch(const Convolve *c) { return c->array.pitch[c->line_axis]; }

/* A line that is met, counted from the first; behind the last one of an array without zeros around it that again. */
static LoopVal existing_line(Convolve *c, LoopVal line) {
    Emit *e = c->e;
    if (is_bordered(c, c->line_axis)) return line;
    if (convolve_has_whole_tiles(c)) return line;
    const Dim *extent = c->x->shape[c->line_axis];
    LoopVal last = index_op(e, LO_SUB, index_op(e, LO_SUB, index_dim(e, extent), index_const(e, 1)), c->first_met);
    return index_op(e, LO_MIN, line, last);
}

static void store_line(Convolve *c, LoopVal column, int64_t from, LoopVal value) {
    Emit *e = c->e;
    emit_store_scratch(e, c->panel, index_const(e, 0), index_op(e, LO_ADD, column, index_const(e, from)), value);
}

static void store_zeros(Convolve *c, LoopVal column, int64_t from, int64_t to) {
    LoopVal zero = emit_wide(c->e, emit_number(c->e, held_as(c->x->dtype), 0));
    for (; from < to; from += LANES) store_line(c, column, from, zero);
}

static int64_t step_of(const Convolve *c) { return c->n->attr.step[c->n->rank - 1]; }

/* Elements of a phase that the places of windows meet; 0: none do. */
static int64_t phase_length(const Convolve *c, int64_t phase) {
    int64_t places = dim_constant_value(c->kernel->shape[c->n->rank - 1]), dilation = c->n->attr.dilation[c->n->rank - 1], longest = 0;
    for (int64_t s = 0; s < places; s++)
        if (s * dilation % step_of(c) == phase) longest = c->piece + s * dilation / step_of(c);
    return longest;
}

static int64_t phases(const Convolve *c) { return c->met_line / at_least(c->phase_elements, 1); }

/* Elements of a phase that lie in the array; whole vectors, so what comes behind is stored after it. */
static void store_array(Convolve *c, LoopVal column, LoopVal start, int64_t from, int64_t count) {
    Emit *e = c->e;
    for (int64_t v = 0; v < count; v += LANES) {
        e->lane_count = count - v < LANES ? index_const(e, count - v) : 0;
        LoopVal at = index_op(e, LO_ADD, start, index_const(e, v * step_of(c)));
        LoopVal value = emit_wide(e, emit_load_flat_lanes(e, c->array.array, at, step_of(c)));
        e->lane_count = 0;
        store_line(c, column, from + v, value);
        prefetch_channel(c, at);
    }
}

/* Elements of a line of the array. */
static int64_t line_extent(const Convolve *c) {
    return dim_constant_value((c->has_border ? c->x->in[0] : c->x)->shape[c->n->rank - 1]);
}

/* Zeros, what there is of the array, zeros: elements `first` of the array's line, and behind. */
static void store_piece(Convolve *c, LoopVal column, LoopVal start, int64_t first) {
    int64_t extent = line_extent(c), step = step_of(c);
    for (int64_t phase = 0; phase < phases(c); phase++) {
        int64_t from = phase * c->phase_elements, length = phase_length(c, phase), begin = first + phase;
        int64_t low = at_most(begin < 0 ? pieces(-begin, step) : 0, length);
        int64_t count = at_least(at_most(extent > begin ? pieces(extent - begin, step) : 0, length) - low, 0);
        store_zeros(c, column, from, from + low);
        store_zeros(c, column, from + low + ceil_to(count, LANES), from + length);
        store_array(c, column, index_op(c->e, LO_ADD, start, index_const(c->e, phase + low * step)), from + low, count);
    }
}

/* Pieces that end, or meet zeros, one by one, then those that lie in the array. */
static void store_pieces(Convolve *c, LoopVal column, LoopVal start) {
    Emit *e = c->e;
    int64_t cuts = dim_maximum(c->cuts), inner = -1, last = c->n->rank - 1;
    int64_t reach = (c->piece - 1) * step_of(c) + (dim_constant_value(c->kernel->shape[last]) - 1) * c->n->attr.dilation[last];
    int open = 0;
    for (int64_t i = 0; i < cuts; i++) {
        int64_t first = first_of_line(c) + i * c->piece * step_of(c);
        if (first >= 0 && first + reach < line_extent(c)) {
            inner = i;
            continue;
        }
        int is_last = i == cuts - 1 && inner < 0;
        if (!is_last) emit_if(e, emit_op2(e, LO_EQ, c->first_column, index_const(e, i * c->piece)));
        Scope scope = emit_scope_open(e);
        store_piece(c, column, start, first);
        emit_scope_close(e, scope);
        if (is_last) break;
        emit_else(e);
        open++;
    }
    if (inner >= 0) store_piece(c, column, start, first_of_line(c) + inner * c->piece * step_of(c));
    while (open--) emit_end(e);
}

/* Is the line that is met, at place `sum` of the window's outer axes, one of the array, not of the zeros?  0: it always is. */
static LoopVal is_inside(Convolve *c, const Index *sum, LoopVal line) {
    Emit *e = c->e;
    NodePlace outer;
    LoopVal inside = 0;
    memcpy(outer.axis, c->outer, sizeof c->outer);
    for (int i = 2; i < c->n->rank - 1; i++) {
        if (!is_bordered(c, i)) continue;
        LoopVal at = index_op(e, LO_ADD, c->first_met, line);
        if (i != c->line_axis) {
            LoopVal place = index_op(e, LO_MUL, sum[i - 1].base, index_const(e, c->n->attr.dilation[i]));
            at = index_op(e, LO_ADD, met_index(c, &outer, i), place);
        }
        index_inside(e, at, 1, index_dim(e, c->x->in[0]->shape[i]), &inside);
    }
    return inside;
}

static void pack_line(Convolve *c, LoopVal column, LoopVal from, const Index *sum, LoopVal line) {
    Emit *e = c->e;
    LoopVal apart = index_op(e, LO_MUL, existing_line(c, line), index_const(e, line_pitch(c)));
    LoopVal start = index_op(e, LO_ADD, from, apart), inside = is_inside(c, sum, line);
    if (inside) emit_if(e, inside);
    store_pieces(c, column, start);
    if (!inside) return;
    emit_else(e);
    store_zeros(c, column, 0, c->met_line);
    emit_end(e);
}

/* The lines that are met of each channel, and place of the window's outer axes, that the chunk has a part of. */
static void pack_lines(Convolve *c, LoopVal k0, LoopVal end) {
    Emit *e = c->e;
    int outer = c->line_axis ? c->n->rank - 3 : 1; /* channel, and the window's axes before the line axis */
    LoopVal first = row_of(c, k0), last = row_of(c, index_op(e, LO_SUB, end, index_const(e, 1)));
    LoopVal row = emit_for(e, "row", first, index_op(e, LO_ADD, last, index_const(e, 1)), 1);
    Scope scope = emit_scope_open(e);
    Index flat = index_scalar(row), sum[GRAPH_MAX_RANK];
    index_split(e, &flat, &c->kernel->shape[1], outer, sum);
    LoopVal from = index_op(e, LO_ADD, c->start, distance_of(c, sum, outer));
    LoopVal to = index_op(e, LO_MUL, index_op(e, LO_SUB, row, first), index_const(e, panel_width(c)));
    LoopVal line = emit_for(e, "line", index_const(e, 0), index_const(e, c->met_lines), 1);
    Scope inner = emit_scope_open(e);
    pack_line(c, index_op(e, LO_ADD, to, index_op(e, LO_MUL, line, index_const(e, c->met_line))), from, sum, line);
    emit_scope_close(e, inner);
    emit_end(e);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* Where the element of a line, by its number in the array, lies in the panel. */
static LoopVal within_line(Convolve *c, LoopVal number) {
    Emit *e = c->e;
    LoopVal step = index_const(e, step_of(c));
    if (step_of(c) == 1) return number;
    LoopVal phase = index_op(e, LO_MUL, index_op(e, LO_REM, number, step), index_const(e, c->phase_elements));
    return index_op(e, LO_ADD, phase, index_op(e, LO_DIV, number, step));
}

/* With lines: from where a line starts, in the panel or the array, to what is met at k. */
static LoopVal distance_at(Convolve *c, LoopVal k0, LoopVal k) {
    Emit *e = c->e;
    const Node *n = c->n;
    Index flat = index_scalar(k), sum[GRAPH_MAX_RANK];
    index_split(e, &flat, &c->kernel->shape[1], n->rank - 1, sum);
    if (!c->has_panel) return distance_of(c, sum, n->rank - 1);
    LoopVal from = index_op(e, LO_MUL, index_op(e, LO_SUB, row_of(c, k), row_of(c, k0)), index_const(e, panel_width(c)));
    for (int i = c->line_axis ? c->line_axis : n->rank - 1; i < n->rank; i++) {
        LoopVal apart = index_op(e, LO_MUL, sum[i - 1].base, index_const(e, n->attr.dilation[i]));
        if (i < n->rank - 1) apart = index_op(e, LO_MUL, apart, index_const(e, c->met_line));
        else apart = within_line(c, apart);
        from = index_op(e, LO_ADD, from, apart);
    }
    return from;
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

void panel_pack(Convolve *c, LoopVal k0, LoopVal end) {
    if (c->has_lines && !c->is_short) find_distances(c, k0, end);
    if (!c->has_panel) return;
    if (c->has_lines) pack_lines(c, k0, end);
    else if (c->array.array) pack_array(c, k0, end);
    else pack_values(c, k0, end);
}

/* ---- the chunk's surroundings -------------------------------------------------------------------------- */

void panel_scratch(Convolve *c) {
    Emit *e = c->e;
    DimTable *dims = &e->lower->session->dims;
    int64_t rows = panel_rows(c), width = panel_width(c);
    if (c->has_panel)
        c->panel = emit_scratch(e, "panel", held_as(c->x->dtype), dim_constant(dims, c->has_lines ? 1 : rows),
                                c->has_lines ? rows * width : width);
    if (c->has_lines && !c->is_short)
        c->distances = emit_scratch(e, "distances", DT_I64, dim_constant(dims, at_most(CHUNK, dim_maximum(c->depth))), 1);
    if (c->array.array && !c->has_lines)
        c->starts = emit_scratch(e, "starts", DT_I64, dim_constant(dims, c->tile_lines), 1);
}

void panel_begin(Convolve *c) {
    if (c->has_lines) find_start(c);
    else if (c->array.array) find_starts(c);
}

/* ---- what is met ---------------------------------------------------------------------------------------- */

LoopVal panel_vector_start(Convolve *c, LoopVal vector) {
    Emit *e = c->e;
    LoopVal line = vector, within = index_const(e, 0);
    if (c->is_running) return index_op(e, LO_MUL, vector, index_const(e, LANES));
    if (c->line_vectors > 1) {
        LoopVal vectors = index_const(e, c->line_vectors);
        line = index_op(e, LO_DIV, vector, vectors);
        within = index_op(e, LO_MUL, index_op(e, LO_SUB, vector, index_op(e, LO_MUL, line, vectors)), index_const(e, LANES));
    }
    if (!c->has_panel && !convolve_has_whole_tiles(c)) { /* behind the last line that one again */
        LoopVal left = index_op(e, LO_SUB, index_dim(e, c->lines), c->first_line);
        line = index_op(e, LO_MIN, line, index_op(e, LO_SUB, left, index_const(e, 1)));
    }
    int64_t step = c->line_axis ? c->n->attr.step[c->line_axis] : 1;
    LoopVal met = index_op(e, LO_MUL, line, index_const(e, step));
    if (c->has_panel) return index_op(e, LO_ADD, index_op(e, LO_MUL, met, index_const(e, c->met_line)), within);
    return index_op(e, LO_ADD, index_op(e, LO_ADD, c->start, index_op(e, LO_MUL, met, index_const(e, line_pitch(c)))), within);
}

void panel_met(Convolve *c, LoopVal k0, LoopVal k, LoopVal column, const LoopVal *start, LoopVal *met) {
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
