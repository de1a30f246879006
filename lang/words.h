/* The words of the language: those reserved everywhere, and those that are words only where they
 * stand. */
#ifndef DLC_LANG_WORDS_H
#define DLC_LANG_WORDS_H

#include <stddef.h>

/* The token kind of a reserved word, TOK_HOLE for `_`, else TOK_NAME. */
int word_reserved(const char *text, size_t len);

#endif
