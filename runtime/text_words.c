/* Text by words: the whole text is read and cut at blanks; the words are sorted once, each gets the number of its
 * first equal, and the text itself stays as the storage of the alphabet. */
#include "runtime/text_words.h"

#include "runtime/byte_stream.h"
#include "runtime/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 64 << 10 };

typedef struct Word {
    const char *text;
    int64_t at; /* its place in the text */
} Word;

typedef struct Words {
    char *text; /* blanks replaced by the ends of words */
    Word *list;
    int64_t count;
} Words;

static int is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* All bytes with a 0 behind them; NULL after an error. */
static char *read_bytes(const ByteFile *file, size_t *len, IoError *error) {
    ByteStream *stream = byte_stream_of(file, error);
    size_t cap = CHUNK_BYTES;
    char *text = stream ? malloc(cap + 1) : NULL;
    *len = 0;
    while (text) {
        int64_t got = byte_stream_read(stream, text + *len, (int64_t)(cap - *len), error);
        if (got <= 0) {
            if (!got) break;
            free(text);
            text = NULL;
            break;
        }
        *len += (size_t)got;
        if (*len < cap) continue;
        char *grown = cap > INT32_MAX / 2 ? NULL : realloc(text, 2 * cap + 1);
        if (!grown) {
            io_fail(error, IO_MEMORY, "no memory for its words");
            free(text);
            text = NULL;
            break;
        }
        text = grown;
        cap *= 2;
    }
    if (stream && !text && !error->code) io_fail(error, IO_MEMORY, "no memory for its words");
    byte_stream_free(stream);
    if (text) text[*len] = 0;
    return text;
}

static int is_text(const char *text, size_t len, IoError *error) {
    const char *at = text, *end = text + len;
    uint32_t code;
    for (int step; at < end; at += step) {
        step = utf8_decode(at, end, &code);
        if (!step || !code)
            return io_fail(error, IO_DAMAGED, "it is no UTF-8 text: byte %lld begins no character",
                           (long long)(at - text));
    }
    return 1;
}

/* Cuts the text in place. */
static int cut_words(Words *words, size_t len, IoError *error) {
    int64_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += !is_space(words->text[i]) && (!i || is_space(words->text[i - 1]));
    words->list = malloc(sizeof *words->list * (size_t)(count + 1));
    if (!words->list) return io_fail(error, IO_MEMORY, "no memory for its words");
    for (size_t i = 0, inside = 0; i < len; i++) {
        if (is_space(words->text[i])) words->text[i] = 0;
        else if (!inside) {
            words->list[words->count] = (Word){words->text + i, words->count};
            words->count++;
        }
        inside = words->text[i] != 0;
    }
    return 1;
}

static int read_words(const ByteFile *file, Words *words, IoError *error) {
    size_t len;
    words->text = read_bytes(file, &len, error);
    return words->text && is_text(words->text, len, error) && cut_words(words, len, error);
}

static void words_release(Words *words) {
    free(words->text);
    free(words->list);
}

static int by_text(const void *a, const void *b) {
    const Word *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

static Array *number_array(int64_t count, IoError *error) {
    Array *array = array_try_new(DT_I32, 1, &count);
    if (!array) io_fail(error, IO_MEMORY, "no memory for its words");
    return array;
}

Array *text_words(const ByteFile *file, Alphabet *alphabet, IoError *error) {
    *alphabet = (Alphabet){0};
    Words words = {0};
    Array *array = read_words(file, &words, error) ? number_array(words.count, error) : NULL;
    alphabet->words = array ? malloc(sizeof *alphabet->words * (size_t)(words.count + 1)) : NULL;
    if (array && !alphabet->words) {
        io_fail(error, IO_MEMORY, "no memory for its alphabet");
        array_release(array);
        array = NULL;
    }
    if (!array) {
        words_release(&words);
        return NULL;
    }
    qsort(words.list, (size_t)words.count, sizeof *words.list, by_text);
    for (int64_t i = 0; i < words.count; i++) {
        int is_new = !i || strcmp(words.list[i].text, words.list[i - 1].text) != 0;
        if (is_new) alphabet->words[alphabet->count++] = (char *)(uintptr_t)words.list[i].text;
        ((int32_t *)array->data)[words.list[i].at] = alphabet->count - 1;
    }
    alphabet->text = words.text;
    free(words.list);
    return array;
}

int32_t alphabet_find_word(const Alphabet *alphabet, const char *word, size_t len) {
    int low = 0, high = alphabet->count;
    while (low < high) {
        int middle = (low + high) / 2, order = strncmp(alphabet->words[middle], word, len);
        if (!order && alphabet->words[middle][len]) order = 1;
        if (!order) return middle;
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return -1;
}

static int find_words(const Words *words, const Alphabet *alphabet, int32_t *numbers, const char *what,
                      IoError *error) {
    for (int64_t i = 0; i < words->count; i++) {
        const char *word = words->list[i].text;
        numbers[i] = alphabet_find_word(alphabet, word, strlen(word));
        if (numbers[i] >= 0) continue;
        if (what) return io_fail(error, IO_NO_ENTRY, "%s `%.100s`", what, word);
        return io_fail(error, IO_NO_ENTRY, "record %lld is the word `%.100s`, which the alphabet lacks",
                       (long long)i, word);
    }
    return 1;
}

/* Takes the numbers of the words, which it frees. */
static Array *numbered(Words *words, int is_read, const Alphabet *alphabet, const char *what,
                       IoError *error) {
    Array *array = is_read ? number_array(words->count, error) : NULL;
    if (array && !find_words(words, alphabet, array->data, what, error)) {
        array_release(array);
        array = NULL;
    }
    words_release(words);
    return array;
}

Array *words_in(const ByteFile *file, const Alphabet *alphabet, IoError *error) {
    Words words = {0};
    int is_read = read_words(file, &words, error);
    return numbered(&words, is_read, alphabet, NULL, error);
}

Array *encode_words(const Alphabet *alphabet, const char *text, IoError *error) {
    size_t len = strlen(text);
    Words words = {.text = malloc(len + 1)};
    if (!words.text) {
        io_fail(error, IO_MEMORY, "no memory for its words");
        return NULL;
    }
    memcpy(words.text, text, len + 1);
    int is_cut = cut_words(&words, len, error);
    return numbered(&words, is_cut, alphabet, "the alphabet has no word", error);
}

char *decode_words(const Alphabet *alphabet, const int32_t *ids, int64_t count) {
    size_t bytes = 1;
    for (int64_t i = 0; i < count; i++) bytes += strlen(alphabet->words[ids[i]]) + 1;
    char *text = malloc(bytes), *to = text;
    if (!text) return NULL;
    for (int64_t i = 0; i < count; i++) {
        size_t len = strlen(alphabet->words[ids[i]]);
        if (i) *to++ = ' ';
        memcpy(to, alphabet->words[ids[i]], len);
        to += len;
    }
    *to = 0;
    return text;
}
