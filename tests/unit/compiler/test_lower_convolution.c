/* Forms of convolutions that are there for their speed (tests/support/lower_form.h). */
#include "tests/support/lower_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* ---- lines of a convolution that lie in zeros ------------------------------------------------------------- */

#define LAID_WHILE_PACKED .with = {"scratch panel"}, .without = {"hero \"map\""}

static void test_border_of_planes(void **state) {
    (void)state;
    check_form(&(Form){
        .text = BORDERED("B <= 5", "B, 5, 9, 13", "5, 1, 3, 3", "1, 1", "B, 5, 11, 15", PLAIN "5", "B, 5, 9, 13")
                "}\n",
        .dims = {5, 1},
        .with = {"scratch panel"},
        .without = {"hero \"map\"", "scratch total", "prefetch"}});
}

/* Planes of a large array: the next one is prefetched while one is packed. */
static void test_planes_are_announced(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 40) {\n"
                "    %0 = input(data \"x\"): f32[B, 21, 35, 40]\n"
                "    %1 = input(param \"w\"): f32[21, 1, 5, 3]\n"
                "    %2 = convolution(%0, %1; low 0, 0, 0, 0; step 1, 1, 1, 1; spread 1, 1, 1, 1; dilation 1, 1, 1, 1; groups 21): "
                "f32[B, 21, 31, 38]\n"
                "    result data \"y\" = %2\n"
                "}\n",
        .dims = {2, 1},
        .without = {"scratch total", "scratch panel"}});
    check_form(&(Form){
        .text = BORDERED("B <= 40", "B, 21, 35, 40", "21, 1, 5, 3", "2, 1", "B, 21, 39, 42", PLAIN "21", "B, 21, 35, 40")
                "}\n",
        .dims = {2, 1},
        .with = {"prefetch x_flat["},
        .without = {"scratch total", "hero \"map\""}});
}

/* Every second line of the array starts a line of the result, the window reaches over more than there is at either end. */
static void test_border_of_lines_apart(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 3) {\n"
                "    %0 = input(data \"x\"): f64[B, 14, 21, 16]\n"
                "    %1 = input(param \"w\"): f64[7, 14, 4, 3]\n"
                "    %2 = const(0): f64\n"
                "    %3 = pad(%0, %2; low 0, 0, 4, 17; step 0, 0, 0, 0): f64[B, 14, 27, 53]\n"
                "    %4 = convolution(%3, %1; low 0, 0, 0, 0; step 1, 1, 2, 1; spread 1, 1, 1, 1; dilation 1, 1, 2, 3; groups 1): "
                "f64[B, 7, 11, 47]\n"
                "    result data \"y\" = %4\n"
                "}\n",
        .dims = {3, 1},
        LAID_WHILE_PACKED});
}

static void test_border_of_volumes(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r() {\n"
                "    %0 = input(data \"x\"): f32[2, 4, 4, 5, 12]\n"
                "    %1 = input(param \"w\"): f32[18, 2, 3, 3, 2]\n"
                "    %2 = const(0): f32\n"
                "    %3 = pad(%0, %2; low 0, 0, 1, 1, 0; step 0, 0, 0, 0, 0): f32[2, 4, 6, 7, 13]\n"
                "    %4 = convolution(%3, %1; low 0, 0, 0, 0, 0; step 1, 1, 1, 1, 1; spread 1, 1, 1, 1, 1; dilation 1, 1, 1, 1, 1; "
                "groups 2): f32[2, 18, 4, 5, 12]\n"
                "    result data \"y\" = %4\n"
                "}\n",
        LAID_WHILE_PACKED});
}

/* One axis: the lines of a tile are examples. */
static void test_border_of_one_axis(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 11) {\n"
                "    %0 = input(data \"x\"): f32[B, 3, 40]\n"
                "    %1 = input(param \"w\"): f32[8, 3, 5]\n"
                "    %2 = const(0): f32\n"
                "    %3 = pad(%0, %2; low 0, 0, 4; step 0, 0, 0): f32[B, 3, 44]\n"
                "    %4 = convolution(%3, %1; low 0, 0, 0; step 1, 1, 1; spread 1, 1, 1; dilation 1, 1, 1; groups 1): f32[B, 8, 40]\n"
                "    result data \"y\" = %4\n"
                "}\n",
        .dims = {11, 1, 6},
        LAID_WHILE_PACKED});
}

/* Windows that do not begin where the zeros do: some that are there are not met. */
static void test_border_that_is_cut(void **state) {
    (void)state;
    check_form(&(Form){
        .text = BORDERED("", "2, 3, 6, 14", "16, 3, 3, 3", "1, 2", "2, 3, 9, 19", "low 0, 0, -1, -4; step 1, 1, 1, 1; spread 1, 1, 1, 1; dilation 1, 1, 1, 1; groups 1", "2, 16, 6, 13")
                "}\n",
        LAID_WHILE_PACKED});
}

/* Four pieces of 75 columns: the first and the last meet zeros, those between do not. */
static void test_border_of_pieces(void **state) {
    (void)state;
    check_form(&(Form){
        .text = BORDERED("", "2, 3, 7, 300", "16, 3, 3, 5", "1, 2", "2, 3, 9, 304", PLAIN "1", "2, 16, 7, 300")
                "}\n",
        LAID_WHILE_PACKED});
}

/* Zeros that another kernel wants too are an array. */
static void test_border_of_two(void **state) {
    (void)state;
    check_form(&(Form){
        .text = BORDERED("", "2, 3, 6, 14", "16, 3, 3, 3", "1, 1", "2, 3, 8, 16", PLAIN "1", "2, 16, 6, 14")
                "    result data \"x\" = %3\n"
                "}\n",
        .with = {"scratch panel", "hero \"map\""}});
}

/* ---- windows that are some elements apart ------------------------------------------------------------------ */

#define LINES .with = {"scratch panel: f32[1, "}

/* Every other element of a line is a phase; the pieces of a line are not equal. */
static void test_phases_of_pieces(void **state) {
    (void)state;
    check_form(&(Form){
        .text = BORDERED("B <= 3", "B, 3, 9, 299", "8, 3, 3, 5", "1, 1", "B, 3, 11, 301",
                         "low 0, 0, 0, 0; step 1, 1, 2, 2; spread 1, 1, 1, 1; dilation 1, 1, 1, 1; groups 1", "B, 8, 5, 149") "}\n",
        .dims = {3, 1},
        LINES,
        .without = {"hero \"map\""}});
    check_form(&(Form){
        .text = "region r(B <= 3) {\n"
                "    %0 = input(data \"x\"): f32[B, 2, 11, 301]\n"
                "    %1 = input(param \"w\"): f32[8, 2, 5, 9]\n"
                "    %2 = convolution(%0, %1; low 0, 0, 0, 0; step 1, 1, 1, 2; spread 1, 1, 1, 1; dilation 1, 1, 2, 1; groups 1): "
                "f32[B, 8, 3, 147]\n"
                "    result data \"y\" = %2\n"
                "}\n",
        .dims = {3, 1},
        LINES});
}

/* A line of 131 columns, of windows side by side: pieces of 66 and 65. */
static void test_pieces_that_differ(void **state) {
    (void)state;
    check_form(&(Form){
        .text = BORDERED("", "2, 2, 4, 131", "24, 2, 3, 3", "1, 1", "2, 2, 6, 133", PLAIN "1", "2, 24, 4, 131") "}\n",
        LINES,
        .without = {"hero \"map\""}});
    check_form(&(Form){
        .text = "region r() {\n"
                "    %0 = input(data \"x\"): f32[2, 16, 6, 131]\n"
                "    %1 = input(param \"w\"): f32[1, 16, 3, 1]\n"
                "    %2 = convolution(%0, %1; " PLAIN "1): f32[2, 1, 4, 131]\n"
                "    result data \"y\" = %2\n"
                "}\n",
        LINES});
}

/* Phases of which the windows meet none; borders wider than a phase; so few places that they are met one by one; one kernel
 * for each group. */
static void test_phases_that_are_not_met(void **state) {
    (void)state;
    check_form(&(Form){
        .text = BORDERED("", "2, 3, 5, 130", "16, 3, 2, 9", "0, 7", "2, 3, 5, 142",
                         "low 0, 0, 0, -1; step 1, 1, 1, 4; spread 1, 1, 1, 1; dilation 1, 1, 1, 2; groups 1", "2, 16, 4, 32") "}\n",
        LINES});
    check_form(&(Form){
        .text = BORDERED("", "2, 3, 5, 95", "16, 3, 1, 1", "0, 1", "2, 3, 5, 97",
                         "low 0, 0, 0, 0; step 1, 1, 3, 2; spread 1, 1, 1, 1; dilation 1, 1, 1, 1; groups 1", "2, 16, 2, 48") "}\n",
        .with = {"scratch panel"},
        .without = {"scratch panel: f32[1, "}});
    check_form(&(Form){
        .text = BORDERED("", "2, 4, 15, 31", "4, 1, 5, 5", "2, 2", "2, 4, 19, 35",
                         "low 0, 0, 0, 0; step 1, 1, 2, 2; spread 1, 1, 1, 1; dilation 1, 1, 1, 1; groups 4", "2, 4, 8, 16") "}\n",
        .with = {"scratch panel: f32[1, "},
        .without = {"scratch total", "hero \"map\""}});
}

/* ---- gradients of the kernels of groups -------------------------------------------------------------------- */

/* Of 20 groups, over chunks that end within lines, lines within vectors and bands within images. */
static void test_kernels_of_groups(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 5) {\n"
                "    %0 = input(data \"x\"): f32[B, 20, 31, 19]\n"
                "    %1 = input(data \"dy\"): f32[B, 20, 31, 19]\n"
                "    %2 = const(0): f32\n"
                "    %3 = reshape(%0): f32[B, 20, 1, 31, 19]\n"
                "    %4 = transpose(%3; axes 2, 1, 0, 3, 4): f32[1, 20, B, 31, 19]\n"
                "    %5 = reshape(%4): f32[1, 20*B, 31, 19]\n"
                "    %6 = transpose(%1; axes 1, 0, 2, 3): f32[20, B, 31, 19]\n"
                "    %7 = pad(%5, %2; low 0, 0, 1, 1; step 0, 0, 0, 0): f32[1, 20*B, 33, 21]\n"
                "    %8 = convolution(%7, %6; low 0, 0, 0, 0; step 1, 1, 1, 1; spread 1, 1, 1, 1; dilation 1, 1, 1, 1; groups 20): "
                "f32[1, 20, 3, 3]\n"
                "    %9 = transpose(%8; axes 1, 0, 2, 3): f32[20, 1, 3, 3]\n"
                "    result data \"dw\" = %9\n"
                "}\n",
        .dims = {5, 1, 2},
        .with = {"scratch behind", "trade_low_8"},
        .without = {"x_pad", "transpose_"}});
    /* of a batch that is always full */
    check_form(&(Form){
        .text = "region r() {\n"
                "    %0 = input(data \"x\"): f32[4, 20, 31, 19]\n"
                "    %1 = input(data \"dy\"): f32[4, 20, 31, 19]\n"
                "    %2 = const(0): f32\n"
                "    %3 = reshape(%0): f32[4, 20, 1, 31, 19]\n"
                "    %4 = transpose(%3; axes 2, 1, 0, 3, 4): f32[1, 20, 4, 31, 19]\n"
                "    %5 = reshape(%4): f32[1, 80, 31, 19]\n"
                "    %6 = transpose(%1; axes 1, 0, 2, 3): f32[20, 4, 31, 19]\n"
                "    %7 = pad(%5, %2; low 0, 0, 1, 1; step 0, 0, 0, 0): f32[1, 80, 33, 21]\n"
                "    %8 = convolution(%7, %6; low 0, 0, 0, 0; step 1, 1, 1, 1; spread 1, 1, 1, 1; dilation 1, 1, 1, 1; groups 20): "
                "f32[1, 20, 3, 3]\n"
                "    %9 = transpose(%8; axes 1, 0, 2, 3): f32[20, 1, 3, 3]\n"
                "    result data \"dw\" = %9\n"
                "}\n",
        .with = {"scratch behind", "trade_low_8"},
        .without = {"x_pad", "transpose_"}});
}

/* Two channels for a kernel, of stride 2 over and 3 along, without zeros; of double width. */
static void test_kernels_of_groups_apart(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r() {\n"
                "    %0 = input(data \"x\"): f64[3, 6, 22, 50]\n"
                "    %1 = input(data \"dy\"): f64[3, 3, 10, 16]\n"
                "    %2 = reshape(%0): f64[3, 3, 2, 22, 50]\n"
                "    %3 = transpose(%2; axes 2, 1, 0, 3, 4): f64[2, 3, 3, 22, 50]\n"
                "    %4 = reshape(%3): f64[2, 9, 22, 50]\n"
                "    %5 = transpose(%1; axes 1, 0, 2, 3): f64[3, 3, 10, 16]\n"
                "    %6 = convolution(%4, %5; low 0, 0, 0, 0; step 1, 1, 1, 2; spread 1, 1, 1, 1; dilation 1, 1, 2, 3; groups 3): "
                "f64[2, 3, 4, 3]\n"
                "    result data \"dw\" = %6\n"
                "}\n",
        .with = {"scratch behind", "trade_low_8"}});
}

/* ---- the gradient of 1x1 kernels, a product --------------------------------------------------------------- */

/* What goes over and over is made, row by row, and read as the memory that it is. */
static void test_product_of_reshaped_rows(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 9) {\n"
                "    %0 = input(data \"x\"): f32[B, 8, 6, 15]\n"
                "    %1 = input(data \"g\"): f32[B, 20, 6, 8]\n"
                "    %2 = transpose(%0; axes 1, 0, 2, 3): f32[8, B, 6, 15]\n"
                "    %3 = transpose(%1; axes 1, 0, 2, 3): f32[20, B, 6, 8]\n"
                "    %4 = slice(%2; low 0, 0, 0, 0; step 1, 1, 1, 2): f32[8, B, 6, 8]\n"
                "    %5 = reshape(%4): f32[8, 48*B]\n"
                "    %6 = reshape(%3): f32[20, 48*B]\n"
                "    %7 = dot(%5, %6; contract 1,1): f32[8, 20]\n"
                "    result data \"y\" = %7\n"
                "}\n",
        .dims = {9, 1, 5},
        .with = {"slice_4_flat[", "transpose_3_flat[", "trade_low_8"}});
}

/* ---- register tiles --------------------------------------------------------------------------------------- */

/* Eight lines of fourteen columns are seven vectors: two, two and three. */
static void test_three_vectors_together(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 6) {\n"
                "    %0 = input(data \"x\"): f32[B, 30, 15, 15]\n"
                "    %1 = input(param \"w\"): f32[128, 30, 2, 2]\n"
                "    %2 = convolution(%0, %1; " PLAIN "1): f32[B, 128, 14, 14]\n"
                "    result data \"y\" = %2\n"
                "}\n",
        .dims = {6, 1},
        .with = {"[8, 2]: f32x16", "[8, 3]: f32x16"},
        .without = {"[8, 1]: f32x16"}});
}

/* ---- kernels where they are ------------------------------------------------------------------------------- */

/* The gradient of the input of a few small pictures: kernels turned and reversed are no array, their elements are looked up; of one
 * place they need not even that. */
static void test_kernels_seen_turned(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 5) {\n"
                "    %0 = input(data \"dy\"): f32[B, 30, 9, 9]\n"
                "    %1 = input(param \"w\"): f32[30, 21, 3, 3]\n"
                "    %2 = transpose(%1; axes 1, 0, 2, 3): f32[21, 30, 3, 3]\n"
                "    %3 = reverse(%2; axis 2): f32[21, 30, 3, 3]\n"
                "    %4 = reverse(%3; axis 3): f32[21, 30, 3, 3]\n"
                "    %5 = convolution(%0, %4; " PLAIN "1): f32[B, 21, 7, 7]\n"
                "    result data \"dx\" = %5\n"
                "}\n",
        .dims = {5, 1},
        .with = {"scratch places", "w_flat["},
        .without = {"transpose_", "reverse_"}});
    check_form(&(Form){
        .text = "region r(B <= 5) {\n"
                "    %0 = input(data \"dy\"): f64[B, 300, 5, 6]\n"
                "    %1 = input(param \"w\"): f64[300, 21, 1, 1]\n"
                "    %2 = transpose(%1; axes 1, 0, 2, 3): f64[21, 300, 1, 1]\n"
                "    %3 = convolution(%0, %2; " PLAIN "1): f64[B, 21, 5, 6]\n"
                "    result data \"dx\" = %3\n"
                "}\n",
        .dims = {5, 1},
        .with = {"w_flat["},
        .without = {"transpose_", "scratch places"}});
}

/* ---- lanes across the kernels ---------------------------------------------------------------------------- */

/* The gradient of kernels: x and what came from behind, both turned, and the result turned back. */
#define KERNEL_GRADIENT(dims, type, x, dy, turned_x, turned_dy, windows, turned, y)                                   \
    "region r(" dims ") {\n"                                                                                         \
    "    %0 = input(data \"x\"): " type "[" x "]\n"                                                                  \
    "    %1 = input(data \"dy\"): " type "[" dy "]\n"                                                                \
    "    %2 = transpose(%0; axes 1, 0, 2, 3): " type "[" turned_x "]\n"                                               \
    "    %3 = transpose(%1; axes 1, 0, 2, 3): " type "[" turned_dy "]\n"                                              \
    "    %4 = convolution(%2, %3; low 0, 0, 0, 0; step 1, 1, 1, 1; spread 1, 1, 1, 1; " windows "; groups 1): " type   \
    "[" turned "]\n"                                                                                                 \
    "    %5 = transpose(%4; axes 1, 0, 2, 3): " type "[" y "]\n"                                                      \
    "    result data \"y\" = %5\n"                                                                                   \
    "}\n"

#define TURNED_WHILE_PACKED .with = {"scratch panel", "trade_low_8"}, .without = {"hero \"map\""}

/* 1x1 kernels: the lines of a picture are one, and what is given is turned sixteen by sixteen. */
static void test_kernels_of_one_place(void **state) {
    (void)state;
    check_form(&(Form){
        .text = KERNEL_GRADIENT("B <= 9", "f32", "B, 20, 7, 7", "B, 37, 7, 7", "20, B, 7, 7", "37, B, 7, 7", "dilation 1, 1, 1, 1", "20, 37, 1, 1",
                                "37, 20, 1, 1"),
        .dims = {9, 1, 6},
        TURNED_WHILE_PACKED});
}

/* What is met was taken from a larger array, some elements apart: it is made, side by side. */
static void test_kernels_of_a_slice(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r() {\n"
                "    %0 = input(data \"x\"): f32[7, 20, 14, 15]\n"
                "    %1 = input(data \"dy\"): f32[7, 37, 7, 7]\n"
                "    %2 = transpose(%0; axes 1, 0, 2, 3): f32[20, 7, 14, 15]\n"
                "    %3 = slice(%2; low 0, 0, 0, 1; step 1, 1, 2, 2): f32[20, 7, 7, 7]\n"
                "    %4 = transpose(%1; axes 1, 0, 2, 3): f32[37, 7, 7, 7]\n"
                "    %5 = convolution(%3, %4; low 0, 0, 0, 0; step 1, 1, 1, 1; spread 1, 1, 1, 1; dilation 1, 1, 1, 1; groups 1): "
                "f32[20, 37, 1, 1]\n"
                "    result data \"y\" = %5\n"
                "}\n",
        .with = {"slice_3_flat[", "scratch panel", "trade_low_8"}});
}

/* What came from behind is the same for all of a channel: it becomes an array, and its transpose does not. */
static void test_kernels_of_what_is_no_array(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 9) {\n"
                "    %0 = input(data \"x\"): f32[B, 20, 7, 8]\n"
                "    %1 = input(data \"g\"): f32[B, 37]\n"
                "    %2 = transpose(%0; axes 1, 0, 2, 3): f32[20, B, 7, 8]\n"
                "    %3 = broadcast(%1; axes 0, 1): f32[B, 37, 6, 6]\n"
                "    %4 = transpose(%3; axes 1, 0, 2, 3): f32[37, B, 6, 6]\n"
                "    %5 = convolution(%2, %4; low 0, 0, 0, 0; step 1, 1, 1, 1; spread 1, 1, 1, 1; dilation 1, 1, 1, 1; groups 1): "
                "f32[20, 37, 2, 3]\n"
                "    result data \"y\" = %5\n"
                "}\n",
        .dims = {7, 1},
        .with = {"broadcast_3_flat[", "scratch panel", "trade_low_8"},
        .without = {"transpose_4"}});
}

/* Of stride 2: lines of what is met lie apart, those of what is given do not. */
static void test_kernels_of_stride(void **state) {
    (void)state;
    check_form(&(Form){
        .text = KERNEL_GRADIENT("", "f64", "5, 3, 17, 16", "5, 48, 8, 8", "3, 5, 17, 16", "48, 5, 8, 8", "dilation 1, 1, 2, 2", "3, 48, 3, 2", "48, 3, 3, 2"),
        TURNED_WHILE_PACKED});
}

/* 27 rows of results are three boxes of nine, nothing twice. */
static void test_kernels_of_few_channels(void **state) {
    (void)state;
    check_form(&(Form){
        .text = KERNEL_GRADIENT("", "f32", "2, 3, 18, 18", "2, 64, 16, 16", "3, 2, 18, 18", "64, 2, 16, 16", "dilation 1, 1, 1, 1", "3, 64, 3, 3", "64, 3, 3, 3"),
        TURNED_WHILE_PACKED});
}

/* What is given has its channels last: nothing is turned. */
static void test_kernels_that_lie_so(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 9) {\n"
                "    %0 = input(data \"x\"): f32[B, 40, 6, 7]\n"
                "    %1 = input(data \"dy\"): f32[B, 6, 6, 80]\n"
                "    %2 = transpose(%0; axes 1, 0, 2, 3): f32[40, B, 6, 7]\n"
                "    %3 = transpose(%1; axes 3, 0, 1, 2): f32[80, B, 6, 6]\n"
                "    %4 = convolution(%2, %3; low 0, 0, 0, 0; step 1, 1, 1, 1; spread 1, 1, 1, 1; dilation 1, 1, 1, 1; groups 1): "
                "f32[40, 80, 1, 2]\n"
                "    result data \"y\" = %4\n"
                "}\n",
        .dims = {9, 1, 8},
        .with = {"scratch panel"},
        .without = {"hero \"map\"", "trade_low_8 %panel"}});
}

/* 256 rows, of which two tiles have 130 in boxes of thirteen: four rows are made twice, where boxes of fourteen would do so with 24. */
static void test_even_tiles_of_rows(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r() {\n"
                "    %0 = input(data \"x\"): f32[256, 3, 3, 30]\n"
                "    %1 = input(data \"w\"): f32[3, 3, 30, 64]\n"
                "    %2 = transpose(%1; axes 3, 0, 1, 2): f32[64, 3, 3, 30]\n"
                "    %3 = convolution(%0, %2; low 0, 0, 0, 0; step 1, 1, 1, 1; spread 1, 1, 1, 1; dilation 1, 1, 1, 1; groups 1): "
                "f32[256, 64, 1, 1]\n"
                "    result data \"y\" = %3\n"
                "}\n",
        .with = {"scratch total: f32[130, 32]", "tile t of 4 "}});
}

#define KERNELS_OF(dims, x, padded, dy, turned_x, turned_dy, stride, y)                                                        \
    "region r(" dims ") {\n"                                                                                            \
    "    %0 = input(data \"x\"): f32[" x "]\n"                                                                          \
    "    %1 = input(data \"dy\"): f32[" dy "]\n"                                                                        \
    "    %2 = const(0): f32\n"                                                                                          \
    "    %3 = pad(%0, %2; low 0, 0, 1, 1; step 0, 0, 0, 0): f32[" padded "]\n"                                          \
    "    %4 = transpose(%3; axes 1, 0, 2, 3): f32[" turned_x "]\n"                                                      \
    "    %5 = transpose(%1; axes 1, 0, 2, 3): f32[" turned_dy "]\n"                                                     \
    "    %6 = convolution(%4, %5; low 0, 0, 0, 0; step 1, 1, 1, 1; spread 1, 1, 1, 1; dilation 1, 1, " stride "; groups 1): " \
    "f32[" y "]\n"                                                                                                      \
    "    result data \"y\" = %6\n"                                                                                      \
    "}\n"

/* Kernels of small pictures: of each line only what a place of the window meets inside; chunks begin within a picture, and the sizes are
 * those of windows of stride one and two. */
static void test_kernels_of_small_pictures(void **state) {
    (void)state;
    check_form(&(Form){
        .text = KERNELS_OF("B <= 23", "B, 29, 3, 4", "B, 29, 5, 6", "B, 18, 3, 4", "29, B, 5, 6", "18, B, 3, 4", "1, 1", "29, 18, 3, 3"),
        .dims = {23, 1, 22},
        .with = {"scratch panel", "scratch turned"},
        .without = {"for q in 0..4 "}});
    check_form(&(Form){
        .text = KERNELS_OF("", "17, 16, 8, 8", "17, 16, 9, 9", "17, 19, 4, 4", "16, 17, 9, 9", "19, 17, 4, 4", "2, 2", "16, 19, 3, 3"),
        .with = {"scratch turned"},
        .without = {"for q in 0..4 "}});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels_of_small_pictures),
        cmocka_unit_test(test_border_of_planes),
        cmocka_unit_test(test_planes_are_announced),
        cmocka_unit_test(test_border_of_lines_apart),
        cmocka_unit_test(test_border_of_volumes),
        cmocka_unit_test(test_border_of_one_axis),
        cmocka_unit_test(test_border_that_is_cut),
        cmocka_unit_test(test_border_of_pieces),
        cmocka_unit_test(test_border_of_two),
        cmocka_unit_test(test_phases_of_pieces),
        cmocka_unit_test(test_pieces_that_differ),
        cmocka_unit_test(test_phases_that_are_not_met),
        cmocka_unit_test(test_kernels_of_groups),
        cmocka_unit_test(test_kernels_of_groups_apart),
        cmocka_unit_test(test_product_of_reshaped_rows),
        cmocka_unit_test(test_three_vectors_together),
        cmocka_unit_test(test_kernels_seen_turned),
        cmocka_unit_test(test_kernels_of_one_place),
        cmocka_unit_test(test_kernels_of_a_slice),
        cmocka_unit_test(test_kernels_of_what_is_no_array),
        cmocka_unit_test(test_kernels_of_stride),
        cmocka_unit_test(test_kernels_of_few_channels),
        cmocka_unit_test(test_kernels_that_lie_so),
        cmocka_unit_test(test_even_tiles_of_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
