/* dlc explain: what a code means. */
#include "driver/cli_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *area(const char *code) {
    static const char *const areas[] = {"files and encoding", "syntax", "names", "types and shapes",
                                        "statements and places", "training", "data",
                                        "options and the command line", "running", "loop text"};
    return areas[code[2] - '0'];
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

static void list_all(void) {
    DiagCode codes[DIAG_CODE_COUNT];
    for (int i = 0; i < DIAG_CODE_COUNT; i++) codes[i] = (DiagCode)i;
    qsort(codes, DIAG_CODE_COUNT, sizeof *codes, by_code);
    for (int i = 0; i < DIAG_CODE_COUNT; i++)
        printf("%s  %s\n", diag_code_text(codes[i]), diag_code_title(codes[i]));
}

int command_explain(Cli *cli) {
    if (cli->files.len > 1) return cli_misuse(cli, "`dlc explain` takes one code");
    if (!cli->files.len) {
        list_all();
        return EXIT_DONE;
    }
    const char *asked = cli->files.data[0];
    int found = 0;
    for (int i = 0; i < DIAG_CODE_COUNT; i++) {
        const char *code = diag_code_text((DiagCode)i);
        if (!matches(code, asked)) continue;
        found = 1;
        printf("%s: %s\n", code, diag_code_title((DiagCode)i));
        printf("%s about %s\n", code[0] == 'E' ? "An error" : "A warning", area(code));
    }
    if (!found) return cli_misuse(cli, "there is no code `%s`; `dlc explain` lists all", asked);
    return EXIT_DONE;
}
