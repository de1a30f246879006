/* A source file gets another text. */
#ifndef DLC_DRIVER_REWRITE_H
#define DLC_DRIVER_REWRITE_H

#include "base/arena.h"

/* Through a new file in the same folder that takes the old one's place: there is never half a text, and nothing is
 * lost when the disk is full.  0, or the exit code after a message. */
int rewrite_file(Arena *arena, const char *path, const char *text);

#endif
