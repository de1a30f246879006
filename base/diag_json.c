/* Diagnostics as JSON lines, for editors and other programs. */
#include "base/diag.h"

static void json_place(Text *out, const SourceMap *sources, Span span) {
    Place begin = source_place(sources, span.begin), end = source_place(sources, span.end);
    if (!begin.source) {
        text_add(out, "\"file\":null");
        return;
    }
    text_add(out, "\"file\":");
    text_json_string(out, begin.source->name);
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
        text_json_string(out, diag->message);
        text_char(out, ',');
        json_place(out, sources, diag->span);
        text_add(out, ",\"label\":");
        text_json_string(out, diag->primary_label ? diag->primary_label : "");
        text_add(out, ",\"labels\":[");
        for (int i = 0; i < diag->labels.len; i++) {
            text_add(out, i ? ",{" : "{");
            json_place(out, sources, diag->labels.data[i].span);
            text_add(out, ",\"text\":");
            text_json_string(out, diag->labels.data[i].text);
            text_char(out, '}');
        }
        text_add(out, "],\"notes\":[");
        for (int i = 0; i < diag->notes.len; i++) {
            if (i) text_char(out, ',');
            text_json_string(out, diag->notes.data[i]);
        }
        text_add(out, "],\"fixes\":[");
        for (int i = 0; i < diag->fixes.len; i++) {
            text_add(out, i ? ",{\"text\":" : "{\"text\":");
            text_json_string(out, diag->fixes.data[i].text);
            if (diag->fixes.data[i].replacement) {
                text_add(out, ",");
                json_place(out, sources, diag->fixes.data[i].span);
                text_add(out, ",\"replacement\":");
                text_json_string(out, diag->fixes.data[i].replacement);
            }
            text_char(out, '}');
        }
        text_add(out, "]}\n");
    }
}
