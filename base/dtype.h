/* Element types: one list for the language, both intermediate languages, the executors and the runtime. */
#ifndef DLC_BASE_DTYPE_H
#define DLC_BASE_DTYPE_H

#include <stdint.h>

/* An index[V] is stored as DT_I32; DT_INDEX is the loop IR's type of subscripts (64 bits, on 32-bit targets
 * 32) and never stored. */
typedef enum DType {
    DT_BOOL, /* one byte, 0 or 1 */
    DT_I8, DT_I16, DT_I32, DT_I64,
    DT_U8, DT_U16, DT_U32, DT_U64,
    DT_F16, DT_BF16, /* storage only: arithmetic is done in f32 */
    DT_F32, DT_F64,
    DT_INDEX,
    DT_COUNT
} DType;

const char *dtype_name(DType t);
int dtype_bytes(DType t);
/* -1 when the name is none. */
int dtype_from_name(const char *name);

static inline int dtype_is_float(DType t) { return t >= DT_F16 && t <= DT_F64; }
static inline int dtype_is_signed(DType t) { return (t >= DT_I8 && t <= DT_I64) || t == DT_INDEX; }
static inline int dtype_is_unsigned(DType t) { return t >= DT_U8 && t <= DT_U64; }
static inline int dtype_is_integer(DType t) { return dtype_is_signed(t) || dtype_is_unsigned(t); }

#endif
