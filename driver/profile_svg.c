/* The profile as a picture: how a step's time is divided, the lines that take most of it, and the fastest step as every
 * worker saw it.  One file without scripts or outside parts, for browsers and documents; sizes are in pixels. */
#include "driver/profile.h"
#include "driver/progress_text.h"

#include "base/session.h"
#include "runtime/utf8.h"

#include <math.h>
#include <string.h>

enum {
    WIDTH = 1040, MARGIN = 32, RIGHT = WIDTH - MARGIN,
    BAR_LEFT = 456, BAR_RIGHT = 800, ROW = 30, CODE_COLUMNS = 50,
    LANE_LEFT = 112, LANE = 34, LANE_GAP = 8, MOST_LANES = 16,
    MOST_LINES = 14, COLOURS = 8,
};

/* Told apart by people who see colours differently too: after Okabe and Ito, "Color universal design" (2008), paler. */
static const char *const palette[COLOURS] = {"#4c8fd6", "#e8963c", "#3aa984", "#d8689c", "#8c78cf", "#c9b23a", "#5bbcd1",
                                             "#c4675a"};
static const char other_colour[] = "#9aa5b1";
/* By part of profile_parts. */
static const char *const part_colours[PROFILE_PARTS] = {"#3d5166", "#d0d7de", "#a3794f", "#e0b64f", "#b48ead"};

typedef struct Picture {
    Text *out;
    Arena *arena;
    Profile *profile;
    ProfileRows rows;
    double y; /* where the next thing begins */
} Picture;

/* ---- text ------------------------------------------------------------------------------------------------ */

/* Character data of XML, at most `columns` wide: its own signs escaped, what it does not allow left out. */
static void add_escaped(Text *out, const char *text, int columns) {
    const char *end = text + strlen(text), *from = text;
    int is_cut = text_width(text, (int)(end - text)) > columns, len;
    uint32_t code;
    for (const char *at = text; at < end; at += len ? len : 1) {
        len = utf8_decode(at, end, &code);
        if (!len || code < 0x20 || code == 0x7F || (code & 0xFFFE) == 0xFFFE) continue;
        if (is_cut && text_width(from, (int)(at + len - from)) > columns - 1) break;
        if (code == '&') text_add(out, "&amp;");
        else if (code == '<') text_add(out, "&lt;");
        else if (code == '>') text_add(out, "&gt;");
        else if (code == '"') text_add(out, "&quot;");
        else text_add_bytes(out, at, (size_t)len);
    }
    if (is_cut) text_add(out, "\xE2\x80\xA6");
}

static void label(const Picture *p, const char *class, double x, double y, const char *text, int columns) {
    text_printf(p->out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
    add_escaped(p->out, text, columns);
    text_add(p->out, "</text>\n");
}

static void shaded_box(const Picture *p, double x, double y, double width, double height, const char *colour,
                       const char *shade) {
    text_printf(p->out, "<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\" fill=\"%s\"%s/>\n", x, y,
                width > 0 ? width : 0, height, colour, shade);
}

static void box(const Picture *p, double x, double y, double width, double height, const char *colour) {
    shaded_box(p, x, y, width, height, colour, "");
}

static void pale_box(const Picture *p, double x, double y, double width, double height, const char *colour) {
    shaded_box(p, x, y, width, height, colour, " fill-opacity=\"0.38\"");
}

static const char *percent(const Picture *p, double part, double whole) {
    double value = whole > 0 ? 100 * part / whole : 0;
    return arena_printf(p->arena, value < 9.95 ? "%.1f %%" : "%.0f %%", value);
}

/* ---- colours --------------------------------------------------------------------------------------------- */

static const char *line_colour(const Picture *p, const Source *source, int line) {
    for (int i = 0; i < p->rows.lines.len && i < COLOURS; i++)
        if (source && p->rows.lines.data[i].source == source && p->rows.lines.data[i].line == line) return palette[i];
    return other_colour;
}

/* ---- how a step is divided ------------------------------------------------------------------------------- */

static void draw_head(Picture *p, const char *file) {
    const Profile *profile = p->profile;
    const char *slash = strrchr(file, '/');
    Text steps = text_new(p->arena);
    text_count(&steps, profile->steps);
    label(p, "title", MARGIN, 46, slash ? slash + 1 : file, 60);
    const char *each = profile_duration(p->arena, profile->seconds / (double)profile->steps);
    const char *one = profile_rate(p->arena, profile->options.limits->one.flops, 1);
    const char *all = profile_rate(p->arena, profile->options.limits->all.flops, 1);
    label(p, "note", MARGIN, 70,
          arena_printf(p->arena, "%s step%s of \xE2\x80\x9C%s\xE2\x80\x9D, %s each, on %d thread%s; "
                       "the machine's limits as measured: %sFLOP/s on one thread, %sFLOP/s on all",
                       text_str(&steps), profile->steps == 1 ? "" : "s", profile->step->name->text, each,
                       profile->threads, profile->threads == 1 ? "" : "s", one, all),
          150);
    p->y = 96;
}

static void draw_parts(Picture *p) {
    ProfilePart parts[PROFILE_PARTS];
    profile_parts(p->profile, parts);
    double x = MARGIN, legend = MARGIN, steps = (double)p->profile->steps;
    for (int i = 0; i < PROFILE_PARTS; i++) {
        double width = (RIGHT - MARGIN) * parts[i].seconds / p->profile->seconds;
        box(p, x, p->y, width, 26, part_colours[i]);
        x += width;
    }
    p->y += 50;
    for (int i = 0; i < PROFILE_PARTS; i++) {
        if (parts[i].seconds <= 0) continue;
        const char *text = arena_printf(p->arena, "%s %s, %s", parts[i].name,
                                        profile_duration(p->arena, parts[i].seconds / steps),
                                        percent(p, parts[i].seconds, p->profile->seconds));
        box(p, legend, p->y - 11, 12, 12, part_colours[i]);
        label(p, "small", legend + 18, p->y, text, 60);
        legend += 42 + 6.6 * (double)strlen(text);
    }
    p->y += 42;
}

/* ---- lines ----------------------------------------------------------------------------------------------- */

static void draw_line(Picture *p, int i, double longest, double all) {
    const LineProfile *l = &p->rows.lines.data[i];
    double width = longest > 0 ? (BAR_RIGHT - BAR_LEFT) * l->figures.seconds / longest : 0;
    double share = limit_share(&l->figures), inner = width * (share < 1 ? share : 1), middle = p->y + ROW / 2 + 4;
    double steps = (double)p->profile->steps;
    const char *colour = line_colour(p, l->source, l->line);
    text_add(p->out, "<g><title>");
    add_escaped(p->out, profile_line_text(p->arena, l->source, l->line), 400);
    text_printf(p->out, "\n%sFLOP/s, %sB/s</title>\n", profile_rate(p->arena, l->figures.flops, l->figures.seconds),
                profile_rate(p->arena, l->figures.bytes, l->figures.seconds));
    if (l->source) label(p, "number", MARGIN + 34, middle, arena_printf(p->arena, "%d", l->line), 6);
    label(p, "code", MARGIN + 46, middle, profile_line_text(p->arena, l->source, l->line), CODE_COLUMNS);
    pale_box(p, BAR_LEFT, p->y + 5, width, ROW - 10, colour);
    box(p, BAR_LEFT, p->y + 5, inner, ROW - 10, colour);
    label(p, "figure", BAR_RIGHT + 76, middle, profile_duration(p->arena, l->figures.seconds / steps), 20);
    label(p, "figure strong", BAR_RIGHT + 134, middle, percent(p, l->figures.seconds, all), 20);
    label(p, "figure", RIGHT, middle, percent(p, share, 1), 20);
    text_add(p->out, "</g>\n");
    p->y += ROW;
}

static void draw_lines(Picture *p) {
    ProfileFigures all = {0}, others = {0};
    int count = p->rows.lines.len, shown = count <= MOST_LINES + 1 ? count : MOST_LINES;
    for (int i = 0; i < count; i++) {
        figures_add(&all, &p->rows.lines.data[i].figures, 1);
        if (i >= shown) figures_add(&others, &p->rows.lines.data[i].figures, 1);
    }
    double longest = count ? p->rows.lines.data[0].figures.seconds : 0;
    label(p, "heading", MARGIN, p->y, "Time by line", 40);
    box(p, BAR_LEFT, p->y - 11, 12, 12, palette[0]);
    label(p, "small", BAR_LEFT + 18, p->y, "needed at the machine's limit", 40);
    pale_box(p, BAR_LEFT + 214, p->y - 11, 12, 12, palette[0]);
    label(p, "small", BAR_LEFT + 232, p->y, "time it took", 40);
    label(p, "small end", BAR_RIGHT + 76, p->y, "a step", 20);
    label(p, "small end", BAR_RIGHT + 134, p->y, "share", 20);
    label(p, "small end", RIGHT, p->y, "of limit", 20);
    p->y += 14;
    for (int i = 0; i < shown; i++) draw_line(p, i, longest, all.seconds);
    if (shown < count) {
        const char *text = arena_printf(p->arena, "and %d other lines, %s", count - shown,
                                        percent(p, others.seconds, all.seconds));
        label(p, "small", MARGIN + 46, p->y + 18, text, 80);
        p->y += ROW;
    }
    p->y += 40;
}

/* ---- the fastest step ------------------------------------------------------------------------------------ */

/* 1, 2 or 5 times a power of ten, so that there are at most ten of them. */
static double tick_of(double length) {
    double tick = pow(10, floor(log10(length / 10)));
    for (int i = 0; i < 3 && length / tick > 10; i++) tick *= i == 1 ? 2.5 : 2;
    return tick;
}

static void draw_axis(Picture *p, double seconds, double lanes) {
    double tick = tick_of(seconds), width = RIGHT - LANE_LEFT;
    for (int i = 0; i * tick <= seconds * 1.0001; i++) {
        double x = LANE_LEFT + width * (i * tick) / seconds;
        text_printf(p->out, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#d5dbe1\"/>\n", x, x, p->y,
                    p->y + lanes + 4);
        int is_last = x > RIGHT - 24;
        label(p, is_last ? "small end" : "small middle", is_last ? RIGHT : x, p->y + lanes + 20,
              i ? profile_duration(p->arena, i * tick) : "0", 20);
    }
}

static const char *item_name(const Picture *p, const TimelineItem *item) {
    if (!item->plan) return "data";
    const KernelProfile *kernel = &item->plan->kernels[item->kernel];
    return arena_printf(p->arena, "%.*s %s", (int)strcspn(kernel->name, "_"), kernel->name, kernel->hero);
}

static void draw_item(const Picture *p, const TimelineItem *item, double x, double width) {
    const KernelProfile *kernel = item->plan ? &item->plan->kernels[item->kernel] : NULL;
    const LineShare *line = kernel ? profile_main_line(kernel) : NULL;
    const char *colour = kernel ? line_colour(p, line ? line->source : NULL, line ? line->line : 0) : part_colours[2];
    const char *name = item_name(p, item);
    double y = p->y + item->worker * (LANE + LANE_GAP);
    text_add(p->out, "<g><title>");
    add_escaped(p->out, kernel ? kernel->name : "data", 200);
    text_printf(p->out, ", %s", profile_duration(p->arena, 1e-9 * (double)(item->end - item->begin)));
    if (line) {
        text_printf(p->out, "\n%d: ", line->line);
        add_escaped(p->out, profile_line_text(p->arena, line->source, line->line), 400);
    }
    text_printf(p->out, "</title><rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%d\" fill=\"%s\"%s/>", x, y + 2,
                width, LANE - 4, colour, width > 3 ? " stroke=\"#ffffff\" stroke-width=\"0.7\"" : "");
    if (width > 8 + 6.4 * (double)strlen(name)) label(p, "inside", x + width / 2, y + LANE / 2 + 4, name, 40);
    text_add(p->out, "</g>\n");
}

/* Items that would be thinner than a third of a pixel go together with those of the same kernel beside them. */
static void draw_items(const Picture *p, const Timeline *t, int worker) {
    double scale = (RIGHT - LANE_LEFT) / (double)(t->end - t->begin);
    TimelineItem pending = {.begin = -1};
    for (int i = 0; i <= t->items.len; i++) {
        const TimelineItem *item = i < t->items.len ? &t->items.data[i] : NULL;
        if (item && item->worker != worker) continue;
        int is_same = item && pending.begin >= 0 && item->plan == pending.plan && item->kernel == pending.kernel &&
                      (double)(item->begin - pending.end) * scale < 0.34;
        if (is_same) {
            pending.end = item->end;
            continue;
        }
        if (pending.begin >= 0) {
            double width = (double)(pending.end - pending.begin) * scale;
            draw_item(p, &pending, LANE_LEFT + (double)(pending.begin - t->begin) * scale, width > 0.34 ? width : 0.34);
        }
        if (item) pending = *item;
    }
}

static void draw_timeline(Picture *p) {
    const Timeline *t = &p->profile->fastest;
    if (t->end <= t->begin) return;
    double seconds = profile_fastest_seconds(p->profile);
    int lanes = p->profile->threads < MOST_LANES ? p->profile->threads : MOST_LANES;
    const char *duration = profile_duration(p->arena, seconds);
    label(p, "heading", MARGIN, p->y, arena_printf(p->arena, "The fastest step, %s", duration), 60);
    label(p, "small end", RIGHT, p->y, "a box is a kernel, in the colour of its line; on grey ground the worker waits", 90);
    p->y += 14;
    double height = lanes * (LANE + LANE_GAP) - LANE_GAP;
    for (int w = 0; w < lanes; w++) {
        double y = p->y + w * (LANE + LANE_GAP);
        box(p, LANE_LEFT, y, RIGHT - LANE_LEFT, LANE, "#edf0f3");
        label(p, "small", MARGIN, y + LANE / 2 + 4, arena_printf(p->arena, "worker %d", w + 1), 20);
    }
    draw_axis(p, seconds, height);
    for (int w = 0; w < lanes; w++) draw_items(p, t, w);
    p->y += height + 30;
    if (lanes < p->profile->threads)
        label(p, "small", MARGIN, p->y + 10,
              arena_printf(p->arena, "and %d other workers", p->profile->threads - lanes), 40);
    p->y += 22;
}

static const char style[] =
    "<style>\n"
    "text { font-family: 'Inter', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif; font-size: 13px; fill: #24303c; }\n"
    ".title { font-size: 22px; font-weight: 600; }\n"
    ".heading { font-size: 15px; font-weight: 600; }\n"
    ".note { fill: #5b6875; }\n"
    ".small { font-size: 12px; fill: #5b6875; }\n"
    ".code { font-family: 'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: 12px; }\n"
    ".number { font-size: 12px; fill: #8a96a3; text-anchor: end; }\n"
    ".figure { text-anchor: end; }\n"
    ".strong { font-weight: 600; }\n"
    ".end { text-anchor: end; }\n"
    ".middle { text-anchor: middle; }\n"
    ".inside { font-size: 11px; fill: #ffffff; text-anchor: middle; }\n"
    "</style>\n";

void profile_svg(Text *out, Profile *profile, const char *file) {
    Arena arena = {0};
    Text body = text_new(&arena);
    Picture p = {.out = &body, .arena = &arena, .profile = profile, .rows = profile_rows(profile, &arena)};
    draw_head(&p, file);
    draw_parts(&p);
    draw_lines(&p);
    draw_timeline(&p);
    text_printf(out,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" viewBox=\"0 0 %d %.0f\">\n",
                WIDTH, p.y, WIDTH, p.y);
    text_add(out, style);
    text_printf(out, "<rect width=\"%d\" height=\"%.0f\" fill=\"#ffffff\"/>\n", WIDTH, p.y);
    text_add(out, text_str(&body));
    text_add(out, "</svg>\n");
    arena_release(&arena);
}
