/* Keeping at a command while its files change: `dlc check --watch`. */
#ifndef DLC_DRIVER_WATCH_H
#define DLC_DRIVER_WATCH_H

#include "driver/cli_internal.h"

/* Runs `command` anew, in a session of its own, whenever a source that it read, or the folder that DLC_STDLIB names, has
 * changed, until Ctrl-C; gives EXIT_INTERRUPTED then.  A file that is not there for a moment is waited for. */
int watch(Cli *cli, int (*command)(Cli *cli));

#endif
