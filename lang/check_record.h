/* Records of weights as values: the instances themselves, their snapshots, and what is computed from them leaf by
 * leaf.  The leaves of a record are its `param`s; its states go along with the first record of an operation. */
#ifndef DLC_LANG_CHECK_RECORD_H
#define DLC_LANG_CHECK_RECORD_H

#include "lang/check_call.h"
#include "lang/check_primitive.h"

static inline int is_record(const Tx *tx) { return tx->type->kind == TY_INSTANCE; }
int any_record(const Tx *const *args, int count);

/* A part or weight of a record; NULL where its layout has none of that name. */
const Tx *record_part(Checker *cx, const Tx *record, const Symbol *name, Span span);
const Tx *record_weight(Checker *cx, const Tx *record, const Symbol *name, Span span);

/* One leaf of each record among the arguments, the others as they are; poison after a diagnostic. */
typedef const Tx *LeafRule(Checker *cx, void *context, const Tx *const *args, Span span);
/* The record of what `rule` makes of the leaves.  The other arguments are scalars.  `what` is the operation. */
const Tx *record_map(Checker *cx, LeafRule *rule, void *context, const Tx *const *args, int count,
                     const char *what, Span span);
const Tx *record_primitive(Checker *cx, const PrimitiveCall *call);
/* A `fn` over plain `..` shapes, to which a record was given: works on the leaves. */
int takes_leaves(const AstFunction *function, const Argument *args, int count);
const Tx *record_call(Checker *cx, Callable *callee, const Argument *args, int count, Span span);
/* `value` in the place of a record of type `wanted`: of the same layer, with the same sizes. */
const Tx *record_coerce(Checker *cx, const Tx *value, const Type *wanted, const char *what);
/* Of one layer, with the same weights of the same types. */
int records_alike(Checker *cx, const Type *a, const Type *b);
/* Weights that only a call fixes are there, or a diagnostic. */
int record_is_known(Checker *cx, const Tx *record);
/* A record as something to call; NULL after a diagnostic. */
Callable *record_callable(Checker *cx, const Tx *record, Span span);

/* check_gradient.c */
const Tx *check_gradient(Checker *cx, const Ast *ast);
void check_own_gradient(Checker *cx, Declared *d, TFunction *f);

#endif
