/* Every invariant of graph.h, checked node by node with the same shape rules that the builders use. */
#include "compiler/op.h"

#include <stdarg.h>
#include <stdio.h>

_Noreturn static void broken(const Region *r, const char *pass, const Node *n, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

_Noreturn static void broken(const Region *r, const char *pass, const Node *n, const char *format, ...) {
    Arena arena = {0};
    Text dump = text_new(&arena);
    char message[256], where[32] = "";
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (n) snprintf(where, sizeof where, " at %%%u", n->id);
    graph_print(&dump, r);
    ICE("region %s is broken after pass '%s'%s: %s\n%s", r->name->text, pass, where, message,
        text_str(&dump));
}

static void verify_operands(const Region *r, const Node *n, const char *pass) {
    int operands = op_info[n->op].operands;
    if (operands >= 0 && n->in_count != operands)
        broken(r, pass, NULL, "%%%u has %d operands", n->id, n->in_count);
    for (int i = 0; i < n->in_count; i++) {
        const Node *a = n->in[i];
        if (a->id >= n->id || r->nodes.data[a->id] != a)
            broken(r, pass, NULL, "operand %d of %%%u does not stand before it", i, n->id);
    }
}

static void verify_shape(const Region *r, const Node *n, const char *pass) {
    DimTable *dims = &r->session->dims;
    Shape found;
    const char *wrong = op_info[n->op].shape(dims, n, &found);
    if (wrong) broken(r, pass, n, "%s", wrong);
    if (found.dtype != n->dtype)
        broken(r, pass, n, "dtype %s should be %s", dtype_name(n->dtype), dtype_name(found.dtype));
    if (found.rank != n->rank) broken(r, pass, n, "rank %d should be %d", n->rank, found.rank);
    for (int i = 0; i < n->rank; i++)
        if (!dim_same(dims, found.extent[i], n->shape[i]))
            broken(r, pass, n, "the extent of axis %d is wrong", i);
}

static void verify_input(const Region *r, const Node *n, const char *pass) {
    int input = n->attr.input;
    if (input < 0 || input >= r->inputs.len || r->inputs.data[input].node != n)
        broken(r, pass, NULL, "%%%u is not the node of input %d", n->id, input);
}

static int is_in_region(const Region *r, const Node *n) {
    return n->id < (uint32_t)r->nodes.len && r->nodes.data[n->id] == n;
}

static void verify_results(const Region *r, const char *pass) {
    DimTable *dims = &r->session->dims;
    for (int i = 0; i < r->results.len; i++) {
        const RegionResult *result = &r->results.data[i];
        if (!is_in_region(r, result->node))
            broken(r, pass, NULL, "result %s is no node of it", result->path->text);
        if (result->alias < 0) continue;
        if (result->alias >= r->inputs.len)
            broken(r, pass, NULL, "result %s aliases no input", result->path->text);
        const Node *input = r->inputs.data[result->alias].node;
        if (input->dtype != result->node->dtype || !shape_same(dims, input, result->node))
            broken(r, pass, result->node, "result %s aliases an input of another type", result->path->text);
        for (int k = 0; k < i; k++)
            if (r->results.data[k].alias == result->alias)
                broken(r, pass, result->node, "two results alias input %d", result->alias);
    }
}

void graph_verify(const Region *r, const char *after_pass) {
    for (int i = 0; i < r->nodes.len; i++) {
        const Node *n = r->nodes.data[i];
        if (n->id != (uint32_t)i) broken(r, after_pass, NULL, "node %d has the number %u", i, n->id);
        verify_operands(r, n, after_pass);
        if (n->op == OP_INPUT) verify_input(r, n, after_pass);
    }
    for (int i = 0; i < r->nodes.len; i++) verify_shape(r, r->nodes.data[i], after_pass);
    for (int i = 0; i < r->inputs.len; i++)
        if (!is_in_region(r, r->inputs.data[i].node))
            broken(r, after_pass, NULL, "input %d is no node of it", i);
    verify_results(r, after_pass);
}
