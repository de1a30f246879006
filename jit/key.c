/* The builds count, not version numbers: a module that was changed and built again makes other code under the same
 * version, and so may the LLVM of another distribution. */
#include "jit/key.h"

#include "base/build_id.h"

#include <llvm-c/blake3.h>
#include <stdio.h>
#include <string.h>

enum { KEY_FORM = 1 }; /* of what follows; raised where the meaning of a key changes */

const char *key_identity(Arena *arena, const JitTarget *target, const char *maker) {
    char module[BUILD_ID_TEXT], llvm[BUILD_ID_TEXT];
    void (*here)(const JitKey *, char *) = key_symbol;
    LLVMContextRef (*there)(void) = LLVMContextCreate;
    if (!maker || !build_id((void (*)(void))here, module) || !build_id((void (*)(void))there, llvm)) return NULL;
    return arena_printf(arena, "%d\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n", KEY_FORM, maker, module, LLVM_VERSION_STRING,
                        llvm, target->triple, target->cpu, target->features, PASSES);
}

JitKey key_make(const char *identity, const char *bytes, size_t len) {
    llvm_blake3_hasher hasher;
    JitKey key;
    llvm_blake3_hasher_init(&hasher);
    llvm_blake3_hasher_update(&hasher, identity, strlen(identity) + 1); /* the NUL ends it */
    llvm_blake3_hasher_update(&hasher, bytes, len);
    llvm_blake3_hasher_finalize(&hasher, key.bytes, sizeof key.bytes);
    return key;
}

void key_symbol(const JitKey *key, char symbol[KEY_SYMBOL]) {
    symbol[0] = 'k';
    for (size_t i = 0; i < sizeof key->bytes; i++) snprintf(symbol + 1 + 2 * i, 3, "%02x", key->bytes[i]);
}
