/* What the machine can do: the bounds that shares of the limit are taken from.
 *
 *     limits THREADS [cpu]
 *
 * One JSON object on stdout: fma_gflops, the rate of fused multiply-adds in registers (2 FLOPs each), and triad_gbs,
 * the bandwidth of a = b + s * c over arrays far beyond the caches (three arrays count; plain and streaming stores,
 * the better one).  Both as [best, median] over the repetitions: the best one is the limit, the median tells how much
 * else the machine was doing.  With `cpu` the time is that which the first thread had its processor.  Thread k runs on the k-th processor that the process may use. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
enum { WIDTH = 16 };
#elif defined(__AVX__)
enum { WIDTH = 8 };
#else
enum { WIDTH = 4 };
#endif
typedef float Vector __attribute__((vector_size(4 * WIDTH)));

enum { CHAINS = 12, MAX_THREADS = 64, REPETITIONS = 31 };
static const long FMA_TURNS = 4000000, TRIAD_FLOATS = 32l << 20; /* 128 MiB an array */

typedef struct Work Work;
struct Work {
    void (*part)(Work *work, int thread);
    pthread_barrier_t barrier;
    int threads, streams;
    clockid_t clock;
    float *a, *b, *c;
    float sink[MAX_THREADS];
    double seconds[REPETITIONS];
};

typedef struct Worker {
    Work *work;
    int index;
} Worker;

static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the two loops ----------------------------------------------------------------------------------- */

/* Twelve chains hide the latency; the compiler forms the fma (this file is compiled with contraction). */
static void fma_part(Work *work, int thread) {
    Vector sums[CHAINS], scale, step;
    for (int k = 0; k < CHAINS; k++)
        for (int i = 0; i < WIDTH; i++) sums[k][i] = (float)k;
    for (int i = 0; i < WIDTH; i++) scale[i] = 1.0000001f, step[i] = 1e-9f;
    for (long turn = 0; turn < FMA_TURNS; turn++) {
#define CHAIN(k) sums[k] = sums[k] * scale + step;
        CHAIN(0) CHAIN(1) CHAIN(2) CHAIN(3) CHAIN(4) CHAIN(5)
        CHAIN(6) CHAIN(7) CHAIN(8) CHAIN(9) CHAIN(10) CHAIN(11)
#undef CHAIN
    }
    for (int k = 1; k < CHAINS; k++) sums[0] += sums[k];
    work->sink[thread] = sums[0][0];
}

static void triad_part(Work *work, int thread) {
    long begin = TRIAD_FLOATS / work->threads * thread, end = begin + TRIAD_FLOATS / work->threads;
    float *restrict a = work->a;
    const float *restrict b = work->b, *restrict c = work->c;
#if defined(__AVX__)
    if (work->streams) {
        __m256 scale = _mm256_set1_ps(3.0f);
        for (long i = begin; i + 8 <= end; i += 8)
            _mm256_stream_ps(a + i, _mm256_add_ps(_mm256_load_ps(b + i), _mm256_mul_ps(scale, _mm256_load_ps(c + i))));
        _mm_sfence();
        return;
    }
#endif
    for (long i = begin; i < end; i++) a[i] = b[i] + 3.0f * c[i];
}

/* ---- running them ------------------------------------------------------------------------------------ */

/* The thread's processor: the k-th of those that the process may use. */
static void pin(int thread) {
    cpu_set_t allowed, one;
    if (sched_getaffinity(0, sizeof allowed, &allowed)) return;
    CPU_ZERO(&one);
    int found = 0;
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed) && found++ == thread) CPU_SET(cpu, &one);
    if (CPU_COUNT(&one)) sched_setaffinity(0, sizeof one, &one);
}

static void *run_worker(void *context) {
    Worker *worker = context;
    Work *work = worker->work;
    pin(worker->index);
    for (int r = -1; r < REPETITIONS; r++) { /* one to warm up */
        pthread_barrier_wait(&work->barrier);
        double before = now(work->clock);
        work->part(work, worker->index);
        pthread_barrier_wait(&work->barrier);
        if (!worker->index && r >= 0) work->seconds[r] = now(work->clock) - before;
    }
    return NULL;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Afterwards work->seconds is sorted. */
static int run_all(Work *work) {
    pthread_t threads[MAX_THREADS];
    Worker workers[MAX_THREADS];
    if (pthread_barrier_init(&work->barrier, NULL, (unsigned)work->threads)) return 0;
    for (int i = 0; i < work->threads; i++) {
        workers[i] = (Worker){work, i};
        if (pthread_create(&threads[i], NULL, run_worker, &workers[i])) {
            fprintf(stderr, "limits: cannot start thread %d\n", i);
            exit(3);
        }
    }
    for (int i = 0; i < work->threads; i++) pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&work->barrier);
    qsort(work->seconds, REPETITIONS, sizeof *work->seconds, compare);
    return 1;
}

static float *floats(float value) {
    float *array = aligned_alloc(64, sizeof(float) * (size_t)TRIAD_FLOATS);
    if (!array) {
        fprintf(stderr, "limits: no memory for %ld floats\n", TRIAD_FLOATS);
        exit(3);
    }
    for (long i = 0; i < TRIAD_FLOATS; i++) array[i] = value;
    return array;
}

int main(int argc, char **argv) {
    int threads = argc > 1 ? atoi(argv[1]) : 0, is_cpu = argc == 3 && strcmp(argv[2], "cpu") == 0;
    if (threads < 1 || threads > MAX_THREADS || argc > 2 + is_cpu) {
        fprintf(stderr, "usage: limits THREADS [cpu] (1 to %d threads)\n", MAX_THREADS);
        return 2;
    }
    static Work work;
    work.threads = threads;
    work.clock = is_cpu ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
    work.part = fma_part;
    if (!run_all(&work)) return 3;
    double flops = 2.0 * CHAINS * WIDTH * (double)FMA_TURNS * threads * 1e-9;
    printf("{\"threads\":%d,\"fma_gflops\":[%.1f,%.1f]", threads, flops / work.seconds[0],
           flops / work.seconds[REPETITIONS / 2]);

    work.part = triad_part;
    work.a = floats(0);
    work.b = floats(1);
    work.c = floats(2);
    double bytes = 3.0 * sizeof(float) * (double)TRIAD_FLOATS * 1e-9, best = 0, median = 0;
    for (work.streams = 0; work.streams < 2; work.streams++) {
        if (!run_all(&work)) return 3;
        if (bytes / work.seconds[0] > best) best = bytes / work.seconds[0];
        if (bytes / work.seconds[REPETITIONS / 2] > median) median = bytes / work.seconds[REPETITIONS / 2];
    }
    printf(",\"triad_gbs\":[%.1f,%.1f]}\n", best, median);
    free(work.a);
    free(work.b);
    free(work.c);
    return 0;
}
