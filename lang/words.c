/* Words.  Reserved ones are known to the lexer; the others (`model`, `step`, `on`, ...) are names
 * unless they stand where only the word can: first in a statement and followed by what the word
 * takes, or between two operands.  Deciding this over the whole list of tokens keeps the grammar
 * free of it: `step (x) { ... }` and the call `step(x)` differ only behind the parenthesis.
 * Misspelt words are repaired here. */
#include "lang/words.h"
#include "lang/parse_state.h"
#include "lang/parser.h"

#include <string.h>

typedef struct Word {
    const char *text;
    int kind;
} Word;

static const Word reserved[] = {
    {"let", TOK_LET},
    {"var", TOK_VAR},
    {"fn", TOK_FN},
    {"if", TOK_IF},
    {"else", TOK_ELSE},
    {"for", TOK_FOR},
    {"repeat", TOK_REPEAT},
    {"while", TOK_WHILE},
    {"in", TOK_IN},
    {"yield", TOK_YIELD},
    {"break", TOK_BREAK},
    {"continue", TOK_CONTINUE},
    {"minimize", TOK_MINIMIZE},
    {"validate", TOK_VALIDATE},
    {"over", TOK_OVER},
    {"using", TOK_USING},
    {"given", TOK_GIVEN},
    {"and", TOK_AND},
    {"or", TOK_OR},
    {"not", TOK_NOT},
    {"true", TOK_TRUE},
    {"false", TOK_FALSE},
    {"new", TOK_NEW},
    {"return", TOK_RETURN},
    {"_", TOK_HOLE},
};

/* First in a statement, before a name (or what else is said in begins_as_word). */
static const Word leading[] = {
    {"dim", TOK_DIM},       {"option", TOK_OPTION}, {"type", TOK_TYPE},
    {"layer", TOK_LAYER},   {"model", TOK_MODEL},   {"optimizer", TOK_OPTIMIZER},
    {"step", TOK_STEP},     {"param", TOK_PARAM},   {"state", TOK_STATE},
    {"data", TOK_DATA},     {"split", TOK_SPLIT},   {"train", TOK_TRAIN},
    {"test", TOK_TEST},     {"import", TOK_IMPORT}, {"extern", TOK_EXTERN},
    {"report", TOK_REPORT}, {"every", TOK_EVERY},
};

/* Behind an operand, on its line. */
static const Word between[] = {
    {"on", TOK_ON},     {"along", TOK_ALONG}, {"reversed", TOK_REVERSED},
    {"from", TOK_FROM}, {"as", TOK_AS},       {"steps", TOK_STEPS},
};

static const struct {
    const char *text, *ours;
    int kind;
} foreign[] = {
    {"def", "fn", TOK_FN},         {"func", "fn", TOK_FN},    {"function", "fn", TOK_FN},
    {"class", "layer", TOK_LAYER}, {"const", "let", TOK_LET}, {"optim", "optimizer", TOK_OPTIMIZER},
};

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

int word_reserved(const char *text, size_t len) {
    for (int i = 0; i < COUNT(reserved); i++)
        if (reserved[i].text[0] == text[0] && strlen(reserved[i].text) == len && !memcmp(reserved[i].text, text, len))
            return reserved[i].kind;
    return TOK_NAME;
}

static int find(const Parse *p, const Token *token, const Word *words, int count) {
    for (int i = 0; i < count; i++)
        if (token_is(p, token, words[i].text)) return words[i].kind;
    return 0;
}

/* Brackets behind token i, then a sign that only a declaration has. */
static int declares(const Tokens *tokens, int i) {
    int k = i + 1, depth = 0;
    const Token *t = tokens->data;
    if (t[k].kind == '{') return 1;
    if (t[k].kind != '(' && t[k].kind != '[') return 0;
    for (; k < tokens->len; k++) {
        int kind = t[k].kind;
        if (kind == '(' || kind == '[') depth++;
        else if (kind == ')' || kind == ']') depth--;
        else if (kind == TOK_SEMI || kind == '{' || kind == '}' || kind == TOK_END) break;
        if (!depth && t[k + 1].kind != '(' && t[k + 1].kind != '[') {
            k++;
            break;
        }
    }
    return !depth && (t[k].kind == '{' || t[k].kind == TOK_ARROW || t[k].kind == TOK_GIVEN);
}

static int begins_as_word(const Parse *p, int i, int kind) {
    const Token *next = &p->tokens.data[i + 1];
    int is_name = next->kind == TOK_NAME || next->kind == TOK_HOLE;
    switch (kind) {
    case TOK_TEST: return next->kind == TOK_STRING || next->kind == TOK_STRING_START;
    case TOK_IMPORT: return next->kind == TOK_STRING || is_name;
    case TOK_EXTERN: return next->kind == TOK_FN || is_name;
    case TOK_EVERY: return is_name || next->kind == TOK_INTEGER || declares(&p->tokens, i);
    case TOK_LAYER:
    case TOK_MODEL:
    case TOK_OPTIMIZER:
    case TOK_STEP:
    case TOK_DATA: return is_name || declares(&p->tokens, i);
    default: return is_name;
    }
}

/* `train` is an expression: it may stand wherever a value begins. */
static int trains(const Parse *p, int i, const Token *last) {
    const Token *next = &p->tokens.data[i + 1];
    if (last && token_ends_operand(last->kind)) return 0;
    if (next->kind == TOK_NAME)
        return !token_is(p, next, "on") || p->tokens.data[i + 2].kind == TOK_NAME;
    int is_value = !last || last->kind == TOK_SEMI || last->kind == '{' || last->kind == '=' ||
                   last->kind == '(';
    return is_value && declares(&p->tokens, i);
}

static int is_statement_start(const Token *last) {
    return !last || last->kind == TOK_SEMI || last->kind == '{';
}

static int close_word(const Parse *p, const Token *token, const Word *words, int count) {
    char text[16];
    uint32_t len = token->end - token->begin;
    char first = p->text[token->begin];
    if (len >= sizeof text || len < 3 || (first >= 'A' && first <= 'Z'))
        return 0; /* capitals are names */
    memcpy(text, p->text + token->begin, len);
    text[len] = 0;
    int best = 0, best_distance = len > 4 ? 3 : 2;
    for (int i = 0; i < count; i++) {
        int distance = edit_distance(text, words[i].text, best_distance);
        if (distance >= best_distance || (int)strlen(words[i].text) <= distance + 1) continue;
        best = words[i].kind;
        best_distance = distance;
    }
    return best;
}

static const char *text_of(int kind, const Word *words, int count) {
    for (int i = 0; i < count; i++)
        if (words[i].kind == kind) return words[i].text;
    return "";
}

static int repair(Parse *p, const Token *token, int kind, const char *meant) {
    Diag *diag = parse_error_at(p, token_span(p, token), token->line, E_SYNTAX,
                                "`%.*s` is no word of the language; did you mean `%s`?",
                                (int)(token->end - token->begin), p->text + token->begin, meant);
    if (diag)
        diag_fix_edit(&p->session->diags, diag, token_span(p, token), meant, "write `%s`", meant);
    return kind;
}

/* Two names in a row at the start of a statement: the first was meant to be a word. */
static int repair_leading(Parse *p, int i) {
    Token *token = &p->tokens.data[i], *next = token + 1;
    if (next->kind != TOK_NAME && next->kind != TOK_STRING) return 0;
    for (int k = 0; k < COUNT(foreign); k++) {
        if (!token_is(p, token, foreign[k].text) || next->kind != TOK_NAME) continue;
        parse_repaired(p, token_span(p, token), E_FOREIGN, foreign[k].ours, "`%s` is written `%s`",
                       foreign[k].text, foreign[k].ours);
        return foreign[k].kind;
    }
    if (find(p, next, between, COUNT(between))) return 0;
    int kind = close_word(p, token, leading, COUNT(leading));
    if (kind) return repair(p, token, kind, text_of(kind, leading, COUNT(leading)));
    kind = close_word(p, token, reserved, COUNT(reserved));
    return kind ? repair(p, token, kind, text_of(kind, reserved, COUNT(reserved))) : 0;
}

static int repair_between(Parse *p, int i) {
    const Token *token = &p->tokens.data[i];
    int kind = close_word(p, token, between, COUNT(between));
    if (kind) return repair(p, token, kind, text_of(kind, between, COUNT(between)));
    static const Word infix[] = {
        {"over", TOK_OVER}, {"using", TOK_USING}, {"given", TOK_GIVEN}, {"and", TOK_AND}};
    kind = close_word(p, token, infix, COUNT(infix));
    return kind ? repair(p, token, kind, text_of(kind, infix, COUNT(infix))) : 0;
}

static int word_kind(Parse *p, int i) {
    const Token *token = &p->tokens.data[i], *last = i ? token - 1 : NULL;
    int follows_operand = last && (token_ends_operand(last->kind) || last->kind == TOK_TRAIN ||
                                   last->kind == TOK_VALIDATE);
    int kind;
    if (token_is(p, token, "lambda") && (token[1].kind == TOK_NAME || token[1].kind == ':')) {
        parse_error_at(
            p, token_span(p, token), token->line, E_FOREIGN,
            "there is no `lambda`: declare an `fn`, or write a pipe such as `Dense[64] |> relu`");
        return TOK_DL_error; /* the grammar recovers without a word of its own */
    }
    if ((follows_operand || (last && last->kind == TOK_DOTS && token[1].kind != '{')) &&
        (kind = find(p, token, between, COUNT(between))))
        return kind;
    if (last && last->kind == '}' && token_is(p, token, "gradient") && token[1].kind == '(')
        return TOK_GRADIENT;
    kind = find(p, token, leading, COUNT(leading));
    if (kind == TOK_TRAIN) return trains(p, i, last) ? kind : 0;
    if (is_statement_start(last)) {
        if (kind) return begins_as_word(p, i, kind) ? kind : 0;
        return repair_leading(p, i);
    }
    return follows_operand && last->kind != TOK_TRAIN ? repair_between(p, i) : 0;
}

void layout_words(Parse *p) {
    for (int i = 0; i + 1 < p->tokens.len; i++) {
        if (p->tokens.data[i].kind != TOK_NAME) continue;
        int kind = word_kind(p, i);
        if (kind) p->tokens.data[i].kind = (uint16_t)kind;
    }
}
