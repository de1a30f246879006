#include "runtime/random.h"

#include <string.h>

void philox_block(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
    uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]}, k[2] = {key[0], key[1]};
    for (int round = 0; round < 10; round++) {
        uint64_t a = (uint64_t)c[0] * 0xD2511F53u, b = (uint64_t)c[2] * 0xCD9E8D57u;
        uint32_t next[4] = {(uint32_t)(b >> 32) ^ c[1] ^ k[0], (uint32_t)b, (uint32_t)(a >> 32) ^ c[3] ^ k[1],
                            (uint32_t)a};
        memcpy(c, next, sizeof c);
        k[0] += 0x9E3779B9u;
        k[1] += 0xBB67AE85u;
    }
    memcpy(out, c, sizeof c);
}

/* A stream of 32-bit numbers: counter = (block, epoch's two halves, the stream's name), key = the seed. */
typedef struct Stream {
    uint32_t key[2], counter[4], block[4];
    int left;
} Stream;

static uint32_t next(Stream *s) {
    if (!s->left) {
        philox_block(s->counter, s->key, s->block);
        s->counter[0]++;
        s->left = 4;
    }
    return s->block[4 - s->left--];
}

/* Uniform in 0 .. n-1: the high half of a product, drawn again in the short stretch that would be favoured
 * (Lemire 2019). */
static uint32_t below(Stream *s, uint32_t n) {
    uint64_t product = (uint64_t)next(s) * n;
    if ((uint32_t)product < n) {
        uint32_t favoured = (0u - n) % n;
        while ((uint32_t)product < favoured) product = (uint64_t)next(s) * n;
    }
    return (uint32_t)(product >> 32);
}

void random_permutation(int64_t *order, int64_t n, uint64_t seed, uint64_t epoch) {
    enum { SHUFFLE = 0x73687566 }; /* no other stream of this key has this name */
    Stream s = {.key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
                .counter = {0, (uint32_t)epoch, (uint32_t)(epoch >> 32), SHUFFLE}};
    for (int64_t i = 0; i < n; i++) order[i] = i;
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = below(&s, (uint32_t)i + 1), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}
