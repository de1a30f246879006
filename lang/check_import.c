/* `import "blocks.dlm" as blocks`: the declarations of another file under a name.
 *
 * A module is read once, whoever imports it; its statements are not run, so a `let` of it is no name.  Its scope stands
 * between its declarations and the library, as the file's own does: a declaration is checked where it was written. */
#include "lang/check_program.h"
#include "lang/parse.h"

Scope *home_scope(const Checker *cx, const Declared *d) {
    return d->scope ? d->scope : d->is_library ? cx->library_scope : d->module ? d->module->scope : cx->file_scope;
}

const Map *file_names(const Checker *cx, Span span) {
    const Source *source = source_of(&cx->session->sources, span);
    for (int i = 0; i < cx->modules.len; i++)
        if (cx->modules.data[i]->source == source) return &cx->modules.data[i]->names;
    return &cx->file;
}

/* ---- reading ----------------------------------------------------------------------------------------- */

static Module *find_module(const Checker *cx, const Source *source) {
    for (int i = 0; i < cx->modules.len; i++)
        if (cx->modules.data[i]->source == source) return cx->modules.data[i];
    return NULL;
}

static Module *read_module(Checker *cx, const Source *source, const Symbol *name) {
    Module *module = arena_new(cx->arena, Module);
    *module = (Module){.source = source, .name = name, .is_being_read = 1};
    vec_push(cx->arena, &cx->modules, module);
    int before = cx->session->diags.error_count;
    const Ast *file = lang_parse(cx->session, source);
    Scope *scope = cx->scope;
    cx->scope = cx->library_scope;
    module->scope = scope_push(cx);
    module->is_broken = cx->session->diags.error_count > before;
    if (!module->is_broken) collect_declarations(cx, file, module);
    cx->scope = scope;
    module->is_being_read = 0;
    return module;
}

void import_module(Checker *cx, const Ast *ast, const Source *importer) {
    const AstImport *import = &ast->import;
    if (!import->as.symbol || !import->path) return;
    Binding *old = map_get(&cx->scope->names, import->as.symbol);
    if (old) {
        Diag *diag = check_error(cx, import->as.span, E_DUPLICATE_NAME, "`%s` is declared twice", import->as.symbol->text);
        check_label(cx, diag, old->span, "the first `%s`", import->as.symbol->text);
        return;
    }
    Binding *b = scope_add(cx, import->as.symbol, import->as.span, BIND_ERROR);
    const char *why = "imports are read by `dlc` only";
    const Source *source = cx->input->load
                               ? cx->input->load(cx->input->load_context, importer, import->path->text, &why)
                               : NULL;
    if (!source) {
        Diag *diag = check_error(cx, import->path_span, E_IMPORT, "cannot read \"%s\": %s", import->path->text, why);
        check_note(cx, diag, "the path is relative to the file that imports");
        return;
    }
    Module *module = find_module(cx, source);
    if (source == cx->input->source || (module && module->is_being_read)) {
        check_error(cx, import->path_span, E_IMPORT, "\"%s\" imports itself%s", import->path->text,
                    source == importer ? "" : ", through this file");
        return;
    }
    if (!module) module = read_module(cx, source, import->as.symbol);
    if (module->is_broken) return; /* its mistakes were reported */
    b->kind = BIND_MODULE;
    b->module = module;
    b->is_quiet = 1;
}

/* ---- names ------------------------------------------------------------------------------------------- */

static const Module *named_module(Checker *cx, const Ast *ast) {
    ast = ast_ungroup(ast);
    if (ast->kind != AST_NAME) return NULL;
    const Binding *b = scope_find(cx, ast->name);
    return b && b->kind == BIND_MODULE ? b->module : NULL;
}

int is_broken_import(Checker *cx, const Ast *ast) {
    const Ast *of = ast->kind == AST_FIELD ? ast_ungroup(ast->field.of) : NULL;
    const Binding *b = of && of->kind == AST_NAME ? scope_find(cx, of->name) : NULL;
    return b && b->kind == BIND_ERROR;
}

int is_module_member(Checker *cx, const Ast *ast) {
    return ast->kind == AST_FIELD && named_module(cx, ast->field.of) != NULL;
}

Declared *module_member(Checker *cx, const Ast *ast) {
    const Module *module = named_module(cx, ast->field.of);
    AstName name = ast->field.name;
    Declared *found = map_get(&module->names, name.symbol);
    if (found) return found;
    Diag *diag = check_error(cx, name.span, E_NO_MEMBER, "%s declares no `%s`", module->source->name, name.symbol->text);
    for (int i = 0; i < module->names.len; i++) {
        const Symbol *other = module->names.entries[i].key;
        if (edit_distance(other->text, name.symbol->text, 2) > 2 || name.symbol->len < 3) continue;
        check_fix(cx, diag, "did you mean `%s`?", other->text);
        return NULL;
    }
    check_note(cx, diag, "an import brings declarations; `let`, `var` and other statements of the file do not run");
    return NULL;
}
