/* Inside the interpreter: programs, the machine that runs them, and the tables of step functions.
 *
 * A frame is a block of bytes; each value and each register has a place in it: 8 bytes for a scalar, sixteen elements
 * at a multiple of 64 for a wide value.  bools are bytes of 0 or 1, an index is an int64_t. */
#ifndef DLC_COMPILER_LOOP_EVAL_PROGRAM_H
#define DLC_COMPILER_LOOP_EVAL_PROGRAM_H

#include "compiler/loop_eval.h"

typedef struct Step Step;
typedef struct Machine Machine;
/* Does one step and gives the next; NULL ends the tile. */
typedef const Step *StepFunction(const Step *step, char *frame, Machine *m);

/* The place of a load, gather or store. */
typedef struct Access {
    int buffer, rank;
    uint32_t at[LOOP_MAX_RANK]; /* places of the subscripts */
    uint32_t count;             /* place of the lanes in use; 0: all sixteen */
} Access;

struct Step {
    StepFunction *run;
    uint32_t to, a, b, c; /* places in the frame */
    int64_t number;       /* step of a for, number of a check */
    const Step *target;   /* where a jump goes */
    const Access *access;
};

typedef struct MachineBuffer {
    char *data;
    int rank, bytes;
    int64_t extent[LOOP_MAX_RANK], stride[LOOP_MAX_RANK]; /* in elements */
    int64_t readable; /* of the last axis: up to the pitch */
} MachineBuffer;

struct Machine {
    const EvalKernel *program;
    MachineBuffer *buffers;
    RaceLog *log; /* NULL: not watched */
    int64_t tile;
    int32_t code; /* of the check that failed */
};

struct EvalKernel {
    const LoopKernel *kernel;
    const Step *steps;
    const char *constants;    /* the frame's first bytes */
    size_t constant_bytes;
    size_t frame_bytes;       /* with the constants */
    uint32_t *places;         /* by value */
    MachineBuffer *buffers;   /* what does not depend on run-time dims is filled in */
    uint8_t *is_fixed;        /* by buffer: all of it but `data` is filled in */
    int dim_value_count;      /* 1 + the largest id of a dim */
    RaceLog *log;
};

/* The step functions of one instruction set; the bits are the same. */
typedef struct StepTable {
    StepFunction *const (*operation)[DT_COUNT][2];  /* [LoopOp][type of the operands; select: result][is_wide] */
    StepFunction *const (*convert)[DT_COUNT][2];    /* [from][to][is_wide] */
    StepFunction *const (*lanes)[DT_COUNT];         /* [0 sum, 1 min, 2 max][type] */
    StepFunction *const (*load)[2];                 /* [stored type][is_wide] */
    StepFunction *const *load_splat;                /* [stored type] */
    StepFunction *const (*gather)[2];               /* [stored type][subscripts: 0 i32, 1 index] */
    StepFunction *const (*store)[2];                /* [stored type][is_wide] */
    StepFunction *const *splat;                     /* [type] */
    StepFunction *const *lane_get;                  /* [type] */
    StepFunction *const (*copy)[2];                 /* [type][is_wide] */
} StepTable;

extern const StepTable loop_eval_plain;
#if defined(__x86_64__)
extern const StepTable loop_eval_avx2;
#endif

_Noreturn void loop_eval_out_of_bounds(const Machine *m, const Access *access, const char *frame, int64_t lanes);
_Noreturn void loop_eval_bad_lane(const Machine *m, int64_t lane);
/* What is touched from now on is touched by this tile. */
void race_tile(RaceLog *log, const EvalKernel *program, int64_t tile);
/* The elements from `at` on are read or written by the present tile. */
void race_touch(const Machine *m, int buffer, const char *at, int64_t count, int is_write);

#endif
