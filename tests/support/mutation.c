#include "tests/support/mutation.h"

#include "lang/parse.h"
#include "lang/parse_state.h"
#include "lang/parser.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef struct Visitor {
    void (*visit)(void *context, const Mutant *mutant);
    void *context;
} Visitor;

static char *read_file(const char *name, size_t *len) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", TEST_FOLDER, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *len = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(*len + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, *len, file), *len);
    text[*len] = 0;
    fclose(file);
    return text;
}

/* Fills sample->pieces. */
static void cut(Arena *arena, Sample *sample) {
    Session session;
    session_init(&session);
    const Source *source = source_add(&session.sources, sample->name, sample->text, sample->len);
    Parse p = {
        .session = &session, .arena = &session.arena, .source = source, .text = source->text};
    lex_source(&p);
    int depth = 0;
    for (int i = 0; i + 1 < p.tokens.len; i++) {
        const Token *token = &p.tokens.data[i];
        if (!depth) {
            vec_push(arena, &sample->pieces,
                     ((Piece){sample->text + token->begin, token->begin, token->end}));
        }
        if (token->kind == TOK_STRING_START) depth++;
        else if (token->kind == TOK_STRING_END) depth--;
        if (depth >= 0) vec_last(&sample->pieces).end = token->end;
    }
    session_release(&session);
}

void sample_read(Arena *arena, const char *name, Sample *sample) {
    *sample = (Sample){.name = name};
    sample->text = read_file(name, &sample->len);
    cut(arena, sample);
}

void sample_release(Sample *sample) { free(sample->text); }

/* The sample with [begin, end) replaced by the parts. */
static void splice(const Visitor *visitor, const Sample *sample, const char *what, const Piece *piece, uint32_t end,
                   const char *parts) {
    size_t len = strlen(parts);
    char *text = malloc(sample->len + len + 2);
    assert_non_null(text);
    memcpy(text, sample->text, piece->begin);
    memcpy(text + piece->begin, parts, len);
    memcpy(text + piece->begin + len, sample->text + end, sample->len - end + 1);
    size_t total = piece->begin + len + sample->len - end;
    visitor->visit(visitor->context, &(Mutant){sample, what, piece, text, total});
    free(text);
}

static uint32_t random_next(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

void sample_mutate(const Sample *samples, int count, int which, uint32_t *seed,
                   void (*visit)(void *context, const Mutant *mutant), void *context) {
    const Visitor visitor = {visit, context};
    const Sample *sample = &samples[which];
    char parts[8192];
    for (int i = 0; i < sample->pieces.len; i++) {
        const Piece *a = &sample->pieces.data[i];
        int len = (int)(a->end - a->begin);
        splice(&visitor, sample, "delete", a, a->end, " ");
        snprintf(parts, sizeof parts, "%.*s %.*s", len, a->text, len, a->text);
        splice(&visitor, sample, "double", a, a->end, parts);
        if (i + 1 < sample->pieces.len) {
            const Piece *b = a + 1;
            snprintf(parts, sizeof parts, " %.*s%.*s%.*s ", (int)(b->end - b->begin), b->text,
                     (int)(b->begin - a->end), sample->text + a->end, len, a->text);
            splice(&visitor, sample, "swap", a, b->end, parts);
        }
        const Sample *from = &samples[random_next(seed) % (uint32_t)count];
        const Piece *other = &from->pieces.data[random_next(seed) % (uint32_t)from->pieces.len];
        snprintf(parts, sizeof parts, " %.*s ", (int)(other->end - other->begin), other->text);
        splice(&visitor, sample, "replace", a, a->end, parts);
    }
}

/* 0: neither; 1: a number; 2: a name in lower case, 3: one in upper case. */
static int word_class(const Piece *piece) {
    unsigned char c = (unsigned char)piece->text[0];
    return isdigit(c) ? 1 : islower(c) ? 2 : isupper(c) ? 3 : 0;
}

void sample_swap_words(const Sample *samples, int which, uint32_t *seed,
                       void (*visit)(void *context, const Mutant *mutant), void *context) {
    const Visitor visitor = {visit, context};
    const Sample *sample = &samples[which];
    uint32_t count = (uint32_t)sample->pieces.len;
    char parts[8192];
    for (int i = 0; i < sample->pieces.len; i++) {
        const Piece *a = &sample->pieces.data[i];
        if (!word_class(a)) continue;
        for (int k = 0; k < 3; k++) {
            const Piece *b = a;
            for (int tries = 0; tries < 100 && (b == a || word_class(b) != word_class(a)); tries++)
                b = &sample->pieces.data[random_next(seed) % count];
            snprintf(parts, sizeof parts, "%.*s", (int)(b->end - b->begin), b->text);
            splice(&visitor, sample, "other word", a, a->end, parts);
        }
    }
}

void mutant_show(const Mutant *mutant, Session *session) {
    const Piece *piece = mutant->piece;
    Text out = text_new(&session->arena);
    diags_render(&session->diags, &session->sources, (DiagStyle){.limit = 6}, &out);
    printf("---- %s: %s `%.*s` at %u\n%s\n", mutant->sample->name, mutant->what, (int)(piece->end - piece->begin),
           piece->text, piece->begin, text_str(&out));
}
