/* The way of every command that reads a program: from its file to a typed program, with its options. */
#include "driver/cli_internal.h"
#include "driver/load.h"

#include <stdio.h>
#include <string.h>

/* ---- options of the program ---------------------------------------------------------------------------- */

/* As on the command line: lower case. */
static const char *option_name(Arena *arena, const TOption *option) {
    char *name = arena_text(arena, option->name->text, option->name->len);
    for (char *c = name; *c; c++)
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c + 32);
    return name;
}

static const char *kind_text(OptionKind kind) {
    switch (kind) {
    case OPTION_F32: return "NUMBER";
    case OPTION_I64: return "INTEGER";
    case OPTION_BOOL: return "BOOL";
    case OPTION_STRING: return "TEXT";
    case OPTION_DIM: return "SIZE";
    }
    return "";
}

static const char *value_text(Arena *arena, const TOption *option) {
    switch (option->kind) {
    case OPTION_F32: return arena_printf(arena, "%g", option->real);
    case OPTION_I64: case OPTION_DIM: return arena_printf(arena, "%lld", (long long)option->integer);
    case OPTION_BOOL: return option->integer ? "true" : "false";
    case OPTION_STRING: return arena_printf(arena, "\"%s\"", option->text->text);
    }
    return "";
}

static void list_options(Arena *arena, FILE *to, const TProgram *program) {
    int width = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < program->options.len; i++) {
            const TOption *option = program->options.data[i];
            const char *head = arena_printf(arena, "--%s %s", option_name(arena, option), kind_text(option->kind));
            if ((int)strlen(head) > width) width = (int)strlen(head);
            if (!pass) continue;
            const char *doc = option->documentation ? option->documentation : "";
            int line = (int)strcspn(doc, "\n"); /* the first line says what it is */
            fprintf(to, "  %-*s  %.*s%s(%s)\n", width, head, line, doc, line ? " " : "", value_text(arena, option));
        }
}

static int program_help(Cli *cli, const TProgram *program, const char *file) {
    const Command *command = cli->command;
    printf("usage: dlc %s %s%s\n", command->name, file, program->options.len ? " [--OPTION VALUE ...]" : "");
    if (program->options.len) printf("\noptions of %s (their values):\n", file);
    else printf("\n%s has no options\n", file);
    list_options(&cli->session.arena, stdout, program);
    printf("\n`dlc %s --help` lists the options of dlc.\n", command->name);
    return EXIT_DONE;
}

/* 0 when every setting names an option of the program, else EXIT_USE after a message. */
static int check_settings(Cli *cli, const TProgram *program, const char *file) {
    Arena *arena = &cli->session.arena;
    int count = program->options.len;
    const char **names = arena_array(arena, const char *, count);
    for (int i = 0; i < count; i++) names[i] = option_name(arena, program->options.data[i]);
    for (int k = 0; k < cli->settings.len; k++) {
        const char *name = cli->settings.data[k].name;
        int is_known = 0;
        for (int i = 0; i < count; i++) is_known |= strcmp(names[i], name) == 0;
        if (is_known) continue;
        const char *near = cli_nearest(name, names, count);
        fprintf(stderr, "dlc: %s has no option --%s", file, name);
        if (near) fprintf(stderr, "; did you mean --%s?", near);
        if (count) fprintf(stderr, "\nits options:\n");
        else fprintf(stderr, "; it has no options at all (`option %s: f32 = 1` in the file would make one)\n", name);
        list_options(arena, stderr, program);
        return EXIT_USE;
    }
    return 0;
}

/* ---- from file to typed program ------------------------------------------------------------------------ */

TProgram *cli_program(Cli *cli, int *code) {
    const char *file = cli_only_file(cli, code);
    if (!file) return NULL;
    SourceList library = {0};
    const Source *source = load_source(&cli->session, file);
    TProgram *program = NULL;
    if (source && load_library(&cli->session, &library)) {
        Imports *imports = arena_new(&cli->session.arena, Imports); /* the file may be checked again */
        imports_begin(imports, &cli->session, source);
        cli->input = (CheckInput){.source = source, .settings = cli->settings.data, .setting_count = cli->settings.len,
                                  .library = library.data, .library_count = library.len,
                                  .load = load_import, .load_context = imports};
        program = lang_check(&cli->session, &cli->input);
    }
    *code = cli_show_diagnostics(cli);
    if (!program || *code) return NULL;
    *code = check_settings(cli, program, source->name);
    if (*code) return NULL;
    if (cli->shows_help) {
        program_help(cli, program, source->name);
        return NULL;
    }
    return program;
}

TProgram *cli_bound_program(Cli *cli, int *code) {
    TProgram *program = cli_program(cli, code);
    if (!program || !alphabets_open(&cli->session, program, &cli->alphabets)) {
        if (program) *code = cli_show_diagnostics(cli) ? EXIT_FILES : 0;
        return NULL;
    }
    if (!cli->alphabets.list.len) return program;
    cli->input.alphabets = cli->alphabets.sizes.data;
    cli->input.alphabet_count = cli->alphabets.sizes.len;
    program = lang_check(&cli->session, &cli->input);
    if (!cli->session.diags.error_count) cli->session.diags.list.len = 0; /* what it warns of was shown */
    cli->session.diags.warning_count = 0;
    *code = cli_show_diagnostics(cli);
    return *code ? NULL : program;
}
