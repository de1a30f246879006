/* The command line.  `interrupted` becomes nonzero when the user asks to end (Ctrl-C).  Gives the exit code:
 * 0 done, 1 the program's errors, 2 wrong use, 3 data or file errors, 130 interrupted; 4, a mistake in dlc, ends
 * the process by itself. */
#ifndef DLC_DRIVER_CLI_H
#define DLC_DRIVER_CLI_H

int cli_main(int argc, char **argv, const volatile int *interrupted);

#endif
