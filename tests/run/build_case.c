/* Kernels and directives to a case: buffers found by name, sizes evaluated, contents filled. */
#include "build_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Values of all names of the session's sizes, by id; a name that the run does not give is an error of the file. */
static int64_t *dim_values(Arena *arena, Session *session, const CaseRun *run) {
    int64_t *values = arena_array(arena, int64_t, session->dims.names.len + 1);
    for (int i = 0; i < session->dims.names.len; i++) {
        const DimName *name = session->dims.names.data[i];
        for (int k = 0; k < run->dims.len; k++) {
            if (!strcmp(run->dims.data[k].name, name->name->text)) values[name->id] = run->dims.data[k].value;
        }
    }
    return values;
}

static int64_t size_of(const Dim *dim, const int64_t *values, const char *what) {
    int64_t value = 0;
    if (dim_evaluate(dim, values, &value) || value < 0) ICE("size of %s", what);
    return value;
}

static int64_t buffer_bytes(const LoopBuffer *info, const int64_t *values) {
    int64_t count = 1;
    for (int i = 0; i < info->rank; i++) {
        int is_padded = i == info->rank - 1 && info->rank >= 2;
        count *= size_of(is_padded ? info->pitch : info->extents[i], values, info->name->text);
    }
    return count * dtype_bytes(info->dtype);
}

static const char *rule_of(const CaseRun *run, const CaseBuffer *buffer, LoopAccess access) {
    for (int i = 0; i < run->fills.len; i++) {
        if (!strcmp(run->fills.data[i].name, buffer->name->text)) return run->fills.data[i].rule;
    }
    return access == LOOP_OUT ? NULL : "uniform -1 1";
}

static int find_buffer(Arena *arena, Case *c, const CaseRun *run, const LoopBuffer *info, const int64_t *values) {
    int64_t bytes = buffer_bytes(info, values);
    for (int i = 0; i < c->buffers.len; i++) {
        if (strcmp(c->buffers.data[i].name->text, info->name->text)) continue;
        if (c->buffers.data[i].bytes != bytes) ICE("%s: %s has two sizes", c->name, info->name->text);
        if (info->access != LOOP_IN) c->buffers.data[i].is_written = 1;
        return i;
    }
    CaseBuffer buffer = {info->name, info->dtype, bytes, info->access != LOOP_IN, 0, NULL};
    buffer.initial = arena_alloc(arena, (size_t)bytes);
    memset(buffer.initial, info->dtype == DT_BOOL ? 1 : CASE_PATTERN, (size_t)bytes);
    const char *rule = rule_of(run, &buffer, info->access);
    buffer.is_pattern = !rule && info->dtype != DT_BOOL;
    uint64_t seed = symbol_hash(symbol_hash_start, info->name->text, strlen(info->name->text));
    if (rule && !case_fill(rule, seed, info->dtype, bytes / dtype_bytes(info->dtype), buffer.initial)) {
        ICE("%s: no such filling: %s", c->name, rule);
    }
    vec_push(arena, &c->buffers, buffer);
    return c->buffers.len - 1;
}

static int64_t index_value(const CaseRun *run, const Symbol *name) {
    for (int i = 0; i < run->indices.len; i++) {
        if (!strcmp(run->indices.data[i].name, name->text)) return run->indices.data[i].value;
    }
    return 0;
}

static CaseCall make_call(Arena *arena, Case *c, const CaseRun *run, int kernel, const int64_t *values) {
    const LoopKernel *k = c->kernels.data[kernel];
    CaseCall call = {.kernel = kernel, .tiles = size_of(k->tile_count, values, k->name->text)};
    for (int i = 0; i < k->buffers.len; i++) {
        if (k->buffers.data[i].access == LOOP_SCRATCH) {
            call.scratch_bytes += (buffer_bytes(&k->buffers.data[i], values) + ABI_ALIGN - 1) / ABI_ALIGN * ABI_ALIGN;
        } else {
            int number = find_buffer(arena, c, run, &k->buffers.data[i], values);
            vec_push(arena, &call.buffers, number);
        }
    }
    for (int i = 0; i < k->dims.len; i++) vec_push(arena, &call.scalars, values[k->dims.data[i]->id]);
    for (int i = 0; i < k->loop_indices.len; i++) {
        const Symbol *name = k->values.data[k->loop_indices.data[i]].name;
        vec_push(arena, &call.scalars, index_value(run, name));
    }
    return call;
}

Case *case_build(Session *session, Arena *arena, const char *name, LoopKernel *const *kernels, int count,
                 const CaseRun *run) {
    Case *c = arena_new(arena, Case);
    c->name = name;
    c->code = run->code;
    const int64_t *values = dim_values(arena, session, run);
    for (int i = 0; i < count; i++) {
        vec_push(arena, &c->kernels, kernels[i]);
        CaseCall call = make_call(arena, c, run, i, values);
        vec_push(arena, &c->calls, call);
    }
    return c;
}

/* ---- directives ------------------------------------------------------------------------------------- */

static char *trimmed(Arena *arena, const char *text, size_t len) {
    while (len && (*text == ' ' || *text == '\t')) text++, len--;
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\t' || text[len - 1] == '\r')) len--;
    return arena_text(arena, text, len);
}

/* `B = 61, N = 7` */
static int read_numbers(Arena *arena, const char *text, CaseNumbers *out) {
    for (; *text; text += *text == ',') {
        const char *equals = strchr(text, '=');
        if (!equals) return 0;
        CaseNumber number = {trimmed(arena, text, (size_t)(equals - text)), 0};
        char *end;
        number.value = strtoll(equals + 1, &end, 10);
        while (*end == ' ') end++;
        if (end == equals + 1 || (*end && *end != ',')) return 0;
        vec_push(arena, out, number);
        text = end;
    }
    return 1;
}

static int read_directive(Arena *arena, const char *line, CaseRun *common, CaseRuns *runs) {
    const char *rest = strchr(line, ' ');
    rest = rest ? rest + 1 : "";
    if (!strncmp(line, "dims ", 5)) {
        CaseRun run = {0};
        if (!read_numbers(arena, rest, &run.dims)) return 0;
        vec_push(arena, runs, run);
        return 1;
    }
    if (!strncmp(line, "index ", 6)) return read_numbers(arena, rest, &common->indices);
    if (!strncmp(line, "code ", 5)) return sscanf(rest, "%d", &common->code) == 1;
    const char *colon = strchr(rest, ':');
    if (strncmp(line, "fill ", 5) || !colon) return 0;
    CaseFill fill = {trimmed(arena, rest, (size_t)(colon - rest)), trimmed(arena, colon + 1, strlen(colon + 1))};
    vec_push(arena, &common->fills, fill);
    return 1;
}

int case_directives(Arena *arena, const char *text, CaseRuns *runs, const char **bad_line) {
    CaseRun common = {0};
    for (const char *at = text; *at;) {
        size_t len = strcspn(at, "\n");
        if (len > 2 && at[0] == '#' && at[1] == ':') {
            char *line = trimmed(arena, at + 2, len - 2);
            *bad_line = line;
            if (!read_directive(arena, line, &common, runs)) return 0;
        }
        at += len + (at[len] == '\n');
    }
    if (!runs->len) vec_push(arena, runs, (CaseRun){0});
    for (int i = 0; i < runs->len; i++) {
        runs->data[i].fills.data = common.fills.data;
        runs->data[i].fills.len = common.fills.len;
        runs->data[i].indices.data = common.indices.data;
        runs->data[i].indices.len = common.indices.len;
        runs->data[i].code = common.code;
    }
    return 1;
}
