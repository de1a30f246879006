/* Kernels built by hand, in expanded form, so that the JIT is tested without parser or expansion. */
#ifndef DLC_TESTS_MAKE_KERNEL_H
#define DLC_TESTS_MAKE_KERNEL_H

#include "compiler/loop.h"

typedef struct Maker {
    Session session;
    LoopKernel *kernel;
    LoopStmt **tail; /* where the next statement goes */
} Maker;

static const LoopType F32 = {DT_F32, 0}, F32X16 = {DT_F32, 1}, INDEX = {DT_INDEX, 0};

static inline void make_begin(Maker *m, const char *name) {
    session_init(&m->session);
    m->kernel = arena_new(&m->session.arena, LoopKernel);
    m->kernel->name = symbol(&m->session.symbols, name);
    m->kernel->tile_count = dim_constant(&m->session.dims, 1);
    m->tail = &m->kernel->body;
    LoopValue none = {0};
    vec_push(&m->session.arena, &m->kernel->values, none);
}

static inline void make_end(Maker *m) { session_release(&m->session); }

static inline LoopVal make_value(Maker *m, LoopValue value) {
    vec_push(&m->session.arena, &m->kernel->values, value);
    return (LoopVal)(m->kernel->values.len - 1);
}

static inline LoopVal make_index(Maker *m, int64_t i) {
    return make_value(m, (LoopValue){.op = LO_CONST, .type = INDEX, .imm_i = i});
}

static inline LoopVal make_parameter(Maker *m) { return make_value(m, (LoopValue){.op = LO_PARAM, .type = INDEX}); }

static inline LoopStmt *make_statement(Maker *m, LoopStmt s) {
    LoopStmt *copy = arena_new(&m->session.arena, LoopStmt);
    *copy = s;
    *m->tail = copy;
    m->tail = &copy->next;
    return copy;
}

static inline LoopVal make_let(Maker *m, LoopValue value) {
    LoopVal v = make_value(m, value);
    make_statement(m, (LoopStmt){.kind = LS_LET, .value = v});
    return v;
}

static inline int make_buffer(Maker *m, LoopAccess access, DType t, int rank, const Dim *a, const Dim *b) {
    LoopBuffer buffer = {.name = symbol_printf(&m->session.symbols, "b%d", m->kernel->buffers.len), .access = access,
                         .dtype = t, .rank = rank, .extents = {a, b}, .pitch = b};
    vec_push(&m->session.arena, &m->kernel->buffers, buffer);
    return m->kernel->buffers.len - 1;
}

static inline int make_array(Maker *m, LoopType t, int rows, int columns) {
    LoopArray array = {.name = symbol_printf(&m->session.symbols, "a%d", m->kernel->arrays.len), .type = t,
                       .rank = 2, .extent = {rows, columns}};
    vec_push(&m->session.arena, &m->kernel->arrays, array);
    return m->kernel->arrays.len - 1;
}

static inline const Dim *make_dim(Maker *m, int64_t value) { return dim_constant(&m->session.dims, value); }

/* for i in 0..count; statements go inside until make_leave. */
static inline LoopVal make_for(Maker *m, LoopVal count, LoopStmt ***outside) {
    LoopVal index = make_parameter(m);
    LoopStmt *s = make_statement(m, (LoopStmt){.kind = LS_FOR, .index = index, .lo = make_index(m, 0), .hi = count,
                                               .step = 1});
    *outside = m->tail;
    m->tail = &s->body;
    return index;
}

static inline void make_leave(Maker *m, LoopStmt **outside) { m->tail = outside; }

/* c[rows][16 * columns] = a[k][rows] and b[k][16 * columns], packed; the registers of a micro-kernel. */
static inline void make_micro(Maker *m, int rows, int columns, int64_t depth) {
    int a = make_buffer(m, LOOP_IN, DT_F32, 2, make_dim(m, depth), make_dim(m, rows));
    int b = make_buffer(m, LOOP_IN, DT_F32, 2, make_dim(m, depth), make_dim(m, 16 * columns));
    int c = make_buffer(m, LOOP_OUT, DT_F32, 2, make_dim(m, rows), make_dim(m, 16 * columns));
    int sum = make_array(m, F32X16, rows, columns);
    LoopVal zero = make_value(m, (LoopValue){.op = LO_CONST, .type = F32X16});
    make_statement(m, (LoopStmt){.kind = LS_VAR, .array = sum, .value = zero});
    LoopStmt **outside;
    LoopVal k = make_for(m, make_index(m, depth), &outside);
    LoopVal v[4];
    for (int j = 0; j < columns; j++) {
        v[j] = make_let(m, (LoopValue){.op = LO_LOAD, .type = F32X16, .buffer = b,
                                       .subscripts = {k, make_index(m, 16 * j)}});
    }
    for (int r = 0; r < rows; r++) {
        LoopVal x = make_let(m, (LoopValue){.op = LO_LOAD, .type = F32, .buffer = a,
                                            .subscripts = {k, make_index(m, r)}});
        LoopVal wide = make_let(m, (LoopValue){.op = LO_SPLAT, .type = F32X16, .in = {x}});
        for (int j = 0; j < columns; j++) {
            LoopVal at[2] = {make_index(m, r), make_index(m, j)};
            LoopVal old = make_let(m, (LoopValue){.op = LO_READ, .type = F32X16, .array = sum,
                                                  .subscripts = {at[0], at[1]}});
            LoopVal new = make_let(m, (LoopValue){.op = LO_FMA, .type = F32X16, .in = {wide, v[j], old}});
            make_statement(m, (LoopStmt){.kind = LS_SET, .array = sum, .value = new, .subscripts = {at[0], at[1]}});
        }
    }
    make_leave(m, outside);
    for (int r = 0; r < rows; r++) {
        for (int j = 0; j < columns; j++) {
            LoopVal value = make_let(m, (LoopValue){.op = LO_READ, .type = F32X16, .array = sum,
                                                    .subscripts = {make_index(m, r), make_index(m, j)}});
            make_statement(m, (LoopStmt){.kind = LS_STORE, .buffer = c, .value = value,
                                         .subscripts = {make_index(m, r), make_index(m, 16 * j)}});
        }
    }
}

#endif
