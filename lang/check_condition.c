/* Conditions over sizes and flags.
 *
 * What is known when compiling chooses: one branch of an `if`, whether a `given` holds.  Sizes that only data or a call
 * knows leave a condition open; it becomes a DimTest, which is compared before anything runs that relies on it. */
#include "lang/check_call.h"
#include "lang/check_condition.h"
#include "lang/check_primitive.h"

#include <string.h>

/* ---- known when compiling ------------------------------------------------------------------- */

static int invert(int answer) { return answer == 0 || answer == 1 ? !answer : answer; }

static void add_fact(Checker *cx, DimFacts *facts, int is_zero, const Dim *dim) {
    if (!facts) return;
    if (is_zero) vec_push(cx->arena, &facts->zero, dim);
    else vec_push(cx->arena, &facts->at_least, dim);
}

/* a <= b + slack holds where the condition does; its contrary where not. */
static int compare_order(Checker *cx, const Dim *a, const Dim *b, int is_strict, DimFacts *yes,
                         DimFacts *no) {
    DimTable *t = &cx->session->dims;
    const Dim *gap = dim_sub(t, dim_sub(t, b, a), dim_constant(t, is_strict));
    DimAnswer answer = dim_at_most(t, dim_constant(t, 0), gap, &cx->body->facts);
    add_fact(cx, yes, 0, gap);
    add_fact(cx, no, 0, dim_sub(t, dim_constant(t, -1), gap));
    return answer == DIM_EQUAL ? 1 : answer == DIM_DIFFERENT ? 0 : -1;
}

static int compare_condition(Checker *cx, const Ast *ast, DimFacts *yes, DimFacts *no) {
    const Dim *a = dim_expression(cx, ast->binary.left),
              *b = a ? dim_expression(cx, ast->binary.right) : NULL;
    if (!b) return -2;
    switch ((int)ast->binary.op) {
    case AST_EQUAL:
    case AST_NOT_EQUAL: {
        int is_equal = ast->binary.op == AST_EQUAL;
        DimAnswer answer = dim_compare(&cx->session->dims, a, b, &cx->body->facts);
        add_fact(cx, is_equal ? yes : no, 1, dim_sub(&cx->session->dims, a, b));
        if (answer == DIM_UNKNOWN) return -1;
        if (answer == DIM_DIFFERENT) { /* names may take equal values at a use */
            const Dim *d = dim_sub(&cx->session->dims, a, b);
            if (!dim_is_constant(d) && cx->body->is_generic) return -1;
        }
        return (answer == DIM_EQUAL) == is_equal;
    }
    case AST_LESS: return compare_order(cx, a, b, 1, yes, no);
    case AST_LESS_EQUAL: return compare_order(cx, a, b, 0, yes, no);
    case AST_GREATER: return compare_order(cx, b, a, 1, yes, no);
    case AST_GREATER_EQUAL: return compare_order(cx, b, a, 0, yes, no);
    default: return -2;
    }
}

static int flag_value(Checker *cx, const Ast *ast) {
    const Binding *binding = scope_find(cx, ast->name);
    if (binding && binding->kind == BIND_FLAG) return (int)binding->number;
    if (binding && binding->kind == BIND_DECLARED && binding->declared->ast->kind == AST_OPTION) {
        Declared *d = check_declared(cx, binding->declared);
        if (d->option && d->option->kind == OPTION_BOOL) return (int)d->option->integer;
    }
    if (!binding && !strcmp(ast->name->text, "training")) return cx->body->training;
    return -2;
}

int static_condition(Checker *cx, const Ast *ast, DimFacts *when_true, DimFacts *when_false) {
    ast = ast_ungroup(ast);
    if (ast->kind == AST_BOOL) return ast->boolean;
    if (ast->kind == AST_NAME) return flag_value(cx, ast);
    if (ast->kind == AST_UNARY && ast->unary.op == AST_NOT)
        return invert(static_condition(cx, ast->unary.operand, when_false, when_true));
    if (ast->kind != AST_BINARY) return -2;
    if (ast->binary.op != AST_AND && ast->binary.op != AST_OR)
        return compare_condition(cx, ast, when_true, when_false);
    int is_and = ast->binary.op == AST_AND; /* the facts of both parts hold on one side only */
    int a = static_condition(cx, ast->binary.left, is_and ? when_true : NULL,
                             is_and ? NULL : when_false);
    int b = static_condition(cx, ast->binary.right, is_and ? when_true : NULL,
                             is_and ? NULL : when_false);
    if (a == -2 || b == -2) return -2;
    if (a == !is_and || b == !is_and) return !is_and;
    return a == -1 || b == -1 ? -1 : is_and;
}

/* ---- left to the run ------------------------------------------------------------------------ */

/* A condition that is a comparison of sizes; NULL where a side is none. */
static const DimTest *comparison_test(Checker *cx, const Ast *ast) {
    const Dim *a = dim_expression(cx, ast->binary.left), *b = a ? dim_expression(cx, ast->binary.right) : NULL;
    if (!b) return NULL;
    const Dim *one = dim_constant(&cx->session->dims, 1);
    switch ((int)ast->binary.op) {
    case AST_EQUAL: return dim_test_compare(cx->arena, DIM_TEST_EQUAL, a, b);
    case AST_NOT_EQUAL: return dim_test_not(cx->arena, dim_test_compare(cx->arena, DIM_TEST_EQUAL, a, b));
    case AST_LESS: return dim_test_compare(cx->arena, DIM_TEST_AT_MOST, dim_add(&cx->session->dims, a, one), b);
    case AST_LESS_EQUAL: return dim_test_compare(cx->arena, DIM_TEST_AT_MOST, a, b);
    case AST_GREATER: return dim_test_compare(cx->arena, DIM_TEST_AT_MOST, dim_add(&cx->session->dims, b, one), a);
    case AST_GREATER_EQUAL: return dim_test_compare(cx->arena, DIM_TEST_AT_MOST, b, a);
    default: return NULL;
    }
}

/* Of a condition that is not known here; parts that are known leave the other. */
static const DimTest *condition_test(Checker *cx, const Ast *ast) {
    ast = ast_ungroup(ast);
    if (ast->kind == AST_UNARY && ast->unary.op == AST_NOT) {
        const DimTest *of = condition_test(cx, ast->unary.operand);
        return of ? dim_test_not(cx->arena, of) : NULL;
    }
    if (ast->kind != AST_BINARY) return NULL;
    if (ast->binary.op != AST_AND && ast->binary.op != AST_OR) return comparison_test(cx, ast);
    int is_left_known = static_condition(cx, ast->binary.left, NULL, NULL) >= 0,
        is_right_known = static_condition(cx, ast->binary.right, NULL, NULL) >= 0;
    const DimTest *left = is_left_known ? NULL : condition_test(cx, ast->binary.left),
                  *right = is_right_known ? NULL : condition_test(cx, ast->binary.right);
    if (is_left_known) return right;
    if (is_right_known) return left;
    DimTestKind kind = ast->binary.op == AST_AND ? DIM_TEST_AND : DIM_TEST_OR;
    return left && right ? dim_test_join(cx->arena, kind, left, right) : NULL;
}

/* Sizes of texts that `dlc check` does not read. */
static int mentions_text(Checker *cx, const Dim *dim) {
    for (int i = 0; i < cx->program->alphabets.len; i++) {
        const Binding *b = map_get(&cx->file_scope->names, cx->program->alphabets.data[i]->name);
        const DimName *name = b && b->dim ? dim_as_name(b->dim) : NULL;
        if (name && dim_mentions(dim, name)) return 1;
    }
    return 0;
}

static int test_mentions_text(Checker *cx, const DimTest *test) {
    if (test->a) return mentions_text(cx, test->a) || mentions_text(cx, test->b);
    return test_mentions_text(cx, test->left) || (test->right && test_mentions_text(cx, test->right));
}

const DimTest *open_condition(Checker *cx, const Ast *ast) {
    if (cx->body->is_generic) return NULL;
    const DimTest *test = condition_test(cx, ast);
    return test && !test_mentions_text(cx, test) ? test : NULL;
}

const Tx *test_value(Checker *cx, const DimTest *test, Span span) {
    switch (test->kind) {
    case DIM_TEST_EQUAL:
    case DIM_TEST_AT_MOST:
        return check_binary(cx, test->kind == DIM_TEST_EQUAL ? PRIM_EQ : PRIM_LE, settle(cx, tx_dim(cx, test->a, span)),
                            settle(cx, tx_dim(cx, test->b, span)), span);
    case DIM_TEST_AND:
    case DIM_TEST_OR:
        return check_binary(cx, test->kind == DIM_TEST_AND ? PRIM_AND : PRIM_OR, test_value(cx, test->left, span),
                            test_value(cx, test->right, span), span);
    case DIM_TEST_NOT: break;
    }
    const Tx *is_not[1] = {test_value(cx, test->left, span)};
    PrimitiveCall call = {.kind = PRIM_NOT, .span = span, .args = is_not, .arg_count = 1};
    return check_primitive(cx, &call);
}

/* ---- given ---------------------------------------------------------------------------------- */

DimFacts joined_facts(Checker *cx, const DimFacts *known, const DimFacts *more) {
    const DimFacts *both[2] = {known, more};
    DimFacts facts = {0};
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < both[k]->zero.len; i++) vec_push(cx->arena, &facts.zero, both[k]->zero.data[i]);
        for (int i = 0; i < both[k]->at_least.len; i++) vec_push(cx->arena, &facts.at_least, both[k]->at_least.data[i]);
    }
    return facts;
}

void add_given_facts(Checker *cx, Body *body, const AstFunction *function) {
    DimFacts given = {0};
    for (int i = 0; i < function->given.len; i++) {
        int before = cx->session->diags.error_count;
        int answer = static_condition(cx, function->given.data[i], &given, NULL);
        if (answer == -2 && cx->session->diags.error_count == before)
            check_error(cx, function->given.data[i]->span, E_GIVEN,
                        "a `given` is a condition over dimensions");
    }
    body->facts = joined_facts(cx, &body->facts, &given);
}

static void add_size(Checker *cx, TCondition *condition, Span span, const Dim *dim) {
    const char *text = source_text(cx, span);
    if (!dim || dim_is_constant(dim)) return;
    for (int i = 0; i < condition->sizes.len; i++)
        if (!strcmp(condition->sizes.data[i].text, text)) return;
    vec_push(cx->arena, &condition->sizes, ((TSizeText){text, dim}));
}

/* The names in it, then the sides of comparisons that are more than a name. */
static void add_sizes(Checker *cx, TCondition *condition, const Ast *ast, int is_name) {
    ast = ast_ungroup(ast);
    int is_leaf = ast->kind == AST_NAME || ast->kind == AST_INDEX || ast->kind == AST_CALL;
    if (is_leaf && is_name) add_size(cx, condition, ast->span, dim_expression(cx, ast));
    if (ast->kind == AST_UNARY) add_sizes(cx, condition, ast->unary.operand, is_name);
    if (ast->kind != AST_BINARY) return;
    int is_side = !is_name && ast->binary.op != AST_AND && ast->binary.op != AST_OR;
    if (!is_side) {
        add_sizes(cx, condition, ast->binary.left, is_name);
        add_sizes(cx, condition, ast->binary.right, is_name);
        return;
    }
    add_size(cx, condition, ast->binary.left->span, dim_expression(cx, ast->binary.left));
    add_size(cx, condition, ast->binary.right->span, dim_expression(cx, ast->binary.right));
}

void open_equal(Checker *cx, const Dim *a, const Dim *b, Span span) {
    Body *body = cx->body;
    if (cx->quiet || body->is_generic || body->branch_depth || compare_dims(cx, a, b) != DIM_UNKNOWN) return;
    TCondition *condition = arena_new(cx->arena, TCondition);
    *condition = (TCondition){.test = dim_test_compare(cx->arena, DIM_TEST_EQUAL, a, b), .span = span};
    vec_push(cx->arena, &body->conditions, condition);
}

const Ast *false_given(Checker *cx, const AstFunction *function, const Symbol *name) {
    for (int i = 0; i < function->given.len; i++) {
        const Ast *ast = function->given.data[i];
        int answer = static_condition(cx, ast, NULL, NULL);
        if (answer == 0) return ast;
        const DimTest *test = answer == -1 && !cx->body->is_generic ? condition_test(cx, ast) : NULL;
        if (!test) continue;
        TCondition *condition = arena_new(cx->arena, TCondition);
        *condition = (TCondition){.test = test, .text = source_text(cx, ast->span), .span = ast->span, .of = name};
        add_sizes(cx, condition, ast, 1);
        add_sizes(cx, condition, ast, 0);
        vec_push(cx->arena, &cx->body->conditions, condition);
    }
    return NULL;
}

/* 1, 0, or -1: not known here. */
static int test_answer(Checker *cx, const DimTest *test, const Map *dims) {
    DimTable *t = &cx->session->dims;
    if (test->a) {
        const Dim *a = dim_substitute(t, test->a, dims), *b = dim_substitute(t, test->b, dims);
        DimAnswer answer = test->kind == DIM_TEST_EQUAL ? dim_compare(t, a, b, &cx->body->facts)
                                                        : dim_at_most(t, a, b, &cx->body->facts);
        return answer == DIM_EQUAL ? 1 : answer == DIM_DIFFERENT ? 0 : -1;
    }
    int left = test_answer(cx, test->left, dims);
    if (test->kind == DIM_TEST_NOT) return left < 0 ? left : !left;
    int right = test_answer(cx, test->right, dims), decides = test->kind == DIM_TEST_OR;
    if (left == decides || right == decides) return decides;
    return left < 0 || right < 0 ? -1 : !decides;
}

/* "N is 1": the names of the condition with their sizes at the use. */
static void show_sizes(Checker *cx, Diag *diag, const TCondition *condition, const Map *dims, const Map *axes) {
    Text text = text_new(cx->arena);
    for (int i = 0; i < condition->sizes.len; i++) {
        const TSizeText *size = &condition->sizes.data[i];
        const char *now = dim_shown(cx, dim_substitute(&cx->session->dims, size->dim, dims));
        const DimName *name = dim_as_name(size->dim);
        if (!name) {
            check_note(cx, diag, "%s is %s", size->text, now);
            continue;
        }
        text_printf(&text, "%s%s is %s", text.len ? ", " : "", size->text, now);
        if (map_has(axes, name)) label_axis(cx, diag, map_get(axes, name));
    }
    if (text.len) check_primary(cx, diag, "%s", text_str(&text));
}

int report_false_condition(Checker *cx, const TConditions *conditions, const Map *sizes, Span use) {
    Map dims = {0};
    for (int i = 0; i < sizes->len; i++) {
        const Axis *axis = sizes->entries[i].value;
        if (axis->dim) map_set(cx->arena, &dims, sizes->entries[i].key, (void *)(uintptr_t)axis->dim);
    }
    for (int i = 0; i < conditions->len; i++) {
        const TCondition *condition = conditions->data[i];
        if (!condition->of || test_answer(cx, condition->test, &dims) != 0) continue;
        Diag *diag = check_error(cx, use, E_GIVEN, "`%s` needs `%s`", condition->of->text, condition->text);
        if (!diag) return 1;
        check_label(cx, diag, condition->span, "this is false");
        show_sizes(cx, diag, condition, &dims, sizes);
        return 1;
    }
    return 0;
}
