/* Whether LLVM can make code for a target, tried in a child process.
 *
 * LLVM's C API has no list of processors.  An unknown name is told on the standard error output and then ignored; one
 * that does not fit the triple (i386 for 64-bit code) ends the process.  So a child makes the code of an empty
 * function, and what it says and how it ends is the answer. */
#include "jit/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROBE_SECONDS = 20, PROBE_TEXT = 1024 };

/* In the child: does not return. */
static void make_empty_function(const JitTarget *t) {
    LLVMContextRef context = LLVMContextCreate();
    LLVMModuleRef module = LLVMModuleCreateWithNameInContext("probe", context);
    LLVMTargetMachineRef machine = LLVMCreateTargetMachine(t->target, t->triple, t->cpu, t->features,
        LLVMCodeGenLevelNone, LLVMRelocPIC, LLVMCodeModelDefault);
    if (!machine) {
        fprintf(stderr, "LLVM has no code generator for it\n");
        _exit(1);
    }
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(machine);
    if (LLVMByteOrder(layout) == LLVMBigEndian) {
        fprintf(stderr, "its numbers begin with the most significant byte\n");
        _exit(1);
    }
    LLVMSetTarget(module, t->triple);
    LLVMSetModuleDataLayout(module, layout);
    LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(context), NULL, 0, 0);
    LLVMValueRef function = LLVMAddFunction(module, "probe", type);
    LLVMBuilderRef builder = LLVMCreateBuilderInContext(context);
    LLVMPositionBuilderAtEnd(builder, LLVMAppendBasicBlockInContext(context, function, "entry"));
    LLVMBuildRetVoid(builder);
    char *message = NULL;
    LLVMMemoryBufferRef object;
    int failed = LLVMTargetMachineEmitToMemoryBuffer(machine, module, LLVMObjectFile, &message, &object);
    if (failed) fprintf(stderr, "%s\n", message);
    _exit(failed);
}

static void run_child(const JitTarget *target, const int ends[2]) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    alarm(PROBE_SECONDS);
    dup2(ends[1], 2);
    close(ends[0]);
    make_empty_function(target);
}

/* The first line, in the terms of who asked. */
static void explain(const JitTarget *t, const char *said, char *error, size_t error_bytes) {
    if (strstr(said, "is not a recognized processor")) {
        snprintf(error, error_bytes, "there is no processor `%s` for %s", t->cpu, t->triple);
        return;
    }
    static const char prefix[] = "LLVM ERROR: ";
    if (strncmp(said, prefix, sizeof prefix - 1) == 0) said += sizeof prefix - 1;
    int len = (int)strcspn(said, "\n!");
    int has_cpu = t->cpu[0] != 0;
    snprintf(error, error_bytes, "no code can be made for %s%s%s%s: %.*s", t->triple, has_cpu ? " with processor `" : "",
             t->cpu, has_cpu ? "`" : "", len ? len : 6, len ? said : "failed");
}

int target_probe(const JitTarget *target, char *error, size_t error_bytes) {
    int ends[2];
    if (pipe(ends) != 0) return 1; /* nothing is known then: the real code shows it */
    pid_t child = fork();
    if (child == 0) run_child(target, ends);
    close(ends[1]);
    char said[PROBE_TEXT];
    size_t len = 0;
    for (ssize_t n = 1; n > 0 && len < sizeof said - 1; len += n > 0 ? (size_t)n : 0) {
        n = read(ends[0], said + len, sizeof said - 1 - len);
    }
    said[len] = 0;
    close(ends[0]);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) return 1;
    if (!len && WIFEXITED(status) && WEXITSTATUS(status) == 0) return 1;
    explain(target, said, error, error_bytes);
    return 0;
}
