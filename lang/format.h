/* The canonical formatter behind `dlc fmt`.
 *
 * Its author's lines stay lines: it settles blanks, indentation, blank lines, braces and the
 * alignment of neighbouring declarations, and never moves code between lines otherwise.  Comments
 * stay where they are. Formatting its own output changes nothing. */
#ifndef DLC_LANG_FORMAT_H
#define DLC_LANG_FORMAT_H

#include "base/session.h"

/* The formatted text, NUL-terminated, on the session's arena; NULL when the source has syntax
 * errors, which are then in session->diags. */
const char *lang_format(Session *session, const Source *source);

#endif
