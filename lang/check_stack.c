/* `Stack[n, Block]`: the layer that the compiler knows, n equal blocks one behind the other.
 *
 * The blocks are one Built under n names, so the block is elaborated once: the first call is checked as any
 * other, the further ones are copies of its Tx over the next block's record.  What comes out is a block of
 * `let`s, one per call, so nothing nests deeper where the stack does. */
#include "lang/check_expression.h"
#include "lang/check_record.h"

#include <string.h>

enum { MAX_BLOCKS = 65536 };

Declared *stack_declared(Checker *cx) {
    Ast *ast = arena_new(cx->arena, Ast), *body = arena_new(cx->arena, Ast);
    const Symbol *name = symbol(&cx->session->symbols, "Stack");
    body->kind = AST_BLOCK;
    ast->kind = AST_LAYER;
    ast->function.name.symbol = name;
    ast->function.has_inputs = 1;
    ast->function.body = body;
    Declared *stack = arena_new(cx->arena, Declared);
    *stack = (Declared){.ast = ast, .name = name, .is_library = 1, .state = CHECKED};
    return stack;
}

/* ---- what stands in its brackets ------------------------------------------------------------ */

/* The number of blocks; -1 where it is not known here, -2 after a diagnostic. */
static int64_t block_count(Checker *cx, const Ast *item) {
    const Dim *depth = expect_dim(cx, item);
    if (!depth) return -2;
    if (!dim_is_constant(depth)) {
        const DimName *name = dim_as_name(depth);
        if (!name || !name->is_runtime) return -1;
        check_error(cx, item->span, E_STACK, "the depth of a `Stack` is known when compiling; `%s` is not",
                    dim_shown(cx, depth));
        return -2;
    }
    int64_t count = dim_constant_value(depth);
    if (count >= 0 && count <= MAX_BLOCKS) return count;
    check_error(cx, item->span, E_STACK, "a `Stack` has 0 to %d blocks, this is %lld", MAX_BLOCKS,
                (long long)count);
    return -2;
}

static Callable *block_callable(Checker *cx, const Ast *item) {
    int before = cx->session->diags.error_count;
    Callable *block = check_callable(cx, item);
    if (block && (block->kind == CALL_ERROR || is_layer_callable(block))) return block;
    if (cx->session->diags.error_count > before) return NULL;
    int is_instance = block && block->kind == CALL_INSTANCE;
    Diag *diag = check_error(cx, item->span, E_STACK, "`Stack` repeats a layer, and this is %s",
                             is_instance ? "one instance" : block ? "a function" : "a value");
    check_note(cx, diag, "every block has weights of its own");
    check_fix(cx, diag, is_instance ? "name the layer itself: Stack[n, Block]"
                                    : "make it a `layer`, or use it in a loop");
    return NULL;
}

static Callable *read_items(Checker *cx, const Built *built, int64_t *count) {
    const Ast *places[2];
    int given = 0;
    for (int i = 0; built->items && i < built->items->len; i++) {
        const Ast *item = built->items->data[i];
        if (item->kind == AST_NAMED && !strcmp(item->named.name.symbol->text, "training")) continue;
        if (item->kind == AST_NAMED || given == 2) given = 3;
        else places[given++] = item;
        if (given == 3) break;
    }
    if (given != 2) {
        Diag *diag = check_error(cx, built->layout->span, E_STACK,
                                 "`Stack` takes a number of blocks and a layer in brackets");
        check_fix(cx, diag, "Stack[12, Block]");
        return NULL;
    }
    *count = block_count(cx, places[0]);
    return *count == -2 ? NULL : block_callable(cx, places[1]);
}

void stack_fill(Checker *cx, Built *built) {
    Scope *scope = cx->scope;
    if (built->scope) cx->scope = built->scope;
    int64_t count;
    Callable *block = read_items(cx, built, &count);
    cx->scope = scope;
    built->is_open = !block || block->kind == CALL_ERROR || count < 0;
    if (!block || block->kind == CALL_ERROR) return;
    Built *one = built->parts.len ? built->parts.data[0] : NULL;
    Scope *items_scope = block->scope ? block->scope : built->scope;
    if (one) {
        one->declared = block->declared;
        built_refresh(cx, one, block->items, items_scope);
    } else {
        one = built_new(cx, block->declared, block->items, items_scope, built->layout->span);
    }
    for (int64_t i = built->parts.len; i < (count < 0 ? 1 : count); i++) {
        vec_push(cx->arena, &built->parts, one);
        vec_push(cx->arena, &built->layout->parts, ((LayoutPart){copy_name(cx, i), one->layout}));
    }
}

/* ---- calls ---------------------------------------------------------------------------------- */

typedef struct Run {
    Callable *callee;
    Argument *args;
    int count, carried; /* the argument that goes from block to block */
    Span span;
    TBlock *block;
} Run;

static const Tx *keep(Checker *cx, Run *run, const Tx *value, const Symbol *name) {
    TVariable *v = variable_new(cx, name, value->type, value->span);
    TStmt *stmt = add_statement(cx, run->block, TS_LET, run->span);
    vec_push(cx->arena, &stmt->targets, v);
    stmt->value = value;
    return tx_variable(cx, v, value->span);
}

/* The first input by position, or by its name. */
static int carried_argument(const Callable *callee, const Argument *args, int count) {
    const Built *stack = callee->built;
    const AstFunction *function =
        stack->parts.len ? &stack->parts.data[0]->declared->ast->function : NULL;
    const Symbol *first =
        function && function->inputs.len ? function->inputs.data[0]->declare.name.symbol : NULL;
    for (int i = 0; i < count; i++)
        if (!args[i].name || args[i].name == first) return i;
    return 0;
}

/* Of the brackets of a call, what its blocks inherit. */
static const AstList *training_of(Checker *cx, const AstList *items) {
    AstList *kept = arena_new(cx->arena, AstList);
    for (int i = 0; items && i < items->len; i++)
        if (items->data[i]->kind == AST_NAMED) vec_push(cx->arena, kept, items->data[i]);
    return kept;
}

/* Block `index` of the record, which may be a computed one with other types. */
static const Tx *block_of(Checker *cx, const Tx *record, const Built *stack, int64_t index, Span span) {
    const Symbol *name = stack->layout->parts.data[index].name;
    if (record->type->layout != stack->layout) return record_part(cx, record, name, span);
    return part_of(cx, record, stack->parts.data[index], name, span);
}

static const Tx *call_block(Checker *cx, Run *run, int64_t index, const Type *wanted) {
    const Built *stack = run->callee->built;
    const Tx *self = block_of(cx, run->callee->self, stack, index, run->span);
    Callable *block = record_callable(cx, self, run->callee->span);
    if (!block) return tx_error(cx, run->span);
    block->items = training_of(cx, run->callee->items);
    block->scope = run->callee->scope;
    return call(cx, block, run->args, run->count, run->span, wanted);
}

/* The call before, of the next block, over what that one gave. */
static const Tx *next_call(Checker *cx, const Run *run, const Tx *before, int64_t index,
                           const Tx *old_value, const Tx *new_value) {
    const Built *stack = run->callee->built;
    Tx *next = arena_new(cx->arena, Tx);
    *next = *before;
    memset(&next->args, 0, sizeof next->args);
    for (int i = 0; i < before->args.len; i++) {
        const Tx *arg = before->args.data[i];
        int is_carried = arg->kind == T_VARIABLE && arg->variable == old_value->variable;
        vec_push(cx->arena, &next->args, is_carried ? new_value : arg);
    }
    next->self = block_of(cx, run->callee->self, stack, index, run->span);
    return call_with_site(cx, next, stack->parts.data[index]->declared->name);
}

static int keeps_type(Checker *cx, const Run *run, const Type *from, const Type *to) {
    if (same_type(cx, from, to)) return 1;
    Diag *diag = check_error(cx, run->callee->span, E_STACK_BLOCK,
                             "a block of this `Stack` takes %s and gives %s", type_shown(cx, from),
                             type_shown(cx, to));
    check_primary(cx, diag, "the next block cannot take %s", type_shown(cx, to));
    for (int i = 0; from->kind == TY_TENSOR && to->kind == TY_TENSOR && from->rank == to->rank && i < from->rank; i++) {
        if (compare_dims(cx, from->axes[i].dim, to->axes[i].dim) != DIM_DIFFERENT) continue;
        label_axis(cx, diag, &from->axes[i]);
        label_axis(cx, diag, &to->axes[i]);
    }
    check_fix(cx, diag, "let the block give what it takes, or use `repeat`, whose copies may differ");
    return 0;
}

/* The same sizes and element, so that one elaboration serves both. */
static int is_interchangeable(const Type *a, const Type *b) {
    if (a->kind != TY_TENSOR || b->kind != TY_TENSOR || a->rank != b->rank || a->dtype != b->dtype ||
        a->index_bound != b->index_bound || a->element != b->element)
        return 0;
    for (int i = 0; i < a->rank; i++)
        if (a->axes[i].dim != b->axes[i].dim || a->axes[i].pack != b->axes[i].pack ||
            a->axes[i].is_stretchable != b->axes[i].is_stretchable)
            return 0;
    return 1;
}

static const Tx *run_blocks(Checker *cx, Run *run, const Type *wanted) {
    const Built *stack = run->callee->built;
    const Symbol *name = stack->declared->name;
    const Tx *value = run->args[run->carried].tx, *made = NULL, *taken = NULL;
    for (int i = 0; i < stack->parts.len; i++) {
        int is_copy = made && made->kind == T_CALL && is_interchangeable(taken->type, value->type);
        const Tx *result;
        if (is_copy) {
            result = next_call(cx, run, made, i, taken, value);
        } else {
            run->args[run->carried].tx = value;
            result = call_block(cx, run, i, wanted);
            if (is_error(result)) return result;
            if (!keeps_type(cx, run, value->type, result->type)) return tx_error(cx, run->span);
        }
        made = result;
        taken = value;
        value = keep(cx, run, result, name);
    }
    return value;
}

const Tx *call_stack(Checker *cx, Callable *callee, const Argument *args, int count, Span span,
                     const Type *wanted) {
    const Built *stack = callee->built;
    if (stack->kind == BUILT_COPIES) {
        Diag *diag = check_error(cx, span, E_STACK, "these are the %d copies of a repeat: call one of them",
                                 stack->parts.len);
        check_fix(cx, diag, "choose it in brackets, as in blocks[0](x)");
        return tx_error(cx, span);
    }
    if (!count) {
        check_error(cx, span, E_ARGUMENT_COUNT, "a `Stack` takes what its block takes, 0 given");
        return tx_error(cx, span);
    }
    Run run = {.callee = callee,
               .args = arena_array(cx->arena, Argument, count),
               .count = count,
               .carried = carried_argument(callee, args, count),
               .span = span,
               .block = arena_new(cx->arena, TBlock)};
    int is_pure = 1;
    for (int i = 0; i < count; i++) {
        run.args[i] = args[i];
        const Tx *value = settle(cx, args[i].tx);
        if (is_error(value) || (stack->is_open && !stack->parts.len)) return tx_error(cx, span);
        is_pure &= value->is_pure;
        int is_kept = i == run.carried || (value->type->kind != TY_INSTANCE && value->kind != T_VARIABLE);
        run.args[i].tx = is_kept ? keep(cx, &run, value, stack->declared->name) : value;
    }
    const Tx *value = run_blocks(cx, &run, wanted);
    if (is_error(value)) return value;
    Tx *tx = tx_new(cx, T_BLOCK, value->type, span);
    run.block->value = value;
    tx->block = run.block;
    tx->is_pure = is_pure;
    return tx;
}

/* ---- one of them ---------------------------------------------------------------------------- */

static const char *callable_shown(const Callable *of) {
    const Tx *self = of->self;
    return self->kind == T_PART       ? self->name->text
           : self->kind == T_INSTANCE ? self->instance->name->text
                                      : of->name->text;
}

Callable *stack_item(Checker *cx, const Callable *of, const AstList *items, Span span) {
    const Built *stack = of->built;
    if (stack->kind == BUILT_LAYER || items->len != 1) {
        Diag *diag = check_error(cx, span, E_STACK_INDEX,
                                 stack->kind == BUILT_LAYER ? "`%s` is one instance: it has no [i]"
                                                            : "one number chooses a block of `%s`",
                                 callable_shown(of));
        check_note(cx, diag, "the blocks of a `Stack` and the copies of a `repeat` are numbered from 0");
        return callable_new(cx, CALL_ERROR, of->name, span);
    }
    const Dim *at = dim_expression(cx, items->data[0]);
    if (!at || (!dim_is_constant(at) && !cx->body->is_generic)) {
        Diag *diag = check_error(cx, items->data[0]->span, E_STACK_INDEX,
                                 "which block it is must be known when compiling");
        check_fix(cx, diag, "`repeat i in 0..n` gives such numbers, and `for block in blocks` runs over all");
        return callable_new(cx, CALL_ERROR, of->name, span);
    }
    if (!dim_is_constant(at) || stack->is_open) return callable_new(cx, CALL_ERROR, of->name, span);
    int64_t index = dim_constant_value(at), count = stack->parts.len;
    if (index < 0) index += count;
    if (index < 0 || index >= count) {
        check_error(cx, items->data[0]->span, E_STACK_INDEX, "`%s` has %lld blocks, from 0 to %lld; this is %s",
                    callable_shown(of), (long long)count, (long long)count - 1, dim_shown(cx, at));
        return callable_new(cx, CALL_ERROR, of->name, span);
    }
    Callable *item = record_callable(cx, block_of(cx, of->self, stack, index, span), span);
    return item ? item : callable_new(cx, CALL_ERROR, of->name, span);
}
