/* From a built region to one that is ready for lowering:
 *
 *     build ──► (phases) ──► simplify ──► sparse ──► fma ──► pad ──► product ──► slots ──► cse ──► (dead nodes leave) ──► lower_region
 *
 * Convolutions of spread operands are cut into phases first, always: that is their meaning (graph_phases.c).
 * Differentiation is over by then: build calls graph_gradient itself.  fma runs before anything that fuses,
 * so that what is contracted never depends on fusion; cse runs after it, so that a product with two equal
 * copies is still one use each. */
#include "compiler/pipeline.h"

#include "compiler/rewrite.h"

#include <string.h>

static const struct {
    const char *name, *doc;
    void (*run)(PassCtx *cx);
} passes[PASS_COUNT] = {
#define PASS(name, doc) [PASS_##name] = {#name, doc, pass_##name},
#include "compiler/pass.def"
#undef PASS
};

const char *pass_name(PassKind pass) { return passes[pass].name; }
const char *pass_doc(PassKind pass) { return passes[pass].doc; }

int pass_from_name(const char *name) {
    for (int i = 0; i < PASS_COUNT; i++)
        if (strcmp(passes[i].name, name) == 0) return i;
    return -1;
}

static void finish_stage(Region *region, const PipelineOptions *options, const char *stage) {
    graph_verify(region, stage);
    if (options->after) options->after(options->context, stage, region);
}

static void remove_dead(Region *region) {
    Arena scratch = {0};
    region_rewrite(region, &scratch, NULL, NULL);
    arena_release(&scratch);
}

static void cut_phases(Region *region) {
    Arena scratch = {0};
    graph_cut_phases(region, &scratch);
    arena_release(&scratch);
}

void pipeline_run(Region *region, const PipelineOptions *options) {
    finish_stage(region, options, "build");
    cut_phases(region);
    for (int i = 0; i < PASS_COUNT; i++) {
        if (options->disabled >> i & 1) continue;
        Arena scratch = {0};
        passes[i].run(&(PassCtx){region, &scratch, options->numerics});
        arena_release(&scratch);
        remove_dead(region);
        finish_stage(region, options, passes[i].name);
    }
}
