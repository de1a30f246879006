#include "tests/support/graph_case.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Region *region_of_text(Session *session, Arena *arena, const char *text) {
    const Source *source = source_add(&session->sources, "test.graph", text, strlen(text));
    Region *r = graph_parse(session, arena, source);
    if (r) return r;
    Text out = text_new(arena);
    diags_render(&session->diags, &session->sources, (DiagStyle){0}, &out);
    fputs(text_str(&out), stderr);
    exit(1);
}

Region *region_of_scalar_case(Session *session, Arena *arena, const ScalarCase *c) {
    Text text = text_new(arena);
    int operands = scalar_operands(c->scalar);
    text_add(&text, "region r(N <= 16) {\n");
    for (int i = 0; i < operands; i++) {
        const char *type = c->scalar == SC_SELECT && i == 0 ? "bool" : dtype_name(c->dtype);
        text_printf(&text, "%%%d = input(data \"%c\"): %s[N]\n", i, 'a' + i, type);
    }
    text_printf(&text, "%%%d = map[%s](", operands, scalar_name(c->scalar));
    for (int i = 0; i < operands; i++) text_printf(&text, "%s%%%d", i ? ", " : "", i);
    int is_compare = c->scalar >= SC_EQ && c->scalar <= SC_GE;
    text_printf(&text, "): %s[N]\n", is_compare ? "bool" : dtype_name(c->dtype));
    int last = operands;
    if (is_compare || c->dtype != DT_F64)
        text_printf(&text, "%%%d = convert(%%%d): f64[N]\n", last + 1, last), last++;
    text_printf(&text, "result data \"y\" = %%%d }\n", last);
    return region_of_text(session, arena, text_str(&text));
}

const int64_t *dim_values(Arena *arena, const Region *r, const int64_t *values) {
    int64_t *by_id = arena_array(arena, int64_t, r->session->dims.names.len + 1);
    for (int i = 0; i < r->dims.len; i++) by_id[r->dims.data[i]->id] = values[i];
    return by_id;
}

/* cos(0.7*(i0 + 3*i1 + 5*i2 + ...) + phase): nothing that sums to zero by accident. */
static Node *weights(Region *r, const Node *a, double phase) {
    Node *angle = graph_number(r, phase, DT_F64, a->rank, a->shape, a->span);
    for (int i = 0; i < a->rank; i++) {
        Node *index = graph_iota(r, DT_F64, i, a->rank, a->shape, a->span);
        Node *step = graph_number(r, 0.7 * (2 * i + 1), DT_F64, a->rank, a->shape, a->span);
        angle = graph_map3(r, SC_FMA, index, step, angle, a->span);
    }
    return graph_map1(r, SC_COS, angle, a->span);
}

Node *weighted_sum(Region *r, Node *a, double phase) {
    Node *sum = graph_map2(r, SC_MUL, graph_convert(r, a, DT_F64, a->span), weights(r, a, phase), a->span);
    while (sum->rank) sum = graph_reduce(r, REDUCE_ADD, sum, sum->rank - 1, a->span);
    return sum;
}

static double value_of(const Region *r, const int64_t *dims, double *const *inputs, const Node *of) {
    Arena arena = {0};
    double value = graph_evaluate(&arena, r, dims, (const double *const *)inputs).values[of->id][0];
    arena_release(&arena);
    return value;
}

double gradient_error(Arena *arena, const Region *r, const int64_t *dims, double *const *inputs,
                      const Node *of, int input, const Node *gradient) {
    Evaluation e = graph_evaluate(arena, r, dims, (const double *const *)inputs);
    const Node *n = r->inputs.data[input].node;
    double worst = 0;
    for (int64_t i = 0; i < e.counts[n->id]; i++) {
        double *x = &inputs[input][i], was = *x, h = 1e-4 * fmax(1, fabs(was)), sum = 0;
        static const double factor[] = {8.0 / 12, -1.0 / 12}; /* central, of the fourth order */
        for (int k = 1; k <= 2; k++) {
            *x = was + k * h;
            double above = value_of(r, dims, inputs, of);
            *x = was - k * h;
            sum += factor[k - 1] * (above - value_of(r, dims, inputs, of));
        }
        *x = was;
        double expected = sum / h, found = gradient ? e.values[gradient->id][i] : 0;
        double error = fabs(found - expected) / fmax(1, fabs(expected));
        if (!(error <= worst)) worst = isnan(error) ? INFINITY : error;
    }
    return worst;
}
