#include "base/dtype.h"

#include <string.h>

static const struct {
    const char *name;
    int bytes;
} info[DT_COUNT] = {
    [DT_BOOL] = {"bool", 1}, [DT_I8] = {"i8", 1},     [DT_I16] = {"i16", 2}, [DT_I32] = {"i32", 4},
    [DT_I64] = {"i64", 8},   [DT_U8] = {"u8", 1},     [DT_U16] = {"u16", 2}, [DT_U32] = {"u32", 4},
    [DT_U64] = {"u64", 8},   [DT_F16] = {"f16", 2},   [DT_BF16] = {"bf16", 2}, [DT_F32] = {"f32", 4},
    [DT_F64] = {"f64", 8},   [DT_INDEX] = {"index", 8},
};

const char *dtype_name(DType t) { return info[t].name; }
int dtype_bytes(DType t) { return info[t].bytes; }

int dtype_from_name(const char *name) {
    for (int t = 0; t < DT_COUNT; t++)
        if (strcmp(info[t].name, name) == 0) return t;
    return -1;
}
