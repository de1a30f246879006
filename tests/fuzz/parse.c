/* libFuzzer entry: any bytes parse without a crash; a program formats to one that the formatter
 * leaves alone. Built with clang and -DDLC_FUZZ=ON; run `fuzz_parse -max_total_time=60 models`. */
#include "lang/format.h"
#include "lang/parse.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Session session;
    session_init(&session);
    char *text = arena_text(&session.arena, (const char *)data, size);
    const char *once = lang_format(&session, source_add(&session.sources, "fuzz.dlm", text, size));
    if (once) {
        const char *twice =
            lang_format(&session, source_add(&session.sources, "again.dlm", once, strlen(once)));
        if (!twice || strcmp(once, twice)) abort();
    }
    session_release(&session);
    return 0;
}
