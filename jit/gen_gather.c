/* Gathers.  Where the places advance by a known step the elements lie in one or two vectors in memory, which costs a
 * tenth of a gather instruction: step 1 is a load, -1 a load and a reversal, 2 two loads that overlap by an element,
 * so that nothing behind the last place is read.  Everything else is llvm.masked.gather. */
#include "jit/gen.h"

/* Lane i is at base + i*step. */
typedef struct Places {
    LLVMValueRef base; /* i64 */
    int64_t step;
} Places;

static int64_t known(Gen *g, LoopVal value, int *is_known) {
    const LoopValue *v = &g->kernel->values.data[value];
    *is_known = v->op == LO_CONST;
    return v->imm_i;
}

/* The places that a wide index names; 0 where its lanes do not advance evenly. */
static int find_places(Gen *g, LoopVal value, Places *out) {
    const LoopValue *v = &g->kernel->values.data[value];
    LLVMBuilderRef b = g->b;
    Places x, y;
    int is_known;
    if (v->type.element != DT_INDEX) return 0;
    switch ((int)v->op) {
    case LO_CONST: *out = (Places){gen_index(g, v->imm_i), 0}; return 1;
    case LO_LANE: *out = (Places){gen_index(g, 0), 1}; return 1;
    case LO_SPLAT: *out = (Places){gen_value(g, v->in[0]), 0}; return 1;
    case LO_ADD:
        if (!find_places(g, v->in[0], &x) || !find_places(g, v->in[1], &y)) return 0;
        *out = (Places){LLVMBuildAdd(b, x.base, y.base, ""), x.step + y.step};
        return 1;
    case LO_SUB:
        if (!find_places(g, v->in[0], &x) || !find_places(g, v->in[1], &y)) return 0;
        *out = (Places){LLVMBuildSub(b, x.base, y.base, ""), x.step - y.step};
        return 1;
    case LO_MUL:
        for (int k = 0; k < 2; k++) {
            int64_t by = known(g, v->in[k], &is_known);
            if (!is_known || by < -16 || by > 16 || !find_places(g, v->in[!k], &x)) continue;
            *out = (Places){LLVMBuildMul(b, x.base, gen_index(g, by), ""), x.step * by};
            return 1;
        }
        return 0;
    default: return 0;
    }
}

static LLVMValueRef lane_numbers(Gen *g) {
    LLVMValueRef lanes[ABI_LANES];
    for (int i = 0; i < ABI_LANES; i++) lanes[i] = gen_index(g, i);
    return LLVMConstVector(lanes, ABI_LANES);
}

/* Sixteen elements from place `from`; of them only those numbered low .. high-1 are read (NULL: all). */
static LLVMValueRef vector_at(Gen *g, const LoopValue *value, LLVMValueRef from, LLVMValueRef low, LLVMValueRef high) {
    LLVMBuilderRef b = g->b;
    LLVMValueRef mask = NULL, lanes = lane_numbers(g);
    if (low) mask = LLVMBuildICmp(b, LLVMIntSGE, lanes, gen_splat(g, low), "");
    if (high) {
        LLVMValueRef below = LLVMBuildICmp(b, LLVMIntSLT, lanes, gen_splat(g, high), "");
        mask = mask ? LLVMBuildAnd(b, mask, below, "") : below;
    }
    return gen_load_vector(g, value->buffer, gen_address(g, value->buffer, value->subscripts, from), mask);
}

static LLVMValueRef picked(Gen *g, LLVMValueRef a, LLVMValueRef b, int first, int step, int gap) {
    LLVMValueRef from[ABI_LANES];
    for (int i = 0; i < ABI_LANES; i++) {
        int at = first + i * step;
        from[i] = gen_int(g->gm->i32, at < ABI_LANES ? at : at + gap);
    }
    return LLVMBuildShuffleVector(g->b, a, b, LLVMConstVector(from, ABI_LANES), "");
}

LLVMValueRef gen_gather(Gen *g, const LoopValue *value) {
    LLVMBuilderRef b = g->b;
    const LoopBuffer *info = &g->kernel->buffers.data[value->buffer];
    LoopVal last = value->subscripts[info->rank - 1];
    Places p;
    if (!find_places(g, last, &p) || (p.step != 1 && p.step != -1 && p.step != 2)) return gen_masked_gather(g, value);
    int is_whole = gen_is_whole(g, value->count);
    LLVMValueRef count = is_whole ? NULL : gen_count(g, value->count);
    if (p.step == 1) return vector_at(g, value, p.base, NULL, count);
    if (p.step == -1) { /* the last lanes lie first */
        LLVMValueRef from = LLVMBuildSub(b, p.base, gen_index(g, ABI_LANES - 1), "");
        LLVMValueRef low = count ? LLVMBuildSub(b, gen_index(g, ABI_LANES), count, "") : NULL;
        LLVMValueRef v = vector_at(g, value, from, low, NULL);
        return picked(g, v, v, ABI_LANES - 1, -1, 0);
    }
    LLVMValueRef low_end = NULL, high_end = NULL; /* elements 0 .. 2*count-2 are wanted */
    if (count) {
        low_end = LLVMBuildSub(b, LLVMBuildAdd(b, count, count, ""), gen_index(g, 1), "");
        high_end = LLVMBuildSub(b, low_end, gen_index(g, ABI_LANES - 1), "");
    }
    LLVMValueRef low = vector_at(g, value, p.base, NULL, low_end);
    LLVMValueRef high = vector_at(g, value, LLVMBuildAdd(b, p.base, gen_index(g, ABI_LANES - 1), ""), NULL, high_end);
    return picked(g, low, high, 0, 2, 1); /* element 16 is number 1 of the second vector, number 17 of both */
}
