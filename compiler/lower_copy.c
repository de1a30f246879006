/* Kernels that only move the elements of an array of fixed sizes, but perhaps for its first: transposes, reversals,
 * slices and chains of them.
 *
 * Neighbouring axes of the result that are neighbours in the array too, in either direction, become one.  Where the
 * last axis then runs through the array by 1, -1 or 2, rows are copied by vectors.  Where another axis does, it and the
 * last one are transposed in blocks of sixteen by sixteen: sixteen vectors in four rounds of trades.
 *
 * What is transposed may also be computed, element by element: then the blocks of all arrays that it is computed from are
 * transposed, and it is computed from those. */
#include "compiler/lower_internal.h"

#include "base/session.h"

enum { LANES = 16, TILE_ELEMENTS = 4096, ROW_ELEMENTS = 256, MOST_SOURCES = 4 };

typedef struct CopyAxis {
    int64_t extent;   /* at most, of the first axis */
    int64_t from, to; /* how far elements lie apart in the array and in the result */
    const Dim *size;
} CopyAxis;

typedef struct Copy {
    Emit *e;
    ArrayView view;                    /* of the array, or of what is computed as if it were one */
    const Node *sources[MOST_SOURCES]; /* what it is computed from: arrays of its shape; or the array */
    int source_count, is_computed;
    int count;
    CopyAxis axis[GRAPH_MAX_RANK];
    int across; /* the axis along which the array is read; the last one unless blocks are transposed */
} Copy;

/* An axis whose size only the run knows stays by itself, outermost. */
static void find_axes(Copy *c, const Node *n) {
    DimTable *dims = &c->e->lower->session->dims;
    int64_t to = 1;
    for (int i = n->rank - 1; i >= 0; i--) {
        int64_t extent = dim_maximum(n->shape[i]);
        int is_fixed = dim_is_constant(n->shape[i]);
        CopyAxis *inner = c->count ? &c->axis[c->count - 1] : NULL;
        if (is_fixed && extent > 1 && inner && c->view.pitch[i] == inner->from * inner->extent) {
            inner->extent *= extent;
            inner->size = dim_constant(dims, inner->extent);
        } else if (!is_fixed || extent > 1) {
            c->axis[c->count++] = (CopyAxis){extent, c->view.pitch[i], to, n->shape[i]};
        }
        to *= extent;
    }
    for (int i = 0; i < c->count / 2; i++) {
        CopyAxis first = c->axis[i];
        c->axis[i] = c->axis[c->count - 1 - i];
        c->axis[c->count - 1 - i] = first;
    }
}

static int is_near(int64_t from) { return from == 1 || from == -1 || from == 2; }

/* Which axis gives vectors; -1: none. */
static int find_across(const Copy *c) {
    int last = c->count - 1;
    if (!dim_is_constant(c->axis[last].size)) return -1;
    if (is_near(c->axis[last].from)) return last;
    for (int i = last - 1; i >= 0 && dim_is_constant(c->axis[i].size); i--)
        if ((c->axis[i].from == 1 || c->axis[i].from == -1) && c->axis[i].extent >= 4 && c->axis[last].extent >= 4)
            return i;
    return -1;
}

/* The numbers of the axes but those of `apart` (bits) add up to two offsets. */
static void outer_offsets(Copy *c, LoopVal number, unsigned apart, LoopVal *from, LoopVal *to) {
    Emit *e = c->e;
    int first = 0;
    while (apart >> first & 1) first++;
    for (int i = c->count - 1; i >= 0; i--) {
        if (apart >> i & 1) continue;
        LoopVal at = i == first ? number : index_next_digit(e, &number, c->axis[i].size);
        *from = index_op(e, LO_ADD, *from, index_op(e, LO_MUL, at, index_const(e, c->axis[i].from)));
        *to = index_op(e, LO_ADD, *to, index_op(e, LO_MUL, at, index_const(e, c->axis[i].to)));
    }
}

static const Dim *outer_count(const Copy *c, unsigned apart) {
    DimTable *dims = &c->e->lower->session->dims;
    const Dim *count = dim_constant(dims, 1);
    for (int i = 0; i < c->count; i++)
        if (!(apart >> i & 1)) count = dim_mul(dims, count, c->axis[i].size);
    return count;
}

static LoopVal moved(Emit *e, LoopVal base, LoopVal number, int64_t apart) {
    return index_op(e, LO_ADD, base, index_op(e, LO_MUL, number, index_const(e, apart)));
}

static void store(Copy *c, LoopVal to, LoopVal value, LoopVal count) {
    Emit *e = c->e;
    NodePlace at;
    e->is_flat = 1;
    flat_set(e, &at, to);
    e->lane_count = count;
    for (int i = 0; i < e->roots.len; i++)
        emit_store(e, e->roots.data[i].plan_buffer, e->roots.data[i].node, &at, value);
    e->lane_count = 0;
    e->is_flat = 0;
}

static LoopVal load(Copy *c, const Node *source, LoopVal from, int64_t step, LoopVal count) {
    Emit *e = c->e;
    e->lane_count = count;
    LoopVal value = emit_load_flat_lanes(e, source, from, step);
    e->lane_count = 0;
    return value;
}

/* ---- rows ---------------------------------------------------------------------------------------------- */

static void copy_vector(Copy *c, LoopVal from, LoopVal to, LoopVal j, LoopVal count) {
    Emit *e = c->e;
    const CopyAxis *row = &c->axis[c->count - 1];
    Scope scope = emit_scope_open(e);
    store(c, index_op(e, LO_ADD, to, j), load(c, c->view.array, moved(e, from, j, row->from), row->from, count), count);
    emit_scope_close(e, scope);
}

static void copy_row(Copy *c, LoopVal from, LoopVal to) {
    Emit *e = c->e;
    int64_t n = c->axis[c->count - 1].extent, whole = n / LANES * LANES;
    if (whole) {
        LoopVal j = emit_for(e, "j", index_const(e, 0), index_const(e, whole), LANES);
        copy_vector(c, from, to, j, 0);
        emit_end(e);
    }
    if (whole < n) copy_vector(c, from, to, index_const(e, whole), index_const(e, n - whole));
}

static void copy_rows(Copy *c) {
    Emit *e = c->e;
    DimTable *dims = &e->lower->session->dims;
    LoopVal from = index_const(e, c->view.start), to = index_const(e, 0);
    if (c->count == 1) {
        emit_tiles(e, dim_constant(dims, 1));
        copy_row(c, from, to);
        return;
    }
    const CopyAxis *inner = &c->axis[c->count - 2];
    unsigned apart = 3u << (c->count - 2);
    int64_t some = TILE_ELEMENTS / c->axis[c->count - 1].extent;
    if (some < 1) some = 1;
    if (some > inner->extent) some = inner->extent;
    const Dim *strips = dims_ceil_div(dims, inner->size, some);
    emit_tiles(e, dim_mul(dims, strips, outer_count(c, apart)));
    LoopVal rest = e->kernel->tile, strip = index_next_digit(e, &rest, strips);
    if (c->count > 2) outer_offsets(c, rest, apart, &from, &to);
    LoopVal lo = index_op(e, LO_MUL, strip, index_const(e, some));
    LoopVal hi = index_op(e, LO_MIN, index_op(e, LO_ADD, lo, index_const(e, some)), index_dim(e, inner->size));
    LoopVal i = emit_for(e, "i", lo, hi, 1);
    Scope scope = emit_scope_open(e);
    copy_row(c, moved(e, from, i, inner->from), moved(e, to, i, inner->to));
    emit_scope_close(e, scope);
    emit_end(e);
}

/* ---- blocks -------------------------------------------------------------------------------------------- */

/* Sixteen places of the axis that is read along, from i on, by sixteen of the last one, from j on; rows and lanes that
 * there are not are read again, and not stored. */
typedef struct CopyBlock {
    LoopVal from, to; /* of the block's first element */
    LoopVal i, j;     /* from the first element of its tile */
    LoopVal first;    /* the tile's element of the result */
    LoopVal rows, lanes; /* 0: sixteen */
} CopyBlock;

static void load_block(Copy *c, const CopyBlock *block, const Node *source, LoopVal *v) {
    Emit *e = c->e;
    const CopyAxis *along = &c->axis[c->across], *last = &c->axis[c->count - 1];
    for (int r = 0; r < LANES; r++) {
        LoopVal row = index_op(e, LO_ADD, block->j, index_const(e, r));
        if (block->lanes) row = index_op(e, LO_MIN, row, index_const(e, last->extent - 1));
        v[r] = load(c, source, moved(e, block->from, row, last->from), along->from, block->rows);
    }
    emit_transpose(e, v);
}

/* Row r of the block of what is computed, from the rows of its sources. */
static LoopVal computed_row(Copy *c, const CopyBlock *block, LoopVal row, LoopVal (*v)[LANES], int r) {
    Emit *e = c->e;
    const Node *n = e->roots.data[0].node;
    const CopyAxis *along = &c->axis[c->across];
    NodePlace at, below;
    Index flat = index_scalar(moved(e, block->first, index_op(e, LO_ADD, block->i, row), along->to));
    index_split(e, &flat, n->shape, n->rank, at.axis);
    at.axis[n->rank - 1] = index_lanes(block->j, 1);
    place_of_operand(e, n, 0, &at, &below);
    for (int k = 0; k < c->source_count; k++) value_remember(e, c->sources[k], &below, v[k][r]);
    e->lane_count = block->lanes;
    LoopVal value = value_at(e, n, &at);
    e->lane_count = 0;
    return value;
}

static void copy_block(Copy *c, LoopVal from, LoopVal to, LoopVal i, LoopVal j) {
    Emit *e = c->e;
    const CopyAxis *along = &c->axis[c->across], *last = &c->axis[c->count - 1];
    Scope scope = emit_scope_open(e);
    LoopVal end = index_const(e, along->extent), last_end = index_const(e, last->extent), sixteen = index_const(e, LANES);
    CopyBlock block = {.from = moved(e, from, i, along->from), .i = i, .j = j, .first = to};
    block.to = index_op(e, LO_ADD, moved(e, to, i, along->to), j);
    if (along->extent % LANES) block.rows = index_op(e, LO_MIN, index_op(e, LO_SUB, end, i), sixteen);
    if (last->extent % LANES) block.lanes = index_op(e, LO_MIN, index_op(e, LO_SUB, last_end, j), sixteen);
    LoopVal v[MOST_SOURCES][LANES];
    for (int k = 0; k < c->source_count; k++) load_block(c, &block, c->sources[k], v[k]);
    for (int r = 0; r < LANES; r++) {
        LoopVal row = index_const(e, r);
        if (block.rows) emit_if(e, emit_op2(e, LO_LT, row, block.rows));
        Scope inner = emit_scope_open(e);
        LoopVal value = c->is_computed ? computed_row(c, &block, row, v, r) : v[0][r];
        store(c, index_op(e, LO_ADD, block.to, index_const(e, r * along->to)), value, block.lanes);
        emit_scope_close(e, inner);
        if (block.rows) emit_end(e);
    }
    emit_scope_close(e, scope);
}

/* A tile reads some rows of the array far enough for the processor to see how it goes on. */
static void copy_blocks(Copy *c) {
    Emit *e = c->e;
    DimTable *dims = &e->lower->session->dims;
    const CopyAxis *along = &c->axis[c->across], *last = &c->axis[c->count - 1];
    unsigned apart = 1u << c->across | 1u << (c->count - 1);
    int64_t length = along->extent < ROW_ELEMENTS ? along->extent : ROW_ELEMENTS;
    int64_t rows = pieces(TILE_ELEMENTS, length * LANES) * LANES;
    const Dim *row_tiles = dim_constant(dims, pieces(last->extent, rows)),
              *lengths = dim_constant(dims, pieces(along->extent, length));
    emit_tiles(e, dim_mul(dims, row_tiles, dim_mul(dims, lengths, outer_count(c, apart))));
    LoopVal from = index_const(e, c->view.start), to = index_const(e, 0), rest = e->kernel->tile;
    LoopVal first = index_op(e, LO_MUL, index_next_digit(e, &rest, row_tiles), index_const(e, rows));
    LoopVal begin = index_op(e, LO_MUL, index_next_digit(e, &rest, lengths), index_const(e, length));
    if (c->count > 2) outer_offsets(c, rest, apart, &from, &to);
    LoopVal end = index_op(e, LO_MIN, index_op(e, LO_ADD, first, index_const(e, rows)), index_const(e, last->extent));
    LoopVal j = emit_for(e, "j", first, end, LANES);
    Scope outer = emit_scope_open(e);
    end = index_op(e, LO_MIN, index_op(e, LO_ADD, begin, index_const(e, length)), index_const(e, along->extent));
    LoopVal i = emit_for(e, "i", begin, end, LANES);
    Scope scope = emit_scope_open(e);
    copy_block(c, from, to, i, j);
    emit_scope_close(e, scope);
    emit_end(e);
    emit_scope_close(e, outer);
    emit_end(e);
}

/* ---- what is moved ------------------------------------------------------------------------------------- */

static int same_shape(const Node *a, const Node *b) {
    if (a->rank != b->rank) return 0;
    for (int i = 0; i < a->rank; i++)
        if (a->shape[i] != b->shape[i]) return 0;
    return 1;
}

/* Is the value of n at a place made of elements of arrays at that place, and of what is the same along axes? */
static int find_sources(Copy *c, const Node *n, const Node *like) {
    if (!same_shape(n, like)) return 0;
    if (!emit_reads(c->e, n)) {
        if (n->op == OP_CONST || n->op == OP_DIM_VALUE || n->op == OP_BROADCAST) return 1;
        if (n->op != OP_MAP && n->op != OP_CONVERT && n->op != OP_DETACH) return 0;
        for (int k = 0; k < n->in_count; k++)
            if (!find_sources(c, n->in[k], like)) return 0;
        return 1;
    }
    if (n->dtype == DT_BOOL) return 0;
    for (int k = 0; k < c->source_count; k++)
        if (c->sources[k] == n) return 1;
    if (c->source_count == MOST_SOURCES) return 0;
    c->sources[c->source_count++] = n;
    return 1;
}

/* The transpose of a value that this kernel computes, as if it were that of an array. */
static int find_computed(Copy *c, const Node *n) {
    const Node *x = n->in[0];
    if (n->op != OP_TRANSPOSE || emit_reads(c->e, x) || !find_sources(c, x, x) || !c->source_count) return 0;
    int64_t pitch[GRAPH_MAX_RANK], size = 1;
    for (int i = x->rank - 1; i >= 0; i--) {
        pitch[i] = size;
        if (i && !dim_is_constant(x->shape[i])) return 0;
        if (i) size *= dim_constant_value(x->shape[i]);
    }
    c->view = (ArrayView){.array = x};
    for (int i = 0; i < n->rank; i++) c->view.pitch[i] = pitch[n->attr.axes[i]];
    c->is_computed = 1;
    return 1;
}

static int find_array(Copy *c, const Node *n) {
    if (!view_of(c->e, n, &c->view)) return find_computed(c, n);
    c->sources[c->source_count++] = c->view.array;
    return 1;
}

int emit_copy(Emit *e) {
    Copy c = {.e = e};
    const Node *n = e->roots.data[0].node;
    if (e->copy_from >= 0 || e->roots.len != 1 || !n->rank || !find_array(&c, n)) return 0;
    for (int i = 0; i < n->rank; i++)
        if (dim_maximum(n->shape[i]) < 1 || (i && !dim_is_constant(n->shape[i]))) return 0;
    find_axes(&c, n);
    if (!c.count) return 0;
    c.across = find_across(&c);
    if (c.across < 0 || (c.is_computed && c.across == c.count - 1)) return 0;
    if (c.across == c.count - 1) copy_rows(&c);
    else copy_blocks(&c);
    return 1;
}
