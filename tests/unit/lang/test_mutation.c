/* One-token mistakes in every sample: no crash, no hang, and one message for one mistake.
 *
 * Each token of each sample is deleted, doubled, swapped with its neighbour and replaced by another
 * token.  Of the mutants that are rejected at least 95 % get exactly one message.
 * DLC_MUTATION_SHOW=n prints the first n mutants that get more. */
#include "lang/format.h"
#include "lang/parse.h"
#include "tests/support/mutation.h"

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

typedef struct Counts {
    int total, rejected, single, shown, show;
} Counts;

/* A mutant that is a program formats to a program that the formatter leaves alone. */
static void formats_once(Session *session, const Source *source) {
    const char *once = lang_format(session, source);
    assert_non_null(once);
    const Source *again = source_add(&session->sources, "formatted", once, strlen(once));
    const char *twice = lang_format(session, again);
    if (!twice) fail_msg("no longer a program:\n%s", once);
    assert_string_equal(twice, once);
}

static void try_mutant(void *context, const Mutant *mutant) {
    Counts *counts = context;
    Session session;
    session_init(&session);
    const Source *source = source_add(&session.sources, mutant->sample->name, mutant->text, mutant->len);
    lang_parse(&session, source);
    int errors = session.diags.error_count;
    if (!errors) formats_once(&session, source);
    counts->total++;
    if (errors) counts->rejected++;
    if (errors == 1) counts->single++;
    if (errors > 1 && counts->shown++ < counts->show) mutant_show(mutant, &session);
    session_release(&session);
}

static void one_mistake_one_message(void **state) {
    (void)state;
    Arena arena = {0};
    Sample all[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) sample_read(&arena, samples[i], &all[i]);
    const char *show = getenv("DLC_MUTATION_SHOW");
    Counts counts = {.show = show ? atoi(show) : 0};
    uint32_t seed = 1;
    for (int i = 0; i < SAMPLES; i++) sample_mutate(all, SAMPLES, i, &seed, try_mutant, &counts);
    printf("%d mutants, %d rejected, %d of them (%.2f %%) with exactly one message\n", counts.total,
           counts.rejected, counts.single, 100.0 * counts.single / counts.rejected);
    assert_true(counts.total >= 15000);
    assert_true(counts.single >= 0.95 * counts.rejected);
    for (int i = 0; i < SAMPLES; i++) sample_release(&all[i]);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_mistake_one_message)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
