/* Collecting a profile.  See profile.h. */
#include "driver/profile.h"

#include "base/session.h"
#include "runtime/machine.h"

#include <stdlib.h>
#include <string.h>

enum { TIMELINE_ITEMS = 1 << 16 }; /* of one step; what is more is not drawn */

static double seconds_of(int64_t nanoseconds) { return 1e-9 * (double)nanoseconds; }

/* Now, on the clock of the record: it stands still while the record itself works. */
static int64_t now(const Profile *p) { return clock_nanoseconds() - p->record; }

Profile *profile_new(const Session *session, const ProfileOptions *options) {
    Profile *p = calloc(1, sizeof *p);
    if (!p) ICE("no memory for a profile");
    p->session = session;
    p->options = *options;
    p->threads = options->limits->threads;
    p->begin = p->last = now(p);
    return p;
}

void profile_free(Profile *p) {
    if (!p) return;
    arena_release(&p->arena);
    free(p);
}

/* ---- plans ----------------------------------------------------------------------------------------------- */

static int compare_lines(const void *a, const void *b) {
    const LineShare *x = a, *y = b;
    if (x->source != y->source) return x->source->base < y->source->base ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

typedef struct LineList {
    LineShare *lines;
    int count;
    double all;
} LineList;

static void add_line(const Profile *p, LineList *list, Span span, double weight) {
    Place place = source_place(&p->session->sources, span.begin);
    if (!place.source || place.source->is_library) return;
    list->lines[list->count++] = (LineShare){place.source, place.line, weight};
    list->all += weight;
}

/* The lines that a kernel computes, by its nodes' operations; equal shares where it only moves data. */
static void find_lines(Profile *p, KernelProfile *kernel, const LoopKernel *loop, const KernelFacts *facts) {
    LineList list = {.lines = arena_array(&p->arena, LineShare, facts->node_count + loop->spans.len + 1)};
    for (int i = 0; i < facts->node_count; i++)
        add_line(p, &list, facts->nodes[i]->span, kernel_node_flops(facts->nodes[i], NULL));
    for (int i = 0; i < loop->spans.len && !facts->node_count; i++) add_line(p, &list, loop->spans.data[i], 1);
    LineShare *lines = list.lines;
    if (list.count) qsort(lines, (size_t)list.count, sizeof *lines, compare_lines);
    for (int i = 0; i < list.count; i++) {
        double share = list.all > 0 ? lines[i].share / list.all : 1.0 / list.count;
        int kept = kernel->line_count;
        if (kept && compare_lines(&lines[i], &lines[kept - 1]) == 0) lines[kept - 1].share += share;
        else lines[kernel->line_count++] = (LineShare){lines[i].source, lines[i].line, share};
    }
    kernel->lines = lines;
}

static const char *kept_text(Profile *p, const char *text) { return arena_text(&p->arena, text, strlen(text)); }

static int is_same_plan(const PlanProfile *known, const PlanProfile *plan) {
    return strcmp(known->name, plan->name) == 0 && known->span.begin == plan->span.begin &&
           known->span.end == plan->span.end && known->kernel_count == plan->kernel_count;
}

PlanProfile *profile_plan(Profile *p, const LoopPlan *plan, const LowerFacts *facts, const Region *region) {
    PlanProfile *made = arena_new(&p->arena, PlanProfile);
    made->name = kept_text(p, plan->name->text);
    if (region->results.len) made->span = region->results.data[0].node->span;
    made->phase_count = facts->phase_count;
    made->kernel_count = plan->kernels.len;
    for (int i = 0; i < p->plans.len; i++)
        if (is_same_plan(p->plans.data[i], made)) return p->plans.data[i];
    made->kernels = arena_array(&p->arena, KernelProfile, plan->kernels.len);
    for (int i = 0; i < plan->kernels.len; i++) {
        KernelProfile *kernel = &made->kernels[i];
        kernel->name = kept_text(p, plan->kernels.data[i]->name->text);
        kernel->hero = kept_text(p, plan->kernels.data[i]->hero);
        kernel->summary = kept_text(p, facts->kernels[i].summary);
        kernel->phase = facts->kernels[i].phase;
        find_lines(p, kernel, plan->kernels.data[i], &facts->kernels[i]);
    }
    vec_push(&p->arena, &p->plans, made);
    return made;
}

void profile_compiled(Profile *p, double seconds) {
    if (!p->is_closed) p->compile_seconds += seconds;
}

/* ---- costs ----------------------------------------------------------------------------------------------- */

static int range_count(const RunStep *step) {
    int64_t ranges = (step->tiles + step->tiles_per_range - 1) / step->tiles_per_range;
    return ranges > INT32_MAX ? INT32_MAX : (int)ranges;
}

const KernelCost *profile_costs(const Profile *p, Arena *arena, const LowerFacts *facts, const RunPlan *run,
                                const int64_t *dims, int kernel_count) {
    KernelCost *costs = arena_array(arena, KernelCost, kernel_count + 1);
    for (int i = 0; i < run->step_count; i++) {
        if (run->steps[i].kind != RUN_KERNEL) continue;
        KernelCost *cost = &costs[run->steps[i].kernel_index];
        const KernelFacts *kernel = &facts->kernels[run->steps[i].kernel_index];
        *cost = (KernelCost){.workers = range_count(&run->steps[i])};
        if (cost->workers > p->threads) cost->workers = p->threads;
        if (cost->workers < 1) cost->workers = 1;
        for (int k = 0; k < kernel->node_count; k++) cost->flops += kernel_node_flops(kernel->nodes[k], dims);
        for (int k = 0; k < kernel->array_count; k++) cost->bytes += kernel_node_bytes(kernel->arrays[k], dims);
        cost->least_seconds = machine_limits_seconds(p->options.limits, cost->workers, cost->flops, cost->bytes,
                                                     &cost->is_memory);
    }
    return costs;
}

/* ---- a run ----------------------------------------------------------------------------------------------- */

typedef struct Sweep {
    Profile *p;
    PlanProfile *plan;
    const RunPlan *run;
    const WorkerEvent **events; /* by worker */
    int *counts, *at;           /* by worker: its events, and the first that has not ended */
} Sweep;

static KernelProfile *kernel_of(const Sweep *s, const WorkerEvent *event) {
    return &s->plan->kernels[s->run->steps[event->step].kernel_index];
}

/* The next moment behind `time` at which a worker enters or leaves a kernel; -1 at the end.  *inside: how many are in
 * one until then. */
static int64_t next_moment(const Sweep *s, int64_t time, int *inside) {
    int64_t next = -1;
    *inside = 0;
    for (int w = 0; w < s->p->threads; w++) {
        while (s->at[w] < s->counts[w] && s->events[w][s->at[w]].end <= time) s->at[w]++;
        if (s->at[w] == s->counts[w]) continue;
        const WorkerEvent *event = &s->events[w][s->at[w]];
        int64_t moment = event->begin > time ? event->begin : event->end;
        *inside += event->begin <= time;
        if (next < 0 || moment < next) next = moment;
    }
    return next;
}

/* Divides the time in kernels among them. */
static void divide_time(const Sweep *s, int64_t begin) {
    int inside;
    for (int64_t time = begin, next; (next = next_moment(s, time, &inside)) >= 0; time = next) {
        double part = inside ? seconds_of(next - time) / inside : 0;
        if (inside) s->p->kernel_seconds += seconds_of(next - time);
        for (int w = 0; w < s->p->threads && inside; w++) {
            if (s->at[w] == s->counts[w] || s->events[w][s->at[w]].begin > time) continue;
            kernel_of(s, &s->events[w][s->at[w]])->seconds += part;
        }
    }
}

static void add_item(Profile *p, TimelineItem item) {
    if (p->present.items.len < TIMELINE_ITEMS) vec_push(&p->arena, &p->present.items, item);
}

static void add_events(const Sweep *s, const KernelCost *costs) {
    Profile *p = s->p;
    for (int w = 0; w < p->threads; w++)
        for (int i = 0; i < s->counts[w]; i++) {
            const WorkerEvent *event = &s->events[w][i];
            int number = s->run->steps[event->step].kernel_index;
            KernelProfile *kernel = &s->plan->kernels[number];
            double seconds = seconds_of(event->end - event->begin);
            kernel->worker_seconds += seconds;
            p->worker_seconds += seconds;
            add_item(p, (TimelineItem){event->begin - p->record, event->end - p->record, w, s->plan, number});
            if (!event->is_first) continue;
            const KernelCost *cost = &costs[number];
            kernel->calls++;
            kernel->flops += cost->flops;
            kernel->bytes += cost->bytes;
            kernel->least_seconds += cost->least_seconds;
            kernel->workers = cost->workers > kernel->workers ? cost->workers : kernel->workers;
            kernel->is_memory = cost->is_memory;
        }
}

void profile_run(Profile *p, PlanProfile *plan, const RunPlan *run, const KernelCost *costs, const Workers *workers,
                 int64_t begin) {
    int64_t end = clock_nanoseconds();
    if (p->is_closed) return;
    const WorkerEvent *events[p->threads];
    int counts[p->threads], at[p->threads];
    int workers_now = workers_threads(workers);
    for (int w = 0; w < p->threads; w++) {
        at[w] = counts[w] = 0;
        events[w] = w < workers_now ? workers_events(workers, w, &counts[w]) : NULL;
    }
    Sweep sweep = {p, plan, run, events, counts, at};
    add_events(&sweep, costs);
    divide_time(&sweep, begin);
    plan->runs++;
    plan->seconds += seconds_of(end - begin);
    p->run_seconds += seconds_of(end - begin);
    if (*p->options.interrupted) p->is_over = 1;
    p->record += clock_nanoseconds() - end;
}

/* ---- the program ----------------------------------------------------------------------------------------- */

void profile_data_begin(Profile *p) { p->data_begin = now(p); }

void profile_data_end(Profile *p) {
    int64_t end = now(p);
    if (p->is_closed) return;
    p->data_seconds += seconds_of(end - p->data_begin);
    add_item(p, (TimelineItem){p->data_begin, end, 0, NULL, 0});
}

/* The window begins here: what was measured was the warming up. */
static void begin_window(Profile *p, const StepRuns *warm) {
    p->step = warm->step;
    p->warm_up = warm->runs;
    p->run_seconds = p->kernel_seconds = p->worker_seconds = p->data_seconds = p->compile_seconds = 0;
    for (int i = 0; i < p->plans.len; i++) {
        PlanProfile *plan = p->plans.data[i];
        plan->runs = 0;
        plan->seconds = 0;
        for (int k = 0; k < plan->kernel_count; k++) {
            KernelProfile *kernel = &plan->kernels[k];
            kernel->calls = 0;
            kernel->seconds = kernel->worker_seconds = kernel->flops = kernel->bytes = kernel->least_seconds = 0;
        }
    }
    p->begin = p->last;
    p->fastest.begin = p->fastest.end = 0;
}

/* The present step has ended. */
static void keep_fastest(Profile *p, int64_t end) {
    p->present.begin = p->last;
    p->present.end = end;
    int64_t least = p->fastest.end - p->fastest.begin;
    if (!least || end - p->last < least) {
        Timeline faster = p->present;
        p->present = p->fastest;
        p->fastest = faster;
    }
    p->present.items.len = 0;
}

/* Of several steps the one is counted that first has warmed up. */
static void warm_up(Profile *p, const TStep *step, int is_long) {
    StepRuns *found = NULL;
    for (int i = 0; i < p->warming.len; i++)
        if (p->warming.data[i].step == step) found = &p->warming.data[i];
    if (!found) {
        vec_push(&p->arena, &p->warming, ((StepRuns){step, 0}));
        found = &p->warming.data[p->warming.len - 1];
    }
    if (++found->runs == PROFILE_WARM_UP || is_long) begin_window(p, found);
}

void profile_step(Profile *p, const TStep *step) {
    int is_validate = step->train && step != step->train->step;
    if (p->is_closed || is_validate || (p->step && step != p->step)) return;
    int64_t end = now(p);
    keep_fastest(p, end);
    p->last = end;
    p->seconds = seconds_of(end - p->begin);
    int is_long = !p->options.steps && p->seconds >= p->options.seconds;
    if (!p->step) {
        warm_up(p, step, is_long);
        return;
    }
    p->steps++;
    if (is_long || p->steps == p->options.steps) p->is_over = 1;
    p->is_closed = p->is_over;
}

void profile_end(Profile *p) {
    if (!p->is_closed) p->seconds = seconds_of(now(p) - p->begin);
    p->is_closed = 1;
}

/* ---- results --------------------------------------------------------------------------------------------- */

/* What is for one worker is measured by that worker's time, what is for several by its part of the time of all. */
ProfileFigures kernel_figures(const KernelProfile *k) {
    return (ProfileFigures){k->seconds, k->worker_seconds, k->flops, k->bytes, k->least_seconds,
                            k->workers > 1 ? k->seconds : k->worker_seconds};
}

void figures_add(ProfileFigures *sum, const ProfileFigures *f, double share) {
    sum->seconds += share * f->seconds;
    sum->worker_seconds += share * f->worker_seconds;
    sum->flops += share * f->flops;
    sum->bytes += share * f->bytes;
    sum->least_seconds += share * f->least_seconds;
    sum->limit_seconds += share * f->limit_seconds;
}

double limit_share(const ProfileFigures *f) { return f->limit_seconds > 0 ? f->least_seconds / f->limit_seconds : 0; }

static int by_seconds(double x, double y) { return (x < y) - (x > y); }

static int compare_kernels(const void *a, const void *b) {
    const RankedKernel *x = a, *y = b;
    int order = by_seconds(x->kernel->seconds, y->kernel->seconds);
    return order ? order : strcmp(x->kernel->name, y->kernel->name);
}

static int compare_line_times(const void *a, const void *b) {
    const LineProfile *x = a, *y = b;
    int order = by_seconds(x->figures.seconds, y->figures.seconds);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static LineProfile *line_of(ProfileRows *rows, Arena *arena, const Source *source, int line) {
    for (int i = 0; i < rows->lines.len; i++)
        if (rows->lines.data[i].source == source && rows->lines.data[i].line == line) return &rows->lines.data[i];
    vec_push(arena, &rows->lines, ((LineProfile){.source = source, .line = line}));
    return &rows->lines.data[rows->lines.len - 1];
}

ProfileRows profile_rows(Profile *p, Arena *arena) {
    ProfileRows rows = {0};
    for (int i = 0; i < p->plans.len; i++) {
        const PlanProfile *plan = p->plans.data[i];
        rows.plan_count += plan->runs > 0;
        for (int k = 0; k < plan->kernel_count; k++) {
            const KernelProfile *kernel = &plan->kernels[k];
            if (!kernel->calls) continue;
            vec_push(arena, &rows.kernels, ((RankedKernel){plan, kernel}));
            ProfileFigures figures = kernel_figures(kernel);
            if (!kernel->line_count) figures_add(&line_of(&rows, arena, NULL, 0)->figures, &figures, 1);
            for (int l = 0; l < kernel->line_count; l++) {
                const LineShare *line = &kernel->lines[l];
                figures_add(&line_of(&rows, arena, line->source, line->line)->figures, &figures, line->share);
            }
        }
    }
    if (rows.kernels.len)
        qsort(rows.kernels.data, (size_t)rows.kernels.len, sizeof *rows.kernels.data, compare_kernels);
    if (rows.lines.len) qsort(rows.lines.data, (size_t)rows.lines.len, sizeof *rows.lines.data, compare_line_times);
    return rows;
}

double profile_fastest_seconds(const Profile *p) { return seconds_of(p->fastest.end - p->fastest.begin); }

void profile_parts(const Profile *p, ProfilePart parts[PROFILE_PARTS]) {
    double statements = p->seconds - p->run_seconds - p->data_seconds - p->compile_seconds;
    parts[0] = (ProfilePart){"kernels", "workers are in them", p->kernel_seconds};
    parts[1] = (ProfilePart){"waiting", "phases begin and end, workers wake: nobody is in a kernel",
                             p->run_seconds - p->kernel_seconds};
    parts[2] = (ProfilePart){"data", "batches are gathered", p->data_seconds};
    parts[3] = (ProfilePart){"compiling", "steps and expressions become code", p->compile_seconds};
    parts[4] = (ProfilePart){"statements", "the program itself, arguments, figures",
                             statements > 0 ? statements : 0};
}
