/* `dlc emit`: models and training steps as C or object files that need nothing of dlc. */
#ifndef DLC_DRIVER_EMIT_H
#define DLC_DRIVER_EMIT_H

#include "driver/executor.h"
#include "lang/typed.h"

typedef enum EmitForm { EMIT_C, EMIT_OBJECT, EMIT_ASSEMBLY, EMIT_LLVM_IR } EmitForm;

typedef struct EmitOptions {
    EmitForm form;
    const char *prefix; /* files are PREFIX_NAME.h and .c, .o, .s or .ll; NULL: the source's name without ".dlm" */
    const char *triple, *cpu; /* of object code; NULL: this machine's */
} EmitOptions;

/* Writes a header and a file of the form for every model function and every step of the program, and for the first
 * values of weights and optimizer states: all files, or none after a mistake.  What was written is listed in
 * `report`.  0, or the exit code after diagnostics. */
int emit_program(const TProgram *typed, Executor *executor, const EmitOptions *options, Text *report);

#endif
