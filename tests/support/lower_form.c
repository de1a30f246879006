#include "tests/support/lower_form.h"

#include "tests/support/graph_case.h"
#include "tests/support/graph_eval.h"
#include "tests/support/lower_run.h"

#include "compiler/loop_print.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const double *numbers(Arena *arena, const Node *n, const int64_t *dims) {
    int64_t count = lower_run_count(n, dims);
    double *values = arena_array(arena, double, count + 1);
    for (int64_t i = 0; i < count; i++)
        values[i] = n->dtype == DT_BOOL       ? (double)(i % 3 == 1)
                    : dtype_is_float(n->dtype) ? (double)(float)sin(0.37 * (double)(i % 1009) + n->id)
                   : n->rank                   ? (double)(i % 7 * 1307 + i % 5)
                                               : 9;
    return values;
}

static void check_words(Arena *arena, const Form *form, const LoopPlan *plan) {
    Text text = text_new(arena);
    plan_print(&text, plan);
    for (int i = 0; i < 3 && form->with[i]; i++)
        if (!strstr(text_str(&text), form->with[i])) fail_msg("no \"%s\" in\n%s", form->with[i], text_str(&text));
    for (int i = 0; i < 3 && form->without[i]; i++)
        if (strstr(text_str(&text), form->without[i])) fail_msg("\"%s\" in\n%s", form->without[i], text_str(&text));
}

static void compare_to_naive(Arena *arena, const Region *r, const LowerRun *run, const int64_t *dims,
                             const double *const *inputs) {
    Evaluation want = graph_evaluate(arena, r, dims, inputs);
    for (int k = 0; k < r->results.len; k++) {
        const Node *n = r->results.data[k].node;
        for (int64_t i = 0; i < want.counts[n->id]; i++) {
            double x = lower_run_result(run, r, k, i), y = want.values[n->id][i];
            if (!(fabs(x - y) <= 1e-4 * (1 + fabs(y))))
                fail_msg("result %d element %lld: %.9g instead of %.9g", k, (long long)i, x, y);
        }
    }
}

static void run_all_ways(Arena *arena, const Form *form, const Region *r, const int64_t *dims) {
    const double **inputs = arena_array(arena, const double *, r->inputs.len + 1);
    for (int i = 0; i < r->inputs.len; i++) inputs[i] = numbers(arena, r->inputs.data[i].node, dims);
    LowerRun first = {0};
    for (int way = 0; way < 2 * SCHEDULE_COUNT; way++) {
        LowerOptions options = {(ScheduleKind)(way / 2), NUMERICS_FMA, way % 2};
        LowerRun now = lower_run(arena, &options, r, dims, inputs);
        if (!way) {
            first = now;
            check_words(arena, form, now.plan);
            compare_to_naive(arena, r, &now, dims, inputs);
        }
        for (int i = 0; i < now.plan->slot_count; i++)
            if (memcmp(first.slots[i], now.slots[i], (size_t)now.slot_bytes[i]) != 0)
                fail_msg("slot %d differs in way %d", i, way);
    }
}

void check_form(const Form *form) {
    Session session;
    session_init(&session);
    Region *r = region_of_text(&session, &session.arena, form->text);
    int i = 0;
    do run_all_ways(&session.arena, form, r, dim_values(&session.arena, r, &form->dims[i]));
    while (++i < 3 && form->dims[i]);
    session_release(&session);
}
