/* libFuzzer entry: any bytes check, with the library, without a crash; every diagnostic renders. */
#include "tests/support/lang_texts.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Session session;
    session_init(&session);
    char *text = arena_text(&session.arena, (const char *)data, size);
    const TProgram *program = lang_check_text(&session, "fuzz.dlm", text, size);
    if (!program) abort();
    Text out = text_new(&session.arena);
    diags_render(&session.diags, &session.sources, (DiagStyle){0}, &out);
    diags_render_json(&session.diags, &session.sources, &out);
    session_release(&session);
    return 0;
}
