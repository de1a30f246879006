/* The interpreter: a prepared kernel is the kernel's own tree with an instruction per value.
 *
 * Registers are per call: values, then the elements of the register arrays.  Constants, lanes and parameters are
 * filled in once per call.  A tile runs the statements from the top. */
#include "compiler/loop_eval.h"

#include "compiler/loop_eval_ops.h"

#include <stdlib.h>
#include <string.h>

struct EvalKernel {
    const LoopKernel *kernel;
    EvalFunction **functions; /* by value: of those made by an operation of loop_op.def */
    int *array_start;         /* by array: its first register */
    int register_count;
};

/* The sizes of one buffer at this call. */
typedef struct BufferView {
    char *data;
    int64_t extent[LOOP_MAX_RANK], stride[LOOP_MAX_RANK]; /* elements */
} BufferView;

typedef struct Eval {
    const EvalKernel *code;
    const LoopKernel *kernel;
    Register *registers;
    BufferView *views;
    int32_t failed; /* 1 + check */
} Eval;

/* ---- preparation ----------------------------------------------------------------------------------------- */

static DType operand_type(const LoopKernel *k, const LoopValue *v) {
    int last = loop_op_operands(v->op) - 1;
    return k->values.data[v->in[last]].type.element;
}

const EvalKernel *loop_eval_prepare(Arena *arena, const LoopKernel *kernel) {
    EvalKernel *code = arena_new(arena, EvalKernel);
    code->kernel = kernel;
    code->functions = arena_array(arena, EvalFunction *, kernel->values.len);
    for (int i = 1; i < kernel->values.len; i++) {
        const LoopValue *v = &kernel->values.data[i];
        if (!loop_op_operands(v->op)) continue;
        code->functions[i] = eval_function(v->op, operand_type(kernel, v), v->type.is_wide);
        if (!code->functions[i])
            ICE("%s of %s in kernel %s", loop_op_name(v->op), dtype_name(operand_type(kernel, v)), kernel->name->text);
    }
    code->array_start = arena_array(arena, int, kernel->arrays.len);
    code->register_count = kernel->values.len;
    for (int i = 0; i < kernel->arrays.len; i++) {
        const LoopArray *array = &kernel->arrays.data[i];
        code->array_start[i] = code->register_count;
        int count = 1;
        for (int d = 0; d < array->rank; d++) count *= array->extent[d];
        code->register_count += count;
    }
    return code;
}

/* ---- values ---------------------------------------------------------------------------------------------- */

static const LoopValue *value_at(const Eval *e, LoopVal v) { return &e->kernel->values.data[v]; }
static int lanes_of(LoopType type) { return type.is_wide ? ABI_LANES : 1; }

static void fill_constant(Register *r, const LoopValue *v) {
    int lanes = lanes_of(v->type);
    if (v->type.element == DT_F32) {
        for (int l = 0; l < lanes; l++) r->f32[l] = (float)v->imm_f;
    } else if (v->type.element == DT_F64) {
        for (int l = 0; l < lanes; l++) r->f64[l] = v->imm_f;
    } else {
        Register whole;
        for (int l = 0; l < lanes; l++) whole.i64[l] = v->imm_i;
        eval_convert(r, v->type.element, &whole, DT_I64, lanes);
    }
}

static void fill_lane(Register *r, const LoopValue *v) {
    Register whole;
    for (int l = 0; l < ABI_LANES; l++) whole.i64[l] = l;
    eval_convert(r, v->type.element, &whole, DT_I64, ABI_LANES);
}

static int64_t index_value(const Eval *e, LoopVal v) {
    const Register *r = &e->registers[v];
    return value_at(e, v)->type.element == DT_I32 ? r->i32[0] : r->i64[0];
}

static int64_t count_value(const Eval *e, LoopVal count) {
    if (!count) return ABI_LANES;
    int64_t n = index_value(e, count);
    return n < 0 ? 0 : n > ABI_LANES ? ABI_LANES : n;
}

_Noreturn static void out_of_range(const Eval *e, int buffer, int axis, int64_t at, int64_t extent) {
    ICE("kernel %s: subscript %d of buffer %s is %lld, the extent is %lld", e->kernel->name->text, axis,
        e->kernel->buffers.data[buffer].name->text, (long long)at, (long long)extent);
}

/* Elements from the buffer's start to the subscripts; `run` elements from there are used along the last axis. */
static int64_t offset_of(const Eval *e, int buffer, const LoopVal *subscripts, int64_t run, int may_use_pitch) {
    const BufferView *view = &e->views[buffer];
    int rank = e->kernel->buffers.data[buffer].rank;
    int64_t offset = 0;
    for (int i = 0; i < rank; i++) {
        int64_t at = index_value(e, subscripts[i]), end = view->extent[i];
        int64_t used = i == rank - 1 ? run : 1;
        if (i == rank - 1 && rank > 1 && may_use_pitch && view->stride[rank - 2] > end) end = view->stride[rank - 2];
        if (used && (at < 0 || at + used > end)) out_of_range(e, buffer, i, at + used - 1, end);
        offset += at * view->stride[i];
    }
    return offset;
}

static void load(Eval *e, const LoopValue *v, Register *out) {
    const LoopBuffer *buffer = &e->kernel->buffers.data[v->buffer];
    int64_t count = v->type.is_wide ? count_value(e, v->count) : 1;
    int64_t offset = offset_of(e, v->buffer, v->subscripts, count, 1);
    memset(out, 0, sizeof *out);
    eval_load(out, buffer->dtype, e->views[v->buffer].data + offset * dtype_bytes(buffer->dtype), (int)count);
}

static void gather(Eval *e, const LoopValue *v, Register *out) {
    const LoopBuffer *buffer = &e->kernel->buffers.data[v->buffer];
    int last = buffer->rank - 1, bytes = dtype_bytes(v->type.element);
    int64_t count = count_value(e, v->count), base = 0;
    Register index = e->registers[v->subscripts[last]];
    int is_narrow = value_at(e, v->subscripts[last])->type.element == DT_I32;
    for (int i = 0; i < last; i++) {
        int64_t at = index_value(e, v->subscripts[i]);
        if (count && (at < 0 || at >= e->views[v->buffer].extent[i]))
            out_of_range(e, v->buffer, i, at, e->views[v->buffer].extent[i]);
        base += at * e->views[v->buffer].stride[i];
    }
    memset(out, 0, sizeof *out);
    for (int64_t l = 0; l < count; l++) {
        int64_t at = is_narrow ? index.i32[l] : index.i64[l];
        if (at < 0 || at >= e->views[v->buffer].extent[last])
            out_of_range(e, v->buffer, last, at, e->views[v->buffer].extent[last]);
        Register one;
        eval_load(&one, buffer->dtype, e->views[v->buffer].data + (base + at) * dtype_bytes(buffer->dtype), 1);
        memcpy((char *)out + l * bytes, &one, (size_t)bytes);
    }
}

static Register *array_register(const Eval *e, int array, const LoopVal *subscripts) {
    const LoopArray *a = &e->kernel->arrays.data[array];
    int64_t at = 0;
    for (int i = 0; i < a->rank; i++) {
        int64_t s = index_value(e, subscripts[i]);
        if (s < 0 || s >= a->extent[i])
            ICE("kernel %s: register %s[%lld] of %d", e->kernel->name->text, a->name->text, (long long)s, a->extent[i]);
        at = at * a->extent[i] + s;
    }
    return &e->registers[e->code->array_start[array] + at];
}

static void splat(const Eval *e, const LoopValue *v, Register *out) {
    Register one = e->registers[v->in[0]];
    int bytes = dtype_bytes(v->type.element);
    for (int l = 0; l < ABI_LANES; l++) memcpy((char *)out + l * bytes, &one, (size_t)bytes);
}

static void lane_get(const Eval *e, const LoopValue *v, Register *out) {
    int64_t lane = index_value(e, v->in[1]);
    if (lane < 0 || lane >= ABI_LANES) ICE("kernel %s: lane %lld", e->kernel->name->text, (long long)lane);
    Register wide = e->registers[v->in[0]];
    int bytes = dtype_bytes(v->type.element);
    memcpy(out, (char *)&wide + lane * bytes, (size_t)bytes);
}

static void compute(Eval *e, LoopVal number) {
    const LoopValue *v = value_at(e, number);
    Register *r = e->registers, *out = &r[number];
    if (e->code->functions[number]) {
        e->code->functions[number](out, &r[v->in[0]], &r[v->in[1]], &r[v->in[2]]);
        return;
    }
    switch ((int)v->op) { /* the operations outside loop_op.def */
    case LO_CONVERT:
        eval_convert(out, v->type.element, &r[v->in[0]], value_at(e, v->in[0])->type.element, lanes_of(v->type));
        return;
    case LO_BITCAST: *out = r[v->in[0]]; return;
    case LO_SPLAT: splat(e, v, out); return;
    case LO_LANE_GET: lane_get(e, v, out); return;
    case LO_LOAD: load(e, v, out); return;
    case LO_GATHER: gather(e, v, out); return;
    case LO_READ: *out = *array_register(e, v->array, v->subscripts); return;
    case LO_LANES_SUM: case LO_LANES_MIN: case LO_LANES_MAX:
        eval_lanes(out, v->op, &r[v->in[0]], v->type.element, count_value(e, v->count));
        return;
    default: ICE("%s has no statement of its own", loop_op_name(v->op));
    }
}

/* ---- statements ------------------------------------------------------------------------------------------ */

static void run_block(Eval *e, const LoopStmt *stmt);

static void declare(Eval *e, const LoopStmt *stmt) {
    const LoopArray *a = &e->kernel->arrays.data[stmt->array];
    int count = 1;
    for (int i = 0; i < a->rank; i++) count *= a->extent[i];
    for (int i = 0; i < count; i++) e->registers[e->code->array_start[stmt->array] + i] = e->registers[stmt->value];
}

static void store(Eval *e, const LoopStmt *stmt) {
    const LoopBuffer *buffer = &e->kernel->buffers.data[stmt->buffer];
    int64_t count = value_at(e, stmt->value)->type.is_wide ? count_value(e, stmt->count) : 1;
    int64_t offset = offset_of(e, stmt->buffer, stmt->subscripts, count, 0);
    eval_store(e->views[stmt->buffer].data + offset * dtype_bytes(buffer->dtype), buffer->dtype,
               &e->registers[stmt->value], (int)count);
}

static void run_for(Eval *e, const LoopStmt *stmt) {
    int64_t lo = index_value(e, stmt->lo), hi = index_value(e, stmt->hi);
    int64_t turns = hi > lo ? (hi - lo + stmt->step - 1) / stmt->step : 0;
    for (int64_t i = 0; i < turns && !e->failed; i++) {
        e->registers[stmt->index].i64[0] = lo + (stmt->is_reversed ? turns - 1 - i : i) * stmt->step;
        run_block(e, stmt->body);
    }
}

static void run_while(Eval *e, const LoopStmt *stmt) {
    for (;;) {
        run_block(e, stmt->head);
        if (e->failed || !e->registers[stmt->value].boolean[0]) return;
        run_block(e, stmt->body);
    }
}

static void run_block(Eval *e, const LoopStmt *stmt) {
    for (; stmt && !e->failed; stmt = stmt->next) {
        switch (stmt->kind) {
        case LS_LET: compute(e, stmt->value); break;
        case LS_VAR: declare(e, stmt); break;
        case LS_SET: *array_register(e, stmt->array, stmt->subscripts) = e->registers[stmt->value]; break;
        case LS_STORE: store(e, stmt); break;
        case LS_FOR: run_for(e, stmt); break;
        case LS_IF: run_block(e, e->registers[stmt->value].boolean[0] ? stmt->body : stmt->otherwise); break;
        case LS_WHILE: run_while(e, stmt); break;
        case LS_CHECK:
            if (!e->registers[stmt->value].boolean[0]) e->failed = 1 + stmt->check;
            break;
        case LS_UNROLL: ICE("kernel %s is not expanded", e->kernel->name->text);
        }
    }
}

/* ---- calls ----------------------------------------------------------------------------------------------- */

static int64_t size_of(const Eval *e, const Dim *dim, const int64_t *dims) {
    int64_t value;
    if (dim_evaluate(dim, dims, &value)) ICE("kernel %s: a size cannot be computed", e->kernel->name->text);
    return value;
}

/* Scratch buffers lie one behind the other in the worker's scratch memory, each at a multiple of ABI_ALIGN. */
static void bind_views(Eval *e, void *const *buffers, const int64_t *dims, char *scratch) {
    int next = 0;
    for (int i = 0; i < e->kernel->buffers.len; i++) {
        const LoopBuffer *buffer = &e->kernel->buffers.data[i];
        BufferView *view = &e->views[i];
        int64_t stride = 1;
        for (int d = buffer->rank - 1; d >= 0; d--) {
            view->extent[d] = size_of(e, buffer->extents[d], dims);
            view->stride[d] = stride;
            stride *= d == buffer->rank - 1 ? size_of(e, buffer->pitch, dims) : view->extent[d];
        }
        if (buffer->access != LOOP_SCRATCH) {
            view->data = buffers[next++];
            continue;
        }
        view->data = scratch;
        int64_t bytes = stride * dtype_bytes(buffer->dtype);
        scratch += (bytes + ABI_ALIGN - 1) / ABI_ALIGN * ABI_ALIGN;
    }
}

static void bind_values(Eval *e, const int64_t *scalars) {
    const LoopKernel *k = e->kernel;
    for (int i = 1; i < k->values.len; i++) {
        const LoopValue *v = &k->values.data[i];
        if (v->op == LO_CONST) fill_constant(&e->registers[i], v);
        else if (v->op == LO_LANE) fill_lane(&e->registers[i], v);
    }
    for (int i = 0; i < k->dims.len; i++) e->registers[k->dim_values.data[i]].i64[0] = scalars[i];
    for (int i = 0; i < k->loop_indices.len; i++)
        e->registers[k->loop_indices.data[i]].i64[0] = scalars[k->dims.len + i];
}

/* The values of the kernel's dims by DimName id, as dim_evaluate wants them. */
static int64_t *dims_by_id(const LoopKernel *k, const int64_t *scalars) {
    uint32_t count = 0;
    for (int i = 0; i < k->dims.len; i++)
        if (k->dims.data[i]->id >= count) count = k->dims.data[i]->id + 1;
    int64_t *dims = calloc((size_t)count + 1, sizeof *dims);
    if (!dims) ICE("no memory for %u sizes", count);
    for (int i = 0; i < k->dims.len; i++) dims[k->dims.data[i]->id] = scalars[i];
    return dims;
}

int32_t loop_eval_run(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,
                      int64_t last, void *scratch) {
    const EvalKernel *code = context;
    Eval e = {.code = code, .kernel = code->kernel};
    int64_t *dims = dims_by_id(e.kernel, scalars);
    e.registers = calloc((size_t)code->register_count, sizeof *e.registers);
    e.views = calloc((size_t)e.kernel->buffers.len + 1, sizeof *e.views);
    if (!e.registers || !e.views) ICE("no memory for kernel %s", e.kernel->name->text);
    bind_views(&e, buffers, dims, scratch);
    bind_values(&e, scalars);
    for (int64_t tile = first; tile < last && !e.failed; tile++) {
        e.registers[e.kernel->tile].i64[0] = tile;
        run_block(&e, e.kernel->body);
    }
    free(dims);
    free(e.registers);
    free(e.views);
    return e.failed;
}
