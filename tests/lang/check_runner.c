/* Checks one .dlm file against the mistakes it says it has.
 *
 *     # error E0302: part of the message    at the end of the line with the mistake, or alone above it (comments may
 *                                           stand in between)
 *     # warning W0209: ...                  the same
 *     # error at 7 E0302: ...               for a line that cannot hold a comment
 *     # label: ...  # note: ...  # fix: ... alone on lines behind one of these: parts of what that message also says
 *                                           (`fix` is part of the advice or of the text that the edit puts in)
 *
 * The test fails on missing, wrong and extra diagnostics.  Every mechanical fix is applied on its own: the mistake
 * must be gone from the result.  `--print` prints the typed program and the diagnostics as a user sees them. */
#include "base/session.h"
#include "lang/typed_print.h"
#include "tests/support/lang_texts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_EXPECTED = 96, MAX_DETAILS = 6 };

typedef struct Detail {
    char kind; /* l, n, f */
    char text[256];
} Detail;

typedef struct Expected {
    int line;
    char code[8];
    char text[256];
    int is_found;
    Detail details[MAX_DETAILS];
    int detail_count;
} Expected;

typedef struct Expectations {
    Expected list[MAX_EXPECTED];
    int count;
} Expectations;

static char *read_file(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    char *text = calloc(1, 1 << 20);
    *len = text ? fread(text, 1, (1 << 20) - 1, file) : 0;
    fclose(file);
    return text;
}

static int is_blank_before(const char *line, const char *at) {
    for (; line < at; line++)
        if (*line != ' ') return 0;
    return 1;
}

/* The first line from `at` on that is more than a comment, `line` being the number of the one at `at`. */
static int next_code(const char *at, int line) {
    for (; *at; line++) {
        const char *begin = at + strspn(at, " ");
        if (*begin != '#') return line;
        at = strchr(begin, '\n');
        if (!at) return line;
        at++;
    }
    return line;
}

/* "E0302: text" behind the mark. */
static void expect(Expectations *out, int line, const char *spec, const char *end) {
    Expected *e = &out->list[out->count++];
    *e = (Expected){.line = line};
    if (!strncmp(spec, "at ", 3)) {
        e->line = atoi(spec + 3);
        spec += 3 + strspn(spec + 3, "0123456789");
    }
    while (*spec == ' ') spec++;
    snprintf(e->code, sizeof e->code, "%.5s", spec);
    spec += 5;
    while (spec < end && (*spec == ':' || *spec == ' ')) spec++;
    snprintf(e->text, sizeof e->text, "%.*s", (int)(end - spec), spec);
}

static int expect_detail(Expectations *out, const char *line, const char *end) {
    static const char *const marks[] = {"# label: ", "# note: ", "# fix: "};
    while (*line == ' ') line++;
    for (int i = 0; i < 3; i++) {
        size_t len = strlen(marks[i]);
        if (strncmp(line, marks[i], len) != 0) continue;
        Expected *e = out->count ? &out->list[out->count - 1] : NULL;
        if (!e || e->detail_count == MAX_DETAILS) return 1;
        Detail *detail = &e->details[e->detail_count++];
        detail->kind = marks[i][2];
        snprintf(detail->text, sizeof detail->text, "%.*s", (int)(end - line - (int)len), line + len);
        return 1;
    }
    return 0;
}

static void read_expectations(const char *text, Expectations *out) {
    int line = 1;
    for (const char *at = text; *at && out->count < MAX_EXPECTED; line++) {
        const char *end = strchr(at, '\n');
        if (!end) end = at + strlen(at);
        const char *mark = strstr(at, "# error ");
        int skip = 8;
        if (!mark || mark > end) {
            mark = strstr(at, "# warning ");
            skip = 10;
        }
        if (!expect_detail(out, at, end) && mark && mark < end)
            expect(out, is_blank_before(at, mark) ? next_code(at, line) : line, mark + skip, end);
        at = *end ? end + 1 : end;
    }
}

static int says(const Diag *diag, const Detail *detail) {
    if (detail->kind == 'l' && diag->primary_label && strstr(diag->primary_label, detail->text)) return 1;
    for (int i = 0; detail->kind == 'l' && i < diag->labels.len; i++)
        if (strstr(diag->labels.data[i].text, detail->text)) return 1;
    for (int i = 0; detail->kind == 'n' && i < diag->notes.len; i++)
        if (strstr(diag->notes.data[i], detail->text)) return 1;
    for (int i = 0; detail->kind == 'f' && i < diag->fixes.len; i++) {
        const DiagFix *fix = &diag->fixes.data[i];
        if (strstr(fix->text, detail->text) || (fix->replacement && strstr(fix->replacement, detail->text))) return 1;
    }
    return 0;
}

static int compare_details(const Diag *diag, const Expected *expected) {
    int failures = 0;
    for (int i = 0; i < expected->detail_count; i++) {
        if (says(diag, &expected->details[i])) continue;
        failures++;
        printf("  line %d: %s does not say (%c): %s\n", expected->line, expected->code, expected->details[i].kind,
               expected->details[i].text);
    }
    return failures;
}

static int compare(const Session *session, Expectations *expected) {
    int count, failures = 0;
    const Diag **list = diags_sorted(&session->diags, &session->sources, &count);
    for (int i = 0; i < count; i++) {
        int line = source_place(&session->sources, list[i]->span.begin).line, is_expected = 0;
        for (int k = 0; k < expected->count && !is_expected; k++) {
            Expected *e = &expected->list[k];
            if (e->is_found || e->line != line ||
                strcmp(e->code, diag_code_text(list[i]->code)) != 0)
                continue;
            if (!strstr(list[i]->message, e->text)) continue;
            e->is_found = is_expected = 1;
            failures += compare_details(list[i], e);
        }
        if (is_expected) continue;
        failures++;
        printf("  unexpected, line %d: %s: %s\n", line, diag_code_text(list[i]->code),
               list[i]->message);
    }
    for (int k = 0; k < expected->count; k++) {
        if (expected->list[k].is_found) continue;
        failures++;
        printf("  missing, line %d: %s: %s\n", expected->list[k].line, expected->list[k].code,
               expected->list[k].text);
    }
    return failures;
}

static const TProgram *check_text(Session *session, const char *path, const char *text, size_t len) {
    session_init(session);
    return lang_check_text(session, path, text, len);
}

static int has_same(const Session *session, const Diag *diag, int line) {
    for (int i = 0; i < session->diags.list.len; i++) {
        const Diag *other = session->diags.list.data[i];
        if (other->code == diag->code && !strcmp(other->message, diag->message) &&
            source_place(&session->sources, other->span.begin).line == line)
            return 1;
    }
    return 0;
}

/* The file with the mechanical fix of one diagnostic: that mistake must be gone. */
static int check_fixed(const Session *session, const TProgram *program, const char *path, Diag *diag) {
    Diags one = {.arena = session->diags.arena};
    vec_push(one.arena, &one.list, diag);
    Text fixed = text_new(one.arena);
    if (!diags_edited(&one, &session->sources, program->source, &fixed).applied) return 0;
    Session again;
    check_text(&again, path, text_str(&fixed), fixed.len);
    int line = source_place(&session->sources, diag->span.begin).line, is_there = has_same(&again, diag, line);
    if (is_there) printf("  line %d: the fix does not mend it: %s\n%s\n", line, diag->message, text_str(&fixed));
    session_release(&again);
    return is_there;
}

static int check_file(const char *path, int is_printed) {
    size_t len;
    char *text = read_file(path, &len);
    if (!text) {
        printf("%s cannot be read\n", path);
        return 1;
    }
    Session session;
    const TProgram *program = check_text(&session, path, text, len);
    if (is_printed && !session.diags.error_count) {
        Text typed = text_new(&session.arena);
        typed_print(&typed, program);
        fputs(text_str(&typed), stdout);
    }
    Expectations *expected = calloc(1, sizeof *expected);
    if (!expected) return 1;
    read_expectations(text, expected);
    int failures = compare(&session, expected);
    for (int i = 0; i < session.diags.list.len; i++)
        failures += check_fixed(&session, program, path, session.diags.list.data[i]);
    if (failures) printf("%s: %d differences\n", path, failures);
    if (failures || is_printed) {
        Text out = text_new(&session.arena);
        diags_render(&session.diags, &session.sources, (DiagStyle){0}, &out);
        fputs(text_str(&out), stdout);
    }
    free(expected);
    session_release(&session);
    free(text);
    return failures;
}

int main(int argc, char **argv) {
    int failures = 0, is_printed = argc > 1 && !strcmp(argv[1], "--print");
    for (int i = 1 + is_printed; i < argc; i++) failures += check_file(argv[i], is_printed);
    printf("%d files, %d differences\n", argc - 1 - is_printed, failures);
    return failures != 0;
}
