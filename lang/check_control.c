/* if: branches known when compiling leave one of them, with its condition as a fact; the others stay.  Loops are in
 * check_for.c. */
#include "lang/check_condition.h"
#include "lang/check_expression.h"

#include <string.h>

/* ---- if ------------------------------------------------------------------------------------- */

static int asks_for_training(const Ast *condition) {
    condition = ast_ungroup(condition);
    return condition->kind == AST_NAME && !strcmp(condition->name->text, "training");
}

/* One branch under its facts. */
static const TBlock *check_branch(Checker *cx, const Ast *branch, const DimFacts *more,
                                  const Type *wanted, int wants_value, int training) {
    DimFacts saved = cx->body->facts;
    int saved_training = cx->body->training;
    cx->body->facts = joined_facts(cx, &saved, more);
    if (training >= 0) cx->body->training = training;
    const TBlock *block;
    if (branch->kind == AST_IF) {
        TBlock *made = arena_new(cx->arena, TBlock);
        made->value = check_if(cx, branch, wanted, wants_value);
        block = made;
    } else {
        block = check_block(cx, branch, wanted, wants_value);
    }
    cx->body->facts = saved;
    cx->body->training = saved_training;
    return block;
}

static const Tx *block_tx(Checker *cx, const TBlock *block, Span span) {
    Tx *tx = tx_new(cx, T_BLOCK, block_type(cx, block), span);
    tx->block = block;
    for (int i = 0; i < block->statements.len; i++) {
        const TStmt *s = block->statements.data[i];
        if (s->kind != TS_LET && s->kind != TS_ASSIGN && s->kind != TS_YIELD) tx->is_pure = 0;
        if (s->value && !s->value->is_pure) tx->is_pure = 0;
    }
    if (block->value && !block->value->is_pure) tx->is_pure = 0;
    return tx;
}

static const Tx *known_if(Checker *cx, const Ast *ast, int is_true, const DimFacts *yes,
                          const DimFacts *no, const Type *wanted, int wants_value) {
    const Ast *taken = is_true ? ast->branch.block : ast->branch.otherwise;
    if (!taken) {
        Tx *nothing = tx_new(cx, T_BLOCK, type_unit(cx), ast->span);
        nothing->block = arena_new(cx->arena, TBlock);
        return nothing;
    }
    const TBlock *block = check_branch(cx, taken, is_true ? yes : no, wanted, wants_value,
                                       asks_for_training(ast->branch.condition) ? is_true : -1);
    if (!block->statements.len && block->value) return block->value;
    if (block->value) ((TBlock *)(uintptr_t)block)->value = settle(cx, block->value);
    return block_tx(cx, block, ast->span);
}

/* Known at a use only: both branches are checked, the value is what they have in common. */
static const Tx *open_if(Checker *cx, const Ast *ast, const DimFacts *yes, const DimFacts *no,
                         const Type *wanted, int wants_value) {
    int is_training = asks_for_training(ast->branch.condition);
    cx->body->open_depth++;
    const TBlock *then =
        check_branch(cx, ast->branch.block, yes, wanted, wants_value, is_training ? 1 : -1);
    cx->body->open_depth--;
    if (!ast->branch.otherwise) {
        Tx *tx = tx_new(cx, T_BLOCK, type_unit(cx), ast->span);
        tx->block = then;
        return tx;
    }
    cx->body->open_depth++;
    const TBlock *otherwise =
        check_branch(cx, ast->branch.otherwise, no, wanted, wants_value, is_training ? 0 : -1);
    cx->body->open_depth--;
    const Type *a = block_type(cx, then), *b = block_type(cx, otherwise);
    int is_same = a->kind != TY_ERROR && b->kind != TY_ERROR && same_type(cx, a, b);
    Tx *tx = tx_new(cx, is_same ? T_BLOCK : T_ERROR, is_same ? b : type_error(cx), ast->span);
    tx->block = otherwise;
    return tx;
}

/* A scalar bool of the run; poison after a diagnostic. */
static const Tx *run_condition(Checker *cx, const Ast *ast) {
    const Tx *condition = check_expression(cx, ast, NULL);
    const Type *type = condition->type;
    if (is_error(condition) || (type_is_scalar(type) && type->dtype == DT_BOOL)) return condition;
    int is_bool = type->kind == TY_TENSOR && type->dtype == DT_BOOL;
    Diag *diag = check_error(cx, condition->span, E_CONDITION, "a condition is one bool, this is %s", type_shown(cx, type));
    check_fix(cx, diag, is_bool ? "where(c, a, b) chooses element by element" : "compare: x != 0");
    return tx_error(cx, condition->span);
}

/* The one type of both branches, to which their values are brought; NULL after a diagnostic. */
static const Type *branches_type(Checker *cx, const Ast *ast, const TBlock *then, const TBlock *otherwise) {
    if (!otherwise || !then->value || !otherwise->value) return type_unit(cx);
    const Tx *a = settle(cx, then->value), *b = settle(cx, otherwise->value);
    ((TBlock *)(uintptr_t)then)->value = a;
    if (is_error(a) || is_error(b)) return NULL;
    if (b->type->kind == TY_TENSOR && a->type->kind == TY_TENSOR &&
        wider(a->type->dtype, b->type->dtype) == a->type->dtype && !a->type->index_bound)
        b = convert_element(cx, b, a->type->dtype, NULL);
    ((TBlock *)(uintptr_t)otherwise)->value = b;
    if (same_type(cx, a->type, b->type)) return a->type;
    Diag *diag = check_error(cx, ast->span, E_BRANCHES, "the branches have different types: %s and %s",
                             type_shown(cx, a->type), type_shown(cx, b->type));
    check_label(cx, diag, a->span, "%s", type_shown(cx, a->type));
    check_label(cx, diag, b->span, "%s", type_shown(cx, b->type));
    return NULL;
}

/* The run decides: both branches stay. */
static const Tx *run_if(Checker *cx, const Ast *ast, const Tx *condition, const DimFacts *yes, const DimFacts *no,
                        const Type *wanted, int wants_value) {
    cx->body->branch_depth++;
    const TBlock *then = check_branch(cx, ast->branch.block, yes, wanted, wants_value, -1);
    const TBlock *otherwise =
        ast->branch.otherwise ? check_branch(cx, ast->branch.otherwise, no, wanted, wants_value, -1) : NULL;
    cx->body->branch_depth--;
    if (is_error(condition)) return condition;
    int is_lost = !otherwise && wants_value && then->value && then->value->type->kind != TY_UNIT && !is_error(then->value);
    if (is_lost) {
        Diag *diag = check_error(cx, ast->span, E_NO_VALUE, "an `if` without `else` has no value");
        check_primary(cx, diag, "its branch gives %s", type_shown(cx, then->value->type));
        return tx_error(cx, ast->span);
    }
    const Type *type = branches_type(cx, ast, then, otherwise);
    if (!type) return tx_error(cx, ast->span);
    Tx *tx = tx_new(cx, T_IF, type, ast->span);
    tx_add(cx, tx, condition);
    tx->block = then;
    tx->otherwise = otherwise;
    if (!block_tx(cx, then, ast->span)->is_pure ||
        (otherwise && !block_tx(cx, otherwise, ast->span)->is_pure))
        tx->is_pure = 0;
    return tx;
}

const Tx *check_if(Checker *cx, const Ast *ast, const Type *wanted, int wants_value) {
    DimFacts yes = {0}, no = {0};
    const Ast *condition = ast->branch.condition;
    int known = static_condition(cx, condition, &yes, &no);
    if (known >= 0) return known_if(cx, ast, known, &yes, &no, wanted, wants_value);
    const DimTest *test = known == -1 ? open_condition(cx, condition) : NULL;
    if (known == -1 && !test) return open_if(cx, ast, &yes, &no, wanted, wants_value);
    const Tx *decides = test ? test_value(cx, test, condition->span) : run_condition(cx, condition);
    return run_if(cx, ast, decides, &yes, &no, wanted, wants_value);
}

void if_statement(Checker *cx, const Ast *ast, TBlock *out) {
    const Tx *tx = check_if(cx, ast, NULL, 0);
    if (is_error(tx)) return;
    if (tx->kind != T_IF) {
        TStmt *stmt = add_statement(cx, out, TS_EXPRESSION, ast->span);
        stmt->value = tx;
        return;
    }
    TStmt *stmt = add_statement(cx, out, TS_IF, ast->span);
    stmt->value = tx->args.data[0];
    stmt->block = tx->block;
    stmt->otherwise = tx->otherwise;
}
