/* What is watched are folders, not files: editors replace a file, and it may vanish for a moment.  Each round asks
 * whether a file has changed by its time, size and number, so a missed or foreign event costs nothing; inotify only
 * says when to ask, and without it the question is put a few times a second. */
#include "driver/watch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ASK_MILLISECONDS = 300, SETTLE_MILLISECONDS = 30, EVENTS = 4096 };

typedef struct Stamp {
    struct timespec changed;
    int64_t size;
    uint64_t number;
    int is_there;
} Stamp;

typedef struct Watched {
    const char *path;
    Stamp stamp;
} Watched;

typedef struct Watch {
    Cli *cli;
    Arena *arena; /* of this round */
    Vec(Watched) files;
    int notifier; /* -1 where there is none */
} Watch;

static Stamp stamp_of(const char *path) {
    struct stat info;
    if (stat(path, &info) != 0) return (Stamp){0};
    return (Stamp){info.st_mtim, (int64_t)info.st_size, (uint64_t)info.st_ino, 1};
}

static int same_stamp(const Stamp *a, const Stamp *b) {
    return a->is_there == b->is_there && a->size == b->size && a->number == b->number &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static const char *folder_of(Arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash) return ".";
    return slash == path ? "/" : arena_text(arena, path, (size_t)(slash - path));
}

static void watch_path(Watch *w, const char *path, int is_folder) {
    for (int i = 0; i < w->files.len; i++)
        if (strcmp(w->files.data[i].path, path) == 0) return;
    vec_push(w->arena, &w->files, ((Watched){path, stamp_of(path)}));
    if (w->notifier < 0) return;
    const char *folder = is_folder ? path : folder_of(w->arena, path);
    inotify_add_watch(w->notifier, folder, IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_CREATE | IN_DELETE);
}

/* Before the command reads them: what changes while it runs is then seen. */
static void watch_start(Watch *w) {
    const char *library = getenv("DLC_STDLIB");
    w->notifier = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    for (int i = 0; i < w->cli->files.len; i++) watch_path(w, w->cli->files.data[i], 0);
    if (library && library[0]) watch_path(w, library, 1);
}

/* Imported files and those of the library in DLC_STDLIB, by the names under which they were read. */
static void watch_sources(Watch *w) {
    const SourceMap *sources = &w->cli->session.sources;
    for (int i = 0; i < sources->sources.len; i++) {
        const char *name = sources->sources.data[i]->name;
        if (stamp_of(name).is_there) watch_path(w, arena_text(w->arena, name, strlen(name)), 0);
    }
}

static int has_changed(const Watch *w) {
    for (int i = 0; i < w->files.len; i++) {
        Stamp now = stamp_of(w->files.data[i].path);
        if (!same_stamp(&now, &w->files.data[i].stamp)) return 1;
    }
    return 0;
}

static int is_interrupted(const Watch *w) { return w->cli->signals && *w->cli->signals->interrupted; }

static void pause_for(Watch *w, int milliseconds) {
    struct pollfd event = {.fd = w->notifier, .events = POLLIN};
    char events[EVENTS];
    poll(&event, w->notifier >= 0, milliseconds);
    while (w->notifier >= 0 && read(w->notifier, events, sizeof events) > 0) continue;
}

/* Until a file is different and has stopped changing; one that has vanished is on its way back, or its absence
 * becomes the next round's message after a second. */
static void wait_for_change(Watch *w) {
    while (!is_interrupted(w) && !has_changed(w)) pause_for(w, ASK_MILLISECONDS);
    pause_for(w, SETTLE_MILLISECONDS);
    for (int i = 0; i < 10 && !is_interrupted(w) && !stamp_of(w->cli->files.data[0]).is_there; i++) pause_for(w, 100);
}

static void clear_screen(void) {
    if (isatty(STDOUT_FILENO)) fputs("\033[H\033[2J\033[3J", stdout);
    fflush(stdout);
}

/* The state of the command line as it was before the first round, with a new session. */
static void run_round(Watch *w, const Cli *before, int (*command)(Cli *cli)) {
    Cli *cli = w->cli;
    Session unused = cli->session;
    *cli = *before;
    cli->session = unused;
    session_release(&cli->session);
    session_init(&cli->session);
    command(cli);
    fflush(stdout);
    fflush(stderr);
}

int watch(Cli *cli, int (*command)(Cli *cli)) {
    if (cli->files.len != 1 || cli->shows_help) return command(cli);
    if (strcmp(cli->files.data[0], "-") == 0) return cli_misuse(cli, "--watch needs a file, not the standard input");
    Arena kept = {0}; /* what the options hold lives in the session, which each round replaces */
    Cli before = *cli;
    before.files.data = arena_array(&kept, const char *, 1);
    before.files.data[0] = arena_text(&kept, cli->files.data[0], strlen(cli->files.data[0]));
    OptionSetting *settings = arena_array(&kept, OptionSetting, cli->settings.len + 1);
    for (int i = 0; i < cli->settings.len; i++) {
        const OptionSetting *s = &cli->settings.data[i];
        settings[i].name = arena_text(&kept, s->name, strlen(s->name));
        settings[i].value = s->value ? arena_text(&kept, s->value, strlen(s->value)) : NULL;
    }
    before.settings.data = settings;
    *cli = before;
    if (cli->signals) cli->signals->watch();
    while (!is_interrupted(&(Watch){.cli = cli})) {
        Arena round = {0};
        Watch w = {.cli = cli, .arena = &round};
        watch_start(&w);
        clear_screen();
        run_round(&w, &before, command);
        watch_sources(&w);
        wait_for_change(&w);
        if (w.notifier >= 0) close(w.notifier);
        arena_release(&round);
    }
    arena_release(&kept);
    return EXIT_INTERRUPTED;
}
