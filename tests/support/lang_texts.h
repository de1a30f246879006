/* Sources for tests of the language: files, the library, and programs compared token by token. */
#ifndef DLC_TESTS_LANG_TEXTS_H
#define DLC_TESTS_LANG_TEXTS_H

#include "lang/typed.h"

enum { LANG_LIBRARY_MAX = 64 };

/* The whole file, NUL-terminated, on the arena; NULL where it cannot be read. */
const char *lang_read_file(Arena *arena, const char *path, size_t *len);
/* The embedded stdlib as sources of the session; gives their number. */
int lang_add_library(Session *session, const Source **library);
/* Parses and checks a text with the library, as the commands do. */
TProgram *lang_check_text(Session *session, const char *name, const char *text, size_t len);
/* Both texts give the grammar the same tokens, so the same tree (whatever the line ends that it skips). */
int lang_same_tokens(Session *session, const Source *a, const Source *b);

#endif
