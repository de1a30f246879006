#include "runtime/io.h"

#include "runtime/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Sentences quote bytes of files: what is no text, or would move a cursor, becomes `?`; so does a character that was
 * cut at the end. */
static void make_printable(char *text) {
    const char *end = text + strlen(text);
    uint32_t code;
    for (int len; text < end; text += len ? len : 1) {
        len = utf8_decode(text, end, &code);
        if (!len || code < 0x20 || (code >= 0x7f && code < 0xa0)) memset(text, '?', (size_t)(len ? len : 1));
    }
}

int io_fail(IoError *error, IoCode code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    error->code = code;
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    make_printable(error->text);
    return 0;
}

int io_fail_system(IoError *error, int number) {
    if (number == ENOENT || number == ENOTDIR) return io_fail(error, IO_MISSING, "there is no such file");
    if (number == EISDIR) return io_fail(error, IO_SYSTEM, "it is a folder");
    if (number == EACCES) return io_fail(error, IO_SYSTEM, "permission denied");
    return io_fail(error, IO_SYSTEM, "%s", strerror(number));
}
