/* UTF-8, strictly (RFC 3629): no overlong forms, no surrogates, nothing beyond U+10FFFF. */
#ifndef DLC_RUNTIME_UTF8_H
#define DLC_RUNTIME_UTF8_H

#include <stdint.h>

enum { UTF8_CODES = 0x110000 };

/* The code point at `at`; its length in bytes, 0 where none is complete before `end` or it is wrong. */
int utf8_decode(const char *at, const char *end, uint32_t *code);
/* Writes one code point, up to four bytes; their number. */
int utf8_encode(uint32_t code, char *to);

#endif
