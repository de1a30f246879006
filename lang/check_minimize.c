/* minimize: which weights it changes, by which group and optimizer, and what transforms their gradients before. */
#include "lang/check_expression.h"
#include "lang/check_program.h"
#include "lang/check_reach.h"
#include "lang/check_record.h"

#include <string.h>

/* ---- minimize ------------------------------------------------------------------------------- */

static Body *step_body(Checker *cx) {
    Body *b = cx->body;
    while (b && b->kind != BODY_STEP && b->kind != BODY_VALIDATE) b = b->caller;
    return b;
}

typedef Vec(const Symbol *) Names;

/* What a group covers: an instance, or what lies below a path of it. */
typedef struct Cover {
    const Instance *instance;
    Vec(const Symbol *) path; /* below the instance; NULL for `*`, any number of levels */
    Span span;
    int is_used; /* it covers a weight, perhaps one of a later group */
} Cover;

/* `blocks[3]` in a path; NULL after a diagnostic. */
static const Symbol *covered_copy(Checker *cx, const Ast *ast) {
    const Dim *at = ast->index.items.len == 1 ? dim_expression(cx, ast->index.items.data[0]) : NULL;
    if (at && dim_is_constant(at) && dim_constant_value(at) >= 0) return copy_name(cx, dim_constant_value(at));
    check_error(cx, ast->span, E_STACK_INDEX, "in a path a block is chosen by one number from 0 on, known when compiling");
    return NULL;
}

/* A block or part that a name stands for, as in `repeat block in blocks`: its names below the instance. */
static const Tx *cover_parts(Checker *cx, const Tx *tx, Cover *cover) {
    if (tx->kind != T_PART) return tx;
    const Tx *root = cover_parts(cx, tx->args.data[0], cover);
    vec_push(cx->arena, &cover->path, tx->name);
    return root;
}

static int cover_of(Checker *cx, const Ast *ast, Cover *cover) {
    Vec(const Symbol *) backwards = {0};
    *cover = (Cover){.span = ast->span};
    while ((ast->kind == AST_FIELD && !is_module_member(cx, ast)) || ast->kind == AST_EVERY_LEVEL ||
           ast->kind == AST_INDEX) {
        const Symbol *name = ast->kind == AST_FIELD ? ast->field.name.symbol : NULL;
        if (ast->kind == AST_INDEX && !(name = covered_copy(cx, ast))) return 0;
        vec_push(cx->arena, &backwards, name);
        ast = ast_ungroup(ast->kind == AST_FIELD   ? ast->field.of
                          : ast->kind == AST_INDEX ? ast->index.of
                                                   : ast->inner);
    }
    if (ast->kind != AST_NAME && ast->kind != AST_FIELD) {
        check_error(cx, ast->span, E_NO_WEIGHTS, "`over` names models and paths below them");
        return 0;
    }
    const Symbol *name = ast->kind == AST_NAME ? ast->name : ast->field.name.symbol;
    const Tx *tx = check_expression(cx, ast, NULL);
    if (is_error(tx)) return 0;
    if (is_top_weight(tx) && !tx->weight->is_state && !backwards.len) {
        cover->instance = tx->args.data[0]->instance;
        vec_push(cx->arena, &cover->path, name);
        return 1;
    }
    if (tx->kind == T_PART) tx = cover_parts(cx, tx, cover);
    if (tx->kind != T_INSTANCE) {
        Diag *diag = check_error(cx, ast->span, E_NO_WEIGHTS,
                                 is_record(tx) ? "`%s` is a computed record, a value: `over` names a model or instance"
                                               : "`%s` has no weights: `over` names a model",
                                 name->text);
        if (is_record(tx)) check_fix(cx, diag, "grad(loss, %s) is the gradient by it", name->text);
        if (is_top_weight(tx) && tx->weight->is_state)
            check_fix(cx, diag, "declare it as `param %s`: a `state` is not trained", name->text);
        return 0;
    }
    for (int i = backwards.len - 1; i >= 0; i--) vec_push(cx->arena, &cover->path, backwards.data[i]);
    cover->instance = tx->instance;
    return 1;
}

/* The names from `at` on lead to the path's end or above it. */
static int leads_to(const Cover *cover, int at, const Symbol *const *path, int length) {
    if (at == cover->path.len) return 1;
    const Symbol *name = cover->path.data[at];
    if (!name) /* any number of levels */
        return leads_to(cover, at + 1, path, length) || (length && leads_to(cover, at, path + 1, length - 1));
    return length && *path == name && leads_to(cover, at + 1, path + 1, length - 1);
}

typedef Vec(Cover) Covers;

/* What stands behind `using`. */
typedef struct Rule {
    Callable *optimizer; /* NULL after a diagnostic */
    Callable *transform; /* of the gradients before it, or NULL */
    Span span;
} Rule;

typedef struct Minimize {
    TStmt *stmt;
    Covers *covers; /* per group */
    Rule *rules;    /* parallel */
    int *taken;     /* parallel: weights for which the group is the last one */
    int group_count;
} Minimize;

/* ---- weights and their groups --------------------------------------------------------------- */

enum { MAX_LEVELS = 64 };

typedef struct WeightPlace {
    const Instance *instance;
    const Symbol *path;               /* absolute */
    const Symbol *names[MAX_LEVELS];  /* below the instance */
    int depth;
} WeightPlace;

/* The last group that covers the weight; -1: it is frozen. */
static int group_of(Minimize *m, const WeightPlace *place) {
    int group = -1;
    for (int g = 0; g < m->group_count; g++)
        for (int k = 0; k < m->covers[g].len; k++) {
            Cover *cover = &m->covers[g].data[k];
            if (cover->instance != place->instance || !leads_to(cover, 0, place->names, place->depth)) continue;
            cover->is_used = 1;
            group = g;
        }
    if (group >= 0) m->taken[group]++;
    return group;
}

static void add_updates(Checker *cx, Minimize *m, WeightPlace place, const Layout *layout) {
    if (place.depth == MAX_LEVELS) return;
    const Symbol *path = place.path;
    place.depth++;
    for (int i = 0; i < layout->weights.len; i++) {
        const Weight *weight = layout->weights.data[i];
        if (weight->is_state || !dtype_is_float(weight->type->dtype)) continue;
        place.names[place.depth - 1] = weight->name;
        place.path = symbol_join(&cx->session->symbols, path, weight->name);
        int group = group_of(m, &place);
        if (group < 0) continue;
        const TOptimizer *optimizer = elaborate_optimizer(cx, m->rules[group].optimizer, weight->type,
                                                          &m->stmt->groups.data[group], m->rules[group].span);
        if (!optimizer) continue;
        vec_push(cx->arena, &m->stmt->updates,
                 ((TUpdate){place.instance, place.path, weight, group, optimizer}));
    }
    for (int i = 0; i < layout->parts.len; i++) {
        const LayoutPart *part = &layout->parts.data[i];
        place.names[place.depth - 1] = part->name;
        place.path = symbol_join(&cx->session->symbols, path, part->name);
        add_updates(cx, m, place, part->layout);
    }
}

static void add_all_updates(Checker *cx, Minimize *m) {
    Instances seen = {0};
    for (int g = 0; g < m->group_count; g++)
        for (int k = 0; k < m->covers[g].len; k++) {
            const Instance *instance = m->covers[g].data[k].instance;
            int is_new = 1;
            for (int i = 0; i < seen.len; i++) is_new &= seen.data[i] != instance;
            if (!is_new) continue;
            vec_push(cx->arena, &seen, instance);
            add_updates(cx, m, (WeightPlace){.instance = instance, .path = instance->name}, instance->layout);
        }
}

/* ---- paths that name nothing ---------------------------------------------------------------- */

static void collect_names(Checker *cx, const Layout *layout, int is_deep, Names *names) {
    for (int i = 0; i < layout->weights.len; i++)
        if (!layout->weights.data[i]->is_state) vec_push(cx->arena, names, layout->weights.data[i]->name);
    for (int i = 0; i < layout->parts.len; i++) {
        vec_push(cx->arena, names, layout->parts.data[i].name);
        if (is_deep) collect_names(cx, layout->parts.data[i].layout, is_deep, names);
    }
}

/* The layout as far as the path can be followed, and the name at which that ends. */
static const Layout *follow(const Cover *cover, const Symbol **stop, int *is_deep) {
    const Layout *layout = cover->instance->layout;
    *is_deep = 0;
    for (int i = 0; i < cover->path.len; i++) {
        *stop = cover->path.data[i];
        const Layout *below = NULL;
        for (int k = 0; k < layout->parts.len; k++)
            if (layout->parts.data[k].name == *stop) below = layout->parts.data[k].layout;
        if (!*stop) *is_deep = 1;
        if (below && !*is_deep) layout = below;
        else if (*stop) return layout;
    }
    return layout;
}

static void no_such_path(Checker *cx, const Cover *cover) {
    const Symbol *stop = NULL;
    int is_deep;
    const Layout *layout = follow(cover, &stop, &is_deep);
    Diag *diag = check_error(cx, cover->span, E_OVER_PATH, "this path names no weights of `%s`",
                             cover->instance->name->text);
    Names names = {0};
    collect_names(cx, layout, is_deep, &names);
    Text list = text_new(cx->arena);
    const Symbol *best = NULL;
    int best_distance = 3;
    for (int i = 0; i < names.len; i++) {
        int is_repeated = 0;
        for (int k = 0; k < i; k++) is_repeated |= names.data[k] == names.data[i];
        if (!is_repeated) text_printf(&list, "%s%s", list.len ? ", " : "", names.data[i]->text);
        int distance = stop ? edit_distance(names.data[i]->text, stop->text, 2) : 3;
        if (distance < best_distance && distance < (int)stop->len) {
            best = names.data[i];
            best_distance = distance;
        }
    }
    if (stop) check_primary(cx, diag, "nothing is named `%s` there", stop->text);
    if (list.len) check_note(cx, diag, is_deep ? "the names below are %s" : "there are %s", text_str(&list));
    if (best) check_fix(cx, diag, "did you mean `%s`?", best->text);
}

/* Every path names a weight, and every group has one that no later group takes. */
static int check_covers(Checker *cx, const Minimize *m) {
    int is_good = 1;
    for (int g = 0; g < m->group_count; g++) {
        int has_unused = 0;
        for (int k = 0; k < m->covers[g].len; k++) {
            const Cover *cover = &m->covers[g].data[k];
            if (cover->is_used || !cover->path.len) continue;
            no_such_path(cx, cover);
            has_unused = 1;
        }
        is_good &= !has_unused;
        if (has_unused || m->taken[g] || !m->covers[g].len || !m->covers[g].data[0].is_used) continue;
        Diag *diag = check_error(cx, m->covers[g].data[0].span, W_GROUP_EMPTY,
                                 "no weight is left for this group: the groups behind it cover all of it");
        check_fix(cx, diag, "write the larger group first: of the groups that cover a weight the last one counts");
    }
    return is_good;
}

/* ---- rules ---------------------------------------------------------------------------------- */

/* The one model that the loss reaches, where `over` is left out. */
static const Instance *default_over(Checker *cx, const Tx *loss, Span span) {
    Body *body = step_body(cx);
    if (body->train && body->train->model) return body->train->model;
    Instances reached = {0};
    instances_reached(cx, loss, &reached);
    if (reached.len == 1) return reached.data[0];
    Diag *diag = check_error(cx, span, E_NO_WEIGHTS,
                             reached.len ? "the loss reaches several models: which one is trained?"
                                         : "the loss reaches no weights");
    for (int i = 0; i < reached.len; i++) check_note(cx, diag, "it reaches `%s`", reached.data[i]->name->text);
    if (reached.len) check_fix(cx, diag, "minimize ... over %s using ...", reached.data[0]->name->text);
    return NULL;
}

static int is_optimizer(const Callable *c) {
    return c && c->kind == CALL_DECLARED && c->declared->ast->kind == AST_OPTIMIZER;
}

static Callable *pipe_of(Checker *cx, Callable *left, Callable *right, const Callable *like) {
    Callable *pipe = arena_new(cx->arena, Callable);
    *pipe = (Callable){.kind = CALL_PIPE, .span = like->span, .left = left, .right = right, .args = like->args,
                       .scope = like->scope};
    return pipe;
}

/* Takes the optimizer off the end of a pipe; what is left transforms the gradients. */
static void split_rule(Checker *cx, Callable *callable, Rule *rule) {
    if (callable->kind != CALL_PIPE) {
        rule->optimizer = is_optimizer(callable) ? callable : NULL;
        return;
    }
    split_rule(cx, callable->right, rule);
    rule->transform = rule->transform ? pipe_of(cx, callable->left, rule->transform, callable) : callable->left;
}

static Callable *first_optimizer(Callable *transform) {
    if (!transform || transform->kind != CALL_PIPE) return is_optimizer(transform) ? transform : NULL;
    Callable *left = first_optimizer(transform->left);
    return left ? left : first_optimizer(transform->right);
}

static void no_optimizer(Checker *cx, const Ast *ast, const Callable *callable) {
    int is_last = 1;
    for (const Ast *rest = ast_ungroup(ast); !callable && rest; is_last = 0) { /* from the last stage back */
        const Ast *name = rest->kind == AST_PIPE ? ast_ungroup(rest->pipe.right) : rest;
        rest = rest->kind == AST_PIPE ? ast_ungroup(rest->pipe.left) : NULL;
        if (name->kind == AST_CALL) name = ast_ungroup(name->call.callee);
        if (name->kind == AST_INDEX) name = ast_ungroup(name->index.of);
        if (name->kind != AST_NAME || scope_find(cx, name->name)) continue;
        unknown_name(cx, (AstName){name->name, name->span}, is_last ? "optimizer" : "function");
        return;
    }
    int is_pipe = callable && callable->kind == CALL_PIPE;
    Diag *diag = check_error(cx, ast->span, E_OPTIMIZER,
                             is_pipe ? "the pipe behind `using` ends in an optimizer"
                                     : "an optimizer is wanted behind `using`");
    check_fix(cx, diag, is_pipe ? "... |> sgd[lr=0.1]" : "write one such as sgd[lr=0.1] or adam[lr=1e-3]");
}

/* In a generic check a static parameter stands for an optimizer that only a use gives. */
static int ends_unknown(const Callable *callable) {
    while (callable && callable->kind == CALL_PIPE) callable = callable->right;
    return callable && callable->kind == CALL_ERROR;
}

static Rule check_rule(Checker *cx, const Ast *ast) {
    int before = cx->session->diags.error_count;
    Callable *callable = check_callable(cx, ast);
    Rule rule = {.span = ast->span};
    if (ends_unknown(callable) || cx->session->diags.error_count > before) return rule;
    if (callable) split_rule(cx, callable, &rule);
    if (!rule.optimizer) {
        no_optimizer(cx, ast, callable);
        return rule;
    }
    Callable *early = first_optimizer(rule.transform);
    if (early) {
        check_error(cx, ast->span, E_OPTIMIZER, "`%s` and `%s` are both optimizers: one stands behind `using`",
                    early->name->text, rule.optimizer->name->text);
        rule.optimizer = NULL;
        return rule;
    }
    if (!rule.optimizer->scope) rule.optimizer->scope = cx->scope;
    return rule;
}

/* ---- transforms ----------------------------------------------------------------------------- */

/* The instance that the group is all of, or NULL. */
static const Instance *whole_instance(const TStmt *stmt, int group) {
    const Instance *whole = NULL;
    for (int i = 0; i < stmt->updates.len; i++) {
        if (stmt->updates.data[i].group != group) continue;
        if (whole && whole != stmt->updates.data[i].instance) return NULL;
        whole = stmt->updates.data[i].instance;
    }
    for (int i = 0; whole && i < stmt->updates.len; i++)
        if (stmt->updates.data[i].instance == whole && stmt->updates.data[i].group != group) return NULL;
    return whole;
}

static int count_weights(const Layout *layout) {
    int count = 0;
    for (int i = 0; i < layout->weights.len; i++) count += !layout->weights.data[i]->is_state;
    for (int i = 0; i < layout->parts.len; i++) count += count_weights(layout->parts.data[i].layout);
    return count;
}

/* The type of the record of a group's gradients: of an instance that it is all of, else a flat one. */
static const Type *gradient_type(Checker *cx, TStmt *stmt, int group) {
    TGroup *g = &stmt->groups.data[group];
    int count = 0;
    for (int i = 0; i < stmt->updates.len; i++) count += stmt->updates.data[i].group == group;
    g->whole = whole_instance(stmt, group);
    if (g->whole && count_weights(g->whole->layout) == count) return g->whole->type;
    g->whole = NULL;
    Layout *layout = arena_new(cx->arena, Layout);
    layout->layer = symbol(&cx->session->symbols, "the gradients of this group");
    layout->span = stmt->span;
    for (int i = 0; i < stmt->updates.len; i++) {
        if (stmt->updates.data[i].group != group) continue;
        Weight *weight = arena_new(cx->arena, Weight);
        *weight = *stmt->updates.data[i].weight;
        weight->name = stmt->updates.data[i].path;
        vec_push(cx->arena, &layout->weights, weight);
    }
    Type *type = type_copy(cx, type_unit(cx));
    type->kind = TY_INSTANCE;
    type->layout = layout;
    return type;
}

static void check_transform(Checker *cx, TStmt *stmt, int group, const Rule *rule) {
    TGroup *g = &stmt->groups.data[group];
    const Type *type = gradient_type(cx, stmt, group);
    if (!type->layout->weights.len && !type->layout->parts.len) return;
    g->gradient = variable_new(cx, symbol(&cx->session->symbols, "gradient"), type, rule->span);
    Argument argument = {tx_variable(cx, g->gradient, rule->span), NULL, rule->span};
    const Tx *value = call(cx, rule->transform, &argument, 1, rule->span, NULL);
    if (!is_error(value) && !is_record(value)) {
        Diag *diag = check_error(cx, rule->span, E_TRANSFORM,
                                 "a transform of the gradient gives a record of gradients again, this gives %s",
                                 type_shown(cx, value->type));
        check_note(cx, diag, "its input is the record of all gradients of the group");
        value = tx_error(cx, rule->span);
    }
    g->transformed = record_coerce(cx, value, type, "the transformed gradient");
}

/* An instance behind `over` that the loss is not computed from learns nothing. */
static void warn_unreached(Checker *cx, const Minimize *m) {
    Instances reached = {0};
    instances_reached(cx, m->stmt->value, &reached);
    for (int g = 0; g < m->group_count; g++)
        for (int k = 0; k < m->covers[g].len; k++) {
            const Cover *cover = &m->covers[g].data[k];
            int is_reached = 0;
            for (int i = 0; i < reached.len; i++) is_reached |= reached.data[i] == cover->instance;
            if (is_reached || cx->session->diags.error_count) continue;
            Diag *diag = check_error(cx, cover->span, W_NOTHING_LEARNED,
                                     "the loss is not computed from the weights of `%s`: it learns nothing here",
                                     cover->instance->name->text);
            check_label(cx, diag, m->stmt->value->span, "the loss");
        }
}

/* ---- minimize ------------------------------------------------------------------------------- */

static int check_group(Checker *cx, Minimize *m, const AstGroup *group, int number, Span span) {
    if (!group->over.len) {
        const Instance *instance = default_over(cx, m->stmt->value, span);
        if (!instance) return 0;
        vec_push(cx->arena, &m->covers[number], ((Cover){.instance = instance, .span = span}));
    }
    for (int i = 0; i < group->over.len; i++) {
        Cover cover;
        if (!cover_of(cx, ast_ungroup(group->over.data[i]), &cover)) return 0;
        vec_push(cx->arena, &m->covers[number], cover);
    }
    return 1;
}

static const Tx *check_loss(Checker *cx, const Ast *ast) {
    const Tx *loss = settle(cx, check_expression(cx, ast, NULL));
    if (is_error(loss) ||
        (loss->type->kind == TY_TENSOR && !loss->type->rank && dtype_is_float(loss->type->dtype)))
        return loss;
    Diag *diag = check_error(cx, ast->span, E_LOSS, "`minimize` needs one number, this is %s",
                             type_shown(cx, loss->type));
    check_fix_wrap(cx, diag, ast->span, "mean(", ")", "mean(...)");
    return tx_error(cx, loss->span);
}

/* The rule of every group: names without a `using` take the next one.  0 after a diagnostic. */
static int check_rules(Checker *cx, Minimize *m, const Ast *ast) {
    int is_good = 1;
    for (int i = m->group_count - 1; i >= 0; i--) {
        const AstGroup *group = &ast->minimize.groups.data[i];
        if (group->rule) m->rules[i] = check_rule(cx, group->rule);
        else if (i + 1 < m->group_count) m->rules[i] = m->rules[i + 1];
        is_good &= m->rules[i].optimizer != NULL;
    }
    return is_good;
}

void check_minimize(Checker *cx, const Ast *ast, TBlock *out) {
    if (cx->body->kind != BODY_STEP) {
        check_error(cx, ast->span, E_PLACE, "`minimize` changes weights: it stands in a `step`");
        return;
    }
    const Tx *loss = check_loss(cx, ast->minimize.loss);
    TStmt *stmt = arena_new(cx->arena, TStmt);
    *stmt = (TStmt){.kind = TS_MINIMIZE, .span = ast->span, .value = loss};
    int count = ast->minimize.groups.len;
    if (!count) {
        check_error(cx, ast->span, E_OPTIMIZER, "`minimize` needs an optimizer: using sgd[lr=0.1]");
        return;
    }
    Minimize m = {.stmt = stmt,
                  .covers = arena_array(cx->arena, Covers, count),
                  .rules = arena_array(cx->arena, Rule, count),
                  .taken = arena_array(cx->arena, int, count),
                  .group_count = count};
    for (int i = 0; i < count; i++) vec_push(cx->arena, &stmt->groups, ((TGroup){0}));
    int is_good = check_rules(cx, &m, ast) && !is_error(loss);
    for (int i = 0; i < count && is_good; i++)
        is_good = check_group(cx, &m, &ast->minimize.groups.data[i], i, ast->span);
    if (!is_good) return;
    add_all_updates(cx, &m);
    if (!check_covers(cx, &m)) return;
    warn_unreached(cx, &m);
    for (int i = 0; i < count; i++)
        if (m.rules[i].transform) check_transform(cx, stmt, i, &m.rules[i]);
    if (!stmt->updates.len && !cx->session->diags.error_count)
        check_error(cx, ast->span, E_NO_WEIGHTS, "nothing here has weights to train");
    for (int i = 0; i < stmt->updates.len; i++) {
        const Instance *own = stmt->updates.data[i].instance;
        if ((!i || own != stmt->updates.data[i - 1].instance) && passes_open_loop(cx, loss, own)) return;
    }
    vec_push(cx->arena, &cx->body->minimized, ((Minimized){stmt, ast->minimize.groups.data[0].over.len > 0}));
    vec_push(cx->arena, &out->statements, stmt);
}

/* ---- the end of a step ---------------------------------------------------------------------- */

static int is_updated(const Body *body, const Instance *instance) {
    for (int i = 0; i < body->minimized.len; i++) {
        const TStmt *stmt = body->minimized.data[i].stmt;
        for (int k = 0; k < stmt->updates.len; k++)
            if (stmt->updates.data[k].instance == instance) return 1;
    }
    return 0;
}

void warn_frozen(Checker *cx) {
    Instances warned = {0};
    if (cx->session->diags.error_count) return; /* a model with a mistake may have no weights yet */
    for (int i = 0; i < cx->body->minimized.len; i++) {
        const Minimized *m = &cx->body->minimized.data[i];
        Instances reached = {0};
        if (!m->stmt->updates.len) continue; /* after a mistake in its rule */
        if (!m->has_over) instances_reached(cx, m->stmt->value, &reached);
        for (int k = 0; k < reached.len; k++) {
            int is_new = !is_updated(cx->body, reached.data[k]);
            for (int w = 0; w < warned.len; w++) is_new &= warned.data[w] != reached.data[k];
            if (!is_new) continue;
            vec_push(cx->arena, &warned, reached.data[k]);
            Diag *diag = check_error(cx, m->stmt->span, W_FROZEN,
                                     "the loss is computed from the weights of `%s` too, which nothing here updates",
                                     reached.data[k]->name->text);
            const char *trained = m->stmt->updates.len ? m->stmt->updates.data[0].instance->name->text : "...";
            check_fix(cx, diag, "say that they stay, `over %s`, or train both, `over %s, %s`", trained, trained,
                      reached.data[k]->name->text);
        }
    }
}
