/* The words of the loop text: shared by printer and parser. */
#ifndef DLC_COMPILER_LOOP_WORDS_H
#define DLC_COMPILER_LOOP_WORDS_H

/* Letters, digits and `_`. */
int loop_is_name_start(char c);
int loop_is_name_char(char c);
/* A word that cannot be the name of a value: keywords, operations, types. */
int loop_is_word(const char *text);

#endif
