/* Compiled kernels on the disk: damage, foreign files, folders that can't be used, many processes, the bound. */
#include "base/text.h"
#include "driver/code_cache.h"
#include "driver/code_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

enum { MIB = 1 << 20 };

static JitKey key_of(unsigned number) {
    JitKey key;
    for (size_t i = 0; i < sizeof key.bytes; i++) key.bytes[i] = (unsigned char)(number * (i + 1) >> (i % 4 * 8));
    memcpy(key.bytes, &number, sizeof number);
    return key;
}

/* What stands under a key follows from the key, so that any process can tell what it should have read. */
static JitBytes object_of(Arena *arena, const JitKey *key, size_t len) {
    JitBytes object = {arena_alloc(arena, len + 1), len};
    for (size_t i = 0; i < len; i++) object.data[i] = (char)(key->bytes[i % sizeof key->bytes] + i / 7);
    return object;
}

static void add(CodeCache *cache, unsigned number, size_t len) {
    Arena arena = {0};
    JitKernel kernel = {.key = key_of(number)};
    kernel.object = object_of(&arena, &kernel.key, len);
    const JitKernel *list[] = {&kernel};
    code_cache_add(cache, list, 1);
    arena_release(&arena);
}

/* 0: not there; 1: there, and right; anything wrong fails the test. */
static int has(CodeCache *cache, unsigned number, size_t len) {
    Arena arena = {0};
    JitKey key = key_of(number);
    JitBytes found = code_cache_find(cache, &arena, &key), wanted = object_of(&arena, &key, len);
    if (found.data) {
        assert_int_equal(found.len, len);
        assert_memory_equal(found.data, wanted.data, len);
    }
    int is_there = found.data != NULL;
    arena_release(&arena);
    return is_there;
}

/* ---- the file ------------------------------------------------------------------------------------------ */

static size_t make_file(unsigned char *bytes, const JitKey *key, size_t len) {
    Arena arena = {0};
    JitBytes object = object_of(&arena, key, len);
    code_file_header(bytes, key, object.data, len);
    memcpy(bytes + CODE_FILE_HEADER, object.data, len);
    arena_release(&arena);
    return CODE_FILE_HEADER + len;
}

static int is_good(const unsigned char *bytes, size_t size, const JitKey *key) {
    unsigned char *own = malloc(size + 1); /* a block of its own: the address sanitizer sees a read behind its end */
    assert_non_null(own);
    memcpy(own, bytes, size);
    unsigned char *exact = realloc(own, size ? size : 1);
    assert_non_null(exact);
    size_t len;
    int good = code_file_object(exact, size, key, &len) != NULL;
    if (good) assert_int_equal(len, size - CODE_FILE_HEADER);
    free(exact);
    return good;
}

static void every_damage_is_found(void **state) {
    (void)state;
    unsigned char bytes[CODE_FILE_HEADER + 101];
    JitKey key = key_of(7), other = key_of(8);
    size_t size = make_file(bytes, &key, 100);
    assert_true(is_good(bytes, size, &key));
    assert_false(is_good(bytes, size, &other));
    for (size_t shorter = 0; shorter < size; shorter++) assert_false(is_good(bytes, shorter, &key));
    bytes[size] = 0;
    assert_false(is_good(bytes, size + 1, &key));
    for (size_t bit = 0; bit < 8 * size; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_false(is_good(bytes, size, &key));
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    assert_true(is_good(bytes, size, &key));
    assert_true(is_good(bytes, make_file(bytes, &key, 0), &key));
}

/* ---- folders ------------------------------------------------------------------------------------------- */

static char folder[64];

static int make_temporary(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/dlc-code-cache-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_temporary(void **state) {
    (void)state;
    char command[192];
    snprintf(command, sizeof command, "chmod -R u+rwx %s; rm -rf %s", folder, folder);
    return system(command);
}

/* The path of the object of a key. */
static const char *path_of(Arena *arena, const char *within, unsigned number) {
    JitKey key = key_of(number);
    Text path = text_new(arena);
    text_printf(&path, "%s/%s/objects/", folder, within);
    for (size_t i = 0; i < sizeof key.bytes; i++) text_printf(&path, "%02x", key.bytes[i]);
    return text_str(&path);
}

static mode_t mode_of(const char *path) {
    struct stat is;
    assert_int_equal(stat(path, &is), 0);
    return is.st_mode & 0777;
}

static void objects_are_found_again(void **state) {
    (void)state;
    Arena arena = {0};
    const char *path = arena_printf(&arena, "%s/a/b", folder);
    CodeCache *first = code_cache_open(&arena, path, MIB), *second = code_cache_open(&arena, path, MIB);
    assert_false(has(first, 1, 5000));
    assert_int_equal(access(path, F_OK), -1); /* looking makes nothing */
    add(first, 1, 5000);
    assert_true(has(first, 1, 5000));
    assert_false(has(first, 2, 5000));
    add(second, 2, 0);
    assert_true(has(second, 1, 5000) && has(first, 2, 0));
    assert_int_equal(mode_of(path), 0700);
    assert_int_equal(mode_of(arena_printf(&arena, "%s/objects", path)), 0700);
    assert_int_equal(mode_of(path_of(&arena, "a/b", 1)), 0600);
    code_cache_close(first);
    code_cache_close(second);
    arena_release(&arena);
}

static void write_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void damaged_files_are_replaced(void **state) {
    (void)state;
    Arena arena = {0};
    CodeCache *cache = code_cache_open(&arena, arena_printf(&arena, "%s/d", folder), MIB);
    static const size_t places[] = {0, 8, 12, 16, 48, CODE_FILE_HEADER, CODE_FILE_HEADER + 299}; /* every field */
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        unsigned char bytes[CODE_FILE_HEADER + 300];
        JitKey key = key_of(i);
        add(cache, i, 300);
        make_file(bytes, &key, 300);
        bytes[places[i]]++;
        write_file(path_of(&arena, "d", i), bytes, sizeof bytes);
        assert_false(has(cache, i, 300));
        add(cache, i, 300);
        assert_true(has(cache, i, 300));
    }
    write_file(path_of(&arena, "d", 0), "", 0);
    assert_false(has(cache, 0, 300));
    code_cache_close(cache);
    arena_release(&arena);
}

/* Files that are not what this user's dlc writes. */
static void foreign_files_are_not_read(void **state) {
    (void)state;
    Arena arena = {0};
    CodeCache *cache = code_cache_open(&arena, arena_printf(&arena, "%s/f", folder), MIB);
    for (unsigned i = 0; i < 5; i++) add(cache, i, 300);
    assert_int_equal(chmod(path_of(&arena, "f", 0), 0620), 0); /* others could have changed it */
    assert_false(has(cache, 0, 300));
    const char *there = path_of(&arena, "f", 1), *elsewhere = arena_printf(&arena, "%s/elsewhere", folder);
    assert_int_equal(rename(there, elsewhere), 0);
    assert_int_equal(symlink(elsewhere, there), 0);
    assert_false(has(cache, 1, 300));
    assert_int_equal(unlink(path_of(&arena, "f", 2)), 0);
    assert_int_equal(mkfifo(path_of(&arena, "f", 2), 0600), 0); /* reading it would never end */
    assert_false(has(cache, 2, 300));
    assert_int_equal(unlink(path_of(&arena, "f", 3)), 0);
    assert_int_equal(mkdir(path_of(&arena, "f", 3), 0700), 0);
    assert_false(has(cache, 3, 300));
    add(cache, 0, 300);
    add(cache, 1, 300);
    add(cache, 2, 300);
    assert_true(has(cache, 0, 300) && has(cache, 1, 300) && has(cache, 2, 300));
    if (geteuid() == 0) { /* only root can give a file away */
        assert_int_equal(chown(path_of(&arena, "f", 4), 1, (gid_t)-1), 0);
        assert_false(has(cache, 4, 300));
        assert_int_equal(chown(arena_printf(&arena, "%s/f/objects", folder), 1, (gid_t)-1), 0);
        CodeCache *other = code_cache_open(&arena, arena_printf(&arena, "%s/f", folder), MIB);
        assert_false(has(other, 0, 300));
        add(other, 9, 300);
        assert_false(has(other, 9, 300));
        code_cache_close(other);
    }
    code_cache_close(cache);
    arena_release(&arena);
}

static void folders_that_cannot_be_used(void **state) {
    (void)state;
    Arena arena = {0};
    const char *file = arena_printf(&arena, "%s/file", folder), *closed = arena_printf(&arena, "%s/closed", folder);
    write_file(file, "x", 1);
    CodeCache *good = code_cache_open(&arena, closed, MIB);
    add(good, 1, 100);
    assert_int_equal(chmod(arena_printf(&arena, "%s/objects", closed), 0500), 0);
    const char *paths[] = {file, arena_printf(&arena, "%s/below", file), "/proc/nowhere", closed};
    int count = geteuid() == 0 ? 3 : 4; /* root writes everywhere else */
    for (int i = 0; i < count; i++) {
        CodeCache *cache = code_cache_open(&arena, paths[i], MIB);
        add(cache, 2, 100);
        assert_false(has(cache, 2, 100));
        if (paths[i] == closed) assert_true(has(cache, 1, 100)); /* it is still read */
        code_cache_close(cache);
    }
    code_cache_close(good);
    arena_release(&arena);
}

static void environment_names_the_folder(void **state) {
    (void)state;
    static const char *const names[] = {"DLC_CACHE_DIR", "XDG_CACHE_HOME", "HOME"};
    static const char *const cases[][4] = {
        {"/own", "/all", "/home/u", "/own"},  {"rel", "/all", "/home/u", "rel"},  {"", "/all", "/home/u", "/all/dlc"},
        {NULL, "rel", "/home/u", "/home/u/.cache/dlc"}, {NULL, NULL, "/home/u", "/home/u/.cache/dlc"},
        {NULL, NULL, "", NULL},               {NULL, NULL, NULL, NULL},
    };
    Arena arena = {0};
    char *saved[3];
    for (int i = 0; i < 3; i++) saved[i] = getenv(names[i]) ? strdup(getenv(names[i])) : NULL;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        for (int i = 0; i < 3; i++) cases[c][i] ? setenv(names[i], cases[c][i], 1) : unsetenv(names[i]);
        const char *got = code_cache_folder(&arena);
        if (cases[c][3]) assert_string_equal(got, cases[c][3]);
        else assert_null(got);
    }
    for (int i = 0; i < 3; i++) {
        saved[i] ? setenv(names[i], saved[i], 1) : unsetenv(names[i]);
        free(saved[i]);
    }
    arena_release(&arena);
}

/* ---- the bound ----------------------------------------------------------------------------------------- */

/* Bytes of all files; `*unfinished` counts those that are being written. */
static int64_t bytes_in(const char *path, int *unfinished) {
    DIR *list = opendir(path);
    assert_non_null(list);
    int64_t sum = 0;
    struct stat is;
    *unfinished = 0;
    for (const struct dirent *at; (at = readdir(list));) {
        if (at->d_name[0] == '.' || fstatat(dirfd(list), at->d_name, &is, 0) != 0) continue;
        sum += is.st_size;
        *unfinished += strncmp(at->d_name, "new-", 4) == 0;
    }
    closedir(list);
    return sum;
}

static void age(const char *path, int64_t seconds) {
    struct timespec times[2] = {{.tv_sec = time(NULL) - seconds}, {.tv_sec = time(NULL) - seconds}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void least_recently_used_go_first(void **state) {
    (void)state;
    Arena arena = {0};
    const char *path = arena_printf(&arena, "%s/b", folder), *objects = arena_printf(&arena, "%s/objects", path);
    CodeCache *cache = code_cache_open(&arena, path, MIB);
    enum { SIZE = 20000, COUNT = 400 };
    add(cache, 0, SIZE);
    const char *left = arena_printf(&arena, "%s/new-1-1", objects), *foreign = arena_printf(&arena, "%s/README", objects);
    write_file(left, "x", 1);
    age(left, 7200);
    write_file(foreign, "not ours", 8);
    int unfinished, kept = 0;
    for (unsigned i = 1; i < COUNT; i++) {
        add(cache, i, SIZE);
        age(path_of(&arena, "b", i), 100000 - 100 * (int64_t)i); /* the first are the oldest */
        assert_true(has(cache, 0, SIZE));                        /* in use all the time */
        age(path_of(&arena, "b", 0), 5000);                      /* an hour ago: marked again when it is read */
        assert_true(has(cache, 0, SIZE));
        assert_true(bytes_in(objects, &unfinished) <= MIB);
    }
    assert_int_equal(unfinished, 0); /* what was left behind long ago is gone */
    assert_int_equal(access(foreign, F_OK), 0);
    for (unsigned i = 1; i < COUNT; i++) {
        int is_kept = access(path_of(&arena, "b", i), F_OK) == 0;
        if (kept) assert_true(is_kept); /* all behind the first that is kept are */
        kept += is_kept;
    }
    assert_in_range(kept, MIB * 3 / 4 / 20480 - 2, MIB / 20000);
    add(cache, 1000, 2 * MIB); /* more than there may be */
    assert_false(has(cache, 1000, 2 * MIB));
    code_cache_close(cache);
    arena_release(&arena);
}

/* ---- many processes ------------------------------------------------------------------------------------ */

static size_t size_of(unsigned number) { return 1000 + number % 37 * 1000; }

/* Everybody writes and reads the same keys in an order of his own while the folder is swept again and again. */
static void work_in_child(unsigned seed) {
    Arena arena = {0};
    CodeCache *cache = code_cache_open(&arena, arena_printf(&arena, "%s/m", folder), MIB / 2);
    for (unsigned i = 0; i < 400; i++) {
        seed = seed * 1103515245u + 12345u;
        unsigned number = seed >> 16 & 63;
        if (!has(cache, number, size_of(number))) add(cache, number, size_of(number));
    }
    code_cache_close(cache);
    arena_release(&arena);
    _exit(0);
}

static void many_processes_share_a_folder(void **state) {
    (void)state;
    enum { CHILDREN = 8 };
    pid_t children[CHILDREN];
    for (unsigned i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (!children[i]) work_in_child(i + 1);
    }
    for (int i = 0; i < CHILDREN; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    Arena arena = {0};
    CodeCache *cache = code_cache_open(&arena, arena_printf(&arena, "%s/m", folder), MIB / 2);
    int found = 0, unfinished;
    for (unsigned number = 0; number < 64; number++) found += has(cache, number, size_of(number));
    assert_true(found > 8);
    int64_t bytes = bytes_in(arena_printf(&arena, "%s/m/objects", folder), &unfinished);
    assert_int_equal(unfinished, 0);
    assert_true(bytes <= MIB / 2 + CHILDREN * 40000); /* each may have been in the middle of one */
    code_cache_close(cache);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_damage_is_found),        cmocka_unit_test(objects_are_found_again),
        cmocka_unit_test(damaged_files_are_replaced),   cmocka_unit_test(foreign_files_are_not_read),
        cmocka_unit_test(folders_that_cannot_be_used),  cmocka_unit_test(environment_names_the_folder),
        cmocka_unit_test(least_recently_used_go_first), cmocka_unit_test(many_processes_share_a_folder),
    };
    return cmocka_run_group_tests_name("code_cache", tests, make_temporary, remove_temporary);
}
