/* What an expression is computed from: through the names it uses, the functions it calls and what they use. */
#ifndef DLC_LANG_CHECK_REACH_H
#define DLC_LANG_CHECK_REACH_H

#include "lang/check_internal.h"

typedef Vec(const Instance *) Instances;

/* The targets of a `let` or an assignment are computed from its value, the names of a `for` from its sources. */
void note_definition(Checker *cx, const TStmt *stmt);
/* The instances whose weights the expression depends on, in the order found. */
void instances_reached(Checker *cx, const Tx *tx, Instances *out);
/* The expression itself uses the variable or instance that `by` is or is a part of: earlier statements do not count. */
int reaches(Checker *cx, const Tx *tx, const Tx *by);
/* A gradient of `of` by a variable, option or instance would have to pass through a loop that the run alone ends: reported
 * (check_through.c). */
int passes_open_loop(Checker *cx, const Tx *of, const void *by);

#endif
