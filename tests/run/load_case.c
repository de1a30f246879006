/* Cases from kernels made here and from .loop files. */
#include "build_case.h"
#include "generate.h"

#include "compiler/loop_expand.h"
#include "compiler/loop_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Case *case_of_kernel(Cases *cases, LoopKernel *kernel, const char *const *fills) {
    LoopKernel *expanded = loop_expand(cases->session, cases->arena, kernel);
    CaseRun run = {0};
    for (int i = 0; i < expanded->buffers.len; i++) {
        if (expanded->buffers.data[i].access == LOOP_SCRATCH) continue;
        CaseFill fill = {expanded->buffers.data[i].name->text, fills[run.fills.len]};
        vec_push(cases->arena, &run.fills, fill);
    }
    Case *c = case_build(cases->session, cases->arena, kernel->name->text, &expanded, 1, &run);
    vec_push(cases->arena, &cases->list, c);
    return c;
}

static _Noreturn void stop(const char *format, const char *what) {
    fprintf(stderr, format, what);
    fputc('\n', stderr);
    exit(2);
}

static char *read_file(Arena *arena, const char *path, size_t *len) {
    FILE *f = fopen(path, "rb");
    if (!f) stop("can't read %s", path);
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *text = arena_alloc(arena, (size_t)size + 1);
    *len = fread(text, 1, (size_t)size, f);
    fclose(f);
    return text;
}

static _Noreturn void show_diags(Session *session) {
    Text text = text_new(&session->arena);
    diags_render(&session->diags, &session->sources, (DiagStyle){0}, &text);
    fputs(text_str(&text), stderr);
    exit(2);
}

void cases_load(Cases *cases, const char *path) {
    Session *session = cases->session;
    Arena *arena = cases->arena;
    size_t len;
    char *text = read_file(arena, path, &len);
    LoopFile *parsed = loop_parse(session, arena, source_add(&session->sources, path, text, len));
    if (!parsed || session->diags.error_count) show_diags(session);
    int count = parsed->kernels.len;
    LoopKernel **kernels = arena_array(arena, LoopKernel *, count);
    for (int i = 0; i < count; i++) kernels[i] = loop_expand(session, arena, parsed->kernels.data[i]);
    CaseRuns runs = {0};
    const char *bad_line;
    if (!case_directives(arena, text, &runs, &bad_line)) stop("not understood: %s", bad_line);
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    for (int i = 0; i < runs.len; i++) {
        const char *title = runs.len > 1 ? arena_printf(arena, "%s (run %d)", name, i + 1) : name;
        Case *c = case_build(session, arena, title, kernels, count, &runs.data[i]);
        vec_push(arena, &cases->list, c);
    }
}
