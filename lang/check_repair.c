/* Mechanical fixes of shapes: what makes a value of one shape one of another (an axis added or dropped, axes in
 * another order), and how that is written where the value stands. */
#include "lang/check_shape.h"

#include <string.h>

/* ---- finding -------------------------------------------------------------------------------- */

static int is_equal_axis(Checker *cx, const Axis *a, const Axis *b) {
    if (a->pack || b->pack) return a->pack == b->pack;
    return compare_dims(cx, a->dim, b->dim) == DIM_EQUAL;
}

static int is_one(const Axis *axis) {
    return axis->dim && dim_is_constant(axis->dim) && dim_constant_value(axis->dim) == 1;
}

/* from without axis `skip_from` equals to without axis `skip_to` (-1: none is skipped). */
static int equal_but(Checker *cx, const Type *from, int skip_from, const Type *to, int skip_to) {
    int a = 0, b = 0;
    for (;; a++, b++) {
        if (a == skip_from) a++;
        if (b == skip_to) b++;
        if (a >= from->rank || b >= to->rank) return a >= from->rank && b >= to->rank;
        if (!is_equal_axis(cx, &from->axes[a], &to->axes[b])) return 0;
    }
}

static int has_other_order(Checker *cx, const Type *from, const Type *to, int *order) {
    int used[TENSOR_MAX_RANK] = {0}, is_identity = 1;
    if (from->rank != to->rank || from->rank < 2 || from->rank > TENSOR_MAX_RANK) return 0;
    for (int i = 0; i < to->rank; i++) {
        int at = 0;
        while (at < from->rank && (used[at] || !is_equal_axis(cx, &from->axes[at], &to->axes[i]))) at++;
        if (at == from->rank || from->axes[at].pack) return 0;
        used[at] = 1;
        order[i] = at;
        is_identity &= at == i;
    }
    return !is_identity;
}

static const char *order_text(Checker *cx, const int *order, int rank) {
    int is_plain = 1; /* only the last two change places */
    for (int i = 0; i < rank - 2; i++) is_plain &= order[i] == i;
    if (is_plain) return "transpose";
    Text text = text_new(cx->arena);
    for (int i = 0; i < rank; i++) text_printf(&text, "%s%d", i ? ", " : "transpose[", order[i]);
    text_char(&text, ']');
    return text_str(&text);
}

/* "[_, _, 0]": what stands at one axis, the axes before it kept. */
static const char *index_text(Checker *cx, int at, int is_last, const char *item) {
    if (is_last && at) return arena_printf(cx->arena, "[.., %s]", item);
    Text text = text_new(cx->arena);
    text_char(&text, '[');
    for (int i = 0; i < at; i++) text_add(&text, "_, ");
    text_printf(&text, "%s]", item);
    return text_str(&text);
}

int find_repair(Checker *cx, const Type *from, const Type *to, Repair *repair) {
    int order[TENSOR_MAX_RANK];
    *repair = (Repair){0};
    if (from->kind != TY_TENSOR || to->kind != TY_TENSOR) return 0;
    if (has_other_order(cx, from, to, order)) {
        repair->function = order_text(cx, order, to->rank);
        repair->what = "in the other order they fit";
        return 1;
    }
    for (int at = to->rank - 1; from->rank + 1 == to->rank && at >= 0; at--)
        if (is_one(&to->axes[at]) && equal_but(cx, from, -1, to, at)) {
            repair->index = index_text(cx, at, at == to->rank - 1, "new");
            repair->what = "a new axis there";
            return 1;
        }
    for (int at = from->rank - 1; from->rank == to->rank + 1 && at >= 0; at--)
        if (is_one(&from->axes[at]) && equal_but(cx, from, at, to, -1)) {
            repair->index = index_text(cx, at, at == from->rank - 1, "0");
            repair->what = "drop the axis of size 1";
            return 1;
        }
    return 0;
}

static int goes_with(Checker *cx, const Type *a, const Type *b) {
    for (int i = 1; i <= a->rank && i <= b->rank; i++) {
        const Axis *x = &a->axes[a->rank - i], *y = &b->axes[b->rank - i];
        if (!x->is_stretchable && !y->is_stretchable && !is_equal_axis(cx, x, y)) return 0;
    }
    return 1;
}

/* `from` with its axis `at` made stretchable, a stretchable one added there, or without it. */
static Type *changed(Checker *cx, const Type *from, int at, int change) {
    Type *type = type_copy(cx, from);
    Axis *axes = arena_array(cx->arena, Axis, from->rank + 1);
    int rank = 0;
    for (int i = 0; i <= from->rank; i++) {
        if (i == at && change >= 0) axes[rank++] = (Axis){.dim = NULL, .is_stretchable = 1};
        if (i < from->rank && (i != at || change > 0)) axes[rank++] = from->axes[i];
    }
    type->axes = axes;
    type->rank = rank;
    return type;
}

int find_dropped(Checker *cx, const Type *from, const Type *to, Repair *repair) {
    *repair = (Repair){0};
    if (has_pack(from) || has_pack(to)) return 0;
    for (int at = from->rank - 1; at >= 0; at--) {
        int is_last = at == from->rank - 1;
        if (!is_one(&from->axes[at]) || from->axes[at].is_stretchable) continue;
        int is_stretch_first = from->rank <= to->rank && goes_with(cx, changed(cx, from, at, 0), to);
        if (!is_stretch_first && goes_with(cx, changed(cx, from, at, -1), to)) {
            repair->index = index_text(cx, at, is_last, "0");
            repair->what = "drop the axis of size 1";
            return 1;
        }
        if (!goes_with(cx, changed(cx, from, at, 0), to)) continue;
        repair->index = index_text(cx, at, is_last, "0, new");
        repair->what = "an axis that stretches in place of the 1";
        return 1;
    }
    return 0;
}

int find_added(Checker *cx, const Type *from, const Type *to, Repair *repair) {
    *repair = (Repair){0};
    if (has_pack(from) || has_pack(to) || !from->rank) return 0;
    for (int at = from->rank; at > 0 && from->rank < to->rank; at--)
        if (goes_with(cx, changed(cx, from, at, 1), to)) {
            repair->index = index_text(cx, at, at == from->rank, "new");
            repair->what = "an axis that stretches";
            return 1;
        }
    const Type *more = from; /* several behind all others */
    for (int count = 1; from->rank + count <= to->rank; count++) {
        more = changed(cx, more, more->rank, 1);
        if (!goes_with(cx, more, to)) continue;
        Text text = text_new(cx->arena);
        text_add(&text, "[..");
        for (int i = 0; i < count; i++) text_add(&text, ", new");
        text_char(&text, ']');
        repair->index = text_str(&text);
        repair->what = "axes that stretch";
        return 1;
    }
    return 0;
}

int find_order(Checker *cx, const Type *from, const Type *to, Repair *repair) {
    int order[TENSOR_MAX_RANK];
    *repair = (Repair){0};
    if (!has_other_order(cx, from, to, order)) return 0;
    repair->function = order_text(cx, order, to->rank);
    repair->what = "in the other order they fit";
    return 1;
}

/* ---- writing -------------------------------------------------------------------------------- */

void note_stage(Checker *cx, const Tx *tx, const Ast *pipe) {
    if (pipe->kind == AST_PIPE) map_set(cx->arena, &cx->stages, tx, (void *)(uintptr_t)pipe);
    map_set(cx->arena, &cx->stages, pipe, (void *)(uintptr_t)tx);
}

void note_copy(Checker *cx, const Tx *tx, const Tx *copy) {
    void *stage = map_get(&cx->stages, tx), *place = map_get(&cx->piped, tx);
    if (stage) map_set(cx->arena, &cx->stages, copy, stage);
    if (place) map_set(cx->arena, &cx->piped, copy, place);
}

/* An index may not follow the text as it stands: an operator would bind looser. */
static int needs_group(const char *text) {
    int depth = 0, is_string = 0;
    for (; *text; text++) {
        if (*text == '"') is_string = !is_string;
        if (is_string) continue;
        if (strchr("([{", *text)) depth++;
        if (strchr(")]}", *text)) depth--;
        if (!depth && strchr(" +-*/@<>=|\n", *text)) return 1;
    }
    return 0;
}

/* What stands there with the repair, and which place that replaces. */
static const char *repaired_text(Checker *cx, const Tx *tx, const Repair *repair, Span *place) {
    const Ast *pipe = map_get(&cx->stages, tx);
    *place = pipe ? pipe->span : tx->span;
    const char *text = source_text(cx, *place);
    size_t len = strlen(text);
    int is_call = !strncmp(text, "transpose(", 10) && text[len - 1] == ')' && !strchr(text + 10, '(');
    if (repair->function && !strcmp(repair->function, "transpose") && is_call && !pipe)
        return arena_text(cx->arena, text + 10, len - 11); /* twice is not at all */
    if (repair->function && pipe) return arena_printf(cx->arena, "%s |> %s", text, repair->function);
    if (repair->function) return arena_printf(cx->arena, "%s(%s)", repair->function, text);
    return arena_printf(cx->arena, needs_group(text) ? "(%s)%s" : "%s%s", text, repair->index);
}

void check_fix_repair(Checker *cx, Diag *diag, const Tx *tx, const Repair *repair) {
    if (!diag) return;
    Span place;
    const char *text = repaired_text(cx, tx, repair, &place);
    const char *shown = text, *operator = source_text(cx, cx->operator_span);
    int is_operator = cx->operands[0] && *operator && strchr("+-*/%@<>=!", *operator);
    if (is_operator && diag->span.begin == cx->operator_span.begin && (tx == cx->operands[0] || tx == cx->operands[1]))
        shown = arena_printf(cx->arena, "%s %s %s", tx == cx->operands[0] ? text : source_text(cx, cx->operands[0]->span),
                             operator,
                             tx == cx->operands[1] ? text : source_text(cx, cx->operands[1]->span));
    if (strlen(shown) <= 60 && !strchr(shown, '\n')) check_fix_edit(cx, diag, place, text, "%s: %s", repair->what, shown);
    else if (strlen(text) > 60 || strchr(text, '\n'))
        check_fix_edit(cx, diag, place, text, "%s: %s", repair->what,
                       repair->function ? arena_printf(cx->arena, "%s(...)", repair->function)
                                        : arena_printf(cx->arena, "...%s", repair->index));
    else check_fix_edit(cx, diag, place, text, "%s: %s", repair->what, text);
}

/* ---- pipes ---------------------------------------------------------------------------------- */

enum { SHOWN_STAGES = 8 };

static void label_value(Checker *cx, Diag *diag, const Ast *at, const Ast *stage) {
    const Tx *tx = map_get(&cx->stages, stage);
    if (!tx || tx->type->kind != TY_TENSOR) return;
    for (int i = 0; i < diag->labels.len; i++) { /* the shape says more than that the size comes through here */
        DiagLabel *label = &diag->labels.data[i];
        if (label->span.begin != at->span.begin || label->span.end != at->span.end) continue;
        if (!strstr(label->text, "comes through here")) continue;
        label->text = type_shown(cx, tx->type);
        return;
    }
    check_label(cx, diag, at->span, "%s", type_shown(cx, tx->type));
}

void label_stages(Checker *cx, const Ast *pipe, int first_diag) {
    const Diags *diags = &cx->session->diags;
    static const DiagCode codes[] = {E_TYPE_MISMATCH, E_INNER_DIMENSIONS, E_SHAPES_DIFFER, E_ARGUMENT_SHAPE, E_AXIS,
                                     E_RANK,          E_GIVEN,            E_RESHAPE,       E_WEIGHT_SHAPE,   E_EINSUM,
                                     E_WINDOW,        E_INDEX_RANGE,      E_INEXACT};
    Span here = pipe->pipe.right->span;
    Diag *diag = NULL;
    for (int i = first_diag; i < diags->list.len && !diag; i++) {
        Diag *made = diags->list.data[i];
        int is_here = made->span.begin >= here.begin && made->span.end <= pipe->span.end;
        for (size_t k = 0; is_here && k < sizeof codes / sizeof *codes; k++)
            if (made->code == codes[k]) diag = made;
    }
    const Ast *stage = ast_ungroup(pipe->pipe.left);
    for (int i = 0; diag && i < SHOWN_STAGES && stage->kind == AST_PIPE; i++) {
        label_value(cx, diag, stage->pipe.right, stage);
        stage = ast_ungroup(stage->pipe.left);
    }
    if (diag && stage->kind != AST_PIPE) label_value(cx, diag, stage, stage);
}

Span argument_place(Checker *cx, const Tx *arg) {
    const Span *place = map_get(&cx->piped, arg);
    return place ? *place : arg->span;
}
