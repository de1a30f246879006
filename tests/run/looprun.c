/* Runs kernels in the interpreter and as machine code and compares every bit.
 *
 *     looprun [--generate=GROUP[:COUNT]] [--cpu=NAME]... [--emit=FOLDER] [--quiet] [FILE.loop]...
 *
 * GROUP: operations, conversions, lanes, flow, math.  Without --cpu: this machine's, and of x86-64, x86-64-v3 and
 * x86-64-v4 those that it can run.  Exit code 0 when all is equal. */
#include "build_case.h"
#include "emit_case.h"
#include "generate.h"

#include "compiler/loop_eval.h"
#include "driver/jit_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Options {
    Vec(const char *) files, groups, cpus;
    const char *emit_folder;
    int is_quiet;
} Options;

typedef struct Tool {
    Session session;
    Options options;
    Cases cases;
    const JitApi *jit;
} Tool;

static _Noreturn void stop(const char *format, const char *what) {
    fprintf(stderr, format, what);
    fputc('\n', stderr);
    exit(2);
}

/* ---- where cases come from --------------------------------------------------------------------------- */

static void generate(Tool *tool, const char *group) {
    long count = strchr(group, ':') ? strtol(strchr(group, ':') + 1, NULL, 10) : 1 << 20;
    size_t len = strcspn(group, ":");
    if (!strncmp(group, "operations", len)) generate_operations(&tool->cases);
    else if (!strncmp(group, "conversions", len)) generate_conversions(&tool->cases);
    else if (!strncmp(group, "lanes", len)) generate_lanes(&tool->cases);
    else if (!strncmp(group, "flow", len)) generate_flow(&tool->cases);
    else if (!strncmp(group, "math", len)) generate_math(&tool->cases, count);
    else stop("looprun: no such group: %s", group);
}

/* ---- executors --------------------------------------------------------------------------------------- */

static CaseResult interpret(Arena *arena, const Case *c) {
    int count = c->kernels.len;
    Executor executor = {"interpreter", arena_array(arena, KernelFunction *, count),
                         arena_array(arena, const void *, count)};
    for (int i = 0; i < count; i++) {
        executor.functions[i] = loop_eval_run;
        executor.contexts[i] = loop_eval_prepare(arena, c->kernels.data[i]);
    }
    return case_run(arena, c, &executor, 1);
}

static int compare_jit(Tool *tool, Arena *arena, const Case *c, const CaseResult *expected, Jit *jit,
                       const char *cpu) {
    Executor executor = {cpu, arena_array(arena, KernelFunction *, c->kernels.len), NULL};
    JitCode *code = tool->jit->compile(jit, c->kernels.data, c->kernels.len, executor.functions, NULL);
    if (!code) {
        fprintf(stderr, "%s: %s: %s\n", c->name, cpu, tool->jit->error(jit));
        return 0;
    }
    int good = 1;
    for (int ranges = 1; ranges <= 3 && good; ranges += 2) {
        CaseResult got = case_run(arena, c, &executor, ranges);
        if (c->code && ranges > 1) break; /* which check fails first depends on the order of ranges */
        good = case_equal(c, expected, &got, arena_printf(arena, "JIT for %s, %d ranges", cpu, ranges));
    }
    tool->jit->release(jit, code);
    return good;
}

static int run_case(Tool *tool, const Case *c, Jit **jits, CaseWriter *writer) {
    Arena arena = {0};
    CaseResult expected = interpret(&arena, c);
    int good = expected.code == c->code;
    if (!good) fprintf(stderr, "%s: code %d instead of %d\n", c->name, (int)expected.code, (int)c->code);
    for (int i = 0; i < tool->options.cpus.len && good; i++) {
        good = compare_jit(tool, &arena, c, &expected, jits[i], tool->options.cpus.data[i]);
    }
    if (writer) case_writer_add(writer, c, &expected);
    arena_release(&arena);
    if (!tool->options.is_quiet) printf("%-32s %s\n", c->name, good ? "equal" : "DIFFERS");
    return good;
}

static void default_cpus(Tool *tool) {
    Arena *arena = &tool->session.arena;
    vec_push(arena, &tool->options.cpus, "host");
#if defined(__x86_64__)
    vec_push(arena, &tool->options.cpus, "x86-64");
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        vec_push(arena, &tool->options.cpus, "x86-64-v3");
    }
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        vec_push(arena, &tool->options.cpus, "x86-64-v4");
    }
#endif
}

static Jit **open_jits(Tool *tool) {
    Arena *arena = &tool->session.arena;
    const char *why;
    tool->jit = jit_load(arena, &why);
    if (!tool->jit) stop("looprun: %s", why);
    Jit **jits = arena_array(arena, Jit *, tool->options.cpus.len);
    for (int i = 0; i < tool->options.cpus.len; i++) {
        const char *cpu = tool->options.cpus.data[i];
        jits[i] = tool->jit->open(&(JitOptions){.cpu = strcmp(cpu, "host") ? cpu : NULL, .verify = 1});
    }
    return jits;
}

static void read_options(Tool *tool, int argc, char **argv) {
    Arena *arena = &tool->session.arena;
    Options *o = &tool->options;
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        if (!strncmp(a, "--generate=", 11)) vec_push(arena, &o->groups, a + 11);
        else if (!strncmp(a, "--cpu=", 6)) vec_push(arena, &o->cpus, a + 6);
        else if (!strncmp(a, "--emit=", 7)) o->emit_folder = a + 7;
        else if (!strcmp(a, "--quiet")) o->is_quiet = 1;
        else if (a[0] == '-') stop("looprun: no such option: %s", a);
        else vec_push(arena, &o->files, a);
    }
    if (!o->cpus.len) default_cpus(tool);
}

int main(int argc, char **argv) {
    Tool tool = {0};
    session_init(&tool.session);
    tool.cases.session = &tool.session;
    tool.cases.arena = &tool.session.arena;
    read_options(&tool, argc, argv);
    for (int i = 0; i < tool.options.files.len; i++) cases_load(&tool.cases, tool.options.files.data[i]);
    for (int i = 0; i < tool.options.groups.len; i++) generate(&tool, tool.options.groups.data[i]);
    if (!tool.cases.list.len) stop("looprun: nothing to run%s", "");
    Jit **jits = open_jits(&tool);
    CaseWriter *writer = NULL;
    if (tool.options.emit_folder) writer = case_writer_open(&tool.session, tool.options.emit_folder);
    int bad = 0;
    for (int i = 0; i < tool.cases.list.len; i++) bad += !run_case(&tool, tool.cases.list.data[i], jits, writer);
    if (writer) case_writer_close(writer);
    for (int i = 0; i < tool.options.cpus.len; i++) tool.jit->close(jits[i]);
    printf("%d cases, %d differ\n", tool.cases.list.len, bad);
    session_release(&tool.session);
    return bad != 0;
}
