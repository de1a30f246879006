/* The summary for machines: one object a line.  docs/check.md has the fields. */
#include "driver/summary.h"

#include <string.h>

/* `"key":N` at the largest batch, null where it is not known; beside it the formula where there is one. */
static void member(Text *out, Arena *arena, const char *key, const Dim *dim) {
    int64_t value;
    text_printf(out, ",\"%s\":", key);
    if (!dim || dim_upper_bound(dim, &value)) text_add(out, "null");
    else text_printf(out, "%lld", (long long)value);
    if (!dim || dim_is_constant(dim)) return;
    text_printf(out, ",\"%s_formula\":", key);
    text_json_string(out, dim_text(arena, dim));
}

static void type_member(Text *out, Arena *arena, const char *key, const Type *type) {
    text_printf(out, ",\"%s\":", key);
    if (type) text_json_string(out, type_text(arena, type));
    else text_add(out, "null");
}

static void weight_lines(Text *out, const Summary *s, const LayerSummary *layer) {
    for (int i = 0; i < layer->layout->weights.len; i++) {
        const Weight *weight = layer->layout->weights.data[i];
        DimTable *dims = &s->session->dims;
        const Dim *elements = dim_constant(dims, 1);
        for (int k = 0; k < weight->type->rank; k++) elements = dim_mul(dims, elements, weight->type->axes[k].dim);
        text_add(out, "{\"weight\":");
        text_json_string(out, symbol_join(&s->session->symbols, layer->path, weight->name)->text);
        type_member(out, s->arena, "type", weight->type);
        text_printf(out, ",\"state\":%s", weight->is_state ? "true" : "false");
        member(out, s->arena, "elements", elements);
        text_add(out, "}\n");
    }
}

static void layer_lines(Text *out, const Summary *s, const LayerSummary *layer, const StepSummary *of) {
    text_add(out, "{\"layer\":");
    text_json_string(out, layer->path->text);
    text_add(out, ",\"kind\":");
    text_json_string(out, layer->layout->layer->text);
    text_printf(out, ",\"copies\":%d,\"inputs\":[", layer->copies);
    for (int i = 0; layer->use && i < layer->use->input_count; i++) {
        if (i) text_char(out, ',');
        text_json_string(out, type_text(s->arena, layer->use->inputs[i]));
    }
    text_char(out, ']');
    type_member(out, s->arena, "output", layer->use ? layer->use->output : NULL);
    member(out, s->arena, "parameters", layer->parameters);
    member(out, s->arena, "states", layer->states);
    member(out, s->arena, "bytes", layer->bytes);
    text_add(out, ",\"flops_of\":");
    if (of) text_json_string(out, of->step->name->text);
    else text_add(out, "null");
    member(out, s->arena, "forward_flops", layer->forward);
    member(out, s->arena, "backward_flops", layer->backward);
    text_add(out, "}\n");
    weight_lines(out, s, layer);
    for (int i = 0; i < layer->parts.len; i++) layer_lines(out, s, layer->parts.data[i], of);
}

static void place_members(Text *out, const char *prefix, Place place) {
    if (!place.source) return;
    text_printf(out, ",\"%sfile\":", prefix);
    text_json_string(out, place.source->name);
    text_printf(out, ",\"%sline\":%d", prefix, place.line);
}

static void step_line(Text *out, const Summary *s, const StepSummary *step) {
    text_add(out, "{\"step\":");
    text_json_string(out, step->step->name->text);
    place_members(out, "", source_place(&s->session->sources, step->step->span.begin));
    if (step->step->batch && step->step->batch->maximum)
        text_printf(out, ",\"batch\":%lld", (long long)step->step->batch->maximum);
    if (!step->is_built) {
        text_add(out, ",\"obstacle\":");
        text_json_string(out, step->why ? step->why : "");
        place_members(out, "obstacle_", source_place(&s->session->sources, step->obstacle.begin));
        text_add(out, "}\n");
        return;
    }
    member(out, s->arena, "forward_flops", step->forward);
    member(out, s->arena, "backward_flops", step->backward);
    member(out, s->arena, "product_flops", dim_add(&s->session->dims, step->forward, step->backward));
    member(out, s->arena, "gradient_bytes", step->gradient_bytes);
    member(out, s->arena, "optimizer_bytes", step->slot_bytes);
    if (step->is_planned) {
        text_printf(out, ",\"activation_bytes\":%lld,\"arena_bytes\":%lld", (long long)step->activation_bytes,
                    (long long)step->arena_bytes);
        place_members(out, "peak_", step->peak);
    }
    text_add(out, "}\n");
}

void summary_json(Text *out, const Summary *s) {
    for (int i = 0; i < s->instances.len; i++) layer_lines(out, s, s->instances.data[i], s->of.data[i]);
    for (int i = 0; i < s->steps.len; i++) step_line(out, s, &s->steps.data[i]);
    text_add(out, "{\"file\":");
    text_json_string(out, s->program->source->name);
    member(out, s->arena, "parameters", s->parameters);
    member(out, s->arena, "states", s->states);
    member(out, s->arena, "weight_bytes", s->weight_bytes);
    text_add(out, "}\n");
}
