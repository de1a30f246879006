/* A plan with every statement (loops both ways, when, until, checks, constants) as C and as an object, linked and
 * called: the same bits and codes as the interpreter's. */
#include "compiler/emit_c.h"
#include "compiler/loop_eval.h"
#include "compiler/loop_expand.h"
#include "compiler/loop_parse.h"
#include "compiler/plan_bind.h"
#include "driver/jit_load.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char text[] =
    "kernel scale(in x: f32[B], in c: f32[], out y: f32[B]; dims B <= 40; index i) tile t of (B + 15)//16 {\n"
    "    let v = mul(load x[16*t] lanes (B - 16*t), splat(load c[]))\n"
    "    store y[16*t] lanes (B - 16*t) = add(v, splat(convert(i, f32)))\n"
    "}\n"
    "kernel count(inout n: i32[], out big: bool[]) tile t of 1 {\n"
    "    check lt(load n[], 20), \"too far\"\n"
    "    check ne(load n[], 7), \"seven\"\n"
    "    let v = add(load n[], 1)\n"
    "    store n[] = v\n"
    "    store big[] = le(5, v)\n"
    "}\n"
    "plan many(dims B <= 40) slots 5 arena 128 scratch 0 {\n"
    "    buffer x: f32[B] input 0 bytes 160\n"
    "    buffer n: i32[] inout 1 bytes 4\n"
    "    buffer y: f32[3, B] output 2 bytes 480\n"
    "    buffer flag: bool[] input 3 bytes 1\n"
    "    buffer z: f32[2, B] inout 4 bytes 320\n"
    "    buffer c: f32[3] const \"0000003f0000c03f00002040\" bytes 12\n"
    "    buffer big: bool[] arena 64 bytes 1\n"
    "    loop i in 0..3 reversed {\n"
    "        run scale(x, c by i: 1, y by i: B)\n"
    "        phase\n"
    "    }\n"
    "    until big {\n"
    "        run count(n, big)\n"
    "        phase\n"
    "    }\n"
    "    when flag {\n"
    "        loop i in 0..B - 1 {\n"
    "            run scale(y at B, c at 2, z by i: 0)\n"
    "            phase\n"
    "        }\n"
    "    } else {\n"
    "        loop i in 4..5 {\n"
    "            loop j in 0..2 {\n"
    "                run scale(x, c by j: 1, z by j: B)\n"
    "                phase\n"
    "            }\n"
    "        }\n"
    "    }\n"
    "}\n";

enum { MAX_B = 40 };

typedef struct Data {
    float x[MAX_B], y[3 * MAX_B], z[2 * MAX_B];
    int32_t n, code;
    uint8_t flag;
    _Alignas(64) unsigned char arena[128];
} Data;

typedef int32_t ManyFunction(void *workspace, void *const *buffers, int64_t b);

static void fill(Data *d, int b, int n, int flag) {
    memset(d, 0, sizeof *d);
    for (int i = 0; i < b; i++) d->x[i] = 1.0f / (float)(i + 3);
    d->n = n;
    d->flag = (uint8_t)flag;
}

typedef struct Compared {
    Session session;
    LoopPlan *plan; /* expanded */
    KernelCode *code;
    char folder[64];
} Compared;

static void read_plan(Compared *c) {
    session_init(&c->session);
    Arena *arena = &c->session.arena;
    LoopFile *file = loop_parse(&c->session, arena, source_add(&c->session.sources, "many.loop", text, strlen(text)));
    assert_non_null(file);
    c->plan = file->plans.data[0];
    c->code = arena_array(arena, KernelCode, c->plan->kernels.len);
    for (int i = 0; i < c->plan->kernels.len; i++) {
        c->plan->kernels.data[i] = loop_expand(&c->session, arena, c->plan->kernels.data[i]);
        c->code[i] = (KernelCode){loop_eval_run, loop_eval_prepare(arena, c->plan->kernels.data[i])};
    }
    strcpy(c->folder, "/tmp/dlc-emit-plan-XXXXXX");
    assert_non_null(mkdtemp(c->folder));
}

static void bind(Data *d, void **bindings) {
    void *const all[] = {d->x, &d->n, d->y, &d->flag, d->z};
    memcpy(bindings, all, sizeof all);
}

static void interpret(Compared *c, Data *d, int64_t b) {
    void *bindings[5];
    bind(d, bindings);
    int64_t *dims = arena_array(&c->session.arena, int64_t, c->session.dims.names.len);
    dims[c->plan->dims.data[0]->id] = b;
    RunPlan *run = plan_bind(&c->session.arena, c->plan, dims, c->code);
    RunFailure failure = plan_run_serial(run, bindings, d->arena, NULL);
    d->code = failure.code;
}

static const char *path(Compared *c, const char *name) {
    return arena_printf(&c->session.arena, "%s/%s", c->folder, name);
}

static void write_file(const char *name, const char *bytes, size_t len) {
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

/* The function of the file, made a shared library by the C compiler. */
static ManyFunction *linked(Compared *c, const char *file) {
    const char *library = arena_printf(&c->session.arena, "%s.so", path(c, file));
    const char *command = arena_printf(&c->session.arena, "cc -O1 -shared -fPIC -o %s %s", library, path(c, file));
    assert_int_equal(system(command), 0);
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!handle) fail_msg("%s", dlerror());
    void *symbol = dlsym(handle, "many");
    assert_non_null(symbol);
    ManyFunction *function;
    memcpy(&function, &symbol, sizeof function);
    return function;
}

static void compare(Compared *c, ManyFunction *function) {
    static Data expected, got;
    int failed = 0;
    for (int b = 0; b <= MAX_B; b++) {
        for (int n = 0; n < 24; n++) {
            fill(&expected, b, n, n % 2);
            fill(&got, b, n, n % 2);
            interpret(c, &expected, b);
            void *bindings[5];
            bind(&got, bindings);
            got.code = function(got.arena, bindings, b);
            assert_memory_equal(&expected, &got, offsetof(Data, arena));
            failed += got.code != 0;
        }
    }
    assert_int_equal(failed, (MAX_B + 1) * 5); /* 7 and 20 .. 23 */
    fill(&expected, 3, 1, 1);
    fill(&got, 3, 1, 1);
    void *bindings[5];
    bind(&got, bindings);
    assert_int_equal(function(got.arena, bindings, MAX_B + 1), -1);
    assert_int_equal(function(got.arena, bindings, -1), -1);
    assert_memory_equal(&expected, &got, sizeof got); /* nothing has been written */
}

/* B % 2 == 0 or B != 3, and B <= 30. */
static void add_tests(Compared *c) {
    Arena *arena = &c->session.arena;
    DimTable *t = &c->session.dims;
    const Dim *b = dim_named(t, c->plan->dims.data[0]);
    const DimTest *is_even = dim_test_compare(arena, DIM_TEST_EQUAL, dim_mod(t, b, dim_constant(t, 2)), dim_constant(t, 0));
    const DimTest *is_3 = dim_test_compare(arena, DIM_TEST_EQUAL, b, dim_constant(t, 3));
    const DimTest *is_small = dim_test_compare(arena, DIM_TEST_AT_MOST, b, dim_constant(t, 30));
    const DimTest *either = dim_test_join(arena, DIM_TEST_OR, is_even, dim_test_not(arena, is_3));
    vec_push(arena, &c->plan->tests, dim_test_join(arena, DIM_TEST_AND, either, is_small));
}

static void refuse(ManyFunction *function) {
    static Data before, got;
    for (int b = 0; b <= MAX_B; b++) {
        void *bindings[5];
        fill(&before, b, 1, 1);
        fill(&got, b, 1, 1);
        bind(&got, bindings);
        int32_t code = function(got.arena, bindings, b);
        assert_int_equal(code, b == 3 || b > 30 ? -1 : 0);
        if (code) assert_memory_equal(&before, &got, sizeof got); /* nothing has been written */
    }
}

static void emitted_plans_equal_the_interpreter(void **state) {
    (void)state;
    static Compared c;
    read_plan(&c);
    Text header = text_new(&c.session.arena), source = text_new(&c.session.arena);
    EmitNotes notes = {0};
    assert_string_equal(emit_c_plan(&c.session, c.plan, &notes, "many", &header, &source), "many");
    write_file(path(&c, "many.h"), text_str(&header), header.len);
    write_file(path(&c, "many.c"), text_str(&source), source.len);
    compare(&c, linked(&c, "many.c"));

    const char *why;
    const JitApi *api = jit_load(&c.session.arena, &why);
    if (!api) fail_msg("%s", why);
    Jit *jit = api->open(&(JitOptions){.verify = 1});
    static const char *const names[] = {"object.o", "assembly.s"};
    for (int i = 0; i < 2; i++) {
        JitBytes bytes;
        if (!api->emit_plan(jit, i ? JIT_ASSEMBLY : JIT_OBJECT, c.plan, "many", &c.session.arena, &bytes))
            fail_msg("%s", api->error(jit));
        write_file(path(&c, names[i]), bytes.data, bytes.len);
        compare(&c, linked(&c, names[i]));
    }
    add_tests(&c);
    Text refusing = text_new(&c.session.arena);
    header = text_new(&c.session.arena);
    (void)emit_c_plan(&c.session, c.plan, &notes, "many", &header, &refusing);
    write_file(path(&c, "many.h"), text_str(&header), header.len);
    write_file(path(&c, "refusing.c"), text_str(&refusing), refusing.len);
    assert_non_null(strstr(text_str(&header), "(B % 2 == 0 or B != 3) and B <= 30"));
    refuse(linked(&c, "refusing.c"));
    JitBytes bytes;
    if (!api->emit_plan(jit, JIT_OBJECT, c.plan, "many", &c.session.arena, &bytes)) fail_msg("%s", api->error(jit));
    write_file(path(&c, "refusing.o"), bytes.data, bytes.len);
    refuse(linked(&c, "refusing.o"));
    api->close(jit);
    assert_int_equal(system(arena_printf(&c.session.arena, "rm -r %s", c.folder)), 0);
    session_release(&c.session);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(emitted_plans_equal_the_interpreter)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
