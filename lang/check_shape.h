/* Sizes and types: as they stand in source text (check_dim.c), compared, widened and broadcast (check_shape.c), and what
 * mends a shape (check_repair.c). */
#ifndef DLC_LANG_CHECK_SHAPE_H
#define DLC_LANG_CHECK_SHAPE_H

#include "lang/check_internal.h"

/* ---- check_dim.c: sizes and types in source text -------------------------------------------- */

/* The size that an expression is when it is one known from names and numbers; else NULL, silently.
 */
const Dim *dim_expression(Checker *cx, const Ast *ast);
/* The same where a size must stand: reports and gives NULL. */
const Dim *expect_dim(Checker *cx, const Ast *ast);
const Origin *origin_new(Checker *cx, OriginKind kind, Span span, const Origin *from);
/* The origin of a size written as `ast`. */
const Origin *dim_origin(Checker *cx, const Ast *ast);
/* Brings a name of an input's shape into scope where it is not known: called by the binder. */
const Type *check_type(Checker *cx, const Ast *ast);
int is_element_name(const Symbol *name, DType *dtype, ElementVariable *element);
/* The parts of a tensor type: element and shape items; 0 where it is no tensor type (a diagnostic
 * was given). */
typedef struct TypeParts {
    DType dtype;
    ElementVariable element;
    const Ast *bound;     /* V of index[V] */
    const AstList *shape; /* NULL: a scalar */
} TypeParts;
int type_parts(Checker *cx, const Ast *ast, TypeParts *parts);

/* ---- check_shape.c: types ------------------------------------------------------------------- */

const Type *type_error(Checker *cx);
const Type *type_unit(Checker *cx);
const Type *type_scalar(Checker *cx, DType dtype);
const Type *type_literal(Checker *cx, DType dtype);
const Type *type_tensor(Checker *cx, DType dtype, int rank, const Axis *axes);
const Type *type_index(Checker *cx, const Dim *bound, int rank, const Axis *axes);
const Type *type_list(Checker *cx, TypeKind kind, const TypeField *fields, int count);
const Type *type_string(Checker *cx);
Type *type_copy(Checker *cx, const Type *type);
static inline int is_error_type(const Type *t) { return t->kind == TY_ERROR; }
int has_pack(const Type *t);
int is_float_type(const Type *t);

const Tx *tx_error(Checker *cx, Span span);
Tx *tx_new(Checker *cx, TxKind kind, const Type *type, Span span);
const Tx *tx_variable(Checker *cx, TVariable *variable, Span span);
const Tx *tx_integer(Checker *cx, int64_t value, Span span);
const Tx *tx_dim(Checker *cx, const Dim *dim, Span span);
void tx_add(Checker *cx, Tx *tx, const Tx *arg); /* and takes over its impurity */
static inline int is_error(const Tx *tx) { return tx->type->kind == TY_ERROR; }

DimAnswer compare_dims(Checker *cx, const Dim *a, const Dim *b);
/* 1 equal or unknown or poison; 0 certainly different. */
int same_type(Checker *cx, const Type *a, const Type *b);
/* The dtype that both widen to; DT_COUNT where there is none. */
DType wider(DType a, DType b);
/* Converts to an element type by widening; reports narrowing. */
const Tx *convert_element(Checker *cx, const Tx *tx, DType dtype, const Dim *index_bound);
/* [1, 2, 3]: numbers written down, in lists of lists; they convert as each number would. */
int is_literal_list(const Tx *tx);
/* Makes tx a value of the wanted type: literals take it, elements widen, shapes must agree.  `what`
 * names the receiver: "the result of f", "argument x of f". */
const Tx *coerce(Checker *cx, const Tx *tx, const Type *wanted, const char *what);
/* An explicit T_CONVERT; the caller knows that it means something. */
const Tx *tx_converted(Checker *cx, const Tx *tx, DType dtype, const Dim *index_bound);
/* A literal that nobody gave a type: i64 or f32. */
const Tx *settle(Checker *cx, const Tx *tx);
/* The shape of elementwise operands: reports E0303 and gives 0 where they do not go together; -1
 * where that is not known here. */
int broadcast_axes(Checker *cx, Span span, const char *operation, const Type *a, const Type *b,
                   Axis **axes, int *rank);
void label_axis(Checker *cx, Diag *diag, const Axis *axis);
/* The mark goes to the operator, the types of the operands stand below them; 0 where there is no operator. */
int show_operands(Checker *cx, Diag *diag, Span span);
const char *dim_shown(Checker *cx, const Dim *dim);
const char *type_shown(Checker *cx, const Type *type);
TVariable *variable_new(Checker *cx, const Symbol *name, const Type *type, Span span);

/* ---- check_repair.c: mechanical fixes of shapes ---------------------------------------------- */

typedef struct Repair {
    const char *function; /* goes around the value: "transpose[0, 2, 1]"; or NULL */
    const char *index;    /* goes behind it: "[.., new]"; or NULL */
    const char *what;     /* what it does, in words */
} Repair;

/* How a value of one type becomes one of the other; 0 where no single change does it. */
int find_repair(Checker *cx, const Type *from, const Type *to, Repair *repair);
/* What makes an operand go with the other one: an axis of size 1 dropped or made to stretch, axes added, axes in
 * another order. */
int find_dropped(Checker *cx, const Type *from, const Type *to, Repair *repair);
int find_added(Checker *cx, const Type *from, const Type *to, Repair *repair);
int find_order(Checker *cx, const Type *from, const Type *to, Repair *repair);
void check_fix_repair(Checker *cx, Diag *diag, const Tx *tx, const Repair *repair);
/* The value of a pipe, or (`pipe` no PIPE) of its head. */
void note_stage(Checker *cx, const Tx *tx, const Ast *pipe);
/* The copy stands where the value stood. */
void note_copy(Checker *cx, const Tx *tx, const Tx *copy);
/* Labels with the shapes that a pipe had before the stage with the mistake. */
void label_stages(Checker *cx, const Ast *pipe, int first_diag);
/* Where a mistake in an argument is shown: at the stage that takes it, if a pipe hands it on. */
Span argument_place(Checker *cx, const Tx *arg);

#endif
