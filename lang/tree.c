#include "lang/tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- nodes and their depth ------------------------------------------------------------------ */

static Ast *make(Parse *p, AstKind kind, Span span) {
    Ast *ast = arena_new(p->arena, Ast);
    ast->kind = kind;
    ast->span = span;
    ast->depth = 1;
    return ast;
}

static void adopt(Ast *ast, const Ast *child) {
    if (child && child->depth >= ast->depth) ast->depth = child->depth + 1;
}

static void adopt_list(Ast *ast, AstList list) {
    for (int i = 0; i < list.len; i++) adopt(ast, list.data[i]);
}

/* The node, or an ERROR in its place where the tree would become too deep to walk. */
static Ast *checked(Parse *p, Ast *ast) {
    if (ast->depth <= AST_MAX_DEPTH) return ast;
    parse_too_deep(p, ast->span, "expressions");
    return tree_error(p, ast->span);
}

/* The `##` lines directly above an offset, without their `##`; NULL where there are none. */
static const char *doc_above(Parse *p, uint32_t offset) {
    int lo = 0, hi = p->file.comments.len;
    while (lo < hi) {
        int middle = (lo + hi) / 2;
        if (p->file.comments.data[middle].span.begin < offset) lo = middle + 1;
        else hi = middle;
    }
    uint32_t line = parse_line(p, offset);
    int first = lo;
    while (first > 0) {
        const AstComment *comment = &p->file.comments.data[first - 1];
        if (!comment->is_doc || !comment->is_own_line ||
            comment->line + (uint32_t)(lo - first) + 1 != line)
            break;
        first--;
    }
    if (first == lo) return NULL;
    Text text = text_new(p->arena);
    for (int i = first; i < lo; i++) {
        Span span = p->file.comments.data[i].span;
        const char *begin = p->text + (span.begin - p->source->base) + 2;
        const char *end = p->text + (span.end - p->source->base);
        if (begin < end && *begin == ' ') begin++;
        if (i > first) text_char(&text, '\n');
        text_add_bytes(&text, begin, (size_t)(end - begin));
    }
    return text_str(&text);
}

/* The `##` lines that open the file, when a blank line follows them. */
static const char *file_doc(Parse *p) {
    int count = 0;
    while (count < p->file.comments.len && p->file.comments.data[count].is_doc &&
           p->file.comments.data[count].line == p->file.comments.data[0].line + (uint32_t)count)
        count++;
    if (!count || (p->tokens.data[0].kind &&
                   p->tokens.data[0].begin < p->file.comments.data[0].span.begin - p->source->base))
        return NULL;
    const AstComment *last = &p->file.comments.data[count - 1];
    const char *after = p->text + (last->span.end - p->source->base);
    after += strspn(after, " \t\r");
    if (*after == '\n') after++;
    after += strspn(after, " \t\r");
    if (*after && *after != '\n') return NULL;
    Text text = text_new(p->arena);
    for (int i = 0; i < count; i++) {
        Span span = p->file.comments.data[i].span;
        uint32_t begin = span.begin - p->source->base + 2, end = span.end - p->source->base;
        if (begin < end && p->text[begin] == ' ') begin++;
        if (i) text_char(&text, '\n');
        text_add_bytes(&text, p->text + begin, end - begin);
    }
    return text_str(&text);
}

void tree_file(Parse *p, AstList statements) {
    p->file.statements = statements;
    p->file_doc = file_doc(p);
}

AstList tree_list(Parse *p, AstList list, Ast *item) {
    vec_push(p->arena, &list, item);
    return list;
}

AstList tree_wrecked(Parse *p, Span span) {
    return tree_list(p, (AstList){0}, tree_error(p, span));
}

AstName tree_word(Parse *p, Span span) {
    return (AstName){symbol_bytes(&p->session->symbols, p->text + (span.begin - p->source->base),
                                  span.end - span.begin),
                     span};
}

/* ---- leaves --------------------------------------------------------------------------------- */

Ast *tree_error(Parse *p, Span span) { return make(p, AST_ERROR, span); }
Ast *tree_leaf(Parse *p, AstKind kind, Span span) { return make(p, kind, span); }

Ast *tree_name(Parse *p, AstName name) {
    Ast *ast = make(p, AST_NAME, name.span);
    ast->name = name.symbol;
    return ast;
}

static int64_t integer_of(Parse *p, Span span, const char *digits) {
    int is_hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
    uint64_t value = 0, base = is_hex ? 16 : 10;
    for (const char *c = digits + (is_hex ? 2 : 0); *c; c++) {
        uint64_t digit = (uint64_t)(*c <= '9' ? *c - '0' : (*c | 32) - 'a' + 10);
        if (value > ((uint64_t)INT64_MAX - digit) / base) {
            parse_repaired(p, span, E_CHARACTER, NULL,
                           "the number is too large: whole numbers go to 9223372036854775807");
            return 0;
        }
        value = value * base + digit;
    }
    return (int64_t)value;
}

Ast *tree_number(Parse *p, Span span, int is_real) {
    Ast *ast = make(p, is_real ? AST_REAL : AST_INTEGER, span);
    size_t len = span.end - span.begin, kept = 0;
    char *digits = arena_text(p->arena, p->text + (span.begin - p->source->base), len);
    for (size_t i = 0; i < len; i++)
        if (digits[i] != '_') digits[kept++] = digits[i];
    digits[kept] = 0;
    if (is_real) ast->real = strtod(digits, NULL);
    else ast->integer = integer_of(p, span, digits);
    return ast;
}

Ast *tree_bool(Parse *p, Span span, int value) {
    Ast *ast = make(p, AST_BOOL, span);
    ast->boolean = value;
    return ast;
}

/* The text of a string token or of a part of one: from behind its first character to the quote or
 * brace. */
static const char *unescaped(Parse *p, Span span) {
    const char *c = p->text + (span.begin - p->source->base),
               *end = p->text + (span.end - p->source->base);
    Text text = text_new(p->arena);
    char quote = 0;
    if (c < end) {
        if ((unsigned char)*c == 0xe2 &&
            end - c >= 6) { /* typographic quotes, already complained of */
            text_add_bytes(&text, c + 3, (size_t)(end - c - 6));
            return text_str(&text);
        }
        quote = *c++ == '\'' ? '\'' : '"';
    }
    for (; c < end; c++) {
        if (*c == quote || (*c == '{' && quote == '"')) break;
        if (*c == '\\' && quote == '"' && c + 1 < end) {
            c++;
            text_char(&text, (char)(*c == 'n' ? '\n' : *c == 't' ? '\t' : *c));
        } else {
            text_char(&text, *c);
        }
    }
    return text_str(&text);
}

AstName tree_text(Parse *p, Span span) {
    return (AstName){symbol(&p->session->symbols, unescaped(p, span)), span};
}

Ast *tree_string(Parse *p, Span span) {
    Ast *ast = make(p, AST_STRING, span);
    vec_push(p->arena, &ast->string.parts, ((AstStringPart){unescaped(p, span), NULL, -1}));
    return ast;
}

Ast *tree_string_part(Parse *p, Ast *string, Ast *value, Span format, Span rest) {
    AstStringPart *part = &vec_last(&string->string.parts);
    part->value = value;
    if (format.begin != rest.begin) {
        int digits = atoi(p->text + (format.begin - p->source->base) + 2);
        if (digits > 20 || format.end - format.begin > 6) {
            parse_repaired(p, format, E_STRING, ":.20", "at most 20 digits can be asked for");
            digits = 20;
        }
        part->digits = digits;
    }
    string->span = span_join(string->span, rest);
    vec_push(p->arena, &string->string.parts, ((AstStringPart){unescaped(p, rest), NULL, -1}));
    adopt(string, value);
    return checked(p, string);
}

/* ---- expressions ---------------------------------------------------------------------------- */

Ast *tree_unary(Parse *p, AstOperator op, Span span, Ast *operand) {
    Ast *ast = make(p, AST_UNARY, span);
    ast->unary = (AstUnary){op, operand};
    adopt(ast, operand);
    return checked(p, ast);
}

Ast *tree_binary(Parse *p, AstOperator op, Span op_span, Ast *left, Ast *right) {
    Ast *ast = make(p, AST_BINARY, span_join(left->span, right->span));
    ast->binary = (AstBinary){op, op_span, left, right};
    adopt(ast, left);
    adopt(ast, right);
    return checked(p, ast);
}

Ast *tree_inner(Parse *p, AstKind kind, Span span, Ast *inner) {
    Ast *ast = make(p, kind, span);
    ast->inner = inner;
    adopt(ast, inner);
    return checked(p, ast);
}

Ast *tree_items(Parse *p, AstKind kind, Span span, AstList items) {
    if (kind == AST_TUPLE && items.len == 1) return items.data[0]; /* `(a)` as a pattern */
    Ast *ast = make(p, kind, span);
    ast->items = items;
    adopt_list(ast, items);
    return checked(p, ast);
}

Ast *tree_tuple(Parse *p, Span span, Ast *first, AstList rest) {
    AstList items = tree_list(p, (AstList){0}, first);
    for (int i = 0; i < rest.len; i++) items = tree_list(p, items, rest.data[i]);
    return tree_items(p, AST_TUPLE, span, items);
}

Ast *tree_bare_tuple(Parse *p, Span span, Ast *first, AstList rest) {
    const char *text =
        arena_text(p->arena, p->text + (span.begin - p->source->base), span.end - span.begin);
    parse_repaired(p, span, E_SYNTAX, arena_printf(p->arena, "(%s)", text),
                   "several values here are a tuple: it stands in parentheses");
    return tree_tuple(p, span, first, rest);
}

Ast *tree_field(Parse *p, Span span, Ast *of, AstName name) {
    Ast *ast = make(p, AST_FIELD, span);
    ast->field = (AstField){of, name};
    adopt(ast, of);
    return checked(p, ast);
}

Ast *tree_index(Parse *p, Span span, Ast *of, AstList items) {
    Ast *ast = make(p, AST_INDEX, span);
    ast->index = (AstIndex){of, items};
    adopt(ast, of);
    adopt_list(ast, items);
    return checked(p, ast);
}

Ast *tree_call(Parse *p, Span span, Ast *callee, AstList args) {
    Ast *ast = make(p, AST_CALL, span);
    ast->call = (AstCall){callee, args};
    adopt(ast, callee);
    adopt_list(ast, args);
    return checked(p, ast);
}

Ast *tree_named(Parse *p, AstKind kind, Span span, AstName name, Ast *value) {
    Ast *ast = make(p, kind, span);
    ast->named = (AstNamed){name, value};
    adopt(ast, value);
    return checked(p, ast);
}

Ast *tree_range(Parse *p, Span span, Ast *lo, Ast *hi) {
    Ast *ast = make(p, AST_RANGE, span);
    ast->range = (AstRange){lo, hi};
    adopt(ast, lo);
    adopt(ast, hi);
    return checked(p, ast);
}

Ast *tree_slice(Parse *p, Span span, Ast *lo, Ast *hi) {
    const char *from = lo ? arena_text(p->arena, p->text + (lo->span.begin - p->source->base),
                                       lo->span.end - lo->span.begin)
                          : "0";
    const char *to = hi ? arena_text(p->arena, p->text + (hi->span.begin - p->source->base),
                                     hi->span.end - hi->span.begin)
                        : "";
    if (!lo && !hi) {
        parse_repaired(p, span, E_FOREIGN, "_", "an axis that is kept whole is written `_`");
        return tree_leaf(p, AST_HOLE, span);
    }
    const char *ours = arena_printf(p->arena, "%s..%s", from, to);
    parse_repaired(p, span, E_FOREIGN, ours, "a part of an axis is written `%s`",
                   strlen(ours) < 40 ? ours : "1..3");
    if (lo) return tree_range(p, span, lo, hi);
    Ast *zero = make(p, AST_INTEGER, (Span){span.begin, span.begin});
    return tree_range(p, span, zero, hi);
}

Ast *tree_rest(Parse *p, AstKind kind, Span span, const Symbol *name) {
    Ast *ast = make(p, kind, span);
    ast->rest = name;
    return ast;
}

Ast *tree_pipe(Parse *p, Span span, Ast *left, Ast *right, AstName as) {
    Ast *ast = make(p, AST_PIPE, span);
    ast->pipe = (AstPipe){left, right, as};
    adopt(ast, left);
    adopt(ast, right);
    return checked(p, ast);
}

Ast *tree_signature(Parse *p, Span span, AstName word, AstList inputs, Ast *result) {
    const char *text = word.symbol->text;
    if (strcmp(text, "fn") && strcmp(text, "layer") && strcmp(text, "optimizer"))
        parse_repaired(
            p, word.span, E_SYNTAX, NULL,
            "only `fn`, `layer` and `optimizer` take inputs in a type; sizes stand in `[ ]`");
    Ast *ast = make(p, AST_SIGNATURE, span);
    ast->function =
        (AstFunction){.word = word, .inputs = inputs, .has_inputs = 1, .result = result};
    adopt_list(ast, inputs);
    adopt(ast, result);
    return checked(p, ast);
}

/* ---- complete expressions ------------------------------------------------------------------- */

Ast *tree_if(Parse *p, Span span, Ast *condition, Ast *block, Ast *otherwise) {
    Ast *ast = make(p, AST_IF, span);
    ast->branch = (AstBranch){condition, block, otherwise};
    adopt(ast, condition);
    adopt(ast, block);
    adopt(ast, otherwise);
    return checked(p, ast);
}

Ast *tree_loop(Parse *p, AstKind kind, Span span, AstList targets, AstList sources, Ast *along,
               int is_reversed, Ast *body) {
    Ast *ast = make(p, kind, span);
    ast->loop = (AstLoop){targets, sources, along, is_reversed, NULL, body};
    adopt_list(ast, targets);
    adopt_list(ast, sources);
    adopt(ast, along);
    adopt(ast, body);
    return checked(p, ast);
}

Ast *tree_while(Parse *p, Span span, Ast *condition, Ast *body) {
    Ast *ast = make(p, AST_WHILE, span);
    ast->loop = (AstLoop){.condition = condition, .body = body};
    adopt(ast, condition);
    adopt(ast, body);
    return checked(p, ast);
}

Ast *tree_train(Parse *p, Span span, Ast *model, Ast *data, Ast *body) {
    Ast *ast = make(p, AST_TRAIN, span);
    ast->train = (AstTrain){model, data, body};
    adopt(ast, model);
    adopt(ast, data);
    adopt(ast, body);
    return checked(p, ast);
}

Ast *tree_block(Parse *p, Span span, AstList statements) {
    Ast *ast = make(p, AST_BLOCK, span);
    ast->statements = statements;
    adopt_list(ast, statements);
    return checked(p, ast);
}

Ast *tree_both(Parse *p, Span span, Ast *first, Ast *second) {
    return tree_block(p, span, tree_list(p, tree_list(p, (AstList){0}, first), second));
}

/* ---- statements ----------------------------------------------------------------------------- */

Ast *tree_let(Parse *p, Span span, int is_var, AstList targets, Ast *value) {
    Ast *ast = make(p, AST_LET, span);
    ast->let = (AstLet){is_var, targets, value};
    ast->doc = doc_above(p, span.begin);
    adopt_list(ast, targets);
    adopt(ast, value);
    return checked(p, ast);
}

Ast *tree_typed(Parse *p, Span span, Ast *pattern, Ast *type) {
    AstName name = {NULL, pattern->span};
    if (pattern->kind == AST_NAME) name.symbol = pattern->name;
    else if (pattern->kind == AST_TUPLE)
        parse_repaired(p, type->span, E_SYNTAX, NULL,
                       "a type belongs to one name, not to a list of them");
    return tree_declare(p, AST_INPUT, span, name, type, NULL);
}

Ast *tree_typed_assign(Parse *p, Span span, AstName name, Ast *type, Ast *value) {
    parse_repaired(p, name.span, E_SYNTAX, arena_printf(p->arena, "let %s", name.symbol->text),
                   "a new name begins with `let` (or `var`, if it is to change)");
    Ast *target = tree_declare(p, AST_INPUT, span_join(name.span, type->span), name, type, NULL);
    return tree_let(p, span, 0, tree_list(p, (AstList){0}, target), value);
}

Ast *tree_assign(Parse *p, Span span, AstList targets, Ast *value) {
    Ast *ast = make(p, AST_ASSIGN, span);
    ast->assign = (AstAssign){targets, value};
    ast->doc = doc_above(p, span.begin);
    adopt_list(ast, targets);
    adopt(ast, value);
    return checked(p, ast);
}

Ast *tree_lvalue(Parse *p, Ast *target) {
    if (target->kind == AST_NAME || target->kind == AST_FIELD || target->kind == AST_INDEX ||
        target->kind == AST_ERROR)
        return target;
    if (target->kind == AST_TUPLE)
        parse_repaired(p, target->span, E_SYNTAX, NULL,
                       "names on the left of `=` stand without parentheses: `a, b = ...`");
    else
        parse_error_at(p, target->span, parse_line(p, target->span.begin), E_SYNTAX,
                       "only a name, a field or an element can stand on the left of `=`");
    return tree_error(p, target->span);
}

Ast *tree_return(Parse *p, Span word, Ast *value) {
    parse_repaired(p, word, E_FOREIGN, "",
                   "there is no `return`: the last expression of a block is its value");
    return value ? value : tree_error(p, word);
}

Ast *tree_group(Parse *p, Span span, AstList over, Ast *rule) {
    return tree_call(p, span, rule, over);
}

AstList tree_over(Parse *p, AstList over, Ast *rule) {
    return tree_list(p, (AstList){0}, tree_group(p, rule->span, over, rule));
}

Ast *tree_minimize(Parse *p, Span span, Ast *loss, AstList groups) {
    Ast *ast = make(p, AST_MINIMIZE, span);
    ast->minimize.loss = loss;
    adopt(ast, loss);
    for (int i = 0; i < groups.len; i++) {
        const Ast *carrier = groups.data[i];
        adopt(ast, carrier);
        if (carrier->kind != AST_CALL) continue;
        vec_push(p->arena, &ast->minimize.groups,
                 ((AstGroup){carrier->call.args, carrier->call.callee}));
    }
    return checked(p, ast);
}

/* ---- declarations --------------------------------------------------------------------------- */

Ast *tree_declare(Parse *p, AstKind kind, Span span, AstName name, Ast *type, Ast *value) {
    Ast *ast = make(p, kind, span);
    ast->declare = (AstDeclare){name, type, value};
    if (kind != AST_INPUT) ast->doc = doc_above(p, span.begin);
    adopt(ast, type);
    adopt(ast, value);
    return checked(p, ast);
}

Ast *tree_section(Parse *p, AstKind kind, Span span, AstName name, Ast *body) {
    Ast *ast = make(p, kind, span);
    ast->section = (AstSection){name, body};
    ast->doc = doc_above(p, span.begin);
    adopt(ast, body);
    return checked(p, ast);
}

Ast *tree_import(Parse *p, Span span, AstName path, AstName as) {
    Ast *ast = make(p, AST_IMPORT, span);
    ast->import = (AstImport){path.symbol, path.span, as};
    return ast;
}

Ast *tree_every(Parse *p, Span span, Ast *count, int has_steps, Ast *body) {
    int is_epoch = count->kind == AST_NAME && !strcmp(count->name->text, "epoch");
    if (!has_steps && !is_epoch && count->kind != AST_ERROR)
        parse_repaired(p, count->span, E_SYNTAX, NULL,
                       "write `every epoch { ... }` or `every 250 steps { ... }`");
    Ast *ast = make(p, AST_EVERY, span);
    ast->every = (AstEvery){has_steps ? count : NULL, body};
    adopt(ast, count);
    adopt(ast, body);
    return checked(p, ast);
}

Ast *tree_function(Parse *p, AstKind kind, Span span, AstName name, Signature signature, Ast *body,
                   Ast *on) {
    Ast *ast = make(p, kind, span);
    ast->function = (AstFunction){
        .name = name,
        .statics = signature.statics,
        .inputs = signature.inputs,
        .has_inputs = signature.has_inputs,
        .result = signature.result,
        .given = signature.given,
        .on = on,
        .body = body,
    };
    ast->doc = doc_above(p, span.begin);
    adopt_list(ast, signature.statics);
    adopt_list(ast, signature.inputs);
    adopt(ast, signature.result);
    adopt_list(ast, signature.given);
    adopt(ast, on);
    adopt(ast, body);
    return checked(p, ast);
}

Ast *tree_gradient(Parse *p, Span span, Ast *function, Ast *gradient) {
    if (function->kind == AST_ERROR || gradient->kind == AST_ERROR) return function;
    function->span = span;
    function->function.gradient_input = gradient->section.name;
    function->function.gradient = gradient->section.body;
    adopt(function, gradient);
    return checked(p, function);
}
