/* A session: everything one compilation shares.  There are no globals; two sessions live in one process and
 * on two threads without knowing of each other. */
#ifndef DLC_BASE_SESSION_H
#define DLC_BASE_SESSION_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/dim.h"
#include "base/source.h"
#include "base/symbol.h"

typedef struct Session {
    Arena arena; /* lives as long as the session */
    SymbolTable symbols;
    SourceMap sources;
    Diags diags;
    DimTable dims;
} Session;

void session_init(Session *session);
void session_release(Session *session);

/* An error in dlc itself: prints place and message to stderr and ends the process with exit code 4.
 * Never for a mistake of the user. */
#define ICE(...) internal_error(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void internal_error(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
