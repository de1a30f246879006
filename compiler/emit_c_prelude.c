/* The prelude of an emitted file: types of sixteen lanes and the functions that the kernels use, each behind what
 * it needs.  Every lane function is a loop over sixteen elements: what gcc and clang turn into the machine's
 * vectors of whatever width, and what any C99 compiler compiles. */
#include "compiler/emit_c_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static DType plain(DType element) {
    return element == DT_INDEX ? DT_I64 : element;
}

const char *c_short(DType element) {
    return dtype_name(plain(element));
}

static const char *scalar_type(DType element) {
    switch (element) {
    case DT_BOOL: return "int32_t"; /* 0 or 1: a lane as wide as most others */
    case DT_I8: return "int8_t";
    case DT_I16: return "int16_t";
    case DT_I32: return "int32_t";
    case DT_I64: case DT_INDEX: return "int64_t";
    case DT_U8: return "uint8_t";
    case DT_U16: return "uint16_t";
    case DT_U32: return "uint32_t";
    case DT_U64: return "uint64_t";
    case DT_F32: return "float";
    case DT_F64: return "double";
    case DT_F16: case DT_BF16: case DT_COUNT: break;
    }
    ICE("no value has this type");
}

const char *c_storage(DType element) {
    switch (element) {
    case DT_BOOL: return "uint8_t";
    case DT_F16: case DT_BF16: return "uint16_t";
    case DT_I8: case DT_I16: case DT_I32: case DT_I64: case DT_U8: case DT_U16: case DT_U32: case DT_U64:
    case DT_F32: case DT_F64: case DT_INDEX: case DT_COUNT: break;
    }
    return scalar_type(element);
}

/* Whether the prelude lacks a name; from now on it has it. */
static int is_new(EmitC *e, const char *name) {
    const Symbol *key = symbol(&e->session->symbols, name);
    if (map_has(&e->have, key)) {
        return 0;
    }
    map_set(e->arena, &e->have, key, (void *)key);
    return 1;
}

static const char *named(EmitC *e, const char *format, const char *a, const char *b) {
    return arena_printf(e->arena, format, a, b);
}

/* Adds a function of emit_c_software.c and all it needs. */
static const char *snippet(EmitC *e, const char *name) {
    const CSnippet *s = c_snippet(name);
    if (!s) {
        ICE("no C text for %s", name);
    }
    if (is_new(e, name)) {
        for (int i = 0; i < 3 && s->needs[i]; i++) {
            snippet(e, s->needs[i]);
        }
        text_printf(&e->prelude, "\n%s", s->text);
    }
    return name;
}

const char *c_type(EmitC *e, LoopType type) {
    if (!type.is_wide) {
        return scalar_type(type.element);
    }
    const char *name = named(e, "%sx16", c_short(type.element), "");
    if (is_new(e, name)) {
        text_printf(&e->prelude, "\nDLC_WIDE(%s, %s);\n", scalar_type(type.element), name);
    }
    return name;
}

static const char *wide_type(EmitC *e, DType element) {
    return c_type(e, (LoopType){element, 1});
}

/* ---- operations on scalars ---------------------------------------------------------------------------- */

static int is_small(DType t) { return dtype_bytes(t) < 4; }

/* The unsigned type in which an integer's arithmetic wraps. */
static const char *wrapping(DType t) {
    return dtype_bytes(t) == 8 ? "uint64_t" : "uint32_t";
}

static const char *wrapped(EmitC *e, DType t, const char *a, const char *sign, const char *b) {
    if (t == DT_U32 || t == DT_U64 || t == DT_INDEX) {
        return arena_printf(e->arena, "%s %s %s", a, sign, b);
    }
    const char *u = wrapping(t);
    return arena_printf(e->arena, "(%s)((%s)%s %s (%s)%s)", scalar_type(t), u, a, sign, u, b);
}

static void define(EmitC *e, const char *result, const char *name, const char *parameters, const char *value) {
    if (is_new(e, name)) {
        text_printf(&e->prelude, "\nDLC_INLINE %s %s(%s) {\n    return %s;\n}\n", result, name, parameters, value);
    }
}

/* Integer division and remainder: rounding toward zero, by 0 gives 0, least / -1 wraps. */
static const char *integer_division(EmitC *e, DType t, int is_remainder) {
    const char *name = named(e, "%s_%s", c_short(t), is_remainder ? "rem" : "div");
    const char *type = scalar_type(t), *value;
    if (dtype_is_unsigned(t)) {
        value = arena_printf(e->arena, "(%s)(b == 0 ? 0 : a %c b)", type, is_remainder ? '%' : '/');
    } else if (is_remainder) {
        value = arena_printf(e->arena, "(%s)(b == 0 || b == -1 ? 0 : a %% b)", type);
    } else {
        value = arena_printf(e->arena, "b == 0 ? (%s)0 : b == -1 ? %s : (%s)(a / b)", type,
                             wrapped(e, t == DT_INDEX ? DT_I64 : t, "0", "-", "a"), type);
    }
    define(e, type, name, arena_printf(e->arena, "%s a, %s b", type, type), value);
    return name;
}

static const char *multiply_high(EmitC *e, DType t) {
    if (dtype_bytes(t) == 8) {
        return snippet(e, dtype_is_unsigned(t) ? "u64_mulhi" : "i64_mulhi");
    }
    const char *type = scalar_type(t), *twice = dtype_is_unsigned(t) ? "uint64_t" : "int64_t";
    const char *name = named(e, "%s_mulhi", c_short(t), "");
    define(e, type, name, arena_printf(e->arena, "%s a, %s b", type, type),
           arena_printf(e->arena, "(%s)(((%s)a * (%s)b) >> 32)", type, twice, twice));
    return name;
}

/* The smaller or larger of two; see loop_op.def for NaN. */
static const char *pick(EmitC *e, DType t, const char *word, char sign) {
    const char *name = named(e, "%s_%s", c_short(t), word), *type = scalar_type(t);
    define(e, type, name, arena_printf(e->arena, "%s a, %s b", type, type),
           arena_printf(e->arena, "a %c b ? a : b", sign));
    return name;
}

/* An operand as an argument: without the parentheses around the whole of it. */
static const char *argument(EmitC *e, const char *text) {
    size_t len = strlen(text);
    return text[0] == '(' && c_is_atom(text) ? arena_text(e->arena, text + 1, len - 2) : text;
}

static const char *call(EmitC *e, const char *function, const char *a, const char *b) {
    return b ? arena_printf(e->arena, "%s(%s, %s)", function, argument(e, a), argument(e, b))
             : arena_printf(e->arena, "%s(%s)", function, argument(e, a));
}

static const char *float_function(EmitC *e, DType t, const char *word) {
    return snippet(e, named(e, "%s_%s", c_short(t), word));
}

static const char *arithmetic(EmitC *e, LoopOp op, DType t, const char *a, const char *b) {
    const char *sign = op == LO_ADD ? "+" : op == LO_SUB ? "-" : op == LO_MUL ? "*" : "/";
    if (dtype_is_float(t)) {
        return arena_printf(e->arena, "%s %s %s", a, sign, b);
    }
    if (op == LO_DIV) {
        return call(e, integer_division(e, t, 0), a, b);
    }
    return wrapped(e, t, a, sign, b);
}

static const char *negation(EmitC *e, DType t, const char *a) {
    return dtype_is_float(t) || t == DT_INDEX ? arena_printf(e->arena, "-%s", a) : wrapped(e, t, "0", "-", a);
}

static const char *absolute(EmitC *e, DType t, const char *a) {
    if (dtype_is_float(t)) {
        return call(e, float_function(e, t, "abs"), a, NULL);
    }
    if (dtype_is_unsigned(t)) {
        return a;
    }
    const char *name = named(e, "%s_abs", c_short(t), ""), *type = scalar_type(t);
    define(e, type, name, arena_printf(e->arena, "%s a", type),
           arena_printf(e->arena, "a < 0 ? %s : a", wrapped(e, plain(t), "0", "-", "a")));
    return call(e, name, a, NULL);
}

static const char *logic(EmitC *e, DType t, const char *a, char sign, const char *b) {
    if (t == DT_BOOL && strncmp(a, "DLC_V", 5) != 0) {
        /* Compilers warn of & between comparisons; lanes keep it, to have no branch. */
        return arena_printf(e->arena, "%s %s %s", a, sign == '&' ? "&&" : sign == '|' ? "||" : "!=", b);
    }
    const char *text = arena_printf(e->arena, "%s %c %s", a, sign, b);
    return is_small(t) && t != DT_BOOL ? arena_printf(e->arena, "(%s)(%s)", scalar_type(t), text) : text;
}

static const char *shift(EmitC *e, LoopOp op, DType t, const char *a, const char *b) {
    const char *name = named(e, "%s_%s", c_short(t), op == LO_SHL ? "shl" : "shr"), *type = scalar_type(t);
    int mask = dtype_bytes(t) * 8 - 1;
    const char *value =
        op == LO_SHL ? arena_printf(e->arena, "(%s)((%s)a << (b & %d))", type, wrapping(t), mask)
                     : arena_printf(e->arena, "(%s)(a >> (b & %d))", type, mask);
    define(e, type, name, arena_printf(e->arena, "%s a, %s b", type, type), value);
    return call(e, name, a, b);
}

static const char *comparison(EmitC *e, DType t, const char *word, const char *a, const char *sign, const char *b) {
    if (!dtype_is_unsigned(t)) {
        return arena_printf(e->arena, "%s %s %s", a, sign, b);
    }
    /* As a function: compilers warn of comparisons with a literal 0. */
    const char *name = named(e, "%s_%s", c_short(t), word), *type = scalar_type(t);
    define(e, "int32_t", name, arena_printf(e->arena, "%s a, %s b", type, type),
           arena_printf(e->arena, "a %s b", sign));
    return call(e, name, a, b);
}

const char *c_scalar_op(EmitC *e, LoopOp op, DType t, const char *a, const char *b, const char *c) {
    switch (op) {
    case LO_ADD: case LO_SUB: case LO_MUL: case LO_DIV: return arithmetic(e, op, t, a, b);
    case LO_REM: return call(e, integer_division(e, t, 1), a, b);
    case LO_NEG: return negation(e, t, a);
    case LO_ABS: return absolute(e, t, a);
    case LO_FMA: return arena_printf(e->arena, "%s(%s, %s, %s)", float_function(e, t, "fma"), argument(e, a),
                                     argument(e, b), argument(e, c));
    case LO_SQRT: return call(e, float_function(e, t, "sqrt"), a, NULL);
    case LO_FLOOR: return call(e, float_function(e, t, "floor"), a, NULL);
    case LO_RINT: return call(e, float_function(e, t, "rint"), a, NULL);
    case LO_MIN: return call(e, pick(e, t, "min", '<'), a, b);
    case LO_MAX: return call(e, pick(e, t, "max", '>'), a, b);
    case LO_AND: return logic(e, t, a, '&', b);
    case LO_OR: return logic(e, t, a, '|', b);
    case LO_XOR: return logic(e, t, a, '^', b);
    case LO_NOT: return t == DT_BOOL ? arena_printf(e->arena, "!%s", a)
                                     : arena_printf(e->arena, "(%s)~%s", scalar_type(t), a);
    case LO_SHL: case LO_SHR: return shift(e, op, t, a, b);
    case LO_MULHI: return call(e, multiply_high(e, t), a, b);
    case LO_EQ: return comparison(e, t, "eq", a, "==", b);
    case LO_NE: return comparison(e, t, "ne", a, "!=", b);
    case LO_LT: return comparison(e, t, "lt", a, "<", b);
    case LO_LE: return comparison(e, t, "le", a, "<=", b);
    case LO_SELECT: return arena_printf(e->arena, "%s ? %s : %s", a, b, c);
    case LO_TRADE_LOW_1: case LO_TRADE_LOW_2: case LO_TRADE_LOW_4: case LO_TRADE_LOW_8: return a;
    case LO_TRADE_HIGH_1: case LO_TRADE_HIGH_2: case LO_TRADE_HIGH_4: case LO_TRADE_HIGH_8: return b;
    case LO_CONST: case LO_PARAM: case LO_LANE: case LO_CONVERT: case LO_BITCAST: case LO_SPLAT: case LO_LANE_GET:
    case LO_LOAD: case LO_GATHER: case LO_READ: case LO_LANES_SUM: case LO_LANES_MIN: case LO_LANES_MAX:
    case LO_COUNT: break;
    }
    ICE("%s is no operation on values alone", loop_op_name(op));
}

static int is_word_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

int c_is_atom(const char *text) {
    if (text[0] >= '0' && text[0] <= '9') {
        return !strchr(text, ' ');
    }
    while (is_word_char(*text)) {
        text++;
    }
    int depth = 0; /* a call, a subscript or a parenthesis that reaches to the end */
    for (; *text; text++) {
        depth += (*text == '(' || *text == '[') - (*text == ')' || *text == ']');
        if (depth == 0 && text[1] != '[') {
            return !text[1];
        }
    }
    return 1;
}

/* ---- functions of sixteen lanes ----------------------------------------------------------------------- */

/* A function whose lane i is `value`; `vector` is the same on clang's whole vectors and `gnu` on gcc's, or NULL. */
static void define_function(EmitC *e, const char *result, const char *name, const char *parameters,
                            const char *value, const char *vector, const char *gnu) {
    if (!is_new(e, name)) {
        return;
    }
    int is_fma = vector && strstr(vector, "FMA");
    text_printf(&e->prelude, "\n%s %s %s(%s) {\n", is_fma ? "DLC_FMA_LANES" : "DLC_INLINE", result, name, parameters);
    if (gnu) {
        text_printf(&e->prelude, "#ifdef DLC_GNU_VECTORS\n    %s r;\n    %s\n    return r;\n", result, gnu);
        if (vector) {
            text_printf(&e->prelude, "#elif defined(DLC_VECTORS)\n    %s\n", vector);
        }
        text_add(&e->prelude, "#else\n");
    } else if (vector) {
        const char *condition = strstr(vector, "FMA") ? "DLC_VECTOR_FMA" : "DLC_VECTORS";
        text_printf(&e->prelude, "#ifdef %s\n    %s\n#else\n", condition, vector);
    }
    text_printf(&e->prelude,
                "    %s r;\n    DLC_LANES for (int i = 0; i < 16; i++) {\n"
                "        DLC_V(r)[i] = %s;\n    }\n    return r;\n%s}\n",
                result, value, vector || gnu ? "#endif\n" : "");
}

static void define_lanes(EmitC *e, const char *result, const char *name, const char *parameters,
                         const char *value) {
    define_function(e, result, name, parameters, value, NULL, NULL);
}

/* Float arithmetic on whole vectors. */
static const char *vector_text(EmitC *e, LoopOp op, DType t) {
    if (!dtype_is_float(t)) {
        return NULL;
    }
    const char *sign = op == LO_ADD ? "+" : op == LO_SUB ? "-" : op == LO_MUL ? "*" : op == LO_DIV ? "/" : NULL;
    if (sign) {
        return arena_printf(e->arena, "return a %s b;", sign);
    }
    return op == LO_NEG ? "return -a;" : op == LO_FMA ? "DLC_VECTOR_FMA(a, b, c)" : NULL;
}

static int gives_bool(LoopOp op) { return op == LO_EQ || op == LO_NE || op == LO_LT || op == LO_LE; }

/* An operation on gcc's whole vectors: lanes of 32 and 64 bits, integers wrapping as unsigned ones. */
static const char *gnu_text(EmitC *e, LoopOp op, DType t) {
    const char *type = wide_type(e, t), *sign = NULL, *word = wrapping(t);
    int is_wide = t == DT_BOOL || !is_small(t);
    static const struct { LoopOp op; const char *sign; int bools, integers, floats; } signs[] = {
        {LO_ADD, "+", 0, 1, 1}, {LO_SUB, "-", 0, 1, 1}, {LO_MUL, "*", 0, 1, 1}, {LO_DIV, "/", 0, 0, 1},
        {LO_AND, "&", 1, 1, 0}, {LO_OR, "|", 1, 1, 0}, {LO_XOR, "^", 1, 1, 0}, {LO_EQ, "==", 0, 1, 1},
        {LO_NE, "!=", 0, 1, 1}, {LO_LT, "<", 0, 1, 1}, {LO_LE, "<=", 0, 1, 1},
    };
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        int has = t == DT_BOOL ? signs[i].bools : dtype_is_float(t) ? signs[i].floats : signs[i].integers;
        if (signs[i].op == op && has) {
            sign = signs[i].sign;
        }
    }
    if (op == LO_NEG && dtype_is_float(t)) {
        return "r.v = -a.v;";
    }
    if (op == LO_SHR && dtype_is_unsigned(t) && is_wide) {
        return arena_printf(e->arena, "r.v = a.v >> (b.v & %d);", dtype_bytes(t) * 8 - 1);
    }
    if (op == LO_SELECT && (t == DT_BOOL || dtype_bytes(t) == 4)) {
        return arena_printf(e->arena, "const boolx16_lanes yes = (boolx16_lanes)(a.v != 0);\n"
                            "    r.v = (%s_lanes)(((boolx16_lanes)b.v & yes) | ((boolx16_lanes)c.v & ~yes));", type);
    }
    if (!sign || !is_wide) {
        return NULL;
    }
    if (gives_bool(op)) {
        return t != DT_BOOL && dtype_bytes(t) == 4
                   ? arena_printf(e->arena, "r.v = (boolx16_lanes)(a.v %s b.v) & 1;", sign)
                   : NULL;
    }
    if (op == LO_AND || op == LO_OR || op == LO_XOR || dtype_is_float(t) || dtype_is_unsigned(t)) {
        return arena_printf(e->arena, "r.v = a.v %s b.v;", sign);
    }
    return arena_printf(e->arena, "DLC_VECTOR(%s, word);\n    r.v = (%s_lanes)((word)a.v %s (word)b.v);", word, type,
                        sign);
}

const char *c_wide_op(EmitC *e, LoopOp op, DType t) {
    const char *name = named(e, "%sx16_%s", c_short(t), loop_op_name(op));
    if (map_has(&e->have, symbol(&e->session->symbols, name))) {
        return name;
    }
    const char *type = wide_type(e, t), *result = gives_bool(op) ? wide_type(e, DT_BOOL) : type;
    if (op == LO_SELECT) {
        const char *parameters = arena_printf(e->arena, "%s a, %s b, %s c", wide_type(e, DT_BOOL), type, type);
        define_function(e, result, name, parameters, "DLC_V(a)[i] ? DLC_V(b)[i] : DLC_V(c)[i]", NULL,
                        gnu_text(e, op, t));
        return name;
    }
    if (loop_is_trade(op)) {
        LoopTrade trade = loop_trade(op);
        int w = trade.width, high = trade.is_high ? w : 0;
        const char *lane = arena_printf(e->arena, "i / %d * %d + i %% %d + %d", 2 * w, 2 * w, w, high);
        define_function(e, result, name, arena_printf(e->arena, "%s a, %s b", type, type),
                        arena_printf(e->arena, "i / %d %% 2 ? DLC_V(b)[%s] : DLC_V(a)[%s]", w, lane, lane), NULL, NULL);
        return name;
    }
    const char *value = c_scalar_op(e, op, plain(t), "DLC_V(a)[i]", "DLC_V(b)[i]", "DLC_V(c)[i]");
    static const char *const formats[] = {"", "%s a", "%s a, %s b", "%s a, %s b, %s c"};
    const char *parameters = formats[loop_op_operands(op)];
    Text text = text_new(e->arena);
    for (; *parameters; parameters++) {
        if (*parameters == '%') {
            text_add(&text, type);
            parameters++;
        } else {
            text_char(&text, *parameters);
        }
    }
    define_function(e, result, name, text_str(&text), value, vector_text(e, op, t), gnu_text(e, op, t));
    return name;
}

const char *c_splat(EmitC *e, DType t) {
    const char *type = wide_type(e, t), *name = named(e, "%sx16_splat", c_short(t), "");
    define_function(e, type, name, named(e, "%s x", scalar_type(t), ""), "x",
                    arena_printf(e->arena, "return (%s)(x);", type),
                    arena_printf(e->arena, "const %s_lanes all = {x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};\n"
                                 "    r.v = all;", type));
    return name;
}

const char *c_lane_numbers(EmitC *e, DType t) {
    const char *type = wide_type(e, t), *name = named(e, "%sx16_lane", c_short(t), "");
    define_lanes(e, type, name, "void", t == DT_I32 ? "i" : arena_printf(e->arena, "(%s)i", scalar_type(t)));
    return name;
}

/* ---- conversions -------------------------------------------------------------------------------------- */

/* The least and the largest integer of a type as C text. */
static const char *bound(DType t, int is_largest) {
    switch (t) {
    case DT_I8: return is_largest ? "127" : "-128";
    case DT_I16: return is_largest ? "32767" : "-32768";
    case DT_I32: return is_largest ? "2147483647" : "-2147483647 - 1";
    case DT_I64: case DT_INDEX: return is_largest ? "9223372036854775807" : "-9223372036854775807 - 1";
    case DT_U8: return is_largest ? "255" : "0";
    case DT_U16: return is_largest ? "65535" : "0";
    case DT_U32: return is_largest ? "4294967295u" : "0";
    case DT_U64: return is_largest ? "18446744073709551615u" : "0";
    case DT_BOOL: case DT_F16: case DT_BF16: case DT_F32: case DT_F64: case DT_COUNT: break;
    }
    ICE("no integer type");
}

/* A float to an integer: saturating, NaN gives 0.  What is cast lies inside, so that lanes need no branch. */
static const char *saturating(EmitC *e, DType from, DType to) {
    const char *name = named(e, "%s_from_%s", c_short(to), c_short(from));
    if (!is_new(e, name)) {
        return name;
    }
    int bits = dtype_bytes(to) * 8 - (dtype_is_signed(to) ? 1 : 0);
    double beyond = ldexp(1, bits), least = dtype_is_signed(to) ? -beyond : 0;
    const char *f = scalar_type(from), *t = scalar_type(to), *suffix = from == DT_F32 ? "f" : "";
    text_printf(&e->prelude,
                "\n/* Toward zero; what lies outside gives the nearest end, NaN 0. */\n"
                "DLC_INLINE %s %s(%s x) {\n"
                "    const %s inside = x >= %a%s && x < %a%s ? x : %s0.0%s;\n"
                "    const %s y = (%s)inside;\n"
                "    return x >= %a%s ? (%s)%s : x < %a%s ? (%s)(%s) : y;\n}\n",
                t, name, f, f, least, suffix, beyond, suffix, "", suffix, t, t, beyond, suffix, t,
                bound(to, 1), least, suffix, t, bound(to, 0));
    return name;
}

const char *c_convert(EmitC *e, DType from, LoopType to) {
    const char *one = NULL; /* the function on scalars */
    if (dtype_is_float(from) && dtype_is_integer(to.element)) {
        one = saturating(e, from, to.element);
    }
    if (!to.is_wide) {
        return one;
    }
    const char *name = named(e, "%sx16_from_%s", c_short(to.element), c_short(from));
    const char *value = one                      ? named(e, "%s(DLC_V(a)[i])", one, "")
                        : to.element == DT_BOOL ? "DLC_V(a)[i] != 0"
                                                : named(e, "(%s)DLC_V(a)[i]", scalar_type(to.element), "");
    define_lanes(e, wide_type(e, to.element), name, named(e, "%s a", wide_type(e, from), ""), value);
    return name;
}

static const char *bits_function(EmitC *e, DType from, DType to) {
    if (dtype_is_float(to)) {
        return dtype_is_float(from) ? NULL : snippet(e, named(e, "%s_from_bits", c_short(to), ""));
    }
    return dtype_is_float(from) ? snippet(e, named(e, "%s_bits", c_short(from), "")) : NULL;
}

const char *c_bitcast(EmitC *e, DType from, LoopType to) {
    const char *one = bits_function(e, from, to.element);
    if (!to.is_wide && one && (dtype_is_float(to.element) || dtype_is_unsigned(to.element))) {
        /* The argument of f32_from_bits converts by itself, without a warning only from unsigned types. */
        if (dtype_is_unsigned(to.element) || dtype_is_unsigned(from)) {
            return one;
        }
    }
    const char *t = scalar_type(to.element), *u = dtype_bytes(to.element) == 8 ? "uint64_t" : "uint32_t";
    const char *bits = dtype_is_float(to.element) && !dtype_is_unsigned(from) ? u : NULL;
    const char *argument = to.is_wide ? "DLC_V(a)[i]" : "a";
    if (bits) {
        argument = arena_printf(e->arena, "(%s)%s", bits, argument);
    }
    const char *value = one ? call(e, one, argument, NULL) : argument;
    if (!dtype_is_float(to.element) && !(one && dtype_is_unsigned(to.element))) {
        value = arena_printf(e->arena, "(%s)%s", t, value);
    }
    if (to.is_wide) {
        const char *name = named(e, "%sx16_as_%s", c_short(from), c_short(to.element));
        define_lanes(e, wide_type(e, to.element), name, named(e, "%s a", wide_type(e, from), ""), value);
        return name;
    }
    const char *name = named(e, "%s_as_%s", c_short(from), c_short(to.element));
    define(e, t, name, arena_printf(e->arena, "%s a", scalar_type(from)), value);
    return name;
}

/* ---- memory ------------------------------------------------------------------------------------------- */

const char *c_from_storage(EmitC *e, DType stored) {
    return stored == DT_F16 ? snippet(e, "f16_to_f32") : stored == DT_BF16 ? snippet(e, "bf16_to_f32") : NULL;
}

const char *c_to_storage(EmitC *e, DType stored) {
    return stored == DT_F16 ? snippet(e, "f32_to_f16") : stored == DT_BF16 ? snippet(e, "f32_to_bf16") : NULL;
}

static const char *loaded(EmitC *e, DType stored, const char *text) {
    const char *function = c_from_storage(e, stored);
    return function ? call(e, function, text, NULL) : text;
}

/* Zero as a lane that is absent. */
static const char *absent(DType element) {
    return element == DT_F32 ? "0.0f" : element == DT_F64 ? "0.0" : "0";
}

/* A function that reads sixteen elements, `value` for lane i; of the first n only if it has a count. */
static void define_reading(EmitC *e, DType t, const char *name, const char *parameters, const char *value,
                           int has_count) {
    const char *type = wide_type(e, t);
    if (!has_count) {
        define_lanes(e, type, name, parameters, value);
    } else if (is_new(e, name)) {
        text_printf(&e->prelude, "\nDLC_INLINE %s %s(%s) {\n    %s r;\n", type, name, parameters, type);
        text_printf(&e->prelude, "    if (DLC_KNOWN(n)) {\n        DLC_LANES for (int i = 0; i < 16; i++) {\n"
                    "            if (i < n) {\n                DLC_V(r)[i] = %s;\n            } else {\n"
                    "                DLC_V(r)[i] = %s;\n            }\n        }\n        return r;\n    }\n", value, absent(t));
        text_printf(&e->prelude, "    if (n >= 16) {\n");
        text_printf(&e->prelude, "        DLC_LANES for (int i = 0; i < 16; i++) {\n            DLC_V(r)[i] = %s;\n        }\n"
                    "        return r;\n    }\n", value);
        text_printf(&e->prelude, "    DLC_LANES for (int i = 0; i < 16; i++) {\n        DLC_V(r)[i] = %s;\n    }\n", absent(t));
        text_printf(&e->prelude, "    for (int i = 0; i < n; i++) {\n        DLC_V(r)[i] = %s;\n        DLC_LOOP;\n    }\n"
                    "    return r;\n}\n", value);
    }
}

const char *c_load(EmitC *e, DType t, DType stored, int has_count) {
    const char *name = arena_printf(e->arena, "%sx16_load%s%s%s", c_short(t), stored == t ? "" : "_",
                                    stored == t ? "" : dtype_name(stored), has_count ? "_n" : "");
    const char *parameters = arena_printf(e->arena, "const %s *p%s", c_storage(stored), has_count ? ", int64_t n" : "");
    define_reading(e, t, name, parameters, loaded(e, stored, "p[i]"), has_count);
    return name;
}

const char *c_gather(EmitC *e, DType t, DType stored, DType index) {
    const char *name = arena_printf(e->arena, "%sx16_gather_%s_%s", c_short(t), dtype_name(stored), c_short(index));
    const char *parameters = arena_printf(e->arena, "const %s *p, %s at, int64_t n", c_storage(stored),
                                          wide_type(e, index));
    define_reading(e, t, name, parameters, loaded(e, stored, "p[DLC_V(at)[i]]"), 1);
    return name;
}

const char *c_store(EmitC *e, DType t, DType stored, int has_count) {
    const char *name = arena_printf(e->arena, "%sx16_store%s%s%s", c_short(t), stored == t ? "" : "_",
                                    stored == t ? "" : dtype_name(stored), has_count ? "_n" : "");
    const char *function = c_to_storage(e, stored), *type = wide_type(e, t);
    const char *value = function            ? call(e, function, "DLC_V(x)[i]", NULL)
                        : stored == DT_BOOL ? "(uint8_t)DLC_V(x)[i]"
                                            : "DLC_V(x)[i]";
    if (!is_new(e, name)) {
        return name;
    }
    text_printf(&e->prelude, "\nDLC_INLINE void %s(%s *p, %s x%s) {\n", name, c_storage(stored), type,
                has_count ? ", int64_t n" : "");
    if (has_count) {
        text_printf(&e->prelude, "    if (DLC_KNOWN(n)) {\n        DLC_LANES for (int i = 0; i < 16; i++) {\n"
                    "            if (i < n) {\n                p[i] = %s;\n            }\n        }\n        return;\n    }\n", value);
        text_printf(&e->prelude, "    if (n >= 16) {\n        DLC_LANES for (int i = 0; i < 16; i++) {\n"
                    "            p[i] = %s;\n        }\n        return;\n    }\n"
                    "    for (int i = 0; i < n; i++) {\n        p[i] = %s;\n        DLC_LOOP;\n    }\n}\n", value, value);
    } else {
        text_printf(&e->prelude, "    DLC_LANES for (int i = 0; i < 16; i++) {\n        p[i] = %s;\n    }\n}\n", value);
    }
    return name;
}

/* Sixteen lanes to one by a halving tree; absent ones are the operation's neutral element. */
const char *c_lanes(EmitC *e, LoopOp op, DType t) {
    LoopOp pair = op == LO_LANES_SUM ? LO_ADD : op == LO_LANES_MIN ? LO_MIN : LO_MAX;
    const char *name = named(e, "%sx16_%s", c_short(t), op == LO_LANES_SUM ? "sum" : loop_op_name(pair));
    name = arena_printf(e->arena, "%s_of_lanes", name);
    const char *type = wide_type(e, t), *neutral;
    if (dtype_is_float(t)) {
        const char *infinity = op == LO_LANES_SUM ? NULL : snippet(e, named(e, "%s_inf", c_short(t), ""));
        neutral = op == LO_LANES_SUM ? (t == DT_F32 ? "-0.0f" : "-0.0")
                                     : arena_printf(e->arena, "%s%s()", op == LO_LANES_MIN ? "" : "-", infinity);
    } else {
        neutral = op == LO_LANES_SUM ? "0" : bound(t, op == LO_LANES_MIN);
    }
    const char *value = c_scalar_op(e, pair, plain(t), "DLC_V(x)[i]", "DLC_V(x)[i + half]", NULL);
    if (is_new(e, name)) {
        text_printf(&e->prelude,
                    "\nDLC_INLINE %s %s(%s x, int64_t n) {\n    DLC_LANES for (int i = 0; i < 16; i++) {\n"
                    "        DLC_V(x)[i] = i < n ? DLC_V(x)[i] : (%s)(%s);\n    }\n"
                    "    for (int half = 8; half > 0; half /= 2) {\n        for (int i = 0; i < half; i++) {\n"
                    "            DLC_V(x)[i] = %s;\n        }\n    }\n    return DLC_V(x)[0];\n}\n",
                    scalar_type(t), name, type, scalar_type(t), neutral, value);
    }
    return name;
}

/* ---- constants ---------------------------------------------------------------------------------------- */

static const char *float_constant(EmitC *e, DType t, double x) {
    int is_single = t == DT_F32;
    if (isnan(x)) {
        return call(e, snippet(e, is_single ? "f32_nan" : "f64_nan"), "", NULL);
    }
    if (isinf(x)) {
        return arena_printf(e->arena, "%s%s()", x < 0 ? "-" : "", snippet(e, is_single ? "f32_inf" : "f64_inf"));
    }
    char digits[64];
    int precision = 1; /* the shortest that reads back */
    do {
        snprintf(digits, sizeof digits, "%.*g", precision, x);
    } while ((is_single ? strtof(digits, NULL) != (float)x : strtod(digits, NULL) != x) && precision++ < 17);
    if (fabs(x) >= 1 && fabs(x) < 1e15 && x == floor(x)) {
        snprintf(digits, sizeof digits, "%.0f", x);
    } else if (fabs(x) > 1e15 || (fabs(x) < 1e-6 && x != 0)) {
        snprintf(digits, sizeof digits, "%a", x); /* powers of two mostly */
    }
    const char *point = strpbrk(digits, ".ep") ? "" : ".0";
    return arena_printf(e->arena, "%s%s%s", digits, point, is_single ? "f" : "");
}

const char *c_constant(EmitC *e, DType t, int64_t imm_i, double imm_f) {
    if (dtype_is_float(t)) {
        return float_constant(e, t, imm_f);
    }
    if (t == DT_U32) {
        return arena_printf(e->arena, "%lluu", (unsigned long long)(uint32_t)imm_i);
    }
    if (t == DT_U64) {
        return arena_printf(e->arena, "%lluull", (unsigned long long)imm_i);
    }
    if (imm_i == INT64_MIN) {
        return "(-9223372036854775807ll - 1)";
    }
    if (imm_i == INT32_MIN && t == DT_I32) {
        return "(-2147483647 - 1)";
    }
    const char *suffix = imm_i > INT32_MAX || imm_i < INT32_MIN ? "ll" : "";
    return arena_printf(e->arena, "%lld%s", (long long)imm_i, suffix);
}
