/* Forms of kernels: a region must be lowered to the form that is meant for it, seen by words of its loop text, and gives the
 * bits of every other schedule, fused or not, and, about, what a naive evaluator says. */
#ifndef DLC_TESTS_LOWER_FORM_H
#define DLC_TESTS_LOWER_FORM_H

#include <stdint.h>

typedef struct Form {
    const char *text;           /* of the region */
    int64_t dims[3];            /* values of its one dim, one run each; 0 ends them */
    const char *with[3], *without[3]; /* words that its loop text has, and has not, for x86-64-v4 */
} Form;

/* A failure of the running test where one of it does not hold. */
void check_form(const Form *form);

/* The convolution of x, of four axes, in zeros; `low`, `windows`: the pad's, the convolution's. */
#define BORDERED(dims, x, w, low, padded, windows, y)                                                                \
    "region r(" dims ") {\n"                                                                                         \
    "    %0 = input(data \"x\"): f32[" x "]\n"                                                                       \
    "    %1 = input(param \"w\"): f32[" w "]\n"                                                                      \
    "    %2 = const(0): f32\n"                                                                                       \
    "    %3 = pad(%0, %2; low 0, 0, " low "; step 0, 0, 0, 0): f32[" padded "]\n"                                     \
    "    %4 = convolution(%3, %1; " windows "): f32[" y "]\n"                                                         \
    "    result data \"y\" = %4\n"

/* Windows side by side, from the first element on. */
#define PLAIN "low 0, 0, 0, 0; step 1, 1, 1, 1; spread 1, 1, 1, 1; dilation 1, 1, 1, 1; groups "

#endif
