/* The options of dlc and of its commands, as a table. */
#ifndef DLC_DRIVER_CLI_OPTIONS_H
#define DLC_DRIVER_CLI_OPTIONS_H

#include "driver/cli_internal.h"

/* Reads everything behind the command's name into cli; 0, or the exit code after a message. */
int options_parse(Cli *cli, int argc, char **argv);
/* The lines of --help that list the options of a command (NULL: those of every command). */
void options_help(Text *out, const Command *command);

#endif
