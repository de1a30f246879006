/* Text as data, one character (UTF-8 code point) after the other.  The alphabet is what occurs in the text, sorted by
 * code point; a character's number is its place there. */
#ifndef DLC_RUNTIME_TEXT_DATA_H
#define DLC_RUNTIME_TEXT_DATA_H

#include "runtime/array.h"
#include "runtime/byte_file.h"

#include <stddef.h>

typedef struct Alphabet {
    uint32_t *codes; /* sorted, each once */
    int count;
} Alphabet;

/* i32[characters], each below alphabet->count, owned by the caller like the alphabet; NULL after an error.  Plain or
 * gzip; a byte that is no UTF-8 is an error that says where. */
Array *text_characters(const ByteFile *file, Alphabet *alphabet, IoError *error);
void alphabet_release(Alphabet *alphabet);
/* The number of a character, -1 where it is not in the alphabet. */
int32_t alphabet_find(const Alphabet *alphabet, uint32_t code);
/* The numbers of a text's characters, i32[characters]; IO_NO_ENTRY for one that the alphabet lacks. */
Array *alphabet_encode(const Alphabet *alphabet, const char *text, IoError *error);
/* The text of numbers below alphabet->count, for the caller to free. */
char *alphabet_decode(const Alphabet *alphabet, const int32_t *ids, int64_t count);

#endif
