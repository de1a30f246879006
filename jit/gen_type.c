/* Types, constants and intrinsics. */
#include "jit/gen.h"

#include <string.h>

void gen_module_types(GenModule *gm) {
    LLVMContextRef c = gm->context;
    gm->pointer = LLVMPointerTypeInContext(c, 0);
    gm->void_type = LLVMVoidTypeInContext(c);
    gm->i1 = LLVMInt1TypeInContext(c);
    gm->i8 = LLVMInt8TypeInContext(c);
    gm->i16 = LLVMInt16TypeInContext(c);
    gm->i32 = LLVMInt32TypeInContext(c);
    gm->i64 = LLVMInt64TypeInContext(c);
    gm->f32 = LLVMFloatTypeInContext(c);
    gm->f64 = LLVMDoubleTypeInContext(c);
}

LLVMTypeRef gen_element(Gen *g, DType t) {
    switch (t) {
    case DT_BOOL: return g->gm->i1;
    case DT_I8: case DT_U8: return g->gm->i8;
    case DT_I16: case DT_U16: return g->gm->i16;
    case DT_I32: case DT_U32: return g->gm->i32;
    case DT_I64: case DT_U64: case DT_INDEX: return g->gm->i64;
    case DT_F16: case DT_BF16: case DT_F32: return g->gm->f32;
    case DT_F64: return g->gm->f64;
    case DT_COUNT: break;
    }
    ICE("element type %d", (int)t);
}

LLVMTypeRef gen_stored(Gen *g, DType t) {
    if (t == DT_BOOL) return g->gm->i8;
    if (t == DT_F16 || t == DT_BF16) return g->gm->i16;
    return gen_element(g, t);
}

LLVMTypeRef gen_wide_if(LLVMTypeRef element, int is_wide) {
    return is_wide ? LLVMVectorType(element, ABI_LANES) : element;
}

LLVMTypeRef gen_type(Gen *g, LoopType t) { return gen_wide_if(gen_element(g, t.element), t.is_wide); }

LLVMTypeRef gen_integer(Gen *g, int bits) { return LLVMIntTypeInContext(g->gm->context, (unsigned)bits); }

static LLVMValueRef splat_constant(LLVMValueRef element) {
    LLVMValueRef lanes[ABI_LANES];
    for (int i = 0; i < ABI_LANES; i++) lanes[i] = element;
    return LLVMConstVector(lanes, ABI_LANES);
}

LLVMValueRef gen_int(LLVMTypeRef type, int64_t value) {
    if (LLVMGetTypeKind(type) != LLVMVectorTypeKind) return LLVMConstInt(type, (unsigned long long)value, 1);
    return splat_constant(LLVMConstInt(LLVMGetElementType(type), (unsigned long long)value, 1));
}

LLVMValueRef gen_float(LLVMTypeRef type, double value) {
    if (LLVMGetTypeKind(type) != LLVMVectorTypeKind) return LLVMConstReal(type, value);
    return splat_constant(LLVMConstReal(LLVMGetElementType(type), value));
}

LLVMValueRef gen_index(Gen *g, int64_t value) { return gen_int(g->gm->i64, value); }

LLVMValueRef gen_intrinsic(Gen *g, const char *name, LLVMTypeRef *types, int type_count, LLVMValueRef *in,
                           int count) {
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    if (!id) ICE("LLVM has no %s", name);
    size_t n = (size_t)type_count;
    LLVMValueRef function = LLVMGetIntrinsicDeclaration(g->gm->module, id, types, n);
    LLVMTypeRef type = LLVMIntrinsicGetType(g->gm->context, id, types, n);
    return LLVMBuildCall2(g->b, type, function, in, (unsigned)count, "");
}
