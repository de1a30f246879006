/* The sources of data fields: what may stand behind `from`. */
#ifndef DLC_DRIVER_SOURCES_H
#define DLC_DRIVER_SOURCES_H

#include "driver/program_internal.h"

/* The field's array with all its records, owned by the caller; NULL after a diagnostic (exit code 3). */
Array *source_read(Program *p, const TDataField *field);

#endif
