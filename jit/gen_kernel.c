/* The frame of a kernel: two functions.  The outer one has the type KernelFunction and takes pointers and
 * scalars out of their arrays; the inner one gets each as a parameter of its own, so that buffers can be said
 * not to alias, and runs the loop over tiles. */
#include "jit/gen.h"

#include <string.h>

static void add_attribute(GenModule *gm, LLVMValueRef function, unsigned index, const char *name) {
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMAddAttributeAtIndex(function, index, LLVMCreateEnumAttribute(gm->context, kind, 0));
}

static void add_text_attribute(GenModule *gm, LLVMValueRef function, const char *name, const char *value) {
    LLVMAttributeRef a = LLVMCreateStringAttribute(gm->context, name, (unsigned)strlen(name), value,
                                                   (unsigned)strlen(value));
    LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, a);
}

/* Sixteen lanes of f32 are one register where the target has such; cpu tunings that prefer narrower vectors
 * would halve them. */
void gen_function_attributes(GenModule *gm, LLVMValueRef function) {
    add_attribute(gm, function, (unsigned)LLVMAttributeFunctionIndex, "nounwind");
    add_text_attribute(gm, function, "prefer-vector-width", "512");
    add_text_attribute(gm, function, "min-legal-vector-width", "512");
}

static int scalar_count(const LoopKernel *k) { return k->dims.len + k->loop_indices.len; }

static int argument_count(const LoopKernel *k) {
    int count = 0;
    for (int i = 0; i < k->buffers.len; i++) count += k->buffers.data[i].access != LOOP_SCRATCH;
    return count;
}

static LLVMValueRef inner_function(GenModule *gm, const LoopKernel *k, const char *name, Arena *arena) {
    int pointers = argument_count(k), count = pointers + scalar_count(k) + 3;
    LLVMTypeRef *types = arena_array(arena, LLVMTypeRef, count);
    for (int i = 0; i < count; i++) types[i] = i < pointers || i == count - 1 ? gm->pointer : gm->i64;
    LLVMTypeRef type = LLVMFunctionType(gm->i32, types, (unsigned)count, 0);
    LLVMValueRef function = LLVMAddFunction(gm->module, arena_printf(arena, "%s.tiles", name), type);
    LLVMSetLinkage(function, LLVMInternalLinkage);
    gen_function_attributes(gm, function);
    int parameter = 0;
    for (int i = 0; i < k->buffers.len; i++) {
        if (k->buffers.data[i].access == LOOP_SCRATCH) continue;
        unsigned index = (unsigned)++parameter; /* 0 is the result */
        add_attribute(gm, function, index, "noalias");
        add_attribute(gm, function, index, "noundef");
        if (k->buffers.data[i].access == LOOP_IN) add_attribute(gm, function, index, "readonly");
    }
    add_attribute(gm, function, (unsigned)count, "noalias");
    return function;
}

/* Arguments of the call of the inner function, in its order. */
static void outer_function(Gen *g, const char *name) {
    GenModule *gm = g->gm;
    LLVMBuilderRef b = g->b;
    LLVMTypeRef types[6] = {gm->pointer, gm->pointer, gm->pointer, gm->i64, gm->i64, gm->pointer};
    LLVMValueRef outer = LLVMAddFunction(gm->module, name, LLVMFunctionType(gm->i32, types, 6, 0));
    gen_function_attributes(gm, outer);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(gm->context, outer, "entry"));
    int pointers = argument_count(g->kernel), scalars = scalar_count(g->kernel), count = pointers + scalars + 3;
    LLVMValueRef *in = arena_array(g->arena, LLVMValueRef, count);
    for (int i = 0; i < pointers + scalars; i++) {
        LLVMTypeRef type = i < pointers ? gm->pointer : gm->i64;
        LLVMValueRef at = gen_index(g, i < pointers ? i : i - pointers);
        LLVMValueRef array = LLVMGetParam(outer, i < pointers ? 1 : 2);
        in[i] = LLVMBuildLoad2(b, type, LLVMBuildInBoundsGEP2(b, type, array, &at, 1, ""), "");
    }
    for (int i = 0; i < 3; i++) in[count - 3 + i] = LLVMGetParam(outer, (unsigned)(3 + i));
    LLVMTypeRef type = LLVMGlobalGetValueType(g->function);
    LLVMBuildRet(b, LLVMBuildCall2(b, type, g->function, in, (unsigned)count, ""));
}

/* Row-major, the last but one axis at the pitch: strides[i] is the product of what lies inside axis i. */
static void buffer_strides(Gen *g, int buffer) {
    const LoopBuffer *info = &g->kernel->buffers.data[buffer];
    LLVMValueRef *strides = g->strides[buffer] = arena_array(g->arena, LLVMValueRef, LOOP_MAX_RANK);
    LLVMValueRef stride = gen_index(g, 1);
    for (int i = info->rank - 1; i >= 0; i--) {
        strides[i] = stride;
        const Dim *inside = i == info->rank - 1 && info->rank >= 2 ? info->pitch : info->extents[i];
        stride = LLVMBuildMul(g->b, stride, gen_dim(g, inside), "");
    }
}

/* Scratch buffers lie one behind the other, each at a multiple of ABI_ALIGN. */
static LLVMValueRef place_scratch(Gen *g, int buffer, LLVMValueRef *offset, LLVMValueRef scratch) {
    const LoopBuffer *info = &g->kernel->buffers.data[buffer];
    LLVMValueRef base = LLVMBuildInBoundsGEP2(g->b, g->gm->i8, scratch, offset, 1, "");
    LLVMValueRef bytes = gen_index(g, dtype_bytes(info->dtype));
    if (info->rank) {
        const Dim *outermost = info->rank == 1 ? info->extents[0] : NULL;
        LLVMValueRef count = outermost ? gen_dim(g, outermost)
                                       : LLVMBuildMul(g->b, g->strides[buffer][0], gen_dim(g, info->extents[0]), "");
        bytes = LLVMBuildMul(g->b, bytes, count, "");
    }
    bytes = LLVMBuildAdd(g->b, bytes, gen_index(g, ABI_ALIGN - 1), "");
    bytes = LLVMBuildAnd(g->b, bytes, gen_index(g, -ABI_ALIGN), "");
    *offset = LLVMBuildAdd(g->b, *offset, bytes, "");
    return base;
}

static void bind_parameters(Gen *g) {
    const LoopKernel *k = g->kernel;
    unsigned parameter = 0, pointers = (unsigned)argument_count(k);
    for (int i = 0; i < k->dims.len; i++) {
        g->dims[i] = LLVMGetParam(g->function, pointers + (unsigned)i);
        g->values[k->dim_values.data[i]] = g->dims[i];
    }
    for (int i = 0; i < k->loop_indices.len; i++) {
        unsigned at = pointers + (unsigned)(k->dims.len + i);
        g->values[k->loop_indices.data[i]] = LLVMGetParam(g->function, at);
    }
    LLVMValueRef scratch = LLVMGetParam(g->function, pointers + (unsigned)scalar_count(k) + 2);
    LLVMValueRef offset = gen_index(g, 0);
    for (int i = 0; i < k->buffers.len; i++) {
        buffer_strides(g, i);
        g->buffers[i] = k->buffers.data[i].access == LOOP_SCRATCH ? place_scratch(g, i, &offset, scratch)
                                                                  : LLVMGetParam(g->function, parameter++);
    }
}

static void tile_loop(Gen *g) {
    GenModule *gm = g->gm;
    LLVMBuilderRef b = g->b;
    unsigned at = (unsigned)(argument_count(g->kernel) + scalar_count(g->kernel));
    LLVMValueRef first = LLVMGetParam(g->function, at), last = LLVMGetParam(g->function, at + 1);
    LLVMBasicBlockRef entry = LLVMGetInsertBlock(b);
    LLVMBasicBlockRef tile = LLVMAppendBasicBlockInContext(gm->context, g->function, "tile");
    LLVMBasicBlockRef done = LLVMAppendBasicBlockInContext(gm->context, g->function, "finished");
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntSLT, first, last, ""), tile, done);
    LLVMPositionBuilderAtEnd(b, tile);
    LLVMValueRef index = LLVMBuildPhi(b, gm->i64, "t");
    LLVMAddIncoming(index, &first, &entry, 1);
    if (g->kernel->tile) g->values[g->kernel->tile] = index;
    gen_statements(g, g->kernel->body);
    LLVMValueRef next = LLVMBuildNSWAdd(b, index, gen_index(g, 1), "");
    LLVMBasicBlockRef latch = LLVMGetInsertBlock(b);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntSLT, next, last, ""), tile, done);
    LLVMAddIncoming(index, &next, &latch, 1);
    LLVMPositionBuilderAtEnd(b, done);
    LLVMBuildRet(b, gen_int(gm->i32, 0));
}

static void number_registers(Gen *g) {
    const LoopKernel *k = g->kernel;
    g->array_first = arena_array(g->arena, int, k->arrays.len);
    for (int i = 0; i < k->arrays.len; i++) {
        const LoopArray *info = &k->arrays.data[i];
        g->array_first[i] = g->register_count;
        int size = 1;
        for (int j = 0; j < info->rank; j++) size *= info->extent[j];
        g->register_count += size;
    }
    g->registers = arena_array(g->arena, LLVMValueRef, g->register_count);
}

static Gen inner_kernel(GenModule *gm, const LoopKernel *kernel, const char *name, Arena *arena) {
    Gen g = {.gm = gm, .b = gm->builder, .arena = arena, .kernel = kernel};
    g.values = arena_array(arena, LLVMValueRef, kernel->values.len);
    g.buffers = arena_array(arena, LLVMValueRef, kernel->buffers.len);
    g.strides = arena_array(arena, LLVMValueRef *, kernel->buffers.len);
    g.dims = arena_array(arena, LLVMValueRef, kernel->dims.len);
    g.dim_names = kernel->dims.data;
    g.dim_count = kernel->dims.len;
    number_registers(&g);
    g.function = inner_function(gm, kernel, name, arena);
    LLVMPositionBuilderAtEnd(g.b, LLVMAppendBasicBlockInContext(gm->context, g.function, "entry"));
    bind_parameters(&g);
    tile_loop(&g);
    return g;
}

LLVMValueRef gen_kernel_tiles(GenModule *gm, const LoopKernel *kernel, const char *name) {
    Arena arena = {0};
    LLVMValueRef function = inner_kernel(gm, kernel, name, &arena).function;
    arena_release(&arena);
    return function;
}

void gen_kernel(GenModule *gm, const LoopKernel *kernel, const char *name) {
    Arena arena = {0};
    Gen g = inner_kernel(gm, kernel, name, &arena);
    outer_function(&g, name);
    arena_release(&arena);
}
