/* The operations of the interpreter: registers of sixteen lanes and one function per operation and type. */
#ifndef DLC_COMPILER_LOOP_EVAL_OPS_H
#define DLC_COMPILER_LOOP_EVAL_OPS_H

#include "compiler/loop.h"

/* A register; a scalar is lane 0.  All members begin at the first byte, so a bit cast is a copy. */
typedef union Register {
    uint8_t boolean[ABI_LANES];
    int8_t i8[ABI_LANES];
    int16_t i16[ABI_LANES];
    int32_t i32[ABI_LANES];
    int64_t i64[ABI_LANES];
    uint8_t u8[ABI_LANES];
    uint16_t u16[ABI_LANES];
    uint32_t u32[ABI_LANES];
    uint64_t u64[ABI_LANES];
    float f32[ABI_LANES];
    double f64[ABI_LANES];
} Register;

/* out may be one of the operands. */
typedef void EvalFunction(Register *out, const Register *a, const Register *b, const Register *c);

/* Of the operations of loop_op.def; `operand` is the type of the last operand (compare, select: not the bool).
 * NULL where the operation is not defined for the type. */
EvalFunction *eval_function(LoopOp op, DType operand, int is_wide);

void eval_convert(Register *out, DType to, const Register *in, DType from, int lanes);
/* The halving tree over lanes 0 .. count-1; absent lanes are the identity. */
void eval_lanes(Register *out, LoopOp op, const Register *in, DType type, int64_t count);

/* Memory to registers and back: f16 and bf16 are widened to f32 and rounded to nearest even. */
void eval_load(Register *out, DType stored, const char *from, int lanes);
void eval_store(char *to, DType stored, const Register *value, int lanes);

#endif
