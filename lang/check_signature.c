/* Functions and layers as values: static parameters that are functions, layers or optimizers, and pipes of layers.
 *
 * A parameter with a signature, `act: fn(x: f32[B, N]) -> f32[B, N]`, is called by that signature where its
 * declaration is checked generically, and what a use gives for it is tried against it: called once with rigid
 * inputs of the signature's types.  The names of a signature are its own, but for the static parameters before
 * it.  Without a signature (`L: layer`) everything is found at the use.
 *
 * A pipe with a layer in it, `Dense[64] |> relu |> Dense[10]`, is a layer without a name: its declaration is
 * made here, `(input) |> Dense[64] |> ...`, and is read in the scope where the pipe was written. */
#include "lang/check_bind.h"
#include "lang/check_expression.h"

#include <string.h>

/* ---- pipes of layers ------------------------------------------------------------------------ */

static void count_list(Checker *cx, const AstList *list) {
    for (int i = 0; i < list->len; i++) count_uses(cx, list->data[i]);
}

void count_uses(Checker *cx, const Ast *ast) {
    switch ((int)ast->kind) {
    case AST_NAME: scope_find(cx, ast->name); return;
    case AST_GROUP: count_uses(cx, ast->inner); return;
    case AST_UNARY: count_uses(cx, ast->unary.operand); return;
    case AST_BINARY:
        count_uses(cx, ast->binary.left);
        count_uses(cx, ast->binary.right);
        return;
    case AST_TUPLE:
    case AST_LIST: count_list(cx, &ast->items); return;
    case AST_FIELD: count_uses(cx, ast->field.of); return;
    case AST_INDEX:
        count_uses(cx, ast->index.of);
        count_list(cx, &ast->index.items);
        return;
    case AST_CALL:
        count_uses(cx, ast->call.callee);
        count_list(cx, &ast->call.args);
        return;
    case AST_NAMED: count_uses(cx, ast->named.value); return;
    case AST_PIPE:
        count_uses(cx, ast->pipe.left);
        count_uses(cx, ast->pipe.right);
        return;
    default: return;
    }
}

int has_layer(const Callable *callable) {
    if (callable->kind == CALL_PIPE) return has_layer(callable->left) || has_layer(callable->right);
    return is_layer_callable(callable);
}

static Ast *ast_new(Checker *cx, AstKind kind, Span span) {
    Ast *ast = arena_new(cx->arena, Ast);
    ast->kind = kind;
    ast->span = span;
    return ast;
}

/* The pipe with the input in front of its head. */
static Ast *fed_pipe(Checker *cx, const Ast *pipe, Ast *input) {
    const Ast *ast = ast_ungroup(pipe);
    Ast *copy = ast_new(cx, AST_PIPE, ast->span);
    if (ast->kind != AST_PIPE) {
        copy->pipe.left = input;
        copy->pipe.right = (Ast *)(uintptr_t)ast;
        return copy;
    }
    copy->pipe = ast->pipe;
    copy->pipe.left = fed_pipe(cx, ast->pipe.left, input);
    return copy;
}

Callable *pipe_layer(Checker *cx, const Ast *pipe) {
    const Symbol *name = symbol(&cx->session->symbols, "Pipe"),
                 *input_name = symbol(&cx->session->symbols, "(input)");
    Ast *ast = ast_new(cx, AST_LAYER, pipe->span), *body = ast_new(cx, AST_BLOCK, pipe->span),
        *input = ast_new(cx, AST_INPUT, pipe->span), *use = ast_new(cx, AST_NAME, pipe->span);
    input->declare.name = (AstName){input_name, pipe->span};
    use->name = input_name;
    vec_push(cx->arena, &body->statements, fed_pipe(cx, pipe, use));
    ast->function = (AstFunction){.name = {name, pipe->span}, .has_inputs = 1, .body = body};
    vec_push(cx->arena, &ast->function.inputs, input);
    Declared *d = arena_new(cx->arena, Declared);
    *d = (Declared){.ast = ast, .name = name, .state = CHECKED, .scope = cx->scope};
    Callable *layer = callable_new(cx, CALL_DECLARED, name, pipe->span);
    layer->declared = d;
    layer->site = pipe;
    layer->copy = present_copy(cx);
    return layer;
}

/* ---- signatures in messages ----------------------------------------------------------------- */

static const char *written_text(Checker *cx, Span span) {
    const Source *source = source_of(&cx->session->sources, span);
    if (!source || span.end <= span.begin) return "..";
    return arena_printf(cx->arena, "%.*s", (int)(span.end - span.begin), source->text + (span.begin - source->base));
}

static const char *signature_shown(Checker *cx, const char *word, const AstFunction *function) {
    Text text = text_new(cx->arena);
    text_printf(&text, "%s(", word);
    for (int i = 0; i < function->inputs.len; i++)
        text_printf(&text, "%s%s", i ? ", " : "", written_text(cx, function->inputs.data[i]->span));
    text_printf(&text, ")");
    if (function->result) text_printf(&text, " -> %s", written_text(cx, function->result->span));
    return text_str(&text);
}

static const char *callable_shown(Checker *cx, const Callable *given) {
    const char *name = given->name ? given->name->text : "this pipe";
    const Declared *d = given->declared;
    if (!d || d->scope) return arena_printf(cx->arena, "%s", d ? "a pipe of layers" : name);
    const AstFunction *function = d->ast->kind == AST_SIGNATURE || d->ast->function.has_inputs ? &d->ast->function : NULL;
    if (!function) return name;
    return signature_shown(cx, arena_printf(cx->arena, "%s %s", d->ast->kind == AST_FN ? "fn" : "layer", name),
                           function);
}

/* ---- calls by a signature ------------------------------------------------------------------- */

/* The static parameters bound so far, without what is declared later in the same scope. */
static Scope *scope_now(Checker *cx) {
    Scope *kept = arena_new(cx->arena, Scope);
    *kept = (Scope){.outer = cx->scope->outer, .body = cx->scope->body};
    for (int i = 0; i < cx->scope->names.len; i++)
        map_set(cx->arena, &kept->names, cx->scope->names.entries[i].key, cx->scope->names.entries[i].value);
    return kept;
}

Callable *signature_callable(Checker *cx, const Ast *type, const Symbol *name) {
    type = ast_ungroup(type);
    Callable *callable = callable_new(cx, CALL_ERROR, name, type->span);
    if (type->kind != AST_SIGNATURE || !type->function.has_inputs || !type->function.result) return callable;
    callable->kind = CALL_SIGNATURE;
    callable->scope = scope_now(cx);
    callable->declared = arena_new(cx->arena, Declared);
    *callable->declared = (Declared){.ast = type, .name = name, .state = CHECKED};
    return callable;
}

const Tx *call_signature(Checker *cx, Callable *callee, const Argument *args, int count, Span span,
                         const Type *wanted) {
    const AstFunction *function = &callee->declared->ast->function;
    Bind bind = {.ast = callee->declared->ast,
                 .function = function,
                 .name = callee->name,
                 .span = span,
                 .caller = cx->body,
                 .given = args,
                 .given_count = count,
                 .wanted = wanted};
    if (callee->items) {
        check_error(cx, callee->span, E_STATIC_ARGUMENT, "`%s` takes nothing in brackets: it comes with its own",
                    callee->name->text);
        return tx_error(cx, span);
    }
    Scope *scope = cx->scope;
    cx->scope = callee->scope;
    scope_push(cx);
    const Type *result = bind_call(cx, &bind) == BIND_DONE ? bound_result(cx, &bind) : type_error(cx);
    cx->scope = scope;
    if (is_error_type(result)) return tx_error(cx, span);
    Tx *tx = tx_new(cx, T_CALL, result, span);
    for (int i = 0; i < count; i++) tx_add(cx, tx, bind.args[i]);
    return call_with_site(cx, tx, callee->name);
}

/* ---- what a use gives ----------------------------------------------------------------------- */

typedef enum Word { WORD_FN, WORD_LAYER, WORD_OPTIMIZER } Word;

static Word word_of(const Ast *type) {
    type = ast_ungroup(type);
    const char *word = type->kind == AST_SIGNATURE ? type->function.word.symbol->text : type->name->text;
    return !strcmp(word, "layer") ? WORD_LAYER : !strcmp(word, "optimizer") ? WORD_OPTIMIZER : WORD_FN;
}

static const char *kind_of_given(const Callable *given) {
    if (given->kind == CALL_SIGNATURE)
        return word_of(given->declared->ast) == WORD_LAYER ? "a layer" : "a function";
    if (given->kind == CALL_INSTANCE) return "one instance";
    if (is_layer_callable(given)) return "a layer";
    if (given->kind == CALL_DECLARED && given->declared->ast->kind == AST_OPTIMIZER) return "an optimizer";
    if (given->kind == CALL_DECLARED && given->declared->ast->kind == AST_STEP) return "a step";
    return given->kind == CALL_PROCEDURE ? "a procedure" : "a function";
}

/* An instance, or a pipe with one in it: applied with the weights that it has. */
static int has_instance(const Callable *given) {
    if (given->kind == CALL_PIPE) return has_instance(given->left) || has_instance(given->right);
    return given->kind == CALL_INSTANCE;
}

static int fits_word(Checker *cx, const Ast *parameter, const Callable *given, Span span) {
    static const char *const wanted[] = {"a function", "a layer", "an optimizer"};
    Word word = word_of(parameter->declare.type);
    const char *kind = kind_of_given(given);
    if (!strcmp(kind, wanted[word])) return 1;
    if (has_instance(given) && word != WORD_OPTIMIZER) return 1;
    Diag *diag = check_error(cx, span, E_CALLABLE_KIND, "`%s` is %s, and this is %s",
                             parameter->declare.name.symbol->text, wanted[word], kind);
    check_label(cx, diag, parameter->span, "declared here");
    if (word == WORD_FN && !strcmp(kind, "a layer"))
        check_fix(cx, diag, "give one instance of it, made by `let`, or declare the parameter as a `layer`");
    else if (word == WORD_LAYER && !strcmp(kind, "a function"))
        check_fix(cx, diag, "put it into a layer, or declare the parameter as a `fn`");
    return 0;
}

/* The result of calling it with the signature's inputs, in a body that nobody sees; NULL where that gave a
 * mistake, whose text is then in `why`. */
static const Type *try_call(Checker *cx, const AstFunction *signature, const Callable *given, const Type **result,
                            const char **why) {
    Diags *diags = &cx->session->diags;
    int count = diags->list.len, errors = diags->error_count, warnings = diags->warning_count;
    Declared *nobody = arena_new(cx->arena, Declared);
    *nobody = (Declared){.ast = cx->stack->ast, .name = given->name ? given->name : cx->stack->name};
    Body body = {.kind = BODY_LAYER, .declared = nobody, .is_generic = 1, .training = -1, .facts = cx->body->facts};
    Body *outer = cx->body;
    int quiet = cx->quiet;
    cx->quiet = 0;
    cx->body = &body;
    body.built = built_new(cx, nobody, NULL, NULL, given->span);
    Scope *scope = scope_push(cx);
    Argument *args = arena_array(cx->arena, Argument, signature->inputs.len);
    for (int i = 0; i < signature->inputs.len; i++) {
        const Ast *input = signature->inputs.data[i];
        const Type *type = input->declare.type ? bind_rigid_type(cx, input->declare.type) : type_error(cx);
        args[i] = (Argument){is_error_type(type) ? tx_error(cx, given->span)
                                                 : tx_variable(cx, variable_new(cx, input->declare.name.symbol, type,
                                                                                given->span), given->span),
                             NULL, given->span};
    }
    Callable *trial = arena_new(cx->arena, Callable);
    *trial = *given;
    trial->copy = NULL;
    *result = signature->result ? check_type(cx, signature->result) : type_error(cx);
    const Type *type = call(cx, trial, args, signature->inputs.len, given->span, NULL)->type;
    cx->scope = scope->outer;
    cx->body = outer;
    cx->quiet = quiet;
    if (diags->error_count > errors) {
        *why = diags->list.data[count]->message;
        type = NULL;
    }
    diags->list.len = count;
    diags->error_count = errors;
    diags->warning_count = warnings;
    return type;
}

/* `..` is any number of axes here, so what lacks it is another shape. */
static int is_result(Checker *cx, const Type *found, const Type *wanted) {
    if (is_error_type(found) || is_error_type(wanted)) return 1;
    if (found->kind != TY_TENSOR || wanted->kind != TY_TENSOR) return same_type(cx, found, wanted);
    if (has_pack(found) != has_pack(wanted)) return 0;
    return same_type(cx, found, wanted);
}

static int fits_signature(Checker *cx, const Ast *parameter, const Callable *given, Span span) {
    const Ast *type = ast_ungroup(parameter->declare.type);
    if (type->kind != AST_SIGNATURE || !type->function.has_inputs) return 1;
    if (has_instance(given) || given->kind == CALL_MEMBER) return 1; /* its sizes are those of its uses */
    if (given->kind == CALL_DECLARED) {
        const Declared *d = check_declared(cx, given->declared);
        if (d->is_broken || d->is_signature_broken || d->state == BEING_CHECKED) return 1;
    }
    const char *why = NULL;
    const Type *result, *found = try_call(cx, &type->function, given, &result, &why);
    if (found && is_result(cx, found, result)) return 1;
    Diag *diag = check_error(cx, span, E_SIGNATURE, "`%s` is %s, and this is %s",
                             parameter->declare.name.symbol->text,
                             signature_shown(cx, type->function.word.symbol->text, &type->function),
                             callable_shown(cx, given));
    check_label(cx, diag, parameter->span, "declared here");
    if (given->declared && !given->declared->is_library && !given->declared->scope)
        check_label(cx, diag, given->declared->ast->function.name.span, "declared here");
    if (why) check_note(cx, diag, "with such inputs: %s", why);
    else check_note(cx, diag, "with such inputs it gives %s, not %s", type_shown(cx, found), type_shown(cx, result));
    return 0;
}

Callable *static_callable(Checker *cx, const Ast *parameter, const Ast *value, Scope *callee) {
    int before = cx->session->diags.error_count;
    Callable *given = check_callable(cx, value);
    if (!given) {
        if (cx->session->diags.error_count > before) return NULL;
        const Ast *name = ast_ungroup(value);
        if (name->kind == AST_INDEX) name = ast_ungroup(name->index.of);
        if (name->kind == AST_NAME && !scope_find(cx, name->name)) {
            unknown_name(cx, (AstName){name->name, name->span}, "function or layer");
            return NULL;
        }
        check_error(cx, value->span, E_STATIC_ARGUMENT, "`%s` is a function or layer",
                    parameter->declare.name.symbol->text);
        return NULL;
    }
    count_uses(cx, value);
    if (given->kind == CALL_ERROR) return given;
    Callable *kept = arena_new(cx->arena, Callable);
    *kept = *given;
    if (!kept->scope) kept->scope = cx->scope; /* its brackets and a pipe's arguments are read here */
    if (!fits_word(cx, parameter, kept, value->span)) return NULL;
    Scope *scope = cx->scope;
    cx->scope = callee;
    int fits = fits_signature(cx, parameter, kept, value->span);
    cx->scope = scope;
    return fits ? kept : NULL;
}

/* ---- one elaboration for equal values ------------------------------------------------------- */

static const Binding *meant(const Scope *scope, const Symbol *name) {
    for (; scope; scope = scope->outer)
        if (map_has(&scope->names, name)) return map_get(&scope->names, name);
    return NULL;
}

/* Do two expressions, each in its scope, say the same?  Of those that are more than numbers and names only where they
 * are one and the same. */
static int same_value(const Ast *a, const Scope *in, const Ast *b, const Scope *there) {
    a = ast_ungroup(a);
    b = ast_ungroup(b);
    if (a == b && in == there) return 1;
    if (a->kind != b->kind) return 0;
    switch ((int)a->kind) {
    case AST_INTEGER: return a->integer == b->integer;
    case AST_REAL: return a->real == b->real;
    case AST_BOOL: return a->boolean == b->boolean;
    case AST_NAME: return a->name == b->name && meant(in, a->name) && meant(in, a->name) == meant(there, b->name);
    case AST_NAMED:
        return a->named.name.symbol == b->named.name.symbol && same_value(a->named.value, in, b->named.value, there);
    default: return 0;
    }
}

static int same_items(const Callable *a, const Callable *b) {
    if (a->items == b->items) return !a->items || a->scope == b->scope;
    if (!a->items || !b->items || a->items->len != b->items->len) return 0;
    for (int i = 0; i < a->items->len; i++)
        if (!same_value(a->items->data[i], a->scope, b->items->data[i], b->scope)) return 0;
    return 1;
}

int same_callable(const Callable *a, const Callable *b) {
    if (a == b) return 1;
    if (!a || !b || a->kind != b->kind || a->kind == CALL_ERROR || a->kind == CALL_SIGNATURE) return 0;
    if (a->kind == CALL_PIPE)
        return same_callable(a->left, b->left) && same_callable(a->right, b->right) && !a->args && !b->args;
    if (a->declared != b->declared || a->built != b->built || a->number != b->number || a->type != b->type) return 0;
    if (a->self && (a->self->kind != T_INSTANCE || b->self->instance != a->self->instance)) return 0;
    return same_items(a, b);
}
