/* The alphabets of a program: the texts that they follow from are read before its code is compiled. */
#ifndef DLC_DRIVER_ALPHABETS_H
#define DLC_DRIVER_ALPHABETS_H

#include "lang/typed.h"
#include "runtime/text_data.h"

typedef struct OpenAlphabet {
    const Symbol *name, *path; /* "Vocab"; of its text, as the program names it */
    Alphabet alphabet;
    Array *numbers;            /* the text */
} OpenAlphabet;

typedef struct Alphabets {
    Vec(OpenAlphabet) list;
    Vec(AlphabetSize) sizes; /* parallel: for the checker */
} Alphabets;

/* Reads the texts of the alphabets that the program uses; false after a diagnostic (exit code 3). */
int alphabets_open(Session *session, const TProgram *program, Alphabets *alphabets);
const OpenAlphabet *alphabets_find(const Alphabets *alphabets, const Symbol *name); /* NULL where it is not open */
void alphabets_release(Alphabets *alphabets);

#endif
