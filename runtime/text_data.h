/* Text as data: one character (UTF-8 code point) after the other, or one word, which is what stands between blanks,
 * tabs and line ends.  The alphabet is what occurs in the text, sorted by code point (words by their bytes); the number
 * of a character or word is its place there. */
#ifndef DLC_RUNTIME_TEXT_DATA_H
#define DLC_RUNTIME_TEXT_DATA_H

#include "runtime/array.h"
#include "runtime/byte_file.h"

#include <stddef.h>

typedef struct Alphabet {
    uint32_t *codes; /* sorted, each once; NULL of words */
    char **words;    /* sorted, each once, into `text`; NULL of characters */
    char *text;
    int count;
} Alphabet;

/* i32[characters], each below alphabet->count, owned by the caller like the alphabet; NULL after an error.  Plain or
 * gzip; a byte that is no UTF-8 is an error that says where. */
Array *text_characters(const ByteFile *file, Alphabet *alphabet, IoError *error);
/* The same by words. */
Array *text_words(const ByteFile *file, Alphabet *alphabet, IoError *error);
/* A text in an alphabet that is there; IO_NO_ENTRY for what it lacks, with the number of the record. */
Array *text_numbers(const ByteFile *file, const Alphabet *alphabet, IoError *error);
void alphabet_release(Alphabet *alphabet);
/* The number of a character, -1 where it is not in the alphabet. */
int32_t alphabet_find(const Alphabet *alphabet, uint32_t code);
/* The number of a word of `len` bytes, -1 where it is not in the alphabet. */
int32_t alphabet_find_word(const Alphabet *alphabet, const char *word, size_t len);
/* The numbers of a text's characters or words, i32[count]; IO_NO_ENTRY for one that the alphabet lacks. */
Array *alphabet_encode(const Alphabet *alphabet, const char *text, IoError *error);
/* The text of numbers below alphabet->count, blanks between words, for the caller to free. */
char *alphabet_decode(const Alphabet *alphabet, const int32_t *ids, int64_t count);

#endif
