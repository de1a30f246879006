#include "lang/syntax_error.h"
#include "lang/parser.h"

#include <string.h>

enum { SHOWN_AT_MOST = 9 };

typedef struct Expected {
    const char *names[SHOWN_AT_MOST * 16];
    int count;
} Expected;

static int has(const Expected *e, const char *name) {
    for (int i = 0; i < e->count; i++)
        if (!strcmp(e->names[i], name)) return 1;
    return 0;
}

static int is_listed(const char *const *list, const char *name) {
    for (; *list; list++)
        if (!strcmp(*list, name)) return 1;
    return 0;
}

/* Replaces all names of a list by one; by none where `by` is NULL. */
static void fold(Expected *e, const char *const *list, const char *by) {
    int kept = 0;
    for (int i = 0; i < e->count; i++)
        if (!is_listed(list, e->names[i])) e->names[kept++] = e->names[i];
    if (by && kept < e->count) {
        memmove(e->names + 1, e->names, (size_t)kept * sizeof *e->names);
        e->names[0] = by;
        kept++;
    }
    e->count = kept;
}

static const char *const statement_words[] = {
    "`let`",       "`var`",    "`fn`",     "`yield`",  "`break`", "`continue`", "`minimize`",
    "`validate`",  "`return`", "`dim`",    "`option`", "`type`",  "`layer`",    "`model`",
    "`optimizer`", "`step`",   "`param`",  "`state`",  "`data`",  "`split`",    "`test`",
    "`import`",    "`extern`", "`report`", "`every`",  "`_`",     NULL};
static const char *const operand_starts[] = {"a name",
                                             "a number",
                                             "a number with a point",
                                             "a string",
                                             "a string with a value",
                                             "`true`",
                                             "`false`",
                                             "`-`",
                                             "`not`",
                                             "`(`",
                                             "`[`",
                                             "`if`",
                                             "`for`",
                                             "`repeat`",
                                             "`while`",
                                             "`train`",
                                             NULL};
static const char *const operators[] = {"`+`",   "`-`",  "`*`",  "`/`", "`//`", "`%`", "`@`",
                                        "`**`",  "`==`", "`!=`", "`<`", "`<=`", "`>`", "`>=`",
                                        "`and`", "`or`", "`|>`", "`(`", "`[`",  "`.`", NULL};
static const char *const never[] = {"`return`", "`:.digits`", NULL};
static const char *const suffixes[] = {"`.`", "`.*`", "`(`", "`[`", NULL};
static const char *const file_end[] = {"end of file", NULL};
static const char *const string_rest[] = {"the rest of the string", "the end of the string", NULL};

/* As a reader thinks of them: an expression, an operator, not their forty spellings. */
static void fold_all(Expected *e) {
    static const char *const colon[] = {"`:`", NULL}, *const comma[] = {"`,`", NULL};
    int is_item = has(e, "`]`") || has(e, "`..`") || has(e, "`new`");
    int starts = has(e, "a number"), follows = has(e, "`*`") && has(e, "`+`");
    fold(e, never, NULL);
    if (is_item) fold(e, colon, NULL);
    if (has(e, "`let`")) fold(e, statement_words, "a statement");
    if (starts) fold(e, operand_starts, "an expression");
    if (starts && has(e, "a statement"))
        fold(e, (const char *const[]){"an expression", NULL}, NULL);
    if (follows) fold(e, operators, "an operator");
    if (has(e, "end of line") && !has(e, "`=`")) fold(e, comma, NULL);
    if (has(e, "`.`")) fold(e, suffixes, NULL);
    if (has(e, "end of line")) fold(e, file_end, NULL);
    fold(e, string_rest, "`}`");
}

static const char *expected_text(Parse *p, const Expected *e) {
    if (!e->count || e->count > SHOWN_AT_MOST) return "";
    Text text = text_new(p->arena);
    text_add(&text, "; expected ");
    for (int i = 0; i < e->count; i++) {
        if (i) text_add(&text, i + 1 == e->count ? " or " : ", ");
        text_add(&text, e->names[i]);
    }
    return text_str(&text);
}

static int is_line_end(const Token *token) {
    if (token->kind == TOK_SEMI) return token->is_made;
    return token->starts_line && (token->kind == TOK_END || !token_wants_more(token->kind) ||
                                  token->kind == '(' || token->kind == '[');
}

static const char *described(Parse *p, const Token *token) {
    int len = (int)(token->end - token->begin);
    const char *text = p->text + token->begin;
    switch (token->kind) {
    case TOK_END: return "end of file";
    case TOK_STRING:
    case TOK_STRING_START: return "string";
    case TOK_STRING_MID:
    case TOK_STRING_END: return "end of the value in a string";
    case TOK_INTEGER:
    case TOK_REAL: return arena_printf(p->arena, "number `%.*s`", len, text);
    case TOK_NAME: return arena_printf(p->arena, "name `%.*s`", len > 40 ? 40 : len, text);
    default: break;
    }
    if (token->is_made) return token->kind == '{' ? "`{`" : "closing bracket";
    return arena_printf(p->arena, "`%.*s`", len, text);
}

static int is_reserved(int kind) {
    return (kind >= TOK_LET && kind <= TOK_RETURN && kind != TOK_HOLE);
}

static int compares(int kind) {
    return kind == TOK_EQUAL || kind == TOK_NOT_EQUAL || kind == '<' || kind == TOK_LESS_EQUAL ||
           kind == '>' || kind == TOK_GREATER_EQUAL;
}

static int is_complete_word(int kind) {
    return kind == TOK_IF || kind == TOK_FOR || kind == TOK_REPEAT || kind == TOK_WHILE ||
           kind == TOK_TRAIN;
}

/* An `=` behind another of the same statement: `a = 1, b = 2` or `a = b = 1`. */
static int second_assignment(Parse *p) {
    const Token *token = &p->tokens.data[p->current];
    int comma = 0, depth = 0, assigns = 0;
    for (int i = p->current - 1; i >= 0; i--) {
        int kind = p->tokens.data[i].kind;
        if (kind == ')' || kind == ']' || kind == '}') depth++;
        if (!depth && (kind == TOK_SEMI || kind == '{')) break;
        if (!depth && (kind == '(' || kind == '[')) return 0;
        if (kind == '(' || kind == '[' || kind == '{') depth--;
        if (depth) continue;
        if (kind == ',' && !assigns && !comma) comma = i;
        if (kind == '=') assigns = 1;
    }
    if (!assigns) return 0;
    Diag *diag = parse_error_at(p, token_span(p, token), token->line, E_SYNTAX,
                                comma ? "`;` separates statements on a line, not `,`"
                                      : "a statement has one `=`: an assignment is no value");
    if (diag && comma)
        diag_fix_edit(&p->session->diags, diag, token_span(p, &p->tokens.data[comma]), ";",
                      "write `;`");
    return 1;
}

/* Mistakes with a sentence of their own; true when one was said. */
static int say_special(Parse *p, const Token *token, const Token *last, const Expected *e) {
    Span span = token_span(p, token);
    uint32_t line = token->line;
    Diags *diags = &p->session->diags;
    const char *word = arena_text(p->arena, p->text + token->begin, token->end - token->begin);
    if (token->kind == '=' && has(e, "`+`") && second_assignment(p)) return 1;
    if (token->kind == '=' && has(e, "`+`")) {
        Diag *diag = parse_error_at(p, span, line, E_SYNTAX,
                                    "`=` cannot stand inside an expression; `==` compares");
        if (diag) diag_fix_edit(diags, diag, span, "==", "write `==`");
        return 1;
    }
    if (compares(token->kind) && has(e, "`+`")) {
        parse_error_at(p, span, line, E_SYNTAX,
                       "comparisons do not chain: write `a < b and b < c`");
        return 1;
    }
    if (has(e, "`|>`") && has(e, "`as`") && !has(e, "`+`") && token_wants_more(token->kind) &&
        !token->starts_line && token->kind != ',' && token->kind != ':') {
        parse_error_at(
            p, span, line, E_SYNTAX,
            "only `|>` can follow a pipe's stage: put the pipe in parentheses to go on with `%s`",
            word);
        return 1;
    }
    if (token->kind == TOK_STRING && last && last->kind == TOK_NAME && has(e, "`(`")) {
        parse_error_at(p, span, line, E_SYNTAX, "a call has parentheses: `%.*s(...)`",
                       (int)(last->end - last->begin), p->text + last->begin);
        return 1;
    }
    if (token->kind == '(' && last && last->kind == TOK_NAME && p->current > 1 &&
        last[-1].kind == TOK_LET) {
        parse_error_at(p, span, line, E_SYNTAX,
                       "a function is declared with `fn`, a layer with `layer`");
        return 1;
    }
    if (token->kind == TOK_IF && last && token_ends_operand(last->kind) && !token->starts_line) {
        parse_error_at(p, span, line, E_FOREIGN, "a choice is written `if c { a } else { b }`");
        return 1;
    }
    if (is_complete_word(token->kind) && !token->starts_line && has(e, "a number") &&
        !has(e, word)) {
        parse_error_at(p, span, line, E_SYNTAX, "`%s` stands in parentheses where it is an operand",
                       word);
        return 1;
    }
    if (is_reserved(token->kind) && has(e, "a name") && !has(e, "a number") &&
        !token->starts_line) {
        parse_error_at(p, span, line, E_SYNTAX,
                       "`%s` is a word of the language and cannot be a name", word);
        return 1;
    }
    if (token->kind == '{' && e->count && has(e, "a number") && !has(e, "`{`") && last &&
        last->kind == '=') {
        parse_error_at(p, span, line, E_SYNTAX,
                       "a block is no value of its own: `if`, `for` and functions have blocks");
        return 1;
    }
    return 0;
}

/* A mistake at the very end of a line and one at the very start of the next, where no word begins a
 * statement, are one: two signs changed places. */
static int is_consequence(Parse *p) {
    int before = p->last_error;
    p->last_error = p->current;
    if (!before) return 0;
    int separator = p->current;
    while (separator > before && p->tokens.data[separator].kind != TOK_SEMI) separator--;
    if (separator - before > 1 || p->current - separator > 2 || p->current <= separator) return 0;
    int first = p->tokens.data[separator + 1].kind;
    return !is_reserved(first) && !(first >= TOK_DIM && first <= TOK_EVERY);
}

void syntax_error(Parse *p, const char *const *expected, int count) {
    Expected e = {.count = 0};
    for (int i = 0; i < count && e.count < (int)(sizeof e.names / sizeof *e.names); i++)
        e.names[e.count++] = expected[i];
    const Token *token = &p->tokens.data[p->current];
    const Token *last = p->current ? token - 1 : NULL;
    if (token->is_made && token->kind != TOK_SEMI)
        return; /* a bracket that was missing: reported */
    if (is_consequence(p)) return;
    if (say_special(p, token, last, &e)) return;
    fold_all(&e);
    const char *what = described(p, token);
    Span span = token_span(p, token);
    uint32_t line = token->line;
    if (last && is_line_end(token)) {
        what = "end of line";
        span = parse_span(p, last->end, last->end);
        line = last->line;
    }
    parse_error_at(p, span, line, E_SYNTAX, "unexpected %s%s", what, expected_text(p, &e));
}
