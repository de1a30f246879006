/* Growable arrays on an arena: `Vec(Span) spans = {0}; vec_push(arena, &spans, span);`
 * A push may move the elements: hold indices across pushes, never pointers. */
#ifndef DLC_BASE_VEC_H
#define DLC_BASE_VEC_H

#include "base/arena.h"

#define Vec(T)                                                                                     \
    struct {                                                                                       \
        T *data;                                                                                   \
        int len, cap;                                                                              \
    }

#define vec_push(arena, v, value)                                                                  \
    ((v)->len == (v)->cap ? vec_reserve_one((arena), (v)) : (void)0,                                  \
     (void)((v)->data[(v)->len++] = (value)))

#define vec_reserve_one(arena, v)                                                                  \
    ((v)->data = vec_grow((arena), (v)->data, sizeof *(v)->data, (v)->len, &(v)->cap), (void)0)

#define vec_pop(v) ((v)->data[--(v)->len])
#define vec_last(v) ((v)->data[(v)->len - 1])

/* Room for at least one more element of `size` bytes; doubles `cap`. */
void *vec_grow(Arena *arena, void *data, size_t size, int len, int *cap);

#endif
