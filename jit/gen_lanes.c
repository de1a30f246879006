/* Sums and extremes over the lanes of a value: lanes beyond the count become neutral, then halves are joined
 * (i with i+8, +4, +2, +1). */
#include "jit/gen.h"

#include <math.h>

static int64_t least_integer(DType t) {
    if (!dtype_is_signed(t)) return 0;
    int bits = t == DT_INDEX ? 64 : dtype_bytes(t) * 8;
    return (int64_t)(UINT64_MAX << (bits - 1));
}

static LLVMValueRef neutral(Gen *g, LoopOp op, LoopType t) {
    LLVMTypeRef type = gen_type(g, t);
    if (dtype_is_float(t.element)) {
        return gen_float(type, op == LO_LANES_SUM ? -0.0 : op == LO_LANES_MIN ? INFINITY : -INFINITY);
    }
    if (op == LO_LANES_SUM) return gen_int(type, 0);
    int64_t least = least_integer(t.element);
    return gen_int(type, op == LO_LANES_MAX ? least : ~least);
}

/* Lanes first .. first+count-1. */
static LLVMValueRef part(Gen *g, LLVMValueRef v, int first, int count) {
    LLVMValueRef lanes[ABI_LANES];
    for (int i = 0; i < count; i++) lanes[i] = gen_int(g->gm->i32, first + i);
    LLVMValueRef none = LLVMGetPoison(LLVMTypeOf(v));
    return LLVMBuildShuffleVector(g->b, v, none, LLVMConstVector(lanes, (unsigned)count), "");
}

LLVMValueRef gen_lanes(Gen *g, const LoopValue *value) {
    LoopType t = g->kernel->values.data[value->in[0]].type;
    LLVMValueRef v = gen_value(g, value->in[0]);
    if (value->count) v = LLVMBuildSelect(g->b, gen_mask(g, value->count), v, neutral(g, value->op, t), "");
    LoopOp op = value->op == LO_LANES_SUM ? LO_ADD : value->op == LO_LANES_MIN ? LO_MIN : LO_MAX;
    LoopType scalar = {t.element, 0};
    for (int half = ABI_LANES / 2; half > 1; half /= 2) {
        LLVMValueRef in[2] = {part(g, v, 0, half), part(g, v, half, half)};
        v = gen_operation(g, op, scalar, in);
    }
    LLVMValueRef in[2] = {LLVMBuildExtractElement(g->b, v, gen_int(g->gm->i32, 0), ""),
                          LLVMBuildExtractElement(g->b, v, gen_int(g->gm->i32, 1), "")};
    return gen_operation(g, op, scalar, in);
}
