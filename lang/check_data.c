/* Data sets and options: their declarations, and the values that options have. */
#include "lang/check_bind.h"
#include "lang/check_expression.h"
#include "lang/check_program.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- options -------------------------------------------------------------------------------- */

static int option_kind(const Ast *type, OptionKind *kind) {
    static const struct {
        const char *name;
        OptionKind kind;
    } kinds[] = {{"f32", OPTION_F32},
                 {"i64", OPTION_I64},
                 {"bool", OPTION_BOOL},
                 {"string", OPTION_STRING},
                 {"dim", OPTION_DIM}};
    type = type ? ast_ungroup(type) : NULL;
    for (size_t i = 0; type && type->kind == AST_NAME && i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].name, type->name->text)) {
            *kind = kinds[i].kind;
            return 1;
        }
    return 0;
}

static const char *kind_text(OptionKind kind) {
    switch (kind) {
    case OPTION_F32: return "a number";
    case OPTION_I64: return "a whole number";
    case OPTION_BOOL: return "true or false";
    case OPTION_STRING: return "a text";
    case OPTION_DIM: return "a whole number of at least 1";
    }
    return "";
}

/* On the command line an option is its name in lower case, `_` and `-` alike. */
static int is_same_option(const char *given, const char *name) {
    for (; *given && *name; given++, name++) {
        int a = *given == '-' ? '_' : tolower((unsigned char)*given),
            b = tolower((unsigned char)*name);
        if (a != b) return 0;
    }
    return *given == *name;
}

static int parse_setting(Checker *cx, TOption *option, const char *text) {
    char *end = NULL;
    errno = 0;
    switch (option->kind) {
    case OPTION_F32: option->real = strtod(text, &end); return *text && !*end && !errno;
    case OPTION_I64:
    case OPTION_DIM:
        option->integer = strtoll(text, &end, 10);
        return *text && !*end && !errno && (option->kind == OPTION_I64 || option->integer >= 1);
    case OPTION_BOOL:
        option->integer = !strcmp(text, "true") || !*text;
        return option->integer || !strcmp(text, "false");
    case OPTION_STRING: option->text = symbol(&cx->session->symbols, text); return 1;
    }
    return 0;
}

static int option_default(Checker *cx, TOption *option, const Ast *ast) {
    const Type *wanted = option->kind == OPTION_F32      ? type_scalar(cx, DT_F32)
                         : option->kind == OPTION_BOOL   ? type_scalar(cx, DT_BOOL)
                         : option->kind == OPTION_STRING ? type_string(cx)
                                                         : type_scalar(cx, DT_I64);
    const Tx *value = coerce(cx, check_expression(cx, ast, wanted), wanted,
                             arena_printf(cx->arena, "the option `%s`", option->name->text));
    if (is_error(value)) return 0;
    if (value->kind != T_NUMBER && value->kind != T_STRING) {
        check_error(cx, ast->span, E_OPTION_TYPE,
                    "the default of an option is a number or text known when compiling");
        return 0;
    }
    option->real = value->real;
    option->integer = value->integer;
    option->text = value->text;
    if (option->kind != OPTION_DIM || option->integer >= 1) return 1;
    check_error(cx, ast->span, E_NOT_A_SIZE, "a dim option is at least 1; this is %lld",
                (long long)option->integer);
    return 0;
}

void note_option(Checker *cx, const Declared *d) {
    if (!d->module || !d->option || cx->body->is_generic) return;
    for (int i = 0; i < cx->program->options.len; i++)
        if (cx->program->options.data[i] == d->option) return;
    vec_push(cx->arena, &cx->program->options, d->option);
}

void check_option(Checker *cx, Declared *d) {
    const Ast *ast = d->ast;
    TOption *option = arena_new(cx->arena, TOption);
    *option = (TOption){.name = d->name, .documentation = ast->doc, .span = ast->declare.name.span};
    if (!option_kind(ast->declare.type, &option->kind)) {
        Diag *diag = check_error(cx, ast->span, E_OPTION_TYPE,
                                 "an option has one of the types f32, i64, bool, string, dim");
        check_fix(cx, diag, "option %s: f32 = ...", d->name->text);
        return;
    }
    if (!ast->declare.value) {
        check_error(cx, ast->span, E_OPTION_TYPE, "the option `%s` has no default", d->name->text);
        return;
    }
    int is_dim = option->kind == OPTION_DIM;
    if (is_capitalised(d->name) != is_dim && !d->is_library) {
        check_error(cx, ast->declare.name.span, E_NAME_CASE,
                    is_dim ? "`%s` is a dimension and must begin with a capital"
                           : "`%s` is a value and must begin with a small letter",
                    d->name->text);
        return;
    }
    if (!option_default(cx, option, ast->declare.value)) return;
    for (int i = 0; i < cx->input->setting_count; i++) {
        const OptionSetting *setting = &cx->input->settings[i];
        if (!is_same_option(setting->name, d->name->text)) continue;
        option->is_given = 1;
        int64_t integer = option->integer; /* a bad value leaves the default: it has said enough */
        if (!parse_setting(cx, option, setting->value)) {
            option->integer = integer;
            diag_add(&cx->session->diags, (Span){0}, E_OPTION_VALUE, "--%s is %s, `%s` is not",
                     setting->name, kind_text(option->kind), setting->value);
        }
    }
    d->option = option;
    if (is_dim) {
        d->dim = dim_constant(&cx->session->dims, option->integer);
        d->why = origin_new(cx, ORIGIN_DECLARATION, ast->declare.name.span, NULL);
    }
    if (!d->is_library && !d->module) vec_push(cx->arena, &cx->program->options, option);
}

/* ---- data ----------------------------------------------------------------------------------- */

static const char *const source_names[] = {"idx",  "csv",    "npy", "npz",
                                           "text", "images", "wav", "embedded"};

static int is_source(Checker *cx, const Ast *ast) {
    if (ast->kind != AST_CALL) return 0;
    const Ast *callee = ast_ungroup(ast->call.callee);
    if (callee->kind != AST_NAME || scope_find(cx, callee->name)) return 0;
    for (size_t i = 0; i < sizeof source_names / sizeof *source_names; i++)
        if (!strcmp(source_names[i], callee->name->text)) return 1;
    return 0;
}

static int is_known_source(Checker *cx, const Ast *ast) {
    const Ast *call = ast_ungroup(ast->declare.value);
    const Symbol *source = ast_ungroup(call->call.callee)->name;
    static const char *const readable[] = {"embedded", "idx", "csv", "npy", "npz", "text"};
    for (size_t i = 0; i < sizeof readable / sizeof *readable; i++)
        if (!strcmp(source->text, readable[i])) return 1;
    check_unsupported(cx, call->span, arena_printf(cx->arena, "the source `%s`", source->text));
    return 0;
}

/* The text that names an alphabet first decides what is in it. */
static int text_field(Checker *cx, const Ast *ast, TDataField *field) {
    const Tx *path = field->arguments.len == 1 ? field->arguments.data[0] : NULL;
    if (!path || path->kind != T_STRING) {
        check_error(cx, ast->declare.value->span, E_DATA_FIELD, "`text` takes the path of a file and `unit`");
        return 0;
    }
    if (field->alphabet->span.begin == ast->span.begin)
        ((TAlphabet *)(uintptr_t)field->alphabet)->path = path->text;
    return 1;
}

static int source_field(Checker *cx, const Ast *ast, TDataField *field) {
    const Ast *call = ast_ungroup(ast->declare.value);
    field->source = ast_ungroup(call->call.callee)->name;
    int is_text = !strcmp(field->source->text, "text");
    for (int i = 0; i < call->call.args.len; i++) {
        const Ast *item = call->call.args.data[i];
        if (item->kind == AST_NAMED && is_text && !strcmp(item->named.name.symbol->text, "unit")) continue;
        if (item->kind == AST_NAMED) {
            check_error(cx, item->span, E_NO_PARAMETER, "the source `%s` has no parameter `%s`", field->source->text,
                        item->named.name.symbol->text);
            return 0;
        }
        const Tx *value = settle(cx, check_expression(cx, call->call.args.data[i], NULL));
        if (is_error(value)) return 0;
        vec_push(cx->arena, &field->arguments, value);
    }
    return is_text ? text_field(cx, ast, field) : 1;
}

static int expression_field(Checker *cx, const Ast *ast, TDataField *field) {
    const Tx *value = settle(cx, check_expression(cx, ast->declare.value, NULL));
    if (is_error(value)) return 0;
    const Type *declared = field->type;
    if (value->type->kind != TY_TENSOR || !value->type->rank) {
        check_error(cx, value->span, E_DATA_FIELD,
                    "the data of a field is a tensor with its records along the first axis; this is %s",
                    type_shown(cx, value->type));
        return 0;
    }
    Axis axes[64];
    axes[0] = value->type->axes[0];
    for (int i = 0; i < declared->rank; i++) axes[i + 1] = declared->axes[i];
    Type *whole = type_copy(cx, type_tensor(cx, declared->dtype, declared->rank + 1, axes));
    whole->index_bound = declared->index_bound;
    const Tx *fit =
        coerce(cx, value, whole,
               arena_printf(cx->arena, "the data of `%s`, records first,", field->name->text));
    field->value = fit;
    return !is_error(fit);
}

static int is_text_source(const Ast *ast) {
    return !strcmp(ast_ungroup(ast_ungroup(ast->declare.value)->call.callee)->name->text, "text");
}

/* To bind an alphabet is not to use it. */
static const Type *field_type(Checker *cx, const Ast *ast, const TAlphabet *alphabet) {
    Binding *b = alphabet ? map_get(&cx->file_scope->names, alphabet->name) : NULL;
    int before = b ? b->use_count : 0;
    const Type *type = check_type(cx, ast->declare.type);
    if (b) b->use_count = before;
    return type;
}

static int data_field(Checker *cx, const Ast *ast, TDataPart *part) {
    TDataField field = {.name = ast->declare.name.symbol, .span = ast->span};
    for (int i = 0; i < part->fields.len; i++)
        if (part->fields.data[i].name == field.name) {
            check_error(cx, ast->declare.name.span, E_DUPLICATE_NAME,
                        "the field `%s` is declared twice", field.name->text);
            return 0;
        }
    if (!ast->declare.type || !ast->declare.value) {
        check_error(cx, ast->span, E_DATA_FIELD, "a field is `name: type from source`");
        return 0;
    }
    if (is_capitalised(field.name)) {
        check_error(cx, ast->declare.name.span, E_NAME_CASE,
                    "`%s` names a field and must begin with a small letter", field.name->text);
        return 0;
    }
    int has_source = is_source(cx, ast_ungroup(ast->declare.value));
    if (has_source && !is_known_source(cx, ast)) return 0;
    if (has_source && is_text_source(ast)) {
        field.alphabet = field_alphabet(cx, ast);
        if (!field.alphabet) return 0;
    }
    field.type = field_type(cx, ast, field.alphabet);
    if (is_error_type(field.type)) return 0;
    if (field.type->kind != TY_TENSOR || has_pack(field.type) ||
        field.type->element != ELEMENT_FIXED) {
        check_error(cx, ast->declare.type->span, E_DATA_FIELD,
                    "a field has the element type and shape of one record");
        return 0;
    }
    int is_good = has_source
                      ? source_field(cx, ast, &field)
                      : expression_field(cx, ast, &field);
    if (is_good) vec_push(cx->arena, &part->fields, field);
    return is_good;
}

/* The number of records: of an expression its first axis, else a size that only the data knows, which prints as the
 * user would ask for it. */
static const Dim *part_rows(Checker *cx, const TDataPart *part, const Symbol *set) {
    for (int i = 0; i < part->fields.len; i++)
        if (part->fields.data[i].value) return part->fields.data[i].value->type->axes[0].dim;
    DimName *rows = dim_new_name(&cx->session->dims, symbol_printf(&cx->session->symbols, "size(%s%s%s)", set->text,
                                                         part->name ? "." : "", part->name ? part->name->text : ""));
    rows->is_runtime = 1; /* known when the data is opened */
    return dim_named(&cx->session->dims, rows);
}

static const Type *part_type(Checker *cx, const TDataPart *fields_of, const Dim *rows, Span span) {
    TypeField *fields = arena_array(cx->arena, TypeField, fields_of->fields.len);
    TDataField **declared = arena_array(cx->arena, TDataField *, fields_of->fields.len);
    for (int i = 0; i < fields_of->fields.len; i++) {
        const TDataField *field = &fields_of->fields.data[i];
        Axis axes[64];
        axes[0] = (Axis){.dim = rows, .why = origin_new(cx, ORIGIN_DATA, span, NULL)};
        for (int k = 0; k < field->type->rank; k++) axes[k + 1] = field->type->axes[k];
        Type *type =
            type_copy(cx, type_tensor(cx, field->type->dtype, field->type->rank + 1, axes));
        type->index_bound = field->type->index_bound;
        fields[i] = (TypeField){field->name, type};
        declared[i] = (TDataField *)(uintptr_t)field;
    }
    Type *record = type_copy(cx, type_list(cx, TY_RECORD, fields, fields_of->fields.len));
    record->rows = rows;
    record->data = declared;
    return record;
}

/* All records of one field list have one count. */
static void check_rows(Checker *cx, const TDataPart *part) {
    const TDataField *first = NULL;
    for (int i = 0; i < part->fields.len; i++) {
        const TDataField *field = &part->fields.data[i];
        if (!field->value) continue;
        if (!first) first = field;
        const Dim *a = first->value->type->axes[0].dim, *b = field->value->type->axes[0].dim;
        if (compare_dims(cx, a, b) != DIM_DIFFERENT) continue;
        Diag *diag =
            check_error(cx, field->span, E_DATA_ROWS, "the field `%s` has %s records, `%s` has %s",
                        field->name->text, dim_shown(cx, b), first->name->text, dim_shown(cx, a));
        check_label(cx, diag, first->span, "%s records here", dim_shown(cx, a));
    }
}

static void data_let(Checker *cx, TData *data, const Ast *ast) {
    TBlock block = {0};
    check_statement(cx, ast, &block);
    for (int i = 0; i < block.statements.len; i++)
        vec_push(cx->arena, &data->lets, block.statements.data[i]);
}

static void data_split(Checker *cx, TData *data, const Ast *ast) {
    double total = 0;
    for (int i = 0; i < ast->items.len; i++) {
        const Ast *item = ast->items.data[i];
        const Tx *value = check_expression(cx, item->named.value, type_scalar(cx, DT_F32));
        if (is_error(value)) return;
        if (value->kind != T_NUMBER || !value->type->is_literal) {
            check_error(cx, item->span, E_SPLIT, "the share of a part is a number between 0 and 1");
            return;
        }
        double share = dtype_is_float(value->type->dtype) ? value->real : (double)value->integer;
        if (!(share > 0 && share <= 1)) {
            check_error(cx, item->span, E_SPLIT, "the share of `%s` is %g; it lies between 0 and 1",
                        item->named.name.symbol->text, share);
            return;
        }
        for (int k = 0; k < data->parts.len; k++)
            if (data->parts.data[k].name == item->named.name.symbol)
                check_error(cx, item->span, E_DUPLICATE_NAME, "the part `%s` is declared twice",
                            item->named.name.symbol->text);
        total += share;
        vec_push(cx->arena, &data->parts,
                 ((TDataPart){.name = item->named.name.symbol, .fraction = share}));
    }
    if (total > 1 + 1e-9)
        check_error(cx, ast->span, E_SPLIT, "the parts add up to %g, more than the whole", total);
}

static void data_setting(Checker *cx, TData *data, const Ast *ast) {
    const Ast *target = ast->assign.targets.data[0];
    if (target->kind != AST_NAME || strcmp(target->name->text, "shuffle") != 0) {
        Diag *diag =
            check_error(cx, ast->span, E_DATA_FIELD, "a data block has one setting, `shuffle`");
        check_fix(cx, diag, "a field is `name: type from source`");
        return;
    }
    const Tx *value = check_expression(cx, ast->assign.value, NULL);
    if (is_error(value)) return;
    if (value->kind != T_NUMBER || dtype_is_float(value->type->dtype) ||
        value->type->dtype == DT_BOOL) {
        check_error(cx, value->span, E_DATA_FIELD,
                    "`shuffle` is the seed of the order: a whole number");
        return;
    }
    data->has_shuffle = 1;
    data->shuffle = value->integer;
}

static void data_statement(Checker *cx, TData *data, TDataPart *whole, const Ast *ast) {
    switch ((int)ast->kind) {
    case AST_ERROR: return;
    case AST_LET: data_let(cx, data, ast); return;
    case AST_SOURCE: data_field(cx, ast, whole); return;
    case AST_SPLIT: data_split(cx, data, ast); return;
    case AST_ASSIGN: data_setting(cx, data, ast); return;
    case AST_PART:
    case AST_TEST:
    case AST_TRAIN: {
        TDataPart part = {.name = ast->kind == AST_TRAIN ? symbol(&cx->session->symbols, "train")
                                                         : ast->section.name.symbol};
        const Ast *body = ast->kind == AST_TRAIN ? ast->train.body : ast->section.body;
        for (int i = 0; i < body->statements.len; i++) {
            const Ast *field = body->statements.data[i];
            if (field->kind == AST_SOURCE) data_field(cx, field, &part);
            else if (field->kind == AST_LET) data_let(cx, data, field);
            else if (field->kind != AST_ERROR)
                check_error(cx, field->span, E_PLACE, "a part holds fields");
        }
        check_rows(cx, &part);
        part.type = part_type(cx, &part, part_rows(cx, &part, data->name), ast->span);
        vec_push(cx->arena, &data->parts, part);
        return;
    }
    default:
        check_error(cx, ast->span, E_PLACE,
                    "a data block holds fields, parts, `let`, `split` and `shuffle`");
    }
}

TData *check_data(Checker *cx, Declared *d) {
    if (d->data) return d->data;
    int before = cx->session->diags.error_count;
    TData *data = arena_new(cx->arena, TData);
    d->data = data;
    *data = (TData){.name = d->name, .span = d->ast->span};
    Body body = {.kind = BODY_DATA, .declared = d};
    Outside outside = body_enter(cx, &body, home_scope(cx, d));
    TDataPart whole = {0};
    const AstList *list = &d->ast->section.body->statements;
    for (int i = 0; i < list->len; i++) data_statement(cx, data, &whole, list->data[i]);
    check_rows(cx, &whole);
    for (int i = 0; i < data->parts.len; i++) { /* parts by split have the fields of the whole */
        TDataPart *part = &data->parts.data[i];
        if (part->fraction > 0)
            part->type = part_type(cx, &whole, part_rows(cx, &(TDataPart){.name = part->name}, data->name), d->ast->span);
    }
    int has_split = 0;
    for (int i = 0; i < data->parts.len; i++) has_split |= data->parts.data[i].fraction > 0;
    if (has_split && !whole.fields.len && cx->session->diags.error_count == before)
        check_error(cx, d->ast->span, E_SPLIT,
                    "there is nothing to split: `%s` has no fields of its own", d->name->text);
    if (whole.fields.len) {
        whole.type = part_type(cx, &whole, part_rows(cx, &whole, data->name), d->ast->span);
        vec_push(cx->arena, &data->parts, whole);
        for (int i = data->parts.len - 1; i > 0; i--) data->parts.data[i] = data->parts.data[i - 1];
        data->parts.data[0] = whole;
    }
    if (!data->parts.len && cx->session->diags.error_count == before)
        check_error(cx, d->ast->span, E_DATA_FIELD, "`%s` has no fields", d->name->text);
    body_leave(cx, outside);
    d->is_broken = cx->session->diags.error_count > before;
    if (!d->is_broken) vec_push(cx->arena, &cx->program->data, data);
    return data;
}

const Type *data_type(Checker *cx, const TData *data, const Symbol *part) {
    for (int i = 0; i < data->parts.len; i++)
        if (data->parts.data[i].name == part && data->parts.data[i].type)
            return data->parts.data[i].type;
    return type_error(cx);
}
