/* Loops: `for` over ranges and axes with its yields and the variables it carries, `while`, `break`, `continue`.
 *
 * A `for` stays a loop in the typed program (TS_FOR); as a value it is a T_FOR over one.  Its yields are stacked where
 * the axis of its first tensor stood, in front where there is none.  What the turns carry are the variables from
 * outside that the body assigns to: they keep their types, so that every turn is the same code. */
#include "lang/check_expression.h"
#include "lang/check_primitive.h"
#include "lang/check_program.h"
#include "lang/check_reach.h"

#include <string.h>

/* ---- sources -------------------------------------------------------------------------------- */

/* What a source turned out to be: the type of one turn's element and the axis that the turns walk. */
typedef struct SourceType {
    const Type *element;
    Axis turns; /* dim NULL where only the run knows, or for a range without end */
    int is_tensor, is_endless;
} SourceType;

static const Tx *range_end(Checker *cx, const Ast *ast) {
    return convert_element(cx, check_expression(cx, ast, NULL), DT_I64, NULL);
}

static int is_number(Checker *cx, const Ast *ast, const Tx *tx) {
    if (is_error(tx) || type_is_scalar(tx->type)) return 1;
    check_error(cx, ast->span, E_RANK, "a range runs between two numbers, this is %s",
                type_shown(cx, tx->type));
    return 0;
}

static SourceType range_source(Checker *cx, const Ast *range, TForSource *source) {
    SourceType out = {.element = type_error(cx), .is_endless = !range->range.hi};
    DimTable *t = &cx->session->dims;
    const Ast *from = range->range.lo, *to = range->range.hi;
    const Dim *hi = to ? dim_expression(cx, to) : NULL;
    const Dim *lo = from ? dim_expression(cx, from) : dim_constant(t, 0);
    source->lo = from ? range_end(cx, from) : settle(cx, tx_integer(cx, 0, range->span));
    source->hi = to ? range_end(cx, to) : NULL;
    if (is_error(source->lo) || (to && is_error(source->hi)) || (from && !is_number(cx, from, source->lo)) ||
        (to && !is_number(cx, to, source->hi)))
        return out;
    out.element = type_scalar(cx, DT_I64);
    if (!lo || !hi) return out;
    if (dim_at_most(t, lo, hi, &cx->body->facts) == DIM_DIFFERENT) {
        check_error(cx, range->span, E_INDEX_RANGE, "this range ends before it begins");
        out.element = type_error(cx);
        return out;
    }
    int is_whole = dim_is_constant(lo) && dim_constant_value(lo) == 0;
    out.turns =
        (Axis){.dim = dim_sub(t, hi, lo),
               .why = is_whole ? dim_origin(cx, to) : origin_new(cx, ORIGIN_RESULT, range->span, NULL)};
    if (dim_at_most(t, dim_constant(t, 0), lo, &cx->body->facts) == DIM_EQUAL)
        out.element = type_index(cx, hi, 0, NULL);
    return out;
}

/* The type without axis `at`. */
static const Type *without_axis(Checker *cx, const Type *of, int at) {
    Axis axes[64];
    int rank = 0;
    for (int i = 0; i < of->rank; i++)
        if (i != at) axes[rank++] = of->axes[i];
    Type *type = type_copy(cx, type_tensor(cx, of->dtype, rank, axes));
    type->index_bound = of->index_bound;
    type->element = of->element;
    return type;
}

static SourceType axis_source(Checker *cx, const Ast *ast, const Type *type, const Ast *along, int *axis) {
    SourceType out = {.element = type_error(cx), .is_tensor = 1};
    if (!type->rank) {
        check_error(cx, ast->span, E_RANK, "a `for` runs over a range or along an axis; this is a scalar");
        return out;
    }
    *axis = along ? axis_position(cx, along, type) : 0;
    if (*axis < 0 || type->axes[*axis].pack) return out;
    out.element = without_axis(cx, type, *axis);
    out.turns = type->axes[*axis];
    return out;
}

static void different_lengths(Checker *cx, Span span, const Axis *a, const Axis *b) {
    Diag *diag =
        check_error(cx, span, E_TURNS, "the sources of this `for` have different lengths: %s against %s",
                    dim_shown(cx, a->dim), dim_shown(cx, b->dim));
    label_axis(cx, diag, a);
    label_axis(cx, diag, b);
    check_fix(cx, diag, "take a part of the longer one: x[0..%s]", dim_shown(cx, a->dim));
}

/* A tuple of tensors runs along that axis of each; its elements are tuples. */
static SourceType tuple_source(Checker *cx, const Ast *ast, const Type *type, const Ast *along, int *axis) {
    TypeField *fields = arena_array(cx->arena, TypeField, type->count);
    SourceType out = {.element = type_error(cx), .is_tensor = 1};
    for (int i = 0; i < type->count; i++) {
        if (type->fields[i].type->kind != TY_TENSOR) {
            check_error(cx, ast->span, E_TYPE_MISMATCH,
                        "a `for` runs over tensors and tuples of tensors, this is %s", type_shown(cx, type));
            return out;
        }
        int own = 0;
        SourceType item = axis_source(cx, ast, type->fields[i].type, along, &own);
        if (is_error_type(item.element)) return out;
        if (i && own != *axis) {
            check_error(cx, ast->span, E_AXIS, "the items of this tuple have that axis in different places");
            return out;
        }
        if (i && compare_dims(cx, item.turns.dim, out.turns.dim) == DIM_DIFFERENT) {
            different_lengths(cx, ast->span, &out.turns, &item.turns);
            return out;
        }
        fields[i].type = item.element;
        *axis = own;
        out.turns = item.turns;
    }
    if (type->count) out.element = type_list(cx, TY_TUPLE, fields, type->count);
    return out;
}

/* The blocks of a Stack, one a turn. */
static SourceType stack_source(Checker *cx, const Ast *ast, const Tx *value) {
    const Built *stack = value->type->function;
    SourceType out = {.element = type_error(cx)};
    if (!stack || stack->kind != BUILT_STACK) {
        Diag *diag = check_error(cx, ast->span, E_TYPE_MISMATCH, "a `for` runs over the blocks of a `Stack`, this is %s",
                                 type_shown(cx, value->type));
        if (stack && stack->kind == BUILT_COPIES)
            check_fix(cx, diag, "`repeat` goes over copies, which may differ from each other");
        return out;
    }
    if (cx->body->kind == BODY_PROGRAM || cx->body->kind == BODY_TEST || cx->body->kind == BODY_TRAIN) {
        Diag *diag = check_error(cx, ast->span, E_PLACE, "a `for` over the blocks of a `Stack` stands in compiled code");
        check_fix(cx, diag, "`repeat block in blocks` goes over them here");
        return out;
    }
    if (stack->is_open || !stack->parts.len) return out;
    out.element = instance_type(cx, stack->parts.data[0]);
    out.turns = (Axis){.dim = dim_constant(&cx->session->dims, stack->parts.len),
                       .why = origin_new(cx, ORIGIN_RESULT, ast->span, NULL)};
    return out;
}

static SourceType value_source(Checker *cx, const Ast *ast, const Ast *along, TForSource *source) {
    const Tx *value = settle(cx, check_expression(cx, ast, NULL));
    SourceType out = {.element = type_error(cx)};
    source->value = value;
    if (is_error(value)) return out;
    if (value->type->kind == TY_TENSOR) return axis_source(cx, ast, value->type, along, &source->axis);
    if (value->type->kind == TY_TUPLE) return tuple_source(cx, ast, value->type, along, &source->axis);
    if (value->type->kind == TY_RECORD && value->type->rows) {
        out.element = batch_type(cx, value, ast);
        out.turns = (Axis){.dim = value->type->rows, .why = origin_new(cx, ORIGIN_RESULT, ast->span, NULL)};
        return out;
    }
    if (value->type->kind == TY_INSTANCE) return stack_source(cx, ast, value);
    Diag *diag =
        check_error(cx, ast->span, E_TYPE_MISMATCH, "a `for` runs over a range or along an axis, this is %s",
                    type_shown(cx, value->type));
    check_fix(cx, diag, "for i in 0..n counts");
    return out;
}

/* ---- names ---------------------------------------------------------------------------------- */

static TVariable *loop_variable(Checker *cx, const Ast *target, const Type *type) {
    if (target->kind == AST_HOLE) return NULL;
    if (target->kind != AST_NAME) {
        check_error(cx, target->span, E_TUPLE_COUNT, "a pattern of a `for` is a list of names: (a, b)");
        return NULL;
    }
    TVariable *v = variable_new(cx, target->name, type, target->span);
    Binding *b = scope_declare(cx, (AstName){target->name, target->span}, BIND_VALUE, 0);
    b->tx = is_error_type(type) ? tx_error(cx, target->span) : tx_variable(cx, v, target->span);
    b->is_quiet = 1;
    return v;
}

/* (a, b) takes the items of a tuple, or the fields of a batch. */
static void loop_pattern(Checker *cx, const Ast *target, const Type *type, TForSource *source) {
    if (type->kind == TY_RECORD) {
        batch_pattern(cx, target, type, source);
        return;
    }
    int is_known = !is_error_type(type);
    if (is_known && (type->kind != TY_TUPLE || type->count != target->items.len)) {
        check_error(cx, target->span, E_TUPLE_COUNT, "%d names for the elements of this source, which are %s",
                    target->items.len, type_shown(cx, type));
        is_known = 0;
    }
    for (int i = 0; i < target->items.len; i++)
        vec_push(cx->arena, &source->items,
                 loop_variable(cx, ast_ungroup(target->items.data[i]),
                               is_known ? type->fields[i].type : type_error(cx)));
}

/* ---- the whole head ------------------------------------------------------------------------- */

typedef struct Head {
    Axis turns;  /* dim NULL: only the run knows */
    int has_end; /* some source ends */
    int is_bad;
} Head;

static void join_turns(Checker *cx, Head *head, TStmt *stmt, const Ast *ast, const SourceType *type, int at) {
    if (is_error_type(type->element)) {
        head->is_bad = 1;
        return;
    }
    int is_first_tensor = type->is_tensor;
    for (int i = 0; i < at; i++)
        if (stmt->sources.data[i].value) is_first_tensor = 0;
    if (is_first_tensor) stmt->stack_axis = stmt->sources.data[at].axis;
    head->has_end |= !type->is_endless;
    if (!type->turns.dim) return;
    if (!head->turns.dim) {
        head->turns = type->turns;
        return;
    }
    if (compare_dims(cx, head->turns.dim, type->turns.dim) == DIM_DIFFERENT) {
        different_lengths(cx, ast->span, &head->turns, &type->turns);
        head->is_bad = 1;
    }
    if (is_first_tensor) head->turns = type->turns; /* the stacks are named by the axis they came from */
}

static Head check_head(Checker *cx, const AstLoop *loop, TStmt *stmt, const Type **elements) {
    Head head = {0};
    for (int i = 0; i < loop->sources.len; i++) {
        const Ast *ast = ast_ungroup(loop->sources.data[i]);
        TForSource source = {0};
        SourceType type = ast->kind == AST_RANGE ? range_source(cx, ast, &source)
                                                 : value_source(cx, ast, loop->along, &source);
        vec_push(cx->arena, &stmt->sources, source);
        elements[i] = type.element;
        join_turns(cx, &head, stmt, ast, &type, i);
    }
    stmt->extent = head.turns.dim;
    return head;
}

/* ---- yields --------------------------------------------------------------------------------- */

/* Right in the body, once a turn: otherwise there is nothing to stack. */
void check_yield(Checker *cx, const Ast *ast, TBlock *out) {
    Loop *loop = cx->body->loop;
    const Tx *value = settle(cx, check_expression(cx, ast->inner, NULL));
    Diag *diag;
    if (loop->stmt && loop->stmt->kind == TS_WHILE) {
        diag =
            check_error(cx, ast->span, E_YIELD, "a `while` yields nothing: only a `for` and a `repeat` do");
    } else if (cx->scope->outer != loop->scope) {
        diag = check_error(cx, ast->span, E_YIELD,
                           "a `yield` stands in the body of its loop itself, not in a branch");
        check_fix(cx, diag, "yield where(c, a, b), or a `var` that the branches change");
    } else if (loop->has_yield) {
        diag = check_error(cx, ast->span, E_YIELD, "a body yields once a turn");
        check_label(cx, diag, loop->yield, "it has yielded here");
        check_fix(cx, diag, "yield (a, b) gives a tuple of stacks");
    } else {
        loop->has_yield = 1;
        loop->yielded = value;
        loop->yield = ast->span;
        if (!is_error(value)) add_statement(cx, out, TS_YIELD, ast->span)->value = value;
        return;
    }
    loop->yielded = tx_error(cx, ast->span);
    loop->has_yield = 1;
}

/* The turns' values of `type`, along `turns` at axis `at`, where it stood in `from` (NULL: a range); poison after a
 * diagnostic. */
static const Type *stacked(Checker *cx, Span span, const Type *type, int at, const Axis *turns,
                           const Type *from) {
    if (is_error_type(type)) return type;
    if (type->kind == TY_TUPLE) {
        TypeField *fields = arena_array(cx->arena, TypeField, type->count);
        for (int i = 0; i < type->count; i++) {
            fields[i].type = stacked(cx, span, type->fields[i].type, at, turns, from);
            if (is_error_type(fields[i].type)) return fields[i].type;
        }
        return type_list(cx, TY_TUPLE, fields, type->count);
    }
    if (type->kind != TY_TENSOR) {
        check_error(cx, span, E_YIELD, "a `for` stacks tensors and tuples of tensors, this is %s",
                    type_shown(cx, type));
        return type_error(cx);
    }
    if (has_pack(type)) { /* axis `at` is behind a pack: known where both have the same one there */
        for (int i = 0; i < at; i++)
            if (i >= type->rank || !from || type->axes[i].pack != from->axes[i].pack) return type_error(cx);
    } else if (type->rank < at) {
        Diag *diag = check_error(cx, span, E_YIELD,
                                 "the yields are stacked at axis %d, where %s stood, and this is %s", at,
                                 dim_shown(cx, turns->dim), type_shown(cx, type));
        check_fix(cx, diag, "let the source have that axis in front: transpose it before the loop");
        return type_error(cx);
    }
    if (type->rank >= TENSOR_MAX_RANK && !has_pack(type)) {
        check_error(cx, span, E_RANK, "the stack of these yields would have %d axes; a tensor has at most %d",
                    type->rank + 1, TENSOR_MAX_RANK);
        return type_error(cx);
    }
    Axis axes[64];
    for (int i = 0, k = 0; i <= type->rank; i++) {
        if (i == at) {
            axes[i] = *turns;
            axes[i].is_stretchable = 0;
        } else axes[i] = type->axes[k++];
    }
    Type *stack = type_copy(cx, type_tensor(cx, type->dtype, type->rank + 1, axes));
    stack->index_bound = type->index_bound;
    stack->element = type->element;
    return stack;
}

static const Tx *stack_value(Checker *cx, const Ast *ast, TStmt *stmt, const Head *head, const Loop *loop) {
    Diag *diag;
    if (!loop->has_yield) {
        diag = check_error(cx, ast->span, E_NO_VALUE, "this `for` has no value: its body yields nothing");
        check_fix(cx, diag, "end the body with `yield ...`");
        return tx_error(cx, ast->span);
    }
    if (is_error(loop->yielded) || head->is_bad) return tx_error(cx, ast->span);
    if (stmt->has_break) {
        check_error(cx, loop->yield, E_YIELD,
                    "a `for` that stops or skips turns has no yields: their number is known when compiling");
        return tx_error(cx, ast->span);
    }
    if (!head->turns.dim) {
        diag = check_error(cx, loop->yield, E_YIELD,
                           "the number of turns is not known when compiling, so the yields have no shape");
        check_label(cx, diag, ast->loop.sources.data[0]->span, "only the run knows this length");
        check_fix(cx, diag, "a `dim` as its end, or a `var` that the turns change");
        return tx_error(cx, ast->span);
    }
    const Type *from = NULL;
    for (int i = stmt->sources.len - 1; i >= 0; i--) {
        const Tx *source = stmt->sources.data[i].value;
        if (source && source->type->kind == TY_TENSOR) from = source->type;
    }
    const Type *type = stacked(cx, loop->yield, loop->yielded->type, stmt->stack_axis, &head->turns, from);
    if (is_error_type(type)) return tx_error(cx, ast->span);
    Tx *tx = tx_new(cx, T_FOR, type, ast->span);
    tx->loop = stmt;
    tx->is_pure = 0; /* its turns change variables */
    return tx;
}

/* ---- bodies --------------------------------------------------------------------------------- */

/* Kept: what was defined in a loop remembers it. */
static Loop *enter_loop(Checker *cx, TStmt *stmt) {
    Loop *loop = arena_new(cx->arena, Loop);
    *loop =
        (Loop){.outer = cx->body->loop, .stmt = stmt, .scope = cx->scope, .depth = ++cx->body->loop_depth};
    cx->body->loop = loop;
    return loop;
}

static void leave_loop(Checker *cx, const Loop *loop) {
    cx->body->loop = loop->outer;
    cx->body->loop_depth--;
}

const Tx *check_for(Checker *cx, const Ast *ast, TBlock *out, int wants_value) {
    const AstLoop *ast_loop = &ast->loop;
    if (ast_loop->targets.len != ast_loop->sources.len) {
        check_error(cx, ast->span, E_TUPLE_COUNT, "%d %s for %d %s", ast_loop->targets.len,
                    ast_loop->targets.len == 1 ? "name" : "names", ast_loop->sources.len,
                    ast_loop->sources.len == 1 ? "source" : "sources");
        return tx_error(cx, ast->span);
    }
    TStmt *stmt = add_statement(cx, NULL, TS_FOR, ast->span);
    stmt->is_reversed = ast_loop->is_reversed;
    const Type **elements = arena_array(cx->arena, const Type *, ast_loop->sources.len);
    Head head = check_head(cx, ast_loop, stmt, elements);
    scope_push(cx);
    Loop *loop = enter_loop(cx, stmt);
    for (int i = 0; i < ast_loop->sources.len; i++) {
        const Ast *target = ast_ungroup(ast_loop->targets.data[i]);
        TForSource *source = &stmt->sources.data[i];
        if (target->kind == AST_TUPLE) loop_pattern(cx, target, elements[i], source);
        else source->variable = loop_variable(cx, target, elements[i]);
    }
    note_definition(cx, stmt);
    stmt->block = check_block(cx, ast_loop->body, NULL, 0);
    leave_loop(cx, loop);
    scope_pop(cx);
    if (!head.is_bad && !head.has_end && !stmt->has_break) {
        Diag *diag = check_error(cx, ast_loop->sources.data[0]->span, E_ENDLESS,
                                 "this `for` never ends: its range has no end and it has no `break`");
        check_fix(cx, diag, "0..n ends");
        head.is_bad = 1;
    }
    if (wants_value) return stack_value(cx, ast, stmt, &head, loop);
    if (loop->has_yield && !is_error(loop->yielded)) {
        Diag *diag = check_error(cx, loop->yield, E_UNUSED, "nobody uses what this loop yields");
        check_fix(cx, diag, "let y = for ... takes it");
    }
    if (out && !head.is_bad) vec_push(cx->arena, &out->statements, stmt);
    return tx_error(cx, ast->span);
}

void while_statement(Checker *cx, const Ast *ast, TBlock *out) {
    const Tx *condition = check_expression(cx, ast->loop.condition, NULL);
    if (!is_error(condition) &&
        (condition->type->kind != TY_TENSOR || condition->type->dtype != DT_BOOL || condition->type->rank)) {
        int is_bool = condition->type->kind == TY_TENSOR && condition->type->dtype == DT_BOOL;
        Diag *diag = check_error(cx, condition->span, E_CONDITION, "a condition is one bool, this is %s",
                                 type_shown(cx, condition->type));
        check_fix(cx, diag, is_bool ? "any(c) or all(c) makes one of them" : "compare: x != 0");
    }
    TStmt *stmt = add_statement(cx, is_error(condition) ? NULL : out, TS_WHILE, ast->span);
    stmt->value = condition;
    Loop *loop = enter_loop(cx, stmt);
    stmt->block = check_block(cx, ast->loop.body, NULL, 0);
    leave_loop(cx, loop);
}

void loop_control(Checker *cx, const Ast *ast, TBlock *out) {
    const char *word = ast->kind == AST_BREAK ? "break" : "continue";
    Loop *loop = cx->body->loop;
    if (!loop) {
        check_error(cx, ast->span, E_PLACE, "`%s` stands outside a loop", word);
        return;
    }
    if (!loop->stmt) {
        check_error(cx, ast->span, E_PLACE,
                    "`%s` in a `repeat`: its copies are made when compiling, all of them", word);
        return;
    }
    loop->stmt->has_break = 1;
    add_statement(cx, out, ast->kind == AST_BREAK ? TS_BREAK : TS_CONTINUE, ast->span);
}

/* ---- carried variables ---------------------------------------------------------------------- */

void note_carried(Checker *cx, TVariable *variable) {
    for (Loop *loop = cx->body->loop; loop; loop = loop->outer) {
        if (!loop->stmt || variable->loop_depth >= loop->depth) continue;
        int is_known = 0;
        for (int i = 0; i < loop->stmt->carried.len; i++) is_known |= loop->stmt->carried.data[i] == variable;
        if (!is_known) vec_push(cx->arena, &loop->stmt->carried, variable);
    }
}

/* `repeat` alone lets a variable change its shape; a loop of the run does not. */
static int is_carried(const Checker *cx, const TVariable *variable) {
    for (const Loop *loop = cx->body->loop; loop; loop = loop->outer)
        if (loop->stmt && variable->loop_depth < loop->depth) return 1;
    return 0;
}

int check_carry(Checker *cx, const Tx *place, const Tx *value) {
    const Type *before = place->type, *after = value->type;
    if (before->kind != TY_TENSOR || after->kind != TY_TENSOR || !is_carried(cx, place->variable)) return 1;
    Type *same = type_copy(cx, after); /* element types are the assignment's business */
    same->dtype = before->dtype;
    same->index_bound = before->index_bound;
    same->element = before->element;
    if (same_type(cx, before, same)) return 1;
    Diag *diag = check_error(cx, value->span, E_CARRY, "`%s` is %s when the loop begins, a turn makes it %s",
                             place->variable->name->text, type_shown(cx, before), type_shown(cx, after));
    check_label(cx, diag, place->variable->span, "%s here", type_shown(cx, before));
    for (int i = 0; i < before->rank && before->rank == after->rank; i++) {
        const Axis *a = &before->axes[i], *b = &after->axes[i];
        if (a->pack || b->pack || compare_dims(cx, a->dim, b->dim) != DIM_DIFFERENT) continue;
        check_primary(cx, diag, "axis %d is %s instead of %s", i, dim_shown(cx, b->dim),
                      dim_shown(cx, a->dim));
        label_axis(cx, diag, b);
        break;
    }
    check_note(cx, diag, "what a loop carries from turn to turn keeps its shape");
    check_fix(cx, diag, "let the `var` begin as %s, or use `repeat`, whose copies may change it",
              type_shown(cx, after));
    return 0;
}
