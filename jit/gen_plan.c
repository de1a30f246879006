/* A plan as one external function: its statements in order, kernels called as internal functions over all of their
 * tiles, one after the other.  What compiler/emit_c_plan.c writes as C, to the bit and with the same declaration.
 *
 * The struct of buffers is read as an array of pointers, one per bound buffer in the order of slots.  Constants become
 * private data, aligned as the arena is. */
#include "jit/gen.h"

#include "base/text.h"

typedef struct GenPlan {
    Gen g;
    const LoopPlan *plan;
    LLVMValueRef *kernels;    /* internal functions */
    int *first_code;          /* per kernel: what is added to the code of a failed check */
    LLVMValueRef *buffers;    /* addresses of the first elements */
    LLVMValueRef scratch;
    LLVMValueRef indices[ABI_MAX_LOOPS]; /* of the loops around, outermost first */
    int depth;
} GenPlan;

static LLVMBasicBlockRef new_block(GenPlan *p, const char *name) {
    return LLVMAppendBasicBlockInContext(p->g.gm->context, p->g.function, name);
}

static LLVMValueRef at_offset(GenPlan *p, LLVMValueRef pointer, LLVMValueRef bytes) {
    return LLVMBuildInBoundsGEP2(p->g.b, p->g.gm->i8, pointer, &bytes, 1, "");
}

/* ---- the frame ---------------------------------------------------------------------------------------- */

static void make_kernels(GenPlan *p, const char *name) {
    const LoopPlan *plan = p->plan;
    p->kernels = arena_array(p->g.arena, LLVMValueRef, plan->kernels.len);
    p->first_code = arena_array(p->g.arena, int, plan->kernels.len);
    int code = 0;
    for (int i = 0; i < plan->kernels.len; i++) {
        const LoopKernel *kernel = plan->kernels.data[i];
        const char *own = arena_printf(p->g.arena, "%s.%s", name, kernel->name->text);
        p->kernels[i] = gen_kernel_tiles(p->g.gm, kernel, own);
        p->first_code[i] = code;
        code += kernel->checks.len;
    }
}

static void make_function(GenPlan *p, const char *name) {
    GenModule *gm = p->g.gm;
    int count = 2 + p->plan->dims.len;
    LLVMTypeRef *types = arena_array(p->g.arena, LLVMTypeRef, count);
    for (int i = 0; i < count; i++) types[i] = i < 2 ? gm->pointer : gm->i64;
    p->g.function = LLVMAddFunction(gm->module, name, LLVMFunctionType(gm->i32, types, (unsigned)count, 0));
    gen_function_attributes(gm, p->g.function);
    LLVMPositionBuilderAtEnd(p->g.b, new_block(p, "entry"));
}

/* The function goes on where `good` holds, and else gives -1. */
static void require(GenPlan *p, LLVMValueRef is_good) {
    LLVMBuilderRef b = p->g.b;
    LLVMBasicBlockRef bad = new_block(p, "bad_size"), good = new_block(p, "good_size");
    LLVMBuildCondBr(b, is_good, good, bad);
    LLVMPositionBuilderAtEnd(b, bad);
    LLVMBuildRet(b, gen_int(p->g.gm->i32, -1));
    LLVMPositionBuilderAtEnd(b, good);
}

/* Both sides of `and` and `or` are computed: what they divide by was required before not to be 0. */
static LLVMValueRef test_value(GenPlan *p, const DimTest *test) {
    LLVMBuilderRef b = p->g.b;
    switch (test->kind) {
    case DIM_TEST_EQUAL: return LLVMBuildICmp(b, LLVMIntEQ, gen_dim(&p->g, test->a), gen_dim(&p->g, test->b), "");
    case DIM_TEST_AT_MOST: return LLVMBuildICmp(b, LLVMIntSLE, gen_dim(&p->g, test->a), gen_dim(&p->g, test->b), "");
    case DIM_TEST_NOT: return LLVMBuildNot(b, test_value(p, test->left), "");
    case DIM_TEST_AND: return LLVMBuildAnd(b, test_value(p, test->left), test_value(p, test->right), "");
    case DIM_TEST_OR: return LLVMBuildOr(b, test_value(p, test->left), test_value(p, test->right), "");
    }
    ICE("dim test %d", (int)test->kind);
}

/* -1 for a size that the workspace was not planned for, and for sizes that do not go together. */
static void check_sizes(GenPlan *p) {
    LLVMBuilderRef b = p->g.b;
    const LoopPlan *plan = p->plan;
    p->g.dim_names = plan->dims.data;
    p->g.dim_count = plan->dims.len;
    p->g.dims = arena_array(p->g.arena, LLVMValueRef, plan->dims.len);
    for (int i = 0; i < plan->dims.len; i++) {
        LLVMValueRef size = p->g.dims[i] = LLVMGetParam(p->g.function, (unsigned)(2 + i));
        LLVMValueRef maximum = gen_index(&p->g, plan->dims.data[i]->maximum);
        require(p, LLVMBuildICmp(b, LLVMIntULE, size, maximum, "")); /* no negative one */
    }
    for (int i = 0; i < plan->tests.len; i++) require(p, test_value(p, plan->tests.data[i]));
}

static LLVMValueRef constant_data(GenPlan *p, const PlanBuffer *buffer) {
    GenModule *gm = p->g.gm;
    LLVMValueRef bytes = LLVMConstStringInContext(gm->context, buffer->data, (unsigned)buffer->bytes, 1);
    LLVMValueRef global = LLVMAddGlobal(gm->module, LLVMTypeOf(bytes), buffer->name->text);
    LLVMSetInitializer(global, bytes);
    LLVMSetGlobalConstant(global, 1);
    LLVMSetLinkage(global, LLVMPrivateLinkage);
    LLVMSetAlignment(global, ABI_ALIGN);
    return global;
}

static int is_bound(const PlanBuffer *b) { return b->kind != BUFFER_ARENA && b->kind != BUFFER_CONST; }

static void place_buffers(GenPlan *p) {
    Gen *g = &p->g;
    const LoopPlan *plan = p->plan;
    LLVMValueRef workspace = LLVMGetParam(g->function, 0), bound = LLVMGetParam(g->function, 1);
    p->buffers = arena_array(g->arena, LLVMValueRef, plan->buffers.len);
    int field = 0;
    for (int slot = 0; slot < plan->slot_count; slot++) {
        for (int i = 0; i < plan->buffers.len; i++) {
            const PlanBuffer *buffer = &plan->buffers.data[i];
            if (!is_bound(buffer) || buffer->slot != slot) continue;
            LLVMValueRef number = gen_index(g, field++);
            LLVMValueRef at = LLVMBuildInBoundsGEP2(g->b, g->gm->pointer, bound, &number, 1, "");
            p->buffers[i] = LLVMBuildLoad2(g->b, g->gm->pointer, at, "");
        }
    }
    for (int i = 0; i < plan->buffers.len; i++) {
        const PlanBuffer *buffer = &plan->buffers.data[i];
        if (buffer->kind == BUFFER_ARENA) p->buffers[i] = at_offset(p, workspace, gen_index(g, buffer->offset));
        if (buffer->kind == BUFFER_CONST) p->buffers[i] = constant_data(p, buffer);
    }
    p->scratch = at_offset(p, workspace, gen_index(g, plan->arena_bytes));
}

/* ---- statements --------------------------------------------------------------------------------------- */

static LLVMValueRef argument(GenPlan *p, const PlanArgument *a) {
    Gen *g = &p->g;
    LLVMValueRef elements = a->offset ? gen_dim(g, a->offset) : gen_index(g, 0);
    for (int i = 0; i < p->depth; i++) {
        if (!a->step[i]) continue;
        LLVMValueRef moved = LLVMBuildMul(g->b, gen_dim(g, a->step[i]), p->indices[i], "");
        elements = LLVMBuildAdd(g->b, elements, moved, "");
    }
    int bytes = dtype_bytes(p->plan->buffers.data[a->buffer].dtype);
    return at_offset(p, p->buffers[a->buffer], LLVMBuildMul(g->b, elements, gen_index(g, bytes), ""));
}

/* Ends the function with the code of a check that failed in `kernel`. */
static void return_failure(GenPlan *p, int kernel, LLVMValueRef code) {
    LLVMBuilderRef b = p->g.b;
    LLVMTypeRef i32 = p->g.gm->i32;
    LLVMBasicBlockRef bad = new_block(p, "failed"), good = new_block(p, "passed");
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, code, gen_int(i32, 0), ""), bad, good);
    LLVMPositionBuilderAtEnd(b, bad);
    LLVMBuildRet(b, LLVMBuildAdd(b, code, gen_int(i32, p->first_code[kernel]), ""));
    LLVMPositionBuilderAtEnd(b, good);
}

static void run(GenPlan *p, const PlanStmt *s) {
    Gen *g = &p->g;
    const LoopKernel *k = p->plan->kernels.data[s->kernel];
    int count = 0;
    LLVMValueRef *in = arena_array(g->arena, LLVMValueRef, s->arguments.len + k->dims.len + k->loop_indices.len + 3);
    for (int i = 0; i < s->arguments.len; i++) in[count++] = argument(p, &s->arguments.data[i]);
    for (int i = 0; i < k->dims.len; i++) {
        for (int n = 0; n < g->dim_count; n++) {
            if (g->dim_names[n] == k->dims.data[i]) in[count++] = g->dims[n];
        }
    }
    for (int i = 0; i < k->loop_indices.len; i++) in[count++] = p->indices[i];
    in[count++] = gen_index(g, 0);
    in[count++] = gen_dim(g, k->tile_count);
    in[count++] = p->scratch;
    LLVMValueRef callee = p->kernels[s->kernel];
    LLVMTypeRef type = LLVMGlobalGetValueType(callee);
    if ((unsigned)count != LLVMCountParamTypes(type)) ICE("the plan's call of kernel %s", k->name->text);
    LLVMValueRef code = LLVMBuildCall2(g->b, type, callee, in, (unsigned)count, "");
    if (k->checks.len) return_failure(p, s->kernel, code);
}

static void statements(GenPlan *p, const PlanStmt *s);

static void loop(GenPlan *p, const PlanStmt *s) {
    Gen *g = &p->g;
    LLVMBuilderRef b = g->b;
    if (p->depth == ABI_MAX_LOOPS) ICE("plan %s nests loops too deeply", p->plan->name->text);
    LLVMValueRef lo = gen_dim(g, s->lo), hi = gen_dim(g, s->hi), one = gen_index(g, 1);
    LLVMValueRef first = s->is_reversed ? LLVMBuildSub(b, hi, one, "") : lo;
    LLVMBasicBlockRef entry = LLVMGetInsertBlock(b), body = new_block(p, "turn"), done = new_block(p, "done");
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntSLT, lo, hi, ""), body, done);
    LLVMPositionBuilderAtEnd(b, body);
    LLVMValueRef index = LLVMBuildPhi(b, g->gm->i64, s->index->text);
    LLVMAddIncoming(index, &first, &entry, 1);
    p->indices[p->depth++] = index;
    statements(p, s->body);
    p->depth--;
    LLVMValueRef next = s->is_reversed ? LLVMBuildSub(b, index, one, "") : LLVMBuildAdd(b, index, one, "");
    LLVMValueRef is_more = s->is_reversed ? LLVMBuildICmp(b, LLVMIntSGE, next, lo, "")
                                          : LLVMBuildICmp(b, LLVMIntSLT, next, hi, "");
    LLVMBasicBlockRef latch = LLVMGetInsertBlock(b);
    LLVMBuildCondBr(b, is_more, body, done);
    LLVMAddIncoming(index, &next, &latch, 1);
    LLVMPositionBuilderAtEnd(b, done);
}

/* Whether the bool in the buffer is true now. */
static LLVMValueRef condition(GenPlan *p, int buffer) {
    LLVMTypeRef i8 = p->g.gm->i8;
    return LLVMBuildICmp(p->g.b, LLVMIntNE, LLVMBuildLoad2(p->g.b, i8, p->buffers[buffer], ""), gen_int(i8, 0), "");
}

static void when(GenPlan *p, const PlanStmt *s) {
    LLVMBuilderRef b = p->g.b;
    LLVMBasicBlockRef then = new_block(p, "then"), otherwise = new_block(p, "else"), join = new_block(p, "join");
    LLVMBuildCondBr(b, condition(p, s->condition), then, otherwise);
    LLVMPositionBuilderAtEnd(b, then);
    statements(p, s->body);
    LLVMBuildBr(b, join);
    LLVMPositionBuilderAtEnd(b, otherwise);
    statements(p, s->otherwise);
    LLVMBuildBr(b, join);
    LLVMPositionBuilderAtEnd(b, join);
}

static void until(GenPlan *p, const PlanStmt *s) {
    LLVMBuilderRef b = p->g.b;
    LLVMBasicBlockRef body = new_block(p, "repeat"), done = new_block(p, "done");
    LLVMBuildBr(b, body);
    LLVMPositionBuilderAtEnd(b, body);
    statements(p, s->body);
    LLVMBuildCondBr(b, condition(p, s->condition), done, body);
    LLVMPositionBuilderAtEnd(b, done);
}

static void statements(GenPlan *p, const PlanStmt *s) {
    for (; s; s = s->next) {
        switch (s->kind) {
        case PLAN_RUN: run(p, s); break;
        case PLAN_PHASE: break;
        case PLAN_LOOP: loop(p, s); break;
        case PLAN_WHEN: when(p, s); break;
        case PLAN_UNTIL: until(p, s); break;
        }
    }
}

void gen_plan(GenModule *gm, const LoopPlan *plan, const char *name) {
    Arena arena = {0};
    GenPlan p = {.g = {.gm = gm, .b = gm->builder, .arena = &arena}, .plan = plan};
    make_kernels(&p, name);
    make_function(&p, name);
    check_sizes(&p);
    place_buffers(&p);
    statements(&p, plan->body);
    LLVMBuildRet(gm->builder, gen_int(gm->i32, 0));
    arena_release(&arena);
}
