/* A kernel on its way to LLVM IR: what the files gen_*.c share.
 *
 * Wide values are <16 x T>, bools i1, index i64.  Registers of the loop IR never become memory: the loop IR is
 * structured, so SSA form is made directly, with a phi for each register that a loop or branch sets
 * (`registers` is the value of each at the place of the moment).
 */
#ifndef DLC_JIT_GEN_H
#define DLC_JIT_GEN_H

#include "compiler/loop.h"
#include "jit/llvm.h"

/* One LLVM module and its types; belongs to one thread. */
typedef struct GenModule {
    LLVMContextRef context;
    LLVMModuleRef module;
    LLVMBuilderRef builder;
    LLVMTypeRef pointer, void_type, i1, i8, i16, i32, i64, f32, f64;
} GenModule;

typedef struct Gen {
    GenModule *gm;
    LLVMBuilderRef b;
    Arena *arena;              /* for the time of one kernel */
    const LoopKernel *kernel;  /* NULL in a plan's function */
    LLVMValueRef function;     /* the inner one: a pointer per buffer, a scalar each, first, last, scratch */
    LLVMValueRef *values;      /* by LoopVal; NULL until computed */
    LLVMValueRef *registers;   /* by register number: array's first + flat subscript */
    int *array_first;          /* by array */
    int register_count;
    LLVMValueRef *buffers;     /* base pointers */
    LLVMValueRef **strides;    /* by buffer and axis: elements, i64 */
    const DimName *const *dim_names;
    int dim_count;
    LLVMValueRef *dims;        /* by number in dim_names */
} Gen;

/* gen_kernel.c: adds the kernel to the module as the external function `name`, a KernelFunction. */
void gen_kernel(GenModule *gm, const LoopKernel *kernel, const char *name);
/* The same as an internal function without the arrays: a pointer per buffer that is not scratch, run-time dims and
 * plan-loop indices, first and last tile, scratch. */
LLVMValueRef gen_kernel_tiles(GenModule *gm, const LoopKernel *kernel, const char *name);
void gen_function_attributes(GenModule *gm, LLVMValueRef function);

/* gen_plan.c: adds the plan with its kernels and constants to the module: one external function (JitApi.emit_plan). */
void gen_plan(GenModule *gm, const LoopPlan *plan, const char *name);

/* gen_flow.c */
void gen_statements(Gen *g, const LoopStmt *first);
/* Number of the register that `subscripts` (constants) of the array name. */
int gen_register(Gen *g, int array, const LoopVal *subscripts);

/* gen_value.c: the value, computed now where that has not happened (constants and the like need no let). */
LLVMValueRef gen_value(Gen *g, LoopVal value);
LLVMValueRef gen_compute(Gen *g, const LoopValue *value);
LLVMValueRef gen_splat(Gen *g, LLVMValueRef scalar);

/* gen_op.c: the operations of loop_op.def; `in` are the operands, all of `type` but for select's first. */
LLVMValueRef gen_operation(Gen *g, LoopOp op, LoopType type, LLVMValueRef *in);

/* gen_convert.c */
LLVMValueRef gen_convert(Gen *g, LLVMValueRef value, LoopType from, LoopType to);
/* f16 and bf16 bits (i16) to f32 and back, rounding to nearest even; scalar or wide. */
LLVMValueRef gen_widen_half(Gen *g, LLVMValueRef bits, DType half, int is_wide);
LLVMValueRef gen_narrow_half(Gen *g, LLVMValueRef value, DType half, int is_wide);

/* gen_memory.c */
LLVMValueRef gen_load(Gen *g, const LoopValue *value);
LLVMValueRef gen_masked_gather(Gen *g, const LoopValue *value);
void gen_store(Gen *g, const LoopStmt *s);
void gen_prefetch(Gen *g, const LoopStmt *s);
/* The address of buffer[subscripts], with `last` (not NULL) for the last subscript; wide where that is. */
LLVMValueRef gen_address(Gen *g, int buffer, const LoopVal *subscripts, LLVMValueRef last);
/* Sixteen elements side by side, of them only those that the mask names (NULL: all); the others are 0. */
LLVMValueRef gen_load_vector(Gen *g, int buffer, LLVMValueRef at, LLVMValueRef mask);
/* <16 x i1>: lane < count, the count clamped to 0..16. */
LLVMValueRef gen_mask(Gen *g, LoopVal count);
LLVMValueRef gen_count(Gen *g, LoopVal count); /* clamped */
int gen_is_whole(Gen *g, LoopVal count);       /* a constant of sixteen or more, or none */
LLVMValueRef gen_dim(Gen *g, const Dim *dim);

/* gen_gather.c */
LLVMValueRef gen_gather(Gen *g, const LoopValue *value);

/* gen_lanes.c */
LLVMValueRef gen_lanes(Gen *g, const LoopValue *value);

/* gen_type.c: types, constants and intrinsics. */
void gen_module_types(GenModule *gm);
LLVMTypeRef gen_element(Gen *g, DType t);  /* as a value: bool is i1, f16 and bf16 are f32 */
LLVMTypeRef gen_stored(Gen *g, DType t);   /* as in memory: bool is i8, f16 and bf16 are i16 */
LLVMTypeRef gen_type(Gen *g, LoopType t);
LLVMTypeRef gen_wide_if(LLVMTypeRef element, int is_wide);
LLVMTypeRef gen_integer(Gen *g, int bits);
LLVMValueRef gen_int(LLVMTypeRef type, int64_t value); /* splatted where the type is a vector */
LLVMValueRef gen_float(LLVMTypeRef type, double value);
LLVMValueRef gen_index(Gen *g, int64_t value);
/* Calls intrinsic `name`, overloaded on `types`. */
LLVMValueRef gen_intrinsic(Gen *g, const char *name, LLVMTypeRef *types, int type_count, LLVMValueRef *in,
                           int count);

#endif
