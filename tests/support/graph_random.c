#include "tests/support/graph_random.h"

#include "tests/support/graph_case.h"

typedef struct Random {
    uint64_t state;
} Random;

static int below(Random *random, int limit) {
    random->state = random->state * 6364136223846793005u + 1442695040888963407u;
    return (int)((random->state >> 33) % (uint64_t)limit);
}

/* All nodes are [B, 3] or [3]; functions that stay moderate and smooth around moderate values. */
static Node *random_node(Region *r, Random *random, Node *const *full, int count, Node *vector) {
    static const ScalarKind unary[] = {SC_TANH, SC_SIN, SC_SIGMOID, SC_ERF, SC_NEG, SC_COS};
    static const ScalarKind binary[] = {SC_ADD, SC_SUB, SC_MUL};
    Node *a = full[below(random, count)], *b = full[below(random, count)];
    Span span = {0};
    int8_t last = 1, swap[] = {1, 0};
    switch (below(random, 9)) {
    case 0: case 1: return graph_map1(r, unary[below(random, 6)], a, span);
    case 2: case 3: return graph_map2(r, binary[below(random, 3)], a, b, span);
    case 4: return graph_reverse(r, a, below(random, 2), span);
    case 5: { /* a times its own Gram matrix */
        Attributes rows = {.contract_count = 1}, columns = {.contract_count = 1, .lhs_contract = {1}};
        return graph_dot(r, a, graph_dot(r, b, a, &rows, span), &columns, span);
    }
    case 6: return graph_map2(r, SC_MUL, a, graph_broadcast(r, vector, &last, 2, a->shape, span), span);
    case 7: {
        Node *sum = graph_reduce(r, below(random, 2) ? REDUCE_ADD : REDUCE_MAX, a, 0, span);
        return graph_map2(r, SC_ADD, b, graph_broadcast(r, sum, &last, 2, b->shape, span), span);
    }
    default: {
        Node *pair[] = {graph_transpose(r, a, swap, span), graph_transpose(r, b, swap, span)};
        const Dim *extent[] = {a->shape[1], a->shape[0]};
        int64_t step[] = {2, 1};
        Node *both = graph_concat(r, pair, 2, 0, span); /* every second of its six rows */
        return graph_transpose(r, graph_slice(r, both, NULL, step, extent, span), swap, span);
    }
    }
}

RandomGraph random_graph(Session *session, Arena *arena, uint64_t seed) {
    Random random = {seed};
    RandomGraph g = {.inputs = arena_array(arena, double *, RANDOM_GRAPH_INPUTS)};
    Region *r = region_of_text(session, arena,
                               "region r(B <= 8) { %0 = input(data \"a\"): f64[B, 3]\n"
                               "%1 = input(data \"b\"): f64[B, 3] %2 = input(data \"v\"): f64[3] }");
    Node *full[10] = {r->nodes.data[0], r->nodes.data[1]};
    for (int count = 2; count < 10; count++)
        full[count] =
            graph_map1(r, SC_TANH, random_node(r, &random, full, count, r->nodes.data[2]), (Span){0});
    g.region = r;
    g.of = weighted_sum(r, full[9], 0.2);
    g.batch = 1 + below(&random, 3);
    for (int i = 0; i < RANDOM_GRAPH_INPUTS; i++) {
        g.inputs[i] = arena_array(arena, double, 3 * g.batch);
        for (int64_t k = 0; k < 3 * g.batch; k++) g.inputs[i][k] = below(&random, 2000) / 1000.0 - 1;
    }
    return g;
}
