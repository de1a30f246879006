/* Which nodes are made in memory: products, reductions, scatters, results; of the others those whose value is cheaper to keep than to
 * compute again (several consumers and a chain of functions; operands of products).
 *
 * In: a region.  Out: a mark for each node.  Nodes are asked from the last to the first, so that each knows what uses it; cost: linear
 * in edges, but for views looked through. */
#include "compiler/convolution.h"
#include "compiler/fuse.h"
#include "compiler/op.h"

enum { KEEP_COST = 8, SCALAR_COST = 16 };
enum { FEW_COLUMNS = 256 }; /* of a convolution: more would go over turned kernels, far apart in memory, too often */

/* ---- costs --------------------------------------------------------------------------------------------- */

int64_t dim_maximum(const Dim *dim) {
    int64_t value;
    if (dim_upper_bound(dim, &value)) return INT32_MAX;
    return value;
}

double dims_count(const Dim *const *shape, int rank) {
    double count = 1;
    for (int i = 0; i < rank; i++) count *= (double)dim_maximum(shape[i]);
    return count;
}

double node_cost(const Node *n) {
    if (n->op == OP_GATHER || n->op == OP_RANDOM_BITS) return 2;
    if (n->op != OP_MAP) return n->op == OP_CONVERT ? 1 : 0;
    switch (n->attr.scalar) {
    case SC_EXP:
    case SC_EXPM1:
    case SC_LOG:
    case SC_LOG1P:
    case SC_TANH:
    case SC_SIGMOID:
    case SC_ERF:
    case SC_SIN:
    case SC_COS: return 20;
    case SC_POW: return 40;
    case SC_DIV:
    case SC_SQRT:
    case SC_MOD:
    case SC_FLOORDIV: return 6;
    case SC_ADD:
    case SC_SUB:
    case SC_MUL:
    case SC_FMA:
    case SC_NEG:
    case SC_ABS:
    case SC_SIGN:
    case SC_FLOOR:
    case SC_RINT:
    case SC_MIN:
    case SC_MAX:
    case SC_EQ:
    case SC_NE:
    case SC_LT:
    case SC_LE:
    case SC_GT:
    case SC_GE:
    case SC_AND:
    case SC_OR:
    case SC_XOR:
    case SC_NOT:
    case SC_SHL:
    case SC_SHR:
    case SC_SELECT:
    case SC_COUNT: return 1;
    }
    return 1;
}

int fuse_is_source(const Node *n) {
    return n->op == OP_INPUT || n->op == OP_CONST || n->op == OP_DIM_VALUE;
}

int is_product(const Node *n) { return n->op == OP_DOT || n->op == OP_CONVOLUTION; }

Node *fuse_turned_product(const Node *n) {
    if (n->op != OP_TRANSPOSE || !convolution_runs_across(n->in[0])) return NULL;
    for (int i = 0; i < n->rank; i++)
        if (n->attr.axes[i] != (i < 2 ? 1 - i : i)) return NULL;
    return n->in[0];
}

int fuse_is_hero(const Node *n) {
    return n->op == OP_REDUCE || n->op == OP_SLOTS || is_product(n) || n->op == OP_SCATTER;
}

int reduces_last_axis(const Node *n) { return n->attr.axis == n->in[0]->rank - 1; }

/* ---- which nodes are made ------------------------------------------------------------------------------ */

typedef struct Uses {
    uint32_t first; /* id of a made node that evaluates it */
    int count;      /* different such nodes; 2 means several */
    int by_dot;     /* an operand of a product, perhaps through indexing */
    int is_kernel;  /* of a convolution, or else gone over again and again as if it were an array */
    int is_rows;    /* of a scatter into a table that there is: others may be changed by what it is made of */
    int by_tensor;  /* some user has axes */
    int is_needed;
    int edges;      /* operands of needed nodes that it is, and results */
    int is_turned;  /* a convolution whose one user is made in its place */
    int is_border;  /* a convolution lays its zeros around the array while it packs lines */
    int is_met;     /* a convolution looks through it at an array whose planes it transposes */
    int is_partial; /* a sum of products, to which another product is added */
} Uses;

static void use(Uses *uses, uint32_t by) {
    if (uses->count == 0) {
        uses->first = by;
        uses->count = 1;
    } else if (uses->first != by) {
        uses->count = 2;
    }
}

/* Does a reshape make one axis of axes that a transpose below has brought together?  They are not one in memory, and an index would
 * be split for every element. */
static int merges_apart(const Node *n) {
    if (n->op != OP_RESHAPE || n->in[0]->op != OP_TRANSPOSE) return 0;
    const Node *turned = n->in[0];
    int j = 0;
    for (int i = 0; i < n->rank && j < turned->rank; i++) {
        int first = j;
        if (n->shape[i] == turned->shape[j]) {
            j++;
            continue;
        }
        int64_t left = dim_is_constant(n->shape[i]) ? dim_constant_value(n->shape[i]) : 0;
        while (j < turned->rank && left > 1 && dim_is_constant(turned->shape[j]) && dim_constant_value(turned->shape[j]) > 0 &&
               left % dim_constant_value(turned->shape[j]) == 0)
            left /= dim_constant_value(turned->shape[j++]);
        if (left != 1) return 0; /* an axis is split: what is behind is not looked at */
        for (int k = first; k + 1 < j; k++)
            if (turned->attr.axes[k + 1] != turned->attr.axes[k] + 1) return 1;
    }
    return 0;
}

static int should_make(const Node *n, const Uses *uses, double chain) {
    if (fuse_is_hero(n) || n->op == OP_WINDOW) return 1;
    if (n->dtype == DT_F16 || n->dtype == DT_BF16) return 1; /* the store rounds */
    if (n->rank == 0) return chain >= SCALAR_COST && uses->by_tensor;
    int is_laid = uses->is_border && uses->edges == 1;
    if (uses->is_kernel || (uses->by_dot && n->op == OP_PAD && !is_laid)) return 1; /* gone over again and again */
    if (uses->by_dot && (op_flags(n->op) & OP_POINTWISE) && n->op != OP_CONVERT && n->op != OP_IOTA)
        return 1;
    if (uses->is_rows || (uses->is_partial && uses->edges == 1)) return 1;
    if (n->op == OP_RESHAPE && n->in[0]->op == OP_CONCAT) return 1; /* interleaved: no lanes lie side by side */
    return uses->count > 1 && chain >= KEEP_COST;
}

/* Is the operand of a product an array, or a view of one, once everything that should be made is? */
static int is_viewed(const Node *n, int with_reshapes) {
    while (n->op == OP_TRANSPOSE || n->op == OP_REVERSE || n->op == OP_SLICE || (n->op == OP_RESHAPE && with_reshapes)) n = n->in[0];
    return n->op == OP_INPUT || fuse_is_hero(n) || n->op == OP_WINDOW || n->op == OP_MAP;
}

/* Does the kernel of a convolution transpose its operands itself? */
static int turns_groups(const Node *n) {
    Node *met = convolution_group_gradient(n).met;
    return met && is_viewed(met, 1) && is_viewed(n->in[1], 0);
}

/* Are there so few columns that turning the kernels would take as long as the sums, as in the gradient of the input of a few small
 * pictures?  Their elements are then read where they are. */
static int sees_kernels(const Node *n) {
    const Node *kernel = n->in[1];
    double columns = dims_count(n->shape, n->rank) / (double)dim_maximum(n->shape[1]);
    return (kernel->op == OP_TRANSPOSE || kernel->op == OP_REVERSE) && n->attr.groups == 1 && is_viewed(kernel, 0) && columns <= FEW_COLUMNS;
}

/* What a convolution goes over its operand with, and what must be an array for that: where lanes run across the kernels, what lies
 * below transposes.  NULL: nothing need be. */
static Node *kernel_array(const Node *n) {
    Node *kernel = n->in[1];
    if (n->op != OP_CONVOLUTION || turns_groups(n)) return NULL;
    if (!convolution_runs_across(n)) return sees_kernels(n) ? NULL : kernel;
    if (is_viewed(kernel, 0)) return NULL;
    while (kernel->op == OP_TRANSPOSE) kernel = kernel->in[0];
    return kernel;
}

/* Does a slice of fixed size take elements that do not lie side by side? */
static int has_apart(const Node *slice) {
    int is_apart = 0;
    for (int i = 0; i < slice->rank; i++) {
        if (!dim_is_constant(slice->shape[i])) return 0;
        is_apart |= slice->attr.step[i] != 1;
    }
    return is_apart;
}

static int lays_border(const Node *n) {
    const Node *array = convolution_batch_bordered(n);
    if (!array) array = convolution_bordered(n);
    return turns_groups(n) || (array && is_viewed(array, 0));
}

/* Of the product of two reshaped operands, row by row: what is below is gone over again and again. */
static int goes_over_rows(const Node *n) {
    if (n->op != OP_DOT || n->attr.contract_count != 1 || n->attr.batch_count) return 0;
    for (int k = 0; k < 2; k++) {
        int along = k ? n->attr.rhs_contract[0] : n->attr.lhs_contract[0];
        if (n->in[k]->op != OP_RESHAPE || along != n->in[k]->rank - 1) return 0;
    }
    return 1;
}

/* Does it give one value to all columns of a row?  That value is made once for them. */
static int is_per_row(const Node *n) {
    if (n->op != OP_BROADCAST || !n->rank) return 0;
    for (int i = 0; i < n->in[0]->rank; i++)
        if (n->attr.axes[i] == n->rank - 1 && n->in[0]->shape[i] == n->shape[n->rank - 1]) return 0;
    return 1;
}

static int adds(const Node *n) { return n->op == OP_MAP && n->attr.scalar == SC_ADD && n->rank > 0; }

int fuse_adds_products(const Node *n) { return adds(n) && (is_product(n->in[0]) || is_product(n->in[1])); }

/* The operand of n that is a sum of products, where the other is a product: as a step's gradients are added to those of the steps
 * before.  Each product then takes the sum so far and makes the next, instead of the last one all of them. */
static Node *partial_sum(const Node *n) {
    for (int k = 0; adds(n) && k < 2; k++) {
        Node *sum = n->in[k];
        if (is_product(n->in[1 - k]) && fuse_adds_products(sum)) return sum;
    }
    return NULL;
}

uint8_t *fuse_made(Arena *arena, const LowerOptions *options, const Region *r) {
    int count = r->nodes.len;
    Uses *uses = arena_array(arena, Uses, count + 1);
    double *chain = arena_array(arena, double, count + 1);
    uint8_t *is_result = arena_array(arena, uint8_t, count + 1), *is_made = arena_array(arena, uint8_t, count + 1);
    for (int i = 0; i < count; i++) {
        const Node *n = r->nodes.data[i];
        chain[i] = node_cost(n);
        if (is_per_row(n)) continue;
        for (int k = 0; k < n->in_count; k++)
            if (!fuse_is_hero(n->in[k]) && n->in[k]->op != OP_WINDOW) chain[i] += chain[n->in[k]->id];
        if (chain[i] > 1e6) chain[i] = 1e6;
    }
    for (int i = 0; i < r->results.len; i++) {
        uint32_t id = r->results.data[i].node->id;
        is_result[id] = 1;
        uses[id].is_needed = 1;
        uses[id].edges++;
    }
    for (int i = count; i-- > 0;) {
        const Node *n = r->nodes.data[i];
        if (!uses[i].is_needed || fuse_is_source(n)) continue;
        Node *turned = fuse_turned_product(n);
        int is_whole_use = turned && uses[turned->id].edges == 0 && !options->without_fusion;
        int is_inner = uses[i].is_turned && uses[i].edges == 1;
        int made = is_result[i] || options->without_fusion || is_whole_use ||
                   (should_make(n, &uses[i], chain[i]) && !is_inner);
        if (turned) uses[turned->id].is_turned = is_whole_use;
        if (partial_sum(n)) uses[partial_sum(n)->id].is_partial = 1;
        if (kernel_array(n)) uses[kernel_array(n)->id].is_kernel = 1;
        if (turns_groups(n)) uses[n->in[0]->op == OP_PAD ? n->in[0]->in[0]->id : n->in[0]->id].is_met = 1;
        is_made[i] = (uint8_t)made;
        for (int k = 0; k < n->in_count; k++) {
            Uses *u = &uses[n->in[k]->id];
            if (goes_over_rows(n)) uses[n->in[k]->in[0]->id].is_kernel = 1;
            if (uses[i].by_dot && !uses[i].is_met && merges_apart(n)) u->is_kernel = 1;
            u->is_needed = 1;
            u->edges++;
            u->is_kernel |= k == 0 && n->in[0]->op == OP_SLICE && has_apart(n->in[0]) && convolution_runs_across(n);
            u->is_border |= k == 0 && lays_border(n);
            u->is_rows |= n->op == OP_SCATTER && k == 2 && !node_is_splat(n->in[0]);
            u->by_tensor |= n->rank > 0 || n->op == OP_REDUCE;
            if (made) {
                use(u, n->id);
                u->by_dot |= is_product(n);
            } else {
                use(u, uses[i].first);
                if (uses[i].count > 1) u->count = 2;
                u->by_dot |= uses[i].by_dot || is_inner;
            }
        }
    }
    return is_made;
}
