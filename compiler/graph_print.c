/* A region as text, one line a node; graph_parse.c reads it back. */
#include "compiler/op.h"

#include <math.h>

static void print_real(Text *out, double value, int digits) {
    if (isnan(value)) text_add(out, "nan");
    else if (isinf(value)) text_add(out, value < 0 ? "-inf" : "inf");
    else text_printf(out, "%.*g", digits, value);
}

static void print_element(Text *out, const Node *n, size_t i) {
    const void *data = n->attr.data;
    switch (n->dtype) {
    case DT_BOOL: text_add(out, ((const uint8_t *)data)[i] ? "true" : "false"); return;
    case DT_I8: text_printf(out, "%d", ((const int8_t *)data)[i]); return;
    case DT_I16: text_printf(out, "%d", ((const int16_t *)data)[i]); return;
    case DT_I32: text_printf(out, "%d", ((const int32_t *)data)[i]); return;
    case DT_I64: text_printf(out, "%lld", (long long)((const int64_t *)data)[i]); return;
    case DT_U8: text_printf(out, "%u", ((const uint8_t *)data)[i]); return;
    case DT_U16: text_printf(out, "%u", ((const uint16_t *)data)[i]); return;
    case DT_U32: text_printf(out, "%u", ((const uint32_t *)data)[i]); return;
    case DT_U64: text_printf(out, "%llu", (unsigned long long)((const uint64_t *)data)[i]); return;
    case DT_F32: print_real(out, (double)((const float *)data)[i], 9); return;
    case DT_F64: print_real(out, ((const double *)data)[i], 17); return;
    case DT_F16: case DT_BF16: case DT_INDEX: case DT_COUNT: break;
    }
    ICE("a constant of dtype %s", dtype_name(n->dtype));
}

static void print_constant(Text *out, const Node *n) {
    if (n->attr.is_splat) {
        print_element(out, n, 0);
        return;
    }
    size_t count = const_bytes(n) / (size_t)dtype_bytes(n->dtype);
    text_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i) text_add(out, ", ");
        print_element(out, n, i);
    }
    text_char(out, ']');
}

static void print_type(Text *out, const Node *n) {
    text_add(out, dtype_name(n->dtype));
    for (int i = 0; i < n->rank; i++) {
        text_add(out, i ? ", " : "[");
        dim_print(out, n->shape[i]);
    }
    if (n->rank) text_char(out, ']');
}

static void print_pairs(Text *out, const char *word, const int8_t *lhs, const int8_t *rhs, int count) {
    text_printf(out, "; %s", word);
    for (int i = 0; i < count; i++) text_printf(out, " %d,%d", lhs[i], rhs[i]);
}

static void print_steps(Text *out, const char *word, const int64_t *steps, int rank) {
    text_printf(out, "; %s", word);
    for (int i = 0; i < rank; i++) text_printf(out, "%s %lld", i ? "," : "", (long long)steps[i]);
}

static void print_attributes(Text *out, const Region *r, const Node *n) {
    int which = op_info[n->op].attributes, rank = n->in_count ? n->in[0]->rank : 0;
    const Attributes *a = &n->attr;
    if (which & AT_INPUT) {
        const RegionInput *input = &r->inputs.data[a->input];
        text_printf(out, "%s \"%s\"", input_kind_name(input->kind), input->path->text);
    }
    if (which & AT_DATA) print_constant(out, n);
    if (which & AT_DIM) dim_print(out, a->dim);
    if (which & AT_AXIS) text_printf(out, "%saxis %d", n->in_count ? "; " : "", a->axis);
    if (which & AT_AXES) text_add(out, "; axes");
    for (int i = 0; which & AT_AXES && i < rank; i++) text_printf(out, "%s %d", i ? "," : "", a->axes[i]);
    if (which & AT_LOW) text_add(out, "; low");
    for (int i = 0; which & AT_LOW && i < rank; i++) {
        text_add(out, i ? ", " : " ");
        dim_print(out, a->low[i]);
    }
    if (which & AT_STEP) print_steps(out, "step", a->step, rank);
    if (which & AT_WINDOW) print_steps(out, "window", a->window, rank);
    if (which & AT_CONVOLUTION) {
        print_steps(out, "spread", a->spread, rank);
        print_steps(out, "dilation", a->dilation, rank);
        text_printf(out, "; groups %d", a->groups);
    }
    if (which & AT_DOT) {
        if (a->batch_count) print_pairs(out, "batch", a->lhs_batch, a->rhs_batch, a->batch_count);
        print_pairs(out, "contract", a->lhs_contract, a->rhs_contract, a->contract_count);
    }
    if (which & AT_SITE) text_printf(out, "; site %u", a->site);
}

static void print_name(Text *out, const Node *n) {
    int which = op_info[n->op].attributes;
    text_add(out, op_name(n->op));
    if (which & AT_SCALAR) text_printf(out, "[%s]", scalar_name(n->attr.scalar));
    if (which & AT_REDUCE) text_printf(out, "[%s]", reduce_name(n->attr.reduce));
    if (which & AT_ADDS) text_printf(out, "[%s]", n->attr.adds ? "add" : "set");
}

static void print_node(Text *out, const Region *r, const Node *n) {
    text_printf(out, "%%%u = ", n->id);
    print_name(out, n);
    text_char(out, '(');
    for (int i = 0; i < n->in_count; i++) text_printf(out, "%s%%%u", i ? ", " : "", n->in[i]->id);
    print_attributes(out, r, n);
    text_add(out, "): ");
    print_type(out, n);
    text_char(out, '\n');
}

static void print_result(Text *out, const RegionResult *result) {
    text_printf(out, "result %s \"%s\" = %%%u", input_kind_name(result->kind), result->path->text,
                result->node->id);
    if (result->alias >= 0) text_printf(out, " alias %d", result->alias);
    text_char(out, '\n');
}

void graph_print(Text *out, const Region *r) {
    text_printf(out, "region %s(", r->name->text);
    for (int i = 0; i < r->dims.len; i++) {
        text_printf(out, "%s%s", i ? ", " : "", r->dims.data[i]->name->text);
        if (r->dims.data[i]->maximum) text_printf(out, " <= %lld", (long long)r->dims.data[i]->maximum);
    }
    text_add(out, ") {\n");
    out->indent++;
    for (int i = 0; i < r->nodes.len; i++) print_node(out, r, r->nodes.data[i]);
    for (int i = 0; i < r->results.len; i++) print_result(out, &r->results.data[i]);
    out->indent--;
    text_add(out, "}\n");
}
