/* What the steps of the cases reach: every primitive, every operation and function of the graph, every declaration
 * of the library must be among it. */
#ifndef DLC_TESTS_ORACLE_COVERAGE_H
#define DLC_TESTS_ORACLE_COVERAGE_H

#include "base/map.h"
#include "compiler/graph.h"
#include "lang/typed.h"

typedef struct Coverage {
    int primitives[PRIM_COUNT], operations[OP_COUNT], scalars[SC_COUNT];
    Map names;   /* char text of functions, layers and optimizers, as symbols of `session` */
    Map visited; /* const TFunction * */
    Session *session;
} Coverage;

void coverage_add_step(Coverage *c, const TStep *step);
void coverage_add_region(Coverage *c, const Region *region);
/* The number of things that nothing reaches, each named on stderr. */
int coverage_missing(Coverage *c);

#endif
