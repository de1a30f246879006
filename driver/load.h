/* Source files from disk and the library from inside the program. */
#ifndef DLC_DRIVER_LOAD_H
#define DLC_DRIVER_LOAD_H

#include "base/session.h"

/* The file's text; "-" is the standard input.  At most 16 MiB and one byte are read.  NULL after a diagnostic. */
const Source *load_source(Session *session, const char *path);

typedef Vec(const Source *) SourceList;

/* The files that a program consists of, its imports among them: a file is read once. */
typedef struct Imports {
    Session *session;
    SourceList sources;
    Vec(const char *) paths; /* parallel: without links and dots */
} Imports;

/* The program's own file, so that an import of it is found out. */
void imports_begin(Imports *imports, Session *session, const Source *source);
/* The file `path`, relative to the one that imports it; NULL and why.  `context` is an Imports. */
const Source *load_import(void *context, const Source *importer, const char *path, const char **why);

/* The library: the .dlm files of the folder $DLC_STDLIB where that is set, else those embedded.  False after a
 * diagnostic. */
int load_library(Session *session, SourceList *library);

#endif
