/* What belongs to a program: steps and training, data sets and their views, imports, procedures, states; and what is
 * said about a program as a whole. */
#ifndef DLC_LANG_CHECK_PROGRAM_H
#define DLC_LANG_CHECK_PROGRAM_H

#include "lang/check_call.h"

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
void check_weight(Checker *cx, const Ast *ast);
/* The rates of the group are filled in. */
const TOptimizer *elaborate_optimizer(Checker *cx, Callable *rule, const Type *weight,
                                      TGroup *rates, Span span);

/* ---- check_view.c, check_alphabet.c, check_file.c ------------------------------------------- */

const Tx *check_view(Checker *cx, const Callable *callee, const Argument *args, int count, Span span);
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

/* ---- the program as a whole ------------------------------------------------------------------ */

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

#endif
