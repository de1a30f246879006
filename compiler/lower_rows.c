/* Kernels without a product: maps and reductions over a space of rows (fuse.h).
 *
 * A tile is some rows, or, where nothing is wanted per row, some rows of a strip of columns.  In a
 * row (or, where slots of sums down the columns are wanted, every sixteenth row): first what belongs to the row alone (reductions, each a pass over the row), then the members
 * that have columns in a loop of sixteen lanes, stores last.  All values of a turn are made before
 * the first of them is stored, so that an array may be overwritten in place. */
#include "compiler/lower_internal.h"

enum { TILE_ELEMENTS = 4096, LANES = 16, MOST_CUTS = 6 };

typedef struct Rows {
    Emit *e;
    const FusedKernel *k;
    int64_t rows_per_tile, columns_per_tile; /* columns_per_tile 0: whole rows */
    const Dim *row_count, *columns;          /* columns: the common extent of strips */
    NodePlace at;
    LoopVal *row_values; /* by root */
    int in_piece; /* columns start anywhere, not at a multiple of sixteen */
    int has_strip_sums; /* sums down the columns are made for a strip at once (lower_held.c) */
} Rows;

static const Node *root_node(const Rows *w, int i) { return w->e->roots.data[i].node; }

/* What is made of it in a row: its own value there, or that which goes to its slots. */
static const Node *value_node(const Rows *w, int i) {
    const Node *n = root_node(w, i);
    return n->op == OP_SLOTS ? n->in[0] : n;
}

static int is_row_root(const Rows *w, int i) { return fuse_fit(w->k, root_node(w, i)) == FIT_ROW; }

static const Dim *root_columns(const Rows *w, int i) { return root_node(w, i)->shape[w->k->lead]; }

/* ---- shape of tiles ------------------------------------------------------------------------------------ */

/* The longest row that is gone over for one of its numbers. */
static int64_t longest_reduced(const Lower *l) {
    int64_t longest = 1;
    for (int i = 0; i < l->content.len; i++) {
        const Node *n = l->region->nodes.data[l->content.data[i]];
        if (n->op != OP_REDUCE || !reduces_last_axis(n)) continue;
        int64_t extent = dim_maximum(n->in[0]->shape[n->attr.axis]);
        if (extent > longest) longest = extent;
    }
    return longest;
}

static int64_t round_up(int64_t value, int64_t to) { return (value + to - 1) / to * to; }

static double reduced_elements(const FusedKernel *k) {
    double most = 1;
    for (int i = 0; i < k->members.len; i++) {
        const Node *n = k->members.data[i];
        if (n->op != OP_REDUCE || reduces_last_axis(n)) continue;
        double extent = (double)dim_maximum(n->in[0]->shape[n->attr.axis]);
        if (extent > most) most = extent;
    }
    return most;
}

static void choose_tiles(Rows *w) {
    int whole_rows = w->k->has_row_reduction || w->k->has_slots;
    int64_t widest = longest_reduced(w->e->lower);
    for (int i = 0; i < w->e->roots.len; i++) {
        if (is_row_root(w, i)) {
            whole_rows = 1;
            continue;
        }
        if (w->columns && w->columns != root_columns(w, i)) whole_rows = 1;
        w->columns = root_columns(w, i);
        int64_t extent = dim_maximum(w->columns);
        if (extent > widest) widest = extent;
    }
    if (!whole_rows && w->columns && (w->columns_per_tile = strip_columns(w->e, w->columns))) {
        w->has_strip_sums = 1;
        w->rows_per_tile = 1;
        return;
    }
    int64_t elements = (int64_t)(TILE_ELEMENTS / reduced_elements(w->k));
    if (elements < LANES) elements = LANES;
    w->rows_per_tile = widest >= elements ? 1 : elements / widest;
    int64_t rows = dim_maximum(w->row_count);
    if (w->rows_per_tile > rows) w->rows_per_tile = rows < 1 ? 1 : rows;
    if (!whole_rows && w->columns && widest > elements)
        w->columns_per_tile = round_up(elements, LANES);
}

static LoopVal root_value(Rows *w, int i) {
    if (w->e->copy_from >= 0)
        return emit_load_buffer(w->e, w->e->copy_from, root_node(w, i), &w->at);
    return value_at(w->e, value_node(w, i), &w->at);
}

/* ---- columns ------------------------------------------------------------------------------------------- */

/* `count` lanes from base on (0: sixteen). */
static void column_turn(Rows *w, const Dim *columns, LoopVal base, LoopVal count) {
    Emit *e = w->e;
    Scope scope = emit_scope_open(e);
    LoopVal *values = arena_array(e->lower->arena, LoopVal, e->roots.len);
    e->lane_count = count;
    if (!count && columns == w->columns && e->passes.now == e->passes.sums + 1) row_prefetch(e, base, 1);
    w->at.axis[w->k->lead] = index_lanes(base, !w->in_piece);
    for (int i = 0; i < e->roots.len; i++)
        if (!is_row_root(w, i) && root_columns(w, i) == columns) values[i] = root_value(w, i);
    for (int i = 0; i < e->roots.len; i++) {
        if (!values[i]) continue;
        if (root_node(w, i)->op == OP_SLOTS) slots_join(e, i, base, values[i]);
        else emit_store(e, e->roots.data[i].plan_buffer, root_node(w, i), &w->at, values[i]);
    }
    e->lane_count = 0;
    emit_scope_close(e, scope);
}

typedef struct ColumnTurn {
    Rows *w;
    const Dim *columns;
} ColumnTurn;

static void turn_of_columns(Emit *e, void *context, LoopVal base) {
    const ColumnTurn *c = context;
    column_turn(c->w, c->columns, base, e->lane_count);
}

/* `width` columns at most. */
static void column_loop(Rows *w, const Dim *columns, LoopVal lo, LoopVal hi, int64_t width) {
    if (w->e->copy_from < 0) random_prepare(w->e, &w->at, columns, width, lo, hi);
    emit_vectors(w->e, lo, hi, emit_is_whole(w->e, columns), turn_of_columns, &(ColumnTurn){w, columns});
}

/* Where padded rows begin and end, cuts go between columns, so that no vector lies on both sides. */
static int find_cuts(const Rows *w, int64_t end, int64_t *cuts) {
    const Lower *l = w->e->lower;
    int count = 0;
    for (int i = 0; i < l->content.len; i++) {
        const Node *n = l->region->nodes.data[l->content.data[i]];
        int64_t low, extent;
        int last = n->rank - 1;
        if (last < 0 || !pad_borders(n, last, &low, &extent) || !dim_is_constant(n->shape[last]) ||
            dim_constant_value(n->shape[last]) != end)
            continue;
        int64_t borders[2] = {low, low + extent};
        for (int k = 0; k < 2; k++) {
            int at = 0;
            while (at < count && cuts[at] < borders[k]) at++;
            if (borders[k] <= 0 || borders[k] >= end || (at < count && cuts[at] == borders[k])) continue;
            if (count == MOST_CUTS) return 0;
            for (int j = count++; j > at; j--) cuts[j] = cuts[j - 1];
            cuts[at] = borders[k];
        }
    }
    return count;
}

static void columns_between(Rows *w, const Dim *columns, int64_t from, int64_t end) {
    Emit *e = w->e;
    int64_t whole = from + (end - from) / LANES * LANES;
    w->in_piece = 1;
    e->bound_low = from;
    e->bound_high = end;
    if (whole > from) {
        LoopVal j = emit_for(e, "j", index_const(e, from), index_const(e, whole), LANES);
        e->bound = j;
        column_turn(w, columns, j, 0);
        emit_end(e);
    }
    if (whole < end) {
        e->bound = index_const(e, whole);
        column_turn(w, columns, e->bound, index_const(e, end - whole));
    }
    e->bound = 0;
    w->in_piece = 0;
}

static void whole_columns(Rows *w, const Dim *columns) {
    Emit *e = w->e;
    int64_t n = dim_is_constant(columns) ? dim_constant_value(columns) : -1, cuts[MOST_CUTS + 1], from = 0;
    int count = n > 0 && !w->k->has_row_reduction && !w->k->has_slots && w->e->copy_from < 0 ? find_cuts(w, n, cuts) : 0;
    if (count) {
        cuts[count] = n;
        for (int i = 0; i <= count; from = cuts[i++]) columns_between(w, columns, from, cuts[i]);
        return;
    }
    if (n >= 0 && n <= 2 * LANES) { /* straight, at the constant places that short reductions use */
        for (int64_t j = 0; j < n; j += LANES)
            column_turn(w, columns, index_const(e, j), n - j < LANES ? index_const(e, n - j) : 0);
    } else {
        column_loop(w, columns, index_const(e, 0), index_dim(e, columns), dim_maximum(columns));
    }
}

static void strip(Rows *w, LoopVal number) {
    Emit *e = w->e;
    LoopVal width = index_const(e, w->columns_per_tile), n = index_dim(e, w->columns);
    LoopVal lo = index_op(e, LO_MUL, number, width);
    LoopVal hi = index_op(e, LO_MIN, index_op(e, LO_ADD, lo, width), n);
    if (w->has_strip_sums) strip_sums(e, &w->at, lo, hi, emit_is_whole(e, w->columns), w->columns_per_tile);
    column_loop(w, w->columns, lo, hi, w->columns_per_tile);
}

/* ---- rows ---------------------------------------------------------------------------------------------- */

static void hoist_roots(Rows *w) {
    if (w->e->copy_from >= 0) return;
    for (int i = 0; i < w->e->roots.len; i++) value_hoist(w->e, value_node(w, i), &w->at);
}

static void place_row(Rows *w, LoopVal row, NodePlace *at) {
    Index flat = index_scalar(row);
    index_split(w->e, &flat, w->k->space, w->k->lead, at->axis);
    at->axis[w->k->lead] = index_open();
}

static int sums_along_rows(const Rows *w) {
    int count = 0;
    for (int i = 0; i < w->k->members.len; i++) {
        const Node *n = w->k->members.data[i];
        count += n->op == OP_REDUCE && reduces_last_axis(n) && n->in[0]->shape[n->attr.axis] == w->columns;
    }
    return count;
}

/* `next`: the row of which the tile, or the one behind it, will go over the columns. */
static void row_turn(Rows *w, LoopVal row, LoopVal next, LoopVal strip_number) {
    Emit *e = w->e;
    Scope scope = emit_scope_open(e);
    NodePlace next_place;
    place_row(w, row, &w->at);
    if (next) place_row(w, next, &next_place);
    held_row_begins(e, &w->at);
    e->passes = (RowPasses){.next = next ? &next_place : NULL, .columns = w->columns, .sums = sums_along_rows(w)};
    hoist_roots(w);
    for (int i = 0; i < e->roots.len; i++)
        if (is_row_root(w, i)) w->row_values[i] = root_value(w, i);
    if (strip_number) {
        strip(w, strip_number);
    } else {
        for (int i = 0; i < e->roots.len; i++) {
            if (is_row_root(w, i)) continue;
            int is_first = 1;
            for (int j = 0; j < i; j++)
                if (!is_row_root(w, j) && root_columns(w, j) == root_columns(w, i)) is_first = 0;
            e->passes.now = e->passes.sums + 1;
            if (is_first) whole_columns(w, root_columns(w, i));
        }
    }
    for (int i = 0; i < e->roots.len; i++)
        if (is_row_root(w, i))
            emit_store(e, e->roots.data[i].plan_buffer, root_node(w, i), &w->at, w->row_values[i]);
    e->passes.next = NULL;
    emit_scope_close(e, scope);
}

/* `step` rows further on, or the last of them; 0 where nobody wants to know. */
static LoopVal row_behind(const Rows *w, LoopVal row, int64_t step, const Dim *rows) {
    Emit *e = w->e;
    if (e->copy_from >= 0 || !rows_are_announced(e, w->columns)) return 0;
    LoopVal last = index_op(e, LO_SUB, index_dim(e, rows), index_const(e, 1));
    return index_op(e, LO_MIN, index_op(e, LO_ADD, row, index_const(e, step)), last);
}

/* Every sixteenth row of a run of those that are summed. */
static void rows_of_slot(Rows *w) {
    Emit *e = w->e;
    DimTable *dims = &e->lower->session->dims;
    int lead = w->k->lead;
    const Dim *runs = dims_product(dims, w->k->space, lead - 1), *rows = w->k->space[lead - 1];
    emit_tiles(e, dim_mul(dims, runs, dim_constant(dims, GRAPH_SLOTS)));
    LoopVal slots = index_const(e, GRAPH_SLOTS), run = index_op(e, LO_DIV, e->kernel->tile, slots);
    LoopVal slot = index_op(e, LO_REM, e->kernel->tile, slots), first = index_op(e, LO_MUL, run, index_dim(e, rows));
    slots_begin(e);
    LoopVal i = emit_for(e, "i", slot, index_dim(e, rows), GRAPH_SLOTS);
    LoopVal next = row_behind(w, i, GRAPH_SLOTS, rows);
    row_turn(w, index_op(e, LO_ADD, first, i), next ? index_op(e, LO_ADD, first, next) : 0, 0);
    emit_end(e);
    NodePlace at;
    Index flat = index_scalar(run);
    index_split(e, &flat, w->k->space, lead - 1, at.axis);
    at.axis[lead - 1] = index_scalar(slot);
    slots_end(e, &at);
}

void emit_rows(Emit *e) {
    Rows w = {.e = e, .k = e->fused};
    DimTable *dims = &e->lower->session->dims;
    w.row_count = dim_constant(dims, 1);
    for (int i = 0; i < w.k->lead; i++) w.row_count = dim_mul(dims, w.row_count, w.k->space[i]);
    w.row_values = arena_array(e->lower->arena, LoopVal, e->roots.len + 1);
    choose_tiles(&w);
    if (w.k->has_slots) {
        hold_shared(e, w.columns);
        for (int i = 0; i <= w.k->lead; i++) w.at.axis[i] = index_open();
        hoist_roots(&w);
        rows_of_slot(&w);
        return;
    }
    const Dim *groups = dims_ceil_div(dims, w.row_count, w.rows_per_tile);
    LoopVal tile = e->kernel->tile, group = tile, strip_number = 0;
    if (w.columns_per_tile) {
        const Dim *strips = dims_ceil_div(dims, w.columns, w.columns_per_tile);
        emit_tiles(e, dim_mul(dims, groups, strips));
        group = index_op(e, LO_DIV, tile, index_dim(e, strips));
        strip_number = index_op(e, LO_REM, tile, index_dim(e, strips));
    } else {
        emit_tiles(e, groups);
    }
    if (e->copy_from < 0) hold_shared(e, w.columns);
    for (int i = 0; i <= w.k->lead; i++) w.at.axis[i] = index_open();
    hoist_roots(&w);
    if (w.rows_per_tile == 1) {
        LoopVal row = dim_maximum(w.row_count) <= 1 ? index_const(e, 0) : group;
        row_turn(&w, row, row_behind(&w, row, 1, w.row_count), strip_number);
        return;
    }
    LoopVal step = index_const(e, w.rows_per_tile), lo = index_op(e, LO_MUL, group, step);
    LoopVal hi = index_op(e, LO_MIN, index_op(e, LO_ADD, lo, step), index_dim(e, w.row_count));
    LoopVal row = emit_for(e, "row", lo, hi, 1);
    row_turn(&w, row, row_behind(&w, row, 1, w.row_count), strip_number);
    emit_end(e);
}
