/* Compares programs with the numbers of another implementation (README.md).
 *
 *     oracle [--equal] [--emit=FOLDER] [--complete] [--only=STEP] FOLDER/NAME...
 *
 * NAME.dlm has a step per case, NAME.txt the numbers.  By default: values, gradients and new weights in f32 and in f64,
 * gradients against central differences in f64.  --equal instead: the interpreter's bits from the JIT.  --emit also
 * writes every step as C, with script.bin for replay.c.  --complete: nothing that could have a case lacks one. */
#include "case_run.h"
#include "coverage.h"

#include "compiler/emit_c.h"
#include "compiler/loop_expand.h"
#include "driver/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Way {
    const char *name;
    ExecutorOptions options;
} Way;

static const char *const without_fusion[] = {"fuse"};
static const Way ways[] = {
    {"machine code, 1 thread", {.mode = EXECUTE_MACHINE_CODE, .threads = 1}},
    {"machine code, 3 threads, another schedule", {.mode = EXECUTE_MACHINE_CODE, .threads = 3, .schedule = "x86-64-v2"}},
    {"the interpreter, 3 threads, without fusion",
     {.mode = EXECUTE_INTERPRETER, .threads = 3, .schedule = "scalar", .disabled = without_fusion, .disabled_count = 1}},
};
enum { WAY_COUNT = sizeof ways / sizeof *ways };

typedef struct Oracle {
    Session session;
    int is_equal, is_complete;
    const char *emits, *only;
    Executor *interpreter, *others[WAY_COUNT];
    FILE *script, *table;
    Coverage coverage;
    const char *group;
    int cases, bad;
} Oracle;

static int show_diagnostics(Oracle *o) {
    if (!o->session.diags.error_count) return 0;
    Text text = text_new(&o->session.arena);
    diags_render(&o->session.diags, &o->session.sources, (DiagStyle){0}, &text);
    fputs(text_str(&text), stderr);
    exit(1);
}

/* ---- C ----------------------------------------------------------------------------------------------------- */

static void put(FILE *f, int64_t value) { fwrite(&value, sizeof value, 1, f); }

static void write_text(Oracle *o, const char *name, const char *ending, const Text *text) {
    FILE *f = fopen(arena_printf(&o->session.arena, "%s/%s%s", o->emits, name, ending), "wb");
    if (!f) ICE("cannot write into %s", o->emits);
    fwrite(text_str(text), 1, text->len, f);
    fclose(f);
}

/* The step as a C file, and in the script its arrays before and after the runs. */
static void emit_case(Oracle *o, Arena *arena, const CaseBuild *c, const CaseRun *run) {
    LoopPlan plan = *executor_lower(o->interpreter, arena, c->build, NULL);
    LoopKernel **kernels = arena_array(arena, LoopKernel *, plan.kernels.len);
    for (int i = 0; i < plan.kernels.len; i++) kernels[i] = loop_expand(&o->session, arena, plan.kernels.data[i]);
    plan.kernels.data = kernels;
    Text header = text_new(arena), source = text_new(arena);
    const char *base = arena_printf(arena, "%s_%s", o->group, c->golden->name->text);
    const char *name = emit_c_plan(&o->session, &plan, &(EmitNotes){0}, base, &header, &source);
    write_text(o, base, ".h", &header);
    write_text(o, base, ".c", &source);
    fprintf(o->table, "#include \"%s.h\"\nCASE(%s, ", base, name);
    for (const char *p = name; *p; p++) fputc(*p >= 'a' && *p <= 'z' ? *p - 32 : *p, o->table);
    fprintf(o->table, "_WORKSPACE_BYTES)\n");
    put(o->script, c->golden->runs);
    put(o->script, run->count);
    for (int i = 0; i < run->count; i++) {
        put(o->script, run->bytes[i]);
        put(o->script, case_float_bytes(c, i));
        fwrite(run->before[i], 1, (size_t)run->bytes[i], o->script);
        fwrite(run->slots[i], 1, (size_t)run->bytes[i], o->script);
    }
}

static void open_emitted(Oracle *o) {
    if (!o->emits) return;
    o->script = fopen(arena_printf(&o->session.arena, "%s/script.bin", o->emits), "wb");
    o->table = fopen(arena_printf(&o->session.arena, "%s/table.h", o->emits), "wb");
    if (!o->script || !o->table) ICE("cannot write into %s", o->emits);
}

/* ---- cases ------------------------------------------------------------------------------------------------- */

static CompiledStep *compile(Oracle *o, Executor *executor, const CaseBuild *c) {
    show_diagnostics(o);
    CompiledStep *step = executor_compile(executor, c->build, 1);
    show_diagnostics(o);
    return step;
}

static int check_equal(Oracle *o, Arena *arena, const TStep *step, const Golden *golden, const CaseBuild *first,
                       const CaseRun *expected) {
    int good = 1;
    for (int i = 0; i < WAY_COUNT; i++) {
        CaseBuild c = case_build(&o->session, arena, step, golden, 0);
        CompiledStep *code = compile(o, o->others[i], &c);
        CaseRun run = case_run(arena, o->others[i], &c, code, NULL);
        good &= case_equal(first, expected, &run, ways[i].name);
        executor_discard(code);
    }
    return good;
}

static int check_f64(Oracle *o, Arena *arena, const TStep *step, const Golden *golden) {
    CaseBuild c = case_build(&o->session, arena, step, golden, 1);
    CompiledStep *code = compile(o, o->interpreter, &c);
    CaseRun run = case_run(arena, o->interpreter, &c, code, NULL);
    int good = case_compare(&c, &run, 1e-9);
    if (good) good = case_differences(arena, o->interpreter, &c, code);
    executor_discard(code);
    return good;
}

static int check_case(Oracle *o, const TStep *step, const Golden *golden) {
    Arena arena = {0};
    CaseBuild c = case_build(&o->session, &arena, step, golden, 0);
    show_diagnostics(o);
    if (c.is_bad) return 0;
    coverage_add_step(&o->coverage, step);
    coverage_add_region(&o->coverage, c.build->region);
    CompiledStep *code = compile(o, o->interpreter, &c);
    coverage_add_region(&o->coverage, c.build->region); /* again: some operations are made by passes */
    CaseRun run = case_run(&arena, o->interpreter, &c, code, NULL);
    int good = o->is_equal ? check_equal(o, &arena, step, golden, &c, &run) : case_compare(&c, &run, 1e-5);
    if (good && !o->is_equal && !golden->has_distribution) good = check_f64(o, &arena, step, golden);
    if (o->emits && !golden->dims.len) {
        CaseBuild again = case_build(&o->session, &arena, step, golden, 0);
        emit_case(o, &arena, &again, &run);
    }
    executor_discard(code);
    arena_release(&arena);
    return good;
}

static const TStep *step_of(const TProgram *program, const Symbol *name) {
    for (int i = 0; i < program->steps.len; i++)
        if (program->steps.data[i]->name == name) return program->steps.data[i];
    return NULL;
}

static void check_group(Oracle *o, const char *path) {
    Session *s = &o->session;
    const char *slash = strrchr(path, '/');
    o->group = slash ? slash + 1 : path;
    SourceList library = {0};
    const Source *source = load_source(s, arena_printf(&s->arena, "%s.dlm", path));
    if (source) load_library(s, &library);
    show_diagnostics(o);
    CheckInput input = {.source = source, .library = library.data, .library_count = library.len};
    const TProgram *program = lang_check(s, &input);
    show_diagnostics(o);
    GoldenFile file = golden_read(s, arena_printf(&s->arena, "%s.txt", path));
    int found = 0;
    for (int i = 0; i < file.len; i++) {
        const TStep *step = step_of(program, file.data[i]->name);
        found += step != NULL;
        if (o->only && strcmp(o->only, file.data[i]->name->text) != 0) continue;
        o->cases++;
        if (!step) fprintf(stderr, "%s: there is no such step\n", file.data[i]->name->text);
        o->bad += !step || !check_case(o, step, file.data[i]);
    }
    if (found != program->steps.len) {
        fprintf(stderr, "%s: %d steps have no numbers: run oracle.py\n", path, program->steps.len - found);
        o->bad++;
    }
}

static void read_option(Oracle *o, const char *option) {
    if (!strcmp(option, "--equal")) o->is_equal = 1;
    else if (!strcmp(option, "--complete")) o->is_complete = 1;
    else if (!strncmp(option, "--emit=", 7)) o->emits = option + 7;
    else if (!strncmp(option, "--only=", 7)) o->only = option + 7;
    else {
        fprintf(stderr, "no option %s\n", option);
        exit(2);
    }
}

int main(int argc, char **argv) {
    Oracle *o = calloc(1, sizeof *o);
    session_init(&o->session);
    o->coverage.session = &o->session;
    for (int i = 1; i < argc; i++)
        if (argv[i][0] == '-') read_option(o, argv[i]);
    o->interpreter = executor_new(&o->session, &(ExecutorOptions){.mode = EXECUTE_INTERPRETER, .threads = 1});
    for (int i = 0; i < WAY_COUNT; i++) o->others[i] = executor_new(&o->session, &ways[i].options);
    open_emitted(o);
    for (int i = 1; i < argc; i++)
        if (argv[i][0] != '-') check_group(o, argv[i]);
    if (o->is_complete) o->bad += coverage_missing(&o->coverage);
    executor_free(o->interpreter);
    for (int i = 0; i < WAY_COUNT; i++) executor_free(o->others[i]);
    if (o->script) fclose(o->script);
    if (o->table) fclose(o->table);
    int bad = o->bad, cases = o->cases;
    printf("%d cases, %d mistakes\n", cases, bad);
    session_release(&o->session);
    free(o);
    return bad != 0 || cases == 0;
}
