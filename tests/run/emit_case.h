/* Writes cases for C compilers: kernels.c, table.h (their names) and script.bin (what compare.c runs). */
#ifndef DLC_TESTS_RUN_EMIT_CASE_H
#define DLC_TESTS_RUN_EMIT_CASE_H

#include "case.h"

typedef struct CaseWriter CaseWriter;

CaseWriter *case_writer_open(Session *session, const char *folder);
void case_writer_add(CaseWriter *writer, const Case *c, const CaseResult *expected);
void case_writer_close(CaseWriter *writer);

#endif
