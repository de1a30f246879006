/* dlc explain: the page of a code, docs/errors/CODE.md, as it travels inside the program.
 *
 * A page is paragraphs of one line each, some of which begin with `Why:`, `Fix:` or `When:`, then examples between
 * fences; scripts/make_errors holds its form and a test holds every page to it.  Paragraphs are wrapped to the
 * terminal, examples are shown as they are. */
#include "driver/cli_internal.h"

#include "driver/embedded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

typedef struct Reader {
    const char *at, *end;
} Reader;

typedef struct Printer {
    Text *out;
    int width; /* columns of a wrapped line */
    int has_colour;
} Printer;

static const char *area(const char *code) {
    static const char *const areas[] = {"files and encoding", "syntax", "names", "types and shapes",
                                        "statements and places", "training", "data",
                                        "options and the command line", "running", "loop and graph text"};
    return areas[code[2] - '0'];
}

/* ---- printing ------------------------------------------------------------------------------------------ */

static void add_styled(Printer *p, const char *style, const char *text) {
    if (p->has_colour) text_printf(p->out, "\033[%sm%s\033[0m", style, text);
    else text_add(p->out, text);
}

/* Words of one paragraph; its mark (`Why:`) stands out. */
static void print_paragraph(Printer *p, const char *at, const char *end) {
    static const char *const marks[] = {"Why:", "Fix:", "When:"};
    int column = 0;
    for (int i = 0; i < 3; i++) {
        size_t len = strlen(marks[i]);
        if ((size_t)(end - at) < len || memcmp(at, marks[i], len) != 0) continue;
        add_styled(p, "1", marks[i]);
        column = (int)len;
        at += len;
    }
    while (at < end) {
        while (at < end && *at == ' ') at++;
        const char *word = at;
        while (at < end && *at != ' ') at++;
        int len = (int)(at - word);
        if (!len) break;
        int wide = text_width(word, len), is_first = !column;
        if (!is_first && column + 1 + wide > p->width) {
            text_char(p->out, '\n');
            column = 0;
            is_first = 1;
        }
        if (!is_first) text_char(p->out, ' ');
        text_add_bytes(p->out, word, (size_t)len);
        column += wide + !is_first;
    }
    text_add(p->out, "\n\n");
}

/* "```dlm error run --lr fast" is shown as "Wrong, as `dlc run FILE --lr fast` says:". */
static void print_heading(Printer *p, const char *words, int len) {
    int is_error = len >= 5 && !memcmp(words, "error", 5);
    if (is_error) words += 5, len -= 5;
    while (len && *words == ' ') words++, len--;
    int name = 0;
    while (name < len && words[name] != ' ') name++;
    add_styled(p, is_error ? "1;31" : "1;32", is_error ? "Wrong" : "Right");
    if (len) {
        text_printf(p->out, is_error ? ", as `dlc %.*s FILE%.*s` says" : ", with `dlc %.*s FILE%.*s`", name, words,
                    len - name, words + name);
    }
    text_add(p->out, ":\n\n");
}

static int next_line(Reader *r, const char **line) {
    const char *newline = memchr(r->at, '\n', (size_t)(r->end - r->at));
    *line = r->at;
    int len = (int)((newline ? newline : r->end) - r->at);
    r->at = newline ? newline + 1 : r->end;
    return len;
}

static void print_page(Printer *p, const EmbeddedFile *page) {
    static const char fence[] = "```";
    static const int fence_len = 3, opener_len = 6; /* "```dlm" */
    Reader r = {page->bytes, page->bytes + page->size};
    int is_example = 0;
    while (r.at < r.end) {
        const char *line;
        int len = next_line(&r, &line);
        if (len >= fence_len && !memcmp(line, fence, (size_t)fence_len)) {
            is_example = !is_example;
            if (is_example) {
                int skip = len > opener_len ? opener_len + 1 : len;
                print_heading(p, line + skip, len - skip);
            } else text_char(p->out, '\n');
        } else if (is_example) {
            text_printf(p->out, "%s%.*s\n", len ? "    " : "", len, line);
        } else if (len) print_paragraph(p, line, line + len);
    }
}

/* ---- finding ------------------------------------------------------------------------------------------- */

static const EmbeddedFile *find_page(const char *code) {
    char path[64];
    snprintf(path, sizeof path, "docs/errors/%s.md", code);
    for (int i = 0; i < embedded_file_count; i++)
        if (strcmp(embedded_files[i].path, path) == 0) return &embedded_files[i];
    ICE("%s has no page", code);
}

/* "E0302", "e302" and "302" are one code. */
static int matches(const char *code, const char *asked) {
    char letter = asked[0] & ~0x20;
    if ((letter == 'E' || letter == 'W') && letter != code[0]) return 0;
    if (letter == 'E' || letter == 'W') asked++;
    if (!asked[0] || strspn(asked, "0123456789") != strlen(asked)) return 0;
    return strtol(asked, NULL, 10) == strtol(code + 1, NULL, 10);
}

static int by_code(const void *a, const void *b) {
    return strcmp(diag_code_text(*(const DiagCode *)a) + 1, diag_code_text(*(const DiagCode *)b) + 1);
}

static void list_all(Text *out) {
    DiagCode codes[DIAG_CODE_COUNT];
    for (int i = 0; i < DIAG_CODE_COUNT; i++) codes[i] = (DiagCode)i;
    qsort(codes, DIAG_CODE_COUNT, sizeof *codes, by_code);
    for (int i = 0; i < DIAG_CODE_COUNT; i++)
        text_printf(out, "%s  %s\n", diag_code_text(codes[i]), diag_code_title(codes[i]));
}

static int unknown(const Cli *cli, const char *asked) {
    const char *codes[DIAG_CODE_COUNT];
    for (int i = 0; i < DIAG_CODE_COUNT; i++) codes[i] = diag_code_text((DiagCode)i);
    char upper[8];
    snprintf(upper, sizeof upper, "%s", asked);
    if (upper[0] >= 'a' && upper[0] <= 'z') upper[0] = (char)(upper[0] & ~0x20);
    const char *near = strlen(asked) >= 4 ? cli_nearest(upper, codes, DIAG_CODE_COUNT) : NULL;
    if (near) return cli_misuse(cli, "there is no code `%s`; did you mean `%s`? `dlc explain` lists all", asked, near);
    return cli_misuse(cli, "there is no code `%s`; `dlc explain` lists all", asked);
}

static int terminal_width(void) {
    struct winsize size = {0};
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_col) return 80;
    return size.ws_col < 40 ? 40 : size.ws_col > 100 ? 100 : size.ws_col;
}

int command_explain(Cli *cli) {
    if (cli->files.len > 1) return cli_misuse(cli, "`dlc explain` takes one code");
    Text out = text_new(&cli->session.arena);
    Printer p = {&out, terminal_width(), cli->has_colour && isatty(STDOUT_FILENO)};
    const char *asked = cli->files.len ? cli->files.data[0] : NULL;
    int found = 0;
    if (!asked) list_all(&out);
    for (int i = 0; asked && i < DIAG_CODE_COUNT; i++) {
        const char *code = diag_code_text((DiagCode)i);
        if (!matches(code, asked)) continue;
        found = 1;
        add_styled(&p, code[0] == 'E' ? "1;31" : "1;33", code);
        add_styled(&p, "1", arena_printf(&cli->session.arena, ": %s", diag_code_title((DiagCode)i)));
        text_printf(&out, "\n%s about %s\n\n", code[0] == 'E' ? "An error" : "A warning", area(code));
        print_page(&p, find_page(code));
    }
    if (asked && !found) return unknown(cli, asked);
    while (out.len > 1 && out.data[out.len - 1] == '\n' && out.data[out.len - 2] == '\n') out.len--;
    fwrite(text_str(&out), 1, out.len, stdout);
    return EXIT_DONE;
}
