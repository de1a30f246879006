/* Kernels and plans to text.  Values without a name, and names that occur twice, get one: the text names each value
 * of a kernel differently, so a scope never hides a name.  Constants stand where they are used, with their type only
 * where the other operands do not give it. */
#include "compiler/loop_print.h"

#include "compiler/loop_words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Printer {
    Arena arena;
    SymbolTable symbols; /* of this text */
    Map used;            /* symbols taken */
    Text *out;
    const LoopKernel *k;
    const char **values, **arrays, **buffers; /* names */
    int next_number;
} Printer;

/* ---- names ------------------------------------------------------------------------------------------- */

/* A name that is not taken: `wanted` with odd characters replaced, numbered from _2 on. */
static const char *fresh_name(Printer *p, const char *wanted, int is_value) {
    char *clean = arena_text(&p->arena, wanted, strlen(wanted));
    for (char *c = clean; *c; c++)
        if (!loop_is_name_char(*c) || (c == clean && !loop_is_name_start(*c))) *c = '_';
    const Symbol *name = symbol(&p->symbols, *clean ? clean : "v");
    for (int n = 2; map_has(&p->used, name) || (is_value && loop_is_word(name->text)); n++)
        name = symbol_printf(&p->symbols, "%s_%d", clean, n);
    map_set(&p->arena, &p->used, name, p);
    return name->text;
}

static const char *numbered_name(Printer *p) {
    for (;;) {
        const Symbol *name = symbol_printf(&p->symbols, "v%d", ++p->next_number);
        if (map_has(&p->used, name)) continue;
        map_set(&p->arena, &p->used, name, p);
        return name->text;
    }
}

static void name_value(Printer *p, LoopVal v) {
    const Symbol *name = p->k->values.data[v].name;
    p->values[v] = name ? fresh_name(p, name->text, 1) : numbered_name(p);
}

static const char *value_name(const Printer *p, LoopVal v) { return p->values[v] ? p->values[v] : "?"; }

static const char *symbol_text(const Symbol *name, const char *otherwise) { return name ? name->text : otherwise; }

/* ---- values ------------------------------------------------------------------------------------------ */

static void print_type(Printer *p, LoopType t) {
    text_printf(p->out, "%s%s", dtype_name(t.element), t.is_wide ? "x16" : "");
}

/* The shortest decimal that reads back to the same bits. */
static void print_float(Text *out, DType t, double x) {
    char digits[40];
    if (x != x) text_add(out, "nan");
    else if (isinf(x)) text_add(out, x < 0 ? "-inf" : "inf");
    else {
        for (int n = 1; n <= 17; n++) {
            snprintf(digits, sizeof digits, "%.*g", n, x);
            double back = strtod(digits, NULL);
            if (t == DT_F32 ? (float)back == (float)x : back == x) break;
        }
        text_add(out, digits);
    }
}

static void print_number(Printer *p, const LoopValue *v) {
    DType t = v->type.element;
    if (dtype_is_float(t)) print_float(p->out, t, v->imm_f);
    else if (t == DT_BOOL) text_add(p->out, v->imm_i ? "true" : "false");
    else if (t == DT_U64) text_printf(p->out, "%llu", (unsigned long long)v->imm_i);
    else text_printf(p->out, "%lld", (long long)v->imm_i);
}

static int same_type(LoopType a, LoopType b) { return a.element == b.element && a.is_wide == b.is_wide; }

/* `wanted`: the type that the place gives; NULL where it gives none. */
static void print_operand(Printer *p, LoopVal v, const LoopType *wanted) {
    const LoopValue *value = &p->k->values.data[v];
    if (value->op == LO_LANE) {
        text_printf(p->out, "lane(%s)", dtype_name(value->type.element));
    } else if (value->op != LO_CONST) {
        text_add(p->out, value_name(p, v));
    } else if (wanted && same_type(*wanted, value->type)) {
        print_number(p, value);
    } else {
        print_type(p, value->type);
        text_char(p->out, '(');
        print_number(p, value);
        text_char(p->out, ')');
    }
}

static void print_index(Printer *p, LoopVal v) { print_operand(p, v, &(LoopType){DT_INDEX, 0}); }

static void print_subscripts(Printer *p, const LoopVal *subscripts, int rank) {
    text_char(p->out, '[');
    for (int i = 0; i < rank; i++) {
        if (i) text_add(p->out, ", ");
        print_index(p, subscripts[i]);
    }
    text_char(p->out, ']');
}

static void print_lanes(Printer *p, int is_wide, LoopVal count) {
    if (!is_wide) return;
    text_add(p->out, " lanes ");
    if (count) print_index(p, count);
    else text_add(p->out, "16");
}

static void print_register(Printer *p, int array, const LoopVal *subscripts) {
    text_add(p->out, p->arrays[array]);
    if (p->k->arrays.data[array].rank) print_subscripts(p, subscripts, p->k->arrays.data[array].rank);
}

/* The operands that share a type take it from the first that is not a constant. */
static void print_operation(Printer *p, const LoopValue *v) {
    int count = loop_op_operands(v->op), first = v->op == LO_SELECT ? 1 : 0;
    const LoopType *wanted = NULL;
    for (int i = first; i < count && !wanted; i++)
        if (p->k->values.data[v->in[i]].op != LO_CONST) wanted = &p->k->values.data[v->in[i]].type;
    text_printf(p->out, "%s(", loop_op_name(v->op));
    for (int i = 0; i < count; i++) {
        if (i) text_add(p->out, ", ");
        print_operand(p, v->in[i], i < first ? NULL : wanted);
        if (i >= first && !wanted) wanted = &p->k->values.data[v->in[i]].type;
    }
    text_char(p->out, ')');
}

static void print_call(Printer *p, const LoopValue *v) {
    text_printf(p->out, "%s(", loop_op_name(v->op));
    print_operand(p, v->in[0], NULL);
    if (v->op == LO_CONVERT || v->op == LO_BITCAST) text_printf(p->out, ", %s", dtype_name(v->type.element));
    if (v->op == LO_LANE_GET) {
        text_add(p->out, ", ");
        print_index(p, v->in[1]);
    }
    if (v->count) {
        text_add(p->out, ", ");
        print_index(p, v->count);
    }
    text_char(p->out, ')');
}

static void print_value(Printer *p, LoopVal number) {
    const LoopValue *v = &p->k->values.data[number];
    switch ((int)v->op) { /* the operations outside loop_op.def, then those of the table */
    case LO_CONST: case LO_LANE: case LO_PARAM: print_operand(p, number, NULL); return;
    case LO_READ: print_register(p, v->array, v->subscripts); return;
    case LO_LOAD: case LO_GATHER:
        text_printf(p->out, "%s %s", loop_op_name(v->op), p->buffers[v->buffer]);
        print_subscripts(p, v->subscripts, p->k->buffers.data[v->buffer].rank);
        print_lanes(p, v->type.is_wide, v->count);
        return;
    case LO_CONVERT: case LO_BITCAST: case LO_SPLAT: case LO_LANE_GET:
    case LO_LANES_SUM: case LO_LANES_MIN: case LO_LANES_MAX: print_call(p, v); return;
    default: print_operation(p, v); return;
    }
}

/* ---- statements -------------------------------------------------------------------------------------- */

static void print_block(Printer *p, const LoopStmt *s);

static void print_braced(Printer *p, const LoopStmt *s) {
    text_add(p->out, "{\n");
    p->out->indent++;
    print_block(p, s);
    p->out->indent--;
    text_char(p->out, '}');
}

static void print_counted(Printer *p, const LoopStmt *s) {
    name_value(p, s->index);
    text_printf(p->out, "%s %s in ", s->kind == LS_FOR ? "for" : "unroll", value_name(p, s->index));
    print_index(p, s->lo);
    text_add(p->out, "..");
    print_index(p, s->hi);
    if (s->kind == LS_FOR && s->step != 1) text_printf(p->out, " step %lld", (long long)s->step);
    if (s->is_reversed) text_add(p->out, " reversed");
    text_char(p->out, ' ');
    print_braced(p, s->body);
    text_char(p->out, '\n');
}

static void print_var(Printer *p, const LoopStmt *s) {
    const LoopArray *a = &p->k->arrays.data[s->array];
    p->arrays[s->array] = fresh_name(p, symbol_text(a->name, "a"), 1);
    text_printf(p->out, "var %s", p->arrays[s->array]);
    for (int i = 0; i < a->rank; i++) text_printf(p->out, "%s%d", i ? ", " : "[", a->extent[i]);
    text_add(p->out, a->rank ? "]: " : ": ");
    print_type(p, a->type);
    text_add(p->out, " = ");
    /* a scalar constant goes for each lane: its text is the wide constant's */
    LoopType type = {a->type.element, p->k->values.data[s->value].type.is_wide};
    print_operand(p, s->value, &type);
    text_char(p->out, '\n');
}

static LoopType stored_type(const LoopBuffer *b, int is_wide) {
    return (LoopType){b->dtype == DT_F16 || b->dtype == DT_BF16 ? DT_F32 : b->dtype, is_wide};
}

static void print_store(Printer *p, const LoopStmt *s) {
    const LoopBuffer *b = &p->k->buffers.data[s->buffer];
    int is_wide = p->k->values.data[s->value].type.is_wide;
    text_printf(p->out, "store %s", p->buffers[s->buffer]);
    print_subscripts(p, s->subscripts, b->rank);
    print_lanes(p, is_wide, s->count);
    text_add(p->out, " = ");
    LoopType type = stored_type(b, is_wide);
    print_operand(p, s->value, &type);
    text_char(p->out, '\n');
}

static void print_prefetch(Printer *p, const LoopStmt *s) {
    text_printf(p->out, "prefetch %s", p->buffers[s->buffer]);
    print_subscripts(p, s->subscripts, p->k->buffers.data[s->buffer].rank);
    text_char(p->out, '\n');
}

static void print_quoted(Text *out, const char *text) {
    text_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') text_char(out, '\\');
        if (*text == '\n') text_add(out, "\\n");
        else text_char(out, *text);
    }
    text_char(out, '"');
}

static void print_if(Printer *p, const LoopStmt *s) {
    text_add(p->out, "if ");
    print_operand(p, s->value, NULL);
    text_char(p->out, ' ');
    print_braced(p, s->body);
    if (s->otherwise) {
        text_add(p->out, " else ");
        print_braced(p, s->otherwise);
    }
    text_char(p->out, '\n');
}

static void print_stmt(Printer *p, const LoopStmt *s) {
    switch (s->kind) {
    case LS_LET:
        name_value(p, s->value);
        text_printf(p->out, "let %s = ", value_name(p, s->value));
        print_value(p, s->value);
        text_char(p->out, '\n');
        return;
    case LS_VAR: print_var(p, s); return;
    case LS_SET:
        print_register(p, s->array, s->subscripts);
        text_add(p->out, " = ");
        print_operand(p, s->value, &p->k->arrays.data[s->array].type);
        text_char(p->out, '\n');
        return;
    case LS_STORE: print_store(p, s); return;
    case LS_PREFETCH: print_prefetch(p, s); return;
    case LS_FOR: case LS_UNROLL: print_counted(p, s); return;
    case LS_IF: print_if(p, s); return;
    case LS_WHILE:
        text_add(p->out, "while ");
        print_braced(p, s->head);
        text_char(p->out, ' ');
        print_operand(p, s->value, NULL);
        text_char(p->out, ' ');
        print_braced(p, s->body);
        text_char(p->out, '\n');
        return;
    case LS_CHECK:
        text_add(p->out, "check ");
        print_operand(p, s->value, NULL);
        text_add(p->out, ", ");
        print_quoted(p->out, p->k->checks.data[s->check].message);
        text_char(p->out, '\n');
        return;
    }
}

static void print_block(Printer *p, const LoopStmt *s) {
    for (; s; s = s->next) print_stmt(p, s);
}

/* ---- headers ----------------------------------------------------------------------------------------- */

/* `f32[B, 784] pitch 800` */
static void print_shape(Text *out, DType dtype, int rank, const Dim *const *extents, const Dim *pitch) {
    text_printf(out, "%s[", dtype_name(dtype));
    for (int i = 0; i < rank; i++) {
        if (i) text_add(out, ", ");
        dim_print(out, extents[i]);
    }
    text_char(out, ']');
    if (rank && pitch && pitch != extents[rank - 1]) {
        text_add(out, " pitch ");
        dim_print(out, pitch);
    }
}

static void print_dim_name(Text *out, const DimName *name) {
    text_add(out, name->name->text);
    if (name->maximum) text_printf(out, " <= %lld", (long long)name->maximum);
}

static void print_header(Printer *p, const char *name) {
    static const char *const access[] = {"in", "out", "inout", "scratch"};
    const LoopKernel *k = p->k;
    Text *out = p->out;
    text_printf(out, "kernel %s(", name);
    for (int i = 0; i < k->buffers.len; i++) {
        const LoopBuffer *b = &k->buffers.data[i];
        text_printf(out, "%s%s %s: ", i ? ", " : "", access[b->access], p->buffers[i]);
        print_shape(out, b->dtype, b->rank, b->extents, b->pitch);
    }
    for (int i = 0; i < k->dims.len; i++) {
        text_add(out, i ? ", " : k->buffers.len ? "; dims " : "dims ");
        print_dim_name(out, k->dims.data[i]);
    }
    for (int i = 0; i < k->loop_indices.len; i++) {
        const char *begin = k->buffers.len || k->dims.len ? "; index " : "index ";
        text_printf(out, "%s%s", i ? ", " : begin, value_name(p, k->loop_indices.data[i]));
    }
    text_printf(out, ") tile %s of ", value_name(p, k->tile));
    dim_print(out, k->tile_count);
    if (k->tiles_per_range) text_printf(out, " range %lld", (long long)k->tiles_per_range);
    if (k->hero && *k->hero) {
        text_add(out, " hero ");
        print_quoted(out, k->hero);
    }
    text_char(out, ' ');
}

/* The names of run-time dims come first, so that they keep theirs: extents use them too. */
static void name_parameters(Printer *p) {
    const LoopKernel *k = p->k;
    for (int i = 0; i < k->dims.len; i++) {
        const Symbol *name = symbol(&p->symbols, k->dims.data[i]->name->text);
        map_set(&p->arena, &p->used, name, p);
        p->values[k->dim_values.data[i]] = name->text;
    }
    name_value(p, k->tile);
    for (int i = 0; i < k->loop_indices.len; i++) name_value(p, k->loop_indices.data[i]);
}

static void print_kernel(Text *out, const LoopKernel *k, const char *name) {
    Printer p = {.out = out, .k = k};
    p.symbols.arena = &p.arena;
    p.buffers = arena_array(&p.arena, const char *, k->buffers.len);
    for (int i = 0; i < k->buffers.len; i++) p.buffers[i] = fresh_name(&p, symbol_text(k->buffers.data[i].name, "b"), 0);
    p.used = (Map){0}; /* buffers have names of their own */
    p.values = arena_array(&p.arena, const char *, k->values.len);
    p.arrays = arena_array(&p.arena, const char *, k->arrays.len);
    name_parameters(&p);
    print_header(&p, name);
    print_braced(&p, k->body);
    text_char(out, '\n');
    arena_release(&p.arena);
}

void loop_print(Text *out, const LoopKernel *kernel) {
    Printer p = {.out = out};
    p.symbols.arena = &p.arena;
    print_kernel(out, kernel, fresh_name(&p, kernel->name->text, 0));
    arena_release(&p.arena);
}

/* ---- plans ------------------------------------------------------------------------------------------- */

typedef struct PlanPrinter {
    Printer names; /* of buffers and loop indices */
    const LoopPlan *plan;
    const char **kernels, **buffers;
    const char *indices[ABI_MAX_LOOPS];
    int depth;
} PlanPrinter;

static void print_plan_buffer(PlanPrinter *p, int number) {
    Text *out = p->names.out;
    const PlanBuffer *b = &p->plan->buffers.data[number];
    text_printf(out, "buffer %s: ", p->buffers[number]);
    print_shape(out, b->dtype, b->rank, b->extents, b->pitch);
    switch (b->kind) {
    case BUFFER_INPUT: text_printf(out, " input %d", b->slot); break;
    case BUFFER_OUTPUT: text_printf(out, " output %d", b->slot); break;
    case BUFFER_INOUT: text_printf(out, " inout %d", b->slot); break;
    case BUFFER_ARENA: text_printf(out, " arena %lld", (long long)b->offset); break;
    case BUFFER_CONST:
        text_add(out, " const \"");
        for (int64_t i = 0; i < b->bytes; i++) text_printf(out, "%02x", ((const unsigned char *)b->data)[i]);
        text_char(out, '"');
        break;
    }
    text_printf(out, " bytes %lld\n", (long long)b->bytes);
}

static void print_run(PlanPrinter *p, const PlanStmt *s) {
    Text *out = p->names.out;
    text_printf(out, "run %s(", p->kernels[s->kernel]);
    for (int i = 0; i < s->arguments.len; i++) {
        const PlanArgument *a = &s->arguments.data[i];
        text_printf(out, "%s%s", i ? ", " : "", p->buffers[a->buffer]);
        if (a->offset) {
            text_add(out, " at ");
            dim_print(out, a->offset);
        }
        for (int k = 0; k < p->depth; k++) {
            if (!a->step[k]) continue;
            text_printf(out, " by %s: ", p->indices[k]);
            dim_print(out, a->step[k]);
        }
    }
    text_add(out, ")\n");
}

static void print_plan_block(PlanPrinter *p, const PlanStmt *s);

static void print_plan_braced(PlanPrinter *p, const PlanStmt *s) {
    Text *out = p->names.out;
    text_add(out, "{\n");
    out->indent++;
    print_plan_block(p, s);
    out->indent--;
    text_char(out, '}');
}

static void print_plan_loop(PlanPrinter *p, const PlanStmt *s) {
    Text *out = p->names.out;
    if (p->depth == ABI_MAX_LOOPS) ICE("plan %s nests loops too deeply", p->plan->name->text);
    p->indices[p->depth] = fresh_name(&p->names, symbol_text(s->index, "i"), 0);
    text_printf(out, "loop %s in ", p->indices[p->depth++]);
    dim_print(out, s->lo);
    text_add(out, "..");
    dim_print(out, s->hi);
    text_add(out, s->is_reversed ? " reversed " : " ");
    print_plan_braced(p, s->body);
    text_char(out, '\n');
    p->depth--;
}

static void print_plan_block(PlanPrinter *p, const PlanStmt *s) {
    Text *out = p->names.out;
    for (; s; s = s->next) {
        switch (s->kind) {
        case PLAN_RUN: print_run(p, s); break;
        case PLAN_PHASE: text_add(out, "phase\n"); break;
        case PLAN_LOOP: print_plan_loop(p, s); break;
        case PLAN_WHEN: case PLAN_UNTIL:
            text_printf(out, "%s %s ", s->kind == PLAN_WHEN ? "when" : "until", p->buffers[s->condition]);
            print_plan_braced(p, s->body);
            if (s->otherwise) {
                text_add(out, " else ");
                print_plan_braced(p, s->otherwise);
            }
            text_char(out, '\n');
            break;
        }
    }
}

static void print_plan_header(PlanPrinter *p) {
    Text *out = p->names.out;
    const LoopPlan *plan = p->plan;
    text_printf(out, "plan %s(", fresh_name(&p->names, plan->name->text, 0));
    for (int i = 0; i < plan->dims.len; i++) {
        text_add(out, i ? ", " : "dims ");
        print_dim_name(out, plan->dims.data[i]);
    }
    text_printf(out, ") slots %d arena %lld scratch %lld {\n", plan->slot_count, (long long)plan->arena_bytes,
                (long long)plan->scratch_bytes);
}

void plan_print(Text *out, const LoopPlan *plan) {
    PlanPrinter p = {.names = {.out = out}, .plan = plan};
    Arena *arena = &p.names.arena;
    p.names.symbols.arena = arena;
    p.kernels = arena_array(arena, const char *, plan->kernels.len);
    p.buffers = arena_array(arena, const char *, plan->buffers.len);
    for (int i = 0; i < plan->kernels.len; i++) {
        p.kernels[i] = fresh_name(&p.names, plan->kernels.data[i]->name->text, 0);
        print_kernel(out, plan->kernels.data[i], p.kernels[i]);
        text_char(out, '\n');
    }
    p.names.used = (Map){0};
    print_plan_header(&p);
    p.names.used = (Map){0};
    out->indent++;
    for (int i = 0; i < plan->dims.len; i++)
        map_set(arena, &p.names.used, symbol(&p.names.symbols, plan->dims.data[i]->name->text), &p);
    for (int i = 0; i < plan->buffers.len; i++)
        p.buffers[i] = fresh_name(&p.names, symbol_text(plan->buffers.data[i].name, "b"), 0);
    for (int i = 0; i < plan->buffers.len; i++) print_plan_buffer(&p, i);
    print_plan_block(&p, plan->body);
    out->indent--;
    text_add(out, "}\n");
    arena_release(arena);
}
