/* What the files of a running train block share: a pass over a set (train_pass.c), the best weights and where they
 * are saved (train_keep.c), the loop (train.c). */
#ifndef DLC_DRIVER_TRAIN_INTERNAL_H
#define DLC_DRIVER_TRAIN_INTERNAL_H

#include "driver/program_internal.h"

/* One figure over a pass: the weighted mean, the ratio of two sums, or the last value. */
typedef struct Sum {
    double sum, weight;
} Sum;

/* A step or validate, its data set, its batch arrays, its states and its figures. */
typedef struct Pass {
    Program *program;
    const TTrain *train;
    RunningStep *rs;
    DataSet *set;         /* owned; NULL: without data */
    Array **batch;        /* by input of the step: owned */
    const DataColumn **source; /* by input: the set's field */
    Array **states;       /* by state of the block: owned; new at the begin of each pass over the set */
    Sum *sums;            /* by target */
    int64_t *order;       /* places in the set, in the order in which they are read; or NULL */
    int is_shown;         /* the figures were collected: the next batch begins new ones */
    int has_figures;      /* since then */
} Pass;

/* Takes over `set`, which is NULL for a step without data.  False after a diagnostic. */
int pass_open(Program *p, Pass *pass, const TTrain *train, const TStep *step, DataSet *set);
void pass_close(Pass *pass);
int64_t pass_rows(const Pass *pass);     /* examples of the set that are read */
int64_t pass_batches(const Pass *pass);  /* in one pass over the set; 1 without one */
/* First values for the states. */
int pass_begin(Pass *pass);
int pass_run(Pass *pass, int64_t batch, int64_t step_number);
/* What target i reports, over the batches since the figures were last collected. */
double pass_figure(const Pass *pass, int target);
/* Is it a report of this name? */
int pass_reports(const Pass *pass, const Symbol *name);

/* The weights that gave the best report so far. */
typedef struct Kept {
    Array **arrays;       /* by entry of the store then: shared with it until it changes */
    const Symbol **paths;
    int count;
    double value;
    int64_t epoch, step;
    int is_there;
    int misses;           /* reports in a row that were no better */
} Kept;

/* Compares; 1 where it is the best one so far, which is kept then. */
int keep_if_best(Program *p, Kept *kept, double value, int is_lowest, int64_t epoch, int64_t step);
void keep_restore(Program *p, const Kept *kept);
void keep_release(Kept *kept);
/* Writes what the block trains: the model, else the instances and states that its step changes. */
int keep_save(Program *p, const TTrain *train, const RunningStep *step, const TSetting *save);

#endif
