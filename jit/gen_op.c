/* The operations of loop_op.def, to the bit as docs/numerics.md says: no flag that lets LLVM reorder, contract
 * or assume; every case that LLVM leaves undefined (shifts by too much, divisions by zero) is guarded. */
#include "jit/gen.h"

static LLVMTypeRef type_of(Gen *g, LoopType t) { return gen_type(g, t); }

/* Integers: by 0 gives 0, least / -1 wraps.  The divisor is replaced where the machine would trap. */
static LLVMValueRef divide(Gen *g, LoopOp op, LoopType t, LLVMValueRef a, LLVMValueRef d) {
    LLVMBuilderRef b = g->b;
    LLVMTypeRef type = type_of(g, t);
    LLVMValueRef zero = gen_int(type, 0), one = gen_int(type, 1);
    LLVMValueRef by_zero = LLVMBuildICmp(b, LLVMIntEQ, d, zero, "");
    if (!dtype_is_signed(t.element)) {
        d = LLVMBuildSelect(b, by_zero, one, d, "");
        if (op == LO_REM) return LLVMBuildURem(b, a, d, ""); /* x rem 1 is 0 */
        return LLVMBuildSelect(b, by_zero, zero, LLVMBuildUDiv(b, a, d, ""), "");
    }
    LLVMValueRef by_minus = LLVMBuildICmp(b, LLVMIntEQ, d, gen_int(type, -1), "");
    d = LLVMBuildSelect(b, LLVMBuildOr(b, by_zero, by_minus, ""), one, d, "");
    if (op == LO_REM) return LLVMBuildSRem(b, a, d, "");
    LLVMValueRef quotient = LLVMBuildSDiv(b, a, d, "");
    quotient = LLVMBuildSelect(b, by_minus, LLVMBuildNeg(b, a, ""), quotient, "");
    return LLVMBuildSelect(b, by_zero, zero, quotient, "");
}

/* The upper half of a product of 64-bit values out of four products of halves: no 128-bit type, so no target
 * calls a library.  For signed values the unsigned half is corrected by the operands that are negative. */
static LLVMValueRef multiply_high_64(Gen *g, LLVMTypeRef type, int is_signed, LLVMValueRef x, LLVMValueRef y) {
    LLVMBuilderRef b = g->b;
    LLVMValueRef low = gen_int(type, 0xffffffff), half = gen_int(type, 32);
    LLVMValueRef x0 = LLVMBuildAnd(b, x, low, ""), x1 = LLVMBuildLShr(b, x, half, "");
    LLVMValueRef y0 = LLVMBuildAnd(b, y, low, ""), y1 = LLVMBuildLShr(b, y, half, "");
    LLVMValueRef p00 = LLVMBuildMul(b, x0, y0, ""), p01 = LLVMBuildMul(b, x0, y1, "");
    LLVMValueRef p10 = LLVMBuildMul(b, x1, y0, ""), p11 = LLVMBuildMul(b, x1, y1, "");
    LLVMValueRef middle = LLVMBuildAdd(b, p10, LLVMBuildLShr(b, p00, half, ""), ""); /* < 2^64 */
    LLVMValueRef carry = LLVMBuildAdd(b, p01, LLVMBuildAnd(b, middle, low, ""), "");
    LLVMValueRef high = LLVMBuildAdd(b, p11, LLVMBuildLShr(b, middle, half, ""), "");
    high = LLVMBuildAdd(b, high, LLVMBuildLShr(b, carry, half, ""), "");
    if (!is_signed) return high;
    LLVMValueRef top = gen_int(type, 63);
    LLVMValueRef cx = LLVMBuildAnd(b, LLVMBuildAShr(b, x, top, ""), y, "");
    LLVMValueRef cy = LLVMBuildAnd(b, LLVMBuildAShr(b, y, top, ""), x, "");
    return LLVMBuildSub(b, LLVMBuildSub(b, high, cx, ""), cy, "");
}

static LLVMValueRef multiply_high(Gen *g, LoopType t, LLVMValueRef x, LLVMValueRef y) {
    LLVMBuilderRef b = g->b;
    LLVMTypeRef type = type_of(g, t);
    int is_signed = dtype_is_signed(t.element), bits = dtype_bytes(t.element) * 8;
    if (t.element == DT_INDEX || bits == 64) return multiply_high_64(g, type, is_signed, x, y);
    LLVMTypeRef twice = gen_wide_if(gen_integer(g, 2 * bits), t.is_wide);
    x = is_signed ? LLVMBuildSExt(b, x, twice, "") : LLVMBuildZExt(b, x, twice, "");
    y = is_signed ? LLVMBuildSExt(b, y, twice, "") : LLVMBuildZExt(b, y, twice, "");
    LLVMValueRef product = LLVMBuildMul(b, x, y, "");
    return LLVMBuildTrunc(b, LLVMBuildLShr(b, product, gen_int(twice, bits), ""), type, "");
}

static LLVMValueRef shift(Gen *g, LoopOp op, LoopType t, LLVMValueRef a, LLVMValueRef count) {
    LLVMTypeRef type = type_of(g, t);
    int bits = t.element == DT_INDEX ? 64 : dtype_bytes(t.element) * 8;
    count = LLVMBuildAnd(g->b, count, gen_int(type, bits - 1), "");
    if (op == LO_SHL) return LLVMBuildShl(g->b, a, count, "");
    return dtype_is_signed(t.element) ? LLVMBuildAShr(g->b, a, count, "") : LLVMBuildLShr(g->b, a, count, "");
}

/* `t` is the operands' type. */
static LLVMValueRef compare(Gen *g, LoopOp op, LoopType t, LLVMValueRef a, LLVMValueRef c) {
    if (dtype_is_float(t.element)) {
        LLVMRealPredicate p = op == LO_EQ ? LLVMRealOEQ : op == LO_NE ? LLVMRealUNE
                            : op == LO_LT ? LLVMRealOLT : LLVMRealOLE;
        return LLVMBuildFCmp(g->b, p, a, c, "");
    }
    int is_signed = dtype_is_signed(t.element);
    LLVMIntPredicate p = op == LO_EQ ? LLVMIntEQ : op == LO_NE ? LLVMIntNE
                       : op == LO_LT ? (is_signed ? LLVMIntSLT : LLVMIntULT)
                                     : (is_signed ? LLVMIntSLE : LLVMIntULE);
    return LLVMBuildICmp(g->b, p, a, c, "");
}

/* a < b ? a : b, and a > b ? a : b: as select on compare, which is what minps and maxps compute. */
static LLVMValueRef extreme(Gen *g, LoopOp op, LoopType t, LLVMValueRef a, LLVMValueRef c) {
    LLVMValueRef less = op == LO_MIN ? compare(g, LO_LT, t, a, c) : compare(g, LO_LT, t, c, a);
    return LLVMBuildSelect(g->b, less, a, c, "");
}

static LLVMValueRef float_operation(Gen *g, LoopOp op, LoopType t, LLVMValueRef *in) {
    LLVMTypeRef type = type_of(g, t);
    switch ((int)op) {
    case LO_ADD: return LLVMBuildFAdd(g->b, in[0], in[1], "");
    case LO_SUB: return LLVMBuildFSub(g->b, in[0], in[1], "");
    case LO_MUL: return LLVMBuildFMul(g->b, in[0], in[1], "");
    case LO_DIV: return LLVMBuildFDiv(g->b, in[0], in[1], "");
    case LO_NEG: return LLVMBuildFNeg(g->b, in[0], "");
    case LO_ABS: return gen_intrinsic(g, "llvm.fabs", &type, 1, in, 1);
    case LO_FMA: return gen_intrinsic(g, "llvm.fma", &type, 1, in, 3);
    case LO_SQRT: return gen_intrinsic(g, "llvm.sqrt", &type, 1, in, 1);
    case LO_FLOOR: return gen_intrinsic(g, "llvm.floor", &type, 1, in, 1);
    case LO_RINT: return gen_intrinsic(g, "llvm.rint", &type, 1, in, 1);
    default: ICE("operation %d on floats", (int)op);
    }
}

static LLVMValueRef integer_operation(Gen *g, LoopOp op, LoopType t, LLVMValueRef *in) {
    LLVMBuilderRef b = g->b;
    LLVMTypeRef type = type_of(g, t);
    switch ((int)op) {
    case LO_ADD: return LLVMBuildAdd(b, in[0], in[1], "");
    case LO_SUB: return LLVMBuildSub(b, in[0], in[1], "");
    case LO_MUL: return LLVMBuildMul(b, in[0], in[1], "");
    case LO_DIV: case LO_REM: return divide(g, op, t, in[0], in[1]);
    case LO_NEG: return LLVMBuildNeg(b, in[0], "");
    case LO_ABS: {
        if (!dtype_is_signed(t.element)) return in[0];
        LLVMValueRef negative = LLVMBuildICmp(b, LLVMIntSLT, in[0], gen_int(type, 0), "");
        return LLVMBuildSelect(b, negative, LLVMBuildNeg(b, in[0], ""), in[0], "");
    }
    case LO_MULHI: return multiply_high(g, t, in[0], in[1]);
    case LO_SHL: case LO_SHR: return shift(g, op, t, in[0], in[1]);
    default: ICE("operation %d on integers", (int)op);
    }
}

/* LLVM looks through shuffles of shuffles, along every path, for one that does the work of several.  Of a transpose there is
 * none over more than two rounds, and the search takes longer than everything else: a fence, which is no instruction,
 * behind the trades of two lanes ends it. */
static LLVMValueRef fenced(Gen *g, LoopOp op, LoopType t, LLVMValueRef traded) {
    LLVMTypeRef type = type_of(g, t);
    if ((op != LO_TRADE_LOW_2 && op != LO_TRADE_HIGH_2) || !dtype_is_float(t.element)) return traded;
    return gen_intrinsic(g, "llvm.arithmetic.fence", &type, 1, &traded, 1);
}

static LLVMValueRef trade(Gen *g, LoopOp op, LoopType t, LLVMValueRef *in) {
    LLVMValueRef from[ABI_LANES];
    LoopTrade trade = loop_trade(op);
    if (!t.is_wide) return in[trade.is_high];
    for (int i = 0; i < ABI_LANES; i++) from[i] = gen_int(g->gm->i32, loop_trade_lane(trade, i));
    LLVMValueRef lanes = LLVMConstVector(from, ABI_LANES);
    return fenced(g, op, t, LLVMBuildShuffleVector(g->b, in[0], in[1], lanes, ""));
}

LLVMValueRef gen_operation(Gen *g, LoopOp op, LoopType t, LLVMValueRef *in) {
    switch ((int)op) {
    case LO_TRADE_LOW_1: case LO_TRADE_HIGH_1: case LO_TRADE_LOW_2: case LO_TRADE_HIGH_2:
    case LO_TRADE_LOW_4: case LO_TRADE_HIGH_4: case LO_TRADE_LOW_8: case LO_TRADE_HIGH_8: return trade(g, op, t, in);
    case LO_AND: return LLVMBuildAnd(g->b, in[0], in[1], "");
    case LO_OR: return LLVMBuildOr(g->b, in[0], in[1], "");
    case LO_XOR: return LLVMBuildXor(g->b, in[0], in[1], "");
    case LO_NOT: return LLVMBuildNot(g->b, in[0], "");
    case LO_MIN: case LO_MAX: return extreme(g, op, t, in[0], in[1]);
    case LO_EQ: case LO_NE: case LO_LT: case LO_LE: return compare(g, op, t, in[0], in[1]);
    case LO_SELECT: return LLVMBuildSelect(g->b, in[0], in[1], in[2], "");
    default: break;
    }
    return dtype_is_float(t.element) ? float_operation(g, op, t, in) : integer_operation(g, op, t, in);
}
