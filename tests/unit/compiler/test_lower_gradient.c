/* First and second derivatives of every case and of random graphs, through the passes and the lowering into
 * the interpreter, against the naive evaluator. */
#include "compiler/pipeline.h"
#include "tests/support/graph_case.h"
#include "tests/support/graph_random.h"
#include "tests/support/lower_run.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void add_gradients(Region *r, Node *of, int order) {
    Node *next = NULL;
    for (int i = 0; i < r->inputs.len; i++) {
        Node *gradient = NULL, *wrt = r->inputs.data[i].node;
        graph_gradient(r, of, &wrt, 1, &gradient);
        if (!gradient) continue;
        graph_result(r, INPUT_DATA, symbol_printf(&r->session->symbols, "d%d.%d", order, i), gradient, -1);
        Node *part = weighted_sum(r, gradient, 0.3 + i);
        next = next ? graph_map2(r, SC_ADD, next, part, (Span){0}) : part;
    }
    if (next && order < 2) add_gradients(r, next, order + 1);
}

static void check(Arena *arena, Region *r, const int64_t *dims, const double *const *inputs,
                  const char *what) {
    Vec(Node *) before = {0};
    for (int i = 0; i < r->results.len; i++) vec_push(arena, &before, r->results.data[i].node);
    Evaluation want = graph_evaluate(arena, r, dims, inputs);
    pipeline_run(r, &(PipelineOptions){.numerics = NUMERICS_FMA});
    LowerRun got = lower_run(arena, &(LowerOptions){.numerics = NUMERICS_FMA}, r, dims, inputs);
    for (int k = 0; k < before.len; k++)
        for (int64_t i = 0; i < want.counts[before.data[k]->id]; i++) {
            double x = lower_run_result(&got, r, k, i), y = want.values[before.data[k]->id][i];
            if (!(fabs(x - y) <= 1e-12 * fmax(1, fabs(y))) && !(isnan(x) && isnan(y)))
                fail_msg("%s: %s, element %d is %.17g, evaluated %.17g", what, r->results.data[k].path->text,
                         (int)i, x, y);
        }
}

static void derivatives_of_operations(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof op_cases / sizeof *op_cases; i++) {
        Session session;
        session_init(&session);
        const OpCase *c = &op_cases[i];
        Region *r = region_of_text(&session, &session.arena, c->text);
        if (c->is_smooth) add_gradients(r, weighted_sum(r, r->results.data[0].node, 0.1), 1);
        check(&session.arena, r, dim_values(&session.arena, r, c->dims), c->inputs, op_name(c->op));
        session_release(&session);
    }
}

static void derivatives_of_functions(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof scalar_cases / sizeof *scalar_cases; i++) {
        Session session;
        session_init(&session);
        const ScalarCase *c = &scalar_cases[i];
        int64_t count = c->count;
        Region *r = region_of_scalar_case(&session, &session.arena, c);
        if (c->is_smooth) add_gradients(r, weighted_sum(r, r->results.data[0].node, 0.1), 1);
        check(&session.arena, r, dim_values(&session.arena, r, &count), c->operands, scalar_name(c->scalar));
        session_release(&session);
    }
}

static void derivatives_of_random_graphs(void **state) {
    (void)state;
    for (uint64_t seed = 101; seed <= 130; seed++) {
        Session session;
        session_init(&session);
        RandomGraph g = random_graph(&session, &session.arena, seed);
        graph_result(g.region, INPUT_DATA, g.region->name, g.of, -1);
        add_gradients(g.region, g.of, 1);
        check(&session.arena, g.region, dim_values(&session.arena, g.region, &g.batch),
              (const double *const *)g.inputs, arena_printf(&session.arena, "random graph %d", (int)seed));
        session_release(&session);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derivatives_of_operations),
        cmocka_unit_test(derivatives_of_functions),
        cmocka_unit_test(derivatives_of_random_graphs),
    };
    return cmocka_run_group_tests_name("derivatives lowered", tests, NULL, NULL);
}
