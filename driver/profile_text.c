/* The profile as tables: the window divided, kernels, lines. */
#include "driver/profile.h"
#include "driver/progress_text.h"

#include "base/session.h"

#include <string.h>

enum { MAX_COLUMNS = 10, GAP = 2, MANY_ROWS = 20 };

typedef struct Cell {
    const char *text, *colour; /* colour: NULL for none */
} Cell;

/* Figures stand to the right but for the first column and the last, which is cut where the page ends. */
typedef struct Table {
    int column_count;
    Vec(Cell) cells; /* row-major; the first row is the head, the last the sum */
} Table;

typedef struct Writer {
    Text *out;
    Profile *profile;
    ProfileRows rows;
    Arena *arena;
    int columns, has_colour;
    int has_files; /* lines of several files: their names are shown */
} Writer;

/* ---- figures --------------------------------------------------------------------------------------------- */

static const char *three_digits(Arena *arena, double value, const char *unit) {
    return arena_printf(arena, "%.*f %s", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, unit);
}

const char *profile_duration(Arena *arena, double seconds) {
    if (seconds < 0.9995e-3) return three_digits(arena, seconds * 1e6, "us");
    if (seconds < 0.9995) return three_digits(arena, seconds * 1e3, "ms");
    return three_digits(arena, seconds, "s");
}

const char *profile_rate(Arena *arena, double amount, double seconds) {
    static const char *const units[] = {"", "k", "M", "G", "T", "P"};
    double rate = seconds > 0 ? amount / seconds : 0;
    int unit = 0;
    while (rate >= 999.5 && unit < 5) rate /= 1000, unit++;
    return unit ? three_digits(arena, rate, units[unit]) : arena_printf(arena, "%.0f", rate);
}

static const char *percent(Arena *arena, double part, double whole) {
    return arena_printf(arena, "%.1f %%", whole > 0 ? 100 * part / whole : 0);
}

/* ---- tables ---------------------------------------------------------------------------------------------- */

static void cell(const Writer *w, Table *table, const char *text) {
    vec_push(w->arena, &table->cells, ((Cell){text, NULL}));
}

static void head(const Writer *w, Table *table, const char *const *names, int count) {
    table->column_count = count;
    for (int i = 0; i < count; i++) cell(w, table, names[i]);
}

/* As much of the text as fits, on whole characters. */
static int fitting_bytes(const char *text, int columns) {
    int len = (int)strlen(text);
    while (len > 0 && (text_width(text, len) > columns || (text[len] & 0xC0) == 0x80)) len--;
    return len;
}

static void print_cell(const Writer *w, const Table *table, int i, const int *widths, int used) {
    int k = i % table->column_count, is_head = i < table->column_count;
    const Cell *c = &table->cells.data[i];
    const char *colour = w->has_colour && !is_head ? c->colour : NULL;
    if (colour) text_add(w->out, colour);
    if (k == table->column_count - 1) {
        text_add_bytes(w->out, c->text, (size_t)fitting_bytes(c->text, w->columns - used));
    } else {
        int blanks = widths[k] - text_width(c->text, (int)strlen(c->text));
        text_printf(w->out, "%*s%s%*s", k ? blanks : 0, "", c->text, k ? 0 : blanks, "");
    }
    if (colour) text_add(w->out, "\033[0m");
}

static void print_table(const Writer *w, const Table *table) {
    int widths[MAX_COLUMNS] = {0}, used = GAP, count = table->column_count;
    for (int i = 0; i < table->cells.len; i++) {
        int width = text_width(table->cells.data[i].text, (int)strlen(table->cells.data[i].text));
        if (width > widths[i % count]) widths[i % count] = width;
    }
    for (int k = 0; k + 1 < count; k++) used += widths[k] + GAP;
    for (int i = 0; i < table->cells.len; i++) {
        int k = i % count;
        text_add(w->out, "  ");
        if (i == 0 && w->has_colour) text_add(w->out, "\033[1m");
        print_cell(w, table, i, widths, used);
        if (i == count - 1 && w->has_colour) text_add(w->out, "\033[0m");
        if (k < count - 1) continue;
        while (w->out->len && w->out->data[w->out->len - 1] == ' ') w->out->data[--w->out->len] = 0;
        text_char(w->out, '\n');
    }
    text_char(w->out, '\n');
}

/* ---- rows ------------------------------------------------------------------------------------------------ */

static const char *file_of(const Source *source) {
    const char *slash = strrchr(source->name, '/');
    return slash ? slash + 1 : source->name;
}

/* "16" or "mlp.dlm:16", and how many lines beside it: "16+2". */
static const char *place_text(const Writer *w, const Source *source, int line, int others) {
    if (!source) return "-";
    Text text = text_new(w->arena);
    if (w->has_files) text_printf(&text, "%s:", file_of(source));
    text_printf(&text, "%d", line);
    if (others) text_printf(&text, "+%d", others);
    return text_str(&text);
}

const char *profile_line_text(Arena *arena, const Source *source, int line) {
    if (!source) return "(the library)";
    int len;
    const char *text = source_line(source, line, &len);
    while (len && (*text == ' ' || *text == '\t')) text++, len--;
    char *kept = arena_text(arena, text, (size_t)len);
    for (char *c = kept; *c; c++)
        if (*c == '\t') *c = ' ';
    return kept;
}

const LineShare *profile_main_line(const KernelProfile *kernel) {
    const LineShare *main = NULL;
    for (int i = 0; i < kernel->line_count; i++)
        if (!main || kernel->lines[i].share > main->share) main = &kernel->lines[i];
    return main;
}

const char *profile_kernel_name(Arena *arena, const Profile *profile, const RankedKernel *row) {
    int number_len = (int)strcspn(row->kernel->name, "_"), ran = 0;
    for (int i = 0; i < profile->plans.len; i++) ran += profile->plans.data[i]->runs > 0;
    return arena_printf(arena, "%s%s%.*s %s", ran > 1 ? row->plan->name : "", ran > 1 ? " " : "", number_len,
                        row->kernel->name, row->kernel->hero);
}

/* Far from what the machine can do: worth a look. */
static const char *limit_colour(double share) {
    return share >= 0.6 ? "\033[32m" : share >= 0.25 ? "\033[33m" : "\033[31m";
}

static void figures(const Writer *w, Table *table, const ProfileFigures *f, double all) {
    cell(w, table, profile_duration(w->arena, f->seconds / (double)w->profile->steps));
    cell(w, table, percent(w->arena, f->seconds, all));
}

static void speeds(const Writer *w, Table *table, const ProfileFigures *f) {
    double share = limit_share(f);
    cell(w, table, profile_rate(w->arena, f->flops, f->seconds));
    cell(w, table, profile_rate(w->arena, f->bytes, f->seconds));
    Cell limit = {arena_printf(w->arena, "%.0f %%", 100 * share), limit_colour(share)};
    vec_push(w->arena, &table->cells, limit);
}

static const char *calls_text(const Writer *w, double calls) {
    double each = calls / (double)w->profile->steps;
    return arena_printf(w->arena, each == (double)(int64_t)each ? "%.0f" : "%.2f", each);
}

typedef struct KernelRow {
    const char *name, *roof, *place, *text;
    double calls;
    ProfileFigures figures;
} KernelRow;

static void kernel_row(const Writer *w, Table *table, const KernelRow *row, double all) {
    cell(w, table, row->name);
    figures(w, table, &row->figures, all);
    cell(w, table, calls_text(w, row->calls));
    speeds(w, table, &row->figures);
    cell(w, table, row->roof);
    cell(w, table, row->place);
    cell(w, table, row->text);
}

static KernelRow row_of(const Writer *w, const RankedKernel *ranked) {
    const KernelProfile *k = ranked->kernel;
    const LineShare *main = profile_main_line(k);
    const Source *source = main ? main->source : NULL;
    int line = main ? main->line : 0;
    return (KernelRow){profile_kernel_name(w->arena, w->profile, ranked), k->is_memory ? "memory" : "flops",
                       place_text(w, source, line, k->line_count - 1), profile_line_text(w->arena, source, line),
                       (double)k->calls, kernel_figures(k)};
}

static void add_row(KernelRow *sum, const KernelRow *row) {
    figures_add(&sum->figures, &row->figures, 1);
    sum->calls += row->calls;
}

/* What stands behind the first MANY_ROWS rows in one more, but for a single one. */
static int shown_rows(int count) { return count <= MANY_ROWS + 1 ? count : MANY_ROWS; }

static void kernel_table(const Writer *w) {
    static const char *const names[] = {"kernel, per step", "time", "share", "calls", "FLOP/s",
                                        "B/s", "limit", "by", "line", ""};
    Table table = {0};
    int count = w->rows.kernels.len, shown = shown_rows(count);
    KernelRow all = {.name = "in all", .roof = "", .place = "", .text = ""}, others = all;
    KernelRow *rows = arena_array(w->arena, KernelRow, count);
    head(w, &table, names, 10);
    for (int i = 0; i < count; i++) {
        rows[i] = row_of(w, &w->rows.kernels.data[i]);
        add_row(&all, &rows[i]);
        if (i >= shown) add_row(&others, &rows[i]);
    }
    others.name = arena_printf(w->arena, "%d others", count - shown);
    for (int i = 0; i < shown; i++) kernel_row(w, &table, &rows[i], all.figures.seconds);
    if (shown < count) kernel_row(w, &table, &others, all.figures.seconds);
    kernel_row(w, &table, &all, all.figures.seconds);
    print_table(w, &table);
}

static void line_row(const Writer *w, Table *table, const char *place, const ProfileFigures *f, double all,
                     const char *text) {
    cell(w, table, place);
    figures(w, table, f, all);
    speeds(w, table, f);
    cell(w, table, text);
}

static void line_table(const Writer *w) {
    static const char *const names[] = {"line, per step", "time", "share", "FLOP/s", "B/s", "limit", ""};
    Table table = {0};
    ProfileFigures all = {0}, others = {0};
    int shown = shown_rows(w->rows.lines.len);
    head(w, &table, names, 7);
    for (int i = 0; i < w->rows.lines.len; i++) {
        figures_add(&all, &w->rows.lines.data[i].figures, 1);
        if (i >= shown) figures_add(&others, &w->rows.lines.data[i].figures, 1);
    }
    for (int i = 0; i < shown; i++) {
        const LineProfile *l = &w->rows.lines.data[i];
        line_row(w, &table, place_text(w, l->source, l->line, 0), &l->figures, all.seconds,
                 profile_line_text(w->arena, l->source, l->line));
    }
    if (shown < w->rows.lines.len)
        line_row(w, &table, arena_printf(w->arena, "%d others", w->rows.lines.len - shown), &others, all.seconds, "");
    line_row(w, &table, "in all", &all, all.seconds, "");
    print_table(w, &table);
}

static void part_table(const Writer *w) {
    static const char *const names[] = {"a step", "time", "share", ""};
    const Profile *p = w->profile;
    ProfilePart parts[PROFILE_PARTS];
    Table table = {0};
    profile_parts(p, parts);
    head(w, &table, names, 4);
    for (int i = 0; i < PROFILE_PARTS; i++) {
        if (i == 3 && parts[i].seconds == 0) continue; /* nothing was compiled */
        cell(w, &table, parts[i].name);
        cell(w, &table, profile_duration(w->arena, parts[i].seconds / (double)p->steps));
        cell(w, &table, percent(w->arena, parts[i].seconds, p->seconds));
        cell(w, &table, parts[i].what);
    }
    cell(w, &table, "in all");
    cell(w, &table, profile_duration(w->arena, p->seconds / (double)p->steps));
    cell(w, &table, percent(w->arena, p->seconds, p->seconds));
    cell(w, &table, "");
    print_table(w, &table);
}

/* ---- the limits ------------------------------------------------------------------------------------------ */

static const char *footprint_text(Arena *arena, double bytes) {
    return bytes < 1 << 20 ? arena_printf(arena, "%.0f KiB", bytes / 1024) : arena_printf(arena, "%.0f MiB", bytes / 0x1p20);
}

static void limit_row(const Writer *w, Table *table, const char *who, const SpeedLimits *speed) {
    cell(w, table, who);
    cell(w, table, profile_rate(w->arena, speed->flops, 1));
    for (int i = 0; i < LIMIT_LEVELS; i++) cell(w, table, profile_rate(w->arena, speed->bytes[i], 1));
    cell(w, table, "");
}

static void limit_table(const Writer *w) {
    const MachineLimits *limits = w->profile->options.limits;
    Table table = {0};
    table.column_count = LIMIT_LEVELS + 3;
    cell(w, &table, "limit, measured");
    cell(w, &table, "FLOP/s");
    for (int i = 0; i < LIMIT_LEVELS - 1; i++)
        cell(w, &table, arena_printf(w->arena, i ? "%s" : "B/s in %s", footprint_text(w->arena, limits->footprint[i])));
    cell(w, &table, "beyond");
    cell(w, &table, "");
    limit_row(w, &table, "one thread", &limits->one);
    if (limits->threads > 1)
        limit_row(w, &table, arena_printf(w->arena, "%d threads", limits->threads), &limits->all);
    print_table(w, &table);
}

static void write_head(const Writer *w, const char *file) {
    const Profile *p = w->profile;
    text_printf(w->out, "%s: ", file);
    text_count(w->out, p->steps);
    text_printf(w->out, " step%s of `%s` in %s, %s each, the fastest %s\n", p->steps == 1 ? "" : "s", p->step->name->text,
                profile_duration(w->arena, p->seconds), profile_duration(w->arena, p->seconds / (double)p->steps),
                profile_duration(w->arena, profile_fastest_seconds(p)));
    if (p->threads > 1)
        text_printf(w->out, "%d threads, in kernels for %.0f %% of the runs\n", p->threads,
                    p->run_seconds > 0 ? 100 * p->worker_seconds / (p->run_seconds * p->threads) : 0);
    text_char(w->out, '\n');
}

/* Steps and expressions that ran beside the one that is counted. */
static void plan_table(const Writer *w) {
    static const char *const names[] = {"runs of", "count", "time of one", "kernels", "phases", "line", ""};
    Table table = {0};
    head(w, &table, names, 7);
    for (int i = 0; i < w->profile->plans.len; i++) {
        const PlanProfile *plan = w->profile->plans.data[i];
        if (!plan->runs) continue;
        Place at = source_place(&w->profile->session->sources, plan->span.begin);
        int is_known = at.source && !at.source->is_library;
        cell(w, &table, plan->name);
        cell(w, &table, arena_printf(w->arena, "%lld", (long long)plan->runs));
        cell(w, &table, profile_duration(w->arena, plan->seconds / (double)plan->runs));
        cell(w, &table, arena_printf(w->arena, "%d", plan->kernel_count));
        cell(w, &table, arena_printf(w->arena, "%d", plan->phase_count));
        cell(w, &table, place_text(w, is_known ? at.source : NULL, at.line, 0));
        cell(w, &table, is_known ? profile_line_text(w->arena, at.source, at.line) : "");
    }
    print_table(w, &table);
}

void profile_text(Text *out, Profile *profile, const char *file, int columns, int has_colour) {
    Arena arena = {0};
    Writer w = {.out = out, .profile = profile, .arena = &arena, .columns = columns, .has_colour = has_colour};
    w.rows = profile_rows(profile, &arena);
    for (int i = 1; i < w.rows.lines.len; i++)
        w.has_files |= w.rows.lines.data[i].source && w.rows.lines.data[0].source != w.rows.lines.data[i].source;
    write_head(&w, file);
    part_table(&w);
    if (w.rows.plan_count > 1) plan_table(&w);
    kernel_table(&w);
    line_table(&w);
    limit_table(&w);
    out->data[--out->len] = 0; /* no empty line at the end */
    arena_release(&arena);
}
