/* Arrays as a person reads them.
 *
 * An array of rank n is nested brackets.  What fits one line of 80 columns stands on one line; else the last axis
 * is a line, the elements right-aligned in columns, and an empty line parts blocks of higher rank.  Above 1,000
 * elements only the first and last three of each long axis are shown. */
#include "runtime/array.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_WHOLE = 1000, EDGE = 3, LINE_COLUMNS = 80, NUMBER_BYTES = 400 };

typedef struct Writer {
    const Array *array;
    int decimals;
    int is_abbreviated;
    int width;     /* elements are padded to it; 0: not at all */
    int has_lines; /* one line per row of the last axis */
    char *text;
    size_t len, cap;
} Writer;

static void add_bytes(Writer *w, const char *bytes, size_t len) {
    if (w->len + len + 1 > w->cap) {
        size_t cap = w->cap * 2 + len + 64;
        char *text = realloc(w->text, cap);
        if (!text) {
            fprintf(stderr, "dlc: out of memory\n");
            exit(4);
        }
        w->text = text;
        w->cap = cap;
    }
    memcpy(w->text + w->len, bytes, len);
    w->len += len;
    w->text[w->len] = 0;
}

static void add(Writer *w, const char *string) { add_bytes(w, string, strlen(string)); }

static int format_float(char *text, double value, int decimals) {
    if (isnan(value)) return snprintf(text, NUMBER_BYTES, "nan");
    if (isinf(value)) return snprintf(text, NUMBER_BYTES, value < 0 ? "-inf" : "inf");
    if (decimals >= 0) return snprintf(text, NUMBER_BYTES, "%.*f", decimals > 60 ? 60 : decimals, value);
    return snprintf(text, NUMBER_BYTES, "%.6g", value);
}

static int format_element(const Writer *w, char *text, int64_t i) {
    const Array *a = w->array;
    if (dtype_is_float(a->dtype)) return format_float(text, array_number(a, i), w->decimals);
    if (a->dtype == DT_BOOL) return snprintf(text, NUMBER_BYTES, array_integer(a, i) ? "true" : "false");
    if (a->dtype == DT_U64)
        return snprintf(text, NUMBER_BYTES, "%" PRIu64, ((const uint64_t *)a->data)[i]);
    return snprintf(text, NUMBER_BYTES, "%" PRId64, array_integer(a, i));
}

static int skips(const Writer *w, int axis, int64_t i) {
    int64_t extent = w->array->extents[axis];
    return w->is_abbreviated && extent > 2 * EDGE && i >= EDGE && i < extent - EDGE;
}

static void separate(Writer *w, int axis) {
    int below = w->array->rank - 1 - axis;
    if (!w->has_lines || !below) {
        add(w, ", ");
        return;
    }
    add(w, ",");
    for (int i = 0; i < below; i++) add(w, "\n");
    for (int i = 0; i <= axis; i++) add(w, " ");
}

static void write_axis(Writer *w, int axis, int64_t first) {
    const Array *a = w->array;
    if (axis == a->rank) {
        char number[NUMBER_BYTES];
        int len = format_element(w, number, first);
        for (; len < w->width; len++) add(w, " ");
        add(w, number);
        return;
    }
    int64_t stride = 1;
    for (int i = axis + 1; i < a->rank; i++) stride *= a->extents[i];
    add(w, "[");
    for (int64_t i = 0; i < a->extents[axis]; i++) {
        if (i) separate(w, axis);
        if (skips(w, axis, i)) {
            add(w, "...");
            i = a->extents[axis] - EDGE - 1;
        } else {
            write_axis(w, axis + 1, first + i * stride);
        }
    }
    add(w, "]");
}

/* The widest element among those shown. */
static int widest(const Writer *w, int axis, int64_t first) {
    const Array *a = w->array;
    char number[NUMBER_BYTES];
    if (axis == a->rank) return format_element(w, number, first);
    int64_t stride = 1;
    for (int i = axis + 1; i < a->rank; i++) stride *= a->extents[i];
    int width = 0;
    for (int64_t i = 0; i < a->extents[axis]; i++) {
        if (skips(w, axis, i)) continue;
        int here = widest(w, axis + 1, first + i * stride);
        if (here > width) width = here;
    }
    return width;
}

char *array_text(const Array *array, int decimals) {
    Writer w = {.array = array, .decimals = decimals, .is_abbreviated = array->count > SHOWN_WHOLE};
    write_axis(&w, 0, 0);
    if (array->rank < 2 || w.len <= LINE_COLUMNS) return w.text;
    w.len = 0;
    w.has_lines = 1;
    w.width = widest(&w, 0, 0);
    write_axis(&w, 0, 0);
    return w.text;
}

void array_text_free(char *text) { free(text); }
