/* Random regions: lowered fused and unfused, under every schedule, with results that overwrite
 * inputs.  Equal bits among all of these, and close to the naive evaluator.  What is found here is
 * a kernel that reads a place too early, a fusion that changes a sum, an array that is overwritten
 * too soon. */
#include "tests/support/graph_eval.h"
#include "tests/support/lower_run.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { REGIONS = 120, STEPS = 18, POOL = 64, SIZES = 6, MAX_INPUTS = 4 };

typedef struct Random {
    Session session;
    Region *r;
    uint64_t state;
    const Dim *sizes[SIZES];
    int64_t dims[LOWER_RUN_DIMS];
    const double *inputs[MAX_INPUTS];
    Node *pool[POOL];
    int count;
} Random;

static const Span here = {1, 2};

static uint32_t pick(Random *g, uint32_t below) {
    g->state = g->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(g->state >> 33) % below;
}

static Node *any_node(Random *g) { return g->pool[pick(g, (uint32_t)g->count)]; }

static int same_shape(const Node *a, const Node *b) {
    if (a->rank != b->rank) return 0;
    for (int i = 0; i < a->rank; i++)
        if (a->shape[i] != b->shape[i]) return 0;
    return 1;
}

static Node *like(Random *g, const Node *a) {
    for (int tries = 0; tries < 8; tries++) {
        Node *b = any_node(g);
        if (same_shape(a, b)) return b;
    }
    for (int i = g->count; i-- > 0;)
        if (same_shape(a, g->pool[i])) return g->pool[i];
    return NULL;
}

static Node *map_step(Random *g) {
    static const ScalarKind two[] = {SC_ADD, SC_SUB, SC_MUL, SC_MAX, SC_MIN};
    static const ScalarKind one[] = {SC_NEG, SC_ABS, SC_TANH, SC_SIGMOID};
    Node *a = any_node(g);
    if (pick(g, 4) == 0) return graph_map1(g->r, one[pick(g, 4)], a, here);
    return graph_map2(g->r, two[pick(g, 5)], a, like(g, a), here);
}

static Node *reduce_step(Random *g) {
    static const ReduceKind kinds[] = {REDUCE_ADD, REDUCE_ADD, REDUCE_MAX, REDUCE_MIN};
    Node *a = any_node(g);
    if (!a->rank) return NULL;
    int axis = (int)pick(g, (uint32_t)a->rank);
    if (pick(g, 5) == 0) {
        Node *place = graph_reduce(g->r, REDUCE_ARGMAX, a, axis, here);
        return graph_convert(g->r, place, DT_F64, here);
    }
    return graph_reduce(g->r, kinds[pick(g, 4)], a, axis, here);
}

static Node *broadcast_step(Random *g) {
    Node *a = any_node(g);
    if (a->rank > 2) return NULL;
    int at = (int)pick(g, (uint32_t)a->rank + 1);
    const Dim *shape[GRAPH_MAX_RANK];
    int8_t axes[GRAPH_MAX_RANK];
    for (int i = 0, j = 0; i <= a->rank; i++) {
        if (i == at) {
            shape[i] = g->sizes[pick(g, SIZES)];
        } else {
            axes[j] = (int8_t)i;
            shape[i] = a->shape[j++];
        }
    }
    return graph_broadcast(g->r, a, axes, a->rank + 1, shape, here);
}

static Node *move_step(Random *g) {
    Node *a = any_node(g);
    if (!a->rank) return NULL;
    int axis = (int)pick(g, (uint32_t)a->rank);
    int8_t axes[3] = {1, 0, 2};
    Node *twice[2] = {a, a};
    const Dim *flat = dim_constant(&g->session.dims, 1);
    switch (pick(g, 4)) {
    case 0: return graph_reverse(g->r, a, axis, here);
    case 1: return a->rank >= 2 ? graph_transpose(g->r, a, axes, here) : NULL;
    case 2:
        return dim_is_constant(a->shape[axis]) ? graph_concat(g->r, twice, 2, axis, here) : NULL;
    default:
        for (int i = 0; i < a->rank; i++) flat = dim_mul(&g->session.dims, flat, a->shape[i]);
        return graph_reshape(g->r, a, 1, &flat, here);
    }
}

static Node *dot_step(Random *g) {
    Node *a = any_node(g), *b = any_node(g);
    if (a->rank + b->rank > 4) return NULL;
    for (int i = 0; i < a->rank; i++) {
        for (int j = 0; j < b->rank; j++) {
            if (a->shape[i] != b->shape[j]) continue;
            Attributes dims = {
                .contract_count = 1, .lhs_contract = {(int8_t)i}, .rhs_contract = {(int8_t)j}};
            return graph_map1(g->r, SC_TANH, graph_dot(g->r, a, b, &dims, here), here);
        }
    }
    return NULL;
}

static int is_too_large(const Random *g, const Node *n) {
    return lower_run_count(n, g->dims) > 20000;
}

static void random_input(Random *g, int i) {
    const Dim *shape[2] = {g->sizes[pick(g, SIZES)], g->sizes[pick(g, SIZES)]};
    char name[8];
    snprintf(name, sizeof name, "x%d", i);
    Node *n = graph_input(g->r, INPUT_PARAM, symbol(&g->session.symbols, name), DT_F64,
                          1 + (int)pick(g, 2), shape, here);
    int64_t count = lower_run_count(n, g->dims);
    double *values = arena_array(g->r->arena, double, count + 1);
    for (int64_t k = 0; k < count; k++) values[k] = (double)pick(g, 2001) / 1000 - 1;
    g->inputs[i] = values;
    g->pool[g->count++] = n;
}

static void random_region(Random *g) {
    static const int64_t sizes[SIZES - 1] = {1, 3, 10, 16, 37};
    for (int i = 0; i < SIZES - 1; i++) g->sizes[i] = dim_constant(&g->session.dims, sizes[i]);
    DimName *name = dim_new_name(&g->session.dims, symbol(&g->session.symbols, "B"));
    name->is_runtime = 1;
    name->maximum = 21;
    g->dims[name->id] = 1 + pick(g, 21);
    vec_push(g->r->arena, &g->r->dims, name);
    g->sizes[SIZES - 1] = dim_named(&g->session.dims, name);
    for (int i = 0; i < MAX_INPUTS; i++) random_input(g, i);
    for (int i = 0; i < STEPS; i++) {
        Node *n = NULL;
        switch (pick(g, 8)) {
        case 0:
        case 1:
        case 2: n = map_step(g); break;
        case 3: n = reduce_step(g); break;
        case 4: n = broadcast_step(g); break;
        case 5: n = move_step(g); break;
        default: n = dot_step(g); break;
        }
        if (n && !is_too_large(g, n)) g->pool[g->count++] = n;
    }
    graph_result(g->r, INPUT_DATA, symbol(&g->session.symbols, "y"), g->pool[g->count - 1], -1);
    graph_result(g->r, INPUT_DATA, symbol(&g->session.symbols, "z"), any_node(g), -1);
    for (int i = 0; i < MAX_INPUTS; i++) {
        Node *next = like(g, g->pool[i]);
        graph_result(g->r, INPUT_PARAM, g->r->inputs.data[i].path, next, i);
    }
}

static void check_region(Random *g, int number) {
    Arena *arena = g->r->arena;
    LowerRun first = {0};
    graph_verify(g->r, "random");
    for (int way = 0; way < 2 * SCHEDULE_COUNT; way++) {
        LowerOptions options = {(ScheduleKind)(way / 2), NUMERICS_FMA, way % 2};
        LowerRun run = lower_run(arena, &options, g->r, g->dims, g->inputs);
        if (!way) first = run;
        for (int i = 0; i < run.plan->slot_count; i++)
            if (memcmp(first.slots[i], run.slots[i], (size_t)run.slot_bytes[i]) != 0)
                fail_msg("region %d: slot %d differs in way %d", number, i, way);
    }
    Evaluation want = graph_evaluate(arena, g->r, g->dims, g->inputs);
    for (int k = 0; k < g->r->results.len; k++) {
        const Node *n = g->r->results.data[k].node;
        for (int64_t i = 0; i < want.counts[n->id]; i++) {
            double x = lower_run_result(&first, g->r, k, i), y = want.values[n->id][i];
            if (!(fabs(x - y) <= 1e-9 * (1 + fabs(y))) && x != y)
                fail_msg("region %d: result %d element %lld is %.17g instead of %.17g", number, k,
                         (long long)i, x, y);
        }
    }
}

static void test_random_regions(void **state) {
    (void)state;
    for (int i = 0; i < REGIONS; i++) {
        Random *g = calloc(1, sizeof *g);
        session_init(&g->session);
        g->r = region_new(&g->session, &g->session.arena, symbol(&g->session.symbols, "random"));
        g->state = (uint64_t)i + 1;
        random_region(g);
        check_region(g, i);
        session_release(&g->session);
        free(g);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_regions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
