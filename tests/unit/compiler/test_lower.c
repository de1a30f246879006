/* Regions lowered and run in the interpreter (tests/support/lower_test.h): rows of the tables, maps, reductions, products, fusion. */
#include "tests/support/graph_case.h"
#include "tests/support/lower_test.h"

#include "compiler/pipeline.h"

#include <stdio.h>

/* ---- every row of the tables --------------------------------------------------------------------------- */

static void check_case(Test *t, Region *r, const int64_t *dims, const double *const *inputs,
                       const double *expected, const char *what) {
    LowerRun first = {0};
    for (int way = 0; way < 2 * SCHEDULE_COUNT; way++) {
        LowerOptions options = {(ScheduleKind)(way / 2), NUMERICS_FMA, way % 2};
        LowerRun run_now = lower_run(t->r->arena, &options, r, dims, inputs);
        if (way) equal_bits(t, &first, &run_now);
        else first = run_now;
    }
    int64_t count = lower_run_count(r->results.data[0].node, dims);
    for (int64_t i = 0; i < count; i++) {
        double x = lower_run_result(&first, r, 0, i), y = expected[i];
        if (x == y || (isnan(x) && isnan(y)) || fabs(x - y) <= 1e-12 * fmax(1, fabs(y))) continue;
        fail_msg("%s: element %lld is %.17g instead of %.17g", what, (long long)i, x, y);
    }
}

static void test_op_cases(void **state) {
    Test *t = *state;
    for (size_t i = 0; i < sizeof op_cases / sizeof *op_cases; i++) {
        const OpCase *c = &op_cases[i];
        Region *r = region_of_text(&t->session, t->r->arena, c->text);
        check_case(t, r, dim_values(t->r->arena, r, c->dims), c->inputs, c->expected,
                   op_name(c->op));
    }
}

static void test_scalar_cases(void **state) {
    Test *t = *state;
    for (size_t i = 0; i < sizeof scalar_cases / sizeof *scalar_cases; i++) {
        const ScalarCase *c = &scalar_cases[i];
        Region *r = region_of_scalar_case(&t->session, t->r->arena, c);
        int64_t count = c->count;
        check_case(t, r, dim_values(t->r->arena, r, &count), c->operands, c->expected,
                   scalar_name(c->scalar));
    }
}

/* ---- maps ---------------------------------------------------------------------------------------------- */

static void test_map(void **state) {
    Test *t = *state;
    Node *x = tensor(t, "x", DT_F64, size(t, 5), size(t, 37)),
         *b = tensor(t, "b", DT_F64, size(t, 37), NULL);
    Node *s = tensor(t, "s", DT_F64, NULL, NULL);
    Node *y = m2(t, SC_MAX, m2(t, SC_ADD, x, spread(t, b, x, 1)), same(t, 0, x));
    result(t, "y", m2(t, SC_MUL, y, graph_broadcast(t->r, s, NULL, 2, x->shape, here)));
    result(t, "mask", m2(t, SC_LT, x, same(t, 0.25, x)));
    check(t, 1e-13);
}

static void test_transposes(void **state) {
    Test *t = *state;
    Node *x = tensor(t, "x", DT_F64, size(t, 21), size(t, 35));
    int8_t swap[2] = {1, 0};
    Node *y = graph_transpose(t->r, x, swap, here);
    result(t, "y", m2(t, SC_ADD, y, same(t, 1, y)));
    result(t, "z", graph_reverse(t->r, x, 1, here));
    const Dim *low[2] = {size(t, 2), size(t, 3)}, *extent[2] = {size(t, 5), size(t, 9)};
    int64_t step[2] = {3, 2};
    result(t, "s", graph_slice(t->r, x, low, step, extent, here));
    check(t, 0);
}

static void test_reshapes(void **state) {
    Test *t = *state;
    Node *x = tensor(t, "x", DT_F64, size(t, 6), size(t, 32));
    const Dim *three[3] = {size(t, 3), size(t, 2), size(t, 32)}, *flat[1] = {size(t, 192)};
    const Dim *odd[3] = {size(t, 1), size(t, 16), size(t, 12)},
              *four[4] = {size(t, 6), size(t, 1), size(t, 2), size(t, 16)};
    result(t, "a", graph_reshape(t->r, x, 3, three, here));
    result(t, "b", graph_reshape(t->r, x, 1, flat, here));
    result(t, "c", graph_reshape(t->r, x, 3, odd, here));
    result(t, "d", graph_reshape(t->r, graph_reshape(t->r, x, 4, four, here), 2, x->shape, here));
    check(t, 0);
}

static void test_pads(void **state) {
    Test *t = *state;
    Node *x = tensor(t, "x", DT_F64, size(t, 4), size(t, 7)),
         *v = tensor(t, "v", DT_F64, NULL, NULL);
    const Dim *low[2] = {size(t, 2), dim_constant(&t->session.dims, -1)},
              *shape[2] = {size(t, 9), size(t, 23)};
    int64_t gap[2] = {1, 2};
    Node *p = graph_pad(t->r, x, v, low, gap, shape, here);
    result(t, "p", p);
    Node *parts[3] = {x, m1(t, SC_NEG, x), x};
    result(t, "c", graph_concat(t->r, parts, 3, 1, here));
    result(t, "d", graph_concat(t->r, parts, 3, 0, here));
    check(t, 0);
}

static void test_gather_scatter(void **state) {
    Test *t = *state;
    Node *table = tensor(t, "table", DT_F64, size(t, 9), size(t, 21)),
         *ids = tensor(t, "ids", DT_I32, size(t, 14), NULL);
    Node *rows = tensor(t, "rows", DT_F64, size(t, 14), size(t, 21));
    result(t, "g", m1(t, SC_NEG, graph_gather(t->r, table, ids, 0, here)));
    result(t, "a", graph_scatter(t->r, table, ids, rows, 0, 1, here));
    result(t, "s", graph_scatter(t->r, table, ids, rows, 0, 0, here));
    Node *columns = tensor(t, "columns", DT_F64, size(t, 9), size(t, 14));
    result(t, "h", graph_gather(t->r, table, ids, 1, here));
    result(t, "b", graph_scatter(t->r, table, ids, columns, 1, 1, here));
    check(t, 1e-13);
}

/* ---- reductions ---------------------------------------------------------------------------------------- */

static void reduce_case(Test *t, DType type, int64_t rows, int64_t columns) {
    const Dim *a = batch(t, rows, rows + 3), *b = size(t, columns);
    char name[32];
    snprintf(name, sizeof name, "x%lld_%lld", (long long)rows, (long long)columns);
    Node *x = tensor(t, name, type, a, b);
    static const ReduceKind kinds[] = {REDUCE_ADD, REDUCE_MAX, REDUCE_MIN, REDUCE_ARGMAX,
                                       REDUCE_ARGMIN};
    for (int axis = 0; axis < 2; axis++)
        for (int i = 0; i < 5; i++) result(t, "y", graph_reduce(t->r, kinds[i], x, axis, here));
    result(t, "p", graph_reduce(t->r, REDUCE_MUL, m2(t, SC_ADD, x, same(t, 1, x)), 1, here));
    Node *positive = m2(t, SC_LT, same(t, -0.9, x), x);
    result(t, "all", graph_reduce(t->r, REDUCE_AND, positive, 1, here));
    result(t, "any", graph_reduce(t->r, REDUCE_OR, positive, 0, here));
}

static void test_reduces(void **state) {
    Test *t = *state;
    reduce_case(t, DT_F64, 5, 3);
    reduce_case(t, DT_F64, 3, 16);
    reduce_case(t, DT_F64, 37, 29);
    check(t, 1e-12);
}

static void test_long_reduces(void **state) {
    Test *t = *state;
    reduce_case(t, DT_F64, 2, 1100);
    reduce_case(t, DT_F64, 33, 100);
    check(t, 1e-12);
}

/* The order as docs/numerics.md states it. */
static float slots_sum(const double *x, int64_t n, int64_t stride, int slots) {
    float slot[64];
    for (int i = 0; i < slots; i++) slot[i] = -0.0f;
    for (int64_t i = 0; i < n; i++) slot[i % slots] += (float)x[i * stride];
    for (int half = slots / 2; half; half /= 2)
        for (int i = 0; i < half; i++) slot[i] += slot[i + half];
    return slot[0];
}

static void sum_order(Test *t, int64_t rows, int64_t columns) {
    Node *x = tensor(t, "x", DT_F32, size(t, rows), size(t, columns));
    result(t, "across", graph_reduce(t->r, REDUCE_ADD, x, 0, here));
    result(t, "along", graph_reduce(t->r, REDUCE_ADD, x, 1, here));
    LowerRun got = run_all_ways(t);
    for (int64_t j = 0; j < columns; j++)
        assert_true(lower_run_result(&got, t->r, 0, j) ==
                    (double)slots_sum(t->inputs[0] + j, rows, columns, 16));
    for (int64_t i = 0; i < rows; i++)
        assert_true(
            lower_run_result(&got, t->r, 1, i) ==
            (double)slots_sum(t->inputs[0] + i * columns, columns, 1, columns >= 1024 ? 64 : 16));
}

static void test_sum_order_short(void **state) { sum_order(*state, 19, 27); }
static void test_sum_order_long(void **state) { sum_order(*state, 70, 1500); }

/* ---- products ------------------------------------------------------------------------------------------ */

static void dot_case(Test *t, int64_t m, int64_t n, int64_t k, int a_axis, int b_axis) {
    Node *a = a_axis ? tensor(t, "a", DT_F32, size(t, m), size(t, k))
                     : tensor(t, "a", DT_F32, size(t, k), size(t, m));
    Node *b = b_axis ? tensor(t, "b", DT_F32, size(t, n), size(t, k))
                     : tensor(t, "b", DT_F32, size(t, k), size(t, n));
    result(t, "c", matmul(t, a, b, a_axis, b_axis));
    LowerRun got = run_all_ways(t);
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++) {
            float want = dot_order(t->inputs[0] + i * (a_axis ? k : 1), a_axis ? 1 : m,
                                   t->inputs[1] + j * (b_axis ? k : 1), b_axis ? 1 : n, k);
            assert_true(lower_run_result(&got, t->r, 0, i * n + j) == (double)want);
        }
    }
}

static void test_dot_plain(void **state) { dot_case(*state, 31, 70, 300, 1, 0); }
static void test_dot_left_transposed(void **state) { dot_case(*state, 29, 32, 61, 0, 0); }
static void test_dot_right_transposed(void **state) { dot_case(*state, 17, 50, 270, 1, 1); }
static void test_dot_both_transposed(void **state) { dot_case(*state, 9, 33, 20, 0, 1); }
static void test_dot_ten_columns(void **state) { dot_case(*state, 61, 10, 520, 1, 0); }
static void test_dot_one_column(void **state) { dot_case(*state, 23, 1, 100, 1, 0); }
static void test_dot_one_row(void **state) { dot_case(*state, 1, 200, 70, 1, 0); }

/* The panel of a chunk for all rows of a tile, whose totals wait; the last block of rows is moved back. */
static void dot_by_chunks(Test *t, int a_axis, int b_axis) {
    dot_case(t, 71, 270, 530, a_axis, b_axis);
    assert_int_equal(scratch_rows(t, "pack"), 256);
    assert_int_equal(scratch_rows(t, "done"), 6 * 12);
    assert_int_equal(scratch_rows(t, "left"), -1);
}

static void test_dot_by_chunks(void **state) { dot_by_chunks(*state, 1, 0); }
static void test_dot_by_chunks_left_transposed(void **state) { dot_by_chunks(*state, 0, 0); }
static void test_dot_by_chunks_right_transposed(void **state) { dot_by_chunks(*state, 1, 1); }

/* So many rows that those of a chunk are copied: all columns in one tile, and as many blocks of rows as leave tiles for all workers.  The
 * depth ends within a vector. */
static void test_dot_of_copied_rows(void **state) {
    Test *t = *state;
    dot_case(t, 1401, 430, 257, 1, 0);
    assert_int_equal(scratch_extent(t, "left", 1), 13 * 14 * 256 + 16);
    assert_int_equal(scratch_rows(t, "done"), 14 * 13 * 14);
}

/* Of fewer rows the copy would not pay. */
static void test_dot_of_few_rows_not_copied(void **state) {
    Test *t = *state;
    dot_case(t, 300, 260, 270, 1, 0);
    assert_int_equal(scratch_rows(t, "done"), 11 * 14);
}

/* Rows that only the run knows: fewer than a block, one block, several. */
static void test_dot_by_chunks_at_run_time_size(void **state) {
    Test *t = *state;
    const Dim *rows = batch(t, 5, 80);
    Node *a = tensor(t, "a", DT_F32, rows, size(t, 300)), *b = tensor(t, "b", DT_F32, size(t, 300), size(t, 270));
    result(t, "c", matmul(t, a, b, 1, 0));
    assert_int_equal(scratch_rows(t, "pack"), 256);
    for (int64_t n = 5; n <= 60; n += 27) {
        t->dims[0] = n;
        double *values = arena_array(t->r->arena, double, 80 * 300);
        for (int i = 0; i < 80 * 300; i++) values[i] = (double)(float)next_random(t);
        t->inputs[0] = values;
        LowerRun got = run_all_ways(t);
        for (int64_t i = 0; i < n * 270; i++) {
            float want = dot_order(values + i / 270 * 300, 1, t->inputs[1] + i % 270, 270, 300);
            assert_true(lower_run_result(&got, t->r, 0, i) == (double)want);
        }
    }
}

static void test_dots_of_other_ranks(void **state) {
    Test *t = *state;
    const Dim *shape_a[4] = {size(t, 3), size(t, 5), size(t, 4), size(t, 6)};
    const Dim *shape_b[4] = {size(t, 6), size(t, 3), size(t, 4), size(t, 18)};
    Node *a = input_of(t, INPUT_DATA, "a", DT_F64, 4, shape_a),
         *b = input_of(t, INPUT_DATA, "b", DT_F64, 4, shape_b);
    Attributes two = {.batch_count = 1,
                      .contract_count = 2,
                      .lhs_batch = {0},
                      .rhs_batch = {1},
                      .lhs_contract = {2, 3},
                      .rhs_contract = {2, 0}};
    result(t, "two", graph_dot(t->r, a, b, &two, here));
    Node *v = tensor(t, "v", DT_F64, size(t, 6), NULL),
         *m = tensor(t, "m", DT_F64, size(t, 20), size(t, 6));
    result(t, "vector", matmul(t, m, v, 1, 0));
    result(t, "scalar", matmul(t, v, v, 0, 0));
    Attributes rows = {.batch_count = 1,
                       .contract_count = 1,
                       .lhs_batch = {0},
                       .rhs_batch = {0},
                       .lhs_contract = {1},
                       .rhs_contract = {1}};
    result(t, "rows", graph_dot(t->r, m, m, &rows, here));
    Attributes heads = {.batch_count = 2,
                        .contract_count = 1,
                        .lhs_batch = {0, 1},
                        .rhs_batch = {0, 1},
                        .lhs_contract = {3},
                        .rhs_contract = {3}};
    result(t, "heads", graph_dot(t->r, a, a, &heads, here));
    check(t, 1e-12);
}

static void test_dot_at_run_time_size(void **state) {
    Test *t = *state;
    const Dim *b1 = batch(t, 3, 64), *b2 = batch(t, 61, 64);
    Node *w = tensor(t, "w", DT_F64, size(t, 20), size(t, 40));
    result(t, "few", matmul(t, tensor(t, "x1", DT_F64, b1, size(t, 20)), w, 1, 0));
    Node *x2 = tensor(t, "x2", DT_F64, b2, size(t, 20)),
         *y2 = tensor(t, "y2", DT_F64, b2, size(t, 24));
    result(t, "many", matmul(t, x2, w, 1, 0));
    result(t, "over", matmul(t, x2, y2, 0, 0));
    result(t, "square", matmul(t, x2, x2, 1, 1));
    check(t, 1e-12);
}

/* ---- fusion -------------------------------------------------------------------------------------------- */

static void test_softmax(void **state) {
    Test *t = *state;
    Node *x = tensor(t, "x", DT_F32, size(t, 7), size(t, 100));
    Node *e = m1(t, SC_EXP,
                 m2(t, SC_SUB, x, spread(t, graph_reduce(t->r, REDUCE_MAX, x, 1, here), x, 0)));
    result(t, "y", m2(t, SC_DIV, e, spread(t, graph_reduce(t->r, REDUCE_ADD, e, 1, here), x, 0)));
    LowerRun got = check(t, 1e-5);
    assert_int_equal(got.plan->kernels.len, 1);
}

static void test_swapped_weights(void **state) {
    Test *t = *state;
    Node *a = weight(t, "a", DT_F64, size(t, 3), size(t, 5)),
         *b = weight(t, "b", DT_F64, size(t, 3), size(t, 5));
    graph_result(t->r, INPUT_PARAM, symbol(&t->session.symbols, "a"), b, 0);
    graph_result(t->r, INPUT_PARAM, symbol(&t->session.symbols, "b"), a, 1);
    result(t, "old", a);
    check(t, 0);
}

static void test_overwritten_while_read(void **state) {
    Test *t = *state;
    Node *w = weight(t, "w", DT_F64, size(t, 20), size(t, 20)),
         *x = tensor(t, "x", DT_F64, size(t, 6), size(t, 20));
    Node *y = matmul(t, x, w, 1, 0);
    Node *next = m2(t, SC_SUB, w, matmul(t, x, y, 0, 0)); /* in place: y has read w before */
    graph_result(t->r, INPUT_PARAM, symbol(&t->session.symbols, "w"), next, 0);
    Node *v =
        weight(t, "v", DT_F64, size(t, 20), size(t, 20)); /* reads itself across rows: a copy */
    graph_result(t->r, INPUT_PARAM, symbol(&t->session.symbols, "v"), matmul(t, v, v, 1, 0), 2);
    result(t, "after", matmul(t, next, w, 1, 0));
    check(t, 1e-12);
}

typedef struct Adam {
    Node *rate, *decay1, *decay2, *step;
} Adam;

static Node *fill(Test *t, Node *scalar, const Node *like) {
    return graph_broadcast(t->r, scalar, NULL, like->rank, like->shape, here);
}

static void adam_update(Test *t, const Adam *o, const char *name, int w_index, Node *w, Node *g) {
    char path[64];
    snprintf(path, sizeof path, "%s.m", name);
    Node *m = input_of(t, INPUT_SLOT, path, DT_F32, w->rank, w->shape);
    int m_index = t->r->inputs.len - 1;
    snprintf(path, sizeof path, "%s.v", name);
    Node *v = m1(t, SC_ABS, input_of(t, INPUT_SLOT, path, DT_F32, w->rank, w->shape));
    int v_index = t->r->inputs.len - 1;
    Node *one = graph_number(t->r, 1, DT_F32, 0, NULL, here);
    Node *m_new = m2(t, SC_ADD, m2(t, SC_MUL, m, fill(t, o->decay1, w)),
                     m2(t, SC_MUL, g, fill(t, m2(t, SC_SUB, one, o->decay1), w)));
    Node *v_new = m2(t, SC_ADD, m2(t, SC_MUL, v, fill(t, o->decay2, w)),
                     m2(t, SC_MUL, m2(t, SC_MUL, g, g), fill(t, m2(t, SC_SUB, one, o->decay2), w)));
    Node *c1 = m2(t, SC_SUB, one, m2(t, SC_POW, o->decay1, o->step)),
         *c2 = m2(t, SC_SUB, one, m2(t, SC_POW, o->decay2, o->step));
    Node *mh = m2(t, SC_DIV, m_new, fill(t, c1, w)), *vh = m2(t, SC_DIV, v_new, fill(t, c2, w));
    Node *to = m2(t, SC_SUB, w,
                  m2(t, SC_MUL, fill(t, o->rate, w),
                     m2(t, SC_DIV, mh, m2(t, SC_ADD, m1(t, SC_SQRT, vh), same(t, 1e-8, w)))));
    graph_result(t->r, INPUT_PARAM, symbol(&t->session.symbols, name), to, w_index);
    graph_result(t->r, INPUT_SLOT, t->r->inputs.data[m_index].path, m_new, m_index);
    graph_result(t->r, INPUT_SLOT, t->r->inputs.data[v_index].path, v_new, v_index);
}

static Node *hyper(Test *t, const char *name, double v) {
    Node *n = input_of(t, INPUT_HYPER, name, DT_F32, 0, NULL);
    double *value = arena_array(t->r->arena, double, 1);
    *value = (double)(float)v;
    t->inputs[t->r->inputs.len - 1] = value;
    return n;
}

static Node *cross_entropy(Test *t, Node *z, Node *label) {
    Node *m = graph_detach(t->r, graph_reduce(t->r, REDUCE_MAX, z, 1, here), here);
    Node *e = m1(t, SC_EXP, m2(t, SC_SUB, z, spread(t, m, z, 0)));
    Node *log_sum = m2(t, SC_ADD, m1(t, SC_LOG, graph_reduce(t->r, REDUCE_ADD, e, 1, here)), m);
    Node *hit =
        m2(t, SC_EQ, graph_iota(t->r, DT_I32, 1, 2, z->shape, here), spread(t, label, z, 0));
    Node *chosen = graph_map3(t->r, SC_SELECT, hit, z, same(t, 0, z), here);
    return m2(t, SC_SUB, log_sum, graph_reduce(t->r, REDUCE_ADD, chosen, 1, here));
}

/* 784-512-512-10 in small: sizes are arguments. */
static void train_step(Test *t, int64_t value, int64_t maximum, const int64_t *sizes) {
    const Dim *b = batch(t, value, maximum);
    Node *x = tensor(t, "x", DT_F32, b, size(t, sizes[0])),
         *label = tensor(t, "label", DT_I32, b, NULL), *h = x, *w[6];
    int index[6];
    for (int i = 0; i < 3; i++) {
        char name[16];
        snprintf(name, sizeof name, "dense_%d.w", i);
        w[2 * i] = weight(t, name, DT_F32, size(t, sizes[i]), size(t, sizes[i + 1]));
        index[2 * i] = t->r->inputs.len - 1;
        snprintf(name, sizeof name, "dense_%d.b", i);
        w[2 * i + 1] = weight(t, name, DT_F32, size(t, sizes[i + 1]), NULL);
        index[2 * i + 1] = t->r->inputs.len - 1;
        Node *z = matmul(t, h, w[2 * i], 1, 0);
        h = m2(t, SC_ADD, z, spread(t, w[2 * i + 1], z, 1));
        if (i < 2) h = m2(t, SC_MAX, h, same(t, 0, h));
    }
    Node *loss = m2(t, SC_DIV, graph_reduce(t->r, REDUCE_ADD, cross_entropy(t, h, label), 0, here),
                    graph_dim_value(t->r, b, DT_F32, here));
    result(t, "loss", loss);
    Node *right = m2(t, SC_EQ, graph_reduce(t->r, REDUCE_ARGMAX, h, 1, here), label);
    result(t, "right",
           graph_reduce(t->r, REDUCE_ADD, graph_convert(t->r, right, DT_F32, here), 0, here));
    Adam o = {hyper(t, "lr", 0.001), hyper(t, "beta1", 0.9), hyper(t, "beta2", 0.999),
              hyper(t, "t", 3)};
    Node *gradient[6];
    graph_gradient(t->r, loss, w, 6, gradient);
    for (int i = 0; i < 6; i++)
        adam_update(t, &o, t->r->inputs.data[index[i]].path->text, index[i], w[i], gradient[i]);
    pipeline_run(t->r, &(PipelineOptions){.numerics = NUMERICS_FMA});
}

static void test_train_step_bits(void **state) {
    Test *t = *state;
    static const int64_t sizes[4] = {40, 48, 33, 10};
    train_step(t, 13, 16, sizes);
    check(t, 1e-4);
}

static void test_train_step_structure(void **state) {
    Test *t = *state;
    static const int64_t sizes[4] = {784, 512, 512, 10};
    train_step(t, 1, 64, sizes);
    LowerOptions options = {.schedule = SCHEDULE_X86_64_V4, .numerics = NUMERICS_FMA};
    LowerFacts facts;
    LoopPlan *plan = lower_region(t->r->arena, &options, t->r, &facts);
    Text text = text_new(t->r->arena);
    kernels_report(&text, &t->session.sources, plan, &facts);
    if (plan->kernels.len > 14) fail_msg("%s", text_str(&text));
    int products = 0;
    for (int i = 0; i < plan->kernels.len; i++)
        products += strcmp(plan->kernels.data[i]->hero, "contract") == 0;
    assert_int_equal(products, 8);
    assert_true(plan->arena_bytes < 784 * 512 * 4); /* no gradient of a weight is in memory */
}


int main(void) {
    const struct CMUnitTest tests[] = {
        T(test_op_cases),
        T(test_scalar_cases),
        T(test_map),
        T(test_transposes),
        T(test_reshapes),
        T(test_pads),
        T(test_gather_scatter),
        T(test_reduces),
        T(test_long_reduces),
        T(test_sum_order_short),
        T(test_sum_order_long),
        T(test_dot_plain),
        T(test_dot_left_transposed),
        T(test_dot_right_transposed),
        T(test_dot_both_transposed),
        T(test_dot_ten_columns),
        T(test_dot_one_column),
        T(test_dot_one_row),
        T(test_dot_by_chunks),
        T(test_dot_by_chunks_left_transposed),
        T(test_dot_by_chunks_right_transposed),
        T(test_dot_of_copied_rows),
        T(test_dot_of_few_rows_not_copied),
        T(test_dot_by_chunks_at_run_time_size),
        T(test_dots_of_other_ranks),
        T(test_dot_at_run_time_size),
        T(test_softmax),
        T(test_swapped_weights),
        T(test_overwritten_while_read),
        T(test_train_step_bits),
        T(test_train_step_structure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
