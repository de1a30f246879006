/* ELF keeps the identifier in a note of type NT_GNU_BUILD_ID (System V ABI, chapter 5: note sections); dl_iterate_phdr
 * tells where the notes of everything that is loaded stand in memory. */
#define _GNU_SOURCE
#include "base/build_id.h"

#if defined(__ELF__)

#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct Wanted {
    uintptr_t address;
    char *text;
    int is_found;
} Wanted;

static int holds(const struct dl_phdr_info *info, uintptr_t address) {
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        uintptr_t begin = info->dlpi_addr + part->p_vaddr;
        if (part->p_type == PT_LOAD && address >= begin && address - begin < part->p_memsz) return 1;
    }
    return 0;
}

static size_t rounded(size_t bytes, size_t alignment) { return (bytes + alignment - 1) / alignment * alignment; }

/* The notes of one part: a header of three words, a name, a description, the last two rounded up. */
static void read_notes(Wanted *wanted, const unsigned char *notes, size_t len, size_t alignment) {
    ElfW(Nhdr) note;
    while (len >= sizeof note) {
        memcpy(&note, notes, sizeof note);
        size_t name = rounded(note.n_namesz, alignment), description = rounded(note.n_descsz, alignment);
        if (name > len - sizeof note || description > len - sizeof note - name) return;
        const unsigned char *at = notes + sizeof note;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(at, "GNU", 4) == 0 && note.n_descsz &&
            2 * (size_t)note.n_descsz < BUILD_ID_TEXT) {
            for (size_t i = 0; i < note.n_descsz; i++) snprintf(wanted->text + 2 * i, 3, "%02x", at[name + i]);
            wanted->is_found = 1;
            return;
        }
        notes = at + name + description;
        len -= sizeof note + name + description;
    }
}

static int visit(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    Wanted *wanted = context;
    if (!holds(info, wanted->address)) return 0;
    for (int i = 0; i < info->dlpi_phnum && !wanted->is_found; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_NOTE)
            read_notes(wanted, (const unsigned char *)(info->dlpi_addr + part->p_vaddr), part->p_memsz,
                       part->p_align == 8 ? 8 : 4);
    }
    return 1;
}

int build_id(void (*function)(void), char text[BUILD_ID_TEXT]) {
    Wanted wanted = {(uintptr_t)function, text, 0};
    text[0] = 0;
    dl_iterate_phdr(visit, &wanted);
    return wanted.is_found;
}

#else

int build_id(void (*function)(void), char text[BUILD_ID_TEXT]) {
    (void)function;
    text[0] = 0;
    return 0;
}

#endif
