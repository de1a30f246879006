/* Numbers, durations and lines as progress shows them: text alone, no terminal. */
#ifndef DLC_DRIVER_PROGRESS_TEXT_H
#define DLC_DRIVER_PROGRESS_TEXT_H

#include "base/text.h"
#include "driver/progress.h"

void text_count(Text *out, int64_t count);        /* 25,000 */
void text_duration(Text *out, double seconds);    /* 0.42 s, 8.1 s, 42 s, 3:05, 1:02:03 */
void text_rate(Text *out, double per_second, const char *unit); /* 45,100 examples/s, 3.2 steps/s */
void text_figure(Text *out, double value);        /* four significant digits: 0.9694 */
void text_json_number(Text *out, double value);   /* null for what JSON has no number for */

/* Where a train block is. */
typedef struct ProgressState {
    int64_t epochs, total, rows;   /* as in progress_train_begin */
    int64_t epoch, done, examples; /* as in progress_step */
    double seconds;                /* since the block began */
    double rate_seconds;           /* of them spent in steps of this epoch */
    int64_t epoch_first;           /* `done` when the epoch began, or at its last line */
    int64_t examples_first;        /* `examples` at the last line of this epoch */
} ProgressState;

/* `epoch  3/20`, or `step 1,200/5,000` where steps are counted. */
void text_position(Text *out, const ProgressState *state);
/* The line of an epoch that runs, at most `columns` wide, without line end. */
void text_running_line(Text *out, const ProgressState *state, int columns, int has_unicode);
/* The line of an epoch that has ended: position, figures, time.  What does not fit into `columns` (0: all does) goes on
 * lines of its own, two blanks in. */
void text_epoch_line(Text *out, const ProgressState *state, const Figure *figures, int count, double seconds,
                     int columns);
/* The final table: a row per name, a column for training, one for validation where there is any. */
void text_table(Text *out, const Figure *figures, int count);
/* The figures as members `"train":{...},"validation":{...}`. */
void text_json_figures(Text *out, const Figure *figures, int count);

#endif
