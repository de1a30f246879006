/* minimize: which weights it changes, by which group and optimizer; optimizers for one weight. */
#include "lang/check_bind.h"

#include <string.h>

/* ---- minimize ------------------------------------------------------------------------------- */

static Body *step_body(Checker *cx) {
    Body *b = cx->body;
    while (b && b->kind != BODY_STEP && b->kind != BODY_VALIDATE) b = b->caller;
    return b;
}

static void note_in(Checker *cx, Body *body, const Instance *instance) {
    for (int i = 0; i < body->instances.len; i++)
        if (body->instances.data[i] == instance) return;
    vec_push(cx->arena, &body->instances, instance);
}

void note_instance(Checker *cx, const Instance *instance) {
    for (Body *b = cx->body; b && instance; b = b->caller) note_in(cx, b, instance);
}

/* What a group covers: an instance, and a path below it ("" for all of it); any: `*` somewhere on
 * the way. */
typedef struct Cover {
    const Instance *instance;
    const char *path;
    int any_level;
    Span span;
} Cover;

static int cover_of(Checker *cx, const Ast *ast, Cover *cover) {
    Text path = text_new(cx->arena);
    const Ast *parts[32];
    int count = 0;
    cover->span = ast->span;
    cover->any_level = 0;
    while ((ast->kind == AST_FIELD || ast->kind == AST_EVERY_LEVEL) && count < 32) {
        if (ast->kind == AST_FIELD) parts[count++] = ast;
        else cover->any_level = 1;
        ast = ast_ungroup(ast->kind == AST_FIELD ? ast->field.of : ast->inner);
    }
    if (ast->kind != AST_NAME) {
        check_error(cx, ast->span, E_NO_WEIGHTS, "`over` names models and paths below them");
        return 0;
    }
    const Tx *tx = check_expression(cx, ast, NULL);
    if (is_error(tx)) return 0;
    if (tx->kind != T_INSTANCE) {
        check_error(cx, ast->span, E_NO_WEIGHTS, "`%s` has no weights: `over` names a model",
                    ast->name->text);
        return 0;
    }
    for (int i = count - 1; i >= 0; i--)
        text_printf(&path, ".%s", parts[i]->field.name.symbol->text);
    cover->instance = tx->instance;
    cover->path = arena_printf(cx->arena, "%s", text_str(&path));
    return 1;
}

static int covers(const Cover *cover, const Instance *instance, const char *path) {
    if (cover->instance != instance) return 0;
    path += instance->name->len;
    size_t len = strlen(cover->path), whole = strlen(path);
    if (!cover->any_level)
        return !strncmp(path, cover->path, len) && (path[len] == '\0' || path[len] == '.');
    return whole >= len && !strcmp(path + whole - len, cover->path);
}

typedef Vec(Cover) Covers;

typedef struct Minimize {
    TStmt *stmt;
    Covers *covers; /* per group */
    Callable **rules;
    int group_count;
} Minimize;

static void add_updates(Checker *cx, Minimize *m, const Instance *instance, const Symbol *path,
                        const Layout *layout) {
    for (int i = 0; i < layout->weights.len; i++) {
        const Weight *weight = layout->weights.data[i];
        if (weight->is_state || !dtype_is_float(weight->type->dtype)) continue;
        const Symbol *own =
            symbol_printf(&cx->session->symbols, "%s.%s", path->text, weight->name->text);
        int group = -1;
        for (int g = 0; g < m->group_count; g++)
            for (int k = 0; k < m->covers[g].len; k++)
                if (covers(&m->covers[g].data[k], instance, own->text)) group = g;
        if (group < 0) continue;
        const TOptimizer *rule = elaborate_optimizer(
            cx, m->rules[group], weight->type, &m->stmt->groups.data[group], m->rules[group]->span);
        if (!rule) continue;
        vec_push(cx->arena, &m->stmt->updates, ((TUpdate){instance, own, weight, group, rule}));
    }
    for (int i = 0; i < layout->parts.len; i++)
        add_updates(cx, m, instance,
                    symbol_printf(&cx->session->symbols, "%s.%s", path->text,
                                  layout->parts.data[i].name->text),
                    layout->parts.data[i].layout);
}

/* The one model that the loss reaches, where `over` is left out. */
static const Instance *default_over(Checker *cx, Span span) {
    Body *body = step_body(cx);
    if (body->train && body->train->model) return body->train->model;
    if (body->instances.len == 1) return body->instances.data[0];
    Diag *diag =
        check_error(cx, span, E_NO_WEIGHTS,
                    body->instances.len ? "the loss reaches several models: which one is trained?"
                                        : "the loss reaches no weights");
    for (int i = 0; i < body->instances.len; i++)
        check_note(cx, diag, "it reaches `%s`", body->instances.data[i]->name->text);
    if (body->instances.len)
        check_fix(cx, diag, "minimize ... over %s using ...", body->instances.data[0]->name->text);
    return NULL;
}

static Callable *check_rule(Checker *cx, const Ast *ast) {
    int before = cx->session->diags.error_count;
    Callable *rule = check_callable(cx, ast);
    if (ast_ungroup(ast)->kind == AST_PIPE || (rule && rule->kind == CALL_PIPE)) {
        check_unsupported(cx, ast->span, "a transform of the gradient before the optimizer");
        return NULL;
    }
    if (rule && rule->kind == CALL_ERROR) return NULL;
    if (rule && rule->kind == CALL_DECLARED && rule->declared->ast->kind == AST_OPTIMIZER)
        return rule;
    if (cx->session->diags.error_count > before) return NULL;
    const Ast *name = ast_ungroup(ast);
    if (name->kind == AST_INDEX) name = ast_ungroup(name->index.of);
    if (!rule && name->kind == AST_NAME && !scope_find(cx, name->name))
        unknown_name(cx, (AstName){name->name, name->span}, "optimizer");
    else {
        Diag *diag = check_error(cx, ast->span, E_OPTIMIZER, "an optimizer is wanted behind `using`");
        check_fix(cx, diag, "write one such as sgd[lr=0.1] or adam[lr=1e-3]");
    }
    return NULL;
}

static int check_group(Checker *cx, Minimize *m, const AstGroup *group, int number, Span span) {
    if (!group->over.len) {
        const Instance *instance = default_over(cx, span);
        if (!instance) return 0;
        vec_push(cx->arena, &m->covers[number], ((Cover){instance, "", 0, span}));
    }
    for (int i = 0; i < group->over.len; i++) {
        Cover cover;
        if (!cover_of(cx, ast_ungroup(group->over.data[i]), &cover)) return 0;
        vec_push(cx->arena, &m->covers[number], cover);
    }
    return 1;
}

void check_minimize(Checker *cx, const Ast *ast, TBlock *out) {
    if (cx->body->kind != BODY_STEP) {
        check_error(cx, ast->span, E_PLACE, "`minimize` changes weights: it stands in a `step`");
        return;
    }
    const Tx *loss = settle(cx, check_expression(cx, ast->minimize.loss, NULL));
    if (!is_error(loss) &&
        (loss->type->kind != TY_TENSOR || loss->type->rank || !dtype_is_float(loss->type->dtype))) {
        Diag *diag =
            check_error(cx, ast->minimize.loss->span, E_LOSS,
                        "`minimize` needs one number, this is %s", type_shown(cx, loss->type));
        check_fix(cx, diag, "mean(...)");
        loss = tx_error(cx, loss->span);
    }
    TStmt *stmt = arena_new(cx->arena, TStmt);
    *stmt = (TStmt){.kind = TS_MINIMIZE, .span = ast->span, .value = loss};
    int count = ast->minimize.groups.len;
    if (!count) {
        check_error(cx, ast->span, E_OPTIMIZER, "`minimize` needs an optimizer: using sgd[lr=0.1]");
        return;
    }
    Minimize m = {.stmt = stmt,
                  .covers = arena_array(cx->arena, Covers, count),
                  .rules = arena_array(cx->arena, Callable *, count),
                  .group_count = count};
    int is_good = 1;
    for (int i = 0; i < count; i++) vec_push(cx->arena, &stmt->groups, ((TGroup){0}));
    for (int i = count - 1; i >= 0; i--) { /* names without a `using` take the next one */
        const AstGroup *group = &ast->minimize.groups.data[i];
        if (group->rule) m.rules[i] = check_rule(cx, group->rule);
        else if (i + 1 < count) m.rules[i] = m.rules[i + 1];
        is_good &= m.rules[i] != NULL;
        if (m.rules[i] && !m.rules[i]->scope) m.rules[i]->scope = cx->scope;
    }
    if (is_error(loss)) is_good = 0;
    for (int i = 0; i < count && is_good; i++)
        is_good = check_group(cx, &m, &ast->minimize.groups.data[i], i, ast->span);
    if (!is_good) return;
    Vec(const Instance *) seen = {0};
    for (int g = 0; g < count; g++)
        for (int k = 0; k < m.covers[g].len; k++) {
            const Instance *instance = m.covers[g].data[k].instance;
            int is_new = 1;
            for (int i = 0; i < seen.len; i++) is_new &= seen.data[i] != instance;
            if (!is_new) continue;
            vec_push(cx->arena, &seen, instance);
            add_updates(cx, &m, instance, instance->name, instance->layout);
        }
    if (!stmt->updates.len && !cx->session->diags.error_count)
        check_error(cx, ast->span, E_NO_WEIGHTS, "nothing here has weights to train");
    vec_push(cx->arena, &out->statements, stmt);
}

/* ---- optimizers ----------------------------------------------------------------------------- */

const TOptimizer *elaborate_optimizer(Checker *cx, Callable *rule, const Type *weight,
                                      TGroup *rates, Span span) {
    Declared *d = check_declared(cx, rule->declared);
    const AstFunction *function = &d->ast->function;
    if (d->is_broken) return NULL;
    if (function->inputs.len != 2) {
        check_error(cx, d->ast->function.name.span, E_OPTIMIZER,
                    "an optimizer takes a weight and its gradient: (p, g)");
        return NULL;
    }
    TOptimizer *made = arena_new(cx->arena, TOptimizer);
    made->name = d->name;
    made->p = variable_new(cx, function->inputs.data[0]->declare.name.symbol, weight, span);
    made->g = variable_new(cx, function->inputs.data[1]->declare.name.symbol, weight, span);
    made->p->is_mutable = 1;
    Argument args[2] = {{tx_variable(cx, made->p, span), NULL, span},
                        {tx_variable(cx, made->g, span), NULL, span}};
    Body *body = arena_new(cx->arena, Body);
    *body = (Body){
        .kind = BODY_OPTIMIZER, .caller = cx->body, .call = span, .declared = d, .training = 1};
    Bind bind = {.ast = d->ast,
                 .function = function,
                 .name = d->name,
                 .span = span,
                 .items = rule->items,
                 .items_scope = rule->scope,
                 .caller = cx->body,
                 .given = args,
                 .given_count = 2};
    Scope *scope = cx->scope;
    Body *caller = cx->body;
    cx->body = body;
    cx->scope = d->is_library ? cx->library_scope : cx->file_scope;
    scope_push(cx);
    body->is_binding = 1;
    int is_good = bind_call(cx, &bind) == BIND_DONE;
    body->is_binding = 0;
    int first = !rates->rates.len;
    for (int i = 0; is_good && i < function->statics.len; i++) {
        Binding *b = bind.statics[i];
        if (!b || b->kind != BIND_VALUE) continue;
        TVariable *v = variable_new(cx, b->name, b->tx->type, b->span);
        vec_push(cx->arena, &made->rates, v);
        if (first) vec_push(cx->arena, &rates->rates, b->tx);
        Binding *inner = scope_add(cx, b->name, b->span, BIND_VALUE);
        inner->is_quiet = 1;
        inner->tx = tx_variable(cx, v, b->span);
    }
    for (int i = 0; is_good && i < 2; i++) {
        Binding *b = scope_add(cx, function->inputs.data[i]->declare.name.symbol, span, BIND_VALUE);
        b->is_quiet = 1;
        b->tx = args[i].tx;
    }
    Binding *t = scope_add(cx, symbol(&cx->session->symbols, "t"), span, BIND_VALUE);
    TVariable *count = variable_new(cx, t->name, type_scalar(cx, DT_I64), span);
    t->is_quiet = 1;
    t->tx = tx_variable(cx, count, span);
    if (is_good) made->body = check_block(cx, function->body, NULL, 0);
    if (t->use_count) made->t = count;
    for (int i = 0; i < body->slots.len; i++) {
        vec_push(cx->arena, &made->slots, body->slots.data[i]);
        vec_push(cx->arena, &made->slot_initial, body->slot_initial.data[i]);
    }
    scope_pop(cx);
    cx->scope = scope;
    cx->body = caller;
    return is_good ? made : NULL;
}

