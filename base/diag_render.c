/* Diagnostics as a person reads them on a terminal, and as JSON lines for editors. */
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

static void source_and_mark(Renderer *r, const Diag *diag, const Source *source, const Mark *m, int width,
                            int show_line) {
    int len;
    const char *line = source_line(source, m->line, &len);
    int from = m->column - 1 > SHOWN_WIDTH / 2 && len > SHOWN_WIDTH ? m->column - 1 - SHOWN_WIDTH / 2 : 0;
    while (from && ((unsigned char)line[from] & 0xC0) == 0x80) from--;
    int shown = len - from > SHOWN_WIDTH ? SHOWN_WIDTH : len - from;
    while (shown && from + shown < len && ((unsigned char)line[from + shown] & 0xC0) == 0x80) shown--;
    if (show_line) {
        gutter(r, width, m->line);
        text_char(r->out, ' ');
        int column = 0;
        for (int i = from; i < from + shown; i++) { /* tabs become blanks, so that marks line up */
            if (line[i] == '\t') {
                int pad = 4 - column % 4;
                for (int k = 0; k < pad; k++) text_char(r->out, ' ');
                column += pad;
            } else {
                int bytes = sequence_bytes(line + i, from + shown - i);
                text_add_bytes(r->out, bytes ? line + i : "?", bytes ? (size_t)bytes : 1);
                i += bytes > 1 ? bytes - 1 : 0;
                column++;
            }
        }
        text_char(r->out, '\n');
    }
    gutter(r, width, 0);
    int left = text_width(line + from, m->column - 1 - from);
    int right = m->len;
    if (m->column - 1 - from + right > shown) right = shown - (m->column - 1 - from);
    int wide = right > 0 ? text_width(line + m->column - 1, right) : 1;
    text_printf(r->out, "%*s", left + 1, "");
    colour(r, m->is_primary ? severity_colour(diag) : "1;34");
    for (int i = 0; i < (wide > 0 ? wide : 1); i++) text_char(r->out, m->is_primary ? '^' : '-');
    if (m->text[0]) text_printf(r->out, " %s", m->text);
    colour(r, "0");
    text_char(r->out, '\n');
}

static int digits(int n) {
    int d = 1;
    while (n >= 10) n /= 10, d++;
    return d;
}

static void place_and_marks(Renderer *r, const Diag *diag) {
    Place at = source_place(r->sources, diag->span.begin);
    if (!at.source) return;
    int count = 0, other = 0, widest = at.line;
    Mark *marks = arena_array(r->out->arena, Mark, diag->labels.len + 1);
    for (int i = 0; i < diag->labels.len; i++) {
        DiagLabel label = diag->labels.data[i];
        if (source_of(r->sources, label.span) == at.source)
            marks[count++] = mark_of(r, label.span, label.text, 0);
        else other++;
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
    for (int i = 0; i < count; i++) {
        if (i && marks[i].line > marks[i - 1].line + 1) text_printf(r->out, "%*s...\n", width, "");
        source_and_mark(r, diag, at.source, &marks[i], width, !i || marks[i].line != marks[i - 1].line);
    }
    for (int i = 0; other && i < diag->labels.len; i++) {
        DiagLabel label = diag->labels.data[i];
        Place place = source_place(r->sources, label.span.begin);
        if (!place.source || place.source == at.source) continue;
        text_printf(r->out, "%*s ::: %s:%d:%d: %s\n", width - 1, "", place.source->name, place.line,
                    place.column, label.text);
    }
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

static void json_string(Text *out, const char *s) {
    text_char(out, '"');
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') text_printf(out, "\\%c", c);
        else if (c == '\n') text_add(out, "\\n");
        else if (c < 0x20) text_printf(out, "\\u%04x", c);
        else text_char(out, (char)c);
    }
    text_char(out, '"');
}

static void json_place(Text *out, const SourceMap *sources, Span span) {
    Place begin = source_place(sources, span.begin), end = source_place(sources, span.end);
    if (!begin.source) {
        text_add(out, "\"file\":null");
        return;
    }
    text_add(out, "\"file\":");
    json_string(out, begin.source->name);
    text_printf(out, ",\"line\":%d,\"column\":%d,\"end_line\":%d,\"end_column\":%d", begin.line, begin.column,
                end.line, end.column);
}

void diags_render_json(const Diags *diags, const SourceMap *sources, Text *out) {
    int count;
    const Diag **sorted = diags_sorted(diags, sources, &count);
    for (int k = 0; k < count; k++) {
        const Diag *diag = sorted[k];
        text_printf(out, "{\"severity\":\"%s\",\"code\":\"%s\",\"message\":",
                    diag->severity == SEVERITY_ERROR ? "error" : "warning", diag_code_text(diag->code));
        json_string(out, diag->message);
        text_char(out, ',');
        json_place(out, sources, diag->span);
        text_add(out, ",\"label\":");
        json_string(out, diag->primary_label ? diag->primary_label : "");
        text_add(out, ",\"labels\":[");
        for (int i = 0; i < diag->labels.len; i++) {
            text_add(out, i ? ",{" : "{");
            json_place(out, sources, diag->labels.data[i].span);
            text_add(out, ",\"text\":");
            json_string(out, diag->labels.data[i].text);
            text_char(out, '}');
        }
        text_add(out, "],\"notes\":[");
        for (int i = 0; i < diag->notes.len; i++) {
            if (i) text_char(out, ',');
            json_string(out, diag->notes.data[i]);
        }
        text_add(out, "],\"fixes\":[");
        for (int i = 0; i < diag->fixes.len; i++) {
            text_add(out, i ? ",{\"text\":" : "{\"text\":");
            json_string(out, diag->fixes.data[i].text);
            if (diag->fixes.data[i].replacement) {
                text_add(out, ",");
                json_place(out, sources, diag->fixes.data[i].span);
                text_add(out, ",\"replacement\":");
                json_string(out, diag->fixes.data[i].replacement);
            }
            text_char(out, '}');
        }
        text_add(out, "]}\n");
    }
}
