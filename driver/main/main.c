/* dlc: the program.  While a .dlm program runs, Ctrl-C asks for an end after the current step, a second one ends it
 * at once. */
#include "driver/cli.h"

#include <signal.h>
#include <stddef.h>

_Static_assert(sizeof(sig_atomic_t) == sizeof(int), "a signal handler may set an int");

/* The one variable outside a function: a signal handler has no other way to say something. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal) {
    (void)signal;
    interrupted = 1;
}

static void watch(void) {
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

int main(int argc, char **argv) {
    CliSignals signals = {watch, (const volatile int *)&interrupted};
    return cli_main(argc, argv, &signals);
}
