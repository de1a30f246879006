/* The tree of layers of each instance, and the costs of the steps put to its leaves.  See summary.h. */
#include "driver/summary.h"

#include <string.h>

typedef struct Maker {
    Summary *summary;
    DimTable *dims;
    Map uses;
} Maker;

static const Dim *sum(const Maker *m, const Dim *a, const Dim *b) { return dim_add(m->dims, a, b); }

/* ---- layers ---------------------------------------------------------------------------------------------- */

static const Dim *elements(const Maker *m, const Type *type) {
    const Dim *count = dim_constant(m->dims, 1);
    for (int i = 0; i < type->rank; i++) count = dim_mul(m->dims, count, type->axes[i].dim);
    return count;
}

static void add_weights(const Maker *m, LayerSummary *layer) {
    for (int i = 0; i < layer->layout->weights.len; i++) {
        const Weight *weight = layer->layout->weights.data[i];
        const Dim *count = elements(m, weight->type), **to = weight->is_state ? &layer->states : &layer->parameters;
        *to = sum(m, *to, count);
        count = dim_mul(m->dims, count, dim_constant(m->dims, dtype_bytes(weight->type->dtype)));
        layer->bytes = sum(m, layer->bytes, count);
    }
}

static LayerSummary *layer_summary(Maker *m, const Symbol *name, const Symbol *path, const Layout *layout) {
    LayerSummary *layer = arena_new(m->summary->arena, LayerSummary);
    const Dim *zero = dim_constant(m->dims, 0);
    *layer = (LayerSummary){.name = name, .last = name, .path = path, .layout = layout, .parameters = zero,
                            .states = zero, .bytes = zero, .copies = 1, .use = map_get(&m->uses, path)};
    add_weights(m, layer);
    for (int i = 0; i < layout->parts.len; i++) {
        const LayoutPart *part = &layout->parts.data[i];
        const Symbol *own = symbol_printf(&m->summary->session->symbols, "%s.%s", path->text, part->name->text);
        LayerSummary *below = layer_summary(m, part->name, own, part->layout);
        layer->parameters = sum(m, layer->parameters, below->parameters);
        layer->states = sum(m, layer->states, below->states);
        layer->bytes = sum(m, layer->bytes, below->bytes);
        vec_push(m->summary->arena, &layer->parts, below);
    }
    return layer;
}

/* ---- costs of layers ------------------------------------------------------------------------------------- */

/* Bottom up: its own nodes and those of its parts. */
static void set_costs(const Maker *m, LayerSummary *layer, const StepSummary *step) {
    layer->forward = layer->backward = dim_constant(m->dims, 0);
    for (int i = 0; i < step->parts.len; i++) {
        if (step->parts.data[i].path != layer->path) continue;
        layer->forward = step->parts.data[i].forward;
        layer->backward = step->parts.data[i].backward;
    }
    for (int i = 0; i < layer->parts.len; i++) {
        set_costs(m, layer->parts.data[i], step);
        layer->forward = sum(m, layer->forward, layer->parts.data[i]->forward);
        layer->backward = sum(m, layer->backward, layer->parts.data[i]->backward);
    }
}

static int is_inside(const Symbol *path, const Symbol *root) {
    return path && strncmp(path->text, root->text, root->len) == 0 &&
           (path->text[root->len] == '.' || !path->text[root->len]);
}

/* 2: the step trains the instance, 1: uses it, 0: neither. */
static int interest(const StepSummary *step, const Symbol *root) {
    int most = 0;
    for (int i = 0; i < step->parts.len; i++) {
        const PartCost *part = &step->parts.data[i];
        if (!is_inside(part->path, root)) continue;
        int is_trained = !dim_is_constant(part->backward) || dim_constant_value(part->backward) > 0;
        if (is_trained + 1 > most) most = is_trained + 1;
    }
    return most;
}

static const StepSummary *step_for(const Summary *s, const Symbol *root) {
    const StepSummary *best = NULL;
    int most = 0;
    for (int i = 0; i < s->steps.len; i++) {
        int here = interest(&s->steps.data[i], root);
        if (here <= most) continue;
        most = here;
        best = &s->steps.data[i];
    }
    return best;
}

/* ---- equal neighbours ------------------------------------------------------------------------------------ */

static int same_type_text(Arena *arena, const Type *a, const Type *b) {
    return strcmp(type_text(arena, a), type_text(arena, b)) == 0;
}

static int same_use(Arena *arena, const LayerUse *a, const LayerUse *b) {
    if (!a || !b) return a == b;
    if (a->input_count != b->input_count || !same_type_text(arena, a->output, b->output)) return 0;
    for (int i = 0; i < a->input_count; i++)
        if (!same_type_text(arena, a->inputs[i], b->inputs[i])) return 0;
    return 1;
}

/* The same layer with the same shapes and costs, so are its parts. */
static int is_same(Arena *arena, const LayerSummary *a, const LayerSummary *b) {
    if (a->layout->layer != b->layout->layer || a->parameters != b->parameters || a->states != b->states) return 0;
    if (a->bytes != b->bytes || a->forward != b->forward || a->backward != b->backward) return 0;
    if (a->parts.len != b->parts.len || !same_use(arena, a->use, b->use)) return 0;
    for (int i = 0; i < a->parts.len; i++) {
        const LayerSummary *part = a->parts.data[i], *other = b->parts.data[i];
        if (part->copies != other->copies || !is_same(arena, part, other)) return 0;
    }
    return 1;
}

static void fold(Arena *arena, LayerSummary *layer) {
    for (int i = 0; i < layer->parts.len; i++) fold(arena, layer->parts.data[i]);
    int kept = 0;
    for (int i = 0; i < layer->parts.len; i++) {
        LayerSummary *part = layer->parts.data[i], *before = kept ? layer->parts.data[kept - 1] : NULL;
        if (!before || !is_same(arena, before, part)) {
            layer->parts.data[kept++] = part;
            continue;
        }
        before->copies++;
        before->last = part->name;
    }
    layer->parts.len = kept;
}

/* ---- the program ----------------------------------------------------------------------------------------- */

static void add_step(Maker *m, Executor *executor, const TStep *step) {
    Summary *s = m->summary;
    vec_push(s->arena, &s->steps, step_summary(s->session, s->arena, executor, step));
}

static void add_train(Maker *m, Executor *executor, const TTrain *train) {
    if (train->step) add_step(m, executor, train->step);
    for (int i = 0; i < train->validates.len; i++) add_step(m, executor, train->validates.data[i]);
    for (int i = 0; i < train->everies.len; i++)
        for (int k = 0; k < train->everies.data[i].validates.len; k++)
            add_step(m, executor, train->everies.data[i].validates.data[k]);
}

static void add_instance(Maker *m, const Instance *instance) {
    Summary *s = m->summary;
    LayerSummary *layer = layer_summary(m, instance->name, instance->name, instance->layout);
    const StepSummary *of = step_for(s, instance->name);
    if (of) set_costs(m, layer, of);
    s->parameters = sum(m, s->parameters, layer->parameters);
    s->states = sum(m, s->states, layer->states);
    s->weight_bytes = sum(m, s->weight_bytes, layer->bytes);
    fold(s->arena, layer);
    vec_push(s->arena, &s->instances, layer);
    vec_push(s->arena, &s->of, of);
}

Summary *summary_of(Session *session, Executor *executor, const TProgram *program) {
    Summary *s = arena_new(&session->arena, Summary);
    const Dim *zero = dim_constant(&session->dims, 0);
    *s = (Summary){.session = session, .arena = &session->arena, .program = program, .parameters = zero,
                   .states = zero, .weight_bytes = zero};
    Maker m = {.summary = s, .dims = &session->dims};
    layer_uses(session, program, &m.uses);
    for (int i = 0; i < program->steps.len; i++) add_step(&m, executor, program->steps.data[i]);
    for (int i = 0; i < program->statements.len; i++) {
        const Tx *value = program->statements.data[i]->value;
        if (value && value->kind == T_TRAIN) add_train(&m, executor, value->train);
    }
    for (int i = 0; i < program->instances.len; i++) add_instance(&m, program->instances.data[i]);
    return s;
}
