/* The interpreter: kernels to programs, and the machine that runs them.  The steps are in loop_eval_steps.h.
 *
 * Values get places in the frame in three groups: constants (copied in at the start of a call), registers, the rest.
 * Two shortcuts save most of the copies: a value read from a register is the register's own place where nothing sets
 * the register before the value's last use, and a value computed only to be set into a register is computed there. */
#include "compiler/loop_eval_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct ValueUse {
    int count;              /* uses by values and statements */
    const LoopStmt *only;   /* the last statement counted */
} ValueUse;

typedef struct Compiler {
    Arena *arena;
    const LoopKernel *k;
    EvalKernel *program;
    const StepTable *table;
    Vec(Step) steps;
    Vec(int) jumps;      /* steps whose `number` is a step's index, to become `target` */
    ValueUse *uses;      /* by value */
    uint32_t **registers; /* places: by array, by element */
    uint32_t next;       /* free place of the frame */
} Compiler;

/* ---- places ------------------------------------------------------------------------------------------ */

static const LoopValue *value_of(const Compiler *c, LoopVal v) { return &c->k->values.data[v]; }

static uint32_t new_place(Compiler *c, LoopType type) {
    uint32_t bytes = type.is_wide ? (uint32_t)dtype_bytes(type.element) * ABI_LANES : 8;
    if (type.is_wide) c->next = (c->next + 63) & ~63u;
    uint32_t place = c->next;
    c->next += bytes;
    return place;
}

static uint32_t place_of(const Compiler *c, LoopVal v) {
    uint32_t place = c->program->places[v];
    if (!place) ICE("value %u of kernel %s is used before it is made", v, c->k->name->text);
    return place;
}

static void write_element(DType t, const LoopValue *v, int64_t lane, char *out) {
    int64_t i = v->op == LO_LANE ? lane : v->imm_i;
    float f = (float)v->imm_f;
    if (t == DT_F32) memcpy(out, &f, 4);
    else if (t == DT_F64) memcpy(out, &v->imm_f, 8);
    else for (int k = 0; k < dtype_bytes(t); k++) out[k] = (char)((uint64_t)i >> (8 * k) & 0xff);
}

static void place_constants(Compiler *c) {
    c->next = 64; /* place 0 is none */
    for (LoopVal v = 1; v < (LoopVal)c->k->values.len; v++) {
        const LoopValue *value = value_of(c, v);
        if (value->op == LO_CONST || value->op == LO_LANE) c->program->places[v] = new_place(c, value->type);
    }
    c->next = (c->next + 63) & ~63u;
    char *bytes = arena_alloc(c->arena, c->next);
    for (LoopVal v = 1; v < (LoopVal)c->k->values.len; v++) {
        const LoopValue *value = value_of(c, v);
        if (value->op != LO_CONST && value->op != LO_LANE) continue;
        DType t = value->type.element;
        for (int i = 0; i < (value->type.is_wide ? ABI_LANES : 1); i++)
            write_element(t, value, i, bytes + c->program->places[v] + i * dtype_bytes(t));
    }
    c->program->constants = bytes;
    c->program->constant_bytes = c->next;
}

static int array_size(const LoopArray *a) {
    int size = 1;
    for (int i = 0; i < a->rank; i++) size *= a->extent[i];
    return size;
}

static void place_registers(Compiler *c) {
    c->registers = arena_array(c->arena, uint32_t *, c->k->arrays.len);
    for (int i = 0; i < c->k->arrays.len; i++) {
        const LoopArray *a = &c->k->arrays.data[i];
        c->registers[i] = arena_array(c->arena, uint32_t, array_size(a));
        for (int n = 0; n < array_size(a); n++) c->registers[i][n] = new_place(c, a->type);
    }
}

static uint32_t register_place(const Compiler *c, int array, const LoopVal *subscripts) {
    const LoopArray *a = &c->k->arrays.data[array];
    int64_t at = 0;
    for (int i = 0; i < a->rank; i++) {
        const LoopValue *s = value_of(c, subscripts[i]);
        if (s->op != LO_CONST || s->imm_i < 0 || s->imm_i >= a->extent[i])
            ICE("kernel %s is not expanded: subscript %d of %s", c->k->name->text, i, a->name->text);
        at = at * a->extent[i] + s->imm_i;
    }
    return c->registers[array][at];
}

/* ---- uses -------------------------------------------------------------------------------------------- */

static void use(Compiler *c, LoopVal v, const LoopStmt *by) {
    if (v) c->uses[v] = (ValueUse){c->uses[v].count + 1, by};
}

static int value_rank(const Compiler *c, const LoopValue *v) {
    if (v->op == LO_LOAD || v->op == LO_GATHER) return c->k->buffers.data[v->buffer].rank;
    return 0;
}

static void count_uses(Compiler *c, const LoopStmt *s) {
    for (; s; s = s->next) {
        use(c, s->lo, s);
        use(c, s->hi, s);
        use(c, s->count, s);
        if (s->kind == LS_STORE)
            for (int i = 0; i < c->k->buffers.data[s->buffer].rank; i++) use(c, s->subscripts[i], s);
        if (s->kind == LS_LET) {
            const LoopValue *v = value_of(c, s->value);
            for (int i = 0; i < 3; i++) use(c, v->in[i], s);
            for (int i = 0; i < value_rank(c, v); i++) use(c, v->subscripts[i], s);
            use(c, v->count, s);
        } else {
            use(c, s->value, s);
        }
        count_uses(c, s->head);
        count_uses(c, s->body);
        count_uses(c, s->otherwise);
    }
}

static int let_uses(const Compiler *c, const LoopStmt *s, LoopVal wanted) {
    const LoopValue *v = value_of(c, s->value);
    int n = v->count == wanted;
    for (int i = 0; i < 3; i++) n += v->in[i] == wanted;
    for (int i = 0; i < value_rank(c, v); i++) n += v->subscripts[i] == wanted;
    return n;
}

/* The value of this let, a READ, may be the register itself: all its uses are lets of the same block before anything
 * that may set the register. */
static int may_be_register(const Compiler *c, const LoopStmt *let, uint32_t place) {
    int left = c->uses[let->value].count;
    for (const LoopStmt *s = let->next; s && left; s = s->next) {
        if (s->kind == LS_STORE) {
            left -= s->value == let->value && s->count != let->value;
            continue;
        }
        if (s->kind != LS_LET) return 0;
        left -= let_uses(c, s, let->value);
        /* a value that will be computed into the register (may_be_computed_there) is the last that may use it */
        const LoopStmt *set = c->uses[s->value].only;
        if (left && set && set->kind == LS_SET && register_place(c, set->array, set->subscripts) == place) return 0;
    }
    return left == 0;
}

/* The register that the value of this let is computed into: its only use is to be set there, and from here to there
 * nobody needs the old value. */
static uint32_t may_be_computed_there(const Compiler *c, const LoopStmt *let) {
    const LoopStmt *set = c->uses[let->value].only;
    const LoopValue *v = value_of(c, let->value);
    if (c->uses[let->value].count != 1 || set->kind != LS_SET || loop_op_operands(v->op) == 0) return 0;
    if (c->k->arrays.data[set->array].type.is_wide != v->type.is_wide) return 0;
    uint32_t place = register_place(c, set->array, set->subscripts);
    for (const LoopStmt *s = let->next; s; s = s->next) {
        if (s == set) return place;
        if (s->kind == LS_SET && register_place(c, s->array, s->subscripts) != place) continue;
        if (s->kind != LS_LET) return 0;
        const LoopValue *other = value_of(c, s->value);
        if (other->op == LO_READ && register_place(c, other->array, other->subscripts) == place) return 0;
        for (int i = 0; i < 3; i++)
            if (other->in[i] && c->program->places[other->in[i]] == place) return 0;
        if (c->uses[s->value].only && c->uses[s->value].only != set && c->uses[s->value].only->kind == LS_SET) {
            const LoopStmt *rival = c->uses[s->value].only;
            if (register_place(c, rival->array, rival->subscripts) == place) return 0;
        }
    }
    return 0;
}

/* ---- steps ------------------------------------------------------------------------------------------- */

static int add_step(Compiler *c, Step step) {
    if (!step.run) ICE("kernel %s has an operation on a type that it is not for", c->k->name->text);
    vec_push(c->arena, &c->steps, step);
    return c->steps.len - 1;
}

/* A step that goes to a step known later. */
static int add_jump(Compiler *c, Step step) {
    int at = add_step(c, step);
    vec_push(c->arena, &c->jumps, at);
    return at;
}

static const Access *access_of(Compiler *c, int buffer, const LoopVal *subscripts, LoopVal count) {
    Access *access = arena_new(c->arena, Access);
    *access = (Access){.buffer = buffer, .rank = c->k->buffers.data[buffer].rank};
    for (int i = 0; i < access->rank; i++) access->at[i] = place_of(c, subscripts[i]);
    if (count) access->count = place_of(c, count);
    return access;
}

static void compile_memory(Compiler *c, const LoopStmt *s, Step step) {
    const LoopValue *v = value_of(c, s->value);
    const LoopBuffer *buffer = &c->k->buffers.data[v->buffer];
    step.access = access_of(c, v->buffer, v->subscripts, v->count);
    step.run = c->table->load[buffer->dtype][v->type.is_wide];
    if (v->op == LO_GATHER) {
        DType last = value_of(c, v->subscripts[buffer->rank - 1])->type.element;
        step.run = c->table->gather[buffer->dtype][last == DT_INDEX];
    }
    add_step(c, step);
}

/* A splat of a scalar that was loaded just before for this alone is one step with it. */
static int compile_load_splat(Compiler *c, const LoopStmt *s) {
    const LoopStmt *next = s->next;
    const LoopValue *load = value_of(c, s->value);
    if (load->op != LO_LOAD || load->type.is_wide || c->uses[s->value].count != 1 || !next ||
        next->kind != LS_LET || c->uses[s->value].only != next || value_of(c, next->value)->op != LO_SPLAT)
        return 0;
    c->program->places[next->value] = new_place(c, value_of(c, next->value)->type);
    add_step(c, (Step){.run = c->table->load_splat[c->k->buffers.data[load->buffer].dtype],
                       .to = c->program->places[next->value],
                       .access = access_of(c, load->buffer, load->subscripts, 0)});
    return 1;
}

static StepFunction *function_of(const Compiler *c, const LoopValue *v) {
    const LoopValue *x = value_of(c, v->in[0]);
    DType t = x->type.element;
    int is_wide = v->type.is_wide;
    switch ((int)v->op) { /* the operations outside loop_op.def, then those of the table */
    case LO_CONVERT: return c->table->convert[t][v->type.element][is_wide];
    case LO_BITCAST: return c->table->copy[t][is_wide];
    case LO_SPLAT: return x->type.is_wide ? c->table->copy[t][1] : c->table->splat[t];
    case LO_LANE_GET: return c->table->lane_get[t];
    case LO_LANES_SUM: return c->table->lanes[0][t];
    case LO_LANES_MIN: return c->table->lanes[1][t];
    case LO_LANES_MAX: return c->table->lanes[2][t];
    default: return c->table->operation[v->op][v->op == LO_SELECT ? v->type.element : t][is_wide];
    }
}

static void compile_let(Compiler *c, const LoopStmt *s) {
    const LoopValue *v = value_of(c, s->value);
    uint32_t *places = c->program->places;
    if (v->op == LO_READ) {
        uint32_t from = register_place(c, v->array, v->subscripts);
        if (may_be_register(c, s, from)) {
            places[s->value] = from;
            return;
        }
        places[s->value] = new_place(c, v->type);
        add_step(c, (Step){.run = c->table->copy[v->type.element][v->type.is_wide], .to = places[s->value],
                           .a = from});
        return;
    }
    uint32_t to = may_be_computed_there(c, s);
    if (!to) to = new_place(c, v->type);
    places[s->value] = to;
    Step step = {.to = to};
    if (v->op == LO_LOAD || v->op == LO_GATHER) {
        compile_memory(c, s, step);
        return;
    }
    step.a = v->in[0] ? place_of(c, v->in[0]) : 0;
    step.b = v->in[1] ? place_of(c, v->in[1]) : v->count ? place_of(c, v->count) : 0;
    step.c = v->in[2] ? place_of(c, v->in[2]) : 0;
    step.run = function_of(c, v);
    add_step(c, step);
}

static void set_register(Compiler *c, uint32_t place, LoopType type, LoopVal value) {
    uint32_t from = place_of(c, value);
    if (from == place) return;
    StepFunction *run = type.is_wide && !value_of(c, value)->type.is_wide ? c->table->splat[type.element]
                                                                         : c->table->copy[type.element][type.is_wide];
    add_step(c, (Step){.run = run, .to = place, .a = from});
}

static void compile_store(Compiler *c, const LoopStmt *s) {
    int is_wide = value_of(c, s->value)->type.is_wide;
    add_step(c, (Step){.run = c->table->store[c->k->buffers.data[s->buffer].dtype][is_wide],
                       .a = place_of(c, s->value),
                       .access = access_of(c, s->buffer, s->subscripts, s->count)});
}

/* ---- control ----------------------------------------------------------------------------------------- */

static int64_t index_at(const char *f, uint32_t place) { return *(const int64_t *)(const void *)(f + place); }

static void set_index(char *f, uint32_t place, int64_t value) { *(int64_t *)(void *)(f + place) = value; }

static const Step *step_for(const Step *s, char *f, Machine *m) {
    (void)m;
    int64_t lo = index_at(f, s->a), hi = index_at(f, s->b);
    if (lo >= hi) return s->target;
    set_index(f, s->to, lo);
    return s + 1;
}

static const Step *step_for_reversed(const Step *s, char *f, Machine *m) {
    (void)m;
    int64_t lo = index_at(f, s->a), hi = index_at(f, s->b);
    if (lo >= hi) return s->target;
    set_index(f, s->to, lo + (hi - 1 - lo) / s->number * s->number);
    return s + 1;
}

static const Step *step_next(const Step *s, char *f, Machine *m) {
    (void)m;
    int64_t index = index_at(f, s->to);
    if (index_at(f, s->b) - index <= s->number) return s + 1;
    set_index(f, s->to, index + s->number);
    return s->target;
}

static const Step *step_next_reversed(const Step *s, char *f, Machine *m) {
    (void)m;
    int64_t index = index_at(f, s->to);
    if (index - index_at(f, s->a) < s->number) return s + 1;
    set_index(f, s->to, index - s->number);
    return s->target;
}

static const Step *step_jump(const Step *s, char *f, Machine *m) {
    (void)f;
    (void)m;
    return s->target;
}

static const Step *step_unless(const Step *s, char *f, Machine *m) {
    (void)m;
    return f[s->a] ? s + 1 : s->target;
}

static const Step *step_check(const Step *s, char *f, Machine *m) {
    if (f[s->a]) return s + 1;
    m->code = (int32_t)(1 + s->number);
    return NULL;
}

static const Step *step_end(const Step *s, char *f, Machine *m) {
    (void)s;
    (void)f;
    (void)m;
    return NULL;
}

static void compile_block(Compiler *c, const LoopStmt *s);

/* lo and hi are read again in each turn: a register they came from may change, so they are not its place
 * (may_be_register allows lets and stores only). */
static void compile_for(Compiler *c, const LoopStmt *s) {
    uint32_t index = c->program->places[s->index] = new_place(c, (LoopType){DT_INDEX, 0});
    Step step = {.run = s->is_reversed ? step_for_reversed : step_for, .to = index, .a = place_of(c, s->lo),
                 .b = place_of(c, s->hi), .number = s->step};
    int enter = add_step(c, step);
    compile_block(c, s->body);
    step.run = s->is_reversed ? step_next_reversed : step_next;
    int latch = add_step(c, step);
    /* targets are indices until all steps are there; both steps need `number`, so c holds the index */
    c->steps.data[latch].c = (uint32_t)enter + 1;
    c->steps.data[enter].c = (uint32_t)latch + 1;
    vec_push(c->arena, &c->jumps, enter);
    vec_push(c->arena, &c->jumps, latch);
}

static void compile_if(Compiler *c, const LoopStmt *s) {
    int branch = add_jump(c, (Step){.run = step_unless, .a = place_of(c, s->value)});
    compile_block(c, s->body);
    if (s->otherwise) {
        int jump = add_jump(c, (Step){.run = step_jump});
        c->steps.data[branch].c = (uint32_t)c->steps.len;
        compile_block(c, s->otherwise);
        c->steps.data[jump].c = (uint32_t)c->steps.len;
    } else {
        c->steps.data[branch].c = (uint32_t)c->steps.len;
    }
}

static void compile_while(Compiler *c, const LoopStmt *s) {
    int head = c->steps.len;
    compile_block(c, s->head);
    int branch = add_jump(c, (Step){.run = step_unless, .a = place_of(c, s->value)});
    compile_block(c, s->body);
    add_jump(c, (Step){.run = step_jump, .c = (uint32_t)head});
    c->steps.data[branch].c = (uint32_t)c->steps.len;
}

static void compile_var(Compiler *c, const LoopStmt *s) {
    const LoopArray *a = &c->k->arrays.data[s->array];
    for (int i = 0; i < array_size(a); i++) set_register(c, c->registers[s->array][i], a->type, s->value);
}

static void compile_block(Compiler *c, const LoopStmt *s) {
    for (; s; s = s->next) {
        switch (s->kind) {
        case LS_LET:
            if (compile_load_splat(c, s)) s = s->next;
            else compile_let(c, s);
            break;
        case LS_VAR: compile_var(c, s); break;
        case LS_SET:
            set_register(c, register_place(c, s->array, s->subscripts), c->k->arrays.data[s->array].type, s->value);
            break;
        case LS_STORE: compile_store(c, s); break;
        case LS_PREFETCH: break; /* nothing is slow or fast here */
        case LS_FOR: compile_for(c, s); break;
        case LS_UNROLL: ICE("kernel %s is not expanded: unroll", c->k->name->text);
        case LS_IF: compile_if(c, s); break;
        case LS_WHILE: compile_while(c, s); break;
        case LS_CHECK: add_step(c, (Step){.run = step_check, .a = place_of(c, s->value), .number = s->check}); break;
        }
    }
}

/* ---- buffers ----------------------------------------------------------------------------------------- */

static int64_t size_of(const LoopKernel *k, const Dim *dim, const int64_t *dims) {
    int64_t value;
    if (dim_evaluate(dim, dims, &value)) ICE("a size of kernel %s cannot be computed", k->name->text);
    return value;
}

static void measure_buffer(const LoopKernel *k, const LoopBuffer *from, const int64_t *dims, MachineBuffer *to) {
    *to = (MachineBuffer){.rank = from->rank, .bytes = dtype_bytes(from->dtype)};
    if (!from->rank) return;
    int last = from->rank - 1;
    for (int i = 0; i < from->rank; i++) to->extent[i] = size_of(k, from->extents[i], dims);
    to->readable = from->pitch ? size_of(k, from->pitch, dims) : to->extent[last];
    to->stride[last] = 1;
    int64_t stride = to->readable;
    for (int i = last - 1; i >= 0; stride *= to->extent[i--]) to->stride[i] = stride;
}

static int64_t buffer_bytes(const MachineBuffer *b) {
    if (!b->rank) return b->bytes;
    return (b->rank > 1 ? b->stride[0] * b->extent[0] : b->readable) * b->bytes;
}

static int is_fixed(const LoopBuffer *b) {
    for (int i = 0; i < b->rank; i++)
        if (!dim_is_constant(b->extents[i])) return 0;
    return !b->pitch || dim_is_constant(b->pitch);
}

static void prepare_buffers(Compiler *c) {
    EvalKernel *p = c->program;
    p->buffers = arena_array(c->arena, MachineBuffer, c->k->buffers.len);
    p->is_fixed = arena_array(c->arena, uint8_t, c->k->buffers.len);
    for (int i = 0; i < c->k->buffers.len; i++) {
        p->is_fixed[i] = (uint8_t)is_fixed(&c->k->buffers.data[i]);
        if (p->is_fixed[i]) measure_buffer(c->k, &c->k->buffers.data[i], NULL, &p->buffers[i]);
    }
    for (int i = 0; i < c->k->dims.len; i++) {
        int needed = (int)c->k->dims.data[i]->id + 1;
        if (needed > p->dim_value_count) p->dim_value_count = needed;
    }
}

static const StepTable *best_table(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &loop_eval_avx2;
#endif
    return &loop_eval_plain;
}

EvalKernel *loop_eval_prepare(Arena *arena, const LoopKernel *kernel) {
    EvalKernel *p = arena_new(arena, EvalKernel);
    p->kernel = kernel;
    p->places = arena_array(arena, uint32_t, kernel->values.len);
    Compiler c = {.arena = arena, .k = kernel, .program = p, .table = best_table()};
    c.uses = arena_array(arena, ValueUse, kernel->values.len);
    prepare_buffers(&c);
    place_constants(&c);
    place_registers(&c);
    LoopType index = {DT_INDEX, 0};
    p->places[kernel->tile] = new_place(&c, index);
    for (int i = 0; i < kernel->dims.len; i++) p->places[kernel->dim_values.data[i]] = new_place(&c, index);
    for (int i = 0; i < kernel->loop_indices.len; i++)
        p->places[kernel->loop_indices.data[i]] = new_place(&c, index);
    count_uses(&c, kernel->body);
    compile_block(&c, kernel->body);
    add_step(&c, (Step){.run = step_end});
    for (int i = 0; i < c.jumps.len; i++) {
        Step *jump = &c.steps.data[c.jumps.data[i]];
        jump->target = c.steps.data + jump->c;
    }
    p->steps = c.steps.data;
    p->frame_bytes = (c.next + 63) & ~(size_t)63;
    return p;
}

/* ---- running ----------------------------------------------------------------------------------------- */

/* Base addresses and sizes of the call; scratch buffers lie in the worker's memory, in header order. */
static void bind_buffers(const EvalKernel *p, void *const *buffers, const int64_t *dims, char *scratch,
                         MachineBuffer *out) {
    int next = 0;
    for (int i = 0; i < p->kernel->buffers.len; i++) {
        const LoopBuffer *from = &p->kernel->buffers.data[i];
        if (p->is_fixed[i]) out[i] = p->buffers[i];
        else measure_buffer(p->kernel, from, dims, &out[i]);
        if (from->access != LOOP_SCRATCH) {
            out[i].data = buffers[next++];
            continue;
        }
        out[i].data = scratch;
        scratch += (buffer_bytes(&out[i]) + ABI_ALIGN - 1) / ABI_ALIGN * ABI_ALIGN;
    }
}

static int32_t run_tiles(const EvalKernel *p, Machine *m, char *frame, int64_t first, int64_t last) {
    memcpy(frame, p->constants, p->constant_bytes);
    for (int64_t tile = first; tile < last && !m->code; tile++) {
        m->tile = tile;
        if (m->log) race_tile(m->log, p, tile);
        set_index(frame, p->places[p->kernel->tile], tile);
        for (const Step *s = p->steps; s;) s = s->run(s, frame, m);
    }
    return m->code;
}

int32_t loop_eval_run(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,
                         int64_t last, void *scratch) {
    const EvalKernel *p = context;
    const LoopKernel *k = p->kernel;
    size_t buffer_space = ((size_t)k->buffers.len * sizeof(MachineBuffer) + 63) & ~(size_t)63;
    size_t dim_space = ((size_t)p->dim_value_count * sizeof(int64_t) + 63) & ~(size_t)63;
    char *memory = aligned_alloc(64, p->frame_bytes + buffer_space + dim_space);
    if (!memory) ICE("no memory for a frame of kernel %s", k->name->text);
    int64_t *dims = (int64_t *)(void *)(memory + p->frame_bytes + buffer_space);
    Machine m = {.program = p, .buffers = (MachineBuffer *)(void *)(memory + p->frame_bytes), .log = p->log};
    for (int i = 0; i < k->dims.len; i++) {
        dims[k->dims.data[i]->id] = scalars[i];
        set_index(memory, p->places[k->dim_values.data[i]], scalars[i]);
    }
    for (int i = 0; i < k->loop_indices.len; i++)
        set_index(memory, p->places[k->loop_indices.data[i]], scalars[k->dims.len + i]);
    bind_buffers(p, buffers, dims, scratch, m.buffers);
    int32_t code = run_tiles(p, &m, memory, first, last);
    free(memory);
    return code;
}

void loop_eval_out_of_bounds(const Machine *m, const Access *access, const char *frame, int64_t lanes) {
    const LoopBuffer *b = &m->program->kernel->buffers.data[access->buffer];
    char at[512] = "", of[512] = "";
    size_t at_len = 0, of_len = 0;
    for (int i = 0; i < access->rank; i++) {
        const char *comma = i ? ", " : "";
        at_len += (size_t)snprintf(at + at_len, sizeof at - at_len, "%s%lld", comma,
                                   (long long)index_at(frame, access->at[i]));
        of_len += (size_t)snprintf(of + of_len, sizeof of - of_len, "%s%lld", comma,
                                   (long long)m->buffers[access->buffer].extent[i]);
    }
    ICE("kernel %s, tile %lld: %s[%s] lanes %lld is outside of %s[%s]", m->program->kernel->name->text,
        (long long)m->tile, b->name->text, at, (long long)lanes, b->name->text, of);
}

void loop_eval_bad_lane(const Machine *m, int64_t lane) {
    ICE("kernel %s, tile %lld: there is no lane %lld", m->program->kernel->name->text, (long long)m->tile,
        (long long)lane);
}
