/* Assignment: variables, states, weights and records by path, parts of tensors, and lists of them. */
#include "lang/check_expression.h"
#include "lang/check_program.h"
#include "lang/check_reach.h"
#include "lang/check_record.h"

static int is_interpreted(const Checker *cx) { return is_program_kind(cx->body->kind); }

static void cannot_assign(Checker *cx, const Ast *target, const Binding *b) {
    Diag *diag = check_error(cx, target->span, E_ASSIGN, "`%s` cannot change", target->name->text);
    check_label(cx, diag, b->span, "declared here");
    if (b->kind == BIND_VALUE && b->tx->kind == T_VARIABLE) check_fix(cx, diag, "declare it with `var`");
}

static int may_change_weights(const Checker *cx) {
    return cx->body->kind == BODY_STEP || is_interpreted(cx);
}

/* The variable or weight that a name assigns to; NULL after a diagnostic. */
static const Tx *assigned_name(Checker *cx, const Ast *target) {
    Binding *b = scope_find(cx, target->name);
    if (!b) {
        unknown_name(cx, (AstName){target->name, target->span}, "variable");
        return NULL;
    }
    b->use_count--; /* writing is not using */
    if (b->kind == BIND_ERROR || (b->kind == BIND_VALUE && is_error(b->tx))) {
        b->use_count++;
        return NULL;
    }
    if (b->kind != BIND_VALUE) {
        cannot_assign(cx, target, b);
        return NULL;
    }
    if (b->tx->kind == T_VARIABLE && b->tx->variable->is_mutable) {
        if (b->tx->variable->is_global && !is_interpreted(cx)) {
            check_error(cx, target->span, E_ASSIGN,
                        "`%s` belongs to the program: compiled code cannot change it", target->name->text);
            return NULL;
        }
        return b->tx;
    }
    if (is_top_weight(b->tx)) {
        if (may_change_weights(cx)) return b->tx;
        Diag *diag = check_error(cx, target->span, E_ASSIGN, "`%s` changes in steps and at program level only",
                                 target->name->text);
        check_label(cx, diag, b->span, "declared here");
        return NULL;
    }
    if (b->tx->kind == T_WEIGHT && b->tx->weight->is_state) {
        if (cx->body->training == 1) return b->tx;
        Diag *diag = check_error(cx, target->span, E_ASSIGN,
                                 "a state of a layer changes only inside `if training { }`");
        check_label(cx, diag, b->span, "the state is declared here");
        return NULL;
    }
    cannot_assign(cx, target, b);
    return NULL;
}

static const char *place_name(const Tx *place) {
    if (place->kind == T_WEIGHT) return place->weight->name->text;
    return place->kind == T_INSTANCE ? place->instance->name->text : place->name->text;
}

/* What is assigned: `value` where not NULL, else the expression, of which `wanted` is asked. */
typedef struct Assigned {
    const Ast *ast;
    const Tx *value;
} Assigned;

static const Tx *assigned_value(Checker *cx, const Assigned *from, const Type *wanted) {
    return from->value ? from->value : check_expression(cx, from->ast, wanted);
}

static void store_weight(Checker *cx, Span span, const Tx *weight, const Tx *value, TBlock *out) {
    if (is_error(value)) return;
    TStmt *stmt = add_statement(cx, out, TS_SET_WEIGHT, span);
    stmt->weight = weight;
    stmt->value = value;
}

/* A weight, or all of a record's. */
static void assign_weight(Checker *cx, Span span, const Tx *weight, const Assigned *from, TBlock *out) {
    if (is_record(weight) && !record_is_known(cx, weight)) return;
    const Tx *value = coerce(cx, assigned_value(cx, from, weight->type), weight->type,
                             arena_printf(cx->arena, "`%s`", place_name(weight)));
    store_weight(cx, span, weight, value, out);
}

/* What a path begins with. */
static const Tx *root_of(const Tx *place) {
    while (place->kind == T_WEIGHT || place->kind == T_PART) place = place->args.data[0];
    return place;
}

/* A changed copy: `r.w = e` means `r` with that weight replaced. */
static int may_change_copy(Checker *cx, const Ast *target, const Tx *root) {
    const TVariable *v = root->variable;
    if (v->is_mutable && (!v->is_global || is_interpreted(cx))) return 1;
    Diag *diag = check_error(cx, target->span, E_ASSIGN,
                             v->is_mutable ? "`%s` belongs to the program: compiled code cannot change it"
                                           : "the record `%s` cannot change",
                             v->name->text);
    check_label(cx, diag, v->span, "declared here");
    if (!v->is_mutable) check_fix(cx, diag, "make a copy that may: `var r = %s`", v->name->text);
    return 0;
}

/* The weight, or record of them, that a path names where it may change; NULL after a diagnostic. */
static const Tx *assigned_field(Checker *cx, const Ast *target) {
    const Tx *place = check_expression(cx, target, NULL);
    if (is_error(place)) return NULL;
    int is_path = place->kind == T_WEIGHT || (place->kind == T_PART && is_record(place));
    const Tx *root = root_of(place);
    if (is_path && root->kind == T_VARIABLE) return may_change_copy(cx, target, root) ? place : NULL;
    if (is_path && may_change_weights(cx)) return place;
    check_error(cx, target->span, E_ASSIGN,
                is_path ? "weights change in steps and at program level only" : "this cannot change");
    return NULL;
}

/* `target = q` for an instance: it takes all weights and states of a record of its layer.  0: it is none. */
static int assign_instance(Checker *cx, Span span, const Ast *target, const Assigned *from, TBlock *out) {
    Binding *b = target->kind == AST_NAME ? scope_find(cx, target->name) : NULL;
    if (!b) return 0;
    int is_model = b->kind == BIND_DECLARED && b->declared->ast->kind == AST_MODEL;
    if (!is_model && !(b->kind == BIND_VALUE && b->tx->kind == T_INSTANCE)) {
        b->use_count--; /* looking is not using */
        return 0;
    }
    const Tx *place = check_expression(cx, target, NULL);
    if (is_error(place)) return 1;
    if (may_change_weights(cx)) assign_weight(cx, span, place, from, out);
    else check_error(cx, target->span, E_ASSIGN, "weights change in steps and at program level only");
    return 1;
}

/* x[...] = v: x becomes the tensor with that part replaced. */
static void assign_part(Checker *cx, Span span, const Ast *target, const Assigned *from, TBlock *out) {
    const Ast *of = ast_ungroup(target->index.of);
    const Tx *place = NULL;
    if (of->kind == AST_NAME) place = assigned_name(cx, of);
    else if (of->kind == AST_FIELD) place = assigned_field(cx, of);
    else {
        Diag *diag = check_error(cx, target->span, E_ASSIGN, "a part is written of a name or a path");
        if (of->kind == AST_INDEX) check_fix(cx, diag, "one bracket has all the indexes: x[0, 1] = ...");
    }
    if (!place) {
        cx->quiet++; /* the names in it are used all the same */
        if (!from->value) check_expression(cx, from->ast, NULL);
        for (int i = 0; i < target->index.items.len; i++) {
            const Ast *item = target->index.items.data[i];
            if (item->kind < AST_IF && item->kind != AST_HOLE) check_expression(cx, item, NULL);
        }
        cx->quiet--;
        return;
    }
    if (place->type->kind != TY_TENSOR) {
        check_error(cx, target->span, E_TYPE_MISMATCH, "only a part of a tensor is written, this is %s",
                    type_shown(cx, place->type));
        return;
    }
    const Tx *value = check_written(cx, target, place, from->ast, from->value);
    if (place->kind == T_WEIGHT) {
        store_weight(cx, span, place, value, out);
        return;
    }
    note_carried(cx, place->variable);
    if (is_error(value)) return;
    TStmt *stmt = add_statement(cx, out, TS_ASSIGN, span);
    vec_push(cx->arena, &stmt->targets, place->variable);
    stmt->value = value;
    note_definition(cx, stmt);
}

/* A target that is a path, an instance or a part; 0 where it is a name. */
static int assign_place(Checker *cx, Span span, const Ast *target, const Assigned *from, TBlock *out) {
    if (target->kind == AST_INDEX) {
        assign_part(cx, span, target, from, out);
        return 1;
    }
    if (assign_instance(cx, span, target, from, out)) return 1;
    if (target->kind != AST_FIELD) return 0;
    const Tx *place = assigned_field(cx, target);
    if (place) assign_weight(cx, span, place, from, out);
    return 1;
}

/* A list with parts or paths in it: the items are computed first, then each goes to its place, left to right. */
static void assign_places(Checker *cx, const Ast *ast, TBlock *out) {
    const AstAssign *assign = &ast->assign;
    const Tx *value = settle(cx, check_expression(cx, assign->value, NULL));
    int is_list = value->type->kind == TY_TUPLE && value->type->count == assign->targets.len;
    if (!is_list && !is_error(value))
        check_error(cx, ast->span, E_TUPLE_COUNT, "%d names for this: it is %s", assign->targets.len,
                    type_shown(cx, value->type));
    TStmt *items = add_statement(cx, is_list ? out : NULL, TS_LET, ast->span);
    items->value = value;
    for (int i = 0; i < assign->targets.len; i++) {
        const Type *type = is_list ? value->type->fields[i].type : type_error(cx);
        vec_push(
            cx->arena, &items->targets,
            variable_new(cx, symbol_printf(&cx->session->symbols, "item%d", i), type, assign->value->span));
    }
    for (int i = 0; i < assign->targets.len; i++) {
        const Ast *target = ast_ungroup(assign->targets.data[i]);
        const Tx *item = is_list ? tx_variable(cx, items->targets.data[i], assign->value->span)
                                 : tx_error(cx, assign->value->span);
        if (target->kind == AST_HOLE || assign_place(cx, ast->span, target, &(Assigned){.value = item}, out))
            continue;
        const Tx *place = target->kind == AST_NAME ? assigned_name(cx, target) : NULL;
        if (!place) continue;
        if (place->kind == T_WEIGHT) {
            assign_weight(cx, ast->span, place, &(Assigned){.value = item}, out);
            continue;
        }
        note_carried(cx, place->variable);
        if (!check_carry(cx, place, item)) continue;
        item = coerce(cx, item, place->type, arena_printf(cx->arena, "`%s`", target->name->text));
        if (is_error(item)) continue;
        TStmt *stmt = add_statement(cx, out, TS_ASSIGN, ast->span);
        vec_push(cx->arena, &stmt->targets, place->variable);
        stmt->value = item;
        note_definition(cx, stmt);
    }
}

/* After a value of another type: which of the two was meant is not known, so the name says nothing more. */
static void poison_name(Checker *cx, const Ast *target, Diag *diag) {
    for (Scope *s = cx->scope; s; s = s->outer) {
        Binding *b = map_get(&s->names, target->name);
        if (!b) continue;
        check_label(cx, diag, b->span, "`%s` is %s since here", target->name->text, type_shown(cx, b->tx->type));
        if (s->body == cx->body) b->tx = tx_error(cx, b->span);
        return;
    }
}

/* What a loop carries from turn to turn keeps its shape: of each variable that is assigned, or of the items of a
 * tuple. */
static int keeps_carries(Checker *cx, const TStmt *stmt, const Tx *value) {
    for (int i = 0; i < stmt->targets.len; i++) {
        TVariable *v = stmt->targets.data[i];
        if (!v || is_error(value)) continue;
        const Tx *item = value;
        if (stmt->targets.len > 1) {
            if (value->type->kind != TY_TUPLE || value->type->count != stmt->targets.len) return 1;
            item = value->kind == T_TUPLE ? value->args.data[i]
                                          : tx_new(cx, T_ITEM, value->type->fields[i].type, value->span);
        }
        if (!check_carry(cx, tx_variable(cx, v, v->span), item)) return 0;
    }
    return 1;
}

/* In a list: whatever is more than the name of a variable. */
static int is_place(Checker *cx, const Ast *target) {
    if (target->kind == AST_INDEX || target->kind == AST_FIELD) return 1;
    Binding *b = target->kind == AST_NAME ? scope_find(cx, target->name) : NULL;
    if (!b) return 0;
    b->use_count--; /* looking is not using */
    if (b->kind == BIND_DECLARED) return b->declared->ast->kind == AST_MODEL;
    return b->kind == BIND_VALUE && (b->tx->kind == T_WEIGHT || b->tx->kind == T_INSTANCE);
}

void check_assign(Checker *cx, const Ast *ast, TBlock *out) {
    const AstAssign *assign = &ast->assign;
    const Ast *first = ast_ungroup(assign->targets.data[0]);
    const Assigned from = {.ast = assign->value};
    if (assign->targets.len == 1 && assign_place(cx, ast->span, first, &from, out)) return;
    for (int i = 0; i < assign->targets.len && assign->targets.len > 1; i++) {
        if (!is_place(cx, ast_ungroup(assign->targets.data[i]))) continue;
        assign_places(cx, ast, out);
        return;
    }
    TypeField *fields = arena_array(cx->arena, TypeField, assign->targets.len);
    TStmt *stmt = add_statement(cx, NULL, TS_ASSIGN, ast->span);
    int is_bad = 0;
    for (int i = 0; i < assign->targets.len; i++) {
        const Ast *target = ast_ungroup(assign->targets.data[i]);
        const Tx *place = NULL;
        if (target->kind == AST_HOLE) {
            vec_push(cx->arena, &stmt->targets, NULL);
            fields[i].type = type_error(cx);
            continue;
        }
        place = assigned_name(cx, target);
        if (place && place->kind == T_WEIGHT && assign->targets.len == 1) {
            assign_weight(cx, ast->span, place, &from, out);
            return;
        }
        if (!place || place->kind != T_VARIABLE) is_bad = 1;
        else vec_push(cx->arena, &stmt->targets, place->variable);
        fields[i].type = place ? place->type : type_error(cx);
    }
    const Type *wanted = assign->targets.len == 1
                             ? fields[0].type
                             : type_list(cx, TY_TUPLE, fields, assign->targets.len);
    cx->quiet += is_bad; /* the target was reported: what is written to it is no second mistake */
    const Tx *value = cx->body->repeat && assign->targets.len > 1
                          ? repeat_tuple(cx, assign->value, fields, assign->targets.len)
                          : check_expression(cx, assign->value, is_error_type(wanted) ? NULL : wanted);
    cx->quiet -= is_bad;
    if (cx->body->repeat && !is_bad) wanted = repeat_retype(cx, assign, stmt, fields, value, wanted);
    for (int i = 0; i < stmt->targets.len; i++)
        if (stmt->targets.data[i]) note_carried(cx, stmt->targets.data[i]);
    int before = cx->session->diags.list.len;
    if (is_bad || !keeps_carries(cx, stmt, value)) {
        if (cx->session->diags.list.len > before && assign->targets.len == 1 && first->kind == AST_NAME)
            poison_name(cx, first, NULL);
        return;
    }
    stmt->value = coerce(cx, value, wanted,
                         assign->targets.len == 1 && first->kind == AST_NAME
                             ? arena_printf(cx->arena, "`%s`", first->name->text)
                             : "the list of names");
    if (is_error(stmt->value)) {
        if (cx->session->diags.list.len > before && assign->targets.len == 1 && first->kind == AST_NAME)
            poison_name(cx, first, vec_last(&cx->session->diags.list));
        return;
    }
    vec_push(cx->arena, &out->statements, stmt);
    note_definition(cx, stmt);
}
