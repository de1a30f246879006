#include "golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double cotangent(int k, int64_t i) { return (double)((i * 7 + 3 * k + 3) % 11 - 5) / 8 + 0.0625; }

static char *read_whole(Session *session, const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    fseek(f, 0, SEEK_END);
    size_t size = (size_t)ftell(f);
    rewind(f);
    char *text = arena_alloc(&session->arena, size + 1);
    size_t got = fread(text, 1, size, f);
    fclose(f);
    text[got] = 0;
    return text;
}

/* "PATH : 1 2 3" or ": 1 2 3" */
static Numbers read_numbers(Session *session, const char *line) {
    const char *colon = strchr(line, ':');
    if (!colon) {
        fprintf(stderr, "no `:` in: %.60s\n", line);
        exit(2);
    }
    Numbers n = {0};
    char path[256] = "";
    if (sscanf(line, "%255[^: ]", path) == 1) n.path = symbol(&session->symbols, path);
    n.values = arena_array(&session->arena, double, strlen(colon) / 2 + 1);
    char *at = (char *)(uintptr_t)colon + 1, *end;
    for (double v = strtod(at, &end); end != at; v = strtod(at, &end)) {
        n.values[n.count++] = v;
        at = end;
    }
    return n;
}

GoldenFile golden_read(Session *session, const char *path) {
    GoldenFile file = {0};
    Arena *arena = &session->arena;
    char *rest = read_whole(session, path), *line;
    while ((line = strtok_r(rest, "\n", &rest))) {
        if (line[0] == '#' || !line[0]) continue;
        if (!strncmp(line, "case ", 5)) {
            Golden *made = arena_new(arena, Golden);
            *made = (Golden){.name = symbol(&session->symbols, line + 5), .runs = 1};
            vec_push(arena, &file, made);
            continue;
        }
        Golden *g = file.len ? vec_last(&file) : NULL;
        if (g && !strncmp(line, "in ", 3)) vec_push(arena, &g->in, read_numbers(session, line + 3));
        else if (g && !strncmp(line, "dim ", 4)) vec_push(arena, &g->dims, read_numbers(session, line + 4));
        else if (g && !strncmp(line, "out ", 4)) vec_push(arena, &g->out, read_numbers(session, line + 4));
        else if (g && !strncmp(line, "grad ", 5)) vec_push(arena, &g->grad, read_numbers(session, line + 5));
        else if (g && !strncmp(line, "new ", 4)) vec_push(arena, &g->stored, read_numbers(session, line + 4));
        else if (g && !strncmp(line, "runs ", 5)) g->runs = atoi(line + 5);
        else if (g && !strcmp(line, "kinks")) g->has_kinks = 1;
        else if (g && sscanf(line, "like %lf %lf %lf %lf", &g->mean, &g->std, &g->low, &g->high) == 4)
            g->has_distribution = 1;
        else {
            fprintf(stderr, "%s: not understood: %.60s\n", path, line);
            exit(2);
        }
    }
    return file;
}

const Numbers *golden_find(const Numbers *list, int count, const Symbol *path) {
    for (int i = 0; i < count; i++)
        if (list[i].path == path) return &list[i];
    return NULL;
}
