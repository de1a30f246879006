/* One-token mistakes in programs: each token deleted, doubled, swapped with its neighbour and replaced by a
 * token of any of the programs.  The order and the choice of tokens are the same in every run. */
#ifndef DLC_TESTS_SUPPORT_MUTATION_H
#define DLC_TESTS_SUPPORT_MUTATION_H

#include "base/session.h"
#include "base/vec.h"

#include <stddef.h>
#include <stdint.h>

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

typedef struct Mutant {
    const Sample *sample;
    const char *what; /* "delete", ... */
    const Piece *piece;
    const char *text;
    size_t len;
} Mutant;

/* Fails the test where the file (below tests/) cannot be read. */
void sample_read(Arena *arena, const char *name, Sample *sample);
void sample_release(Sample *sample);

/* Calls `visit` with every mutant of samples[which]; *seed goes on from sample to sample. */
void sample_mutate(const Sample *samples, int count, int which, uint32_t *seed,
                   void (*visit)(void *context, const Mutant *mutant), void *context);

/* Each name and number in the place of another of its kind: three mutants for each; they often are programs. */
void sample_swap_words(const Sample *samples, int which, uint32_t *seed,
                       void (*visit)(void *context, const Mutant *mutant), void *context);

/* "name: what `token` at offset" and the diagnostics, to the standard output. */

void mutant_show(const Mutant *mutant, Session *session);

#endif
