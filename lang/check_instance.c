/* Instances: the records of weights that naming a layer makes.
 *
 * A place of a body makes one instance, found again by its AST node whenever the body is walked again.  Inside
 * a `repeat` it makes one for each copy: the part of the owner is then a BUILT_COPIES whose parts are called
 * "0", "1", ..., and those of a repeat in a repeat are copies of copies. */
#include "lang/check_call.h"

#include <ctype.h>
#include <string.h>

const Type *instance_type(Checker *cx, const Built *built) {
    Type *type = type_copy(cx, type_unit(cx));
    type->kind = TY_INSTANCE;
    type->layout = built->layout;
    type->function = built;
    return type;
}

const Tx *part_of(Checker *cx, const Tx *record, const Built *part, const Symbol *name, Span span) {
    Tx *tx = tx_new(cx, T_PART, instance_type(cx, part), span);
    tx_add(cx, tx, record);
    tx->name = name;
    return tx;
}

const Symbol *copy_name(Checker *cx, int64_t index) {
    return symbol_printf(&cx->session->symbols, "%lld", (long long)index);
}

const Symbol *name_of_copy(Checker *cx, const Symbol *name, const Copy *copy) {
    if (!copy) return name;
    return symbol_printf(&cx->session->symbols, "%s.%lld", name_of_copy(cx, name, copy->outer)->text,
                         (long long)copy->index);
}

static Built *record_new(Checker *cx, BuiltKind kind, Declared *declared, Span span) {
    Built *built = arena_new(cx->arena, Built);
    built->kind = kind;
    built->declared = declared;
    built->layout = arena_new(cx->arena, Layout);
    built->layout->layer = declared->name;
    built->layout->span = span;
    return built;
}

static BuiltKind kind_of(const Checker *cx, const Declared *declared) {
    return declared == cx->stack ? BUILT_STACK : BUILT_LAYER;
}

Built *built_new(Checker *cx, Declared *declared, const AstList *items, Scope *scope, Span span) {
    Built *built = record_new(cx, kind_of(cx, declared), declared, span);
    built_refresh(cx, built, items, scope);
    return built;
}

void built_refresh(Checker *cx, Built *built, const AstList *items, Scope *scope) {
    built->items = items;
    built->scope = scope;
    if (built->kind == BUILT_STACK) stack_fill(cx, built);
}

/* Conv2d -> conv2d, LayerNorm -> layer_norm */
static const Symbol *kind_name(Checker *cx, const Symbol *layer) {
    Text text = text_new(cx->arena);
    for (const char *c = layer->text; *c; c++) {
        if (isupper((unsigned char)*c) && c != layer->text && !isupper((unsigned char)c[-1]))
            text_char(&text, '_');
        text_char(&text, (char)tolower((unsigned char)*c));
    }
    return symbol(&cx->session->symbols, text_str(&text));
}

static int may_make(Checker *cx, const Callable *callee) {
    int is_in_loop = cx->body->loop_depth && !callee->is_let;
    if (cx->body->kind == BODY_LAYER && cx->body->built && !is_in_loop) return 1;
    Diag *diag = check_error(cx, callee->span, E_INSTANCE_PLACE,
                             is_in_loop ? "`%s` would make new weights in every turn"
                                        : "`%s` would make new weights here, at every call",
                             callee->name->text);
    check_fix(cx, diag, "make it outside: `let %s = %s[...]`", kind_name(cx, callee->name)->text,
              callee->name->text);
    return 0;
}

/* The name of a new part of the owner; NULL where it is taken (reported). */
static const Symbol *new_part_name(Checker *cx, Built *owner, const Callable *callee) {
    const Symbol *kind = kind_name(cx, callee->name), *name = callee->as;
    if (!name) {
        uintptr_t count = (uintptr_t)map_get(&owner->counts, kind) + 1;
        map_set(cx->arena, &owner->counts, kind, (void *)count);
        name = symbol_printf(&cx->session->symbols, "%s_%d", kind->text, (int)count);
    }
    for (int i = 0; i < owner->layout->parts.len; i++) {
        if (owner->layout->parts.data[i].name != name) continue;
        check_error(cx, callee->span, E_DUPLICATE_NAME, "two parts of %s are named `%s`",
                    owner->declared->name->text, name->text);
        return NULL;
    }
    return name;
}

static void add_part(Checker *cx, Built *owner, Built *part, const Symbol *name, const Ast *site) {
    vec_push(cx->arena, &owner->parts, part);
    vec_push(cx->arena, &owner->sites, site);
    vec_push(cx->arena, &owner->layout->parts, ((LayoutPart){name, part->layout}));
}

/* The part of the owner that belongs to the callee's place; -1 after a diagnostic. */
static int part_at_site(Checker *cx, Built *owner, const Callable *callee) {
    for (int i = 0; i < owner->sites.len; i++)
        if (owner->sites.data[i] == callee->site) return i;
    const Symbol *name = new_part_name(cx, owner, callee);
    if (!name) return -1;
    BuiltKind kind = callee->copy ? BUILT_COPIES : kind_of(cx, callee->declared);
    add_part(cx, owner, record_new(cx, kind, callee->declared, callee->span), name, callee->site);
    return owner->parts.len - 1;
}

/* The record of one copy below the part that all copies share: outer repeats first. */
static const Tx *part_of_copy(Checker *cx, const Tx *of, const Callable *callee, const Copy *copy,
                              int is_innermost) {
    if (copy->outer) of = part_of_copy(cx, of, callee, copy->outer, 0);
    Built *group = (Built *)(uintptr_t)of->type->function;
    const Symbol *name = copy_name(cx, copy->index);
    int at = 0;
    if (copy->index < group->parts.len && group->layout->parts.data[copy->index].name == name)
        at = (int)copy->index;
    while (at < group->parts.len && group->layout->parts.data[at].name != name) at++;
    if (at == group->parts.len) {
        BuiltKind kind = is_innermost ? kind_of(cx, callee->declared) : BUILT_COPIES;
        add_part(cx, group, record_new(cx, kind, callee->declared, callee->span), name, callee->site);
    }
    return part_of(cx, of, group->parts.data[at], name, of->span);
}

Callable *make_part(Checker *cx, Callable *callee, Span span) {
    Built *owner = cx->body->built;
    if (!may_make(cx, callee)) return NULL;
    int at = part_at_site(cx, owner, callee);
    if (at < 0) return NULL;
    const Tx *self = tx_new(cx, T_SELF, instance_type(cx, owner), span);
    self = part_of(cx, self, owner->parts.data[at], owner->layout->parts.data[at].name, span);
    if (callee->copy) self = part_of_copy(cx, self, callee, callee->copy, 1);
    Built *built = (Built *)(uintptr_t)self->type->function;
    built->declared = callee->declared;
    built_refresh(cx, built, callee->items, callee->scope ? callee->scope : cx->scope);
    Callable *made = callable_new(cx, CALL_INSTANCE, callee->name, callee->span);
    made->declared = callee->declared;
    made->items = callee->items;
    made->scope = callee->scope;
    made->built = built;
    made->self = self;
    return made;
}
