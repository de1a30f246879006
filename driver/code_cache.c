/* The folder of compiled kernels.
 *
 *     objects/3f0c...e1     an object (code_file.h) under its key in hexadecimal
 *     objects/new-PID-N     one that is being written
 *     objects/written       as many bytes as blocks were written since the folder was last swept
 *
 * Sweeping looks at every file, so it is done seldom: each process appends a byte per block to `written` before it
 * writes objects, and who makes that longer than an eighth of the limit sweeps down to seven eighths.  A file that is
 * read gets the present time where its own is older than an hour, so most runs write nothing. */
#include "driver/code_cache.h"

#include "driver/code_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 4096, HOUR = 3600, KEY_TEXT = 2 * sizeof(((JitKey *)0)->bytes), LARGEST_OBJECT = 64 << 20, NEW_NAME = 48 };

struct CodeCache {
    char *folder;    /* of the objects */
    int64_t limit;
    int handle;      /* the open folder; -1: not there */
    int next_number; /* of files being written */
};

/* ---- the folder ---------------------------------------------------------------------------------------- */

static const char *set_variable(const char *name) {
    const char *value = getenv(name);
    return value && value[0] ? value : NULL;
}

const char *code_cache_folder(Arena *arena) {
    const char *own = set_variable("DLC_CACHE_DIR"), *all = set_variable("XDG_CACHE_HOME"), *home = set_variable("HOME");
    if (own) return arena_text(arena, own, strlen(own));
    if (all && all[0] == '/') return arena_printf(arena, "%s/dlc", all); /* the standard: relative ones do not count */
    return home ? arena_printf(arena, "%s/.cache/dlc", home) : NULL;
}

/* A folder of somebody else is not used, even where it may be written. */
static int open_folder(const CodeCache *cache) {
    int handle = open(cache->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat is;
    if (handle < 0 || (fstat(handle, &is) == 0 && is.st_uid == geteuid())) return handle;
    close(handle);
    return -1;
}

CodeCache *code_cache_open(Arena *arena, const char *folder, int64_t limit_bytes) {
    CodeCache *cache = arena_new(arena, CodeCache);
    *cache = (CodeCache){.folder = arena_printf(arena, "%s/objects", folder), .limit = limit_bytes};
    cache->handle = open_folder(cache);
    return cache;
}

void code_cache_close(CodeCache *cache) {
    if (cache->handle >= 0) close(cache->handle);
    cache->handle = -1;
}

/* Makes what is missing of the path, for the user alone. */
static int make_folder(CodeCache *cache) {
    if (cache->handle >= 0) return 1;
    for (char *slash = strchr(cache->folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(cache->folder, 0700);
        *slash = '/';
    }
    mkdir(cache->folder, 0700);
    cache->handle = open_folder(cache);
    return cache->handle >= 0;
}

/* ---- reading ------------------------------------------------------------------------------------------- */

static void key_text(const JitKey *key, char text[KEY_TEXT + 1]) {
    for (size_t i = 0; i < sizeof key->bytes; i++) snprintf(text + 2 * i, 3, "%02x", key->bytes[i]);
}

static int is_own_file(const struct stat *is) {
    return S_ISREG(is->st_mode) && is->st_uid == geteuid() && !(is->st_mode & (S_IWGRP | S_IWOTH));
}

static int read_all(int file, unsigned char *to, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t n = read(file, to + done, size - done);
        if (n <= 0 && !(n < 0 && errno == EINTR)) return 0;
        if (n > 0) done += (size_t)n;
    }
    return 1;
}

static void mark_used(int file, const struct stat *is) {
    time_t now = time(NULL);
    if (now - is->st_mtime < HOUR && is->st_mtime <= now) return;
    (void)!futimens(file, NULL); /* of no weight where the folder can't be written */
}

JitBytes code_cache_find(CodeCache *cache, Arena *arena, const JitKey *key) {
    JitBytes found = {0};
    char name[KEY_TEXT + 1];
    struct stat is;
    if (cache->handle < 0) return found;
    key_text(key, name);
    int file = openat(cache->handle, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) return found;
    if (fstat(file, &is) == 0 && is_own_file(&is) && is.st_size <= LARGEST_OBJECT) {
        size_t size = (size_t)is.st_size;
        unsigned char *bytes = arena_alloc(arena, size + 1);
        const unsigned char *object = read_all(file, bytes, size) ? code_file_object(bytes, size, key, &found.len) : NULL;
        found.data = (char *)(uintptr_t)object;
        if (object) mark_used(file, &is);
    }
    close(file);
    return found;
}

/* ---- sweeping ------------------------------------------------------------------------------------------ */

static int64_t blocks_of(int64_t bytes) { return (bytes + BLOCK - 1) / BLOCK; }

typedef struct Entry {
    char name[KEY_TEXT + 1];
    int64_t blocks;
    struct timespec used;
} Entry;

typedef Vec(Entry) Entries;

static int is_object_name(const char *name) {
    return strlen(name) == KEY_TEXT && strspn(name, "0123456789abcdef") == KEY_TEXT;
}

/* What a process left behind that ended while it wrote. */
static int is_abandoned(const char *name, const struct stat *is) {
    return strncmp(name, "new-", 4) == 0 && time(NULL) - is->st_mtime > HOUR;
}

static int64_t list_objects(const CodeCache *cache, Arena *arena, Entries *entries) {
    int handle = openat(cache->handle, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = handle < 0 ? NULL : fdopendir(handle);
    if (!folder) {
        if (handle >= 0) close(handle);
        return 0;
    }
    int64_t blocks = 0;
    struct stat is;
    for (const struct dirent *at; (at = readdir(folder));) {
        if (fstatat(cache->handle, at->d_name, &is, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(is.st_mode)) continue;
        if (is_abandoned(at->d_name, &is)) unlinkat(cache->handle, at->d_name, 0);
        if (!is_object_name(at->d_name)) continue;
        Entry entry = {.blocks = blocks_of(is.st_size), .used = is.st_mtim};
        memcpy(entry.name, at->d_name, sizeof entry.name);
        vec_push(arena, entries, entry);
        blocks += entry.blocks;
    }
    closedir(folder);
    return blocks;
}

static int least_recent_first(const void *left, const void *right) {
    const Entry *a = left, *b = right;
    if (a->used.tv_sec != b->used.tv_sec) return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
    if (a->used.tv_nsec != b->used.tv_nsec) return a->used.tv_nsec < b->used.tv_nsec ? -1 : 1;
    return strcmp(a->name, b->name);
}

static void sweep(const CodeCache *cache, int64_t blocks_left) {
    Arena arena = {0};
    Entries entries = {0};
    int64_t blocks = list_objects(cache, &arena, &entries);
    if (entries.len) qsort(entries.data, (size_t)entries.len, sizeof *entries.data, least_recent_first);
    for (int i = 0; i < entries.len && blocks > blocks_left; i++) {
        if (unlinkat(cache->handle, entries.data[i].name, 0) != 0) continue;
        blocks -= entries.data[i].blocks;
    }
    arena_release(&arena);
}

static off_t length_of(int file) {
    struct stat is;
    return fstat(file, &is) == 0 ? is.st_size : 0;
}

/* Makes room for so many blocks.  False where nothing can be written now, or they would not fit into the whole. */
static int reserve(const CodeCache *cache, int64_t blocks) {
    static const char zeros[BLOCK];
    int64_t limit = cache->limit / BLOCK, kept = limit - limit / 8;
    if (blocks > kept) return 0;
    int file = openat(cache->handle, "written", O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) return 0;
    int is_good = 1;
    for (int64_t left = blocks; left > 0 && is_good; left -= BLOCK) {
        size_t len = left < BLOCK ? (size_t)left : BLOCK;
        is_good = write(file, zeros, len) == (ssize_t)len;
    }
    if (is_good && length_of(file) > limit / 8) {
        is_good = flock(file, LOCK_EX | LOCK_NB) == 0; /* while another one sweeps nothing more is kept */
        off_t before = length_of(file);
        if (is_good) sweep(cache, kept - blocks);
        is_good = is_good && ftruncate(file, length_of(file) - before) == 0; /* what was added since stays counted */
    }
    close(file); /* and the lock with it */
    return is_good;
}

/* ---- writing ------------------------------------------------------------------------------------------- */

static int write_all(int file, const void *from, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t n = write(file, (const char *)from + done, size - done);
        if (n < 0 && errno != EINTR) return 0;
        if (n > 0) done += (size_t)n;
    }
    return 1;
}

/* A name that no file has yet: neither of another process nor of another session in this one. */
static int create_new(CodeCache *cache, char name[NEW_NAME]) {
    for (int attempt = 0; attempt < 100; attempt++) {
        snprintf(name, NEW_NAME, "new-%lx-%d", (long)getpid(), cache->next_number++);
        int file = openat(cache->handle, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (file >= 0 || errno != EEXIST) return file;
    }
    return -1;
}

/* Not brought to the disk: a file that a power failure cuts off is found damaged. */
static int write_object(CodeCache *cache, const JitKernel *kernel) {
    unsigned char header[CODE_FILE_HEADER];
    char name[KEY_TEXT + 1], temporary[NEW_NAME];
    key_text(&kernel->key, name);
    int file = create_new(cache, temporary);
    if (file < 0) return 0;
    code_file_header(header, &kernel->key, kernel->object.data, kernel->object.len);
    int is_good = write_all(file, header, sizeof header) && write_all(file, kernel->object.data, kernel->object.len);
    is_good = close(file) == 0 && is_good;
    is_good = is_good && renameat(cache->handle, temporary, cache->handle, name) == 0;
    if (!is_good) unlinkat(cache->handle, temporary, 0);
    return is_good;
}

void code_cache_add(CodeCache *cache, const JitKernel *const *kernels, int count) {
    if (!count) return;
    int64_t blocks = 0;
    for (int i = 0; i < count; i++) blocks += blocks_of((int64_t)kernels[i]->object.len + CODE_FILE_HEADER);
    int is_good = make_folder(cache) && reserve(cache, blocks);
    for (int i = 0; i < count && is_good; i++) is_good = write_object(cache, kernels[i]);
}
