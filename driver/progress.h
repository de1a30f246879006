/* What a running program shows: progress, figures, printed text, results of tests.
 *
 * On a terminal the present epoch is one line that is rewritten in place; elsewhere there is one line per epoch.
 * Progress goes to stderr, what the program prints to stdout; with --json everything is objects, one a line,
 * on stdout. */
#ifndef DLC_DRIVER_PROGRESS_H
#define DLC_DRIVER_PROGRESS_H

#include <stdint.h>
#include <stdio.h>

typedef struct Figure {
    const char *name;
    double value;
    int is_validation; /* of a `validate`: shown as "val name" */
    int is_new;        /* for the loop: since the last line */
} Figure;

typedef enum ProgressMode {
    PROGRESS_TERMINAL, /* rewritten in place */
    PROGRESS_LINES,    /* one line per epoch */
    PROGRESS_QUIET,    /* only what the program prints */
    PROGRESS_JSON,
} ProgressMode;

typedef struct ProgressOptions {
    ProgressMode mode;
    int has_colour;
    int has_unicode;  /* the terminal shows block characters */
    int columns;      /* of the terminal; 0: 80 */
    FILE *out, *err;  /* NULL: stdout, stderr */
} ProgressOptions;

typedef struct Progress Progress;

Progress *progress_new(const ProgressOptions *options);
/* Ends a line begun.  0, or -1 when `out` could not be written (a full disk, a closed pipe). */
int progress_free(Progress *progress);

/* epochs 0: the block counts steps.  `total` steps are planned, `rows` examples make an epoch (0: no data). */
void progress_train_begin(Progress *progress, int64_t epochs, int64_t total, int64_t rows);
/* `done` steps so far in all; `examples` of this epoch.  Cheap: shows something at most ten times a second. */
void progress_step(Progress *progress, int64_t epoch, int64_t done, int64_t examples);
void progress_epoch(Progress *progress, int64_t epoch, int64_t done, const Figure *figures, int count);
/* The final table.  `compile_seconds` is the part of the time spent compiling. */
void progress_train_end(Progress *progress, const Figure *figures, int count, double compile_seconds,
                        int was_interrupted);
/* Which weights a block kept. */
typedef struct ProgressBest {
    const char *name;
    double value;
    int64_t epoch, step; /* when: epoch 0 where the block counts steps */
    int was_stopped;     /* it ended early: nothing better came */
} ProgressBest;
void progress_best(Progress *progress, const ProgressBest *best);
/* Text of `print`, with its line end where it has one. */
void progress_print(Progress *progress, const char *text);
void progress_test(Progress *progress, const char *name, int has_passed);
/* Tests that have failed so far. */
int progress_failed_tests(const Progress *progress);

#endif
