/* From the typed program to graphs: the only place that sees both the language and the compiler.
 *
 * Calls are inlined, weights become region inputs by their paths, what a step changes becomes region results of
 * the same paths, and each `minimize` is differentiated where it stands.  Beside the Region, two lists say
 * what the caller binds: sources, parallel to region->inputs, and targets, parallel to region->results. */
#ifndef DLC_COMPILER_BUILD_H
#define DLC_COMPILER_BUILD_H

#include "compiler/graph.h"
#include "lang/typed.h"

typedef enum SourceKind {
    SOURCE_VARIABLE, /* variable: a field of the batch, an argument, a state of the train block, t, a global */
    SOURCE_LEAF,     /* leaf: an expression that is not pure, the caller's to evaluate; in a step, a data field */
    SOURCE_OPTION,   /* option: an f32 hyper-parameter, rank 0 */
    SOURCE_WEIGHT,   /* weight: a param or state, by the input's path */
    SOURCE_SLOT,     /* optimizer state, by the input's path; starts as build_slots says */
    SOURCE_COUNT,    /* i64: how often this minimize ran, from 0; by the input's path */
    SOURCE_SEED,     /* u32[2]: low and high word of the seed */
    SOURCE_STEP,     /* i64: number of the step, from 1; differs for every call that should draw anew */
    SOURCE_EXAMPLE0, /* i64: number of the batch's first example in its pass over the data */
} SourceKind;

typedef struct BuildSource {
    SourceKind kind;
    const TVariable *variable;
    const Symbol *part;  /* VARIABLE that is a record of weights: the path of the leaf in it, else NULL */
    const Tx *leaf;
    const TOption *option;
    const Weight *weight;
} BuildSource;

typedef enum TargetKind {
    TARGET_STORED,       /* the new value of the input that `alias` of the result names */
    TARGET_REPORT,       /* name, report: the figure, or the dividend of a ratio */
    TARGET_REPORT_COUNT, /* name: the divisor of the ratio before it */
    TARGET_LOSS,         /* the scalar of a minimize */
    TARGET_VALUE,        /* a tensor of the value: items of nested tuples in order */
    TARGET_CHECK,        /* a bool that holds, or the program ends with `message` at `span` */
} TargetKind;

typedef struct BuildTarget {
    TargetKind kind;
    const Symbol *name;
    ReportKind report;
    const char *message;
    Span span;
} BuildTarget;

typedef enum ConditionKind {
    CONDITION_EQUAL,   /* a equals b: sizes that meet */
    CONDITION_INSIDE,  /* a slice of an axis of size b, from `first` to a, lies in it */
    CONDITION_GIVEN,   /* given: of a declaration that is used at `span` */
    CONDITION_EXACT,   /* b divides a */
    CONDITION_DIVISOR, /* a is not 0 */
    CONDITION_SIZE,    /* a is not negative */
    CONDITION_ELEMENT, /* a is not 0: an axis of which an element is named */
} ConditionKind;

/* What sizes that only the run knows must fulfil: compared before anything runs, in this order. */
typedef struct BuildCondition {
    ConditionKind kind;
    const DimTest *test; /* all of it */
    const Dim *a, *b;
    const TCondition *given; /* also of EQUAL where a type wants it; or NULL */
    Span span;
    const Dim *first; /* INSIDE */
} BuildCondition;

typedef struct Build {
    Region *region;
    Vec(BuildCondition) conditions;
    Vec(BuildSource) sources;
    Vec(BuildTarget) targets;
} Build;

typedef struct BuildOptions {
    int use_f64; /* f32 := f64 throughout, for checking gradients */
    int is_symbolic; /* sizes that only data knows stay names: such a region is looked at, not compiled */
    int is_for_run;  /* on the data of the program: a batch that is always full has a constant size */
} BuildOptions;

/* All of them: mistakes that only the graph can see go to session->diags (the Build is then useless). */
Build *build_step(Session *session, Arena *arena, const BuildOptions *options, const TStep *step);
/* Results: TARGET_VALUEs.  Inputs: the function's arguments in order, then the weights it reads. */
Build *build_entry(Session *session, Arena *arena, const BuildOptions *options, const TEntry *entry);
/* Results: the first values of all SOURCE_SLOTs of the step's build, by path. */
Build *build_slots(Session *session, Arena *arena, const BuildOptions *options, const TStep *step);
/* Results: the first values of all weights and states of the instance, by path. */
Build *build_weights(Session *session, Arena *arena, const BuildOptions *options, const Instance *instance);
/* Results: TARGET_VALUEs, then the states that the expression changes.  `value` is pure but for its leaves. */
Build *build_expression(Session *session, Arena *arena, const BuildOptions *options, const Tx *value);

#endif
