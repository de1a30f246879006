/* The text of --kernels: what was made of a region, kernel by kernel, with the lines it came from.
 */
#include "compiler/lower.h"

#include "base/session.h"
#include "base/text.h"
#include <stdlib.h>

static int by_line(const void *a, const void *b) {
    const Place *x = a, *y = b;
    if (x->source != y->source) return x->source < y->source ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

/* "mlp.dlm:9-11, 14" */
static void print_lines(Text *out, const SourceMap *sources, const LoopKernel *kernel) {
    Arena *arena = out->arena;
    Place *places = arena_array(arena, Place, kernel->spans.len + 1);
    int count = 0;
    for (int i = 0; i < kernel->spans.len; i++) {
        Place place = source_place(sources, kernel->spans.data[i].begin);
        if (place.source && !place.source->is_library) places[count++] = place;
    }
    if (!count) {
        text_add(out, "-");
        return;
    }
    qsort(places, (size_t)count, sizeof *places, by_line);
    const Source *source = NULL;
    for (int i = 0; i < count;) {
        int j = i;
        while (j + 1 < count && places[j + 1].source == places[i].source &&
               places[j + 1].line <= places[j].line + 1)
            j++;
        if (i) text_add(out, ", ");
        if (places[i].source != source) text_printf(out, "%s:", places[i].source->name);
        source = places[i].source;
        text_printf(out, "%d", places[i].line);
        if (places[j].line != places[i].line) text_printf(out, "-%d", places[j].line);
        i = j + 1;
    }
}

static void print_amount(Text *out, double amount, const char *unit) {
    static const char *const prefix[] = {"", "k", "M", "G", "T"};
    int p = 0;
    while (amount >= 1000 && p < 4) {
        amount /= 1000;
        p++;
    }
    text_printf(out, "%.3g %s%s", amount, prefix[p], unit);
}

static void print_kernel(Text *out, const SourceMap *sources, const LoopKernel *kernel,
                         const KernelFacts *facts) {
    text_printf(out, "  %-36s %-9s ", kernel->name->text, kernel->hero);
    print_lines(out, sources, kernel);
    text_printf(out, "\n      %s\n      tiles ", facts->summary);
    dim_print(out, kernel->tile_count);
    if (kernel->tiles_per_range)
        text_printf(out, " in ranges of %lld", (long long)kernel->tiles_per_range);
    else text_add(out, " in one range");
    text_add(out, ", ");
    print_amount(out, facts->flops, "flop");
    text_add(out, ", ");
    print_amount(out, facts->bytes, "B");
    text_add(out, "\n");
}

void kernels_report(Text *out, const SourceMap *sources, const LoopPlan *plan,
                    const LowerFacts *facts) {
    text_printf(out, "%s: %d kernels in %d phases\n", plan->name->text, plan->kernels.len,
                facts->phase_count);
    for (int i = 0; i < plan->kernels.len; i++) {
        if (i == 0 || facts->kernels[i].phase != facts->kernels[i - 1].phase)
            text_printf(out, " phase %d\n", facts->kernels[i].phase + 1);
        print_kernel(out, sources, plan->kernels.data[i], &facts->kernels[i]);
    }
    text_printf(out, " arena %lld bytes, scratch %lld bytes per worker",
                (long long)plan->arena_bytes, (long long)plan->scratch_bytes);
    Place peak = source_place(sources, facts->peak_span.begin);
    if (facts->peak_kernel) {
        text_printf(out, ", fullest in %s", facts->peak_kernel);
        if (peak.source) text_printf(out, " (%s:%d)", peak.source->name, peak.line);
    }
    text_add(out, "\n");
}
