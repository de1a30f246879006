/* One pass over the bytes.  A line is collected in one buffer, its fields one behind the other, each ended by a
 * zero byte; the first line is kept as the names, of the others only the wanted numbers are kept. */
#include "runtime/csv.h"

#include "runtime/byte_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LINE_BYTES = 1 << 20, MAX_COLUMNS = 1 << 16, CHUNK_BYTES = 16 << 10 };

typedef struct Reader {
    ByteStream *stream;
    IoError *error;
    unsigned char chunk[CHUNK_BYTES];
    int64_t have, at;
    int64_t line, first_line; /* the one being read; where the record began: a quoted field may span lines */
    char *text;               /* the fields of one record, each with a zero byte behind it */
    int len, fields;
} Reader;

/* The next byte, -1 at the end, -2 after an error. */
static int peek(Reader *r) {
    if (r->at < r->have) return r->chunk[r->at];
    r->have = byte_stream_read(r->stream, r->chunk, CHUNK_BYTES, r->error);
    r->at = 0;
    return r->have > 0 ? r->chunk[0] : r->have < 0 ? -2 : -1;
}

static int next(Reader *r) {
    int c = peek(r);
    if (c >= 0) r->at++;
    if (c == '\n') r->line++;
    return c;
}

static int keep(Reader *r, int c) {
    if (r->len < MAX_LINE_BYTES) {
        r->text[r->len++] = (char)c;
        return 1;
    }
    return io_fail(r->error, IO_DAMAGED, "line %lld is longer than 1 MiB", (long long)r->first_line);
}

/* Behind the opening quote, up to behind the closing one. */
static int read_quoted(Reader *r) {
    for (;;) {
        int c = next(r);
        if (c == -2) return 0;
        if (c < 0)
            return io_fail(r->error, IO_DAMAGED, "the quote of line %lld is not closed", (long long)r->first_line);
        if (c == '"') {
            if (peek(r) != '"') return 1;
            next(r);
        }
        if (!c) return io_fail(r->error, IO_DAMAGED, "line %lld is no text: it has a zero byte", (long long)r->line);
        if (!keep(r, c)) return 0;
    }
}

static int is_end(int c) { return c < 0 || c == ',' || c == '\n' || c == '\r'; }

static int read_plain(Reader *r) {
    for (int c = peek(r); !is_end(c); c = peek(r)) {
        if (!c) return io_fail(r->error, IO_DAMAGED, "line %lld is no text: it has a zero byte", (long long)r->line);
        if (c == '"')
            return io_fail(r->error, IO_DAMAGED, "line %lld has a quote inside a field", (long long)r->line);
        if (!keep(r, next(r))) return 0;
    }
    return 1;
}

/* 1: a record; 0: the end; -1: an error.  Empty lines are skipped. */
static int read_record(Reader *r) {
    while (peek(r) == '\n' || peek(r) == '\r') next(r);
    int c = peek(r);
    if (c < 0) return c == -1 ? 0 : -1;
    r->len = r->fields = 0;
    r->first_line = r->line;
    for (;;) {
        int is_quoted = peek(r) == '"';
        if (is_quoted) next(r);
        if (!(is_quoted ? read_quoted(r) : read_plain(r)) || !keep(r, 0)) return -1;
        if (++r->fields > MAX_COLUMNS)
            return io_fail(r->error, IO_DAMAGED, "line %lld has more than %d fields", (long long)r->first_line,
                           MAX_COLUMNS) - 1;
        c = next(r);
        if (c == -2) return -1;
        if (c == ',') continue;
        if (c == '\r' && peek(r) == '\n') next(r);
        if (!is_end(c))
            return io_fail(r->error, IO_DAMAGED, "line %lld has text behind a closing quote",
                           (long long)r->first_line) - 1;
        return 1;
    }
}

/* "a, b, c", cut to `size`. */
static void list_fields(const Reader *r, char *list, size_t size) {
    const char *at = r->text;
    size_t len = 0;
    list[0] = 0;
    for (int i = 0; i < r->fields && len < size; i++, at += strlen(at) + 1)
        len += (size_t)snprintf(list + len, size - len, i ? ", %s" : "%s", at);
    if (len >= size) memcpy(list + size - 4, "...", 4);
}

/* For each wanted name its column, or an error that lists what there is. */
static int find_columns(Reader *r, const char *const *names, int count, int *columns) {
    for (int k = 0; k < count; k++) {
        const char *at = r->text;
        columns[k] = -1;
        for (int i = 0; i < r->fields; i++, at += strlen(at) + 1)
            if (strcmp(at, names[k]) == 0 && columns[k] < 0) columns[k] = i;
        if (columns[k] >= 0) continue;
        char list[160];
        list_fields(r, list, sizeof list);
        return io_fail(r->error, IO_NO_ENTRY, "it has no column \"%.60s\"; its columns: %s", names[k], list);
    }
    return 1;
}

static int parse_number(Reader *r, const char *text, const char *name, double *number) {
    char *end;
    const char *start = text + strspn(text, " \t");
    *number = strtod(start, &end);
    /* strtod also takes hexadecimal numbers, which nobody means in a table */
    if (end != start && !end[strspn(end, " \t")] && !memchr(start, 'x', (size_t)(end - start)) &&
        !memchr(start, 'X', (size_t)(end - start)))
        return 1;
    return io_fail(r->error, IO_DAMAGED, "line %lld, column \"%.40s\": \"%.40s\" is no number", (long long)r->first_line,
                   name, text);
}

typedef struct Rows {
    double *numbers;
    int64_t count, cap; /* numbers, not rows */
} Rows;

static int add_record(Reader *r, const char *const *names, const int *columns, int count, Rows *rows) {
    if (rows->count + count > rows->cap) {
        int64_t cap = rows->cap ? rows->cap * 2 : 1024 + count;
        double *grown = realloc(rows->numbers, (size_t)cap * sizeof *grown);
        if (!grown) return io_fail(r->error, IO_MEMORY, "no memory for its records");
        rows->numbers = grown;
        rows->cap = cap;
    }
    const char *at = r->text;
    for (int i = 0; i < r->fields; i++, at += strlen(at) + 1)
        for (int k = 0; k < count; k++)
            if (columns[k] == i && !parse_number(r, at, names[k], &rows->numbers[rows->count + k])) return 0;
    rows->count += count;
    return 1;
}

static int read_rows(Reader *r, const char *const *names, int count, int *columns, Rows *rows) {
    int got = read_record(r);
    if (got < 0) return 0;
    if (!got) return io_fail(r->error, IO_DAMAGED, "it is empty: the first line names the columns");
    int width = r->fields;
    if (!find_columns(r, names, count, columns)) return 0;
    while ((got = read_record(r)) > 0) {
        if (r->fields != width)
            return io_fail(r->error, IO_DAMAGED, "line %lld has %d fields, the first line has %d",
                           (long long)r->first_line, r->fields, width);
        if (!add_record(r, names, columns, count, rows)) return 0;
    }
    return got == 0;
}

static void skip_mark(Reader *r) {
    if (peek(r) == 0xef && r->have >= 3 && r->chunk[1] == 0xbb && r->chunk[2] == 0xbf) r->at = 3;
}

Array *csv_read(const ByteFile *file, const char *const *names, int count, IoError *error) {
    Array *array = NULL;
    Rows rows = {0};
    Reader *r = calloc(1, sizeof *r);
    int *columns = calloc((size_t)count + 1, sizeof *columns);
    char *text = malloc(MAX_LINE_BYTES);
    ByteStream *stream = r && columns && text ? byte_stream_of(file, error) : NULL;
    if (!r || !columns || !text) io_fail(error, IO_MEMORY, "no memory to read it");
    if (stream) {
        *r = (Reader){.stream = stream, .error = error, .text = text, .line = 1};
        skip_mark(r);
        if (read_rows(r, names, count, columns, &rows)) {
            int64_t extents[] = {count ? rows.count / count : 0, count};
            array = array_try_new(DT_F64, 2, extents);
            if (array && rows.count) memcpy(array->data, rows.numbers, (size_t)array_bytes(array));
            if (!array) io_fail(error, IO_MEMORY, "no memory for its records");
        }
    }
    byte_stream_free(stream);
    free(rows.numbers);
    free(text);
    free(columns);
    free(r);
    return array;
}
