/* The checker's entry: collects the names of the file and the library, checks every declaration,
 * then the statements of the program in order, and puts the typed program together. */
#include "lang/check_bind.h"
#include "lang/check_expression.h"
#include "lang/check_program.h"
#include "lang/parse.h"

#include <string.h>

/* ---- collecting ----------------------------------------------------------------------------- */

/* The name that a statement declares for the whole file; none for others. */
static AstName declared_name(const Ast *ast) {
    switch ((int)ast->kind) {
    case AST_DIM:
    case AST_OPTION:
    case AST_TYPE: return ast->declare.name;
    case AST_DATA: return ast->section.name;
    case AST_FN:
    case AST_EXTERN:
    case AST_LAYER:
    case AST_MODEL:
    case AST_OPTIMIZER:
    case AST_STEP: return ast->function.name;
    default: return (AstName){0};
    }
}

static int wants_capital(const Ast *ast) {
    switch ((int)ast->kind) {
    case AST_DIM:
    case AST_TYPE:
    case AST_LAYER:
    case AST_MODEL: return 1;
    case AST_OPTION: return -1;
    default: return 0;
    }
}

static void declare(Checker *cx, const Ast *ast, Module *module, int is_library) {
    AstName name = declared_name(ast);
    if (!name.symbol) return;
    Map *names = is_library ? &cx->library : module ? &module->names : &cx->file;
    Declared *old = map_get(names, name.symbol);
    if (old) {
        Diag *diag = check_error(cx, name.span, E_DUPLICATE_NAME, "`%s` is declared twice",
                                 name.symbol->text);
        check_label(cx, diag, declared_name(old->ast).span, "the first `%s`", name.symbol->text);
        Binding *first =
            map_get(&cx->scope->names, name.symbol); /* which one is meant is not known */
        if (first) first->kind = BIND_ERROR;
        return;
    }
    int capital = wants_capital(ast);
    if (!is_library && capital >= 0 && is_capitalised(name.symbol) != capital) {
        check_error(
            cx, name.span, E_NAME_CASE,
            capital ? "`%s` must begin with a capital: dimensions, types, layers and models do"
                    : "`%s` must begin with a small letter: functions, data, optimizers and steps do",
            name.symbol->text);
    }
    Declared *d = arena_new(cx->arena, Declared);
    *d = (Declared){.ast = ast, .name = name.symbol, .is_library = is_library, .module = module};
    map_set(cx->arena, names, name.symbol, d);
    Binding *b = scope_add(cx, name.symbol, name.span, BIND_DECLARED);
    b->declared = d;
    b->is_quiet = 1;
    if (!is_library) vec_push(cx->arena, &cx->declared, d);
}

static void collect_library(Checker *cx, const Ast *file) {
    for (int i = 0; i < file->file.statements.len; i++) declare(cx, file->file.statements.data[i], NULL, 1);
}

void collect_declarations(Checker *cx, const Ast *file, Module *module) {
    const AstList *list = &file->file.statements;
    for (int i = 0; i < list->len; i++) declare(cx, list->data[i], module, 0);
    for (int i = 0; i < list->len; i++)
        if (list->data[i]->kind == AST_IMPORT) import_module(cx, list->data[i], file->file.source);
}

static void add_builtins(Checker *cx) {
    for (int i = 0; i < PRIM_COUNT; i++) {
        const char *name = primitive_name((PrimitiveKind)i);
        if (name[0] < 'a' || name[0] > 'z' || i == PRIM_NEG || i == PRIM_AND || i == PRIM_OR ||
            i == PRIM_NOT)
            continue;
        scope_add(cx, symbol(&cx->session->symbols, name), (Span){0}, BIND_PRIMITIVE)->number = i;
    }
    for (int i = 0; i < PROC_COUNT; i++)
        scope_add(cx, symbol(&cx->session->symbols, procedure_name((ProcedureKind)i)), (Span){0},
                  BIND_PROCEDURE)
            ->number = i;
    cx->stack = stack_declared(cx);
    scope_add(cx, cx->stack->name, (Span){0}, BIND_DECLARED)->declared = cx->stack;
    for (int i = 0; i < cx->scope->names.len; i++)
        ((Binding *)cx->scope->names.entries[i].value)->is_quiet = 1;
}

/* ---- declarations --------------------------------------------------------------------------- */

static void check_dim_declaration(Checker *cx, Declared *d) {
    d->why = origin_new(cx, ORIGIN_DECLARATION, d->ast->declare.name.span, NULL);
    d->dim = d->ast->declare.value ? expect_dim(cx, d->ast->declare.value) : NULL;
    if (!d->dim || !dim_is_constant(d->dim) || dim_constant_value(d->dim) >= 0) return;
    check_error(cx, d->ast->declare.value->span, E_NOT_A_SIZE,
                "a size is never negative; this is %s", dim_shown(cx, d->dim));
    d->dim = NULL;
}

static void check_one(Checker *cx, Declared *d) {
    switch ((int)d->ast->kind) {
    case AST_DIM: check_dim_declaration(cx, d); return;
    case AST_OPTION: check_option(cx, d); return;
    case AST_TYPE: d->type = check_type(cx, d->ast->declare.type); return;
    case AST_FN:
        if (!is_procedure(cx, d)) check_generic(cx, d); /* a procedure is checked where it is called */
        return;
    case AST_LAYER:
    case AST_OPTIMIZER: check_generic(cx, d); return;
    case AST_MODEL:
        if (d->ast->function.has_inputs || d->ast->function.body) check_generic(cx, d);
        return;
    case AST_EXTERN: check_extern(cx, d); return;
    default: return; /* data and steps are checked where they are used (check_data, check_step) */
    }
}

Declared *check_declared(Checker *cx, Declared *d) {
    if (d->state == CHECKED) return d;
    if (d->state == BEING_CHECKED) {
        int is_size =
            d->ast->kind == AST_DIM || d->ast->kind == AST_OPTION || d->ast->kind == AST_TYPE;
        if (is_size)
            check_error(cx, d->ast->span, E_RECURSION, "`%s` is declared by itself", d->name->text);
        return d;
    }
    d->state = BEING_CHECKED;
    int before = cx->session->diags.error_count, quiet = cx->quiet;
    Scope *scope = cx->scope;
    Body root = {.kind = BODY_PROGRAM}, *body = cx->body;
    cx->quiet = 0;
    cx->body = &root;
    cx->scope = home_scope(cx, d);
    check_one(cx, d);
    cx->scope = scope;
    cx->body = body;
    cx->quiet = quiet;
    d->state = CHECKED;
    d->is_broken = d->is_broken || cx->session->diags.error_count > before;
    return d;
}

/* ---- models --------------------------------------------------------------------------------- */

Instance *instance_new(Checker *cx, AstName name, const Layout *layout) {
    Instance *instance = arena_new(cx->arena, Instance);
    *instance = (Instance){.name = name.symbol, .layout = layout, .span = name.span};
    vec_push(cx->arena, &cx->program->instances, instance);
    return instance;
}

/* The inputs of a model as `emit` offers them: the one open leading size is a run-time batch.  0
 * where another size is open: the layout then follows from the first use. */
static int entry_arguments(Checker *cx, const AstFunction *function, Argument *args,
                           DimName **batch) {
    int is_closed = 1;
    *batch = NULL;
    bind_rigid_names(cx, function);
    for (int i = 0; i < function->inputs.len; i++) {
        const Ast *input = function->inputs.data[i];
        const Type *type =
            input->declare.type ? bind_rigid_type(cx, input->declare.type) : type_error(cx);
        if (type->kind != TY_TENSOR || has_pack(type) || type->element != ELEMENT_FIXED) return 0;
        for (int k = 0; k < type->rank; k++) {
            DimName *name = (DimName *)(uintptr_t)dim_as_name(type->axes[k].dim);
            if (!name && !dim_is_constant(type->axes[k].dim)) is_closed = 0;
            if (!name || name == *batch) continue;
            if (k || *batch) is_closed = 0;
            else *batch = name;
        }
        TVariable *v = variable_new(cx, input->declare.name.symbol, type, input->span);
        args[i] = (Argument){tx_variable(cx, v, input->span), NULL, input->span};
    }
    if (is_closed && *batch) (*batch)->is_runtime = 1;
    return is_closed;
}

/* Of the model's own function, or of one of its functions. */
static void add_entry(Checker *cx, Declared *d, Declared *member) {
    const AstFunction *function = member ? &member->ast->function : &d->ast->function;
    Argument *args = arena_array(cx->arena, Argument, function->inputs.len);
    DimName *batch = NULL;
    Body root = {.kind = BODY_PROGRAM}, *body = cx->body;
    Scope *scope = cx->scope;
    cx->body = &root;
    cx->scope = home_scope(cx, d);
    scope_push(cx);
    bind_layer_statics(cx, d->built, &root);
    scope_push(cx);
    int is_closed = entry_arguments(cx, function, args, &batch);
    cx->scope = cx->file_scope;
    if (is_closed) {
        Callable callee = {.kind = member ? CALL_MEMBER : CALL_INSTANCE,
                           .declared = member ? member : d,
                           .built = d->built,
                           .name = member ? member->name : d->name,
                           .span = d->ast->span};
        callee.self = instance_value(cx, d->instance, d->built, d->ast->span);
        const Tx *result =
            call(cx, &callee, args, function->inputs.len, function->name.span, NULL);
        if (result->kind == T_CALL && result->function) {
            const Symbol *name = d->instance->name;
            if (member) name = symbol_printf(&cx->session->symbols, "%s.%s", name->text, member->name->text);
            TEntry entry = {.name = name,
                            .instance = d->instance,
                            .function = result->function,
                            .batch = batch,
                            .span = d->ast->span};
            vec_push(cx->arena, &cx->program->entries, entry);
        }
    }
    cx->scope = scope;
    cx->body = body;
}

void prepare_model(Checker *cx, Declared *d) {
    if (d->built) return;
    d->built = built_new(cx, d, NULL, NULL, d->ast->function.name.span);
    AstName name = d->ast->function.name;
    if (d->module)
        name.symbol = symbol_printf(&cx->session->symbols, "%s.%s", d->module->name->text, name.symbol->text);
    d->instance = instance_new(cx, name, d->built->layout);
    check_declared(cx, d);
    if (d->is_broken) return;
    if (d->ast->function.has_inputs) add_entry(cx, d, NULL);
    const Ast *body = d->ast->function.body;
    for (int i = 0; body && i < body->statements.len; i++)
        if (body->statements.data[i]->kind == AST_FN)
            add_entry(cx, d, member_of(cx, d->built, body->statements.data[i]->function.name.symbol));
}

/* ---- the program ---------------------------------------------------------------------------- */

static void check_test(Checker *cx, const Ast *ast) {
    Body body = {.kind = BODY_TEST}, *outer = cx->body;
    cx->body = &body;
    TTest test = {.name = ast->section.name.symbol->text, .span = ast->span};
    test.body = check_block(cx, ast->section.body, NULL, 0);
    cx->body = outer;
    vec_push(cx->arena, &cx->program->tests, test);
}

static int is_declaration(const Ast *ast) { return declared_name(ast).symbol != NULL; }

static void check_program(Checker *cx, const Ast *file) {
    TBlock top = {0};
    const AstList *list = &file->file.statements;
    for (int i = 0; i < list->len; i++) {
        const Ast *ast = list->data[i];
        if (ast->kind == AST_TEST || is_declaration(ast)) continue;
        if (ast->kind != AST_IMPORT) check_statement(cx, ast, &top);
    }
    for (int i = 0; i < list->len; i++)
        if (list->data[i]->kind == AST_TEST) check_test(cx, list->data[i]);
    for (int i = 0; i < top.statements.len; i++)
        vec_push(cx->arena, &cx->program->statements, top.statements.data[i]);
}

static void check_all_declared(Checker *cx) {
    for (int i = 0; i < cx->declared.len; i++) {
        Declared *d = cx->declared.data[i];
        int waits = uses_program(cx, d) || (d->module && d->ast->kind == AST_OPTION);
        if (!waits) check_declared(cx, d);
    }
    for (int i = 0; i < cx->declared.len; i++) { /* what an import declares exists where it is used */
        Declared *d = cx->declared.data[i];
        if (d->ast->kind == AST_MODEL && !d->module && !uses_program(cx, d)) prepare_model(cx, d);
        if (d->ast->kind == AST_DATA && !d->module) check_data(cx, d);
    }
}

/* A text that is read needs its alphabet. */
static void note_alphabets(const TData *data) {
    for (int i = 0; i < data->parts.len; i++)
        for (int k = 0; k < data->parts.data[i].fields.len; k++) {
            const TDataField *field = &data->parts.data[i].fields.data[k];
            if (field->alphabet && field->is_used) ((TAlphabet *)(uintptr_t)field->alphabet)->is_used = 1;
        }
}

static void finish(Checker *cx) {
    for (int i = 0; i < cx->declared.len; i++) {
        Declared *d = cx->declared.data[i];
        if (d->module) continue;
        if (uses_program(cx, d)) check_declared(cx, d);
        if (d->ast->kind == AST_STEP && is_open_step(d)) check_open_step(cx, d);
        else if (d->ast->kind == AST_STEP) check_step(cx, d);
        if (d->ast->kind == AST_MODEL) prepare_model(cx, d);
        if (d->ast->kind == AST_FN && is_procedure(cx, d) && !d->is_called) check_generic(cx, d);
    }
    for (int i = 0; i < cx->program->alphabets.len; i++) {
        TAlphabet *alphabet = cx->program->alphabets.data[i];
        const Binding *b = map_get(&cx->file_scope->names, alphabet->name);
        alphabet->is_used = b && b->use_count > 0;
    }
    for (int i = 0; i < cx->program->data.len; i++) note_alphabets(cx->program->data.data[i]);
    int64_t batch = cx->largest_batch ? cx->largest_batch : 1;
    for (int i = 0; i < cx->program->entries.len; i++) {
        DimName *name = (DimName *)(uintptr_t)cx->program->entries.data[i].batch;
        if (name) name->maximum = batch;
    }
}

TProgram *lang_check(Session *session, const CheckInput *input) {
    Checker *cx = arena_new(&session->arena, Checker);
    cx->session = session;
    cx->arena = &session->arena;
    cx->input = input;
    cx->program = arena_new(cx->arena, TProgram);
    cx->program->session = session;
    cx->program->source = input->source;
    Body root = {.kind = BODY_PROGRAM};
    cx->body = &root;
    cx->library_scope = scope_push(cx);
    add_builtins(cx);
    for (int i = 0; i < input->library_count; i++)
        collect_library(cx, lang_parse(session, input->library[i]));
    cx->file_scope = scope_push(cx);
    int before = session->diags.error_count;
    const Ast *file = lang_parse(session, input->source);
    /* what the text skipped would be missing: its names, and the blocks around its statements */
    if (session->diags.error_count > before) return cx->program;
    collect_declarations(cx, file, NULL);
    collect_alphabets(cx, file);
    note_statement_names(cx, file);
    check_all_declared(cx);
    check_program(cx, file);
    finish(cx);
    scope_pop(cx);
    if (!session->diags.error_count) {
        check_unused(cx, &file->file);
        check_facts(cx);
        check_advice(cx);
    }
    check_allowed(cx, &file->file);
    return cx->program;
}
