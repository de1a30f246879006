/* Statements: control flow, and registers as phis.
 *
 * Where paths join, each register that one of them set gets a phi.  A register that has no value before a
 * construct belongs to it (its `var` stands inside) and has none behind it. */
#include "jit/gen.h"

#include <string.h>

int gen_register(Gen *g, int array, const LoopVal *subscripts) {
    const LoopArray *info = &g->kernel->arrays.data[array];
    int64_t flat = 0;
    for (int i = 0; i < info->rank; i++) {
        const LoopValue *at = &g->kernel->values.data[subscripts[i]];
        if (at->op != LO_CONST || at->imm_i < 0 || at->imm_i >= info->extent[i]) {
            ICE("kernel %s is not expanded: subscript of %s", g->kernel->name->text, info->name->text);
        }
        flat = flat * info->extent[i] + at->imm_i;
    }
    return g->array_first[array] + (int)flat;
}

static int array_size(const LoopArray *info) {
    int size = 1;
    for (int i = 0; i < info->rank; i++) size *= info->extent[i];
    return size;
}

/* Marks the registers set in `first` and behind it. */
static void mark_set(Gen *g, const LoopStmt *first, unsigned char *is_set) {
    for (const LoopStmt *s = first; s; s = s->next) {
        if (s->kind == LS_SET) is_set[gen_register(g, s->array, s->subscripts)] = 1;
        if (s->kind == LS_VAR) {
            memset(is_set + g->array_first[s->array], 1, (size_t)array_size(&g->kernel->arrays.data[s->array]));
        }
        mark_set(g, s->head, is_set);
        mark_set(g, s->body, is_set);
        mark_set(g, s->otherwise, is_set);
    }
}

/* The registers that a construct may change, and their values at one place. */
typedef struct Joined {
    int count;
    int *numbers;
    LLVMValueRef *before;
    LLVMValueRef *phis;
} Joined;

static Joined joined_registers(Gen *g, const LoopStmt *a, const LoopStmt *c) {
    unsigned char *is_set = arena_alloc(g->arena, (size_t)g->register_count + 1);
    mark_set(g, a, is_set);
    mark_set(g, c, is_set);
    Joined j = {0};
    for (int i = 0; i < g->register_count; i++) {
        if (is_set[i] && !g->registers[i]) is_set[i] = 0;
        j.count += is_set[i];
    }
    j.numbers = arena_array(g->arena, int, j.count);
    j.before = arena_array(g->arena, LLVMValueRef, j.count);
    j.phis = arena_array(g->arena, LLVMValueRef, j.count);
    for (int i = 0, n = 0; i < g->register_count; i++) {
        if (!is_set[i]) continue;
        j.numbers[n] = i;
        j.before[n++] = g->registers[i];
    }
    return j;
}

/* Phis at the builder's place become the registers' values; `from` is where `before` comes from. */
static void make_phis(Gen *g, Joined *j, LLVMBasicBlockRef from) {
    for (int i = 0; i < j->count; i++) {
        LLVMValueRef phi = LLVMBuildPhi(g->b, LLVMTypeOf(j->before[i]), "");
        LLVMAddIncoming(phi, &j->before[i], &from, 1);
        g->registers[j->numbers[i]] = j->phis[i] = phi;
    }
}

static void add_incoming(Gen *g, const Joined *j, LLVMBasicBlockRef from) {
    for (int i = 0; i < j->count; i++) LLVMAddIncoming(j->phis[i], &g->registers[j->numbers[i]], &from, 1);
}

static LLVMBasicBlockRef new_block(Gen *g, const char *name) {
    return LLVMAppendBasicBlockInContext(g->gm->context, g->function, name);
}

static LLVMBasicBlockRef here(Gen *g) { return LLVMGetInsertBlock(g->b); }

/* lo, lo+step, ... below hi; or the same from the last down. */
typedef struct Range {
    LLVMValueRef first, beyond; /* beyond: hi, or reversed lo */
    LLVMValueRef step;
    LLVMValueRef is_any;
} Range;

static Range loop_range(Gen *g, const LoopStmt *s) {
    LLVMBuilderRef b = g->b;
    LLVMValueRef lo = gen_value(g, s->lo), hi = gen_value(g, s->hi);
    Range r = {lo, hi, gen_index(g, s->is_reversed ? -s->step : s->step), LLVMBuildICmp(b, LLVMIntSLT, lo, hi, "")};
    if (!s->is_reversed) return r;
    /* the last index is lo + (hi - 1 - lo) / step * step; where there is none its value is not used */
    LLVMValueRef step = gen_index(g, s->step);
    LLVMValueRef span = LLVMBuildSub(b, LLVMBuildSub(b, hi, gen_index(g, 1), ""), lo, "");
    LLVMValueRef turns = s->step == 1 ? span : LLVMBuildMul(b, LLVMBuildSDiv(b, span, step, ""), step, "");
    r.first = LLVMBuildAdd(b, lo, turns, "");
    r.beyond = lo;
    return r;
}

static void statement_for(Gen *g, const LoopStmt *s) {
    LLVMBuilderRef b = g->b;
    Range range = loop_range(g, s);
    int is_certain = LLVMIsAConstantInt(range.is_any) != NULL;
    if (is_certain && !LLVMConstIntGetZExtValue(range.is_any)) return;
    Joined carried = joined_registers(g, s->body, NULL);
    LLVMBasicBlockRef entry = here(g), body = new_block(g, "for"), exit = new_block(g, "done");
    if (is_certain) {
        LLVMBuildBr(b, body);
    } else {
        LLVMBuildCondBr(b, range.is_any, body, exit);
    }
    LLVMPositionBuilderAtEnd(b, body);
    LLVMValueRef index = LLVMBuildPhi(b, g->gm->i64, "");
    LLVMAddIncoming(index, &range.first, &entry, 1);
    make_phis(g, &carried, entry);
    g->values[s->index] = index;
    gen_statements(g, s->body);

    LLVMValueRef next = LLVMBuildNSWAdd(b, index, range.step, "");
    LLVMIntPredicate going = s->is_reversed ? LLVMIntSGE : LLVMIntSLT;
    LLVMBasicBlockRef latch = here(g);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, going, next, range.beyond, ""), body, exit);
    LLVMAddIncoming(index, &next, &latch, 1);
    add_incoming(g, &carried, latch);

    LLVMPositionBuilderAtEnd(b, exit);
    if (is_certain) return;
    LLVMValueRef *after = arena_array(g->arena, LLVMValueRef, carried.count);
    for (int i = 0; i < carried.count; i++) after[i] = g->registers[carried.numbers[i]];
    make_phis(g, &carried, entry);
    for (int i = 0; i < carried.count; i++) LLVMAddIncoming(carried.phis[i], &after[i], &latch, 1);
}

static void statement_while(Gen *g, const LoopStmt *s) {
    LLVMBuilderRef b = g->b;
    Joined carried = joined_registers(g, s->head, s->body);
    LLVMBasicBlockRef entry = here(g), head = new_block(g, "while"), body = new_block(g, "turn");
    LLVMBasicBlockRef exit = new_block(g, "done");
    LLVMBuildBr(b, head);
    LLVMPositionBuilderAtEnd(b, head);
    make_phis(g, &carried, entry);
    gen_statements(g, s->head);
    LLVMValueRef *at_exit = arena_array(g->arena, LLVMValueRef, carried.count);
    for (int i = 0; i < carried.count; i++) at_exit[i] = g->registers[carried.numbers[i]];
    LLVMBuildCondBr(b, gen_value(g, s->value), body, exit);
    LLVMPositionBuilderAtEnd(b, body);
    gen_statements(g, s->body);
    add_incoming(g, &carried, here(g));
    LLVMBuildBr(b, head);
    LLVMPositionBuilderAtEnd(b, exit);
    for (int i = 0; i < carried.count; i++) g->registers[carried.numbers[i]] = at_exit[i];
}

static void statement_if(Gen *g, const LoopStmt *s) {
    LLVMBuilderRef b = g->b;
    LLVMValueRef condition = gen_value(g, s->value);
    Joined j = joined_registers(g, s->body, s->otherwise);
    LLVMBasicBlockRef then = new_block(g, "then"), otherwise = new_block(g, "else"), join = new_block(g, "join");
    LLVMBuildCondBr(b, condition, then, otherwise);
    LLVMPositionBuilderAtEnd(b, then);
    gen_statements(g, s->body);
    LLVMBasicBlockRef then_end = here(g);
    LLVMBuildBr(b, join);
    LLVMValueRef *then_values = arena_array(g->arena, LLVMValueRef, j.count);
    for (int i = 0; i < j.count; i++) {
        then_values[i] = g->registers[j.numbers[i]];
        g->registers[j.numbers[i]] = j.before[i];
    }
    LLVMPositionBuilderAtEnd(b, otherwise);
    gen_statements(g, s->otherwise);
    LLVMBasicBlockRef otherwise_end = here(g);
    LLVMBuildBr(b, join);
    LLVMPositionBuilderAtEnd(b, join);
    for (int i = 0; i < j.count; i++) {
        LLVMValueRef values[2] = {then_values[i], g->registers[j.numbers[i]]};
        LLVMBasicBlockRef blocks[2] = {then_end, otherwise_end};
        LLVMValueRef phi = LLVMBuildPhi(b, LLVMTypeOf(values[0]), "");
        LLVMAddIncoming(phi, values, blocks, 2);
        g->registers[j.numbers[i]] = phi;
    }
}

static void statement_check(Gen *g, const LoopStmt *s) {
    LLVMBasicBlockRef good = new_block(g, "good"), bad = new_block(g, "bad");
    LLVMBuildCondBr(g->b, gen_value(g, s->value), good, bad);
    LLVMPositionBuilderAtEnd(g->b, bad);
    LLVMBuildRet(g->b, gen_int(g->gm->i32, 1 + s->check));
    LLVMPositionBuilderAtEnd(g->b, good);
}

/* Registers whose `var` stands in a block end with it. */
static void declare(Gen *g, const LoopStmt *s) {
    const LoopArray *info = &g->kernel->arrays.data[s->array];
    LLVMValueRef value = gen_value(g, s->value);
    if (info->type.is_wide && !g->kernel->values.data[s->value].type.is_wide) value = gen_splat(g, value);
    for (int i = 0; i < array_size(info); i++) g->registers[g->array_first[s->array] + i] = value;
}

static void statement(Gen *g, const LoopStmt *s) {
    switch (s->kind) {
    case LS_LET: g->values[s->value] = gen_compute(g, &g->kernel->values.data[s->value]); return;
    case LS_VAR: declare(g, s); return;
    case LS_SET: g->registers[gen_register(g, s->array, s->subscripts)] = gen_value(g, s->value); return;
    case LS_STORE: gen_store(g, s); return;
    case LS_PREFETCH: gen_prefetch(g, s); return;
    case LS_FOR: statement_for(g, s); return;
    case LS_UNROLL: ICE("kernel %s is not expanded: unroll", g->kernel->name->text);
    case LS_IF: statement_if(g, s); return;
    case LS_WHILE: statement_while(g, s); return;
    case LS_CHECK: statement_check(g, s); return;
    }
    ICE("statement %d", (int)s->kind);
}

void gen_statements(Gen *g, const LoopStmt *first) {
    for (const LoopStmt *s = first; s; s = s->next) statement(g, s);
    for (const LoopStmt *s = first; s; s = s->next) {
        if (s->kind != LS_VAR) continue;
        const LoopArray *info = &g->kernel->arrays.data[s->array];
        memset(&g->registers[g->array_first[s->array]], 0, (size_t)array_size(info) * sizeof *g->registers);
    }
}
