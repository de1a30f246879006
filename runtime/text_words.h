/* What text_data.c asks of the reader by words. */
#ifndef DLC_RUNTIME_TEXT_WORDS_H
#define DLC_RUNTIME_TEXT_WORDS_H

#include "runtime/text_data.h"

Array *words_in(const ByteFile *file, const Alphabet *alphabet, IoError *error);
Array *encode_words(const Alphabet *alphabet, const char *text, IoError *error);
char *decode_words(const Alphabet *alphabet, const int32_t *ids, int64_t count);

#endif
