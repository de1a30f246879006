/* Kernels of the loop text, by recursive descent.
 *
 * Each operation becomes a value and a `let`, as written: nothing is folded, so that printing gives the text back.  A
 * bare number has no type until its place gives one: the other operands, the register, the buffer, or a subscript. */
#include "compiler/loop_parse.h"

#include "compiler/loop_parser.h"
#include "compiler/loop_verify.h"
#include "compiler/loop_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A value, or a number that still waits for its type. */
typedef struct Operand {
    LoopVal value; /* 0: a number */
    int is_float, is_bool;
    double f;
    int64_t i;
    Span span;
} Operand;

typedef struct Binding {
    const Symbol *name;
    LoopVal value; /* 0: a register array */
    int array;
} Binding;

typedef struct KernelParser {
    LoopParser *p;
    LoopKernel *k;
    Vec(Binding) scope;
    int scope_start;   /* bindings of the present block */
    LoopStmt **tail;   /* where the next statement goes */
    Map places;        /* LoopStmt * to Span * */
    Span span;         /* of the statement being read */
} KernelParser;

static const LoopType index_type = {DT_INDEX, 0};
static const LoopType bool_type = {DT_BOOL, 0};

static Operand parse_expression(KernelParser *q);
static Operand parse_unary(KernelParser *q);

/* ---- values and names -------------------------------------------------------------------------------- */

static LoopVal add_value(KernelParser *q, const LoopValue *value) {
    vec_push(q->p->arena, &q->k->values, *value);
    return (LoopVal)q->k->values.len - 1;
}

static LoopStmt *append(KernelParser *q, LoopStmt stmt) {
    LoopStmt *kept = arena_new(q->p->arena, LoopStmt);
    Span *span = arena_new(q->p->arena, Span);
    *kept = stmt;
    *span = q->span;
    map_set(q->p->arena, &q->places, kept, span);
    *q->tail = kept;
    q->tail = &kept->next;
    return kept;
}

static Operand computed(KernelParser *q, const LoopValue *value) {
    LoopVal v = add_value(q, value);
    append(q, (LoopStmt){.kind = LS_LET, .value = v});
    return (Operand){.value = v};
}

static const Binding *find(const KernelParser *q, const Symbol *name) {
    for (int i = q->scope.len - 1; i >= 0; i--)
        if (q->scope.data[i].name == name) return &q->scope.data[i];
    return NULL;
}

static void bind(KernelParser *q, const Symbol *name, LoopVal value, int array) {
    for (int i = q->scope_start; i < q->scope.len; i++)
        if (q->scope.data[i].name == name) loop_syntax(q->p, "`%s` has a meaning in this block already", name->text);
    vec_push(q->p->arena, &q->scope, ((Binding){name, value, array}));
}

static LoopVal parameter(KernelParser *q, const Symbol *name) {
    LoopVal v = add_value(q, &(LoopValue){.op = LO_PARAM, .type = index_type, .name = name});
    bind(q, name, v, 0);
    return v;
}

static LoopType type_of(const KernelParser *q, LoopVal v) { return q->k->values.data[v].type; }

static int64_t wrapped(DType t, int64_t i) {
    int bits = dtype_bytes(t) * 8;
    if (t == DT_BOOL) return i != 0;
    if (bits == 64) return i;
    uint64_t cut = (uint64_t)i & (((uint64_t)1 << bits) - 1);
    if (dtype_is_signed(t) && cut >> (bits - 1)) cut |= UINT64_MAX << bits;
    return (int64_t)cut;
}

/* The operand as a value; a number takes the type. */
static LoopVal typed(KernelParser *q, Operand o, LoopType type) {
    if (o.value || q->p->is_failed) return o.value;
    LoopValue v = {.op = LO_CONST, .type = type};
    if (dtype_is_float(type.element)) {
        v.imm_f = o.is_float ? o.f : (double)o.i;
        if (type.element == DT_F32) v.imm_f = (double)(float)v.imm_f;
    } else if (o.is_float) {
        loop_syntax(q->p, "a number with a fraction stands where %s is wanted", dtype_name(type.element));
    } else {
        v.imm_i = wrapped(type.element, o.i);
    }
    return add_value(q, &v);
}

static LoopVal typed_alone(KernelParser *q, Operand o) {
    if (!o.value && o.is_float) loop_syntax(q->p, "the type of a number is not known here: write f32(..) or f64(..)");
    return typed(q, o, o.is_bool ? bool_type : index_type);
}

static LoopVal parse_index(KernelParser *q) { return typed(q, parse_expression(q), index_type); }

/* ---- primaries --------------------------------------------------------------------------------------- */

static int parse_type_name(const Symbol *name, LoopType *type) {
    char element[16];
    size_t len = name->len;
    type->is_wide = len > 3 && strcmp(name->text + len - 3, "x16") == 0;
    if (type->is_wide) len -= 3;
    if (len >= sizeof element) return 0;
    memcpy(element, name->text, len);
    element[len] = '\0';
    int dtype = dtype_from_name(element);
    if (dtype < 0) return 0;
    type->element = (DType)dtype;
    return 1;
}

static LoopType expect_type(KernelParser *q) {
    LoopType type = {DT_F32, 0};
    const Symbol *name = loop_expect_name(q->p, "a type");
    if (!q->p->is_failed && !parse_type_name(name, &type)) loop_syntax(q->p, "`%s` is no type", name->text);
    return type;
}

static int parse_subscripts(KernelParser *q, LoopVal *out) {
    int count = 0;
    loop_expect(q->p, "[");
    while (!loop_is(q->p, "]") && q->p->token != LT_END) {
        if (count == LOOP_MAX_RANK) loop_syntax(q->p, "more than %d subscripts", LOOP_MAX_RANK);
        else out[count++] = parse_index(q);
        if (!loop_accept(q->p, ",")) break;
    }
    loop_expect(q->p, "]");
    return count;
}

static int expect_buffer(KernelParser *q) {
    const Symbol *name = loop_expect_name(q->p, "the name of a buffer");
    for (int i = 0; i < q->k->buffers.len; i++)
        if (q->k->buffers.data[i].name == name) return i;
    if (!q->p->is_failed) loop_syntax(q->p, "the kernel has no buffer `%s`", name->text);
    return -1;
}

static void check_rank(KernelParser *q, const char *name, int rank, int given) {
    if (rank != given && !q->p->is_failed) loop_syntax(q->p, "`%s` has %d axes, not %d", name, rank, given);
}

/* `lanes n`; 1 when it is there.  `lanes 16` is all lanes: no count. */
static int parse_lanes(KernelParser *q, LoopVal *count) {
    *count = 0;
    if (!loop_accept(q->p, "lanes")) return 0;
    Operand o = parse_unary(q);
    if (o.value || o.is_float || o.i != ABI_LANES) *count = typed(q, o, index_type);
    return 1;
}

static Operand parse_load(KernelParser *q, LoopOp op) {
    LoopValue v = {.op = op, .buffer = expect_buffer(q)};
    if (v.buffer < 0) return (Operand){0};
    const LoopBuffer *b = &q->k->buffers.data[v.buffer];
    v.type.element = b->dtype == DT_F16 || b->dtype == DT_BF16 ? DT_F32 : b->dtype;
    check_rank(q, b->name->text, b->rank, parse_subscripts(q, v.subscripts));
    v.type.is_wide = parse_lanes(q, &v.count) || op == LO_GATHER;
    return computed(q, &v);
}

static int parse_arguments(KernelParser *q, Operand *out, int most) {
    int count = 0;
    loop_expect(q->p, "(");
    while (!loop_is(q->p, ")") && q->p->token != LT_END) {
        if (count == most) loop_syntax(q->p, "too many operands");
        else out[count++] = parse_expression(q);
        if (!loop_accept(q->p, ",")) break;
    }
    loop_expect(q->p, ")");
    return count;
}

static Operand make_operation(KernelParser *q, LoopOp op, const Operand *o) {
    int count = loop_op_operands(op), first = op == LO_SELECT ? 1 : 0, i = first;
    LoopValue v = {.op = op};
    while (i < count && !o[i].value) i++;
    LoopType type = index_type;
    if (i < count) type = type_of(q, o[i].value);
    else for (int k = first; k < count; k++)
        if (o[k].is_float) loop_syntax(q->p, "the type of these numbers is not known: write f32(..) or f64(..)");
    if (q->p->is_failed) return (Operand){0};
    for (int k = 0; k < count; k++) v.in[k] = typed(q, o[k], k < first ? bool_type : type);
    v.type = type;
    if (op == LO_EQ || op == LO_NE || op == LO_LT || op == LO_LE) v.type.element = DT_BOOL;
    return computed(q, &v);
}

static Operand parse_operation(KernelParser *q, LoopOp op) {
    Operand o[3] = {{0}};
    int given = parse_arguments(q, o, 3);
    if (given == loop_op_operands(op)) return make_operation(q, op, o);
    loop_syntax(q->p, "`%s` takes %d operands, not %d", loop_op_name(op), loop_op_operands(op), given);
    return (Operand){0};
}

/* `convert(x, i32)`, `bitcast(x, u32)` */
static Operand parse_conversion(KernelParser *q, LoopOp op) {
    loop_expect(q->p, "(");
    LoopVal x = typed_alone(q, parse_expression(q));
    loop_expect(q->p, ",");
    LoopType type = expect_type(q);
    loop_expect(q->p, ")");
    if (q->p->is_failed) return (Operand){0};
    type.is_wide = type_of(q, x).is_wide;
    return computed(q, &(LoopValue){.op = op, .type = type, .in = {x}});
}

/* splat, lane_get, lanes_sum, lanes_min, lanes_max */
static Operand parse_lane_operation(KernelParser *q, LoopOp op) {
    Operand o[2] = {{0}};
    int given = parse_arguments(q, o, 2);
    int wants_two = op == LO_LANE_GET, allows_two = op != LO_SPLAT;
    if (given < 1 + wants_two || given > 1 + allows_two) loop_syntax(q->p, "wrong number of operands of `%s`", loop_op_name(op));
    if (op == LO_SPLAT && !o[0].value) return o[0]; /* a number takes a wide type from its place */
    LoopValue v = {.op = op, .in = {typed_alone(q, o[0])}};
    if (q->p->is_failed) return (Operand){0};
    v.type = (LoopType){type_of(q, v.in[0]).element, op == LO_SPLAT};
    LoopVal second = given > 1 ? typed(q, o[1], index_type) : 0;
    if (op == LO_LANE_GET) v.in[1] = second;
    else v.count = second;
    return computed(q, &v);
}

static Operand parse_lane(KernelParser *q) {
    LoopType type = {DT_I32, 1};
    if (loop_accept(q->p, "(")) {
        type.element = expect_type(q).element;
        loop_expect(q->p, ")");
    }
    return (Operand){.value = add_value(q, &(LoopValue){.op = LO_LANE, .type = type})};
}

static Operand parse_named_operation(KernelParser *q, LoopOp op) {
    if (loop_op_operands(op)) return parse_operation(q, op);
    switch ((int)op) { /* the operations outside loop_op.def */
    case LO_LOAD: case LO_GATHER: return parse_load(q, op);
    case LO_CONVERT: case LO_BITCAST: return parse_conversion(q, op);
    case LO_LANE: return parse_lane(q);
    case LO_SPLAT: case LO_LANE_GET:
    case LO_LANES_SUM: case LO_LANES_MIN: case LO_LANES_MAX: return parse_lane_operation(q, op);
    default: loop_syntax(q->p, "`%s` is no operation of the text", loop_op_name(op)); return (Operand){0};
    }
}

/* A value or register by its name. */
static Operand parse_reference(KernelParser *q, const Symbol *name) {
    const Binding *b = find(q, name);
    if (!b) {
        if (!q->p->is_failed) loop_syntax(q->p, "nothing is called `%s` here", name->text);
        return (Operand){0};
    }
    if (b->value) return (Operand){.value = b->value};
    int array = b->array; /* parsing subscripts may move the bindings */
    LoopValue v = {.op = LO_READ, .type = q->k->arrays.data[array].type, .array = array};
    int rank = q->k->arrays.data[array].rank;
    if (rank) check_rank(q, name->text, rank, parse_subscripts(q, v.subscripts));
    return computed(q, &v);
}

static LoopOp operation_of(const Symbol *name) {
    for (int op = 0; op < LO_COUNT; op++)
        if (strcmp(loop_op_name((LoopOp)op), name->text) == 0) return (LoopOp)op;
    return LO_COUNT;
}

static Operand parse_word(KernelParser *q) {
    const Symbol *name = loop_expect_name(q->p, "a value");
    LoopType type;
    if (strcmp(name->text, "true") == 0) return (Operand){.is_bool = 1, .i = 1};
    if (strcmp(name->text, "false") == 0) return (Operand){.is_bool = 1};
    if (strcmp(name->text, "inf") == 0) return (Operand){.is_float = 1, .f = INFINITY};
    if (strcmp(name->text, "nan") == 0) return (Operand){.is_float = 1, .f = NAN};
    if (loop_is(q->p, "(") && parse_type_name(name, &type)) {
        Operand o[1] = {{0}};
        parse_arguments(q, o, 1);
        if (o[0].value) loop_syntax(q->p, "`%s(..)` is for numbers; values take convert(.., %s)", name->text, name->text);
        return (Operand){.value = typed(q, o[0], type)};
    }
    LoopOp op = operation_of(name);
    return op == LO_COUNT ? parse_reference(q, name) : parse_named_operation(q, op);
}

static Operand parse_primary(KernelParser *q) {
    LoopParser *p = q->p;
    Operand o = {0};
    if (p->token == LT_INTEGER) {
        o.i = loop_expect_integer(p, "a number");
    } else if (p->token == LT_FLOAT) {
        o.is_float = 1;
        o.f = strtod(p->text, NULL);
        loop_next(p);
    } else if (loop_accept(p, "(")) {
        o = parse_expression(q);
        loop_expect(p, ")");
    } else {
        o = parse_word(q);
    }
    return o;
}

/* ---- infix ------------------------------------------------------------------------------------------- */

static Operand parse_unary(KernelParser *q) {
    Operand o = {0};
    if (!loop_enter(q->p)) return o;
    if (loop_accept(q->p, "-")) {
        o = parse_unary(q);
        if (o.value) o = make_operation(q, LO_NEG, &o);
        o.i = (int64_t)(0 - (uint64_t)o.i);
        /* -0 is a number with a sign, so it is a float */
        o.f = o.is_float ? -o.f : o.i == 0 ? -0.0 : 0;
        o.is_float = o.is_float || (!o.value && o.i == 0);
    } else {
        o = parse_primary(q);
    }
    loop_leave(q->p);
    return o;
}

static Operand infix(KernelParser *q, LoopOp op, Operand x, Operand y) {
    Operand both[3] = {x, y};
    if (x.value || y.value || x.is_float || y.is_float || op == LO_LT || op == LO_LE || op == LO_EQ || op == LO_NE)
        return make_operation(q, op, both);
    Operand folded = {0};
    uint64_t a = (uint64_t)x.i, b = (uint64_t)y.i;
    if (op == LO_ADD) folded.i = (int64_t)(a + b);
    else if (op == LO_SUB) folded.i = (int64_t)(a - b);
    else if (op == LO_MUL) folded.i = (int64_t)(a * b);
    else return make_operation(q, op, both);
    return folded;
}

static Operand parse_product(KernelParser *q) {
    Operand x = parse_unary(q);
    for (;;) {
        LoopOp op = loop_is(q->p, "*") ? LO_MUL : loop_is(q->p, "/") || loop_is(q->p, "//") ? LO_DIV
                  : loop_is(q->p, "%") ? LO_REM : LO_COUNT;
        if (op == LO_COUNT) return x;
        loop_next(q->p);
        x = infix(q, op, x, parse_unary(q));
    }
}

static Operand parse_sum(KernelParser *q) {
    Operand x = parse_product(q);
    for (;;) {
        LoopOp op = loop_is(q->p, "+") ? LO_ADD : loop_is(q->p, "-") ? LO_SUB : LO_COUNT;
        if (op == LO_COUNT) return x;
        loop_next(q->p);
        x = infix(q, op, x, parse_product(q));
    }
}

static Operand parse_expression(KernelParser *q) {
    static const struct {
        const char *mark;
        LoopOp op;
        int is_turned;
    } comparisons[] = {{"<", LO_LT, 0}, {"<=", LO_LE, 0}, {">", LO_LT, 1}, {">=", LO_LE, 1}, {"==", LO_EQ, 0}, {"!=", LO_NE, 0}};
    Operand x = parse_sum(q);
    for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++) {
        if (!loop_accept(q->p, comparisons[i].mark)) continue;
        Operand y = parse_sum(q);
        return comparisons[i].is_turned ? infix(q, comparisons[i].op, y, x) : infix(q, comparisons[i].op, x, y);
    }
    return x;
}

/* ---- statements -------------------------------------------------------------------------------------- */

static void parse_list(KernelParser *q);

static void open_scope(KernelParser *q, int *kept_start) {
    *kept_start = q->scope_start;
    q->scope_start = q->scope.len;
}

static void close_scope(KernelParser *q, int kept_start) {
    q->scope.len = q->scope_start;
    q->scope_start = kept_start;
}

/* `{ statements }` into *first. */
static void parse_block(KernelParser *q, LoopStmt **first) {
    LoopStmt **kept = q->tail;
    q->tail = first;
    loop_expect(q->p, "{");
    if (loop_enter(q->p)) parse_list(q);
    loop_leave(q->p);
    loop_expect(q->p, "}");
    q->tail = kept;
}

static void parse_scoped_block(KernelParser *q, LoopStmt **first) {
    int start;
    open_scope(q, &start);
    parse_block(q, first);
    close_scope(q, start);
}

static void parse_let(KernelParser *q) {
    const Symbol *name = loop_expect_name(q->p, "a name");
    if (loop_is_word(name->text)) loop_syntax(q->p, "`%s` is a word of the text", name->text);
    loop_expect(q->p, "=");
    LoopVal v = typed_alone(q, parse_expression(q));
    if (q->p->is_failed) return;
    LoopValue *value = &q->k->values.data[v];
    if (!value->name && value->op != LO_CONST && value->op != LO_LANE) value->name = name;
    bind(q, name, v, 0);
}

static void parse_var(KernelParser *q) {
    LoopArray a = {.name = loop_expect_name(q->p, "a name")};
    if (loop_is_word(a.name->text)) loop_syntax(q->p, "`%s` is a word of the text", a.name->text);
    while (loop_is(q->p, a.rank ? "," : "[")) {
        loop_next(q->p);
        int64_t extent = loop_expect_integer(q->p, "a number of registers");
        if (a.rank == 2 || extent < 1 || extent > 4096) {
            loop_syntax(q->p, "registers have up to two axes of 1 to 4096");
            return;
        }
        a.extent[a.rank++] = (int)extent;
    }
    if (a.rank) loop_expect(q->p, "]");
    loop_expect(q->p, ":");
    a.type = expect_type(q);
    loop_expect(q->p, "=");
    LoopVal value = typed(q, parse_expression(q), a.type);
    vec_push(q->p->arena, &q->k->arrays, a);
    append(q, (LoopStmt){.kind = LS_VAR, .array = q->k->arrays.len - 1, .value = value});
    bind(q, a.name, 0, q->k->arrays.len - 1);
}

static void parse_store(KernelParser *q) {
    LoopStmt s = {.kind = LS_STORE, .buffer = expect_buffer(q)};
    if (s.buffer < 0) return;
    const LoopBuffer *b = &q->k->buffers.data[s.buffer];
    check_rank(q, b->name->text, b->rank, parse_subscripts(q, s.subscripts));
    LoopType type = {b->dtype == DT_F16 || b->dtype == DT_BF16 ? DT_F32 : b->dtype, 0};
    type.is_wide = parse_lanes(q, &s.count);
    loop_expect(q->p, "=");
    s.value = typed(q, parse_expression(q), type);
    append(q, s);
}

static void parse_prefetch(KernelParser *q) {
    LoopStmt s = {.kind = LS_PREFETCH, .buffer = expect_buffer(q)};
    if (s.buffer < 0) return;
    const LoopBuffer *b = &q->k->buffers.data[s.buffer];
    check_rank(q, b->name->text, b->rank, parse_subscripts(q, s.subscripts));
    append(q, s);
}

/* `k in 0..n step 4 reversed { .. }`; unroll takes several indices, first outermost. */
static void parse_counted(KernelParser *q, LoopStmtKind kind) {
    int start;
    LoopStmt s = {.kind = kind, .step = 1};
    const Symbol *name = loop_expect_name(q->p, "an index");
    loop_expect(q->p, "in");
    s.lo = parse_index(q);
    loop_expect(q->p, "..");
    s.hi = parse_index(q);
    if (kind == LS_FOR && loop_accept(q->p, "step")) s.step = loop_expect_integer(q->p, "a step");
    s.is_reversed = kind == LS_FOR && loop_accept(q->p, "reversed");
    open_scope(q, &start);
    s.index = parameter(q, name);
    LoopStmt *kept = append(q, s);
    if (kind == LS_UNROLL && loop_accept(q->p, ",")) {
        LoopStmt **tail = q->tail;
        q->tail = &kept->body;
        if (loop_enter(q->p)) parse_counted(q, kind);
        loop_leave(q->p);
        q->tail = tail;
    } else {
        parse_block(q, &kept->body);
    }
    close_scope(q, start);
}

static void parse_if(KernelParser *q) {
    LoopStmt *s = append(q, (LoopStmt){.kind = LS_IF, .value = typed_alone(q, parse_expression(q))});
    parse_scoped_block(q, &s->body);
    if (loop_accept(q->p, "else")) parse_scoped_block(q, &s->otherwise);
}

/* `while { head } condition { body }`, or `while condition { body }`: what the condition needs is the head. */
static void parse_while(KernelParser *q) {
    int start;
    LoopStmt *s = append(q, (LoopStmt){.kind = LS_WHILE});
    open_scope(q, &start);
    if (loop_is(q->p, "{")) parse_block(q, &s->head);
    LoopStmt **kept = q->tail, **end = &s->head;
    while (*end) end = &(*end)->next;
    q->tail = end;
    s->value = typed_alone(q, parse_expression(q));
    q->tail = kept;
    parse_scoped_block(q, &s->body);
    close_scope(q, start);
}

static void parse_check(KernelParser *q) {
    LoopVal condition = typed_alone(q, parse_expression(q));
    loop_expect(q->p, ",");
    const char *message = loop_expect_string(q->p, "the message of the check");
    vec_push(q->p->arena, &q->k->checks, ((LoopCheck){message, q->span}));
    append(q, (LoopStmt){.kind = LS_CHECK, .value = condition, .check = q->k->checks.len - 1});
}

static void parse_set(KernelParser *q) {
    LoopStmt s = {.kind = LS_SET};
    const Symbol *name = loop_expect_name(q->p, "a statement");
    const Binding *b = find(q, name);
    if (q->p->is_failed) return;
    if (!b || b->value) {
        loop_syntax(q->p, "`%s` is no register and begins no statement", name->text);
        return;
    }
    s.array = b->array;
    int rank = q->k->arrays.data[s.array].rank;
    if (rank) check_rank(q, name->text, rank, parse_subscripts(q, s.subscripts));
    loop_expect(q->p, "=");
    s.value = typed(q, parse_expression(q), q->k->arrays.data[s.array].type);
    append(q, s);
}

static void parse_stmt(KernelParser *q) {
    LoopParser *p = q->p;
    q->span = loop_token_span(p);
    if (loop_accept(p, "let")) parse_let(q);
    else if (loop_accept(p, "var")) parse_var(q);
    else if (loop_accept(p, "store")) parse_store(q);
    else if (loop_accept(p, "prefetch")) parse_prefetch(q);
    else if (loop_accept(p, "for")) parse_counted(q, LS_FOR);
    else if (loop_accept(p, "unroll")) parse_counted(q, LS_UNROLL);
    else if (loop_accept(p, "if")) parse_if(q);
    else if (loop_accept(p, "while")) parse_while(q);
    else if (loop_accept(p, "check")) parse_check(q);
    else parse_set(q);
}

static void parse_list(KernelParser *q) {
    while (!loop_is(q->p, "}") && q->p->token != LT_END) parse_stmt(q);
}

/* ---- kernels ----------------------------------------------------------------------------------------- */

static void parse_buffer(KernelParser *q, LoopAccess access) {
    LoopBuffer b = {.access = access, .name = loop_expect_name(q->p, "the name of a buffer")};
    loop_expect(q->p, ":");
    LoopShape shape = loop_parse_shape(q->p);
    b.dtype = shape.dtype;
    b.rank = shape.rank;
    memcpy(b.extents, shape.extents, sizeof shape.extents);
    b.pitch = shape.pitch;
    for (int i = 0; i < q->k->buffers.len; i++)
        if (q->k->buffers.data[i].name == b.name) loop_syntax(q->p, "two buffers are called `%s`", b.name->text);
    vec_push(q->p->arena, &q->k->buffers, b);
}

static void parse_parameters(KernelParser *q) {
    static const char *const access[] = {"in", "out", "inout", "scratch"};
    LoopParser *p = q->p;
    int kind = 0;
    for (;;) {
        for (kind = 0; kind < 4 && !loop_accept(p, access[kind]);) kind++;
        if (kind < 4) parse_buffer(q, (LoopAccess)kind);
        if (kind == 4 || !loop_accept(p, ",")) break;
    }
    loop_accept(p, ";");
    if (loop_accept(p, "dims")) {
        do {
            const DimName *name = loop_parse_dim_name(p);
            vec_push(p->arena, &q->k->dims, name);
            LoopVal v = parameter(q, name->name);
            vec_push(p->arena, &q->k->dim_values, v);
        } while (loop_accept(p, ","));
        loop_accept(p, ";");
    }
    if (loop_accept(p, "index")) {
        do {
            LoopVal v = parameter(q, loop_expect_name(p, "the index of a plan's loop"));
            vec_push(p->arena, &q->k->loop_indices, v);
        } while (loop_accept(p, ","));
    }
}

static void verify(KernelParser *q, Span kernel_span) {
    LoopFaults faults = {0};
    loop_verify(q->p->arena, q->k, &faults);
    for (int i = 0; i < faults.list.len; i++) {
        const Span *place = faults.list.data[i].stmt ? map_get(&q->places, faults.list.data[i].stmt) : NULL;
        diag_add(&q->p->session->diags, place ? *place : kernel_span, E_LOOP_INVALID, "%s", faults.list.data[i].text);
    }
    q->p->is_failed |= faults.list.len > 0;
}

void loop_parse_kernel(LoopParser *p) {
    KernelParser q = {.p = p, .k = arena_new(p->arena, LoopKernel)};
    Span span = loop_token_span(p);
    q.k->name = loop_expect_name(p, "the name of the kernel");
    q.k->hero = "";
    add_value(&q, &(LoopValue){.op = LO_CONST}); /* value 0 is none */
    loop_expect(p, "(");
    parse_parameters(&q);
    loop_expect(p, ")");
    loop_expect(p, "tile");
    q.k->tile = parameter(&q, loop_expect_name(p, "the index of the tile"));
    loop_expect(p, "of");
    q.k->tile_count = loop_parse_dim(p);
    if (loop_accept(p, "range")) q.k->tiles_per_range = loop_expect_integer(p, "the tiles of a range");
    if (loop_accept(p, "hero")) q.k->hero = loop_expect_string(p, "the kind of the kernel");
    q.tail = &q.k->body;
    parse_scoped_block(&q, &q.k->body);
    vec_push(p->arena, &p->file->kernels, q.k);
    if (!p->is_failed) verify(&q, span);
}

static void verify_plan(LoopParser *p, Span span) {
    PlanFaults faults = {0};
    plan_verify(p->arena, vec_last(&p->file->plans), &faults);
    for (int i = 0; i < faults.list.len; i++)
        diag_add(&p->session->diags, span, E_LOOP_INVALID, "%s", faults.list.data[i].text);
    p->is_failed |= faults.list.len > 0;
}

LoopFile *loop_parse(Session *session, Arena *arena, const Source *source) {
    LoopParser p = {.session = session, .arena = arena, .source = source, .at = source->text,
                    .file = arena_new(arena, LoopFile)};
    loop_next(&p);
    while (p.token != LT_END) {
        Span span = loop_token_span(&p);
        if (loop_accept(&p, "kernel")) {
            loop_parse_kernel(&p);
        } else if (loop_accept(&p, "plan")) {
            loop_parse_plan(&p);
            if (!p.is_failed) verify_plan(&p, span);
        } else {
            loop_syntax(&p, "expected `kernel` or `plan`, found `%.*s`", p.len, p.text);
        }
    }
    return p.is_failed ? NULL : p.file;
}
