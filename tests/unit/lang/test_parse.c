/* The parser: samples, newline rules, precedence, documentation, messages, bad input. */
#include "lang/parse.h"
#include "tests/support/texts_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static Ast *parse_text(const char *text, size_t len) {
    return lang_parse(&texts_session, source_add(&texts_session.sources, "test.dlm", text, len));
}

static Ast *parse(const char *text) { return parse_text(text, strlen(text)); }

static void print_diags(void) {
    Text out = text_new(&texts_session.arena);
    diags_render(&texts_session.diags, &texts_session.sources, (DiagStyle){0}, &out);
    printf("%s\n", text_str(&out));
}

/* ---- every model parses ---- */

static void parses(const char *path) {
    size_t len;
    const char *text = text_of_file(path, &len);
    Ast *file = parse_text(text, len);
    if (texts_session.diags.error_count) print_diags();
    assert_int_equal(texts_session.diags.error_count, 0);
    assert_true(file->file.statements.len > 0);
    assert_non_null(file->doc);
}

static void samples_parse(void **state) {
    (void)state;
    assert_true(each_text_file("../models", parses) >= 11);
    assert_int_equal(each_text_file("lang/samples", parses), 1);
}

/* ---- what a text means, written with all parentheses ---- */

static void print_ast(Text *out, const Ast *ast);

static void print_list(Text *out, const char *open, AstList list, const char *close) {
    text_add(out, open);
    for (int i = 0; i < list.len; i++) {
        if (i) text_add(out, ", ");
        print_ast(out, list.data[i]);
    }
    text_add(out, close);
}

static void print_ast(Text *out, const Ast *ast) {
    if (!ast) return;
    switch ((int)ast->kind) {
    case AST_NAME: text_add(out, ast->name->text); break;
    case AST_INTEGER: text_printf(out, "%lld", (long long)ast->integer); break;
    case AST_REAL: text_printf(out, "%g", ast->real); break;
    case AST_HOLE: text_char(out, '_'); break;
    case AST_GROUP: print_ast(out, ast->inner); break;
    case AST_UNARY:
        text_printf(out, "(%s ", ast_operator_text(ast->unary.op));
        print_ast(out, ast->unary.operand);
        text_char(out, ')');
        break;
    case AST_BINARY:
        text_char(out, '(');
        print_ast(out, ast->binary.left);
        text_printf(out, " %s ", ast_operator_text(ast->binary.op));
        print_ast(out, ast->binary.right);
        text_char(out, ')');
        break;
    case AST_PIPE:
        text_char(out, '(');
        print_ast(out, ast->pipe.left);
        text_add(out, " |> ");
        print_ast(out, ast->pipe.right);
        if (ast->pipe.as.symbol) text_printf(out, " as %s", ast->pipe.as.symbol->text);
        text_char(out, ')');
        break;
    case AST_FIELD:
        print_ast(out, ast->field.of);
        text_printf(out, ".%s", ast->field.name.symbol->text);
        break;
    case AST_CALL:
        print_ast(out, ast->call.callee);
        print_list(out, "(", ast->call.args, ")");
        break;
    case AST_INDEX:
        print_ast(out, ast->index.of);
        print_list(out, "[", ast->index.items, "]");
        break;
    case AST_TUPLE: print_list(out, "(", ast->items, ")"); break;
    case AST_LIST: print_list(out, "[", ast->items, "]"); break;
    case AST_NAMED:
        text_printf(out, "%s=", ast->named.name.symbol->text);
        print_ast(out, ast->named.value);
        break;
    case AST_RANGE:
        print_ast(out, ast->range.lo);
        text_add(out, "..");
        print_ast(out, ast->range.hi);
        break;
    case AST_REST: text_printf(out, "..%s", ast->rest ? ast->rest->text : ""); break;
    case AST_NEW:
        text_printf(out, "new%s%s", ast->rest ? ".." : "", ast->rest ? ast->rest->text : "");
        break;
    case AST_LET:
        print_list(out, ast->let.is_var ? "var " : "let ", ast->let.targets, " = ");
        print_ast(out, ast->let.value);
        break;
    case AST_ASSIGN:
        print_list(out, "set ", ast->assign.targets, " = ");
        print_ast(out, ast->assign.value);
        break;
    case AST_BLOCK: print_list(out, "{", ast->statements, "}"); break;
    case AST_IF:
        text_add(out, "if ");
        print_ast(out, ast->branch.condition);
        print_ast(out, ast->branch.block);
        if (ast->branch.otherwise) text_add(out, " else ");
        print_ast(out, ast->branch.otherwise);
        break;
    case AST_FOR:
        print_list(out, "for ", ast->loop.targets, " in ");
        print_list(out, "", ast->loop.sources, "");
        if (ast->loop.along) text_add(out, " along ");
        print_ast(out, ast->loop.along);
        if (ast->loop.is_reversed) text_add(out, " reversed");
        print_ast(out, ast->loop.body);
        break;
    case AST_YIELD:
        text_add(out, "yield ");
        print_ast(out, ast->inner);
        break;
    case AST_STRING:
        text_char(out, '"');
        for (int i = 0; i < ast->string.parts.len; i++) {
            const AstStringPart *part = &ast->string.parts.data[i];
            text_add(out, part->text);
            if (!part->value) continue;
            text_char(out, '{');
            print_ast(out, part->value);
            if (part->digits >= 0) text_printf(out, ":%d", part->digits);
            text_char(out, '}');
        }
        text_char(out, '"');
        break;
    default: text_printf(out, "<%d>", (int)ast->kind);
    }
}

typedef struct Meaning {
    const char *text, *meaning;
} Meaning;

static void check_meanings(const Meaning *cases, int count) {
    for (int i = 0; i < count; i++) {
        int errors = texts_session.diags.error_count;
        Ast *file = parse(cases[i].text);
        if (texts_session.diags.error_count > errors) print_diags();
        assert_int_equal(texts_session.diags.error_count, errors);
        Text out = text_new(&texts_session.arena);
        for (int k = 0; k < file->file.statements.len; k++) {
            if (k) text_add(&out, " ; ");
            print_ast(&out, file->file.statements.data[k]);
        }
        assert_string_equal(text_str(&out), cases[i].meaning);
    }
}

#define CHECK_MEANINGS(cases) check_meanings(cases, (int)(sizeof(cases) / sizeof *(cases)))

static void operators_bind(void **state) {
    (void)state;
    static const Meaning cases[] = {
        {"-x**2", "(- (x ** 2))"},
        {"2**-1", "(2 ** (- 1))"},
        {"a**b**c", "(a ** (b ** c))"},
        {"-a*b", "((- a) * b)"},
        {"a*b/c//d%e@f", "(((((a * b) / c) // d) % e) @ f)"},
        {"a - b - c + d*e", "(((a - b) - c) + (d * e))"},
        {"a + b < c*d", "((a + b) < (c * d))"},
        {"not a == b and c or d", "(((not (a == b)) and c) or d)"},
        {"a or b and c", "(a or (b and c))"},
        {"a.b[1](c).d", "a.b[1](c).d"},
        {"-f(x)[0]", "(- f(x)[0])"},
        {"a + b |> f[1](y) |> g.h as q", "(((a + b) |> f[1](y)) |> g.h as q)"},
        {"(a |> f) + 1", "((a |> f) + 1)"},
        {"x[_, 1..3, k..k + T, new, .., -1, 2..]", "x[_, 1..3, k..(k + T), new, .., (- 1), 2..]"},
        {"m[_, new..S]", "m[_, new..S]"},
        {"Conv[64, kernel=3,](x, y=2,)", "Conv[64, kernel=3](x, y=2)"},
        {"(1, 2)", "(1, 2)"},
        {"(1,)", "1"},
        {"[2, -3.4]", "[2, (- 3.4)]"},
        {"let y = if a { b } else if c { d } else { e } |> f",
         "let y = (if a{b} else if c{d} else {e} |> f)"},
        {"let i, (a, _) = f(x)", "let i, (a, _) = f(x)"},
        {"x[i].w, y = (a, b)", "set x[i].w, y = (a, b)"},
        {"for i, xt in 0..n, x along T reversed { yield xt }",
         "for i, xt in 0..n, x along T reversed{yield xt}"},
        {"for i in 0.. { f(i) }", "for i in 0..{f(i)}"},
        {"\"a {x + 1:.4} \\{ {\"in {y}\"}\\n\"", "\"a {(x + 1):4} { {\"in {y}\"}\n\""},
        {"step(x); step = 3; model.train = on; dim(2)",
         "step(x) ; set step = 3 ; set model.train = on ; dim(2)"},
        {"0x1f + 1_000 + 1e-3", "((31 + 1000) + 0.001)"},
    };
    CHECK_MEANINGS(cases);
}

static void lines_end_statements(void **state) {
    (void)state;
    static const Meaning cases[] = {
        {"a\nb", "a ; b"},
        {"a\n\n# note\nb\n", "a ; b"},
        {"a; b ; c;", "a ; b ; c"},
        {"f(a,\n\n b\n)", "f(a, b)"},
        {"f(a\n+ b)", "f((a + b))"},
        {"x[1\n,2]", "x[1, 2]"},
        {"a +\nb", "(a + b)"},
        {"a and # why\nb", "(a and b)"},
        {"a\n+ b", "(a + b)"},
        {"a\n- b", "(a - b)"},
        {"a\n-b", "a ; (- b)"},
        {"a\n  # note\n  |> f\n\n  |> g", "((a |> f) |> g)"},
        {"a\n(b)", "a ; b"},
        {"a\n[1]", "a ; [1]"},
        {"a\n.b", "a.b"},
        {"let a, b\n= c", "let a, b = c"},
        {"let a,\nb = c", "let a, b = c"},
        {"if a\n{\nb\n}\nelse\n{\nc\n}\nd", "if a{b} else {c} ; d"},
        {"if a { b; c }\nd", "if a{b, c} ; d"},
        {"x = not\ny", "set x = (not y)"},
        {"f(if a {\nb\nc\n} else { d })", "f(if a{b, c} else {d})"},
        {"(a\nor\nb)", "(a or b)"},
        {"a\r\nb\r\n", "a ; b"},
        {"\xef\xbb\xbf"
         "a",
         "a"},
        {"", ""},
        {"\n\n# only a comment", ""},
    };
    CHECK_MEANINGS(cases);
}

static void documentation_is_attached(void **state) {
    (void)state;
    Ast *file = parse("## The file.\n## Two lines.\n\n## A size.\ndim N = 3\n\n## not directly "
                      "above\n\ndim M = 4\n"
                      "data d {\n  ## pixels\n  image: u8[28] from idx(\"x\")\n}\n");
    assert_int_equal(texts_session.diags.error_count, 0);
    assert_string_equal(file->doc, "The file.\nTwo lines.");
    assert_string_equal(file->file.statements.data[0]->doc, "A size.");
    assert_null(file->file.statements.data[1]->doc);
    const Ast *body = file->file.statements.data[2]->section.body;
    assert_string_equal(body->statements.data[0]->doc, "pixels");
    assert_int_equal(file->file.comments.len, 5);
    file = parse("## A size.\ndim N = 3\n");
    assert_null(file->doc);
    assert_string_equal(file->file.statements.data[0]->doc, "A size.");
}

static void declarations_keep_their_parts(void **state) {
    (void)state;
    Ast *file =
        parse("layer Lin[Out, ..S, bias: bool = true](x: f32[B, In], h = 3) -> (f32[B], bool)\n"
              "  given In % 2 == 0, B > 1 { x } gradient(dy) { dy }\n"
              "extern fn f(g: fn(x: f32) -> f32) -> f32\n"
              "train Net on d { step (x, image: u8[B]) { }; validate (x) on e { }; every 20 steps "
              "{ }; every epoch { } }\n"
              "minimize a over N using sgd[lr=1], N.h.*.w, M using f |> g\n");
    assert_int_equal(texts_session.diags.error_count, 0);
    const AstList *list = &file->file.statements;
    const AstFunction *layer = &list->data[0]->function;
    assert_int_equal(layer->statics.len, 3);
    assert_int_equal(layer->statics.data[1]->kind, AST_REST);
    assert_int_equal(layer->inputs.len, 2);
    assert_int_equal(layer->result->kind, AST_TUPLE);
    assert_int_equal(layer->given.len, 2);
    assert_string_equal(layer->gradient_input.symbol->text, "dy");
    assert_non_null(layer->gradient);
    assert_int_equal(list->data[1]->kind, AST_EXTERN);
    assert_int_equal(list->data[1]->function.inputs.data[0]->declare.type->kind, AST_SIGNATURE);
    const AstList *body = &list->data[2]->train.body->statements;
    assert_int_equal(body->data[0]->kind, AST_STEP);
    assert_null(body->data[0]->function.name.symbol);
    assert_non_null(body->data[1]->function.on);
    assert_int_equal(body->data[2]->every.count->integer, 20);
    assert_null(body->data[3]->every.count);
    const AstMinimize *minimize = &list->data[3]->minimize;
    assert_int_equal(minimize->groups.len, 2);
    assert_int_equal(minimize->groups.data[1].over.len, 2);
    assert_int_equal(minimize->groups.data[1].over.data[0]->field.of->kind, AST_EVERY_LEVEL);
    assert_int_equal(minimize->groups.data[1].rule->kind, AST_PIPE);
}

/* ---- messages: `# error E0101: part of it` on the line, or on the next line of its own ---- */

static int bad_files;

typedef struct Expectation {
    int line, is_met;
    const char *text;
} Expectation;

static void check_messages(const char *path) {
    size_t len;
    const char *text = text_of_file(path, &len);
    Diags before = texts_session.diags;
    texts_session.diags.list.len = texts_session.diags.error_count = 0;
    Ast *file = lang_parse(&texts_session, source_add(&texts_session.sources, path, text, len));
    Vec(Expectation) expected = {0};
    for (int i = 0; i < file->file.comments.len; i++) {
        const AstComment *comment = &file->file.comments.data[i];
        const char *at = text + (comment->span.begin - file->span.begin);
        if (strncmp(at, "# error ", 8)) continue;
        const char *part =
            arena_text(&texts_session.arena, at + 8, comment->span.end - comment->span.begin - 8);
        vec_push(&texts_session.arena, &expected,
                 ((Expectation){(int)comment->line - comment->is_own_line, 0, part}));
    }
    int count, good = 1;
    const Diag **diags = diags_sorted(&texts_session.diags, &texts_session.sources, &count);
    for (int i = 0; i < count; i++) {
        int line = source_place(&texts_session.sources, diags[i]->span.begin).line, found = 0;
        const char *code = diag_code_text(diags[i]->code);
        for (int k = 0; k < expected.len && !found; k++) {
            Expectation *e = &expected.data[k];
            found = !e->is_met && e->line == line && !strncmp(e->text, code, 5) &&
                    strstr(diags[i]->message, e->text + 7);
            if (found) e->is_met = 1;
        }
        if (!found) printf("%s:%d: not expected: %s: %s\n", path, line, code, diags[i]->message);
        good &= found;
    }
    for (int k = 0; k < expected.len; k++) {
        if (!expected.data[k].is_met)
            printf("%s:%d: missing: %s\n", path, expected.data[k].line, expected.data[k].text);
        good &= expected.data[k].is_met;
    }
    texts_session.diags = before;
    assert_true(expected.len > 0);
    if (!good) bad_files++;
}

static void messages_are_as_expected(void **state) {
    (void)state;
    assert_true(each_text_file("lang/parse", check_messages) >= 16);
    assert_int_equal(bad_files, 0);
}

/* ---- bad input ---- */

static const char *repeated(const char *unit, size_t count, size_t *len) {
    size_t unit_len = strlen(unit);
    *len = unit_len * count;
    char *text = arena_alloc(&texts_session.arena, *len + 1);
    for (size_t i = 0; i < count; i++) memcpy(text + i * unit_len, unit, unit_len);
    return text;
}

static void rejects_once(const char *text, size_t len, DiagCode code) {
    int errors = texts_session.diags.error_count;
    parse_text(text, len);
    assert_int_equal(texts_session.diags.error_count, errors + 1);
    assert_int_equal(vec_last(&texts_session.diags.list)->code, code);
}

static void bad_text_is_refused(void **state) {
    (void)state;
    size_t len;
    rejects_once("let a = 3\nlet b = \xff 4 \xff", 22, E_FILE_NOT_TEXT);
    rejects_once("\xc0\x80", 2, E_FILE_NOT_TEXT);
    rejects_once("\xed\xa0\x80", 3, E_FILE_NOT_TEXT);
    rejects_once("a\xe2\x82", 3, E_FILE_NOT_TEXT);
    rejects_once("a\0b", 3, E_FILE_NOT_TEXT);
    const char *text = repeated("(", 100u << 20, &len);
    rejects_once(text, len, E_FILE_TOO_LARGE);
}

static void deep_nesting_is_refused(void **state) {
    (void)state;
    static const char *const units[] = {
        "(",    "[",         "f(",   "x[",      "{",          "-",
        "not ", "a ** ",     "a + ", "if a { ", "x |> f |> ", "if a { b } else ",
        "\"{",  "fn f() { ", "a.b.", "f()()",   "let a = "};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t len;
        const char *text = repeated(units[i], 30000, &len);
        int errors = texts_session.diags.error_count;
        parse_text(text, len);
        assert_in_range(texts_session.diags.error_count, errors + 1, errors + 3);
    }
    size_t len;
    const char *text = repeated("(", 15u << 20, &len);
    rejects_once(text, len, E_NESTING);
    text = repeated("- ", 400000, &len);
    rejects_once(text, len, E_NESTING);
    text = repeated("a ** ", 400000, &len);
    rejects_once(text, len, E_NESTING);
}

static void long_input_is_bounded(void **state) {
    (void)state;
    static const char *const units[] = {"a\n", ")\n", "x y\n", "#\n",   "\"",  "'",
                                        "a",   "1",   "{}\n",  "} {\n", "(\n", "f(\n"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t len;
        const char *text = repeated(units[i], 200000, &len);
        int errors = texts_session.diags.error_count;
        parse_text(text, len);
        assert_in_range(texts_session.diags.error_count, errors, errors + 501);
    }
    size_t len;
    const char *text = repeated("a\n", 1100000, &len);
    rejects_once(text, len, E_FILE_TOO_LARGE);
    int errors = texts_session.diags.error_count;
    assert_int_equal(parse("")->file.statements.len, 0);
    assert_int_equal(texts_session.diags.error_count, errors);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(samples_parse, texts_set_up, texts_tear_down),
        cmocka_unit_test_setup_teardown(operators_bind, texts_set_up, texts_tear_down),
        cmocka_unit_test_setup_teardown(lines_end_statements, texts_set_up, texts_tear_down),
        cmocka_unit_test_setup_teardown(documentation_is_attached, texts_set_up, texts_tear_down),
        cmocka_unit_test_setup_teardown(declarations_keep_their_parts, texts_set_up, texts_tear_down),
        cmocka_unit_test_setup_teardown(messages_are_as_expected, texts_set_up, texts_tear_down),
        cmocka_unit_test_setup_teardown(bad_text_is_refused, texts_set_up, texts_tear_down),
        cmocka_unit_test_setup_teardown(deep_nesting_is_refused, texts_set_up, texts_tear_down),
        cmocka_unit_test_setup_teardown(long_input_is_bounded, texts_set_up, texts_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
