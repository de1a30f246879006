/* Records of weights as values.  An operation on records is written out here, one expression a leaf, so that every
 * leaf is typed by the rule of its operation and what comes after knows one new kind of node, T_RECORD. */
#include "lang/check_bind.h"
#include "lang/check_expression.h"
#include "lang/check_program.h"
#include "lang/check_record.h"


#include <string.h>

int any_record(const Tx *const *args, int count) {
    for (int i = 0; i < count; i++)
        if (is_record(args[i])) return 1;
    return 0;
}

/* ---- parts and weights ---------------------------------------------------------------------- */

const Tx *record_part(Checker *cx, const Tx *record, const Symbol *name, Span span) {
    const Layout *layout = record->type->layout;
    const Built *built = record->type->function;
    for (int i = 0; i < layout->parts.len; i++) {
        if (layout->parts.data[i].name != name) continue;
        Type *type = type_copy(cx, record->type);
        type->layout = layout->parts.data[i].layout;
        type->function = NULL;
        for (int k = 0; built && k < built->parts.len; k++)
            if (built->layout->parts.data[k].name == name) type->function = built->parts.data[k];
        Tx *tx = tx_new(cx, T_PART, type, span);
        tx_add(cx, tx, record);
        tx->name = name;
        return tx;
    }
    return NULL;
}

static const Weight *weight_named(const Layout *layout, const Symbol *name) {
    for (int i = 0; i < layout->weights.len; i++)
        if (layout->weights.data[i]->name == name) return layout->weights.data[i];
    return NULL;
}

static const Layout *part_named(const Layout *layout, const Symbol *name) {
    for (int i = 0; i < layout->parts.len; i++)
        if (layout->parts.data[i].name == name) return layout->parts.data[i].layout;
    return NULL;
}

const Tx *record_weight(Checker *cx, const Tx *record, const Symbol *name, Span span) {
    const Weight *weight = weight_named(record->type->layout, name);
    if (!weight) return NULL;
    Tx *tx = tx_new(cx, T_WEIGHT, weight->type, span);
    tx_add(cx, tx, record);
    tx->weight = weight;
    return tx;
}

/* ---- the same layer ------------------------------------------------------------------------- */

static const char *join(Checker *cx, const char *path, const Symbol *name) {
    return arena_printf(cx->arena, "%s%s%s", path, *path ? "." : "", name->text);
}

typedef enum Likeness { SAME_SHAPES, SAME_TYPES } Likeness;

static int alike(Checker *cx, const Type *a, const Type *b, Likeness likeness) {
    if (likeness == SAME_TYPES || a->kind != TY_TENSOR || b->kind != TY_TENSOR) return same_type(cx, a, b);
    return same_type(cx, type_tensor(cx, DT_F32, a->rank, a->axes), type_tensor(cx, DT_F32, b->rank, b->axes));
}

/* The first leaf that `a` has and `b` has not, or has otherwise; NULL where there is none. */
static const char *missing_leaf(Checker *cx, const Layout *a, const Layout *b, const char *path, Likeness likeness,
                                const Weight **mine, const Weight **other) {
    for (int i = 0; i < a->weights.len; i++) {
        *mine = a->weights.data[i];
        *other = weight_named(b, (*mine)->name);
        if (!*other || !alike(cx, (*mine)->type, (*other)->type, likeness))
            return join(cx, path, (*mine)->name);
    }
    for (int i = 0; i < a->parts.len; i++) {
        const LayoutPart *part = &a->parts.data[i];
        const Layout *there = part_named(b, part->name);
        static const Layout nothing;
        const char *found = missing_leaf(cx, part->layout, there ? there : &nothing, join(cx, path, part->name),
                                         likeness, mine, other);
        if (found) return found;
    }
    return NULL;
}

static const char *layer_shown(Checker *cx, const Type *record) {
    return arena_printf(cx->arena, "`%s`", record->layout->layer->text);
}

static int other_declaration(const Type *a, const Type *b) {
    const Built *one = a->function, *two = b->function;
    return one && two && one->declared != two->declared;
}

int records_alike(Checker *cx, const Type *a, const Type *b) {
    const Weight *mine, *other;
    return a->layout == b->layout ||
           (!other_declaration(a, b) && !missing_leaf(cx, a->layout, b->layout, "", SAME_TYPES, &mine, &other) &&
            !missing_leaf(cx, b->layout, a->layout, "", SAME_TYPES, &mine, &other));
}

/* Reports and gives 0 where the records are not of one layer with the same sizes. */
static int same_layer(Checker *cx, const Type *a, const Type *b, Likeness likeness, const char *what, Span span) {
    if (a->layout == b->layout) return 1;
    const Weight *mine = NULL, *other = NULL;
    const char *path = missing_leaf(cx, a->layout, b->layout, "", likeness, &mine, &other);
    const Type *has = a, *lacks = b;
    if (!path) {
        path = missing_leaf(cx, b->layout, a->layout, "", likeness, &mine, &other);
        has = b;
        lacks = a;
    }
    if (!path && !other_declaration(a, b)) return 1;
    Diag *diag = check_error(cx, span, E_RECORDS_DIFFER, "%s: records of different layers, %s and %s", what,
                             layer_shown(cx, a), layer_shown(cx, b));
    if (path && other)
        check_note(cx, diag, "`%s` is %s in one and %s in the other", path, type_shown(cx, mine->type),
                   type_shown(cx, other->type));
    else if (path)
        check_note(cx, diag, "%s has `%s`, %s has not", layer_shown(cx, has), path, layer_shown(cx, lacks));
    if (path) check_label(cx, diag, mine->span, "declared here");
    if (path && other) check_label(cx, diag, other->span, "declared here");
    check_fix(cx, diag, "take two instances of one layer with the same sizes");
    return 0;
}

/* The inputs as declared, where they alone fix the sizes: what a first call with them would make. */
static void make_layout(Checker *cx, Built *built, const Tx *record) {
    Declared *d = check_declared(cx, built->declared);
    const AstFunction *function = &d->ast->function;
    if (d->is_broken || !function->has_inputs) return;
    Argument *args = arena_array(cx->arena, Argument, function->inputs.len);
    Scope *scope = cx->scope;
    cx->scope = home_scope(cx, d);
    scope_push(cx);
    int is_fixed = 1;
    cx->quiet++;
    bind_rigid_names(cx, function);
    for (int i = 0; i < function->inputs.len; i++) {
        const Ast *input = function->inputs.data[i];
        const Type *type = input->declare.type ? bind_rigid_type(cx, input->declare.type) : type_error(cx);
        int is_whole = type->kind == TY_TENSOR && !has_pack(type) && type->element == ELEMENT_FIXED;
        is_fixed &= is_whole;
        for (int k = 1; is_whole && k < type->rank; k++) /* the first axis is the batch */
            is_fixed &= type->axes[k].dim && dim_is_constant(type->axes[k].dim);
        TVariable *v = variable_new(cx, input->declare.name.symbol, type, input->span);
        args[i] = (Argument){tx_variable(cx, v, input->span), NULL, input->span};
    }
    cx->quiet--;
    cx->scope = scope;
    if (!is_fixed) return;
    Callable callee = {.kind = CALL_INSTANCE, .declared = d, .built = built, .name = d->name,
                       .span = record->span, .self = record};
    call(cx, &callee, args, function->inputs.len, record->span, NULL);
}

int record_is_known(Checker *cx, const Tx *record) {
    const Layout *layout = record->type->layout;
    Built *built = (Built *)(uintptr_t)record->type->function;
    if (layout->weights.len || layout->parts.len || !built || built->is_known) return 1;
    if (built->declared->is_broken || cx->body->is_generic) return 0;
    int before = cx->session->diags.error_count;
    make_layout(cx, built, record);
    if (built->is_known) return 1;
    if (cx->session->diags.error_count > before) return 0;
    if (cx->body->kind == BODY_LAYER && !cx->body->is_second_walk) {
        cx->body->lacks_records = 1;
        return 0;
    }
    Diag *diag = check_error(cx, record->span, E_RECORD_UNKNOWN,
                             "the weights of this `%s` are not known here: their sizes follow from its first call",
                             layout->layer->text);
    check_label(cx, diag, layout->span, "made here");
    check_fix(cx, diag, "call it above, or write the sizes of the layer's inputs as numbers or `dim`s");
    return 0;
}

/* ---- leaf by leaf --------------------------------------------------------------------------- */

typedef struct Leaves {
    LeafRule *rule;
    void *context;
    int count, first; /* arguments; the first that is a record */
    Span span;
    Tx *result;
    int is_changed, is_bad; /* a leaf has another type than in the first record; a rule has reported */
} Leaves;

static const Tx *leaf_args(Checker *cx, Leaves *w, const Tx *const *records, const Symbol *name) {
    const Tx **args = arena_array(cx->arena, const Tx *, w->count);
    for (int i = 0; i < w->count; i++)
        args[i] = is_record(records[i]) ? record_weight(cx, records[i], name, w->span) : records[i];
    return settle(cx, w->rule(cx, w->context, args, w->span));
}

/* Walks the records side by side; gives the layout of the result. */
static Layout *map_leaves(Checker *cx, Leaves *w, const Tx *const *records) {
    const Layout *layout = records[w->first]->type->layout;
    Layout *made = arena_new(cx->arena, Layout);
    *made = (Layout){.layer = layout->layer, .span = layout->span};
    for (int i = 0; i < layout->weights.len && !w->is_bad; i++) {
        const Weight *old = layout->weights.data[i];
        Weight *weight = arena_new(cx->arena, Weight);
        *weight = *old;
        vec_push(cx->arena, &made->weights, weight);
        if (old->is_state) continue;
        const Tx *leaf = leaf_args(cx, w, records, old->name);
        w->is_bad = is_error(leaf) || leaf->type->kind != TY_TENSOR;
        weight->type = leaf->type;
        w->is_changed |= !same_type(cx, old->type, leaf->type);
        tx_add(cx, w->result, leaf);
    }
    for (int i = 0; i < layout->parts.len && !w->is_bad; i++) {
        const Symbol *name = layout->parts.data[i].name;
        const Tx **parts = arena_array(cx->arena, const Tx *, w->count);
        for (int k = 0; k < w->count; k++)
            parts[k] = is_record(records[k]) ? record_part(cx, records[k], name, w->span) : records[k];
        vec_push(cx->arena, &made->parts, ((LayoutPart){name, map_leaves(cx, w, parts)}));
    }
    return made;
}

static int is_atom(const Tx *tx) {
    while (tx->kind == T_PART) tx = tx->args.data[0];
    return tx->kind == T_VARIABLE || tx->kind == T_INSTANCE || tx->kind == T_SELF || tx->kind == T_NUMBER ||
           tx->kind == T_DIM || tx->kind == T_OPTION;
}

/* A name for what is computed once and used in every leaf. */
static const Tx *name_value(Checker *cx, TBlock *block, const Tx *value) {
    if (is_atom(value)) return value;
    value = settle(cx, value);
    TVariable *v = variable_new(cx, symbol(&cx->session->symbols, "_record"), value->type, value->span);
    TStmt *let = add_statement(cx, block, TS_LET, value->span);
    vec_push(cx->arena, &let->targets, v);
    let->value = value;
    return tx_variable(cx, v, value->span);
}

static int operands_fit(Checker *cx, const Tx *const *args, int count, int first, const char *what, Span span) {
    for (int i = 0; i < count; i++) {
        if (is_error(args[i])) return 0;
        if (is_record(args[i])) {
            if (!record_is_known(cx, args[i])) return 0;
            if (i > first && !same_layer(cx, args[first]->type, args[i]->type, SAME_SHAPES, what, span)) return 0;
            continue;
        }
        if (type_is_scalar(args[i]->type)) continue;
        Diag *diag = check_error(cx, args[i]->span, E_RECORD_OPERAND,
                                 "%s: a record of weights (%s) goes with records of its layer and with scalars, "
                                 "this is %s",
                                 what, layer_shown(cx, args[first]->type), type_shown(cx, args[i]->type));
        check_fix(cx, diag, "name the weight that is meant: %s.w",
                  args[first]->kind == T_VARIABLE ? args[first]->variable->name->text : "net");
        return 0;
    }
    return 1;
}

const Tx *record_map(Checker *cx, LeafRule *rule, void *context, const Tx *const *args, int count,
                     const char *what, Span span) {
    int first = 0;
    while (!is_record(args[first])) first++;
    if (!operands_fit(cx, args, count, first, what, span)) return tx_error(cx, span);
    TBlock *block = arena_new(cx->arena, TBlock);
    const Tx **named = arena_array(cx->arena, const Tx *, count);
    int is_pure = 1;
    for (int i = 0; i < count; i++) {
        named[i] = name_value(cx, block, args[i]);
        is_pure &= args[i]->is_pure;
    }
    Type *type = type_copy(cx, args[first]->type);
    Tx *record = tx_new(cx, T_RECORD, type, span);
    tx_add(cx, record, named[first]);
    Leaves leaves = {.rule = rule, .context = context, .count = count, .first = first, .span = span,
                     .result = record};
    Layout *layout = map_leaves(cx, &leaves, named);
    if (leaves.is_bad) return tx_error(cx, span);
    if (leaves.is_changed) type->layout = layout;
    if (!block->statements.len) return record;
    block->value = record;
    Tx *tx = tx_new(cx, T_BLOCK, type, span);
    tx->block = block;
    tx->is_pure = is_pure;
    return tx;
}

/* ---- operators and functions ---------------------------------------------------------------- */

static const Tx *primitive_leaf(Checker *cx, void *context, const Tx *const *args, Span span) {
    const PrimitiveCall *call = context;
    const Tx **own = arena_array(cx->arena, const Tx *, call->arg_count);
    for (int i = 0; i < call->arg_count; i++) own[i] = args[i];
    PrimitiveCall leaf = {.kind = call->kind, .span = span, .args = own, .arg_count = call->arg_count};
    return check_primitive(cx, &leaf);
}

const Tx *record_primitive(Checker *cx, const PrimitiveCall *call) {
    return record_map(cx, primitive_leaf, (void *)(uintptr_t)call, call->args, call->arg_count,
                      arena_printf(cx->arena, "`%s`", primitive_name(call->kind)), call->span);
}

/* `f32[..]` */
static int is_plain_pack(const Ast *type) {
    type = type ? ast_ungroup(type) : NULL;
    if (!type || type->kind != AST_INDEX || type->index.items.len != 1) return 0;
    const Ast *item = type->index.items.data[0];
    return item->kind == AST_REST && !item->rest;
}

static const Ast *input_of(const AstFunction *function, const Argument *args, int i) {
    if (!args[i].name) return i < function->inputs.len ? function->inputs.data[i] : NULL;
    for (int k = 0; k < function->inputs.len; k++)
        if (function->inputs.data[k]->declare.name.symbol == args[i].name) return function->inputs.data[k];
    return NULL;
}

int takes_leaves(const AstFunction *function, const Argument *args, int count) {
    int takes = 0;
    for (int i = 0; i < count; i++) {
        if (!is_record(args[i].tx)) continue;
        const Ast *input = input_of(function, args, i);
        if (!input || !is_plain_pack(input->declare.type)) return 0;
        takes = 1;
    }
    return takes;
}

typedef struct LeafCall {
    Callable *callee;
    const Argument *args;
    int count;
} LeafCall;

static const Tx *call_leaf(Checker *cx, void *context, const Tx *const *args, Span span) {
    const LeafCall *made = context;
    Argument *own = arena_array(cx->arena, Argument, made->count);
    for (int i = 0; i < made->count; i++) own[i] = (Argument){args[i], made->args[i].name, made->args[i].span};
    return call(cx, made->callee, own, made->count, span, NULL);
}

const Tx *record_call(Checker *cx, Callable *callee, const Argument *args, int count, Span span) {
    const Tx **list = arena_array(cx->arena, const Tx *, count);
    for (int i = 0; i < count; i++) list[i] = args[i].tx;
    LeafCall made = {callee, args, count};
    return record_map(cx, call_leaf, &made, list, count, arena_printf(cx->arena, "`%s`", callee->name->text), span);
}

Callable *record_callable(Checker *cx, const Tx *record, Span span) {
    Built *built = (Built *)(uintptr_t)record->type->function;
    const Weight *mine, *other;
    const Layout *layout = record->type->layout;
    if (!built || (built->layout != layout && missing_leaf(cx, built->layout, layout, "", SAME_TYPES, &mine, &other))) {
        check_error(cx, span, E_NOT_CALLABLE, "this record has not the weights of a layer: it cannot be called");
        return NULL;
    }
    Callable *callable = arena_new(cx->arena, Callable);
    *callable = (Callable){.kind = CALL_INSTANCE, .span = span, .name = built->declared->name,
                           .declared = built->declared, .built = built, .self = record};
    return callable;
}

/* ---- assignment ----------------------------------------------------------------------------- */

const Tx *record_coerce(Checker *cx, const Tx *value, const Type *wanted, const char *what) {
    if (is_error(value)) return value;
    if (!is_record(value)) {
        Diag *diag = check_error(cx, value->span, E_TYPE_MISMATCH, "%s is a record of weights (%s), this is %s", what,
                                 layer_shown(cx, wanted), type_shown(cx, value->type));
        check_fix(cx, diag, "assign to one weight: name.w = ...");
        return tx_error(cx, value->span);
    }
    if (!record_is_known(cx, value)) return tx_error(cx, value->span);
    return same_layer(cx, wanted, value->type, SAME_TYPES, what, value->span) ? value : tx_error(cx, value->span);
}

/* ---- total, flat, like, fresh ---------------------------------------------------------------- */

/* Elements and common element type of all leaves; an element type of DT_COUNT where there are no leaves. */
static void leaf_sizes(Checker *cx, const Layout *layout, const Dim **elements, DType *dtype) {
    DimTable *dims = &cx->session->dims;
    for (int i = 0; i < layout->weights.len; i++) {
        const Weight *weight = layout->weights.data[i];
        if (weight->is_state) continue;
        const Dim *size = dim_constant(dims, 1);
        for (int k = 0; k < weight->type->rank; k++) size = dim_mul(dims, size, weight->type->axes[k].dim);
        *elements = dim_add(dims, *elements, size);
        *dtype = *dtype == DT_COUNT ? weight->type->dtype : wider(*dtype, weight->type->dtype);
    }
    for (int i = 0; i < layout->parts.len; i++) leaf_sizes(cx, layout->parts.data[i].layout, elements, dtype);
}

/* The record that the function works on; 0 after a diagnostic. */
static int takes_record(Checker *cx, PrimitiveCall *call, int count, const Dim **elements, DType *dtype) {
    const char *name = primitive_name(call->kind);
    if (call->arg_count != count) {
        check_error(cx, call->span, E_ARGUMENT_COUNT, "`%s` takes %d %s, %d given", name, count,
                    count == 1 ? "argument" : "arguments", call->arg_count);
        return 0;
    }
    if (!is_record(call->args[0])) {
        check_error(cx, call->args[0]->span, E_TYPE_MISMATCH, "`%s` works on a record of weights, this is %s", name,
                    type_shown(cx, call->args[0]->type));
        return 0;
    }
    if (!record_is_known(cx, call->args[0])) return 0;
    *elements = dim_constant(&cx->session->dims, 0);
    *dtype = DT_COUNT;
    leaf_sizes(cx, call->args[0]->type->layout, elements, dtype);
    if (*dtype != DT_COUNT) return 1;
    if (cx->session->diags.error_count) return 0; /* perhaps what would make them has a mistake */
    check_error(cx, call->args[0]->span, E_RECORD_OPERAND, "`%s`: %s has no weights", name,
                layer_shown(cx, call->args[0]->type));
    return 0;
}

const Tx *rule_record_total(Checker *cx, PrimitiveCall *call) {
    const Dim *elements;
    DType dtype;
    if (!takes_record(cx, call, 1, &elements, &dtype)) return tx_error(cx, call->span);
    return with_args(cx, primitive_tx(cx, call, type_scalar(cx, dtype == DT_BOOL ? DT_I64 : dtype)), call);
}

const Tx *rule_record_flat(Checker *cx, PrimitiveCall *call) {
    const Dim *elements;
    DType dtype;
    if (!takes_record(cx, call, 1, &elements, &dtype)) return tx_error(cx, call->span);
    Axis axis = {.dim = elements, .why = origin_new(cx, ORIGIN_RESULT, call->span, NULL)};
    return with_args(cx, primitive_tx(cx, call, type_tensor(cx, dtype, 1, &axis)), call);
}

const Tx *rule_record_like(Checker *cx, PrimitiveCall *call) {
    const Dim *elements;
    DType dtype;
    if (!takes_record(cx, call, 2, &elements, &dtype)) return tx_error(cx, call->span);
    Axis axis = {.dim = elements, .why = origin_new(cx, ORIGIN_DECLARATION, call->args[0]->span, NULL)};
    call->args[1] = coerce(cx, call->args[1], type_tensor(cx, dtype, 1, &axis), "the vector of all weights");
    if (is_error(call->args[1])) return call->args[1];
    return with_args(cx, primitive_tx(cx, call, call->args[0]->type), call);
}

const Tx *rule_record_fresh(Checker *cx, PrimitiveCall *call) {
    const Dim *elements;
    DType dtype;
    if (!takes_record(cx, call, 1, &elements, &dtype)) return tx_error(cx, call->span);
    Tx *tx = primitive_tx(cx, call, call->args[0]->type);
    tx_add(cx, tx, call->args[0]);
    return call_with_site(cx, tx, symbol(&cx->session->symbols, "fresh"));
}
