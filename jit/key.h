/* The name of code: a hash of all that it depends on. */
#ifndef DLC_JIT_KEY_H
#define DLC_JIT_KEY_H

#include "jit/target.h"

/* What the code of every kernel of this target depends on, as text on the arena; `maker` as in JitOptions.  NULL where
 * it can't be told which builds of LLVM and of this module are running. */
const char *key_identity(Arena *arena, const JitTarget *target, const char *maker);
JitKey key_make(const char *identity, const char *bytes, size_t len);

enum { KEY_SYMBOL = 66 };
/* The name of the function in an object: a letter and the key in hexadecimal. */
void key_symbol(const JitKey *key, char symbol[KEY_SYMBOL]);

#endif
