#include "lang/ast.h"

const Ast *ast_ungroup(const Ast *ast) {
    while (ast->kind == AST_GROUP) ast = ast->inner;
    return ast;
}

const char *ast_operator_text(AstOperator op) {
    static const char *const text[AST_OPERATOR_COUNT] = {
        [AST_ADD] = "+",        [AST_SUB] = "-",
        [AST_MUL] = "*",        [AST_DIV] = "/",
        [AST_FLOOR_DIV] = "//", [AST_MOD] = "%",
        [AST_POW] = "**",       [AST_MATMUL] = "@",
        [AST_EQUAL] = "==",     [AST_NOT_EQUAL] = "!=",
        [AST_LESS] = "<",       [AST_LESS_EQUAL] = "<=",
        [AST_GREATER] = ">",    [AST_GREATER_EQUAL] = ">=",
        [AST_AND] = "and",      [AST_OR] = "or",
        [AST_NEGATE] = "-",     [AST_NOT] = "not",
    };
    return text[op];
}

static void visit_all(const AstList *list, AstVisit visit, void *context) {
    for (int i = 0; i < list->len; i++) visit(context, list->data[i]);
}

static void visit_one(const Ast *ast, AstVisit visit, void *context) {
    if (ast) visit(context, ast);
}

static void function_children(const AstFunction *f, AstVisit visit, void *context) {
    visit_all(&f->statics, visit, context);
    visit_all(&f->inputs, visit, context);
    visit_one(f->result, visit, context);
    visit_all(&f->given, visit, context);
    visit_one(f->on, visit, context);
    visit_one(f->body, visit, context);
    visit_one(f->gradient, visit, context);
}

static void loop_children(const AstLoop *loop, AstVisit visit, void *context) {
    visit_all(&loop->targets, visit, context);
    visit_all(&loop->sources, visit, context);
    visit_one(loop->along, visit, context);
    visit_one(loop->condition, visit, context);
    visit_one(loop->body, visit, context);
}

void ast_children(const Ast *ast, AstVisit visit, void *context) {
    switch (ast->kind) {
    case AST_STRING:
        for (int i = 0; i < ast->string.parts.len; i++) visit_one(ast->string.parts.data[i].value, visit, context);
        return;
    case AST_UNARY: visit_one(ast->unary.operand, visit, context); return;
    case AST_BINARY:
        visit_one(ast->binary.left, visit, context);
        visit_one(ast->binary.right, visit, context);
        return;
    case AST_GROUP: case AST_EVERY_LEVEL: case AST_YIELD: visit_one(ast->inner, visit, context); return;
    case AST_TUPLE: case AST_LIST: case AST_SPLIT: visit_all(&ast->items, visit, context); return;
    case AST_FIELD: visit_one(ast->field.of, visit, context); return;
    case AST_INDEX:
        visit_one(ast->index.of, visit, context);
        visit_all(&ast->index.items, visit, context);
        return;
    case AST_CALL:
        visit_one(ast->call.callee, visit, context);
        visit_all(&ast->call.args, visit, context);
        return;
    case AST_NAMED: case AST_REPORT: visit_one(ast->named.value, visit, context); return;
    case AST_RANGE:
        visit_one(ast->range.lo, visit, context);
        visit_one(ast->range.hi, visit, context);
        return;
    case AST_PIPE:
        visit_one(ast->pipe.left, visit, context);
        visit_one(ast->pipe.right, visit, context);
        return;
    case AST_IF:
        visit_one(ast->branch.condition, visit, context);
        visit_one(ast->branch.block, visit, context);
        visit_one(ast->branch.otherwise, visit, context);
        return;
    case AST_FOR: case AST_REPEAT: case AST_WHILE: loop_children(&ast->loop, visit, context); return;
    case AST_TRAIN:
        visit_one(ast->train.model, visit, context);
        visit_one(ast->train.data, visit, context);
        visit_one(ast->train.body, visit, context);
        return;
    case AST_BLOCK: visit_all(&ast->statements, visit, context); return;
    case AST_LET:
        visit_all(&ast->let.targets, visit, context);
        visit_one(ast->let.value, visit, context);
        return;
    case AST_ASSIGN:
        visit_all(&ast->assign.targets, visit, context);
        visit_one(ast->assign.value, visit, context);
        return;
    case AST_MINIMIZE:
        visit_one(ast->minimize.loss, visit, context);
        for (int i = 0; i < ast->minimize.groups.len; i++) {
            visit_all(&ast->minimize.groups.data[i].over, visit, context);
            visit_one(ast->minimize.groups.data[i].rule, visit, context);
        }
        return;
    case AST_INPUT: case AST_DIM: case AST_OPTION: case AST_TYPE: case AST_PARAM: case AST_STATE: case AST_SOURCE:
        visit_one(ast->declare.type, visit, context);
        visit_one(ast->declare.value, visit, context);
        return;
    case AST_DATA: case AST_PART: case AST_TEST: visit_one(ast->section.body, visit, context); return;
    case AST_SIGNATURE: case AST_FN: case AST_EXTERN: case AST_LAYER: case AST_MODEL: case AST_OPTIMIZER: case AST_STEP:
    case AST_VALIDATE:
        function_children(&ast->function, visit, context);
        return;
    case AST_EVERY:
        visit_one(ast->every.count, visit, context);
        visit_one(ast->every.body, visit, context);
        return;
    case AST_FILE: visit_all(&ast->file.statements, visit, context); return;
    case AST_ERROR: case AST_NAME: case AST_HOLE: case AST_INTEGER: case AST_REAL: case AST_BOOL: case AST_REST: case AST_NEW:
    case AST_BREAK: case AST_CONTINUE: case AST_IMPORT: case AST_KIND_COUNT:
        return;
    }
}
