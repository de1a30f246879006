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
