/* What a program offers as files: for every instance the first values of its weights, for every model function and
 * every step the function, for every step that keeps optimizer state its first values.  See emit.h. */
#include "driver/emit.h"

#include "base/map.h"
#include "compiler/emit_c.h"
#include "compiler/loop_expand.h"
#include "driver/emit_files.h"
#include "driver/jit_load.h"

#include <errno.h>
#include <string.h>

typedef struct Emitter {
    const TProgram *typed;
    Session *session;
    Executor *executor;
    const EmitOptions *options;
    const JitApi *jit_api; /* NULL for C */
    Jit *jit;
    Arena *arena;
    const char *prefix;
    Map names;             /* in use: symbols */
    EmittedFiles files;
    int exit_code;
} Emitter;

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A name that C accepts and no other file has: `Vae.decode` is Vae_decode. */
static const char *fresh_name(Emitter *e, const char *name) {
    char *wanted = arena_text(e->arena, name, strlen(name));
    for (char *c = wanted; *c; c++)
        if (*c == '.') *c = '_';
    const char *text = wanted;
    SymbolTable *symbols = &e->session->symbols;
    for (int n = 2; map_has(&e->names, symbol(symbols, text)); n++) text = arena_printf(e->arena, "%s_%d", wanted, n);
    const Symbol *key = symbol(symbols, text);
    map_set(e->arena, &e->names, key, (void *)(uintptr_t)key);
    return text;
}

/* ---- what the header says ------------------------------------------------------------------------------ */

static const char *source_note(Emitter *e, const BuildSource *source, const RegionInput *input) {
    const char *path = input->path->text;
    switch (source->kind) {
    case SOURCE_VARIABLE:
        if (source->part)
            return arena_printf(e->arena, "`%s.%s`", source->variable->name->text, source->part->text);
        return arena_printf(e->arena, "`%s`", source->variable->name->text);
    case SOURCE_OPTION:
        return arena_printf(e->arena, "option `%s`, %g", source->option->name->text, source->option->real);
    case SOURCE_WEIGHT: return arena_printf(e->arena, "%s `%s`", source->weight->is_state ? "state" : "weight", path);
    case SOURCE_SLOT: return arena_printf(e->arena, "state of the optimizer, `%s`", path);
    case SOURCE_COUNT: return "how often this ran: 0 before the first time";
    case SOURCE_SEED: return "the seed, low word first: another one draws other numbers";
    case SOURCE_STEP: return "number of the step, from 1 (first values: 0): another one draws other numbers";
    case SOURCE_EXAMPLE0: return "number of the batch's first example in its pass over the data, from 0";
    case SOURCE_LEAF: return arena_printf(e->arena, "field `%s` of a data set", source->leaf->name->text);
    }
    return NULL;
}

static const char *target_note(Emitter *e, const BuildTarget *target) {
    switch (target->kind) {
    case TARGET_STORED: return arena_printf(e->arena, "first value of `%s`", target->name->text);
    case TARGET_REPORT: return arena_printf(e->arena, "report `%s`", target->name->text);
    case TARGET_REPORT_COUNT: return arena_printf(e->arena, "what report `%s` is divided by", target->name->text);
    case TARGET_LOSS: return "the loss";
    case TARGET_VALUE: return "the result";
    case TARGET_CHECK: return arena_printf(e->arena, "false where %s", target->message);
    }
    return NULL;
}

/* By slot of the plan: inputs, then the results that take no input's place (compiler/lower.h). */
static const char *const *slot_notes(Emitter *e, const Build *build) {
    const Region *r = build->region;
    const char **notes = arena_array(e->arena, const char *, r->inputs.len + r->results.len);
    for (int i = 0; i < r->inputs.len; i++) notes[i] = source_note(e, &build->sources.data[i], &r->inputs.data[i]);
    for (int i = 0, slot = r->inputs.len; i < r->results.len; i++)
        if (r->results.data[i].alias < 0) notes[slot++] = target_note(e, &build->targets.data[i]);
    return notes;
}

/* ---- files --------------------------------------------------------------------------------------------- */

static LoopPlan *expanded(Emitter *e, const LoopPlan *plan) {
    LoopPlan *copy = arena_new(e->arena, LoopPlan);
    *copy = *plan;
    copy->kernels.data = arena_array(e->arena, LoopKernel *, plan->kernels.len);
    for (int i = 0; i < plan->kernels.len; i++)
        copy->kernels.data[i] = loop_expand(e->session, e->arena, plan->kernels.data[i]);
    return copy;
}

static void add_file(Emitter *e, const char *path, const char *ending, const char *bytes, size_t len) {
    vec_push(e->arena, &e->files.list, ((EmittedFile){arena_printf(e->arena, "%s%s", path, ending), bytes, len}));
}

static void add_machine_code(Emitter *e, const LoopPlan *plan, const char *function, const char *path) {
    static const char *const endings[] = {[EMIT_OBJECT] = ".o", [EMIT_ASSEMBLY] = ".s", [EMIT_LLVM_IR] = ".ll"};
    static const JitForm forms[] = {[EMIT_OBJECT] = JIT_OBJECT, [EMIT_ASSEMBLY] = JIT_ASSEMBLY,
                                    [EMIT_LLVM_IR] = JIT_LLVM_IR};
    JitBytes bytes;
    if (e->jit_api->emit_plan(e->jit, forms[e->options->form], plan, function, e->arena, &bytes)) {
        add_file(e, path, endings[e->options->form], bytes.data, bytes.len);
        return;
    }
    Diag *diag = diag_add(&e->session->diags, (Span){0}, E_NO_TARGET, "no code for %s: %s", function,
                          e->jit_api->error(e->jit));
    int is_chosen = e->options->triple || e->options->cpu;
    if (is_chosen) diag_fix(&e->session->diags, diag, "name a processor with floating-point arithmetic: --cpu NAME");
    e->exit_code = is_chosen ? 2 : 1;
}

static void emit_build(Emitter *e, Build *build, const char *name, const char *summary) {
    if (e->session->diags.error_count) e->exit_code = 1;
    if (e->exit_code) return;
    build->region->name = symbol(&e->session->symbols, name);
    EmitNotes notes = {summary, slot_notes(e, build)};
    LoopPlan *plan = expanded(e, executor_lower(e->executor, e->arena, build, NULL));
    for (int i = 0; i < build->conditions.len; i++)
        vec_push(e->arena, &plan->tests, build->conditions.data[i].test);
    const char *path = arena_printf(e->arena, "%s_%s", e->prefix, name);
    Text header = text_new(e->arena), source = text_new(e->arena);
    const char *function = emit_c_plan(e->session, plan, &notes, base_name(path), &header, e->jit ? NULL : &source);
    add_file(e, path, ".h", text_str(&header), header.len);
    if (e->jit) add_machine_code(e, plan, function, path);
    else add_file(e, path, ".c", text_str(&source), source.len);
}

/* ---- the program --------------------------------------------------------------------------------------- */

static int has_weights(const Layout *layout) {
    for (int i = 0; i < layout->parts.len; i++)
        if (has_weights(layout->parts.data[i].layout)) return 1;
    return layout->weights.len > 0;
}

static void emit_weights(Emitter *e, const Instance *instance) {
    if (!has_weights(instance->layout)) return;
    const char *name = instance->name->text;
    Build *build = build_weights(e->session, e->arena, executor_build_options(e->executor), instance);
    emit_build(e, build, fresh_name(e, *name ? arena_printf(e->arena, "%s_initial", name) : "initial"),
               arena_printf(e->arena, "the first values of the weights and states of %s", *name ? name : "the top level"));
}

static void emit_entry(Emitter *e, const TEntry *entry) {
    Build *build = build_entry(e->session, e->arena, executor_build_options(e->executor), entry);
    const char *name = entry->name->text;
    emit_build(e, build, fresh_name(e, name), arena_printf(e->arena, "%s, outside of training", name));
}

static void emit_step(Emitter *e, const TStep *step, const char *wanted, const char *summary) {
    const BuildOptions *options = executor_build_options(e->executor);
    const char *name = fresh_name(e, wanted);
    Build *build = build_step(e->session, e->arena, options, step);
    int has_slots = 0;
    for (int i = 0; i < build->sources.len; i++) has_slots |= build->sources.data[i].kind == SOURCE_SLOT;
    emit_build(e, build, name, summary);
    if (!has_slots || e->exit_code) return;
    const char *initial = fresh_name(e, arena_printf(e->arena, "%s_initial", name));
    emit_build(e, build_slots(e->session, e->arena, options, step), initial,
               arena_printf(e->arena, "the first values of what the optimizer of %s keeps", name));
}

static void emit_train(Emitter *e, const TTrain *train) {
    const char *owner = train->model ? train->model->name->text : "train";
    emit_step(e, train->step, arena_printf(e->arena, "%s_%s", owner, train->step->name->text),
              arena_printf(e->arena, "one step of training %s", owner));
}

static void emit_everything(Emitter *e) {
    const TProgram *p = e->typed;
    for (int i = 0; i < p->instances.len && !e->exit_code; i++) emit_weights(e, p->instances.data[i]);
    for (int i = 0; i < p->entries.len && !e->exit_code; i++) emit_entry(e, &p->entries.data[i]);
    for (int i = 0; i < p->steps.len && !e->exit_code; i++) {
        const char *name = p->steps.data[i]->name->text;
        emit_step(e, p->steps.data[i], name, arena_printf(e->arena, "step %s", name));
    }
    for (int i = 0; i < p->statements.len && !e->exit_code; i++) {
        const Tx *value = p->statements.data[i]->value;
        if (value && value->kind == T_TRAIN && value->train->step) emit_train(e, value->train);
    }
}

static void write_files(Emitter *e, Text *report) {
    if (!e->files.list.len) {
        diag_add(&e->session->diags, (Span){0}, E_NOTHING_TO_EMIT,
                 "%s has no `model`, no `step` and no `train`: there is nothing to emit", e->typed->source->name);
        e->exit_code = 1;
        return;
    }
    const char *path = emitted_files_write(&e->files, e->arena);
    if (path) {
        diag_add(&e->session->diags, (Span){0}, E_FILE_NOT_WRITTEN, "cannot write %s: %s", path, strerror(errno));
        e->exit_code = 3;
        return;
    }
    for (int i = 0; i < e->files.list.len; i++) text_printf(report, "%s\n", e->files.list.data[i].path);
}

static void open_jit(Emitter *e) {
    if (e->options->form == EMIT_C) return;
    const char *why = NULL;
    e->jit_api = jit_load(e->arena, &why);
    if (!e->jit_api) {
        Diag *diag = diag_add(&e->session->diags, (Span){0}, E_NO_JIT, "the JIT cannot be loaded: %s", why);
        diag_fix(&e->session->diags, diag, "emit C with --c, which needs no JIT and gives the same bits");
        e->exit_code = 1;
        return;
    }
    e->jit = e->jit_api->open(&(JitOptions){.triple = e->options->triple, .cpu = e->options->cpu, .verify = 1});
    const char *error = e->jit_api->error(e->jit);
    if (!error) return;
    diag_add(&e->session->diags, (Span){0}, E_NO_TARGET, "%s", error);
    e->exit_code = 2;
}

static const char *default_prefix(Arena *arena, const char *source) {
    const char *name = base_name(source), *dot = strrchr(name, '.');
    return arena_text(arena, name, dot ? (size_t)(dot - name) : strlen(name));
}

int emit_program(const TProgram *typed, Executor *executor, const EmitOptions *options, Text *report) {
    Session *s = typed->session;
    Emitter e = {.typed = typed, .session = s, .executor = executor, .options = options, .arena = &s->arena};
    e.prefix = options->prefix ? options->prefix : default_prefix(&s->arena, typed->source->name);
    open_jit(&e);
    if (!e.exit_code) emit_everything(&e);
    if (!e.exit_code) write_files(&e, report);
    if (e.jit) e.jit_api->close(e.jit);
    return e.exit_code;
}
