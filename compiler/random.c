/* Philox 4x32 with ten rounds: a counter-based generator (Salmon, Moraes, Dror and Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3", 2011).  A draw is a pure function of key and counter, so it can be made again
 * anywhere and in any order. */
#include "compiler/math.h"
#include "compiler/math_ops.h"

RandomKey random_key(Math *m, LoopVal seed_low, LoopVal seed_high, uint64_t site) {
    return (RandomKey){{
        differ(m, seed_low, whole(m, seed_low, (int64_t)(site & UINT32_MAX))),
        differ(m, seed_high, whole(m, seed_high, (int64_t)(site >> 32))),
    }};
}

/* What a splat is made of: a key that is the same in all lanes takes no vector register while the rounds run. */
static LoopVal without_splat(Math *m, LoopVal x) {
    const LoopValue *value = &loop_builder_kernel(m->builder)->values.data[x];
    return value->op == LO_SPLAT ? value->in[0] : x;
}

static LoopVal as_wide_as(Math *m, LoopVal x, LoopVal like) {
    return type_of(m, like).is_wide ? loop_splat(m->builder, x) : x;
}

/* One round on the registers of the words and of the key. */
static void philox_round(Math *m, const int word[4], const int key[2]) {
    LoopBuilder *b = m->builder;
    LoopVal c[4], k[2];
    for (int i = 0; i < 4; i++) c[i] = loop_read(b, word[i], NULL);
    for (int i = 0; i < 2; i++) k[i] = loop_read(b, key[i], NULL);
    LoopVal m0 = whole(m, c[0], 0xd2511f53), m1 = whole(m, c[2], 0xcd9e8d57);
    LoopVal high0 = loop_binary(b, LO_MULHI, c[0], m0), high1 = loop_binary(b, LO_MULHI, c[2], m1);
    loop_set(b, word[0], NULL, differ(m, differ(m, high1, c[1]), as_wide_as(m, k[0], high1)));
    loop_set(b, word[1], NULL, mul(m, c[2], m1));
    loop_set(b, word[2], NULL, differ(m, differ(m, high0, c[3]), as_wide_as(m, k[1], high0)));
    loop_set(b, word[3], NULL, mul(m, c[0], m0));
    loop_set(b, key[0], NULL, add(m, k[0], whole(m, k[0], 0x9e3779b9)));
    loop_set(b, key[1], NULL, add(m, k[1], whole(m, k[1], 0xbb67ae85)));
}

/* The rounds stay a loop: written out they are the largest part of most kernels that draw, and of the time that LLVM
 * takes for them, and run no faster, since each waits for the one before. */
RandomWords random_philox(Math *m, RandomKey key, const LoopVal counter[4]) {
    static const char *const names[] = {"word0", "word1", "word2", "word3", "key0", "key1"};
    LoopBuilder *b = m->builder;
    int registers[6];
    for (int i = 0; i < 6; i++) {
        LoopVal first = i < 4 ? counter[i] : without_splat(m, key.word[i - 4]);
        registers[i] = loop_array(b, names[i], type_of(m, first), 0, NULL, first);
    }
    loop_for(b, "round", loop_index(b, 0), loop_index(b, 10), 1);
    philox_round(m, registers, registers + 4);
    loop_end(b);
    RandomWords words;
    for (int i = 0; i < 4; i++) words.word[i] = loop_read(b, registers[i], NULL);
    return words;
}

LoopVal random_uniform_f32(Math *m, LoopVal word) {
    LoopVal digits = bits_as(m, shr(m, word, whole(m, word, 8)), DT_I32);
    LoopVal y = value_as(m, digits, DT_F32);
    return mul(m, y, real(m, y, 0x1p-24));
}

LoopVal random_uniform_f64(Math *m, LoopVal high, LoopVal low) {
    LoopVal upper = bits_as(m, shr(m, high, whole(m, high, 5)), DT_I32);
    LoopVal lower = bits_as(m, shr(m, low, whole(m, low, 6)), DT_I32);
    LoopVal y = value_as(m, upper, DT_F64);
    y = add(m, mul(m, y, real(m, y, 0x1p26)), value_as(m, lower, DT_F64));
    return mul(m, y, real(m, y, 0x1p-53));
}
