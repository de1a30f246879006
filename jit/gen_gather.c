/* Gathers.  Where the places advance by a known step the elements lie in one or two vectors in memory, which costs a
 * tenth of a gather instruction: step 1 is a load, -1 a load and a reversal, 2 two loads that overlap by an element,
 * so that nothing behind the last place is read.  Where the lanes are at other known distances, all below sixteen, such
 * as the elements of two rows in turn, they are picked from one vector.  Everything else is llvm.masked.gather. */
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

/* Lane i is at base + lane[i]; base NULL: 0. */
typedef struct Distances {
    LLVMValueRef base; /* i64 */
    int64_t lane[ABI_LANES];
} Distances;

/* Each lane by the other's; only where neither has a base. */
static int join_lanes(LoopOp op, const Distances *x, const Distances *y, Distances *out) {
    out->base = NULL;
    if (x->base || y->base) return 0;
    for (int i = 0; i < ABI_LANES; i++) {
        int64_t a = x->lane[i], b = y->lane[i];
        switch ((int)op) {
        case LO_MUL: out->lane[i] = a * b; break;
        case LO_DIV:
        case LO_REM:
            if (b <= 0) return 0;
            out->lane[i] = op == LO_DIV ? a / b : a % b;
            break;
        case LO_MIN: out->lane[i] = a < b ? a : b; break;
        case LO_MAX: out->lane[i] = a > b ? a : b; break;
        default: return 0;
        }
    }
    return 1;
}

static LLVMValueRef sum_of_bases(Gen *g, LLVMValueRef a, LLVMValueRef b, int is_difference) {
    if (!b) return a;
    if (is_difference) return LLVMBuildSub(g->b, a ? a : gen_index(g, 0), b, "");
    return a ? LLVMBuildAdd(g->b, a, b, "") : b;
}

/* The distances at which a wide index has its lanes; 0 where they are not known. */
static int find_distances(Gen *g, LoopVal value, Distances *out) {
    const LoopValue *v = &g->kernel->values.data[value];
    Distances x, y;
    int is_known;
    if (v->type.element != DT_INDEX) return 0;
    if (v->op == LO_CONST || v->op == LO_LANE || v->op == LO_SPLAT) {
        LoopVal of = v->op == LO_SPLAT ? v->in[0] : value;
        int64_t number = v->op == LO_LANE ? 0 : known(g, of, &is_known);
        if (v->op == LO_LANE) is_known = 1;
        *out = (Distances){.base = is_known ? NULL : gen_value(g, of)};
        for (int i = 0; i < ABI_LANES; i++) out->lane[i] = v->op == LO_LANE ? i : is_known ? number : 0;
        return 1;
    }
    if (v->op != LO_ADD && v->op != LO_SUB && v->op != LO_MUL && v->op != LO_DIV && v->op != LO_REM && v->op != LO_MIN &&
        v->op != LO_MAX)
        return 0;
    if (!find_distances(g, v->in[0], &x) || !find_distances(g, v->in[1], &y)) return 0;
    if (v->op != LO_ADD && v->op != LO_SUB) return join_lanes(v->op, &x, &y, out);
    out->base = sum_of_bases(g, x.base, y.base, v->op == LO_SUB);
    for (int i = 0; i < ABI_LANES; i++) out->lane[i] = v->op == LO_SUB ? x.lane[i] - y.lane[i] : x.lane[i] + y.lane[i];
    return 1;
}

static int64_t nearest(const Distances *d) {
    int64_t least = d->lane[0];
    for (int i = 1; i < ABI_LANES; i++)
        if (d->lane[i] < least) least = d->lane[i];
    return least;
}

static int is_one_vector(const Distances *d) {
    for (int i = 0; i < ABI_LANES; i++)
        if (d->lane[i] - nearest(d) >= ABI_LANES) return 0;
    return 1;
}

/* The lanes, picked from one vector: of it only the elements are read that lanes in use want. */
static LLVMValueRef picked_lanes(Gen *g, const LoopValue *value, const Distances *d) {
    LLVMBuilderRef b = g->b;
    int64_t least = nearest(d);
    LLVMValueRef first[ABI_LANES], from[ABI_LANES]; /* the first lane that wants an element */
    for (int i = 0; i < ABI_LANES; i++) first[i] = gen_index(g, ABI_LANES);
    for (int i = ABI_LANES - 1; i >= 0; i--) {
        first[d->lane[i] - least] = gen_index(g, i);
        from[i] = gen_int(g->gm->i32, d->lane[i] - least);
    }
    int is_whole = gen_is_whole(g, value->count);
    LLVMValueRef count = is_whole ? gen_index(g, ABI_LANES) : gen_count(g, value->count);
    LLVMValueRef mask = LLVMBuildICmp(b, LLVMIntSLT, LLVMConstVector(first, ABI_LANES), gen_splat(g, count), "");
    LLVMValueRef base = sum_of_bases(g, gen_index(g, least), d->base, 0);
    LLVMValueRef v = gen_load_vector(g, value->buffer, gen_address(g, value->buffer, value->subscripts, base), mask);
    v = LLVMBuildShuffleVector(b, v, v, LLVMConstVector(from, ABI_LANES), "");
    if (is_whole) return v;
    return LLVMBuildSelect(b, gen_mask(g, value->count), v, LLVMConstNull(LLVMTypeOf(v)), "");
}

static LLVMValueRef scattered(Gen *g, const LoopValue *value) {
    const LoopBuffer *info = &g->kernel->buffers.data[value->buffer];
    Distances d;
    if (!find_distances(g, value->subscripts[info->rank - 1], &d) || !is_one_vector(&d)) return gen_masked_gather(g, value);
    return picked_lanes(g, value, &d);
}

LLVMValueRef gen_gather(Gen *g, const LoopValue *value) {
    LLVMBuilderRef b = g->b;
    const LoopBuffer *info = &g->kernel->buffers.data[value->buffer];
    LoopVal last = value->subscripts[info->rank - 1];
    Places p;
    if (!find_places(g, last, &p) || (p.step != 1 && p.step != -1 && p.step != 2)) return scattered(g, value);
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
