#include "base/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void session_init(Session *session) {
    *session = (Session){0};
    session->symbols.arena = &session->arena;
    session->sources = (SourceMap){.arena = &session->arena};
    session->diags = (Diags){.arena = &session->arena};
    dim_table_init(&session->dims, &session->arena, &session->symbols);
}

void session_release(Session *session) { arena_release(&session->arena); }

void internal_error(const char *file, int line, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "dlc: internal error at %s:%d: ", file, line);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\nThis is a mistake in dlc, not in your program. Please report it.\n");
    va_end(args);
    exit(4);
}
