/* Alphabets.  `char: index[Vocab] from text("book.txt")` binds Vocab, the number of different characters (or words), as
 * a dimension of the file: it is found like one that `dim` declares, and has `Vocab.encode` and `Vocab.decode`.
 *
 * Only the text knows its value.  Without it (`dlc check`) Vocab is a run-time size and prints by its name; before a
 * program runs or is emitted its texts are read and the file is checked once more with their values
 * (CheckInput.alphabets), so that code is compiled for constants. */
#include "lang/check_expression.h"
#include "lang/check_program.h"

#include <string.h>

/* ---- binding -------------------------------------------------------------------------------- */

/* The call of `text` behind `from`, or NULL. */
static const Ast *text_call(const Ast *field) {
    const Ast *call =
        field->kind == AST_SOURCE && field->declare.value ? ast_ungroup(field->declare.value) : NULL;
    if (!call || call->kind != AST_CALL) return NULL;
    const Ast *callee = ast_ungroup(call->call.callee);
    return callee->kind == AST_NAME && !strcmp(callee->name->text, "text") ? call : NULL;
}

/* V of the type index[V] where V is a capitalised name, or NULL. */
static const Ast *alphabet_name(const Ast *field) {
    const Ast *type = field->declare.type ? ast_ungroup(field->declare.type) : NULL;
    if (!type || type->kind != AST_INDEX || type->index.items.len != 1) return NULL;
    const Ast *of = ast_ungroup(type->index.of), *name = ast_ungroup(type->index.items.data[0]);
    if (of->kind != AST_NAME || strcmp(of->name->text, "index") != 0) return NULL;
    return name->kind == AST_NAME && is_capitalised(name->name) ? name : NULL;
}

/* The argument `unit`, or NULL. */
static const Ast *unit_argument(const Ast *call) {
    for (int i = 0; i < call->call.args.len; i++) {
        const Ast *item = call->call.args.data[i];
        if (item->kind == AST_NAMED && !strcmp(item->named.name.symbol->text, "unit"))
            return ast_ungroup(item->named.value);
    }
    return NULL;
}

static int is_string(const Ast *ast, const char *text) {
    return ast->kind == AST_STRING && ast->string.parts.len == 1 &&
           !strcmp(ast->string.parts.data[0].text, text);
}

static void collect_field(Checker *cx, const Ast *field) {
    const Ast *call = text_call(field), *name = call ? alphabet_name(field) : NULL;
    if (!name || map_has(&cx->file_scope->names, name->name)) return;
    TAlphabet *alphabet = arena_new(cx->arena, TAlphabet);
    const Ast *unit = unit_argument(call);
    *alphabet =
        (TAlphabet){.name = name->name, .span = field->span, .is_words = unit && is_string(unit, "word")};
    vec_push(cx->arena, &cx->program->alphabets, alphabet);
    Binding *b = scope_add(cx, name->name, name->span, BIND_DIM);
    b->alphabet = alphabet;
    b->why = origin_new(cx, ORIGIN_DATA, name->span, NULL);
    for (int i = 0; i < cx->input->alphabet_count && !b->dim; i++)
        if (cx->input->alphabets[i].name == name->name)
            b->dim = dim_constant(&cx->session->dims, cx->input->alphabets[i].count);
    if (b->dim) return;
    DimName *size = dim_new_name(&cx->session->dims, name->name);
    size->is_runtime = 1;
    b->dim = dim_named(&cx->session->dims, size);
}

static void collect_body(Checker *cx, const Ast *body) {
    for (int i = 0; body && i < body->statements.len; i++) {
        const Ast *statement = body->statements.data[i];
        if (statement->kind == AST_SOURCE) collect_field(cx, statement);
        else if (statement->kind == AST_TRAIN) collect_body(cx, statement->train.body);
        else if (statement->kind == AST_PART || statement->kind == AST_TEST)
            collect_body(cx, statement->section.body);
    }
}

void collect_alphabets(Checker *cx, const Ast *file) {
    for (int i = 0; i < file->file.statements.len; i++)
        if (file->file.statements.data[i]->kind == AST_DATA)
            collect_body(cx, file->file.statements.data[i]->section.body);
}

/* ---- fields --------------------------------------------------------------------------------- */

static int check_unit(Checker *cx, const Ast *call, const TAlphabet *alphabet) {
    const Ast *unit = unit_argument(call);
    int is_words = unit && is_string(unit, "word");
    if (unit && !is_words && !is_string(unit, "character")) {
        check_error(cx, unit->span, E_ALPHABET, "`unit` is \"character\" or \"word\"");
        return 0;
    }
    if (is_words == alphabet->is_words) return 1;
    Diag *diag = check_error(cx, call->span, E_ALPHABET,
                             "`%s` is an alphabet of %s, and this text is read by %s", alphabet->name->text,
                             alphabet->is_words ? "words" : "characters", is_words ? "words" : "characters");
    check_label(cx, diag, alphabet->span, "`%s` is bound here", alphabet->name->text);
    return 0;
}

const TAlphabet *field_alphabet(Checker *cx, const Ast *field) {
    const Ast *call = text_call(field), *name = alphabet_name(field);
    if (!name) {
        Diag *diag = check_error(cx, field->declare.type->span, E_ALPHABET,
                                 "`text` gives one character of an alphabet for each record");
        check_fix(cx, diag, "%s: index[Vocab] binds Vocab, the number of different ones",
                  field->declare.name.symbol->text);
        return NULL;
    }
    const Binding *b = map_get(&cx->file_scope->names, name->name);
    if (!b || !b->alphabet) {
        Diag *diag = check_error(cx, name->span, E_ALPHABET, "`text` binds its alphabet, but `%s` is %s",
                                 name->name->text,
                                 b && b->kind == BIND_DECLARED ? "declared already" : "not one of this file");
        if (b && b->kind == BIND_DECLARED) check_label(cx, diag, b->span, "declared here");
        check_fix(cx, diag, "choose another name: its value comes from the text");
        return NULL;
    }
    return check_unit(cx, call, b->alphabet) ? b->alphabet : NULL;
}

/* ---- encode, decode ------------------------------------------------------------------------- */

/* Source text is UTF-8: every byte but those of the form 10xxxxxx begins a character. */
static int64_t count_units(const char *text, int is_words) {
    int64_t count = 0;
    for (int is_inside = 0; *text; text++) {
        int is_space = *text == ' ' || (*text >= '\t' && *text <= '\r');
        count += is_words ? !is_space && !is_inside : ((unsigned char)*text & 0xc0) != 0x80;
        is_inside = !is_space;
    }
    return count;
}

static const Type *encoded_type(Checker *cx, const Binding *alphabet, const Tx *text) {
    Axis axis = {.why = origin_new(cx, ORIGIN_LITERAL, text->span, NULL)};
    if (text->kind == T_STRING) {
        axis.dim =
            dim_constant(&cx->session->dims, count_units(text->text->text, alphabet->alphabet->is_words));
    } else {
        DimName *name = dim_new_name(&cx->session->dims, symbol(&cx->session->symbols, "characters"));
        name->is_runtime = 1;
        axis.dim = dim_named(&cx->session->dims, name);
    }
    return type_index(cx, alphabet->dim, 1, &axis);
}

static const Tx *wrong_element(Checker *cx, const Binding *alphabet, const Tx *tx, const char *wanted) {
    Diag *diag = check_error(cx, tx->span, E_ALPHABET, "`%s` takes %s, this is %s", wanted,
                             !strcmp(wanted, "encode") ? "a string" : "indexes", type_shown(cx, tx->type));
    if (tx->type->kind == TY_TENSOR && tx->type->index_bound)
        check_note(cx, diag, "`%s` has %s elements", alphabet->name->text, dim_shown(cx, alphabet->dim));
    return tx_error(cx, tx->span);
}

static int can_decode(Checker *cx, const Binding *alphabet, const Type *type) {
    if (type->kind != TY_TENSOR || dtype_is_float(type->dtype) || type->dtype == DT_BOOL) return 0;
    return !type->index_bound || dim_at_most(&cx->session->dims, type->index_bound, alphabet->dim,
                                             &cx->body->facts) != DIM_DIFFERENT;
}

static const Tx *alphabet_tx(Checker *cx, const Ast *ast, const Binding *alphabet, int is_encode) {
    if (ast->call.args.len != 1 || ast->call.args.data[0]->kind == AST_NAMED) {
        check_error(cx, ast->span, E_ARGUMENT_COUNT, "`%s` takes 1 argument, %d given",
                    is_encode ? "encode" : "decode", ast->call.args.len);
        return tx_error(cx, ast->span);
    }
    const Tx *of = settle(cx, check_expression(cx, ast->call.args.data[0], NULL));
    if (is_error(of)) return of;
    int is_good = is_encode ? of->type->kind == TY_STRING : can_decode(cx, alphabet, of->type);
    if (!is_good) return wrong_element(cx, alphabet, of, is_encode ? "encode" : "decode");
    Tx *tx = tx_new(cx, T_PROCEDURE, is_encode ? encoded_type(cx, alphabet, of) : type_string(cx), ast->span);
    tx->procedure = is_encode ? PROC_ENCODE : PROC_DECODE;
    tx->alphabet = alphabet->alphabet;
    tx_add(cx, tx, of);
    vec_push(cx->arena, &tx->argument_names, NULL);
    tx->is_pure = 0;
    return tx;
}

const Tx *check_alphabet_call(Checker *cx, const Ast *ast) {
    const Ast *callee = ast_ungroup(ast->call.callee);
    const Ast *of = callee->kind == AST_FIELD ? ast_ungroup(callee->field.of) : NULL;
    if (!of || of->kind != AST_NAME) return NULL;
    const Binding *b = scope_find(cx, of->name);
    if (!b || !b->alphabet) return NULL;
    AstName name = callee->field.name;
    int is_encode = !strcmp(name.symbol->text, "encode");
    if (!is_encode && strcmp(name.symbol->text, "decode") != 0) {
        check_error(cx, name.span, E_ALPHABET, "an alphabet has `encode` and `decode`, no `%s`",
                    name.symbol->text);
        return tx_error(cx, ast->span);
    }
    BodyKind kind = cx->body->kind;
    if (kind == BODY_PROGRAM || kind == BODY_TEST || kind == BODY_TRAIN || kind == BODY_DATA ||
        kind == BODY_FN)
        return alphabet_tx(cx, ast, b, is_encode);
    Diag *diag =
        check_error(cx, ast->span, E_DATA_PLACE,
                    "compiled code works on indexes; `%s` belongs to the program", name.symbol->text);
    check_fix(cx, diag, "encode before, and hand the indexes in");
    return tx_error(cx, ast->span);
}
