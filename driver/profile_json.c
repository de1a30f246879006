/* The profile for machines: one object.  docs/profile.md has its members. */
#include "driver/profile.h"
#include "driver/progress_text.h"

#include "base/session.h"

static void number(Text *out, const char *key, double value) {
    text_printf(out, ",\"%s\":", key);
    text_json_number(out, value);
}

static void string(Text *out, const char *key, const char *value) {
    text_printf(out, ",\"%s\":", key);
    if (value) text_json_string(out, value);
    else text_add(out, "null");
}

static void count(Text *out, const char *key, int64_t value) {
    text_printf(out, ",\"%s\":%lld", key, (long long)value);
}

/* Operations and bytes are whole numbers, however large. */
static void amount(Text *out, const char *key, double value) { text_printf(out, ",\"%s\":%.0f", key, value); }

static void speed(Text *out, const char *key, const SpeedLimits *limits, int threads) {
    text_printf(out, ",\"%s\":{\"threads\":%d,\"flops_per_second\":", key, threads);
    text_json_number(out, limits->flops);
    text_add(out, ",\"bytes_per_second\":[");
    for (int i = 0; i < LIMIT_LEVELS; i++) {
        if (i) text_char(out, ',');
        text_json_number(out, limits->bytes[i]);
    }
    text_add(out, "]}");
}

static void machine(Text *out, const MachineLimits *limits) {
    text_add(out, ",\"machine\":{\"footprint_bytes\":[");
    for (int i = 0; i < LIMIT_LEVELS; i++) {
        if (i) text_char(out, ',');
        text_json_number(out, limits->footprint[i]); /* the last has no bound: null */
    }
    text_char(out, ']');
    speed(out, "one_thread", &limits->one, 1);
    speed(out, "all_threads", &limits->all, limits->threads);
    text_char(out, '}');
}

static void plans(Text *out, const Profile *p) {
    int written = 0;
    text_add(out, ",\"plans\":[");
    for (int i = 0; i < p->plans.len; i++) {
        const PlanProfile *plan = p->plans.data[i];
        if (!plan->runs) continue;
        Place at = source_place(&p->session->sources, plan->span.begin);
        int is_known = at.source && !at.source->is_library;
        text_add(out, written++ ? ",{\"name\":" : "{\"name\":");
        text_json_string(out, plan->name);
        string(out, "file", is_known ? at.source->name : NULL);
        if (is_known) count(out, "line", at.line);
        else string(out, "line", NULL);
        count(out, "runs", plan->runs);
        number(out, "seconds", plan->seconds);
        count(out, "kernels", plan->kernel_count);
        count(out, "phases", plan->phase_count);
        text_char(out, '}');
    }
    text_char(out, ']');
}

static void figures(Text *out, const ProfileFigures *f) {
    number(out, "seconds", f->seconds);
    number(out, "worker_seconds", f->worker_seconds);
    amount(out, "flops", f->flops);
    amount(out, "bytes", f->bytes);
    number(out, "limit_share", limit_share(f));
}

static void kernel(Text *out, const RankedKernel *row) {
    const KernelProfile *k = row->kernel;
    text_add(out, "{\"kernel\":");
    text_json_string(out, k->name);
    string(out, "plan", row->plan->name);
    count(out, "phase", k->phase + 1);
    string(out, "hero", k->hero);
    string(out, "operations", k->summary);
    count(out, "calls", k->calls);
    count(out, "workers", k->workers);
    ProfileFigures f = kernel_figures(k);
    figures(out, &f);
    string(out, "limit_by", k->is_memory ? "memory" : "flops");
    text_add(out, ",\"lines\":[");
    for (int i = 0; i < k->line_count; i++) {
        text_add(out, i ? ",{\"file\":" : "{\"file\":");
        text_json_string(out, k->lines[i].source->name);
        count(out, "line", k->lines[i].line);
        number(out, "share", k->lines[i].share);
        text_char(out, '}');
    }
    text_add(out, "]}");
}

static void line(Text *out, Arena *arena, const LineProfile *l) {
    text_add(out, "{\"file\":");
    if (l->source) text_json_string(out, l->source->name);
    else text_add(out, "null");
    if (l->source) count(out, "line", l->line);
    else string(out, "line", NULL);
    string(out, "text", l->source ? profile_line_text(arena, l->source, l->line) : NULL);
    figures(out, &l->figures);
    text_char(out, '}');
}

void profile_json(Text *out, Profile *p, const char *file) {
    Arena arena = {0};
    ProfileRows rows = profile_rows(p, &arena);
    ProfilePart parts[PROFILE_PARTS];
    profile_parts(p, parts);
    text_add(out, "{\"profile\":");
    text_json_string(out, file);
    string(out, "step", p->step->name->text);
    count(out, "steps", p->steps);
    count(out, "warm_up_steps", p->warm_up);
    count(out, "threads", p->threads);
    number(out, "seconds", p->seconds);
    number(out, "step_seconds", p->seconds / (double)p->steps);
    number(out, "fastest_step_seconds", profile_fastest_seconds(p));
    for (int i = 0; i < PROFILE_PARTS; i++)
        number(out, arena_printf(&arena, "%s_seconds", parts[i].name), parts[i].seconds);
    number(out, "worker_seconds", p->worker_seconds);
    machine(out, p->options.limits);
    plans(out, p);
    text_add(out, ",\"kernels\":[");
    for (int i = 0; i < rows.kernels.len; i++) {
        if (i) text_char(out, ',');
        kernel(out, &rows.kernels.data[i]);
    }
    text_add(out, "],\"lines\":[");
    for (int i = 0; i < rows.lines.len; i++) {
        if (i) text_char(out, ',');
        line(out, &arena, &rows.lines.data[i]);
    }
    text_add(out, "]}\n");
    arena_release(&arena);
}
