/* Each thread takes the largest kernel that nobody has taken yet, so that all end at about the same time; a kernel is a
 * module of its own, so that its object can be kept and loaded without the others. */
#include "jit/objects.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Queue {
    const JitTarget *target;
    ObjectJob **jobs; /* the largest first */
    int count;
    atomic_int next, has_failed;
    pthread_mutex_t lock; /* of what follows */
    JitTimes times;
    char error[512];
} Queue;

static void add_times(Queue *queue, const JitTimes *times) {
    pthread_mutex_lock(&queue->lock);
    queue->times.build += times->build;
    queue->times.passes += times->passes;
    queue->times.emit += times->emit;
    pthread_mutex_unlock(&queue->lock);
}

static void fail(Queue *queue, const char *error) {
    pthread_mutex_lock(&queue->lock);
    if (!queue->error[0]) snprintf(queue->error, sizeof queue->error, "%s", error);
    pthread_mutex_unlock(&queue->lock);
    atomic_store(&queue->has_failed, 1);
}

static void *run(void *context) {
    Queue *queue = context;
    WorkShop shop;
    workshop_open(&shop, queue->target, 1);
    while (!atomic_load(&queue->has_failed)) {
        int i = atomic_fetch_add(&queue->next, 1);
        if (i >= queue->count) break;
        ObjectJob *job = queue->jobs[i];
        Work work = {.kernels = &job->kernel, .names = &job->name, .count = 1, .form = JIT_OBJECT};
        workshop_run(&shop, &work);
        job->object = work.out;
        if (!work.out) fail(queue, work.error);
    }
    add_times(queue, &shop.times);
    workshop_close(&shop);
    return NULL;
}

/* The number of values measures the work.  Of equal ones the first, so that a run is like the next. */
static int larger_first(const void *left, const void *right) {
    const ObjectJob *a = *(ObjectJob *const *)left, *b = *(ObjectJob *const *)right;
    if (a->kernel->values.len != b->kernel->values.len) return a->kernel->values.len > b->kernel->values.len ? -1 : 1;
    return (a > b) - (a < b);
}

/* The calling thread is one of them; where another can't be had, there is one less. */
static void run_all(Queue *queue, int threads) {
    pthread_t *others = calloc((size_t)threads, sizeof *others);
    if (!others) ICE("out of memory");
    int started = 0;
    for (int i = 1; i < threads; i++) started += pthread_create(&others[started], NULL, run, queue) == 0;
    run(queue);
    for (int i = 0; i < started; i++) pthread_join(others[i], NULL);
    free(others);
}

int objects_make(const JitTarget *target, int threads, ObjectJob *jobs, int count, JitTimes *times, char *error,
                 size_t error_bytes) {
    if (!count) return 1;
    Queue queue = {.target = target, .count = count, .lock = PTHREAD_MUTEX_INITIALIZER};
    queue.jobs = calloc((size_t)count, sizeof *queue.jobs);
    if (!queue.jobs) ICE("out of memory");
    for (int i = 0; i < count; i++) queue.jobs[i] = &jobs[i];
    qsort(queue.jobs, (size_t)count, sizeof *queue.jobs, larger_first);
    run_all(&queue, threads < count ? threads : count);
    free(queue.jobs);
    pthread_mutex_destroy(&queue.lock);
    if (times) *times = queue.times;
    if (!queue.error[0]) return 1;
    for (int i = 0; i < count; i++) {
        if (jobs[i].object) LLVMDisposeMemoryBuffer(jobs[i].object);
        jobs[i].object = NULL;
    }
    snprintf(error, error_bytes, "%s", queue.error);
    return 0;
}
