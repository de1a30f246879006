/* Kernels to functions in this process.
 *
 * Objects are made in memory (objects.c) or come from who kept them, and are handed to ORC; the same path gives files.
 * Each object is loaded under a resource tracker of its own and counted: kernels that are the same code, in one step or
 * in several, are one function, and it goes when the last compilation that uses it is released. */
#include "jit/jit.h"

#include "base/map.h"
#include "base/symbol.h"
#include "jit/key.h"
#include "jit/objects.h"
#include "jit/symbols.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Loaded {
    const Symbol *name; /* NULL: belongs to one compilation */
    LLVMOrcResourceTrackerRef tracker;
    KernelFunction *function;
    int uses;
} Loaded;

struct JitCode {
    JitCode *next;
    Loaded **parts;
    int count;
};

struct Jit {
    Arena arena;
    SymbolTable symbols;
    JitTarget target;
    int has_target;
    int threads;
    const char *identity; /* of keys; never NULL */
    int keeps_identity;   /* it means the same in other processes */
    LLVMOrcLLJITRef orc;  /* made by the first compile: emitting needs none */
    unsigned next_number; /* of symbols */
    Map loaded;           /* symbol to Loaded; NULL where it was released */
    JitCode *codes;
    char error[512];
};

/* Takes the error's text; 1 when there was one. */
static int failed(Jit *jit, const char *what, LLVMErrorRef error) {
    if (!error) return 0;
    char *message = LLVMGetErrorMessage(error);
    snprintf(jit->error, sizeof jit->error, "%s: %s", what, message);
    LLVMDisposeErrorMessage(message);
    return 1;
}

static int ready(Jit *jit) {
    if (!jit->has_target) return 0; /* the error of open stays */
    jit->error[0] = 0;
    return 1;
}

/* Errors come back from the calls; ORC would print them as well. */
static void drop_error(void *context, LLVMErrorRef error) {
    (void)context;
    LLVMConsumeError(error);
}

static int start_orc(Jit *jit) {
    if (jit->orc) return 1;
    if (!jit->target.is_host) {
        snprintf(jit->error, sizeof jit->error, "code for %s can't run here", jit->target.triple);
        return 0;
    }
    if (failed(jit, "ORC", LLVMOrcCreateLLJIT(&jit->orc, NULL))) {
        jit->orc = NULL;
        return 0;
    }
    LLVMOrcExecutionSessionSetErrorReporter(LLVMOrcLLJITGetExecutionSession(jit->orc), drop_error, NULL);
    return !failed(jit, "ORC", symbols_define(jit->orc));
}

static Jit *jit_open(const JitOptions *options) {
    Jit *jit = calloc(1, sizeof *jit);
    if (!jit) ICE("out of memory");
    jit->symbols.arena = &jit->arena;
    jit->threads = options->threads > 1 ? options->threads : 1;
    jit->has_target = target_open(&jit->target, options, jit->error, sizeof jit->error);
    if (jit->has_target) jit->identity = key_identity(&jit->arena, &jit->target, options->maker);
    jit->keeps_identity = jit->identity != NULL;
    if (!jit->identity) jit->identity = "";
    if (jit->has_target && options->runs) start_orc(jit); /* where it fails, the first call says why */
    return jit;
}

/* ---- loading ---------------------------------------------------------------------------------------- */

typedef struct Part {
    const char *name;            /* of the function */
    int is_shared;
    const LoopKernel *kernel;
    LLVMMemoryBufferRef object;  /* ours until ORC takes it */
    Loaded *loaded;
} Part;

static Loaded *find_loaded(Jit *jit, const char *name) { return map_get(&jit->loaded, symbol(&jit->symbols, name)); }

static void drop(Jit *jit, Loaded *loaded) {
    if (--loaded->uses) return;
    LLVMErrorRef error = LLVMOrcResourceTrackerRemove(loaded->tracker);
    if (error) LLVMConsumeError(error);
    LLVMOrcReleaseResourceTracker(loaded->tracker);
    if (loaded->name) map_set(&jit->arena, &jit->loaded, loaded->name, NULL);
    free(loaded);
}

static void forget_symbols(Jit *jit) {
    LLVMOrcExecutionSessionRef session = LLVMOrcLLJITGetExecutionSession(jit->orc);
    LLVMOrcSymbolStringPoolClearDeadEntries(LLVMOrcExecutionSessionGetSymbolStringPool(session));
}

/* ORC takes the object, also where it fails. */
static int add_object(Jit *jit, Part *part) {
    Loaded *loaded = calloc(1, sizeof *loaded);
    if (!loaded) ICE("out of memory");
    LLVMOrcJITDylibRef dylib = LLVMOrcLLJITGetMainJITDylib(jit->orc);
    *loaded = (Loaded){.tracker = LLVMOrcJITDylibCreateResourceTracker(dylib), .uses = 1};
    LLVMMemoryBufferRef object = part->object;
    part->object = NULL;
    part->loaded = loaded;
    return !failed(jit, "ORC", LLVMOrcLLJITAddObjectFileWithRT(jit->orc, loaded->tracker, object));
}

static int look_up(Jit *jit, Part *part) {
    LLVMOrcExecutorAddress address = 0;
    if (failed(jit, "ORC", LLVMOrcLLJITLookup(jit->orc, &address, part->name))) return 0;
    part->loaded->function = (KernelFunction *)(uintptr_t)address;
    if (!part->is_shared) return 1;
    part->loaded->name = symbol(&jit->symbols, part->name);
    map_set(&jit->arena, &jit->loaded, part->loaded->name, part->loaded);
    return 1;
}

static int link_parts(Jit *jit, Part *parts, int count) {
    for (int i = 0; i < count; i++)
        if (!parts[i].loaded && !add_object(jit, &parts[i])) return 0;
    for (int i = 0; i < count; i++)
        if (!parts[i].loaded->function && !look_up(jit, &parts[i])) return 0;
    return 1;
}

static void drop_parts(Jit *jit, Part *parts, int count) {
    for (int i = 0; i < count; i++) {
        if (parts[i].object) LLVMDisposeMemoryBuffer(parts[i].object);
        if (parts[i].loaded) drop(jit, parts[i].loaded);
    }
    forget_symbols(jit);
}

static JitCode *keep_parts(Jit *jit, const Part *parts, int count) {
    JitCode *code = calloc(1, sizeof *code);
    Loaded **list = calloc((size_t)count + 1, sizeof *list);
    if (!code || !list) ICE("out of memory");
    for (int i = 0; i < count; i++) list[i] = parts[i].loaded;
    *code = (JitCode){jit->codes, list, count};
    return jit->codes = code;
}

/* ---- compiling -------------------------------------------------------------------------------------- */

/* Objects for the parts that have neither code nor object. */
static int make_objects(Jit *jit, Arena *arena, Part *parts, int count, JitTimes *times) {
    ObjectJob *jobs = arena_array(arena, ObjectJob, count);
    int job = 0;
    for (int i = 0; i < count; i++)
        if (!parts[i].loaded && !parts[i].object) jobs[job++] = (ObjectJob){parts[i].kernel, parts[i].name, NULL};
    if (!objects_make(&jit->target, jit->threads, jobs, job, times, jit->error, sizeof jit->error)) return 0;
    job = 0;
    for (int i = 0; i < count; i++)
        if (!parts[i].loaded && !parts[i].object) parts[i].object = jobs[job++].object;
    return 1;
}

static JitCode *jit_compile(Jit *jit, LoopKernel *const *kernels, int count, KernelFunction **functions,
                            JitTimes *times) {
    double start = seconds_now();
    if (!ready(jit) || !start_orc(jit)) return NULL;
    Arena arena = {0};
    JitTimes spent = {0};
    Part *parts = arena_array(&arena, Part, count);
    for (int i = 0; i < count; i++) {
        parts[i].kernel = kernels[i];
        parts[i].name = arena_printf(&arena, "u%u", jit->next_number++);
    }
    JitCode *code = NULL;
    if (make_objects(jit, &arena, parts, count, &spent)) {
        double made = seconds_now();
        if (link_parts(jit, parts, count)) code = keep_parts(jit, parts, count);
        spent.link = seconds_now() - made;
    }
    for (int i = 0; code && i < count; i++) functions[i] = parts[i].loaded->function;
    if (!code) drop_parts(jit, parts, count);
    spent.total = seconds_now() - start;
    if (times) *times = spent;
    arena_release(&arena);
    return code;
}

static int jit_key(const Jit *jit, const char *bytes, size_t len, JitKey *key) {
    *key = key_make(jit->identity, bytes, len);
    return jit->keeps_identity;
}

static int jit_is_loaded(Jit *jit, const JitKey *key) {
    char text[KEY_SYMBOL];
    key_symbol(key, text);
    return find_loaded(jit, text) != NULL;
}

static void begin_part(Jit *jit, Arena *arena, const JitKernel *kernel, Part *part) {
    char text[KEY_SYMBOL];
    key_symbol(&kernel->key, text);
    *part = (Part){.name = arena_text(arena, text, strlen(text)), .is_shared = 1, .kernel = kernel->kernel};
    part->loaded = find_loaded(jit, text);
    if (part->loaded) part->loaded->uses++;
    else if (kernel->object.data)
        part->object = LLVMCreateMemoryBufferWithMemoryRangeCopy(kernel->object.data, kernel->object.len, text);
}

/* What was made now goes to the caller before ORC takes it. */
static void give_objects(Arena *arena, const Part *parts, JitKernel *kernels, int count) {
    for (int i = 0; i < count; i++) {
        if (kernels[i].object.data || !parts[i].object) continue;
        size_t len = LLVMGetBufferSize(parts[i].object);
        kernels[i].object = (JitBytes){arena_text(arena, LLVMGetBufferStart(parts[i].object), len), len};
    }
}

static JitCode *jit_load(Jit *jit, JitKernel *kernels, int count, Arena *arena, JitTimes *times) {
    double start = seconds_now();
    if (!ready(jit) || !start_orc(jit)) return NULL;
    Arena own = {0};
    JitTimes spent = {0};
    Part *parts = arena_array(&own, Part, count);
    for (int i = 0; i < count; i++) begin_part(jit, &own, &kernels[i], &parts[i]);
    JitCode *code = NULL;
    if (make_objects(jit, &own, parts, count, &spent)) {
        double made = seconds_now();
        give_objects(arena, parts, kernels, count);
        if (link_parts(jit, parts, count)) code = keep_parts(jit, parts, count);
        spent.link = seconds_now() - made;
    }
    for (int i = 0; code && i < count; i++) kernels[i].function = parts[i].loaded->function;
    if (!code) drop_parts(jit, parts, count);
    spent.total = seconds_now() - start;
    if (times) *times = spent;
    arena_release(&own);
    return code;
}

static void jit_release(Jit *jit, JitCode *code) {
    JitCode **at = &jit->codes;
    while (*at && *at != code) at = &(*at)->next;
    if (!*at) ICE("code that is not of this Jit");
    *at = code->next;
    for (int i = 0; i < code->count; i++) drop(jit, code->parts[i]);
    forget_symbols(jit);
    free(code->parts);
    free(code);
}

/* ---- files ------------------------------------------------------------------------------------------ */

/* The file of one module; 0 with the error kept. */
static int emit_work(Jit *jit, Work *work, Arena *arena, JitBytes *out) {
    if (!ready(jit)) return 0;
    WorkShop shop;
    workshop_open(&shop, &jit->target, 0);
    workshop_run(&shop, work);
    workshop_close(&shop);
    if (!work->out) {
        snprintf(jit->error, sizeof jit->error, "%s", work->error);
        return 0;
    }
    out->len = LLVMGetBufferSize(work->out);
    out->data = arena_text(arena, LLVMGetBufferStart(work->out), out->len);
    LLVMDisposeMemoryBuffer(work->out);
    return 1;
}

static int jit_emit(Jit *jit, JitForm form, LoopKernel *const *kernels, const char *const *names, int count,
                    Arena *arena, JitBytes *out) {
    const LoopKernel **list = arena_array(arena, const LoopKernel *, count);
    for (int i = 0; i < count; i++) list[i] = kernels[i];
    return emit_work(jit, &(Work){.kernels = list, .names = names, .count = count, .form = form}, arena, out);
}

static int jit_emit_plan(Jit *jit, JitForm form, const LoopPlan *plan, const char *name, Arena *arena,
                         JitBytes *out) {
    return emit_work(jit, &(Work){.plan = plan, .names = &name, .form = form}, arena, out);
}

static const char *jit_error(const Jit *jit) { return jit->error[0] ? jit->error : NULL; }

static const char *jit_cpu(const Jit *jit) { return jit->has_target ? jit->target.cpu : ""; }

static const char *jit_llvm_version(void) { return LLVM_VERSION_STRING; }

static void jit_close(Jit *jit) {
    while (jit->codes) jit_release(jit, jit->codes);
    if (jit->orc) {
        LLVMErrorRef error = LLVMOrcDisposeLLJIT(jit->orc);
        if (error) LLVMConsumeError(error);
    }
    target_close(&jit->target);
    arena_release(&jit->arena);
    free(jit);
}

__attribute__((visibility("default"))) const JitApi *dlc_jit_api(void);

const JitApi *dlc_jit_api(void) {
    static const JitApi api = {
        .version = JIT_API_VERSION, .open = jit_open, .compile = jit_compile, .release = jit_release,
        .key = jit_key, .is_loaded = jit_is_loaded, .load = jit_load,
        .emit = jit_emit, .emit_plan = jit_emit_plan, .error = jit_error, .cpu = jit_cpu,
        .llvm_version = jit_llvm_version, .close = jit_close,
    };
    return &api;
}
