/* Views of data sets: records chosen by a range, by numbers or by a condition, windows over a tensor, batches, and how
 * many records there are.
 *
 * A view is a record of tensors with one leading dimension, as the set is.  How many records it has follows from the
 * set's where that is arithmetic; what only a condition or a run-time number decides is a size of its own, known when
 * the view is made.  The typed program has one procedure per kind of view (primitive.def); driver/views.c runs them. */
#include "lang/check_expression.h"
#include "lang/check_program.h"

#include <string.h>

/* ---- types ---------------------------------------------------------------------------------- */

static int is_set(const Type *type) { return type->kind == TY_RECORD && type->rows; }

/* The number of records of a view, which only the run knows: it prints as the user would ask for it. */
static const Dim *open_size(Checker *cx, Span view) {
    const Source *source = source_of(&cx->session->sources, view);
    uint32_t len = view.end - view.begin;
    int is_short = source && len <= 48 && !memchr(source->text + (view.begin - source->base), '\n', len);
    const Symbol *name = is_short ? symbol_printf(&cx->session->symbols, "size(%.*s)", (int)len,
                                                  source->text + (view.begin - source->base))
                                  : symbol(&cx->session->symbols, "selected");
    DimName *size = dim_new_name(&cx->session->dims, name);
    size->is_runtime = 1;
    return dim_named(&cx->session->dims, size);
}

/* The same fields with another number of records. */
static const Type *view_type(Checker *cx, const Type *set, const Dim *rows, const Origin *why) {
    TypeField *fields = arena_array(cx->arena, TypeField, set->count);
    for (int i = 0; i < set->count; i++) {
        Type *type = type_copy(cx, set->fields[i].type);
        Axis *axes = arena_array(cx->arena, Axis, type->rank);
        for (int k = 0; k < type->rank; k++) axes[k] = type->axes[k];
        axes[0] = (Axis){.dim = rows, .why = why};
        type->axes = axes;
        fields[i] = set->fields[i];
        fields[i].type = type;
    }
    Type *view = type_copy(cx, set);
    view->fields = fields;
    view->rows = rows;
    return view;
}

static Tx *view_tx(Checker *cx, ProcedureKind kind, const Type *type, const Tx *of, Span span) {
    Tx *tx = tx_new(cx, T_PROCEDURE, type, span);
    tx->procedure = kind;
    tx_add(cx, tx, of);
    vec_push(cx->arena, &tx->argument_names, NULL);
    tx->is_pure = 0;
    return tx;
}

static void view_argument(Checker *cx, Tx *tx, const Tx *argument) {
    tx_add(cx, tx, argument);
    vec_push(cx->arena, &tx->argument_names, NULL);
}

/* Views are made by the program; 0 with a diagnostic in compiled code. */
static int may_view(Checker *cx, Span span) {
    if (cx->body->kind == BODY_PROGRAM || cx->body->kind == BODY_TEST || cx->body->kind == BODY_TRAIN ||
        cx->body->kind == BODY_DATA || cx->body->kind == BODY_FN)
        return 1;
    Diag *diag = check_error(cx, span, E_DATA_PLACE,
                             "compiled code reads the fields of a data set; views of it are made outside");
    check_fix(cx, diag, "index a field here, d.image[ids], or make the view before: let some = d[..]");
    return 0;
}

/* ---- d[0..100], d[ids], d[condition] -------------------------------------------------------- */

static const Tx *rows_error(Checker *cx, const Ast *item, const char *what, const Type *set) {
    Diag *diag = check_error(cx, item->span, E_VIEW,
                             "records are chosen by a range, by numbers or by a condition; this is %s", what);
    check_note(cx, diag, "the set has %s records", dim_shown(cx, set->rows));
    return tx_error(cx, item->span);
}

/* A bound of a range: its size where that is known when compiling, counted from the end where it is negative. */
static const Dim *range_bound(Checker *cx, const Ast *ast, const Dim *rows, const Tx **value) {
    *value = convert_element(cx, check_expression(cx, ast, NULL), DT_I64, NULL);
    cx->quiet++;
    const Dim *at = is_error(*value) ? NULL : dim_expression(cx, ast);
    cx->quiet--;
    if (!at) return NULL;
    int is_negative = dim_is_constant(at) && dim_constant_value(at) < 0;
    return is_negative ? dim_add(&cx->session->dims, rows, at) : at;
}

static int range_fits(Checker *cx, const Ast *item, const Tx *of, const Dim *from, const Dim *to) {
    DimTable *t = &cx->session->dims;
    const Dim *rows = of->type->rows;
    if (dim_at_most(t, to, rows, &cx->body->facts) == DIM_DIFFERENT) {
        Diag *diag =
            check_error(cx, item->span, E_INDEX_RANGE, "this asks for records up to %s of a set of %s",
                        dim_shown(cx, to), dim_shown(cx, rows));
        if (of->type->count) label_axis(cx, diag, &of->type->fields[0].type->axes[0]);
        return 0;
    }
    if (dim_at_most(t, from, to, &cx->body->facts) != DIM_DIFFERENT &&
        dim_at_most(t, dim_constant(t, 0), from, &cx->body->facts) != DIM_DIFFERENT)
        return 1;
    check_error(cx, item->span, E_INDEX_RANGE, "this range ends before it begins");
    return 0;
}

static const Tx *rows_by_range(Checker *cx, const Ast *item, const Tx *of, Span span) {
    DimTable *t = &cx->session->dims;
    const Tx *lo = NULL, *hi = NULL;
    const Dim *from =
        item->range.lo ? range_bound(cx, item->range.lo, of->type->rows, &lo) : dim_constant(t, 0);
    const Dim *to = item->range.hi ? range_bound(cx, item->range.hi, of->type->rows, &hi) : of->type->rows;
    if ((lo && is_error(lo)) || (hi && is_error(hi))) return tx_error(cx, span);
    if (from && to && !range_fits(cx, item, of, from, to)) return tx_error(cx, span);
    const Dim *rows = from && to ? dim_sub(t, to, from) : open_size(cx, span);
    Tx *tx =
        view_tx(cx, PROC_ROWS, view_type(cx, of->type, rows, origin_new(cx, ORIGIN_RESULT, item->span, NULL)),
                of, span);
    if (lo) view_argument(cx, tx, lo);
    if (hi) view_argument(cx, tx, hi);
    tx->integer = VIEW_RANGE + (lo ? VIEW_HAS_LO : 0) + (hi ? VIEW_HAS_HI : 0);
    return tx;
}

static const Tx *rows_by_tensor(Checker *cx, const Ast *item, const Tx *of, Span span) {
    const Tx *chosen = settle(cx, check_expression(cx, item, NULL));
    if (is_error(chosen)) return chosen;
    const Type *type = chosen->type, *set = of->type;
    if (type->kind != TY_TENSOR || dtype_is_float(type->dtype) || has_pack(type))
        return rows_error(cx, item, type_shown(cx, type), set);
    if (!type->rank && type->dtype != DT_BOOL) {
        Diag *diag = check_error(cx, item->span, E_VIEW, "one record is chosen as a set of one");
        check_fix(cx, diag, "d[i..i + 1], or one value of a field: d.image[i]");
        return tx_error(cx, span);
    }
    if (type->rank != 1) return rows_error(cx, item, type_shown(cx, type), set);
    const Dim *rows = type->axes[0].dim;
    if (type->dtype == DT_BOOL) {
        if (compare_dims(cx, rows, set->rows) == DIM_DIFFERENT) {
            Diag *diag =
                check_error(cx, item->span, E_VIEW, "the condition has %s values, the set has %s records",
                            dim_shown(cx, rows), dim_shown(cx, set->rows));
            label_axis(cx, diag, type->axes);
            return tx_error(cx, span);
        }
        rows = open_size(cx, span);
    } else if (type->index_bound && dim_at_most(&cx->session->dims, type->index_bound, set->rows,
                                                &cx->body->facts) == DIM_DIFFERENT) {
        check_error(cx, item->span, E_INDEX_BOUND, "index[%s] does not fit a set of %s records",
                    dim_shown(cx, type->index_bound), dim_shown(cx, set->rows));
        return tx_error(cx, span);
    }
    Tx *tx = view_tx(cx, PROC_ROWS,
                     view_type(cx, set, rows, origin_new(cx, ORIGIN_RESULT, item->span, type->axes[0].why)),
                     of, span);
    view_argument(cx, tx, chosen);
    tx->integer = type->dtype == DT_BOOL ? VIEW_CONDITION : VIEW_NUMBERS;
    return tx;
}

const Tx *check_records(Checker *cx, const Ast *ast, const Tx *of) {
    const AstList *items = &ast->index.items;
    if (!may_view(cx, ast->span)) return tx_error(cx, ast->span);
    if (!of->type->count) {
        check_error(cx, ast->span, E_VIEW,
                    "batches are walked by a `for`; records are chosen before: batches[64](d[..])");
        return tx_error(cx, ast->span);
    }
    if (items->len != 1) {
        Diag *diag = check_error(cx, ast->span, E_VIEW,
                                 "a data set is indexed by its records alone, %d indexes given", items->len);
        check_fix(cx, diag, "index a field: d.image[0, 2]");
        return tx_error(cx, ast->span);
    }
    const Ast *item = items->data[0];
    if (item->kind == AST_RANGE) return rows_by_range(cx, item, of, ast->span);
    if (item->kind == AST_HOLE || item->kind == AST_REST || item->kind == AST_NEW || item->kind == AST_NAMED)
        return rows_error(cx, item, "none of them", of->type);
    return rows_by_tensor(cx, item, of, ast->span);
}

/* ---- windows[64, stride=1](x), batches[64](d), size(d) --------------------------------------- */

/* `windows[n, stride=s]`, `batches[n]`: the numbers in the brackets; 0 after a diagnostic. */
static int view_numbers(Checker *cx, const Callable *callee, Span span, const Dim **length,
                        const Dim **stride) {
    const char *name = callee->name->text;
    Scope *scope = cx->scope;
    if (callee->scope) cx->scope = callee->scope;
    int is_good = 1;
    for (int i = 0; callee->items && i < callee->items->len && is_good; i++) {
        const Ast *item = callee->items->data[i], *value = item->kind == AST_NAMED ? item->named.value : item;
        int is_stride = item->kind == AST_NAMED && stride && !strcmp(item->named.name.symbol->text, "stride");
        const Dim **place = is_stride ? stride : item->kind == AST_NAMED || *length ? NULL : length;
        if (!place) {
            Diag *diag = check_error(cx, item->span, E_NO_PARAMETER, "`%s` has no such parameter", name);
            check_fix(cx, diag, stride ? "windows[64, stride=1](x)" : "batches[64](d)");
            is_good = 0;
            break;
        }
        *place = expect_dim(cx, value);
        if (*place && dim_is_constant(*place) && dim_constant_value(*place) < 1)
            check_error(cx, value->span, E_STATIC_ARGUMENT, "this is at least 1, not %s",
                        dim_shown(cx, *place));
        else if (*place) continue;
        is_good = 0;
    }
    cx->scope = scope;
    if (!is_good || *length) return is_good;
    Diag *diag = check_error(cx, span, E_STATIC_ARGUMENT, "`%s` needs a length in brackets", name);
    check_fix(cx, diag, stride ? "windows[64](x)" : "batches[64](d)");
    return 0;
}

static const Type *windows_type(Checker *cx, const Type *of, const Dim *rows, const Dim *length, Span span) {
    Axis axes[TENSOR_MAX_RANK];
    axes[0] = (Axis){.dim = rows, .why = origin_new(cx, ORIGIN_RESULT, span, of->axes[0].why)};
    axes[1] = (Axis){.dim = length, .why = origin_new(cx, ORIGIN_LITERAL, span, NULL)};
    for (int i = 1; i < of->rank; i++) axes[i + 1] = of->axes[i];
    Type *field = type_copy(cx, type_tensor(cx, of->dtype, of->rank + 1, axes));
    field->index_bound = of->index_bound;
    TypeField fields[2] = {{.name = symbol(&cx->session->symbols, "x"), .type = field},
                           {.name = symbol(&cx->session->symbols, "next"), .type = field}};
    Type *type = type_copy(cx, type_list(cx, TY_RECORD, fields, 2));
    TypeField *kept = arena_array(cx->arena, TypeField, 2);
    memcpy(kept, fields, sizeof fields);
    type->fields = kept;
    type->rows = rows;
    return type;
}

static const Tx *check_windows(Checker *cx, const Callable *callee, const Tx *of, Span span) {
    const Dim *length = NULL, *stride = NULL;
    if (!view_numbers(cx, callee, span, &length, &stride)) return tx_error(cx, span);
    if (!stride) stride = length;
    const Type *type = of->type;
    if (type->kind != TY_TENSOR || !type->rank || type->rank >= TENSOR_MAX_RANK) {
        Diag *diag = check_error(cx, of->span, E_VIEW,
                                 "windows are cut from a tensor along its first axis; this is %s",
                                 is_set(type) ? "a data set" : type_shown(cx, type));
        if (is_set(type) && type->count)
            check_fix(cx, diag, "name a field: windows[%s](d.%s)", dim_shown(cx, length),
                      type->fields[0].name->text);
        return tx_error(cx, span);
    }
    DimTable *t = &cx->session->dims;
    const Dim *last = dim_sub(t, dim_sub(t, type->axes[0].dim, dim_constant(t, 1)), length);
    if (dim_at_most(t, dim_constant(t, 0), last, &cx->body->facts) == DIM_DIFFERENT) {
        Diag *diag =
            check_error(cx, span, E_VIEW, "a window of %s and the one behind it need %s rows, there are %s",
                        dim_shown(cx, length), dim_shown(cx, dim_add(t, length, dim_constant(t, 1))),
                        dim_shown(cx, type->axes[0].dim));
        label_axis(cx, diag, type->axes);
        return tx_error(cx, span);
    }
    const Dim *rows = dim_add(t, dim_floor_div(t, last, stride), dim_constant(t, 1));
    Tx *tx = view_tx(cx, PROC_WINDOWS, windows_type(cx, type, rows, length, span), settle(cx, of), span);
    TStatics *statics = arena_new(cx->arena, TStatics);
    vec_push(cx->arena, &statics->dims, length);
    vec_push(cx->arena, &statics->dims, stride);
    tx->statics = statics;
    return tx;
}

/* A list of batches has no fields: only a `for` takes it apart. */
static const Tx *check_batches(Checker *cx, const Callable *callee, const Tx *of, Span span) {
    const Dim *length = NULL;
    if (!view_numbers(cx, callee, span, &length, NULL)) return tx_error(cx, span);
    if (!is_set(of->type) || !of->type->count) {
        Diag *diag = check_error(cx, of->span, E_VIEW, "`batches` takes a data set, this is %s",
                                 type_shown(cx, of->type));
        if (of->type->kind == TY_TENSOR) check_fix(cx, diag, "name the set, not a field of it");
        return tx_error(cx, span);
    }
    DimTable *t = &cx->session->dims;
    Type *type = type_copy(cx, type_list(cx, TY_RECORD, NULL, 0));
    type->rows = dim_floor_div(t, dim_add(t, of->type->rows, dim_sub(t, length, dim_constant(t, 1))), length);
    Tx *tx = view_tx(cx, PROC_BATCHES, type, of, span);
    TStatics *statics = arena_new(cx->arena, TStatics);
    vec_push(cx->arena, &statics->dims, length);
    tx->statics = statics;
    return tx;
}

static const Tx *check_size(Checker *cx, const Tx *of, Span span) {
    if (is_set(of->type)) return view_tx(cx, PROC_SIZE, type_scalar(cx, DT_I64), of, span);
    Diag *diag = check_error(cx, of->span, E_VIEW, "`size` counts the records of a data set, this is %s",
                             type_shown(cx, of->type));
    if (of->type->kind == TY_TENSOR)
        check_note(cx, diag,
                   "the size of an axis is a dimension: name it in the type of an input, f32[N, 3]");
    return tx_error(cx, span);
}

int is_view_procedure(ProcedureKind kind) {
    return kind == PROC_WINDOWS || kind == PROC_BATCHES || kind == PROC_SIZE;
}

const Tx *check_view(Checker *cx, const Callable *callee, const Argument *args, int count, Span span) {
    if (!may_view(cx, span)) return tx_error(cx, span);
    if (count != 1 || args[0].name) {
        check_error(cx, span, E_ARGUMENT_COUNT, "`%s` takes 1 argument, %d given", callee->name->text, count);
        return tx_error(cx, span);
    }
    if (is_error(args[0].tx)) return tx_error(cx, span);
    if (callee->number == PROC_SIZE) {
        if (!callee->items) return check_size(cx, args[0].tx, span);
        check_error(cx, span, E_NO_PARAMETER, "`size` takes nothing in brackets");
        return tx_error(cx, span);
    }
    return callee->number == PROC_WINDOWS ? check_windows(cx, callee, args[0].tx, span)
                                          : check_batches(cx, callee, args[0].tx, span);
}

/* ---- for (image, label) in batches[64](d) ---------------------------------------------------- */

const Type *batch_type(Checker *cx, const Tx *source, const Ast *ast) {
    if (!may_view(cx, ast->span)) return type_error(cx);
    if (source->kind != T_PROCEDURE || source->procedure != PROC_BATCHES) {
        Diag *diag = check_error(cx, ast->span, E_VIEW, "a `for` walks a data set in batches");
        check_fix(cx, diag, "batches[64](d)");
        return type_error(cx);
    }
    DimName *name = dim_new_name(&cx->session->dims, symbol(&cx->session->symbols, "batch"));
    const Dim *most = source->statics->dims.data[0];
    name->is_runtime = 1;
    if (dim_is_constant(most)) name->maximum = dim_constant_value(most);
    return view_type(cx, source->args.data[0]->type, dim_named(&cx->session->dims, name),
                     origin_new(cx, ORIGIN_BATCH, ast->span, NULL));
}

static void no_such_field(Checker *cx, const Ast *item, const Type *set) {
    Text list = text_new(cx->arena);
    for (int i = 0; i < set->count; i++) text_printf(&list, "%s%s", i ? ", " : "", set->fields[i].name->text);
    Diag *diag = item->kind == AST_NAME
                     ? check_error(cx, item->span, E_FIELDS, "the data has no field `%s`", item->name->text)
                     : check_error(cx, item->span, E_FIELDS, "fields are taken by name");
    check_note(cx, diag, "its fields are %s", text_str(&list));
    for (int i = 0; item->kind == AST_NAME && i < set->count; i++)
        if (edit_distance(set->fields[i].name->text, item->name->text, 2) <= 2)
            diag_fix_edit(&cx->session->diags, diag, item->span, set->fields[i].name->text,
                          "did you mean `%s`?", set->fields[i].name->text);
}

void batch_pattern(Checker *cx, const Ast *pattern, const Type *set, TForSource *source) {
    for (int i = 0; i < pattern->items.len; i++) {
        const Ast *item = ast_ungroup(pattern->items.data[i]);
        int at = -1;
        for (int k = 0; item->kind == AST_NAME && set->kind == TY_RECORD && k < set->count; k++)
            if (set->fields[k].name == item->name) at = k;
        if (at < 0 && !is_error_type(set)) no_such_field(cx, item, set);
        if (item->kind != AST_NAME) continue;
        Binding *b =
            scope_declare(cx, (AstName){item->name, item->span}, at < 0 ? BIND_ERROR : BIND_VALUE, 0);
        b->is_quiet = 1;
        if (at < 0) continue;
        note_data_field(set, at);
        TVariable *v = variable_new(cx, item->name, set->fields[at].type, item->span);
        b->tx = tx_variable(cx, v, item->span);
        vec_push(cx->arena, &source->items, v);
    }
}
