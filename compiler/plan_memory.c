/* Buffers, order and offsets of a plan.
 *
 * In: fused kernels.  Every node that another kernel reads or that is a result gets a buffer.  A
 * result that may take an input's array is stored there in place where its kernel reads the old
 * value only at the element it writes and all other readers can run before; otherwise it waits
 * elsewhere and is copied. A kernel's phase is one more than the latest of the kernels that it must
 * follow.  Arena buffers live from the phase that makes them to the last that reads them; the
 * largest is placed first, in the smallest gap that holds it beside the buffers that live with it
 * (greedy best fit by size). */
#include "compiler/lower_internal.h"

#include "base/session.h"

#include <stdlib.h>
#include <string.h>

/* ---- buffers ------------------------------------------------------------------------------------------- */

static int64_t bytes_of(const PlanBuffer *b) {
    int64_t count = 1;
    for (int i = 0; i < b->rank; i++) count *= dim_maximum(b->extents[i]);
    return count * dtype_bytes(b->dtype);
}

static int add_buffer(Lower *l, const char *name, BufferKind kind, int slot, const Node *n) {
    PlanBuffer b = {.name = symbol(&l->session->symbols, name),
                    .kind = kind,
                    .slot = slot,
                    .dtype = n->dtype,
                    .rank = n->rank};
    memcpy(b.extents, n->shape, sizeof b.extents);
    if (n->rank) b.pitch = n->shape[n->rank - 1];
    b.bytes = bytes_of(&b);
    if (kind == BUFFER_CONST) b.data = n->attr.data;
    vec_push(l->arena, &l->plan->buffers, b);
    return l->plan->buffers.len - 1;
}

static const char *plain_name(Lower *l, const char *prefix, const Symbol *path) {
    char *name = arena_printf(l->arena, "%s%s", prefix, path ? path->text : "");
    for (char *c = name; *c; c++) {
        int is_word = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                      (*c >= '0' && *c <= '9') || *c == '_';
        if (!is_word) *c = '_';
    }
    return name;
}

/* Two paths may differ only in what plain_name drops: the slot keeps names apart. */
static const char *slot_name(Lower *l, const Symbol *path, int slot) {
    const char *name =
        plain_name(l, path && path->text[0] >= '0' && path->text[0] <= '9' ? "_" : "", path);
    for (int i = 0; i < l->plan->buffers.len; i++)
        if (strcmp(l->plan->buffers.data[i].name->text, name) == 0 || !name[0])
            return arena_printf(l->arena, "%s_%d", name, slot);
    return name[0] ? name : arena_printf(l->arena, "slot_%d", slot);
}

static void add_constant(Lower *l, const Node *n) {
    if (n->op == OP_CONST && !n->attr.is_splat && l->buffer_of[n->id] < 0)
        l->buffer_of[n->id] =
            add_buffer(l, arena_printf(l->arena, "const_%u", n->id), BUFFER_CONST, 0, n);
}

static void add_inputs(Lower *l) {
    const Region *r = l->region;
    for (int i = 0; i < r->inputs.len; i++) {
        BufferKind kind = BUFFER_INPUT;
        for (int k = 0; k < r->results.len; k++)
            if (r->results.data[k].alias == i) kind = BUFFER_INOUT;
        const RegionInput *input = &r->inputs.data[i];
        l->buffer_of[input->node->id] =
            add_buffer(l, slot_name(l, input->path, i), kind, i, input->node);
    }
    for (int i = 0; i < l->fusion->kernels.len; i++) {
        const FusedKernel *k = l->fusion->kernels.data[i];
        for (int j = 0; j < k->reads.len; j++) add_constant(l, k->reads.data[j].node);
    }
}

/* ---- order --------------------------------------------------------------------------------------------- */

static void must_follow(Lower *l, PlannedKernel *k, int other) {
    for (int i = 0; i < k->after.len; i++)
        if (k->after.data[i] == other) return;
    vec_push(l->arena, &k->after, other);
}

static int follows(const Lower *l, int late, int early, uint8_t *visited) {
    if (late == early) return 1;
    if (visited[late]) return 0;
    visited[late] = 1;
    const PlannedKernel *k = l->kernels.data[late];
    for (int i = 0; i < k->after.len; i++)
        if (follows(l, k->after.data[i], early, visited)) return 1;
    return 0;
}

static const FusedRead *read_of(const FusedKernel *k, const Node *n) {
    for (int i = 0; i < k->reads.len; i++)
        if (k->reads.data[i].node == n) return &k->reads.data[i];
    return NULL;
}

/* Kernels that read the array of an input before it changes. */
static int reads_input(const PlannedKernel *k, const Node *input) {
    return read_of(k->fused, input) != NULL;
}

static int may_overwrite(Lower *l, int writer, const Node *n, const Node *input) {
    const PlannedKernel *k = l->kernels.data[writer];
    if (n->dtype != input->dtype || n->rank != input->rank) return 0;
    for (int i = 0; i < n->rank; i++)
        if (n->shape[i] != input->shape[i]) return 0;
    const FusedRead *own = read_of(k->fused, input);
    if (own && !own->at_own_place) return 0;
    for (int i = 0; i < l->kernels.len; i++) {
        if (i == writer || !reads_input(l->kernels.data[i], input)) continue;
        uint8_t *visited = arena_array(l->arena, uint8_t, l->kernels.len);
        if (follows(l, i, writer, visited)) return 0;
    }
    return 1;
}

static void after_readers(Lower *l, int writer, const Node *input) {
    for (int i = 0; i < l->kernels.len; i++)
        if (i != writer && reads_input(l->kernels.data[i], input))
            must_follow(l, l->kernels.data[writer], i);
}

/* ---- stores -------------------------------------------------------------------------------------------- */

static void add_root(Lower *l, int kernel, const Node *n, int buffer) {
    vec_push(l->arena, &l->kernels.data[kernel]->roots, ((Root){n, buffer}));
}

/* A kernel that copies `from` (-1: the node's own value) to `to`; both have the shape of n. */
static int add_copy(Lower *l, Node *n, int from, int to) {
    FusedKernel *k = arena_new(l->arena, FusedKernel);
    k->lead = n->rank ? n->rank - 1 : 0;
    memcpy(k->space, n->shape, sizeof k->space);
    PlannedKernel *planned = arena_new(l->arena, PlannedKernel);
    planned->fused = k;
    planned->copy_from = from;
    if (from < 0 && (n->op == OP_INPUT || n->op == OP_CONST)) {
        vec_push(l->arena, &k->reads, ((FusedRead){n, 1}));
        add_constant(l, n);
    }
    vec_push(l->arena, &l->kernels, planned);
    add_root(l, l->kernels.len - 1, n, to);
    return l->kernels.len - 1;
}

static int arena_buffer(Lower *l, const Node *n) {
    const char *op = n->op == OP_MAP ? scalar_name(n->attr.scalar) : op_name(n->op);
    return add_buffer(l, plain_name(l, arena_printf(l->arena, "%s_%u", op, n->id), NULL),
                      BUFFER_ARENA, 0, n);
}

/* Results without alias are stored by the kernel that makes them; the first is also what others
 * read. */
static void store_outputs(Lower *l) {
    const Region *r = l->region;
    int slot = r->inputs.len;
    for (int i = 0; i < r->results.len; i++) {
        const RegionResult *result = &r->results.data[i];
        if (result->alias >= 0) continue;
        Node *n = result->node;
        int buffer = add_buffer(l, slot_name(l, result->path, slot), BUFFER_OUTPUT, slot, n);
        slot++;
        int made_by = l->fusion->kernel_of[n->id];
        if (made_by < 0) {
            add_copy(l, n, -1, buffer);
            continue;
        }
        add_root(l, made_by, n, buffer);
        if (l->buffer_of[n->id] < 0) l->buffer_of[n->id] = buffer;
    }
    l->plan->slot_count = slot;
}

static void store_aliases(Lower *l) {
    const Region *r = l->region;
    for (int i = 0; i < r->results.len; i++) {
        const RegionResult *result = &r->results.data[i];
        if (result->alias < 0) continue;
        const Node *n = result->node, *input = r->inputs.data[result->alias].node;
        int made_by = l->fusion->kernel_of[n->id];
        if (made_by < 0 || !may_overwrite(l, made_by, n, input)) continue;
        int buffer = l->buffer_of[input->id];
        add_root(l, made_by, n, buffer);
        if (l->buffer_of[n->id] < 0) l->buffer_of[n->id] = buffer;
        after_readers(l, made_by, input);
    }
}

static int is_stored_in(const Lower *l, int kernel, const Node *n, int buffer) {
    const PlannedKernel *k = l->kernels.data[kernel];
    for (int i = 0; i < k->roots.len; i++)
        if (k->roots.data[i].node == n && k->roots.data[i].plan_buffer == buffer) return 1;
    return 0;
}

static void store_between_kernels(Lower *l) {
    for (int i = 0; i < l->fusion->kernels.len; i++) {
        const FusedKernel *k = l->fusion->kernels.data[i];
        for (int j = 0; j < k->reads.len; j++) {
            const Node *n = k->reads.data[j].node;
            if (l->buffer_of[n->id] >= 0 || l->fusion->kernel_of[n->id] < 0) continue;
            l->buffer_of[n->id] = arena_buffer(l, n);
            add_root(l, l->fusion->kernel_of[n->id], n, l->buffer_of[n->id]);
        }
    }
}

static const Node *alias_of(const Lower *l, int result) {
    return l->region->inputs.data[l->region->results.data[result].alias].node;
}

/* An input's old value that goes to another input's array waits in the arena, so that two may
 * change places. */
static void hold_inputs(Lower *l, int *held) {
    for (int i = 0; i < l->region->results.len; i++) {
        const RegionResult *result = &l->region->results.data[i];
        held[i] = -1;
        if (result->alias < 0 || l->fusion->kernel_of[result->node->id] >= 0) continue;
        if (result->node == alias_of(l, i)) continue;
        int buffer = arena_buffer(l, result->node);
        held[i] = add_copy(l, result->node, -1, buffer);
    }
}

/* Where a value that is not stored in place waits. */
static int waiting_place(Lower *l, Node *n) {
    int from = l->buffer_of[n->id];
    if (from >= 0 && l->plan->buffers.data[from].kind != BUFFER_INOUT) return from;
    int made_by = l->fusion->kernel_of[n->id];
    const PlannedKernel *k = l->kernels.data[made_by];
    for (int i = 0; i < k->roots.len; i++)
        if (k->roots.data[i].node == n &&
            l->plan->buffers.data[k->roots.data[i].plan_buffer].kind != BUFFER_INOUT)
            return k->roots.data[i].plan_buffer;
    int buffer = arena_buffer(l, n);
    add_root(l, made_by, n, buffer);
    if (from < 0) l->buffer_of[n->id] = buffer;
    return buffer;
}

/* What could not be stored in place is copied when everyone has read the old value. */
static void copy_aliases(Lower *l, const int *held) {
    const Region *r = l->region;
    int *copies = arena_array(l->arena, int, r->results.len + 1);
    for (int i = 0; i < r->results.len; i++) {
        copies[i] = -1;
        if (r->results.data[i].alias < 0) continue;
        Node *n = r->results.data[i].node;
        int made_by = l->fusion->kernel_of[n->id], to = l->buffer_of[alias_of(l, i)->id], from;
        if (n == alias_of(l, i) || (made_by >= 0 && is_stored_in(l, made_by, n, to))) continue;
        if (held[i] >= 0) {
            made_by = held[i];
            from = l->kernels.data[made_by]->roots.data[0].plan_buffer;
        } else {
            from = waiting_place(l, n);
        }
        copies[i] = add_copy(l, n, from, to);
        must_follow(l, l->kernels.data[copies[i]], made_by);
    }
    for (int i = 0; i < r->results.len; i++)
        if (copies[i] >= 0) after_readers(l, copies[i], alias_of(l, i));
}

void plan_buffers(Lower *l) {
    l->buffer_of = arena_array(l->arena, int, l->region->nodes.len + 1);
    for (int i = 0; i < l->region->nodes.len; i++) l->buffer_of[i] = -1;
    for (int i = 0; i < l->fusion->kernels.len; i++) {
        PlannedKernel *k = arena_new(l->arena, PlannedKernel);
        k->fused = l->fusion->kernels.data[i];
        k->copy_from = -1;
        for (int j = 0; j < k->fused->producers.len; j++)
            must_follow(l, k, k->fused->producers.data[j]);
        vec_push(l->arena, &l->kernels, k);
    }
    add_inputs(l);
    store_outputs(l);
    int *held = arena_array(l->arena, int, l->region->results.len + 1);
    hold_inputs(l, held);
    store_aliases(l);
    store_between_kernels(l);
    copy_aliases(l, held);
}

/* ---- phases -------------------------------------------------------------------------------------------- */

static int phase_of(Lower *l, int kernel, int depth) {
    PlannedKernel *k = l->kernels.data[kernel];
    if (k->phase >= 0) return k->phase;
    if (depth > l->kernels.len) ICE("plan: kernels wait for each other");
    int phase = 0;
    for (int i = 0; i < k->after.len; i++) {
        int before = phase_of(l, k->after.data[i], depth + 1);
        if (before + 1 > phase) phase = before + 1;
    }
    k->phase = phase;
    if (phase + 1 > l->phase_count) l->phase_count = phase + 1;
    return phase;
}

void plan_phases(Lower *l) {
    for (int i = 0; i < l->kernels.len; i++) l->kernels.data[i]->phase = -1;
    for (int i = 0; i < l->kernels.len; i++) phase_of(l, i, 0);
}

/* ---- offsets ------------------------------------------------------------------------------------------- */

typedef struct Live {
    int buffer, first, last; /* phases */
    int64_t bytes;           /* rounded up */
    int is_placed;
} Live;

static void lives_in(Live *live, int phase) {
    if (live->first > phase) live->first = phase;
    if (live->last < phase) live->last = phase;
}

static void find_lives(const Lower *l, Live *lives) {
    for (int i = 0; i < l->plan->buffers.len; i++)
        lives[i] =
            (Live){i, INT32_MAX, -1,
                   (l->plan->buffers.data[i].bytes + ABI_ALIGN - 1) / ABI_ALIGN * ABI_ALIGN, 0};
    for (int i = 0; i < l->kernels.len; i++) {
        const PlannedKernel *k = l->kernels.data[i];
        for (int j = 0; j < k->roots.len; j++)
            lives_in(&lives[k->roots.data[j].plan_buffer], k->phase);
        if (k->copy_from >= 0) lives_in(&lives[k->copy_from], k->phase);
        for (int j = 0; j < k->fused->reads.len; j++) {
            int buffer = l->buffer_of[k->fused->reads.data[j].node->id];
            if (buffer >= 0) lives_in(&lives[buffer], k->phase);
        }
    }
}

static int live_together(const Live *a, const Live *b) {
    return a->first <= b->last && b->first <= a->last;
}

/* The buffers that have a place, from the lowest offset up. */
typedef struct Placed {
    int *order; /* indices of buffers */
    int count;
} Placed;

static void place(const Lower *l, Placed *placed, int buffer) {
    int at = placed->count++;
    for (; at > 0; at--) {
        if (l->plan->buffers.data[placed->order[at - 1]].offset <= l->plan->buffers.data[buffer].offset) break;
        placed->order[at] = placed->order[at - 1];
    }
    placed->order[at] = buffer;
}

/* The smallest gap between the buffers that live with `live`; behind them all where none fits. */
static int64_t best_gap(const Lower *l, const Live *lives, const Live *live, const Placed *placed) {
    int64_t best = -1, best_size = INT64_MAX, at = 0;
    for (int i = 0; i < placed->count; i++) {
        const Live *other = &lives[placed->order[i]];
        if (!live_together(other, live)) continue;
        int64_t lo = l->plan->buffers.data[placed->order[i]].offset, hi = lo + other->bytes;
        if (lo - at >= live->bytes && lo > at && lo - at < best_size) {
            best = at;
            best_size = lo - at;
        }
        if (hi > at) at = hi;
    }
    return best >= 0 ? best : at;
}

/* Larger ones first; of equal ones the first. */
static int by_size(const void *left, const void *right) {
    const Live *const *a = left, *const *b = right;
    if ((*a)->bytes != (*b)->bytes) return (*a)->bytes > (*b)->bytes ? -1 : 1;
    return (*a > *b) - (*a < *b);
}

static void find_peak(const Lower *l, const Live *lives, LowerFacts *facts) {
    int64_t most = -1;
    facts->peak_bytes = l->plan->arena_bytes;
    for (int phase = 0; phase < l->phase_count; phase++) {
        int64_t bytes = 0;
        for (int i = 0; i < l->plan->buffers.len; i++)
            if (lives[i].is_placed && lives[i].first <= phase && phase <= lives[i].last)
                bytes += lives[i].bytes;
        if (bytes <= most) continue;
        most = bytes;
        for (int i = l->kernels.len; i-- > 0;) {
            const PlannedKernel *k = l->kernels.data[i];
            if (k->phase != phase || !k->roots.len) continue;
            facts->peak_kernel = k->name;
            facts->peak_span = k->roots.data[0].node->span;
        }
    }
}

static int is_backward(const PlannedKernel *k) {
    for (int i = 0; i < k->roots.len; i++)
        if (k->roots.data[i].node->is_backward) return 1;
    return 0;
}

/* What the forward pass keeps for the backward pass. */
static void find_kept(const Lower *l, const Live *lives, LowerFacts *facts) {
    uint8_t *is_kept = arena_array(l->arena, uint8_t, l->plan->buffers.len + 1);
    for (int i = 0; i < l->kernels.len; i++) {
        const PlannedKernel *k = l->kernels.data[i];
        if (!is_backward(k)) continue;
        for (int j = 0; j < k->fused->reads.len; j++) {
            const Node *n = k->fused->reads.data[j].node;
            if (l->buffer_of[n->id] >= 0 && !n->is_backward) is_kept[l->buffer_of[n->id]] = 1;
        }
    }
    for (int i = 0; i < l->plan->buffers.len; i++)
        if (is_kept[i] && lives[i].is_placed) facts->kept_bytes += lives[i].bytes;
}

void plan_offsets(Lower *l, LowerFacts *facts) {
    int count = l->plan->buffers.len;
    Live *lives = arena_array(l->arena, Live, count + 1);
    find_lives(l, lives);
    const Live **sorted = arena_array(l->arena, const Live *, count + 1);
    Placed placed = {.order = arena_array(l->arena, int, count + 1)};
    int waiting = 0;
    for (int i = 0; i < count; i++)
        if (!lives[i].is_placed && l->plan->buffers.data[i].kind == BUFFER_ARENA && lives[i].last >= 0)
            sorted[waiting++] = &lives[i];
    qsort(sorted, (size_t)waiting, sizeof *sorted, by_size);
    for (int i = 0; i < waiting; i++) {
        Live *live = &lives[sorted[i] - lives];
        PlanBuffer *b = &l->plan->buffers.data[live->buffer];
        b->offset = best_gap(l, lives, live, &placed);
        live->is_placed = 1;
        place(l, &placed, live->buffer);
        if (b->offset + live->bytes > l->plan->arena_bytes) l->plan->arena_bytes = b->offset + live->bytes;
    }
    if (!facts) return;
    find_peak(l, lives, facts);
    find_kept(l, lives, facts);
}
