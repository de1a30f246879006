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

#endif
