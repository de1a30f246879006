/* From kernels to functions of this machine: the JIT, loaded when first needed, and what earlier runs have compiled. */
#ifndef DLC_DRIVER_MACHINE_CODE_H
#define DLC_DRIVER_MACHINE_CODE_H

#include "base/session.h"
#include "compiler/plan_bind.h"
#include "driver/timings.h"
#include "jit/jit.h"

typedef struct MachineCode MachineCode;

/* How often code was asked for, and where it came from: different = shared + cached + compiled. */
typedef struct CodeFacts {
    int kernels;   /* of all plans */
    int different; /* within their plans */
    int shared;    /* of a step that was compiled before */
    int cached;    /* from the disk */
    int compiled;
} CodeFacts;

/* `cache_folder` NULL: nothing is kept.  Never NULL; lives on the session's arena. */
MachineCode *machine_code_new(Session *session, int threads, const char *cache_folder, int64_t cache_bytes,
                              Timings *timings);
void machine_code_free(MachineCode *mc);

/* Code will be asked for: loading LLVM begins now, beside whatever else is to be done until then. */
void machine_code_expect(MachineCode *mc);
/* Fills `code` by kernel; NULL after a diagnostic. */
JitCode *machine_code_make(MachineCode *mc, const LoopPlan *plan, KernelCode *code);
void machine_code_release(MachineCode *mc, JitCode *code);
const CodeFacts *machine_code_facts(const MachineCode *mc);

#endif
