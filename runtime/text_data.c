#include "runtime/text_data.h"

#include "runtime/byte_stream.h"
#include "runtime/text_words.h"
#include "runtime/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 64 << 10 };

/* The code points of a text under construction. */
typedef struct Codes {
    int32_t *data;
    int64_t count, cap;
} Codes;

static int make_room(Codes *codes, int64_t more, IoError *error) {
    if (codes->count + more <= codes->cap) return 1;
    int64_t cap = codes->cap * 2 + more;
    int32_t *grown = cap > INT32_MAX ? NULL : realloc(codes->data, (size_t)cap * sizeof *grown);
    if (!grown) return io_fail(error, IO_MEMORY, "no memory for its characters");
    codes->data = grown;
    codes->cap = cap;
    return 1;
}

/* Reads to the end; a character may be cut by the end of a chunk, its bytes then begin the next one. */
static int read_codes(ByteStream *stream, char *chunk, Codes *codes, IoError *error) {
    int64_t held = 0, offset = 0;
    for (;;) {
        int64_t got = byte_stream_read(stream, chunk + held, CHUNK_BYTES - held, error);
        if (got < 0 || !make_room(codes, held + got, error)) return 0;
        const char *at = chunk, *end = chunk + held + got;
        uint32_t code;
        for (int len; (len = utf8_decode(at, end, &code)) > 0; at += len) codes->data[codes->count++] = (int32_t)code;
        offset += at - chunk;
        held = end - at;
        if (held >= 4 || (held && !got))
            return io_fail(error, IO_DAMAGED, "it is no UTF-8 text: byte %lld begins no character", (long long)offset);
        if (!got) return 1;
        memmove(chunk, at, (size_t)held);
    }
}

/* The alphabet of the codes, which become numbers in place. */
static int number_codes(Codes *codes, Alphabet *alphabet, IoError *error) {
    int32_t *numbers = calloc(UTF8_CODES, sizeof *numbers);
    if (!numbers) return io_fail(error, IO_MEMORY, "no memory for its alphabet");
    for (int64_t i = 0; i < codes->count; i++) numbers[codes->data[i]] = 1;
    int count = 0;
    for (int c = 0; c < UTF8_CODES; c++) count += numbers[c];
    alphabet->codes = malloc(((size_t)count + 1) * sizeof *alphabet->codes);
    if (!alphabet->codes) {
        free(numbers);
        return io_fail(error, IO_MEMORY, "no memory for its alphabet");
    }
    for (int c = 0; c < UTF8_CODES; c++) {
        if (!numbers[c]) continue;
        numbers[c] = alphabet->count;
        alphabet->codes[alphabet->count++] = (uint32_t)c;
    }
    for (int64_t i = 0; i < codes->count; i++) codes->data[i] = numbers[codes->data[i]];
    free(numbers);
    return 1;
}

static Array *codes_array(const Codes *codes, IoError *error) {
    Array *array = array_try_new(DT_I32, 1, &codes->count);
    if (array && codes->count) memcpy(array->data, codes->data, (size_t)array_bytes(array));
    if (!array) io_fail(error, IO_MEMORY, "no memory for its characters");
    return array;
}

Array *text_characters(const ByteFile *file, Alphabet *alphabet, IoError *error) {
    *alphabet = (Alphabet){0};
    Codes codes = {0};
    Array *array = NULL;
    char *chunk = malloc(CHUNK_BYTES);
    if (!chunk) io_fail(error, IO_MEMORY, "no memory to read it");
    ByteStream *stream = chunk ? byte_stream_of(file, error) : NULL;
    if (stream && read_codes(stream, chunk, &codes, error) && number_codes(&codes, alphabet, error))
        array = codes_array(&codes, error);
    byte_stream_free(stream);
    free(chunk);
    free(codes.data);
    if (!array) alphabet_release(alphabet);
    return array;
}

/* Characters in an alphabet that is there, numbered in place. */
static int find_codes(Codes *codes, const Alphabet *alphabet, IoError *error) {
    for (int64_t i = 0; i < codes->count; i++) {
        int32_t number = alphabet_find(alphabet, (uint32_t)codes->data[i]);
        if (number < 0) {
            char shown[5] = "";
            shown[utf8_encode((uint32_t)codes->data[i], shown)] = 0;
            return io_fail(error, IO_NO_ENTRY, "record %lld is the character `%s`, which the alphabet lacks", (long long)i,
                           shown);
        }
        codes->data[i] = number;
    }
    return 1;
}

static Array *characters_in(const ByteFile *file, const Alphabet *alphabet, IoError *error) {
    Codes codes = {0};
    char *chunk = malloc(CHUNK_BYTES);
    if (!chunk) io_fail(error, IO_MEMORY, "no memory to read it");
    ByteStream *stream = chunk ? byte_stream_of(file, error) : NULL;
    int is_good = stream && read_codes(stream, chunk, &codes, error) && find_codes(&codes, alphabet, error);
    Array *array = is_good ? codes_array(&codes, error) : NULL;
    byte_stream_free(stream);
    free(chunk);
    free(codes.data);
    return array;
}

Array *text_numbers(const ByteFile *file, const Alphabet *alphabet, IoError *error) {
    return alphabet->words ? words_in(file, alphabet, error) : characters_in(file, alphabet, error);
}

void alphabet_release(Alphabet *alphabet) {
    free(alphabet->codes);
    free(alphabet->words);
    free(alphabet->text);
    *alphabet = (Alphabet){0};
}

int32_t alphabet_find(const Alphabet *alphabet, uint32_t code) {
    int low = 0, high = alphabet->count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (alphabet->codes[middle] < code) low = middle + 1;
        else high = middle;
    }
    return low < alphabet->count && alphabet->codes[low] == code ? low : -1;
}

Array *alphabet_encode(const Alphabet *alphabet, const char *text, IoError *error) {
    if (alphabet->words) return encode_words(alphabet, text, error);
    const char *end = text + strlen(text);
    int64_t count = 0;
    uint32_t code;
    int len;
    for (const char *at = text; (len = utf8_decode(at, end, &code)) > 0; at += len) count++;
    Array *array = array_new(DT_I32, 1, &count);
    int64_t i = 0;
    for (const char *at = text; (len = utf8_decode(at, end, &code)) > 0; at += len) {
        int32_t number = alphabet_find(alphabet, code);
        if (number < 0) {
            io_fail(error, IO_NO_ENTRY, "the alphabet has no character `%.*s`", len, at);
            array_release(array);
            return NULL;
        }
        ((int32_t *)array->data)[i++] = number;
    }
    return array;
}

char *alphabet_decode(const Alphabet *alphabet, const int32_t *ids, int64_t count) {
    if (alphabet->words) return decode_words(alphabet, ids, count);
    char *text = malloc((size_t)count * 4 + 1), *to = text;
    if (!text) return NULL;
    for (int64_t i = 0; i < count; i++) to += utf8_encode(alphabet->codes[ids[i]], to);
    *to = 0;
    return text;
}
