#include "runtime/array.h"

#include "base/memory.h"
#include "runtime/half.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* The header takes whole vectors, so that storage behind it in the same block is aligned. */
    HEADER_BYTES = (sizeof(Array) + ARRAY_ALIGN - 1) / ARRAY_ALIGN * ARRAY_ALIGN,
};

/* The elements' bytes, or -1 where no memory could hold them. */
static int64_t bytes_of(DType dtype, int rank, const int64_t *extents, int64_t *count) {
    int64_t n = 1, bytes;
    for (int i = 0; i < rank; i++)
        if (extents[i] < 0 || __builtin_mul_overflow(n, extents[i], &n)) return -1;
    if (__builtin_mul_overflow(n, (int64_t)dtype_bytes(dtype), &bytes)) return -1;
    if (bytes > (int64_t)1 << 47) return -1; /* no process has more */
    *count = n;
    return bytes;
}

/* Not zeroed but for the padding. */
static Array *allocate(DType dtype, int rank, const int64_t *extents) {
    int64_t count, bytes = bytes_of(dtype, rank, extents, &count);
    if (bytes < 0) return NULL;
    size_t padded = ((size_t)bytes + ARRAY_ALIGN - 1) / ARRAY_ALIGN * ARRAY_ALIGN;
    if (!padded) padded = ARRAY_ALIGN; /* empty arrays have an address too */
    char *block = memory_allocate(ARRAY_ALIGN, HEADER_BYTES + padded);
    if (!block) return NULL;
    Array *array = (Array *)block;
    memset(array, 0, sizeof *array);
    array->dtype = dtype;
    array->rank = rank;
    for (int i = 0; i < rank; i++) array->extents[i] = extents[i];
    array->count = count;
    array->data = block + HEADER_BYTES;
    atomic_init(&array->owners, 1);
    memset((char *)array->data + bytes, 0, padded - (size_t)bytes);
    return array;
}

_Noreturn static void out_of_memory(DType dtype, int rank, const int64_t *extents) {
    fprintf(stderr, "dlc: out of memory for an array %s[", dtype_name(dtype));
    for (int i = 0; i < rank; i++) fprintf(stderr, i ? ", %lld" : "%lld", (long long)extents[i]);
    fprintf(stderr, "]\n");
    exit(4);
}

static Array *must_allocate(DType dtype, int rank, const int64_t *extents) {
    Array *array = allocate(dtype, rank, extents);
    if (!array) out_of_memory(dtype, rank, extents);
    return array;
}

Array *array_try_new(DType dtype, int rank, const int64_t *extents) {
    Array *array = allocate(dtype, rank, extents);
    if (array) memset(array->data, 0, (size_t)array_bytes(array));
    return array;
}

Array *array_new(DType dtype, int rank, const int64_t *extents) {
    Array *array = array_try_new(dtype, rank, extents);
    if (!array) out_of_memory(dtype, rank, extents);
    return array;
}

Array *array_scalar(DType dtype, double value) {
    Array *array = array_new(dtype, 0, NULL);
    array_set_number(array, 0, value);
    return array;
}

Array *array_retain(Array *array) {
    atomic_fetch_add_explicit(&array->owners, 1, memory_order_relaxed);
    return array;
}

void array_release(Array *array) {
    if (!array) return;
    /* Who frees must see what the other owners did before they let go. */
    if (atomic_fetch_sub_explicit(&array->owners, 1, memory_order_acq_rel) == 1) free(array);
}

int array_is_shared(const Array *array) {
    return atomic_load_explicit(&array->owners, memory_order_acquire) > 1;
}

Array *array_copy(const Array *array) {
    Array *copy = must_allocate(array->dtype, array->rank, array->extents);
    memcpy(copy->data, array->data, (size_t)array_bytes(array));
    return copy;
}

Array *array_own(Array *array) {
    if (!array_is_shared(array)) return array;
    Array *copy = array_copy(array);
    array_release(array);
    return copy;
}

int64_t array_bytes(const Array *array) { return array->count * dtype_bytes(array->dtype); }

double array_number(const Array *array, int64_t i) {
    const void *data = array->data;
    switch (array->dtype) {
    case DT_F16: return (double)half_to_float(((const uint16_t *)data)[i]);
    case DT_BF16: return (double)bfloat_to_float(((const uint16_t *)data)[i]);
    case DT_F32: return (double)((const float *)data)[i];
    case DT_F64: return ((const double *)data)[i];
    case DT_U64: return (double)((const uint64_t *)data)[i];
    case DT_BOOL: case DT_I8: case DT_I16: case DT_I32: case DT_I64: case DT_U8: case DT_U16: case DT_U32:
    case DT_INDEX: case DT_COUNT: break;
    }
    return (double)array_integer(array, i);
}

int64_t array_integer(const Array *array, int64_t i) {
    const void *data = array->data;
    switch (array->dtype) {
    case DT_BOOL: return ((const uint8_t *)data)[i] != 0;
    case DT_I8: return ((const int8_t *)data)[i];
    case DT_I16: return ((const int16_t *)data)[i];
    case DT_I32: return ((const int32_t *)data)[i];
    case DT_I64: case DT_INDEX: return ((const int64_t *)data)[i];
    case DT_U8: return ((const uint8_t *)data)[i];
    case DT_U16: return ((const uint16_t *)data)[i];
    case DT_U32: return ((const uint32_t *)data)[i];
    case DT_U64: return (int64_t)((const uint64_t *)data)[i];
    case DT_F16: case DT_BF16: case DT_F32: case DT_F64: case DT_COUNT: break;
    }
    return (int64_t)array_number(array, i);
}

/* Towards zero, saturating at lo and hi (hi + 1 is exact as a double); NaN gives 0. */
static int64_t saturate(double value, int64_t lo, int64_t hi) {
    if (isnan(value)) return 0;
    if (value <= (double)lo) return lo;
    if (value >= (double)hi) return hi;
    return (int64_t)value;
}

static uint64_t saturate_unsigned(double value) {
    if (!(value > 0)) return 0;
    return value >= 0x1p64 ? UINT64_MAX : (uint64_t)value;
}

void array_set_number(Array *array, int64_t i, double value) {
    void *data = array->data;
    switch (array->dtype) {
    case DT_BOOL: ((uint8_t *)data)[i] = value != 0; return;
    case DT_I8: ((int8_t *)data)[i] = (int8_t)saturate(value, INT8_MIN, INT8_MAX); return;
    case DT_I16: ((int16_t *)data)[i] = (int16_t)saturate(value, INT16_MIN, INT16_MAX); return;
    case DT_I32: ((int32_t *)data)[i] = (int32_t)saturate(value, INT32_MIN, INT32_MAX); return;
    case DT_I64: case DT_INDEX: ((int64_t *)data)[i] = saturate(value, INT64_MIN, INT64_MAX); return;
    case DT_U8: ((uint8_t *)data)[i] = (uint8_t)saturate(value, 0, UINT8_MAX); return;
    case DT_U16: ((uint16_t *)data)[i] = (uint16_t)saturate(value, 0, UINT16_MAX); return;
    case DT_U32: ((uint32_t *)data)[i] = (uint32_t)saturate(value, 0, UINT32_MAX); return;
    case DT_U64: ((uint64_t *)data)[i] = saturate_unsigned(value); return;
    case DT_F16: ((uint16_t *)data)[i] = half_from_double(value); return;
    case DT_BF16: ((uint16_t *)data)[i] = bfloat_from_double(value); return;
    case DT_F32: ((float *)data)[i] = (float)value; return;
    case DT_F64: ((double *)data)[i] = value; return;
    case DT_COUNT: return;
    }
}

Array *array_slice(const Array *array, int axis, int64_t turn) {
    int64_t extents[ARRAY_MAX_RANK] = {0}, outer = 1, inner = dtype_bytes(array->dtype);
    for (int i = 0, k = 0; i < array->rank; i++) {
        if (i != axis) extents[k++] = array->extents[i];
        if (i < axis) outer *= array->extents[i];
        if (i > axis) inner *= array->extents[i];
    }
    Array *slice = must_allocate(array->dtype, array->rank - 1, extents);
    for (int64_t i = 0; i < outer; i++)
        memcpy((char *)slice->data + i * inner,
               (const char *)array->data + (i * array->extents[axis] + turn) * inner, (size_t)inner);
    return slice;
}

void array_set_slice(Array *array, int axis, int64_t turn, const Array *slice) {
    int64_t outer = 1, inner = dtype_bytes(array->dtype);
    for (int i = 0; i < array->rank; i++) {
        if (i < axis) outer *= array->extents[i];
        if (i > axis) inner *= array->extents[i];
    }
    for (int64_t i = 0; i < outer; i++)
        memcpy((char *)array->data + (i * array->extents[axis] + turn) * inner, (const char *)slice->data + i * inner,
               (size_t)inner);
}

Array *array_rows(const Array *array, const int64_t *order, int64_t first, int64_t last) {
    int64_t extents[ARRAY_MAX_RANK] = {0}, row_bytes = dtype_bytes(array->dtype);
    for (int i = 0; i < array->rank; i++) {
        extents[i] = i ? array->extents[i] : last - first;
        if (i) row_bytes *= array->extents[i];
    }
    Array *rows = must_allocate(array->dtype, array->rank, extents);
    if (!order) {
        memcpy(rows->data, (const char *)array->data + first * row_bytes, (size_t)((last - first) * row_bytes));
        return rows;
    }
    for (int64_t i = first; i < last; i++)
        memcpy((char *)rows->data + (i - first) * row_bytes, (const char *)array->data + order[i] * row_bytes,
               (size_t)row_bytes);
    return rows;
}
