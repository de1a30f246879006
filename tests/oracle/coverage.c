#include "coverage.h"

#include "driver/load.h"
#include "lang/ast.h"
#include "lang/parse.h"

#include <stdio.h>

static void add_block(Coverage *c, const TBlock *block);

static void add_name(Coverage *c, const Symbol *name) {
    map_set(&c->session->arena, &c->names, symbol(&c->session->symbols, name->text), c);
}

static void add_function(Coverage *c, const TFunction *f) {
    if (!f || map_has(&c->visited, f)) return;
    map_set(&c->session->arena, &c->visited, f, c);
    add_name(c, f->name);
    add_block(c, f->body);
}

static void add_expression(Coverage *c, const Tx *tx) {
    if (!tx) return;
    if (tx->kind == T_PRIMITIVE) c->primitives[tx->primitive] = 1;
    for (int i = 0; i < tx->args.len; i++) add_expression(c, tx->args.data[i]);
    add_expression(c, tx->self);
    add_function(c, tx->function);
    add_block(c, tx->block);
    add_block(c, tx->otherwise);
}

static void add_statement(Coverage *c, const TStmt *stmt) {
    add_expression(c, stmt->value);
    add_expression(c, stmt->second);
    add_block(c, stmt->block);
    add_block(c, stmt->otherwise);
    for (int i = 0; i < stmt->sources.len; i++) add_expression(c, stmt->sources.data[i].value);
    for (int i = 0; i < stmt->updates.len; i++) {
        add_name(c, stmt->updates.data[i].optimizer->name);
        add_block(c, stmt->updates.data[i].optimizer->body);
    }
    for (int i = 0; i < stmt->groups.len; i++) {
        const TGroup *group = &stmt->groups.data[i];
        add_expression(c, group->transformed);
        for (int k = 0; k < group->rates.len; k++) add_expression(c, group->rates.data[k]);
    }
}

static void add_block(Coverage *c, const TBlock *block) {
    for (int i = 0; block && i < block->statements.len; i++) add_statement(c, block->statements.data[i]);
    if (block) add_expression(c, block->value);
}

void coverage_add_step(Coverage *c, const TStep *step) { add_block(c, step->body); }

void coverage_add_region(Coverage *c, const Region *region) {
    for (int i = 0; i < region->nodes.len; i++) {
        const Node *node = region->nodes.data[i];
        c->operations[node->op] = 1;
        if (node->op == OP_MAP) c->scalars[node->attr.scalar] = 1;
    }
}

static int is_of_library(const Ast *ast) {
    return ast->kind == AST_FN || ast->kind == AST_LAYER || ast->kind == AST_MODEL || ast->kind == AST_OPTIMIZER;
}

static int missing_declarations(Coverage *c) {
    int missing = 0;
    SourceList library = {0};
    if (!load_library(c->session, &library)) ICE("no library");
    for (int i = 0; i < library.len; i++) {
        const Ast *file = lang_parse(c->session, library.data[i]);
        for (int k = 0; k < file->file.statements.len; k++) {
            const Ast *ast = file->file.statements.data[k];
            if (!is_of_library(ast) || map_has(&c->names, ast->function.name.symbol)) continue;
            fprintf(stderr, "`%s` of %s has no case in tests/oracle\n", ast->function.name.symbol->text,
                    library.data[i]->name);
            missing++;
        }
    }
    return missing;
}

int coverage_missing(Coverage *c) {
    int missing = missing_declarations(c);
    for (int i = 0; i < PRIM_COUNT; i++) {
        if (c->primitives[i]) continue;
        fprintf(stderr, "the primitive `%s` has no case in tests/oracle\n", primitive_name((PrimitiveKind)i));
        missing++;
    }
    for (int i = 0; i < OP_COUNT; i++) {
        if (c->operations[i]) continue;
        fprintf(stderr, "the operation `%s` has no case in tests/oracle\n", op_name((OpKind)i));
        missing++;
    }
    return missing;
}
