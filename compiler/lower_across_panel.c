/* Lanes across the kernels: the panel, in which sixteen kernels lie side by side, and what is announced while it is gone over.
 *
 * What comes from behind has its kernels a page apart, so sixteen elements of sixteen kernels are turned at a time.  A chunk takes
 * some hundred bytes of each of many pages: too few for the processor to see how it goes on.  So each turn of the sum names one
 * line of the cache of the next chunk; more of them at a time would only wait for each other. */
#include "compiler/lower_across.h"

enum { NEAR = 4 }; /* lines are: a fourth more than they have lies between their beginnings */

/* ---- lines of the sum -------------------------------------------------------------------------------------- */

LoopVal across_offset_of_line(Across *c, const SumAxes *axes, LoopVal line) {
    Emit *e = c->e;
    Index flat = index_scalar(line), at[MOST_AXES];
    LoopVal offset = index_const(e, 0);
    if (axes->rank == 1) return offset;
    index_split(e, &flat, axes->extent, axes->rank - 1, at);
    for (int i = 0; i < axes->rank - 1; i++)
        offset = index_op(e, LO_ADD, offset, index_op(e, LO_MUL, at[i].base, index_const(e, axes->pitch[i])));
    return offset;
}

Part across_part_open(Across *c, const SumAxes *axes, LoopVal k0, LoopVal end) {
    Emit *e = c->e;
    LoopVal zero = index_const(e, 0), one = index_const(e, 1);
    if (axes->rank == 1) return (Part){zero, zero, k0, end};
    Part part;
    LoopVal length = index_dim(e, axes->extent[axes->rank - 1]);
    LoopVal last = index_op(e, LO_DIV, index_op(e, LO_SUB, end, one), length);
    part.line = emit_for(e, "line", index_op(e, LO_DIV, k0, length), index_op(e, LO_ADD, last, one), 1);
    part.begin = index_op(e, LO_MUL, part.line, length);
    int64_t known;
    if (index_known(e, length, &known) && CHUNK % known == 0) { /* no line goes on in the next chunk */
        part.lo = zero;
        part.hi = length;
        return part;
    }
    part.lo = index_op(e, LO_MAX, index_op(e, LO_SUB, k0, part.begin), zero);
    part.hi = index_op(e, LO_MIN, index_op(e, LO_SUB, end, part.begin), length);
    return part;
}

void across_part_close(Across *c, const SumAxes *axes) {
    if (axes->rank > 1) emit_end(c->e);
}

/* ---- the panel ----------------------------------------------------------------------------------------- */

/* Sixteen elements of each kernel, from `from` on and `count` of them, become sixteen rows. */
static void pack_block(Across *c, LoopVal from, LoopVal to, LoopVal count) {
    Emit *e = c->e;
    int is_whole = 1;
    for (int v = 0; v < c->vectors; v++) is_whole &= !c->count[v];
    LoopVal j = emit_for(e, "j", index_const(e, 0), index_const(e, c->vectors * LANES), LANES), v[LANES];
    Scope scope = emit_scope_open(e);
    LoopVal first = index_op(e, LO_ADD, c->first_kernel, j), last = index_const(e, c->kernel_count - 1);
    for (int i = 0; i < LANES; i++) {
        LoopVal kernel = index_op(e, LO_ADD, first, index_const(e, i));
        if (!is_whole) kernel = index_op(e, LO_MIN, kernel, last);
        LoopVal at = index_op(e, LO_ADD, from, index_op(e, LO_MUL, kernel, index_const(e, c->given.pitch[0])));
        e->lane_count = count;
        v[i] = emit_wide(e, emit_load_flat_lanes(e, c->given.array, at, c->runs.pitch[c->runs.rank - 1]));
        e->lane_count = 0;
    }
    emit_transpose(e, v);
    for (int i = 0; i < LANES; i++) emit_store_scratch(e, c->panel, index_op(e, LO_ADD, to, index_const(e, i)), j, v[i]);
    emit_scope_close(e, scope);
    emit_end(e);
}

/* The block's elements at one place of the sum, which lie side by side. */
static LoopVal given_vector(Across *c, LoopVal from, int v) {
    Emit *e = c->e;
    LoopVal at = index_op(e, LO_ADD, from, index_op(e, LO_ADD, c->first_kernel, index_const(e, v * LANES)));
    e->lane_count = c->count[v];
    LoopVal value = emit_wide(e, emit_load_flat_lanes(e, c->given.array, at, 1));
    e->lane_count = 0;
    return value;
}

/* Whole blocks of sixteen are stored: what comes behind is stored after it. */
void across_pack(Across *c, LoopVal end) {
    Emit *e = c->e;
    const Dim *length = c->runs.extent[c->runs.rank - 1];
    int is_turned = c->given.pitch[0] != 1;
    Part part = across_part_open(c, &c->runs, c->chunk, end);
    Scope outer = emit_scope_open(e);
    LoopVal start = index_op(e, LO_ADD, across_offset_of_line(c, &c->runs, part.line), index_const(e, c->given.start));
    LoopVal q = emit_for(e, "q", part.lo, part.hi, is_turned ? LANES : 1);
    Scope scope = emit_scope_open(e);
    LoopVal from = index_op(e, LO_ADD, start, index_op(e, LO_MUL, q, index_const(e, c->runs.pitch[c->runs.rank - 1])));
    LoopVal to = index_op(e, LO_ADD, index_op(e, LO_SUB, part.begin, c->chunk), q);
    LoopVal count = emit_is_whole(e, length) ? 0 : index_op(e, LO_MIN, index_op(e, LO_SUB, part.hi, q), index_const(e, LANES));
    if (is_turned) pack_block(c, from, to, count);
    for (int v = 0; v < c->vectors && !is_turned; v++)
        emit_store_scratch(e, c->panel, to, index_const(e, v * LANES), given_vector(c, from, v));
    emit_scope_close(e, scope);
    emit_end(e);
    emit_scope_close(e, outer);
    across_part_close(c, &c->runs);
}

LoopVal across_kernel_vector(Across *c, LoopVal k, int v) {
    Emit *e = c->e;
    if (c->has_panel) return emit_load_scratch(e, c->panel, index_op(e, LO_SUB, k, c->chunk), index_const(e, v * LANES));
    LoopVal from = index_op(e, LO_MUL, k, index_const(e, c->runs.pitch[0]));
    return given_vector(c, index_op(e, LO_ADD, from, index_const(e, c->given.start)), v);
}

/* ---- what the next chunk will want ------------------------------------------------------------------------ */

/* Where the next chunk begins, counted from the first element of the sum, in an array whose lines are long. */
static LoopVal next_chunk(Across *c, const SumAxes *axes) {
    Emit *e = c->e;
    LoopVal width = index_const(e, CHUNK), k = index_op(e, LO_SUB, index_dim(e, c->depth), width);
    k = index_op(e, LO_MAX, index_op(e, LO_MIN, index_op(e, LO_ADD, c->chunk, width), k), index_const(e, 0));
    Index flat = index_scalar(k), at[MOST_AXES];
    LoopVal offset = index_const(e, 0);
    index_split(e, &flat, axes->extent, axes->rank, at);
    for (int i = 0; i < axes->rank; i++)
        offset = index_op(e, LO_ADD, offset, index_op(e, LO_MUL, at[i].base, index_const(e, axes->pitch[i])));
    return offset;
}

/* Do the elements of a chunk lie side by side, but for a few between lines? */
static int has_near_lines(const SumAxes *axes) {
    int i = axes->rank - 1;
    if (axes->pitch[i] != 1) return 0;
    for (int64_t elements = 1; i > 0; i--) {
        int64_t extent = dim_constant_value(axes->extent[i]);
        elements *= extent;
        if (elements >= CHUNK) return 1;
        if (NEAR * axes->pitch[i - 1] > (NEAR + 1) * axes->pitch[i] * extent) return 0;
    }
    return 1;
}

void across_find_ahead(Across *c) {
    Emit *e = c->e;
    c->ahead_x = c->ahead_given = 0;
    if (dim_maximum(c->depth) <= CHUNK) return;
    if (c->places == 1 && has_near_lines(&c->met) && reads_far(e, c->x.array)) {
        c->ahead_x = index_op(e, LO_ADD, next_chunk(c, &c->met), index_const(e, c->x.start));
        for (int i = 2; i < c->n->rank; i++) {
            LoopVal low = index_op(e, LO_MUL, index_dim(e, c->n->attr.low[i]), index_const(e, c->x.pitch[i]));
            c->ahead_x = index_op(e, LO_SUB, c->ahead_x, low);
        }
    }
    if (c->has_panel && c->given.pitch[0] != 1 && has_near_lines(&c->runs) && reads_far(e, c->given.array))
        c->ahead_given = index_op(e, LO_ADD, next_chunk(c, &c->runs), index_const(e, c->given.start));
}

void across_announce(Across *c, const Corner *corner, LoopVal k) {
    Emit *e = c->e;
    LoopVal lanes = index_const(e, LANES), turn = index_op(e, LO_SUB, k, c->chunk), line = index_op(e, LO_DIV, turn, lanes);
    LoopVal part = index_op(e, LO_MUL, index_op(e, LO_REM, turn, lanes), lanes);
    if (c->ahead_x) {
        LoopVal row = index_op(e, LO_ADD, index_op(e, LO_ADD, c->first, corner->at[0]), line);
        row = index_op(e, LO_MIN, row, index_const(e, c->extent[0] - 1));
        LoopVal at = index_op(e, LO_ADD, index_op(e, LO_ADD, c->ahead_x, part), index_op(e, LO_MUL, row, index_const(e, c->x.pitch[0])));
        emit_prefetch_flat(e, c->x.array, at);
    }
    if (c->ahead_given) {
        LoopVal kernel = index_op(e, LO_ADD, index_op(e, LO_MUL, corner->number, index_const(e, CHUNK / LANES)), line);
        kernel = index_op(e, LO_ADD, c->first_kernel, index_op(e, LO_MIN, kernel, index_const(e, (int64_t)c->vectors * LANES - 1)));
        kernel = index_op(e, LO_MIN, kernel, index_const(e, c->kernel_count - 1));
        LoopVal at = index_op(e, LO_ADD, index_op(e, LO_ADD, c->ahead_given, part), index_op(e, LO_MUL, kernel, index_const(e, c->given.pitch[0])));
        emit_prefetch_flat(e, c->given.array, at);
    }
}
