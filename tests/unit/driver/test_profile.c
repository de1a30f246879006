/* The parts of a profile that no clock decides: the roofs, figures as text, the picture of odd texts. */
#include "driver/profile.h"

#include "base/session.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const MachineLimits limits = {
    .threads = 4,
    .footprint = {1 << 10, 1 << 14, 1 << 18, 1 << 22, INFINITY},
    .one = {.flops = 1e9, .bytes = {16e9, 8e9, 4e9, 2e9, 1e9}},
    .all = {.flops = 4e9, .bytes = {64e9, 32e9, 16e9, 4e9, 1e9}},
};

static void the_higher_need_is_the_limit(void **state) {
    (void)state;
    int is_memory;
    assert_true(machine_limits_seconds(&limits, 1, 1e6, 1000, &is_memory) == 1e-3);
    assert_false(is_memory);
    assert_true(machine_limits_seconds(&limits, 1, 1, 1000, &is_memory) == 1000 / 16e9);
    assert_true(is_memory);
    assert_true(machine_limits_seconds(&limits, 4, 1e6, 0, &is_memory) == 0.25e-3);
    assert_false(is_memory);
}

static void a_set_has_the_roof_of_the_smallest_level_that_holds_it(void **state) {
    (void)state;
    int is_memory;
    assert_true(machine_limits_seconds(&limits, 1, 0, 1024, &is_memory) == 1024 / 16e9);
    assert_true(machine_limits_seconds(&limits, 1, 0, 1025, &is_memory) == 1025 / 8e9);
    assert_true(machine_limits_seconds(&limits, 1, 0, 1e9, &is_memory) == 1);
    assert_true(machine_limits_seconds(&limits, 4, 0, 4096, &is_memory) == 4096 / 64e9); /* a share for each */
    assert_true(machine_limits_seconds(&limits, 4, 0, 4100, &is_memory) == 4100 / 32e9);
}

static void figures_have_three_digits(void **state) {
    (void)state;
    Arena arena = {0};
    assert_string_equal(profile_duration(&arena, 0), "0.00 us");
    assert_string_equal(profile_duration(&arena, 9.996e-6), "10.0 us");
    assert_string_equal(profile_duration(&arena, 999.4e-6), "999 us");
    assert_string_equal(profile_duration(&arena, 999.6e-6), "1.00 ms");
    assert_string_equal(profile_duration(&arena, 99.96e-3), "100 ms");
    assert_string_equal(profile_duration(&arena, 0.9996), "1.00 s");
    assert_string_equal(profile_duration(&arena, 1234), "1234 s");
    assert_string_equal(profile_rate(&arena, 7, 0), "0");
    assert_string_equal(profile_rate(&arena, 999, 1), "999");
    assert_string_equal(profile_rate(&arena, 999.6, 1), "1.00 k");
    assert_string_equal(profile_rate(&arena, 5e9, 0.5), "10.0 G");
    arena_release(&arena);
}

static void figures_of_parts_add_up(void **state) {
    (void)state;
    ProfileFigures one = {1, 2, 3, 4, 5, 10}, sum = {0};
    figures_add(&sum, &one, 0.25);
    figures_add(&sum, &one, 0.75);
    assert_memory_equal(&sum, &one, sizeof sum);
    assert_true(limit_share(&sum) == 0.5);
    assert_true(limit_share(&(ProfileFigures){0}) == 0);
}

static char *picture_of_line(const char *text) {
    Session session;
    session_init(&session);
    const Source *source = source_add(&session.sources, "odd.dlm", text, strlen(text));
    const volatile int interrupted = 0;
    Profile *profile = profile_new(&session, &(ProfileOptions){.limits = &limits, .interrupted = &interrupted});
    const Symbol *name = symbol(&session.symbols, "<step>");
    TStep step = {.name = name};
    LineShare line = {source, source_place(&session.sources, source->base).line, 1};
    KernelProfile kernel = {.name = "k1_map", .hero = "map", .lines = &line, .line_count = 1, .workers = 1, .calls = 1,
                            .seconds = 1e-6, .worker_seconds = 1e-6, .flops = 100, .least_seconds = 5e-7};
    PlanProfile plan = {.name = "step", .kernel_count = 1, .kernels = &kernel, .runs = 1};
    vec_push(&profile->arena, &profile->plans, &plan);
    profile->step = &step;
    profile->steps = 1;
    profile->seconds = 2e-6;
    Text out = text_new(&session.arena);
    profile_svg(&out, profile, "odd.dlm");
    char *picture = strdup(text_str(&out));
    profile_free(profile);
    session_release(&session);
    assert_non_null(picture);
    return picture;
}

static void pictures_are_xml_whatever_the_text(void **state) {
    (void)state;
    char *picture = picture_of_line("a<b && c>\"d\" \x01\x1b\xff \xed\xa0\x80 \xef\xbf\xbf \xc3\xa9");
    assert_non_null(strstr(picture, "a&lt;b &amp;&amp; c&gt;&quot;d&quot; "));
    assert_non_null(strstr(picture, "\xc3\xa9</text>"));
    assert_non_null(strstr(picture, "\xE2\x80\x9C&lt;step&gt;\xE2\x80\x9D"));
    for (const char *c = picture; *c; c++) assert_true((unsigned char)*c >= 0x20 || *c == '\n');
    assert_null(strstr(picture, "\xff"));
    assert_null(strstr(picture, "\xed\xa0"));
    assert_null(strstr(picture, "\xef\xbf\xbf"));
    free(picture);
}

static void long_texts_are_cut_on_whole_characters(void **state) {
    (void)state;
    char text[400] = "";
    for (int i = 0; i < 100; i++) strcat(text, "\xc3\xa9");
    char *picture = picture_of_line(text);
    const char *code = strstr(picture, "class=\"code\"");
    assert_non_null(code);
    const char *begin = strchr(code, '>') + 1, *end = strchr(begin, '<');
    assert_int_equal(end - begin, 49 * 2 + 3); /* 49 letters and an ellipsis */
    assert_memory_equal(end - 3, "\xe2\x80\xa6", 3);
    free(picture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_higher_need_is_the_limit),
        cmocka_unit_test(a_set_has_the_roof_of_the_smallest_level_that_holds_it),
        cmocka_unit_test(figures_have_three_digits),
        cmocka_unit_test(figures_of_parts_add_up),
        cmocka_unit_test(pictures_are_xml_whatever_the_text),
        cmocka_unit_test(long_texts_are_cut_on_whole_characters),
    };
    return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
