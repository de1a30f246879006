#include "tests/support/lang_texts.h"

#include "driver/embedded.h"
#include "lang/parse_state.h"
#include "lang/parser.h"

#include <stdio.h>
#include <string.h>

const char *lang_read_file(Arena *arena, const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = arena_alloc(arena, size + 1);
    *len = fread(text, 1, size, file);
    text[*len] = '\0';
    fclose(file);
    return text;
}

int lang_add_library(Session *session, const Source **library) {
    int count = 0;
    for (int i = 0; i < embedded_file_count && count < LANG_LIBRARY_MAX; i++) {
        const EmbeddedFile *file = &embedded_files[i];
        size_t n = strlen(file->path);
        if (n < 4 || strcmp(file->path + n - 4, ".dlm") != 0) continue;
        Source *source = source_add(&session->sources, file->path, file->bytes, (size_t)file->size);
        source->is_library = 1;
        library[count++] = source;
    }
    return count;
}

TProgram *lang_check_text(Session *session, const char *name, const char *text, size_t len) {
    const Source *library[LANG_LIBRARY_MAX];
    CheckInput input = {.library = library, .library_count = lang_add_library(session, library)};
    input.source = source_add(&session->sources, name, text, len);
    return lang_check(session, &input);
}

static Parse tokens_of(Session *session, const Source *source) {
    Parse p = {.session = session, .arena = &session->arena, .source = source, .text = source->text};
    parse_tokens(&p);
    return p;
}

/* The next token from `i` that the tree can show: not the second of two line ends, nor one at the edge of a block. */
static int next_token(const Parse *p, int i) {
    const Token *tokens = p->tokens.data;
    for (; i < p->tokens.len - 1 && tokens[i].kind == TOK_SEMI; i++) {
        int after = tokens[i + 1].kind, before = i ? tokens[i - 1].kind : TOK_SEMI;
        if (after != TOK_SEMI && after != '}' && after != TOK_END && before != TOK_SEMI && before != '{') break;
    }
    return i;
}

int lang_same_tokens(Session *session, const Source *a, const Source *b) {
    Parse p = tokens_of(session, a), q = tokens_of(session, b);
    int i = 0, k = 0;
    for (;; i++, k++) {
        i = next_token(&p, i);
        k = next_token(&q, k);
        if (i >= p.tokens.len || k >= q.tokens.len) return i >= p.tokens.len && k >= q.tokens.len;
        const Token *x = &p.tokens.data[i], *y = &q.tokens.data[k];
        if (x->kind != y->kind) return 0;
        if (x->kind == TOK_END) return 1;
        if (x->kind == TOK_SEMI || x->is_made) continue;
        if (x->end - x->begin != y->end - y->begin || memcmp(p.text + x->begin, q.text + y->begin, x->end - x->begin))
            return 0;
    }
}
