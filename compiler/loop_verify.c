/* The rules of kernels.  One walk over the statements knows what is visible at each place: values by a mark that is
 * taken back when the block ends, registers likewise.  The rules of plans are in loop_verify_plan.c. */
#include "compiler/loop_verify.h"

#include "compiler/loop_print.h"

#include <stdarg.h>
#include <stdio.h>

typedef enum ValueState {
    UNMADE,
    VISIBLE,
    GONE, /* made, and its block has ended */
} ValueState;

typedef struct Verifier {
    Arena *arena;
    const LoopKernel *k;
    LoopFaults *faults;
    const LoopStmt *stmt; /* being looked at */
    uint8_t *state;       /* ValueState by value */
    uint8_t *is_unrolled; /* by value: an index of unroll */
    uint8_t *array_state; /* by array */
    Vec(LoopVal) made;    /* visible values of all open blocks, in order */
    Vec(int) declared;    /* visible arrays likewise */
} Verifier;

static const LoopType index_type = {DT_INDEX, 0};
static const LoopType bool_type = {DT_BOOL, 0};

static void fault(Verifier *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void fault(Verifier *v, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    vec_push(v->arena, &v->faults->list, ((LoopFault){v->stmt, arena_printf(v->arena, "%s", text)}));
}

/* ---- types ------------------------------------------------------------------------------------------- */

static int same_type(LoopType a, LoopType b) { return a.element == b.element && !a.is_wide == !b.is_wide; }

static const char *type_text(Verifier *v, LoopType t) {
    return arena_printf(v->arena, "%s%s", dtype_name(t.element), t.is_wide ? "x16" : "");
}

static int is_value_type(LoopType t) { return t.element != DT_F16 && t.element != DT_BF16 && t.element < DT_COUNT; }

static int is_number(DType t) { return t != DT_BOOL; }
static int is_value_float(DType t) { return t == DT_F32 || t == DT_F64; }

/* A value may be used here: it exists, and constants and lanes apart it was made before. */
static int is_visible(const Verifier *v, LoopVal x) {
    if (!x || x >= (LoopVal)v->k->values.len) return 0;
    LoopOp op = v->k->values.data[x].op;
    return op == LO_CONST || op == LO_LANE || v->state[x] == VISIBLE;
}

static int is_usable(Verifier *v, LoopVal x, const char *what) {
    if (is_visible(v, x)) return 1;
    if (!x || x >= (LoopVal)v->k->values.len) {
        fault(v, "%s is no value", what);
        return 0;
    }
    LoopOp op = v->k->values.data[x].op;
    const Symbol *name = v->k->values.data[x].name;
    fault(v, "%s, %s%s`%s`, is used %s", what, name ? "" : "value ", name ? "" : arena_printf(v->arena, "%u, ", x),
          name ? name->text : loop_op_name(op), v->state[x] == GONE ? "outside of its block" : "before it is made");
    return 0;
}

static LoopType type_of(const Verifier *v, LoopVal x) { return v->k->values.data[x].type; }

static void expect_type(Verifier *v, LoopVal x, LoopType type, const char *what) {
    if (!is_usable(v, x, what) || same_type(type_of(v, x), type)) return;
    fault(v, "%s is %s, not %s", what, type_text(v, type_of(v, x)), type_text(v, type));
}

static void expect_count(Verifier *v, LoopVal count) {
    if (!count) return;
    expect_type(v, count, index_type, "the number of lanes");
    const LoopValue *c = &v->k->values.data[count];
    if (c->op == LO_CONST && (c->imm_i < 0 || c->imm_i > ABI_LANES))
        fault(v, "%lld lanes: there are 0 to %d", (long long)c->imm_i, ABI_LANES);
}

/* ---- operations -------------------------------------------------------------------------------------- */

/* The rules of loop_op.def, by the type of the operands (select: of the last two). */
static int rule_arith(DType t) { return is_number(t); }
static int rule_float(DType t) { return is_value_float(t); }
static int rule_integer(DType t) { return dtype_is_integer(t); }
static int rule_logic(DType t) { return t == DT_BOOL || dtype_is_integer(t); }
static int rule_shift(DType t) { return dtype_is_integer(t); }
static int rule_compare(DType t) { return is_value_type((LoopType){t, 0}); }
static int rule_select(DType t) { return is_value_type((LoopType){t, 0}); }
static int rule_lanes(DType t) { return is_value_type((LoopType){t, 0}); }

typedef int TypeRule(DType t);

static const struct {
    TypeRule *allows;
    int is_comparison;
} operation_rules[LO_COUNT] = {
#define LO(id, name, operands, rule) [LO_##id] = {rule_##rule, sizeof #rule == sizeof "compare" && #rule[0] == 'c'},
#include "compiler/loop_op.def"
#undef LO
};

static void check_operation(Verifier *v, const LoopValue *value) {
    const char *name = loop_op_name(value->op);
    int count = loop_op_operands(value->op), first = value->op == LO_SELECT ? 1 : 0;
    for (int i = 0; i < count; i++)
        if (!is_visible(v, value->in[i])) { /* the words are made where they are needed: most are not */
            is_usable(v, value->in[i], arena_printf(v->arena, "operand %d of `%s`", i + 1, name));
            return;
        }
    LoopType type = type_of(v, value->in[first]), result = type;
    for (int i = first + 1; i < count; i++)
        if (!same_type(type_of(v, value->in[i]), type)) {
            fault(v, "`%s` needs operands of one type: %s and %s", name, type_text(v, type),
                  type_text(v, type_of(v, value->in[i])));
            return;
        }
    if (!operation_rules[value->op].allows(type.element) ||
        (value->op == LO_MULHI && type.element != DT_INDEX && dtype_bytes(type.element) < 4))
        fault(v, "`%s` is not for %s", name, type_text(v, type));
    if (first) expect_type(v, value->in[0], (LoopType){DT_BOOL, type.is_wide}, "the condition of `select`");
    if (operation_rules[value->op].is_comparison) result.element = DT_BOOL;
    if (!same_type(value->type, result))
        fault(v, "`%s` gives %s, not %s", name, type_text(v, result), type_text(v, value->type));
}

static void check_conversion(Verifier *v, const LoopValue *value) {
    const char *name = loop_op_name(value->op);
    if (!is_usable(v, value->in[0], name)) return;
    LoopType from = type_of(v, value->in[0]), to = value->type;
    int is_good = from.is_wide == to.is_wide && is_value_type(to);
    if (value->op == LO_BITCAST)
        is_good = is_good && dtype_bytes(from.element) == dtype_bytes(to.element) && from.element != DT_BOOL &&
                  to.element != DT_BOOL && from.element != DT_INDEX && to.element != DT_INDEX;
    if (!is_good) fault(v, "`%s` from %s to %s", name, type_text(v, from), type_text(v, to));
}

/* splat, lane_get, lanes_*: between a scalar and sixteen lanes of one element type. */
static void check_lanes(Verifier *v, const LoopValue *value) {
    const char *name = loop_op_name(value->op);
    int is_splat = value->op == LO_SPLAT;
    if (!is_usable(v, value->in[0], name)) return;
    LoopType from = type_of(v, value->in[0]), to = {from.element, is_splat};
    if (from.is_wide == is_splat) fault(v, "`%s` of %s", name, type_text(v, from));
    if (!same_type(value->type, to)) fault(v, "`%s` gives %s, not %s", name, type_text(v, to), type_text(v, value->type));
    if (value->op == LO_LANE_GET) expect_type(v, value->in[1], index_type, "the number of a lane");
    else if (!is_splat && !is_number(from.element)) fault(v, "`%s` is not for %s", name, type_text(v, from));
    expect_count(v, value->count);
}

/* ---- memory ------------------------------------------------------------------------------------------ */

static LoopType stored_type(const LoopBuffer *b, int is_wide) {
    return (LoopType){b->dtype == DT_F16 || b->dtype == DT_BF16 ? DT_F32 : b->dtype, is_wide};
}

static void expect_subscript(Verifier *v, LoopVal x, int i, const Symbol *of) {
    if (is_visible(v, x) && same_type(type_of(v, x), index_type)) return;
    expect_type(v, x, index_type, arena_printf(v->arena, "subscript %d of `%s`", i + 1, of->text));
}

/* The subscripts but the last `wide` ones are scalar indices. */
static void check_subscripts(Verifier *v, const LoopBuffer *b, const LoopVal *subscripts, int wide) {
    for (int i = 0; i < b->rank - wide; i++)
        expect_subscript(v, subscripts[i], i, b->name);
}

static void check_load(Verifier *v, const LoopValue *value) {
    if (value->buffer < 0 || value->buffer >= v->k->buffers.len) {
        fault(v, "`%s` of a buffer that the kernel does not have", loop_op_name(value->op));
        return;
    }
    const LoopBuffer *b = &v->k->buffers.data[value->buffer];
    if (b->access == LOOP_OUT) fault(v, "`%s` is out: it is not read", b->name->text);
    int is_gather = value->op == LO_GATHER;
    check_subscripts(v, b, value->subscripts, is_gather);
    if ((is_gather || value->type.is_wide) && !b->rank) fault(v, "`%s` has no axis for lanes", b->name->text);
    else if (is_gather && is_usable(v, value->subscripts[b->rank - 1], "the last subscript of `gather`")) {
        LoopType last = type_of(v, value->subscripts[b->rank - 1]);
        if (!last.is_wide || (last.element != DT_I32 && last.element != DT_INDEX))
            fault(v, "the last subscript of `gather` is %s, not i32x16 or indexx16", type_text(v, last));
    }
    LoopType type = stored_type(b, is_gather || value->type.is_wide);
    if (!same_type(value->type, type))
        fault(v, "`%s` of `%s` gives %s, not %s", loop_op_name(value->op), b->name->text, type_text(v, type),
              type_text(v, value->type));
    if (value->count && !value->type.is_wide) fault(v, "a number of lanes with a scalar load");
    expect_count(v, value->count);
}

static void check_store(Verifier *v, const LoopStmt *s) {
    if (s->buffer < 0 || s->buffer >= v->k->buffers.len) {
        fault(v, "`store` to a buffer that the kernel does not have");
        return;
    }
    const LoopBuffer *b = &v->k->buffers.data[s->buffer];
    if (b->access == LOOP_IN) fault(v, "`%s` is in: it is not written", b->name->text);
    check_subscripts(v, b, s->subscripts, 0);
    if (!is_usable(v, s->value, "the value stored")) return;
    int is_wide = type_of(v, s->value).is_wide;
    expect_type(v, s->value, stored_type(b, is_wide), "the value stored");
    if (is_wide && !b->rank) fault(v, "`%s` has no axis for lanes", b->name->text);
    if (s->count && !is_wide) fault(v, "a number of lanes with a scalar store");
    expect_count(v, s->count);
}

static void check_prefetch(Verifier *v, const LoopStmt *s) {
    if (s->buffer < 0 || s->buffer >= v->k->buffers.len) {
        fault(v, "`prefetch` of a buffer that the kernel does not have");
        return;
    }
    check_subscripts(v, &v->k->buffers.data[s->buffer], s->subscripts, 0);
}

/* Known once `unroll` is gone: constants, indices of unroll, arithmetic on them. */
static int is_unrolled_constant(const Verifier *v, LoopVal x) {
    const LoopValue *value = &v->k->values.data[x];
    if (value->op == LO_CONST) return 1;
    if (value->op == LO_PARAM) return v->is_unrolled[x];
    int operands = loop_op_operands(value->op);
    for (int i = 0; i < operands; i++)
        if (!is_unrolled_constant(v, value->in[i])) return 0;
    return operands > 0;
}

static void check_register(Verifier *v, int array, const LoopVal *subscripts) {
    if (array < 0 || array >= v->k->arrays.len || v->array_state[array] != VISIBLE) {
        fault(v, "a register is used outside of the block of its `var`");
        return;
    }
    const LoopArray *a = &v->k->arrays.data[array];
    for (int i = 0; i < a->rank; i++) {
        expect_subscript(v, subscripts[i], i, a->name);
        if (!subscripts[i] || subscripts[i] >= (LoopVal)v->k->values.len) continue;
        const LoopValue *at = &v->k->values.data[subscripts[i]];
        if (!is_unrolled_constant(v, subscripts[i])) {
            fault(v, "subscript %d of the registers `%s` is not constant", i + 1, a->name->text);
        } else if (at->op == LO_CONST && (at->imm_i < 0 || at->imm_i >= a->extent[i])) {
            fault(v, "`%s` has no register %lld", a->name->text, (long long)at->imm_i);
        }
    }
}

/* ---- statements -------------------------------------------------------------------------------------- */

static void check_block(Verifier *v, const LoopStmt *s);

static void make_visible(Verifier *v, LoopVal x) {
    if (v->state[x] != UNMADE) fault(v, "value %u is made twice", x);
    v->state[x] = VISIBLE;
    vec_push(v->arena, &v->made, x);
}

static void check_value(Verifier *v, const LoopValue *value) {
    switch ((int)value->op) { /* the operations outside loop_op.def, then those of the table */
    case LO_CONST: case LO_LANE: return;
    case LO_PARAM: fault(v, "a parameter is made by no `let`"); return;
    case LO_CONVERT: case LO_BITCAST: check_conversion(v, value); return;
    case LO_SPLAT: case LO_LANE_GET:
    case LO_LANES_SUM: case LO_LANES_MIN: case LO_LANES_MAX: check_lanes(v, value); return;
    case LO_LOAD: case LO_GATHER: check_load(v, value); return;
    case LO_READ:
        check_register(v, value->array, value->subscripts);
        if (value->array >= 0 && value->array < v->k->arrays.len &&
            !same_type(value->type, v->k->arrays.data[value->array].type))
            fault(v, "a register read as %s", type_text(v, value->type));
        return;
    default: check_operation(v, value); return;
    }
}

static void check_let(Verifier *v, const LoopStmt *s) {
    if (!s->value || s->value >= (LoopVal)v->k->values.len) {
        fault(v, "`let` of no value");
        return;
    }
    check_value(v, &v->k->values.data[s->value]);
    make_visible(v, s->value);
}

static void check_var(Verifier *v, const LoopStmt *s) {
    if (s->array < 0 || s->array >= v->k->arrays.len) {
        fault(v, "`var` of no register");
        return;
    }
    const LoopArray *a = &v->k->arrays.data[s->array];
    if (v->array_state[s->array] == VISIBLE) fault(v, "`%s` is declared twice", a->name->text);
    if (is_usable(v, s->value, "the initial value")) {
        const LoopValue *value = &v->k->values.data[s->value];
        int is_scalar_constant = value->op == LO_CONST && !value->type.is_wide && value->type.element == a->type.element;
        if (!is_scalar_constant) expect_type(v, s->value, a->type, "the initial value");
    }
    v->array_state[s->array] = VISIBLE;
    vec_push(v->arena, &v->declared, s->array);
}

/* What is made inside ends with the block. */
static void check_scope(Verifier *v, const LoopStmt *first, LoopVal index) {
    int made = v->made.len, declared = v->declared.len;
    if (index) make_visible(v, index);
    const LoopStmt *stmt = v->stmt;
    check_block(v, first);
    v->stmt = stmt;
    while (v->made.len > made) v->state[vec_pop(&v->made)] = GONE;
    while (v->declared.len > declared) v->array_state[vec_pop(&v->declared)] = GONE;
}

static void check_counted(Verifier *v, const LoopStmt *s) {
    expect_type(v, s->lo, index_type, "the lower bound");
    expect_type(v, s->hi, index_type, "the upper bound");
    if (!s->index || s->index >= (LoopVal)v->k->values.len || v->k->values.data[s->index].op != LO_PARAM ||
        !same_type(type_of(v, s->index), index_type)) {
        fault(v, "the index of a loop is no parameter");
        return;
    }
    if (s->kind == LS_FOR && s->step < 1) fault(v, "a step of %lld: it is at least 1", (long long)s->step);
    if (s->kind == LS_UNROLL) {
        v->is_unrolled[s->index] = 1;
        if (s->lo && s->hi && (!is_unrolled_constant(v, s->lo) || !is_unrolled_constant(v, s->hi)))
            fault(v, "the bounds of `unroll` are not constant");
    }
    check_scope(v, s->body, s->index);
}

/* Values of the head are seen by the condition and the body, which run right behind it. */
static void check_while(Verifier *v, const LoopStmt *s) {
    int made = v->made.len, declared = v->declared.len;
    check_block(v, s->head);
    v->stmt = s;
    expect_type(v, s->value, bool_type, "the condition");
    check_scope(v, s->body, 0);
    while (v->made.len > made) v->state[vec_pop(&v->made)] = GONE;
    while (v->declared.len > declared) v->array_state[vec_pop(&v->declared)] = GONE;
}

static void check_stmt(Verifier *v, const LoopStmt *s) {
    v->stmt = s;
    switch (s->kind) {
    case LS_LET: check_let(v, s); return;
    case LS_VAR: check_var(v, s); return;
    case LS_SET:
        check_register(v, s->array, s->subscripts);
        if (s->array >= 0 && s->array < v->k->arrays.len)
            expect_type(v, s->value, v->k->arrays.data[s->array].type, "the value of a register");
        return;
    case LS_STORE: check_store(v, s); return;
    case LS_PREFETCH: check_prefetch(v, s); return;
    case LS_FOR: case LS_UNROLL: check_counted(v, s); return;
    case LS_IF:
        expect_type(v, s->value, bool_type, "the condition");
        check_scope(v, s->body, 0);
        check_scope(v, s->otherwise, 0);
        return;
    case LS_WHILE: check_while(v, s); return;
    case LS_CHECK:
        expect_type(v, s->value, bool_type, "the condition");
        if (s->check < 0 || s->check >= v->k->checks.len) fault(v, "a check without a message");
        return;
    }
}

static void check_block(Verifier *v, const LoopStmt *s) {
    for (; s; s = s->next) check_stmt(v, s);
}

/* ---- headers ----------------------------------------------------------------------------------------- */

static int dim_is_known(const LoopKernel *k, const Dim *dim) {
    for (int i = 0; i < dim->term_count; i++)
        for (int n = 0; n < dim->terms[i].power_count; n++) {
            const DimAtom *atom = dim->terms[i].powers[n].atom;
            int found = 0;
            if (atom->kind != DIM_NAME) found = dim_is_known(k, atom->a) && dim_is_known(k, atom->b);
            else for (int d = 0; d < k->dims.len; d++) found |= k->dims.data[d] == atom->name;
            if (!found) return 0;
        }
    return 1;
}

static void check_buffer(Verifier *v, const LoopBuffer *b) {
    if (b->rank < 0 || b->rank > LOOP_MAX_RANK) {
        fault(v, "`%s` has %d axes", b->name->text, b->rank);
        return;
    }
    if (b->dtype == DT_INDEX) fault(v, "`%s` holds index, which is no element type", b->name->text);
    for (int i = 0; i < b->rank; i++)
        if (!dim_is_known(v->k, b->extents[i]))
            fault(v, "extent %d of `%s` has a size that is not among the dims", i + 1, b->name->text);
    if (!b->rank) return;
    const Dim *last = b->extents[b->rank - 1];
    if (!b->pitch) fault(v, "`%s` has no pitch", b->name->text);
    else if (!dim_is_known(v->k, b->pitch)) fault(v, "the pitch of `%s` has a size that is not among the dims", b->name->text);
    else if (dim_is_constant(last) && dim_is_constant(b->pitch) && dim_constant_value(b->pitch) < dim_constant_value(last))
        fault(v, "the pitch of `%s` is less than its last extent", b->name->text);
}

static void check_parameter(Verifier *v, LoopVal x, const char *what) {
    if (!x || x >= (LoopVal)v->k->values.len || v->k->values.data[x].op != LO_PARAM) fault(v, "%s is no parameter", what);
    else make_visible(v, x);
}

static void check_header(Verifier *v) {
    const LoopKernel *k = v->k;
    for (int i = 0; i < k->buffers.len; i++) check_buffer(v, &k->buffers.data[i]);
    if (k->dims.len != k->dim_values.len) fault(v, "dims without values");
    for (int i = 0; i < k->dim_values.len; i++) check_parameter(v, k->dim_values.data[i], "a dim");
    for (int i = 0; i < k->loop_indices.len; i++) check_parameter(v, k->loop_indices.data[i], "an index");
    check_parameter(v, k->tile, "the tile");
    if (k->loop_indices.len > ABI_MAX_LOOPS) fault(v, "more than %d indices of plan loops", ABI_MAX_LOOPS);
    if (k->tiles_per_range < 0) fault(v, "a range of %lld tiles", (long long)k->tiles_per_range);
    for (int i = 0; i < k->arrays.len; i++) {
        const LoopArray *a = &k->arrays.data[i];
        int is_good = a->rank >= 0 && a->rank <= 2 && is_value_type(a->type);
        for (int n = 0; is_good && n < a->rank; n++) is_good = a->extent[n] >= 1;
        if (!is_good) fault(v, "registers `%s` of an impossible shape or type", a->name->text);
    }
    for (LoopVal x = 1; x < (LoopVal)k->values.len; x++) {
        const LoopValue *value = &k->values.data[x];
        if (!is_value_type(value->type)) fault(v, "value %u is %s", x, type_text(v, value->type));
        if (value->op == LO_LANE && (!value->type.is_wide || (value->type.element != DT_I32 && value->type.element != DT_INDEX)))
            fault(v, "`lane` as %s", type_text(v, value->type));
        if (value->op == LO_CONST && value->type.element == DT_F32 && value->imm_f == value->imm_f &&
            (double)(float)value->imm_f != value->imm_f)
            fault(v, "the constant %.17g is no f32", value->imm_f);
    }
}

void loop_verify(Arena *arena, const LoopKernel *kernel, LoopFaults *faults) {
    Verifier v = {.arena = arena, .k = kernel, .faults = faults};
    v.state = arena_alloc(arena, (size_t)kernel->values.len);
    v.is_unrolled = arena_alloc(arena, (size_t)kernel->values.len);
    v.array_state = arena_alloc(arena, (size_t)kernel->arrays.len);
    check_header(&v);
    if (faults->list.len == 0) check_block(&v, kernel->body);
}

void loop_verify_or_die(const LoopKernel *kernel, const char *after_pass) {
    Arena arena = {0};
    LoopFaults faults = {0};
    loop_verify(&arena, kernel, &faults);
    if (faults.list.len) {
        Text text = text_new(&arena);
        loop_print(&text, kernel);
        ICE("after %s, kernel %s: %s\n%s", after_pass, kernel->name->text, faults.list.data[0].text, text_str(&text));
    }
    arena_release(&arena);
}
