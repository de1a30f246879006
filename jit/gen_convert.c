/* Conversions between element types, and the 16-bit floats of memory.
 *
 * f16 and bf16 are done in integers and exact f32 products, so no target calls a library for them; f32
 * subnormals must be kept (the machine's mode, set at the border of the runtime). */
#include "jit/gen.h"

static LLVMValueRef float_to_integer(Gen *g, LLVMValueRef value, LoopType from, LoopType to) {
    LLVMTypeRef types[2] = {gen_type(g, to), gen_type(g, from)};
    const char *name = dtype_is_signed(to.element) ? "llvm.fptosi.sat" : "llvm.fptoui.sat";
    return gen_intrinsic(g, name, types, 2, &value, 1);
}

static LLVMValueRef from_integer(Gen *g, LLVMValueRef value, LoopType from, LoopType to) {
    LLVMTypeRef type = gen_type(g, to);
    int is_signed = dtype_is_signed(from.element);
    if (dtype_is_float(to.element)) {
        return is_signed ? LLVMBuildSIToFP(g->b, value, type, "") : LLVMBuildUIToFP(g->b, value, type, "");
    }
    return LLVMBuildIntCast2(g->b, value, type, is_signed, "");
}

LLVMValueRef gen_convert(Gen *g, LLVMValueRef value, LoopType from, LoopType to) {
    if (from.element == to.element) return value;
    int from_float = dtype_is_float(from.element), to_float = dtype_is_float(to.element);
    if (to.element == DT_BOOL) {
        LLVMTypeRef type = gen_type(g, from);
        if (from_float) return LLVMBuildFCmp(g->b, LLVMRealUNE, value, gen_float(type, 0), "");
        return LLVMBuildICmp(g->b, LLVMIntNE, value, gen_int(type, 0), "");
    }
    if (!from_float) return from_integer(g, value, from, to);
    if (!to_float) return float_to_integer(g, value, from, to);
    return LLVMBuildFPCast(g->b, value, gen_type(g, to), "");
}

LLVMValueRef gen_widen_half(Gen *g, LLVMValueRef bits, DType half, int is_wide) {
    LLVMBuilderRef b = g->b;
    LLVMTypeRef i32 = gen_wide_if(g->gm->i32, is_wide), f32 = gen_wide_if(g->gm->f32, is_wide);
    LLVMValueRef u = LLVMBuildZExt(b, bits, i32, "");
    if (half == DT_BF16) return LLVMBuildBitCast(b, LLVMBuildShl(b, u, gen_int(i32, 16), ""), f32, "");
    /* The exponent and mantissa in f32's place are the number times 2^-112; the product is exact. */
    LLVMValueRef size = LLVMBuildAnd(b, u, gen_int(i32, 0x7fff), "");
    LLVMValueRef sign = LLVMBuildShl(b, LLVMBuildAnd(b, u, gen_int(i32, 0x8000), ""), gen_int(i32, 16), "");
    LLVMValueRef placed = LLVMBuildShl(b, size, gen_int(i32, 13), "");
    LLVMValueRef scaled = LLVMBuildFMul(b, LLVMBuildBitCast(b, placed, f32, ""), gen_float(f32, 0x1p112), "");
    LLVMValueRef special = LLVMBuildOr(b, placed, gen_int(i32, 0x7f800000), "");
    LLVMValueRef is_special = LLVMBuildICmp(b, LLVMIntUGE, size, gen_int(i32, 0x7c00), "");
    LLVMValueRef out = LLVMBuildSelect(b, is_special, special, LLVMBuildBitCast(b, scaled, i32, ""), "");
    return LLVMBuildBitCast(b, LLVMBuildOr(b, out, sign, ""), f32, "");
}

/* u + 2^(shift-1) - 1 + the bit that stays last, shifted: to nearest, ties to even. */
static LLVMValueRef round_bits(Gen *g, LLVMTypeRef i32, LLVMValueRef u, int shift) {
    LLVMBuilderRef b = g->b;
    LLVMValueRef odd = LLVMBuildLShr(b, u, gen_int(i32, shift), "");
    odd = LLVMBuildAnd(b, odd, gen_int(i32, 1), "");
    u = LLVMBuildAdd(b, u, gen_int(i32, (1 << (shift - 1)) - 1), "");
    return LLVMBuildLShr(b, LLVMBuildAdd(b, u, odd, ""), gen_int(i32, shift), "");
}

LLVMValueRef gen_narrow_half(Gen *g, LLVMValueRef value, DType half, int is_wide) {
    LLVMBuilderRef b = g->b;
    LLVMTypeRef i32 = gen_wide_if(g->gm->i32, is_wide), f32 = gen_wide_if(g->gm->f32, is_wide);
    LLVMTypeRef i16 = gen_wide_if(g->gm->i16, is_wide);
    LLVMValueRef u = LLVMBuildBitCast(b, value, i32, "");
    LLVMValueRef size = LLVMBuildAnd(b, u, gen_int(i32, 0x7fffffff), "");
    LLVMValueRef is_nan = LLVMBuildICmp(b, LLVMIntUGT, size, gen_int(i32, 0x7f800000), "");
    if (half == DT_BF16) {
        LLVMValueRef out = LLVMBuildSelect(b, is_nan, gen_int(i32, 0x7fc0), round_bits(g, i32, u, 16), "");
        return LLVMBuildTrunc(b, out, i16, "");
    }
    LLVMValueRef sign = LLVMBuildLShr(b, LLVMBuildAnd(b, u, gen_int(i32, 0x80000000), ""), gen_int(i32, 16), "");
    LLVMValueRef rebased = LLVMBuildSub(b, size, gen_int(i32, 0x38000000), "");
    LLVMValueRef normal = round_bits(g, i32, rebased, 13);
    /* Below 2^-14 the last place is 2^-24, which is that of [0.5, 1) in f32: adding 0.5 rounds. */
    LLVMValueRef half_up = LLVMBuildFAdd(b, LLVMBuildBitCast(b, size, f32, ""), gen_float(f32, 0.5), "");
    LLVMValueRef small = LLVMBuildSub(b, LLVMBuildBitCast(b, half_up, i32, ""), gen_int(i32, 0x3f000000), "");
    LLVMValueRef is_small = LLVMBuildICmp(b, LLVMIntULT, size, gen_int(i32, 0x38800000), "");
    LLVMValueRef is_large = LLVMBuildICmp(b, LLVMIntUGE, size, gen_int(i32, 0x47800000), "");
    LLVMValueRef out = LLVMBuildSelect(b, is_small, small, normal, "");
    out = LLVMBuildSelect(b, is_large, gen_int(i32, 0x7c00), out, "");
    out = LLVMBuildSelect(b, is_nan, gen_int(i32, 0x7e00), out, "");
    return LLVMBuildTrunc(b, LLVMBuildOr(b, out, sign, ""), i16, "");
}
