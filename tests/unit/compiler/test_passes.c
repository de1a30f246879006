/* The passes: files of a region before and after, and values before and after on all cases and on
 * gradients. */
#include "compiler/pipeline.h"
#include "tests/support/bench.h"
#include "tests/support/graph_case.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char *read_file(Bench *b, const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("%s cannot be read", path);
    char *text = arena_alloc(&b->arena, 100000);
    size_t len = fread(text, 1, 99999, file);
    fclose(file);
    text[len] = '\0';
    return text;
}

/* Of PASS_COUNT: none; convolutions are cut into phases all the same. */
static PipelineOptions only(PassKind pass) {
    return (PipelineOptions){.disabled = ((1u << PASS_COUNT) - 1) & ~(1u << pass)};
}

/* A file: comment, region, a line `=>`, the region that the pass makes of it. */
static void check_file(Bench *b, PassKind pass, const char *path) {
    char *text = read_file(b, path), *arrow = strstr(text, "\n=>\n");
    if (!arrow) fail_msg("%s has no line `=>`", path);
    *arrow = '\0';
    Region *r = region_of_text(&b->session, &b->arena, text);
    PipelineOptions options = only(pass);
    pipeline_run(r, &options);
    if (strcmp(bench_text(b, r), arrow + 4) != 0)
        fail_msg("%s: expected\n%sfound\n%s", path, arrow + 4, bench_text(b, r));
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void files_of_each_pass(void **state) {
    Bench *b = *state;
    for (int pass = 0; pass <= PASS_COUNT; pass++) {
        const char *name = pass < PASS_COUNT ? pass_name((PassKind)pass) : "phases";
        const char *folder = arena_printf(&b->arena, "%s/compiler/%s", TEST_FOLDER, name);
        DIR *directory = opendir(folder);
        if (!directory) fail_msg("%s is missing", folder);
        Vec(char *) paths = {0};
        for (struct dirent *entry; (entry = readdir(directory));)
            if (strstr(entry->d_name, ".graph"))
                vec_push(&b->arena, &paths, arena_printf(&b->arena, "%s/%s", folder, entry->d_name));
        closedir(directory);
        assert_true(paths.len > 0);
        qsort(paths.data, (size_t)paths.len, sizeof *paths.data, compare_names);
        for (int i = 0; i < paths.len; i++) check_file(b, (PassKind)pass, paths.data[i]);
    }
}

static int has_function(const Region *r, ScalarKind f) {
    for (int i = 0; i < r->nodes.len; i++)
        if (r->nodes.data[i]->op == OP_MAP && r->nodes.data[i]->attr.scalar == f) return 1;
    return 0;
}

static void split_numerics_contract_nothing(void **state) {
    Bench *b = *state;
    static const char text[] = "region r() { %0 = input(data \"a\"): f32 %1 = map[mul](%0, %0): f32\n"
                               "%2 = map[add](%1, %0): f32 result data \"y\" = %2 }";
    Region *r = region_of_text(&b->session, &b->arena, text);
    pipeline_run(r, &(PipelineOptions){.numerics = NUMERICS_SPLIT});
    assert_false(has_function(r, SC_FMA));
    pipeline_run(r, &(PipelineOptions){.numerics = NUMERICS_FMA});
    assert_true(has_function(r, SC_FMA));
}

/* ---- values before and after ------------------------------------------------------------------------- */

static void check_same_values(Bench *b, Region *r, const int64_t *dims, const double *const *inputs,
                              const char *what) {
    Vec(RegionResult) before = {0};
    for (int i = 0; i < r->results.len; i++) vec_push(&b->arena, &before, r->results.data[i]);
    Evaluation was = graph_evaluate(&b->arena, r, dims, inputs);
    pipeline_run(r, &(PipelineOptions){.numerics = NUMERICS_FMA});
    Evaluation is = graph_evaluate(&b->arena, r, dims, inputs);
    for (int i = 0; i < before.len; i++) {
        const Node *old = before.data[i].node, *now = r->results.data[i].node;
        assert_int_equal(was.counts[old->id], is.counts[now->id]);
        for (int64_t k = 0; k < was.counts[old->id]; k++) {
            double x = was.values[old->id][k], y = is.values[now->id][k];
            if (!(fabs(x - y) <= 1e-13 * fmax(1, fabs(x))) && !(isnan(x) && isnan(y)))
                fail_msg("%s: result %d, element %d was %.17g, is %.17g", what, i, (int)k, x, y);
        }
    }
}

/* First and second derivatives of everything become results, so that the passes see what they will see. */
static void add_gradients(Bench *b, Region *r, Node *of, int order) {
    SymbolTable *symbols = &b->session.symbols;
    Node *next = NULL;
    for (int i = 0; i < r->inputs.len; i++) {
        Node *gradient = NULL, *wrt = r->inputs.data[i].node;
        graph_gradient(r, of, &wrt, 1, &gradient);
        if (!gradient) continue;
        graph_result(r, INPUT_DATA, symbol_printf(symbols, "d%d.%d", order, i), gradient, -1);
        Node *part = weighted_sum(r, gradient, 0.3 + i);
        next = next ? graph_map2(r, SC_ADD, next, part, (Span){0}) : part;
    }
    if (next && order < 2) add_gradients(b, r, next, order + 1);
}

static void passes_keep_values(void **state) {
    Bench *b = *state;
    for (size_t i = 0; i < sizeof op_cases / sizeof *op_cases; i++) {
        const OpCase *c = &op_cases[i];
        Region *r = region_of_text(&b->session, &b->arena, c->text);
        if (c->is_smooth) add_gradients(b, r, weighted_sum(r, r->results.data[0].node, 0.1), 1);
        check_same_values(b, r, dim_values(&b->arena, r, c->dims), c->inputs, op_name(c->op));
    }
    for (size_t i = 0; i < sizeof scalar_cases / sizeof *scalar_cases; i++) {
        const ScalarCase *c = &scalar_cases[i];
        Region *r = region_of_scalar_case(&b->session, &b->arena, c);
        int64_t count = c->count;
        if (c->is_smooth) add_gradients(b, r, weighted_sum(r, r->results.data[0].node, 0.1), 1);
        check_same_values(b, r, dim_values(&b->arena, r, &count), c->operands, scalar_name(c->scalar));
    }
}

/* Every case with its operands as constants: folding gives what the hand-made table says. */
static void folding_agrees_with_the_table(void **state) {
    Bench *b = *state;
    for (size_t i = 0; i < sizeof scalar_cases / sizeof *scalar_cases; i++) {
        const ScalarCase *c = &scalar_cases[i];
        for (int k = 0; k < c->count; k++) {
            Region *r = region_new(&b->session, &b->arena, symbol(&b->session.symbols, "r"));
            Node *in[3];
            for (int j = 0; j < scalar_operands(c->scalar); j++)
                in[j] =
                    graph_number(r, c->operands[j][k],
                                 c->scalar == SC_SELECT && j == 0 ? DT_BOOL : c->dtype, 0, NULL, (Span){0});
            graph_result(r, INPUT_DATA, r->name, graph_map(r, c->scalar, in, (Span){0}), -1);
            PipelineOptions options = only(PASS_simplify);
            pipeline_run(r, &options);
            double value;
            if (node_is_number(r->results.data[0].node, &value) && value != c->expected[k])
                fail_msg("%s is folded to %g, expected %g", scalar_name(c->scalar), value, c->expected[k]);
        }
    }
}

/* Stages as they are reported, for dumps. */
static void note_stage(void *context, const char *stage, const Region *region) {
    (void)region;
    Text *out = context;
    text_printf(out, "%s ", stage);
}

static void stages_are_reported_in_order(void **state) {
    Bench *b = *state;
    Region *r = region_of_text(&b->session, &b->arena, "region r() { %0 = input(data \"a\"): f32 }");
    Text out = text_new(&b->arena);
    pipeline_run(r, &(PipelineOptions){.after = note_stage, .context = &out, .disabled = 1u << PASS_fma});
    assert_string_equal(text_str(&out), "build simplify sparse pad product slots cse ");
    assert_int_equal(pass_from_name("cse"), PASS_cse);
    assert_int_equal(pass_from_name("build"), -1);
    assert_true(strlen(pass_doc(PASS_fma)) > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_BENCH(files_of_each_pass),  WITH_BENCH(split_numerics_contract_nothing),
        WITH_BENCH(passes_keep_values),  WITH_BENCH(folding_agrees_with_the_table),
        WITH_BENCH(stages_are_reported_in_order),
    };
    return cmocka_run_group_tests_name("passes", tests, NULL, NULL);
}
