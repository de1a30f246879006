/* Calls: what is called decides who types them. */
#include "lang/check_bind.h"
#include "lang/check_expression.h"
#include "lang/check_program.h"
#include "lang/check_record.h"

#include <string.h>

/* ---- primitives and procedures -------------------------------------------------------------- */

static const Tx *call_primitive(Checker *cx, Callable *callee, const Argument *args, int count,
                                Span span, const Type *wanted) {
    const Tx **list = arena_array(cx->arena, const Tx *, count);
    PrimitiveCall primitive = {.kind = (PrimitiveKind)callee->number,
                               .span = span,
                               .items = callee->items,
                               .scope = callee->scope,
                               .args = list,
                               .arg_count = count,
                               .wanted = wanted,
                               .given = args};
    for (int i = 0; i < count; i++) {
        if (args[i].name) {
            Diag *diag = check_error(cx, args[i].span, E_NO_PARAMETER, "`%s` has no input `%s`", callee->name->text,
                                     args[i].name->text);
            offer_primitive_brackets(cx, &primitive, diag);
            return tx_error(cx, span);
        }
        list[i] = args[i].tx;
    }
    return check_primitive(cx, &primitive);
}

static int has_procedures(const Checker *cx) {
    return is_program_kind(cx->body->kind);
}

static int procedure_arguments(Checker *cx, ProcedureKind kind, int count, Span span) {
    static const struct {
        int least, most;
    } counts[PROC_COUNT] = {[PROC_PRINT] = {0, 1000},
                            [PROC_ASSERT] = {1, 1},
                            [PROC_ASSERT_CLOSE] = {3, 3},
                            [PROC_ASSERT_GRADIENT] = {2, 2},
                            [PROC_SEED] = {1, 1},
                            [PROC_SAVE] = {1, 2},
                            [PROC_LOAD] = {1, 2},
                            [PROC_WRITE_PNG] = {2, 2},
                            [PROC_GRID] = {1, 1}};
    if (count >= counts[kind].least && count <= counts[kind].most) return 1;
    if (counts[kind].least < counts[kind].most)
        check_error(cx, span, E_ARGUMENT_COUNT, "`%s` takes %d or %d arguments, %d given", procedure_name(kind),
                    counts[kind].least, counts[kind].most, count);
    else
        check_error(cx, span, E_ARGUMENT_COUNT, "`%s` takes %d %s, %d given", procedure_name(kind),
                    counts[kind].least, counts[kind].least == 1 ? "argument" : "arguments", count);
    return 0;
}

static const Tx *call_procedure(Checker *cx, Callable *callee, const Argument *args, int count,
                                Span span) {
    ProcedureKind kind = (ProcedureKind)callee->number;
    if (is_view_procedure(kind)) return check_view(cx, callee, args, count, span);
    if (!has_procedures(cx)) {
        Diag *diag = check_error(
            cx, span, E_PLACE, "`%s` belongs to the program: compiled code cannot touch the world",
            callee->name->text);
        check_note(cx, diag,
                   "it may stand at the top level, in a `test`, or in `every` of a train block");
        return tx_error(cx, span);
    }
    int positional = 0;
    for (int i = 0; i < count; i++) positional += !args[i].name;
    if (!procedure_arguments(cx, kind, positional, span)) return tx_error(cx, span);
    Tx *tx = tx_new(cx, T_PROCEDURE, type_unit(cx), span);
    tx->procedure = kind;
    for (int i = 0; i < count; i++) {
        const Tx *arg = args[i].tx;
        if (is_error(arg)) return tx_error(cx, span);
        note_shown(cx, arg);
        if (args[i].name && (kind != PROC_PRINT || strcmp(args[i].name->text, "end") != 0)) {
            check_error(cx, args[i].span, E_NO_PARAMETER, "`%s` has no input `%s`",
                        callee->name->text, args[i].name->text);
            return tx_error(cx, span);
        }
        if (kind == PROC_ASSERT && (arg->type->kind != TY_TENSOR || arg->type->dtype != DT_BOOL)) {
            check_error(cx, arg->span, E_CONDITION, "`assert` takes a bool, this is %s",
                        type_shown(cx, arg->type));
            return tx_error(cx, span);
        }
        if (arg->type->kind == TY_UNIT) {
            check_error(cx, arg->span, E_NO_VALUE, "this has no value");
            return tx_error(cx, span);
        }
        if (kind == PROC_SEED) arg = coerce(cx, arg, type_scalar(cx, DT_I64), "the seed");
        tx_add(cx, tx, settle(cx, arg));
        vec_push(cx->arena, &tx->argument_names, args[i].name);
    }
    if (kind == PROC_ASSERT_CLOSE) {
        const Tx *both[2] = {tx->args.data[0], tx->args.data[1]};
        const Tx *difference = check_binary(cx, PRIM_SUB, both[0], both[1], span);
        if (is_error(difference)) return difference;
    }
    tx->is_pure = 0;
    return check_file_procedure(cx, callee, tx);
}

static const Tx *call_convert(Checker *cx, Callable *callee, const Argument *args, int count,
                              Span span) {
    if (count != 1) {
        check_error(cx, span, E_ARGUMENT_COUNT, "`%s(..)` converts one value, %d given",
                    callee->name->text, count);
        return tx_error(cx, span);
    }
    const Tx *of = args[0].tx;
    if (is_error(of)) return of;
    if (of->type->kind != TY_TENSOR) {
        check_error(cx, of->span, E_TYPE_MISMATCH, "`%s(..)` converts numbers, this is %s",
                    callee->name->text, type_shown(cx, of->type));
        return tx_error(cx, span);
    }
    int is_number = of->kind == T_NUMBER && of->type->is_literal;
    if (is_number && (dtype_is_float(callee->type->dtype) || !dtype_is_float(of->type->dtype)))
        return convert_element(cx, of, callee->type->dtype, callee->type->index_bound);
    of = settle(cx, of);
    Type *type = type_copy(cx, of->type);
    type->dtype = callee->type->dtype;
    type->index_bound = callee->type->index_bound;
    type->element = ELEMENT_FIXED;
    Tx *tx = tx_new(cx, T_CONVERT, type, span);
    tx_add(cx, tx, of);
    return tx;
}

static const Tx *call_declared(Checker *cx, Callable *callee, const Argument *args, int count,
                               Span span, const Type *wanted) {
    Declared *d = callee->declared;
    switch ((int)d->ast->kind) {
    case AST_FN:
        if (takes_leaves(&d->ast->function, args, count)) return record_call(cx, callee, args, count, span);
        return elaborate(cx, callee, d, NULL, NULL, args, count, span, wanted);
    case AST_LAYER: {
        Callable *part = make_part(cx, callee, span);
        return part ? call(cx, part, args, count, span, wanted) : tx_error(cx, span);
    }
    case AST_STEP: return call_step(cx, callee, args, count, span);
    default:
        check_error(cx, span, E_NOT_CALLABLE, "`%s` is an optimizer: it stands behind `using`",
                    d->name->text);
        return tx_error(cx, span);
    }
}

static const Tx *call_pipe(Checker *cx, Callable *callee, const Argument *args, int count,
                           Span span, const Type *wanted) {
    const Tx *left = call(cx, callee->left, args, count, span, NULL);
    Argument *all = arena_array(cx->arena, Argument, 1 + (callee->args ? callee->args->len : 0));
    all[0] = (Argument){left, NULL, span};
    int n = 1;
    Scope *scope = cx->scope;
    if (callee->scope) cx->scope = callee->scope;
    for (int i = 0; callee->args && i < callee->args->len; i++) {
        const Ast *item = callee->args->data[i];
        all[n++] = item->kind == AST_NAMED
                       ? (Argument){check_expression(cx, item->named.value, NULL),
                                    item->named.name.symbol, item->span}
                       : (Argument){check_expression(cx, item, NULL), NULL, item->span};
    }
    cx->scope = scope;
    return call(cx, callee->right, all, n, span, wanted);
}

const Tx *call(Checker *cx, Callable *callee, const Argument *args, int count, Span span,
               const Type *wanted) {
    switch (callee->kind) {
    case CALL_ERROR: return tx_error(cx, span);
    case CALL_DECLARED: return call_declared(cx, callee, args, count, span, wanted);
    case CALL_INSTANCE:
    case CALL_MEMBER:
        if (callee->kind == CALL_INSTANCE && callee->built->kind != BUILT_LAYER)
            return call_stack(cx, callee, args, count, span, wanted);
        if (callee->kind == CALL_INSTANCE && !callee->declared->ast->function.has_inputs) {
            check_error(cx, span, E_NOT_CALLABLE,
                        "`%s` has no inputs of its own: call one of its functions",
                        callee->name->text);
            return tx_error(cx, span);
        }
        return elaborate(cx, callee, callee->declared, callee->built, callee->self, args, count,
                         span, wanted);
    case CALL_PRIMITIVE: return call_primitive(cx, callee, args, count, span, wanted);
    case CALL_PROCEDURE: return call_procedure(cx, callee, args, count, span);
    case CALL_CONVERT: return call_convert(cx, callee, args, count, span);
    case CALL_PIPE: return call_pipe(cx, callee, args, count, span, wanted);
    case CALL_SIGNATURE: return call_signature(cx, callee, args, count, span, wanted);
    }
    return tx_error(cx, span);
}

int needs_no_inputs(const Callable *callee) {
    if (callee->kind == CALL_PRIMITIVE)
        return callee->number == PRIM_IOTA || callee->number == PRIM_UNIFORM ||
               callee->number == PRIM_RANDOM_INDEX;
    if (callee->kind != CALL_DECLARED || callee->declared->ast->kind != AST_FN) return 0;
    const AstList *inputs = &callee->declared->ast->function.inputs;
    for (int i = 0; i < inputs->len; i++)
        if (!inputs->data[i]->declare.value) return 0;
    return 1;
}

const Tx *callable_value(Checker *cx, Callable *callee, Span span, const Type *wanted) {
    if (callee->kind == CALL_ERROR) return tx_error(cx, span);
    if (callee->kind == CALL_INSTANCE) return callee->self;
    if (callee->is_let && callee->kind == CALL_DECLARED && callee->declared->ast->kind == AST_LAYER) {
        Callable *part = make_part(cx, callee, span);
        return part ? part->self : tx_error(cx, span);
    }
    if (needs_no_inputs(callee)) return call(cx, callee, NULL, 0, span, wanted);
    const char *name = callee->name ? callee->name->text : "this pipe";
    Diag *diag =
        check_error(cx, span, E_NOT_A_VALUE, "`%s` is a function, and a value is wanted", name);
    check_fix(cx, diag, "call it: %s(...)", name);
    return tx_error(cx, span);
}
