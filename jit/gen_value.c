/* One value of the loop IR. */
#include "jit/gen.h"

LLVMValueRef gen_splat(Gen *g, LLVMValueRef scalar) {
    if (LLVMIsConstant(scalar) && (LLVMIsAConstantInt(scalar) || LLVMIsAConstantFP(scalar))) {
        LLVMValueRef lanes[ABI_LANES];
        for (int i = 0; i < ABI_LANES; i++) lanes[i] = scalar;
        return LLVMConstVector(lanes, ABI_LANES);
    }
    LLVMTypeRef wide = LLVMVectorType(LLVMTypeOf(scalar), ABI_LANES);
    LLVMValueRef none = LLVMGetPoison(wide), zero = gen_int(g->gm->i32, 0);
    LLVMValueRef first = LLVMBuildInsertElement(g->b, none, scalar, zero, "");
    return LLVMBuildShuffleVector(g->b, first, none, LLVMConstNull(gen_wide_if(g->gm->i32, 1)), "");
}

static LLVMValueRef lane_numbers(Gen *g, DType t) {
    LLVMValueRef lanes[ABI_LANES];
    for (int i = 0; i < ABI_LANES; i++) lanes[i] = gen_int(gen_element(g, t), i);
    return LLVMConstVector(lanes, ABI_LANES);
}

static LLVMValueRef constant(Gen *g, const LoopValue *v) {
    LLVMTypeRef type = gen_type(g, v->type);
    return dtype_is_float(v->type.element) ? gen_float(type, v->imm_f) : gen_int(type, v->imm_i);
}

static LLVMValueRef lane_get(Gen *g, const LoopValue *v) {
    LLVMValueRef lane = LLVMBuildAnd(g->b, gen_value(g, v->in[1]), gen_index(g, ABI_LANES - 1), "");
    return LLVMBuildExtractElement(g->b, gen_value(g, v->in[0]), lane, "");
}

static LLVMValueRef read_register(Gen *g, const LoopValue *v) {
    LLVMValueRef now = g->registers[gen_register(g, v->array, v->subscripts)];
    if (!now) ICE("kernel %s reads a register that is not set", g->kernel->name->text);
    return now;
}

/* Operand count of the operations of loop_op.def; compiler/loop.c is not linked here. */
static int operand_count(LoopOp op) {
    static const unsigned char counts[] = {
#define LO(id, name, operands, rule) operands,
#include "compiler/loop_op.def"
#undef LO
    };
    return counts[op];
}

static LLVMValueRef operation(Gen *g, const LoopValue *v) {
    LLVMValueRef in[3];
    int count = operand_count(v->op);
    for (int i = 0; i < count; i++) in[i] = gen_value(g, v->in[i]);
    int typical = v->op == LO_SELECT ? 1 : 0; /* select's first operand is the condition */
    return gen_operation(g, v->op, g->kernel->values.data[v->in[typical]].type, in);
}

LLVMValueRef gen_compute(Gen *g, const LoopValue *v) {
    switch ((int)v->op) {
    case LO_CONST: return constant(g, v);
    case LO_PARAM: ICE("kernel %s uses index %s outside its loop", g->kernel->name->text,
                       v->name ? v->name->text : "?");
    case LO_LANE: return lane_numbers(g, v->type.element);
    case LO_CONVERT: return gen_convert(g, gen_value(g, v->in[0]), g->kernel->values.data[v->in[0]].type, v->type);
    case LO_BITCAST: return LLVMBuildBitCast(g->b, gen_value(g, v->in[0]), gen_type(g, v->type), "");
    case LO_SPLAT: return gen_splat(g, gen_value(g, v->in[0]));
    case LO_LANE_GET: return lane_get(g, v);
    case LO_LOAD: return gen_load(g, v);
    case LO_GATHER: return gen_gather(g, v);
    case LO_READ: return read_register(g, v);
    case LO_LANES_SUM: case LO_LANES_MIN: case LO_LANES_MAX: return gen_lanes(g, v);
    default: return operation(g, v);
    }
}

LLVMValueRef gen_value(Gen *g, LoopVal value) {
    LLVMValueRef made = g->values[value];
    if (made) return made;
    const LoopValue *v = &g->kernel->values.data[value];
    if (v->op != LO_CONST && v->op != LO_LANE && v->op != LO_PARAM) {
        ICE("kernel %s uses value %u before its let", g->kernel->name->text, value);
    }
    return g->values[value] = gen_compute(g, v);
}
