/* Races: who touched which element in the present phase.
 *
 * A shadow of the memory is kept in pages found by a hash of the address, apart for elements of one, two, four and
 * eight bytes.  An element remembers its last writer and two different readers of the present phase; that is enough to
 * see any conflict with a tile that comes later.  Readers do not conflict with each other, so a third one need not
 * be known: a writer differs from at least one of the two. */
#include "compiler/loop_eval_program.h"

enum { PAGE_BITS = 12, PAGE_ELEMENTS = 1 << PAGE_BITS, BUCKETS = 1 << 12, SHOWN = 20 };

typedef struct Toucher {
    const EvalKernel *program;
    int64_t tile;
} Toucher;

/* Numbers of touchers from 1; those up to RaceLog.before are of earlier phases. */
typedef struct Shadow {
    uint64_t writer, reader, other_reader;
} Shadow;

typedef struct Page {
    struct Page *next;
    uintptr_t number;
    int bytes; /* of an element */
    Shadow shadow[PAGE_ELEMENTS];
} Page;

typedef struct Race {
    const char *text;
    const EvalKernel *first, *second;
    const Symbol *buffer;
} Race;

struct RaceLog {
    Arena *arena;
    Page *buckets[BUCKETS];
    Vec(Toucher) touchers;    /* of this phase: number `before` + 1 + index */
    uint64_t before;
    Vec(Race) races;
    int64_t race_count;
};

RaceLog *race_log_new(Arena *arena) {
    RaceLog *log = arena_new(arena, RaceLog);
    log->arena = arena;
    return log;
}

void loop_eval_watch(EvalKernel *program, RaceLog *log) { program->log = log; }

void race_phase(RaceLog *log) {
    log->before += (uint64_t)log->touchers.len;
    log->touchers.len = 0;
}

static Shadow *shadow_of(RaceLog *log, uintptr_t element, int bytes) {
    uintptr_t number = element >> PAGE_BITS;
    Page **bucket = &log->buckets[(number * 0x9E3779B9u + (uintptr_t)bytes) % BUCKETS];
    for (Page *p = *bucket; p; p = p->next)
        if (p->number == number && p->bytes == bytes) return &p->shadow[element % PAGE_ELEMENTS];
    Page *page = arena_new(log->arena, Page);
    page->number = number;
    page->bytes = bytes;
    page->next = *bucket;
    *bucket = page;
    return &page->shadow[element % PAGE_ELEMENTS];
}

void race_tile(RaceLog *log, const EvalKernel *program, int64_t tile) {
    vec_push(log->arena, &log->touchers, ((Toucher){program, tile}));
}

/* Element `offset` of the buffer as subscripts: [3, 0]. */
static void subscripts_text(Text *out, const MachineBuffer *b, int64_t offset) {
    text_char(out, '[');
    for (int i = 0; i < b->rank; i++) {
        text_printf(out, "%s%lld", i ? ", " : "", (long long)(offset / b->stride[i]));
        offset %= b->stride[i];
    }
    text_char(out, ']');
}

static void report(RaceLog *log, const Machine *m, int buffer, const char *at, uint64_t earlier, const char *did,
                   const char *does) {
    const Toucher *other = &log->touchers.data[earlier - log->before - 1];
    const Symbol *name = m->program->kernel->buffers.data[buffer].name;
    log->race_count++;
    for (int i = 0; i < log->races.len; i++)
        if (log->races.data[i].first == other->program && log->races.data[i].second == m->program &&
            log->races.data[i].buffer == name)
            return;
    if (log->races.len == SHOWN) return;
    const MachineBuffer *b = &m->buffers[buffer];
    Text out = text_new(log->arena);
    text_printf(&out, "race in kernel %s: tile %lld %s %s", m->program->kernel->name->text, (long long)m->tile, does,
                name->text);
    subscripts_text(&out, b, (at - b->data) / b->bytes);
    text_printf(&out, ", which tile %lld", (long long)other->tile);
    if (other->program != m->program) text_printf(&out, " of kernel %s", other->program->kernel->name->text);
    text_printf(&out, " %s in the same phase", did);
    vec_push(log->arena, &log->races, ((Race){text_str(&out), other->program, m->program, name}));
}

static void touch(RaceLog *log, const Machine *m, int buffer, const char *at, uint64_t self, int is_write) {
    int bytes = m->buffers[buffer].bytes;
    Shadow *s = shadow_of(log, (uintptr_t)at / (uintptr_t)bytes, bytes);
    if (s->writer > log->before && s->writer != self)
        report(log, m, buffer, at, s->writer, "writes", is_write ? "writes" : "reads");
    if (!is_write) {
        if (s->reader <= log->before || s->reader == self) s->reader = self;
        else s->other_reader = self;
        return;
    }
    uint64_t reader = s->reader > log->before && s->reader != self ? s->reader : s->other_reader;
    if (reader > log->before && reader != self) report(log, m, buffer, at, reader, "reads", "writes");
    s->writer = self;
}

void race_touch(const Machine *m, int buffer, const char *at, int64_t count, int is_write) {
    if (m->program->kernel->buffers.data[buffer].access == LOOP_SCRATCH) return;
    uint64_t self = m->log->before + (uint64_t)m->log->touchers.len;
    for (int64_t i = 0; i < count; i++)
        touch(m->log, m, buffer, at + i * m->buffers[buffer].bytes, self, is_write);
}

/* ---- plans ------------------------------------------------------------------------------------------- */

/* A KernelFunction: the step that tells the log of a phase. */
static int32_t phase_kernel(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,
                            int64_t last, void *scratch) {
    (void)buffers;
    (void)scalars;
    (void)first;
    (void)last;
    (void)scratch;
    race_phase(*(RaceLog *const *)context);
    return 0;
}

RunPlan *race_plan(Arena *arena, const RunPlan *plan, RaceLog *log) {
    RunPlan *watched = arena_new(arena, RunPlan);
    RunStep *steps = arena_array(arena, RunStep, 1 + 2 * plan->step_count);
    int *moved = arena_array(arena, int, plan->step_count + 1), count = 0;
    RaceLog **context = arena_new(arena, RaceLog *);
    *context = log;
    RunStep tell = {.kind = RUN_KERNEL, .function = phase_kernel, .context = context, .tiles = 1,
                    .tiles_per_range = 1, .kernel_index = -1};
    steps[count++] = tell;
    for (int i = 0; i < plan->step_count; i++) {
        moved[i] = count;
        steps[count++] = plan->steps[i];
        if (plan->steps[i].kind == RUN_PHASE) steps[count++] = tell;
    }
    moved[plan->step_count] = count;
    for (int i = 0; i < count; i++) {
        if (steps[i].kind == RUN_KERNEL || steps[i].kind == RUN_PHASE) continue;
        steps[i].end = moved[steps[i].end];
        if (steps[i].kind == RUN_WHEN) steps[i].otherwise = moved[steps[i].otherwise];
    }
    *watched = *plan;
    watched->steps = steps;
    watched->step_count = count;
    return watched;
}

int64_t race_report(const RaceLog *log, Text *out) {
    for (int i = 0; i < log->races.len; i++) text_printf(out, "%s\n", log->races.data[i].text);
    return log->race_count;
}
