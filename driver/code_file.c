#include "driver/code_file.h"

#include <string.h>
#include <zlib.h>

/* As in PNG: a byte that is not ASCII, a name, and line ends that transfers as text would change. */
static const unsigned char magic[8] = {0x89, 'D', 'L', 'C', '\r', '\n', 0x1A, '\n'};

enum { AT_VERSION = 8, AT_CHECKSUM = 12, AT_KEY = 16, AT_LENGTH = 48 };

static void put(unsigned char *to, uint64_t number, int bytes) {
    for (int i = 0; i < bytes; i++) to[i] = (unsigned char)(number >> 8 * i);
}

static uint64_t get(const unsigned char *from, int bytes) {
    uint64_t number = 0;
    for (int i = 0; i < bytes; i++) number |= (uint64_t)from[i] << 8 * i;
    return number;
}

/* Of the header behind the checksum, and the object. */
static uint32_t checksum(const unsigned char *header, const unsigned char *object, size_t len) {
    uLong crc = crc32_z(0, header + AT_KEY, CODE_FILE_HEADER - AT_KEY);
    return (uint32_t)crc32_z(crc, object, len);
}

void code_file_header(unsigned char header[CODE_FILE_HEADER], const JitKey *key, const void *object, size_t len) {
    memcpy(header, magic, sizeof magic);
    put(header + AT_VERSION, CODE_FILE_VERSION, 4);
    memcpy(header + AT_KEY, key->bytes, sizeof key->bytes);
    put(header + AT_LENGTH, len, 8);
    put(header + AT_CHECKSUM, checksum(header, object, len), 4);
}

const unsigned char *code_file_object(const unsigned char *bytes, size_t size, const JitKey *key, size_t *len) {
    if (size < CODE_FILE_HEADER) return NULL;
    if (memcmp(bytes, magic, sizeof magic) != 0 || get(bytes + AT_VERSION, 4) != CODE_FILE_VERSION) return NULL;
    if (memcmp(bytes + AT_KEY, key->bytes, sizeof key->bytes) != 0) return NULL;
    if (get(bytes + AT_LENGTH, 8) != size - CODE_FILE_HEADER) return NULL;
    const unsigned char *object = bytes + CODE_FILE_HEADER;
    if (get(bytes + AT_CHECKSUM, 4) != checksum(bytes, object, size - CODE_FILE_HEADER)) return NULL;
    *len = size - CODE_FILE_HEADER;
    return object;
}
