/* Steps and train blocks: fields of the batch, settings, reports. */
#include "lang/check_bind.h"

#include <string.h>

/* ---- reports -------------------------------------------------------------------------------- */

/* The arguments of `ratio(a, b)` or `last(a)`, where no function of that name is declared. */
static const AstList *report_form(Checker *cx, const Ast *value, const char *name) {
    value = ast_ungroup(value);
    if (value->kind != AST_CALL) return NULL;
    const Ast *callee = ast_ungroup(value->call.callee);
    if (callee->kind != AST_NAME || strcmp(callee->name->text, name) != 0 ||
        scope_find(cx, callee->name))
        return NULL;
    return &value->call.args;
}

static const Tx *report_value(Checker *cx, const Ast *ast) {
    const Tx *value = settle(cx, check_expression(cx, ast, NULL));
    if (is_error(value) || type_is_scalar(value->type)) return value;
    Diag *diag = check_error(cx, ast->span, E_REPORT, "a report is one number, this is %s",
                             type_shown(cx, value->type));
    check_fix(cx, diag, "mean(...)");
    return tx_error(cx, ast->span);
}

void check_report(Checker *cx, const Ast *ast, TBlock *out) {
    Body *body = cx->body;
    if (body->kind != BODY_STEP && body->kind != BODY_VALIDATE) {
        check_error(cx, ast->span, E_PLACE, "`report` stands in a `step` or `validate`");
        return;
    }
    AstName name = ast->named.name;
    if (body->loop_depth) check_unsupported(cx, ast->span, "a `report` inside a loop");
    if (map_has(&body->reports, name.symbol))
        check_error(cx, name.span, E_REPORT, "`%s` is reported twice", name.symbol->text);
    map_set(cx->arena, &body->reports, name.symbol, body);
    TStmt *stmt = arena_new(cx->arena, TStmt);
    *stmt =
        (TStmt){.kind = TS_REPORT, .span = ast->span, .name = name.symbol, .report = REPORT_MEAN};
    const AstList *ratio = report_form(cx, ast->named.value, "ratio"),
                  *last = report_form(cx, ast->named.value, "last");
    if ((ratio && ratio->len != 2) || (last && last->len != 1)) {
        check_error(cx, ast->named.value->span, E_ARGUMENT_COUNT,
                    ratio ? "`ratio` takes two numbers" : "`last` takes one number");
        return;
    }
    stmt->value = report_value(cx, ratio  ? ratio->data[0]
                                   : last ? last->data[0]
                                          : ast->named.value);
    if (ratio) {
        stmt->second = report_value(cx, ratio->data[1]);
        stmt->report = REPORT_RATIO;
    } else if (last) {
        stmt->report = REPORT_LAST;
    }
    vec_push(cx->arena, &body->report_fields, ((TypeField){name.symbol, type_scalar(cx, DT_F32)}));
    if (!is_error(stmt->value) && !(stmt->second && is_error(stmt->second)))
        vec_push(cx->arena, &out->statements, stmt);
}

/* ---- steps ---------------------------------------------------------------------------------- */

/* Inputs of a step of the program: declared types, an open leading size is a run-time batch. */
static void declare_step_inputs(Checker *cx, TStep *step, const AstFunction *function) {
    for (int i = 0; i < function->inputs.len; i++) {
        const Ast *input = function->inputs.data[i];
        const Type *type =
            input->declare.type ? bind_rigid_type(cx, input->declare.type) : type_error(cx);
        if (!input->declare.type)
            check_unsupported(cx, input->span, "an input of a step without a type");
        if (type->kind == TY_TENSOR && has_pack(type)) {
            check_unsupported(cx, input->span, "`..` in the input of a step");
            type = type_error(cx);
        }
        for (int k = 0; type->kind == TY_TENSOR && k < type->rank; k++) {
            DimName *name = (DimName *)(uintptr_t)dim_as_name(type->axes[k].dim);
            if (!name || name->is_runtime) continue;
            name->is_runtime = 1;
            if (k == 0 && !step->batch) step->batch = name;
        }
        TVariable *v = variable_new(cx, input->declare.name.symbol, type, input->span);
        Binding *b = scope_declare(cx, input->declare.name, BIND_VALUE, 0);
        b->is_quiet = 1;
        b->tx = is_error_type(type) ? tx_error(cx, input->span) : tx_variable(cx, v, input->span);
        vec_push(cx->arena, &step->inputs, v);
    }
}

static const Type *reports_type(Checker *cx, Body *body) {
    return type_list(cx, TY_RECORD, body->report_fields.data, body->report_fields.len);
}

static void check_step_body(Checker *cx, TStep *step, Body *body, const AstFunction *function) {
    const Type *result = function->result ? check_type(cx, function->result) : NULL;
    TBlock *block = (TBlock *)(uintptr_t)check_block(cx, function->body, result, result != NULL);
    if (result && block->value)
        block->value = coerce(cx, block->value, result, "the result of this step");
    if (result && !block->value)
        check_error(cx, block_end(function->body), E_NO_VALUE,
                    "this step gives %s, but its body ends without a value",
                    type_shown(cx, result));
    warn_frozen(cx);
    step->body = block;
    step->result = result ? result : reports_type(cx, body);
}

TStep *check_step(Checker *cx, Declared *d) {
    if (d->step) return d->step;
    int before = cx->session->diags.error_count;
    TStep *step = arena_new(cx->arena, TStep);
    d->step = step;
    *step = (TStep){.name = d->name, .span = d->ast->span};
    Body body = {.kind = BODY_STEP, .declared = d, .training = 1, .step = step};
    Scope *scope = cx->scope;
    Body *outer = cx->body;
    cx->body = &body;
    cx->scope = cx->file_scope;
    scope_push(cx);
    bind_rigid_statics(cx, &d->ast->function);
    if (d->ast->function.statics.len)
        check_unsupported(cx, d->ast->span, "a step with static parameters");
    declare_step_inputs(cx, step, &d->ast->function);
    check_step_body(cx, step, &body, &d->ast->function);
    scope_pop(cx);
    cx->scope = scope;
    cx->body = outer;
    d->is_broken = cx->session->diags.error_count > before;
    if (!d->is_broken) vec_push(cx->arena, &cx->program->steps, step);
    return step;
}

/* ---- train blocks --------------------------------------------------------------------------- */

typedef enum SettingKind {
    SETTING_COUNT,
    SETTING_NUMBER,
    SETTING_FLAG,
    SETTING_TEXT,
    SETTING_CHOICE
} SettingKind;

static const struct {
    const char *name;
    SettingKind kind;
    const char *meaning;
} settings[] = {
    {"batch", SETTING_COUNT, "examples of one step"},
    {"epochs", SETTING_COUNT, "passes over the data"},
    {"steps", SETTING_COUNT, "steps in all, instead of epochs"},
    {"shuffle", SETTING_FLAG, "another order in every epoch"},
    {"keep_short", SETTING_FLAG, "the last, shorter batch of an epoch counts"},
    {"contiguous", SETTING_FLAG, "each row of the batch reads its own stretch of the data"},
    {"seed", SETTING_COUNT, "what the random numbers follow from"},
    {"best", SETTING_CHOICE, "which report decides what weights are kept"},
    {"save", SETTING_TEXT, "where the weights go"},
    {"patience", SETTING_COUNT, "epochs without a better report until it ends"},
    {"budget", SETTING_COUNT, "bytes that stored activations may take"},
};
enum { SETTING_KINDS = sizeof settings / sizeof *settings };

static void unknown_setting(Checker *cx, AstName name) {
    Diag *diag =
        check_error(cx, name.span, E_SETTING, "`train` has no setting `%s`", name.symbol->text);
    const char *best = NULL;
    int best_distance = 4;
    Text list = text_new(cx->arena);
    for (int i = 0; i < SETTING_KINDS; i++) {
        int distance = edit_distance(settings[i].name, name.symbol->text, 3);
        text_printf(&list, "%s%s", i ? ", " : "", settings[i].name);
        if (distance >= best_distance || distance >= (int)name.symbol->len) continue;
        best = settings[i].name;
        best_distance = distance;
    }
    if (best) check_fix(cx, diag, "did you mean `%s`?", best);
    else check_note(cx, diag, "the settings are %s", text_str(&list));
}

static void setting_mismatch(Checker *cx, const char *name, const char *wanted, const Tx *value) {
    check_error(cx, value->span, E_SETTING, "`%s` is %s, this is %s", name, wanted,
                type_shown(cx, value->type));
}

static const Tx *setting_value(Checker *cx, int kind_index, const Ast *ast) {
    const char *name = settings[kind_index].name;
    if (settings[kind_index].kind == SETTING_CHOICE) {
        check_unsupported(cx, ast->span, arena_printf(cx->arena, "the setting `%s`", name));
        return tx_error(cx, ast->span);
    }
    const Tx *value = check_expression(cx, ast, NULL);
    if (is_error(value)) return value;
    const Type *t = value->type;
    int is_scalar = type_is_scalar(t), is_good = 1;
    switch (settings[kind_index].kind) {
    case SETTING_COUNT:
        is_good = is_scalar && !dtype_is_float(t->dtype) && t->dtype != DT_BOOL;
        if (!is_good) setting_mismatch(cx, name, "a whole number", value);
        else if (value->kind == T_NUMBER && value->integer < (!strcmp(name, "batch") ? 1 : 0)) {
            check_error(cx, value->span, E_SETTING, "`%s` is %lld; it is at least %d", name,
                        (long long)value->integer, !strcmp(name, "batch"));
            is_good = 0;
        }
        if (is_good) value = convert_element(cx, value, DT_I64, NULL);
        break;
    case SETTING_NUMBER: is_good = is_scalar; break;
    case SETTING_FLAG:
        is_good = is_scalar && t->dtype == DT_BOOL;
        if (!is_good) setting_mismatch(cx, name, "true or false", value);
        break;
    case SETTING_TEXT:
        is_good = t->kind == TY_STRING;
        if (!is_good) setting_mismatch(cx, name, "a string", value);
        break;
    case SETTING_CHOICE: break;
    }
    return is_good ? value : tx_error(cx, ast->span);
}

static void check_setting(Checker *cx, TTrain *train, const Ast *ast) {
    const Ast *target = ast->assign.targets.data[0];
    if (ast->assign.targets.len != 1 || target->kind != AST_NAME) {
        check_error(cx, ast->span, E_PLACE, "a setting is `name = value`");
        return;
    }
    AstName name = {target->name, target->span};
    int kind = 0;
    while (kind < SETTING_KINDS && strcmp(settings[kind].name, name.symbol->text) != 0) kind++;
    if (kind == SETTING_KINDS) {
        unknown_setting(cx, name);
        return;
    }
    for (int i = 0; i < train->settings.len; i++)
        if (train->settings.data[i].name == name.symbol) {
            check_error(cx, ast->span, E_SETTING, "`%s` is set twice", name.symbol->text);
            return;
        }
    const Tx *value = setting_value(cx, kind, ast->assign.value);
    vec_push(cx->arena, &train->settings, ((TSetting){name.symbol, value, ast->span}));
}

static int64_t batch_of(const TTrain *train, Span *span) {
    for (int i = 0; i < train->settings.len; i++) {
        if (strcmp(train->settings.data[i].name->text, "batch") != 0) continue;
        *span = train->settings.data[i].span;
        const Tx *value = train->settings.data[i].value;
        return value->kind == T_NUMBER ? value->integer : 32;
    }
    *span = train->span;
    return 32;
}

/* The name that the fields' types give to the batch, or "batch". */
static const Symbol *batch_name(Checker *cx, const AstFunction *function) {
    for (int i = 0; i < function->inputs.len; i++) {
        const Ast *type = function->inputs.data[i]->declare.type;
        if (!type || ast_ungroup(type)->kind != AST_INDEX) continue;
        const AstList *shape = &ast_ungroup(type)->index.items;
        const Ast *first = shape->len ? ast_ungroup(shape->data[0]) : NULL;
        if (first && first->kind == AST_NAME && is_capitalised(first->name) &&
            !map_has(&cx->file, first->name))
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
            check_fix(cx, diag, "did you mean `%s`?", data->fields[i].name->text);
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

/* The fields of one batch as inputs, by name; a type beside one binds its names. */
static void declare_fields(Checker *cx, TStep *step, const AstFunction *function, const Type *data,
                           Span batch_span, int64_t batch) {
    DimName *name = dim_new_name(&cx->session->dims, batch_name(cx, function));
    name->is_runtime = 1;
    name->maximum = batch;
    if (data) step->batch = name;
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
        axes[0] = (Axis){.dim = dim_named(&cx->session->dims, name),
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

static TStep *check_pass(Checker *cx, TTrain *train, const Ast *ast, const Type *data, const Tx *on,
                         Body *block) {
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
    Body *outer = cx->body;
    (void)block;
    cx->body = &body;
    scope_push(cx);
    Span batch_span;
    int64_t batch = batch_of(train, &batch_span);
    if (batch > cx->largest_batch) cx->largest_batch = batch;
    declare_fields(cx, step, function, data, batch_span, batch);
    check_step_body(cx, step, &body, function);
    scope_pop(cx);
    cx->body = outer;
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
    Binding *b = scope_add(cx, symbol(&cx->session->symbols, name), (Span){0}, BIND_VALUE);
    TVariable *v = variable_new(cx, b->name, type_scalar(cx, DT_I64), (Span){0});
    b->is_quiet = 1;
    b->tx = tx_variable(cx, v, (Span){0});
    return v;
}

static int is_used(Checker *cx, const TVariable *v) {
    const Binding *b = map_get(&cx->scope->names, v->name);
    return b && b->use_count > 0;
}

static void check_train_part(Checker *cx, TTrain *train, const Ast *ast, const Type *data,
                             Body *body) {
    switch ((int)ast->kind) {
    case AST_STEP:
        if (ast->function.name.symbol)
            check_error(cx, ast->span, E_PLACE, "the step of a train block has no name");
        if (train->step) check_error(cx, ast->span, E_TRAIN_STEP, "a train block has one step");
        train->step = check_pass(cx, train, ast, data, NULL, body);
        return;
    case AST_VALIDATE: {
        const Tx *on = ast->function.on ? check_set(cx, ast->function.on) : NULL;
        const Type *set = on ? on->type : data;
        vec_push(cx->arena, &train->validates,
                 check_pass(cx, train, ast, set, on && !is_error(on) ? on : NULL, body));
        return;
    }
    case AST_EVERY: check_unsupported(cx, ast->span, "`every`"); return;
    case AST_STATE:
        check_unsupported(cx, ast->span, "`state` in a train block");
        scope_declare(cx, ast->declare.name, BIND_ERROR, 0);
        return;
    case AST_ASSIGN:
    case AST_ERROR: return;
    default:
        check_error(cx, ast->span, E_PLACE,
                    "a train block holds settings, `state`, `step`, `validate` and `every`");
    }
}

/* The record of the step's and the validates' reports. */
static const Type *train_type(Checker *cx, const TTrain *train) {
    Vec(TypeField) fields = {0};
    for (int k = -1; k < train->validates.len; k++) {
        const TStep *step = k < 0 ? train->step : train->validates.data[k];
        for (int i = 0; step && i < step->result->count; i++) {
            int is_new = 1;
            for (int f = 0; f < fields.len; f++)
                is_new &= fields.data[f].name != step->result->fields[i].name;
            if (is_new) vec_push(cx->arena, &fields, step->result->fields[i]);
        }
    }
    const Symbol *loss = symbol(&cx->session->symbols, "loss");
    int has_loss = 0;
    for (int f = 0; f < fields.len; f++) has_loss |= fields.data[f].name == loss;
    if (!has_loss) vec_push(cx->arena, &fields, ((TypeField){loss, type_scalar(cx, DT_F32)}));
    return type_list(cx, TY_RECORD, fields.data, fields.len);
}

const Tx *check_train(Checker *cx, const Ast *ast) {
    if (cx->body->kind != BODY_PROGRAM && cx->body->kind != BODY_TEST) {
        check_error(cx, ast->span, E_PLACE, "`train` stands at program level");
        return tx_error(cx, ast->span);
    }
    int before = cx->session->diags.error_count;
    TTrain *train = arena_new(cx->arena, TTrain);
    train->span = ast->span;
    if (ast->train.model) {
        const Tx *model = check_expression(cx, ast->train.model, NULL);
        if (!is_error(model) && model->kind != T_INSTANCE)
            check_error(cx, model->span, E_NO_WEIGHTS, "a model is wanted behind `train`");
        if (model->kind == T_INSTANCE) train->model = model->instance;
    }
    const Tx *data = ast->train.data ? check_set(cx, ast->train.data) : NULL;
    if (data && !is_error(data)) train->data = data;
    Body body = {.kind = BODY_TRAIN, .training = 0, .train = train};
    Body *outer = cx->body;
    const AstList *list = &ast->train.body->statements;
    for (int i = 0; i < list->len; i++)
        if (list->data[i]->kind == AST_ASSIGN) check_setting(cx, train, list->data[i]);
    cx->body = &body;
    scope_push(cx);
    TVariable *own[3] = {own_name(cx, "t"), own_name(cx, "epoch"), own_name(cx, "total")};
    for (int i = 0; i < list->len; i++)
        check_train_part(cx, train, list->data[i], data ? data->type : NULL, &body);
    if (is_used(cx, own[0])) train->t = own[0];
    if (is_used(cx, own[1])) train->epoch = own[1];
    if (is_used(cx, own[2])) train->total = own[2];
    scope_pop(cx);
    cx->body = outer;
    if (!train->step && cx->session->diags.error_count == before)
        check_fix(cx, check_error(cx, ast->span, E_TRAIN_STEP, "this train block has no `step`"),
                  "add `step (fields) { minimize ... }`: what is done with each batch");
    if (cx->session->diags.error_count > before) return tx_error(cx, ast->span);
    Tx *tx = tx_new(cx, T_TRAIN, train_type(cx, train), ast->span);
    tx->train = train;
    tx->is_pure = 0;
    return tx;
}
