/* Scopes and diagnostics of the checker: who is found under a name, what is said when nobody is,
 * and whom a mistake is blamed on. */
#include "lang/check_program.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- diagnostics ---------------------------------------------------------------------------- */

static int in_library(Checker *cx, Span span) {
    const Source *source = source_of(&cx->session->sources, span);
    return source && source->is_library;
}

/* The nearest call in the user's file that led here, if the mistake shows only with the sizes of a call.  A
 * model's own entry is no call of the user, and of a recursion the first call counts. */
static Span blamed_call(Checker *cx, Span span) {
    for (const Body *b = cx->body; b && b->call.end; b = b->caller) {
        int is_pipe = b->declared && b->declared->scope; /* written where it is wrong */
        if (b->is_binding || is_pipe || in_library(cx, b->call)) continue;
        if (b->kind == BODY_PROCEDURE || b->kind == BODY_TRAIN) break; /* checked for calls alone: it is to blame itself */
        if (b->declared && b->call.begin == b->declared->ast->function.name.span.begin) break;
        if (b->caller && b->caller->declared && b->caller->declared == b->declared) continue;
        return b->call.begin == span.begin ? (Span){0} : b->call;
    }
    return (Span){0};
}

Diag *check_error(Checker *cx, Span span, DiagCode code, const char *format, ...) {
    if (cx->quiet) return NULL;
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    Span call = blamed_call(cx, span);
    if (!call.end) return diag_add(&cx->session->diags, span, code, "%s", message);
    Diag *diag = diag_add(&cx->session->diags, call, code, "%s", message);
    const Symbol *name = cx->body->declared ? cx->body->declared->name : NULL;
    diag_label(&cx->session->diags, diag, span,
               name ? "here in %s, with the sizes of this call" : "%s", name ? name->text : "here");
    return diag;
}

#define FORMAT_INTO(buffer)                                                                        \
    char buffer[1024];                                                                             \
    va_list args;                                                                                  \
    va_start(args, format);                                                                        \
    vsnprintf(buffer, sizeof buffer, format, args);                                                \
    va_end(args)

void check_label(Checker *cx, Diag *diag, Span span, const char *format, ...) {
    if (!diag || !span.end) return;
    FORMAT_INTO(text);
    for (int i = 0; i < diag->labels.len; i++)
        if (diag->labels.data[i].span.begin == span.begin &&
            !strcmp(diag->labels.data[i].text, text))
            return;
    diag_label(&cx->session->diags, diag, span, "%s", text);
}

void check_note(Checker *cx, Diag *diag, const char *format, ...) {
    if (!diag) return;
    FORMAT_INTO(text);
    diag_note(&cx->session->diags, diag, "%s", text);
}

void check_fix(Checker *cx, Diag *diag, const char *format, ...) {
    if (!diag) return;
    FORMAT_INTO(text);
    diag_fix(&cx->session->diags, diag, "%s", text);
}

const char *source_text(Checker *cx, Span span) {
    const Source *source = source_of(&cx->session->sources, span);
    return source ? arena_text(cx->arena, source->text + (span.begin - source->base), span.end - span.begin) : "";
}

static int can_edit(Checker *cx, Span span) {
    const Source *source = source_of(&cx->session->sources, span);
    return source && !source->is_library && !blamed_call(cx, span).end;
}

void check_fix_edit(Checker *cx, Diag *diag, Span span, const char *replacement, const char *format, ...) {
    if (!diag) return;
    FORMAT_INTO(text);
    if (can_edit(cx, span)) diag_fix_edit(&cx->session->diags, diag, span, replacement, "%s", text);
    else diag_fix(&cx->session->diags, diag, "%s", text);
}

void check_fix_wrap(Checker *cx, Diag *diag, Span span, const char *before, const char *behind, const char *format,
                    ...) {
    if (!diag) return;
    FORMAT_INTO(text);
    const char *wrapped = arena_printf(cx->arena, "%s%s%s", before, source_text(cx, span), behind);
    check_fix_edit(cx, diag, span, wrapped, "%s", text);
}

void check_primary(Checker *cx, Diag *diag, const char *format, ...) {
    if (!diag || diag->primary_label) return;
    FORMAT_INTO(text);
    diag_primary(&cx->session->diags, diag, "%s", text);
}

void check_unsupported(Checker *cx, Span span, const char *what) {
    check_error(cx, span, E_UNSUPPORTED, "not supported yet: %s", what);
}

/* ---- scopes --------------------------------------------------------------------------------- */

Scope *scope_push(Checker *cx) {
    Scope *scope = arena_new(cx->arena, Scope);
    scope->outer = cx->scope;
    scope->body = cx->body;
    cx->scope = scope;
    return scope;
}

static int has_mistakes(Checker *cx) { return cx->session->diags.error_count > 0; }

void scope_pop(Checker *cx) {
    Scope *scope = cx->scope;
    cx->scope = scope->outer;
    int is_elaboration = cx->body && cx->body->call.end;
    if (cx->quiet || is_elaboration || cx->body->has_unknown) return;
    for (int i = 0; i < scope->names.len; i++) {
        const Binding *b = scope->names.entries[i].value;
        if (b->use_count || b->is_quiet || b->kind == BIND_ERROR || in_library(cx, b->span))
            continue;
        if (b->kind != BIND_VALUE && b->kind != BIND_CALLABLE) continue;
        if (b->tx && is_error(b->tx) && has_mistakes(cx)) continue;
        Diag *diag = check_error(cx, b->span, E_UNUSED, "`%s` is never used", b->name->text);
        int is_let = b->kind == BIND_VALUE && b->tx && b->tx->kind == T_VARIABLE && !b->tx->variable->is_mutable;
        if (is_let) check_fix_edit(cx, diag, b->span, "_", "leave it out, or write `_` for what is not wanted");
        else check_fix(cx, diag, "leave it out");
    }
}

Binding *scope_add(Checker *cx, const Symbol *name, Span span, BindingKind kind) {
    Binding *binding = arena_new(cx->arena, Binding);
    *binding = (Binding){.kind = kind, .name = name, .span = span};
    if (cx->body) binding->depth = cx->body->loop_depth + cx->body->branch_depth;
    if (name) map_set(cx->arena, &cx->scope->names, name, binding);
    return binding;
}

int is_capitalised(const Symbol *name) { return isupper((unsigned char)name->text[0]) != 0; }

Binding *scope_declare(Checker *cx, AstName name, BindingKind kind, int is_capital) {
    if (!name.symbol) return scope_add(cx, NULL, name.span, kind);
    Binding *old = map_get(&cx->scope->names, name.symbol);
    if (old && old->kind != BIND_ERROR) {
        Diag *diag = check_error(cx, name.span, E_DUPLICATE_NAME, "`%s` is declared twice here",
                                 name.symbol->text);
        check_label(cx, diag, old->span, "the first `%s`", name.symbol->text);
        old->use_count++;
    } else if (is_capital >= 0 && is_capitalised(name.symbol) != is_capital) {
        Diag *diag = check_error(cx, name.span, E_NAME_CASE,
                                 is_capital ? "`%s` names a size or layer and must begin with a capital"
                                            : "`%s` names a value and must begin with a small letter",
                                 name.symbol->text);
        check_note(cx, diag,
                   "values, functions and weights are `lower_case`; layers, models and dimensions "
                   "begin with a capital");
    } else if (cx->scope != cx->file_scope) {
        Declared *taken = map_get(file_names(cx, name.span), name.symbol);
        int hides = taken && (taken->ast->kind == AST_DIM || taken->ast->kind == AST_OPTION);
        if (hides && (kind == BIND_VALUE || kind == BIND_DIM) && cx->body &&
            !in_library(cx, name.span)) {
            Diag *diag =
                check_error(cx, name.span, E_NAME_TAKEN, "`%s` is the name of %s of this file",
                            name.symbol->text, taken->ast->kind == AST_DIM ? "a dim" : "an option");
            check_label(cx, diag, taken->ast->declare.name.span, "declared here");
        }
    }
    return scope_add(cx, name.symbol, name.span, kind);
}

Binding *scope_find(Checker *cx, const Symbol *name) {
    for (Scope *s = cx->scope; s; s = s->outer) {
        Binding *found = map_get(&s->names, name);
        if (!found) continue;
        found->use_count++;
        return found;
    }
    return NULL;
}

/* ---- suggestions ---------------------------------------------------------------------------- */

static void consider(const char *candidate, const char *wanted, int *best, const char **result) {
    int limit = strlen(wanted) < 4 ? 1 : strlen(wanted) < 6 ? 2 : 3;
    if (*best < limit) limit = *best;
    int distance = strcasecmp(candidate, wanted) ? edit_distance(candidate, wanted, limit) : 0;
    if (distance > limit || distance >= (int)strlen(wanted)) return;
    if (*result && distance >= *best) return;
    *best = distance;
    *result = candidate;
}

const char *suggestion(Checker *cx, const Symbol *name) {
    int best = 3;
    const char *result = NULL;
    for (const Scope *s = cx->scope; s; s = s->outer)
        for (int i = 0; i < s->names.len; i++) {
            const Symbol *candidate = s->names.entries[i].key;
            if (((const Binding *)s->names.entries[i].value)->is_missing) continue;
            int is_alike = tolower((unsigned char)candidate->text[0]) == tolower((unsigned char)name->text[0]);
            if (is_alike || s->outer)
                consider(candidate->text, name->text, &best, &result);
        }
    return result;
}

void unknown_name(Checker *cx, AstName name, const char *what) {
    Diag *diag =
        check_error(cx, name.span, E_UNKNOWN_NAME, "there is no %s `%s`", what, name.symbol->text);
    const char *near = diag ? suggestion(cx, name.symbol) : NULL;
    if (near) check_fix_edit(cx, diag, name.span, near, "did you mean `%s`?", near);
    if (!cx->quiet && cx->body) cx->body->has_unknown = 1;
    Scope *scope = cx->scope; /* said once: what follows in this body is a consequence */
    if (!cx->quiet) {
        while (scope->outer && scope->outer->body == cx->body && scope->outer != cx->file_scope)
            scope = scope->outer;
        if (is_capitalised(name.symbol) && cx->file_scope) /* a model, layer or dim of the file */
            while (scope->outer && scope->outer != cx->library_scope) scope = scope->outer;
        Binding *poison = arena_new(cx->arena, Binding);
        *poison = (Binding){.kind = BIND_ERROR, .name = name.symbol, .span = name.span, .is_missing = 1};
        map_set(cx->arena, &scope->names, name.symbol, poison);
    }
}
