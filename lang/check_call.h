/* What can be called, what a call gives, and the instances that naming a layer makes. */
#ifndef DLC_LANG_CHECK_CALL_H
#define DLC_LANG_CHECK_CALL_H

#include "lang/check_shape.h"

/* ---- check_callable.c, check_call.c --------------------------------------------------------- */

/* What stands before `(` or behind `|>`; NULL where it is a plain value (no diagnostic was given).
 */
Callable *check_callable(Checker *cx, const Ast *ast);
/* One argument of a call, already checked. */
typedef struct Argument {
    const Tx *tx;
    const Symbol *name; /* of a named one */
    Span span;
} Argument;
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

/* ---- check_instance.c, check_stack.c -------------------------------------------------------- */

/* The instance that naming a layer makes at this place; NULL after a diagnostic. */
Callable *make_part(Checker *cx, Callable *callee, Span span);
Built *built_new(Checker *cx, Declared *declared, const AstList *items, Scope *scope, Span span);
/* The same place is elaborated again: its brackets are read where they stand now. */
void built_refresh(Checker *cx, Built *built, const AstList *items, Scope *scope);
const Type *instance_type(Checker *cx, const Built *built);
/* Of the program. */
Instance *instance_new(Checker *cx, AstName name, const Layout *layout);
const Tx *instance_value(Checker *cx, const Instance *instance, Built *built, Span span);
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

/* ---- check_generic.c ------------------------------------------------------------------------ */

void check_generic(Checker *cx, Declared *declared);
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

#endif
