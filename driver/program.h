/* The running program: top-level statements in order, steps compiled when first called, train loops.
 *
 * The program level is interpreted; what it calls is compiled.  A pure tensor expression is a small graph of its
 * own, compiled once per place; it runs in the loop interpreter until it has cost 2 ms in all and as machine
 * code from then on: the bits are the same. */
#ifndef DLC_DRIVER_PROGRAM_H
#define DLC_DRIVER_PROGRAM_H

#include "driver/alphabets.h"
#include "driver/executor.h"
#include "driver/progress.h"
#include "driver/store.h"
#include "driver/value.h"

typedef struct ProgramOptions {
    const Alphabets *alphabets; /* of its texts, open; may be NULL */
    uint64_t seed;          /* of what is drawn at program level and of first weights */
    int runs_tests;         /* after the program, its `test` blocks */
    int writes_no_files;    /* weights and pictures that it saves are made, but not written */
    uint64_t *digest;       /* where not NULL: of every weight and state at the end, by path, bit for bit */
    volatile const int *interrupted; /* set by a signal: ends after the current step */
} ProgramOptions;

/* Runs the program; diagnostics go to the session.  0, or the exit code of the command. */
int program_run(const TProgram *typed, Executor *executor, Progress *progress, const ProgramOptions *options);

#endif
