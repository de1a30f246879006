/* What is said when brackets and arguments do not fit a declaration: with the shape that is asked for, where the sizes
 * come from, and what usually mends it. */
#include "lang/check_bind.h"

#include <string.h>

/* The shape that an input asks for, as far as its names are known; 0 where one is not. */
static int pattern_type(Checker *cx, const Bind *bind, const Ast *input, Type *to) {
    TypeParts parts;
    (void)bind;
    cx->quiet++;
    int is_good = type_parts(cx, input->declare.type, &parts) && parts.shape && parts.shape->len <= TENSOR_MAX_RANK;
    Axis *axes = arena_array(cx->arena, Axis, TENSOR_MAX_RANK);
    for (int i = 0; is_good && i < parts.shape->len; i++) {
        const Ast *item = parts.shape->data[i];
        axes[i].dim = item->kind == AST_REST || item->kind == AST_NEW ? NULL : dim_expression(cx, item);
        is_good = axes[i].dim != NULL;
    }
    cx->quiet--;
    to->axes = axes;
    to->rank = is_good ? parts.shape->len : 0;
    return is_good;
}

/* Below the mark: what this argument is, or where a pipe hands it on, what is asked for. */
static void shown_argument(Checker *cx, Diag *diag, const Ast *input, const Tx *arg) {
    if (map_has(&cx->piped, arg) && input->declare.type)
        check_primary(cx, diag, "needs %s", source_text(cx, input->declare.type->span));
    else check_primary(cx, diag, "this is %s", type_shown(cx, arg->type));
}

/* What is wrong with one axis of an argument. */
void message_axis(Checker *cx, const Bind *bind, const Ast *input, const Tx *arg, int at,
                          const Ast *item, const Dim *wanted) {
    const Axis *axis = &arg->type->axes[at];
    Span place = argument_place(cx, arg);
    Diag *diag = check_error(cx, place, E_ARGUMENT_SHAPE,
                             "`%s` of `%s` has another shape: axis %d is %s, %s is wanted",
                             input->declare.name.symbol ? input->declare.name.symbol->text : "_",
                             bind->name->text, at, dim_shown(cx, axis->dim), dim_shown(cx, wanted));
    shown_argument(cx, diag, input, arg);
    label_axis(cx, diag, axis);
    const Ast *name = ast_ungroup(item);
    const Binding *bound = name->kind == AST_NAME ? scope_find(cx, name->name) : NULL;
    if (bound && bound->kind == BIND_DIM)
        label_axis(cx, diag, &(Axis){.dim = bound->dim, .why = bound->why});
    check_label(cx, diag, item->span, "declared here as %s",
                name->kind == AST_NAME ? name->name->text : dim_shown(cx, wanted));
    Type to = *arg->type;
    Repair repair;
    if (pattern_type(cx, bind, input, &to) && find_repair(cx, arg->type, &to, &repair))
        check_fix_repair(cx, diag, arg, &repair);
}

static const char *axes_text(Checker *cx, const Axis *axes, int rank) {
    const char *text = type_shown(cx, type_tensor(cx, DT_F32, rank, axes));
    return rank ? text + 3 : "one number";
}

void message_pack(Checker *cx, const Bind *bind, const Ast *input, const Tx *arg, const Symbol *name,
                          const Binding *pack, const Axis *axes, int rank) {
    const Symbol *own = input->declare.name.symbol;
    Diag *diag = check_error(cx, argument_place(cx, arg), E_ARGUMENT_SHAPE,
                             "`%s` of `%s` does not go with what is before it: `..%s` is %s there and %s here",
                             own ? own->text : "_", bind->name->text, name->text, axes_text(cx, pack->axes, pack->rank),
                             axes_text(cx, axes, rank));
    check_primary(cx, diag, "this is %s", type_shown(cx, arg->type));
    const Tx *first = bind->args[0];
    if (first != arg && first->type->kind == TY_TENSOR)
        check_label(cx, diag, first->span, "this is %s", type_shown(cx, first->type));
    int at = 0;
    while (at < rank && at < pack->rank && axes[at].dim && pack->axes[at].dim &&
           compare_dims(cx, axes[at].dim, pack->axes[at].dim) != DIM_DIFFERENT)
        at++;
    if (at < pack->rank) label_axis(cx, diag, &pack->axes[at]);
    if (at < rank) label_axis(cx, diag, &axes[at]);
}

/* Axis `at` of the argument may stand for the item: a name takes any size. */
static int may_be(Checker *cx, const Ast *item, const Axis *axis) {
    const Dim *dim = item->kind == AST_HOLE || bind_is_free(cx, item) ? NULL : dim_expression(cx, item);
    return !dim || (axis->dim && compare_dims(cx, dim, axis->dim) == DIM_EQUAL);
}

static int is_constant_item(Checker *cx, const Ast *item) {
    const Dim *dim = item->kind == AST_HOLE || bind_is_free(cx, item) ? NULL : dim_expression(cx, item);
    return dim && dim_is_constant(dim);
}

/* The item may be the size that all axes but the first have together. */
static int is_product(Checker *cx, const Ast *item, const Type *type) {
    const Dim *count = dim_constant(&cx->session->dims, 1);
    for (int i = 1; i < type->rank; i++) count = dim_mul(&cx->session->dims, count, type->axes[i].dim);
    return may_be(cx, item, &(Axis){.dim = count});
}

/* The usual reasons for another number of axes: no batch in front, a picture that was not made flat, a last axis
 * of size 1. */
static void offer_rank(Checker *cx, Diag *diag, const AstList *shape, const Tx *arg) {
    int wanted = shape ? shape->len : 0, rank = arg->type->rank, fits = 1;
    for (int i = 0; i < wanted; i++)
        if (shape->data[i]->kind == AST_REST) return;
    if (!diag || has_pack(arg->type)) return;
    if (wanted == rank + 1) {
        int is_batch = rank && !dim_is_constant(arg->type->axes[0].dim);
        for (int i = 0; i < rank; i++)
            fits &= may_be(cx, shape->data[i + 1 - (is_batch && !i)], &arg->type->axes[i]);
        if (fits && is_batch)
            check_fix_repair(cx, diag, arg, &(Repair){.index = "[_, new]", .what = "an axis of size 1 behind the first"});
        else if (fits && !is_constant_item(cx, shape->data[0]))
            check_fix_repair(cx, diag, arg, &(Repair){.index = "[new]", .what = "one alone is a batch of one"});
        return;
    }
    const Axis *last = rank ? &arg->type->axes[rank - 1] : NULL;
    int has_one = last && last->dim && dim_is_constant(last->dim) && dim_constant_value(last->dim) == 1;
    if (wanted == rank - 1 && has_one)
        check_fix_repair(cx, diag, arg, &(Repair){.index = wanted ? "[.., 0]" : "[0]", .what = "drop the axis of size 1"});
    else if (wanted == 2 && rank > 2 && may_be(cx, shape->data[0], &arg->type->axes[0]) &&
             is_product(cx, shape->data[1], arg->type))
        check_fix_repair(cx, diag, arg,
                         &(Repair){.function = "flatten", .what = "`flatten` joins all axes but the first"});
}

void message_rank(Checker *cx, const Bind *bind, const Ast *input, const TypeParts *parts,
                       const Tx *arg) {
    int wanted = parts->shape ? parts->shape->len : 0, has_rest = 0;
    for (int i = 0; i < wanted; i++) has_rest |= parts->shape->data[i]->kind == AST_REST;
    wanted -= has_rest;
    Diag *diag = check_error(cx, argument_place(cx, arg), E_RANK, "%s has %s%d %s, this has %d",
                             bind_input_text(cx, bind, input), has_rest ? "at least " : "", wanted, wanted == 1 ? "axis" : "axes",
                             arg->type->rank);
    shown_argument(cx, diag, input, arg);
    check_label(cx, diag, input->span, "declared here");
    offer_rank(cx, diag, parts->shape, arg);
}

/* Floats where class numbers are wanted: the arguments are swapped, or these are one-hot rows. */
void message_index(Checker *cx, const Bind *bind, int i) {
    const Tx *arg = bind->args[i], *first = bind->args[0];
    const AstList *inputs = &bind->function->inputs;
    Diag *diag = check_error(cx, argument_place(cx, arg), E_INDEX_BOUND, "%s is class numbers, %s, this is %s",
                             bind_input_text(cx, bind, inputs->data[i]), source_text(cx, inputs->data[i]->declare.type->span),
                             type_shown(cx, arg->type));
    check_label(cx, diag, inputs->data[i]->span, "declared here");
    int is_swapped = i == 1 && first->type->kind == TY_TENSOR && first->type->index_bound && bind->given_count == 2;
    if (is_swapped && !map_has(&cx->piped, first))
        check_fix_edit(cx, diag, span_join(first->span, arg->span),
                       arena_printf(cx->arena, "%s, %s", source_text(cx, arg->span), source_text(cx, first->span)),
                       "the other way round: %s, %s", source_text(cx, arg->span), source_text(cx, first->span));
    else if (arg->type->rank)
        check_fix_repair(cx, diag, arg, &(Repair){.function = "argmax", .what = "one-hot rows become class numbers"});
}

/* The sizes that the names of a condition stand for, "E is 100, Heads is 7", with where they come from. */
static void name_sizes(Checker *cx, const Ast *ast, Text *out, Diag *diag) {
    ast = ast_ungroup(ast);
    if (ast->kind == AST_BINARY) {
        name_sizes(cx, ast->binary.left, out, diag);
        name_sizes(cx, ast->binary.right, out, diag);
    }
    if (ast->kind != AST_NAME) return;
    const Binding *b = scope_find(cx, ast->name);
    if (!b || b->kind != BIND_DIM || !b->dim) return;
    const char *one = arena_printf(cx->arena, "%s is %s", ast->name->text, dim_shown(cx, b->dim));
    if (!strcmp(ast->name->text, dim_shown(cx, b->dim)) || strstr(text_str(out), one)) return;
    text_printf(out, "%s%s", out->len ? ", " : "", one);
    label_axis(cx, diag, &(Axis){.dim = b->dim, .why = b->why});
}

void message_given(Checker *cx, const Bind *bind, const Ast *condition) {
    Diag *diag = check_error(cx, bind->span, E_GIVEN, "`%s` needs `%s`", bind->name->text,
                             source_text(cx, condition->span));
    if (!diag) return;
    check_label(cx, diag, condition->span, "this is false");
    Text sizes = text_new(cx->arena);
    name_sizes(cx, condition, &sizes, diag);
    if (sizes.len) check_primary(cx, diag, "%s", text_str(&sizes));
    const Ast *side = condition->kind == AST_BINARY ? ast_ungroup(condition->binary.left) : NULL;
    const Dim *value = side && side->kind != AST_NAME ? dim_expression(cx, side) : NULL;
    if (value && dim_is_constant(value))
        check_note(cx, diag, "%s is %s", source_text(cx, side->span), dim_shown(cx, value));
}

void message_items(Checker *cx, const Bind *bind, const Ast *item) {
    const AstList *statics = &bind->function->statics;
    Diag *diag = check_error(cx, item->span, E_STATIC_ARGUMENT,
                             !statics->len       ? "`%s` takes nothing in brackets"
                             : statics->len == 1 ? "`%s` takes %d value in brackets"
                                                 : "`%s` takes %d values in brackets",
                             bind->name->text, statics->len);
    Text list = text_new(cx->arena);
    for (int i = 0; i < statics->len; i++)
        text_printf(&list, "%s%s", i ? ", " : "", parameter_name(statics->data[i])->text);
    if (statics->len) check_note(cx, diag, "it has %s", text_str(&list));
}

void message_parameter(Checker *cx, const Bind *bind, const Ast *item) {
    AstName name = item->named.name;
    const AstList *statics = &bind->function->statics;
    Diag *diag = check_error(cx, name.span, E_NO_PARAMETER, "`%s` has no parameter `%s`",
                             bind->name->text, name.symbol->text);
    if (!diag) return;
    const char *best = NULL;
    int best_distance = 4;
    Text list = text_new(cx->arena);
    for (int i = 0; i < statics->len; i++) {
        const Symbol *p = parameter_name(statics->data[i]);
        if (is_axis_parameter(statics->data[i], name.symbol)) {
            const char *value = source_text(cx, item->named.value->span);
            check_fix_edit(cx, diag, item->span, value, "the axis stands there alone: %s[%s]", bind->name->text, value);
            return;
        }
        int d = edit_distance(p->text, name.symbol->text, 3);
        if (d < best_distance && d < (int)name.symbol->len) {
            best = p->text;
            best_distance = d;
        }
        text_printf(&list, "%s%s", i ? ", " : "", p->text);
    }
    if (best) diag_fix_edit(&cx->session->diags, diag, name.span, best, "did you mean `%s`?", best);
    else if (statics->len) check_note(cx, diag, "it has %s", text_str(&list));
}
