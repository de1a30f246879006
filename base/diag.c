#include "base/diag.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *text, *title;
    Severity severity;
} info[DIAG_CODE_COUNT] = {
#define E(number, id, title) [E_##id] = {"E" #number, title, SEVERITY_ERROR},
#define W(number, id, title) [W_##id] = {"W" #number, title, SEVERITY_WARNING},
#include "base/diag.def"
#undef E
#undef W
};

const char *diag_code_text(DiagCode code) { return info[code].text; }

int diag_is_outside(DiagCode code) {
    switch ((int)code) {
    case E_FILE_MISSING: case E_FILE_NOT_TEXT: case E_FILE_TOO_LARGE: case E_FILE_NOT_WRITTEN:
    case E_DATA_SOURCE: case E_DATA_TYPE: case E_DATA_INDEX: case E_DATA_ROWS: case E_DATA_FILE:
    case E_DATA_DAMAGED: case E_WEIGHTS_FILE: case E_NO_CHARACTER: case E_RECORDS: case E_SIZES_DIFFER:
        return 1;
    default: return 0;
    }
}
const char *diag_code_title(DiagCode code) { return info[code].title; }
Severity diag_code_severity(DiagCode code) { return info[code].severity; }

static const char *format_text(Arena *arena, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    assert(len >= 0);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

#define FORMATTED(text)                                                                            \
    va_list args;                                                                                  \
    va_start(args, format);                                                                        \
    const char *text = format_text(diags->arena, format, args);                                    \
    va_end(args)

Diag *diag_add(Diags *diags, Span span, DiagCode code, const char *format, ...) {
    FORMATTED(message);
    Diag *diag = arena_new(diags->arena, Diag);
    *diag = (Diag){.severity = diag_code_severity(code), .code = code, .span = span, .message = message};
    vec_push(diags->arena, &diags->list, diag);
    if (diag->severity == SEVERITY_ERROR) diags->error_count++;
    else diags->warning_count++;
    return diag;
}

void diag_primary(Diags *diags, Diag *diag, const char *format, ...) {
    FORMATTED(text);
    diag->primary_label = text;
}

void diag_label(Diags *diags, Diag *diag, Span span, const char *format, ...) {
    FORMATTED(text);
    vec_push(diags->arena, &diag->labels, ((DiagLabel){span, text}));
}

void diag_note(Diags *diags, Diag *diag, const char *format, ...) {
    FORMATTED(text);
    vec_push(diags->arena, &diag->notes, text);
}

void diag_fix(Diags *diags, Diag *diag, const char *format, ...) {
    FORMATTED(text);
    vec_push(diags->arena, &diag->fixes, ((DiagFix){.text = text}));
}

void diag_fix_edit(Diags *diags, Diag *diag, Span span, const char *replacement, const char *format, ...) {
    FORMATTED(text);
    const char *kept = arena_text(diags->arena, replacement, strlen(replacement));
    vec_push(diags->arena, &diag->fixes, ((DiagFix){text, span, kept}));
}

void diags_make_strict(Diags *diags) {
    for (int i = 0; i < diags->list.len; i++) diags->list.data[i]->severity = SEVERITY_ERROR;
    diags->error_count += diags->warning_count;
    diags->warning_count = 0;
}

static int by_place(const void *a, const void *b) {
    const Diag *x = *(const Diag *const *)a, *y = *(const Diag *const *)b;
    if (x->span.begin != y->span.begin) return x->span.begin < y->span.begin ? -1 : 1;
    if (x->code != y->code) return x->code < y->code ? -1 : 1;
    return strcmp(x->message, y->message);
}

const Diag **diags_sorted(const Diags *diags, const SourceMap *sources, int *count) {
    (void)sources; /* files are numbered in the order of loading, which is the order of their offsets */
    const Diag **sorted = arena_array(diags->arena, const Diag *, diags->list.len);
    for (int i = 0; i < diags->list.len; i++) sorted[i] = diags->list.data[i];
    qsort(sorted, (size_t)diags->list.len, sizeof *sorted, by_place);
    int kept = 0;
    for (int i = 0; i < diags->list.len; i++)
        if (!kept || by_place(&sorted[kept - 1], &sorted[i])) sorted[kept++] = sorted[i];
    *count = kept;
    return sorted;
}
