/* A region to a plan: fuse, place buffers, order, emit each kernel, say which runs when.  lower.h
 * states what comes out; the parts are in pass_fuse.c, plan_memory.c and lower_*.c. */
#include "compiler/lower_internal.h"
#include "compiler/loop_verify.h"

#include "base/session.h"
#include <stdlib.h>
#include <string.h>

enum { PRODUCTS_PER_US = 60000, SUMS_PER_US = 12000, BYTES_PER_US = 15000 };

static const double small_us = 5, range_us = 2;

/* ---- what a kernel consists of ------------------------------------------------------------------------- */

typedef struct Content {
    Lower *l;
    const PlannedKernel *k;
    uint8_t *seen; /* by node id */
} Content;

static int is_outside(const Content *c, const Node *n) {
    int made_by = c->l->fusion->kernel_of[n->id];
    if (c->l->buffer_of[n->id] < 0) return 0;
    return made_by < 0 || c->l->fusion->kernels.data[made_by] != c->k->fused;
}

static void find_content(Content *c, const Node *n) {
    if (c->seen[n->id] || is_outside(c, n)) return;
    c->seen[n->id] = 1;
    vec_push(c->l->arena, &c->l->content, (int)n->id);
    for (int i = 0; i < n->in_count; i++) find_content(c, n->in[i]);
}

static double extent(const Dim *dim, const int64_t *dims) {
    int64_t value;
    return (double)(dims && !dim_evaluate(dim, dims, &value) ? value : dim_maximum(dim));
}

static double elements(const Node *n, const int64_t *dims) {
    double count = 1;
    for (int i = 0; i < n->rank; i++) count *= extent(n->shape[i], dims);
    return count;
}

double kernel_node_flops(const Node *n, const int64_t *dims) {
    double count = elements(n, dims);
    if (n->op == OP_DOT) {
        const Node *lhs = n->in[0];
        for (int i = 0; i < n->attr.contract_count; i++) count *= extent(lhs->shape[n->attr.lhs_contract[i]], dims);
        return 2 * count;
    }
    if (n->op == OP_CONVOLUTION) {
        for (int i = 1; i < n->rank; i++) count *= extent(n->in[1]->shape[i], dims);
        return 2 * count;
    }
    if (n->op == OP_WINDOW) {
        for (int i = 0; i < n->rank; i++) count *= (double)n->attr.window[i];
        return count;
    }
    if (n->op == OP_REDUCE || n->op == OP_SLOTS) return elements(n->in[0], dims);
    if (n->op == OP_SCATTER) return elements(n->in[2], dims);
    return count * node_cost(n);
}

double kernel_node_bytes(const Node *n, const int64_t *dims) { return elements(n, dims) * dtype_bytes(n->dtype); }

static const char *node_word(const Node *n) {
    return n->op == OP_MAP ? scalar_name(n->attr.scalar) : op_name(n->op);
}

static const Node *content_node(const Lower *l, int i) { return l->region->nodes.data[l->content.data[i]]; }

static int compare_ids(const void *a, const void *b) {
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* "dot + add max": heroes first, then what is computed around them, each word once. */
static const char *summary_of(Lower *l) {
    Text text = text_new(l->arena);
    int words = 0;
    for (int pass = 0; pass < 2; pass++) {
        int in_pass = 0;
        for (int i = 0; i < l->content.len; i++) {
            const Node *n = content_node(l, i);
            int is_hero = is_product(n) || n->op == OP_REDUCE || n->op == OP_SLOTS || n->op == OP_SCATTER,
                is_known = 0;
            if (is_hero == pass || n->op == OP_CONST || n->op == OP_DIM_VALUE) continue;
            for (int j = 0; j < i && !is_known; j++)
                is_known = strcmp(node_word(content_node(l, j)), node_word(n)) == 0;
            if (is_known) continue;
            text_add(&text, words == 0 ? "" : in_pass == 0 ? " + " : " ");
            text_add(&text, node_word(n));
            words++;
            in_pass++;
        }
    }
    return words ? text_str(&text) : "copy";
}

static const char *hero_of(const PlannedKernel *k) {
    if (k->fused->hero)
        return is_product(k->fused->hero)       ? "contract"
               : k->fused->hero->op == OP_SCATTER ? "index"
                                                  : "reduce";
    return k->fused->members.len ? "map" : "copy";
}

static const char *name_of(Lower *l, const PlannedKernel *k, int number) {
    const Symbol *path = NULL;
    for (int i = 0; i < l->region->results.len && !path; i++)
        for (int j = 0; j < k->roots.len; j++)
            if (l->region->results.data[i].node == k->roots.data[j].node)
                path = l->region->results.data[i].path;
    for (int i = 0; i < k->fused->reads.len && !path; i++) {
        const Node *n = k->fused->reads.data[i].node;
        if (n->op != OP_INPUT) continue;
        const RegionInput *input = &l->region->inputs.data[n->attr.input];
        if (input->kind == INPUT_PARAM || input->kind == INPUT_DATA) path = input->path;
    }
    char *name = arena_printf(l->arena, "k%d_%s%s%s", number, hero_of(k), path ? "_" : "",
                              path ? path->text : "");
    for (char *c = name; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9')))
            *c = '_';
    return name;
}

static int is_read_by_index(const Node *reader, int operand) {
    return reader->op == OP_SLICE || (reader->op == OP_GATHER && operand == 0);
}

/* What a kernel reads of an array, as the nodes whose sizes it has: the array, or the parts that are taken from it where
 * they are smaller.  The nodes are pushed to l->arrays; gives their bytes. */
static double add_read(Lower *l, const Node *array) {
    double all = kernel_node_bytes(array, NULL), taken = 0;
    int before = l->arrays.len;
    for (int i = 0; i < l->content.len && taken < all; i++) {
        const Node *reader = content_node(l, i);
        for (int k = 0; k < reader->in_count && taken < all; k++) {
            if (reader->in[k] != array) continue;
            if (is_read_by_index(reader, k)) {
                vec_push(l->arena, &l->arrays, reader);
                taken += kernel_node_bytes(reader, NULL);
            } else {
                taken += reader->op == OP_RESHAPE ? add_read(l, reader) : all;
            }
        }
    }
    if (taken > 0 && taken < all) return taken;
    l->arrays.len = before;
    vec_push(l->arena, &l->arrays, array);
    return all;
}

/* A table whose rows are changed where they lie is read and written there alone. */
static const Node *rows_changed_in_place(const Lower *l, const PlannedKernel *k) {
    const Node *n = k->fused->hero;
    if (!n || n->op != OP_SCATTER || k->roots.len != 1) return NULL;
    return l->buffer_of[n->in[0]->id] == k->roots.data[0].plan_buffer ? n->in[2] : NULL;
}

/* A copy has no members: what it writes it also reads. */
static void add_traffic(Lower *l, PlannedKernel *k) {
    int times = k->fused->members.len ? 1 : 2;
    l->arrays.len = 0;
    const Node *changed = rows_changed_in_place(l, k);
    for (int i = 0; i < k->fused->reads.len; i++) {
        const Node *n = k->fused->reads.data[i].node;
        if (!changed || n != k->fused->hero->in[0]) k->bytes += add_read(l, n);
    }
    for (int i = 0; i < (changed ? 2 : times * k->roots.len); i++) {
        const Node *n = changed ? changed : k->roots.data[i / times].node;
        vec_push(l->arena, &l->arrays, n);
        k->bytes += kernel_node_bytes(n, NULL);
    }
}

static void describe(Lower *l, PlannedKernel *k, int number, uint8_t *seen) {
    for (int i = 0; i < l->content.len; i++) seen[l->content.data[i]] = 0; /* of the kernel before */
    l->content.len = 0;
    Content content = {l, k, seen};
    for (int i = 0; i < k->fused->members.len; i++)
        find_content(&content, k->fused->members.data[i]);
    if (!k->fused->members.len && k->copy_from < 0)
        for (int i = 0; i < k->roots.len; i++) find_content(&content, k->roots.data[i].node);
    if (l->content.len) qsort(l->content.data, (size_t)l->content.len, sizeof(int), compare_ids);
    for (int i = 0; i < l->content.len; i++) k->flops += kernel_node_flops(content_node(l, i), NULL);
    add_traffic(l, k);
    k->name = name_of(l, k, number);
    k->summary = summary_of(l);
}

/* ---- kernels ------------------------------------------------------------------------------------------- */

static void add_spans(Lower *l, LoopKernel *kernel, const PlannedKernel *k) {
    for (int i = 0; i < l->content.len; i++) {
        const Node *n = content_node(l, i);
        int is_known = !n->span.end;
        for (int j = 0; j < kernel->spans.len && !is_known; j++)
            is_known = kernel->spans.data[j].begin == n->span.begin &&
                       kernel->spans.data[j].end == n->span.end;
        if (!is_known) vec_push(l->arena, &kernel->spans, n->span);
    }
    if (!kernel->spans.len && k->roots.len)
        vec_push(l->arena, &kernel->spans, k->roots.data[0].node->span);
}

/* Tiles of one range: all of them where the kernel is small, else about range_us, and four ranges
 * or more. */
static int64_t tiles_per_range(const PlannedKernel *k, const Dim *tile_count) {
    double rate = k->fused->hero && is_product(k->fused->hero) ? PRODUCTS_PER_US : SUMS_PER_US;
    double us = k->flops / rate, memory_us = k->bytes / BYTES_PER_US;
    if (memory_us > us) us = memory_us;
    int64_t tiles = dim_maximum(tile_count);
    if (us < small_us || tiles <= 1) return 0;
    int64_t per_range = (int64_t)(range_us * (double)tiles / us);
    if (per_range > tiles / 4) per_range = tiles / 4;
    return per_range < 1 ? 1 : per_range;
}

static void add_run(Lower *l, const Emit *e, PlanStmt ***tail) {
    PlanStmt *run = arena_new(l->arena, PlanStmt);
    run->kind = PLAN_RUN;
    run->kernel = l->plan->kernels.len - 1;
    for (int i = 0; i < e->kernel->buffers.len; i++) {
        if (e->kernel->buffers.data[i].access == LOOP_SCRATCH) continue;
        for (int j = 0; j < e->buffers.len; j++)
            if (e->buffers.data[j].buffer == i)
                vec_push(l->arena, &run->arguments,
                         ((PlanArgument){.buffer = e->buffers.data[j].plan_buffer}));
    }
    **tail = run;
    *tail = &run->next;
}

static void find_product(Emit *e, const Node *product) {
    const Lower *l = e->lower;
    for (int i = 0; i < l->content.len; i++) { /* operands before uses */
        const Node *n = content_node(l, i);
        e->needs_product[n->id] = n == product;
        for (int k = 0; k < n->in_count && !emit_reads(e, n); k++)
            e->needs_product[n->id] |= e->needs_product[n->in[k]->id];
    }
}

/* The tables by node are used by one kernel after the other. */
static void forget_kernel(const Emit *e) {
    const Lower *l = e->lower;
    for (int i = 0; i < l->content.len; i++) e->needs_product[l->content.data[i]] = 0;
    for (int i = 0; i < e->memos.len; i++) e->memo_of[e->memos.data[i].node->id] = -1;
}

static void emit_kernel(Lower *l, PlannedKernel *k, PlanStmt ***tail) {
    Emit e = {.lower = l, .fused = k->fused, .copy_from = k->copy_from};
    e.b = loop_builder_new(l->session, l->arena, k->name);
    e.kernel = loop_builder_kernel(e.b);
    e.math = (Math){e.b, l->options->numerics};
    e.tile_count = dim_constant(&l->session->dims, 1);
    e.memo_of = l->memo_of;
    e.needs_product = l->needs_product;
    for (int i = 0; i < k->roots.len; i++) vec_push(l->arena, &e.roots, k->roots.data[i]);
    const Node *hero = k->fused->hero;
    find_product(&e, hero && is_product(hero) ? k->fused->result : NULL);
    if (hero && hero->op == OP_CONVOLUTION) {
        if (!emit_across(&e) && !emit_groups(&e) && !emit_batch(&e)) emit_convolution(&e);
    }
    else if (hero && is_product(hero)) emit_contract(&e);
    else if (hero && hero->op == OP_SCATTER) emit_scatter(&e);
    else if (!hero && flat_fits(&e, NULL)) emit_flat(&e);
    else if (hero || !emit_copy(&e)) emit_rows(&e);
    loop_tiles(e.b, e.tile_count, tiles_per_range(k, e.tile_count));
    e.kernel->hero = hero_of(k);
    add_spans(l, e.kernel, k);
    vec_push(l->arena, &l->plan->kernels, loop_builder_finish(e.b));
    if (e.scratch_bytes > l->plan->scratch_bytes) l->plan->scratch_bytes = e.scratch_bytes;
    add_run(l, &e, tail);
    forget_kernel(&e);
}

/* Behind `describe`: the nodes of the kernel are at hand. */
static KernelFacts facts_of(Lower *l, const PlannedKernel *k) {
    const Node **nodes = arena_array(l->arena, const Node *, l->content.len);
    const Node **arrays = arena_array(l->arena, const Node *, l->arrays.len);
    for (int i = 0; i < l->content.len; i++) nodes[i] = content_node(l, i);
    for (int i = 0; i < l->arrays.len; i++) arrays[i] = l->arrays.data[i];
    return (KernelFacts){.summary = k->summary, .flops = k->flops, .bytes = k->bytes, .phase = k->phase, .nodes = nodes,
                         .arrays = arrays, .node_count = l->content.len, .array_count = l->arrays.len};
}

static void emit_all(Lower *l, LowerFacts *facts) {
    PlanStmt **tail = &l->plan->body;
    uint8_t *seen = arena_array(l->arena, uint8_t, l->region->nodes.len + 1);
    if (facts) facts->kernels = arena_array(l->arena, KernelFacts, l->kernels.len + 1);
    l->memo_of = arena_array(l->arena, int, l->region->nodes.len + 1);
    l->needs_product = arena_array(l->arena, uint8_t, l->region->nodes.len + 1);
    l->walked = arena_array(l->arena, uint32_t, l->region->nodes.len + 1);
    for (int i = 0; i < l->region->nodes.len; i++) l->memo_of[i] = -1;
    int number = 0;
    for (int phase = 0; phase < l->phase_count; phase++) {
        for (int i = 0; i < l->kernels.len; i++) {
            PlannedKernel *k = l->kernels.data[i];
            if (k->phase != phase || !k->roots.len) continue;
            describe(l, k, number + 1, seen);
            emit_kernel(l, k, &tail);
            if (facts) facts->kernels[number] = facts_of(l, k);
            number++;
        }
        *tail = arena_new(l->arena, PlanStmt);
        (*tail)->kind = PLAN_PHASE;
        tail = &(*tail)->next;
    }
    if (facts) facts->phase_count = l->phase_count;
}

LoopPlan *lower_region(Arena *arena, const LowerOptions *options, const Region *region,
                       LowerFacts *facts) {
    Lower l = {.arena = arena, .session = region->session, .region = region, .options = options};
    if (facts) *facts = (LowerFacts){0};
    l.fusion = pass_fuse(arena, options, region);
    l.plan = arena_new(arena, LoopPlan);
    l.plan->name = region->name;
    for (int i = 0; i < region->dims.len; i++) vec_push(arena, &l.plan->dims, region->dims.data[i]);
    plan_buffers(&l);
    plan_phases(&l);
    emit_all(&l, facts);
    plan_offsets(&l, facts);
    for (int i = 0; i < l.plan->kernels.len; i++) loop_verify_or_die(l.plan->kernels.data[i], "lower");
    plan_verify_or_die(l.plan, "lower");
    return l.plan;
}
