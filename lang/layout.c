/* Lines: where the end of a line ends a statement, a SEMI token is inserted.
 *
 * In: tokens with balanced brackets.  Out: SEMI between statements, never doubled, never behind `{`
 * or before
 * `}`.  A line end counts unless (1) the innermost open bracket is `(` or `[` (or a value in a
 * string); (2) the last token wants more; (3) the first token of the next line cannot begin a
 * statement. */
#include "lang/parse_state.h"
#include "lang/parser.h"

int token_wants_more(int kind) {
    switch (kind) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '@':
    case '<':
    case '>':
    case ',':
    case ':':
    case '.':
    case '(':
    case '[':
    case '{':
    case TOK_POW:
    case TOK_FLOOR_DIV:
    case TOK_EQUAL:
    case TOK_NOT_EQUAL:
    case TOK_LESS_EQUAL:
    case TOK_GREATER_EQUAL:
    case TOK_PIPE:
    case TOK_ARROW:
    case TOK_DOTS:
    case TOK_AND:
    case TOK_OR:
    case TOK_NOT:
    case TOK_IN:
    case TOK_OVER:
    case TOK_USING:
    case TOK_GIVEN:
    case TOK_SEMI: return 1;
    default: return 0;
    }
}

int token_ends_operand(int kind) {
    switch (kind) {
    case TOK_NAME:
    case TOK_INTEGER:
    case TOK_REAL:
    case TOK_STRING:
    case TOK_STRING_END:
    case TOK_TRUE:
    case TOK_FALSE:
    case ')':
    case ']':
    case TOK_DOT_STAR:
    case TOK_NEW:
    case TOK_HOLE: return 1;
    default: return 0;
    }
}

/* The token cannot be the first of a statement. */
static int continues(const Token *token) {
    switch (token->kind) {
    case '-': return token->blank_after;
    case '+':
    case '*':
    case '/':
    case '%':
    case '@':
    case '<':
    case '>':
    case ',':
    case '=':
    case ':':
    case '~':
    case '.':
    case '{':
    case ')':
    case ']':
    case '}':
    case TOK_POW:
    case TOK_FLOOR_DIV:
    case TOK_EQUAL:
    case TOK_NOT_EQUAL:
    case TOK_LESS_EQUAL:
    case TOK_GREATER_EQUAL:
    case TOK_PIPE:
    case TOK_ARROW:
    case TOK_DOT_STAR:
    case TOK_AND:
    case TOK_OR:
    case TOK_IN:
    case TOK_ELSE:
    case TOK_OVER:
    case TOK_USING:
    case TOK_GIVEN:
    case TOK_END: return 1;
    default: return 0;
    }
}

static void put_separator(Parse *p, Tokens *out, const Token *explicit_one) {
    if (!out->len || vec_last(out).kind == TOK_SEMI || vec_last(out).kind == '{') return;
    Token token = vec_last(out);
    if (explicit_one) {
        token = *explicit_one;
    } else {
        token.begin = token.end;
        token.is_made = 1;
        token.starts_line = 0;
    }
    token.kind = TOK_SEMI;
    vec_push(p->arena, out, token);
}

/* A line that ends in `=` or `~`: the value belongs behind it.  True when the next line holds it.
 */
static int reads_on(Parse *p, const Token *sign, const Token *next, uint32_t indent) {
    if (next->column <= indent || next->kind == '}' || next->kind == TOK_END) return 0;
    parse_error_at(p, token_span(p, sign), sign->line, E_SYNTAX,
                   "a line cannot end in `%c`: the value begins behind it", sign->kind);
    return 1;
}

void layout_lines(Parse *p) {
    Tokens in = p->tokens, out = {0};
    Vec(int) open = {0};
    uint32_t indent = 0;
    for (int i = 0; i < in.len; i++) {
        const Token *token = &in.data[i];
        int inside = open.len && vec_last(&open) != '{';
        if (token->starts_line && i > 0 && !inside) {
            const Token *last = &in.data[i - 1];
            int ends = !token_wants_more(last->kind) && !continues(token);
            if (last->kind == '=' || last->kind == '~') ends = !reads_on(p, last, token, indent);
            if (ends) put_separator(p, &out, NULL);
        }
        if (token->starts_line && !continues(token)) indent = token->column;
        switch (token->kind) {
        case '(':
        case '[':
        case '{':
        case TOK_STRING_START: vec_push(p->arena, &open, token->kind); break;
        case ')':
        case ']':
        case '}':
        case TOK_STRING_END:
            if (open.len) open.len--;
            break;
        default: break;
        }
        if (token->kind == TOK_SEMI && !inside) {
            put_separator(p, &out, token);
            continue;
        }
        if ((token->kind == '}' || token->kind == TOK_END) && out.len &&
            vec_last(&out).kind == TOK_SEMI)
            out.len--;
        vec_push(p->arena, &out, *token);
    }
    p->tokens = out;
}
