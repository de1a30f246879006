/* libFuzzer entry: any bytes parse without a crash; a program formats to one of the same tokens, so of the same tree,
 * which the formatter leaves alone. */
#include "lang/format.h"
#include "tests/support/lang_texts.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_format(Session *session, const Source *source) {
    const char *once = lang_format(session, source);
    if (!once) return;
    const Source *again = source_add(&session->sources, "again.dlm", once, strlen(once));
    const char *twice = lang_format(session, again);
    if (!twice || strcmp(once, twice) != 0 || !lang_same_tokens(session, source, again)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Session session;
    session_init(&session);
    char *text = arena_text(&session.arena, (const char *)data, size);
    check_format(&session, source_add(&session.sources, "fuzz.dlm", text, size));
    session_release(&session);
    return 0;
}
