#include "tests/support/texts_bench.h"

#include "tests/support/lang_texts.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Session texts_session;

int texts_set_up(void **state) {
    (void)state;
    session_init(&texts_session);
    return 0;
}

int texts_tear_down(void **state) {
    (void)state;
    session_release(&texts_session);
    return 0;
}

const char *text_of_file(const char *path, size_t *len) {
    size_t unused;
    const char *text = lang_read_file(&texts_session.arena, path, len ? len : &unused);
    if (text) return text;
    fprintf(stderr, "cannot read %s\n", path);
    abort();
}

int each_text_file(const char *folder, void (*visit)(const char *path)) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", TEST_FOLDER, folder);
    DIR *dir = opendir(path);
    if (!dir) {
        fprintf(stderr, "cannot open %s\n", path);
        abort();
    }
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        size_t len = strlen(entry->d_name);
        if (len < 4 || strcmp(entry->d_name + len - 4, ".dlm") != 0) continue;
        snprintf(path, sizeof path, "%s/%s/%s", TEST_FOLDER, folder, entry->d_name);
        visit(path);
        count++;
    }
    closedir(dir);
    return count;
}
