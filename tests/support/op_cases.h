/* One or more small regions for every row of op.def and scalar.def, with the result worked out by hand.
 * In f64, so that executors are compared far below the error of a wrong formula.  Shared by the tests of
 * the graph, of differentiation and of lowering; test_autodiff.c fails when a row has no case. */
#ifndef DLC_TESTS_OP_CASES_H
#define DLC_TESTS_OP_CASES_H

#include "compiler/graph.h"

typedef struct OpCase {
    OpKind op;
    const char *text;         /* the region; its first result is what is expected */
    int64_t dims[2];          /* values of the run-time sizes in the order of the head */
    const double *inputs[4];  /* elements of each input */
    const double *expected;
    int is_smooth; /* float inputs can be moved a little: gradients are compared with central differences */
} OpCase;

#define ELEMENTS(...) ((const double[]){__VA_ARGS__})

static const OpCase op_cases[] = {
    {OP_INPUT, "region r(B <= 4) { %0 = input(data \"a\"): f64[B] result data \"y\" = %0 }",
     {3}, {ELEMENTS(1, -2, 3)}, ELEMENTS(1, -2, 3), 1},
    {OP_CONST, "region r() { %0 = const([1, 2.5, -3]): f64[3] result data \"y\" = %0 }",
     {0}, {0}, ELEMENTS(1, 2.5, -3), 0},
    {OP_CONST, "region r(B <= 4) { %0 = const(7): f64[B, 2] result data \"y\" = %0 }",
     {2}, {0}, ELEMENTS(7, 7, 7, 7), 0},
    {OP_DIM_VALUE, "region r(B <= 8, T <= 9) { %0 = dim_value(B*T + 2*B): f64 result data \"y\" = %0 }",
     {5, 7}, {0}, ELEMENTS(45), 0},
    {OP_MAP,
     "region r(B <= 4) { %0 = input(data \"a\"): f64[B, 2] %1 = input(data \"b\"): f64[B, 2]\n"
     "%2 = map[mul](%0, %1): f64[B, 2] result data \"y\" = %2 }",
     {2}, {ELEMENTS(1, 2, 3, 4), ELEMENTS(5, 6, 7, 8)}, ELEMENTS(5, 12, 21, 32), 1},
    {OP_CONVERT,
     "region r() { %0 = input(data \"a\"): f64[5] %1 = convert(%0): i32[5] %2 = convert(%1): f64[5]\n"
     "result data \"y\" = %2 }",
     {0}, {ELEMENTS(1.75, -1.75, 0, 5e9, -5e9)}, ELEMENTS(1, -1, 0, 2147483647, -2147483648.0), 0},
    {OP_CONVERT,
     "region r() { %0 = input(data \"a\"): f64[3] %1 = convert(%0): u8[3] %2 = convert(%1): bool[3]\n"
     "%3 = convert(%2): f64[3] result data \"y\" = %3 }",
     {0}, {ELEMENTS(-3, 0.5, 300)}, ELEMENTS(0, 0, 1), 0},
    {OP_DETACH, "region r() { %0 = input(data \"a\"): f64[2] %1 = detach(%0): f64[2] result data \"y\" = %1 }",
     {0}, {ELEMENTS(1, 2)}, ELEMENTS(1, 2), 0},
    {OP_RESHAPE,
     "region r(B <= 4) { %0 = input(data \"a\"): f64[B, 2, 3] %1 = reshape(%0): f64[2*B, 3] result data \"y\" = %1 }",
     {1}, {ELEMENTS(1, 2, 3, 4, 5, 6)}, ELEMENTS(1, 2, 3, 4, 5, 6), 1},
    {OP_TRANSPOSE,
     "region r(B <= 4) { %0 = input(data \"a\"): f64[B, 1, 3] %1 = transpose(%0; axes 2, 0, 1): f64[3, B, 1]\n"
     "result data \"y\" = %1 }",
     {2}, {ELEMENTS(1, 2, 3, 4, 5, 6)}, ELEMENTS(1, 4, 2, 5, 3, 6), 1},
    {OP_BROADCAST,
     "region r(B <= 4) { %0 = input(data \"a\"): f64[2] %1 = broadcast(%0; axes 1): f64[B, 2, 3]\n"
     "result data \"y\" = %1 }",
     {2}, {ELEMENTS(1, 2)}, ELEMENTS(1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2), 1},
    {OP_BROADCAST,
     "region r(B <= 4) { %0 = input(data \"a\"): f64 %1 = broadcast(%0; axes): f64[B] result data \"y\" = %1 }",
     {3}, {ELEMENTS(5)}, ELEMENTS(5, 5, 5), 1},
    {OP_SLICE,
     "region r(B <= 8) { %0 = input(data \"a\"): f64[B, 5] %1 = slice(%0; low 1, 0; step 1, 2): f64[B - 2, 3]\n"
     "result data \"y\" = %1 }",
     {3}, {ELEMENTS(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)}, ELEMENTS(5, 7, 9), 1},
    {OP_PAD,
     "region r(B <= 8) { %0 = input(data \"a\"): f64[B, 2] %1 = input(data \"v\"): f64\n"
     "%2 = pad(%0, %1; low 1, 0; step 0, 1): f64[B + 1, 4] result data \"y\" = %2 }",
     {2}, {ELEMENTS(1, 2, 3, 4), ELEMENTS(9)}, ELEMENTS(9, 9, 9, 9, 1, 9, 2, 9, 3, 9, 4, 9), 1},
    {OP_PAD, /* crops on both sides */
     "region r() { %0 = input(data \"a\"): f64[5] %1 = input(data \"v\"): f64\n"
     "%2 = pad(%0, %1; low -2; step 1): f64[6] result data \"y\" = %2 }",
     {0}, {ELEMENTS(1, 2, 3, 4, 5), ELEMENTS(9)}, ELEMENTS(2, 9, 3, 9, 4, 9), 1},
    {OP_CONCAT,
     "region r(B <= 4) { %0 = input(data \"a\"): f64[2, B] %1 = input(data \"b\"): f64[2, 1]\n"
     "%2 = concat(%0, %1, %0; axis 1): f64[2, 2*B + 1] result data \"y\" = %2 }",
     {2}, {ELEMENTS(1, 2, 3, 4), ELEMENTS(5, 6)}, ELEMENTS(1, 2, 5, 1, 2, 3, 4, 6, 3, 4), 1},
    {OP_REVERSE,
     "region r(B <= 4) { %0 = input(data \"a\"): f64[B, 2] %1 = reverse(%0; axis 0): f64[B, 2]\n"
     "result data \"y\" = %1 }",
     {3}, {ELEMENTS(1, 2, 3, 4, 5, 6)}, ELEMENTS(5, 6, 3, 4, 1, 2), 1},
    {OP_IOTA, "region r(B <= 4) { %0 = iota(axis 0): f64[B, 2] result data \"y\" = %0 }",
     {3}, {0}, ELEMENTS(0, 0, 1, 1, 2, 2), 0},
    {OP_REDUCE,
     "region r(B <= 4) { %0 = input(data \"a\"): f64[B, 3] %1 = reduce[add](%0; axis 0): f64[3]\n"
     "result data \"y\" = %1 }",
     {2}, {ELEMENTS(1, 2, 3, 4, 5, 6)}, ELEMENTS(5, 7, 9), 1},
    {OP_REDUCE, /* with zeros: the derivative is the product of the others */
     "region r(B <= 5) { %0 = input(data \"a\"): f64[4, B] %1 = reduce[mul](%0; axis 1): f64[4]\n"
     "result data \"y\" = %1 }",
     {3}, {ELEMENTS(1, 2, 3, 4, 0, 6, 0, 0, 2, 0.5, -1, 4)}, ELEMENTS(6, 0, 0, -2), 1},
    {OP_REDUCE,
     "region r(B <= 4) { %0 = input(data \"a\"): f64[B, 4] %1 = reduce[max](%0; axis 1): f64[B]\n"
     "result data \"y\" = %1 }",
     {2}, {ELEMENTS(1, 7, 3, 2, -4, -3, -2, -5)}, ELEMENTS(7, -2), 1},
    {OP_REDUCE,
     "region r(B <= 4) { %0 = input(data \"a\"): f64[B, 2, 2] %1 = reduce[min](%0; axis 1): f64[B, 2]\n"
     "result data \"y\" = %1 }",
     {2}, {ELEMENTS(1, 7, 3, 2, -4, -3, -2, -5)}, ELEMENTS(1, 2, -4, -5), 1},
    {OP_REDUCE,
     "region r() { %0 = input(data \"a\"): f64[2, 4] %1 = reduce[argmax](%0; axis 1): i32[2]\n"
     "%2 = convert(%1): f64[2] result data \"y\" = %2 }",
     {0}, {ELEMENTS(1, 7, 7, 2, -4, -3, -3, -5)}, ELEMENTS(1, 1), 0},
    {OP_REDUCE,
     "region r() { %0 = input(data \"a\"): f64[3, 2] %1 = reduce[argmin](%0; axis 0): i32[2]\n"
     "%2 = convert(%1): f64[2] result data \"y\" = %2 }",
     {0}, {ELEMENTS(1, 7, 0, 3, 0, 3)}, ELEMENTS(1, 1), 0},
    {OP_REDUCE,
     "region r() { %0 = input(data \"a\"): bool[2, 2] %1 = reduce[and](%0; axis 1): bool[2]\n"
     "%2 = reduce[or](%1; axis 0): bool %3 = convert(%2): f64 result data \"y\" = %3 }",
     {0}, {ELEMENTS(1, 0, 1, 1)}, ELEMENTS(1), 0},
    {OP_SLOTS,
     "region r(B <= 20) { %0 = input(data \"a\"): f64[B, 1] %1 = slots[max](%0; axis 0): f64[16, 1]\n"
     "%2 = slice(%1; low 0, 0; step 1, 1): f64[3, 1] result data \"y\" = %2 }",
     {17}, {ELEMENTS(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 9)}, ELEMENTS(9, 2, 3), 0},
    {OP_DOT,
     "region r(B <= 4) { %0 = input(data \"a\"): f64[B, 3] %1 = input(data \"b\"): f64[3, 2]\n"
     "%2 = dot(%0, %1; contract 1,0): f64[B, 2] result data \"y\" = %2 }",
     {2}, {ELEMENTS(1, 2, 3, 4, 5, 6), ELEMENTS(1, 2, 3, 4, 5, 6)}, ELEMENTS(22, 28, 49, 64), 1},
    {OP_DOT, /* a vector on the right: the gradient of the left is an outer product */
     "region r(B <= 4) { %0 = input(data \"a\"): f64[B, 2] %1 = input(data \"b\"): f64[2]\n"
     "%2 = dot(%0, %1; contract 1,0): f64[B] result data \"y\" = %2 }",
     {3}, {ELEMENTS(1, 2, 3, 4, 5, 6), ELEMENTS(2, -1)}, ELEMENTS(0, 2, 4), 1},
    {OP_DOT,
     "region r() { %0 = input(data \"a\"): f64[3] %1 = input(data \"b\"): f64[3]\n"
     "%2 = dot(%0, %1; contract 0,0): f64 result data \"y\" = %2 }",
     {0}, {ELEMENTS(1, 2, 3), ELEMENTS(4, 5, 6)}, ELEMENTS(32), 1},
    {OP_DOT, /* batch and contracted axes in the middle, in another order on each side */
     "region r(B <= 4) { %0 = input(data \"a\"): f64[3, B, 2] %1 = input(data \"b\"): f64[2, 2, B]\n"
     "%2 = dot(%0, %1; batch 1,2; contract 2,0): f64[B, 3, 2] result data \"y\" = %2 }",
     {2}, {ELEMENTS(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), ELEMENTS(1, 2, 3, 4, 5, 6, 7, 8)},
     ELEMENTS(11, 17, 35, 57, 59, 97, 30, 44, 62, 92, 94, 140), 1},
    {OP_DOT, /* two contracted axes */
     "region r() { %0 = input(data \"a\"): f64[2, 2, 2] %1 = input(data \"b\"): f64[2, 3, 2]\n"
     "%2 = dot(%0, %1; contract 0,2 2,0): f64[2, 3] result data \"y\" = %2 }",
     {0}, {ELEMENTS(1, 2, 3, 4, 5, 6, 7, 8), ELEMENTS(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)},
     ELEMENTS(73, 101, 129, 109, 153, 197), 1},
    {OP_DOT, /* batch alone: a gradient without contraction on both sides */
     "region r(B <= 4) { %0 = input(data \"a\"): f64[B, 2] %1 = input(data \"b\"): f64[2, B]\n"
     "%2 = dot(%0, %1; batch 0,1; contract 1,0): f64[B] result data \"y\" = %2 }",
     {2}, {ELEMENTS(1, 2, 3, 4), ELEMENTS(5, 6, 7, 8)}, ELEMENTS(19, 50), 1},
    {OP_GATHER,
     "region r(B <= 4) { %0 = input(data \"a\"): f64[2, 3, 2] %1 = input(data \"i\"): i32[B, 2]\n"
     "%2 = gather(%0, %1; axis 1): f64[2, B, 2, 2] result data \"y\" = %2 }",
     {1}, {ELEMENTS(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), ELEMENTS(2, 0)}, ELEMENTS(4, 5, 0, 1, 10, 11, 6, 7), 1},
    {OP_GATHER,
     "region r() { %0 = input(data \"a\"): f64[3] %1 = input(data \"i\"): i32\n"
     "%2 = gather(%0, %1; axis 0): f64 result data \"y\" = %2 }",
     {0}, {ELEMENTS(5, 6, 7), ELEMENTS(1)}, ELEMENTS(6), 1},
    {OP_SCATTER,
     "region r(B <= 4) { %0 = input(data \"t\"): f64[3, 2] %1 = input(data \"i\"): i32[B]\n"
     "%2 = input(data \"v\"): f64[B, 2] %3 = scatter[add](%0, %1, %2; axis 0): f64[3, 2] result data \"y\" = %3 }",
     {3}, {ELEMENTS(1, 2, 3, 4, 5, 6), ELEMENTS(2, 0, 2), ELEMENTS(10, 20, 30, 40, 50, 60)},
     ELEMENTS(31, 42, 3, 4, 65, 86), 1},
    {OP_SCATTER, /* the last of repeated ids wins, and alone gets a gradient */
     "region r(B <= 4) { %0 = input(data \"t\"): f64[2, 3] %1 = input(data \"i\"): i32[B, 1]\n"
     "%2 = input(data \"v\"): f64[2, B, 1] %3 = scatter[set](%0, %1, %2; axis 1): f64[2, 3]\n"
     "result data \"y\" = %3 }",
     {3}, {ELEMENTS(1, 2, 3, 4, 5, 6), ELEMENTS(2, 0, 2), ELEMENTS(10, 20, 30, 40, 50, 60)},
     ELEMENTS(20, 2, 30, 50, 5, 60), 1},
    {OP_CONVOLUTION, /* one axis, odd, padded by 1 on both sides */
     "region r(B <= 4) { %0 = input(data \"x\"): f64[B, 1, 5] %1 = input(data \"w\"): f64[1, 1, 3]\n"
     "%2 = convolution(%0, %1; low 0, 0, 1; step 1, 1, 1; spread 1, 1, 1; "
     "dilation 1, 1, 1; groups 1): f64[B, 1, 5]\n"
     "result data \"y\" = %2 }",
     {2}, {ELEMENTS(-2, 5, -3, 0, -3, 3, 3, 3, 2, -1),
     ELEMENTS(5, -1, 4)},
     ELEMENTS(22, -27, 28, -27, 3, 9, 24, 20, 9, 11), 1},
    {OP_CONVOLUTION, /* step 2 and padding on two axes; two channels to three */
     "region r(B <= 4) { %0 = input(data \"x\"): f64[B, 2, 4, 5] %1 = input(data \"w\"): f64[3, 2, 2, 3]\n"
     "%2 = convolution(%0, %1; low 0, 0, 0, 1; step 1, 1, 2, 2; spread 1, 1, 1, 1; "
     "dilation 1, 1, 1, 1; groups 1): f64[B, 3, 2, 3]\n"
     "result data \"y\" = %2 }",
     {1}, {ELEMENTS(-4, -3, -3, 1, -2, 0, 0, 5, -1, 5, -4, 5, -2, 2, 2, 4, 1, 4, 3, 4, 0, -4, -4, 1, 3, 1, 2, 2, 4, -2, 4, -2, -1, -1, -4, -2, 1, -2, -2, 4),
     ELEMENTS(-2, 5, 1, -2, 4, 5, -2, 2, 0, 5, 2, 5, 5, -4, 4, 4, 5, 4, -2, 2, 3, -1, 4, -2, -3, -4, -2, 5, 5, 3, 4, -1, 4, 4, -2, 3)},
     ELEMENTS(-11, 41, 30, 15, 4, 8, -8, 23, 26, 52, 71, 46, 10, 49, 46, 24, 14, 5), 1},
    {OP_CONVOLUTION, /* two groups, the window dilated */
     "region r() { %0 = input(data \"x\"): f64[2, 4, 1, 5] %1 = input(data \"w\"): f64[2, 2, 1, 2]\n"
     "%2 = convolution(%0, %1; low 0, 0, 0, 0; step 1, 1, 1, 1; spread 1, 1, 1, 1; "
     "dilation 1, 1, 1, 2; groups 2): f64[2, 2, 1, 3]\n"
     "result data \"y\" = %2 }",
     {0}, {ELEMENTS(-1, 5, 4, -2, 1, 5, 3, 5, -3, 5, -4, 3, 0, 4, -1, -1, 3, 4, 4, 3, 2, -2, -1, -2, 4, 2, -4, -3, -2, 5, -4, 0, -4, 0, 3, 5, 2, 2, 2, 5),
     ELEMENTS(3, -1, -3, 5, -3, 2, 3, 1)},
     ELEMENTS(3, -7, 21, 13, 12, 13, -14, -2, 27, 21, 8, 29), 1},
    {OP_CONVOLUTION, /* the image spread, as in a transposed convolution; low crops */
     "region r() { %0 = input(data \"x\"): f64[1, 2, 3] %1 = input(data \"w\"): f64[2, 2, 3]\n"
     "%2 = convolution(%0, %1; low 0, 0, -1; step 1, 1, 1; spread 1, 1, 2; "
     "dilation 1, 1, 1; groups 1): f64[1, 2, 4]\n"
     "result data \"y\" = %2 }",
     {0}, {ELEMENTS(-1, 0, -3, 2, 3, -2),
     ELEMENTS(-4, -1, -1, 2, 1, -4, -2, -4, -2, -3, -2, -3)},
     ELEMENTS(3, 17, 1, 8, -6, 3, 16, 12), 1},
    {OP_CONVOLUTION, /* depthwise, three axes of which one is 1; the padding above alone */
     "region r(B <= 4) { %0 = input(data \"x\"): f64[B, 2, 2, 1, 3] %1 = input(data \"w\"): f64[2, 1, 2, 1, 2]\n"
     "%2 = convolution(%0, %1; low 0, 0, 0, 0, 0; step 1, 1, 1, 2, 1; spread 1, 1, 1, 1, 1; "
     "dilation 1, 1, 1, 1, 1; groups 2): f64[B, 2, 2, 1, 3]\n"
     "result data \"y\" = %2 }",
     {1}, {ELEMENTS(5, 0, 1, 4, -4, 3, -1, -4, -2, -3, 1, 3),
     ELEMENTS(5, 1, 5, -3, -4, 0, 4, 5)},
     ELEMENTS(57, -28, 20, 16, -17, 15, -3, 35, 20, 12, -4, -12), 1},
    {OP_CONVOLUTION, /* windows of one place, of which some lie before and behind the operand */
     "region r() { %0 = input(data \"x\"): f64[1, 2, 4] %1 = input(data \"w\"): f64[2, 2, 1]\n"
     "%2 = convolution(%0, %1; low 0, 0, 3; step 1, 1, 2; spread 1, 1, 1; "
     "dilation 1, 1, 1; groups 1): f64[1, 2, 5]\n"
     "result data \"y\" = %2 }",
     {0}, {ELEMENTS(1, 2, 3, 4, 5, 6, 7, 8), ELEMENTS(1, 10, 2, -1)}, ELEMENTS(0, 0, 62, 84, 0, 0, 0, -2, 0, 0), 1},
    {OP_CONVOLUTION, /* lines of a length known at run time only, which may be more than a block of columns */
     "region r(T <= 300) { %0 = input(data \"x\"): f64[2, 1, T] %1 = input(data \"w\"): f64[1, 1, 3]\n"
     "%2 = convolution(%0, %1; low 0, 0, 1; step 1, 1, 1; spread 1, 1, 1; "
     "dilation 1, 1, 1; groups 1): f64[2, 1, T]\n"
     "result data \"y\" = %2 }",
     {3}, {ELEMENTS(1, 2, 3, 0, -1, 4), ELEMENTS(1, 10, 100)}, ELEMENTS(210, 321, 32, -100, 390, 39), 1},
    {OP_WINDOW, /* halves, as a pool does */
     "region r(B <= 4) { %0 = input(data \"x\"): f64[B, 4, 4]\n"
     "%1 = window[max](%0; low 0, 0, 0; step 1, 2, 2; window 1, 2, 2): f64[B, 2, 2]\n"
     "result data \"y\" = %1 }",
     {2}, {ELEMENTS(26, 17, 11, 10, 28, 1, 5, 4, 7, 16, 9, 19, 30, 13, 22, 0, 21, 29, 6, 12, 20, 23, 14, 15, 3, 31, 2, 24, 25, 27, 18, 8)}, ELEMENTS(28, 11, 30, 22, 29, 15, 31, 24), 1},
    {OP_WINDOW, /* windows that overlap and reach beyond */
     "region r() { %0 = input(data \"x\"): f64[1, 5, 4]\n"
     "%1 = window[max](%0; low 0, 1, 1; step 1, 2, 1; window 1, 3, 3): f64[1, 3, 4]\n"
     "result data \"y\" = %1 }",
     {0}, {ELEMENTS(7, 6, 17, 8, 19, 15, 13, 0, 3, 9, 14, 4, 10, 12, 16, 5, 11, 18, 2, 1)}, ELEMENTS(19, 19, 17, 17, 19, 19, 16, 16, 18, 18, 18, 16), 1},
    {OP_WINDOW, /* gaps between windows; one axis */
     "region r() { %0 = input(data \"x\"): f64[2, 7]\n"
     "%1 = window[min](%0; low 0, 0; step 1, 3; window 1, 2): f64[2, 2]\n"
     "result data \"y\" = %1 }",
     {0}, {ELEMENTS(11, 12, 6, 10, 13, 0, 4, 1, 7, 5, 2, 8, 9, 3)}, ELEMENTS(11, 10, 1, 2), 1},
    {OP_WINDOW, /* sums over windows that overlap and reach beyond */
     "region r(B <= 4) { %0 = input(data \"x\"): f64[B, 5, 3]\n"
     "%1 = window[add](%0; low 0, 1, 0; step 1, 2, 1; window 1, 3, 2): f64[B, 3, 2]\n"
     "result data \"y\" = %1 }",
     {2}, {ELEMENTS(-1, 0, -3, 2, 3, -2, -3, -3, -4, 2, 4, 0, -4, -1, 4, 4, 1, 0, -2, -3, 0, -1, -4, 0, 0, -1, -2, 0, 0, 1)}, ELEMENTS(4, -2, 5, -2, 1, 7, 0, -2, -11, -10, -1, -2), 1},
    {OP_WINDOW, /* twenty places: more than there are slots */
     "region r(B <= 4) { %0 = input(data \"x\"): f64[B, 7, 4]\n"
     "%1 = window[add](%0; low 0, 0, 0; step 1, 2, 1; window 1, 5, 4): f64[B, 2, 1]\n"
     "result data \"y\" = %1 }",
     {2}, {ELEMENTS(5, 0, 1, 4, -4, 3, -1, -4, -2, -3, 1, 3, -1, 2, 4, -3, 5, -1, -4, -1, 2, 0, -2, 2, -2, -3, -2, 5, 5, 3, -2, -2, -4, -4, -1, -1, -2, -2, 0, 1, -1, 4, -1, -2, -1, 2, 0, -4, 1, 2, -2, -2, 0, -3, 1, 0)}, ELEMENTS(4, 0, -12, -9), 1},
    {OP_WINDOW, /* the number of the first of the largest */
     "region r() { %0 = input(data \"x\"): f64[1, 4, 5]\n"
     "%1 = window[argmax](%0; low 0, 0, 1; step 1, 2, 2; window 1, 2, 3): i32[1, 2, 3]\n"
     "%2 = convert(%1): f64[1, 2, 3]\n"
     "result data \"y\" = %2 }",
     {0}, {ELEMENTS(4, 12, 6, 16, 17, 3, 13, 14, 11, 5, 7, 9, 10, 19, 0, 1, 8, 15, 2, 18)}, ELEMENTS(5, 2, 1, 2, 2, 0), 0},
    {OP_WINDOW, /* of equals the first, row-major */
     "region r() { %0 = input(data \"x\"): f64[2, 4]\n"
     "%1 = window[argmax](%0; low 0, 0; step 2, 2; window 2, 2): i32[1, 2] %2 = convert(%1): f64[1, 2]\n"
     "result data \"y\" = %2 }",
     {0}, {ELEMENTS(1, 3, 2, 2, 3, 0, 2, 2)}, ELEMENTS(1, 0), 0},
    {OP_RANDOM_BITS, /* the first known-answer of Philox: counter and key zero */
     "region r() { %0 = input(seed \"seed\"): u32[2] %1 = input(step \"step\"): i64 %2 = const(0): i64\n"
     "%3 = random_bits(%0, %1, %2, %2; site 0): u32[4] %4 = convert(%3): f64[4] result data \"y\" = %4 }",
     {0}, {ELEMENTS(0, 0), ELEMENTS(0)}, ELEMENTS(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8), 0},
};

/* Elementwise functions: operands (three at most) at up to five places each, the values there, and whether
 * the function is smooth around them.  Operands are f64 but where `dtype` says otherwise; a select's first
 * is bool. */
typedef struct ScalarCase {
    ScalarKind scalar;
    DType dtype;
    int count;
    const double *operands[3];
    const double *expected;
    int is_smooth;
} ScalarCase;

static const ScalarCase scalar_cases[] = {
    {SC_ADD, DT_F64, 2, {ELEMENTS(1, -2), ELEMENTS(0.5, 2)}, ELEMENTS(1.5, 0), 1},
    {SC_ADD, DT_U8, 2, {ELEMENTS(255, 7), ELEMENTS(2, 8)}, ELEMENTS(1, 15), 0},
    {SC_SUB, DT_F64, 2, {ELEMENTS(1, -2), ELEMENTS(0.5, 2)}, ELEMENTS(0.5, -4), 1},
    {SC_MUL, DT_F64, 2, {ELEMENTS(3, -2), ELEMENTS(0.5, 2)}, ELEMENTS(1.5, -4), 1},
    {SC_DIV, DT_F64, 2, {ELEMENTS(3, -2), ELEMENTS(0.5, 4)}, ELEMENTS(6, -0.5), 1},
    {SC_DIV, DT_I32, 4, {ELEMENTS(7, -7, 7, -2147483648.0), ELEMENTS(2, 2, 0, -1)}, ELEMENTS(3, -3, 0, -2147483648.0), 0},
    {SC_FMA, DT_F64, 2, {ELEMENTS(3, -2), ELEMENTS(0.5, 4), ELEMENTS(1, 2)}, ELEMENTS(2.5, -6), 1},
    {SC_NEG, DT_F64, 2, {ELEMENTS(3, -2)}, ELEMENTS(-3, 2), 1},
    {SC_ABS, DT_F64, 2, {ELEMENTS(3, -2)}, ELEMENTS(3, 2), 1},
    {SC_SIGN, DT_F64, 3, {ELEMENTS(3, -2, 0)}, ELEMENTS(1, -1, 0), 0},
    {SC_SQRT, DT_F64, 2, {ELEMENTS(4, 2.25)}, ELEMENTS(2, 1.5), 1},
    {SC_EXP, DT_F64, 2, {ELEMENTS(1, -0.5)}, ELEMENTS(2.718281828459045, 0.6065306597126334), 1},
    {SC_EXPM1, DT_F64, 2, {ELEMENTS(1, -0.5)}, ELEMENTS(1.718281828459045, -0.3934693402873666), 1},
    {SC_LOG, DT_F64, 2, {ELEMENTS(2, 0.5)}, ELEMENTS(0.6931471805599453, -0.6931471805599453), 1},
    {SC_LOG1P, DT_F64, 2, {ELEMENTS(1, -0.5)}, ELEMENTS(0.6931471805599453, -0.6931471805599453), 1},
    {SC_TANH, DT_F64, 2, {ELEMENTS(0.5, -1)}, ELEMENTS(0.46211715726000973, -0.7615941559557649), 1},
    {SC_SIGMOID, DT_F64, 2, {ELEMENTS(0.5, -1)}, ELEMENTS(0.6224593312018546, 0.2689414213699951), 1},
    {SC_ERF, DT_F64, 2, {ELEMENTS(0.5, -1)}, ELEMENTS(0.5204998778130465, -0.8427007929497149), 1},
    {SC_SIN, DT_F64, 2, {ELEMENTS(0.5, -1)}, ELEMENTS(0.479425538604203, -0.8414709848078965), 1},
    {SC_COS, DT_F64, 2, {ELEMENTS(0.5, -1)}, ELEMENTS(0.8775825618903728, 0.5403023058681398), 1},
    {SC_POW, DT_F64, 3, {ELEMENTS(2, 0.5, 9), ELEMENTS(3, 2, 0.5)}, ELEMENTS(8, 0.25, 3), 1},
    {SC_FLOOR, DT_F64, 3, {ELEMENTS(1.5, -1.5, 2.25)}, ELEMENTS(1, -2, 2), 1},
    {SC_RINT, DT_F64, 4, {ELEMENTS(1.7, -1.2, 2.5, 3.5)}, ELEMENTS(2, -1, 2, 4), 0},
    {SC_MIN, DT_F64, 2, {ELEMENTS(1, 3), ELEMENTS(2, -3)}, ELEMENTS(1, -3), 1},
    {SC_MAX, DT_F64, 2, {ELEMENTS(1, 3), ELEMENTS(2, -3)}, ELEMENTS(2, 3), 1},
    {SC_FLOORDIV, DT_F64, 2, {ELEMENTS(7, -7), ELEMENTS(2, 2)}, ELEMENTS(3, -4), 1},
    {SC_FLOORDIV, DT_I32, 3, {ELEMENTS(7, -7, 5), ELEMENTS(-2, 2, 0)}, ELEMENTS(-4, -4, 0), 0},
    {SC_MOD, DT_F64, 2, {ELEMENTS(7, -7), ELEMENTS(2, 2.5)}, ELEMENTS(1, 0.5), 1},
    {SC_MOD, DT_I32, 4, {ELEMENTS(7, -7, 7, 3), ELEMENTS(4, 4, -4, 0)}, ELEMENTS(3, 1, -1, 0), 0},
    {SC_EQ, DT_F64, 3, {ELEMENTS(1, 2, 0), ELEMENTS(1, 3, -0.0)}, ELEMENTS(1, 0, 1), 0},
    {SC_NE, DT_F64, 2, {ELEMENTS(1, 2), ELEMENTS(1, 3)}, ELEMENTS(0, 1), 0},
    {SC_LT, DT_F64, 3, {ELEMENTS(1, 2, 3), ELEMENTS(1, 3, 2)}, ELEMENTS(0, 1, 0), 0},
    {SC_LE, DT_F64, 3, {ELEMENTS(1, 2, 3), ELEMENTS(1, 3, 2)}, ELEMENTS(1, 1, 0), 0},
    {SC_GT, DT_F64, 3, {ELEMENTS(1, 2, 3), ELEMENTS(1, 3, 2)}, ELEMENTS(0, 0, 1), 0},
    {SC_GE, DT_F64, 3, {ELEMENTS(1, 2, 3), ELEMENTS(1, 3, 2)}, ELEMENTS(1, 0, 1), 0},
    {SC_AND, DT_BOOL, 4, {ELEMENTS(0, 0, 1, 1), ELEMENTS(0, 1, 0, 1)}, ELEMENTS(0, 0, 0, 1), 0},
    {SC_AND, DT_I32, 2, {ELEMENTS(12, -1), ELEMENTS(10, 5)}, ELEMENTS(8, 5), 0},
    {SC_OR, DT_BOOL, 4, {ELEMENTS(0, 0, 1, 1), ELEMENTS(0, 1, 0, 1)}, ELEMENTS(0, 1, 1, 1), 0},
    {SC_XOR, DT_I32, 2, {ELEMENTS(12, -1), ELEMENTS(10, 5)}, ELEMENTS(6, -6), 0},
    {SC_NOT, DT_BOOL, 2, {ELEMENTS(0, 1)}, ELEMENTS(1, 0), 0},
    {SC_NOT, DT_U8, 2, {ELEMENTS(0, 200)}, ELEMENTS(255, 55), 0},
    {SC_SHL, DT_I32, 3, {ELEMENTS(1, 3, 1), ELEMENTS(4, 30, 33)}, ELEMENTS(16, -1073741824, 2), 0},
    {SC_SHR, DT_I32, 3, {ELEMENTS(16, -5, 7), ELEMENTS(2, 1, 0)}, ELEMENTS(4, -3, 7), 0},
    {SC_SHR, DT_U32, 2, {ELEMENTS(4294967295.0, 9), ELEMENTS(31, 1)}, ELEMENTS(1, 4), 0},
    {SC_SELECT, DT_F64, 2, {ELEMENTS(1, 0), ELEMENTS(5, 6), ELEMENTS(7, 8)}, ELEMENTS(5, 8), 1},
};

#endif
