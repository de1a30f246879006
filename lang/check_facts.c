/* Facts of values that types do not show.  The documentation of a function may say what its result is and what it
 * wants an input to be:
 *
 *     ## exp(x) divided by its sum along an axis.
 *     ## gives: probabilities
 *     fn softmax...
 *
 *     ## wants logits: logits or log_probabilities; the softmax is part of this loss
 *     fn cross_entropy(logits: ...
 *
 * The words are free; a fact follows its value through names, calls, indexes and changes of shape.  Where a value
 * is known to be one thing and another is wanted, that is a warning.  No function is known here by its name. */
#include "lang/check_program.h"

#include <string.h>

typedef struct Slice {
    const char *text;
    int len;
} Slice;

typedef struct Fact {
    Slice kind;       /* text NULL: nothing is known */
    const Tx *origin; /* what gives it */
} Fact;

/* One call in the chain of calls that is being looked at. */
typedef struct Frame Frame;
struct Frame {
    Frame *caller;
    const TFunction *function; /* NULL: the program, a step */
    const Tx *call;
    Map values; /* TVariable * of a `let` to its Tx * */
    int depth;
};

enum { MAX_FRAMES = 12, MAX_STEPS = 64 };

typedef struct Search {
    Checker *cx;
    Map visited; /* TFunction * whose bodies were looked at without facts about their inputs */
} Search;

/* ---- documentation -------------------------------------------------------------------------- */

static int is_blank(char c) { return c == ' ' || c == '\t'; }

static Slice trimmed(const char *begin, const char *end) {
    while (begin < end && is_blank(*begin)) begin++;
    while (end > begin && is_blank(end[-1])) end--;
    return (Slice){begin, (int)(end - begin)};
}

/* The text behind `head` in a line of the documentation that begins with it. */
static Slice line_behind(const char *doc, const char *head) {
    size_t len = strlen(head);
    for (const char *line = doc; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
        while (is_blank(*line)) line++;
        if (strncmp(line, head, len) == 0) return trimmed(line + len, line + strcspn(line, "\n"));
    }
    return (Slice){NULL, 0};
}

static Slice before_reason(Slice all) {
    const char *end = memchr(all.text, ';', (size_t)all.len);
    return trimmed(all.text, end ? end : all.text + all.len);
}

static Slice reason_of(Slice all) {
    const char *end = memchr(all.text, ';', (size_t)all.len);
    return end ? trimmed(end + 1, all.text + all.len) : (Slice){NULL, 0};
}

/* "logits or log_probabilities" names the kind. */
static int allows(Slice wanted, Slice kind) {
    const char *at = wanted.text, *end = wanted.text + wanted.len;
    while (at < end) {
        const char *next = at;
        while (next < end && (end - next < 4 || strncmp(next, " or ", 4) != 0)) next++;
        Slice one = trimmed(at, next);
        if (one.len == kind.len && !memcmp(one.text, kind.text, (size_t)kind.len)) return 1;
        at = next + 4;
    }
    return 0;
}

static const Ast *declaration(Search *s, const TFunction *f) { return f ? map_get(&s->cx->declarations, f) : NULL; }

/* ---- frames --------------------------------------------------------------------------------- */

static void collect_lets(Search *s, Frame *frame, const TBlock *block) {
    for (int i = 0; block && i < block->statements.len; i++) {
        const TStmt *let = block->statements.data[i];
        collect_lets(s, frame, let->block);
        collect_lets(s, frame, let->otherwise);
        if (let->kind != TS_LET || !let->value) continue;
        int is_list = let->targets.len > 1;
        if (is_list && (let->value->kind != T_TUPLE || let->value->args.len != let->targets.len)) continue;
        for (int k = 0; k < let->targets.len; k++) {
            const TVariable *variable = let->targets.data[k];
            const Tx *value = is_list ? let->value->args.data[k] : let->value;
            if (variable && !variable->is_mutable)
                map_set(s->cx->arena, &frame->values, variable, (void *)(uintptr_t)value);
        }
    }
}

static Frame *frame_new(Search *s, Frame *caller, const Tx *call, const TBlock *block) {
    Frame *frame = arena_new(s->cx->arena, Frame);
    *frame = (Frame){.caller = caller, .call = call, .depth = caller ? caller->depth + 1 : 0};
    if (call) frame->function = call->function;
    collect_lets(s, frame, block);
    return frame;
}

static int input_index(const TFunction *f, const TVariable *variable) {
    for (int i = 0; f && i < f->inputs.len; i++)
        if (f->inputs.data[i] == variable) return i;
    return -1;
}

/* ---- what a value is ------------------------------------------------------------------------ */

static int keeps_fact(PrimitiveKind kind) {
    return kind == PRIM_RESHAPE || kind == PRIM_FLATTEN || kind == PRIM_TRANSPOSE || kind == PRIM_INDEX ||
           kind == PRIM_CONCAT || kind == PRIM_STACK || kind == PRIM_REVERSE || kind == PRIM_DETACH;
}

static Fact fact_of(Search *s, Frame *frame, const Tx *tx, int steps);

static Fact call_fact(Search *s, Frame *frame, const Tx *tx, int steps) {
    const Ast *ast = declaration(s, tx->function);
    Slice gives = ast ? line_behind(ast->doc, "gives:") : (Slice){NULL, 0};
    if (gives.len) return (Fact){before_reason(gives), tx};
    if (!tx->function || !tx->function->body || !tx->function->body->value || frame->depth >= MAX_FRAMES)
        return (Fact){0};
    Frame *inner = frame_new(s, frame, tx, tx->function->body);
    return fact_of(s, inner, tx->function->body->value, steps + 1);
}

static Fact variable_fact(Search *s, Frame *frame, const TVariable *variable, int steps) {
    const Tx *value = map_get(&frame->values, variable);
    if (value) return fact_of(s, frame, value, steps + 1);
    int at = input_index(frame->function, variable);
    if (at >= 0 && frame->caller && at < frame->call->args.len)
        return fact_of(s, frame->caller, frame->call->args.data[at], steps + 1);
    return (Fact){0};
}

static Fact fact_of(Search *s, Frame *frame, const Tx *tx, int steps) {
    if (!tx || steps > MAX_STEPS) return (Fact){0};
    switch ((int)tx->kind) {
    case T_CALL: return call_fact(s, frame, tx, steps);
    case T_VARIABLE: return variable_fact(s, frame, tx->variable, steps);
    case T_CONVERT: return fact_of(s, frame, tx->args.data[0], steps + 1);
    case T_BLOCK: return fact_of(s, frame, tx->block->value, steps + 1);
    case T_PRIMITIVE:
        if (tx->primitive == PRIM_SIGMOID) return (Fact){{"probabilities", 13}, tx};
        return keeps_fact(tx->primitive) && tx->args.len ? fact_of(s, frame, tx->args.data[0], steps + 1) : (Fact){0};
    case T_IF: {
        Fact one = tx->block ? fact_of(s, frame, tx->block->value, steps + 1) : (Fact){0};
        Fact other = tx->otherwise ? fact_of(s, frame, tx->otherwise->value, steps + 1) : (Fact){0};
        return one.kind.text && other.kind.text && allows(one.kind, other.kind) ? one : (Fact){0};
    }
    case T_ITEM: {
        const Tx *of = tx->args.data[0];
        return of->kind == T_TUPLE && tx->integer < of->args.len
                   ? fact_of(s, frame, of->args.data[tx->integer], steps + 1)
                   : (Fact){0};
    }
    default: return (Fact){0};
    }
}

/* ---- what is wanted ------------------------------------------------------------------------- */

static int is_users(Search *s, Span span) {
    const Source *source = source_of(&s->cx->session->sources, span);
    return source && !source->is_library;
}

/* The place in the user's file: of the value, or of the call that led to it. */
static Span users_place(Search *s, const Frame *frame, Span span) {
    for (; !is_users(s, span) && frame && frame->call; frame = frame->caller) span = frame->call->span;
    return span;
}

static void warn_other(Search *s, Frame *frame, const Tx *call, const Tx *arg, Slice wanted, Fact fact) {
    Checker *cx = s->cx;
    Span place = users_place(s, frame, arg->span);
    if (!is_users(s, place)) return;
    Slice kinds = before_reason(wanted), reason = reason_of(wanted);
    Diag *diag = check_error(cx, place, W_OTHER_FACT, "`%s` wants %.*s, these are %.*s", call->function->name->text,
                             kinds.len, kinds.text, fact.kind.len, fact.kind.text);
    if (is_users(s, fact.origin->span) && fact.origin->span.begin != place.begin)
        check_label(cx, diag, fact.origin->span, "%.*s from here on", fact.kind.len, fact.kind.text);
    if (reason.len) check_note(cx, diag, "%.*s", reason.len, reason.text);
    const Ast *pipe = map_get(&cx->stages, fact.origin);
    if (pipe && pipe->kind == AST_PIPE)
        check_fix_edit(cx, diag, pipe->span, source_text(cx, pipe->pipe.left->span), "leave out `%s`",
                       source_text(cx, pipe->pipe.right->span));
    else if (fact.origin->kind == T_CALL && fact.origin->args.len == 1 && is_users(s, fact.origin->span))
        check_fix_edit(cx, diag, fact.origin->span, source_text(cx, fact.origin->args.data[0]->span), "leave out `%s`",
                       fact.origin->function->name->text);
}

/* 1 where something is known about an argument. */
static int check_wants(Search *s, Frame *frame, const Tx *tx) {
    const Ast *ast = declaration(s, tx->function);
    int is_known = 0;
    for (int i = 0; i < tx->args.len && i < tx->function->inputs.len; i++) {
        Fact fact = fact_of(s, frame, tx->args.data[i], 0);
        if (!fact.kind.text) continue;
        is_known = 1;
        const Symbol *name = tx->function->inputs.data[i]->name;
        Slice wanted = ast && name ? line_behind(ast->doc, arena_printf(s->cx->arena, "wants %s:", name->text))
                                   : (Slice){NULL, 0};
        if (wanted.len && !allows(before_reason(wanted), fact.kind)) warn_other(s, frame, tx, tx->args.data[i], wanted, fact);
    }
    return is_known;
}

/* Arithmetic, not a value that was only chosen, moved or read. */
static int is_computed(const Tx *tx) {
    while (tx->kind == T_CONVERT || (tx->kind == T_PRIMITIVE && keeps_fact(tx->primitive))) tx = tx->args.data[0];
    return tx->kind == T_CALL || (tx->kind == T_PRIMITIVE && tx->args.len && is_float_type(tx->args.data[0]->type));
}

static int is_constant_number(const Tx *tx) {
    while (tx->kind == T_CONVERT) tx = tx->args.data[0];
    return tx->kind == T_NUMBER || tx->kind == T_DIM || tx->kind == T_OPTION;
}

static void check_equality(Search *s, const Tx *tx) {
    if (tx->primitive != PRIM_EQ && tx->primitive != PRIM_NE) return;
    const Tx *a = tx->args.data[0], *b = tx->args.data[1];
    if (!is_float_type(a->type) || is_constant_number(a) || is_constant_number(b) || !is_users(s, tx->span)) return;
    if (!is_computed(a) && !is_computed(b)) return;
    if (a->kind == T_VARIABLE && b->kind == T_VARIABLE && a->variable == b->variable) return; /* is it a NaN? */
    if (a->kind == T_CONVERT && b->kind == T_CONVERT) return; /* whole numbers behind them are exact */
    Diag *diag = check_error(s->cx, tx->span, W_FLOAT_EQUALITY, "computed floats are compared with `%s`",
                             tx->primitive == PRIM_EQ ? "==" : "!=");
    check_note(s->cx, diag, "two ways to compute the same number differ in the last bits");
    check_fix(s->cx, diag, tx->primitive == PRIM_EQ ? "abs(a - b) < 1e-6" : "abs(a - b) >= 1e-6");
}

static void visit_block(Search *s, Frame *frame, const TBlock *block);

static void visit(Search *s, Frame *frame, const Tx *tx) {
    if (!tx) return;
    for (int i = 0; i < tx->args.len; i++) visit(s, frame, tx->args.data[i]);
    for (int i = 0; i < tx->parts.len; i++) visit(s, frame, tx->parts.data[i].value);
    if (tx->kind == T_PRIMITIVE && tx->args.len == 2) check_equality(s, tx);
    if (tx->block) visit_block(s, frame, tx->block);
    if (tx->otherwise) visit_block(s, frame, tx->otherwise);
    if (tx->loop && tx->loop->block) visit_block(s, frame, tx->loop->block);
    if (tx->kind != T_CALL || !tx->function || !tx->function->body) return;
    int is_known = check_wants(s, frame, tx);
    if (frame->depth >= MAX_FRAMES || (!is_known && map_has(&s->visited, tx->function))) return;
    if (!is_known) map_set(s->cx->arena, &s->visited, tx->function, s);
    visit_block(s, frame_new(s, frame, tx, tx->function->body), tx->function->body);
}

static void visit_block(Search *s, Frame *frame, const TBlock *block) {
    for (int i = 0; i < block->statements.len; i++) {
        const TStmt *statement = block->statements.data[i];
        visit(s, frame, statement->value);
        visit(s, frame, statement->second);
        for (int k = 0; k < statement->sources.len; k++) visit(s, frame, statement->sources.data[k].value);
        if (statement->block) visit_block(s, frame, statement->block);
        if (statement->otherwise) visit_block(s, frame, statement->otherwise);
    }
    visit(s, frame, block->value);
}

/* ---- entry ---------------------------------------------------------------------------------- */

static void visit_body(Search *s, const TBlock *block) {
    if (block) visit_block(s, frame_new(s, NULL, NULL, block), block);
}

static void visit_trains(Search *s, const Tx *tx) {
    if (!tx) return;
    for (int i = 0; i < tx->args.len; i++) visit_trains(s, tx->args.data[i]);
    if (tx->kind != T_TRAIN) return;
    if (tx->train->step) visit_body(s, tx->train->step->body);
    for (int i = 0; i < tx->train->validates.len; i++) visit_body(s, tx->train->validates.data[i]->body);
}

/* A line `wants x:` names an input of its function. */
static void check_documentation(Search *s, const Ast *ast) {
    const char *doc = ast->doc;
    for (const char *line = doc; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
        while (is_blank(*line)) line++;
        const char *end = line + strcspn(line, "\n"), *colon = memchr(line, ':', (size_t)(end - line));
        if (strncmp(line, "wants ", 6) != 0 || !colon) continue;
        Slice name = trimmed(line + 6, colon);
        if (memchr(name.text, ' ', (size_t)name.len)) continue; /* a sentence */
        int is_found = 0;
        for (int i = 0; i < ast->function.inputs.len; i++) {
            const Symbol *input = ast->function.inputs.data[i]->declare.name.symbol;
            is_found |= input && (int)input->len == name.len && !memcmp(input->text, name.text, (size_t)name.len);
        }
        if (!is_found)
            check_error(s->cx, ast->function.name.span, W_FACT_NAME, "`%s` has no input `%.*s`, which its documentation wants to be something",
                        ast->function.name.symbol->text, name.len, name.text);
    }
}

void check_facts(Checker *cx) {
    Search search = {.cx = cx}, *s = &search;
    const TProgram *program = cx->program;
    for (int i = 0; i < cx->declared.len; i++)
        if (cx->declared.data[i]->ast->kind == AST_FN) check_documentation(s, cx->declared.data[i]->ast);
    TBlock top = {0};
    for (int i = 0; i < program->statements.len; i++) {
        vec_push(cx->arena, &top.statements, program->statements.data[i]);
        visit_trains(s, program->statements.data[i]->value);
    }
    visit_body(s, &top);
    for (int i = 0; i < program->steps.len; i++) visit_body(s, program->steps.data[i]->body);
    for (int i = 0; i < program->tests.len; i++) visit_body(s, program->tests.data[i].body);
    for (int i = 0; i < program->entries.len; i++) visit_body(s, program->entries.data[i].function->body);
}
