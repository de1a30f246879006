/* The grammar.
 *
 * Tokens arrive with balanced brackets, line ends already turned into SEMI, contextual words already
 * told from names; so one statement list serves file and blocks, and the grammar looks at no changeable
 * state.  Actions are one call of tree.h each.  Recovery: a `wreck` behind each keyword and its names
 * (the names stay declared, a block behind the mistake is parsed like any other), and `error` inside a
 * pair of brackets. */
%require "3.8"
%define api.pure full
%define api.prefix {dl_}
%define api.token.prefix {TOK_}
%define api.location.type {Span}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param {Parse *p}

%code requires {
#include "lang/parse_state.h"
#include "lang/tree.h"
}
%code provides {
int dl_lex(DL_STYPE *value, DL_LTYPE *place, Parse *p);
}
%code {
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wswitch-enum"
#include "lang/syntax_error.h"

#define YYLLOC_DEFAULT(current, rhs, n)                                                            \
    do {                                                                                           \
        (current).begin = (n) ? YYRHSLOC(rhs, 1).begin : YYRHSLOC(rhs, 0).end;                       \
        (current).end = YYRHSLOC(rhs, n).end;                                                      \
    } while (0)
static void dl_error(Span *place, Parse *p, const char *message);
}

%union {
    Ast *ast;
    AstList list;
    AstName name;
    Signature signature;
    int flag;
}

%token END 0 "end of file"
%token <name> NAME "a name"
%token INTEGER "a number" REAL "a number with a point" STRING "a string"
%token STRING_START "a string with a value" STRING_MID "the rest of the string"
%token STRING_END "the end of the string"
%token FORMAT "`:.digits`"
%token SEMI "end of line"
%token LET "`let`" VAR "`var`" FN "`fn`" IF "`if`" ELSE "`else`" FOR "`for`" REPEAT "`repeat`" WHILE "`while`"
%token IN "`in`" YIELD "`yield`" BREAK "`break`" CONTINUE "`continue`" MINIMIZE "`minimize`"
%token VALIDATE "`validate`" OVER "`over`" USING "`using`" GIVEN "`given`" AND "`and`" OR "`or`" NOT "`not`"
%token TRUE "`true`" FALSE "`false`" NEW "`new`" HOLE "`_`" RETURN "`return`"
%token DIM "`dim`" OPTION "`option`" TYPE "`type`" LAYER "`layer`" MODEL "`model`" OPTIMIZER "`optimizer`"
%token STEP "`step`" PARAM "`param`" STATE "`state`" DATA "`data`" SPLIT "`split`" TRAIN "`train`"
%token TEST "`test`" IMPORT "`import`" EXTERN "`extern`" REPORT "`report`" EVERY "`every`"
%token ON "`on`" ALONG "`along`" REVERSED "`reversed`" FROM "`from`" AS "`as`" STEPS "`steps`"
%token GRADIENT "`gradient`"
%token POW "`**`" FLOOR_DIV "`//`" EQUAL "`==`" NOT_EQUAL "`!=`" LESS_EQUAL "`<=`" GREATER_EQUAL "`>=`"
%token PIPE "`|>`" ARROW "`->`" DOTS "`..`" DOT_STAR "`.*`"
%token '+' "`+`" '-' "`-`" '*' "`*`" '/' "`/`" '%' "`%`" '@' "`@`" '<' "`<`" '>' "`>`" '=' "`=`" ':' "`:`"
%token '~' "`~`" ',' "`,`" '.' "`.`" '(' "`(`" ')' "`)`" '[' "`[`" ']' "`]`" '{' "`{`" '}' "`}`"

%left OR
%left AND
%precedence NOT
%nonassoc EQUAL NOT_EQUAL '<' LESS_EQUAL '>' GREATER_EQUAL
%left '+' '-'
%left '*' '/' FLOOR_DIV '%' '@'
%precedence NEGATIVE
%right POW

%type <list> statements statement_list targets patterns lvalues values items item_list arguments argument_list
%type <list> sources inputs input_list statics static_list given conditions splits groups paths types
%type <ast> statement wreck block value expression tight complete if for repeat while
%type <ast> train primary postfix stage
%type <ast> string string_parts item argument source pattern target lvalue right path
%type <ast> type type_path tensor input maybe_named static result
%type <ast> declaration function group along on split gradient
%type <signature> signature inputs_only
%type <flag> reversed
%type <name> as

%%
file: statements { tree_file(p, $1); };

statements: %empty { $$ = (AstList){0}; } | statement_list;
statement_list:
    statement                           { $$ = tree_list(p, (AstList){0}, $1); }
  | statement_list separator statement  { $$ = tree_list(p, $1, $3); };
separator: SEMI { yyerrok; };

block: '{' statements '}' { $$ = tree_block(p, @$, $2); yyerrok; };

/* What is left of a construct with a mistake in it. */
wreck:
    error                       { $$ = tree_error(p, @$); }
  | error block                 { $$ = $2; }
  | error block ELSE block      { $$ = tree_both(p, @$, $2, $4); };

statement:
    value
  | declaration
  | LET targets '=' right       { $$ = tree_let(p, @$, 0, $2, $4); }
  | VAR targets '=' right       { $$ = tree_let(p, @$, 1, $2, $4); }
  | LET targets wreck           { $$ = tree_let(p, @$, 0, $2, $3); }
  | VAR targets wreck           { $$ = tree_let(p, @$, 1, $2, $3); }
  | LET targets '=' wreck       { $$ = tree_let(p, @$, 0, $2, $4); }
  | VAR targets '=' wreck       { $$ = tree_let(p, @$, 1, $2, $4); }
  | lvalues '=' right           { $$ = tree_assign(p, @$, $1, $3); }
  | YIELD right                 { $$ = tree_inner(p, AST_YIELD, @$, $2); }
  | YIELD wreck                 { $$ = tree_inner(p, AST_YIELD, @$, $2); }
  | BREAK                       { $$ = tree_leaf(p, AST_BREAK, @$); }
  | CONTINUE                    { $$ = tree_leaf(p, AST_CONTINUE, @$); }
  | RETURN value                { $$ = tree_return(p, @1, $2); }
  | RETURN                      { $$ = tree_return(p, @1, NULL); }
  | MINIMIZE expression USING expression    { $$ = tree_minimize(p, @$, $2, tree_over(p, (AstList){0}, $4)); }
  | MINIMIZE expression OVER groups         { $$ = tree_minimize(p, @$, $2, $4); }
  | REPORT NAME '=' value       { $$ = tree_named(p, AST_REPORT, @$, $2, $4); }
  | REPORT NAME wreck           { $$ = tree_named(p, AST_REPORT, @$, $2, $3); }
  | wreck;

declaration:
    DIM NAME '=' tight          { $$ = tree_declare(p, AST_DIM, @$, $2, NULL, $4); }
  | DIM NAME wreck              { $$ = tree_declare(p, AST_DIM, @$, $2, NULL, $3); }
  | OPTION NAME ':' type '=' value  { $$ = tree_declare(p, AST_OPTION, @$, $2, $4, $6); }
  | OPTION NAME wreck           { $$ = tree_declare(p, AST_OPTION, @$, $2, tree_error(p, @3), $3); }
  | TYPE NAME '=' type          { $$ = tree_declare(p, AST_TYPE, @$, $2, $4, NULL); }
  | TYPE NAME wreck             { $$ = tree_declare(p, AST_TYPE, @$, $2, $3, NULL); }
  | PARAM NAME                  { $$ = tree_declare(p, AST_PARAM, @$, $2, NULL, NULL); }
  | PARAM NAME ':' type         { $$ = tree_declare(p, AST_PARAM, @$, $2, $4, NULL); }
  | PARAM NAME '~' value        { $$ = tree_declare(p, AST_PARAM, @$, $2, NULL, $4); }
  | PARAM NAME ':' type '~' value   { $$ = tree_declare(p, AST_PARAM, @$, $2, $4, $6); }
  | PARAM NAME wreck            { $$ = tree_declare(p, AST_PARAM, @$, $2, tree_error(p, @3), $3); }
  | STATE NAME                  { $$ = tree_declare(p, AST_STATE, @$, $2, NULL, NULL); }
  | STATE NAME ':' type         { $$ = tree_declare(p, AST_STATE, @$, $2, $4, NULL); }
  | STATE NAME '~' value        { $$ = tree_declare(p, AST_STATE, @$, $2, NULL, $4); }
  | STATE NAME ':' type '~' value   { $$ = tree_declare(p, AST_STATE, @$, $2, $4, $6); }
  | STATE NAME wreck            { $$ = tree_declare(p, AST_STATE, @$, $2, tree_error(p, @3), $3); }
  | NAME ':' type FROM value    { $$ = tree_declare(p, AST_SOURCE, @$, $1, $3, $5); }
  | NAME ':' type '=' value     { $$ = tree_typed_assign(p, @$, $1, $3, $5); }
  | NAME ':' wreck              { $$ = tree_declare(p, AST_SOURCE, @$, $1, tree_error(p, @3), $3); }
  | SPLIT splits                { $$ = tree_items(p, AST_SPLIT, @$, $2); }
  | DATA NAME block             { $$ = tree_section(p, AST_DATA, @$, $2, $3); }
  | DATA NAME wreck             { $$ = tree_section(p, AST_DATA, @$, $2, $3); }
  | NAME block                  { $$ = tree_section(p, AST_PART, @$, $1, $2); }
  | TEST STRING block           { $$ = tree_section(p, AST_TEST, @$, tree_text(p, @2), $3); }
  | TEST STRING wreck           { $$ = tree_section(p, AST_TEST, @$, tree_text(p, @2), $3); }
  | IMPORT STRING AS NAME       { $$ = tree_import(p, @$, tree_text(p, @2), $4); }
  | EVERY expression block      { $$ = tree_every(p, @$, $2, 0, $3); }
  | EVERY expression STEPS block    { $$ = tree_every(p, @$, $2, 1, $4); }
  | VALIDATE inputs_only on block   { $$ = tree_function(p, AST_VALIDATE, @$, (AstName){0}, $2, $4, $3); }
  | VALIDATE inputs_only wreck      { $$ = tree_function(p, AST_VALIDATE, @$, (AstName){0}, $2, $3, NULL); }
  | STEP inputs_only result block   { $2.result = $3;
                                      $$ = tree_function(p, AST_STEP, @$, (AstName){0}, $2, $4, NULL); }
  | STEP inputs_only wreck          { $$ = tree_function(p, AST_STEP, @$, (AstName){0}, $2, $3, NULL); }
  | function
  | function gradient           { $$ = tree_gradient(p, @$, $1, $2); }
  | EXTERN FN NAME signature    { $$ = tree_function(p, AST_EXTERN, @$, $3, $4, NULL, NULL); }
  | EXTERN FN NAME wreck        { $$ = tree_function(p, AST_EXTERN, @$, $3, (Signature){0}, $4, NULL); };

function:
    FN NAME signature block         { $$ = tree_function(p, AST_FN, @$, $2, $3, $4, NULL); }
  | FN NAME wreck                   { $$ = tree_function(p, AST_FN, @$, $2, (Signature){0}, $3, NULL); }
  | LAYER NAME signature block      { $$ = tree_function(p, AST_LAYER, @$, $2, $3, $4, NULL); }
  | LAYER NAME wreck                { $$ = tree_function(p, AST_LAYER, @$, $2, (Signature){0}, $3, NULL); }
  | MODEL NAME signature block      { $$ = tree_function(p, AST_MODEL, @$, $2, $3, $4, NULL); }
  | MODEL NAME wreck                { $$ = tree_function(p, AST_MODEL, @$, $2, (Signature){0}, $3, NULL); }
  | OPTIMIZER NAME signature block  { $$ = tree_function(p, AST_OPTIMIZER, @$, $2, $3, $4, NULL); }
  | OPTIMIZER NAME wreck            { $$ = tree_function(p, AST_OPTIMIZER, @$, $2, (Signature){0}, $3, NULL); }
  | STEP NAME signature block       { $$ = tree_function(p, AST_STEP, @$, $2, $3, $4, NULL); }
  | STEP NAME wreck                 { $$ = tree_function(p, AST_STEP, @$, $2, (Signature){0}, $3, NULL); };

gradient: GRADIENT '(' NAME ')' block { $$ = tree_section(p, AST_PART, @$, $3, $5); };

signature:
    statics result given            { $$ = (Signature){$1, {0}, 0, $2, $3}; }
  | statics inputs result given     { $$ = (Signature){$1, $2, 1, $3, $4}; };
inputs_only:
    %empty  { $$ = (Signature){0}; }
  | inputs  { $$ = (Signature){.inputs = $1, .has_inputs = 1}; };
statics:
    %empty                      { $$ = (AstList){0}; }
  | '[' static_list comma ']'   { $$ = $2; }
  | '[' error ']'               { $$ = tree_wrecked(p, @$); yyerrok; };
static_list:
    static                      { $$ = tree_list(p, (AstList){0}, $1); }
  | static_list ',' static      { $$ = tree_list(p, $1, $3); };
static:
    input
  | DOTS NAME                   { $$ = tree_rest(p, AST_REST, @$, $2.symbol); };
inputs:
    '(' ')'                     { $$ = (AstList){0}; }
  | '(' input_list comma ')'    { $$ = $2; }
  | '(' error ')'               { $$ = tree_wrecked(p, @$); yyerrok; };
input_list:
    maybe_named                 { $$ = tree_list(p, (AstList){0}, $1); }
  | input_list ',' maybe_named  { $$ = tree_list(p, $1, $3); };
maybe_named: /* an input that is not wanted has no name */
    input
  | HOLE                        { $$ = tree_declare(p, AST_INPUT, @$, (AstName){.span = @1}, NULL, NULL); }
  | HOLE ':' type               { $$ = tree_declare(p, AST_INPUT, @$, (AstName){.span = @1}, $3, NULL); };
input:
    NAME                        { $$ = tree_declare(p, AST_INPUT, @$, $1, NULL, NULL); }
  | NAME ':' type               { $$ = tree_declare(p, AST_INPUT, @$, $1, $3, NULL); }
  | NAME ':' type '=' value     { $$ = tree_declare(p, AST_INPUT, @$, $1, $3, $5); }
  | NAME '=' value              { $$ = tree_declare(p, AST_INPUT, @$, $1, NULL, $3); };
result: %empty { $$ = NULL; } | ARROW type { $$ = $2; };
given: %empty { $$ = (AstList){0}; } | GIVEN conditions { $$ = $2; };
conditions:
    tight                       { $$ = tree_list(p, (AstList){0}, $1); }
  | conditions ',' tight        { $$ = tree_list(p, $1, $3); };
on: %empty { $$ = NULL; } | ON expression { $$ = $2; };
comma: %empty | ',';

splits:
    split                       { $$ = tree_list(p, (AstList){0}, $1); }
  | splits ',' split            { $$ = tree_list(p, $1, $3); };
split: NAME '=' tight           { $$ = tree_named(p, AST_NAMED, @$, $1, $3); };

/* `over a, b using u, c using v`: a name without a rule takes the next one. */
groups:
    group                       { $$ = tree_list(p, (AstList){0}, $1); }
  | groups ',' group            { $$ = tree_list(p, $1, $3); };
group: paths USING expression   { $$ = tree_group(p, @$, $1, $3); };
paths:
    path                        { $$ = tree_list(p, (AstList){0}, $1); }
  | paths ',' path              { $$ = tree_list(p, $1, $3); };
path:
    NAME                        { $$ = tree_name(p, $1); }
  | path '.' NAME               { $$ = tree_field(p, @$, $1, $3); }
  | path DOT_STAR               { $$ = tree_inner(p, AST_EVERY_LEVEL, @$, $1); }
  | path '[' items ']'          { $$ = tree_index(p, @$, $1, $3); };

/* ---- types and patterns ---- */

type:
    type_path
  | tensor
  | '(' type ')'                { $$ = tree_inner(p, AST_GROUP, @$, $2); }
  | '(' type ',' types comma ')'    { $$ = tree_tuple(p, @$, $2, $4); }
  | FN inputs result            { $$ = tree_signature(p, @$, tree_word(p, @1), $2, $3); }
  | NAME inputs result          { $$ = tree_signature(p, @$, $1, $2, $3); };
tensor:
    type_path '[' items ']'     { $$ = tree_index(p, @$, $1, $3); }
  | type_path '[' error ']'     { $$ = tree_index(p, @$, $1, tree_wrecked(p, @3)); yyerrok; }
  | tensor '[' items ']'        { $$ = tree_index(p, @$, $1, $3); }
  | tensor '[' error ']'        { $$ = tree_index(p, @$, $1, tree_wrecked(p, @3)); yyerrok; };
types:
    type                        { $$ = tree_list(p, (AstList){0}, $1); }
  | types ',' type              { $$ = tree_list(p, $1, $3); };
type_path:
    NAME                        { $$ = tree_name(p, $1); }
  | type_path '.' NAME          { $$ = tree_field(p, @$, $1, $3); };

patterns:
    pattern                     { $$ = tree_list(p, (AstList){0}, $1); }
  | patterns ',' pattern        { $$ = tree_list(p, $1, $3); };
pattern:
    NAME                        { $$ = tree_name(p, $1); }
  | HOLE                        { $$ = tree_leaf(p, AST_HOLE, @$); }
  | '(' patterns comma ')'      { $$ = tree_items(p, AST_TUPLE, @$, $2); }
  | '(' error ')'               { $$ = tree_error(p, @$); yyerrok; };
targets:
    target                      { $$ = tree_list(p, (AstList){0}, $1); }
  | targets ',' target          { $$ = tree_list(p, $1, $3); };
target:
    pattern
  | pattern ':' type            { $$ = tree_typed(p, @$, $1, $3); };

lvalues:
    lvalue                      { $$ = tree_list(p, (AstList){0}, $1); }
  | lvalues ',' lvalue          { $$ = tree_list(p, $1, $3); };
lvalue:
    postfix                     { $$ = tree_lvalue(p, $1); }
  | HOLE                        { $$ = tree_leaf(p, AST_HOLE, @$); };

/* The right side of `=`: a list without parentheses is taken, with its fix. */
right:
    value
  | value ',' values            { $$ = tree_bare_tuple(p, @$, $1, $3); };
values:
    value                       { $$ = tree_list(p, (AstList){0}, $1); }
  | values ',' value            { $$ = tree_list(p, $1, $3); };

/* ---- expressions ---- */

value:
    tight
  | complete
  | value PIPE stage as         { $$ = tree_pipe(p, @$, $1, $3, $4); };
expression:
    tight
  | expression PIPE stage as    { $$ = tree_pipe(p, @$, $1, $3, $4); };
as: %empty { $$ = (AstName){0}; } | AS NAME { $$ = $2; };
stage:
    NAME                        { $$ = tree_name(p, $1); }
  | stage '.' NAME              { $$ = tree_field(p, @$, $1, $3); }
  | stage '[' items ']'         { $$ = tree_index(p, @$, $1, $3); }
  | stage '[' error ']'         { $$ = tree_index(p, @$, $1, tree_wrecked(p, @3)); yyerrok; }
  | stage '(' arguments ')'     { $$ = tree_call(p, @$, $1, $3); }
  | stage '(' error ')'         { $$ = tree_call(p, @$, $1, tree_wrecked(p, @3)); yyerrok; };

complete: if | for | repeat | while | train;
if:
    IF expression block                 { $$ = tree_if(p, @$, $2, $3, NULL); }
  | IF expression block ELSE block      { $$ = tree_if(p, @$, $2, $3, $5); }
  | IF expression block ELSE if         { $$ = tree_if(p, @$, $2, $3, $5); };
for:
    FOR patterns IN sources along reversed block    { $$ = tree_loop(p, AST_FOR, @$, $2, $4, $5, $6, $7); }
  | FOR patterns wreck                  { $$ = tree_loop(p, AST_FOR, @$, $2, (AstList){0}, NULL, 0, $3); }
  | FOR patterns IN wreck               { $$ = tree_loop(p, AST_FOR, @$, $2, (AstList){0}, NULL, 0, $4); };
repeat:
    REPEAT patterns IN sources block    { $$ = tree_loop(p, AST_REPEAT, @$, $2, $4, NULL, 0, $5); }
  | REPEAT patterns wreck               { $$ = tree_loop(p, AST_REPEAT, @$, $2, (AstList){0}, NULL, 0, $3); }
  | REPEAT patterns IN wreck            { $$ = tree_loop(p, AST_REPEAT, @$, $2, (AstList){0}, NULL, 0, $4); };
while: WHILE expression block           { $$ = tree_while(p, @$, $2, $3); };
train:
    TRAIN expression ON expression block    { $$ = tree_train(p, @$, $2, $4, $5); }
  | TRAIN expression block                  { $$ = tree_train(p, @$, $2, NULL, $3); }
  | TRAIN ON expression block               { $$ = tree_train(p, @$, NULL, $3, $4); }
  | TRAIN block                             { $$ = tree_train(p, @$, NULL, NULL, $2); };
sources:
    source                      { $$ = tree_list(p, (AstList){0}, $1); }
  | sources ',' source          { $$ = tree_list(p, $1, $3); };
source:
    expression
  | tight DOTS                  { $$ = tree_range(p, @$, $1, NULL); }
  | tight DOTS tight            { $$ = tree_range(p, @$, $1, $3); };
along: %empty { $$ = NULL; } | ALONG tight { $$ = $2; };
reversed: %empty { $$ = 0; } | REVERSED { $$ = 1; };

tight:
    postfix
  | tight OR tight              { $$ = tree_binary(p, AST_OR, @2, $1, $3); }
  | tight AND tight             { $$ = tree_binary(p, AST_AND, @2, $1, $3); }
  | NOT tight                   { $$ = tree_unary(p, AST_NOT, @$, $2); }
  | tight EQUAL tight           { $$ = tree_binary(p, AST_EQUAL, @2, $1, $3); }
  | tight NOT_EQUAL tight       { $$ = tree_binary(p, AST_NOT_EQUAL, @2, $1, $3); }
  | tight '<' tight             { $$ = tree_binary(p, AST_LESS, @2, $1, $3); }
  | tight LESS_EQUAL tight      { $$ = tree_binary(p, AST_LESS_EQUAL, @2, $1, $3); }
  | tight '>' tight             { $$ = tree_binary(p, AST_GREATER, @2, $1, $3); }
  | tight GREATER_EQUAL tight   { $$ = tree_binary(p, AST_GREATER_EQUAL, @2, $1, $3); }
  | tight '+' tight             { $$ = tree_binary(p, AST_ADD, @2, $1, $3); }
  | tight '-' tight             { $$ = tree_binary(p, AST_SUB, @2, $1, $3); }
  | tight '*' tight             { $$ = tree_binary(p, AST_MUL, @2, $1, $3); }
  | tight '/' tight             { $$ = tree_binary(p, AST_DIV, @2, $1, $3); }
  | tight FLOOR_DIV tight       { $$ = tree_binary(p, AST_FLOOR_DIV, @2, $1, $3); }
  | tight '%' tight             { $$ = tree_binary(p, AST_MOD, @2, $1, $3); }
  | tight '@' tight             { $$ = tree_binary(p, AST_MATMUL, @2, $1, $3); }
  | '-' tight %prec NEGATIVE    { $$ = tree_unary(p, AST_NEGATE, @$, $2); }
  | tight POW tight             { $$ = tree_binary(p, AST_POW, @2, $1, $3); };

postfix:
    primary
  | postfix '.' NAME            { $$ = tree_field(p, @$, $1, $3); }
  | postfix '[' items ']'       { $$ = tree_index(p, @$, $1, $3); }
  | postfix '[' error ']'       { $$ = tree_index(p, @$, $1, tree_wrecked(p, @3)); yyerrok; }
  | postfix '(' arguments ')'   { $$ = tree_call(p, @$, $1, $3); }
  | postfix '(' error ')'       { $$ = tree_call(p, @$, $1, tree_wrecked(p, @3)); yyerrok; };

primary:
    NAME                        { $$ = tree_name(p, $1); }
  | INTEGER                     { $$ = tree_number(p, @$, 0); }
  | REAL                        { $$ = tree_number(p, @$, 1); }
  | TRUE                        { $$ = tree_bool(p, @$, 1); }
  | FALSE                       { $$ = tree_bool(p, @$, 0); }
  | string
  | '(' value ')'               { $$ = tree_inner(p, AST_GROUP, @$, $2); }
  | '(' value ',' ')'           { $$ = tree_inner(p, AST_GROUP, @$, $2); }
  | '(' value ',' values comma ')'  { $$ = tree_tuple(p, @$, $2, $4); }
  | '(' error ')'               { $$ = tree_error(p, @$); yyerrok; }
  | '[' values comma ']'        { $$ = tree_items(p, AST_LIST, @$, $2); }
  | '[' error ']'               { $$ = tree_error(p, @$); yyerrok; };

string:
    STRING                                  { $$ = tree_string(p, @$); }
  | string_parts value STRING_END           { $$ = tree_string_part(p, $1, $2, @3, @3); }
  | string_parts value FORMAT STRING_END    { $$ = tree_string_part(p, $1, $2, @3, @4); }
  | string_parts error STRING_END   { $$ = tree_string_part(p, $1, tree_error(p, @2), @3, @3); yyerrok; };
string_parts:
    STRING_START                            { $$ = tree_string(p, @$); }
  | string_parts value STRING_MID           { $$ = tree_string_part(p, $1, $2, @3, @3); }
  | string_parts value FORMAT STRING_MID    { $$ = tree_string_part(p, $1, $2, @3, @4); }
  | string_parts error STRING_MID   { $$ = tree_string_part(p, $1, tree_error(p, @2), @3, @3); yyerrok; };

items: item_list comma;
item_list:
    item                        { $$ = tree_list(p, (AstList){0}, $1); }
  | item_list ',' item          { $$ = tree_list(p, $1, $3); };
item:
    expression
  | NAME '=' expression         { $$ = tree_named(p, AST_NAMED, @$, $1, $3); }
  | HOLE                        { $$ = tree_leaf(p, AST_HOLE, @$); }
  | NEW                         { $$ = tree_rest(p, AST_NEW, @$, NULL); }
  | NEW DOTS NAME               { $$ = tree_rest(p, AST_NEW, @$, $3.symbol); }
  | DOTS                        { $$ = tree_rest(p, AST_REST, @$, NULL); }
  | DOTS NAME                   { $$ = tree_rest(p, AST_REST, @$, $2.symbol); }
  | tight DOTS                  { $$ = tree_range(p, @$, $1, NULL); }
  | tight DOTS tight            { $$ = tree_range(p, @$, $1, $3); }
  | ':'                         { $$ = tree_slice(p, @$, NULL, NULL); }
  | tight ':'                   { $$ = tree_slice(p, @$, $1, NULL); }
  | ':' tight                   { $$ = tree_slice(p, @$, NULL, $2); }
  | tight ':' tight             { $$ = tree_slice(p, @$, $1, $3); };

arguments: %empty { $$ = (AstList){0}; } | argument_list comma;
argument_list:
    argument                    { $$ = tree_list(p, (AstList){0}, $1); }
  | argument_list ',' argument  { $$ = tree_list(p, $1, $3); };
argument:
    value
  | NAME '=' value              { $$ = tree_named(p, AST_NAMED, @$, $1, $3); };
%%

int dl_lex(DL_STYPE *value, DL_LTYPE *place, Parse *p) {
    const Token *token = &p->tokens.data[p->next];
    p->current = p->next;
    if (token->kind != TOK_END) p->next++;
    *place = token_span(p, token);
    if (token->kind == TOK_NAME) value->name = tree_word(p, *place);
    return token->kind;
}

/* Only "memory exhausted" arrives here: the grammar's stack is full. */
static void dl_error(Span *place, Parse *p, const char *message) {
    (void)message;
    parse_too_deep(p, *place, "expressions");
}

static int yyreport_syntax_error(const yypcontext_t *context, Parse *p) {
    yysymbol_kind_t kinds[YYNTOKENS];
    const char *expected[YYNTOKENS];
    int count = yypcontext_expected_tokens(context, kinds, YYNTOKENS);
    for (int i = 0; i < count; i++) expected[i] = yysymbol_name(kinds[i]);
    syntax_error(p, expected, count);
    return 0;
}
