#include "lang/parse.h"
#include "lang/parse_state.h"
#include "lang/parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- reporting ------------------------------------------------------------------------------ */

static const char *formatted(Parse *p, const char *format, va_list args) {
    char text[400];
    vsnprintf(text, sizeof text, format, args);
    return arena_text(p->arena, text, strlen(text));
}

static Diag *report(Parse *p, Span span, DiagCode code, const char *message) {
    if (p->is_silent) return NULL;
    if (++p->error_count > PARSE_MAX_ERRORS) {
        p->is_silent = 1;
        return NULL;
    }
    return diag_add(&p->session->diags, span, code, "%s", message);
}

Diag *parse_error_at(Parse *p, Span span, uint32_t line, DiagCode code, const char *format, ...) {
    if (line < p->line_count && p->line_is_reported[line]) return NULL;
    if (line < p->line_count) p->line_is_reported[line] = 1;
    va_list args;
    va_start(args, format);
    const char *message = formatted(p, format, args);
    va_end(args);
    return report(p, span, code, message);
}

void parse_repaired(Parse *p, Span span, DiagCode code, const char *replacement, const char *format,
                    ...) {
    uint32_t line = parse_line(p, span.begin);
    if (line < p->line_count && p->line_is_reported[line]) return;
    va_list args;
    va_start(args, format);
    const char *message = formatted(p, format, args);
    va_end(args);
    Diag *diag = report(p, span, code, message);
    if (!diag || !replacement) return;
    if (*replacement)
        diag_fix_edit(&p->session->diags, diag, span, replacement, "write `%s`", replacement);
    else diag_fix_edit(&p->session->diags, diag, span, "", "remove it");
}

uint32_t parse_line(const Parse *p, uint32_t offset) {
    return (uint32_t)source_place(&p->session->sources, offset).line;
}

void parse_too_deep(Parse *p, Span span, const char *what) {
    if (p->is_too_deep) return;
    p->is_too_deep = 1;
    report(p, span, E_NESTING, arena_printf(p->arena, "%s are nested too deeply here", what));
    p->is_silent = 1;
}

int token_is(const Parse *p, const Token *token, const char *text) {
    if (p->text[token->begin] != text[0]) return 0; /* most are told apart here */
    size_t len = strlen(text);
    return token->end - token->begin == len && !memcmp(p->text + token->begin, text, len);
}

/* ---- the text itself ------------------------------------------------------------------------ */

/* Length of the UTF-8 sequence at `s`, 0 where there is none (overlong forms and surrogates are
 * none). */
static uint32_t utf8_length(const unsigned char *s, uint32_t left) {
    if (s[0] < 0x80) return 1;
    uint32_t len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || len > left) return 0;
    for (uint32_t i = 1; i < len; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return len;
}

static int is_text(Parse *p) {
    const unsigned char *s = (const unsigned char *)p->text;
    for (uint32_t i = 0, len; i < p->source->len; i += len) {
        len = utf8_length(s + i, p->source->len - i);
        if (len && s[i]) continue;
        Span span = parse_span(p, i, i + 1);
        report(p, span, E_FILE_NOT_TEXT,
               len ? arena_printf(p->arena, "the file is not text: a zero byte at offset %u", i)
                   : arena_printf(p->arena, "the file is not UTF-8 text: byte 0x%02x at offset %u",
                                  s[i], i));
        return 0;
    }
    return 1;
}

static int is_readable(Parse *p) {
    if (p->source->len > PARSE_MAX_BYTES) {
        report(p, parse_span(p, 0, 0), E_FILE_TOO_LARGE, "the file is too large: more than 16 MiB");
        return 0;
    }
    return is_text(p);
}

static void count_lines(Parse *p) {
    p->line_count = 2;
    for (const char *c = p->text; (c = strchr(c, '\n')); c++) p->line_count++;
    p->line_is_reported = arena_alloc(p->arena, p->line_count);
}

void parse_tokens(Parse *p) {
    lex_source(p);
    layout_brackets(p);
    layout_lines(p);
    layout_words(p);
}

Ast *lang_parse(Session *session, const Source *source) {
    Parse p = {
        .session = session, .arena = &session->arena, .source = source, .text = source->text};
    Ast *file = arena_new(p.arena, Ast);
    if (is_readable(&p)) {
        count_lines(&p);
        parse_tokens(&p);
        dl_parse(&p);
    }
    p.file.source = source;
    file->kind = AST_FILE;
    file->span = (Span){source->base, source->base + source->len};
    file->depth = AST_MAX_DEPTH + 1;
    file->doc = p.file_doc;
    file->file = p.file;
    return file;
}
