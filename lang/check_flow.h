/* What a value depends on, found in the typed program: weights by path, inputs of the body, random numbers.
 *
 * Two readings of one walk: everything (FLOW_ALL), or only what a gradient flows through (FLOW_GRADIENT), where
 * `detach`, comparisons, whole numbers and indexes end it.  Functions are summed up once. */
#ifndef DLC_LANG_CHECK_FLOW_H
#define DLC_LANG_CHECK_FLOW_H

#include "lang/check_internal.h"

typedef enum FlowMode { FLOW_ALL, FLOW_GRADIENT } FlowMode;

typedef struct Flow {
    Map inputs;     /* TVariable * */
    Map paths;      /* const Symbol * of weights and records: "Net.head.w", "self.w" */
    int is_unknown; /* through something that the walk does not follow */
    int is_random;
    Span cut;       /* of the first `detach` in the file that ended a way */
} Flow;

/* A `minimize` or `report` with what its value depends on. */
typedef struct Sink {
    const TStmt *stmt;
    Flow flow;
} Sink;

typedef struct FlowWalk {
    Checker *cx;
    FlowMode mode;
    Map functions;    /* TFunction * to Flow * of its result */
    Map variables;    /* TVariable * to Flow *: of the body that is being walked */
    Vec(Sink) sinks;  /* of that body */
    Flow *yields;
} FlowWalk;

/* The sinks of a step's body. */
void flow_step(FlowWalk *w, const TStep *step);
/* Paths of weights that the flow reaches include this one. */
int flow_reaches(const Flow *flow, const Symbol *path);

#endif
