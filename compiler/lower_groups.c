/* The gradient of a convolution's kernels where each group has one (depthwise): lanes run across sixteen groups.
 *
 *     result[r, group, p, q] = sum over example, y, x of met[r, group, example, p*step + y*dilation, q*step + x*dilation]
 *                                                       * given[group, example, y, x]
 *
 * A tile is one r and sixteen groups.  Their planes lie apart in both arrays, so bands of lines are transposed to scratch, where
 * the sixteen groups of one place lie side by side, with zeros where the window leaves the array:
 *
 *     for each example, each band of its lines:
 *         met and given of the band, transposed
 *         for each part of a chunk of 256 contracted elements that is in the band, each block of the window's places:
 *             a = the chunk's begin: 0, else what was kept;  for each line, each x: a[p, q] = fma(met[..], given[y, x], a[p, q])
 *             the chunk's end: total[p, q] = the first chunk: a[p, q], else add(total[p, q], a[p, q]);  else a is kept
 *
 * which is the order of every product (docs/numerics.md). */
#include "compiler/convolution.h"
#include "compiler/lower_internal.h"

#include "base/session.h"

enum { CHUNK = 256, LANES = 16, MOST_SCRATCH = 65536 };

typedef struct Groups {
    Emit *e;
    const Node *n;
    ArrayView x, given;            /* axes r, group, example, y, x; group, example, y, x */
    int64_t low[2], extent[2];     /* of the array that is met, y and x: zeros before it, and what it has */
    int64_t wide;                  /* places of a line that is met, with zeros */
    int64_t high, columns;         /* of what is given: lines, and their places */
    int64_t places[2];             /* of the result's window */
    int64_t step[2], apart[2], first[2]; /* place p, y meets first + p*step + y*apart, counted with the zeros */
    int64_t band, met_lines;       /* lines of a band, and those that they meet */
    const Dim *examples;
    int met, behind, kept, total, turned; /* scratch: behind is what is given, turned the result */
    LoopVal r, group, last_group, example, line; /* line: the band's first */
} Groups;

static int64_t window_places(const Groups *g) { return g->places[0] * g->places[1]; }

/* ---- the shape of the problem -------------------------------------------------------------------------- */

static int find_border(Groups *g, const Node *border) {
    for (int i = 0; i < 2; i++) {
        g->low[i] = 0;
        g->extent[i] = dim_constant_value(g->n->in[0]->shape[i + 2]);
        if (border && !pad_borders(border, i + 2, &g->low[i], &g->extent[i])) return 0;
    }
    return 1;
}

/* As many lines as scratch should hold; rather all bands alike. */
static void choose_band(Groups *g) {
    for (g->band = g->high;; g->band--) {
        if (g->high % g->band && g->band > g->high / 2) continue;
        g->met_lines = (g->places[0] - 1) * g->step[0] + (g->band - 1) * g->apart[0] + 1;
        int64_t vectors = g->met_lines * g->wide + g->band * g->columns;
        if (g->band == 1 || vectors * LANES * dtype_bytes(g->n->dtype) <= MOST_SCRATCH) return;
    }
}

/* What another kernel made in between is what this one must read: what is below may be gone. */
static int is_made_between(Groups *g, const Node *below) {
    for (const Node *x = g->n->in[0]; x != below; x = x->in[0])
        if (emit_reads(g->e, x)) return 1;
    return 0;
}

static int find_shape(Groups *g) {
    const Node *n = g->n;
    GroupGradient found = convolution_group_gradient(n);
    if (!found.met || is_made_between(g, found.met) || !view_of(g->e, found.met, &g->x) || !view_of(g->e, n->in[1], &g->given)) return 0;
    if (g->x.pitch[4] != 1 || g->given.pitch[3] != 1 || !find_border(g, found.border)) return 0;
    for (int i = 0; i < 2; i++) {
        g->places[i] = dim_constant_value(n->shape[i + 2]);
        g->step[i] = n->attr.step[i + 2];
        g->apart[i] = n->attr.dilation[i + 2];
        g->first[i] = -dim_constant_value(n->attr.low[i + 2]);
    }
    g->examples = n->in[1]->shape[1];
    g->high = dim_constant_value(n->in[1]->shape[2]);
    g->columns = dim_constant_value(n->in[1]->shape[3]);
    g->wide = dim_constant_value(n->in[0]->shape[3]);
    choose_band(g);
    return 1;
}

/* ---- bands, transposed --------------------------------------------------------------------------------- */

static Turn turn_of(const Groups *g, const ArrayView *view, int64_t group_pitch, int scratch) {
    return (Turn){.array = view->array, .first = g->group, .last = g->last_group, .pitch = group_pitch, .scratch = scratch};
}

static void store_zeros(Groups *g, LoopVal to, int64_t from, int64_t end) {
    Emit *e = g->e;
    if (from >= end) return;
    LoopVal x = emit_for(e, "x", index_const(e, from), index_const(e, end), 1);
    emit_store_scratch(e, g->met, index_op(e, LO_ADD, to, x), index_const(e, 0), emit_wide(e, emit_number(e, g->n->dtype, 0)));
    emit_end(e);
}

static LoopVal view_start(Groups *g, const ArrayView *view, int example_axis, LoopVal line) {
    Emit *e = g->e;
    LoopVal at = index_op(e, LO_MUL, g->example, index_const(e, view->pitch[example_axis]));
    at = index_op(e, LO_ADD, at, index_op(e, LO_MUL, line, index_const(e, view->pitch[example_axis + 1])));
    return index_op(e, LO_ADD, at, index_const(e, view->start));
}

static void turn_met(Groups *g) {
    Emit *e = g->e;
    LoopVal l = emit_for(e, "l", index_const(e, 0), index_const(e, g->met_lines), 1);
    Scope scope = emit_scope_open(e);
    LoopVal line = index_op(e, LO_ADD, index_op(e, LO_MUL, g->line, index_const(e, g->apart[0])), l), inside = 0;
    line = index_op(e, LO_ADD, line, index_const(e, g->first[0] - g->low[0]));
    LoopVal there = index_inside(e, line, 1, index_const(e, g->extent[0]), &inside).base, to = index_op(e, LO_MUL, l, index_const(e, g->wide));
    LoopVal from = index_op(e, LO_ADD, view_start(g, &g->x, 2, there), index_op(e, LO_MUL, g->r, index_const(e, g->x.pitch[0])));
    int64_t end = g->low[1] + g->extent[1];
    emit_if(e, inside);
    store_zeros(g, to, 0, g->low[1]);
    Turn turn = turn_of(g, &g->x, g->x.pitch[1], g->met);
    emit_turn(e, &turn, from, g->extent[1], index_op(e, LO_ADD, to, index_const(e, g->low[1])));
    store_zeros(g, to, end, g->wide);
    emit_else(e);
    store_zeros(g, to, 0, g->wide);
    emit_end(e);
    emit_scope_close(e, scope);
    emit_end(e);
}

static void turn_given(Groups *g, LoopVal lines) {
    Emit *e = g->e;
    Turn turn = turn_of(g, &g->given, g->given.pitch[0], g->behind);
    if (g->high % g->band == 0 && g->given.pitch[2] == g->columns) { /* one long line */
        emit_turn(e, &turn, view_start(g, &g->given, 1, g->line), g->band * g->columns, index_const(e, 0));
        return;
    }
    LoopVal l = emit_for(e, "l", index_const(e, 0), lines, 1);
    Scope scope = emit_scope_open(e);
    LoopVal from = view_start(g, &g->given, 1, index_op(e, LO_ADD, g->line, l));
    emit_turn(e, &turn, from, g->columns, index_op(e, LO_MUL, l, index_const(e, g->columns)));
    emit_scope_close(e, scope);
    emit_end(e);
}

/* ---- the sum ------------------------------------------------------------------------------------------- */

/* Contracted elements lo .. hi-1, counted in the band, of the window's places `begin` .. end-1. */
static void sum_places(Groups *g, int array, LoopVal lo, LoopVal hi, int64_t begin, int64_t end) {
    Emit *e = g->e;
    LoopVal columns = index_const(e, g->columns), one = index_const(e, 1), zero = index_const(e, 0);
    LoopVal last = index_op(e, LO_DIV, index_op(e, LO_SUB, hi, one), columns);
    LoopVal line = emit_for(e, "y", index_op(e, LO_DIV, lo, columns), index_op(e, LO_ADD, last, one), 1);
    Scope scope = emit_scope_open(e);
    LoopVal given = index_op(e, LO_MUL, line, columns), met = index_op(e, LO_MUL, line, index_const(e, g->apart[0] * g->wide));
    LoopVal from = index_op(e, LO_MAX, index_op(e, LO_SUB, lo, given), zero), to = index_op(e, LO_MIN, index_op(e, LO_SUB, hi, given), columns);
    LoopVal x = emit_for(e, "x", from, to, 1);
    Scope inner = emit_scope_open(e);
    LoopVal value = emit_load_scratch(e, g->behind, index_op(e, LO_ADD, given, x), zero);
    met = index_op(e, LO_ADD, met, index_op(e, LO_MUL, x, index_const(e, g->apart[1])));
    for (int64_t k = begin; k < end; k++) {
        int64_t place = k / g->places[1] * g->step[0] * g->wide + k % g->places[1] * g->step[1] + g->first[1];
        LoopVal other = emit_load_scratch(e, g->met, index_op(e, LO_ADD, met, index_const(e, place)), zero);
        LoopVal row = index_const(e, k - begin), sum = emit_registers_get(e, array, row, 0);
        emit_registers_set(e, array, row, 0, math_fma(&e->math, other, value, sum));
    }
    emit_scope_close(e, inner);
    emit_end(e);
    emit_scope_close(e, scope);
    emit_end(e);
}

static void keep_sums(Groups *g, int array, int to, int from, int64_t begin, int64_t end) {
    Emit *e = g->e;
    for (int64_t k = begin; k < end; k++) {
        LoopVal row = index_const(e, k), zero = index_const(e, 0), sum = emit_registers_get(e, array, index_const(e, k - begin), 0);
        if (from) sum = emit_op2(e, LO_ADD, emit_load_scratch(e, from, row, zero), sum);
        emit_store_scratch(e, to, row, zero, sum);
    }
}

/* Elements first .. first + hi - lo - 1 of all, which are lo .. hi-1 of the band: within one chunk. */
static void sum_block(Groups *g, LoopVal first, LoopVal lo, LoopVal hi, LoopVal depth, int64_t begin, int64_t end) {
    Emit *e = g->e;
    DType type = g->n->dtype;
    LoopVal chunk = index_const(e, CHUNK), zero = index_const(e, 0);
    int array = emit_registers_new(e, "a", type, 1, (int)(end - begin), 1, emit_number(e, type, 0));
    emit_if(e, emit_op2(e, LO_NE, index_op(e, LO_REM, first, chunk), zero));
    Scope scope = emit_scope_open(e);
    for (int64_t k = begin; k < end; k++)
        emit_registers_set(e, array, index_const(e, k - begin), 0, emit_load_scratch(e, g->kept, index_const(e, k), zero));
    emit_scope_close(e, scope);
    emit_end(e);
    scope = emit_scope_open(e);
    sum_places(g, array, lo, hi, begin, end);
    LoopVal behind = index_op(e, LO_ADD, first, index_op(e, LO_SUB, hi, lo));
    LoopVal is_end = emit_op2(e, LO_OR, emit_op2(e, LO_EQ, index_op(e, LO_REM, behind, chunk), zero), emit_op2(e, LO_EQ, behind, depth));
    emit_if(e, is_end);
    emit_if(e, emit_op2(e, LO_LT, first, chunk));
    keep_sums(g, array, g->total, 0, begin, end);
    emit_else(e);
    keep_sums(g, array, g->total, g->total, begin, end);
    emit_end(e);
    emit_else(e);
    keep_sums(g, array, g->kept, 0, begin, end);
    emit_end(e);
    emit_scope_close(e, scope);
}

/* Places of the window whose sums registers hold, in even shares. */
static int64_t block_places(const Groups *g) {
    const ScheduleRow *row = schedule_row(g->e->lower->options->schedule);
    int64_t most = dtype_bytes(g->n->dtype) == 8 ? at_least(row->rows1 / 2, 1) : row->rows1;
    return pieces(window_places(g), pieces(window_places(g), most));
}

static void sum_band(Groups *g, LoopVal lines) {
    Emit *e = g->e;
    LoopVal plane = index_const(e, g->high * g->columns), chunk = index_const(e, CHUNK), zero = index_const(e, 0);
    LoopVal depth = index_op(e, LO_MUL, index_dim(e, g->examples), plane);
    LoopVal before = index_op(e, LO_ADD, index_op(e, LO_MUL, g->example, plane), index_op(e, LO_MUL, g->line, index_const(e, g->columns)));
    LoopVal count = index_op(e, LO_MUL, lines, index_const(e, g->columns)), end = index_op(e, LO_ADD, before, count);
    LoopVal c = emit_for(e, "chunk", index_op(e, LO_DIV, before, chunk),
                         index_op(e, LO_DIV, index_op(e, LO_ADD, end, index_const(e, CHUNK - 1)), chunk), 1);
    Scope scope = emit_scope_open(e);
    LoopVal first = index_op(e, LO_MUL, c, chunk);
    LoopVal lo = index_op(e, LO_MAX, index_op(e, LO_SUB, first, before), zero);
    LoopVal hi = index_op(e, LO_MIN, index_op(e, LO_SUB, index_op(e, LO_ADD, first, chunk), before), count);
    first = index_op(e, LO_ADD, before, lo);
    int64_t all = window_places(g), some = block_places(g);
    for (int64_t k = 0; k < all; k += some) {
        Scope block = emit_scope_open(e);
        sum_block(g, first, lo, hi, depth, k, at_most(k + some, all));
        emit_scope_close(e, block);
    }
    emit_scope_close(e, scope);
    emit_end(e);
}

static void sum_examples(Groups *g) {
    Emit *e = g->e;
    g->example = emit_for(e, "example", index_const(e, 0), index_dim(e, g->examples), 1);
    Scope scope = emit_scope_open(e);
    LoopVal high = index_const(e, g->high);
    g->line = emit_for(e, "band", index_const(e, 0), high, g->band);
    Scope inner = emit_scope_open(e);
    LoopVal lines = index_op(e, LO_MIN, index_op(e, LO_SUB, high, g->line), index_const(e, g->band));
    turn_met(g);
    turn_given(g, lines);
    sum_band(g, lines);
    emit_scope_close(e, inner);
    emit_end(e);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* ---- the epilogue -------------------------------------------------------------------------------------- */

static void turn_totals(Groups *g) {
    Emit *e = g->e;
    LoopVal k = emit_for(e, "k", index_const(e, 0), index_const(e, window_places(g)), 1);
    Scope scope = emit_scope_open(e);
    LoopVal sums = emit_load_scratch(e, g->total, k, index_const(e, 0));
    for (int i = 0; i < LANES; i++) emit_store_scratch(e, g->turned, index_const(e, i), k, emit_lane(e, sums, i));
    emit_scope_close(e, scope);
    emit_end(e);
}

/* For one group after the other, a line of the window's places. */
static void finish(Groups *g) {
    Emit *e = g->e;
    turn_totals(g);
    LoopVal left = index_op(e, LO_SUB, index_op(e, LO_ADD, g->last_group, index_const(e, 1)), g->group);
    LoopVal i = emit_for(e, "i", index_const(e, 0), index_op(e, LO_MIN, left, index_const(e, LANES)), 1);
    Scope scope = emit_scope_open(e);
    LoopVal p = emit_for(e, "p", index_const(e, 0), index_const(e, g->places[0]), 1);
    Scope inner = emit_scope_open(e);
    NodePlace at;
    at.axis[0] = index_scalar(g->r);
    at.axis[1] = index_scalar(index_op(e, LO_ADD, g->group, i));
    at.axis[2] = index_scalar(p);
    Block block = {.vectors = (int)pieces(g->places[1], LANES)};
    LoopVal sums[BLOCK_VECTORS], from = index_op(e, LO_MUL, p, index_const(e, g->places[1]));
    for (int v = 0; v < block.vectors; v++) {
        block.lane[v] = index_lanes(index_const(e, v * LANES), 0);
        if (g->places[1] - v * LANES < LANES) block.count[v] = index_const(e, g->places[1] - v * LANES);
        sums[v] = emit_load_scratch(e, g->turned, i, index_op(e, LO_ADD, from, index_const(e, v * LANES)));
    }
    NodePlace result = result_place(e, &at);
    epilogue_row(e, e->fused->result, &block, &result, sums);
    emit_scope_close(e, inner);
    emit_end(e);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* ---- the kernel ---------------------------------------------------------------------------------------- */

static int vectors_scratch(Groups *g, const char *name, int64_t rows) {
    return emit_scratch(g->e, name, g->n->dtype, dim_constant(&g->e->lower->session->dims, rows), LANES);
}

/* The sum of nothing is 0. */
static void clear_totals(Groups *g) {
    Emit *e = g->e;
    LoopVal k = emit_for(e, "k", index_const(e, 0), index_const(e, window_places(g)), 1);
    emit_store_scratch(e, g->total, k, index_const(e, 0), emit_wide(e, emit_number(e, g->n->dtype, 0)));
    emit_end(e);
}

int emit_groups(Emit *e) {
    Groups g = {.e = e, .n = e->fused->hero};
    if (!find_shape(&g)) return 0;
    DimTable *dims = &e->lower->session->dims;
    int64_t groups = g.n->attr.groups, places = window_places(&g);
    const Dim *blocks = dim_constant(dims, pieces(groups, LANES));
    emit_tiles(e, dim_mul(dims, g.n->shape[0], blocks));
    g.met = vectors_scratch(&g, "met", g.met_lines * g.wide + LANES);
    g.behind = vectors_scratch(&g, "behind", g.band * g.columns + LANES);
    g.kept = vectors_scratch(&g, "kept", places);
    g.total = vectors_scratch(&g, "total", places);
    g.turned = emit_scratch(e, "turned", g.n->dtype, dim_constant(dims, LANES), places + LANES);
    LoopVal rest = e->kernel->tile;
    g.group = index_op(e, LO_MUL, index_next_digit(e, &rest, blocks), index_const(e, LANES));
    g.r = rest;
    g.last_group = index_const(e, groups - 1);
    NodePlace open;
    for (int i = 0; i < GRAPH_MAX_RANK; i++) open.axis[i] = index_open();
    for (int i = 0; i < e->roots.len; i++) value_hoist(e, e->roots.data[i].node, &open);
    clear_totals(&g);
    sum_examples(&g);
    finish(&g);
    return 1;
}
