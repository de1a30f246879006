/* One expanded kernel to one C function.  A value becomes a local constant with its name in the kernel; nameless
 * values with one use become part of the expression that uses them, if no statement with an effect stands between.
 * What nothing uses is left out. */
#include "compiler/emit_c_parts.h"

#include <stdlib.h>
#include <string.h>

typedef struct ValueFacts {
    int uses;
    int is_live;
    int made_in, used_in; /* numbers of stretches of statements without an effect */
    const char *text;     /* how the value is written where it is used */
} ValueFacts;

typedef struct ArrayFacts {
    const char **names;  /* per element */
    uint8_t *is_read;    /* per element: by a live value */
    int count;
} ArrayFacts;

typedef struct KernelC {
    EmitC *e;
    const LoopKernel *k;
    Text *out;
    ValueFacts *values;
    ArrayFacts *arrays;
    const char **buffers; /* names */
    Map used;             /* symbols of names in use */
    int stretch;
    int changed;
} KernelC;

/* ---- what is needed ----------------------------------------------------------------------------------- */

static const LoopValue *value_of(const KernelC *c, LoopVal v) { return &c->k->values.data[v]; }

static int array_element(const KernelC *c, int array, const LoopVal *subscripts) {
    const LoopArray *a = &c->k->arrays.data[array];
    int64_t at = 0;
    for (int i = 0; i < a->rank; i++) {
        const LoopValue *s = value_of(c, subscripts[i]);
        if (s->op != LO_CONST) {
            ICE("the subscript of a register is not constant: the kernel is not expanded");
        }
        at = at * a->extent[i] + s->imm_i;
    }
    return (int)at;
}

static void need(KernelC *c, LoopVal v);

static void need_operands(KernelC *c, const LoopValue *value) {
    for (int i = 0; i < 3; i++) {
        need(c, value->in[i]);
    }
    if (value->op == LO_LOAD || value->op == LO_GATHER) {
        for (int i = 0; i < c->k->buffers.data[value->buffer].rank; i++) {
            need(c, value->subscripts[i]);
        }
    }
    need(c, value->count);
    if (value->op == LO_READ) {
        uint8_t *is_read = &c->arrays[value->array].is_read[array_element(c, value->array, value->subscripts)];
        c->changed |= !*is_read;
        *is_read = 1;
    }
}

static void need(KernelC *c, LoopVal v) {
    if (v && !c->values[v].is_live) {
        c->values[v].is_live = 1;
        c->changed = 1;
        need_operands(c, value_of(c, v));
    }
}

static int is_dead_set(const KernelC *c, const LoopStmt *s) {
    return s->kind == LS_SET && !c->arrays[s->array].is_read[array_element(c, s->array, s->subscripts)];
}

static int is_dead_array(const KernelC *c, int array) {
    for (int i = 0; i < c->arrays[array].count; i++) {
        if (c->arrays[array].is_read[i]) {
            return 0;
        }
    }
    return 1;
}

/* Marks what statements with an effect need; again until nothing new is found, since a set counts only if
 * its register is read. */
static void need_statements(KernelC *c, const LoopStmt *s) {
    for (; s; s = s->next) {
        if (s->kind == LS_LET || is_dead_set(c, s) || (s->kind == LS_VAR && is_dead_array(c, s->array))) {
            continue;
        }
        need(c, s->value);
        need(c, s->lo);
        need(c, s->hi);
        need(c, s->count);
        if (s->kind == LS_STORE || s->kind == LS_PREFETCH) {
            for (int i = 0; i < c->k->buffers.data[s->buffer].rank; i++) {
                need(c, s->subscripts[i]);
            }
        }
        need_statements(c, s->head);
        need_statements(c, s->body);
        need_statements(c, s->otherwise);
    }
}

static void use(KernelC *c, LoopVal v) {
    c->values[v].uses++;
    c->values[v].used_in = c->stretch;
}

static void use_operands(KernelC *c, const LoopValue *value) {
    for (int i = 0; i < 3; i++) {
        use(c, value->in[i]);
    }
    if (value->op == LO_LOAD || value->op == LO_GATHER) {
        for (int i = 0; i < c->k->buffers.data[value->buffer].rank; i++) {
            use(c, value->subscripts[i]);
        }
    }
    use(c, value->count);
}

/* Counts uses and numbers the stretches; the order must be that of `statements` below. */
static void use_statements(KernelC *c, const LoopStmt *s) {
    for (; s; s = s->next) {
        if (s->kind == LS_LET) {
            c->values[s->value].made_in = c->stretch;
            if (c->values[s->value].is_live) {
                use_operands(c, value_of(c, s->value));
            }
            continue;
        }
        if (is_dead_set(c, s) || (s->kind == LS_VAR && is_dead_array(c, s->array))) {
            continue;
        }
        if (s->kind != LS_WHILE) {
            use(c, s->value);
        }
        use(c, s->lo);
        use(c, s->hi);
        use(c, s->count);
        if (s->kind == LS_STORE || s->kind == LS_PREFETCH) {
            for (int i = 0; i < c->k->buffers.data[s->buffer].rank; i++) {
                use(c, s->subscripts[i]);
            }
        }
        c->stretch++;
        use_statements(c, s->head);
        if (s->kind == LS_WHILE) {
            use(c, s->value);
            c->stretch++;
        }
        use_statements(c, s->body);
        c->stretch++;
        use_statements(c, s->otherwise);
        c->stretch++;
    }
}

/* ---- expressions -------------------------------------------------------------------------------------- */

/* A name that no other value, register, buffer or parameter of this kernel has. */
static const char *fresh_text(KernelC *c, const char *wanted) {
    const char *text = wanted;
    for (int n = 2; map_has(&c->used, symbol(&c->e->session->symbols, text)); n++) {
        text = arena_printf(c->e->arena, "%s_%d", wanted, n);
    }
    const Symbol *key = symbol(&c->e->session->symbols, text);
    map_set(c->e->arena, &c->used, key, (void *)key);
    return text;
}

static const char *fresh_name(KernelC *c, const Symbol *name) { return fresh_text(c, c_name(c->e, name)); }

static const char *value_text(KernelC *c, LoopVal v);

/* The value as an operand: in parentheses where it is more than a name or a call. */
static const char *operand(KernelC *c, LoopVal v) {
    if (!v) {
        return NULL;
    }
    const char *text = value_text(c, v);
    return c_is_atom(text) ? text : arena_printf(c->e->arena, "(%s)", text);
}

static int is_number(const char *text, int64_t *number) {
    char *end;
    *number = strtoll(text, &end, 10);
    return *text && !*end;
}

/* sum * extent + subscript, with what is known at hand computed. */
static const char *next_offset(KernelC *c, const char *sum, const Dim *extent, const char *subscript) {
    const char *size = c_dim(c->e, extent);
    int64_t a, b, s;
    int a_known = is_number(sum, &a), b_known = is_number(size, &b), s_known = is_number(subscript, &s);
    if (a_known && b_known && s_known) {
        return arena_printf(c->e->arena, "%lld", (long long)(a * b + s));
    }
    if ((a_known && a == 0) || (b_known && b == 0)) {
        return subscript;
    }
    const char *left = c_is_atom(sum) ? sum : arena_printf(c->e->arena, "(%s)", sum);
    const char *right = c_is_atom(size) ? size : arena_printf(c->e->arena, "(%s)", size);
    const char *product = b_known && b == 1 ? left : arena_printf(c->e->arena, "%s*%s", left, right);
    return s_known && s == 0 ? product : arena_printf(c->e->arena, "%s + %s", product, subscript);
}

/* The offset of an element in its buffer; the last subscript counts only if asked for. */
static const char *offset_text(KernelC *c, const LoopBuffer *b, const LoopVal *subscripts, int with_last) {
    const char *sum = "0";
    for (int i = 0; i < b->rank; i++) {
        int is_last = i == b->rank - 1;
        const Dim *extent = is_last && b->pitch ? b->pitch : b->extents[i];
        const char *subscript = is_last && !with_last ? "0" : value_text(c, subscripts[i]);
        sum = i == 0 ? subscript : next_offset(c, sum, extent, subscript);
    }
    return sum;
}

static const char *pointer_text(KernelC *c, int buffer, const LoopVal *subscripts, int with_last) {
    const LoopBuffer *b = &c->k->buffers.data[buffer];
    const char *offset = offset_text(c, b, subscripts, with_last);
    return strcmp(offset, "0") == 0 ? c->buffers[buffer]
                                    : arena_printf(c->e->arena, "%s + %s", c->buffers[buffer], offset);
}

static const char *element_text(KernelC *c, int buffer, const LoopVal *subscripts) {
    const LoopBuffer *b = &c->k->buffers.data[buffer];
    return arena_printf(c->e->arena, "%s[%s]", c->buffers[buffer], offset_text(c, b, subscripts, 1));
}

static const char *load_text(KernelC *c, const LoopValue *v) {
    DType stored = c->k->buffers.data[v->buffer].dtype;
    if (!v->type.is_wide) {
        const char *text = element_text(c, v->buffer, v->subscripts);
        const char *function = c_from_storage(c->e, stored);
        return function ? arena_printf(c->e->arena, "%s(%s)", function, text) : text;
    }
    const char *function = c_load(c->e, v->type.element, stored, v->count != 0);
    const char *pointer = pointer_text(c, v->buffer, v->subscripts, 1);
    return v->count ? arena_printf(c->e->arena, "%s(%s, %s)", function, pointer, value_text(c, v->count))
                    : arena_printf(c->e->arena, "%s(%s)", function, pointer);
}

static const char *gather_text(KernelC *c, const LoopValue *v) {
    const LoopBuffer *b = &c->k->buffers.data[v->buffer];
    LoopVal last = v->subscripts[b->rank - 1];
    const char *function = c_gather(c->e, v->type.element, b->dtype, value_of(c, last)->type.element);
    return arena_printf(c->e->arena, "%s(%s, %s, %s)", function, pointer_text(c, v->buffer, v->subscripts, 0),
                        value_text(c, last), v->count ? value_text(c, v->count) : "16");
}

/* Index arithmetic is plain C, so that addresses read as one would write them. */
static const char *index_op(KernelC *c, const LoopValue *v) {
    int64_t divisor;
    const char *a = operand(c, v->in[0]), *b = operand(c, v->in[1]);
    if ((v->op == LO_DIV || v->op == LO_REM) && is_number(b, &divisor) && divisor > 0) {
        return arena_printf(c->e->arena, "%s %c %s", a, v->op == LO_DIV ? '/' : '%', b);
    }
    return NULL;
}

static const char *operation_text(KernelC *c, const LoopValue *v) {
    LoopVal typed = v->op == LO_SELECT ? v->in[1] : v->in[0];
    DType element = value_of(c, typed)->type.element;
    if (!v->type.is_wide) {
        const char *text = element == DT_INDEX ? index_op(c, v) : NULL;
        const char *a = operand(c, v->in[0]), *b = operand(c, v->in[1]), *d = operand(c, v->in[2]);
        return text ? text : c_scalar_op(c->e, v->op, element, a, b, d);
    }
    const char *function = c_wide_op(c->e, v->op, element);
    const char *text = arena_printf(c->e->arena, "%s(%s", function, value_text(c, v->in[0]));
    for (int i = 1; i < loop_op_operands(v->op); i++) {
        text = arena_printf(c->e->arena, "%s, %s", text, value_text(c, v->in[i]));
    }
    return arena_printf(c->e->arena, "%s)", text);
}

static const char *cast_text(KernelC *c, const LoopValue *v, const char *function) {
    DType from = value_of(c, v->in[0])->type.element;
    if (function) {
        return arena_printf(c->e->arena, "%s(%s)", function, value_text(c, v->in[0]));
    }
    if (v->type.element == DT_BOOL && from != DT_BOOL) {
        return arena_printf(c->e->arena, "%s != 0", operand(c, v->in[0]));
    }
    return arena_printf(c->e->arena, "(%s)%s", c_type(c->e, v->type), operand(c, v->in[0]));
}

static const char *constant_text(KernelC *c, const LoopValue *v) {
    const char *number = c_constant(c->e, v->type.element, v->imm_i, v->imm_f);
    return v->type.is_wide ? arena_printf(c->e->arena, "%s(%s)", c_splat(c->e, v->type.element), number) : number;
}

static const char *lanes_text(KernelC *c, const LoopValue *v) {
    return arena_printf(c->e->arena, "%s(%s, %s)", c_lanes(c->e, v->op, v->type.element), value_text(c, v->in[0]),
                        v->count ? value_text(c, v->count) : "16");
}

static const char *expression(KernelC *c, LoopVal id) {
    const LoopValue *v = value_of(c, id);
    switch (v->op) {
    case LO_CONST: return constant_text(c, v);
    case LO_LANE: return arena_printf(c->e->arena, "%s()", c_lane_numbers(c->e, v->type.element));
    case LO_CONVERT:
        return cast_text(c, v, c_convert(c->e, value_of(c, v->in[0])->type.element, v->type));
    case LO_BITCAST:
        return cast_text(c, v, c_bitcast(c->e, value_of(c, v->in[0])->type.element, v->type));
    case LO_SPLAT:
        return arena_printf(c->e->arena, "%s(%s)", c_splat(c->e, v->type.element), value_text(c, v->in[0]));
    case LO_LANE_GET:
        return arena_printf(c->e->arena, "DLC_V(%s)[%s]", value_text(c, v->in[0]), value_text(c, v->in[1]));
    case LO_LOAD: return load_text(c, v);
    case LO_GATHER: return gather_text(c, v);
    case LO_READ: return c->arrays[v->array].names[array_element(c, v->array, v->subscripts)];
    case LO_LANES_SUM: case LO_LANES_MIN: case LO_LANES_MAX: return lanes_text(c, v);
    case LO_PARAM: case LO_COUNT: break;
#define LO(id, name, operands, rule) case LO_##id:
#include "compiler/loop_op.def"
#undef LO
        return operation_text(c, v);
    }
    ICE("a parameter of kernel %s has no name in C", c->k->name->text);
}

static const char *value_text(KernelC *c, LoopVal v) {
    if (!c->values[v].text) {
        c->values[v].text = expression(c, v);
    }
    return c->values[v].text;
}

/* ---- statements --------------------------------------------------------------------------------------- */

enum { LONGEST_PART = 64 }; /* of an expression that is written inside another */

static void let(KernelC *c, const LoopStmt *s) {
    ValueFacts *facts = &c->values[s->value];
    const LoopValue *v = value_of(c, s->value);
    if (!facts->is_live || (v->op == LO_CONST && !v->name)) {
        return;
    }
    const char *text = expression(c, s->value);
    int is_part = !v->name && facts->uses == 1 && facts->used_in == facts->made_in &&
                  strlen(text) <= LONGEST_PART;
    if (is_part) {
        facts->text = text;
        return;
    }
    const char *name = v->name ? fresh_name(c, v->name) : fresh_text(c, arena_printf(c->e->arena, "v%u", s->value));
    text_printf(c->out, "const %s %s = %s;\n", c_type(c->e, v->type), name, text);
    facts->text = name;
}

static void declare(KernelC *c, const LoopStmt *s) {
    const LoopArray *a = &c->k->arrays.data[s->array];
    ArrayFacts *facts = &c->arrays[s->array];
    if (is_dead_array(c, s->array)) {
        return;
    }
    const char *base = fresh_name(c, a->name);
    const LoopValue *first = value_of(c, s->value);
    const char *value = value_text(c, s->value);
    if (a->type.is_wide && !first->type.is_wide) {
        value = arena_printf(c->e->arena, "%s(%s)", c_splat(c->e, a->type.element), value);
    }
    for (int i = 0; i < facts->count; i++) {
        const char *name = base;
        if (a->rank == 1) {
            name = fresh_text(c, arena_printf(c->e->arena, "%s_%d", base, i));
        } else if (a->rank == 2) {
            name = arena_printf(c->e->arena, "%s_%d_%d", base, i / a->extent[1], i % a->extent[1]);
            name = fresh_text(c, name);
        }
        facts->names[i] = name;
        if (facts->is_read[i]) {
            text_printf(c->out, "%s %s = %s;\n", c_type(c->e, a->type), name, value);
        }
    }
}

static void store(KernelC *c, const LoopStmt *s) {
    DType stored = c->k->buffers.data[s->buffer].dtype;
    LoopType type = value_of(c, s->value)->type;
    const char *value = value_text(c, s->value);
    if (type.is_wide) {
        const char *function = c_store(c->e, type.element, stored, s->count != 0);
        text_printf(c->out, "%s(%s, %s", function, pointer_text(c, s->buffer, s->subscripts, 1), value);
        text_printf(c->out, s->count ? ", %s);\n" : ");\n", s->count ? value_text(c, s->count) : "");
        return;
    }
    const char *function = c_to_storage(c->e, stored);
    if (function) {
        value = arena_printf(c->e->arena, "%s(%s)", function, value);
    } else if (stored == DT_BOOL) {
        value = arena_printf(c->e->arena, "(uint8_t)%s", operand(c, s->value));
    }
    text_printf(c->out, "%s = %s;\n", element_text(c, s->buffer, s->subscripts), value);
}

static void statements(KernelC *c, const LoopStmt *s);

static void block(KernelC *c, const LoopStmt *body) {
    c->out->indent++;
    statements(c, body);
    c->out->indent--;
}

static void loop(KernelC *c, const LoopStmt *s) {
    const char *lo = value_text(c, s->lo), *hi = value_text(c, s->hi);
    const Symbol *wanted = value_of(c, s->index)->name;
    const char *i = wanted ? fresh_name(c, wanted) : fresh_text(c, "i");
    c->values[s->index].text = i;
    long long step = (long long)s->step;
    if (!s->is_reversed) {
        const char *next = step == 1 ? arena_printf(c->e->arena, "%s++", i)
                                     : arena_printf(c->e->arena, "%s += %lld", i, step);
        text_printf(c->out, "for (int64_t %s = %s; %s < %s; %s) {\n", i, lo, i, operand(c, s->hi), next);
    } else if (step == 1) {
        text_printf(c->out, "for (int64_t %s = %s - 1; %s >= %s; %s--) {\n", i, operand(c, s->hi), i,
                    operand(c, s->lo), i);
    } else {
        const char *low = operand(c, s->lo), *high = operand(c, s->hi);
        text_printf(c->out, "for (int64_t %s = %s < %s ? %s + (%s - 1 - %s)/%lld*%lld : %s - 1;", i, low, high, low,
                    high, low, step, step, low);
        text_printf(c->out, " %s >= %s; %s -= %lld) {\n", i, low, i, step);
    }
    (void)hi;
    block(c, s->body);
    text_add(c->out, "}\n");
}

static void statement(KernelC *c, const LoopStmt *s) {
    switch (s->kind) {
    case LS_LET: let(c, s); return;
    case LS_VAR: declare(c, s); return;
    case LS_SET:
        if (!is_dead_set(c, s)) {
            const char *name = c->arrays[s->array].names[array_element(c, s->array, s->subscripts)];
            text_printf(c->out, "%s = %s;\n", name, value_text(c, s->value));
        }
        return;
    case LS_STORE: store(c, s); return;
    case LS_PREFETCH:
        text_printf(c->out, "DLC_PREFETCH(%s);\n", pointer_text(c, s->buffer, s->subscripts, 1));
        return;
    case LS_FOR: loop(c, s); return;
    case LS_UNROLL: ICE("an unroll is left: the kernel is not expanded");
    case LS_IF:
        text_printf(c->out, "if (%s) {\n", value_text(c, s->value));
        block(c, s->body);
        if (s->otherwise) {
            text_add(c->out, "} else {\n");
            block(c, s->otherwise);
        }
        text_add(c->out, "}\n");
        return;
    case LS_WHILE:
        text_add(c->out, "for (;;) {\n");
        block(c, s->head);
        text_printf(c->out, "    if (!%s) {\n        break;\n    }\n", operand(c, s->value));
        block(c, s->body);
        text_add(c->out, "}\n");
        return;
    case LS_CHECK:
        text_printf(c->out, "if (!%s) {\n    return %d; /* ", operand(c, s->value), s->check + 1);
        for (const char *p = c->k->checks.data[s->check].message; *p; p++) {
            text_char(c->out, *p == '*' || *p == '\\' || *p == '\n' ? ' ' : *p);
        }
        text_add(c->out, " */\n}\n");
        return;
    }
}

static void statements(KernelC *c, const LoopStmt *s) {
    for (; s; s = s->next) {
        statement(c, s);
    }
}

/* ---- the function ------------------------------------------------------------------------------------- */

static void find_needs(KernelC *c) {
    const LoopKernel *k = c->k;
    c->values = arena_array(c->e->arena, ValueFacts, k->values.len + 1);
    c->arrays = arena_array(c->e->arena, ArrayFacts, k->arrays.len + 1);
    for (int i = 0; i < k->arrays.len; i++) {
        const LoopArray *a = &k->arrays.data[i];
        int count = (a->rank > 0 ? a->extent[0] : 1) * (a->rank > 1 ? a->extent[1] : 1);
        c->arrays[i] = (ArrayFacts){arena_array(c->e->arena, const char *, count),
                                    arena_array(c->e->arena, uint8_t, count), count};
    }
    do {
        c->changed = 0;
        need_statements(c, k->body);
    } while (c->changed);
    c->stretch = 1;
    use_statements(c, k->body);
}

/* Names of buffers, sizes, indices and the tile. */
static void name_parameters(KernelC *c) {
    const LoopKernel *k = c->k;
    static const char *const own[] = {"first", "last", "scratch"};
    for (int i = 0; i < 3; i++) {
        fresh_text(c, own[i]);
    }
    c->buffers = arena_array(c->e->arena, const char *, k->buffers.len + 1);
    for (int i = 0; i < k->buffers.len; i++) {
        c->buffers[i] = fresh_name(c, k->buffers.data[i].name);
    }
    c->e->dims = (Map){0};
    for (int i = 0; i < k->dims.len; i++) {
        const char *name = fresh_name(c, k->dims.data[i]->name);
        map_set(c->e->arena, &c->e->dims, k->dims.data[i], (void *)name);
        if (i < k->dim_values.len) {
            c->values[k->dim_values.data[i]].text = name;
        }
    }
    for (int i = 0; i < k->loop_indices.len; i++) {
        c->values[k->loop_indices.data[i]].text = fresh_name(c, value_of(c, k->loop_indices.data[i])->name);
    }
    const LoopValue *tile = value_of(c, k->tile);
    c->values[k->tile].text = tile->name ? fresh_name(c, tile->name) : fresh_text(c, "tile");
}

/* Whether a word occurs in a text. */
static int mentions(const char *text, const char *word) {
    size_t len = strlen(word);
    for (const char *p = text; (p = strstr(p, word)); p += len) {
        char before = p == text ? ' ' : p[-1], after = p[len];
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", before) &&
            (!after || !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", after))) {
            return 1;
        }
    }
    return 0;
}

static void unused(const char *body, const char *name, Text *out) {
    if (!mentions(body, name)) {
        text_printf(out, "(void)%s;\n", name);
    }
}

/* Scratch buffers lie one behind the other, each at a multiple of 64 bytes. */
static void scratch_pointers(KernelC *c, Text *out) {
    const char *offset = "0";
    for (int i = 0; i < c->k->buffers.len; i++) {
        const LoopBuffer *b = &c->k->buffers.data[i];
        if (b->access != LOOP_SCRATCH) {
            continue;
        }
        const char *type = c_storage(b->dtype);
        text_printf(out, "%s *DLC_RESTRICT const %s = (%s *)((unsigned char *)scratch + %s);\n", type, c->buffers[i],
                    type, offset);
        const char *bytes = arena_printf(c->e->arena, "%d", dtype_bytes(b->dtype));
        for (int axis = 0; axis < b->rank; axis++) {
            const Dim *extent = axis == b->rank - 1 && b->pitch ? b->pitch : b->extents[axis];
            bytes = arena_printf(c->e->arena, "%s*(%s)", bytes, c_dim(c->e, extent));
        }
        offset = arena_printf(c->e->arena, "%s + (%s + 63)/64*64", offset, bytes);
    }
}

static void signature(KernelC *c, const char *name, Text *out) {
    const LoopKernel *k = c->k;
    text_printf(out, "DLC_KERNEL int32_t %s(", name);
    for (int i = 0; i < k->buffers.len; i++) {
        const LoopBuffer *b = &k->buffers.data[i];
        if (b->access != LOOP_SCRATCH) {
            text_printf(out, "%s%s *DLC_RESTRICT %s, ", b->access == LOOP_IN ? "const " : "", c_storage(b->dtype),
                        c->buffers[i]);
        }
    }
    for (int i = 0; i < k->dims.len; i++) {
        text_printf(out, "int64_t %s, ", (const char *)map_get(&c->e->dims, k->dims.data[i]));
    }
    for (int i = 0; i < k->loop_indices.len; i++) {
        text_printf(out, "int64_t %s, ", c->values[k->loop_indices.data[i]].text);
    }
    text_add(out, "int64_t first, int64_t last, void *scratch) {\n");
}

void c_kernel(EmitC *e, const LoopKernel *kernel, const char *name, Text *out) {
    Text inner = text_new(e->arena);
    KernelC c = {.e = e, .k = kernel, .out = &inner};
    find_needs(&c);
    name_parameters(&c);
    inner.indent = 1;
    const char *tile = c.values[kernel->tile].text;
    Text start = text_new(e->arena);
    start.indent = 1;
    scratch_pointers(&c, &start);
    text_printf(&inner, "for (int64_t %s = first; %s < last; %s++) {\n", tile, tile, tile);
    block(&c, kernel->body);
    text_add(&inner, "}\nreturn 0;\n");
    const char *body = text_str(&inner);
    Text all = text_new(e->arena);
    text_printf(&all, "%s%s", text_str(&start), body);
    for (int i = 0; i < kernel->buffers.len; i++) {
        unused(i < kernel->buffers.len && kernel->buffers.data[i].access == LOOP_SCRATCH ? body : text_str(&all),
               c.buffers[i], &start);
    }
    for (int i = 0; i < kernel->dims.len; i++) {
        unused(text_str(&all), map_get(&e->dims, kernel->dims.data[i]), &start);
    }
    for (int i = 0; i < kernel->loop_indices.len; i++) {
        unused(text_str(&all), c.values[kernel->loop_indices.data[i]].text, &start);
    }
    unused(text_str(&all), "scratch", &start);
    text_printf(out, "\n/* %s", kernel->hero ? kernel->hero : "kernel");
    c_source_lines(e, kernel->spans.data, kernel->spans.len, out);
    text_add(out, " */\n");
    signature(&c, name, out);
    text_add_bytes(out, text_str(&start), start.len);
    text_add_bytes(out, body, inner.len);
    text_add(out, "}\n");
}
