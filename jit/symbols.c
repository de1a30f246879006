#include "jit/symbols.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct Allowed {
    const char *name;
    void (*function)(void); /* NULL: only in files, never called in this process */
} Allowed;

#define HERE(name) {#name, (void (*)(void))name}

/* fma, floor, rint and sqrt round correctly wherever they exist, so the bits do not depend on the library. */
static const Allowed allowed[] = {
    HERE(fmaf), HERE(fma), HERE(floorf), HERE(floor), HERE(rintf), HERE(rint), HERE(sqrtf), HERE(sqrt),
    HERE(memset), HERE(memcpy), HERE(memmove),
    {"_GLOBAL_OFFSET_TABLE_", NULL},
    /* 64-bit integers on 32-bit machines: exact, from the compiler's own library */
    {"__divdi3", NULL}, {"__udivdi3", NULL}, {"__moddi3", NULL}, {"__umoddi3", NULL}, {"__muldi3", NULL},
    {"__ashldi3", NULL}, {"__ashrdi3", NULL}, {"__lshrdi3", NULL},
    {"__floatdisf", NULL}, {"__floatdidf", NULL}, {"__floatundisf", NULL}, {"__floatundidf", NULL},
    {"__fixsfdi", NULL}, {"__fixdfdi", NULL}, {"__fixunssfdi", NULL}, {"__fixunsdfdi", NULL},
    {"__aeabi_ldivmod", NULL}, {"__aeabi_uldivmod", NULL}, {"__aeabi_l2f", NULL}, {"__aeabi_l2d", NULL},
    {"__aeabi_ul2f", NULL}, {"__aeabi_ul2d", NULL}, {"__aeabi_idiv", NULL}, {"__aeabi_uidiv", NULL},
    {"__aeabi_idivmod", NULL}, {"__aeabi_uidivmod", NULL}, {"__aeabi_memcpy", NULL}, {"__aeabi_memset", NULL},
    {"__aeabi_memmove", NULL}, {"__aeabi_memclr", NULL},
};

enum { ALLOWED_COUNT = sizeof allowed / sizeof *allowed };

static int is_allowed(const char *name) {
    for (int i = 0; i < ALLOWED_COUNT; i++) {
        /* Mach-O puts an underscore before C names */
        if (!strcmp(name, allowed[i].name) || (name[0] == '_' && !strcmp(name + 1, allowed[i].name))) return 1;
    }
    return !name[0];
}

static const char *scan(LLVMBinaryRef binary, char *error, size_t error_bytes) {
    const char *bad = NULL;
    LLVMSymbolIteratorRef symbol = LLVMObjectFileCopySymbolIterator(binary);
    LLVMSectionIteratorRef section = LLVMObjectFileCopySectionIterator(binary);
    for (; !bad && !LLVMObjectFileIsSymbolIteratorAtEnd(binary, symbol); LLVMMoveToNextSymbol(symbol)) {
        const char *name = LLVMGetSymbolName(symbol);
        if (is_allowed(name)) continue;
        LLVMMoveToContainingSection(section, symbol);
        int is_defined = !LLVMObjectFileIsSectionIteratorAtEnd(binary, section);
        if (is_defined || LLVMGetSymbolAddress(symbol)) continue;
        snprintf(error, error_bytes, "the code would call %s, which no target may need", name);
        bad = error;
    }
    LLVMDisposeSectionIterator(section);
    LLVMDisposeSymbolIterator(symbol);
    return bad;
}

const char *symbols_unexpected(LLVMMemoryBufferRef object, LLVMContextRef context, char *error,
                               size_t error_bytes) {
    char *message = NULL;
    LLVMBinaryRef binary = LLVMCreateBinary(object, context, &message);
    if (!binary) {
        snprintf(error, error_bytes, "object: %s", message);
        LLVMDisposeMessage(message);
        return error;
    }
    const char *bad = scan(binary, error, error_bytes);
    LLVMDisposeBinary(binary);
    return bad;
}

LLVMErrorRef symbols_define(LLVMOrcLLJITRef jit) {
    LLVMOrcCSymbolMapPair pairs[ALLOWED_COUNT];
    size_t count = 0;
    for (int i = 0; i < ALLOWED_COUNT; i++) {
        if (!allowed[i].function) continue;
        pairs[count].Name = LLVMOrcLLJITMangleAndIntern(jit, allowed[i].name);
        pairs[count].Sym.Address = (LLVMOrcExecutorAddress)(uintptr_t)allowed[i].function;
        pairs[count].Sym.Flags.GenericFlags = LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable;
        pairs[count++].Sym.Flags.TargetFlags = 0;
    }
    LLVMOrcMaterializationUnitRef unit = LLVMOrcAbsoluteSymbols(pairs, count);
    return LLVMOrcJITDylibDefine(LLVMOrcLLJITGetMainJITDylib(jit), unit);
}
