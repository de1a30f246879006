/* Source texts and places in them.  All files of a session share one space of byte offsets, so that a
 * Span of two numbers names file and place; lines and columns are computed only when shown. */
#ifndef DLC_BASE_SOURCE_H
#define DLC_BASE_SOURCE_H

#include "base/arena.h"
#include "base/vec.h"
#include <stdint.h>

/* [begin, end) in the session's space of offsets.  {0, 0} is "no place": offset 0 is never used. */
typedef struct Span {
    uint32_t begin, end;
} Span;

typedef struct Source {
    const char *name;     /* as shown: the path given by the user, or "stdlib/nn.dlm" */
    const char *text;     /* NUL-terminated; `len` counts without the NUL */
    uint32_t base, len;   /* span offsets of this file: base .. base + len */
    uint32_t *line_start; /* offsets into text; filled on first use */
    int line_count;
    int is_library; /* from stdlib/: errors blame the user's call first */
} Source;

typedef struct SourceMap {
    Arena *arena;
    Vec(Source *) sources;
    uint32_t next_base; /* 1 at first */
} SourceMap;

typedef struct Place {
    const Source *source; /* NULL for no place */
    int line, column;     /* from 1; the column counts bytes (for width see text_width) */
} Place;

/* Adds a text under a name; text is not copied and must live as long as the map.
 * NULL when the session's 4 GiB of offsets are used up. */
Source *source_add(SourceMap *map, const char *name, const char *text, size_t len);
const Source *source_of(const SourceMap *map, Span span);
Place source_place(const SourceMap *map, uint32_t offset);
/* The text of line `line` (from 1) without its line end. */
const char *source_line(const Source *source, int line, int *len);
/* Columns that `len` bytes of UTF-8 take on a terminal: tabs to the next multiple of 4, wide characters 2,
 * combining ones 0. */
int text_width(const char *text, int len);

static inline Span span_join(Span a, Span b) {
    if (!a.end) return b;
    if (!b.end) return a;
    return (Span){a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}

#endif
