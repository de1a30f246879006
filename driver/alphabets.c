#include "driver/alphabets.h"

#include "driver/data_file.h"

static int cannot_open(Session *s, const TAlphabet *alphabet, const DataPlaces *places,
                       const IoError *error) {
    const char *name = alphabet->path->text;
    if (error->code != IO_MISSING) {
        diag_add(&s->diags, alphabet->span, E_DATA_FILE, "%s cannot be read: %s", name, error->text);
        return 0;
    }
    Diag *diag = diag_add(&s->diags, alphabet->span, E_DATA_FILE, "there is no data file %s", name);
    data_file_notes(&s->diags, diag, name, places);
    return 0;
}

static int open_alphabet(Session *s, const TProgram *program, const TAlphabet *alphabet,
                         Alphabets *alphabets) {
    ByteFile file;
    DataPlaces places;
    IoError error = {0};
    const char *path =
        data_file_open(&s->arena, program->source->name, alphabet->path->text, &file, &places, &error);
    if (!path) return cannot_open(s, alphabet, &places, &error);
    OpenAlphabet open = {.name = alphabet->name, .path = alphabet->path};
    open.numbers = alphabet->is_words ? text_words(&file, &open.alphabet, &error)
                                      : text_characters(&file, &open.alphabet, &error);
    byte_file_close(&file);
    if (!open.numbers) {
        diag_add(&s->diags, alphabet->span, E_DATA_DAMAGED, "%s: %s", path, error.text);
        return 0;
    }
    vec_push(&s->arena, &alphabets->list, open);
    vec_push(&s->arena, &alphabets->sizes, ((AlphabetSize){open.name, open.alphabet.count}));
    return 1;
}

int alphabets_open(Session *session, const TProgram *program, Alphabets *alphabets) {
    for (int i = 0; i < program->alphabets.len; i++) {
        const TAlphabet *alphabet = program->alphabets.data[i];
        if (alphabet->is_used && !open_alphabet(session, program, alphabet, alphabets)) return 0;
    }
    return 1;
}

const OpenAlphabet *alphabets_find(const Alphabets *alphabets, const Symbol *name) {
    for (int i = 0; alphabets && i < alphabets->list.len; i++)
        if (alphabets->list.data[i].name == name) return &alphabets->list.data[i];
    return NULL;
}

void alphabets_release(Alphabets *alphabets) {
    for (int i = 0; i < alphabets->list.len; i++) {
        alphabet_release(&alphabets->list.data[i].alphabet);
        array_release(alphabets->list.data[i].numbers);
    }
    alphabets->list.len = 0;
}
