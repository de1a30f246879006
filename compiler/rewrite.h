/* The way passes change a region: its live nodes are written anew in order, and a rule may put something
 * else in the place of each.  Nodes are never edited, so whoever holds one from before sees it as it was.
 */
#ifndef DLC_COMPILER_REWRITE_H
#define DLC_COMPILER_REWRITE_H

#include "compiler/op.h"

typedef struct Rewrite {
    Region *region;
    Node *const *old; /* the nodes before, by id */
    int old_count;
    Node **now;       /* by old id: what stands for it; NULL for dead nodes */
    const int *uses;  /* by old id: operands of live nodes and results that name it */
    void *context;
} Rewrite;

/* What takes the place of `old`, whose operands are now `in`: a node of the new region, made by the
 * builders or there already; NULL for a copy. */
typedef Node *RewriteRule(Rewrite *rw, const Node *old, Node *const *in);

/* Side arrays on `scratch`.  With no rule only the dead nodes leave.  Inputs stay, dead or not. */
void region_rewrite(Region *r, Arena *scratch, RewriteRule *rule, void *context);

#endif
