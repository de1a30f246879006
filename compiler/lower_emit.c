/* The builder as the lowering uses it: operands made alike, registers of two indices, node arrays as kernel
 * buffers.  A plan buffer becomes a buffer of the kernel when it is first read or stored; where lanes do not run
 * along its last axis it is seen once more, as one long axis. */
#include "compiler/lower_internal.h"

#include "base/session.h"
#include <string.h>

Scope scope_open(Emit *e) {
    return e->memos.len;
}

void scope_close(Emit *e, Scope scope) {
    while (e->memos.len > scope) {
        Memo memo = vec_pop(&e->memos);
        e->memo_of[memo.node->id] = memo.next;
    }
}

/* ---- values -------------------------------------------------------------------------------------------------- */

LoopVal ix_const(Emit *e, int64_t value) { return loop_index(e->b, value); }
LoopVal ix_dim(Emit *e, const Dim *dim) { return loop_dim(e->b, dim); }
LoopVal ix_lane(Emit *e) { return loop_lane(e->b, DT_INDEX); }
int ix_known(const Emit *e, LoopVal v, int64_t *value) { return loop_is_constant(e->b, v, value); }
LoopVal ix_op(Emit *e, LoopOp op, LoopVal a, LoopVal b) { return op2(e, op, a, b); }

DType held_as(DType t) { return t == DT_F16 || t == DT_BF16 ? DT_F32 : t; }
int is_wide(const Emit *e, LoopVal v) { return loop_type(e->b, v).is_wide; }
DType type_of(const Emit *e, LoopVal v) { return loop_type(e->b, v).element; }
LoopVal widened(Emit *e, LoopVal v) { return loop_splat(e->b, v); }

LoopVal number(Emit *e, DType type, double value) {
    if (dtype_is_float(type)) return loop_const_float(e->b, loop_scalar(type), value);
    return loop_const_int(e->b, loop_scalar(type), (int64_t)value);
}

LoopVal integer(Emit *e, DType type, int64_t value) {
    return loop_const_int(e->b, loop_scalar(type), value);
}

LoopVal splat_constant(Emit *e, const Node *n) {
    union { double f64; float f32; int64_t i64; int32_t i32; int16_t i16; int8_t i8; uint32_t u32; uint16_t u16; uint8_t u8; } v;
    memcpy(&v, n->attr.data, (size_t)dtype_bytes(n->dtype));
    switch (n->dtype) {
    case DT_F32: return number(e, DT_F32, (double)v.f32);
    case DT_F64: return number(e, DT_F64, v.f64);
    case DT_I64: case DT_U64: return integer(e, n->dtype, v.i64);
    case DT_I32: return integer(e, n->dtype, v.i32);
    case DT_I16: return integer(e, n->dtype, v.i16);
    case DT_I8: return integer(e, n->dtype, v.i8);
    case DT_U32: return integer(e, n->dtype, v.u32);
    case DT_U16: return integer(e, n->dtype, v.u16);
    case DT_U8: case DT_BOOL: return integer(e, n->dtype, v.u8);
    case DT_F16: case DT_BF16: case DT_INDEX: case DT_COUNT: break;
    }
    ICE("lower: a constant of type %s", dtype_name(n->dtype));
}

LoopVal op1(Emit *e, LoopOp op, LoopVal a) { return loop_unary(e->b, op, a); }

void alike(Emit *e, LoopVal *a, LoopVal *b) {
    if (is_wide(e, *a) == is_wide(e, *b)) return;
    *a = widened(e, *a);
    *b = widened(e, *b);
}

LoopVal op2(Emit *e, LoopOp op, LoopVal a, LoopVal b) {
    alike(e, &a, &b);
    return loop_binary(e->b, op, a, b);
}

LoopVal op3(Emit *e, LoopOp op, LoopVal a, LoopVal b, LoopVal c) {
    if (is_wide(e, a) || is_wide(e, b) || is_wide(e, c)) {
        a = widened(e, a);
        b = widened(e, b);
        c = widened(e, c);
    }
    return loop_ternary(e->b, op, a, b, c);
}

LoopVal convert(Emit *e, LoopVal v, DType to) {
    return loop_convert(e->b, v, (LoopType){held_as(to), is_wide(e, v)});
}

LoopVal low_bits(Emit *e, LoopVal v) {
    LoopVal low = op2(e, LO_AND, convert(e, v, DT_I64), integer(e, DT_I64, 0xffffffff));
    return convert(e, low, DT_U32);
}

LoopVal lane_get(Emit *e, LoopVal v, int lane) {
    return loop_lane_get(e->b, v, ix_const(e, lane));
}

LoopVal lanes_join(Emit *e, LoopOp op, LoopVal v, LoopVal count) {
    return loop_lanes(e->b, op, v, count);
}

/* ---- registers and blocks -------------------------------------------------------------------------------------- */

int registers_new(Emit *e, const char *name, DType type, int wide, int rows, int columns, LoopVal initial) {
    int extent[2] = {rows, columns};
    if (wide) initial = widened(e, initial);
    return loop_array(e->b, name, (LoopType){type, wide}, 2, extent, initial);
}

LoopVal registers_get(Emit *e, int array, LoopVal row, int column) {
    LoopVal at[2] = {row, ix_const(e, column)};
    return loop_read(e->b, array, at);
}

void registers_set(Emit *e, int array, LoopVal row, int column, LoopVal value) {
    LoopVal at[2] = {row, ix_const(e, column)};
    loop_set(e->b, array, at, value);
}

LoopVal for_begin(Emit *e, const char *index, LoopVal lo, LoopVal hi, int64_t step) {
    return loop_for(e->b, index, lo, hi, step);
}

LoopVal unroll_begin(Emit *e, const char *index, int count) { return loop_unroll(e->b, index, 0, count); }
void if_begin(Emit *e, LoopVal condition) { loop_if(e->b, condition); }
void else_begin(Emit *e) { loop_else(e->b); }
void block_end(Emit *e) { loop_end(e->b); }
void set_tiles(Emit *e, const Dim *count) { e->tile_count = count; }

/* ---- buffers ------------------------------------------------------------------------------------------------------ */

/* Has the node an array that this kernel reads (rather than computing it)? */
int is_read_from_array(const Emit *e, const Node *n) {
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
        if (e->buffers.data[i].plan_buffer == seen->plan_buffer && e->buffers.data[i].is_flat)
            ICE("lower: %s is written and read across its rows", buffer->name->text);
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
    const char *name = buffer_name(e, plan_buffer, is_flat);
    added.buffer = is_flat ? loop_buffer(e->b, name, access, p->dtype, 1, &flat, NULL)
                           : loop_buffer(e->b, name, access, p->dtype, p->rank, p->extents, NULL);
    vec_push(e->lower->arena, &e->buffers, added);
    note_access(e, &added, access);
    return added.buffer;
}

static LoopVal load_flat(Emit *e, int plan_buffer, const Node *n, const PlaceOf *at) {
    LoopVal offset = ix_const(e, 0), pitch = ix_const(e, 1);
    for (int i = n->rank - 1; i >= 0; i--) {
        const Index *index = &at->axis[i];
        LoopVal v = index->wide || index->stride ? index_wide(e, index) : index->base;
        offset = op2(e, LO_ADD, offset, op2(e, LO_MUL, v, pitch));
        pitch = ix_op(e, LO_MUL, pitch, ix_dim(e, n->shape[i]));
    }
    return loop_gather(e->b, kernel_buffer(e, plan_buffer, 1, LOOP_IN), &offset, e->lane_count);
}

LoopVal load_buffer(Emit *e, int plan_buffer, const Node *n, const PlaceOf *at) {
    LoopVal subscripts[LOOP_MAX_RANK] = {0};
    int last = n->rank - 1, inner_lanes = 0;
    for (int i = 0; i < last; i++) inner_lanes |= at->axis[i].wide || at->axis[i].stride;
    if (inner_lanes) return load_flat(e, plan_buffer, n, at);
    int buffer = kernel_buffer(e, plan_buffer, 0, LOOP_IN);
    for (int i = 0; i < n->rank; i++) subscripts[i] = at->axis[i].base;
    if (n->rank == 0) return loop_load(e->b, buffer, subscripts);
    const Index *lane = &at->axis[last];
    if (!lane->wide && !lane->stride) return loop_load(e->b, buffer, subscripts);
    if (!lane->wide && lane->stride == 1) return loop_load_wide(e->b, buffer, subscripts, e->lane_count);
    subscripts[last] = index_wide(e, lane);
    return loop_gather(e->b, buffer, subscripts, e->lane_count);
}

LoopVal load_node(Emit *e, const Node *n, const PlaceOf *at) {
    return load_buffer(e, e->lower->buffer_of[n->id], n, at);
}

void store_node(Emit *e, int plan_buffer, const Node *n, const PlaceOf *at, LoopVal value) {
    int buffer = kernel_buffer(e, plan_buffer, 0, LOOP_OUT), lanes = 0;
    LoopVal subscripts[LOOP_MAX_RANK] = {0};
    for (int i = 0; i < n->rank; i++) {
        subscripts[i] = at->axis[i].base;
        lanes |= at->axis[i].stride != 0;
    }
    if (lanes) value = widened(e, value);
    loop_store(e->b, buffer, subscripts, value, lanes ? e->lane_count : 0);
}

int scratch_new(Emit *e, const char *name, DType type, const Dim *rows, int64_t columns) {
    const Dim *extents[2] = {rows, dim_constant(&e->lower->session->dims, columns)};
    int64_t bytes = dim_maximum(rows) * columns * dtype_bytes(type);
    e->scratch_bytes += (bytes + ABI_ALIGN - 1) / ABI_ALIGN * ABI_ALIGN;
    return loop_buffer(e->b, name, LOOP_SCRATCH, type, 2, extents, NULL);
}

LoopVal load_scratch(Emit *e, int buffer, LoopVal row, int column) {
    LoopVal at[2] = {row, ix_const(e, column)};
    return loop_load_wide(e->b, buffer, at, 0);
}

void store_scratch(Emit *e, int buffer, LoopVal row, LoopVal column, LoopVal value) {
    LoopVal at[2] = {row, column};
    loop_store(e->b, buffer, at, value, 0);
}
