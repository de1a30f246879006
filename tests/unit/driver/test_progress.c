/* Progress: its texts, and what goes to which stream in each mode. */
#include "driver/progress_text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static const Figure figures[] = {{"loss", 0.02131234, 0, 0}, {"accuracy", 1, 0, 0}, {"loss", 0.1024, 1, 0}, {"f1", NAN, 1, 0}};

#define ASSERT_TEXT(expected, call)                                                                \
    do {                                                                                           \
        Arena arena = {0};                                                                         \
        Text out = text_new(&arena);                                                               \
        call;                                                                                      \
        assert_string_equal(text_str(&out), expected);                                             \
        arena_release(&arena);                                                                     \
    } while (0)

static void numbers(void **state) {
    (void)state;
    ASSERT_TEXT("0", text_count(&out, 0));
    ASSERT_TEXT("999", text_count(&out, 999));
    ASSERT_TEXT("25,000", text_count(&out, 25000));
    ASSERT_TEXT("-1,234,567", text_count(&out, -1234567));
    ASSERT_TEXT("-123", text_count(&out, -123));
    ASSERT_TEXT("0.00 s", text_duration(&out, -1));
    ASSERT_TEXT("0.00 s", text_duration(&out, 0));
    ASSERT_TEXT("42 us", text_duration(&out, 42e-6));
    ASSERT_TEXT("1.0 ms", text_duration(&out, 0.9999e-3));
    ASSERT_TEXT("4.2 ms", text_duration(&out, 4.23e-3));
    ASSERT_TEXT("42 ms", text_duration(&out, 0.042));
    ASSERT_TEXT("0.10 s", text_duration(&out, 0.09999));
    ASSERT_TEXT("0.42 s", text_duration(&out, 0.42));
    ASSERT_TEXT("1.0 s", text_duration(&out, 0.999));
    ASSERT_TEXT("8.1 s", text_duration(&out, 8.13));
    ASSERT_TEXT("42 s", text_duration(&out, 42.3));
    ASSERT_TEXT("1:00", text_duration(&out, 59.7));
    ASSERT_TEXT("3:05", text_duration(&out, 185));
    ASSERT_TEXT("1:02:03", text_duration(&out, 3723));
    ASSERT_TEXT("1000000:00:00", text_duration(&out, INFINITY));
    ASSERT_TEXT("3.2 steps/s", text_rate(&out, 3.21, "steps"));
    ASSERT_TEXT("123 steps/s", text_rate(&out, 123.4, "steps"));
    ASSERT_TEXT("45,100 examples/s", text_rate(&out, 45123, "examples"));
    ASSERT_TEXT("0.9694", text_figure(&out, 0.969444));
    ASSERT_TEXT("nan", text_figure(&out, -NAN));
    ASSERT_TEXT("\"a\\\"b\\n\\u0001\"", text_json_string(&out, "a\"b\n\x01"));
    ASSERT_TEXT("null", text_json_number(&out, INFINITY));
    ASSERT_TEXT("0.100000001", text_json_number(&out, (double)0.1f));
}

static void lines(void **state) {
    (void)state;
    ProgressState s = {.epochs = 20, .total = 900, .rows = 1437, .epoch = 3, .done = 108, .examples = 576,
                       .seconds = 12, .rate_seconds = 0.4, .epoch_first = 90};
    ASSERT_TEXT("epoch  3/20  [=========               ]   40 %  1,440 examples/s  1:28 left",
                text_running_line(&out, &s, 80, 0));
    ASSERT_TEXT("epoch  3/20  \u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u258C                 40 %"
                "  1,440 examples/s  1:28 left",
                text_running_line(&out, &s, 80, 1));
    for (int columns = 1; columns < 100; columns++) {
        Arena arena = {0};
        Text out = text_new(&arena);
        text_running_line(&out, &s, columns, 0);
        if (columns > 12) assert_true((int)out.len < columns);
        arena_release(&arena);
    }
    ASSERT_TEXT("epoch  3/20  loss 0.02131  accuracy 1       val loss 0.1024  val f1 nan  0.42 s",
                text_epoch_line(&out, &s, figures, 4, 0.42, 0));
    ASSERT_TEXT("epoch  3/20  loss 0.02131\n  accuracy 1       val loss 0.1024\n  val f1 nan  0.42 s",
                text_epoch_line(&out, &s, figures, 4, 0.42, 36));
    for (int columns = 20; columns < 100; columns++) {
        Arena arena = {0};
        Text out = text_new(&arena);
        text_epoch_line(&out, &s, figures, 4, 0.42, columns);
        for (const char *line = text_str(&out); line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
            assert_true((int)strcspn(line, "\n") < columns);
        arena_release(&arena);
    }
    ProgressState counted = {.total = 5000, .epoch = 1, .done = 1200, .seconds = 3, .rate_seconds = 3};
    ASSERT_TEXT("step 1,200/5,000  [=====                   ]   24 %  400 steps/s  9.5 s left",
                text_running_line(&out, &counted, 80, 0));
    ASSERT_TEXT("step 5/5", text_position(&out, &(ProgressState){.total = 5, .done = 5}));
}

static void table(void **state) {
    (void)state;
    ASSERT_TEXT("              training  validation\n"
                "  loss         0.02131      0.1024\n"
                "  accuracy           1\n"
                "  f1                           nan\n",
                text_table(&out, figures, 4));
    ASSERT_TEXT("          training\n"
                "  loss     0.02131\n",
                text_table(&out, figures, 1));
}

typedef struct Streams {
    char *out_text, *err_text;
    size_t out_len, err_len;
} Streams;

/* A short life of a progress in the mode. */
static Streams run(ProgressMode mode) {
    Streams s = {0};
    FILE *out = open_memstream(&s.out_text, &s.out_len), *err = open_memstream(&s.err_text, &s.err_len);
    Progress *progress = progress_new(&(ProgressOptions){.mode = mode, .out = out, .err = err});
    progress_train_begin(progress, 1, 2, 10);
    progress_step(progress, 1, 1, 5);
    progress_print(progress, "hello\n");
    nanosleep(&(struct timespec){.tv_nsec = 110000000}, NULL); /* the line is drawn ten times a second */
    progress_step(progress, 1, 2, 10);
    progress_epoch(progress, 1, 2, figures, 3);
    progress_train_end(progress, figures, 3, 0.25, 0);
    progress_test(progress, "holds", 1);
    progress_test(progress, "breaks", 0);
    assert_int_equal(progress_failed_tests(progress), 1);
    assert_int_equal(progress_free(progress), 0);
    fclose(out);
    fclose(err);
    return s;
}

static void release(Streams s) {
    free(s.out_text);
    free(s.err_text);
}

static void modes(void **state) {
    (void)state;
    Streams s = run(PROGRESS_LINES);
    assert_string_equal(s.out_text, "hello\npassed  holds\nFAILED  breaks\n");
    assert_non_null(strstr(s.err_text, "epoch 1/1  loss 0.02131  accuracy 1       val loss 0.1024  0.1"));
    assert_non_null(strstr(s.err_text, "2 steps in 0.1"));
    assert_non_null(strstr(s.err_text, " s, compiling took 0.25 s\n              training"));
    assert_null(strpbrk(s.err_text, "\r\033"));
    release(s);
    s = run(PROGRESS_QUIET);
    assert_string_equal(s.out_text, "hello\nFAILED  breaks\n");
    assert_string_equal(s.err_text, "");
    release(s);
    s = run(PROGRESS_TERMINAL);
    assert_string_equal(s.out_text, "hello\npassed  holds\nFAILED  breaks\n");
    assert_non_null(strstr(s.err_text, "\repoch 1/1  ["));
    assert_non_null(strstr(s.err_text, "\r\033[Kepoch 1/1  loss"));
    release(s);
    s = run(PROGRESS_JSON);
    assert_string_equal(s.err_text, "");
    assert_non_null(strstr(s.out_text, "{\"event\":\"print\",\"text\":\"hello\\n\"}\n"));
    assert_non_null(strstr(s.out_text, ",\"train\":{\"loss\":0.02131234,\"accuracy\":1},"
                                       "\"validation\":{\"loss\":0.1024}}\n"));
    assert_non_null(strstr(s.out_text, "{\"event\":\"test\",\"name\":\"breaks\",\"passed\":false}\n"));
    release(s);
}

static void a_full_disk_is_noticed(void **state) {
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    if (!full) skip();
    Progress *progress = progress_new(&(ProgressOptions){.mode = PROGRESS_LINES, .out = full});
    progress_print(progress, "lost\n");
    assert_int_equal(progress_free(progress), -1);
    fclose(full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers), cmocka_unit_test(lines), cmocka_unit_test(table),
        cmocka_unit_test(modes),   cmocka_unit_test(a_full_disk_is_noticed),
    };
    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
