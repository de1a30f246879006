/* Which functions are procedures of the program: those that call steps, train, or touch the world.  They are
 * interpreted, so they are checked for each call and never become a graph.  And which declarations use names that only
 * the program's statements give: they are checked where those names exist. */
#include "lang/check_program.h"

/* ---- procedures -------------------------------------------------------------------------------------- */

typedef struct Search {
    Checker *cx;
    const Declared *of;
    int is_found;
} Search;

static int is_own_input(const Declared *d, const Symbol *name) {
    const AstList *lists[2] = {&d->ast->function.statics, &d->ast->function.inputs};
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < lists[k]->len; i++)
            if (lists[k]->data[i]->kind == AST_INPUT && lists[k]->data[i]->declare.name.symbol == name) return 1;
    return 0;
}

static int is_effect(Checker *cx, Declared *d) {
    return d->ast->kind == AST_STEP || (d->ast->kind == AST_FN && is_procedure(cx, d));
}

/* Does calling this run a step or touch the world? */
static int calls_effect(Search *s, const Ast *callee) {
    callee = ast_ungroup(callee);
    if (callee->kind == AST_INDEX) callee = ast_ungroup(callee->index.of);
    Scope *scope = s->cx->scope;
    s->cx->scope = home_scope(s->cx, s->of);
    int found = 0;
    if (callee->kind == AST_FIELD && is_module_member(s->cx, callee)) {
        s->cx->quiet++;
        Declared *d = module_member(s->cx, callee);
        s->cx->quiet--;
        found = d && is_effect(s->cx, d);
    } else if (callee->kind == AST_NAME && !is_own_input(s->of, callee->name)) {
        const Binding *b = scope_find(s->cx, callee->name);
        found = b && (b->kind == BIND_PROCEDURE || (b->kind == BIND_DECLARED && is_effect(s->cx, b->declared)));
    }
    s->cx->scope = scope;
    return found;
}

static void search_effects(void *context, const Ast *ast) {
    Search *s = context;
    if (s->is_found) return;
    s->is_found = ast->kind == AST_TRAIN || (ast->kind == AST_CALL && calls_effect(s, ast->call.callee)) ||
                  (ast->kind == AST_PIPE && calls_effect(s, ast->pipe.right));
    if (!s->is_found) ast_children(ast, search_effects, s);
}

int is_procedure(Checker *cx, Declared *d) {
    if (d->ast->kind != AST_FN || d->is_library || d->layer) return 0;
    if (d->procedure != NOT_ASKED) return d->procedure == IS_PROCEDURE;
    d->procedure = IS_FUNCTION; /* for calls of itself */
    Search search = {.cx = cx, .of = d};
    if (d->ast->function.body) search_effects(&search, d->ast->function.body);
    if (search.is_found) d->procedure = IS_PROCEDURE;
    return search.is_found;
}

/* ---- names of statements ----------------------------------------------------------------------------- */

static void note_targets(Checker *cx, const AstList *targets) {
    for (int i = 0; i < targets->len; i++) {
        const Ast *target = targets->data[i];
        const Symbol *name = target->kind == AST_NAME    ? target->name
                             : target->kind == AST_INPUT ? target->declare.name.symbol
                                                         : NULL;
        if (name) map_set(cx->arena, &cx->statement_names, name, cx);
        if (target->kind == AST_TUPLE) note_targets(cx, &target->items);
    }
}

void note_statement_names(Checker *cx, const Ast *file) {
    for (int i = 0; i < file->file.statements.len; i++) {
        const Ast *ast = file->file.statements.data[i];
        if (ast->kind == AST_PARAM || ast->kind == AST_STATE)
            map_set(cx->arena, &cx->statement_names, ast->declare.name.symbol, cx);
        if (ast->kind == AST_LET) note_targets(cx, &ast->let.targets);
    }
}

/* By itself, or by what it calls. */
static int names_program(Search *s, const Symbol *name) {
    if (is_own_input(s->of, name)) return 0;
    if (map_has(&s->cx->statement_names, name)) return 1;
    Declared *d = map_get(&s->cx->file, name);
    return d && d != s->of && uses_program(s->cx, d);
}

static void search_names(void *context, const Ast *ast) {
    Search *s = context;
    if (s->is_found) return;
    s->is_found = ast->kind == AST_NAME && names_program(s, ast->name);
    if (!s->is_found) ast_children(ast, search_names, s);
}

int uses_program(Checker *cx, Declared *d) {
    int is_callable = d->ast->kind == AST_FN || d->ast->kind == AST_LAYER || d->ast->kind == AST_MODEL;
    if (!is_callable || d->is_library || d->module || !cx->statement_names.len) return 0;
    if (d->outside != OUTSIDE_NOT_ASKED) return d->outside == OUTSIDE_USED;
    d->outside = OUTSIDE_UNUSED; /* for calls of itself */
    Search search = {.cx = cx, .of = d};
    search_names(&search, d->ast);
    if (search.is_found) d->outside = OUTSIDE_USED;
    return search.is_found;
}
