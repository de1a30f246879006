/* The summary as tables: layers, steps, memory.
 *
 * A table is made of strings and measured; where it is too wide for the terminal it is made again with shorter
 * figures (419.8 M), then without the column of inputs, at last with the ends of long types cut off. */
#include "driver/progress_text.h"
#include "driver/summary.h"

#include <string.h>

enum { MAX_COLUMNS = 8, GAP = 2, LONG_TYPE = 20 };

typedef struct Table {
    int column_count, right; /* from this column on figures, aligned to the right */
    Vec(const char *) cells; /* row-major; the first row is the head */
} Table;

typedef struct Writer {
    Text *out;
    const Summary *summary;
    Arena *arena;
    int columns, has_colour;
    int is_short, has_inputs, is_cut; /* how the present table is made */
} Writer;

/* ---- figures --------------------------------------------------------------------------------------------- */

static const char *short_figure(Arena *arena, int64_t value) {
    static const char *const units[] = {"", " k", " M", " G", " T", " P", " E"};
    double rest = (double)value;
    int unit = 0;
    while (rest >= 999.95 && unit < 6) rest /= 1000, unit++;
    return arena_printf(arena, unit ? "%.1f%s" : "%.0f%s", rest, units[unit]);
}

static const char *exact_figure(Arena *arena, int64_t value) {
    Text text = text_new(arena);
    text_count(&text, value);
    return text_str(&text);
}

/* At the largest batch; a formula where data alone knows a size, `-` where nothing is known. */
static const char *figure(const Writer *w, const Dim *dim) {
    int64_t value;
    if (!dim) return "-";
    if (dim_upper_bound(dim, &value)) return dim_text(w->arena, dim);
    return w->is_short ? short_figure(w->arena, value) : exact_figure(w->arena, value);
}

static const char *binary_bytes(Arena *arena, int64_t value) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double rest = (double)value;
    int unit = 0;
    while (rest >= 1023.95 && unit < 6) rest /= 1024, unit++;
    return arena_printf(arena, unit ? "%.1f %s" : "%.0f %s", rest, units[unit]);
}

/* ---- tables ---------------------------------------------------------------------------------------------- */

static void cell(const Writer *w, Table *table, const char *text) { vec_push(w->arena, &table->cells, text); }

static int table_widths(const Table *table, int *widths) {
    int total = 0;
    for (int k = 0; k < table->column_count; k++) {
        widths[k] = 0;
        for (int i = k; i < table->cells.len; i += table->column_count) {
            int len = (int)strlen(table->cells.data[i]);
            if (len > widths[k]) widths[k] = len;
        }
        total += widths[k] + GAP;
    }
    return total;
}

static void table_print(const Writer *w, const Table *table) {
    int widths[MAX_COLUMNS];
    table_widths(table, widths);
    for (int i = 0; i < table->cells.len; i++) {
        int k = i % table->column_count, is_last = k == table->column_count - 1;
        if (!k) text_add(w->out, i || !w->has_colour ? "  " : "  \033[1m");
        if (k >= table->right) text_printf(w->out, "%*s", widths[k], table->cells.data[i]);
        else if (is_last) text_add(w->out, table->cells.data[i]);
        else text_printf(w->out, "%-*s", widths[k], table->cells.data[i]);
        if (is_last) text_add(w->out, i < table->column_count && w->has_colour ? "\033[0m\n" : "\n");
        else text_add(w->out, "  ");
    }
}

typedef void MakeTable(const Writer *w, Table *table, const void *what);

/* As exact as there is room for. */
static void fitted_table(Writer *w, MakeTable *make, const void *what) {
    for (int way = 0; way < 5; way++) {
        int widths[MAX_COLUMNS];
        w->has_inputs = way < 2;
        w->is_short = way == 1 || way >= 3;
        w->is_cut = way == 4;
        Table table = {0};
        make(w, &table, what);
        if (table_widths(&table, widths) > w->columns && way < 4) continue;
        table_print(w, &table);
        return;
    }
}

/* ---- layers ---------------------------------------------------------------------------------------------- */

static const char *inputs_text(const Writer *w, const LayerUse *use) {
    if (!use) return "-";
    Text text = text_new(w->arena);
    for (int i = 0; i < use->input_count; i++) {
        if (i) text_add(&text, ", ");
        type_print(&text, use->inputs[i]);
    }
    return text_str(&text);
}

static const char *output_text(const Writer *w, const Type *type) {
    const char *text = type_text(w->arena, type);
    if (!w->is_cut || strlen(text) <= LONG_TYPE) return text;
    return arena_printf(w->arena, "%.*s..", LONG_TYPE - 2, text);
}

static const Dim *all_copies(const Writer *w, const Dim *one, int copies) {
    DimTable *dims = &w->summary->session->dims;
    return one ? dim_mul(dims, one, dim_constant(dims, copies)) : NULL;
}

/* The figures are those of all `copies` of the layer together, so that a column adds up. */
static void layer_rows(const Writer *w, Table *table, const LayerSummary *layer, int depth, int copies) {
    Text name = text_new(w->arena);
    for (int i = 0; i < depth; i++) text_add(&name, "  ");
    text_add(&name, layer->name->text);
    if (layer->copies > 1) text_printf(&name, "..%s", layer->last->text);
    if (depth) text_printf(&name, " %s", layer->layout->layer->text);
    if (layer->copies > 1) text_printf(&name, " x%d", layer->copies);
    cell(w, table, text_str(&name));
    if (w->has_inputs) cell(w, table, inputs_text(w, layer->use));
    cell(w, table, layer->use ? output_text(w, layer->use->output) : "-");
    copies *= layer->copies;
    cell(w, table, figure(w, all_copies(w, layer->parameters, copies)));
    cell(w, table, figure(w, all_copies(w, layer->forward, copies)));
    cell(w, table, figure(w, all_copies(w, layer->backward, copies)));
    for (int i = 0; i < layer->parts.len; i++) layer_rows(w, table, layer->parts.data[i], depth + 1, copies);
}

static void layer_table(const Writer *w, Table *table, const void *what) {
    const LayerSummary *root = what;
    table->column_count = 5 + w->has_inputs;
    table->right = 2 + w->has_inputs;
    cell(w, table, "layer");
    if (w->has_inputs) cell(w, table, "input");
    cell(w, table, "output");
    cell(w, table, "parameters");
    cell(w, table, "forward");
    cell(w, table, "backward");
    layer_rows(w, table, root, 0, 1);
}

static const DimName *batch_of(const Writer *w, const Symbol *instance) {
    const TProgram *program = w->summary->program;
    for (int i = 0; i < program->entries.len; i++)
        if (program->entries.data[i].instance->name == instance) return program->entries.data[i].batch;
    return NULL;
}

static void write_instance(Writer *w, int i) {
    const LayerSummary *root = w->summary->instances.data[i];
    const StepSummary *of = w->summary->of.data[i];
    const DimName *batch = batch_of(w, root->name);
    int has_batch = batch && batch->maximum;
    fitted_table(w, layer_table, root);
    if (has_batch) text_printf(w->out, "  %s is up to %lld%s", batch->name->text, (long long)batch->maximum, of ? "; " : "");
    else if (of) text_add(w->out, "  ");
    if (of) text_printf(w->out, "forward and backward: FLOPs of one `%s`", of->step->name->text);
    text_add(w->out, has_batch || of ? "\n\n" : "\n");
}

/* ---- steps ----------------------------------------------------------------------------------------------- */

static void step_row(const Writer *w, Table *table, const StepSummary *step) {
    const DimName *batch = step->step->batch;
    cell(w, table, step->step->name->text);
    cell(w, table, batch && batch->maximum ? arena_printf(w->arena, "%lld", (long long)batch->maximum) : "-");
    cell(w, table, figure(w, step->is_built ? step->forward : NULL));
    cell(w, table, figure(w, step->is_built ? step->backward : NULL));
    cell(w, table, figure(w, step->is_built ? dim_add(&w->summary->session->dims, step->forward, step->backward) : NULL));
}

static void step_table(const Writer *w, Table *table, const void *what) {
    (void)what;
    static const char *const head[] = {"step", "batch", "forward FLOPs", "backward FLOPs", "FLOPs"};
    table->column_count = 5;
    table->right = 1;
    for (int i = 0; i < 5; i++) cell(w, table, head[i]);
    for (int i = 0; i < w->summary->steps.len; i++) step_row(w, table, &w->summary->steps.data[i]);
}

static void write_obstacles(const Writer *w) {
    for (int i = 0; i < w->summary->steps.len; i++) {
        const StepSummary *step = &w->summary->steps.data[i];
        if (step->is_built || !step->why) continue;
        Place at = source_place(&w->summary->session->sources, step->obstacle.begin);
        text_printf(w->out, "  the costs of `%s` are not known: %s", step->step->name->text, step->why);
        if (at.source) text_printf(w->out, " (%s:%d)", at.source->name, at.line);
        text_char(w->out, '\n');
    }
}

/* ---- memory ---------------------------------------------------------------------------------------------- */

static const char *bytes(const Writer *w, const Dim *dim) {
    int64_t value;
    if (dim_upper_bound(dim, &value)) return arena_printf(w->arena, "%s bytes", dim_text(w->arena, dim));
    return w->is_short ? binary_bytes(w->arena, value)
                       : arena_printf(w->arena, "%s", exact_figure(w->arena, value));
}

static void memory_row(const Writer *w, Table *table, const StepSummary *step) {
    DimTable *dims = &w->summary->session->dims;
    cell(w, table, step->step->name->text);
    cell(w, table, bytes(w, step->gradient_bytes));
    cell(w, table, bytes(w, step->slot_bytes));
    cell(w, table, step->is_planned ? bytes(w, dim_constant(dims, step->activation_bytes)) : "-");
    cell(w, table, step->is_planned ? bytes(w, dim_constant(dims, step->arena_bytes)) : "-");
    const char *peak = "-";
    if (step->peak.source) {
        const char *slash = strrchr(step->peak.source->name, '/');
        peak = arena_printf(w->arena, "%s:%d", slash ? slash + 1 : step->peak.source->name, step->peak.line);
    }
    cell(w, table, peak);
}

static void memory_table(const Writer *w, Table *table, const void *what) {
    (void)what;
    static const char *const head[] = {"bytes", "gradients", "optimizer", "activations", "arena", "fullest at"};
    table->column_count = 6;
    table->right = 1;
    for (int i = 0; i < 6; i++) cell(w, table, head[i]);
    for (int i = 0; i < w->summary->steps.len; i++)
        if (w->summary->steps.data[i].is_built) memory_row(w, table, &w->summary->steps.data[i]);
}

static int is_zero(const Dim *dim) { return dim_is_constant(dim) && !dim_constant_value(dim); }

static void write_totals(Writer *w) {
    const Summary *s = w->summary;
    w->is_short = 0;
    text_printf(w->out, "%s: no errors, %s parameters", s->program->source->name, figure(w, s->parameters));
    if (!is_zero(s->states)) text_printf(w->out, ", %s in states", figure(w, s->states));
    if (!is_zero(s->weight_bytes)) {
        int64_t value;
        text_printf(w->out, ", %s bytes", figure(w, s->weight_bytes));
        if (!dim_upper_bound(s->weight_bytes, &value) && value >= 1024)
            text_printf(w->out, " (%s)", binary_bytes(w->arena, value));
    }
    text_char(w->out, '\n');
}

void summary_text(Text *out, const Summary *summary, int columns, int has_colour) {
    Arena arena = {0};
    Writer w = {.out = out, .summary = summary, .arena = &arena, .columns = columns, .has_colour = has_colour};
    for (int i = 0; i < summary->instances.len; i++) write_instance(&w, i);
    int built = 0;
    for (int i = 0; i < summary->steps.len; i++) built += summary->steps.data[i].is_built;
    if (summary->steps.len) fitted_table(&w, step_table, NULL);
    if (built) text_char(out, '\n');
    if (built) fitted_table(&w, memory_table, NULL);
    write_obstacles(&w);
    if (summary->steps.len) text_char(out, '\n');
    write_totals(&w);
    arena_release(&arena);
}
