/* The builder of loop kernels: appends to a tree of statements, folds index arithmetic, numbers values.
 *
 * Pure values are found again through a hash table of chains.  A value is visible in its block and in blocks
 * inside; when a block closes, the values it entered are taken out again, newest first, which leaves every
 * chain as it was. */
#include "compiler/loop_build.h"

#include <string.h>

enum { BUCKETS = 1024 };

typedef struct Block {
    LoopStmt *owner;  /* the statement whose block this is; NULL for the kernel's */
    LoopStmt **tail;  /* where the next statement goes */
    int entered;      /* length of `entered` when the block was opened */
} Block;

struct LoopBuilder {
    Session *session;
    Arena *arena;
    LoopKernel *kernel;
    Vec(Block) blocks;
    LoopVal bucket[BUCKETS];   /* newest value of each chain */
    Vec(LoopVal) chain;        /* by value: the next older of its chain */
    Vec(LoopVal) entered;      /* values in the table, in order */
    Vec(LoopVal) plan_indices;
};

/* ---- kernel and blocks ------------------------------------------------------------------------------- */

static LoopVal add_value(LoopBuilder *b, const LoopValue *value) {
    vec_push(b->arena, &b->kernel->values, *value);
    vec_push(b->arena, &b->chain, 0);
    return (LoopVal)b->kernel->values.len - 1;
}

static LoopVal add_parameter(LoopBuilder *b, const Symbol *name) {
    return add_value(b, &(LoopValue){.op = LO_PARAM, .type = loop_scalar(DT_INDEX), .name = name});
}

LoopBuilder *loop_builder_new(Session *session, Arena *arena, const char *name) {
    LoopBuilder *b = arena_new(arena, LoopBuilder);
    b->session = session;
    b->arena = arena;
    b->kernel = arena_new(arena, LoopKernel);
    b->kernel->name = symbol(&session->symbols, name);
    b->kernel->tile_count = dim_constant(&session->dims, 1);
    b->kernel->hero = "";
    add_value(b, &(LoopValue){.op = LO_CONST}); /* value 0 is none */
    b->kernel->tile = add_parameter(b, symbol(&session->symbols, "t"));
    vec_push(arena, &b->blocks, ((Block){.tail = &b->kernel->body}));
    return b;
}

LoopKernel *loop_builder_kernel(LoopBuilder *b) { return b->kernel; }

LoopKernel *loop_builder_finish(LoopBuilder *b) {
    if (b->blocks.len != 1) ICE("kernel %s has %d open blocks", b->kernel->name->text, b->blocks.len - 1);
    return b->kernel;
}

static LoopStmt *append(LoopBuilder *b, const LoopStmt *stmt) {
    LoopStmt *kept = arena_new(b->arena, LoopStmt);
    *kept = *stmt;
    Block *block = &vec_last(&b->blocks);
    *block->tail = kept;
    block->tail = &kept->next;
    return kept;
}

static void open_block(LoopBuilder *b, LoopStmt *owner, LoopStmt **tail) {
    vec_push(b->arena, &b->blocks, ((Block){owner, tail, b->entered.len}));
}

static unsigned bucket_of(const LoopValue *v) {
    uint64_t h = (uint64_t)v->op * 31 + (uint64_t)v->type.element * 7 + (uint64_t)v->type.is_wide;
    for (int i = 0; i < 3; i++) h = h * 0x9E3779B97F4A7C15u + v->in[i];
    uint64_t bits;
    memcpy(&bits, &v->imm_f, sizeof bits);
    h = (h * 0x9E3779B97F4A7C15u + (uint64_t)v->imm_i) * 0x9E3779B97F4A7C15u + bits;
    return (unsigned)((h * 0x9E3779B97F4A7C15u + v->count) >> 40) % BUCKETS;
}

static LoopStmt *close_block(LoopBuilder *b) {
    if (b->blocks.len == 1) ICE("no open block in kernel %s", b->kernel->name->text);
    Block block = vec_pop(&b->blocks);
    while (b->entered.len > block.entered) {
        LoopVal v = vec_pop(&b->entered);
        b->bucket[bucket_of(&b->kernel->values.data[v])] = b->chain.data[v];
    }
    return block.owner;
}

void loop_end(LoopBuilder *b) { close_block(b); }

/* ---- header ------------------------------------------------------------------------------------------ */

/* Every run-time dim of an extent is an argument of the kernel: executors compute strides from them. */
static void take_dims(LoopBuilder *b, const Dim *dim) {
    for (int i = 0; i < dim->term_count; i++)
        for (int k = 0; k < dim->terms[i].power_count; k++) {
            const DimAtom *atom = dim->terms[i].powers[k].atom;
            if (atom->kind == DIM_NAME) {
                loop_dim_name(b, atom->name);
            } else {
                take_dims(b, atom->a);
                take_dims(b, atom->b);
            }
        }
}

int loop_buffer(LoopBuilder *b, const char *name, LoopAccess access, DType dtype, int rank,
                const Dim *const *extents, const Dim *pitch) {
    LoopBuffer buffer = {.name = symbol(&b->session->symbols, name), .access = access, .dtype = dtype,
                         .rank = rank, .pitch = pitch};
    for (int i = 0; i < rank; i++) take_dims(b, buffer.extents[i] = extents[i]);
    if (rank > 0 && !pitch) buffer.pitch = extents[rank - 1];
    if (buffer.pitch) take_dims(b, buffer.pitch);
    vec_push(b->arena, &b->kernel->buffers, buffer);
    return b->kernel->buffers.len - 1;
}

void loop_tiles(LoopBuilder *b, const Dim *count, int64_t tiles_per_range) {
    b->kernel->tile_count = count;
    b->kernel->tiles_per_range = tiles_per_range;
}

LoopVal loop_dim_name(LoopBuilder *b, const DimName *name) {
    for (int i = 0; i < b->kernel->dims.len; i++)
        if (b->kernel->dims.data[i] == name) return b->kernel->dim_values.data[i];
    vec_push(b->arena, &b->kernel->dims, name);
    vec_push(b->arena, &b->kernel->dim_values, add_parameter(b, name->name));
    return vec_last(&b->kernel->dim_values);
}

LoopVal loop_plan_index(LoopBuilder *b, const char *name) {
    vec_push(b->arena, &b->kernel->loop_indices, add_parameter(b, symbol(&b->session->symbols, name)));
    return vec_last(&b->kernel->loop_indices);
}

/* ---- values ------------------------------------------------------------------------------------------ */

LoopType loop_type(const LoopBuilder *b, LoopVal v) {
    if (!v || v >= (LoopVal)b->kernel->values.len) ICE("value %u of kernel %s does not exist", v, b->kernel->name->text);
    return b->kernel->values.data[v].type;
}

static int same_value(const LoopValue *x, const LoopValue *y) {
    return x->op == y->op && x->type.element == y->type.element && x->type.is_wide == y->type.is_wide &&
           memcmp(x->in, y->in, sizeof x->in) == 0 && x->count == y->count && x->imm_i == y->imm_i &&
           memcmp(&x->imm_f, &y->imm_f, sizeof x->imm_f) == 0;
}

/* A value without effects that depends on nothing but its operands: found or made.  Constants and lanes need no
 * place of their own in the statements. */
static LoopVal pure_value(LoopBuilder *b, const LoopValue *value) {
    unsigned bucket = bucket_of(value);
    for (LoopVal v = b->bucket[bucket]; v; v = b->chain.data[v])
        if (same_value(&b->kernel->values.data[v], value)) return v;
    LoopVal made = add_value(b, value);
    b->chain.data[made] = b->bucket[bucket];
    b->bucket[bucket] = made;
    vec_push(b->arena, &b->entered, made);
    if (value->op != LO_CONST && value->op != LO_LANE) append(b, &(LoopStmt){.kind = LS_LET, .value = made});
    return made;
}

/* The value of an integer as its type holds it. */
static int64_t wrap(DType type, int64_t value) {
    switch (type) {
    case DT_BOOL: return value != 0;
    case DT_I8: return (int8_t)value;
    case DT_I16: return (int16_t)value;
    case DT_I32: return (int32_t)value;
    case DT_U8: return (uint8_t)value;
    case DT_U16: return (uint16_t)value;
    case DT_U32: return (uint32_t)value;
    case DT_I64: case DT_U64: case DT_INDEX: return value;
    case DT_F16: case DT_BF16: case DT_F32: case DT_F64: case DT_COUNT: break;
    }
    ICE("%s is no integer type", dtype_name(type));
}

LoopVal loop_const_int(LoopBuilder *b, LoopType type, int64_t value) {
    return pure_value(b, &(LoopValue){.op = LO_CONST, .type = type, .imm_i = wrap(type.element, value)});
}

LoopVal loop_const_float(LoopBuilder *b, LoopType type, double value) {
    if (type.element == DT_F32) value = (double)(float)value;
    else if (type.element != DT_F64) ICE("%s is no float type of values", dtype_name(type.element));
    return pure_value(b, &(LoopValue){.op = LO_CONST, .type = type, .imm_f = value});
}

LoopVal loop_index(LoopBuilder *b, int64_t value) { return loop_const_int(b, loop_scalar(DT_INDEX), value); }

int loop_is_constant(const LoopBuilder *b, LoopVal v, int64_t *value) {
    const LoopValue *c = &b->kernel->values.data[v];
    if (!v || c->op != LO_CONST || dtype_is_float(c->type.element)) return 0;
    *value = c->imm_i;
    return 1;
}

/* Index arithmetic on constants, with the meaning of loop_op.def; 0 where it is left to run time. */
static int fold_index(LoopOp op, int64_t x, int64_t y, int64_t *out) {
    uint64_t a = (uint64_t)x, c = (uint64_t)y;
    if (op == LO_ADD) *out = (int64_t)(a + c);
    else if (op == LO_SUB) *out = (int64_t)(a - c);
    else if (op == LO_MUL) *out = (int64_t)(a * c);
    else if (op == LO_DIV && y > 0) *out = x / y;
    else if (op == LO_REM && y > 0) *out = x % y;
    else if (op == LO_MIN) *out = x < y ? x : y;
    else if (op == LO_MAX) *out = x > y ? x : y;
    else return 0;
    return 1;
}

/* x + 0, x * 1, x * 0, x / 1, ... on integers: the operand (or constant) that it is; 0 where it is none. */
static LoopVal integer_identity(LoopBuilder *b, LoopOp op, LoopVal x, LoopVal y) {
    int64_t c;
    if (loop_is_constant(b, y, &c)) {
        if (c == 0 && (op == LO_ADD || op == LO_SUB)) return x;
        if (c == 1 && (op == LO_MUL || op == LO_DIV)) return x;
        if (c == 0 && op == LO_MUL) return y;
        if (c == 1 && op == LO_REM) return loop_const_int(b, loop_type(b, x), 0);
    }
    if (loop_is_constant(b, x, &c)) {
        if (c == 0 && op == LO_ADD) return y;
        if (c == 1 && op == LO_MUL) return y;
        if (c == 0 && op == LO_MUL) return x;
    }
    if (x == y && (op == LO_MIN || op == LO_MAX)) return x;
    return 0;
}

static int is_comparison(LoopOp op) { return op == LO_EQ || op == LO_NE || op == LO_LT || op == LO_LE; }

static void same_types(const LoopBuilder *b, LoopOp op, LoopVal x, LoopVal y) {
    LoopType s = loop_type(b, x), t = loop_type(b, y);
    if (s.element != t.element || s.is_wide != t.is_wide)
        ICE("%s of %s%s and %s%s in kernel %s", loop_op_name(op), dtype_name(s.element), s.is_wide ? "x16" : "",
            dtype_name(t.element), t.is_wide ? "x16" : "", b->kernel->name->text);
}

LoopVal loop_unary(LoopBuilder *b, LoopOp op, LoopVal x) {
    return pure_value(b, &(LoopValue){.op = op, .type = loop_type(b, x), .in = {x}});
}

LoopVal loop_binary(LoopBuilder *b, LoopOp op, LoopVal x, LoopVal y) {
    same_types(b, op, x, y);
    LoopType type = loop_type(b, x);
    int64_t c, d, folded;
    if (type.element == DT_INDEX && loop_is_constant(b, x, &c) && loop_is_constant(b, y, &d) &&
        fold_index(op, c, d, &folded))
        return loop_const_int(b, type, folded);
    if (!dtype_is_float(type.element)) {
        LoopVal same = integer_identity(b, op, x, y);
        if (same) return same;
    }
    if (is_comparison(op)) type.element = DT_BOOL;
    return pure_value(b, &(LoopValue){.op = op, .type = type, .in = {x, y}});
}

LoopVal loop_ternary(LoopBuilder *b, LoopOp op, LoopVal x, LoopVal y, LoopVal z) {
    same_types(b, op, y, z);
    if (op != LO_SELECT) same_types(b, op, x, y);
    int64_t c;
    if (op == LO_SELECT && (y == z || loop_is_constant(b, x, &c))) return y == z || c ? y : z;
    return pure_value(b, &(LoopValue){.op = op, .type = loop_type(b, y), .in = {x, y, z}});
}

LoopVal loop_convert(LoopBuilder *b, LoopVal x, LoopType type) {
    LoopType from = loop_type(b, x);
    if (from.is_wide != type.is_wide) ICE("convert changes the lanes in kernel %s", b->kernel->name->text);
    if (from.element == type.element) return x;
    int64_t c;
    if (loop_is_constant(b, x, &c) && !dtype_is_float(type.element)) return loop_const_int(b, type, c);
    return pure_value(b, &(LoopValue){.op = LO_CONVERT, .type = type, .in = {x}});
}

LoopVal loop_bitcast(LoopBuilder *b, LoopVal x, LoopType type) {
    return pure_value(b, &(LoopValue){.op = LO_BITCAST, .type = type, .in = {x}});
}

LoopVal loop_splat(LoopBuilder *b, LoopVal x) {
    LoopType type = loop_type(b, x);
    if (type.is_wide) return x;
    LoopValue constant = b->kernel->values.data[x];
    type.is_wide = 1;
    if (constant.op == LO_CONST) {
        constant.type = type;
        return pure_value(b, &constant);
    }
    return pure_value(b, &(LoopValue){.op = LO_SPLAT, .type = type, .in = {x}});
}

LoopVal loop_lane(LoopBuilder *b, DType element) {
    return pure_value(b, &(LoopValue){.op = LO_LANE, .type = loop_wide(element)});
}

LoopVal loop_lane_get(LoopBuilder *b, LoopVal wide, LoopVal lane) {
    return pure_value(b, &(LoopValue){.op = LO_LANE_GET, .type = loop_scalar(loop_type(b, wide).element),
                                      .in = {wide, lane}});
}

LoopVal loop_lanes(LoopBuilder *b, LoopOp op, LoopVal wide, LoopVal count) {
    return pure_value(b, &(LoopValue){.op = op, .type = loop_scalar(loop_type(b, wide).element), .in = {wide},
                                      .count = count});
}

/* What memory holds may change between two loads: each is a value of its own. */
static LoopVal memory_value(LoopBuilder *b, LoopValue value, const LoopVal *subscripts, int rank) {
    for (int i = 0; i < rank; i++) value.subscripts[i] = subscripts[i];
    LoopVal made = add_value(b, &value);
    append(b, &(LoopStmt){.kind = LS_LET, .value = made});
    return made;
}

/* f16 and bf16 are widened to f32 by the load. */
static DType loaded_type(DType stored) { return stored == DT_F16 || stored == DT_BF16 ? DT_F32 : stored; }

static LoopVal buffer_value(LoopBuilder *b, LoopOp op, int is_wide, int buffer, const LoopVal *subscripts,
                            LoopVal count) {
    const LoopBuffer *from = &b->kernel->buffers.data[buffer];
    LoopValue value = {.op = op, .type = {loaded_type(from->dtype), is_wide}, .buffer = buffer, .count = count};
    return memory_value(b, value, subscripts, from->rank);
}

LoopVal loop_load(LoopBuilder *b, int buffer, const LoopVal *subscripts) {
    return buffer_value(b, LO_LOAD, 0, buffer, subscripts, 0);
}

LoopVal loop_load_wide(LoopBuilder *b, int buffer, const LoopVal *subscripts, LoopVal count) {
    return buffer_value(b, LO_LOAD, 1, buffer, subscripts, count);
}

LoopVal loop_gather(LoopBuilder *b, int buffer, const LoopVal *subscripts, LoopVal count) {
    return buffer_value(b, LO_GATHER, 1, buffer, subscripts, count);
}

/* ---- sizes ------------------------------------------------------------------------------------------- */

/* Rounds down also below zero; sizes are rarely negative, so the divisor's sign is taken as positive. */
static LoopVal floor_division(LoopBuilder *b, LoopVal x, LoopVal y) {
    int64_t c, d;
    if (loop_is_constant(b, x, &c) && loop_is_constant(b, y, &d) && d > 0)
        return loop_index(b, c / d - (c % d < 0));
    LoopVal quotient = loop_binary(b, LO_DIV, x, y), rest = loop_binary(b, LO_REM, x, y);
    LoopVal is_below = loop_binary(b, LO_LT, rest, loop_index(b, 0));
    return loop_binary(b, LO_SUB, quotient,
                       loop_ternary(b, LO_SELECT, is_below, loop_index(b, 1), loop_index(b, 0)));
}

static LoopVal atom_value(LoopBuilder *b, const DimAtom *atom) {
    if (atom->kind == DIM_NAME) return loop_dim_name(b, atom->name);
    LoopVal x = loop_dim(b, atom->a), y = loop_dim(b, atom->b);
    switch (atom->kind) {
    case DIM_FLOOR_DIV: return floor_division(b, x, y);
    case DIM_MOD: return loop_binary(b, LO_SUB, x, loop_binary(b, LO_MUL, y, floor_division(b, x, y)));
    case DIM_EXACT_DIV: return loop_binary(b, LO_DIV, x, y);
    case DIM_MIN: return loop_binary(b, LO_MIN, x, y);
    case DIM_MAX: return loop_binary(b, LO_MAX, x, y);
    case DIM_NAME: break;
    }
    ICE("a size of unknown kind");
}

LoopVal loop_dim(LoopBuilder *b, const Dim *dim) {
    LoopVal sum = loop_index(b, 0);
    for (int i = 0; i < dim->term_count; i++) {
        const DimTerm *term = &dim->terms[i];
        LoopVal product = loop_index(b, term->coefficient);
        for (int k = 0; k < term->power_count; k++)
            for (int n = 0; n < term->powers[k].power; n++)
                product = loop_binary(b, LO_MUL, product, atom_value(b, term->powers[k].atom));
        sum = loop_binary(b, LO_ADD, sum, product);
    }
    return sum;
}

/* ---- registers and statements ------------------------------------------------------------------------ */

int loop_array(LoopBuilder *b, const char *name, LoopType type, int rank, const int *extent, LoopVal initial) {
    LoopArray array = {.name = symbol(&b->session->symbols, name), .type = type, .rank = rank};
    for (int i = 0; i < rank; i++) array.extent[i] = extent[i];
    vec_push(b->arena, &b->kernel->arrays, array);
    loop_declare(b, b->kernel->arrays.len - 1, initial);
    return b->kernel->arrays.len - 1;
}

void loop_declare(LoopBuilder *b, int array, LoopVal initial) {
    append(b, &(LoopStmt){.kind = LS_VAR, .array = array, .value = initial});
}

LoopVal loop_read(LoopBuilder *b, int array, const LoopVal *subscripts) {
    const LoopArray *from = &b->kernel->arrays.data[array];
    return memory_value(b, (LoopValue){.op = LO_READ, .type = from->type, .array = array}, subscripts, from->rank);
}

void loop_set(LoopBuilder *b, int array, const LoopVal *subscripts, LoopVal value) {
    LoopStmt stmt = {.kind = LS_SET, .array = array, .value = value};
    for (int i = 0; i < b->kernel->arrays.data[array].rank; i++) stmt.subscripts[i] = subscripts[i];
    append(b, &stmt);
}

void loop_store(LoopBuilder *b, int buffer, const LoopVal *subscripts, LoopVal value, LoopVal count) {
    LoopStmt stmt = {.kind = LS_STORE, .buffer = buffer, .value = value, .count = count};
    for (int i = 0; i < b->kernel->buffers.data[buffer].rank; i++) stmt.subscripts[i] = subscripts[i];
    append(b, &stmt);
}

void loop_prefetch(LoopBuilder *b, int buffer, const LoopVal *subscripts) {
    LoopStmt stmt = {.kind = LS_PREFETCH, .buffer = buffer};
    for (int i = 0; i < b->kernel->buffers.data[buffer].rank; i++) stmt.subscripts[i] = subscripts[i];
    append(b, &stmt);
}

void loop_check(LoopBuilder *b, LoopVal condition, const char *message, Span span) {
    vec_push(b->arena, &b->kernel->checks, ((LoopCheck){message, span}));
    loop_check_known(b, condition, b->kernel->checks.len - 1);
}

void loop_check_known(LoopBuilder *b, LoopVal condition, int check) {
    append(b, &(LoopStmt){.kind = LS_CHECK, .value = condition, .check = check});
}

static LoopVal counted(LoopBuilder *b, LoopStmt stmt, const char *index) {
    stmt.index = add_parameter(b, symbol(&b->session->symbols, index));
    LoopStmt *kept = append(b, &stmt);
    open_block(b, kept, &kept->body);
    return kept->index;
}

LoopVal loop_for(LoopBuilder *b, const char *index, LoopVal lo, LoopVal hi, int64_t step) {
    return counted(b, (LoopStmt){.kind = LS_FOR, .lo = lo, .hi = hi, .step = step}, index);
}

LoopVal loop_for_reversed(LoopBuilder *b, const char *index, LoopVal lo, LoopVal hi, int64_t step) {
    return counted(b, (LoopStmt){.kind = LS_FOR, .lo = lo, .hi = hi, .step = step, .is_reversed = 1}, index);
}

LoopVal loop_unroll(LoopBuilder *b, const char *index, int64_t lo, int64_t hi) {
    return counted(b, (LoopStmt){.kind = LS_UNROLL, .lo = loop_index(b, lo), .hi = loop_index(b, hi)}, index);
}

void loop_if(LoopBuilder *b, LoopVal condition) {
    LoopStmt *kept = append(b, &(LoopStmt){.kind = LS_IF, .value = condition});
    open_block(b, kept, &kept->body);
}

void loop_else(LoopBuilder *b) {
    LoopStmt *owner = close_block(b);
    if (!owner || owner->kind != LS_IF) ICE("else without if in kernel %s", b->kernel->name->text);
    open_block(b, owner, &owner->otherwise);
}

void loop_while(LoopBuilder *b) {
    LoopStmt *kept = append(b, &(LoopStmt){.kind = LS_WHILE});
    open_block(b, kept, &kept->head);
}

void loop_while_body(LoopBuilder *b, LoopVal condition) {
    LoopStmt *owner = close_block(b);
    if (!owner || owner->kind != LS_WHILE) ICE("a body without while in kernel %s", b->kernel->name->text);
    owner->value = condition;
    open_block(b, owner, &owner->body);
}
