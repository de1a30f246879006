/* Types: what a value is, and for each of its axes what size it has and where that size came from.
 *
 * Only Dims are shared and compared by pointer; types and axes are made anew where they arise, since two
 * equal sizes may come from different places and the difference is what a good message tells. */
#ifndef DLC_LANG_TYPE_H
#define DLC_LANG_TYPE_H

#include "base/dim.h"
#include "base/dtype.h"
#include "base/session.h"
#include "base/source.h"

typedef struct Type Type;
typedef struct Origin Origin;
typedef struct TDataField TDataField; /* typed.h */
typedef struct Layout Layout;       /* typed.h: the weights and parts of a layer */
typedef struct TFunction TFunction; /* typed.h */

/* Why a size is what it is: a tree that messages walk; never compared. */
typedef enum OriginKind {
    ORIGIN_LITERAL,     /* written as a number at span */
    ORIGIN_DECLARATION, /* `dim`, `option` or a static parameter at span */
    ORIGIN_FIRST_USE,   /* a name bound by the type of an input at span */
    ORIGIN_ARGUMENT,    /* bound by argument `number` of the call at span; from: the argument's axis */
    ORIGIN_RESULT,      /* an axis of the result of an operation at span; from: the operand's axis, or NULL */
    ORIGIN_DATA,        /* fixed by a data file or set */
    ORIGIN_BATCH,       /* the leading axis of a step's fields; span: the batch setting */
} OriginKind;

struct Origin {
    OriginKind kind;
    Span span;
    int number;
    const Origin *from;
};

/* A pack `..S` of a signature: any number of axes.  While a generic declaration is checked it is rigid: one
 * Axis with `pack` set stands for all of them.  In elaborated bodies none is left. */
typedef struct Pack {
    const Symbol *name; /* NULL for a plain `..` */
    uint32_t id;
} Pack;

enum { TENSOR_MAX_RANK = 8 }; /* of every tensor, as in the graph */

typedef struct Axis {
    const Dim *dim;     /* NULL where pack is set */
    const Origin *why;
    int is_stretchable; /* made by `new` or keep=true: size 1, goes with any size */
    const Pack *pack;
} Axis;

typedef enum TypeKind {
    TY_ERROR,    /* poison: a diagnostic was given; goes with everything silently */
    TY_UNIT,     /* no value: an `if` without `else`, a procedure call */
    TY_TENSOR,   /* dtype, index_bound, element, axes; rank 0 is a scalar */
    TY_TUPLE,    /* items */
    TY_RECORD,   /* fields by name: reports, batches, data sets (rows set) */
    TY_INSTANCE, /* layout: the record of weights of one layer, callable */
    TY_FUNCTION, /* a fn, layer or pipe as a value */
    TY_STRING,
} TypeKind;

typedef enum ElementVariable { ELEMENT_FIXED, ELEMENT_ANY, ELEMENT_FLOAT } ElementVariable;

typedef struct TypeField {
    const Symbol *name; /* NULL in a TUPLE */
    const Type *type;
} TypeField;

struct Type {
    TypeKind kind;
    /* TENSOR */
    DType dtype;             /* an index has DT_I32 */
    const Dim *index_bound;  /* V of index[V], else NULL */
    ElementVariable element; /* `any[..]`, `float[..]` in generic signatures */
    int is_literal;          /* a number or dimension whose dtype still follows from what is wanted */
    int rank;
    const Axis *axes;
    /* TUPLE, RECORD */
    int count;
    const TypeField *fields;
    const Dim *rows;         /* RECORD that is a data set: its number of records; else NULL */
    TDataField *const *data; /* beside rows, by field: the declared one whose records it holds; or NULL */
    /* INSTANCE */
    const Layout *layout;
    /* FUNCTION: the checker's own, opaque to others */
    const void *function;
};

/* `f32[B, 784]`, `index[10][B]`, `(f32[B], bool)`, `Net` as the user would write it. */
void type_print(Text *out, const Type *type);
const char *type_text(Arena *arena, const Type *type);

static inline int type_is_scalar(const Type *t) { return t->kind == TY_TENSOR && t->rank == 0; }

#endif
