#include "driver/jit_load.h"

#include "base/text.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const JitApi *load_from(const char *path, Text *why) {
    void *module = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    if (!module) {
        text_printf(why, "%s%s", why->len ? "; " : "", dlerror());
        return NULL;
    }
    JitApiFunction *function;
    void *symbol = dlsym(module, JIT_API_SYMBOL);
    memcpy(&function, &symbol, sizeof function); /* ISO C has no cast from object to function pointer */
    const JitApi *api = function ? function() : NULL;
    if (api && api->version == JIT_API_VERSION) return api;
    text_printf(why, "%s%s: not the dlc-jit.so of this dlc", why->len ? "; " : "", path);
    dlclose(module);
    return NULL;
}

/* The folder of the running program, without the slash; "." where /proc is not mounted. */
static const char *program_folder(Arena *arena) {
    char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len <= 0) return ".";
    path[len] = 0;
    char *slash = strrchr(path, '/');
    if (!slash) return ".";
    return arena_text(arena, path, (size_t)(slash - path));
}

const JitApi *jit_load(Arena *arena, const char **why) {
    static const char *const places[] = {"", "/..", "/../..", "/../lib/dlc", "/../lib64/dlc",
                                         "/../lib/x86_64-linux-gnu/dlc", "/../lib/aarch64-linux-gnu/dlc"};
    Text text = text_new(arena);
    const JitApi *api = NULL;
    const char *given = getenv("DLC_JIT");
    if (given && *given) {
        api = load_from(given, &text);
    } else {
        const char *folder = program_folder(arena);
        int found = 0;
        for (size_t i = 0; i < sizeof places / sizeof *places && !found; i++) {
            const char *path = arena_printf(arena, "%s%s/dlc-jit.so", folder, places[i]);
            if (access(path, R_OK) != 0) continue;
            found = 1;
            api = load_from(path, &text);
        }
        if (!found) {
            text_printf(&text, "dlc-jit.so is neither in %s nor in %s/../lib/dlc; $DLC_JIT may name it", folder,
                        folder);
        }
    }
    *why = api ? NULL : text_str(&text);
    return api;
}
