#include "runtime/utf8.h"

int utf8_decode(const char *at, const char *end, uint32_t *code) {
    if (at >= end) return 0;
    const unsigned char *b = (const unsigned char *)at;
    int len = b[0] < 0x80 ? 1 : b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : b[0] < 0xf5 ? 4 : 0;
    if (!len || end - at < len) return 0;
    *code = len == 1 ? b[0] : b[0] & (0x7fu >> len);
    for (int i = 1; i < len; i++) {
        if ((b[i] & 0xc0) != 0x80) return 0;
        *code = *code << 6 | (b[i] & 0x3f);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (*code < least[len] || *code >= UTF8_CODES || (*code >= 0xd800 && *code <= 0xdfff)) return 0;
    return len;
}

int utf8_encode(uint32_t code, char *to) {
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    int len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (int i = len - 1; i > 0; i--, code >>= 6) to[i] = (char)(0x80 | (code & 0x3f));
    to[0] = (char)(code | (0xf00u >> len & 0xff));
    return len;
}
