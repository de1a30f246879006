/* Random numbers that the host draws: Philox 4x32-10 (Salmon et al. 2011), the generator of compiled code, for
 * what no kernel draws: the order of examples.  The same key gives the same numbers everywhere and for ever. */
#ifndef DLC_RUNTIME_RANDOM_H
#define DLC_RUNTIME_RANDOM_H

#include <stdint.h>

/* Four numbers from a counter and a key. */
void philox_block(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* Fills `order` with 0 .. n-1 in an order that depends on seed and epoch only; every order is equally likely
 * (Fisher and Yates, without the bias of a remainder).  n is below 2^32. */
void random_permutation(int64_t *order, int64_t n, uint64_t seed, uint64_t epoch);

#endif
