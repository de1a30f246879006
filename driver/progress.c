#include "driver/progress.h"

#include "driver/progress_text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct Progress {
    ProgressOptions options;
    Arena arena; /* of the line being made; emptied after it */
    ProgressState state;
    double began;       /* the train block */
    double epoch_began;
    double shown;       /* when the running line was last drawn */
    int has_line;       /* a running line stands on the terminal */
    int tests, failed_tests;
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

Progress *progress_new(const ProgressOptions *options) {
    Progress *progress = calloc(1, sizeof *progress);
    if (!progress) {
        fprintf(stderr, "dlc: out of memory\n");
        exit(4);
    }
    progress->options = *options;
    if (!progress->options.columns) progress->options.columns = 80;
    if (!progress->options.out) progress->options.out = stdout;
    if (!progress->options.err) progress->options.err = stderr;
    return progress;
}

static void clear_line(Progress *p) {
    if (!p->has_line) return;
    fputs("\r\033[K", p->options.err);
    p->has_line = 0;
}

int progress_free(Progress *p) {
    if (p->has_line) fputs("\n", p->options.err); /* what was shown last stays readable */
    fflush(p->options.err);
    int result = fflush(p->options.out) || ferror(p->options.out) ? -1 : 0;
    arena_release(&p->arena);
    free(p);
    return result;
}

static int is_shown(const Progress *p) {
    return p->options.mode == PROGRESS_TERMINAL || p->options.mode == PROGRESS_LINES;
}

/* Takes the text and empties the arena it is on.  stdout goes first, so that both keep their order. */
static void show(Progress *p, Text *text, FILE *to) {
    clear_line(p);
    if (to == p->options.err) fflush(p->options.out);
    fwrite(text_str(text), 1, text->len, to);
    fflush(to);
    arena_release(&p->arena);
}

void progress_train_begin(Progress *p, int64_t epochs, int64_t total, int64_t rows) {
    p->state = (ProgressState){.epochs = epochs, .total = total, .rows = rows, .epoch = 1};
    p->began = p->epoch_began = now();
    p->shown = 0; /* the first step draws at once */
    if (p->options.mode != PROGRESS_JSON) return;
    Text text = text_new(&p->arena);
    text_printf(&text, "{\"event\":\"train\",\"epochs\":%lld,\"steps\":%lld,\"examples\":%lld}\n",
                (long long)epochs, (long long)total, (long long)rows);
    show(p, &text, p->options.out);
}

void progress_step(Progress *p, int64_t epoch, int64_t done, int64_t examples) {
    if (epoch != p->state.epoch) p->state.examples_first = 0;
    p->state.epoch = epoch;
    p->state.done = done;
    p->state.examples = examples;
    if (p->options.mode != PROGRESS_TERMINAL) return;
    double time = now();
    if (time - p->shown < 0.1) return;
    p->shown = time;
    p->state.seconds = time - p->began;
    p->state.rate_seconds = time - p->epoch_began;
    Text text = text_new(&p->arena);
    text_add(&text, "\r");
    text_running_line(&text, &p->state, p->options.columns, p->options.has_unicode);
    text_add(&text, "\033[K");
    fflush(p->options.out);
    fwrite(text_str(&text), 1, text.len, p->options.err);
    fflush(p->options.err);
    p->has_line = 1;
    arena_release(&p->arena);
}

void progress_epoch(Progress *p, int64_t epoch, int64_t done, const Figure *figures, int count) {
    double time = now();
    p->state.epoch = epoch;
    p->state.done = done;
    p->state.seconds = time - p->began;
    Text text = text_new(&p->arena);
    if (p->options.mode == PROGRESS_JSON) {
        text_printf(&text, "{\"event\":\"epoch\",\"epoch\":%lld,\"steps\":%lld,\"seconds\":", (long long)epoch,
                    (long long)done);
        text_json_number(&text, p->state.seconds);
        if (count) text_char(&text, ',');
        text_json_figures(&text, figures, count);
        text_add(&text, "}\n");
        show(p, &text, p->options.out);
    } else if (is_shown(p)) {
        int columns = p->options.mode == PROGRESS_TERMINAL ? p->options.columns : 0;
        text_epoch_line(&text, &p->state, figures, count, time - p->epoch_began, columns);
        text_char(&text, '\n');
        show(p, &text, p->options.err);
    }
    p->epoch_began = time;
    p->state.epoch_first = done;
    p->state.examples_first = p->state.examples;
}

void progress_train_end(Progress *p, const Figure *figures, int count, double compile_seconds,
                        int was_interrupted) {
    double seconds = now() - p->began;
    Text text = text_new(&p->arena);
    if (p->options.mode == PROGRESS_JSON) {
        text_printf(&text, "{\"event\":\"%s\",\"steps\":%lld,\"seconds\":",
                    was_interrupted ? "interrupted" : "trained", (long long)p->state.done);
        text_json_number(&text, seconds);
        text_add(&text, ",\"compile_seconds\":");
        text_json_number(&text, compile_seconds);
        if (count) text_char(&text, ',');
        text_json_figures(&text, figures, count);
        text_add(&text, "}\n");
        show(p, &text, p->options.out);
    } else if (is_shown(p)) {
        text_add(&text, was_interrupted ? "interrupted after " : "");
        text_count(&text, p->state.done);
        text_add(&text, p->state.done == 1 ? " step in " : " steps in ");
        text_duration(&text, seconds);
        if (compile_seconds > 0) {
            text_add(&text, ", compiling took ");
            text_duration(&text, compile_seconds);
        }
        text_char(&text, '\n');
        if (count) text_table(&text, figures, count);
        show(p, &text, p->options.err);
    }
}

void progress_best(Progress *p, const ProgressBest *best) {
    Text text = text_new(&p->arena);
    if (p->options.mode == PROGRESS_JSON) {
        text_add(&text, "{\"event\":\"best\",\"report\":");
        text_json_string(&text, best->name);
        text_add(&text, ",\"value\":");
        text_json_number(&text, best->value);
        text_printf(&text, ",\"epoch\":%lld,\"steps\":%lld,\"stopped\":%s}\n", (long long)best->epoch,
                    (long long)best->step, best->was_stopped ? "true" : "false");
        show(p, &text, p->options.out);
    } else if (is_shown(p)) {
        text_printf(&text, "best %s ", best->name);
        text_figure(&text, best->value);
        text_add(&text, best->epoch ? " of epoch " : " of step ");
        text_count(&text, best->epoch ? best->epoch : best->step);
        text_add(&text, best->was_stopped ? ", nothing better since: its weights are kept\n" : ": its weights are kept\n");
        show(p, &text, p->options.err);
    }
}

void progress_print(Progress *p, const char *string) {
    if (p->options.mode != PROGRESS_JSON) {
        clear_line(p);
        if (p->options.mode == PROGRESS_TERMINAL) fflush(p->options.err);
        fputs(string, p->options.out);
        if (p->options.mode == PROGRESS_TERMINAL) fflush(p->options.out);
        return;
    }
    Text text = text_new(&p->arena);
    text_add(&text, "{\"event\":\"print\",\"text\":");
    text_json_string(&text, string);
    text_add(&text, "}\n");
    show(p, &text, p->options.out);
}

void progress_test(Progress *p, const char *name, int has_passed) {
    p->tests++;
    p->failed_tests += !has_passed;
    Text text = text_new(&p->arena);
    if (p->options.mode == PROGRESS_JSON) {
        text_add(&text, "{\"event\":\"test\",\"name\":");
        text_json_string(&text, name);
        text_printf(&text, ",\"passed\":%s}\n", has_passed ? "true" : "false");
    } else if (p->options.mode != PROGRESS_QUIET || !has_passed) {
        const char *colour = !p->options.has_colour ? "" : has_passed ? "\033[32m" : "\033[31m";
        text_printf(&text, "%s%s%s  %s\n", colour, has_passed ? "passed" : "FAILED",
                    p->options.has_colour ? "\033[0m" : "", name);
    }
    show(p, &text, p->options.out);
}

int progress_failed_tests(const Progress *p) { return p->failed_tests; }
