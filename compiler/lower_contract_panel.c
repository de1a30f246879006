/* What a product reads again and again, copied closer together: a panel of the right operand, whose columns are the lanes, and the
 * rows of the left one in a chunk; and what will be copied next, named before. */
#include "compiler/lower_contract.h"

/* ---- places -------------------------------------------------------------------------------------------- */

/* Do the lanes of `axis` of n lie side by side wherever its arrays are read? */
int contract_runs_along(Emit *e, const Node *n, int axis) {
    if (emit_reads(e, n)) return axis == n->rank - 1;
    int to = -1;
    switch ((int)n->op) {
    case OP_CONST: return 1;
    case OP_MAP:
    case OP_CONVERT:
    case OP_DETACH:
        for (int k = 0; k < n->in_count; k++)
            if (!contract_runs_along(e, n->in[k], axis)) return 0;
        return 1;
    case OP_IOTA: return 1;
    case OP_TRANSPOSE: return contract_runs_along(e, n->in[0], n->attr.axes[axis]);
    case OP_BROADCAST:
        for (int i = 0; i < n->in[0]->rank; i++)
            if (n->attr.axes[i] == axis) to = i;
        return to < 0 || contract_runs_along(e, n->in[0], to);
    case OP_SLICE: return n->attr.step[axis] == 1 && contract_runs_along(e, n->in[0], axis);
    case OP_RESHAPE:
        if (axis == n->rank - 1 && emit_reads(e, n->in[0])) return 1; /* memory knows no axes */
        return axis == n->rank - 1 && n->in[0]->rank &&
               n->shape[axis] == n->in[0]->shape[n->in[0]->rank - 1] &&
               contract_runs_along(e, n->in[0], n->in[0]->rank - 1);
    case OP_GATHER:
        return axis >= n->attr.axis + n->in[1]->rank &&
               contract_runs_along(e, n->in[0], axis - n->in[1]->rank + 1);
    default: return 0;
    }
}

void contract_set_rows(Contract *c, NodePlace *at, LoopVal row) {
    Index flat = index_scalar(row), axes[GRAPH_MAX_RANK];
    index_split(c->e, &flat, c->row_shape, c->row_rank, axes);
    for (int i = 0; i < c->row_rank; i++) at->axis[c->row_axes[i]] = axes[i];
}

static int is_row(const Contract *c, int axis) {
    for (int i = 0; i < c->row_rank; i++)
        if (c->row_axes[i] == axis) return 1;
    return 0;
}

static void operand_at(const Contract *c, const int *axis_of, const int *sum_of,
                       const NodePlace *at, const Index *sum, NodePlace *out) {
    for (int i = 0; i < c->dot->rank; i++)
        if (axis_of[i] >= 0) out->axis[axis_of[i]] = at->axis[i];
    for (int i = 0; i < c->sum_rank; i++) out->axis[sum_of[i]] = sum[i];
}

/* Is the first of these axes behind the last as the second is behind the first, and so on? */
static int are_one(const ArrayView *view, const Node *n, const int *axes, int count) {
    for (int i = 0; i + 1 < count; i++) {
        const Dim *extent = n->shape[axes[i + 1]];
        if (!dim_is_constant(extent) || view->pitch[axes[i]] != view->pitch[axes[i + 1]] * dim_constant_value(extent)) return 0;
    }
    return 1;
}

void contract_find_views(Contract *c) {
    int rows[GRAPH_MAX_RANK], last = c->dot->rank - 1;
    if (!c->columns) return;
    for (int i = 0; i < c->row_rank; i++) rows[i] = c->left_axis[c->row_axes[i]];
    ArrayView view;
    if ((c->row_rank > 1 || c->sum_rank > 1) && c->left_axis[last] < 0 && view_of(c->e, c->left, &view) && are_one(&view, c->left, rows, c->row_rank) &&
        are_one(&view, c->left, c->left_sum, c->sum_rank))
        c->left_view = view;
    if (c->sum_rank > 1 && c->right_axis[last] >= 0 && view_of(c->e, c->right, &view) && are_one(&view, c->right, c->right_sum, c->sum_rank) &&
        (view.pitch[c->right_axis[last]] == 1 || view.pitch[c->right_sum[c->sum_rank - 1]] == 1))
        c->right_view = view;
}

/* Does memory run along the contracted axis of the right operand, or along several that are as one? */
static int runs_along_sum(const Contract *c) {
    if (c->sum_rank == 1) return contract_runs_along(c->e, c->right, c->right_sum[0]);
    return c->right_view.array && c->right_view.pitch[c->right_sum[c->sum_rank - 1]] == 1;
}

/* The element's number in the view's array; without the axes of rows, and with the first of the lanes. */
static LoopVal offset_in(Contract *c, const ArrayView *view, const int *axis_of, const int *sum_of, const NodePlace *at, const Index *k) {
    Emit *e = c->e;
    LoopVal offset = index_op(e, LO_MUL, k->base, index_const(e, view->pitch[sum_of[c->sum_rank - 1]]));
    offset = index_op(e, LO_ADD, offset, index_const(e, view->start));
    for (int i = 0; i < c->dot->rank; i++) {
        if (axis_of[i] < 0 || is_row(c, i)) continue;
        offset = index_op(e, LO_ADD, offset, index_op(e, LO_MUL, at->axis[i].base, index_const(e, view->pitch[axis_of[i]])));
    }
    return offset;
}

LoopVal contract_left_value(Contract *c, const NodePlace *at, LoopVal row, const Index *k, const Index *sum) {
    Emit *e = c->e;
    const ArrayView *view = &c->left_view;
    if (view->array && (!k->stride || view->pitch[c->left_sum[c->sum_rank - 1]] == 1)) {
        LoopVal offset = offset_in(c, view, c->left_axis, c->left_sum, at, k);
        if (c->row_rank) {
            int64_t apart = view->pitch[c->left_axis[c->row_axes[c->row_rank - 1]]];
            offset = index_op(e, LO_ADD, offset, index_op(e, LO_MUL, row, index_const(e, apart)));
        }
        return k->stride ? emit_load_flat_lanes(e, view->array, offset, 1) : emit_load_flat(e, view->array, offset);
    }
    NodePlace of_row = *at, place;
    contract_set_rows(c, &of_row, row);
    operand_at(c, c->left_axis, c->left_sum, &of_row, sum, &place);
    return value_at(e, c->left, &place);
}

LoopVal contract_right_value(Contract *c, const NodePlace *at, const Index *k, const Index *sum) {
    NodePlace place;
    const ArrayView *view = &c->right_view;
    int last = c->dot->rank - 1;
    int64_t lanes = view->array ? at->axis[last].stride : 0;
    int is_along = view->array && (!lanes || view->pitch[c->right_axis[last]] == 1) &&
                   (!k->stride || view->pitch[c->right_sum[c->sum_rank - 1]] == 1);
    if (is_along) {
        LoopVal offset = offset_in(c, view, c->right_axis, c->right_sum, at, k);
        return lanes || k->stride ? emit_load_flat_lanes(c->e, view->array, offset, 1) : emit_load_flat(c->e, view->array, offset);
    }
    operand_at(c, c->right_axis, c->right_sum, at, sum, &place);
    return value_at(c->e, c->right, &place);
}

void contract_set_lane(Contract *c, NodePlace *at, const Block *block, int v) {
    epilogue_set_lane(c->e, c->dot, at, block, v);
}

/* ---- the panel ----------------------------------------------------------------------------------------- */

/* Column base + j, or the last one where there are fewer. */
static LoopVal clamped_column(Contract *c, LoopVal column_base, LoopVal j) {
    Emit *e = c->e;
    LoopVal last = index_op(e, LO_SUB, index_dim(e, c->columns), index_const(e, 1));
    return index_op(e, LO_MIN, index_op(e, LO_ADD, column_base, j), last);
}

/* One element at a time. */
static void pack_elements(Contract *c, LoopVal column_base, int lanes, LoopVal lo, LoopVal hi) {
    Emit *e = c->e;
    LoopVal k = emit_for(e, "k", lo, hi, 1);
    Scope scope = emit_scope_open(e);
    Index flat = index_scalar(k), sum[GRAPH_MAX_RANK];
    index_split(e, &flat, c->sum_shape, c->sum_rank, sum);
    LoopVal j = emit_unroll(e, "j", lanes);
    NodePlace at = c->at;
    at.axis[c->dot->rank - 1] = index_scalar(clamped_column(c, column_base, j));
    emit_store_scratch(e, c->pack_buffer, index_op(e, LO_SUB, k, lo), j, contract_right_value(c, &at, &flat, sum));
    emit_end(e);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* Sixteen columns from j on: sixteen contracted elements of each, from k on and `count` of them, become sixteen rows. */
static void pack_block(Contract *c, LoopVal column_base, LoopVal j, LoopVal k, LoopVal to, LoopVal count) {
    Emit *e = c->e;
    NodePlace at = c->at;
    Index sum = index_lanes(k, 1);
    LoopVal v[LANES];
    for (int i = 0; i < LANES; i++) {
        LoopVal column = index_op(e, LO_ADD, j, index_const(e, i));
        at.axis[c->dot->rank - 1] = index_scalar(clamped_column(c, column_base, column));
        e->lane_count = count;
        v[i] = emit_wide(e, contract_right_value(c, &at, &sum, &sum));
        e->lane_count = 0;
    }
    emit_transpose(e, v);
    for (int i = 0; i < LANES; i++) emit_store_scratch(e, c->pack_buffer, index_op(e, LO_ADD, to, index_const(e, i)), j, v[i]);
}

/* Where memory runs along the contracted axis. */
static void pack_transposed(Contract *c, LoopVal column_base, int lanes, LoopVal lo, LoopVal hi) {
    Emit *e = c->e;
    int64_t known;
    LoopVal k = emit_for(e, "k", lo, hi, LANES);
    Scope scope = emit_scope_open(e);
    int is_whole = index_known(e, index_dim(e, c->depth), &known) && known % LANES == 0;
    LoopVal count = is_whole ? 0 : index_op(e, LO_MIN, index_op(e, LO_SUB, hi, k), index_const(e, LANES));
    LoopVal j = emit_for(e, "j", index_const(e, 0), index_const(e, lanes), LANES);
    Scope inner = emit_scope_open(e);
    pack_block(c, column_base, j, k, index_op(e, LO_SUB, k, lo), count);
    emit_scope_close(e, inner);
    emit_end(e);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* Where memory runs along the columns already: the panel moves together. */
static void pack_rows(Contract *c, const Block *block, LoopVal lo, LoopVal hi) {
    Emit *e = c->e;
    LoopVal k = emit_for(e, "k", lo, hi, 1);
    Scope scope = emit_scope_open(e);
    Index flat = index_scalar(k), sum[GRAPH_MAX_RANK];
    index_split(e, &flat, c->sum_shape, c->sum_rank, sum);
    NodePlace at = c->at;
    for (int v = 0; v < block->vectors; v++) {
        contract_set_lane(c, &at, block, v);
        LoopVal value = emit_wide(e, contract_right_value(c, &at, &flat, sum));
        emit_store_scratch(e, c->pack_buffer, index_op(e, LO_SUB, k, lo), index_const(e, v * LANES), value);
    }
    e->lane_count = 0;
    emit_scope_close(e, scope);
    emit_end(e);
}

void contract_pack(Contract *c, const Block *block, LoopVal column_base, LoopVal lo, LoopVal hi) {
    int lanes = block->vectors * LANES;
    if (contract_runs_along(c->e, c->right, c->right_axis[c->dot->rank - 1])) pack_rows(c, block, lo, hi);
    else if (runs_along_sum(c)) pack_transposed(c, column_base, lanes, lo, hi);
    else pack_elements(c, column_base, lanes, lo, hi);
}

/* One element of the right operand will be wanted: sum index k, column column. */
void contract_announce(Contract *c, LoopVal k, LoopVal column) {
    Emit *e = c->e;
    LoopVal last = index_op(e, LO_SUB, index_dim(e, c->depth), index_const(e, 1));
    Index flat = index_scalar(index_op(e, LO_MIN, k, last)), sum[GRAPH_MAX_RANK];
    NodePlace at = c->at, place;
    at.axis[c->dot->rank - 1] = index_scalar(clamped_column(c, column, index_const(e, 0)));
    if (c->right_view.array) {
        emit_prefetch_flat(e, c->right_view.array, offset_in(c, &c->right_view, c->right_axis, c->right_sum, &at, &flat));
        return;
    }
    index_split(e, &flat, c->sum_shape, c->sum_rank, sum);
    operand_at(c, c->right_axis, c->right_sum, &at, sum, &place);
    value_prefetch(e, c->right, &place);
}

/* The panel that is packed next is named while this one is used, by each block of rows a share of it: the next chunk of
 * a tile's only panel, else the panel beside this one, which is the next tile's where it is the last. */
void contract_ahead(Contract *c, LoopVal column_base, const Block *block, LoopVal number) {
    Emit *e = c->e;
    int64_t depth = dim_maximum(c->depth) < CHUNK ? dim_maximum(c->depth) : CHUNK, width = block->vectors * LANES;
    c->ahead_units = 0;
    c->ahead_is_turned = !contract_runs_along(e, c->right, c->right_axis[c->dot->rank - 1]);
    if ((c->ahead_is_turned && !runs_along_sum(c)) || !reads_far(e, c->right)) return;
    LoopVal k = c->has_totals ? c->chunk_from : index_const(e, 0), column = column_base;
    LoopVal beside = index_op(e, LO_ADD, column_base, index_const(e, width));
    if (c->has_totals && c->panels == 1) {
        LoopVal next = index_op(e, LO_ADD, k, index_const(e, CHUNK));
        LoopVal has_next = emit_op2(e, LO_LT, next, index_dim(e, c->depth));
        k = emit_op3(e, LO_SELECT, has_next, next, index_const(e, 0));
        column = emit_op3(e, LO_SELECT, has_next, column_base, beside);
    } else {
        column = beside;
    }
    int64_t units = c->ahead_is_turned ? width : depth, share = pieces(units, c->group_blocks);
    c->ahead_k = k;
    c->ahead_column = column;
    c->ahead_units = c->ahead_is_turned ? share : pieces(share, pieces(depth, AHEAD_TURNS));
    c->ahead_from = index_op(e, LO_MUL, index_op(e, LO_SUB, number, c->first_block), index_const(e, share));
    c->ahead_width = width;
}

/* A few rows of it where its rows lie side by side, or else of each column of the share what so many turns go over. */
void contract_announce_ahead(Contract *c, LoopVal turn) {
    Emit *e = c->e;
    LoopVal from = c->ahead_from;
    if (!c->ahead_is_turned)
        from = index_op(e, LO_ADD, from, index_op(e, LO_MUL, index_op(e, LO_DIV, turn, index_const(e, AHEAD_TURNS)), index_const(e, c->ahead_units)));
    LoopVal unit = emit_unroll(e, "ahead", (int)c->ahead_units);
    Scope scope = emit_scope_open(e);
    LoopVal at = index_op(e, LO_ADD, from, unit);
    LoopVal k = index_op(e, LO_ADD, c->ahead_k, c->ahead_is_turned ? turn : at), column = c->ahead_column;
    if (c->ahead_is_turned) column = index_op(e, LO_ADD, column, at);
    for (int64_t i = 0; i < (c->ahead_is_turned ? AHEAD_TURNS : c->ahead_width); i += LANES) {
        LoopVal step = index_const(e, i);
        contract_announce(c, c->ahead_is_turned ? index_op(e, LO_ADD, k, step) : k, c->ahead_is_turned ? column : index_op(e, LO_ADD, column, step));
    }
    emit_scope_close(e, scope);
    emit_end(e);
}

/* ---- rows ---------------------------------------------------------------------------------------------- */

static LoopVal copied_at(Contract *c, LoopVal block_row, LoopVal k) {
    Emit *e = c->e;
    LoopVal block = index_op(e, LO_MUL, block_row, index_const(e, CHUNK));
    return index_op(e, LO_ADD, block, index_op(e, LO_MUL, k, index_const(e, c->block_rows)));
}

LoopVal contract_copied_left(Contract *c, LoopVal block_row, LoopVal k, LoopVal r) {
    Emit *e = c->e;
    return emit_load_scratch_number(e, c->left_buffer, index_const(e, 0), index_op(e, LO_ADD, copied_at(c, block_row, k), r));
}

/* Sixteen contracted elements of the rows of a block, from k on.  Whole vectors are stored: what comes behind is stored after it. */
static void copy_rows(Contract *c, LoopVal first, LoopVal block_row, LoopVal k) {
    Emit *e = c->e;
    int64_t known;
    int is_whole = index_known(e, index_dim(e, c->depth), &known) && known % LANES == 0;
    LoopVal last = index_op(e, LO_SUB, index_dim(e, c->rows), index_const(e, 1));
    LoopVal count = is_whole ? 0 : index_op(e, LO_MIN, index_op(e, LO_SUB, c->chunk_to, k), index_const(e, LANES));
    Index sum = index_lanes(k, 1);
    LoopVal v[LANES];
    for (int r = 0; r < LANES; r++) {
        LoopVal row = index_op(e, LO_MIN, index_op(e, LO_ADD, first, index_const(e, r)), last);
        e->lane_count = count;
        v[r] = r < c->block_rows ? emit_wide(e, contract_left_value(c, &c->at, row, &sum, &sum)) : v[0];
        e->lane_count = 0;
    }
    emit_transpose(e, v);
    LoopVal to = copied_at(c, block_row, index_op(e, LO_SUB, k, c->chunk_from));
    for (int i = 0; i < LANES; i++)
        emit_store_scratch(e, c->left_buffer, index_const(e, 0), index_op(e, LO_ADD, to, index_const(e, i * c->block_rows)), v[i]);
}

/* The last block may be moved back. */
void contract_copy_left(Contract *c, LoopVal rows) {
    Emit *e = c->e;
    LoopVal zero = index_const(e, 0), height = index_const(e, c->block_rows), all = index_dim(e, c->rows);
    LoopVal blocks = index_const(e, c->group_blocks), lo = index_op(e, LO_MUL, rows, blocks);
    LoopVal hi = index_op(e, LO_MIN, index_op(e, LO_ADD, lo, blocks), index_dim(e, c->row_blocks));
    LoopVal number = emit_for(e, "block", lo, hi, 1);
    Scope outer = emit_scope_open(e);
    LoopVal first = index_op(e, LO_MIN, index_op(e, LO_MUL, number, height), index_op(e, LO_SUB, all, height));
    LoopVal block_row = index_op(e, LO_MUL, index_op(e, LO_SUB, number, lo), height);
    LoopVal k = emit_for(e, "k", c->chunk_from, c->chunk_to, LANES);
    Scope scope = emit_scope_open(e);
    copy_rows(c, index_op(e, LO_MAX, first, zero), block_row, k);
    emit_scope_close(e, scope);
    emit_end(e);
    emit_scope_close(e, outer);
    emit_end(e);
}
