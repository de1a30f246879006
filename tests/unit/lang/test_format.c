/* The formatter: models stay as they are, formatting twice is formatting once, tokens are never
 * changed. */
#include "lang/format.h"
#include "lang/parse.h"
#include "tests/support/lang_texts.h"
#include "tests/support/texts_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *format_text(const char *name, const char *text) {
    return lang_format(&texts_session, source_add(&texts_session.sources, name, text, strlen(text)));
}

static void stays(const char *path) {
    const char *text = text_of_file(path, NULL);
    const char *formatted = format_text(path, text);
    if (!formatted) fail_msg("%s has syntax errors", path);
    if (strcmp(formatted, text)) fail_msg("%s is not formatted: run `dlc fmt` on it", path);
}

static void models_stay(void **state) {
    (void)state;
    assert_true(each_text_file("../models", stays) >= 11);
    assert_true(each_text_file("../stdlib", stays) >= 5);
    assert_int_equal(each_text_file("lang/samples", stays), 1);
}

static void settles(const char *text) {
    const char *once = format_text("once.dlm", text);
    if (!once) fail_msg("rejected: %s", texts_session.diags.list.data[0]->message);
    SourceMap *sources = &texts_session.sources; /* nothing but layout may differ */
    assert_true(lang_same_tokens(&texts_session, source_add(sources, "before.dlm", text, strlen(text)),
                                 source_add(sources, "after.dlm", once, strlen(once))));
    assert_string_equal(format_text("twice.dlm", once), once);
}

/* The sample with its blanks disturbed where that means nothing. */
static void settles_disturbed(const char *path) {
    const char *text = text_of_file(path, NULL);
    Text wild = text_new(&texts_session.arena);
    uint32_t seed = 7;
    int in_string = 0, in_comment = 0, at_start = 1;
    for (const char *c = text; *c; c++) {
        seed = seed * 1664525u + 1013904223u;
        if (*c == '\n') in_comment = in_string = 0;
        if (*c == '"' && !in_comment && c[-1] != '\\') in_string = !in_string;
        if (*c == '#' && !in_string) in_comment = 1;
        int is_free = !in_string && !in_comment;
        if (*c == ' ' && is_free && at_start) {
            if (seed >> 30) text_char(&wild, ' ');
            continue;
        }
        at_start = *c == '\n';
        text_char(&wild, *c);
        if (is_free && strchr(",([ ", *c) && seed >> 30 == 1) text_add(&wild, "  ");
        if (*c == '\n' && seed >> 29 == 1) text_add(&wild, "\n\n");
    }
    settles(text_str(&wild));
}

static void disturbed_samples_settle(void **state) {
    (void)state;
    each_text_file("../models", settles_disturbed);
    each_text_file("lang/samples", settles_disturbed);
}

typedef struct Case {
    const char *text, *formatted;
} Case;

static void layout_is_canonical(void **state) {
    (void)state;
    static const Case cases[] = {
        {"let   a=1", "let a = 1\n"},
        {"let a = - b-c*d -e * f**2", "let a = -b - c*d - e * f**2\n"},
        {"let a=f( x ,y = 2 ,)[ 1 .. 3 , .. ]", "let a = f(x, y=2,)[1..3, ..]\n"},
        {"fn f [ N , k:i64=2 ] ( x:f32 [ N ] )->f32{x}",
         "fn f[N, k: i64 = 2](x: f32[N]) -> f32 { x }\n"},
        {"fn f(x: f32) -> f32 { let y = x\ny }", "fn f(x: f32) -> f32 {\n  let y = x\n  y\n}\n"},
        {"fn f(x: f32)\n{\nx\n}\n", "fn f(x: f32) {\n  x\n}\n"},
        {"if a\n{\nb\n}\n\nelse\n{\nc }", "if a {\n  b\n} else {\n  c\n}\n"},
        {"if a { b;c ; }", "if a { b; c }\n"},
        {"a ;\n\n\n\nb", "a\n\nb\n"},
        {"step  (x,y){ }", "step (x, y) { }\n"},
        {"let y = x\n|> f\n      |> g", "let y = x\n  |> f\n  |> g\n"},
        {"f(a,\nb,\ng(c,\nd))", "f(a,\n  b,\n  g(c,\n    d))\n"},
        {"f(\na\n)", "f(\n  a\n)\n"},
        {"layer L(x: f32) {\nparam wide: f32[2, 3]~zeros\nstate b:f32[2] ~ ones\nparam c ~ "
         "zeros\nx\n}",
         "layer L(x: f32) {\n  param wide: f32[2, 3] ~ zeros\n  state b:    f32[2]    ~ ones\n  "
         "param c               ~ zeros\n  x\n}\n"},
        {"data d {\nx: f32[2] from a\nlabel: f32 from b\n}",
         "data d {\n  x:     f32[2] from a\n  label: f32    from b\n}\n"},
        {"a # one\nbb # two", "a   # one\nbb  # two\n"},
        {"a    # one\nbb   # two", "a    # one\nbb   # two\n"},
        {"f {\n# alone\n\n\n# last\n}", "f {\n  # alone\n\n  # last\n}\n"},
        {"\n\n# only\n\n", "# only\n"},
        {"", ""},
        {"let s = \"a {  x+1 :.4} b\"", "let s = \"a {x + 1:.4} b\"\n"},
        {"let s = \"a {  x+1:.4} b\"", "let s = \"a {x + 1:.4} b\"\n"},
        {"for i in 0 .. n , x along -1 reversed { yield (i , x) }",
         "for i in 0..n, x along -1 reversed { yield (i, x) }\n"},
        {"let a = 1 . x + y . z + 2.5 . w", "let a = 1 .x + y.z + 2.5 .w\n"},
        {"fn f(x: f32) {\nx #\n\n}# y", "fn f(x: f32) {\n  x  #\n}    # y\n"},
        {"let a = not x and (not y)", "let a = not x and (not y)\n"},
        {"let f = (for i in 0..3 {\nyield i\n})", "let f = (for i in 0..3 {\n  yield i\n})\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *formatted = format_text("case.dlm", cases[i].text);
        if (!formatted) fail_msg("rejected: %s", cases[i].text);
        assert_string_equal(formatted, cases[i].formatted);
        assert_string_equal(format_text("again.dlm", formatted), formatted);
    }
}

static void mistakes_are_not_formatted(void **state) {
    (void)state;
    assert_null(format_text("bad.dlm", "let a = = 3"));
    assert_int_equal(texts_session.diags.error_count, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(models_stay, texts_set_up, texts_tear_down),
        cmocka_unit_test_setup_teardown(layout_is_canonical, texts_set_up, texts_tear_down),
        cmocka_unit_test_setup_teardown(disturbed_samples_settle, texts_set_up, texts_tear_down),
        cmocka_unit_test_setup_teardown(mistakes_are_not_formatted, texts_set_up, texts_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
