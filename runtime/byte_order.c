#include "runtime/byte_order.h"

uint32_t order_big32(const unsigned char *b) {
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

uint16_t order_little16(const unsigned char *b) { return (uint16_t)(b[0] | b[1] << 8); }

uint32_t order_little32(const unsigned char *b) {
    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

uint64_t order_little64(const unsigned char *b) {
    return (uint64_t)order_little32(b + 4) << 32 | order_little32(b);
}

void order_swap(void *elements, int64_t count, int size) {
    if (size == 2)
        for (int64_t i = 0; i < count; i++) ((uint16_t *)elements)[i] = __builtin_bswap16(((uint16_t *)elements)[i]);
    if (size == 4)
        for (int64_t i = 0; i < count; i++) ((uint32_t *)elements)[i] = __builtin_bswap32(((uint32_t *)elements)[i]);
    if (size == 8)
        for (int64_t i = 0; i < count; i++) ((uint64_t *)elements)[i] = __builtin_bswap64(((uint64_t *)elements)[i]);
}
