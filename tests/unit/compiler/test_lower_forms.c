/* Forms of kernels that are there for their speed (tests/support/lower_form.h). */
#include "tests/support/lower_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* ---- one axis ------------------------------------------------------------------------------------------ */

static void test_reshapes_in_between(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 9) {\n"
                "    %0 = input(data \"x\"): f32[B, 5, 7, 7]\n"
                "    %1 = input(data \"m\"): bool[B, 5, 7, 7]\n"
                "    %2 = input(data \"g\"): f32[B, 245]\n"
                "    %3 = map[neg](%0): f32[B, 5, 7, 7]\n"
                "    %4 = map[select](%1, %0, %3): f32[B, 5, 7, 7]\n"
                "    %5 = reshape(%4): f32[B, 245]\n"
                "    %6 = map[mul](%5, %2): f32[B, 245]\n"
                "    result data \"y\" = %6\n"
                "}\n",
        .dims = {9, 1, 4},
        .with = {"in x_flat: f32[245*B]", "in g_flat: f32[245*B]"},
        .without = {"gather"}});
}

/* ---- moves of a batch ---------------------------------------------------------------------------------- */

static void test_transposed_batch(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 9) {\n"
                "    %0 = input(data \"x\"): f32[B, 19, 7, 5]\n"
                "    %1 = transpose(%0; axes 0, 2, 3, 1): f32[B, 7, 5, 19]\n"
                "    result data \"y\" = %1\n"
                "}\n",
        .dims = {9, 1, 5},
        .with = {"trade_low_8", "trade_high_1"},
        .without = {"gather"}});
}

static void test_transposed_while_computed(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 9) {\n"
                "    %0 = input(data \"x\"): f32[B, 19, 7, 5]\n"
                "    %1 = input(data \"g\"): f32[B, 19, 7, 5]\n"
                "    %2 = input(param \"b\"): f32[19]\n"
                "    %3 = input(param \"c\"): f32[7]\n"
                "    %4 = broadcast(%2; axes 1): f32[B, 19, 7, 5]\n"
                "    %5 = broadcast(%3; axes 2): f32[B, 19, 7, 5]\n"
                "    %6 = map[add](%0, %4): f32[B, 19, 7, 5]\n"
                "    %7 = map[gt](%6, %5): bool[B, 19, 7, 5]\n"
                "    %8 = map[select](%7, %1, %6): f32[B, 19, 7, 5]\n"
                "    %9 = transpose(%8; axes 0, 2, 3, 1): f32[B, 7, 5, 19]\n"
                "    result data \"y\" = %9\n"
                "}\n",
        .dims = {9, 1, 5},
        .with = {"trade_low_8", "trade_high_1"},
        .without = {"gather"}});
}

/* Rows longer than a tile reads of them, and more of them than it has; the last of both are short. */
static void test_transposed_by_strips(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r() {\n"
                "    %0 = input(data \"x\"): f32[2, 37, 517]\n"
                "    %1 = transpose(%0; axes 0, 2, 1): f32[2, 517, 37]\n"
                "    result data \"y\" = %1\n"
                "}\n",
        .with = {"tile t of 18", "for j in", "for i in"},
        .without = {"gather"}});
}

static void test_sliced_batch(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 300) {\n"
                "    %0 = input(data \"x\"): f32[B, 40]\n"
                "    %1 = slice(%0; low 0, 3; step 1, 1): f32[B, 21]\n"
                "    %2 = reverse(%1; axis 1): f32[B, 21]\n"
                "    result data \"y\" = %2\n"
                "}\n",
        .dims = {300, 1, 7},
        .with = {"for i in", "gather x_flat"}});
}

/* ---- rows of a product --------------------------------------------------------------------------------- */

/* Few columns over so long a sum that panels are packed and totals wait: the row is still whole when it is reduced. */
static void test_row_reduction_behind_totals(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 70) {\n"
                "    %0 = input(data \"x\"): f32[B, 6600]\n"
                "    %1 = input(param \"w\"): f32[6600, 10]\n"
                "    %2 = dot(%0, %1; contract 1,0): f32[B, 10]\n"
                "    %3 = reduce[max](%2; axis 1): f32[B]\n"
                "    %4 = broadcast(%3; axes 0): f32[B, 10]\n"
                "    %5 = map[sub](%2, %4): f32[B, 10]\n"
                "    result data \"y\" = %5\n"
                "}\n",
        .dims = {70, 5},
        .with = {"scratch pack"}});
}

/* ---- values that wait in scratch ----------------------------------------------------------------------- */

/* softmax: the exponentials of the sum's pass are read by the one that divides. */
static void test_exponentials_wait(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 9) {\n"
                "    %0 = input(data \"x\"): f32[B, 77]\n"
                "    %1 = reduce[max](%0; axis 1): f32[B]\n"
                "    %2 = broadcast(%1; axes 0): f32[B, 77]\n"
                "    %3 = map[sub](%0, %2): f32[B, 77]\n"
                "    %4 = map[exp](%3): f32[B, 77]\n"
                "    %5 = reduce[add](%4; axis 1): f32[B]\n"
                "    %6 = broadcast(%5; axes 0): f32[B, 77]\n"
                "    %7 = map[div](%4, %6): f32[B, 77]\n"
                "    result data \"y\" = %7\n"
                "}\n",
        .dims = {9, 1},
        .with = {"scratch held: f32[1, 80]"}});
    check_form(&(Form){ /* columns that the run decides */
        .text = "region r(N <= 77) {\n"
                "    %0 = input(data \"x\"): f32[3, N]\n"
                "    %1 = map[exp](%0): f32[3, N]\n"
                "    %2 = reduce[add](%1; axis 1): f32[3]\n"
                "    %3 = broadcast(%2; axes 0): f32[3, N]\n"
                "    %4 = map[div](%1, %3): f32[3, N]\n"
                "    result data \"y\" = %4\n"
                "}\n",
        .dims = {77, 1, 35},
        .with = {"scratch held: f32[1, 80]"}});
}

/* They wait where the result will be, if rows have whole vectors and nothing else is read there. */
static void test_exponentials_wait_in_the_result(void **state) {
    (void)state;
    const char *text = "region r(B <= 9) {\n"
                       "    %%0 = input(param \"x\"): f32[B, 96]\n"
                       "    %%1 = map[exp](%%0): f32[B, 96]\n"
                       "    %%2 = reduce[add](%%1; axis 1): f32[B]\n"
                       "    %%3 = broadcast(%%2; axes 0): f32[B, 96]\n"
                       "    %%4 = map[div](%%1, %%3): f32[B, 96]\n"
                       "    result %s \"%s\" = %%4%s\n"
                       "}\n";
    char apart[512], in_place[512];
    snprintf(apart, sizeof apart, text, "data", "y", "");
    snprintf(in_place, sizeof in_place, text, "param", "x", " alias 0");
    check_form(&(Form){.text = apart, .dims = {9, 1}, .with = {"inout y: f32[B, 96]"}, .without = {"scratch held"}});
    check_form(&(Form){.text = in_place, .dims = {9, 1}, .with = {"scratch held: f32[1, 96]"}});
}

/* Sums down long columns go along the rows; one that needs another's result comes behind it. */
static void test_sums_of_strips(void **state) {
    (void)state;
    const char *text = "region r(B <= 130) {\n"
                       "    %%0 = input(data \"x\"): f32[%s]\n"
                       "    %%1 = reduce[add](%%0; axis %d): f32[%s]\n"
                       "    %%2 = reduce[max](%%0; axis %d): f32[%s]\n"
                       "    %%3 = broadcast(%%1; axes %s): f32[%s]\n"
                       "    %%4 = map[sub](%%0, %%3): f32[%s]\n"
                       "    %%5 = map[mul](%%4, %%4): f32[%s]\n"
                       "    %%6 = reduce[add](%%5; axis %d): f32[%s]\n"
                       "    %%7 = map[add](%%6, %%2): f32[%s]\n"
                       "    result data \"y\" = %%7\n"
                       "    result data \"z\" = %%1\n"
                       "}\n";
    static const struct Shapes {
        const char *whole, *sum, *axes;
        int axis;
    } shapes[] = {{"B, 150", "150", "1", 0}, {"3, B, 69", "3, 69", "0, 2", 1}, {"B, 64", "64", "1", 0}};
    for (int i = 0; i < 3; i++) {
        char filled[1024];
        const struct Shapes *s = &shapes[i];
        snprintf(filled, sizeof filled, text, s->whole, s->axis, s->sum, s->axis, s->sum, s->axes, s->whole, s->whole, s->whole,
                 s->axis, s->sum, s->sum);
        check_form(&(Form){.text = filled, .dims = {130, 1, 33}, .with = {"scratch slots: f32[16, 64]"}});
    }
}

/* ---- rows and their columns ---------------------------------------------------------------------------- */

/* Sums down the columns of rows that are reduced as well: a tile has every sixteenth row, and the slots of its columns. */
static void test_slots_of_rows(void **state) {
    (void)state;
    const char *text = "region r(B <= 300) {\n"
                       "    %%0 = input(data \"x\"): f32[%s]\n"
                       "    %%1 = reduce[add](%%0; axis %d): f32[%s]\n"
                       "    %%2 = broadcast(%%1; axes %s): f32[%s]\n"
                       "    %%3 = map[sub](%%0, %%2): f32[%s]\n"
                       "    %%4 = map[mul](%%3, %%3): f32[%s]\n"
                       "    %%5 = slots[add](%%4; axis %d): f32[%s]\n"
                       "    %%6 = reduce[add](%%5; axis %d): f32[%s]\n"
                       "    %%7 = slots[max](%%0; axis %d): f32[%s]\n"
                       "    %%8 = reduce[max](%%7; axis %d): f32[%s]\n"
                       "    result data \"sum\" = %%6\n"
                       "    result data \"largest\" = %%8\n"
                       "    result data \"y\" = %%3\n"
                       "}\n";
    static const struct Shapes {
        const char *whole, *rows, *axes, *slots, *sum, *tiles;
        int axis;
    } shapes[] = {{"B, 70", "B", "0", "16, 70", "70", "tile t of 16 ", 0},
                  {"3, B, 64", "3, B", "0, 1", "3, 16, 64", "3, 64", "tile t of 48 ", 1}};
    for (int i = 0; i < 2; i++) {
        char filled[1024];
        const struct Shapes *s = &shapes[i];
        snprintf(filled, sizeof filled, text, s->whole, s->axis + 1, s->rows, s->axes, s->whole, s->whole, s->whole, s->axis,
                 s->slots, s->axis, s->sum, s->axis, s->slots, s->axis, s->sum);
        check_form(&(Form){.text = filled, .dims = {300, 1, 33}, .with = {"scratch slots_2: f32[1, ", s->tiles, "step 16"}});
    }
}

/* What the next row reads, and where this one goes, is announced while it is summed a second time; of a small array, and of short
 * rows, nothing is. */
static void test_rows_announced(void **state) {
    (void)state;
    const char *text = "region r(B <= 300) {\n"
                       "    %%0 = input(data \"x\"): f32[%s]\n"
                       "    %%1 = reduce[add](%%0; axis 1): f32[%s]\n"
                       "    %%2 = broadcast(%%1; axes 0): f32[%s]\n"
                       "    %%3 = map[sub](%%0, %%2): f32[%s]\n"
                       "    %%4 = reduce[max](%%3; axis 1): f32[%s]\n"
                       "    %%5 = broadcast(%%4; axes 0): f32[%s]\n"
                       "    %%6 = map[mul](%%3, %%5): f32[%s]\n"
                       "    result data \"y\" = %%6\n"
                       "}\n";
    static const struct Sizes {
        const char *whole, *rows;
        int is_announced;
    } sizes[] = {{"B, 260", "B", 1}, {"B, 1040", "B", 1}, {"20, 512", "20", 0}, {"B, 255", "B", 0}};
    for (int i = 0; i < 4; i++) {
        char filled[1024];
        const struct Sizes *s = &sizes[i];
        snprintf(filled, sizeof filled, text, s->whole, s->rows, s->whole, s->whole, s->rows, s->whole, s->whole);
        Form form = {.text = filled, .dims = {300, 1, 33}};
        if (s->is_announced) form.with[0] = "prefetch x[", form.with[1] = "prefetch y[";
        else form.without[0] = "prefetch";
        check_form(&form);
    }
}

/* ---- tables -------------------------------------------------------------------------------------------- */

/* A table that many slabs of rows make up, of zeros: each is filled, then the updates that name its rows come. */
static void test_slabs_of_a_table(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 60) {\n"
                "    %0 = input(data \"ids\"): i32[B]\n"
                "    %1 = input(data \"g\"): f32[B, 37]\n"
                "    %2 = input(data \"h\"): f32[B]\n"
                "    %3 = const(0): f32[9000, 37]\n"
                "    %4 = const(0): f32[200000]\n"
                "    %5 = const(8999): i32[B]\n"
                "    %6 = map[mod](%0, %5): i32[B]\n"
                "    %7 = scatter[add](%3, %6, %1; axis 0): f32[9000, 37]\n"
                "    %8 = scatter[add](%4, %6, %2; axis 0): f32[200000]\n"
                "    result data \"y\" = %7\n"
                "    result data \"z\" = %8\n"
                "}\n",
        .dims = {60, 1},
        .with = {"tile t of 5 ", "tile t of 3 "}});
}

/* Rows that change where they lie; what they are made of is made before, since another table changes too. */
static void test_rows_in_place(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 60) {\n"
                "    %0 = input(data \"ids\"): i32[B]\n"
                "    %1 = const(30): i32[B]\n"
                "    %2 = map[mod](%0, %1): i32[B]\n"
                "    %3 = input(param \"p\"): f32[40, 37]\n"
                "    %4 = input(param \"q\"): f32[30, 37]\n"
                "    %5 = gather(%4, %2; axis 0): f32[B, 37]\n"
                "    %6 = gather(%3, %2; axis 0): f32[B, 37]\n"
                "    %7 = map[neg](%5): f32[B, 37]\n"
                "    %8 = map[neg](%6): f32[B, 37]\n"
                "    %9 = scatter[add](%3, %2, %7; axis 0): f32[40, 37]\n"
                "    %10 = scatter[add](%4, %2, %8; axis 0): f32[30, 37]\n"
                "    result param \"p\" = %9 alias 1\n"
                "    result param \"q\" = %10 alias 2\n"
                "}\n",
        .dims = {60, 1},
        .with = {"inout p_flat: f32[1480]", "inout q_flat: f32[1110]"},
        .without = {"hero \"copy\""}});
}

/* ---- what is named before it is wanted ----------------------------------------------------------------- */

static void test_update_is_announced(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 9) {\n"
                "    %0 = input(data \"x\"): f32[B, 260]\n"
                "    %1 = input(data \"g\"): f32[B, 270]\n"
                "    %2 = input(param \"w\"): f32[260, 270]\n"
                "    %3 = dot(%0, %1; contract 0,0): f32[260, 270]\n"
                "    %4 = map[sub](%2, %3): f32[260, 270]\n"
                "    result param \"w\" = %4\n"
                "}\n",
        .dims = {9, 1, 4},
        .with = {"prefetch w["},
        .without = {"prefetch x[", "prefetch g["}});
}

/* Of 71 rows, by panels of 32 columns; the operand's rows or its columns lie side by side. */
static void test_panels_are_announced(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r() {\n"
                "    %0 = input(data \"x\"): f32[71, 300]\n"
                "    %1 = input(data \"w\"): f32[300, 270]\n"
                "    %2 = dot(%0, %1; contract 1,0): f32[71, 270]\n"
                "    result data \"y\" = %2\n"
                "}\n",
        .with = {"prefetch w[", "for k1 in ", "unroll ahead in 0..6 {"},
        .without = {"prefetch x["}});
    check_form(&(Form){
        .text = "region r() {\n"
                "    %0 = input(data \"x\"): f32[71, 250]\n"
                "    %1 = input(data \"w\"): f32[290, 250]\n"
                "    %2 = dot(%0, %1; contract 1,1): f32[71, 290]\n"
                "    result data \"y\" = %2\n"
                "}\n",
        .with = {"prefetch w[", "for k1 in ", "unroll ahead in 0..6 {"},
        .without = {"prefetch x["}});
}

/* A few rows go over a large matrix once, in registers of several vectors, and name what they will read; more rows pack it. */
static void test_few_rows(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r() {\n"
                "    %0 = input(data \"x\"): f32[2, 300]\n"
                "    %1 = input(data \"w\"): f32[300, 270]\n"
                "    %2 = dot(%0, %1; contract 1,0): f32[2, 270]\n"
                "    result data \"y\" = %2\n"
                "}\n",
        .with = {"prefetch w[", "scratch done: f32[2, 128]"},
        .without = {"scratch pack"}});
    check_form(&(Form){
        .text = "region r() {\n"
                "    %0 = input(data \"x\"): f32[31, 300]\n"
                "    %1 = input(data \"w\"): f32[300, 270]\n"
                "    %2 = dot(%0, %1; contract 1,0): f32[31, 270]\n"
                "    result data \"y\" = %2\n"
                "}\n",
        .with = {"prefetch w[", "scratch pack"}});
}

/* Over a matrix of more than a megabyte they go in strips of eight of its rows, here the last of seven; of 1300 columns the last
 * block is not whole. */
static void test_strips(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 2) {\n"
                "    %0 = input(data \"x\"): f32[B, 263]\n"
                "    %1 = input(data \"w\"): f32[263, 1300]\n"
                "    %2 = dot(%0, %1; contract 1,0): f32[B, 1300]\n"
                "    result data \"y\" = %2\n"
                "}\n",
        .dims = {2, 1},
        .with = {"prefetch w[", "scratch strip", "scratch done"},
        .without = {"scratch pack"}});
    check_form(&(Form){
        .text = "region r() {\n"
                "    %0 = input(data \"x\"): f32[2, 263]\n"
                "    %1 = input(data \"w\"): f32[263, 990]\n"
                "    %2 = dot(%0, %1; contract 1,0): f32[2, 990]\n"
                "    result data \"y\" = %2\n"
                "}\n",
        .with = {"prefetch w["},
        .without = {"scratch strip"}});
}

/* Rows of two axes, and sums over two, that are one in memory: no index is split for each element; the result is by axes. */
static void test_axes_that_are_one(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 5) {\n"
                "    %0 = input(data \"x\"): f32[B, 7, 20]\n"
                "    %1 = input(data \"w\"): f32[20, 35]\n"
                "    %2 = dot(%0, %1; contract 2,0): f32[B, 7, 35]\n"
                "    result data \"y\" = %2\n"
                "}\n",
        .dims = {5, 1},
        .with = {"x_flat[", "load w["},
        .without = {"load x["}});
    check_form(&(Form){
        .text = "region r(B <= 5) {\n"
                "    %0 = input(data \"x\"): f32[B, 7, 20]\n"
                "    %1 = input(data \"g\"): f32[B, 7, 35]\n"
                "    %2 = dot(%0, %1; contract 0,0 1,1): f32[20, 35]\n"
                "    result data \"y\" = %2\n"
                "}\n",
        .dims = {5, 1},
        .with = {"x_flat[", "g_flat["},
        .without = {"load x[", "load g["}});
    /* the right operand is turned: sixteen by sixteen, over the ends of an axis as well */
    check_form(&(Form){
        .text = "region r(B <= 9) {\n"
                "    %0 = input(data \"g\"): f32[B, 3, 70]\n"
                "    %1 = input(data \"w\"): f32[35, 3, 70]\n"
                "    %2 = dot(%0, %1; contract 1,1 2,2): f32[B, 35]\n"
                "    result data \"y\" = %2\n"
                "}\n",
        .dims = {9, 1, 6},
        .with = {"g_flat[", "w_flat[", "trade_low_8"},
        .without = {"load g[", "load w["}});
    /* the axes of the rows lie the other way round */
    check_form(&(Form){
        .text = "region r() {\n"
                "    %0 = input(data \"x\"): f32[7, 5, 20]\n"
                "    %1 = input(data \"w\"): f32[20, 35]\n"
                "    %2 = transpose(%0; axes 1, 0, 2): f32[5, 7, 20]\n"
                "    %3 = dot(%2, %1; contract 2,0): f32[5, 7, 35]\n"
                "    result data \"y\" = %3\n"
                "}\n",
        .with = {"load x["},
        .without = {"x_flat["}});
}

/* The heads of an attention, side by side: two axes that a transpose has brought together are made, and then are one. */
static void test_axes_brought_together(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 3) {\n"
                "    %0 = input(data \"x\"): f32[B, 4, 6, 8]\n"
                "    %1 = input(data \"w\"): f32[32, 20]\n"
                "    %2 = transpose(%0; axes 0, 2, 1, 3): f32[B, 6, 4, 8]\n"
                "    %3 = reshape(%2): f32[B, 6, 32]\n"
                "    %4 = dot(%3, %1; contract 2,0): f32[B, 6, 20]\n"
                "    result data \"y\" = %4\n"
                "}\n",
        .dims = {3, 1},
        .with = {"out transpose_2", "transpose_2_flat["}});
}

/* A sum of products, as of the gradients of a loop's turns: each product adds to the sum so far, none waits for the last. */
static void test_sum_of_products(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 5) {\n"
                "    %0 = input(data \"x\"): f32[B, 20]\n"
                "    %1 = input(data \"g\"): f32[B, 18]\n"
                "    %2 = map[mul](%1, %1): f32[B, 18]\n"
                "    %3 = map[sin](%1): f32[B, 18]\n"
                "    %4 = dot(%0, %1; contract 0,0): f32[20, 18]\n"
                "    %5 = dot(%0, %2; contract 0,0): f32[20, 18]\n"
                "    %6 = map[add](%4, %5): f32[20, 18]\n"
                "    %7 = dot(%0, %3; contract 0,0): f32[20, 18]\n"
                "    %8 = map[add](%6, %7): f32[20, 18]\n"
                "    result data \"y\" = %8\n"
                "}\n",
        .dims = {5, 1},
        .with = {"dot_4", "add_6"},
        .without = {"dot_5", "dot_7"}});
}

/* ---- parts side by side ---------------------------------------------------------------------------------- */

/* Five arrays behind each other: of a row the one that it lies in is read. */
static void test_many_parts(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 6) {\n"
                "    %0 = input(data \"a\"): f32[B, 1, 33]\n"
                "    %1 = input(data \"b\"): f32[B, 2, 33]\n"
                "    %2 = map[abs](%1): f32[B, 2, 33]\n"
                "    %3 = input(data \"c\"): f32[1, 33]\n"
                "    %4 = broadcast(%3; axes 1, 2): f32[B, 1, 33]\n"
                "    %5 = concat(%0, %2, %4, %1, %0; axis 1): f32[B, 7, 33]\n"
                "    result data \"y\" = %5\n"
                "}\n",
        .dims = {6, 1},
        .with = {"var part[1, 1]"},
        .without = {"select("}});
    /* one of them as long as the batch */
    check_form(&(Form){
        .text = "region r(B <= 6) {\n"
                "    %0 = input(data \"a\"): f64[B, 20]\n"
                "    %1 = input(data \"b\"): f64[3, 20]\n"
                "    %2 = concat(%1, %0, %0, %1; axis 0): f64[2*B + 6, 20]\n"
                "    result data \"y\" = %2\n"
                "}\n",
        .dims = {6, 1},
        .with = {"var part[1, 1]"},
        .without = {"select("}});
}

#define AROUND(number, of, low) "    %" number " = pad(%" of ", %7; low 0, " low ", 0; step 0, 0, 0): f32[B, 9, 18]\n"

/* The gradient of slices: each in zeros, added.  Nothing is where one is not, and -0 becomes 0; the others are not asked. */
static void test_sum_of_slices(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 5) {\n"
                "    %0 = input(data \"a\"): f32[B, 1, 18]\n"
                "    %1 = input(data \"b\"): f32[B, 2, 18]\n"
                "    %2 = map[abs](%0): f32[B, 1, 18]\n"
                "    %3 = const(-0): f32\n"
                "    %4 = broadcast(%3; axes ): f32[B, 1, 18]\n"
                "    %5 = map[mul](%2, %4): f32[B, 1, 18]\n"
                "    %6 = map[abs](%1): f32[B, 2, 18]\n"
                "    %7 = const(0): f32\n" AROUND("10", "0", "8") AROUND("11", "6", "5") AROUND("12", "5", "3") AROUND("13", "1", "0")
                "    %14 = map[add](%10, %11): f32[B, 9, 18]\n"
                "    %15 = map[add](%14, %12): f32[B, 9, 18]\n"
                "    %16 = map[add](%15, %13): f32[B, 9, 18]\n"
                "    result data \"y\" = %16\n"
                "}\n",
        .dims = {5, 1},
        .with = {"var part[1, 1]"},
        .without = {"select("}});
    /* two of them meet: each is asked */
    check_form(&(Form){
        .text = "region r(B <= 5) {\n"
                "    %0 = input(data \"a\"): f32[B, 1, 18]\n"
                "    %1 = input(data \"b\"): f32[B, 2, 18]\n"
                "    %7 = const(0): f32\n" AROUND("10", "0", "8") AROUND("11", "1", "5") AROUND("12", "1", "4") AROUND("13", "1", "0")
                "    %14 = map[add](%10, %11): f32[B, 9, 18]\n"
                "    %15 = map[add](%14, %12): f32[B, 9, 18]\n"
                "    %16 = map[add](%15, %13): f32[B, 9, 18]\n"
                "    result data \"y\" = %16\n"
                "}\n",
        .dims = {5, 1},
        .without = {"var part["}});
}

/* ---- random bits --------------------------------------------------------------------------------------- */

#define DRAWS(shape)                                                                                                    \
    "    %0 = input(seed \"seed\"): u32[2]\n"                                                                            \
    "    %1 = input(step \"step\"): i64\n"                                                                               \
    "    %2 = const(2): i64\n"                                                                                           \
    "    %3 = input(example0 \"example0\"): i64\n"                                                                       \
    "    %4 = random_bits(%0, %1, %2, %3; site 77): u32[" shape "]\n"                                                    \
    "    %5 = convert(%4): f32[" shape "]\n"

/* Sixteen elements of short rows at a time; where rows are whole blocks of words, those of 64 at once. */
static void test_draws_of_short_rows(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 9) {\n" DRAWS("B, 5, 7, 3") "    result data \"y\" = %5\n}\n",
        .dims = {9, 1, 4},
        .with = {"in seed_flat", "out y_flat"},
        .without = {"scratch words", "trade"}});
    check_form(&(Form){
        .text = "region r(B <= 90) {\n" DRAWS("B, 5, 20") "    result data \"y\" = %5\n}\n",
        .dims = {90, 1, 4},
        .with = {"scratch words: u32[1, 1024]", "trade_low_1", "out y_flat"}});
    check_form(&(Form){
        .text = "region r(B <= 90) {\n" DRAWS("B") "    result data \"y\" = %5\n}\n",
        .dims = {90, 1, 37},
        .with = {"out y_flat"},
        .without = {"scratch words"}});
}

/* The words of 64 columns of a row, or of a strip of it, are made at once; not those that are wanted elsewhere too. */
static void test_draws_of_rows(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r(B <= 9) {\n" DRAWS("B, 77")
                "    %6 = input(data \"b\"): f32[77]\n"
                "    %7 = broadcast(%6; axes 1): f32[B, 77]\n"
                "    %8 = map[add](%5, %7): f32[B, 77]\n"
                "    result data \"y\" = %8\n"
                "}\n",
        .dims = {9, 1, 4},
        .with = {"scratch words: u32[1, 128]", "trade_low_1"},
        .without = {"y_flat"}});
    check_form(&(Form){
        .text = "region r() {\n" DRAWS("2, 9001")
                "    %6 = input(data \"b\"): f32[9001]\n"
                "    %7 = broadcast(%6; axes 1): f32[2, 9001]\n"
                "    %8 = map[add](%5, %7): f32[2, 9001]\n"
                "    result data \"y\" = %8\n"
                "}\n",
        .with = {"scratch words: u32[1, 4096]", "trade_low_1"}});
    check_form(&(Form){
        .text = "region r() {\n" DRAWS("40, 40")
                "    %6 = transpose(%5; axes 1, 0): f32[40, 40]\n"
                "    %7 = map[sub](%5, %6): f32[40, 40]\n"
                "    result data \"y\" = %7\n"
                "}\n"});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reshapes_in_between),
        cmocka_unit_test(test_transposed_batch),
        cmocka_unit_test(test_transposed_while_computed),
        cmocka_unit_test(test_transposed_by_strips),
        cmocka_unit_test(test_sliced_batch),
        cmocka_unit_test(test_row_reduction_behind_totals),
        cmocka_unit_test(test_exponentials_wait),
        cmocka_unit_test(test_exponentials_wait_in_the_result),
        cmocka_unit_test(test_sums_of_strips),
        cmocka_unit_test(test_slots_of_rows),
        cmocka_unit_test(test_rows_announced),
        cmocka_unit_test(test_slabs_of_a_table),
        cmocka_unit_test(test_rows_in_place),
        cmocka_unit_test(test_update_is_announced),
        cmocka_unit_test(test_panels_are_announced),
        cmocka_unit_test(test_few_rows),
        cmocka_unit_test(test_strips),
        cmocka_unit_test(test_axes_that_are_one),
        cmocka_unit_test(test_axes_brought_together),
        cmocka_unit_test(test_sum_of_products),
        cmocka_unit_test(test_many_parts),
        cmocka_unit_test(test_sum_of_slices),
        cmocka_unit_test(test_draws_of_short_rows),
        cmocka_unit_test(test_draws_of_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
