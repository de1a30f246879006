#include "lang/check_flow.h"

#include <string.h>

static void flow_of(FlowWalk *w, const Tx *tx, Flow *out);
static void walk_block(FlowWalk *w, const TBlock *block);
static void walk_loop(FlowWalk *w, const TStmt *s);

/* ---- flows ---------------------------------------------------------------------------------- */

static void add(FlowWalk *w, Map *items, const void *item) {
    if (!map_has(items, item)) map_set(w->cx->arena, items, item, (void *)(uintptr_t)item);
}

static void add_marks(Flow *out, const Flow *in) {
    out->is_unknown |= in->is_unknown;
    out->is_random |= in->is_random;
    if (!out->cut.end) out->cut = in->cut;
}

static void add_flow(FlowWalk *w, Flow *out, const Flow *in) {
    for (int i = 0; i < in->inputs.len; i++) add(w, &out->inputs, in->inputs.entries[i].key);
    for (int i = 0; i < in->paths.len; i++) add(w, &out->paths, in->paths.entries[i].key);
    add_marks(out, in);
}

int flow_reaches(const Flow *flow, const Symbol *path) {
    for (int i = 0; i < flow->paths.len; i++) {
        const Symbol *item = flow->paths.entries[i].key; /* the weight, or a record that holds it */
        if (item == path) return 1;
        if (item->len < path->len && path->text[item->len] == '.' && !memcmp(item->text, path->text, item->len)) return 1;
    }
    return 0;
}

/* ---- records -------------------------------------------------------------------------------- */

/* "Net.head", "self.head"; NULL for a record that is a value. */
static const Symbol *record_path(FlowWalk *w, const Tx *record) {
    SymbolTable *symbols = &w->cx->session->symbols;
    if (!record) return NULL;
    if (record->kind == T_SELF) return symbol(symbols, "self");
    if (record->kind == T_INSTANCE) return record->instance->name;
    if (record->kind != T_PART) return NULL;
    const Symbol *of = record_path(w, record->args.data[0]);
    return of ? symbol_printf(symbols, "%s.%s", of->text, record->name->text) : NULL;
}

static void add_record(FlowWalk *w, const Tx *record, const Symbol *field, Flow *out) {
    const Symbol *path = record_path(w, record);
    if (path && field) path = symbol_printf(&w->cx->session->symbols, "%s.%s", path->text, field->text);
    if (path) add(w, &out->paths, path);
    else flow_of(w, record, out);
}

/* ---- calls ---------------------------------------------------------------------------------- */

static const Flow *function_flow(FlowWalk *w, const TFunction *f) {
    Flow *known = map_get(&w->functions, f);
    if (known) return known;
    Flow *flow = arena_new(w->cx->arena, Flow);
    map_set(w->cx->arena, &w->functions, f, flow); /* of itself it depends on nothing more */
    FlowWalk inner = {.cx = w->cx, .mode = w->mode, .functions = w->functions};
    if (f->body) {
        walk_block(&inner, f->body);
        flow_of(&inner, f->body->value, flow);
    } else {
        flow->is_unknown = 1;
    }
    w->functions = inner.functions;
    return flow;
}

static int input_of(const TFunction *f, const void *item) {
    for (int i = 0; i < f->inputs.len; i++)
        if (f->inputs.data[i] == item) return i;
    return -1;
}

static void add_call(FlowWalk *w, const Tx *tx, Flow *out) {
    const Flow *flow = function_flow(w, tx->function);
    add_marks(out, flow);
    for (int i = 0; i < flow->inputs.len; i++) {
        const void *item = flow->inputs.entries[i].key;
        int at = input_of(tx->function, item);
        if (at < 0) add(w, &out->inputs, item);
        else if (at < tx->args.len) flow_of(w, tx->args.data[at], out);
    }
    for (int i = 0; i < flow->paths.len; i++) {
        const Symbol *path = flow->paths.entries[i].key;
        int is_own = tx->self && path->len >= 4 && !memcmp(path->text, "self", 4) &&
                     (path->len == 4 || path->text[4] == '.');
        if (!is_own) add(w, &out->paths, path);
        else add_record(w, tx->self, path->len > 5 ? symbol(&w->cx->session->symbols, path->text + 5) : NULL, out);
    }
}

/* ---- expressions ---------------------------------------------------------------------------- */

static int ends_gradient(PrimitiveKind kind) {
    return kind == PRIM_DETACH || kind == PRIM_SIGN || kind == PRIM_FLOOR || kind == PRIM_ROUND;
}

static void add_primitive(FlowWalk *w, const Tx *tx, Flow *out) {
    if (tx->primitive == PRIM_UNIFORM || tx->primitive == PRIM_RANDOM_INDEX) out->is_random = 1;
    if (w->mode == FLOW_GRADIENT && ends_gradient(tx->primitive)) {
        const Source *source = source_of(&w->cx->session->sources, tx->span);
        if (!out->cut.end && tx->primitive == PRIM_DETACH && source && !source->is_library) out->cut = tx->span;
        return;
    }
    int count = w->mode == FLOW_GRADIENT && tx->primitive == PRIM_INDEX && tx->args.len ? 1 : tx->args.len;
    for (int i = 0; i < count; i++) flow_of(w, tx->args.data[i], out);
}

static void add_variable(FlowWalk *w, const TVariable *variable, Flow *out) {
    const Flow *known = map_get(&w->variables, variable);
    if (known) add_flow(w, out, known);
    else add(w, &out->inputs, variable);
}

static void add_block(FlowWalk *w, const TBlock *block, Flow *out) {
    if (!block) return;
    Flow *yields = w->yields;
    w->yields = out;
    walk_block(w, block);
    w->yields = yields;
    flow_of(w, block->value, out);
}

static void flow_of(FlowWalk *w, const Tx *tx, Flow *out) {
    if (!tx) return;
    int is_whole = tx->type->kind == TY_TENSOR && !dtype_is_float(tx->type->dtype);
    if (w->mode == FLOW_GRADIENT && is_whole) return;
    switch ((int)tx->kind) {
    case T_NUMBER:
    case T_STRING:
    case T_OPTION:
    case T_DIM: return;
    case T_VARIABLE: add_variable(w, tx->variable, out); return;
    case T_WEIGHT: add_record(w, tx->args.data[0], tx->weight->name, out); return;
    case T_SELF:
    case T_INSTANCE:
    case T_PART: {
        const Symbol *path = record_path(w, tx);
        if (path) add(w, &out->paths, path);
        else out->is_unknown = 1;
        return;
    }
    case T_PRIMITIVE: add_primitive(w, tx, out); return;
    case T_CALL:
        if (tx->function) add_call(w, tx, out);
        else out->is_unknown = 1;
        return;
    case T_FOR: {
        Flow *yields = w->yields;
        w->yields = out;
        walk_loop(w, tx->loop);
        w->yields = yields;
        return;
    }
    case T_RECORD:
    case T_FIELD:
    case T_ITEM:
    case T_TUPLE:
    case T_CONVERT:
    case T_GRADIENT:
    case T_IF:
    case T_BLOCK: break;
    default: out->is_unknown = 1; break; /* data, options, and what a later version of the language adds */
    }
    for (int i = 0; i < tx->args.len; i++) flow_of(w, tx->args.data[i], out);
    add_block(w, tx->block, out);
    add_block(w, tx->otherwise, out);
}

/* ---- statements ----------------------------------------------------------------------------- */

static void set_variable(FlowWalk *w, const TVariable *variable, const Flow *flow) {
    if (!variable) return;
    Flow *own = map_get(&w->variables, variable);
    if (!own) {
        own = arena_new(w->cx->arena, Flow);
        map_set(w->cx->arena, &w->variables, variable, own);
    }
    add_flow(w, own, flow);
}

static void walk_assignment(FlowWalk *w, const TStmt *s) {
    int is_list = s->value && s->value->kind == T_TUPLE && s->value->args.len == s->targets.len && s->targets.len > 1;
    Flow whole = {0};
    if (!is_list) flow_of(w, s->value, &whole);
    for (int i = 0; i < s->targets.len; i++) {
        Flow item = {0};
        if (is_list) flow_of(w, s->value->args.data[i], &item);
        set_variable(w, s->targets.data[i], is_list ? &item : &whole);
    }
}

/* `r.w = e` of a record that is a value: it depends on one thing more. */
static void walk_replaced(FlowWalk *w, const TStmt *s) {
    const Tx *root = s->weight;
    while (root && (root->kind == T_WEIGHT || root->kind == T_PART)) root = root->args.data[0];
    if (!root || root->kind != T_VARIABLE) return;
    Flow flow = {0};
    add_variable(w, root->variable, &flow);
    flow_of(w, s->value, &flow);
    set_variable(w, root->variable, &flow);
}

static int items_known(const FlowWalk *w) {
    int count = 0;
    for (int i = 0; i < w->variables.len; i++) {
        const Flow *flow = w->variables.entries[i].value;
        count += flow->inputs.len + flow->paths.len;
    }
    return count;
}

/* Round and round until no variable depends on more. */
static void walk_loop(FlowWalk *w, const TStmt *s) {
    for (int i = 0; i < s->sources.len; i++) {
        Flow flow = {0};
        flow_of(w, s->sources.data[i].value, &flow);
        set_variable(w, s->sources.data[i].variable, &flow);
        for (int k = 0; k < s->sources.data[i].items.len; k++) set_variable(w, s->sources.data[i].items.data[k], &flow);
    }
    int before;
    do {
        before = items_known(w);
        if (s->block) walk_block(w, s->block);
    } while (items_known(w) > before);
}

static void add_sink(FlowWalk *w, const TStmt *s) {
    Sink sink = {.stmt = s};
    flow_of(w, s->value, &sink.flow);
    flow_of(w, s->second, &sink.flow);
    for (int i = 0; i < w->sinks.len; i++)
        if (w->sinks.data[i].stmt == s) {
            w->sinks.data[i] = sink;
            return;
        }
    vec_push(w->cx->arena, &w->sinks, sink);
}

static void walk_statement(FlowWalk *w, const TStmt *s) {
    switch ((int)s->kind) {
    case TS_LET:
    case TS_ASSIGN: walk_assignment(w, s); return;
    case TS_SET_WEIGHT: walk_replaced(w, s); return;
    case TS_IF:
        if (s->block) walk_block(w, s->block);
        if (s->otherwise) walk_block(w, s->otherwise);
        return;
    case TS_FOR:
    case TS_WHILE: walk_loop(w, s); return;
    case TS_YIELD:
        if (w->yields) flow_of(w, s->value, w->yields);
        return;
    case TS_MINIMIZE:
    case TS_REPORT: add_sink(w, s); return;
    default: return; /* no value that anything could depend on */
    }
}

static void walk_block(FlowWalk *w, const TBlock *block) {
    for (int i = 0; i < block->statements.len; i++) walk_statement(w, block->statements.data[i]);
}

void flow_step(FlowWalk *w, const TStep *step) {
    w->variables = (Map){0};
    w->sinks.len = 0;
    if (step->body) walk_block(w, step->body);
}
