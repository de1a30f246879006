/* What the tests of parser and formatter stand on: one session, and the .dlm files of a folder. */
#ifndef DLC_TESTS_TEXTS_BENCH_H
#define DLC_TESTS_TEXTS_BENCH_H

#include "base/session.h"

extern Session texts_session; /* of the test that runs */

int texts_set_up(void **state);
int texts_tear_down(void **state);
/* On the session's arena; fails the test where it cannot be read. */
const char *text_of_file(const char *path, size_t *len);
/* Visits every .dlm file of tests/<folder>; gives their number. */
int each_text_file(const char *folder, void (*visit)(const char *path));

#endif
