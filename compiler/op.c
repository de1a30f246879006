#include "compiler/op.h"

#include <string.h>

const OpInfo op_info[OP_COUNT] = {
#define OP(id, name, operands, attributes, shape, lower, gradient, flags) \
    [OP_##id] = {name, operands, attributes, shape_##shape, flags},
#include "compiler/op.def"
#undef OP
};

const ScalarInfo scalar_info[SC_COUNT] = {
#define SC(id, name, operands, types, derivative, flags) [SC_##id] = {name, operands, types_##types, flags},
#include "compiler/scalar.def"
#undef SC
};

const char *op_name(OpKind op) { return op_info[op].name; }
int op_flags(OpKind op) { return op_info[op].flags; }
const char *scalar_name(ScalarKind f) { return scalar_info[f].name; }
int scalar_operands(ScalarKind f) { return scalar_info[f].operands; }
int scalar_flags(ScalarKind f) { return scalar_info[f].flags; }

const char *reduce_name(ReduceKind kind) {
    static const char *const names[REDUCE_KIND_COUNT] = {
        [REDUCE_ADD] = "add", [REDUCE_MUL] = "mul", [REDUCE_MAX] = "max",       [REDUCE_MIN] = "min",
        [REDUCE_AND] = "and", [REDUCE_OR] = "or",   [REDUCE_ARGMAX] = "argmax", [REDUCE_ARGMIN] = "argmin",
    };
    return names[kind];
}

const char *input_kind_name(InputKind kind) {
    static const char *const names[INPUT_KIND_COUNT] = {
        [INPUT_DATA] = "data", [INPUT_PARAM] = "param",       [INPUT_STATE] = "state",
        [INPUT_SLOT] = "slot", [INPUT_HYPER] = "hyper",       [INPUT_SEED] = "seed",
        [INPUT_STEP] = "step", [INPUT_EXAMPLE0] = "example0",
    };
    return names[kind];
}

int dim_same(DimTable *dims, const Dim *a, const Dim *b) {
    return a == b || dim_compare(dims, a, b, NULL) == DIM_EQUAL;
}

int shape_same(DimTable *dims, const Node *a, const Node *b) {
    if (a->rank != b->rank) return 0;
    for (int i = 0; i < a->rank; i++)
        if (!dim_same(dims, a->shape[i], b->shape[i])) return 0;
    return 1;
}

int node_is_map(const Node *n, ScalarKind f) { return n->op == OP_MAP && n->attr.scalar == f; }

int node_is_splat(const Node *n) { return n->op == OP_CONST && n->attr.is_splat; }

size_t const_bytes(const Node *n) {
    int64_t count = 1;
    for (int i = 0; !n->attr.is_splat && i < n->rank; i++) count *= dim_constant_value(n->shape[i]);
    return (size_t)count * (size_t)dtype_bytes(n->dtype);
}

int node_is_number(const Node *n, double *value) {
    if (n->op != OP_CONST || !n->attr.is_splat) return 0;
    const void *data = n->attr.data;
    switch (n->dtype) {
    case DT_BOOL: *value = *(const uint8_t *)data; return 1;
    case DT_I8: *value = *(const int8_t *)data; return 1;
    case DT_I16: *value = *(const int16_t *)data; return 1;
    case DT_I32: *value = *(const int32_t *)data; return 1;
    case DT_I64: *value = (double)*(const int64_t *)data; return 1;
    case DT_U8: *value = *(const uint8_t *)data; return 1;
    case DT_U16: *value = *(const uint16_t *)data; return 1;
    case DT_U32: *value = *(const uint32_t *)data; return 1;
    case DT_U64: *value = (double)*(const uint64_t *)data; return 1;
    case DT_F32: *value = (double)*(const float *)data; return 1;
    case DT_F64: *value = *(const double *)data; return 1;
    case DT_F16: case DT_BF16: case DT_INDEX: case DT_COUNT: break;
    }
    return 0;
}

static int same_axes(const int8_t *a, const int8_t *b, int count) {
    return count == 0 || memcmp(a, b, (size_t)count) == 0;
}

static int same_dot(const Attributes *a, const Attributes *b) {
    return a->batch_count == b->batch_count && a->contract_count == b->contract_count &&
           same_axes(a->lhs_batch, b->lhs_batch, a->batch_count) &&
           same_axes(a->rhs_batch, b->rhs_batch, a->batch_count) &&
           same_axes(a->lhs_contract, b->lhs_contract, a->contract_count) &&
           same_axes(a->rhs_contract, b->rhs_contract, a->contract_count);
}

static int same_spacing(const Node *a, const Node *b, int which, int rank) {
    const Attributes *p = &a->attr, *q = &b->attr;
    if (which & AT_CONVOLUTION && p->groups != q->groups) return 0;
    for (int i = 0; i < rank; i++) {
        if (which & AT_LOW && p->low[i] != q->low[i]) return 0;
        if (which & AT_STEP && p->step[i] != q->step[i]) return 0;
        if (which & AT_WINDOW && p->window[i] != q->window[i]) return 0;
        if (which & AT_CONVOLUTION && (p->spread[i] != q->spread[i] || p->dilation[i] != q->dilation[i])) return 0;
    }
    return 1;
}

/* AXES counts as many entries as TRANSPOSE has result axes and BROADCAST source axes: in[0]'s rank in both.
 */
static int same_attributes(const Node *a, const Node *b) {
    int which = op_info[a->op].attributes;
    const Attributes *p = &a->attr, *q = &b->attr;
    int rank = a->in_count ? a->in[0]->rank : 0;
    if (a->in_count && b->in[0]->rank != rank) return 0;
    if (which & AT_INPUT && p->input != q->input) return 0;
    if (which & AT_DIM && p->dim != q->dim) return 0;
    if (which & AT_SCALAR && p->scalar != q->scalar) return 0;
    if (which & AT_REDUCE && p->reduce != q->reduce) return 0;
    if (which & AT_ADDS && p->adds != q->adds) return 0;
    if (which & AT_AXIS && p->axis != q->axis) return 0;
    if (which & AT_SITE && p->site != q->site) return 0;
    if (which & AT_AXES && !same_axes(p->axes, q->axes, rank)) return 0;
    if (!same_spacing(a, b, which, rank)) return 0;
    if (which & AT_DOT && !same_dot(p, q)) return 0;
    return !(which & AT_DATA) || (p->is_splat == q->is_splat && const_bytes(a) == const_bytes(b) &&
                                  memcmp(p->data, q->data, const_bytes(a)) == 0);
}

int node_alike(const Node *a, const Node *b) {
    if (a->op != b->op || a->dtype != b->dtype || a->rank != b->rank || a->in_count != b->in_count) return 0;
    for (int i = 0; i < a->rank; i++)
        if (a->shape[i] != b->shape[i]) return 0;
    return same_attributes(a, b);
}
