/* Values that wait in scratch for a later loop over the same columns.
 *
 * Of a row that is gone over several times (its largest, then a sum, then what is stored): a value that costs more than a
 * store and a load, and that several of these passes need, is put down by the first of them and read by the others.  Where the
 * kernel has a result of its shape it is put down there, and what is stored last takes its place: that row of memory is then
 * on its way while there is still something to compute.
 *
 * Of a strip of columns: long sums down the columns.  Rows go outside and columns inside, so that memory is read as it lies;
 * the sixteen slots of each column, which one column after the other would keep in registers, are rows of scratch.  The
 * order is the same: element i goes to slot i mod 16, then the halving tree (lower_reduce.c). */
#include "compiler/lower_internal.h"

#include "base/session.h"

enum { LANES = 16, SLOTS = 16, LEAST_COST = 6, MOST_HELD = 4, SHORT_ROW = 32, LONGEST_ROW = 1 << 16, ROOTS = 1, MOST_PASSES = 31 };
enum { LEAST_ROWS = 64, LEAST_COLUMNS = 64, NARROW = 64, WIDE = 256, SOME_STRIPS = 4, ROWS_AHEAD = 8 };

/* ---- reading and writing ------------------------------------------------------------------------------- */

/* Sixteen columns of the row, or strip, of the moment. */
int is_row_place(const Emit *e, const Node *n, const NodePlace *at) {
    const Index *lane = &at->axis[n->rank - 1];
    if (n->rank != e->fused->lead + 1 || lane->wide || lane->is_open || lane->stride != 1 || !lane->is_aligned) return 0;
    for (int i = 0; i < e->fused->lead; i++) {
        const Index *index = &at->axis[i];
        if (index->wide || index->is_open || index->stride || index->base != e->row->axis[i].base) return 0;
    }
    return 1;
}

static Held *held_of(const Emit *e, const Node *n) {
    for (int i = 0; i < e->held.len; i++)
        if (e->held.data[i].node == n) return &e->held.data[i];
    return NULL;
}

int held_in(const Emit *e, int plan_buffer) {
    for (int i = 0; i < e->held.len; i++)
        if (e->held.data[i].plan_buffer == plan_buffer) return 1;
    return 0;
}

static LoopVal held_column(Emit *e, const Held *h, const NodePlace *at) {
    LoopVal base = at->axis[e->fused->lead].base;
    return h->from ? index_op(e, LO_SUB, base, h->from) : base;
}

LoopVal held_load(Emit *e, const Node *n, const NodePlace *at) {
    const Held *h = held_of(e, n);
    if (!h || h->state != HELD_READY || !is_row_place(e, n, at)) return 0;
    if (h->buffer < 0) return emit_load_buffer(e, h->plan_buffer, n, at);
    return emit_load_scratch(e, h->buffer, index_const(e, 0), held_column(e, h, at));
}

void held_store(Emit *e, const Node *n, const NodePlace *at, LoopVal value) {
    Held *h = held_of(e, n);
    if (!h || h->state == HELD_READY || !is_row_place(e, n, at)) return;
    if (h->buffer < 0) emit_store(e, h->plan_buffer, n, at, value);
    else emit_store_scratch(e, h->buffer, index_const(e, 0), held_column(e, h, at), emit_wide(e, value));
    h->state = HELD_BEGUN;
}

void held_pass_ends(Emit *e) {
    for (int i = 0; i < e->held.len; i++)
        if (e->held.data[i].state == HELD_BEGUN) e->held.data[i].state = HELD_READY;
}

void held_row_begins(Emit *e, const NodePlace *row) {
    e->row = row;
    for (int i = 0; i < e->held.len; i++) e->held.data[i].state = HELD_WANTED;
}

/* ---- of a row ------------------------------------------------------------------------------------------ */

typedef struct Passes {
    Emit *e;
    const Dim *columns;
    uint32_t *of; /* by node id: passes that need it, a bit each */
    double *cost; /* by node id, in additions */
} Passes;

static int is_of_row(const Passes *p, const Node *n) {
    int lead = p->e->fused->lead;
    return n->rank == lead + 1 && n->shape[lead] == p->columns && !emit_reads(p->e, n);
}

static void find_passes(Passes *p, const Node *n, uint32_t pass) {
    if (!is_of_row(p, n) || (p->of[n->id] & pass)) return;
    p->of[n->id] |= pass;
    p->cost[n->id] = node_cost(n);
    if (n->op != OP_MAP && n->op != OP_CONVERT) return;
    for (int k = 0; k < n->in_count; k++) {
        find_passes(p, n->in[k], pass);
        p->cost[n->id] += p->cost[n->in[k]->id];
    }
}

static int is_shared(const Passes *p, const Node *n) {
    uint32_t passes = p->of[n->id];
    return (passes & (passes - 1)) && p->cost[n->id] >= LEAST_COST && n->dtype != DT_BOOL;
}

/* Is it needed by something that does not wait itself for the same passes? */
static int is_wanted(const Passes *p, const Node *n) {
    const Lower *l = p->e->lower;
    for (int i = 0; i < p->e->roots.len; i++)
        if (p->e->roots.data[i].node == n) return 1;
    for (int i = 0; i < l->content.len; i++) {
        const Node *user = l->region->nodes.data[l->content.data[i]];
        for (int k = 0; k < user->in_count; k++)
            if (user->in[k] == n && !(is_shared(p, user) && p->of[user->id] == p->of[n->id])) return 1;
    }
    return 0;
}

static int is_read_elsewhere(const Emit *e, int plan_buffer) {
    for (int i = 0; i < e->fused->reads.len; i++)
        if (e->lower->buffer_of[e->fused->reads.data[i].node->id] == plan_buffer) return 1;
    return 0;
}

/* The array of a result whose row may hold the value until the result itself is stored; -1: none.  Some lanes of a row, which
 * take masked stores, are better off in scratch. */
static int row_of_result(Emit *e, const Passes *p, const Node *n) {
    if (!emit_is_whole(e, p->columns) || n->dtype != held_as(n->dtype)) return -1;
    for (int i = 0; i < e->roots.len; i++) {
        const Root *root = &e->roots.data[i];
        int is_taken = root->node->dtype != n->dtype || !is_of_row(p, root->node) || fuse_fit(e->fused, root->node) != FIT_VECTOR ||
                       root->node->op == OP_SLOTS || is_read_elsewhere(e, root->plan_buffer) || held_in(e, root->plan_buffer);
        if (!is_taken) return root->plan_buffer;
    }
    return -1;
}

static Held held_row(Emit *e, const Passes *p, const Node *n) {
    Held held = {.node = n, .buffer = -1, .plan_buffer = row_of_result(e, p, n)};
    const Dim *one = dim_constant(&e->lower->session->dims, 1);
    int64_t width = (dim_maximum(p->columns) + LANES - 1) / LANES * LANES;
    if (held.plan_buffer < 0) held.buffer = emit_scratch(e, "held", held_as(n->dtype), one, width);
    return held;
}

void hold_shared(Emit *e, const Dim *columns) {
    Lower *l = e->lower;
    int64_t longest = columns ? dim_maximum(columns) : 0;
    if (longest <= SHORT_ROW || longest > LONGEST_ROW || !e->fused->has_row_reduction) return;
    Passes p = {.e = e, .columns = columns};
    p.of = arena_array(l->arena, uint32_t, l->region->nodes.len + 1);
    p.cost = arena_array(l->arena, double, l->region->nodes.len + 1);
    for (int i = 0; i < e->roots.len; i++) {
        const Node *n = e->roots.data[i].node;
        find_passes(&p, n->op == OP_SLOTS ? n->in[0] : n, ROOTS);
    }
    for (int i = 0, pass = 1; i < l->content.len && pass < MOST_PASSES; i++) {
        const Node *n = l->region->nodes.data[l->content.data[i]];
        if (n->op == OP_REDUCE && reduces_last_axis(n)) find_passes(&p, n->in[0], 1u << pass++);
    }
    for (int i = 0; i < l->content.len && e->held.len < MOST_HELD; i++) {
        const Node *n = l->region->nodes.data[l->content.data[i]];
        if (!is_of_row(&p, n) || !is_shared(&p, n) || !is_wanted(&p, n)) continue;
        Held held = held_row(e, &p, n);
        vec_push(l->arena, &e->held, held);
    }
}

/* ---- of a strip of columns ----------------------------------------------------------------------------- */

static int is_column_sum(const Node *n) { return n->op == OP_REDUCE && !reduces_last_axis(n); }

int64_t strip_columns(const Emit *e, const Dim *columns) {
    const Lower *l = e->lower;
    int is_long = 0;
    if (!e->fused->has_column_reduction || e->fused->has_row_reduction || dim_maximum(columns) < LEAST_COLUMNS) return 0;
    for (int i = 0; i < l->content.len; i++) {
        const Node *n = l->region->nodes.data[l->content.data[i]];
        if (!is_column_sum(n)) continue;
        if (!reduce_has_slots(n) || n->rank != e->fused->lead + 1) return 0;
        is_long |= dim_maximum(n->in[0]->shape[n->attr.axis]) >= LEAST_ROWS;
    }
    int64_t width = (dim_maximum(columns) / SOME_STRIPS + LANES - 1) / LANES * LANES;
    return !is_long ? 0 : width < NARROW ? NARROW : width > WIDE ? WIDE : width;
}

typedef struct Strip {
    Emit *e;
    LoopVal lo, hi;
    int is_whole; /* a number of vectors */
    int64_t width;
    const int *slots;
    NodePlace *place; /* of the row of the moment */
    LoopVal row;
    Vec(const Node *) sums; /* that are made together: of one axis, and of nothing that is made later */
} Strip;

/* Of the sum's operand: does it need a sum that is not there yet? */
static int needs_sum(Emit *e, const Node *n) {
    Lower *l = e->lower;
    if (l->walked[n->id] == l->walk || emit_reads(e, n)) return 0;
    l->walked[n->id] = l->walk;
    if (is_column_sum(n)) return !held_of(e, n);
    for (int k = 0; k < n->in_count; k++)
        if (needs_sum(e, n->in[k])) return 1;
    return 0;
}

static void find_sums(Strip *s) {
    Lower *l = s->e->lower;
    s->sums.len = 0;
    for (int i = 0; i < l->content.len; i++) {
        const Node *n = l->region->nodes.data[l->content.data[i]];
        if (!is_column_sum(n) || held_of(s->e, n)) continue;
        const Node *first = s->sums.len ? s->sums.data[0] : n;
        l->walk++;
        if (first->attr.axis == n->attr.axis && first->in[0]->shape[n->attr.axis] == n->in[0]->shape[n->attr.axis] &&
            !needs_sum(s->e, n->in[0]))
            vec_push(l->arena, &s->sums, n);
    }
}

static void clear_slots(Strip *s) {
    Emit *e = s->e;
    LoopVal row = emit_for(e, "s", index_const(e, 0), index_const(e, SLOTS), 1);
    LoopVal j = emit_for(e, "j", index_const(e, 0), index_const(e, s->width), LANES);
    for (int i = 0; i < s->sums.len; i++)
        emit_store_scratch(e, s->slots[i], row, j, emit_wide(e, reduce_first(e, s->sums.data[i])));
    emit_end(e);
    emit_end(e);
}

/* The same columns some rows further on: memory that no run of addresses leads to. */
static void announce_row(Strip *s, LoopVal j) {
    Emit *e = s->e;
    const Node *first = s->sums.data[0];
    NodePlace place = *s->place;
    LoopVal last = index_op(e, LO_SUB, index_dim(e, first->in[0]->shape[first->attr.axis]), index_const(e, 1));
    place.axis[first->attr.axis] = index_scalar(index_op(e, LO_MIN, index_op(e, LO_ADD, s->row, index_const(e, ROWS_AHEAD)), last));
    place.axis[first->in[0]->rank - 1] = index_scalar(j);
    for (int k = 0; k < s->sums.len; k++) value_prefetch(e, s->sums.data[k]->in[0], &place);
}

static void add_columns(Emit *e, void *context, LoopVal j) {
    Strip *s = context;
    LoopVal *values = arena_array(e->lower->arena, LoopVal, s->sums.len), column = index_op(e, LO_SUB, j, s->lo);
    LoopVal slot = index_op(e, LO_REM, s->row, index_const(e, SLOTS));
    announce_row(s, j);
    s->place->axis[s->sums.data[0]->in[0]->rank - 1] = index_lanes(j, 1);
    for (int k = 0; k < s->sums.len; k++) values[k] = emit_wide(e, value_at(e, s->sums.data[k]->in[0], s->place));
    for (int k = 0; k < s->sums.len; k++) {
        LoopVal old = emit_load_scratch(e, s->slots[k], slot, column);
        emit_store_scratch(e, s->slots[k], slot, column, reduce_join(e, s->sums.data[k], old, values[k]));
    }
}

/* Every row of the operands goes to its slots. */
static void add_rows(Strip *s, const NodePlace *at) {
    Emit *e = s->e;
    const Node *first = s->sums.data[0];
    NodePlace place;
    s->row = emit_for(e, "i", index_const(e, 0), index_dim(e, first->in[0]->shape[first->attr.axis]), 1);
    Scope scope = emit_scope_open(e);
    place_of_operand(e, first, 0, at, &place);
    place.axis[first->attr.axis] = index_scalar(s->row);
    s->place = &place;
    for (int k = 0; k < s->sums.len; k++) value_hoist(e, s->sums.data[k]->in[0], &place);
    emit_vectors(e, s->lo, s->hi, s->is_whole, add_columns, s);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* The halving tree; the sum comes to rest in the first slot. */
static void join_slots(Strip *s) {
    Emit *e = s->e;
    LoopVal j = emit_for(e, "j", index_const(e, 0), index_const(e, s->width), LANES);
    for (int k = 0; k < s->sums.len; k++) {
        LoopVal slot[SLOTS];
        for (int i = 0; i < SLOTS; i++) slot[i] = emit_load_scratch(e, s->slots[k], index_const(e, i), j);
        for (int half = SLOTS / 2; half; half /= 2)
            for (int i = 0; i < half; i++) slot[i] = reduce_join(e, s->sums.data[k], slot[i], slot[i + half]);
        emit_store_scratch(e, s->slots[k], index_const(e, 0), j, slot[0]);
    }
    emit_end(e);
}

void strip_sums(Emit *e, const NodePlace *at, LoopVal lo, LoopVal hi, int is_whole, int64_t width) {
    Lower *l = e->lower;
    Strip s = {.e = e, .lo = lo, .hi = hi, .is_whole = is_whole, .width = width};
    for (find_sums(&s); s.sums.len; find_sums(&s)) {
        int *slots = arena_array(l->arena, int, s.sums.len);
        for (int i = 0; i < s.sums.len; i++)
            slots[i] = emit_scratch(e, "slots", held_as(s.sums.data[i]->dtype), dim_constant(&l->session->dims, SLOTS), width);
        s.slots = slots;
        clear_slots(&s);
        add_rows(&s, at);
        join_slots(&s);
        for (int i = 0; i < s.sums.len; i++) {
            Held held = {.node = s.sums.data[i], .buffer = slots[i], .plan_buffer = -1, .from = lo, .state = HELD_READY};
            vec_push(l->arena, &e->held, held);
        }
    }
}
