#include "runtime/safetensors.h"

#include "runtime/byte_order.h"
#include "runtime/json.h"
#include "runtime/new_file.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_HEADER_BYTES = 100000000 }; /* the format's own limit */

static const struct {
    const char *name;
    DType dtype;
} types[] = {{"BOOL", DT_BOOL}, {"U8", DT_U8}, {"I8", DT_I8}, {"U16", DT_U16}, {"I16", DT_I16}, {"F16", DT_F16},
             {"BF16", DT_BF16}, {"U32", DT_U32}, {"I32", DT_I32}, {"F32", DT_F32}, {"F64", DT_F64}, {"U64", DT_U64},
             {"I64", DT_I64}};

enum { TYPE_COUNT = sizeof types / sizeof *types };

/* ---- writing ------------------------------------------------------------------------------------------ */

static int write_header(FILE *out, const NamedArray *items, int count) {
    int64_t offset = 0;
    fputc('{', out);
    for (int i = 0; i < count; i++) {
        const Array *array = items[i].array;
        const char *type = NULL;
        for (int k = 0; k < TYPE_COUNT; k++)
            if (types[k].dtype == array->dtype) type = types[k].name;
        if (!type) return 0;
        if (i) fputc(',', out);
        json_write_string(out, items[i].name);
        fprintf(out, ":{\"dtype\":\"%s\",\"shape\":[", type);
        for (int k = 0; k < array->rank; k++) fprintf(out, k ? ",%lld" : "%lld", (long long)array->extents[k]);
        fprintf(out, "],\"data_offsets\":[%lld,%lld]}", (long long)offset, (long long)(offset + array_bytes(array)));
        offset += array_bytes(array);
    }
    fputc('}', out);
    while ((ftell(out) & 7) != 0) fputc(' ', out); /* the elements begin at a multiple of eight */
    return 1;
}

int safetensors_write(const char *path, const NamedArray *items, int count, IoError *error) {
    NewFile file;
    if (!new_file_open(&file, path, error)) return 0;
    uint64_t len = 0;
    fwrite(&len, sizeof len, 1, file.stream);
    int is_good = write_header(file.stream, items, count);
    if (!is_good) io_fail(error, IO_UNSUPPORTED, "an element type has no place in the format");
    len = (uint64_t)ftell(file.stream) - sizeof len;
    for (int i = 0; is_good && i < count; i++)
        fwrite(items[i].array->data, 1, (size_t)array_bytes(items[i].array), file.stream);
    if (fseek(file.stream, 0, SEEK_SET) == 0) fwrite(&len, sizeof len, 1, file.stream);
    return new_file_finish(&file, is_good, error);
}

/* ---- reading ------------------------------------------------------------------------------------------ */

typedef struct Entry {
    char *name;
    DType dtype;
    int rank;
    int64_t extents[ARRAY_MAX_RANK], first, last;
    int has_type, has_shape, has_offsets;
} Entry;

typedef struct Header {
    JsonReader json;
    Entry *entries;
    int count, cap;
    IoError *error;
} Header;

static int damaged(Header *h, const char *what) {
    return io_fail(h->error, IO_DAMAGED, "its header is damaged at byte %lld: %s", (long long)(h->json.at - h->json.start),
                   what);
}

static int read_type(Header *h, Entry *e) {
    char *text = json_string(&h->json);
    for (int k = 0; text && k < TYPE_COUNT; k++)
        if (strcmp(text, types[k].name) == 0) {
            e->dtype = types[k].dtype;
            e->has_type++;
        }
    int is_good = text && (e->has_type == 1 || io_fail(h->error, IO_UNSUPPORTED, "\"%.60s\" has the element type %.20s, "
                                                       "which cannot be read", e->name, text));
    if (!text) damaged(h, "a type is wanted");
    free(text);
    return is_good;
}

/* [n, n, ...] into `numbers`; their count, or -1. */
static int read_list(Header *h, int64_t *numbers, int most) {
    int count = 0;
    if (!json_take(&h->json, '[')) return damaged(h, "a list is wanted") - 1;
    while (!json_take(&h->json, ']')) {
        if (count && !json_take(&h->json, ',')) return damaged(h, "a comma is wanted") - 1;
        if (count == most) return damaged(h, "a list is too long") - 1;
        if (!json_whole(&h->json, &numbers[count++])) return damaged(h, "a whole number is wanted") - 1;
    }
    return count;
}

static int read_property(Header *h, Entry *e) {
    char *key = json_string(&h->json);
    if (!key || !json_take(&h->json, ':')) {
        free(key);
        return damaged(h, "a name and a colon are wanted");
    }
    int is_good = 0;
    int64_t offsets[2];
    if (strcmp(key, "dtype") == 0) {
        is_good = read_type(h, e);
    } else if (strcmp(key, "shape") == 0) {
        e->rank = read_list(h, e->extents, ARRAY_MAX_RANK);
        is_good = e->rank >= 0;
        e->has_shape++;
    } else if (strcmp(key, "data_offsets") == 0) {
        int count = read_list(h, offsets, 2);
        is_good = count == 2 || (count >= 0 && damaged(h, "two offsets are wanted"));
        if (is_good) {
            e->first = offsets[0];
            e->last = offsets[1];
            e->has_offsets++;
        }
    } else {
        damaged(h, "an unknown property");
    }
    free(key);
    return is_good;
}

static int read_entry(Header *h, Entry *e) {
    int count = 0;
    if (!json_take(&h->json, '{')) return damaged(h, "a brace is wanted");
    while (!json_take(&h->json, '}')) {
        if (count++ && !json_take(&h->json, ',')) return damaged(h, "a comma is wanted");
        if (!read_property(h, e)) return 0;
    }
    if (e->has_type != 1 || e->has_shape != 1 || e->has_offsets != 1)
        return damaged(h, "a tensor has dtype, shape and data_offsets, once each");
    return 1;
}

/* "__metadata__": texts by name, which mean nothing here. */
static int skip_metadata(Header *h) {
    int count = 0;
    if (!json_take(&h->json, '{')) return damaged(h, "a brace is wanted");
    while (!json_take(&h->json, '}')) {
        if (count++ && !json_take(&h->json, ',')) return damaged(h, "a comma is wanted");
        char *key = json_string(&h->json);
        char *value = key && json_take(&h->json, ':') ? json_string(&h->json) : NULL;
        int is_good = value != NULL;
        free(key);
        free(value);
        if (!is_good) return damaged(h, "texts are wanted");
    }
    return 1;
}

static Entry *new_entry(Header *h, char *name) {
    if (h->count == h->cap) {
        int cap = h->cap ? h->cap * 2 : 64;
        Entry *grown = realloc(h->entries, (size_t)cap * sizeof *grown);
        if (!grown) {
            free(name);
            io_fail(h->error, IO_MEMORY, "no memory for its header");
            return NULL;
        }
        h->entries = grown;
        h->cap = cap;
    }
    Entry *e = &h->entries[h->count++];
    *e = (Entry){.name = name};
    return e;
}

static int read_header(Header *h) {
    if (!json_take(&h->json, '{')) return damaged(h, "a brace is wanted");
    for (int count = 0; !json_take(&h->json, '}'); count++) {
        if (count && !json_take(&h->json, ',')) return damaged(h, "a comma is wanted");
        char *name = json_string(&h->json);
        if (!name || !json_take(&h->json, ':')) {
            free(name);
            return damaged(h, "a name and a colon are wanted");
        }
        if (strcmp(name, "__metadata__") == 0) {
            free(name);
            if (!skip_metadata(h)) return 0;
            continue;
        }
        Entry *e = new_entry(h, name);
        if (!e || !read_entry(h, e)) return 0;
    }
    return json_at_end(&h->json) || damaged(h, "something follows behind the last brace");
}

static int by_offset(const void *a, const void *b) {
    const Entry *x = *(Entry *const *)a, *y = *(Entry *const *)b;
    if (x->first != y->first) return x->first < y->first ? -1 : 1;
    return (x->last > y->last) - (x->last < y->last); /* an empty one before the one that begins there */
}

static int by_name(const void *a, const void *b) { return strcmp((*(Entry *const *)a)->name, (*(Entry *const *)b)->name); }

/* Sizes follow from shapes, the tensors lie one behind the other and fill `bytes`; no name is there twice. */
static int check_entries(const Header *h, int64_t bytes) {
    Entry **order = calloc((size_t)h->count + 1, sizeof *order);
    if (!order) return io_fail(h->error, IO_MEMORY, "no memory for its header");
    int is_good = 1;
    int64_t at = 0;
    for (int i = 0; i < h->count; i++) order[i] = &h->entries[i];
    qsort(order, (size_t)h->count, sizeof *order, by_offset);
    for (int i = 0; is_good && i < h->count; i++) {
        const Entry *e = order[i];
        int64_t size = dtype_bytes(e->dtype);
        for (int k = 0; k < e->rank; k++)
            if (__builtin_mul_overflow(size, e->extents[k], &size)) size = -1;
        if (e->first != at || e->last > bytes || e->last - e->first != size || size < 0)
            is_good = io_fail(h->error, IO_DAMAGED, "the offsets of \"%.60s\" do not fit its shape or its neighbours",
                              e->name);
        at = e->last;
    }
    if (is_good && at != bytes) is_good = io_fail(h->error, IO_DAMAGED, "bytes follow behind its last tensor");
    qsort(order, (size_t)h->count, sizeof *order, by_name);
    for (int i = 1; is_good && i < h->count; i++)
        if (strcmp(order[i]->name, order[i - 1]->name) == 0)
            is_good = io_fail(h->error, IO_DAMAGED, "it has two tensors \"%.60s\"", order[i]->name);
    free(order);
    return is_good;
}

static int read_tensors(const ByteFile *file, const Header *h, int64_t start, TensorFile *tensors) {
    tensors->items = calloc((size_t)h->count + 1, sizeof *tensors->items);
    if (!tensors->items) return io_fail(h->error, IO_MEMORY, "no memory for its tensors");
    for (int i = 0; i < h->count; i++) {
        Entry *e = &h->entries[i];
        Array *array = array_try_new(e->dtype, e->rank, e->extents);
        if (!array) return io_fail(h->error, IO_MEMORY, "no memory for \"%.60s\"", e->name);
        tensors->items[tensors->count++] = (NamedArray){e->name, array};
        e->name = NULL; /* the list's now */
        if (!byte_file_read(file, start + e->first, array->data, array_bytes(array), h->error)) return 0;
        for (int64_t k = 0; array->dtype == DT_BOOL && k < array->count; k++)
            if (((const uint8_t *)array->data)[k] > 1)
                return io_fail(h->error, IO_DAMAGED, "element %lld of a bool tensor is none", (long long)k);
    }
    return 1;
}

int safetensors_read(const ByteFile *file, TensorFile *tensors, IoError *error) {
    unsigned char bytes[8];
    *tensors = (TensorFile){0};
    if (!byte_file_read(file, 0, bytes, 8, error)) return io_fail(error, IO_DAMAGED, "it is no safetensors file");
    uint64_t len = order_little64(bytes);
    if (len > MAX_HEADER_BYTES || (int64_t)len > file->size - 8)
        return io_fail(error, IO_DAMAGED, "it is no safetensors file, or it ends early: a header of %llu bytes is promised",
                       (unsigned long long)len);
    char *text = malloc((size_t)len + 1);
    Header h = {.error = error};
    int64_t start = 8 + (int64_t)len;
    int is_good = text ? byte_file_read(file, 8, text, (int64_t)len, error)
                       : io_fail(error, IO_MEMORY, "no memory for its header");
    if (is_good) {
        h.json = json_reader(text, (size_t)len);
        is_good = read_header(&h) && check_entries(&h, file->size - start) && read_tensors(file, &h, start, tensors);
    }
    for (int i = 0; i < h.count; i++) free(h.entries[i].name);
    free(h.entries);
    free(text);
    if (!is_good) tensors_release(tensors);
    return is_good;
}

void tensors_release(TensorFile *tensors) {
    for (int i = 0; i < tensors->count; i++) {
        free((char *)(uintptr_t)tensors->items[i].name);
        array_release(tensors->items[i].array);
    }
    free(tensors->items);
    *tensors = (TensorFile){0};
}

Array *tensors_find(const TensorFile *tensors, const char *name) {
    for (int i = 0; i < tensors->count; i++)
        if (strcmp(tensors->items[i].name, name) == 0) return tensors->items[i].array;
    return NULL;
}
