/* Where the time from the start of dlc to the end of the first step goes.
 *
 * One part is being timed at any moment: entering another one stops it, leaving goes on with it.  So the parts add up
 * to the whole, whatever calls what.  After the first step, or at the end of a program that has none, nothing more
 * is counted. */
#ifndef DLC_DRIVER_TIMINGS_H
#define DLC_DRIVER_TIMINGS_H

#include "base/text.h"

typedef enum TimedPart {
    TIMED_OTHER,
    TIMED_CHECK,    /* reading and checking the program and the library */
    TIMED_BUILD,    /* graphs, gradients and passes */
    TIMED_PLAN,     /* kernels, memory, order */
    TIMED_JIT,      /* loading LLVM */
    TIMED_LOAD,     /* code from the cache, and code into the process */
    TIMED_COMPILE,  /* expanding kernels, code generation */
    TIMED_DATA,     /* opening data sets */
    TIMED_WEIGHTS,  /* first values of weights, states and optimizer slots */
    TIMED_STEP,     /* the first step itself */
    TIMED_COUNT
} TimedPart;

typedef struct Timings {
    double seconds[TIMED_COUNT];
    double since;   /* when the present part was entered */
    TimedPart part;
    int is_running;
} Timings;

/* All take NULL, and then do nothing. */
void timings_begin(Timings *timings);
/* Gives the part that was timed until now, for timings_leave. */
TimedPart timings_enter(Timings *timings, TimedPart part);
void timings_leave(Timings *timings, TimedPart before);
/* Counts what was timed under one part under another. */
void timings_move(Timings *timings, TimedPart from, TimedPart to, double seconds);
void timings_end(Timings *timings);

void timings_text(Text *out, const Timings *timings);
/* One object: {"event":"timings","total":0.081,"check":0.004, ...}, in seconds. */
void timings_json(Text *out, const Timings *timings);

#endif
