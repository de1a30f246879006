/* embed OUT FILE...: writes a C file that holds the files' bytes as embedded_files[] (driver/embedded.h). */
#include <stdio.h>

static int embed(FILE *out, const char *path, int index) {
    FILE *in = fopen(path, "rb");
    if (!in) return perror(path), 1;
    fprintf(out, "static const unsigned char file_%d[] = {", index);
    long count = 0;
    for (int c; (c = fgetc(in)) != EOF; count++) fprintf(out, "%s%d,", count % 24 ? "" : "\n", c);
    fprintf(out, "\n0};\nenum { size_%d = %ld };\n", index, count);
    return fclose(in);
}

int main(int argc, char **argv) {
    if (argc < 2) return fprintf(stderr, "usage: embed OUT FILE...\n"), 2;
    FILE *out = fopen(argv[1], "wb");
    if (!out) return perror(argv[1]), 1;
    fprintf(out, "#include \"driver/embedded.h\"\n");
    for (int i = 2; i < argc; i++)
        if (embed(out, argv[i], i)) return 1;
    fprintf(out, "const EmbeddedFile embedded_files[] = {\n");
    for (int i = 2; i < argc; i++)
        fprintf(out, "    {\"%s\", (const char *)file_%d, size_%d},\n", argv[i], i, i);
    fprintf(out, "};\nconst int embedded_file_count = %d;\n", argc - 2);
    return fclose(out) ? 1 : 0;
}
