/* The typing rules of the primitives: one function per rule of primitive.def, in check_primitive.c (elementwise,
 * products) and check_primitive_shape.c (axes, shapes, creation), and what the rules share. */
#ifndef DLC_LANG_CHECK_PRIMITIVE_H
#define DLC_LANG_CHECK_PRIMITIVE_H

#include "lang/check_shape.h"

typedef struct PrimitiveCall {
    PrimitiveKind kind;
    Span span;
    const AstList *items; /* in its brackets, or NULL */
    Scope *scope;         /* where they are read */
    const Tx **args;
    int arg_count;
    const Type *wanted;
    const struct Argument *given; /* the arguments as they are written, as many; or NULL */
} PrimitiveCall;

/* check_brackets.c: a fix that moves what configures, given among the tensors, into the brackets. */
void offer_primitive_brackets(Checker *cx, const PrimitiveCall *call, Diag *diag);
const Tx *check_primitive(Checker *cx, PrimitiveCall *call);
/* Rank and size of a result are what a tensor may have; else a diagnostic. */
const Tx *check_limits(Checker *cx, const Tx *tx);
const Tx *check_binary(Checker *cx, PrimitiveKind kind, const Tx *a, const Tx *b, Span span);
/* The position of an axis given by number or dimension; -1 reported, -2 not known here. */
int axis_position(Checker *cx, const Ast *ast, const Type *type);
/* Adds the axes that one item in the brackets of `of` names to statics->axes: 1, 0 reported, -1 not known here. */
int item_axes(Checker *cx, const char *of, const Ast *item, const Type *type, TStatics *statics);
const Tx *check_indexing(Checker *cx, const Ast *ast, const Tx *of);
/* x[...] = value as the tensor `of` with that part replaced; `value`, where not NULL, stands for value_ast, checked. */
const Tx *check_written(Checker *cx, const Ast *ast, const Tx *of, const Ast *value_ast, const Tx *value);

/* ---- the rules ------------------------------------------------------------------------------ */

typedef const Tx *PrimitiveRule(Checker *cx, PrimitiveCall *call);

#define PR(id, name, rule) PrimitiveRule rule_##rule;
#define PC(id, name, rule)
#include "lang/primitive.def"
#undef PR
#undef PC

/* A T_PRIMITIVE of the call with empty statics, which stay writable through statics_of. */
Tx *primitive_tx(Checker *cx, const PrimitiveCall *call, const Type *type);
TStatics *statics_of(Tx *tx);
const Tx *with_args(Checker *cx, Tx *tx, const PrimitiveCall *call);
const char *shown_name(const PrimitiveCall *call);
/* Reports another number of arguments. */
int has_count(Checker *cx, const PrimitiveCall *call, int count);
/* The element type that all arguments from `first` widen to: literals follow the others; DT_COUNT is reported. */
DType joined_dtype(Checker *cx, const PrimitiveCall *call, int first);
/* The axes that a call's brackets name, as positions; 0 reported, -1 not known here. */
int bracket_axes(Checker *cx, const PrimitiveCall *call, TStatics *statics, const Type *type);
/* The type without the axes of `statics`, or with `new` ones in their places where it keeps them. */
const Type *reduced_type(Checker *cx, const TStatics *statics, const Type *of, DType dtype);
/* 0 where one does not convert (reported). */
int convert_all(Checker *cx, PrimitiveCall *call, int first, DType dtype);

#endif
