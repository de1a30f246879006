/* libFuzzer entry: any bytes as the file of a compiled kernel give its object or nothing, and an object is taken only
 * where the same header would be written for it.  The key that is asked for is the one that stands in the bytes, and
 * every other input gets the checksum that it should have: else nothing would ever come past these. */
#include "driver/code_file.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { AT_CHECKSUM = 12, AT_KEY = 16 };

static void mend_checksum(uint8_t *bytes, size_t size) {
    uint32_t crc = (uint32_t)crc32_z(0, bytes + AT_KEY, size - AT_KEY);
    for (int i = 0; i < 4; i++) bytes[AT_CHECKSUM + i] = (uint8_t)(crc >> 8 * i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size) return 0;
    int is_mended = data[0] & 1;
    uint8_t *bytes = malloc(--size ? size : 1);
    if (!bytes) abort();
    memcpy(bytes, data + 1, size);
    if (is_mended && size >= CODE_FILE_HEADER) mend_checksum(bytes, size);
    JitKey key = {{0}};
    if (size >= AT_KEY + sizeof key.bytes) memcpy(key.bytes, bytes + AT_KEY, sizeof key.bytes);
    size_t len;
    const unsigned char *object = code_file_object(bytes, size, &key, &len);
    if (object) {
        unsigned char header[CODE_FILE_HEADER];
        code_file_header(header, &key, object, len);
        if (object != bytes + CODE_FILE_HEADER || len != size - CODE_FILE_HEADER) abort();
        if (memcmp(header, bytes, sizeof header) != 0) abort();
        key.bytes[0] ^= 1;
        if (code_file_object(bytes, size, &key, &len)) abort();
    }
    free(bytes);
    return 0;
}
