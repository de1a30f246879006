/* Warnings about what is declared and never used: inputs and static parameters of a function, and, in a file that is
 * a program, its declarations and the fields of its data.  A name counts as used as soon as its word stands anywhere
 * else in the file, comments apart: what is said here is certain. */
#include "lang/check_program.h"

#include <ctype.h>
#include <string.h>

/* ---- parameters ----------------------------------------------------------------------------- */

static int has_members(const AstFunction *function) {
    const Ast *body = function->body;
    for (int i = 0; body && body->kind == AST_BLOCK && i < body->statements.len; i++)
        if (body->statements.data[i]->kind == AST_FN) return 1;
    return 0;
}

static int is_unused(const Scope *scope, const Symbol *name) {
    const Binding *b = name ? map_get(&scope->names, name) : NULL;
    return b && !b->use_count && b->kind != BIND_ERROR;
}

/* Its shape binds names that are used. */
static int gives_sizes(const Scope *scope, const Ast *input) {
    Span type = input->declare.type ? input->declare.type->span : (Span){0};
    for (int i = 0; i < scope->names.len; i++) {
        const Binding *b = scope->names.entries[i].value;
        if (b->use_count && (b->kind == BIND_DIM || b->kind == BIND_PACK) && type.begin <= b->span.begin &&
            b->span.end <= type.end)
            return 1;
    }
    return 0;
}

void warn_unused_parameters(Checker *cx, const Ast *ast, const Scope *scope) {
    const AstFunction *function = &ast->function;
    /* an optimizer is given both of its inputs; the functions of a layer see its parameters */
    if (ast->kind == AST_OPTIMIZER || has_members(function)) return;
    for (int i = 0; i < function->statics.len; i++) {
        const Ast *parameter = function->statics.data[i];
        if (parameter->kind == AST_REST || !is_unused(scope, parameter->declare.name.symbol)) continue;
        Diag *diag = check_error(cx, parameter->declare.name.span, W_UNUSED_PARAMETER, "the parameter `%s` of `%s` is never used",
                                 parameter->declare.name.symbol->text, function->name.symbol->text);
        check_fix(cx, diag, "leave it out");
    }
    for (int i = 0; i < function->inputs.len; i++) {
        const Ast *input = function->inputs.data[i];
        if (!is_unused(scope, input->declare.name.symbol) || gives_sizes(scope, input)) continue;
        Diag *diag = check_error(cx, input->declare.name.span, W_UNUSED_INPUT, "the input `%s` of `%s` is never used",
                                 input->declare.name.symbol->text, function->name.symbol->text);
        check_fix(cx, diag, "use it, leave it out, or write `_` where a call gives it all the same");
    }
}

/* ---- words ---------------------------------------------------------------------------------- */

static int is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

static int count_in(const char *text, const char *end, const Symbol *word) {
    int count = 0;
    while (text + word->len <= end) {
        if (!memcmp(text, word->text, word->len) && !is_word(text[word->len])) count++;
        while (text < end && is_word(*text)) text++; /* to the next word */
        while (text < end && !is_word(*text)) text++;
    }
    return count;
}

/* How often a word stands in the file, outside of comments. */
static int occurrences(const AstFile *file, const Symbol *word) {
    const Source *source = file->source;
    const char *at = source->text;
    int count = 0;
    for (int i = 0; i < file->comments.len; i++) {
        Span comment = file->comments.data[i].span;
        count += count_in(at, source->text + (comment.begin - source->base), word);
        at = source->text + (comment.end - source->base);
    }
    return count + count_in(at, source->text + source->len, word);
}

/* ---- declarations --------------------------------------------------------------------------- */

static const char *kind_text(const Ast *ast) {
    switch ((int)ast->kind) {
    case AST_DIM: return "dim";
    case AST_OPTION: return "option";
    case AST_TYPE: return "type";
    case AST_FN: return "function";
    case AST_LAYER: return "layer";
    case AST_OPTIMIZER: return "optimizer";
    case AST_DATA: return "data set";
    default: return NULL; /* models and steps can be emitted */
    }
}

static AstName name_of(const Ast *ast) {
    if (ast->kind == AST_DATA) return ast->section.name;
    int is_function = ast->kind == AST_FN || ast->kind == AST_LAYER || ast->kind == AST_OPTIMIZER;
    return is_function ? ast->function.name : ast->declare.name;
}

static int count_fields(const Ast *body, const Symbol *name) {
    int count = 0;
    for (int i = 0; body && body->kind == AST_BLOCK && i < body->statements.len; i++) {
        const Ast *ast = body->statements.data[i];
        if (ast->kind == AST_SOURCE) count += ast->declare.name.symbol == name;
        if (ast->kind == AST_PART || ast->kind == AST_TEST) count += count_fields(ast->section.body, name);
        if (ast->kind == AST_TRAIN) count += count_fields(ast->train.body, name);
    }
    return count;
}

static void warn_fields(Checker *cx, const AstFile *file, const Ast *data, const Ast *body) {
    for (int i = 0; body && body->kind == AST_BLOCK && i < body->statements.len; i++) {
        const Ast *ast = body->statements.data[i];
        if (ast->kind == AST_PART || ast->kind == AST_TEST) warn_fields(cx, file, data, ast->section.body);
        if (ast->kind == AST_TRAIN) warn_fields(cx, file, data, ast->train.body);
        AstName name = ast->kind == AST_SOURCE ? ast->declare.name : (AstName){0};
        if (!name.symbol || occurrences(file, name.symbol) != count_fields(data->section.body, name.symbol)) continue;
        Diag *diag = check_error(cx, name.span, W_UNUSED_FIELD, "the field `%s` of `%s` is never used", name.symbol->text,
                                 data->section.name.symbol->text);
        check_fix(cx, diag, "leave it out: it would be read and checked for nothing");
    }
}

void note_shown(Checker *cx, const Tx *value) {
    if (value->type->kind == TY_RECORD && value->type->rows) cx->shows_sets = 1;
}

/* Something runs: a library of declarations is used by others. */
static int is_program(const AstFile *file) {
    for (int i = 0; i < file->statements.len; i++) {
        const Ast *ast = file->statements.data[i];
        int is_statement = ast->kind < AST_DIM || ast->kind == AST_PARAM || ast->kind == AST_STATE;
        if (is_statement && ast->kind != AST_ERROR) return 1;
    }
    return 0;
}

void check_unused(Checker *cx, const AstFile *file) {
    if (!is_program(file)) return;
    for (int i = 0; i < cx->declared.len; i++) {
        const Ast *ast = cx->declared.data[i]->ast;
        const char *kind = kind_text(ast);
        if (!kind) continue;
        AstName name = name_of(ast);
        if (occurrences(file, name.symbol) == 1)
            check_error(cx, name.span, W_UNUSED_DECLARATION, "the %s `%s` is never used", kind, name.symbol->text);
        else if (ast->kind == AST_DATA && !cx->shows_sets) warn_fields(cx, file, ast, ast->section.body);
    }
}
