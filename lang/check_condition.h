/* Conditions over sizes and flags (check_condition.c): known when compiling, or left to the run. */
#ifndef DLC_LANG_CHECK_CONDITION_H
#define DLC_LANG_CHECK_CONDITION_H

#include "lang/check_shape.h"

/* 1, 0: known; -1: static but not known here; -2: a run-time condition.  Facts that hold where it
 * is true (false) are added to them where not NULL. */
int static_condition(Checker *cx, const Ast *ast, DimFacts *when_true, DimFacts *when_false);
/* What the run decides of a condition that is not known here; NULL where it depends on more than sizes, or on the
 * alphabet of a text that is not read yet: then it is known before anything runs. */
const DimTest *open_condition(Checker *cx, const Ast *ast);
/* The same as a bool of the run. */
const Tx *test_value(Checker *cx, const DimTest *test, Span span);

/* What is known, and more. */
DimFacts joined_facts(Checker *cx, const DimFacts *known, const DimFacts *more);
/* The conditions behind `given` as facts of the body. */
void add_given_facts(Checker *cx, Body *body, const AstFunction *function);
/* They hold for the sizes that the names in scope have, or go to the conditions of the body, to be compared when the run
 * knows them; the first that is false is given back. */
const Ast *false_given(Checker *cx, const AstFunction *function, const Symbol *name);
/* Two sizes that must be equal, and are not known to be: so do they. */
void open_equal(Checker *cx, const Dim *a, const Dim *b, Span span);
/* Reports the first of them that is false for a use with these sizes (const DimName * to const Axis *); 0 where none is. */
int report_false_condition(Checker *cx, const TConditions *conditions, const Map *sizes, Span use);

#endif
