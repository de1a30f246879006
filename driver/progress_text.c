#include "driver/progress_text.h"

#include <math.h>
#include <string.h>

void text_count(Text *out, int64_t count) {
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)count), first = digits[0] == '-';
    for (int i = 0; i < len; i++) {
        if (i > first && (len - i) % 3 == 0) text_char(out, ',');
        text_char(out, digits[i]);
    }
}

void text_duration(Text *out, double seconds) {
    if (!(seconds > 0)) seconds = 0;
    if (seconds == 0) text_add(out, "0.00 s");
    else if (seconds < 0.9995e-3) text_printf(out, "%.0f us", seconds * 1e6);
    else if (seconds < 9.95e-3) text_printf(out, "%.1f ms", seconds * 1e3);
    else if (seconds < 0.0995) text_printf(out, "%.0f ms", seconds * 1e3);
    else if (seconds < 0.995) text_printf(out, "%.2f s", seconds);
    else if (seconds < 9.95) text_printf(out, "%.1f s", seconds);
    else if (seconds < 59.5) text_printf(out, "%.0f s", seconds);
    else {
        int64_t whole = seconds < 3.6e9 ? (int64_t)(seconds + 0.5) : 3600000000;
        if (whole >= 3600)
            text_printf(out, "%lld:%02lld:%02lld", (long long)(whole / 3600), (long long)(whole / 60 % 60),
                        (long long)(whole % 60));
        else text_printf(out, "%lld:%02lld", (long long)(whole / 60), (long long)(whole % 60));
    }
}

void text_rate(Text *out, double per_second, const char *unit) {
    if (per_second < 9.95) text_printf(out, "%.1f", per_second);
    else if (per_second < 1e15) { /* three digits are known at best */
        double step = pow(10, floor(log10(per_second)) - 2);
        text_count(out, (int64_t)(step > 1 ? round(per_second / step) * step : round(per_second)));
    } else text_printf(out, "%.3g", per_second);
    text_printf(out, " %s/s", unit);
}

void text_figure(Text *out, double value) {
    if (isnan(value)) text_add(out, "nan");
    else text_printf(out, "%.4g", value);
}

void text_json_number(Text *out, double value) {
    if (isfinite(value)) text_printf(out, "%.9g", value);
    else text_add(out, "null");
}

static void add_of(Text *out, int64_t part, int64_t whole) { /* aligned, so that lines stay in columns */
    Text total = text_new(out->arena), done = text_new(out->arena);
    text_count(&total, whole);
    text_count(&done, part);
    text_printf(out, "%*s/%s", (int)total.len, text_str(&done), text_str(&total));
}

void text_position(Text *out, const ProgressState *s) {
    text_add(out, s->epochs ? "epoch " : "step ");
    if (s->epochs) add_of(out, s->epoch, s->epochs);
    else add_of(out, s->done, s->total);
}

static void add_bar(Text *out, double share, int cells, int has_unicode) {
    static const char *const eighths[] = {" ", "\u258F", "\u258E", "\u258D", "\u258C", "\u258B", "\u258A", "\u2589"};
    int filled = (int)(share * cells * 8 + 1e-9);
    if (!has_unicode) text_char(out, '[');
    for (int i = 0; i < cells; i++) {
        int left = filled - i * 8;
        if (!has_unicode) text_char(out, left >= 8 ? '=' : ' ');
        else text_add(out, left >= 8 ? "\u2588" : eighths[left > 0 ? left : 0]);
    }
    if (!has_unicode) text_char(out, ']');
}

/* Parts are added from the most to the least wanted while they fit. */
void text_running_line(Text *out, const ProgressState *s, int columns, int has_unicode) {
    Text parts[4];
    for (int i = 0; i < 4; i++) parts[i] = text_new(out->arena);
    text_position(&parts[0], s);
    int counts_examples = s->epochs && s->rows;
    double share = counts_examples ? (double)s->examples / (double)s->rows
                   : s->total      ? (double)s->done / (double)s->total
                                   : 0;
    text_printf(&parts[1], "%3d %%", (int)(100 * share + 1e-9));
    if (s->rate_seconds > 0)
        text_rate(&parts[2], (double)(s->rows ? s->examples - s->examples_first : s->done - s->epoch_first) / s->rate_seconds,
                  s->rows ? "examples" : "steps");
    if (s->done && s->total > s->done) {
        text_duration(&parts[3], s->seconds / (double)s->done * (double)(s->total - s->done));
        text_add(&parts[3], " left");
    }
    int width = (int)(parts[0].len + 2 + parts[1].len);
    for (int i = 2; i < 4; i++) width += parts[i].len ? (int)parts[i].len + 2 : 0;
    int cells = columns - 1 - width - 4;
    text_add(out, text_str(&parts[0]));
    if (cells >= 5) {
        text_add(out, "  ");
        add_bar(out, share < 1 ? share : 1, cells < 24 ? cells : 24, has_unicode);
    }
    int used = (int)parts[0].len;
    for (int i = 1; i < 4; i++) {
        if (!parts[i].len || used + 2 + (int)parts[i].len > columns - 1) continue;
        used += 2 + (int)parts[i].len;
        text_printf(out, "  %s", text_str(&parts[i]));
    }
}

static void add_figure(Text *out, const Figure *figure, int is_last) {
    text_printf(out, "%s%s ", figure->is_validation ? "val " : "", figure->name);
    size_t begin = out->len;
    text_figure(out, figure->value);
    for (size_t len = out->len - begin; len < 6 && !is_last; len++) text_char(out, ' ');
}

/* A part behind two blanks, or on a line of its own where it does not fit any more. */
static void add_part(Text *out, const char *part, int columns, size_t *line) {
    size_t width = strlen(part), trimmed = width;
    while (trimmed && part[trimmed - 1] == ' ') trimmed--;
    int fits = !columns || *line + 2 + trimmed < (size_t)columns;
    if (!fits) {
        while (out->len && out->data[out->len - 1] == ' ') out->data[--out->len] = 0;
        text_char(out, '\n');
        *line = 0;
    }
    text_printf(out, "  %s", part);
    *line += 2 + width;
}

void text_epoch_line(Text *out, const ProgressState *s, const Figure *figures, int count, double seconds,
                     int columns) {
    size_t begin = out->len;
    text_position(out, s);
    size_t line = out->len - begin;
    for (int i = 0; i < count; i++) {
        Text part = text_new(out->arena);
        add_figure(&part, &figures[i], i + 1 == count);
        add_part(out, text_str(&part), columns, &line);
    }
    Text duration = text_new(out->arena);
    text_duration(&duration, seconds);
    add_part(out, text_str(&duration), columns, &line);
}

static int has_kind(const Figure *figures, int count, int is_validation) {
    for (int i = 0; i < count; i++)
        if (figures[i].is_validation == is_validation) return 1;
    return 0;
}

static const Figure *find(const Figure *figures, int count, const char *name, int is_validation) {
    for (int i = 0; i < count; i++)
        if (figures[i].is_validation == is_validation && strcmp(figures[i].name, name) == 0) return &figures[i];
    return NULL;
}

void text_table(Text *out, const Figure *figures, int count) {
    int width = 0;
    for (int i = 0; i < count; i++)
        if ((int)strlen(figures[i].name) > width) width = (int)strlen(figures[i].name);
    text_printf(out, "  %*s", width, "");
    for (int kind = 0; kind < 2; kind++)
        if (has_kind(figures, count, kind)) text_printf(out, "  %10s", kind ? "validation" : "training");
    text_char(out, '\n');
    for (int i = 0; i < count; i++) {
        const char *name = figures[i].name;
        if (find(figures, i, name, 0) || find(figures, i, name, 1)) continue; /* has its row */
        text_printf(out, "  %-*s", width, name);
        for (int kind = 0; kind < 2; kind++) {
            if (!has_kind(figures, count, kind)) continue;
            const Figure *figure = find(figures, count, name, kind);
            Text number = text_new(out->arena);
            if (figure) text_figure(&number, figure->value);
            text_printf(out, "  %10s", text_str(&number));
        }
        while (out->len && out->data[out->len - 1] == ' ') out->data[--out->len] = 0;
        text_char(out, '\n');
    }
}

void text_json_figures(Text *out, const Figure *figures, int count) {
    int is_first = 1;
    for (int kind = 0; kind < 2; kind++) {
        if (!has_kind(figures, count, kind)) continue;
        text_printf(out, "%s\"%s\":{", is_first ? "" : ",", kind ? "validation" : "train");
        is_first = 0;
        int is_first_member = 1;
        for (int i = 0; i < count; i++) {
            if (figures[i].is_validation != kind) continue;
            if (!is_first_member) text_char(out, ',');
            is_first_member = 0;
            text_json_string(out, figures[i].name);
            text_char(out, ':');
            text_json_number(out, figures[i].value);
        }
        text_char(out, '}');
    }
}
