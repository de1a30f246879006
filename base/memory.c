#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

static size_t alignment(size_t align, size_t bytes) {
    return bytes >= 2 * (size_t)HUGE_PAGE && align < HUGE_PAGE ? HUGE_PAGE : align;
}

size_t memory_rounded(size_t align, size_t bytes) {
    align = alignment(align, bytes);
    if (bytes > SIZE_MAX - align) return SIZE_MAX; /* no process has so much */
    return (bytes + align - 1) / align * align;
}

void *memory_allocate(size_t align, size_t bytes) {
    size_t rounded = memory_rounded(align, bytes);
    if (rounded == SIZE_MAX) return NULL;
    align = alignment(align, bytes);
    void *memory = aligned_alloc(align, rounded ? rounded : align);
#ifdef MADV_HUGEPAGE
    if (memory && align == HUGE_PAGE) madvise(memory, rounded, MADV_HUGEPAGE);
#endif
    return memory;
}
