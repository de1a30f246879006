/* What the files of the checker share: what names mean, bodies, the checker itself; scopes and diagnostics.
 *
 * One machine serves two uses.  A declaration is checked once *generically*: its dimensions, packs
 * and flags are rigid names, so a mistake in it is found without any use.  Each use then
 * *elaborates* it: the same walk with the sizes of the call, giving the TFunction that is handed
 * on.  What differs is only what names are bound to and Body.is_generic; in a generic walk a type
 * that depends on something not yet known is TY_ERROR, which goes with everything silently.
 *
 * The order in which to read the files is in lang/README.md. */
#ifndef DLC_LANG_CHECK_INTERNAL_H
#define DLC_LANG_CHECK_INTERNAL_H

#include "base/map.h"
#include "lang/ast.h"
#include "lang/typed.h"

typedef struct Checker Checker;
typedef struct Scope Scope;
typedef struct Binding Binding;
typedef struct Declared Declared;
typedef struct Callable Callable;
typedef struct Built Built;
typedef struct Body Body;
typedef struct Copy Copy;
typedef struct Repeat Repeat; /* check_repeat.c */
typedef struct Module Module;

/* ---- names ---------------------------------------------------------------------------------- */

/* A declaration of a file: found by name, checked generically once, elaborated per use. */
struct Declared {
    const Ast *ast;
    const Symbol *name;
    int is_library;
    enum { NOT_CHECKED, BEING_CHECKED, CHECKED } state; /* generically */
    int is_broken;  /* the generic check found mistakes: uses of it say nothing more */
    int is_signature_broken; /* the mistakes are in its head: uses of it cannot be checked */
    int is_running; /* depth of elaborations in progress: recursion is bounded by it */
    enum { RECURSION_ENDS, RECURSION_ENDLESS, RECURSION_SAID } recursion; /* MAX_DEPTH was met; and reported */
    int elaboration_count;
    int is_walked;  /* LAYER, MODEL: its statements are read for the names that its functions use */
    int use_count;
    const Dim *dim; /* DIM, OPTION of kind dim */
    const Origin *why;
    const Type *type; /* TYPE */
    TOption *option;
    TData *data;
    TStep *step;
    Instance *instance; /* MODEL: its one instance */
    Built *built;       /* MODEL */
    Declared *layer;    /* of a function inside a layer, else NULL */
    Scope *scope;       /* of a pipe of layers: where it was written and is read; else NULL: the file or library */
    Module *module;     /* of an imported file, else NULL */
    enum { NOT_ASKED, IS_FUNCTION, IS_PROCEDURE } procedure; /* FN (check_procedure.c) */
    enum { OUTSIDE_NOT_ASKED, OUTSIDE_UNUSED, OUTSIDE_USED } outside; /* uses_program */
    int is_called;      /* the procedure: checked with the types of a call */
    void *elaborated;   /* list of Elaborated (check_call.c) */
};

typedef enum BindingKind {
    BIND_ERROR,     /* a mistake was reported where it was declared */
    BIND_VALUE,     /* tx: variable, weight, instance */
    BIND_DIM,       /* dim, why */
    BIND_PACK,      /* rank, axes */
    BIND_AXIS,      /* number: a position; -1 not known yet */
    BIND_AXES,      /* number: bit k for axis k of the first input; INT64_MIN not known yet */
    BIND_FLAG,      /* number: 0, 1; -1 not known yet */
    BIND_TEXT,      /* text */
    BIND_CALLABLE,  /* callable */
    BIND_DECLARED,  /* declared */
    BIND_PRIMITIVE, /* number: PrimitiveKind */
    BIND_PROCEDURE, /* number: ProcedureKind */
    BIND_MODULE,    /* module */
} BindingKind;

struct Binding {
    BindingKind kind;
    const Symbol *name;
    Span span; /* of the declaration */
    int use_count;
    int is_quiet; /* unused is no mistake: inputs, loop names */
    int depth;    /* run-time loops and branches of its body around the declaration */
    int is_missing; /* ERROR: nothing declares it, a use was reported */
    const Tx *tx;
    const Dim *dim;
    const Origin *why;
    int rank;
    const Axis *axes;
    int64_t number;
    const Symbol *text;
    Callable *callable;
    Declared *declared;
    TAlphabet *alphabet; /* DIM: the alphabet whose size it is, or NULL */
    Module *module;
};

/* An imported file. */
struct Module {
    const Source *source;
    const Symbol *name; /* as the first import calls it */
    Scope *scope;       /* its declarations, within the library */
    Map names;          /* const Symbol * to Declared * */
    int is_being_read, is_broken;
};

struct Scope {
    Scope *outer;
    Map names;  /* const Symbol * to Binding * */
    Body *body; /* of which it is a part; a name found in another body's scope is from outside */
};

/* ---- functions as values -------------------------------------------------------------------- */

typedef enum CallableKind {
    CALL_ERROR,
    CALL_DECLARED,  /* declared: fn, layer (a call makes an instance), optimizer, step */
    CALL_INSTANCE,  /* built, self: a layer's own function */
    CALL_MEMBER,    /* built, self, declared: a function inside a layer */
    CALL_PRIMITIVE, /* number */
    CALL_PROCEDURE, /* number */
    CALL_CONVERT,   /* type: f32(x), index[V](e) */
    CALL_PIPE,      /* left, then right (with its further arguments) */
    CALL_SIGNATURE, /* declared: the signature of a static parameter, in a generic check; scope */
} CallableKind;

/* Copy `index` of a repeat, itself perhaps in a copy of another. */
struct Copy {
    int64_t index;
    const Copy *outer;
};

struct Callable {
    CallableKind kind;
    Span span;
    const Symbol *name;
    Declared *declared;
    Built *built;
    const Tx *self;
    int64_t number;
    const Type *type;
    const AstList *items; /* what stands in its brackets, or NULL */
    Scope *scope;         /* where items are to be read */
    const Ast *site;      /* the place in the source that makes an instance */
    const Symbol *as;     /* the name of that instance, or NULL */
    const Copy *copy;     /* which copies of which repeats the place stands in */
    int is_let;           /* named by a `let` of the layer, outside its loops; uses may stand in them */
    Callable *left, *right;
    const AstList *args; /* PIPE: further arguments of the right side */
};

/* A layer with weights: the layout and what made it.  Equal blocks of a `Stack` are one Built under several
 * names; the copies that a `repeat` makes of one place are parts "0", "1", ... of a Built of their own. */
typedef enum BuiltKind { BUILT_LAYER, BUILT_STACK, BUILT_COPIES } BuiltKind;

struct Built {
    BuiltKind kind;
    Declared *declared;
    const AstList *items;
    Scope *scope;
    Layout *layout;
    Vec(Built *) parts;     /* parallel to layout->parts */
    Vec(const Ast *) sites; /* parallel: the place that makes the part; of BUILT_LAYER */
    Scope *rigid;           /* of a generic check: where the layer's static parameters are bound */
    int is_open;            /* STACK: its depth is not known here; one part stands for all */
    Map counts;             /* name of a layer to the number of unnamed parts so far */
    int is_known;           /* a call has fixed the layout */
};

/* ---- the body that is being checked --------------------------------------------------------- */

typedef enum BodyKind {
    BODY_PROGRAM,
    BODY_TEST,
    BODY_FN,
    BODY_LAYER,
    BODY_OPTIMIZER,
    BODY_STEP,
    BODY_VALIDATE,
    BODY_DATA,
    BODY_TRAIN, /* settings and blocks of `every` */
    BODY_PROCEDURE, /* a `fn` that calls steps or touches the world */
} BodyKind;

/* The loop whose body is being checked (check_for.c). */
typedef struct Loop {
    struct Loop *outer;
    TStmt *stmt;  /* TS_FOR or TS_WHILE; NULL of a `repeat` */
    Scope *scope; /* around that of its body: a `yield` stands right in the latter */
    int depth;    /* 1: the outermost of its body */
    const Tx *yielded; /* the value of its `yield`, NULL where none came yet */
    Span yield;
    int has_yield;
} Loop;
/* What the program interprets: it may call steps and touch the world. */
static inline int is_program_kind(BodyKind kind) {
    return kind == BODY_PROGRAM || kind == BODY_TEST || kind == BODY_TRAIN || kind == BODY_PROCEDURE;
}

/* A minimize of a step, and whether `over` says what it is over. */
typedef struct Minimized {
    const TStmt *stmt;
    int has_over;
} Minimized;

struct Body {
    BodyKind kind;
    Body *caller;   /* the body whose call is elaborated; NULL at the root */
    Span call;      /* of that call */
    int is_binding; /* its arguments are being bound: mistakes are the caller's */
    Declared *declared;
    int is_generic;
    int training; /* 0, 1; -1 not known */
    int has_unknown; /* a name was not found: what seems unused may have been meant */
    DimFacts facts;
    TConditions conditions; /* what the run is to decide of its `given` and of sizes that must be equal */
    Built *built; /* LAYER: where its weights go */
    int loop_depth;
    Loop *loop;   /* the innermost, or NULL */
    int branch_depth; /* run-time ifs around */
    int open_depth;   /* ifs around that a use decides */
    Repeat *repeat;   /* the innermost repeat around, or NULL */
    int lacks_records, is_second_walk; /* LAYER: a part's weights were used before a call fixed their sizes */
    Map sites;        /* name of a callee to the number of calls so far */
    TTrain *train;    /* STEP, VALIDATE of a train block, TRAIN */
    const Type *data; /* TRAIN: the set behind `on`, or NULL */
    TEvery *every;    /* TRAIN: the `every` whose statements are checked */
    TStep *step;
    Vec(TVariable *) slots; /* OPTIMIZER: its states, and their first values */
    Vec(const Tx *) slot_initial;
    Vec(Minimized) minimized; /* STEP */
    Map reports;                     /* STEP: names reported */
    Vec(TypeField) report_fields;
    Vec(TypeField) called_reports;   /* STEP: of the steps that it calls */
};

/* One of the values that a variable was given: a `let`, then assignments. */
typedef struct Definition {
    const Tx *value;
    const struct Loop *loop; /* the innermost around the place that assigns, or NULL */
    const struct Definition *before;
} Definition;

struct Checker {
    Session *session;
    Arena *arena;
    TProgram *program;
    const CheckInput *input;
    Map file; /* const Symbol * to Declared *: of the user's file */
    Map library;
    Vec(Declared *) declared; /* of the user's file, then of its imports, in order */
    Vec(Module *) modules;
    Map statement_names; /* of `let`, `var`, `state` and `param` of the file's top level */
    Scope *library_scope, *file_scope;
    Scope *scope;
    Body *body;
    int quiet; /* > 0: mistakes are consequences and say nothing */
    int depth; /* of expressions in each other, through the bodies of what is called */
    int is_too_deep; /* that was met: what is left of the program is not looked at */
    Map declarations; /* TFunction * to the Ast * of its declaration */
    Map stages; /* the AST of a pipe, or its head, to its Tx, and back (note_stage) */
    Map piped;  /* a Tx that a pipe hands on to where (a Span *) */
    const Tx *operands[2]; /* of the operator that is being checked, and where it stands; else NULL */
    Span operator_span;
    uint32_t pack_count;
    Map pack_names; /* Pack * to Map of name text to DimName *: S[0], prod(S) of a rigid pack */
    int64_t largest_batch;
    Map definitions; /* TVariable * to Definition *, the last one (check_reach.c) */
    Declared *stack; /* `Stack`, the layer that the compiler knows */
    Instance *top; /* holds the states and params of the top level; NULL where there are none */
    int shows_sets; /* a data set is printed as a whole: all of its fields are used */
};

/* ---- check_scope.c: scopes, diagnostics ----------------------------------------------------- */

/* NULL where mistakes are quiet.  Inside an elaboration the user's call is blamed and the place
 * becomes a label. */
Diag *check_error(Checker *cx, Span span, DiagCode code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* These accept a NULL diag. */
void check_label(Checker *cx, Diag *diag, Span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void check_note(Checker *cx, Diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void check_fix(Checker *cx, Diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void check_primary(Checker *cx, Diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A fix that `dlc check --fix` applies: `span` becomes `replacement`.  Only advice where the place lies in the
 * library, or shows its mistake only with the sizes of a call. */
void check_fix_edit(Checker *cx, Diag *diag, Span span, const char *replacement, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The same, putting texts before and behind what stands there. */
void check_fix_wrap(Checker *cx, Diag *diag, Span span, const char *before, const char *behind, const char *format,
                    ...) __attribute__((format(printf, 6, 7)));
/* What the user wrote at a place. */
const char *source_text(Checker *cx, Span span);
void check_unsupported(Checker *cx, Span span, const char *what);
Scope *scope_push(Checker *cx);
/* Reports what nobody used, and goes back to the outer scope. */
void scope_pop(Checker *cx);
Binding *scope_add(Checker *cx, const Symbol *name, Span span, BindingKind kind);
/* The same for what the user declares: a name that is taken or in the wrong case is reported. */
Binding *scope_declare(Checker *cx, AstName name, BindingKind kind, int is_capital);
Binding *scope_find(Checker *cx, const Symbol *name);
/* E02xx with a suggestion; `what` is "name", "layer", "dimension". */
void unknown_name(Checker *cx, AstName name, const char *what);
const char *suggestion(Checker *cx, const Symbol *name);
int is_capitalised(const Symbol *name);
int is_capital_name(const Symbol *name);
Declared *check_declared(Checker *cx, Declared *declared); /* makes sure of its generic check */

#endif
