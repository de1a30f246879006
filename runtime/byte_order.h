/* Numbers of files in this machine's order (little endian: the build refuses others). */
#ifndef DLC_RUNTIME_BYTE_ORDER_H
#define DLC_RUNTIME_BYTE_ORDER_H

#include <stdint.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "data files are read on little-endian machines"
#endif

uint32_t order_big32(const unsigned char *bytes);
uint16_t order_little16(const unsigned char *bytes);
uint32_t order_little32(const unsigned char *bytes);
uint64_t order_little64(const unsigned char *bytes);
/* Turns the bytes of each of `count` elements round; `size` is 1, 2, 4 or 8. */
void order_swap(void *elements, int64_t count, int size);

#endif
