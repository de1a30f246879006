/* Shape rules of the operations and type rules of the elementwise functions: one function per name in the
 * columns of op.def and scalar.def.  The builders use them to find a node's shape, the verifier to check it
 * again. */
#include "compiler/op.h"

/* ---- shared ------------------------------------------------------------------------------------------ */

static int is_arithmetic(DType t) { return dtype_is_integer(t) || t == DT_F32 || t == DT_F64; }

static void copy_shape(const Node *n, Shape *out) {
    out->dtype = n->dtype;
    out->rank = n->rank;
    for (int i = 0; i < n->rank; i++) out->extent[i] = n->shape[i];
}

static int has_axis(const Node *n, int axis) { return axis >= 0 && axis < n->rank; }

static const Dim *element_count(DimTable *dims, const Node *n) {
    const Dim *count = dim_constant(dims, 1);
    for (int i = 0; i < n->rank; i++) count = dim_mul(dims, count, n->shape[i]);
    return count;
}

static void push_extent(Shape *out, const Dim *extent) {
    if (out->rank < GRAPH_MAX_RANK) out->extent[out->rank] = extent;
    out->rank++;
}

static const char *check_rank(const Shape *out) {
    return out->rank > GRAPH_MAX_RANK ? "the rank is above 8" : NULL;
}

/* ---- types of elementwise functions ------------------------------------------------------------------ */

static int alike(const Node *n, int first) {
    for (int i = first + 1; i < n->in_count; i++)
        if (n->in[i]->dtype != n->in[first]->dtype) return 0;
    return 1;
}

const char *types_arith(const Node *n, DType *out) {
    *out = n->in[0]->dtype;
    return alike(n, 0) && is_arithmetic(*out) ? NULL : "operands of one numeric dtype are needed";
}

const char *types_float(const Node *n, DType *out) {
    *out = n->in[0]->dtype;
    return alike(n, 0) && (*out == DT_F32 || *out == DT_F64)
               ? NULL
               : "operands of one dtype, f32 or f64, are needed";
}

const char *types_integer(const Node *n, DType *out) {
    *out = n->in[0]->dtype;
    return alike(n, 0) && dtype_is_integer(*out) ? NULL : "operands of one integer dtype are needed";
}

const char *types_logic(const Node *n, DType *out) {
    *out = n->in[0]->dtype;
    return alike(n, 0) && (*out == DT_BOOL || dtype_is_integer(*out)) ? NULL : "bools or integers are needed";
}

const char *types_compare(const Node *n, DType *out) {
    *out = DT_BOOL;
    DType t = n->in[0]->dtype;
    return alike(n, 0) && (t == DT_BOOL || is_arithmetic(t)) ? NULL : "operands of one dtype are needed";
}

const char *types_select(const Node *n, DType *out) {
    *out = n->in[1]->dtype;
    return n->in[0]->dtype == DT_BOOL && alike(n, 1) && (*out == DT_BOOL || is_arithmetic(*out))
               ? NULL
               : "a bool and two operands of one dtype are needed";
}

/* ---- sources ----------------------------------------------------------------------------------------- */

const char *shape_given(DimTable *dims, const Node *n, Shape *out) {
    (void)dims;
    copy_shape(n, out);
    if (n->op != OP_CONST || n->attr.is_splat) return NULL;
    for (int i = 0; i < n->rank; i++)
        if (!dim_is_constant(n->shape[i])) return "the extents of a constant tensor are constants";
    return NULL;
}

const char *shape_dim_value(DimTable *dims, const Node *n, Shape *out) {
    (void)dims;
    copy_shape(n, out);
    if (dim_is_constant(n->attr.dim)) return "a constant size is a constant, not a dim_value";
    return n->rank == 0 && is_arithmetic(n->dtype) ? NULL : "a number of rank 0 is made";
}

const char *shape_iota(DimTable *dims, const Node *n, Shape *out) {
    (void)dims;
    copy_shape(n, out);
    return has_axis(n, n->attr.axis) && is_arithmetic(n->dtype) ? NULL : "the axis or the dtype does not fit";
}

static int is_scalar_of(const Node *n, DType dtype) { return n->rank == 0 && n->dtype == dtype; }

const char *shape_random(DimTable *dims, const Node *n, Shape *out) {
    copy_shape(n, out);
    const Node *seed = n->in[0];
    if (seed->dtype != DT_U32 || seed->rank != 1 || !dim_same(dims, seed->shape[0], dim_constant(dims, 2)))
        return "the seed is u32[2]";
    for (int i = 1; i < 4; i++)
        if (!is_scalar_of(n->in[i], DT_I64)) return "step, iteration and example0 are i64 of rank 0";
    return n->dtype == DT_U32 ? NULL : "random bits are u32";
}

/* ---- pointwise --------------------------------------------------------------------------------------- */

const char *shape_map(DimTable *dims, const Node *n, Shape *out) {
    const ScalarInfo *f = &scalar_info[n->attr.scalar];
    if (n->in_count != f->operands) return "the number of operands is not the function's";
    copy_shape(n->in[0], out);
    for (int i = 1; i < n->in_count; i++)
        if (!shape_same(dims, n->in[0], n->in[i])) return "the operands' shapes differ";
    return f->types(n, &out->dtype);
}

const char *shape_convert(DimTable *dims, const Node *n, Shape *out) {
    (void)dims;
    copy_shape(n->in[0], out);
    out->dtype = n->dtype;
    return n->dtype < DT_INDEX ? NULL : "there is no such element type in a graph";
}

const char *shape_detach(DimTable *dims, const Node *n, Shape *out) {
    (void)dims;
    copy_shape(n->in[0], out);
    return NULL;
}

/* ---- index transformations --------------------------------------------------------------------------- */

const char *shape_reshape(DimTable *dims, const Node *n, Shape *out) {
    copy_shape(n, out);
    out->dtype = n->in[0]->dtype;
    if (n->dtype != out->dtype) return "a reshape keeps the dtype";
    DimAnswer same = dim_compare(dims, element_count(dims, n), element_count(dims, n->in[0]), NULL);
    return same == DIM_DIFFERENT ? "the numbers of elements differ" : NULL;
}

const char *shape_transpose(DimTable *dims, const Node *n, Shape *out) {
    (void)dims;
    const Node *a = n->in[0];
    *out = (Shape){.dtype = a->dtype, .rank = a->rank};
    unsigned seen = 0;
    for (int i = 0; i < a->rank; i++) {
        int axis = n->attr.axes[i];
        if (!has_axis(a, axis) || seen >> axis & 1) return "the axes are no permutation";
        seen |= 1u << axis;
        out->extent[i] = a->shape[axis];
    }
    return NULL;
}

const char *shape_broadcast(DimTable *dims, const Node *n, Shape *out) {
    const Node *a = n->in[0];
    copy_shape(n, out);
    if (n->dtype != a->dtype) return "a broadcast keeps the dtype";
    for (int i = 0, last = -1; i < a->rank; i++) {
        int axis = n->attr.axes[i];
        if (!has_axis(n, axis) || axis <= last) return "the axes do not ascend within the result";
        if (!dim_same(dims, n->shape[axis], a->shape[i])) return "a broadcast axis keeps its extent";
        last = axis;
    }
    return NULL;
}

static int may_be(DimAnswer answer) { return answer != DIM_DIFFERENT; }

const char *shape_slice(DimTable *dims, const Node *n, Shape *out) {
    const Node *a = n->in[0];
    copy_shape(n, out);
    const Dim *zero = dim_constant(dims, 0), *one = dim_constant(dims, 1);
    if (n->rank != a->rank || n->dtype != a->dtype) return "a slice keeps rank and dtype";
    for (int i = 0; i < n->rank; i++) {
        const Dim *extent = n->shape[i], *low = n->attr.low[i];
        if (n->attr.step[i] < 1) return "a step is below 1";
        if (!may_be(dim_at_most(dims, zero, low, NULL))) return "a first index is below 0";
        const Dim *step = dim_constant(dims, n->attr.step[i]);
        const Dim *last = dim_add(dims, low, dim_mul(dims, dim_sub(dims, extent, one), step));
        int is_empty = dim_same(dims, extent, zero);
        if (!is_empty && !may_be(dim_at_most(dims, dim_add(dims, last, one), a->shape[i], NULL)))
            return "the slice leaves its operand";
    }
    return NULL;
}

const char *shape_pad(DimTable *dims, const Node *n, Shape *out) {
    (void)dims;
    const Node *a = n->in[0];
    copy_shape(n, out);
    if (n->rank != a->rank || n->dtype != a->dtype) return "a pad keeps rank and dtype";
    for (int i = 0; i < n->rank; i++)
        if (n->attr.step[i] < 0) return "an interior padding is below 0";
    return is_scalar_of(n->in[1], a->dtype) ? NULL : "the padding value is of rank 0 and the operand's dtype";
}

const char *shape_concat(DimTable *dims, const Node *n, Shape *out) {
    int axis = n->attr.axis;
    if (n->in_count < 1 || !has_axis(n->in[0], axis)) return "the axis is no axis of the operands";
    copy_shape(n->in[0], out);
    for (int k = 1; k < n->in_count; k++) {
        const Node *a = n->in[k];
        if (a->rank != out->rank || a->dtype != out->dtype) return "the operands' ranks or dtypes differ";
        for (int i = 0; i < a->rank; i++)
            if (i != axis && !dim_same(dims, a->shape[i], out->extent[i]))
                return "the operands' shapes differ";
        out->extent[axis] = dim_add(dims, out->extent[axis], a->shape[axis]);
    }
    return NULL;
}

const char *shape_reverse(DimTable *dims, const Node *n, Shape *out) {
    (void)dims;
    copy_shape(n->in[0], out);
    return has_axis(n->in[0], n->attr.axis) ? NULL : "the axis is no axis of the operand";
}

/* ---- sums -------------------------------------------------------------------------------------------- */

const char *shape_reduce(DimTable *dims, const Node *n, Shape *out) {
    (void)dims;
    const Node *a = n->in[0];
    *out = (Shape){.dtype = a->dtype};
    if (!has_axis(a, n->attr.axis)) return "the axis is no axis of the operand";
    for (int i = 0; i < a->rank; i++)
        if (i != n->attr.axis) push_extent(out, a->shape[i]);
    int is_logic = n->attr.reduce == REDUCE_AND || n->attr.reduce == REDUCE_OR;
    if (is_logic)
        return a->dtype == DT_BOOL || dtype_is_integer(a->dtype) ? NULL : "bools or integers are needed";
    if (n->attr.reduce == REDUCE_ARGMAX || n->attr.reduce == REDUCE_ARGMIN) out->dtype = DT_I32;
    return is_arithmetic(a->dtype) ? NULL : "an operand of numeric dtype is needed";
}

const char *shape_slots(DimTable *dims, const Node *n, Shape *out) {
    const Node *a = n->in[0];
    *out = (Shape){.dtype = a->dtype};
    if (n->attr.axis < 0 || n->attr.axis != a->rank - 2) return "the axis is not the last but one of the operand";
    for (int i = 0; i < a->rank; i++) push_extent(out, i == n->attr.axis ? dim_constant(dims, GRAPH_SLOTS) : a->shape[i]);
    int has_none = n->attr.reduce == REDUCE_ARGMAX || n->attr.reduce == REDUCE_ARGMIN;
    return has_none ? "a place has no slots" : is_arithmetic(a->dtype) ? NULL : "an operand of numeric dtype is needed";
}

static const char *check_pairs(DimTable *dims, const Node *n, const int8_t *lhs, const int8_t *rhs, int count,
                               unsigned *seen_lhs, unsigned *seen_rhs) {
    const Node *a = n->in[0], *b = n->in[1];
    for (int i = 0; i < count; i++) {
        if (!has_axis(a, lhs[i]) || !has_axis(b, rhs[i])) return "an axis is none of the operand's";
        if (*seen_lhs >> lhs[i] & 1 || *seen_rhs >> rhs[i] & 1) return "an axis is named twice";
        if (!dim_same(dims, a->shape[lhs[i]], b->shape[rhs[i]])) return "paired extents differ";
        *seen_lhs |= 1u << lhs[i];
        *seen_rhs |= 1u << rhs[i];
    }
    return NULL;
}

const char *shape_dot(DimTable *dims, const Node *n, Shape *out) {
    const Attributes *d = &n->attr;
    const Node *a = n->in[0], *b = n->in[1];
    unsigned seen_lhs = 0, seen_rhs = 0;
    *out = (Shape){.dtype = a->dtype};
    if (a->dtype != b->dtype || !is_arithmetic(a->dtype)) return "operands of one numeric dtype are needed";
    if (d->contract_count < 1) return "no axis is contracted";
    const char *wrong =
        check_pairs(dims, n, d->lhs_batch, d->rhs_batch, d->batch_count, &seen_lhs, &seen_rhs);
    if (!wrong)
        wrong =
            check_pairs(dims, n, d->lhs_contract, d->rhs_contract, d->contract_count, &seen_lhs, &seen_rhs);
    if (wrong) return wrong;
    for (int i = 0; i < d->batch_count; i++) push_extent(out, a->shape[d->lhs_batch[i]]);
    for (int i = 0; i < a->rank; i++)
        if (!(seen_lhs >> i & 1)) push_extent(out, a->shape[i]);
    for (int i = 0; i < b->rank; i++)
        if (!(seen_rhs >> i & 1)) push_extent(out, b->shape[i]);
    return check_rank(out);
}

/* ---- windows ----------------------------------------------------------------------------------------- */

static const char *check_channels(DimTable *dims, const Node *n) {
    const Node *x = n->in[0], *w = n->in[1];
    const Dim *groups = dim_constant(dims, n->attr.groups);
    if (n->attr.groups < 1) return "there is no group";
    if (!dim_same(dims, x->shape[1], dim_mul(dims, w->shape[1], groups)))
        return "the channels are not those of the kernel times the groups";
    if (!dim_same(dims, n->shape[0], x->shape[0])) return "the result has the batch of the operand";
    if (!dim_same(dims, n->shape[1], w->shape[0])) return "the result has a channel per kernel";
    int divides = n->attr.groups == 1 || dim_divides(dims, w->shape[0], groups, NULL) == DIM_EQUAL;
    return divides ? NULL : "the groups do not divide the kernels";
}

const char *shape_convolution(DimTable *dims, const Node *n, Shape *out) {
    const Node *x = n->in[0], *w = n->in[1];
    const Attributes *a = &n->attr;
    copy_shape(n, out);
    out->dtype = x->dtype;
    if (x->dtype != w->dtype || n->dtype != x->dtype || !is_arithmetic(x->dtype))
        return "operands of one numeric dtype are needed";
    if (x->rank < 3 || x->rank > 5 || w->rank != x->rank || n->rank != x->rank)
        return "operands and result have one to three spatial axes behind two others";
    for (int i = 0; i < n->rank; i++) {
        if (a->step[i] < 1 || a->spread[i] < 1 || a->dilation[i] < 1) return "a distance is below 1";
        int is_plain = a->step[i] == 1 && a->spread[i] == 1 && a->dilation[i] == 1;
        if (i < 2 && (!is_plain || !dim_same(dims, a->low[i], dim_constant(dims, 0))))
            return "a window lies on the spatial axes only";
    }
    return check_channels(dims, n);
}

const char *shape_window(DimTable *dims, const Node *n, Shape *out) {
    (void)dims;
    const Node *x = n->in[0];
    copy_shape(n, out);
    ReduceKind kind = n->attr.reduce;
    int is_index = kind == REDUCE_ARGMAX || kind == REDUCE_ARGMIN;
    if (!is_index && kind != REDUCE_ADD && kind != REDUCE_MAX && kind != REDUCE_MIN)
        return "a window adds or finds an extreme";
    if (!is_arithmetic(x->dtype)) return "an operand of numeric dtype is needed";
    out->dtype = is_index ? DT_I32 : x->dtype;
    if (n->rank != x->rank || !n->rank) return "a window keeps the rank";
    int axes = n->rank;
    for (int i = 0; i < n->rank; i++) {
        if (n->attr.window[i] < 1 || n->attr.step[i] < 1) return "an extent or a step is below 1";
        axes += n->attr.window[i] > 1 || n->attr.step[i] > 1;
    }
    return axes > GRAPH_MAX_RANK ? "the axes and those with a window are more than 8" : NULL;
}

/* ---- rows by index ----------------------------------------------------------------------------------- */

static void rows_shape(const Node *table, const Node *ids, int axis, Shape *out) {
    *out = (Shape){.dtype = table->dtype};
    for (int i = 0; i < axis; i++) push_extent(out, table->shape[i]);
    for (int i = 0; i < ids->rank; i++) push_extent(out, ids->shape[i]);
    for (int i = axis + 1; i < table->rank; i++) push_extent(out, table->shape[i]);
}

static const char *check_rows(const Node *n) {
    if (n->in[1]->dtype != DT_I32) return "ids are i32";
    return has_axis(n->in[0], n->attr.axis) ? NULL : "the axis is no axis of the table";
}

const char *shape_gather(DimTable *dims, const Node *n, Shape *out) {
    (void)dims;
    const char *wrong = check_rows(n);
    if (wrong) return wrong;
    rows_shape(n->in[0], n->in[1], n->attr.axis, out);
    return check_rank(out);
}

const char *shape_scatter(DimTable *dims, const Node *n, Shape *out) {
    const char *wrong = check_rows(n);
    if (wrong) return wrong;
    Shape rows;
    rows_shape(n->in[0], n->in[1], n->attr.axis, &rows);
    if (rows.rank != n->in[2]->rank || rows.dtype != n->in[2]->dtype)
        return "the rows' rank or dtype does not fit";
    for (int i = 0; i < rows.rank; i++)
        if (!dim_same(dims, rows.extent[i], n->in[2]->shape[i])) return "the rows' shape does not fit";
    copy_shape(n->in[0], out);
    return n->attr.adds && !is_arithmetic(out->dtype) ? "a numeric dtype is needed to add" : NULL;
}
