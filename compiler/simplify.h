/* What the files of the pass simplify share. */
#ifndef DLC_COMPILER_SIMPLIFY_H
#define DLC_COMPILER_SIMPLIFY_H

#include "base/map.h"
#include "compiler/op.h"

/* max and min of a value with a repeated number, by that value. */
typedef struct Clamp Clamp;
struct Clamp {
    Node *node;
    Clamp *next;
};

typedef struct Simplify {
    Region *region;
    Arena *scratch;
    int fma_rounds_once;
    Map clamps; /* const Node * to Clamp *: what there is so far */
} Simplify;

/* What stands for the node that `n` describes (not in the region; its operands are, and are simple): a node
 * that is there, one built for it, or NULL when there is nothing simpler. */
typedef Node *SimplifyRule(Simplify *s, const Node *n);

SimplifyRule simplify_map;
SimplifyRule simplify_convert;
/* Enters a node that was added where it is a clamp. */
void simplify_note_clamp(Simplify *s, Node *n);

/* The node described, in its simplest form. */
Node *simplify_add(Simplify *s, const Node *n);
/* The constant that repeats a's element over n's shape. */
Node *simplify_splat(Simplify *s, const Node *a, const Node *n);

#endif
