/* Sums of convolutions, each in its order (docs/numerics.md), in the forms that lines, groups and few kernels have. */
#include "tests/support/lower_test.h"

typedef struct ConvCase {
    int64_t examples, channels, height, width, kernels, window, groups;
} ConvCase;

/* Stride 1 over an array that no window leaves: each sum in its order, f32. */
static void conv_case(Test *t, ConvCase c) {
    int64_t depth = c.channels / c.groups, high = c.height - c.window + 1, wide = c.width - c.window + 1;
    const Dim *x_shape[4] = {size(t, c.examples), size(t, c.channels), size(t, c.height), size(t, c.width)};
    const Dim *w_shape[4] = {size(t, c.kernels), size(t, depth), size(t, c.window), size(t, c.window)};
    const Dim *y_shape[4] = {size(t, c.examples), size(t, c.kernels), size(t, high), size(t, wide)};
    Node *x = input_of(t, INPUT_DATA, "x", DT_F32, 4, x_shape), *w = input_of(t, INPUT_DATA, "w", DT_F32, 4, w_shape);
    Attributes attr = {.groups = (int)c.groups};
    for (int i = 0; i < 4; i++) {
        attr.low[i] = size(t, 0);
        attr.step[i] = attr.spread[i] = attr.dilation[i] = attr.window[i] = 1;
    }
    result(t, "y", graph_convolution(t->r, x, w, &attr, y_shape, here));
    LowerRun got = run_all_ways(t);
    double *met = arena_array(t->r->arena, double, depth * c.window * c.window);
    for (int64_t i = 0; i < c.examples * c.kernels * high * wide; i++) {
        int64_t column = i % wide, row = i / wide % high, kernel = i / wide / high % c.kernels, example = i / wide / high / c.kernels;
        int64_t first = kernel / (c.kernels / c.groups) * depth, at = 0;
        for (int64_t channel = first; channel < first + depth; channel++)
            for (int64_t p = 0; p < c.window * c.window; p++)
                met[at++] = t->inputs[0][((example * c.channels + channel) * c.height + row + p / c.window) * c.width + column +
                                         p % c.window];
        float want = dot_order(t->inputs[1] + kernel * at, 1, met, 1, at);
        if (lower_run_result(&got, t->r, 0, i) != (double)want) fail_msg("element %d", (int)i);
    }
}

/* Elements of a row of the panel: an odd number of whole vectors, of which the last may be read beyond. */
static int64_t panel_width(int64_t elements) { return (((elements + 15) / 16 + 1) | 1) * 16; }

/* The lines that a tile meets are packed once for a channel, of which a chunk meets so many at most; they lie one behind the
 * other, and where the places of the chunk are is worked out once. */
static void packed_lines(Test *t, ConvCase c, int64_t places, int64_t channels, int64_t met_lines) {
    conv_case(t, c);
    assert_int_equal(scratch_rows(t, "distances"), places);
    assert_int_equal(scratch_rows(t, "panel"), 1);
    assert_int_equal(scratch_extent(t, "panel", 1), channels * panel_width(met_lines * c.width));
}

static void test_convolution_of_lines(void **state) {
    packed_lines(*state, (ConvCase){2, 30, 7, 18, 20, 3, 1}, 256, 254 / 9 + 2, 7);
}

/* 11 lines by fours. */
static void test_convolution_of_lines_with_a_rest(void **state) {
    packed_lines(*state, (ConvCase){2, 40, 13, 18, 20, 3, 1}, 256, 254 / 9 + 2, 6);
}

static void test_convolution_of_long_lines(void **state) {
    packed_lines(*state, (ConvCase){1, 4, 5, 64, 17, 3, 1}, 36, 4, 5);
}

/* 192 columns are two pieces of 96. */
static void test_convolution_of_cut_lines(void **state) {
    Test *t = *state;
    conv_case(t, (ConvCase){1, 4, 5, 194, 17, 3, 1});
    assert_int_equal(scratch_extent(t, "panel", 1), 4 * panel_width(5 * (96 + 2)));
}

/* Four lines of 56 columns, two elements between them, are fifteen vectors, and would be sixteen; the second tile has three. */
static void test_convolution_of_lines_that_run_on(void **state) {
    Test *t = *state;
    packed_lines(t, (ConvCase){2, 4, 9, 58, 17, 3, 1}, 36, 4, 6);
    assert_int_equal(scratch_extent(t, "total", 1), (15 + 1) * 16);
}

/* More kernels than stay near: in groups, of which the last goes on to the last block, which is moved back. */
static void test_convolution_of_many_kernels(void **state) {
    conv_case(*state, (ConvCase){1, 30, 4, 18, 101, 3, 1});
}

/* Lines of 9 elements do not: all places are packed. */
static void test_convolution_of_short_lines(void **state) {
    Test *t = *state;
    conv_case(t, (ConvCase){3, 4, 7, 11, 20, 3, 1});
    assert_int_equal(scratch_rows(t, "panel"), 36);
}

/* With a kernel for each channel, or few of them, the array itself is read. */
static void test_convolution_of_one_kernel(void **state) {
    Test *t = *state;
    conv_case(t, (ConvCase){2, 5, 9, 30, 1, 3, 1});
    assert_int_equal(scratch_rows(t, "panel"), -1);
}

static void test_convolution_by_channel(void **state) {
    Test *t = *state;
    conv_case(t, (ConvCase){2, 6, 6, 115, 6, 3, 6});
    assert_int_equal(scratch_rows(t, "panel"), -1);
}

static void test_convolution_of_few_kernels(void **state) {
    Test *t = *state;
    conv_case(t, (ConvCase){2, 90, 4, 50, 3, 2, 1});
    assert_int_equal(scratch_rows(t, "panel"), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        T(test_convolution_of_lines),
        T(test_convolution_of_lines_with_a_rest),
        T(test_convolution_of_long_lines),
        T(test_convolution_of_cut_lines),
        T(test_convolution_of_lines_that_run_on),
        T(test_convolution_of_many_kernels),
        T(test_convolution_of_short_lines),
        T(test_convolution_of_one_kernel),
        T(test_convolution_by_channel),
        T(test_convolution_of_few_kernels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
