/* Memory that is freed by free(); large memory comes in huge pages where the system has them: half of the time of compiling
 * a large model went into the faults of small ones, and kernels that go down columns met a page for each element. */
#ifndef DLC_BASE_MEMORY_H
#define DLC_BASE_MEMORY_H

#include <stddef.h>

/* At least `bytes`, at a multiple of `align` (a power of two, at least that of a pointer); NULL where there are none.
 * Contents are not set. */
void *memory_allocate(size_t align, size_t bytes);
/* What memory_allocate takes for so many bytes. */
size_t memory_rounded(size_t align, size_t bytes);

#endif
