/* In: a region.  Out: its nodes grouped into kernels (fuse.h).  The region itself is not changed.
 *
 *   1. Which nodes are made: fuse_made.c.
 *   2. Every made node starts as a kernel.  In graph order each is merged into the kernels it reads from, where
 *      a row of the merged kernel needs only itself, no order of sums changes, and no kernel outside would have
 *      to run in between.  So epilogues grow behind products, and passes over a row behind reductions.
 *   3. Independent kernels over the same space that read the same array are joined.
 *
 * A kernel has at most MOST_MEMBERS members: the updates of a deep model, which all read the step's number, would else
 * become one whose code takes longer to make than all others together.
 *
 * Cost: kernels x MOST_MEMBERS x nodes reached, small because chains end at made nodes; searches for a path between two
 * kernels that could be joined, each at most all kernels long. */
#include "compiler/fuse.h"
#include "compiler/op.h"

#include "base/session.h"
#include <string.h>

enum { OTHER = -1, ONE_TILE_COLUMNS = 4096, MOST_MEMBERS = 64 };

typedef struct Fuse {
    Arena *arena;
    const Region *region;
    Fusion *out;
    uint8_t *is_made;
    int *group;     /* by node id: index of the kernel, before numbering; -1 */
    int *moved;     /* by kernel: the kernel it became part of, or itself */
    uint32_t *visited; /* by kernel: last search for dependences that came by */
    uint32_t search;
    uint32_t *seen; /* by node id: last walk that came by */
    uint32_t walk;
    int8_t (*seen_at)[GRAPH_MAX_RANK];
} Fuse;

/* ---- spaces -------------------------------------------------------------------------------------------- */

FusedFit fuse_fit(const FusedKernel *k, const Node *n) {
    if (n->op == OP_SLOTS) n = n->in[0];
    if (n->rank < k->lead || n->rank > k->lead + 1) return FIT_NONE;
    for (int i = 0; i < k->lead; i++)
        if (n->shape[i] != k->space[i]) return FIT_NONE;
    if (n->rank == k->lead) return FIT_ROW;
    if (k->columns && n->shape[k->lead] != k->columns) return FIT_NONE;
    return FIT_VECTOR;
}

/* Members that need a certain place in the space have it. */
static int fits(const FusedKernel *k, const Node *n) {
    FusedFit fit = fuse_fit(k, n);
    if (n->op == OP_REDUCE)
        return fit == (reduces_last_axis(n) ? FIT_ROW : n->rank ? FIT_VECTOR : FIT_ROW);
    if (is_product(n) && n->rank) return fit == FIT_VECTOR;
    if (n->op == OP_SLOTS) return fit == FIT_VECTOR && n->attr.axis == k->lead - 1;
    return fit != FIT_NONE;
}

static FusedKernel *single(Fuse *f, Node *n) {
    FusedKernel *k = arena_new(f->arena, FusedKernel);
    vec_push(f->arena, &k->members, n);
    Node *turned = fuse_turned_product(n);
    k->hero = fuse_is_hero(n) ? n : turned && !f->is_made[turned->id] ? turned : NULL;
    k->result = n;
    k->lead = n->rank;
    if (n->rank && !(n->op == OP_REDUCE && reduces_last_axis(n))) k->lead--;
    memcpy(k->space, n->op == OP_SLOTS ? n->in[0]->shape : n->shape, sizeof k->space);
    k->has_slots = n->op == OP_SLOTS;
    if (k->hero && is_product(k->hero) && n->rank) {
        k->columns = n->shape[n->rank - 1];
        k->is_row_complete =
            dim_is_constant(k->columns) && dim_constant_value(k->columns) <= ROW_COMPLETE_COLUMNS;
    }
    if (n->op == OP_REDUCE) {
        k->has_row_reduction = reduces_last_axis(n);
        k->has_column_reduction = !k->has_row_reduction;
    }
    return k;
}

/* ---- where a member reads ------------------------------------------------------------------------------ */

static int is_one(const Dim *dim) { return dim_is_constant(dim) && dim_constant_value(dim) == 1; }

/* Where only axes of extent 1 come or go, the others keep their place. */
static void reshape_place(const Node *n, const int8_t *at, int8_t *out) {
    const Node *in = n->in[0];
    int j = 0;
    for (int i = 0; i < in->rank; i++) {
        if (is_one(in->shape[i])) continue;
        while (j < n->rank && is_one(n->shape[j])) j++;
        if (j == n->rank || n->shape[j] != in->shape[i]) {
            memset(out, OTHER, GRAPH_MAX_RANK);
            return;
        }
        out[i] = at[j++];
    }
}

/* The place where operand `k` of `n` is read when n is wanted at `at`: one code per axis, 0 ..
 * lead-1 an axis of the space, `lead` the columns, OTHER anything else. */
static void operand_place(const Node *n, int k, const int8_t *at, int8_t *out) {
    const Node *in = n->in[k];
    memset(out, OTHER, GRAPH_MAX_RANK);
    if (n->op == OP_TRANSPOSE) {
        for (int i = 0; i < n->rank; i++) out[n->attr.axes[i]] = at[i];
    } else if (n->op == OP_BROADCAST) {
        for (int i = 0; i < in->rank; i++) out[i] = at[n->attr.axes[i]];
    } else if (n->op == OP_RESHAPE) {
        reshape_place(n, at, out);
    } else if (n->op == OP_REDUCE) {
        for (int i = 0, j = 0; i < in->rank; i++)
            if (i != n->attr.axis) out[i] = at[j++];
    } else if (n->op == OP_SCATTER) {
        if (k == 0) memcpy(out, at, GRAPH_MAX_RANK);
    } else if (n->op == OP_SLOTS) {
        memcpy(out, at, GRAPH_MAX_RANK); /* of the rows that are its own */
    } else if (op_flags(n->op) & OP_POINTWISE) {
        if (n->op != OP_RANDOM_BITS) memcpy(out, at, GRAPH_MAX_RANK);
    }
}

static void own_place(int rank, int8_t *at) {
    memset(at, OTHER, GRAPH_MAX_RANK);
    for (int i = 0; i < rank; i++) at[i] = (int8_t)i;
}

static int same_place(const int8_t *a, const int8_t *b, int rank) {
    return memcmp(a, b, (size_t)rank) == 0;
}

/* One walk from a member to what it reads. */
typedef struct Walk {
    Fuse *f;
    int group_a, group_b; /* the kernel, or the two that would become one */
    FusedKernel *record;  /* reads and producers go here; NULL: only judged */
    int is_allowed;
} Walk;

static void record_read(Walk *w, Node *n, int is_own) {
    FusedKernel *k = w->record;
    for (int i = 0; i < k->reads.len; i++)
        if (k->reads.data[i].node == n) {
            k->reads.data[i].at_own_place &= is_own;
            return;
        }
    vec_push(w->f->arena, &k->reads, ((FusedRead){n, is_own}));
}

static void record_producer(Walk *w, int group) {
    FusedKernel *k = w->record;
    for (int i = 0; i < k->producers.len; i++)
        if (k->producers.data[i] == group) return;
    vec_push(w->f->arena, &k->producers, group);
}

static void walk_node(Walk *w, Node *n, const int8_t *at) {
    Fuse *f = w->f;
    int8_t own[GRAPH_MAX_RANK];
    if (n->op == OP_DIM_VALUE || (n->op == OP_CONST && n->attr.is_splat)) return;
    if (f->seen[n->id] == f->walk && same_place(f->seen_at[n->id], at, GRAPH_MAX_RANK)) return;
    f->seen[n->id] = f->walk;
    memcpy(f->seen_at[n->id], at, GRAPH_MAX_RANK);
    own_place(n->rank, own);
    int is_own = same_place(at, own, n->rank);
    int group = f->group[n->id];
    if (fuse_is_source(n) || group >= 0) {
        if (group >= 0 && (group == w->group_a || group == w->group_b)) {
            w->is_allowed &= is_own && n->op != OP_SLOTS; /* whole only when all tiles are done */
            return;
        }
        if (!w->record) return;
        record_read(w, n, is_own);
        if (group >= 0) record_producer(w, group);
        return;
    }
    int8_t in_at[GRAPH_MAX_RANK];
    for (int k = 0; k < n->in_count && w->is_allowed; k++) {
        operand_place(n, k, at, in_at);
        walk_node(w, n->in[k], in_at);
    }
}

static void walk_member(Walk *w, const FusedKernel *k, const Node *n) {
    int8_t at[GRAPH_MAX_RANK], in_at[GRAPH_MAX_RANK];
    own_place(n->rank, at);
    for (int i = 0; i < n->in_count; i++) {
        operand_place(n, i, at, in_at);
        if (n->op == OP_REDUCE && reduces_last_axis(n) && fuse_fit(k, n) == FIT_ROW)
            in_at[n->rank] = (int8_t)n->rank;
        walk_node(w, n->in[i], in_at);
    }
}

static void record_reads(Fuse *f, FusedKernel *k, int group) {
    Walk w = {f, group, group, k, 1};
    k->reads.len = 0;
    k->producers.len = 0;
    f->walk++;
    for (int i = 0; i < k->members.len; i++) walk_member(&w, k, k->members.data[i]);
}

/* ---- merging ------------------------------------------------------------------------------------------- */

static int now(const Fuse *f, int kernel) {
    while (f->moved[kernel] != kernel) kernel = f->moved[kernel];
    return kernel;
}

/* Does `from` need `target` through any kernel other than `skip`? */
static int depends_now(Fuse *f, int from, int target, int skip) {
    if (f->visited[from] == f->search) return 0;
    f->visited[from] = f->search;
    const FusedKernel *k = f->out->kernels.data[from];
    for (int i = 0; i < k->producers.len; i++) {
        int p = now(f, k->producers.data[i]);
        if (p == skip || p == from) continue;
        if (p == target || depends_now(f, p, target, -1)) return 1;
    }
    return 0;
}

static int depends(Fuse *f, int from, int target, int skip) {
    f->search++; /* nobody was visited by this one */
    return depends_now(f, from, target, skip);
}

/* A path from `late` back to `early` that passes through a third kernel would have to run inside
 * the merged one. */
static int has_path_between(Fuse *f, int early, int late) {
    return depends(f, late, early, early);
}

static int is_storage_only(const Node *n) { return n->dtype == DT_F16 || n->dtype == DT_BF16; }

/* One tile would do the work of many: not worth the traffic saved. */
static int loses_parallelism(const FusedKernel *k) {
    if (!k->has_row_reduction || dims_count(k->space, k->lead) >= 8) return 0;
    for (int i = 0; i < k->members.len; i++) {
        const Node *n = k->members.data[i];
        if (fuse_fit(k, n) == FIT_VECTOR && dim_maximum(n->shape[k->lead]) > ONE_TILE_COLUMNS)
            return 1;
    }
    return 0;
}

static int is_dot(const FusedKernel *k) { return k->hero && is_product(k->hero); }

static int may_hold(const FusedKernel *k, const Node *n) {
    if (!fits(k, n)) return 0;
    if (is_dot(k) && !k->columns && n->rank) return 0; /* a product to a number has no rows */
    return !k->columns || k->is_row_complete || (fuse_fit(k, n) != FIT_ROW && !k->has_row_reduction);
}

/* The kernel that would compute both in the space of `space`; NULL where it can't.  Most pairs can't: they cost no
 * memory. */
static FusedKernel *joined(Fuse *f, const FusedKernel *space, const FusedKernel *p,
                           const FusedKernel *c) {
    FusedKernel made = {0}, *k = &made;
    k->lead = space->lead;
    memcpy(k->space, space->space, sizeof k->space);
    k->columns = space->columns;
    k->is_row_complete = space->is_row_complete;
    const FusedKernel *from = is_dot(c) ? c : p->hero ? p : c;
    k->hero = from->hero;
    k->result = from->result;
    k->has_row_reduction = p->has_row_reduction || c->has_row_reduction;
    k->has_column_reduction = p->has_column_reduction || c->has_column_reduction;
    k->has_slots = p->has_slots || c->has_slots;
    for (int m = 0; m < p->members.len; m++)
        if (!may_hold(k, p->members.data[m])) return NULL;
    for (int m = 0; m < c->members.len; m++)
        if (!may_hold(k, c->members.data[m])) return NULL;
    k = arena_new(f->arena, FusedKernel);
    *k = made;
    int i = 0, j = 0;
    while (i < p->members.len || j < c->members.len) {
        int first = j == c->members.len ||
                    (i < p->members.len && p->members.data[i]->id < c->members.data[j]->id);
        vec_push(f->arena, &k->members, first ? p->members.data[i++] : c->members.data[j++]);
    }
    return loses_parallelism(k) ? NULL : k;
}

static int may_join(const FusedKernel *p, const FusedKernel *c) {
    if (p->members.len + c->members.len > MOST_MEMBERS) return 0;
    if (is_dot(p) && is_dot(c)) return 0;
    if ((p->hero && p->hero->op == OP_SCATTER) || (c->hero && c->hero->op == OP_SCATTER)) return 0;
    int row = p->has_row_reduction || c->has_row_reduction;
    int column = p->has_column_reduction || c->has_column_reduction;
    if (column && (row || is_dot(p) || is_dot(c))) return 0;
    if ((p->has_slots || c->has_slots) && (column || is_dot(p) || is_dot(c))) return 0;
    for (int i = 0; i < p->members.len; i++)
        if (is_storage_only(p->members.data[i])) return 0;
    return 1;
}

static int try_join(Fuse *f, int early, int late) {
    FusedKernel *p = f->out->kernels.data[early], *c = f->out->kernels.data[late];
    if (!may_join(p, c)) return 0;
    const FusedKernel *spaces[2] = {is_dot(c) ? c : p, is_dot(c) || is_dot(p) ? NULL : c};
    int is_free = 0; /* no path between them: looked for last, since it costs most */
    for (int s = 0; s < 2 && spaces[s]; s++) {
        FusedKernel *k = joined(f, spaces[s], p, c);
        if (!k) continue;
        if (!is_free && has_path_between(f, early, late)) return 0;
        is_free = 1;
        Walk w = {f, early, late, NULL, 1};
        f->walk++;
        for (int i = 0; i < k->members.len && w.is_allowed; i++)
            walk_member(&w, k, k->members.data[i]);
        if (!w.is_allowed) continue;
        f->out->kernels.data[early] = NULL;
        f->moved[early] = late;
        f->out->kernels.data[late] = k;
        for (int i = 0; i < k->members.len; i++) f->group[k->members.data[i]->id] = late;
        record_reads(f, k, late);
        return 1;
    }
    return 0;
}

static int is_bare_product(const FusedKernel *k) { return is_dot(k) && k->members.len == 1; }

/* Is `a` joined rather than `b`?  The later one, but to a sum of products the product that nothing has followed yet. */
static int comes_first(const Fuse *f, const FusedKernel *k, int a, int b) {
    if (k->members.len == 1 && fuse_adds_products(k->members.data[0])) {
        int x = is_bare_product(f->out->kernels.data[a]), y = is_bare_product(f->out->kernels.data[b]);
        if (x != y) return x;
    }
    return a > b;
}

static void join_producers(Fuse *f, int late) {
    for (;;) {
        int joined_one = 0;
        const FusedKernel *k = f->out->kernels.data[late];
        int best = -1;
        Vec(int) candidates = {0};
        for (int i = 0; i < k->producers.len; i++)
            vec_push(f->arena, &candidates, now(f, k->producers.data[i]));
        while (candidates.len && !joined_one) {
            best = 0;
            for (int i = 1; i < candidates.len; i++)
                if (comes_first(f, k, candidates.data[i], candidates.data[best])) best = i;
            joined_one = try_join(f, candidates.data[best], late);
            candidates.data[best] = vec_pop(&candidates);
        }
        if (!joined_one) return;
    }
}

/* ---- independent kernels over the same space ----------------------------------------------------------- */

static int reads_alike(const FusedKernel *a, const FusedKernel *b) {
    for (int i = 0; i < a->reads.len; i++)
        for (int j = 0; j < b->reads.len; j++)
            if (a->reads.data[i].node == b->reads.data[j].node && a->reads.data[i].node->rank)
                return 1;
    return 0;
}

static int is_scalar_kernel(const FusedKernel *k) {
    for (int i = 0; i < k->members.len; i++)
        if (k->members.data[i]->rank) return 0;
    return !k->hero;
}

static int is_sum(const FusedKernel *k) { return k->hero && (k->hero->op == OP_REDUCE || k->hero->op == OP_SLOTS); }

/* Neighbours may be joined when their heroes sum over the same thing, or all are numbers. */
static int are_siblings(const FusedKernel *a, const FusedKernel *b) {
    if (is_scalar_kernel(a) && is_scalar_kernel(b)) return 1;
    if (!is_sum(a) || !is_sum(b)) return 0;
    const Node *x = a->hero->in[0], *y = b->hero->in[0];
    if (x->rank != y->rank || (a->hero->attr.axis != b->hero->attr.axis && !a->has_slots && !b->has_slots)) return 0;
    for (int i = 0; i < x->rank; i++)
        if (x->shape[i] != y->shape[i]) return 0;
    return reads_alike(a, b);
}

static void join_siblings(Fuse *f) {
    Vec(int) list = {0}; /* of those that can have any */
    for (int i = 0; i < f->out->kernels.len; i++) {
        const FusedKernel *k = f->out->kernels.data[i];
        if (k && (is_scalar_kernel(k) || is_sum(k))) vec_push(f->arena, &list, i);
    }
    for (int i = 1; i < list.len; i++) {
        for (int j = 0; j < i; j++) {
            int early = list.data[j], late = list.data[i];
            FusedKernel *a = f->out->kernels.data[early], *b = f->out->kernels.data[late];
            if (!a || !b || !are_siblings(a, b)) continue;
            if (depends(f, late, early, -1) || depends(f, early, late, -1)) continue;
            try_join(f, early, late);
        }
    }
}

/* ---- the pass ------------------------------------------------------------------------------------------ */

/* Numbers the kernels so that producers come first (a merged kernel may sit before one it reads
 * from). */
static void place_kernel(Fuse *f, int group, int *number, Fusion *out) {
    if (number[group] >= 0) return;
    number[group] = INT32_MAX; /* a cycle would find this */
    FusedKernel *k = f->out->kernels.data[group];
    for (int i = 0; i < k->producers.len; i++) {
        int p = now(f, k->producers.data[i]);
        if (number[p] == INT32_MAX) ICE("fuse: kernels need each other");
        place_kernel(f, p, number, out);
    }
    number[group] = out->kernels.len;
    vec_push(f->arena, &out->kernels, k);
}

static Fusion *numbered(Fuse *f) {
    Fusion *out = arena_new(f->arena, Fusion);
    int count = f->out->kernels.len;
    int *number = arena_array(f->arena, int, count + 1);
    for (int g = 0; g < count; g++) number[g] = -1;
    for (int g = 0; g < count; g++)
        if (f->out->kernels.data[g]) place_kernel(f, g, number, out);
    out->kernel_of = f->group;
    for (int i = 0; i < f->region->nodes.len; i++)
        if (f->group[i] >= 0) out->kernel_of[i] = number[f->group[i]];
    for (int g = 0; g < out->kernels.len; g++) {
        FusedKernel *k = out->kernels.data[g];
        for (int i = 0; i < k->producers.len; i++)
            k->producers.data[i] = number[now(f, k->producers.data[i])];
    }
    return out;
}

Fusion *pass_fuse(Arena *arena, const LowerOptions *options, const Region *region) {
    int count = region->nodes.len;
    Fuse f = {.arena = arena, .region = region, .out = arena_new(arena, Fusion)};
    f.group = arena_array(arena, int, count + 1);
    f.seen = arena_array(arena, uint32_t, count + 1);
    f.seen_at = arena_alloc(arena, (size_t)(count + 1) * sizeof *f.seen_at);
    f.is_made = fuse_made(arena, options, region);
    for (int i = 0; i < count; i++) f.group[i] = -1;
    for (int i = 0; i < count; i++) {
        if (!f.is_made[i] || fuse_is_source(region->nodes.data[i])) continue;
        f.group[i] = f.out->kernels.len;
        vec_push(arena, &f.out->kernels, single(&f, region->nodes.data[i]));
    }
    f.moved = arena_array(arena, int, f.out->kernels.len + 1);
    f.visited = arena_array(arena, uint32_t, f.out->kernels.len + 1);
    for (int g = 0; g < f.out->kernels.len; g++) {
        f.moved[g] = g;
        record_reads(&f, f.out->kernels.data[g], g);
    }
    if (!options->without_fusion) {
        for (int g = 0; g < f.out->kernels.len; g++)
            if (f.out->kernels.data[g]) join_producers(&f, g);
        join_siblings(&f);
    }
    return numbered(&f);
}
