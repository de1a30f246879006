/* Convolutions of many small pictures, whose lanes run across the examples (tests/support/lower_form.h). */
#include "tests/support/lower_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ACROSS_EXAMPLES "scratch lists", "scratch turned"

/* 37 rows are three blocks of thirteen, of which the last is moved back; chunks begin and end within a channel. */
static void test_small_pictures(void **state) {
    (void)state;
    check_form(&(Form){
        .text = BORDERED("", "32, 30, 4, 4", "37, 30, 3, 3", "1, 1", "32, 30, 6, 6", PLAIN "1", "32, 37, 4, 4") "}\n",
        .with = {ACROSS_EXAMPLES, "scratch panel: f32[480, 32]"},
        .without = {"hero \"map\"", "scratch places"}});
}

/* Two tiles of examples, the last of which has one too few; the epilogue adds a bias for each row. */
static void test_examples_that_are_none(void **state) {
    (void)state;
    check_form(&(Form){
        .text = BORDERED("", "63, 29, 3, 4", "18, 29, 3, 3", "1, 1", "63, 29, 5, 6", PLAIN "1", "63, 18, 3, 4")
                "    %5 = input(param \"bias\"): f32[18]\n"
                "    %6 = broadcast(%5; axes 1): f32[63, 18, 3, 4]\n"
                "    %7 = map[add](%4, %6): f32[63, 18, 3, 4]\n"
                "    result data \"z\" = %7\n"
                "}\n",
        .with = {ACROSS_EXAMPLES},
        .without = {"hero \"map\""}});
}

/* The zeros around the operand are there for somebody else too: they are read, and left out none the less. */
static void test_array_with_its_zeros(void **state) {
    (void)state;
    check_form(&(Form){
        .text = BORDERED("", "32, 29, 5, 4", "16, 29, 3, 3", "1, 1", "32, 29, 7, 6", PLAIN "1", "32, 16, 5, 4")
                "    result data \"padded\" = %3\n"
                "}\n",
        .with = {ACROSS_EXAMPLES, "scratch panel: f32[928, 32]"}});
}

/* Windows of stride and dilation, which begin before the zeros and end behind them. */
static void test_windows_apart(void **state) {
    (void)state;
    check_form(&(Form){
        .text = BORDERED("", "32, 40, 7, 6", "24, 40, 3, 3", "3, 2", "32, 40, 13, 12", "low 0, 0, -1, 0; step 1, 1, 2, 1; spread 1, 1, 1, 1; "
                         "dilation 1, 1, 2, 3; groups 1", "32, 24, 4, 6")
                "}\n",
        .with = {ACROSS_EXAMPLES},
        .without = {"hero \"map\""}});
}

static void test_volumes(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r() {\n"
                "    %0 = input(data \"x\"): f64[32, 11, 3, 2, 4]\n"
                "    %1 = input(param \"w\"): f64[18, 11, 3, 3, 3]\n"
                "    %2 = const(0): f64\n"
                "    %3 = pad(%0, %2; low 0, 0, 1, 1, 1; step 0, 0, 0, 0, 0): f64[32, 11, 5, 4, 6]\n"
                "    %4 = convolution(%3, %1; low 0, 0, 0, 0, 0; step 1, 1, 1, 1, 1; spread 1, 1, 1, 1, 1; dilation 1, 1, 1, 1, 1; "
                "groups 1): f64[32, 18, 3, 2, 4]\n"
                "    result data \"y\" = %4\n"
                "}\n",
        .with = {ACROSS_EXAMPLES},
        .without = {"hero \"map\""}});
}

/* The gradient of the input: kernels are seen turned where they are. */
static void test_turned_kernels(void **state) {
    (void)state;
    check_form(&(Form){
        .text = "region r() {\n"
                "    %0 = input(data \"dy\"): f32[32, 32, 2, 3]\n"
                "    %1 = input(param \"w\"): f32[32, 19, 3, 3]\n"
                "    %2 = transpose(%1; axes 1, 0, 2, 3): f32[19, 32, 3, 3]\n"
                "    %3 = reverse(%2; axis 2): f32[19, 32, 3, 3]\n"
                "    %4 = reverse(%3; axis 3): f32[19, 32, 3, 3]\n"
                "    %5 = const(0): f32\n"
                "    %6 = pad(%0, %5; low 0, 0, 1, 1; step 0, 0, 0, 0): f32[32, 32, 4, 5]\n"
                "    %7 = convolution(%6, %4; " PLAIN "1): f32[32, 19, 2, 3]\n"
                "    result data \"dx\" = %7\n"
                "}\n",
        .with = {ACROSS_EXAMPLES},
        .without = {"hero \"map\""}});
}

/* Three tiles of lines, the last of one; and what a tile reads begins before the picture. */
static void test_tiles_of_lines(void **state) {
    (void)state;
    check_form(&(Form){
        .text = BORDERED("", "32, 29, 7, 4", "16, 29, 3, 3", "1, 1", "32, 29, 9, 6", PLAIN "1", "32, 16, 7, 4") "}\n",
        .with = {ACROSS_EXAMPLES, "tile t of 3 "}});
}

/* Few examples, or pictures of which zeros are a small part, take another form. */
static void test_other_forms(void **state) {
    (void)state;
    check_form(&(Form){
        .text = BORDERED("", "12, 30, 4, 4", "37, 30, 3, 3", "1, 1", "12, 30, 6, 6", PLAIN "1", "12, 37, 4, 4") "}\n",
        .without = {ACROSS_EXAMPLES}});
    check_form(&(Form){
        .text = BORDERED("", "32, 86, 1, 32", "17, 86, 1, 3", "0, 1", "32, 86, 1, 34", PLAIN "1", "32, 17, 1, 32") "}\n",
        .without = {ACROSS_EXAMPLES}});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_pictures),   cmocka_unit_test(test_examples_that_are_none),
        cmocka_unit_test(test_array_with_its_zeros), cmocka_unit_test(test_windows_apart),
        cmocka_unit_test(test_volumes),          cmocka_unit_test(test_turned_kernels),
        cmocka_unit_test(test_tiles_of_lines),   cmocka_unit_test(test_other_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
