#include "jit/target.h"

#include "jit/gen.h"
#include "jit/symbols.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* LLVM's registry of targets is one per process. */
static void register_targets(void) {
    LLVMInitializeAllTargetInfos();
    LLVMInitializeAllTargets();
    LLVMInitializeAllTargetMCs();
    LLVMInitializeAllAsmPrinters();
}

/* Machines that code is made for, by LLVM's names: processors with bytes in rising order and a C calling convention. */
static int is_known(LLVMTargetRef target) {
    static const char *const known[] = {"x86-64", "x86", "aarch64", "arm", "thumb", "riscv64", "riscv32",
                                        "wasm32", "wasm64", "ppc64le", "loongarch64"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(LLVMGetTargetName(target), known[i]) == 0) return 1;
    }
    return 0;
}

int target_open(JitTarget *target, const JitOptions *options, char *error, size_t error_bytes) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_targets);
    *target = (JitTarget){.verify = options->verify};
    char *host = LLVMGetDefaultTargetTriple(), *message = NULL;
    target->triple = options->triple ? LLVMNormalizeTargetTriple(options->triple) : LLVMCreateMessage(host);
    target->is_host = strcmp(target->triple, host) == 0;
    LLVMDisposeMessage(host);
    if (LLVMGetTargetFromTriple(target->triple, &target->target, &message)) {
        snprintf(error, error_bytes, "there is no machine `%s`: a triple is like aarch64-linux-gnu", target->triple);
        LLVMDisposeMessage(message);
        return 0;
    }
    if (!target->is_host && !is_known(target->target)) {
        snprintf(error, error_bytes, "no code can be made for %s: only for x86, ARM, RISC-V and WebAssembly machines",
                 target->triple);
        return 0;
    }
    int is_this_cpu = target->is_host && !options->cpu;
    target->cpu = options->cpu ? LLVMCreateMessage(options->cpu)
                : is_this_cpu ? LLVMGetHostCPUName() : LLVMCreateMessage("");
    target->features = options->features ? LLVMCreateMessage(options->features)
                     : is_this_cpu ? LLVMGetHostCPUFeatures() : LLVMCreateMessage("");
    return is_this_cpu || target_probe(target, error, error_bytes);
}

void target_close(JitTarget *target) {
    LLVMDisposeMessage(target->triple);
    if (target->cpu) LLVMDisposeMessage(target->cpu);
    if (target->features) LLVMDisposeMessage(target->features);
}

static void fail(Work *work, const char *what, const char *why) {
    snprintf(work->error, sizeof work->error, "%s: %s", what, why);
}

/* Instead of LLVM's own handler, which prints and exits. */
static void keep_diagnostic(LLVMDiagnosticInfoRef info, void *context) {
    Work *work = context;
    if (LLVMGetDiagInfoSeverity(info) != LLVMDSError || work->error[0]) return;
    char *text = LLVMGetDiagInfoDescription(info);
    fail(work, "LLVM", text);
    LLVMDisposeMessage(text);
}

void workshop_open(WorkShop *shop, const JitTarget *target, int is_jit) {
    *shop = (WorkShop){.target = target, .context = LLVMContextCreate()};
    shop->builder = LLVMCreateBuilderInContext(shop->context);
    LLVMCodeModel model = is_jit ? LLVMCodeModelJITDefault : LLVMCodeModelDefault;
    shop->machine = LLVMCreateTargetMachine(target->target, target->triple, target->cpu, target->features,
                                            LLVMCodeGenLevelDefault, LLVMRelocPIC, model);
}

void workshop_close(WorkShop *shop) {
    LLVMDisposeBuilder(shop->builder);
    LLVMDisposeTargetMachine(shop->machine);
    LLVMContextDispose(shop->context);
}

static void build_module(const WorkShop *shop, const Work *work, GenModule *gm) {
    LLVMSetTarget(gm->module, shop->target->triple);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(shop->machine);
    LLVMSetModuleDataLayout(gm->module, layout);
    LLVMDisposeTargetData(layout);
    gen_module_types(gm);
    if (work->plan) {
        gen_plan(gm, work->plan, work->names[0]);
    } else {
        for (int i = 0; i < work->count; i++) gen_kernel(gm, work->kernels[i], work->names[i]);
    }
    if (!shop->target->verify) return;
    char *message = NULL;
    if (LLVMVerifyModule(gm->module, LLVMReturnStatusAction, &message)) {
        ICE("LLVM IR of %s and its kin: %s", work->names[0], message);
    }
    LLVMDisposeMessage(message);
}

static int run_passes(Work *work, LLVMModuleRef module, LLVMTargetMachineRef machine) {
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = LLVMRunPasses(module, PASSES, machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (!error) return 1;
    char *message = LLVMGetErrorMessage(error); /* consumes the error */
    fail(work, PASSES, message);
    LLVMDisposeErrorMessage(message);
    return 0;
}

static void emit(const WorkShop *shop, Work *work, LLVMModuleRef module) {
    char *message = NULL;
    if (work->form == JIT_LLVM_IR) {
        char *text = LLVMPrintModuleToString(module);
        work->out = LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), "ir");
        LLVMDisposeMessage(text);
        return;
    }
    LLVMCodeGenFileType type = work->form == JIT_ASSEMBLY ? LLVMAssemblyFile : LLVMObjectFile;
    if (LLVMTargetMachineEmitToMemoryBuffer(shop->machine, module, type, &message, &work->out)) {
        fail(work, shop->target->triple, message);
        LLVMDisposeMessage(message);
        work->out = NULL;
    }
}

static void drop_output(Work *work) {
    if (work->out) LLVMDisposeMemoryBuffer(work->out);
    work->out = NULL;
}

void workshop_run(WorkShop *shop, Work *work) {
    work->out = NULL;
    work->error[0] = 0;
    double start = seconds_now();
    LLVMContextSetDiagnosticHandler(shop->context, keep_diagnostic, work);
    GenModule gm = {.context = shop->context, .builder = shop->builder};
    gm.module = LLVMModuleCreateWithNameInContext("kernels", gm.context);
    LLVMSetSourceFileName(gm.module, "", 0); /* no file symbol, so that every undefined one is a call */
    build_module(shop, work, &gm);
    double built = seconds_now();
    int passed = run_passes(work, gm.module, shop->machine);
    double optimised = seconds_now();
    if (passed) emit(shop, work, gm.module);
    LLVMClearInsertionPosition(gm.builder); /* it stands in the module */
    LLVMDisposeModule(gm.module);
    if (work->out && work->form == JIT_OBJECT) {
        const char *symbol = symbols_unexpected(work->out, gm.context, work->error, sizeof work->error);
        if (symbol) drop_output(work);
    }
    if (work->error[0]) drop_output(work);
    shop->times.build += built - start;
    shop->times.passes += optimised - built;
    shop->times.emit += seconds_now() - optimised;
}
