/* The typing rules of convolution and windows.  What comes in: x with the axes (batch, channels, spatial...), and for a
 * convolution the kernel (kernels, channels of a group, window...).  What goes out: the sizes of the result,
 * (H + 2*pad - kernel)//stride + 1, exact for every value of the names in it; a window that cannot fit is reported
 * with both sizes.  The numbers in the brackets go to statics.dims in the order of the names below. */
#include "lang/check_call.h"
#include "lang/check_primitive.h"

#include <string.h>

enum { MAX_NUMBERS = 5 };

typedef struct Number {
    const char *name;
    int least;
    const Dim *value;
    Span span;
} Number;

/* 1 known, 0 reported, -1 not known here. */
static int read_number(Checker *cx, const PrimitiveCall *call, const Ast *item, Number *numbers, int count) {
    Number *number = NULL;
    const Ast *value = item->kind == AST_NAMED ? item->named.value : item;
    for (int i = 0; item->kind == AST_NAMED && i < count; i++)
        if (!strcmp(numbers[i].name, item->named.name.symbol->text)) number = &numbers[i];
    if (!number) {
        Diag *diag = check_error(cx, item->span, E_NO_PARAMETER, "`%s` has no such parameter", shown_name(call));
        check_note(cx, diag, "its numbers are named, as in `%s=2`", numbers[0].name);
        return 0;
    }
    int before = cx->session->diags.error_count;
    number->value = expect_dim(cx, value);
    number->span = value->span;
    if (!number->value) return cx->session->diags.error_count > before ? 0 : -1;
    if (!dim_is_constant(number->value) || dim_constant_value(number->value) >= number->least) return 1;
    check_error(cx, value->span, E_WINDOW, "`%s` is at least %d; this is %s", number->name, number->least,
                dim_shown(cx, number->value));
    return 0;
}

static int read_numbers(Checker *cx, const PrimitiveCall *call, Number *numbers, int count, int from) {
    Scope *scope = cx->scope;
    if (call->scope) cx->scope = call->scope;
    int result = 1;
    for (int i = from; call->items && i < call->items->len && result > 0; i++)
        result = read_number(cx, call, call->items->data[i], numbers, count);
    cx->scope = scope;
    return result;
}

static void put_numbers(Checker *cx, Tx *tx, const Number *numbers, int count) {
    for (int i = 0; i < count; i++) vec_push(cx->arena, &statics_of(tx)->dims, numbers[i].value);
}

static const char *axis_word(int spatial, int i) {
    static const char *const words[] = {"depth", "height", "width"};
    return spatial == 1 ? "length" : words[i + 3 - spatial];
}

/* 0 with a diagnostic where operand `i` has not one to three axes behind two others. */
static int has_spatial_axes(Checker *cx, const PrimitiveCall *call, int i) {
    const Type *type = call->args[i]->type;
    if (type->rank >= 3 && type->rank <= 5) return 1;
    Diag *diag = check_error(cx, call->args[i]->span, E_RANK, "`%s` works on axes behind two others, this is %s",
                             shown_name(call), type_shown(cx, type));
    check_note(cx, diag, i ? "a kernel is [kernels, channels, height, width]" : "pictures are [batch, channels, height, width]");
    return 0;
}

/* Axis 1 is where channels are expected; a last axis of a few elements, fewer than that, is where other libraries keep them. */
static void suspect_channels(Checker *cx, Diag *diag, const Type *x) {
    static const char *const orders[] = {"batch, channels, length", "batch, channels, height, width",
                                         "batch, channels, depth, height, width"};
    const Dim *last = x->axes[x->rank - 1].dim, *second = x->axes[1].dim;
    check_note(cx, diag, "the axes are [%s], this is %s", orders[x->rank - 3], type_shown(cx, x));
    int is_few = dim_is_constant(last) && dim_is_constant(second) && dim_constant_value(last) <= 4 &&
                 dim_constant_value(last) < dim_constant_value(second);
    if (!is_few) return;
    Text order = text_new(cx->arena);
    for (int i = 1; i < x->rank - 1; i++) text_printf(&order, ", %d", i);
    check_fix(cx, diag, "where the channels are last, put them behind the batch: transpose[0, %d%s](x)", x->rank - 1,
              text_str(&order));
}

/* What a window of `places` gives along axis `at` of x, padded to `extent`; NULL where it cannot fit (reported). */
static const Dim *slide(Checker *cx, const PrimitiveCall *call, int at, const Dim *extent, const Dim *places,
                        const Dim *stride) {
    const Type *x = call->args[0]->type;
    DimTable *t = &cx->session->dims;
    if (dim_at_most(t, places, extent, &cx->body->facts) == DIM_DIFFERENT) {
        Diag *diag = check_error(cx, call->span, E_WINDOW, "kernel %s is larger than the padded %s %s",
                                 dim_shown(cx, places), axis_word(x->rank - 2, at - 2), dim_shown(cx, extent));
        label_axis(cx, diag, &x->axes[at]);
        suspect_channels(cx, diag, x);
        return NULL;
    }
    return dim_add(t, dim_floor_div(t, dim_sub(t, extent, places), stride), dim_constant(t, 1));
}

static const Dim *padded(Checker *cx, const Dim *extent, const Dim *pad) {
    DimTable *t = &cx->session->dims;
    return dim_add(t, extent, dim_mul(t, dim_constant(t, 2), pad));
}

/* (n - 1)*by + 1: n elements `by` apart. */
static const Dim *spaced(Checker *cx, const Dim *n, const Dim *by) {
    DimTable *t = &cx->session->dims;
    const Dim *one = dim_constant(t, 1);
    return dim_add(t, dim_mul(t, dim_sub(t, n, one), by), one);
}

static int channels_agree(Checker *cx, const PrimitiveCall *call, const Dim *groups) {
    DimTable *t = &cx->session->dims;
    const Axis *x = &call->args[0]->type->axes[1], *w = call->args[1]->type->axes;
    const Dim *taken = dim_mul(t, w[1].dim, groups);
    if (compare_dims(cx, x->dim, taken) == DIM_DIFFERENT) {
        Diag *diag = check_error(cx, call->span, E_INNER_DIMENSIONS, "the channels differ: the picture has %s, the kernels take %s",
                                 dim_shown(cx, x->dim), dim_shown(cx, taken));
        label_axis(cx, diag, x);
        label_axis(cx, diag, &w[1]);
        return 0;
    }
    if (dim_divides(t, w[0].dim, groups, &cx->body->facts) != DIM_DIFFERENT) return 1;
    check_error(cx, call->span, E_INEXACT, "%s groups do not divide %s kernels", dim_shown(cx, groups),
                dim_shown(cx, w[0].dim));
    return 0;
}

/* convolution[stride=1, pad=0, spread=1, dilation=1, groups=1](x, w) */
const Tx *rule_convolution(Checker *cx, PrimitiveCall *call) {
    const Dim *one = dim_constant(&cx->session->dims, 1), *zero = dim_constant(&cx->session->dims, 0);
    Number n[MAX_NUMBERS] = {{.name = "stride", .least = 1, .value = one}, {.name = "pad", .value = zero},
                             {.name = "spread", .least = 1, .value = one}, {.name = "dilation", .least = 1, .value = one},
                             {.name = "groups", .least = 1, .value = one}};
    if (!has_count(cx, call, 2) || read_numbers(cx, call, n, MAX_NUMBERS, 0) <= 0) return tx_error(cx, call->span);
    DType dtype = joined_dtype(cx, call, 0);
    if (dtype == DT_COUNT || !convert_all(cx, call, 0, dtype_is_float(dtype) ? dtype : DT_F32))
        return tx_error(cx, call->span);
    const Type *x = call->args[0]->type, *w = call->args[1]->type;
    if (has_pack(x) || has_pack(w) || !has_spatial_axes(cx, call, 0) || !has_spatial_axes(cx, call, 1))
        return tx_error(cx, call->span);
    if (x->rank != w->rank) {
        check_error(cx, call->span, E_RANK, "a kernel has as many axes as what it slides over: %s against %s",
                    type_shown(cx, w), type_shown(cx, x));
        return tx_error(cx, call->span);
    }
    if (!channels_agree(cx, call, n[4].value)) return tx_error(cx, call->span);
    Axis axes[5] = {x->axes[0], w->axes[0]};
    for (int i = 2; i < x->rank; i++) {
        const Dim *extent = padded(cx, spaced(cx, x->axes[i].dim, n[2].value), n[1].value);
        const Dim *places = spaced(cx, w->axes[i].dim, n[3].value);
        const Dim *out = slide(cx, call, i, extent, places, n[0].value);
        if (!out) return tx_error(cx, call->span);
        axes[i] = (Axis){.dim = out, .why = origin_new(cx, ORIGIN_RESULT, call->span, x->axes[i].why)};
    }
    Tx *tx = primitive_tx(cx, call, type_tensor(cx, x->dtype, x->rank, axes));
    put_numbers(cx, tx, n, MAX_NUMBERS);
    return with_args(cx, tx, call);
}

/* window_max[kernel=2, stride=1, pad=0](x), window_sum: over all axes behind the first two */
const Tx *rule_window(Checker *cx, PrimitiveCall *call) {
    const Dim *one = dim_constant(&cx->session->dims, 1), *zero = dim_constant(&cx->session->dims, 0);
    Number n[3] = {{.name = "kernel", .least = 1, .value = NULL}, {.name = "stride", .least = 1, .value = one},
                   {.name = "pad", .value = zero}};
    if (!has_count(cx, call, 1) || read_numbers(cx, call, n, 3, 0) <= 0) return tx_error(cx, call->span);
    if (!n[0].value) {
        check_error(cx, call->span, E_STATIC_ARGUMENT, "`%s` needs the size of its window: %s[kernel=2](x)", shown_name(call),
                    shown_name(call));
        return tx_error(cx, call->span);
    }
    call->args[0] = settle(cx, call->args[0]);
    DType dtype = call->args[0]->type->dtype;
    if (!convert_all(cx, call, 0, dtype_is_float(dtype) ? dtype : DT_F32)) return tx_error(cx, call->span);
    const Type *x = call->args[0]->type;
    if (has_pack(x) || !has_spatial_axes(cx, call, 0)) return tx_error(cx, call->span);
    Axis axes[5] = {x->axes[0], x->axes[1]};
    for (int i = 2; i < x->rank; i++) {
        const Dim *extent = padded(cx, x->axes[i].dim, n[2].value);
        const Dim *out = slide(cx, call, i, extent, n[0].value, n[1].value);
        if (!out) return tx_error(cx, call->span);
        axes[i] = (Axis){.dim = out, .why = origin_new(cx, ORIGIN_RESULT, call->span, x->axes[i].why)};
    }
    Tx *tx = primitive_tx(cx, call, type_tensor(cx, x->dtype, x->rank, axes));
    put_numbers(cx, tx, n, 3);
    return with_args(cx, tx, call);
}
