/* Sizes that only the run knows: what is known of them, what a step is planned for, what they must fulfil before it
 * runs, and what is said where they do not. */
#include "driver/program_internal.h"

#include <string.h>

/* ---- known sizes ------------------------------------------------------------------------------------- */

static void know(Program *p, const DimName *name, int64_t value, const char *from) {
    DimName *size = p->session->dims.names.data[name->id];
    if (size->maximum < value) size->maximum = value;
    for (int i = 0; i < p->sizes.len; i++) {
        KnownSize *known = &p->sizes.data[i];
        if (known->name != name) continue;
        known->value = value;
        if (from) known->from = from;
        return;
    }
    vec_push(&p->arena, &p->sizes, ((KnownSize){name, value, from}));
}

static int is_known(const Program *p, const DimName *name) {
    for (int i = 0; i < p->sizes.len; i++)
        if (p->sizes.data[i].name == name) return 1;
    return 0;
}

static const DimName *open_name(const Dim *dim) {
    const DimName *name = dim ? dim_as_name(dim) : NULL;
    return name && name->is_runtime ? name : NULL;
}

void know_size(Program *p, const Type *type, const DataSet *set, const char *from) {
    const DimName *name = type ? open_name(type->rows) : NULL;
    if (name && set) know(p, name, set->rows, from);
}

static void list_names(Arena *arena, const Dim *dim, Map *names) {
    for (int i = 0; i < dim->term_count; i++)
        for (int k = 0; k < dim->terms[i].power_count; k++) {
            const DimAtom *atom = dim->terms[i].powers[k].atom;
            if (atom->kind == DIM_NAME) {
                map_set(arena, names, atom->name, arena);
                continue;
            }
            list_names(arena, atom->a, names);
            list_names(arena, atom->b, names);
        }
}

/* By DimName id, in an arena of the caller's. */
static int64_t *known_values(const Program *p, Arena *arena) {
    int64_t *values = arena_array(arena, int64_t, p->session->dims.names.len);
    for (int i = 0; i < p->sizes.len; i++) values[p->sizes.data[i].name->id] = p->sizes.data[i].value;
    return values;
}

/* The value of a size of the program; 0 where some of its names are not known yet. */
static int known_value(const Program *p, const Dim *dim, int64_t *value) {
    Arena arena = {0};
    Map names = {0};
    list_names(&arena, dim, &names);
    int is_all = 1;
    for (int i = 0; i < names.len; i++) is_all = is_all && is_known(p, names.entries[i].key);
    is_all = is_all && !dim_evaluate(dim, known_values(p, &arena), value);
    arena_release(&arena);
    return is_all;
}

int know_sizes(Program *p, const Type *type, const ProgramValue *value, Span span) {
    if (type->kind != TY_TENSOR || value->tag != PROGRAM_ARRAY || value->array->rank != type->rank) return 1;
    for (int i = 0; i < type->rank; i++) {
        const Dim *dim = type->axes[i].dim;
        int64_t extent = value->array->extents[i], is;
        if (open_name(dim)) know(p, open_name(dim), extent, NULL);
        else if (known_value(p, dim, &is) && is != extent) {
            Diag *diag = program_sizes_differ(p, span, dim, is, NULL, extent);
            diag_note(&p->session->diags, diag, "only the run knows this, so sizes are compared when the values meet");
            return 0;
        }
    }
    return 1;
}

/* ---- what is planned for ----------------------------------------------------------------------------- */

void running_step_plan(Program *p, const Build *build, Array *const *arrays) {
    for (int i = 0; i < build->sources.len; i++) {
        const Node *node = build->region->inputs.data[i].node;
        for (int k = 0; arrays[i] && k < node->rank; k++) {
            if (!open_name(node->shape[k])) continue;
            DimName *name = p->session->dims.names.data[open_name(node->shape[k])->id];
            int64_t extent = arrays[i]->extents[k];
            if (extent > name->maximum) name->maximum = name->maximum ? 2 * extent : extent; /* seldom once more */
        }
    }
    for (int i = 0; i < build->conditions.len; i++) { /* what a condition will refuse must be a plan all the same */
        const BuildCondition *c = &build->conditions.data[i];
        if (c->kind != CONDITION_INSIDE || !open_name(c->b) || !dim_is_constant(c->a)) continue;
        DimName *name = p->session->dims.names.data[open_name(c->b)->id];
        if (dim_constant_value(c->a) > name->maximum) name->maximum = dim_constant_value(c->a);
    }
}

int running_step_fits(const RunningStep *rs) {
    for (int i = 0; i < rs->build->region->dims.len; i++)
        if (rs->build->region->dims.data[i]->maximum > rs->planned[i]) return 0;
    return 1;
}

/* ---- where sizes come from --------------------------------------------------------------------------- */

static void list_test_names(Program *p, const DimTest *test, Map *names) {
    if (test->a) list_names(&p->arena, test->a, names);
    if (test->b) list_names(&p->arena, test->b, names);
    if (test->left) list_test_names(p, test->left, names);
    if (test->right) list_test_names(p, test->right, names);
}

static void note_known(Program *p, Diag *diag, const DimName *name) {
    for (int i = 0; i < p->sizes.len; i++) {
        const KnownSize *known = &p->sizes.data[i];
        if (known->name == name && known->from)
            diag_note(&p->session->diags, diag, "%s is %lld: %s", name->name->text, (long long)known->value, known->from);
    }
}

/* The argument of the step's call that a size was taken from, with what is known of its own sizes; 0 where none is. */
static int label_argument(Program *p, const RunningStep *rs, Diag *diag, const DimName *name) {
    const Tx *call = p->step_call;
    int input = rs->taken_from[name->id] - 1;
    const TVariable *v = input >= 0 ? rs->build->sources.data[input].variable : NULL;
    for (int i = 0; v && rs->step && call && i < call->args.len; i++) {
        if (rs->step->inputs.data[i] != v) continue;
        const Tx *arg = call->args.data[i];
        diag_label(&p->session->diags, diag, arg->span, "%s is %lld here", name->name->text,
                   (long long)rs->batch[name->id]);
        for (int k = 0; k < arg->type->rank; k++)
            if (open_name(arg->type->axes[k].dim) && v->type->axes[k].dim == dim_named(&p->session->dims, name))
                note_known(p, diag, open_name(arg->type->axes[k].dim));
        return 1;
    }
    return 0;
}

/* `rs` NULL: of a procedure.  Gives how many arguments of a step's call were named. */
static int note_origins(Program *p, const RunningStep *rs, Diag *diag, const DimTest *test) {
    Map names = {0};
    list_test_names(p, test, &names);
    int labels = 0;
    for (int i = 0; i < names.len; i++) {
        const DimName *name = names.entries[i].key;
        const TTrain *train = rs && rs->step ? rs->step->train : NULL;
        note_known(p, diag, name);
        if (rs) labels += label_argument(p, rs, diag, name);
        if (!train || name != rs->step->batch || rs->batch[name->id] == train->batch) continue;
        diag_note(&p->session->diags, diag, "this is a last batch, with %lld of %lld examples",
                  (long long)rs->batch[name->id], (long long)train->batch);
        diag_fix(&p->session->diags, diag, "keep_short = false leaves such a batch out");
    }
    return labels;
}

/* ---- conditions -------------------------------------------------------------------------------------- */

Diag *program_sizes_differ(Program *p, Span span, const Dim *a, int64_t is, const Dim *b, int64_t found) {
    if (dim_is_constant(a) && b) return program_sizes_differ(p, span, b, found, a, is);
    const char *name = dim_text(&p->arena, a);
    if (b && !dim_is_constant(b))
        return program_fail(p, span, E_SIZES_DIFFER, "%s is %lld and %s is %lld, and they must be equal here", name,
                            (long long)is, dim_text(&p->arena, b), (long long)found);
    if (dim_is_constant(a))
        return program_fail(p, span, E_SIZES_DIFFER, "this has the size %lld, and %lld is wanted", (long long)found,
                            (long long)is);
    return program_fail(p, span, E_SIZES_DIFFER, "%s is %lld, and must be %lld here", name, (long long)is,
                        (long long)found);
}

/* "T is size(d), which is 7, U is 3": the sizes of a condition's names; its sides that are more go to notes. */
static void show_given_sizes(Program *p, const int64_t *values, Diag *diag, const TCondition *given,
                             int is_of_step) {
    Text sizes = text_new(&p->arena);
    for (int i = 0; i < given->sizes.len; i++) {
        const TSizeText *size = &given->sizes.data[i];
        const char *what = dim_text(&p->arena, size->dim);
        int64_t value;
        if (dim_evaluate(size->dim, values, &value)) continue;
        int is_name = strcspn(size->text, " +-*/%()[]") == strlen(size->text);
        if (!is_name) {
            diag_note(&p->session->diags, diag, "%s is %lld", size->text, (long long)value);
            continue;
        }
        int is_same = !strcmp(size->text, what);
        if (is_same && is_of_step) continue; /* the arguments say it */
        text_add(&sizes, sizes.len ? ", " : "");
        if (is_same) text_printf(&sizes, "%s is %lld", what, (long long)value);
        else text_printf(&sizes, "%s is %s, which is %lld", size->text, what, (long long)value);
    }
    if (sizes.len) diag_primary(&p->session->diags, diag, "%s", text_str(&sizes));
}

static Diag *given_fails(Program *p, const int64_t *values, const TCondition *given, Span place, int is_of_step) {
    int is_inside = place.begin <= given->span.begin && given->span.end <= place.end;
    Diag *diag = program_fail(p, is_inside ? given->span : place, E_GIVEN, "`%s` needs `%s`", given->of->text,
                              given->text);
    if (!is_inside) diag_label(&p->session->diags, diag, given->span, "this is false");
    show_given_sizes(p, values, diag, given, is_of_step);
    return diag;
}

static const char *with_value(Program *p, const RunningStep *rs, const Dim *dim) {
    int64_t value;
    const char *text = dim_text(&p->arena, dim);
    if (dim_is_constant(dim) || dim_evaluate(dim, rs->batch, &value)) return text;
    return arena_printf(&p->arena, "%s, which is %lld", text, (long long)value);
}

static Diag *condition_fails(Program *p, const RunningStep *rs, const BuildCondition *c, Span place, int is_own) {
    int64_t a = 0, b = 0, first;
    if (c->kind == CONDITION_GIVEN) return given_fails(p, rs->batch, c->given, place, is_own);
    if (dim_evaluate(c->a, rs->batch, &a) || (c->b && dim_evaluate(c->b, rs->batch, &b)))
        return program_fail(p, place, E_SIZE_OVERFLOW, "the size %s cannot be computed", dim_text(&p->arena, c->a));
    switch (c->kind) {
    case CONDITION_EQUAL: return program_sizes_differ(p, place, c->a, a, c->b, b);
    case CONDITION_INSIDE:
        if (!dim_evaluate(c->first, rs->batch, &first) && first < 0)
            return program_fail(p, place, E_INDEX_RANGE, "this begins at %s, before the axis does",
                                with_value(p, rs, c->first));
        return program_fail(p, place, E_INDEX_RANGE, "this goes up to %lld of an axis of %s, which is %lld", (long long)a,
                            dim_text(&p->arena, c->b), (long long)b);
    case CONDITION_EXACT:
        return program_fail(p, place, E_INEXACT, "%s does not divide %s", with_value(p, rs, c->b),
                            with_value(p, rs, c->a));
    case CONDITION_DIVISOR:
        return program_fail(p, place, E_INEXACT, "a size is divided by %s, which is 0", dim_text(&p->arena, c->a));
    case CONDITION_SIZE:
        return program_fail(p, place, E_NOT_A_SIZE, "a size is never negative; this is %s", with_value(p, rs, c->a));
    case CONDITION_ELEMENT:
        return program_fail(p, place, E_INDEX_RANGE, "this axis has no element to name: its size is %s",
                            with_value(p, rs, c->a));
    case CONDITION_GIVEN: break;
    }
    ICE("condition %d", (int)c->kind);
}

static int is_same_line(Program *p, Span one, Span other) {
    Place at = source_place(&p->session->sources, one.begin), by = source_place(&p->session->sources, other.begin);
    return at.source == by.source && at.line == by.line;
}

/* The place whose type wants two sizes equal. */
static void label_type(Program *p, Diag *diag, const TCondition *wanted) {
    if (wanted->span.begin != diag->span.begin)
        diag_label(&p->session->diags, diag, wanted->span, "wanted by this type");
}

static int conditions_hold(Program *p, const RunningStep *rs) {
    for (int i = 0; i < rs->build->conditions.len; i++) {
        const BuildCondition *c = &rs->build->conditions.data[i];
        if (dim_test_holds(c->test, rs->batch)) continue;
        const Tx *call = rs->step && !rs->step->train ? p->step_call : NULL;
        int is_own = call && c->span.begin == rs->step->span.begin && c->span.end == rs->step->span.end;
        Diag *diag = condition_fails(p, rs, c, is_own ? call->span : c->span, is_own);
        if (c->kind == CONDITION_EQUAL && c->given) label_type(p, diag, c->given);
        int labels = note_origins(p, rs, diag, c->test);
        if (c->kind == CONDITION_EQUAL)
            diag_note(&p->session->diags, diag, "only the run knows this, so sizes are compared when the values meet");
        if (call && !is_own && !labels && !is_same_line(p, call->span, c->span))
            diag_label(&p->session->diags, diag, call->span, "in this call");
        return 0;
    }
    return 1;
}

static int procedure_condition_holds(Program *p, const Tx *call, const TCondition *given, const int64_t *values) {
    int64_t a, b;
    if (dim_test_holds(given->test, values)) return 1;
    Diag *diag;
    if (given->of) {
        diag = given_fails(p, values, given, call->span, 0);
    } else {
        const Dim *one = given->test->a, *other = given->test->b;
        if (dim_evaluate(one, values, &a) || dim_evaluate(other, values, &b))
            diag = program_fail(p, call->span, E_INEXACT, "%s and %s must be equal here, and one is no whole number",
                                dim_text(&p->arena, one), dim_text(&p->arena, other));
        else diag = program_sizes_differ(p, call->span, one, a, other, b);
        label_type(p, diag, given);
    }
    note_origins(p, NULL, diag, given->test);
    return 0;
}

int procedure_conditions_hold(Program *p, const Tx *call) {
    const TConditions *conditions = &call->function->conditions;
    Arena arena = {0};
    const int64_t *values = conditions->len ? known_values(p, &arena) : NULL;
    int all = 1;
    for (int i = 0; i < conditions->len && all; i++) all = procedure_condition_holds(p, call, conditions->data[i], values);
    arena_release(&arena);
    return all;
}

/* ---- the sizes of a run ------------------------------------------------------------------------------ */

static Span operand_span(const RunningStep *rs, int input) {
    const BuildSource *source = &rs->build->sources.data[input];
    return source->leaf ? source->leaf->span : source->variable ? source->variable->span
                                                                : rs->build->region->inputs.data[input].node->span;
}

/* Of one operand: its open sizes, or else whether those that are computed are what it has. */
static int take_operand(Program *p, RunningStep *rs, int i, int is_computed, const DimName *batch) {
    const Node *node = rs->build->region->inputs.data[i].node;
    for (int k = 0; k < node->rank; k++) {
        int64_t extent = (*rs->slots[i])->extents[k], is;
        const DimName *name = open_name(node->shape[k]);
        if ((name != NULL) == is_computed || (name && name == batch)) continue;
        if (name && !rs->taken_from[name->id]) rs->batch[name->id] = extent;
        if (name && !rs->taken_from[name->id]) rs->taken_from[name->id] = i + 1;
        if (batch && dim_mentions(node->shape[k], batch)) continue;
        if (dim_evaluate(node->shape[k], rs->batch, &is) || is == extent) continue; /* a condition says what is wrong */
        Diag *diag = program_sizes_differ(p, operand_span(rs, i), node->shape[k], is, NULL, extent);
        note_origins(p, rs, diag, dim_test_compare(&p->arena, DIM_TEST_EQUAL, node->shape[k], node->shape[k]));
        diag_note(&p->session->diags, diag, "only the run knows this, so sizes are compared when the values meet");
        return 0;
    }
    return 1;
}

int running_step_take_sizes(Program *p, RunningStep *rs, int64_t rows) {
    const DimName *batch = rs->step && rs->step->train ? rs->step->batch : NULL;
    memset(rs->taken_from, 0, sizeof *rs->taken_from * (size_t)rs->size_count);
    for (int i = 0; i < p->sizes.len; i++)
        if ((int)p->sizes.data[i].name->id < rs->size_count)
            rs->batch[p->sizes.data[i].name->id] = p->sizes.data[i].value;
    if (batch) rs->batch[batch->id] = rows;
    for (int is_computed = 0; is_computed < 2; is_computed++)
        for (int i = 0; i < rs->build->sources.len; i++) {
            SourceKind kind = rs->build->sources.data[i].kind;
            int is_operand = (kind == SOURCE_LEAF || kind == SOURCE_VARIABLE) && rs->slots[i];
            if (is_operand && !take_operand(p, rs, i, is_computed, batch)) return 0;
        }
    for (int i = 0; i < rs->build->region->dims.len; i++) {
        const DimName *name = rs->build->region->dims.data[i];
        if (name != batch && !rs->taken_from[name->id] && !is_known(p, name))
            ICE("nothing says what %s is in region %s", name->name->text, rs->build->region->name->text);
    }
    return conditions_hold(p, rs);
}
