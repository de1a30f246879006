/* Each kernel is named by a key of all that its code depends on.  Equal kernels of a plan are one; what an earlier step
 * has loaded is shared; what an earlier run has compiled is read from the cache; only the rest is expanded and
 * compiled. */
#include "driver/machine_code.h"

#include "base/build_id.h"
#include "base/map.h"
#include "compiler/loop_expand.h"
#include "compiler/loop_key.h"
#include "driver/code_cache.h"
#include "driver/jit_load.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

typedef struct Loading {
    Arena arena;
    const JitApi *api;
    Jit *jit;
    const char *why; /* on the arena: where api is NULL */
    int threads;
    pthread_t thread;
    int is_running; /* the thread: not joined yet */
} Loading;

struct MachineCode {
    Session *session;
    Loading loading;
    const JitApi *api; /* NULL until first needed */
    Jit *jit;
    CodeCache *cache; /* NULL: none */
    int is_keyed;     /* keys mean the same in other processes */
    CodeFacts facts;
    Timings *timings;
};

MachineCode *machine_code_new(Session *session, int threads, const char *cache_folder, int64_t cache_bytes,
                              Timings *timings) {
    MachineCode *mc = arena_new(&session->arena, MachineCode);
    mc->session = session;
    mc->loading.threads = threads;
    mc->timings = timings;
    if (cache_folder) mc->cache = code_cache_open(&session->arena, cache_folder, cache_bytes);
    return mc;
}

const CodeFacts *machine_code_facts(const MachineCode *mc) { return &mc->facts; }

void machine_code_release(MachineCode *mc, JitCode *code) { mc->api->release(mc->jit, code); }

/* On any thread: touches nothing but what `loading` holds. */
static void *load_jit(void *context) {
    Loading *loading = context;
    loading->api = jit_load(&loading->arena, &loading->why);
    if (!loading->api) return NULL;
    char maker[BUILD_ID_TEXT]; /* kernels are made, and expanded, by this build */
    LoopKernel *(*here)(Session *, Arena *, const LoopKernel *) = loop_expand;
    int is_known = build_id((void (*)(void))here, maker);
    loading->jit = loading->api->open(&(JitOptions){.threads = loading->threads, .runs = 1,
                                                    .maker = is_known ? maker : NULL});
    return NULL;
}

void machine_code_expect(MachineCode *mc) {
    if (mc->jit || mc->loading.is_running) return;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals belong to the program's own threads */
    mc->loading.is_running = pthread_create(&mc->loading.thread, NULL, load_jit, &mc->loading) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void finish_loading(MachineCode *mc) {
    if (mc->loading.is_running) pthread_join(mc->loading.thread, NULL);
    else load_jit(&mc->loading);
    mc->loading.is_running = 0;
    mc->api = mc->loading.api;
    mc->jit = mc->loading.jit;
}

static int open_jit(MachineCode *mc) {
    if (mc->jit) return 1;
    TimedPart before = timings_enter(mc->timings, TIMED_JIT);
    finish_loading(mc);
    timings_leave(mc->timings, before);
    if (mc->jit) return 1;
    Diag *diag = diag_add(&mc->session->diags, (Span){0}, E_NO_JIT, "the JIT cannot be loaded: %s", mc->loading.why);
    diag_fix(&mc->session->diags, diag, "run with --interp, which needs no JIT and gives the same bits");
    return 0;
}

/* The kernels of a plan that are different code. */
typedef struct Kernels {
    JitKernel *list;
    int *from;   /* their places in the plan */
    int *cached; /* whether the object came from the cache */
    int count;
    int *place; /* by kernel of the plan: its place in the list */
} Kernels;

static Kernels find_different(MachineCode *mc, Arena *arena, const LoopPlan *plan) {
    int count = plan->kernels.len;
    Kernels k = {.list = arena_array(arena, JitKernel, count), .from = arena_array(arena, int, count),
                 .cached = arena_array(arena, int, count), .place = arena_array(arena, int, count)};
    SymbolTable keys = {.arena = arena};
    Map places = {0}; /* key to 1 + place */
    mc->is_keyed = 1;
    for (int i = 0; i < count; i++) {
        Arena own = {0};
        LoopKey bytes = loop_key(&own, plan->kernels.data[i]);
        JitKey key;
        if (!mc->api->key(mc->jit, bytes.data, (size_t)bytes.len, &key)) mc->is_keyed = 0;
        arena_release(&own);
        const Symbol *name = symbol_bytes(&keys, (const char *)key.bytes, sizeof key.bytes);
        uintptr_t known = (uintptr_t)map_get(&places, name);
        k.place[i] = known ? (int)known - 1 : k.count;
        if (known) continue;
        k.from[k.count] = i;
        k.list[k.count++].key = key;
        map_set(arena, &places, name, (void *)(uintptr_t)k.count);
    }
    return k;
}

static int has_cache(const MachineCode *mc) { return mc->cache && mc->is_keyed; }

static void find_code(MachineCode *mc, Arena *arena, const LoopPlan *plan, Kernels *k) {
    for (int i = 0; i < k->count; i++) {
        JitKernel *kernel = &k->list[i];
        if (mc->api->is_loaded(mc->jit, &kernel->key)) continue;
        TimedPart before = timings_enter(mc->timings, TIMED_LOAD);
        if (has_cache(mc)) kernel->object = code_cache_find(mc->cache, arena, &kernel->key);
        timings_leave(mc->timings, before);
        k->cached[i] = kernel->object.data != NULL;
        if (!k->cached[i]) kernel->kernel = loop_expand(mc->session, arena, plan->kernels.data[k->from[i]]);
    }
}

/* The objects of the cache are whole, but the JIT did not take one: all are compiled. */
static JitCode *load_without_cache(MachineCode *mc, Arena *arena, const LoopPlan *plan, Kernels *k) {
    for (int i = 0; i < k->count; i++) {
        k->list[i].object = (JitBytes){0};
        k->cached[i] = 0;
        if (!k->list[i].kernel) k->list[i].kernel = loop_expand(mc->session, arena, plan->kernels.data[k->from[i]]);
    }
    return mc->api->load(mc->jit, k->list, k->count, arena, NULL);
}

static void keep_code(MachineCode *mc, Arena *arena, const Kernels *k) {
    const JitKernel **made = arena_array(arena, const JitKernel *, k->count);
    int count = 0, cached = 0;
    for (int i = 0; i < k->count; i++) {
        cached += k->cached[i];
        if (k->list[i].object.data && !k->cached[i]) made[count++] = &k->list[i];
    }
    mc->facts.different += k->count;
    mc->facts.cached += cached;
    mc->facts.compiled += count;
    mc->facts.shared += k->count - cached - count;
    if (has_cache(mc)) code_cache_add(mc->cache, made, count);
}

static JitCode *load(MachineCode *mc, Arena *arena, const LoopPlan *plan, Kernels *k) {
    find_code(mc, arena, plan, k);
    JitTimes times = {0};
    JitCode *code = mc->api->load(mc->jit, k->list, k->count, arena, &times);
    timings_move(mc->timings, TIMED_COMPILE, TIMED_LOAD, times.link);
    int has_cached = 0;
    for (int i = 0; i < k->count; i++) has_cached |= k->cached[i];
    if (!code && has_cached) code = load_without_cache(mc, arena, plan, k);
    if (code) keep_code(mc, arena, k);
    else diag_add(&mc->session->diags, (Span){0}, E_NO_JIT, "the JIT failed: %s", mc->api->error(mc->jit));
    return code;
}

JitCode *machine_code_make(MachineCode *mc, const LoopPlan *plan, KernelCode *code) {
    if (!open_jit(mc)) return NULL;
    Arena own = {0};
    Kernels k = find_different(mc, &own, plan);
    JitCode *loaded = load(mc, &own, plan, &k);
    for (int i = 0; loaded && i < plan->kernels.len; i++) code[i] = (KernelCode){k.list[k.place[i]].function, NULL};
    mc->facts.kernels += loaded ? plan->kernels.len : 0;
    arena_release(&own);
    return loaded;
}

void machine_code_free(MachineCode *mc) {
    if (mc->loading.is_running) finish_loading(mc);
    if (mc->jit) mc->api->close(mc->jit);
    arena_release(&mc->loading.arena);
    if (mc->cache) code_cache_close(mc->cache);
    mc->jit = NULL;
    mc->cache = NULL;
}
