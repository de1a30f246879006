/* Binding the names of a declaration to what a call gives (check_bind_static.c, check_bind.c), for
 * what is called (check_elaborate.c, check_step_call.c, check_optimizer.c, check_train.c). */
#ifndef DLC_LANG_CHECK_BIND_H
#define DLC_LANG_CHECK_BIND_H

#include "lang/check_call.h"
#include "lang/check_condition.h"

typedef enum StaticKind {
    STATIC_NONE, /* declared wrongly */
    STATIC_DIM,  /* a size or whole number */
    STATIC_PACK, /* ..S */
    STATIC_FLAG, /* bool */
    STATIC_RATE, /* f32: a run-time scalar, passed as an ordinary argument */
    STATIC_AXIS,
    STATIC_AXES, /* any number of axes, as in the brackets of a reduction; none given: all */
    STATIC_TEXT,
    STATIC_CALLABLE, /* fn, layer, optimizer */
} StaticKind;

/* One call being bound: cx->scope is the callee's, cx->body the callee's. */
typedef struct Bind {
    const Ast *ast;
    const AstFunction *function;
    const Symbol *name;
    Span span;            /* of the call */
    const AstList *items; /* in its brackets, read in items_scope by `caller` */
    Scope *items_scope;
    Body *caller;
    const Argument *given;
    int given_count;
    const Type *wanted;
    /* worked out */
    const Type *first; /* type of the first argument: where axes are found */
    Binding **statics; /* parallel to function->statics */
    int missing_count;
    const Tx **args;  /* parallel to function->inputs, converted */
    TypeParts *parts; /* parallel */
    DType element;    /* of any and float; DT_COUNT where nothing fixes it */
    ElementVariable rigid_element;
} Bind;

typedef enum BindResult {
    BIND_FAILED,  /* reported */
    BIND_UNKNOWN, /* depends on what is not known here */
    BIND_DONE,
} BindResult;

/* ---- check_body.c: using a declaration ------------------------------------------------------- */

/* The scope and body that a checker was in. */
typedef struct Outside {
    Scope *scope;
    Body *body;
} Outside;
/* From here on it is in this body, in a new scope inside `home`; body_leave reports what nobody used there. */
Outside body_enter(Checker *cx, Body *body, Scope *home);
void body_leave(Checker *cx, Outside outside);
/* A variable of the present scope that need not be used: an input, a rate; without a name nothing is bound. */
TVariable *scope_variable(Checker *cx, const Symbol *name, const Type *type, Span span);

/* A use of the declaration here: what stands in brackets, read in `items_scope` (NULL: the present one), and arguments. */
Bind bind_new(Checker *cx, const Declared *d, const AstList *items, Scope *items_scope, const Argument *args, int count,
              Span span);
/* In the scope of the body, which was entered; while it binds, mistakes are the caller's. */
BindResult bind_in_body(Checker *cx, Bind *bind, Body *body);
/* The numbers given in brackets as variables of the body, in order; they are the first of its inputs. */
void bind_rates(Checker *cx, const Bind *bind, TVariables *variables);
/* These numbers and the arguments, as operands of the call. */
void add_arguments(Checker *cx, Tx *tx, const Bind *bind);

/* check_bind_static.c */
StaticKind static_kind(const Ast *parameter);
const Symbol *parameter_name(const Ast *parameter);
int bind_statics(Checker *cx, Bind *bind);
/* check_elaborate.c: the declared result in the sizes of the call, or NULL where it is left out. */
const Type *bound_result(Checker *cx, const Bind *bind);
/* A call of a fn or layer, elaborated; of the function itself, `built` and `self` of a layer's. */
const Tx *elaborate(Checker *cx, Callable *callee, Declared *d, Built *built, const Tx *self, const Argument *args,
                    int count, Span span, const Type *wanted);
/* The body of a function whose inputs are in scope; `result` is its declared type, or NULL. */
void check_function_body(Checker *cx, Declared *d, const Type *result, TFunction *f);
/* Do two uses give the same? */
int same_statics(Binding *const *one, Binding *const *other, int count);
/* Sizes by identity; origins do not count. */
int identical_types(const Type *a, const Type *b);
/* Generic check: statics and the names of an input's type are new names of their own. */
void bind_rigid_statics(Checker *cx, const AstFunction *function);
const Dim *rigid_dim(Checker *cx, const Symbol *name);
const Axis *rigid_pack_axis(Checker *cx, const Symbol *name);
void rigid_pack(Checker *cx, const Symbol *name, Span span);

/* check_signature.c: a static parameter that is a function, layer or optimizer.  In a generic check it is called by
 * its signature, or goes with everything silently where it has none. */
Callable *signature_callable(Checker *cx, const Ast *type, const Symbol *name);
/* What a use gives for it, in `callee` the static parameters before it; NULL after a diagnostic. */
Callable *static_callable(Checker *cx, const Ast *parameter, const Ast *value, Scope *callee);
int same_callable(const Callable *a, const Callable *b);

/* check_bind.c */
/* The names that stand alone in the inputs' shapes, so that a size made of one may stand before it. */
void bind_rigid_names(Checker *cx, const AstFunction *function);
BindResult bind_call(Checker *cx, Bind *bind);
const Type *bind_rigid_type(Checker *cx, const Ast *ast);
/* f32[..]: what an optimizer's weight is. */
const Type *bind_rigid_any(Checker *cx);

/* A name in a shape that the inputs bind: nothing of that name is a size yet. */
int bind_is_free(Checker *cx, const Ast *item);
/* "`x` of `Dense`" */
const char *bind_input_text(Checker *cx, const Bind *bind, const Ast *input);

/* ---- check_bind_message.c: what is said when something does not fit -------------------------- */

/* Axis `at` of an argument is not the size that the item asks for. */
void message_axis(Checker *cx, const Bind *bind, const Ast *input, const Tx *arg, int at, const Ast *item,
                  const Dim *wanted);
/* `..S` stands for other axes than before. */
void message_pack(Checker *cx, const Bind *bind, const Ast *input, const Tx *arg, const Symbol *name,
                  const Binding *pack, const Axis *axes, int rank);
void message_rank(Checker *cx, const Bind *bind, const Ast *input, const TypeParts *parts, const Tx *arg);
/* Floats where class numbers are wanted. */
void message_index(Checker *cx, const Bind *bind, int i);
void message_given(Checker *cx, const Bind *bind, const Ast *condition);
void message_items(Checker *cx, const Bind *bind, const Ast *item);
void message_parameter(Checker *cx, const Bind *bind, const Ast *item);

/* check_brackets.c: a fix that moves what configures, given among the tensors, into the brackets. */
void offer_brackets(Checker *cx, const Bind *bind, Diag *diag);
/* Is it an axis, and the name what other tools call one? */
int is_axis_parameter(const Ast *parameter, const Symbol *name);

#endif
