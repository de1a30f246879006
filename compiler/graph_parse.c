/* Reads what graph_print writes; docs/graph.md has the grammar.
 *
 * In: a text with one region.  Out: the region, its nodes numbered anew in their order.  The first mistake
 * ends the reading with one diagnostic.  Shapes are checked by the same rules as the builders', so a text
 * that is accepted is a sound region. */
#include "compiler/op.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Label { /* %number = node */
    long number;
    Node *node;
} Label;

typedef struct GraphText {
    Session *session;
    Arena *arena;
    const Source *source;
    const char *at; /* NUL ends it */
    Region *region;
    Vec(DimName *) names;
    Vec(Label) labels;
    int failed;
} GraphText;

/* ---- characters and words ---------------------------------------------------------------------------- */

static Span here(const GraphText *t) {
    uint32_t offset = t->source->base + (uint32_t)(t->at - t->source->text);
    return (Span){offset, offset + 1};
}

static void fail(GraphText *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void fail(GraphText *t, const char *format, ...) {
    if (t->failed) return;
    t->failed = 1;
    char message[200];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    diag_add(&t->session->diags, here(t), E_GRAPH_TEXT, "%s", message);
}

static void skip_blanks(GraphText *t) {
    for (;; t->at++) {
        if (*t->at == '#')
            while (*t->at && *t->at != '\n') t->at++;
        if (!isspace((unsigned char)*t->at)) return;
    }
}

/* Does `word` come next?  It is then behind us. */
static int accept(GraphText *t, const char *word) {
    skip_blanks(t);
    size_t len = strlen(word);
    if (t->failed || strncmp(t->at, word, len) != 0) return 0;
    if (isalpha((unsigned char)word[len - 1]) && (isalnum((unsigned char)t->at[len]) || t->at[len] == '_'))
        return 0;
    t->at += len;
    return 1;
}

static void expect(GraphText *t, const char *word) {
    if (!accept(t, word)) fail(t, "`%s` was expected", word);
}

static const Symbol *read_name(GraphText *t) {
    skip_blanks(t);
    const char *start = t->at;
    while (isalnum((unsigned char)*t->at) || *t->at == '_' || *t->at == '.') t->at++;
    if (t->at == start) fail(t, "a name was expected");
    return symbol_bytes(&t->session->symbols, start, (size_t)(t->at - start));
}

static const Symbol *read_string(GraphText *t) {
    expect(t, "\"");
    const char *start = t->at;
    while (*t->at && *t->at != '"') t->at++;
    const Symbol *text = symbol_bytes(&t->session->symbols, start, (size_t)(t->at - start));
    expect(t, "\"");
    return text;
}

static long long read_integer(GraphText *t) {
    skip_blanks(t);
    char *end;
    long long value = strtoll(t->at, &end, 10);
    if (end == t->at) fail(t, "a whole number was expected");
    else t->at = end;
    return value;
}

/* Which of `count` names stands here? */
#define NAME_OF(function, Kind) \
    static const char *name_of_##function(int i) { return function((Kind)i); }
NAME_OF(op_name, OpKind)
NAME_OF(scalar_name, ScalarKind)
NAME_OF(reduce_name, ReduceKind)
NAME_OF(input_kind_name, InputKind)

static int read_one_of(GraphText *t, const char *(*name_of)(int), int count, const char *what) {
    const Symbol *name = read_name(t);
    for (int i = 0; i < count; i++)
        if (strcmp(name_of(i), name->text) == 0) return i;
    fail(t, "%s is no %s", name->text, what);
    return 0;
}

/* ---- sizes ------------------------------------------------------------------------------------------- */

static const Dim *read_dim(GraphText *t);

static const Dim *read_two(GraphText *t, const Dim *(*join)(DimTable *, const Dim *, const Dim *)) {
    expect(t, "(");
    const Dim *a = read_dim(t);
    expect(t, ",");
    const Dim *b = read_dim(t);
    expect(t, ")");
    return join(&t->session->dims, a, b);
}

static const Dim *read_named(GraphText *t) {
    const Symbol *name = read_name(t);
    for (int i = 0; i < t->names.len; i++)
        if (t->names.data[i]->name == name) return dim_named(&t->session->dims, t->names.data[i]);
    fail(t, "the size %s is not in the region's head", name->text);
    return dim_constant(&t->session->dims, 1);
}

static const Dim *read_factor(GraphText *t) {
    DimTable *dims = &t->session->dims;
    const Dim *dim;
    if (accept(t, "-")) return dim_sub(dims, dim_constant(dims, 0), read_factor(t));
    if (accept(t, "(")) {
        dim = read_dim(t);
        expect(t, ")");
    } else if (accept(t, "min")) {
        dim = read_two(t, dim_min);
    } else if (accept(t, "max")) {
        dim = read_two(t, dim_max);
    } else if (isdigit((unsigned char)*t->at)) {
        dim = dim_constant(dims, read_integer(t));
    } else {
        dim = read_named(t);
    }
    return accept(t, "**") ? dim_power(dims, dim, (int)read_integer(t)) : dim;
}

static const Dim *read_term(GraphText *t) {
    DimTable *dims = &t->session->dims;
    const Dim *dim = read_factor(t);
    while (!t->failed) {
        if (accept(t, "*")) dim = dim_mul(dims, dim, read_factor(t));
        else if (accept(t, "//")) dim = dim_floor_div(dims, dim, read_factor(t));
        else if (accept(t, "/")) dim = dim_exact_div(dims, dim, read_factor(t));
        else if (accept(t, "%")) dim = dim_mod(dims, dim, read_factor(t));
        else break;
    }
    return dim;
}

static const Dim *read_dim(GraphText *t) {
    DimTable *dims = &t->session->dims;
    const Dim *dim = read_term(t);
    while (!t->failed) {
        if (accept(t, "+")) dim = dim_add(dims, dim, read_term(t));
        else if (accept(t, "-")) dim = dim_sub(dims, dim, read_term(t));
        else break;
    }
    return dim;
}

/* ---- types and numbers ------------------------------------------------------------------------------- */

static Shape read_type(GraphText *t) {
    Shape shape = {.dtype = DT_F32};
    const Symbol *name = read_name(t);
    int dtype = dtype_from_name(name->text);
    if (dtype < 0) fail(t, "%s is no element type", name->text);
    else shape.dtype = (DType)dtype;
    if (!accept(t, "[")) return shape;
    do {
        const Dim *extent = read_dim(t);
        if (shape.rank == GRAPH_MAX_RANK) fail(t, "the rank is above %d", GRAPH_MAX_RANK);
        else shape.extent[shape.rank++] = extent;
    } while (accept(t, ","));
    expect(t, "]");
    return shape;
}

static void read_element(GraphText *t, DType dtype, void *data, size_t i) {
    char *end = NULL;
    skip_blanks(t);
    if (dtype == DT_BOOL) {
        int is_true = accept(t, "true");
        if (!is_true) expect(t, "false");
        ((uint8_t *)data)[i] = (uint8_t)is_true;
        return;
    }
    if (dtype == DT_F32) ((float *)data)[i] = strtof(t->at, &end);
    else if (dtype == DT_F64) ((double *)data)[i] = strtod(t->at, &end);
    if (!end) {
        uint64_t bits = *t->at == '-' ? (uint64_t)strtoll(t->at, &end, 10) : strtoull(t->at, &end, 10);
        int bytes = dtype_bytes(dtype);
        if (bytes == 1) ((uint8_t *)data)[i] = (uint8_t)bits;
        else if (bytes == 2) ((uint16_t *)data)[i] = (uint16_t)bits;
        else if (bytes == 4) ((uint32_t *)data)[i] = (uint32_t)bits;
        else ((uint64_t *)data)[i] = bits;
    }
    if (end == t->at) fail(t, "a number was expected");
    t->at = end;
}

/* ---- nodes ------------------------------------------------------------------------------------------- */

typedef struct NodeText {
    OpKind op;
    Attributes attr;
    Vec(Node *) in;
    Span span;
    InputKind kind; /* of an input */
    const Symbol *path;
    const char *data; /* where the elements of a constant stand: they are read once the dtype is known */
} NodeText;

static Node *read_reference(GraphText *t) {
    expect(t, "%");
    long number = (long)read_integer(t);
    for (int i = t->labels.len - 1; i >= 0; i--)
        if (t->labels.data[i].number == number) return t->labels.data[i].node;
    fail(t, "%%%ld was not defined before", number);
    return NULL;
}

static void read_axes(GraphText *t, NodeText *n) {
    int count = 0;
    do {
        int axis = (int)read_integer(t);
        if (count < GRAPH_MAX_RANK) n->attr.axes[count++] = (int8_t)axis;
    } while (!t->failed && accept(t, ","));
}

static void read_lows(GraphText *t, NodeText *n) {
    int count = 0;
    do {
        const Dim *low = read_dim(t);
        if (count < GRAPH_MAX_RANK) n->attr.low[count++] = low;
    } while (!t->failed && accept(t, ","));
    if (n->in.len && count != n->in.data[0]->rank) fail(t, "one first index per axis is needed");
}

static void read_steps(GraphText *t, const NodeText *n, int64_t *steps) {
    int count = 0;
    do {
        long long step = read_integer(t);
        if (count < GRAPH_MAX_RANK) steps[count++] = step;
    } while (!t->failed && accept(t, ","));
    if (n->in.len && count != n->in.data[0]->rank) fail(t, "one number per axis is needed");
}

static int read_pairs(GraphText *t, int8_t *lhs, int8_t *rhs) {
    int count = 0;
    do {
        int l = (int)read_integer(t);
        expect(t, ",");
        int r = (int)read_integer(t);
        if (count == GRAPH_MAX_RANK) fail(t, "too many pairs");
        if (t->failed) break;
        lhs[count] = (int8_t)l;
        rhs[count++] = (int8_t)r;
        skip_blanks(t);
    } while (isdigit((unsigned char)*t->at));
    return count;
}

static void read_attribute(GraphText *t, NodeText *n) {
    Attributes *a = &n->attr;
    if (accept(t, "axis")) a->axis = (int)read_integer(t);
    else if (accept(t, "axes")) read_axes(t, n);
    else if (accept(t, "low")) read_lows(t, n);
    else if (accept(t, "step")) read_steps(t, n, a->step);
    else if (accept(t, "spread")) read_steps(t, n, a->spread);
    else if (accept(t, "dilation")) read_steps(t, n, a->dilation);
    else if (accept(t, "window")) read_steps(t, n, a->window);
    else if (accept(t, "groups")) a->groups = (int)read_integer(t);
    else if (accept(t, "batch")) a->batch_count = read_pairs(t, a->lhs_batch, a->rhs_batch);
    else if (accept(t, "contract")) a->contract_count = read_pairs(t, a->lhs_contract, a->rhs_contract);
    else if (accept(t, "site")) a->site = (uint32_t)read_integer(t);
    else fail(t, "an attribute was expected");
}

/* Where the operation has no axes, as of a scalar, its list is empty. */
static void read_operands(GraphText *t, NodeText *n) {
    int which = op_info[n->op].attributes;
    skip_blanks(t);
    if (*t->at == '%')
        do {
            Node *operand = read_reference(t);
            if (t->failed) return;
            vec_push(t->arena, &n->in, operand);
        } while (accept(t, ","));
    int is_scalar = n->in.len && n->in.data[0]->rank == 0 && which & (AT_AXES | AT_LOW | AT_STEP);
    while (!t->failed && (accept(t, ";") || *t->at != ')')) {
        if (!is_scalar) read_attribute(t, n);
        else if (!accept(t, "axes") && !accept(t, "low")) expect(t, "step");
    }
}

static void read_inside(GraphText *t, NodeText *n) {
    int which = op_info[n->op].attributes;
    skip_blanks(t);
    if (which & AT_INPUT) {
        n->kind = (InputKind)read_one_of(t, name_of_input_kind_name, INPUT_KIND_COUNT, "kind of input");
        n->path = read_string(t);
    } else if (which & AT_DIM) {
        n->attr.dim = read_dim(t);
    } else if (which & AT_DATA) {
        n->data = t->at;
        while (*t->at && *t->at != ')') t->at++;
    } else {
        read_operands(t, n);
    }
}

static void read_data(GraphText *t, NodeText *n, const Shape *shape) {
    const char *behind = t->at;
    size_t count = 1;
    t->at = n->data;
    n->attr.is_splat = *t->at != '[';
    for (int i = 0; !n->attr.is_splat && i < shape->rank; i++) {
        if (!dim_is_constant(shape->extent[i])) fail(t, "the extents of a constant tensor are constants");
        else count *= (size_t)dim_constant_value(shape->extent[i]);
    }
    if (shape->dtype == DT_F16 || shape->dtype == DT_BF16 || shape->dtype == DT_INDEX || t->failed) {
        fail(t, "there are no constants of this type");
        return;
    }
    void *data = arena_alloc(t->arena, count * 8);
    n->attr.data = data;
    if (!n->attr.is_splat) expect(t, "[");
    for (size_t i = 0; i < count && !t->failed; i++) {
        if (i) expect(t, ",");
        read_element(t, shape->dtype, data, i);
    }
    if (!n->attr.is_splat) expect(t, "]");
    expect(t, ")");
    t->at = behind;
}

static const char *first_mistake(GraphText *t, const NodeText *text, const Shape *shape) {
    int operands = op_info[text->op].operands;
    if (operands >= 0 && text->in.len != operands) return "the number of operands is not the operation's";
    if (operands < 0 && text->in.len == 0) return "an operand is needed";
    Node n = {.op = text->op, .dtype = shape->dtype, .rank = shape->rank, .in = text->in.data,
              .in_count = text->in.len, .attr = text->attr};
    memcpy(n.shape, shape->extent, sizeof n.shape);
    Shape found;
    const char *wrong = op_info[n.op].shape(&t->session->dims, &n, &found);
    if (wrong) return wrong;
    int is_same = found.dtype == shape->dtype && found.rank == shape->rank;
    for (int i = 0; is_same && i < found.rank; i++)
        is_same = dim_same(&t->session->dims, found.extent[i], shape->extent[i]);
    return is_same ? NULL : "this is not the operation's dtype and shape";
}

static Node *finish_node(GraphText *t, NodeText *n) {
    Shape shape = read_type(t);
    if (n->data && !t->failed) read_data(t, n, &shape);
    if (t->failed) return NULL;
    if (n->op == OP_INPUT)
        return graph_input(t->region, n->kind, n->path, shape.dtype, shape.rank, shape.extent, n->span);
    const char *wrong = first_mistake(t, n, &shape);
    if (wrong) {
        fail(t, "%s: %s", op_name(n->op), wrong);
        return NULL;
    }
    return graph_add(t->region, n->op, &n->attr, n->in.data, n->in.len, &shape, n->span);
}

static void read_node(GraphText *t) {
    long number = (long)read_integer(t);
    NodeText n = {.span = here(t)};
    expect(t, "=");
    n.op = (OpKind)read_one_of(t, name_of_op_name, OP_COUNT, "operation");
    int which = op_info[n.op].attributes;
    if (which & (AT_SCALAR | AT_REDUCE | AT_ADDS)) {
        expect(t, "[");
        if (which & AT_SCALAR)
            n.attr.scalar = (ScalarKind)read_one_of(t, name_of_scalar_name, SC_COUNT, "function");
        if (which & AT_REDUCE)
            n.attr.reduce = (ReduceKind)read_one_of(t, name_of_reduce_name, REDUCE_KIND_COUNT, "reduction");
        if (which & AT_ADDS && !(n.attr.adds = accept(t, "add"))) expect(t, "set");
        expect(t, "]");
    }
    expect(t, "(");
    read_inside(t, &n);
    expect(t, ")");
    expect(t, ":");
    Node *node = t->failed ? NULL : finish_node(t, &n);
    if (node) vec_push(t->arena, &t->labels, ((Label){number, node}));
}

/* ---- regions ----------------------------------------------------------------------------------------- */

static void read_result(GraphText *t) {
    InputKind kind = (InputKind)read_one_of(t, name_of_input_kind_name, INPUT_KIND_COUNT, "kind of result");
    const Symbol *path = read_string(t);
    expect(t, "=");
    Node *node = read_reference(t);
    long long alias = accept(t, "alias") ? read_integer(t) : -1;
    if (!t->failed && (alias < -1 || alias >= t->region->inputs.len))
        fail(t, "there is no input %lld", alias);
    if (!t->failed) graph_result(t->region, kind, path, node, (int)alias);
}

static void read_head(GraphText *t) {
    expect(t, "region");
    t->region = region_new(t->session, t->arena, read_name(t));
    expect(t, "(");
    if (accept(t, ")")) return;
    do {
        DimName *name = dim_new_name(&t->session->dims, read_name(t));
        name->is_runtime = 1;
        if (accept(t, "<=")) name->maximum = read_integer(t);
        vec_push(t->arena, &t->names, name);
        vec_push(t->arena, &t->region->dims, name);
    } while (!t->failed && accept(t, ","));
    expect(t, ")");
}

Region *graph_parse(Session *session, Arena *arena, const Source *source) {
    GraphText t = {.session = session, .arena = arena, .source = source, .at = source->text};
    read_head(&t);
    expect(&t, "{");
    while (!t.failed && !accept(&t, "}")) {
        if (accept(&t, "%")) read_node(&t);
        else if (accept(&t, "result")) read_result(&t);
        else fail(&t, "a node, a result or `}` was expected");
    }
    skip_blanks(&t);
    if (*t.at) fail(&t, "the text goes on behind the region");
    return t.failed ? NULL : t.region;
}
