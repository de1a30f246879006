/* The rows of op.def and scalar.def as data, and the types of their rules.
 *
 * op.c expands the columns: a rule that a row names and nobody wrote is a link error.  The gradient column
 * is expanded by autodiff.c, the lowering column by the lowering, the derivatives by derivative.c. */
#ifndef DLC_COMPILER_OP_H
#define DLC_COMPILER_OP_H

#include "compiler/graph.h"

/* Finds dtype and shape of a node from operands and attributes; where the row is given its shape, n->dtype
 * and n->shape hold it and are checked.  Returns NULL, or what is wrong, in a phrase. */
typedef const char *ShapeRule(DimTable *dims, const Node *n, Shape *out);

/* What dtypes an elementwise function takes and gives. */
typedef const char *TypeRule(const Node *n, DType *out);

typedef struct OpInfo {
    const char *name;
    int operands; /* -1: any number */
    int attributes;
    ShapeRule *shape;
    int flags;
} OpInfo;

typedef struct ScalarInfo {
    const char *name;
    int operands;
    TypeRule *types;
    int flags;
} ScalarInfo;

extern const OpInfo op_info[OP_COUNT];
extern const ScalarInfo scalar_info[SC_COUNT];

#define OP(id, name, operands, attributes, shape, lower, gradient, flags) ShapeRule shape_##shape;
#include "compiler/op.def"
#undef OP
#define SC(id, name, operands, types, derivative, flags) TypeRule types_##types;
#include "compiler/scalar.def"
#undef SC

/* Do two nodes have the same operation, dtype, shape and attributes (operands aside)? */
int node_alike(const Node *a, const Node *b);
int node_is_map(const Node *n, ScalarKind f);
/* A constant of one repeated element. */
int node_is_splat(const Node *n);
/* Elements of a constant as they stand in memory, one for a splat. */
size_t const_bytes(const Node *n);

#endif
