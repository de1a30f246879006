/* Diagnostics are collected, never printed and never fatal where they arise; the driver renders them at
 * the end, sorted by place, without repeats.  A diagnostic is one mistake of the user, in the user's terms:
 *
 *     error[E0302]: the inner dimensions of `@` differ: Hid (128) against H (256)     message
 *       --> mlp.dlm:12:8                                                             span
 *     11 |     |> Dense[Hid]
 *        |              --- Hid = 128 enters here                                    label
 *     12 |     |> proj
 *        |        ^^^^ needs f32[.., H]                                              primary label
 *        = note: ...                                                                 note
 *        = fix: use a second instance: Dense[H]                                      fix
 *        = more: dlc explain E0302                                                   the first of its code
 */
#ifndef DLC_BASE_DIAG_H
#define DLC_BASE_DIAG_H

#include "base/source.h"
#include "base/text.h"
#include "base/vec.h"

/* One row each in diag.def: E(0302, INNER_DIMENSIONS, "the inner dimensions of a product differ"). */
typedef enum DiagCode {
#define E(number, id, title) E_##id,
#define W(number, id, title) W_##id,
#include "base/diag.def"
#undef E
#undef W
    DIAG_CODE_COUNT
} DiagCode;

typedef enum Severity { SEVERITY_ERROR, SEVERITY_WARNING } Severity;

typedef struct DiagLabel {
    Span span;
    const char *text; /* may be empty: the place is only underlined */
} DiagLabel;

typedef struct DiagFix {
    const char *text;
    Span span;               /* what the mechanical fix replaces; {0, 0} where there is only advice */
    const char *replacement; /* NULL where there is only advice */
} DiagFix;

typedef struct Diag {
    Severity severity;
    DiagCode code;
    Span span;
    const char *message;       /* one line, no full stop, no code */
    const char *primary_label; /* text under the carets; may be NULL */
    Vec(DiagLabel) labels;
    Vec(const char *) notes;
    Vec(DiagFix) fixes;
} Diag;

typedef struct Diags {
    Arena *arena;
    Vec(Diag *) list;
    int error_count, warning_count;
} Diags;

/* The diagnostic stays valid and may be added to until the arena is released.  Severity follows from the code
 * (E_ or W_). */
Diag *diag_add(Diags *diags, Span span, DiagCode code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void diag_primary(Diags *diags, Diag *diag, const char *format, ...) __attribute__((format(printf, 3, 4)));
void diag_label(Diags *diags, Diag *diag, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void diag_note(Diags *diags, Diag *diag, const char *format, ...) __attribute__((format(printf, 3, 4)));
void diag_fix(Diags *diags, Diag *diag, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A fix that `dlc check --fix` could apply: `span` becomes `replacement`. */
void diag_fix_edit(Diags *diags, Diag *diag, Span span, const char *replacement, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

const char *diag_code_text(DiagCode code); /* "E0302" */
/* What is wrong lies in a file or in data, not in the text of the program. */
int diag_is_outside(DiagCode code);
const char *diag_code_title(DiagCode code);
Severity diag_code_severity(DiagCode code);

/* Warnings become errors. */
void diags_make_strict(Diags *diags);

/* The first mechanical fix of a diagnostic; NULL where it has only advice, or none. */
const DiagFix *diag_edit(const Diag *diag);

typedef struct DiagEdits {
    int applied;
    int overlapping; /* left out: another edit touches the same text */
} DiagEdits;

/* Writes the source's text with the first mechanical fix of each diagnostic. */
DiagEdits diags_edited(const Diags *diags, const SourceMap *sources, const Source *source, Text *out);

/* The diagnostics in the order of their places, repeats dropped. */
const Diag **diags_sorted(const Diags *diags, const SourceMap *sources, int *count);

typedef struct DiagStyle {
    int colour; /* ANSI colours */
    int limit;  /* diagnostics shown; 0 = all */
    /* DIAG_CODE_COUNT flags, or NULL: the first diagnostic of each code names its page and sets the flag */
    unsigned char *explained;
} DiagStyle;

void diags_render(const Diags *diags, const SourceMap *sources, DiagStyle style, Text *out);
/* One JSON object per diagnostic and line: severity, code, message, file, line, column, labels, notes, fixes. */
void diags_render_json(const Diags *diags, const SourceMap *sources, Text *out);

#endif
