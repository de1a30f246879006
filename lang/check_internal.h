/* What the files of the checker share.
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

/* check_view.c: views of data sets. */
int is_view_procedure(ProcedureKind kind);
const Tx *check_records(Checker *cx, const Ast *ast, const Tx *of); /* `of` is a data set behind which brackets stand */
/* The type of one batch of what stands behind `in`; poison after a diagnostic. */
const Type *batch_type(Checker *cx, const Tx *source, const Ast *ast);
/* `(image, label)`: the fields of a batch by name. */
void batch_pattern(Checker *cx, const Ast *pattern, const Type *set, TForSource *source);

/* check_alphabet.c: `text` binds an alphabet, which is a dimension of the file. */
void collect_alphabets(Checker *cx, const Ast *file); /* before anything is checked */
/* The alphabet of a field that `text` gives; NULL after a diagnostic. */
const TAlphabet *field_alphabet(Checker *cx, const Ast *field);
/* Vocab.encode("a"), Vocab.decode(i); NULL where the call is none of them. */
const Tx *check_alphabet_call(Checker *cx, const Ast *ast);

/* The arguments of a procedure that reads or writes files (check_file.c); other procedures come back as they are. */
const Tx *check_file_procedure(Checker *cx, const Callable *callee, Tx *tx);

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
/* The warnings of the file that a comment `# allow W0209: reason` silences (check_allow.c): at the very end. */
void check_allowed(Checker *cx, const AstFile *file);
/* Warnings about what a program without errors computes (check_advice.c). */
void check_advice(Checker *cx);
/* What is declared and never used (check_unused.c). */
void note_shown(Checker *cx, const Tx *value); /* a value that is printed: the fields of a data set are used */
void check_unused(Checker *cx, const AstFile *file);
void warn_unused_parameters(Checker *cx, const Ast *ast, const Scope *scope);
/* What documentation says that values are and are to be (check_facts.c). */
void check_facts(Checker *cx);

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

/* ---- check_dim.c: sizes and types in source text -------------------------------------------- */

/* The size that an expression is when it is one known from names and numbers; else NULL, silently.
 */
const Dim *dim_expression(Checker *cx, const Ast *ast);
/* The same where a size must stand: reports and gives NULL. */
const Dim *expect_dim(Checker *cx, const Ast *ast);
const Origin *origin_new(Checker *cx, OriginKind kind, Span span, const Origin *from);
/* The origin of a size written as `ast`. */
const Origin *dim_origin(Checker *cx, const Ast *ast);
/* Brings a name of an input's shape into scope where it is not known: called by the binder. */
const Type *check_type(Checker *cx, const Ast *ast);
int is_element_name(const Symbol *name, DType *dtype, ElementVariable *element);
/* The parts of a tensor type: element and shape items; 0 where it is no tensor type (a diagnostic
 * was given). */
typedef struct TypeParts {
    DType dtype;
    ElementVariable element;
    const Ast *bound;     /* V of index[V] */
    const AstList *shape; /* NULL: a scalar */
} TypeParts;
int type_parts(Checker *cx, const Ast *ast, TypeParts *parts);

/* ---- check_repair.c: mechanical fixes of shapes ---------------------------------------------- */

typedef struct Repair {
    const char *function; /* goes around the value: "transpose[0, 2, 1]"; or NULL */
    const char *index;    /* goes behind it: "[.., new]"; or NULL */
    const char *what;     /* what it does, in words */
} Repair;

/* How a value of one type becomes one of the other; 0 where no single change does it. */
int find_repair(Checker *cx, const Type *from, const Type *to, Repair *repair);
/* What makes an operand go with the other one: an axis of size 1 dropped or made to stretch, axes added, axes in
 * another order. */
int find_dropped(Checker *cx, const Type *from, const Type *to, Repair *repair);
int find_added(Checker *cx, const Type *from, const Type *to, Repair *repair);
int find_order(Checker *cx, const Type *from, const Type *to, Repair *repair);
void check_fix_repair(Checker *cx, Diag *diag, const Tx *tx, const Repair *repair);
/* The value of a pipe, or (`pipe` no PIPE) of its head. */
void note_stage(Checker *cx, const Tx *tx, const Ast *pipe);
/* The copy stands where the value stood. */
void note_copy(Checker *cx, const Tx *tx, const Tx *copy);
/* Labels with the shapes that a pipe had before the stage with the mistake. */
void label_stages(Checker *cx, const Ast *pipe, int first_diag);
/* Where a mistake in an argument is shown: at the stage that takes it, if a pipe hands it on. */
Span argument_place(Checker *cx, const Tx *arg);

/* ---- check_shape.c: types ------------------------------------------------------------------- */

const Type *type_error(Checker *cx);
const Type *type_unit(Checker *cx);
const Type *type_scalar(Checker *cx, DType dtype);
const Type *type_literal(Checker *cx, DType dtype);
const Type *type_tensor(Checker *cx, DType dtype, int rank, const Axis *axes);
const Type *type_index(Checker *cx, const Dim *bound, int rank, const Axis *axes);
const Type *type_list(Checker *cx, TypeKind kind, const TypeField *fields, int count);
const Type *type_string(Checker *cx);
Type *type_copy(Checker *cx, const Type *type);
static inline int is_error_type(const Type *t) { return t->kind == TY_ERROR; }
int has_pack(const Type *t);
int is_float_type(const Type *t);

const Tx *tx_error(Checker *cx, Span span);
Tx *tx_new(Checker *cx, TxKind kind, const Type *type, Span span);
const Tx *tx_variable(Checker *cx, TVariable *variable, Span span);
const Tx *tx_integer(Checker *cx, int64_t value, Span span);
const Tx *tx_dim(Checker *cx, const Dim *dim, Span span);
void tx_add(Checker *cx, Tx *tx, const Tx *arg); /* and takes over its impurity */
static inline int is_error(const Tx *tx) { return tx->type->kind == TY_ERROR; }

DimAnswer compare_dims(Checker *cx, const Dim *a, const Dim *b);
/* 1 equal or unknown or poison; 0 certainly different. */
int same_type(Checker *cx, const Type *a, const Type *b);
/* The dtype that both widen to; DT_COUNT where there is none. */
DType wider(DType a, DType b);
/* Converts to an element type by widening; reports narrowing. */
const Tx *convert_element(Checker *cx, const Tx *tx, DType dtype, const Dim *index_bound);
/* [1, 2, 3]: numbers written down, in lists of lists; they convert as each number would. */
int is_literal_list(const Tx *tx);
/* Makes tx a value of the wanted type: literals take it, elements widen, shapes must agree.  `what`
 * names the receiver: "the result of f", "argument x of f". */
const Tx *coerce(Checker *cx, const Tx *tx, const Type *wanted, const char *what);
/* An explicit T_CONVERT; the caller knows that it means something. */
const Tx *tx_converted(Checker *cx, const Tx *tx, DType dtype, const Dim *index_bound);
/* A literal that nobody gave a type: i64 or f32. */
const Tx *settle(Checker *cx, const Tx *tx);
/* The shape of elementwise operands: reports E0303 and gives 0 where they do not go together; -1
 * where that is not known here. */
int broadcast_axes(Checker *cx, Span span, const char *operation, const Type *a, const Type *b,
                   Axis **axes, int *rank);
void label_axis(Checker *cx, Diag *diag, const Axis *axis);
/* The mark goes to the operator, the types of the operands stand below them; 0 where there is no operator. */
int show_operands(Checker *cx, Diag *diag, Span span);
const char *dim_shown(Checker *cx, const Dim *dim);
const char *type_shown(Checker *cx, const Type *type);

/* ---- check_primitive.c ---------------------------------------------------------------------- */

typedef struct PrimitiveCall {
    PrimitiveKind kind;
    Span span;
    const AstList *items; /* in its brackets, or NULL */
    Scope *scope;         /* where they are read */
    const Tx **args;
    int arg_count;
    const Type *wanted;
} PrimitiveCall;

const Tx *check_primitive(Checker *cx, PrimitiveCall *call);
/* Rank and size of a result are what a tensor may have; else a diagnostic. */
const Tx *check_limits(Checker *cx, const Tx *tx);
const Tx *check_binary(Checker *cx, PrimitiveKind kind, const Tx *a, const Tx *b, Span span);
/* The position of an axis given by number or dimension; -1 reported, -2 not known here. */
int axis_position(Checker *cx, const Ast *ast, const Type *type);
/* Adds the axes that one item in the brackets of `of` names to statics->axes: 1, 0 reported, -1 not known here. */
int item_axes(Checker *cx, const char *of, const Ast *item, const Type *type, TStatics *statics);
const Tx *check_indexing(Checker *cx, const Ast *ast, const Tx *of);
/* x[...] = value as the tensor `of` with that part replaced; `value`, where not NULL, stands for value_ast, checked. */
const Tx *check_written(Checker *cx, const Ast *ast, const Tx *of, const Ast *value_ast, const Tx *value);

/* ---- check_callable.c, check_call.c --------------------------------------------------------------------------- */

/* What stands before `(` or behind `|>`; NULL where it is a plain value (no diagnostic was given).
 */
Callable *check_callable(Checker *cx, const Ast *ast);
/* One argument of a call, already checked. */
typedef struct Argument {
    const Tx *tx;
    const Symbol *name; /* of a named one */
    Span span;
} Argument;
const Tx *check_view(Checker *cx, const Callable *callee, const Argument *args, int count, Span span);
Callable *callable_new(Checker *cx, CallableKind kind, const Symbol *name, Span span);
/* A layer that has no instance yet: naming it in a body makes one. */
int is_layer_callable(const Callable *callable);
/* A creation function: named alone it is its value. */
int needs_no_inputs(const Callable *callable);
/* check_signature.c: pipes of functions and layers. */
int has_layer(const Callable *callable);
/* The names in an expression that is read only where the function is called are used all the same. */
void count_uses(Checker *cx, const Ast *ast);
Callable *pipe_layer(Checker *cx, const Ast *pipe);
const Tx *call_signature(Checker *cx, Callable *callee, const Argument *args, int count, Span span,
                         const Type *wanted);
const Tx *call(Checker *cx, Callable *callee, const Argument *args, int count, Span span,
               const Type *wanted);
/* A function that stands as a value: called where nothing is missing. */
const Tx *callable_value(Checker *cx, Callable *callee, Span span, const Type *wanted);

/* ---- check_instance.c, check_stack.c, check_repeat.c ------------------------------------------ */

/* The instance that naming a layer makes at this place; NULL after a diagnostic. */
Callable *make_part(Checker *cx, Callable *callee, Span span);
Built *built_new(Checker *cx, Declared *declared, const AstList *items, Scope *scope, Span span);
/* The same place is elaborated again: its brackets are read where they stand now. */
void built_refresh(Checker *cx, Built *built, const AstList *items, Scope *scope);
const Type *instance_type(Checker *cx, const Built *built);
/* A part of a record of weights. */
const Tx *part_of(Checker *cx, const Tx *record, const Built *part, const Symbol *name, Span span);
const Symbol *copy_name(Checker *cx, int64_t index);
/* `net.0.2`: what an instance of the program is called in copies of repeats. */
const Symbol *name_of_copy(Checker *cx, const Symbol *name, const Copy *copy);
Declared *stack_declared(Checker *cx);
void stack_fill(Checker *cx, Built *built);
const Tx *call_stack(Checker *cx, Callable *callee, const Argument *args, int count, Span span,
                     const Type *wanted);
/* `blocks[i]`, i known when compiling; an error where the instance is neither a Stack nor copies. */
Callable *stack_item(Checker *cx, const Callable *of, const AstList *items, Span span);
const Tx *check_repeat(Checker *cx, const Ast *ast, TBlock *out, int wants_value);
void repeat_yield(Checker *cx, const Ast *ast, TBlock *out);
/* The copy of the repeats around that is being checked, or NULL. */
const Copy *present_copy(const Checker *cx);
/* A `yield` here belongs to a `repeat`. */
int is_repeat_yield(const Checker *cx);
/* Inside a repeat a `var` may change its shape: its name then stands for a new variable.  What stands right of a
 * list of names, before that; then the targets of the statement and what is wanted of the value. */
const Tx *repeat_tuple(Checker *cx, const Ast *ast, const TypeField *fields, int count);
const Type *repeat_retype(Checker *cx, const AstAssign *assign, TStmt *stmt, TypeField *fields,
                          const Tx *value, const Type *wanted);

void check_generic(Checker *cx, Declared *declared);
/* The rates of the group are filled in. */
const TOptimizer *elaborate_optimizer(Checker *cx, Callable *rule, const Type *weight,
                                      TGroup *rates, Span span);
TVariable *variable_new(Checker *cx, const Symbol *name, const Type *type, Span span);
/* Head and body, with rigid names, in the present scope and body. */
void generic_function(Checker *cx, Declared *d, Body *body);
void warn_bound_once(Checker *cx, const Scope *scope);

/* ---- check_member.c: functions of a layer ----------------------------------------------------- */

/* The function of that name inside a layer, or NULL. */
Declared *member_of(Checker *cx, const Built *built, const Symbol *name);
/* The functions of the layer whose body is being checked, as names of that body. */
void declare_members(Checker *cx, const Ast *block);
/* The generic check of all of them, at the end of the layer's block. */
void check_members(Checker *cx, const Ast *block);
/* Brings what a function of a layer sees into scope: static parameters, then weights, parts and functions. */
void walk_layer(Checker *cx, const Declared *member, Body *caller);
void bind_layer_statics(Checker *cx, const Built *built, Body *caller);
const Tx *call_with_site(Checker *cx, Tx *tx, const Symbol *name);

/* ---- check_expression.c, check_statement.c -------------------------------------------------- */

const Tx *check_expression(Checker *cx, const Ast *ast, const Type *wanted);
const Tx *check_field(Checker *cx, const Tx *of, AstName name, Span span);
/* The statements in a scope of their own; the last expression is the value. */
const TBlock *check_block(Checker *cx, const Ast *block, const Type *wanted, int wants_value);
void check_statement(Checker *cx, const Ast *ast, TBlock *out);
const Tx *check_if(Checker *cx, const Ast *ast, const Type *wanted, int wants_value);
/* A statement of a block; of none where `out` is NULL. */
TStmt *add_statement(Checker *cx, TBlock *out, TStmtKind kind, Span span);
void if_statement(Checker *cx, const Ast *ast, TBlock *out);
const Type *block_type(Checker *cx, const TBlock *block);
Span block_end(const Ast *block);

/* ---- check_assign.c ------------------------------------------------------------------------- */

void check_assign(Checker *cx, const Ast *ast, TBlock *out);

/* ---- check_for.c: loops --------------------------------------------------------------------- */

/* `out` NULL, wants_value 1: the stacked yields; else a statement of `out`. */
const Tx *check_for(Checker *cx, const Ast *ast, TBlock *out, int wants_value);
void while_statement(Checker *cx, const Ast *ast, TBlock *out);
void loop_control(Checker *cx, const Ast *ast, TBlock *out);
void check_yield(Checker *cx, const Ast *ast, TBlock *out);
/* The new value of a variable from outside of the loop keeps its shape; 0 where it does not (reported). */
int check_carry(Checker *cx, const Tx *place, const Tx *value);
/* A variable is assigned to: the loops around that it came into carry it. */
void note_carried(Checker *cx, TVariable *variable);

/* ---- check_train.c, check_data.c ------------------------------------------------------------ */

const Tx *check_train(Checker *cx, const Ast *ast);
/* A `validate` among the statements of an `every`. */
void check_validate(Checker *cx, const Ast *ast, TBlock *out);
/* 0 after a diagnostic: compiled code reads a `var` of the program, or the program a state of a step. */
int check_outside(Checker *cx, const Tx *tx, Span span);
void check_minimize(Checker *cx, const Ast *ast, TBlock *out);
/* At the end of a step: weights that a loss reaches and nothing in the step updates. */
void warn_frozen(Checker *cx);
void check_report(Checker *cx, const Ast *ast, TBlock *out);
TStep *check_step(Checker *cx, Declared *declared);
/* The gradient of a scalar by something with a name; poison after a diagnostic. */
const Tx *gradient_of(Checker *cx, const Tx *of, const Tx *by, Span span);
/* check_assert.c: args are the point, the function's value and its gradient at `variable`.  NULL where the call is another. */
const Tx *check_assert_gradient(Checker *cx, const Ast *ast);
/* check_step_call.c: a step of which every use is elaborated, for it has static parameters or inputs of no fixed type. */
int is_open_step(const Declared *declared);
/* Its generic check, once; 0 where there are mistakes in it. */
int check_open_step(Checker *cx, Declared *declared);
const Tx *call_step(Checker *cx, Callable *callee, const Argument *args, int count, Span span);
/* `extern fn`: its type. */
void check_extern(Checker *cx, Declared *declared);
void check_option(Checker *cx, Declared *declared);
/* An option of an imported file is the program's where something that is used uses it. */
void note_option(Checker *cx, const Declared *declared);
TData *check_data(Checker *cx, Declared *declared);
/* The field is read when its set is opened. */
static inline void note_data_field(const Type *set, int field) {
    if (set->data) set->data[field]->is_used = 1;
}
const Type *data_type(Checker *cx, const TData *data, const Symbol *part);
/* Gives a model its instance, and its layout as far as its declared inputs fix it; adds its entry.
 */
void prepare_model(Checker *cx, Declared *declared);
Instance *instance_new(Checker *cx, AstName name, const Layout *layout);
const Tx *instance_value(Checker *cx, const Instance *instance, Built *built, Span span);
void check_weight(Checker *cx, const Ast *ast);

/* ---- check_import.c ------------------------------------------------------------------------- */

/* The name of an import in the present scope, and what stands behind it. */
void import_module(Checker *cx, const Ast *ast, const Source *importer);
/* The declarations of a file: the user's own where module is NULL. */
void collect_declarations(Checker *cx, const Ast *file, Module *module);
/* `blocks.Layer` where `blocks` is an import. */
int is_module_member(Checker *cx, const Ast *ast);
/* The same of an import whose file has mistakes: nothing more is said. */
int is_broken_import(Checker *cx, const Ast *ast);
/* What it names; NULL after a diagnostic. */
Declared *module_member(Checker *cx, const Ast *ast);
/* Where the names of a declaration are looked up. */
Scope *home_scope(const Checker *cx, const Declared *d);
/* The declarations of the file that the place is in. */
const Map *file_names(const Checker *cx, Span span);

/* ---- check_procedure.c ---------------------------------------------------------------------- */

/* Is this fn interpreted, because it calls steps or touches the world? */
int is_procedure(Checker *cx, Declared *d);
/* Does it use names of the program's statements?  Then it is checked where it is first used. */
int uses_program(Checker *cx, Declared *d);
void note_statement_names(Checker *cx, const Ast *file);

/* ---- check_state.c -------------------------------------------------------------------------- */

/* A `state` or `param` of the top level. */
void check_top_weight(Checker *cx, const Ast *ast, TBlock *out);
int is_top_weight(const Tx *tx);
/* The type and first value of a declared `param` or `state`; NULL after a diagnostic. */
const Tx *check_first_value(Checker *cx, const Ast *ast, const Type **type);

#endif
