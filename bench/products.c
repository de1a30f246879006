/* Generated product kernels beside OpenBLAS, both on one thread.
 *
 *     products [ROUNDS]
 *
 * Runs the kernels of tests/run as machine code and as C through each compiler that is there (-O3 -march=native),
 * each turn in alternation with OpenBLAS, so that other load on the machine meets both.  Prints GFLOP/s of the
 * best turn, and the ratio to OpenBLAS as the median over the turns.  OpenBLAS computes the bare product; for
 * kernels with bias and relu a second line also gives it a plain loop for them. */
#include "generate.h"

#include "compiler/emit_c.h"
#include "driver/jit_load.h"

#include <cblas.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct Product {
    const char *file, *a, *b, *c; /* buffers */
    const char *bias;             /* NULL: the bare product */
    int m, n, k;
} Product;

static const Product products[] = {
    {CASES "/product_512.loop", "a", "b", "c", NULL, 512, 512, 512},
    {CASES "/dense_64x10x512.loop", "x", "w", "y", "b", 64, 10, 512},
};

enum { MAX_ENGINES = 4, MAX_TURNS = 1000 };

typedef struct Engine {
    const char *name;
    KernelFunction *functions[8]; /* by kernel of the case */
    double seconds[MAX_TURNS];
} Engine;

typedef struct Bench {
    const Product *product;
    Case *c;
    void **memory; /* by buffer of the case, aligned */
    Engine engines[MAX_ENGINES];
    int engine_count;
    double blas[MAX_TURNS], blas_epilogue[MAX_TURNS];
    int turns, repeats;
} Bench;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void run_kernels(const Bench *bench, const Engine *engine) {
    for (int i = 0; i < bench->c->calls.len; i++) {
        const CaseCall *call = &bench->c->calls.data[i];
        void *buffers[8];
        for (int k = 0; k < call->buffers.len; k++) buffers[k] = bench->memory[call->buffers.data[k]];
        engine->functions[call->kernel](NULL, buffers, call->scalars.data, 0, call->tiles, NULL);
    }
}

static float *buffer(const Bench *bench, const char *name) {
    for (int i = 0; i < bench->c->buffers.len; i++) {
        if (!strcmp(bench->c->buffers.data[i].name->text, name)) return bench->memory[i];
    }
    fprintf(stderr, "%s: no buffer %s\n", bench->c->name, name);
    exit(2);
}

static void run_blas(const Bench *bench, float *out, int with_epilogue) {
    const Product *p = bench->product;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, p->m, p->n, p->k, 1, buffer(bench, p->a), p->k,
                buffer(bench, p->b), p->n, 0, out, p->n);
    if (!with_epilogue) return;
    const float *bias = buffer(bench, p->bias);
    for (int i = 0; i < p->m; i++) {
        for (int j = 0; j < p->n; j++) {
            float v = out[i * p->n + j] + bias[j];
            out[i * p->n + j] = v > 0 ? v : 0;
        }
    }
}

/* ---- engines ---------------------------------------------------------------------------------------- */

static Engine *add_engine(Bench *bench, const char *name) {
    Engine *e = &bench->engines[bench->engine_count++];
    e->name = name;
    return e;
}

static void add_jit(Bench *bench, Session *session) {
    const char *why;
    const JitApi *api = jit_load(&session->arena, &why);
    if (!api) {
        fprintf(stderr, "%s\n", why);
        exit(2);
    }
    Jit *jit = api->open(&(JitOptions){0}); /* lives as long as the process, as its code */
    Engine *e = add_engine(bench, "JIT");
    JitTimes times;
    if (!api->compile(jit, bench->c->kernels.data, bench->c->kernels.len, e->functions, &times)) {
        fprintf(stderr, "%s\n", api->error(jit));
        exit(2);
    }
    printf("%s: %d kernels compiled in %.1f ms\n", bench->c->name, bench->c->kernels.len, 1e3 * times.total);
}

static void add_compiler(Bench *bench, Session *session, const char *compiler) {
    char folder[] = "/tmp/dlc-products-XXXXXX";
    if (!mkdtemp(folder)) return;
    Arena *arena = &session->arena;
    Text text = text_new(arena);
    emit_c_kernels(session, bench->c->kernels.data, bench->c->kernels.len, &text);
    const char *source = arena_printf(arena, "%s/k.c", folder), *module = arena_printf(arena, "%s/k.so", folder);
    FILE *f = fopen(source, "wb");
    if (!f) return;
    fwrite(text_str(&text), 1, text.len, f);
    fclose(f);
    const char *command = arena_printf(arena, "%s -std=c99 -O3 -march=native -shared -fPIC -o %s %s", compiler, module,
                                       source);
    int built = system(command) == 0;
    void *handle = built ? dlopen(module, RTLD_NOW | RTLD_LOCAL) : NULL;
    unlink(source);
    unlink(module);
    rmdir(folder);
    if (!handle) return;
    Engine *e = add_engine(bench, compiler);
    for (int i = 0; i < bench->c->kernels.len; i++) {
        void *symbol = dlsym(handle, bench->c->kernels.data[i]->name->text);
        memcpy(&e->functions[i], &symbol, sizeof symbol);
    }
}

/* ---- measuring -------------------------------------------------------------------------------------- */

static void allocate(Bench *bench, Arena *arena) {
    bench->memory = arena_array(arena, void *, bench->c->buffers.len);
    for (int i = 0; i < bench->c->buffers.len; i++) {
        size_t bytes = (size_t)bench->c->buffers.data[i].bytes;
        if (posix_memalign(&bench->memory[i], 64, bytes + 64)) exit(2);
        memcpy(bench->memory[i], bench->c->buffers.data[i].initial, bytes);
    }
}

static void check_equal(Bench *bench, const Engine *e, const float *blas_out) {
    const Product *p = bench->product;
    run_kernels(bench, e);
    const float *c = buffer(bench, p->c);
    for (int i = 0; i < p->m * p->n; i++) {
        float difference = c[i] - blas_out[i];
        if (difference > 1e-3f || difference < -1e-3f) {
            fprintf(stderr, "%s: %s and OpenBLAS differ at %d: %g, %g\n", bench->c->name, e->name, i, (double)c[i],
                    (double)blas_out[i]);
            exit(1);
        }
    }
}

static void measure(Bench *bench, float *out) {
    for (int turn = 0; turn < bench->turns; turn++) {
        for (int i = 0; i <= bench->engine_count + 1; i++) {
            int is_blas = i == bench->engine_count, is_epilogue = i == bench->engine_count + 1;
            if (is_epilogue && !bench->product->bias) continue;
            double start = now();
            for (int r = 0; r < bench->repeats; r++) {
                if (is_blas || is_epilogue) run_blas(bench, out, is_epilogue);
                else run_kernels(bench, &bench->engines[i]);
            }
            double seconds = (now() - start) / bench->repeats;
            double *times = is_blas ? bench->blas : is_epilogue ? bench->blas_epilogue : bench->engines[i].seconds;
            times[turn] = seconds;
        }
    }
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_ratio(const double *reference, const double *seconds, int turns) {
    double ratios[MAX_TURNS];
    for (int i = 0; i < turns; i++) ratios[i] = reference[i] / seconds[i];
    qsort(ratios, (size_t)turns, sizeof *ratios, compare_doubles);
    return ratios[turns / 2];
}

static double least(const double *seconds, int turns) {
    double best = seconds[0];
    for (int i = 1; i < turns; i++) best = seconds[i] < best ? seconds[i] : best;
    return best;
}

static void report(const Bench *bench) {
    const Product *p = bench->product;
    double gflop = 2e-9 * p->m * p->n * p->k, best = least(bench->blas, bench->turns);
    printf("%dx%dx%d%s\n", p->m, p->n, p->k, p->bias ? " with bias and relu" : "");
    printf("  %-18s %7.1f GFLOP/s\n", "OpenBLAS", gflop / best);
    if (p->bias) {
        double ratio = median_ratio(bench->blas, bench->blas_epilogue, bench->turns);
        printf("  %-18s %7.1f GFLOP/s   %5.3f of bare OpenBLAS\n", "  then bias, relu",
               gflop / least(bench->blas_epilogue, bench->turns), ratio);
    }
    for (int i = 0; i < bench->engine_count; i++) {
        const Engine *e = &bench->engines[i];
        double mine = least(e->seconds, bench->turns);
        printf("  %-18s %7.1f GFLOP/s   %5.3f of OpenBLAS (best turns), %5.3f (median)\n", e->name, gflop / mine,
               best / mine, median_ratio(bench->blas, e->seconds, bench->turns));
    }
}

static void run_product(const Product *p, int turns) {
    Session session;
    session_init(&session);
    Cases cases = {.session = &session, .arena = &session.arena};
    cases_load(&cases, p->file);
    Bench *bench = arena_new(&session.arena, Bench);
    bench->product = p;
    bench->c = cases.list.data[0];
    bench->turns = turns;
    bench->repeats = 1 + (int)(2e7 / ((double)p->m * p->n * p->k));
    allocate(bench, &session.arena);
    add_jit(bench, &session);
    add_compiler(bench, &session, "gcc");
    add_compiler(bench, &session, "clang");
    float *out = arena_array(&session.arena, float, p->m * p->n);
    run_blas(bench, out, p->bias != NULL);
    for (int i = 0; i < bench->engine_count; i++) check_equal(bench, &bench->engines[i], out);
    measure(bench, out);
    report(bench);
    session_release(&session);
}

int main(int argc, char **argv) {
    int turns = argc > 1 ? atoi(argv[1]) : 60;
    if (turns < 1 || turns > MAX_TURNS) turns = 60;
    openblas_set_num_threads(1);
    for (size_t i = 0; i < sizeof products / sizeof *products; i++) run_product(&products[i], turns);
    return 0;
}
