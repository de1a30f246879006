/* Expressions, statements and loops: one function per kind of node. */
#ifndef DLC_LANG_CHECK_EXPRESSION_H
#define DLC_LANG_CHECK_EXPRESSION_H

#include "lang/check_shape.h"

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

/* ---- check_repeat.c ------------------------------------------------------------------------- */

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

#endif
