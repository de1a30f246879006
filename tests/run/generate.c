#include "generate.h"

#include "compiler/loop_build.h"

#include <string.h>

enum { COUNT = 2048 }; /* inputs of each operation */

typedef struct Making {
    Cases *cases;
    LoopBuilder *b;
    const char *fills[64]; /* by buffer; NULL: the pattern */
    int buffers;
    int64_t count;
    LoopVal at;            /* the element of the moment */
} Making;

static void making_begin(Making *m, Cases *cases, int64_t count, const char *name) {
    *m = (Making){.cases = cases, .count = count};
    m->b = loop_builder_new(cases->session, cases->arena, name);
}

static int add_buffer(Making *m, const char *prefix, LoopAccess access, DType t, const char *fill) {
    const Dim *extent = dim_constant(&m->cases->session->dims, m->count);
    const char *name = arena_printf(m->cases->arena, "%s%d", prefix, m->buffers);
    m->fills[m->buffers++] = fill;
    return loop_buffer(m->b, name, access, t, 1, &extent, NULL);
}

/* Opens the loop over the elements, in steps of a scalar or sixteen. */
static void each_element(Making *m, int is_wide) {
    m->at = loop_for(m->b, "i", loop_index(m->b, 0), loop_index(m->b, m->count), is_wide ? ABI_LANES : 1);
}

static LoopVal load(Making *m, int buffer, int is_wide) {
    return is_wide ? loop_load_wide(m->b, buffer, &m->at, 0) : loop_load(m->b, buffer, &m->at);
}

static void making_end(Making *m) {
    loop_end(m->b);
    case_of_kernel(m->cases, loop_builder_finish(m->b), m->fills);
}

/* ---- every operation on every type ------------------------------------------------------------------- */

static int is_allowed(LoopOp op, DType t) {
    static const char *const rules[] = {
#define LO(id, name, operands, rule) #rule,
#include "compiler/loop_op.def"
#undef LO
    };
    const char *rule = rules[op];
    if (op == LO_MULHI && dtype_bytes(t) < 4) return 0;
    if (!strcmp(rule, "arith")) return t != DT_BOOL;
    if (!strcmp(rule, "float")) return dtype_is_float(t);
    if (!strcmp(rule, "integer") || !strcmp(rule, "shift")) return dtype_is_integer(t);
    if (!strcmp(rule, "logic")) return !dtype_is_float(t);
    if (!strcmp(rule, "compare") || !strcmp(rule, "select") || !strcmp(rule, "lanes")) return 1;
    ICE("rule %s of loop_op.def has no types here", rule);
}

static LoopVal apply(Making *m, LoopOp op, const LoopVal *x) {
    if (op == LO_SELECT) return loop_ternary(m->b, op, loop_binary(m->b, LO_LT, x[0], x[1]), x[2], x[1]);
    if (loop_op_operands(op) == 1) return loop_unary(m->b, op, x[0]);
    if (loop_op_operands(op) == 2) return loop_binary(m->b, op, x[0], x[1]);
    return loop_ternary(m->b, op, x[0], x[1], x[2]);
}

/* `stored` is the type in memory, `t` that of the operations: they differ for index only. */
static void operations_of(Cases *cases, DType t, DType stored, int is_wide) {
    Making m;
    making_begin(&m, cases, COUNT, arena_printf(cases->arena, "op_%s%s", dtype_name(t), is_wide ? "x16" : ""));
    int in[3], out[LO_CONST];
    for (int i = 0; i < 3; i++) in[i] = add_buffer(&m, "x", LOOP_IN, stored, "special");
    for (int op = 0; op < LO_CONST; op++) {
        if (!is_allowed((LoopOp)op, t)) continue;
        int is_compare = op == LO_EQ || op == LO_NE || op == LO_LT || op == LO_LE;
        out[op] = add_buffer(&m, loop_op_name((LoopOp)op), LOOP_OUT, is_compare ? DT_BOOL : stored, NULL);
    }
    each_element(&m, is_wide);
    LoopVal x[3];
    for (int i = 0; i < 3; i++) x[i] = loop_convert(m.b, load(&m, in[i], is_wide), (LoopType){t, is_wide});
    for (int op = 0; op < LO_CONST; op++) {
        if (!is_allowed((LoopOp)op, t)) continue;
        LoopVal y = apply(&m, (LoopOp)op, x);
        if (loop_type(m.b, y).element != DT_BOOL) y = loop_convert(m.b, y, (LoopType){stored, is_wide});
        loop_store(m.b, out[op], &m.at, y, 0);
    }
    making_end(&m);
}

static const DType value_types[] = {DT_BOOL, DT_I8, DT_I16, DT_I32, DT_I64, DT_U8, DT_U16, DT_U32, DT_U64, DT_F32,
                                    DT_F64};
enum { VALUE_TYPES = sizeof value_types / sizeof *value_types };

void generate_operations(Cases *cases) {
    for (int is_wide = 0; is_wide < 2; is_wide++) {
        for (int i = 0; i < VALUE_TYPES; i++) operations_of(cases, value_types[i], value_types[i], is_wide);
        operations_of(cases, DT_INDEX, DT_I64, is_wide);
    }
}

/* ---- conversions ------------------------------------------------------------------------------------- */

static DType as_value(DType stored) { return stored == DT_F16 || stored == DT_BF16 ? DT_F32 : stored; }

static void conversions_from(Cases *cases, DType from, int is_wide) {
    static const DType stored[] = {DT_BOOL, DT_I8, DT_I16, DT_I32, DT_I64, DT_U8, DT_U16, DT_U32, DT_U64, DT_F16,
                                   DT_BF16, DT_F32, DT_F64};
    enum { STORED = sizeof stored / sizeof *stored };
    Making m;
    making_begin(&m, cases, COUNT, arena_printf(cases->arena, "convert_%s%s", dtype_name(from), is_wide ? "x16" : ""));
    int in = add_buffer(&m, "x", LOOP_IN, from, "special"), out[STORED];
    for (int i = 0; i < STORED; i++) out[i] = add_buffer(&m, dtype_name(stored[i]), LOOP_OUT, stored[i], NULL);
    each_element(&m, is_wide);
    LoopVal x = load(&m, in, is_wide);
    for (int i = 0; i < STORED; i++) {
        loop_store(m.b, out[i], &m.at, loop_convert(m.b, x, (LoopType){as_value(stored[i]), is_wide}), 0);
    }
    making_end(&m);
}

static void bitcasts(Cases *cases, int is_wide) {
    static const DType pairs[][2] = {{DT_F32, DT_U32}, {DT_U32, DT_F32}, {DT_F64, DT_I64}, {DT_I64, DT_F64},
                                     {DT_I8, DT_U8}, {DT_U16, DT_I16}};
    enum { PAIRS = sizeof pairs / sizeof *pairs };
    Making m;
    making_begin(&m, cases, COUNT, is_wide ? "bitcast_x16" : "bitcast");
    int in[PAIRS], out[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        in[i] = add_buffer(&m, "x", LOOP_IN, pairs[i][0], "special");
        out[i] = add_buffer(&m, "y", LOOP_OUT, pairs[i][1], NULL);
    }
    each_element(&m, is_wide);
    for (int i = 0; i < PAIRS; i++) {
        LoopVal y = loop_bitcast(m.b, load(&m, in[i], is_wide), (LoopType){pairs[i][1], is_wide});
        loop_store(m.b, out[i], &m.at, y, 0);
    }
    making_end(&m);
}

void generate_conversions(Cases *cases) {
    for (int is_wide = 0; is_wide < 2; is_wide++) {
        for (int i = 0; i < VALUE_TYPES; i++) conversions_from(cases, value_types[i], is_wide);
        conversions_from(cases, DT_F16, is_wide);
        conversions_from(cases, DT_BF16, is_wide);
        bitcasts(cases, is_wide);
    }
}

/* ---- lanes and memory -------------------------------------------------------------------------------- */

/* Row r of seventeen uses r lanes; the last rows end at the buffer's end, behind which nothing may be touched. */
static void partial_lanes(Cases *cases, DType t) {
    enum { ROWS = 17 };
    Making m;
    making_begin(&m, cases, ROWS * ABI_LANES - 5, arena_printf(cases->arena, "lanes_%s", dtype_name(t)));
    int in = add_buffer(&m, "x", LOOP_IN, t, "special"), order = add_buffer(&m, "order", LOOP_IN, DT_I32, "below 16");
    int copy = add_buffer(&m, "copy", LOOP_OUT, t, NULL), picked = add_buffer(&m, "picked", LOOP_OUT, t, NULL);
    int out[4];
    for (int i = 0; i < 4; i++) out[i] = add_buffer(&m, "fold", LOOP_OUT, t, NULL);
    LoopBuilder *b = m.b;
    LoopVal row = loop_for(b, "r", loop_index(b, 0), loop_index(b, ROWS), 1);
    LoopVal start = loop_binary(b, LO_MUL, row, loop_index(b, ABI_LANES));
    LoopVal left = loop_binary(b, LO_SUB, loop_index(b, m.count), start);
    LoopVal count = loop_binary(b, LO_MIN, row, left);
    LoopVal x = loop_load_wide(b, in, &start, count);
    loop_store(b, copy, &start, x, count);
    LoopVal index = loop_convert(b, loop_load_wide(b, order, &start, count), loop_wide(DT_INDEX));
    loop_store(b, picked, &start, loop_gather(b, in, &index, count), count);
    if (t != DT_BOOL) {
        loop_store(b, out[0], &row, loop_lanes(b, LO_LANES_SUM, x, count), 0);
        loop_store(b, out[1], &row, loop_lanes(b, LO_LANES_MIN, x, count), 0);
        loop_store(b, out[2], &row, loop_lanes(b, LO_LANES_MAX, x, 0), 0);
    }
    LoopVal lane = loop_binary(b, LO_REM, row, loop_index(b, ABI_LANES));
    loop_store(b, out[3], &row, loop_lane_get(b, x, lane), 0);
    making_end(&m);
}

void generate_lanes(Cases *cases) {
    for (int i = 0; i < VALUE_TYPES; i++) partial_lanes(cases, value_types[i]);
    partial_lanes(cases, DT_F16);
    partial_lanes(cases, DT_BF16);
}
