/* Expansion by building the kernel anew: each statement is appended through the builder with its operands
 * replaced, so folding and value numbering come from there.  An `unroll` appends its body once for each index,
 * with the index replaced by the number. */
#include "compiler/loop_expand.h"

#include "compiler/loop_build.h"

typedef struct Expander {
    LoopBuilder *b;
    const LoopKernel *from;
    LoopVal *now; /* by old value: the new one; 0 where it has none yet */
} Expander;

static LoopVal expand_value(Expander *e, LoopVal old);

static const LoopVal *expand_list(Expander *e, const LoopVal *old, int count, LoopVal *out) {
    for (int i = 0; i < count; i++) out[i] = expand_value(e, old[i]);
    return out;
}

static LoopVal expand_memory(Expander *e, const LoopValue *v) {
    LoopVal at[LOOP_MAX_RANK], count = v->count ? expand_value(e, v->count) : 0;
    if (v->op == LO_READ)
        return loop_read(e->b, v->array, expand_list(e, v->subscripts, e->from->arrays.data[v->array].rank, at));
    expand_list(e, v->subscripts, e->from->buffers.data[v->buffer].rank, at);
    if (v->op == LO_GATHER) return loop_gather(e->b, v->buffer, at, count);
    return v->type.is_wide ? loop_load_wide(e->b, v->buffer, at, count) : loop_load(e->b, v->buffer, at);
}

static LoopVal make_value(Expander *e, const LoopValue *v) {
    LoopVal in[3] = {0};
    for (int i = 0; i < 3 && v->in[i]; i++) in[i] = expand_value(e, v->in[i]);
    int operands = loop_op_operands(v->op);
    if (operands == 1) return loop_unary(e->b, v->op, in[0]);
    if (operands == 2) return loop_binary(e->b, v->op, in[0], in[1]);
    if (operands == 3) return loop_ternary(e->b, v->op, in[0], in[1], in[2]);
    switch ((int)v->op) { /* the operations outside loop_op.def */
    case LO_CONST:
        return dtype_is_float(v->type.element) ? loop_const_float(e->b, v->type, v->imm_f)
                                               : loop_const_int(e->b, v->type, v->imm_i);
    case LO_LANE: return loop_lane(e->b, v->type.element);
    case LO_CONVERT: return loop_convert(e->b, in[0], v->type);
    case LO_BITCAST: return loop_bitcast(e->b, in[0], v->type);
    case LO_SPLAT: return loop_splat(e->b, in[0]);
    case LO_LANE_GET: return loop_lane_get(e->b, in[0], in[1]);
    case LO_LANES_SUM: case LO_LANES_MIN: case LO_LANES_MAX:
        return loop_lanes(e->b, v->op, in[0], v->count ? expand_value(e, v->count) : 0);
    case LO_LOAD: case LO_GATHER: case LO_READ: return expand_memory(e, v);
    default: ICE("value %s of kernel %s was not made before its use", loop_op_name(v->op), e->from->name->text);
    }
}

/* Constants and lanes stand nowhere in the statements: they are made where they are used. */
static LoopVal expand_value(Expander *e, LoopVal old) {
    const LoopValue *v = &e->from->values.data[old];
    if (v->op == LO_CONST || v->op == LO_LANE) return make_value(e, v);
    if (!e->now[old]) ICE("value %u of kernel %s is used before it is made", old, e->from->name->text);
    return e->now[old];
}

static void expand_block(Expander *e, const LoopStmt *stmt);

static void expand_let(Expander *e, const LoopStmt *stmt) {
    const LoopValue *v = &e->from->values.data[stmt->value];
    LoopVal made = make_value(e, v);
    LoopValue *kept = &loop_builder_kernel(e->b)->values.data[made];
    if (!kept->name) kept->name = v->name;
    e->now[stmt->value] = made;
}

static void expand_for(Expander *e, const LoopStmt *stmt) {
    const char *name = e->from->values.data[stmt->index].name->text;
    LoopVal lo = expand_value(e, stmt->lo), hi = expand_value(e, stmt->hi);
    e->now[stmt->index] = stmt->is_reversed ? loop_for_reversed(e->b, name, lo, hi, stmt->step)
                                            : loop_for(e->b, name, lo, hi, stmt->step);
    expand_block(e, stmt->body);
    loop_end(e->b);
}

static void expand_unroll(Expander *e, const LoopStmt *stmt) {
    int64_t lo, hi;
    if (!loop_is_constant(e->b, expand_value(e, stmt->lo), &lo) ||
        !loop_is_constant(e->b, expand_value(e, stmt->hi), &hi))
        ICE("unroll without constant bounds in kernel %s", e->from->name->text);
    for (int64_t i = lo; i < hi; i++) {
        e->now[stmt->index] = loop_index(e->b, i);
        expand_block(e, stmt->body);
    }
}

/* A branch whose condition is known by now keeps only the taken part. */
static void expand_if(Expander *e, const LoopStmt *stmt) {
    LoopVal condition = expand_value(e, stmt->value);
    int64_t known;
    if (loop_is_constant(e->b, condition, &known)) {
        expand_block(e, known ? stmt->body : stmt->otherwise);
        return;
    }
    loop_if(e->b, condition);
    expand_block(e, stmt->body);
    if (stmt->otherwise) {
        loop_else(e->b);
        expand_block(e, stmt->otherwise);
    }
    loop_end(e->b);
}

static void expand_while(Expander *e, const LoopStmt *stmt) {
    loop_while(e->b);
    expand_block(e, stmt->head);
    loop_while_body(e->b, expand_value(e, stmt->value));
    expand_block(e, stmt->body);
    loop_end(e->b);
}

static void expand_store(Expander *e, const LoopStmt *stmt) {
    LoopVal at[LOOP_MAX_RANK], count = stmt->count ? expand_value(e, stmt->count) : 0;
    expand_list(e, stmt->subscripts, e->from->buffers.data[stmt->buffer].rank, at);
    loop_store(e->b, stmt->buffer, at, expand_value(e, stmt->value), count);
}

static void expand_prefetch(Expander *e, const LoopStmt *stmt) {
    LoopVal at[LOOP_MAX_RANK];
    expand_list(e, stmt->subscripts, e->from->buffers.data[stmt->buffer].rank, at);
    loop_prefetch(e->b, stmt->buffer, at);
}

static void expand_set(Expander *e, const LoopStmt *stmt) {
    LoopVal at[LOOP_MAX_RANK];
    expand_list(e, stmt->subscripts, e->from->arrays.data[stmt->array].rank, at);
    loop_set(e->b, stmt->array, at, expand_value(e, stmt->value));
}

static void expand_block(Expander *e, const LoopStmt *stmt) {
    for (; stmt; stmt = stmt->next) {
        switch (stmt->kind) {
        case LS_LET: expand_let(e, stmt); break;
        case LS_VAR: loop_declare(e->b, stmt->array, expand_value(e, stmt->value)); break;
        case LS_SET: expand_set(e, stmt); break;
        case LS_STORE: expand_store(e, stmt); break;
        case LS_PREFETCH: expand_prefetch(e, stmt); break;
        case LS_FOR: expand_for(e, stmt); break;
        case LS_UNROLL: expand_unroll(e, stmt); break;
        case LS_IF: expand_if(e, stmt); break;
        case LS_WHILE: expand_while(e, stmt); break;
        case LS_CHECK: loop_check_known(e->b, expand_value(e, stmt->value), stmt->check); break;
        }
    }
}

static void expand_header(Expander *e, Arena *arena) {
    const LoopKernel *from = e->from;
    LoopKernel *to = loop_builder_kernel(e->b);
    to->buffers = from->buffers;
    to->arrays = from->arrays;
    to->checks = from->checks;
    to->spans = from->spans;
    to->tile_count = from->tile_count;
    to->tiles_per_range = from->tiles_per_range;
    to->hero = from->hero;
    e->now = arena_array(arena, LoopVal, from->values.len);
    e->now[from->tile] = to->tile;
    to->values.data[to->tile].name = from->values.data[from->tile].name;
    for (int i = 0; i < from->dims.len; i++)
        e->now[from->dim_values.data[i]] = loop_dim_name(e->b, from->dims.data[i]);
    for (int i = 0; i < from->loop_indices.len; i++)
        e->now[from->loop_indices.data[i]] =
            loop_plan_index(e->b, from->values.data[from->loop_indices.data[i]].name->text);
}

LoopKernel *loop_expand(Session *session, Arena *arena, const LoopKernel *kernel) {
    Expander e = {.b = loop_builder_new(session, arena, kernel->name->text), .from = kernel};
    expand_header(&e, arena);
    expand_block(&e, kernel->body);
    return loop_builder_finish(e.b);
}
