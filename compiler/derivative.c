/* The derivative column of scalar.def as prefix code: NEG(DIV(MUL(g, y), b)) becomes neg, div, mul, g, y,
 * b.  Data and not calls, because C leaves the order in which a call's arguments are evaluated to the
 * compiler, and the order of the nodes of a region must not depend on it. */
#include "compiler/autodiff.h"

#define a DERIVATIVE_A
#define b DERIVATIVE_B
#define c DERIVATIVE_C
#define y DERIVATIVE_Y
#define g DERIVATIVE_G

#define NONE            {{DERIVATIVE_NONE}}
#define ZERO            DERIVATIVE_ZERO
#define ONE             DERIVATIVE_ONE
#define TWO             DERIVATIVE_TWO
#define TWO_OVER_SQRT_PI DERIVATIVE_TWO_OVER_SQRT_PI

#define D1(p)           {{p}}
#define D2(p, q)        {{p}, {q}}
#define D3(p, q, r)     {{p}, {q}, {r}}

/* The functions that occur in derivatives. */
#define FUNCTION(id)    DERIVATIVE_FUNCTION + SC_##id
#define ADD(p, q)       FUNCTION(ADD), p, q
#define SUB(p, q)       FUNCTION(SUB), p, q
#define MUL(p, q)       FUNCTION(MUL), p, q
#define DIV(p, q)       FUNCTION(DIV), p, q
#define FMA(p, q, r)    FUNCTION(FMA), p, q, r
#define NEG(p)          FUNCTION(NEG), p
#define SIGN(p)         FUNCTION(SIGN), p
#define EXP(p)          FUNCTION(EXP), p
#define LOG(p)          FUNCTION(LOG), p
#define SIN(p)          FUNCTION(SIN), p
#define COS(p)          FUNCTION(COS), p
#define POW(p, q)       FUNCTION(POW), p, q
#define FLOORDIV(p, q)  FUNCTION(FLOORDIV), p, q
#define EQ(p, q)        FUNCTION(EQ), p, q
#define LT(p, q)        FUNCTION(LT), p, q
#define GT(p, q)        FUNCTION(GT), p, q
#define SELECT(p, q, r) FUNCTION(SELECT), p, q, r

const Derivative scalar_derivative[SC_COUNT] = {
#define SC(id, name, operands, types, derivative, flags) [SC_##id] = {derivative},
#include "compiler/scalar.def"
#undef SC
};
