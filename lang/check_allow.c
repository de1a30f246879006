/* `# allow W0209: reason`: a comment that silences warnings of one line, its own or, where it stands alone, the
 * next one with code.  Works on the warnings that all other checks have given. */
#include "lang/check_program.h"

#include <ctype.h>
#include <string.h>

typedef struct Allow {
    Span code;  /* of W0209 in the comment */
    int line;   /* whose warnings it silences */
    int is_used;
} Allow;

typedef struct Allows {
    const Source *source;
    Vec(Allow) list;
} Allows;

static int is_code(const char *text, const char *end) {
    if (end - text < 5 || (text[0] != 'W' && text[0] != 'E')) return 0;
    for (int i = 1; i < 5; i++)
        if (!isdigit((unsigned char)text[i])) return 0;
    return end - text == 5 || !isalnum((unsigned char)text[5]);
}

static const char *skip_blanks(const char *text, const char *end) {
    while (text < end && (*text == ' ' || *text == '\t')) text++;
    return text;
}

/* The first line behind an own-line comment that is neither blank nor such a comment. */
static int line_below(const Checker *cx, const AstFile *file, const AstComment *comment) {
    int line = (int)comment->line + 1, len;
    source_place(&cx->session->sources, comment->span.begin); /* counts the lines */
    for (const AstComment *next = comment + 1;; line++) {
        while (next < file->comments.data + file->comments.len && (int)next->line < line) next++;
        int is_comment = next < file->comments.data + file->comments.len && (int)next->line == line &&
                         next->is_own_line;
        if (is_comment) continue;
        if (line > file->source->line_count) return line;
        const char *text = source_line(file->source, line, &len);
        if (skip_blanks(text, text + len) < text + len) return line;
    }
}

static void read_allow(Checker *cx, const AstFile *file, const AstComment *comment, Allows *allows) {
    const Source *source = file->source;
    const char *text = source->text + (comment->span.begin - source->base);
    const char *end = source->text + (comment->span.end - source->base);
    text = skip_blanks(text + 1, end);
    if (comment->is_doc || end - text < 6 || strncmp(text, "allow ", 6) != 0) return;
    text = skip_blanks(text + 6, end);
    if (!is_code(text, end)) return; /* an ordinary comment that begins with this word */
    int line = comment->is_own_line ? line_below(cx, file, comment) : (int)comment->line;
    while (is_code(text, end)) {
        uint32_t begin = source->base + (uint32_t)(text - source->text);
        vec_push(cx->arena, &allows->list, ((Allow){{begin, begin + 5}, line, 0}));
        text = skip_blanks(text + 5, end);
        if (text < end && *text == ',') text = skip_blanks(text + 1, end);
    }
    if (text < end && *text == ':' && skip_blanks(text + 1, end) < end) return;
    Diag *diag = check_error(cx, comment->span, W_ALLOW_REASON, "this `allow` gives no reason");
    check_fix(cx, diag, "say why it is right here: `# allow %.5s: ...`",
              source->text + (allows->list.data[allows->list.len - 1].code.begin - source->base));
}

/* The `allow` that silences a diagnostic, or NULL. */
static Allow *allow_of(Checker *cx, Allows *allows, const Diag *diag) {
    Place place = source_place(&cx->session->sources, diag->span.begin);
    if (diag->severity != SEVERITY_WARNING || place.source != allows->source) return NULL;
    for (int i = 0; i < allows->list.len; i++) {
        Allow *allow = &allows->list.data[i];
        const char *code = place.source->text + (allow->code.begin - place.source->base);
        if (allow->line == place.line && !strncmp(code, diag_code_text(diag->code), 5)) return allow;
    }
    return NULL;
}

static void silence(Checker *cx, Allows *allows) {
    Diags *diags = &cx->session->diags;
    int kept = 0;
    for (int i = 0; i < diags->list.len; i++) {
        Allow *allow = allow_of(cx, allows, diags->list.data[i]);
        if (!allow) {
            diags->list.data[kept++] = diags->list.data[i];
            continue;
        }
        allow->is_used = 1;
        diags->warning_count--;
    }
    diags->list.len = kept;
}

void check_allowed(Checker *cx, const AstFile *file) {
    Allows allows = {.source = file->source};
    for (int i = 0; i < file->comments.len; i++) read_allow(cx, file, &file->comments.data[i], &allows);
    silence(cx, &allows);
    for (int i = 0; i < allows.list.len; i++) {
        const Allow *allow = &allows.list.data[i];
        const char *code = file->source->text + (allow->code.begin - file->source->base);
        /* where there are errors, not all warnings were looked for */
        if (allow->is_used || (*code == 'W' && cx->session->diags.error_count)) continue;
        if (*code == 'E')
            check_error(cx, allow->code, W_ALLOW_NOTHING, "%.5s is an error: only warnings can be allowed", code);
        else
            check_error(cx, allow->code, W_ALLOW_NOTHING, "line %d has no warning %.5s to allow", allow->line, code);
    }
}
