/* Train blocks: fields of the batch, what is done with each batch, after every epoch and every so many steps. */
#include "lang/check_bind.h"
#include "lang/check_expression.h"
#include "lang/check_program.h"
#include "lang/check_train.h"

#include <string.h>

/* The name that the fields' types give to the batch, or "batch". */
static const Symbol *batch_name(Checker *cx, const AstFunction *function) {
    for (int i = 0; i < function->inputs.len; i++) {
        const Ast *type = function->inputs.data[i]->declare.type;
        if (!type || ast_ungroup(type)->kind != AST_INDEX) continue;
        const AstList *shape = &ast_ungroup(type)->index.items;
        const Ast *first = shape->len ? ast_ungroup(shape->data[0]) : NULL;
        if (first && first->kind == AST_NAME && is_capitalised(first->name) &&
            !map_has(file_names(cx, first->span), first->name))
            return first->name;
    }
    return symbol(&cx->session->symbols, "batch");
}

static const Type *field_type(const Type *data, const Symbol *name) {
    for (int i = 0; data && i < data->count; i++) {
        if (data->fields[i].name != name) continue;
        note_data_field(data, i);
        return data->fields[i].type;
    }
    return NULL;
}

static void no_data_field(Checker *cx, const Ast *input, const Type *data) {
    AstName name = input->declare.name;
    Diag *diag = check_error(cx, name.span, E_FIELDS, "the data has no field `%s`",
                             name.symbol ? name.symbol->text : "_");
    Text list = text_new(cx->arena);
    for (int i = 0; i < data->count; i++) {
        text_printf(&list, "%s%s", i ? ", " : "", data->fields[i].name->text);
        if (name.symbol && edit_distance(data->fields[i].name->text, name.symbol->text, 2) <= 2)
            check_fix_edit(cx, diag, name.span, data->fields[i].name->text, "did you mean `%s`?",
                           data->fields[i].name->text);
    }
    check_note(cx, diag, "its fields are %s", text_str(&list));
}

/* The names that the fields' types would have bound, after a mistake. */
static void poison_sizes(Checker *cx, const AstFunction *function) {
    for (int i = 0; i < function->inputs.len; i++) {
        const Ast *type = function->inputs.data[i]->declare.type
                              ? ast_ungroup(function->inputs.data[i]->declare.type)
                              : NULL;
        for (int k = 0; type && type->kind == AST_INDEX && k < type->index.items.len; k++) {
            const Ast *item = ast_ungroup(type->index.items.data[k]);
            if (item->kind == AST_NAME && !scope_find(cx, item->name))
                scope_add(cx, item->name, item->span, BIND_ERROR);
        }
    }
}

static int divides_exactly(const Dim *rows, int64_t batch) {
    return dim_is_constant(rows) && dim_constant_value(rows) > 0 && dim_constant_value(rows) % batch == 0;
}

/* The leading size of the fields: at most `batch`, or just that where every batch has so many. */
static const Dim *batch_dim(Checker *cx, TStep *step, const AstFunction *function, const Type *data) {
    const TTrain *train = step->train;
    if (train->batch > cx->largest_batch) cx->largest_batch = train->batch;
    if (train->is_even) return dim_constant(&cx->session->dims, train->batch);
    DimName *name = dim_new_name(&cx->session->dims, batch_name(cx, function));
    name->is_runtime = name->is_batch = 1;
    name->maximum = train->batch;
    if (data) step->batch = name;
    step->is_full = data && data->rows && divides_exactly(data->rows, train->batch);
    return dim_named(&cx->session->dims, name);
}

/* The fields of one batch as inputs, by name; a type beside one binds its names. */
static void declare_fields(Checker *cx, TStep *step, const AstFunction *function, const Type *data) {
    const Dim *batch = batch_dim(cx, step, function, data);
    Span batch_span = step->train->batch_span;
    Argument *args = arena_array(cx->arena, Argument, function->inputs.len);
    int is_good = 1;
    for (int i = 0; i < function->inputs.len; i++) {
        const Ast *input = function->inputs.data[i];
        const Type *whole = field_type(data, input->declare.name.symbol);
        if (!whole) {
            if (data && !is_error_type(data)) no_data_field(cx, input, data);
            else if (!data)
                check_error(cx, input->span, E_FIELDS,
                            "this block has no data (`on`), so its step has no fields");
            scope_declare(cx, input->declare.name, BIND_ERROR, -1);
            is_good = 0;
            continue;
        }
        Axis *axes = arena_array(cx->arena, Axis, whole->rank);
        for (int k = 0; k < whole->rank; k++) axes[k] = whole->axes[k];
        axes[0] = (Axis){.dim = batch,
                         .why = origin_new(cx, ORIGIN_BATCH, batch_span, NULL)};
        Type *type = type_copy(cx, whole);
        type->axes = axes;
        TVariable *v = variable_new(cx, input->declare.name.symbol, type, input->span);
        vec_push(cx->arena, &step->inputs, v);
        args[i] = (Argument){tx_variable(cx, v, input->span), NULL, input->span};
        Binding *b = scope_declare(cx, input->declare.name, BIND_VALUE, 0);
        b->tx = args[i].tx;
        b->is_quiet = 1;
    }
    if (!is_good) {
        poison_sizes(cx, function);
        for (int i = 0; data && i < data->count;
             i++) /* the field that was meant may be used below */
            if (!map_has(&cx->scope->names, data->fields[i].name))
                scope_add(cx, data->fields[i].name, batch_span, BIND_ERROR);
        return;
    }
    Bind bind = {.ast = NULL,
                 .function = function,
                 .name = step->name,
                 .span = step->span,
                 .caller = cx->body,
                 .given = args,
                 .given_count = function->inputs.len};
    int has_types = 0;
    for (int i = 0; i < function->inputs.len; i++)
        has_types |= function->inputs.data[i]->declare.type != NULL;
    if (has_types) bind_call(cx, &bind);
}

static TStep *check_pass(Checker *cx, TTrain *train, const Ast *ast, const Type *data, const Tx *on) {
    const AstFunction *function = &ast->function;
    int is_validate = ast->kind == AST_VALIDATE;
    TStep *step = arena_new(cx->arena, TStep);
    *step = (TStep){.name = symbol(&cx->session->symbols, is_validate ? "validate" : "step"),
                    .span = ast->span,
                    .train = train,
                    .on = on};
    Body body = {.kind = is_validate ? BODY_VALIDATE : BODY_STEP,
                 .training = !is_validate,
                 .train = train,
                 .step = step};
    for (int i = 0; i < train->states.len; i++) vec_push(cx->arena, &step->states, train->states.data[i]);
    Outside outside = body_enter(cx, &body, cx->scope);
    declare_fields(cx, step, function, data);
    check_step_body(cx, step, &body, function);
    body_leave(cx, outside);
    return step;
}

static const Tx *check_set(Checker *cx, const Ast *ast) {
    const Tx *set = check_expression(cx, ast, NULL);
    if (is_error(set) || (set->type->kind == TY_RECORD && set->type->rows)) return set;
    check_error(cx, ast->span, E_FIELDS, "a data set is wanted behind `on`, this is %s",
                type_shown(cx, set->type));
    return tx_error(cx, ast->span);
}

static TVariable *own_name(Checker *cx, const char *name) {
    return scope_variable(cx, symbol(&cx->session->symbols, name), type_scalar(cx, DT_I64), (Span){0});
}

static int is_used(Checker *cx, const TVariable *v) {
    const Binding *b = map_get(&cx->scope->names, v->name);
    return b && b->use_count > 0;
}

static TStep *validate_pass(Checker *cx, const Ast *ast) {
    const Tx *on = ast->function.on ? check_set(cx, ast->function.on) : NULL;
    const Type *set = on ? on->type : cx->body->data;
    return check_pass(cx, cx->body->train, ast, set, on && !is_error(on) ? on : NULL);
}

/* ---- every --------------------------------------------------------------------------------------------- */

void check_validate(Checker *cx, const Ast *ast, TBlock *out) {
    if (!cx->body->every) {
        check_error(cx, ast->span, E_PLACE, "`validate` stands in a `train` block, or in an `every` of one");
        return;
    }
    TStep *step = validate_pass(cx, ast);
    vec_push(cx->arena, &cx->body->every->validates, step);
    add_statement(cx, out, TS_VALIDATE, ast->span)->step = step;
}

static const Tx *every_count(Checker *cx, const Ast *ast) {
    const Tx *count = check_expression(cx, ast, NULL);
    if (is_error(count)) return count;
    int is_whole = type_is_scalar(count->type) && !dtype_is_float(count->type->dtype) &&
                   count->type->dtype != DT_BOOL;
    if (!is_whole || (count->kind == T_NUMBER && count->integer < 1)) {
        check_error(cx, count->span, E_EVERY, "`every` counts steps by a whole number from 1%s%s",
                    is_whole ? "" : ", this is ", is_whole ? "" : type_shown(cx, count->type));
        return tx_error(cx, count->span);
    }
    return convert_element(cx, count, DT_I64, NULL);
}

static void check_every(Checker *cx, TTrain *train, const Ast *ast) {
    TEvery every = {.count = ast->every.count ? every_count(cx, ast->every.count) : NULL};
    cx->body->every = &every;
    every.block = check_block(cx, ast->every.body, NULL, 0);
    cx->body->every = NULL;
    vec_push(cx->arena, &train->everies, every);
}

/* ---- states -------------------------------------------------------------------------------------------- */

static void check_pass_state(Checker *cx, TTrain *train, const Ast *ast) {
    AstName name = ast->declare.name;
    const Type *type;
    const Tx *initial = check_first_value(cx, ast, &type);
    Binding *b = scope_declare(cx, name, initial ? BIND_VALUE : BIND_ERROR, 0);
    if (!initial) return;
    TVariable *v = variable_new(cx, name.symbol, type, name.span);
    v->is_mutable = v->is_pass_state = 1;
    b->tx = tx_variable(cx, v, name.span);
    vec_push(cx->arena, &train->states, v);
    vec_push(cx->arena, &train->state_initial, initial);
}

/* ---- the block ----------------------------------------------------------------------------------------- */

static void check_train_part(Checker *cx, TTrain *train, const Ast *ast) {
    switch ((int)ast->kind) {
    case AST_STEP:
        if (ast->function.name.symbol)
            check_error(cx, ast->span, E_PLACE, "the step of a train block has no name");
        if (train->step) check_error(cx, ast->span, E_TRAIN_STEP, "a train block has one step");
        train->step = check_pass(cx, train, ast, cx->body->data, NULL);
        return;
    case AST_VALIDATE: vec_push(cx->arena, &train->validates, validate_pass(cx, ast)); return;
    case AST_EVERY: check_every(cx, train, ast); return;
    case AST_STATE: /* checked before */
    case AST_ASSIGN:
    case AST_ERROR: return;
    default:
        check_error(cx, ast->span, E_PLACE,
                    "a train block holds settings, `state`, `step`, `validate` and `every`");
    }
}

static void add_reports(Checker *cx, const TStep *step, TypeField **fields, int *count) {
    for (int i = 0; step && i < step->result->count; i++) {
        int is_new = 1;
        for (int f = 0; f < *count; f++) is_new &= (*fields)[f].name != step->result->fields[i].name;
        if (!is_new) continue;
        TypeField *more = arena_array(cx->arena, TypeField, *count + 1);
        for (int f = 0; f < *count; f++) more[f] = (*fields)[f];
        more[(*count)++] = step->result->fields[i];
        *fields = more;
    }
}

/* The record of the reports of the step, the validates and those in `every`; a loss that is minimized is one. */
static const Type *train_type(Checker *cx, const TTrain *train) {
    TypeField *fields = NULL;
    int count = 0;
    add_reports(cx, train->step, &fields, &count);
    for (int k = 0; k < train->validates.len; k++) add_reports(cx, train->validates.data[k], &fields, &count);
    for (int e = 0; e < train->everies.len; e++)
        for (int k = 0; k < train->everies.data[e].validates.len; k++)
            add_reports(cx, train->everies.data[e].validates.data[k], &fields, &count);
    if (train->step && has_minimize(train->step->body)) {
        TypeField loss = {symbol(&cx->session->symbols, "loss"), type_scalar(cx, DT_F32)};
        TStep minimized = {.result = type_list(cx, TY_RECORD, &loss, 1)};
        add_reports(cx, &minimized, &fields, &count);
    }
    return type_list(cx, TY_RECORD, fields, count);
}

static void check_head(Checker *cx, TTrain *train, const Ast *ast) {
    if (ast->train.model) {
        const Tx *model = check_expression(cx, ast->train.model, NULL);
        if (!is_error(model) && model->kind != T_INSTANCE)
            check_error(cx, model->span, E_NO_WEIGHTS, "a model is wanted behind `train`");
        if (model->kind == T_INSTANCE) train->model = model->instance;
    }
    const Tx *data = ast->train.data ? check_set(cx, ast->train.data) : NULL;
    if (data && !is_error(data)) train->data = data;
    if (data) cx->body->data = data->type;
}

static void check_parts(Checker *cx, TTrain *train, const AstList *list) {
    TVariable *own[3] = {own_name(cx, "t"), own_name(cx, "epoch"), own_name(cx, "total")};
    for (int i = 0; i < list->len; i++)
        if (list->data[i]->kind == AST_STATE) check_pass_state(cx, train, list->data[i]);
    for (int i = 0; i < list->len; i++) check_train_part(cx, train, list->data[i]);
    if (is_used(cx, own[0])) train->t = own[0];
    if (is_used(cx, own[1])) train->epoch = own[1];
    if (is_used(cx, own[2])) train->total = own[2];
}

const Tx *check_train(Checker *cx, const Ast *ast) {
    if (!is_program_kind(cx->body->kind) || cx->body->kind == BODY_TRAIN) {
        check_error(cx, ast->span, E_PLACE, "`train` stands at program level");
        return tx_error(cx, ast->span);
    }
    int before = cx->session->diags.error_count;
    TTrain *train = arena_new(cx->arena, TTrain);
    train->span = ast->span;
    Body *outer = cx->body, body = {.kind = BODY_TRAIN, .training = 0, .train = train, .caller = outer->caller,
                                    .call = outer->call, .declared = outer->declared, .facts = outer->facts};
    cx->body = &body;
    check_head(cx, train, ast);
    const AstList *list = &ast->train.body->statements;
    for (int i = 0; i < list->len; i++)
        if (list->data[i]->kind == AST_ASSIGN) check_setting(cx, train, list->data[i]);
    check_settings_agree(cx, train);
    scope_push(cx);
    check_parts(cx, train, list);
    scope_pop(cx);
    cx->body = outer;
    if (!train->step && cx->session->diags.error_count == before)
        check_fix(cx, check_error(cx, ast->span, E_TRAIN_STEP, "this train block has no `step`"),
                  "add `step (fields) { minimize ... }`: what is done with each batch");
    const Type *reports = train_type(cx, train);
    if (cx->session->diags.error_count == before) check_best(cx, train, reports);
    if (cx->session->diags.error_count > before) return tx_error(cx, ast->span);
    Tx *tx = tx_new(cx, T_TRAIN, reports, ast->span);
    tx->train = train;
    tx->is_pure = 0;
    return tx;
}
