/* Where machine code comes from: compiled, from the cache, of an earlier step.  However it came, the bits are the same,
 * and what the cache holds is never trusted. */
#include "driver/executor.h"
#include "driver/code_file.h"
#include "runtime/array.h"
#include "tests/support/graph_case.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { ROWS = 5, COLUMNS = 19, COUNT = ROWS * COLUMNS };

/* Two sums over rows that differ in nothing but their names, and a map over both. */
static const char *const text =
    "region r() { %0 = input(data \"a\"): f32[5, 19] %1 = input(data \"b\"): f32[5, 19]\n"
    "%2 = reduce[add](%0; axis 1): f32[5] %3 = reduce[add](%1; axis 1): f32[5] %4 = map[exp](%0): f32[5, 19]\n"
    "result data \"p\" = %2 result data \"q\" = %3 result data \"c\" = %4 }";

typedef struct Values {
    float p[ROWS], q[ROWS], c[COUNT];
} Values;

static char folder[64];

static int make_temporary(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/dlc-machine-code-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_temporary(void **state) {
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static CompiledStep *compile(Session *session, Executor *executor, Build *build) {
    *build = (Build){.region = region_of_text(session, &session->arena, text)};
    CompiledStep *step = executor_compile(executor, build, 1);
    assert_non_null(step);
    return step;
}

static void run(Executor *executor, CompiledStep *step, const Build *build, Values *values) {
    static float a[COUNT], b[COUNT];
    for (int i = 0; i < COUNT; i++) {
        a[i] = 0.37f * (float)(i % 23) - 2;
        b[i] = 1 / (float)(i + 1);
    }
    void *bindings[] = {a, b, values->p, values->q, values->c};
    assert_int_equal(executor_slot_count(step), 5);
    assert_int_equal(build->region->dims.len, 0);
    assert_true(executor_run(executor, step, NULL, bindings));
}

/* One process: the facts and the values; without a folder nothing is kept. */
static CodeFacts process(const char *cache, ExecutorMode mode, Values *values) {
    static const char *const fuse[] = {"fuse"}; /* otherwise it would all be one kernel */
    Session session;
    session_init(&session);
    Executor *executor = executor_new(&session, &(ExecutorOptions){.mode = mode, .threads = 2, .cache_folder = cache,
                                                                   .disabled = fuse, .disabled_count = 1,
                                                                   .cache_bytes = 1 << 22});
    Build build;
    CompiledStep *step = compile(&session, executor, &build);
    memset(values, 0xFF, sizeof *values);
    run(executor, step, &build, values);
    CodeFacts facts = executor_code_facts(executor);
    executor_discard(step);
    executor_free(executor);
    session_release(&session);
    return facts;
}

static void assert_facts(CodeFacts is, int different, int shared, int cached, int compiled) {
    assert_int_equal(is.different, different);
    assert_int_equal(is.shared, shared);
    assert_int_equal(is.cached, cached);
    assert_int_equal(is.compiled, compiled);
}

static void second_process_compiles_nothing(void **state) {
    (void)state;
    Values interpreted, values;
    process(NULL, EXECUTE_INTERPRETER, &interpreted);
    CodeFacts facts = process(folder, EXECUTE_MACHINE_CODE, &values);
    assert_int_equal(facts.kernels, 3);
    assert_facts(facts, 2, 0, 0, 2); /* the two sums are one */
    assert_memory_equal(&values, &interpreted, sizeof values);
    assert_facts(process(folder, EXECUTE_MACHINE_CODE, &values), 2, 0, 2, 0);
    assert_memory_equal(&values, &interpreted, sizeof values);
    assert_facts(process(NULL, EXECUTE_MACHINE_CODE, &values), 2, 0, 0, 2);
    assert_memory_equal(&values, &interpreted, sizeof values);
    assert_facts(process("/proc/nowhere", EXECUTE_MACHINE_CODE, &values), 2, 0, 0, 2);
    assert_memory_equal(&values, &interpreted, sizeof values);
}

static void later_steps_share_code(void **state) {
    (void)state;
    Session session;
    session_init(&session);
    Executor *executor = executor_new(&session, &(ExecutorOptions){.mode = EXECUTE_MACHINE_CODE, .threads = 1});
    Build builds[3];
    CompiledStep *steps[3];
    Values first, values;
    for (int i = 0; i < 2; i++) steps[i] = compile(&session, executor, &builds[i]);
    int different = executor_code_facts(executor).compiled;
    assert_facts(executor_code_facts(executor), 2 * different, different, 0, different);
    run(executor, steps[0], &builds[0], &first);
    executor_discard(steps[0]); /* the other one still has the code */
    run(executor, steps[1], &builds[1], &values);
    assert_memory_equal(&first, &values, sizeof values);
    executor_discard(steps[1]);
    steps[2] = compile(&session, executor, &builds[2]); /* all of it was released */
    assert_facts(executor_code_facts(executor), 3 * different, different, 0, 2 * different);
    run(executor, steps[2], &builds[2], &values);
    assert_memory_equal(&first, &values, sizeof values);
    executor_discard(steps[2]);
    executor_free(executor);
    session_release(&session);
}

/* Gives every object of the cache other contents, with a header that is right for them. */
static int replace_objects(const char *contents, size_t len) {
    char path[512];
    snprintf(path, sizeof path, "%s/objects", folder);
    DIR *list = opendir(path);
    assert_non_null(list);
    int count = 0;
    for (const struct dirent *at; (at = readdir(list));) {
        if (strlen(at->d_name) != 64) continue;
        JitKey key;
        for (size_t i = 0; i < sizeof key.bytes; i++) {
            unsigned byte;
            assert_int_equal(sscanf(at->d_name + 2 * i, "%2x", &byte), 1);
            key.bytes[i] = (unsigned char)byte;
        }
        unsigned char header[CODE_FILE_HEADER];
        code_file_header(header, &key, contents, len);
        snprintf(path, sizeof path, "%s/objects/%s", folder, at->d_name);
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(header, 1, sizeof header, file), sizeof header);
        assert_int_equal(fwrite(contents, 1, len, file), len);
        assert_int_equal(fclose(file), 0);
        count++;
    }
    closedir(list);
    return count;
}

static void what_is_no_object_is_compiled_anew(void **state) {
    (void)state;
    Values expected, values;
    process(folder, EXECUTE_MACHINE_CODE, &expected);
    static const char *const contents[] = {"", "no object at all", "\177ELF\2\1\1"};
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        assert_int_equal(replace_objects(contents[i], strlen(contents[i])), 2);
        assert_facts(process(folder, EXECUTE_MACHINE_CODE, &values), 2, 0, 0, 2);
        assert_memory_equal(&values, &expected, sizeof values);
        assert_facts(process(folder, EXECUTE_MACHINE_CODE, &values), 2, 0, 2, 0); /* replaced by good ones */
        assert_memory_equal(&values, &expected, sizeof values);
    }
}

static void processes_at_once(void **state) {
    (void)state;
    enum { CHILDREN = 6 };
    Values expected;
    process(NULL, EXECUTE_INTERPRETER, &expected);
    replace_objects("", 0);
    pid_t children[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i]) continue;
        Values values;
        int is_good = 1;
        for (int k = 0; k < 3; k++) {
            process(folder, EXECUTE_MACHINE_CODE, &values);
            is_good = is_good && memcmp(&values, &expected, sizeof values) == 0;
        }
        _exit(!is_good);
    }
    for (int i = 0; i < CHILDREN; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(second_process_compiles_nothing),
        cmocka_unit_test(later_steps_share_code),
        cmocka_unit_test(what_is_no_object_is_compiled_anew),
        cmocka_unit_test(processes_at_once),
    };
    return cmocka_run_group_tests_name("machine_code", tests, make_temporary, remove_temporary);
}
