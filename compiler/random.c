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

RandomWords random_philox(Math *m, RandomKey key, const LoopVal counter[4]) {
    RandomWords c = {{counter[0], counter[1], counter[2], counter[3]}};
    for (int round = 0; round < 10; round++) {
        LoopVal m0 = whole(m, c.word[0], 0xd2511f53), m1 = whole(m, c.word[2], 0xcd9e8d57);
        LoopVal high0 = loop_binary(m->builder, LO_MULHI, c.word[0], m0);
        LoopVal high1 = loop_binary(m->builder, LO_MULHI, c.word[2], m1);
        c = (RandomWords){{
            differ(m, differ(m, high1, c.word[1]), key.word[0]),
            mul(m, c.word[2], m1),
            differ(m, differ(m, high0, c.word[3]), key.word[1]),
            mul(m, c.word[0], m0),
        }};
        key.word[0] = add(m, key.word[0], whole(m, key.word[0], 0x9e3779b9));
        key.word[1] = add(m, key.word[1], whole(m, key.word[1], 0xbb67ae85));
    }
    return c;
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
