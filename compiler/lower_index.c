/* Rows by number.
 *
 * gather is a place like any other: the id becomes the index of the table's axis.  scatter is a
 * kernel: a tile owns some rows and columns of the table, copies them unless they are there already, and goes through the
 * updates in the order of the ids, so the sum of repeated ids has an order. */
#include "compiler/lower_internal.h"
#include "compiler/op.h"

#include "base/session.h"

enum { LANES = 16, SLAB_BYTES = 1 << 18, MOST_SLABS = 64, SOME_TILES = 4 };

/* ---- gather -------------------------------------------------------------------------------------------- */

static LoopVal lower_gather(Emit *e, const Node *n, const NodePlace *at) {
    NodePlace ids_at, table_at;
    place_of_operand(e, n, 1, at, &ids_at);
    place_of_operand(e, n, 0, at, &table_at);
    LoopVal id = emit_convert(e, value_at(e, n->in[1], &ids_at), DT_INDEX);
    table_at.axis[n->attr.axis] = emit_is_wide(e, id) ? (Index){.wide = id} : index_scalar(id);
    return value_at(e, n->in[0], &table_at);
}

LoopVal lower_index(Emit *e, const Node *n, const NodePlace *at) {
    if (n->op == OP_GATHER) return lower_gather(e, n, at);
    ICE("lower: %s %u has no array", op_name(n->op), n->id);
}

/* ---- scatter ------------------------------------------------------------------------------------------- */

/* Elements before the scattered axis, rows of the table, elements behind it: a tile has one of the first, a slab of rows
 * and a strip of columns. */
typedef struct Scatter {
    Emit *e;
    const Node *n, *ids, *rows;
    int axis, behind_rank;
    int is_flat;     /* the table is seen as one axis */
    int is_in_place; /* its rows are there already */
    const Dim *before[GRAPH_MAX_RANK], *const *behind;
    int64_t slab, strip;                     /* rows and columns of a tile */
    const Dim *columns, *slabs, *strips;
    Index outer[GRAPH_MAX_RANK];             /* before the axis */
    LoopVal row_from, row_to, from, to;      /* the slab and the strip */
} Scatter;

/* Slabs that a cache holds, and tiles for some workers. */
static void choose_slab(Scatter *s) {
    DimTable *dims = &s->e->lower->session->dims;
    const Node *n = s->n;
    int64_t rows = at_least(dim_maximum(n->shape[s->axis]), 1), columns = at_least(dim_maximum(s->columns), 1);
    double row_bytes = dims_count(s->behind, s->behind_rank) * dtype_bytes(n->dtype);
    double bytes = row_bytes * (double)(s->is_in_place ? dims_count(s->ids->shape, s->ids->rank) : (double)rows);
    int64_t slabs = (int64_t)(bytes / SLAB_BYTES), strips = 1;
    slabs = slabs < 1 ? 1 : slabs > MOST_SLABS ? MOST_SLABS : slabs;
    if (slabs > rows) slabs = rows;
    if (slabs < SOME_TILES) strips = at_least(columns / LANES < SOME_TILES ? columns / LANES : SOME_TILES, 1);
    s->slab = (rows + slabs - 1) / slabs;
    s->strip = ((columns + strips - 1) / strips + LANES - 1) / LANES * LANES;
    s->slabs = dims_ceil_div(dims, n->shape[s->axis], s->slab);
    s->strips = dims_ceil_div(dims, s->columns, s->strip);
}

/* The place in the table of sixteen columns from `column` on, in row `row`, behind it the place `middle`. */
static void table_place(const Scatter *s, LoopVal row, const Index *middle, LoopVal column, NodePlace *at) {
    for (int i = 0; i < s->axis; i++) at->axis[i] = s->outer[i];
    at->axis[s->axis] = index_scalar(row);
    for (int i = 0; i + 1 < s->behind_rank; i++) at->axis[s->axis + 1 + i] = middle[i];
    if (s->behind_rank) at->axis[s->n->rank - 1] = index_lanes(column, 1);
    if (!s->is_flat) return;
    LoopVal flat = index_const(s->e, 0);
    for (int i = 0; i < s->n->rank; i++)
        flat = index_op(s->e, LO_ADD, index_op(s->e, LO_MUL, flat, index_dim(s->e, s->n->shape[i])), at->axis[i].base);
    flat_set(s->e, at, flat);
}

static void store_all(const Scatter *s, const NodePlace *at, LoopVal value) {
    s->e->is_flat = s->is_flat;
    for (int i = 0; i < s->e->roots.len; i++)
        emit_store(s->e, s->e->roots.data[i].plan_buffer, s->n, at, value);
    s->e->is_flat = 0;
}

static LoopVal stored(const Scatter *s, const NodePlace *at) {
    s->e->is_flat = s->is_flat;
    LoopVal value = emit_load_buffer(s->e, s->e->roots.data[0].plan_buffer, s->n, at);
    s->e->is_flat = 0;
    return value;
}

/* The strip's columns, sixteen at a time; of a table without columns its one element. */
static LoopVal columns_begin(Scatter *s, Scope *scope) {
    Emit *e = s->e;
    LoopVal j = s->behind_rank ? emit_for(e, "j", s->from, s->to, LANES) : index_const(e, 0);
    *scope = emit_scope_open(e);
    e->lane_count = emit_is_whole(e, s->columns) ? 0 : index_op(e, LO_MIN, index_op(e, LO_SUB, s->to, j), index_const(e, LANES));
    return j;
}

static void columns_end(Scatter *s, Scope scope) {
    s->e->lane_count = 0;
    emit_scope_close(s->e, scope);
    if (s->behind_rank) emit_end(s->e);
}

static void copy_rows(Scatter *s, const Index *middle) {
    Emit *e = s->e;
    LoopVal row = emit_for(e, "row", s->row_from, s->row_to, 1);
    Scope outer = emit_scope_open(e), scope;
    LoopVal j = columns_begin(s, &scope);
    NodePlace at;
    table_place(s, row, middle, j, &at);
    e->is_flat = s->is_flat;
    LoopVal value = value_at(e, s->n->in[0], &at);
    store_all(s, &at, value);
    columns_end(s, scope);
    emit_scope_close(e, outer);
    emit_end(e);
}

static void copy_turn(Emit *e, void *context, LoopVal base) {
    const Scatter *s = context;
    NodePlace at;
    flat_set(e, &at, base);
    e->is_flat = 1;
    LoopVal value = value_at(e, s->n->in[0], &at);
    store_all(s, &at, value);
}

/* All of the slab at once, where it lies together. */
static void copy_slab(Scatter *s) {
    Emit *e = s->e;
    LoopVal row_size = index_dim(e, dims_product(&e->lower->session->dims, s->behind, s->behind_rank)), flat = index_const(e, 0);
    for (int i = 0; i < s->axis; i++)
        flat = index_op(e, LO_ADD, index_op(e, LO_MUL, flat, index_dim(e, s->n->shape[i])), s->outer[i].base);
    flat = index_op(e, LO_MUL, flat, index_dim(e, s->n->shape[s->axis]));
    LoopVal lo = index_op(e, LO_MUL, index_op(e, LO_ADD, flat, s->row_from), row_size);
    LoopVal hi = index_op(e, LO_MUL, index_op(e, LO_ADD, flat, s->row_to), row_size);
    int is_whole = emit_is_whole(e, s->columns) || (s->slab % LANES == 0 && emit_is_whole(e, s->n->shape[s->axis]));
    emit_vectors(e, lo, hi, is_whole, copy_turn, s);
}

static void apply_update(Scatter *s, const Index *middle, const Index *ids, LoopVal id) {
    Emit *e = s->e;
    Scope scope;
    LoopVal j = columns_begin(s, &scope);
    NodePlace rows_at, at;
    for (int k = 0; k < s->axis; k++) rows_at.axis[k] = s->outer[k];
    for (int k = 0; k < s->ids->rank; k++) rows_at.axis[s->axis + k] = ids[k];
    for (int k = 0; k + 1 < s->behind_rank; k++) rows_at.axis[s->axis + s->ids->rank + k] = middle[k];
    if (s->behind_rank) rows_at.axis[s->rows->rank - 1] = index_lanes(j, 1);
    LoopVal value = value_at(e, s->rows, &rows_at);
    table_place(s, id, middle, j, &at);
    if (s->n->attr.adds) value = emit_op2(e, LO_ADD, stored(s, &at), value);
    store_all(s, &at, value);
    columns_end(s, scope);
}

/* In the order of the ids: those that name a row of the slab. */
static void apply_updates(Scatter *s, const Index *middle) {
    Emit *e = s->e;
    const Dim *count = dims_product(&e->lower->session->dims, s->ids->shape, s->ids->rank);
    LoopVal i = emit_for(e, "update", index_const(e, 0), index_dim(e, count), 1);
    Scope scope = emit_scope_open(e);
    NodePlace ids_at;
    Index flat = index_scalar(i);
    index_split(e, &flat, s->ids->shape, s->ids->rank, ids_at.axis);
    LoopVal id = emit_convert(e, value_at(e, s->ids, &ids_at), DT_INDEX);
    int has_slabs = dim_maximum(s->slabs) > 1;
    if (has_slabs) emit_if(e, emit_op2(e, LO_AND, emit_op2(e, LO_LE, s->row_from, id), emit_op2(e, LO_LT, id, s->row_to)));
    apply_update(s, middle, ids_at.axis, id);
    if (has_slabs) emit_end(e);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* What the tile's number says. */
static void find_tile(Scatter *s) {
    Emit *e = s->e;
    LoopVal rest = e->kernel->tile;
    LoopVal strip = index_next_digit(e, &rest, s->strips), slab = index_next_digit(e, &rest, s->slabs);
    Index flat = index_scalar(rest);
    index_split(e, &flat, s->before, s->axis, s->outer);
    s->row_from = index_op(e, LO_MUL, slab, index_const(e, s->slab));
    s->row_to = index_op(e, LO_MIN, index_op(e, LO_ADD, s->row_from, index_const(e, s->slab)), index_dim(e, s->n->shape[s->axis]));
    s->from = index_op(e, LO_MUL, strip, index_const(e, s->strip));
    s->to = index_op(e, LO_MIN, index_op(e, LO_ADD, s->from, index_const(e, s->strip)), index_dim(e, s->columns));
}

void emit_scatter(Emit *e) {
    const Node *n = e->fused->hero, *table = n->in[0];
    DimTable *dims = &e->lower->session->dims;
    Scatter s = {.e = e, .n = n, .ids = n->in[1], .rows = n->in[2], .axis = n->attr.axis, .behind = &n->shape[n->attr.axis + 1]};
    s.behind_rank = n->rank - s.axis - 1;
    s.columns = s.behind_rank ? s.behind[s.behind_rank - 1] : dim_constant(dims, 1);
    s.is_flat = node_is_splat(table) || emit_reads(e, table);
    s.is_in_place = e->roots.len == 1 && emit_reads(e, table) && e->lower->buffer_of[table->id] == e->roots.data[0].plan_buffer;
    for (int i = 0; i < s.axis; i++) s.before[i] = n->shape[i];
    choose_slab(&s);
    emit_tiles(e, dim_mul(dims, dims_product(dims, s.before, s.axis), dim_mul(dims, s.slabs, s.strips)));
    find_tile(&s);
    int has_whole_rows = s.is_flat && dim_maximum(s.strips) <= 1;
    if (!s.is_in_place && has_whole_rows) copy_slab(&s);
    int middle_rank = s.behind_rank > 1 ? s.behind_rank - 1 : 0;
    Index flat = index_scalar(index_const(e, 0)), middle[GRAPH_MAX_RANK];
    if (middle_rank) flat.base = emit_for(e, "middle", flat.base, index_dim(e, dims_product(dims, s.behind, middle_rank)), 1);
    Scope scope = emit_scope_open(e);
    index_split(e, &flat, s.behind, middle_rank, middle);
    if (!s.is_in_place && !has_whole_rows) copy_rows(&s, middle);
    apply_updates(&s, middle);
    emit_scope_close(e, scope);
    if (middle_rank) emit_end(e);
}
