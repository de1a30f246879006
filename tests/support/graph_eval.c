#include "tests/support/graph_eval.h"

#include <math.h>
#include <string.h>

typedef struct Index { /* of one element */
    int64_t at[GRAPH_MAX_RANK];
} Index;

static int64_t extent_of(const Dim *dim, const int64_t *dims) {
    int64_t value;
    if (dim_evaluate(dim, dims, &value) != 0) ICE("a size has no value");
    return value;
}

int64_t node_count(const Node *n, const int64_t *dims) {
    int64_t count = 1;
    for (int i = 0; i < n->rank; i++) count *= extent_of(n->shape[i], dims);
    return count;
}

static Index index_of(const Evaluation *e, const Node *n, int64_t linear) {
    Index p = {{0}};
    for (int i = n->rank - 1; i >= 0; i--) {
        p.at[i] = linear % e->extents[n->id][i];
        linear /= e->extents[n->id][i];
    }
    return p;
}

static int64_t linear_of(const Evaluation *e, const Node *n, const Index *p) {
    int64_t linear = 0;
    for (int i = 0; i < n->rank; i++) {
        if (p->at[i] < 0 || p->at[i] >= e->extents[n->id][i])
            ICE("%s reads outside %%%u", op_name(n->op), n->id);
        linear = linear * e->extents[n->id][i] + p->at[i];
    }
    return linear;
}

static double element(const Evaluation *e, const Node *n, const Index *p) {
    return e->values[n->id][linear_of(e, n, p)];
}

/* ---- numbers ----------------------------------------------------------------------------------------- */

static double wrap(DType t, double value) {
    if (t == DT_BOOL) return value != 0;
    if (!dtype_is_integer(t) || dtype_bytes(t) == 8) return value;
    double size = ldexp(1, dtype_bytes(t) * 8);
    value -= floor(value / size) * size;
    return dtype_is_signed(t) && value >= size / 2 ? value - size : value;
}

static double saturate(DType t, double value) {
    if (t == DT_BOOL) return value != 0;
    if (!dtype_is_integer(t)) return value;
    int bits = dtype_bytes(t) * 8;
    double most = ldexp(1, dtype_is_signed(t) ? bits - 1 : bits) - 1,
           least = dtype_is_signed(t) ? -most - 1 : 0;
    if (isnan(value)) return 0;
    return trunc(value < least ? least : value > most ? most : value);
}

static double number_at(const Node *n, int64_t i) {
    const void *data = n->attr.data;
    switch (n->dtype) {
    case DT_BOOL: case DT_U8: return ((const uint8_t *)data)[i];
    case DT_I8: return ((const int8_t *)data)[i];
    case DT_I16: return ((const int16_t *)data)[i];
    case DT_I32: return ((const int32_t *)data)[i];
    case DT_I64: return (double)((const int64_t *)data)[i];
    case DT_U16: return ((const uint16_t *)data)[i];
    case DT_U32: return ((const uint32_t *)data)[i];
    case DT_U64: return (double)((const uint64_t *)data)[i];
    case DT_F32: return (double)((const float *)data)[i];
    case DT_F64: return ((const double *)data)[i];
    case DT_F16: case DT_BF16: case DT_INDEX: case DT_COUNT: break;
    }
    ICE("a constant of type %s", dtype_name(n->dtype));
}

static double divide(DType t, double a, double b) {
    if (dtype_is_float(t)) return a / b;
    return b == 0 ? 0 : trunc(a / b);
}

static double floor_divide(DType t, double a, double b) {
    return !dtype_is_float(t) && b == 0 ? 0 : floor(a / b);
}

static double modulo(DType t, double a, double b) {
    return !dtype_is_float(t) && b == 0 ? 0 : a - b * floor(a / b);
}

static double shift(DType t, double a, double count, int is_left) {
    int by = (int)count & (dtype_bytes(t) * 8 - 1);
    return is_left ? ldexp(a, by) : floor(ldexp(a, -by));
}

static int64_t whole(double a) { return (int64_t)a; }

/* v: the operands; t: their dtype. */
static double scalar_value(ScalarKind f, DType t, const double *v) {
    double a = v[0], b = v[1], c = v[2];
    switch (f) {
    case SC_ADD: return a + b;
    case SC_SUB: return a - b;
    case SC_MUL: return a * b;
    case SC_DIV: return divide(t, a, b);
    case SC_FMA: return fma(a, b, c);
    case SC_NEG: return -a;
    case SC_ABS: return fabs(a);
    case SC_SIGN: return a > 0 ? 1 : a < 0 ? -1 : a;
    case SC_SQRT: return sqrt(a);
    case SC_EXP: return exp(a);
    case SC_EXPM1: return expm1(a);
    case SC_LOG: return log(a);
    case SC_LOG1P: return log1p(a);
    case SC_TANH: return tanh(a);
    case SC_SIGMOID: return 1 / (1 + exp(-a));
    case SC_ERF: return erf(a);
    case SC_SIN: return sin(a);
    case SC_COS: return cos(a);
    case SC_POW: return pow(a, b);
    case SC_FLOOR: return floor(a);
    case SC_RINT: return rint(a);
    case SC_MIN: return a < b ? a : b;
    case SC_MAX: return a > b ? a : b;
    case SC_FLOORDIV: return floor_divide(t, a, b);
    case SC_MOD: return modulo(t, a, b);
    case SC_EQ: return a == b;
    case SC_NE: return a != b;
    case SC_LT: return a < b;
    case SC_LE: return a <= b;
    case SC_GT: return a > b;
    case SC_GE: return a >= b;
    case SC_AND: return (double)(whole(a) & whole(b));
    case SC_OR: return (double)(whole(a) | whole(b));
    case SC_XOR: return (double)(whole(a) ^ whole(b));
    case SC_NOT: return t == DT_BOOL ? a == 0 : -a - 1;
    case SC_SHL: return shift(t, a, b, 1);
    case SC_SHR: return shift(t, a, b, 0);
    case SC_SELECT: return a != 0 ? b : c;
    case SC_COUNT: break;
    }
    ICE("no such function");
}

/* ---- one element of a node --------------------------------------------------------------------------- */

static double map_element(const Evaluation *e, const Node *n, int64_t i) {
    double v[3] = {0};
    for (int k = 0; k < n->in_count; k++) v[k] = e->values[n->in[k]->id][i];
    return wrap(n->dtype, scalar_value(n->attr.scalar, n->in[0]->dtype, v));
}

static double transpose_element(const Evaluation *e, const Node *n, const Index *p) {
    Index q = {{0}};
    for (int i = 0; i < n->rank; i++) q.at[n->attr.axes[i]] = p->at[i];
    return element(e, n->in[0], &q);
}

static double broadcast_element(const Evaluation *e, const Node *n, const Index *p) {
    Index q = {{0}};
    for (int i = 0; i < n->in[0]->rank; i++) q.at[i] = p->at[n->attr.axes[i]];
    return element(e, n->in[0], &q);
}

static double slice_element(const Evaluation *e, const Node *n, const Index *p) {
    Index q = {{0}};
    for (int i = 0; i < n->rank; i++)
        q.at[i] = extent_of(n->attr.low[i], e->dims) + p->at[i] * n->attr.step[i];
    return element(e, n->in[0], &q);
}

static double pad_element(const Evaluation *e, const Node *n, const Index *p) {
    Index q = {{0}};
    for (int i = 0; i < n->rank; i++) {
        int64_t from_low = p->at[i] - extent_of(n->attr.low[i], e->dims), step = n->attr.step[i] + 1;
        if (from_low < 0 || from_low % step || from_low / step >= e->extents[n->in[0]->id][i])
            return e->values[n->in[1]->id][0];
        q.at[i] = from_low / step;
    }
    return element(e, n->in[0], &q);
}

static double concat_element(const Evaluation *e, const Node *n, const Index *p) {
    Index q = *p;
    int k = 0, axis = n->attr.axis;
    while (q.at[axis] >= e->extents[n->in[k]->id][axis]) q.at[axis] -= e->extents[n->in[k++]->id][axis];
    return element(e, n->in[k], &q);
}

static double reverse_element(const Evaluation *e, const Node *n, const Index *p) {
    Index q = *p;
    q.at[n->attr.axis] = e->extents[n->id][n->attr.axis] - 1 - q.at[n->attr.axis];
    return element(e, n->in[0], &q);
}

/* Joins the elements of the operand first, first + step, .. along the axis; q has the places of the other axes. */
static double joined_element(const Evaluation *e, const Node *n, Index q, int64_t first, int64_t step) {
    const Node *a = n->in[0];
    int64_t count = e->extents[a->id][n->attr.axis];
    static const double start[REDUCE_KIND_COUNT] = {
        [REDUCE_ADD] = 0, [REDUCE_MUL] = 1, [REDUCE_MAX] = -INFINITY, [REDUCE_MIN] = INFINITY,
        [REDUCE_AND] = -1, [REDUCE_OR] = 0, [REDUCE_ARGMAX] = -INFINITY, [REDUCE_ARGMIN] = INFINITY,
    };
    double total = start[n->attr.reduce], at = 0;
    for (int64_t k = first; k < count; k += step) {
        q.at[n->attr.axis] = k;
        double x = element(e, a, &q);
        switch (n->attr.reduce) {
        case REDUCE_ADD: total += x; break;
        case REDUCE_MUL: total *= x; break;
        case REDUCE_AND: total = (double)(whole(total) & whole(x)); break;
        case REDUCE_OR: total = (double)(whole(total) | whole(x)); break;
        case REDUCE_MAX: case REDUCE_ARGMAX:
            if (x > total || (isnan(x) && !isnan(total))) total = x, at = (double)k;
            break;
        case REDUCE_MIN: case REDUCE_ARGMIN:
            if (x < total || (isnan(x) && !isnan(total))) total = x, at = (double)k;
            break;
        case REDUCE_KIND_COUNT: break;
        }
    }
    int is_index = n->attr.reduce == REDUCE_ARGMAX || n->attr.reduce == REDUCE_ARGMIN;
    return wrap(n->dtype, is_index ? at : total);
}

static double reduce_element(const Evaluation *e, const Node *n, const Index *p) {
    Index q = {{0}};
    for (int i = 0; i < n->in[0]->rank; i++) q.at[i] = i == n->attr.axis ? 0 : p->at[i < n->attr.axis ? i : i - 1];
    return joined_element(e, n, q, 0, 1);
}

static int is_among(const int8_t *axes, int count, int axis) {
    for (int i = 0; i < count; i++)
        if (axes[i] == axis) return 1;
    return 0;
}

static double dot_element(const Evaluation *e, const Node *n, const Index *p) {
    const Attributes *d = &n->attr;
    const Node *a = n->in[0], *b = n->in[1];
    Index q = {{0}}, s = {{0}};
    int next = 0;
    for (int i = 0; i < d->batch_count; i++) q.at[d->lhs_batch[i]] = s.at[d->rhs_batch[i]] = p->at[next++];
    for (int i = 0; i < a->rank; i++)
        if (!is_among(d->lhs_batch, d->batch_count, i) && !is_among(d->lhs_contract, d->contract_count, i))
            q.at[i] = p->at[next++];
    for (int i = 0; i < b->rank; i++)
        if (!is_among(d->rhs_batch, d->batch_count, i) && !is_among(d->rhs_contract, d->contract_count, i))
            s.at[i] = p->at[next++];
    int64_t turns = 1;
    for (int i = 0; i < d->contract_count; i++) turns *= e->extents[a->id][d->lhs_contract[i]];
    double total = 0;
    for (int64_t k = 0; k < turns; k++) {
        int64_t rest = k;
        for (int i = d->contract_count - 1; i >= 0; i--) {
            int64_t extent = e->extents[a->id][d->lhs_contract[i]];
            q.at[d->lhs_contract[i]] = s.at[d->rhs_contract[i]] = rest % extent;
            rest /= extent;
        }
        total += element(e, a, &q) * element(e, b, &s);
    }
    return wrap(n->dtype, total);
}

/* The index of x on axis i for result index o and window place k, or -1 where x has none. */
static int64_t met_index(const Evaluation *e, const Node *n, int i, int64_t o, int64_t k) {
    const Attributes *a = &n->attr;
    int is_convolution = n->op == OP_CONVOLUTION;
    int64_t spread = is_convolution ? a->spread[i] : 1, dilation = is_convolution ? a->dilation[i] : 1;
    int64_t at = o * a->step[i] + k * dilation - extent_of(a->low[i], e->dims);
    if (at < 0 || at % spread || at / spread >= e->extents[n->in[0]->id][i]) return -1;
    return at / spread;
}

static double convolution_element(const Evaluation *e, const Node *n, const Index *p) {
    const Node *x = n->in[0], *w = n->in[1];
    int64_t kernels = e->extents[w->id][0] / n->attr.groups, group = p->at[1] / kernels, turns = 1;
    for (int i = 1; i < w->rank; i++) turns *= e->extents[w->id][i];
    double total = 0;
    for (int64_t k = 0; k < turns; k++) {
        Index place = index_of(e, w, p->at[1] * turns + k), q = {{p->at[0]}};
        q.at[1] = group * e->extents[w->id][1] + place.at[1];
        int is_inside = 1;
        for (int i = 2; i < x->rank; i++) {
            q.at[i] = met_index(e, n, i, p->at[i], place.at[i]);
            is_inside = is_inside && q.at[i] >= 0;
        }
        if (is_inside) total += element(e, x, &q) * element(e, w, &place);
    }
    return wrap(n->dtype, total);
}

static double window_element(const Evaluation *e, const Node *n, const Index *p) {
    ReduceKind kind = n->attr.reduce;
    int is_least = kind == REDUCE_MIN || kind == REDUCE_ARGMIN, is_sum = kind == REDUCE_ADD;
    double best = is_sum ? 0 : is_least ? INFINITY : -INFINITY, at = 0;
    int64_t turns = 1;
    for (int i = 0; i < n->rank; i++) turns *= n->attr.window[i];
    for (int64_t k = 0; k < turns; k++) {
        Index q = {{0}};
        int64_t rest = k;
        int is_inside = 1;
        for (int i = n->rank - 1; i >= 0; i--) {
            q.at[i] = met_index(e, n, i, p->at[i], rest % n->attr.window[i]);
            is_inside = is_inside && q.at[i] >= 0;
            rest /= n->attr.window[i];
        }
        if (!is_inside) continue;
        double v = element(e, n->in[0], &q);
        if (is_sum) best += v;
        else if (is_least ? v < best : v > best) best = v, at = (double)k;
    }
    return wrap(n->dtype, kind == REDUCE_ARGMAX || kind == REDUCE_ARGMIN ? at : best);
}

/* Where a place of the gathered rows lies in the table; its place among the ids in `id`. */
static Index row_index(const Evaluation *e, const Node *table, const Node *ids, int axis, const Index *p) {
    Index q = {{0}}, id = {{0}};
    for (int i = 0; i < axis; i++) q.at[i] = p->at[i];
    for (int i = 0; i < ids->rank; i++) id.at[i] = p->at[axis + i];
    for (int i = axis + 1; i < table->rank; i++) q.at[i] = p->at[i + ids->rank - 1];
    q.at[axis] = whole(element(e, ids, &id));
    return q;
}

static void scatter(const Evaluation *e, const Node *n, double *out) {
    const Node *rows = n->in[2];
    memcpy(out, e->values[n->in[0]->id], sizeof *out * (size_t)e->counts[n->id]);
    for (int64_t i = 0; i < e->counts[rows->id]; i++) {
        Index p = index_of(e, rows, i), q = row_index(e, n, n->in[1], n->attr.axis, &p);
        double *to = &out[linear_of(e, n, &q)];
        *to = wrap(n->dtype, n->attr.adds ? *to + e->values[rows->id][i] : e->values[rows->id][i]);
    }
}

/* Philox 4x32-10. */
static uint32_t philox(const uint32_t counter[4], const uint32_t key[2], int word) {
    uint32_t c[4], k[2] = {key[0], key[1]};
    memcpy(c, counter, sizeof c);
    for (int round = 0; round < 10; round++) {
        uint64_t p = (uint64_t)0xD2511F53u * c[0], q = (uint64_t)0xCD9E8D57u * c[2];
        uint32_t next[4] = {(uint32_t)(q >> 32) ^ c[1] ^ k[0], (uint32_t)q, (uint32_t)(p >> 32) ^ c[3] ^ k[1],
                            (uint32_t)p};
        memcpy(c, next, sizeof c);
        k[0] += 0x9E3779B9u;
        k[1] += 0xBB67AE85u;
    }
    return c[word];
}

static double random_element(const Evaluation *e, const Node *n, const Index *p) {
    double *const *v = e->values;
    int64_t first = whole(v[n->in[3]->id][0]), row = 0, column = 0;
    if (n->rank == 1) column = first + p->at[0];
    if (n->rank > 1) {
        column = p->at[n->rank - 1];
        for (int i = 0; i < n->rank - 1; i++) row = row * e->extents[n->id][i] + p->at[i] + (i ? 0 : first);
    }
    uint32_t key[2] = {(uint32_t)v[n->in[0]->id][0] ^ n->attr.site, (uint32_t)v[n->in[0]->id][1]};
    uint32_t counter[4] = {(uint32_t)(column / 4), (uint32_t)row, (uint32_t)whole(v[n->in[1]->id][0]),
                           (uint32_t)whole(v[n->in[2]->id][0])};
    return philox(counter, key, (int)(column % 4));
}

static double gather_element(const Evaluation *e, const Node *n, const Index *p) {
    Index q = row_index(e, n->in[0], n->in[1], n->attr.axis, p);
    return element(e, n->in[0], &q);
}

static double value_at(const Evaluation *e, const Node *n, int64_t i) {
    Index p = index_of(e, n, i);
    switch (n->op) {
    case OP_CONST: return number_at(n, n->attr.is_splat ? 0 : i);
    case OP_DIM_VALUE: return (double)extent_of(n->attr.dim, e->dims);
    case OP_MAP: return map_element(e, n, i);
    case OP_CONVERT: return saturate(n->dtype, e->values[n->in[0]->id][i]);
    case OP_DETACH: case OP_RESHAPE: return e->values[n->in[0]->id][i];
    case OP_TRANSPOSE: return transpose_element(e, n, &p);
    case OP_BROADCAST: return broadcast_element(e, n, &p);
    case OP_SLICE: return slice_element(e, n, &p);
    case OP_PAD: return pad_element(e, n, &p);
    case OP_CONCAT: return concat_element(e, n, &p);
    case OP_REVERSE: return reverse_element(e, n, &p);
    case OP_IOTA: return (double)p.at[n->attr.axis];
    case OP_REDUCE: return reduce_element(e, n, &p);
    case OP_SLOTS: return joined_element(e, n, p, p.at[n->attr.axis], GRAPH_SLOTS);
    case OP_DOT: return dot_element(e, n, &p);
    case OP_CONVOLUTION: return convolution_element(e, n, &p);
    case OP_WINDOW: return window_element(e, n, &p);
    case OP_GATHER: return gather_element(e, n, &p);
    case OP_RANDOM_BITS: return random_element(e, n, &p);
    case OP_INPUT: case OP_SCATTER: case OP_COUNT: break;
    }
    ICE("no evaluation of %s", op_name(n->op));
}

Evaluation graph_evaluate(Arena *arena, const Region *r, const int64_t *dims, const double *const *inputs) {
    Evaluation e = {.region = r, .dims = dims};
    e.values = arena_array(arena, double *, r->nodes.len);
    e.counts = arena_array(arena, int64_t, r->nodes.len);
    e.extents = arena_alloc(arena, sizeof *e.extents * (size_t)r->nodes.len);
    for (int id = 0; id < r->nodes.len; id++) {
        const Node *n = r->nodes.data[id];
        e.counts[id] = node_count(n, dims);
        for (int i = 0; i < n->rank; i++) e.extents[id][i] = extent_of(n->shape[i], dims);
        double *out = arena_array(arena, double, e.counts[id]);
        e.values[id] = out;
        if (n->op == OP_INPUT) memcpy(out, inputs[n->attr.input], sizeof *out * (size_t)e.counts[id]);
        else if (n->op == OP_SCATTER) scatter(&e, n, out);
        else
            for (int64_t i = 0; i < e.counts[id]; i++) out[i] = value_at(&e, n, i);
    }
    return e;
}
