/* Equality of kernels by a key of bytes: everything that code is made of, nothing that only messages use.  Sizes
 * are interned, so their addresses stand for them. */
#include "compiler/loop_equal.h"

#include "base/map.h"
#include "base/symbol.h"
#include "base/text.h"

#include <string.h>

static void add_bytes(Text *key, const void *data, size_t len) { text_add_bytes(key, data, len); }

#define ADD(key, value) add_bytes(key, &(value), sizeof(value))

static void add_int(Text *key, int64_t value) { ADD(key, value); }

static void add_buffers(Text *key, const LoopKernel *k) {
    add_int(key, k->buffers.len);
    for (int i = 0; i < k->buffers.len; i++) {
        const LoopBuffer *b = &k->buffers.data[i];
        add_int(key, b->access);
        add_int(key, b->dtype);
        add_int(key, b->rank);
        for (int axis = 0; axis < b->rank; axis++) ADD(key, b->extents[axis]);
        ADD(key, b->pitch);
    }
    add_int(key, k->arrays.len);
    for (int i = 0; i < k->arrays.len; i++) {
        const LoopArray *a = &k->arrays.data[i];
        add_int(key, a->type.element);
        add_int(key, a->type.is_wide);
        add_int(key, a->rank);
        for (int axis = 0; axis < a->rank; axis++) add_int(key, a->extent[axis]);
    }
}

static void add_values(Text *key, const LoopKernel *k) {
    add_int(key, k->values.len);
    for (int i = 1; i < k->values.len; i++) {
        const LoopValue *v = &k->values.data[i];
        add_int(key, v->op);
        add_int(key, v->type.element);
        add_int(key, v->type.is_wide);
        ADD(key, v->in);
        ADD(key, v->subscripts);
        ADD(key, v->count);
        add_int(key, v->buffer);
        add_int(key, v->array);
        ADD(key, v->imm_i);
        ADD(key, v->imm_f);
    }
}

static void add_statements(Text *key, const LoopStmt *s) {
    for (; s; s = s->next) {
        add_int(key, s->kind);
        ADD(key, s->value);
        add_int(key, s->buffer);
        add_int(key, s->array);
        ADD(key, s->subscripts);
        ADD(key, s->count);
        ADD(key, s->index);
        ADD(key, s->lo);
        ADD(key, s->hi);
        ADD(key, s->step);
        add_int(key, s->is_reversed);
        add_int(key, s->check);
        add_statements(key, s->head);
        add_statements(key, s->body);
        add_statements(key, s->otherwise);
    }
    add_int(key, -1);
}

static void add_kernel(Text *key, const LoopKernel *k) {
    add_buffers(key, k);
    add_int(key, k->dims.len);
    for (int i = 0; i < k->dims.len; i++) {
        ADD(key, k->dims.data[i]);
        ADD(key, k->dim_values.data[i]);
    }
    add_int(key, k->loop_indices.len);
    for (int i = 0; i < k->loop_indices.len; i++) ADD(key, k->loop_indices.data[i]);
    ADD(key, k->tile);
    ADD(key, k->tile_count);
    ADD(key, k->tiles_per_range);
    add_int(key, k->checks.len);
    add_values(key, k);
    add_statements(key, k->body);
}

int *loop_first_equal(Arena *arena, LoopKernel *const *kernels, int count) {
    Arena own = {0};
    SymbolTable symbols = {.arena = &own};
    Map first = {0}; /* key as a symbol to 1 + number of the kernel */
    int *result = arena_array(arena, int, count);
    for (int i = 0; i < count; i++) {
        Text key = text_new(&own);
        add_kernel(&key, kernels[i]);
        const Symbol *name = symbol_bytes(&symbols, text_str(&key), (uint32_t)key.len);
        uintptr_t known = (uintptr_t)map_get(&first, name);
        result[i] = known ? (int)known - 1 : i;
        if (!known) map_set(&own, &first, name, (void *)(uintptr_t)(i + 1));
    }
    arena_release(&own);
    return result;
}
