/* Binding static parameters: what stands in the brackets of a call, or is left to a default, for each
 * name that a declaration has in its own.  In a generic check the same names are bound to rigid ones
 * (bind_rigid_statics). */
#include "lang/check_bind.h"
#include "lang/check_expression.h"
#include "lang/check_primitive.h"
#include <string.h>

StaticKind static_kind(const Ast *parameter) {
    if (parameter->kind == AST_REST) return STATIC_PACK;
    const Ast *type = parameter->declare.type ? ast_ungroup(parameter->declare.type) : NULL;
    if (!type)
        return parameter->declare.name.symbol && is_capitalised(parameter->declare.name.symbol)
                   ? STATIC_DIM
                   : STATIC_NONE;
    if (type->kind == AST_SIGNATURE) return STATIC_CALLABLE;
    if (type->kind != AST_NAME) return STATIC_NONE;
    static const struct {
        const char *name;
        StaticKind kind;
    } kinds[] = {{"dim", STATIC_DIM},        {"i64", STATIC_DIM},
                 {"i32", STATIC_DIM},        {"bool", STATIC_FLAG},
                 {"f32", STATIC_RATE},       {"f64", STATIC_RATE},
                 {"axis", STATIC_AXIS},      {"axes", STATIC_AXES},
                 {"string", STATIC_TEXT},
                 {"layer", STATIC_CALLABLE}, {"optimizer", STATIC_CALLABLE},
                 {"fn", STATIC_CALLABLE}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].name, type->name->text)) return kinds[i].kind;
    return STATIC_NONE;
}

const Symbol *parameter_name(const Ast *parameter) {
    return parameter->kind == AST_REST ? parameter->rest : parameter->declare.name.symbol;
}

static const Tx *rate_value(Checker *cx, const Ast *ast, const char *of) {
    const Type *f32 = type_scalar(cx, DT_F32);
    return coerce(cx, check_expression(cx, ast, f32), f32, of);
}

/* The axes of the first input that the items name, in the scope as it is now; of none given all. */
static Binding axes_binding(Checker *cx, const Bind *bind, const Ast *const *items, int count) {
    TStatics statics = {0};
    int known = bind->first && !has_pack(bind->first) ? 1 : -1;
    uint64_t all = 0, given = 0;
    for (int i = 0; known > 0 && i < bind->first->rank; i++) all |= (uint64_t)1 << i;
    for (int i = 0; known > 0 && i < count; i++) known = item_axes(cx, bind->name->text, items[i], bind->first, &statics);
    for (int i = 0; i < statics.axes.len; i++) given |= (uint64_t)1 << statics.axes.data[i];
    return (Binding){.kind = known ? BIND_AXES : BIND_ERROR,
                     .number = known < 0 ? INT64_MIN : (int64_t)(count ? given : all)};
}

/* In the caller's scope and body. */
static void evaluate_static(Checker *cx, Bind *bind, const Ast *parameter, const Ast *value,
                            Binding *out) {
    const Symbol *name = parameter_name(parameter);
    Scope *callee_scope = cx->scope;
    Body *callee_body = cx->body;
    if (bind->items_scope) {
        cx->scope = bind->items_scope;
        cx->body = bind->caller;
    }
    switch (static_kind(parameter)) {
    case STATIC_DIM: {
        const Dim *dim = expect_dim(cx, value);
        *out = (Binding){
            .kind = dim ? BIND_DIM : BIND_ERROR, .dim = dim, .why = dim_origin(cx, value)};
        break;
    }
    case STATIC_FLAG: {
        int flag = static_condition(cx, value, NULL, NULL);
        int is_open = flag == -1 && open_condition(cx, value);
        if (flag == -2 || is_open) {
            Diag *diag = check_error(cx, value->span, E_STATIC_ARGUMENT,
                                     "`%s` is true or false, known when compiling", name->text);
            if (is_open) check_note(cx, diag, "only the run knows the sizes in this");
        }
        *out = (Binding){.kind = flag == -2 || is_open ? BIND_ERROR : BIND_FLAG, .number = flag};
        break;
    }
    case STATIC_RATE: {
        const Tx *tx = rate_value(cx, value, arena_printf(cx->arena, "`%s`", name->text));
        *out = (Binding){.kind = is_error(tx) ? BIND_ERROR : BIND_VALUE, .tx = tx};
        break;
    }
    case STATIC_AXIS: {
        int axis = bind->first ? axis_position(cx, value, bind->first) : -2;
        *out = (Binding){.kind = axis == -1 ? BIND_ERROR : BIND_AXIS,
                         .number = axis < 0 ? INT64_MIN : axis};
        break;
    }
    case STATIC_AXES: *out = axes_binding(cx, bind, &value, 1); break;
    case STATIC_TEXT: {
        const Ast *text = ast_ungroup(value);
        int is_text = text->kind == AST_STRING && text->string.parts.len == 1;
        if (!is_text)
            check_error(cx, value->span, E_STATIC_ARGUMENT, "`%s` is a string", name->text);
        *out = (Binding){.kind = is_text ? BIND_TEXT : BIND_ERROR};
        if (is_text) out->text = symbol(&cx->session->symbols, text->string.parts.data[0].text);
        break;
    }
    case STATIC_CALLABLE: {
        Callable *callable = static_callable(cx, parameter, value, callee_scope);
        *out = (Binding){.kind = callable ? BIND_CALLABLE : BIND_ERROR, .callable = callable};
        break;
    }
    case STATIC_PACK:
    case STATIC_NONE: *out = (Binding){.kind = BIND_ERROR}; break;
    }
    cx->scope = callee_scope;
    cx->body = callee_body;
    out->name = name;
    out->span = parameter->span;
    out->is_quiet = 1;
}

/* The same for all items that are meant for a list of axes. */
static void evaluate_axes(Checker *cx, Bind *bind, const AstList *items, int at, int end, Binding *out,
                          const Symbol *name) {
    Scope *callee = cx->scope;
    Body *body = cx->body;
    if (bind->items_scope) {
        cx->scope = bind->items_scope;
        cx->body = bind->caller;
    }
    *out = axes_binding(cx, bind, (const Ast *const *)(end > at ? items->data + at : NULL), end - at);
    cx->scope = callee;
    cx->body = body;
    out->name = name;
    out->is_quiet = 1;
}

/* All items from `at` that are meant for the pack. */
static void evaluate_pack(Checker *cx, Bind *bind, const AstList *items, int at, int end,
                          Binding *out, const Symbol *name) {
    Scope *callee = cx->scope;
    Body *body = cx->body;
    if (bind->items_scope) {
        cx->scope = bind->items_scope;
        cx->body = bind->caller;
    }
    Axis *axes = arena_array(cx->arena, Axis, 40);
    int rank = 0, is_bad = 0;
    for (int i = at; i < end && rank < 16; i++) {
        const Ast *item = items->data[i];
        const Binding *pack =
            item->kind == AST_REST && item->rest ? scope_find(cx, item->rest) : NULL;
        for (int k = 0; pack && pack->kind == BIND_PACK && k < pack->rank && rank < 16; k++)
            axes[rank++] = pack->axes[k];
        if (pack) continue;
        const Dim *dim = item->kind == AST_REST ? NULL : expect_dim(cx, item);
        if (dim && dim_is_constant(dim) && dim_constant_value(dim) < 0) {
            check_error(cx, item->span, E_NOT_A_SIZE, "a size is never negative; this is %s",
                        dim_shown(cx, dim));
            dim = NULL;
        }
        if (!dim) is_bad = 1;
        axes[rank++] = (Axis){.dim = dim, .why = dim_origin(cx, item)};
    }
    cx->scope = callee;
    cx->body = body;
    *out = (Binding){.kind = is_bad ? BIND_ERROR : BIND_PACK,
                     .name = name,
                     .rank = rank,
                     .axes = axes,
                     .is_quiet = 1};
}

static int find_parameter(const AstList *statics, const Symbol *name) {
    for (int i = 0; i < statics->len; i++)
        if (parameter_name(statics->data[i]) == name) return i;
    return -1;
}

static int takes_list(const Ast *parameter) {
    return parameter->kind == AST_REST || static_kind(parameter) == STATIC_AXES;
}

/* Which item gives each static parameter; 0 where an item fits none (reported). */
static int match_items(Checker *cx, Bind *bind, const Ast **values, int *pack_from, int *pack_to) {
    const AstList *items = bind->items, *statics = &bind->function->statics;
    int next = 0;
    *pack_from = *pack_to = -1;
    for (int i = 0; items && i < items->len; i++) {
        const Ast *item = items->data[i];
        if (item->kind == AST_NAMED) {
            if (!strcmp(item->named.name.symbol->text, "training")) continue;
            int at = find_parameter(statics, item->named.name.symbol);
            if (at < 0) {
                message_parameter(cx, bind, item);
                return 0;
            }
            if (values[at]) {
                check_error(cx, item->span, E_STATIC_ARGUMENT, "`%s` is given twice",
                            item->named.name.symbol->text);
                return 0;
            }
            values[at] = item->named.value;
            continue;
        }
        if (next < statics->len && takes_list(statics->data[next])) {
            if (*pack_from < 0) *pack_from = i;
            *pack_to = i + 1;
            continue;
        }
        if (next >= statics->len) {
            message_items(cx, bind, item);
            return 0;
        }
        values[next++] = item;
    }
    if (items && next < statics->len && statics->data[next]->kind == AST_REST && *pack_from < 0)
        *pack_from = *pack_to = items->len;
    return 1;
}

int bind_statics(Checker *cx, Bind *bind) {
    const AstList *statics = &bind->function->statics;
    const Ast **values = arena_array(cx->arena, const Ast *, statics->len);
    int pack_from, pack_to, is_good = match_items(cx, bind, values, &pack_from, &pack_to);
    bind->statics = arena_array(cx->arena, Binding *, statics->len);
    if (!is_good) return 0;
    for (int i = 0; i < statics->len; i++) {
        const Ast *parameter = statics->data[i];
        const Symbol *name = parameter_name(parameter);
        if (!name) continue;
        Binding made = {.kind = BIND_ERROR};
        if (parameter->kind == AST_REST && pack_from >= 0) {
            evaluate_pack(cx, bind, bind->items, pack_from, pack_to, &made, name);
        } else if (values[i]) {
            evaluate_static(cx, bind, parameter, values[i], &made);
        } else if (static_kind(parameter) == STATIC_AXES) {
            int from = pack_from < 0 ? 0 : pack_from;
            evaluate_axes(cx, bind, bind->items, from, pack_from < 0 ? 0 : pack_to, &made, name);
        } else if (parameter->kind != AST_REST && parameter->declare.value) {
            Scope *items_scope = bind->items_scope;
            bind->items_scope = NULL; /* a default is read in the declaration's own scope */
            evaluate_static(cx, bind, parameter, parameter->declare.value, &made);
            bind->items_scope = items_scope;
        } else {
            bind->missing_count++; /* perhaps the wanted type gives it */
            continue;
        }
        if (made.kind == BIND_ERROR) is_good = 0;
        Binding *kept = scope_add(cx, name, parameter->span, made.kind);
        *kept = made;
        bind->statics[i] = kept;
    }
    return is_good;
}

/* ---- rigid ---------------------------------------------------------------------------------- */

const Dim *rigid_dim(Checker *cx, const Symbol *name) {
    return dim_named(&cx->session->dims, dim_new_name(&cx->session->dims, name));
}

const Axis *rigid_pack_axis(Checker *cx, const Symbol *name) {
    Pack *pack = arena_new(cx->arena, Pack);
    *pack = (Pack){.name = name && strcmp(name->text, "..") ? name : NULL, .id = ++cx->pack_count};
    Axis *axis = arena_new(cx->arena, Axis);
    axis->pack = pack;
    return axis;
}

void rigid_pack(Checker *cx, const Symbol *name, Span span) {
    Binding *b = scope_add(cx, name, span, BIND_PACK);
    b->rank = 1;
    b->axes = rigid_pack_axis(cx, name);
    b->is_quiet = 1;
}

void bind_rigid_statics(Checker *cx, const AstFunction *function) {
    for (int i = 0; i < function->statics.len; i++) {
        const Ast *parameter = function->statics.data[i];
        const Symbol *name = parameter_name(parameter);
        if (!name) continue;
        StaticKind kind = static_kind(parameter);
        if (kind == STATIC_PACK) {
            rigid_pack(cx, name, parameter->span);
            continue;
        }
        AstName place = parameter->declare.name;
        Binding *b = scope_declare(cx, place, BIND_ERROR,
                                   parameter->declare.type || kind == STATIC_NONE ? -1 : 1);
        b->is_quiet = 1;
        switch (kind) {
        case STATIC_DIM:
            b->kind = BIND_DIM;
            b->dim = rigid_dim(cx, name);
            b->why = origin_new(cx, ORIGIN_DECLARATION, place.span, NULL);
            break;
        case STATIC_FLAG:
            b->kind = BIND_FLAG;
            b->number = -1;
            break;
        case STATIC_AXIS:
            b->kind = BIND_AXIS;
            b->number = INT64_MIN;
            break;
        case STATIC_AXES:
            b->kind = BIND_AXES;
            b->number = INT64_MIN;
            break;
        case STATIC_TEXT: b->kind = BIND_TEXT; break;
        case STATIC_RATE:
            b->kind = BIND_VALUE;
            b->tx = tx_variable(cx, variable_new(cx, name, type_scalar(cx, DT_F32), place.span),
                                place.span);
            break;
        case STATIC_CALLABLE:
            b->kind = BIND_CALLABLE;
            b->callable = signature_callable(cx, parameter->declare.type, name);
            break;
        case STATIC_PACK: break;
        case STATIC_NONE:
            check_error(cx, parameter->span, E_NO_TYPE,
                        "a static parameter is a dimension (capitalised) or has a type: bool, i64, "
                        "f32, axis, axes, string, fn(..), layer");
            break;
        }
        if (parameter->declare.value) {
            Bind bind = {.function = function, .name = name};
            Binding ignored;
            evaluate_static(cx, &bind, parameter, parameter->declare.value, &ignored);
        }
    }
}
