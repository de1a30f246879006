/* One-token mistakes in every sample: no crash, no hang, and one message for one mistake.
 *
 * Each token of each sample is deleted, doubled, swapped with its neighbour and replaced by another
 * token.  Of the mutants that are rejected at least 95 % get exactly one message.
 * DLC_MUTATION_SHOW=n prints the first n mutants that get more. */
#include "lang/format.h"
#include "lang/parse.h"
#include "lang/parse_state.h"
#include "lang/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *const samples[] = {
    "../models/cartpole.dlm", "../models/char_lstm.dlm", "../models/digits.dlm",
    "../models/dqn.dlm",      "../models/gan.dlm",       "../models/gpt.dlm",
    "../models/linear.dlm",   "../models/maml.dlm",      "../models/mnist.dlm",
    "../models/resnet.dlm",   "../models/vae.dlm",       "lang/samples/bad_shapes.dlm",
};
enum { SAMPLES = sizeof samples / sizeof *samples };

typedef struct Piece {
    const char *text;
    uint32_t begin, end;
} Piece;

typedef struct Sample {
    const char *name;
    char *text;
    size_t len;
    Vec(Piece) pieces; /* tokens; a string with its values is one */
} Sample;

typedef struct Counts {
    int total, rejected, single, shown, show;
} Counts;

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

/* A mutant that is a program formats to a program that the formatter leaves alone. */
static void formats_once(Session *session, const Source *source) {
    const char *once = lang_format(session, source);
    assert_non_null(once);
    const Source *again = source_add(&session->sources, "formatted", once, strlen(once));
    const char *twice = lang_format(session, again);
    if (!twice) fail_msg("no longer a program:\n%s", once);
    assert_string_equal(twice, once);
}

static void try_mutant(Counts *counts, const Sample *sample, const char *what, const Piece *piece,
                       const char *text, size_t len) {
    Session session;
    session_init(&session);
    const Source *source = source_add(&session.sources, sample->name, text, len);
    lang_parse(&session, source);
    int errors = session.diags.error_count;
    if (!errors) formats_once(&session, source);
    counts->total++;
    if (errors) counts->rejected++;
    if (errors == 1) counts->single++;
    if (errors > 1 && counts->shown < counts->show) {
        counts->shown++;
        Text out = text_new(&session.arena);
        diags_render(&session.diags, &session.sources, (DiagStyle){0, 6}, &out);
        printf("---- %s: %s `%.*s` at %u\n%s\n", sample->name, what,
               (int)(piece->end - piece->begin), piece->text, piece->begin, text_str(&out));
    }
    session_release(&session);
}

/* The sample with [begin, end) replaced by the parts. */
static void splice(Counts *counts, const Sample *sample, const char *what, const Piece *piece,
                   uint32_t end, const char *parts, size_t len) {
    char *text = malloc(sample->len + len + 2);
    assert_non_null(text);
    memcpy(text, sample->text, piece->begin);
    memcpy(text + piece->begin, parts, len);
    memcpy(text + piece->begin + len, sample->text + end, sample->len - end + 1);
    try_mutant(counts, sample, what, piece, text, piece->begin + len + sample->len - end);
    free(text);
}

static uint32_t random_next(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void mutate(Counts *counts, const Sample *all, const Sample *sample, uint32_t *seed) {
    char parts[8192];
    for (int i = 0; i < sample->pieces.len; i++) {
        const Piece *a = &sample->pieces.data[i];
        int len = (int)(a->end - a->begin);
        splice(counts, sample, "delete", a, a->end, " ", 1);
        snprintf(parts, sizeof parts, "%.*s %.*s", len, a->text, len, a->text);
        splice(counts, sample, "double", a, a->end, parts, strlen(parts));
        if (i + 1 < sample->pieces.len) {
            const Piece *b = a + 1;
            snprintf(parts, sizeof parts, " %.*s%.*s%.*s ", (int)(b->end - b->begin), b->text,
                     (int)(b->begin - a->end), sample->text + a->end, len, a->text);
            splice(counts, sample, "swap", a, b->end, parts, strlen(parts));
        }
        const Sample *from = &all[random_next(seed) % SAMPLES];
        const Piece *other = &from->pieces.data[random_next(seed) % (uint32_t)from->pieces.len];
        snprintf(parts, sizeof parts, " %.*s ", (int)(other->end - other->begin), other->text);
        splice(counts, sample, "replace", a, a->end, parts, strlen(parts));
    }
}

static void one_mistake_one_message(void **state) {
    (void)state;
    Arena arena = {0};
    Sample all[SAMPLES] = {0};
    for (int i = 0; i < SAMPLES; i++) {
        all[i].name = samples[i];
        all[i].text = read_file(samples[i], &all[i].len);
        cut(&arena, &all[i]);
    }
    const char *show = getenv("DLC_MUTATION_SHOW");
    Counts counts = {.show = show ? atoi(show) : 0};
    uint32_t seed = 1;
    for (int i = 0; i < SAMPLES; i++) mutate(&counts, all, &all[i], &seed);
    printf("%d mutants, %d rejected, %d of them (%.2f %%) with exactly one message\n", counts.total,
           counts.rejected, counts.single, 100.0 * counts.single / counts.rejected);
    assert_true(counts.total >= 15000);
    assert_true(counts.single >= 0.95 * counts.rejected);
    for (int i = 0; i < SAMPLES; i++) free(all[i].text);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_mistake_one_message)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
