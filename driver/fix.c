#include "driver/fix.h"

#include "driver/load.h"
#include "driver/rewrite.h"

#include <stdio.h>
#include <string.h>

enum { MAX_ROUNDS = 8 };

/* One round over one text, in a session of its own: the text with its fixes on `kept`. */
typedef struct Round {
    DiagEdits edits;
    int mistakes; /* errors and warnings before */
    const char *text;
    int is_whole; /* the text could be read at all */
} Round;

static void describe(const Session *session, const Source *source, Text *log) {
    int count;
    const Diag **list = diags_sorted(&session->diags, &session->sources, &count);
    for (int i = 0; i < count; i++) {
        const DiagFix *fix = diag_edit(list[i]);
        if (!fix || source_of(&session->sources, fix->span) != source) continue;
        Place place = source_place(&session->sources, fix->span.begin);
        text_printf(log, "%s:%d:%d: %s: %s\n", source->name, place.line, place.column,
                    diag_code_text(list[i]->code), fix->text);
    }
}

static Round check_text(Cli *cli, const char *name, const char *text, Text *log) {
    Session session;
    session_init(&session);
    SourceList library = {0};
    Round round = {0};
    Source *source = source_add(&session.sources, name, text, strlen(text));
    if (source && load_library(&session, &library)) {
        Imports imports;
        imports_begin(&imports, &session, source);
        CheckInput input = {.source = source, .settings = cli->settings.data, .setting_count = cli->settings.len,
                            .library = library.data, .library_count = library.len, .load = load_import,
                            .load_context = &imports};
        lang_check(&session, &input);
        Text fixed = text_new(&session.arena);
        round.edits = diags_edited(&session.diags, &session.sources, source, &fixed);
        round.mistakes = session.diags.error_count + session.diags.warning_count;
        round.text = arena_text(&cli->session.arena, text_str(&fixed), fixed.len);
        round.is_whole = 1;
        if (log && round.edits.applied) describe(&session, source, log);
    }
    session_release(&session);
    return round;
}

int fix_file(Cli *cli) {
    int code;
    const char *path = cli_only_file(cli, &code);
    if (!path) return code;
    if (!strcmp(path, "-")) return cli_misuse(cli, "--fix changes a file, and the standard input is none");
    const Source *source = load_source(&cli->session, path);
    if (!source) return cli_show_diagnostics(cli);
    if (memchr(source->text, 0, source->len)) return 0; /* no text: the check that follows says so */
    Text log = text_new(&cli->session.arena), pending = log;
    const char *text = source->text;
    int applied = 0, overlapping = 0;
    Round round = check_text(cli, source->name, text, &pending);
    for (int i = 0; i < MAX_ROUNDS && round.is_whole && round.edits.applied; i++) {
        Text next = text_new(&cli->session.arena);
        Round after = check_text(cli, source->name, round.text, &next);
        if (i && after.mistakes >= round.mistakes) break; /* these fixes do not help: left out */
        text = round.text;
        applied += round.edits.applied;
        overlapping = after.edits.applied ? 0 : round.edits.overlapping;
        text_add(&log, text_str(&pending));
        pending = next;
        round = after;
    }
    if (applied && (code = rewrite_file(&cli->session.arena, path, text))) return code;
    fputs(text_str(&log), stderr);
    if (applied) fprintf(stderr, "%s: %d %s applied", source->name, applied, applied == 1 ? "fix" : "fixes");
    else fprintf(stderr, "%s: no mistake here has a mechanical fix", source->name);
    if (overlapping) fprintf(stderr, ", %d left out that overlap with others", overlapping);
    fputc('\n', stderr);
    return 0;
}
