/* Diagnostics as a person reads them on a terminal. */
#include "base/diag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Renderer {
    const SourceMap *sources;
    DiagStyle style;
    Text *out;
} Renderer;

typedef struct Mark { /* one underlined stretch of one line */
    int line, column, len; /* bytes; len at least 1 */
    const char *text;
    int is_primary;
} Mark;

static void colour(Renderer *r, const char *code) {
    if (r->style.colour) text_printf(r->out, "\033[%sm", code);
}

static const char *severity_colour(const Diag *diag) {
    return diag->severity == SEVERITY_ERROR ? "1;31" : "1;33";
}

static int by_line(const void *a, const void *b) {
    const Mark *x = a, *y = b;
    if (x->line != y->line) return x->line - y->line;
    return x->column - y->column;
}

static Mark mark_of(const Renderer *r, Span span, const char *text, int is_primary) {
    Place begin = source_place(r->sources, span.begin);
    int line_len;
    source_line(begin.source, begin.line, &line_len);
    int len = (int)(span.end - span.begin), room = line_len - (begin.column - 1);
    if (len > room) len = room; /* a stretch over several lines is underlined on its first */
    return (Mark){begin.line, begin.column, len > 0 ? len : 1, text ? text : "", is_primary};
}

static void gutter(Renderer *r, int width, int line) {
    colour(r, "1;34");
    if (line) text_printf(r->out, "%*d |", width, line);
    else text_printf(r->out, "%*s |", width, "");
    colour(r, "0");
}

/* Bytes of the UTF-8 sequence at `text`; 0 where there is none, or a control character, that a terminal should
 * not get. */
static int sequence_bytes(const char *text, int len) {
    unsigned char c = (unsigned char)text[0];
    if (c < 0x20 || c == 0x7F) return 0;
    int bytes = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
    if (bytes > len) return 0;
    for (int i = 1; i < bytes; i++)
        if (((unsigned char)text[i] & 0xC0) != 0x80) return 0;
    return bytes;
}

/* Long lines are shown as the part around the mark, so that a megabyte on one line stays readable. */
enum { SHOWN_WIDTH = 160 };

/* The part of a source line that is shown, and the marks on it, by column. */
typedef struct MarkedLine {
    const char *text;
    int from, shown; /* bytes */
    const Mark *marks;
    int count, width; /* width: of the gutter */
    const Diag *diag;
} MarkedLine;

static int is_continuation(char c) { return ((unsigned char)c & 0xC0) == 0x80; }

static MarkedLine marked_line(const Diag *diag, const Source *source, const Mark *marks, int count, int width) {
    int len, at = marks[0].column - 1;
    MarkedLine line = {.marks = marks, .count = count, .width = width, .diag = diag};
    line.text = source_line(source, marks[0].line, &len);
    for (int i = 0; i < count; i++)
        if (marks[i].is_primary) at = marks[i].column - 1;
    line.from = at > SHOWN_WIDTH / 2 && len > SHOWN_WIDTH ? at - SHOWN_WIDTH / 2 : 0;
    while (line.from && is_continuation(line.text[line.from])) line.from--;
    line.shown = len - line.from > SHOWN_WIDTH ? SHOWN_WIDTH : len - line.from;
    while (line.shown && line.from + line.shown < len && is_continuation(line.text[line.from + line.shown]))
        line.shown--;
    return line;
}

static void show_source(Renderer *r, const char *text, int len) {
    if (len) text_char(r->out, ' ');
    int column = 0;
    for (int i = 0; i < len; i++) { /* tabs become blanks, so that marks line up */
        if (text[i] == '\t') {
            int pad = 4 - column % 4;
            for (int k = 0; k < pad; k++) text_char(r->out, ' ');
            column += pad;
        } else {
            int bytes = sequence_bytes(text + i, len - i);
            text_add_bytes(r->out, bytes ? text + i : "?", bytes ? (size_t)bytes : 1);
            i += bytes > 1 ? bytes - 1 : 0;
            column++;
        }
    }
    text_char(r->out, '\n');
}

/* Terminal columns of a mark within the shown part. */
static int mark_begin(const MarkedLine *line, const Mark *m) {
    int at = m->column - 1 - line->from;
    return text_width(line->text + line->from, at < 0 ? 0 : at > line->shown ? line->shown : at);
}

static int mark_end(const MarkedLine *line, const Mark *m) {
    int at = m->column - 1 - line->from + m->len, begin = mark_begin(line, m);
    int end = text_width(line->text + line->from, at < 0 ? 0 : at > line->shown ? line->shown : at);
    return end > begin ? end : begin + 1;
}

static const char *mark_colour(const MarkedLine *line, const Mark *m) {
    return m->is_primary ? severity_colour(line->diag) : "1;34";
}

/* Underlines: the shortest mark over a place is the one seen there. */
static void show_underlines(Renderer *r, const MarkedLine *line, int end) {
    gutter(r, line->width, 0);
    text_char(r->out, ' ');
    const Mark *before = NULL;
    for (int column = 0; column < end; column++) {
        const Mark *here = NULL;
        for (int i = 0; i < line->count; i++) {
            const Mark *m = &line->marks[i];
            if (column < mark_begin(line, m) || column >= mark_end(line, m)) continue;
            int is_shorter = !here || m->len < here->len || (m->len == here->len && m->is_primary);
            if (is_shorter) here = m;
        }
        if (here != before && before) colour(r, "0");
        if (here && here != before) colour(r, mark_colour(line, here));
        text_char(r->out, !here ? ' ' : here->is_primary ? '^' : '-');
        before = here;
    }
    if (before) colour(r, "0");
}

/* A bar below each of the first `count` marks that still has to say something. */
static int show_bars(Renderer *r, const MarkedLine *line, int count) {
    gutter(r, line->width, 0);
    text_char(r->out, ' ');
    int column = 0;
    for (int i = 0; i < count; i++) {
        int at = mark_begin(line, &line->marks[i]);
        if (!line->marks[i].text[0] || at < column) continue;
        text_printf(r->out, "%*s", at - column, "");
        colour(r, mark_colour(line, &line->marks[i]));
        text_char(r->out, '|');
        colour(r, "0");
        column = at + 1;
    }
    return column;
}

static void show_text(Renderer *r, const MarkedLine *line, const Mark *m) {
    colour(r, mark_colour(line, m));
    text_add(r->out, m->text);
    colour(r, "0");
    text_char(r->out, '\n');
}

/* The text of the last mark stands beside it, those of the others below, from right to left. */
static void show_marks(Renderer *r, const MarkedLine *line) {
    int end = 0, last = line->count - 1;
    for (int i = 0; i < line->count; i++)
        if (mark_end(line, &line->marks[i]) > end) end = mark_end(line, &line->marks[i]);
    show_underlines(r, line, end);
    if (mark_end(line, &line->marks[last]) == end && line->marks[last].text[0]) {
        text_char(r->out, ' ');
        show_text(r, line, &line->marks[last--]);
    } else {
        text_char(r->out, '\n');
    }
    int is_first = 1;
    for (int i = last; i >= 0; i--) {
        if (!line->marks[i].text[0]) continue;
        if (is_first) {
            show_bars(r, line, i + 1);
            text_char(r->out, '\n');
        }
        is_first = 0;
        int column = show_bars(r, line, i), at = mark_begin(line, &line->marks[i]);
        if (at < column) { /* its bar is that of the mark before it */
            text_printf(r->out, " ");
        } else text_printf(r->out, "%*s", at - column, "");
        show_text(r, line, &line->marks[i]);
    }
}

static int digits(int n) {
    int d = 1;
    while (n >= 10) n /= 10, d++;
    return d;
}

static void show_gap(Renderer *r, const Source *source, int before, int next, int width) {
    if (next == before + 2) { /* a single line between two marked ones is shown */
        int len;
        const char *text = source_line(source, before + 1, &len);
        gutter(r, width, before + 1);
        show_source(r, text, len > SHOWN_WIDTH ? 0 : len);
    } else if (next > before + 2) {
        text_printf(r->out, "%*s...\n", width, "");
    }
}

/* The labels in other files: one line each. */
static void show_other_files(Renderer *r, const Diag *diag, const Source *shown, int width) {
    for (int i = 0; i < diag->labels.len; i++) {
        DiagLabel label = diag->labels.data[i];
        Place place = source_place(r->sources, label.span.begin);
        if (!place.source || place.source == shown) continue;
        text_printf(r->out, "%*s ::: %s:%d:%d: %s\n", width - 1, "", place.source->name, place.line,
                    place.column, label.text);
    }
}

static void place_and_marks(Renderer *r, const Diag *diag) {
    Place at = source_place(r->sources, diag->span.begin);
    if (!at.source) return;
    int count = 0, widest = at.line;
    Mark *marks = arena_array(r->out->arena, Mark, diag->labels.len + 1);
    for (int i = 0; i < diag->labels.len; i++) {
        DiagLabel label = diag->labels.data[i];
        if (source_of(r->sources, label.span) == at.source)
            marks[count++] = mark_of(r, label.span, label.text, 0);
    }
    marks[count++] = mark_of(r, diag->span, diag->primary_label, 1);
    qsort(marks, (size_t)count, sizeof *marks, by_line);
    for (int i = 0; i < count; i++)
        if (marks[i].line > widest) widest = marks[i].line;
    int width = digits(widest);
    text_printf(r->out, "%*s", width, "");
    colour(r, "1;34");
    text_add(r->out, "--> ");
    colour(r, "0");
    text_printf(r->out, "%s:%d:%d\n", at.source->name, at.line, at.column);
    gutter(r, width, 0);
    text_char(r->out, '\n');
    for (int i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && marks[next].line == marks[i].line;) next++;
        if (i) show_gap(r, at.source, marks[i - 1].line, marks[i].line, width);
        MarkedLine line = marked_line(diag, at.source, marks + i, next - i, width);
        gutter(r, width, marks[i].line);
        show_source(r, line.text + line.from, line.shown);
        show_marks(r, &line);
    }
    show_other_files(r, diag, at.source, width);
}

static void render_one(Renderer *r, const Diag *diag) {
    colour(r, severity_colour(diag));
    text_printf(r->out, "%s[%s]", diag->severity == SEVERITY_ERROR ? "error" : "warning",
                diag_code_text(diag->code));
    colour(r, "0");
    colour(r, "1");
    text_printf(r->out, ": %s\n", diag->message);
    colour(r, "0");
    place_and_marks(r, diag);
    for (int i = 0; i < diag->notes.len; i++) text_printf(r->out, "   = note: %s\n", diag->notes.data[i]);
    for (int i = 0; i < diag->fixes.len; i++)
        text_printf(r->out, "   = fix: %s\n", diag->fixes.data[i].text);
    if (!r->style.explained || r->style.explained[diag->code]) return;
    r->style.explained[diag->code] = 1;
    text_printf(r->out, "   = more: dlc explain %s\n", diag_code_text(diag->code));
}

void diags_render(const Diags *diags, const SourceMap *sources, DiagStyle style, Text *out) {
    Renderer r = {sources, style, out};
    int count;
    const Diag **sorted = diags_sorted(diags, sources, &count);
    int shown = style.limit && count > style.limit ? style.limit : count;
    for (int i = 0; i < shown; i++) {
        if (i) text_char(out, '\n');
        render_one(&r, sorted[i]);
    }
    if (shown < count) text_printf(out, "\n... and %d more\n", count - shown);
}
