#include "runtime/byte_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int byte_file_open(ByteFile *file, const char *path, IoError *error) {
    *file = (ByteFile){.handle = -1};
    /* without O_NONBLOCK a named pipe would wait for its writer */
    int handle = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (handle < 0) return io_fail_system(error, errno);
    struct stat info;
    int is_known = fstat(handle, &info) == 0;
    if (is_known && S_ISREG(info.st_mode)) {
        *file = (ByteFile){.handle = handle, .size = info.st_size};
        return 1;
    }
    int number = errno;
    close(handle);
    if (!is_known) return io_fail_system(error, number);
    if (S_ISDIR(info.st_mode)) return io_fail_system(error, EISDIR);
    return io_fail(error, IO_SYSTEM, "it is no regular file");
}

ByteFile byte_file_memory(const void *bytes, size_t size) {
    return (ByteFile){.handle = -1, .memory = bytes, .size = (int64_t)size};
}

void byte_file_close(ByteFile *file) {
    if (file->handle >= 0) close(file->handle);
    *file = (ByteFile){.handle = -1};
}

int byte_file_read(const ByteFile *file, int64_t offset, void *to, int64_t len, IoError *error) {
    if (offset < 0 || len < 0 || offset > file->size || len > file->size - offset)
        return io_fail(error, IO_DAMAGED, "it ends early: %lld bytes are there, byte %lld is asked for",
                       (long long)file->size, (long long)offset);
    if (file->handle < 0) {
        if (len) memcpy(to, file->memory + offset, (size_t)len);
        return 1;
    }
    for (char *at = to; len > 0;) {
        ssize_t got = pread(file->handle, at, (size_t)len, offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return io_fail_system(error, errno);
        if (got == 0) return io_fail(error, IO_DAMAGED, "it became shorter while it was read");
        at += got;
        offset += got;
        len -= got;
    }
    return 1;
}
