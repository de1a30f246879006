/* What the files of differentiation share: the state of one graph_gradient, the type of a gradient rule and
 * the derivatives of the elementwise functions as data. */
#ifndef DLC_COMPILER_AUTODIFF_H
#define DLC_COMPILER_AUTODIFF_H

#include "compiler/op.h"

typedef struct Gradient {
    Region *region;
    uint8_t *wanted; /* by id: some of `wrt` is reached from this node on a differentiable path */
    Node **sum;      /* by id: the contributions so far, added in the order they came */
} Gradient;

/* Adds to the gradients of n's wanted operands what g, the gradient of n, gives them; operands in order. */
typedef void GradientRule(Gradient *cx, Node *n, Node *g);

#define OP(id, name, operands, attributes, shape, lower, gradient, flags) GradientRule gradient_##gradient;
#include "compiler/op.def"
#undef OP

void gradient_add(Gradient *cx, const Node *to, Node *contribution);

/* Prefix code of a derivative: a function's code is followed by its operands' expressions. */
enum {
    DERIVATIVE_NONE, DERIVATIVE_ZERO, DERIVATIVE_ONE, DERIVATIVE_TWO, DERIVATIVE_TWO_OVER_SQRT_PI,
    DERIVATIVE_A, DERIVATIVE_B, DERIVATIVE_C, /* the operands */
    DERIVATIVE_Y,                             /* the value */
    DERIVATIVE_G,                             /* the gradient that arrives */
    DERIVATIVE_FUNCTION,                      /* + ScalarKind */
    DERIVATIVE_LENGTH = 24
};

typedef struct Derivative {
    uint8_t of[3][DERIVATIVE_LENGTH]; /* one expression per operand */
} Derivative;

extern const Derivative scalar_derivative[SC_COUNT];

#endif
