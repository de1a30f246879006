/* No gradient passes through a `while` or a loop with `break`: how many turns there were is known to the run alone, and
 * what each of them saw is not kept.  A variable that such a loop assigned stands in the way when what it was assigned
 * depends on the weights and the loss depends on it, through floats, names, calls and their arguments. */
#include "lang/check_reach.h"

typedef struct Passing {
    Checker *cx;
    Map seen;       /* nodes, blocks and variables that were visited */
    Map *arguments; /* const TVariable *, an input of a function, to Definition *: what calls give it */
    const void *by; /* the variable, option or instance that is looked for; NULL where the walk collects */
    int is_found;
    Vec(const Definition *) made_in_loops;
} Passing;

static void pass_tx(Passing *w, const Tx *tx);

static int is_first(Passing *w, const void *key) {
    if (!key || map_has(&w->seen, key)) return 0;
    map_set(w->cx->arena, &w->seen, key, w);
    return 1;
}

/* No gradient flows through whole numbers, bools and what is detached. */
static int lets_through(const Tx *tx) {
    if (tx->kind == T_PRIMITIVE && tx->primitive == PRIM_DETACH) return 0;
    return tx->type->kind != TY_TENSOR || (dtype_is_float(tx->type->dtype) && !tx->type->index_bound);
}

/* Loops around the definition, but not around the place that asks, that end when the run says so. */
static const Loop *open_loop(const Passing *w, const Definition *d) {
    for (const Loop *loop = d->loop; loop; loop = loop->outer) {
        int is_around = 0;
        for (const Loop *own = w->cx->body->loop; own; own = own->outer) is_around |= own == loop;
        if (!is_around && loop->stmt && (loop->stmt->kind == TS_WHILE || loop->stmt->has_break)) return loop;
    }
    return NULL;
}

static void pass_variable(Passing *w, const TVariable *variable) {
    w->is_found |= w->by == variable;
    if (!is_first(w, variable)) return;
    for (const Definition *d = map_get(&w->cx->definitions, variable); d; d = d->before) {
        if (!w->by && open_loop(w, d)) vec_push(w->cx->arena, &w->made_in_loops, d);
        pass_tx(w, d->value);
    }
    for (const Definition *d = map_get(w->arguments, variable); d; d = d->before) pass_tx(w, d->value);
}

static void pass_block(Passing *w, const TBlock *block) {
    if (!is_first(w, block)) return;
    for (int i = 0; i < block->statements.len; i++)
        if (block->statements.data[i]->kind == TS_YIELD) pass_tx(w, block->statements.data[i]->value);
    pass_tx(w, block->value);
}

static void pass_call(Passing *w, const Tx *tx) {
    const TFunction *f = tx->function;
    for (int i = 0; f && i < f->inputs.len && i < tx->args.len && !w->by; i++) {
        Definition *given = arena_new(w->cx->arena, Definition);
        *given = (Definition){.value = tx->args.data[i], .before = map_get(w->arguments, f->inputs.data[i])};
        map_set(w->cx->arena, w->arguments, f->inputs.data[i], given);
    }
    if (f) pass_block(w, f->body);
}

static void pass_tx(Passing *w, const Tx *tx) {
    if (!is_first(w, tx) || !lets_through(tx)) return;
    if (tx->kind == T_VARIABLE) pass_variable(w, tx->variable);
    if (tx->kind == T_INSTANCE) w->is_found |= w->by == tx->instance;
    if (tx->kind == T_OPTION) w->is_found |= w->by == tx->option;
    for (int i = 0; i < tx->args.len; i++) pass_tx(w, tx->args.data[i]);
    pass_tx(w, tx->self);
    if (tx->kind == T_CALL) pass_call(w, tx);
    pass_block(w, tx->block);
    pass_block(w, tx->otherwise);
    if (tx->kind == T_FOR) pass_block(w, tx->loop->block);
}

int passes_open_loop(Checker *cx, const Tx *of, const void *by) {
    Map arguments = {0};
    Passing all = {.cx = cx, .arguments = &arguments};
    pass_tx(&all, of);
    for (int i = 0; i < all.made_in_loops.len; i++) {
        const Definition *d = all.made_in_loops.data[i];
        Passing back = {.cx = cx, .arguments = &arguments, .by = by};
        pass_tx(&back, d->value);
        if (!back.is_found) continue;
        const Loop *loop = open_loop(&all, d);
        const char *word = loop->stmt->kind == TS_WHILE ? "`while`" : "`for` with `break`";
        Diag *diag = check_error(cx, of->span, E_THROUGH, "no gradient passes through a %s", word);
        check_label(cx, diag, d->value->span, "what is differentiated was computed from this, in that loop");
        check_note(cx, diag, "a `for` over a range or an axis has a gradient: its turns are known");
        check_fix(cx, diag, "a `for` without `break`, or detach(...) around what needs no gradient");
        return 1;
    }
    return 0;
}
