/* What configures a call but was given among its tensors, as other tools write it: `sum(x, axis=1)` for `sum[1](x)`,
 * `x |> Dense(10)` for `x |> Dense[10]`.  The fix moves it into the brackets. */
#include "lang/check_bind.h"
#include "lang/check_call.h"
#include "lang/check_primitive.h"

#include <ctype.h>
#include <string.h>

/* A call as it is written. */
typedef struct Written {
    Span span;   /* of the whole call; in a pipe of the callee, and `is_piped` */
    int is_piped;
    const Argument *args; /* without what the pipe brings */
    int count;
} Written;

static Written written_call(Checker *cx, Span span, const Argument *args, int count) {
    int is_piped = count && map_has(&cx->piped, args[0].tx);
    return (Written){.span = span, .is_piped = is_piped, .args = args + is_piped, .count = count - is_piped};
}

/* `name=value`: the text behind the sign. */
static const char *value_text(Checker *cx, const Argument *arg) {
    const char *text = source_text(cx, arg->span), *sign = strchr(text, '=');
    if (!sign) return text;
    sign++;
    while (isspace((unsigned char)*sign)) sign++;
    return sign;
}

static int is_one_of(const char *name, const char *const *names) {
    for (; *names; names++)
        if (!strcmp(name, *names)) return 1;
    return 0;
}

static int is_axis_word(const char *name) {
    return is_one_of(name, (const char *const[]){"axis", "axes", "dim", "dims", NULL});
}

/* `f[inside](rest)` for the call, of whose arguments those with a text in `moved` go into the brackets. */
static void offer(Checker *cx, Diag *diag, const Written *call, const char *const *moved) {
    Span callee = call->span;
    if (!call->is_piped) callee.end = call->args[0].span.begin;
    const char *text = source_text(cx, callee);
    size_t len = strlen(text);
    while (len && (isspace((unsigned char)text[len - 1]) || (!call->is_piped && text[len - 1] == '('))) len--;
    if (!len || memchr(text, '(', len) || memchr(text, '[', len)) return;
    Text inside = text_new(cx->arena), rest = text_new(cx->arena);
    for (int i = 0; i < call->count; i++) {
        Text *to = moved[i] ? &inside : &rest;
        text_printf(to, "%s%s", to->len ? ", " : "", moved[i] ? moved[i] : source_text(cx, call->args[i].span));
    }
    Span whole = call->span;
    if (call->is_piped) {
        uint32_t end = call->args[call->count - 1].span.end;
        if (strcmp(source_text(cx, (Span){end, end + 1}), ")") != 0) return;
        whole.end = end + 1;
    }
    const char *mended = arena_printf(cx->arena, "%.*s[%s]", (int)len, text, text_str(&inside));
    if (rest.len || !call->is_piped) mended = arena_printf(cx->arena, "%s(%s)", mended, text_str(&rest));
    if (strlen(mended) > 60 || strchr(mended, '\n'))
        check_fix_edit(cx, diag, whole, mended, "what configures stands in brackets: %.*s[%s](...)", (int)len, text,
                       text_str(&inside));
    else check_fix_edit(cx, diag, whole, mended, "what configures stands in brackets: %s", mended);
}

/* ---- declared functions ------------------------------------------------------------------------------- */

static int is_input(const Bind *bind, const Symbol *name) {
    const AstList *inputs = &bind->function->inputs;
    for (int i = 0; i < inputs->len; i++)
        if (inputs->data[i]->declare.name.symbol == name) return 1;
    return 0;
}

int is_axis_parameter(const Ast *parameter, const Symbol *name) {
    StaticKind kind = static_kind(parameter);
    return (kind == STATIC_AXIS || kind == STATIC_AXES) && is_axis_word(name->text);
}

/* How a named argument is written in the brackets; NULL where no parameter is meant. */
static const char *named_in_brackets(Checker *cx, const Bind *bind, const Argument *arg) {
    const AstList *statics = &bind->function->statics;
    for (int i = 0; i < statics->len; i++) {
        if (parameter_name(statics->data[i]) == arg->name) return source_text(cx, arg->span);
        if (is_axis_parameter(statics->data[i], arg->name)) return value_text(cx, arg);
    }
    return NULL;
}

void offer_brackets(Checker *cx, const Bind *bind, Diag *diag) {
    if (!diag || bind->items || !bind->function->statics.len) return;
    Written call = written_call(cx, bind->span, bind->given, bind->given_count);
    const char **moved = arena_array(cx->arena, const char *, call.count + 1);
    int inputs = bind->function->inputs.len - call.is_piped, free = bind->function->statics.len, any = 0;
    for (int i = 0; i < call.count; i++) {
        const Argument *arg = &call.args[i];
        if (arg->name ? is_input(bind, arg->name) : inputs > 0) {
            inputs--;
            continue;
        }
        moved[i] = arg->name ? named_in_brackets(cx, bind, arg) : source_text(cx, arg->span);
        if (!moved[i] || !free--) return;
        any = 1;
    }
    if (any) offer(cx, diag, &call, moved);
}

/* ---- primitives --------------------------------------------------------------------------------------- */

/* How many tensors it takes that has brackets; 0: any number, and none of them may be meant for the brackets. */
static int tensors_of(PrimitiveKind kind) {
    switch ((int)kind) {
    case PRIM_SUM:
    case PRIM_MEAN:
    case PRIM_MAX:
    case PRIM_MIN:
    case PRIM_ANY:
    case PRIM_ALL:
    case PRIM_STD:
    case PRIM_ARGMAX:
    case PRIM_ARGMIN:
    case PRIM_CUMSUM:
    case PRIM_SORT:
    case PRIM_ARGSORT:
    case PRIM_TOP_K:
    case PRIM_RESHAPE:
    case PRIM_REVERSE: return 1;
    case PRIM_CONVOLUTION: return 2;
    case PRIM_CONCAT:
    case PRIM_STACK:
    case PRIM_UNSTACK: return 0;
    default: return -1;
    }
}

void offer_primitive_brackets(Checker *cx, const PrimitiveCall *primitive, Diag *diag) {
    int tensors = tensors_of(primitive->kind), any = 0;
    if (!diag || tensors < 0 || primitive->items || !primitive->given || !primitive->arg_count) return;
    Written call = written_call(cx, primitive->span, primitive->given, primitive->arg_count);
    const char **moved = arena_array(cx->arena, const char *, call.count + 1);
    for (int i = 0, taken = call.is_piped; i < call.count; i++) {
        const Argument *arg = &call.args[i];
        const char *name = arg->name ? arg->name->text : NULL;
        if (!name && (!tensors || taken++ < tensors)) continue;
        any = 1;
        if (!name) moved[i] = source_text(cx, arg->span);
        else if (is_axis_word(name)) moved[i] = value_text(cx, arg);
        else if (is_one_of(name, (const char *const[]){"keepdim", "keepdims", NULL}))
            moved[i] = arena_printf(cx->arena, "keep=%s", value_text(cx, arg));
        else moved[i] = source_text(cx, arg->span);
    }
    if (any) offer(cx, diag, &call, moved);
}
