/* The sentence for a token that the grammar does not accept where it stands. */
#ifndef DLC_LANG_SYNTAX_ERROR_H
#define DLC_LANG_SYNTAX_ERROR_H

#include "lang/parse_state.h"

/* The offending token is the one last pulled; `expected` are display names of the grammar (none:
 * too many). */
void syntax_error(Parse *p, const char *const *expected, int count);

#endif
