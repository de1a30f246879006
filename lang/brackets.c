/* Brackets: afterwards every bracket has its partner, so the grammar never sees unbalanced ones.
 *
 * In: the tokens of the lexer.  Out: the same tokens; stray closers dropped, wrong closers
 * replaced, missing ones inserted, each reported once.  A text whose brackets match is left alone,
 * whatever its indentation. In a text that does not match, indentation tells where: a line that is
 * not indented deeper than the statement that opened a bracket shows that the bracket was not
 * closed before it. */
#include "lang/parse_state.h"
#include "lang/parser.h"

#include <assert.h>

typedef struct Opener {
    int kind;        /* '(' '[' '{' or TOK_STRING_START */
    int token;       /* index into the input */
    uint32_t indent; /* column of the first token of the opener's statement */
    uint32_t line;   /* where that statement begins */
    int holds_block; /* `(`, `[`: a word that takes a block stands in it */
    int is_colon;    /* `{` in place of a `:` at the end of a line */
} Opener;

typedef struct Brackets {
    Parse *p;
    Tokens in, out;
    Vec(Opener) open;
    uint32_t indent, indent_line; /* of the statement being read */
} Brackets;

static int closer_of(int kind) {
    switch (kind) {
    case '(': return ')';
    case '[': return ']';
    case '{': return '}';
    case TOK_STRING_START: return TOK_STRING_END;
    default: return 0;
    }
}

static int is_closer(int kind) {
    return kind == ')' || kind == ']' || kind == '}' || kind == TOK_STRING_END;
}

static int takes_block(int kind) {
    return kind == TOK_IF || kind == TOK_ELSE || kind == TOK_FOR || kind == TOK_REPEAT ||
           kind == TOK_WHILE;
}

static const char *shown(int kind) {
    switch (kind) {
    case '(':
    case ')': return kind == '(' ? "(" : ")";
    case '[':
    case ']': return kind == '[' ? "[" : "]";
    default: return kind == '{' ? "{" : "}";
    }
}

static int brackets_match(const Tokens *tokens) {
    unsigned char stack[PARSE_MAX_BRACKETS * 2 + 2];
    int depth = 0;
    for (int i = 0; i < tokens->len; i++) {
        int kind = tokens->data[i].kind;
        if (closer_of(kind)) {
            if (depth == (int)sizeof stack) return 0;
            stack[depth++] = (unsigned char)(kind == TOK_STRING_START ? '"' : kind);
        } else if (kind == TOK_STRING_MID) {
            if (!depth || stack[depth - 1] != '"') return 0;
        } else if (is_closer(kind)) {
            if (!depth) return 0;
            int opener = stack[--depth];
            if ((opener == '"' ? TOK_STRING_END : closer_of(opener)) != kind) return 0;
        }
    }
    return depth == 0;
}

static void put(Brackets *b, const Token *token) { vec_push(b->p->arena, &b->out, *token); }

/* A bracket that the author left out, behind the last token put. */
static void put_made(Brackets *b, int kind) {
    Token token = b->out.len ? vec_last(&b->out) : b->in.data[0];
    token.begin = token.end;
    token.kind = (uint16_t)kind;
    token.is_made = 1;
    token.starts_line = token.blank_before = 0;
    put(b, &token);
}

static void close_top(Brackets *b) {
    put_made(b, closer_of(vec_last(&b->open).kind));
    b->open.len--;
}

static void report_unclosed(Brackets *b, const Opener *opener) {
    const Token *token = &b->in.data[opener->token];
    if (opener->is_colon) return; /* ended by its indentation, as meant */
    parse_error_at(b->p, token_span(b->p, token), token->line, E_BRACKET,
                   "this `%s` is never closed", shown(opener->kind));
}

static void close_unclosed(Brackets *b) {
    report_unclosed(b, &vec_last(&b->open));
    close_top(b);
}

static Opener *top(Brackets *b) { return b->open.len ? &vec_last(&b->open) : NULL; }

static void push(Brackets *b, int i) {
    const Token *token = &b->in.data[i];
    Opener opener = {.kind = token->kind, .token = i, .indent = b->indent, .line = b->indent_line};
    vec_push(b->p->arena, &b->open, opener);
}

/* The line cannot go on inside a `(` or `[` of a line before. */
static int begins_statement(const Brackets *b, int i) {
    const Token *token = &b->in.data[i];
    switch (token->kind) {
    case TOK_LET:
    case TOK_VAR:
    case TOK_YIELD:
    case TOK_BREAK:
    case TOK_CONTINUE:
    case TOK_MINIMIZE:
    case TOK_VALIDATE:
    case TOK_FN:
    case TOK_RETURN:
    case TOK_OVER:
    case TOK_USING:
    case TOK_GIVEN: return 1;
    case TOK_NAME:
        return i + 1 < b->in.len && b->in.data[i + 1].kind == TOK_NAME &&
               !b->in.data[i + 1].starts_line;
    default: return 0;
    }
}

static int continues_line(int kind) {
    switch (kind) {
    case ',':
    case '=':
    case ':':
    case '~':
    case '.':
    case TOK_ARROW:
    case '{':
    case ')':
    case ']':
    case TOK_PIPE:
    case '+':
    case '*':
    case '/':
    case '@':
    case '%':
    case TOK_POW:
    case TOK_FLOOR_DIV:
    case TOK_AND:
    case TOK_OR:
    case TOK_IN:
    case TOK_OVER:
    case TOK_USING:
    case TOK_GIVEN: return 1;
    default: return 0;
    }
}

/* Before the first token of a line: brackets that it shows to be unclosed are closed at the end of
 * the line before. */
static void close_by_indentation(Brackets *b, int i) {
    const Token *token = &b->in.data[i];
    for (Opener *opener; (opener = top(b));) {
        if (opener->kind == TOK_STRING_START) return;
        int is_else = token->kind == TOK_ELSE && b->out.len && vec_last(&b->out).kind != '}';
        int is_outside = token->column <= opener->indent || is_else;
        if (opener->kind == '{') {
            if (!is_outside || continues_line(token->kind)) return;
            if (token->kind == '}' && (token->column == opener->indent || !opener->is_colon))
                return;
        } else {
            if (token->kind == '}'
                    ? 0
                    : !begins_statement(b, i) && (!is_outside || continues_line(token->kind)))
                return;
            if (is_closer(token->kind) && token->kind != '}') return;
        }
        close_unclosed(b);
    }
}

/* The index in the stack of the innermost opener of this kind, above the nearest string, or -1.
 * Parentheses are not looked for through a block. */
static int find_opener(const Brackets *b, int kind) {
    for (int i = b->open.len - 1; i >= 0; i--) {
        int at = b->open.data[i].kind;
        if (closer_of(at) == kind) return i;
        if (at == TOK_STRING_START || (at == '{' && kind != TOK_STRING_END)) return -1;
    }
    return -1;
}

/* A `}` on a line of its own whose block has no `{`: it was forgotten at the end of the nearest
 * line above with the same indentation.  Puts it there; false where no line fits. */
static int insert_opening_brace(Brackets *b, const Token *closer) {
    int first = -1, from = b->open.len ? b->open.data[b->open.len - 1].token : -1;
    for (int i = b->out.len - 1; i >= 0 && first < 0; i--) {
        const Token *t = &b->out.data[i];
        if (from >= 0 && t->begin <= b->in.data[from].begin) return 0;
        if (!t->starts_line || t->column > closer->column) continue;
        if (t->column < closer->column) return 0;
        if (!continues_line(t->kind)) first = i;
    }
    if (first < 0) return 0;
    int last = first; /* of the line's statement, which may go on on further lines */
    while (last + 1 < b->out.len &&
           (!b->out.data[last + 1].starts_line || continues_line(b->out.data[last + 1].kind)))
        last++;
    if (last + 1 >= b->out.len || b->out.data[last].kind == '{' ||
        b->out.data[last + 1].column <= closer->column)
        return 0;
    Token made = b->out.data[last];
    parse_error_at(b->p, parse_span(b->p, made.end, made.end), made.line, E_BRACKET,
                   "the `{` of this block is missing; its `}` is in line %u", closer->line);
    made.begin = made.end;
    made.kind = '{';
    made.is_made = 1;
    made.starts_line = 0;
    put(b, &made);
    for (int i = b->out.len - 1; i > last + 1; i--) b->out.data[i] = b->out.data[i - 1];
    b->out.data[last + 1] = made;
    return 1;
}

static void report_stray(Brackets *b, const Token *token) {
    Diag *diag = parse_error_at(b->p, token_span(b->p, token), token->line, E_BRACKET,
                                "this `%s` closes nothing", shown(token->kind));
    if (diag) diag_fix_edit(&b->p->session->diags, diag, token_span(b->p, token), "", "remove it");
}

/* In the midst of a line, while a line of its own further down has the `}` of the block. */
static int is_closed_later(const Brackets *b, const Token *token) {
    const Opener *opener = b->open.len ? &vec_last(&b->open) : NULL;
    if (!opener || opener->kind != '{' || token->starts_line ||
        !b->in.data[opener->token + 1].starts_line)
        return 0;
    const Token *end = b->in.data + b->in.len;
    for (const Token *t = token + 1; t < end && !b->p->is_silent; t++)
        if (t->starts_line && t->column <= opener->indent)
            return t->kind == '}' && t->column == opener->indent;
    return 0;
}

static void close_brace(Brackets *b, const Token *token) {
    if (is_closed_later(b, token)) {
        report_stray(b, token);
        return;
    }
    while (top(b) && (top(b)->kind == '(' || top(b)->kind == '[')) {
        int below = -1;
        for (int i = b->open.len - 1; i >= 0 && below < 0; i--) {
            if (b->open.data[i].kind == TOK_STRING_START) break;
            if (b->open.data[i].kind == '{') below = i;
        }
        const Opener *opener = top(b);
        int on_its_line = b->in.data[opener->token].line == token->line && !token->starts_line;
        if (below < 0 ||
            (on_its_line && b->in.data[b->open.data[below].token].line != token->line)) {
            parse_error_at(b->p, token_span(b->p, token), token->line, E_BRACKET,
                           "this `}` stands where `%s` is open", shown(opener->kind));
            if (on_its_line) close_top(b); /* taken for the right closer */
            return;
        }
        close_unclosed(b);
    }
    while (token->starts_line && top(b) && top(b)->kind == '{' && token->column < top(b)->indent) {
        int outer = b->open.len - 2;
        while (outer >= 0 &&
               (b->open.data[outer].kind != '{' || b->open.data[outer].indent > token->column))
            outer--;
        if (outer < 0 || b->open.data[outer].indent != token->column) break;
        close_unclosed(b);
    }
    int is_deeper = token->starts_line && (!top(b) || token->column > top(b)->indent);
    if ((is_deeper || !top(b)) && insert_opening_brace(b, token)) {
        put(b, token);
        return;
    }
    if (!top(b) || top(b)->kind != '{') {
        report_stray(b, token);
        return;
    }
    b->open.len--;
    put(b, token);
}

static void close_other(Brackets *b, int i) {
    const Token *token = &b->in.data[i];
    int at = find_opener(b, token->kind);
    if (at >= 0) {
        while (b->open.len - 1 > at) close_unclosed(b);
        b->open.len--;
        put(b, token);
        return;
    }
    Opener *opener = top(b);
    if (!opener || opener->kind == '{' || opener->kind == TOK_STRING_START ||
        (i + 1 < b->in.len && b->in.data[i + 1].kind == closer_of(opener->kind))) {
        report_stray(b, token);
        return;
    }
    Diag *diag = parse_error_at(b->p, token_span(b->p, token), token->line, E_BRACKET,
                                "this `%s` closes a `%s`", shown(token->kind), shown(opener->kind));
    if (diag)
        diag_fix_edit(&b->p->session->diags, diag, token_span(b->p, token),
                      shown(closer_of(opener->kind)), "write `%s`", shown(closer_of(opener->kind)));
    close_top(b);
}

/* `(a, b {` at the end of a line, without a word that takes a block: the bracket was left open. */
static void close_before_block(Brackets *b, int i) {
    if (i + 1 < b->in.len && !b->in.data[i + 1].starts_line) return;
    while (top(b) && (top(b)->kind == '(' || top(b)->kind == '[') && !top(b)->holds_block)
        close_unclosed(b);
}

/* Alone on its line, where the `}` of the innermost block would stand, and no statement: it stands
 * for it. */
static int replaces_brace(Brackets *b, int i) {
    const Token *token = &b->in.data[i];
    const Opener *opener = top(b);
    if (!opener || opener->kind != '{' || token->column != opener->indent || token->kind == '}')
        return 0;
    if (i + 1 >= b->in.len || !token[1].starts_line) return 0;
    switch (token->kind) {
    case TOK_NAME:
    case TOK_INTEGER:
    case TOK_REAL:
    case TOK_STRING:
    case TOK_TRUE:
    case TOK_FALSE:
    case TOK_BREAK:
    case TOK_CONTINUE:
    case TOK_RETURN:
    case TOK_END:
    case TOK_STRING_START: return 0;
    default: return 1;
    }
}

static void read_token(Brackets *b, int i) {
    const Token *token = &b->in.data[i];
    if (token->starts_line && replaces_brace(b, i)) {
        close_unclosed(b);
        return;
    }
    if (token->starts_line) {
        close_by_indentation(b, i);
        int inside = top(b) && (top(b)->kind == '(' || top(b)->kind == '[');
        if (!inside && !continues_line(token->kind)) {
            b->indent = token->column;
            b->indent_line = token->line;
        }
    }
    int is_word =
        takes_block(token->kind) || (token->kind == TOK_NAME && token_is(b->p, token, "train") &&
                                     i > 0 && token[-1].kind != '.');
    if (is_word)
        for (int k = b->open.len - 1; k >= 0 && b->open.data[k].kind != '{'; k--)
            b->open.data[k].holds_block = 1;
    switch (token->kind) {
    case '{':
        close_before_block(b, i);
        push(b, i);
        put(b, token);
        return;
    case '(':
    case '[':
    case TOK_STRING_START:
        push(b, i);
        put(b, token);
        return;
    case '}': close_brace(b, token); return;
    case ')':
    case ']': close_other(b, i); return;
    case TOK_STRING_MID:
    case TOK_STRING_END:
        while (top(b) && top(b)->kind != TOK_STRING_START) close_unclosed(b);
        assert(top(b));
        if (token->kind == TOK_STRING_END) b->open.len--;
        put(b, token);
        return;
    case TOK_END:
        while (top(b)) close_unclosed(b);
        put(b, token);
        return;
    default: put(b, token); return;
    }
}

/* A `:` at the end of a line that begins with a word that takes a block, the next line deeper:
 * Python. */
static int is_block_colon(const Parse *p, int i, int first) {
    static const char *const words[] = {"def",  "class", "elif", "layer", "model",
                                        "step", "train", "data", "test"};
    const Token *tokens = p->tokens.data;
    if (tokens[i].kind != ':' || !tokens[i + 1].starts_line || first < 0) return 0;
    if (tokens[i + 1].column <= tokens[first].column) return 0;
    int kind = tokens[first].kind;
    if (takes_block(kind) || kind == TOK_FN || kind == TOK_VALIDATE) return 1;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (token_is(p, &tokens[first], words[k]))
            return i > first + 1 || token_is(p, &tokens[first], "class");
    return 0;
}

/* Replaces such colons by `{` that end with their indentation; true when there were any. */
static int replace_block_colons(Parse *p) {
    int first = -1, found = 0;
    for (int i = 0; i + 1 < p->tokens.len; i++) {
        if (p->tokens.data[i].starts_line) first = i;
        if (!is_block_colon(p, i, first)) continue;
        Token *token = &p->tokens.data[i];
        Diag *diag = parse_error_at(p, token_span(p, token), token->line, E_FOREIGN,
                                    "a block stands in `{ }`, not behind a `:`");
        if (diag) diag_fix(&p->session->diags, diag, "write ` {` here and `}` behind the block");
        token->kind = '{';
        token->is_made = 1;
        found = 1;
    }
    return found;
}

void layout_brackets(Parse *p) {
    int has_colons = replace_block_colons(p);
    if (!has_colons && brackets_match(&p->tokens)) return;
    Brackets b = {.p = p, .in = p->tokens};
    for (int i = 0; i < b.in.len; i++) {
        read_token(&b, i);
        if (b.in.data[i].kind == '{' && b.in.data[i].is_made && b.open.len)
            vec_last(&b.open).is_colon = 1;
    }
    p->tokens = b.out;
}
