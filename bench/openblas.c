/* Times OpenBLAS on one product, as steps.c times a step.
 *
 *     openblas THREADS SECONDS M N K TURNED_A TURNED_B BATCH
 *
 * c[M, N] = a[M, K] b[K, N] row by row; a turned operand (1) lies the other way round; BATCH products one after the
 * other.  Prints the JSON object of `steps`. */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { MIN_GROUPS = 7, MAX_GROUPS = 2000, WARM_TURNS = 3 };

typedef struct Product {
    int m, n, k, turns_a, turns_b, batch;
    float *a, *b, *c;
} Product;

void openblas_set_num_threads(int threads);
char *openblas_get_corename(void);

static double seconds_of(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double now(void) { return seconds_of(CLOCK_MONOTONIC); }

static void print_list(const char *name, const double *figures, int count) {
    printf(",\"%s\":[", name);
    for (int i = 0; i < count; i++) printf("%s%.6g", i ? "," : "", figures[i]);
    printf("]");
}

static float *floats(size_t count) {
    float *array = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
    if (!array) {
        fprintf(stderr, "openblas: no memory for %zu floats\n", count);
        exit(3);
    }
    for (size_t i = 0; i < count; i++) array[i] = (float)(i * 2654435761u % 1000u) * 0.002f - 1;
    return array;
}

static void multiply(const Product *p) {
    size_t a = (size_t)p->m * (size_t)p->k, b = (size_t)p->k * (size_t)p->n, c = (size_t)p->m * (size_t)p->n;
    for (size_t i = 0; i < (size_t)p->batch; i++)
        cblas_sgemm(CblasRowMajor, p->turns_a ? CblasTrans : CblasNoTrans, p->turns_b ? CblasTrans : CblasNoTrans, p->m, p->n,
                    p->k, 1, p->a + i * a, p->turns_a ? p->m : p->k, p->b + i * b, p->turns_b ? p->k : p->n, 0, p->c + i * c,
                    p->n);
}

/* Gives how many products make a group of at least a millisecond. */
static int warm_up(const Product *p, double seconds) {
    double begin = now(), limit = seconds / 3 < 0.4 ? seconds / 3 : 0.4, last = 0;
    for (int i = 0; i < WARM_TURNS || now() - begin < limit; i++) {
        double before = now();
        multiply(p);
        last = now() - before;
        if (i > 0 && now() - begin > seconds) break;
    }
    return last < 1e-3 ? (int)(1e-3 / last) + 1 : 1;
}

static void time_product(const Product *p, double seconds) {
    static double ms[MAX_GROUPS], cpu_ms[MAX_GROUPS];
    int group = warm_up(p, seconds), groups = 0;
    double begin = now();
    for (; groups < MAX_GROUPS; groups++) {
        double before = now(), spent = before - begin;
        if ((groups >= MIN_GROUPS && spent > seconds) || (groups >= 3 && spent > 8 * seconds)) break;
        double cpu_before = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
        for (int i = 0; i < group; i++) multiply(p);
        cpu_ms[groups] = 1e3 * (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_before) / group;
        ms[groups] = 1e3 * (now() - before) / group;
    }
    print_list("step_ms", ms, groups);
    print_list("cpu_ms", cpu_ms, groups);
    printf("}\n");
}

int main(int argc, char **argv) {
    if (argc != 9) {
        fprintf(stderr, "usage: openblas THREADS SECONDS M N K TURNED_A TURNED_B BATCH\n");
        return 2;
    }
    int number[9] = {0};
    for (int i = 1; i < 9; i++) number[i] = atoi(argv[i]);
    Product p = {number[3], number[4], number[5], number[6], number[7], number[8], NULL, NULL, NULL};
    double start = now(), seconds = strtod(argv[2], NULL);
    if (number[1] < 1 || seconds <= 0 || p.m < 1 || p.n < 1 || p.k < 1 || p.batch < 1) {
        fprintf(stderr, "openblas: threads, seconds, sizes and the batch are above 0\n");
        return 2;
    }
    openblas_set_num_threads(number[1]);
    p.a = floats((size_t)p.m * (size_t)p.k * (size_t)p.batch);
    p.b = floats((size_t)p.k * (size_t)p.n * (size_t)p.batch);
    p.c = floats((size_t)p.m * (size_t)p.n * (size_t)p.batch);
    multiply(&p);
    struct rusage usage;
    double first = now() - start;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"first_seconds\":%.4f,\"rss_mb\":%.1f,\"variant\":\"%s\"", first, (double)usage.ru_maxrss / 1024, openblas_get_corename());
    time_product(&p, seconds);
    free(p.a);
    free(p.b);
    free(p.c);
    return 0;
}
