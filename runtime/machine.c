#define _GNU_SOURCE
#include "runtime/machine.h"

#include <fenv.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined __x86_64__
#include <xmmintrin.h>

enum { MXCSR_DEFAULT = 0x1F80 }; /* all exceptions masked, to nearest, no FTZ, no DAZ */

uint64_t float_mode_set(void) {
    unsigned mode = _mm_getcsr();
    if ((mode & ~0x3Fu) != MXCSR_DEFAULT) _mm_setcsr(MXCSR_DEFAULT); /* the low bits are sticky flags */
    return mode;
}

void float_mode_restore(uint64_t mode) {
    if ((mode & ~0x3Full) != MXCSR_DEFAULT) _mm_setcsr((unsigned)mode);
}

#elif defined __aarch64__

uint64_t float_mode_set(void) {
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    if (mode) __asm__ volatile("msr fpcr, %0" ::"r"((uint64_t)0));
    return mode;
}

void float_mode_restore(uint64_t mode) {
    if (mode) __asm__ volatile("msr fpcr, %0" ::"r"(mode));
}

#else

uint64_t float_mode_set(void) {
    int mode = fegetround();
    fesetround(FE_TONEAREST);
    return (uint64_t)mode;
}

void float_mode_restore(uint64_t mode) { fesetround((int)mode); }

#endif

int64_t clock_nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void futex_wait(atomic_uint *word, unsigned expected, unsigned bits) {
    syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, NULL, NULL, bits);
}

void futex_wake(atomic_uint *word, int count, unsigned bits) {
    syscall(SYS_futex, word, FUTEX_WAKE_BITSET_PRIVATE, count, NULL, NULL, bits);
}

/* Processors that the control group's quota pays for; INT_MAX without one. */
static int quota_processors(void) {
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
    if (!file) return INT_MAX;
    long quota, period;
    int is_limited = fscanf(file, "%ld %ld", &quota, &period) == 2 && quota > 0 && period > 0;
    fclose(file);
    return is_limited && (quota + period - 1) / period < INT_MAX ? (int)((quota + period - 1) / period) : INT_MAX;
}

int machine_processors(void) {
    long online = sysconf(_SC_NPROCESSORS_CONF);
    size_t bytes = CPU_ALLOC_SIZE(online > 0 ? (size_t)online : 1);
    cpu_set_t *set = malloc(bytes);
    int count = online > 0 ? (int)online : 1;
    if (set) {
        memset(set, 0, bytes);
        if (sched_getaffinity(0, bytes, set) == 0) count = CPU_COUNT_S(bytes, set);
        free(set);
    }
    int quota = quota_processors();
    if (count > quota) count = quota;
    return count > 0 ? count : 1;
}
