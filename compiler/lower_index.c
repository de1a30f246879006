/* Rows by number, and random bits.
 *
 * gather is a place like any other: the id becomes the index of the table's axis.  scatter is a
 * kernel: a tile owns some of the trailing columns of the table, copies them, and goes through the
 * updates in the order of the ids, so the sum of repeated ids has an order. Random bits: the
 * counter is (column block, row, step, iteration), four columns to a block; the row counts the
 * leading axes, the first of them from example0 on, so a batch cut differently draws the same. */
#include "compiler/lower_internal.h"

#include "base/session.h"

enum { LANES = 16 };

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

typedef struct Scatter {
    Emit *e;
    const Node *n, *ids, *rows;
    const Dim *behind; /* elements behind the axis: columns, cut into tiles of sixteen */
    const Dim *before; /* outer axes: a tile each */
    int axis, behind_rank;
    Index outer[GRAPH_MAX_RANK], column[GRAPH_MAX_RANK];
} Scatter;

static void table_place(const Scatter *s, LoopVal row, NodePlace *at) {
    for (int i = 0; i < s->axis; i++) at->axis[i] = s->outer[i];
    at->axis[s->axis] = index_scalar(row);
    for (int i = 0; i < s->behind_rank; i++) at->axis[s->axis + 1 + i] = s->column[i];
}

static void store_all(const Scatter *s, const NodePlace *at, LoopVal value) {
    for (int i = 0; i < s->e->roots.len; i++)
        emit_store(s->e, s->e->roots.data[i].plan_buffer, s->n, at, value);
}

static void copy_table(Scatter *s) {
    Emit *e = s->e;
    LoopVal row = emit_for(e, "row", index_const(e, 0), index_dim(e, s->n->shape[s->axis]), 1);
    Scope scope = emit_scope_open(e);
    NodePlace at;
    table_place(s, row, &at);
    store_all(s, &at, value_at(e, s->n->in[0], &at));
    emit_scope_close(e, scope);
    emit_end(e);
}

static void apply_updates(Scatter *s) {
    Emit *e = s->e;
    const Dim *count = dims_product(&e->lower->session->dims, s->ids->shape, s->ids->rank);
    LoopVal i = emit_for(e, "update", index_const(e, 0), index_dim(e, count), 1);
    Scope scope = emit_scope_open(e);
    NodePlace ids_at, rows_at, at;
    Index flat = index_scalar(i);
    index_split(e, &flat, s->ids->shape, s->ids->rank, ids_at.axis);
    LoopVal id = emit_convert(e, value_at(e, s->ids, &ids_at), DT_INDEX);
    for (int k = 0; k < s->axis; k++) rows_at.axis[k] = s->outer[k];
    for (int k = 0; k < s->ids->rank; k++) rows_at.axis[s->axis + k] = ids_at.axis[k];
    for (int k = 0; k < s->behind_rank; k++)
        rows_at.axis[s->axis + s->ids->rank + k] = s->column[k];
    LoopVal value = value_at(e, s->rows, &rows_at);
    table_place(s, id, &at);
    if (s->n->attr.adds)
        value = emit_op2(e, LO_ADD, emit_load_buffer(e, e->roots.data[0].plan_buffer, s->n, &at),
                         value);
    store_all(s, &at, value);
    emit_scope_close(e, scope);
    emit_end(e);
}

void emit_scatter(Emit *e) {
    const Node *n = e->fused->hero;
    DimTable *dims = &e->lower->session->dims;
    Scatter s = {.e = e, .n = n, .ids = n->in[1], .rows = n->in[2], .axis = n->attr.axis};
    s.behind_rank = n->rank - s.axis - 1;
    const Dim *const *behind = &n->shape[s.axis + 1];
    const Dim *last = s.behind_rank ? behind[s.behind_rank - 1] : dim_constant(dims, 1);
    const Dim *strips = dims_ceil_div(dims, last, LANES);
    const Dim *outer_shape[GRAPH_MAX_RANK];
    int outer_rank = 0;
    for (int i = 0; i < s.axis; i++) outer_shape[outer_rank++] = n->shape[i];
    for (int i = 0; i + 1 < s.behind_rank; i++) outer_shape[outer_rank++] = behind[i];
    emit_tiles(e, dim_mul(dims, dims_product(dims, outer_shape, outer_rank), strips));
    LoopVal by = index_dim(e, strips), strip = index_op(e, LO_REM, e->kernel->tile, by);
    Index flat = index_scalar(index_op(e, LO_DIV, e->kernel->tile, by)), outer[GRAPH_MAX_RANK];
    index_split(e, &flat, outer_shape, outer_rank, outer);
    for (int i = 0; i < s.axis; i++) s.outer[i] = outer[i];
    for (int i = 0; i + 1 < s.behind_rank; i++) s.column[i] = outer[s.axis + i];
    if (s.behind_rank) {
        LoopVal j = index_op(e, LO_MUL, strip, index_const(e, LANES));
        s.column[s.behind_rank - 1] = index_lanes(j, 1);
        e->lane_count =
            index_op(e, LO_MIN, index_op(e, LO_SUB, index_dim(e, last), j), index_const(e, LANES));
    }
    copy_table(&s);
    apply_updates(&s);
    e->lane_count = 0;
}

/* ---- random bits --------------------------------------------------------------------------------------- */

static LoopVal low_word(Emit *e, const Node *n) {
    NodePlace none = {0};
    LoopVal v = value_at(e, n, &none);
    return emit_low_bits(e, v);
}

static LoopVal index_word(Emit *e, const Index *i) {
    return emit_low_bits(e, i->wide || i->stride ? index_wide(e, i) : i->base);
}

LoopVal lower_random(Emit *e, const Node *n, const NodePlace *at) {
    const Node *seed = n->in[0];
    NodePlace seed_at = {0};
    seed_at.axis[0] = index_scalar(index_const(e, 0));
    LoopVal low = value_at(e, seed, &seed_at);
    seed_at.axis[0] = index_scalar(index_const(e, 1));
    LoopVal high = value_at(e, seed, &seed_at);
    LoopVal example0 = low_word(e, n->in[3]), zero = emit_number(e, DT_U32, 0);
    LoopVal row = zero, column = zero;
    if (n->rank) column = index_word(e, &at->axis[n->rank - 1]);
    if (n->rank == 1) column = emit_op2(e, LO_ADD, column, example0);
    for (int i = 0; i + 1 < n->rank; i++) {
        LoopVal index = index_word(e, &at->axis[i]);
        if (i) row = emit_op2(e, LO_MUL, row, emit_low_bits(e, index_dim(e, n->shape[i])));
        row = emit_op2(e, LO_ADD, row, i ? index : emit_op2(e, LO_ADD, index, example0));
    }
    LoopVal counter[4] = {emit_op2(e, LO_SHR, column, emit_number(e, DT_U32, 2)), row,
                          low_word(e, n->in[1]), low_word(e, n->in[2])};
    int wide = emit_is_wide(e, column) || emit_is_wide(e, row);
    RandomKey key = random_key(&e->math, low, high, n->attr.site);
    for (int i = 0; wide && i < 4; i++) counter[i] = emit_wide(e, counter[i]);
    for (int i = 0; wide && i < 2; i++) key.word[i] = emit_wide(e, key.word[i]);
    RandomWords words = random_philox(&e->math, key, counter);
    LoopVal which = emit_op2(e, LO_AND, column, emit_number(e, DT_U32, 3)), value = words.word[3];
    for (int i = 2; i >= 0; i--)
        value = emit_op3(e, LO_SELECT, emit_op2(e, LO_EQ, which, emit_number(e, DT_U32, i)),
                         words.word[i], value);
    return value;
}
