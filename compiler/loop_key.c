/* Every number is written as one to ten bytes (the lowest seven bits first), every list behind its length, so that no
 * two kernels share their bytes by chance of where fields end. */
#include "compiler/loop_key.h"

#include <string.h>

typedef struct KeyWriter {
    Arena *arena;
    Vec(char) out;
    const LoopKernel *k;
    Vec(const DimName *) names; /* the kernel's arguments, then others in order of occurrence */
} KeyWriter;

static void add_number(KeyWriter *w, int64_t number) {
    uint64_t left = ((uint64_t)number << 1) ^ (uint64_t)(number >> 63); /* small ones of both signs are short */
    for (; left > 127; left >>= 7) vec_push(w->arena, &w->out, (char)((left & 127) | 128));
    vec_push(w->arena, &w->out, (char)left);
}

static void add_numbers(KeyWriter *w, const LoopVal *numbers, int count) {
    for (int i = 0; i < count; i++) add_number(w, numbers[i]);
}

/* ---- sizes --------------------------------------------------------------------------------------------- */

static int name_number(KeyWriter *w, const DimName *name) {
    for (int i = 0; i < w->names.len; i++)
        if (w->names.data[i] == name) return i;
    vec_push(w->arena, &w->names, name);
    return w->names.len - 1;
}

static void add_dim(KeyWriter *w, const Dim *dim) {
    add_number(w, dim ? dim->term_count : -1);
    for (int i = 0; dim && i < dim->term_count; i++) {
        const DimTerm *term = &dim->terms[i];
        add_number(w, term->coefficient);
        add_number(w, term->power_count);
        for (int j = 0; j < term->power_count; j++) {
            const DimAtom *atom = term->powers[j].atom;
            add_number(w, term->powers[j].power);
            add_number(w, atom->kind);
            if (atom->kind == DIM_NAME) {
                add_number(w, name_number(w, atom->name));
            } else {
                add_dim(w, atom->a);
                add_dim(w, atom->b);
            }
        }
    }
}

/* ---- the kernel ---------------------------------------------------------------------------------------- */

static void add_type(KeyWriter *w, LoopType type) { add_number(w, 2 * (int)type.element + (type.is_wide != 0)); }

static void add_buffers(KeyWriter *w) {
    const LoopKernel *k = w->k;
    add_number(w, k->buffers.len);
    for (int i = 0; i < k->buffers.len; i++) {
        const LoopBuffer *b = &k->buffers.data[i];
        add_number(w, b->access);
        add_number(w, b->dtype);
        add_number(w, b->rank);
        for (int axis = 0; axis < b->rank; axis++) add_dim(w, b->extents[axis]);
        if (b->rank > 1) add_dim(w, b->pitch);
    }
    add_number(w, k->arrays.len);
    for (int i = 0; i < k->arrays.len; i++) {
        const LoopArray *a = &k->arrays.data[i];
        add_type(w, a->type);
        add_number(w, a->rank);
        for (int axis = 0; axis < a->rank; axis++) add_number(w, a->extent[axis]);
    }
}

static int buffer_rank(const KeyWriter *w, int buffer) { return w->k->buffers.data[buffer].rank; }
static int array_rank(const KeyWriter *w, int array) { return w->k->arrays.data[array].rank; }

static void add_value(KeyWriter *w, const LoopValue *v) {
    add_number(w, v->op);
    add_type(w, v->type);
    if (v->op == LO_CONST && dtype_is_float(v->type.element)) {
        int64_t bits;
        memcpy(&bits, &v->imm_f, sizeof bits);
        add_number(w, bits);
    } else if (v->op == LO_CONST) {
        add_number(w, v->imm_i);
    } else if (v->op == LO_LOAD || v->op == LO_GATHER) {
        add_number(w, v->buffer);
        add_numbers(w, v->subscripts, buffer_rank(w, v->buffer));
        add_number(w, v->count);
    } else if (v->op == LO_READ) {
        add_number(w, v->array);
        add_numbers(w, v->subscripts, array_rank(w, v->array));
    } else if (v->op != LO_PARAM && v->op != LO_LANE) {
        add_numbers(w, v->in, 3);
        add_number(w, v->count);
    }
}

static void add_statements(KeyWriter *w, const LoopStmt *s);

static void add_statement(KeyWriter *w, const LoopStmt *s) {
    add_number(w, s->kind);
    add_number(w, s->value);
    switch (s->kind) {
    case LS_LET: return;
    case LS_VAR: add_number(w, s->array); return;
    case LS_CHECK: add_number(w, s->check); return;
    case LS_SET:
        add_number(w, s->array);
        add_numbers(w, s->subscripts, array_rank(w, s->array));
        return;
    case LS_STORE:
        add_number(w, s->buffer);
        add_numbers(w, s->subscripts, buffer_rank(w, s->buffer));
        add_number(w, s->count);
        return;
    case LS_PREFETCH:
        add_number(w, s->buffer);
        add_numbers(w, s->subscripts, buffer_rank(w, s->buffer));
        return;
    case LS_FOR: case LS_UNROLL:
        add_number(w, s->index);
        add_number(w, s->lo);
        add_number(w, s->hi);
        add_number(w, s->step);
        add_number(w, s->is_reversed);
        add_statements(w, s->body);
        return;
    case LS_IF:
        add_statements(w, s->body);
        add_statements(w, s->otherwise);
        return;
    case LS_WHILE:
        add_statements(w, s->head);
        add_statements(w, s->body);
        return;
    }
}

static void add_statements(KeyWriter *w, const LoopStmt *s) {
    for (; s; s = s->next) add_statement(w, s);
    add_number(w, -1); /* no kind of statement */
}

LoopKey loop_key(Arena *arena, const LoopKernel *kernel) {
    KeyWriter w = {.arena = arena, .k = kernel};
    add_number(&w, kernel->dims.len);
    for (int i = 0; i < kernel->dims.len; i++) {
        vec_push(arena, &w.names, kernel->dims.data[i]);
        add_number(&w, kernel->dim_values.data[i]);
    }
    add_buffers(&w);
    add_number(&w, kernel->loop_indices.len);
    add_numbers(&w, kernel->loop_indices.data, kernel->loop_indices.len);
    add_number(&w, kernel->tile);
    add_number(&w, kernel->checks.len);
    add_number(&w, kernel->values.len);
    for (int i = 1; i < kernel->values.len; i++) add_value(&w, &kernel->values.data[i]);
    add_statements(&w, kernel->body);
    return (LoopKey){w.out.data, w.out.len};
}
