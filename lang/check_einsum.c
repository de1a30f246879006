/* einsum["bi,ij->bj"](x, w): the letters against the operands' axes.  A letter is one size everywhere; what the result
 * does not name is summed; a letter twice in one operand is its diagonal. */
#include "lang/check_call.h"
#include "lang/check_primitive.h"

#include <ctype.h>
#include <string.h>

enum { OPERANDS_MAX = 8 };

typedef struct Pattern {
    const char *text;
    const char *operand[OPERANDS_MAX]; /* where its letters begin */
    int letters[OPERANDS_MAX], count;
    const char *result;
    int result_letters;
} Pattern;

static int no_pattern(Checker *cx, Span span, const char *text) {
    check_error(cx, span, E_EINSUM, "%s", text);
    return 0;
}

/* The text without its blanks. */
static const char *without_blanks(Checker *cx, const char *text) {
    Text out = text_new(cx->arena);
    for (; *text; text++)
        if (*text != ' ') text_char(&out, *text);
    return text_str(&out);
}

static int read_pattern(Checker *cx, const Ast *ast, const char *text, Pattern *out) {
    *out = (Pattern){.text = text};
    const char *arrow = strstr(text, "->");
    if (strchr(text, ' ')) {
        Diag *diag = check_error(cx, ast->span, E_EINSUM, "the letters of an einsum stand without blanks");
        check_fix(cx, diag, "einsum[\"%s\"]", without_blanks(cx, text));
        return 0;
    }
    if (!arrow) return no_pattern(cx, ast->span, "the letters have no `->`: einsum[\"ij,jk->ik\"]");
    out->operand[0] = text;
    out->count = 1;
    for (const char *c = text; c < arrow; c++) {
        if (*c == ',') {
            if (out->count == OPERANDS_MAX)
                return no_pattern(cx, ast->span, "an einsum has at most 8 operands");
            out->operand[out->count++] = c + 1;
        } else if (isalpha((unsigned char)*c)) {
            out->letters[out->count - 1]++;
        } else {
            return no_pattern(
                cx, ast->span,
                arena_printf(cx->arena, "`%c` is no letter: an einsum names axes by a to z and A to Z", *c));
        }
    }
    out->result = arrow + 2;
    for (const char *c = out->result; *c; c++, out->result_letters++)
        if (!isalpha((unsigned char)*c))
            return no_pattern(
                cx, ast->span,
                arena_printf(cx->arena, "`%c` is no letter: an einsum names axes by a to z and A to Z", *c));
    return 1;
}

/* The size of each letter, from all operands; 0 reported, -1 where a pack hides axes. */
static int letter_sizes(Checker *cx, const PrimitiveCall *call, const Ast *ast, const Pattern *p, Axis *size,
                        char *seen) {
    for (int i = 0; i < call->arg_count; i++) {
        const Type *type = call->args[i]->type;
        if (has_pack(type)) return -1;
        if (type->rank != p->letters[i]) {
            Diag *diag = check_error(cx, call->args[i]->span, E_EINSUM, "%s has %d %s, its letters are %d",
                                     type_shown(cx, type), type->rank, type->rank == 1 ? "axis" : "axes",
                                     p->letters[i]);
            check_label(cx, diag, ast->span, "`%.*s`", p->letters[i], p->operand[i]);
            return 0;
        }
        for (int k = 0; k < type->rank; k++) {
            unsigned char letter = (unsigned char)p->operand[i][k];
            const Axis *own = &type->axes[k];
            if (seen[letter] && compare_dims(cx, own->dim, size[letter].dim) == DIM_DIFFERENT) {
                Diag *diag = check_error(cx, ast->span, E_EINSUM, "letter `%c` is both %s and %s", letter,
                                         dim_shown(cx, size[letter].dim), dim_shown(cx, own->dim));
                label_axis(cx, diag, &size[letter]);
                label_axis(cx, diag, own);
                return 0;
            }
            if (!seen[letter]) size[letter] = *own;
            seen[letter] = 1;
        }
    }
    return 1;
}

/* Operands are multiplied from the left; what comes out in between must still be a tensor. */
static int fits_between(Checker *cx, const Ast *ast, const Pattern *p) {
    char held[256] = {0};
    for (int i = 0; i < p->count; i++) {
        for (int k = 0; k < p->letters[i]; k++) held[(unsigned char)p->operand[i][k]] = 1;
        int rank = 0;
        for (int c = 0; c < 256; c++) {
            const char *later = i + 1 < p->count ? p->operand[i + 1] : p->result;
            if (held[c] && !strchr(later, c)) held[c] = 0;
            rank += held[c];
        }
        if (rank <= TENSOR_MAX_RANK) continue;
        check_error(cx, ast->span, E_EINSUM,
                    "the product of the first %d operands has %d axes; a tensor has at most %d", i + 1, rank,
                    TENSOR_MAX_RANK);
        return 0;
    }
    return 1;
}

const Tx *rule_einsum(Checker *cx, PrimitiveCall *call) {
    const Ast *ast = call->items && call->items->len == 1 ? ast_ungroup(call->items->data[0]) : NULL;
    if (!ast || ast->kind != AST_STRING || ast->string.parts.len != 1) {
        check_error(cx, call->span, E_EINSUM,
                    "`einsum` takes its letters in brackets: einsum[\"ij,jk->ik\"](a, b)");
        return tx_error(cx, call->span);
    }
    Pattern p;
    if (!read_pattern(cx, ast, ast->string.parts.data[0].text, &p)) return tx_error(cx, call->span);
    if (p.count != call->arg_count) {
        check_error(cx, ast->span, E_EINSUM, "the letters name %d %s, %d given", p.count,
                    p.count == 1 ? "operand" : "operands", call->arg_count);
        return tx_error(cx, call->span);
    }
    DType dtype = joined_dtype(cx, call, 0);
    if (dtype == DT_BOOL) dtype = DT_I64;
    if (dtype == DT_COUNT || !convert_all(cx, call, 0, dtype)) return tx_error(cx, call->span);
    Axis size[256], axes[TENSOR_MAX_RANK];
    char seen[256] = {0};
    if (letter_sizes(cx, call, ast, &p, size, seen) <= 0) return tx_error(cx, call->span);
    for (int i = 0; i < p.result_letters; i++) {
        char c = p.result[i];
        if (!seen[(unsigned char)c] || strchr(p.result, c) != p.result + i || i >= TENSOR_MAX_RANK) {
            check_error(cx, ast->span, E_EINSUM,
                        !seen[(unsigned char)c] ? "letter `%c` of the result is in no operand"
                        : i >= TENSOR_MAX_RANK  ? "the result has more than 8 axes at letter `%c`"
                                                : "the result names the letter `%c` twice",
                        c);
            return tx_error(cx, call->span);
        }
        axes[i] = size[(unsigned char)c];
        axes[i].is_stretchable = 0;
    }
    if (!fits_between(cx, ast, &p)) return tx_error(cx, call->span);
    Tx *tx = primitive_tx(cx, call, type_tensor(cx, dtype, p.result_letters, axes));
    statics_of(tx)->text = symbol(&cx->session->symbols, p.text);
    return with_args(cx, tx, call);
}
