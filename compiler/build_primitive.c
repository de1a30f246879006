/* The primitives of the language as graph nodes: one row of `rules` and one function each.  Operands arrive
 * converted; what is left to do here is to broadcast them and to spell the operation out. */
#include "compiler/build_internal.h"

#include <string.h>

typedef Value PrimitiveRule(Builder *b, Frame *frame, const Tx *tx);

/* ---- shared ------------------------------------------------------------------------------------------ */

static Node *argument(Builder *b, Frame *frame, const Tx *tx, int i) {
    return build_node(b, frame, tx->args.data[i]);
}

/* Argument i spread over the result's shape. */
static Node *spread_argument(Builder *b, Frame *frame, const Tx *tx, int i) {
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = build_shape(b, tx->type, shape);
    return build_broadcast(b, argument(b, frame, tx, i), rank, shape, tx->span);
}

static Node *number_like(Builder *b, double value, const Node *like, Span span) {
    return graph_number(b->region, value, like->dtype, like->rank, like->shape, span);
}

static const Dim *constant(Builder *b, int64_t value) { return dim_constant(&b->session->dims, value); }

/* ---- elementwise ------------------------------------------------------------------------------------- */

static const ScalarKind scalar_of[PRIM_COUNT] = {
    [PRIM_ADD] = SC_ADD, [PRIM_SUB] = SC_SUB, [PRIM_MUL] = SC_MUL, [PRIM_DIV] = SC_DIV,
    [PRIM_FLOOR_DIV] = SC_FLOORDIV, [PRIM_MOD] = SC_MOD, [PRIM_NEG] = SC_NEG, [PRIM_EQ] = SC_EQ,
    [PRIM_NE] = SC_NE, [PRIM_LT] = SC_LT, [PRIM_LE] = SC_LE, [PRIM_GT] = SC_GT, [PRIM_GE] = SC_GE,
    [PRIM_AND] = SC_AND, [PRIM_OR] = SC_OR, [PRIM_NOT] = SC_NOT, [PRIM_WHERE] = SC_SELECT,
    [PRIM_MINIMUM] = SC_MIN, [PRIM_MAXIMUM] = SC_MAX, [PRIM_ABS] = SC_ABS, [PRIM_SIGN] = SC_SIGN,
    [PRIM_SQRT] = SC_SQRT, [PRIM_EXP] = SC_EXP, [PRIM_EXPM1] = SC_EXPM1, [PRIM_LOG] = SC_LOG,
    [PRIM_LOG1P] = SC_LOG1P, [PRIM_TANH] = SC_TANH, [PRIM_SIGMOID] = SC_SIGMOID, [PRIM_ERF] = SC_ERF,
    [PRIM_SIN] = SC_SIN, [PRIM_COS] = SC_COS, [PRIM_FLOOR] = SC_FLOOR, [PRIM_ROUND] = SC_RINT,
};

static Value elementwise(Builder *b, Frame *frame, const Tx *tx) {
    Node *in[3];
    for (int i = 0; i < tx->args.len; i++) in[i] = spread_argument(b, frame, tx, i);
    return value_of(graph_map(b->region, scalar_of[tx->primitive], in, tx->span));
}

/* The whole number that an exponent is, when it is written as one of at most 16; else 0. */
static int small_exponent(const Tx *tx) {
    while (tx->kind == T_CONVERT) tx = tx->args.data[0];
    int is_negated = tx->kind == T_PRIMITIVE && tx->primitive == PRIM_NEG;
    if (is_negated) tx = tx->args.data[0];
    while (tx->kind == T_CONVERT) tx = tx->args.data[0];
    if (tx->kind != T_NUMBER) return 0;
    double value = dtype_is_float(tx->type->dtype) ? tx->real : (double)tx->integer;
    int whole = value >= 1 && value <= 16 && value == (int)value ? (int)value : 0;
    return is_negated ? -whole : whole;
}

/* x**n for whole n is multiplication, from the highest bit of n down: x**5 is ((x*x)*(x*x))*x; x**-n is 1/x**n. */
static Node *whole_power(Builder *b, Node *x, int n, Span span) {
    int bit = 1;
    while (bit * 2 <= n) bit *= 2;
    Node *y = x;
    for (bit /= 2; bit; bit /= 2) {
        y = graph_map2(b->region, SC_MUL, y, y, span);
        if (n & bit) y = graph_map2(b->region, SC_MUL, y, x, span);
    }
    return y;
}

static Value power(Builder *b, Frame *frame, const Tx *tx) {
    Node *x = spread_argument(b, frame, tx, 0);
    int n = small_exponent(tx->args.data[1]);
    if (n > 0) return value_of(whole_power(b, x, n, tx->span));
    if (n < 0)
        return value_of(graph_map2(b->region, SC_DIV, number_like(b, 1, x, tx->span),
                                   whole_power(b, x, -n, tx->span), tx->span));
    return value_of(graph_map2(b->region, SC_POW, x, spread_argument(b, frame, tx, 1), tx->span));
}

static Value detach(Builder *b, Frame *frame, const Tx *tx) {
    return value_of(graph_detach(b->region, argument(b, frame, tx, 0), tx->span));
}

/* ---- products ---------------------------------------------------------------------------------------- */

/* a @ b with more than two axes on the right: both sides get the leading axes of the result. */
static Node *batched_matmul(Builder *b, Node *x, Node *y, const Tx *tx) {
    const Dim *shape[GRAPH_MAX_RANK];
    int batch = tx->type->rank - (x->rank > 1 ? 2 : 1);
    for (int i = 0; i < batch; i++) shape[i] = build_dim(b, tx->type->axes[i].dim);
    Attributes dims = {.batch_count = batch, .contract_count = 1};
    for (int i = 0; i < batch; i++) dims.lhs_batch[i] = dims.rhs_batch[i] = (int8_t)i;
    int rows = x->rank > 1 ? 2 : 1;
    for (int i = 0; i < rows; i++) shape[batch + i] = x->shape[x->rank - rows + i];
    x = build_broadcast(b, x, batch + rows, shape, tx->span);
    for (int i = 0; i < 2; i++) shape[batch + i] = y->shape[y->rank - 2 + i];
    y = build_broadcast(b, y, batch + 2, shape, tx->span);
    dims.lhs_contract[0] = (int8_t)(x->rank - 1);
    dims.rhs_contract[0] = (int8_t)(y->rank - 2);
    return graph_dot(b->region, x, y, &dims, tx->span);
}

static Value matmul(Builder *b, Frame *frame, const Tx *tx) {
    Node *x = argument(b, frame, tx, 0), *y = argument(b, frame, tx, 1);
    y = build_with_axis(b, y, y->rank > 1 ? y->rank - 2 : 0, x->shape[x->rank - 1], tx->span);
    if (y->rank > 2) return value_of(batched_matmul(b, x, y, tx));
    Attributes dims = {.contract_count = 1};
    dims.lhs_contract[0] = (int8_t)(x->rank - 1);
    return value_of(graph_dot(b->region, x, y, &dims, tx->span));
}

/* ---- reductions -------------------------------------------------------------------------------------- */

static int by_number_down(const int *axes, int count, int before) {
    int next = -1;
    for (int i = 0; i < count; i++)
        if (axes[i] < before && axes[i] > next) next = axes[i];
    return next;
}

/* One axis at a time, the innermost first (docs/numerics.md). */
static Node *reduce_axes(Builder *b, Node *x, ReduceKind kind, const TStatics *statics, Span span) {
    for (int axis = x->rank;;) {
        axis = by_number_down(statics->axes.data, statics->axes.len, axis);
        if (axis < 0) return x;
        x = graph_reduce(b->region, kind, x, axis, span);
    }
}

Node *build_shaped_as(Builder *b, Node *x, const Type *type, Span span) {
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = build_shape(b, type, shape);
    return x->rank == rank ? x : graph_reshape(b->region, x, rank, shape, span);
}

static const ReduceKind reduce_of[PRIM_COUNT] = {
    [PRIM_SUM] = REDUCE_ADD, [PRIM_MEAN] = REDUCE_ADD, [PRIM_MAX] = REDUCE_MAX, [PRIM_MIN] = REDUCE_MIN,
    [PRIM_ANY] = REDUCE_OR, [PRIM_ALL] = REDUCE_AND, [PRIM_ARGMAX] = REDUCE_ARGMAX,
    [PRIM_ARGMIN] = REDUCE_ARGMIN,
};

/* The mean over the listed axes, which are gone. */
static Node *mean_over(Builder *b, Node *x, const TStatics *statics, Span span) {
    Node *sum = reduce_axes(b, x, REDUCE_ADD, statics, span);
    const Dim *count = constant(b, 1);
    for (int i = 0; i < statics->axes.len; i++)
        count = dim_mul(&b->session->dims, count, x->shape[statics->axes.data[i]]);
    Node *n = graph_dim_value(b->region, count, sum->dtype, span);
    return graph_map2(b->region, SC_DIV, sum, build_broadcast(b, n, sum->rank, sum->shape, span), span);
}

static Value reduction(Builder *b, Frame *frame, const Tx *tx) {
    Node *x = argument(b, frame, tx, 0);
    if (tx->primitive == PRIM_ARGMAX || tx->primitive == PRIM_ARGMIN)
        build_element(b, x->shape[tx->statics->axes.data[0]], tx->span);
    Node *y = tx->primitive == PRIM_MEAN ? mean_over(b, x, tx->statics, tx->span)
                                         : reduce_axes(b, x, reduce_of[tx->primitive], tx->statics, tx->span);
    return value_of(build_shaped_as(b, y, tx->type, tx->span));
}

/* The root of the mean squared distance from the mean. */
static Value deviation(Builder *b, Frame *frame, const Tx *tx) {
    Node *x = argument(b, frame, tx, 0), *mean = mean_over(b, x, tx->statics, tx->span);
    int8_t axes[GRAPH_MAX_RANK];
    for (int i = 0, n = 0; i < x->rank; i++) {
        int is_reduced = 0;
        for (int k = 0; k < tx->statics->axes.len; k++) is_reduced |= tx->statics->axes.data[k] == i;
        if (!is_reduced) axes[n++] = (int8_t)i;
    }
    mean = graph_broadcast(b->region, mean, axes, x->rank, x->shape, tx->span);
    Node *off = graph_map2(b->region, SC_SUB, x, mean, tx->span);
    Node *variance = mean_over(b, graph_map2(b->region, SC_MUL, off, off, tx->span), tx->statics, tx->span);
    return value_of(build_shaped_as(b, graph_map1(b->region, SC_SQRT, variance, tx->span), tx->type, tx->span));
}

/* ---- shape ------------------------------------------------------------------------------------------- */

static Value reshape(Builder *b, Frame *frame, const Tx *tx) {
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = build_shape(b, tx->type, shape);
    Node *x = argument(b, frame, tx, 0);
    DimTable *t = &b->session->dims;
    const Dim *before = dim_constant(t, 1), *after = before;
    for (int i = 0; i < x->rank; i++) before = dim_mul(t, before, x->shape[i]);
    for (int i = 0; i < rank; i++) after = dim_mul(t, after, shape[i]);
    build_equal(b, before, after, tx->span);
    return value_of(graph_reshape(b->region, x, rank, shape, tx->span));
}

static Value transpose(Builder *b, Frame *frame, const Tx *tx) {
    int8_t axes[GRAPH_MAX_RANK];
    for (int i = 0; i < tx->statics->axes.len; i++) axes[i] = (int8_t)tx->statics->axes.data[i];
    return value_of(graph_transpose(b->region, argument(b, frame, tx, 0), axes, tx->span));
}

/* The operands of concat and stack: the arguments, or the items of the one tuple. */
static int list_operands(Builder *b, Frame *frame, const Tx *tx, Node ***operands) {
    Value first = build_value(b, frame, tx->args.data[0]);
    int is_tuple = first.kind == VALUE_TUPLE, count = is_tuple ? first.count : tx->args.len;
    *operands = arena_array(b->arena, Node *, count);
    for (int i = 0; i < count; i++)
        (*operands)[i] = is_tuple ? first.items[i].node : argument(b, frame, tx, i);
    return count;
}

static Value concat(Builder *b, Frame *frame, const Tx *tx) {
    Node **operands;
    int count = list_operands(b, frame, tx, &operands), axis = tx->statics->axes.data[0];
    for (int i = 1; i < count; i++) {
        const Dim *shape[GRAPH_MAX_RANK];
        for (int k = 0; k < operands[i]->rank; k++) shape[k] = operands[k == axis ? i : 0]->shape[k];
        operands[i] = build_with_sizes(b, operands[i], shape, tx->span);
    }
    return value_of(graph_concat(b->region, operands, count, axis, tx->span));
}

static Value stack(Builder *b, Frame *frame, const Tx *tx) {
    Node **operands;
    int count = list_operands(b, frame, tx, &operands), axis = tx->statics->axes.data[0];
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = build_shape(b, tx->type, shape);
    shape[axis] = constant(b, 1);
    for (int i = 1; i < count; i++) operands[i] = build_with_sizes(b, operands[i], operands[0]->shape, tx->span);
    for (int i = 0; i < count; i++) operands[i] = graph_reshape(b->region, operands[i], rank, shape, tx->span);
    return value_of(graph_concat(b->region, operands, count, axis, tx->span));
}

static Value unstack(Builder *b, Frame *frame, const Tx *tx) {
    Node *x = argument(b, frame, tx, 0);
    Value *items = arena_array(b->arena, Value, tx->type->count);
    for (int i = 0; i < tx->type->count; i++)
        items[i] = value_of(build_pick(b, x, tx->statics->axes.data[0], constant(b, i), tx->span));
    return (Value){.kind = VALUE_TUPLE, .items = items, .count = tx->type->count};
}

static Value reverse(Builder *b, Frame *frame, const Tx *tx) {
    Node *x = argument(b, frame, tx, 0);
    for (int i = 0; i < tx->statics->axes.len; i++)
        x = graph_reverse(b->region, x, tx->statics->axes.data[i], tx->span);
    return value_of(x);
}

static Value pad(Builder *b, Frame *frame, const Tx *tx) {
    Node *x = argument(b, frame, tx, 0);
    const Dim *low[GRAPH_MAX_RANK], *shape[GRAPH_MAX_RANK];
    build_shape(b, tx->type, shape);
    for (int i = 0; i < x->rank; i++) low[i] = i == tx->statics->axes.data[0] ? build_dim(b, tx->statics->dims.data[0]) : constant(b, 0);
    return value_of(graph_pad(b->region, x, argument(b, frame, tx, 1), low, NULL, shape, tx->span));
}

static Value segment_sum(Builder *b, Frame *frame, const Tx *tx) {
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = build_shape(b, tx->type, shape);
    Node *rows = argument(b, frame, tx, 0);
    Node *zeros = graph_number(b->region, 0, rows->dtype, rank, shape, tx->span);
    Node *ids = build_with_sizes(b, argument(b, frame, tx, 1), rows->shape, tx->span);
    return value_of(graph_scatter(b->region, zeros, ids, rows, 0, 1, tx->span));
}

/* ---- creation ---------------------------------------------------------------------------------------- */

static Value full(Builder *b, Frame *frame, const Tx *tx) { return value_of(spread_argument(b, frame, tx, 0)); }

static Value iota(Builder *b, Frame *frame, const Tx *tx) {
    (void)frame;
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = build_shape(b, tx->type, shape);
    return value_of(graph_iota(b->region, DT_I32, 0, rank, shape, tx->span));
}

static uint32_t site_of(const Frame *frame, const Tx *tx, const char *part) {
    uint32_t hash = symbol_hash(symbol_hash_start, frame->site, strlen(frame->site));
    if (tx->site) hash = symbol_hash(hash, tx->site->text, tx->site->len);
    return symbol_hash(hash, part, strlen(part));
}

static Node *random_bits(Builder *b, Frame *frame, const Tx *tx, const char *part) {
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = build_shape(b, tx->type, shape);
    Node *iteration = graph_number(b->region, (double)b->iteration, DT_I64, 0, NULL, tx->span);
    return graph_random_bits(b->region, site_of(frame, tx, part), build_seed(b), build_step_number(b), iteration,
                             build_example0(b), rank, shape, tx->span);
}

static Node *shift_right(Builder *b, Node *bits, int count, Span span) {
    return graph_map2(b->region, SC_SHR, bits, number_like(b, count, bits, span), span);
}

/* [0, 1): the upper 24 bits of one word times 2^-24; for f64 53 bits of two words times 2^-53. */
static Value uniform(Builder *b, Frame *frame, const Tx *tx) {
    DType dtype = build_dtype(b, tx->type);
    Region *r = b->region;
    if (dtype != DT_F64) {
        Node *bits = shift_right(b, random_bits(b, frame, tx, ""), 8, tx->span);
        Node *number = graph_convert(r, bits, dtype, tx->span);
        return value_of(graph_map2(r, SC_MUL, number, number_like(b, 0x1p-24, number, tx->span), tx->span));
    }
    Node *high = graph_convert(r, shift_right(b, random_bits(b, frame, tx, ""), 5, tx->span), DT_F64, tx->span);
    Node *low = graph_convert(r, shift_right(b, random_bits(b, frame, tx, "low"), 6, tx->span), DT_F64, tx->span);
    Node *sum = graph_map2(r, SC_ADD, graph_map2(r, SC_MUL, high, number_like(b, 0x1p26, high, tx->span), tx->span),
                           low, tx->span);
    return value_of(graph_map2(r, SC_MUL, sum, number_like(b, 0x1p-53, sum, tx->span), tx->span));
}

/* 0 .. V-1: the upper half of word * V (Lemire 2019, without the rejection: the bias is below V / 2^32). */
static Value random_index(Builder *b, Frame *frame, const Tx *tx) {
    Node *word = graph_convert(b->region, random_bits(b, frame, tx, ""), DT_U64, tx->span);
    Node *bound = graph_dim_value(b->region, build_bound(b, tx->type), DT_U64, tx->span);
    bound = build_broadcast(b, bound, word->rank, word->shape, tx->span);
    Node *product = graph_map2(b->region, SC_MUL, word, bound, tx->span);
    return value_of(graph_convert(b->region, shift_right(b, product, 32, tx->span), DT_I32, tx->span));
}

/* [a, b, c]: rows along a new first axis. */
static Value tensor(Builder *b, Frame *frame, const Tx *tx) {
    const Dim *shape[GRAPH_MAX_RANK];
    int rank = build_shape(b, tx->type, shape);
    shape[0] = constant(b, 1);
    Node **rows = arena_array(b->arena, Node *, tx->args.len);
    for (int i = 0; i < tx->args.len; i++)
        rows[i] = graph_reshape(b->region, argument(b, frame, tx, i), rank, shape, tx->span);
    return value_of(graph_concat(b->region, rows, tx->args.len, 0, tx->span));
}

static PrimitiveRule *const rules[PRIM_COUNT] = {
    [PRIM_ADD] = elementwise, [PRIM_SUB] = elementwise, [PRIM_MUL] = elementwise, [PRIM_DIV] = elementwise,
    [PRIM_FLOOR_DIV] = elementwise, [PRIM_MOD] = elementwise, [PRIM_POWER] = power, [PRIM_NEG] = elementwise,
    [PRIM_EQ] = elementwise, [PRIM_NE] = elementwise, [PRIM_LT] = elementwise, [PRIM_LE] = elementwise,
    [PRIM_GT] = elementwise, [PRIM_GE] = elementwise, [PRIM_AND] = elementwise, [PRIM_OR] = elementwise,
    [PRIM_NOT] = elementwise, [PRIM_WHERE] = elementwise, [PRIM_MINIMUM] = elementwise,
    [PRIM_MAXIMUM] = elementwise, [PRIM_ABS] = elementwise, [PRIM_SIGN] = elementwise, [PRIM_SQRT] = elementwise,
    [PRIM_EXP] = elementwise, [PRIM_EXPM1] = elementwise, [PRIM_LOG] = elementwise, [PRIM_LOG1P] = elementwise,
    [PRIM_TANH] = elementwise, [PRIM_SIGMOID] = elementwise, [PRIM_ERF] = elementwise, [PRIM_SIN] = elementwise,
    [PRIM_COS] = elementwise, [PRIM_FLOOR] = elementwise, [PRIM_ROUND] = elementwise, [PRIM_DETACH] = detach,
    [PRIM_MATMUL] = matmul, [PRIM_EINSUM] = build_einsum, [PRIM_CONVOLUTION] = build_convolution,
    [PRIM_WINDOW_MAX] = build_window, [PRIM_WINDOW_SUM] = build_window, [PRIM_SUM] = reduction, [PRIM_MEAN] = reduction,
    [PRIM_MAX] = reduction, [PRIM_MIN] = reduction, [PRIM_ANY] = reduction, [PRIM_ALL] = reduction,
    [PRIM_STD] = deviation, [PRIM_CUMSUM] = build_cumsum, [PRIM_SORT] = build_sort, [PRIM_ARGSORT] = build_sort,
    [PRIM_TOP_K] = build_top_k, [PRIM_ARGMAX] = reduction, [PRIM_ARGMIN] = reduction, [PRIM_RESHAPE] = reshape, [PRIM_FLATTEN] = reshape,
    [PRIM_TRANSPOSE] = transpose, [PRIM_CONCAT] = concat, [PRIM_STACK] = stack, [PRIM_UNSTACK] = unstack,
    [PRIM_REVERSE] = reverse, [PRIM_PAD] = pad, [PRIM_INDEX] = build_indexing, [PRIM_SET] = build_set,
    [PRIM_SEGMENT_SUM] = segment_sum, [PRIM_TOTAL] = build_total, [PRIM_FLAT] = build_flat, [PRIM_LIKE] = build_like,
    [PRIM_FRESH] = build_fresh, [PRIM_FULL] = full,
    [PRIM_IOTA] = iota, [PRIM_UNIFORM] = uniform, [PRIM_RANDOM_INDEX] = random_index, [PRIM_TENSOR] = tensor,
};

/* ---- f16 and bf16 ------------------------------------------------------------------------------------ */

static int is_half(const Type *type) {
    return type->kind == TY_TENSOR && (type->dtype == DT_F16 || type->dtype == DT_BF16);
}

/* What only moves elements takes any type; the graph computes with no half floats. */
static int only_moves(PrimitiveKind kind) {
    static const char moves[PRIM_COUNT] = {
        [PRIM_DETACH] = 1, [PRIM_RESHAPE] = 1, [PRIM_FLATTEN] = 1, [PRIM_TRANSPOSE] = 1, [PRIM_CONCAT] = 1,
        [PRIM_STACK] = 1, [PRIM_UNSTACK] = 1, [PRIM_REVERSE] = 1, [PRIM_INDEX] = 1, [PRIM_FULL] = 1, [PRIM_TENSOR] = 1,
        [PRIM_TOTAL] = 1, [PRIM_FLAT] = 1, [PRIM_LIKE] = 1, [PRIM_FRESH] = 1,
    };
    return moves[kind];
}

static const Type *in_single(Builder *b, const Type *type) {
    if (!is_half(type)) return type;
    Type *single = arena_new(b->arena, Type);
    *single = *type;
    single->dtype = DT_F32;
    return single;
}

/* The same primitive over f32: half operands converted, half results in f32; tx itself where nothing is half. */
static const Tx *computed_in_single(Builder *b, const Tx *tx) {
    int has_half = is_half(tx->type);
    for (int i = 0; i < tx->args.len; i++) has_half |= is_half(tx->args.data[i]->type);
    if (!has_half || only_moves(tx->primitive)) return tx;
    Tx *single = arena_new(b->arena, Tx);
    *single = *tx;
    single->type = in_single(b, tx->type);
    single->args.data = NULL;
    single->args.len = single->args.cap = 0;
    for (int i = 0; i < tx->args.len; i++) {
        const Tx *arg = tx->args.data[i];
        if (is_half(arg->type)) {
            Tx *convert = arena_new(b->arena, Tx);
            *convert = (Tx){.kind = T_CONVERT, .type = in_single(b, arg->type), .span = arg->span};
            vec_push(b->arena, &convert->args, arg);
            arg = convert;
        }
        vec_push(b->arena, &single->args, arg);
    }
    return single;
}

static Value rounded_to(Builder *b, Value value, const Type *type, Span span) {
    if (value.kind == VALUE_TENSOR && is_half(type)) return value_of(graph_convert(b->region, value.node, type->dtype, span));
    if (value.kind != VALUE_TUPLE) return value;
    Value *items = arena_array(b->arena, Value, value.count);
    for (int i = 0; i < value.count; i++) items[i] = rounded_to(b, value.items[i], type->fields[i].type, span);
    return (Value){.kind = VALUE_TUPLE, .items = items, .count = value.count};
}

Value build_primitive(Builder *b, Frame *frame, const Tx *tx) {
    PrimitiveRule *rule = rules[tx->primitive];
    if (!rule) ICE("primitive %s has no row in build_primitive.c", primitive_name(tx->primitive));
    const Tx *single = computed_in_single(b, tx);
    Value value = rule(b, frame, single);
    return single == tx ? value : rounded_to(b, value, tx->type, tx->span);
}
