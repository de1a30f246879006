#include "compiler/graph.h"

#include "compiler/op.h"

#include <math.h>
#include <string.h>

Region *region_new(Session *session, Arena *arena, const Symbol *name) {
    Region *r = arena_new(arena, Region);
    r->session = session;
    r->arena = arena;
    r->name = name;
    return r;
}

/* ---- adding a node ----------------------------------------------------------------------------------- */

static void note_name(Region *r, const DimName *name) {
    if (!name->is_runtime && r->is_symbolic) return;
    if (!name->is_runtime) ICE("the size %s has no value in region %s", name->name->text, r->name->text);
    for (int i = 0; i < r->dims.len; i++)
        if (r->dims.data[i] == name) return;
    vec_push(r->arena, &r->dims, name);
}

/* Enters the run-time names of a dim into the region's list. */
static void note_dim(Region *r, const Dim *dim) {
    if (dim->overflowed) ICE("a size overflowed in region %s", r->name->text);
    for (int i = 0; i < dim->term_count; i++) {
        for (int k = 0; k < dim->terms[i].power_count; k++) {
            const DimAtom *atom = dim->terms[i].powers[k].atom;
            if (atom->kind == DIM_NAME) {
                note_name(r, atom->name);
            } else {
                note_dim(r, atom->a);
                note_dim(r, atom->b);
            }
        }
    }
}

static void note_dims(Region *r, const Node *n) {
    for (int i = 0; i < n->rank; i++) {
        note_dim(r, n->shape[i]);
        if (op_info[n->op].attributes & AT_LOW) note_dim(r, n->attr.low[i]);
    }
    if (op_info[n->op].attributes & AT_DIM) note_dim(r, n->attr.dim);
}

_Noreturn static void misuse(Region *r, const Node *n, const char *wrong) {
    Text text = text_new(r->arena);
    for (int i = 0; i < n->in_count; i++) {
        text_printf(&text, "%s%%%u %s[", i ? ", " : "", n->in[i]->id, dtype_name(n->in[i]->dtype));
        for (int k = 0; k < n->in[i]->rank; k++) {
            text_add(&text, k ? ", " : "");
            dim_print(&text, n->in[i]->shape[k]);
        }
        text_add(&text, "]");
    }
    ICE("%s%s%s(%s) in region %s: %s", op_name(n->op), n->op == OP_MAP ? " " : "",
        n->op == OP_MAP ? scalar_name(n->attr.scalar) : "", text_str(&text), r->name->text, wrong);
}

Node *graph_add(Region *r, OpKind op, const Attributes *attr, Node *const *in, int in_count,
                const Shape *given, Span span) {
    Node *n = arena_new(r->arena, Node);
    *n = (Node){.op = op, .in_count = in_count, .id = (uint32_t)r->nodes.len, .span = span,
                .part = r->part, .is_backward = r->is_backward};
    if (attr) n->attr = *attr;
    n->in = arena_array(r->arena, Node *, in_count);
    for (int i = 0; i < in_count; i++) n->in[i] = in[i];
    if (given) {
        if (given->rank > GRAPH_MAX_RANK) misuse(r, n, "the rank is above 8");
        n->dtype = given->dtype;
        n->rank = given->rank;
        for (int i = 0; i < given->rank; i++) n->shape[i] = given->extent[i];
    }
    int operands = op_info[op].operands;
    if (operands >= 0 && operands != in_count) misuse(r, n, "the number of operands is not the operation's");
    Shape found;
    const char *wrong = op_info[op].shape(&r->session->dims, n, &found);
    if (wrong) misuse(r, n, wrong);
    n->dtype = found.dtype;
    n->rank = found.rank;
    for (int i = 0; i < found.rank; i++) n->shape[i] = found.extent[i];
    note_dims(r, n);
    vec_push(r->arena, &r->nodes, n);
    return n;
}

static Shape shape_of(DType dtype, int rank, const Dim *const *extent) {
    Shape shape = {.dtype = dtype, .rank = rank};
    for (int i = 0; i < rank && rank <= GRAPH_MAX_RANK; i++) shape.extent[i] = extent[i];
    return shape;
}

/* ---- sources ----------------------------------------------------------------------------------------- */

Node *graph_input(Region *r, InputKind kind, const Symbol *path, DType dtype, int rank,
                  const Dim *const *shape, Span span) {
    Shape given = shape_of(dtype, rank, shape);
    Node *n = graph_add(r, OP_INPUT, &(Attributes){.input = r->inputs.len}, NULL, 0, &given, span);
    vec_push(r->arena, &r->inputs, ((RegionInput){kind, path, n}));
    return n;
}

void graph_result(Region *r, InputKind kind, const Symbol *path, Node *node, int alias) {
    if (alias >= r->inputs.len) ICE("result %s may alias input %d, which is none", path->text, alias);
    vec_push(r->arena, &r->results, ((RegionResult){kind, path, node, alias}));
}

/* One element of `dtype`; reals round once. */
static void *store_number(Arena *arena, double value, DType dtype) {
    void *data = arena_alloc(arena, 8);
    switch (dtype) {
    case DT_BOOL: *(uint8_t *)data = value != 0; return data;
    case DT_I8: *(int8_t *)data = (int8_t)value; return data;
    case DT_I16: *(int16_t *)data = (int16_t)value; return data;
    case DT_I32: *(int32_t *)data = (int32_t)value; return data;
    case DT_I64: *(int64_t *)data = (int64_t)value; return data;
    case DT_U8: *(uint8_t *)data = (uint8_t)value; return data;
    case DT_U16: *(uint16_t *)data = (uint16_t)value; return data;
    case DT_U32: *(uint32_t *)data = (uint32_t)value; return data;
    case DT_U64: *(uint64_t *)data = (uint64_t)value; return data;
    case DT_F32: *(float *)data = (float)value; return data;
    case DT_F64: *(double *)data = value; return data;
    case DT_F16: case DT_BF16: case DT_INDEX: case DT_COUNT: break;
    }
    ICE("a constant of dtype %s", dtype_name(dtype));
}

/* The nearest number with `digits` bits of mantissa and exponents from `least`; infinite above `largest`. */
static double round_short(double value, int digits, int least, double largest) {
    if (value == 0 || !isfinite(value)) return value;
    int exponent;
    frexp(value, &exponent);
    int unit = (exponent - digits > least ? exponent - digits : least);
    double rounded = ldexp(rint(ldexp(value, -unit)), unit);
    return fabs(rounded) > largest ? copysign(INFINITY, value) : rounded;
}

Node *graph_number(Region *r, double value, DType dtype, int rank, const Dim *const *shape, Span span) {
    if (dtype == DT_F16 ||
        dtype == DT_BF16) { /* the f32 constant already has the value, so convert is exact */
        double rounded =
            dtype == DT_F16 ? round_short(value, 11, -24, 65504) : round_short(value, 8, -133, 0x1.FEp127);
        return graph_convert(r, graph_number(r, rounded, DT_F32, rank, shape, span), dtype, span);
    }
    Shape given = shape_of(dtype, rank, shape);
    Attributes attr = {.data = store_number(r->arena, value, dtype), .is_splat = 1};
    return graph_add(r, OP_CONST, &attr, NULL, 0, &given, span);
}

Node *graph_const(Region *r, DType dtype, int rank, const Dim *const *shape, const void *data, Span span) {
    size_t bytes = (size_t)dtype_bytes(dtype);
    for (int i = 0; i < rank; i++) {
        if (!dim_is_constant(shape[i])) ICE("a constant tensor with an extent that is none");
        bytes *= (size_t)dim_constant_value(shape[i]);
    }
    Shape given = shape_of(dtype, rank, shape);
    Attributes attr = {.data = arena_text(r->arena, data, bytes), .is_splat = rank == 0};
    return graph_add(r, OP_CONST, &attr, NULL, 0, &given, span);
}

Node *graph_dim_value(Region *r, const Dim *dim, DType dtype, Span span) {
    if (dim_is_constant(dim)) {
        int64_t value = dim_constant_value(dim);
        if (dtype == DT_I64) return graph_const(r, DT_I64, 0, NULL, &value, span);
        return graph_number(r, (double)value, dtype, 0, NULL, span);
    }
    Shape given = shape_of(dtype, 0, NULL);
    return graph_add(r, OP_DIM_VALUE, &(Attributes){.dim = dim}, NULL, 0, &given, span);
}

Node *graph_iota(Region *r, DType dtype, int axis, int rank, const Dim *const *shape, Span span) {
    Shape given = shape_of(dtype, rank, shape);
    return graph_add(r, OP_IOTA, &(Attributes){.axis = axis}, NULL, 0, &given, span);
}

Node *graph_random_bits(Region *r, uint32_t site, Node *seed, Node *step, Node *iteration,
                        Node *example0, int rank, const Dim *const *shape, Span span) {
    Shape given = shape_of(DT_U32, rank, shape);
    Node *in[] = {seed, step, iteration, example0};
    return graph_add(r, OP_RANDOM_BITS, &(Attributes){.site = site}, in, 4, &given, span);
}

/* ---- pointwise --------------------------------------------------------------------------------------- */

Node *graph_map(Region *r, ScalarKind f, Node *const *in, Span span) {
    return graph_add(r, OP_MAP, &(Attributes){.scalar = f}, in, scalar_operands(f), NULL, span);
}

static Node *add_map(Region *r, ScalarKind f, Node *const *in, int count, Span span) {
    return graph_add(r, OP_MAP, &(Attributes){.scalar = f}, in, count, NULL, span);
}

Node *graph_map1(Region *r, ScalarKind f, Node *a, Span span) { return add_map(r, f, &a, 1, span); }

Node *graph_map2(Region *r, ScalarKind f, Node *a, Node *b, Span span) {
    return add_map(r, f, (Node *[]){a, b}, 2, span);
}

Node *graph_map3(Region *r, ScalarKind f, Node *a, Node *b, Node *c, Span span) {
    return add_map(r, f, (Node *[]){a, b, c}, 3, span);
}

Node *graph_convert(Region *r, Node *a, DType to, Span span) {
    if (a->dtype == to) return a;
    Shape given = shape_of(to, a->rank, a->shape);
    return graph_add(r, OP_CONVERT, NULL, &a, 1, &given, span);
}

Node *graph_detach(Region *r, Node *a, Span span) { return graph_add(r, OP_DETACH, NULL, &a, 1, NULL, span); }

/* ---- index transformations --------------------------------------------------------------------------- */

Node *graph_reshape(Region *r, Node *a, int rank, const Dim *const *shape, Span span) {
    Shape given = shape_of(a->dtype, rank, shape);
    return graph_add(r, OP_RESHAPE, NULL, &a, 1, &given, span);
}

Node *graph_transpose(Region *r, Node *a, const int8_t *axes, Span span) {
    Attributes attr = {0};
    for (int i = 0; i < a->rank; i++) attr.axes[i] = axes[i];
    return graph_add(r, OP_TRANSPOSE, &attr, &a, 1, NULL, span);
}

Node *graph_broadcast(Region *r, Node *a, const int8_t *axes, int rank, const Dim *const *shape, Span span) {
    Attributes attr = {0};
    for (int i = 0; i < a->rank; i++) attr.axes[i] = axes[i];
    Shape given = shape_of(a->dtype, rank, shape);
    return graph_add(r, OP_BROADCAST, &attr, &a, 1, &given, span);
}

Node *graph_slice(Region *r, Node *a, const Dim *const *low, const int64_t *step,
                  const Dim *const *extent, Span span) {
    Attributes attr = {0};
    for (int i = 0; i < a->rank; i++) {
        attr.low[i] = low ? low[i] : dim_constant(&r->session->dims, 0);
        attr.step[i] = step ? step[i] : 1;
    }
    Shape given = shape_of(a->dtype, a->rank, extent);
    return graph_add(r, OP_SLICE, &attr, &a, 1, &given, span);
}

Node *graph_pad(Region *r, Node *a, Node *value, const Dim *const *low, const int64_t *interior,
                const Dim *const *shape, Span span) {
    Attributes attr = {0};
    for (int i = 0; i < a->rank; i++) {
        attr.low[i] = low ? low[i] : dim_constant(&r->session->dims, 0);
        attr.step[i] = interior ? interior[i] : 0;
    }
    Shape given = shape_of(a->dtype, a->rank, shape);
    return graph_add(r, OP_PAD, &attr, (Node *[]){a, value}, 2, &given, span);
}

Node *graph_concat(Region *r, Node *const *in, int count, int axis, Span span) {
    return graph_add(r, OP_CONCAT, &(Attributes){.axis = axis}, in, count, NULL, span);
}

Node *graph_reverse(Region *r, Node *a, int axis, Span span) {
    return graph_add(r, OP_REVERSE, &(Attributes){.axis = axis}, &a, 1, NULL, span);
}

/* ---- sums, rows by index ----------------------------------------------------------------------------- */

Node *graph_reduce(Region *r, ReduceKind kind, Node *a, int axis, Span span) {
    return graph_add(r, OP_REDUCE, &(Attributes){.reduce = kind, .axis = axis}, &a, 1, NULL, span);
}

Node *graph_slots(Region *r, ReduceKind kind, Node *a, int axis, Span span) {
    return graph_add(r, OP_SLOTS, &(Attributes){.reduce = kind, .axis = axis}, &a, 1, NULL, span);
}

Node *graph_dot(Region *r, Node *a, Node *b, const Attributes *dims, Span span) {
    return graph_add(r, OP_DOT, dims, (Node *[]){a, b}, 2, NULL, span);
}

Node *graph_convolution(Region *r, Node *x, Node *w, const Attributes *attr, const Dim *const *shape, Span span) {
    Shape given = shape_of(x->dtype, x->rank, shape);
    return graph_add(r, OP_CONVOLUTION, attr, (Node *[]){x, w}, 2, &given, span);
}

Node *graph_window(Region *r, Node *x, const Attributes *attr, const Dim *const *shape, Span span) {
    int is_index = attr->reduce == REDUCE_ARGMAX || attr->reduce == REDUCE_ARGMIN;
    Shape given = shape_of(is_index ? DT_I32 : x->dtype, x->rank, shape);
    return graph_add(r, OP_WINDOW, attr, &x, 1, &given, span);
}

Node *graph_gather(Region *r, Node *table, Node *ids, int axis, Span span) {
    return graph_add(r, OP_GATHER, &(Attributes){.axis = axis}, (Node *[]){table, ids}, 2, NULL, span);
}

Node *graph_scatter(Region *r, Node *table, Node *ids, Node *rows, int axis, int adds, Span span) {
    Attributes attr = {.axis = axis, .adds = adds != 0};
    return graph_add(r, OP_SCATTER, &attr, (Node *[]){table, ids, rows}, 3, NULL, span);
}
