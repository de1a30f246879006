/* What an expression is computed from.  An over-estimate: whatever a body mentions counts. */
#include "lang/check_reach.h"

typedef struct Walk {
    Checker *cx;
    Map seen; /* nodes, blocks and variables that were visited */
    int follows_names;
    const void *wanted; /* the variable, instance or option that is looked for, or NULL */
    int is_found;
    Instances *out;
} Walk;

static void walk_tx(Walk *w, const Tx *tx);
static void walk_block(Walk *w, const TBlock *block);

static int is_new(Walk *w, const void *key) {
    if (!key || map_has(&w->seen, key)) return 0;
    map_set(w->cx->arena, &w->seen, key, w);
    return 1;
}

static void found(Walk *w, const void *what) { w->is_found |= what && what == w->wanted; }

/* The sources and the body of a loop; of a branch its block. */
static void walk_loop(Walk *w, const TStmt *stmt) {
    for (int k = 0; k < stmt->sources.len; k++) {
        walk_tx(w, stmt->sources.data[k].value);
        walk_tx(w, stmt->sources.data[k].lo);
        walk_tx(w, stmt->sources.data[k].hi);
    }
    walk_block(w, stmt->block);
}

static void walk_block(Walk *w, const TBlock *block) {
    if (!is_new(w, block)) return;
    for (int i = 0; i < block->statements.len; i++) {
        const TStmt *stmt = block->statements.data[i];
        walk_tx(w, stmt->value);
        walk_tx(w, stmt->second);
        walk_tx(w, stmt->weight);
        walk_loop(w, stmt);
        walk_block(w, stmt->otherwise);
    }
    walk_tx(w, block->value);
}

static void walk_variable(Walk *w, const TVariable *variable) {
    found(w, variable);
    if (!w->follows_names || !is_new(w, variable)) return;
    for (const Definition *d = map_get(&w->cx->definitions, variable); d; d = d->before) walk_tx(w, d->value);
}

static void walk_instance(Walk *w, const Instance *instance) {
    found(w, instance);
    if (w->out && is_new(w, instance)) vec_push(w->cx->arena, w->out, instance);
}

static void walk_tx(Walk *w, const Tx *tx) {
    if (!is_new(w, tx)) return;
    if (tx->kind == T_PRIMITIVE && tx->primitive == PRIM_DETACH && w->out) return;
    if (tx->kind == T_VARIABLE) walk_variable(w, tx->variable);
    if (tx->kind == T_INSTANCE) walk_instance(w, tx->instance);
    if (tx->kind == T_OPTION) found(w, tx->option);
    for (int i = 0; i < tx->args.len; i++) walk_tx(w, tx->args.data[i]);
    walk_tx(w, tx->self);
    if (tx->function) walk_block(w, tx->function->body);
    walk_block(w, tx->block);
    walk_block(w, tx->otherwise);
    if (tx->kind == T_FOR) walk_loop(w, tx->loop);
}

static void define(Checker *cx, const TVariable *variable, const Tx *value) {
    if (!variable || !value) return;
    Definition *made = arena_new(cx->arena, Definition);
    *made = (Definition){value, cx->body->loop, map_get(&cx->definitions, variable)};
    map_set(cx->arena, &cx->definitions, variable, made);
}

void note_definition(Checker *cx, const TStmt *stmt) {
    for (int i = 0; i < stmt->targets.len; i++) define(cx, stmt->targets.data[i], stmt->value);
    for (int i = 0; i < stmt->sources.len; i++) {
        const TForSource *source = &stmt->sources.data[i];
        define(cx, source->variable, source->value);
        for (int k = 0; k < source->items.len; k++) define(cx, source->items.data[k], source->value);
    }
}

void instances_reached(Checker *cx, const Tx *tx, Instances *out) {
    Walk w = {.cx = cx, .follows_names = 1, .out = out};
    walk_tx(&w, tx);
}

int reaches(Checker *cx, const Tx *tx, const Tx *by) {
    while (by->kind == T_PART || by->kind == T_WEIGHT) by = by->args.data[0];
    if (by->kind == T_SELF) return 1;
    Walk w = {.cx = cx};
    w.wanted = by->kind == T_VARIABLE ? (const void *)by->variable
               : by->kind == T_OPTION ? (const void *)by->option
                                      : (const void *)by->instance;
    walk_tx(&w, tx);
    return w.is_found;
}
