/* Builders of syntax tree nodes: one call for each action of the grammar.  They also say what the
 * grammar takes for the sake of a better message (`a, b` right of `=`, `x[1:3]`, `return`). */
#ifndef DLC_LANG_TREE_H
#define DLC_LANG_TREE_H

#include "lang/parse_state.h"

/* Between the name and the body of a declaration. */
typedef struct Signature {
    AstList statics, inputs;
    int has_inputs;
    Ast *result;
    AstList given;
} Signature;

void tree_file(Parse *p, AstList statements);
AstList tree_list(Parse *p, AstList list, Ast *item);
AstList tree_wrecked(Parse *p, Span span); /* a list of one ERROR */
AstName tree_word(Parse *p, Span span);
AstName tree_text(Parse *p, Span span); /* of a STRING token without values */

Ast *tree_error(Parse *p, Span span);
Ast *tree_leaf(Parse *p, AstKind kind, Span span);
Ast *tree_name(Parse *p, AstName name);
Ast *tree_number(Parse *p, Span span, int is_real);
Ast *tree_bool(Parse *p, Span span, int value);
Ast *tree_string(Parse *p, Span span);
/* Adds a value and the text behind it; `format` is its `:.digits`, or `rest` where it has none. */
Ast *tree_string_part(Parse *p, Ast *string, Ast *value, Span format, Span rest);
Ast *tree_unary(Parse *p, AstOperator op, Span span, Ast *operand);
Ast *tree_binary(Parse *p, AstOperator op, Span op_span, Ast *left, Ast *right);
Ast *tree_inner(Parse *p, AstKind kind, Span span, Ast *inner);
Ast *tree_items(Parse *p, AstKind kind, Span span, AstList items);
Ast *tree_tuple(Parse *p, Span span, Ast *first, AstList rest);
Ast *tree_bare_tuple(Parse *p, Span span, Ast *first, AstList rest);
Ast *tree_field(Parse *p, Span span, Ast *of, AstName name);
Ast *tree_index(Parse *p, Span span, Ast *of, AstList items);
Ast *tree_call(Parse *p, Span span, Ast *callee, AstList args);
Ast *tree_named(Parse *p, AstKind kind, Span span, AstName name, Ast *value);
Ast *tree_range(Parse *p, Span span, Ast *lo, Ast *hi);
Ast *tree_slice(Parse *p, Span span, Ast *lo, Ast *hi); /* `lo:hi`, of Python */
Ast *tree_rest(Parse *p, AstKind kind, Span span, const Symbol *name);
Ast *tree_pipe(Parse *p, Span span, Ast *left, Ast *right, AstName as);
Ast *tree_signature(Parse *p, Span span, AstName word, AstList inputs, Ast *result);

Ast *tree_if(Parse *p, Span span, Ast *condition, Ast *block, Ast *otherwise);
Ast *tree_loop(Parse *p, AstKind kind, Span span, AstList targets, AstList sources, Ast *along,
               int is_reversed, Ast *body);
Ast *tree_while(Parse *p, Span span, Ast *condition, Ast *body);
Ast *tree_train(Parse *p, Span span, Ast *model, Ast *data, Ast *body);
Ast *tree_block(Parse *p, Span span, AstList statements);
Ast *tree_both(Parse *p, Span span, Ast *first, Ast *second); /* two blocks of a wreck */

Ast *tree_let(Parse *p, Span span, int is_var, AstList targets, Ast *value);
Ast *tree_typed(Parse *p, Span span, Ast *pattern, Ast *type);
Ast *tree_typed_assign(Parse *p, Span span, AstName name, Ast *type,
                       Ast *value); /* a `let` was left out */
Ast *tree_assign(Parse *p, Span span, AstList targets, Ast *value);
Ast *tree_lvalue(Parse *p, Ast *target);
Ast *tree_return(Parse *p, Span word, Ast *value);
/* Groups of a `minimize` travel as CALL nodes (callee: the rule, args: over) until tree_minimize.
 */
Ast *tree_group(Parse *p, Span span, AstList over, Ast *rule);
AstList tree_over(Parse *p, AstList over, Ast *rule);
Ast *tree_minimize(Parse *p, Span span, Ast *loss, AstList groups);

Ast *tree_declare(Parse *p, AstKind kind, Span span, AstName name, Ast *type, Ast *value);
Ast *tree_section(Parse *p, AstKind kind, Span span, AstName name, Ast *body);
Ast *tree_import(Parse *p, Span span, AstName path, AstName as);
Ast *tree_every(Parse *p, Span span, Ast *count, int has_steps, Ast *body);
Ast *tree_function(Parse *p, AstKind kind, Span span, AstName name, Signature signature, Ast *body,
                   Ast *on);
Ast *tree_gradient(Parse *p, Span span, Ast *function, Ast *gradient);

#endif
