/* dlc check --fix: the mechanical fixes of a file's diagnostics, applied. */
#ifndef DLC_DRIVER_FIX_H
#define DLC_DRIVER_FIX_H

#include "driver/cli_internal.h"

/* Applies the fixes to the command's file, as far as their places do not overlap, again and again while fewer
 * mistakes are left each time; the file changes once, at the end.  Says on stderr what it did.  0, or the exit code
 * after a message. */
int fix_file(Cli *cli);

#endif
