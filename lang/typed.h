/* The typed program: what the checker hands on.  Monomorphic, desugared, every name resolved, every size a
 * constant or a run-time dim (or, in `dlc check` alone, a size that only data knows).
 *
 * Generic declarations are checked once with rigid dimensions and then elaborated per use into TFunctions.
 * Layers are functions with a hidden first argument `self`, the record of their weights; a Layout describes
 * that record.  Two consumers: compiler/build.c turns pure bodies and steps into graphs; driver/program.c
 * runs the statements of the program.
 *
 * Conventions.  Operands are already converted (explicit T_CONVERT); only broadcasting is left to the
 * consumer: the operands of elementwise primitives align at their last axes, scalars go with everything and
 * stretchable axes stretch.  Nodes are immutable once the checker has returned. */
#ifndef DLC_LANG_TYPED_H
#define DLC_LANG_TYPED_H

#include "base/dim_test.h"
#include "base/vec.h"
#include "lang/primitive.h"
#include "lang/type.h"

typedef struct Tx Tx;         /* a typed expression */
typedef struct TStmt TStmt;   /* a typed statement */
typedef struct TBlock TBlock;
typedef struct TAlphabet TAlphabet;
typedef struct TOption TOption;
typedef struct TData TData;
typedef struct TStep TStep;
typedef struct TTrain TTrain;

/* ---- weights ----------------------------------------------------------------------------------------- */

typedef struct Weight {
    const Symbol *name;  /* "w": unique in its Layout */
    const Type *type;
    int is_state;        /* `state`, changed by the layer in training; else `param` */
    const Tx *initial;   /* of `type`; may use sizes, no inputs */
    Span span;
} Weight;

typedef struct LayoutPart {
    const Symbol *name;  /* "dense_1", "head" */
    const Layout *layout;
} LayoutPart;

/* The record of weights of one elaborated layer.  Paths are built from these names: Net.dense_1.w. */
struct Layout {
    const Symbol *layer; /* "Dense" */
    Vec(Weight *) weights;
    Vec(LayoutPart) parts;
    Span span;
};

/* An instance of the program: a model, or a `let` of a layer.  Its path is its name. */
typedef struct Instance {
    const Symbol *name;
    const Layout *layout;
    const Type *type;    /* of its record */
    Span span;
} Instance;

/* ---- variables, functions ---------------------------------------------------------------------------- */

typedef struct TVariable {
    const Symbol *name; /* as the user wrote it; identity is the pointer */
    const Type *type;
    int is_mutable;     /* `var`, a state of a train block */
    int is_global;      /* of the program: read, but not changed in compiled code; a `var` is not even read */
    int is_pass_state;  /* a state of a train block: of its step and of each validate */
    int is_differentiated; /* some `grad` is by it: its value is told apart from others that are equal */
    int loop_depth;     /* loops of its body around the place that declares it */
    Span span;
} TVariable;

typedef Vec(TVariable *) TVariables;

/* A size in the words of the source: "T" is size(d). */
typedef struct TSizeText {
    const char *text;
    const Dim *dim;
} TSizeText;

/* A `given` over sizes that only data or a call knows, or two such sizes that a type wants equal: it must hold before
 * anything runs that relies on it. */
typedef struct TCondition {
    const DimTest *test;
    const char *text;            /* as it is written at `span` */
    Span span;
    const Symbol *of;            /* whose `given` it is; NULL of sizes of a type, which stands at `span` */
    Vec(TSizeText) sizes;        /* its names, then its sides that are more than a name */
} TCondition;

typedef Vec(const TCondition *) TConditions;

/* An elaborated fn, layer or layer function: specialised to its static parameters, the types of its inputs and
 * `training`.  f32 static parameters (rates) are ordinary inputs, first in the list. */
struct TFunction {
    const Symbol *name;
    int is_procedure;            /* interpreted: it calls steps or touches the world */
    const Layout *self;          /* of a layer; NULL for a fn */
    TVariables inputs;
    int rate_count;              /* the first of them are rates */
    const Type *result;
    TConditions conditions;      /* what the run decides of its `given` and of its types */
    const TBlock *body;          /* its value is the result */
    const TBlock *gradient;      /* `gradient(dy) {...}` in place of the derivative: a tuple, one item per float
                                    input; or NULL */
    TVariable *gradient_dy, *gradient_value;
    Span span;
};

/* An optimizer elaborated for one weight's type.  p and g are variables of the body, p is assigned. */
typedef struct TOptimizer {
    const Symbol *name;
    TVariables rates;            /* f32 static parameters, in order */
    TVariable *p, *g;
    TVariable *t;                /* i64 scalar: the step count from 1; NULL where unused */
    Vec(TVariable *) slots;      /* states, mutable */
    Vec(const Tx *) slot_initial;
    const TBlock *body;
} TOptimizer;

/* ---- expressions ------------------------------------------------------------------------------------- */

typedef enum TxKind {
    T_ERROR,     /* poison */
    T_NUMBER,    /* integer or real: a scalar of `type` */
    T_STRING,    /* text */
    T_DIM,       /* dim, as a scalar of `type` */
    T_VARIABLE,  /* variable: let, var, input, index of a loop */
    T_OPTION,    /* option: an f32 hyper-parameter (others are T_NUMBER, T_STRING by now) */
    T_SELF,      /* the hidden argument of a layer's function */
    T_INSTANCE,  /* instance of the program */
    T_WEIGHT,    /* args[0] a record of weights (SELF, INSTANCE, PART, VARIABLE); weight */
    T_PART,      /* args[0] a record of weights; name of the part */
    T_FIELD,     /* args[0] a record or data set; name */
    T_ITEM,      /* args[0] a tuple; integer: which */
    T_TUPLE,     /* args */
    T_CONVERT,   /* args[0] to the dtype of `type`, same shape */
    T_PRIMITIVE, /* primitive, args, statics */
    T_CALL,      /* function, self (NULL for a fn), args */
    T_IF,        /* args[0] a run-time scalar bool; block, otherwise */
    T_BLOCK,     /* block */
    T_FOR,       /* loop: its yields, stacked */
    T_FORMAT,    /* interpolated string: parts */
    T_GRADIENT,  /* grad(args[0], wrt): wrt in args[1], a variable, instance, part or weight */
    T_RECORD,    /* a computed record: args[0] the record whose layout and states it has, then the values of its
                    `param`s: those of the record itself, then those of its parts, in the order of the layout */
    T_DATA,      /* data set of the program; part in name (NULL: all of it) */
    T_PROCEDURE, /* procedure of the program: print, assert, save, ...; args */
    T_STEP_CALL, /* step, args */
    T_TRAIN,     /* train; its value is the record of reports */
} TxKind;

/* What stands in the brackets of a primitive, worked out. */
typedef struct TStatics {
    Vec(int) axes;               /* by position, from 0 */
    Vec(const Dim *) dims;       /* a shape */
    const Symbol *text;          /* einsum's letters */
    int descending;              /* of sort and argsort */
    int keep;                    /* keep=true of reductions: a stretchable axis stays */
} TStatics;

typedef struct FormatPart {
    const char *text;            /* before the value; may be "" */
    const Tx *value;             /* NULL at the end */
    int digits;                  /* {loss:.4}: 4; -1 where not given */
} FormatPart;

struct Tx {
    TxKind kind;
    const Type *type;
    Span span;
    Vec(const Tx *) args;
    int64_t integer;             /* NUMBER of bool, integer or index; ITEM */
    double real;                 /* NUMBER of a float */
    const Symbol *text;          /* STRING */
    const Dim *dim;              /* DIM */
    TVariable *variable;
    const TOption *option;
    const Instance *instance;
    const Weight *weight;
    const Symbol *name;          /* PART, FIELD, DATA */
    PrimitiveKind primitive;
    const TStatics *statics;
    const Type *part;            /* PRIMITIVE SET: what is replaced */
    const TFunction *function;
    const Tx *self;              /* CALL of a layer: the record of weights */
    const Symbol *site;          /* CALL, random PRIMITIVE: stable name, unique in its body: "dropout#1" */
    const TBlock *block, *otherwise;
    const TStmt *loop;           /* FOR: a TS_FOR */
    Vec(FormatPart) parts;
    const TData *data;
    const TAlphabet *alphabet;   /* PROCEDURE: encode, decode */
    ProcedureKind procedure;
    Vec(const Symbol *) argument_names; /* PROCEDURE: parallel to args, NULL where positional */
    const TStep *step;
    const TTrain *train;
    int is_pure;                 /* tensors only, no procedure, step, data or train inside: may become a graph */
};

/* ---- statements -------------------------------------------------------------------------------------- */

typedef enum TStmtKind {
    TS_LET,        /* targets = value (several: the items of a tuple); a NULL target drops the item */
    TS_ASSIGN,     /* the same for vars and states */
    TS_SET_WEIGHT, /* weight = value: a T_WEIGHT, or a record (instance, part) that takes all of another's; below a
                      T_VARIABLE it means that variable with the part replaced */
    TS_EXPRESSION, /* value, for its effect */
    TS_IF,         /* value: run-time scalar bool; block, otherwise (may be NULL) */
    TS_FOR,        /* sources, is_reversed, extent, stack_axis, carried, has_break, block */
    TS_WHILE,      /* value; block */
    TS_BREAK,
    TS_CONTINUE,
    TS_YIELD,      /* value: right in the block of its TS_FOR, once, never in a branch */
    TS_MINIMIZE,   /* value: the loss; updates, groups */
    TS_REPORT,     /* name, report, value (and second for a ratio) */
    TS_VALIDATE,   /* step: a pass over its set; in `every` of a train block */
} TStmtKind;

typedef enum ReportKind { REPORT_MEAN, REPORT_RATIO, REPORT_LAST } ReportKind;

/* One weight that a minimize changes, and by which group: the last that covers it. */
typedef struct TUpdate {
    const Instance *instance;
    const Symbol *path;          /* absolute: "Net.dense_1.w" */
    const Weight *weight;
    int group;
    const TOptimizer *optimizer; /* for the weight's type */
} TUpdate;

typedef struct TGroup {
    TVariable *gradient;               /* the record of the group's gradients, where it has transforms, else NULL */
    const Tx *transformed;             /* what the transforms (clip_norm) make of it */
    const Instance *whole;             /* the record is one of this instance; NULL: one flat layout, whose weights
                                          are named by their absolute paths */
    Vec(const Tx *) rates;             /* arguments for the rates of the optimizer, in its order */
} TGroup;

typedef struct TForSource {
    const Tx *value;             /* a tensor or data set; NULL for a range */
    const Tx *lo, *hi;           /* range: integer scalars; hi NULL: without end */
    int axis;                    /* of a tensor, or of every item of a tuple of tensors */
    TVariable *variable;         /* the element or index; NULL for `_` and for a pattern */
    Vec(TVariable *) items;      /* a pattern: variables for the items of a tuple, NULL for `_`; for
                                    the fields of a batch, by name */
} TForSource;

struct TStmt {
    TStmtKind kind;
    Span span;
    Vec(TVariable *) targets;
    const Tx *weight;            /* SET_WEIGHT */
    const Tx *value, *second;
    const TBlock *block, *otherwise;
    Vec(TForSource) sources;     /* FOR */
    int is_reversed;
    const Dim *extent;           /* FOR: its turns; NULL where only the run knows */
    int stack_axis;              /* FOR: where the turns stand in the stacks of its yields */
    int has_break;               /* FOR, WHILE: a `break` or `continue` stands in it */
    Vec(TVariable *) carried;    /* FOR, WHILE: variables from outside that a turn changes */
    Vec(TUpdate) updates;        /* MINIMIZE: in source order of the weights */
    Vec(TGroup) groups;
    const Symbol *name;          /* REPORT */
    ReportKind report;
    const TStep *step;           /* VALIDATE */
};

struct TBlock {
    Vec(TStmt *) statements;
    const Tx *value;             /* NULL: unit */
};

/* ---- the program ------------------------------------------------------------------------------------- */

typedef enum OptionKind { OPTION_F32, OPTION_I64, OPTION_BOOL, OPTION_STRING, OPTION_DIM } OptionKind;

struct TOption {
    const Symbol *name;          /* as declared; on the command line in lower case */
    OptionKind kind;
    const char *documentation;   /* of its ## lines, or NULL */
    double real;                 /* the value: as given on the command line, else the default */
    int64_t integer;
    const Symbol *text;
    int is_given;
    Span span;
};

/* The characters or words of a text as numbers: `char: index[Vocab] from text("book.txt")` binds Vocab.  The first
 * field that names it decides what is in it. */
struct TAlphabet {
    const Symbol *name;          /* "Vocab" */
    int is_words;
    const Symbol *path;          /* of the text that decides */
    int is_used;                 /* somewhere its size or its elements count */
    Span span;                   /* of that field */
};

struct TDataField {
    const Symbol *name;
    const Type *type;            /* of one record */
    const Symbol *source;        /* "idx", "embedded", ... behind `from`; NULL for an expression */
    Vec(const Tx *) arguments;   /* strings and numbers */
    const Tx *value;             /* expression: leading axis is the records'; may use the set's lets */
    const TAlphabet *alphabet;   /* of `text`, else NULL */
    int is_used;                 /* the program names it: others are not read */
    Span span;
};

typedef struct TDataPart {
    const Symbol *name;          /* "train"; NULL for the fields of the set itself */
    Vec(TDataField) fields;      /* empty in parts made by `split` */
    double fraction;             /* of `split train = 0.9`; 0 for parts with fields of their own */
    const Type *type;            /* TY_RECORD with rows */
} TDataPart;

struct TData {
    const Symbol *name;
    Vec(TStmt *) lets;           /* TS_LET, evaluated once when the set is opened */
    Vec(TDataPart) parts;        /* [0] is the set itself where it has fields */
    int has_shuffle;
    int64_t shuffle;             /* seed of the split */
    Span span;
};

/* A compiled procedure: a `step` of the program, the step and each validate of a train block. */
struct TStep {
    const Symbol *name;          /* "learn"; "step", "validate" in a train block */
    TVariables inputs;           /* data fields by name, or arguments; a field's leading axis is `batch` */
    const DimName *batch;        /* run-time dim of the fields' leading axis, with its maximum; or NULL */
    int is_full;                 /* `batch` is always that: it divides the number of records, which is a constant */
    const Tx *on;                /* validate: its data set; else NULL */
    TConditions conditions;      /* what the run decides of its `given` and of its types */
    const TBlock *body;
    const Type *result;          /* of `->`, or the record of its reports */
    Vec(TVariable *) states;     /* `state` of the train block that it uses */
    const TTrain *train;         /* the block it belongs to, or NULL */
    Span span;
};

typedef struct TSetting {
    const Symbol *name;          /* "batch", "epochs", "seed", "shuffle", ... */
    const Tx *value;             /* NULL for `best` */
    Span span;
} TSetting;

typedef struct TEvery {
    const Tx *count;             /* steps; NULL: every epoch */
    const TBlock *block;         /* statements of the program, TS_VALIDATE among them */
    Vec(TStep *) validates;      /* of those, in source order */
} TEvery;

struct TTrain {
    const Instance *model;       /* or NULL */
    const Tx *data;              /* `on`, or NULL */
    Vec(TSetting) settings;
    int64_t batch;               /* the most examples of a step */
    int is_even;                 /* every batch has so many: `contiguous`, or `keep_short = false` */
    Span batch_span;
    const Symbol *best;          /* the report that decides which weights are kept; or NULL */
    int best_is_lowest;
    Span best_span;
    Vec(TVariable *) states;     /* each pass over a set has its own, from their first values */
    Vec(const Tx *) state_initial;
    TStep *step;
    Vec(TStep *) validates;      /* after every epoch */
    Vec(TEvery) everies;
    TVariable *t, *epoch, *total; /* its own names (i64 scalars), inputs of its steps; NULL where unused */
    Span span;
};

/* A function of a model as `emit` offers it: elaborated outside training, with the sizes that only a call knows
 * (the batch) as run-time dims.  A model whose inputs have another open size has none. */
typedef struct TEntry {
    const Symbol *name;          /* "Net", "Vae.decode" */
    const Instance *instance;
    const TFunction *function;
    const DimName *batch;        /* its maximum: the largest `batch` of the file's train blocks, else 1; or NULL */
    Span span;
} TEntry;

typedef struct TTest {
    const char *name;
    const TBlock *body;
    Span span;
} TTest;

typedef struct TProgram {
    Session *session;
    const Source *source;
    Vec(TOption *) options;
    Vec(TData *) data;           /* those that are used, in source order */
    Vec(TAlphabet *) alphabets;  /* in source order */
    Vec(Instance *) instances;   /* in source order */
    Vec(TStep *) steps;
    Vec(TStmt *) statements;     /* the top level, in order */
    Vec(TTest) tests;
    Vec(TEntry) entries;         /* one per model function, in source order */
    Vec(TVariable *) globals;    /* top-level let, var */
} TProgram;

/* ---- entry (check.c) --------------------------------------------------------------------------------- */

typedef struct OptionSetting {
    const char *name;            /* as on the command line, without the dashes */
    const char *value;
} OptionSetting;

/* The size of an alphabet, once its text was read. */
typedef struct AlphabetSize {
    const Symbol *name;
    int64_t count;
} AlphabetSize;

typedef struct CheckInput {
    const Source *source;
    const OptionSetting *settings;
    int setting_count;
    const AlphabetSize *alphabets; /* those not here stay symbolic */
    int alphabet_count;
    const Source *const *library; /* sources of stdlib/ */
    int library_count;
    /* The file that `importer` imports as `path`: the same Source for the same file; NULL and why.  NULL: no imports. */
    const Source *(*load)(void *context, const Source *importer, const char *path, const char **why);
    void *load_context;
} CheckInput;

/* Parses, resolves, checks and elaborates; mistakes are in session->diags.  Never NULL; complete only when
 * no error was added. */
TProgram *lang_check(Session *session, const CheckInput *input);

#endif
