/* With which shapes the layers of a program are called: a walk over its typed functions.
 *
 * A call of a layer has a record of weights; where its path is known (an instance, a part of one, a name for
 * either) the types of its arguments and of its result are kept, the first time.  A function without weights is
 * walked once, one of a layer once per path, so the walk is as long as the program. */
#include "driver/summary.h"

typedef struct Walk {
    Session *session;
    Map *uses;
    Map seen;    /* const Symbol *: the function, and the path of its weights, of bodies that were walked */
    Map records; /* const TVariable * to const Symbol *: the path of an instance under another name */
} Walk;

static void walk_expression(Walk *w, const Symbol *self, const Tx *tx);
static void walk_block(Walk *w, const Symbol *self, const TBlock *block);

/* NULL where it is computed. */
static const Symbol *path_of(const Walk *w, const Symbol *self, const Tx *record) {
    switch ((int)record->kind) {
    case T_SELF: return self;
    case T_INSTANCE: return record->instance->name;
    case T_VARIABLE: return map_get(&w->records, record->variable);
    case T_PART: {
        const Symbol *of = path_of(w, self, record->args.data[0]);
        return of ? symbol_printf(&w->session->symbols, "%s.%s", of->text, record->name->text) : NULL;
    }
    default: return NULL;
    }
}

static int is_walked(Walk *w, const TFunction *f, const Symbol *path) {
    const Symbol *key = symbol_printf(&w->session->symbols, "%p:%s", (const void *)f, path ? path->text : "");
    if (map_has(&w->seen, key)) return 1;
    map_set(&w->session->arena, &w->seen, key, w);
    return 0;
}

static void note_use(Walk *w, const Symbol *path, const Tx *call) {
    if (map_get(w->uses, path)) return;
    Arena *arena = &w->session->arena;
    LayerUse *use = arena_new(arena, LayerUse);
    const Type **inputs = arena_array(arena, const Type *, call->args.len);
    *use = (LayerUse){.path = path, .inputs = inputs, .output = call->type};
    for (int i = 0; i < call->args.len; i++) { /* rates stand first and are no data */
        const Type *type = call->args.data[i]->type;
        if (!type_is_scalar(type)) inputs[use->input_count++] = type;
    }
    map_set(arena, w->uses, path, use);
}

static void walk_call(Walk *w, const Symbol *self, const Tx *tx) {
    const TFunction *f = tx->function;
    int has_record = 0;
    for (int i = 0; i < tx->args.len && i < f->inputs.len; i++) {
        const Symbol *path = path_of(w, self, tx->args.data[i]);
        if (!path) continue;
        has_record = 1;
        map_set(&w->session->arena, &w->records, f->inputs.data[i], (void *)(uintptr_t)path);
    }
    if (tx->self) {
        const Symbol *path = path_of(w, self, tx->self);
        if (path) note_use(w, path, tx);
        if (path && !is_walked(w, f, path)) walk_block(w, path, f->body);
    } else if (has_record || !is_walked(w, f, NULL)) {
        walk_block(w, NULL, f->body);
    }
}

static void walk_statement(Walk *w, const Symbol *self, const TStmt *stmt);

static void walk_expression(Walk *w, const Symbol *self, const Tx *tx) {
    for (int i = 0; i < tx->args.len; i++) walk_expression(w, self, tx->args.data[i]);
    for (int i = 0; i < tx->parts.len; i++)
        if (tx->parts.data[i].value) walk_expression(w, self, tx->parts.data[i].value);
    if (tx->kind == T_CALL && tx->function) walk_call(w, self, tx);
    if (tx->block) walk_block(w, self, tx->block);
    if (tx->otherwise) walk_block(w, self, tx->otherwise);
    if (tx->loop) walk_statement(w, self, tx->loop);
}

static void walk_statement(Walk *w, const Symbol *self, const TStmt *stmt) {
    for (int i = 0; i < stmt->sources.len; i++)
        if (stmt->sources.data[i].value) walk_expression(w, self, stmt->sources.data[i].value);
    if (stmt->value) walk_expression(w, self, stmt->value);
    if (stmt->second) walk_expression(w, self, stmt->second);
    const Symbol *path = stmt->kind == TS_LET && stmt->value ? path_of(w, self, stmt->value) : NULL;
    if (path && stmt->targets.len == 1 && stmt->targets.data[0])
        map_set(&w->session->arena, &w->records, stmt->targets.data[0], (void *)(uintptr_t)path);
    if (stmt->block) walk_block(w, self, stmt->block);
    if (stmt->otherwise) walk_block(w, self, stmt->otherwise);
}

static void walk_block(Walk *w, const Symbol *self, const TBlock *block) {
    for (int i = 0; i < block->statements.len; i++) walk_statement(w, self, block->statements.data[i]);
    if (block->value) walk_expression(w, self, block->value);
}

static void use_entry(Walk *w, const TEntry *entry) {
    const TFunction *f = entry->function;
    if (!map_get(w->uses, entry->instance->name)) {
        Arena *arena = &w->session->arena;
        const Type **inputs = arena_array(arena, const Type *, f->inputs.len);
        LayerUse *use = arena_new(arena, LayerUse);
        *use = (LayerUse){entry->instance->name, inputs, 0, f->result};
        for (int i = 0; i < f->inputs.len; i++)
            if (!type_is_scalar(f->inputs.data[i]->type)) inputs[use->input_count++] = f->inputs.data[i]->type;
        map_set(arena, w->uses, entry->instance->name, use);
    }
    if (!is_walked(w, f, entry->instance->name)) walk_block(w, entry->instance->name, f->body);
}

void layer_uses(Session *session, const TProgram *program, Map *uses) {
    Walk w = {.session = session, .uses = uses};
    for (int i = 0; i < program->entries.len; i++) use_entry(&w, &program->entries.data[i]);
    for (int i = 0; i < program->statements.len; i++) {
        const TStmt *stmt = program->statements.data[i];
        walk_statement(&w, NULL, stmt);
        const TTrain *train = stmt->value && stmt->value->kind == T_TRAIN ? stmt->value->train : NULL;
        if (train && train->step) walk_block(&w, NULL, train->step->body);
        for (int k = 0; train && k < train->validates.len; k++) walk_block(&w, NULL, train->validates.data[k]->body);
    }
    for (int i = 0; i < program->steps.len; i++) walk_block(&w, NULL, program->steps.data[i]->body);
}
