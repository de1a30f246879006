/* The syntax tree of a .dlm file: what the user wrote, nothing resolved.
 *
 * One node type for expressions, types, patterns, statements and declarations; `kind` says which
 * member of the union is in use.  Types are expressions: `index[V][B, T]` is an INDEX of an INDEX
 * of a NAME. A file and every block have one and the same list of statements: the parser takes
 * `param`, `minimize`, `yield` ... anywhere and the checker says where they belong; an expression
 * stands in the list as itself. Settings (`batch = 64`) are ASSIGN nodes.  After a syntax error an
 * ERROR node stands where text was skipped, so declarations around it keep their names.  Nodes live
 * on the session's arena. */
#ifndef DLC_LANG_AST_H
#define DLC_LANG_AST_H

#include "base/source.h"
#include "base/symbol.h"
#include "base/vec.h"

typedef struct Ast Ast;

typedef struct AstList {
    Ast **data;
    int len, cap;
} AstList;

/* A name with its place; symbol is NULL where there is none. */
typedef struct AstName {
    const Symbol *symbol;
    Span span;
} AstName;

enum { AST_MAX_DEPTH = 1000 };

typedef enum AstKind {
    AST_ERROR, /* skipped text; a diagnostic was given */

    /* expressions, types, patterns */
    AST_NAME,        /* name: `x`, `Dense`, `B`, `f32` */
    AST_HOLE,        /* `_` */
    AST_INTEGER,     /* integer */
    AST_REAL,        /* real */
    AST_BOOL,        /* boolean */
    AST_STRING,      /* string */
    AST_UNARY,       /* unary */
    AST_BINARY,      /* binary */
    AST_GROUP,       /* inner: `(a)`; means `a` (see ast_ungroup) */
    AST_TUPLE,       /* items, two or more: `(a, b)`: a value, a type, or a pattern */
    AST_LIST,        /* items: `[a, b]` where a value is wanted */
    AST_FIELD,       /* field: `a.b` */
    AST_EVERY_LEVEL, /* inner: `Net.*`, any number of levels; only below a FIELD of an `over` */
    AST_INDEX,       /* index: `a[i, j]`: subscripts, static arguments, or the shape of a type */
    AST_CALL,        /* call: `a(x, y)` */
    AST_NAMED,       /* named: `lr=0.1` in an INDEX or a CALL */
    AST_RANGE,       /* range: `0..n`, `1..` in an INDEX or behind `in` */
    AST_REST,        /* rest: `..`, `..S` in an INDEX */
    AST_NEW,         /* rest: `new`, `new..S` in an INDEX */
    AST_PIPE,        /* pipe: `x |> f[s](y) as name` */
    AST_SIGNATURE,   /* function: `fn(x: f32[..]) -> f32[..]`, `layer(...) -> ...` as a type */
    AST_INPUT, /* declare: an input or static parameter `x`, `x: type`, `x: type = default`; also a
                  target of LET with a type; name.symbol is NULL for `_` */

    /* complete expressions: operands only in parentheses */
    AST_IF,     /* branch */
    AST_FOR,    /* loop */
    AST_REPEAT, /* loop */
    AST_WHILE,  /* loop: condition and body */
    AST_TRAIN,  /* train; without model and data inside `data`: the part `train` */
    AST_BLOCK,  /* statements */

    /* statements */
    AST_LET,      /* let */
    AST_ASSIGN,   /* assign; a setting in `train` and `data` */
    AST_YIELD,    /* inner */
    AST_BREAK,    /* - */
    AST_CONTINUE, /* - */
    AST_MINIMIZE, /* minimize */
    AST_REPORT,   /* named: `report loss = e` */

    /* declarations */
    AST_DIM,       /* declare: name, value */
    AST_OPTION,    /* declare: name, type, value */
    AST_TYPE,      /* declare: name, type */
    AST_PARAM,     /* declare: name, type (may be NULL), value behind `~` (may be NULL) */
    AST_STATE,     /* declare: the same */
    AST_SOURCE,    /* declare: a field of `data`: name, type, value behind `from` */
    AST_SPLIT,     /* items: NAMED, of `split train = 0.9, valid = 0.1` */
    AST_DATA,      /* section */
    AST_PART,      /* section: `valid { ... }` inside `data` (see AST_TRAIN; `test { ... }` too is a
                      PART) */
    AST_TEST,      /* section: name is the text of `test "name" { ... }` */
    AST_FN,        /* function */
    AST_EXTERN,    /* function: `extern fn`, no body */
    AST_LAYER,     /* function */
    AST_MODEL,     /* function */
    AST_OPTIMIZER, /* function */
    AST_STEP,      /* function; without a name inside `train` */
    AST_VALIDATE,  /* function: without a name; on */
    AST_EVERY,     /* every */
    AST_IMPORT,    /* import */
    AST_FILE,      /* file */
    AST_KIND_COUNT
} AstKind;

typedef enum AstOperator {
    AST_ADD,
    AST_SUB,
    AST_MUL,
    AST_DIV,
    AST_FLOOR_DIV,
    AST_MOD,
    AST_POW,
    AST_MATMUL,
    AST_EQUAL,
    AST_NOT_EQUAL,
    AST_LESS,
    AST_LESS_EQUAL,
    AST_GREATER,
    AST_GREATER_EQUAL,
    AST_AND,
    AST_OR,
    AST_NEGATE,
    AST_NOT, /* unary */
    AST_OPERATOR_COUNT
} AstOperator;

/* Text, then (but for the last part) a value. */
typedef struct AstStringPart {
    const char *text; /* escapes undone; NUL-terminated */
    Ast *value;       /* NULL: only text */
    int digits;       /* `{loss:.4}`: 4; -1 where not given */
} AstStringPart;

typedef struct AstString {
    Vec(AstStringPart) parts; /* at least one; the last has no value */
} AstString;

typedef struct AstUnary {
    AstOperator op;
    Ast *operand;
} AstUnary;

typedef struct AstBinary {
    AstOperator op;
    Span op_span;
    Ast *left, *right;
} AstBinary;

typedef struct AstField {
    Ast *of;
    AstName name;
} AstField;

typedef struct AstIndex {
    Ast *of;
    AstList items;
} AstIndex;

typedef struct AstCall {
    Ast *callee;
    AstList args;
} AstCall;

typedef struct AstNamed {
    AstName name;
    Ast *value;
} AstNamed;

typedef struct AstRange {
    Ast *lo, *hi; /* hi NULL: without end */
} AstRange;

typedef struct AstPipe {
    Ast *left, *right; /* right: a NAME or FIELD, perhaps with INDEX, then CALL around it */
    AstName as;
} AstPipe;

typedef struct AstBranch {
    Ast *condition, *block;
    Ast *otherwise; /* a BLOCK, an IF, or NULL */
} AstBranch;

typedef struct AstLoop {
    AstList targets; /* NAME, HOLE, TUPLE of them */
    AstList sources; /* RANGE or any expression */
    Ast *along;      /* an axis: a dimension or position; NULL where not given */
    int is_reversed;
    Ast *condition; /* WHILE */
    Ast *body;      /* BLOCK */
} AstLoop;

typedef struct AstTrain {
    Ast *model, *data; /* may be NULL */
    Ast *body;
} AstTrain;

typedef struct AstLet {
    int is_var;
    AstList targets; /* NAME, HOLE, TUPLE of them; INPUT where a type is given */
    Ast *value;      /* ERROR where missing */
} AstLet;

typedef struct AstAssign {
    AstList targets; /* NAME, HOLE, FIELD, INDEX */
    Ast *value;
} AstAssign;

typedef struct AstGroup {
    AstList over; /* names and paths; empty: not given */
    Ast *rule;    /* behind `using`: an optimizer or a pipe that ends in one; NULL: that of the next
                     group */
} AstGroup;

typedef struct AstMinimize {
    Ast *loss;
    Vec(AstGroup) groups;
} AstMinimize;

typedef struct AstDeclare {
    AstName name;
    Ast *type, *value; /* NULL where not given */
} AstDeclare;

typedef struct AstSection {
    AstName name;
    Ast *body;
} AstSection;

typedef struct AstFunction {
    AstName name;           /* none for SIGNATURE, VALIDATE, the STEP of a train block */
    AstName word;           /* SIGNATURE: `fn`, `layer`, `optimizer` */
    AstList statics;        /* INPUT, or REST for `..S`, in [ ] */
    AstList inputs;         /* INPUT, in ( ) */
    int has_inputs;         /* ( ) was written */
    Ast *result;            /* type behind ->, or NULL */
    AstList given;          /* conditions */
    Ast *on;                /* VALIDATE: the data, or NULL */
    Ast *body;              /* BLOCK; NULL for EXTERN and SIGNATURE */
    AstName gradient_input; /* gradient(dy) */
    Ast *gradient;          /* its BLOCK, or NULL */
} AstFunction;

typedef struct AstEvery {
    Ast *count; /* of steps; NULL: every epoch */
    Ast *body;
} AstEvery;

typedef struct AstImport {
    const Symbol *path;
    Span path_span;
    AstName as;
} AstImport;

typedef struct AstComment {
    Span span;       /* from `#` to the end of the line */
    uint32_t line;   /* from 1 */
    int is_doc;      /* `##` */
    int is_own_line; /* nothing before it on its line */
} AstComment;

typedef struct AstFile {
    const Source *source;
    AstList statements;
    Vec(AstComment) comments; /* all, in order: for the formatter */
} AstFile;

struct Ast {
    AstKind kind;
    Span span;
    uint32_t depth; /* 1 + that of the deepest child; at most AST_MAX_DEPTH, so walks may recurse */
    const char *doc; /* declarations, fields, FILE: the `##` lines directly above without their
                        `##`; or NULL */
    union {
        const Symbol *name;
        int64_t integer;
        double real;
        int boolean;
        AstString string;
        AstUnary unary;
        AstBinary binary;
        Ast *inner;
        AstList items;
        AstField field;
        AstIndex index;
        AstCall call;
        AstNamed named;
        AstRange range;
        const Symbol *rest; /* the pack's name, or NULL */
        AstPipe pipe;
        AstBranch branch;
        AstLoop loop;
        AstTrain train;
        AstList statements;
        AstLet let;
        AstAssign assign;
        AstMinimize minimize;
        AstDeclare declare;
        AstSection section;
        AstFunction function;
        AstEvery every;
        AstImport import;
        AstFile file;
    };
};

/* The expression without the parentheses around it. */
const Ast *ast_ungroup(const Ast *ast);
/* Visits the nodes directly below, in source order. */
typedef void (*AstVisit)(void *context, const Ast *ast);
void ast_children(const Ast *ast, AstVisit visit, void *context);
/* "+", "and", "//" */
const char *ast_operator_text(AstOperator op);

#endif
