/* What a program consists of and what its steps cost, without running anything: for `dlc check`.
 *
 * In: the typed program.  Out: a tree of layers for each instance, with shapes, parameters and FLOPs, and a list of
 * steps.  Sizes that only data knows stay names, so every figure is a Dim: a number, or a formula.  Nothing here
 * loads the JIT or reads data.
 *
 * FLOPs are those of matrix products and convolutions, a multiply-add is 2, elementwise work is not counted; the
 * padding of a convolution counts as data; nobody computes a gradient with respect to data.  What is counted is the
 * graph after its passes: common parts once, dead ones not at all. */
#ifndef DLC_DRIVER_SUMMARY_H
#define DLC_DRIVER_SUMMARY_H

#include "base/map.h"
#include "driver/executor.h"

/* FLOPs of one step by the path of the layer that they are the work of (nodes outside of layers: NULL). */
typedef struct PartCost {
    const Symbol *path;
    const Dim *forward, *backward;
} PartCost;

typedef struct StepSummary {
    const TStep *step;
    int is_built;           /* false: it has what cannot be compiled yet, and the figures are missing */
    Span obstacle;          /* then: what, and where */
    const char *why;
    Vec(PartCost) parts;
    const Dim *forward, *backward;   /* FLOPs of the whole step at the present batch */
    const Dim *gradient_bytes;       /* one gradient for each weight that it updates */
    const Dim *slot_bytes;           /* of optimizer states */
    int is_planned;                  /* every size is bounded: the plan's own figures follow */
    int64_t arena_bytes;             /* RunPlan.arena_bytes at the largest batch */
    int64_t activation_bytes;        /* in the arena: made by the forward pass, read by the backward pass */
    Place peak;                      /* where the arena is fullest; source NULL where nothing is in it */
} StepSummary;

/* How a layer is called: the first time that the program does. */
typedef struct LayerUse {
    const Symbol *path;
    const Type *const *inputs;
    int input_count;
    const Type *output;
} LayerUse;

typedef struct LayerSummary LayerSummary;
struct LayerSummary {
    const Symbol *name;              /* of the part; of a root: the instance */
    const Symbol *path;
    const Layout *layout;
    const LayerUse *use;             /* NULL where nothing calls it */
    const Dim *parameters, *states;  /* elements of its weights, and its parts' */
    const Dim *bytes;                /* of both */
    const Dim *forward, *backward;   /* FLOPs in Summary.of, parts included; NULL where not known */
    Vec(LayerSummary *) parts;
    int copies;                      /* it stands for so many equal neighbours; 1 */
    const Symbol *last;              /* of them; its own name where copies is 1 */
};

typedef struct Summary {
    Session *session;
    Arena *arena;
    const TProgram *program;
    Vec(StepSummary) steps;
    Vec(LayerSummary *) instances;
    Vec(const StepSummary *) of;     /* parallel: the step whose FLOPs are shown; NULL: none is known */
    const Dim *parameters, *states, *weight_bytes;
} Summary;

/* Builds and plans every step as `dlc run` does.  Mistakes that only building finds are added to the session's
 * diagnostics; what cannot be compiled yet is none of them. */
Summary *summary_of(Session *session, Executor *executor, const TProgram *program);

/* summary_cost.c */
StepSummary step_summary(Session *session, Arena *arena, Executor *executor, const TStep *step);
/* summary_shapes.c: const Symbol *path to LayerUse *, for every layer that the program calls. */
void layer_uses(Session *session, const TProgram *program, Map *uses);
/* summary_text.c: tables at most `columns` wide. */
void summary_text(Text *out, const Summary *summary, int columns, int has_colour);
/* summary_json.c: one object a line; docs/check.md has the fields. */
void summary_json(Text *out, const Summary *summary);

#endif
