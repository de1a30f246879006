/* Expressions: every kind of AST node that gives a value becomes a Tx with its type. */
#include "lang/check_expression.h"
#include "lang/check_program.h"
#include "lang/check_record.h"

#include <math.h>
#include <string.h>

enum { CHECK_MAX_DEPTH = AST_MAX_DEPTH + 500 };

/* ---- names ---------------------------------------------------------------------------------- */

static const Tx *number_tx(Checker *cx, double value, Span span) {
    Tx *tx = tx_new(cx, T_NUMBER, type_literal(cx, DT_F32), span);
    tx->real = value;
    return tx;
}

static const Tx *bool_tx(Checker *cx, int value, Span span) {
    Tx *tx = tx_new(cx, T_NUMBER, type_scalar(cx, DT_BOOL), span);
    tx->integer = value;
    return tx;
}

static const Tx *string_tx(Checker *cx, const Symbol *text, Span span) {
    Tx *tx = tx_new(cx, T_STRING, type_string(cx), span);
    tx->text = text;
    return tx;
}

static const Tx *option_tx(Checker *cx, Declared *d, Span span) {
    TOption *option = d->option;
    if (!option) return tx_error(cx, span);
    note_option(cx, d);
    switch (option->kind) {
    case OPTION_F32: {
        Tx *tx = tx_new(cx, T_OPTION, type_scalar(cx, DT_F32), span);
        tx->option = option;
        return tx;
    }
    case OPTION_I64:
    case OPTION_DIM: return tx_integer(cx, option->integer, span);
    case OPTION_BOOL: return bool_tx(cx, (int)option->integer, span);
    case OPTION_STRING: return string_tx(cx, option->text, span);
    }
    return tx_error(cx, span);
}

static const Tx *data_tx(Checker *cx, Declared *d, const Symbol *part, Span span) {
    TData *data = check_data(cx, d);
    const Type *type = data ? data_type(cx, data, part) : type_error(cx);
    if (d->is_broken || is_error_type(type)) return tx_error(cx, span);
    Tx *tx = tx_new(cx, T_DATA, type, span);
    tx->data = data;
    tx->name = part;
    tx->is_pure = 0;
    return tx;
}

static int is_data(const Binding *b) {
    return b && b->kind == BIND_DECLARED && b->declared->ast->kind == AST_DATA;
}

static const Tx *declared_value(Checker *cx, Declared *d, const Ast *ast, const Type *wanted) {
    check_declared(cx, d);
    d->use_count++;
    switch ((int)d->ast->kind) {
    case AST_DIM: return d->dim ? tx_dim(cx, d->dim, ast->span) : tx_error(cx, ast->span);
    case AST_OPTION: return option_tx(cx, d, ast->span);
    case AST_DATA: {
        TData *data = check_data(cx, d);
        if (data && data->parts.len && data->parts.data[0].name) {
            check_error(cx, ast->span, E_DATA_PART,
                        "the data set `%s` has parts only; name one: %s.%s", d->name->text,
                        d->name->text, data->parts.data[0].name->text);
            return tx_error(cx, ast->span);
        }
        return data_tx(cx, d, NULL, ast->span);
    }
    case AST_TYPE:
        check_error(cx, ast->span, E_NOT_A_VALUE, "`%s` is a type, and a value is wanted",
                    d->name->text);
        return tx_error(cx, ast->span);
    default: {
        Callable *callable = check_callable(cx, ast);
        return callable ? callable_value(cx, callable, ast->span, wanted) : tx_error(cx, ast->span);
    }
    }
}

static const Tx *constant_name(Checker *cx, const Ast *ast) {
    static const struct {
        const char *name;
        double real;
        int64_t integer;
    } constants[] = {{"pi", 3.14159265358979323846, 0},
                     {"inf", INFINITY, 0},
                     {"KiB", 0, 1 << 10},
                     {"MiB", 0, 1 << 20},
                     {"GiB", 0, 1 << 30}};
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (!strcmp(constants[i].name, ast->name->text))
            return constants[i].integer ? tx_integer(cx, constants[i].integer, ast->span)
                                        : number_tx(cx, constants[i].real, ast->span);
    return NULL;
}

static const Tx *check_name(Checker *cx, const Ast *ast, const Type *wanted) {
    const Binding *b = scope_find(cx, ast->name);
    if (!b) {
        if (!strcmp(ast->name->text, "training"))
            return cx->body->training < 0 ? tx_error(cx, ast->span)
                                          : bool_tx(cx, cx->body->training, ast->span);
        const Tx *constant = constant_name(cx, ast);
        if (constant) return constant;
        unknown_name(cx, (AstName){ast->name, ast->span},
                     is_capitalised(ast->name) ? "layer or dimension" : "name");
        return tx_error(cx, ast->span);
    }
    switch (b->kind) {
    case BIND_ERROR: return tx_error(cx, ast->span);
    case BIND_VALUE: {
        if (is_error(b->tx) || !check_outside(cx, b->tx, ast->span)) return tx_error(cx, ast->span);
        Tx *tx = arena_new(cx->arena, Tx);
        *tx = *b->tx;
        tx->span = ast->span;
        return tx;
    }
    case BIND_DIM: return tx_dim(cx, b->dim, ast->span);
    case BIND_FLAG:
        return b->number < 0 ? tx_error(cx, ast->span) : bool_tx(cx, (int)b->number, ast->span);
    case BIND_AXIS:
        return b->number == INT64_MIN ? tx_error(cx, ast->span)
                                      : tx_integer(cx, b->number, ast->span);
    case BIND_TEXT: return b->text ? string_tx(cx, b->text, ast->span) : tx_error(cx, ast->span);
    case BIND_DECLARED: return declared_value(cx, b->declared, ast, wanted);
    case BIND_AXES:
        check_error(cx, ast->span, E_NOT_A_VALUE,
                    "`%s` is a list of axes: it stands in the brackets of a reduction",
                    ast->name->text);
        return tx_error(cx, ast->span);
    case BIND_PACK:
        check_error(cx, ast->span, E_NOT_A_VALUE,
                    "`%s` is a pack of dimensions: %s[0], prod(%s), rank(%s)", ast->name->text,
                    ast->name->text, ast->name->text, ast->name->text);
        return tx_error(cx, ast->span);
    case BIND_MODULE:
        check_error(cx, ast->span, E_NOT_A_VALUE, "`%s` is an import: write %s.NAME", ast->name->text, ast->name->text);
        return tx_error(cx, ast->span);
    case BIND_CALLABLE:
    case BIND_PRIMITIVE:
    case BIND_PROCEDURE: {
        Callable *callable = check_callable(cx, ast);
        return callable ? callable_value(cx, callable, ast->span, wanted) : tx_error(cx, ast->span);
    }
    }
    return tx_error(cx, ast->span);
}

/* ---- fields --------------------------------------------------------------------------------- */

static void no_field(Checker *cx, AstName name, const char *of, const char *const *names,
                     int count) {
    Diag *diag = check_error(cx, name.span, E_NO_FIELD, "%s has no `%s`", of, name.symbol->text);
    if (!diag) return;
    Text list = text_new(cx->arena);
    for (int i = 0; i < count; i++) {
        text_printf(&list, "%s%s", i ? ", " : "", names[i]);
        if (edit_distance(names[i], name.symbol->text, 2) <= 2 && name.symbol->len > 2)
            diag_fix_edit(&cx->session->diags, diag, name.span, names[i], "did you mean `%s`?",
                          names[i]);
    }
    if (count) check_note(cx, diag, "it has %s", text_str(&list));
}

static const Tx *instance_field(Checker *cx, const Tx *of, AstName name, Span span) {
    const Layout *layout = of->type->layout;
    const Built *built = of->type->function;
    if (!record_is_known(cx, of)) return tx_error(cx, span);
    const Tx *found = record_weight(cx, of, name.symbol, span);
    if (!found) found = record_part(cx, of, name.symbol, span);
    if (found) return found;
    if (built && built->declared->is_broken) return tx_error(cx, span);
    int count = layout->weights.len + layout->parts.len;
    const char **names = arena_array(cx->arena, const char *, count);
    for (int i = 0; i < layout->weights.len; i++) names[i] = layout->weights.data[i]->name->text;
    for (int i = 0; i < layout->parts.len; i++)
        names[layout->weights.len + i] = layout->parts.data[i].name->text;
    no_field(cx, name, arena_printf(cx->arena, "`%s`", layout->layer->text), names, count);
    return tx_error(cx, span);
}

const Tx *check_field(Checker *cx, const Tx *of, AstName name, Span span) {
    if (is_error(of)) return tx_error(cx, span);
    if (of->type->kind == TY_INSTANCE) return instance_field(cx, of, name, span);
    if (of->type->kind != TY_RECORD) {
        Diag *diag = check_error(cx, name.span, E_NO_FIELD, "%s has no fields", type_shown(cx, of->type));
        if (of->type->kind != TY_TENSOR) return tx_error(cx, span);
        const Binding *function = scope_find(cx, name.symbol);
        int is_function = function && (function->kind == BIND_PRIMITIVE || function->kind == BIND_DECLARED);
        if (is_function) check_note(cx, diag, "functions stand in front: %s(x), or x |> %s", name.symbol->text, name.symbol->text);
        else check_note(cx, diag, "its sizes are those of its type; a function names the ones it needs: fn f(x: f32[N, M])");
        return tx_error(cx, span);
    }
    const char **names = arena_array(cx->arena, const char *, of->type->count);
    for (int i = 0; i < of->type->count; i++) {
        names[i] = of->type->fields[i].name->text;
        if (of->type->fields[i].name != name.symbol) continue;
        Tx *tx = tx_new(cx, T_FIELD, of->type->fields[i].type, span);
        tx_add(cx, tx, of);
        tx->name = name.symbol;
        tx->is_pure = 0;
        note_data_field(of->type, i);
        return tx;
    }
    no_field(cx, name, "this record", names, of->type->count);
    return tx_error(cx, span);
}

static const Tx *data_part(Checker *cx, Declared *d, const Ast *ast) {
    d->use_count++;
    TData *data = check_data(cx, d);
    if (!data || d->is_broken) return tx_error(cx, ast->span);
    AstName name = ast->field.name;
    const char **names = arena_array(cx->arena, const char *, data->parts.len);
    int count = 0;
    for (int i = 0; i < data->parts.len; i++) {
        if (data->parts.data[i].name == name.symbol) return data_tx(cx, d, name.symbol, ast->span);
        if (data->parts.data[i].name) names[count++] = data->parts.data[i].name->text;
    }
    if (data->parts.len && !data->parts.data[0].name) {
        const Type *whole = data_type(cx, data, NULL);
        for (int i = 0; i < whole->count; i++)
            if (whole->fields[i].name == name.symbol)
                return check_field(cx, data_tx(cx, d, NULL, ast->span), name, ast->span);
    }
    Diag *diag =
        check_error(cx, name.span, E_NO_PART, "the data set `%s` has no part or field `%s`",
                    d->name->text, name.symbol->text);
    for (int i = 0; i < count; i++)
        if (edit_distance(names[i], name.symbol->text, 2) <= 2)
            check_fix_edit(cx, diag, name.span, names[i], "did you mean `%s`?", names[i]);
    Text list = text_new(cx->arena);
    for (int i = 0; i < count; i++) text_printf(&list, "%s%s", i ? ", " : "", names[i]);
    if (count) check_note(cx, diag, "its parts are %s", text_str(&list));
    return tx_error(cx, ast->span);
}

static const Tx *check_field_ast(Checker *cx, const Ast *ast, const Type *wanted) {
    const Ast *of = ast_ungroup(ast->field.of);
    if (is_module_member(cx, ast)) {
        Declared *d = module_member(cx, ast);
        return d ? declared_value(cx, d, ast, wanted) : tx_error(cx, ast->span);
    }
    if (is_module_member(cx, of)) {
        Declared *d = module_member(cx, of);
        if (d && d->ast->kind == AST_DATA) return data_part(cx, d, ast);
        if (!d) return tx_error(cx, ast->span);
    }
    if (of->kind == AST_NAME) {
        const Binding *b = scope_find(cx, of->name);
        if (is_data(b)) return data_part(cx, b->declared, ast);
    }
    return check_field(cx, check_expression(cx, of, NULL), ast->field.name, ast->span);
}

/* ---- operators ------------------------------------------------------------------------------ */

static PrimitiveKind primitive_of(AstOperator op) {
    static const PrimitiveKind kinds[AST_OPERATOR_COUNT] = {[AST_ADD] = PRIM_ADD,
                                                            [AST_SUB] = PRIM_SUB,
                                                            [AST_MUL] = PRIM_MUL,
                                                            [AST_DIV] = PRIM_DIV,
                                                            [AST_FLOOR_DIV] = PRIM_FLOOR_DIV,
                                                            [AST_MOD] = PRIM_MOD,
                                                            [AST_POW] = PRIM_POWER,
                                                            [AST_MATMUL] = PRIM_MATMUL,
                                                            [AST_EQUAL] = PRIM_EQ,
                                                            [AST_NOT_EQUAL] = PRIM_NE,
                                                            [AST_LESS] = PRIM_LT,
                                                            [AST_LESS_EQUAL] = PRIM_LE,
                                                            [AST_GREATER] = PRIM_GT,
                                                            [AST_GREATER_EQUAL] = PRIM_GE,
                                                            [AST_AND] = PRIM_AND,
                                                            [AST_OR] = PRIM_OR,
                                                            [AST_NEGATE] = PRIM_NEG,
                                                            [AST_NOT] = PRIM_NOT};
    return kinds[op];
}

static const Tx *check_unary(Checker *cx, const Ast *ast, const Type *wanted) {
    const Tx *operand =
        check_expression(cx, ast->unary.operand, ast->unary.op == AST_NEGATE ? wanted : NULL);
    PrimitiveCall primitive = {
        .kind = primitive_of(ast->unary.op), .span = ast->span, .args = &operand, .arg_count = 1};
    return check_primitive(cx, &primitive);
}

static const Tx *check_binary_ast(Checker *cx, const Ast *ast, const Type *wanted) {
    /* what is wanted reaches the operands only as an element type: their shapes may stretch */
    const Type *inner = wanted && wanted->kind == TY_TENSOR && dtype_is_float(wanted->dtype)
                            ? type_scalar(cx, wanted->dtype)
                            : NULL;
    (void)inner;
    const Tx *a = check_expression(cx, ast->binary.left, NULL),
             *b = check_expression(cx, ast->binary.right, NULL);
    cx->operands[0] = a;
    cx->operands[1] = b;
    cx->operator_span = ast->binary.op_span;
    const Tx *tx = check_binary(cx, primitive_of(ast->binary.op), a, b, ast->span);
    cx->operands[0] = cx->operands[1] = NULL;
    return tx;
}

/* ---- lists, tuples, strings ----------------------------------------------------------------- */

static const Tx *check_tuple(Checker *cx, const Ast *ast, const Type *wanted) {
    TypeField *fields = arena_array(cx->arena, TypeField, ast->items.len);
    Tx *tx = tx_new(cx, T_TUPLE, NULL, ast->span);
    int is_bad = 0;
    for (int i = 0; i < ast->items.len; i++) { /* all of them: names in the others are used */
        const Type *item =
            wanted && wanted->kind == TY_TUPLE && i < wanted->count ? wanted->fields[i].type : NULL;
        const Tx *value = check_expression(cx, ast->items.data[i], item);
        if (item) value = coerce(cx, value, item, "this item");
        else value = settle(cx, value);
        is_bad |= is_error(value);
        fields[i].type = value->type;
        tx_add(cx, tx, value);
    }
    if (is_bad) return tx_error(cx, ast->span);
    tx->type = type_list(cx, TY_TUPLE, fields, ast->items.len);
    return tx;
}

static const Tx *check_list(Checker *cx, const Ast *ast, const Type *wanted) {
    if (!ast->items.len) {
        check_error(cx, ast->span, E_NO_TYPE, "an empty list has no type");
        return tx_error(cx, ast->span);
    }
    const Tx **args = arena_array(cx->arena, const Tx *, ast->items.len);
    const Type *row = wanted && wanted->kind == TY_TENSOR && wanted->rank
                          ? type_tensor(cx, wanted->dtype, wanted->rank - 1, wanted->axes + 1)
                          : NULL;
    for (int i = 0; i < ast->items.len; i++)
        args[i] = check_expression(cx, ast->items.data[i], row);
    PrimitiveCall primitive = {.kind = PRIM_TENSOR,
                               .span = ast->span,
                               .args = args,
                               .arg_count = ast->items.len,
                               .wanted = wanted};
    return check_primitive(cx, &primitive);
}

static const Tx *check_string(Checker *cx, const Ast *ast) {
    if (ast->string.parts.len == 1)
        return string_tx(cx, symbol(&cx->session->symbols, ast->string.parts.data[0].text),
                         ast->span);
    Tx *tx = tx_new(cx, T_FORMAT, type_string(cx), ast->span);
    tx->is_pure = 0;
    int is_bad = 0;
    for (int i = 0; i < ast->string.parts.len; i++) {
        const AstStringPart *part = &ast->string.parts.data[i];
        const Tx *value = part->value ? settle(cx, check_expression(cx, part->value, NULL)) : NULL;
        if (value && value->type->kind == TY_UNIT) {
            check_error(cx, value->span, E_NO_VALUE, "this has no value");
            is_bad = 1;
        }
        if (value && is_error(value)) is_bad = 1;
        if (value) note_shown(cx, value);
        vec_push(cx->arena, &tx->parts, ((FormatPart){part->text, value, part->digits}));
    }
    return is_bad ? tx_error(cx, ast->span) : tx;
}

/* ---- calls ---------------------------------------------------------------------------------- */

static const char *callee_kind(const Ast *callee) {
    return callee->kind == AST_NAME && is_capitalised(callee->name) ? "layer" : "function";
}

/* The callee, or NULL after a diagnostic. */
static Callable *expect_callable(Checker *cx, const Ast *ast) {
    int before = cx->session->diags.error_count;
    Callable *callee = check_callable(cx, ast);
    if (callee) return callee->kind == CALL_ERROR ? NULL : callee;
    if (cx->session->diags.error_count > before) return NULL;
    const Ast *name = ast_ungroup(ast);
    if (name->kind == AST_INDEX) name = ast_ungroup(name->index.of);
    if (name->kind == AST_NAME && !scope_find(cx, name->name)) {
        if (strcmp(name->name->text, "training") != 0)
            unknown_name(cx, (AstName){name->name, name->span}, callee_kind(name));
        return NULL;
    }
    const Tx *value = check_expression(cx, ast, NULL);
    if (is_error(value)) return NULL;
    if (is_record(value)) return record_callable(cx, value, ast->span);
    Diag *diag = check_error(cx, ast->span, E_NOT_CALLABLE, "this is %s, which cannot be called",
                             type_shown(cx, value->type));
    if (value->type->kind == TY_TENSOR)
        check_note(cx, diag, "a tensor is indexed with brackets: x[i]");
    return NULL;
}

static Argument check_argument(Checker *cx, const Ast *item) {
    if (item->kind == AST_NAMED)
        return (Argument){check_expression(cx, item->named.value, NULL), item->named.name.symbol,
                          item->span};
    return (Argument){check_expression(cx, item, NULL), NULL, item->span};
}

static const Tx *check_call(Checker *cx, const Ast *ast, const Type *wanted) {
    const Dim *size = dim_expression(cx, ast); /* prod(S), rank(S) */
    if (size) return tx_dim(cx, size, ast->span);
    const Ast *name = ast_ungroup(ast->call.callee);
    if (name->kind == AST_NAME && !strcmp(name->name->text, "grad") && !scope_find(cx, name->name))
        return check_gradient(cx, ast);
    const Tx *of_alphabet = check_alphabet_call(cx, ast);
    if (of_alphabet) return of_alphabet;
    const Tx *asserted = check_assert_gradient(cx, ast);
    if (asserted) return asserted;
    Callable *callee = expect_callable(cx, ast->call.callee);
    Argument *args = arena_array(cx->arena, Argument, ast->call.args.len);
    for (int i = 0; i < ast->call.args.len; i++)
        args[i] = check_argument(cx, ast->call.args.data[i]);
    return callee ? call(cx, callee, args, ast->call.args.len, ast->span, wanted)
                  : tx_error(cx, ast->span);
}

static const Tx *check_pipe(Checker *cx, const Ast *ast, const Type *wanted) {
    const Ast *head = ast_ungroup(ast->pipe.left);
    cx->quiet++;
    Callable *function = head->kind == AST_CALL ? NULL : check_callable(cx, head);
    int is_value = !function || function->kind == CALL_ERROR;
    if (function && function->kind == CALL_DECLARED && function->declared->ast->kind == AST_FN) {
        is_value = 1; /* a creation function: its value goes in */
        for (int i = 0; i < function->declared->ast->function.inputs.len; i++)
            if (!function->declared->ast->function.inputs.data[i]->declare.value) is_value = 0;
    }
    cx->quiet--;
    if (!is_value && function->kind != CALL_CONVERT) {
        Diag *diag =
            check_error(cx, ast->span, E_NOT_A_VALUE,
                        "this pipe begins with a function, so it is one, and a value is wanted");
        check_fix(cx, diag, "begin with a value: x |> ...");
        return tx_error(cx, ast->span);
    }
    const Tx *left = check_expression(cx, ast->pipe.left, NULL);
    const Ast *left_ast = ast_ungroup(ast->pipe.left);
    const Ast *right = ast_ungroup(ast->pipe.right);
    const AstList none = {0}, *list = &none;
    if (right->kind == AST_CALL) {
        list = &right->call.args;
        right = right->call.callee;
    }
    Callable *callee = expect_callable(cx, right);
    Argument *args = arena_array(cx->arena, Argument, list->len + 1);
    args[0] = (Argument){left, NULL, ast->pipe.left->span};
    for (int i = 0; i < list->len; i++) args[i + 1] = check_argument(cx, list->data[i]);
    if (!callee) return tx_error(cx, ast->span);
    if (ast->pipe.as.symbol) {
        Callable *named = arena_new(cx->arena, Callable);
        *named = *callee;
        named->as = ast->pipe.as.symbol;
        callee = named;
    }
    if (left_ast->kind != AST_PIPE) note_stage(cx, left, left_ast);
    Span *place = arena_new(cx->arena, Span);
    *place = right->span;
    map_set(cx->arena, &cx->piped, left, place);
    int before = cx->session->diags.list.len;
    const Tx *tx = call(cx, callee, args, list->len + 1, right->span, wanted);
    if (cx->session->diags.list.len > before) label_stages(cx, ast, before);
    note_stage(cx, tx, ast);
    return tx;
}

/* The nearest meaning of the name is a tensor: `mean[_, new]` of a `state mean` is no call of the library's. */
static int names_tensor(Checker *cx, const Ast *ast) {
    const Binding *b = ast->kind == AST_NAME ? scope_find(cx, ast->name) : NULL;
    return b && b->kind == BIND_VALUE && b->tx->type->kind != TY_INSTANCE;
}

static const Tx *check_index_ast(Checker *cx, const Ast *ast, const Type *wanted) {
    const Dim *size = dim_expression(cx, ast); /* S[0] */
    if (size) return tx_dim(cx, size, ast->span);
    const Ast *of = ast_ungroup(ast->index.of);
    if (names_tensor(cx, of)) return check_limits(cx, check_indexing(cx, ast, check_expression(cx, of, NULL)));
    int before = cx->session->diags.error_count;
    int is_named = of->kind == AST_NAME || of->kind == AST_FIELD;
    if (of->kind == AST_INDEX) { /* a copy of a copy */
        cx->quiet++;
        const Callable *outer = check_callable(cx, of);
        cx->quiet--;
        is_named = outer && outer->kind == CALL_INSTANCE;
    }
    Callable *callee = is_named ? check_callable(cx, ast) : NULL;
    if (cx->session->diags.error_count > before) return tx_error(cx, ast->span);
    if (callee) return callable_value(cx, callee, ast->span, wanted);
    return check_limits(cx, check_indexing(cx, ast, check_expression(cx, of, NULL)));
}

/* ---- entry ---------------------------------------------------------------------------------- */

static const Tx *expression_of_kind(Checker *cx, const Ast *ast, const Type *wanted) {
    switch (ast->kind) {
    case AST_ERROR: return tx_error(cx, ast->span);
    case AST_NAME: return check_name(cx, ast, wanted);
    case AST_INTEGER: return tx_integer(cx, ast->integer, ast->span);
    case AST_REAL: return number_tx(cx, ast->real, ast->span);
    case AST_BOOL: return bool_tx(cx, ast->boolean, ast->span);
    case AST_STRING: return check_string(cx, ast);
    case AST_UNARY: return check_unary(cx, ast, wanted);
    case AST_BINARY: return check_binary_ast(cx, ast, wanted);
    case AST_GROUP: return check_expression(cx, ast->inner, wanted);
    case AST_TUPLE: return check_tuple(cx, ast, wanted);
    case AST_LIST: return check_list(cx, ast, wanted);
    case AST_FIELD: {
        cx->quiet++;
        Callable *member = check_callable(cx, ast);
        cx->quiet--;
        if (member && member->kind == CALL_MEMBER)
            return callable_value(cx, member, ast->span, wanted);
        return check_field_ast(cx, ast, wanted);
    }
    case AST_INDEX: return check_index_ast(cx, ast, wanted);
    case AST_CALL: return check_call(cx, ast, wanted);
    case AST_PIPE: return check_pipe(cx, ast, wanted);
    case AST_IF: return check_if(cx, ast, wanted, 1);
    case AST_FOR: return check_for(cx, ast, NULL, 1);
    case AST_BLOCK: {
        const TBlock *block = check_block(cx, ast, wanted, 1);
        Tx *tx = tx_new(cx, T_BLOCK, block_type(cx, block), ast->span);
        tx->block = block;
        return tx;
    }
    case AST_TRAIN: return check_train(cx, ast);
    case AST_REPEAT: return check_repeat(cx, ast, NULL, 1);
    case AST_WHILE: {
        Diag *diag = check_error(cx, ast->span, E_NO_VALUE, "a `while` has no value");
        check_fix(cx, diag, "a `var` that its turns change has one behind it");
        return tx_error(cx, ast->span);
    }
    case AST_HOLE:
        check_error(cx, ast->span, E_NOT_A_VALUE, "`_` is no value");
        return tx_error(cx, ast->span);
    case AST_EVERY_LEVEL:
        check_error(cx, ast->span, E_NOT_A_VALUE, "`.*` belongs behind `over`");
        return tx_error(cx, ast->span);
    case AST_RANGE:
        check_error(cx, ast->span, E_NOT_A_VALUE, "a range stands behind `in` or in brackets");
        return tx_error(cx, ast->span);
    case AST_REST:
    case AST_NEW:
        check_error(cx, ast->span, E_NOT_A_VALUE, "`..` and `new` stand in brackets");
        return tx_error(cx, ast->span);
    case AST_NAMED: return check_expression(cx, ast->named.value, wanted);
    case AST_SIGNATURE:
    case AST_INPUT:
    case AST_LET:
    case AST_ASSIGN:
    case AST_YIELD:
    case AST_BREAK:
    case AST_CONTINUE:
    case AST_MINIMIZE:
    case AST_REPORT:
    case AST_DIM:
    case AST_OPTION:
    case AST_TYPE:
    case AST_PARAM:
    case AST_STATE:
    case AST_SOURCE:
    case AST_SPLIT:
    case AST_DATA:
    case AST_PART:
    case AST_TEST:
    case AST_FN:
    case AST_EXTERN:
    case AST_LAYER:
    case AST_MODEL:
    case AST_OPTIMIZER:
    case AST_STEP:
    case AST_VALIDATE:
    case AST_EVERY:
    case AST_IMPORT:
    case AST_FILE:
    case AST_KIND_COUNT: break;
    }
    check_error(cx, ast->span, E_NOT_A_VALUE, "a value is wanted here");
    return tx_error(cx, ast->span);
}

const Tx *check_expression(Checker *cx, const Ast *ast, const Type *wanted) {
    if (cx->is_too_deep) return tx_error(cx, ast->span);
    if (cx->depth >= CHECK_MAX_DEPTH) {
        int quiet = cx->quiet;
        cx->quiet = 0; /* the check ends here, so it must be said */
        check_error(cx, ast->span, E_NESTING, "calls are nested too deeply here: %d expressions in each other",
                    CHECK_MAX_DEPTH);
        cx->quiet = quiet;
        cx->is_too_deep = 1;
        return tx_error(cx, ast->span);
    }
    cx->depth++;
    const Tx *tx = expression_of_kind(cx, ast, wanted);
    cx->depth--;
    return tx;
}
