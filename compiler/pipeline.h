/* The passes over a region between building and lowering. */
#ifndef DLC_COMPILER_PIPELINE_H
#define DLC_COMPILER_PIPELINE_H

#include "compiler/graph.h"
#include "compiler/math.h"

typedef enum PassKind {
#define PASS(name, doc) PASS_##name,
#include "compiler/pass.def"
#undef PASS
    PASS_COUNT
} PassKind;

typedef struct PassCtx {
    Region *region;
    Arena *scratch; /* released when the pass is done */
    Numerics numerics;
} PassCtx;

#define PASS(name, doc) void pass_##name(PassCtx *cx);
#include "compiler/pass.def"
#undef PASS

const char *pass_name(PassKind pass);
const char *pass_doc(PassKind pass);
/* -1 when the name is none. */
int pass_from_name(const char *name);

typedef struct PipelineOptions {
    Numerics numerics;
    unsigned disabled; /* bit 1 << PassKind: that pass does not run */
    /* Called with the stage "build" first, then after each pass that ran; may be NULL. */
    void (*after)(void *context, const char *stage, const Region *region);
    void *context;
} PipelineOptions;

/* graph_phases.c: convolutions of spread operands become those that need no zeros between elements. */
void graph_cut_phases(Region *region, Arena *scratch);
/* Verifies the region, cuts phases, runs the passes and verifies after each; at the end only live nodes and inputs are
 * left. */
void pipeline_run(Region *region, const PipelineOptions *options);

#endif
