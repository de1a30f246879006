#include "driver/emit.h"

#include "compiler/emit_c.h"
#include "compiler/loop_expand.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct Emitter {
    const TProgram *typed;
    Executor *executor;
    const EmitOptions *options;
    Text *report;
    Arena *arena;
    const char *prefix;
    int exit_code;
} Emitter;

static void cannot_write(Emitter *e, const char *path) {
    diag_add(&e->typed->session->diags, (Span){0}, E_FILE_NOT_WRITTEN, "cannot write %s: %s", path, strerror(errno));
    e->exit_code = 3;
}

/* Beside the goal first, then in its place: nobody ever sees half a file. */
static void write_whole(Emitter *e, const char *path, const char *bytes, size_t len) {
    const char *beside = arena_printf(e->arena, "%s.part", path);
    FILE *file = fopen(beside, "wb");
    if (!file) {
        cannot_write(e, path);
        return;
    }
    int is_written = fwrite(bytes, 1, len, file) == len;
    is_written = fclose(file) == 0 && is_written;
    if (!is_written || rename(beside, path) != 0) {
        cannot_write(e, path);
        remove(beside);
        return;
    }
    text_printf(e->report, "%s\n", path);
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A name that C accepts: `Vae.decode` is Vae_decode. */
static const char *c_name(Arena *arena, const char *name) {
    char *copy = arena_text(arena, name, strlen(name));
    for (char *c = copy; *c; c++)
        if (*c == '.') *c = '_';
    return copy;
}

static LoopPlan *expanded(Emitter *e, const LoopPlan *plan) {
    LoopPlan *copy = arena_new(e->arena, LoopPlan);
    *copy = *plan;
    copy->kernels.data = arena_array(e->arena, LoopKernel *, plan->kernels.len);
    for (int i = 0; i < plan->kernels.len; i++)
        copy->kernels.data[i] = loop_expand(e->typed->session, e->arena, plan->kernels.data[i]);
    return copy;
}

static void emit_plan_as_c(Emitter *e, const LoopPlan *plan, const char *name) {
    const char *path = arena_printf(e->arena, "%s_%s", e->prefix, name);
    Text header = text_new(e->arena), source = text_new(e->arena);
    emit_c_plan(e->typed->session, expanded(e, plan), base_name(path), &header, &source);
    write_whole(e, arena_printf(e->arena, "%s.h", path), text_str(&header), header.len);
    if (!e->exit_code) write_whole(e, arena_printf(e->arena, "%s.c", path), text_str(&source), source.len);
}

static void emit_build(Emitter *e, Build *build, const char *name) {
    if (e->typed->session->diags.error_count) {
        e->exit_code = 1;
        return;
    }
    build->region->name = symbol(&e->typed->session->symbols, name);
    emit_plan_as_c(e, executor_lower(e->executor, e->arena, build), name);
}

static void emit_train(Emitter *e, const TTrain *train) {
    const char *owner = train->model ? train->model->name->text : "train";
    const char *name = arena_printf(e->arena, "%s_%s", c_name(e->arena, owner), train->step->name->text);
    emit_build(e, build_step(e->typed->session, e->arena, executor_build_options(e->executor), train->step), name);
}

static void emit_statements(Emitter *e) {
    for (int i = 0; i < e->typed->statements.len && !e->exit_code; i++) {
        const Tx *value = e->typed->statements.data[i]->value;
        if (value && value->kind == T_TRAIN && value->train->step) emit_train(e, value->train);
    }
}

static const char *default_prefix(Arena *arena, const char *source) {
    const char *name = base_name(source), *dot = strrchr(name, '.');
    return arena_text(arena, name, dot ? (size_t)(dot - name) : strlen(name));
}

int emit_program(const TProgram *typed, Executor *executor, const EmitOptions *options, Text *report) {
    Session *s = typed->session;
    Emitter e = {.typed = typed, .executor = executor, .options = options, .report = report, .arena = &s->arena};
    e.prefix = options->prefix ? options->prefix : default_prefix(&s->arena, typed->source->name);
    const BuildOptions *build_options = executor_build_options(executor);
    for (int i = 0; i < typed->entries.len && !e.exit_code; i++) {
        const TEntry *entry = &typed->entries.data[i];
        emit_build(&e, build_entry(s, e.arena, build_options, entry), c_name(e.arena, entry->name->text));
    }
    for (int i = 0; i < typed->steps.len && !e.exit_code; i++) {
        const TStep *step = typed->steps.data[i];
        emit_build(&e, build_step(s, e.arena, build_options, step), c_name(e.arena, step->name->text));
    }
    if (!e.exit_code) emit_statements(&e);
    return e.exit_code;
}
