/* The mechanical fixes of diagnostics, applied to the text that they are about. */
#include "base/diag.h"

#include <stdlib.h>

static int by_begin(const void *a, const void *b) {
    const DiagFix *x = *(const DiagFix *const *)a, *y = *(const DiagFix *const *)b;
    if (x->span.begin != y->span.begin) return x->span.begin < y->span.begin ? -1 : 1;
    return x->span.end < y->span.end ? -1 : x->span.end > y->span.end;
}

const DiagFix *diag_edit(const Diag *diag) {
    for (int i = 0; i < diag->fixes.len; i++)
        if (diag->fixes.data[i].replacement) return &diag->fixes.data[i];
    return NULL;
}

static int overlaps(const DiagFix *before, const DiagFix *fix) {
    return before && (fix->span.begin < before->span.end || fix->span.begin == before->span.begin);
}

static int is_same_edit(const DiagFix *a, const DiagFix *b) {
    if (a->span.begin != b->span.begin || a->span.end != b->span.end) return 0;
    for (const char *x = a->replacement, *y = b->replacement;; x++, y++) {
        if (*x != *y) return 0;
        if (!*x) return 1;
    }
}

DiagEdits diags_edited(const Diags *diags, const SourceMap *sources, const Source *source, Text *out) {
    const DiagFix **fixes = arena_array(diags->arena, const DiagFix *, diags->list.len);
    int count = 0;
    DiagEdits done = {0, 0};
    for (int i = 0; i < diags->list.len; i++) {
        const DiagFix *fix = diag_edit(diags->list.data[i]);
        if (fix && source_of(sources, fix->span) == source) fixes[count++] = fix;
    }
    qsort(fixes, (size_t)count, sizeof *fixes, by_begin);
    uint32_t at = 0;
    const DiagFix *before = NULL;
    for (int i = 0; i < count; i++) {
        if (overlaps(before, fixes[i])) {
            done.overlapping += !is_same_edit(before, fixes[i]);
            continue;
        }
        before = fixes[i];
        uint32_t begin = before->span.begin - source->base;
        text_add_bytes(out, source->text + at, begin - at);
        text_add(out, before->replacement);
        at = before->span.end - source->base;
        done.applied++;
    }
    text_add_bytes(out, source->text + at, source->len - at);
    return done;
}
