/* Sizes, shapes and plans of the loop text. */
#include "compiler/loop_parser.h"

#include <string.h>

/* ---- sizes ------------------------------------------------------------------------------------------- */

static DimName *dim_of_name(LoopParser *p, const Symbol *name) {
    for (int i = 0; i < p->dims.len; i++)
        if (p->dims.data[i]->name == name) return p->dims.data[i];
    DimName *made = dim_new_name(&p->session->dims, name);
    made->is_runtime = 1;
    vec_push(p->arena, &p->dims, made);
    return made;
}

static const Dim *dim_primary(LoopParser *p) {
    DimTable *d = &p->session->dims;
    if (!loop_enter(p)) return dim_constant(d, 1);
    const Dim *result;
    if (p->token == LT_INTEGER) {
        result = dim_constant(d, loop_expect_integer(p, "a size"));
    } else if (loop_accept(p, "(")) {
        result = loop_parse_dim(p);
        loop_expect(p, ")");
    } else if (loop_is(p, "min") || loop_is(p, "max")) {
        int is_min = loop_is(p, "min");
        loop_next(p);
        loop_expect(p, "(");
        const Dim *a = loop_parse_dim(p);
        loop_expect(p, ",");
        const Dim *b = loop_parse_dim(p);
        loop_expect(p, ")");
        result = is_min ? dim_min(d, a, b) : dim_max(d, a, b);
    } else {
        result = dim_named(d, dim_of_name(p, loop_expect_name(p, "a size")));
    }
    loop_leave(p);
    return result;
}

static const Dim *dim_factor(LoopParser *p) {
    DimTable *d = &p->session->dims;
    if (loop_accept(p, "-")) {
        if (!loop_enter(p)) return dim_constant(d, 1);
        const Dim *negated = dim_sub(d, dim_constant(d, 0), dim_factor(p));
        loop_leave(p);
        return negated;
    }
    const Dim *base = dim_primary(p);
    if (!loop_accept(p, "**")) return base;
    int64_t power = loop_expect_integer(p, "a power");
    if (power > 16) {
        loop_syntax(p, "a power above 16");
        return base;
    }
    return dim_power(d, base, (int)power);
}

static const Dim *dim_product(LoopParser *p) {
    DimTable *d = &p->session->dims;
    const Dim *result = dim_factor(p);
    for (;;) {
        int is_floor = loop_is(p, "//"), is_mod = loop_is(p, "%"), is_exact = loop_is(p, "/");
        if (loop_accept(p, "*")) {
            result = dim_mul(d, result, dim_factor(p));
            continue;
        }
        if (!is_floor && !is_mod && !is_exact) return result;
        loop_next(p);
        const Dim *by = dim_factor(p);
        if (dim_is_constant(by) && dim_constant_value(by) == 0) {
            loop_syntax(p, "a size is divided by zero");
            return result;
        }
        result = is_floor ? dim_floor_div(d, result, by) : is_mod ? dim_mod(d, result, by) : dim_exact_div(d, result, by);
    }
}

const Dim *loop_parse_dim(LoopParser *p) {
    DimTable *d = &p->session->dims;
    const Dim *result = dim_product(p);
    for (;;) {
        if (loop_accept(p, "+")) result = dim_add(d, result, dim_product(p));
        else if (loop_accept(p, "-")) result = dim_sub(d, result, dim_product(p));
        else break;
    }
    if (result->overflowed) loop_syntax(p, "a size is too large");
    return result;
}

const DimName *loop_parse_dim_name(LoopParser *p) {
    DimName *name = dim_of_name(p, loop_expect_name(p, "the name of a size"));
    if (loop_accept(p, "<=")) name->maximum = loop_expect_integer(p, "the largest value of a size");
    return name;
}

LoopShape loop_parse_shape(LoopParser *p) {
    LoopShape shape = {0};
    const Symbol *name = loop_expect_name(p, "an element type");
    int dtype = dtype_from_name(name->text);
    if (dtype < 0 || dtype == DT_INDEX) {
        loop_syntax(p, "`%s` is no element type of a buffer", name->text);
        return shape;
    }
    shape.dtype = (DType)dtype;
    loop_expect(p, "[");
    while (!loop_is(p, "]") && p->token != LT_END) {
        if (shape.rank == LOOP_MAX_RANK) loop_syntax(p, "a buffer has at most %d axes", LOOP_MAX_RANK);
        else shape.extents[shape.rank++] = loop_parse_dim(p);
        if (!loop_accept(p, ",")) break;
    }
    loop_expect(p, "]");
    if (shape.rank) shape.pitch = shape.extents[shape.rank - 1];
    if (loop_accept(p, "pitch")) shape.pitch = loop_parse_dim(p);
    return shape;
}

/* ---- plans ------------------------------------------------------------------------------------------- */

typedef struct PlanParser {
    LoopParser *p;
    LoopPlan *plan;
    const Symbol *indices[ABI_MAX_LOOPS];
    int depth;
} PlanParser;

static int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const void *const_bytes(LoopParser *p, int64_t *bytes) {
    const char *hex = loop_expect_string(p, "the bytes of a constant in hexadecimal");
    size_t len = strlen(hex);
    unsigned char *data = arena_alloc(p->arena, len / 2 + 64);
    data += (64 - (uintptr_t)data % 64) % 64;
    for (size_t i = 0; i + 1 < len; i += 2) {
        int high = hex_digit(hex[i]), low = hex_digit(hex[i + 1]);
        if (high < 0 || low < 0) {
            loop_syntax(p, "the bytes of a constant are not hexadecimal");
            break;
        }
        data[i / 2] = (unsigned char)(high * 16 + low);
    }
    *bytes = (int64_t)(len / 2);
    return data;
}

static void plan_buffer(PlanParser *q) {
    LoopParser *p = q->p;
    PlanBuffer buffer = {.name = loop_expect_name(p, "the name of a buffer")};
    loop_expect(p, ":");
    LoopShape shape = loop_parse_shape(p);
    buffer.dtype = shape.dtype;
    buffer.rank = shape.rank;
    memcpy(buffer.extents, shape.extents, sizeof shape.extents);
    buffer.pitch = shape.pitch;
    if (loop_accept(p, "input")) buffer.kind = BUFFER_INPUT;
    else if (loop_accept(p, "output")) buffer.kind = BUFFER_OUTPUT;
    else if (loop_accept(p, "inout")) buffer.kind = BUFFER_INOUT;
    else if (loop_accept(p, "arena")) buffer.kind = BUFFER_ARENA;
    else {
        loop_expect(p, "const");
        buffer.kind = BUFFER_CONST;
        buffer.data = const_bytes(p, &buffer.bytes);
    }
    if (buffer.kind == BUFFER_ARENA) buffer.offset = loop_expect_integer(p, "an offset");
    else if (buffer.kind != BUFFER_CONST) buffer.slot = (int)loop_expect_integer(p, "a slot");
    if (loop_accept(p, "bytes")) buffer.bytes = loop_expect_integer(p, "a number of bytes");
    vec_push(p->arena, &q->plan->buffers, buffer);
}

static int buffer_number(PlanParser *q) {
    Span span = loop_token_span(q->p);
    const Symbol *name = loop_expect_name(q->p, "the name of a buffer");
    for (int i = 0; i < q->plan->buffers.len; i++)
        if (q->plan->buffers.data[i].name == name) return i;
    if (!q->p->is_failed) {
        diag_add(&q->p->session->diags, span, E_LOOP_SYNTAX, "the plan has no buffer `%s`", name->text);
        q->p->is_failed = 1;
        loop_next(q->p);
    }
    return 0;
}

static PlanArgument plan_argument(PlanParser *q) {
    LoopParser *p = q->p;
    PlanArgument argument = {.buffer = buffer_number(q)};
    if (loop_accept(p, "at")) argument.offset = loop_parse_dim(p);
    while (loop_accept(p, "by")) {
        int k = q->depth - 1;
        const Symbol *name = loop_expect_name(p, "the index of a loop");
        while (k >= 0 && q->indices[k] != name) k--;
        if (k < 0) loop_syntax(p, "no loop around has the index `%s`", name->text);
        loop_expect(p, ":");
        const Dim *step = loop_parse_dim(p);
        if (k >= 0) argument.step[k] = step;
    }
    return argument;
}

static void plan_run(PlanParser *q, PlanStmt *s) {
    LoopParser *p = q->p;
    const Symbol *name = loop_expect_name(p, "the name of a kernel");
    s->kind = PLAN_RUN;
    s->kernel = q->plan->kernels.len - 1;
    while (s->kernel >= 0 && q->plan->kernels.data[s->kernel]->name != name) s->kernel--;
    if (s->kernel < 0) loop_syntax(p, "no kernel `%s` stands before the plan", name->text);
    loop_expect(p, "(");
    while (!loop_is(p, ")") && p->token != LT_END) {
        vec_push(p->arena, &s->arguments, plan_argument(q));
        if (!loop_accept(p, ",")) break;
    }
    loop_expect(p, ")");
}

static PlanStmt *plan_block(PlanParser *q);

static void plan_loop(PlanParser *q, PlanStmt *s) {
    LoopParser *p = q->p;
    s->kind = PLAN_LOOP;
    s->index = loop_expect_name(p, "the index of the loop");
    loop_expect(p, "in");
    s->lo = loop_parse_dim(p);
    loop_expect(p, "..");
    s->hi = loop_parse_dim(p);
    s->is_reversed = loop_accept(p, "reversed");
    if (q->depth == ABI_MAX_LOOPS) {
        loop_syntax(p, "a plan nests at most %d loops", ABI_MAX_LOOPS);
        return;
    }
    q->indices[q->depth++] = s->index;
    s->body = plan_block(q);
    q->depth--;
}

static PlanStmt *plan_stmt(PlanParser *q) {
    LoopParser *p = q->p;
    PlanStmt *s = arena_new(p->arena, PlanStmt);
    if (loop_accept(p, "run")) plan_run(q, s);
    else if (loop_accept(p, "phase")) s->kind = PLAN_PHASE;
    else if (loop_accept(p, "loop")) plan_loop(q, s);
    else {
        s->kind = loop_is(p, "when") ? PLAN_WHEN : PLAN_UNTIL;
        if (!loop_accept(p, "when")) loop_expect(p, "until");
        s->condition = buffer_number(q);
        s->body = plan_block(q);
        if (s->kind == PLAN_WHEN && loop_accept(p, "else")) s->otherwise = plan_block(q);
    }
    return s;
}

static PlanStmt *plan_list(PlanParser *q) {
    PlanStmt *first = NULL, **tail = &first;
    while (!loop_is(q->p, "}") && q->p->token != LT_END) {
        *tail = plan_stmt(q);
        tail = &(*tail)->next;
    }
    loop_expect(q->p, "}");
    return first;
}

static PlanStmt *plan_block(PlanParser *q) {
    loop_expect(q->p, "{");
    PlanStmt *list = loop_enter(q->p) ? plan_list(q) : NULL;
    loop_leave(q->p);
    return list;
}

void loop_parse_plan(LoopParser *p) {
    PlanParser q = {.p = p, .plan = arena_new(p->arena, LoopPlan)};
    LoopPlan *plan = q.plan;
    plan->name = loop_expect_name(p, "the name of the plan");
    for (int i = 0; i < p->file->kernels.len; i++) vec_push(p->arena, &plan->kernels, p->file->kernels.data[i]);
    loop_expect(p, "(");
    if (loop_accept(p, "dims"))
        do vec_push(p->arena, &plan->dims, loop_parse_dim_name(p));
        while (loop_accept(p, ","));
    loop_expect(p, ")");
    loop_expect(p, "slots");
    plan->slot_count = (int)loop_expect_integer(p, "the number of slots");
    loop_expect(p, "arena");
    plan->arena_bytes = loop_expect_integer(p, "the bytes of the arena");
    loop_expect(p, "scratch");
    plan->scratch_bytes = loop_expect_integer(p, "the bytes of scratch memory");
    loop_expect(p, "{");
    while (loop_accept(p, "buffer")) plan_buffer(&q);
    plan->body = plan_list(&q);
    vec_push(p->arena, &p->file->plans, plan);
}
