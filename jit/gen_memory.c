/* Buffers: addresses from subscripts, loads and stores of scalars and lanes, gathers.
 *
 * Lanes beyond a count are neither read nor written: masked intrinsics, which LLVM expands lane by lane where
 * the target has no masked instructions.  Base pointers are aligned to their element only, since a plan may
 * pass any row of a buffer. */
#include "jit/gen.h"

static LLVMValueRef floor_divide(Gen *g, LLVMValueRef a, LLVMValueRef d, LLVMValueRef *remainder) {
    LLVMBuilderRef b = g->b;
    LLVMValueRef zero = gen_index(g, 0);
    LLVMValueRef quotient = LLVMBuildSDiv(b, a, d, ""), rest = LLVMBuildSRem(b, a, d, "");
    LLVMValueRef is_off = LLVMBuildICmp(b, LLVMIntNE, rest, zero, "");
    LLVMValueRef signs = LLVMBuildICmp(b, LLVMIntSLT, LLVMBuildXor(b, rest, d, ""), zero, "");
    LLVMValueRef below = LLVMBuildAnd(b, is_off, signs, "");
    *remainder = LLVMBuildSelect(b, below, LLVMBuildAdd(b, rest, d, ""), rest, "");
    return LLVMBuildSub(b, quotient, LLVMBuildZExt(b, below, g->gm->i64, ""), "");
}

static LLVMValueRef dim_name(Gen *g, const DimName *name) {
    for (int i = 0; i < g->dim_count; i++) {
        if (g->dim_names[i] == name) return g->dims[i];
    }
    ICE("%s has no dim %s", g->kernel ? g->kernel->name->text : "a plan", name->name->text);
}

static LLVMValueRef dim_atom(Gen *g, const DimAtom *atom) {
    if (atom->kind == DIM_NAME) return dim_name(g, atom->name);
    LLVMValueRef a = gen_dim(g, atom->a), c = gen_dim(g, atom->b), rest;
    LoopType t = {DT_INDEX, 0};
    LLVMValueRef in[2] = {a, c};
    switch (atom->kind) {
    case DIM_FLOOR_DIV: case DIM_EXACT_DIV: return floor_divide(g, a, c, &rest);
    case DIM_MOD: floor_divide(g, a, c, &rest); return rest;
    case DIM_MIN: return gen_operation(g, LO_MIN, t, in);
    case DIM_MAX: return gen_operation(g, LO_MAX, t, in);
    case DIM_NAME: break;
    }
    ICE("dim atom %d", (int)atom->kind);
}

LLVMValueRef gen_dim(Gen *g, const Dim *dim) {
    LLVMValueRef sum = gen_index(g, 0);
    for (int i = 0; i < dim->term_count; i++) {
        const DimTerm *term = &dim->terms[i];
        LLVMValueRef product = gen_index(g, term->coefficient);
        for (int j = 0; j < term->power_count; j++) {
            LLVMValueRef atom = dim_atom(g, term->powers[j].atom);
            for (int k = 0; k < term->powers[j].power; k++) product = LLVMBuildMul(g->b, product, atom, "");
        }
        sum = LLVMBuildAdd(g->b, sum, product, "");
    }
    return sum;
}

LLVMValueRef gen_count(Gen *g, LoopVal count) {
    LLVMTypeRef i64 = g->gm->i64;
    LLVMValueRef low[2] = {gen_value(g, count), gen_index(g, 0)};
    LLVMValueRef high[2] = {gen_intrinsic(g, "llvm.smax", &i64, 1, low, 2), gen_index(g, ABI_LANES)};
    return gen_intrinsic(g, "llvm.smin", &i64, 1, high, 2);
}

LLVMValueRef gen_mask(Gen *g, LoopVal count) {
    LLVMBuilderRef b = g->b;
    LLVMTypeRef i32 = g->gm->i32;
    LLVMValueRef clamped = gen_count(g, count), lanes[ABI_LANES];
    for (int i = 0; i < ABI_LANES; i++) lanes[i] = gen_int(i32, i);
    LLVMValueRef wide = gen_splat(g, LLVMBuildTrunc(b, clamped, i32, ""));
    return LLVMBuildICmp(b, LLVMIntSLT, LLVMConstVector(lanes, ABI_LANES), wide, "");
}

/* What is added to a scalar index in the end: the constants in sums and in multiples of sums. */
static int64_t constant_in(const Gen *g, LoopVal index, int depth) {
    const LoopValue *v = &g->kernel->values.data[index];
    if (v->type.element != DT_INDEX || v->type.is_wide) return 0;
    if (v->op == LO_CONST) return v->imm_i;
    if (!depth || (v->op != LO_ADD && v->op != LO_SUB && v->op != LO_MUL)) return 0;
    if (v->op == LO_MUL && g->kernel->values.data[v->in[1]].op != LO_CONST) return 0;
    uint64_t a = (uint64_t)constant_in(g, v->in[0], depth - 1), b = (uint64_t)constant_in(g, v->in[1], depth - 1);
    return (int64_t)(v->op == LO_ADD ? a + b : v->op == LO_SUB ? a - b : a * b);
}

/* The index without that. */
static LLVMValueRef without_constant(Gen *g, LoopVal index, int depth) {
    const LoopValue *v = &g->kernel->values.data[index];
    if (!constant_in(g, index, depth)) return gen_value(g, index);
    if (v->op == LO_CONST) return gen_index(g, 0);
    LLVMValueRef a = without_constant(g, v->in[0], depth - 1);
    if (v->op == LO_MUL) return LLVMBuildMul(g->b, a, gen_value(g, v->in[1]), "");
    LLVMValueRef b = without_constant(g, v->in[1], depth - 1);
    return v->op == LO_ADD ? LLVMBuildAdd(g->b, a, b, "") : LLVMBuildSub(g->b, a, b, "");
}

static int has_wide_subscript(const Gen *g, int buffer, const LoopVal *subscripts) {
    for (int i = 0; i < g->kernel->buffers.data[buffer].rank; i++)
        if (g->kernel->values.data[subscripts[i]].type.is_wide) return 1;
    return 0;
}

enum { CONSTANT_DEPTH = 4 };

/* Elements at known distances get one base and a constant each, as machines address them.  LLVM finds that by itself, but
 * only where it looks at all addresses of a loop together, which takes it long.  The base alone may lie outside. */
static LLVMValueRef scalar_address(Gen *g, int buffer, const LoopVal *subscripts) {
    const LoopBuffer *info = &g->kernel->buffers.data[buffer];
    LLVMTypeRef element = gen_stored(g, info->dtype);
    LLVMValueRef offset = gen_index(g, 0);
    uint64_t distance = 0;
    for (int i = 0; i < info->rank; i++) {
        LLVMValueRef at = gen_value(g, subscripts[i]), stride = g->strides[buffer][i];
        LoopType t = g->kernel->values.data[subscripts[i]].type;
        if (t.element != DT_INDEX) {
            at = gen_convert(g, at, t, (LoopType){DT_INDEX, 0});
        } else if (LLVMIsAConstantInt(stride)) {
            uint64_t constant = (uint64_t)constant_in(g, subscripts[i], CONSTANT_DEPTH);
            distance += constant * LLVMConstIntGetZExtValue(stride);
            at = without_constant(g, subscripts[i], CONSTANT_DEPTH);
        }
        offset = LLVMBuildAdd(g->b, offset, LLVMBuildMul(g->b, at, stride, ""), "");
    }
    if (!distance) return LLVMBuildInBoundsGEP2(g->b, element, g->buffers[buffer], &offset, 1, "");
    LLVMValueRef base = LLVMBuildGEP2(g->b, element, g->buffers[buffer], &offset, 1, "");
    LLVMValueRef constant = gen_index(g, (int64_t)distance);
    return LLVMBuildGEP2(g->b, element, base, &constant, 1, "");
}

LLVMValueRef gen_address(Gen *g, int buffer, const LoopVal *subscripts, LLVMValueRef last) {
    const LoopBuffer *info = &g->kernel->buffers.data[buffer];
    LLVMValueRef offset = gen_index(g, 0);
    if (!last && !has_wide_subscript(g, buffer, subscripts)) return scalar_address(g, buffer, subscripts);
    for (int i = 0; i < info->rank; i++) {
        if (last && i == info->rank - 1) {
            offset = LLVMBuildAdd(g->b, offset, LLVMBuildMul(g->b, last, g->strides[buffer][i], ""), "");
            break;
        }
        LLVMValueRef at = gen_value(g, subscripts[i]);
        LoopType t = g->kernel->values.data[subscripts[i]].type;
        if (t.element != DT_INDEX) at = gen_convert(g, at, t, (LoopType){DT_INDEX, t.is_wide});
        if (t.is_wide) {
            LLVMValueRef stride = gen_splat(g, g->strides[buffer][i]);
            offset = LLVMBuildAdd(g->b, gen_splat(g, offset), LLVMBuildMul(g->b, at, stride, ""), "");
        } else {
            offset = LLVMBuildAdd(g->b, offset, LLVMBuildMul(g->b, at, g->strides[buffer][i], ""), "");
        }
    }
    LLVMTypeRef element = gen_stored(g, info->dtype);
    return LLVMBuildInBoundsGEP2(g->b, element, g->buffers[buffer], &offset, 1, "");
}

static LLVMValueRef from_stored(Gen *g, LLVMValueRef stored, DType t, int is_wide) {
    if (t == DT_BOOL) {
        LLVMTypeRef type = gen_wide_if(g->gm->i8, is_wide);
        return LLVMBuildICmp(g->b, LLVMIntNE, stored, gen_int(type, 0), "");
    }
    if (t == DT_F16 || t == DT_BF16) return gen_widen_half(g, stored, t, is_wide);
    return stored;
}

static LLVMValueRef to_stored(Gen *g, LLVMValueRef value, DType t, int is_wide) {
    if (t == DT_BOOL) return LLVMBuildZExt(g->b, value, gen_wide_if(g->gm->i8, is_wide), "");
    if (t == DT_F16 || t == DT_BF16) return gen_narrow_half(g, value, t, is_wide);
    return value;
}

typedef enum Masked { MASKED_LOAD, MASKED_GATHER, MASKED_STORE } Masked;

/* The one place that knows the masked intrinsics; `stored` is what to store, NULL otherwise. */
static LLVMValueRef masked(Gen *g, Masked kind, LLVMTypeRef type, LLVMValueRef at, LLVMValueRef stored,
                           LLVMValueRef mask, int alignment) {
    static const char *const names[] = {"llvm.masked.load", "llvm.masked.gather", "llvm.masked.store"};
    LLVMTypeRef types[2] = {type, LLVMTypeOf(at)};
    LLVMValueRef in[4];
    int count = 0;
    if (stored) in[count++] = stored;
    in[count++] = at;
    if (LL_MASKED_ALIGNMENT_OPERAND) in[count++] = gen_int(g->gm->i32, alignment);
    in[count++] = mask;
    if (!stored) in[count++] = LLVMConstNull(type);
    LLVMValueRef call = gen_intrinsic(g, names[kind], types, 2, in, count);
    if (!LL_MASKED_ALIGNMENT_OPERAND) {
        LLVMSetInstrParamAlignment(call, stored ? 2 : 1, (unsigned)alignment);
    }
    return call;
}

static LLVMValueRef full_mask(Gen *g) { return gen_int(gen_wide_if(g->gm->i1, 1), 1); }

/* Constant counts of sixteen and more need no mask. */
int gen_is_whole(Gen *g, LoopVal count) {
    if (!count) return 1;
    const LoopValue *value = &g->kernel->values.data[count];
    return value->op == LO_CONST && value->imm_i >= ABI_LANES;
}

LLVMValueRef gen_load_vector(Gen *g, int buffer, LLVMValueRef at, LLVMValueRef mask) {
    const LoopBuffer *info = &g->kernel->buffers.data[buffer];
    LLVMTypeRef type = gen_wide_if(gen_stored(g, info->dtype), 1);
    int alignment = dtype_bytes(info->dtype);
    LLVMValueRef stored;
    if (mask) {
        stored = masked(g, MASKED_LOAD, type, at, NULL, mask, alignment);
    } else {
        stored = LLVMBuildLoad2(g->b, type, at, "");
        LLVMSetAlignment(stored, (unsigned)alignment);
    }
    return from_stored(g, stored, info->dtype, 1);
}

LLVMValueRef gen_load(Gen *g, const LoopValue *value) {
    const LoopBuffer *info = &g->kernel->buffers.data[value->buffer];
    LLVMValueRef at = gen_address(g, value->buffer, value->subscripts, NULL);
    if (value->type.is_wide) {
        LLVMValueRef mask = gen_is_whole(g, value->count) ? NULL : gen_mask(g, value->count);
        return gen_load_vector(g, value->buffer, at, mask);
    }
    LLVMValueRef stored = LLVMBuildLoad2(g->b, gen_stored(g, info->dtype), at, "");
    LLVMSetAlignment(stored, (unsigned)dtype_bytes(info->dtype));
    return from_stored(g, stored, info->dtype, 0);
}

LLVMValueRef gen_masked_gather(Gen *g, const LoopValue *value) {
    const LoopBuffer *info = &g->kernel->buffers.data[value->buffer];
    LLVMValueRef at = gen_address(g, value->buffer, value->subscripts, NULL);
    LLVMTypeRef type = gen_wide_if(gen_stored(g, info->dtype), 1);
    LLVMValueRef mask = gen_is_whole(g, value->count) ? full_mask(g) : gen_mask(g, value->count);
    LLVMValueRef stored = masked(g, MASKED_GATHER, type, at, NULL, mask, dtype_bytes(info->dtype));
    return from_stored(g, stored, info->dtype, 1);
}

static void store_vector(Gen *g, LLVMValueRef stored, LLVMValueRef at, int alignment) {
    LLVMSetAlignment(LLVMBuildStore(g->b, stored, at), (unsigned)alignment);
}

/* `count` lanes from lane `first` on. */
static LLVMValueRef some_lanes(Gen *g, LLVMValueRef vector, int first, int count) {
    LLVMValueRef lanes[ABI_LANES];
    for (int i = 0; i < count; i++) lanes[i] = gen_int(g->gm->i32, first + i);
    return LLVMBuildShuffleVector(g->b, vector, LLVMGetUndef(LLVMTypeOf(vector)), LLVMConstVector(lanes, (unsigned)count), "");
}

/* A known number of lanes: two stores of a power of two, which overlap where they must.  A store under a mask takes tens of
 * cycles on machines that have masks for loads only. */
static void store_some(Gen *g, const LoopStmt *s, LLVMValueRef stored, LLVMValueRef at, int count, int alignment) {
    int part = 1;
    while (2 * part <= count) part *= 2;
    store_vector(g, some_lanes(g, stored, 0, part), at, alignment);
    if (part == count) return;
    LLVMTypeRef element = gen_stored(g, g->kernel->buffers.data[s->buffer].dtype);
    LLVMValueRef offset = gen_index(g, count - part);
    LLVMValueRef rest = LLVMBuildInBoundsGEP2(g->b, element, at, &offset, 1, "");
    store_vector(g, some_lanes(g, stored, count - part, part), rest, alignment);
}

void gen_store(Gen *g, const LoopStmt *s) {
    const LoopBuffer *info = &g->kernel->buffers.data[s->buffer];
    int is_wide = g->kernel->values.data[s->value].type.is_wide, alignment = dtype_bytes(info->dtype);
    LLVMValueRef stored = to_stored(g, gen_value(g, s->value), info->dtype, is_wide);
    LLVMValueRef at = gen_address(g, s->buffer, s->subscripts, NULL);
    const LoopValue *count = s->count ? &g->kernel->values.data[s->count] : NULL;
    if (is_wide && count && count->op == LO_CONST && count->imm_i > 0 && count->imm_i < ABI_LANES) {
        store_some(g, s, stored, at, (int)count->imm_i, alignment);
    } else if (is_wide && !gen_is_whole(g, s->count)) {
        masked(g, MASKED_STORE, LLVMTypeOf(stored), at, stored, gen_mask(g, s->count), alignment);
    } else {
        store_vector(g, stored, at, alignment);
    }
}

/* For reading, into every cache. */
void gen_prefetch(Gen *g, const LoopStmt *s) {
    LLVMTypeRef i32 = g->gm->i32;
    LLVMValueRef at = gen_address(g, s->buffer, s->subscripts, NULL);
    LLVMTypeRef type = LLVMTypeOf(at);
    LLVMValueRef in[4] = {at, gen_int(i32, 0), gen_int(i32, 3), gen_int(i32, 1)};
    gen_intrinsic(g, "llvm.prefetch", &type, 1, in, 4);
}
