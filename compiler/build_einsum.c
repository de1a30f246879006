/* einsum: diagonals and sums of letters that nobody else names first, then the operands two at a time from the left, each
 * a product with batch axes or, where nothing is contracted, a product element by element. */
#include "compiler/build_internal.h"

#include <string.h>

enum { OPERANDS_MAX = 8 }; /* as the checker has it */

typedef struct Letters { /* the axes of one operand of an einsum, or of its result */
    char of[GRAPH_MAX_RANK + 1];
    int count;
} Letters;

static int letter_at(const Letters *letters, char c) {
    for (int i = 0; i < letters->count; i++)
        if (letters->of[i] == c) return i;
    return -1;
}

static const char *read_letters(const char *text, Letters *letters) {
    letters->count = 0;
    while (*text && *text != ',' && *text != '-' && letters->count < GRAPH_MAX_RANK)
        letters->of[letters->count++] = *text++;
    letters->of[letters->count] = '\0';
    return *text == ',' ? text + 1 : *text == '-' ? text + 2 : text;
}

/* Letters that nobody else names are summed before anything else. */
static Node *sum_lonely(Builder *b, Node *x, Letters *own, const char *others, Span span) {
    for (int i = own->count - 1; i >= 0; i--) {
        if (strchr(others, own->of[i])) continue;
        x = graph_reduce(b->region, REDUCE_ADD, x, i, span);
        memmove(own->of + i, own->of + i + 1, (size_t)(own->count - i));
        own->count--;
    }
    return x;
}

/* A letter twice in one operand: everything off the diagonal counts as 0, and one of the two axes is summed, which is
 * exact. */
static Node *take_diagonals(Builder *b, Node *x, Letters *own, Span span) {
    for (int j = own->count - 1; j > 0; j--) {
        int i = letter_at(own, own->of[j]);
        if (i == j) continue;
        Node *row = graph_iota(b->region, DT_I32, i, x->rank, x->shape, span);
        Node *column = graph_iota(b->region, DT_I32, j, x->rank, x->shape, span);
        Node *zero = graph_number(b->region, 0, x->dtype, x->rank, x->shape, span);
        x = graph_map3(b->region, SC_SELECT, graph_map2(b->region, SC_EQ, row, column, span), x, zero, span);
        x = graph_reduce(b->region, REDUCE_ADD, x, j, span);
        memmove(own->of + j, own->of + j + 1, (size_t)(own->count - j));
        own->count--;
    }
    return x;
}

/* x over the axes of `to`, which has all letters of x. */
static Node *spread(Builder *b, Node *x, const Letters *own, const Letters *to, const Dim *const *shape,
                    Span span) {
    int8_t order[GRAPH_MAX_RANK], axes[GRAPH_MAX_RANK];
    int n = 0;
    for (int i = 0; i < to->count; i++) {
        int at = letter_at(own, to->of[i]);
        if (at < 0) continue;
        order[n] = (int8_t)at;
        axes[n++] = (int8_t)i;
    }
    return graph_broadcast(b->region, graph_transpose(b->region, x, order, span), axes, to->count, shape,
                           span);
}

/* The product where nothing is summed: element by element over all letters. */
static Node *pointwise_product(Builder *b, Node *x, const Letters *xl, Node *y, const Letters *yl,
                               const Letters *out, Span span) {
    const Dim *shape[GRAPH_MAX_RANK];
    for (int i = 0; i < out->count; i++) {
        int at = letter_at(xl, out->of[i]);
        shape[i] = at >= 0 ? x->shape[at] : y->shape[letter_at(yl, out->of[i])];
    }
    return graph_map2(b->region, SC_MUL, spread(b, x, xl, out, shape, span),
                      spread(b, y, yl, out, shape, span), span);
}

/* The product of two operands: letters on both sides are batch axes where `later` still wants them, contracted
 * where not.  The result's letters: batch, left rest, right rest. */
static Node *pair_product(Builder *b, Node *x, Letters *xl, Node *y, const Letters *yl, const char *later,
                          Span span) {
    Attributes dims = {0};
    Letters out = {.count = 0};
    for (int i = 0; i < xl->count; i++) {
        int j = letter_at(yl, xl->of[i]);
        if (j < 0) continue;
        y = build_with_axis(b, y, j, x->shape[i], span);
        if (strchr(later, xl->of[i])) {
            dims.lhs_batch[dims.batch_count] = (int8_t)i;
            dims.rhs_batch[dims.batch_count++] = (int8_t)j;
            out.of[out.count++] = xl->of[i];
        } else {
            dims.lhs_contract[dims.contract_count] = (int8_t)i;
            dims.rhs_contract[dims.contract_count++] = (int8_t)j;
        }
    }
    for (int i = 0; i < xl->count; i++)
        if (letter_at(yl, xl->of[i]) < 0) out.of[out.count++] = xl->of[i];
    for (int i = 0; i < yl->count; i++)
        if (letter_at(xl, yl->of[i]) < 0) out.of[out.count++] = yl->of[i];
    out.of[out.count] = '\0';
    const Letters left = *xl;
    *xl = out;
    if (!dims.contract_count) return pointwise_product(b, x, &left, y, yl, &out, span);
    return graph_dot(b->region, x, y, &dims, span);
}

static Node *permute(Builder *b, Node *x, const Letters *from, const Letters *to, Span span) {
    int8_t axes[GRAPH_MAX_RANK];
    int is_same = 1;
    for (int i = 0; i < to->count; i++) {
        axes[i] = (int8_t)letter_at(from, to->of[i]);
        is_same = is_same && axes[i] == i;
    }
    return is_same ? x : graph_transpose(b->region, x, axes, span);
}

Value build_einsum(Builder *b, Frame *frame, const Tx *tx) {
    const char *text = tx->statics->text->text;
    Letters operands[OPERANDS_MAX], result;
    const char
        *rest[OPERANDS_MAX]; /* the pattern behind operand i: what later operands and the result name */
    for (int i = 0; i < tx->args.len; i++) rest[i] = text = read_letters(text, &operands[i]);
    read_letters(text, &result);
    Node *x = build_node(b, frame, tx->args.data[0]);
    Letters letters = operands[0];
    x = take_diagonals(b, x, &letters, tx->span);
    x = sum_lonely(b, x, &letters, rest[0], tx->span);
    for (int i = 1; i < tx->args.len; i++) {
        Node *y = build_node(b, frame, tx->args.data[i]);
        char seen[2 * GRAPH_MAX_RANK + 80];
        int len = 0;
        for (int k = 0; k < letters.count; k++) seen[len++] = letters.of[k];
        for (const char *c = rest[i]; *c && len < (int)sizeof seen - 1; c++) seen[len++] = *c;
        seen[len] = '\0';
        Letters own = operands[i];
        y = take_diagonals(b, y, &own, tx->span);
        y = sum_lonely(b, y, &own, seen, tx->span);
        x = pair_product(b, x, &letters, y, &own, rest[i], tx->span);
    }
    return value_of(permute(b, x, &letters, &result, tx->span));
}
