#include "driver/load.h"

#include "driver/embedded.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_SOURCE_BYTES = 16 << 20 };

static const Span no_place = {0, 0};

static const char *reason(int error) {
    if (error == ENOENT) return "there is no such file";
    if (error == EISDIR) return "it is a folder";
    if (error == EACCES) return "permission denied";
    return strerror(error);
}

static void cannot_read(Session *session, const char *path, int error) {
    Diag *diag = diag_add(&session->diags, no_place, E_FILE_MISSING, "cannot read %s: %s", path, reason(error));
    if (error != ENOENT) return;
    const char *with_ending = arena_printf(&session->arena, "%s.dlm", path);
    if (access(with_ending, R_OK) == 0) diag_fix(&session->diags, diag, "write %s", with_ending);
}

/* All of the file, NUL-terminated, on the arena; NULL and errno.  A longer file gives MAX_SOURCE_BYTES + 1. */
static char *read_all(Arena *arena, int file, size_t *len) {
    size_t cap = 64 << 10, have = 0;
    char *text = malloc(cap + 1);
    ssize_t got = 1;
    while (text && have <= MAX_SOURCE_BYTES) {
        size_t room = cap - have < MAX_SOURCE_BYTES + 1 - have ? cap - have : MAX_SOURCE_BYTES + 1 - have;
        got = room ? read(file, text + have, room) : 0;
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        have += (size_t)got;
        if (have < cap) continue;
        char *grown = realloc(text, cap * 2 + 1);
        if (!grown) free(text);
        text = grown;
        cap *= 2;
    }
    if (!text || got < 0) {
        int error = text ? errno : ENOMEM;
        free(text);
        errno = error;
        return NULL;
    }
    char *kept = arena_text(arena, text, have); /* the arena gets what is needed and no more */
    free(text);
    *len = have;
    return kept;
}

static const Source *load(Session *session, const char *path, const char *shown) {
    int is_input = strcmp(path, "-") == 0;
    int file = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        cannot_read(session, shown, errno);
        return NULL;
    }
    struct stat info;
    size_t len = 0;
    const char *text = NULL;
    int is_large = fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > MAX_SOURCE_BYTES;
    if (!is_large) text = read_all(&session->arena, file, &len);
    int error = errno;
    if (!is_input) close(file);
    if (is_large || (text && len > MAX_SOURCE_BYTES)) {
        diag_add(&session->diags, no_place, E_FILE_TOO_LARGE, "%s is larger than 16 MiB, the most a source may have",
                 shown);
        return NULL;
    }
    if (!text) {
        cannot_read(session, shown, error);
        return NULL;
    }
    Source *source = source_add(&session->sources, shown, text, len);
    if (!source) diag_add(&session->diags, no_place, E_FILE_TOO_LARGE, "the sources have more than 4 GiB in all");
    return source;
}

const Source *load_source(Session *session, const char *path) {
    return load(session, path, strcmp(path, "-") == 0 ? "<standard input>" : path);
}

/* ---- imports --------------------------------------------------------------------------------------------- */

static const char *real_path(Imports *imports, const char *path) {
    char *real = realpath(path, NULL);
    const char *kept = real ? arena_text(&imports->session->arena, real, strlen(real)) : path;
    free(real);
    return kept;
}

static void remember(Imports *imports, const Source *source, const char *real) {
    vec_push(&imports->session->arena, &imports->sources, source);
    vec_push(&imports->session->arena, &imports->paths, real);
}

void imports_begin(Imports *imports, Session *session, const Source *source) {
    *imports = (Imports){.session = session};
    remember(imports, source, real_path(imports, source->name));
}

const Source *load_import(void *context, const Source *importer, const char *path, const char **why) {
    Imports *imports = context;
    Arena *arena = &imports->session->arena;
    const char *slash = strrchr(importer->name, '/');
    const char *shown = path[0] == '/' || !slash
                            ? path
                            : arena_printf(arena, "%.*s/%s", (int)(slash - importer->name), importer->name, path);
    const char *real = real_path(imports, shown);
    for (int i = 0; i < imports->paths.len; i++)
        if (strcmp(imports->paths.data[i], real) == 0) return imports->sources.data[i];
    struct stat info;
    int is_there = stat(shown, &info) == 0;
    *why = !is_there                   ? reason(errno)
           : S_ISDIR(info.st_mode)     ? reason(EISDIR)
           : access(shown, R_OK) != 0 ? reason(errno)
           : info.st_size > MAX_SOURCE_BYTES ? "it is larger than 16 MiB"
                                             : NULL;
    if (*why) return NULL;
    const Source *source = load(imports->session, shown, shown);
    if (source) remember(imports, source, real);
    else *why = "see above";
    return source;
}

/* ---- the library ----------------------------------------------------------------------------------------- */

static int is_module(const char *name) {
    const char *ending = strrchr(name, '.');
    return name[0] != '.' && ending && strcmp(ending, ".dlm") == 0;
}

static int is_dlm(const struct dirent *entry) { return is_module(entry->d_name); }

static int library_error(Session *session, const char *folder, const char *why) {
    Diag *diag = diag_add(&session->diags, no_place, E_FILE_MISSING,
                          "cannot read the library in %s, which DLC_STDLIB names: %s", folder, why);
    diag_fix(&session->diags, diag, "unset DLC_STDLIB: the library is inside dlc");
    return 0;
}

static int load_folder(Session *session, const char *folder, SourceList *library) {
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_dlm, alphasort);
    if (count < 0) return library_error(session, folder, errno == ENOENT ? "there is no such folder" : reason(errno));
    int is_complete = count > 0 || library_error(session, folder, "it has no .dlm files");
    for (int i = 0; i < count; i++) {
        const char *path = arena_printf(&session->arena, "%s/%s", folder, entries[i]->d_name);
        const Source *source = is_complete ? load(session, path, path) : NULL;
        free(entries[i]);
        if (!source) {
            is_complete = 0;
            continue;
        }
        ((Source *)source)->is_library = 1;
        vec_push(&session->arena, library, source);
    }
    free(entries);
    return is_complete;
}

int load_library(Session *session, SourceList *library) {
    const char *folder = getenv("DLC_STDLIB");
    if (folder && folder[0]) return load_folder(session, folder, library);
    for (int i = 0; i < embedded_file_count; i++) {
        const EmbeddedFile *file = &embedded_files[i];
        if (!is_module(file->path)) continue;
        Source *source = source_add(&session->sources, file->path, file->bytes, (size_t)file->size);
        if (!source) ICE("no offsets left for the library");
        source->is_library = 1;
        vec_push(&session->arena, library, source);
    }
    return 1;
}
