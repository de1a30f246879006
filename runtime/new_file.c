#include "runtime/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Every folder before a slash of the path. */
static int make_folders(char *path, IoError *error) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        int failed = mkdir(path, 0777) && errno != EEXIST;
        int number = errno;
        *slash = '/';
        if (failed) return io_fail_system(error, number);
    }
    return 1;
}

static void forget(NewFile *file) {
    free(file->path);
    free(file->temporary);
    *file = (NewFile){0};
}

/* A name that no file has yet, beside the final one: renaming works within one file system only. */
static int create_beside(NewFile *file) {
    for (int attempt = 0; attempt < 100; attempt++) {
        sprintf(file->temporary, "%s.%lx-%d", file->path, (long)getpid(), attempt);
        int handle = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (handle >= 0 || errno != EEXIST) return handle;
    }
    return -1;
}

int new_file_open(NewFile *file, const char *path, IoError *error) {
    *file = (NewFile){.path = strdup(path), .temporary = malloc(strlen(path) + 32)};
    int handle = -1;
    if (!path[0] || !file->path || !file->temporary) {
        io_fail_system(error, path[0] ? ENOMEM : ENOENT);
    } else if (make_folders(file->path, error)) {
        handle = create_beside(file);
        if (handle < 0) io_fail_system(error, errno);
    }
    if (handle >= 0) {
        file->stream = fdopen(handle, "wb");
        if (file->stream) return 1;
        io_fail_system(error, errno);
        close(handle);
        unlink(file->temporary);
    }
    forget(file);
    return 0;
}

/* The new name itself is on the disk once its folder is. */
static void sync_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    int handle = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (handle >= 0) {
        fsync(handle);
        close(handle);
    }
    free(folder);
}

int new_file_finish(NewFile *file, int is_good, IoError *error) {
    int is_written = is_good && !ferror(file->stream) && fflush(file->stream) == 0 && fsync(fileno(file->stream)) == 0;
    int number = errno;
    if (fclose(file->stream) != 0 && is_written) {
        number = errno;
        is_written = 0;
    }
    if (is_written && rename(file->temporary, file->path) != 0) {
        number = errno;
        is_written = 0;
    }
    if (is_written) sync_folder(file->path);
    else unlink(file->temporary);
    if (is_good && !is_written) io_fail_system(error, number ? number : EIO);
    forget(file);
    return is_written;
}
