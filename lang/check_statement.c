/* Statements and blocks: what may stand where, what they declare, what they change. */
#include "lang/check_expression.h"
#include "lang/check_program.h"
#include "lang/check_reach.h"

#include <string.h>

TStmt *add_statement(Checker *cx, TBlock *out, TStmtKind kind, Span span) {
    TStmt *statement = arena_new(cx->arena, TStmt);
    statement->kind = kind;
    statement->span = span;
    if (out) vec_push(cx->arena, &out->statements, statement);
    return statement;
}

const Type *block_type(Checker *cx, const TBlock *block) {
    return block->value ? block->value->type : type_unit(cx);
}

Span block_end(const Ast *block) {
    return (Span){block->span.end ? block->span.end - 1 : 0, block->span.end};
}

/* ---- let ------------------------------------------------------------------------------------ */

static int is_program(const Checker *cx) { return cx->body->kind == BODY_PROGRAM; }

static int is_interpreted(const Checker *cx) { return is_program_kind(cx->body->kind); }

static TVariable *declare_variable(Checker *cx, AstName name, const Type *type, int is_var) {
    TVariable *v = variable_new(cx, name.symbol, type, name.span);
    v->is_mutable = is_var;
    v->is_global = is_interpreted(cx);
    Binding *b = scope_declare(cx, name, BIND_VALUE, is_error_type(type) ? -1 : 0);
    b->tx = is_error_type(type) ? tx_error(cx, name.span) : tx_variable(cx, v, name.span);
    if (is_program(cx) && cx->scope == cx->file_scope) vec_push(cx->arena, &cx->program->globals, v);
    return v;
}

static AstName target_name(const Ast *target) {
    if (target->kind == AST_NAME) return (AstName){target->name, target->span};
    if (target->kind == AST_INPUT) return target->declare.name;
    return (AstName){NULL, target->span};
}

/* What a pattern in a list of names takes apart. */
static TVariable *whole_pattern(Checker *cx, const Ast *pattern, const Type *type) {
    TVariable *v = variable_new(cx, symbol(&cx->session->symbols, "(pattern)"), type, pattern->span);
    v->is_global = is_interpreted(cx);
    return v;
}

/* The names of a list take the items of a tuple. */
static void declare_targets(Checker *cx, TStmt *stmt, const AstList *targets, const Type *type,
                            int is_var, Span span) {
    if (targets->len == 1) {
        AstName name = target_name(targets->data[0]);
        vec_push(cx->arena, &stmt->targets,
                 name.symbol ? declare_variable(cx, name, type, is_var) : NULL);
        return;
    }
    int is_tuple = type->kind == TY_TUPLE;
    if (!is_error_type(type) && (!is_tuple || type->count != targets->len)) {
        check_error(cx, span, E_TUPLE_COUNT, "%d names for %d %s: this is %s", targets->len,
                    is_tuple ? type->count : 1, is_tuple ? "items" : "value", type_shown(cx, type));
        type = type_error(cx);
        is_tuple = 0;
    }
    for (int i = 0; i < targets->len; i++) {
        AstName name = target_name(targets->data[i]);
        const Type *item = is_tuple ? type->fields[i].type : type_error(cx);
        TVariable *v = NULL;
        if (name.symbol) v = declare_variable(cx, name, item, is_var);
        else if (targets->data[i]->kind == AST_TUPLE) v = whole_pattern(cx, targets->data[i], item);
        vec_push(cx->arena, &stmt->targets, v);
    }
}

/* `(b, c)` in a list of names: statements of their own take apart what the list gave the pattern. */
static void declare_patterns(Checker *cx, const TStmt *of, const AstList *targets, int is_var, TBlock *out) {
    for (int i = 0; targets->len > 1 && i < targets->len; i++) {
        const Ast *pattern = targets->data[i];
        if (pattern->kind != AST_TUPLE) continue;
        TVariable *whole = of->targets.data[i];
        TStmt *stmt = add_statement(cx, is_error_type(whole->type) ? NULL : out, TS_LET, pattern->span);
        stmt->value = tx_variable(cx, whole, pattern->span);
        declare_targets(cx, stmt, &pattern->items, whole->type, is_var, pattern->span);
        note_definition(cx, stmt);
        declare_patterns(cx, stmt, &pattern->items, is_var, out);
    }
}

/* `let enc = Dense[64]` makes an instance, `let f = relu |> Dense[10]` a function; 0 where the
 * value is neither. */
static int let_callable(Checker *cx, const Ast *ast) {
    const AstLet *let = &ast->let;
    const Ast *value = ast_ungroup(let->value);
    if (let->targets.len != 1 || let->targets.data[0]->kind != AST_NAME) return 0;
    if (value->kind != AST_NAME && value->kind != AST_INDEX && value->kind != AST_PIPE &&
        value->kind != AST_FIELD)
        return 0;
    int before = cx->session->diags.error_count;
    cx->quiet++;
    Callable *callable = check_callable(cx, value);
    cx->quiet--;
    (void)before;
    if (!callable || callable->kind == CALL_ERROR || callable->kind == CALL_INSTANCE ||
        callable->kind == CALL_CONVERT)
        return 0;
    int is_layer = callable->kind == CALL_DECLARED && callable->declared->ast->kind == AST_LAYER;
    AstName name = target_name(let->targets.data[0]);
    if (callable->kind == CALL_PIPE) {
        const Ast *head = value;
        while (head->kind == AST_PIPE) head = ast_ungroup(head->pipe.left);
        cx->quiet++;
        Callable *first = check_callable(cx, head);
        cx->quiet--;
        if (!first || first->kind == CALL_ERROR) return 0;
        callable = check_callable(cx, value);
        Binding *b = scope_declare(cx, name, BIND_CALLABLE, 0);
        b->callable = callable;
        return 1;
    }
    if (callable->kind == CALL_DECLARED && callable->declared->ast->kind == AST_OPTIMIZER) {
        Binding *rule = scope_declare(cx, name, BIND_CALLABLE, 0); /* stands behind `using` */
        rule->callable = check_callable(cx, value);
        return 1;
    }
    int is_function = callable->kind == CALL_SIGNATURE || callable->kind == CALL_PRIMITIVE ||
                      callable->kind == CALL_MEMBER ||
                      (callable->kind == CALL_DECLARED && callable->declared->ast->kind == AST_FN);
    if (!is_layer && (!is_function || needs_no_inputs(callable))) return 0;
    callable = check_callable(cx, value);
    if (!is_layer) {
        if (!callable->scope) callable->scope = cx->scope;
        scope_declare(cx, name, BIND_CALLABLE, 0)->callable = callable;
        return 1;
    }
    if (is_program(cx)) {
        Built *built = built_new(cx, callable->declared, callable->items, cx->scope, ast->span);
        Binding *b = scope_declare(cx, name, BIND_VALUE, 0);
        AstName own = {name_of_copy(cx, name.symbol, callable->copy), name.span};
        b->tx = instance_value(cx, instance_new(cx, own, built->layout), built, name.span);
        check_declared(cx, callable->declared);
        return 1;
    }
    if (cx->body->kind != BODY_LAYER || cx->body->loop_depth) {
        check_error(cx, ast->span, E_INSTANCE_PLACE,
                    "`%s` would make new weights here, at every call", callable->name->text);
        scope_declare(cx, name, BIND_ERROR, 0);
        return 1;
    }
    Callable *named = arena_new(cx->arena, Callable);
    *named = *callable;
    named->as = name.symbol;
    named->is_let = 1;
    Binding *b = scope_declare(cx, name, BIND_CALLABLE, 0);
    b->callable = named;
    return 1;
}

/* `let (a, b) = f(x)`: said, and meant as the list of names that it stands around. */
static const Ast *without_parentheses(Checker *cx, const Ast *ast) {
    const AstLet *let = &ast->let;
    if (let->targets.len != 1 || let->targets.data[0]->kind != AST_TUPLE) return ast;
    const Ast *tuple = let->targets.data[0];
    Diag *diag = check_error(cx, tuple->span, E_TUPLE_COUNT, "a list of names stands without parentheses");
    const char *inner = source_text(cx, (Span){tuple->span.begin + 1, tuple->span.end - 1});
    if (diag) diag_fix_edit(&cx->session->diags, diag, tuple->span, inner, "%s %s = ...", let->is_var ? "var" : "let", inner);
    Ast *meant = arena_new(cx->arena, Ast);
    *meant = *ast;
    meant->let.targets = tuple->items;
    return meant;
}

static void check_let(Checker *cx, const Ast *ast, TBlock *out) {
    ast = without_parentheses(cx, ast);
    const AstLet *let = &ast->let;
    if (!let->is_var && let_callable(cx, ast)) return;
    const Ast *first = let->targets.data[0];
    const Type *wanted = let->targets.len == 1 && first->kind == AST_INPUT && first->declare.type
                             ? check_type(cx, first->declare.type)
                             : NULL;
    const Tx *value = check_expression(cx, let->value, wanted);
    if (wanted)
        value =
            coerce(cx, value, wanted,
                   arena_printf(cx->arena, "`%s`",
                                target_name(first).symbol ? target_name(first).symbol->text : "_"));
    value = settle(cx, value);
    if (value->type->kind == TY_UNIT) {
        check_error(cx, let->value->span, E_NO_VALUE, "this has no value");
        value = tx_error(cx, let->value->span);
    }
    TStmt *stmt = add_statement(cx, is_error(value) ? NULL : out, TS_LET, ast->span);
    stmt->value = value;
    /* sizes that only the run knows are the declared ones from here on: they are compared where the name is used */
    int is_declared = wanted && is_program(cx) && !is_error(value) && wanted->kind == TY_TENSOR && !has_pack(wanted);
    declare_targets(cx, stmt, &let->targets, is_declared ? wanted : value->type, let->is_var, let->value->span);
    note_definition(cx, stmt);
    declare_patterns(cx, stmt, &let->targets, let->is_var, out);
}

/* ---- weights -------------------------------------------------------------------------------- */

static const Tx *weight_tx(Checker *cx, const Weight *weight, Span span) {
    Type *self_type = type_copy(cx, type_unit(cx));
    self_type->kind = TY_INSTANCE;
    self_type->layout = cx->body->built->layout;
    self_type->function = cx->body->built;
    Tx *tx = tx_new(cx, T_WEIGHT, weight->type, span);
    tx_add(cx, tx, tx_new(cx, T_SELF, self_type, span));
    tx->weight = weight;
    return tx;
}

static const Weight *find_weight(const Layout *layout, const Symbol *name) {
    for (int i = 0; i < layout->weights.len; i++)
        if (layout->weights.data[i]->name == name) return layout->weights.data[i];
    return NULL;
}

/* An instance of its own for this use, where the user's call names the one that does not fit. */
static void offer_instance(Checker *cx, Diag *diag) {
    const Built *built = cx->body->built;
    if (!diag || !built) return;
    Text made = text_new(cx->arena);
    text_add(&made, built->declared->name->text);
    const AstList *items = built->items;
    if (items && items->len)
        text_printf(&made, "[%s]", source_text(cx, span_join(items->data[0]->span, vec_last(items)->span)));
    const char *there = source_text(cx, diag->span);
    size_t name = strspn(there, "abcdefghijklmnopqrstuvwxyz0123456789_.");
    int is_name = name && (there[name] == '\0' || there[name] == '(');
    if (is_name && cx->body->caller && cx->body->caller->kind == BODY_LAYER)
        diag_fix_edit(&cx->session->diags, diag, (Span){diag->span.begin, diag->span.begin + (uint32_t)name},
                      text_str(&made), "use a second instance: %s", text_str(&made));
    else check_fix(cx, diag, "use a second instance: %s", text_str(&made));
}

static int check_refixed(Checker *cx, const Ast *ast, const Weight *old, const Type *type) {
    if (same_type(cx, old->type, type)) return 1;
    Diag *diag = check_error(
        cx, ast->span, E_WEIGHT_SHAPE,
        "the weight `%s` of this instance is %s since its first use, this use makes it %s",
        old->name->text, type_shown(cx, old->type), type_shown(cx, type));
    for (int i = 0; i < old->type->rank && i < type->rank; i++) {
        if (compare_dims(cx, old->type->axes[i].dim, type->axes[i].dim) != DIM_DIFFERENT) continue;
        label_axis(cx, diag, &old->type->axes[i]);
        label_axis(cx, diag, &type->axes[i]);
    }
    offer_instance(cx, diag);
    return 0;
}

/* The first value of a weight; NULL where none is written.  Its draws are named by the weight's own path and counted
 * from 1, so that a weight declared above changes nothing. */
static const Tx *first_value(Checker *cx, const Ast *ast, const Type *type) {
    if (!ast->declare.value) return NULL;
    Map sites = cx->body->sites;
    cx->body->sites = (Map){0};
    const Tx *initial = check_expression(cx, ast->declare.value, type);
    cx->body->sites = sites;
    return initial;
}

void check_weight(Checker *cx, const Ast *ast) {
    AstName name = ast->declare.name;
    const Weight *known = cx->body->declared && cx->body->declared->layer
                              ? find_weight(cx->body->built->layout, name.symbol)
                              : NULL;
    if (known) { /* for a function of the layer its size is that of the layer's first use */
        scope_add(cx, name.symbol, name.span, BIND_VALUE)->tx = weight_tx(cx, known, name.span);
        return;
    }
    const Type *type = ast->declare.type ? check_type(cx, ast->declare.type) : NULL;
    const Tx *initial = first_value(cx, ast, type);
    if (!initial && !(type && is_error_type(type)))
        check_error(cx, ast->span, E_NO_VALUE,
                    "`%s` has no first value: write `~ zeros`, `~ glorot`, ...", name.symbol->text);
    if (initial && type)
        initial = coerce(cx, initial, type,
                         arena_printf(cx->arena, "the first value of `%s`", name.symbol->text));
    if (initial) initial = settle(cx, initial);
    if (!type) type = initial ? initial->type : type_error(cx);
    Binding *b = scope_declare(cx, name, BIND_VALUE, 0);
    if (!initial || is_error(initial) || is_error_type(type)) {
        b->tx = tx_error(cx, name.span);
        if (!is_error_type(type))
            b->tx = tx_variable(cx, variable_new(cx, name.symbol, type, name.span), name.span);
        return;
    }
    Layout *layout = cx->body->built->layout;
    const Weight *old = find_weight(layout, name.symbol);
    if (old) {
        int is_same = check_refixed(cx, ast, old, type);
        b->tx = is_same ? weight_tx(cx, old, name.span) : tx_error(cx, name.span);
        return;
    }
    Weight *weight = arena_new(cx->arena, Weight);
    *weight = (Weight){.name = name.symbol,
                       .type = type,
                       .is_state = ast->kind == AST_STATE,
                       .initial = initial,
                       .span = name.span};
    vec_push(cx->arena, &layout->weights, weight);
    b->tx = weight_tx(cx, weight, name.span);
}

/* `state` of an optimizer and of a train block: variables with a first value. */
static void optimizer_state(Checker *cx, const Ast *ast) {
    AstName name = ast->declare.name;
    Binding *p = NULL;
    const AstList *inputs = &cx->body->declared->ast->function.inputs;
    if (inputs->len) p = scope_find(cx, inputs->data[0]->declare.name.symbol);
    const Type *type = ast->declare.type ? check_type(cx, ast->declare.type)
                       : p               ? p->tx->type
                                         : type_error(cx);
    const Tx *initial =
        ast->declare.value
            ? coerce(cx, check_expression(cx, ast->declare.value, type), type, "the first value")
            : tx_error(cx, ast->span);
    TVariable *v = variable_new(cx, name.symbol, type, name.span);
    v->is_mutable = 1;
    Binding *b = scope_declare(cx, name, BIND_VALUE, 0);
    b->tx = tx_variable(cx, v, name.span);
    vec_push(cx->arena, &cx->body->slots, v);
    vec_push(cx->arena, &cx->body->slot_initial, initial);
}

static void weight_statement(Checker *cx, const Ast *ast, TBlock *out) {
    const char *word = ast->kind == AST_PARAM ? "param" : "state";
    if (cx->body->kind == BODY_LAYER && cx->body->repeat) {
        Diag *diag = check_error(cx, ast->span, E_PLACE, "a `%s` inside a `repeat` has one name for all copies", word);
        check_fix(cx, diag, "make a layer of it: each copy then has its own");
        scope_declare(cx, ast->declare.name, BIND_ERROR, 0);
        return;
    }
    if (cx->body->kind == BODY_LAYER && !cx->body->loop_depth) {
        check_weight(cx, ast);
        return;
    }
    if (cx->body->kind == BODY_OPTIMIZER && ast->kind == AST_STATE) {
        optimizer_state(cx, ast);
        return;
    }
    if (cx->body->kind == BODY_PROGRAM && cx->scope == cx->file_scope) {
        check_top_weight(cx, ast, out);
        return;
    }
    Diag *diag =
        check_error(cx, ast->span, E_PLACE,
                    cx->body->loop_depth ? "a `%s` inside a loop would be made in every turn"
                                         : "a `%s` belongs to a layer or model",
                    word);
    if (cx->body->kind == BODY_FN) check_fix(cx, diag, "make this `fn` a `layer`");
    scope_declare(cx, ast->declare.name, BIND_ERROR, 0);
}

/* ---- statements ----------------------------------------------------------------------------- */

static int has_effect(const Tx *tx) {
    if (tx->kind == T_PROCEDURE || tx->kind == T_STEP_CALL || tx->kind == T_TRAIN) return 1;
    if (tx->kind == T_BLOCK || tx->kind == T_IF) return 1;
    if (tx->kind == T_CALL && tx->function && tx->function->is_procedure) return 1;
    return tx->type->kind == TY_UNIT;
}

static void expression_statement(Checker *cx, const Ast *ast, TBlock *out) {
    const Tx *value = check_expression(cx, ast, NULL);
    if (is_error(value)) return;
    if (!has_effect(value)) {
        Diag *diag = check_error(cx, ast->span, E_UNUSED, "this value is never used");
        check_primary(cx, diag, "%s", type_shown(cx, value->type));
        check_fix_wrap(cx, diag, ast->span, "let _ = ", "", "leave it out, or write `let _ = ...`");
        return;
    }
    TStmt *stmt = add_statement(cx, out, TS_EXPRESSION, ast->span);
    stmt->value = value;
}

static void misplaced(Checker *cx, const Ast *ast, const char *what, const char *where) {
    check_error(cx, ast->span, E_PLACE, "%s stands %s", what, where);
}

void check_statement(Checker *cx, const Ast *ast, TBlock *out) {
    switch (ast->kind) {
    case AST_ERROR: return;
    case AST_LET: check_let(cx, ast, out); return;
    case AST_ASSIGN: check_assign(cx, ast, out); return;
    case AST_IF: if_statement(cx, ast, out); return;
    case AST_FOR: check_for(cx, ast, out, 0); return;
    case AST_REPEAT: check_repeat(cx, ast, out, 0); return;
    case AST_WHILE: while_statement(cx, ast, out); return;
    case AST_BREAK:
    case AST_CONTINUE: loop_control(cx, ast, out); return;
    case AST_YIELD:
        if (is_repeat_yield(cx)) repeat_yield(cx, ast, out);
        else if (cx->body->loop) check_yield(cx, ast, out);
        else misplaced(cx, ast, "`yield`", "only in a `for` or `repeat`");
        return;
    case AST_MINIMIZE: check_minimize(cx, ast, out); return;
    case AST_REPORT: check_report(cx, ast, out); return;
    case AST_PARAM:
    case AST_STATE: weight_statement(cx, ast, out); return;
    case AST_FN:
        if (cx->body->kind == BODY_LAYER) return; /* found by name (check_call.c) */
        misplaced(cx, ast, "a `fn`", "at top level or in a layer");
        return;
    case AST_VALIDATE: check_validate(cx, ast, out); return;
    case AST_EVERY: misplaced(cx, ast, "`every`", "in a `train` block"); return;
    case AST_SOURCE:
    case AST_SPLIT:
    case AST_PART: misplaced(cx, ast, "this", "in a `data` block"); return;
    case AST_DIM:
    case AST_OPTION:
    case AST_TYPE:
    case AST_DATA:
    case AST_TEST:
    case AST_EXTERN:
    case AST_LAYER:
    case AST_MODEL:
    case AST_OPTIMIZER:
    case AST_STEP:
    case AST_IMPORT:
        check_error(cx, ast->span, E_PLACE,
                    "a declaration stands at top level, not inside a block");
        return;
    case AST_NAME:
    case AST_HOLE:
    case AST_INTEGER:
    case AST_REAL:
    case AST_BOOL:
    case AST_STRING:
    case AST_UNARY:
    case AST_BINARY:
    case AST_GROUP:
    case AST_TUPLE:
    case AST_LIST:
    case AST_FIELD:
    case AST_EVERY_LEVEL:
    case AST_INDEX:
    case AST_CALL:
    case AST_NAMED:
    case AST_RANGE:
    case AST_REST:
    case AST_NEW:
    case AST_PIPE:
    case AST_SIGNATURE:
    case AST_INPUT:
    case AST_TRAIN:
    case AST_BLOCK: expression_statement(cx, ast, out); return;
    case AST_FILE:
    case AST_KIND_COUNT: break;
    }
    ICE("statement of kind %d", (int)ast->kind);
}

static int is_expression(const Ast *ast) {
    return ast->kind <= AST_IF || ast->kind == AST_TRAIN || ast->kind == AST_BLOCK ||
           ast->kind == AST_REPEAT || ast->kind == AST_FOR;
}

/* What a layer's own functions use is not unused in its body. */
static void keep_for_members(Checker *cx, const Ast *block) {
    int has_members = 0;
    for (int i = 0; i < block->statements.len; i++)
        has_members |= block->statements.data[i]->kind == AST_FN;
    for (int i = 0; has_members && i < cx->scope->names.len; i++)
        ((Binding *)cx->scope->names.entries[i].value)->is_quiet = 1;
}

const TBlock *check_block(Checker *cx, const Ast *block, const Type *wanted, int wants_value) {
    TBlock *out = arena_new(cx->arena, TBlock);
    if (block->kind != AST_BLOCK) return out;
    scope_push(cx);
    const AstList *list = &block->statements;
    const Declared *layer = cx->body->kind == BODY_LAYER ? cx->body->declared : NULL;
    int is_layer_body = layer && !layer->layer && layer->ast->function.body == block;
    if (is_layer_body) declare_members(cx, block);
    for (int i = 0; i < list->len; i++) {
        const Ast *statement = list->data[i];
        int is_value = wants_value && i == list->len - 1 && is_expression(statement) &&
                       statement->kind != AST_ERROR;
        if (!is_value) check_statement(cx, statement, out);
        else if (statement->kind == AST_IF) out->value = check_if(cx, statement, wanted, 1);
        else out->value = check_expression(cx, statement, wanted);
        if (wants_value && i == list->len - 1 && statement->kind == AST_ERROR)
            out->value = tx_error(cx, statement->span);
    }
    if (cx->body->kind == BODY_LAYER) keep_for_members(cx, block);
    if (is_layer_body && cx->body->is_generic) check_members(cx, block);
    scope_pop(cx);
    return out;
}
