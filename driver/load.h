/* Source files from disk and the library from inside the program. */
#ifndef DLC_DRIVER_LOAD_H
#define DLC_DRIVER_LOAD_H

#include "base/session.h"

/* The file's text; "-" is the standard input.  At most 16 MiB and one byte are read.  NULL after a diagnostic. */
const Source *load_source(Session *session, const char *path);

typedef Vec(const Source *) SourceList;

/* The library: the .dlm files of the folder $DLC_STDLIB where that is set, else those embedded.  False after a
 * diagnostic. */
int load_library(Session *session, SourceList *library);

#endif
