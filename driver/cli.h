/* The command line.  Gives the exit code: 0 done, 1 the program's errors, 2 wrong use, 3 data or file errors,
 * 130 interrupted; 4, a mistake in dlc, ends the process by itself. */
#ifndef DLC_DRIVER_CLI_H
#define DLC_DRIVER_CLI_H

/* How a running program hears of Ctrl-C. */
typedef struct CliSignals {
    void (*watch)(void);              /* called when the program begins; before that Ctrl-C ends the process */
    const volatile int *interrupted;  /* nonzero once the user has asked for an end */
} CliSignals;

int cli_main(int argc, char **argv, const CliSignals *signals);

#endif
