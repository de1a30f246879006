/* The builder as the lowering uses it: operands made alike, registers of two indices, node arrays
 * as kernel buffers.  A plan buffer becomes a buffer of the kernel when it is first read or stored;
 * where lanes do not run along its last axis it is seen once more, as one long axis. */
#include "compiler/lower_internal.h"

#include "base/session.h"
#include <string.h>

Scope emit_scope_open(Emit *e) { return e->memos.len; }

void emit_scope_close(Emit *e, Scope scope) {
    while (e->memos.len > scope) {
        Memo memo = vec_pop(&e->memos);
        e->memo_of[memo.node->id] = memo.next;
    }
}

/* ---- values -------------------------------------------------------------------------------------------- */

LoopVal index_const(Emit *e, int64_t value) { return loop_index(e->b, value); }
LoopVal index_dim(Emit *e, const Dim *dim) { return loop_dim(e->b, dim); }
LoopVal index_lane(Emit *e) { return loop_lane(e->b, DT_INDEX); }
int index_known(const Emit *e, LoopVal v, int64_t *value) {
    return loop_is_constant(e->b, v, value);
}

LoopVal index_next_digit(Emit *e, LoopVal *rest, const Dim *extent) {
    int64_t known;
    LoopVal by = index_dim(e, extent);
    if (index_known(e, by, &known) && known <= 1) return index_const(e, 0);
    LoopVal digit = index_op(e, LO_REM, *rest, by);
    *rest = index_op(e, LO_DIV, *rest, by);
    return digit;
}
LoopVal index_op(Emit *e, LoopOp op, LoopVal a, LoopVal b) { return emit_op2(e, op, a, b); }

DType held_as(DType t) { return t == DT_F16 || t == DT_BF16 ? DT_F32 : t; }
int emit_is_wide(const Emit *e, LoopVal v) { return loop_type(e->b, v).is_wide; }
DType emit_type(const Emit *e, LoopVal v) { return loop_type(e->b, v).element; }
LoopVal emit_wide(Emit *e, LoopVal v) { return loop_splat(e->b, v); }

LoopVal emit_number(Emit *e, DType type, double value) {
    if (dtype_is_float(type)) return loop_const_float(e->b, loop_scalar(type), value);
    return loop_const_int(e->b, loop_scalar(type), (int64_t)value);
}

LoopVal emit_integer(Emit *e, DType type, int64_t value) {
    return loop_const_int(e->b, loop_scalar(type), value);
}

LoopVal emit_constant(Emit *e, const Node *n) {
    union {
        double f64;
        float f32;
        int64_t i64;
        int32_t i32;
        int16_t i16;
        int8_t i8;
        uint32_t u32;
        uint16_t u16;
        uint8_t u8;
    } v;
    memcpy(&v, n->attr.data, (size_t)dtype_bytes(n->dtype));
    switch (n->dtype) {
    case DT_F32: return emit_number(e, DT_F32, (double)v.f32);
    case DT_F64: return emit_number(e, DT_F64, v.f64);
    case DT_I64:
    case DT_U64: return emit_integer(e, n->dtype, v.i64);
    case DT_I32: return emit_integer(e, n->dtype, v.i32);
    case DT_I16: return emit_integer(e, n->dtype, v.i16);
    case DT_I8: return emit_integer(e, n->dtype, v.i8);
    case DT_U32: return emit_integer(e, n->dtype, v.u32);
    case DT_U16: return emit_integer(e, n->dtype, v.u16);
    case DT_U8:
    case DT_BOOL: return emit_integer(e, n->dtype, v.u8);
    case DT_F16:
    case DT_BF16:
    case DT_INDEX:
    case DT_COUNT: break;
    }
    ICE("lower: a constant of type %s", dtype_name(n->dtype));
}

LoopVal emit_op1(Emit *e, LoopOp op, LoopVal a) { return loop_unary(e->b, op, a); }

void emit_alike(Emit *e, LoopVal *a, LoopVal *b) {
    if (emit_is_wide(e, *a) == emit_is_wide(e, *b)) return;
    *a = emit_wide(e, *a);
    *b = emit_wide(e, *b);
}

LoopVal emit_op2(Emit *e, LoopOp op, LoopVal a, LoopVal b) {
    emit_alike(e, &a, &b);
    return loop_binary(e->b, op, a, b);
}

LoopVal emit_op3(Emit *e, LoopOp op, LoopVal a, LoopVal b, LoopVal c) {
    if (emit_is_wide(e, a) || emit_is_wide(e, b) || emit_is_wide(e, c)) {
        a = emit_wide(e, a);
        b = emit_wide(e, b);
        c = emit_wide(e, c);
    }
    return loop_ternary(e->b, op, a, b, c);
}

LoopVal emit_convert(Emit *e, LoopVal v, DType to) {
    return loop_convert(e->b, v, (LoopType){held_as(to), emit_is_wide(e, v)});
}

LoopVal emit_low_bits(Emit *e, LoopVal v) {
    LoopVal low =
        emit_op2(e, LO_AND, emit_convert(e, v, DT_I64), emit_integer(e, DT_I64, 0xffffffff));
    return emit_convert(e, low, DT_U32);
}

LoopVal emit_lane(Emit *e, LoopVal v, int lane) {
    return loop_lane_get(e->b, v, index_const(e, lane));
}

LoopVal emit_lanes(Emit *e, LoopOp op, LoopVal v, LoopVal count) {
    return loop_lanes(e->b, op, v, count);
}

/* ---- registers and blocks ------------------------------------------------------------------------------ */

int emit_registers_new(Emit *e, const char *name, DType type, int wide, int rows, int columns,
                       LoopVal initial) {
    int extent[2] = {rows, columns};
    if (wide) initial = emit_wide(e, initial);
    return loop_array(e->b, name, (LoopType){type, wide}, 2, extent, initial);
}

LoopVal emit_registers_get(Emit *e, int array, LoopVal row, int column) {
    LoopVal at[2] = {row, index_const(e, column)};
    return loop_read(e->b, array, at);
}

void emit_registers_set(Emit *e, int array, LoopVal row, int column, LoopVal value) {
    LoopVal at[2] = {row, index_const(e, column)};
    loop_set(e->b, array, at, value);
}

LoopVal emit_for(Emit *e, const char *index, LoopVal lo, LoopVal hi, int64_t step) {
    return loop_for(e->b, index, lo, hi, step);
}

LoopVal emit_unroll(Emit *e, const char *index, int count) {
    return loop_unroll(e->b, index, 0, count);
}
void emit_if(Emit *e, LoopVal condition) { loop_if(e->b, condition); }
void emit_else(Emit *e) { loop_else(e->b); }
void emit_end(Emit *e) { loop_end(e->b); }
int emit_is_whole(Emit *e, const Dim *extent) {
    int64_t known;
    return index_known(e, index_dim(e, extent), &known) && known % ABI_LANES == 0;
}

static void vector_turn(Emit *e, EmitTurn *turn, void *context, LoopVal base, LoopVal count) {
    Scope scope = emit_scope_open(e);
    e->lane_count = count;
    turn(e, context, base);
    e->lane_count = 0;
    emit_scope_close(e, scope);
}

void emit_vectors(Emit *e, LoopVal lo, LoopVal hi, int is_whole, EmitTurn *turn, void *context) {
    LoopVal lanes = index_const(e, ABI_LANES), end = hi;
    if (!is_whole) end = index_op(e, LO_SUB, hi, index_op(e, LO_REM, index_op(e, LO_SUB, hi, lo), lanes));
    LoopVal j = emit_for(e, "j", lo, end, ABI_LANES);
    vector_turn(e, turn, context, j, 0);
    emit_end(e);
    if (is_whole) return;
    emit_if(e, emit_op2(e, LO_LT, end, hi));
    vector_turn(e, turn, context, end, index_op(e, LO_SUB, hi, end));
    emit_end(e);
}

void emit_tiles(Emit *e, const Dim *count) { e->tile_count = count; }

/* ---- buffers ------------------------------------------------------------------------------------------- */

/* Has the node an array that this kernel reads (rather than computing it)? */
int emit_reads(const Emit *e, const Node *n) {
    const Lower *l = e->lower;
    if (l->buffer_of[n->id] < 0) return 0;
    int made_by = l->fusion->kernel_of[n->id];
    return made_by < 0 || l->fusion->kernels.data[made_by] != e->fused;
}

static const char *buffer_name(Emit *e, int plan_buffer, int is_flat) {
    const char *name = e->lower->plan->buffers.data[plan_buffer].name->text;
    return is_flat ? arena_printf(e->lower->arena, "%s_flat", name) : name;
}

static void note_access(Emit *e, const EmitBuffer *seen, LoopAccess access) {
    LoopBuffer *buffer = &e->kernel->buffers.data[seen->buffer];
    if (buffer->access != access) buffer->access = LOOP_INOUT;
    if (buffer->access == LOOP_IN) return;
    for (int i = 0; i < e->buffers.len; i++)
        if (e->buffers.data[i].plan_buffer == seen->plan_buffer && e->buffers.data[i].is_flat != seen->is_flat)
            ICE("lower: %s is written and read across its rows", buffer->name->text);
}

/* A kernel has every size that its buffers' extents name as an argument. */
static void need_sizes(Emit *e, const Dim *const *extents, int rank) {
    for (int i = 0; i < rank; i++)
        if (!dim_is_constant(extents[i])) index_dim(e, extents[i]);
}

static int kernel_buffer(Emit *e, int plan_buffer, int is_flat, LoopAccess access) {
    for (int i = 0; i < e->buffers.len; i++) {
        const EmitBuffer *seen = &e->buffers.data[i];
        if (seen->plan_buffer != plan_buffer || seen->is_flat != is_flat) continue;
        note_access(e, seen, access);
        return seen->buffer;
    }
    const PlanBuffer *p = &e->lower->plan->buffers.data[plan_buffer];
    const Dim *flat = dims_product(&e->lower->session->dims, p->extents, p->rank);
    EmitBuffer added = {plan_buffer, is_flat, 0};
    need_sizes(e, p->extents, p->rank);
    const char *name = buffer_name(e, plan_buffer, is_flat);
    added.buffer = is_flat ? loop_buffer(e->b, name, access, p->dtype, 1, &flat, NULL)
                           : loop_buffer(e->b, name, access, p->dtype, p->rank, p->extents, NULL);
    vec_push(e->lower->arena, &e->buffers, added);
    note_access(e, &added, access);
    return added.buffer;
}

static LoopVal load_flat(Emit *e, int plan_buffer, const Node *n, const NodePlace *at) {
    LoopVal offset = index_const(e, 0), pitch = index_const(e, 1);
    for (int i = n->rank - 1; i >= 0; i--) {
        const Index *index = &at->axis[i];
        LoopVal v = index->wide || index->stride ? index_wide(e, index) : index->base;
        offset = emit_op2(e, LO_ADD, offset, emit_op2(e, LO_MUL, v, pitch));
        pitch = index_op(e, LO_MUL, pitch, index_dim(e, n->shape[i]));
    }
    return loop_gather(e->b, kernel_buffer(e, plan_buffer, 1, LOOP_IN), &offset, e->lane_count);
}

LoopVal emit_load_buffer(Emit *e, int plan_buffer, const Node *n, const NodePlace *at) {
    LoopVal subscripts[LOOP_MAX_RANK] = {0};
    int last = n->rank - 1, inner_lanes = 0;
    if (e->is_flat && n->rank) {
        LoopVal base = at->axis[0].base;
        int flat = kernel_buffer(e, plan_buffer, 1, LOOP_IN);
        return at->axis[0].stride ? loop_load_wide(e->b, flat, &base, e->lane_count) : loop_load(e->b, flat, &base);
    }
    for (int i = 0; i < last; i++) inner_lanes |= at->axis[i].wide || at->axis[i].stride;
    if (inner_lanes) return load_flat(e, plan_buffer, n, at);
    int buffer = kernel_buffer(e, plan_buffer, 0, LOOP_IN);
    for (int i = 0; i < n->rank; i++) subscripts[i] = at->axis[i].base;
    if (n->rank == 0) return loop_load(e->b, buffer, subscripts);
    const Index *lane = &at->axis[last];
    if (!lane->wide && !lane->stride) return loop_load(e->b, buffer, subscripts);
    if (!lane->wide && lane->stride == 1)
        return loop_load_wide(e->b, buffer, subscripts, e->lane_count);
    subscripts[last] = index_wide(e, lane);
    return loop_gather(e->b, buffer, subscripts, e->lane_count);
}

LoopVal emit_load(Emit *e, const Node *n, const NodePlace *at) {
    return emit_load_buffer(e, e->lower->buffer_of[n->id], n, at);
}

LoopVal emit_load_flat(Emit *e, const Node *n, LoopVal offset) {
    return loop_load(e->b, kernel_buffer(e, e->lower->buffer_of[n->id], 1, LOOP_IN), &offset);
}

LoopVal emit_load_flat_lanes(Emit *e, const Node *n, LoopVal offset, int64_t step) {
    int buffer = kernel_buffer(e, e->lower->buffer_of[n->id], 1, LOOP_IN);
    if (step == 1) return loop_load_wide(e->b, buffer, &offset, e->lane_count);
    Index lanes = {.base = offset, .stride = step};
    offset = index_wide(e, &lanes);
    return loop_gather(e->b, buffer, &offset, e->lane_count);
}

void emit_store(Emit *e, int plan_buffer, const Node *n, const NodePlace *at, LoopVal value) {
    int is_flat = e->is_flat && n->rank, buffer = kernel_buffer(e, plan_buffer, is_flat, LOOP_OUT), lanes = 0;
    LoopVal subscripts[LOOP_MAX_RANK] = {0};
    if (is_flat) {
        LoopVal base = at->axis[0].base;
        loop_store(e->b, buffer, &base, emit_wide(e, value), e->lane_count);
        return;
    }
    for (int i = 0; i < n->rank; i++) {
        subscripts[i] = at->axis[i].base;
        lanes |= at->axis[i].stride != 0;
    }
    if (lanes) value = emit_wide(e, value);
    loop_store(e->b, buffer, subscripts, value, lanes ? e->lane_count : 0);
}

void emit_prefetch(Emit *e, const Node *n, const NodePlace *at) {
    LoopVal subscripts[LOOP_MAX_RANK] = {0};
    for (int i = 0; i < n->rank; i++) {
        if (at->axis[i].wide || at->axis[i].is_open) return;
        subscripts[i] = at->axis[i].base;
    }
    loop_prefetch(e->b, kernel_buffer(e, e->lower->buffer_of[n->id], 0, LOOP_IN), subscripts);
}

void emit_prefetch_result(Emit *e, const Root *root, const NodePlace *at) {
    LoopVal subscripts[LOOP_MAX_RANK] = {0};
    for (int i = 0; i < root->node->rank; i++) subscripts[i] = at->axis[i].base;
    loop_prefetch(e->b, kernel_buffer(e, root->plan_buffer, 0, LOOP_OUT), subscripts);
}

int emit_scratch(Emit *e, const char *name, DType type, const Dim *rows, int64_t columns) {
    const Dim *extents[2] = {rows, dim_constant(&e->lower->session->dims, columns)};
    int64_t bytes = dim_maximum(rows) * columns * dtype_bytes(type);
    need_sizes(e, extents, 2);
    e->scratch_bytes += (bytes + ABI_ALIGN - 1) / ABI_ALIGN * ABI_ALIGN;
    return loop_buffer(e->b, name, LOOP_SCRATCH, type, 2, extents, NULL);
}

LoopVal emit_load_scratch(Emit *e, int buffer, LoopVal row, LoopVal column) {
    LoopVal at[2] = {row, column};
    return loop_load_wide(e->b, buffer, at, 0);
}

LoopVal emit_load_scratch_number(Emit *e, int buffer, LoopVal row, LoopVal column) {
    LoopVal at[2] = {row, column};
    return loop_load(e->b, buffer, at);
}

void emit_store_scratch(Emit *e, int buffer, LoopVal row, LoopVal column, LoopVal value) {
    LoopVal at[2] = {row, column};
    loop_store(e->b, buffer, at, value, 0);
}

void emit_prefetch_flat(Emit *e, const Node *n, LoopVal offset) {
    loop_prefetch(e->b, kernel_buffer(e, e->lower->buffer_of[n->id], 1, LOOP_IN), &offset);
}

void emit_transpose(Emit *e, LoopVal *v) {
    for (int width = ABI_LANES / 2, round = 3; width; width /= 2, round--)
        for (int i = 0; i < ABI_LANES; i++) {
            if (i & width) continue;
            LoopVal low = v[i], high = v[i + width];
            v[i] = emit_op2(e, (LoopOp)(LO_TRADE_LOW_1 + 2 * round), low, high);
            v[i + width] = emit_op2(e, (LoopOp)(LO_TRADE_HIGH_1 + 2 * round), low, high);
        }
}
