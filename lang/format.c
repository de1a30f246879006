/* The formatter: tokens and comments to lines, lines to text.
 *
 * It works on tokens, not on the tree: what has to be kept is what the author laid out (which line
 * holds what, `2*x` or `2 * x`), and the tree forgets that.  Lines are made first, each with its
 * indentation and code; then neighbouring lines are aligned; then they are written.
 *
 * Settled here: two blanks for each block, two more for what continues a statement; one blank
 * around binary operators, but none around `**` and `..`, and around `*` `/` `//` `%` `@` as the
 * author has it; `{` ends its line unless the whole block stands on it; types and `~` or `from` of
 * neighbouring weights and fields stand in columns; comments at line ends stay in the author's
 * column when they shared one. */
#include "lang/format.h"
#include "lang/parse.h"
#include "lang/parse_state.h"
#include "lang/parser.h"

#include <string.h>

typedef enum Alignment { ALIGN_NONE, ALIGN_WEIGHT, ALIGN_SOURCE } Alignment;

typedef struct Line {
    int indent;
    const char *code;    /* without indentation; "" where there is only a comment */
    const char *comment; /* NULL where there is none */
    int blank_before;
    uint32_t column; /* in the source: of the first token */
    uint32_t comment_column;
    Alignment alignment;
    int type_at, value_at; /* index into code: behind `name:`, and of `~` or `from`; 0: none */
    uint32_t value_column; /* in the source, of `~` or `from` */
    int value_gap;         /* blanks before it in the source */
} Line;

typedef struct Frame {
    int kind;     /* '(' '[' '{' TOK_STRING_START */
    int content;  /* indentation of what stands in it */
    int has_type; /* '(' '[': a `:` was seen in the present item */
} Frame;

typedef struct Format {
    Parse *p;
    Vec(Frame) frames;
    Vec(Line) lines;
    uint8_t *breaks;   /* by token: it begins a line of the output */
    uint8_t *is_multi; /* by token, '{': its block takes several lines */
    int next_comment;
    uint32_t last_line; /* in the source: of what was read last */
    Text code;
    Line line;
    int has_line;
} Format;

static const Token *token_at(const Format *f, int i) { return &f->p->tokens.data[i]; }

static const AstComment *pending_comment(const Format *f, uint32_t before) {
    if (f->next_comment >= f->p->file.comments.len) return NULL;
    const AstComment *comment = &f->p->file.comments.data[f->next_comment];
    return comment->span.begin - f->p->source->base < before ? comment : NULL;
}

/* ---- where lines break ---------------------------------------------------------------------- */

static int comment_between(const Parse *p, uint32_t begin, uint32_t end) {
    int lo = 0, hi = p->file.comments.len;
    while (lo < hi) {
        int middle = (lo + hi) / 2;
        if (p->file.comments.data[middle].span.begin - p->source->base < begin) lo = middle + 1;
        else hi = middle;
    }
    return lo < p->file.comments.len &&
           p->file.comments.data[lo].span.begin - p->source->base < end;
}

static void find_breaks(Format *f) {
    Parse *p = f->p;
    Vec(int) open = {0};
    f->breaks = arena_alloc(p->arena, (size_t)p->tokens.len);
    f->is_multi = arena_alloc(p->arena, (size_t)p->tokens.len);
    for (int i = 0; i < p->tokens.len; i++) {
        const Token *token = token_at(f, i), *last = i ? token - 1 : NULL;
        int ends_line = last && last->kind == TOK_SEMI && last->is_made;
        f->breaks[i] = (token->starts_line || ends_line) && token->kind != TOK_SEMI;
        int joins = token->kind == '{' || (token->kind == TOK_ELSE && last && last->kind == '}');
        if (joins && last && !comment_between(p, last->end, token->begin)) f->breaks[i] = 0;
        if (token->kind == '{') vec_push(p->arena, &open, i);
        if (token->kind != '}' || !open.len) continue;
        int opener = vec_pop(&open);
        if (token_at(f, opener)->line == token->line) continue;
        f->is_multi[opener] = 1;
        f->breaks[opener + 1] = 1;
        f->breaks[i] = 1;
    }
}

/* ---- blanks inside a line ------------------------------------------------------------------- */

static int is_binary_minus(const Format *f, int i) {
    return i > 0 && token_ends_operand(token_at(f, i - 1)->kind);
}

static int keeps_author(int kind) {
    return kind == '*' || kind == '/' || kind == TOK_FLOOR_DIV || kind == '%' || kind == '@';
}

static int is_spaced(const Token *token) { return token->blank_before || token->blank_after; }

static int is_tight_equal(const Format *f) {
    if (!f->frames.len) return 0;
    const Frame *frame = &vec_last(&f->frames);
    return (frame->kind == '(' || frame->kind == '[') && !frame->has_type;
}

static int blank_after(const Format *f, int i, int next) {
    const Token *token = token_at(f, i);
    switch (token->kind) {
    case '(':
    case '[':
    case '.':
    case TOK_POW:
    case TOK_STRING_START:
    case TOK_STRING_MID: return 0;
    case '-': return is_binary_minus(f, i);
    case '=': return !is_tight_equal(f);
    case TOK_DOTS: return next == '{' || next == TOK_REVERSED || next == TOK_ALONG;
    default: return !keeps_author(token->kind) || is_spaced(token);
    }
}

static int blank_before(const Format *f, int i) {
    const Token *token = token_at(f, i);
    int last = token_at(f, i - 1)->kind;
    switch (token->kind) {
    case ',':
    case TOK_SEMI:
    case ')':
    case ']':
    case ':':
    case TOK_POW:
    case TOK_FORMAT:
    case TOK_STRING_MID:
    case TOK_STRING_END: return 0;
    case '.':
    case TOK_DOT_STAR: return last == TOK_INTEGER || last == TOK_REAL; /* `1 .x` has no digits behind its point */
    case TOK_DOTS: return last == ',';
    case '=': return !is_tight_equal(f);
    case '(': return !token_ends_operand(last) && last != TOK_FN && last != TOK_GRADIENT;
    case '[': return !token_ends_operand(last);
    default: return !keeps_author(token->kind) || is_spaced(token);
    }
}

static int blank_between(const Format *f, int i) {
    const Token *token = token_at(f, i);
    return blank_after(f, i - 1, token->kind) && blank_before(f, i);
}

/* ---- lines ---------------------------------------------------------------------------------- */

static void end_line(Format *f) {
    if (!f->has_line) return;
    f->line.code = text_str(&f->code);
    vec_push(f->p->arena, &f->lines, f->line);
    f->has_line = 0;
}

static void begin_line(Format *f, int indent, uint32_t source_line, uint32_t column) {
    end_line(f);
    f->code = text_new(f->p->arena);
    f->line =
        (Line){.indent = indent, .column = column, .blank_before = source_line > f->last_line + 1};
    f->has_line = 1;
}

/* Of a line that begins with token i. */
static int indent_of(const Format *f, int i) {
    int kind = token_at(f, i)->kind;
    int last = i ? token_at(f, i - 1)->kind : TOK_SEMI;
    if (kind == TOK_END || !f->frames.len) return kind == TOK_END || last == TOK_SEMI ? 0 : 2;
    const Frame *frame = &vec_last(&f->frames);
    if (kind == '}' || kind == ')' || kind == ']') return frame->content - 2;
    if (frame->kind != '{') return frame->content;
    return last == TOK_SEMI || last == '{' ? frame->content : frame->content + 2;
}

/* Before token i: the comments that stand there. */
static void put_comments(Format *f, int i) {
    const Token *token = token_at(f, i);
    for (const AstComment *comment;
         (comment = pending_comment(f, token->begin)) ||
         (token->kind == TOK_END && (comment = pending_comment(f, UINT32_MAX)));) {
        uint32_t begin = comment->span.begin - f->p->source->base;
        const char *line_begin = f->p->text + begin;
        while (line_begin > f->p->text && line_begin[-1] != '\n') line_begin--;
        uint32_t column = begin - (uint32_t)(line_begin - f->p->text);
        if (comment->is_own_line || !f->has_line) {
            int is_last = token->kind == '}' && f->frames.len;
            begin_line(f, is_last ? vec_last(&f->frames).content : indent_of(f, i), comment->line,
                       column);
        }
        f->line.comment =
            arena_text(f->p->arena, f->p->text + begin, comment->span.end - comment->span.begin);
        f->line.comment_column = column;
        f->last_line = comment->line;
        f->next_comment++;
        end_line(f);
    }
}

static void push_frame(Format *f, int i) {
    int kind = token_at(f, i)->kind;
    int in_statement = !f->frames.len || vec_last(&f->frames).kind == '{';
    int base = f->line.indent;
    if (kind == '{' && in_statement) base = f->frames.len ? vec_last(&f->frames).content : 0;
    vec_push(f->p->arena, &f->frames, ((Frame){kind, base + 2, 0}));
}

static void note_cells(Format *f, int i, int at) {
    const Token *token = token_at(f, i);
    if (f->frames.len && vec_last(&f->frames).kind != '{') return;
    if (token->kind == ':' && f->line.alignment && !f->line.type_at) f->line.type_at = at + 1;
    if (token->kind == '~' || token->kind == TOK_FROM) {
        if (token->kind == TOK_FROM) f->line.alignment = ALIGN_SOURCE;
        if (f->line.alignment == ALIGN_NONE || f->line.value_at) return;
        f->line.value_at = at;
        f->line.value_column = token->column;
        f->line.value_gap = (int)(token->begin - token_at(f, i - 1)->end);
    }
}

static void put_token(Format *f, int i) {
    const Token *token = token_at(f, i);
    int closes = token->kind == '}' || token->kind == ')' || token->kind == ']' ||
                 token->kind == TOK_STRING_END;
    int begins = f->breaks[i] || !f->has_line;
    if (begins) {
        begin_line(f, indent_of(f, i), token->line, token->column);
        if (token->kind == TOK_PARAM || token->kind == TOK_STATE) f->line.alignment = ALIGN_WEIGHT;
        else if (token->kind == TOK_NAME && token_at(f, i + 1)->kind == ':')
            f->line.alignment = ALIGN_SOURCE;
    } else if (blank_between(f, i)) {
        text_char(&f->code, ' ');
    }
    note_cells(f, i, (int)f->code.len);
    if (closes && f->frames.len) f->frames.len--;
    text_add_bytes(&f->code, f->p->text + token->begin, token->end - token->begin);
    f->last_line = token->line;
    switch (token->kind) {
    case '(':
    case '[':
    case '{':
    case TOK_STRING_START: push_frame(f, i); break;
    case ':':
        if (f->frames.len) vec_last(&f->frames).has_type = 1;
        break;
    case ',':
        if (f->frames.len) vec_last(&f->frames).has_type = 0;
        break;
    default: break;
    }
}

static void make_lines(Format *f) {
    const Tokens *tokens = &f->p->tokens;
    for (int i = 0; i < tokens->len; i++) {
        const Token *token = token_at(f, i);
        if (token->kind == TOK_SEMI && (token->is_made || f->breaks[i + 1])) continue;
        put_comments(f, i);
        if (token->kind != TOK_END) put_token(f, i);
    }
    end_line(f);
}

/* ---- alignment ------------------------------------------------------------------------------ */

static int width(const char *code, int len) { return text_width(code, len); }

static const char *padded(Format *f, const char *code, int at, int column) {
    int keep = at;
    while (keep > 0 && code[keep - 1] == ' ') keep--;
    Text text = text_new(f->p->arena);
    text_add_bytes(&text, code, (size_t)keep);
    for (int w = width(code, keep); w < column; w++) text_char(&text, ' ');
    text_add(&text, code + at);
    return text_str(&text);
}

/* Types of the lines first..last-1 in one column. */
static void align_types(Format *f, int first, int last) {
    int column = 0;
    for (int i = first; i < last; i++)
        if (f->lines.data[i].type_at > column) column = f->lines.data[i].type_at;
    for (int i = first; i < last; i++) {
        Line *line = &f->lines.data[i];
        if (!line->type_at) continue;
        int shift = column - line->type_at;
        line->code = padded(f, line->code, line->type_at + 1, column + 1);
        if (line->value_at) line->value_at += shift;
    }
}

/* `~` or `from` likewise; wider than needed when the author had them in one column with more room.
 */
static void align_values(Format *f, int first, int last) {
    int column = 0, extra = INT32_MAX, count = 0, is_aligned = 1;
    uint32_t author = 0;
    for (int i = first; i < last; i++) {
        const Line *line = &f->lines.data[i];
        if (!line->value_at) continue;
        if (line->value_at > column) column = line->value_at;
        if (count++ && line->value_column - line->column != author) is_aligned = 0;
        author = line->value_column - line->column;
        if (line->value_gap - 1 < extra) extra = line->value_gap - 1;
    }
    if (!is_aligned || count < 2) extra = 0;
    for (int i = first; i < last; i++) {
        Line *line = &f->lines.data[i];
        if (line->value_at) line->code = padded(f, line->code, line->value_at, column + extra);
    }
}

static int ends_open(const Line *line) {
    size_t len = strlen(line->code);
    return len && strchr("{(,[", line->code[len - 1]);
}

static void align_code(Format *f) {
    for (int i = 0, end; i < f->lines.len; i = end) {
        const Line *first = &f->lines.data[i];
        for (end = i + 1; end < f->lines.len && first->alignment; end++) {
            const Line *line = &f->lines.data[end];
            if (line->alignment != first->alignment || line->indent != first->indent ||
                line->blank_before)
                break;
            if (ends_open(&f->lines.data[end - 1])) break;
        }
        if (!first->alignment) continue;
        align_types(f, i, end);
        align_values(f, i, end);
    }
}

static int closes_block(const Line *line) { return line->code[0] == '}'; }

/* Is a blank line written before line i?  Not behind an opening brace, nor before a closing one. */
static int has_blank_line(const Format *f, int i) {
    const Line *line = &f->lines.data[i];
    if (i == 0 || !line->blank_before || closes_block(line)) return 0;
    const Line *above = line - 1;
    return !ends_open(above) || above->code[strlen(above->code) - 1] != '{';
}

/* Comments at the ends of neighbouring lines. */
static void align_comments(Format *f) {
    for (int i = 0, end; i < f->lines.len; i = end) {
        int column = 0, is_kept = 1;
        uint32_t author = f->lines.data[i].comment_column;
        for (end = i; end < f->lines.len; end++) {
            Line *line = &f->lines.data[end];
            if (!line->comment || !*line->code || (end > i && has_blank_line(f, end))) break;
            int ends = line->indent + width(line->code, (int)strlen(line->code)) + 2;
            if (ends > column) column = ends;
            int moved = (int)line->comment_column + line->indent - (int)line->column;
            if (line->comment_column != author || moved < ends) is_kept = 0;
            if (moved != (int)f->lines.data[i].comment_column + f->lines.data[i].indent -
                             (int)f->lines.data[i].column)
                is_kept = 0;
        }
        if (end == i) {
            end = i + 1;
            continue;
        }
        const Line *first = &f->lines.data[i];
        if (is_kept) column = (int)first->comment_column + first->indent - (int)first->column;
        for (int k = i; k < end; k++) f->lines.data[k].comment_column = (uint32_t)column;
    }
}

static const char *written(Format *f) {
    Text text = text_new(f->p->arena);
    for (int i = 0; i < f->lines.len; i++) {
        const Line *line = &f->lines.data[i];
        if (has_blank_line(f, i)) text_char(&text, '\n');
        for (int k = 0; k < line->indent; k++) text_char(&text, ' ');
        text_add(&text, line->code);
        if (line->comment && *line->code) {
            int at = line->indent + width(line->code, (int)strlen(line->code));
            for (; at < (int)line->comment_column; at++) text_char(&text, ' ');
        }
        if (line->comment) text_add(&text, line->comment);
        text_char(&text, '\n');
    }
    return text_str(&text);
}

const char *lang_format(Session *session, const Source *source) {
    int errors = session->diags.error_count;
    lang_parse(session, source);
    if (session->diags.error_count > errors) return NULL;
    Parse p = {
        .session = session, .arena = &session->arena, .source = source, .text = source->text};
    parse_tokens(&p);
    Format f = {.p = &p, .last_line = UINT32_MAX - 1};
    find_breaks(&f);
    make_lines(&f);
    align_code(&f);
    align_comments(&f);
    return written(&f);
}
