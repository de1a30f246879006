/* repeat: the loop of the compiler.
 *
 * Every copy of the body is checked by itself, with the names of the loop bound to its element: sizes, flags,
 * texts, layers and functions are known when compiling, anything else is a value.  The statements of all
 * copies follow each other in one block; the yields are a tuple.  A `var` that changes its shape gets a new
 * TVariable under the old name, which is right because copies stand one behind the other.
 *
 * A number of copies that is not known here (generic checks, sizes that only data knows) is checked once,
 * with the vars that change their shape unknown. */
#include "lang/check_call.h"
#include "lang/check_condition.h"
#include "lang/check_expression.h"

#include <string.h>

enum { MAX_COPIES = 4096 };

typedef struct Retyped {
    Binding *binding;
    const Tx *before;
    int is_changed; /* it took another shape; else it is only not known what it became */
} Retyped;

struct Repeat {
    const Ast *ast;
    const Copy *copy;
    int loop_depth, branch_depth;
    const Tx *yielded;
    Vec(Retyped) retyped; /* only in an open repeat */
    Repeat *outer;
};

/* What one source gives to each copy. */
typedef struct RepeatSource {
    const Ast *ast;
    const AstList *items; /* of a list or tuple as written */
    const Tx *value;      /* of a tuple, or instance with copies */
    const Dim *lo;        /* of a range */
    int64_t count;        /* -1: not known here, -2: without end */
} RepeatSource;

/* ---- sources -------------------------------------------------------------------------------- */

static int is_runtime_size(const Dim *dim) {
    const DimName *name = dim_as_name(dim);
    return name && name->is_runtime;
}

static int range_source(Checker *cx, const Ast *range, RepeatSource *source) {
    const Dim *hi = range->range.hi ? expect_dim(cx, range->range.hi) : NULL;
    source->lo = range->range.lo ? expect_dim(cx, range->range.lo) : dim_constant(&cx->session->dims, 0);
    if (!source->lo || (range->range.hi && !hi)) return 0;
    if (!range->range.hi) {
        source->count = -2;
        return 1;
    }
    const Dim *count = dim_sub(&cx->session->dims, hi, source->lo);
    source->count = dim_is_constant(count) ? dim_constant_value(count) : -1;
    if (is_runtime_size(hi) || is_runtime_size(source->lo)) {
        Diag *diag = check_error(cx, range->span, E_REPEAT_SOURCE,
                                 "how often a `repeat` copies is known when compiling; `%s` is not",
                                 dim_shown(cx, is_runtime_size(hi) ? hi : source->lo));
        check_fix(cx, diag, "`for` is the loop of the run time");
        return 0;
    }
    if (dim_is_constant(count) && (source->count < 0 || source->count > MAX_COPIES)) {
        Diag *diag = check_error(cx, range->span, E_REPEAT_SOURCE, "a `repeat` makes 0 to %d copies, this is %lld",
                                 MAX_COPIES, (long long)source->count);
        check_fix(cx, diag, "`for` is the loop of the run time; `Stack` repeats equal layers");
        return 0;
    }
    return 1;
}

static int value_source(Checker *cx, const Ast *ast, RepeatSource *source) {
    source->value = settle(cx, check_expression(cx, ast, NULL));
    const Type *type = source->value->type;
    const Built *built = type->kind == TY_INSTANCE ? type->function : NULL;
    source->count = -1;
    if (is_error(source->value)) return 1;
    if (type->kind == TY_TUPLE) source->count = type->count;
    else if (built && built->kind != BUILT_LAYER) source->count = built->is_open ? -1 : built->parts.len;
    else {
        Diag *diag = check_error(cx, ast->span, E_REPEAT_SOURCE,
                                 "`repeat` runs over a range, a list or a tuple, this is %s",
                                 type_shown(cx, type));
        if (type->kind == TY_TENSOR) check_fix(cx, diag, "`for` runs over a tensor");
        return 0;
    }
    return 1;
}

static int read_source(Checker *cx, const Ast *ast, RepeatSource *source) {
    ast = ast_ungroup(ast);
    *source = (RepeatSource){.ast = ast};
    if (ast->kind == AST_RANGE) return range_source(cx, ast, source);
    if (ast->kind != AST_LIST && ast->kind != AST_TUPLE) return value_source(cx, ast, source);
    source->items = &ast->items;
    source->count = ast->items.len;
    return 1;
}

/* How many copies; -1 not known here, -2 after a diagnostic. */
static int64_t copy_count(Checker *cx, const AstLoop *loop, const RepeatSource *sources) {
    int64_t count = -2;
    int first = -1;
    for (int i = 0; i < loop->sources.len; i++) {
        int64_t own = sources[i].count;
        if (own == -2) continue;
        if (first < 0 || count == -1) {
            if (first < 0 || own >= 0) first = i, count = own;
            continue;
        }
        if (own < 0 || own == count) continue;
        Diag *diag = check_error(cx, sources[i].ast->span, E_REPEAT_COUNT,
                                 "the sources of this `repeat` have %lld and %lld elements", (long long)count,
                                 (long long)own);
        check_label(cx, diag, sources[first].ast->span, "%lld elements", (long long)count);
        check_primary(cx, diag, "%lld elements", (long long)own);
        return -2;
    }
    if (first < 0)
        check_error(cx, sources[0].ast->span, E_REPEAT_SOURCE, "this `repeat` has no end: write 0..n");
    return count;
}

/* ---- names of a copy ------------------------------------------------------------------------ */

static Binding *bind_name(Checker *cx, const Ast *target, BindingKind kind) {
    AstName name = {target->name, target->span};
    Binding *b = scope_declare(cx, name, kind, kind == BIND_VALUE ? 0 : -1);
    b->is_quiet = 1;
    return b;
}

static void bind_value(Checker *cx, const Ast *target, const Tx *value, TBlock *out);

static const Tx *item_of(Checker *cx, const Tx *value, int64_t index) {
    if (value->type->kind == TY_INSTANCE) {
        const Built *built = value->type->function;
        return part_of(cx, value, built->parts.data[index], copy_name(cx, index), value->span);
    }
    if (value->kind == T_TUPLE) return value->args.data[index];
    Tx *tx = tx_new(cx, T_ITEM, value->type->fields[index].type, value->span);
    tx_add(cx, tx, value);
    tx->integer = index;
    return tx;
}

static void wrong_pattern(Checker *cx, const Ast *target, const char *what, int count) {
    check_error(cx, target->span, E_TUPLE_COUNT, "%d names for %d %s", target->items.len, count, what);
}

static void poison(Checker *cx, const Ast *target) {
    target = ast_ungroup(target);
    if (target->kind == AST_NAME) bind_name(cx, target, BIND_ERROR);
    for (int i = 0; target->kind == AST_TUPLE && i < target->items.len; i++)
        poison(cx, target->items.data[i]);
}

/* Instances stay what they are, a number may be written again; all else is worked out once. */
static const Tx *worked_out(Checker *cx, const Tx *value, const Symbol *name, TBlock *out) {
    if (value->type->kind == TY_INSTANCE || value->type->kind == TY_RECORD || value->kind == T_NUMBER ||
        value->kind == T_STRING || (value->kind == T_VARIABLE && !value->variable->is_mutable))
        return value;
    TVariable *v = variable_new(cx, name, value->type, value->span);
    TStmt *stmt = add_statement(cx, out, TS_LET, value->span);
    vec_push(cx->arena, &stmt->targets, v);
    stmt->value = value;
    return tx_variable(cx, v, value->span);
}

static void bind_value(Checker *cx, const Ast *target, const Tx *value, TBlock *out) {
    target = ast_ungroup(target);
    if (target->kind == AST_HOLE) return;
    if (is_error(value)) {
        poison(cx, target);
        return;
    }
    if (target->kind == AST_NAME) {
        bind_name(cx, target, BIND_VALUE)->tx = worked_out(cx, value, target->name, out);
        return;
    }
    int count = value->type->kind == TY_TUPLE ? value->type->count : 1;
    if (target->kind != AST_TUPLE || value->type->kind != TY_TUPLE || count != target->items.len) {
        wrong_pattern(cx, target, count == 1 ? "value" : "items", count);
        poison(cx, target);
        return;
    }
    for (int i = 0; i < count; i++) bind_value(cx, target->items.data[i], item_of(cx, value, i), out);
}

/* A function or layer that stands as an element; NULL where it is a value. */
static Callable *element_callable(Checker *cx, const Ast *ast) {
    if (ast->kind != AST_NAME && ast->kind != AST_INDEX && ast->kind != AST_FIELD && ast->kind != AST_PIPE)
        return NULL;
    cx->quiet++;
    Callable *callable = check_callable(cx, ast);
    cx->quiet--;
    if (!callable || callable->kind == CALL_ERROR || callable->kind == CALL_INSTANCE) return NULL;
    const AstFunction *function =
        callable->kind == CALL_DECLARED ? &callable->declared->ast->function : NULL;
    if (function && !function->inputs.len && callable->declared->ast->kind == AST_FN) return NULL;
    return callable;
}

static void bind_element(Checker *cx, const Ast *target, const Ast *ast, TBlock *out) {
    target = ast_ungroup(target);
    ast = ast_ungroup(ast);
    if (target->kind == AST_TUPLE && ast->kind == AST_TUPLE) {
        int count = ast->items.len;
        if (count != target->items.len) {
            wrong_pattern(cx, target, "items", count);
            poison(cx, target);
            return;
        }
        for (int i = 0; i < count; i++)
            bind_element(cx, target->items.data[i], ast->items.data[i], out);
        return;
    }
    if (target->kind != AST_NAME) {
        bind_value(cx, target, settle(cx, check_expression(cx, ast, NULL)), out);
        return;
    }
    const Dim *dim = dim_expression(cx, ast);
    int flag = ast->kind == AST_BOOL || ast->kind == AST_NAME ? static_condition(cx, ast, NULL, NULL) : -2;
    Callable *callable = dim || flag != -2 ? NULL : element_callable(cx, ast);
    if (dim) {
        Binding *b = bind_name(cx, target, BIND_DIM);
        b->dim = dim;
        b->why = dim_origin(cx, ast);
    } else if (flag != -2) {
        bind_name(cx, target, BIND_FLAG)->number = flag;
    } else if (callable) {
        bind_name(cx, target, BIND_CALLABLE)->callable = callable;
    } else if (ast->kind == AST_STRING && ast->string.parts.len == 1) {
        bind_name(cx, target, BIND_TEXT)->text =
            symbol(&cx->session->symbols, ast->string.parts.data[0].text);
    } else {
        bind_value(cx, target, settle(cx, check_expression(cx, ast, NULL)), out);
    }
}

/* The name of a range: `at` of it, or any of it where at is NULL. */
static void bind_counter(Checker *cx, const Ast *target, const RepeatSource *source, const Dim *at) {
    target = ast_ungroup(target);
    if (target->kind == AST_HOLE) return;
    if (target->kind != AST_NAME) {
        wrong_pattern(cx, target, "number", 1);
        poison(cx, target);
        return;
    }
    DimTable *dims = &cx->session->dims;
    Binding *b = bind_name(cx, target, BIND_DIM);
    b->dim = at ? dim_add(dims, source->lo, at) : dim_named(dims, dim_new_name(dims, target->name));
    b->why = origin_new(cx, ORIGIN_DECLARATION, source->ast->span, NULL);
    if (at) return;
    vec_push(cx->arena, &cx->body->facts.at_least, dim_sub(dims, b->dim, source->lo));
    const Ast *hi = source->ast->range.hi;
    const Dim *end = hi ? dim_expression(cx, hi) : NULL;
    if (end)
        vec_push(cx->arena, &cx->body->facts.at_least,
                 dim_sub(dims, dim_sub(dims, end, b->dim), dim_constant(dims, 1)));
}

static void bind_copy(Checker *cx, const AstLoop *loop, const RepeatSource *sources, int64_t index, TBlock *out) {
    for (int i = 0; i < loop->sources.len; i++) {
        const RepeatSource *source = &sources[i];
        const Ast *target = loop->targets.data[i];
        if (source->ast->kind == AST_RANGE)
            bind_counter(cx, target, source, index < 0 ? NULL : dim_constant(&cx->session->dims, index));
        else if (index < 0 || (source->value && is_error(source->value))) poison(cx, target);
        else if (source->items) bind_element(cx, target, source->items->data[index], out);
        else bind_value(cx, target, item_of(cx, source->value, index), out);
    }
}

/* ---- vars and yields ------------------------------------------------------------------------ */

static Repeat *present_repeat(const Checker *cx) {
    Repeat *repeat = cx->body->repeat;
    return repeat && repeat->loop_depth == cx->body->loop_depth ? repeat : NULL;
}

static int is_same_shape(Checker *cx, const Type *a, const Type *b) {
    if (a->rank != b->rank) return 0;
    for (int i = 0; i < a->rank; i++) {
        const Axis *x = &a->axes[i], *y = &b->axes[i];
        if (x->pack != y->pack || (!x->pack && compare_dims(cx, x->dim, y->dim) != DIM_EQUAL)) return 0;
    }
    return 1;
}

static void note_retyped(Checker *cx, Binding *b, int is_changed) {
    for (Repeat *r = cx->body->repeat; r; r = r->outer) {
        Retyped *known = NULL;
        for (int i = 0; i < r->retyped.len; i++)
            if (r->retyped.data[i].binding == b) known = &r->retyped.data[i];
        if (known) known->is_changed |= is_changed;
        else vec_push(cx->arena, &r->retyped, ((Retyped){b, b->tx, is_changed}));
    }
}

/* The variable that the name stands for from here on. */
static const Tx *retype_name(Checker *cx, const Ast *target, const Tx *place, const Tx *value) {
    Body *body = cx->body;
    if (!body->repeat || target->kind != AST_NAME || place->kind != T_VARIABLE) return place;
    Binding *b = scope_find(cx, target->name);
    b->use_count--;
    if (b->kind != BIND_VALUE || b->depth != body->loop_depth + body->branch_depth) return place;
    const Type *old = place->type, *type = value->type;
    if (is_error(value)) { /* what it is now is not known here */
        note_retyped(cx, b, 0);
        b->tx = tx_error(cx, target->span);
        return place;
    }
    if (old->kind != TY_TENSOR || type->kind != TY_TENSOR || is_same_shape(cx, old, type)) return place;
    Type *made = type_copy(cx, type);
    made->dtype = old->dtype;
    made->index_bound = old->index_bound;
    made->element = old->element;
    made->is_literal = 0;
    TVariable *v = variable_new(cx, target->name, made, place->variable->span);
    v->is_mutable = 1;
    v->is_global = place->variable->is_global;
    if (v->is_global) vec_push(cx->arena, &cx->program->globals, v);
    note_retyped(cx, b, 1);
    b->tx = tx_variable(cx, v, target->span);
    return b->tx;
}

/* What stands right of a list of names, before it is known which shapes they take. */
const Tx *repeat_tuple(Checker *cx, const Ast *ast, const TypeField *fields, int count) {
    const Ast *value = ast_ungroup(ast);
    if (value->kind != AST_TUPLE || value->items.len != count) return check_expression(cx, ast, NULL);
    TypeField *own = arena_array(cx->arena, TypeField, count);
    Tx *tx = tx_new(cx, T_TUPLE, NULL, ast->span);
    for (int i = 0; i < count; i++) {
        const Type *wanted = is_error_type(fields[i].type) ? NULL : fields[i].type;
        const Tx *item = check_expression(cx, value->items.data[i], wanted);
        if (is_error(item)) return item;
        if (wanted && item->type->is_literal) item = coerce(cx, item, wanted, "this item");
        item = settle(cx, item);
        own[i].type = item->type;
        tx_add(cx, tx, item);
    }
    tx->type = type_list(cx, TY_TUPLE, own, count);
    return tx;
}

/* In a repeat the vars on the left take the shapes of the value. */
const Type *repeat_retype(Checker *cx, const AstAssign *assign, TStmt *stmt, TypeField *fields,
                                  const Tx *value, const Type *wanted) {
    int count = assign->targets.len;
    if (count > 1 && !is_error(value) && (value->type->kind != TY_TUPLE || value->type->count != count))
        return wanted;
    for (int i = 0; i < count; i++) {
        TVariable *v = stmt->targets.data[i];
        if (!v) continue;
        const Tx *item = value;
        if (count > 1 && !is_error(value)) {
            Tx *part = tx_new(cx, T_ITEM, value->type->fields[i].type, value->span);
            item = part;
        }
        const Tx *now = retype_name(cx, ast_ungroup(assign->targets.data[i]), tx_variable(cx, v, v->span), item);
        stmt->targets.data[i] = now->variable;
        fields[i].type = now->type;
    }
    return count == 1 ? fields[0].type : type_list(cx, TY_TUPLE, fields, count);
}

const Copy *present_copy(const Checker *cx) { return cx->body->repeat ? cx->body->repeat->copy : NULL; }

int is_repeat_yield(const Checker *cx) { return present_repeat(cx) != NULL; }

void repeat_yield(Checker *cx, const Ast *ast, TBlock *out) {
    Repeat *repeat = present_repeat(cx);
    const AstList *list = &repeat->ast->loop.body->statements;
    int is_direct = 0;
    for (int i = 0; i < list->len; i++) is_direct |= list->data[i] == ast;
    const Tx *value = settle(cx, check_expression(cx, ast->inner, NULL));
    if (repeat->yielded && is_error(repeat->yielded)) return;
    if (!is_direct || repeat->yielded) {
        Diag *diag = check_error(cx, ast->span, E_REPEAT_YIELD,
                                 is_direct ? "a `repeat` yields once in every copy"
                                           : "a `yield` stands in the body of its `repeat`, not in an `if`");
        check_fix(cx, diag, is_direct ? "yield a tuple: yield (a, b)" : "yield the value of the `if`");
        repeat->yielded = tx_error(cx, ast->span);
        return;
    }
    if (value->type->kind == TY_UNIT) {
        check_error(cx, ast->span, E_NO_VALUE, "this has no value");
        value = tx_error(cx, ast->span);
    }
    repeat->yielded =
        is_error(value) ? value : worked_out(cx, value, symbol(&cx->session->symbols, "yield"), out);
}

/* ---- copies --------------------------------------------------------------------------------- */

static void append(Checker *cx, TBlock *out, const TBlock *block) {
    for (int i = 0; i < block->statements.len; i++)
        vec_push(cx->arena, &out->statements, block->statements.data[i]);
}

static const char *copy_shown(Checker *cx, int64_t index) {
    Text text = text_new(cx->arena);
    text_printf(&text, "in copy %lld of the `repeat`", (long long)index);
    int count = 0;
    for (int i = 0; i < cx->scope->names.len; i++) {
        const Binding *b = cx->scope->names.entries[i].value;
        if (b->kind == BIND_DIM && b->dim)
            text_printf(&text, "%s%s = %s", count++ ? ", " : ": ", b->name->text, dim_shown(cx, b->dim));
    }
    return text_str(&text);
}

/* One copy; what it yields, or NULL. */
static const Tx *check_copy(Checker *cx, Repeat *repeat, const RepeatSource *sources, int64_t index, TBlock *out) {
    const AstLoop *loop = &repeat->ast->loop;
    int before = cx->session->diags.list.len;
    Copy *copy = arena_new(cx->arena, Copy);
    *copy = (Copy){index < 0 ? 0 : index, repeat->outer ? repeat->outer->copy : NULL};
    repeat->copy = copy;
    repeat->yielded = NULL;
    scope_push(cx);
    bind_copy(cx, loop, sources, index, out);
    append(cx, out, check_block(cx, loop->body, NULL, 0));
    for (int i = before; index > 0 && i < cx->session->diags.list.len; i++)
        check_note(cx, cx->session->diags.list.data[i], "%s", copy_shown(cx, index));
    scope_pop(cx);
    return repeat->yielded;
}

static const Tx *known_copies(Checker *cx, Repeat *repeat, const RepeatSource *sources, int64_t count, TBlock *out,
                              Span span) {
    TypeField *fields = arena_array(cx->arena, TypeField, count);
    Tx *tuple = tx_new(cx, T_TUPLE, NULL, span);
    int before = cx->session->diags.list.len, is_said = 0, has_value = 1;
    for (int64_t i = 0; i < count; i++) {
        const Tx *value = check_copy(cx, repeat, sources, i, out);
        if (cx->session->diags.list.len > before && !is_said) cx->quiet += is_said = 1; /* not for each copy */
        if (!value || is_error(value)) has_value = 0;
        if (!has_value) continue;
        fields[i] = (TypeField){.type = value->type};
        tx_add(cx, tuple, value);
    }
    cx->quiet -= is_said;
    tuple->type = type_list(cx, TY_TUPLE, fields, (int)count);
    return has_value ? tuple : tx_error(cx, span);
}

/* Vars as any copy may find them, or as the repeat leaves them. */
static void forget_changed(Checker *cx, Repeat *repeat, int is_after) {
    for (int i = 0; i < repeat->retyped.len; i++) {
        Retyped *r = &repeat->retyped.data[i];
        r->binding->tx = r->is_changed || is_after ? tx_error(cx, repeat->ast->span) : r->before;
    }
}

/* Once for all copies: first silently, to see which vars change their shape. */
static void open_copies(Checker *cx, Repeat *repeat, const RepeatSource *sources, TBlock *out) {
    DimFacts facts = cx->body->facts, own = {0};
    for (int i = 0; i < facts.zero.len; i++) vec_push(cx->arena, &own.zero, facts.zero.data[i]);
    for (int i = 0; i < facts.at_least.len; i++) vec_push(cx->arena, &own.at_least, facts.at_least.data[i]);
    cx->body->facts = own;
    TBlock ignored = {0};
    cx->quiet++;
    check_copy(cx, repeat, sources, -1, &ignored);
    cx->quiet--;
    forget_changed(cx, repeat, 0);
    check_copy(cx, repeat, sources, -1, out);
    forget_changed(cx, repeat, 1);
    cx->body->facts = facts;
}

/* Of the repeat whose body this is: loops inside have their own. */
static int has_yield(const Ast *ast) {
    if (!ast) return 0;
    if (ast->kind == AST_IF) return has_yield(ast->branch.block) || has_yield(ast->branch.otherwise);
    for (int i = 0; ast->kind == AST_BLOCK && i < ast->statements.len; i++)
        if (has_yield(ast->statements.data[i])) return 1;
    return ast->kind == AST_YIELD;
}

/* After a mistake in the sources: what the vars of the body would have become is not known. */
static void forget_assigned(Checker *cx, const Ast *ast) {
    if (!ast) return;
    if (ast->kind == AST_IF) {
        forget_assigned(cx, ast->branch.block);
        forget_assigned(cx, ast->branch.otherwise);
    }
    if (ast->kind == AST_FOR || ast->kind == AST_WHILE || ast->kind == AST_REPEAT) forget_assigned(cx, ast->loop.body);
    for (int i = 0; ast->kind == AST_BLOCK && i < ast->statements.len; i++)
        forget_assigned(cx, ast->statements.data[i]);
    for (int i = 0; ast->kind == AST_ASSIGN && i < ast->assign.targets.len; i++) {
        const Ast *target = ast_ungroup(ast->assign.targets.data[i]);
        Binding *b = target->kind == AST_NAME ? scope_find(cx, target->name) : NULL;
        if (b && b->kind == BIND_VALUE && b->tx->kind == T_VARIABLE) b->tx = tx_error(cx, target->span);
    }
}

static int is_pure_block(const TBlock *block) {
    for (int i = 0; i < block->statements.len; i++) {
        const TStmt *s = block->statements.data[i];
        if (s->kind != TS_LET && s->kind != TS_ASSIGN) return 0;
        if (!s->value->is_pure) return 0;
    }
    return 1;
}

/* All sources and the number of copies; -2 after a diagnostic. */
static int64_t read_sources(Checker *cx, const Ast *ast, RepeatSource *sources) {
    const AstLoop *loop = &ast->loop;
    int is_good = 1;
    if (loop->targets.len != loop->sources.len) {
        check_error(cx, ast->span, E_TUPLE_COUNT, "%d %s for %d %s", loop->targets.len,
                    loop->targets.len == 1 ? "name" : "names", loop->sources.len,
                    loop->sources.len == 1 ? "source" : "sources");
        return -2;
    }
    if (loop->along || loop->is_reversed) {
        check_error(cx, ast->span, E_REPEAT_SOURCE, "`%s` belongs to `for`, not to `repeat`",
                    loop->along ? "along" : "reversed");
        return -2;
    }
    for (int i = 0; i < loop->sources.len; i++) is_good &= read_source(cx, loop->sources.data[i], &sources[i]);
    return is_good ? copy_count(cx, loop, sources) : -2;
}

const Tx *check_repeat(Checker *cx, const Ast *ast, TBlock *out, int wants_value) {
    RepeatSource *sources = arena_array(cx->arena, RepeatSource, ast->loop.sources.len);
    int64_t count = read_sources(cx, ast, sources);
    if (count == -2) {
        forget_assigned(cx, ast->loop.body);
        return tx_error(cx, ast->span);
    }
    Body *body = cx->body;
    if (wants_value != has_yield(ast->loop.body)) {
        Diag *diag = check_error(cx, ast->span, wants_value ? E_NO_VALUE : E_UNUSED,
                                 wants_value ? "a value is wanted, and this `repeat` yields none"
                                             : "what this `repeat` yields is never used");
        check_fix(cx, diag, wants_value ? "`yield` what each copy gives" : "let all = repeat ... { }");
        if (wants_value) return tx_error(cx, ast->span);
    }
    Repeat repeat = {.ast = ast,
                     .loop_depth = body->loop_depth,
                     .branch_depth = body->branch_depth,
                     .outer = body->repeat};
    TBlock *block = wants_value ? arena_new(cx->arena, TBlock) : out;
    body->repeat = &repeat;
    const Tx *value = tx_error(cx, ast->span);
    if (count < 0) open_copies(cx, &repeat, sources, block);
    else value = known_copies(cx, &repeat, sources, count, block, ast->span);
    body->repeat = repeat.outer;
    if (!wants_value || is_error(value)) return value;
    Tx *tx = tx_new(cx, T_BLOCK, value->type, ast->span);
    block->value = value;
    tx->block = block;
    tx->is_pure = value->is_pure && is_pure_block(block);
    return tx;
}
