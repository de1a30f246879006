#include "runtime/io.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int io_fail(IoError *error, IoCode code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    error->code = code;
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return 0;
}

int io_fail_system(IoError *error, int number) {
    if (number == ENOENT || number == ENOTDIR) return io_fail(error, IO_MISSING, "there is no such file");
    if (number == EISDIR) return io_fail(error, IO_SYSTEM, "it is a folder");
    if (number == EACCES) return io_fail(error, IO_SYSTEM, "permission denied");
    return io_fail(error, IO_SYSTEM, "%s", strerror(number));
}
