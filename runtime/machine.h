/* What the workers need of the machine: the float mode, a pause, waiting for a word of memory. */
#ifndef DLC_RUNTIME_MACHINE_H
#define DLC_RUNTIME_MACHINE_H

#include <stdatomic.h>
#include <stdint.h>

/* Sets rounding to nearest, subnormals kept, no traps; gives the mode before. */
uint64_t float_mode_set(void);
void float_mode_restore(uint64_t mode);

/* In a loop that waits for another processor. */
static inline void spin_pause(void) {
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("yield");
#endif
}

int64_t clock_nanoseconds(void); /* monotonic */

/* Sleeps while *word is `expected`, until a wake that shares a bit of `bits`; may return without cause. */
void futex_wait(atomic_uint *word, unsigned expected, unsigned bits);
void futex_wake(atomic_uint *word, int count, unsigned bits);

/* Processors of this process's affinity, at most the quota of its control group (rounded up); at least 1. */
int machine_processors(void);

#endif
